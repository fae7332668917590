#include "diabolo-config.h"

#include "formats/nn-decompress.h"

#include <errno.h>
#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#include "base/nn-error.h"
#include "formats/nn-npy.h"
#include "formats/nn-replace.h"

/* ---- through the decoder ---- */

static gboolean
check_network (const NnCodeFileHead *head, const NnCoder *decoder, const char *name, GError **error)
{
  guint8 fingerprint[NN_FINGERPRINT_SIZE];
  const NnExportModel *model = nn_coder_model (decoder);
  const gint64 size = nn_program_value (model->program, nn_export_input (model, 0)->value)->size;
  nn_coder_fingerprint (decoder, fingerprint);
  if (memcmp (fingerprint, head->network, sizeof fingerprint) == 0 && (gint64)head->size == size
      && nn_shape_size (&head->shape) == (gint64)nn_coder_size (decoder))
    return TRUE;
  g_autofree char *shape = nn_shape_to_string (&head->shape);
  g_set_error (error, NN_ERROR, NN_ERROR_DESIGN,
               _ ("“%s” was made with another network, or with other weights of this one: it holds "
                  "codes of %zu values for images of %s."),
               name, head->size, shape);
  return FALSE;
}

static NnCoder *
decoder_for (const NnExportSource *source, const NnCodeFileHead *head, const char *name,
             GError **error)
{
  if (!nn_export_has_weights (source))
    {
      g_set_error (error, NN_ERROR, NN_ERROR_DESIGN,
                   _ ("The network has no trained weights: it cannot have made the codes in “%s”."),
                   name);
      return NULL;
    }
  g_autoptr (NnCoder) decoder = nn_coder_new (source, NN_EXPORT_DECODER, error);
  return decoder && check_network (head, decoder, name, error) ? g_steal_pointer (&decoder) : NULL;
}

gboolean
nn_decompress (const NnExportSource *source, GBytes *bytes, const char *name, gsize most,
               NnImagesFunc each, gpointer data, const NnExportJob *job, GError **error)
{
  g_autoptr (NnCodeReader) reader = nn_code_reader_new (bytes, name, error);
  const NnCodeFileHead *head = reader ? nn_code_reader_head (reader) : NULL;
  g_autoptr (NnCoder) decoder = reader ? decoder_for (source, head, name, error) : NULL;
  if (!decoder)
    return FALSE;
  const gsize size = nn_coder_size (decoder), piece = nn_coder_piece (size);
  const gsize wanted = most > 0 ? MIN (most, head->n) : head->n;
  float *images = nn_alloc_floats (piece * size);
  gboolean good = TRUE;
  for (gsize done = 0, group = 1; good && group > 0 && (done < wanted || wanted == head->n);)
    {
      const float *codes;
      good = nn_code_reader_next (reader, &codes, &group, error);
      for (gsize at = 0, n; good && at < group && done < wanted; at += n, done += n)
        {
          n = MIN (piece, MIN (group - at, wanted - done));
          good = !g_cancellable_set_error_if_cancelled (job->cancellable, error);
          if (!good)
            break;
          nn_coder_run_codes (decoder, codes + at * head->size, n, images);
          good = each (head, images, done, n, data, error);
          nn_export_progress (job, (double)(done + n) / (double)wanted);
        }
    }
  nn_free_aligned (images);
  return good;
}

/* ---- as an array ---- */

typedef struct
{
  NnReplacement *file;
  GCancellable *cancellable;
} Array;

static gboolean
write_header (const NnCodeFileHead *head, const Array *array, GError **error)
{
  NnShape all = { .rank = head->shape.rank + 1, .dim = { (gint64)head->n } };
  memcpy (all.dim + 1, head->shape.dim, (gsize)head->shape.rank * sizeof all.dim[0]);
  g_autoptr (GBytes) header = nn_npy_header ("<f4", &all);
  gsize size;
  gconstpointer begin = g_bytes_get_data (header, &size);
  return nn_replacement_write (array->file, begin, size, array->cancellable, error);
}

static gboolean
write_values (const NnCodeFileHead *head, float *images, gsize first, gsize n, gpointer data,
              GError **error)
{
  const Array *array = data;
  return (first > 0 || write_header (head, array, error))
         && nn_npy_write_values (array->file, images, n * (gsize)nn_shape_size (&head->shape),
                                 array->cancellable, error);
}

