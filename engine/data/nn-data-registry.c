#include "data/nn-data-source.h"

#include <string.h>
#include <unistd.h>

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>

#include "base/nn-error.h"
#include "data/nn-cifar.h"
#include "data/nn-csv.h"
#include "data/nn-data-library.h"
#include "data/nn-balance.h"
#include "data/nn-digits.h"
#include "data/nn-generator.h"
#include "data/nn-idx.h"
#include "data/nn-image-folder.h"
#include "data/nn-numpy.h"
#include "data/nn-noise.h"
#include "data/nn-points.h"
#include "data/nn-scaling.h"
#include "data/nn-scenes.h"
#include "data/nn-shapes.h"
#include "data/nn-split.h"
#include "data/nn-table.h"
#include "data/nn-waves.h"
#include "model/nn-design.h"

static const NnDataSource *const sources[] = {
  &nn_digits_source,        &nn_shapes_source,
  &nn_scenes_source,        &nn_points_curve_source,
  &nn_points_spiral_source, &nn_points_rings_source,
  &nn_points_moons_source,  &nn_points_swiss_roll_source,
  &nn_waves_source,         &nn_table_source,
  &nn_table_normal_source,  &nn_idx_source,
  &nn_cifar_source,         &nn_numpy_source,
  &nn_image_folder_source,  &nn_csv_source,
  &nn_noise_source,         NULL,
};

static const char *const fashion_classes[] = {
  "T-shirt/top", "Trouser", "Pullover", "Dress",      "Coat", "Sandal",
  "Shirt",       "Sneaker", "Bag",      "Ankle boot", NULL,
};

static const NnKnownSet known_sets[] = {
  { "fashion-mnist", N_ ("Fashion-MNIST"), N_ ("Photographs of clothes, 28×28 grey, ten classes."),
    10, fashion_classes },
  { "mnist", N_ ("MNIST"), N_ ("Handwritten digits, 28×28 grey, ten classes."), 10, NULL },
};

/* Where Debian's packages install theirs, whatever XDG_DATA_DIRS says. */
#define SYSTEM_FOLDER "/usr/share/datasets"

#define DEFAULT_NAME "fashion-mnist"
#define FALLBACK_NAME "digits"

const NnDataSource *const *
nn_data_sources (void)
{
  return sources;
}

const NnKnownSet *
nn_data_known_set (const char *path)
{
  g_autofree char *base = g_path_get_basename (path);
  for (guint i = 0; i < G_N_ELEMENTS (known_sets); i++)
    if (g_str_equal (known_sets[i].name, base))
      return &known_sets[i];
  return NULL;
}

void
nn_load_progress (const NnLoadContext *context, double fraction)
{
  if (context && context->progress)
    context->progress (CLAMP (fraction, 0.0, 1.0), context->progress_data);
}

static void
column_clear (gpointer data)
{
  NnDataColumn *column = data;
  g_free (column->name);
  g_free (column->examples);
}

GArray *
nn_data_columns_new (void)
{
  GArray *columns = g_array_new (FALSE, TRUE, sizeof (NnDataColumn));
  g_array_set_clear_func (columns, column_clear);
  return columns;
}

NnDataColumn
nn_data_column_copy (const NnDataColumn *column)
{
  NnDataColumn copy = *column;
  copy.name = g_strdup (column->name);
  copy.examples = g_strdup (column->examples);
  return copy;
}

void
nn_load_note (const NnLoadContext *context, const char *format, ...)
{
  if (!context || !context->notes)
    return;
  va_list args;
  va_start (args, format);
  g_ptr_array_add (context->notes, g_strdup_vprintf (format, args));
  va_end (args);
}

gboolean
nn_load_fits (const char *file, guint64 bytes, GError **error)
{
  const guint64 memory = (guint64)sysconf (_SC_PHYS_PAGES) * (guint64)sysconf (_SC_PAGESIZE);
  if (bytes <= memory / 4 * 3)
    return TRUE;
  g_autofree char *shown = g_filename_display_name (file);
  g_autofree char *need = g_format_size (bytes);
  g_autofree char *have = g_format_size (memory);
  g_set_error (error, NN_ERROR, NN_ERROR_MEMORY,
               _ ("“%s” would need %s of memory; this computer has %s."), shown, need, have);
  return FALSE;
}

void
nn_data_entry_free (NnDataEntry *entry)
{
  if (!entry)
    return;
  g_free (entry->name);
  g_free (entry->title);
  g_free (entry->summary);
  g_free (entry->path);
  g_clear_pointer (&entry->options, nn_params_unref);
  g_free (entry);
}

