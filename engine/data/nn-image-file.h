/* nn-image-file.h: one picture in a file of any format that gdk-pixbuf reads, brought to a size.
 * Any thread.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Pictures of more pixels are refused by what their headers say, before any are unpacked: with four
 * bytes each these are 256 MB. */
#define NN_IMAGE_MAX_PIXELS (64 * 1024 * 1024)

typedef enum
{
  NN_IMAGE_CROP,    /* fills the size, from the middle */
  NN_IMAGE_PAD,     /* black beside it */
  NN_IMAGE_STRETCH, /* out of proportion */
} NnImageFit;

/* TRUE if a file's name ends as one of a picture does. */
gboolean nn_image_file_has_name (const char *name);

/* Size in pixels, from the header. Errors name the file. */
gboolean nn_image_file_size (const char *path, guint *width, guint *height, GError **error);

/* out (height, width, channels): channels 1 (luma of ITU-R BT.601) or 3. Turned as its EXIF data
 * say; what is transparent is white. Errors name the file. */
gboolean nn_image_file_read (const char *path, guint width, guint height, guint channels,
                             NnImageFit fit, guint8 *out, GError **error);

G_END_DECLS
