/* LSTM, GRU and RNN of ONNX: time before samples, gates in ONNX's order. */
#include "formats/nn-onnx-cells.h"
#include "formats/nn-onnx-graph.h"

#include <string.h>

static void
set_functions (NnOnnxGraph *graph, Onnx__NodeProto *node, const NnOnnxCell *cell,
               NnActivation activation)
{
  const char *names[3];
  float alpha[2], beta[2];
  guint n = 0, f = 0;
  while (nn_onnx_functions[f].name && nn_onnx_functions[f].activation != activation)
    f++;
  g_assert (nn_onnx_functions[f].name);
  if (cell->gated)
    names[n++] = "Sigmoid";
  for (guint i = 0; i < cell->functions; i++)
    {
      names[n++] = nn_onnx_functions[f].name;
      alpha[i] = nn_onnx_functions[f].alpha;
      beta[i] = nn_onnx_functions[f].beta;
    }
  nn_onnx_set_texts (graph, node, "activations", names, n);
  if (nn_onnx_functions[f].parameters)
    {
      nn_onnx_set_floats (graph, node, "activation_alpha", alpha, cell->functions);
      nn_onnx_set_floats (graph, node, "activation_beta", beta, cell->functions);
    }
}

/* Weight k, (rows, P U), as (1, P U, rows) in ONNX's order. */
static const char *
gate_weights (NnOnnxGraph *graph, const NnOp *op, guint k, const NnOnnxCell *cell)
{
  const NnShape *shape = nn_onnx_weight_shape (graph, op, k);
  const gsize rows = (gsize)shape->dim[0], cols = (gsize)shape->dim[1], units = cols / cell->parts;
  const float *from = nn_onnx_weight_data (graph, op, k);
  float *to = nn_onnx_alloc (graph, rows * cols * sizeof (float));
  for (gsize p = 0; p < cell->parts; p++)
    for (gsize u = 0; u < units; u++)
      for (gsize r = 0; r < rows; r++)
        to[(p * units + u) * rows + r] = from[r * cols + cell->order[p] * units + u];
  return nn_onnx_tensor (graph, nn_onnx_weight_name (graph, op, k, NULL),
                         &nn_shape (1, (gint64)cols, (gint64)rows), to);
}

/* The input's bias and, behind it, the state's: 0 where the cell has one for both. (1, 2 P U) */
static const char *
gate_bias (NnOnnxGraph *graph, const NnOp *op, const NnOnnxCell *cell)
{
  const NnShape *shape = nn_onnx_weight_shape (graph, op, 2);
  const gsize cols = (gsize)shape->dim[shape->rank - 1], units = cols / cell->parts;
  const gsize rows = (gsize)nn_shape_size (shape) / cols;
  const float *from = nn_onnx_weight_data (graph, op, 2);
  float *to = nn_onnx_alloc (graph, 2 * cols * sizeof (float));
  for (gsize r = 0; r < rows; r++)
    for (gsize p = 0; p < cell->parts; p++)
      memcpy (to + r * cols + p * units, from + r * cols + cell->order[p] * units,
              units * sizeof (float));
  return nn_onnx_tensor (graph, nn_onnx_weight_name (graph, op, 2, NULL),
                         &nn_shape (1, 2 * (gint64)cols), to);
}

static const char *
without_axis (NnOnnxGraph *graph, const NnOp *op, const char *from, gint64 axis)
{
  const char *out = nn_onnx_between (graph, op, "squeezed");
  nn_onnx_node (graph, "Squeeze", out, from, nn_onnx_ints (graph, &axis, 1));
  return out;
}

/* (T, N, U) from its end to its beginning. */
static const char *
turned_round (NnOnnxGraph *graph, const NnOp *op, const char *from)
{
  const gint64 start = -1, end = G_MININT64 + 1, axis = 0, step = -1;
  const char *out = nn_onnx_between (graph, op, "turned_round");
  nn_onnx_node (graph, "Slice", out, from, nn_onnx_ints (graph, &start, 1),
                nn_onnx_ints (graph, &end, 1), nn_onnx_ints (graph, &axis, 1),
                nn_onnx_ints (graph, &step, 1));
  return out;
}

static void
translate (NnOnnxGraph *graph, const NnOp *op, const NnOnnxCell *cell)
{
  static const gint64 swap[] = { 1, 0, 2 };
  const NnRecurrentAttrs *attrs = op->attrs;
  const char *x = nn_onnx_between (graph, op, "by_time");
  Onnx__NodeProto *node =
      nn_onnx_node (graph, "Transpose", x, nn_onnx_read (graph, op->in[0], NN_ONNX_LAST));
  nn_onnx_set_ints (graph, node, "perm", swap, 3);

  const char *y = nn_onnx_between (graph, op, attrs->sequences ? "states" : "last_state");
  const char *kernel = gate_weights (graph, op, 0, cell);
  const char *recurrent = gate_weights (graph, op, 1, cell);
  node = nn_onnx_node (graph, cell->type, y, x, kernel, recurrent);
  if (op->n_weights > 2)
    nn_onnx_add_input (graph, node, gate_bias (graph, op, cell));
  /* The outputs are all states, the last one, and a cell's. */
  if (!attrs->sequences)
    {
      char **outputs = nn_onnx_alloc (graph, 2 * sizeof (char *));
      outputs[0] = "";
      outputs[1] = (char *)y;
      node->output = outputs;
      node->n_output = 2;
    }
  nn_onnx_set_int (graph, node, "hidden_size", attrs->units);
  nn_onnx_set_text (graph, node, "direction", attrs->reverse ? "reverse" : "forward");
  set_functions (graph, node, cell, attrs->activation);
  /* The reset gate acts on the product: Keras's reset_after. */
  if (cell == &nn_onnx_cell_gru)
    nn_onnx_set_int (graph, node, "linear_before_reset", 1);

  if (!attrs->sequences)
    {
      const gint64 axis = 0;
      nn_onnx_node (graph, "Squeeze", nn_onnx_define (graph, op->out[0], NN_ONNX_LAST), y,
                    nn_onnx_ints (graph, &axis, 1));
      return;
    }
  /* (T, 1, N, U), in the order of x whatever the direction */
  y = without_axis (graph, op, y, 1);
  if (attrs->reverse && !attrs->aligned)
    y = turned_round (graph, op, y);
  node = nn_onnx_node (graph, "Transpose", nn_onnx_define (graph, op->out[0], NN_ONNX_LAST), y);
  nn_onnx_set_ints (graph, node, "perm", swap, 3);
}

void
nn_onnx_lstm (NnOnnxGraph *graph, const NnOp *op)
{
  translate (graph, op, &nn_onnx_cell_lstm);
}

void
nn_onnx_gru (NnOnnxGraph *graph, const NnOp *op)
{
  translate (graph, op, &nn_onnx_cell_gru);
}

void
nn_onnx_simple_rnn (NnOnnxGraph *graph, const NnOp *op)
{
  translate (graph, op, &nn_onnx_cell_rnn);
}
