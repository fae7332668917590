/* What only training needs: noise, and what is added to the loss. */
#include "diabolo-config.h"

#include "formats/nn-keras.h"

#include <glib/gi18n-lib.h>

void
nn_keras_dropout (NnKeras *keras, const NnOp *op)
{
  const gint rank = nn_script_shape (&keras->script, op->in[0])->rank;
  const gboolean spatial = op->type == &nn_op_spatial_dropout && rank > 1;
  nn_keras_plain (keras, op,
                  spatial ? nn_script_text (&keras->script, "layers.SpatialDropout%dD", rank - 1)
                          : "layers.Dropout",
                  nn_script_float (&keras->script, ((const NnDropoutAttrs *)op->attrs)->rate));
}

void
nn_keras_noise (NnKeras *keras, const NnOp *op)
{
  const char *layer;
  gboolean training_only;
  const char *arguments = nn_script_noise (&keras->script, op, &layer, &training_only);
  nn_keras_plain (keras, op, layer, arguments);
}

void
nn_keras_sampling (NnKeras *keras, const NnOp *op)
{
  NnScript *script = &keras->script;
  const NnSamplingAttrs *a = op->attrs;
  nn_script_assign (script, op, FALSE,
                    nn_script_text (script, "Sampling(beta=%s)([%s, %s])",
                                    nn_script_float (script, a->beta),
                                    nn_script_read (script, op, 0, FALSE),
                                    nn_script_read (script, op, 1, FALSE)));
}

void
nn_keras_activity_penalty (NnKeras *keras, const NnOp *op)
{
  NnScript *script = &keras->script;
  const NnActivityAttrs *a = op->attrs;
  nn_keras_plain (keras, op, "layers.ActivityRegularization",
                  nn_script_text (script, "l1=%s, l2=%s", nn_script_float (script, a->l1),
                                  nn_script_float (script, a->l2)));
}

void
nn_keras_kl_sparsity (NnKeras *keras, const NnOp *op)
{
  NnScript *script = &keras->script;
  const NnKlSparsityAttrs *a = op->attrs;
  nn_keras_plain (keras, op, "KLSparsity",
                  nn_script_text (script, "rho=%s, beta=%s", nn_script_float (script, a->rho),
                                  nn_script_float (script, a->beta)));
}

/* The slope of an activation from its output, y; %a: alpha. */
static const char *const slopes[NN_N_ACTIVATIONS] = {
  [NN_ACTIVATION_LINEAR] = "ops.ones_like(y)",
  [NN_ACTIVATION_RELU] = "ops.where(y > 0, 1.0, 0.0)",
  [NN_ACTIVATION_LEAKY_RELU] = "ops.where(y > 0, 1.0, %a)",
  [NN_ACTIVATION_ELU] = "ops.where(y > 0, 1.0, y + %a)",
  [NN_ACTIVATION_SIGMOID] = "y * (1 - y)",
  [NN_ACTIVATION_TANH] = "1 - ops.square(y)",
  [NN_ACTIVATION_SELU] = "ops.where(y > 0, 1.0507009873554805, y + 1.7580993408473766)",
  [NN_ACTIVATION_SOFTPLUS] = "1 - ops.exp(-y)",
};

void
nn_keras_contractive (NnKeras *keras, const NnOp *op)
{
  NnScript *script = &keras->script;
  const NnContractiveAttrs *a = op->attrs;
  const NnOp *owner = nn_script_owner (script, op, 0);
  if (a->transposed)
    nn_keras_refuse (keras, op,
                     _ ("it is contractive and uses the weights of another layer turned round."));
  g_autoptr (GString) slope = g_string_new (slopes[a->function]);
  g_string_replace (slope, "%a", nn_script_float (script, a->alpha), 0);
  nn_keras_plain (keras, op, "Contractive",
                  nn_script_text (script, "%s, %s, lambda y: %s",
                                  nn_keras_shared_name (keras, owner),
                                  nn_script_float (script, a->lambda), slope->str));
}
