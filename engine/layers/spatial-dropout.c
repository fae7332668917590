/* Spatial dropout (Tompson et al. 2015): whole channels fall silent. */
#include "diabolo-config.h"

#include "base/nn-error.h"
#include "layers/nn-layer-params.h"
#include "ops/nn-op.h"

#include <glib/gi18n-lib.h>

static const NnParamSpec spatial_params[] = {
  { .name = "rate",
    .title = N_ ("Rate"),
    .tip = N_ ("Share of channels set to 0 at random in each training step."),
    .type = NN_PARAM_FLOAT,
    .def = 0.2,
    .min = 0,
    .max = 0.99,
    .soft_min = 0,
    .soft_max = 0.9 },
  { NULL },
};

static gboolean
spatial_infer (const NnParams *params, const NnInferContext *context, NnShape *out, GError **error)
{
  if (context->in[0].rank < 2)
    {
      g_autofree char *shape = nn_shape_to_string (&context->in[0]);
      g_set_error (
          error, NN_ERROR, NN_ERROR_SHAPE,
          _ ("needs channels with several positions each, such as 7×7×16, but gets %s; use "
             "Dropout here"),
          shape);
      return FALSE;
    }
  out[0] = context->in[0];
  return TRUE;
}

static void
spatial_lower (const NnParams *params, NnLowering *lowering)
{
  const guint in = (guint)nn_lowering_input (lowering, 0);
  const NnShape shape = *nn_lowering_shape (lowering, in);
  const NnDropoutAttrs attrs = { .rate = (float)nn_params_float (params, "rate") };
  nn_lowering_output (lowering, 0,
                      nn_lowering_unary (lowering, &nn_op_spatial_dropout, &attrs, in, &shape));
}

static char *
spatial_describe (const NnParams *params)
{
  return g_strdup_printf (_ ("drops %.3g %%"), 100 * nn_params_float (params, "rate"));
}

static const NnLayerTest spatial_tests[] = {
  { "image", "rate=0.4", { "2x3x5" } },
  { "sequence", "rate=0.5", { "3x4" } },
  { "none", "rate=0", { "2x2x2" } },
  { NULL },
};

const NnLayerType nn_layer_spatial_dropout = {
  .id = "spatial-dropout",
  .version = 1,
  .title = N_ ("Spatial dropout"),
  .category = NN_CATEGORY_NOISE,
  .icon = "nn-spatial-dropout-symbolic",
  .summary = N_ ("silences channels at random"),
  .when_to_use = N_ ("Behind convolutions, where neighbouring pixels know each other's values: "
                     "silencing single ones would hide nothing."),
  .flags = NN_LAYER_CORRUPTS,
  .params = spatial_params,
  .inputs = nn_ports_in,
  .outputs = nn_ports_out,
  .infer = spatial_infer,
  .lower = spatial_lower,
  .describe = spatial_describe,
  .tests = spatial_tests,
};
