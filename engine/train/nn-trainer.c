#include "train/nn-trainer-private.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "diabolo-config.h"

#include "base/nn-error.h"
#include "base/nn-memory.h"
#include "data/nn-data-source.h"
#include "optimizers/nn-optimizer.h"
#include "train/nn-measures.h"

#include <glib/gi18n-lib.h>

#define KEEP_EVERY 64 /* steps between copies of a state known to be good */

typedef struct
{
  guint weight;
  gsize offset, n;
} Range;

typedef NnTrainerPosition Position;

/* Nothing of the epoch is done; what outlives epochs stays. */
static void
begin_epoch (Position *at, guint epoch)
{
  *at = (Position){ .step = at->step,
                    .epoch = epoch,
                    .schedule = at->schedule,
                    .watch = at->watch,
                    .measure = at->measure };
}

static NnDesign *
design_of (NnTrainer *trainer)
{
  return nn_analysis_design (trainer->analysis);
}

static NnProgram *
program_of (NnTrainer *trainer)
{
  return nn_analysis_program (trainer->analysis);
}

static void
make_ranges (NnTrainer *trainer)
{
  NnProgram *program = program_of (trainer);
  g_clear_pointer (&trainer->ranges, g_array_unref);
  trainer->ranges = g_array_new (FALSE, FALSE, sizeof (Range));
  for (guint i = 0; i < program->weights->len; i++)
    {
      const gsize size = (gsize)nn_program_weight (program, i)->size;
      const gsize piece = nn_plan_gradient_piece (trainer->train, i);
      for (gsize at = 0; nn_plan_trains (trainer->train, i) && at < size; at += piece)
        {
          Range range = { .weight = i, .offset = at, .n = MIN (piece, size - at) };
          g_array_append_val (trainer->ranges, range);
          trainer->longest = MAX (trainer->longest, range.n);
        }
    }
  nn_free_aligned (trainer->gradients);
  trainer->gradients = nn_alloc_floats (trainer->longest * nn_pool_n_threads (trainer->pool));
  trainer->penalties = g_renew (double, trainer->penalties, trainer->ranges->len + 1);
  trainer->squares = g_renew (double, trainer->squares, trainer->ranges->len + 1);
}

static void
make_orders (NnTrainer *trainer)
{
  const gsize n_train = nn_dataset_n_samples (trainer->dataset, NN_PART_TRAIN);
  gsize n = 0;
  for (NnPart part = 0; part < NN_N_PARTS; part++)
    n = MAX (n, nn_dataset_n_samples (trainer->dataset, part));
  trainer->order = g_renew (guint32, trainer->order, n_train + 1);
  trainer->identity = g_renew (guint32, trainer->identity, n + 1);
  for (gsize i = 0; i < n; i++)
    trainer->identity[i] = (guint32)i;
  trainer->order_epoch = G_MAXUINT;
}

/* More threads than processors need more memory than the analysis reckoned with. */
static gboolean
check_memory (NnAnalysis *analysis, NnPool *pool, GError **error)
{
  const guint64 needed = nn_analysis_memory_on (analysis, nn_pool_n_threads (pool));
  const guint64 limit = nn_memory_of_machine ();
  if (needed <= limit)
    return TRUE;
  g_autofree char *needed_text = g_format_size (needed), *limit_text = g_format_size (limit);
  g_set_error (error, NN_ERROR, NN_ERROR_MEMORY,
               _ ("Training this network on %u threads needs about %s of memory, but there are "
                  "%s. Fewer threads need less."),
               nn_pool_n_threads (pool), needed_text, limit_text);
  return FALSE;
}

static gboolean
check (NnAnalysis *analysis, NnDataset *dataset, NnPool *pool, GError **error)
{
  if (!nn_analysis_can_train (analysis))
    {
      const NnDiagnostic *first = nn_analysis_diagnostic (analysis, 0);
      g_set_error (error, NN_ERROR, NN_ERROR_DESIGN, _ ("This network cannot be trained: %s"),
                   first ? first->text : _ ("it is empty."));
      return FALSE;
    }
  if (nn_dataset_n_samples (dataset, NN_PART_TRAIN) == 0)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_DESIGN, _ ("The data set %s has no training samples."),
                   nn_dataset_info (dataset)->title);
      return FALSE;
    }
  return check_memory (analysis, pool, error);
}

