/* Permute: the axes in another order. */
#include "diabolo-config.h"

#include "base/nn-error.h"
#include "layers/nn-layer-params.h"
#include "ops/nn-op.h"

#include <glib/gi18n-lib.h>

static const NnParamSpec permute_params[] = {
  { .name = "order",
    .title = N_ ("Order"),
    .tip = N_ ("Which axis comes first, second and so on, counted from 1: 2×1×3 turns an image "
               "over its diagonal."),
    .type = NN_PARAM_SHAPE,
    .flags = NN_PARAM_STRUCTURAL,
    .def_text = "2x1x3" },
  { NULL },
};

/* FALSE where order is no order of the axes of in. */
static gboolean
read_order (const NnParams *params, const NnShape *in, NnPermuteAttrs *attrs, GError **error)
{
  const char *text = nn_params_text (params, "order");
  gboolean seen[NN_MAX_RANK] = { FALSE }, valid;
  NnShape order;
  if (!nn_shape_parse (text, TRUE, &order, error))
    return FALSE;
  valid = order.rank == in->rank && order.rank > 0;
  for (gint i = 0; valid && i < order.rank; i++)
    {
      valid = order.dim[i] >= 1 && order.dim[i] <= in->rank && !seen[order.dim[i] - 1];
      if (valid)
        {
          attrs->order[i] = (guint)order.dim[i] - 1;
          seen[attrs->order[i]] = TRUE;
        }
    }
  if (!valid)
    {
      g_autofree char *shape = nn_shape_to_string (in);
      g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
                   _ ("an order of the %d axes of %s names each of them once, but %s does not"),
                   in->rank, shape, text);
    }
  return valid;
}

static gboolean
permute_infer (const NnParams *params, const NnInferContext *context, NnShape *out, GError **error)
{
  NnPermuteAttrs attrs = { { 0 } };
  out[0] = context->in[0];
  if (!read_order (params, &context->in[0], &attrs, error))
    return FALSE;
  for (gint i = 0; i < out[0].rank; i++)
    out[0].dim[i] = context->in[0].dim[attrs.order[i]];
  return TRUE;
}

static void
permute_lower (const NnParams *params, NnLowering *lowering)
{
  const guint in = (guint)nn_lowering_input (lowering, 0);
  NnPermuteAttrs attrs = { { 0 } };
  gboolean fits = read_order (params, nn_lowering_shape (lowering, in), &attrs, NULL);
  g_assert (fits);
  const NnShape shape = *nn_lowering_output_shape (lowering, 0);
  nn_lowering_output (lowering, 0,
                      nn_lowering_unary (lowering, &nn_op_permute, &attrs, in, &shape));
}

/* The order that leads back: axis order[i] came to place i. */
static NnParams *
permute_mirror (const NnParams *params, const NnShape *in, const NnShape *out,
                const NnLayerType **type)
{
  NnPermuteAttrs attrs = { { 0 } };
  NnShape back = { .rank = in->rank };
  gboolean fits = read_order (params, in, &attrs, NULL);
  g_assert (fits);
  for (gint i = 0; i < in->rank; i++)
    back.dim[attrs.order[i]] = i + 1;
  g_autofree char *text = nn_shape_to_string (&back);
  *type = nn_layer_type ("permute");
  return nn_params_with_text (params, "order", text, NULL);
}

static char *
permute_describe (const NnParams *params)
{
  return g_strdup (nn_params_text (params, "order"));
}

static const NnLayerTest permute_tests[] = {
  { "over the diagonal", NULL, { "2x4x3" } },
  { "channels first", "order=3x1x2", { "2x3x4" } },
  { "sequence", "order=2x1", { "3x5" } },
  { NULL },
};

const NnLayerType nn_layer_permute = {
  .id = "permute",
  .version = 1,
  .title = N_ ("Permute"),
  .category = NN_CATEGORY_CORE,
  .icon = "nn-permute-symbolic",
  .summary = N_ ("axes in another order"),
  .when_to_use = N_ ("To let a layer that acts on the last axis work on another one: on the rows "
                     "of an image, or on time instead of features."),
  .params = permute_params,
  .inputs = nn_ports_in,
  .outputs = nn_ports_out,
  .infer = permute_infer,
  .lower = permute_lower,
  .describe = permute_describe,
  .mirror = permute_mirror,
  .tests = permute_tests,
};
