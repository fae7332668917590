#include "data/nn-idx.h"

#include <string.h>

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>

#include "base/nn-error.h"
#include "data/nn-idx-file.h"
#include "data/nn-split.h"

/* ---- finding the files of a set ---- */

typedef struct
{
  char *images[NN_N_PARTS]; /* owned paths; the test part's may be NULL */
  char *labels[NN_N_PARTS]; /* NULL where there are none */
} IdxFiles;

static void
idx_files_clear (IdxFiles *files)
{
  for (NnPart part = 0; part < NN_N_PARTS; part++)
    {
      g_free (files->images[part]);
      g_free (files->labels[part]);
    }
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (IdxFiles, idx_files_clear)

/* How the parts are called, most usual name first: MNIST's own and EMNIST's. */
static const char *const part_words[NN_N_PARTS][3] = {
  [NN_PART_TRAIN] = { "train" },
  [NN_PART_TEST] = { "t10k", "test" },
};

/* "-idx3-ubyte" as published, ".idx3-ubyte" as some unpack it. */
static const char *const rank_marks[] = { "-idx", ".idx" };

static char *
existing (const char *folder, const char *name)
{
  g_autofree char *plain = g_build_filename (folder, name, NULL);
  if (g_file_test (plain, G_FILE_TEST_IS_REGULAR))
    return g_steal_pointer (&plain);
  g_autofree char *packed = g_strconcat (plain, ".gz", NULL);
  return g_file_test (packed, G_FILE_TEST_IS_REGULAR) ? g_steal_pointer (&packed) : NULL;
}

/* The images in a folder under their usual names, or NULL. */
static char *
find_images (const char *folder)
{
  for (guint i = 0; i < G_N_ELEMENTS (rank_marks); i++)
    for (guint rank = 3; rank <= 4; rank++)
      {
        g_autofree char *name = g_strdup_printf ("train-images%s%u-ubyte", rank_marks[i], rank);
        char *path = existing (folder, name);
        if (path)
          return path;
      }
  return NULL;
}

/* text with the last occurrence of `from` replaced; NULL where there is none. (transfer full) */
static char *
replace_last (const char *text, const char *from, const char *to)
{
  const char *at = g_strrstr (text, from);
  return at ? g_strdup_printf ("%.*s%s%s", (int)(at - text), text, to, at + strlen (from)) : NULL;
}

/* "train-images-idx3-ubyte" -> "train-labels-idx1-ubyte"; NULL for other names. */
static char *
label_name (const char *image_name)
{
  g_autofree char *labels = replace_last (image_name, "images", "labels");
  for (guint i = 0; labels && i < G_N_ELEMENTS (rank_marks); i++)
    {
      char *at = g_strrstr (labels, rank_marks[i]);
      if (at && (at[4] == '3' || at[4] == '4'))
        {
          at[4] = '1';
          return g_steal_pointer (&labels);
        }
    }
  return NULL;
}

/* From the path of the training images, all others by name. */
static void
find_companions (const char *images, IdxFiles *files)
{
  g_autofree char *folder = g_path_get_dirname (images);
  g_autofree char *name = g_path_get_basename (images);
  if (g_str_has_suffix (name, ".gz"))
    name[strlen (name) - strlen (".gz")] = '\0';

  files->images[NN_PART_TRAIN] = g_strdup (images);
  g_autofree char *labels = label_name (name);
  if (labels)
    files->labels[NN_PART_TRAIN] = existing (folder, labels);

  for (guint i = 0; !files->images[NN_PART_TEST] && part_words[NN_PART_TEST][i]; i++)
    {
      g_autofree char *test =
          replace_last (name, part_words[NN_PART_TRAIN][0], part_words[NN_PART_TEST][i]);
      if (!test)
        return;
      files->images[NN_PART_TEST] = existing (folder, test);
      g_autofree char *test_labels = label_name (test);
      if (test_labels && files->images[NN_PART_TEST])
        files->labels[NN_PART_TEST] = existing (folder, test_labels);
    }
}

static gboolean
find_files (const char *path, IdxFiles *files, GError **error)
{
  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    {
      g_autofree char *images = find_images (path);
      if (!images)
        {
          g_autofree char *name = g_filename_display_name (path);
          g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                       _ ("The folder “%s” has no IDX images: expected a file called "
                          "train-images-idx3-ubyte or train-images-idx3-ubyte.gz in it."),
                       name);
          return FALSE;
        }
      find_companions (images, files);
    }
  else
    find_companions (path, files);

  gboolean train = files->labels[NN_PART_TRAIN] != NULL;
  gboolean test = files->labels[NN_PART_TEST] != NULL;
  if (files->images[NN_PART_TEST] && train != test)
    {
      g_autofree char *with =
          g_filename_display_name (files->images[train ? NN_PART_TRAIN : NN_PART_TEST]);
      g_autofree char *without =
          g_filename_display_name (files->images[train ? NN_PART_TEST : NN_PART_TRAIN]);
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("“%s” has a file of labels beside it, but “%s” has none: expected labels for "
                      "both parts or for neither."),
                   with, without);
      return FALSE;
    }
  return TRUE;
}

