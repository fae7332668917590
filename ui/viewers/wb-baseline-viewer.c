/* wb-baseline-viewer.c: what principal components of the same number make of the samples, beside
 * the network. */
#include "diabolo-config.h"

#include "explore/nn-pca.h"
#include "layers/nn-layer.h"
#include "plots/wb-format.h"
#include "viewers/wb-drawing-viewer.h"
#include "viewers/wb-grid-data.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define SAMPLES 200      /* that errors are measured on */
#define FIT_SAMPLES 4000 /* of the training part */
#define MAX_CELL 140
#define GAP 8
#define N_ROWS 3

#define WB_TYPE_BASELINE_VIEWER (wb_baseline_viewer_get_type ())
G_DECLARE_FINAL_TYPE (WbBaselineViewer, wb_baseline_viewer, WB, BASELINE_VIEWER, WbDrawingViewer)

extern const WbViewerType wb_baseline_viewer_type;

struct _WbBaselineViewer
{
  WbDrawingViewer parent;

  NnAnalysis *analysis; /* that the plan was made from; owned */
  NnDataset *dataset;   /* likewise */
  WbGridPlan *plan;     /* owned, or NULL */
  NnPca *pca;           /* owned, of the data set's field; NULL: not yet */
  GCancellable *fitting;
  guint n_components; /* asked for */
  char *field;

  guint n;         /* samples in what follows */
  GArray *samples; /* guint32 (n) of the test part: owned */
  gsize size;
  float *target, *output, *projected; /* (n, size); projected by the components */
  double output_error, projected_error;
};

G_DEFINE_FINAL_TYPE (WbBaselineViewer, wb_baseline_viewer, WB_TYPE_DRAWING_VIEWER)

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
  wb_drawing_viewer_redraw (WB_DRAWING_VIEWER (self));
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
  wb_drawing_viewer_redraw (WB_DRAWING_VIEWER (self));
  if (same)
    return;
  g_free (self->target);
  self->target = g_memdup2 (target->values->data, target->values->size * sizeof (float));
  self->n = answer->samples->len;
  g_clear_pointer (&self->samples, g_array_unref);
  self->samples = g_array_ref (answer->samples);
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
                             WB_PALETTE_GRAY, scheme, row->black, row->white);
      cairo_save (cr);
      wb_figure_rounded (cr, &rect, 3);
      cairo_clip (cr);
      wb_figure_picture (cr, surface, &rect, TRUE);
      cairo_restore (cr);
      cairo_surface_destroy (surface);
    }
}

/* "the network leaves 44 % less"; NULL: nothing to compare yet. */
static char *
verdict (const WbBaselineViewer *self)
{
  const double mine = self->output_error, theirs = self->projected_error;

  if (self->projected == NULL)
    return g_strdup (_ ("finding principal components…"));
  if (!isfinite (mine))
    return NULL;
  return mine < theirs
             ? g_strdup_printf (_ ("the network leaves %.0f %% less"), 100 * (1 - mine / theirs))
             : g_strdup (_ ("the network is no better yet"));
}

/* Errors of one sample, "Sample 12: network 0.0093, components 0.0166". */
static char *
summary (WbDrawingViewer *viewer, guint item)
{
  const WbBaselineViewer *self = WB_BASELINE_VIEWER (viewer);
  const gsize at = item * self->size;
  const float *target = self->target + at;
  g_autofree char *network = wb_format_value (mean_square (self->output + at, target, self->size));
  g_autofree char *components =
      self->projected != NULL
          ? wb_format_value (mean_square (self->projected + at, target, self->size))
          : g_strdup ("–");

  return g_strdup_printf (_ ("Sample %u: network %s, components %s"),
                          g_array_index (self->samples, guint32, item), network, components);
}

/* Rows of pictures, each with its error at its right; verdict below. */
typedef struct
{
  const WbGridRow *row; /* NULL: samples are no pictures */
  double left, cell, height, right;
  guint columns;
} Places;

static Places
place (const WbBaselineViewer *self, const WbSheet *sheet)
{
  const double line = wb_figure_line_height (sheet->context);
  Places places = { .row = self->plan != NULL && self->n > 0 ? picture_row (self) : NULL };

  if (places.row == NULL)
    return places;
  places.left = wb_figure_text_width (sheet->context, _ ("Components")) + 12;
  places.right = wb_figure_text_width (sheet->context, "<b>0.00000</b>") + 12;
  const double across = sheet->width - places.left - places.right;
  const double down = (sheet->height - line - GAP) / N_ROWS - GAP;
  places.cell = floor (CLAMP (MIN (down / places.row->aspect, across), 8, MAX_CELL));
  places.height = floor (places.cell * places.row->aspect);
  places.columns = (guint)CLAMP ((across + GAP) / (places.cell + GAP), 1, self->n);
  return places;
}

