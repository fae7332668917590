/* MaxPool2D: the largest value of each window, as Keras. */
#include "diabolo-config.h"

#include "layers/nn-layer-window.h"

#include <glib/gi18n-lib.h>

static gboolean
max_pool2d_infer (const NnParams *params, const NnInferContext *context, NnShape *out,
                  GError **error)
{
  return nn_pool_infer (params, context, 2, out, error);
}

static void
max_pool2d_lower (const NnParams *params, NnLowering *lowering)
{
  nn_pool_lower (params, lowering, 2, &nn_op_max_pool);
}

static char *
max_pool2d_describe (const NnParams *params)
{
  return nn_window_describe (params, 2, _ ("Max %s"));
}

const NnLayerType nn_layer_max_pool2d = {
  .id = "max-pool2d",
  .version = 1,
  .title = N_ ("Max pooling"),
  .category = NN_CATEGORY_CONVOLUTION,
  .icon = "nn-max-pool2d-symbolic",
  .summary = N_ ("keeps the largest of each window"),
  .when_to_use = N_ (
      "Behind convolutions: halves the image and keeps that a pattern was found, not quite where."),
  .params = nn_pool2d_params,
  .inputs = nn_ports_in,
  .outputs = nn_ports_out,
  .infer = max_pool2d_infer,
  .lower = max_pool2d_lower,
  .describe = max_pool2d_describe,
  .mirror = nn_window_mirror_pool,
  .tests = nn_pool2d_tests,
};
