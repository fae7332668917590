#include "diabolo-config.h"

#include "wb-application.h"

#include <glib/gi18n.h>

#include "document/wb-recovery.h"
#include "document/wb-settings.h"
#include "formats/nn-code-file.h"
#include "formats/nn-lessons.h"
#include "wb-window-actions.h"
#include "wb-window.h"

struct _WbApplication
{
  AdwApplication parent_instance;
  gboolean looked_for_lost_work;
};

G_DEFINE_FINAL_TYPE (WbApplication, wb_application, ADW_TYPE_APPLICATION)

/* ---- preferences that concern every window ---- */

static const struct
{
  const char *id;
  AdwColorScheme scheme;
} schemes[] = {
  { "follow", ADW_COLOR_SCHEME_DEFAULT },
  { "light", ADW_COLOR_SCHEME_FORCE_LIGHT },
  { "dark", ADW_COLOR_SCHEME_FORCE_DARK },
};

static void
apply_preferences (WbApplication *self)
{
  WbSettings *settings = wb_settings_default ();
  g_autofree char *theme = wb_settings_get_text (settings, "preferences", "theme");
  AdwColorScheme scheme = ADW_COLOR_SCHEME_DEFAULT;
  for (guint i = 0; i < G_N_ELEMENTS (schemes); i++)
    if (g_strcmp0 (theme, schemes[i].id) == 0)
      scheme = schemes[i].scheme;
  if (adw_style_manager_get_color_scheme (adw_style_manager_get_default ()) != scheme)
    adw_style_manager_set_color_scheme (adw_style_manager_get_default (), scheme);

  /* Only ever switched off here: what the desktop asks for stays asked for. */
  if (!wb_settings_get_bool (settings, "preferences", "animations", TRUE))
    g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);
  else
    gtk_settings_reset_property (gtk_settings_get_default (), "gtk-enable-animations");
}

/* ---- starting ---- */

/* The window that an opened file may take over: one with nothing in it that could be lost. */
static WbWindow *
unused_window (WbApplication *self)
{
  for (GList *l = gtk_application_get_windows (GTK_APPLICATION (self)); l != NULL; l = l->next)
    if (WB_IS_WINDOW (l->data))
      {
        WbDocument *document = wb_window_get_document (l->data);
        if (document == NULL
            || (!wb_document_modified (document) && wb_document_file (document) == NULL))
          return l->data;
      }
  return NULL;
}

static void
lost_work_listed (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (WbApplication) self = data;
  g_autoptr (GPtrArray) entries = wb_recovery_list_finish (result, NULL);
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));
  if (entries != NULL && entries->len > 0 && WB_IS_WINDOW (window))
    wb_window_offer_recovery (WB_WINDOW (window), entries);
}

static void
look_for_lost_work (WbApplication *self)
{
  if (self->looked_for_lost_work)
    return;
  self->looked_for_lost_work = TRUE;
  wb_recovery_list_async (lost_work_listed, g_object_ref (self));
}

static WbWindow *
new_window_with_lesson (WbApplication *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (WbDocument) document = wb_document_open_lesson (nn_lessons (NULL)[0].id, &error);
  if (document == NULL)
    g_error ("the first lesson cannot be opened: %s", error->message);
  WbWindow *window = wb_window_new (self);
  wb_window_set_document (window, document);
  return window;
}

static void
wb_application_activate (GApplication *application)
{
  WbApplication *self = WB_APPLICATION (application);
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));
  if (window == NULL)
    window = GTK_WINDOW (new_window_with_lesson (self));
  gtk_window_present (window);
  look_for_lost_work (self);
}

static void
wb_application_open (GApplication *application, GFile **files, gint n_files, const char *hint)
{
  WbApplication *self = WB_APPLICATION (application);
  for (gint i = 0; i < n_files; i++)
    {
      /* Codes are for the network that is open. */
      g_autofree char *name = g_file_get_basename (files[i]);
      GtkWindow *active = gtk_application_get_active_window (GTK_APPLICATION (self));
      WbWindow *window = g_str_has_suffix (name, NN_CODE_FILE_EXTENSION) && WB_IS_WINDOW (active)
                             ? WB_WINDOW (active)
                             : unused_window (self);
      if (window == NULL)
        window = new_window_with_lesson (self);
      gtk_window_present (GTK_WINDOW (window));
      wb_window_open_file (window, files[i]);
    }
  look_for_lost_work (self);
}

