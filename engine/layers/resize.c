/* Resize: an image of a given size, as TensorFlow 2 resizes. */
#include "diabolo-config.h"

#include "layers/nn-layer-resample.h"

#include <inttypes.h>
#include <glib/gi18n-lib.h>

static const NnParamSpec resize_params[] = {
  { .name = "height",
    .title = N_ ("Height"),
    .tip = N_ ("Rows of the new image."),
    .unit = "px",
    .type = NN_PARAM_INT,
    .flags = NN_PARAM_STRUCTURAL,
    .def = 28,
    .min = 1,
    .max = 8192 },
  { .name = "width",
    .title = N_ ("Width"),
    .tip = N_ ("Columns of the new image."),
    .unit = "px",
    .type = NN_PARAM_INT,
    .flags = NN_PARAM_STRUCTURAL,
    .def = 28,
    .min = 1,
    .max = 8192 },
  NN_PARAM_INTERPOLATION,
  { NULL },
};

static gboolean
resize_infer (const NnParams *params, const NnInferContext *context, NnShape *out, GError **error)
{
  return nn_window_channels (&context->in[0], 2, error) > 0
         && nn_resize_infer (&context->in[0], nn_params_int (params, "height"),
                             nn_params_int (params, "width"), out, error);
}

static void
resize_lower (const NnParams *params, NnLowering *lowering)
{
  nn_resize_lower (params, lowering);
}

static char *
resize_describe (const NnParams *params)
{
  return g_strdup_printf (_ ("To %" PRId64 "×%" PRId64), nn_params_int (params, "height"),
                          nn_params_int (params, "width"));
}

static NnParams *
with_size (const NnParams *params, const NnShape *size)
{
  g_autoptr (NnParams) high = nn_params_with_number (params, "height", (double)size->dim[0], NULL);
  return high ? nn_params_with_number (high, "width", (double)size->dim[1], NULL) : NULL;
}

static NnParams *
resize_match_output (const NnParams *params, const NnShape *in, const NnShape *wanted, char **label)
{
  if (in->rank != 3 || wanted->rank != 3 || in->dim[2] != wanted->dim[2])
    return NULL;
  NnParams *matched = with_size (params, wanted);
  if (matched)
    *label = g_strdup_printf (_ ("Resize to %" PRId64 "×%" PRId64), wanted->dim[0], wanted->dim[1]);
  return matched;
}

static NnParams *
resize_mirror (const NnParams *params, const NnShape *in, const NnShape *out,
               const NnLayerType **type)
{
  *type = nn_layer_type ("resize");
  return with_size (params, in);
}

static const NnLayerTest resize_tests[] = {
  { "nearest, larger", "height=7 width=5", { "4x3x2" } },
  { "nearest, smaller", "height=3 width=4", { "4x4x2" } },
  { "bilinear, larger", "height=7 width=5 interpolation=bilinear", { "4x3x2" } },
  { "bilinear, smaller", "height=4 width=3 interpolation=bilinear", { "5x4x1" } },
  { NULL },
};

const NnLayerType nn_layer_resize = {
  .id = "resize",
  .version = 1,
  .title = N_ ("Resize"),
  .category = NN_CATEGORY_CONVOLUTION,
  .icon = "nn-resize-symbolic",
  .summary = N_ ("to a given size"),
  .when_to_use =
      N_ ("Brings an image to an exact size, where a whole factor would miss it: 4×4 to 7×7."),
  .params = resize_params,
  .inputs = nn_ports_in,
  .outputs = nn_ports_out,
  .infer = resize_infer,
  .lower = resize_lower,
  .describe = resize_describe,
  .match_output = resize_match_output,
  .mirror = resize_mirror,
  .tests = resize_tests,
};
