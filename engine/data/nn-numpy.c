#include "data/nn-numpy.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>

#include "base/nn-error.h"
#include "base/nn-memory.h"
#include "data/nn-split.h"
#include "formats/nn-npy.h"
#include "formats/nn-zip.h"

/* Deflate packs no better. */
#define MAX_EXPANSION 1032
/* Whole numbers below are classes. */
#define MAX_CLASSES 10000
/* Whole numbers in floating point, which may be measured values. */
#define MAX_FLOAT_CLASSES 100
/* Floating point values of fewer rows are a sequence, not an image. */
#define MIN_SIDE 8
#define CONVERTED_AT_ONCE (256 * 1024)

/* ---- the arrays of a file ---- */

typedef struct
{
  char *name;   /* without .npy; owned */
  char *source; /* for messages; owned */
  GBytes *bytes;
  NnNpyHeader header;
} Array;

static void
array_free (Array *array)
{
  g_free (array->name);
  g_free (array->source);
  g_bytes_unref (array->bytes);
  g_free (array);
}

static gsize
array_limit (const char *name, gsize archive_size)
{
  return archive_size < NN_ZIP_MAX_SIZE / MAX_EXPANSION ? archive_size * MAX_EXPANSION
                                                        : NN_ZIP_MAX_SIZE;
}

static gboolean
add_array (GPtrArray *arrays, const char *name, const char *source, GBytes *bytes, GError **error)
{
  NnNpyHeader header;
  if (!nn_npy_read_header (bytes, source, &header, error))
    return FALSE;
  Array *array = g_new0 (Array, 1);
  array->name = g_strdup (name);
  array->source = g_strdup (source);
  array->bytes = g_bytes_ref (bytes);
  array->header = header;
  g_ptr_array_add (arrays, array);
  return TRUE;
}

static gboolean
is_archive (const char *path)
{
  g_autofree char *lower = g_ascii_strdown (path, -1);
  return g_str_has_suffix (lower, ".npz");
}

/* Of an archive those that hold numbers; what else is in it is left out. (element-type Array) */
static GPtrArray *
read_arrays (const char *path, const NnLoadContext *context, GError **error)
{
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, error);
  if (!file)
    return NULL;
  g_autoptr (GBytes) bytes = g_mapped_file_get_bytes (file);
  g_autoptr (GPtrArray) arrays = g_ptr_array_new_with_free_func ((GDestroyNotify)array_free);
  g_autofree char *shown = g_filename_display_name (path);
  if (!is_archive (path))
    return add_array (arrays, shown, shown, bytes, error) ? g_steal_pointer (&arrays) : NULL;

  g_autoptr (GPtrArray) entries =
      nn_zip_read (bytes, shown, array_limit, context ? context->cancellable : NULL, error);
  g_autoptr (GError) left_out = NULL;
  for (guint i = 0; entries && i < entries->len; i++)
    {
      const NnZipEntry *entry = g_ptr_array_index (entries, i);
      g_autoptr (GError) why = NULL;
      if (!g_str_has_suffix (entry->name, ".npy"))
        continue;
      g_autofree char *name = g_strndup (entry->name, strlen (entry->name) - strlen (".npy"));
      g_autofree char *source = g_strdup_printf ("%s, %s", shown, entry->name);
      if (add_array (arrays, name, source, entry->bytes, &why))
        continue;
      nn_load_note (context, _ ("Left out: %s"), why->message);
      if (!left_out)
        left_out = g_steal_pointer (&why);
    }
  if (arrays->len == 0 && left_out)
    {
      g_propagate_error (error, g_steal_pointer (&left_out));
      return NULL;
    }
  return entries ? g_steal_pointer (&arrays) : NULL;
}

/* ---- which array is what ---- */

typedef struct
{
  const Array *samples[NN_N_PARTS], *labels[NN_N_PARTS]; /* NULL where there is none */
} Roles;

