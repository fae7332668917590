/* wb-window-actions.h: the window's verbs. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Keys that work wherever the focus is. Those that also mean something in a text field are the
 * window's own (see wb-window-actions.c). */
void wb_window_actions_set_accels (GtkApplication *application);

G_END_DECLS
