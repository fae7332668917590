/* Conv1D: filters that slide along a sequence, as Keras: an image one pixel high. */
#include "diabolo-config.h"

#include "layers/nn-layer-window.h"

#include <glib/gi18n-lib.h>

static const NnParamSpec conv1d_params[] = {
  NN_PARAM_FILTERS,
  NN_PARAM_STRUCTURAL_INT ("kernel-size", N_ ("Kernel size"),
                           N_ ("How many steps a filter sees at once."), 3, 1, NN_WINDOW_MAX_1D, 0),
  NN_PARAM_STRUCTURAL_INT ("stride", N_ ("Stride"),
                           N_ ("How many steps the window moves from one output to the next."), 1,
                           1, NN_WINDOW_MAX_1D, 0),
  NN_PARAM_PADDING ("same"),
  NN_PARAMS_PADS_1D,
  NN_PARAM_DILATION,
  NN_PARAM_GROUPS,
  NN_PARAMS_CONVOLUTION ("relu"),
  { NULL },
};

static gboolean
window_of (const NnParams *params, const NnShape *in, NnWindow *window, GError **error)
{
  return nn_window_channels (in, 1, error) > 0
         && nn_window_init (window, params, in, 1, nn_params_int (params, "filters"),
                            nn_params_int (params, "groups"), error);
}

static gboolean
conv1d_infer (const NnParams *params, const NnInferContext *context, NnShape *out, GError **error)
{
  NnWindow window;
  return window_of (params, &context->in[0], &window, error)
         && nn_window_output (&window, 1, out, error);
}

static void
conv1d_lower (const NnParams *params, NnLowering *lowering)
{
  guint in = (guint)nn_lowering_input (lowering, 0);
  NnWindow window;
  gboolean fits = window_of (params, nn_lowering_shape (lowering, in), &window, NULL);
  g_assert (fits);
  const NnShape kernel = nn_shape (window.kernel_w, window.in_c / window.groups, window.out_c);
  guint value =
      nn_window_lower (params, lowering, &nn_op_conv2d, &window, "kernel", &kernel,
                       nn_params_bool (params, "bias"), in, nn_lowering_output_shape (lowering, 0));
  nn_window_lower_activation (params, lowering, value);
}

static char *
conv1d_describe (const NnParams *params)
{
  return nn_window_describe (params, 1, _ ("Conv %s"));
}

static NnParams *
conv1d_match_output (const NnParams *params, const NnShape *in, const NnShape *wanted, char **label)
{
  NnWindow window;
  NnShape out;
  if (!window_of (params, in, &window, NULL) || !nn_window_output (&window, 1, &out, NULL))
    return NULL;
  return nn_window_match_filters (params, &out, wanted, label);
}

/* Only what keeps the length has a mirror image. */
static NnParams *
conv1d_mirror (const NnParams *params, const NnShape *in, const NnShape *out,
               const NnLayerType **type)
{
  if (in->dim[0] != out->dim[0])
    return NULL;
  *type = nn_layer_type ("conv1d");
  g_autoptr (NnParams) plain = nn_params_with_number (params, "activity-l1", 0, NULL);
  g_autoptr (NnParams) joined = nn_params_with_number (plain, "groups", 1, NULL);
  return nn_params_with_number (joined, "filters", (double)in->dim[1], NULL);
}

static const NnLayerTest conv1d_tests[] = {
  { "same", "filters=3 activation=tanh", { "7x2" } },
  { "stride 2", "filters=2 stride=2 activation=tanh", { "8x3" } },
  { "valid, dilated", "filters=2 padding=valid dilation=2", { "9x2" } },
  { "groups", "filters=4 groups=2 kernel-size=2 activation=sigmoid", { "5x4" } },
  { "padding by hand",
    "filters=2 stride=2 padding=by-hand pad-left=1 pad-right=2 activation=tanh",
    { "6x2" } },
  { "no bias, penalties",
    "filters=2 bias=false activation=tanh activity-l1=0.05 l1=0.01 l2=0.02",
    { "5x2" } },
  { "longer than the sequence", "filters=2 kernel-size=9 activation=tanh", { "4x2" } },
  { NULL },
};

const NnLayerType nn_layer_conv1d = {
  .id = "conv1d",
  .version = 1,
  .title = N_ ("Convolution 1D"),
  .category = NN_CATEGORY_CONVOLUTION,
  .icon = "nn-conv1d-symbolic",
  .summary = N_ ("filters that slide along a sequence"),
  .when_to_use = N_ ("For sequences and signals: finds the same short pattern at every step."),
  .params = conv1d_params,
  .inputs = nn_ports_in,
  .outputs = nn_ports_out,
  .infer = conv1d_infer,
  .lower = conv1d_lower,
  .describe = conv1d_describe,
  .match_output = conv1d_match_output,
  .mirror = conv1d_mirror,
  .tests = conv1d_tests,
};