/* Names that are in use. */
static const struct
{
  const char *samples[NN_N_PARTS], *labels[NN_N_PARTS];
} known_names[] = {
  { { "x_train", "x_test" }, { "y_train", "y_test" } },
  { { "train_images", "test_images" }, { "train_labels", "test_labels" } },
  { { "train_x", "test_x" }, { "train_y", "test_y" } },
  { { "train_data", "test_data" }, { "train_labels", "test_labels" } },
  { { "images", NULL }, { "labels", NULL } },
  { { "x", NULL }, { "y", NULL } },
  { { "data", NULL }, { "labels", NULL } },
  { { "data", NULL }, { "target", NULL } },
  { { "features", NULL }, { "labels", NULL } },
  { { "arr_0", NULL }, { "arr_1", NULL } },
};

static const Array *
find_array (GPtrArray *arrays, const char *name)
{
  for (guint i = 0; name && i < arrays->len; i++)
    {
      const Array *array = g_ptr_array_index (arrays, i);
      if (g_ascii_strcasecmp (array->name, name) == 0)
        return array;
    }
  return NULL;
}

static gboolean
unknown_array (GPtrArray *arrays, const char *path, const char *name, GError **error)
{
  g_autoptr (GString) names = g_string_new (NULL);
  for (guint i = 0; i < arrays->len; i++)
    {
      const Array *array = g_ptr_array_index (arrays, i);
      g_autofree char *shape = nn_shape_to_string (&array->header.shape);
      g_string_append_printf (names, "%s%s (%s)", i ? ", " : "", array->name, shape);
    }
  g_autofree char *shown = g_filename_display_name (path);
  g_set_error (error, NN_ERROR, NN_ERROR_UNKNOWN,
               name ? _ ("“%s” has no array “%s”; it has: %s.")
                    : _ ("“%s” has no array of samples%s; it has: %s. Choose one as features."),
               shown, name ? name : "", names->len ? names->str : _ ("none"));
  return FALSE;
}

/* "x_train" -> the array "x_test". */
static const Array *
companion (GPtrArray *arrays, const char *name)
{
  const char *at = strstr (name, "train");
  if (!at)
    return NULL;
  g_autofree char *other =
      g_strdup_printf ("%.*stest%s", (int)(at - name), name, at + strlen ("train"));
  return find_array (arrays, other);
}

/* At least 1; a lone number is one sample. */
static gint64
n_of (const Array *array)
{
  return array->header.shape.rank > 0 ? array->header.shape.dim[0] : 1;
}

/* The largest array that can be samples. */
static const Array *
largest (GPtrArray *arrays)
{
  const Array *best = NULL;
  for (guint i = 0; i < arrays->len; i++)
    {
      const Array *array = g_ptr_array_index (arrays, i);
      if (array->header.shape.rank >= 2
          && (!best || nn_shape_size (&array->header.shape) > nn_shape_size (&best->header.shape)))
        best = array;
    }
  return best;
}

static gboolean
choose_samples (GPtrArray *arrays, const char *path, const char *wanted, Roles *roles,
                GError **error)
{
  if (*wanted)
    {
      roles->samples[NN_PART_TRAIN] = find_array (arrays, wanted);
      roles->samples[NN_PART_TEST] = companion (arrays, wanted);
      return roles->samples[NN_PART_TRAIN] || unknown_array (arrays, path, wanted, error);
    }
  for (guint k = 0; k < G_N_ELEMENTS (known_names) && !roles->samples[NN_PART_TRAIN]; k++)
    for (NnPart part = 0; part < NN_N_PARTS; part++)
      roles->samples[part] = find_array (arrays, known_names[k].samples[part]);
  if (!roles->samples[NN_PART_TRAIN])
    *roles = (Roles){ .samples = { largest (arrays) } };
  return roles->samples[NN_PART_TRAIN] || unknown_array (arrays, path, NULL, error);
}

