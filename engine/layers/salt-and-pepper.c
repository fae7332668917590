/* Salt and pepper: some values jump to the ends of their range (Vincent et al. 2010). */
#include "diabolo-config.h"

#include "layers/nn-layer-params.h"
#include "ops/nn-op.h"

#include <glib/gi18n-lib.h>

static const NnParamSpec salt_params[] = {
  { .name = "amount",
    .title = N_ ("Amount"),
    .tip = N_ ("Share of values that are replaced."),
    .type = NN_PARAM_FLOAT,
    .def = 0.1,
    .min = 0,
    .max = 1,
    .soft_min = 0,
    .soft_max = 0.5 },
  { .name = "salt",
    .title = N_ ("Salt"),
    .tip =
        N_ ("Share of the replaced values that become the highest; the others become the lowest."),
    .type = NN_PARAM_FLOAT,
    .def = 0.5,
    .min = 0,
    .max = 1,
    .soft_min = 0,
    .soft_max = 1 },
  { .name = "low",
    .title = N_ ("Lowest"),
    .tip = N_ ("What pepper becomes."),
    .type = NN_PARAM_FLOAT,
    .flags = NN_PARAM_ADVANCED,
    .def = 0,
    .min = -1000,
    .max = 1000,
    .soft_min = -1,
    .soft_max = 1 },
  { .name = "high",
    .title = N_ ("Highest"),
    .tip = N_ ("What salt becomes."),
    .type = NN_PARAM_FLOAT,
    .flags = NN_PARAM_ADVANCED,
    .def = 1,
    .min = -1000,
    .max = 1000,
    .soft_min = -1,
    .soft_max = 1 },
  NN_PARAM_TRAINING_ONLY,
  { NULL },
};

static void
salt_lower (const NnParams *params, NnLowering *lowering)
{
  const guint in = (guint)nn_lowering_input (lowering, 0);
  const NnShape shape = *nn_lowering_shape (lowering, in);
  const NnSaltAttrs attrs = {
    .amount = (float)nn_params_float (params, "amount"),
    .salt = (float)nn_params_float (params, "salt"),
    .low = (float)nn_params_float (params, "low"),
    .high = (float)nn_params_float (params, "high"),
    .training_only = nn_params_bool (params, "training-only"),
  };
  nn_lowering_output (lowering, 0,
                      nn_lowering_unary (lowering, &nn_op_salt_and_pepper, &attrs, in, &shape));
}

static char *
salt_describe (const NnParams *params)
{
  return g_strdup_printf (_ ("replaces %.3g %%"), 100 * nn_params_float (params, "amount"));
}

static const NnLayerTest salt_tests[] = {
  { "a third", "amount=0.3", { "12" } },
  { "salt only, other range", "amount=0.2 salt=1 low=-1 high=2 training-only=true", { "3x4" } },
  { "none", "amount=0", { "5" } },
  { NULL },
};

const NnLayerType nn_layer_salt_and_pepper = {
  .id = "salt-and-pepper",
  .version = 1,
  .title = N_ ("Salt and pepper"),
  .category = NN_CATEGORY_NOISE,
  .icon = "nn-salt-and-pepper-symbolic",
  .summary = N_ ("turns values black or white"),
  .when_to_use = N_ ("Between input and encoder: unlike Gaussian noise it destroys some pixels "
                     "altogether, so the network has to work them out from the others."),
  .flags = NN_LAYER_CORRUPTS,
  .params = salt_params,
  .inputs = nn_ports_in,
  .outputs = nn_ports_out,
  .infer = nn_infer_same,
  .lower = salt_lower,
  .describe = salt_describe,
  .tests = salt_tests,
};
