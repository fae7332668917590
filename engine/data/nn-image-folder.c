#include "data/nn-image-folder.h"

#include <string.h>

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>

#include "base/nn-error.h"
#include "base/nn-memory.h"
#include "base/nn-pool.h"
#include "data/nn-image-file.h"
#include "data/nn-split.h"

#define MAX_CLASSES 10000
/* Without a size asked for, pictures are made no larger. */
#define MAX_UNASKED 64
/* Pictures looked at for colour, spread over all. */
#define N_LOOKED_AT 8
/* Pictures decoded between two looks at the cancellable, for each thread. */
#define ROUND 8

/* ---- listing ---- */

typedef struct
{
  char *path; /* owned */
  guint class;
} Picture;

static void
picture_clear (gpointer picture)
{
  g_free (((Picture *)picture)->path);
}

typedef struct
{
  GArray *pictures[NN_N_PARTS]; /* Picture; the test part empty where the folder has none */
  GPtrArray *class_names;       /* owned, without a NULL at the end; empty: no classes */
} Listing;

static void
listing_clear (Listing *listing)
{
  for (NnPart part = 0; part < NN_N_PARTS; part++)
    g_clear_pointer (&listing->pictures[part], g_array_unref);
  g_clear_pointer (&listing->class_names, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Listing, listing_clear)

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* Names of what is in a folder, sorted: pictures, or folders. */
static GPtrArray *
names_in (const char *folder, gboolean folders)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  for (const char *name = dir ? g_dir_read_name (dir) : NULL; name; name = g_dir_read_name (dir))
    {
      if (name[0] == '.' || (!folders && !nn_image_file_has_name (name)))
        continue;
      g_autofree char *path = g_build_filename (folder, name, NULL);
      if (g_file_test (path, folders ? G_FILE_TEST_IS_DIR : G_FILE_TEST_IS_REGULAR))
        g_ptr_array_add (names, g_strdup (name));
    }
  g_ptr_array_sort (names, compare_names);
  return names;
}

static gboolean
has_pictures (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  for (const char *name = dir ? g_dir_read_name (dir) : NULL; name; name = g_dir_read_name (dir))
    if (nn_image_file_has_name (name))
      return TRUE;
  return FALSE;
}

/* The folder of a part, by the names that are in use; NULL where there is none. */
static char *
part_folder (const char *folder, NnPart part)
{
  static const char *const names[NN_N_PARTS][5] = {
    [NN_PART_TRAIN] = { "train", "training" },
    [NN_PART_TEST] = { "test", "testing", "val", "valid", "validation" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (names[part]) && names[part][i]; i++)
    {
      g_autofree char *path = g_build_filename (folder, names[part][i], NULL);
      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        return g_steal_pointer (&path);
    }
  return NULL;
}

static void
add_pictures (GArray *pictures, const char *folder, guint class)
{
  g_autoptr (GPtrArray) names = names_in (folder, FALSE);
  for (guint i = 0; i < names->len; i++)
    {
      const Picture picture = { g_build_filename (folder, names->pdata[i], NULL), class };
      g_array_append_val (pictures, picture);
    }
}

/* The folders with pictures in them are classes. */
static void
list_classes (Listing *listing, const char *folder)
{
  g_autoptr (GPtrArray) names = names_in (folder, TRUE);
  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *path = g_build_filename (folder, names->pdata[i], NULL);
      if (has_pictures (path))
        g_ptr_array_add (listing->class_names, g_strdup (names->pdata[i]));
    }
  /* One folder is no choice. */
  if (listing->class_names->len == 1)
    g_ptr_array_set_size (listing->class_names, 0);
}

