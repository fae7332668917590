/* wb-plot-geometry.h: from numbers to pixels and back, thinning and smoothing. Pure: needs no
 * display.
 */
#pragma once

#include "plots/wb-point.h"

G_BEGIN_DECLS

/* The rectangle of a plot in pixels and the range of numbers it shows. */
typedef struct
{
  double left, top, width, height;
  double x0, x1, y0, y1;
  gboolean log_y; /* y0 > 0 */
} WbFrame;

double wb_frame_x (const WbFrame *frame, double x);
double wb_frame_y (const WbFrame *frame, double y); /* log_y: y <= 0 gives a place far below */
double wb_frame_value_at_x (const WbFrame *frame, double pixel);
double wb_frame_value_at_y (const WbFrame *frame, double pixel);

/* Index of the first point with x not less than the given one; n if there is none. x rises. */
gsize wb_points_lower_bound (const WbPoint *points, gsize n, double x);
/* Index of the point nearest in x. n >= 1. */
gsize wb_points_nearest (const WbPoint *points, gsize n, double x);

/* Appends to pixels (element-type WbPoint) a line through the visible points, with at most four per
 * pixel column: first, lowest, highest, last in the order they came, so that no peak is lost. One
 * point on each side of the visible range is kept. A value that is not finite ends a line: a point
 * with x = NaN. */
void wb_points_to_pixels (const WbFrame *frame, const WbPoint *points, gsize n, GArray *pixels);

/* Smallest and largest finite y among points with x0 <= x <= x1; FALSE where there is none. */
gboolean wb_points_range (const WbPoint *points, gsize n, double x0, double x1, double *min,
                          double *max);

/* Exponential moving average with its start corrected, as Adam's moments are:
 *   s = a s + (1 - a) y,  w = a w + (1 - a),  smoothed = s / w,  a = exp (-distance / now)
 * distance: steps since the point before (thinned rows lie further apart). now: span, but at step t
 * of a run not more than 1 + t / 10, so that the line does not lag behind the steep beginning. span
 * 0 copies. Values that are not finite are passed through and left out of the average. smoothed may
 * be points. */
void wb_points_smooth (const WbPoint *points, const guint64 *step, gsize n, double span,
                       WbPoint *smoothed);

G_END_DECLS
