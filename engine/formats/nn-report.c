/* The page of a report: its head, the results, and what was drawn. */
#include "formats/nn-report-private.h"

#include <math.h>
#include <string.h>

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>

#include "formats/nn-lessons.h"
#include "nn-export-resource.h"

#define STYLE "/io/github/diabolo/Diabolo/export/report.css"
/* Narrower than this share of its size a drawing is not made: it is scrolled. */
#define LEAST_SHARE 0.65
#define MOST_SHARE 1.1

/* ---- figures ---- */

NnReportFigure *
nn_report_figure_new (const char *title, const char *text, double width, double height)
{
  NnReportFigure *figure = g_new0 (NnReportFigure, 1);
  figure->title = g_strdup (title);
  figure->text = g_strdup (text);
  figure->width = width;
  figure->height = height;
  return figure;
}

void
nn_report_figure_free (NnReportFigure *figure)
{
  g_clear_pointer (&figure->light, g_bytes_unref);
  g_clear_pointer (&figure->dark, g_bytes_unref);
  g_free (figure->title);
  g_free (figure->text);
  g_free (figure);
}

NnReportSamples *
nn_report_samples_new (const char *title, const char *about, guint n)
{
  NnReportSamples *samples = g_new0 (NnReportSamples, 1);
  samples->title = g_strdup (title);
  samples->about = g_strdup (about);
  samples->heads = g_ptr_array_new_with_free_func (g_free);
  samples->cells = g_ptr_array_new_with_free_func ((GDestroyNotify)nn_report_figure_free);
  samples->n = n;
  return samples;
}

void
nn_report_samples_free (NnReportSamples *samples)
{
  g_free (samples->title);
  g_free (samples->about);
  g_ptr_array_unref (samples->heads);
  g_ptr_array_unref (samples->cells);
  g_free (samples);
}

NnReportFigures *
nn_report_figures_new (void)
{
  NnReportFigures *figures = g_new0 (NnReportFigures, 1);
  figures->curves = g_ptr_array_new_with_free_func ((GDestroyNotify)nn_report_figure_free);
  figures->samples = g_ptr_array_new_with_free_func ((GDestroyNotify)nn_report_samples_free);
  return figures;
}

void
nn_report_figures_free (NnReportFigures *figures)
{
  g_clear_pointer (&figures->graph, nn_report_figure_free);
  g_ptr_array_unref (figures->curves);
  g_ptr_array_unref (figures->samples);
  g_clear_pointer (&figures->plane, nn_report_figure_free);
  g_free (figures->plane_about);
  g_free (figures->missing);
  g_free (figures);
}

/* ---- writing ---- */

/* Control characters, which XML does not know, have been escaped as "&#x1;" by GLib. */
void
nn_report_put (NnReportPage *page, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *text = g_markup_vprintf_escaped (format, args);
  va_end (args);
  const char *rest = text;
  for (const char *control; (control = strstr (rest, "&#x")); rest = strchr (control, ';') + 1)
    {
      g_string_append_len (page->html, rest, control - rest);
      g_string_append (page->html, "\357\277\275");
    }
  g_string_append (page->html, rest);
}

static const NnRow *
rows_of (const NnReportPage *page, NnRowKind kind, gsize *n)
{
  return nn_run_history_rows (page->source->checkpoint->history, page->run->id, kind, n);
}

/* Means of epochs; of a run that has not ended one, its batches. */
static const NnRow *
training_rows (const NnReportPage *page, gsize *n)
{
  const NnRow *rows = rows_of (page, NN_ROW_EPOCH, n);
  return *n > 0 ? rows : rows_of (page, NN_ROW_BATCH, n);
}

/* Four digits, the last ones even where they are 0: columns line up. */
static char *
number_text (double value)
{
  return g_strdup_printf (fabs (value) >= 1e3 && fabs (value) < 1e9 ? "%.0f" : "%#.4g", value);
}

/* For a person, and for a program as it is in history.csv. */
static void
put_value (NnReportPage *page, const NnRow *row, gint metric)
{
  if (!row || isnan (nn_row_value (row, metric)))
    {
      nn_report_put (page, "–");
      return;
    }
  char exact[G_ASCII_DTOSTR_BUF_SIZE];
  const char *unit = metric == NN_ROW_LOSS ? NULL : nn_metric_types ()[metric].unit;
  g_autofree char *shown = number_text (nn_row_shown (row, metric));
  if (nn_row_has_always (metric))
    g_ascii_dtostr (exact, sizeof exact, nn_row_value (row, metric));
  else
    g_ascii_formatd (exact, sizeof exact, "%.9g", nn_row_value (row, metric));
  nn_report_put (page, "<data value=\"%s\">%s%s%s</data>", exact, shown, unit ? " " : "",
                 unit ? unit : "");
}

