/* nn-analysis.c: order, sizes and the lowered program of a design. */
#include "diabolo-config.h"

#include <glib/gi18n-lib.h>
#include "base/nn-error.h"
#include "base/nn-memory.h"
#include "model/nn-analysis-private.h"
#include "model/nn-plan.h"
#include "ops/nn-op.h"
#include "optimizers/nn-optimizer.h"

/* ---- life time ---- */

static void
free_diagnostic (gpointer item)
{
  NnDiagnostic *diagnostic = item;

  g_free (diagnostic->text);
  g_free (diagnostic->fix_label);
  g_clear_pointer (&diagnostic->fix, nn_design_unref);
  g_free (diagnostic);
}

static void
clear_facts (NnNodeFacts *facts)
{
  g_free (facts->from);
  g_free (facts->from_port);
  g_free (facts->in);
  g_free (facts->out);
  g_free (facts->value);
  g_clear_error (&facts->error);
  g_clear_error (&facts->sharing_error);
}

NnAnalysis *
nn_analysis_ref (NnAnalysis *analysis)
{
  g_return_val_if_fail (analysis != NULL, NULL);
  g_atomic_ref_count_inc (&analysis->refs);
  return analysis;
}

void
nn_analysis_unref (NnAnalysis *analysis)
{
  g_return_if_fail (analysis != NULL);
  if (!g_atomic_ref_count_dec (&analysis->refs))
    return;
  for (guint i = 0; i < analysis->n; i++)
    clear_facts (&analysis->facts[i]);
  g_free (analysis->facts);
  g_free (analysis->order);
  g_free (analysis->order_ids);
  nn_links_free (analysis->links);
  nn_program_unref (analysis->program);
  g_ptr_array_unref (analysis->diagnostics);
  nn_data_info_free (analysis->data);
  nn_design_unref (analysis->design);
  g_free (analysis);
}

/* ---- one node after the other ---- */

static void
init_facts (NnNodeFacts *facts, const NnNode *node)
{
  facts->node = node;
  facts->n_in = nn_layer_n_inputs (node->type);
  facts->n_out = nn_layer_n_outputs (node->type);
  facts->from = g_new (gint, facts->n_in + 1);
  facts->from_port = g_new0 (guint, facts->n_in + 1);
  facts->in = g_new0 (NnShape, facts->n_in + 1);
  facts->out = g_new0 (NnShape, facts->n_out + 1);
  facts->value = g_new (gint, facts->n_out + 1);
  for (guint port = 0; port < facts->n_in; port++)
    {
      facts->from[port] = -1;
      facts->in[port].rank = -1;
    }
  for (guint port = 0; port < facts->n_out; port++)
    facts->value[port] = -1;
}

/* FALSE where a required input is missing or not known. */
static gboolean
gather_inputs (const NnAnalysis *analysis, NnNodeFacts *facts, gint *in)
{
  gboolean complete = TRUE;

  for (guint port = 0; port < facts->n_in; port++)
    {
      const NnNodeFacts *source = nn_analysis_source (analysis, facts, port);

      in[port] = -1;
      if (source != NULL && source->known)
        {
          facts->in[port] = source->out[facts->from_port[port]];
          in[port] = source->value[facts->from_port[port]];
        }
      else if (source != NULL || !facts->node->type->inputs[port].optional)
        complete = FALSE;
    }
  return complete;
}

/* Sums of sizes that a file may make as large as it likes. */
static gint64
add_sizes (gint64 a, gint64 b)
{
  return a > G_MAXINT64 - b ? G_MAXINT64 : a + b;
}

/* Layers that can use the weights of owner: its like, or tied to it what undoes it. */
gboolean
nn_analysis_may_share (const NnLayerType *type, const NnLayerType *owner, gboolean tied)
{
  static const struct
  {
    const char *one, *other;
  } pairs[] = { { "dense", "dense" }, { "conv2d", "conv2d-transpose" } };

  for (guint i = 0; tied && i < G_N_ELEMENTS (pairs); i++)
    if ((g_str_equal (type->id, pairs[i].one) && g_str_equal (owner->id, pairs[i].other))
        || (g_str_equal (type->id, pairs[i].other) && g_str_equal (owner->id, pairs[i].one)))
      return TRUE;
  return !tied && type == owner;
}

