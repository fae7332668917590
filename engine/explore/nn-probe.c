#include "explore/nn-probe.h"

#include <stdatomic.h>

guint
nn_probe_next_id (void)
{
  static atomic_uint last;

  return atomic_fetch_add (&last, 1) + 1;
}

static NnProbeResult *
fill_in (NnProbeResult *result, NnProbe *probe, NnTrainer *trainer, guint revision)
{
  g_atomic_ref_count_init (&result->refs);
  result->type = probe->type;
  result->probe = probe->id;
  result->step = nn_trainer_steps (trainer);
  result->revision = revision;
  return result;
}

NnProbeResult *
nn_probe_compute (NnProbe *probe, NnTrainer *trainer, guint revision)
{
  GError *error = NULL;
  NnProbeResult *result = probe->type->compute (probe, trainer, &error);

  return result != NULL ? fill_in (result, probe, trainer, revision)
                        : nn_probe_refuse (probe, trainer, revision, error);
}

NnProbeResult *
nn_probe_refuse (NnProbe *probe, NnTrainer *trainer, guint revision, GError *error)
{
  NnProbeResult *result = g_malloc0 (probe->type->result_size);

  result->error = error;
  return fill_in (result, probe, trainer, revision);
}

NnProbe *
nn_probe_ref (NnProbe *probe)
{
  g_atomic_ref_count_inc (&probe->refs);
  return probe;
}

void
nn_probe_unref (NnProbe *probe)
{
  if (g_atomic_ref_count_dec (&probe->refs))
    probe->type->free_probe (probe);
}

NnProbeResult *
nn_probe_result_ref (NnProbeResult *result)
{
  g_atomic_ref_count_inc (&result->refs);
  return result;
}

void
nn_probe_result_unref (NnProbeResult *result)
{
  if (!g_atomic_ref_count_dec (&result->refs))
    return;
  g_clear_error (&result->error);
  result->type->free_result (result);
}
