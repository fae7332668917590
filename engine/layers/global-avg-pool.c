/* GlobalAvgPool: the mean of each channel, as Keras. */
#include "diabolo-config.h"

#include "layers/nn-layer-resample.h"

#include <glib/gi18n-lib.h>

static gboolean
global_avg_pool_infer (const NnParams *params, const NnInferContext *context, NnShape *out,
                       GError **error)
{
  return nn_global_pool_infer (&context->in[0], out, error);
}

static void
global_avg_pool_lower (const NnParams *params, NnLowering *lowering)
{
  nn_global_pool_lower (lowering, &nn_op_average_pool);
}

static const NnLayerTest global_avg_pool_tests[] = {
  { "image", NULL, { "3x4x3" } },
  { "sequence", NULL, { "5x2" } },
  { "one pixel", NULL, { "1x1x4" } },
  { NULL },
};

const NnLayerType nn_layer_global_avg_pool = {
  .id = "global-avg-pool",
  .version = 1,
  .title = N_ ("Global average pooling"),
  .category = NN_CATEGORY_CONVOLUTION,
  .icon = "nn-global-avg-pool-symbolic",
  .summary = N_ ("one mean per channel"),
  .when_to_use = N_ ("Before the last dense layer of a classifier, in place of Flatten: one number "
                     "for each pattern, however large the image."),
  .inputs = nn_ports_in,
  .outputs = nn_ports_out,
  .infer = global_avg_pool_infer,
  .lower = global_avg_pool_lower,
  .tests = global_avg_pool_tests,
};
