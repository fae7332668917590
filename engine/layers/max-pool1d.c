/* MaxPool1D: the largest value of each stretch of a sequence, as Keras. */
#include "diabolo-config.h"

#include "layers/nn-layer-window.h"

#include <glib/gi18n-lib.h>

static const NnParamSpec max_pool1d_params[] = {
  NN_PARAMS_POOL (N_ ("How many steps become one."), NN_WINDOW_MAX_1D),
  NN_PARAMS_PADS_1D,
  NN_PARAM_DILATION,
  { NULL },
};

static gboolean
max_pool1d_infer (const NnParams *params, const NnInferContext *context, NnShape *out,
                  GError **error)
{
  return nn_pool_infer (params, context, 1, out, error);
}

static void
max_pool1d_lower (const NnParams *params, NnLowering *lowering)
{
  nn_pool_lower (params, lowering, 1, &nn_op_max_pool);
}

static char *
max_pool1d_describe (const NnParams *params)
{
  return nn_window_describe (params, 1, _ ("Max %s"));
}

static const NnLayerTest max_pool1d_tests[] = {
  { "2", NULL, { "6x3" } },
  { "odd, same", "padding=same", { "7x2" } },
  { "overlapping", "pool-size=3 stride=2", { "8x2" } },
  { "padding by hand", "pool-size=3 stride=2 padding=by-hand pad-left=1 pad-right=2", { "6x2" } },
  { "dilation", "pool-size=2 stride=1 dilation=2", { "7x2" } },
  { NULL },
};

const NnLayerType nn_layer_max_pool1d = {
  .id = "max-pool1d",
  .version = 1,
  .title = N_ ("Max pooling 1D"),
  .category = NN_CATEGORY_CONVOLUTION,
  .icon = "nn-max-pool1d-symbolic",
  .summary = N_ ("keeps the largest of each stretch"),
  .when_to_use = N_ ("Behind a convolution: halves a sequence and keeps that a pattern was found, "
                     "not quite when."),
  .params = max_pool1d_params,
  .inputs = nn_ports_in,
  .outputs = nn_ports_out,
  .infer = max_pool1d_infer,
  .lower = max_pool1d_lower,
  .describe = max_pool1d_describe,
  .tests = max_pool1d_tests,
};
