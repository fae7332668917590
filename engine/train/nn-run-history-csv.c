/* history.csv (RFC 4180). */
#include "train/nn-run-history-private.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>

#include "base/nn-error.h"

static const char *const kind_names[NN_N_ROW_KINDS] = { "batch", "epoch", "validation" };

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
  COLUMN_LEARNING_RATE, /* empty for NaN; the column is missing in older files */
  COLUMN_DIVERGENCE,    /* empty for 0; the column is missing where all are */
  COLUMN_MEASURE,       /* empty for 0; the same */
  COLUMN_METRICS,       /* from here on by position in nn_metric_types(); missing where unused */
  N_COLUMNS = COLUMN_METRICS + NN_METRICS_MAX
};
G_STATIC_ASSERT (N_COLUMNS <= 32); /* bits of a guint32 */

#define N_COLUMNS_AT_LEAST COLUMN_LEARNING_RATE

static const char *
column_name (guint column)
{
  static const char *const names[COLUMN_METRICS] = {
    "run",      "name",    "kind",          "epoch",      "step",    "loss",
    "accuracy", "seconds", "learning_rate", "divergence", "measure",
  };
  return column < COLUMN_METRICS ? names[column] : nn_metric_types ()[column - COLUMN_METRICS].id;
}

/* ---- writing ---- */

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

/* Empty where it is not a number. */
static void
put_optional (GString *csv, double value)
{
  if (isnan (value))
    g_string_append_c (csv, ',');
  else
    put_double (csv, value);
}

/* Nine digits bring a float back. */
static void
put_metrics (GString *csv, const NnRow *row, guint32 used)
{
  for (guint i = 0; i < NN_METRICS_MAX; i++)
    {
      char text[G_ASCII_DTOSTR_BUF_SIZE] = "";
      if ((used & 1u << (COLUMN_METRICS + i)) == 0)
        continue;
      if ((row->metrics & 1u << i) != 0)
        g_ascii_formatd (text, sizeof text, "%.9g", (double)row->metric[i]);
      g_string_append_printf (csv, ",%s", text);
    }
}

static void
put_row (GString *csv, const NnRun *run, const NnRow *row, guint32 used)
{
  g_string_append_printf (csv, "%" PRIu64 ",", run->id);
  put_text (csv, run->name);
  g_string_append_printf (csv, ",%s", kind_names[row->kind]);
  put_double (csv, row->epoch);
  g_string_append_printf (csv, ",%" PRIu64, row->step);
  put_double (csv, row->loss);
  put_optional (csv, row->accuracy);
  put_double (csv, row->seconds);
  put_optional (csv, row->learning_rate);
  if ((used & 1u << COLUMN_DIVERGENCE) != 0)
    put_optional (csv, row->divergence != 0 ? row->divergence : NAN);
  if ((used & 1u << COLUMN_MEASURE) != 0)
    put_optional (csv, row->measure != 0 ? row->measure : NAN);
  put_metrics (csv, row, used);
  g_string_append_c (csv, '\n');
}

/* The rows of all kinds merged by step; at one step a batch comes before its epoch's end. */
static void
put_run (GString *csv, const NnRunRows *run, guint32 used)
{
  guint next[NN_N_ROW_KINDS] = { 0 };
  for (;;)
    {
      const NnRow *first = NULL;
      for (NnRowKind kind = 0; kind < NN_N_ROW_KINDS; kind++)
        if (next[kind] < run->rows[kind]->len)
          {
            const NnRow *row = &g_array_index (run->rows[kind], NnRow, next[kind]);
            if (!first || row->step < first->step)
              first = row;
          }
      if (!first)
        return;
      put_row (csv, &run->run, first, used);
      next[first->kind]++;
    }
}

