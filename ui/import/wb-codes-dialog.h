/* wb-codes-dialog.h: a file of compressed images, unpacked by the network that is open: what it
 * holds, what it takes and what was lost, the images, and saving them as pictures or as an array.
 * Read and unpacked on another thread. Main thread only.
 */
#pragma once

#include <adwaita.h>

#include "document/wb-document.h"

G_BEGIN_DECLS

#define WB_TYPE_CODES_DIALOG (wb_codes_dialog_get_type ())
G_DECLARE_FINAL_TYPE (WbCodesDialog, wb_codes_dialog, WB, CODES_DIALOG, AdwWindow)

typedef enum
{
  WB_CODES_WAITING,
  WB_CODES_SHOWN,   /* the images are there and can be saved */
  WB_CODES_REFUSED, /* the file, or the network, is none for it: a message says why */
  WB_CODES_SAVING,
} WbCodesState;

/* parent may be NULL. */
GtkWidget *wb_codes_dialog_new (GtkWindow *parent, WbDocument *document, GFile *file);
WbCodesState wb_codes_dialog_get_state (WbCodesDialog *dialog);
/* Of images that are shown: pictures in a new folder, or an array (.npy). Closes itself when they
 * are saved, after a notice of the document. */
void wb_codes_dialog_save (WbCodesDialog *dialog, GFile *target, gboolean pictures);

G_END_DECLS
