/* wb-data-page.h: the data set: which, how much of it, what is in it. */
#pragma once

#include "panels/wb-panel-page.h"

G_BEGIN_DECLS

#define WB_TYPE_DATA_PAGE (wb_data_page_get_type ())
G_DECLARE_FINAL_TYPE (WbDataPage, wb_data_page, WB, DATA_PAGE, WbPanelPage)

GtkWidget *wb_data_page_new (void);

G_END_DECLS
