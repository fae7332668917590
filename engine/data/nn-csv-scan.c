#include "data/nn-csv-scan.h"

#include <math.h>
#include <string.h>

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>

#include "base/nn-error.h"
#include "data/nn-csv-roles.h"

/* Of the time a load takes, what the scan does. */
#define SHARE_OF_PROGRESS 0.5
/* Rows between two looks at the cancellable. */
#define ROWS_AT_ONCE 1024

void
nn_csv_scan_free (NnCsvScan *scan)
{
  if (!scan)
    return;
  g_clear_pointer (&scan->columns, g_array_unref);
  for (guint p = 0; p < NN_CSV_N_PROBLEMS; p++)
    {
      g_free (scan->first_problem[p]);
      if (scan->other_rows[p])
        g_string_free (scan->other_rows[p], TRUE);
    }
  g_clear_pointer (&scan->class_names, g_ptr_array_unref);
  g_clear_pointer (&scan->class_of, g_hash_table_unref);
  g_clear_pointer (&scan->category_of, g_ptr_array_unref);
  g_free (scan->class_counts);
  g_free (scan->features);
  g_free (scan->file);
  g_free (scan);
}

guint
nn_csv_scan_n_classes (const NnCsvScan *scan)
{
  return scan->class_names ? scan->class_names->len - 1 : 0;
}

/* ---- one row ---- */

/* A cell's start as it can be shown. */
static char *
shown (const NnCsvCell *cell)
{
  g_autofree char *start = g_strndup (cell->text, MIN (cell->length, 40));
  return g_utf8_make_valid (start, -1);
}

static char *
length_problem (const NnCsvScan *scan, const NnCsvFile *file, gsize n_cells)
{
  return g_strdup_printf (
      _ ("“%s”, row %zu: %zu values, but %u were expected as in the first row."), scan->file,
      nn_csv_file_row (file), n_cells, scan->n_columns);
}

static char *
cell_problem (const NnCsvScan *scan, const NnCsvFile *file, guint column, const NnCsvCell *cell)
{
  g_autofree char *text = shown (cell);
  return cell->length == 0
             ? g_strdup_printf (_ ("“%s”, row %zu: there is nothing in the column “%s”."),
                                scan->file, nn_csv_file_row (file),
                                nn_csv_column (scan, column)->name)
             : g_strdup_printf (_ ("“%s”, row %zu: “%s” in the column “%s”, where a number was "
                                   "expected."),
                                scan->file, nn_csv_file_row (file), text,
                                nn_csv_column (scan, column)->name);
}

/* Rows that a note names. */
#define NAMED_PROBLEMS 10

/* Counts a problem and describes the first of its kind. cell: NULL where it is the row's
 * length. */
static void
note_problem (NnCsvScan *scan, const NnCsvFile *file, NnCsvProblem problem, gsize n_cells,
              guint column, const NnCsvCell *cell)
{
  const gsize n_before = scan->n_problems[problem]++;
  GString **others = &scan->other_rows[problem];
  if (n_before == 0)
    scan->first_problem[problem] =
        cell ? cell_problem (scan, file, column, cell) : length_problem (scan, file, n_cells);
  else if (n_before < NAMED_PROBLEMS)
    {
      *others = *others ? *others : g_string_new (NULL);
      g_string_append_printf (*others, "%s%zu", (*others)->len ? ", " : "", nn_csv_file_row (file));
    }
  else if (n_before == NAMED_PROBLEMS)
    g_string_append (*others, " …");
}

/* What a problem means for its row. */
typedef enum
{
  KEEP,
  SKIP,
  REFUSE
} Verdict;

static Verdict
verdict (NnCsvProblem problem, const NnParams *options)
{
  const char *missing = nn_params_text (options, "missing");
  if (problem == NN_CSV_NUMBER_MISSING && g_str_equal (missing, "mean"))
    return KEEP;
  if (problem == NN_CSV_NUMBER_MISSING || problem == NN_CSV_LABEL_MISSING)
    return g_str_equal (missing, "refuse") ? REFUSE : SKIP;
  return g_str_equal (nn_params_text (options, "unusable"), "skip") ? SKIP : REFUSE;
}

