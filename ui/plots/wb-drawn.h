/* wb-drawn.h: what widgets that draw themselves have in common. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Calls changed (widget) when the colours of the desktop do: dark or light, high contrast. */
void wb_drawn_follow_scheme (GtkWidget *widget, GCallback changed);

/* A widget that takes the focus, stays within its bounds and follows the scheme. */
void wb_drawn_init (GtkWidget *widget, GCallback scheme_changed);

/* moved (self, x, y) wherever the pointer comes or goes within the widget, left (self) after that.
 */
void wb_drawn_add_pointer (GtkWidget *widget, gpointer self, GCallback moved, GCallback left);

G_END_DECLS
