/* nn-compress.h: images through the encoder into a small file: an autoencoder as a means of
 * compression. What it costs and what is lost is measured on the way. nn-decompress.h has the way
 * back.
 */
#pragma once

#include "formats/nn-code-file.h"
#include "formats/nn-coder.h"
#include "formats/nn-image-error.h"

G_BEGIN_DECLS

typedef struct
{
  NnPart samples;
  gsize most; /* images at most; 0: all of the part */
  guint bits; /* of a value, 1 to NN_CODE_FILE_MAX_BITS */
} NnCompressionSettings;

/* What the decoder gives beyond 0..1 is cut off before it is compared, as where it is shown. */
typedef struct
{
  gsize n;               /* images */
  NnShape shape;         /* of one (H, W, C) */
  gsize code_size;       /* D */
  gsize bytes;           /* of the file */
  NnImageError error;    /* of what comes out of the file */
  NnImageError exact;    /* of what the decoder makes of codes that are not rounded */
  guint64 decoder_bytes; /* of the decoder's weights, which whoever reads the file must have */
} NnCompression;

/* NN_ERROR_UNSUPPORTED where the network does not turn an image, and nothing else, into a code and
 * back into an image. */
gboolean nn_compress_check (const NnExportSource *source, GError **error);

/* The file's contents. NN_ERROR_NUMERIC where codes are not finite. (transfer full) */
GBytes *nn_compress (const NnExportSource *source, const NnCompressionSettings *settings,
                     const NnExportJob *job, NnCompression *result, GError **error);

G_END_DECLS
