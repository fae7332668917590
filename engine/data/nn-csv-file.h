/* nn-csv-file.h: a file of separated values as rows of cells (RFC 4180 and what else is found):
 * plain or gzip, any separator, quoted cells with line breaks, line ends of every system. Nothing
 * here knows what the columns mean.
 */
#pragma once

#include <gio/gio.h>

#include "base/nn-params.h"

G_BEGIN_DECLS

/* A row may have no more bytes: a quote that is never closed would take in the rest of the file. */
#define NN_CSV_MAX_ROW (16 * 1024 * 1024)

typedef struct
{
  char separator; /* ' ': any run of spaces and tabs */
  char line_end;  /* '\n' (also after '\r'), or '\r' alone */
  char decimal;   /* '.' or ',' */
  gboolean has_header;
  gboolean latin1; /* text that is not UTF-8 is read as Latin-1; else refused */
  gsize start;     /* bytes of a byte order mark */
} NnCsvDialect;

typedef struct
{
  char *text; /* ended by 0, unquoted, without spaces around; may hold bytes of any encoding */
  gsize length;
} NnCsvCell;

/* ---- pure functions ---- */

/* Works out what options (of nn_data_specs(): "separator", "header", "decimal", "encoding") leave
 * open from the first n bytes of the file. NN_ERROR_UNSUPPORTED for UTF-16 and -32,
 * NN_ERROR_FORMAT for bytes that are no text. */
gboolean nn_csv_recognise (const char *bytes, gsize n, const char *name, const NnParams *options,
                           NnCsvDialect *dialect, GError **error);
/* Bytes of the row at the start of bytes, its line end included; 0 where it goes on beyond n, and
 * whether that is within quotes. */
gsize nn_csv_row_length (const char *bytes, gsize n, const NnCsvDialect *dialect,
                         gboolean *in_quotes);
/* Cuts a row of `length` bytes into cells (element-type NnCsvCell, emptied first). The row is
 * written over and needs one byte more. */
void nn_csv_cut (char *row, gsize length, const NnCsvDialect *dialect, GArray *cells);
/* TRUE for "", "NA", "null", "?" and the like. */
gboolean nn_csv_is_missing (const NnCsvCell *cell);
/* TRUE for a finite decimal number, and nothing else. */
gboolean nn_csv_number (const NnCsvCell *cell, char decimal, double *value);

/* ---- a file, row by row ---- */

typedef struct _NnCsvFile NnCsvFile;

/* Opens and recognises; the first row read is the first of the file, header or not. (transfer
 * full) */
NnCsvFile *nn_csv_file_open (const char *path, const NnParams *options, GCancellable *cancellable,
                             GError **error);
void nn_csv_file_free (NnCsvFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnCsvFile, nn_csv_file_free)

const NnCsvDialect *nn_csv_file_dialect (const NnCsvFile *file);
const char *nn_csv_file_name (const NnCsvFile *file); /* for messages */

/* The next row that is not blank, valid until the call after. NULL at the end (no error) or with an
 * error that names the row. */
const NnCsvCell *nn_csv_file_next (NnCsvFile *file, gsize *n_cells, GCancellable *cancellable,
                                   GError **error);
gsize nn_csv_file_row (const NnCsvFile *file); /* of the last row, from 1, blank ones counted */
/* The first row so far whose text is not UTF-8 and was taken for Latin-1; 0: none. */
gsize nn_csv_file_latin1_row (const NnCsvFile *file);
double nn_csv_file_done (const NnCsvFile *file);  /* 0..1 of the bytes */
guint64 nn_csv_file_read (const NnCsvFile *file); /* bytes of rows so far, unpacked */

/* The text of a cell as UTF-8. (transfer full) */
char *nn_csv_file_text (const NnCsvFile *file, const NnCsvCell *cell, GError **error);

G_END_DECLS
