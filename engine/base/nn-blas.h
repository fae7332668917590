/* nn-blas.h: matrix products, and the only door to BLAS. Always single-threaded: parallelism is the
 * caller's (nn-pool.h). */
#pragma once

#include "base/nn-kernels.h"

G_BEGIN_DECLS

/* C = op(A) op(B), or C += it where add is set; row-major. op(A) is m x k, op(B) k x n, C m x n;
 * ld*: row length of the matrix as stored. By the kernels' own product where they have one, else by
 * BLAS. The same sizes and kernels give the same bits wherever the matrices lie. Any thread. */
void nn_gemm (const NnKernels *kernels, gboolean transpose_a, gboolean transpose_b, gsize m,
              gsize n, gsize k, const float *a, gsize lda, const float *b, gsize ldb, gboolean add,
              float *c, gsize ldc);

/* The same, but a row's sums are added up in an order that may depend on the other rows of op(A),
 * where that saves more of the products with zeros. */
void nn_gemm_any_order (const NnKernels *kernels, gboolean transpose_a, gboolean transpose_b,
                        gsize m, gsize n, gsize k, const float *a, gsize lda, const float *b,
                        gsize ldb, gboolean add, float *c, gsize ldc);

/* C = factor A op(B), or C += it where add is set, in double precision; rows behind one another. A
 * is m x k, op(B) k x n, C m x n. Any thread. */
void nn_gemm_double (gboolean transpose_b, gsize m, gsize n, gsize k, double factor,
                     const double *a, const double *b, gboolean add, double *c);

G_END_DECLS
