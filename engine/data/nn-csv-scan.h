/* nn-csv-scan.h: what a table holds and what is made of it: the columns, which of them are features
 * and which the label, the classes, and how many rows can be used. In two passes of bounded memory:
 * the first rows decide what each column is, then all rows are counted.
 */
#pragma once

#include "data/nn-csv-file.h"
#include "data/nn-data-source.h"

G_BEGIN_DECLS

/* Rows that decide whether a column is one of numbers. */
#define NN_CSV_FIRST_ROWS 10000
#define NN_CSV_MAX_COLUMNS 100000
#define NN_CSV_MAX_CLASSES 10000
/* Of a column of texts that becomes one value for each; unasked, of fewer. */
#define NN_CSV_MAX_CATEGORIES 1000

typedef enum
{
  NN_CSV_ROW_OF_OTHER_LENGTH,
  NN_CSV_TEXT_FOR_A_NUMBER,
  NN_CSV_LABEL_MISSING,
  NN_CSV_NUMBER_MISSING,
  NN_CSV_N_PROBLEMS,
} NnCsvProblem;

typedef struct
{
  NnCsvDialect dialect;
  char *file; /* owned, for messages */
  guint n_columns;
  GArray *columns;  /* owned; NnDataColumn */
  gsize n_all_rows; /* without the header */

  gint label;              /* column, or -1 */
  gboolean label_is_class; /* else a number to predict */
  guint n_features;
  guint *features;        /* owned, columns */
  GPtrArray *category_of; /* owned; per feature: text -> guint, its place, or NULL: numbers */
  guint n_values;         /* that the features of a row give */
  NnShape image;          /* of the features; rank 0 where they are no image */
  gboolean in_bytes;      /* all features are whole and from 0 to 255, and an image */

  GPtrArray *class_names; /* owned, in order; for class_names of a field: ends in NULL */
  GHashTable *class_of;   /* owned, the label's text -> its class */
  gsize *class_counts;    /* owned; usable rows of each */
  gsize n_rows;           /* usable */
  gsize n_problems[NN_CSV_N_PROBLEMS];
  char *first_problem[NN_CSV_N_PROBLEMS]; /* owned, naming the row; NULL where there is none */
  GString *other_rows[NN_CSV_N_PROBLEMS]; /* owned: the next few by number, "61, 80"; or NULL */
} NnCsvScan;

/* options: of nn_data_specs(). Where they say so, fails at the first row that cannot be used. */
NnCsvScan *nn_csv_scan_new (const char *path, const NnParams *options, const NnLoadContext *context,
                            GError **error);
void nn_csv_scan_free (NnCsvScan *scan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnCsvScan, nn_csv_scan_free)

guint nn_csv_scan_n_classes (const NnCsvScan *scan); /* 0 where there are none */

/* One row's features (n_values), NaN where one is missing, and its class (0 where there are none)
 * or the number to predict. FALSE where the row is skipped. */
gboolean nn_csv_scan_take (const NnCsvScan *scan, const NnCsvCell *cells, gsize n_cells,
                           const NnParams *options, float *features, guint *class, float *target);

static inline NnDataColumn *
nn_csv_column (const NnCsvScan *scan, guint c)
{
  return &g_array_index (scan->columns, NnDataColumn, c);
}

/* The field that features or label become; class names belong to the scan. */
NnField nn_csv_scan_feature_field (const NnCsvScan *scan);
NnField nn_csv_scan_label_field (const NnCsvScan *scan);

G_END_DECLS
