/* nn-objective-types.h: the descriptors that the registry lists, one per file. */
#pragma once

#include "objectives/nn-objective.h"

extern const NnObjectiveType nn_objective_binary_crossentropy;
extern const NnObjectiveType nn_objective_mean_squared_error;
extern const NnObjectiveType nn_objective_mean_absolute_error;
extern const NnObjectiveType nn_objective_huber;
extern const NnObjectiveType nn_objective_cosine;
extern const NnObjectiveType nn_objective_categorical_crossentropy;
extern const NnObjectiveType nn_objective_sparse_crossentropy;

/* Sum over n values; d (may be NULL) gets scale times the derivative. As in NnKernels. */
typedef double (*NnLossKernel) (const float *y, const float *t, float *d, float scale, gsize n);

/* A loss that is the mean over the values of a sample, from the kernel that sums it. */
double nn_objective_mean_loss (NnLossKernel kernel, const float *y, const float *t, float *d,
                               float *sample, float scale, gsize rows, gsize cols);
