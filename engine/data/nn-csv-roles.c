#include "data/nn-csv-roles.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>

#include "base/nn-error.h"

/* The first rows end here at the latest, and so many different values are remembered in all. */
#define FIRST_BYTES (16 * 1024 * 1024)
#define MAX_REMEMBERED 200000
/* The smallest square image that is recognised. */
#define MIN_SIDE 8

/* Columns that tables call so hold what is to be predicted. */
static const char *const label_names[] = { "label",   "class",   "target",    "y",      "category",
                                           "species", "variety", "diagnosis", "outcome" };

/* ---- columns ---- */

static gboolean
name_columns (NnCsvScan *scan, NnCsvFile *file, const NnCsvCell *cells, GError **error)
{
  g_autoptr (GHashTable) taken = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint c = 0; c < scan->n_columns; c++)
    {
      char *name = NULL;
      if (scan->dialect.has_header && cells[c].length > 0)
        {
          name = nn_csv_file_text (file, &cells[c], error);
          if (!name)
            return FALSE;
        }
      /* Every column can be named in a list. */
      if (!name || g_hash_table_contains (taken, name))
        {
          g_free (name);
          name = g_strdup_printf ("%u", c + 1);
        }
      nn_csv_column (scan, c)->name = name;
      g_hash_table_add (taken, name);
    }
  return TRUE;
}

/* Values shown of a column, and letters of each. */
#define N_EXAMPLES 4
#define MAX_EXAMPLE 24

/* What the first rows say of a column. */
typedef struct
{
  guint n_numbers, n_texts;
  GString *examples;
  GHashTable *values; /* hashes of texts */
} First;

static void
first_free (First *first, guint n)
{
  for (guint c = 0; c < n; c++)
    {
      g_hash_table_unref (first[c].values);
      g_string_free (first[c].examples, TRUE);
    }
  g_free (first);
}

static void
add_example (GString *examples, const NnCsvFile *file, const NnCsvCell *cell)
{
  g_autofree char *text = nn_csv_file_text (file, cell, NULL);
  if (!text)
    return;
  if (g_utf8_strlen (text, -1) > MAX_EXAMPLE)
    *g_utf8_offset_to_pointer (text, MAX_EXAMPLE) = '\0';
  g_string_append_printf (examples, "%s%s", examples->len ? ", " : "", text);
}

static void
look_at (const NnCsvScan *scan, const NnCsvFile *file, const NnCsvCell *cells, gsize n_cells,
         First *first, gsize *remembered)
{
  double value;
  for (guint c = 0; c < MIN (scan->n_columns, n_cells); c++)
    {
      if (nn_csv_is_missing (&cells[c]))
        continue;
      if (first[c].n_numbers + first[c].n_texts < N_EXAMPLES)
        add_example (first[c].examples, file, &cells[c]);
      if (nn_csv_number (&cells[c], scan->dialect.decimal, &value))
        first[c].n_numbers++;
      else
        first[c].n_texts++;
      if (*remembered < MAX_REMEMBERED
          && g_hash_table_add (first[c].values, GUINT_TO_POINTER (g_str_hash (cells[c].text))))
        ++*remembered;
    }
}

gboolean
nn_csv_read_columns (NnCsvScan *scan, NnCsvFile *file, GCancellable *cancellable, GError **error)
{
  GError *failure = NULL;
  gsize n_cells, remembered = 0;
  const NnCsvCell *cells = nn_csv_file_next (file, &n_cells, cancellable, &failure);
  if (!cells && !failure)
    g_set_error (&failure, NN_ERROR, NN_ERROR_FORMAT, _ ("“%s” is empty."), scan->file);
  else if (cells && n_cells > NN_CSV_MAX_COLUMNS)
    g_set_error (&failure, NN_ERROR, NN_ERROR_FORMAT,
                 _ ("“%s” has %zu columns; at most %d can be read."), scan->file, n_cells,
                 NN_CSV_MAX_COLUMNS);
  if (!cells || failure)
    {
      g_propagate_error (error, failure);
      return FALSE;
    }
  scan->n_columns = (guint)n_cells;
  scan->columns = nn_data_columns_new ();
  g_array_set_size (scan->columns, scan->n_columns);
  if (!name_columns (scan, file, cells, error))
    return FALSE;

  First *first = g_new0 (First, n_cells);
  for (guint c = 0; c < scan->n_columns; c++)
    first[c] = (First){ .examples = g_string_new (NULL), .values = g_hash_table_new (NULL, NULL) };
  if (!scan->dialect.has_header)
    look_at (scan, file, cells, n_cells, first, &remembered);
  while (nn_csv_file_row (file) <= NN_CSV_FIRST_ROWS && nn_csv_file_read (file) < FIRST_BYTES
         && (cells = nn_csv_file_next (file, &n_cells, cancellable, &failure)))
    look_at (scan, file, cells, n_cells, first, &remembered);
  for (guint c = 0; c < scan->n_columns; c++)
    {
      nn_csv_column (scan, c)->is_number = first[c].n_numbers > first[c].n_texts;
      nn_csv_column (scan, c)->is_whole = TRUE;
      nn_csv_column (scan, c)->examples = g_strdup (first[c].examples->str);
      nn_csv_column (scan, c)->n_distinct = g_hash_table_size (first[c].values);
    }
  first_free (first, scan->n_columns);
  if (failure)
    g_propagate_error (error, failure);
  return failure == NULL;
}

