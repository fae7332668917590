/* blas-core.h: starts the program again where OpenBLAS could do better. */
#pragma once

/* Call first thing in main(). OpenBLAS picks its kernels while the program is being loaded, and
 * versions older than a processor take it for a smaller one (half the speed on AVX-512 of recent
 * AMD). Its choice can only be changed through the environment, so the program replaces itself
 * once; does nothing where the choice is good or OPENBLAS_CORETYPE is set. */
void app_choose_blas_core (char **argv);
