/* wb-canvas-start.h: what an empty canvas says: one line, and three ways to begin. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

GtkWidget *wb_canvas_start_new (void);

G_END_DECLS