/* Everything that follows from design and data set; weights are kept where they match. */
static void
adopt (NnTrainer *trainer, NnAnalysis *analysis, NnDataset *dataset, const NnCheckpoint *checkpoint,
       GArray *reset)
{
  NnDesign *design = nn_analysis_design (analysis);
  const NnParams *training = nn_design_training (design);
  const NnOptimizerType *optimizer = nn_design_optimizer (design);
  NnProgram *program = nn_analysis_program (analysis);

  if (trainer->analysis)
    nn_trainer_forget_caught (trainer);
  if (trainer->training && nn_watch_metric (trainer->training) != nn_watch_metric (training))
    {
      trainer->at.watch = NN_WATCH_STATE_INIT;
      nn_trainer_forget_best (trainer);
    }
  nn_analysis_ref (analysis);
  g_clear_pointer (&trainer->analysis, nn_analysis_unref);
  trainer->analysis = analysis;
  NnDataset *limited = nn_dataset_limit (dataset, nn_data_limit (nn_design_data (design)));
  g_clear_pointer (&trainer->dataset, nn_dataset_unref);
  trainer->dataset = limited;
  trainer->training = training;
  trainer->goal = (guint)nn_params_int (training, "epochs");
  if (!nn_schedule_watches_loss (training))
    trainer->at.schedule = NN_SCHEDULE_STATE_INIT;
  trainer->batch_size = (guint)nn_params_int (training, "batch-size");
  trainer->shuffle = nn_params_bool (training, "shuffle");
  if (trainer->optimizer && trainer->optimizer != optimizer)
    nn_weights_clear_slots (trainer->weights);
  trainer->optimizer = optimizer;
  trainer->optimizer_params = nn_design_optimizer_params (design);
  nn_weights_bind (trainer->weights, program, optimizer->n_slots, trainer->seed, checkpoint, reset);
  trainer->has_kept = FALSE;

  g_clear_pointer (&trainer->train, nn_plan_free);
  g_clear_pointer (&trainer->evaluate, nn_plan_free);
  g_clear_pointer (&trainer->views, nn_views_free);
  g_clear_pointer (&trainer->pull, nn_plan_free);
  g_clear_pointer (&trainer->look, nn_plan_free);
  trainer->train = nn_plan_new (program, trainer->batch_size, NN_PLAN_TRAIN, NULL, trainer->pool);
  trainer->evaluate = nn_plan_new (program, NN_PLAN_EVALUATION_BATCH, 0, NULL, trainer->pool);
  trainer->views = nn_views_new (program, trainer->pool);
  trainer->meter = g_renew (double, trainer->meter, nn_plan_meter_size (trainer->evaluate) + 1);
  nn_trainer_keep_features (trainer);
  make_ranges (trainer);
  make_orders (trainer);
  nn_trainer_note_measure (trainer);
}

static void
take_position (NnTrainer *trainer, const NnCheckpoint *checkpoint)
{
  trainer->seed = checkpoint->seed;
  trainer->run = checkpoint->run;
  trainer->at = (Position){
    .step = checkpoint->step,
    .epoch = checkpoint->epoch,
    .batch = checkpoint->batch,
    .epoch_loss = checkpoint->epoch_loss_sum,
    .epoch_correct = checkpoint->epoch_correct_sum,
    .epoch_samples = checkpoint->epoch_samples,
    .schedule = checkpoint->schedule,
    .watch = checkpoint->watch,
    .measure = checkpoint->measure,
  };
  if (checkpoint->best)
    {
      nn_trainer_forget_best (trainer);
      trainer->best = nn_checkpoint_ref (checkpoint->best);
    }
}

NnTrainer *
nn_trainer_new (NnAnalysis *analysis, NnDataset *dataset, NnCheckpoint *checkpoint, NnPool *pool,
                GError **error)
{
  if (!check (analysis, dataset, pool, error))
    return NULL;
  NnTrainer *trainer = g_new0 (NnTrainer, 1);
  NnDesign *design = nn_analysis_design (analysis);
  trainer->pool = pool;
  trainer->weights = nn_weights_new ();
  trainer->seed = (guint64)nn_params_int (nn_design_training (design), "seed");
  gboolean same_optimizer = FALSE;
  trainer->at.schedule = NN_SCHEDULE_STATE_INIT;
  trainer->at.watch = NN_WATCH_STATE_INIT;
  if (checkpoint)
    {
      take_position (trainer, checkpoint);
      same_optimizer = g_strcmp0 (checkpoint->optimizer, nn_design_optimizer (design)->id) == 0;
    }
  adopt (trainer, analysis, dataset, checkpoint, NULL);
  if (!same_optimizer)
    nn_weights_clear_slots (trainer->weights);
  if (trainer->at.batch >= nn_trainer_n_batches (trainer))
    trainer->at.batch = 0;
  return trainer;
}

