#include "train/nn-session-worker.h"

#include <math.h>
#include <sys/resource.h>
#include <unistd.h>

#include "model/nn-design.h"
#include "train/nn-snapshot-private.h"

/* Where there are no more processors than threads, the window's thread goes first (the machine is
 * busy with training, but a frame is due every 16 ms). */
#define NICENESS 5
/* While a hand moves, training leaves it at most this time after each batch, in us: an answer, and
 * the picture of it, wait for no batch that a busy window has kept from ending. */
#define MAX_REST 3000

/* ---- where training is ---- */

static gsize
n_validation (const NnWorker *worker)
{
  const NnDataset *dataset = nn_trainer_dataset (worker->trainer);

  return nn_dataset_n_samples (dataset, nn_dataset_validation_part (dataset));
}

/* The last row of the current run, or NULL. */
static const NnRow *
last_row (const NnWorker *worker, NnRowKind kind)
{
  gsize n;
  const NnRow *rows = nn_run_history_rows (worker->history, worker->run, kind, &n);

  return n > 0 ? &rows[n - 1] : NULL;
}

/* TRUE where training stands at an epoch's end whose validation never came to an end: in the middle
 * of it, or saved there. */
static gboolean
validation_is_missing (const NnWorker *worker)
{
  const guint epoch = nn_trainer_epochs (worker->trainer);
  const NnRow *ended = last_row (worker, NN_ROW_EPOCH);
  const NnRow *validated = last_row (worker, NN_ROW_VALIDATION);

  return n_validation (worker) > 0 && epoch > 0 && nn_trainer_batches (worker->trainer) == 0
         && ended != NULL && ended->epoch == epoch
         && (validated == NULL || validated->epoch < epoch);
}

static void
begin_validation (NnWorker *worker, gboolean due)
{
  worker->validation_due = due;
  worker->evaluation = (NnEvaluation){ 0 };
}

void
nn_worker_take_position (NnWorker *worker)
{
  const NnRow *batch = last_row (worker, NN_ROW_BATCH);
  const NnRow *validation = last_row (worker, NN_ROW_VALIDATION);

  g_clear_pointer (&worker->measures, g_array_unref);
  worker->stopped_early = FALSE;
  worker->best_epoch = 0;
  worker->loss = batch != NULL ? batch->loss : NAN;
  worker->learning_rate = batch != NULL ? batch->learning_rate : NAN;
  worker->validation_loss = validation != NULL ? validation->loss : NAN;
  worker->seconds =
      MAX (batch != NULL ? batch->seconds : 0, validation != NULL ? validation->seconds : 0);
  begin_validation (worker, worker->trainer != NULL && validation_is_missing (worker));
}

/* ---- state ---- */

static void
start (NnWorker *worker)
{
  if (worker->state != NN_SESSION_TRAINING)
    {
      nn_pace_restart (&worker->pace);
      worker->tick = g_get_monotonic_time ();
      worker->moment_not_before = 0; /* where somebody paused is worth keeping */
    }
  worker->stopped_early = FALSE;
  worker->best_epoch = 0;
  worker->state = NN_SESSION_TRAINING;
  nn_worker_tell (worker);
  nn_worker_publish (worker, TRUE);
}

/* Training ends here, whatever it was asked for. */
static void
enter (NnWorker *worker, NnSessionState state)
{
  worker->state = state;
  worker->batches_left = 0;
  worker->by_batch = FALSE;
  nn_worker_tell (worker);
  nn_worker_publish (worker, TRUE);
}

/* Finished or merely paused, as the position says. */
void
nn_worker_stop (NnWorker *worker)
{
  const gboolean at_end = worker->trainer != NULL && worker->ready
                          && nn_trainer_epochs (worker->trainer) >= MAX (1, worker->n_epochs)
                          && nn_trainer_batches (worker->trainer) == 0 && !worker->validation_due;

  enter (worker, worker->trainer == NULL ? NN_SESSION_EMPTY
                 : at_end                ? NN_SESSION_FINISHED
                                         : NN_SESSION_PAUSED);
}

