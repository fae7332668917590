/* KL sparsity: passes values through and adds to the loss how far each unit's mean activity over
 * the batch is from a target. */
#include "diabolo-config.h"

#include "layers/nn-layer-params.h"
#include "ops/nn-op.h"

#include <glib/gi18n-lib.h>

static const NnParamSpec sparsity_params[] = {
  { .name = "rho",
    .title = N_ ("Target activity"),
    .tip = N_ ("Rho: how active each unit should be on average, from 0 to 1."),
    .type = NN_PARAM_FLOAT,
    .def = 0.05,
    .min = 1e-4,
    .max = 0.9999,
    .soft_min = 0.01,
    .soft_max = 0.5 },
  { .name = "beta",
    .title = N_ ("Weight"),
    .tip = N_ ("Beta: how much being off the target counts beside the other losses."),
    .type = NN_PARAM_FLOAT,
    .flags = NN_PARAM_LOG,
    .def = 1e-2,
    .min = 1e-9,
    .max = 1000,
    .soft_min = 1e-4,
    .soft_max = 10 },
  { NULL },
};

static void
sparsity_lower (const NnParams *params, NnLowering *lowering)
{
  const guint in = (guint)nn_lowering_input (lowering, 0);
  const NnShape shape = *nn_lowering_shape (lowering, in);
  const NnKlSparsityAttrs attrs = {
    .rho = (float)nn_params_float (params, "rho"),
    .beta = (float)nn_params_float (params, "beta"),
  };
  nn_lowering_output (lowering, 0,
                      nn_lowering_unary (lowering, &nn_op_kl_sparsity, &attrs, in, &shape));
}

static char *
sparsity_describe (const NnParams *params)
{
  return g_strdup_printf (_ ("Target %.3g"), nn_params_float (params, "rho"));
}

static const NnLayerTest sparsity_tests[] = {
  { "unit range", "rho=0.1 beta=0.3", { "6" }, .unit_range = TRUE },
  { "image", "rho=0.4 beta=2", { "2x2x2" }, .unit_range = TRUE },
  { NULL },
};

const NnLayerType nn_layer_kl_sparsity = {
  .id = "kl-sparsity",
  .version = 1,
  .title = N_ ("KL sparsity"),
  .category = NN_CATEGORY_CORE,
  .icon = "nn-kl-sparsity-symbolic",
  .summary = N_ ("keeps units silent most of the time"),
  .when_to_use = N_ ("Behind a code with a sigmoid: each unit is to be active for few samples "
                     "only, on average over a batch. Values pass unchanged."),
  .params = sparsity_params,
  .inputs = nn_ports_in,
  .outputs = nn_ports_out,
  .infer = nn_infer_same,
  .lower = sparsity_lower,
  .describe = sparsity_describe,
  .tests = sparsity_tests,
};
