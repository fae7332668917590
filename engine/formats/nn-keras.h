/* nn-keras.h: what the exporter for Keras is made of: the layers of a script (nn-keras-ops.c,
 * nn-keras-recurrent.c) and how it is trained (nn-keras-training.c).
 */
#pragma once

#include "formats/nn-script.h"

G_BEGIN_DECLS

typedef struct
{
  NnScript script;
  gboolean *done; /* by operation of the program: written with one before it */
  GArray *losses; /* guint: positions of loss operations in the program */
  GError *error;  /* the first that cannot be said */
} NnKeras;

/* Writes an operation; sets the error where there is no way to say it. */
void nn_keras_add_op (NnKeras *keras, const NnOp *op);
void nn_keras_recurrent (NnKeras *keras, const NnOp *op);
void nn_keras_dropout (NnKeras *keras, const NnOp *op);
void nn_keras_noise (NnKeras *keras, const NnOp *op);
void nn_keras_sampling (NnKeras *keras, const NnOp *op);
void nn_keras_activity_penalty (NnKeras *keras, const NnOp *op);
void nn_keras_kl_sparsity (NnKeras *keras, const NnOp *op);
void nn_keras_contractive (NnKeras *keras, const NnOp *op);
void nn_keras_refuse (NnKeras *keras, const NnOp *op, const char *why);

/* A layer without weights, applied to what op reads. */
void nn_keras_plain (NnKeras *keras, const NnOp *op, const char *layer, const char *arguments);
/* The variable of a layer that others use, too. */
const char *nn_keras_shared_name (NnKeras *keras, const NnOp *op);
/* The layer that op is, from its class and arguments, which end in a comma and a space or are
 * empty, applied to a text; its name and what is frozen are added. It gives what `last` does: op
 * itself, or an operation that it takes in. TRUE where its weights are still to be written. */
gboolean nn_keras_apply (NnKeras *keras, const NnOp *op, const NnOp *last, const char *layer,
                         const char *arguments, const char *x);
/* Op n behind this one in the script; NULL behind the end. */
const NnOp *nn_keras_next (const NnKeras *keras, const NnOp *op, guint n);
/* It has been written with one before it. */
void nn_keras_set_done (NnKeras *keras, const NnOp *op);
/* Weight k of op behind those of its layer that are there already. */
void nn_keras_add_weight (NnKeras *keras, const NnOp *op, guint k, const char *name,
                          const NnShape *shape);
/* "NAME_initializer=..., NAME_regularizer=..., " where they are not what that of the layer is. */
const char *nn_keras_weight_options (NnKeras *keras, const NnOp *op, guint k, const char *name,
                                     NnInit standard);
/* "\"relu\"" or a function; NULL where it has a parameter and must be a layer. */
const char *nn_keras_activation (NnActivation function);

/* What each loss compares and how, the optimizer, the learning rate. */
void nn_keras_append_training (NnKeras *keras, GString *text);
/* Sets the error where a loss or the optimizer cannot be said. */
void nn_keras_check_training (NnKeras *keras);

G_END_DECLS
