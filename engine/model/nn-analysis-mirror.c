/* nn-analysis-mirror.c: the decoder that undoes an encoder, layer by layer. */
#include "diabolo-config.h"

#include <glib/gi18n-lib.h>

#include "base/nn-error.h"
#include "data/nn-scaling.h"
#include "layers/nn-layer-loss.h"
#include "model/nn-analysis-private.h"
#include "objectives/nn-objective.h"

/* From what follows the input up to `last`, along first inputs. */
static void
chain_to (const NnAnalysis *analysis, const NnNodeFacts *last, GPtrArray *chain)
{
  for (; last != NULL && last->n_in > 0; last = nn_analysis_source (analysis, last, 0))
    g_ptr_array_insert (chain, 0, (gpointer)last);
}

static gboolean
feeds_a_layer (const NnAnalysis *analysis, const NnNodeFacts *facts)
{
  const NnLinks *links = analysis->links;
  guint p = facts - analysis->facts;

  for (guint i = links->first[p]; i < links->first[p + 1]; i++)
    if (!nn_facts_is (nn_analysis_facts (analysis, links->edge[i]->to), NN_LAYER_OBJECTIVE))
      return TRUE;
  return FALSE;
}

/* What to mirror where nothing is selected: everything up to the code or the last layer. */
static gboolean
whole_encoder (const NnAnalysis *analysis, GPtrArray *chain, GError **error)
{
  const NnNodeFacts *last = nn_analysis_facts (analysis, analysis->code);

  if (last == NULL)
    last = nn_analysis_last_layer (analysis);
  if (last != NULL && feeds_a_layer (analysis, last))
    {
      g_set_error (error, NN_ERROR, NN_ERROR_DESIGN,
                   _ ("%s has a decoder already. Select the layers that are to be mirrored."),
                   last->node->name);
      return FALSE;
    }
  chain_to (analysis, last, chain);
  return TRUE;
}

static gint
compare_ranks (gconstpointer a, gconstpointer b)
{
  const NnNodeFacts *x = *(const NnNodeFacts *const *)a;
  const NnNodeFacts *y = *(const NnNodeFacts *const *)b;

  return (gint)x->rank - (gint)y->rank;
}

static GPtrArray *
collect_chain (const NnAnalysis *analysis, const guint *ids, guint n, GError **error)
{
  g_autoptr (GPtrArray) chain = g_ptr_array_new ();

  if (n == 0 && !whole_encoder (analysis, chain, error))
    return NULL;
  for (guint i = 0; i < n; i++)
    {
      NnNodeFacts *facts = nn_analysis_facts (analysis, ids[i]);
      if (facts != NULL && !nn_facts_is (facts, NN_LAYER_INPUT | NN_LAYER_OBJECTIVE))
        g_ptr_array_add (chain, facts);
    }
  g_ptr_array_sort (chain, compare_ranks);
  if (chain->len == 0)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_DESIGN,
                   _ ("There is nothing to mirror. Select the layers of the encoder."));
      return NULL;
    }
  for (guint i = 0; i < chain->len; i++)
    {
      const NnNodeFacts *facts = g_ptr_array_index (chain, i);
      const NnNodeFacts *before = i > 0 ? g_ptr_array_index (chain, i - 1) : NULL;
      if (!facts->known)
        {
          g_set_error (error, NN_ERROR, NN_ERROR_DESIGN,
                       _ ("The sizes of %s are not known yet; connect it to an Input first."),
                       facts->node->name);
          return NULL;
        }
      if (before != NULL && nn_analysis_source (analysis, facts, 0) != before)
        {
          g_set_error (error, NN_ERROR, NN_ERROR_DESIGN,
                       _ ("Only a chain of layers can be mirrored, but %s does not follow directly "
                          "from %s."),
                       facts->node->name, before->node->name);
          return NULL;
        }
    }
  return g_steal_pointer (&chain);
}

/* Layers that end in an activation say so in these parameters. */
static NnParams *
copy_activation (NnParams *params, const NnParams *from)
{
  g_autoptr (NnParams) activated =
      nn_params_with_text (params, "activation", nn_params_text (from, "activation"), NULL);

  if (nn_params_spec (params, "alpha") == NULL || nn_params_spec (from, "alpha") == NULL)
    return g_steal_pointer (&activated);
  return nn_params_with_number (activated, "alpha", nn_params_float (from, "alpha"), NULL);
}

/* A mirrored layer gives what `facts` received, so it ends as the layer that made that. What comes
 * from the data ends in a sigmoid where the data are images with values between 0 and 1. */
static NnParams *
with_activation (const NnAnalysis *analysis, const NnNodeFacts *facts, NnParams *params,
                 gboolean is_recurrent)
{
  const NnNodeFacts *before = nn_analysis_source (analysis, facts, 0);
  NnFieldKind kind = NN_FIELD_FEATURES;

  /* A recurrent cell bends its memory so, not its ending. */
  if (nn_params_spec (params, "activation") == NULL || is_recurrent)
    return nn_params_ref (params);
  while (before != NULL && before->n_in > 0)
    {
      if (nn_params_spec (before->node->params, "activation") != NULL)
        return copy_activation (params, before->node->params);
      before = nn_analysis_source (analysis, before, 0);
    }
  if (before != NULL && nn_facts_is (before, NN_LAYER_INPUT))
    nn_analysis_field_kind (analysis, before, &kind);
  const gboolean unit = nn_scaling_promises_unit (nn_design_data (analysis->design), kind);
  return nn_params_with_text (params, "activation", unit ? "sigmoid" : "linear", NULL);
}

