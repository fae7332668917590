/* ZeroPadding: a border of zeros around an image, as Keras. */
#include "diabolo-config.h"

#include "layers/nn-layer-resample.h"

#include <glib/gi18n-lib.h>

static const NnParamSpec zero_padding_params[] = {
  NN_PARAM_STRUCTURAL_INT ("top", N_ ("Top"), N_ ("Pixels of zeros added at the top."), 1, 0, 4096,
                           0),
  NN_PARAM_STRUCTURAL_INT ("bottom", N_ ("Bottom"), N_ ("Pixels of zeros added at the bottom."), 1,
                           0, 4096, 0),
  NN_PARAM_STRUCTURAL_INT ("left", N_ ("Left"), N_ ("Pixels of zeros added on the left."), 1, 0,
                           4096, 0),
  NN_PARAM_STRUCTURAL_INT ("right", N_ ("Right"), N_ ("Pixels of zeros added on the right."), 1, 0,
                           4096, 0),
  { NULL },
};

static gboolean
zero_padding_infer (const NnParams *params, const NnInferContext *context, NnShape *out,
                    GError **error)
{
  return nn_border_infer (params, 1, &context->in[0], out, error);
}

static void
zero_padding_lower (const NnParams *params, NnLowering *lowering)
{
  nn_border_lower (params, 1, lowering);
}

static NnParams *
zero_padding_mirror (const NnParams *params, const NnShape *in, const NnShape *out,
                     const NnLayerType **type)
{
  *type = nn_layer_type ("cropping");
  return nn_border_mirror (params, *type);
}

static const NnLayerTest zero_padding_tests[] = {
  { "one around", NULL, { "2x3x2" } },
  { "uneven", "top=0 bottom=2 left=3 right=0", { "3x2x1" } },
  { NULL },
};

const NnLayerType nn_layer_zero_padding = {
  .id = "zero-padding",
  .version = 1,
  .title = N_ ("Zero padding"),
  .category = NN_CATEGORY_CONVOLUTION,
  .icon = "nn-zero-padding-symbolic",
  .summary = N_ ("a border of zeros"),
  .when_to_use = N_ ("To bring an image to a size that halves evenly, such as 28×28 to 32×32."),
  .params = zero_padding_params,
  .inputs = nn_ports_in,
  .outputs = nn_ports_out,
  .infer = zero_padding_infer,
  .lower = zero_padding_lower,
  .mirror = zero_padding_mirror,
  .tests = zero_padding_tests,
};
