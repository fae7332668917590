#include "canvas/wb-finding-text.h"

#include <math.h>

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>

#include "layers/nn-layer.h"
#include "plots/wb-format.h"

/* A layer that has so many idle units could be smaller, or is on its way to being dead. */
#define MANY_DEAD 0.25

/* "20,000": one digit is all that such a number means. */
static char *
round_factor (double factor)
{
  const double digit = pow (10, floor (log10 (MAX (factor, 1))));

  return wb_format_count ((gint64)llround (MIN (round (factor / digit) * digit, 1e15)));
}

static gboolean
is_judged (NnDesign *design, guint node)
{
  for (guint i = 0; i < nn_design_n_edges (design); i++)
    {
      const NnEdge *edge = nn_design_edge_at (design, i);

      if (edge->from == node && edge->to_port == 0
          && (nn_design_node (design, edge->to)->type->flags & NN_LAYER_OBJECTIVE) != 0)
        return TRUE;
    }
  return FALSE;
}

static gint
activation_of (const NnNode *node)
{
  const NnParamSpec *spec = nn_params_spec (node->params, "activation");

  return spec != NULL && spec->type == NN_PARAM_CHOICE
             ? nn_activation_from_id (nn_params_text (node->params, "activation"))
             : -1;
}

/* The first activation from node on that flattens out at both ends, the output's aside: that one
 * belongs to its loss. NULL: none. */
static const NnActivationInfo *
find_flat_activation (NnAnalysis *analysis, guint node)
{
  NnDesign *design = nn_analysis_design (analysis);
  g_autoptr (GHashTable) behind = g_hash_table_new (NULL, NULL);
  guint n;
  const guint *order = nn_analysis_order (analysis, &n);

  g_hash_table_add (behind, GUINT_TO_POINTER (node));
  for (guint i = 0; i < n; i++)
    {
      if (!g_hash_table_contains (behind, GUINT_TO_POINTER (order[i])))
        continue;
      const gint function = activation_of (nn_design_node (design, order[i]));
      if ((function == NN_ACTIVATION_SIGMOID || function == NN_ACTIVATION_TANH
           || function == NN_ACTIVATION_HARD_SIGMOID)
          && !is_judged (design, order[i]))
        return nn_activation_info ((NnActivation)function);
      for (guint e = 0; e < nn_design_n_edges (design); e++)
        if (nn_design_edge_at (design, e)->from == order[i])
          g_hash_table_add (behind, GUINT_TO_POINTER (nn_design_edge_at (design, e)->to));
    }
  return NULL;
}

static char *
say_vanishing (NnAnalysis *analysis, const NnNode *node, const NnFinding *finding)
{
  const NnActivationInfo *flat = find_flat_activation (analysis, node->id);
  g_autofree char *factor = round_factor (finding->factor);

  if (!isfinite (finding->factor))
    return g_strdup_printf (_ ("No gradient reaches %s: it learns nothing. Something behind it "
                               "passes none back, such as a layer whose units never fire."),
                            node->name);
  if (flat != NULL)
    return g_strdup_printf (_ ("Gradients reaching %s are %s times smaller than at the output: it "
                               "hardly learns. Try ReLU instead of %s, or a batch normalisation "
                               "before it."),
                            node->name, factor, _ (flat->title));
  return g_strdup_printf (_ ("Gradients reaching %s are %s times smaller than at the output: it "
                             "hardly learns. Try fewer layers, larger initial weights, or a batch "
                             "normalisation behind it."),
                          node->name, factor);
}

static char *
say_exploding (const NnNode *node, const NnFinding *finding)
{
  g_autofree char *factor = round_factor (finding->factor);

  if (!isfinite (finding->factor))
    return g_strdup_printf (_ ("The gradient of %s is no longer a number: its weights ran away. "
                               "Reset them and try a smaller learning rate."),
                            node->name);
  if ((finding->kinds & NN_FINDING_RUNAWAY) != 0)
    return g_strdup_printf (_ ("The gradient of %s is %s times as large as it was on average: "
                               "training runs away. Try a smaller learning rate, or clip the "
                               "gradient."),
                            node->name, factor);
  return g_strdup_printf (_ ("Gradients reaching %s are %s times larger than at the output: its "
                             "steps overshoot. Try smaller initial weights, a batch normalisation "
                             "behind it, or clip the gradient."),
                          node->name, factor);
}

