/* AvgPool2D: the mean of each window, without its padding, as Keras. */
#include "diabolo-config.h"

#include "layers/nn-layer-window.h"

#include <glib/gi18n-lib.h>

static gboolean
avg_pool2d_infer (const NnParams *params, const NnInferContext *context, NnShape *out,
                  GError **error)
{
  return nn_pool_infer (params, context, 2, out, error);
}

static void
avg_pool2d_lower (const NnParams *params, NnLowering *lowering)
{
  nn_pool_lower (params, lowering, 2, &nn_op_average_pool);
}

static char *
avg_pool2d_describe (const NnParams *params)
{
  return nn_window_describe (params, 2, _ ("Mean %s"));
}

const NnLayerType nn_layer_avg_pool2d = {
  .id = "avg-pool2d",
  .version = 1,
  .title = N_ ("Average pooling"),
  .category = NN_CATEGORY_CONVOLUTION,
  .icon = "nn-avg-pool2d-symbolic",
  .summary = N_ ("takes the mean of each window"),
  .when_to_use = N_ (
      "Makes an image smaller smoothly, where every value should count and not only the largest."),
  .params = nn_pool2d_params,
  .inputs = nn_ports_in,
  .outputs = nn_ports_out,
  .infer = avg_pool2d_infer,
  .lower = avg_pool2d_lower,
  .describe = avg_pool2d_describe,
  .mirror = nn_window_mirror_pool,
  .tests = nn_pool2d_tests,
};
