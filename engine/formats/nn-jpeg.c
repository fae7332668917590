#include "diabolo-config.h"

#include "formats/nn-jpeg.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib/gi18n-lib.h>

#include "base/nn-error.h"

#define BEST_QUALITY 100
/* Of a baseline file's segments (ITU-T T.81, table B.1). */
#define MARKER_FRAME 0xc0
#define MARKER_SCAN 0xda
/* Bits that a block of one colour takes: "no change" of its mean, then "end of block", by the
 * standard's own tables for colours (T.81, K.3). */
#define EMPTY_BLOCK_BITS 4

static GdkPixbuf *
picture_at (const NnJpegPictures *pictures, guint i)
{
  const guint c = pictures->channels;
  const gsize size = (gsize)pictures->width * pictures->height;
  const guint8 *from = pictures->pixels + i * size * c;
  GdkPixbuf *pixbuf =
      gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, (int)pictures->width, (int)pictures->height);
  guint8 *to = gdk_pixbuf_get_pixels (pixbuf);
  const int stride = gdk_pixbuf_get_rowstride (pixbuf);
  for (gsize p = 0; p < size; p++)
    for (guint k = 0; k < 3; k++)
      to[p / pictures->width * (gsize)stride + p % pictures->width * 3 + k] =
          from[p * c + (c == 1 ? 0 : k)];
  return pixbuf;
}

static gboolean
encode (const NnJpegPictures *pictures, guint i, guint quality, char **file, gsize *size,
        GError **error)
{
  g_autoptr (GdkPixbuf) pixbuf = picture_at (pictures, i);
  char text[8];
  g_snprintf (text, sizeof text, "%u", quality);
  return gdk_pixbuf_save_to_buffer (pixbuf, file, size, "jpeg", error, "quality", text, NULL);
}

/* Bytes of the coded picture alone. Colours stand in blocks of 8 x 8, of which the frame says over
 * how many of brightness each reaches. */
static double
scan_size (const NnJpegPictures *pictures, const guint8 *file, gsize size)
{
  guint across = 1, down = 1;
  gsize at = 2;
  while (at + 4 < size && file[at + 1] != MARKER_SCAN)
    {
      if (file[at + 1] == MARKER_FRAME && at + 11 < size)
        {
          across = MAX (file[at + 11] >> 4, 1);
          down = MAX (file[at + 11] & 15, 1);
        }
      at += 2 + ((gsize)file[at + 2] << 8) + file[at + 3];
    }
  at += 2 + ((gsize)file[at + 2] << 8) + file[at + 3];
  const guint columns = (pictures->width + 8 * across - 1) / (8 * across);
  const guint rows = (pictures->height + 8 * down - 1) / (8 * down);
  const double colours = pictures->channels == 1 ? columns * rows * 2 * EMPTY_BLOCK_BITS / 8.0 : 0;
  return (double)(size - at - 2) - colours; /* 2: the end marker */
}

static gboolean
mean_size (const NnJpegPictures *pictures, NnJpegCount count, guint quality,
           GCancellable *cancellable, double *bytes, GError **error)
{
  *bytes = 0;
  for (guint i = 0; i < pictures->n; i++)
    {
      g_autofree char *file = NULL;
      gsize size;
      if (g_cancellable_set_error_if_cancelled (cancellable, error)
          || !encode (pictures, i, quality, &file, &size, error))
        return FALSE;
      *bytes +=
          count == NN_JPEG_FILES ? (double)size : scan_size (pictures, (const guint8 *)file, size);
    }
  *bytes /= pictures->n;
  return TRUE;
}

/* Adds what is lost of one picture. */
static gboolean
add_error (const NnJpegPictures *pictures, guint i, guint quality, NnImageError *lost,
           GError **error)
{
  g_autofree char *file = NULL;
  gsize size;
  if (!encode (pictures, i, quality, &file, &size, error))
    return FALSE;
  g_autoptr (GInputStream) stream = g_memory_input_stream_new_from_data (file, (gssize)size, NULL);
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new_from_stream (stream, NULL, error);
  if (!pixbuf)
    return FALSE;
  const guint c = pictures->channels, n_channels = (guint)gdk_pixbuf_get_n_channels (pixbuf);
  const gsize n = (gsize)pictures->width * pictures->height;
  double squares = 0;
  const guint8 *found = gdk_pixbuf_read_pixels (pixbuf);
  const gsize stride = (gsize)gdk_pixbuf_get_rowstride (pixbuf);
  for (gsize p = 0; p < n; p++)
    for (guint k = 0; k < c; k++)
      {
        const gsize row = p / pictures->width, column = p % pictures->width;
        const double difference = (double)found[row * stride + column * n_channels + k]
                                  - pictures->pixels[(i * n + p) * c + k];
        squares += difference * difference / (255.0 * 255.0);
      }
  nn_image_error_add (lost, squares, n * c);
  return TRUE;
}

gboolean
nn_jpeg_match (const NnJpegPictures *pictures, NnJpegCount count, double bytes,
               GCancellable *cancellable, NnJpegResult *result, GError **error)
{
  guint low = 0, high = BEST_QUALITY + 1; /* low fits, or is 0; high does not */
  double mean;
  g_return_val_if_fail (pictures->n > 0, FALSE);

  while (high - low > 1)
    {
      const guint quality = (low + high) / 2;
      if (!mean_size (pictures, count, quality, cancellable, &mean, error))
        return FALSE;
      if (mean <= bytes)
        low = quality;
      else
        high = quality;
    }
  *result = (NnJpegResult){ .quality = low };
  if (!mean_size (pictures, count, low, cancellable, &result->bytes, error))
    return FALSE;
  for (guint i = 0; i < pictures->n; i++)
    if (!add_error (pictures, i, low, &result->error, error))
      return FALSE;
  nn_image_error_end (&result->error, pictures->n);
  result->smaller = result->bytes <= bytes;
  return TRUE;
}
