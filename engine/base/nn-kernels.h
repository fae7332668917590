/* nn-kernels.h: the inner loops, compiled once per instruction set and chosen at run time.
 *
 * nn-kernels-impl.c is built once for each (nn-kernels-tables.h) with its own -m flags; each build
 * exports one table. All functions are pure, take any length (tails are handled), need no alignment
 * though 64 bytes is faster, and run on any thread. Pointers do not overlap unless said otherwise.
 *
 * One table gives the same bits for the same values wherever they lie in memory; elementwise
 * functions also wherever an array is cut. Two tables may differ by rounding. A NaN that goes in
 * comes out.
 */
#pragma once

#include "base/nn-activation.h"
#include "base/nn-kernels-conv.h"
#include "base/nn-kernels-recurrent.h"

G_BEGIN_DECLS

#define NN_KERNELS_NARROW 8 /* values in a vector of a narrow table */

typedef struct
{
  float learning_rate; /* already corrected for bias at this step: lr sqrt(1 - b2^t) / (1 - b1^t) */
  float beta1, beta2, epsilon;
  float gradient_rate; /* Nadam: of the gradient itself, beside the mean's; else 0 */
  float decay;         /* AdamW: share of each weight that is taken away; else 0 */
} NnAdamStep;

typedef struct
{
  float learning_rate, momentum;
  gboolean nesterov;
} NnSgdStep;

typedef struct
{
  float learning_rate, rho, momentum, epsilon;
} NnRmspropStep;

typedef struct
{
  float learning_rate;
  float start; /* what the sum of squares counts from */
  float epsilon;
} NnAdagradStep;

typedef struct
{
  float learning_rate, rho, epsilon;
} NnAdadeltaStep;

