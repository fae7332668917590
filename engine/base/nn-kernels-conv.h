/* nn-kernels-conv.h: what the kernels of convolution and pooling are told.
 *
 * A convolution is a sum over segments: pieces of an image that lie together in memory, at fixed
 * distances from where a pixel's window begins. With channel-last images one row of a window is one
 * segment (kernel width x channels), so nothing is copied out of the image; the border is zeros
 * around a copy of it. Convolution, its gradients and the transposed one differ only in segments
 * and grids of pixels.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Room for as many floats is read, and ignored, behind a segment that is cut into vectors. */
#define NN_CONV_SLACK 16

/* A window that slides over an image (H, W, C) and gives another. */
typedef struct
{
  gint64 in_h, in_w, in_c, out_h, out_w, out_c;
  gint64 kernel_h, kernel_w, stride_h, stride_w, dilation_h, dilation_w;
  gint64 top, left; /* padding before the first row and column */
  gint64 groups;    /* of channels that do not see each other; convolutions only */
} NnWindow;

/* y[r][c][o] = bias[o] + sum over segments s, values k of x[r x_row + c x_col + offset[s] + k]
 * w[s length + k][o], o < n_out, and then the larger of that and 0 where relu is set. */
typedef struct
{
  gsize rows, cols; /* pixels */
  const float *x;
  gsize x_row, x_col; /* floats from pixel to pixel */
  float *y;
  gsize y_row, y_col;
  gsize n_segments, length;
  const gssize *offset; /* (n_segments) floats */
  const float *w;       /* see each kernel */
  gsize w_row;
  gsize n_out;
  const float *bias; /* (n_out) or NULL */
  gboolean relu;
} NnConvPass;

/* y[i y_a + j y_b] += sum over pixels of a_i b_j, where a_i is value i of a pixel's segments of a,
 * and b_j of b: how every pixel adds to the gradient of the weights. */
typedef struct
{
  gsize rows, cols;
  const float *a, *b;
  gsize a_row, a_col, b_row, b_col;
  gsize a_segments, a_length, b_segments, b_length;
  const gssize *a_offset, *b_offset;
  float *y;
  gsize y_a, y_b;
} NnConvOuter;

/* Floats from one matrix of n values to the next: 16 more than it has, lest all lie at the same
 * place of the cache. */
#define NN_WINOGRAD_STEP(n) ((n) + 16)

/* A convolution with 3 x 3 weights at stride 1, by tiles of 2 x 2 outputs (rows and columns of
 * tiles are half as many as those of outputs, rounded up): see nn-kernels-winograd-impl.h. n_in and
 * n_out are multiples of 16. */
typedef struct
{
  gsize rows, cols, n_in, n_out; /* of the output */
  gsize block;                   /* rows of tiles at a time */
  const float *x;                /* (rows + 2, x_row) */
  gsize x_row;
  /* Of winograd: */
  const float *w;    /* 16 NN_WINOGRAD_STEP (n_in n_out), from winograd_weights */
  const float *bias; /* (n_out) or NULL */
  gboolean relu;
  float *y; /* (rows, cols, n_out) */
  /* Of winograd_outer: */
  const float *dy; /* (rows, cols, n_out) */
  float *dw;       /* 16 NN_WINOGRAD_STEP (n_in n_out), for winograd_weights_grad */
  /* 4 NN_WINOGRAD_STEP (tiles of a block x n_in) + 8 NN_WINOGRAD_STEP (... x n_out) */
  float *scratch;
} NnWinograd;

G_END_DECLS
