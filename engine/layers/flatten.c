/* Flatten: any shape to a vector. */
#include "diabolo-config.h"

#include "layers/nn-layer-params.h"
#include "ops/nn-op.h"

#include <glib/gi18n-lib.h>

static gboolean
flatten_infer (const NnParams *params, const NnInferContext *context, NnShape *out, GError **error)
{
  out[0] = nn_shape (nn_shape_size (&context->in[0]));
  return TRUE;
}

static void
flatten_lower (const NnParams *params, NnLowering *lowering)
{
  guint in = (guint)nn_lowering_input (lowering, 0);
  NnShape shape = nn_shape (nn_shape_size (nn_lowering_shape (lowering, in)));
  nn_lowering_output (lowering, 0, nn_lowering_unary (lowering, &nn_op_reshape, NULL, in, &shape));
}

static NnParams *
flatten_mirror (const NnParams *params, const NnShape *in, const NnShape *out,
                const NnLayerType **type)
{
  g_autofree char *text = nn_shape_to_string (in);
  *type = nn_layer_type ("reshape");
  g_autoptr (NnParams) reshape = nn_params_new ((*type)->params);
  return nn_params_with_text (reshape, "shape", text, NULL);
}

static const NnLayerTest flatten_tests[] = {
  { "image", NULL, { "3x2x2" } },
  { "vector", NULL, { "5" } },
  { NULL },
};

const NnLayerType nn_layer_flatten = {
  .id = "flatten",
  .version = 1,
  .title = N_ ("Flatten"),
  .category = NN_CATEGORY_CORE,
  .icon = "nn-flatten-symbolic",
  .summary = N_ ("one long row"),
  .when_to_use = N_ ("Before a dense layer that should see a whole image at once."),
  .inputs = nn_ports_in,
  .outputs = nn_ports_out,
  .infer = flatten_infer,
  .lower = flatten_lower,
  .mirror = flatten_mirror,
  .tests = flatten_tests,
};