static gboolean
choose_labels (GPtrArray *arrays, const char *path, const char *wanted, Roles *roles,
               GError **error)
{
  if (g_str_equal (wanted, "none"))
    return TRUE;
  if (*wanted)
    {
      roles->labels[NN_PART_TRAIN] = find_array (arrays, wanted);
      roles->labels[NN_PART_TEST] = companion (arrays, wanted);
      return roles->labels[NN_PART_TRAIN] || unknown_array (arrays, path, wanted, error);
    }
  const gint64 n = n_of (roles->samples[NN_PART_TRAIN]);
  for (guint k = 0; k < G_N_ELEMENTS (known_names); k++)
    {
      const Array *train = find_array (arrays, known_names[k].labels[NN_PART_TRAIN]);
      if (!train || train == roles->samples[NN_PART_TRAIN] || n_of (train) != n)
        continue;
      roles->labels[NN_PART_TRAIN] = train;
      roles->labels[NN_PART_TEST] = find_array (arrays, known_names[k].labels[NN_PART_TEST]);
      return TRUE;
    }
  return TRUE;
}

static gboolean
check_numbers (const Roles *roles, GError **error)
{
  for (NnPart part = 0; part < NN_N_PARTS; part++)
    {
      const Array *samples = roles->samples[part], *labels = roles->labels[part];
      const Array *other = labels ? samples : NULL;
      if (samples && samples->header.shape.rank < 2)
        {
          g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
                       _ ("“%s” has %d dimensions; expected at least 2, the first counting "
                          "samples."),
                       samples->source, samples->header.shape.rank);
          return FALSE;
        }
      if (other && n_of (labels) != n_of (other))
        {
          g_set_error (
              error, NN_ERROR, NN_ERROR_SHAPE,
              _ ("“%s” has %" PRId64 " labels; expected %" PRId64 ", one for each sample of “%s”."),
              labels->source, n_of (labels), n_of (other), other->source);
          return FALSE;
        }
    }
  const Array *train = roles->samples[NN_PART_TRAIN], *test = roles->samples[NN_PART_TEST];
  if (test)
    {
      const NnShape *a = &train->header.shape, *b = &test->header.shape;
      if (a->rank != b->rank
          || memcmp (a->dim + 1, b->dim + 1, (gsize)(a->rank - 1) * sizeof *a->dim) != 0)
        {
          g_autofree char *expected = nn_shape_to_string (a), *found = nn_shape_to_string (b);
          g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
                       _ ("“%s” has the shape %s; expected that of “%s”, %s, but for the number of "
                          "samples."),
                       test->source, found, train->source, expected);
          return FALSE;
        }
    }
  else if (n_of (train) < 2)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
                   _ ("“%s” has one sample; expected at least 2, one to train on and one to test "
                      "with."),
                   train->source);
      return FALSE;
    }
  return TRUE;
}

/* Labels for both parts or for none. */
static gboolean
choose_roles (GPtrArray *arrays, const char *path, const NnParams *options, Roles *roles,
              GError **error)
{
  if (!choose_samples (arrays, path, nn_params_text (options, "features"), roles, error)
      || !choose_labels (arrays, path, nn_params_text (options, "label"), roles, error))
    return FALSE;
  if (!roles->samples[NN_PART_TEST])
    roles->labels[NN_PART_TEST] = NULL;
  else if (!roles->labels[NN_PART_TRAIN] != !roles->labels[NN_PART_TEST])
    {
      g_autofree char *shown = g_filename_display_name (path);
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("“%s” has labels for one part only: expected labels for both parts or for "
                      "neither."),
                   shown);
      return FALSE;
    }
  return check_numbers (roles, error);
}

/* ---- the field of samples ---- */

/* What one sample is, and whether its values come channels first. */
typedef struct
{
  NnField field;
  gboolean channels_first;
} Sample;