/* TRUE where the node uses another's weights, which are known; sets the error where it cannot. */
static gboolean
check_owner (const NnAnalysis *analysis, NnNodeFacts *facts)
{
  const NnNode *node = facts->node;
  const NnNodeFacts *owner =
      node->weights_of ? nn_analysis_facts (analysis, node->weights_of) : NULL;

  if (node->weights_of == 0)
    return FALSE;
  if (owner == NULL || owner == facts)
    g_set_error (&facts->sharing_error, NN_ERROR, NN_ERROR_DESIGN, _ ("there is no other node %u"),
                 node->weights_of);
  else if (!nn_analysis_may_share (node->type, owner->node->type, node->tied))
    g_set_error (&facts->sharing_error, NN_ERROR, NN_ERROR_DESIGN,
                 _ ("a layer of type %s cannot use those of a layer of type %s"),
                 _ (node->type->title), _ (owner->node->type->title));
  else if (owner->node->weights_of != 0)
    g_set_error (&facts->sharing_error, NN_ERROR, NN_ERROR_DESIGN,
                 _ ("that layer uses another's itself"));
  return facts->sharing_error == NULL;
}

/* Users that come before their owner have been given what they need; the owner was lowered with it.
 * What it could not take, or where it was not lowered at all, is the users' trouble. */
static void
finish_sharing (NnAnalysis *analysis)
{
  for (guint p = 0; p < analysis->n; p++)
    {
      NnNodeFacts *facts = &analysis->facts[p];
      NnNodeFacts *owner = facts->node->weights_of && facts->known && facts->sharing_error == NULL
                               ? nn_analysis_facts (analysis, facts->node->weights_of)
                               : NULL;

      if (owner == NULL)
        continue;
      if (!owner->known)
        g_set_error (&facts->sharing_error, NN_ERROR, NN_ERROR_DESIGN,
                     _ ("the sizes of that layer are not known"));
      else if (owner->sharing_error != NULL && facts->rank < owner->rank)
        facts->sharing_error = g_error_copy (owner->sharing_error);
    }
  for (guint p = 0; p < analysis->n; p++)
    if (analysis->facts[p].node->weights_of == 0)
      g_clear_error (&analysis->facts[p].sharing_error);
  for (guint i = 0; i < analysis->program->weights->len; i++)
    {
      const NnWeight *weight = nn_program_weight (analysis->program, i);
      NnNodeFacts *facts = nn_analysis_facts (analysis, weight->node);
      facts->weights += weight->size;
      analysis->total_weights = add_sizes (analysis->total_weights, weight->size);
    }
}

static void
lower (NnAnalysis *analysis, NnNodeFacts *facts, const gint *in)
{
  NnProgram *program = analysis->program;

  facts->first_op = program->ops->len;
  if (check_owner (analysis, facts))
    nn_program_lower_sharing (program, facts->node->type, facts->node->params, facts->node->id,
                              facts->node->frozen, facts->node->weights_of, facts->node->tied, in,
                              facts->n_in, facts->out, facts->value, facts->n_out,
                              &facts->sharing_error);
  else
    nn_program_lower_sharing (program, facts->node->type, facts->node->params, facts->node->id,
                              facts->node->frozen, 0, FALSE, in, facts->n_in, facts->out,
                              facts->value, facts->n_out,
                              facts->sharing_error == NULL ? &facts->sharing_error : NULL);
  facts->n_ops = program->ops->len - facts->first_op;
  for (guint i = facts->first_op; i < program->ops->len; i++)
    {
      const NnOp *op = nn_program_op (program, i);
      if (op->type->macs != NULL)
        facts->macs = add_sizes (facts->macs, op->type->macs (program, op));
      /* Behind a convolution of the same node, a sum over channels is what is meant. */
      if (op->type == &nn_op_linear && (gint)op->in[0] == in[0]
          && nn_program_value (program, op->in[0])->shape.rank >= 3)
        facts->per_pixel = TRUE;
    }
  analysis->total_macs = add_sizes (analysis->total_macs, facts->macs);
}

