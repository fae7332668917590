/* nn-session-rewind.c: the worker's memory of what was: moments are kept between two batches,
 * probes look at them, runs go on from them. */
#include "train/nn-session-worker.h"

#include <math.h>

/* Keeping a moment takes at most this share of the time, 1 / (1 + 64) = 1.5 %, and happens at most
 * a hundred times a second. */
#define TRAINING_PER_MOMENT 64
#define MIN_INTERVAL (G_USEC_PER_SEC / 100)

typedef struct
{
  guint64 run;
  NnKeptMoment *moment; /* owned */
} View;

static void
view_clear (View *view)
{
  nn_kept_moment_unref (view->moment);
}

void
nn_worker_clear_views (NnWorker *worker)
{
  g_array_set_size (worker->views, 0);
}

/* ---- keeping ---- */

static double
position (NnWorker *worker)
{
  return nn_trainer_epochs (worker->trainer)
         + nn_trainer_batches (worker->trainer)
               / (double)MAX (1, nn_trainer_n_batches (worker->trainer));
}

static void
keep (NnWorker *worker)
{
  g_autoptr (NnCheckpoint) checkpoint = nn_trainer_checkpoint (worker->trainer);
  const NnMoment at = {
    .run = worker->run,
    .step = nn_trainer_steps (worker->trainer),
    .epoch = position (worker),
    .loss = worker->loss,
    .validation_loss = worker->validation_loss,
    .fits = TRUE,
  };

  nn_timeline_add (worker->timeline, &at, checkpoint, worker->measures);
}

void
nn_worker_keep_moment (NnWorker *worker)
{
  const gint64 begin = g_get_monotonic_time ();

  if (begin < worker->moment_not_before
      || !nn_timeline_wants (worker->timeline, worker->run, position (worker)))
    return;
  keep (worker);
  const gint64 end = g_get_monotonic_time ();
  worker->moment_not_before = end + MAX (MIN_INTERVAL, TRAINING_PER_MOMENT * (end - begin));
}

/* Without the network that it was made for, a run that was changed ends where it was changed. */
void
nn_worker_leave_run (NnWorker *worker)
{
  if (worker->trainer != NULL && nn_trainer_steps (worker->trainer) > 0)
    keep (worker);
  worker->moment_not_before = 0;
  worker->view = NAN;
  nn_worker_clear_views (worker);
}

/* ---- looking back ---- */

NnKeptMoment *
nn_worker_view (NnWorker *worker, guint64 run)
{
  const gboolean now = isnan (worker->view);

  if (now && run == worker->run)
    return NULL;
  for (guint i = 0; i < worker->views->len; i++)
    {
      const View *view = &g_array_index (worker->views, View, i);

      if (view->run == run)
        return view->moment;
    }
  NnKeptMoment *moment = now ? nn_timeline_last (worker->timeline, run)
                             : nn_timeline_nearest (worker->timeline, run, worker->view);
  if (moment != NULL)
    {
      /* Held, so that what is on show stays the same while moments are thinned. */
      const View view = { run, nn_kept_moment_ref (moment) };
      g_array_append_val (worker->views, view);
    }
  return moment;
}

/* For the desk. Numbers of moments are told apart from those of changes by the highest bit. */
static NnProbeSource
source_of (guint64 run, guint64 change, gpointer data)
{
  NnWorker *worker = data;
  const guint64 wanted = run != 0 ? run : worker->run;
  const NnKeptMoment *moment = nn_worker_view (worker, wanted);
  const guint64 past = ((guint64)1 << 63) | (worker->edits & 0xffffff);

  if (moment != NULL)
    return (NnProbeSource){ .past = moment->checkpoint, .change = past | moment->number << 24 };
  if (wanted != worker->run)
    return (NnProbeSource){ .missing = TRUE, .change = past };
  return (NnProbeSource){ .change = change };
}

void
nn_worker_rewind_init (NnWorker *worker)
{
  if (worker->timeline == NULL)
    worker->timeline = nn_timeline_new (worker->rewind_budget);
  worker->views = g_array_new (FALSE, FALSE, sizeof (View));
  g_array_set_clear_func (worker->views, (GDestroyNotify)view_clear);
  worker->view = NAN;
  worker->desk.source = source_of;
  worker->desk.source_data = worker;
}

void
nn_worker_rewind_clear (NnWorker *worker)
{
  g_clear_pointer (&worker->views, g_array_unref);
  g_clear_pointer (&worker->timeline, nn_timeline_free);
}

/* ---- commands ---- */

void
nn_worker_set_rewind_budget (NnWorker *worker, const NnCommand *command)
{
  worker->rewind_budget = (gsize)command->seed;
  nn_timeline_set_budget (worker->timeline, worker->rewind_budget);
  nn_worker_tell (worker);
}

void
nn_worker_rewind (NnWorker *worker, const NnCommand *command)
{
  worker->view = command->epoch;
  nn_worker_clear_views (worker);
  nn_worker_tell (worker);
}

/* The trainer goes on from moment, whose rows the current run has. */
static void
restore (NnWorker *worker, const NnKeptMoment *moment)
{
  nn_trainer_restore (worker->trainer, moment->checkpoint);
  nn_trainer_set_run (worker->trainer, worker->run);
  worker->change++;
  nn_worker_take_position (worker);
  worker->measures = moment->measures != NULL ? g_array_ref (moment->measures) : NULL;
  nn_worker_stop (worker);
}

/* The new run has the rows up to where it begins, so that its curve and its time are whole. */
static void
copy_rows (NnWorker *worker, guint64 from, guint64 to, guint64 last_step)
{
  for (NnRowKind kind = NN_ROW_BATCH; kind <= NN_ROW_VALIDATION; kind++)
    {
      gsize n;
      const NnRow *rows = nn_run_history_rows (worker->history, from, kind, &n);

      for (gsize i = 0; i < n && rows[i].step <= last_step; i++)
        {
          NnRow row = rows[i];

          row.run = to;
          g_array_append_val (worker->news->rows, row);
          nn_run_history_append (worker->history, &row, 1);
        }
    }
}

void
nn_worker_fork (NnWorker *worker, const NnCommand *command)
{
  NnKeptMoment *moment = nn_timeline_nearest (worker->timeline, worker->run, command->epoch);
  const guint64 old = worker->run;

  if (moment == NULL || worker->trainer == NULL || !worker->ready)
    return;
  nn_kept_moment_ref (moment); /* what follows may thin it away */
  nn_worker_leave_run (worker);
  worker->run = nn_run_history_begin (worker->history);
  copy_rows (worker, old, worker->run, moment->at.step);
  nn_timeline_fork (worker->timeline, worker->run, moment);
  restore (worker, moment);
  nn_kept_moment_unref (moment);
}

void
nn_worker_go_to_run (NnWorker *worker, const NnCommand *command)
{
  NnKeptMoment *moment = nn_timeline_last (worker->timeline, command->seed);

  nn_worker_tell (worker);
  if (moment == NULL || !moment->at.fits || worker->trainer == NULL || !worker->ready
      || command->seed == worker->run)
    return;
  nn_kept_moment_ref (moment);
  nn_worker_leave_run (worker);
  worker->run = command->seed;
  restore (worker, moment);
  nn_kept_moment_unref (moment);
}

void
nn_worker_forget_run (NnWorker *worker, const NnCommand *command)
{
  if (command->seed == worker->run)
    return;
  nn_timeline_forget (worker->timeline, command->seed);
  nn_worker_clear_views (worker);
  nn_worker_tell (worker);
}
