/* wb-tiles.h: pictures about as wide as high, placed in a row, in a column or one beside the
 * others, whatever shows them largest, with controls beside or below them.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WB_TYPE_TILES (wb_tiles_get_type ())
G_DECLARE_FINAL_TYPE (WbTiles, wb_tiles, WB, TILES, GtkWidget)

GtkWidget *wb_tiles_new (void);
void wb_tiles_add (WbTiles *tiles, GtkWidget *tile);
/* Once. */
void wb_tiles_set_controls (WbTiles *tiles, GtkWidget *controls);

/* A widget below a small title, as a tile. */
GtkWidget *wb_tiles_titled (const char *title, GtkWidget *widget);
void wb_tiles_set_title (GtkWidget *titled, const char *title);

G_END_DECLS