static char *
say_dead (NnAnalysis *analysis, const NnNode *node, const NnFinding *finding)
{
  const NnShape *shape = nn_analysis_output_shape (analysis, node->id, 0);
  const gboolean maps = shape != NULL && shape->rank > 1;
  const gboolean relu = activation_of (node) == NN_ACTIVATION_RELU;
  g_autofree char *samples = wb_format_count (finding->n_samples);
  const char *advice = relu ? _ ("Try a smaller learning rate or leaky ReLU.")
                            : _ ("Try a smaller learning rate or new weights.");
  g_autofree char *what = NULL;

  if (finding->n_dead == finding->n_units)
    what = g_strdup_printf (_ ("%s gives 0 for each of %s samples, so nothing gets past it and it "
                               "learns nothing."),
                            node->name, samples);
  else if (maps)
    what = g_strdup_printf (
        g_dngettext (GETTEXT_PACKAGE,
                     "%u of %u feature maps of %s is 0 all over for each of %s samples: it tells "
                     "nothing and no longer learns.",
                     "%u of %u feature maps of %s are 0 all over for each of %s samples: they tell "
                     "nothing and no longer learn.",
                     finding->n_dead),
        finding->n_dead, finding->n_units, node->name, samples);
  else
    what = g_strdup_printf (
        g_dngettext (GETTEXT_PACKAGE,
                     "%u of %u units of %s is 0 for each of %s samples: it tells nothing and no "
                     "longer learns.",
                     "%u of %u units of %s are 0 for each of %s samples: they tell nothing and no "
                     "longer learn.",
                     finding->n_dead),
        finding->n_dead, finding->n_units, node->name, samples);
  return g_strdup_printf ("%s %s", what, advice);
}

static char *
make_label (const NnFinding *finding)
{
  if ((finding->kinds & (NN_FINDING_EXPLODING | NN_FINDING_RUNAWAY)) != 0)
    return g_strdup (_ ("Exploding gradient"));
  if ((finding->kinds & NN_FINDING_VANISHING) != 0)
    return g_strdup (isfinite (finding->factor) ? _ ("Vanishing gradient") : _ ("No gradient"));
  return g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE, "%u never fires", "%u never fire", finding->n_dead),
      finding->n_dead);
}

static NnSeverity
judge (const NnFinding *finding)
{
  if ((finding->kinds & (NN_FINDING_EXPLODING | NN_FINDING_RUNAWAY)) != 0
      || ((finding->kinds & NN_FINDING_DEAD) != 0 && finding->n_dead == finding->n_units))
    return NN_SEVERITY_ERROR;
  if ((finding->kinds & NN_FINDING_VANISHING) != 0
      || finding->n_dead >= MANY_DEAD * finding->n_units)
    return NN_SEVERITY_WARNING;
  return NN_SEVERITY_HINT;
}

WbFindingText *
wb_finding_text_new (NnAnalysis *analysis, const NnFinding *finding)
{
  const NnNode *node = nn_design_node (nn_analysis_design (analysis), finding->node);
  WbFindingText *text = g_new0 (WbFindingText, 1);
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);

  if ((finding->kinds & (NN_FINDING_EXPLODING | NN_FINDING_RUNAWAY)) != 0)
    g_ptr_array_add (lines, say_exploding (node, finding));
  else if ((finding->kinds & NN_FINDING_VANISHING) != 0)
    g_ptr_array_add (lines, say_vanishing (analysis, node, finding));
  if ((finding->kinds & NN_FINDING_DEAD) != 0)
    g_ptr_array_add (lines, say_dead (analysis, node, finding));
  g_ptr_array_add (lines, NULL);
  text->severity = judge (finding);
  text->label = make_label (finding);
  text->sentence = g_strjoinv ("\n", (char **)lines->pdata);
  return text;
}

void
wb_finding_text_free (WbFindingText *text)
{
  g_free (text->label);
  g_free (text->sentence);
  g_free (text);
}

gboolean
wb_finding_text_equal (const WbFindingText *a, const WbFindingText *b)
{
  if (a == NULL || b == NULL)
    return a == b;
  return a->severity == b->severity && g_str_equal (a->label, b->label)
         && g_str_equal (a->sentence, b->sentence);
}