/* ---- roles ---- */

static gint
find_column (const NnCsvScan *scan, const char *name)
{
  for (guint c = 0; c < scan->n_columns; c++)
    if (strcmp (nn_csv_column (scan, c)->name, name) == 0)
      return (gint)c;
  return -1;
}

static gboolean
unknown_column (const NnCsvScan *scan, const char *name, GError **error)
{
  g_autoptr (GString) names = g_string_new (NULL);
  for (guint c = 0; c < MIN (scan->n_columns, 20); c++)
    g_string_append_printf (names, "%s%s", c ? ", " : "", nn_csv_column (scan, c)->name);
  if (scan->n_columns > 20)
    g_string_append (names, " …");
  g_set_error (error, NN_ERROR, NN_ERROR_UNKNOWN,
               _ ("“%s” has no column “%s”; its columns are: %s."), scan->file, name, names->str);
  return FALSE;
}

static gboolean
may_be_classes (const NnDataColumn *column)
{
  return column->n_distinct >= 2 && column->n_distinct <= NN_DATA_FEW_VALUES;
}

static guint
side_of_square (guint n)
{
  const guint side = (guint)(sqrt (n) + 0.5);
  return side >= MIN_SIDE && side * side == n ? side : 0;
}

static gint
guess_label (const NnCsvScan *scan)
{
  for (guint i = 0; i < G_N_ELEMENTS (label_names); i++)
    for (guint c = 0; c < scan->n_columns; c++)
      if (g_ascii_strcasecmp (nn_csv_column (scan, c)->name, label_names[i]) == 0)
        return (gint)c;
  const guint ends[] = { scan->n_columns - 1, 0 };
  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    if (!nn_csv_column (scan, ends[i])->is_number && may_be_classes (nn_csv_column (scan, ends[i])))
      return (gint)ends[i];
  /* A class before the pixels of a square image. */
  if (!scan->dialect.has_header && side_of_square (scan->n_columns - 1)
      && may_be_classes (nn_csv_column (scan, 0)))
    return 0;
  return -1;
}

static void
categories_free (gpointer categories)
{
  if (categories)
    g_hash_table_unref (categories);
}

static gboolean
takes_texts (const NnParams *options)
{
  return g_str_equal (nn_params_text (options, "text-columns"), "one-hot");
}

static gint
compare_columns (gconstpointer a, gconstpointer b)
{
  return *(const gint *)a - *(const gint *)b;
}

/* The names of a list in which commas may be quoted, resolved. */
static gboolean
named_features (NnCsvScan *scan, const char *list, gboolean texts, GArray *features, GError **error)
{
  static const NnCsvDialect commas = { .separator = ',', .line_end = '\n' };
  const gsize length = strlen (list);
  g_autofree char *copy = g_strdup (list);
  g_autoptr (GArray) names = g_array_new (FALSE, FALSE, sizeof (NnCsvCell));
  nn_csv_cut (copy, length, &commas, names);
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_array_index (names, NnCsvCell, i).text;
      const gint c = find_column (scan, name);
      if (c < 0)
        return unknown_column (scan, name, error);
      if (c == scan->label || (!nn_csv_column (scan, c)->is_number && !texts))
        {
          g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                       c == scan->label
                           ? _ ("“%s”: the column “%s” is the label; it cannot be a feature too.")
                           : _ ("“%s”: the column “%s” holds text; only numbers can be features, "
                                "unless each text becomes a value (text-columns=one-hot)."),
                       scan->file, name);
          return FALSE;
        }
      g_array_append_val (features, c);
    }
  /* In the order of the file, so that their names can be told by that. */
  g_array_sort (features, compare_columns);
  return TRUE;
}

