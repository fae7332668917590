#include "export/wb-report-page.h"

#include "diabolo-config.h"

#include <glib/gi18n-lib.h>

#include "export/wb-report-figures.h"

/* Of a sample on the screen, pixels. */
#define CELL 36

struct _WbReportPage
{
  char *text; /* title, run, results; a line each */
  NnReportFigures *figures;
  GHashTable *pictures; /* NnReportFigure -> GdkTexture */
};

/* ---- any thread ---- */

static gboolean
add_picture (WbReportPage *page, const NnReportFigure *figure, GError **error)
{
  if (figure == NULL || figure->light == NULL)
    return TRUE;
  GdkTexture *texture = gdk_texture_new_from_bytes (figure->light, error);
  if (texture == NULL)
    return FALSE;
  g_hash_table_insert (page->pictures, (gpointer)figure, texture);
  return TRUE;
}

static gboolean
add_pictures (WbReportPage *page, GPtrArray *figures, GError **error)
{
  for (guint i = 0; i < figures->len; i++)
    if (!add_picture (page, figures->pdata[i], error))
      return FALSE;
  return TRUE;
}

WbReportPage *
wb_report_page_new (const NnExportSource *source, GCancellable *cancellable, GError **error)
{
  const NnExportJob job = { .cancellable = cancellable };
  g_autoptr (WbReportPage) page = g_new0 (WbReportPage, 1);
  page->pictures = g_hash_table_new_full (NULL, NULL, NULL, g_object_unref);
  page->text = nn_report_outline (source);
  page->figures = wb_report_figures_new (source, WB_REPORT_PREVIEW, &job, error);
  if (page->figures == NULL || !add_picture (page, page->figures->graph, error)
      || !add_picture (page, page->figures->plane, error)
      || !add_pictures (page, page->figures->curves, error))
    return NULL;
  for (guint i = 0; i < page->figures->samples->len; i++)
    if (!add_pictures (page, ((NnReportSamples *)page->figures->samples->pdata[i])->cells, error))
      return NULL;
  return g_steal_pointer (&page);
}

void
wb_report_page_free (WbReportPage *page)
{
  g_free (page->text);
  g_clear_pointer (&page->figures, nn_report_figures_free);
  g_hash_table_unref (page->pictures);
  g_free (page);
}

/* ---- on the screen ---- */

static GtkWidget *
add_label (GtkBox *box, const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  if (css_class != NULL)
    gtk_widget_add_css_class (label, css_class);
  gtk_box_append (box, label);
  return label;
}

/* NULL where nothing was drawn. */
static GtkWidget *
make_picture (const WbReportPage *page, const NnReportFigure *figure)
{
  GdkTexture *texture = g_hash_table_lookup (page->pictures, figure);
  if (texture == NULL)
    return NULL;
  GtkWidget *picture = gtk_picture_new_for_paintable (GDK_PAINTABLE (texture));
  gtk_picture_set_alternative_text (GTK_PICTURE (picture), figure->text);
  return picture;
}

static void
add_figure (const WbReportPage *page, GtkBox *box, const NnReportFigure *figure)
{
  GtkWidget *picture = figure != NULL ? make_picture (page, figure) : NULL;
  if (picture == NULL)
    return;
  if (figure->title != NULL)
    add_label (box, figure->title, "heading");
  gtk_widget_set_halign (picture, GTK_ALIGN_START);
  gtk_box_append (box, picture);
}

static void
add_samples (const WbReportPage *page, GtkBox *box, const NnReportSamples *samples)
{
  GtkWidget *scrolled = gtk_scrolled_window_new (), *grid = gtk_grid_new ();
  gtk_grid_set_column_spacing (GTK_GRID (grid), 4);
  gtk_grid_set_row_spacing (GTK_GRID (grid), 2);
  for (guint row = 0; row < samples->heads->len; row++)
    {
      GtkWidget *head = gtk_label_new (samples->heads->pdata[row]);
      gtk_label_set_xalign (GTK_LABEL (head), 0);
      gtk_widget_add_css_class (head, "caption");
      gtk_grid_attach (GTK_GRID (grid), head, 0, (int)row, 1, 1);
      for (guint i = 0; i < samples->n; i++)
        {
          const NnReportFigure *cell = samples->cells->pdata[row * samples->n + i];
          GtkWidget *widget = make_picture (page, cell);
          if (widget == NULL)
            {
              widget = gtk_label_new (cell->text);
              gtk_widget_add_css_class (widget, "caption");
              gtk_widget_add_css_class (widget, "numeric");
            }
          else
            gtk_widget_set_size_request (widget, CELL,
                                         (int)(CELL * cell->height / MAX (cell->width, 1)));
          gtk_grid_attach (GTK_GRID (grid), widget, (int)i + 1, (int)row, 1, 1);
        }
    }
  add_label (box, samples->title, "heading");
  add_label (box, samples->about, "caption");
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_AUTOMATIC,
                                  GTK_POLICY_NEVER);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), grid);
  gtk_box_append (box, scrolled);
}

GtkWidget *
wb_report_page_show (const WbReportPage *page)
{
  const NnReportFigures *figures = page->figures;
  GtkWidget *widget = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  GtkBox *box = GTK_BOX (widget);
  gtk_widget_add_css_class (widget, "paper");
  gtk_widget_add_css_class (widget, "report");
  g_auto (GStrv) lines = g_strsplit (page->text, "\n", 2);
  add_label (box, lines[0], "title-2");
  if (lines[0] != NULL && lines[1] != NULL)
    add_label (box, lines[1], "numeric");
  add_figure (page, box, figures->graph);
  for (guint i = 0; i < figures->curves->len; i++)
    add_figure (page, box, figures->curves->pdata[i]);
  for (guint i = 0; i < figures->samples->len; i++)
    add_samples (page, box, figures->samples->pdata[i]);
  if (figures->missing != NULL)
    add_label (box, figures->missing, "caption");
  if (figures->plane != NULL)
    add_label (box, _ ("Latent space"), "heading");
  add_figure (page, box, figures->plane);
  add_label (box, _ ("… and the settings of training, optimizer and data"), "caption");
  return widget;
}
