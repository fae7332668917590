/* AvgPool2D: the mean of each window, without its padding, as Keras. */
#include "diabolo-config.h"

#include "layers/nn-layer-window.h"

#include <glib/gi18n-lib.h>

static const NnParamSpec avg_pool2d_params[] = {
  NN_PARAM_STRUCTURAL_INT ("pool-size", N_ ("Pool size"),
                           N_ ("How many pixels, across and down, become one."), 2, 1,
                           NN_WINDOW_MAX, 0),
  NN_PARAM_STRUCTURAL_INT ("stride", N_ ("Stride"),
                           N_ ("How far the window moves; 0: as far as it is wide."), 0, 0,
                           NN_WINDOW_MAX, NN_PARAM_ADVANCED),
  NN_PARAM_PADDING ("valid"),
  { NULL },
};

static gboolean
window_of (const NnParams *params, const NnShape *in, NnWindow *window, GError **error)
{
  const gint64 channels = nn_window_channels (in, 2, error);
  return channels > 0 && nn_window_init (window, params, in, 2, channels, channels, error);
}

static gboolean
avg_pool2d_infer (const NnParams *params, const NnInferContext *context, NnShape *out,
                  GError **error)
{
  NnWindow window;
  return window_of (params, &context->in[0], &window, error)
         && nn_window_output (&window, 2, out, error);
}

static void
avg_pool2d_lower (const NnParams *params, NnLowering *lowering)
{
  guint in = (guint)nn_lowering_input (lowering, 0);
  NnWindow window;
  gboolean fits = window_of (params, nn_lowering_shape (lowering, in), &window, NULL);
  g_assert (fits);
  nn_lowering_output (lowering, 0,
                      nn_lowering_unary (lowering, &nn_op_average_pool, &window, in,
                                         nn_lowering_output_shape (lowering, 0)));
}

static char *
avg_pool2d_describe (const NnParams *params)
{
  return nn_window_describe (params, 2, _ ("Mean %s"));
}

static const NnLayerTest avg_pool2d_tests[] = {
  { "2x2", NULL, { "4x6x3" } },
  { "odd, same", "padding=same", { "5x7x2" } },
  { "odd, valid", NULL, { "5x7x2" } },
  { "overlapping, same", "pool-size=3 stride=2 padding=same", { "6x5x2" } },
  { "overlapping, valid", "pool-size=3 stride=1", { "5x4x2" } },
  { "gaps", "pool-size=2 stride=3", { "7x8x1" } },
  { "larger than the image", "pool-size=5 padding=same", { "3x4x2" } },
  { "more channels than lanes", NULL, { "2x4x19" } },
  { NULL },
};

const NnLayerType nn_layer_avg_pool2d = {
  .id = "avg-pool2d",
  .version = 1,
  .title = N_ ("AvgPool2D"),
  .category = NN_CATEGORY_CONVOLUTION,
  .icon = "nn-avg-pool2d-symbolic",
  .summary = N_ ("takes the mean of each window"),
  .when_to_use = N_ (
      "Makes an image smaller smoothly, where every value should count and not only the largest."),
  .params = avg_pool2d_params,
  .inputs = nn_ports_in,
  .outputs = nn_ports_out,
  .infer = avg_pool2d_infer,
  .lower = avg_pool2d_lower,
  .describe = avg_pool2d_describe,
  .mirror = nn_window_mirror_pool,
  .tests = avg_pool2d_tests,
};
