/* nn-conv.h: convolution of images, its gradients, and thereby the transposed convolution, over the
 * kernels of one instruction set.
 *
 * Images are (H, W, C), weights (kernel_h, kernel_w, C / groups, O): as Keras stores them, also
 * those of a depthwise convolution (kernel_h, kernel_w, C, multiplier) with as many groups as
 * channels.
 */
#pragma once

#include "base/nn-kernels.h"
#include "ops/nn-op.h"

G_BEGIN_DECLS

/* Largest kernel_h x kernel_w. */
#define NN_CONV_MAX_TAPS 1024

/* Which way each of the three goes: once, before anything else is asked. */
void nn_conv_decide (NnWindow *window);

/* Floats of scratch for any of the three with n images. */
gsize nn_conv_scratch (const NnWindow *window, guint n);

/* How the first two want the weights, for any number of calls: floats, and to be written for the
 * one, the other or both. */
gsize nn_conv_prepared (const NnWindow *window);
void nn_conv_prepare (const NnKernels *kernels, const NnWindow *window, gboolean forward,
                      gboolean to_input, const float *w, float *prepared);

/* y (n, out) from x (n, in); bias (O) may be NULL. y = max (y, 0) where relu is set. Weights that
 * need no preparing are read from w. */
void nn_conv_forward (const NnKernels *kernels, const NnWindow *window, guint n, const float *x,
                      const float *w, const float *prepared, const float *bias, gboolean relu,
                      float *y, float *scratch);

/* dx (n, in) from dy (n, out): each value of dy spreads over the window that it came from; bias (C)
 * may be NULL. */
void nn_conv_to_input (const NnKernels *kernels, const NnWindow *window, guint n, const float *dy,
                       const float *prepared, const float *bias, gboolean relu, float *dx,
                       float *scratch);

/* dw += the gradient of the weights. */
void nn_conv_to_weights (const NnKernels *kernels, const NnWindow *window, guint n, const float *x,
                         const float *dy, float *dw, float *scratch);

/* With max pooling by 2 x 2 behind it, so that the convolution's output is never whole: whether
 * that can be and pays, where no gradient of the input is wanted, and floats of scratch for the
 * two. */
gboolean nn_conv_pools (const NnWindow *window);
gsize nn_conv_pooled_scratch (const NnWindow *window);
/* y (n, out_h / 2, out_w / 2, O); pick, as large, which of the four was the largest. */
void nn_conv_pooled_forward (const NnKernels *kernels, const NnWindow *window, guint n,
                             const float *x, const float *w, const float *prepared,
                             const float *bias, gboolean relu, float *y, guint8 *pick,
                             float *scratch);
/* dw += the gradient of the weights from d, that of what was the largest (before any ReLU). */
void nn_conv_pooled_to_weights (const NnKernels *kernels, const NnWindow *window, guint n,
                                const float *x, const float *d, const guint8 *pick, float *dw,
                                float *scratch);

/* ---- what the operations of this family share ---- */

const float *nn_conv_bias (const NnOpRun *run); /* or NULL */
/* Whether a fused ReLU can be left to the convolution; nn_conv_activate() applies any other. */
gboolean nn_conv_ends_in_relu (const NnOpRun *run);
void nn_conv_activate (NnOpRun *run);
void nn_conv_gradient_of_bias (NnOpRun *run);
/* Zeros in the kernel's gradient where it is to be written. */
void nn_conv_clear_fresh (NnOpRun *run);

G_END_DECLS