/* ---- actions ---- */

static void
activate_new_window (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gtk_window_present (GTK_WINDOW (new_window_with_lesson (data)));
}

/* Each window asks about its own changes; the program ends with the last of them. */
static void
activate_quit (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_autoptr (GList) windows = g_list_copy (gtk_application_get_windows (data));
  for (GList *l = windows; l != NULL; l = l->next)
    gtk_window_close (l->data);
}

static void
activate_about (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GtkWidget *about =
      g_object_new (ADW_TYPE_ABOUT_WINDOW, "application-name", "Diabolo", "application-icon",
                    DIABOLO_ID, "version", DIABOLO_VERSION, "developer-name",
                    _ ("The Diabolo developers"), "license-type", GTK_LICENSE_MIT_X11, "comments",
                    _ ("A workbench for building, training and looking inside neural networks, "
                       "made for teaching autoencoders."),
                    "transient-for", gtk_application_get_active_window (data), "modal", TRUE, NULL);
  gtk_window_present (GTK_WINDOW (about));
}

static const GActionEntry actions[] = {
  { .name = "new-window", .activate = activate_new_window },
  { .name = "quit", .activate = activate_quit },
  { .name = "about", .activate = activate_about },
};

static void
wb_application_startup (GApplication *application)
{
  G_APPLICATION_CLASS (wb_application_parent_class)->startup (application);

  WbApplication *self = WB_APPLICATION (application);
  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
  gtk_application_set_accels_for_action (GTK_APPLICATION (self), "app.new-window",
                                         (const char *[]){ "<Primary><Shift>n", NULL });
  gtk_application_set_accels_for_action (GTK_APPLICATION (self), "app.quit",
                                         (const char *[]){ "<Primary>q", NULL });
  wb_window_actions_set_accels (GTK_APPLICATION (self));
  gtk_window_set_default_icon_name (DIABOLO_ID);
  g_signal_connect_object (wb_settings_default (), "changed", G_CALLBACK (apply_preferences), self,
                           G_CONNECT_SWAPPED);
  apply_preferences (self);
}

static void
wb_application_shutdown (GApplication *application)
{
  wb_settings_flush (wb_settings_default ());
  G_APPLICATION_CLASS (wb_application_parent_class)->shutdown (application);
}

/* GTK would end the program inside startup with a message of its own; a missing display is told in
 * one line instead. */
static gint
wb_application_handle_local_options (GApplication *application, GVariantDict *options)
{
  if (g_variant_dict_contains (options, "version"))
    {
      g_print ("diabolo %s\n", DIABOLO_VERSION);
      return 0;
    }
  if (!gtk_init_check ())
    {
      const char *display = g_getenv ("DISPLAY");
      g_printerr (_ ("diabolo: cannot open display%s%s: start it in a graphical session, or use "
                     "diabolo-cli\n"),
                  display != NULL ? " " : "", display != NULL ? display : "");
      return 1;
    }
  return -1;
}

static void
wb_application_class_init (WbApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);
  application_class->activate = wb_application_activate;
  application_class->open = wb_application_open;
  application_class->startup = wb_application_startup;
  application_class->shutdown = wb_application_shutdown;
  application_class->handle_local_options = wb_application_handle_local_options;
}

static const GOptionEntry options[] = {
  { "version", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Print the version and exit"), NULL },
  { NULL },
};

static void
wb_application_init (WbApplication *self)
{
  g_application_add_main_option_entries (G_APPLICATION (self), options);
  g_application_set_option_context_parameter_string (G_APPLICATION (self), _ ("[FILE]"));
}

WbApplication *
wb_application_new (void)
{
  return g_object_new (WB_TYPE_APPLICATION, "application-id", DIABOLO_ID, "flags",
                       G_APPLICATION_HANDLES_OPEN, "resource-base-path",
                       "/io/github/diabolo/Diabolo", NULL);
}
