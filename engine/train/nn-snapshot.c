#include "train/nn-snapshot-private.h"

#include <math.h>

NnSnapshot *
nn_snapshot_new (void)
{
  NnSnapshot *snapshot = g_new0 (NnSnapshot, 1);

  g_atomic_ref_count_init (&snapshot->refs);
  snapshot->rows = g_array_new (FALSE, FALSE, sizeof (NnRow));
  snapshot->results = g_ptr_array_new_with_free_func ((GDestroyNotify)nn_probe_result_unref);
  return snapshot;
}

NnSnapshot *
nn_snapshot_ref (NnSnapshot *snapshot)
{
  g_atomic_ref_count_inc (&snapshot->refs);
  return snapshot;
}

void
nn_snapshot_unref (NnSnapshot *snapshot)
{
  if (!g_atomic_ref_count_dec (&snapshot->refs))
    return;
  g_clear_pointer (&snapshot->measures, g_array_unref);
  g_array_unref (snapshot->rows);
  g_ptr_array_unref (snapshot->results);
  g_clear_pointer (&snapshot->reset_nodes, g_array_unref);
  g_clear_pointer (&snapshot->checkpoint, nn_checkpoint_unref);
  g_clear_error (&snapshot->error);
  g_clear_pointer (&snapshot->moments, g_array_unref);
  g_clear_pointer (&snapshot->past_measures, g_array_unref);
  g_free (snapshot);
}

double
nn_snapshot_loss_part (const NnSnapshot *snapshot, guint node)
{
  const GArray *measures = snapshot->rewound ? snapshot->past_measures : snapshot->measures;

  for (guint i = 0; measures && i < measures->len; i++)
    {
      const NnMeasure *measure = &g_array_index (measures, NnMeasure, i);
      if (measure->node == node && !measure->type)
        return measure->value;
    }
  return NAN;
}

static gboolean
has_result (const NnSnapshot *snapshot, guint probe, guint *position)
{
  for (*position = 0; *position < snapshot->results->len; (*position)++)
    {
      const NnProbeResult *result = g_ptr_array_index (snapshot->results, *position);

      if (result->probe == probe)
        return TRUE;
    }
  return FALSE;
}

void
nn_snapshot_add_result (NnSnapshot *snapshot, NnProbeResult *result)
{
  guint position;

  if (has_result (snapshot, result->probe, &position))
    g_ptr_array_remove_index (snapshot->results, position);
  g_ptr_array_add (snapshot->results, result);
}

void
nn_snapshot_add_reset_nodes (NnSnapshot *snapshot, const GArray *nodes)
{
  if (snapshot->reset_nodes == NULL)
    snapshot->reset_nodes = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint i = 0; i < nodes->len; i++)
    {
      guint id = g_array_index (nodes, guint, i);
      gboolean known = FALSE;

      for (guint k = 0; !known && k < snapshot->reset_nodes->len; k++)
        known = g_array_index (snapshot->reset_nodes, guint, k) == id;
      if (!known)
        g_array_append_val (snapshot->reset_nodes, id);
    }
}

void
nn_snapshot_absorb (NnSnapshot *snapshot, NnSnapshot *older)
{
  /* Appending to the older rows, of which there are many when nobody reads, copies only the new
   * ones. */
  GArray *rows = g_steal_pointer (&older->rows);
  g_array_append_vals (rows, snapshot->rows->data, snapshot->rows->len);
  g_array_unref (snapshot->rows);
  snapshot->rows = rows;
  older->rows = g_array_new (FALSE, FALSE, sizeof (NnRow));

  for (guint i = 0; i < older->results->len; i++)
    {
      NnProbeResult *result = g_ptr_array_index (older->results, i);
      guint position;

      if (!has_result (snapshot, result->probe, &position))
        g_ptr_array_add (snapshot->results, nn_probe_result_ref (result));
    }
  if (older->reset_nodes != NULL)
    nn_snapshot_add_reset_nodes (snapshot, older->reset_nodes);
  if (snapshot->checkpoint == NULL)
    snapshot->checkpoint = g_steal_pointer (&older->checkpoint);
  snapshot->checkpoint_answered |= older->checkpoint_answered;
  if (snapshot->error == NULL)
    snapshot->error = g_steal_pointer (&older->error);
  nn_snapshot_unref (older);
}
