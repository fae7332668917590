/* nn-plan.h: a program made ready to run: fusions applied, all buffers placed, a batch cut into
 * shards.
 *
 * A batch is cut into a fixed number of shards that depends on the program and the batch size
 * alone, never on the number of threads; within a shard a few samples (a slice) go through the
 * whole network forward and back before the next. Gradients are added in a fixed order, so the same
 * seed gives bit-identical weights on any number of threads. Nothing is allocated while running.
 *
 * Not thread-safe: one thread drives a plan, its pool's threads work inside it.
 */
#pragma once

#include "base/nn-pool.h"
#include "data/nn-dataset.h"
#include "model/nn-program.h"
#include "ops/nn-op.h"

G_BEGIN_DECLS

typedef struct _NnPlan NnPlan;

typedef enum
{
  NN_PLAN_TRAIN = 1 << 0,   /* with gradients */
  NN_PLAN_UNFUSED = 1 << 1, /* every operation by itself: every value can be read, for tests */
  NN_PLAN_PULL = 1 << 2,    /* with gradients of values, none of weights: nn_plan_pull_back() */
  NN_PLAN_LOOK = 1 << 3,    /* with NN_PLAN_TRAIN: gradients of every value instead of the weights',
                               and nothing fused that would leave one out; see NnPlanLook */
} NnPlanFlags;

/* The largest n that a trainer's plans for validation and for viewers are given. */
#define NN_PLAN_EVALUATION_BATCH 1024
#define NN_PLAN_VIEW_BATCH 256
#define NN_PLAN_PULL_BATCH 64
#define NN_PLAN_LOOK_BATCH 64

/* kernels NULL: nn_kernels_best(). max_batch: largest n given to run. (transfer full) */
NnPlan *nn_plan_new (NnProgram *program, guint max_batch, guint flags, const NnKernels *kernels,
                     NnPool *pool);
/* What is wanted of a plan that computes nothing else. */
typedef struct
{
  gint from;         /* value that is given; -1: the program's inputs are */
  const guint *want; /* (n_want) values */
  guint n_want;
  guint loss_of; /* node whose loss is wanted of each sample; 0: none */
} NnPlanView;

/* An evaluation plan of the operations that lead to what is wanted, fused like any other but where
 * a value that is wanted would be left out. NULL where something wanted does not follow from
 * view->from alone. (transfer full) */
NnPlan *nn_plan_new_view (NnProgram *program, guint max_batch, const NnPlanView *view,
                          const NnKernels *kernels, NnPool *pool);
void nn_plan_free (NnPlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnPlan, nn_plan_free)

NnProgram *nn_plan_program (const NnPlan *plan);
gsize nn_plan_memory (const NnPlan *plan); /* bytes of buffers */
/* What nn_plan_memory() would be, without allocating. */
guint64 nn_plan_estimate_memory (NnProgram *program, guint max_batch, guint flags, guint n_threads);
guint nn_plan_n_shards (const NnPlan *plan);
/* TRUE where a training run gives weight a gradient: not frozen, and on the way to a loss. */
gboolean nn_plan_trains (const NnPlan *plan, guint weight);

typedef struct
{
  double loss;    /* mean over the batch, penalties on activity included, on weights not */
  double correct; /* samples predicted right; -1 without a classification objective */
} NnPlanResult;

/* What a run of a NN_PLAN_LOOK plan shows on its way back: n samples' values of a program value and
 * the gradient of the batch's mean loss, both (n, S). Where an activation follows a value at once,
 * y is behind it and dy before it: what reaches the sums that weights make. A softmax or sigmoid
 * that its loss takes over is left out of y, too. Inputs of the program come last. Called on the
 * pool's threads; those of one shard in order. */
typedef void (*NnPlanLook) (gpointer data, guint shard, guint value, const float *y,
                            const float *dy, guint n);

/* ---- features: what fixed steps give ----
 *
 * Steps that are frozen, and have nothing before them that is trained or left to chance, give the
 * same for a sample every time. A plan can keep what the others read of it and pass over them from
 * then on: the same numbers, bit by bit. */

