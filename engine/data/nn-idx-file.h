/* nn-idx-file.h: one IDX file (the format of MNIST: http://yann.lecun.com/exdb/mnist/), plain or
 * gzip.
 *
 * Two zero bytes, a type byte (0x08: unsigned bytes, the only one read), the number of dimensions,
 * each dimension as a big-endian u32, then the values, last dimension fastest.
 */
#pragma once

#include "data/nn-byte-stream.h"

G_BEGIN_DECLS

#define NN_IDX_MAX_RANK 4

typedef struct
{
  guint rank;
  guint32 dim[NN_IDX_MAX_RANK]; /* the first is the number of samples */
  gsize n_values;
} NnIdxHeader;

/* TRUE if the file begins as an IDX file does, of any type and rank. */
gboolean nn_idx_file_sniff (const char *path);

/* Opens, reads and checks the header: the file must hold, or be able to unpack to, what it
 * promises. (transfer full) */
NnByteStream *nn_idx_file_open (const char *path, NnIdxHeader *header, GCancellable *cancellable,
                                GError **error);

/* The values, and nothing after them. progress (nullable) is called with 0..1. (transfer full) */
GBytes *nn_idx_file_read (NnByteStream *stream, const char *path, const NnIdxHeader *header,
                          GCancellable *cancellable,
                          void (*progress) (double fraction, gpointer data), gpointer progress_data,
                          GError **error);

G_END_DECLS
