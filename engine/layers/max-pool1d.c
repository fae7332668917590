/* MaxPool1D: the largest value of each stretch of a sequence, as Keras. */
#include "diabolo-config.h"

#include "layers/nn-layer-window.h"

#include <glib/gi18n-lib.h>

static const NnParamSpec max_pool1d_params[] = {
  NN_PARAM_STRUCTURAL_INT ("pool-size", N_ ("Pool size"), N_ ("How many steps become one."), 2, 1,
                           NN_WINDOW_MAX_1D, 0),
  NN_PARAM_STRUCTURAL_INT ("stride", N_ ("Stride"),
                           N_ ("How far the window moves; 0: as far as it is wide."), 0, 0,
                           NN_WINDOW_MAX_1D, NN_PARAM_ADVANCED),
  NN_PARAM_PADDING ("valid"),
  { NULL },
};

static gboolean
window_of (const NnParams *params, const NnShape *in, NnWindow *window, GError **error)
{
  const gint64 channels = nn_window_channels (in, 1, error);
  return channels > 0 && nn_window_init (window, params, in, 1, channels, channels, error);
}

static gboolean
max_pool1d_infer (const NnParams *params, const NnInferContext *context, NnShape *out,
                  GError **error)
{
  NnWindow window;
  return window_of (params, &context->in[0], &window, error)
         && nn_window_output (&window, 1, out, error);
}

static void
max_pool1d_lower (const NnParams *params, NnLowering *lowering)
{
  guint in = (guint)nn_lowering_input (lowering, 0);
  NnWindow window;
  gboolean fits = window_of (params, nn_lowering_shape (lowering, in), &window, NULL);
  g_assert (fits);
  nn_lowering_output (lowering, 0,
                      nn_lowering_unary (lowering, &nn_op_max_pool, &window, in,
                                         nn_lowering_output_shape (lowering, 0)));
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
  { NULL },
};

const NnLayerType nn_layer_max_pool1d = {
  .id = "max-pool1d",
  .version = 1,
  .title = N_ ("MaxPool1D"),
  .category = NN_CATEGORY_CONVOLUTION,
  .icon = "nn-max-pool1d-symbolic",
  .summary = N_ ("keeps the largest of each stretch"),
  .when_to_use =
      N_ ("Behind Conv1D: halves a sequence and keeps that a pattern was found, not quite when."),
  .params = max_pool1d_params,
  .inputs = nn_ports_in,
  .outputs = nn_ports_out,
  .infer = max_pool1d_infer,
  .lower = max_pool1d_lower,
  .describe = max_pool1d_describe,
  .tests = max_pool1d_tests,
};