static char *
duration_text (double seconds)
{
  if (seconds < 120)
    return g_strdup_printf (_ ("%.1f seconds"), seconds);
  if (seconds < 7200)
    return g_strdup_printf (_ ("%.1f minutes"), seconds / 60);
  return g_strdup_printf (_ ("%.1f hours"), seconds / 3600);
}

/* ---- the head ---- */

const NnRun *
nn_report_run (const NnExportSource *source)
{
  const NnRunHistory *history = source->checkpoint->history;
  const NnRun *found = NULL;
  for (guint i = 0; i < nn_run_history_n_runs (history); i++)
    {
      const NnRun *run = nn_run_history_run (history, i);
      gsize n;
      nn_run_history_rows (history, run->id, NN_ROW_BATCH, &n);
      if (n > 0 && (!found || found->id != source->checkpoint->run))
        found = run;
    }
  return found;
}

static const char *
title_of (const NnExportSource *source)
{
  const char *title = nn_design_title (source->design);
  return title && *title ? title : _ ("Network");
}

/* The lesson that the network is of, by its title; NULL: of none. */
static const NnLesson *
lesson_of (const NnExportSource *source)
{
  guint n;
  const NnLesson *lessons = nn_lessons (&n);
  for (guint i = 0; i < n; i++)
    if (g_strcmp0 (lessons[i].title, nn_design_title (source->design)) == 0)
      return &lessons[i];
  return NULL;
}

