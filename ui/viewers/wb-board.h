/* wb-board.h: a board as a widget. The cell under the pointer is said more about, a click selects
 * one, a double click enlarges it; for keys and wheel see wb-cells.h.
 */
#pragma once

#include "document/wb-document.h"
#include "viewers/wb-board-draw.h"
#include "viewers/wb-cells.h"

G_BEGIN_DECLS

#define WB_TYPE_BOARD (wb_board_get_type ())
G_DECLARE_FINAL_TYPE (WbBoard, wb_board, WB, BOARD, WbCells)

GtkWidget *wb_board_new (void);
/* data (transfer full) (nullable). The selection stays where there is still such a cell. */
void wb_board_set_data (WbBoard *board, WbBoardData *data);
const WbBoardData *wb_board_get_data (WbBoard *board);
/* The selection becomes that of all boards of this name in the document (nullable: none). */
void wb_board_link (WbBoard *board, WbDocument *document, const char *name);
/* The board as a figure in light colours. */
void wb_board_draw_figure (WbBoard *board, cairo_t *cr, double width, double height);

G_END_DECLS
