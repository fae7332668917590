/* Exporters that send samples through the network: what they refuse, what they leave behind, and
 * what they say. */
#include <errno.h>
#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "base/nn-error.h"
#include "data/nn-data-source.h"
#include "formats/nn-compress.h"
#include "formats/nn-decompress.h"
#include "formats/nn-lessons.h"
#include "formats/nn-npy.h"

#include "model-test.h"
#include "nn-test-data.h"

static char *folder;
static GHashTable *datasets; /* char * -> NnDataset: drawing one takes a second */

/* ---- fixtures ---- */

static NnExportSource *
source_on (NnDesign *design, NnDataset *dataset)
{
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, nn_dataset_info (dataset), 0);
  g_assert_true (nn_analysis_can_train (analysis));
  g_autoptr (NnCheckpoint) checkpoint = nn_test_weights (nn_analysis_program (analysis));
  g_autoptr (NnExportSource) network =
      nn_export_source_new (design, analysis, checkpoint, NN_EXPORT_ALL);
  return nn_export_source_with (network, NN_EXPORT_ALL, dataset, NULL);
}

/* An autoencoder with noise before it, on small images. */
static NnExportSource *
bars (gsize n)
{
  g_autoptr (NnDesign) design =
      chain ("input | gaussian-noise | flatten | dense units=5 activation=tanh | dense units=64 "
             "activation=sigmoid | reshape shape=8x8x1 | reconstruction-loss");
  g_autoptr (NnDataset) dataset = nn_test_dataset (n);
  return source_on (design, dataset);
}

static NnExportSource *
lesson (const char *id)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NnDesign) design = nn_lesson_design (id, &error);
  g_assert_no_error (error);
  const char *name = nn_params_text (nn_design_data (design), "name");
  if (!g_hash_table_contains (datasets, name))
    g_hash_table_insert (datasets, g_strdup (name), nn_data_load (name, 1, NULL, &error));
  g_assert_no_error (error);
  return source_on (design, g_hash_table_lookup (datasets, name));
}

static void
assert_refused (const char *format, const NnExportSource *source, gint code, const char *words)
{
  g_autofree char *path = g_build_filename (folder, "refused", NULL);
  g_autoptr (GError) error = NULL;
  g_assert_false (nn_export_write (nn_exporter (format), source, path, NULL, &error));
  g_assert_error (error, NN_ERROR, code);
  assert_contains (error->message, words);
  g_clear_error (&error);
  g_assert_null (nn_export_preview (nn_exporter (format), source, &error));
  g_assert_error (error, NN_ERROR, code);
  g_assert_cmpuint (nn_test_count_files (folder), ==, 0);
}

static NnTensor *
read_npy (const char *path)
{
  g_autoptr (GError) error = NULL;
  char *contents;
  gsize size;
  g_assert_true (g_file_get_contents (path, &contents, &size, &error));
  g_autoptr (GBytes) bytes = g_bytes_new_take (contents, size);
  NnTensor *tensor = nn_npy_read (bytes, path, &error);
  g_assert_no_error (error);
  return tensor;
}

/* ---- tests ---- */

static void
test_refused (void)
{
  static const char *const formats[] = { "codes", "codes-csv", "compressed" };
  g_autoptr (NnExportSource) whole = bars (40);
  g_autoptr (NnExportSource) without = nn_export_source_with (whole, NN_EXPORT_ALL, NULL, NULL);
  g_autoptr (NnExportSource) classifier = lesson ("mlp");
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      assert_refused (formats[i], without, NN_ERROR_DESIGN, "data set is not loaded");
      assert_refused (formats[i], classifier, NN_ERROR_DESIGN, "no code");
      /* The data set was changed under the network. */
      g_autoptr (NnExportSource) other =
          nn_export_source_with (whole, NN_EXPORT_ALL, classifier->dataset, NULL);
      assert_refused (formats[i], other, NN_ERROR_SHAPE, "8×8×1");
    }
  g_autoptr (NnExportSource) points = lesson ("curve");
  assert_refused ("compressed", points, NN_ERROR_UNSUPPORTED, "Only images");
  g_autoptr (NnExportSource) told = lesson ("two-inputs");
  assert_refused ("compressed", told, NN_ERROR_UNSUPPORTED, "“label”");
}

