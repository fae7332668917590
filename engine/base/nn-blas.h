/* nn-blas.h: the only door to BLAS. Always single-threaded: parallelism is the caller's
 * (nn-pool.h). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* C = alpha op(A) op(B) + beta C, row-major; op(A) is m x k, op(B) k x n, C m x n. ld*: row length
 * of the matrix as stored. Any thread. */
void nn_gemm (gboolean transpose_a, gboolean transpose_b, gint m, gint n, gint k, float alpha,
              const float *a, gint lda, const float *b, gint ldb, float beta, float *c, gint ldc);

/* The name of the OpenBLAS kernels (OPENBLAS_CORETYPE) that this processor could run, where those
 * in use are for a smaller one; else NULL. Static. */
const char *nn_blas_better_core (void);

G_END_DECLS
