/* wb-palette.h: the layer types to build with, by category, searchable. Made from the registry.
 *
 * Signal "add-layer" (gpointer: const NnLayerType *): double-click or Enter on a row. Dragging a
 * row gives the text "layer:ID".
 */
#pragma once

#include <gtk/gtk.h>

#include "layers/nn-layer.h"

G_BEGIN_DECLS

#define WB_TYPE_PALETTE (wb_palette_get_type ())
G_DECLARE_FINAL_TYPE (WbPalette, wb_palette, WB, PALETTE, GtkWidget)

GtkWidget *wb_palette_new (void);
void wb_palette_focus_search (WbPalette *palette);

G_END_DECLS
