/* nn-shape.h: the sizes of one sample or one weight tensor.
 *
 * Letters used throughout the engine: N samples in a batch, n samples in a slice, H height, W
 * width, C channels, T time steps, F features, S values in one sample (the product of its shape).
 * The batch dimension is never part of an NnShape. Images are channel-last: (H, W, C).
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define NN_MAX_RANK 5
/* No sample or weight may hold more values than this (2^40); larger shapes are refused early. */
#define NN_MAX_SIZE (G_GINT64_CONSTANT (1) << 40)

typedef struct
{
  gint rank;               /* 0 .. NN_MAX_RANK */
  gint64 dim[NN_MAX_RANK]; /* each >= 1; unused entries are 0 */
} NnShape;

/* nn_shape (784), nn_shape (28, 28, 1): an lvalue, so that &nn_shape (784) can be passed. */
#define nn_shape(...)                                                                              \
  (((NnShape[1]){                                                                                  \
      nn_shape_make ((const gint64[]){ __VA_ARGS__ },                                              \
                     sizeof ((const gint64[]){ __VA_ARGS__ }) / sizeof (gint64)) })[0])

NnShape nn_shape_make (const gint64 *dim, gsize rank);

/* Product of the dimensions; 1 for rank 0; -1 if it exceeds NN_MAX_SIZE or a dimension is < 1. */
gint64 nn_shape_size (const NnShape *shape);

gboolean nn_shape_equal (const NnShape *a, const NnShape *b);

/* "28×28×1", "784", "1" for rank 0. (transfer full) */
char *nn_shape_to_string (const NnShape *shape);

/* "25,120". (transfer full) */
char *nn_count_to_string (gint64 n);

/* Reads "28x28x1", "28×28×1", "28, 28, 1" or "784"; a dimension may be -1 where allow_rest is set
 * (at most one: Reshape works it out). FALSE and error for anything else. */
gboolean nn_shape_parse (const char *text, gboolean allow_rest, NnShape *shape, GError **error);

G_END_DECLS
