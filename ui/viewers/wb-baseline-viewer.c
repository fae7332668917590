/* wb-baseline-viewer.c: what principal components of the same number make of the samples, beside
 * the network. */
#include "diabolo-config.h"

#include "explore/nn-pca.h"
#include "layers/nn-layer.h"
#include "viewers/wb-grid-data.h"
#include "viewers/wb-viewer.h"

#include <adwaita.h>
#include <glib/gi18n-lib.h>
#include <math.h>

#define SAMPLES 200      /* that errors are measured on */
#define FIT_SAMPLES 4000 /* of the training part */
#define CELL 56
#define GAP 8
#define N_ROWS 3

#define WB_TYPE_BASELINE_VIEWER (wb_baseline_viewer_get_type ())
G_DECLARE_FINAL_TYPE (WbBaselineViewer, wb_baseline_viewer, WB, BASELINE_VIEWER, WbViewer)

extern const WbViewerType wb_baseline_viewer_type;

struct _WbBaselineViewer
{
  WbViewer parent;

  NnAnalysis *analysis; /* that the plan was made from; owned */
  NnDataset *dataset;   /* likewise */
  WbGridPlan *plan;     /* owned, or NULL */
  NnPca *pca;           /* owned, of the data set's field; NULL: not yet */
  GCancellable *fitting;
  guint n_components; /* asked for */
  char *field;

  guint n; /* samples in what follows */
  gsize size;
  float *target, *output, *projected; /* (n, size); projected by the components */
  double output_error, projected_error;
  GtkWidget *area; /* borrowed: a child */
};

G_DEFINE_FINAL_TYPE (WbBaselineViewer, wb_baseline_viewer, WB_TYPE_VIEWER)

const WbViewerType wb_baseline_viewer_type = {
  .id = "baseline",
  .title = N_ ("Baseline"),
  .sentence = N_ ("The same code size without a network: principal components."),
  .icon = "wb-baseline-symbolic",
  .get_type = wb_baseline_viewer_get_type,
};

/* ---- principal components ---- */

typedef struct
{
  NnDataset *dataset; /* owned */
  guint field, n_components;
} Fit;

static void
fit_free (Fit *fit)
{
  nn_dataset_unref (fit->dataset);
  g_free (fit);
}

/* Evenly spread over the training part. */
static void
fit_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Fit *fit = data;
  const NnField *field = &nn_dataset_info (fit->dataset)->fields[fit->field];
  const gsize n_part = nn_dataset_n_samples (fit->dataset, NN_PART_TRAIN);
  const gsize n = MIN (n_part, FIT_SAMPLES), size = (gsize)nn_shape_size (&field->shape);
  g_autofree guint32 *index = g_new (guint32, n + 1);
  g_autofree float *x = g_new (float, n *size + 1);

  for (gsize i = 0; i < n; i++)
    index[i] = (guint32)(n_part * i / n);
  nn_dataset_read (fit->dataset, NN_PART_TRAIN, fit->field, index, n, nn_kernels_best (), x);
  g_task_return_pointer (task, nn_pca_new (x, n, size, fit->n_components, cancellable),
                         (GDestroyNotify)nn_pca_free);
}

static void project (WbBaselineViewer *self);

static void
fitted (GObject *source, GAsyncResult *result, gpointer data)
{
  WbBaselineViewer *self = WB_BASELINE_VIEWER (source);
  NnPca *pca = g_task_propagate_pointer (G_TASK (result), NULL);

  if (pca == NULL || g_task_get_cancellable (G_TASK (result)) != self->fitting)
    {
      g_clear_pointer (&pca, nn_pca_free);
      return;
    }
  self->pca = pca;
  project (self);
}

static void
forget_fit (WbBaselineViewer *self)
{
  g_cancellable_cancel (self->fitting);
  g_clear_object (&self->fitting);
  g_clear_pointer (&self->pca, nn_pca_free);
  g_clear_pointer (&self->field, g_free);
}

