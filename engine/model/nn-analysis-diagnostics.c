/* nn-analysis-diagnostics.c: what is wrong with a design, in words, and the mended design where
 * only one mend makes sense. Each check looks for one kind of mistake; they are listed at the end.
 */
#include "diabolo-config.h"

#include <inttypes.h>
#include <string.h>
#include <glib/gi18n-lib.h>

#include "layers/nn-layer-loss.h"
#include "model/nn-analysis-private.h"
#include "objectives/nn-objective.h"
#include "ops/nn-op.h"

/* Takes fix and fix_label; both NULL where no fix is certain. */
static void G_GNUC_PRINTF (7, 8)
    report (NnAnalysis *analysis, NnSeverity severity, guint node, gint port, NnDesign *fix,
            char *fix_label, const char *format, ...)
{
  NnDiagnostic *diagnostic = g_new0 (NnDiagnostic, 1);
  va_list args;

  va_start (args, format);
  diagnostic->text = g_strdup_vprintf (format, args);
  va_end (args);
  diagnostic->severity = severity;
  diagnostic->node = node;
  diagnostic->port = port;
  diagnostic->fix = fix;
  diagnostic->fix_label = fix_label;
  if (fix == NULL)
    g_clear_pointer (&diagnostic->fix_label, g_free);
  g_ptr_array_add (analysis->diagnostics, diagnostic);
}

/* ---- what the checks share ---- */

static gboolean
is_label (const NnAnalysis *analysis, const NnNodeFacts *facts)
{
  NnFieldKind kind;

  return nn_facts_is (facts, NN_LAYER_INPUT) && nn_analysis_field_kind (analysis, facts, &kind)
         && kind == NN_FIELD_LABEL;
}

