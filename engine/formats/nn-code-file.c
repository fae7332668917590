#include "diabolo-config.h"

#include "formats/nn-code-file.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/nn-error.h"

#define MAGIC "DBCODE"
#define VERSION 2
#define HEAD 8   /* bytes that every version begins with */
#define ERRORS 8 /* behind them, from version 2 on: before the stream */
/* Of a group: a bound on memory, and as many as a block of zlib has room for. */
#define GROUP_VALUES ((gsize)1 << 20)
#define GROUP_IMAGES ((gsize)1 << 14)
#define MAX_RANK 4
#define BEST_COMPRESSION 9

gsize
nn_code_file_group (const NnCodeFileHead *head)
{
  return CLAMP (GROUP_VALUES / head->size, 1, GROUP_IMAGES);
}

static float
largest_code (const NnCodeFileHead *head)
{
  return (float)((1u << head->bits) - 1);
}

/* ---- writing ---- */

struct _NnCodeWriter
{
  NnCodeFileHead head;
  float *least, *greatest; /* owned (D) */
  guint8 *planes;          /* owned (D, images of a group) */
  GOutputStream *memory, *packed;
};

/* Memory and zlib's compressor do not fail. */
static void
put (NnCodeWriter *writer, gconstpointer data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_output_stream_write_all (writer->packed, data, size, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
put_u32 (NnCodeWriter *writer, guint64 value)
{
  const guint32 word = GUINT32_TO_LE ((guint32)value);
  put (writer, &word, sizeof word);
}

static void
put_floats (NnCodeWriter *writer, const float *values, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      guint32 word;
      memcpy (&word, &values[i], sizeof word);
      put_u32 (writer, word);
    }
}

NnCodeWriter *
nn_code_writer_new (const NnCodeFileHead *head, const float *least, const float *greatest)
{
  g_return_val_if_fail (head->bits >= 1 && head->bits <= NN_CODE_FILE_MAX_BITS, NULL);
  g_return_val_if_fail (head->size >= 1 && head->size <= NN_CODE_FILE_MAX_VALUES, NULL);
  g_return_val_if_fail (head->n >= 1 && head->n <= NN_CODE_FILE_MAX_IMAGES, NULL);
  g_return_val_if_fail (head->shape.rank >= 1 && head->shape.rank <= MAX_RANK, NULL);

  NnCodeWriter *writer = g_new0 (NnCodeWriter, 1);
  g_autoptr (GConverter) zlib =
      G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_ZLIB, BEST_COMPRESSION));
  const guint8 begin[HEAD + ERRORS] = MAGIC "\2";
  writer->head = *head;
  writer->least = g_memdup2 (least, head->size * sizeof *least);
  writer->greatest = g_memdup2 (greatest, head->size * sizeof *greatest);
  writer->planes = g_malloc (nn_code_file_group (head) * head->size);
  writer->memory = g_memory_output_stream_new_resizable ();
  g_output_stream_write_all (writer->memory, begin, sizeof begin, NULL, NULL, NULL);
  writer->packed = g_converter_output_stream_new (writer->memory, zlib);

  put_u32 (writer, head->bits);
  put_u32 (writer, head->n);
  put_u32 (writer, head->size);
  put_u32 (writer, (guint64)head->shape.rank);
  for (gint i = 0; i < head->shape.rank; i++)
    put_u32 (writer, (guint64)head->shape.dim[i]);
  put (writer, head->network, sizeof head->network);
  put_floats (writer, least, head->size);
  put_floats (writer, greatest, head->size);
  return writer;
}

void
nn_code_writer_add (NnCodeWriter *writer, float *codes, gsize n)
{
  const gsize size = writer->head.size;
  const float largest = largest_code (&writer->head);
  g_return_if_fail (n <= nn_code_file_group (&writer->head));

  for (gsize k = 0; k < size; k++)
    {
      const float least = writer->least[k], range = writer->greatest[k] - least;
      for (gsize i = 0; i < n; i++)
        {
          float *value = &codes[i * size + k];
          const float q = range > 0 ? roundf ((*value - least) / range * largest) : 0;
          writer->planes[k * n + i] = (guint8)CLAMP (q, 0, largest);
          *value = least + (float)writer->planes[k * n + i] / largest * range;
        }
    }
  put (writer, writer->planes, n * size);
}

GBytes *
nn_code_writer_end (NnCodeWriter *writer, const NnImageError *error)
{
  g_autoptr (GError) failure = NULL;
  const float said[] = { error ? (float)error->mse : NAN, error ? (float)error->psnr : NAN };
  g_output_stream_close (writer->packed, NULL, &failure);
  g_assert_no_error (failure);
  gsize size;
  GBytes *bytes = g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (writer->memory));
  guint8 *file = g_bytes_unref_to_data (bytes, &size);
  for (guint i = 0; i < G_N_ELEMENTS (said); i++)
    {
      guint32 word;
      memcpy (&word, &said[i], sizeof word);
      word = GUINT32_TO_LE (word);
      memcpy (file + HEAD + i * sizeof word, &word, sizeof word);
    }
  return g_bytes_new_take (file, size);
}

