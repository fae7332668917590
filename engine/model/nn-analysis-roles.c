/* nn-analysis-roles.c: which nodes are encoder, code and decoder, and where the pictures come from.
 */
#include "diabolo-config.h"

#include "layers/nn-layer-loss.h"
#include "model/nn-analysis-private.h"
#include "objectives/nn-objective.h"

static gboolean
is_reconstruction (const NnNodeFacts *facts)
{
  return nn_facts_is (facts, NN_LAYER_OBJECTIVE)
         && nn_loss_objective (facts->node->params)->kind == NN_OBJECTIVE_RECONSTRUCTION;
}

/* The node whose output an objective judges, or NULL. */
static NnNodeFacts *
prediction_of (const NnAnalysis *analysis, const NnNodeFacts *objective)
{
  return nn_analysis_source (analysis, objective, NN_PORT_PREDICTION);
}

/* Marks the nodes that are judged by an objective (of any kind, or by reconstructions only), and
 * the network that leads there. */
static gboolean
mark_network (const NnAnalysis *analysis, gboolean reconstructions, gboolean *judged,
              gboolean *network)
{
  gboolean any = FALSE;

  for (guint p = 0; p < analysis->n; p++)
    {
      const NnNodeFacts *facts = &analysis->facts[p];
      const NnNodeFacts *prediction;

      if (!nn_facts_is (facts, NN_LAYER_OBJECTIVE)
          || (reconstructions && !is_reconstruction (facts)))
        continue;
      prediction = prediction_of (analysis, facts);
      if (prediction != NULL)
        {
          judged[prediction - analysis->facts] = TRUE;
          network[prediction - analysis->facts] = TRUE;
          any = TRUE;
        }
    }
  for (guint i = analysis->n; i-- > 0;)
    {
      guint p = analysis->order[i];
      const NnNodeFacts *facts = &analysis->facts[p];
      for (guint port = 0; network[p] && port < facts->n_in; port++)
        if (facts->from[port] >= 0)
          network[facts->from[port]] = TRUE;
    }
  return any;
}

/* The first Input of the network that is no label; without a network, the first of all. */
static guint
find_input (const NnAnalysis *analysis, const gboolean *network)
{
  for (guint p = 0; p < analysis->n; p++)
    {
      const NnNodeFacts *facts = &analysis->facts[p];
      NnFieldKind kind;
      if (nn_facts_is (facts, NN_LAYER_INPUT) && (network == NULL || network[p])
          && nn_analysis_field_kind (analysis, facts, &kind) && kind != NN_FIELD_LABEL)
        return facts->node->id;
    }
  return 0;
}

/* The only node that goes on from p inside the network, or NULL. */
static const NnNodeFacts *
only_successor (const NnAnalysis *analysis, const gboolean *network, guint p)
{
  const NnLinks *links = analysis->links;
  const NnNodeFacts *only = NULL;

  for (guint i = links->first[p]; i < links->first[p + 1]; i++)
    {
      guint next = nn_design_position (analysis->design, links->edge[i]->to);
      if (!network[next])
        continue;
      if (only != NULL)
        return NULL;
      only = &analysis->facts[next];
    }
  return only;
}

/* Corruption comes right after the input, with nothing but changes of shape between. */
static guint
find_seen (const NnAnalysis *analysis, const gboolean *network)
{
  guint seen = analysis->input;
  const NnNodeFacts *facts = nn_analysis_facts (analysis, analysis->input);

  while (facts != NULL)
    {
      facts = only_successor (analysis, network, facts - analysis->facts);
      if (facts == NULL || facts->circular)
        break;
      if (nn_facts_is (facts, NN_LAYER_CORRUPTS))
        seen = facts->node->id;
      else if (!nn_analysis_is_alias (analysis, facts))
        break;
    }
  return seen;
}

static gint64
output_size (const NnNodeFacts *facts)
{
  return facts->known && facts->n_out > 0 ? nn_shape_size (&facts->out[0]) : -1;
}

/* A bend of equal width right behind the narrowest layer belongs with it: Dense, then ReLU. */
static const NnNodeFacts *
with_activation (const NnAnalysis *analysis, const gboolean *judged, const gboolean *network,
                 const NnNodeFacts *code)
{
  for (;;)
    {
      const NnNodeFacts *next = only_successor (analysis, network, code - analysis->facts);
      if (next == NULL || !next->known || next->n_in != 1 || next->weights > 0
          || nn_facts_is (next, NN_LAYER_CORRUPTS) || nn_analysis_is_alias (analysis, next)
          || judged[next - analysis->facts] || output_size (next) != output_size (code))
        return code;
      code = next;
    }
}

/* The narrowest node that every path from the inputs to the predictions crosses. In an order in
 * which edges lead forward, that is a node which no edge of the network jumps over and before which
 * all inputs come. */
