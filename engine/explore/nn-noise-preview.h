/* nn-noise-preview.h: what a layer that corrupts its input (noise, masks, augmentation) makes of
 * one sample, several times over, as training would see it. Needs no trainer and no weights. Any
 * thread, but short: for the inspector while a parameter is dragged.
 */
#pragma once

#include "model/nn-design.h"

G_BEGIN_DECLS

/* TRUE where the layer changes what comes in by chance and has one input and one output. */
gboolean nn_noise_preview_fits (const NnNode *node);

/* x (S) of shape; y (n, S) gets n versions, the same for the same seed. FALSE where the layer does
 * not take the shape. */
gboolean nn_noise_preview (const NnNode *node, const NnShape *shape, const float *x, guint n,
                           guint64 seed, float *y);

G_END_DECLS
