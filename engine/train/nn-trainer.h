/* nn-trainer.h: training as a step function, with no thread of its own (its pool aside).
 * The session drives it in the window, diabolo-cli directly.
 */
#pragma once

#include "base/nn-pool.h"
#include "model/nn-analysis.h"
#include "model/nn-plan.h"
#include "objectives/nn-metrics.h"
#include "train/nn-checkpoint.h"

G_BEGIN_DECLS

typedef struct _NnTrainer NnTrainer;

/* analysis must be able to train and be of dataset's info. Of dataset's training part, the first
 * `limit` samples of the design's data settings are used. checkpoint (nullable): weights and
 * optimizer state are taken from it where node id, name and shape match; with them its position,
 * seed and run. Without it, weights are drawn from the design's seed. pool is borrowed. (transfer
 * full) NN_ERROR_DESIGN, NN_ERROR_MEMORY. */
NnTrainer *nn_trainer_new (NnAnalysis *analysis, NnDataset *dataset, NnCheckpoint *checkpoint,
                           NnPool *pool, GError **error);
void nn_trainer_free (NnTrainer *trainer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnTrainer, nn_trainer_free)

/* Goes on with another design: weights that match are kept, with optimizer state. reset (out,
 * nullable, transfer full, element-type guint): ids of nodes whose weights had to be drawn anew
 * although they had some before. On error the trainer is as before. */
gboolean nn_trainer_edit (NnTrainer *trainer, NnAnalysis *analysis, NnDataset *dataset,
                          GArray **reset, GError **error);

/* Draws all weights anew, forgets the optimizer's state, position 0. */
void nn_trainer_reset (NnTrainer *trainer, guint64 seed);

/* Keeps the weights, forgets all else: optimizer state and position are those of a new run. */
void nn_trainer_begin (NnTrainer *trainer);

/* Weights, optimizer state, position and seed become those of a checkpoint of this network. What it
 * does not have in the right shape stays as it is; the state of another optimizer is forgotten. */
void nn_trainer_restore (NnTrainer *trainer, const NnCheckpoint *checkpoint);

typedef struct
{
  guint epoch;     /* epochs done after this step */
  guint batch;     /* batches done of the current epoch */
  guint n_batches; /* of an epoch */
  guint64 step;
  guint n;              /* samples in the batch */
  double loss;          /* of this batch, weight penalties included, as Keras reports it */
  double accuracy;      /* NaN without classification */
  double learning_rate; /* that this step was made with */
  gboolean epoch_ended;
  double epoch_loss; /* where epoch_ended: mean over the epoch's samples */
  double epoch_accuracy;
} NnStep;

/* One batch: forward, backward, update. NN_ERROR_NUMERIC where the loss or a gradient is not
 * finite: names the layer that went first; weights, optimizer state and position are then those of
 * the last copy taken while all was well, at most 64 steps back. */
gboolean nn_trainer_step (NnTrainer *trainer, NnStep *step, GError **error);

/* Epochs that the run is to have in all, for schedules that fall towards its end; the design's
 * number where it is not set, and again after an edit. */
void nn_trainer_set_goal (NnTrainer *trainer, guint n_epochs);
/* The validation loss of the epoch that has ended, for schedules that watch it, and for what is
 * watched (nn-watch.h), which may be another number of the evaluation that ended last. Without a
 * test part the step that ends an epoch does the same with the training loss. An epoch counts once.
 */
void nn_trainer_note_validation (NnTrainer *trainer, double loss);
/* TRUE: too long without a better epoch, and training should end. It is said once: whoever goes on
 * has patience again. */
gboolean nn_trainer_is_over (NnTrainer *trainer);
/* At the end of training: the weights, with optimizer state, become those of the best epoch where
 * the design wants them kept and they are not the present ones. The position stays. Returns the
 * epoch that they are of, 0 where nothing has changed. */
guint nn_trainer_use_best (NnTrainer *trainer);
/* The best epoch's, kept for nn_trainer_use_best(); NULL: none. (transfer none) */
NnCheckpoint *nn_trainer_best (NnTrainer *trainer);
/* Of the step that comes next: the optimizer's, times the schedule's factor. */
double nn_trainer_learning_rate (const NnTrainer *trainer);

/* Evaluates part in pieces so that a caller can look up between them: start with *position 0 and
 * call until TRUE; loss and accuracy are then those of the whole part (loss with weight penalties,
 * as Keras). */
typedef struct
{
  gsize position;
  gboolean thorough; /* measures the structural similarity of all samples, not of the first 256 */
  double loss, accuracy;
  double sum, correct; /* private */
} NnEvaluation;
gboolean nn_trainer_evaluate (NnTrainer *trainer, NnPart part, NnEvaluation *evaluation);

