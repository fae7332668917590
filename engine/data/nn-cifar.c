#include "data/nn-cifar.h"

#include <string.h>

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>

#include "base/nn-error.h"
#include "base/nn-memory.h"
#include "data/nn-byte-stream.h"
#include "data/nn-split.h"

#define SIDE 32
#define CHANNELS 3
#define PIXELS (SIDE * SIDE)
#define IMAGE (PIXELS * CHANNELS)

#define MAX_LABELS 2
#define MAX_FILES 8

/* One label byte of a record. */
typedef struct
{
  const char *field;
  guint n_classes;
  const char *names_file;   /* beside the data, a name a line */
  const char *const *names; /* where that file is missing; or NULL */
} Label;

/* The two published kinds. */
typedef struct
{
  const char *title;
  guint n_labels;
  Label label[MAX_LABELS];                  /* in the order of the record */
  const char *files[NN_N_PARTS][MAX_FILES]; /* NULL-terminated */
} Kind;

static const char *const classes_10[] = { "airplane", "automobile", "bird", "cat",   "deer", "dog",
                                          "frog",     "horse",      "ship", "truck", NULL };

static const Kind kinds[] = {
  { "CIFAR-10",
    1,
    { { "label", 10, "batches.meta.txt", classes_10 } },
    { { "data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin",
        "data_batch_5.bin" },
      { "test_batch.bin" } } },
  { "CIFAR-100",
    2,
    { { "superclass", 20, "coarse_label_names.txt", NULL },
      { "label", 100, "fine_label_names.txt", NULL } },
    { { "train.bin" }, { "test.bin" } } },
};

static gsize
record_size (const Kind *kind)
{
  return kind->n_labels + IMAGE;
}

/* ---- finding the files ---- */

/* The files of a set, in order. */
typedef struct
{
  const Kind *kind;
  char *folder;
  char *paths[NN_N_PARTS][MAX_FILES]; /* owned */
  gsize n_in_file[NN_N_PARTS][MAX_FILES];
  guint n_files[NN_N_PARTS];
  gsize n_records[NN_N_PARTS];
} CifarSet;

static void
cifar_set_clear (CifarSet *set)
{
  g_free (set->folder);
  for (NnPart part = 0; part < NN_N_PARTS; part++)
    for (guint i = 0; i < set->n_files[part]; i++)
      g_free (set->paths[part][i]);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CifarSet, cifar_set_clear)

static gsize
file_size (const char *path)
{
  g_autoptr (NnByteStream) stream = nn_byte_stream_open (path, NULL, NULL);
  return stream && !nn_byte_stream_is_gzip (stream) ? (gsize)nn_byte_stream_file_size (stream) : 0;
}

static gboolean
has_name (const Kind *kind, const char *name)
{
  for (NnPart part = 0; part < NN_N_PARTS; part++)
    for (guint i = 0; kind->files[part][i]; i++)
      if (g_str_equal (kind->files[part][i], name))
        return TRUE;
  return FALSE;
}

/* By a published name, or as a .bin file of whole records. */
static const Kind *
kind_of_file (const char *path)
{
  g_autofree char *name = g_path_get_basename (path);
  for (guint k = 0; k < G_N_ELEMENTS (kinds); k++)
    if (has_name (&kinds[k], name))
      return &kinds[k];
  const gsize size = g_str_has_suffix (name, ".bin") ? file_size (path) : 0;
  for (guint k = 0; k < G_N_ELEMENTS (kinds); k++)
    if (size > 0 && size % record_size (&kinds[k]) == 0)
      return &kinds[k];
  return NULL;
}

static void
find_in_folder (const char *folder, const Kind *kind, CifarSet *set)
{
  for (NnPart part = 0; part < NN_N_PARTS; part++)
    for (guint i = 0; kind->files[part][i]; i++)
      {
        g_autofree char *path = g_build_filename (folder, kind->files[part][i], NULL);
        if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
          set->paths[part][set->n_files[part]++] = g_steal_pointer (&path);
      }
}

/* FALSE where path holds no training file of either kind. */
static gboolean
find_files (const char *path, CifarSet *set)
{
  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    {
      set->kind = kind_of_file (path);
      set->folder = g_path_get_dirname (path);
      set->paths[NN_PART_TRAIN][0] = g_strdup (path);
      set->n_files[NN_PART_TRAIN] = 1;
      return set->kind != NULL;
    }
  set->folder = g_strdup (path);
  for (guint k = 0; k < G_N_ELEMENTS (kinds) && set->n_files[NN_PART_TRAIN] == 0; k++)
    {
      set->kind = &kinds[k];
      find_in_folder (path, &kinds[k], set);
    }
  return set->n_files[NN_PART_TRAIN] > 0;
}