typedef struct _NnKernels
{
  const char *name; /* "avx512", "avx512-narrow", "avx2", "baseline" */
  /* With vectors of NN_KERNELS_NARROW values, half as wide, or NULL: processors that take such a
   * vector in half the time are twice as fast where it is full and a wide one would not be. */
  const struct _NnKernels *narrow;

  /* y = f(x) for rows x cols values (softmax over each row). y may be x. */
  void (*activate) (NnActivation f, float alpha, const float *x, float *y, gsize rows, gsize cols);
  /* y = f(y + bias), bias (cols) or NULL. */
  void (*bias_activate) (NnActivation f, float alpha, const float *bias, float *y, gsize rows,
                         gsize cols);
  /* dx = dy f'(x), from the output y (and x where !from_output). dx may be dy. */
  void (*activate_grad) (NnActivation f, float alpha, const float *x, const float *y,
                         const float *dy, float *dx, gsize rows, gsize cols);
  /* sum[c] += sum over rows of x[r][c] */
  void (*add_column_sums) (const float *x, gsize rows, gsize cols, float *sum);
  /* sum[c] += sum over rows of x[r][c]; product[c] += sum over rows of x[r][c] y[r][c] */
  void (*add_moments) (const float *x, const float *y, gsize rows, gsize cols, double *sum,
                       double *product);
  /* out = a x + b y + c, with a, b, c (cols) for each row; y NULL: a x + c */
  void (*affine_columns) (const float *a, const float *x, const float *b, const float *y,
                          const float *c, float *out, gsize rows, gsize cols);
  /* y += a x */
  void (*add_scaled) (float a, const float *x, float *y, gsize n);
  /* y = a x */
  void (*scale) (float a, const float *x, float *y, gsize n);

  /* Losses return the sum over n values; d (may be NULL) gets scale times the derivative. */
  /* binary cross-entropy of sigmoid(z) against t in 0..1: max(z,0) - z t + log(1 + exp(-|z|)) */
  double (*bce_logits) (const float *z, const float *t, float *d, float scale, gsize n);
  /* the same from probabilities, clipped as Keras does to 1e-7 .. 1 - 1e-7, where its slope ends */
  double (*bce) (const float *p, const float *t, float *d, float scale, gsize n);
  /* (y - t)^2; derivative 2 (y - t) */
  double (*squared_error) (const float *y, const float *t, float *d, float scale, gsize n);
  /* |y - t|; derivative the sign of y - t */
  double (*absolute_error) (const float *y, const float *t, float *d, float scale, gsize n);
  /* with e = y - t: e^2 / 2 where |e| <= 1, else |e| - 1 / 2; derivative e within -1 .. 1 */
  double (*huber) (const float *y, const float *t, float *d, float scale, gsize n);
  /* categorical cross-entropy of softmax(z) per row of cols classes; d = scale (softmax(z) - t)
   * where the t of a row add up to 1 */
  double (*cce_logits) (const float *z, const float *t, float *d, float scale, gsize rows,
                        gsize cols);
  /* -sum t log p per row, p clipped to 1e-7 .. 1 - 1e-7; d = -scale t / p, 0 where clipped */
  double (*cce) (const float *p, const float *t, float *d, float scale, gsize rows, gsize cols);

  /* sum |x| ; d (may be NULL) += scale sign(x) */
  double (*l1) (const float *x, float *d, float scale, gsize n);
  /* sum x^2 ; d (may be NULL) += 2 scale x */
  double (*l2) (const float *x, float *d, float scale, gsize n);

  /* Optimizers, elementwise over n weights. */
  void (*adam) (const NnAdamStep *step, const float *g, float *w, float *m, float *v, gsize n);
  /* velocity NULL when momentum is 0 */
  void (*sgd) (const NnSgdStep *step, const float *g, float *w, float *velocity, gsize n);
  /* velocity NULL when momentum is 0; mean (of the gradient) NULL where not centred */
  void (*rmsprop) (const NnRmspropStep *step, const float *g, float *w, float *square,
                   float *velocity, float *mean, gsize n);
  void (*adagrad) (const NnAdagradStep *step, const float *g, float *w, float *sum, gsize n);
  void (*adadelta) (const NnAdadeltaStep *step, const float *g, float *w, float *square,
                    float *change, gsize n);
  /* g[i] = sum over p of part[p][i], parts added in rising order */
  void (*sum_parts) (const float *const *part, gsize n_parts, float *g, gsize n);

  /* y = scale x + offset */
  void (*widen_u8) (const guint8 *x, float scale, float offset, float *y, gsize n);

  /* Philox streams as NnRng's (same key and counter words; value i comes from block i / 4). */
  void (*uniform) (const guint32 key[2], const guint32 counter[4], float *y, gsize n);
  /* N(0, 1) by Box-Muller on pairs of words */
  void (*normal) (const guint32 key[2], const guint32 counter[4], float *y, gsize n);

  /* TRUE if every value is finite */
  gboolean (*all_finite) (const float *x, gsize n);

  /* C = op(A) op(B), or C += it where add is set: what nn_gemm() calls, see there. NULL where BLAS
   * is faster (baseline: BLAS knows processors that these tables do not). Made for the thin
   * matrices of a slice of a batch, where BLAS spends much on rearranging: 240 against 110 to 170
   * GFLOP/s for the products of a 784-32-784 network, measured on one core with AVX-512. Where
   * most of A is zero, rows of B that only meet zeros are not read: a NaN there stays there. */
  void (*gemm) (gboolean transpose_a, gboolean transpose_b, gsize m, gsize n, gsize k,
                const float *a, gsize lda, const float *b, gsize ldb, gboolean add, float *c,
                gsize ldc);
  void (*gemm_any_order) (gboolean transpose_a, gboolean transpose_b, gsize m, gsize n, gsize k,
                          const float *a, gsize lda, const float *b, gsize ldb, gboolean add,
                          float *c, gsize ldc);
  /* to (k, ld_to) = the transpose of from (n, ld_from), of whose rows k values are taken. NULL
   * where gemm is. */
  void (*turn) (const float *from, gsize ld_from, gsize n, gsize k, float *to, gsize ld_to);

  /* Convolution over a grid of pixels. Weights: conv (n_segments length, w_row), n_out filled up to
   * a multiple of 16 by anything; conv_dot, for few channels: (n_out, n_segments, w_row), length
   * filled up with zeros to a multiple of 16 and NN_CONV_SLACK readable behind x; conv_depthwise:
   * (n_segments, w_row), channel c of x to channel c of y (length is 1). */
  void (*conv) (const NnConvPass *pass);
  void (*conv_dot) (const NnConvPass *pass);
  void (*conv_depthwise) (const NnConvPass *pass);
  /* The gradient of their weights; NN_CONV_SLACK readable behind b. */
  void (*conv_outer) (const NnConvOuter *pass);
  /* y[s y_a + c] += sum over pixels of a[offset[s] + c] b[c], c < b_length */
  void (*conv_depthwise_outer) (const NnConvOuter *pass);

  /* Convolution by Winograd's algorithm. u from w (taps, taps, n_in, n_out). */
  void (*winograd_weights) (gsize taps, const float *w, gsize n_in, gsize n_out,
                            NnWinogradWeights how, float *u);
  /* dw += the gradient of w from that of u */
  void (*winograd_weights_grad) (gsize taps, const float *du, gsize n_in, gsize n_out, float *dw);
  void (*winograd) (const NnWinograd *pass);
  /* The gradient of the input by the same tiles: fewer than a convolution of dy has where the input
   * is larger than the output. */
  void (*winograd_back) (const NnWinograd *pass);
  /* pass->dw, += where pass->add is set, the images' gradient of u */
  void (*winograd_outer) (const NnWinograd *pass);

  /* Pooling of one image; dx is written. With relu, x = max (0, u) and dx is the gradient with
   * respect to u. */
  void (*max_pool) (const NnWindow *window, const float *x, float *y);
  void (*max_pool_grad) (const NnWindow *window, gboolean relu, const float *x, const float *y,
                         const float *dy, float *dx);
  /* Two rows of 2 n pixels of a convolution, x_row floats apart: y (n, channels) the largest of two
   * by two, and pick which of the four, the first of equals. */
  void (*max_pool_pick) (const float *x, gsize x_row, gsize n, gsize channels, float *y,
                         guint8 *pick);
  void (*pick_outer) (const NnPickOuter *pass);
  void (*average_pool) (const NnWindow *window, const float *x, float *y);
  void (*average_pool_grad) (const NnWindow *window, const float *dy, float *dx);

  /* One time step of a recurrent cell: from sums to gates and states, and back from the gradient of
   * the state to that of the sums. */
  void (*lstm_step) (const NnCellStep *step);
  void (*lstm_step_grad) (const NnCellStep *step);
  void (*gru_step) (const NnCellStep *step);
  void (*gru_step_grad) (const NnCellStep *step);

  /* Forces between points of a plane, xy (.., 2), that fall off as q = 1 / (1 + d^2) with their
   * distance d. Along the edges of a sparse graph, those of point i from row[i] to row[i + 1]:
   * force[i] = sum of p q (xy[i] - xy[index]), and *log_sum (may be NULL) += sum of p log (1 +
   * d^2), for points first <= i < end. */
  void (*pull) (const float *xy, const gsize *row, const guint32 *index, const float *p,
                gsize first, gsize end, float *force, double *log_sum);
  /* From bodies with x, y and a mass, each (n), on each of n_points: out (n_points, 3) = the sums
   * of mass q, mass q^2 dx, mass q^2 dy, with d from body to point. */
  void (*push) (const float *const bodies[3], gsize n, const float *xy, gsize n_points, float *out);
} NnKernels;

/* The table for vectors of n values, such as the channels of a pixel. */
static inline const NnKernels *
nn_kernels_for (const NnKernels *kernels, gsize n)
{
  return kernels->narrow && n <= NN_KERNELS_NARROW ? kernels->narrow : kernels;
}

/* The fastest table this processor can run, or the one that DIABOLO_KERNELS names, if it can run
 * that; constant for the life of the process. */
const NnKernels *nn_kernels_best (void);

/* Every table this processor can run, baseline first; NULL-terminated, static. */
const NnKernels *const *nn_kernels_all (void);

G_END_DECLS
