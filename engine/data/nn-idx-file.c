#include "data/nn-idx-file.h"

#include <unistd.h>

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>

#include "base/nn-error.h"
#include "base/nn-memory.h"
#include "base/nn-shape.h"

/* Read at a time: enough to be fast, little enough to answer a cancel at once. */
#define CHUNK_SIZE (1024 * 1024)

#define TYPE_U8 0x08

typedef struct
{
  guint8 code;
  const char *title;
} IdxType;

static const IdxType types[] = {
  { TYPE_U8, N_ ("unsigned bytes") },     { 0x09, N_ ("signed bytes") },
  { 0x0b, N_ ("16-bit integers") },       { 0x0c, N_ ("32-bit integers") },
  { 0x0d, N_ ("32-bit floating point") }, { 0x0e, N_ ("64-bit floating point") },
};

static const IdxType *
type_of (guint8 code)
{
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    if (types[i].code == code)
      return &types[i];
  return NULL;
}

static gboolean
is_magic (const guint8 magic[4])
{
  return magic[0] == 0 && magic[1] == 0 && type_of (magic[2]) && magic[3] >= 1;
}

gboolean
nn_idx_file_sniff (const char *path)
{
  guint8 magic[4];
  gsize n_read;
  g_autoptr (NnByteStream) stream = nn_byte_stream_open (path, NULL, NULL);
  return stream && nn_byte_stream_read (stream, magic, sizeof magic, &n_read, NULL, NULL)
         && n_read == sizeof magic && is_magic (magic);
}

static gboolean
read_magic (NnByteStream *stream, const char *name, guint *rank, GCancellable *cancellable,
            GError **error)
{
  guint8 magic[4];
  gsize n_read;
  if (!nn_byte_stream_read (stream, magic, sizeof magic, &n_read, cancellable, error))
    return FALSE;
  if (n_read < sizeof magic)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("“%s” is cut short: expected a magic number of 4 bytes at its start, found "
                      "%zu bytes."),
                   name, n_read);
      return FALSE;
    }
  if (!is_magic (magic))
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("“%s” is not an IDX file: expected a magic number such as 00 00 08 03 at its "
                      "start, found %02x %02x %02x %02x."),
                   name, magic[0], magic[1], magic[2], magic[3]);
      return FALSE;
    }
  if (magic[2] != TYPE_U8)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_UNSUPPORTED,
                   _ ("“%s” holds %s (type %02x at byte 2); expected unsigned bytes (type 08)."),
                   name, _ (type_of (magic[2])->title), magic[2]);
      return FALSE;
    }
  if (magic[3] > NN_IDX_MAX_RANK)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_UNSUPPORTED,
                   _ ("“%s” has %u dimensions (byte 3); expected 1 for labels, 3 or 4 for images."),
                   name, magic[3]);
      return FALSE;
    }
  *rank = magic[3];
  return TRUE;
}

/* "60000 × 28 × 28" */
static char *
header_text (const NnIdxHeader *header)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < header->rank; i++)
    g_string_append_printf (text, "%s%u", i ? " × " : "", header->dim[i]);
  return g_string_free (text, FALSE);
}

static gboolean
read_dims (NnByteStream *stream, const char *name, NnIdxHeader *header, GCancellable *cancellable,
           GError **error)
{
  guint8 bytes[4 * NN_IDX_MAX_RANK];
  gsize n_read, size = 4 * header->rank;
  if (!nn_byte_stream_read (stream, bytes, size, &n_read, cancellable, error))
    return FALSE;
  if (n_read < size)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("“%s” is cut short: expected a header of %zu bytes for %u dimensions, found "
                      "%zu bytes."),
                   name, 4 + size, header->rank, 4 + n_read);
      return FALSE;
    }

  guint64 values = 1;
  for (guint i = 0; i < header->rank; i++)
    {
      const guint8 *b = bytes + 4 * i;
      header->dim[i] = (guint32)b[0] << 24 | (guint32)b[1] << 16 | (guint32)b[2] << 8 | b[3];
      if (header->dim[i] == 0)
        {
          g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                       _ ("“%s” has the size 0 in dimension %u (at byte %u); expected at least 1."),
                       name, i + 1, 4 + 4 * i);
          return FALSE;
        }
      /* values <= NN_MAX_SIZE = 2^40 so far, so the product by a u32 can leave 64 bits. */
      if (values > (guint64)NN_MAX_SIZE / header->dim[i])
        {
          g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                       _ ("“%s” promises more than %zu values in its header (dimension %u at byte "
                          "%u is %u)."),
                       name, (gsize)NN_MAX_SIZE, i + 1, 4 + 4 * i, header->dim[i]);
          return FALSE;
        }
      values *= header->dim[i];
    }
  header->n_values = values;
  return TRUE;
}