static gboolean
cifar_recognises (const char *path)
{
  g_auto (CifarSet) set = { 0 };
  return find_files (path, &set);
}

/* ---- what it holds ---- */

static gboolean
count_records (CifarSet *set, GError **error)
{
  const gsize size = record_size (set->kind);
  for (NnPart part = 0; part < NN_N_PARTS; part++)
    for (guint i = 0; i < set->n_files[part]; i++)
      {
        g_autoptr (NnByteStream) stream = nn_byte_stream_open (set->paths[part][i], NULL, error);
        if (!stream)
          return FALSE;
        const gsize found = (gsize)nn_byte_stream_file_size (stream);
        if (found == 0 || found % size != 0)
          {
            g_autofree char *name = g_filename_display_name (set->paths[part][i]);
            g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                         _ ("“%s” is cut short or no %s file: expected records of %zu bytes, found "
                            "%zu whole ones and %zu bytes of another."),
                         name, set->kind->title, size, found / size, found % size);
            return FALSE;
          }
        set->n_in_file[part][i] = found / size;
        set->n_records[part] += found / size;
      }
  if (set->n_records[NN_PART_TRAIN] + set->n_records[NN_PART_TEST] < 2)
    {
      g_autofree char *name = g_filename_display_name (set->paths[NN_PART_TRAIN][0]);
      g_set_error (
          error, NN_ERROR, NN_ERROR_FORMAT,
          _ ("“%s” has one image; expected at least 2, one to train on and one to test with."),
          name);
      return FALSE;
    }
  return nn_load_fits (
      set->folder, (set->n_records[NN_PART_TRAIN] + set->n_records[NN_PART_TEST]) * IMAGE, error);
}

/* The names beside the data, or NULL where there are not just as many. (transfer full) */
static char **
read_names (const CifarSet *set, const Label *label)
{
  g_autofree char *path = g_build_filename (set->folder, label->names_file, NULL);
  g_autofree char *text = NULL;
  gsize length;
  if (!g_file_get_contents (path, &text, &length, NULL) || !g_utf8_validate (text, -1, NULL))
    return NULL;
  g_auto (GStrv) lines = g_strsplit (g_strstrip (text), "\n", -1);
  for (guint i = 0; lines[i]; i++)
    g_strstrip (lines[i]);
  return g_strv_length (lines) == label->n_classes ? g_steal_pointer (&lines) : NULL;
}

typedef struct
{
  NnFieldStorage storage[1 + MAX_LABELS]; /* the image and its labels */
  char **names[MAX_LABELS];               /* owned */
  guint n_fields;
} Fields;

static void
fields_init (Fields *fields, const CifarSet *set)
{
  fields->n_fields = 1 + set->kind->n_labels;
  fields->storage[0].field = (NnField){
    .name = "image",
    .kind = NN_FIELD_IMAGE,
    .shape = nn_shape (SIDE, SIDE, CHANNELS),
  };
  /* The finest label comes first: networks for classes take that. */
  for (guint l = 0; l < set->kind->n_labels; l++)
    {
      const Label *label = &set->kind->label[l];
      NnFieldStorage *storage = &fields->storage[set->kind->n_labels - l];
      fields->names[l] = read_names (set, label);
      storage->label_size = 1;
      storage->field = (NnField){
        .name = label->field,
        .kind = NN_FIELD_LABEL,
        .shape = nn_shape (label->n_classes),
        .n_classes = label->n_classes,
        .class_names = fields->names[l] ? (const char *const *)fields->names[l] : label->names,
      };
    }
}

static void
fields_clear (Fields *fields)
{
  nn_storage_clear (fields->storage, fields->n_fields);
  for (guint l = 0; l < MAX_LABELS; l++)
    g_strfreev (fields->names[l]);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fields, fields_clear)

static NnDataInfo *
cifar_peek (const char *path, const NnParams *options, const NnLoadContext *context, GError **error)
{
  g_auto (CifarSet) set = { 0 };
  if (!find_files (path, &set) || !count_records (&set, error))
    return NULL;

  g_auto (Fields) fields = { 0 };
  fields_init (&fields, &set);
  NnField infos[1 + MAX_LABELS];
  for (guint i = 0; i < fields.n_fields; i++)
    infos[i] = fields.storage[i].field;
  g_autofree char *name = g_filename_display_name (path);
  g_autofree char *title = g_path_get_basename (name);
  NnDataInfo info = { .name = name, .title = title, .n_fields = fields.n_fields, .fields = infos };
  if (set.n_files[NN_PART_TEST] > 0)
    memcpy (info.n_samples, set.n_records, sizeof info.n_samples);
  else
    {
      g_autoptr (NnSplit) split = nn_split_new (&set.n_records[NN_PART_TRAIN], 1, options);
      nn_split_sizes (split, info.n_samples);
    }
  return nn_data_info_copy (&info);
}