void
nn_trainer_free (NnTrainer *trainer)
{
  if (!trainer)
    return;
  nn_plan_free (trainer->train);
  nn_plan_free (trainer->evaluate);
  nn_views_free (trainer->views);
  nn_plan_free (trainer->pull);
  nn_plan_free (trainer->look);
  nn_weights_free (trainer->weights);
  nn_trainer_forget_caught (trainer);
  nn_analysis_unref (trainer->analysis);
  nn_dataset_unref (trainer->dataset);
  g_array_unref (trainer->ranges);
  nn_free_aligned (trainer->gradients);
  g_free (trainer->meter);
  g_clear_pointer (&trainer->measures, g_array_unref);
  g_free (trainer->penalties);
  g_free (trainer->squares);
  g_free (trainer->order);
  g_free (trainer->identity);
  g_clear_pointer (&trainer->past, nn_checkpoint_unref);
  nn_trainer_forget_best (trainer);
  g_free (trainer->past_values);
  g_free (trainer);
}

gboolean
nn_trainer_edit (NnTrainer *trainer, NnAnalysis *analysis, NnDataset *dataset, GArray **reset,
                 GError **error)
{
  if (!check (analysis, dataset, trainer->pool, error))
    return FALSE;
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (guint));
  const guint n_batches = nn_trainer_n_batches (trainer);
  adopt (trainer, analysis, dataset, NULL, ids);
  if (n_batches != nn_trainer_n_batches (trainer))
    begin_epoch (&trainer->at, trainer->at.epoch);
  if (reset)
    *reset = ids;
  else
    g_array_unref (ids);
  return TRUE;
}

void
nn_trainer_begin (NnTrainer *trainer)
{
  trainer->at = (Position){ .schedule = NN_SCHEDULE_STATE_INIT,
                            .watch = NN_WATCH_STATE_INIT,
                            .measure.is = trainer->at.measure.is };
  nn_trainer_forget_best (trainer);
  trainer->order_epoch = G_MAXUINT;
  trainer->has_kept = FALSE;
  nn_trainer_forget_caught (trainer);
  nn_weights_clear_slots (trainer->weights);
}

void
nn_trainer_reset (NnTrainer *trainer, guint64 seed)
{
  trainer->seed = seed;
  nn_trainer_begin (trainer);
  nn_trainer_forget_features (trainer);
  nn_weights_reset (trainer->weights, seed);
}

void
nn_trainer_restore (NnTrainer *trainer, const NnCheckpoint *checkpoint)
{
  take_position (trainer, checkpoint);
  nn_trainer_forget_caught (trainer);
  if (trainer->at.batch >= nn_trainer_n_batches (trainer))
    begin_epoch (&trainer->at, trainer->at.epoch);
  trainer->order_epoch = G_MAXUINT;
  trainer->has_kept = FALSE;
  nn_trainer_forget_features (trainer);
  nn_weights_load (trainer->weights, checkpoint);
  if (g_strcmp0 (checkpoint->optimizer, trainer->optimizer->id) != 0)
    nn_weights_clear_slots (trainer->weights);
  nn_trainer_note_measure (trainer);
}

static void
keep (NnTrainer *trainer)
{
  nn_weights_keep (trainer->weights);
  trainer->kept = trainer->at;
  trainer->has_kept = TRUE;
}

/* g = the batch's gradient + penalties' derivatives, as Keras clips them. NULL where it is
 * not finite. */
static float *
gather_gradient (NnTrainer *trainer, guint task, guint thread)
{
  const Range *range = &g_array_index (trainer->ranges, Range, task);
  const NnWeight *weight = nn_program_weight (program_of (trainer), range->weight);
  const NnKernels *kernels = nn_kernels_best ();
  float *g = trainer->gradients + (gsize)thread * trainer->longest;
  const float *w = nn_weights_values (trainer->weights)[range->weight] + range->offset;

  nn_plan_gradient_part (trainer->train, range->weight, range->offset, range->n, g);
  trainer->penalties[task] = 0;
  if (weight->l1 > 0)
    trainer->penalties[task] += weight->l1 * kernels->l1 (w, g, weight->l1, range->n);
  if (weight->l2 > 0)
    trainer->penalties[task] += weight->l2 * kernels->l2 (w, g, weight->l2, range->n);
  if (kernels->all_finite (g, range->n))
    return g;
  trainer->penalties[task] = NAN;
  return NULL;
}

