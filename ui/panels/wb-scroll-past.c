#include "panels/wb-scroll-past.h"

/* The control's own controllers of the wheel, switched off and on. */
static void
set_scrolls (GtkWidget *control, gboolean scrolls)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (control);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_EVENT_CONTROLLER_SCROLL (controller))
        gtk_event_controller_set_propagation_phase (controller,
                                                    scrolls ? GTK_PHASE_BUBBLE : GTK_PHASE_NONE);
    }
}

static void
focus_changed (GtkEventControllerFocus *focus)
{
  set_scrolls (gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (focus)),
               gtk_event_controller_focus_contains_focus (focus));
}

void
wb_scroll_past (GtkWidget *control)
{
  GtkEventController *focus = gtk_event_controller_focus_new ();

  g_return_if_fail (GTK_IS_RANGE (control) || GTK_IS_SPIN_BUTTON (control));
  g_signal_connect (focus, "notify::contains-focus", G_CALLBACK (focus_changed), NULL);
  gtk_widget_add_controller (control, focus);
  set_scrolls (control, FALSE);
}
