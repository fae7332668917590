#include "train/nn-weights.h"

#include <string.h>

#include "model/nn-initialiser.h"
#include "optimizers/nn-optimizer.h"

/* Tensors of nodes that are gone or have another shape now, kept for undo; the oldest go first. */
#define KEPT_MAX 64

typedef struct
{
  guint node;
  char *name;
  gboolean current;
  guint64 last_used; /* number of the bind */
  NnTensor *value, *slot[NN_OPTIMIZER_MAX_SLOTS];
  guint64 n_updates, kept_updates;
} Entry;

struct _NnWeights
{
  GPtrArray *entries; /* Entry, owned */
  NnProgram *program; /* owned */
  guint n_slots;
  guint64 n_binds;
  Entry **bound;   /* per program weight, borrowed */
  float **values;  /* per program weight, borrowed */
  GPtrArray *kept; /* NnTensor copies: per weight value and slots, in order; NULL before a keep */
};

static void
free_entry (gpointer data)
{
  Entry *entry = data;
  g_free (entry->name);
  nn_tensor_unref (entry->value);
  for (guint i = 0; i < NN_OPTIMIZER_MAX_SLOTS; i++)
    g_clear_pointer (&entry->slot[i], nn_tensor_unref);
  g_free (entry);
}

NnWeights *
nn_weights_new (void)
{
  NnWeights *weights = g_new0 (NnWeights, 1);
  weights->entries = g_ptr_array_new_with_free_func (free_entry);
  weights->kept = g_ptr_array_new_with_free_func ((GDestroyNotify)nn_tensor_unref);
  return weights;
}

void
nn_weights_free (NnWeights *weights)
{
  if (!weights)
    return;
  g_ptr_array_unref (weights->entries);
  g_ptr_array_unref (weights->kept);
  g_clear_pointer (&weights->program, nn_program_unref);
  g_free (weights->bound);
  g_free (weights->values);
  g_free (weights);
}

static guint
ordinal_of (NnProgram *program, guint weight)
{
  guint ordinal = 0;
  for (guint i = 0; i < weight; i++)
    if (nn_program_weight (program, i)->node == nn_program_weight (program, weight)->node)
      ordinal++;
  return ordinal;
}

static Entry *
find (NnWeights *weights, const NnWeight *weight, gboolean *other_shape)
{
  Entry *found = NULL;
  for (guint i = 0; i < weights->entries->len; i++)
    {
      Entry *entry = weights->entries->pdata[i];
      if (entry->node != weight->node || !g_str_equal (entry->name, weight->name))
        continue;
      if (nn_shape_equal (&entry->value->shape, &weight->shape))
        found = entry;
      else if (entry->last_used + 1 == weights->n_binds)
        *other_shape = TRUE;
    }
  return found;
}

static Entry *
make (NnWeights *weights, guint position, guint64 seed, const NnCheckpoint *checkpoint)
{
  const NnWeight *weight = nn_program_weight (weights->program, position);
  const NnCheckpointEntry *from =
      checkpoint ? nn_checkpoint_find (checkpoint, weight->node, weight->name) : NULL;
  Entry *entry = g_new0 (Entry, 1);
  entry->node = weight->node;
  entry->name = g_strdup (weight->name);
  if (from && nn_shape_equal (&from->value->shape, &weight->shape))
    {
      entry->value = nn_tensor_copy (from->value);
      for (guint i = 0; i < NN_OPTIMIZER_MAX_SLOTS; i++)
        if (from->slot[i] && nn_shape_equal (&from->slot[i]->shape, &weight->shape))
          {
            entry->slot[i] = nn_tensor_copy (from->slot[i]);
            entry->n_updates = from->n_updates;
          }
    }
  else
    {
      entry->value = nn_tensor_new (&weight->shape);
      nn_initialise (weight, seed, ordinal_of (weights->program, position), entry->value->data);
    }
  g_ptr_array_add (weights->entries, entry);
  return entry;
}

static void
drop_oldest (NnWeights *weights)
{
  guint n_kept = 0, oldest = 0;
  guint64 age = G_MAXUINT64;
  for (guint i = 0; i < weights->entries->len; i++)
    {
      Entry *entry = weights->entries->pdata[i];
      if (entry->current)
        continue;
      n_kept++;
      if (entry->last_used < age)
        {
          age = entry->last_used;
          oldest = i;
        }
    }
  if (n_kept > KEPT_MAX)
    {
      g_ptr_array_remove_index (weights->entries, oldest);
      drop_oldest (weights);
    }
}

void
nn_weights_bind (NnWeights *weights, NnProgram *program, guint n_slots, guint64 seed,
                 const NnCheckpoint *checkpoint, GArray *reset)
{
  const guint n = program->weights->len;
  nn_program_ref (program);
  g_clear_pointer (&weights->program, nn_program_unref);
  weights->program = program;
  weights->n_slots = n_slots;
  weights->n_binds++;
  weights->bound = g_renew (Entry *, weights->bound, n + 1);
  weights->values = g_renew (float *, weights->values, n + 1);
  g_ptr_array_set_size (weights->kept, 0);
  for (guint i = 0; i < weights->entries->len; i++)
    ((Entry *)weights->entries->pdata[i])->current = FALSE;

  for (guint i = 0; i < n; i++)
    {
      const NnWeight *weight = nn_program_weight (program, i);
      gboolean other_shape = FALSE;
      Entry *entry = find (weights, weight, &other_shape);
      if (!entry)
        {
          entry = make (weights, i, seed, checkpoint);
          guint last = reset && reset->len ? g_array_index (reset, guint, reset->len - 1) : 0;
          if (other_shape && reset && last != weight->node)
            g_array_append_val (reset, weight->node);
        }
      for (guint k = 0; k < n_slots; k++)
        if (!entry->slot[k])
          entry->slot[k] = nn_tensor_new (&weight->shape);
      entry->current = TRUE;
      entry->last_used = weights->n_binds;
      weights->bound[i] = entry;
      weights->values[i] = entry->value->data;
    }
  drop_oldest (weights);
}

