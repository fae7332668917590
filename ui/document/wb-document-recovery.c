/* wb-document-recovery.c: changed work is kept aside while it is open. */
#include "diabolo-config.h"

#include "document/wb-document-private.h"
#include "document/wb-recovery.h"

/* A change is kept at most this much later, in s ... */
#define KEEP_INTERVAL 30
/* ... and epochs that end faster than this share one copy. */
#define EPOCH_INTERVAL 5

struct _WbRecovery
{
  char *id; /* of the document, for its life */
  guint timeout;
  gint64 timeout_at; /* when it is due, monotonic us */
  gint64 kept_at;    /* 0: never */
  NnDesign *kept_design;
  guint64 kept_step, kept_run;
  gboolean waiting; /* for a checkpoint */
  GCancellable *writing;
  gboolean has_entry; /* there may be one on the disk */
};

typedef struct
{
  char *id;
  char *original_path;
  NnProject *project;
} KeepJob;

static void
keep_job_free (KeepJob *job)
{
  g_free (job->id);
  g_free (job->original_path);
  g_clear_pointer (&job->project, nn_project_free);
  g_free (job);
}

static void
keep_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  KeepJob *job = data;
  GError *error = NULL;
  NnRecovery *store = wb_recovery_store ();
  if (store == NULL
      || nn_recovery_write (store, job->id, job->project, job->original_path, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
kept (GObject *source, GAsyncResult *result, gpointer data)
{
  WbDocument *self = WB_DOCUMENT (source);
  g_autoptr (GError) error = NULL;
  g_task_propagate_boolean (G_TASK (result), &error);
  if (self->recovery != NULL && g_task_get_cancellable (G_TASK (result)) == self->recovery->writing)
    g_clear_object (&self->recovery->writing);
  /* A full disk must not interrupt the work; saving will say so. */
  if (error != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_debug ("work not kept aside: %s", error->message);
}

static void
write_entry (WbDocument *self)
{
  struct _WbRecovery *recovery = self->recovery;
  NnDesign *design = wb_document_design (self);
  g_autoptr (NnCheckpoint) checkpoint = wb_document_make_checkpoint (self);
  KeepJob *job = g_new0 (KeepJob, 1);
  job->id = g_strdup (recovery->id);
  job->original_path = self->file != NULL ? g_file_get_path (self->file) : NULL;
  job->project = wb_document_make_project (self, checkpoint, g_strdup (self->lesson_text));

  g_clear_pointer (&recovery->kept_design, nn_design_unref);
  recovery->kept_design = nn_design_ref (design);
  recovery->kept_step = checkpoint != NULL ? checkpoint->step : 0;
  recovery->kept_run = checkpoint != NULL ? checkpoint->run : 0;
  recovery->kept_at = g_get_monotonic_time ();
  recovery->has_entry = TRUE;
  recovery->writing = g_cancellable_new ();
  g_autoptr (GTask) task = g_task_new (self, recovery->writing, kept, NULL);
  g_task_set_task_data (task, job, (GDestroyNotify)keep_job_free);
  g_task_run_in_thread (task, keep_thread);
}

static gboolean
changed_since_kept (WbDocument *self)
{
  struct _WbRecovery *recovery = self->recovery;
  if (!wb_document_modified (self))
    return FALSE;
  if (recovery->kept_design != wb_document_design (self))
    return TRUE;
  return self->snapshot != NULL
         && (self->snapshot->step != recovery->kept_step
             || self->snapshot->run != recovery->kept_run);
}

static void schedule (WbDocument *self, gint64 at);

static gboolean
keep_timed_out (gpointer data)
{
  WbDocument *self = data;
  struct _WbRecovery *recovery = self->recovery;
  recovery->timeout = 0;
  if (!changed_since_kept (self))
    return G_SOURCE_REMOVE;
  if (recovery->writing != NULL)
    schedule (self, g_get_monotonic_time () + G_USEC_PER_SEC);
  else if (!recovery->waiting)
    {
      recovery->waiting = TRUE;
      nn_session_request_checkpoint (self->session);
    }
  return G_SOURCE_REMOVE;
}

static void
schedule (WbDocument *self, gint64 at)
{
  struct _WbRecovery *recovery = self->recovery;
  if (recovery->timeout != 0 && recovery->timeout_at <= at)
    return;
  g_clear_handle_id (&recovery->timeout, g_source_remove);
  recovery->timeout_at = at;
  gint64 wait = MAX (0, at - g_get_monotonic_time ());
  recovery->timeout = g_timeout_add ((guint)(wait / 1000), keep_timed_out, self);
}

/* Something changed: it is kept within the interval. No timer runs while nothing changes. */
void
wb_document_recovery_touched (WbDocument *self)
{
  if (self->recovery != NULL && self->recovery->timeout == 0 && changed_since_kept (self))
    schedule (self, g_get_monotonic_time () + KEEP_INTERVAL * G_USEC_PER_SEC);
}

void
wb_document_recovery_epoch_ended (WbDocument *self)
{
  if (self->recovery != NULL && changed_since_kept (self))
    schedule (self, self->recovery->kept_at + EPOCH_INTERVAL * G_USEC_PER_SEC);
}

void
wb_document_recovery_checkpoint (WbDocument *self)
{
  struct _WbRecovery *recovery = self->recovery;
  if (recovery == NULL || !recovery->waiting)
    return;
  recovery->waiting = FALSE;
  if (recovery->writing == NULL)
    write_entry (self);
}

/* Removing is a few unlinks; a write under way is stopped first, so this waits for little. */
static void
discard (WbDocument *self)
{
  struct _WbRecovery *recovery = self->recovery;
  g_clear_handle_id (&recovery->timeout, g_source_remove);
  recovery->waiting = FALSE;
  if (recovery->writing != NULL)
    g_cancellable_cancel (recovery->writing);
  g_clear_object (&recovery->writing);
  if (!recovery->has_entry)
    return;
  g_autoptr (GError) error = NULL;
  NnRecovery *store = wb_recovery_store ();
  if (store != NULL && !nn_recovery_discard (store, recovery->id, &error))
    g_debug ("kept work not removed: %s", error->message);
  recovery->has_entry = FALSE;
  recovery->kept_at = 0;
}

void
wb_document_recovery_saved (WbDocument *self)
{
  discard (self);
  wb_document_recovery_touched (self);
}

void
wb_document_recovered (WbDocument *self, const char *id)
{
  g_free (self->recovery->id);
  self->recovery->id = g_strdup (id);
  self->recovery->has_entry = TRUE;
  g_clear_pointer (&self->saved_design, nn_design_unref);
}

void
wb_document_recovery_init (WbDocument *self)
{
  self->recovery = g_new0 (struct _WbRecovery, 1);
  self->recovery->id = g_uuid_string_random ();
}

void
wb_document_recovery_close (WbDocument *self)
{
  discard (self);
  g_clear_pointer (&self->recovery->kept_design, nn_design_unref);
  g_clear_pointer (&self->recovery->id, g_free);
  g_clear_pointer (&self->recovery, g_free);
}
