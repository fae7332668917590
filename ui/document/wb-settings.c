#include "diabolo-config.h"

#include "document/wb-settings.h"

#include "train/nn-timeline.h"

#define WRITE_DELAY 1 /* s */

enum
{
  CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

struct _WbSettings
{
  GObject parent_instance;
  GKeyFile *keys;
  char *path;
  guint write_timeout;
};

G_DEFINE_FINAL_TYPE (WbSettings, wb_settings, G_TYPE_OBJECT)

static void
wb_settings_finalize (GObject *object)
{
  WbSettings *self = WB_SETTINGS (object);
  g_clear_handle_id (&self->write_timeout, g_source_remove);
  g_key_file_free (self->keys);
  g_free (self->path);
  G_OBJECT_CLASS (wb_settings_parent_class)->finalize (object);
}

static void
wb_settings_class_init (WbSettingsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = wb_settings_finalize;
  signals[CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
wb_settings_init (WbSettings *self)
{
  self->keys = g_key_file_new ();
  self->path = g_build_filename (g_get_user_state_dir (), "diabolo", "window.ini", NULL);
  /* A missing or broken file means defaults: nothing in it is worth stopping for. */
  g_key_file_load_from_file (self->keys, self->path, G_KEY_FILE_NONE, NULL);
}

WbSettings *
wb_settings_default (void)
{
  static WbSettings *settings;
  if (g_once_init_enter (&settings))
    g_once_init_leave (&settings, g_object_new (WB_TYPE_SETTINGS, NULL));
  return settings;
}

void
wb_settings_flush (WbSettings *self)
{
  g_return_if_fail (WB_IS_SETTINGS (self));

  if (self->write_timeout == 0)
    return;
  g_clear_handle_id (&self->write_timeout, g_source_remove);
  g_autofree char *folder = g_path_get_dirname (self->path);
  g_autoptr (GError) error = NULL;
  if (g_mkdir_with_parents (folder, 0700) != 0
      || !g_key_file_save_to_file (self->keys, self->path, &error))
    g_debug ("window state not kept: %s", error != NULL ? error->message : g_strerror (errno));
}

static gboolean
write_timed_out (gpointer data)
{
  wb_settings_flush (data);
  return G_SOURCE_REMOVE;
}

static void
value_changed (WbSettings *self)
{
  if (self->write_timeout == 0)
    self->write_timeout = g_timeout_add_seconds (WRITE_DELAY, write_timed_out, self);
  g_signal_emit (self, signals[CHANGED], 0);
}

gint
wb_settings_get_int (WbSettings *self, const char *group, const char *key, gint fallback)
{
  g_autoptr (GError) error = NULL;
  gint value = g_key_file_get_integer (self->keys, group, key, &error);
  return error != NULL ? fallback : value;
}

gboolean
wb_settings_get_bool (WbSettings *self, const char *group, const char *key, gboolean fallback)
{
  g_autoptr (GError) error = NULL;
  gboolean value = g_key_file_get_boolean (self->keys, group, key, &error);
  return error != NULL ? fallback : value;
}

char *
wb_settings_get_text (WbSettings *self, const char *group, const char *key)
{
  return g_key_file_get_string (self->keys, group, key, NULL);
}

void
wb_settings_set_int (WbSettings *self, const char *group, const char *key, gint value)
{
  if (g_key_file_has_key (self->keys, group, key, NULL)
      && wb_settings_get_int (self, group, key, value + 1) == value)
    return;
  g_key_file_set_integer (self->keys, group, key, value);
  value_changed (self);
}

void
wb_settings_set_bool (WbSettings *self, const char *group, const char *key, gboolean value)
{
  if (g_key_file_has_key (self->keys, group, key, NULL)
      && wb_settings_get_bool (self, group, key, !value) == value)
    return;
  g_key_file_set_boolean (self->keys, group, key, value);
  value_changed (self);
}

void
wb_settings_set_text (WbSettings *self, const char *group, const char *key, const char *value)
{
  g_autofree char *old = wb_settings_get_text (self, group, key);
  if (g_strcmp0 (old, value) == 0)
    return;
  if (value != NULL)
    g_key_file_set_string (self->keys, group, key, value);
  else
    g_key_file_remove_key (self->keys, group, key, NULL);
  value_changed (self);
}

guint
wb_settings_get_threads (WbSettings *self)
{
  return (guint)CLAMP (wb_settings_get_int (self, "training", "threads", 0), 0, 256);
}

guint
wb_settings_get_rewind_memory (WbSettings *self)
{
  return (guint)CLAMP (
      wb_settings_get_int (self, "training", "rewind-memory", NN_TIMELINE_BUDGET / 1000000), 0,
      100000);
}

void
wb_settings_set_rewind_memory (WbSettings *self, guint megabytes)
{
  wb_settings_set_int (self, "training", "rewind-memory", (gint)megabytes);
}
