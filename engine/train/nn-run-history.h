/* nn-run-history.h: the rows of every training run of a document, and history.csv.
 *
 * A run begins when weights are reset, or where training goes on from an earlier moment: it then
 * has the rows up to there too. Not thread-safe; the session hands rows over in snapshots.
 */
#pragma once

#include <gio/gio.h>

#include "model/nn-types.h"
#include "objectives/nn-metrics.h"

G_BEGIN_DECLS

typedef enum
{
  NN_ROW_BATCH,      /* training loss of one batch */
  NN_ROW_EPOCH,      /* mean training loss of an epoch */
  NN_ROW_VALIDATION, /* loss over the test part after an epoch */
} NnRowKind;

typedef struct
{
  guint64 run;
  NnRowKind kind;
  double epoch; /* position in epochs, fractional for batches: 1.5 = half way through the second */
  guint64 step; /* optimizer steps done */
  double loss;
  double accuracy;      /* 0..1; NaN without a classification objective */
  double seconds;       /* of training time since the run began */
  double learning_rate; /* of the last step; NaN where it is not known */
  double divergence;    /* part of a validation's loss: beta times the KL divergence of sampling
                           layers; 0 where there is none */
  guint metrics;        /* bit i: metric[i] was measured; of validations, accuracy aside */
  float metric[NN_METRICS_MAX]; /* by position in nn_metric_types() */
  guint measure; /* how often the loss has become another one in this run, or one of other data:
                    values of two measures do not compare */
} NnRow;

typedef struct
{
  guint64 id;
  char *name; /* "Run 1" */
} NnRun;

typedef struct _NnRunHistory NnRunHistory;

NnRunHistory *nn_run_history_new (void);
NnRunHistory *nn_run_history_copy (const NnRunHistory *history);
void nn_run_history_free (NnRunHistory *history);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnRunHistory, nn_run_history_free)

/* A new run with the next free id and name. Returns its id. */
guint64 nn_run_history_begin (NnRunHistory *history);
/* Rows in the order of training. One whose step is not beyond the last of its run replaces those
 * from its step on: training went back. */
void nn_run_history_append (NnRunHistory *history, const NnRow *rows,
                            gsize n); /* unknown run ids begin that run */
guint nn_run_history_n_runs (const NnRunHistory *history);
const NnRun *nn_run_history_run (const NnRunHistory *history, guint position);
void nn_run_history_rename (NnRunHistory *history, guint64 run, const char *name);
void nn_run_history_remove (NnRunHistory *history, guint64 run);
/* Rows of one run and kind in order. Batches beyond 20,000 a run are thinned by halves, so memory
 * and drawing stay bounded. */
const NnRow *nn_run_history_rows (const NnRunHistory *history, guint64 run, NnRowKind kind,
                                  gsize *n);
/* The validation row of smallest loss, as nn_rows_best(). */
const NnRow *nn_run_history_best (const NnRunHistory *history, guint64 run);

/* What a row says of the metric at a position in nn_metric_types(), as it is in history.csv, or of
 * the loss; NaN where it was not measured. */
#define NN_ROW_LOSS (-1)
double nn_row_value (const NnRow *row, gint metric);
/* The same for a screen: times the metric's factor. */
double nn_row_shown (const NnRow *row, gint metric);
/* TRUE for what is measured of batches and epochs, too: the loss and the accuracy. */
gboolean nn_row_has_always (gint metric);
/* The row of the smallest value, or of the largest where more is better, of those that were
 * measured as the last one was; NULL where none has one. */
const NnRow *nn_rows_best (const NnRow *rows, gsize n, gint metric);

/* "run,name,kind,epoch,step,loss,accuracy,seconds,learning_rate" with full precision, then
 * "divergence", "measure" and the ids of metrics ("psnr") where any row has one. (transfer full) */
char *nn_run_history_to_csv (const NnRunHistory *history);
/* learning_rate and what follows it may be missing. NN_ERROR_FORMAT names the line and column. */
NnRunHistory *nn_run_history_from_csv (const char *text, gssize length, GError **error);

G_END_DECLS
