/* nn-cifar.h: CIFAR-10 and CIFAR-100 in their binary format
 * (https://www.cs.toronto.edu/~kriz/cifar.html): records of one label byte (CIFAR-100: a coarse and
 * a fine one) and 32 × 32 pixels, all red values first, then green, then blue. A folder of the
 * published files or one of them.
 */
#pragma once

#include "data/nn-data-source.h"

extern const NnDataSource nn_cifar_source;
