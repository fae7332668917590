/* wb-minimap.h: the whole graph in a corner; click or drag to go there.
 *
 * Signal "pan" (double x, double y): the world point that should be the middle of the view.
 */
#pragma once

#include <gtk/gtk.h>

#include "canvas/wb-graph-geometry.h"

G_BEGIN_DECLS

#define WB_TYPE_MINIMAP (wb_minimap_get_type ())
G_DECLARE_FINAL_TYPE (WbMinimap, wb_minimap, WB, MINIMAP, GtkWidget)

GtkWidget *wb_minimap_new (void);
/* What it shows is copied. geometry NULL: nothing. seen: the part of the world that is visible. */
void wb_minimap_update (WbMinimap *minimap, const WbGraphGeometry *geometry, const WbArea *seen);

G_END_DECLS
