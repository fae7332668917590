/* nn-initialiser.h: how weights are drawn before training, as Keras does. */
#pragma once

#include "model/nn-program.h"

G_BEGIN_DECLS

/* w (S) gets the first values of a weight. ordinal: its position among its node's weights; the same
 * (seed, node, ordinal) gives the same values. Any thread.
 * Glorot and Bengio 2010; He et al. 2015; LeCun et al. 1998. */
void nn_initialise (const NnWeight *weight, guint64 seed, guint ordinal, float *w);

G_END_DECLS