static void
measure_range (gpointer data, guint task, guint thread)
{
  NnTrainer *trainer = data;
  const float *g = gather_gradient (trainer, task, thread);

  trainer->squares[task] =
      g ? nn_kernels_best ()->l2 (g, NULL, 0, g_array_index (trainer->ranges, Range, task).n) : NAN;
}

/* What is left of a gradient that is longer than allowed, from sums in the order of the ranges: the
 * same on any number of threads. FALSE where it is not finite; range (out): the first such. */
static gboolean
measure_norm (NnTrainer *trainer, guint *range)
{
  double sum = 0;

  trainer->shrink = 1;
  if (trainer->clip_norm <= 0)
    return TRUE;
  nn_pool_run (trainer->pool, trainer->ranges->len, measure_range, trainer);
  for (guint i = 0; i < trainer->ranges->len; i++)
    {
      sum += trainer->squares[i];
      *range = i;
      if (!isfinite (sum))
        return FALSE;
    }
  if (sqrt (sum) > trainer->clip_norm)
    trainer->shrink = (float)(trainer->clip_norm / sqrt (sum));
  return TRUE;
}

/* The whole gradient is shortened first, then each value is cut off. */
static void
clip (const NnTrainer *trainer, float *g, gsize n)
{
  const float most = (float)trainer->clip_value;

  if (trainer->shrink < 1)
    for (gsize i = 0; i < n; i++)
      g[i] *= trainer->shrink;
  if (most > 0)
    for (gsize i = 0; i < n; i++)
      g[i] = CLAMP (g[i], -most, most);
}

static void
update_range (gpointer data, guint task, guint thread)
{
  NnTrainer *trainer = data;
  const Range *range = &g_array_index (trainer->ranges, Range, task);
  float *w = nn_weights_values (trainer->weights)[range->weight] + range->offset;
  float *g = gather_gradient (trainer, task, thread);
  float *slot[NN_OPTIMIZER_MAX_SLOTS];
  const NnOptimizerStep step = {
    .kernels = nn_kernels_best (),
    .params = trainer->optimizer_params,
    .learning_rate = trainer->rate,
    .step = nn_weights_n_updates (trainer->weights, range->weight) + 1,
  };

  if (!g)
    return;
  clip (trainer, g, range->n);
  if (trainer->catching)
    memcpy (trainer->caught[range->weight] + range->offset, g, range->n * sizeof (float));
  for (guint i = 0; i < trainer->optimizer->n_slots; i++)
    slot[i] = nn_weights_slot (trainer->weights, range->weight, i) + range->offset;
  trainer->optimizer->update (&step, g, w, slot, range->n);
}

/* node: known to have gone wrong, or 0 to look for the first. */
static void
diverged (NnTrainer *trainer, const NnBatch *batch, guint node, GError **error)
{
  const guint id = node ? node : nn_plan_first_bad_node (trainer->train, batch);
  const NnNode *first = id ? nn_design_node (design_of (trainer), id) : NULL;
  const guint64 back = trainer->at.step - trainer->kept.step;
  g_set_error (
      error, NN_ERROR, NN_ERROR_NUMERIC,
      _ ("The loss is no longer a finite number: %s went first, in epoch %u, batch %u. The "
         "weights are those of %" PRIu64 " batches before. A smaller learning rate usually helps."),
      first ? first->name : _ ("the loss"), trainer->at.epoch + 1, trainer->at.batch + 1, back);
  nn_weights_restore (trainer->weights);
  trainer->at = trainer->kept;
}

/* Samples of the batch that comes next. */
static NnBatch
next_batch (NnTrainer *trainer)
{
  const gsize n = nn_dataset_n_samples (trainer->dataset, NN_PART_TRAIN);
  if (trainer->order_epoch != trainer->at.epoch)
    {
      NnRng rng;
      memcpy (trainer->order, trainer->identity, n * sizeof (guint32));
      nn_rng_init (&rng, trainer->seed, NN_STREAM_SHUFFLE, trainer->at.epoch, 0);
      if (trainer->shuffle)
        nn_rng_shuffle (&rng, trainer->order, n);
      trainer->order_epoch = trainer->at.epoch;
    }
  const gsize first = (gsize)trainer->at.batch * trainer->batch_size;
  return (NnBatch){
    .n = (guint)MIN (trainer->batch_size, n - first),
    .data = trainer->dataset,
    .part = NN_PART_TRAIN,
    .index = trainer->order + first,
    .mode = NN_MODE_TRAIN,
    .seed = trainer->seed,
    .step = (guint32)trainer->at.step,
    .weights = nn_weights_values (trainer->weights),
  };
}

