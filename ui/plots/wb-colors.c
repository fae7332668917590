#include "plots/wb-colors.h"

#include <adwaita.h>
#include <math.h>

#define RGBA(rgb, a)                                                                               \
  {                                                                                                \
    (((rgb) >> 16) & 255) / 255.0f, (((rgb) >> 8) & 255) / 255.0f, ((rgb)&255) / 255.0f, a         \
  }
#define SAME(light, dark)                                                                          \
  {                                                                                                \
    light, dark, light, dark                                                                       \
  }

/* In the order of WbColor; columns in the order of WbScheme. */
static const GdkRGBA colors[WB_N_COLORS][WB_N_SCHEMES] = {
  SAME (RGBA (0xf6f5f4, 1), RGBA (0x1e1e1e, 1)),                                        /* CANVAS */
  SAME (RGBA (0xffffff, 1), RGBA (0x242424, 1)),                                        /* VIEWER */
  SAME (RGBA (0xffffff, 1), RGBA (0x303030, 1)),                                        /* CARD */
  { RGBA (0x000000, .8f), RGBA (0xffffff, 1), RGBA (0x000000, 1), RGBA (0xffffff, 1) }, /* TEXT */
  { RGBA (0x000000, .56f), RGBA (0xffffff, .64f), RGBA (0x000000, .9f),
    RGBA (0xffffff, .9f) }, /* DIM */
  { RGBA (0x000000, .12f), RGBA (0xffffff, .12f), RGBA (0x000000, .6f),
    RGBA (0xffffff, .6f) }, /* LINE */
  { RGBA (0x000000, .07f), RGBA (0xffffff, .07f), RGBA (0x000000, .3f),
    RGBA (0xffffff, .3f) },                                                           /* GRID */
  { RGBA (0x8b8b8b, 1), RGBA (0x8c8c8c, 1), RGBA (0x303030, 1), RGBA (0xe0e0e0, 1) }, /* EDGE */
  { RGBA (0x8493a1, 1), RGBA (0x7d8894, 1), RGBA (0x404a54, 1), RGBA (0xc4d0dc, 1) }, /* BAR */
  { RGBA (0x3584e4, 1), RGBA (0x3584e4, 1), RGBA (0x1a5fb4, 1), RGBA (0x78aeed, 1) }, /* ACCENT */
  { RGBA (0x3584e4, 1), RGBA (0x62a0ea, 1), RGBA (0x1a5fb4, 1), RGBA (0x99c1f1, 1) }, /* TRAIN */
  { RGBA (0xc64600, 1), RGBA (0xffa348, 1), RGBA (0x9c3700, 1),
    RGBA (0xffbe6f, 1) }, /* VALIDATION */
  { RGBA (0x1b8553, 1), RGBA (0x8ff0a4, 1), RGBA (0x126038, 1), RGBA (0x8ff0a4, 1) }, /* FINE */
  { RGBA (0x9c6e03, 1), RGBA (0xf8e45c, 1), RGBA (0x6b4b00, 1), RGBA (0xf8e45c, 1) }, /* WARNING */
  { RGBA (0xe01b24, 1), RGBA (0xf66151, 1), RGBA (0xa51d2d, 1), RGBA (0xff938c, 1) }, /* ERROR */
  SAME (RGBA (0x3584e4, .075f), RGBA (0x62a0ea, .09f)),                               /* ENCODER */
  SAME (RGBA (0xe5a50a, .11f), RGBA (0xe5a50a, .13f)),                                /* CODE */
  SAME (RGBA (0x26a269, .085f), RGBA (0x57e389, .07f)),                               /* DECODER */
  { RGBA (0x1c5fb0, 1), RGBA (0x99c1f1, 1), RGBA (0x0d3c7a, 1),
    RGBA (0xc6defa, 1) }, /* ENCODER_TEXT */
  { RGBA (0x8a5c00, 1), RGBA (0xf5d76e, 1), RGBA (0x5c3d00, 1),
    RGBA (0xf9e9a8, 1) }, /* CODE_TEXT */
  { RGBA (0x1b7a4a, 1), RGBA (0x8ff0a4, 1), RGBA (0x0e4f2e, 1),
    RGBA (0xc3f7cf, 1) },                        /* DECODER_TEXT */
  SAME (RGBA (0x6f8396, 1), RGBA (0x93a4b4, 1)), /* INPUT */
  SAME (RGBA (0x3584e4, 1), RGBA (0x62a0ea, 1)), /* CORE */
  SAME (RGBA (0x9141ac, 1), RGBA (0xc07bdb, 1)), /* CONVOLUTION */
  SAME (RGBA (0xe66100, 1), RGBA (0xff9544, 1)), /* NOISE */
  SAME (RGBA (0x2190a4, 1), RGBA (0x4fbfd2, 1)), /* SEQUENCE */
  SAME (RGBA (0xd56199, 1), RGBA (0xef8cbc, 1)), /* VARIATIONAL */
};