void
nn_code_writer_free (NnCodeWriter *writer)
{
  if (!writer)
    return;
  g_free (writer->least);
  g_free (writer->greatest);
  g_free (writer->planes);
  g_object_unref (writer->packed);
  g_object_unref (writer->memory);
  g_free (writer);
}

/* ---- reading ---- */

struct _NnCodeReader
{
  char *source; /* owned: in errors */
  NnCodeFileHead head;
  NnImageError error;
  gboolean measured;       /* that error */
  float *least, *greatest; /* owned (D) */
  guint8 *planes;          /* owned (D, images of a group) */
  float *codes;            /* owned (images of a group, D) */
  GInputStream *unpacked;
  gsize done; /* images */
};

/* Takes what. */
static gboolean
refuse (const NnCodeReader *reader, GError **error, char *what)
{
  g_autofree char *owned = what;
  g_set_error (error, NN_ERROR, NN_ERROR_FORMAT, "“%s”: %s", reader->source, owned);
  return FALSE;
}

/* Says what is wrong as printf() does. No function of as many arguments: into those analysers do
 * not look, and would take a file for read that was refused. FALSE. */
#define wrong(reader, error, ...) refuse (reader, error, g_strdup_printf (__VA_ARGS__))

/* what: in an error where there is less. */
static gboolean
take (NnCodeReader *reader, gpointer out, gsize size, const char *what, GError **error)
{
  g_autoptr (GError) reason = NULL;
  gsize n;
  if (!g_input_stream_read_all (reader->unpacked, out, size, &n, NULL, &reason))
    return wrong (reader, error,
                  g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT)
                      ? _ ("the file is cut short: it ends within %s.")
                      : _ ("the file is damaged: %s cannot be unpacked."),
                  what);
  return n == size || wrong (reader, error, _ ("the file ends within %s."), what);
}

static gboolean
take_u32 (NnCodeReader *reader, guint64 least, guint64 most, guint64 *value, const char *what,
          GError **error)
{
  guint32 word;
  if (!take (reader, &word, sizeof word, what, error))
    return FALSE;
  *value = GUINT32_FROM_LE (word);
  return (*value >= least && *value <= most)
         || wrong (reader, error, _ ("%s is %" PRIu64 ", expected %" PRIu64 " to %" PRIu64 "."),
                   what, *value, least, most);
}

static gboolean
take_floats (NnCodeReader *reader, float *values, const char *what, GError **error)
{
  if (!take (reader, values, reader->head.size * sizeof *values, what, error))
    return FALSE;
  for (gsize i = 0; i < reader->head.size; i++)
    {
      guint32 word;
      memcpy (&word, &values[i], sizeof word);
      word = GUINT32_FROM_LE (word);
      memcpy (&values[i], &word, sizeof word);
      if (!isfinite (values[i]))
        return wrong (reader, error, _ ("%s of value %zu is not a finite number."), what, i + 1);
    }
  return TRUE;
}

static gboolean
take_head (NnCodeReader *reader, GError **error)
{
  NnCodeFileHead *head = &reader->head;
  guint64 bits, n, size, rank, dim;
  if (!take_u32 (reader, 1, NN_CODE_FILE_MAX_BITS, &bits, _ ("the number of bits"), error)
      || !take_u32 (reader, 1, NN_CODE_FILE_MAX_IMAGES, &n, _ ("the number of images"), error)
      || !take_u32 (reader, 1, NN_CODE_FILE_MAX_VALUES, &size, _ ("the length of a code"), error)
      || !take_u32 (reader, 1, MAX_RANK, &rank, _ ("the rank of an image"), error))
    return FALSE;
  *head = (NnCodeFileHead){ .bits = (guint)bits, .n = n, .size = size, .shape.rank = (gint)rank };
  for (guint i = 0; i < rank; i++)
    {
      if (!take_u32 (reader, 1, G_MAXUINT32, &dim, _ ("a dimension of an image"), error))
        return FALSE;
      head->shape.dim[i] = (gint64)dim;
    }
  if (nn_shape_size (&head->shape) < 0)
    return wrong (reader, error, _ ("an image has more values than any can have."));
  if (!take (reader, head->network, sizeof head->network, _ ("the network's fingerprint"), error))
    return FALSE;
  reader->least = g_new (float, size);
  reader->greatest = g_new (float, size);
  if (!take_floats (reader, reader->least, _ ("the least"), error)
      || !take_floats (reader, reader->greatest, _ ("the greatest"), error))
    return FALSE;
  for (gsize k = 0; k < size; k++)
    if (reader->greatest[k] < reader->least[k]
        || !isfinite (reader->greatest[k] - reader->least[k]))
      return wrong (reader, error, _ ("value %zu ranges from %g to %g, which is no range."), k + 1,
                    (double)reader->least[k], (double)reader->greatest[k]);
  return TRUE;
}