static void
put_head (NnReportPage *page, GDateTime *made)
{
  const NnLesson *lesson = lesson_of (page->source);
  const char *title = title_of (page->source);
  g_autofree char *exact = g_date_time_format_iso8601 (made);
  /* Translators: a date and a time, see strftime(). */
  g_autofree char *date = g_date_time_format (made, _ ("%-d %B %Y, %H:%M"));
  g_autoptr (GBytes) style =
      g_resource_lookup_data (nn_export_get_resource (), STYLE, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  gsize length;
  const char *css = g_bytes_get_data (style, &length);
  nn_report_put (page,
                 /* Translators: the code of the language that the texts are in. */
                 "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\"/>\n"
                 "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
                 "<meta name=\"color-scheme\" content=\"light dark\"/>\n"
                 "<meta name=\"generator\" content=\"Diabolo %s\"/>\n<title>%s</title>\n<style>\n",
                 _ ("en"), DIABOLO_VERSION, title);
  g_string_append_len (page->html, css, (gssize)length);
  nn_report_put (page, "</style>\n</head>\n<body>\n<header>\n<h1>%s</h1>\n", title);
  if (lesson)
    nn_report_put (page, "<p class=\"lead\">%s</p>\n", _ (lesson->summary));
  nn_report_put (page, "<p class=\"facts\">");
  if (lesson)
    nn_report_put (page, "<span>%s “%s”</span> ", _ ("Lesson"), lesson->id);
  nn_report_put (page,
                 "<span>%s</span> <span>%s</span> <time datetime=\"%s\">%s</time></p>\n</header>\n"
                 "<main>\n",
                 page->run->name, nn_analysis_data (page->source->analysis)->title, exact, date);
}

/* ---- results ---- */

static void
begin_tile (NnReportPage *page, const char *title)
{
  nn_report_put (page, "<div><dt>%s</dt><dd>", title);
}

/* below (transfer full): a line in small letters. */
static void
end_tile (NnReportPage *page, char *below)
{
  nn_report_put (page, "<small>%s</small></dd></div>\n", below);
  g_free (below);
}

static void
put_best_tile (NnReportPage *page, const char *title, gint metric)
{
  gsize n;
  const NnRow *rows = rows_of (page, NN_ROW_VALIDATION, &n);
  const NnRow *best = nn_rows_best (rows, n, metric);
  if (!best)
    return;
  begin_tile (page, title);
  put_value (page, best, metric);
  end_tile (page, g_strdup_printf (_ ("epoch %.0f of %.0f"), best->epoch, rows[n - 1].epoch));
}

static void
put_code_tile (NnReportPage *page)
{
  const NnAnalysis *analysis = page->source->analysis;
  const NnShape *code = nn_analysis_output_shape (analysis, nn_analysis_code_node (analysis), 0);
  const NnShape *input = nn_analysis_output_shape (analysis, nn_analysis_input_node (analysis), 0);
  if (!code || !input)
    return;
  const gint64 from = nn_shape_size (input), to = nn_shape_size (code);
  g_autofree char *many = nn_count_to_string (from), *few = nn_count_to_string (to);
  begin_tile (page, _ ("Code"));
  nn_report_put (page, "%s → %s", many, few);
  end_tile (page, g_strdup_printf (_ ("values: %.3g times fewer"), (double)from / (double)to));
}

static void
put_tiles (NnReportPage *page)
{
  const NnMetricType *types = nn_metric_types ();
  const gint64 weights = nn_analysis_total_weights (page->source->analysis);
  g_autofree char *count = nn_count_to_string (weights);
  char *size = g_format_size ((guint64)weights * sizeof (float));
  gsize n;
  const NnRow *rows = training_rows (page, &n);
  nn_report_put (page, "<dl class=\"tiles\">\n");
  put_best_tile (page, _ ("Best validation loss"), NN_ROW_LOSS);
  for (gint i = 0; types[i].id; i++)
    if (nn_row_has_always (i))
      put_best_tile (page, _ ("Best accuracy"), i);
  begin_tile (page, _ ("Epochs"));
  nn_report_put (page, "%.4g", rows[n - 1].epoch);
  end_tile (page, duration_text (rows[n - 1].seconds));
  begin_tile (page, _ ("Parameters"));
  nn_report_put (page, "%s", count);
  end_tile (page, size);
  put_code_tile (page);
  nn_report_put (page, "</dl>\n");
}

static void
put_result (NnReportPage *page, const char *part, const NnRow *rows, gsize n, gint metric)
{
  const NnRow *best = nn_rows_best (rows, n, metric);
  if (!best)
    return;
  nn_report_put (page, "<tr><th scope=\"row\">%s</th><td>%s</td><td>",
                 metric == NN_ROW_LOSS ? _ ("Loss") : _ (nn_metric_types ()[metric].title), part);
  put_value (page, &rows[n - 1], metric);
  nn_report_put (page, "</td><td>");
  put_value (page, best, metric);
  nn_report_put (page, "</td><td>%.4g</td></tr>\n", best->epoch);
}

static void
put_results (NnReportPage *page)
{
  const NnMetricType *types = nn_metric_types ();
  gsize n_train, n;
  const NnRow *train = training_rows (page, &n_train);
  const NnRow *validation = rows_of (page, NN_ROW_VALIDATION, &n);
  nn_report_put (page,
                 "<div class=\"scroll\"><table class=\"numbers results\">\n<thead><tr><th>%s</th>"
                 "<th>%s</th><th>%s</th><th>%s</th><th>%s</th></tr></thead>\n<tbody>\n",
                 _ ("Measure"), _ ("Part"), _ ("Last"), _ ("Best"), _ ("Best in epoch"));
  put_result (page, _ ("training"), train, n_train, NN_ROW_LOSS);
  put_result (page, _ ("validation"), validation, n, NN_ROW_LOSS);
  for (gint i = 0; types[i].id; i++)
    {
      if (nn_row_has_always (i))
        put_result (page, _ ("training"), train, n_train, i);
      put_result (page, _ ("validation"), validation, n, i);
    }
  nn_report_put (page, "</tbody>\n</table></div>\n");
}

/* The runs beside this one, where there are any. */
static void
put_runs (NnReportPage *page)
{
  const NnRunHistory *history = page->source->checkpoint->history;
  const guint n_runs = nn_run_history_n_runs (history);
  if (n_runs < 2)
    return;
  nn_report_put (page,
                 "<h3>%s</h3>\n<div class=\"scroll\"><table class=\"numbers\">\n<thead><tr>"
                 "<th>%s</th><th>%s</th><th>%s</th><th>%s</th></tr></thead>\n<tbody>\n",
                 _ ("All runs"), _ ("Run"), _ ("Epochs"), _ ("Best validation loss"),
                 _ ("Best in epoch"));
  for (guint i = 0; i < n_runs; i++)
    {
      const NnRun *run = nn_run_history_run (history, i);
      const NnRow *best = nn_run_history_best (history, run->id);
      gsize n;
      const NnRow *rows = nn_run_history_rows (history, run->id, NN_ROW_BATCH, &n);
      nn_report_put (page, "<tr class=\"%s\"><th scope=\"row\">%s</th><td>%.4g</td><td>",
                     run == page->run ? "this" : "other", run->name, n > 0 ? rows[n - 1].epoch : 0);
      put_value (page, best, NN_ROW_LOSS);
      if (best)
        nn_report_put (page, "</td><td>%.4g</td></tr>\n", best->epoch);
      else
        nn_report_put (page, "</td><td>–</td></tr>\n");
    }
  nn_report_put (page, "</tbody>\n</table></div>\n");
}

/* ---- what was drawn ---- */

static gboolean
is_png (GBytes *bytes)
{
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);
  return length > 4 && memcmp (data, "\211PNG", 4) == 0;
}