/* TRUE where nothing goes on from here but comparisons with it. */
static gboolean
is_loose_end (const NnAnalysis *analysis, const NnNodeFacts *facts)
{
  guint p = facts - analysis->facts;
  const NnLinks *links = analysis->links;

  if (facts->n_out == 0 || is_label (analysis, facts))
    return FALSE;
  for (guint i = links->first[p]; i < links->first[p + 1]; i++)
    {
      const NnNodeFacts *to = nn_analysis_facts (analysis, links->edge[i]->to);
      if (!nn_facts_is (to, NN_LAYER_OBJECTIVE) || links->edge[i]->to_port != NN_PORT_TARGET)
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_used (const NnAnalysis *analysis, const NnNodeFacts *facts)
{
  guint p = facts - analysis->facts;

  return analysis->links->first[p + 1] > analysis->links->first[p];
}

static gboolean
has_any (const NnAnalysis *analysis, guint flags)
{
  for (guint p = 0; p < analysis->n; p++)
    if (nn_facts_is (&analysis->facts[p], flags))
      return TRUE;
  return FALSE;
}

static char *
field_names (const NnDataInfo *data)
{
  GString *names = g_string_new (NULL);

  for (guint i = 0; i < data->n_fields; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", data->fields[i].name);
  return g_string_free (names, FALSE);
}

/* ---- the whole design ---- */

static void
check_empty (NnAnalysis *analysis)
{
  if (analysis->n == 0)
    report (analysis, NN_SEVERITY_HINT, 0, -1, NULL, NULL,
            _ ("There are no layers yet: start with an Input."));
}

static void
check_inputs (NnAnalysis *analysis)
{
  if (analysis->n > 0 && !has_any (analysis, NN_LAYER_INPUT))
    report (analysis, NN_SEVERITY_ERROR, 0, -1, nn_fix_add_input (analysis),
            g_strdup (_ ("Add Input")),
            _ ("No data comes in: add an Input and connect it to the first layer."));
}

const NnNodeFacts *
nn_analysis_last_layer (const NnAnalysis *analysis)
{
  const NnNodeFacts *last = NULL;

  for (guint p = 0; p < analysis->n; p++)
    {
      const NnNodeFacts *facts = &analysis->facts[p];
      if (!is_loose_end (analysis, facts) || nn_facts_is (facts, NN_LAYER_INPUT))
        continue;
      if (last != NULL)
        return NULL;
      last = facts;
    }
  return last;
}

static void
check_objectives (NnAnalysis *analysis)
{
  const NnNodeFacts *input = nn_analysis_facts (analysis, analysis->input);
  const NnNodeFacts *last = nn_analysis_last_layer (analysis);
  const NnField *label = nn_data_only_field (analysis->data, TRUE);
  NnDesign *fix = NULL;
  const char *fix_label = NULL;
  gint64 size;

  if (analysis->n == 0 || has_any (analysis, NN_LAYER_OBJECTIVE))
    return;
  size = last != NULL && last->known ? nn_shape_size (&last->out[0]) : -1;
  if (size > 0 && input != NULL && input->known && size == nn_shape_size (&input->out[0]))
    {
      fix = nn_fix_add_reconstruction (analysis, analysis->design, last->node->id, analysis->input);
      fix_label = _ ("Add Reconstruction loss");
    }
  else if (size > 0 && label != NULL && size == nn_shape_size (&label->shape))
    {
      fix = nn_fix_add_classification (analysis, last, label->name);
      fix_label = _ ("Add Classification loss");
    }
  report (analysis, NN_SEVERITY_ERROR, 0, -1, fix, g_strdup (fix_label),
          _ ("There is nothing to learn yet: add a loss after the last layer."));
}

/* ---- ports ---- */

/* The only node that could sensibly feed this port, or NULL. */
static const NnNodeFacts *
only_candidate (const NnAnalysis *analysis, const NnNodeFacts *facts, guint port)
{
  gboolean objective = nn_facts_is (facts, NN_LAYER_OBJECTIVE);
  gboolean target = objective && port == NN_PORT_TARGET;
  const NnNodeFacts *only = NULL;

  for (guint p = 0; p < analysis->n; p++)
    {
      const NnNodeFacts *source = &analysis->facts[p];
      gboolean input = nn_facts_is (source, NN_LAYER_INPUT);

      /* A size that differs from the target's has a fix of its own. */
      if (target ? !input || is_label (analysis, source)
                 : source == facts || !is_loose_end (analysis, source) || (objective && input))
        continue;
      if (!objective
          && !nn_analysis_can_connect (analysis, source->node->id, 0, facts->node->id, port, NULL))
        continue;
      if (only != NULL)
        return NULL;
      only = source;
    }
  return only;
}

static void
check_port (NnAnalysis *analysis, const NnNodeFacts *facts, guint port)
{
  const NnNode *node = facts->node;
  const NnNodeFacts *source =
      nn_analysis_may_fix (analysis) ? only_candidate (analysis, facts, port) : NULL;
  NnDesign *fix = NULL;
  char *label = NULL;
  NnSeverity severity = facts->leads ? NN_SEVERITY_ERROR : NN_SEVERITY_HINT;

  if (source != NULL)
    {
      fix = nn_design_connect (analysis->design, source->node->id, 0, node->id, port, NULL);
      label = g_strdup_printf (_ ("Connect to %s"), source->node->name);
    }
  if (facts->n_in > 1)
    report (analysis, severity, node->id, port, fix, label,
            _ ("The %s of %s is not connected to anything."), node->type->inputs[port].name,
            node->name);
  else
    report (analysis, severity, node->id, port, fix, label,
            _ ("%s is not connected: it gets nothing to work on."), node->name);
}

static void
check_ports (NnAnalysis *analysis)
{
  for (guint p = 0; p < analysis->n; p++)
    {
      const NnNodeFacts *facts = &analysis->facts[p];
      for (guint port = 0; port < facts->n_in; port++)
        if (facts->from[port] < 0 && !facts->node->type->inputs[port].optional)
          check_port (analysis, facts, port);
    }
}

static void
check_unused (NnAnalysis *analysis)
{
  gboolean objective = has_any (analysis, NN_LAYER_OBJECTIVE);

  for (guint p = 0; p < analysis->n && objective; p++)
    {
      const NnNodeFacts *facts = &analysis->facts[p];
      guint id = facts->node->id;

      if (facts->leads || is_used (analysis, facts))
        continue;
      if (nn_facts_is (facts, NN_LAYER_INPUT))
        report (analysis, NN_SEVERITY_HINT, id, -1, NULL, NULL, _ ("%s is not used."),
                facts->node->name);
      else if (nn_facts_is_fed (facts))
        report (analysis, NN_SEVERITY_WARNING, id, -1,
                nn_analysis_may_fix (analysis)
                    ? nn_design_remove_nodes (analysis->design, &id, 1, FALSE)
                    : NULL,
                g_strdup_printf (_ ("Delete %s"), facts->node->name),
                _ ("%s is not connected to a loss; it will not be trained."), facts->node->name);
    }
}

/* ---- edges that only a file can ask for ---- */

/* Names of a loop that a sentence can hold. */
#define LOOP_SHOWN 8

/* A port of a node in a loop, or fed from one, whose source is so, too. */
static gint
circular_port (const NnAnalysis *analysis, const NnNodeFacts *facts)
{
  for (guint port = 0; port < facts->n_in; port++)
    {
      const NnNodeFacts *source = nn_analysis_source (analysis, facts, port);
      if (source != NULL && source->circular)
        return (gint)port;
    }
  return -1;
}

/* A node of a loop, or NULL. From what is fed from one, going back ends in it. */
static const NnNodeFacts *
find_loop (const NnAnalysis *analysis)
{
  g_autofree gboolean *seen = g_new0 (gboolean, analysis->n + 1);
  const NnNodeFacts *facts = NULL;

  for (guint p = 0; facts == NULL && p < analysis->n; p++)
    if (analysis->facts[p].circular)
      facts = &analysis->facts[p];
  while (facts != NULL && !seen[facts - analysis->facts])
    {
      seen[facts - analysis->facts] = TRUE;
      facts = nn_analysis_source (analysis, facts, circular_port (analysis, facts));
    }
  return facts;
}

/* "A → B → A" with start last. backward (out): the only edge that leads to the left, as the one
 * that closes the loop; NULL where there are several. */
static char *
describe_loop (const NnAnalysis *analysis, const NnNodeFacts *start, const NnNodeFacts **backward)
{
  g_autoptr (GString) text = g_string_new (start->node->name);
  const NnNodeFacts *facts = start;
  guint n_names = 0, n_backward = 0;

  do
    {
      const NnNodeFacts *source =
          nn_analysis_source (analysis, facts, circular_port (analysis, facts));
      if (source->node->x >= facts->node->x)
        {
          n_backward++;
          *backward = facts;
        }
      facts = source;
      if (facts == start || n_names++ < LOOP_SHOWN)
        {
          g_string_prepend (text, " → ");
          g_string_prepend (text, facts == start && n_names > LOOP_SHOWN ? "…" : facts->node->name);
        }
    }
  while (facts != start);
  if (n_backward != 1)
    *backward = NULL;
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
check_loops (NnAnalysis *analysis)
{
  const NnNodeFacts *start = find_loop (analysis), *backward = NULL;
  g_autofree char *loop = start != NULL ? describe_loop (analysis, start, &backward) : NULL;
  const NnNodeFacts *at = backward != NULL ? backward : start;
  const gint port = start != NULL ? circular_port (analysis, at) : -1;

  if (start == NULL)
    return;
  report (analysis, NN_SEVERITY_ERROR, at->node->id, port,
          backward != NULL ? nn_design_disconnect (analysis->design, at->node->id, port) : NULL,
          g_strdup_printf (_ ("Remove the edge from %s"),
                           nn_analysis_source (analysis, at, port)->node->name),
          _ ("%s is part of a loop (%s): values can only flow forward. Remove one of its edges."),
          at->node->name, loop);
}

/* Whether the layer takes what another edge into the port would bring. */
static gboolean
would_take (const NnAnalysis *analysis, const NnNodeFacts *facts, const NnEdge *edge)
{
  const NnNodeFacts *source = nn_analysis_facts (analysis, edge->from);
  g_autofree NnShape *in = g_memdup2 (facts->in, (facts->n_in + 1) * sizeof (NnShape));
  g_autofree NnShape *out = g_new0 (NnShape, facts->n_out + 1);
  const NnInferContext context = { analysis->data, facts->n_in, in };

  if (!source->known)
    return FALSE;
  in[edge->to_port] = source->out[edge->from_port];
  return facts->node->type->infer (facts->node->params, &context, out, NULL);
}

static void
check_double (NnAnalysis *analysis, guint position)
{
  const NnEdge *extra = nn_design_edge_at (analysis->design, position);
  const NnEdge *first = nn_design_edge_into (analysis->design, extra->to, extra->to_port);
  const NnNodeFacts *facts = nn_analysis_facts (analysis, extra->to);
  const NnNode *one = nn_design_node (analysis->design, first->from);
  const NnNode *other = nn_design_node (analysis->design, extra->from);
  const gboolean same = first->from == extra->from && first->from_port == extra->from_port;
  const gboolean extra_fits = would_take (analysis, facts, extra);
  const gboolean evident = same || facts->known != extra_fits; /* which of the two is wrong */
  const NnNode *removed = same || facts->known ? other : one;
  NnDesign *fix = NULL;

  if (evident && removed == other)
    fix = nn_design_remove_edge (analysis->design, position);
  else if (evident)
    fix = nn_design_connect (analysis->design, extra->from, extra->from_port, extra->to,
                             extra->to_port, NULL);
  report (analysis, NN_SEVERITY_ERROR, facts->node->id, (gint)extra->to_port, fix,
          evident ? g_strdup_printf (_ ("Remove the edge from %s"), removed->name) : NULL,
          _ ("Two edges enter the %s of %s, from %s and from %s, but it takes one. Remove one of "
             "them."),
          facts->node->type->inputs[extra->to_port].name, facts->node->name, one->name,
          other->name);
}

static void
check_doubles (NnAnalysis *analysis)
{
  for (guint i = 0; i < analysis->links->n_shadowed && nn_analysis_may_fix (analysis); i++)
    check_double (analysis, analysis->links->shadowed[i]);
}

/* ---- sizes ---- */

static void
report_missing_field (NnAnalysis *analysis, const NnNodeFacts *facts)
{
  const NnNode *node = facts->node;
  const NnField *field = nn_data_only_field (analysis->data, !nn_facts_is (facts, NN_LAYER_INPUT));
  g_autofree char *names = field_names (analysis->data);
  NnDesign *fix = NULL;
  char *label = NULL;

  if (field != NULL)
    {
      fix = nn_fix_set_text (analysis, node, "field", field->name);
      label = g_strdup_printf (_ ("Use “%s”"), field->name);
    }
  report (analysis, NN_SEVERITY_ERROR, node->id, -1, fix, label,
          _ ("%s asks for the field “%s”, but the data set %s has: %s."), node->name,
          nn_params_text (node->params, "field"), analysis->data->title, names);
}

static void
report_mismatch (NnAnalysis *analysis, const NnNodeFacts *facts, const NnShape *wanted)
{
  const NnNodeFacts *prediction = nn_analysis_source (analysis, facts, NN_PORT_PREDICTION);
  const NnNodeFacts *target = nn_analysis_source (analysis, facts, NN_PORT_TARGET);
  gint64 given = nn_shape_size (&facts->in[NN_PORT_PREDICTION]);
  char *label = NULL;
  NnDesign *fix = nn_fix_match_output (analysis, prediction, wanted, &label);

  if (target != NULL)
    report (analysis, NN_SEVERITY_ERROR, facts->node->id, NN_PORT_PREDICTION, fix, label,
            _ ("%s gives %" PRId64 " values, but the target %s has %" PRId64 "."),
            prediction->node->name, given, target->node->name, nn_shape_size (wanted));
  else
    report (analysis, NN_SEVERITY_ERROR, facts->node->id, NN_PORT_PREDICTION, fix, label,
            _ ("%s gives %" PRId64 " values, but the data has %" PRId64 " classes."),
            prediction->node->name, given, nn_shape_size (wanted));
}

/* What a layer says of the sizes that reach it, with a mend where one is plain. */
static void
report_refusal (NnAnalysis *analysis, const NnNodeFacts *facts)
{
  char *label = NULL;
  NnDesign *fix = nn_fix_refusal (analysis, facts, &label);

  report (analysis, NN_SEVERITY_ERROR, facts->node->id, facts->n_in == 1 ? 0 : -1, fix, label,
          g_str_has_suffix (facts->error->message, ".") ? "%s: %s" : "%s: %s.", facts->node->name,
          facts->error->message);
}

static void
check_sharing (NnAnalysis *analysis)
{
  for (guint p = 0; p < analysis->n; p++)
    {
      const NnNodeFacts *facts = &analysis->facts[p];
      const NnNode *node = facts->node;
      const NnNode *owner = nn_design_node (analysis->design, node->weights_of);

      if (facts->sharing_error != NULL)
        report (analysis, NN_SEVERITY_ERROR, node->id, -1,
                nn_design_share_weights (analysis->design, node->id, 0, FALSE),
                g_strdup (_ ("Give it weights of its own")),
                _ ("%s cannot use the weights of %s: %s."), node->name,
                owner != NULL ? owner->name : _ ("a missing node"), facts->sharing_error->message);
    }
}

static void
check_shapes (NnAnalysis *analysis)
{
  for (guint p = 0; p < analysis->n; p++)
    {
      const NnNodeFacts *facts = &analysis->facts[p];
      const NnParams *params = facts->node->params;
      const NnField *field = NULL;
      const NnShape *wanted = NULL;

      if (facts->error == NULL)
        continue;
      if (nn_params_spec (params, "field") != NULL)
        field = nn_data_info_field (analysis->data, nn_params_text (params, "field"), NULL);
      if (nn_facts_is (facts, NN_LAYER_OBJECTIVE) && facts->from[NN_PORT_TARGET] >= 0)
        wanted = &facts->in[NN_PORT_TARGET];
      else if (nn_facts_is (facts, NN_LAYER_OBJECTIVE) && field != NULL)
        wanted = &field->shape;

      if (wanted != NULL
          && nn_shape_size (wanted) != nn_shape_size (&facts->in[NN_PORT_PREDICTION]))
        report_mismatch (analysis, facts, wanted);
      else if (wanted == NULL && field == NULL && nn_params_spec (params, "field") != NULL)
        report_missing_field (analysis, facts);
      else
        report_refusal (analysis, facts);
    }
}

static void
check_per_pixel (NnAnalysis *analysis)
{
  for (guint p = 0; p < analysis->n; p++)
    {
      const NnNodeFacts *facts = &analysis->facts[p];
      const NnNodeFacts *source = facts->per_pixel ? nn_analysis_source (analysis, facts, 0) : NULL;
      g_autofree char *shape = NULL;

      if (source == NULL || source->per_pixel)
        continue;
      shape = nn_shape_to_string (&facts->in[0]);
      report (
          analysis, NN_SEVERITY_WARNING, facts->node->id, 0,
          nn_fix_add_flatten (analysis, facts->node), g_strdup (_ ("Add Flatten")),
          _ ("%s gets an image (%s) and works on each pixel by itself; flatten the image so that "
             "it sees all of it."),
          facts->node->name, shape);
    }
}

/* ---- losses and activations ---- */

/* What a loss that takes over an activation expects of a prediction. */
static const struct
{
  NnActivation wanted;
  const char *id;
  const char *compared;
} endings[] = {
  { NN_ACTIVATION_SIGMOID, "sigmoid", N_ ("values between 0 and 1, as a sigmoid gives them") },
  { NN_ACTIVATION_SOFTMAX, "softmax",
    N_ ("probabilities that add up to 1, as a softmax gives them") },
};

/* The operation that made a value, seen through changes of shape and penalties; NULL for an input.
 */
static const NnOp *
producer (const NnProgram *program, gint value)
{
  for (;;)
    {
      gint index = nn_program_value (program, value)->producer;
      const NnOp *op = index < 0 ? NULL : nn_program_op (program, index);
      if (op == NULL || !(op->type->flags & NN_OP_ALIAS))
        return op;
      value = op->in[0];
    }
}

/* The node before a loss whose parameter decides the activation of what arrives there. */
static const NnNode *
activating_node (const NnAnalysis *analysis, const NnNodeFacts *facts)
{
  while (facts != NULL && facts->n_in > 0)
    {
      if (nn_params_spec (facts->node->params, "activation") != NULL)
        return facts->node;
      if (!nn_analysis_is_alias (analysis, facts))
        return NULL;
      facts = nn_analysis_source (analysis, facts, 0);
    }
  return NULL;
}

static void
check_ending (NnAnalysis *analysis, const NnNodeFacts *facts)
{
  const NnNodeFacts *prediction = nn_analysis_source (analysis, facts, NN_PORT_PREDICTION);
  const NnObjectiveType *objective = nn_loss_objective (facts->node->params);
  gint value = prediction->value[facts->from_port[NN_PORT_PREDICTION]];
  const NnOp *op = producer (analysis->program, value);
  NnActivation found = NN_ACTIVATION_LINEAR;

  /* What has no weights of its own, as a mean of several answers, may well keep their range. */
  if (op == NULL || (op->type != &nn_op_activation && op->n_weights == 0))
    return;
  if (op->type == &nn_op_activation)
    found = ((const NnActivationAttrs *)op->attrs)->function;
  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    {
      const NnNode *node = activating_node (analysis, prediction);
      NnDesign *fix = NULL;
      char *label = NULL;

      /* These stay between 0 and 1 too. */
      if (endings[i].wanted != objective->from_logits || found == endings[i].wanted
          || found == NN_ACTIVATION_SOFTMAX
          || (found == NN_ACTIVATION_HARD_SIGMOID && endings[i].wanted == NN_ACTIVATION_SIGMOID))
        continue;
      if (node != NULL)
        {
          fix = nn_fix_set_text (analysis, node, "activation", endings[i].id);
          label = g_strdup_printf (_ ("Set activation to %s"),
                                   _ (nn_activation_info (endings[i].wanted)->title));
        }
      report (analysis, NN_SEVERITY_WARNING, prediction->node->id, -1, fix, label,
              _ ("%s ends in %s, but %s compares %s."), prediction->node->name,
              _ (nn_activation_info (found)->title), _ (objective->title), _ (endings[i].compared));
    }
}

/* TRUE where a loss compares with data of mean 0 and deviation 1. */
static gboolean
wants_standardised (const NnAnalysis *analysis, const NnNodeFacts *facts)
{
  const NnNodeFacts *target = nn_analysis_source (analysis, facts, NN_PORT_TARGET);
  const NnParams *data = nn_design_data (analysis->design);
  NnFieldKind kind;

  return strcmp (nn_params_text (data, "scaling"), "standardise") == 0 && target != NULL
         && nn_facts_is (target, NN_LAYER_INPUT) && nn_analysis_field_kind (analysis, target, &kind)
         && kind != NN_FIELD_LABEL
         && strcmp (nn_params_text (target->node->params, "field"), NN_FIELD_TARGET) != 0;
}

/* Activations that give no negative values. */
static gboolean
is_one_sided (NnActivation activation)
{
  return activation == NN_ACTIVATION_SIGMOID || activation == NN_ACTIVATION_HARD_SIGMOID
         || activation == NN_ACTIVATION_SOFTMAX || activation == NN_ACTIVATION_RELU;
}

/* One parameter of a node set to a text that it takes. Takes design. */
static NnDesign *
with_text (NnDesign *design, guint id, const char *name, const char *text)
{
  g_autoptr (NnDesign) old = design;
  g_autoptr (NnParams) params =
      nn_params_with_text (nn_design_node (old, id)->params, name, text, NULL);
  return nn_design_set_params (old, id, params);
}

static void
check_scaled (NnAnalysis *analysis, const NnNodeFacts *facts)
{
  const NnNodeFacts *prediction = nn_analysis_source (analysis, facts, NN_PORT_PREDICTION);
  const NnObjectiveType *objective = nn_loss_objective (facts->node->params);
  const NnOp *op =
      producer (analysis->program, prediction->value[facts->from_port[NN_PORT_PREDICTION]]);
  const NnNode *node = activating_node (analysis, prediction);
  const gboolean crossentropy = objective->from_logits == NN_ACTIVATION_SIGMOID;
  const NnActivation ending = op != NULL && op->type == &nn_op_activation
                                  ? ((const NnActivationAttrs *)op->attrs)->function
                                  : NN_ACTIVATION_LINEAR;

  if (!wants_standardised (analysis, facts) || (!crossentropy && !is_one_sided (ending)))
    return;
  NnDesign *fix = (crossentropy || node != NULL) && nn_analysis_may_fix (analysis)
                      ? nn_design_ref (analysis->design)
                      : NULL;
  if (fix != NULL && crossentropy)
    fix = with_text (fix, facts->node->id, "loss", "mean-squared-error");
  if (fix != NULL && node != NULL && is_one_sided (ending))
    fix = with_text (fix, node->id, "activation", "linear");
  if (crossentropy)
    report (analysis, NN_SEVERITY_WARNING, facts->node->id, -1, fix,
            g_strdup (_ ("Use the squared error")),
            _ ("%s takes “%s”, which compares values between 0 and 1, but the data are "
               "standardised: half of their values are below 0."),
            facts->node->name, _ (objective->title));
  else
    report (analysis, NN_SEVERITY_WARNING, prediction->node->id, -1, fix,
            g_strdup (_ ("Set activation to Linear")),
            _ ("%s ends in %s, which gives nothing below 0, but the data are standardised: half of "
               "their values are."),
            prediction->node->name, _ (nn_activation_info (ending)->title));
}

static void
check_endings (NnAnalysis *analysis)
{
  for (guint p = 0; p < analysis->n; p++)
    {
      const NnNodeFacts *facts = &analysis->facts[p];
      if (!nn_facts_is (facts, NN_LAYER_OBJECTIVE) || !facts->known)
        continue;
      check_ending (analysis, facts);
      check_scaled (analysis, facts);
    }
}

/* ---- memory ---- */

/* Values and weights of a node, as a measure of its share of the memory. */
static double
node_size (const NnAnalysis *analysis, const NnNodeFacts *facts)
{
  double size = (double)facts->weights;

  for (guint i = 0; i < facts->n_ops; i++)
    {
      const NnOp *op = nn_program_op (analysis->program, facts->first_op + i);
      for (guint k = 0; k < op->n_out && !(op->type->flags & NN_OP_ALIAS); k++)
        size += (double)nn_program_value (analysis->program, op->out[k])->size;
    }
  return size;
}

static void
check_memory (NnAnalysis *analysis)
{
  const NnNodeFacts *largest = NULL;
  double most = 0;
  g_autofree char *needed = NULL;
  g_autofree char *limit = NULL;

  if (analysis->memory <= analysis->memory_limit)
    return;
  for (guint p = 0; p < analysis->n; p++)
    {
      const double size = node_size (analysis, &analysis->facts[p]);
      if (size > most)
        {
          most = size;
          largest = &analysis->facts[p];
        }
    }
  needed = g_format_size (analysis->memory);
  limit = g_format_size (analysis->memory_limit);
  if (largest != NULL)
    report (analysis, NN_SEVERITY_ERROR, largest->node->id, -1, NULL, NULL,
            _ ("Training this network needs about %s of memory, but there are %s. %s takes the "
               "most: make it smaller."),
            needed, limit, largest->node->name);
  else
    report (analysis, NN_SEVERITY_ERROR, 0, -1, NULL, NULL,
            _ ("Training this network needs about %s of memory, but there are %s."), needed, limit);
}

static void (*const checks[]) (NnAnalysis *) = {
  check_empty,  check_inputs,  check_objectives, check_ports,  check_loops,   check_doubles,
  check_shapes, check_sharing, check_per_pixel,  check_unused, check_endings, check_memory,
};

/* Errors first; within them from left to right. */
static gint
compare_diagnostics (gconstpointer a, gconstpointer b, gpointer data)
{
  const NnAnalysis *analysis = data;
  const NnDiagnostic *x = *(const NnDiagnostic *const *)a;
  const NnDiagnostic *y = *(const NnDiagnostic *const *)b;
  const NnNodeFacts *fx = nn_analysis_facts (analysis, x->node);
  const NnNodeFacts *fy = nn_analysis_facts (analysis, y->node);
  gint rank_x = fx != NULL ? (gint)fx->rank : -1;
  gint rank_y = fy != NULL ? (gint)fy->rank : -1;

  return x->severity != y->severity ? (gint)x->severity - (gint)y->severity : rank_x - rank_y;
}

void
nn_analysis_diagnose (NnAnalysis *analysis)
{
  for (guint i = 0; i < G_N_ELEMENTS (checks); i++)
    checks[i](analysis);
  g_ptr_array_sort_with_data (analysis->diagnostics, compare_diagnostics, analysis);

  analysis->can_train = has_any (analysis, NN_LAYER_OBJECTIVE);
  for (guint i = 0; i < analysis->diagnostics->len; i++)
    if (nn_analysis_diagnostic (analysis, i)->severity == NN_SEVERITY_ERROR)
      analysis->can_train = FALSE;
}
