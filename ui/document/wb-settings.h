/* wb-settings.h: what the program remembers about itself between starts: a key file at
 * $XDG_STATE_HOME/diabolo/window.ini. Written a moment after a change, in one piece.
 *
 * Signal "changed" after a preference changed. Main thread only.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define WB_TYPE_SETTINGS (wb_settings_get_type ())
G_DECLARE_FINAL_TYPE (WbSettings, wb_settings, WB, SETTINGS, GObject)

/* The one of this process. (transfer none) */
WbSettings *wb_settings_default (void);
/* Writes what is waiting to be written. */
void wb_settings_flush (WbSettings *settings);

/* Values by group and key; fallback where there is none. */
gint wb_settings_get_int (WbSettings *settings, const char *group, const char *key, gint fallback);
gboolean wb_settings_get_bool (WbSettings *settings, const char *group, const char *key,
                               gboolean fallback);
char *wb_settings_get_text (WbSettings *settings, const char *group,
                            const char *key); /* (transfer full) (nullable) */
void wb_settings_set_int (WbSettings *settings, const char *group, const char *key, gint value);
void wb_settings_set_bool (WbSettings *settings, const char *group, const char *key,
                           gboolean value);
void wb_settings_set_text (WbSettings *settings, const char *group, const char *key,
                           const char *value);

/* Threads that training uses: 0 is one per processor. */
guint wb_settings_get_threads (WbSettings *settings);
/* Memory for moments to rewind to, in MB (10^6 bytes). */
guint wb_settings_get_rewind_memory (WbSettings *settings);
void wb_settings_set_rewind_memory (WbSettings *settings, guint megabytes);

G_END_DECLS
