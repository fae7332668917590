/* wb-recovery.h: what an earlier run of the program had to leave behind, offered back.
 * Nothing here blocks. Main thread only.
 */
#pragma once

#include "document/wb-document.h"
#include "formats/nn-recovery.h"

G_BEGIN_DECLS

/* The process's store; NULL where its folder cannot be made. Opens it at the first call: any
 * thread, but that one may block. */
NnRecovery *wb_recovery_store (void);

/* Abandoned entries, newest first. (element-type NnRecoveryEntry) (transfer full) */
void wb_recovery_list_async (GAsyncReadyCallback callback, gpointer data);
GPtrArray *wb_recovery_list_finish (GAsyncResult *result, GError **error);

/* The document as it was left, marked as unsaved; training can go on. */
void wb_recovery_open_async (const NnRecoveryEntry *entry, GAsyncReadyCallback callback,
                             gpointer data);
WbDocument *wb_recovery_open_finish (GAsyncResult *result, GError **error);

/* Forgets an entry. */
void wb_recovery_discard (const NnRecoveryEntry *entry);

G_END_DECLS