static gboolean
idx_recognises (const char *path)
{
  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    {
      g_autofree char *images = find_images (path);
      return images != NULL;
    }
  g_autofree char *name = g_path_get_basename (path);
  return strstr (name, "-ubyte") || nn_idx_file_sniff (path);
}

/* ---- reading them ---- */

/* Progress of one file as a part of all. */
typedef struct
{
  const NnLoadContext *context;
  double start, share;
} Progress;

static void
file_progress (double fraction, gpointer data)
{
  const Progress *progress = data;
  nn_load_progress (progress->context, progress->start + fraction * progress->share);
}

/* All that is known of a set before its images are read. */
typedef struct
{
  IdxFiles files;
  NnByteStream *images[NN_N_PARTS]; /* owned, after their headers; the test part's may be NULL */
  NnIdxHeader header[NN_N_PARTS];
  GBytes *labels[NN_N_PARTS]; /* owned, or NULL */
  guint n_classes;            /* 0 without labels */
  const NnKnownSet *known;    /* or NULL */
  gsize n_samples[NN_N_PARTS];
} IdxSet;

static void
idx_set_clear (IdxSet *set)
{
  idx_files_clear (&set->files);
  for (NnPart part = 0; part < NN_N_PARTS; part++)
    {
      g_clear_pointer (&set->images[part], nn_byte_stream_free);
      g_clear_pointer (&set->labels[part], g_bytes_unref);
    }
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (IdxSet, idx_set_clear)

static gboolean
open_images (const char *path, NnByteStream **stream, NnIdxHeader *header,
             GCancellable *cancellable, GError **error)
{
  *stream = nn_idx_file_open (path, header, cancellable, error);
  if (!*stream)
    return FALSE;
  if (header->rank >= 3)
    return TRUE;

  g_autofree char *name = g_filename_display_name (path);
  g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
               header->rank == 1
                   ? _ ("“%s” holds labels, not images: expected 3 or 4 dimensions, found %u. Open "
                        "the file of images beside it.")
                   : _ ("“%s” does not hold images: expected 3 or 4 dimensions, found %u."),
               name, header->rank);
  return FALSE;
}

static gboolean
read_labels (IdxSet *set, NnPart part, GCancellable *cancellable, GError **error)
{
  const char *path = set->files.labels[part];
  NnIdxHeader header;
  g_autoptr (NnByteStream) stream = nn_idx_file_open (path, &header, cancellable, error);
  if (!stream)
    return FALSE;

  g_autofree char *name = g_filename_display_name (path);
  if (header.rank != 1)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("“%s” does not hold labels: expected 1 dimension, found %u."), name,
                   header.rank);
      return FALSE;
    }
  if (header.dim[0] != set->header[part].dim[0])
    {
      g_autofree char *images = g_filename_display_name (set->files.images[part]);
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("“%s” has %u labels; expected %u, one for each image of “%s”."), name,
                   header.dim[0], set->header[part].dim[0], images);
      return FALSE;
    }
  set->labels[part] = nn_idx_file_read (stream, path, &header, cancellable, NULL, NULL, error);
  if (!set->labels[part])
    return FALSE;

  const guint8 *labels = g_bytes_get_data (set->labels[part], NULL);
  for (gsize i = 0; i < header.n_values; i++)
    set->n_classes = MAX (set->n_classes, labels[i] + 1u);
  return TRUE;
}

static gboolean
check_parts (IdxSet *set, GError **error)
{
  const NnIdxHeader *train = &set->header[NN_PART_TRAIN], *test = &set->header[NN_PART_TEST];
  g_autofree char *train_name = g_filename_display_name (set->files.images[NN_PART_TRAIN]);

  if (!set->images[NN_PART_TEST])
    {
      if (train->dim[0] >= 2)
        return TRUE;
      g_set_error (
          error, NN_ERROR, NN_ERROR_FORMAT,
          _ ("“%s” has one image; expected at least 2, one to train on and one to test with."),
          train_name);
      return FALSE;
    }
  if (test->rank == train->rank
      && memcmp (test->dim + 1, train->dim + 1, (train->rank - 1) * sizeof *train->dim) == 0)
    return TRUE;

  g_autofree char *test_name = g_filename_display_name (set->files.images[NN_PART_TEST]);
  g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
               _ ("“%s” has images of %u × %u × %u; expected %u × %u × %u as in “%s”."), test_name,
               test->dim[1], test->dim[2], test->rank == 4 ? test->dim[3] : 1, train->dim[1],
               train->dim[2], train->rank == 4 ? train->dim[3] : 1, train_name);
  return FALSE;
}

