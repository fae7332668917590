/* nn-session.h: a trainer on a worker thread of its own. Commands go in, snapshots come out; the
 * caller (the main thread) never waits: no lock held during compute is ever taken by it.
 *
 * All functions are called from one thread (the owner's) unless said otherwise.
 */
#pragma once

#include "explore/nn-probe.h"
#include "train/nn-run-history.h"
#include "train/nn-timeline.h"
#include "train/nn-trainer.h"

G_BEGIN_DECLS

typedef struct _NnSession NnSession;

typedef enum
{
  NN_SESSION_EMPTY, /* no trainable model yet */
  NN_SESSION_PAUSED,
  NN_SESSION_TRAINING,
  NN_SESSION_FINISHED, /* paused because the asked number of epochs is done */
  NN_SESSION_FAILED,   /* paused because of error (NaN, memory): see snapshot->error */
} NnSessionState;

/* Immutable, reference-counted. */
typedef struct
{
  gatomicrefcount refs;
  guint64 run;        /* current run id */
  guint revision;     /* of the design this speaks of (nn_session_set_model()) */
  guint64 n_commands; /* followed before this was so (nn_session_n_commands()) */
  NnSessionState state;
  gboolean evaluating;                     /* validation under way */
  guint epoch, batch, n_batches, n_epochs; /* done, done, of an epoch, asked for */
  guint64 step;
  gboolean stopped_early; /* training ended because no epoch was better for too long */
  guint best_epoch;       /* training ended, and the weights are those of this epoch; 0: the last */
  double loss;            /* of the last batch; NaN before any */
  double validation_loss; /* of the last epoch; NaN before any */
  double learning_rate;   /* of the step that comes next; NaN without a model */
  double samples_per_second; /* over about the last second of training; 0 when paused */
  double seconds_left;       /* to n_epochs; NaN when paused or unknown */
  GArray *measures;          /* NnMeasure, of the last validation; NULL before any */
  GArray *rows;              /* NnRow since the snapshot taken before: none is ever lost */
  GPtrArray
      *results; /* NnProbeResult, newest per probe; only those computed since the last taken */
  GArray *reset_nodes; /* guint ids whose weights an edit had to draw anew, since the last taken;
                          may be NULL */
  NnCheckpoint *checkpoint; /* where one was asked for and is ready, else NULL */
  gboolean
      checkpoint_answered; /* one was asked for; checkpoint is NULL where there is no model yet */
  GError *error;           /* arrives exactly once */
  GArray *moments;         /* NnMoment that are kept, run by run, each run's in order */
  gsize moments_bytes;     /* memory that they take */
  gboolean rewound;        /* probes are answered as of past */
  NnMoment past;           /* of the current run; where rewound */
  GArray *past_measures;   /* NnMeasure, likewise; may be NULL */
} NnSnapshot;

NnSnapshot *nn_snapshot_ref (NnSnapshot *snapshot);
void nn_snapshot_unref (NnSnapshot *snapshot);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnSnapshot, nn_snapshot_unref)
/* What a node has added to the loss of the last validation, its weight included; NaN before one.
 * Where rewound, of the last one before that moment. */
double nn_snapshot_loss_part (const NnSnapshot *snapshot, guint node);

/* Called on the worker when a snapshot is ready and none was pending: schedule a look (g_idle_add()
 * or a frame tick); do not call back into the session from it. */
typedef void (*NnWakeFunc) (gpointer data);

/* n_threads: 0 one per processor. */
NnSession *nn_session_new (guint n_threads, NnWakeFunc wake, gpointer wake_data);
/* Cancels, waits for the worker to finish its batch (bounded), releases. */
void nn_session_free (NnSession *session);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnSession, nn_session_free)

/* A design to train or an edit of the one in training; weights that match are kept. analysis that
 * cannot train pauses. checkpoint (nullable): where to go on from (opening a file); NULL keeps what
 * there is. revision: the caller's number, rising, stamped on what follows. References are taken.
 */
void nn_session_set_model (NnSession *session, NnAnalysis *analysis, NnDataset *dataset,
                           NnCheckpoint *checkpoint, guint revision);
/* Trains until n_epochs are done in all (beyond those already done). */
void nn_session_train (NnSession *session, guint n_epochs);
void nn_session_pause (NnSession *session);
/* One more batch, with the validation where it ends an epoch; training stops after it. */
void nn_session_step_batch (NnSession *session);
/* To the end of the current epoch, validation included. */
void nn_session_step_epoch (NnSession *session);
/* Weights drawn anew; begins a new run. Training that is under way goes on with them. */
void nn_session_reset (NnSession *session, guint64 seed);
/* A new run that begins with the weights as they are: nothing else of what was trained counts any
 * more. Training that is under way goes on in it. Nothing happens where no network is ready. */
void nn_session_begin_run (NnSession *session);
/* The probes to answer from now on (element-type NnProbe); replaces those before. While paused each
 * new probe is answered once per change of weights or design; while training at once the first time
 * and then as often as costs less than about a sixteenth of the time, at most 30 times a second. */
void nn_session_set_probes (NnSession *session, GPtrArray *probes);
/* Memory for moments to rewind to, in bytes: NN_TIMELINE_BUDGET unless set; 0: none. Snapshots list
 * the moments. */
void nn_session_set_rewind_budget (NnSession *session, gsize budget);
/* Probes are answered as the networks were after so many epochs, at the nearest moment that is kept
 * of each run; NaN: as they are now. Training, if any, goes on. */
void nn_session_rewind (NnSession *session, double epoch);
/* A new run that goes on from the current run's moment nearest to epoch: with its weights,
 * optimizer state and seed, so that it repeats what followed where nothing else is changed. The old
 * run stays as it is. Training stops, a rewind ends. Nothing happens where no moment is kept. */
void nn_session_fork (NnSession *session, double epoch);
/* Goes on with another run from where that one was left. The same applies. */
void nn_session_go_to_run (NnSession *session, guint64 run);
/* The moments of a run that is not the current one are no longer needed. */
void nn_session_forget_run (NnSession *session, guint64 run);

/* A checkpoint with history in a coming snapshot, taken between two batches. */
void nn_session_request_checkpoint (NnSession *session);

/* Commands given so far, by any of the functions above. A snapshot of no fewer shows what they led
 * to; after nn_session_train(), nn_session_pause() and nn_session_go_to_run() one comes also where
 * they led to nothing. */
guint64 nn_session_n_commands (NnSession *session);

/* The newest snapshot, or NULL if nothing is new since the last call. (transfer full) */
NnSnapshot *nn_session_take (NnSession *session);

G_END_DECLS
