/* Mask out: covers a part of each image, which an autoencoder then learns to paint in. */
#include "diabolo-config.h"

#include "base/nn-error.h"
#include "layers/nn-layer-params.h"
#include "ops/nn-op.h"

#include <inttypes.h>
#include <glib/gi18n-lib.h>

/* In the order of NnMaskKind. */
static const NnChoice mask_choices[] = {
  { "block", N_ ("Block"), N_ ("A square hole") },
  { "cross", N_ ("Cross"), N_ ("A row and a column from edge to edge") },
  { "pixels", N_ ("Pixels"), N_ ("Single pixels at random") },
  { NULL },
};
G_STATIC_ASSERT (G_N_ELEMENTS (mask_choices) == NN_N_MASKS + 1);

static const NnParamSpec mask_params[] = {
  { .name = "mask",
    .title = N_ ("Mask"),
    .tip = N_ ("What is covered."),
    .type = NN_PARAM_CHOICE,
    .def_text = "block",
    .choices = mask_choices },
  { .name = "size",
    .title = N_ ("Size"),
    .tip = N_ ("Side of the block, or thickness of the cross."),
    .unit = N_ ("px"),
    .type = NN_PARAM_INT,
    .def = 10,
    .min = 1,
    .max = 65536,
    .soft_min = 1,
    .soft_max = 28,
    .shown_if = "mask=block|cross" },
  { .name = "centred",
    .title = N_ ("Centred"),
    .tip = N_ ("In the middle of every image instead of anywhere."),
    .type = NN_PARAM_BOOL,
    .def = 0,
    .min = 0,
    .max = 1,
    .shown_if = "mask=block|cross" },
  { .name = "share",
    .title = N_ ("Share"),
    .tip = N_ ("Share of pixels that are covered."),
    .type = NN_PARAM_FLOAT,
    .def = 0.3,
    .min = 0,
    .max = 1,
    .soft_min = 0,
    .soft_max = 0.9,
    .shown_if = "mask=pixels" },
  { .name = "fill",
    .title = N_ ("Fill"),
    .tip = N_ ("What covered values become."),
    .type = NN_PARAM_FLOAT,
    .flags = NN_PARAM_ADVANCED,
    .def = 0,
    .min = -1000,
    .max = 1000,
    .soft_min = 0,
    .soft_max = 1 },
  NN_PARAM_TRAINING_ONLY,
  { NULL },
};

static gboolean
mask_infer (const NnParams *params, const NnInferContext *context, NnShape *out, GError **error)
{
  const NnShape *in = &context->in[0];
  const gint64 size = nn_params_int (params, "size");
  out[0] = *in;
  if (nn_params_choice (params, "mask") == NN_MASK_PIXELS)
    return TRUE;
  g_autofree char *shape = nn_shape_to_string (in);
  if (in->rank != 2 && in->rank != 3)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
                   _ ("needs an image such as 28×28×1, but gets %s; put it before Flatten"), shape);
      return FALSE;
    }
  if (size > in->dim[0] || size > in->dim[1])
    {
      g_set_error (error, NN_ERROR, NN_ERROR_RANGE,
                   _ ("a mask of %" PRId64 " pixels does not fit into an image of %s"), size,
                   shape);
      return FALSE;
    }
  return TRUE;
}

static void
mask_lower (const NnParams *params, NnLowering *lowering)
{
  const guint in = (guint)nn_lowering_input (lowering, 0);
  const NnShape shape = *nn_lowering_shape (lowering, in);
  const NnMaskAttrs attrs = {
    .kind = nn_params_choice (params, "mask"),
    .size = nn_params_int (params, "size"),
    .share = (float)nn_params_float (params, "share"),
    .fill = (float)nn_params_float (params, "fill"),
    .centred = nn_params_bool (params, "centred"),
    .training_only = nn_params_bool (params, "training-only"),
  };
  nn_lowering_output (lowering, 0,
                      nn_lowering_unary (lowering, &nn_op_mask_out, &attrs, in, &shape));
}

static char *
mask_describe (const NnParams *params)
{
  if (nn_params_choice (params, "mask") == NN_MASK_PIXELS)
    return g_strdup_printf (_ ("covers %.3g %%"), 100 * nn_params_float (params, "share"));
  return g_strdup_printf (_ ("%s · %" PRId64 " px"), nn_choice_title (params, "mask"),
                          nn_params_int (params, "size"));
}

static const NnLayerTest mask_tests[] = {
  { "block", "size=2", { "4x5x2" } },
  { "block in the middle", "size=1 centred=true fill=0.5", { "3x3x1" } },
  { "cross", "mask=cross size=1", { "4x4x2" } },
  { "cross without channels", "mask=cross size=2 training-only=true", { "5x6" } },
  { "pixels", "mask=pixels share=0.4 fill=-1", { "3x4x2" } },
  { "pixels in a row", "mask=pixels", { "12" } },
  { NULL },
};

const NnLayerType nn_layer_mask_out = {
  .id = "mask-out",
  .version = 1,
  .title = N_ ("Mask out"),
  .category = NN_CATEGORY_NOISE,
  .icon = "nn-mask-out-symbolic",
  .summary = N_ ("covers a part of the image"),
  .when_to_use = N_ ("Between input and encoder: the network sees images with a hole and must give "
                     "whole ones, so it learns to paint in what is missing."),
  .flags = NN_LAYER_CORRUPTS,
  .params = mask_params,
  .inputs = nn_ports_in,
  .outputs = nn_ports_out,
  .infer = mask_infer,
  .lower = mask_lower,
  .describe = mask_describe,
  .tests = mask_tests,
};
