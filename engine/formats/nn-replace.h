/* nn-replace.h: writing a file so that whoever looks, at any moment and after any crash, sees the
 * old contents or the new, whole. Blocking. Any thread.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A hidden temporary file beside path is written, synced and renamed over it, then the folder is
 * synced; what a save of the same file that was killed left there a minute ago or longer goes.
 * Follows a symbolic link to what it points to; keeps the permissions of a file that is
 * replaced. On failure (G_IO_ERROR, naming path and reason) nothing is left behind and path is as
 * it was. */
gboolean nn_replace_file (const char *path, GBytes *bytes, GCancellable *cancellable,
                          GError **error);

G_END_DECLS
