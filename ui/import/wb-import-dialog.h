/* wb-import-dialog.h: a data set looked through before it is used: how it is read, what it holds,
 * what will hurt. What is used is listed among the data sets from then on.
 */
#pragma once

#include <adwaita.h>

#include "document/wb-document.h"

G_BEGIN_DECLS

#define WB_TYPE_IMPORT_DIALOG (wb_import_dialog_get_type ())
G_DECLARE_FINAL_TYPE (WbImportDialog, wb_import_dialog, WB, IMPORT_DIALOG, AdwWindow)

/* data: of nn_data_specs(), where to start. */
GtkWidget *wb_import_dialog_new (GtkWindow *parent, WbDocument *document, const NnParams *data);

G_END_DECLS
