#include "plots/wb-figure.h"

#include <math.h>
#include <pango/pangocairo.h>

#define CARD_RADIUS 8
#define SCALE_STEPS 32

PangoContext *
wb_figure_context (void)
{
  PangoContext *context = pango_font_map_create_context (pango_cairo_font_map_get_default ());
  PangoFontDescription *font = pango_font_description_from_string ("Cantarell, Noto Sans, Sans");

  pango_font_description_set_absolute_size (font, 12 * PANGO_SCALE);
  pango_context_set_font_description (context, font);
  pango_font_description_free (font);
  return context;
}

static PangoLayout *
make_layout (PangoContext *context, const char *markup)
{
  PangoLayout *layout = pango_layout_new (context);
  PangoAttrList *attributes, *features = pango_attr_list_new ();

  pango_layout_set_markup (layout, markup, -1);
  pango_attr_list_insert (features, pango_attr_font_features_new ("tnum=1"));
  attributes = pango_layout_get_attributes (layout);
  if (attributes != NULL)
    pango_attr_list_splice (attributes, features, 0, 0);
  else
    pango_layout_set_attributes (layout, features);
  pango_attr_list_unref (features);
  return layout;
}

PangoAttrList *
wb_figure_letters (double size, gboolean bold)
{
  PangoAttrList *attributes = pango_attr_list_new ();

  pango_attr_list_insert (attributes, pango_attr_size_new_absolute ((int)(size * PANGO_SCALE)));
  pango_attr_list_insert (attributes, pango_attr_font_features_new ("tnum=1"));
  if (bold)
    pango_attr_list_insert (attributes, pango_attr_weight_new (PANGO_WEIGHT_BOLD));
  return attributes;
}

double
wb_figure_line_height (PangoContext *context)
{
  g_autoptr (PangoLayout) layout = make_layout (context, "0");
  int height;

  pango_layout_get_pixel_size (layout, NULL, &height);
  return height;
}

double
wb_figure_text_width (PangoContext *context, const char *markup)
{
  g_autoptr (PangoLayout) layout = make_layout (context, markup);
  int width;

  pango_layout_get_pixel_size (layout, &width, NULL);
  return width;
}

double
wb_figure_text (cairo_t *cr, PangoContext *context, const char *markup, double x, double y,
                double x_align, const GdkRGBA *color)
{
  g_autoptr (PangoLayout) layout = make_layout (context, markup);
  int width, height;

  pango_layout_get_pixel_size (layout, &width, &height);
  wb_cairo_set_color (cr, color, 1);
  cairo_move_to (cr, round (x - x_align * width), round (y - height / 2.0));
  pango_cairo_show_layout (cr, layout);
  return width;
}

void
wb_figure_rounded (cairo_t *cr, const WbRect *rect, double radius)
{
  double r = MIN (radius, MIN (rect->width, rect->height) / 2);

  cairo_new_sub_path (cr);
  cairo_arc (cr, rect->x + rect->width - r, rect->y + r, r, -G_PI_2, 0);
  cairo_arc (cr, rect->x + rect->width - r, rect->y + rect->height - r, r, 0, G_PI_2);
  cairo_arc (cr, rect->x + r, rect->y + rect->height - r, r, G_PI_2, G_PI);
  cairo_arc (cr, rect->x + r, rect->y + r, r, G_PI, 3 * G_PI_2);
  cairo_close_path (cr);
}

void
wb_figure_mark (cairo_t *cr, const WbRect *rect, WbScheme scheme)
{
  const WbRect around = { rect->x - 2, rect->y, rect->width + 4, rect->height };

  wb_figure_rounded (cr, &around, 3);
  wb_cairo_set_color (cr, wb_color (WB_COLOR_ACCENT, scheme), 0.2);
  cairo_fill (cr);
}

