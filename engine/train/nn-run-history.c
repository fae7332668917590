#include "train/nn-run-history-private.h"

#include <math.h>

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>

/* Batch rows of one run; beyond it every second one is dropped. */
#define MAX_BATCH_ROWS 20000

/* ---- what a row says ---- */

static gboolean
is_accuracy (gint metric)
{
  return metric != NN_ROW_LOSS && g_str_equal (nn_metric_types ()[metric].id, "accuracy");
}

gboolean
nn_row_has_always (gint metric)
{
  return metric == NN_ROW_LOSS || is_accuracy (metric);
}

double
nn_row_value (const NnRow *row, gint metric)
{
  if (metric == NN_ROW_LOSS)
    return row->loss;
  if (is_accuracy (metric))
    return row->accuracy;
  return (row->metrics & 1u << metric) != 0 ? (double)row->metric[metric] : NAN;
}

double
nn_row_shown (const NnRow *row, gint metric)
{
  const double value = nn_row_value (row, metric);
  return metric == NN_ROW_LOSS ? value : nn_metric_types ()[metric].factor * value;
}

const NnRow *
nn_rows_best (const NnRow *rows, gsize n, gint metric)
{
  const double sign = metric == NN_ROW_LOSS || nn_metric_types ()[metric].less_is_better ? 1 : -1;
  const NnRow *best = NULL;
  gsize first = n;
  while (first > 0 && rows[first - 1].measure == rows[n - 1].measure)
    first--;
  for (gsize i = first; i < n; i++)
    {
      const double value = nn_row_value (&rows[i], metric);
      if (isfinite (value) && (!best || sign * value < sign * nn_row_value (best, metric)))
        best = &rows[i];
    }
  return best;
}

/* ---- runs ---- */

NnRunRows *
nn_run_rows_new (guint64 id, const char *name)
{
  NnRunRows *run = g_new0 (NnRunRows, 1);
  run->run.id = id;
  run->run.name = g_strdup (name);
  run->stride = 1;
  for (NnRowKind kind = 0; kind < NN_N_ROW_KINDS; kind++)
    run->rows[kind] = g_array_new (FALSE, FALSE, sizeof (NnRow));
  return run;
}

static void
run_rows_free (NnRunRows *run)
{
  for (NnRowKind kind = 0; kind < NN_N_ROW_KINDS; kind++)
    g_array_unref (run->rows[kind]);
  g_free (run->run.name);
  g_free (run);
}

NnRunHistory *
nn_run_history_new (void)
{
  NnRunHistory *history = g_new0 (NnRunHistory, 1);
  history->runs = g_ptr_array_new_with_free_func ((GDestroyNotify)run_rows_free);
  return history;
}

NnRunHistory *
nn_run_history_copy (const NnRunHistory *history)
{
  NnRunHistory *copy = nn_run_history_new ();
  for (guint i = 0; i < history->runs->len; i++)
    {
      const NnRunRows *from = g_ptr_array_index (history->runs, i);
      NnRunRows *to = nn_run_rows_new (from->run.id, from->run.name);
      to->stride = from->stride;
      to->n_seen = from->n_seen;
      for (NnRowKind kind = 0; kind < NN_N_ROW_KINDS; kind++)
        if (from->rows[kind]->len > 0)
          g_array_append_vals (to->rows[kind], from->rows[kind]->data, from->rows[kind]->len);
      g_ptr_array_add (copy->runs, to);
    }
  return copy;
}

void
nn_run_history_free (NnRunHistory *history)
{
  if (!history)
    return;
  g_ptr_array_unref (history->runs);
  g_free (history);
}

NnRunRows *
nn_run_history_find (const NnRunHistory *history, guint64 id)
{
  for (guint i = 0; i < history->runs->len; i++)
    {
      NnRunRows *run = g_ptr_array_index (history->runs, i);
      if (run->run.id == id)
        return run;
    }
  return NULL;
}

static NnRunRows *
add_run (NnRunHistory *history, guint64 id)
{
  g_autofree char *name = g_strdup_printf (_ ("Run %zu"), (gsize)id);
  NnRunRows *run = nn_run_rows_new (id, name);
  g_ptr_array_add (history->runs, run);
  return run;
}

guint64
nn_run_history_begin (NnRunHistory *history)
{
  guint64 last = 0;
  for (guint i = 0; i < history->runs->len; i++)
    last = MAX (last, ((NnRunRows *)g_ptr_array_index (history->runs, i))->run.id);
  return add_run (history, last + 1)->run.id;
}

