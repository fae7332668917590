#include "train/nn-session.h"

#include "train/nn-session-worker.h"

struct _NnSession
{
  GThread *thread;
  NnWorker worker; /* the thread's, but for what nn-session-worker.h says */
  guint64 n_commands;
};

/* command: by value, its references given away. */
static void
send (NnSession *session, NnCommand command)
{
  NnCommand *sent = g_memdup2 (&command, sizeof command);

  sent->serial = ++session->n_commands;
  nn_inbox_push (&session->worker.inbox, &sent->item);
}

NnSession *
nn_session_new (guint n_threads, NnWakeFunc wake, gpointer wake_data)
{
  NnSession *session = g_new0 (NnSession, 1);
  NnWorker *worker = &session->worker;

  nn_inbox_init (&worker->inbox);
  nn_outbox_init (&worker->outbox);
  atomic_init (&worker->quit, FALSE);
  worker->wake = wake;
  worker->wake_data = wake_data;
  worker->n_threads = n_threads;
  session->thread = g_thread_new ("nn-session", nn_worker_main, worker);
  return session;
}

/* Nothing to do but to wake up and see that it is over. */
static void
nothing (NnWorker *worker, const NnCommand *command)
{
}

void
nn_session_free (NnSession *session)
{
  if (session == NULL)
    return;
  atomic_store (&session->worker.quit, TRUE);
  send (session, (NnCommand){ .run = nothing });
  g_thread_join (session->thread);
  nn_inbox_clear (&session->worker.inbox, (GDestroyNotify)nn_command_free);
  NnSnapshot *unread = nn_session_take (session);
  g_clear_pointer (&unread, nn_snapshot_unref);
  g_free (session);
}

void
nn_session_set_model (NnSession *session, NnAnalysis *analysis, NnDataset *dataset,
                      NnCheckpoint *checkpoint, guint revision)
{
  g_return_if_fail (session != NULL);

  /* In a drag of a slider only the newest design matters; a checkpoint must not be skipped. */
  send (session, (NnCommand){
                     .run = nn_worker_set_model,
                     .superseded = checkpoint == NULL,
                     .analysis = analysis != NULL ? nn_analysis_ref (analysis) : NULL,
                     .dataset = dataset != NULL ? nn_dataset_ref (dataset) : NULL,
                     .checkpoint = checkpoint != NULL ? nn_checkpoint_ref (checkpoint) : NULL,
                     .number = revision,
                 });
}

void
nn_session_train (NnSession *session, guint n_epochs)
{
  g_return_if_fail (session != NULL);

  send (session, (NnCommand){ .run = nn_worker_train, .number = n_epochs });
}

void
nn_session_pause (NnSession *session)
{
  g_return_if_fail (session != NULL);

  send (session, (NnCommand){ .run = nn_worker_pause });
}

void
nn_session_step_batch (NnSession *session)
{
  g_return_if_fail (session != NULL);

  send (session, (NnCommand){ .run = nn_worker_step_batch });
}

void
nn_session_step_epoch (NnSession *session)
{
  g_return_if_fail (session != NULL);

  send (session, (NnCommand){ .run = nn_worker_step_epoch });
}

void
nn_session_reset (NnSession *session, guint64 seed)
{
  g_return_if_fail (session != NULL);

  send (session, (NnCommand){ .run = nn_worker_reset, .seed = seed });
}

void
nn_session_begin_run (NnSession *session)
{
  g_return_if_fail (session != NULL);

  send (session, (NnCommand){ .run = nn_worker_begin_run });
}

void
nn_session_set_probes (NnSession *session, GPtrArray *probes)
{
  g_return_if_fail (session != NULL && probes != NULL);

  /* Copied, because the caller may go on changing its array. */
  GPtrArray *copy = g_ptr_array_new_with_free_func ((GDestroyNotify)nn_probe_unref);
  for (guint i = 0; i < probes->len; i++)
    g_ptr_array_add (copy, nn_probe_ref (g_ptr_array_index (probes, i)));
  send (session, (NnCommand){ .run = nn_worker_set_probes, .superseded = TRUE, .probes = copy });
}

void
nn_session_set_rewind_budget (NnSession *session, gsize budget)
{
  g_return_if_fail (session != NULL);

  send (session, (NnCommand){ .run = nn_worker_set_rewind_budget, .seed = budget });
}

void
nn_session_rewind (NnSession *session, double epoch)
{
  g_return_if_fail (session != NULL);

  send (session, (NnCommand){ .run = nn_worker_rewind, .superseded = TRUE, .epoch = epoch });
}

void
nn_session_fork (NnSession *session, double epoch)
{
  g_return_if_fail (session != NULL);

  send (session, (NnCommand){ .run = nn_worker_fork, .epoch = epoch });
}

void
nn_session_go_to_run (NnSession *session, guint64 run)
{
  g_return_if_fail (session != NULL);

  send (session, (NnCommand){ .run = nn_worker_go_to_run, .seed = run });
}

void
nn_session_forget_run (NnSession *session, guint64 run)
{
  g_return_if_fail (session != NULL);

  send (session, (NnCommand){ .run = nn_worker_forget_run, .seed = run });
}

void
nn_session_request_checkpoint (NnSession *session)
{
  g_return_if_fail (session != NULL);

  send (session, (NnCommand){ .run = nn_worker_make_checkpoint, .superseded = TRUE });
}

guint64
nn_session_n_commands (NnSession *session)
{
  g_return_val_if_fail (session != NULL, 0);

  return session->n_commands;
}

NnSnapshot *
nn_session_take (NnSession *session)
{
  g_return_val_if_fail (session != NULL, NULL);

  return nn_outbox_take (&session->worker.outbox);
}
