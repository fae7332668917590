/* wb-window-state.c: size, panels and viewers as they were. */
#include "diabolo-config.h"

#include "wb-window-private.h"

#include "document/wb-settings.h"

#define GROUP "window"

/* States of actions that are remembered. */
static const char *const flags[] = { "show-left", "show-right" };

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
  gtk_paned_set_position (self->paned, wb_settings_get_int (settings, GROUP, "paned", 463));
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
  wb_settings_set_int (settings, GROUP, "paned", gtk_paned_get_position (self->paned));
  g_autofree char *dock = wb_dock_get_layout (self->dock);
  wb_settings_set_text (settings, GROUP, "dock", dock);
}
