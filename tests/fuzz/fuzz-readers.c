#include "fuzz-readers.h"

#include <glib/gstdio.h>

#include "../engine/nn-test-data.h"
#include "data/nn-data-source.h"
#include "formats/nn-code-file.h"
#include "formats/nn-import.h"
#include "formats/nn-npy.h"
#include "formats/nn-project.h"
#include "lesson/nn-lesson-text.h"
#include "train/nn-run-history.h"

static void
import (const char *name, GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  const NnImporter *importer = nn_importer_for (name);
  nn_import_free (importer->read (bytes, name, NULL, NULL, &error));
}

static void
read_onnx (GBytes *bytes)
{
  import ("seed.onnx", bytes);
}

static void
read_safetensors (GBytes *bytes)
{
  import ("seed.safetensors", bytes);
}

static void
read_npz (GBytes *bytes)
{
  import ("seed.npz", bytes);
}

static void
read_npy (GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  NnTensor *tensor = nn_npy_read (bytes, "seed.npy", &error);
  g_clear_pointer (&tensor, nn_tensor_unref);
}

static void
read_design (GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  gsize size;
  const char *text = g_bytes_get_data (bytes, &size);
  NnDesign *design = nn_design_from_json (text ? text : "", (gssize)size, &error);
  g_clear_pointer (&design, nn_design_unref);
}

static void
read_project (GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  NnProject *project = nn_project_load_bytes (bytes, "seed.diabolo", NULL, &error);
  g_clear_pointer (&project, nn_project_free);
}

static void
read_codes (GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  const float *codes;
  gsize n;
  NnCodeReader *reader = nn_code_reader_new (bytes, "seed.dbcode", &error);
  while (reader && nn_code_reader_next (reader, &codes, &n, &error) && n > 0)
    ;
  g_clear_pointer (&reader, nn_code_reader_free);
}

/* Losses of a project. */
static void
read_history (GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  gsize size;
  const char *text = g_bytes_get_data (bytes, &size);
  NnRunHistory *history = nn_run_history_from_csv (text ? text : "", (gssize)size, &error);
  g_clear_pointer (&history, nn_run_history_free);
}

static void
read_lesson (GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  NnLessonText *lesson = nn_lesson_text_parse (text, &error);
  g_clear_pointer (&lesson, nn_lesson_text_free);
}

/* ---- data sets: their readers take paths ---- */

/* A folder of this process, for one file or data set at a time. */
static const char *
scratch_folder (void)
{
  static char *folder = NULL;
  if (folder == NULL)
    folder = g_dir_make_tmp ("diabolo-fuzz-XXXXXX", NULL);
  g_assert (folder);
  return folder;
}

void
fuzz_readers_end (void)
{
  nn_test_remove_folder (scratch_folder ());
}

static void
load (const char *path, const char *const *options)
{
  g_autoptr (GError) error = NULL;
  NnParams *data = nn_params_new (nn_data_specs ());
  const char *const name[] = { "name", path, NULL };
  const char *const *const lists[] = { name, options };
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    for (guint k = 0; lists[i] && lists[i][k]; k += 2)
      {
        NnParams *next = nn_params_with_text (data, lists[i][k], lists[i][k + 1], NULL);
        g_assert (next);
        nn_params_unref (data);
        data = next;
      }
  NnDataset *dataset = nn_data_load_with (data, NULL, &error);
  g_clear_pointer (&dataset, nn_dataset_unref);
  nn_params_unref (data);
}

static void
load_as (const char *name, GBytes *bytes, const char *const *options)
{
  g_autofree char *path = g_build_filename (scratch_folder (), name, NULL);
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);
  g_assert (g_file_set_contents_full (path, data ? data : "", (gssize)size,
                                      G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  load (path, options);
  g_unlink (path);
}

static void
read_csv (GBytes *bytes)
{
  static const char *const options[] = { "text-columns", "one-hot", "unusable", "skip", NULL };
  load_as ("seed.csv", bytes, options);
}

static void
read_idx (GBytes *bytes)
{
  load_as ("train-images-idx3-ubyte", bytes, NULL);
}

static void
read_cifar (GBytes *bytes)
{
  load_as ("data_batch_1.bin", bytes, NULL);
}

static void
read_arrays (GBytes *bytes)
{
  load_as ("seed.npz", bytes, NULL);
}

/* A folder of pictures: a line is the path of one within it, all of them the same picture, or of a
 * file that is none. */
static void
read_folder (GBytes *bytes)
{
  enum
  {
    MOST = 12
  };
  /* "P5", a grey picture of one pixel. */
  static const char picture[] = "P5 1 1 255\n\x7f";
  g_autofree char *text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_auto (GStrv) lines = g_strsplit (text, "\n", MOST + 1);
  g_autofree char *root = g_build_filename (scratch_folder (), "folder", NULL);
  g_mkdir_with_parents (root, 0700);
  for (guint i = 0; lines[i] && i < MOST; i++)
    {
      g_autofree char *path = g_canonicalize_filename (lines[i], "/");
      g_autofree char *file = g_strconcat (root, path, NULL);
      g_autofree char *parent = g_path_get_dirname (file);
      const gboolean good = !g_str_has_suffix (path, "~");
      g_mkdir_with_parents (parent, 0700);
      g_file_set_contents_full (file, picture, good ? sizeof picture - 1 : 2,
                                G_FILE_SET_CONTENTS_NONE, 0600, NULL);
    }
  load (root, NULL);
  nn_test_remove_folder (root);
}

const FuzzReader fuzz_readers[] = {
  { "onnx", read_onnx },
  { "safetensors", read_safetensors },
  { "npz", read_npz },
  { "npy", read_npy },
  { "design", read_design },
  { "project", read_project },
  { "codes", read_codes },
  { "history", read_history },
  { "lesson", read_lesson },
  { "csv", read_csv },
  { "idx", read_idx },
  { "cifar", read_cifar },
  { "arrays", read_arrays },
  { "folder", read_folder, TRUE },
  { NULL, NULL },
};

const FuzzReader *
fuzz_reader (const char *name)
{
  for (const FuzzReader *reader = fuzz_readers; reader->name; reader++)
    if (g_str_equal (reader->name, name))
      return reader;
  return NULL;
}
