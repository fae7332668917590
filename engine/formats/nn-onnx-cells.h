/* nn-onnx-cells.h: recurrent layers as ONNX has them: which operator, the order of gates, names of
 * functions. For writing and reading.
 */
#pragma once

#include "base/nn-activation.h"

G_BEGIN_DECLS

/* Most parts of a row of gates. */
#define NN_ONNX_MAX_PARTS 4

typedef struct
{
  const char *type;  /* "LSTM" */
  const char *layer; /* "lstm" */
  guint parts;
  guint order[NN_ONNX_MAX_PARTS]; /* part i of ONNX is part order[i] of the program */
  guint functions; /* that bend states, behind the gates' sigmoid where there is one */
  gboolean gated;
  gboolean two_biases; /* the input's and the state's are apart in the program, too */
} NnOnnxCell;

extern const NnOnnxCell nn_onnx_cell_lstm, nn_onnx_cell_gru, nn_onnx_cell_rnn;

/* What ONNX calls a function that a state may be bent with, and its parameters. */
typedef struct
{
  NnActivation activation;
  const char *name;
  gboolean parameters;
  float alpha, beta;
} NnOnnxFunction;

/* Ended by a NULL name. */
extern const NnOnnxFunction nn_onnx_functions[];

G_END_DECLS