/* ---- reading ---- */

/* Where the next record of a part goes. */
typedef struct
{
  const CifarSet *set;
  const NnLoadContext *context;
  gsize n_done;
  guint8 *pixels, *labels[MAX_LABELS];
} Cursor;

static gboolean
check_label (const Label *label, guint8 value, const char *path, gsize offset, GError **error)
{
  if (value < label->n_classes)
    return TRUE;
  g_autofree char *name = g_filename_display_name (path);
  g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
               _ ("“%s” has the %s %u at byte %zu; expected a class from 0 to %u."), name,
               label->field, value, offset, label->n_classes - 1);
  return FALSE;
}

static gboolean
read_record (Cursor *at, NnByteStream *stream, const char *path, gsize offset, GError **error)
{
  const Kind *kind = at->set->kind;
  guint8 record[MAX_LABELS + IMAGE];
  gsize n_read;
  if (!nn_byte_stream_read (stream, record, record_size (kind), &n_read, NULL, error))
    return FALSE;
  if (n_read < record_size (kind))
    {
      g_autofree char *name = g_filename_display_name (path);
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("“%s” is cut short: it ends within the record at byte %zu."), name, offset);
      return FALSE;
    }
  for (guint l = 0; l < kind->n_labels; l++)
    {
      if (!check_label (&kind->label[l], record[l], path, offset + l, error))
        return FALSE;
      /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): read_part() has made it */
      *at->labels[l]++ = record[l];
    }
  const guint8 *planes = record + kind->n_labels;
  for (guint i = 0; i < PIXELS; i++)
    for (guint c = 0; c < CHANNELS; c++)
      *at->pixels++ = planes[c * PIXELS + i];
  return TRUE;
}

static gboolean
read_file (Cursor *at, const char *path, gsize n, GError **error)
{
  const CifarSet *set = at->set;
  const gsize n_all = set->n_records[NN_PART_TRAIN] + set->n_records[NN_PART_TEST];
  GCancellable *cancellable = at->context ? at->context->cancellable : NULL;
  g_autoptr (NnByteStream) stream = nn_byte_stream_open (path, cancellable, error);
  if (!stream)
    return FALSE;
  for (gsize i = 0; i < n; i++, at->n_done++)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error)
          || !read_record (at, stream, path, i * record_size (set->kind), error))
        return FALSE;
      if (i % 256 == 0)
        nn_load_progress (at->context, (double)at->n_done / (double)n_all);
    }
  return TRUE;
}

static gboolean
read_part (const CifarSet *set, NnPart part, Fields *fields, Cursor *at, GError **error)
{
  const gsize n = set->n_records[part];
  at->pixels = nn_memory_in_large_pages (g_malloc (n * IMAGE), n * IMAGE);
  fields->storage[0].bytes[part] = g_bytes_new_take (at->pixels, n * IMAGE);
  for (guint l = 0; l < set->kind->n_labels; l++)
    {
      at->labels[l] = g_malloc (n);
      fields->storage[set->kind->n_labels - l].bytes[part] = g_bytes_new_take (at->labels[l], n);
    }
  for (guint i = 0; i < set->n_files[part]; i++)
    if (!read_file (at, set->paths[part][i], set->n_in_file[part][i], error))
      return FALSE;
  return TRUE;
}

static NnDataset *
cifar_load (const char *path, const NnParams *options, const NnLoadContext *context, GError **error)
{
  g_auto (CifarSet) set = { 0 };
  if (!find_files (path, &set) || !count_records (&set, error))
    return NULL;

  g_auto (Fields) fields = { 0 };
  fields_init (&fields, &set);
  Cursor at = { .set = &set, .context = context };
  for (NnPart part = 0; part < NN_N_PARTS; part++)
    if (set.n_files[part] > 0 && !read_part (&set, part, &fields, &at, error))
      return NULL;
  if (set.n_files[NN_PART_TEST] == 0)
    nn_split_storage (fields.storage, fields.n_fields, set.n_records[NN_PART_TRAIN], options,
                      set.n_records);
  g_autofree char *name = g_filename_display_name (path);
  g_autofree char *title = g_path_get_basename (name);
  return nn_dataset_new (name, title, fields.storage, fields.n_fields, set.n_records, error);
}

static const char *const cifar_options[] = { "test-share", NULL };

const NnDataSource nn_cifar_source = {
  .id = "cifar",
  .title = N_ ("CIFAR images"),
  .summary = N_ ("CIFAR-10 or CIFAR-100 in their binary format: a folder of .bin files, or one."),
  .recognises = cifar_recognises,
  .options = cifar_options,
  .peek = cifar_peek,
  .load = cifar_load,
};
