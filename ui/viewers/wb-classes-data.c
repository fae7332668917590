#include "diabolo-config.h"

#include "plots/wb-format.h"
#include "viewers/wb-classes-data.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define LISTED_MOST 1000000 /* to be counted */

/* ---- making ---- */

static char **
make_names (const char *const *names, guint n)
{
  char **copy = g_new0 (char *, n + 1);

  for (guint i = 0; i < n; i++)
    copy[i] = names != NULL && names[i] != NULL ? g_strdup (names[i]) : g_strdup_printf ("%u", i);
  return copy;
}

/* The curve with the place of the threshold on it. */
static void
add_curve (WbClassesData *data)
{
  g_autofree WbPoint *line = NULL;
  WbPoint here = { NAN, NAN };
  g_autofree char *average = NULL;
  WbSeries *mark;

  data->points = nn_classes_recall_curve (data->table, &data->average);
  line = g_new (WbPoint, MAX (data->points->len, 1));
  for (guint i = 0; i < data->points->len; i++)
    {
      const NnRecallPoint *point = &g_array_index (data->points, NnRecallPoint, i);

      line[i] = (WbPoint){ point->recall, point->precision };
      if (point->threshold >= data->threshold)
        here = line[i];
    }
  data->curve = wb_plot_data_new ();
  data->curve->x_kind = WB_AXIS_LINEAR;
  data->curve->x_title = _ ("recall");
  data->curve->x_end = 1;
  data->curve->y_min = 0;
  data->curve->y_max = 1;
  wb_plot_data_add (data->curve, WB_SERIES_LINE, WB_COLOR_TRAIN, g_steal_pointer (&line),
                    data->points->len);
  /* The vertical axis always begins at zero: curves of two moments compare at a glance. */
  WbPoint *corners = g_new (WbPoint, 2);
  corners[0] = (WbPoint){ 0, 0 };
  corners[1] = (WbPoint){ 1, 1 };
  wb_plot_data_add (data->curve, WB_SERIES_FAINT, WB_COLOR_VIEWER, corners, 2);
  if (isfinite (here.x))
    {
      mark = wb_plot_data_add (data->curve, WB_SERIES_POINTS, WB_COLOR_VALIDATION,
                               g_memdup2 (&here, sizeof here), 1);
      mark->marked = 0;
    }
}

WbClassesData *
wb_classes_data_new (NnClassesTable *table, const char *const *names, double threshold, gint truth,
                     gint predicted)
{
  WbClassesData *data = g_new0 (WbClassesData, 1);
  const gsize n = table->n_classes;

  data->table = nn_classes_table_ref (table);
  data->threshold = threshold;
  data->names = make_names (names, table->n_classes);
  data->counts = g_new (guint, n * n);
  data->totals = g_new0 (guint, n);
  data->scores = g_new0 (NnClassScore, n);
  nn_classes_count (table, threshold, data->counts);
  data->accuracy = nn_classes_score (data->counts, table->n_classes, data->scores, &data->mean);
  for (gsize i = 0; i < n; i++)
    data->totals[i] = data->scores[i].n;
  if (n == 2)
    add_curve (data);
  data->truth = truth < (gint)n ? truth : -1;
  data->predicted = predicted < (gint)n ? predicted : -1;
  data->samples = nn_classes_samples (table, threshold, data->truth, data->predicted, LISTED_MOST);
  data->n_in_cell = data->samples->len;
  if (data->samples->len > WB_CLASSES_MAX_LISTED)
    g_array_set_size (data->samples, WB_CLASSES_MAX_LISTED);
  return data;
}

void
wb_classes_data_free (WbClassesData *data)
{
  nn_classes_table_unref (data->table);
  g_strfreev (data->names);
  g_free (data->counts);
  g_free (data->totals);
  g_free (data->scores);
  g_clear_pointer (&data->curve, wb_plot_data_free);
  g_clear_pointer (&data->points, g_array_unref);
  g_array_unref (data->samples);
  g_free (data);
}

/* ---- in words ---- */

static char *
share_text (guint part, guint whole)
{
  return wb_format_share (whole > 0 ? (double)part / whole : NAN);
}

char *
wb_classes_cell_text (const WbClassesData *data, gint truth, gint predicted)
{
  const guint count = data->counts[(gsize)truth * data->table->n_classes + (gsize)predicted];
  g_autofree char *part = wb_format_count (count);
  g_autofree char *whole = wb_format_count (data->totals[truth]);
  g_autofree char *share = share_text (count, data->totals[truth]);

  return g_strdup_printf (_ ("True %s, predicted %s: %s of %s (%s)"), data->names[truth],
                          data->names[predicted], part, whole, share);
}

char *
wb_classes_sample_text (const WbClassesData *data, guint32 sample)
{
  const guint said = nn_classes_predicted (data->table, sample, data->threshold);
  const double p = nn_classes_confidence (data->table, sample, data->threshold);

  return g_strdup_printf ("%s → %s, %.0f %%", data->names[data->table->truth[sample]],
                          data->names[said], 100 * p);
}

/* ---- CSV ---- */

static void
put_name (GString *csv, const char *name)
{
  g_auto (GStrv) parts = g_strsplit (name, "\"", -1);
  g_autofree char *doubled = g_strjoinv ("\"\"", parts);

  g_string_append_printf (csv, "\"%s\"", doubled);
}

static void
put_number (GString *csv, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append_c (csv, ',');
  if (isfinite (value))
    g_string_append (csv, g_ascii_formatd (text, sizeof text, "%.6g", value));
}

char *
wb_classes_data_to_csv (const WbClassesData *data)
{
  GString *csv = g_string_new ("true,predicted,count,share_of_true\n");
  const guint n = data->table->n_classes;

  for (guint t = 0; t < n; t++)
    for (guint p = 0; p < n; p++)
      {
        const guint count = data->counts[t * (gsize)n + p];

        put_name (csv, data->names[t]);
        g_string_append_c (csv, ',');
        put_name (csv, data->names[p]);
        g_string_append_printf (csv, ",%u", count);
        put_number (csv, data->totals[t] > 0 ? (double)count / data->totals[t] : NAN);
        g_string_append_c (csv, '\n');
      }
  g_string_append (csv, "\nclass,precision,recall,f1,samples\n");
  for (guint k = 0; k < n; k++)
    {
      put_name (csv, data->names[k]);
      put_number (csv, data->scores[k].precision);
      put_number (csv, data->scores[k].recall);
      put_number (csv, data->scores[k].f1);
      g_string_append_printf (csv, ",%u\n", data->scores[k].n);
    }
  if (data->points == NULL)
    return g_string_free (csv, FALSE);
  g_string_append (csv, "\nthreshold,recall,precision\n");
  for (guint i = 0; i < data->points->len; i++)
    {
      const NnRecallPoint *point = &g_array_index (data->points, NnRecallPoint, i);
      char text[G_ASCII_DTOSTR_BUF_SIZE];

      g_string_append (csv, g_ascii_formatd (text, sizeof text, "%.6g", point->threshold));
      put_number (csv, point->recall);
      put_number (csv, point->precision);
      g_string_append_c (csv, '\n');
    }
  return g_string_free (csv, FALSE);
}
