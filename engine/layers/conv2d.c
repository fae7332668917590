/* Conv2D: filters that slide over an image, as Keras. */
#include "diabolo-config.h"

#include "layers/nn-layer-window.h"

#include <glib/gi18n-lib.h>

static const NnParamSpec conv2d_params[] = {
  NN_PARAM_FILTERS,
  NN_PARAM_KERNEL_SIZE (NN_WINDOW_MAX),
  NN_PARAM_KERNEL_WIDTH,
  NN_PARAM_STRIDE,
  NN_PARAM_PADDING ("same"),
  NN_PARAMS_PADS,
  NN_PARAM_STRIDE_WIDTH,
  NN_PARAM_DILATION,
  NN_PARAM_GROUPS,
  NN_PARAMS_CONVOLUTION ("relu"),
  { NULL },
};

static gboolean
window_of (const NnParams *params, const NnShape *in, NnWindow *window, GError **error)
{
  return nn_window_channels (in, 2, error) > 0
         && nn_window_init (window, params, in, 2, nn_params_int (params, "filters"),
                            nn_params_int (params, "groups"), error);
}

static gboolean
conv2d_infer (const NnParams *params, const NnInferContext *context, NnShape *out, GError **error)
{
  NnWindow window;
  return window_of (params, &context->in[0], &window, error)
         && nn_window_output (&window, 2, out, error);
}

static void
conv2d_lower (const NnParams *params, NnLowering *lowering)
{
  guint in = (guint)nn_lowering_input (lowering, 0);
  NnWindow window;
  gboolean fits = window_of (params, nn_lowering_shape (lowering, in), &window, NULL);
  g_assert (fits);
  const NnShape kernel =
      nn_shape (window.kernel_h, window.kernel_w, window.in_c / window.groups, window.out_c);
  guint value =
      nn_window_lower (params, lowering, &nn_op_conv2d, &window, "kernel", &kernel,
                       nn_params_bool (params, "bias"), in, nn_lowering_output_shape (lowering, 0));
  nn_window_lower_activation (params, lowering, value);
}

static char *
conv2d_describe (const NnParams *params)
{
  return nn_window_describe (params, 2, _ ("Conv %s"));
}

static NnParams *
conv2d_match_output (const NnParams *params, const NnShape *in, const NnShape *wanted, char **label)
{
  NnWindow window;
  NnShape out;
  if (!window_of (params, in, &window, NULL) || !nn_window_output (&window, 2, &out, NULL))
    return NULL;
  return nn_window_match_filters (params, &out, wanted, label);
}

/* A window that keeps the size is its own mirror; any other one is turned round. */
static NnParams *
conv2d_mirror (const NnParams *params, const NnShape *in, const NnShape *out,
               const NnLayerType **type)
{
  static const char *const kept[] = { "kernel-size", "kernel-width", "stride",      "stride-width",
                                      "padding",     "pad-top",      "pad-bottom",  "pad-left",
                                      "pad-right",   "dilation",     "initialiser", "bias" };
  const gboolean keeps_size = in->dim[0] == out->dim[0] && in->dim[1] == out->dim[1];
  *type = nn_layer_type (keeps_size ? "conv2d" : "conv2d-transpose");
  g_autoptr (NnParams) mirrored = nn_params_new ((*type)->params);
  for (guint i = 0; i < G_N_ELEMENTS (kept); i++)
    {
      g_autofree char *text = nn_params_to_text (params, kept[i]);
      NnParams *next = nn_params_with_text (mirrored, kept[i], text, NULL);
      if (!next)
        return NULL;
      nn_params_unref (mirrored);
      mirrored = next;
    }
  return nn_params_with_number (mirrored, "filters", (double)in->dim[2], NULL);
}

static const NnLayerTest conv2d_tests[] = {
  { "same", "filters=3 activation=tanh", { "5x4x2" } },
  { "linear", "filters=2 kernel-size=2 activation=linear", { "4x3x1" } },
  { "valid", "filters=2 padding=valid activation=tanh", { "4x5x3" } },
  { "relu", "filters=3", { "4x4x2" } },
  { "softmax over filters", "filters=3 activation=softmax", { "3x3x2" } },
  { "stride 2, same, odd", "filters=2 stride=2 activation=tanh", { "5x7x2" } },
  { "stride 2, same, even", "filters=2 stride=2 activation=tanh", { "6x4x2" } },
  { "stride 2, valid", "filters=2 stride=2 padding=valid activation=sigmoid", { "6x5x2" } },
  { "stride 3 over kernel 2", "filters=2 kernel-size=2 stride=3 activation=tanh", { "7x8x2" } },
  { "stride 5 over kernel 2, valid",
    "filters=2 kernel-size=2 stride=5 padding=valid activation=tanh",
    { "8x7x2" } },
  { "even kernel", "filters=2 kernel-size=4 activation=tanh", { "5x5x1" } },
  { "kernel 1x3", "filters=2 kernel-size=1 kernel-width=3 activation=tanh", { "3x5x2" } },
  { "kernel larger than image", "filters=2 kernel-size=5 activation=tanh", { "3x2x2" } },
  { "dilation", "filters=2 dilation=2 activation=tanh", { "6x5x2" } },
  { "dilation and stride", "filters=2 dilation=3 stride=2 activation=tanh", { "7x6x2" } },
  { "padding by hand",
    "filters=2 stride=2 padding=by-hand pad-top=1 pad-bottom=1 pad-left=1 pad-right=1 "
    "activation=tanh",
    { "6x4x2" } },
  { "uneven padding",
    "filters=2 padding=by-hand pad-top=2 pad-right=1 activation=tanh",
    { "4x5x2" } },
  { "uneven stride", "filters=2 stride=1 stride-width=2 activation=tanh", { "4x5x2" } },
  { "groups", "filters=6 groups=2 activation=tanh", { "4x3x4" } },
  { "groups of one channel", "filters=4 groups=4 stride=2 activation=tanh", { "5x4x4" } },
  { "one filter of many channels", "filters=1 activation=sigmoid", { "3x3x11" } },
  { "more channels than lanes", "filters=19 kernel-size=2 activation=tanh", { "3x2x18" } },
  { "penalties", "filters=2 activation=tanh activity-l1=0.05 l1=0.01 l2=0.02", { "3x4x1" } },
  { "no bias", "filters=2 bias=false activation=elu alpha=0.7", { "3x3x2" } },
  { NULL },
};

const NnLayerType nn_layer_conv2d = {
  .id = "conv2d",
  .version = 1,
  .title = N_ ("Convolution"),
  .category = NN_CATEGORY_CONVOLUTION,
  .icon = "nn-conv2d-symbolic",
  .summary = N_ ("filters that slide over an image"),
  .when_to_use =
      N_ ("For images: each filter finds the same small pattern wherever it is, with few weights."),
  .params = conv2d_params,
  .inputs = nn_ports_in,
  .outputs = nn_ports_out,
  .infer = conv2d_infer,
  .lower = conv2d_lower,
  .describe = conv2d_describe,
  .match_output = conv2d_match_output,
  .mirror = conv2d_mirror,
  .tests = conv2d_tests,
};
