#include "data/nn-csv-file.h"

#include <math.h>
#include <string.h>

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>

#include "base/nn-error.h"
#include "data/nn-byte-stream.h"

#define FIRST_SIZE (256 * 1024)

/* Rows looked at to find the separator. */
#define ROWS_LOOKED_AT 50
/* Of them, the part that must have the same number of cells. */
#define ALIKE 0.9

/* ---- rows and cells ---- */

static gboolean
separates (char c, const NnCsvDialect *dialect)
{
  return c == dialect->separator || (dialect->separator == ' ' && c == '\t');
}

gsize
nn_csv_row_length (const char *bytes, gsize n, const NnCsvDialect *dialect, gboolean *in_quotes)
{
  const char *end = memchr (bytes, dialect->line_end, n);
  const char *quote = memchr (bytes, '"', end ? (gsize)(end - bytes) : n);
  *in_quotes = FALSE;
  if (!quote)
    return end ? (gsize)(end - bytes) + 1 : 0;

  /* A quote opens a cell only at its start: elsewhere it is a letter (5" disk). */
  gboolean quoted = FALSE, starts = TRUE;
  for (gsize i = 0; i < n; i++)
    if (quoted)
      quoted = bytes[i] != '"';
    else if (bytes[i] == dialect->line_end)
      return i + 1;
    else
      {
        /* The second of two quotes within a cell opens it again. */
        quoted = bytes[i] == '"' && (starts || (i > 0 && bytes[i - 1] == '"'));
        starts = separates (bytes[i], dialect) || (starts && bytes[i] == ' ');
      }
  *in_quotes = quoted;
  return 0;
}

static gboolean
is_blank (char c)
{
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void
add_cell (GArray *cells, char *text, char *end)
{
  while (text < end && is_blank (*text))
    text++;
  while (end > text && is_blank (end[-1]))
    end--;
  *end = '\0';
  const NnCsvCell cell = { text, (gsize)(end - text) };
  g_array_append_val (cells, cell);
}

/* A quoted cell, at whose opening quote `at` stands: unquoted in place. Returns what follows the
 * closing quote. */
static char *
unquote (char *at, char *stop, char **end)
{
  char *to = at;
  for (at++; at < stop; at++)
    if (*at != '"')
      *to++ = *at;
    else if (at + 1 < stop && at[1] == '"')
      *to++ = *at++;
    else
      {
        at++;
        break;
      }
  *end = to;
  return at;
}

void
nn_csv_cut (char *row, gsize length, const NnCsvDialect *dialect, GArray *cells)
{
  char *at = row, *stop = row + length;
  const gboolean spaces = dialect->separator == ' ';
  g_array_set_size (cells, 0);
  while (stop > at && (stop[-1] == '\n' || stop[-1] == '\r' || (spaces && is_blank (stop[-1]))))
    stop--;
  for (;;)
    {
      while (at < stop && *at == ' ')
        at++;
      char *start = at, *end;
      if (at < stop && *at == '"')
        {
          at = unquote (at, stop, &end);
          while (at < stop && !separates (*at, dialect))
            *end++ = *at++;
        }
      else
        {
          while (at < stop && !separates (*at, dialect))
            at++;
          end = at;
        }
      const gboolean more = at < stop;
      add_cell (cells, start, end);
      if (!more)
        return;
      at++;
      while (spaces && at < stop && is_blank (*at))
        at++;
    }
}

gboolean
nn_csv_is_missing (const NnCsvCell *cell)
{
  static const char *const words[] = { "na",      "n/a",  "nan", "null", "none", "nil",
                                       "missing", "#n/a", "?",   "-",    "." };
  if (cell->length == 0)
    return TRUE;
  if (cell->length > 7 || g_ascii_isdigit (cell->text[0]))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_ascii_strcasecmp (words[i], cell->text) == 0)
      return TRUE;
  return FALSE;
}

/* ---- numbers ---- */

static inline gboolean
is_digit (char c)
{
  return (guchar)(c - '0') < 10;
}

/* Powers of ten that a double holds exactly. */
static const double powers[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                 1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };

/* The long way, for numbers of many digits. */
static double
slow_number (const NnCsvCell *cell, char decimal)
{
  g_autofree char *copy = g_strndup (cell->text, cell->length);
  if (decimal != '.')
    g_strdelimit (copy, (const char[]){ decimal, '\0' }, '.');
  return g_ascii_strtod (copy, NULL);
}

