/* wb-code-plane-draw.h: two dimensions of the space of codes as a plane, with what the decoder
 * draws at each place, samples, the walk and the ring; or one dimension as a strip. Geometry and
 * drawing; needs no display.
 */
#pragma once

#include <gtk/gtk.h>

#include "explore/nn-code-space.h"
#include "plots/wb-axis.h"
#include "plots/wb-figure.h"
#include "plots/wb-point.h"
#include "viewers/wb-grid-data.h"

G_BEGIN_DECLS

#define WB_PLANE_MAX_STEPS 40

/* Cell i of n has its middle at the value at[i]; between middles values go evenly. */
typedef struct
{
  guint n;
  NnSpacing spacing;
  double at[WB_PLANE_MAX_STEPS];
} WbPlaneAxis;

/* Place along the axis, 0 .. 1, of a value and back; beyond its ends too. */
double wb_plane_axis_place (const WbPlaneAxis *axis, double value);
double wb_plane_axis_value (const WbPlaneAxis *axis, double place);
/* At most max_ticks (3 .. WB_AXIS_MAX_TICKS): round values along an even axis; along one by
 * quantiles the values of some cells, the outermost among them, for beyond those a round value
 * would stand beside a picture of another one. */
void wb_plane_axis_ticks (const WbPlaneAxis *axis, guint max_ticks, WbTicks *ticks);

typedef struct
{
  WbPlaneAxis x, y; /* y->n 1: a strip */
  gboolean strip;
  WbRect area;
} WbPlaneLayout;

/* aspect: height of a decoded picture relative to its width. */
void wb_plane_layout (const NnCodeGrid *grid, double aspect, PangoContext *context, double width,
                      double height, WbPlaneLayout *layout);
WbPoint wb_plane_to_pixel (const WbPlaneLayout *layout, double x, double y);
/* The values at a pixel, kept within the plane; a strip's y is 0. */
WbPoint wb_plane_from_pixel (const WbPlaneLayout *layout, double x, double y);

/* n x n decoded values (rows from the top) as one picture. (transfer full) */
cairo_surface_t *wb_plane_tile (const WbGridRow *row, const float *values, guint columns,
                                guint rows, WbScheme scheme, gboolean inverted);

typedef struct
{
  const NnCodeGrid *grid;
  const WbGridRow *row;     /* how a decoded value is seen; NULL: none are */
  const float *values;      /* decoded, a cell each, or NULL */
  cairo_surface_t *picture; /* of them where they are pictures, or NULL */
  const NnTensor *samples;  /* (n, D) or NULL */
  const gint *labels;       /* (n), or NULL */
  const NnTensor *walk;     /* (n, D) or NULL */
  const float *point;       /* (D): the ring */
  WbScheme scheme;
  gboolean inverted;
} WbPlaneView;

void wb_plane_draw (const WbPlaneView *view, const WbPlaneLayout *layout, cairo_t *cr,
                    PangoContext *context);
/* What moves more often than the rest: the walk, a line through n places, and the ring, a circle
 * about one (NaN: none). */
typedef struct
{
  WbPoint *walk; /* (n) owned */
  gsize n;
  WbPoint ring;
  const GdkRGBA *color; /* of the walk */
  WbRect clip;          /* nothing is drawn outside */
} WbPlaneMarks;

void wb_plane_marks_place (WbPlaneMarks *marks, const WbPlaneView *view,
                           const WbPlaneLayout *layout);
void wb_plane_marks_clear (WbPlaneMarks *marks);
void wb_plane_marks_draw (const WbPlaneMarks *marks, cairo_t *cr);
/* The same, so that only what ring and walk cover is painted anew where they move. */
void wb_plane_marks_snapshot (const WbPlaneMarks *marks, GtkSnapshot *snapshot);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (WbPlaneMarks, wb_plane_marks_clear)
/* A card beside the pointer with the place under it, and the nearest decoded value. */
void wb_plane_draw_hover (const WbPlaneView *view, const WbPlaneLayout *layout, double x, double y,
                          cairo_t *cr, PangoContext *context, double width, double height);

/* "z₁", "z₁₂" */
char *wb_plane_name (guint dimension);

G_END_DECLS
