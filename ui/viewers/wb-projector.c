#include "viewers/wb-projector.h"

struct _WbProjector
{
  GObject parent;

  /* owned */
  NnCodesResult *waiting; /* codes that are still to be laid out, or NULL */
  WbProjection *last;     /* for the next one to follow, or NULL */
  GCancellable *running;  /* NULL: nothing is laid out now */

  WbProjectionChoice choice; /* of those that wait */
};

G_DEFINE_FINAL_TYPE (WbProjector, wb_projector, G_TYPE_OBJECT)

static guint projected_signal;

typedef struct
{
  NnCodesResult *codes;
  WbProjectionChoice choice;
  WbProjection *previous;
} Job;

static void
job_free (Job *job)
{
  nn_probe_result_unref (&job->codes->base);
  g_clear_pointer (&job->previous, wb_projection_unref);
  g_free (job);
}

static void
run (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Job *job = data;
  WbProjection *projection =
      wb_projection_new (job->codes, &job->choice, job->previous, cancellable);

  if (projection != NULL)
    g_task_return_pointer (task, projection, (GDestroyNotify)wb_projection_unref);
  else
    g_task_return_error_if_cancelled (task);
}

static void start (WbProjector *self);

static void
done (GObject *object, GAsyncResult *result, gpointer data)
{
  WbProjector *self = WB_PROJECTOR (object);
  g_autoptr (WbProjection) projection = g_task_propagate_pointer (G_TASK (result), NULL);

  if (g_task_get_cancellable (G_TASK (result)) != self->running)
    return; /* stopped since */
  g_clear_object (&self->running);
  if (projection != NULL)
    {
      g_clear_pointer (&self->last, wb_projection_unref);
      self->last = wb_projection_ref (projection);
      g_signal_emit (self, projected_signal, 0, projection);
    }
  start (self);
}

static void
start (WbProjector *self)
{
  if (self->running != NULL || self->waiting == NULL)
    return;
  Job *job = g_new (Job, 1);
  *job = (Job){ g_steal_pointer (&self->waiting), self->choice,
                self->last != NULL ? wb_projection_ref (self->last) : NULL };
  self->running = g_cancellable_new ();
  g_autoptr (GTask) task = g_task_new (self, self->running, done, NULL);
  g_task_set_task_data (task, job, (GDestroyNotify)job_free);
  g_task_run_in_thread (task, run);
}

static void
forget_waiting (WbProjector *self)
{
  if (self->waiting != NULL)
    nn_probe_result_unref (&self->waiting->base);
  self->waiting = NULL;
}

void
wb_projector_begin (WbProjector *self, NnCodesResult *codes, const WbProjectionChoice *choice)
{
  g_return_if_fail (WB_IS_PROJECTOR (self));
  forget_waiting (self);
  self->waiting = (NnCodesResult *)nn_probe_result_ref (&codes->base);
  self->choice = *choice;
  start (self);
}

void
wb_projector_stop (WbProjector *self)
{
  g_return_if_fail (WB_IS_PROJECTOR (self));
  forget_waiting (self);
  if (self->running != NULL)
    g_cancellable_cancel (self->running);
  g_clear_object (&self->running);
  g_clear_pointer (&self->last, wb_projection_unref);
}

static void
wb_projector_dispose (GObject *object)
{
  wb_projector_stop (WB_PROJECTOR (object));
  G_OBJECT_CLASS (wb_projector_parent_class)->dispose (object);
}

static void
wb_projector_class_init (WbProjectorClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = wb_projector_dispose;
  projected_signal = g_signal_new ("projected", WB_TYPE_PROJECTOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
}

static void
wb_projector_init (WbProjector *self)
{
}

WbProjector *
wb_projector_new (void)
{
  return g_object_new (WB_TYPE_PROJECTOR, NULL);
}
