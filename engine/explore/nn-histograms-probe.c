#include "diabolo-config.h"

#include "explore/nn-histograms-probe.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "base/nn-error.h"
#include "layers/nn-layer.h"

/* Ten times a second is as often as a person can tell apart. */
#define INTERVAL (G_USEC_PER_SEC / 10)
#define MOST_VALUES 65536          /* of one tensor; of more, every second or third is looked at */
#define MOST_ACTIVATIONS (1 << 23) /* of all nodes: fewer samples where they are large */
#define MOST_NODES 48              /* that are gathered; the one shown always is */

/* What has been gathered. Handed on from probe to probe, used by the worker alone. */
typedef struct
{
  gatomicrefcount refs;
  GHashTable *nodes;  /* id -> NnHistogramSeries *[NN_N_SPREADS] */
  guint64 line, step; /* the trainer's, then */
} Past;

typedef struct
{
  NnProbe base;
  guint node;
  Past *past;
} Probe;

/* ---- lifetime ---- */

static void
series_free (gpointer data)
{
  NnHistogramSeries **series = data;

  for (guint i = 0; i < NN_N_SPREADS; i++)
    nn_histogram_series_free (series[i]);
  g_free (series);
}

static void
past_unref (Past *past)
{
  if (!g_atomic_ref_count_dec (&past->refs))
    return;
  g_hash_table_unref (past->nodes);
  g_free (past);
}

static void
probe_free (NnProbe *base)
{
  past_unref (((Probe *)base)->past);
  g_free (base);
}

static void
result_free (NnProbeResult *base)
{
  NnHistogramsResult *result = (NnHistogramsResult *)base;

  for (guint i = 0; i < NN_N_SPREADS; i++)
    nn_histogram_view_free (result->spread[i]);
  g_free (result);
}

/* ---- gathering ---- */

static NnHistogramSeries *
series_of (Past *past, guint node, NnSpread spread)
{
  NnHistogramSeries **series = g_hash_table_lookup (past->nodes, GUINT_TO_POINTER (node));

  if (series == NULL)
    {
      series = g_new0 (NnHistogramSeries *, NN_N_SPREADS);
      g_hash_table_insert (past->nodes, GUINT_TO_POINTER (node), series);
    }
  if (series[spread] == NULL)
    series[spread] = nn_histogram_series_new ();
  return series[spread];
}

static void
add_values (NnHistogramSeries *series, const float *values, gsize n)
{
  nn_histogram_series_add (series, values, n, (n + MOST_VALUES - 1) / MOST_VALUES);
}

static gboolean
is_learnt (const NnWeight *weight, guint node)
{
  return weight->node == node && !weight->state;
}

static double
epoch_of (NnTrainer *trainer, guint64 step)
{
  const double n_batches = (double)MAX (nn_trainer_n_batches (trainer), 1);

  return nn_trainer_epochs (trainer) + nn_trainer_batches (trainer) / n_batches
         + ((double)step - (double)nn_trainer_steps (trainer)) / n_batches;
}

static void
gather_weights (Past *past, guint node, NnTrainer *trainer)
{
  const NnProgram *program = nn_analysis_program (nn_trainer_analysis (trainer));
  NnHistogramSeries *weights = NULL, *gradients = NULL;
  guint64 step;

  for (guint i = 0; i < program->weights->len; i++)
    {
      const NnWeight *weight = nn_program_weight (program, i);
      const float *gradient = nn_trainer_caught_gradient (trainer, i, &step);

      if (!is_learnt (weight, node))
        continue;
      if (weights == NULL)
        {
          weights = series_of (past, node, NN_SPREAD_WEIGHTS);
          nn_histogram_series_begin (weights, epoch_of (trainer, nn_trainer_steps (trainer)));
        }
      add_values (weights, nn_trainer_weight (trainer, i), (gsize)weight->size);
      if (gradient == NULL)
        continue;
      if (gradients == NULL)
        {
          gradients = series_of (past, node, NN_SPREAD_GRADIENTS);
          nn_histogram_series_begin (gradients, epoch_of (trainer, step));
        }
      add_values (gradients, gradient, (gsize)weight->size);
    }
  if (weights != NULL)
    nn_histogram_series_end (weights);
  if (gradients != NULL)
    nn_histogram_series_end (gradients);
}

/* (element-type guint): nodes whose output is looked at, the one shown first. (transfer full) */
static GArray *
choose_nodes (const Probe *probe, NnAnalysis *analysis)
{
  GArray *nodes = g_array_new (FALSE, FALSE, sizeof (guint));
  guint n;
  const guint *order = nn_analysis_order (analysis, &n);

  g_array_append_val (nodes, probe->node);
  for (guint i = 0; i < n && nodes->len < MOST_NODES; i++)
    {
      const NnNode *node = nn_design_node (nn_analysis_design (analysis), order[i]);

      if (order[i] != probe->node && nn_layer_n_outputs (node->type) > 0
          && nn_analysis_value (analysis, order[i], 0) >= 0)
        g_array_append_val (nodes, order[i]);
    }
  return nodes;
}

