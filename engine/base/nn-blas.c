#include "base/nn-blas.h"

#include <cblas.h>

static void
use_one_thread (void)
{
  static gsize done = 0;

  if (g_once_init_enter (&done))
    {
      openblas_set_num_threads (1);
      g_once_init_leave (&done, 1);
    }
}

static void
gemm_by_blas (gboolean transpose_a, gboolean transpose_b, gsize m, gsize n, gsize k, const float *a,
              gsize lda, const float *b, gsize ldb, gboolean add, float *c, gsize ldc)
{
  use_one_thread ();
  cblas_sgemm (CblasRowMajor, transpose_a ? CblasTrans : CblasNoTrans,
               transpose_b ? CblasTrans : CblasNoTrans, (blasint)m, (blasint)n, (blasint)k, 1, a,
               (blasint)lda, b, (blasint)ldb, add ? 1 : 0, c, (blasint)ldc);
}

void
nn_gemm (const NnKernels *kernels, gboolean transpose_a, gboolean transpose_b, gsize m, gsize n,
         gsize k, const float *a, gsize lda, const float *b, gsize ldb, gboolean add, float *c,
         gsize ldc)
{
  (kernels->gemm ? kernels->gemm : gemm_by_blas) (transpose_a, transpose_b, m, n, k, a, lda, b, ldb,
                                                  add, c, ldc);
}

void
nn_gemm_any_order (const NnKernels *kernels, gboolean transpose_a, gboolean transpose_b, gsize m,
                   gsize n, gsize k, const float *a, gsize lda, const float *b, gsize ldb,
                   gboolean add, float *c, gsize ldc)
{
  (kernels->gemm_any_order ? kernels->gemm_any_order : gemm_by_blas) (
      transpose_a, transpose_b, m, n, k, a, lda, b, ldb, add, c, ldc);
}

void
nn_gemm_double (gboolean transpose_b, gsize m, gsize n, gsize k, double factor, const double *a,
                const double *b, gboolean add, double *c)
{
  use_one_thread ();
  cblas_dgemm (CblasRowMajor, CblasNoTrans, transpose_b ? CblasTrans : CblasNoTrans, (blasint)m,
               (blasint)n, (blasint)k, factor, a, (blasint)k, b, (blasint)(transpose_b ? k : n),
               add ? 1 : 0, c, (blasint)n);
}
