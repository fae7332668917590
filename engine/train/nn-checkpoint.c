#include "train/nn-checkpoint.h"

#include <math.h>

#include "optimizers/nn-optimizer.h"

G_STATIC_ASSERT (G_N_ELEMENTS (((NnCheckpointEntry *)0)->slot) == NN_OPTIMIZER_MAX_SLOTS);

static void
entry_free (NnCheckpointEntry *entry)
{
  g_free (entry->name);
  g_clear_pointer (&entry->value, nn_tensor_unref);
  for (guint i = 0; i < G_N_ELEMENTS (entry->slot); i++)
    g_clear_pointer (&entry->slot[i], nn_tensor_unref);
  g_free (entry);
}

NnCheckpoint *
nn_checkpoint_new (void)
{
  NnCheckpoint *checkpoint = g_new0 (NnCheckpoint, 1);

  g_atomic_ref_count_init (&checkpoint->refs);
  checkpoint->entries = g_ptr_array_new_with_free_func ((GDestroyNotify)entry_free);
  checkpoint->schedule = NN_SCHEDULE_STATE_INIT;
  checkpoint->watch = NN_WATCH_STATE_INIT;
  return checkpoint;
}

NnCheckpointEntry *
nn_checkpoint_add (NnCheckpoint *checkpoint, guint node, const char *name, NnTensor *value,
                   NnTensor *const *slots, guint n_slots)
{
  g_return_val_if_fail (checkpoint != NULL && name != NULL && value != NULL, NULL);
  g_return_val_if_fail (n_slots <= NN_OPTIMIZER_MAX_SLOTS, NULL);

  NnCheckpointEntry *entry = g_new0 (NnCheckpointEntry, 1);
  entry->node = node;
  entry->name = g_strdup (name);
  entry->value = nn_tensor_ref (value);
  for (guint i = 0; i < n_slots; i++)
    entry->slot[i] = slots[i] != NULL ? nn_tensor_ref (slots[i]) : NULL;
  g_ptr_array_add (checkpoint->entries, entry);
  return entry;
}

NnCheckpoint *
nn_checkpoint_with_history (const NnCheckpoint *checkpoint, const NnRunHistory *history)
{
  g_return_val_if_fail (checkpoint != NULL, NULL);

  NnCheckpoint *copy = nn_checkpoint_new ();
  for (guint i = 0; i < checkpoint->entries->len; i++)
    {
      const NnCheckpointEntry *entry = g_ptr_array_index (checkpoint->entries, i);

      nn_checkpoint_add (copy, entry->node, entry->name, entry->value, entry->slot,
                         G_N_ELEMENTS (entry->slot))
          ->n_updates = entry->n_updates;
    }
  copy->optimizer = g_strdup (checkpoint->optimizer);
  copy->seed = checkpoint->seed;
  copy->step = checkpoint->step;
  copy->epoch = checkpoint->epoch;
  copy->batch = checkpoint->batch;
  copy->epoch_loss_sum = checkpoint->epoch_loss_sum;
  copy->epoch_correct_sum = checkpoint->epoch_correct_sum;
  copy->epoch_samples = checkpoint->epoch_samples;
  copy->schedule = checkpoint->schedule;
  copy->watch = checkpoint->watch;
  copy->measure = checkpoint->measure;
  nn_checkpoint_set_best (copy, checkpoint->best);
  copy->run = checkpoint->run;
  copy->history = history != NULL ? nn_run_history_copy (history) : NULL;
  return copy;
}

NnCheckpoint *
nn_checkpoint_without_weights (const NnCheckpoint *checkpoint)
{
  NnCheckpoint *copy = nn_checkpoint_with_history (checkpoint, checkpoint->history);

  g_ptr_array_set_size (copy->entries, 0);
  return copy;
}

gboolean
nn_checkpoint_has_weights (const NnCheckpoint *checkpoint, const NnProgram *program)
{
  return checkpoint != NULL
         && (checkpoint->entries->len > 0 || (program != NULL && program->weights->len == 0));
}

void
nn_checkpoint_set_best (NnCheckpoint *checkpoint, NnCheckpoint *best)
{
  if (best != NULL)
    nn_checkpoint_ref (best);
  g_clear_pointer (&checkpoint->best, nn_checkpoint_unref);
  checkpoint->best = best;
}

NnCheckpoint *
nn_checkpoint_ref (NnCheckpoint *checkpoint)
{
  g_atomic_ref_count_inc (&checkpoint->refs);
  return checkpoint;
}

void
nn_checkpoint_unref (NnCheckpoint *checkpoint)
{
  if (!g_atomic_ref_count_dec (&checkpoint->refs))
    return;
  g_ptr_array_unref (checkpoint->entries);
  g_free (checkpoint->optimizer);
  g_clear_pointer (&checkpoint->best, nn_checkpoint_unref);
  g_clear_pointer (&checkpoint->history, nn_run_history_free);
  g_free (checkpoint);
}

const NnCheckpointEntry *
nn_checkpoint_find (const NnCheckpoint *checkpoint, guint node, const char *name)
{
  for (guint i = 0; i < checkpoint->entries->len; i++)
    {
      const NnCheckpointEntry *entry = g_ptr_array_index (checkpoint->entries, i);

      if (entry->node == node && strcmp (entry->name, name) == 0)
        return entry;
    }
  return NULL;
}

gsize
nn_checkpoint_bytes (const NnCheckpoint *checkpoint)
{
  gsize n = 0;

  for (guint i = 0; i < checkpoint->entries->len; i++)
    {
      const NnCheckpointEntry *entry = g_ptr_array_index (checkpoint->entries, i);

      n += entry->value->size;
      for (guint k = 0; k < G_N_ELEMENTS (entry->slot); k++)
        n += entry->slot[k] != NULL ? entry->slot[k]->size : 0;
    }
  return n * sizeof (float);
}