static void
analyse_node (NnAnalysis *analysis, NnNodeFacts *facts)
{
  g_autofree gint *in = g_new (gint, facts->n_in + 1);
  NnInferContext context = { analysis->data, facts->n_in, facts->in };

  if (!gather_inputs (analysis, facts, in))
    return;
  if (!facts->node->type->infer (facts->node->params, &context, facts->out, &facts->error))
    return;
  facts->known = TRUE;
  lower (analysis, facts, in);
  for (guint port = 0; port < facts->n_in; port++)
    {
      const NnNodeFacts *source = nn_analysis_source (analysis, facts, port);
      if (source != NULL && source->per_pixel && facts->in[port].rank >= 3)
        facts->per_pixel = TRUE;
    }
}

static void
connect_facts (NnAnalysis *analysis)
{
  NnDesign *design = analysis->design;

  for (guint i = 0; i < analysis->links->first[analysis->n]; i++)
    {
      const NnEdge *edge = analysis->links->edge[i];
      NnNodeFacts *facts = nn_analysis_facts (analysis, edge->to);
      /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): init_facts() has made it */
      facts->from[edge->to_port] = nn_design_position (design, edge->from);
      facts->from_port[edge->to_port] = edge->from_port;
    }
}

/* In an order in which every node comes after what it needs. Nodes in a loop, and what follows from
 * them, have none: they come last, and nothing will be known of them. */
static void
sort_nodes (NnAnalysis *analysis)
{
  const guint n_sorted = nn_links_sort (analysis->links, analysis->design, analysis->order);
  g_autofree gboolean *sorted = g_new0 (gboolean, analysis->n + 1);
  guint n = n_sorted;

  for (guint i = 0; i < n_sorted; i++)
    sorted[analysis->order[i]] = TRUE;
  for (guint p = 0; p < analysis->n; p++)
    {
      analysis->facts[p].circular = !sorted[p];
      if (!sorted[p])
        analysis->order[n++] = p;
    }
}

static void
find_leading (NnAnalysis *analysis)
{
  for (guint i = analysis->n; i-- > 0;)
    {
      NnNodeFacts *facts = &analysis->facts[analysis->order[i]];
      facts->leads = facts->leads || nn_facts_is (facts, NN_LAYER_OBJECTIVE);
      for (guint port = 0; facts->leads && port < facts->n_in; port++)
        if (facts->from[port] >= 0)
          analysis->facts[facts->from[port]].leads = TRUE;
    }
}

/* Bytes beyond the data: the buffers of the plans that train, validate and answer viewers, of which
 * the last two also run what leads to no loss; weights, optimizer state and summed gradients; a
 * copy of weights and state for the checkpoint. */
guint64
nn_analysis_memory_on (const NnAnalysis *analysis, guint n_threads)
{
  NnProgram *program = analysis->program;
  guint n_slots = nn_design_optimizer (analysis->design)->n_slots;
  guint batch = nn_params_int (nn_design_training (analysis->design), "batch-size");

  return nn_plan_estimate_memory (program, batch, NN_PLAN_TRAIN, n_threads)
         + nn_plan_estimate_memory (program, NN_PLAN_EVALUATION_BATCH, 0, n_threads)
         + nn_plan_estimate_memory (program, NN_PLAN_VIEW_BATCH, NN_PLAN_UNFUSED, n_threads)
         + nn_plan_estimate_memory (program, NN_PLAN_LOOK_BATCH, NN_PLAN_TRAIN | NN_PLAN_LOOK,
                                    n_threads)
         + (guint64)analysis->total_weights * sizeof (float) * (2 * (1 + n_slots) + 1);
}

