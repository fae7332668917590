#include "layers/nn-layer-recurrent.h"

#include "diabolo-config.h"

#include "base/nn-error.h"
#include "ops/nn-op.h"

#include <inttypes.h>
#include <glib/gi18n-lib.h>

/* Those whose slope follows from their output, without a parameter. */
static const NnChoice cell_activations[] = {
  { "tanh", N_ ("Tanh"), N_ ("Squeezes into −1..1: the usual choice") },
  { "relu", N_ ("ReLU"), N_ ("Negative values become 0; may grow without bound over many steps") },
  { "sigmoid", N_ ("Sigmoid"), N_ ("Squeezes into 0..1") },
  { "hard-sigmoid", N_ ("Hard sigmoid"), N_ ("A sigmoid of straight lines") },
  { "softplus", N_ ("Softplus"), N_ ("A smooth ReLU") },
  { "linear", N_ ("Linear"), N_ ("Values pass unchanged") },
  { NULL },
};

static const NnChoice merges[] = {
  { "concatenate", N_ ("Side by side"), N_ ("Twice as many values: the network weighs them") },
  { "sum", N_ ("Sum"), N_ ("Both directions added up") },
  { "average", N_ ("Average"), N_ ("The mean of both directions") },
  { "multiply", N_ ("Product"), N_ ("Both directions multiplied") },
  { NULL },
};
static const NnOpType *const merge_ops[] = { &nn_op_concatenate, &nn_op_add, &nn_op_average,
                                             &nn_op_multiply };
G_STATIC_ASSERT (G_N_ELEMENTS (merges) == G_N_ELEMENTS (merge_ops) + 1);

#define SWITCH(id, label, text, ...)                                                               \
  {                                                                                                \
    .name = id, .title = label, .tip = text, .type = NN_PARAM_BOOL, .min = 0, .max = 1,            \
    __VA_ARGS__                                                                                    \
  }

const NnParamSpec nn_recurrent_params[] = {
  { .name = "units",
    .title = N_ ("Units"),
    .tip = N_ ("How many values the layer remembers from step to step, and gives."),
    .type = NN_PARAM_INT,
    .flags = NN_PARAM_STRUCTURAL,
    .def = 32,
    .min = 1,
    .max = 8192 },
  SWITCH ("return-sequences", N_ ("Whole sequence"),
          N_ ("On: what it remembers after every step. Off: only after the last one, a code of the "
              "sequence."),
          .flags = NN_PARAM_STRUCTURAL),
  { .name = "activation",
    .title = N_ ("Activation"),
    .tip = N_ ("The function that new values pass through; gates are always sigmoids."),
    .type = NN_PARAM_CHOICE,
    .flags = NN_PARAM_STRUCTURAL,
    .def_text = "tanh",
    .choices = cell_activations },
  SWITCH ("bidirectional", N_ ("Both directions"),
          N_ ("A second set of weights reads the sequence from its end."),
          .flags = NN_PARAM_STRUCTURAL),
  { .name = "merge",
    .title = N_ ("Merge"),
    .tip = N_ ("What becomes of the two directions."),
    .type = NN_PARAM_CHOICE,
    .flags = NN_PARAM_STRUCTURAL,
    .def_text = "concatenate",
    .choices = merges,
    .shown_if = "bidirectional=true" },
  SWITCH ("go-backwards", N_ ("Backwards"),
          N_ ("Reads the sequence from its end; a whole sequence comes out in that order, too."),
          .flags = NN_PARAM_STRUCTURAL | NN_PARAM_ADVANCED, .shown_if = "bidirectional=false"),
  { .name = "initialiser",
    .title = N_ ("Initialiser"),
    .tip = N_ ("How the weights of the input are drawn before training."),
    .type = NN_PARAM_CHOICE,
    .flags = NN_PARAM_STRUCTURAL | NN_PARAM_ADVANCED,
    .def_text = "glorot-uniform",
    .choices = nn_initialiser_choices },
  { .name = "recurrent-initialiser",
    .title = N_ ("Recurrent initialiser"),
    .tip = N_ ("How the weights of the step before are drawn before training."),
    .type = NN_PARAM_CHOICE,
    .flags = NN_PARAM_STRUCTURAL | NN_PARAM_ADVANCED,
    .def_text = "orthogonal",
    .choices = nn_initialiser_choices },
  NN_PARAM_PENALTY ("activity-l1", N_ ("L1 activity"),
                    N_ ("Adds this times the sum of absolute outputs to the loss: a sparse code."),
                    NN_PARAM_ADVANCED),
  NN_PARAM_PENALTY ("l1", N_ ("L1 weights"),
                    N_ ("Adds this times the sum of absolute weights of the input to the loss."),
                    NN_PARAM_ADVANCED),
  NN_PARAM_PENALTY ("l2", N_ ("L2 weights"),
                    N_ ("Adds this times the sum of squared weights of the input to the loss."),
                    NN_PARAM_ADVANCED),
  NN_PARAM_PENALTY ("recurrent-l1", N_ ("L1 recurrent weights"),
                    N_ ("Adds this times the sum of absolute weights of the step before to the "
                        "loss."),
                    NN_PARAM_ADVANCED),
  NN_PARAM_PENALTY ("recurrent-l2", N_ ("L2 recurrent weights"),
                    N_ ("Adds this times the sum of squared weights of the step before to the "
                        "loss."),
                    NN_PARAM_ADVANCED),
  SWITCH ("bias", N_ ("Bias"), N_ ("A trained number added to each gate's sum."), .def = 1,
          .flags = NN_PARAM_STRUCTURAL | NN_PARAM_ADVANCED),
  { NULL },
};

