/* wb-board-draw.h: a board on a cairo context: where everything stands, and drawing it. Needs no
 * display.
 */
#pragma once

#include "plots/wb-figure.h"
#include "viewers/wb-board-data.h"

G_BEGIN_DECLS

typedef struct
{
  WbRect area;  /* of the cells */
  WbRect bars;  /* UNITS: one a unit; width 0: none */
  double pitch; /* of the bars */
  double cell_width, cell_height, gap;
  double left, top;    /* of the first cell */
  gsize columns, rows; /* that fit */
  gsize first;         /* cell shown first: MAPS that do not all fit */
  WbRect panel;        /* what is said about one cell, or all */
  gboolean floating;   /* no room beside: laid over the cells while one is pointed at or selected */
  double scale_y;      /* middle of the line with the scale */
} WbBoardLayout;

/* at: a cell that must be among those shown. */
void wb_board_layout (const WbBoardData *data, PangoContext *context, double width, double height,
                      gsize at, WbBoardLayout *layout);
/* -1: none */
gssize wb_board_layout_cell_at (const WbBoardLayout *layout, const WbBoardData *data, double x,
                                double y);
WbRect wb_board_layout_cell (const WbBoardLayout *layout, const WbBoardData *data, gsize cell);

/* Where what is said about a cell stands, and (out) the card below it where it floats. */
WbRect wb_board_layout_panel (const WbBoardLayout *layout, const WbBoardData *data, gsize cell,
                              WbRect *card);

typedef struct
{
  const WbBoardData *data;
  WbScheme scheme;
  gssize selected, hovered; /* cells; -1: none */
  gboolean enlarged;        /* the selected cell fills the area */
} WbBoardView;

/* Everything but the panel: does not depend on what is hovered. */
void wb_board_draw (const WbBoardView *view, const WbBoardLayout *layout, cairo_t *cr,
                    PangoContext *context);
/* The panel, and the ring around the hovered cell. */
void wb_board_draw_panel (const WbBoardView *view, const WbBoardLayout *layout, cairo_t *cr,
                          PangoContext *context);

/* "Map 5 · mean 0.12, 25 % zero · never fires". (transfer full) */
char *wb_board_describe (const WbBoardData *data, gssize cell);

G_END_DECLS
