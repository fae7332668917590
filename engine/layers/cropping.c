/* Cropping: an image without its border, as Keras. */
#include "diabolo-config.h"

#include "layers/nn-layer-resample.h"

#include <glib/gi18n-lib.h>

static const NnParamSpec cropping_params[] = {
  NN_PARAM_STRUCTURAL_INT ("top", N_ ("Top"), N_ ("Pixels cut off at the top."), 1, 0, 4096, 0),
  NN_PARAM_STRUCTURAL_INT ("bottom", N_ ("Bottom"), N_ ("Pixels cut off at the bottom."), 1, 0,
                           4096, 0),
  NN_PARAM_STRUCTURAL_INT ("left", N_ ("Left"), N_ ("Pixels cut off on the left."), 1, 0, 4096, 0),
  NN_PARAM_STRUCTURAL_INT ("right", N_ ("Right"), N_ ("Pixels cut off on the right."), 1, 0, 4096,
                           0),
  { NULL },
};

static gboolean
cropping_infer (const NnParams *params, const NnInferContext *context, NnShape *out, GError **error)
{
  return nn_border_infer (params, -1, &context->in[0], out, error);
}

static void
cropping_lower (const NnParams *params, NnLowering *lowering)
{
  nn_border_lower (params, -1, lowering);
}

static NnParams *
cropping_mirror (const NnParams *params, const NnShape *in, const NnShape *out,
                 const NnLayerType **type)
{
  *type = nn_layer_type ("zero-padding");
  return nn_border_mirror (params, *type);
}

static const NnLayerTest cropping_tests[] = {
  { "one around", NULL, { "4x5x2" } },
  { "uneven", "top=0 bottom=2 left=2 right=0", { "4x3x2" } },
  { NULL },
};

const NnLayerType nn_layer_cropping = {
  .id = "cropping",
  .version = 1,
  .title = N_ ("Cropping"),
  .category = NN_CATEGORY_CONVOLUTION,
  .icon = "nn-cropping-symbolic",
  .summary = N_ ("without the border"),
  .when_to_use = N_ (
      "At the end of a decoder that made the image a little too large, such as 32×32 for 28×28."),
  .params = cropping_params,
  .inputs = nn_ports_in,
  .outputs = nn_ports_out,
  .infer = cropping_infer,
  .lower = cropping_lower,
  .mirror = cropping_mirror,
  .tests = cropping_tests,
};