/* What undoes one layer; *type NULL where it needs no undoing. FALSE where nothing undoes it. */
static gboolean
mirror_layer (const NnAnalysis *analysis, const NnNodeFacts *facts, const NnLayerType **type,
              NnParams **params, GError **error)
{
  const NnNode *node = facts->node;
  g_autoptr (NnParams) plain = NULL;

  *type = NULL;
  *params = NULL;
  if (node->type->mirror != NULL)
    {
      plain = node->type->mirror (node->params, &facts->in[0], &facts->out[0], type);
      if (plain != NULL && *type != NULL)
        *params =
            with_activation (analysis, facts, plain, (*type)->category == NN_CATEGORY_SEQUENCE);
      return TRUE;
    }
  /* Noise and bends keep the shape: there is nothing to undo. */
  if (facts->n_in == 1 && facts->n_out == 1 && nn_shape_equal (&facts->in[0], &facts->out[0]))
    return TRUE;
  g_set_error (error, NN_ERROR, NN_ERROR_DESIGN, _ ("%s has no mirror image: %s cannot be undone."),
               node->name, _ (node->type->title));
  return FALSE;
}

/* Leads the decoder's output into the loss that waits for it; without any loss, adds one. */
static NnDesign *
attach_loss (const NnAnalysis *analysis, NnDesign *design, guint code, guint output)
{
  gboolean any = FALSE;

  for (guint p = 0; p < analysis->n; p++)
    {
      const NnNodeFacts *facts = &analysis->facts[p];
      const NnNodeFacts *prediction;
      g_autoptr (NnDesign) half = NULL;

      if (!nn_facts_is (facts, NN_LAYER_OBJECTIVE))
        continue;
      any = TRUE;
      prediction = nn_analysis_source (analysis, facts, NN_PORT_PREDICTION);
      if (nn_loss_objective (facts->node->params)->kind != NN_OBJECTIVE_RECONSTRUCTION
          || (prediction != NULL && prediction->node->id != code))
        continue;
      half = nn_design_connect (design, output, 0, facts->node->id, NN_PORT_PREDICTION, NULL);
      if (facts->from[NN_PORT_TARGET] >= 0 || analysis->input == 0)
        return g_steal_pointer (&half);
      return nn_design_connect (half, analysis->input, 0, facts->node->id, NN_PORT_TARGET, NULL);
    }
  if (any || analysis->input == 0)
    return nn_design_ref (design);
  return nn_fix_add_reconstruction (analysis, design, output, analysis->input);
}

/* Puts a layer behind output, which becomes that layer. */
static void
append_layer (NnDesign **design, guint *output, const NnLayerType *type, NnParams *params)
{
  const NnNode *before = nn_design_node (*design, *output);
  g_autoptr (NnDesign) room =
      nn_design_make_room (*design, before->x + NN_CARD_PITCH / 2, NN_CARD_PITCH);
  guint id;
  g_autoptr (NnDesign) added =
      nn_design_add_node (room, type, params, NULL, before->x + NN_CARD_PITCH, before->y, &id);
  NnDesign *connected = nn_design_connect (added, *output, 0, id, 0, NULL);

  nn_design_unref (*design);
  *design = connected;
  *output = id;
}

NnDesign *
nn_analysis_mirror (const NnAnalysis *analysis, const guint *ids, guint n, GError **error)
{
  g_autoptr (GPtrArray) chain = collect_chain (analysis, ids, n, error);
  g_autoptr (NnDesign) design = nn_design_ref (analysis->design);
  const NnNode *last;
  guint output;

  if (chain == NULL)
    return NULL;
  last = ((NnNodeFacts *)g_ptr_array_index (chain, chain->len - 1))->node;
  output = last->id;
  for (guint i = chain->len; i-- > 0;)
    {
      const NnNodeFacts *facts = g_ptr_array_index (chain, i);
      const NnNode *node = facts->node;
      g_autoptr (NnParams) params = NULL;
      g_autoptr (NnParams) first = NULL;
      const NnLayerType *type, *first_type = NULL;

      if (!mirror_layer (analysis, facts, &type, &params, error))
        return NULL;
      if (type == NULL || params == NULL)
        continue;
      if (node->type->mirror_first != NULL)
        first = node->type->mirror_first (node->params, &facts->in[0], &facts->out[0], &first_type);
      if (first != NULL)
        append_layer (&design, &output, first_type, first);
      append_layer (&design, &output, type, params);
    }
  if (output == last->id)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_DESIGN,
                   _ ("There is nothing to mirror: the layers chosen keep the shape as it is."));
      return NULL;
    }
  return attach_loss (analysis, design, last->id, output);
}
