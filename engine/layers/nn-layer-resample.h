/* nn-layer-resample.h: what the layers without weights share that change an image's size. */
#pragma once

#include "layers/nn-layer-window.h"

G_BEGIN_DECLS

/* An image (H, W, C) or sequence (T, C) becomes (C); type is a pooling operation. */
gboolean nn_global_pool_infer (const NnShape *in, NnShape *out, GError **error);
void nn_global_pool_lower (NnLowering *lowering, const NnOpType *type);

/* An image of height x width. FALSE with NN_ERROR_SHAPE where it would be too large. */
gboolean nn_resize_infer (const NnShape *in, gint64 height, gint64 width, NnShape *out,
                          GError **error);
/* To the output's shape, as parameter "interpolation" says. */
void nn_resize_lower (const NnParams *params, NnLowering *lowering);

/* "top", "bottom", "left" and "right" pixels more (sign 1) or fewer (sign -1). */
gboolean nn_border_infer (const NnParams *params, gint sign, const NnShape *in, NnShape *out,
                          GError **error);
void nn_border_lower (const NnParams *params, gint sign, NnLowering *lowering);
/* The same border for the other type. (transfer full) */
NnParams *nn_border_mirror (const NnParams *params, const NnLayerType *type);

G_END_DECLS