gboolean
nn_csv_number (const NnCsvCell *cell, char decimal, double *value)
{
  const char *c = cell->text;
  const gboolean negative = *c == '-';
  guint64 mantissa = 0;
  guint n_digits = 0, n_significant = 0;
  gint exponent = 0;
  c += negative || *c == '+';
  for (gboolean after = FALSE; is_digit (*c) || (*c == decimal && !after); c++)
    {
      if (*c == decimal)
        {
          after = TRUE;
          continue;
        }
      n_digits++;
      n_significant += mantissa > 0 || *c != '0';
      if (n_significant <= 18)
        mantissa = mantissa * 10 + (guint64)(*c - '0');
      exponent -= after;
    }
  if (n_digits == 0)
    return FALSE;
  if (*c == 'e' || *c == 'E')
    {
      c++;
      const gboolean minus = *c == '-';
      c += minus || *c == '+';
      if (!is_digit (*c))
        return FALSE;
      gint power = 0;
      for (; is_digit (*c); c++)
        power = MIN (power * 10 + (*c - '0'), 100000);
      exponent += minus ? -power : power;
    }
  if (c != cell->text + cell->length)
    return FALSE;

  /* Both exact, so their quotient or product is rounded once: the nearest double. */
  if (n_significant <= 18 && mantissa < G_GUINT64_CONSTANT (1) << 53 && ABS (exponent) <= 22)
    {
      *value =
          exponent < 0 ? (double)mantissa / powers[-exponent] : (double)mantissa * powers[exponent];
      if (negative)
        *value = -*value;
    }
  else
    *value = slow_number (cell, decimal);
  return isfinite (*value);
}

/* ---- recognising ---- */

static gboolean
refuse_wide (const char *name, const char *encoding, GError **error)
{
  g_set_error (error, NN_ERROR, NN_ERROR_UNSUPPORTED,
               _ ("“%s” is text in %s, which is not read; save it as UTF-8."), name, encoding);
  return FALSE;
}

static gboolean
recognise_encoding (const guint8 *bytes, gsize n, const char *name, const NnParams *options,
                    NnCsvDialect *dialect, GError **error)
{
  if (n >= 2 && ((bytes[0] == 0xff && bytes[1] == 0xfe) || (bytes[0] == 0xfe && bytes[1] == 0xff)))
    return refuse_wide (name, n >= 4 && bytes[2] == 0 && bytes[3] == 0 ? "UTF-32" : "UTF-16",
                        error);
  const guint8 *zero = memchr (bytes, 0, n);
  if (zero)
    {
      /* Two bytes a letter, of which Latin letters use one. */
      const gsize at = (gsize)(zero - bytes);
      if (at <= 1 && n >= 4 && bytes[at + 2] == 0 && bytes[1 - at] != 0 && bytes[3 - at] != 0)
        return refuse_wide (name, "UTF-16", error);
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("“%s” is no text: it has a zero at byte %zu."), name, at);
      return FALSE;
    }
  dialect->start = n >= 3 && memcmp (bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
  dialect->latin1 = !g_str_equal (nn_params_text (options, "encoding"), "utf-8");
  return TRUE;
}

/* The first rows of bytes cut by a dialect, one after the other; the last one of a sample may be
 * cut off and counts where it is the only one. */
typedef struct
{
  const char *at, *stop;
  const NnCsvDialect *dialect;
  GByteArray *row;
  GArray *cells;
} Rows;

static void
rows_init (Rows *rows, const char *bytes, gsize n, const NnCsvDialect *dialect)
{
  *rows = (Rows){ bytes + dialect->start, bytes + n, dialect, g_byte_array_new (),
                  g_array_new (FALSE, FALSE, sizeof (NnCsvCell)) };
}

static void
rows_clear (Rows *rows)
{
  g_byte_array_unref (rows->row);
  g_array_unref (rows->cells);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Rows, rows_clear)

static gboolean
rows_next (Rows *rows)
{
  while (rows->at < rows->stop)
    {
      const gsize left = (gsize)(rows->stop - rows->at);
      gboolean in_quotes;
      const gsize length = nn_csv_row_length (rows->at, left, rows->dialect, &in_quotes);
      const gsize taken = length ? length : left;
      g_byte_array_set_size (rows->row, (guint)taken + 1);
      memcpy (rows->row->data, rows->at, taken);
      rows->at += taken;
      nn_csv_cut ((char *)rows->row->data, taken, rows->dialect, rows->cells);
      if (rows->cells->len > 1 || g_array_index (rows->cells, NnCsvCell, 0).length > 0)
        return TRUE;
    }
  return FALSE;
}

/* How much speaks for a separator: the part of rows that have as many cells as most have; 0 where
 * that is one. */
static double
likeness (const char *bytes, gsize n, const NnCsvDialect *dialect)
{
  guint counts[ROWS_LOOKED_AT] = { 0 }, n_rows = 0;
  g_auto (Rows) rows;
  rows_init (&rows, bytes, n, dialect);
  while (n_rows < ROWS_LOOKED_AT && rows_next (&rows))
    counts[n_rows++] = rows.cells->len;
  /* The last row of a sample may be cut off. */
  if (n_rows > 1 && rows.at == rows.stop)
    n_rows--;
  guint best = 0;
  for (guint i = 0; i < n_rows; i++)
    {
      guint alike = 0;
      for (guint k = 0; k < n_rows; k++)
        alike += counts[k] == counts[i];
      if (counts[i] > 1)
        best = MAX (best, alike);
    }
  return n_rows ? (double)best / n_rows : 0;
}