/* Bits of the columns that the file has. */
static guint32
columns_used (const NnRunHistory *history)
{
  guint32 used = (1u << COLUMN_DIVERGENCE) - 1;
  for (guint i = 0; i < history->runs->len; i++)
    {
      const NnRunRows *run = g_ptr_array_index (history->runs, i);
      for (NnRowKind kind = 0; kind < NN_N_ROW_KINDS; kind++)
        for (guint k = 0; k < run->rows[kind]->len; k++)
          {
            const NnRow *row = &g_array_index (run->rows[kind], NnRow, k);
            used |= row->metrics << COLUMN_METRICS;
            used |= row->divergence != 0 ? 1u << COLUMN_DIVERGENCE : 0;
            used |= row->measure != 0 ? 1u << COLUMN_MEASURE : 0;
          }
    }
  return used;
}

char *
nn_run_history_to_csv (const NnRunHistory *history)
{
  GString *csv = g_string_new (NULL);
  const guint32 used = columns_used (history);
  for (guint i = 0; i < N_COLUMNS; i++)
    if ((used & 1u << i) != 0)
      g_string_append_printf (csv, "%s%s", i ? "," : "", column_name (i));
  g_string_append_c (csv, '\n');

  for (guint i = 0; i < history->runs->len; i++)
    {
      const NnRunRows *run = g_ptr_array_index (history->runs, i);
      gsize before = csv->len;
      put_run (csv, run, used);
      if (csv->len == before)
        {
          g_string_append_printf (csv, "%" PRIu64 ",", run->run.id);
          put_text (csv, run->run.name);
          for (guint column = COLUMN_KIND; column < N_COLUMNS; column++)
            if ((used & 1u << column) != 0)
              g_string_append_c (csv, ',');
          g_string_append_c (csv, '\n');
        }
    }
  return g_string_free (csv, FALSE);
}

/* ---- reading ---- */

typedef struct
{
  const char *next, *end;
  guint line;     /* of next, from 1 */
  guint row_line; /* where the row in field[] starts */
  guint n_columns;
  guint column[N_COLUMNS];   /* which each of them is */
  GString *field[N_COLUMNS]; /* owned; empty where there is no such column */
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
  guint place = 0;
  while (place < reader->n_columns && reader->column[place] != column)
    place++;
  g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
               _ ("Line %u, column %u (%s): expected %s, found “%s”."), reader->row_line, place + 1,
               column_name (column), expected, reader->field[column]->str);
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
  for (guint i = 0; i < reader->n_columns; i++)
    {
      if (!read_field (reader, reader->column[i], &last, error))
        return FALSE;
      if (last != (i + 1 == reader->n_columns))
        {
          g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                       last ? _ ("Line %u, column %u (%s): expected %u columns, found only %u.")
                            : _ ("Line %u, column %u (%s): expected %u columns, found more."),
                       reader->row_line, i + 1, column_name (reader->column[i]), reader->n_columns,
                       i + 1);
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
  for (*kind = 0; *kind < NN_N_ROW_KINDS; ++*kind)
    if (g_str_equal (reader->field[COLUMN_KIND]->str, kind_names[*kind]))
      return TRUE;
  return wrong (reader, COLUMN_KIND, _ ("batch, epoch or validation"), error);
}

static gboolean
read_metrics (const Reader *reader, NnRow *row, GError **error)
{
  for (guint i = 0; i < NN_METRICS_MAX; i++)
    {
      double value;
      if (reader->field[COLUMN_METRICS + i]->len == 0)
        continue;
      if (!read_double (reader, COLUMN_METRICS + i, &value, error))
        return FALSE;
      row->metrics |= 1u << i;
      row->metric[i] = (float)value;
    }
  return TRUE;
}

static gboolean
read_measure (const Reader *reader, NnRow *row, GError **error)
{
  guint64 measure = 0;
  if (reader->field[COLUMN_MEASURE]->len > 0
      && (!read_u64 (reader, COLUMN_MEASURE, &measure, error)
          || (measure > G_MAXUINT
              && !wrong (reader, COLUMN_MEASURE, _ ("a smaller number"), error))))
    return FALSE;
  row->measure = (guint)measure;
  return TRUE;
}