/* Okabe-Ito extended to ten: told apart with any of the common colour deficiencies. */
static const GdkRGBA class_colors[2][WB_N_CLASSES] = {
  { RGBA (0x0072B2, 1), RGBA (0xE69F00, 1), RGBA (0x009E73, 1), RGBA (0xCC79A7, 1),
    RGBA (0x56B4E9, 1), RGBA (0xD55E00, 1), RGBA (0xA89B00, 1), RGBA (0x5B4FB5, 1),
    RGBA (0x882255, 1), RGBA (0x7F7F7F, 1) },
  { RGBA (0x3D9BDB, 1), RGBA (0xF0B030, 1), RGBA (0x22B88C, 1), RGBA (0xDE94BD, 1),
    RGBA (0x7CCBF5, 1), RGBA (0xF0772B, 1), RGBA (0xD6C92A, 1), RGBA (0x9A90EE, 1),
    RGBA (0xC75C93, 1), RGBA (0xA8A8A8, 1) },
};

/* Evenly spaced stops, interpolated linearly. */
typedef struct
{
  guint n;
  guint32 rgb[11];
} Ramp;

static const Ramp gray_ramp = { 2, { 0x000000, 0xffffff } };
/* N. Smith and S. van der Walt, matplotlib's viridis, every tenth (CC0). */
static const Ramp viridis_ramp = { 11,
                                   { 0x440154, 0x482576, 0x414487, 0x35608d, 0x2a788e, 0x21908c,
                                     0x22a884, 0x43bf71, 0x7ad151, 0xbbdf27, 0xfde725 } };
static const Ramp diverging_ramps[2] = { { 3, { 0x2166ac, 0xffffff, 0xe03c31 } },
                                         { 3, { 0x5ca0f0, 0x2d2d2d, 0xff6b5e } } };

WbScheme
wb_scheme_current (void)
{
  AdwStyleManager *manager = adw_style_manager_get_default ();

  return (adw_style_manager_get_dark (manager) ? WB_SCHEME_DARK : WB_SCHEME_LIGHT)
         + (adw_style_manager_get_high_contrast (manager) ? WB_SCHEME_LIGHT_CONTRAST : 0);
}

gboolean
wb_scheme_is_dark (WbScheme scheme)
{
  return scheme == WB_SCHEME_DARK || scheme == WB_SCHEME_DARK_CONTRAST;
}

const GdkRGBA *
wb_color (WbColor color, WbScheme scheme)
{
  g_return_val_if_fail (color < WB_N_COLORS && scheme < WB_N_SCHEMES, &colors[0][0]);
  return &colors[color][scheme];
}

const GdkRGBA *
wb_color_class (guint label, WbScheme scheme)
{
  return &class_colors[wb_scheme_is_dark (scheme)][label % WB_N_CLASSES];
}

void
wb_cairo_set_color (cairo_t *cr, const GdkRGBA *color, double opacity)
{
  cairo_set_source_rgba (cr, color->red, color->green, color->blue, color->alpha * opacity);
}

static const Ramp *
find_ramp (WbPalette palette, WbScheme scheme)
{
  switch (palette)
    {
    case WB_PALETTE_GRAY:
      return &gray_ramp;
    case WB_PALETTE_VIRIDIS:
      return &viridis_ramp;
    case WB_PALETTE_DIVERGING:
      return &diverging_ramps[wb_scheme_is_dark (scheme)];
    }
  g_return_val_if_reached (&gray_ramp);
}

static guint32
ramp_argb (const Ramp *ramp, float position)
{
  float place = (position > 0 ? MIN (position, 1.0f) : 0) * (ramp->n - 1);
  guint lower = MIN ((guint)place, ramp->n - 2);
  float part = place - lower;
  guint32 from = ramp->rgb[lower], to = ramp->rgb[lower + 1], argb = 0xff000000u;

  for (int shift = 0; shift <= 16; shift += 8)
    {
      float a = (from >> shift) & 255, b = (to >> shift) & 255;

      argb |= (guint32)(a + (b - a) * part + 0.5f) << shift;
    }
  return argb;
}

guint32
wb_palette_argb (WbPalette palette, WbScheme scheme, float position)
{
  return ramp_argb (find_ramp (palette, scheme), position);
}

void
wb_palette_color (WbPalette palette, WbScheme scheme, float position, GdkRGBA *color)
{
  guint32 argb = wb_palette_argb (palette, scheme, position);

  *color = (GdkRGBA)RGBA (argb, 1);
}

/* From values to colours. */
typedef struct
{
  const Ramp *ramp;
  float min, factor, fallback; /* factor: 0 where all values have one colour, the fallback's */
} Scale;

static Scale
scale_of (WbPalette palette, WbScheme scheme, float min, float max)
{
  return (Scale){
    .ramp = find_ramp (palette, scheme),
    .min = min,
    .factor = max > min ? 1 / (max - min) : 0,
    .fallback = palette == WB_PALETTE_DIVERGING ? 0.5f : 0,
  };
}

