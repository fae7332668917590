/* SeparableConv2D: a depthwise convolution, then one of kernel size 1, as Keras. */
#include "diabolo-config.h"

#include "layers/nn-layer-window.h"

#include <glib/gi18n-lib.h>

static const NnParamSpec separable_conv2d_params[] = {
  NN_PARAM_FILTERS,
  NN_PARAM_KERNEL_SIZE (NN_WINDOW_MAX),
  NN_PARAM_KERNEL_WIDTH,
  NN_PARAM_STRIDE,
  NN_PARAM_PADDING ("same"),
  NN_PARAMS_PADS,
  NN_PARAM_STRIDE_WIDTH,
  NN_PARAM_DILATION,
  NN_PARAM_MULTIPLIER,
  NN_PARAMS_CONVOLUTION ("relu"),
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

/* Of the whole layer, from that of its depthwise part. */
static gboolean
output_of (const NnParams *params, const NnWindow *window, NnShape *out, GError **error)
{
  NnWindow pointwise = *window;
  pointwise.out_c = nn_params_int (params, "filters");
  pointwise.groups = 1;
  return nn_window_output (window, 2, out, error) && nn_window_output (&pointwise, 2, out, error);
}

static gboolean
separable_infer (const NnParams *params, const NnInferContext *context, NnShape *out,
                 GError **error)
{
  NnWindow window;
  return window_of (params, &context->in[0], &window, error)
         && output_of (params, &window, out, error);
}

static void
separable_lower (const NnParams *params, NnLowering *lowering)
{
  guint in = (guint)nn_lowering_input (lowering, 0);
  NnWindow window;
  gboolean fits = window_of (params, nn_lowering_shape (lowering, in), &window, NULL);
  g_assert (fits);
  const NnShape kernel = nn_shape (window.kernel_h, window.kernel_w, window.in_c,
                                   nn_params_int (params, "multiplier"));
  const NnShape between = nn_shape (window.out_h, window.out_w, window.out_c);
  const NnLinearAttrs pointwise = { .transposed = FALSE };
  guint value = nn_window_lower (params, lowering, &nn_op_conv2d, &window, "depthwise-kernel",
                                 &kernel, FALSE, in, &between);
  value = nn_window_lower (params, lowering, &nn_op_linear, &pointwise, "pointwise-kernel",
                           &nn_shape (window.out_c, nn_params_int (params, "filters")),
                           nn_params_bool (params, "bias"), value,
                           nn_lowering_output_shape (lowering, 0));
  nn_window_lower_activation (params, lowering, value);
}

static char *
separable_describe (const NnParams *params)
{
  return nn_window_describe (params, 2, _ ("Separable %s"));
}

static NnParams *
separable_match_output (const NnParams *params, const NnShape *in, const NnShape *wanted,
                        char **label)
{
  NnWindow window;
  NnShape out;
  if (!window_of (params, in, &window, NULL) || !output_of (params, &window, &out, NULL))
    return NULL;
  return nn_window_match_filters (params, &out, wanted, label);
}

static const NnLayerTest separable_tests[] = {
  { "softplus", "filters=3 activation=softplus", { "4x5x2" } },
  { "stride 2", "filters=3 stride=2 activation=tanh", { "5x4x2" } },
  { "multiplier", "filters=2 multiplier=2 activation=tanh", { "3x4x3" } },
  { "valid, no bias", "filters=2 padding=valid bias=false activation=sigmoid", { "5x4x2" } },
  { "narrow kernel", "filters=2 kernel-size=2 kernel-width=1 activation=tanh", { "4x5x2" } },
  { "dilated", "filters=2 dilation=2 activation=tanh", { "6x5x2" } },
  { "penalties", "filters=2 activation=tanh activity-l1=0.05 l1=0.01 l2=0.02", { "3x3x2" } },
  { "padding by hand",
    "filters=2 stride=2 stride-width=1 padding=by-hand pad-top=1 pad-bottom=2 pad-left=2 "
    "pad-right=1 "
    "activation=tanh",
    { "5x4x2" } },
  { NULL },
};

const NnLayerType nn_layer_separable_conv2d = {
  .id = "separable-conv2d",
  .version = 1,
  .title = N_ ("Separable convolution"),
  .category = NN_CATEGORY_CONVOLUTION,
  .icon = "nn-separable-conv2d-symbolic",
  .summary = N_ ("space first, then channels"),
  .when_to_use =
      N_ ("Does nearly what a convolution does with a fraction of the weights and of the work: "
          "where a network must be small."),
  .params = separable_conv2d_params,
  .inputs = nn_ports_in,
  .outputs = nn_ports_out,
  .infer = separable_infer,
  .lower = separable_lower,
  .describe = separable_describe,
  .match_output = separable_match_output,
  .tests = separable_tests,
};
