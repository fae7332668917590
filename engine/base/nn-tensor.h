/* nn-tensor.h: a reference-counted block of float32, 64-byte aligned, row-major.
 *
 * A tensor is written by the thread that made it and immutable once it is shared.
 */
#pragma once

#include "base/nn-shape.h"

G_BEGIN_DECLS

#define NN_ALIGN 64

typedef struct
{
  gatomicrefcount refs;
  NnShape shape; /* may include a leading sample count where a comment says so */
  gsize size;    /* number of values */
  float *data;   /* owned, aligned to NN_ALIGN */
} NnTensor;

/* Zero-filled. shape must be valid (nn_shape_size() >= 1). (transfer full) */
NnTensor *nn_tensor_new (const NnShape *shape);
NnTensor *nn_tensor_copy (const NnTensor *tensor);
/* (n, shape) with a copy of values (n, S). One sample's shape of NN_MAX_RANK is flattened to S.
 * (transfer full) */
NnTensor *nn_tensor_new_samples (gsize n, const NnShape *shape, const float *values);
/* to[..] = from[..] of that shape, with axis i of `to` that of `from` that order names. */
void nn_permute_floats (const float *from, const NnShape *shape, const guint *order, float *to);
NnTensor *nn_tensor_ref (NnTensor *tensor);
void nn_tensor_unref (NnTensor *tensor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnTensor, nn_tensor_unref)

/* Aligned zero-filled memory for n floats (n may be 0); release with nn_free_aligned(). */
float *nn_alloc_floats (gsize n);
void nn_free_aligned (gpointer memory);

G_END_DECLS