static void
list_part (Listing *listing, NnPart part, const char *folder)
{
  GArray *pictures = listing->pictures[part];
  for (guint c = 0; c < listing->class_names->len; c++)
    {
      g_autofree char *path = g_build_filename (folder, listing->class_names->pdata[c], NULL);
      add_pictures (pictures, path, c);
    }
  if (listing->class_names->len > 0)
    return;
  add_pictures (pictures, folder, 0);
  g_autoptr (GPtrArray) names = names_in (folder, TRUE);
  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *path = g_build_filename (folder, names->pdata[i], NULL);
      add_pictures (pictures, path, 0);
    }
}

static gboolean
list_folder (Listing *listing, const char *path, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);
  g_autofree char *train = part_folder (path, NN_PART_TRAIN);
  g_autofree char *test = train ? part_folder (path, NN_PART_TEST) : NULL;
  listing->class_names = g_ptr_array_new_with_free_func (g_free);
  for (NnPart part = 0; part < NN_N_PARTS; part++)
    {
      listing->pictures[part] = g_array_new (FALSE, FALSE, sizeof (Picture));
      g_array_set_clear_func (listing->pictures[part], picture_clear);
    }
  list_classes (listing, train ? train : path);
  list_part (listing, NN_PART_TRAIN, train ? train : path);
  if (test)
    list_part (listing, NN_PART_TEST, test);

  const guint n_classes = listing->class_names->len;
  const gsize n = listing->pictures[NN_PART_TRAIN]->len + listing->pictures[NN_PART_TEST]->len;
  if (listing->pictures[NN_PART_TRAIN]->len >= 1 && n >= 2 && n_classes <= MAX_CLASSES)
    return TRUE;
  g_set_error (
      error, NN_ERROR, NN_ERROR_FORMAT,
      n_classes > MAX_CLASSES
          ? _ ("“%s” has %zu pictures in too many folders to be classes.")
          : _ ("“%s” has %zu pictures; expected at least 2, one to train on and one to test "
               "with."),
      shown, n);
  return FALSE;
}

static gboolean
image_folder_recognises (const char *path)
{
  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    return FALSE;
  if (has_pictures (path))
    return TRUE;
  g_autofree char *train = part_folder (path, NN_PART_TRAIN);
  const char *root = train ? train : path;
  if (train && has_pictures (train))
    return TRUE;
  g_autoptr (GPtrArray) names = names_in (root, TRUE);
  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *folder = g_build_filename (root, names->pdata[i], NULL);
      if (has_pictures (folder))
        return TRUE;
    }
  return FALSE;
}

/* ---- size and colour ---- */

typedef struct
{
  guint width, height, channels;
  NnImageFit fit;
  gboolean skip; /* unusable pictures */
} Form;

/* The first picture that can be read decides what options leave open. */
static gboolean
choose_size (const Listing *listing, Form *form, GError **error)
{
  const GArray *pictures = listing->pictures[NN_PART_TRAIN];
  guint width = 0, height = 0;
  for (guint i = 0; width == 0 && i < pictures->len; i++)
    {
      g_autoptr (GError) reason = NULL;
      const char *path = g_array_index (pictures, Picture, i).path;
      if (!nn_image_file_size (path, &width, &height, &reason)
          && (!form->skip || i + 1 == pictures->len))
        {
          g_propagate_error (error, g_steal_pointer (&reason));
          return FALSE;
        }
    }
  if (form->width == 0)
    form->width = MIN (width, MAX_UNASKED);
  if (form->height == 0)
    form->height = MIN (height, MAX_UNASKED);
  return TRUE;
}

static gboolean
has_colour (const char *path, const Form *form)
{
  const gsize n = (gsize)form->width * form->height;
  g_autofree guint8 *rgb = g_malloc (n * 3);
  if (!nn_image_file_read (path, form->width, form->height, 3, form->fit, rgb, NULL))
    return FALSE;
  for (gsize i = 0; i < n; i++)
    if (rgb[3 * i] != rgb[3 * i + 1] || rgb[3 * i] != rgb[3 * i + 2])
      return TRUE;
  return FALSE;
}