/* Numbers a sample that would be kept; 0: no frozen weights are worth it. */
gsize nn_plan_feature_size (const NnPlan *plan);
/* The same without making a plan. */
gsize nn_plan_estimate_features (NnProgram *program, guint max_batch, guint flags);
/* From now on each sample of a part of data (referenced) is kept when it is first seen: n_samples *
 * nn_plan_feature_size() floats. Views and whoever gives `feed` or another part see nothing of it.
 * FALSE where there is no memory or nothing to keep. */
gboolean nn_plan_keep_features (NnPlan *plan, NnDataset *data, NnPart part);
/* Frozen weights have become others: what was kept is worth nothing. */
void nn_plan_forget_features (NnPlan *plan);

/* Where a batch comes from and what is wanted of it. */
typedef struct
{
  guint n;               /* 1 .. max_batch */
  const NnDataset *data; /* inputs are read from its fields ... */
  NnPart part;
  const guint32 *index; /* (n) samples of that part */
  const float *const
      *feed; /* ... or, where not NULL, feed[i] (n, S) for program input i (NULL: from data) */
  NnMode mode;
  guint64 seed;
  guint32 step;
  float *const *weights; /* one per program weight */
  float *sample_loss;    /* (n) or NULL: of one objective, unweighted */
  guint sample_loss_of;  /* its node */
  double *meter;         /* nn_plan_meter_size() sums to add to, or NULL; see below */
  gboolean thorough;     /* see NnOpRun */
  const float *given;    /* (n, S) of the value that a view begins with */
  /* Values copied out: n_want pairs; want_out[i] is (n, S). Unfused evaluation plans, and what a
   * view was made for. */
  guint n_want;
  const guint *want;
  float *const *want_out;
  NnPlanLook look; /* NN_PLAN_LOOK plans only, or NULL */
  gpointer look_data;
} NnBatch;

/* The value under whose name look() hears of another: itself, or the one whose memory it shares, as
 * when an operation only gives it another shape. */
guint nn_plan_look_value (const NnPlan *plan, guint value);

/* Forward; for a training plan also backward, into the shards' gradients. FALSE: a loss was not
 * finite (result still filled). */
gboolean nn_plan_run (NnPlan *plan, const NnBatch *batch, NnPlanResult *result);

/* What is measured over many runs: a block for each shard, zero at first, in which each loss has
 * its weighted sum over the samples and, behind it, those of its operation (nn-op.h). */
gsize nn_plan_meter_size (const NnPlan *plan); /* doubles */
/* Adds the blocks of all shards to the first, in a fixed order. */
void nn_plan_sum_meter (const NnPlan *plan, double *meter);
/* The operation of loss number `loss` and (out) its place in the first block; NULL where there are
 * no more. */
const NnOp *nn_plan_meter (const NnPlan *plan, guint loss, double *meter, double **sums);

/* The gradient of weight w after a training run, added over the shards into g (S). */
void nn_plan_gradient (NnPlan *plan, guint weight, float *g);
/* The same in pieces, on any thread: n values from offset on, n at most nn_plan_gradient_piece()
 * and offset a multiple of it. */
gsize nn_plan_gradient_piece (const NnPlan *plan, guint weight);
void nn_plan_gradient_part (NnPlan *plan, guint weight, gsize offset, gsize n, float *g);
/* Gradient with respect to program input i, (n, S) of the last training run; for gradient checks
 * and maximisation. The plan must have been made with NN_PLAN_TRAIN | NN_PLAN_UNFUSED. */
const float *nn_plan_input_gradient (NnPlan *plan, guint input);
/* Looks at a value y (S) of one sample of a batch and writes the gradient dy (S) of something with
 * respect to it. On any of the pool's threads. */
typedef void (*NnPullFunc) (guint sample, const float *y, float *dy, gpointer data);
/* Forward for batch (inputs, mode, weights) to value `to`, then back from what func says of it to
 * the gradient with respect to program input `input`: dx (n, S). Only what leads from the one to
 * the other has a say: no loss, no penalty. The plan must have been made with NN_PLAN_PULL |
 * NN_PLAN_UNFUSED. FALSE where `to` does not follow from the input. */
gboolean nn_plan_pull_back (NnPlan *plan, const NnBatch *batch, guint to, NnPullFunc func,
                            gpointer data, guint input, float *dx);
/* Name of the first node whose output is not finite for this batch, 0 if none (re-runs it unfused).
 */
guint nn_plan_first_bad_node (NnPlan *plan, const NnBatch *batch);

G_END_DECLS