static guint
find_narrowest (const NnAnalysis *analysis, const gboolean *judged, const gboolean *network)
{
  const NnNodeFacts *best = NULL;
  gint64 input_size = 0;
  guint reach = 0; /* largest rank that an edge from before leads to */
  guint last_start = 0;

  for (guint i = 0; i < analysis->n; i++)
    {
      guint p = analysis->order[i];
      const NnNodeFacts *facts = &analysis->facts[p];
      if (network[p] && !nn_facts_is_fed (facts))
        {
          last_start = i;
          input_size += MAX (output_size (facts), 0);
        }
    }
  for (guint i = 0; i < analysis->n; i++)
    {
      guint p = analysis->order[i];
      const NnNodeFacts *facts = &analysis->facts[p];
      const NnLinks *links = analysis->links;

      if (!network[p])
        continue;
      if (i > last_start && reach <= i && !nn_facts_is (facts, NN_LAYER_CORRUPTS) && !judged[p]
          && output_size (facts) > 0 && output_size (facts) < input_size
          && (best == NULL || output_size (facts) < output_size (best)))
        best = facts;
      for (guint e = links->first[p]; e < links->first[p + 1]; e++)
        {
          const NnNodeFacts *to = nn_analysis_facts (analysis, links->edge[e]->to);
          if (network[to - analysis->facts])
            reach = MAX (reach, to->rank);
        }
      /* What is judged here leaves the network: nothing after it is on every path. */
      if (judged[p])
        break;
    }
  return best != NULL ? with_activation (analysis, judged, network, best)->node->id : 0;
}

static guint
find_code (const NnAnalysis *analysis, const gboolean *judged, const gboolean *network,
           gboolean reconstructs)
{
  if (nn_design_code_node (analysis->design) != 0)
    return nn_design_code_node (analysis->design);
  for (guint p = 0; p < analysis->n; p++)
    if (nn_facts_is (&analysis->facts[p], NN_LAYER_CODE))
      return analysis->facts[p].node->id;
  return reconstructs ? find_narrowest (analysis, judged, network) : 0;
}

static void
set_encoder_and_decoder (NnAnalysis *analysis, const gboolean *network)
{
  guint code = nn_design_position (analysis->design, analysis->code);
  g_autofree gboolean *before = g_new0 (gboolean, analysis->n + 1);
  g_autofree gboolean *after = g_new0 (gboolean, analysis->n + 1);

  before[code] = after[code] = TRUE;
  for (guint i = analysis->n; i-- > 0;)
    {
      guint p = analysis->order[i];
      const NnNodeFacts *facts = &analysis->facts[p];
      for (guint port = 0; before[p] && port < facts->n_in; port++)
        if (facts->from[port] >= 0)
          before[facts->from[port]] = TRUE;
    }
  for (guint i = 0; i < analysis->n; i++)
    {
      guint p = analysis->order[i];
      NnNodeFacts *facts = &analysis->facts[p];
      for (guint port = 0; port < facts->n_in; port++)
        after[p] = after[p] || (facts->from[port] >= 0 && after[facts->from[port]]);
      if (p == code)
        facts->role = NN_ROLE_CODE;
      else if (before[p])
        facts->role = NN_ROLE_ENCODER;
      else if (after[p] && network[p])
        facts->role = NN_ROLE_DECODER;
    }
}

void
nn_analysis_find_roles (NnAnalysis *analysis)
{
  g_autofree gboolean *network = g_new0 (gboolean, analysis->n + 1);
  g_autofree gboolean *judged = g_new0 (gboolean, analysis->n + 1);
  gboolean reconstructs = mark_network (analysis, TRUE, judged, network);
  gboolean any = reconstructs || mark_network (analysis, FALSE, judged, network);

  for (guint p = 0; p < analysis->n; p++)
    {
      NnNodeFacts *facts = &analysis->facts[p];
      if (nn_facts_is (facts, NN_LAYER_INPUT))
        facts->role = NN_ROLE_INPUT;
      else if (nn_facts_is (facts, NN_LAYER_OBJECTIVE))
        facts->role = NN_ROLE_OBJECTIVE;
      if (analysis->output == 0 && is_reconstruction (facts)
          && prediction_of (analysis, facts) != NULL)
        {
          analysis->output = prediction_of (analysis, facts)->node->id;
          analysis->judge = facts->node->id;
        }
      else if (analysis->judge == 0 && nn_facts_is (facts, NN_LAYER_OBJECTIVE))
        analysis->judge = facts->node->id;
    }
  analysis->input = find_input (analysis, any ? network : NULL);
  analysis->seen = find_seen (analysis, network);
  analysis->code = find_code (analysis, judged, network, reconstructs);
  if (analysis->code != 0)
    set_encoder_and_decoder (analysis, network);
}