/* What one direction gives. */
static NnShape
one_way (const NnParams *params, const NnShape *in)
{
  const gint64 units = nn_params_int (params, "units");
  return nn_params_bool (params, "return-sequences") ? nn_shape (in->dim[0], units)
                                                     : nn_shape (units);
}

static gboolean
is_doubled (const NnParams *params)
{
  return nn_params_bool (params, "bidirectional")
         && merge_ops[nn_params_choice (params, "merge")] == &nn_op_concatenate;
}

gboolean
nn_recurrent_infer (const NnParams *params, const NnInferContext *context, NnShape *out,
                    GError **error)
{
  const gint64 units = nn_params_int (params, "units");
  const NnShape *in = &context->in[0];
  g_autofree char *shape = nn_shape_to_string (in);
  if (in->rank != 2)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
                   _ ("needs a sequence, steps × values, but gets %s; put Reshape before it"),
                   shape);
      return FALSE;
    }
  out[0] = one_way (params, in);
  if (is_doubled (params))
    out[0].dim[out[0].rank - 1] *= 2;
  /* Six values a gate, unit and step are about what a pass keeps. */
  if (nn_shape_size (&out[0]) < 0 || nn_shape_size (&nn_shape (in->dim[1], 4 * units)) < 0
      || nn_shape_size (&nn_shape (in->dim[0], 6 * units)) < 0)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
                   _ ("%" PRId64 " units on a sequence of %s are too many"), units, shape);
      return FALSE;
    }
  return TRUE;
}

typedef struct
{
  const NnOpType *type;
  gint64 gates, bias_rows, ones;
} Kind;

static guint
bias_weight (NnLowering *lowering, const Kind *kind, const char *name, gint64 features,
             gint64 units)
{
  const gint64 cols = kind->gates * units;
  const NnShape shape = kind->bias_rows > 1 ? nn_shape (kind->bias_rows, cols) : nn_shape (cols);
  const guint weight =
      nn_lowering_weight (lowering, name, &shape, NN_INIT_ZEROS, features, cols, 0, 0);
  if (kind->ones >= 0)
    nn_lowering_weight_ones (lowering, weight, kind->ones * units, (kind->ones + 1) * units);
  return weight;
}

/* One direction; prefix "" or "backward-" goes before the names of its weights. */
static guint
lower_direction (const NnParams *params, NnLowering *lowering, const Kind *kind,
                 const NnRecurrentAttrs *attrs, const char *prefix, guint in)
{
  const NnShape *shape = nn_lowering_shape (lowering, in);
  const gint64 features = shape->dim[1], units = attrs->units, cols = kind->gates * units;
  const NnShape out_shape = one_way (params, shape);
  const gboolean bias = nn_params_bool (params, "bias");
  g_autofree char *kernel = g_strconcat (prefix, "kernel", NULL);
  g_autofree char *recurrent = g_strconcat (prefix, "recurrent-kernel", NULL);
  g_autofree char *bias_name = g_strconcat (prefix, "bias", NULL);
  guint weights[3];

  weights[0] = nn_lowering_weight (
      lowering, kernel, &nn_shape (features, cols), nn_params_choice (params, "initialiser"),
      features, cols, (float)nn_params_float (params, "l1"), (float)nn_params_float (params, "l2"));
  weights[1] = nn_lowering_weight (lowering, recurrent, &nn_shape (units, cols),
                                   nn_params_choice (params, "recurrent-initialiser"), units, cols,
                                   (float)nn_params_float (params, "recurrent-l1"),
                                   (float)nn_params_float (params, "recurrent-l2"));
  if (bias)
    weights[2] = bias_weight (lowering, kind, bias_name, features, units);
  guint out = nn_lowering_value (lowering, &out_shape);
  nn_lowering_op (lowering, kind->type, attrs, 1, &in, 1, &out, bias ? 3 : 2, weights);
  return out;
}