/* values: the first of height x width x channels that are shown; pixels: rows of row_width. */
static void
draw_map (const Scale *scale, const float *values, gsize width, gsize height, gsize channels,
          guint32 *pixels, gsize row_width)
{
  for (gsize y = 0; y < height; y++)
    for (gsize x = 0; x < width; x++)
      {
        float value = values[(y * width + x) * channels];
        float position = scale->factor > 0 ? (value - scale->min) * scale->factor : scale->fallback;

        pixels[y * row_width + x] = ramp_argb (scale->ramp, position);
      }
}

/* pixels: width x height of 0xAARRGGBB in the processor's order, taken over. */
static GdkTexture *
texture_from_pixels (guint32 *pixels, gsize width, gsize height)
{
  g_autoptr (GBytes) bytes = g_bytes_new_take (pixels, width * height * sizeof *pixels);

  return gdk_memory_texture_new ((int)width, (int)height, GDK_MEMORY_DEFAULT, bytes,
                                 width * sizeof *pixels);
}

GdkTexture *
wb_texture_from_values (const float *values, gsize width, gsize height, WbPalette palette,
                        WbScheme scheme, float min, float max)
{
  return wb_texture_from_maps (values, width, height, 1, 1, 0, palette, scheme, min, max);
}

GdkTexture *
wb_texture_from_rgb (const float *values, gsize width, gsize height, float min, float max)
{
  const float extent = max > min ? max - min : 1;
  guint32 *pixels;

  g_return_val_if_fail (values != NULL && width > 0 && height > 0, NULL);
  pixels = g_new (guint32, width * height);
  for (gsize i = 0; i < width * height; i++)
    {
      guint32 argb = 0xff;

      for (gsize c = 0; c < 3; c++)
        {
          float value = (values[3 * i + c] - min) / extent;

          argb = argb << 8 | (guint32)(255 * (value > 0 ? MIN (value, 1.0f) : 0) + 0.5f);
        }
      pixels[i] = argb;
    }
  return texture_from_pixels (pixels, width, height);
}

GdkTexture *
wb_texture_from_image (const float *values, gsize width, gsize height, gsize channels, float min,
                       float max)
{
  if (channels == 3)
    return wb_texture_from_rgb (values, width, height, min, max);
  g_return_val_if_fail (values != NULL && width > 0 && height > 0, NULL);
  const Scale scale = scale_of (WB_PALETTE_GRAY, wb_scheme_current (), min, max);
  guint32 *pixels = g_new (guint32, width * height);
  draw_map (&scale, values, width, height, channels, pixels, width);
  return texture_from_pixels (pixels, width, height);
}

GdkTexture *
wb_texture_from_maps (const float *values, gsize width, gsize height, gsize channels, gsize columns,
                      gsize gap, WbPalette palette, WbScheme scheme, float min, float max)
{
  const Scale scale = scale_of (palette, scheme, min, max);
  gsize rows, full_width, full_height;
  guint32 *pixels;

  g_return_val_if_fail (values != NULL && width > 0 && height > 0, NULL);
  g_return_val_if_fail (channels > 0 && columns > 0, NULL);

  rows = (channels + columns - 1) / columns;
  full_width = columns * (width + gap) - gap;
  full_height = rows * (height + gap) - gap;
  pixels = g_new0 (guint32, full_width * full_height);
  for (gsize c = 0; c < channels; c++)
    {
      gsize left = c % columns * (width + gap), top = c / columns * (height + gap);

      draw_map (&scale, values + c, width, height, channels, &pixels[top * full_width + left],
                full_width);
    }
  return texture_from_pixels (pixels, full_width, full_height);
}

void
wb_snapshot_append_pixels (GtkSnapshot *snapshot, GdkTexture *texture,
                           const graphene_rect_t *bounds)
{
  int width = gdk_texture_get_width (texture), height = gdk_texture_get_height (texture);
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, width, height);
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, bounds);

  gdk_texture_download (texture, cairo_image_surface_get_data (surface),
                        (gsize)cairo_image_surface_get_stride (surface));
  cairo_surface_mark_dirty (surface);
  cairo_translate (cr, bounds->origin.x, bounds->origin.y);
  cairo_scale (cr, bounds->size.width / width, bounds->size.height / height);
  cairo_set_source_surface (cr, surface, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_NEAREST);
  cairo_paint (cr);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
}

void
wb_value_range (const float *values, gsize n, float *min, float *max)
{
  float low = INFINITY, high = -INFINITY;

  for (gsize i = 0; i < n; i++)
    {
      if (!isfinite (values[i]))
        continue;
      low = MIN (low, values[i]);
      high = MAX (high, values[i]);
    }
  *min = low <= high ? low : 0;
  *max = low <= high ? high : 0;
}
