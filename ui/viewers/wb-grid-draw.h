/* wb-grid-draw.h: a grid of samples on a cairo context: where everything stands, and drawing it.
 * Needs no display.
 */
#pragma once

#include "viewers/wb-grid-data.h"

G_BEGIN_DECLS

#define WB_GRID_MAX_ROWS 8
#define WB_GRID_MAX_COLUMNS 64

typedef struct
{
  double left;      /* of the first column */
  double cell, gap; /* width of a column, distance to the next */
  guint columns;    /* that fit */
  double y[WB_GRID_MAX_ROWS], height[WB_GRID_MAX_ROWS]; /* of the plan's rows */
  double error_y, scale_y;                              /* middles of the lines of text below */
  gboolean has_scale;                                   /* there is room for the last of them */
  double width;                                         /* of everything */
} WbGridLayout;

/* wanted: columns that should fit where that leaves them legible; 0: as many as there is room for.
 */
void wb_grid_layout (const WbGridPlan *plan, PangoContext *context, double width, double height,
                     guint wanted, WbGridLayout *layout);
/* -1: none */
gint wb_grid_layout_column_at (const WbGridLayout *layout, guint n, double x, double y);

typedef struct
{
  const WbGridData *data;
  WbScheme scheme;
  gboolean inverted; /* pictures dark on light */
  guint selected;    /* sample that the whole window shows */
  double mean;       /* loss over the whole part, NaN: not known */
  gsize n_whole;     /* samples in it */
} WbGridView;

void wb_grid_draw (const WbGridView *view, const WbGridLayout *layout, cairo_t *cr,
                   PangoContext *context);
/* A card beside a column with its sample enlarged. */
void wb_grid_draw_detail (const WbGridView *view, const WbGridLayout *layout, guint column,
                          cairo_t *cr, PangoContext *context, double width, double height);

/* One cell of a row, which is not of words. */
void wb_grid_draw_cell (const WbGridView *view, const WbGridRow *row, guint sample,
                        const WbRect *rect, cairo_t *cr);
/* One value by itself, in the way of its row. */
void wb_grid_draw_value (const WbGridRow *row, const float *values, WbScheme scheme,
                         gboolean inverted, const WbRect *rect, cairo_t *cr);

/* "0.127" in the room of a cell. (transfer full) */
char *wb_grid_format_error (double error);

G_END_DECLS