static gboolean
sample_of (const Array *array, const NnParams *options, Sample *sample, GError **error)
{
  g_assert (array); /* choose_roles() has found it */
  const NnShape *shape = &array->header.shape;
  const gint64 *d = shape->dim;
  const char *wanted = nn_params_text (options, "image-shape");
  const gboolean plain = g_str_equal (wanted, "none");
  *sample = (Sample){ .field = { .name = "image", .kind = NN_FIELD_IMAGE } };
  if (*wanted && !plain)
    {
      NnShape *image = &sample->field.shape;
      if (!nn_shape_parse (wanted, FALSE, image, error))
        return FALSE;
      if (image->rank == 2)
        *image = nn_shape (image->dim[0], image->dim[1], 1);
      if (image->rank == 3 && nn_shape_size (image) == nn_shape_size (shape) / d[0])
        return TRUE;
      g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
                   _ ("“%s”: an image of %s does not fit; a sample has %" PRId64
                      " values, so expected height x width x channels with that product."),
                   array->source, wanted, nn_shape_size (shape) / d[0]);
      return FALSE;
    }
  if (shape->rank == 4 && !plain)
    {
      sample->channels_first = d[3] > 4 && (d[1] == 1 || d[1] == 3);
      sample->field.shape =
          sample->channels_first ? nn_shape (d[2], d[3], d[1]) : nn_shape (d[1], d[2], d[3]);
      return TRUE;
    }
  if (shape->rank == 3 && !plain && (array->header.is_u8 || (d[1] >= MIN_SIDE && d[2] >= MIN_SIDE)))
    {
      sample->field.shape = nn_shape (d[1], d[2], 1);
      return TRUE;
    }
  sample->field = shape->rank == 3
                      ? (NnField){ "sequence", NN_FIELD_SEQUENCE, nn_shape (d[1], d[2]), 0, NULL }
                      : (NnField){ "features", NN_FIELD_FEATURES,
                                   nn_shape (nn_shape_size (shape) / d[0]), 0, NULL };
  return TRUE;
}

/* ---- values ---- */

typedef struct
{
  double min, max;
  gboolean whole;
  gsize n_nan;
} Range;

/* Widens range by all values; fails where one is infinite. */
static gboolean
add_range (const Array *array, Range *range, GError **error)
{
  const gsize n = (gsize)nn_shape_size (&array->header.shape);
  g_autofree float *values = g_new (float, MIN (n, CONVERTED_AT_ONCE));
  for (gsize first = 0; first < n; first += CONVERTED_AT_ONCE)
    {
      const gsize count = MIN (n - first, CONVERTED_AT_ONCE);
      nn_npy_convert (array->bytes, &array->header, first, count, values);
      for (gsize i = 0; i < count; i++)
        {
          if (isnan (values[i]))
            {
              range->n_nan++;
              continue;
            }
          if (isinf (values[i]))
            {
              g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                           _ ("“%s” has an infinite value in sample %zu."), array->source,
                           (first + i) / (n / (gsize)n_of (array)));
              return FALSE;
            }
          range->min = MIN (range->min, values[i]);
          range->max = MAX (range->max, values[i]);
          range->whole = range->whole && values[i] == floorf (values[i]);
        }
    }
  return TRUE;
}

static gboolean
range_of (const Array *const arrays[NN_N_PARTS], Range *range, GError **error)
{
  *range = (Range){ INFINITY, -INFINITY, TRUE, 0 };
  for (NnPart part = 0; part < NN_N_PARTS; part++)
    if (arrays[part] && !add_range (arrays[part], range, error))
      return FALSE;
  return TRUE;
}

static float *
all_floats (const Array *array, GError **error)
{
  const gsize n = (gsize)nn_shape_size (&array->header.shape);
  if (!nn_load_fits (array->source, (guint64)n * sizeof (float), error))
    return NULL;
  float *values = nn_memory_in_large_pages (g_try_new (float, n), n * sizeof (float));
  if (values)
    nn_npy_convert (array->bytes, &array->header, 0, n, values);
  else
    g_set_error (error, NN_ERROR, NN_ERROR_MEMORY,
                 _ ("There is no memory left for the values of “%s”."), array->source);
  return values;
}

