#include "formats/nn-onnx-cells.h"

/* i f c o -> i o f c */
const NnOnnxCell nn_onnx_cell_lstm = { "LSTM", "lstm", 4, { 0, 3, 1, 2 }, 2, TRUE, FALSE };
/* z r h */
const NnOnnxCell nn_onnx_cell_gru = { "GRU", "gru", 3, { 0, 1, 2 }, 1, TRUE, TRUE };
const NnOnnxCell nn_onnx_cell_rnn = { "RNN", "simple-rnn", 1, { 0 }, 1, FALSE, FALSE };

const NnOnnxFunction nn_onnx_functions[] = {
  { NN_ACTIVATION_TANH, "Tanh", FALSE, 0, 0 },
  { NN_ACTIVATION_RELU, "Relu", FALSE, 0, 0 },
  { NN_ACTIVATION_SIGMOID, "Sigmoid", FALSE, 0, 0 },
  { NN_ACTIVATION_HARD_SIGMOID, "HardSigmoid", TRUE, 0.2f, 0.5f },
  { NN_ACTIVATION_SOFTPLUS, "Softplus", FALSE, 0, 0 },
  { NN_ACTIVATION_LINEAR, "Affine", TRUE, 1, 0 },
  { 0, NULL, FALSE, 0, 0 },
};
