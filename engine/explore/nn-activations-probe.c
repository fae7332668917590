#include "diabolo-config.h"

#include "explore/nn-activations-probe.h"

#include <glib/gi18n-lib.h>

#include "base/nn-error.h"
#include "layers/nn-layer.h"

/* So many values at a time: they stay in the cache between being computed and being looked at. */
#define PIECE_VALUES (1 << 19)

static void
probe_free (NnProbe *base)
{
  g_free (base);
}

static void
result_free (NnProbeResult *base)
{
  NnActivationsResult *result = (NnActivationsResult *)base;

  g_clear_pointer (&result->values, nn_tensor_unref);
  g_free (result->units);
  g_free (result);
}

gboolean
nn_activations_is_dead (const NnStatistics *unit)
{
  return unit->n > 0 && unit->zero == 1;
}

static gint
label_of (const NnDataset *dataset, NnPart part, guint32 sample)
{
  const NnDataInfo *info = nn_dataset_info (dataset);

  for (guint field = 0; field < info->n_fields; field++)
    if (info->fields[field].kind == NN_FIELD_LABEL)
      return (gint)nn_dataset_label (dataset, part, field, sample);
  return -1;
}

/* The program's value, or -1 with an error. */
static gint
find_value (const NnActivationsProbe *probe, NnTrainer *trainer, gsize n_part, GError **error)
{
  NnAnalysis *analysis = nn_trainer_analysis (trainer);
  const NnNode *node = nn_design_node (nn_analysis_design (analysis), probe->node);
  gint value = -1;

  if (n_part == 0)
    g_set_error (error, NN_ERROR, NN_ERROR_RANGE, _ ("There are no samples to show."));
  else if (!probe->average && probe->sample >= n_part)
    g_set_error (error, NN_ERROR, NN_ERROR_RANGE,
                 _ ("There is no sample %u: this part of the data set has %zu."), probe->sample,
                 n_part);
  else if (node == NULL || nn_layer_n_outputs (node->type) == 0
           || (value = nn_analysis_value (analysis, probe->node, 0)) < 0)
    g_set_error (error, NN_ERROR, NN_ERROR_RANGE, _ ("This layer gives no values to look at."));
  return value;
}

static void
look_at_batch (NnActivationsResult *result, const NnActivationsProbe *probe, guint value,
               NnTrainer *trainer)
{
  const gsize size = result->values->size, n_units = result->n_units;
  const guint piece = (guint)CLAMP (PIECE_VALUES / size, 1, result->n_batch);
  g_autofree float *values = g_new (float, piece *size);
  g_autofree double *sum = g_new0 (double, probe->average ? size : 1);
  g_autofree guint32 *index = g_new (guint32, piece);

  for (guint begin = 0; begin < result->n_batch; begin += piece)
    {
      const guint n = MIN (piece, result->n_batch - begin);

      for (guint i = 0; i < n; i++)
        index[i] = begin + i;
      nn_trainer_values (trainer, probe->part, index, n, NULL, 1, &value, &values, NULL);
      for (guint i = 0; i < n; i++)
        for (gsize u = 0; u < n_units; u++)
          nn_statistics_add (&result->units[u], values + i * size + u, size / n_units, n_units);
      for (gsize i = 0; probe->average && i < n * size; i++)
        sum[i % size] += values[i];
    }
  for (gsize i = 0; probe->average && i < size; i++)
    result->values->data[i] = (float)(sum[i] / result->n_batch);
}

static NnProbeResult *
compute (NnProbe *base, NnTrainer *trainer, GError **error)
{
  const NnActivationsProbe *probe = (const NnActivationsProbe *)base;
  NnDataset *dataset = nn_trainer_dataset (trainer);
  const gsize n_part = nn_dataset_n_samples (dataset, probe->part);
  const gint value = find_value (probe, trainer, n_part, error);

  if (value < 0)
    return NULL;
  NnActivationsResult *result = g_new0 (NnActivationsResult, 1);
  result->node = probe->node;
  result->sample = probe->sample;
  result->average = probe->average;
  result->shape = *nn_analysis_output_shape (nn_trainer_analysis (trainer), probe->node, 0);
  result->values = nn_tensor_new (&nn_shape (nn_shape_size (&result->shape)));
  result->n_units = result->shape.rank > 0 ? (guint)result->shape.dim[result->shape.rank - 1] : 1;
  result->units = g_new (NnStatistics, result->n_units);
  result->n_batch = (guint)MIN (MAX (probe->n_batch, 1), n_part);
  result->label = probe->average ? -1 : label_of (dataset, probe->part, probe->sample);
  for (guint u = 0; u < result->n_units; u++)
    nn_statistics_clear (&result->units[u]);
  look_at_batch (result, probe, (guint)value, trainer);
  for (guint u = 0; u < result->n_units; u++)
    {
      nn_statistics_end (&result->units[u]);
      result->n_dead += nn_activations_is_dead (&result->units[u]);
    }
  if (!probe->average)
    nn_trainer_values (trainer, probe->part, &probe->sample, 1, NULL, 1, &(guint){ (guint)value },
                       &(float *){ result->values->data }, NULL);
  return &result->base;
}

const NnProbeType nn_activations_probe_type = {
  .name = "activations",
  .compute = compute,
  .free_probe = probe_free,
  .free_result = result_free,
  .result_size = sizeof (NnActivationsResult),
};

NnProbe *
nn_activations_probe_new (guint id, NnPart part, guint node, guint32 sample, guint n_batch,
                          gboolean average)
{
  NnActivationsProbe *probe = g_new0 (NnActivationsProbe, 1);

  g_atomic_ref_count_init (&probe->base.refs);
  probe->base.type = &nn_activations_probe_type;
  probe->base.id = id;
  probe->part = part;
  probe->node = node;
  probe->sample = sample;
  probe->n_batch = n_batch;
  probe->average = average;
  return &probe->base;
}