/* (n, C, P) -> (n, P, C), elements of `size` bytes. (transfer full) */
static gpointer
channels_last (gpointer owned, gsize n, gsize c, gsize p, gsize size)
{
  g_autofree guint8 *from = owned;
  const gsize bytes = n * c * p * size;
  guint8 *to = nn_memory_in_large_pages (g_malloc (bytes), bytes);
  for (gsize i = 0; i < n; i++)
    for (gsize k = 0; k < c; k++)
      for (gsize j = 0; j < p; j++)
        memcpy (to + ((i * p + j) * c + k) * size, from + ((i * c + k) * p + j) * size, size);
  return to;
}

/* Images of whole values 0 to 255 stay bytes; 0 and 1 are black and white. */
static GBytes *
image_bytes (const Array *array, const Sample *sample, const Range *range, GError **error)
{
  const gsize n = (gsize)nn_shape_size (&array->header.shape), samples = (gsize)n_of (array);
  if (array->header.is_u8 && !sample->channels_first && range->max > 1)
    return g_bytes_new_from_bytes (array->bytes, array->header.offset, n);
  g_autofree float *values = all_floats (array, error);
  if (!values)
    return NULL;
  guint8 *bytes = g_malloc (n);
  for (gsize i = 0; i < n; i++)
    bytes[i] = (guint8)(range->max > 1 ? values[i] : values[i] * 255);
  if (sample->channels_first)
    {
      const gsize c = (gsize)sample->field.shape.dim[2];
      bytes = channels_last (bytes, samples, c, n / samples / c, 1);
    }
  return g_bytes_new_take (bytes, n);
}

static gboolean
read_samples (const Roles *roles, const Sample *sample, const NnLoadContext *context,
              NnFieldStorage *storage, GError **error)
{
  Range range;
  if (!range_of (roles->samples, &range, error))
    return FALSE;
  const gboolean bytes = sample->field.kind == NN_FIELD_IMAGE && range.whole && range.n_nan == 0
                         && range.min >= 0 && range.max <= 255;
  storage->field = sample->field;
  for (NnPart part = 0; part < NN_N_PARTS; part++)
    {
      const Array *array = roles->samples[part];
      if (!array)
        continue;
      nn_load_progress (context, part == NN_PART_TRAIN ? 0.3 : 0.7);
      if (bytes)
        storage->bytes[part] = image_bytes (array, sample, &range, error);
      else
        {
          float *values = all_floats (array, error);
          const gsize n = (gsize)nn_shape_size (&array->header.shape), count = (gsize)n_of (array);
          if (values && sample->channels_first)
            {
              const gsize c = (gsize)sample->field.shape.dim[2];
              values = channels_last (values, count, c, n / count / c, sizeof (float));
            }
          storage->floats[part] = values ? g_bytes_new_take (values, n * sizeof (float)) : NULL;
        }
      if (!storage->bytes[part] && !storage->floats[part])
        return FALSE;
    }
  if (range.n_nan > 0)
    nn_load_note (context,
                  ngettext ("%zu value that is no number (NaN) was filled with its column's mean.",
                            "%zu values that are no numbers (NaN) were filled with their columns' "
                            "means.",
                            range.n_nan),
                  range.n_nan);
  return TRUE;
}