NnAnalysis *
nn_analysis_new (NnDesign *design, const NnDataInfo *data, guint64 memory_limit)
{
  NnAnalysis *analysis = g_new0 (NnAnalysis, 1);

  g_atomic_ref_count_init (&analysis->refs);
  analysis->design = nn_design_ref (design);
  analysis->data = nn_data_info_copy (data);
  analysis->links = nn_links_new (design);
  analysis->n = nn_design_n_nodes (design);
  analysis->facts = g_new0 (NnNodeFacts, analysis->n + 1);
  analysis->order = g_new (guint, analysis->n + 1);
  analysis->order_ids = g_new (guint, analysis->n + 1);
  analysis->program = nn_program_new ();
  analysis->program->data = analysis->data;
  analysis->diagnostics = g_ptr_array_new_with_free_func (free_diagnostic);
  analysis->memory_limit = memory_limit != 0 ? memory_limit : nn_memory_of_machine ();

  for (guint i = 0; i < analysis->n; i++)
    init_facts (&analysis->facts[i], nn_design_node_at (design, i));
  connect_facts (analysis);
  sort_nodes (analysis);
  for (guint i = 0; i < analysis->n; i++)
    {
      NnNodeFacts *facts = &analysis->facts[analysis->order[i]];
      /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): init_facts() has set it */
      analysis->order_ids[i] = facts->node->id;
      facts->rank = i;
      analyse_node (analysis, facts);
    }
  finish_sharing (analysis);
  analysis->program->data = NULL;
  find_leading (analysis);
  nn_analysis_find_roles (analysis);
  analysis->memory = nn_analysis_memory_on (analysis, g_get_num_processors ());
  nn_analysis_diagnose (analysis);
  return analysis;
}

/* ---- reading ---- */

NnNodeFacts *
nn_analysis_facts (const NnAnalysis *analysis, guint node)
{
  gint position = nn_design_position (analysis->design, node);

  return position < 0 ? NULL : &analysis->facts[position];
}

NnNodeFacts *
nn_analysis_source (const NnAnalysis *analysis, const NnNodeFacts *facts, guint port)
{
  return facts->from[port] < 0 ? NULL : &analysis->facts[facts->from[port]];
}

gboolean
nn_facts_is_fed (const NnNodeFacts *facts)
{
  for (guint port = 0; port < facts->n_in; port++)
    if (facts->from[port] >= 0)
      return TRUE;
  return FALSE;
}

gboolean
nn_analysis_is_alias (const NnAnalysis *analysis, const NnNodeFacts *facts)
{
  for (guint i = 0; i < facts->n_ops; i++)
    {
      guint flags = nn_program_op (analysis->program, facts->first_op + i)->type->flags;
      if (!(flags & NN_OP_ALIAS) || (flags & NN_OP_LOSS))
        return FALSE;
    }
  return facts->known;
}

gboolean
nn_analysis_field_kind (const NnAnalysis *analysis, const NnNodeFacts *facts, NnFieldKind *kind)
{
  const NnField *field =
      nn_data_info_field (analysis->data, nn_params_text (facts->node->params, "field"), NULL);

  if (field != NULL)
    *kind = field->kind;
  return field != NULL;
}

NnDesign *
nn_analysis_design (const NnAnalysis *analysis)
{
  return analysis->design;
}

const NnDataInfo *
nn_analysis_data (const NnAnalysis *analysis)
{
  return analysis->data;
}

const guint *
nn_analysis_order (const NnAnalysis *analysis, guint *n)
{
  *n = analysis->n;
  return analysis->order_ids;
}

const NnShape *
nn_analysis_output_shape (const NnAnalysis *analysis, guint node, guint port)
{
  const NnNodeFacts *facts = nn_analysis_facts (analysis, node);

  return facts != NULL && facts->known && port < facts->n_out ? &facts->out[port] : NULL;
}

const NnShape *
nn_analysis_input_shape (const NnAnalysis *analysis, guint node, guint port)
{
  const NnNodeFacts *facts = nn_analysis_facts (analysis, node);

  return facts != NULL && port < facts->n_in && facts->in[port].rank >= 0 ? &facts->in[port] : NULL;
}

gint64
nn_analysis_node_weights (const NnAnalysis *analysis, guint node)
{
  const NnNodeFacts *facts = nn_analysis_facts (analysis, node);

  return facts != NULL ? facts->weights : 0;
}

gint64
nn_analysis_node_macs (const NnAnalysis *analysis, guint node)
{
  const NnNodeFacts *facts = nn_analysis_facts (analysis, node);

  return facts != NULL ? facts->macs : 0;
}