static gboolean
refuse (NnCsvScan *scan, NnCsvProblem problem, GError **error)
{
  const gboolean missing = problem == NN_CSV_NUMBER_MISSING || problem == NN_CSV_LABEL_MISSING;
  g_set_error (error, NN_ERROR, missing ? NN_ERROR_MISSING : NN_ERROR_UNUSABLE,
               missing ? _ ("%s Correct it, or have missing values filled or skipped.")
                       : _ ("%s Correct it, or have such rows skipped."),
               scan->first_problem[problem]);
  return FALSE;
}

/* ---- counting all rows ---- */

/* A pass over the rows. */
typedef struct
{
  NnCsvScan *scan;
  NnCsvFile *file;
  const NnParams *options;
  gboolean *is_feature;    /* by column */
  GHashTable **categories; /* by column, of features that are texts; else NULL */
  double *first;           /* by column: differences from the first number keep sums exact */
} Count;

static void
measure (Count *count, guint c, double value)
{
  NnDataColumn *column = nn_csv_column (count->scan, c);
  if (column->n_values == 0)
    {
      count->first[c] = column->min = column->max = value;
      column->is_whole = TRUE;
    }
  column->n_values++;
  column->min = MIN (column->min, value);
  column->max = MAX (column->max, value);
  column->is_whole = column->is_whole && value == floor (value);
  const double d = value - count->first[c];
  column->mean += d;
  column->deviation += d * d;
}

static void
finish_measures (Count *count)
{
  for (guint c = 0; c < count->scan->n_columns; c++)
    {
      NnDataColumn *column = nn_csv_column (count->scan, c);
      if (!column->is_number || column->n_values == 0)
        continue;
      const double n = (double)column->n_values, d = column->mean / n;
      column->deviation = sqrt (MAX (column->deviation / n - d * d, 0));
      column->mean = count->first[c] + d;
    }
}

/* Counts the row's class; FALSE with an error where there are too many. */
static gboolean
count_class (Count *count, const NnCsvCell *cell, GError **error)
{
  NnCsvScan *scan = count->scan;
  gsize *n = g_hash_table_lookup (scan->class_of, cell->text);
  if (!n)
    {
      if (g_hash_table_size (scan->class_of) >= NN_CSV_MAX_CLASSES)
        {
          g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                       _ ("“%s”: the label “%s” has more than %d different values, too many for "
                          "classes; choose another column, or “none”."),
                       scan->file, nn_csv_column (scan, scan->label)->name, NN_CSV_MAX_CLASSES);
          return FALSE;
        }
      n = g_new0 (gsize, 1);
      g_hash_table_insert (scan->class_of, g_strdup (cell->text), n);
    }
  ++*n;
  return TRUE;
}

/* Remembers a text of a feature; FALSE with an error where there are too many. */
static gboolean
add_category (Count *count, guint c, const NnCsvCell *cell, GError **error)
{
  GHashTable *categories = count->categories[c];
  if (g_hash_table_contains (categories, cell->text))
    return TRUE;
  if (g_hash_table_size (categories) >= NN_CSV_MAX_CATEGORIES)
    {
      g_set_error (
          error, NN_ERROR, NN_ERROR_FORMAT,
          _ ("“%s”: the column “%s” has more than %d different texts, too many for a value "
             "each; leave it out of the features."),
          count->scan->file, nn_csv_column (count->scan, c)->name, NN_CSV_MAX_CATEGORIES);
      return FALSE;
    }
  return g_hash_table_insert (categories, g_strdup (cell->text), NULL);
}

