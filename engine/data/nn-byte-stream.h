/* nn-byte-stream.h: the bytes of a file, plain or gzip (told apart by its first bytes, not its
 * name), read front to back in pieces. One thread at a time.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _NnByteStream NnByteStream;

/* Regular files only. Errors name the file. (transfer full) */
NnByteStream *nn_byte_stream_open (const char *path, GCancellable *cancellable, GError **error);
void nn_byte_stream_free (NnByteStream *stream);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnByteStream, nn_byte_stream_free)

/* Reads size bytes, or fewer (*n_read) where the data end first. Fails with NN_ERROR_FORMAT on gzip
 * data that are damaged, cut short or followed by something else. */
gboolean nn_byte_stream_read (NnByteStream *stream, void *out, gsize size, gsize *n_read,
                              GCancellable *cancellable, GError **error);

gboolean nn_byte_stream_is_gzip (const NnByteStream *stream);
/* The size of the data: exact for a plain file, for gzip the most that it can unpack to. Lets a
 * reader refuse a header that promises more before any memory is taken. */
guint64 nn_byte_stream_max_size (const NnByteStream *stream);
guint64 nn_byte_stream_file_size (const NnByteStream *stream);
guint64
nn_byte_stream_file_position (const NnByteStream *stream); /* bytes of the file used, packed */

G_END_DECLS
