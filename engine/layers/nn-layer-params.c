#include "layers/nn-layer-params.h"

#include "diabolo-config.h"

#include "base/nn-error.h"

#include <glib/gi18n-lib.h>

const NnChoice nn_activation_choices[] = {
  { "linear", N_ ("Linear"), N_ ("Values pass unchanged") },
  { "relu", N_ ("ReLU"), N_ ("Negative values become 0: the usual choice inside a network") },
  { "leaky-relu", N_ ("Leaky ReLU"), N_ ("Negative values are shrunk, so that no unit dies") },
  { "elu", N_ ("ELU"), N_ ("Smooth below zero, mean activity near 0") },
  { "sigmoid", N_ ("Sigmoid"), N_ ("Squeezes into 0..1: for pixels and yes-or-no answers") },
  { "tanh", N_ ("Tanh"), N_ ("Squeezes into −1..1") },
  { "softplus", N_ ("Softplus"), N_ ("A smooth ReLU") },
  { "selu", N_ ("SELU"), N_ ("An ELU that keeps the variance through many layers") },
  { "gelu", N_ ("GELU"), N_ ("A smooth ReLU that dips below zero") },
  { "silu", N_ ("SiLU"), N_ ("A smooth ReLU that dips below zero, cheaper than GELU") },
  { "hard-sigmoid", N_ ("Hard sigmoid"), N_ ("A sigmoid of straight lines") },
  { "relu6", N_ ("ReLU6"), N_ ("ReLU that goes no higher than 6: for phones") },
  { "hard-swish", N_ ("Hard swish"), N_ ("A SiLU that is quick to work out") },
  { "softsign", N_ ("Softsign"), N_ ("Squeezes into −1..1, slower than tanh") },
  { "softmax", N_ ("Softmax"), N_ ("Shares that add up to 1: for one class of several") },
  { "log-softmax", N_ ("Log softmax"), N_ ("The logarithms of such shares") },
  { NULL },
};
G_STATIC_ASSERT (G_N_ELEMENTS (nn_activation_choices) == NN_N_ACTIVATIONS + 1);

const NnPort nn_ports_in[] = { { "input", N_ ("Values to work on") }, { NULL } };
const NnPort nn_ports_out[] = { { "output", N_ ("Result") }, { NULL } };

const char *
nn_choice_title (const NnParams *params, const char *name)
{
  return _ (
      nn_param_choices (nn_params_spec (params, name))[nn_params_choice (params, name)].title);
}

gboolean
nn_infer_same (const NnParams *params, const NnInferContext *context, NnShape *out, GError **error)
{
  out[0] = context->in[0];
  return TRUE;
}

gboolean
nn_infer_features (const NnParams *params, const NnInferContext *context, NnShape *out,
                   GError **error)
{
  out[0] = context->in[0];
  if (out[0].rank < 1)
    g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
                 _ ("needs at least one axis to work on, but gets a single value"));
  return out[0].rank >= 1;
}

guint
nn_lower_norm_weights (NnLowering *lowering, gint64 features, gboolean scale, gboolean centre,
                       guint *weights)
{
  guint n = 0;
  if (scale)
    weights[n++] = nn_lowering_weight (lowering, "gamma", &nn_shape (features), NN_INIT_ONES,
                                       features, features, 0, 0);
  if (centre)
    weights[n++] = nn_lowering_weight (lowering, "beta", &nn_shape (features), NN_INIT_ZEROS,
                                       features, features, 0, 0);
  return n;
}