/* One whole number a sample is a class; anything else is what is to be predicted. */
static gboolean
read_labels (const Roles *roles, NnFieldStorage *storage, GError **error)
{
  Range range;
  if (!range_of (roles->labels, &range, error))
    return FALSE;
  const Array *train = roles->labels[NN_PART_TRAIN];
  if (range.n_nan > 0)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("“%s” has labels that are no numbers (NaN): %zu of them."), train->source,
                   range.n_nan);
      return FALSE;
    }
  const gsize width = (gsize)(nn_shape_size (&train->header.shape) / n_of (train));
  const gsize most = train->header.is_whole ? MAX_CLASSES : MAX_FLOAT_CLASSES;
  const gboolean classes = width == 1 && range.whole && range.min >= 0 && range.max < (double)most;
  const guint n_classes = classes ? MAX ((guint)range.max + 1, 2) : 0;
  storage->label_size = sizeof (guint32);
  storage->field = classes
                       ? (NnField){ "label", NN_FIELD_LABEL, nn_shape (n_classes), n_classes, NULL }
                       : (NnField){ NN_FIELD_TARGET, NN_FIELD_FEATURES, nn_shape (width), 0, NULL };
  for (NnPart part = 0; part < NN_N_PARTS; part++)
    {
      if (!roles->labels[part])
        continue;
      const gsize n = (gsize)n_of (roles->labels[part]);
      float *values = all_floats (roles->labels[part], error);
      if (!values)
        return FALSE;
      if (!classes)
        {
          storage->floats[part] = g_bytes_new_take (values, n * width * sizeof (float));
          continue;
        }
      guint32 *labels = g_new (guint32, n);
      for (gsize i = 0; i < n; i++)
        labels[i] = (guint32)values[i];
      g_free (values);
      storage->bytes[part] = g_bytes_new_take (labels, n * sizeof *labels);
    }
  return TRUE;
}

typedef struct
{
  NnFieldStorage storage[2];
} Fields;

static void
fields_clear (Fields *fields)
{
  nn_storage_clear (fields->storage, G_N_ELEMENTS (fields->storage));
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fields, fields_clear)

static NnDataset *
numpy_load (const char *path, const NnParams *options, const NnLoadContext *context, GError **error)
{
  g_autoptr (GPtrArray) arrays = read_arrays (path, context, error);
  Roles roles = { 0 };
  Sample sample;
  g_auto (Fields) fields = { 0 };
  if (!arrays || !choose_roles (arrays, path, options, &roles, error)
      || !sample_of (roles.samples[NN_PART_TRAIN], options, &sample, error)
      || !read_samples (&roles, &sample, context, &fields.storage[0], error))
    return NULL;
  const gboolean labelled = roles.labels[NN_PART_TRAIN] != NULL;
  if (labelled && !read_labels (&roles, &fields.storage[1], error))
    return NULL;

  const guint n_fields = labelled ? 2 : 1;
  gsize n_samples[NN_N_PARTS] = { (gsize)n_of (roles.samples[NN_PART_TRAIN]) };
  if (roles.samples[NN_PART_TEST])
    n_samples[NN_PART_TEST] = (gsize)n_of (roles.samples[NN_PART_TEST]);
  else
    nn_split_storage (fields.storage, n_fields, n_samples[NN_PART_TRAIN], options, n_samples);
  nn_split_hold_out (fields.storage, n_fields, options, n_samples);
  g_autofree char *name = g_filename_display_name (path);
  g_autofree char *title = g_path_get_basename (name);
  return nn_dataset_new (name, title, fields.storage, n_fields, n_samples, error);
}

static NnDataInfo *
numpy_peek (const char *path, const NnParams *options, const NnLoadContext *context, GError **error)
{
  g_autoptr (NnDataset) dataset = numpy_load (path, options, context, error);
  return dataset ? nn_data_info_copy (nn_dataset_info (dataset)) : NULL;
}

static gboolean
numpy_recognises (const char *path)
{
  g_autofree char *lower = g_ascii_strdown (path, -1);
  return (g_str_has_suffix (lower, ".npy") || g_str_has_suffix (lower, ".npz"))
         && g_file_test (path, G_FILE_TEST_IS_REGULAR);
}

static const char *const numpy_options[] = { "features", "label", "image-shape", "test-share",
                                             NULL };

const NnDataSource nn_numpy_source = {
  .id = "numpy",
  .title = N_ ("NumPy arrays"),
  .summary = N_ ("An array of samples (.npy), or an archive with labels and a test part (.npz)."),
  .recognises = numpy_recognises,
  .options = numpy_options,
  .peek = numpy_peek,
  .peek_is_slow = TRUE,
  .load = numpy_load,
};
