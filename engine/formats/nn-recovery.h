/* nn-recovery.h: unsaved work kept aside while it is open, and offered back after a crash.
 *
 * Each open document has an id (g_uuid_string_random(), for the life of the document) and at most
 * one entry in the folder: ID.diabolo (a whole project: design, weights, optimizer state, history),
 * ID.json (title, file it came from, process) and ID.lock. An instance holds an flock() on the lock
 * files of its entries, so the kernel itself tells when it has gone, kill -9 and power cut
 * included; no process id can be mistaken for another's, and the entries of a second running
 * instance are never offered. A process killed at any moment leaves the previous entry or the new
 * one, whole.
 *
 * How a window uses it:
 *   start          nn_recovery_list_abandoned(); for each entry that the person wants back
 *                  nn_recovery_adopt(), nn_project_load (entry->path_of_project), and a document
 * with entry->id, entry->original_path, marked as unsaved; the others: nn_recovery_discard() every
 * 30 s     where the document changed since: nn_recovery_write() saved, closed
 * nn_recovery_discard(), once a write that is under way has ended An instance that ends without
 * nn_recovery_discard() leaves its entries to the next start.
 *
 * Every function may block on the disk (call it from a GTask) and may be called from any thread;
 * calls on one NnRecovery take turns.
 */
#pragma once

#include "formats/nn-project.h"

G_BEGIN_DECLS

typedef struct _NnRecovery NnRecovery;

typedef struct
{
  char *id;              /* of the document */
  char *path_of_project; /* for nn_project_load() */
  char *original_path; /* the file the document was opened from or last saved to; NULL: none yet */
  char *title;         /* of the design */
  GDateTime *time;     /* when the entry was written, local time */
} NnRecoveryEntry;

void nn_recovery_entry_free (NnRecoveryEntry *entry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnRecoveryEntry, nn_recovery_entry_free)

/* folder NULL: $XDG_STATE_HOME/diabolo/recovery. Makes it, for its owner alone, where it is
 * missing. (transfer full) */
NnRecovery *nn_recovery_open (const char *folder, GError **error);
/* Lets go of the entries without removing them. */
void nn_recovery_free (NnRecovery *recovery);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnRecovery, nn_recovery_free)

/* Writes or replaces the entry of document_id. original_path is nullable. G_IO_ERROR_BUSY where
 * another running instance owns the entry. After an error or cancellation the previous entry is
 * still there. */
gboolean nn_recovery_write (NnRecovery *recovery, const char *document_id, NnProject *project,
                            const char *original_path, GCancellable *cancellable, GError **error);

/* Entries whose instance no longer runs, newest first; empty if there are none or the folder cannot
 * be read. What an interrupted write left behind is cleared away. (element-type NnRecoveryEntry)
 * (transfer full) */
GPtrArray *nn_recovery_list_abandoned (NnRecovery *recovery);

/* Makes an abandoned entry this instance's: no other is offered it any more. G_IO_ERROR_BUSY where
 * another instance was quicker, G_IO_ERROR_NOT_FOUND where it is gone. */
gboolean nn_recovery_adopt (NnRecovery *recovery, const char *id, GError **error);

/* Removes an entry: this instance's own or an abandoned one. TRUE where there is none;
 * G_IO_ERROR_BUSY where it belongs to another running instance. */
gboolean nn_recovery_discard (NnRecovery *recovery, const char *id, GError **error);

G_END_DECLS
