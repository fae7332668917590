#include "export/wb-report-figures.h"

#include "diabolo-config.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "data/nn-data-source.h"
#include "explore/nn-codes-probe.h"
#include "export/wb-graph-figure.h"
#include "formats/nn-export-model.h"
#include "plots/wb-figure-file.h"
#include "plots/wb-format.h"
#include "plots/wb-scatter-draw.h"
#include "viewers/wb-curve-plot.h"
#include "viewers/wb-grid-draw.h"
#include "viewers/wb-projection.h"
#include "viewers/wb-sample-choice.h"

/* Pixels of a picture to one of the page: the plane of codes is fine, cells are larger than their
 * data as they are. */
#define PLANE_SCALE 2
#define CELL_SCALE 1
#define PREVIEW_SCALE 1
#define LOSS_WIDTH 960
#define LOSS_HEIGHT 300
#define METRIC_WIDTH 460
#define METRIC_HEIGHT 240
#define PLANE_WIDTH 660
#define PLANE_HEIGHT 520
#define PLANE_SAMPLES 2000
#define SAMPLES 10
#define CELL 64
/* Shares of the whole work, for its progress: measured with 28x28 images, loading aside. */
#define LOADED 0.3
#define PREPARED 0.4
#define SAMPLED 0.6
#define ENCODED 0.8

typedef struct
{
  const NnExportSource *source;
  WbReportUse use;
  const NnExportJob *job;
  NnReportFigures *figures;
  NnDataset *dataset; /* owned, as all below; NULL: no samples can be shown */
  NnPool *pool;
  NnTrainer *trainer;
} Report;

