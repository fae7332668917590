/* wb-board-settings.h: how the user wants boards to look: palette, range, width of the picture of a
 * vector; kept with the layout, set in the page's menu.
 */
#pragma once

#include <json-glib/json-glib.h>

#include "viewers/wb-board.h"

G_BEGIN_DECLS

typedef struct
{
  guint palette; /* 0: what suits the values, else a WbPalette + 1 */
  gboolean own;  /* each cell has a range of its own */
  guint columns; /* of the picture of a vector; 0: as it suits */
} WbBoardStyle;

void wb_board_style_init (WbBoardStyle *style);
/* Sets palette, range and, for single values, columns. */
void wb_board_style_apply (const WbBoardStyle *style, WbBoardData *data);
void wb_board_style_save (const WbBoardStyle *style, JsonObject *state);
void wb_board_style_load (WbBoardStyle *style, JsonObject *state);

/* Controls that write into style, which lives as long as owner, and then call changed (owner).
 * (transfer floating) */
GtkWidget *wb_board_settings_new (WbBoardStyle *style, gboolean with_columns,
                                  void (*changed) (gpointer owner), GObject *owner);

G_END_DECLS