void
wb_figure_card (cairo_t *cr, const WbRect *rect, WbScheme scheme)
{
  WbRect edge = { floor (rect->x) + 0.5, floor (rect->y) + 0.5, floor (rect->width) - 1,
                  floor (rect->height) - 1 };

  wb_figure_rounded (cr, &edge, CARD_RADIUS);
  wb_cairo_set_color (cr, wb_color (WB_COLOR_CARD, scheme), 1);
  cairo_fill_preserve (cr);
  wb_cairo_set_color (cr, wb_color (WB_COLOR_LINE, scheme), 1);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
}

static guint32
rgb_argb (const float *value, float min, float max)
{
  guint32 argb = 0xff;

  for (guint channel = 0; channel < 3; channel++)
    {
      float part = (value[channel] - min) / (max - min);
      argb = argb << 8 | (guint32)(255 * (part > 0 ? MIN (part, 1) : 0) + 0.5f);
    }
  return argb;
}

cairo_surface_t *
wb_figure_surface (const float *values, gsize width, gsize height, gsize channels,
                   WbPalette palette, WbScheme scheme, float min, float max)
{
  cairo_surface_t *surface =
      cairo_image_surface_create (CAIRO_FORMAT_ARGB32, (int)width, (int)height);
  guint8 *pixels = cairo_image_surface_get_data (surface);
  int stride = cairo_image_surface_get_stride (surface);
  float extent = max != min ? max - min : 1;

  g_return_val_if_fail (channels == 1 || channels == 3, surface);
  if (pixels == NULL)
    return surface; /* too large for cairo: it draws as nothing */
  for (gsize y = 0; y < height; y++)
    {
      guint32 *row = (guint32 *)(gpointer)(pixels + y * (gsize)stride);
      for (gsize x = 0; x < width; x++, values += channels)
        row[x] = channels == 3 ? rgb_argb (values, min, min + extent)
                               : wb_palette_argb (palette, scheme, (values[0] - min) / extent);
    }
  cairo_surface_mark_dirty (surface);
  return surface;
}

void
wb_figure_picture (cairo_t *cr, cairo_surface_t *surface, const WbRect *rect, gboolean smooth)
{
  int width = cairo_image_surface_get_width (surface);
  int height = cairo_image_surface_get_height (surface);
  /* Bilinear sees four pixels: reduced to less than half, it would leave some out. */
  gboolean tiny = 2 * rect->width < width || 2 * rect->height < height;

  if (width <= 0 || height <= 0)
    return;
  cairo_save (cr);
  cairo_rectangle (cr, rect->x, rect->y, rect->width, rect->height);
  cairo_clip (cr);
  cairo_translate (cr, rect->x, rect->y);
  cairo_scale (cr, rect->width / width, rect->height / height);
  cairo_set_source_surface (cr, surface, 0, 0);
  cairo_pattern_set_extend (cairo_get_source (cr), CAIRO_EXTEND_PAD);
  cairo_pattern_set_filter (cairo_get_source (cr), !smooth ? CAIRO_FILTER_NEAREST
                                                   : tiny  ? CAIRO_FILTER_GOOD
                                                           : CAIRO_FILTER_BILINEAR);
  cairo_paint (cr);
  cairo_restore (cr);
}

void
wb_figure_scale (cairo_t *cr, const WbRect *rect, WbPalette palette, WbScheme scheme)
{
  cairo_pattern_t *pattern = cairo_pattern_create_linear (rect->x, 0, rect->x + rect->width, 0);

  for (guint i = 0; i <= SCALE_STEPS; i++)
    {
      GdkRGBA color;
      wb_palette_color (palette, scheme, (float)i / SCALE_STEPS, &color);
      cairo_pattern_add_color_stop_rgb (pattern, (double)i / SCALE_STEPS, color.red, color.green,
                                        color.blue);
    }
  wb_figure_rounded (cr, rect, rect->height / 2);
  cairo_set_source (cr, pattern);
  cairo_fill (cr);
  cairo_pattern_destroy (pattern);
}
