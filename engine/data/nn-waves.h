/* nn-waves.h: short sequences of one value a step, for nn-data-registry.c: four kinds of waves of
 * any phase, frequency and height.
 */
#pragma once

#include "data/nn-data-source.h"

extern const NnDataSource nn_waves_source;
