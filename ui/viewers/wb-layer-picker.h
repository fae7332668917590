/* wb-layer-picker.h: a list of the network's layers that begins with "the selected one": which
 * layer a viewer looks into.
 */
#pragma once

#include "document/wb-document.h"

G_BEGIN_DECLS

#define WB_TYPE_LAYER_PICKER (wb_layer_picker_get_type ())
G_DECLARE_FINAL_TYPE (WbLayerPicker, wb_layer_picker, WB, LAYER_PICKER, GtkWidget)

typedef gboolean (*WbLayerFilter) (const NnAnalysis *analysis, const NnNode *node);

/* Offers the layers that filter accepts. Signal "changed": another layer, by hand, by the canvas'
 * selection or by an edit. */
GtkWidget *wb_layer_picker_new (WbLayerFilter filter);
void wb_layer_picker_set_document (WbLayerPicker *picker, WbDocument *document);
guint wb_layer_picker_get_node (WbLayerPicker *picker); /* id; 0: there is none to look into */
/* 0: follows the selection. */
void wb_layer_picker_set_fixed (WbLayerPicker *picker, guint node);
guint wb_layer_picker_get_fixed (WbLayerPicker *picker);

/* Layers with an output whose shape is known. */
gboolean wb_layer_has_output (const NnAnalysis *analysis, const NnNode *node);
/* Layers with weights of their own. */
gboolean wb_layer_has_weights (const NnAnalysis *analysis, const NnNode *node);

G_END_DECLS