static gboolean
choose_form (const Listing *listing, const NnParams *options, Form *form, GError **error)
{
  const GArray *pictures = listing->pictures[NN_PART_TRAIN];
  *form = (Form){
    .width = (guint)nn_params_int (options, "width"),
    .height = (guint)nn_params_int (options, "height"),
    .channels = g_str_equal (nn_params_text (options, "colour"), "colour") ? 3 : 1,
    .fit = (NnImageFit)nn_params_choice (options, "fit"),
    .skip = g_str_equal (nn_params_text (options, "unusable"), "skip"),
  };
  if (!choose_size (listing, form, error))
    return FALSE;
  if (!g_str_equal (nn_params_text (options, "colour"), "auto"))
    return TRUE;
  const guint n = MIN (N_LOOKED_AT, pictures->len);
  for (guint i = 0; i < n && form->channels == 1; i++)
    {
      const guint at = (guint)((guint64)i * pictures->len / n);
      if (has_colour (g_array_index (pictures, Picture, at).path, form))
        form->channels = 3;
    }
  return TRUE;
}

/* ---- fields ---- */

static guint
set_fields (Listing *listing, const Form *form, NnField fields[2])
{
  const guint n_classes = listing->class_names->len;
  fields[0] = (NnField){ .name = "image",
                         .kind = NN_FIELD_IMAGE,
                         .shape = nn_shape (form->height, form->width, form->channels) };
  if (n_classes == 0)
    return 1;
  g_ptr_array_add (listing->class_names, NULL);
  g_ptr_array_set_size (listing->class_names, (gint)n_classes);
  fields[1] = (NnField){ .name = "label",
                         .kind = NN_FIELD_LABEL,
                         .shape = nn_shape (n_classes),
                         .n_classes = n_classes,
                         .class_names = (const char *const *)listing->class_names->pdata };
  return 2;
}

/* The part of every picture of the training folder, where there is none for the test. (transfer
 * full) */
static NnSplit *
make_split (const Listing *listing, const NnParams *options)
{
  const GArray *pictures = listing->pictures[NN_PART_TRAIN];
  const guint n_classes = MAX (listing->class_names->len, 1);
  g_autofree gsize *counts = g_new0 (gsize, n_classes);
  if (listing->pictures[NN_PART_TEST]->len > 0)
    return NULL;
  for (guint i = 0; i < pictures->len; i++)
    counts[g_array_index (pictures, Picture, i).class]++;
  return nn_split_new (counts, n_classes, options);
}

static NnDataInfo *
image_folder_peek (const char *path, const NnParams *options, const NnLoadContext *context,
                   GError **error)
{
  g_auto (Listing) listing = { 0 };
  Form form;
  if (!list_folder (&listing, path, error) || !choose_form (&listing, options, &form, error))
    return NULL;
  NnField fields[2];
  g_autofree char *name = g_filename_display_name (path);
  g_autofree char *title = g_path_get_basename (name);
  NnDataInfo info = { .name = name, .title = title, .fields = fields };
  info.n_fields = set_fields (&listing, &form, fields);
  g_autoptr (NnSplit) split = make_split (&listing, options);
  for (NnPart part = 0; part < NN_N_PARTS; part++)
    info.n_samples[part] = listing.pictures[part]->len;
  if (split)
    nn_split_sizes (split, info.n_samples);
  return nn_data_info_copy (&info);
}

/* ---- decoding ---- */

/* One picture on its way. */
typedef struct
{
  const Picture *picture;
  guint8 *pixels; /* where it goes */
  guint32 *label;
  GError *error; /* owned */
} Slot;

typedef struct
{
  const Form *form;
  Slot *slots; /* owned, n: those of the training part, then those of the test part */
  gsize n, n_samples[NN_N_PARTS], first; /* first: of the round */
  guint8 *pixels[NN_N_PARTS];            /* owned */
  guint32 *labels[NN_N_PARTS];           /* owned */
} Work;

