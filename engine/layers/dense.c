/* Dense: y = f(x W + b) on the last axis, as Keras. */
#include "diabolo-config.h"

#include "base/nn-error.h"
#include "layers/nn-layer-params.h"
#include "ops/nn-op.h"

#include <inttypes.h>
#include <glib/gi18n-lib.h>

static const NnParamSpec dense_params[] = {
  { .name = "units",
    .title = N_ ("Units"),
    .tip = N_ ("How many values the layer gives: each is a weighted sum of all that come in."),
    .type = NN_PARAM_INT,
    .flags = NN_PARAM_STRUCTURAL,
    .def = 32,
    .min = 1,
    .max = 65536 },
  NN_PARAM_ACTIVATION ("relu"),
  NN_PARAM_ALPHA,
  { .name = "initialiser",
    .title = N_ ("Initialiser"),
    .tip = N_ ("How the weights are drawn before training."),
    .type = NN_PARAM_CHOICE,
    .flags = NN_PARAM_STRUCTURAL,
    .def_text = "glorot-uniform",
    .choices = nn_initialiser_choices },
  NN_PARAM_PENALTY ("activity-l1", N_ ("L1 activity"),
                    N_ ("Adds this times the sum of absolute outputs to the loss: a sparse code."),
                    0),
  NN_PARAM_PENALTY ("l1", N_ ("L1 weights"),
                    N_ ("Adds this times the sum of absolute weights to the loss: many become 0."),
                    NN_PARAM_ADVANCED),
  NN_PARAM_PENALTY ("l2", N_ ("L2 weights"),
                    N_ ("Adds this times the sum of squared weights to the loss: they stay small."),
                    NN_PARAM_ADVANCED),
  NN_PARAM_PENALTY ("contractive", N_ ("Contractive"),
                    N_ ("Adds this times the squared slopes of the outputs to the loss: a code "
                        "that small changes of the input do not move."),
                    NN_PARAM_ADVANCED),
  { .name = "bias",
    .title = N_ ("Bias"),
    .tip = N_ ("A trained number added to each unit's sum."),
    .type = NN_PARAM_BOOL,
    .flags = NN_PARAM_STRUCTURAL | NN_PARAM_ADVANCED,
    .def = 1,
    .min = 0,
    .max = 1 },
  { NULL },
};

static gboolean
dense_infer (const NnParams *params, const NnInferContext *context, NnShape *out, GError **error)
{
  const gint64 units = nn_params_int (params, "units");
  out[0] = context->in[0];
  if (out[0].rank < 1)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
                   _ ("needs at least one axis to work on, but gets a single value"));
      return FALSE;
    }
  if (nn_params_float (params, "contractive") > 0
      && !nn_op_contractive_takes (nn_params_choice (params, "activation")))
    {
      g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
                   _ ("a contractive penalty needs an activation whose slope follows from its "
                      "output, such as sigmoid or tanh, not %s"),
                   nn_choice_title (params, "activation"));
      return FALSE;
    }
  const gint64 features = out[0].dim[out[0].rank - 1];
  out[0].dim[out[0].rank - 1] = units;
  if (nn_shape_size (&out[0]) < 0 || nn_shape_size (&nn_shape (features, units)) < 0)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
                   _ ("%" PRId64 " units on %" PRId64
                      " values make more than the 2⁴⁰ numbers that a layer may hold"),
                   units, features);
      return FALSE;
    }
  return TRUE;
}

static void
dense_lower (const NnParams *params, NnLowering *lowering)
{
  guint in = (guint)nn_lowering_input (lowering, 0);
  NnShape shape = *nn_lowering_shape (lowering, in);
  const gint64 features = shape.dim[shape.rank - 1], units = nn_params_int (params, "units");
  const gboolean bias = nn_params_bool (params, "bias");
  guint weights[2], out;

  weights[0] = nn_lowering_weight (lowering, "kernel", &nn_shape (features, units),
                                   nn_params_choice (params, "initialiser"), features, units,
                                   (float)nn_params_float (params, "l1"),
                                   (float)nn_params_float (params, "l2"));
  const NnLinearAttrs linear = { .transposed = nn_lowering_transposed (lowering) };
  if (bias)
    weights[1] = nn_lowering_weight (lowering, "bias", &nn_shape (units), NN_INIT_ZEROS, features,
                                     units, 0, 0);
  shape.dim[shape.rank - 1] = units;
  out = nn_lowering_value (lowering, &shape);
  nn_lowering_op (lowering, &nn_op_linear, &linear, 1, &in, 1, &out, bias ? 2 : 1, weights);
  out = nn_lowering_activation (lowering, nn_params_choice (params, "activation"),
                                (float)nn_params_float (params, "alpha"), out);

  const NnContractiveAttrs contractive = {
    .function = nn_params_choice (params, "activation"),
    .alpha = (float)nn_params_float (params, "alpha"),
    .lambda = (float)nn_params_float (params, "contractive"),
    .transposed = linear.transposed,
  };
  if (contractive.lambda > 0)
    {
      const guint smooth = nn_lowering_value (lowering, &shape);
      nn_lowering_op (lowering, &nn_op_contractive, &contractive, 1, &out, 1, &smooth, 1, weights);
      out = smooth;
    }

  NnActivityAttrs activity = { .l1 = (float)nn_params_float (params, "activity-l1") };
  if (activity.l1 > 0)
    out = nn_lowering_unary (lowering, &nn_op_activity_penalty, &activity, out, &shape);
  nn_lowering_output (lowering, 0, out);
}

