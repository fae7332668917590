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

const char *
nn_blas_better_core (void)
{
#ifdef __x86_64__
  static const char *const without_avx512[] = { "Haswell", "Zen", NULL };
  if (__builtin_cpu_supports ("avx512f") && __builtin_cpu_supports ("avx512bw")
      && __builtin_cpu_supports ("avx512dq") && __builtin_cpu_supports ("avx512vl")
      && g_strv_contains (without_avx512, openblas_get_corename ()))
    return "SkylakeX";
#endif
  return NULL;
}