/* What the header promises against what the file can hold and what fits in memory. */
static gboolean
check_size (NnByteStream *stream, const char *name, const NnIdxHeader *header, GError **error)
{
  guint64 start = 4 + 4 * header->rank;
  guint64 promised = start + header->n_values;
  guint64 limit = nn_byte_stream_max_size (stream);
  g_autofree char *dims = header_text (header);

  if (nn_byte_stream_is_gzip (stream) && promised > limit)
    {
      g_set_error (
          error, NN_ERROR, NN_ERROR_FORMAT,
          _ ("“%s” promises %s values in its header, %zu bytes; its %zu bytes of gzip data "
             "can unpack to no more than %zu."),
          name, dims, (gsize)promised, (gsize)nn_byte_stream_file_size (stream), (gsize)limit);
      return FALSE;
    }
  if (!nn_byte_stream_is_gzip (stream) && promised != limit)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   promised > limit
                       ? _ ("“%s” is cut short: its header promises %s values after byte %zu, so "
                            "expected %zu bytes, found %zu.")
                       : _ ("“%s” is too long: its header promises %s values after byte %zu, so "
                            "expected %zu bytes, found %zu."),
                   name, dims, (gsize)start, (gsize)promised, (gsize)limit);
      return FALSE;
    }

  guint64 memory = (guint64)sysconf (_SC_PHYS_PAGES) * (guint64)sysconf (_SC_PAGESIZE);
  if (header->n_values > memory / 4 * 3)
    {
      g_autofree char *need = g_format_size (header->n_values);
      g_autofree char *have = g_format_size (memory);
      g_set_error (error, NN_ERROR, NN_ERROR_MEMORY,
                   _ ("“%s” holds %s values and would need %s of memory; this computer has %s."),
                   name, dims, need, have);
      return FALSE;
    }
  return TRUE;
}

NnByteStream *
nn_idx_file_open (const char *path, NnIdxHeader *header, GCancellable *cancellable, GError **error)
{
  g_autofree char *name = g_filename_display_name (path);
  g_autoptr (NnByteStream) stream = nn_byte_stream_open (path, cancellable, error);
  if (!stream || !read_magic (stream, name, &header->rank, cancellable, error)
      || !read_dims (stream, name, header, cancellable, error)
      || !check_size (stream, name, header, error))
    return NULL;
  return g_steal_pointer (&stream);
}

GBytes *
nn_idx_file_read (NnByteStream *stream, const char *path, const NnIdxHeader *header,
                  GCancellable *cancellable, void (*progress) (double fraction, gpointer data),
                  gpointer progress_data, GError **error)
{
  g_autofree char *name = g_filename_display_name (path);
  g_autofree char *dims = header_text (header);
  g_autofree guint8 *values =
      nn_memory_in_large_pages (g_try_malloc (header->n_values), header->n_values);
  if (!values)
    {
      g_autofree char *need = g_format_size (header->n_values);
      g_set_error (error, NN_ERROR, NN_ERROR_MEMORY,
                   _ ("“%s” holds %s values; there is no memory of %s left for them."), name, dims,
                   need);
      return NULL;
    }

  gsize done = 0;
  while (done < header->n_values)
    {
      gsize n_read, size = MIN (CHUNK_SIZE, header->n_values - done);
      if (g_cancellable_set_error_if_cancelled (cancellable, error)
          || !nn_byte_stream_read (stream, values + done, size, &n_read, cancellable, error))
        return NULL;
      done += n_read;
      if (n_read < size)
        {
          g_set_error (
              error, NN_ERROR, NN_ERROR_FORMAT,
              _ ("“%s” is cut short: its header promises %s, so expected %zu values, found "
                 "%zu."),
              name, dims, header->n_values, done);
          return NULL;
        }
      if (progress)
        progress ((double)done / header->n_values, progress_data);
    }

  guint8 more;
  gsize n_more;
  if (!nn_byte_stream_read (stream, &more, 1, &n_more, cancellable, error))
    return NULL;
  if (n_more > 0)
    {
      g_set_error (
          error, NN_ERROR, NN_ERROR_FORMAT,
          _ ("“%s” is too long: its header promises %s, so expected %zu values, found more."), name,
          dims, header->n_values);
      return NULL;
    }
  return g_bytes_new_take (g_steal_pointer (&values), header->n_values);
}
