/* UpSampling2D: an image several times as large, as Keras. */
#include "diabolo-config.h"

#include "layers/nn-layer-resample.h"

#include <inttypes.h>
#include <glib/gi18n-lib.h>

static const NnParamSpec upsampling2d_params[] = {
  NN_PARAM_STRUCTURAL_INT ("size", N_ ("Factor"), N_ ("How many times as high and as wide."), 2, 1,
                           NN_WINDOW_MAX, 0),
  NN_PARAM_INTERPOLATION,
  { NULL },
};

static gboolean
upsampling2d_infer (const NnParams *params, const NnInferContext *context, NnShape *out,
                    GError **error)
{
  const gint64 factor = nn_params_int (params, "size");
  return nn_window_channels (&context->in[0], 2, error) > 0
         && nn_resize_infer (&context->in[0], context->in[0].dim[0] * factor,
                             context->in[0].dim[1] * factor, out, error);
}

static void
upsampling2d_lower (const NnParams *params, NnLowering *lowering)
{
  nn_resize_lower (params, lowering);
}

static char *
upsampling2d_describe (const NnParams *params)
{
  return g_strdup_printf (_ ("Up %" PRId64 "× · %s"), nn_params_int (params, "size"),
                          nn_choice_title (params, "interpolation"));
}

static const NnLayerTest upsampling2d_tests[] = {
  { "nearest", NULL, { "3x2x2" } },
  { "nearest, 3", "size=3", { "2x3x1" } },
  { "bilinear", "interpolation=bilinear", { "3x4x2" } },
  { "bilinear, 3", "interpolation=bilinear size=3", { "2x1x3" } },
  { NULL },
};

const NnLayerType nn_layer_upsampling2d = {
  .id = "upsampling2d",
  .version = 1,
  .title = N_ ("Upsampling"),
  .category = NN_CATEGORY_CONVOLUTION,
  .icon = "nn-upsampling2d-symbolic",
  .summary = N_ ("makes an image larger"),
  .when_to_use = N_ ("In decoders, before a convolution: undoes pooling. Without weights, so the "
                     "convolution behind it draws."),
  .params = upsampling2d_params,
  .inputs = nn_ports_in,
  .outputs = nn_ports_out,
  .infer = upsampling2d_infer,
  .lower = upsampling2d_lower,
  .describe = upsampling2d_describe,
  .tests = upsampling2d_tests,
};