static void
advance (NnTrainer *trainer, guint n, double loss, double correct, NnStep *step)
{
  Position *at = &trainer->at;
  const gboolean classifies = correct >= 0;
  at->step++;
  at->batch++;
  at->epoch_loss += loss * n;
  at->epoch_correct += classifies ? correct : 0;
  at->epoch_samples += n;
  *step = (NnStep){
    .n_batches = nn_trainer_n_batches (trainer),
    .step = at->step,
    .n = n,
    .loss = loss,
    .accuracy = classifies ? correct / n : NAN,
    .learning_rate = trainer->rate,
  };
  if (at->batch >= step->n_batches)
    {
      step->epoch_ended = TRUE;
      step->epoch_loss = at->epoch_loss / (double)at->epoch_samples;
      step->epoch_accuracy = classifies ? at->epoch_correct / (double)at->epoch_samples : NAN;
      begin_epoch (at, at->epoch + 1);
      const NnPart part = nn_dataset_validation_part (trainer->dataset);
      if (nn_dataset_n_samples (trainer->dataset, part) == 0)
        nn_trainer_note_validation (trainer, step->epoch_loss);
    }
  step->epoch = at->epoch;
  step->batch = at->batch;
}

/* The weights from the shards' gradients. penalty (out): of the weights before. FALSE where a
 * gradient is not finite, in range `bad` first. */
static gboolean
update (NnTrainer *trainer, double *penalty, guint *bad)
{
  trainer->rate = nn_trainer_learning_rate (trainer);
  trainer->clip_value = nn_params_float (trainer->training, "clip-value");
  trainer->clip_norm = nn_params_float (trainer->training, "clip-norm");
  if (!measure_norm (trainer, bad))
    return FALSE;
  nn_pool_run (trainer->pool, trainer->ranges->len, update_range, trainer);
  *penalty = 0;
  for (*bad = 0; *bad < trainer->ranges->len; ++*bad)
    {
      /* Not a number where the gradient is not finite, endless where the weights are too large. */
      if (!isfinite (trainer->penalties[*bad]))
        return FALSE;
      *penalty += trainer->penalties[*bad];
    }
  for (guint i = 0; i < program_of (trainer)->weights->len; i++)
    if (nn_plan_trains (trainer->train, i))
      nn_weights_count_update (trainer->weights, i);
  return TRUE;
}

gboolean
nn_trainer_step (NnTrainer *trainer, NnStep *step, GError **error)
{
  NnBatch batch = next_batch (trainer);
  NnPlanResult result;
  if (!trainer->has_kept)
    keep (trainer);
  if (!nn_plan_run (trainer->train, &batch, &result))
    {
      diverged (trainer, &batch, 0, error);
      return FALSE;
    }
  /* The loss was finite with these weights: they are worth going back to. */
  if (trainer->at.step >= trainer->kept.step + KEEP_EVERY)
    keep (trainer);
  guint bad = 0;
  double penalty;
  if (!update (trainer, &penalty, &bad))
    {
      const guint weight = g_array_index (trainer->ranges, Range, bad).weight;
      diverged (trainer, &batch, nn_program_weight (program_of (trainer), weight)->node, error);
      return FALSE;
    }
  if (trainer->catching)
    trainer->caught_step = trainer->at.step + 1;
  trainer->catching = FALSE;
  advance (trainer, batch.n, result.loss + penalty, result.correct, step);
  return TRUE;
}

void
nn_trainer_set_goal (NnTrainer *trainer, guint n_epochs)
{
  trainer->goal = n_epochs;
}

double
nn_trainer_learning_rate (const NnTrainer *trainer)
{
  const Position *at = &trainer->at;
  const guint n_batches = nn_trainer_n_batches (trainer);
  const NnScheduleTime time = {
    .step = (guint64)at->epoch * n_batches + at->batch,
    .n_batches = n_batches,
    .n_epochs = trainer->goal,
  };

  return nn_params_float (trainer->optimizer_params, "learning-rate")
         * nn_schedule_factor (trainer->training, &time, &at->schedule);
}

