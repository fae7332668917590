/* Layer normalisation (Ba et al. 2016) over the last axis, as Keras. */
#include "diabolo-config.h"

#include "layers/nn-layer-params.h"
#include "ops/nn-op.h"

#include <glib/gi18n-lib.h>

static const NnParamSpec norm_params[] = {
  NN_PARAM_NORM_EPSILON,
  NN_PARAM_NORM_SCALE,
  NN_PARAM_NORM_CENTRE,
  { NULL },
};

static void
norm_lower (const NnParams *params, NnLowering *lowering)
{
  const guint in = (guint)nn_lowering_input (lowering, 0);
  const NnShape shape = *nn_lowering_shape (lowering, in);
  const gint64 features = shape.dim[shape.rank - 1];
  const NnLayerNormAttrs attrs = {
    .epsilon = (float)nn_params_float (params, "epsilon"),
    .scale = nn_params_bool (params, "scale"),
    .centre = nn_params_bool (params, "centre"),
  };
  guint weights[2];
  const guint n_weights =
      nn_lower_norm_weights (lowering, features, attrs.scale, attrs.centre, weights);
  const guint out = nn_lowering_value (lowering, &shape);
  nn_lowering_op (lowering, &nn_op_layer_norm, &attrs, 1, &in, 1, &out, n_weights, weights);
  nn_lowering_output (lowering, 0, out);
}

static const NnLayerTest norm_tests[] = {
  { "row", NULL, { "6" } },
  { "sequence", "epsilon=0.1", { "3x5" } },
  { "scale only", "centre=false", { "7" } },
  { "centre only", "scale=false", { "5" } },
  { "neither", "scale=false centre=false epsilon=0.01", { "2x2x4" } },
  { NULL },
};

const NnLayerType nn_layer_layer_norm = {
  .id = "layer-norm",
  .version = 1,
  .title = N_ ("Layer normalisation"),
  .category = NN_CATEGORY_CORE,
  .icon = "nn-layer-norm-symbolic",
  .summary = N_ ("mean 0 and spread 1 in each sample"),
  .when_to_use =
      N_ ("Between layers of a deep or recurrent network: values keep a size that can be "
          "learned from, whatever the batch."),
  .params = norm_params,
  .inputs = nn_ports_in,
  .outputs = nn_ports_out,
  .infer = nn_infer_features,
  .lower = norm_lower,
  .tests = norm_tests,
};
