#include "plots/wb-drawn.h"

#include <adwaita.h>

void
wb_drawn_follow_scheme (GtkWidget *widget, GCallback changed)
{
  AdwStyleManager *style = adw_style_manager_get_default ();

  g_signal_connect_object (style, "notify::dark", changed, widget, G_CONNECT_SWAPPED);
  g_signal_connect_object (style, "notify::high-contrast", changed, widget, G_CONNECT_SWAPPED);
}

void
wb_drawn_init (GtkWidget *widget, GCallback scheme_changed)
{
  gtk_widget_set_focusable (widget, TRUE);
  gtk_widget_set_overflow (widget, GTK_OVERFLOW_HIDDEN);
  wb_drawn_follow_scheme (widget, scheme_changed);
}

void
wb_drawn_add_pointer (GtkWidget *widget, gpointer self, GCallback moved, GCallback left)
{
  GtkEventController *pointer = gtk_event_controller_motion_new ();

  g_signal_connect_swapped (pointer, "enter", moved, self);
  g_signal_connect_swapped (pointer, "motion", moved, self);
  g_signal_connect_swapped (pointer, "leave", left, self);
  gtk_widget_add_controller (widget, pointer);
}
