/* Activity penalty: passes values through and adds their size to the loss. */
#include "diabolo-config.h"

#include "layers/nn-layer-params.h"
#include "ops/nn-op.h"

#include <glib/gi18n-lib.h>

#define PENALTY(id, label, text, value)                                                            \
  {                                                                                                \
    .name = id, .title = label, .tip = text, .type = NN_PARAM_FLOAT,                               \
    .flags = NN_PARAM_LOG | NN_PARAM_OFF_AT_ZERO, .def = value, .min = 0, .max = 1000,             \
    .soft_min = 1e-6, .soft_max = 1e-1                                                             \
  }

static const NnParamSpec penalty_params[] = {
  PENALTY ("l1", N_ ("L1"),
           N_ ("Adds this times the sum of absolute values to the loss: most become 0."), 1e-4),
  PENALTY ("l2", N_ ("L2"),
           N_ ("Adds this times the sum of squared values to the loss: they stay small."), 0),
  { NULL },
};

static void
penalty_lower (const NnParams *params, NnLowering *lowering)
{
  const guint in = (guint)nn_lowering_input (lowering, 0);
  const NnShape shape = *nn_lowering_shape (lowering, in);
  const NnActivityAttrs attrs = {
    .l1 = (float)nn_params_float (params, "l1"),
    .l2 = (float)nn_params_float (params, "l2"),
  };
  nn_lowering_output (lowering, 0,
                      nn_lowering_unary (lowering, &nn_op_activity_penalty, &attrs, in, &shape));
}

static char *
penalty_describe (const NnParams *params)
{
  return g_strdup_printf (_ ("L1 %.3g · L2 %.3g"), nn_params_float (params, "l1"),
                          nn_params_float (params, "l2"));
}

static const NnLayerTest penalty_tests[] = {
  { "l1", "l1=0.1", { "6" } },
  { "l2", "l1=0 l2=0.3", { "2x3" } },
  { "both", "l1=0.1 l2=0.2", { "5" } },
  { NULL },
};

const NnLayerType nn_layer_activity_penalty = {
  .id = "activity-penalty",
  .version = 1,
  .title = N_ ("Activity penalty"),
  .category = NN_CATEGORY_CORE,
  .icon = "nn-activity-penalty-symbolic",
  .summary = N_ ("makes values cost something"),
  .when_to_use = N_ ("Behind a code that is to be sparse, or any layer whose values should stay "
                     "small. Values pass unchanged."),
  .params = penalty_params,
  .inputs = nn_ports_in,
  .outputs = nn_ports_out,
  .infer = nn_infer_same,
  .lower = penalty_lower,
  .describe = penalty_describe,
  .tests = penalty_tests,
};
