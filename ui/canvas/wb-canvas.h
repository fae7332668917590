/* wb-canvas.h: the network as drawn: cards and connections that can be moved, joined and looked
 * into.
 *
 * Everything it can do is a widget action ("canvas.delete", "canvas.tidy", ...:
 * wb-canvas-actions.c), so menus, shortcuts and tests use the same verbs. It activates the window's
 * "win.start-lesson", "win.start-template" and "win.start-data" from an empty canvas.
 */
#pragma once

#include "document/wb-document.h"

G_BEGIN_DECLS

#define WB_TYPE_CANVAS (wb_canvas_get_type ())
G_DECLARE_FINAL_TYPE (WbCanvas, wb_canvas, WB, CANVAS, GtkWidget)

/* document: NULL, or shown and edited from now on. */
GtkWidget *wb_canvas_new (WbDocument *document);
void wb_canvas_set_document (WbCanvas *canvas, WbDocument *document);
WbDocument *wb_canvas_get_document (WbCanvas *canvas);

/* What the palette does on double-click and Enter: adds a layer after the selected node, connected,
 * else in the middle of the view; selects it and scrolls to it. */
void wb_canvas_add_layer (WbCanvas *canvas, const NnLayerType *type);

/* Selects a node, scrolls to it and gives it the focus (lists of problems). */
void wb_canvas_show_node (WbCanvas *canvas, guint node);

/* Draws a ring around one node, as a lesson points at it, and scrolls to it; 0: around none. */
void wb_canvas_point_at (WbCanvas *canvas, guint node);
/* The whole network, at most width x height (in, out) pixels, for nobody else to draw: a file's
 * thumbnail. NULL where there is nothing to show. (transfer full) */
GskRenderNode *wb_canvas_make_picture (WbCanvas *canvas, int *width, int *height);

G_END_DECLS
