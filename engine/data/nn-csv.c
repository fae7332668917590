#include "data/nn-csv.h"

#include <string.h>

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>

#include "base/nn-error.h"
#include "base/nn-memory.h"
#include "data/nn-csv-scan.h"
#include "data/nn-split.h"
#include "model/nn-design.h"

#define ROWS_AT_ONCE 1024
#define ROWS_LOOKED_AT 20

/* A file of any text is a table where one of its first rows has a number among several values. */
static gboolean
has_numbers (const char *path)
{
  g_autoptr (NnParams) options = nn_params_new (nn_data_specs ());
  g_autoptr (NnCsvFile) file = nn_csv_file_open (path, options, NULL, NULL);
  const NnCsvCell *cells;
  gsize n_cells;
  double value;
  for (guint r = 0;
       r < ROWS_LOOKED_AT && file && (cells = nn_csv_file_next (file, &n_cells, NULL, NULL)); r++)
    for (gsize c = 0; c < n_cells && n_cells > 1; c++)
      if (nn_csv_number (&cells[c], nn_csv_file_dialect (file)->decimal, &value))
        return TRUE;
  return FALSE;
}

static gboolean
csv_recognises (const char *path)
{
  static const struct
  {
    const char *text;
    gboolean is_table; /* whatever is in it */
  } endings[] = { { ".csv", TRUE },  { ".tsv", TRUE },   { ".tab", TRUE },
                  { ".txt", FALSE }, { ".data", FALSE }, { ".dat", FALSE } };
  if (!g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return FALSE;
  g_autofree char *lower = g_ascii_strdown (path, -1);
  if (g_str_has_suffix (lower, ".gz"))
    lower[strlen (lower) - strlen (".gz")] = '\0';
  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    if (g_str_has_suffix (lower, endings[i].text))
      return endings[i].is_table || has_numbers (path);
  return FALSE;
}

static NnSplit *
make_split (const NnCsvScan *scan, const NnParams *options)
{
  return scan->label_is_class
             ? nn_split_new (scan->class_counts, nn_csv_scan_n_classes (scan), options)
             : nn_split_new (&scan->n_rows, 1, options);
}

static guint
set_fields (const NnCsvScan *scan, NnField fields[2])
{
  fields[0] = nn_csv_scan_feature_field (scan);
  if (scan->label < 0)
    return 1;
  fields[1] = nn_csv_scan_label_field (scan);
  return 2;
}

static NnDataInfo *
csv_peek (const char *path, const NnParams *options, const NnLoadContext *context, GError **error)
{
  g_autoptr (NnCsvScan) scan = nn_csv_scan_new (path, options, context, error);
  if (!scan)
    return NULL;
  NnField fields[2];
  g_autoptr (NnSplit) split = make_split (scan, options);
  g_autofree char *name = g_filename_display_name (path);
  NnDataInfo info = { .name = name, .title = scan->file, .fields = fields };
  info.n_fields = set_fields (scan, fields);
  nn_split_sizes (split, info.n_samples);
  return nn_data_info_copy (&info);
}

/* ---- reading ---- */

/* Where rows go. */
typedef struct
{
  const NnCsvScan *scan;
  const NnParams *options;
  const NnLoadContext *context;
  NnSplit *split;
  gsize n_samples[NN_N_PARTS], n_done[NN_N_PARTS];
  NnFieldStorage storage[2];
  guint n_fields;
  float *features[NN_N_PARTS], *target[NN_N_PARTS];
  guint8 *bytes[NN_N_PARTS]; /* in place of features */
  guint32 *label[NN_N_PARTS];
} Table;

static void
table_clear (Table *table)
{
  nn_storage_clear (table->storage, table->n_fields);
  g_clear_pointer (&table->split, nn_split_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Table, table_clear)

/* Memory for n values of a size, owned by *bytes. */
static gpointer
take_memory (gsize n, gsize size, GBytes **bytes)
{
  gpointer memory = nn_memory_in_large_pages (g_try_malloc_n (MAX (n, 1), size), n * size);
  if (memory)
    *bytes = g_bytes_new_take (memory, n * size);
  return memory;
}

static gboolean
table_allocate (Table *table, const char *path, GError **error)
{
  const NnCsvScan *scan = table->scan;
  const gsize value_size = scan->in_bytes ? 1 : sizeof (float);
  NnField fields[2];
  table->n_fields = set_fields (scan, fields);
  for (guint f = 0; f < table->n_fields; f++)
    table->storage[f].field = fields[f];
  table->storage[1].label_size = sizeof (guint32);
  if (!nn_load_fits (path, (guint64)scan->n_rows * (scan->n_values * value_size + 4), error))
    return FALSE;
  for (NnPart part = 0; part < NN_N_PARTS; part++)
    {
      const gsize n = table->n_samples[part];
      gpointer values, labels = NULL;
      if (scan->in_bytes)
        values = table->bytes[part] =
            take_memory (n * scan->n_values, 1, &table->storage[0].bytes[part]);
      else
        values = table->features[part] =
            take_memory (n * scan->n_values, sizeof (float), &table->storage[0].floats[part]);
      if (scan->label >= 0 && scan->label_is_class)
        labels = table->label[part] =
            take_memory (n, sizeof (guint32), &table->storage[1].bytes[part]);
      else if (scan->label >= 0)
        labels = table->target[part] =
            take_memory (n, sizeof (float), &table->storage[1].floats[part]);
      if (!values || (scan->label >= 0 && !labels))
        {
          g_set_error (error, NN_ERROR, NN_ERROR_MEMORY,
                       _ ("There is no memory left for the %zu rows of “%s”."), scan->n_rows,
                       scan->file);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
changed (const NnCsvScan *scan, GError **error)
{
  g_set_error (error, NN_ERROR, NN_ERROR_FORMAT, _ ("“%s” was changed while it was read."),
               scan->file);
  return FALSE;
}

static gboolean
put_row (Table *table, const float *features, guint class, float target, GError **error)
{
  const guint n_features = table->scan->n_values;
  const gsize n_taken = table->n_done[NN_PART_TRAIN] + table->n_done[NN_PART_TEST];
  if (n_taken == table->scan->n_rows)
    return changed (table->scan, error);
  const NnPart part = nn_split_next (table->split, class);
  const gsize i = table->n_done[part]++;
  if (i >= table->n_samples[part])
    return changed (table->scan, error);
  if (table->features[part])
    memcpy (table->features[part] + i * n_features, features, n_features * sizeof *features);
  else
    for (guint f = 0; f < n_features; f++)
      table->bytes[part][i * n_features + f] = (guint8)CLAMP (features[f], 0, 255);
  if (table->label[part])
    table->label[part][i] = class;
  if (table->target[part])
    table->target[part][i] = target;
  return TRUE;
}

static gboolean
fill_table (Table *table, const char *path, GError **error)
{
  const NnCsvScan *scan = table->scan;
  GCancellable *cancellable = table->context ? table->context->cancellable : NULL;
  g_autoptr (NnCsvFile) file = nn_csv_file_open (path, table->options, cancellable, error);
  if (!file)
    return FALSE;
  g_autofree float *features = g_new (float, scan->n_values);
  GError *failure = NULL;
  const NnCsvCell *cells;
  gsize n_cells;
  if (scan->dialect.has_header)
    nn_csv_file_next (file, &n_cells, cancellable, &failure);
  while (!failure && (cells = nn_csv_file_next (file, &n_cells, cancellable, &failure)))
    {
      guint class;
      float target = 0;
      if (nn_csv_scan_take (scan, cells, n_cells, table->options, features, &class, &target)
          && !put_row (table, features, class, target, error))
        return FALSE;
      if (nn_csv_file_row (file) % ROWS_AT_ONCE)
        continue;
      nn_load_progress (table->context, 0.5 + 0.5 * nn_csv_file_done (file));
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
    }
  if (failure)
    {
      g_propagate_error (error, failure);
      return FALSE;
    }
  for (NnPart part = 0; part < NN_N_PARTS; part++)
    if (table->n_done[part] != table->n_samples[part])
      return changed (scan, error);
  const gsize latin1_row = nn_csv_file_latin1_row (file);
  if (latin1_row > 0 && g_str_equal (nn_params_text (table->options, "encoding"), "auto"))
    nn_load_note (table->context,
                  _ ("Row %zu has text that is not UTF-8, so such text was read as Latin-1."),
                  latin1_row);
  return TRUE;
}

/* ---- notes ---- */

/* The first in words, the next few by their numbers. (transfer full) */
static char *
describe_problems (const NnCsvScan *scan, NnCsvProblem problem)
{
  const GString *others = scan->other_rows[problem];
  return others ? g_strdup_printf (
             ngettext ("%s Then row %s.", "%s Then rows %s.", scan->n_problems[problem] - 1),
             scan->first_problem[problem], others->str)
                : g_strdup (scan->first_problem[problem]);
}

static void
note_problems (const NnCsvScan *scan, const NnParams *options, const NnLoadContext *context)
{
  for (NnCsvProblem p = 0; p < NN_CSV_N_PROBLEMS; p++)
    {
      const gsize n = scan->n_problems[p];
      if (n == 0)
        continue;
      g_autofree char *told = describe_problems (scan, p);
      nn_load_note (
          context,
          p == NN_CSV_NUMBER_MISSING && g_str_equal (nn_params_text (options, "missing"), "mean")
              ? ngettext ("In %zu row missing values were filled with the mean: %s",
                          "In %zu rows missing values were filled with the mean. The "
                          "first: %s",
                          n)
              : ngettext ("%zu row was skipped: %s", "%zu rows were skipped. The first: %s", n),
          n, told);
    }
}

static void
tell_columns (const NnCsvScan *scan, const NnLoadContext *context)
{
  for (guint c = 0; context && context->columns && c < scan->n_columns; c++)
    {
      const NnDataColumn column = nn_data_column_copy (nn_csv_column (scan, c));
      g_array_append_val (context->columns, column);
    }
}

static NnDataset *
csv_load (const char *path, const NnParams *options, const NnLoadContext *context, GError **error)
{
  g_autoptr (NnCsvScan) scan = nn_csv_scan_new (path, options, context, error);
  if (!scan)
    return NULL;
  g_auto (Table) table = { .scan = scan, .options = options, .context = context };
  table.split = make_split (scan, options);
  nn_split_sizes (table.split, table.n_samples);
  if (!table_allocate (&table, path, error) || !fill_table (&table, path, error))
    return NULL;
  nn_split_hold_out (table.storage, table.n_fields, options, table.n_samples);
  note_problems (scan, options, context);
  tell_columns (scan, context);
  g_autofree char *name = g_filename_display_name (path);
  return nn_dataset_new (name, scan->file, table.storage, table.n_fields, table.n_samples, error);
}

static const char *const csv_options[] = { "label",   "features",     "image-shape", "test-share",
                                           "missing", "text-columns", "unusable",    "separator",
                                           "header",  "decimal",      "encoding",    NULL };

const NnDataSource nn_csv_source = {
  .id = "csv",
  .title = N_ ("Table (CSV)"),
  .summary = N_ ("Rows of values, with or without column names: .csv, .tsv, .txt, plain or .gz."),
  .recognises = csv_recognises,
  .options = csv_options,
  .is_table = TRUE,
  .peek = csv_peek,
  .peek_is_slow = TRUE,
  .load = csv_load,
};