static void
fail (NnWorker *worker, GError *error)
{
  g_clear_error (&worker->news->error);
  worker->news->error = error;
  enter (worker, NN_SESSION_FAILED);
}

/* ---- work ---- */

/* Seconds since the last call, counted as training. */
static double
count_time (NnWorker *worker)
{
  const gint64 now = g_get_monotonic_time ();
  const double seconds = (double)(now - worker->tick) / G_USEC_PER_SEC;

  worker->tick = now;
  worker->seconds += seconds;
  return seconds;
}

static void
work_batch (NnWorker *worker)
{
  NnStep step;
  GError *error = NULL;

  nn_worker_keep_moment (worker);
  nn_trainer_set_goal (worker->trainer, worker->n_epochs);
  const gboolean ok = nn_trainer_step (worker->trainer, &step, &error);
  const double seconds = count_time (worker);

  worker->change++;
  if (!ok)
    {
      /* The trainer has gone back to where all was well. */
      nn_timeline_cut (worker->timeline, worker->run, nn_trainer_steps (worker->trainer) + 1);
      begin_validation (worker, validation_is_missing (worker));
      fail (worker, error);
      return;
    }
  nn_pace_add_batch (&worker->pace, seconds, step.n);
  worker->loss = step.loss;
  worker->learning_rate = step.learning_rate;
  nn_worker_add_row (worker, NN_ROW_BATCH, step.epoch + step.batch / (double)step.n_batches,
                     step.loss, step.accuracy);
  if (worker->by_batch)
    worker->batches_left--;
  if (!step.epoch_ended)
    return;
  nn_worker_add_row (worker, NN_ROW_EPOCH, step.epoch, step.epoch_loss, step.epoch_accuracy);
  begin_validation (worker, n_validation (worker) > 0);
}

static void
work_validation (NnWorker *worker)
{
  const NnPart part = nn_dataset_validation_part (nn_trainer_dataset (worker->trainer));
  const gboolean done = nn_trainer_evaluate (worker->trainer, part, &worker->evaluation);

  nn_pace_add_evaluation (&worker->pace, count_time (worker), done);
  nn_worker_tell (worker);
  if (!done)
    return;
  worker->validation_loss = worker->evaluation.loss;
  worker->validation_due = FALSE;
  nn_trainer_note_validation (worker->trainer, worker->evaluation.loss);
  g_clear_pointer (&worker->measures, g_array_unref);
  worker->measures = g_array_ref (nn_trainer_measures (worker->trainer));
  nn_worker_add_row (worker, NN_ROW_VALIDATION, nn_trainer_epochs (worker->trainer),
                     worker->evaluation.loss, worker->evaluation.accuracy);
}

/* Training to the end of a run is there, by the number of epochs or because nothing gets better. */
static gboolean
is_over (NnWorker *worker)
{
  if (worker->by_batch || worker->stop_epoch != worker->n_epochs
      || nn_trainer_batches (worker->trainer) > 0)
    return FALSE;
  worker->stopped_early = nn_trainer_is_over (worker->trainer);
  return worker->stopped_early || nn_trainer_epochs (worker->trainer) >= worker->n_epochs;
}

static void
finish (NnWorker *worker)
{
  if (worker->stopped_early)
    worker->n_epochs = worker->stop_epoch = nn_trainer_epochs (worker->trainer);
  worker->best_epoch = nn_trainer_use_best (worker->trainer);
  if (worker->best_epoch > 0)
    worker->change++;
  nn_worker_stop (worker);
}

/* One batch, or one piece of an evaluation, or the end. */
static void
work_training (NnWorker *worker)
{
  const gboolean enough = worker->by_batch
                              ? worker->batches_left == 0
                              : nn_trainer_epochs (worker->trainer) >= worker->stop_epoch;

  if (worker->validation_due)
    work_validation (worker);
  else if (is_over (worker))
    finish (worker);
  else if (enough)
    nn_worker_stop (worker);
  else
    work_batch (worker);
}

