/* nn-trainer-best.c: what an epoch's validation means for the epochs that follow: the schedule,
 * early stopping, the best weights. */
#include "train/nn-trainer-private.h"

void
nn_trainer_forget_best (NnTrainer *trainer)
{
  g_clear_pointer (&trainer->best, nn_checkpoint_unref);
}

/* value (out): what is watched, by the validation that has ended. FALSE where that has not measured
 * it. */
static gboolean
find_watched (NnTrainer *trainer, double loss, double *value)
{
  const NnMetricType *metric = nn_watch_metric (trainer->training);

  *value = loss;
  for (guint i = 0; metric != NULL && trainer->measures != NULL && i < trainer->measures->len; i++)
    {
      const NnMeasure *measure = &g_array_index (trainer->measures, NnMeasure, i);

      if (measure->type == metric)
        {
          *value = measure->value;
          return TRUE;
        }
    }
  return metric == NULL;
}

void
nn_trainer_note_validation (NnTrainer *trainer, double loss)
{
  NnTrainerPosition *at = &trainer->at;
  double watched;

  nn_schedule_note_loss (trainer->training, at->epoch, loss,
                         nn_params_float (trainer->optimizer_params, "learning-rate"),
                         &at->schedule);
  if (!find_watched (trainer, loss, &watched)
      || !nn_watch_note (trainer->training, at->epoch, watched, &at->watch))
    return;
  nn_trainer_forget_best (trainer);
  if (nn_params_bool (trainer->training, "keep-best"))
    trainer->best = nn_trainer_checkpoint (trainer);
}

gboolean
nn_trainer_is_over (NnTrainer *trainer)
{
  if (!nn_watch_is_over (trainer->training, &trainer->at.watch))
    return FALSE;
  trainer->at.watch.wait = 0;
  return TRUE;
}

NnCheckpoint *
nn_trainer_best (NnTrainer *trainer)
{
  return trainer->best;
}

guint
nn_trainer_use_best (NnTrainer *trainer)
{
  const NnCheckpoint *best = trainer->best;

  if (best == NULL || !nn_params_bool (trainer->training, "keep-best")
      || best->epoch != trainer->at.watch.epoch
      || (best->epoch == trainer->at.epoch && trainer->at.batch == 0))
    return 0;
  nn_trainer_forget_caught (trainer);
  trainer->has_kept = FALSE;
  nn_trainer_forget_features (trainer);
  nn_weights_load (trainer->weights, best);
  trainer->n_best_used++;
  return best->epoch;
}
