/* wb-window-state.c: size, panels and viewers as they were. */
#include "diabolo-config.h"

#include "wb-window-private.h"

#include "document/wb-settings.h"

#define GROUP "window"

/* The canvas's part of the height that it shares with the viewers, in thousandths. */
#define SPLIT 615

/* States of actions that are remembered. */
static const char *const flags[] = { "show-left", "show-right" };

/* Once it is known how high the window has become: a screen may be smaller than the last one. */
static gboolean
restore_split (GtkWidget *paned, GdkFrameClock *clock, gpointer data)
{
  const int height = gtk_widget_get_height (paned);

  if (height <= 0)
    return G_SOURCE_CONTINUE;
  gtk_paned_set_position (GTK_PANED (paned), height * GPOINTER_TO_INT (data) / 1000);
  return G_SOURCE_REMOVE;
}

void
wb_window_state_restore (WbWindow *self)
{
  WbSettings *settings = wb_settings_default ();
  gtk_window_set_default_size (GTK_WINDOW (self),
                               wb_settings_get_int (settings, GROUP, "width", 1280),
                               wb_settings_get_int (settings, GROUP, "height", 800));
  if (wb_settings_get_bool (settings, GROUP, "maximized", FALSE))
    gtk_window_maximize (GTK_WINDOW (self));
  for (guint i = 0; i < G_N_ELEMENTS (flags); i++)
    g_action_group_change_action_state (
        G_ACTION_GROUP (self), flags[i],
        g_variant_new_boolean (wb_settings_get_bool (settings, GROUP, flags[i], TRUE)));
  g_autofree char *page = wb_settings_get_text (settings, GROUP, "left-page");
  g_action_group_change_action_state (G_ACTION_GROUP (self), "left-page",
                                      g_variant_new_string (page != NULL ? page : "layers"));
  gtk_widget_add_tick_callback (
      GTK_WIDGET (self->paned), restore_split,
      GINT_TO_POINTER (wb_settings_get_int (settings, GROUP, "split", SPLIT)), NULL);
  g_autofree char *dock = wb_settings_get_text (settings, GROUP, "dock");
  if (dock != NULL)
    wb_dock_set_layout (self->dock, dock, NULL); /* one that cannot be read: the default stays */
}

void
wb_window_state_keep (WbWindow *self)
{
  WbSettings *settings = wb_settings_default ();
  gint width, height;
  gtk_window_get_default_size (GTK_WINDOW (self), &width, &height);
  wb_settings_set_int (settings, GROUP, "width", width);
  wb_settings_set_int (settings, GROUP, "height", height);
  wb_settings_set_bool (settings, GROUP, "maximized", gtk_window_is_maximized (GTK_WINDOW (self)));
  /* Presentation folds the panels for a while only. */
  if (!gtk_widget_has_css_class (GTK_WIDGET (self), "presentation"))
    for (guint i = 0; i < G_N_ELEMENTS (flags); i++)
      {
        g_autoptr (GVariant) state =
            g_action_group_get_action_state (G_ACTION_GROUP (self), flags[i]);
        wb_settings_set_bool (settings, GROUP, flags[i], g_variant_get_boolean (state));
      }
  g_autoptr (GVariant) page = g_action_group_get_action_state (G_ACTION_GROUP (self), "left-page");
  wb_settings_set_text (settings, GROUP, "left-page", g_variant_get_string (page, NULL));
  const int height_shared = gtk_widget_get_height (GTK_WIDGET (self->paned));
  if (height_shared > 0)
    wb_settings_set_int (settings, GROUP, "split",
                         1000 * gtk_paned_get_position (self->paned) / height_shared);
  g_autofree char *dock = wb_dock_get_layout (self->dock);
  wb_settings_set_text (settings, GROUP, "dock", dock);
}