static char *
dense_describe (const NnParams *params)
{
  return g_strdup_printf (_ ("Dense · %s"), nn_choice_title (params, "activation"));
}

static NnParams *
dense_match_output (const NnParams *params, const NnShape *in, const NnShape *wanted, char **label)
{
  if (in->rank < 1)
    return NULL;
  const gint64 positions = nn_shape_size (in) / in->dim[in->rank - 1];
  const gint64 size = nn_shape_size (wanted);
  if (size < 1 || size % positions != 0)
    return NULL;
  const gint64 units = size / positions;
  NnParams *matched = nn_params_with_number (params, "units", (double)units, NULL);
  if (matched)
    *label = g_strdup_printf (_ ("Set units to %" PRId64), units);
  return matched;
}

static NnParams *
dense_mirror (const NnParams *params, const NnShape *in, const NnShape *out,
              const NnLayerType **type)
{
  /* A penalty that makes a code sparse is not meant for what is rebuilt from it. */
  g_autoptr (NnParams) loose = nn_params_with_number (params, "contractive", 0, NULL);
  g_autoptr (NnParams) plain = nn_params_with_number (loose, "activity-l1", 0, NULL);
  *type = nn_layer_type ("dense");
  return nn_params_with_number (plain, "units", (double)in->dim[in->rank - 1], NULL);
}

static const NnLayerTest dense_tests[] = {
  { "relu", "units=3", { "5" } },
  { "linear, no bias", "units=4 activation=linear bias=false", { "7" } },
  { "leaky relu", "units=3 activation=leaky-relu alpha=0.2", { "6" } },
  { "elu", "units=3 activation=elu alpha=0.7", { "6" } },
  { "sigmoid", "units=1 activation=sigmoid", { "5" } },
  { "tanh", "units=5 activation=tanh initialiser=he-normal", { "3" } },
  { "softplus", "units=3 activation=softplus", { "4" } },
  { "selu", "units=3 activation=selu", { "5" } },
  { "gelu", "units=4 activation=gelu", { "5" } },
  { "silu, no bias", "units=3 activation=silu bias=false", { "5" } },
  { "softmax", "units=4 activation=softmax", { "5" } },
  { "penalties", "units=3 activation=tanh activity-l1=0.05 l1=0.01 l2=0.02", { "4" } },
  { "contractive sigmoid", "units=3 activation=sigmoid contractive=0.5", { "4" } },
  { "contractive tanh", "units=3 activation=tanh contractive=0.1 activity-l1=0.05", { "3x2" } },
  { "contractive elu", "units=4 activation=elu alpha=0.7 contractive=0.1", { "3" } },
  { "contractive selu", "units=4 activation=selu contractive=0.1", { "3" } },
  { "contractive softplus", "units=3 activation=softplus contractive=0.2", { "4" } },
  { "contractive relu", "units=4 activation=relu contractive=0.2", { "3" } },
  { "contractive leaky relu", "units=3 activation=leaky-relu contractive=0.1", { "3" } },
  { "contractive linear", "units=3 activation=linear contractive=0.1 bias=false", { "4" } },
  { "last axis of a sequence", "units=3 activation=tanh", { "3x2" } },
  { "last axis of an image", "units=2 activation=sigmoid", { "2x3x2" } },
  { NULL },
};

const NnLayerType nn_layer_dense = {
  .id = "dense",
  .version = 1,
  .title = N_ ("Dense"),
  .category = NN_CATEGORY_CORE,
  .icon = "nn-dense-symbolic",
  .summary = N_ ("fully connected"),
  .when_to_use = N_ ("Every unit looks at every value that comes in. Narrow ones make a code; the "
                     "last one has as many units as the target has values."),
  .params = dense_params,
  .inputs = nn_ports_in,
  .outputs = nn_ports_out,
  .infer = dense_infer,
  .lower = dense_lower,
  .describe = dense_describe,
  .match_output = dense_match_output,
  .mirror = dense_mirror,
  .tests = dense_tests,
};
