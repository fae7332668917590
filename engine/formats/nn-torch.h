/* nn-torch.h: what the exporter for PyTorch is made of: the layers of a script and what they make
 * of values (nn-torch-ops.c, nn-torch-recurrent.c), how it is trained (nn-torch-training.c).
 */
#pragma once

#include "formats/nn-script.h"

G_BEGIN_DECLS

/* How weights begin. */
typedef struct
{
  const char *how;  /* "nn.init.zeros_(%s)" */
  GPtrArray *names; /* "code.bias" */
} NnTorchStart;

typedef struct
{
  NnScript script;
  GArray *starts;     /* NnTorchStart */
  GString *losses;    /* lines of the function that training makes smaller */
  GString *kept;      /* layers that keep their statistics while training, ", " between */
  gboolean penalties; /* forward() notes penalties */
} NnTorch;

typedef void (*NnTorchTranslate) (NnTorch *torch, const NnOp *op);
/* NULL where there is no way to say it. */
NnTorchTranslate nn_torch_translation (const NnOpType *type);
void nn_torch_recurrent (NnTorch *torch, const NnOp *op);
void nn_torch_dropout (NnTorch *torch, const NnOp *op);
void nn_torch_noise (NnTorch *torch, const NnOp *op);
void nn_torch_sampling (NnTorch *torch, const NnOp *op);
void nn_torch_activity_penalty (NnTorch *torch, const NnOp *op);
void nn_torch_kl_sparsity (NnTorch *torch, const NnOp *op);
void nn_torch_contractive (NnTorch *torch, const NnOp *op);
void nn_torch_loss (NnTorch *torch, const NnOp *op);

/* "F.relu(%s)" with the text in it; softmax over the axis of the channels. */
const char *nn_torch_activation (NnTorch *torch, NnActivation function, float alpha,
                                 const char *text, gint axis);
/* Weight k of op as "LAYER.name"; see nn_script_add_weight(). Frozen, drawn and tied as the program
 * has it. */
NnFileTensor *nn_torch_add_weight (NnTorch *torch, const NnOp *op, guint k, const char *name,
                                   const NnShape *view, const guint *order, const NnShape *shape);
/* how, name: live as long as the script. */
void nn_torch_draw (NnTorch *torch, const char *how, const char *name);
/* Weights that the program does not have, (n), all at a value that they keep. */
void nn_torch_add_fixed_weight (NnTorch *torch, const NnOp *op, const char *name, gint64 n,
                                float value);
/* Output 0 of op is its layer, applied to a text. */
void nn_torch_apply (NnTorch *torch, const NnOp *op, gboolean first, const char *text);
/* forward() notes that factor times this is added to the loss. */
void nn_torch_note_penalty (NnTorch *torch, float factor, const char *text);
/* A line for __init__() where the layer is new; TRUE there. */
gboolean nn_torch_make (NnTorch *torch, const NnOp *op, const char *text);

/* The optimizer, the learning rate, clipping: functions that train() calls. */
void nn_torch_append_training (NnTorch *torch, GString *text);

G_END_DECLS
