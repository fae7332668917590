#include "diabolo-config.h"

#include "formats/nn-weight-match.h"

#include "formats/nn-weight-order.h"

#include <glib/gi18n-lib.h>

static const char *const titles[] = {
  [NN_MATCH_FITS] = N_ ("fits"),
  [NN_MATCH_DIFFERS] = N_ ("other shape"),
  [NN_MATCH_MISSING] = N_ ("missing"),
  [NN_MATCH_SURPLUS] = N_ ("left over"),
};
G_STATIC_ASSERT (G_N_ELEMENTS (titles) == NN_N_MATCHES);

const char *
nn_match_title (NnMatchKind kind)
{
  return _ (titles[kind]);
}

static void
match_free (gpointer data)
{
  NnWeightMatch *match = data;
  g_free (match->name);
  g_free (match->weight);
  g_free (match->from);
  g_clear_pointer (&match->tensor, nn_tensor_unref);
  g_free (match);
}

static NnWeightMatch *
add_match (GPtrArray *matches, char *name, NnTensor *tensor)
{
  NnWeightMatch *match = g_new0 (NnWeightMatch, 1);
  match->name = name;
  match->wanted.rank = match->found.rank = -1;
  if (tensor)
    {
      match->tensor = nn_tensor_ref (tensor);
      match->found = tensor->shape;
    }
  g_ptr_array_add (matches, match);
  return match;
}

void
nn_weight_match_add_surplus (GPtrArray *matches, const NnNamedTensor *named)
{
  add_match (matches, g_strdup (named->name), named->tensor)->kind = NN_MATCH_SURPLUS;
}

GPtrArray *
nn_weight_match_new (GPtrArray *tensors, const NnAnalysis *analysis)
{
  GPtrArray *matches = g_ptr_array_new_with_free_func (match_free);
  NnProgram *program = nn_analysis_program (analysis);
  g_autoptr (GHashTable) left = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < tensors->len; i++)
    {
      const NnNamedTensor *named = tensors->pdata[i];
      g_hash_table_insert (left, named->name, named->tensor);
    }
  for (guint i = 0; i < program->weights->len; i++)
    {
      const NnWeight *weight = nn_program_weight (program, i);
      const NnNode *node = nn_design_node (nn_analysis_design (analysis), weight->node);
      char *name = g_strdup_printf ("%s/%s", node->name, weight->name);
      NnTensor *tensor = g_hash_table_lookup (left, name);
      NnWeightMatch *match = add_match (matches, name, tensor);
      match->kind = !tensor                                           ? NN_MATCH_MISSING
                    : nn_shape_equal (&weight->shape, &tensor->shape) ? NN_MATCH_FITS
                                                                      : NN_MATCH_DIFFERS;
      match->node = weight->node;
      match->weight = g_strdup (weight->name);
      match->wanted = weight->shape;
      g_hash_table_remove (left, name);
    }
  for (guint i = 0; i < tensors->len; i++)
    {
      const NnNamedTensor *named = tensors->pdata[i];
      if (g_hash_table_remove (left, named->name))
        nn_weight_match_add_surplus (matches, named);
    }
  return matches;
}

GPtrArray *
nn_weight_match_any (GPtrArray *tensors, const NnAnalysis *analysis)
{
  g_autoptr (GPtrArray) by_name = nn_weight_match_new (tensors, analysis);
  if (nn_weight_match_count (by_name, NN_MATCH_SURPLUS) < tensors->len)
    return g_steal_pointer (&by_name);
  g_autoptr (GPtrArray) by_order = nn_weight_order_match (tensors, analysis);
  return nn_weight_match_count (by_order, NN_MATCH_FITS) > 0 ? g_steal_pointer (&by_order)
                                                             : g_steal_pointer (&by_name);
}

guint
nn_weight_match_count (GPtrArray *matches, NnMatchKind kind)
{
  guint n = 0;
  for (guint i = 0; i < matches->len; i++)
    n += ((const NnWeightMatch *)matches->pdata[i])->kind == kind;
  return n;
}

NnCheckpoint *
nn_weight_match_checkpoint (GPtrArray *matches, const NnAnalysis *analysis,
                            const NnCheckpoint *base)
{
  const NnParams *training = nn_design_training (nn_analysis_design (analysis));
  NnCheckpoint *checkpoint = nn_checkpoint_new ();
  checkpoint->seed = (guint64)nn_params_int (training, "seed");
  for (guint i = 0; i < matches->len; i++)
    {
      const NnWeightMatch *match = matches->pdata[i];
      const NnCheckpointEntry *kept =
          base && match->weight ? nn_checkpoint_find (base, match->node, match->weight) : NULL;
      if (match->kind == NN_MATCH_FITS)
        nn_checkpoint_add (checkpoint, match->node, match->weight, match->tensor, NULL, 0);
      else if (kept)
        nn_checkpoint_add (checkpoint, match->node, match->weight, kept->value, NULL, 0);
    }
  return checkpoint;
}