static void
answer_probe (NnWorker *worker)
{
  g_autoptr (GPtrArray) results = g_ptr_array_new ();

  nn_probe_desk_answer (&worker->desk, worker->change, worker->state == NN_SESSION_TRAINING,
                        worker->trainer, worker->revision, results);
  if (results->len == 0)
    return;
  for (guint i = 0; i < results->len; i++)
    nn_snapshot_add_result (worker->news, g_ptr_array_index (results, i));
  nn_worker_tell (worker);
}

static gboolean
has_work (const NnWorker *worker)
{
  return worker->state == NN_SESSION_TRAINING
         || (worker->ready && nn_probe_desk_is_due (&worker->desk, worker->change));
}

static void
work (NnWorker *worker)
{
  /* A hand waits for no batch. */
  if (worker->ready && nn_probe_desk_is_urgent (&worker->desk))
    {
      answer_probe (worker);
      nn_worker_publish (worker, TRUE);
    }
  if (worker->state == NN_SESSION_TRAINING)
    {
      const gint64 begin = g_get_monotonic_time ();

      work_training (worker);
      if (nn_probe_desk_in_hand (&worker->desk))
        worker->rest = MIN (g_get_monotonic_time () - begin, MAX_REST);
    }
  if (worker->ready && (worker->state != NN_SESSION_TRAINING || !nn_worker_is_ahead (worker)))
    answer_probe (worker);
  nn_worker_publish (worker, FALSE);
}

static void
worker_clear (NnWorker *worker)
{
  g_clear_pointer (&worker->trainer, nn_trainer_free);
  g_clear_pointer (&worker->dataset, nn_dataset_unref);
  g_clear_pointer (&worker->waiting, nn_checkpoint_unref);
  g_clear_pointer (&worker->history, nn_run_history_free);
  g_clear_pointer (&worker->measures, g_array_unref);
  g_clear_pointer (&worker->news, nn_snapshot_unref);
  nn_probe_desk_clear (&worker->desk);
  nn_worker_rewind_clear (worker);
  g_clear_pointer (&worker->pool, nn_pool_free);
}

gpointer
nn_worker_main (gpointer data)
{
  NnWorker *worker = data;

  nn_flush_denormals ();
  /* The pool's threads inherit it. */
  setpriority (PRIO_PROCESS, (id_t)gettid (), NICENESS);
  worker->pool = nn_pool_new (worker->n_threads);
  worker->history = nn_run_history_new ();
  worker->news = nn_snapshot_new ();
  worker->loss = worker->validation_loss = worker->learning_rate = NAN;
  nn_pace_init (&worker->pace);
  nn_probe_desk_init (&worker->desk);
  worker->rewind_budget = NN_TIMELINE_BUDGET;
  nn_worker_rewind_init (worker);

  while (!atomic_load (&worker->quit))
    {
      const gboolean idle = !has_work (worker);
      NnInboxItem *next_item;

      if (idle)
        nn_worker_publish (worker, TRUE);
      NnCommand *command = (NnCommand *)nn_inbox_pop (
          &worker->inbox, idle ? NN_INBOX_FOREVER : worker->rest, &next_item);
      const NnCommand *next = (const NnCommand *)next_item;
      worker->rest = 0;
      if (command == NULL)
        {
          work (worker);
          continue;
        }
      worker->n_commands = command->serial;
      if (!(command->superseded && next != NULL && next->run == command->run))
        command->run (worker, command);
      nn_command_free (command);
    }
  worker_clear (worker);
  return NULL;
}

/* ---- commands: the model ---- */

