#include "diabolo-config.h"

#include "formats/nn-tensor-file.h"

#include <string.h>

#include "formats/nn-npy.h"
#include "formats/nn-safetensors.h"
#include "formats/nn-zip.h"

/* Values that are put into the file's byte order at once. */
#define PIECE ((gsize)64 << 10)

static void
file_tensor_free (NnFileTensor *tensor)
{
  g_free (tensor->name);
  g_clear_pointer (&tensor->owner, nn_tensor_unref);
  g_free (tensor);
}

GPtrArray *
nn_file_tensors_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify)file_tensor_free);
}

NnFileTensor *
nn_file_tensors_add_values (GPtrArray *tensors, const char *name, const NnShape *shape,
                            const float *data)
{
  NnFileTensor *tensor = g_new0 (NnFileTensor, 1);
  tensor->name = g_strdup (name);
  tensor->shape = *shape;
  tensor->data = data;
  g_ptr_array_add (tensors, tensor);
  return tensor;
}

NnFileTensor *
nn_file_tensors_add (GPtrArray *tensors, const char *name, NnTensor *tensor)
{
  NnFileTensor *added = nn_file_tensors_add_values (tensors, name, &tensor->shape, tensor->data);
  added->owner = nn_tensor_ref (tensor);
  return added;
}

/* ---- one tensor ---- */

typedef struct
{
  NnReplacement *file;
  NnZipWriter *zip; /* NULL: straight into the file */
  const NnExportJob *job;
  gsize done, total; /* values */
} Sink;

static gboolean
sink_write (Sink *sink, gconstpointer data, gsize size, GError **error)
{
  return sink->zip ? nn_zip_writer_write (sink->zip, data, size, error)
                   : nn_replacement_write (sink->file, data, size, sink->job->cancellable, error);
}

/* Least significant byte first. */
static gboolean
write_words (Sink *sink, const float *data, gsize n, GError **error)
{
  g_autofree guint32 *words = g_new (guint32, MIN (n, PIECE));
  for (gsize at = 0; at < n; at += PIECE)
    {
      const gsize size = MIN (n - at, PIECE);
      memcpy (words, data + at, size * sizeof *words);
      for (gsize i = 0; i < size; i++)
        words[i] = GUINT32_TO_LE (words[i]);
      if (!sink_write (sink, words, size * sizeof *words, error))
        return FALSE;
      sink->done += size;
      nn_export_progress (sink->job, (double)sink->done / (double)sink->total);
    }
  return TRUE;
}

static gboolean
write_values (Sink *sink, const NnFileTensor *tensor, GError **error)
{
  const gsize n = (gsize)nn_shape_size (&tensor->shape);
  if (!tensor->turned && tensor->swapped == 0)
    return write_words (sink, tensor->data, n, error);
  float *turned = nn_alloc_floats (n);
  const gsize block = tensor->swapped;
  if (tensor->turned)
    nn_permute_floats (tensor->data, &tensor->view, tensor->order, turned);
  else
    memcpy (turned, tensor->data, n * sizeof *turned);
  for (gsize i = 0; i < block; i++)
    {
      const float kept = turned[i];
      turned[i] = turned[block + i];
      turned[block + i] = kept;
    }
  const gboolean written = write_words (sink, turned, n, error);
  nn_free_aligned (turned);
  return written;
}

static Sink
sink_for (GPtrArray *tensors, NnReplacement *file, const NnExportJob *job)
{
  Sink sink = { .file = file, .job = job };
  for (guint i = 0; i < tensors->len; i++)
    sink.total += (gsize)nn_shape_size (&((NnFileTensor *)tensors->pdata[i])->shape);
  return sink;
}

/* ---- files ---- */

gboolean
nn_file_tensors_to_safetensors (GPtrArray *tensors, GHashTable *metadata, NnReplacement *file,
                                const NnExportJob *job, GError **error)
{
  Sink sink = sink_for (tensors, file, job);
  g_autofree NnNamedShape *shapes = g_new (NnNamedShape, tensors->len + 1);
  for (guint i = 0; i < tensors->len; i++)
    {
      const NnFileTensor *tensor = tensors->pdata[i];
      shapes[i] = (NnNamedShape){ tensor->name, tensor->shape };
    }
  g_autoptr (GBytes) header = nn_safetensors_header (shapes, tensors->len, metadata);
  gboolean written =
      sink_write (&sink, g_bytes_get_data (header, NULL), g_bytes_get_size (header), error);
  for (guint i = 0; i < tensors->len && written; i++)
    written = write_values (&sink, tensors->pdata[i], error);
  return written;
}

static gboolean
write_array (Sink *sink, const NnFileTensor *tensor, GError **error)
{
  g_autofree char *name = g_strconcat (tensor->name, ".npy", NULL);
  g_autoptr (GBytes) header = nn_npy_header ("<f4", &tensor->shape);
  const gsize head = g_bytes_get_size (header);
  const gsize size = head + (gsize)nn_shape_size (&tensor->shape) * sizeof (float);
  return nn_zip_writer_begin (sink->zip, name, size, error)
         && sink_write (sink, g_bytes_get_data (header, NULL), head, error)
         && write_values (sink, tensor, error) && nn_zip_writer_end (sink->zip, error);
}

gboolean
nn_file_tensors_to_npz (GPtrArray *tensors, NnReplacement *file, const NnExportJob *job,
                        GError **error)
{
  g_autoptr (NnZipWriter) zip = nn_zip_writer_new_file (file, job->cancellable);
  Sink sink = sink_for (tensors, file, job);
  sink.zip = zip;
  for (guint i = 0; i < tensors->len; i++)
    if (!write_array (&sink, tensors->pdata[i], error))
      return FALSE;
  return nn_zip_writer_close (zip, error);
}