static void
begin_fit (WbBaselineViewer *self, const char *name, guint n_components)
{
  guint field;

  if (self->fitting != NULL && n_components == self->n_components
      && g_strcmp0 (name, self->field) == 0)
    return;
  forget_fit (self);
  if (nn_data_info_field (nn_dataset_info (self->dataset), name, &field) == NULL)
    return;
  Fit *fit = g_new (Fit, 1);
  *fit = (Fit){ nn_dataset_ref (self->dataset), field, n_components };
  self->fitting = g_cancellable_new ();
  self->n_components = n_components;
  self->field = g_strdup (name);
  g_autoptr (GTask) task = g_task_new (self, self->fitting, fitted, NULL);
  g_task_set_task_data (task, fit, (GDestroyNotify)fit_free);
  g_task_run_in_thread (task, fit_in_thread);
}

/* ---- the comparison ---- */

static double
mean_square (const float *a, const float *b, gsize n)
{
  double sum = 0;

  for (gsize i = 0; i < n; i++)
    sum += ((double)a[i] - (double)b[i]) * ((double)a[i] - (double)b[i]);
  return n > 0 ? sum / (double)n : NAN;
}

/* There and back through the components. */
static void
project (WbBaselineViewer *self)
{
  const NnPca *pca = self->pca;

  g_clear_pointer (&self->projected, g_free);
  gtk_widget_queue_draw (self->area);
  if (pca == NULL || self->n == 0 || pca->size != self->size)
    return;
  g_autofree float *code = g_new (float, self->n * pca->n_components);
  nn_pca_project (pca, self->target, self->n, code);
  self->projected = g_new (float, self->n * self->size);
  for (guint i = 0; i < self->n; i++)
    for (gsize p = 0; p < self->size; p++)
      {
        double value = pca->mean[p];
        for (gsize k = 0; k < pca->n_components; k++)
          value += (double)code[i * pca->n_components + k] * pca->components[k * self->size + p];
        self->projected[i * self->size + p] = (float)value;
      }
  self->projected_error = mean_square (self->projected, self->target, self->n * self->size);
}

static NnProbe *
wb_baseline_viewer_make_probe (WbViewer *viewer, guint probe_id)
{
  WbBaselineViewer *self = WB_BASELINE_VIEWER (viewer);

  if (self->plan == NULL || self->dataset == NULL)
    return NULL;
  const guint nodes[] = { self->plan->target, self->plan->output };
  return nn_node_values_probe_new (probe_id, NN_PART_TEST, NN_PICK_RANDOM, NULL, SAMPLES, 0, nodes,
                                   G_N_ELEMENTS (nodes));
}

static void
wb_baseline_viewer_answer (WbViewer *viewer, NnProbeResult *result)
{
  WbBaselineViewer *self = WB_BASELINE_VIEWER (viewer);
  const NnNodeValuesResult *answer = (const NnNodeValuesResult *)result;

  if (self->plan == NULL || result->type != &nn_node_values_probe_type)
    return;
  wb_viewer_set_notice (viewer, result->error != NULL ? result->error->message : NULL);
  if (result->error != NULL)
    return;
  const NnNodeValues *target = nn_node_values_result_find (answer, self->plan->target);
  const NnNodeValues *output = nn_node_values_result_find (answer, self->plan->output);
  if (target == NULL || output == NULL || target->values->size != output->values->size)
    return; /* of a design that is gone */
  const gboolean same =
      self->target != NULL && self->n == answer->samples->len
      && self->n * self->size == target->values->size
      && memcmp (self->target, target->values->data, target->values->size * sizeof (float)) == 0;
  g_free (self->output);
  self->output = g_memdup2 (output->values->data, output->values->size * sizeof (float));
  self->output_error = mean_square (self->output, target->values->data, output->values->size);
  gtk_widget_queue_draw (self->area);
  if (same)
    return;
  g_free (self->target);
  self->target = g_memdup2 (target->values->data, target->values->size * sizeof (float));
  self->n = answer->samples->len;
  self->size = target->values->size / self->n;
  project (self);
}

/* ---- what there is to compare ---- */