/* ---- finding ---- */

static const NnDataSource *
reader_of (const char *path)
{
  for (guint i = 0; sources[i]; i++)
    if (sources[i]->recognises && sources[i]->recognises (path))
      return sources[i];
  return NULL;
}

static const NnDataEntry *
find_entry (GPtrArray *entries, const char *name)
{
  for (guint i = 0; i < entries->len; i++)
    {
      const NnDataEntry *entry = g_ptr_array_index (entries, i);
      if (g_str_equal (entry->name, name))
        return entry;
    }
  return NULL;
}

static void
add_generators (GPtrArray *entries)
{
  for (guint i = 0; sources[i]; i++)
    if (sources[i]->info)
      {
        NnDataEntry *entry = g_new0 (NnDataEntry, 1);
        entry->name = g_strdup (sources[i]->info->name);
        entry->title = g_strdup (_ (sources[i]->info->title));
        entry->summary = g_strdup (_ (sources[i]->summary));
        entry->source = sources[i];
        g_ptr_array_add (entries, entry);
      }
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* Adds what a reader recognises in folder; a name that is taken stays with its first owner. */
static void
add_folder (GPtrArray *entries, const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  if (!dir)
    return;
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  for (const char *name = g_dir_read_name (dir); name; name = g_dir_read_name (dir))
    if (name[0] != '.' && g_utf8_validate (name, -1, NULL))
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);

  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      g_autofree char *path = g_build_filename (folder, name, NULL);
      const NnDataSource *source = find_entry (entries, name) ? NULL : reader_of (path);
      if (!source)
        continue;
      const NnKnownSet *known = nn_data_known_set (path);
      NnDataEntry *entry = g_new0 (NnDataEntry, 1);
      entry->name = g_strdup (name);
      entry->title = g_strdup (known ? _ (known->title) : name);
      entry->summary = g_strdup (known ? _ (known->summary) : _ (source->title));
      entry->path = g_steal_pointer (&path);
      entry->source = source;
      g_ptr_array_add (entries, entry);
    }
}

/* "iris" for /home/x/iris.csv, "iris-2" where that is taken. (transfer full) */
static char *
free_name (GPtrArray *entries, const char *path)
{
  g_autofree char *base = g_path_get_basename (path);
  g_autofree char *stem = g_filename_display_name (base);
  char *dot = strchr (stem + 1, '.');
  if (dot)
    *dot = '\0';
  char *name = g_strdup (stem);
  for (guint i = 2; find_entry (entries, name); i++)
    {
      g_free (name);
      name = g_strdup_printf ("%s-%u", stem, i);
    }
  return name;
}

static void
add_library (GPtrArray *entries)
{
  g_autoptr (GPtrArray) sets = nn_data_library_read (NULL);
  for (guint i = 0; sets && i < sets->len; i++)
    {
      NnParams *options = g_ptr_array_index (sets, i);
      const char *path = nn_params_text (options, "name");
      const NnDataSource *source = reader_of (path);
      if (!source)
        continue;
      NnDataEntry *entry = g_new0 (NnDataEntry, 1);
      g_autofree char *shown = g_filename_display_name (path);
      entry->name = free_name (entries, path);
      entry->title = g_path_get_basename (shown);
      entry->summary = g_strdup_printf (_ ("%s: %s"), _ (source->title), shown);
      entry->path = g_strdup (path);
      entry->source = source;
      entry->options = nn_params_ref (options);
      g_ptr_array_add (entries, entry);
    }
}

GPtrArray *
nn_data_list (void)
{
  GPtrArray *entries = g_ptr_array_new_with_free_func ((GDestroyNotify)nn_data_entry_free);
  add_generators (entries);

  g_autofree char *own = g_build_filename (g_get_user_data_dir (), "diabolo", "datasets", NULL);
  add_folder (entries, own);
  const char *const *dirs = g_get_system_data_dirs ();
  for (guint i = 0; dirs[i]; i++)
    {
      g_autofree char *folder = g_build_filename (dirs[i], "datasets", NULL);
      add_folder (entries, folder);
    }
  add_folder (entries, SYSTEM_FOLDER);
  add_library (entries);
  return entries;
}

const char *
nn_data_default_name (void)
{
  g_autoptr (GPtrArray) entries = nn_data_list ();
  return find_entry (entries, DEFAULT_NAME) ? DEFAULT_NAME : FALLBACK_NAME;
}

/* ---- using ---- */

