/* nn-jpeg.h: how well JPEG (gdk-pixbuf's writer) does at a given size, for comparison. Any thread.
 */
#pragma once

#include <gio/gio.h>

#include "formats/nn-image-error.h"

G_BEGIN_DECLS

/* Pictures of one size, 8 bits a value. */
typedef struct
{
  guint n, width, height;
  guint channels;       /* 1 or 3 */
  const guint8 *pixels; /* (n, height, width, channels) */
} NnJpegPictures;

typedef enum
{
  NN_JPEG_FILES, /* all bytes of the files */
  NN_JPEG_SCANS, /* without headers and tables, which are the same in every file of one quality, and
                    for grey pictures without the eighth of a byte a block that an empty colour
                    takes: this writer knows no grey */
} NnJpegCount;

typedef struct
{
  guint quality;      /* 0 .. 100 */
  double bytes;       /* of a picture, in the mean */
  NnImageError error; /* of all pictures */
  gboolean smaller;   /* FALSE: even quality 0 takes more than was allowed */
} NnJpegResult;

/* The best quality that takes no more than `bytes` a picture in the mean. FALSE with gdk-pixbuf's
 * error, or where it is cancelled (cancellable may be NULL). */
gboolean nn_jpeg_match (const NnJpegPictures *pictures, NnJpegCount count, double bytes,
                        GCancellable *cancellable, NnJpegResult *result, GError **error);

G_END_DECLS
