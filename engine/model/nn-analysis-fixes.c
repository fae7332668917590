/* nn-analysis-fixes.c: the mended designs that diagnostics offer. Each is a new design, or NULL
 * where the mend would be a guess. */
#include "diabolo-config.h"

#include <glib/gi18n-lib.h>

#include "data/nn-scaling.h"
#include "model/nn-analysis-private.h"

/* A fix is a whole design: no more of them than anybody could want. */
#define MAX_FIXES 50

gboolean
nn_analysis_may_fix (const NnAnalysis *analysis)
{
  return analysis->diagnostics->len < MAX_FIXES;
}

/* The only field of a kind (labels, or anything else); NULL if there are none or several. */
const NnField *
nn_data_only_field (const NnDataInfo *data, gboolean labels)
{
  const NnField *only = NULL;

  for (guint i = 0; i < data->n_fields; i++)
    {
      if ((data->fields[i].kind == NN_FIELD_LABEL) != labels)
        continue;
      if (only != NULL)
        return NULL;
      only = &data->fields[i];
    }
  return only;
}

NnDesign *
nn_fix_set_text (const NnAnalysis *analysis, const NnNode *node, const char *name, const char *text)
{
  g_autoptr (NnParams) params = nn_params_with_text (node->params, name, text, NULL);

  if (params == NULL || !nn_analysis_may_fix (analysis))
    return NULL;
  return nn_design_set_params (analysis->design, node->id, params);
}

NnDesign *
nn_design_make_room (NnDesign *design, double x, double dx)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < nn_design_n_nodes (design); i++)
    if (nn_design_node_at (design, i)->x >= x)
      g_array_append_val (ids, nn_design_node_at (design, i)->id);
  return nn_design_move_nodes (design, (const guint *)ids->data, ids->len, dx, 0);
}

/* An Input before the only layer that waits for one. */
NnDesign *
nn_fix_add_input (const NnAnalysis *analysis)
{
  const NnLayerType *type = nn_layer_type ("input");
  const NnField *field = nn_data_only_field (analysis->data, FALSE);
  const NnNodeFacts *first = NULL;
  g_autoptr (NnDesign) added = NULL;
  g_autoptr (NnParams) defaults = NULL;
  g_autoptr (NnParams) params = NULL;
  guint id;

  for (guint p = 0; p < analysis->n; p++)
    {
      const NnNodeFacts *facts = &analysis->facts[p];
      if (nn_facts_is (facts, NN_LAYER_OBJECTIVE) || nn_facts_is_fed (facts))
        continue;
      if (first != NULL)
        return NULL;
      first = facts;
    }
  if (first == NULL || first->n_in != 1 || field == NULL)
    return NULL;
  defaults = nn_params_new (type->params);
  params = nn_params_with_text (defaults, "field", field->name, NULL);
  added = nn_design_add_node (analysis->design, type, params, NULL, first->node->x - NN_CARD_PITCH,
                              first->node->y, &id);
  return nn_design_connect (added, id, 0, first->node->id, 0, NULL);
}

NnDesign *
nn_fix_add_reconstruction (const NnAnalysis *analysis, NnDesign *design, guint prediction,
                           guint target)
{
  const NnLayerType *type = nn_layer_type ("reconstruction-loss");
  const NnNode *last = nn_design_node (design, prediction);
  g_autoptr (NnParams) params = nn_params_new (type->params);
  g_autoptr (NnDesign) added = NULL;
  g_autoptr (NnDesign) half = NULL;
  NnFieldKind kind;
  guint id;

  /* Cross-entropy is for values from 0 to 1, which only images promise. */
  if (!nn_analysis_field_kind (analysis, nn_analysis_facts (analysis, target), &kind)
      || !nn_scaling_promises_unit (nn_design_data (design), kind))
    {
      g_autoptr (NnParams) crossentropy = g_steal_pointer (&params);
      params = nn_params_with_text (crossentropy, "loss", "mean-squared-error", NULL);
    }
  added = nn_design_add_node (design, type, params, NULL, last->x + NN_CARD_PITCH, last->y, &id);
  half = nn_design_connect (added, prediction, 0, id, NN_PORT_PREDICTION, NULL);
  return nn_design_connect (half, target, 0, id, NN_PORT_TARGET, NULL);
}

NnDesign *
nn_fix_add_classification (const NnAnalysis *analysis, const NnNodeFacts *last, const char *field)
{
  const NnLayerType *type = nn_layer_type ("classification-loss");
  g_autoptr (NnParams) defaults = nn_params_new (type->params);
  g_autoptr (NnParams) params = nn_params_with_text (defaults, "field", field, NULL);
  g_autoptr (NnDesign) added = NULL;
  guint id;

  added = nn_design_add_node (analysis->design, type, params, NULL, last->node->x + NN_CARD_PITCH,
                              last->node->y, &id);
  return nn_design_connect (added, last->node->id, 0, id, NN_PORT_PREDICTION, NULL);
}

