/* nn-trainer-view.c: what probes ask of a trainer: weights, values, gradients, now or as they were.
 */
#include "train/nn-trainer-private.h"

static NnProgram *
program_of (NnTrainer *trainer)
{
  return nn_analysis_program (trainer->analysis);
}

void
nn_trainer_forget_caught (NnTrainer *trainer)
{
  for (guint i = 0; trainer->caught && i < nn_analysis_program (trainer->analysis)->weights->len;
       i++)
    g_free (trainer->caught[i]);
  g_clear_pointer (&trainer->caught, g_free);
  trainer->catching = FALSE;
  trainer->caught_step = 0;
}

gboolean
nn_trainer_look_at (NnTrainer *trainer, NnCheckpoint *checkpoint)
{
  g_autofree float **values = NULL;

  if (checkpoint)
    {
      values = g_new (float *, program_of (trainer)->weights->len + 1);
      if (!nn_weights_of_checkpoint (program_of (trainer), checkpoint, values))
        return FALSE;
      nn_checkpoint_ref (checkpoint);
    }
  g_clear_pointer (&trainer->past, nn_checkpoint_unref);
  g_free (trainer->past_values);
  trainer->past = checkpoint;
  trainer->past_values = g_steal_pointer (&values);
  return TRUE;
}

gboolean
nn_trainer_looks_back (const NnTrainer *trainer)
{
  return trainer->past != NULL;
}

/* Of now, or of the past that is looked at. */
static float *const *
seen_weights (NnTrainer *trainer)
{
  return trainer->past ? trainer->past_values : nn_weights_values (trainer->weights);
}

void
nn_trainer_set_run (NnTrainer *trainer, guint64 run)
{
  trainer->run = run;
}

guint64
nn_trainer_line (NnTrainer *trainer)
{
  const NnCheckpoint *past = trainer->past;
  const guint64 parts[] = { past ? past->run : trainer->run, past ? past->seed : trainer->seed,
                            past ? past->step + 1 : G_MAXUINT64 - trainer->n_best_used };
  guint64 line = 14695981039346656037u; /* FNV-1a, in words */

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    line = (line ^ parts[i]) * 1099511628211u;
  return line;
}

guint64
nn_trainer_seed (NnTrainer *trainer)
{
  return trainer->past ? trainer->past->seed : trainer->seed;
}

guint64
nn_trainer_steps (NnTrainer *trainer)
{
  return trainer->past ? trainer->past->step : trainer->at.step;
}

guint
nn_trainer_epochs (NnTrainer *trainer)
{
  return trainer->past ? trainer->past->epoch : trainer->at.epoch;
}

guint
nn_trainer_batches (NnTrainer *trainer)
{
  return trainer->past ? trainer->past->batch : trainer->at.batch;
}

guint
nn_trainer_n_batches (const NnTrainer *trainer)
{
  const gsize n = nn_dataset_n_samples (trainer->dataset, NN_PART_TRAIN);
  return (guint)((n + trainer->batch_size - 1) / trainer->batch_size);
}

const float *
nn_trainer_weight (NnTrainer *trainer, guint weight)
{
  g_return_val_if_fail (weight < program_of (trainer)->weights->len, NULL);
  return seen_weights (trainer)[weight];
}

void
nn_trainer_catch_gradients (NnTrainer *trainer)
{
  NnProgram *program = program_of (trainer);
  if (!trainer->caught)
    {
      trainer->caught = g_new0 (float *, program->weights->len + 1);
      for (guint i = 0; i < program->weights->len; i++)
        if (nn_plan_trains (trainer->train, i))
          trainer->caught[i] = g_new0 (float, nn_program_weight (program, i)->size);
    }
  trainer->catching = TRUE;
}

const float *
nn_trainer_caught_gradient (NnTrainer *trainer, guint weight, guint64 *step)
{
  *step = trainer->caught_step;
  return trainer->caught_step > 0 ? trainer->caught[weight] : NULL;
}

