/* wb-run-switch.h: which run of a document is trained, as a small list: choosing another one
 * returns to it. Not visible where there is but one.
 */
#pragma once

#include "document/wb-document.h"

G_BEGIN_DECLS

#define WB_TYPE_RUN_SWITCH (wb_run_switch_get_type ())
G_DECLARE_FINAL_TYPE (WbRunSwitch, wb_run_switch, WB, RUN_SWITCH, GtkWidget)

GtkWidget *wb_run_switch_new (void);
void wb_run_switch_set_document (WbRunSwitch *self, WbDocument *document); /* nullable */

G_END_DECLS
