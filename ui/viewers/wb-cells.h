/* wb-cells.h: pictures in rows and columns as a widget that keeps what it has drawn: the cell under
 * the pointer, the one that is selected and the one that is enlarged. The arrow keys select, Enter
 * enlarges, Escape goes back; the wheel moves through the rows that do not fit. Main thread.
 */
#pragma once

#include "plots/wb-drawn.h"

G_BEGIN_DECLS

#define WB_TYPE_CELLS (wb_cells_get_type ())
G_DECLARE_DERIVABLE_TYPE (WbCells, wb_cells, WB, CELLS, WbDrawn)

/* The cells that can be seen. */
typedef struct
{
  gsize first, rows, columns; /* columns 0: nothing is shown */
} WbCellsView;

struct _WbCellsClass
{
  WbDrawnClass parent_class;

  gsize (*count) (WbCells *cells);
  WbCellsView (*view) (WbCells *cells);
  /* The cell at a point of the widget, -1: none. Not asked while one is enlarged. */
  gssize (*at) (WbCells *cells, double x, double y);
  /* What a screen reader says of them and of the selected one. (transfer full) */
  char *(*describe) (WbCells *cells);
  /* Whether one can be enlarged, and whether rows that do not fit can be moved to. NULL: yes. */
  gboolean (*opens) (WbCells *cells);
  gboolean (*scrolls) (WbCells *cells);
  /* A hand has selected another one. May be NULL. */
  void (*chosen) (WbCells *cells);
  /* Escape where none is enlarged: TRUE where there was something else to go back from. May be
   * NULL. */
  gboolean (*back) (WbCells *cells);
};

/* Other cells: what no longer exists is neither selected nor pointed at; or none is (forget). */
void wb_cells_changed (WbCells *cells, gboolean forget);
void wb_cells_select (WbCells *cells, gssize cell); /* -1: none */
/* The same by hand. */
void wb_cells_choose (WbCells *cells, gssize cell);
gssize wb_cells_get_selected (WbCells *cells);
gssize wb_cells_get_hovered (WbCells *cells);
/* Enlarges the selected one, where that is possible, or goes back to all. */
void wb_cells_enlarge (WbCells *cells, gboolean enlarged);
gboolean wb_cells_get_enlarged (WbCells *cells);
/* A cell that is to be among those shown. */
gsize wb_cells_get_shown (WbCells *cells);
/* The cell at a point, -1: none, or one is enlarged. */
gssize wb_cells_at (WbCells *cells, double x, double y);

G_END_DECLS
