/* nn-numpy.h: arrays of NumPy: one of samples (.npy), or an archive (.npz) in which samples, labels
 * and a test part are found by name ("x_train", "y_train", "x_test", "y_test") and shape.
 */
#pragma once

#include "data/nn-data-source.h"

extern const NnDataSource nn_numpy_source;
