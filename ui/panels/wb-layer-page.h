/* wb-layer-page.h: the selected layers: their parameters, sizes, what is wrong with them. */
#pragma once

#include "panels/wb-panel-page.h"

G_BEGIN_DECLS

#define WB_TYPE_LAYER_PAGE (wb_layer_page_get_type ())
G_DECLARE_FINAL_TYPE (WbLayerPage, wb_layer_page, WB, LAYER_PAGE, WbPanelPage)

GtkWidget *wb_layer_page_new (void);

G_END_DECLS
