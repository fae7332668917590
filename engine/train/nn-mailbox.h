/* nn-mailbox.h: how two threads hand things to each other. All locking of the session is in here:
 * pthread mutexes and C11 atomics, which ThreadSanitizer sees (GLib's own locks it does not).
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include <glib.h>

G_BEGIN_DECLS

/* Base of what can be queued. (GLib's list nodes come from an allocator whose locks are GLib's
 * own.) */
typedef struct _NnInboxItem NnInboxItem;
struct _NnInboxItem
{
  NnInboxItem *next; /* the queue's */
};

/* A queue from any thread to one reader. The lock is held for moving pointers only. */
typedef struct
{
  pthread_mutex_t lock;
  pthread_cond_t filled;
  NnInboxItem *first, *last;
} NnInbox;

void nn_inbox_init (NnInbox *inbox);
/* Frees what was never read. */
void nn_inbox_clear (NnInbox *inbox, GDestroyNotify free_item);
void nn_inbox_push (NnInbox *inbox, NnInboxItem *item);
#define NN_INBOX_FOREVER (-1)

/* The oldest item; where there is none, waits for one, at most so many us, and gives NULL. next
 * (out): the item after it, left in the queue, or NULL. */
NnInboxItem *nn_inbox_pop (NnInbox *inbox, gint64 wait, NnInboxItem **next);

/* One slot from one writer to one reader: the latest wins, and the writer may take back what was
 * not read, to merge it. Neither side ever waits. */
typedef struct
{
  _Atomic (gpointer) slot;
} NnOutbox;

void nn_outbox_init (NnOutbox *outbox);
/* Writer: takes back what was not read, or NULL. Must be followed by nn_outbox_put(). */
gpointer nn_outbox_reclaim (NnOutbox *outbox);
/* Writer: item (transfer full) is there to be taken. TRUE if the reader needs to be told: it has
 * looked in vain, or found nothing to look for, since it last took an item. reclaimed: what
 * nn_outbox_reclaim() gave was not NULL. */
gboolean nn_outbox_put (NnOutbox *outbox, gpointer item, gboolean reclaimed);
/* Writer: TRUE while the reader has not taken the last item. */
gboolean nn_outbox_is_full (NnOutbox *outbox);
/* Reader: the newest item or NULL. (transfer full) */
gpointer nn_outbox_take (NnOutbox *outbox);

G_END_DECLS
