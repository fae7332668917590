/* nn-checkpoint.h: all that training needs to go on as if it had never stopped: weights, optimizer
 * state, position, history. Immutable and reference-counted; made by the worker, read by any
 * thread.
 */
#pragma once

#include "base/nn-tensor.h"
#include "model/nn-program.h"
#include "objectives/nn-watch.h"
#include "optimizers/nn-schedule.h"
#include "train/nn-run-history.h"

G_BEGIN_DECLS

/* One weight tensor with its optimizer state, keyed by node id and weight name. */
typedef struct
{
  guint node;
  char *name; /* "kernel" */
  NnTensor *value;
  NnTensor *slot[3]; /* n_slots of the optimizer; NULL beyond */
  guint64 n_updates; /* that the slots have seen; fewer than steps for a layer added in mid-run */
} NnCheckpointEntry;

/* What the loss is a measure of. */
typedef struct
{
  guint changes; /* how often that has become another, in this run: NnRow.measure */
  guint32 is;    /* a sum over what the loss is made of; 0: not known */
} NnMeasureState;

struct _NnCheckpoint
{
  gatomicrefcount refs;
  GPtrArray *entries;    /* NnCheckpointEntry, owned */
  char *optimizer;       /* id whose slots these are */
  guint64 seed;          /* of the weights and of the run's random streams */
  guint64 step;          /* optimizer steps done */
  guint epoch;           /* epochs done */
  guint batch;           /* batches done of the current epoch */
  double epoch_loss_sum; /* of the current epoch so far, so that its mean survives a pause */
  double epoch_correct_sum;
  guint64 epoch_samples;
  NnScheduleState schedule;
  NnWatchState watch;
  NnMeasureState measure;
  NnCheckpoint *best;    /* of the epoch that watch calls the best; NULL: not kept */
  guint64 run;           /* id of the current run in history */
  NnRunHistory *history; /* immutable once here */
};

NnCheckpoint *nn_checkpoint_new (void); /* empty, for whoever fills it before sharing */
/* References the tensors. Returns the new entry, for its number of updates. (transfer none) */
NnCheckpointEntry *nn_checkpoint_add (NnCheckpoint *checkpoint, guint node, const char *name,
                                      NnTensor *value, NnTensor *const *slots, guint n_slots);
/* The same tensors and position with another history (copied; NULL: none). (transfer full) */
NnCheckpoint *nn_checkpoint_with_history (const NnCheckpoint *checkpoint,
                                          const NnRunHistory *history);
/* Position and history alone, where the weights are those that the seed draws. (transfer full) */
NnCheckpoint *nn_checkpoint_without_weights (const NnCheckpoint *checkpoint);
/* FALSE for such a one, and for NULL; a program (nullable) that has no weights misses none. */
gboolean nn_checkpoint_has_weights (const NnCheckpoint *checkpoint, const NnProgram *program);
/* The same with the best epoch's weights beside it (nullable, referenced). */
void nn_checkpoint_set_best (NnCheckpoint *checkpoint, NnCheckpoint *best);
NnCheckpoint *nn_checkpoint_ref (NnCheckpoint *checkpoint);
void nn_checkpoint_unref (NnCheckpoint *checkpoint);
const NnCheckpointEntry *nn_checkpoint_find (const NnCheckpoint *checkpoint, guint node,
                                             const char *name);
/* Bytes of its tensors, optimizer state included. */
gsize nn_checkpoint_bytes (const NnCheckpoint *checkpoint);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnCheckpoint, nn_checkpoint_unref)

G_END_DECLS