static void
work_clear (Work *work)
{
  for (gsize i = 0; i < work->n; i++)
    g_clear_error (&work->slots[i].error);
  for (NnPart part = 0; part < NN_N_PARTS; part++)
    {
      g_free (work->pixels[part]);
      g_free (work->labels[part]);
    }
  g_free (work->slots);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Work, work_clear)

static gsize
sample_size (const Form *form)
{
  return (gsize)form->width * form->height * form->channels;
}

static void
make_slots (Work *work, const Listing *listing, NnSplit *split)
{
  gsize n_done[NN_N_PARTS] = { 0 };
  for (NnPart folder = 0; folder < NN_N_PARTS; folder++)
    for (guint i = 0; i < listing->pictures[folder]->len; i++)
      {
        const Picture *picture = &g_array_index (listing->pictures[folder], Picture, i);
        const NnPart part = split ? nn_split_next (split, picture->class) : folder;
        const gsize at = n_done[part]++;
        Slot *slot = &work->slots[part == NN_PART_TRAIN ? at : work->n_samples[NN_PART_TRAIN] + at];
        slot->picture = picture;
        slot->pixels = work->pixels[part] + at * sample_size (work->form);
        slot->label = work->labels[part] + at;
      }
}

static void
decode (gpointer data, guint task, guint thread)
{
  Work *work = data;
  Slot *slot = &work->slots[work->first + task];
  const Form *form = work->form;
  *slot->label = slot->picture->class;
  nn_image_file_read (slot->picture->path, form->width, form->height, form->channels, form->fit,
                      slot->pixels, &slot->error);
}

static gboolean
decode_all (Work *work, const NnLoadContext *context, GError **error)
{
  g_autoptr (NnPool) pool = nn_pool_new (context ? context->n_threads : 0);
  const gsize round = ROUND * nn_pool_n_threads (pool);
  for (work->first = 0; work->first < work->n; work->first += round)
    {
      const guint n = (guint)MIN (round, work->n - work->first);
      if (context && g_cancellable_set_error_if_cancelled (context->cancellable, error))
        return FALSE;
      nn_load_progress (context, (double)work->first / (double)work->n);
      nn_pool_run (pool, n, decode, work);
      for (gsize i = work->first; !work->form->skip && i < work->first + n; i++)
        if (work->slots[i].error)
          {
            g_set_error (error, NN_ERROR, NN_ERROR_UNUSABLE,
                         _ ("%s Correct it, or have such pictures skipped."),
                         work->slots[i].error->message);
            return FALSE;
          }
    }
  return TRUE;
}

/* Pictures that a note names. */
#define NAMED_PICTURES 10

/* "dog/007.png", to a list of so many. */
static void
append_picture (GString *names, const char *path, gsize n_before)
{
  if (n_before > NAMED_PICTURES)
    return;
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *last = g_path_get_basename (folder);
  g_autofree char *base = g_path_get_basename (path);
  g_autofree char *name = g_build_filename (last, base, NULL);
  g_autofree char *shown = g_filename_display_name (name);
  g_string_append_printf (names, "%s%s", names->len ? ", " : "",
                          n_before < NAMED_PICTURES ? shown : "…");
}

/* Closes the gaps that broken pictures left. */
static void
close_gaps (Work *work, const NnLoadContext *context)
{
  const gsize size = sample_size (work->form);
  const GError *first = NULL;
  g_autoptr (GString) others = g_string_new (NULL);
  gsize n_skipped = 0, n_kept[NN_N_PARTS] = { 0 };
  for (gsize i = 0; i < work->n; i++)
    {
      const NnPart part = i < work->n_samples[NN_PART_TRAIN] ? NN_PART_TRAIN : NN_PART_TEST;
      const Slot *slot = &work->slots[i];
      if (slot->error)
        {
          if (first)
            append_picture (others, slot->picture->path, n_skipped);
          else
            first = slot->error;
          n_skipped++;
          continue;
        }
      const gsize to = n_kept[part]++;
      memmove (work->pixels[part] + to * size, slot->pixels, size);
      work->labels[part][to] = *slot->label;
    }
  memcpy (work->n_samples, n_kept, sizeof n_kept);
  if (first && n_skipped == 1)
    nn_load_note (context, _ ("A picture was skipped: %s"), first->message);
  else if (first)
    nn_load_note (context, _ ("%zu pictures were skipped. The first: %s Then: %s"), n_skipped,
                  first->message, others->str);
}