/* Both, or neither. */
static gboolean
read_errors (NnCodeReader *reader, const guint8 *from, GError **error)
{
  float said[2];
  for (guint i = 0; i < G_N_ELEMENTS (said); i++)
    {
      guint32 word;
      memcpy (&word, from + i * sizeof word, sizeof word);
      word = GUINT32_FROM_LE (word);
      memcpy (&said[i], &word, sizeof word);
    }
  reader->error = (NnImageError){ .mse = (double)said[0], .psnr = (double)said[1] };
  reader->measured = isfinite (said[0]) && isfinite (said[1]) && said[0] >= 0;
  return reader->measured || (isnan (said[0]) && isnan (said[1]))
         || wrong (reader, error, _ ("the error that it tells of, %g and %g dB, is none."),
                   reader->error.mse, reader->error.psnr);
}

gboolean
nn_code_file_is (GBytes *bytes)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  return size >= strlen (MAGIC) && memcmp (data, MAGIC, strlen (MAGIC)) == 0;
}

NnCodeReader *
nn_code_reader_new (GBytes *bytes, const char *source, GError **error)
{
  g_autoptr (NnCodeReader) reader = g_new0 (NnCodeReader, 1);
  const gsize size = g_bytes_get_size (bytes);
  const guint8 *data = g_bytes_get_data (bytes, NULL);
  reader->source = g_strdup (source);
  if (!nn_code_file_is (bytes))
    {
      wrong (reader, error, _ ("this is no file of compressed images."));
      return NULL;
    }
  const guint version = size > strlen (MAGIC) ? data[strlen (MAGIC)] : VERSION;
  const gsize head = version == 1 ? HEAD : HEAD + ERRORS;
  if (version <= VERSION && size < head)
    {
      wrong (reader, error, _ ("the file is cut short: it ends within its first %zu bytes."), head);
      return NULL;
    }
  if (version < 1 || version > VERSION)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_VERSION,
                   _ ("“%s” is of version %u, and this program reads versions 1 to %d."), source,
                   version, VERSION);
      return NULL;
    }
  if (head > HEAD && !read_errors (reader, data + HEAD, error))
    return NULL;
  g_autoptr (GBytes) stream = g_bytes_new_from_bytes (bytes, head, size - head);
  g_autoptr (GInputStream) packed = g_memory_input_stream_new_from_bytes (stream);
  g_autoptr (GConverter) zlib =
      G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_ZLIB));
  reader->unpacked = g_converter_input_stream_new (packed, zlib);
  if (!take_head (reader, error))
    return NULL;
  const gsize group = MIN (nn_code_file_group (&reader->head), reader->head.n);
  reader->planes = g_malloc (group * reader->head.size);
  reader->codes = g_new (float, group * reader->head.size);
  return g_steal_pointer (&reader);
}

const NnCodeFileHead *
nn_code_reader_head (const NnCodeReader *reader)
{
  return &reader->head;
}

const NnImageError *
nn_code_reader_error (const NnCodeReader *reader)
{
  return reader->measured ? &reader->error : NULL;
}

/* zlib looks at its checksum once it is asked for more. */
static gboolean
check_end (NnCodeReader *reader, GError **error)
{
  g_autoptr (GError) reason = NULL;
  guint8 more;
  const gssize n = g_input_stream_read (reader->unpacked, &more, 1, NULL, &reason);
  if (n < 0)
    return wrong (reader, error, _ ("the file is damaged or cut short: its checksum is wrong."));
  return n == 0 || wrong (reader, error, _ ("there is more in the file than its images."));
}

gboolean
nn_code_reader_next (NnCodeReader *reader, const float **codes, gsize *n, GError **error)
{
  const gsize size = reader->head.size;
  const float largest = largest_code (&reader->head);
  *n = MIN (nn_code_file_group (&reader->head), reader->head.n - reader->done);
  *codes = reader->codes;
  if (*n == 0)
    return check_end (reader, error);
  g_autofree char *what =
      g_strdup_printf (_ ("the codes from image %zu of %zu on"), reader->done + 1, reader->head.n);
  if (!take (reader, reader->planes, *n * size, what, error))
    return FALSE;
  for (gsize k = 0; k < size; k++)
    {
      const float least = reader->least[k], range = reader->greatest[k] - least;
      for (gsize i = 0; i < *n; i++)
        {
          const guint8 q = reader->planes[k * *n + i];
          if ((float)q > largest)
            return wrong (reader, error,
                          _ ("value %zu of image %zu is %u, more than %u bits can say."), k + 1,
                          reader->done + i + 1, q, reader->head.bits);
          reader->codes[i * size + k] = least + (float)q / largest * range;
        }
    }
  reader->done += *n;
  return TRUE;
}

void
nn_code_reader_free (NnCodeReader *reader)
{
  if (!reader)
    return;
  g_free (reader->source);
  g_free (reader->least);
  g_free (reader->greatest);
  g_free (reader->planes);
  g_free (reader->codes);
  g_clear_object (&reader->unpacked);
  g_free (reader);
}
