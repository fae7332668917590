#include "train/nn-run-history.h"

#include <math.h>
#include <string.h>

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>

#include "base/nn-error.h"

#define N_KINDS (NN_ROW_VALIDATION + 1)

/* Batch rows of one run; beyond it every second one is dropped. */
#define MAX_BATCH_ROWS 20000

static const char *const kind_names[N_KINDS] = { "batch", "epoch", "validation" };

typedef struct
{
  NnRun run;
  GArray *rows[N_KINDS]; /* NnRow, owned */
  guint64 stride;        /* one batch row of so many is kept */
  guint64 n_seen;        /* batch rows appended, kept or not */
} RunRows;

struct _NnRunHistory
{
  GPtrArray *runs; /* RunRows, owned, in order of appearance */
};

/* ---- runs ---- */

static RunRows *
run_rows_new (guint64 id, const char *name)
{
  RunRows *run = g_new0 (RunRows, 1);
  run->run.id = id;
  run->run.name = g_strdup (name);
  run->stride = 1;
  for (NnRowKind kind = 0; kind < N_KINDS; kind++)
    run->rows[kind] = g_array_new (FALSE, FALSE, sizeof (NnRow));
  return run;
}

static void
run_rows_free (RunRows *run)
{
  for (NnRowKind kind = 0; kind < N_KINDS; kind++)
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
      const RunRows *from = g_ptr_array_index (history->runs, i);
      RunRows *to = run_rows_new (from->run.id, from->run.name);
      to->stride = from->stride;
      to->n_seen = from->n_seen;
      for (NnRowKind kind = 0; kind < N_KINDS; kind++)
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

static RunRows *
find_run (const NnRunHistory *history, guint64 id)
{
  for (guint i = 0; i < history->runs->len; i++)
    {
      RunRows *run = g_ptr_array_index (history->runs, i);
      if (run->run.id == id)
        return run;
    }
  return NULL;
}

static RunRows *
add_run (NnRunHistory *history, guint64 id)
{
  g_autofree char *name = g_strdup_printf (_ ("Run %zu"), (gsize)id);
  RunRows *run = run_rows_new (id, name);
  g_ptr_array_add (history->runs, run);
  return run;
}

guint64
nn_run_history_begin (NnRunHistory *history)
{
  guint64 last = 0;
  for (guint i = 0; i < history->runs->len; i++)
    last = MAX (last, ((RunRows *)g_ptr_array_index (history->runs, i))->run.id);
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
  return &((RunRows *)g_ptr_array_index (history->runs, position))->run;
}

void
nn_run_history_rename (NnRunHistory *history, guint64 run, const char *name)
{
  RunRows *rows = find_run (history, run);
  g_return_if_fail (rows != NULL);
  g_autofree char *old = rows->run.name;
  rows->run.name = g_strdup (name);
}

void
nn_run_history_remove (NnRunHistory *history, guint64 run)
{
  g_ptr_array_remove (history->runs, find_run (history, run));
}

/* ---- rows ---- */

/* Kept are the rows 0, stride, 2 stride ... of all that were appended; halving keeps every second
 * of them, which are those of twice the stride. */
static void
append_batch (RunRows *run, const NnRow *row)
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
nn_run_history_append (NnRunHistory *history, const NnRow *rows, gsize n)
{
  RunRows *run = NULL;
  for (gsize i = 0; i < n; i++)
    {
      g_return_if_fail (rows[i].kind < N_KINDS);
      if (!run || run->run.id != rows[i].run)
        run = find_run (history, rows[i].run);
      if (!run)
        run = add_run (history, rows[i].run);
      if (rows[i].kind == NN_ROW_BATCH)
        append_batch (run, &rows[i]);
      else
        g_array_append_val (run->rows[rows[i].kind], rows[i]);
    }
}

const NnRow *
nn_run_history_rows (const NnRunHistory *history, guint64 run, NnRowKind kind, gsize *n)
{
  g_return_val_if_fail (kind < N_KINDS, NULL);
  const RunRows *rows = find_run (history, run);
  *n = rows ? rows->rows[kind]->len : 0;
  return *n ? (const NnRow *)rows->rows[kind]->data : NULL;
}

const NnRow *
nn_run_history_best (const NnRunHistory *history, guint64 run)
{
  gsize n;
  const NnRow *best = NULL, *rows = nn_run_history_rows (history, run, NN_ROW_VALIDATION, &n);
  for (gsize i = 0; i < n; i++)
    if (isfinite (rows[i].loss) && (!best || rows[i].loss < best->loss))
      best = &rows[i];
  return best;
}

/* ---- CSV (RFC 4180) ---- */

enum
{
  COLUMN_RUN,
  COLUMN_NAME,
  COLUMN_KIND, /* empty, as are the columns after it, for a run that has no rows */
  COLUMN_EPOCH,
  COLUMN_STEP,
  COLUMN_LOSS,
  COLUMN_ACCURACY, /* empty for NaN */
  COLUMN_SECONDS,
  N_COLUMNS
};

static const char *const columns[N_COLUMNS] = { "run",  "name", "kind",     "epoch",
                                                "step", "loss", "accuracy", "seconds" };

static void
put_text (GString *csv, const char *text)
{
  if (!strpbrk (text, ",\"\r\n"))
    {
      g_string_append (csv, text);
      return;
    }
  g_string_append_c (csv, '"');
  for (const char *c = text; *c; c++)
    g_string_append (csv, *c == '"' ? "\"\"" : (const char[]){ *c, '\0' });
  g_string_append_c (csv, '"');
}

static void
put_double (GString *csv, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  g_string_append_c (csv, ',');
  g_string_append (csv, g_ascii_dtostr (text, sizeof text, value));
}

static void
put_row (GString *csv, const NnRun *run, const NnRow *row)
{
  g_string_append_printf (csv, "%" G_GUINT64_FORMAT ",", run->id);
  put_text (csv, run->name);
  g_string_append_printf (csv, ",%s", kind_names[row->kind]);
  put_double (csv, row->epoch);
  g_string_append_printf (csv, ",%" G_GUINT64_FORMAT, row->step);
  put_double (csv, row->loss);
  if (isnan (row->accuracy))
    g_string_append_c (csv, ',');
  else
    put_double (csv, row->accuracy);
  put_double (csv, row->seconds);
  g_string_append_c (csv, '\n');
}

/* The rows of all kinds merged by step; at one step a batch comes before its epoch's end. */
static void
put_run (GString *csv, const RunRows *run)
{
  guint next[N_KINDS] = { 0 };
  for (;;)
    {
      const NnRow *first = NULL;
      for (NnRowKind kind = 0; kind < N_KINDS; kind++)
        if (next[kind] < run->rows[kind]->len)
          {
            const NnRow *row = &g_array_index (run->rows[kind], NnRow, next[kind]);
            if (!first || row->step < first->step)
              first = row;
          }
      if (!first)
        return;
      put_row (csv, &run->run, first);
      next[first->kind]++;
    }
}

char *
nn_run_history_to_csv (const NnRunHistory *history)
{
  GString *csv = g_string_new (NULL);
  for (guint i = 0; i < N_COLUMNS; i++)
    g_string_append_printf (csv, "%s%s", i ? "," : "", columns[i]);
  g_string_append_c (csv, '\n');

  for (guint i = 0; i < history->runs->len; i++)
    {
      const RunRows *run = g_ptr_array_index (history->runs, i);
      gsize before = csv->len;
      put_run (csv, run);
      if (csv->len == before)
        {
          g_string_append_printf (csv, "%" G_GUINT64_FORMAT ",", run->run.id);
          put_text (csv, run->run.name);
          g_string_append (csv, ",,,,,,\n");
        }
    }
  return g_string_free (csv, FALSE);
}

typedef struct
{
  const char *next, *end;
  guint line;                /* of next, from 1 */
  guint row_line;            /* where the row in field[] starts */
  GString *field[N_COLUMNS]; /* owned */
} Reader;

static void
reader_clear (Reader *reader)
{
  for (guint i = 0; i < N_COLUMNS; i++)
    g_string_free (reader->field[i], TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Reader, reader_clear)

static gboolean
wrong (const Reader *reader, guint column, const char *expected, GError **error)
{
  g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
               _ ("Line %u, column %u (%s): expected %s, found “%s”."), reader->row_line,
               column + 1, columns[column], expected, reader->field[column]->str);
  return FALSE;
}

/* Reads up to and including the comma or line end behind the field; *last: it was a line end. */
static gboolean
read_field (Reader *reader, guint column, gboolean *last, GError **error)
{
  GString *field = reader->field[column];
  g_string_truncate (field, 0);
  gboolean quoted = reader->next < reader->end && *reader->next == '"';
  if (quoted)
    reader->next++;

  while (reader->next < reader->end)
    {
      char c = *reader->next;
      if (quoted && c == '"')
        {
          reader->next++;
          if (reader->next == reader->end || *reader->next != '"')
            break;
        }
      else if (!quoted && (c == ',' || c == '\n' || c == '\r'))
        break;
      reader->line += c == '\n';
      g_string_append_c (field, c);
      reader->next++;
      if (reader->next == reader->end && quoted)
        return wrong (reader, column, _ ("a closing quotation mark"), error);
    }
  if (strlen (field->str) != field->len || !g_utf8_validate (field->str, (gssize)field->len, NULL))
    {
      g_string_assign (field, "\357\277\275");
      return wrong (reader, column, _ ("text in UTF-8"), error);
    }

  const char *end = reader->next;
  if (end < reader->end && *end == '\r' && end + 1 < reader->end && end[1] == '\n')
    end++;
  *last = end == reader->end || *end == '\n';
  if (!*last && *end != ',')
    return wrong (reader, column, _ ("a comma or the end of the line behind it"), error);
  reader->line += end < reader->end && *end == '\n';
  reader->next = end == reader->end ? end : end + 1;
  return TRUE;
}

static gboolean
read_row (Reader *reader, GError **error)
{
  gboolean last = FALSE;
  reader->row_line = reader->line;
  for (guint i = 0; i < N_COLUMNS; i++)
    {
      if (!read_field (reader, i, &last, error))
        return FALSE;
      if (last != (i + 1 == N_COLUMNS))
        {
          g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                       last ? _ ("Line %u, column %u (%s): expected %u columns, found only %u.")
                            : _ ("Line %u, column %u (%s): expected %u columns, found more."),
                       reader->row_line, i + 1, columns[i], N_COLUMNS, i + 1);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
read_u64 (const Reader *reader, guint column, guint64 *value, GError **error)
{
  return g_ascii_string_to_unsigned (reader->field[column]->str, 10, 0, G_MAXUINT64, value, NULL)
         || wrong (reader, column, _ ("a whole number"), error);
}

static gboolean
read_double (const Reader *reader, guint column, double *value, GError **error)
{
  const char *text = reader->field[column]->str;
  char *end;
  *value = g_ascii_strtod (text, &end);
  return (end != text && *end == '\0' && !g_ascii_isspace (text[0]))
         || wrong (reader, column, _ ("a number"), error);
}

/* Time and position, which plots scale their axes by. */
static gboolean
read_position (const Reader *reader, guint column, double *value, GError **error)
{
  return read_double (reader, column, value, error)
         && ((isfinite (*value) && *value >= 0.0)
             || wrong (reader, column, _ ("a number of at least 0"), error));
}

static gboolean
read_kind (const Reader *reader, NnRowKind *kind, GError **error)
{
  for (*kind = 0; *kind < N_KINDS; ++*kind)
    if (g_str_equal (reader->field[COLUMN_KIND]->str, kind_names[*kind]))
      return TRUE;
  return wrong (reader, COLUMN_KIND, _ ("batch, epoch or validation"), error);
}

static gboolean
read_values (const Reader *reader, NnRow *row, GError **error)
{
  row->accuracy = NAN;
  return read_kind (reader, &row->kind, error)
         && read_position (reader, COLUMN_EPOCH, &row->epoch, error)
         && read_u64 (reader, COLUMN_STEP, &row->step, error)
         && read_double (reader, COLUMN_LOSS, &row->loss, error)
         && (reader->field[COLUMN_ACCURACY]->len == 0
             || read_double (reader, COLUMN_ACCURACY, &row->accuracy, error))
         && read_position (reader, COLUMN_SECONDS, &row->seconds, error);
}

static gboolean
is_empty_run (const Reader *reader)
{
  for (guint i = COLUMN_KIND; i < N_COLUMNS; i++)
    if (reader->field[i]->len > 0)
      return FALSE;
  return TRUE;
}

static gboolean
add_row (NnRunHistory *history, const Reader *reader, GError **error)
{
  NnRow row = { 0 };
  if (!read_u64 (reader, COLUMN_RUN, &row.run, error))
    return FALSE;
  RunRows *run = find_run (history, row.run);
  if (!run)
    {
      run = run_rows_new (row.run, reader->field[COLUMN_NAME]->str);
      g_ptr_array_add (history->runs, run);
    }
  if (is_empty_run (reader))
    return TRUE;
  if (!read_values (reader, &row, error))
    return FALSE;
  nn_run_history_append (history, &row, 1);
  return TRUE;
}

/* A run that was thinned has more than half the rows it may have; the distance of its last two
 * tells how far, so that what follows is as dense as what is there. */
static void
infer_stride (RunRows *run)
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

NnRunHistory *
nn_run_history_from_csv (const char *text, gssize length, GError **error)
{
  g_auto (Reader) reader = { .next = text, .line = 1 };
  reader.end = text + (length < 0 ? strlen (text) : (gsize)length);
  for (guint i = 0; i < N_COLUMNS; i++)
    reader.field[i] = g_string_new (NULL);

  if (!read_row (&reader, error))
    return NULL;
  for (guint i = 0; i < N_COLUMNS; i++)
    if (!g_str_equal (reader.field[i]->str, columns[i]))
      {
        wrong (&reader, i, columns[i], error);
        return NULL;
      }

  g_autoptr (NnRunHistory) history = nn_run_history_new ();
  while (reader.next < reader.end)
    if (!read_row (&reader, error) || !add_row (history, &reader, error))
      return NULL;
  g_ptr_array_foreach (history->runs, (GFunc)(void (*) (void))infer_stride, NULL);
  return g_steal_pointer (&history);
}
