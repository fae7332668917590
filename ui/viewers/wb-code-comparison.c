#include "diabolo-config.h"

#include "viewers/wb-code-comparison.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define N_SAMPLES 2000 /* as the viewer itself */
#define COMPARED_COLOR WB_COLOR_VALIDATION

void
wb_code_comparison_init (WbCodeComparison *self, WbViewer *viewer)
{
  *self = (WbCodeComparison){ .viewer = viewer, .probe_id = nn_probe_next_id () };
}

static void
forget (WbCodeComparison *self)
{
  if (self->codes != NULL)
    nn_probe_result_unref (&self->codes->base);
  self->codes = NULL;
}

void
wb_code_comparison_clear (WbCodeComparison *self)
{
  forget (self);
}

/* ---- asking ---- */

void
wb_code_comparison_withdraw (WbCodeComparison *self)
{
  WbDocument *document = wb_viewer_get_document (self->viewer);

  if (self->asked && document != NULL)
    wb_document_remove_probe (document, self->probe_id);
  self->asked = FALSE;
  self->run = 0;
}

/* The run in question: the chosen one or the newest, of those whose weights there are. 0: none. */
static guint64
find_run (WbCodeComparison *self, WbDocument *document)
{
  NnRunHistory *runs = wb_document_runs (document);
  const guint64 shown = wb_viewer_get_run (self->viewer) != 0 ? wb_viewer_get_run (self->viewer)
                                                              : wb_document_run (document);

  for (guint i = nn_run_history_n_runs (runs); !self->off && i-- > 0;)
    {
      const guint64 run = nn_run_history_run (runs, i)->id;
      if (run != shown && (self->chosen == 0 || self->chosen == run)
          && wb_document_run_missing (document, run) == NULL)
        return run;
    }
  return 0;
}

void
wb_code_comparison_update (WbCodeComparison *self)
{
  WbDocument *document = wb_viewer_get_document (self->viewer);
  guint64 run = 0;

  if (document != NULL && gtk_widget_get_mapped (GTK_WIDGET (self->viewer))
      && wb_document_dataset (document) != NULL
      && nn_analysis_code_node (wb_document_analysis (document)) != 0)
    run = find_run (self, document);
  if (run == self->run && document == self->document)
    return;
  if (document == self->document)
    wb_code_comparison_withdraw (self);
  self->document = document;
  self->asked = FALSE;
  self->run = 0;
  forget (self);
  if (run == 0)
    return;
  g_autoptr (NnProbe) probe = nn_codes_probe_new (self->probe_id, NN_PART_TEST, NULL, N_SAMPLES);
  probe->run = run;
  wb_document_add_probe (document, probe);
  self->asked = TRUE;
  self->run = run;
}

gboolean
wb_code_comparison_take (WbCodeComparison *self)
{
  WbDocument *document = wb_viewer_get_document (self->viewer);
  NnProbeResult *result = self->asked ? wb_document_probe_result (document, self->probe_id) : NULL;
  NnCodesResult *codes = (NnCodesResult *)result;
  const gboolean usable = result != NULL && result->error == NULL && codes->codes != NULL;

  if (result == NULL || (self->codes != NULL && usable && codes->codes == self->codes->codes))
    return FALSE;
  forget (self);
  if (usable)
    {
      nn_probe_result_ref (result);
      self->codes = codes;
    }
  return TRUE;
}

/* ---- drawing ---- */

const char *
wb_code_comparison_name (const WbCodeComparison *self)
{
  WbDocument *document = wb_viewer_get_document (self->viewer);
  NnRunHistory *runs = document != NULL ? wb_document_runs (document) : NULL;

  for (guint i = 0; self->codes != NULL && runs != NULL && i < nn_run_history_n_runs (runs); i++)
    if (nn_run_history_run (runs, i)->id == self->run)
      return nn_run_history_run (runs, i)->name;
  return NULL;
}

void
wb_code_comparison_range (const WbCodeComparison *self, float *low, float *high)
{
  const NnTensor *codes = self->codes != NULL ? self->codes->codes : NULL;

  for (gsize i = 0; codes != NULL && i < codes->size; i++)
    if (isfinite (codes->data[i]))
      {
        *low = MIN (*low, codes->data[i]);
        *high = MAX (*high, codes->data[i]);
      }
}

