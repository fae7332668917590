/* wb-rewind-bar.h: says that everything shows an earlier moment of training, with the ways on from
 * there. Laid over the window's middle, so that nothing moves when it comes. Visible only then.
 */
#pragma once

#include "document/wb-document.h"

G_BEGIN_DECLS

#define WB_TYPE_REWIND_BAR (wb_rewind_bar_get_type ())
G_DECLARE_FINAL_TYPE (WbRewindBar, wb_rewind_bar, WB, REWIND_BAR, GtkWidget)

GtkWidget *wb_rewind_bar_new (void);
void wb_rewind_bar_set_document (WbRewindBar *bar, WbDocument *document); /* nullable */

G_END_DECLS
