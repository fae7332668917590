#include "diabolo-config.h"

#include "explore/nn-weights-probe.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/nn-error.h"

static void
probe_free (NnProbe *base)
{
  g_free (base);
}

static void
weight_values_free (NnWeightValues *weight)
{
  g_free (weight->name);
  nn_tensor_unref (weight->values);
  g_free (weight);
}

static void
result_free (NnProbeResult *base)
{
  NnWeightsResult *result = (NnWeightsResult *)base;

  g_clear_pointer (&result->weights, g_ptr_array_unref);
  g_free (result);
}

static NnProbeResult *
compute (NnProbe *base, NnTrainer *trainer, GError **error)
{
  const NnWeightsProbe *probe = (const NnWeightsProbe *)base;
  const NnProgram *program = nn_analysis_program (nn_trainer_analysis (trainer));
  NnWeightsResult *result = g_new0 (NnWeightsResult, 1);

  result->node = probe->node;
  result->weights = g_ptr_array_new_with_free_func ((GDestroyNotify)weight_values_free);
  for (guint i = 0; i < program->weights->len; i++)
    {
      const NnWeight *weight = nn_program_weight (program, i);

      if (weight->node != probe->node)
        continue;
      NnWeightValues *values = g_new (NnWeightValues, 1);
      values->name = g_strdup (weight->name);
      values->values = nn_tensor_new (&weight->shape);
      memcpy (values->values->data, nn_trainer_weight (trainer, i),
              (gsize)weight->size * sizeof (float));
      g_ptr_array_add (result->weights, values);
    }
  if (result->weights->len > 0)
    return &result->base;
  result_free (&result->base);
  g_set_error (error, NN_ERROR, NN_ERROR_RANGE, _ ("This layer has no weights of its own."));
  return NULL;
}

const NnProbeType nn_weights_probe_type = {
  .name = "weights",
  .compute = compute,
  .free_probe = probe_free,
  .free_result = result_free,
  .result_size = sizeof (NnWeightsResult),
};

NnProbe *
nn_weights_probe_new (guint id, guint node)
{
  NnWeightsProbe *probe = g_new0 (NnWeightsProbe, 1);

  g_atomic_ref_count_init (&probe->base.refs);
  probe->base.type = &nn_weights_probe_type;
  probe->base.id = id;
  probe->node = node;
  return &probe->base;
}
