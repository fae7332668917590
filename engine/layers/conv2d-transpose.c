/* Conv2DTranspose: a convolution turned round, which makes images larger, as Keras. */
#include "diabolo-config.h"

#include "layers/nn-layer-window.h"

#include <glib/gi18n-lib.h>

static const NnParamSpec conv2d_transpose_params[] = {
  NN_PARAM_FILTERS,
  NN_PARAM_KERNEL_SIZE (NN_WINDOW_MAX),
  NN_PARAM_KERNEL_WIDTH,
  NN_PARAM_STRUCTURAL_INT ("stride", N_ ("Stride"),
                           N_ ("How many pixels of the output lie between two of the input: 2 "
                               "doubles the image."),
                           2, 1, NN_WINDOW_MAX, 0),
  NN_PARAM_PADDING ("same"),
  NN_PARAMS_PADS,
  NN_PARAM_STRIDE_WIDTH,
  NN_PARAM_DILATION,
  NN_PARAMS_CONVOLUTION ("relu"),
  { NULL },
};

static gboolean
window_of (const NnParams *params, const NnShape *in, NnWindow *window, GError **error)
{
  return nn_window_channels (in, 2, error) > 0
         && nn_window_init_transposed (window, params, in, nn_params_int (params, "filters"),
                                       error);
}

static gboolean
transpose_infer (const NnParams *params, const NnInferContext *context, NnShape *out,
                 GError **error)
{
  NnWindow window;
  return window_of (params, &context->in[0], &window, error)
         && nn_window_input (&window, out, error);
}

static void
transpose_lower (const NnParams *params, NnLowering *lowering)
{
  guint in = (guint)nn_lowering_input (lowering, 0);
  NnWindow window;
  gboolean fits = window_of (params, nn_lowering_shape (lowering, in), &window, NULL);
  g_assert (fits);
  const NnShape kernel = nn_shape (window.kernel_h, window.kernel_w, window.in_c, window.out_c);
  guint value =
      nn_window_lower (params, lowering, &nn_op_conv2d_transpose, &window, "kernel", &kernel,
                       nn_params_bool (params, "bias"), in, nn_lowering_output_shape (lowering, 0));
  nn_window_lower_activation (params, lowering, value);
}

static char *
transpose_describe (const NnParams *params)
{
  return nn_window_describe (params, 2, _ ("Transposed %s"));
}

static NnParams *
transpose_match_output (const NnParams *params, const NnShape *in, const NnShape *wanted,
                        char **label)
{
  NnWindow window;
  NnShape out;
  if (!window_of (params, in, &window, NULL) || !nn_window_input (&window, &out, NULL))
    return NULL;
  return nn_window_match_filters (params, &out, wanted, label);
}

static const NnLayerTest transpose_tests[] = {
  { "doubles", "filters=2 activation=tanh", { "3x4x3" } },
  { "relu", "filters=2", { "3x3x2" } },
  { "valid", "filters=2 padding=valid activation=tanh", { "3x2x2" } },
  { "stride 1", "filters=2 stride=1 activation=tanh", { "4x3x2" } },
  { "stride 1, valid", "filters=3 stride=1 padding=valid activation=sigmoid", { "4x3x2" } },
  { "stride beyond kernel", "filters=2 kernel-size=2 stride=3 activation=tanh", { "3x2x2" } },
  { "stride beyond kernel, valid",
    "filters=2 kernel-size=2 stride=3 padding=valid activation=tanh",
    { "2x3x2" } },
  { "even kernel", "filters=2 kernel-size=4 activation=tanh", { "3x3x2" } },
  { "dilation", "filters=2 stride=1 dilation=2 activation=tanh", { "4x5x2" } },
  { "one filter", "filters=1 activation=sigmoid", { "2x3x9" } },
  { "more channels than lanes", "filters=18 kernel-size=2 activation=tanh", { "2x2x17" } },
  { "wide kernel", "filters=2 kernel-size=2 kernel-width=3 activation=tanh", { "3x2x2" } },
  { "no bias, penalties",
    "filters=2 bias=false activation=tanh activity-l1=0.05 l1=0.01 l2=0.02",
    { "2x3x2" } },
  { "padding by hand",
    "filters=2 stride=2 stride-width=1 padding=by-hand pad-top=1 pad-bottom=2 pad-left=2 "
    "pad-right=1 "
    "activation=tanh",
    { "5x4x2" } },
  { NULL },
};

const NnLayerType nn_layer_conv2d_transpose = {
  .id = "conv2d-transpose",
  .version = 1,
  .title = N_ ("Transposed convolution"),
  .category = NN_CATEGORY_CONVOLUTION,
  .icon = "nn-conv2d-transpose-symbolic",
  .summary = N_ ("makes an image larger, with weights"),
  .when_to_use = N_ ("In decoders: gives back the size that a convolution with a stride took, and "
                     "learns how to fill in the pixels between."),
  .params = conv2d_transpose_params,
  .inputs = nn_ports_in,
  .outputs = nn_ports_out,
  .infer = transpose_infer,
  .lower = transpose_lower,
  .describe = transpose_describe,
  .match_output = transpose_match_output,
  .tests = transpose_tests,
};
