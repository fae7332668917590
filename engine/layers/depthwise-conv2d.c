/* DepthwiseConv2D: every channel has filters of its own, as Keras. */
#include "diabolo-config.h"

#include "layers/nn-layer-window.h"

#include <glib/gi18n-lib.h>

static const NnParamSpec depthwise_conv2d_params[] = {
  NN_PARAM_KERNEL_SIZE (NN_WINDOW_MAX),
  NN_PARAM_KERNEL_WIDTH,
  NN_PARAM_STRIDE,
  NN_PARAM_PADDING ("same"),
  NN_PARAMS_PADS,
  NN_PARAM_STRIDE_WIDTH,
  NN_PARAM_DILATION,
  NN_PARAM_MULTIPLIER,
  NN_PARAMS_CONVOLUTION ("linear"),
  { NULL },
};

static gboolean
window_of (const NnParams *params, const NnShape *in, NnWindow *window, GError **error)
{
  const gint64 channels = nn_window_channels (in, 2, error);
  return channels > 0
         && nn_window_init (window, params, in, 2, channels * nn_params_int (params, "multiplier"),
                            channels, error);
}

static gboolean
depthwise_infer (const NnParams *params, const NnInferContext *context, NnShape *out,
                 GError **error)
{
  NnWindow window;
  return window_of (params, &context->in[0], &window, error)
         && nn_window_output (&window, 2, out, error);
}

static void
depthwise_lower (const NnParams *params, NnLowering *lowering)
{
  guint in = (guint)nn_lowering_input (lowering, 0);
  NnWindow window;
  gboolean fits = window_of (params, nn_lowering_shape (lowering, in), &window, NULL);
  g_assert (fits);
  const NnShape kernel = nn_shape (window.kernel_h, window.kernel_w, window.in_c,
                                   nn_params_int (params, "multiplier"));
  guint value =
      nn_window_lower (params, lowering, &nn_op_conv2d, &window, "depthwise-kernel", &kernel,
                       nn_params_bool (params, "bias"), in, nn_lowering_output_shape (lowering, 0));
  nn_window_lower_activation (params, lowering, value);
}

static char *
depthwise_describe (const NnParams *params)
{
  return nn_window_describe (params, 2, _ ("Depthwise %s"));
}

static const NnLayerTest depthwise_tests[] = {
  { "same", NULL, { "4x5x3" } },
  { "stride 2, odd", "stride=2 activation=tanh", { "5x7x3" } },
  { "stride 2, even", "stride=2", { "4x6x3" } },
  { "valid, dilated", "padding=valid dilation=2", { "7x6x2" } },
  { "two filters a channel", "multiplier=2 activation=sigmoid", { "4x3x3" } },
  { "one channel", "multiplier=3", { "4x4x1" } },
  { "more channels than lanes", "kernel-size=2 stride=2", { "4x4x19" } },
  { "wide kernel, no bias", "kernel-width=5 bias=false activation=tanh", { "4x6x2" } },
  { "penalties", "activity-l1=0.05 l1=0.01 l2=0.02", { "3x3x2" } },
  { "padding by hand",
    "stride=2 stride-width=1 padding=by-hand pad-top=1 pad-bottom=2 pad-left=2 pad-right=1 "
    "activation=tanh",
    { "5x4x2" } },
  { NULL },
};

const NnLayerType nn_layer_depthwise_conv2d = {
  .id = "depthwise-conv2d",
  .version = 1,
  .title = N_ ("Depthwise convolution"),
  .category = NN_CATEGORY_CONVOLUTION,
  .icon = "nn-depthwise-conv2d-symbolic",
  .summary = N_ ("filters for each channel by itself"),
  .when_to_use =
      N_ ("Looks at each channel by itself, with far fewer weights; a convolution of kernel "
          "size 1 behind it mixes the channels."),
  .params = depthwise_conv2d_params,
  .inputs = nn_ports_in,
  .outputs = nn_ports_out,
  .infer = depthwise_infer,
  .lower = depthwise_lower,
  .describe = depthwise_describe,
  .tests = depthwise_tests,
};
