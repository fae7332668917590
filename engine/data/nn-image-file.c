#include "data/nn-image-file.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <string.h>

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>

#include "base/nn-error.h"

gboolean
nn_image_file_has_name (const char *name)
{
  const char *dot = strrchr (name, '.');
  if (!dot || name[0] == '.')
    return FALSE;
  g_autoptr (GSList) formats = gdk_pixbuf_get_formats ();
  for (GSList *link = formats; link; link = link->next)
    {
      g_auto (GStrv) extensions = gdk_pixbuf_format_get_extensions (link->data);
      for (guint i = 0; extensions[i]; i++)
        if (g_ascii_strcasecmp (extensions[i], dot + 1) == 0)
          return TRUE;
    }
  return FALSE;
}

static gboolean
unreadable (const char *path, const char *why, GError **error)
{
  g_autofree char *name = g_filename_display_name (path);
  /* Not every library ends its sentences. */
  g_set_error (error, NN_ERROR, NN_ERROR_FORMAT, _ ("“%s” cannot be read as a picture: %s%s"), name,
               why, g_str_has_suffix (why, ".") ? "" : ".");
  return FALSE;
}

/* The library gives what is left of a JPEG file a grey rest, without a word. Segments are FF, a
 * kind and a length; pixels follow the first of kind DA, and among them FF D9 is nothing but the
 * end. */
static gboolean
jpeg_ends (const char *path)
{
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, NULL);
  if (!file)
    return FALSE;
  const guint8 *bytes = (const guint8 *)g_mapped_file_get_contents (file);
  const gsize n = g_mapped_file_get_length (file);
  gsize at = 2;
  while (at + 4 <= n && bytes[at] == 0xff && bytes[at + 1] != 0xda)
    at += bytes[at + 1] == 0xff ? 1 : 2u + ((gsize)bytes[at + 2] << 8 | bytes[at + 3]);
  return at < n && memmem (bytes + at, n - at, "\xff\xd9", 2) != NULL;
}

gboolean
nn_image_file_size (const char *path, guint *width, guint *height, GError **error)
{
  int w = 0, h = 0;
  GdkPixbufFormat *format = gdk_pixbuf_get_file_info (path, &w, &h);
  if (!format)
    return unreadable (path, _ ("it is missing, or of no known format."), error);
  g_autofree char *name = gdk_pixbuf_format_get_name (format);
  if (g_str_equal (name, "jpeg") && !jpeg_ends (path))
    return unreadable (path, _ ("it is cut short."), error);
  if (w < 1 || h < 1)
    return unreadable (path, _ ("it has no size."), error);
  if ((guint64)w * (guint64)h > NN_IMAGE_MAX_PIXELS)
    {
      g_autofree char *why =
          g_strdup_printf (_ ("it has %d × %d pixels; at most %d million can be unpacked."), w, h,
                           NN_IMAGE_MAX_PIXELS / (1024 * 1024));
      return unreadable (path, why, error);
    }
  *width = (guint)w;
  *height = (guint)h;
  return TRUE;
}

/* The middle part of a picture that has the proportions of width × height. */
static GdkPixbuf *
crop (GdkPixbuf *whole, guint width, guint height)
{
  const gint64 w = gdk_pixbuf_get_width (whole), h = gdk_pixbuf_get_height (whole);
  const gint64 cut_w = CLAMP (h * width / height, 1, w), cut_h = CLAMP (w * height / width, 1, h);
  return gdk_pixbuf_new_subpixbuf (whole, (int)((w - cut_w) / 2), (int)((h - cut_h) / 2),
                                   (int)cut_w, (int)cut_h);
}

/* Values of one picture into the middle of out. */
static void
copy_pixels (GdkPixbuf *from, guint width, guint height, guint channels, guint8 *out)
{
  const guint w = (guint)gdk_pixbuf_get_width (from), h = (guint)gdk_pixbuf_get_height (from);
  const guint n = (guint)gdk_pixbuf_get_n_channels (from);
  const gsize stride = (gsize)gdk_pixbuf_get_rowstride (from);
  const guint8 *pixels = gdk_pixbuf_read_pixels (from);
  const guint left = (width - w) / 2, top = (height - h) / 2;

  memset (out, 0, (gsize)width * height * channels);
  for (guint y = 0; y < h; y++)
    for (guint x = 0; x < w; x++)
      {
        const guint8 *p = pixels + y * stride + x * n;
        const guint alpha = n == 4 ? p[3] : 255;
        guint8 *to = out + ((gsize)(y + top) * width + x + left) * channels;
        guint rgb[3];
        for (guint c = 0; c < 3; c++)
          rgb[c] = (p[c] * alpha + 255 * (255 - alpha) + 127) / 255;
        if (channels == 1)
          *to = (guint8)((299 * rgb[0] + 587 * rgb[1] + 114 * rgb[2] + 500) / 1000);
        else
          for (guint c = 0; c < 3; c++)
            to[c] = (guint8)rgb[c];
      }
}

/* "Failed to load image “a.png”: Read Error" is "Read Error", where the name stands before it. */
static const char *
without_name (const char *message, const char *path)
{
  g_autofree char *shown = g_filename_display_name (path);
  const char *name = strstr (message, shown);
  const char *colon = name ? strstr (name + strlen (shown), ": ") : NULL;
  return colon ? colon + strlen (": ") : message;
}

gboolean
nn_image_file_read (const char *path, guint width, guint height, guint channels, NnImageFit fit,
                    guint8 *out, GError **error)
{
  g_return_val_if_fail (width > 0 && height > 0 && (channels == 1 || channels == 3), FALSE);

  guint w, h;
  if (!nn_image_file_size (path, &w, &h, error))
    return FALSE;
  GError *reason = NULL;
  g_autoptr (GdkPixbuf) stored = gdk_pixbuf_new_from_file (path, &reason);
  if (!stored)
    {
      unreadable (path, without_name (reason->message, path), error);
      g_error_free (reason);
      return FALSE;
    }
  g_autoptr (GdkPixbuf) turned = gdk_pixbuf_apply_embedded_orientation (stored);
  g_autoptr (GdkPixbuf) part =
      fit == NN_IMAGE_CROP ? crop (turned, width, height) : g_object_ref (turned);
  w = (guint)gdk_pixbuf_get_width (part);
  h = (guint)gdk_pixbuf_get_height (part);
  guint to_w = width, to_h = height;
  if (fit == NN_IMAGE_PAD)
    {
      to_w = (guint)CLAMP ((guint64)w * height / h, 1, width);
      to_h = (guint)CLAMP ((guint64)h * width / w, 1, height);
    }
  g_autoptr (GdkPixbuf) scaled =
      w == to_w && h == to_h
          ? g_object_ref (part)
          : gdk_pixbuf_scale_simple (part, (int)to_w, (int)to_h, GDK_INTERP_BILINEAR);
  if (!scaled)
    return unreadable (path, _ ("there is no memory left for it."), error);
  copy_pixels (scaled, width, height, channels, out);
  return TRUE;
}
