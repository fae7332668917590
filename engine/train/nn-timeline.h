/* nn-timeline.h: what a session remembers of how its runs were: checkpoints at moments on the way,
 * thinned so that a budget of memory holds. Pure: no thread, no clock.
 *
 * A run begins with a moment every eighth of an epoch. Where the budget is reached, the run with
 * the most moments keeps every second of them, and its new ones come half as often; so they are
 * spaced evenly, and ends of epochs outlive what lies between. The first and the newest of each run
 * stay, as long as they fit into the budget at all. A run that was forked from another one has that
 * one's moments for the time before.
 */
#pragma once

#include "model/nn-program.h"
#include "train/nn-checkpoint.h"

G_BEGIN_DECLS

#define NN_TIMELINE_BUDGET 60000000 /* bytes */

/* What is told of a moment. */
typedef struct
{
  guint64 run;
  guint64 step;           /* optimizer steps done */
  double epoch;           /* epochs done, with the part of the one under way */
  double loss;            /* of the last batch; NaN before any */
  double validation_loss; /* of the last epoch; NaN before any */
  gboolean fits;          /* its weights fit the network as it is now */
} NnMoment;

/* A moment that is kept. Immutable but for fits. */
typedef struct
{
  grefcount refs;
  NnMoment at;
  NnCheckpoint *checkpoint;
  GArray *measures; /* NnMeasure, of the last validation; or NULL */
  guint64 number;   /* of this moment among all of the timeline */
} NnKeptMoment;

NnKeptMoment *nn_kept_moment_ref (NnKeptMoment *moment);
void nn_kept_moment_unref (NnKeptMoment *moment);

typedef struct _NnTimeline NnTimeline;

/* budget: in bytes; 0 keeps nothing. */
NnTimeline *nn_timeline_new (gsize budget);
void nn_timeline_free (NnTimeline *timeline);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnTimeline, nn_timeline_free)
void nn_timeline_set_budget (NnTimeline *timeline, gsize budget);

/* TRUE if the schedule asks for a moment of that run at so many epochs. */
gboolean nn_timeline_wants (const NnTimeline *timeline, guint64 run, double epoch);
/* Keeps a moment of a run, which may be new. Those of the same run that are not before it are
 * forgotten: training went back. References checkpoint and measures (nullable). */
void nn_timeline_add (NnTimeline *timeline, const NnMoment *at, NnCheckpoint *checkpoint,
                      GArray *measures);
/* A new run that goes on from a moment of another one. */
void nn_timeline_fork (NnTimeline *timeline, guint64 run, NnKeptMoment *from);
/* Forgets the moments of a run from that step on. */
void nn_timeline_cut (NnTimeline *timeline, guint64 run, guint64 step);
void nn_timeline_forget (NnTimeline *timeline, guint64 run);
/* Sets which moments fit: those that have each of program's weights in its shape. */
void nn_timeline_judge (NnTimeline *timeline, const NnProgram *program);

/* The moment of a run nearest to so many epochs, among those that fit; the earlier of two. NULL
 * where there is none. (transfer none) */
NnKeptMoment *nn_timeline_nearest (const NnTimeline *timeline, guint64 run, double epoch);
/* The newest of a run's own, or NULL. (transfer none) */
NnKeptMoment *nn_timeline_last (const NnTimeline *timeline, guint64 run);

/* NnMoment of all runs, each run's in order, inherited ones as its own. (transfer full) */
GArray *nn_timeline_list (const NnTimeline *timeline);
guint nn_timeline_n_moments (const NnTimeline *timeline);
gsize nn_timeline_bytes (const NnTimeline *timeline);

G_END_DECLS
