/* TensorBoard: the curves of a run, how its weights are spread at its end, and what it then makes
 * of some images. */
#include "diabolo-config.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <inttypes.h>
#include <math.h>

#include "base/nn-error.h"
#include "data/nn-scaling.h"
#include "explore/nn-statistics.h"
#include "formats/nn-coder.h"
#include "formats/nn-event-log.h"
#include "formats/nn-weight-tensors.h"

#include <glib/gi18n-lib.h>

#define BINS 60
#define MAX_IMAGES 64
/* Between images of a grid, pixels. */
#define GAP 2
/* Beside one value for each metric: loss, accuracy, rate, divergence. */
#define MAX_VALUES (NN_METRICS_MAX + 4)

static const NnParamSpec options[] = {
  { .name = "run",
    .title = N_ ("Run"),
    .tip = N_ ("Which run's curves are written, by its place in the list; 0: the current one."),
    .type = NN_PARAM_INT,
    .max = 100000 },
  { .name = "images",
    .title = N_ ("Images"),
    .tip = N_ ("How many test images are shown above what the network makes of them."),
    .type = NN_PARAM_INT,
    .def = 8,
    .max = MAX_IMAGES,
    .soft_max = MAX_IMAGES },
  { NULL },
};

/* NULL with an error where there is no such run. */
static const NnRun *
chosen_run (const NnExportSource *source, GError **error)
{
  const NnRunHistory *history = source->checkpoint->history;
  const guint n = nn_run_history_n_runs (history);
  g_autoptr (NnParams) chosen = nn_export_options (source, options);
  const guint number = (guint)nn_params_int (chosen, "run");
  if (number > n)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_RANGE,
                   ngettext ("There is no run %u: there is only %u.",
                             "There is no run %u: there are %u.", n),
                   number, n);
      return NULL;
    }
  for (guint i = 0; number == 0 && i < n; i++)
    if (nn_run_history_run (history, i)->id == source->checkpoint->run)
      return nn_run_history_run (history, i);
  return nn_run_history_run (history, number > 0 ? number - 1 : n - 1);
}

/* Weights are those of the current run. */
static gboolean
is_current (const NnExportSource *source, const NnRun *run)
{
  return run->id == source->checkpoint->run;
}

/* ---- curves ---- */

static const char *const kinds[] = {
  [NN_ROW_BATCH] = "batch",
  [NN_ROW_EPOCH] = "epoch",
  [NN_ROW_VALIDATION] = "validation",
};

static int
compare_steps (gconstpointer a, gconstpointer b)
{
  const NnRow *row = *(const NnRow *const *)a, *other = *(const NnRow *const *)b;
  if (row->step != other->step)
    return row->step < other->step ? -1 : 1;
  return (int)row->kind - (int)other->kind;
}

/* (element-type NnRow) of all kinds, in the order of training. (transfer container) */
static GPtrArray *
rows_of (const NnRunHistory *history, const NnRun *run)
{
  GPtrArray *all = g_ptr_array_new ();
  for (guint kind = 0; kind < G_N_ELEMENTS (kinds); kind++)
    {
      gsize n;
      const NnRow *rows = nn_run_history_rows (history, run->id, (NnRowKind)kind, &n);
      for (gsize i = 0; i < n; i++)
        g_ptr_array_add (all, (gpointer)&rows[i]);
    }
  g_ptr_array_sort (all, compare_steps);
  return all;
}

typedef struct
{
  const char *name;
  double value;
} Scalar;

/* What was measured: at most MAX_VALUES. */
static guint
scalars_of (const NnRow *row, Scalar *scalars)
{
  guint n = 0;
  const NnMetricType *metrics = nn_metric_types ();
  scalars[n++] = (Scalar){ "loss", row->loss };
  if (!isnan (row->accuracy))
    scalars[n++] = (Scalar){ "accuracy", row->accuracy };
  if (row->kind != NN_ROW_VALIDATION && !isnan (row->learning_rate))
    scalars[n++] = (Scalar){ "learning_rate", row->learning_rate };
  if (row->kind == NN_ROW_VALIDATION && row->divergence != 0)
    scalars[n++] = (Scalar){ "divergence", row->divergence };
  for (guint i = 0; i < NN_METRICS_MAX && metrics[i].id; i++)
    if (row->metrics & 1u << i)
      scalars[n++] = (Scalar){ metrics[i].id, (double)row->metric[i] };
  return n;
}

