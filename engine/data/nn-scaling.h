/* nn-scaling.h: columns of numbers filled and scaled by what the training part says, so that
 * the other parts stay unseen.
 */
#pragma once

#include "base/nn-params.h"
#include "data/nn-dataset.h"

G_BEGIN_DECLS

/* Of a field whose floats[part] hold (n_samples[part], F): NaN becomes its column's mean over the
 * training part (0 where the column has no value there), then "scaling" of options
 * (nn_data_specs()) is applied. A constant column becomes 0 where it is scaled. Columns that are
 * TRUE in one_hot (F; NULL: none) say whether a sample is of a kind: they are filled, not scaled.
 * In place, where nobody else holds the memory. Bytes stay as they are. */
void nn_scaling_apply (NnFieldStorage *storage, const gsize n_samples[NN_N_PARTS],
                       const gboolean *one_hot, const NnParams *options);

G_END_DECLS