gboolean
nn_csv_choose_roles (NnCsvScan *scan, const NnParams *options, GError **error)
{
  const char *label = nn_params_text (options, "label"),
             *list = nn_params_text (options, "features");
  if (*label)
    {
      scan->label = find_column (scan, label);
      if (scan->label < 0 && !g_str_equal (label, "none"))
        return unknown_column (scan, label, error);
    }
  else
    scan->label = guess_label (scan);
  if (scan->label >= 0)
    {
      const NnDataColumn *column = nn_csv_column (scan, scan->label);
      scan->label_is_class = !column->is_number || may_be_classes (column);
    }

  g_autoptr (GArray) features = g_array_new (FALSE, FALSE, sizeof (guint));
  const gboolean texts = takes_texts (options);
  if (*list && !named_features (scan, list, texts, features, error))
    return FALSE;
  for (guint c = 0; c < scan->n_columns && !*list; c++)
    {
      const NnDataColumn *column = nn_csv_column (scan, c);
      if ((gint)c != scan->label && (column->is_number || (texts && may_be_classes (column))))
        g_array_append_val (features, c);
    }
  if (features->len == 0)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("“%s” has no column of numbers to learn from."), scan->file);
      return FALSE;
    }
  for (guint i = 0; i < features->len; i++)
    nn_csv_column (scan, g_array_index (features, guint, i))->is_feature = TRUE;
  if (scan->label >= 0)
    nn_csv_column (scan, (guint)scan->label)->is_label = TRUE;
  scan->category_of = g_ptr_array_new_with_free_func (categories_free);
  for (guint i = 0; i < features->len; i++)
    {
      const gboolean number = nn_csv_column (scan, g_array_index (features, guint, i))->is_number;
      g_ptr_array_add (scan->category_of,
                       number ? NULL
                              : g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL));
    }
  scan->n_features = features->len;
  scan->features = (guint *)(gpointer)g_array_free (g_steal_pointer (&features), FALSE);
  return TRUE;
}

/* ---- image ---- */

static gboolean
features_are_bytes (const NnCsvScan *scan)
{
  for (guint i = 0; i < scan->n_features; i++)
    {
      const NnDataColumn *column = nn_csv_column (scan, scan->features[i]);
      if (!column->is_number || !column->is_whole || column->min < 0 || column->max > 255
          || column->n_missing > 0)
        return FALSE;
    }
  return TRUE;
}

/* "pixel12", "3x7" or no names at all. */
static gboolean
named_like_pixels (const NnCsvScan *scan)
{
  const char *name = nn_csv_column (scan, scan->features[scan->n_features - 1])->name;
  guint row, column;
  return !scan->dialect.has_header || g_ascii_strncasecmp (name, "pixel", 5) == 0
         || sscanf (name, "%ux%u", &row, &column) == 2;
}

gboolean
nn_csv_choose_shape (NnCsvScan *scan, const NnParams *options, GError **error)
{
  const char *text = nn_params_text (options, "image-shape");
  if (g_str_equal (text, "none"))
    return TRUE;
  const gboolean bytes = features_are_bytes (scan);
  if (!*text)
    {
      const guint side = side_of_square (scan->n_features);
      if (bytes && side && named_like_pixels (scan))
        scan->image = nn_shape (side, side, 1);
    }
  else
    {
      if (!nn_shape_parse (text, FALSE, &scan->image, error))
        return FALSE;
      if (scan->image.rank == 2)
        scan->image = nn_shape (scan->image.dim[0], scan->image.dim[1], 1);
      if (scan->image.rank != 3 || nn_shape_size (&scan->image) != scan->n_values)
        {
          g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
                       _ ("“%s”: an image of %s does not fit; there are %u features, so expected "
                          "height x width x channels with that product."),
                       scan->file, text, scan->n_values);
          return FALSE;
        }
    }
  scan->in_bytes = bytes && scan->image.rank > 0;
  return TRUE;
}