static gboolean
count_row (Count *count, const NnCsvCell *cells, gsize n_cells, GError **error)
{
  NnCsvScan *scan = count->scan;
  gboolean met[NN_CSV_N_PROBLEMS] = { FALSE };
  scan->n_all_rows++;
  if (n_cells != scan->n_columns)
    {
      met[NN_CSV_ROW_OF_OTHER_LENGTH] = TRUE;
      note_problem (scan, count->file, NN_CSV_ROW_OF_OTHER_LENGTH, n_cells, 0, NULL);
    }
  /* Of another length, its cells may belong to any column. */
  for (guint c = 0; c < scan->n_columns && n_cells == scan->n_columns; c++)
    {
      NnDataColumn *column = nn_csv_column (scan, c);
      const gboolean is_label = (gint)c == scan->label;
      NnCsvProblem problem;
      double value;
      if (column->is_number && nn_csv_number (&cells[c], scan->dialect.decimal, &value))
        {
          measure (count, c, value);
          continue;
        }
      if (nn_csv_is_missing (&cells[c]))
        {
          column->n_missing++;
          problem = is_label ? NN_CSV_LABEL_MISSING : NN_CSV_NUMBER_MISSING;
        }
      else
        {
          column->n_values += !column->is_number;
          if (count->categories[c])
            {
              if (!add_category (count, c, &cells[c], error))
                return FALSE;
              continue;
            }
          column->n_texts += column->is_number;
          problem = NN_CSV_TEXT_FOR_A_NUMBER;
          if (is_label && scan->label_is_class)
            continue;
        }
      if ((!is_label && !count->is_feature[c]) || met[problem])
        continue;
      met[problem] = TRUE;
      note_problem (scan, count->file, problem, n_cells, c, &cells[c]);
    }

  for (NnCsvProblem p = 0; p < NN_CSV_N_PROBLEMS; p++)
    if (met[p] && verdict (p, count->options) == REFUSE)
      return refuse (scan, p, error);
  for (NnCsvProblem p = 0; p < NN_CSV_N_PROBLEMS; p++)
    if (met[p] && verdict (p, count->options) == SKIP)
      return TRUE;
  scan->n_rows++;
  return !scan->label_is_class || count_class (count, &cells[scan->label], error);
}

static gboolean
count_rows (NnCsvScan *scan, const char *path, const NnParams *options,
            const NnLoadContext *context, GError **error)
{
  GCancellable *cancellable = context ? context->cancellable : NULL;
  g_autoptr (NnCsvFile) file = nn_csv_file_open (path, options, cancellable, error);
  if (!file)
    return FALSE;
  g_autofree gboolean *is_feature = g_new0 (gboolean, scan->n_columns);
  g_autofree double *first = g_new0 (double, scan->n_columns);
  g_autofree GHashTable **categories = g_new0 (GHashTable *, scan->n_columns);
  Count count = { scan, file, options, is_feature, categories, first };
  for (guint i = 0; i < scan->n_features; i++)
    {
      is_feature[scan->features[i]] = TRUE;
      categories[scan->features[i]] = scan->category_of->pdata[i];
    }
  if (scan->label_is_class)
    scan->class_of = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  GError *failure = NULL;
  const NnCsvCell *cells;
  gsize n_cells;
  if (scan->dialect.has_header)
    nn_csv_file_next (file, &n_cells, cancellable, &failure);
  while (!failure && (cells = nn_csv_file_next (file, &n_cells, cancellable, &failure)))
    {
      if (!count_row (&count, cells, n_cells, error))
        return FALSE;
      if (scan->n_all_rows % ROWS_AT_ONCE)
        continue;
      nn_load_progress (context, SHARE_OF_PROGRESS * nn_csv_file_done (file));
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
    }
  if (failure)
    {
      g_propagate_error (error, failure);
      return FALSE;
    }
  finish_measures (&count);
  return TRUE;
}

/* ---- classes in order ---- */