static double
weight_penalty (NnTrainer *trainer)
{
  NnProgram *program = program_of (trainer);
  const NnKernels *kernels = nn_kernels_best ();
  double sum = 0;
  for (guint i = 0; i < program->weights->len; i++)
    {
      const NnWeight *weight = nn_program_weight (program, i);
      const float *w = nn_weights_values (trainer->weights)[i];
      if (weight->l1 > 0)
        sum += weight->l1 * kernels->l1 (w, NULL, 0, (gsize)weight->size);
      if (weight->l2 > 0)
        sum += weight->l2 * kernels->l2 (w, NULL, 0, (gsize)weight->size);
    }
  return sum;
}

gboolean
nn_trainer_evaluate (NnTrainer *trainer, NnPart part, NnEvaluation *evaluation)
{
  const gsize n = nn_dataset_n_samples (trainer->dataset, part);
  NnPlanResult result = { .correct = -1 };
  if (evaluation->position == 0)
    {
      *evaluation =
          (NnEvaluation){ .thorough = evaluation->thorough, .loss = NAN, .accuracy = NAN };
      memset (trainer->meter, 0, nn_plan_meter_size (trainer->evaluate) * sizeof (double));
    }
  if (evaluation->position < n)
    {
      NnBatch batch = {
        .n = (guint)MIN (NN_PLAN_EVALUATION_BATCH, n - evaluation->position),
        .data = trainer->dataset,
        .part = part,
        .index = trainer->identity + evaluation->position,
        .mode = NN_MODE_EVALUATE,
        .seed = trainer->seed,
        .step = NN_STEP_EVALUATE,
        .weights = nn_weights_values (trainer->weights),
        .meter = trainer->meter,
        .thorough = evaluation->thorough,
      };
      nn_plan_run (trainer->evaluate, &batch, &result);
      evaluation->sum += result.loss * batch.n;
      evaluation->correct += result.correct;
      evaluation->position += batch.n;
    }
  if (evaluation->position < n)
    return FALSE;
  if (n > 0)
    {
      const double penalty = weight_penalty (trainer);
      evaluation->loss = evaluation->sum / (double)n + penalty;
      nn_plan_sum_meter (trainer->evaluate, trainer->meter);
      g_clear_pointer (&trainer->measures, g_array_unref);
      trainer->measures = nn_measures_new (trainer->evaluate, trainer->meter, n, penalty);
      if (result.correct >= 0)
        evaluation->accuracy = evaluation->correct / (double)n;
    }
  return TRUE;
}

GArray *
nn_trainer_measures (NnTrainer *trainer)
{
  return trainer->measures;
}

void
nn_trainer_keep_features (NnTrainer *trainer)
{
  NnDataset *dataset = trainer->dataset;

  if (nn_analysis_feature_memory (trainer->analysis) == 0)
    return;
  nn_plan_keep_features (trainer->train, dataset, NN_PART_TRAIN);
  nn_plan_keep_features (trainer->evaluate, dataset, nn_dataset_validation_part (dataset));
}

void
nn_trainer_forget_features (NnTrainer *trainer)
{
  nn_plan_forget_features (trainer->train);
  nn_plan_forget_features (trainer->evaluate);
}

NnAnalysis *
nn_trainer_analysis (NnTrainer *trainer)
{
  return trainer->analysis;
}

NnDataset *
nn_trainer_dataset (NnTrainer *trainer)
{
  return trainer->dataset;
}

NnCheckpoint *
nn_trainer_checkpoint (NnTrainer *trainer)
{
  NnCheckpoint *checkpoint = nn_checkpoint_new ();
  checkpoint->optimizer = g_strdup (trainer->optimizer->id);
  checkpoint->seed = trainer->seed;
  checkpoint->run = trainer->run;
  checkpoint->step = trainer->at.step;
  checkpoint->epoch = trainer->at.epoch;
  checkpoint->batch = trainer->at.batch;
  checkpoint->epoch_loss_sum = trainer->at.epoch_loss;
  checkpoint->epoch_correct_sum = trainer->at.epoch_correct;
  checkpoint->epoch_samples = trainer->at.epoch_samples;
  checkpoint->schedule = trainer->at.schedule;
  checkpoint->watch = trainer->at.watch;
  checkpoint->measure = trainer->at.measure;
  nn_weights_to_checkpoint (trainer->weights, checkpoint);
  return checkpoint;
}