guint
nn_run_history_n_runs (const NnRunHistory *history)
{
  return history->runs->len;
}

const NnRun *
nn_run_history_run (const NnRunHistory *history, guint position)
{
  g_return_val_if_fail (position < history->runs->len, NULL);
  return &((NnRunRows *)g_ptr_array_index (history->runs, position))->run;
}

void
nn_run_history_rename (NnRunHistory *history, guint64 run, const char *name)
{
  NnRunRows *rows = nn_run_history_find (history, run);
  g_return_if_fail (rows != NULL);
  g_autofree char *old = rows->run.name;
  rows->run.name = g_strdup (name);
}

void
nn_run_history_remove (NnRunHistory *history, guint64 run)
{
  g_ptr_array_remove (history->runs, nn_run_history_find (history, run));
}

/* ---- rows ---- */

/* Kept are the rows 0, stride, 2 stride ... of all that were appended; halving keeps every second
 * of them, which are those of twice the stride. */
static void
append_batch (NnRunRows *run, const NnRow *row)
{
  GArray *rows = run->rows[NN_ROW_BATCH];
  if (run->n_seen++ % run->stride != 0)
    return;
  g_array_append_val (rows, *row);
  if (rows->len <= MAX_BATCH_ROWS)
    return;

  NnRow *all = (NnRow *)rows->data;
  guint kept = 0;
  for (guint i = 0; i < rows->len; i += 2)
    all[kept++] = all[i];
  g_array_set_size (rows, kept);
  run->stride *= 2;
}

void
nn_run_rows_append (NnRunRows *run, const NnRow *row)
{
  if (row->kind == NN_ROW_BATCH)
    append_batch (run, row);
  else
    g_array_append_val (run->rows[row->kind], *row);
}

/* Training that went back, as it does where a loss is no longer finite, comes past the same steps
 * again: what was known of them, and what followed from it, is of weights that are no more. A
 * batch comes before the end of its epoch, and that before its validation. */
static void
go_back (NnRunRows *run, const NnRow *row)
{
  for (guint kind = row->kind; kind < NN_N_ROW_KINDS; kind++)
    {
      GArray *rows = run->rows[kind];
      guint n = rows->len;
      while (n > 0 && g_array_index (rows, NnRow, n - 1).step >= row->step)
        n--;
      if (n == rows->len)
        continue;
      g_array_set_size (rows, n);
      if (kind == NN_ROW_BATCH)
        run->n_seen = n * run->stride;
    }
}

void
nn_run_history_append (NnRunHistory *history, const NnRow *rows, gsize n)
{
  NnRunRows *run = NULL;
  for (gsize i = 0; i < n; i++)
    {
      g_return_if_fail (rows[i].kind < NN_N_ROW_KINDS);
      if (!run || run->run.id != rows[i].run)
        run = nn_run_history_find (history, rows[i].run);
      if (!run)
        run = add_run (history, rows[i].run);
      go_back (run, &rows[i]);
      nn_run_rows_append (run, &rows[i]);
    }
}

const NnRow *
nn_run_history_rows (const NnRunHistory *history, guint64 run, NnRowKind kind, gsize *n)
{
  g_return_val_if_fail (kind < NN_N_ROW_KINDS, NULL);
  const NnRunRows *rows = nn_run_history_find (history, run);
  *n = rows ? rows->rows[kind]->len : 0;
  return *n ? (const NnRow *)rows->rows[kind]->data : NULL;
}

const NnRow *
nn_run_history_best (const NnRunHistory *history, guint64 run)
{
  gsize n;
  const NnRow *rows = nn_run_history_rows (history, run, NN_ROW_VALIDATION, &n);
  return nn_rows_best (rows, n, NN_ROW_LOSS);
}

/* A run that was thinned has more than half the rows it may have; the distance of its last two
 * tells how far, so that what follows is as dense as what is there. */
void
nn_run_rows_infer_stride (NnRunRows *run)
{
  const GArray *rows = run->rows[NN_ROW_BATCH];
  if (run->stride > 1 || rows->len <= MAX_BATCH_ROWS / 2)
    return;
  guint64 last = g_array_index (rows, NnRow, rows->len - 1).step;
  guint64 before = g_array_index (rows, NnRow, rows->len - 2).step;
  if (last > before && last - before <= G_MAXUINT32)
    run->stride = last - before;
  run->n_seen = rows->len * run->stride;
}
