/* wb-thumbnail.h: one tensor made small: a picture for a card and the distribution of its values.
 * Immutable once made.
 */
#pragma once

#include "base/nn-shape.h"
#include "plots/wb-colors.h"

G_BEGIN_DECLS

#define WB_THUMBNAIL_BINS 20

typedef enum
{
  WB_THUMBNAIL_VALUES,
  WB_THUMBNAIL_SIZES, /* of gradients: from the background's colour to red, never an image as is */
} WbThumbnailKind;

typedef struct
{
  GdkTexture *texture;
  double aspect;   /* width / height of the picture as it should be shown */
  gboolean smooth; /* an image: may be interpolated; cells keep hard edges */
  float min, max;
  double zero;                   /* fraction of values that are 0, as far as can be seen */
  float bins[WB_THUMBNAIL_BINS]; /* counts from MIN (min, 0) to max, largest 1 */
} WbThumbnail;

/* values (S) of shape. (H, W, 1) and (H, W, 3) within 0..1 are shown as they are; more channels as
 * a grid of maps on one viridis scale, vectors as a grid of cells. image: NULL, or the shape (H, W,
 * C) as which a vector of that size is shown. room: width / height of what a grid should fill, as
 * far as that can still be read. (transfer full) */
WbThumbnail *wb_thumbnail_new (WbThumbnailKind kind, const NnShape *shape, const NnShape *image,
                               const float *values, double room, WbScheme scheme);
void wb_thumbnail_free (WbThumbnail *thumbnail);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WbThumbnail, wb_thumbnail_free)

/* Columns of a grid of n cells about `aspect` times as wide as high; exact divisors preferred. */
gsize wb_thumbnail_columns (gsize n, double aspect);

G_END_DECLS
