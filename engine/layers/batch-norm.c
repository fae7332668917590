/* Batch normalisation (Ioffe and Szegedy 2015) over all axes but the last, as Keras. */
#include "diabolo-config.h"

#include "layers/nn-layer-params.h"
#include "ops/nn-op.h"

#include <glib/gi18n-lib.h>

static const NnParamSpec norm_params[] = {
  { .name = "momentum",
    .title = N_ ("Momentum"),
    .tip = N_ ("How much of the kept mean and variance stays at each step; they are what counts "
               "after training."),
    .type = NN_PARAM_FLOAT,
    .def = 0.99,
    .min = 0,
    .max = 0.99999,
    .soft_min = 0.5,
    .soft_max = 0.999 },
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
  const NnBatchNormAttrs attrs = {
    .momentum = (float)nn_params_float (params, "momentum"),
    .epsilon = (float)nn_params_float (params, "epsilon"),
    .scale = nn_params_bool (params, "scale"),
    .centre = nn_params_bool (params, "centre"),
  };
  guint weights[4], n_weights = NN_BATCH_NORM_SCALE;
  weights[NN_BATCH_NORM_MEAN] =
      nn_lowering_state (lowering, "moving-mean", &nn_shape (features), NN_INIT_ZEROS);
  weights[NN_BATCH_NORM_VARIANCE] =
      nn_lowering_state (lowering, "moving-variance", &nn_shape (features), NN_INIT_ONES);
  n_weights +=
      nn_lower_norm_weights (lowering, features, attrs.scale, attrs.centre, weights + n_weights);
  const guint out = nn_lowering_value (lowering, &shape);
  /* As in Keras, a frozen layer normalises with what it has kept. */
  nn_lowering_op (lowering,
                  nn_lowering_frozen (lowering) ? &nn_op_batch_norm_kept : &nn_op_batch_norm,
                  &attrs, 1, &in, 1, &out, n_weights, weights);
  nn_lowering_output (lowering, 0, out);
}

static const NnLayerTest norm_tests[] = {
  { "row", NULL, { "6" }, .constant_alone = TRUE },
  { "sequence", "epsilon=0.1", { "3x5" } },
  { "image", "momentum=0.5", { "3x3x2" } },
  { "scale only", "centre=false", { "7" }, .constant_alone = TRUE },
  { "centre only", "scale=false epsilon=0.01", { "2x5" } },
  { "neither", "scale=false centre=false epsilon=0.01", { "2x2x4" } },
  { NULL },
};

const NnLayerType nn_layer_batch_norm = {
  .id = "batch-norm",
  .version = 1,
  .title = N_ ("Batch normalisation"),
  .category = NN_CATEGORY_CORE,
  .icon = "nn-batch-norm-symbolic",
  .summary = N_ ("mean 0 and spread 1 of each feature"),
  .when_to_use =
      N_ ("Behind the convolutions of a deep network: it trains faster and stands a larger "
          "learning rate. Needs batches of a dozen samples or more."),
  .params = norm_params,
  .inputs = nn_ports_in,
  .outputs = nn_ports_out,
  .infer = nn_infer_features,
  .lower = norm_lower,
  .tests = norm_tests,
};
