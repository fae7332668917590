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

void
nn_gemm (gboolean transpose_a, gboolean transpose_b, gint m, gint n, gint k, float alpha,
         const float *a, gint lda, const float *b, gint ldb, float beta, float *c, gint ldc)
{
  use_one_thread ();
  cblas_sgemm (CblasRowMajor, transpose_a ? CblasTrans : CblasNoTrans,
               transpose_b ? CblasTrans : CblasNoTrans, m, n, k, alpha, a, lda, b, ldb, beta, c,
               ldc);
}