static void
recognise_separator (const char *bytes, gsize n, const char *choice, NnCsvDialect *dialect)
{
  /* Likeliest last: commas are found within numbers and texts, spaces anywhere. */
  static const struct
  {
    const char *id;
    char separator;
  } separators[] = {
    { "tab", '\t' }, { "semicolon", ';' }, { "bar", '|' }, { "comma", ',' }, { "space", ' ' }
  };
  char found = ',';
  double best = 0;
  for (guint i = 0; i < G_N_ELEMENTS (separators) && best < ALIKE; i++)
    {
      dialect->separator = separators[i].separator;
      if (g_str_equal (choice, separators[i].id))
        return;
      const double alike = g_str_equal (choice, "auto") ? likeness (bytes, n, dialect) : 0;
      if (alike > best)
        {
          best = alike;
          found = separators[i].separator;
        }
    }
  dialect->separator = found;
}

static void
recognise_decimal (const char *bytes, gsize n, const char *choice, NnCsvDialect *dialect)
{
  dialect->decimal = g_str_equal (choice, "comma") ? ',' : '.';
  if (!g_str_equal (choice, "auto") || dialect->separator == ',')
    return;
  guint points = 0, commas = 0;
  double value;
  g_auto (Rows) rows;
  rows_init (&rows, bytes, n, dialect);
  for (guint r = 0; r < ROWS_LOOKED_AT && rows_next (&rows); r++)
    for (guint i = 0; i < rows.cells->len; i++)
      {
        const NnCsvCell *cell = &g_array_index (rows.cells, NnCsvCell, i);
        points += nn_csv_number (cell, '.', &value);
        commas += nn_csv_number (cell, ',', &value);
      }
  dialect->decimal = commas > points ? ',' : '.';
}

/* A header has no number in any column that is otherwise one of numbers. */
static void
recognise_header (const char *bytes, gsize n, const char *choice, NnCsvDialect *dialect)
{
  dialect->has_header = g_str_equal (choice, "yes");
  if (!g_str_equal (choice, "auto"))
    return;
  double value;
  g_auto (Rows) rows;
  rows_init (&rows, bytes, n, dialect);
  if (!rows_next (&rows))
    return;
  const guint n_columns = rows.cells->len;
  g_autofree gboolean *number_first = g_new0 (gboolean, n_columns);
  g_autofree gint *numbers = g_new0 (gint, n_columns); /* more numbers than texts */
  for (guint i = 0; i < n_columns; i++)
    number_first[i] =
        nn_csv_number (&g_array_index (rows.cells, NnCsvCell, i), dialect->decimal, &value);
  for (guint r = 0; r < ROWS_LOOKED_AT && rows_next (&rows); r++)
    for (guint i = 0; i < MIN (n_columns, rows.cells->len); i++)
      {
        const NnCsvCell *cell = &g_array_index (rows.cells, NnCsvCell, i);
        if (!nn_csv_is_missing (cell))
          numbers[i] += nn_csv_number (cell, dialect->decimal, &value) ? 1 : -1;
      }
  for (guint i = 0; i < n_columns; i++)
    if (numbers[i] > 0)
      {
        dialect->has_header = !number_first[i];
        if (number_first[i])
          return;
      }
}

gboolean
nn_csv_recognise (const char *bytes, gsize n, const char *name, const NnParams *options,
                  NnCsvDialect *dialect, GError **error)
{
  *dialect = (NnCsvDialect){ .separator = ',', .decimal = '.' };
  if (!recognise_encoding ((const guint8 *)bytes, n, name, options, dialect, error))
    return FALSE;
  dialect->line_end = memchr (bytes, '\n', n) || !memchr (bytes, '\r', n) ? '\n' : '\r';
  recognise_separator (bytes, n, nn_params_text (options, "separator"), dialect);
  recognise_decimal (bytes, n, nn_params_text (options, "decimal"), dialect);
  recognise_header (bytes, n, nn_params_text (options, "header"), dialect);
  return TRUE;
}

/* ---- files ---- */

struct _NnCsvFile
{
  char *name; /* for messages */
  NnByteStream *stream;
  NnCsvDialect dialect;
  GArray *cells;
  char *buffer;           /* owned; one byte more than size */
  gsize size, at, filled; /* rows from at on are still to be cut */
  gboolean at_end;
  gsize row, latin1_row; /* latin1_row: the first that is not UTF-8, from 1; 0: none yet */
  guint64 n_read;
};

