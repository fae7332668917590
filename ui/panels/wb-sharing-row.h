/* wb-sharing-row.h: the inspector's row that says whose weights a layer uses: its own, another's,
 * or another's turned round (tied).
 */
#pragma once

#include "document/wb-document.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WB_TYPE_SHARING_ROW (wb_sharing_row_get_type ())
G_DECLARE_FINAL_TYPE (WbSharingRow, wb_sharing_row, WB, SHARING_ROW, GtkListBoxRow)

GtkWidget *wb_sharing_row_new (void);

/* Shows node of the document's design (borrowed, used in this call only); hidden where node is NULL
 * or there is nothing to choose from. */
void wb_sharing_row_show (WbSharingRow *row, WbDocument *document, const NnNode *node);

G_END_DECLS