/* One drawing's names, of letters and the like, are not to be those of another on the page. */
static void
put_svg (NnReportPage *page, GBytes *svg, const char *style)
{
  gsize length;
  const char *data = g_bytes_get_data (svg, &length);
  g_autoptr (GString) text = g_string_new_len (data, (gssize)length);
  const char *root = strstr (text->str, "<svg ");
  g_return_if_fail (root);
  const guint number = page->n_drawings++;
  g_autofree char *id = g_strdup_printf (" id=\"d%u-", number);
  g_autofree char *href = g_strdup_printf ("href=\"#d%u-", number);
  g_autofree char *url = g_strdup_printf ("url(#d%u-", number);
  g_autofree char *opening = g_strdup_printf ("<svg style=\"%s\" ", style ? style : "");
  g_string_erase (text, 0, root - text->str);
  g_string_replace (text, " id=\"", id, 0);
  g_string_replace (text, "href=\"#", href, 0);
  g_string_replace (text, "url(#", url, 0);
  g_string_replace (text, "<svg ", opening, 1);
  g_string_append (page->html, text->str);
}

static void
put_png (NnReportPage *page, GBytes *png, const NnReportFigure *figure, const char *style)
{
  gsize length;
  const guchar *data = g_bytes_get_data (png, &length);
  g_autofree char *base64 = g_base64_encode (data, length);
  nn_report_put (page, "<img alt=\"\" width=\"%.0f\" height=\"%.0f\"", figure->width,
                 figure->height);
  if (style)
    nn_report_put (page, " style=\"%s\"", style);
  g_string_append_printf (page->html, " src=\"data:image/png;base64,%s\"/>", base64);
}

/* css_class: "light" or "dark", where only one of them is to be seen; or NULL. style: of its size,
 * or NULL. */
static void
put_drawing (NnReportPage *page, const NnReportFigure *figure, GBytes *bytes, const char *css_class,
             const char *style)
{
  nn_report_put (page, "<div class=\"drawing%s%s\" role=\"img\" aria-label=\"%s\">",
                 css_class ? " " : "", css_class ? css_class : "", figure->text);
  if (is_png (bytes))
    put_png (page, bytes, figure, style);
  else
    put_svg (page, bytes, style);
  nn_report_put (page, "</div>");
}

static void
put_drawings (NnReportPage *page, const NnReportFigure *figure, const char *style)
{
  const gboolean both = figure->dark && !g_bytes_equal (figure->light, figure->dark);
  put_drawing (page, figure, figure->light, both ? "light" : NULL, style);
  if (both)
    put_drawing (page, figure, figure->dark, "dark", style);
}

static void
put_figure (NnReportPage *page, const NnReportFigure *figure)
{
  g_autofree char *style = g_strdup_printf (
      "min-width:%.0fpx;max-width:%.0fpx", LEAST_SHARE * figure->width, MOST_SHARE * figure->width);
  nn_report_put (page, "<figure>\n");
  if (figure->title)
    nn_report_put (page, "<figcaption>%s</figcaption>\n", figure->title);
  nn_report_put (page, "<div class=\"scroll\">");
  put_drawings (page, figure, style);
  nn_report_put (page, "</div>\n</figure>\n");
}

static void
put_samples (NnReportPage *page, const NnReportSamples *samples)
{
  nn_report_put (page,
                 "<div class=\"group\">\n<h3>%s</h3>\n<p class=\"about\">%s</p>\n"
                 "<div class=\"scroll\"><table class=\"samples\">\n<tbody>\n",
                 samples->title, samples->about);
  for (guint row = 0; row < samples->heads->len; row++)
    {
      nn_report_put (page, "<tr><th scope=\"row\">%s</th>", (char *)samples->heads->pdata[row]);
      for (guint i = 0; i < samples->n; i++)
        {
          const NnReportFigure *cell = samples->cells->pdata[row * samples->n + i];
          nn_report_put (page, "<td>");
          if (cell->light)
            put_drawings (page, cell, NULL);
          else
            nn_report_put (page, "%s", cell->text);
          nn_report_put (page, "</td>");
        }
      nn_report_put (page, "</tr>\n");
    }
  nn_report_put (page, "</tbody>\n</table></div>\n</div>\n");
}

