/* Reshape: the same values in another shape; one dimension may be left open (-1). */
#include "diabolo-config.h"

#include "base/nn-error.h"
#include "layers/nn-layer-params.h"
#include "ops/nn-op.h"

#include <inttypes.h>
#include <glib/gi18n-lib.h>

static const NnParamSpec reshape_params[] = {
  { .name = "shape",
    .title = N_ ("Shape"),
    .tip = N_ ("The new shape, such as 28×28×1; one number may be −1 and is worked out."),
    .type = NN_PARAM_SHAPE,
    .flags = NN_PARAM_STRUCTURAL,
    .def_text = "28x28x1" },
  { NULL },
};

static void
refuse (const NnShape *in, const char *wanted, gboolean open, gint64 known, GError **error)
{
  g_autofree char *from = nn_shape_to_string (in);
  const gint64 size = nn_shape_size (in);
  if (open)
    g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
                 _ ("gets %s, which holds %" PRId64
                    " values, and these cannot be divided by the %" PRId64 " of %s"),
                 from, size, known, wanted);
  else
    g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
                 _ ("gets %s, which holds %" PRId64 " values, but %s holds "
                    "%" PRId64),
                 from, size, wanted, known);
}

static gboolean
wanted_shape (const NnParams *params, const NnShape *in, NnShape *out, GError **error)
{
  const char *text = nn_params_text (params, "shape");
  const gint64 size = nn_shape_size (in);
  gint64 known = 1;
  gint open = -1;
  if (!nn_shape_parse (text, TRUE, out, error))
    return FALSE;
  for (gint i = 0; i < out->rank; i++)
    if (out->dim[i] == -1)
      open = i;
    else
      known *= out->dim[i];
  if (open >= 0 && size % known == 0)
    out->dim[open] = size / known;
  if (nn_shape_size (out) == size)
    return TRUE;
  refuse (in, text, open >= 0, known, error);
  return FALSE;
}

static gboolean
reshape_infer (const NnParams *params, const NnInferContext *context, NnShape *out, GError **error)
{
  return wanted_shape (params, &context->in[0], out, error);
}

static void
reshape_lower (const NnParams *params, NnLowering *lowering)
{
  guint in = (guint)nn_lowering_input (lowering, 0);
  NnShape shape;
  gboolean fits = wanted_shape (params, nn_lowering_shape (lowering, in), &shape, NULL);
  g_assert (fits);
  nn_lowering_output (lowering, 0, nn_lowering_unary (lowering, &nn_op_reshape, NULL, in, &shape));
}

static NnParams *
reshape_mirror (const NnParams *params, const NnShape *in, const NnShape *out,
                const NnLayerType **type)
{
  g_autofree char *text = nn_shape_to_string (in);
  *type = nn_layer_type ("reshape");
  return nn_params_with_text (params, "shape", text, NULL);
}

static const NnLayerTest reshape_tests[] = {
  { "to an image", "shape=2x3x2", { "12" } },
  { "open dimension", "shape=4x-1", { "2x6" } },
  { NULL },
};

const NnLayerType nn_layer_reshape = {
  .id = "reshape",
  .version = 1,
  .title = N_ ("Reshape"),
  .category = NN_CATEGORY_CORE,
  .icon = "nn-reshape-symbolic",
  .summary = N_ ("same values, other shape"),
  .when_to_use = N_ ("To turn a dense layer's row of values back into an image."),
  .params = reshape_params,
  .inputs = nn_ports_in,
  .outputs = nn_ports_out,
  .infer = reshape_infer,
  .lower = reshape_lower,
  .mirror = reshape_mirror,
  .tests = reshape_tests,
};
