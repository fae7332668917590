#include "data/nn-byte-stream.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>

#include "base/nn-error.h"

#define BUFFER_SIZE (64 * 1024)

/* Deflate packs no better than 258 bytes into 2 bits. */
#define MAX_EXPANSION 1032

struct _NnByteStream
{
  char *name; /* for messages */
  int fd;
  GConverter *inflate; /* owned; NULL for a plain file */
  guint64 file_size;
  guint64 read_offset;    /* of the file, where the next fill starts */
  gsize position, filled; /* in buffer */
  gboolean at_file_end;
  gboolean member_ended; /* the last gzip member is complete */
  guint8 buffer[BUFFER_SIZE];
};

static gboolean
cannot_read (const char *name, int code, GError **error)
{
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), _ ("“%s” cannot be read: %s."),
               name, g_strerror (code));
  return FALSE;
}

static gboolean
fill (NnByteStream *stream, GCancellable *cancellable, GError **error)
{
  memmove (stream->buffer, stream->buffer + stream->position, stream->filled - stream->position);
  stream->filled -= stream->position;
  stream->position = 0;

  while (stream->filled < BUFFER_SIZE && !stream->at_file_end)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      ssize_t n = read (stream->fd, stream->buffer + stream->filled, BUFFER_SIZE - stream->filled);
      if (n < 0 && errno != EINTR)
        return cannot_read (stream->name, errno, error);
      if (n < 0)
        continue;
      stream->at_file_end = n == 0;
      stream->filled += (gsize)n;
      stream->read_offset += (guint64)n;
    }
  return TRUE;
}

NnByteStream *
nn_byte_stream_open (const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (NnByteStream) stream = g_new0 (NnByteStream, 1);
  stream->name = g_filename_display_name (path);
  /* O_NONBLOCK: a named pipe is refused below, not waited for. */
  stream->fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat status;
  if (stream->fd < 0 || fstat (stream->fd, &status) != 0)
    {
      cannot_read (stream->name, errno, error);
      return NULL;
    }
  if (!S_ISREG (status.st_mode))
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("“%s” cannot be read: expected a file, found %s."), stream->name,
                   S_ISDIR (status.st_mode) ? _ ("a folder") : _ ("a device"));
      return NULL;
    }

  stream->file_size = (guint64)status.st_size;
  if (!fill (stream, cancellable, error))
    return NULL;
  if (stream->filled >= 2 && stream->buffer[0] == 0x1f && stream->buffer[1] == 0x8b)
    stream->inflate = G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP));
  return g_steal_pointer (&stream);
}

void
nn_byte_stream_free (NnByteStream *stream)
{
  if (!stream)
    return;
  g_clear_object (&stream->inflate);
  if (stream->fd >= 0)
    close (stream->fd);
  g_free (stream->name);
  g_free (stream);
}

static gboolean
read_plain (NnByteStream *stream, guint8 *out, gsize size, gsize *n_read, GCancellable *cancellable,
            GError **error)
{
  while (*n_read < size)
    {
      if (stream->position == stream->filled)
        {
          if (stream->at_file_end)
            return TRUE;
          if (!fill (stream, cancellable, error))
            return FALSE;
          continue;
        }
      gsize n = MIN (size - *n_read, stream->filled - stream->position);
      memcpy (out + *n_read, stream->buffer + stream->position, n);
      stream->position += n;
      *n_read += n;
    }
  return TRUE;
}

/* A complete member may be followed by another (RFC 1952, 2.2). */
static gboolean
next_member (NnByteStream *stream, GError **error)
{
  const guint8 *next = stream->buffer + stream->position;
  if (stream->filled - stream->position >= 2 && next[0] == 0x1f && next[1] == 0x8b)
    {
      g_converter_reset (stream->inflate);
      stream->member_ended = FALSE;
      return TRUE;
    }
  g_set_error (
      error, NN_ERROR, NN_ERROR_FORMAT,
      _ ("“%s” is damaged: its gzip data end at byte %zu, but the file goes on to byte %zu."),
      stream->name, (gsize)nn_byte_stream_file_position (stream), (gsize)stream->file_size);
  return FALSE;
}

static gboolean
damaged (NnByteStream *stream, GError *reason, GError **error)
{
  g_autoptr (GError) owned = reason;
  gsize position = (gsize)nn_byte_stream_file_position (stream);

  if (g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT))
    g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                 _ ("“%s” is cut short: its gzip data go on beyond byte %zu, where the file ends."),
                 stream->name, (gsize)stream->file_size);
  else
    g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                 _ ("“%s” is damaged: its gzip data cannot be unpacked near byte %zu (%s)."),
                 stream->name, position, reason->message);
  return FALSE;
}

static gboolean
read_gzip (NnByteStream *stream, guint8 *out, gsize size, gsize *n_read, GCancellable *cancellable,
           GError **error)
{
  while (*n_read < size)
    {
      if (stream->filled - stream->position < BUFFER_SIZE / 2 && !stream->at_file_end
          && !fill (stream, cancellable, error))
        return FALSE;
      if (stream->member_ended)
        {
          if (stream->position == stream->filled)
            return TRUE;
          if (!next_member (stream, error))
            return FALSE;
        }
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;

      GError *reason = NULL;
      gsize used = 0, made = 0;
      GConverterResult result = g_converter_convert (
          stream->inflate, stream->buffer + stream->position, stream->filled - stream->position,
          out + *n_read, size - *n_read,
          stream->at_file_end ? G_CONVERTER_INPUT_AT_END : G_CONVERTER_NO_FLAGS, &used, &made,
          &reason);
      if (result == G_CONVERTER_ERROR)
        return damaged (stream, reason, error);
      stream->position += used;
      *n_read += made;
      stream->member_ended = result == G_CONVERTER_FINISHED;
    }
  return TRUE;
}

gboolean
nn_byte_stream_read (NnByteStream *stream, void *out, gsize size, gsize *n_read,
                     GCancellable *cancellable, GError **error)
{
  *n_read = 0;
  return (stream->inflate ? read_gzip : read_plain) (stream, out, size, n_read, cancellable, error);
}

gboolean
nn_byte_stream_is_gzip (const NnByteStream *stream)
{
  return stream->inflate != NULL;
}

guint64
nn_byte_stream_max_size (const NnByteStream *stream)
{
  return stream->inflate ? stream->file_size * MAX_EXPANSION : stream->file_size;
}

guint64
nn_byte_stream_file_size (const NnByteStream *stream)
{
  return stream->file_size;
}

guint64
nn_byte_stream_file_position (const NnByteStream *stream)
{
  return stream->read_offset - (stream->filled - stream->position);
}