static void
report_clear (Report *report)
{
  g_clear_pointer (&report->trainer, nn_trainer_free);
  g_clear_pointer (&report->pool, nn_pool_free);
  g_clear_pointer (&report->dataset, nn_dataset_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Report, report_clear)

static gboolean
go_on (const Report *report, double done, GError **error)
{
  nn_export_progress (report->job, done);
  return !g_cancellable_set_error_if_cancelled (report->job->cancellable, error);
}

/* ---- drawing ---- */

typedef struct _Drawing Drawing;
struct _Drawing
{
  void (*draw) (const Drawing *drawing, cairo_t *cr, PangoContext *context, double width,
                double height);
  gconstpointer data;
  WbScheme scheme;
  gboolean ground; /* is painted first */
  guint scale;     /* of a picture; 0: it stays a drawing */
};

static void
draw (cairo_t *cr, double width, double height, gpointer data)
{
  const Drawing *drawing = data;
  PangoContext *context = wb_figure_context ();
  if (drawing->ground)
    {
      wb_cairo_set_color (cr, wb_color (WB_COLOR_VIEWER, drawing->scheme), 1);
      cairo_paint (cr);
    }
  drawing->draw (drawing, cr, context, width, height);
  g_object_unref (context);
}

/* In all colours that its use asks for. */
static gboolean
draw_all (const Report *report, NnReportFigure *figure, Drawing *drawing, GError **error)
{
  GBytes **const places[] = { &figure->light, &figure->dark };
  static const WbScheme schemes[] = { WB_SCHEME_LIGHT, WB_SCHEME_DARK };
  const cairo_format_t format = drawing->ground ? CAIRO_FORMAT_RGB24 : CAIRO_FORMAT_ARGB32;
  const gboolean preview = report->use == WB_REPORT_PREVIEW;
  if (preview && drawing->scale == 0)
    drawing->scale = PREVIEW_SCALE;
  for (guint i = 0; i < (preview ? 1 : G_N_ELEMENTS (places)); i++)
    {
      drawing->scheme = schemes[i];
      *places[i] = drawing->scale == 0
                       ? wb_figure_to_svg (figure->width, figure->height, draw, drawing, error)
                       : wb_figure_to_png (figure->width, figure->height, drawing->scale, format,
                                           draw, drawing, error);
      if (*places[i] == NULL)
        return FALSE;
    }
  return TRUE;
}

/* ---- the network ---- */

static void
draw_graph (const Drawing *drawing, cairo_t *cr, PangoContext *context, double width, double height)
{
  wb_graph_figure_draw (cr, context, (NnAnalysis *)drawing->data, drawing->scheme);
}

static gboolean
add_graph (Report *report, GError **error)
{
  NnAnalysis *analysis = report->source->analysis;
  Drawing drawing = { .draw = draw_graph, .data = analysis };
  double width, height;
  wb_graph_figure_size (analysis, &width, &height);
  report->figures->graph = nn_report_figure_new (NULL, _ ("Drawing of the network"), width, height);
  return draw_all (report, report->figures->graph, &drawing, error);
}

/* ---- curves ---- */

static void
draw_curve (const Drawing *drawing, cairo_t *cr, PangoContext *context, double width, double height)
{
  const WbPlotData *data = drawing->data;
  WbPlotLayout layout;
  wb_plot_layout (data, context, width, height, 0, data->x_end, &layout);
  wb_plot_draw (data, &layout, cr, context, drawing->scheme);
}

/* "Loss: train 0.0944, validation best 0.0930" */
static char *
describe_curve (const WbPlotData *data, WbMetric metric)
{
  GString *text = g_string_new (wb_metric_title (metric));
  for (guint i = 0; i < data->labels->len; i++)
    {
      const WbPlotLabel *label = g_ptr_array_index (data->labels, i);
      g_string_append_printf (text, "%s%s %s", i > 0 ? ", " : ": ", label->strong, label->plain);
    }
  return g_string_free (text, FALSE);
}

static gboolean
add_curve (Report *report, WbMetric metric, GError **error)
{
  const gboolean wide = metric == WB_METRIC_LOSS;
  g_autoptr (WbCurve) curve =
      wb_curve_new (report->source->checkpoint->history, nn_report_run (report->source)->id, metric,
                    WB_CURVE_SPAN);
  g_autoptr (WbPlotData) data = wb_curve_plot_new (metric);
  Drawing drawing = { .draw = draw_curve, .data = data, .ground = TRUE };
  wb_curve_add (data, curve, NULL);
  /* One of another run alone, and a single point, are no curves. */
  if (data->series->len == 0 || (!wide && curve->n + curve->n_validation < 2))
    return TRUE;
  data->x_end = MAX (1, ceil (wb_curve_end (curve) - 1e-9));
  g_autofree char *text = describe_curve (data, metric);
  NnReportFigure *figure =
      nn_report_figure_new (wb_metric_title (metric), text, wide ? LOSS_WIDTH : METRIC_WIDTH,
                            wide ? LOSS_HEIGHT : METRIC_HEIGHT);
  g_ptr_array_add (report->figures->curves, figure);
  return draw_all (report, figure, &drawing, error);
}

static gboolean
add_curves (Report *report, GError **error)
{
  g_autoptr (GArray) metrics = wb_history_metrics (report->source->checkpoint->history);
  for (guint i = 0; i < metrics->len; i++)
    if (!add_curve (report, g_array_index (metrics, WbMetric, i), error))
      return FALSE;
  return TRUE;
}

/* ---- the network at work ---- */

/* Takes error: as why there are no samples, unless the work was cancelled. */
static gboolean
leave_out (Report *report, GError *problem, GError **error)
{
  if (g_error_matches (problem, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_propagate_error (error, problem);
      return FALSE;
    }
  report->figures->missing = g_strdup (problem->message);
  g_error_free (problem);
  return TRUE;
}

static void
show_loading (double fraction, gpointer report)
{
  nn_export_progress (((Report *)report)->job, LOADED * fraction);
}

/* A trainer with the weights that were trained, if data and all weights are there. */
static gboolean
prepare (Report *report, GError **error)
{
  const NnExportSource *source = report->source;
  g_autoptr (NnExportSource) whole =
      nn_export_source_new (source->design, source->analysis, source->checkpoint, NN_EXPORT_ALL);
  const NnLoadContext context = { .cancellable = report->job->cancellable,
                                  .progress = show_loading,
                                  .progress_data = report };
  GError *problem = NULL;
  g_autoptr (NnExportModel) model = nn_export_model_new (whole, &problem);
  if (model == NULL)
    return leave_out (report, problem, error);
  report->dataset = source->dataset != NULL
                        ? nn_dataset_ref (source->dataset)
                        : nn_data_load_with (nn_design_data (source->design), &context, &problem);
  if (report->dataset == NULL)
    return leave_out (report, problem, error);
  g_autoptr (NnAnalysis) analysis =
      nn_analysis_new (source->design, nn_dataset_info (report->dataset), 0);
  report->pool = nn_pool_new (0);
  report->trainer =
      nn_trainer_new (analysis, report->dataset, source->checkpoint, report->pool, &problem);
  if (report->trainer == NULL)
    return leave_out (report, problem, error);
  if (nn_dataset_n_samples (report->dataset, NN_PART_TEST) == 0)
    {
      report->figures->missing = g_strdup (_ ("The data set has no test part to show."));
      g_clear_pointer (&report->trainer, nn_trainer_free);
    }
  return TRUE;
}

/* The whole answer to a probe, which is consumed; problem says why there is none. (transfer full)
 */
static NnProbeResult *
ask (const Report *report, NnProbe *question, GError **problem)
{
  g_autoptr (NnProbe) probe = question;
  for (;;)
    {
      g_autoptr (NnProbeResult) result = nn_probe_compute (probe, report->trainer, 0);
      if (g_cancellable_set_error_if_cancelled (report->job->cancellable, problem))
        return NULL;
      if (result->error != NULL)
        {
          g_propagate_error (problem, g_error_copy (result->error));
          return NULL;
        }
      if (!result->unfinished)
        return g_steal_pointer (&result);
    }
}

/* ---- samples ---- */

typedef struct
{
  const WbGridData *data;
  const WbGridRow *row;
  guint sample;
} Cell;

static void
draw_cell (const Drawing *drawing, cairo_t *cr, PangoContext *context, double width, double height)
{
  const Cell *cell = drawing->data;
  const WbGridView view = { .data = cell->data, .scheme = drawing->scheme };
  const WbRect rect = { 0, 0, width, height };
  wb_grid_draw_cell (&view, cell->row, cell->sample, &rect, cr);
}

static gboolean
add_cell (const Report *report, NnReportSamples *samples, const WbGridData *data,
          const WbGridRow *row, guint sample, GError **error)
{
  const Cell cell = { data, row, sample };
  Drawing drawing = { .draw = draw_cell, .data = &cell, .scale = CELL_SCALE };
  NnReportFigure *figure;
  if (row->kind == WB_GRID_CLASS)
    {
      g_autofree char *answer = wb_grid_data_answer (data, sample);
      g_ptr_array_add (samples->cells, nn_report_figure_new (NULL, answer, 0, 0));
      return TRUE;
    }
  figure = nn_report_figure_new (NULL, _ (row->title), CELL, round (CELL * row->aspect));
  g_ptr_array_add (samples->cells, figure);
  return draw_all (report, figure, &drawing, error);
}

static void
add_text_row (NnReportSamples *samples, const WbGridData *data, const char *head,
              char *(*text_of) (const WbGridData *data, guint sample))
{
  g_ptr_array_add (samples->heads, g_strdup (head));
  for (guint i = 0; i < samples->n; i++)
    {
      g_autofree char *text = text_of (data, i);
      g_ptr_array_add (samples->cells, nn_report_figure_new (NULL, text, 0, 0));
    }
}

static char *
error_text (const WbGridData *data, guint sample)
{
  return wb_grid_format_error (wb_grid_data_error (data, sample));
}

static char *
number_text (const WbGridData *data, guint sample)
{
  return wb_format_count (g_array_index (data->result->samples, guint32, sample));
}

static char *
class_text (const WbGridData *data, guint sample)
{
  char *name =
      wb_sample_class_name (data->plan->info, g_array_index (data->result->labels, gint, sample));
  return name != NULL ? name : g_strdup ("–");
}

/* The first of each class, then the second, as long as there is room. (element-type guint32)
 * (transfer full) */
static GArray *
list_samples (NnDataset *dataset)
{
  WbSampleChoice choice = { .mode = WB_SAMPLES_CLASSES };
  const guint n_classes = wb_sample_n_classes (dataset);
  GArray *samples = wb_sample_choice_pick (&choice, dataset, SAMPLES);
  while (n_classes > 0 && ++choice.page < SAMPLES / n_classes)
    {
      g_autoptr (GArray) more =
          wb_sample_choice_pick (&choice, dataset, SAMPLES - MIN (samples->len, SAMPLES));
      g_array_append_vals (samples, more->data, more->len);
    }
  return samples;
}

static gboolean
add_grid (Report *report, const WbGridPlan *plan, NnPick pick, const char *title, const char *about,
          GError **error)
{
  g_autoptr (GArray) listed = list_samples (report->dataset);
  g_autoptr (GArray) nodes = wb_grid_plan_nodes (plan);
  const guint n = pick == NN_PICK_LISTED ? listed->len : SAMPLES;
  GError *problem = NULL;
  g_autoptr (NnProbeResult) result =
      ask (report,
           nn_node_values_probe_new (nn_probe_next_id (), NN_PART_TEST, pick,
                                     (const guint32 *)(gpointer)listed->data, n, 0,
                                     (const guint *)(gpointer)nodes->data, nodes->len),
           &problem);
  if (result == NULL)
    return leave_out (report, problem, error);
  g_autoptr (WbGridData) data = wb_grid_data_new (plan, (NnNodeValuesResult *)result);
  if (data == NULL)
    return TRUE;
  NnReportSamples *samples = nn_report_samples_new (title, about, data->n);
  g_ptr_array_add (report->figures->samples, samples);
  add_text_row (samples, data, _ ("Sample"), number_text);
  if (wb_sample_n_classes (report->dataset) > 0)
    add_text_row (samples, data, _ ("Class"), class_text);
  for (guint r = 0; r < plan->rows->len; r++)
    {
      const WbGridRow *row = &g_array_index (plan->rows, WbGridRow, r);
      g_ptr_array_add (samples->heads, g_strdup (_ (row->title)));
      for (guint i = 0; i < data->n; i++)
        if (!add_cell (report, samples, data, row, i, error))
          return FALSE;
    }
  add_text_row (samples, data, _ ("Error"), error_text);
  return TRUE;
}

static gboolean
add_samples (Report *report, GError **error)
{
  g_autofree char *reason = NULL;
  g_autoptr (WbGridPlan) plan = wb_grid_plan_new (nn_trainer_analysis (report->trainer), &reason);
  g_autofree char *n =
      wb_format_count ((gint64)nn_dataset_n_samples (report->dataset, NN_PART_TEST));
  if (plan == NULL)
    {
      report->figures->missing = g_steal_pointer (&reason);
      return TRUE;
    }
  g_autofree char *worst =
      g_strdup_printf (_ ("The greatest errors among the %s samples of the test part."), n);
  return add_grid (report, plan, NN_PICK_LISTED,
                   plan->classifies ? _ ("Answers") : _ ("Reconstructions"),
                   plan->classifies
                       ? _ ("Samples of the test part, and the class that the network gives them.")
                       : _ ("Samples of the test part: what goes in, passes through, comes back."),
                   error)
         && add_grid (report, plan, NN_PICK_WORST, _ ("The worst"), worst, error);
}

/* ---- the plane of codes ---- */

static void
draw_plane (const Drawing *drawing, cairo_t *cr, PangoContext *context, double width, double height)
{
  const WbScatterData *data = drawing->data;
  const WbScatterView view = { .data = data,
                               .scheme = drawing->scheme,
                               .only = -1,
                               .clouds = WB_CLOUDS_FEW,
                               .selected = -1,
                               .hovered = -1 };
  WbFrame frame;
  wb_scatter_layout (context, width, height, &frame);
  wb_scatter_fit (data, &frame);
  wb_scatter_draw_axes (&view, &frame, cr, context);
  wb_scatter_draw_points (&view, &frame, cr);
  wb_scatter_draw_marks (&view, &frame, cr, context);
}

/* "Means of 5,000 test samples, by class; an ellipse is 2 σ." */
static char *
about_plane (const WbProjection *projection)
{
  const NnCodesResult *codes = projection->result;
  g_autofree char *n = wb_format_count (codes->samples->len);
  GString *text = g_string_new (NULL);
  g_string_append_printf (
      text,
      codes->log_variance != NULL
          ? _ ("Means of %s test samples: where the encoder puts them; an ellipse is 2 σ")
          : _ ("Codes of %s test samples: where the encoder puts them"),
      n);
  if (projection->caption != NULL)
    g_string_append_printf (text, "; %s", projection->caption);
  g_string_append_c (text, '.');
  return g_string_free (text, FALSE);
}

static gboolean
add_plane (Report *report, GError **error)
{
  const WbProjectionChoice choice = { .type = wb_projection_type ("pca") };
  const guint n_classes = wb_sample_n_classes (report->dataset);
  GError *problem = NULL;
  if (nn_analysis_code_node (nn_trainer_analysis (report->trainer)) == 0)
    return TRUE;
  g_autoptr (NnProbeResult) result =
      ask (report, nn_codes_probe_new (nn_probe_next_id (), NN_PART_TEST, NULL, PLANE_SAMPLES),
           &problem);
  if (result == NULL)
    return leave_out (report, problem, error);
  NnCodesResult *codes = (NnCodesResult *)result;
  g_autoptr (WbProjection) projection =
      wb_projection_new (codes, &choice, NULL, report->job->cancellable);
  if (projection == NULL)
    return go_on (report, ENCODED, error);
  g_autoptr (WbScatterData) data =
      wb_scatter_data_new (codes->samples->len, projection->xy, projection->spread,
                           (const gint *)(gpointer)codes->labels->data, n_classes);
  if (n_classes > 0)
    data->names = g_new0 (char *, n_classes + 1);
  for (guint label = 0; label < n_classes; label++)
    data->names[label] = wb_sample_class_name (nn_dataset_info (report->dataset), (gint)label);
  data->x_title = g_strdup (projection->x_title);
  data->y_title = g_strdup (projection->y_title);
  data->equal = projection->equal;
  if (data->n_finite == 0)
    return TRUE;
  Drawing drawing = { .draw = draw_plane, .data = data, .ground = TRUE, .scale = PLANE_SCALE };
  report->figures->plane_about = about_plane (projection);
  report->figures->plane =
      nn_report_figure_new (NULL, report->figures->plane_about, PLANE_WIDTH, PLANE_HEIGHT);
  return draw_all (report, report->figures->plane, &drawing, error);
}

/* ---- all of it ---- */

NnReportFigures *
wb_report_figures_new (const NnExportSource *source, WbReportUse use, const NnExportJob *job,
                       GError **error)
{
  g_autoptr (NnReportFigures) figures = nn_report_figures_new ();
  g_auto (Report) report = { .source = source, .use = use, .job = job, .figures = figures };
  if (!prepare (&report, error) || !go_on (&report, PREPARED, error))
    return NULL;
  if (report.trainer != NULL
      && (!add_samples (&report, error) || !go_on (&report, SAMPLED, error)
          || !add_plane (&report, error) || !go_on (&report, ENCODED, error)))
    return NULL;
  if (!add_graph (&report, error) || !add_curves (&report, error) || !go_on (&report, 1, error))
    return NULL;
  return g_steal_pointer (&figures);
}
