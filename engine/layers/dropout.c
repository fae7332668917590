/* Dropout (Srivastava et al. 2014), scaled during training as Keras does. */
#include "diabolo-config.h"

#include "layers/nn-layer-params.h"
#include "ops/nn-op.h"

#include <glib/gi18n-lib.h>

static const NnParamSpec dropout_params[] = {
  { .name = "rate",
    .title = N_ ("Rate"),
    .tip = N_ ("Share of values set to 0 at random in each training step."),
    .type = NN_PARAM_FLOAT,
    .def = 0.5,
    .min = 0,
    .max = 0.99,
    .soft_min = 0,
    .soft_max = 0.9 },
  { NULL },
};

static void
dropout_lower (const NnParams *params, NnLowering *lowering)
{
  guint in = (guint)nn_lowering_input (lowering, 0);
  NnShape shape = *nn_lowering_shape (lowering, in);
  NnDropoutAttrs attrs = { .rate = (float)nn_params_float (params, "rate") };
  nn_lowering_output (lowering, 0,
                      nn_lowering_unary (lowering, &nn_op_dropout, &attrs, in, &shape));
}

static char *
dropout_describe (const NnParams *params)
{
  return g_strdup_printf (_ ("drops %.3g %%"), 100 * nn_params_float (params, "rate"));
}

static const NnLayerTest dropout_tests[] = {
  { "half", NULL, { "12" } },
  { "a fifth of an image", "rate=0.2", { "3x3x2" } },
  { "none", "rate=0", { "5" } },
  { NULL },
};

const NnLayerType nn_layer_dropout = {
  .id = "dropout",
  .version = 1,
  .title = N_ ("Dropout"),
  .category = NN_CATEGORY_NOISE,
  .icon = "nn-dropout-symbolic",
  .summary = N_ ("silences values at random"),
  .when_to_use = N_ ("Against learning by heart: no unit can rely on one other. Works during "
                     "training only; rates of 0.2 to 0.5 are usual."),
  .flags = NN_LAYER_CORRUPTS,
  .params = dropout_params,
  .inputs = nn_ports_in,
  .outputs = nn_ports_out,
  .infer = nn_infer_same,
  .lower = dropout_lower,
  .describe = dropout_describe,
  .tests = dropout_tests,
};
