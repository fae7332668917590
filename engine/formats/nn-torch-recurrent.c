/* Recurrent layers: those of PyTorch where they have the activation, else the same written out
 * (resources/export/pytorch.py). */
#include "formats/nn-torch.h"

#include <inttypes.h>
#include <string.h>

#define INT PRId64

typedef struct
{
  const NnOpType *type;
  const char *name;
  gint64 gates;
  gboolean swapped; /* the first two gates are the other way round */
} Cell;

/* Ours are i f c o, PyTorch's i f g o; ours z r h, PyTorch's r z n. */
static const Cell cells[] = {
  { &nn_op_lstm, "LSTM", 4, FALSE },
  { &nn_op_gru, "GRU", 3, TRUE },
  { &nn_op_simple_rnn, "RNN", 1, FALSE },
};

static const Cell *
cell_of (const NnOp *op)
{
  guint i = 0;
  while (cells[i].type != op->type)
    i++;
  return &cells[i];
}

static void
add_matrix (NnTorch *torch, const NnOp *op, guint k, const char *name, const Cell *cell)
{
  static const guint turn[] = { 1, 0 };
  const NnShape *shape = &nn_program_weight (torch->script.model->program, op->weight[k])->shape;
  NnFileTensor *tensor = nn_torch_add_weight (torch, op, k, name, shape, turn,
                                              &nn_shape (shape->dim[1], shape->dim[0]));
  if (cell->swapped)
    tensor->swapped = (gsize)(nn_shape_size (shape) / cell->gates);
}

/* PyTorch adds a bias of the input and one of the state. Where we have one for both, that of the
 * state stays 0, so that the other one learns no faster. */
static void
add_bias (NnTorch *torch, const NnOp *op, const Cell *cell)
{
  NnScript *script = &torch->script;
  const NnWeight *weight = nn_program_weight (script->model->program, op->weight[2]);
  const gint64 n = weight->shape.dim[weight->shape.rank - 1];
  if (weight->shape.rank == 1)
    {
      nn_torch_add_weight (torch, op, 2, "bias_ih_l0", &weight->shape, NULL, &weight->shape);
      nn_torch_add_fixed_weight (torch, op, "bias_hh_l0", n, 0);
      nn_torch_draw (torch, "nn.init.zeros_(%s)",
                     nn_script_text (script, "%s.bias_hh_l0", nn_script_layer (script, op)));
      return;
    }
  for (gint64 row = 0; row < weight->shape.dim[0]; row++)
    {
      const char *name =
          nn_script_text (script, "%s.bias_%s_l0", nn_script_layer (script, op), row ? "hh" : "ih");
      const float *data = script->model->weights[op->weight[2]] + row * n;
      nn_file_tensors_add_values (script->tensors, name, &nn_shape (n), data)->swapped =
          (gsize)(n / cell->gates);
      nn_torch_draw (torch, "nn.init.zeros_(%s)", name);
      if (weight->frozen)
        g_string_append_printf (script->ties, "self.%s.requires_grad_(False)\n", name);
    }
}

static const char *
layer_text (NnTorch *torch, const NnOp *op, const Cell *cell, gint64 features)
{
  const NnRecurrentAttrs *a = op->attrs;
  NnScript *script = &torch->script;
  const char *bias = op->n_weights > 2 ? "" : ", bias=False";
  const gboolean relu = cell->type == &nn_op_simple_rnn && a->activation == NN_ACTIVATION_RELU;
  if (a->activation == NN_ACTIVATION_TANH || relu)
    return nn_script_text (script, "nn.%s(%" INT ", %" INT "%s%s, batch_first=True)", cell->name,
                           features, a->units, relu ? ", nonlinearity=\"relu\"" : "", bias);
  /* A function rather than what it gives. */
  g_autofree char *function = g_strdup (nn_torch_activation (torch, a->activation, 0, "(", -1));
  function[strcspn (function, "(")] = '\0';
  return nn_script_text (script, "Recurrent(\"%s\", %" INT ", %" INT ", %s%s)", cell->name,
                         features, a->units, *function ? function : "nn.Identity()", bias);
}

void
nn_torch_recurrent (NnTorch *torch, const NnOp *op)
{
  const NnRecurrentAttrs *a = op->attrs;
  const Cell *cell = cell_of (op);
  NnScript *script = &torch->script;
  const char *x = nn_script_read (script, op, 0, FALSE);
  if (nn_torch_make (torch, op,
                     layer_text (torch, op, cell, nn_script_shape (script, op->in[0])->dim[1])))
    {
      add_matrix (torch, op, 0, "weight_ih_l0", cell);
      add_matrix (torch, op, 1, "weight_hh_l0", cell);
      if (op->n_weights > 2)
        add_bias (torch, op, cell);
    }
  nn_script_define (script, op, FALSE,
                    nn_script_text (script, "self.%s(%s%s)[0]%s", nn_script_layer (script, op), x,
                                    a->reverse ? ".flip(1)" : "",
                                    !a->sequences              ? "[:, -1]"
                                    : a->reverse && a->aligned ? ".flip(1)"
                                                               : ""));
}
