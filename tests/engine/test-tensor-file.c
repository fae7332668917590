/* Tensors written one after the other: the files are what the readers of whole files expect, axes
 * and gates in their places, and nothing is left of one that was cancelled. */
#include <glib/gstdio.h>
#include <string.h>

#include "formats/nn-npy.h"
#include "formats/nn-safetensors.h"
#include "formats/nn-tensor-file.h"
#include "formats/nn-zip.h"

/* More than goes into the file at once. */
#define LARGE 100000

typedef struct
{
  char *folder, *path;
  GPtrArray *tensors;
  GPtrArray *expected; /* NnNamedTensor */
  double progress;
} Fixture;

static NnTensor *
numbered (const NnShape *shape)
{
  NnTensor *tensor = nn_tensor_new (shape);
  for (gsize i = 0; i < tensor->size; i++)
    tensor->data[i] = (float)i;
  return tensor;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  static const guint turn[] = { 1, 0 };
  static const float turned[] = { 1, 3, 0, 2 }; /* 0 1 | 2 3 as columns, these exchanged */
  static const float values[] = { 5, 6, 7 };
  f->folder = g_dir_make_tmp ("tensor-file-XXXXXX", NULL);
  f->path = g_build_filename (f->folder, "x", NULL);
  f->tensors = nn_file_tensors_new ();
  f->expected = nn_named_tensors_new ();

  g_autoptr (NnTensor) large = numbered (&nn_shape (LARGE));
  nn_file_tensors_add (f->tensors, "large", large);
  nn_named_tensors_add (f->expected, "large", large);

  g_autoptr (NnTensor) square = numbered (&nn_shape (2, 2));
  NnFileTensor *added = nn_file_tensors_add (f->tensors, "a/turned", square);
  added->turned = TRUE;
  added->view = square->shape;
  memcpy (added->order, turn, sizeof turn);
  added->swapped = 2;
  g_autoptr (NnTensor) result = numbered (&nn_shape (2, 2));
  memcpy (result->data, turned, sizeof turned);
  nn_named_tensors_add (f->expected, "a/turned", result);

  added = nn_file_tensors_add_values (f->tensors, "borrowed", &nn_shape (3), values);
  g_assert_true (added->data == values);
  g_autoptr (NnTensor) three = nn_tensor_new (&nn_shape (3));
  memcpy (three->data, values, sizeof values);
  nn_named_tensors_add (f->expected, "borrowed", three);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_unlink (f->path);
  g_assert_cmpint (g_rmdir (f->folder), ==, 0); /* nothing else is left in it */
  g_free (f->folder);
  g_free (f->path);
  g_ptr_array_unref (f->tensors);
  g_ptr_array_unref (f->expected);
}

static void
note (double fraction, gpointer data)
{
  Fixture *f = data;
  g_assert_cmpfloat (fraction, >=, f->progress);
  f->progress = fraction;
}

typedef gboolean (*WriteFunc) (GPtrArray *tensors, NnReplacement *file, const NnExportJob *job,
                               GError **error);

static gboolean
write_safetensors (GPtrArray *tensors, NnReplacement *file, const NnExportJob *job, GError **error)
{
  return nn_file_tensors_to_safetensors (tensors, NULL, file, job, error);
}

static GBytes *
written (Fixture *f, WriteFunc write)
{
  const NnExportJob job = { NULL, note, f };
  g_autoptr (GError) error = NULL;
  g_autoptr (NnReplacement) file = nn_replacement_new (f->path, &error);
  write (f->tensors, file, &job, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (f->progress, ==, 1);
  nn_replacement_commit (file, &error);
  g_assert_no_error (error);
  char *contents;
  gsize size;
  g_assert_true (g_file_get_contents (f->path, &contents, &size, NULL));
  return g_bytes_new_take (contents, size);
}

static void
test_safetensors (Fixture *f, gconstpointer data)
{
  g_autoptr (GBytes) bytes = written (f, write_safetensors);
  g_autoptr (GBytes) whole = nn_safetensors_write (f->expected, NULL);
  g_assert_true (g_bytes_equal (bytes, whole));
}

static gsize
any_size (const char *name, gsize archive_size)
{
  return archive_size;
}

static void
test_npz (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = written (f, nn_file_tensors_to_npz);
  g_autoptr (GPtrArray) entries = nn_zip_read (bytes, "x", any_size, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (entries->len, ==, f->expected->len);
  for (guint i = 0; i < entries->len; i++)
    {
      const NnNamedTensor *named = f->expected->pdata[i];
      g_autofree char *name = g_strconcat (named->name, ".npy", NULL);
      g_autoptr (GBytes) npy = nn_npy_write (named->tensor);
      g_assert_true (g_bytes_equal (nn_zip_entries_find (entries, name), npy));
    }
}

static void
test_cancelled (Fixture *f, gconstpointer data)
{
  static const WriteFunc all[] = { write_safetensors, nn_file_tensors_to_npz };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  const NnExportJob job = { cancellable };
  g_cancellable_cancel (cancellable);
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (NnReplacement) file = nn_replacement_new (f->path, NULL);
      g_assert_false (all[i](f->tensors, file, &job, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    }
  g_assert_false (g_file_test (f->path, G_FILE_TEST_EXISTS));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define TEST(name, function)                                                                       \
  g_test_add ("/tensor-file/" name, Fixture, NULL, set_up, function, tear_down)
  TEST ("safetensors", test_safetensors);
  TEST ("npz", test_npz);
  TEST ("cancelled", test_cancelled);
  return g_test_run ();
}