void
nn_trainer_values (NnTrainer *trainer, NnPart part, const guint32 *index, guint n,
                   const float *const *feed, guint n_want, const guint *want, float *const *out,
                   float *sample_loss)
{
  NnProgram *program = program_of (trainer);
  const guint judge = nn_analysis_judge_node (trainer->analysis);
  const NnPlanView wanted = {
    .from = -1, .want = want, .n_want = n_want, .loss_of = sample_loss ? judge : 0
  };
  NnPlan *plan = nn_views_plan (trainer->views, &wanted);
  g_autofree float **piece_out = g_new0 (float *, n_want + 1);
  g_autofree const float **piece_feed = g_new0 (const float *, program->inputs->len + 1);
  for (guint at = 0; at < n; at += NN_PLAN_VIEW_BATCH)
    {
      for (guint i = 0; i < n_want; i++)
        piece_out[i] = out[i] + at * (gsize)nn_program_value (program, want[i])->size;
      for (guint i = 0; feed && i < program->inputs->len; i++)
        {
          const NnValue *value = nn_program_value (program, nn_program_input (program, i)->value);
          piece_feed[i] = feed[i] ? feed[i] + at * (gsize)value->size : NULL;
        }
      NnBatch batch = {
        .n = MIN (NN_PLAN_VIEW_BATCH, n - at),
        .data = trainer->dataset,
        .part = part,
        .index = index ? index + at : NULL,
        .feed = feed ? piece_feed : NULL,
        .mode = NN_MODE_EVALUATE,
        .seed = nn_trainer_seed (trainer),
        .step = NN_STEP_EVALUATE,
        .weights = seen_weights (trainer),
        .sample_loss = sample_loss ? sample_loss + at : NULL,
        .sample_loss_of = judge,
        .n_want = n_want,
        .want = want,
        .want_out = piece_out,
      };
      nn_plan_run (plan, &batch, NULL);
    }
}

gboolean
nn_trainer_run_between (NnTrainer *trainer, guint from, const float *x, guint to, float *y, guint n)
{
  const NnPlanView wanted = { .from = (gint)from, .want = &to, .n_want = 1 };
  NnPlan *plan = nn_views_plan (trainer->views, &wanted);
  NnProgram *program = program_of (trainer);
  for (guint at = 0; plan && at < n; at += NN_PLAN_VIEW_BATCH)
    {
      float *out = y + at * (gsize)nn_program_value (program, to)->size;
      const NnBatch batch = {
        .n = MIN (NN_PLAN_VIEW_BATCH, n - at),
        .given = x + at * (gsize)nn_program_value (program, from)->size,
        .mode = NN_MODE_EVALUATE,
        .seed = nn_trainer_seed (trainer),
        .step = NN_STEP_EVALUATE,
        .weights = seen_weights (trainer),
        .n_want = 1,
        .want = &to,
        .want_out = &out,
      };
      nn_plan_run (plan, &batch, NULL);
    }
  return plan != NULL;
}

gboolean
nn_trainer_pull_back (NnTrainer *trainer, NnPart part, const guint32 *index, guint n,
                      const float *const *feed, guint to, NnPullFunc func, gpointer data,
                      guint input, float *dx)
{
  const NnBatch batch = {
    .n = n,
    .data = trainer->dataset,
    .part = part,
    .index = index,
    .feed = feed,
    .mode = NN_MODE_STILL,
    .step = NN_STEP_EVALUATE,
    .weights = seen_weights (trainer),
  };

  if (!trainer->pull)
    trainer->pull = nn_plan_new (program_of (trainer), NN_PLAN_PULL_BATCH,
                                 NN_PLAN_PULL | NN_PLAN_UNFUSED, NULL, trainer->pool);
  return nn_plan_pull_back (trainer->pull, &batch, to, func, data, input, dx);
}

NnPlan *
nn_trainer_look_plan (NnTrainer *trainer)
{
  const guint flags = NN_PLAN_TRAIN | NN_PLAN_LOOK, n = NN_PLAN_LOOK_BATCH;
  if (!trainer->look)
    trainer->look = nn_plan_new (program_of (trainer), n, flags, NULL, trainer->pool);
  return trainer->look;
}
