/* wb-points-draw.h: points of two or three dimensions, their reconstructions and what the decoder
 * draws, on a cairo context. Needs no display.
 */
#pragma once

#include "explore/nn-points-probe.h"
#include "plots/wb-figure.h"
#include "plots/wb-point.h"
#include "plots/wb-table.h"

G_BEGIN_DECLS

/* How it is looked at. */
typedef struct
{
  double yaw, pitch;       /* three dimensions: radians */
  gint hovered;            /* position among the points, -1 */
  guint selected;          /* sample */
  gboolean joined, pushed; /* lines to the reconstructions; arrows */
} WbPointsView;

/* From the space of the points to pixels. */
typedef struct
{
  guint dim;
  double centre[NN_POINTS_MAX_DIM], extent; /* of the cube around the data */
  double scale, x, y;                       /* pixels per unit; of the centre */
  double turn[2][3];                        /* rows: to the right, down */
} WbPointsSpace;

void wb_points_space (const NnPointsResult *points, const WbPointsView *view, PangoContext *context,
                      double width, double height, WbPointsSpace *space);
WbPoint wb_points_place (const WbPointsSpace *space, const float *point);
/* The point or reconstruction under a place; -1: none within a few pixels. */
gint wb_points_at (const NnPointsResult *points, const WbPointsSpace *space, double x, double y);
/* info: for class names. */
void wb_points_draw (const NnPointsResult *points, const WbPointsSpace *space,
                     const WbPointsView *view, const NnDataInfo *info, cairo_t *cr,
                     PangoContext *context, WbScheme scheme, double width, double height);
/* A line for each point: sample, label, the point, its reconstruction, its code. (transfer full) */
WbTable *wb_points_to_table (const NnPointsResult *points);

G_END_DECLS
