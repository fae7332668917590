/* Concatenate: several inputs side by side on the last axis. */
#include "diabolo-config.h"

#include "base/nn-error.h"
#include "layers/nn-layer-merge.h"

#include <glib/gi18n-lib.h>

/* Makes out wider by another input. FALSE where more than the last sizes differ. */
static gboolean
append (NnShape *out, NnShape more)
{
  const gint last = out->rank - 1;
  if (more.rank != out->rank || last < 0)
    return FALSE;
  const gint64 width = more.dim[last];
  more.dim[last] = out->dim[last];
  if (!nn_shape_equal (&more, out))
    return FALSE;
  out->dim[last] += width;
  return TRUE;
}

static gboolean
concatenate_infer (const NnParams *params, const NnInferContext *context, NnShape *out,
                   GError **error)
{
  out[0] = context->in[0];
  for (guint i = 1; i < context->n_in; i++)
    {
      if (context->in[i].rank < 0 || append (&out[0], context->in[i]))
        continue;
      g_autofree char *first = nn_shape_to_string (&context->in[0]);
      g_autofree char *other = nn_shape_to_string (&context->in[i]);
      g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
                   _ ("inputs may differ in their last size only, but input a is %s and %s is %s"),
                   first, nn_merge_ports[i].name, other);
      return FALSE;
    }
  if (nn_shape_size (&out[0]) > 0)
    return TRUE;
  g_autofree char *whole = nn_shape_to_string (&out[0]);
  g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
               _ ("would give %s values, but a layer may hold 2⁴⁰ at most"), whole);
  return FALSE;
}

static void
concatenate_lower (const NnParams *params, NnLowering *lowering)
{
  nn_merge_lower (lowering, &nn_op_concatenate);
}

static const NnLayerTest concatenate_tests[] = {
  { "two", NULL, { "3", "5" } },
  { "channels of three images", NULL, { "2x3x1", "2x3x2", "2x3x4" } },
  { NULL },
};

const NnLayerType nn_layer_concatenate = {
  .id = "concatenate",
  .version = 1,
  .title = N_ ("Concatenate"),
  .category = NN_CATEGORY_CORE,
  .icon = "nn-concatenate-symbolic",
  .summary = N_ ("inputs side by side"),
  .when_to_use =
      N_ ("Behind paths that found different features: the next layer sees all of them."),
  .inputs = nn_merge_ports,
  .outputs = nn_ports_out,
  .infer = concatenate_infer,
  .lower = concatenate_lower,
  .tests = concatenate_tests,
};
