/* wb-flow.h: small controls side by side, in as many lines as their room asks for. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WB_TYPE_FLOW (wb_flow_get_type ())
G_DECLARE_FINAL_TYPE (WbFlow, wb_flow, WB, FLOW, GtkWidget)

GtkWidget *wb_flow_new (void);
void wb_flow_add (WbFlow *flow, GtkWidget *control);

G_END_DECLS
