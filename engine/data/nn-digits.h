/* nn-digits.h: the descriptor of the drawn digits, for nn-data-registry.c. */
#pragma once

#include "data/nn-data-source.h"

extern const NnDataSource nn_digits_source;
