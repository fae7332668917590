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

/* Channels (f, f, C) that are the phases of an image (f rows, f columns, C) for each pixel, and lie
 * in memory as that image does. Of the taps that a kernel has along rows [0] and columns [1], some
 * phases see only a part: so many of the first have the first tap, and so many of the last the last
 * one. */
typedef struct
{
  gsize factor; /* f; 0 or 1: channels are no phases */
  gsize n_first[2], n_last[2];
  gboolean turned; /* in the transforms the last tap is the first */
} NnPhases;

/* A window that slides over an image (H, W, C) and gives another. */
typedef struct
{
  gint64 in_h, in_w, in_c, out_h, out_w, out_c;
  gint64 kernel_h, kernel_w, stride_h, stride_w, dilation_h, dilation_w;
  gint64 top, left; /* padding before the first row and column */
  gint64 groups;    /* of channels that do not see each other; convolutions only */
  NnPhases phases;  /* of out_c: where the weights of taps that a phase lacks are zeros */
  guint winograd;   /* a bit for each NnConvPart that goes by Winograd's algorithm:
                       nn_conv_decide() */
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

/* y[i y_a + j y_b] += sum over images and pixels of a_i b_j, where a_i is value i of a pixel's
 * segments of a, and b_j of b: how every pixel adds to the gradient of the weights. */
typedef struct
{
  gsize n, rows, cols;
  const float *a, *b;
  gsize a_image, a_row, a_col, b_image, b_row, b_col;
  gsize a_segments, a_length, b_segments, b_length;
  const gssize *a_offset, *b_offset;
  float *y;
  gsize y_a, y_b;
} NnConvOuter;

/* Weights of a convolution that is max pooled 2 by 2 take taps of so many values at most. */
#define NN_PICK_TAPS_MAX 64

/* w (taps, channels) += sum over the pooled image's pixels (r, c) of d[r][c] times what each tap of
 * the convolution, (kernel_rows, kernel_values), saw at the pixel that was picked there: one of the
 * four that see from x[(2 r + {0, 1}) x_row + (2 c + {0, 1}) x_col] on. */
typedef struct
{
  gsize rows, cols, channels; /* of the pooled image */
  const float *x;             /* with NN_CONV_SLACK readable behind it */
  gsize x_row, x_col;
  gsize kernel_rows, kernel_values;
  const guint8 *pick; /* (rows, cols, channels), 0 to 3: in the order of rows */
  const float *d;     /* (rows, cols, channels) */
  float *w;
} NnPickOuter;

/* Winograd's algorithm (nn-kernels-winograd-impl.h) takes r x r weights, r from 2 on, at stride 1,
 * by tiles of m x m outputs, m = 7 - r, that look at 6 x 6 inputs. */
#define NN_WINOGRAD_TAPS_MAX 5
#define NN_WINOGRAD_BLOCK_MAX 64 /* tiles at a time */
#define NN_WINOGRAD_SIZE(taps) (7 - (taps))
/* Tiles along a side of n outputs, and the inputs that they look at. */
#define NN_WINOGRAD_TILES(n, taps) (((n) + NN_WINOGRAD_SIZE (taps) - 1) / NN_WINOGRAD_SIZE (taps))
#define NN_WINOGRAD_SIDE(n, taps) (NN_WINOGRAD_TILES (n, taps) * NN_WINOGRAD_SIZE (taps) + (taps)-1)
/* Floats of a row of n channels: whole vectors of the table that nn_kernels_for() takes. */
#define NN_WINOGRAD_ROW(n) ((n) <= 8 ? 8 : ((n) + 15) / 16 * 16)
/* Floats from one matrix of n values to the next: 16 more than it has, lest all lie at the same
 * place of the cache. */
#define NN_WINOGRAD_STEP(n) ((n) + 16)

/* What the transform makes of weights (taps, taps, n_in, n_out): 36 matrices (n_in, n_out), or, for
 * the gradient of the input, (n_out, n_in), by a convolution with the taps turned round or by
 * winograd_back. */
typedef enum
{
  NN_WINOGRAD_STRAIGHT,
  NN_WINOGRAD_TURNED,
  NN_WINOGRAD_BACK,
} NnWinogradWeights;

typedef struct
{
  gsize n, rows, cols; /* images, and pixels of the output of each */
  gsize n_in, n_out, taps;
  NnPhases in, out;                    /* what n_in and n_out are */
  gsize block;                         /* tiles at a time, at most NN_WINOGRAD_BLOCK_MAX */
  const float *x;                      /* (n, x_rows, x_cols, n_in) */
  gsize x_rows, x_cols, x_top, x_left; /* pixels, and how many windows reach beyond the first */
  /* Of winograd: */
  const float *w;    /* 36 NN_WINOGRAD_STEP (n_in NN_WINOGRAD_ROW (n_out)), of winograd_weights */
  const float *bias; /* (n_out) or NULL */
  gboolean relu;
  float *y; /* (n, rows, cols, n_out) */
  /* Of winograd_outer: */
  const float *dy; /* (n, rows, cols, n_out) */
  gboolean add;    /* to dw, else written */
  float *dw;       /* as w, for winograd_weights_grad */
  /* Of winograd_back, beside dy and, of the input, bias and relu: */
  float *dx; /* (n, x_rows, x_cols, n_in) */
  /* n NN_WINOGRAD_SIDE (rows) NN_WINOGRAD_SIDE (cols) NN_WINOGRAD_ROW (n_in)
   * + 12 NN_WINOGRAD_STEP (block NN_WINOGRAD_ROW (n_in))
   * + 6 (m + 1) NN_WINOGRAD_STEP (block NN_WINOGRAD_ROW (n_out)), of winograd_back 6 of n_out and
   * 42 of n_in */
  float *scratch;
} NnWinograd;

G_END_DECLS