static char *
update_plan (WbBaselineViewer *self)
{
  NnDesign *design = nn_analysis_design (self->analysis);
  char *reason = NULL;

  g_clear_pointer (&self->plan, wb_grid_plan_free);
  if (self->dataset == NULL)
    return wb_viewer_data_notice (WB_VIEWER (self));
  WbGridPlan *plan = wb_grid_plan_new (self->analysis, &reason);
  if (plan == NULL)
    return reason;
  self->plan = plan;
  const NnNode *target = nn_design_node (design, plan->target);
  const NnShape *code =
      plan->code != 0 ? nn_analysis_output_shape (self->analysis, plan->code, 0) : NULL;
  if (target == NULL || code == NULL || !(target->type->flags & NN_LAYER_INPUT))
    {
      g_clear_pointer (&self->plan, wb_grid_plan_free);
      return g_strdup (_ ("Principal components give data back from a code. This network has no "
                          "code, or does not give back what it is given."));
    }
  const gint64 size = nn_shape_size (nn_analysis_output_shape (self->analysis, plan->target, 0));
  begin_fit (self, nn_params_text (target->params, "field"),
             (guint)MIN (nn_shape_size (code), size));
  return NULL;
}

static void
wb_baseline_viewer_document_changed (WbViewer *viewer)
{
  WbBaselineViewer *self = WB_BASELINE_VIEWER (viewer);
  WbDocument *document = wb_viewer_get_document (viewer);
  NnAnalysis *analysis = wb_document_analysis (document);
  NnDataset *dataset = wb_document_dataset (document);

  if (analysis == self->analysis && dataset == self->dataset)
    return;
  if (dataset != self->dataset)
    forget_fit (self);
  g_clear_pointer (&self->analysis, nn_analysis_unref);
  g_clear_pointer (&self->dataset, nn_dataset_unref);
  self->analysis = nn_analysis_ref (analysis);
  self->dataset = dataset != NULL ? nn_dataset_ref (dataset) : NULL;
  g_autofree char *reason = update_plan (self);
  wb_viewer_set_notice (viewer, reason);
}

/* ---- drawing ---- */

static const WbGridRow *
picture_row (const WbBaselineViewer *self)
{
  for (guint i = 0; i < self->plan->rows->len; i++)
    {
      const WbGridRow *row = &g_array_index (self->plan->rows, WbGridRow, i);
      if (row->node == self->plan->output && row->kind == WB_GRID_PICTURE
          && row->width * row->height * row->channels == self->size)
        return row;
    }
  return NULL;
}

static void
draw_row (const WbBaselineViewer *self, const WbGridRow *row, const float *values, double left,
          double y, double cell, guint columns, cairo_t *cr, WbScheme scheme)
{
  for (guint i = 0; i < columns; i++)
    {
      const WbRect rect = { left + i * (cell + GAP), y, cell, cell * row->aspect };
      cairo_surface_t *surface =
          wb_figure_surface (values + i * self->size, row->width, row->height, row->channels,
                             WB_PALETTE_GRAY, scheme, 0, 1);
      cairo_save (cr);
      wb_figure_rounded (cr, &rect, 3);
      cairo_clip (cr);
      wb_figure_picture (cr, surface, &rect, TRUE);
      cairo_restore (cr);
      cairo_surface_destroy (surface);
    }
}

/* "network 0.0093 · 32 components 0.0166 · the network leaves 44 % less" */
static char *
summary (const WbBaselineViewer *self)
{
  const double mine = self->output_error, theirs = self->projected_error;
  g_autofree char *network = g_strdup_printf ("%.3g", mine);
  g_autofree char *pca = g_strdup_printf ("%.3g", theirs);
  GString *text = g_string_new (NULL);

  if (self->projected == NULL)
    {
      g_string_printf (text, _ ("Squared error: network %s · finding principal components…"),
                       network);
      return g_string_free (text, FALSE);
    }
  g_string_printf (text,
                   ngettext ("Squared error: network <b>%s</b> · %u component <b>%s</b>",
                             "Squared error: network <b>%s</b> · %u components <b>%s</b>",
                             self->n_components),
                   network, self->n_components, pca);
  if (mine < theirs)
    g_string_append_printf (text, _ (" · the network leaves %.0f %% less"),
                            100 * (1 - mine / theirs));
  else if (isfinite (mine))
    g_string_append (text, _ (" · the network is no better yet"));
  return g_string_free (text, FALSE);
}

