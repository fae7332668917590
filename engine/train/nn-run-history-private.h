/* nn-run-history-private.h: what nn-run-history.c and nn-run-history-csv.c share. */
#pragma once

#include "train/nn-run-history.h"

G_BEGIN_DECLS

#define NN_N_ROW_KINDS (NN_ROW_VALIDATION + 1)

typedef struct
{
  NnRun run;
  GArray *rows[NN_N_ROW_KINDS]; /* NnRow, owned */
  guint64 stride;               /* one batch row of so many is kept */
  guint64 n_seen;               /* batch rows appended, kept or not */
} NnRunRows;

struct _NnRunHistory
{
  GPtrArray *runs; /* NnRunRows, owned, in order of appearance */
};

NnRunRows *nn_run_rows_new (guint64 id, const char *name);
NnRunRows *nn_run_history_find (const NnRunHistory *history, guint64 id); /* NULL if none */
void nn_run_rows_append (NnRunRows *run, const NnRow *row);               /* whatever its step */
void nn_run_rows_infer_stride (NnRunRows *run);                           /* after reading a run */

G_END_DECLS
