/* wb-canvas-start.h: what an empty canvas says: one line, three ways to begin, and the projects
 * opened last. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

GtkWidget *wb_canvas_start_new (void);

G_END_DECLS