static NnDataset *
make_dataset (Work *work, Listing *listing, const char *path, GError **error)
{
  NnFieldStorage storage[2] = { 0 };
  NnField fields[2];
  const guint n_fields = set_fields (listing, work->form, fields);
  for (guint f = 0; f < n_fields; f++)
    storage[f].field = fields[f];
  storage[1].label_size = sizeof (guint32);
  for (NnPart part = 0; part < NN_N_PARTS; part++)
    {
      const gsize n = work->n_samples[part];
      storage[0].bytes[part] =
          g_bytes_new_take (g_steal_pointer (&work->pixels[part]), n * sample_size (work->form));
      storage[1].bytes[part] =
          g_bytes_new_take (g_steal_pointer (&work->labels[part]), n * sizeof (guint32));
    }
  g_autofree char *name = g_filename_display_name (path);
  g_autofree char *title = g_path_get_basename (name);
  NnDataset *dataset = nn_dataset_new (name, title, storage, n_fields, work->n_samples, error);
  nn_storage_clear (storage, 2);
  return dataset;
}

static gboolean
work_allocate (Work *work, const char *path, GError **error)
{
  const gsize size = sample_size (work->form);
  if (!nn_load_fits (path, (guint64)work->n * size, error))
    return FALSE;
  for (NnPart part = 0; part < NN_N_PARTS; part++)
    {
      const gsize bytes = work->n_samples[part] * size;
      work->pixels[part] = nn_memory_in_large_pages (g_try_malloc (MAX (bytes, 1)), bytes);
      work->labels[part] = g_try_new (guint32, MAX (work->n_samples[part], 1));
      if (!work->pixels[part] || !work->labels[part])
        {
          g_autofree char *shown = g_filename_display_name (path);
          g_set_error (error, NN_ERROR, NN_ERROR_MEMORY,
                       _ ("There is no memory left for the %zu pictures of “%s”."), work->n, shown);
          return FALSE;
        }
    }
  return TRUE;
}

static NnDataset *
image_folder_load (const char *path, const NnParams *options, const NnLoadContext *context,
                   GError **error)
{
  g_auto (Listing) listing = { 0 };
  Form form;
  if (!list_folder (&listing, path, error) || !choose_form (&listing, options, &form, error))
    return NULL;

  g_auto (Work) work = { .form = &form };
  g_autoptr (NnSplit) split = make_split (&listing, options);
  for (NnPart part = 0; part < NN_N_PARTS; part++)
    work.n_samples[part] = listing.pictures[part]->len;
  work.n = work.n_samples[NN_PART_TRAIN] + work.n_samples[NN_PART_TEST];
  if (split)
    nn_split_sizes (split, work.n_samples);
  work.slots = g_new0 (Slot, work.n);

  if (!work_allocate (&work, path, error))
    return NULL;
  make_slots (&work, &listing, split);
  if (!decode_all (&work, context, error))
    return NULL;
  close_gaps (&work, context);
  return make_dataset (&work, &listing, path, error);
}

static const char *const image_folder_options[] = { "width",      "height",   "fit", "colour",
                                                    "test-share", "unusable", NULL };

const NnDataSource nn_image_folder_source = {
  .id = "image-folder",
  .title = N_ ("Folder of pictures"),
  .summary =
      N_ ("Pictures of any usual format; folders within are classes, or “train” and “test”."),
  .recognises = image_folder_recognises,
  .options = image_folder_options,
  .peek = image_folder_peek,
  .peek_is_slow = TRUE,
  .load = image_folder_load,
};