static gboolean
read_values (const Reader *reader, NnRow *row, GError **error)
{
  row->accuracy = row->learning_rate = NAN;
  return read_kind (reader, &row->kind, error)
         && read_position (reader, COLUMN_EPOCH, &row->epoch, error)
         && read_u64 (reader, COLUMN_STEP, &row->step, error)
         && read_double (reader, COLUMN_LOSS, &row->loss, error)
         && (reader->field[COLUMN_ACCURACY]->len == 0
             || read_double (reader, COLUMN_ACCURACY, &row->accuracy, error))
         && read_position (reader, COLUMN_SECONDS, &row->seconds, error)
         && (reader->field[COLUMN_LEARNING_RATE]->len == 0
             || read_position (reader, COLUMN_LEARNING_RATE, &row->learning_rate, error))
         && (reader->field[COLUMN_DIVERGENCE]->len == 0
             || read_double (reader, COLUMN_DIVERGENCE, &row->divergence, error))
         && read_measure (reader, row, error) && read_metrics (reader, row, error);
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
  NnRunRows *run = nn_run_history_find (history, row.run);
  if (!run)
    {
      run = nn_run_rows_new (row.run, reader->field[COLUMN_NAME]->str);
      g_ptr_array_add (history->runs, run);
    }
  if (is_empty_run (reader))
    return TRUE;
  if (!read_values (reader, &row, error))
    return FALSE;
  nn_run_rows_append (run, &row);
  return TRUE;
}

/* The column that the file has next behind column `before`, by its name; N_COLUMNS: none. */
static guint
find_column (const char *name, gsize length, guint before)
{
  for (guint i = before; i < N_COLUMNS; i++)
    if (column_name (i) == NULL)
      break;
    else if (strlen (column_name (i)) == length && strncmp (column_name (i), name, length) == 0)
      return i;
  return N_COLUMNS;
}

/* Which columns there are. A name that does not belong is taken for the column that is due there:
 * the header's own row then says what is wrong. */
static void
find_columns (Reader *reader)
{
  const char *c = reader->next;
  guint due = 0;
  for (gboolean more = c < reader->end; more && reader->n_columns < N_COLUMNS;)
    {
      gsize length = 0;
      while (c + length < reader->end && !strchr (",\r\n", c[length]))
        length++;
      guint found = due < N_COLUMNS_AT_LEAST ? due : find_column (c, length, due);
      if (found == N_COLUMNS && (due == N_COLUMNS || column_name (due) == NULL))
        break;
      found = found == N_COLUMNS ? due : found;
      reader->column[reader->n_columns++] = found;
      due = found + 1;
      more = c + length < reader->end && c[length] == ',';
      c += length + 1;
    }
  for (guint n = reader->n_columns;
       n < N_COLUMNS_AT_LEAST && reader->n_columns < COLUMN_DIVERGENCE;)
    {
      reader->column[reader->n_columns] = reader->n_columns;
      reader->n_columns++;
    }
}

NnRunHistory *
nn_run_history_from_csv (const char *text, gssize length, GError **error)
{
  g_auto (Reader) reader = { .next = text, .line = 1 };
  reader.end = text + (length < 0 ? strlen (text) : (gsize)length);
  for (guint i = 0; i < N_COLUMNS; i++)
    reader.field[i] = g_string_new (NULL);

  find_columns (&reader);
  if (!read_row (&reader, error))
    return NULL;
  for (guint i = 0; i < reader.n_columns; i++)
    if (!g_str_equal (reader.field[reader.column[i]]->str, column_name (reader.column[i])))
      {
        wrong (&reader, reader.column[i], column_name (reader.column[i]), error);
        return NULL;
      }

  g_autoptr (NnRunHistory) history = nn_run_history_new ();
  while (reader.next < reader.end)
    if (!read_row (&reader, error) || !add_row (history, &reader, error))
      return NULL;
  g_ptr_array_foreach (history->runs, (GFunc)(void (*) (void))nn_run_rows_infer_stride, NULL);
  return g_steal_pointer (&history);
}