void
nn_weights_clear_slots (NnWeights *weights)
{
  for (guint i = 0; i < weights->entries->len; i++)
    {
      Entry *entry = weights->entries->pdata[i];
      entry->n_updates = 0;
      for (guint k = 0; k < NN_OPTIMIZER_MAX_SLOTS; k++)
        if (entry->slot[k])
          memset (entry->slot[k]->data, 0, entry->slot[k]->size * sizeof (float));
    }
}

void
nn_weights_reset (NnWeights *weights, guint64 seed)
{
  for (guint i = weights->entries->len; i-- > 0;)
    if (!((Entry *)weights->entries->pdata[i])->current)
      g_ptr_array_remove_index (weights->entries, i);
  for (guint i = 0; i < weights->program->weights->len; i++)
    nn_initialise (nn_program_weight (weights->program, i), seed, ordinal_of (weights->program, i),
                   weights->values[i]);
  nn_weights_clear_slots (weights);
}

float *const *
nn_weights_values (NnWeights *weights)
{
  return weights->values;
}

float *
nn_weights_slot (NnWeights *weights, guint weight, guint slot)
{
  return weights->bound[weight]->slot[slot]->data;
}

guint64
nn_weights_n_updates (NnWeights *weights, guint weight)
{
  return weights->bound[weight]->n_updates;
}

void
nn_weights_count_update (NnWeights *weights, guint weight)
{
  weights->bound[weight]->n_updates++;
}

/* The tensors in the order in which they are kept: each weight's value, then its slots. */
static NnTensor *
current_tensor (NnWeights *weights, guint position)
{
  const Entry *entry = weights->bound[position / (weights->n_slots + 1)];
  const guint k = position % (weights->n_slots + 1);
  return k == 0 ? entry->value : entry->slot[k - 1];
}

void
nn_weights_keep (NnWeights *weights)
{
  const guint n = weights->program->weights->len * (weights->n_slots + 1);
  for (guint i = 0; i < n; i++)
    {
      const NnTensor *from = current_tensor (weights, i);
      if (i == weights->kept->len)
        g_ptr_array_add (weights->kept, nn_tensor_new (&from->shape));
      memcpy (((NnTensor *)weights->kept->pdata[i])->data, from->data, from->size * sizeof (float));
    }
  for (guint i = 0; i < weights->program->weights->len; i++)
    weights->bound[i]->kept_updates = weights->bound[i]->n_updates;
}

void
nn_weights_restore (NnWeights *weights)
{
  for (guint i = 0; i < weights->kept->len; i++)
    {
      const NnTensor *from = weights->kept->pdata[i];
      memcpy (current_tensor (weights, i)->data, from->data, from->size * sizeof (float));
    }
  for (guint i = 0; weights->kept->len > 0 && i < weights->program->weights->len; i++)
    weights->bound[i]->n_updates = weights->bound[i]->kept_updates;
}

static const NnCheckpointEntry *
find_saved (const NnWeight *weight, const NnCheckpoint *checkpoint)
{
  const NnCheckpointEntry *entry = nn_checkpoint_find (checkpoint, weight->node, weight->name);

  return entry && nn_shape_equal (&entry->value->shape, &weight->shape) ? entry : NULL;
}

void
nn_weights_load (NnWeights *weights, const NnCheckpoint *checkpoint)
{
  for (guint i = 0; i < weights->program->weights->len; i++)
    {
      Entry *entry = weights->bound[i];
      const NnCheckpointEntry *from =
          find_saved (nn_program_weight (weights->program, i), checkpoint);
      const gsize bytes = entry->value->size * sizeof (float);

      if (!from)
        continue;
      memcpy (entry->value->data, from->value->data, bytes);
      entry->n_updates = from->n_updates;
      for (guint k = 0; k < weights->n_slots; k++)
        if (from->slot[k] && from->slot[k]->size == entry->value->size)
          memcpy (entry->slot[k]->data, from->slot[k]->data, bytes);
        else
          memset (entry->slot[k]->data, 0, bytes);
    }
}

gboolean
nn_weights_of_checkpoint (const NnProgram *program, const NnCheckpoint *checkpoint, float **values)
{
  for (guint i = 0; i < program->weights->len; i++)
    {
      const NnCheckpointEntry *entry = find_saved (nn_program_weight (program, i), checkpoint);

      if (!entry)
        return FALSE;
      values[i] = entry->value->data;
    }
  return TRUE;
}

void
nn_weights_to_checkpoint (NnWeights *weights, NnCheckpoint *checkpoint)
{
  for (guint i = 0; i < weights->program->weights->len; i++)
    {
      const Entry *entry = weights->bound[i];
      g_autoptr (NnTensor) value = nn_tensor_copy (entry->value);
      NnTensor *slots[NN_OPTIMIZER_MAX_SLOTS] = { NULL };
      for (guint k = 0; k < weights->n_slots; k++)
        slots[k] = nn_tensor_copy (entry->slot[k]);
      nn_checkpoint_add (checkpoint, entry->node, entry->name, value, slots, weights->n_slots)
          ->n_updates = entry->n_updates;
      for (guint k = 0; k < weights->n_slots; k++)
        nn_tensor_unref (slots[k]);
    }
}