static gboolean
add_row (NnEventLog *log, const NnRow *row, double began, GError **error)
{
  Scalar scalars[MAX_VALUES];
  Tensorboard__Summary__Value values[MAX_VALUES], *pointers[MAX_VALUES];
  const guint n = scalars_of (row, scalars);
  for (guint i = 0; i < n; i++)
    {
      tensorboard__summary__value__init (&values[i]);
      values[i].tag = g_strdup_printf ("%s/%s", scalars[i].name, kinds[row->kind]);
      values[i].value_case = TENSORBOARD__SUMMARY__VALUE__VALUE_SIMPLE_VALUE;
      values[i].simple_value = (float)scalars[i].value;
      pointers[i] = &values[i];
    }
  const gboolean added =
      nn_event_log_add (log, began + row->seconds, row->step, pointers, n, error);
  for (guint i = 0; i < n; i++)
    g_free (values[i].tag);
  return added;
}

/* ---- weights ---- */

static gboolean
add_histogram (NnEventLog *log, const NnNamedTensor *named, double now, guint64 step,
               GError **error)
{
  NnStatistics statistics;
  guint counts[BINS];
  double limits[BINS], buckets[BINS];
  const gsize size = named->tensor->size;
  nn_statistics_of (&statistics, named->tensor->data, size);
  const double low = (double)statistics.min, width = ((double)statistics.max - low) / BINS;
  const double n = (double)(statistics.n - statistics.n_bad);
  nn_statistics_bins (named->tensor->data, size, statistics.min, statistics.max, counts, BINS);
  for (guint i = 0; i < BINS; i++)
    {
      limits[i] = i + 1 < BINS ? low + (i + 1) * width : (double)statistics.max;
      buckets[i] = counts[i];
    }

  Tensorboard__HistogramProto histogram = TENSORBOARD__HISTOGRAM_PROTO__INIT;
  histogram.min = low;
  histogram.max = (double)statistics.max;
  histogram.num = n;
  histogram.sum = n * statistics.mean;
  histogram.sum_squares =
      n * (statistics.deviation * statistics.deviation + statistics.mean * statistics.mean);
  /* All values alike are one bar. */
  const guint first = width > 0 ? 0 : BINS - 1;
  buckets[first] = width > 0 ? buckets[first] : n;
  histogram.n_bucket_limit = histogram.n_bucket = BINS - first;
  histogram.bucket_limit = limits + first;
  histogram.bucket = buckets + first;

  g_autofree char *tag = g_strconcat ("weights/", named->name, NULL);
  Tensorboard__Summary__Value value = TENSORBOARD__SUMMARY__VALUE__INIT, *pointer = &value;
  value.tag = tag;
  value.value_case = TENSORBOARD__SUMMARY__VALUE__VALUE_HISTO;
  value.histo = &histogram;
  return nn_event_log_add (log, now, step, &pointer, 1, error);
}

/* ---- images ---- */

/* Some images above what the network makes of them. */
typedef struct
{
  NnCoder *coder; /* owned; NULL: there is nothing to show */
  guint field;
  guint n;
  const NnShape *shape; /* (H, W, C) */
  float black, white;   /* as which its values are shown */
} Grid;