/* TRUE with the shape that a layer gives to whatever comes in (Reshape). */
static gboolean
prescribed_shape (const NnNodeFacts *facts, NnShape *shape)
{
  const NnParamSpec *spec = nn_params_spec (facts->node->params, "shape");

  return spec != NULL && spec->type == NN_PARAM_SHAPE
         && nn_shape_parse (nn_params_text (facts->node->params, "shape"), FALSE, shape, NULL);
}

/* Makes the layer that decides the size of facts' output give as many values as wanted. Where
 * others get that output too, the new size might not suit them: then nothing is certain. */
NnDesign *
nn_fix_match_output (const NnAnalysis *analysis, const NnNodeFacts *facts, const NnShape *wanted,
                     char **label)
{
  const guint *first = analysis->links->first;

  if (!nn_analysis_may_fix (analysis))
    return NULL;
  while (facts != NULL && facts->known && !facts->per_pixel && facts->n_in > 0)
    {
      const NnNode *node = facts->node;
      guint p = facts - analysis->facts;
      NnShape prescribed;

      if (prescribed_shape (facts, &prescribed)
          && nn_shape_size (&prescribed) != nn_shape_size (wanted))
        return NULL;
      if (first[p + 1] - first[p] != 1)
        return NULL;
      if (node->type->match_output != NULL)
        {
          g_autoptr (NnParams) params =
              node->type->match_output (node->params, &facts->in[0], wanted, label);
          return params != NULL ? nn_design_set_params (analysis->design, node->id, params) : NULL;
        }
      if (facts->n_in != 1 || nn_shape_size (&facts->in[0]) != nn_shape_size (&facts->out[0]))
        return NULL;
      facts = nn_analysis_source (analysis, facts, 0);
    }
  return NULL;
}

NnDesign *
nn_fix_add_flatten (const NnAnalysis *analysis, const NnNode *node)
{
  g_autoptr (NnDesign) room = NULL;
  g_autoptr (NnDesign) added = NULL;
  guint id;

  if (!nn_analysis_may_fix (analysis))
    return NULL;
  room = nn_design_make_room (analysis->design, node->x, NN_CARD_PITCH);
  added = nn_design_add_node (room, nn_layer_type ("flatten"), NULL, NULL, node->x, node->y, &id);
  return nn_design_insert_into_edge (added, id, node->id, 0, NULL);
}

/* ---- layers that refuse what they get ---- */

/* Settings with which a layer takes sizes that it refused otherwise. */
static const struct
{
  const char *name, *value;
} obliging[] = {
  { "padding", "same" },
  { "groups", "1" },
};

/* Whether the layer would take these sizes with these parameters. */
static gboolean
takes (const NnAnalysis *analysis, const NnNodeFacts *facts, const NnParams *params,
       const NnShape *in)
{
  g_autofree NnShape *out = g_new0 (NnShape, facts->n_out + 1);
  const NnInferContext context = { analysis->data, facts->n_in, in };

  return facts->node->type->infer (params, &context, out, NULL);
}

static NnDesign *
fix_by_setting (const NnAnalysis *analysis, const NnNodeFacts *facts, char **label)
{
  const NnNode *node = facts->node;

  for (guint i = 0; i < G_N_ELEMENTS (obliging); i++)
    {
      const NnParamSpec *spec = nn_params_spec (node->params, obliging[i].name);
      g_autoptr (NnParams) params =
          spec != NULL
              ? nn_params_with_text (node->params, obliging[i].name, obliging[i].value, NULL)
              : NULL;
      const char *value = obliging[i].value;

      if (params == NULL || !takes (analysis, facts, params, facts->in))
        continue;
      if (spec->type == NN_PARAM_CHOICE)
        value = _ (nn_param_choices (spec)[nn_params_choice (params, spec->name)].title);
      *label = g_strdup_printf (_ ("Set %s to %s"), _ (spec->title), value);
      return nn_design_set_params (analysis->design, node->id, params);
    }
  return NULL;
}

/* A layer that gives its one input another shape says how many values that has. */
static NnDesign *
fix_before (const NnAnalysis *analysis, const NnNodeFacts *facts, char **label)
{
  const NnNodeFacts *source = nn_analysis_source (analysis, facts, 0);
  NnShape wanted;

  return source != NULL && prescribed_shape (facts, &wanted)
             ? nn_fix_match_output (analysis, source, &wanted, label)
             : NULL;
}

NnDesign *
nn_fix_refusal (const NnAnalysis *analysis, const NnNodeFacts *facts, char **label)
{
  NnDesign *fix;

  if (!nn_analysis_may_fix (analysis))
    return NULL;
  fix = fix_by_setting (analysis, facts, label);
  if (fix != NULL || facts->n_in != 1)
    return fix;
  fix = fix_before (analysis, facts, label);
  if (fix == NULL && facts->in[0].rank > 1)
    {
      const NnShape flat = nn_shape (nn_shape_size (&facts->in[0]));
      if (takes (analysis, facts, facts->node->params, &flat))
        {
          fix = nn_fix_add_flatten (analysis, facts->node);
          *label = g_strdup (_ ("Add Flatten"));
        }
    }
  return fix;
}
