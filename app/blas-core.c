#include "blas-core.h"

#include <unistd.h>

#include <glib.h>

#include "base/nn-blas.h"

void
app_choose_blas_core (char **argv)
{
  const char *core = nn_blas_better_core ();
  if (!core || g_getenv ("OPENBLAS_CORETYPE"))
    return;
  g_setenv ("OPENBLAS_CORETYPE", core, FALSE);
  execv ("/proc/self/exe", argv);
  /* Where that is not possible, the slower kernels are as right. */
}
