#include "diabolo-config.h"

#include "layers/nn-layer-merge.h"

#include "base/nn-error.h"

#include <glib/gi18n-lib.h>

#define N_PORTS 4

const NnPort nn_merge_ports[] = {
  { "input a", N_ ("First values") },
  { "input b", N_ ("Second values") },
  { "input c", N_ ("Third values, where there are any"), TRUE },
  { "input d", N_ ("Fourth values, where there are any"), TRUE },
  { NULL },
};
G_STATIC_ASSERT (G_N_ELEMENTS (nn_merge_ports) == N_PORTS + 1);

gboolean
nn_merge_infer_same (const NnParams *params, const NnInferContext *context, NnShape *out,
                     GError **error)
{
  for (guint i = 1; i < context->n_in; i++)
    if (context->in[i].rank >= 0 && !nn_shape_equal (&context->in[i], &context->in[0]))
      {
        g_autofree char *first = nn_shape_to_string (&context->in[0]);
        g_autofree char *other = nn_shape_to_string (&context->in[i]);
        g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
                     _ ("all inputs must have the same shape, but input a is %s and %s is %s"),
                     first, nn_merge_ports[i].name, other);
        return FALSE;
      }
  out[0] = context->in[0];
  return TRUE;
}

void
nn_merge_lower (NnLowering *lowering, const NnOpType *op)
{
  guint in[N_PORTS], n = 0;
  for (guint port = 0; port < N_PORTS; port++)
    {
      const gint value = nn_lowering_input (lowering, port);
      if (value >= 0)
        in[n++] = (guint)value;
    }
  const guint out = nn_lowering_value (lowering, nn_lowering_output_shape (lowering, 0));
  nn_lowering_op (lowering, op, NULL, n, in, 1, &out, 0, NULL);
  nn_lowering_output (lowering, 0, out);
}
