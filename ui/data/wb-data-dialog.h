/* wb-data-dialog.h: a data set looked through before it is used: how it is read, what it holds,
 * what will hurt. What is used is listed among the data sets from then on.
 */
#pragma once

#include <adwaita.h>

#include "document/wb-document.h"

G_BEGIN_DECLS

#define WB_TYPE_DATA_DIALOG (wb_data_dialog_get_type ())
G_DECLARE_FINAL_TYPE (WbDataDialog, wb_data_dialog, WB, DATA_DIALOG, AdwWindow)

/* data: of nn_data_specs(), where to start. */
GtkWidget *wb_data_dialog_new (GtkWindow *parent, WbDocument *document, const NnParams *data);

G_END_DECLS