static void
grid_clear (Grid *grid)
{
  g_clear_pointer (&grid->coder, nn_coder_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Grid, grid_clear)

/* FALSE only where the network cannot be used at all. A network that makes no image of an image
 * has no grid. */
static gboolean
grid_init (Grid *grid, const NnExportSource *source, GError **error)
{
  g_autoptr (NnParams) chosen = nn_export_options (source, options);
  g_autoptr (NnCoder) coder = nn_coder_new (source, NN_EXPORT_ALL, error);
  if (!coder)
    return FALSE;
  const NnExportPort *port = nn_export_input (nn_coder_model (coder), 0);
  const NnShape *shape = port->field ? &port->field->shape : NULL;
  const gboolean drawable = shape && port->field->kind == NN_FIELD_IMAGE
                            && (shape->dim[2] == 1 || shape->dim[2] == 3)
                            && (gsize)nn_shape_size (shape) == nn_coder_size (coder);
  grid->n = MIN ((guint)nn_params_int (chosen, "images"),
                 (guint)MIN (nn_dataset_n_samples (source->dataset, NN_PART_TEST), MAX_IMAGES));
  if (!drawable || grid->n == 0)
    return TRUE;
  nn_data_info_field (nn_dataset_info (source->dataset), port->name, &grid->field);
  grid->shape = shape;
  nn_data_info_pixel_range (nn_dataset_info (source->dataset), shape, &grid->black, &grid->white);
  grid->coder = g_steal_pointer (&coder);
  return TRUE;
}

/* values (n, H, W, C) side by side, from row y on. */
static void
draw_row (const Grid *grid, GdkPixbuf *pixbuf, int y, const float *values)
{
  const gint64 height = grid->shape->dim[0], width = grid->shape->dim[1], c = grid->shape->dim[2];
  const int stride = gdk_pixbuf_get_rowstride (pixbuf);
  guint8 *pixels = gdk_pixbuf_get_pixels (pixbuf);
  for (gint64 i = 0; i < grid->n; i++)
    for (gint64 p = 0; p < height * width; p++)
      for (gint64 k = 0; k < 3; k++)
        {
          const float value = values[(i * height * width + p) * c + (c == 1 ? 0 : k)];
          const float shown = (value - grid->black) / (grid->white - grid->black);
          const gint64 row = y + p / width, column = i * (width + GAP) + p % width;
          pixels[row * stride + column * 3 + k] = (guint8)lrintf (255 * CLAMP (shown, 0, 1));
        }
}

static GdkPixbuf *
draw_grid (const Grid *grid, const NnExportSource *source)
{
  const gsize size = nn_coder_size (grid->coder);
  const int height = (int)grid->shape->dim[0], width = (int)grid->shape->dim[1];
  GdkPixbuf *pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8,
                                      (int)grid->n * (width + GAP) - GAP, 2 * height + GAP);
  guint32 index[MAX_IMAGES];
  float *values = nn_alloc_floats (grid->n * size);
  for (guint i = 0; i < grid->n; i++)
    index[i] = i;
  gdk_pixbuf_fill (pixbuf, 0xffffffff);
  nn_dataset_read (source->dataset, NN_PART_TEST, grid->field, index, grid->n, nn_kernels_best (),
                   values);
  draw_row (grid, pixbuf, 0, values);
  nn_coder_run_samples (grid->coder, NN_PART_TEST, 0, grid->n, values);
  draw_row (grid, pixbuf, height + GAP, values);
  nn_free_aligned (values);
  return pixbuf;
}

static gboolean
add_grid (NnEventLog *log, const Grid *grid, const NnExportSource *source, double now,
          GError **error)
{
  g_autoptr (GdkPixbuf) pixbuf = draw_grid (grid, source);
  g_autofree char *png = NULL;
  gsize size;
  if (!gdk_pixbuf_save_to_buffer (pixbuf, &png, &size, "png", error, NULL))
    return FALSE;
  Tensorboard__Summary__Image image = TENSORBOARD__SUMMARY__IMAGE__INIT;
  image.height = gdk_pixbuf_get_height (pixbuf);
  image.width = gdk_pixbuf_get_width (pixbuf);
  image.colorspace = 3;
  image.encoded_image_string = (ProtobufCBinaryData){ size, (guint8 *)png };
  Tensorboard__Summary__Value value = TENSORBOARD__SUMMARY__VALUE__INIT, *pointer = &value;
  value.tag = (char *)"images/reconstructions";
  value.value_case = TENSORBOARD__SUMMARY__VALUE__VALUE_IMAGE;
  value.image = &image;
  return nn_event_log_add (log, now, source->checkpoint->step, &pointer, 1, error);
}

/* ---- the whole ---- */

static gboolean
tensorboard_check (const NnExportSource *source, GError **error)
{
  g_auto (Grid) grid = { 0 };
  return chosen_run (source, error) && grid_init (&grid, source, error);
}

