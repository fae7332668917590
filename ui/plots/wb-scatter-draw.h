/* wb-scatter-draw.h: draws labelled points: on the screen by copying ready-made dots into a picture
 * (10,000 of them in a few milliseconds), into files as outlines. Needs no display.
 */
#pragma once

#include "plots/wb-axis.h"
#include "plots/wb-figure.h"
#include "plots/wb-scatter-geometry.h"

G_BEGIN_DECLS

/* Of points that have a spread: a cloud of two deviations. */
typedef enum
{
  WB_CLOUDS_NONE,
  WB_CLOUDS_FEW, /* about some points of each class */
  WB_CLOUDS_ALL, /* about all, as outlines */
} WbClouds;

typedef struct
{
  const WbScatterData *data;
  WbScheme scheme;
  gint only;            /* class whose points stand out, -1: all */
  const guint8 *chosen; /* (n): points that stand out; NULL: all */
  WbClouds clouds;
  gssize selected, hovered; /* points, -1: none */
  const guint *neighbours;  /* of the selected one */
  guint n_neighbours;
} WbScatterView;

/* The rectangle that width x height leaves beside the numbers of the axes; the range is left. */
void wb_scatter_layout (PangoContext *context, double width, double height, WbFrame *frame);

/* Grid and numbers. */
void wb_scatter_draw_axes (const WbScatterView *view, const WbFrame *frame, cairo_t *cr,
                           PangoContext *context);
/* Points, and outlines of all clouds, into an image of frame's whole widget, `scale` device pixels
 * to one of the frame. */
void wb_scatter_paint_points (const WbScatterView *view, const WbFrame *frame, double scale,
                              cairo_surface_t *image);
/* The same as outlines. */
void wb_scatter_draw_points (const WbScatterView *view, const WbFrame *frame, cairo_t *cr);
/* Clouds, names of classes, rings about what is selected. */
void wb_scatter_draw_marks (const WbScatterView *view, const WbFrame *frame, cairo_t *cr,
                            PangoContext *context);

G_END_DECLS
