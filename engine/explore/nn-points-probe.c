#include "diabolo-config.h"

#include "explore/nn-points-probe.h"

#include <float.h>
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "base/nn-error.h"

#define STEP 1e-2f    /* of the range of a code: how far it is moved to see where its output goes */
#define PUSHED_MOST 8 /* dimensions of a code: each takes a pass of the decoder */

typedef struct
{
  NnProbe base;
  guint n;
  gboolean pushes;
} Probe;

/* The values between which everything happens. */
typedef struct
{
  guint target, output;
  gint code; /* -1: none */
} Places;

static void
probe_free (NnProbe *probe)
{
  g_free (probe);
}

static void
result_free (NnProbeResult *base)
{
  NnPointsResult *result = (NnPointsResult *)base;

  g_clear_pointer (&result->samples, g_array_unref);
  g_clear_pointer (&result->labels, g_array_unref);
  g_free (result->target);
  g_free (result->output);
  g_free (result->code);
  g_free (result->pushed);
  g_free (result->sweep);
  g_free (result);
}

/* ---- what there is ---- */

static gboolean
find_places (NnAnalysis *analysis, NnPointsResult *result, Places *places, GError **error)
{
  const guint objective = nn_analysis_judge_node (analysis);
  const NnEdge *target = nn_design_edge_into (nn_analysis_design (analysis), objective, 1);
  const guint output = nn_analysis_output_node (analysis), code = nn_analysis_code_node (analysis);
  const NnShape *shape = output != 0 ? nn_analysis_output_shape (analysis, output, 0) : NULL;

  if (target == NULL || shape == NULL || shape->rank != 1 || shape->dim[0] < 2
      || shape->dim[0] > NN_POINTS_MAX_DIM)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
                   _ ("This view is for networks that give back points of two or three numbers. "
                      "The lesson “Smallest autoencoder” is one; others are made with the data "
                      "sets whose names begin with “Points”."));
      return FALSE;
    }
  result->dim = (guint)shape->dim[0];
  places->target = (guint)nn_analysis_value (analysis, target->from, target->from_port);
  places->output = (guint)nn_analysis_value (analysis, output, 0);
  places->code = -1;
  if (code != 0 && code != output && code != target->from)
    {
      places->code = nn_analysis_value (analysis, code, 0);
      result->code_size = (guint)nn_shape_size (nn_analysis_output_shape (analysis, code, 0));
    }
  return TRUE;
}

static void
pick_samples (NnPointsResult *result, guint n, const NnDataset *dataset)
{
  const gsize n_part = nn_dataset_n_samples (dataset, NN_PART_TEST);
  const NnDataInfo *info = nn_dataset_info (dataset);
  guint field = 0;

  while (field < info->n_fields && info->fields[field].kind != NN_FIELD_LABEL)
    field++;
  result->n = (guint)MIN (n, n_part);
  result->samples = g_array_new (FALSE, FALSE, sizeof (guint32));
  result->labels = g_array_new (FALSE, FALSE, sizeof (gint));
  for (guint i = 0; i < result->n; i++)
    {
      const guint32 sample = (guint32)(n_part * i / result->n);
      const gint label = field < info->n_fields
                             ? (gint)nn_dataset_label (dataset, NN_PART_TEST, field, sample)
                             : -1;

      g_array_append_val (result->samples, sample);
      g_array_append_val (result->labels, label);
    }
}

static void
fill_values (NnPointsResult *result, const Places *places, NnTrainer *trainer)
{
  const guint want[] = { places->target, places->output, (guint)MAX (places->code, 0) };
  result->target = g_new (float, result->n * result->dim + 1);
  result->output = g_new (float, result->n * result->dim + 1);
  result->code = g_new (float, result->n * result->code_size + 1);
  float *const out[] = { result->target, result->output, result->code };

  nn_trainer_values (trainer, NN_PART_TEST, (const guint32 *)(gpointer)result->samples->data,
                     result->n, NULL, places->code >= 0 ? 3 : 2, want, out, NULL);
}

/* ---- what the decoder makes of other codes ---- */

static void
range_of (const NnPointsResult *result, guint d, float *low, float *high)
{
  *low = INFINITY;
  *high = -INFINITY;
  for (guint i = 0; i < result->n; i++)
    {
      *low = MIN (*low, result->code[i * result->code_size + d]);
      *high = MAX (*high, result->code[i * result->code_size + d]);
    }
}

static gboolean
decode (const Places *places, NnTrainer *trainer, const float *code, guint n, float *out)
{
  return nn_trainer_run_between (trainer, (guint)places->code, code, places->output, out, n);
}

/* A sheet is left out, as NaN, where there are no codes nearby: the decoder has never learned
 * anything about such places. */
static void
cut_sheet (NnPointsResult *result, const float low[2], const float high[2])
{
  const gint side = NN_POINTS_SWEEP_SHEET;
  gboolean known[NN_POINTS_SWEEP_SHEET][NN_POINTS_SWEEP_SHEET] = { 0 };

  for (guint i = 0; i < result->n; i++)
    {
      gint at[2];
      for (guint d = 0; d < 2; d++)
        at[d] = (gint)((result->code[i * 2 + d] - low[d]) / MAX (high[d] - low[d], FLT_MIN)
                           * (float)(side - 1)
                       + 0.5f);
      for (gint r = MAX (at[1] - 1, 0); r <= MIN (at[1] + 1, side - 1); r++)
        for (gint c = MAX (at[0] - 1, 0); c <= MIN (at[0] + 1, side - 1); c++)
          known[r][c] = TRUE;
    }
  for (gint r = 0; r < side; r++)
    for (gint c = 0; c < side; c++)
      for (guint k = 0; k < result->dim && !known[r][c]; k++)
        result->sweep[((guint)(r * side + c)) * result->dim + k] = NAN;
}