typedef struct
{
  char *text;   /* of the file */
  double value; /* where all are numbers */
  gsize n;
} Class;

static gint
compare_values (gconstpointer a, gconstpointer b)
{
  const Class *x = a, *y = b;
  return x->value != y->value ? (x->value > y->value ? 1 : -1) : strcmp (x->text, y->text);
}

static gint
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (((const Class *)a)->text, ((const Class *)b)->text);
}

/* Sorts what was counted, numbers by value, and gives each its name and index. */
static gboolean
order_classes (NnCsvScan *scan, NnCsvFile *file, GError **error)
{
  g_autoptr (GArray) classes = g_array_new (FALSE, FALSE, sizeof (Class));
  gboolean numbers = TRUE;
  GHashTableIter iter;
  gpointer key, value;
  g_hash_table_iter_init (&iter, scan->class_of);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      Class class = { key, 0, *(gsize *)value };
      const NnCsvCell cell = { key, strlen (key) };
      numbers = nn_csv_number (&cell, scan->dialect.decimal, &class.value) && numbers;
      g_array_append_val (classes, class);
    }
  if (classes->len < 2)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("“%s”: the label “%s” is the same in every row; at least 2 different values "
                      "were expected. Choose another column, or “none”."),
                   scan->file, nn_csv_column (scan, scan->label)->name);
      return FALSE;
    }
  g_array_sort (classes, numbers ? compare_values : compare_texts);
  scan->class_names = g_ptr_array_new_with_free_func (g_free);
  scan->class_counts = g_new (gsize, classes->len);
  for (guint i = 0; i < classes->len; i++)
    {
      const Class *class = &g_array_index (classes, Class, i);
      const NnCsvCell cell = { class->text, strlen (class->text) };
      char *name = nn_csv_file_text (file, &cell, error);
      if (!name)
        return FALSE;
      g_ptr_array_add (scan->class_names, name);
      scan->class_counts[i] = class->n;
      *(gsize *)g_hash_table_lookup (scan->class_of, class->text) = i;
    }
  g_ptr_array_add (scan->class_names, NULL);
  return TRUE;
}

/* ---- features ---- */

static gint
compare_strings (gconstpointer a, gconstpointer b)
{
  return strcmp (a, b);
}

/* Texts get their places in the order of the alphabet, values theirs in that of the columns. */
static void
order_features (NnCsvScan *scan)
{
  for (guint i = 0; i < scan->n_features; i++)
    {
      GHashTable *categories = scan->category_of->pdata[i];
      guint n = 0;
      g_autoptr (GList) texts =
          categories ? g_list_sort (g_hash_table_get_keys (categories), compare_strings) : NULL;
      for (GList *l = texts; l; l = l->next)
        g_hash_table_insert (categories, g_strdup (l->data), GUINT_TO_POINTER (n++));
      nn_csv_column (scan, scan->features[i])->n_features = categories ? n : 1;
      scan->n_values += categories ? n : 1;
    }
}

/* The values of a text: 1 for its own place, or not a number for all where it is missing. FALSE: it
 * was not there before. */
static gboolean
take_category (GHashTable *categories, const NnCsvCell *cell, float *values)
{
  const guint n = g_hash_table_size (categories);
  const gboolean missing = nn_csv_is_missing (cell);
  gpointer place = NULL;
  if (!missing && !g_hash_table_lookup_extended (categories, cell->text, NULL, &place))
    return FALSE;
  for (guint k = 0; k < n; k++)
    values[k] = missing ? NAN : (float)(k == GPOINTER_TO_UINT (place));
  return TRUE;
}

/* ---- the whole ---- */

