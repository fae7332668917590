/* nn-noise.h: random numbers in whatever shapes a network takes, for nn-data-registry.c: what an
 * imported network stands on until it is given real data.
 *
 * Its name says what it has: "noise:image=224x224x3,label=1000". A field of three axes is an image,
 * one of two a sequence, any other is features; "label" is one of so many classes.
 */
#pragma once

#include "data/nn-data-source.h"

extern const NnDataSource nn_noise_source;

#define NN_NOISE_PREFIX "noise:"
/* Fields that a name may have. */
#define NN_NOISE_MAX_FIELDS 8