static void
fill_sweep (NnPointsResult *result, const Places *places, NnTrainer *trainer)
{
  const guint size = result->code_size;
  const guint rows = size == 2 ? NN_POINTS_SWEEP_SHEET : 1;
  const guint columns = size == 2 ? NN_POINTS_SWEEP_SHEET : NN_POINTS_SWEEP_LINE;
  g_autofree float *code = g_new (float, rows *columns *size);
  float low[2] = { 0 }, high[2] = { 0 };

  for (guint d = 0; d < size; d++)
    range_of (result, d, &low[d], &high[d]);
  for (guint r = 0; r < rows; r++)
    for (guint c = 0; c < columns; c++)
      {
        float *z = code + (r * columns + c) * size;
        z[0] = low[0] + (high[0] - low[0]) * (float)c / (float)(columns - 1);
        if (size == 2)
          z[1] = low[1] + (high[1] - low[1]) * (float)r / (float)(rows - 1);
      }
  result->sweep = g_new (float, rows *columns * result->dim);
  if (!decode (places, trainer, code, rows * columns, result->sweep))
    {
      g_clear_pointer (&result->sweep, g_free);
      return;
    }
  if (size == 2)
    cut_sheet (result, low, high);
  result->sweep_rows = rows;
  result->sweep_columns = columns;
}

/* tangent (n, dim): how each output moves with dimension d of its code, by a small step. */
static gboolean
measure_tangent (const NnPointsResult *result, const Places *places, NnTrainer *trainer, guint d,
                 float *tangent)
{
  const guint size = result->code_size, dim = result->dim;
  g_autofree float *moved = g_memdup2 (result->code, sizeof (float) * result->n * size);
  float low, high;

  range_of (result, d, &low, &high);
  const float step = MAX (high - low, 1e-3f) * STEP;
  for (guint i = 0; i < result->n; i++)
    moved[i * size + d] += step;
  if (!decode (places, trainer, moved, result->n, tangent))
    return FALSE;
  for (guint i = 0; i < result->n * dim; i++)
    tangent[i] = (tangent[i] - result->output[i]) / step;
  return TRUE;
}

/* With r the output, p the target and J the decoder's derivative, the gradient of |r - p|^2 / 2
 * with respect to the code is g = J^T (r - p); a step of -a g moves r by -a J g, and brings it
 * nearest to p for a = |g|^2 / |J g|^2. */
static void
fill_pushed (NnPointsResult *result, const Places *places, NnTrainer *trainer)
{
  const guint n = result->n, dim = result->dim, size = result->code_size;
  g_autofree float *tangent = g_new (float, size *n *dim);

  for (guint d = 0; d < size; d++)
    if (!measure_tangent (result, places, trainer, d, tangent + d * n * dim))
      return;
  result->pushed = g_memdup2 (result->output, sizeof (float) * n * dim);
  for (guint i = 0; i < n; i++)
    {
      float moves[NN_POINTS_MAX_DIM] = { 0 }, squares = 0, along = 0;
      for (guint d = 0; d < size; d++)
        {
          const float *j = tangent + (d * n + i) * dim;
          float g = 0;
          for (guint k = 0; k < dim; k++)
            g += j[k] * (result->output[i * dim + k] - result->target[i * dim + k]);
          for (guint k = 0; k < dim; k++)
            moves[k] += g * j[k];
          squares += g * g;
        }
      for (guint k = 0; k < dim; k++)
        along += moves[k] * moves[k];
      for (guint k = 0; k < dim && along > 0; k++)
        result->pushed[i * dim + k] -= squares / along * moves[k];
    }
}

static gboolean
all_finite (const float *x, gsize n)
{
  return x == NULL || nn_kernels_best ()->all_finite (x, n);
}

static NnProbeResult *
compute (NnProbe *base, NnTrainer *trainer, GError **error)
{
  const Probe *probe = (const Probe *)base;
  NnPointsResult *result = g_new0 (NnPointsResult, 1);
  Places places;

  if (!find_places (nn_trainer_analysis (trainer), result, &places, error))
    {
      result_free (&result->base);
      return NULL;
    }
  pick_samples (result, probe->n, nn_trainer_dataset (trainer));
  fill_values (result, &places, trainer);
  if (result->n == 0 || !all_finite (result->output, (gsize)result->n * result->dim)
      || !all_finite (result->code, (gsize)result->n * result->code_size))
    {
      g_set_error (error, NN_ERROR, NN_ERROR_NUMERIC,
                   result->n == 0 ? _ ("There are no samples to show.")
                                  : _ ("What the network gives back is no longer a number. Reset "
                                       "its weights, and try a smaller learning rate."));
      result_free (&result->base);
      return NULL;
    }
  if (result->code_size == 1 || result->code_size == 2)
    fill_sweep (result, &places, trainer);
  if (probe->pushes && result->code_size > 0 && result->code_size <= PUSHED_MOST)
    fill_pushed (result, &places, trainer);
  return &result->base;
}

const NnProbeType nn_points_probe_type = {
  .name = "points",
  .compute = compute,
  .free_probe = probe_free,
  .free_result = result_free,
  .result_size = sizeof (NnPointsResult),
};

NnProbe *
nn_points_probe_new (guint id, guint n, gboolean pushes)
{
  Probe *probe = g_new0 (Probe, 1);

  g_atomic_ref_count_init (&probe->base.refs);
  probe->base.type = &nn_points_probe_type;
  probe->base.id = id;
  probe->n = n;
  probe->pushes = pushes;
  return &probe->base;
}
