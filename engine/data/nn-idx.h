/* nn-idx.h: the IDX reader's descriptor, for nn-data-registry.c.
 *
 * A path may be a folder with train-images-idx3-ubyte[.gz] and its companions
 * (train-labels-idx1-ubyte, t10k-images-..., t10k-labels-...), or one file of images, whose
 * companions are found by name. Without labels there is no field "label"; without a test part a
 * share becomes it (nn-split.h).
 */
#pragma once

#include "data/nn-data-source.h"

extern const NnDataSource nn_idx_source;