static void
put_seen (NnReportPage *page)
{
  const NnReportFigures *figures = page->figures;
  if (figures->curves->len > 0)
    {
      nn_report_put (page, "<section>\n<h2>%s</h2>\n<div class=\"curves\">\n", _ ("Curves"));
      for (guint i = 0; i < figures->curves->len; i++)
        put_figure (page, figures->curves->pdata[i]);
      nn_report_put (page, "</div>\n</section>\n");
    }
  if (figures->samples->len > 0 || figures->missing)
    {
      nn_report_put (page, "<section>\n<h2>%s</h2>\n", _ ("Samples"));
      if (figures->missing)
        nn_report_put (page, "<p class=\"about\">%s</p>\n", figures->missing);
      for (guint i = 0; i < figures->samples->len; i++)
        put_samples (page, figures->samples->pdata[i]);
      nn_report_put (page, "</section>\n");
    }
  if (figures->plane)
    {
      nn_report_put (page, "<section class=\"plane\">\n<h2>%s</h2>\n<p class=\"about\">%s</p>\n",
                     _ ("Latent space"), figures->plane_about);
      put_figure (page, figures->plane);
      nn_report_put (page, "</section>\n");
    }
}

char *
nn_report_to_html (const NnExportSource *source, const NnReportFigures *figures, GDateTime *made)
{
  NnReportPage page = { .source = source, .figures = figures, .run = nn_report_run (source) };
  g_return_val_if_fail (page.run, NULL);
  page.html = g_string_new (NULL);
  put_head (&page, made);
  put_tiles (&page);
  nn_report_put (&page, "<section>\n<h2>%s</h2>\n", _ ("Results"));
  put_results (&page);
  put_runs (&page);
  nn_report_put (&page, "</section>\n<section>\n<h2>%s</h2>\n", _ ("Network"));
  if (figures->graph)
    put_figure (&page, figures->graph);
  nn_report_put_layers (&page);
  nn_report_put (&page, "</section>\n");
  put_seen (&page);
  nn_report_put_settings (&page);
  nn_report_put (&page, "</main>\n<footer>\n<p>%s Diabolo %s</p>\n</footer>\n</body>\n</html>\n",
                 _ ("Made with"), DIABOLO_VERSION);
  return g_string_free (page.html, FALSE);
}

/* ---- in short ---- */

static void
append_result (GString *text, const char *title, const NnRow *rows, gsize n, gint metric)
{
  const NnRow *best = nn_rows_best (rows, n, metric);
  if (!best)
    return;
  g_autofree char *last = number_text (nn_row_shown (&rows[n - 1], metric));
  g_autofree char *least = number_text (nn_row_shown (best, metric));
  g_string_append_printf (text, _ ("%s: %s, best %s in epoch %.4g\n"), title, last, least,
                          best->epoch);
}

char *
nn_report_outline (const NnExportSource *source)
{
  NnReportPage page = { .source = source, .run = nn_report_run (source) };
  g_return_val_if_fail (page.run, NULL);
  const NnMetricType *types = nn_metric_types ();
  const NnDataInfo *data = nn_analysis_data (source->analysis);
  g_autofree char *weights = nn_count_to_string (nn_analysis_total_weights (source->analysis));
  gsize n_train, n;
  const NnRow *train = training_rows (&page, &n_train);
  const NnRow *validation = rows_of (&page, NN_ROW_VALIDATION, &n);
  GString *text = g_string_new (NULL);
  g_string_append_printf (text, "%s\n%s · %s\n", title_of (source), page.run->name, data->title);
  append_result (text, _ ("Training loss"), train, n_train, NN_ROW_LOSS);
  append_result (text, _ ("Validation loss"), validation, n, NN_ROW_LOSS);
  for (gint i = 0; types[i].id; i++)
    append_result (text, _ (types[i].title), validation, n, i);
  g_string_append_printf (text, _ ("%u layers, %s parameters"), nn_design_n_nodes (source->design),
                          weights);
  return g_string_free (text, FALSE);
}
