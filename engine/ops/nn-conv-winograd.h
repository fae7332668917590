/* nn-conv-winograd.h: nn-conv.h's three by Winograd's algorithm, where that is faster. */
#pragma once

#include "base/nn-kernels.h"

G_BEGIN_DECLS

typedef enum
{
  NN_CONV_FORWARD,
  NN_CONV_TO_INPUT,
  NN_CONV_TO_WEIGHTS,
} NnConvPart;

/* Vectors of NN_KERNELS_NARROW that n values take: two in a table that has only wide ones for
 * them. */
gsize nn_conv_vectors (gsize n);
/* Products of such vectors for an image without it; for windows without groups. */
gsize nn_conv_direct_cost (const NnWindow *window, NnConvPart part);
/* Whether it can be done, and takes less than `direct` products of vectors for an image. */
gboolean nn_conv_winograd_pays (const NnWindow *window, NnConvPart part, gsize direct);
/* Floats of scratch. */
gsize nn_conv_winograd_scratch (const NnWindow *window, NnConvPart part, guint n);
/* Floats of transformed weights u of NN_CONV_FORWARD or NN_CONV_TO_INPUT. */
gsize nn_conv_winograd_weights (const NnWindow *window, NnConvPart part);
void nn_conv_winograd_prepare (const NnKernels *kernels, const NnWindow *window, NnConvPart part,
                               const float *w, float *u);

/* As their namesakes in nn-conv.h. */
void nn_conv_winograd_forward (const NnKernels *kernels, const NnWindow *window, guint n,
                               const float *x, const float *u, const float *bias, gboolean relu,
                               float *y, float *scratch);
void nn_conv_winograd_to_input (const NnKernels *kernels, const NnWindow *window, guint n,
                                const float *dy, const float *u, const float *bias, gboolean relu,
                                float *dx, float *scratch);
void nn_conv_winograd_to_weights (const NnKernels *kernels, const NnWindow *window, guint n,
                                  const float *x, const float *dy, float *dw, float *scratch);

G_END_DECLS