/* Where a name or path leads: source is set, path is NULL for a generator, entry for a path. */
typedef struct
{
  GPtrArray *entries; /* owned */
  const NnDataEntry *entry;
  const NnDataSource *source;
  const char *path;
} Found;

static void
found_clear (Found *found)
{
  g_clear_pointer (&found->entries, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Found, found_clear)

static gboolean
unknown_name (GPtrArray *entries, const char *name, GError **error)
{
  g_autoptr (GString) names = g_string_new (NULL);
  for (guint i = 0; i < entries->len; i++)
    {
      const NnDataEntry *entry = g_ptr_array_index (entries, i);
      g_string_append_printf (names, "%s%s", i ? ", " : "", entry->name);
    }
  g_autofree char *shown = g_filename_display_name (name);
  g_set_error (error, NN_ERROR, NN_ERROR_UNKNOWN,
               _ ("There is no data set and no file “%s”; expected a path or one of: %s."), shown,
               names->str);
  return FALSE;
}

static gboolean
unknown_format (const char *path, GError **error)
{
  g_autoptr (GString) titles = g_string_new (NULL);
  g_autofree char *shown = g_filename_display_name (path);
  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("The folder “%s” holds no data that can be read; expected pictures, in one "
                      "folder or in one for each class, or IDX or CIFAR files."),
                   shown);
      return FALSE;
    }
  for (guint i = 0; sources[i]; i++)
    if (sources[i]->recognises && sources[i] != &nn_noise_source
        && sources[i] != &nn_image_folder_source)
      g_string_append_printf (titles, "%s%s", titles->len ? ", " : "", _ (sources[i]->title));
  g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
               _ ("“%s” is not a data set that can be read; expected: %s."), shown, titles->str);
  return FALSE;
}

static gboolean
find (const char *name_or_path, Found *found, GError **error)
{
  found->entries = nn_data_list ();
  found->entry = find_entry (found->entries, name_or_path);
  if (found->entry)
    {
      found->path = found->entry->path;
      found->source = found->entry->source;
      return TRUE;
    }
  found->path = name_or_path;
  found->source = reader_of (name_or_path);
  if (!found->source && !g_file_test (name_or_path, G_FILE_TEST_EXISTS))
    return unknown_name (found->entries, name_or_path, error);
  return found->source || unknown_format (name_or_path, error);
}

/* How a set is read: as data say, and where they say nothing, as the library keeps it. (transfer
 * full) */
static NnParams *
options_of (const NnParams *data, const Found *found)
{
  NnParams *options = nn_params_ref ((NnParams *)data);
  g_autoptr (NnParams) defaults = nn_params_new (nn_data_specs ());
  const char *const *names = found->source->options;
  const guint n = names ? g_strv_length ((char **)names) : 0;
  for (guint i = 0; found->entry && found->entry->options && i <= n; i++)
    {
      const char *name = i < n ? names[i] : "scaling"; /* which every set has */
      g_autofree char *said = nn_params_to_text (data, name);
      g_autofree char *none = nn_params_to_text (defaults, name);
      g_autofree char *kept = nn_params_to_text (found->entry->options, name);
      if (!g_str_equal (said, none))
        continue;
      NnParams *with = nn_params_with_text (options, name, kept, NULL);
      nn_params_unref (options);
      options = with;
    }
  return options;
}

/* Under the name that it is known by. */
static NnDataset *
load_found (const Found *found, const NnParams *options, const NnLoadContext *context,
            GError **error)
{
  if (found->source->draw)
    return nn_generator_load (found->source, (guint64)nn_params_int (options, "seed"), context,
                              error);
  g_autoptr (NnDataset) dataset = found->source->load (found->path, options, context, error);
  if (!dataset || !found->entry)
    return g_steal_pointer (&dataset);
  return nn_dataset_rename (dataset, found->entry->name, found->entry->title);
}

/* Samples are held out, or copied, of what the limit leaves. */
static gboolean
loads_within_limit (const NnParams *data)
{
  return strcmp (nn_params_text (data, "validation"), "training") == 0
         || strcmp (nn_params_text (data, "balance"), "copies") == 0;
}