/* Moves what is left to the front and reads on, in a larger buffer where it is full. */
static gboolean
fill (NnCsvFile *file, GCancellable *cancellable, GError **error)
{
  memmove (file->buffer, file->buffer + file->at, file->filled - file->at);
  file->filled -= file->at;
  file->at = 0;
  if (file->filled == file->size)
    {
      if (file->size >= NN_CSV_MAX_ROW)
        {
          g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                       _ ("“%s”, row %zu goes on for more than %d bytes: is a quote (\") not "
                          "closed?"),
                       file->name, file->row + 1, NN_CSV_MAX_ROW);
          return FALSE;
        }
      file->size *= 2;
      file->buffer = g_realloc (file->buffer, file->size + 1);
    }
  gsize n, wanted = file->size - file->filled;
  if (!nn_byte_stream_read (file->stream, file->buffer + file->filled, wanted, &n, cancellable,
                            error))
    return FALSE;
  file->filled += n;
  file->at_end = n < wanted;
  return TRUE;
}

NnCsvFile *
nn_csv_file_open (const char *path, const NnParams *options, GCancellable *cancellable,
                  GError **error)
{
  g_autoptr (NnCsvFile) file = g_new0 (NnCsvFile, 1);
  file->name = g_filename_display_basename (path);
  file->stream = nn_byte_stream_open (path, cancellable, error);
  file->cells = g_array_new (FALSE, FALSE, sizeof (NnCsvCell));
  file->size = FIRST_SIZE;
  file->buffer = g_malloc (file->size + 1);
  if (!file->stream || !fill (file, cancellable, error)
      || !nn_csv_recognise (file->buffer, file->filled, file->name, options, &file->dialect, error))
    return NULL;
  file->at = file->dialect.start;
  return g_steal_pointer (&file);
}

void
nn_csv_file_free (NnCsvFile *file)
{
  if (!file)
    return;
  g_clear_pointer (&file->stream, nn_byte_stream_free);
  g_clear_pointer (&file->cells, g_array_unref);
  g_free (file->buffer);
  g_free (file->name);
  g_free (file);
}

const NnCsvDialect *
nn_csv_file_dialect (const NnCsvFile *file)
{
  return &file->dialect;
}

const char *
nn_csv_file_name (const NnCsvFile *file)
{
  return file->name;
}

const NnCsvCell *
nn_csv_file_next (NnCsvFile *file, gsize *n_cells, GCancellable *cancellable, GError **error)
{
  for (;;)
    {
      const gsize left = file->filled - file->at;
      gboolean in_quotes;
      gsize length = nn_csv_row_length (file->buffer + file->at, left, &file->dialect, &in_quotes);
      if (length == 0 && file->at_end && in_quotes)
        {
          g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                       _ ("“%s”, row %zu: a quote (\") is opened and never closed."), file->name,
                       file->row + 1);
          return NULL;
        }
      if (length == 0 && file->at_end)
        length = left; /* the last row may go without a line end */
      if (length == 0 && file->at_end)
        return NULL;
      if (length == 0)
        {
          if (!fill (file, cancellable, error))
            return NULL;
          continue;
        }
      char *row = file->buffer + file->at;
      if (file->latin1_row == 0 && !g_utf8_validate (row, (gssize)length, NULL))
        file->latin1_row = file->row + 1;
      if (file->latin1_row > 0 && !file->dialect.latin1)
        {
          g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                       _ ("“%s”, row %zu has text that is not UTF-8; is it Latin-1?"), file->name,
                       file->latin1_row);
          return NULL;
        }
      /* The last byte of the row is its line end, or the one that the buffer has more. */
      nn_csv_cut (row, length, &file->dialect, file->cells);
      file->at += length;
      file->n_read += length;
      file->row++;
      const NnCsvCell *cells = (const NnCsvCell *)(gpointer)file->cells->data;
      *n_cells = file->cells->len;
      if (*n_cells > 1 || cells[0].length > 0)
        return cells;
    }
}

gsize
nn_csv_file_row (const NnCsvFile *file)
{
  return file->row;
}

gsize
nn_csv_file_latin1_row (const NnCsvFile *file)
{
  return file->latin1_row;
}

double
nn_csv_file_done (const NnCsvFile *file)
{
  const double size = (double)nn_byte_stream_file_size (file->stream);
  return size > 0 ? (double)nn_byte_stream_file_position (file->stream) / size : 1;
}

guint64
nn_csv_file_read (const NnCsvFile *file)
{
  return file->n_read;
}

char *
nn_csv_file_text (const NnCsvFile *file, const NnCsvCell *cell, GError **error)
{
  if (g_utf8_validate (cell->text, (gssize)cell->length, NULL))
    return g_strndup (cell->text, cell->length);
  return g_convert (cell->text, (gssize)cell->length, "UTF-8", "ISO-8859-1", NULL, NULL, error);
}