void
wb_code_histogram (const float *values, gsize size, float low, float high, guint n_bins,
                   double *shares)
{
  const double extent = (double)high - low;

  for (guint i = 0; i < n_bins; i++)
    shares[i] = 0;
  for (gsize i = 0; i < size; i++)
    {
      const double at = extent > 0 ? (values[i] - low) / extent : 0;
      if (at >= 0 && at <= 1)
        shares[MIN ((guint)(at * n_bins), n_bins - 1)] += 1.0 / (double)size;
    }
}

double
wb_code_comparison_most (const WbCodeComparison *self, float low, float high, guint n_bins)
{
  g_autofree double *shares = g_new0 (double, n_bins);
  double most = 0;

  if (self->codes != NULL)
    wb_code_histogram (self->codes->codes->data, self->codes->codes->size, low, high, n_bins,
                       shares);
  for (guint i = 0; i < n_bins; i++)
    most = MAX (most, shares[i]);
  return most;
}

void
wb_code_comparison_draw (const WbCodeComparison *self, float low, float high, guint n_bins,
                         double most, const WbRect *rect, cairo_t *cr, WbScheme scheme)
{
  g_autofree double *shares = g_new0 (double, n_bins);
  const double bottom = rect->y + rect->height, step = rect->width / n_bins;

  if (self->codes == NULL || most <= 0)
    return;
  wb_code_histogram (self->codes->codes->data, self->codes->codes->size, low, high, n_bins, shares);
  cairo_move_to (cr, rect->x, bottom);
  for (guint i = 0; i < n_bins; i++)
    {
      /* Square roots, as the bars have them. */
      const double y = bottom - sqrt (shares[i] / most) * rect->height;
      cairo_line_to (cr, rect->x + i * step, y);
      cairo_line_to (cr, rect->x + (i + 1) * step, y);
    }
  cairo_line_to (cr, rect->x + rect->width, bottom);
  wb_cairo_set_color (cr, wb_color (COMPARED_COLOR, scheme), 1);
  cairo_set_line_width (cr, 1.5);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_stroke (cr);
}

/* ---- settings ---- */

static void
chosen (GtkDropDown *list, GParamSpec *spec, WbViewer *viewer)
{
  WbCodeComparison *self = g_object_get_data (G_OBJECT (list), "comparison");
  GArray *runs = g_object_get_data (G_OBJECT (list), "runs");
  const guint position = gtk_drop_down_get_selected (list);

  self->off = position == 0;
  self->chosen =
      position > 0 && position <= runs->len ? g_array_index (runs, guint64, position - 1) : 0;
  wb_code_comparison_update (self);
  gtk_widget_queue_draw (GTK_WIDGET (viewer));
  wb_viewer_invalidate_probe (viewer);
}

GtkWidget *
wb_code_comparison_settings (WbCodeComparison *self)
{
  WbDocument *document = wb_viewer_get_document (self->viewer);
  NnRunHistory *runs = document != NULL ? wb_document_runs (document) : NULL;
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *title = gtk_label_new (_ ("Values against"));
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (guint64));
  guint selected = 0;

  gtk_string_list_append (names, _ ("no other run"));
  for (guint i = 0; runs != NULL && i < nn_run_history_n_runs (runs); i++)
    {
      const NnRun *run = nn_run_history_run (runs, i);
      if (wb_document_run_missing (document, run->id) != NULL)
        continue;
      gtk_string_list_append (names, run->name);
      g_array_append_val (ids, run->id);
      if (run->id == self->run)
        selected = ids->len;
    }
  GtkWidget *list = gtk_drop_down_new (g_object_ref (G_LIST_MODEL (names)), NULL);
  gtk_drop_down_set_selected (GTK_DROP_DOWN (list), selected);
  g_object_set_data (G_OBJECT (list), "comparison", self);
  g_object_set_data_full (G_OBJECT (list), "runs", ids, (GDestroyNotify)g_array_unref);
  g_signal_connect_object (list, "notify::selected", G_CALLBACK (chosen), self->viewer, 0);
  gtk_widget_set_tooltip_text (box, _ ("Draws the histogram of another run's code values over this "
                                       "one's, as an outline"));
  gtk_widget_set_hexpand (title, TRUE);
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_accessible_update_property (GTK_ACCESSIBLE (list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Values against"), -1);
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), list);
  return box;
}