static gboolean
write_events (NnEventLog *log, const NnExportSource *source, const NnRun *run,
              const NnExportJob *job, GError **error)
{
  g_autoptr (GPtrArray) rows = rows_of (source->checkpoint->history, run);
  g_autoptr (GPtrArray) weights =
      nn_weight_tensors_new (source->design, source->checkpoint, NULL, NULL);
  g_auto (Grid) grid = { 0 };
  double seconds = 0;
  for (guint i = 0; i < rows->len; i++)
    seconds = MAX (seconds, ((const NnRow *)rows->pdata[i])->seconds);
  /* When it was is not known: as if it had ended now. */
  const double now = (double)g_get_real_time () / G_USEC_PER_SEC, began = now - seconds;
  for (guint i = 0; i < rows->len; i++)
    {
      if (!add_row (log, rows->pdata[i], began, error))
        return FALSE;
      if (i % 256 == 0)
        nn_export_progress (job, (double)i / rows->len);
    }
  nn_export_facts_add (job->facts, "events", rows->len, _ ("%s: %u events"), run->name, rows->len);
  if (!is_current (source, run))
    return TRUE;
  for (guint i = 0; i < weights->len; i++)
    if (!add_histogram (log, weights->pdata[i], now, source->checkpoint->step, error))
      return FALSE;
  nn_export_facts_add (job->facts, "histograms", weights->len, _ ("Histograms of weights: %u"),
                       weights->len);
  if (!grid_init (&grid, source, error))
    return FALSE;
  nn_export_facts_add (job->facts, "images", grid.coder ? grid.n : 0, _ ("Images: %u"),
                       grid.coder ? grid.n : 0);
  return !grid.coder || add_grid (log, &grid, source, now, error);
}

static gboolean
tensorboard_write (const NnExportSource *source, const char *path, const NnExportJob *job,
                   GError **error)
{
  const NnRun *run = chosen_run (source, error);
  g_autoptr (NnEventLog) log = run ? nn_event_log_new (path, job->cancellable, error) : NULL;
  if (!log || !write_events (log, source, run, job, error) || !nn_event_log_end (log, error))
    return FALSE;
  nn_export_progress (job, 1);
  return TRUE;
}

/* "loss/batch: 1200 values" */
static void
describe_curves (const NnRunHistory *history, const NnRun *run, GString *text)
{
  for (guint kind = 0; kind < G_N_ELEMENTS (kinds); kind++)
    {
      gsize n;
      Scalar scalars[MAX_VALUES];
      const NnRow *rows = nn_run_history_rows (history, run->id, (NnRowKind)kind, &n);
      const guint n_scalars = n > 0 ? scalars_of (&rows[n - 1], scalars) : 0;
      for (guint i = 0; i < n_scalars; i++)
        g_string_append_printf (text,
                                g_dngettext (GETTEXT_PACKAGE, "%s/%s: %zu value, last %g\n",
                                             "%s/%s: %zu values, last %g\n", n),
                                scalars[i].name, kinds[kind], n, scalars[i].value);
    }
}

static char *
tensorboard_preview (const NnExportSource *source, GError **error)
{
  const NnRun *run = chosen_run (source, error);
  g_auto (Grid) grid = { 0 };
  if (!run || !grid_init (&grid, source, error))
    return NULL;
  GString *text = g_string_new (NULL);
  g_string_append_printf (text, "%s\n\n", run->name);
  describe_curves (source->checkpoint->history, run, text);
  if (!is_current (source, run))
    {
      g_string_append (text, _ ("\nWeights and images are those of the current run: they are left "
                                "out.\n"));
      return g_string_free (text, FALSE);
    }
  g_autoptr (GPtrArray) weights =
      nn_weight_tensors_new (source->design, source->checkpoint, NULL, NULL);
  g_string_append_printf (text, _ ("\nHistograms at step %" PRIu64 "\n"), source->checkpoint->step);
  for (guint i = 0; i < weights->len; i++)
    g_string_append_printf (text, "weights/%s\n", ((NnNamedTensor *)weights->pdata[i])->name);
  if (grid.coder)
    g_string_append_printf (text,
                            _ ("\nimages/reconstructions: %u test images, below them what "
                               "comes back\n"),
                            grid.n);
  return g_string_free (text, FALSE);
}

const NnExporter nn_exporter_tensorboard = {
  .id = "tensorboard",
  .group = NN_EXPORT_FOR_RUNS,
  .title = "TensorBoard",
  .extension = ".tfevents",
  .summary = N_ ("curves, weights and images"),
  .use = N_ ("An event file with the curves of a run, histograms of its weights and what it makes "
             "of some images. Put it in a folder and start tensorboard --logdir FOLDER."),
  .parts = 1 << NN_EXPORT_ALL,
  .needs = NN_EXPORT_NETWORK | NN_EXPORT_WEIGHTS | NN_EXPORT_HISTORY | NN_EXPORT_SAMPLES,
  .options = options,
  .check = tensorboard_check,
  .preview = tensorboard_preview,
  .write = tensorboard_write,
};
