/* wb-scatter-geometry.h: many labelled points in a plane: what range shows them, which one is under
 * the pointer, where the names of classes stand. Pure: needs no display.
 */
#pragma once

#include "plots/wb-plot-geometry.h"

G_BEGIN_DECLS

typedef struct
{
  gsize n;
  float *xy;     /* (n, 2); a point that is not finite is not shown */
  float *spread; /* (n, 3): covariance xx, xy, yy of a cloud about each point; or NULL */
  gint *label;   /* (n): class, -1: none */
  guint n_classes;
  char **names; /* n_classes names; or NULL */
  char *x_title, *y_title;
  gboolean equal; /* one unit is as long in x as in y */

  /* private: the points by the cells of a grid over their range */
  double x0, y0, x1, y1;
  guint columns, rows;
  guint *first; /* (columns x rows + 1) into order */
  guint *order; /* the finite points, cell by cell */
  gsize n_finite;
  WbPoint *middle; /* (n_classes) median of each class's points; NaN where there are none */
} WbScatterData;

/* xy, spread (nullable) and label are copied; names and titles may be set afterwards. (transfer
 * full) */
WbScatterData *wb_scatter_data_new (gsize n, const float *xy, const float *spread,
                                    const gint *label, guint n_classes);
void wb_scatter_data_free (WbScatterData *data);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WbScatterData, wb_scatter_data_free)

/* Sets the range of a frame whose rectangle is set so that all points are seen with a margin. */
void wb_scatter_fit (const WbScatterData *data, WbFrame *frame);
/* Whether a frame that once showed all points still serves: nothing outside, not much room wasted.
 */
gboolean wb_scatter_fits (const WbScatterData *data, const WbFrame *frame);

/* The point nearest to a pixel, at most radius pixels away; -1: none. */
gssize wb_scatter_nearest (const WbScatterData *data, const WbFrame *frame, double x, double y,
                           double radius);

/* Where each class's name stands (n_classes, in pixels): at the median of its points, moved apart
 * to `apart` pixels; NaN for classes without points. (transfer full) */
WbPoint *wb_scatter_label_places (const WbScatterData *data, const WbFrame *frame, double apart);

/* Where something of this half size stands that is wanted around a place (pixels): moved so far
 * that the frame cuts nothing off, unless the place itself is outside. */
WbPoint wb_scatter_keep_inside (const WbFrame *frame, WbPoint place, double half_width,
                                double half_height);

/* Whether a pixel lies inside a closed line (element-type WbPoint). */
gboolean wb_scatter_inside (const GArray *line, double x, double y);

G_END_DECLS
