/* wb-board.h: a board as a widget: keeps its picture until something changes; the cell under the
 * pointer is said more about, a click or the arrow keys select one, Enter or a double click
 * enlarges it, Escape goes back.
 */
#pragma once

#include "plots/wb-drawn.h"
#include "document/wb-document.h"
#include "viewers/wb-board-draw.h"

G_BEGIN_DECLS

#define WB_TYPE_BOARD (wb_board_get_type ())
G_DECLARE_FINAL_TYPE (WbBoard, wb_board, WB, BOARD, WbDrawn)

GtkWidget *wb_board_new (void);
/* data (transfer full) (nullable). The selection stays where there is still such a cell. */
void wb_board_set_data (WbBoard *board, WbBoardData *data);
const WbBoardData *wb_board_get_data (WbBoard *board);
void wb_board_select (WbBoard *board, gssize cell); /* -1: none */
/* The selection becomes that of all boards of this name in the document (nullable: none). */
void wb_board_link (WbBoard *board, WbDocument *document, const char *name);
gssize wb_board_get_selected (WbBoard *board);
gboolean wb_board_get_enlarged (WbBoard *board);
/* The board as a figure in light colours. */
void wb_board_draw_figure (WbBoard *board, cairo_t *cr, double width, double height);

G_END_DECLS
