/* nn-trainer-private.h: between nn-trainer.c, which trains, and nn-trainer-view.c, which is asked.
 */
#pragma once

#include "model/nn-views.h"
#include "optimizers/nn-optimizer.h"
#include "train/nn-trainer.h"
#include "train/nn-weights.h"

G_BEGIN_DECLS

/* Where training is; kept and restored as a whole. */
typedef struct
{
  guint64 step;
  guint epoch, batch;
  double epoch_loss, epoch_correct; /* sums over the current epoch's samples */
  guint64 epoch_samples;
  NnScheduleState schedule;
  NnWatchState watch;
  NnMeasureState measure;
} NnTrainerPosition;

struct _NnTrainer
{
  NnPool *pool; /* borrowed */
  NnAnalysis *analysis;
  NnDataset *dataset; /* limited */
  NnWeights *weights;
  NnPlan *train, *evaluate;
  NnViews *views;
  NnPlan *pull, *look; /* made when first asked for */
  const NnOptimizerType *optimizer;
  const NnParams *training, *optimizer_params; /* borrowed from the design */
  guint goal;                                  /* epochs in all */
  guint batch_size;
  gboolean shuffle;
  guint64 seed, run;
  NnTrainerPosition at, kept;
  gboolean has_kept;
  guint32 *order, *identity; /* of the training part; of the larger part */
  guint order_epoch;         /* G_MAXUINT: none drawn yet */
  GArray *ranges;            /* Range, in nn-trainer.c */
  double *penalties; /* per range, of the step under way; NaN where the gradient is not finite */
  double *squares;   /* per range, where the norm is clipped: sum of the gradient's squares */
  double rate, clip_value, clip_norm; /* of the step under way; 0: no clipping */
  float shrink;                       /* what clipping the norm leaves of the gradient */
  gsize longest;                      /* range */
  float *gradients;                   /* (longest) a thread */
  float **caught;                     /* per weight, NULL: never; or NULL altogether */
  gboolean catching;                  /* in the next step */
  guint64 caught_step;                /* that they are of; 0: none */
  double *meter;                      /* of the evaluation under way */
  GArray *measures;                   /* NnMeasure, of the one before; or NULL */
  NnCheckpoint *past;                 /* looked at; owned, or NULL */
  float **past_values;                /* per program weight, borrowed from it */
  NnCheckpoint *best; /* of the epoch that at.watch calls the best; or NULL, or of another epoch */
  guint n_best_used;
};

/* The gradients that were kept, and what was to be. */
void nn_trainer_forget_caught (NnTrainer *trainer);

/* Keeps features where the design wants it; after the plans were made. */
void nn_trainer_keep_features (NnTrainer *trainer);
/* Weights were loaded. */
void nn_trainer_forget_features (NnTrainer *trainer);

/* The best epoch is forgotten. */
void nn_trainer_forget_best (NnTrainer *trainer);
/* The design or the position is another: where what was measured compares with nothing that will
 * be, the best, and how long there was none better, count anew. */
void nn_trainer_note_measure (NnTrainer *trainer);

/* With NN_PLAN_LOOK, made when first asked for. (transfer none) */
NnPlan *nn_trainer_look_plan (NnTrainer *trainer);

G_END_DECLS
