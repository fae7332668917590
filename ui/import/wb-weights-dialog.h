/* wb-weights-dialog.h: weights from a file beside those that the network has: what fits, what has
 * another shape, what is missing and what is left over, before anything is loaded. Main thread
 * only.
 */
#pragma once

#include <adwaita.h>

#include "document/wb-document.h"

G_BEGIN_DECLS

#define WB_TYPE_WEIGHTS_DIALOG (wb_weights_dialog_get_type ())
G_DECLARE_FINAL_TYPE (WbWeightsDialog, wb_weights_dialog, WB, WEIGHTS_DIALOG, AdwWindow)

/* tensors: (element-type NnNamedTensor), referenced. name: of their file. parent may be NULL. */
GtkWidget *wb_weights_dialog_new (GtkWindow *parent, WbDocument *document, GPtrArray *tensors,
                                  const char *name);

/* Loads what fits and closes itself, after a notice of the document. FALSE, with nothing done,
 * while the network's own weights are on their way, or where nothing fits. */
gboolean wb_weights_dialog_load (WbWeightsDialog *dialog);

/* (element-type NnWeightMatch) (transfer none); NULL while they are on their way. */
GPtrArray *wb_weights_dialog_matches (WbWeightsDialog *dialog);

G_END_DECLS
