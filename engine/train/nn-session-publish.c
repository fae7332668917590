#include <math.h>

#include "model/nn-design.h"
#include "train/nn-measures.h"
#include "train/nn-session-worker.h"
#include "train/nn-snapshot-private.h"

/* As often as a screen is drawn. */
#define MIN_INTERVAL (G_USEC_PER_SEC / 60)
/* A window that looks less often is too busy to show more, or cannot be seen. */
#define PATIENCE (3 * MIN_INTERVAL)

/* Time to n_epochs at the present pace. */
static double
seconds_left (const NnWorker *worker)
{
  const guint epoch = nn_trainer_epochs (worker->trainer);
  const NnDataset *dataset = nn_trainer_dataset (worker->trainer);
  const gsize n_validation = nn_dataset_n_samples (dataset, nn_dataset_validation_part (dataset));
  const double n_train = (double)nn_dataset_n_samples (dataset, NN_PART_TRAIN);
  const double done = (double)nn_trainer_batches (worker->trainer)
                      / (double)MAX (1, nn_trainer_n_batches (worker->trainer));
  const double epochs = worker->n_epochs > epoch ? worker->n_epochs - epoch : 0;
  double evaluations = epochs;

  if (worker->validation_due && n_validation > 0)
    evaluations += 1 - (double)worker->evaluation.position / (double)n_validation;
  return nn_pace_seconds_left (&worker->pace, MAX (0, epochs - done) * n_train, evaluations,
                               n_validation);
}

static void
fill_past (NnWorker *worker, NnSnapshot *snapshot)
{
  const NnKeptMoment *past = nn_worker_view (worker, worker->run);

  snapshot->moments = nn_timeline_list (worker->timeline);
  snapshot->moments_bytes = nn_timeline_bytes (worker->timeline);
  snapshot->rewound = past != NULL;
  if (past == NULL)
    return;
  snapshot->past = past->at;
  snapshot->past.run = worker->run;
  snapshot->past_measures = past->measures != NULL ? g_array_ref (past->measures) : NULL;
}

static void
fill (NnWorker *worker, NnSnapshot *snapshot)
{
  const gboolean training = worker->state == NN_SESSION_TRAINING;

  snapshot->run = worker->run;
  snapshot->revision = worker->revision;
  snapshot->n_commands = worker->n_commands;
  snapshot->state = worker->state;
  snapshot->evaluating = training && worker->validation_due;
  snapshot->n_epochs = worker->n_epochs;
  snapshot->stopped_early = worker->stopped_early;
  snapshot->best_epoch = worker->best_epoch;
  snapshot->loss = worker->loss;
  snapshot->validation_loss = worker->validation_loss;
  snapshot->measures = worker->measures != NULL ? g_array_ref (worker->measures) : NULL;
  snapshot->seconds_left = snapshot->learning_rate = NAN;
  fill_past (worker, snapshot);
  if (worker->trainer == NULL)
    return;
  snapshot->epoch = nn_trainer_epochs (worker->trainer);
  snapshot->batch = nn_trainer_batches (worker->trainer);
  snapshot->n_batches = nn_trainer_n_batches (worker->trainer);
  snapshot->step = nn_trainer_steps (worker->trainer);
  snapshot->learning_rate = nn_trainer_learning_rate (worker->trainer);
  if (training)
    {
      snapshot->samples_per_second = nn_pace_rate (&worker->pace);
      snapshot->seconds_left = seconds_left (worker);
    }
}

void
nn_worker_tell (NnWorker *worker)
{
  worker->has_news = TRUE;
}

void
nn_worker_publish (NnWorker *worker, gboolean force)
{
  const gint64 now = g_get_monotonic_time ();

  if (!worker->has_news || (!force && now - worker->published < MIN_INTERVAL))
    return;
  NnSnapshot *snapshot = g_steal_pointer (&worker->news);
  worker->news = nn_snapshot_new ();
  worker->has_news = FALSE;
  worker->published = now;
  fill (worker, snapshot);

  NnSnapshot *unread = nn_outbox_reclaim (&worker->outbox);
  if (unread != NULL)
    nn_snapshot_absorb (snapshot, unread);
  else
    worker->unread_since = now;
  if (nn_outbox_put (&worker->outbox, snapshot, unread != NULL) && worker->wake != NULL)
    worker->wake (worker->wake_data);
}

gboolean
nn_worker_is_ahead (NnWorker *worker)
{
  return nn_outbox_is_full (&worker->outbox)
         && g_get_monotonic_time () - worker->unread_since > PATIENCE;
}

void
nn_worker_add_row (NnWorker *worker, NnRowKind kind, double epoch, double loss, double accuracy)
{
  NnRow row = {
    .run = worker->run,
    .kind = kind,
    .epoch = epoch,
    .step = nn_trainer_steps (worker->trainer),
    .loss = loss,
    .accuracy = accuracy,
    .seconds = worker->seconds,
    .learning_rate = worker->learning_rate,
    .measure = nn_trainer_measure (worker->trainer),
  };

  if (kind == NN_ROW_VALIDATION)
    nn_measures_to_row (worker->measures,
                        nn_analysis_design (nn_trainer_analysis (worker->trainer)), &row);
  g_array_append_val (worker->news->rows, row);
  nn_run_history_append (worker->history, &row, 1);
  nn_worker_tell (worker);
}
