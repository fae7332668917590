/* wb-export-dialog.h: one window for everything that can be exported: the formats with what each is
 * for, the part of the network, a preview, and while it is written a bar that can be cancelled.
 * Main thread only; the work is done on another.
 */
#pragma once

#include <adwaita.h>

#include "document/wb-document.h"

G_BEGIN_DECLS

#define WB_TYPE_EXPORT_DIALOG (wb_export_dialog_get_type ())
G_DECLARE_FINAL_TYPE (WbExportDialog, wb_export_dialog, WB, EXPORT_DIALOG, AdwWindow)

/* Exports the document as it is at this moment, later training left out. parent may be NULL. */
GtkWidget *wb_export_dialog_new (GtkWindow *parent, WbDocument *document);

/* The same with a part of the network chosen, in the format used last or, where that has no parts,
 * in ONNX. */
GtkWidget *wb_export_dialog_new_for (GtkWindow *parent, WbDocument *document, NnExportPart part);

/* Writes the chosen format; closes itself where that succeeds, after a notice of the document. */
void wb_export_dialog_write (WbExportDialog *dialog, GFile *file);

G_END_DECLS
