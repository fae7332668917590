/* nn-kernels-tables.h: the tables that the build has made. */
#pragma once

#include "base/nn-kernels.h"

extern const NnKernels nn_kernels_baseline;
#ifdef __x86_64__
extern const NnKernels nn_kernels_avx2;
extern const NnKernels nn_kernels_avx512_narrow;
extern const NnKernels nn_kernels_avx512;
#endif
