/* nn-replace.h: writing a file so that whoever looks, at any moment and after any crash, sees the
 * old contents or the new, whole. Blocking. Any thread.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A hidden temporary file beside path is written, synced and renamed over it, then the folder is
 * synced. Follows a symbolic link to what it points to; keeps the permissions of a file that is
 * replaced. On failure (G_IO_ERROR, naming path and reason) nothing is left behind and path is as
 * it was. */
gboolean nn_replace_file (const char *path, GBytes *bytes, GCancellable *cancellable,
                          GError **error);

/* The same for what is never whole in memory, and for files that belong together: each is written
 * to its end before the first is put in place. Belongs to one thread. */
typedef struct _NnReplacement NnReplacement;

/* The temporary file beside path. (transfer full) */
NnReplacement *nn_replacement_new (const char *path, GError **error);
gboolean nn_replacement_write (NnReplacement *replacement, gconstpointer data, gsize size,
                               GCancellable *cancellable, GError **error);
/* Syncs and renames it; nothing may be written any more, even where this fails. */
gboolean nn_replacement_commit (NnReplacement *replacement, GError **error);
/* Removes the temporary file where it was not put in place. */
void nn_replacement_free (NnReplacement *replacement);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnReplacement, nn_replacement_free)

G_END_DECLS
