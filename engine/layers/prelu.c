/* PReLU (He et al. 2015): a leaky ReLU whose slope is trained. */
#include "diabolo-config.h"

#include "base/nn-error.h"
#include "layers/nn-layer-params.h"
#include "ops/nn-op.h"

#include <glib/gi18n-lib.h>

static const NnParamSpec prelu_params[] = {
  { .name = "shared",
    .title = N_ ("Shared"),
    .tip = N_ ("One slope for each channel, used at all positions, instead of one for each value."),
    .type = NN_PARAM_BOOL,
    .flags = NN_PARAM_STRUCTURAL,
    .def = 0,
    .min = 0,
    .max = 1 },
  { NULL },
};

static gboolean
prelu_infer (const NnParams *params, const NnInferContext *context, NnShape *out, GError **error)
{
  out[0] = context->in[0];
  if (out[0].rank < 1)
    g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
                 _ ("needs at least one axis to work on, but gets a single value"));
  return out[0].rank >= 1;
}

static void
prelu_lower (const NnParams *params, NnLowering *lowering)
{
  const guint in = (guint)nn_lowering_input (lowering, 0);
  const NnShape shape = *nn_lowering_shape (lowering, in);
  const NnShape slopes =
      nn_params_bool (params, "shared") ? nn_shape (shape.dim[shape.rank - 1]) : shape;
  const gint64 n = nn_shape_size (&slopes);
  const guint weight = nn_lowering_weight (lowering, "alpha", &slopes, NN_INIT_ZEROS, n, n, 0, 0);
  const guint out = nn_lowering_value (lowering, &shape);
  nn_lowering_op (lowering, &nn_op_prelu, NULL, 1, &in, 1, &out, 1, &weight);
  nn_lowering_output (lowering, 0, out);
}

static const NnLayerTest prelu_tests[] = {
  { "a slope for each value", NULL, { "2x3" } },
  { "a slope for each channel", "shared=true", { "2x3x2" } },
  { NULL },
};

const NnLayerType nn_layer_prelu = {
  .id = "prelu",
  .version = 1,
  .title = N_ ("PReLU"),
  .category = NN_CATEGORY_CORE,
  .icon = "nn-prelu-symbolic",
  .summary = N_ ("a ReLU with a trained slope"),
  .when_to_use = N_ ("In place of ReLU where units stop learning: how much passes below zero is "
                     "found by training."),
  .params = prelu_params,
  .inputs = nn_ports_in,
  .outputs = nn_ports_out,
  .infer = prelu_infer,
  .lower = prelu_lower,
  .tests = prelu_tests,
};