/* One number that an evaluation has found. */
typedef struct
{
  guint node; /* an objective, or another node that adds to the loss; 0: all weights */
  const NnMetricType *type; /* NULL: the node's part of the loss, weighted */
  double value;
} NnMeasure;

/* Of the evaluation that ended last: for each node its loss, then the metrics that apply
 * (element-type NnMeasure; immutable). NULL before the first. (transfer none) */
GArray *nn_trainer_measures (NnTrainer *trainer);

NnAnalysis *nn_trainer_analysis (NnTrainer *trainer); /* (transfer none) */
NnDataset *nn_trainer_dataset (NnTrainer *trainer);
guint64 nn_trainer_seed (NnTrainer *trainer);
guint64 nn_trainer_steps (NnTrainer *trainer);
guint nn_trainer_measure (NnTrainer *trainer); /* NnRow.measure of what is measured now */
guint nn_trainer_epochs (NnTrainer *trainer);  /* done */
guint nn_trainer_batches (NnTrainer *trainer); /* done of the current epoch */
guint nn_trainer_n_batches (const NnTrainer *trainer);

/* The values of a weight of the analysis' program, as they are now. (transfer none) */
const float *nn_trainer_weight (NnTrainer *trainer, guint weight);
/* In the next step, keeps the gradients as the optimizer gets them: those of weight penalties
 * added, clipped. Once: a step that nobody waits for copies nothing. */
void nn_trainer_catch_gradients (NnTrainer *trainer);
/* What was caught last for a weight, and (out) the number of the step; NULL where there is nothing
 * yet, or the weight is not trained. (transfer none) */
const float *nn_trainer_caught_gradient (NnTrainer *trainer, guint weight, guint64 *step);
/* Copies weights and state; history is left NULL for the caller to add. (transfer full) */
NnCheckpoint *nn_trainer_checkpoint (NnTrainer *trainer);

/* Until it is called with NULL, what is asked below and above of weights, values and position is
 * answered from the checkpoint, as it was then; no step may be made meanwhile. References it.
 * FALSE, and nothing has changed, where it lacks a weight of the network as it is now. */
gboolean nn_trainer_look_at (NnTrainer *trainer, NnCheckpoint *checkpoint);
gboolean nn_trainer_looks_back (const NnTrainer *trainer); /* at a checkpoint */
/* Id of the run that the weights belong to. */
void nn_trainer_set_run (NnTrainer *trainer, guint64 run);
/* Changes where the weights jump instead of moving on: another run or seed, a look at the past.
 * Together with the number of steps it says which weights they are. */
guint64 nn_trainer_line (NnTrainer *trainer);

/* Values of program values want[] for samples index[] of a part (or feed, see NnBatch), computed
 * with the current weights by an evaluation plan; out[i] is (n, S). sample_loss (n) or NULL: of the
 * objective that nn_analysis_judge_node() names. */
void nn_trainer_values (NnTrainer *trainer, NnPart part, const guint32 *index, guint n,
                        const float *const *feed, guint n_want, const guint *want,
                        float *const *out, float *sample_loss);
/* One batch, n at most NN_PLAN_LOOK_BATCH, forward and back as in training (dropout and noise on)
 * with the current weights, which stay as they are; look is shown the gradients (nn-plan.h). FALSE:
 * the loss is not finite. */
gboolean nn_trainer_gradients (NnTrainer *trainer, NnPart part, const guint32 *index, guint n,
                               NnPlanLook look, gpointer data);
/* Of nn_trainer_gradients(): its shards, and under which name it shows a program value. */
guint nn_trainer_gradient_shards (NnTrainer *trainer);
guint nn_trainer_gradient_value (NnTrainer *trainer, guint value);
/* Decoder and the like: forward from a value in the middle to another. x (n, S_from), y (n, S_to).
 * FALSE where `to` does not follow from `from` alone. */
gboolean nn_trainer_run_between (NnTrainer *trainer, guint from, const float *x, guint to, float *y,
                                 guint n);
/* The gradient with respect to a program input of what func says of value `to`: see
 * nn_plan_pull_back(). n at most NN_PLAN_PULL_BATCH; feed and index as for nn_trainer_values();
 * without noise. */
gboolean nn_trainer_pull_back (NnTrainer *trainer, NnPart part, const guint32 *index, guint n,
                               const float *const *feed, guint to, NnPullFunc func, gpointer data,
                               guint input, float *dx);

G_END_DECLS
