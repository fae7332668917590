/* wb-code-plane.h: the plane of codes as a widget: keeps its picture until something changes, and
 * moves the document's ring by pointer and arrow keys.
 */
#pragma once

#include "plots/wb-drawn.h"
#include "document/wb-code-space.h"
#include "explore/nn-decode-probe.h"
#include "viewers/wb-code-plane-draw.h"

G_BEGIN_DECLS

#define WB_TYPE_CODE_PLANE (wb_code_plane_get_type ())
G_DECLARE_FINAL_TYPE (WbCodePlane, wb_code_plane, WB, CODE_PLANE, WbDrawn)

/* Signal "activated": Enter or a double click. */
GtkWidget *wb_code_plane_new (void);
void wb_code_plane_set_space (WbCodePlane *plane, WbCodeSpace *space); /* (nullable) */
WbCodeSpace *wb_code_plane_get_space (WbCodePlane *plane);
/* Which part of the space; forgets the decoded values of another. */
void wb_code_plane_set_grid (WbCodePlane *plane, const NnCodeGrid *grid);
/* The whole of the space, along the two dimensions in which the data differs most. */
void wb_code_plane_show_space (WbCodePlane *plane);
const NnCodeGrid *wb_code_plane_get_grid (WbCodePlane *plane);
/* What is decoded in its cells; referenced, nullable. */
void wb_code_plane_set_decoded (WbCodePlane *plane, NnDecodeResult *result);
NnDecodeResult *wb_code_plane_get_decoded (WbCodePlane *plane);
void wb_code_plane_set_inverted (WbCodePlane *plane, gboolean inverted);
void wb_code_plane_set_show_samples (WbCodePlane *plane, gboolean show);
void wb_code_plane_draw_figure (WbCodePlane *plane, cairo_t *cr, double width, double height);

G_END_DECLS