/* History and run of a checkpoint are taken at once, its weights when there is a model for them. */
static void
take_checkpoint (NnWorker *worker, NnCheckpoint *checkpoint)
{
  g_clear_pointer (&worker->trainer, nn_trainer_free);
  g_clear_pointer (&worker->waiting, nn_checkpoint_unref);
  worker->waiting = nn_checkpoint_ref (checkpoint);
  nn_run_history_free (worker->history);
  worker->history = checkpoint->history != NULL ? nn_run_history_copy (checkpoint->history)
                                                : nn_run_history_new ();
  worker->run = checkpoint->run;
  nn_worker_rewind_clear (worker);
  nn_worker_rewind_init (worker);
  nn_pace_init (&worker->pace);
}

static guint
epochs_of (NnAnalysis *analysis)
{
  return (guint)nn_params_int (nn_design_training (nn_analysis_design (analysis)), "epochs");
}

static gboolean
make_trainer (NnWorker *worker, const NnCommand *command, GError **error)
{
  worker->trainer =
      nn_trainer_new (command->analysis, command->dataset, worker->waiting, worker->pool, error);
  if (worker->trainer == NULL)
    return FALSE;
  g_clear_pointer (&worker->waiting, nn_checkpoint_unref);
  if (worker->run == 0)
    worker->run = nn_run_history_begin (worker->history);
  nn_trainer_set_run (worker->trainer, worker->run);
  worker->n_epochs = epochs_of (command->analysis);
  nn_worker_take_position (worker);
  return TRUE;
}

static gboolean
edit_trainer (NnWorker *worker, const NnCommand *command, GError **error)
{
  NnAnalysis *old = nn_trainer_analysis (worker->trainer);
  const guint old_epochs = epochs_of (old), new_epochs = epochs_of (command->analysis);
  g_autoptr (GArray) reset = NULL;

  if (command->dataset == worker->dataset
      && nn_design_same_computation (nn_analysis_design (old),
                                     nn_analysis_design (command->analysis)))
    return TRUE;
  if (!nn_trainer_edit (worker->trainer, command->analysis, command->dataset, &reset, error))
    return FALSE;
  worker->change++;
  worker->edits++;
  nn_timeline_judge (worker->timeline, nn_analysis_program (command->analysis));
  if (reset != NULL && reset->len > 0)
    nn_snapshot_add_reset_nodes (worker->news, reset);
  /* Whoever trains to the design's number of epochs means the new number. */
  if (worker->n_epochs == old_epochs)
    {
      if (worker->stop_epoch == worker->n_epochs)
        worker->stop_epoch = new_epochs;
      worker->n_epochs = new_epochs;
    }
  begin_validation (worker, worker->validation_due && n_validation (worker) > 0);
  nn_pace_restart (&worker->pace);
  return TRUE;
}

void
nn_worker_set_model (NnWorker *worker, const NnCommand *command)
{
  GError *error = NULL;
  const gboolean possible = command->analysis != NULL && command->dataset != NULL
                            && nn_analysis_can_train (command->analysis);

  const guint64 change = worker->change;
  const gboolean was_ready = worker->ready;

  worker->revision = command->number;
  if (command->checkpoint != NULL)
    take_checkpoint (worker, command->checkpoint);
  worker->ready = possible
                  && (worker->trainer == NULL ? make_trainer (worker, command, &error)
                                              : edit_trainer (worker, command, &error));
  if (command->dataset != NULL && command->dataset != worker->dataset)
    {
      nn_dataset_ref (command->dataset);
      g_clear_pointer (&worker->dataset, nn_dataset_unref);
      worker->dataset = command->dataset;
    }
  if (command->checkpoint != NULL)
    worker->change++;
  /* Moving a card does not mend what failed. */
  const gboolean still_failed =
      worker->state == NN_SESSION_FAILED && was_ready && worker->ready && worker->change == change;
  if (error != NULL)
    fail (worker, error);
  else if (!still_failed
           && (worker->state != NN_SESSION_TRAINING || !worker->ready
               || command->checkpoint != NULL))
    nn_worker_stop (worker);
  else
    nn_worker_tell (worker);
}

