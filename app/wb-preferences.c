#include "diabolo-config.h"

#include "wb-preferences.h"

#include <glib/gi18n.h>

#include "document/wb-settings.h"
#include "panels/wb-scroll-past.h"
#include "panels/wb-spin-word.h"

#define GROUP "preferences"

static const char *const theme_ids[] = { "follow", "light", "dark", NULL };
static const char *const theme_titles[] = { N_ ("Follow system"), N_ ("Light"), N_ ("Dark"), NULL };

static void
theme_selected (AdwComboRow *row)
{
  wb_settings_set_text (wb_settings_default (), GROUP, "theme",
                        theme_ids[adw_combo_row_get_selected (row)]);
}

static GtkWidget *
theme_row (void)
{
  GtkWidget *row = adw_combo_row_new ();
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ ("Theme"));
  g_autoptr (GtkStringList) titles = gtk_string_list_new (NULL);
  guint selected = 0;
  g_autofree char *theme = wb_settings_get_text (wb_settings_default (), GROUP, "theme");
  for (guint i = 0; theme_ids[i] != NULL; i++)
    {
      gtk_string_list_append (titles, _ (theme_titles[i]));
      if (g_strcmp0 (theme, theme_ids[i]) == 0)
        selected = i;
    }
  adw_combo_row_set_model (ADW_COMBO_ROW (row), G_LIST_MODEL (titles));
  adw_combo_row_set_selected (ADW_COMBO_ROW (row), selected);
  g_signal_connect (row, "notify::selected", G_CALLBACK (theme_selected), NULL);
  return row;
}

static void
animations_switched (GtkSwitch *toggle)
{
  wb_settings_set_bool (wb_settings_default (), GROUP, "animations",
                        gtk_switch_get_active (toggle));
}

static GtkWidget *
animations_row (void)
{
  GtkWidget *row = adw_action_row_new ();
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ ("Animations"));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row),
                               _ ("Tidying and folding move instead of jumping"));
  GtkWidget *toggle = gtk_switch_new ();
  gtk_widget_set_valign (toggle, GTK_ALIGN_CENTER);
  gtk_switch_set_active (GTK_SWITCH (toggle),
                         wb_settings_get_bool (wb_settings_default (), GROUP, "animations", TRUE));
  g_signal_connect (toggle, "notify::active", G_CALLBACK (animations_switched), NULL);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), toggle);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), toggle);
  return row;
}

static void
threads_changed (GtkSpinButton *spin)
{
  wb_settings_set_int (wb_settings_default (), "training", "threads",
                       gtk_spin_button_get_value_as_int (spin));
}

static GtkWidget *
threads_row (void)
{
  GtkWidget *row = adw_action_row_new ();
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ ("Threads"));
  g_autofree char *subtitle =
      g_strdup_printf (ngettext ("For documents opened from now on; this computer has %u "
                                 "processor. Results do not depend on it.",
                                 "For documents opened from now on; this computer has %u "
                                 "processors. Results do not depend on it.",
                                 g_get_num_processors ()),
                       g_get_num_processors ());
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  GtkWidget *spin = gtk_spin_button_new_with_range (0, 64, 1);
  gtk_widget_set_valign (spin, GTK_ALIGN_CENTER);
  wb_scroll_past (spin);
  gtk_editable_set_width_chars (GTK_EDITABLE (spin), 3);
  wb_spin_word_at_zero (GTK_SPIN_BUTTON (spin), _ ("all"));
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (spin),
                             wb_settings_get_threads (wb_settings_default ()));
  g_signal_connect (spin, "value-changed", G_CALLBACK (threads_changed), NULL);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), spin);
  return row;
}

static void
memory_changed (GtkSpinButton *spin)
{
  wb_settings_set_rewind_memory (wb_settings_default (),
                                 (guint)gtk_spin_button_get_value_as_int (spin));
}

static GtkWidget *
memory_row (void)
{
  GtkWidget *row = adw_action_row_new ();
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ ("Memory for looking back, in MB"));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row),
                               _ ("Earlier weights that the loss curve can be dragged back to; "
                                  "0 keeps none"));
  GtkWidget *spin = gtk_spin_button_new_with_range (0, 8000, 20);
  gtk_widget_set_valign (spin, GTK_ALIGN_CENTER);
  wb_scroll_past (spin);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (spin),
                             wb_settings_get_rewind_memory (wb_settings_default ()));
  g_signal_connect (spin, "value-changed", G_CALLBACK (memory_changed), NULL);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), spin);
  return row;
}

GtkWidget *
wb_preferences_new (GtkWindow *parent)
{
  GtkWidget *window =
      g_object_new (ADW_TYPE_PREFERENCES_WINDOW, "transient-for", parent, "modal", TRUE,
                    "search-enabled", FALSE, "default-width", 480, "default-height", 420, NULL);
  GtkWidget *page = adw_preferences_page_new ();
  GtkWidget *looks = adw_preferences_group_new ();
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (looks), _ ("Appearance"));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (looks), theme_row ());
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (looks), animations_row ());
  GtkWidget *training = adw_preferences_group_new ();
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (training), _ ("Training"));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (training), threads_row ());
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (training), memory_row ());
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page), ADW_PREFERENCES_GROUP (looks));
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page), ADW_PREFERENCES_GROUP (training));
  adw_preferences_window_add (ADW_PREFERENCES_WINDOW (window), ADW_PREFERENCES_PAGE (page));
  return window;
}
