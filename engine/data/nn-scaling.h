/* nn-scaling.h: columns of numbers filled and scaled by what the training part says, so that the
 * test part stays unseen.
 */
#pragma once

#include "base/nn-params.h"
#include "data/nn-dataset.h"

G_BEGIN_DECLS

/* values[part] (n_samples[part], n_features): NaN becomes its column's mean over the training part
 * (0 where the column has no value there), then "scaling" of options (nn_data_specs()) is applied.
 * A constant column becomes 0 where it is scaled. */
void nn_scaling_apply (float *const values[NN_N_PARTS], const gsize n_samples[NN_N_PARTS],
                       gsize n_features, const NnParams *options);

G_END_DECLS