NnCsvScan *
nn_csv_scan_new (const char *path, const NnParams *options, const NnLoadContext *context,
                 GError **error)
{
  GCancellable *cancellable = context ? context->cancellable : NULL;
  g_autoptr (NnCsvFile) file = nn_csv_file_open (path, options, cancellable, error);
  if (!file)
    return NULL;
  g_autoptr (NnCsvScan) scan = g_new0 (NnCsvScan, 1);
  scan->label = -1;
  scan->dialect = *nn_csv_file_dialect (file);
  scan->file = g_strdup (nn_csv_file_name (file));
  if (!nn_csv_read_columns (scan, file, cancellable, error)
      || !nn_csv_choose_roles (scan, options, error)
      || !count_rows (scan, path, options, context, error))
    return NULL;
  if (scan->n_rows < 2)
    {
      g_autofree char *why = NULL;
      for (guint p = 0; p < NN_CSV_N_PROBLEMS && !why; p++)
        why = scan->first_problem[p] ? g_strconcat (" ", scan->first_problem[p], NULL) : NULL;
      g_set_error (
          error, NN_ERROR, NN_ERROR_FORMAT,
          ngettext ("“%s” has %zu row that can be used; expected at least 2, one to train on and "
                    "one to test with.%s",
                    "“%s” has %zu rows that can be used; expected at least 2, one to train on and "
                    "one to test with.%s",
                    scan->n_rows),
          scan->file, scan->n_rows, why ? why : "");
      return NULL;
    }
  order_features (scan);
  if ((scan->label_is_class && !order_classes (scan, file, error))
      || !nn_csv_choose_shape (scan, options, error))
    return NULL;
  return g_steal_pointer (&scan);
}

gboolean
nn_csv_scan_take (const NnCsvScan *scan, const NnCsvCell *cells, gsize n_cells,
                  const NnParams *options, float *features, guint *class, float *target)
{
  double value;
  if (n_cells != scan->n_columns)
    return FALSE;
  for (guint i = 0; i < scan->n_features; i++)
    {
      const NnCsvCell *cell = &cells[scan->features[i]];
      GHashTable *categories = scan->category_of->pdata[i];
      float *values = features;
      features += categories ? g_hash_table_size (categories) : 1;
      if (categories)
        {
          if (!take_category (categories, cell, values)
              || (nn_csv_is_missing (cell) && verdict (NN_CSV_NUMBER_MISSING, options) == SKIP))
            return FALSE;
          continue;
        }
      *values = NAN;
      if (nn_csv_number (cell, scan->dialect.decimal, &value))
        *values = (float)value;
      else if (!nn_csv_is_missing (cell) || verdict (NN_CSV_NUMBER_MISSING, options) == SKIP)
        return FALSE;
    }
  *class = 0;
  if (scan->label < 0)
    return TRUE;
  const NnCsvCell *label = &cells[scan->label];
  if (!scan->label_is_class)
    {
      if (!nn_csv_number (label, scan->dialect.decimal, &value))
        return FALSE;
      *target = (float)value;
      return TRUE;
    }
  const gsize *index =
      nn_csv_is_missing (label) ? NULL : g_hash_table_lookup (scan->class_of, label->text);
  if (index)
    *class = (guint)*index;
  return index != NULL;
}

/* ---- fields ---- */

NnField
nn_csv_scan_feature_field (const NnCsvScan *scan)
{
  if (scan->image.rank > 0)
    return (NnField){ .name = "image", .kind = NN_FIELD_IMAGE, .shape = scan->image };
  return (
      NnField){ .name = "features", .kind = NN_FIELD_FEATURES, .shape = nn_shape (scan->n_values) };
}

NnField
nn_csv_scan_label_field (const NnCsvScan *scan)
{
  if (!scan->label_is_class)
    return (NnField){ .name = NN_FIELD_TARGET, .kind = NN_FIELD_FEATURES, .shape = nn_shape (1) };
  const guint n_classes = nn_csv_scan_n_classes (scan);
  return (NnField){ .name = "label",
                    .kind = NN_FIELD_LABEL,
                    .shape = nn_shape (n_classes),
                    .n_classes = n_classes,
                    .class_names = (const char *const *)scan->class_names->pdata };
}