static void
gather_activations (Past *past, const GArray *nodes, NnTrainer *trainer)
{
  NnAnalysis *analysis = nn_trainer_analysis (trainer);
  NnProgram *program = nn_analysis_program (analysis);
  const gsize n_test = nn_dataset_n_samples (nn_trainer_dataset (trainer), NN_PART_TEST);
  const NnPart part = n_test > 0 ? NN_PART_TEST : NN_PART_TRAIN;
  const gsize n_part = nn_dataset_n_samples (nn_trainer_dataset (trainer), part);
  g_autofree guint *want = g_new (guint, nodes->len);
  g_autofree float **out = g_new0 (float *, nodes->len + 1);
  guint32 index[NN_SPREAD_SAMPLES];
  gsize size = 1;

  for (guint i = 0; i < nodes->len; i++)
    {
      want[i] = (guint)nn_analysis_value (analysis, g_array_index (nodes, guint, i), 0);
      size += (gsize)nn_program_value (program, want[i])->size;
    }
  const guint n = (guint)MIN (n_part, CLAMP (MOST_ACTIVATIONS / size, 1, NN_SPREAD_SAMPLES));
  for (guint i = 0; i < n; i++)
    index[i] = i;
  for (guint i = 0; i < nodes->len; i++)
    out[i] = g_new (float, n *(gsize)nn_program_value (program, want[i])->size);
  nn_trainer_values (trainer, part, index, n, NULL, nodes->len, want, out, NULL);
  for (guint i = 0; i < nodes->len; i++)
    {
      NnHistogramSeries *series =
          series_of (past, g_array_index (nodes, guint, i), NN_SPREAD_ACTIVATIONS);

      nn_histogram_series_begin (series, epoch_of (trainer, nn_trainer_steps (trainer)));
      add_values (series, out[i], n * (gsize)nn_program_value (program, want[i])->size);
      nn_histogram_series_end (series);
      g_free (out[i]);
    }
}

static void
gather (const Probe *probe, NnTrainer *trainer)
{
  Past *past = probe->past;
  g_autoptr (GArray) nodes = choose_nodes (probe, nn_trainer_analysis (trainer));

  for (guint i = 0; i < nodes->len; i++)
    gather_weights (past, g_array_index (nodes, guint, i), trainer);
  gather_activations (past, nodes, trainer);
  nn_trainer_catch_gradients (trainer);
}

/* ---- the answer ---- */

/* Another run, or an earlier place in it: what is past does not lead here. */
static void
forget_another (Past *past, NnTrainer *trainer)
{
  if (past->line != nn_trainer_line (trainer) || past->step > nn_trainer_steps (trainer))
    g_hash_table_remove_all (past->nodes);
}

/* Gathers what is new. */
static void
keep_up (const Probe *probe, NnTrainer *trainer)
{
  Past *past = probe->past;

  forget_another (past, trainer);
  if (g_hash_table_contains (past->nodes, GUINT_TO_POINTER (probe->node))
      && past->step == nn_trainer_steps (trainer))
    return;
  gather (probe, trainer);
  past->line = nn_trainer_line (trainer);
  past->step = nn_trainer_steps (trainer);
}

static void
fill_views (NnHistogramsResult *result, const Probe *probe, NnTrainer *trainer)
{
  NnHistogramSeries **series =
      g_hash_table_lookup (probe->past->nodes, GUINT_TO_POINTER (probe->node));
  const NnProgram *program = nn_analysis_program (nn_trainer_analysis (trainer));
  const double until =
      nn_trainer_looks_back (trainer) ? epoch_of (trainer, nn_trainer_steps (trainer)) : INFINITY;

  for (guint i = 0; i < program->weights->len; i++)
    if (is_learnt (nn_program_weight (program, i), probe->node))
      result->n_weights += nn_program_weight (program, i)->size;
  for (guint i = 0; series != NULL && i < NN_N_SPREADS; i++)
    if (series[i] != NULL && nn_histogram_series_time (series[i]) >= 0)
      result->spread[i] = nn_histogram_view_new (series[i], NN_SPREAD_BINS, until);
}

static NnProbeResult *
compute (NnProbe *base, NnTrainer *trainer, GError **error)
{
  Probe *probe = (Probe *)base;
  NnAnalysis *analysis = nn_trainer_analysis (trainer);
  const NnNode *node = nn_design_node (nn_analysis_design (analysis), probe->node);

  if (node == NULL || nn_layer_n_outputs (node->type) == 0
      || nn_analysis_value (analysis, probe->node, 0) < 0)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_RANGE, _ ("This layer gives no values to look at."));
      return NULL;
    }
  if (!nn_trainer_looks_back (trainer))
    keep_up (probe, trainer);
  NnHistogramsResult *result = g_new0 (NnHistogramsResult, 1);
  result->node = probe->node;
  fill_views (result, probe, trainer);
  return &result->base;
}

const NnProbeType nn_histograms_probe_type = {
  .name = "histograms",
  .compute = compute,
  .free_probe = probe_free,
  .free_result = result_free,
  .result_size = sizeof (NnHistogramsResult),
};

NnProbe *
nn_histograms_probe_new (guint id, guint node, NnProbe *before)
{
  Probe *probe = g_new0 (Probe, 1);

  g_atomic_ref_count_init (&probe->base.refs);
  probe->base.type = &nn_histograms_probe_type;
  probe->base.id = id;
  probe->base.interval = INTERVAL;
  probe->node = node;
  if (before != NULL)
    {
      probe->past = ((Probe *)before)->past;
      g_atomic_ref_count_inc (&probe->past->refs);
    }
  else
    {
      probe->past = g_new0 (Past, 1);
      g_atomic_ref_count_init (&probe->past->refs);
      probe->past->nodes = g_hash_table_new_full (NULL, NULL, NULL, series_free);
    }
  return &probe->base;
}
