/* wb-training-page.h: how the network is trained; every setting takes effect at once. */
#pragma once

#include "panels/wb-panel-page.h"

G_BEGIN_DECLS

#define WB_TYPE_TRAINING_PAGE (wb_training_page_get_type ())
G_DECLARE_FINAL_TYPE (WbTrainingPage, wb_training_page, WB, TRAINING_PAGE, WbPanelPage)

GtkWidget *wb_training_page_new (void);

G_END_DECLS