/* Codes are those of the pictures themselves, not of noisy ones, every time. */
static void
test_codes (void)
{
  g_autoptr (NnExportSource) source = bars (3000);
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (folder, "codes.npy", NULL);
  g_autofree char *beside = g_build_filename (folder, "codes.labels.npy", NULL);
  const NnExporter *exporter = nn_exporter ("codes");
  g_autoptr (NnParams) defaults = nn_params_new (exporter->options);
  g_autoptr (NnParams) training = nn_params_with_text (defaults, "samples", "train", &error);
  g_autoptr (NnExportSource) all =
      nn_export_source_with (source, NN_EXPORT_ALL, source->dataset, training);
  for (guint round = 0; round < 2; round++)
    {
      g_assert_true (nn_export_write (exporter, all, path, NULL, &error));
      g_assert_no_error (error);
      g_autoptr (NnTensor) codes = read_npy (path), labels = read_npy (beside);
      g_assert_true (nn_shape_equal (&codes->shape, &nn_shape (3000, 5)));
      g_assert_true (nn_shape_equal (&labels->shape, &nn_shape (3000)));
      NnCheckpoint *checkpoint = source->checkpoint;
      const float *kernel = nn_checkpoint_find (checkpoint, 4, "kernel")->value->data;
      const float *bias = nn_checkpoint_find (checkpoint, 4, "bias")->value->data;
      for (guint32 i = 0; i < 3000; i += 7)
        {
          float x[64];
          nn_dataset_read (source->dataset, NN_PART_TRAIN, 0, &i, 1, nn_kernels_best (), x);
          for (guint k = 0; k < 5; k++)
            {
              double sum = (double)bias[k];
              for (guint p = 0; p < 64; p++)
                sum += (double)(x[p] * kernel[p * 5 + k]);
              g_assert_cmpfloat (fabs (tanh (sum) - (double)codes->data[i * 5 + k]), <, 1e-4);
            }
          g_assert_cmpfloat (labels->data[i], ==,
                             nn_dataset_label (source->dataset, NN_PART_TRAIN, 1, i));
        }
    }
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (g_unlink (beside), ==, 0);
}

static void
note_progress (double fraction, gpointer data)
{
  double *last = data;
  g_assert_cmpfloat (fraction, >=, *last);
  g_assert_cmpfloat (fraction, <=, 1);
  *last = fraction;
}

static void
cancel (double fraction, gpointer data)
{
  g_cancellable_cancel (data);
}