NnDataset *
nn_data_load_with (const NnParams *data, const NnLoadContext *context, GError **error)
{
  g_auto (Found) found = { 0 };
  if (!find (nn_params_text (data, "name"), &found, error) || !found.source)
    return NULL;

  g_autoptr (NnParams) options = options_of (data, &found);
  g_autoptr (GArray) columns =
      context && context->columns ? g_array_ref (context->columns) : nn_data_columns_new ();
  NnLoadContext own = context ? *context : (NnLoadContext){ 0 };
  own.columns = columns;
  g_autoptr (NnDataset) whole = load_found (&found, options, &own, error);
  g_autoptr (NnDataset) divided = whole ? nn_dataset_hold_out (whole, data, error) : NULL;
  g_clear_pointer (&whole, nn_dataset_unref); /* its memory is scaled in place */
  g_autoptr (NnDataset) scaled =
      divided ? nn_dataset_scale (g_steal_pointer (&divided), options, columns, error) : NULL;
  if (!scaled || !loads_within_limit (data))
    return g_steal_pointer (&scaled);
  g_autoptr (NnDataset) limited = nn_dataset_limit (scaled, (gsize)nn_params_int (data, "limit"));
  return nn_dataset_balance (limited, data, context ? context->cancellable : NULL, error);
}

NnDataInfo *
nn_data_peek_with (const NnParams *data, const NnLoadContext *context, GError **error)
{
  g_auto (Found) found = { 0 };
  if (!find (nn_params_text (data, "name"), &found, error) || !found.source)
    return NULL;
  g_autoptr (NnParams) options = options_of (data, &found);
  g_autoptr (NnDataInfo) info = found.source->info
                                    ? nn_data_info_copy (found.source->info)
                                    : found.source->peek (found.path, options, context, error);
  if (!info)
    return NULL;
  NnDataInfo known = *info;
  nn_split_hold_out_sizes (data, known.n_samples);
  if (found.path && found.entry)
    {
      known.name = found.entry->name;
      known.title = found.entry->title;
    }
  return nn_data_info_copy (&known);
}

const NnDataMend *
nn_data_mends (const GError *error)
{
  static const NnDataMend none[] = { { NULL } };
  static const NnDataMend unusable[] = {
    { "unusable", "skip", N_ ("Skip what cannot be read"),
      N_ ("Leaves such rows or pictures out, and says how many they are") },
    { NULL },
  };
  static const NnDataMend missing[] = {
    { "missing", "mean", N_ ("Fill with the mean"),
      N_ ("Puts the mean over the training part where a number is missing") },
    { "missing", "skip", N_ ("Skip such rows"),
      N_ ("Leaves rows with a missing value out, and says how many they are") },
    { NULL },
  };
  if (g_error_matches (error, NN_ERROR, NN_ERROR_UNUSABLE))
    return unusable;
  return g_error_matches (error, NN_ERROR, NN_ERROR_MISSING) ? missing : none;
}

/* Default options for a name or path. A name that no text can hold is no data set either. */
static NnParams *
default_params (const char *name_or_path, guint64 seed, GError **error)
{
  g_autoptr (NnParams) defaults = nn_params_new (nn_data_specs ());
  g_autoptr (NnParams) named = nn_params_with_text (defaults, "name", name_or_path, error);
  return named ? nn_params_with_number (named, "seed", (double)seed, error) : NULL;
}

NnDataset *
nn_data_load (const char *name_or_path, guint64 seed, const NnLoadContext *context, GError **error)
{
  g_autoptr (NnParams) data = default_params (name_or_path, seed, error);
  return data ? nn_data_load_with (data, context, error) : NULL;
}

NnDataInfo *
nn_data_peek (const char *name_or_path, GError **error)
{
  g_autoptr (NnParams) data = default_params (name_or_path, 0, error);
  return data ? nn_data_peek_with (data, NULL, error) : NULL;
}

const NnDataSource *
nn_data_source_of (const NnParams *data)
{
  g_auto (Found) found = { 0 };
  return find (nn_params_text (data, "name"), &found, NULL) ? found.source : NULL;
}

gboolean
nn_data_peek_is_quick (const NnParams *data)
{
  const NnDataSource *source = nn_data_source_of (data);
  return !source || !source->peek_is_slow;
}

gboolean
nn_data_is_scaled (const NnParams *data)
{
  g_auto (Found) found = { 0 };
  if (!find (nn_params_text (data, "name"), &found, NULL))
    return FALSE;
  g_autoptr (NnParams) options = options_of (data, &found);
  return strcmp (nn_params_text (options, "scaling"), "none") != 0;
}

gsize
nn_data_limit (const NnParams *data)
{
  return loads_within_limit (data) ? 0 : (gsize)nn_params_int (data, "limit");
}

gboolean
nn_data_is_same (const NnParams *a, const NnParams *b)
{
  if (loads_within_limit (a))
    return nn_params_equal (a, b);
  g_autoptr (NnParams) without =
      nn_params_with_number (a, "limit", (double)nn_params_int (b, "limit"), NULL);
  return nn_params_equal (without, b);
}