static void
wb_baseline_viewer_paint (WbDrawingViewer *viewer, const WbSheet *sheet)
{
  WbBaselineViewer *self = WB_BASELINE_VIEWER (viewer);
  const char *const titles[N_ROWS] = { _ ("Input"), _ ("Network"), _ ("Components") };
  const float *const values[N_ROWS] = { self->target, self->output, self->projected };
  const double errors[N_ROWS] = { NAN, self->output_error,
                                  self->projected != NULL ? self->projected_error : NAN };
  const double line = wb_figure_line_height (sheet->context);
  const GdkRGBA *text = wb_color (WB_COLOR_TEXT, sheet->scheme);
  double y = 0;

  if (self->plan == NULL || self->n == 0)
    return;
  const Places places = place (self, sheet);
  const double height = places.row != NULL ? places.height : line;
  if (places.row != NULL && sheet->marked >= 0)
    wb_figure_mark (sheet->cr,
                    &(WbRect){ places.left + sheet->marked * (places.cell + GAP), 0, places.cell,
                               N_ROWS * (height + GAP) - GAP },
                    sheet->scheme);
  for (guint i = places.row != NULL ? 0 : 1; i < N_ROWS; i++, y += height + GAP)
    {
      g_autofree char *number = isfinite (errors[i]) ? wb_format_value (errors[i]) : NULL;
      g_autofree char *strong = number != NULL ? g_strdup_printf ("<b>%s</b>", number) : NULL;
      const double end = places.row != NULL
                             ? places.left + places.columns * (places.cell + GAP) - GAP
                             : wb_figure_text_width (sheet->context, _ ("Components"));

      wb_figure_text (sheet->cr, sheet->context, titles[i], 0, y + height / 2, 0, text);
      if (places.row != NULL && values[i] != NULL)
        draw_row (self, places.row, values[i], places.left, y, places.cell, places.columns,
                  sheet->cr, sheet->scheme);
      if (strong != NULL)
        wb_figure_text (sheet->cr, sheet->context, strong, end + 12, y + height / 2, 0, text);
      else if (i == 0)
        wb_figure_text (sheet->cr, sheet->context, _ ("squared\nerror"), end + 12, y + height / 2,
                        0, wb_color (WB_COLOR_DIM, sheet->scheme));
    }
  g_autofree char *words =
      sheet->marked >= 0 ? summary (viewer, (guint)sheet->marked) : verdict (self);
  if (words != NULL)
    wb_figure_text (sheet->cr, sheet->context, words, 0,
                    MIN (y + line / 2, sheet->height - line / 2), 0,
                    wb_color (WB_COLOR_DIM, sheet->scheme));
}

static guint
wb_baseline_viewer_n_items (WbDrawingViewer *viewer)
{
  const WbSheet sheet = { .context = gtk_widget_get_pango_context (GTK_WIDGET (viewer)),
                          .width = gtk_widget_get_width (wb_drawing_viewer_get_area (viewer)),
                          .height = gtk_widget_get_height (wb_drawing_viewer_get_area (viewer)) };

  return place (WB_BASELINE_VIEWER (viewer), &sheet).columns;
}

static gint
wb_baseline_viewer_item_at (WbDrawingViewer *viewer, const WbSheet *sheet, double x, double y)
{
  const Places places = place (WB_BASELINE_VIEWER (viewer), sheet);
  const double column = (x - places.left) / (places.cell + GAP);

  return column >= 0 && column < places.columns && y < N_ROWS * (places.height + GAP) ? (gint)column
                                                                                      : -1;
}

/* The sample that the whole window shows. */
static void
wb_baseline_viewer_pressed (WbDrawingViewer *viewer, const WbSheet *sheet, double x, double y)
{
  WbBaselineViewer *self = WB_BASELINE_VIEWER (viewer);

  if (sheet->marked >= 0)
    wb_document_set_sample (wb_viewer_get_document (WB_VIEWER (viewer)),
                            g_array_index (self->samples, guint32, sheet->marked));
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

      wb_table_put (table, g_array_index (self->samples, guint32, i));
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
  g_clear_pointer (&self->samples, g_array_unref);
  G_OBJECT_CLASS (wb_baseline_viewer_parent_class)->dispose (object);
}

static void
wb_baseline_viewer_class_init (WbBaselineViewerClass *klass)
{
  WbViewerClass *viewer_class = WB_VIEWER_CLASS (klass);
  WbDrawingViewerClass *drawing_class = WB_DRAWING_VIEWER_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = wb_baseline_viewer_dispose;
  viewer_class->document_changed = wb_baseline_viewer_document_changed;
  viewer_class->make_probe = wb_baseline_viewer_make_probe;
  viewer_class->answer = wb_baseline_viewer_answer;
  drawing_class->paint = wb_baseline_viewer_paint;
  drawing_class->n_items = wb_baseline_viewer_n_items;
  drawing_class->item_at = wb_baseline_viewer_item_at;
  drawing_class->item_text = summary;
  drawing_class->pressed = wb_baseline_viewer_pressed;
  viewer_class->to_table = wb_baseline_viewer_to_table;
}

static void
wb_baseline_viewer_init (WbBaselineViewer *self)
{
  wb_drawing_viewer_name_area (WB_DRAWING_VIEWER (self),
                               _ ("Network and principal components: arrows walk through samples"),
                               NULL);
}