/* Finds and opens every file, checks the headers against each other, reads the labels. */
static gboolean
idx_set_open (const char *path, IdxSet *set, GCancellable *cancellable, GError **error)
{
  if (!find_files (path, &set->files, error))
    return FALSE;
  for (NnPart part = 0; part < NN_N_PARTS; part++)
    if (set->files.images[part]
        && !open_images (set->files.images[part], &set->images[part], &set->header[part],
                         cancellable, error))
      return FALSE;
  if (!check_parts (set, error))
    return FALSE;
  for (NnPart part = 0; part < NN_N_PARTS; part++)
    if (set->files.labels[part] && !read_labels (set, part, cancellable, error))
      return FALSE;
  if (set->n_classes)
    set->n_classes = MAX (set->n_classes, 2);

  set->known = nn_data_known_set (path);
  for (NnPart part = 0; part < NN_N_PARTS; part++)
    set->n_samples[part] = set->images[part] ? set->header[part].dim[0] : 0;
  return TRUE;
}

/* fields[0] image, fields[1] label; returns how many there are. */
static guint
set_fields (const IdxSet *set, NnField fields[2])
{
  const NnIdxHeader *header = &set->header[NN_PART_TRAIN];
  fields[0] = (NnField){
    .name = "image",
    .kind = NN_FIELD_IMAGE,
    .shape = nn_shape (header->dim[1], header->dim[2], header->rank == 4 ? header->dim[3] : 1),
  };
  if (!set->n_classes)
    return 1;
  fields[1] = (NnField){
    .name = "label",
    .kind = NN_FIELD_LABEL,
    .shape = nn_shape (set->n_classes),
    .n_classes = set->n_classes,
    .class_names =
        set->known && set->known->n_classes == set->n_classes ? set->known->class_names : NULL,
  };
  return 2;
}

static char *
set_title (const IdxSet *set, const char *path)
{
  if (set->known)
    return g_strdup (_ (set->known->title));
  g_autofree char *base = g_path_get_basename (path);
  return g_filename_display_name (base);
}

static NnDataInfo *
idx_peek (const char *path, const NnParams *options, const NnLoadContext *context, GError **error)
{
  g_auto (IdxSet) set = { 0 };
  if (!idx_set_open (path, &set, NULL, error))
    return NULL;

  NnField fields[2];
  g_autofree char *name = g_filename_display_name (path);
  g_autofree char *title = set_title (&set, path);
  NnDataInfo info = { .name = name, .title = title, .fields = fields };
  info.n_fields = set_fields (&set, fields);
  memcpy (info.n_samples, set.n_samples, sizeof info.n_samples);
  if (!set.images[NN_PART_TEST])
    {
      g_autoptr (NnSplit) split = nn_split_new (&set.n_samples[NN_PART_TRAIN], 1, options);
      nn_split_sizes (split, info.n_samples);
    }
  return nn_data_info_copy (&info);
}

static NnDataset *
idx_load (const char *path, const NnParams *options, const NnLoadContext *context, GError **error)
{
  GCancellable *cancellable = context ? context->cancellable : NULL;
  g_auto (IdxSet) set = { 0 };
  if (!idx_set_open (path, &set, cancellable, error))
    return NULL;

  GBytes *images[NN_N_PARTS] = { NULL };
  gsize n_values = set.header[NN_PART_TRAIN].n_values + set.header[NN_PART_TEST].n_values;
  Progress progress = { .context = context };
  gboolean read = TRUE;
  for (NnPart part = 0; read && part < NN_N_PARTS; part++)
    if (set.images[part])
      {
        progress.share = (double)set.header[part].n_values / n_values;
        images[part] =
            nn_idx_file_read (set.images[part], set.files.images[part], &set.header[part],
                              cancellable, file_progress, &progress, error);
        progress.start += progress.share;
        read = images[part] != NULL;
      }

  NnDataset *dataset = NULL;
  NnFieldStorage storage[2] = { 0 };
  if (read)
    {
      NnField fields[2];
      guint n_fields = set_fields (&set, fields);
      for (guint i = 0; i < n_fields; i++)
        storage[i].field = fields[i];
      for (NnPart part = 0; part < NN_N_PARTS; part++)
        {
          storage[0].bytes[part] = g_steal_pointer (&images[part]);
          storage[1].bytes[part] = g_steal_pointer (&set.labels[part]);
        }
      storage[1].label_size = 1;
      if (!set.images[NN_PART_TEST])
        nn_split_storage (storage, n_fields, set.n_samples[NN_PART_TRAIN], options, set.n_samples);
      g_autofree char *name = g_filename_display_name (path);
      g_autofree char *title = set_title (&set, path);
      dataset = nn_dataset_new (name, title, storage, n_fields, set.n_samples, error);
    }
  for (NnPart part = 0; part < NN_N_PARTS; part++)
    g_clear_pointer (&images[part], g_bytes_unref);
  nn_storage_clear (storage, 2);
  return dataset;
}

static const char *const idx_options[] = { "test-share", NULL };

const NnDataSource nn_idx_source = {
  .id = "idx",
  .title = N_ ("IDX images"),
  .summary =
      N_ ("The format of MNIST: a folder with train-images-idx3-ubyte and its companions, plain "
          "or .gz, or one such file."),
  .recognises = idx_recognises,
  .options = idx_options,
  .peek = idx_peek,
  .load = idx_load,
};