void
nn_recurrent_lower (const NnParams *params, NnLowering *lowering, const NnOpType *type,
                    gint64 gates, gint64 bias_rows, gint64 ones)
{
  const Kind kind = { type, gates, bias_rows, ones };
  const guint in = (guint)nn_lowering_input (lowering, 0);
  const gboolean both = nn_params_bool (params, "bidirectional");
  const NnShape *shape = nn_lowering_output_shape (lowering, 0);
  NnRecurrentAttrs attrs = {
    .activation = (NnActivation)nn_activation_from_id (nn_params_text (params, "activation")),
    .steps = nn_lowering_shape (lowering, in)->dim[0],
    .units = nn_params_int (params, "units"),
    .sequences = nn_params_bool (params, "return-sequences"),
    .reverse = !both && nn_params_bool (params, "go-backwards"),
    .aligned = both,
  };
  guint out = lower_direction (params, lowering, &kind, &attrs, "", in);
  if (both)
    {
      guint ways[2] = { out };
      attrs.reverse = TRUE;
      ways[1] = lower_direction (params, lowering, &kind, &attrs, "backward-", in);
      out = nn_lowering_value (lowering, shape);
      nn_lowering_op (lowering, merge_ops[nn_params_choice (params, "merge")], NULL, 2, ways, 1,
                      &out, 0, NULL);
    }
  NnActivityAttrs activity = { .l1 = (float)nn_params_float (params, "activity-l1") };
  if (activity.l1 > 0)
    out = nn_lowering_unary (lowering, &nn_op_activity_penalty, &activity, out, shape);
  nn_lowering_output (lowering, 0, out);
}

char *
nn_recurrent_describe (const NnParams *params, const char *title)
{
  if (nn_params_bool (params, "bidirectional"))
    return g_strdup_printf (_ ("%s · both ways"), title);
  if (nn_params_bool (params, "return-sequences"))
    return g_strdup_printf (_ ("%s · every step"), title);
  return g_strdup_printf (_ ("%s · last step"), title);
}

NnParams *
nn_recurrent_match_output (const NnParams *params, const NnShape *in, const NnShape *wanted,
                           char **label)
{
  const gint64 size = nn_shape_size (wanted);
  gint64 per_unit = is_doubled (params) ? 2 : 1;
  if (in->rank != 2)
    return NULL;
  if (nn_params_bool (params, "return-sequences"))
    per_unit *= in->dim[0];
  if (size < 1 || size % per_unit != 0)
    return NULL;
  const gint64 units = size / per_unit;
  NnParams *matched = nn_params_with_number (params, "units", (double)units, NULL);
  if (matched)
    *label = g_strdup_printf (_ ("Set units to %" PRId64), units);
  return matched;
}

NnParams *
nn_recurrent_mirror (const NnParams *params, const NnShape *in, const char *id,
                     const NnLayerType **type)
{
  g_autoptr (NnParams) plain = nn_params_with_number (params, "activity-l1", 0, NULL);
  g_autoptr (NnParams) one = nn_params_with_number (plain, "bidirectional", 0, NULL);
  g_autoptr (NnParams) whole = nn_params_with_number (one, "return-sequences", 1, NULL);
  *type = nn_layer_type (id);
  return nn_params_with_number (whole, "units", (double)in->dim[1], NULL);
}

NnParams *
nn_recurrent_mirror_first (const NnParams *params, const NnShape *in, const NnShape *out,
                           const NnLayerType **type)
{
  if (nn_params_bool (params, "return-sequences"))
    return NULL;
  *type = nn_layer_type ("repeat-vector");
  g_autoptr (NnParams) plain = nn_params_new ((*type)->params);
  return nn_params_with_number (plain, "times", (double)in->dim[0], NULL);
}

const NnLayerTest nn_recurrent_tests[] = {
  { "last state", "units=3", { "4x2" } },
  { "whole sequence", "units=5 return-sequences=true", { "3x4" } },
  { "one step", "units=3", { "1x3" }, .idle = "recurrent-kernel" },
  { "one step, whole sequence",
    "units=2 return-sequences=true",
    { "1x2" },
    .idle = "recurrent-kernel" },
  { "one unit, one value", "units=1 return-sequences=true", { "4x1" } },
  { "more units than lanes", "units=17", { "2x2" } },
  { "backwards", "units=3 go-backwards=true", { "4x2" } },
  { "backwards, whole sequence", "units=3 go-backwards=true return-sequences=true", { "3x2" } },
  { "both ways", "units=2 bidirectional=true", { "3x2" } },
  { "both ways, whole sequence", "units=2 bidirectional=true return-sequences=true", { "3x3" } },
  { "both ways, sum", "units=3 bidirectional=true merge=sum return-sequences=true", { "3x2" } },
  { "both ways, average", "units=3 bidirectional=true merge=average", { "3x2" } },
  { "both ways, product",
    "units=2 bidirectional=true merge=multiply activation=softplus",
    { "2x2" } },
  { "no bias", "units=3 bias=false return-sequences=true", { "3x2" } },
  { "relu", "units=3 activation=relu", { "2x2" } },
  { "sigmoid", "units=3 activation=sigmoid", { "3x2" } },
  { "hard sigmoid", "units=3 activation=hard-sigmoid", { "3x2" } },
  { "softplus", "units=2 activation=softplus", { "3x2" } },
  { "linear", "units=2 activation=linear", { "3x2" } },
  { "penalties",
    "units=3 l1=0.01 l2=0.02 recurrent-l1=0.01 recurrent-l2=0.02 activity-l1=0.05",
    { "3x2" } },
  { NULL },
};
