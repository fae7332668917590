#include "train/nn-mailbox.h"

void
nn_inbox_init (NnInbox *inbox)
{
  pthread_mutex_init (&inbox->lock, NULL);
  pthread_condattr_t attributes;

  pthread_condattr_init (&attributes);
  pthread_condattr_setclock (&attributes, CLOCK_MONOTONIC);
  pthread_cond_init (&inbox->filled, &attributes);
  pthread_condattr_destroy (&attributes);
  inbox->first = inbox->last = NULL;
}

void
nn_inbox_clear (NnInbox *inbox, GDestroyNotify free_item)
{
  while (inbox->first != NULL)
    {
      NnInboxItem *item = inbox->first;

      inbox->first = item->next;
      free_item (item);
    }
  pthread_cond_destroy (&inbox->filled);
  pthread_mutex_destroy (&inbox->lock);
}

void
nn_inbox_push (NnInbox *inbox, NnInboxItem *item)
{
  item->next = NULL;
  pthread_mutex_lock (&inbox->lock);
  if (inbox->first == NULL)
    inbox->first = item;
  else
    inbox->last->next = item;
  inbox->last = item;
  pthread_cond_signal (&inbox->filled);
  pthread_mutex_unlock (&inbox->lock);
}

NnInboxItem *
nn_inbox_pop (NnInbox *inbox, gint64 wait, NnInboxItem **next)
{
  const gint64 until = wait > 0 ? g_get_monotonic_time () + wait : 0;
  const struct timespec deadline = { until / G_USEC_PER_SEC, 1000 * (until % G_USEC_PER_SEC) };
  gboolean over = wait == 0;

  pthread_mutex_lock (&inbox->lock);
  while (inbox->first == NULL && !over)
    if (wait == NN_INBOX_FOREVER)
      pthread_cond_wait (&inbox->filled, &inbox->lock);
    else
      over = pthread_cond_timedwait (&inbox->filled, &inbox->lock, &deadline) != 0;
  NnInboxItem *item = inbox->first;
  if (item != NULL)
    inbox->first = item->next;
  *next = inbox->first;
  pthread_mutex_unlock (&inbox->lock);
  return item;
}

/* What the slot holds while the writer has the item in hands: the address of `claimed`, or of
 * `missed` once the reader has looked in the meantime. */
static const char claimed, missed;

void
nn_outbox_init (NnOutbox *outbox)
{
  atomic_init (&outbox->slot, NULL);
}

gpointer
nn_outbox_reclaim (NnOutbox *outbox)
{
  return atomic_exchange (&outbox->slot, (gpointer)&claimed);
}

gboolean
nn_outbox_put (NnOutbox *outbox, gpointer item, gboolean reclaimed)
{
  gpointer was = atomic_exchange (&outbox->slot, item);

  return !reclaimed || was == (gpointer)&missed;
}

gboolean
nn_outbox_is_full (NnOutbox *outbox)
{
  const gpointer item = atomic_load (&outbox->slot);

  return item != NULL && item != (gpointer)&missed && item != (gpointer)&claimed;
}

gpointer
nn_outbox_take (NnOutbox *outbox)
{
  gpointer item = atomic_load (&outbox->slot);

  for (;;)
    {
      if (item == NULL || item == (gpointer)&missed)
        return NULL;
      gboolean busy = item == (gpointer)&claimed;
      /* On failure item becomes what is there now, and the loop looks again. */
      if (atomic_compare_exchange_weak (&outbox->slot, &item, busy ? (gpointer)&missed : NULL))
        return busy ? NULL : item;
    }
}