/* Written whole with progress to the end, or not at all. */
static void
test_writing (void)
{
  static const char *const formats[] = { "codes", "codes-csv", "compressed" };
  g_autoptr (NnExportSource) source = bars (20000);
  g_autofree char *path = g_build_filename (folder, "file", NULL);
  g_autofree char *nowhere = g_build_filename (folder, "no", "file", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      const NnExporter *exporter = nn_exporter (formats[i]);
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) facts = nn_export_facts_new ();
      double last = 0;
      const NnExportJob job = { .progress = note_progress, .progress_data = &last, .facts = facts };
      g_assert_true (nn_export_write (exporter, source, path, &job, &error));
      g_assert_no_error (error);
      g_assert_cmpfloat (last, ==, 1);
      g_assert_cmpuint (facts->len, >, 0);
      g_assert_cmpuint (nn_test_count_files (folder), ==, exporter->beside ? 2 : 1);
      g_assert_cmpint (g_unlink (path), ==, 0);
      if (exporter->beside)
        {
          g_autofree char *second = g_strconcat (path, exporter->beside, NULL);
          g_assert_cmpint (g_unlink (second), ==, 0);
        }

      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      const NnExportJob half = { .cancellable = cancellable,
                                 .progress = cancel,
                                 .progress_data = cancellable };
      g_assert_false (nn_export_write (exporter, source, path, &half, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_clear_error (&error);
      g_assert_cmpuint (nn_test_count_files (folder), ==, 0);
      g_assert_false (nn_export_write (exporter, source, nowhere, NULL, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
      g_assert_cmpuint (nn_test_count_files (folder), ==, 0);
    }
}

/* Of the first `most` test images. */
static GBytes *
compress (const NnExportSource *source, guint bits, gsize most, NnCompression *result)
{
  const NnCompressionSettings settings = { NN_PART_TEST, most, bits };
  const NnExportJob job = { NULL };
  g_autoptr (GError) error = NULL;
  GBytes *bytes = nn_compress (source, &settings, &job, result, &error);
  g_assert_no_error (error);
  return bytes;
}

/* What the file says it loses is what comes out of it; more bits lose less. In colour, too. */
static void
test_compression (void)
{
  static const char *const lessons[] = { "variational", "in-painting", "convolutional-resized" };
  g_autofree char *path = g_build_filename (folder, "images.npy", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (lessons); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (NnExportSource) source = lesson (lessons[i]);
      const NnExportJob job = { NULL };
      NnCompression coarse, fine;
      g_autoptr (GBytes) few = compress (source, 2, 60, &coarse);
      g_autoptr (GBytes) bytes = compress (source, 8, 60, &fine);
      g_assert_cmpuint (g_bytes_get_size (few), <, g_bytes_get_size (bytes));
      g_assert_cmpfloat (fabs (fine.error.mse - fine.exact.mse), <,
                         fabs (coarse.error.mse - coarse.exact.mse) + 1e-9);
      g_assert_cmpfloat (coarse.exact.mse, ==, fine.exact.mse);

      g_assert_true (nn_decompress_to_npy (source, bytes, "images", path, &job, &error));
      g_assert_no_error (error);
      g_autoptr (NnTensor) images = read_npy (path);
      g_assert_cmpint (images->shape.dim[0], ==, 60);
      const gsize size = images->size / 60;
      g_autofree float *original = g_new (float, size);
      double squares = 0;
      for (guint32 k = 0; k < 60; k++)
        {
          nn_dataset_read (source->dataset, NN_PART_TEST, 0, &k, 1, nn_kernels_best (), original);
          for (gsize p = 0; p < size; p++)
            squares +=
                pow ((double)CLAMP (images->data[k * size + p], 0, 1) - (double)original[p], 2);
        }
      g_assert_cmpfloat (fabs (squares / (double)images->size - fine.error.mse), <,
                         1e-6 * fine.error.mse + 1e-12);
      g_assert_cmpint (g_unlink (path), ==, 0);
    }
}

/* The same network drawn elsewhere under another name reads the file; other weights do not. */
static void
test_fingerprint (void)
{
  g_autoptr (NnExportSource) source = bars (40);
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (folder, "images.npy", NULL);
  const NnExportJob job = { NULL };
  NnCompression result;
  g_autoptr (GBytes) bytes = compress (source, 6, 0, &result);
  NnDesign *design = nn_design_ref (source->design);
  design = step (design, nn_design_rename_node (design, 5, "Somewhere else", &error));
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, nn_dataset_info (source->dataset), 0);
  g_autoptr (NnExportSource) renamed =
      nn_export_source_new (design, analysis, source->checkpoint, NN_EXPORT_ALL);
  g_assert_true (nn_decompress_to_npy (renamed, bytes, "images", path, &job, &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_unlink (path), ==, 0);

  g_autoptr (NnExportSource) other = bars (40);
  nn_checkpoint_find (other->checkpoint, 5, "bias")->value->data[3] += 1e-6f;
  g_assert_false (nn_decompress_to_npy (other, bytes, "images", path, &job, &error));
  g_assert_error (error, NN_ERROR, NN_ERROR_DESIGN);
  assert_contains (error->message, "other weights");
  g_clear_error (&error);
  /* A file that ends too soon leaves none behind. */
  g_autoptr (GBytes) cut = g_bytes_new_from_bytes (bytes, 0, g_bytes_get_size (bytes) - 3);
  g_assert_false (nn_decompress_to_npy (source, cut, "images", path, &job, &error));
  g_assert_error (error, NN_ERROR, NN_ERROR_FORMAT);
  g_assert_cmpuint (nn_test_count_files (folder), ==, 0);
  nn_design_unref (design);
}

/* A picture each, as the array has them; a folder that holds something already is left alone. */
static void
test_pictures (void)
{
  g_autoptr (NnExportSource) source = bars (40);
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (folder, "images.npy", NULL);
  g_autofree char *pictures = g_build_filename (folder, "pictures", NULL);
  const NnExportJob job = { NULL };
  NnCompression result;
  g_autoptr (GBytes) bytes = compress (source, 6, 8, &result);
  nn_decompress_to_npy (source, bytes, "images", path, &job, &error);
  g_assert_no_error (error);
  g_autoptr (NnTensor) images = read_npy (path);
  nn_decompress_to_folder (source, bytes, "images", pictures, &job, &error);
  g_assert_no_error (error);
  const gsize width = (gsize)images->shape.dim[2], size = images->size / 8;
  for (gsize i = 0; i < 8; i++)
    {
      g_autofree char *name = g_strdup_printf ("image-%zu.png", i);
      g_autofree char *picture = g_build_filename (pictures, name, NULL);
      g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new_from_file (picture, &error);
      g_assert_no_error (error);
      const guint8 *pixels = gdk_pixbuf_get_pixels (pixbuf);
      const gsize stride = (gsize)gdk_pixbuf_get_rowstride (pixbuf);
      for (gsize p = 0; p < size; p++)
        g_assert_cmpfloat (fabs ((double)pixels[p / width * stride + p % width * 3] / 255
                                 - (double)CLAMP (images->data[i * size + p], 0, 1)),
                           <=, 0.502 / 255);
      g_assert_cmpint (g_unlink (picture), ==, 0);
    }
  /* The folder is empty now, and may be written again. Then it is not. */
  nn_decompress_to_folder (source, bytes, "images", pictures, &job, &error);
  g_assert_no_error (error);
  g_assert_false (nn_decompress_to_folder (source, bytes, "images", pictures, &job, &error));
  g_assert_error (error, G_IO_ERROR, (gint)g_io_error_from_errno (ENOTEMPTY));
  g_assert_cmpuint (nn_test_count_files (folder), ==, 2); /* nothing half beside it */
  for (guint i = 0; i < 8; i++)
    {
      g_autofree char *name = g_strdup_printf ("image-%u.png", i);
      g_autofree char *picture = g_build_filename (pictures, name, NULL);
      g_assert_cmpint (g_unlink (picture), ==, 0);
    }
  g_assert_cmpint (g_rmdir (pictures), ==, 0);
  g_assert_cmpint (g_unlink (path), ==, 0);
}

/* A network that has gone wrong: the sample is named. */
static void
test_not_finite (void)
{
  g_autoptr (NnExportSource) source = bars (40);
  nn_checkpoint_find (source->checkpoint, 4, "bias")->value->data[0] = NAN;
  assert_refused ("compressed", source, NN_ERROR_NUMERIC, "sample 0");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("diabolo-export-XXXXXX", NULL);
  datasets =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)nn_dataset_unref);
  g_test_add_func ("/export-data/refused", test_refused);
  g_test_add_func ("/export-data/codes", test_codes);
  g_test_add_func ("/export-data/writing", test_writing);
  g_test_add_func ("/export-data/compression", test_compression);
  g_test_add_func ("/export-data/fingerprint", test_fingerprint);
  g_test_add_func ("/export-data/pictures", test_pictures);
  g_test_add_func ("/export-data/not-finite", test_not_finite);
  const int status = g_test_run ();
  g_rmdir (folder);
  g_hash_table_unref (datasets);
  g_free (folder);
  return status;
}
