#include "base/nn-kernels.h"

#include "base/nn-kernels-tables.h"

#ifdef __x86_64__
/* Slowest first: a processor that has the last instruction sets has those before, too. */
static const NnKernels *const tables[] = { &nn_kernels_baseline, &nn_kernels_avx2,
                                           &nn_kernels_avx512_narrow, &nn_kernels_avx512, NULL };
static const NnKernels *const tables_avx2[] = { &nn_kernels_baseline, &nn_kernels_avx2, NULL };
#endif
static const NnKernels *const tables_baseline[] = { &nn_kernels_baseline, NULL };

const NnKernels *const *
nn_kernels_all (void)
{
#ifdef __x86_64__
  gboolean avx2, avx512;

  __builtin_cpu_init ();
  avx2 = __builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma");
  avx512 = __builtin_cpu_supports ("avx512f") && __builtin_cpu_supports ("avx512vl")
           && __builtin_cpu_supports ("avx512dq") && __builtin_cpu_supports ("avx512bw");
  if (avx2 && avx512)
    return tables;
  if (avx2)
    return tables_avx2;
#endif
  return tables_baseline;
}

static const NnKernels *
choose (void)
{
  const char *wanted = g_getenv ("DIABOLO_KERNELS");
  const NnKernels *const *table = nn_kernels_all ();

  for (; table[1] != NULL; table++)
    if (g_strcmp0 (wanted, (*table)->name) == 0)
      break;
  return *table;
}

const NnKernels *
nn_kernels_best (void)
{
  static const NnKernels *best;

  if (g_once_init_enter (&best))
    g_once_init_leave (&best, choose ());
  return best;
}
