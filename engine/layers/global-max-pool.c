/* GlobalMaxPool: the largest value of each channel, as Keras. */
#include "diabolo-config.h"

#include "layers/nn-layer-resample.h"

#include <glib/gi18n-lib.h>

static gboolean
global_max_pool_infer (const NnParams *params, const NnInferContext *context, NnShape *out,
                       GError **error)
{
  return nn_global_pool_infer (&context->in[0], out, error);
}

static void
global_max_pool_lower (const NnParams *params, NnLowering *lowering)
{
  nn_global_pool_lower (lowering, &nn_op_max_pool);
}

static const NnLayerTest global_max_pool_tests[] = {
  { "image", NULL, { "3x4x3" } },
  { "sequence", NULL, { "5x2" } },
  { "one pixel", NULL, { "1x1x4" } },
  { NULL },
};

const NnLayerType nn_layer_global_max_pool = {
  .id = "global-max-pool",
  .version = 1,
  .title = N_ ("Global max pooling"),
  .category = NN_CATEGORY_CONVOLUTION,
  .icon = "nn-global-max-pool-symbolic",
  .summary = N_ ("one maximum per channel"),
  .when_to_use = N_ (
      "Tells whether a pattern is anywhere in the image or sequence: one number for each channel."),
  .inputs = nn_ports_in,
  .outputs = nn_ports_out,
  .infer = global_max_pool_infer,
  .lower = global_max_pool_lower,
  .tests = global_max_pool_tests,
};