gboolean
nn_decompress_to_npy (const NnExportSource *source, GBytes *bytes, const char *name,
                      const char *path, const NnExportJob *job, GError **error)
{
  g_autoptr (NnReplacement) file = nn_replacement_new (path, error);
  Array array = { file, job->cancellable };
  return file && nn_decompress (source, bytes, name, 0, write_values, &array, job, error)
         && nn_replacement_commit (file, error);
}

/* ---- as pictures ---- */

static char *
picture_path (const char *folder, const NnCodeFileHead *head, gsize i)
{
  const int digits = snprintf (NULL, 0, "%zu", head->n - 1);
  g_autofree char *file = g_strdup_printf ("image-%0*zu.png", digits, i);
  return g_build_filename (folder, file, NULL);
}

static gboolean
write_picture (const char *path, const NnShape *shape, const float *values, GError **error)
{
  const gsize width = (gsize)shape->dim[1], channels = (gsize)shape->dim[2];
  g_autoptr (GdkPixbuf) pixbuf =
      gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, (int)width, (int)shape->dim[0]);
  g_autofree char *png = NULL;
  gsize size;
  if (!pixbuf)
    {
      g_set_error_literal (error, NN_ERROR, NN_ERROR_MEMORY, _ ("There is not enough memory."));
      return FALSE;
    }
  guint8 *pixels = gdk_pixbuf_get_pixels (pixbuf);
  const gsize stride = (gsize)gdk_pixbuf_get_rowstride (pixbuf);
  for (gsize i = 0; i < (gsize)shape->dim[0] * width; i++)
    for (gsize c = 0; c < 3; c++)
      {
        const float value = values[i * channels + (channels == 1 ? 0 : c)];
        pixels[i / width * stride + i % width * 3 + c] =
            (guint8)(255 * (value > 0 ? MIN (value, 1.0f) : 0) + 0.5f);
      }
  return gdk_pixbuf_save_to_buffer (pixbuf, &png, &size, "png", error, NULL)
         && g_file_set_contents_full (path, png, (gssize)size, G_FILE_SET_CONTENTS_NONE, 0666,
                                      error);
}

static gboolean
write_pictures (const NnCodeFileHead *head, float *images, gsize first, gsize n, gpointer folder,
                GError **error)
{
  const NnShape *shape = &head->shape;
  if (shape->rank != 3 || (shape->dim[2] != 1 && shape->dim[2] != 3))
    {
      g_autofree char *text = nn_shape_to_string (shape);
      g_set_error (error, NN_ERROR, NN_ERROR_UNSUPPORTED,
                   _ ("Images of %s are no pictures of one channel or three: save them as a NumPy "
                      "array."),
                   text);
      return FALSE;
    }
  for (gsize i = 0; i < n; i++)
    {
      g_autofree char *path = picture_path (folder, head, first + i);
      if (!write_picture (path, shape, images + i * (gsize)nn_shape_size (shape), error))
        return FALSE;
    }
  return TRUE;
}

/* A folder of ours with nothing but files in it. */
static void
remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  for (const char *entry; dir && (entry = g_dir_read_name (dir));)
    {
      g_autofree char *path = g_build_filename (folder, entry, NULL);
      g_unlink (path);
    }
  g_rmdir (folder);
}

static gboolean
folder_fails (const char *folder, GError **error)
{
  const int code = errno;
  g_autofree char *shown = g_filename_display_name (folder);
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), _ ("“%s” cannot be written: %s."),
               shown, g_strerror (code));
  return FALSE;
}

gboolean
nn_decompress_to_folder (const NnExportSource *source, GBytes *bytes, const char *name,
                         const char *folder, const NnExportJob *job, GError **error)
{
  g_autofree char *whole = g_canonicalize_filename (folder, NULL); /* no slash behind it */
  g_autofree char *parent = g_path_get_dirname (whole);
  g_autofree char *base = g_path_get_basename (whole);
  g_autofree char *hidden = g_strdup_printf (".%.200s.XXXXXX", base);
  g_autofree char *temporary = g_build_filename (parent, hidden, NULL);
  if (!g_mkdtemp_full (temporary, 0777))
    return folder_fails (folder, error);
  gboolean done = nn_decompress (source, bytes, name, 0, write_pictures, temporary, job, error);
  /* Takes the place of an empty folder, but of nothing else. */
  if (done && g_rename (temporary, whole) != 0)
    done = folder_fails (folder, error);
  if (!done)
    remove_folder (temporary);
  return done;
}
