/* nn-kernels-recurrent.h: what the kernels of recurrent cells are told: one time step of a few
 * samples, after the products and before the next ones.
 */
#pragma once

#include "base/nn-activation.h"

G_BEGIN_DECLS

/* Rows are samples, U units; f is the activation (one whose slope follows from its output, without
 * a parameter). Pointers do not overlap.
 *
 * LSTM (S. Hochreiter and J. Schmidhuber, 1997; the forget gate by F. Gers et al., 2000): a row of
 * gates holds the sums of i, f, c, o. GRU (K. Cho et al., 2014, with the reset gate after the
 * product as in cuDNN): the sums of z and r, of the candidate's part from the input, and of its
 * part from the state before. */
typedef struct
{
  NnActivation activation;
  gsize rows, units;
  const float *bias;   /* LSTM (4 U), GRU (2, 3 U): from the input, from the state; NULL: none */
  float *gates;        /* (rows, 4 U): sums become gates; in a gradient, gates become gradients */
  const float *before; /* (rows, U): LSTM cell, GRU state at the step before */
  float *h;            /* (rows, U): state; in a gradient, that of the loss to it */
  float *cell;         /* LSTM (rows, U): cell; in a gradient, that of the loss to it */
  float *bent;         /* LSTM (rows, U): f (cell) */
} NnCellStep;

G_END_DECLS
