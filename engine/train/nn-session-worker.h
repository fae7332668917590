/* nn-session-worker.h: what a session's worker thread knows and does. All of it runs on that
 * thread, but for the two mailboxes and the flag to quit.
 */
#pragma once

#include "explore/nn-probe-desk.h"
#include "train/nn-mailbox.h"
#include "train/nn-pace.h"
#include "train/nn-session.h"

G_BEGIN_DECLS

typedef struct
{
  /* Shared with the owner's thread. */
  NnInbox inbox;   /* NnCommand */
  NnOutbox outbox; /* NnSnapshot */
  atomic_bool quit;
  NnWakeFunc wake;
  gpointer wake_data;
  guint n_threads;

  /* The model. */
  NnPool *pool;
  NnTrainer *trainer;    /* NULL before the first model that can be trained */
  NnDataset *dataset;    /* as it was given, whole */
  NnCheckpoint *waiting; /* to go on from, until there is a model that can */
  gboolean ready;        /* the trainer has the newest design */
  guint revision;        /* of the newest design */
  guint64 change;        /* counts what can change an answer: weights, design */

  /* What has been asked for. */
  NnSessionState state;
  guint n_epochs;     /* in all */
  guint stop_epoch;   /* training stops after so many */
  guint batches_left; /* or, where by_batch, after these */
  gboolean by_batch;

  /* Where it is. */
  NnRunHistory *history;
  guint64 run;
  gboolean validation_due; /* an epoch has ended, and its validation has not */
  NnEvaluation evaluation;
  GArray *measures; /* of the last one; owned, or NULL */
  double loss, validation_loss;
  double learning_rate;   /* of the last step; NaN before any */
  double seconds;         /* trained in this run */
  gboolean stopped_early; /* since training ended: no epoch was better for too long */
  guint best_epoch;       /* whose weights were put in place then; 0: none */
  gint64 tick;            /* monotonic time up to which seconds counts */
  NnPace pace;
  NnProbeDesk desk;
  gint64 rest; /* us that the next command may take to arrive before work goes on */

  /* What was. */
  NnTimeline *timeline;
  gsize rewind_budget;      /* of it */
  gint64 moment_not_before; /* monotonic time from which keeping one is within its share */
  guint64 edits;            /* counts designs: what can change an answer about the past */
  double view;              /* epochs at which probes look; NaN: now */
  GArray *views;            /* View: which moment that is, of each run that was asked about */

  /* What is not yet published. */
  guint64 n_commands; /* that were followed */
  NnSnapshot *news;
  gboolean has_news;
  gint64 published;    /* monotonic time */
  gint64 unread_since; /* when what waits now was first put there, monotonic */
} NnWorker;

/* A message; immutable once it is sent. */
typedef struct _NnCommand NnCommand;
struct _NnCommand
{
  NnInboxItem item;
  guint64 serial; /* 1 is the first */
  void (*run) (NnWorker *worker, const NnCommand *command);
  gboolean superseded; /* pointless where the next command has the same run() */
  NnAnalysis *analysis;
  NnDataset *dataset;
  NnCheckpoint *checkpoint;
  GPtrArray *probes;
  guint number;
  guint64 seed; /* or a run, or bytes */
  double epoch;
};

void nn_command_free (NnCommand *command);

/* The thread's function; data: an NnWorker. Returns when quit is set. */
gpointer nn_worker_main (gpointer data);

/* Handlers. */
void nn_worker_set_model (NnWorker *worker, const NnCommand *command);
void nn_worker_train (NnWorker *worker, const NnCommand *command);
void nn_worker_pause (NnWorker *worker, const NnCommand *command);
void nn_worker_step_batch (NnWorker *worker, const NnCommand *command);
void nn_worker_step_epoch (NnWorker *worker, const NnCommand *command);
void nn_worker_reset (NnWorker *worker, const NnCommand *command);
void nn_worker_begin_run (NnWorker *worker, const NnCommand *command);
void nn_worker_set_probes (NnWorker *worker, const NnCommand *command);
void nn_worker_make_checkpoint (NnWorker *worker, const NnCommand *command);

/* Whatever training was asked for ends. */
void nn_worker_stop (NnWorker *worker);
/* What follows from history and trainer once either was replaced. */
void nn_worker_take_position (NnWorker *worker);

/* ---- nn-session-rewind.c ---- */

void nn_worker_rewind_init (NnWorker *worker);
void nn_worker_rewind_clear (NnWorker *worker);
/* Before a batch: keeps the present as a moment where the schedule asks for one. */
void nn_worker_keep_moment (NnWorker *worker);
/* The current run is left: where it ends is kept, and probes see the present again. */
void nn_worker_leave_run (NnWorker *worker);
/* Which moment an answer is about, or NULL: the present. (transfer none) */
NnKeptMoment *nn_worker_view (NnWorker *worker, guint64 run);
/* Forgets which moments answers are about: they are looked up anew. */
void nn_worker_clear_views (NnWorker *worker);

/* Handlers. */
void nn_worker_set_rewind_budget (NnWorker *worker, const NnCommand *command);
void nn_worker_rewind (NnWorker *worker, const NnCommand *command);
void nn_worker_fork (NnWorker *worker, const NnCommand *command);
void nn_worker_go_to_run (NnWorker *worker, const NnCommand *command);
void nn_worker_forget_run (NnWorker *worker, const NnCommand *command);

/* ---- nn-session-publish.c ---- */

/* Something is new: it is published at the latest before the worker sleeps. */
void nn_worker_tell (NnWorker *worker);
/* Publishes what is new, now or, unless forced, where the last time is long enough ago. */
void nn_worker_publish (NnWorker *worker, gboolean force);
/* TRUE where nobody has looked for some frames: newer answers than those that wait are for nobody.
 */
gboolean nn_worker_is_ahead (NnWorker *worker);
void nn_worker_add_row (NnWorker *worker, NnRowKind kind, double epoch, double loss,
                        double accuracy);

G_END_DECLS