gint64
nn_analysis_total_weights (const NnAnalysis *analysis)
{
  return analysis->total_weights;
}

gint64
nn_analysis_total_macs (const NnAnalysis *analysis)
{
  return analysis->total_macs;
}

guint64
nn_analysis_training_memory (const NnAnalysis *analysis)
{
  return analysis->memory;
}

NnRole
nn_analysis_role (const NnAnalysis *analysis, guint node)
{
  const NnNodeFacts *facts = nn_analysis_facts (analysis, node);

  return facts != NULL ? facts->role : NN_ROLE_NONE;
}

guint
nn_analysis_code_node (const NnAnalysis *analysis)
{
  return analysis->code;
}

gboolean
nn_analysis_has_decoder (const NnAnalysis *analysis)
{
  return analysis->code != 0 && analysis->output != 0;
}

guint
nn_analysis_output_node (const NnAnalysis *analysis)
{
  return analysis->output;
}

guint
nn_analysis_judge_node (const NnAnalysis *analysis)
{
  return analysis->judge;
}

guint
nn_analysis_answer_node (const NnAnalysis *analysis)
{
  const NnNodeFacts *judge = nn_analysis_facts (analysis, analysis->judge);
  const NnNodeFacts *answer =
      judge != NULL ? nn_analysis_source (analysis, judge, NN_PORT_PREDICTION) : NULL;

  return answer != NULL ? answer->node->id : 0;
}

guint
nn_analysis_input_node (const NnAnalysis *analysis)
{
  return analysis->input;
}

guint
nn_analysis_seen_node (const NnAnalysis *analysis)
{
  return analysis->seen;
}

guint
nn_analysis_n_diagnostics (const NnAnalysis *analysis)
{
  return analysis->diagnostics->len;
}

const NnDiagnostic *
nn_analysis_diagnostic (const NnAnalysis *analysis, guint position)
{
  g_return_val_if_fail (position < analysis->diagnostics->len, NULL);
  return g_ptr_array_index (analysis->diagnostics, position);
}

gboolean
nn_analysis_can_train (const NnAnalysis *analysis)
{
  return analysis->can_train;
}

gint
nn_analysis_value (const NnAnalysis *analysis, guint node, guint port)
{
  const NnNodeFacts *facts = nn_analysis_facts (analysis, node);

  return facts != NULL && port < facts->n_out ? facts->value[port] : -1;
}

NnProgram *
nn_analysis_program (const NnAnalysis *analysis)
{
  return analysis->program;
}

/* ---- what if ---- */

gboolean
nn_analysis_can_connect (const NnAnalysis *analysis, guint from, guint from_port, guint to,
                         guint to_port, GError **error)
{
  const NnNodeFacts *source = nn_analysis_facts (analysis, from);
  const NnNodeFacts *target = nn_analysis_facts (analysis, to);
  g_autofree NnShape *in = NULL;
  g_autofree NnShape *out = NULL;
  NnInferContext context;

  if (!nn_design_check_ports (source != NULL ? source->node : NULL, from_port,
                              target != NULL ? target->node : NULL, to_port, error))
    return FALSE;
  g_assert (source != NULL && target != NULL); /* or it had refused */
  if (nn_links_reach (analysis->links, analysis->design, to, from))
    {
      g_set_error (error, NN_ERROR, NN_ERROR_DESIGN,
                   _ ("%s already follows from %s: this edge would make a loop."),
                   source->node->name, target->node->name);
      return FALSE;
    }
  if (!source->known)
    return TRUE;
  in = g_memdup2 (target->in, (target->n_in + 1) * sizeof (NnShape));
  in[to_port] = source->out[from_port];
  for (guint port = 0; port < target->n_in; port++)
    if (in[port].rank < 0
        && (target->from[port] >= 0 || !target->node->type->inputs[port].optional))
      return TRUE; /* what arrives there will decide */
  out = g_new0 (NnShape, target->n_out + 1);
  context = (NnInferContext){ analysis->data, target->n_in, in };
  if (target->node->type->infer (target->node->params, &context, out, error))
    return TRUE;
  g_prefix_error (error, "%s: ", target->node->name);
  return FALSE;
}
