/* Recurrent layers, one way or both. */
#include "formats/nn-keras.h"

#include <inttypes.h>

#define INT PRId64

static const struct
{
  const NnOpType *type;
  const char *layer;
} cells[] = {
  { &nn_op_lstm, "layers.LSTM" },
  { &nn_op_gru, "layers.GRU" },
  { &nn_op_simple_rnn, "layers.SimpleRNN" },
};

static const struct
{
  const NnOpType *type;
  const char *mode;
} merges[] = {
  { &nn_op_concatenate, "concat" },
  { &nn_op_add, "sum" },
  { &nn_op_average, "ave" },
  { &nn_op_multiply, "mul" },
};

static const char *
arguments_of (NnKeras *keras, const NnOp *op)
{
  const NnRecurrentAttrs *a = op->attrs;
  NnScript *script = &keras->script;
  const char *own =
      a->activation == NN_ACTIVATION_TANH
          ? ""
          : nn_script_text (script, "activation=%s, ", nn_keras_activation (a->activation));
  return nn_script_text (script, "%" INT ", %s%s%s%s%s%s", a->units, own,
                         a->sequences ? "return_sequences=True, " : "",
                         a->reverse && !a->aligned ? "go_backwards=True, " : "",
                         op->n_weights > 2 ? "" : "use_bias=False, ",
                         nn_keras_weight_options (keras, op, 0, "kernel", NN_INIT_GLOROT_UNIFORM),
                         nn_keras_weight_options (keras, op, 1, "recurrent", NN_INIT_ORTHOGONAL));
}

/* op: whose layer the weights of `from` become part of. */
static void
add_weights (NnKeras *keras, const NnOp *op, const NnOp *from, const char *prefix)
{
  static const char *const names[] = { "kernel", "recurrent_kernel", "bias" };
  NnScript *script = &keras->script;
  g_assert (from->n_weights <= G_N_ELEMENTS (names)); /* those of every kind of cell */
  for (guint k = 0; k < from->n_weights; k++)
    {
      const NnShape *shape = &nn_program_weight (script->model->program, from->weight[k])->shape;
      nn_script_add_weight (
          script, from, k,
          nn_script_text (script, "%s/%s%s", nn_script_layer (script, op), prefix, names[k]), shape,
          NULL, shape);
    }
}

void
nn_keras_recurrent (NnKeras *keras, const NnOp *op)
{
  const NnRecurrentAttrs *a = op->attrs;
  NnScript *script = &keras->script;
  guint cell = 0, mode = 0;
  while (cells[cell].type != op->type)
    cell++;
  const char *x = nn_script_read (script, op, 0, FALSE), *arguments = arguments_of (keras, op);
  if (!a->aligned)
    {
      if (nn_keras_apply (keras, op, op, cells[cell].layer, arguments, x))
        add_weights (keras, op, op, "");
      return;
    }
  /* The way back and what merges the two follow. */
  const NnOp *back = nn_keras_next (keras, op, 1), *merge = nn_keras_next (keras, op, 2);
  while (merges[mode].type != merge->type)
    mode++;
  g_autoptr (GString) one_way = g_string_new (arguments);
  g_string_truncate (one_way, one_way->len - 2);
  nn_keras_set_done (keras, back);
  nn_keras_set_done (keras, merge);
  if (!nn_keras_apply (keras, op, merge, "layers.Bidirectional",
                       nn_script_text (script, "%s(%s), merge_mode=\"%s\", ", cells[cell].layer,
                                       one_way->str, merges[mode].mode),
                       x))
    return;
  add_weights (keras, op, op, "forward_");
  add_weights (keras, op, back, "backward_");
}