/* A run in which nothing happened needs no successor. */
static void
begin_run (NnWorker *worker)
{
  nn_worker_leave_run (worker);
  if (worker->run == 0 || last_row (worker, NN_ROW_BATCH) != NULL)
    worker->run = nn_run_history_begin (worker->history);
  else
    nn_timeline_forget (worker->timeline, worker->run);
  if (worker->trainer != NULL)
    nn_trainer_set_run (worker->trainer, worker->run);
}

/* The worker goes on from where the trainer is now. */
static void
follow_trainer (NnWorker *worker)
{
  worker->change++;
  nn_worker_take_position (worker);
  if (worker->state == NN_SESSION_TRAINING)
    nn_worker_tell (worker);
  else
    nn_worker_stop (worker);
}

void
nn_worker_reset (NnWorker *worker, const NnCommand *command)
{
  g_clear_pointer (&worker->waiting, nn_checkpoint_unref);
  begin_run (worker);
  if (worker->trainer != NULL)
    nn_trainer_reset (worker->trainer, command->seed);
  follow_trainer (worker);
}

void
nn_worker_begin_run (NnWorker *worker, const NnCommand *command)
{
  if (worker->trainer == NULL)
    return;
  begin_run (worker);
  nn_trainer_begin (worker->trainer);
  follow_trainer (worker);
}

void
nn_worker_set_probes (NnWorker *worker, const NnCommand *command)
{
  nn_probe_desk_set (&worker->desk, command->probes);
}

void
nn_worker_make_checkpoint (NnWorker *worker, const NnCommand *command)
{
  NnCheckpoint *checkpoint = NULL;

  if (worker->trainer != NULL)
    {
      checkpoint = nn_trainer_checkpoint (worker->trainer);
      nn_checkpoint_set_best (checkpoint, nn_trainer_best (worker->trainer));
      checkpoint->run = worker->run;
      checkpoint->history = nn_run_history_copy (worker->history);
    }
  else if (worker->waiting != NULL)
    checkpoint = nn_checkpoint_with_history (worker->waiting, worker->history);
  g_clear_pointer (&worker->news->checkpoint, nn_checkpoint_unref);
  worker->news->checkpoint = checkpoint;
  worker->news->checkpoint_answered = TRUE;
  nn_worker_tell (worker);
  nn_worker_publish (worker, TRUE);
}

/* ---- commands: training ---- */

void
nn_worker_train (NnWorker *worker, const NnCommand *command)
{
  worker->n_epochs = worker->stop_epoch = command->number;
  worker->by_batch = FALSE;
  if (worker->ready)
    start (worker);
  else
    nn_worker_tell (worker);
}

void
nn_worker_pause (NnWorker *worker, const NnCommand *command)
{
  if (worker->state == NN_SESSION_TRAINING)
    nn_worker_stop (worker);
  else
    nn_worker_tell (worker);
}

void
nn_worker_step_batch (NnWorker *worker, const NnCommand *command)
{
  if (!worker->ready)
    return;
  worker->batches_left = (worker->by_batch ? worker->batches_left : 0) + 1;
  worker->by_batch = TRUE;
  start (worker);
}

void
nn_worker_step_epoch (NnWorker *worker, const NnCommand *command)
{
  if (!worker->ready)
    return;
  /* In an epoch's validation, the end of the epoch is the end of that. */
  worker->stop_epoch = nn_trainer_epochs (worker->trainer) + (worker->validation_due ? 0 : 1);
  worker->by_batch = FALSE;
  start (worker);
}

void
nn_command_free (NnCommand *command)
{
  g_clear_pointer (&command->analysis, nn_analysis_unref);
  g_clear_pointer (&command->dataset, nn_dataset_unref);
  g_clear_pointer (&command->checkpoint, nn_checkpoint_unref);
  g_clear_pointer (&command->probes, g_ptr_array_unref);
  g_free (command);
}