static void
draw (const WbBaselineViewer *self, cairo_t *cr, PangoContext *context, WbScheme scheme,
      double width, double height)
{
  const char *const titles[N_ROWS] = { _ ("Input"), _ ("Network"), _ ("Components") };
  const float *const values[N_ROWS] = { self->target, self->output, self->projected };
  const double line = wb_figure_line_height (context);
  const WbGridRow *row = self->plan != NULL && self->n > 0 ? picture_row (self) : NULL;
  double left = 0;

  if (self->plan == NULL || self->n == 0)
    return;
  g_autofree char *text = summary (self);
  wb_figure_text (cr, context, text, 0, height - line / 2 - 2, 0, wb_color (WB_COLOR_TEXT, scheme));
  if (row == NULL)
    return;
  for (guint i = 0; i < N_ROWS; i++)
    left = MAX (left, wb_figure_text_width (context, titles[i]) + 12);
  const double room = (height - line - 3 * GAP) / N_ROWS - GAP;
  const double cell = MAX (MIN (room / row->aspect, width / 4), 8);
  const guint columns = (guint)CLAMP ((width - left + GAP) / (cell + GAP), 1, self->n);
  for (guint i = 0; i < N_ROWS; i++)
    {
      const double y = i * (cell * row->aspect + GAP);
      wb_figure_text (cr, context, titles[i], 0, y + cell * row->aspect / 2, 0,
                      wb_color (WB_COLOR_TEXT, scheme));
      if (values[i] != NULL)
        draw_row (self, row, values[i], left, y, cell, columns, cr, scheme);
    }
}

static void
draw_area (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  draw (data, cr, gtk_widget_get_pango_context (GTK_WIDGET (area)), wb_scheme_current (), width,
        height);
}

static void
wb_baseline_viewer_draw (WbViewer *viewer, cairo_t *cr, double width, double height)
{
  PangoContext *context = wb_figure_context ();

  draw (WB_BASELINE_VIEWER (viewer), cr, context, WB_SCHEME_LIGHT, width, height);
  g_object_unref (context);
}

static WbTable *
wb_baseline_viewer_to_table (WbViewer *viewer)
{
  const WbBaselineViewer *self = WB_BASELINE_VIEWER (viewer);

  if (self->projected == NULL)
    return NULL;
  WbTable *table = wb_table_new ("sample,network_squared_error,components_squared_error");
  for (guint i = 0; i < self->n; i++)
    {
      const gsize at = i * self->size;

      wb_table_put (table, i);
      wb_table_put (table, mean_square (self->output + at, self->target + at, self->size));
      wb_table_put (table, mean_square (self->projected + at, self->target + at, self->size));
    }
  return table;
}

static void
wb_baseline_viewer_dispose (GObject *object)
{
  WbBaselineViewer *self = WB_BASELINE_VIEWER (object);

  forget_fit (self);
  g_clear_pointer (&self->plan, wb_grid_plan_free);
  g_clear_pointer (&self->analysis, nn_analysis_unref);
  g_clear_pointer (&self->dataset, nn_dataset_unref);
  g_clear_pointer (&self->target, g_free);
  g_clear_pointer (&self->output, g_free);
  g_clear_pointer (&self->projected, g_free);
  G_OBJECT_CLASS (wb_baseline_viewer_parent_class)->dispose (object);
}

static void
wb_baseline_viewer_class_init (WbBaselineViewerClass *klass)
{
  WbViewerClass *viewer_class = WB_VIEWER_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = wb_baseline_viewer_dispose;
  viewer_class->document_changed = wb_baseline_viewer_document_changed;
  viewer_class->make_probe = wb_baseline_viewer_make_probe;
  viewer_class->answer = wb_baseline_viewer_answer;
  viewer_class->draw = wb_baseline_viewer_draw;
  viewer_class->to_table = wb_baseline_viewer_to_table;
}

static void
wb_baseline_viewer_init (WbBaselineViewer *self)
{
  AdwStyleManager *style = adw_style_manager_get_default ();

  self->area = gtk_drawing_area_new ();
  gtk_widget_set_focusable (self->area, TRUE);
  gtk_widget_add_css_class (self->area, "wb-drawing");
  gtk_widget_set_size_request (self->area, 180, 110);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (self->area), draw_area, self, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->area), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Network and principal components"), -1);
  g_signal_connect_object (style, "notify::dark", G_CALLBACK (gtk_widget_queue_draw), self->area,
                           G_CONNECT_SWAPPED);
  wb_viewer_set_content (WB_VIEWER (self), self->area);
}
