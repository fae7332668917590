/* Activation: a function applied to each value (softmax: over the last axis). */
#include "diabolo-config.h"

#include "layers/nn-layer-params.h"

#include <glib/gi18n-lib.h>

static const NnParamSpec activation_params[] = {
  NN_PARAM_ACTIVATION ("relu"),
  NN_PARAM_ALPHA,
  { NULL },
};

static void
activation_lower (const NnParams *params, NnLowering *lowering)
{
  guint in = (guint)nn_lowering_input (lowering, 0);
  nn_lowering_output (lowering, 0,
                      nn_lowering_activation (lowering, nn_params_choice (params, "activation"),
                                              (float)nn_params_float (params, "alpha"), in));
}

static char *
activation_describe (const NnParams *params)
{
  return g_strdup (nn_choice_title (params, "activation"));
}

static const NnLayerTest activation_tests[] = {
  { "relu", NULL, { "6" } },
  { "leaky relu", "activation=leaky-relu alpha=0.1", { "6" } },
  { "elu", "activation=elu alpha=1", { "6" } },
  { "sigmoid", "activation=sigmoid", { "3x2" } },
  { "tanh", "activation=tanh", { "6" } },
  { "softplus", "activation=softplus", { "6" } },
  { "selu", "activation=selu", { "6" } },
  { "gelu", "activation=gelu", { "7" } },
  { "silu", "activation=silu", { "3x3" } },
  { "hard sigmoid", "activation=hard-sigmoid", { "6" } },
  { "relu6", "activation=relu6", { "6" } },
  { "hard swish", "activation=hard-swish", { "7" } },
  { "softsign", "activation=softsign", { "6" } },
  { "softmax", "activation=softmax", { "5" } },
  { "softmax over the last axis", "activation=softmax", { "2x3" } },
  { "log softmax", "activation=log-softmax", { "5" } },
  { "log softmax over the last axis", "activation=log-softmax", { "2x3" } },
  { "linear", "activation=linear", { "6" } },
  { NULL },
};

const NnLayerType nn_layer_activation = {
  .id = "activation",
  .version = 1,
  .title = N_ ("Activation"),
  .category = NN_CATEGORY_CORE,
  .icon = "nn-activation-symbolic",
  .summary = N_ ("bends each value"),
  .when_to_use =
      N_ ("Between layers that are linear by themselves: without bends a deep network can "
          "do no more than a single layer."),
  .params = activation_params,
  .inputs = nn_ports_in,
  .outputs = nn_ports_out,
  .infer = nn_infer_same,
  .lower = activation_lower,
  .describe = activation_describe,
  .tests = activation_tests,
};
