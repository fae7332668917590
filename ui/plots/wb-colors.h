/* wb-colors.h: the colours of everything that is drawn rather than styled, and pictures from
 * values.
 *
 * Light, dark and their high-contrast forms; widgets styled by css use libadwaita's named colours
 * instead. Drawing for a file passes WB_SCHEME_LIGHT.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef enum
{
  WB_SCHEME_LIGHT,
  WB_SCHEME_DARK,
  WB_SCHEME_LIGHT_CONTRAST,
  WB_SCHEME_DARK_CONTRAST,
  WB_N_SCHEMES
} WbScheme;

/* The order is that of the table in wb-colors.c. */
typedef enum
{
  WB_COLOR_CANVAS, /* surfaces */
  WB_COLOR_VIEWER,
  WB_COLOR_CARD,
  WB_COLOR_TEXT,
  WB_COLOR_DIM,  /* second text */
  WB_COLOR_LINE, /* borders, axes */
  WB_COLOR_GRID,
  WB_COLOR_EDGE,   /* connections and ports of the graph */
  WB_COLOR_BAR,    /* histograms */
  WB_COLOR_ACCENT, /* selected, active, training */
  WB_COLOR_TRAIN,
  WB_COLOR_VALIDATION,
  WB_COLOR_FINE,
  WB_COLOR_WARNING,
  WB_COLOR_ERROR,
  WB_COLOR_ENCODER, /* grounds */
  WB_COLOR_CODE,
  WB_COLOR_DECODER,
  WB_COLOR_ENCODER_TEXT, /* their labels */
  WB_COLOR_CODE_TEXT,
  WB_COLOR_DECODER_TEXT,
  WB_COLOR_INPUT, /* layer categories, in the order of NnCategory */
  WB_COLOR_CORE,
  WB_COLOR_CONVOLUTION,
  WB_COLOR_NOISE,
  WB_COLOR_SEQUENCE,
  WB_COLOR_VARIATIONAL,
  WB_N_COLORS
} WbColor;

typedef enum
{
  WB_PALETTE_GRAY,      /* images as they are: black to white */
  WB_PALETTE_VIRIDIS,   /* sequential data */
  WB_PALETTE_DIVERGING, /* signed data: blue - background - red; centre it with min = -max */
} WbPalette;

#define WB_N_CLASSES 10

/* What the desktop asks for now (adw_style_manager). Watch "notify::dark" and
 * "notify::high-contrast". */
WbScheme wb_scheme_current (void);
gboolean wb_scheme_is_dark (WbScheme scheme);

const GdkRGBA *wb_color (WbColor color, WbScheme scheme);
/* Class label's colour; labels beyond WB_N_CLASSES start again. */
const GdkRGBA *wb_color_class (guint label, WbScheme scheme);
void wb_cairo_set_color (cairo_t *cr, const GdkRGBA *color, double opacity);

/* position 0..1 (clamped; NaN reads as 0), as 0xAARRGGBB. */
guint32 wb_palette_argb (WbPalette palette, WbScheme scheme, float position);
void wb_palette_color (WbPalette palette, WbScheme scheme, float position, GdkRGBA *color);

/* One pixel per value, row-major (height, width); min and max are the palette's ends (max > min,
 * else everything reads as the lower end; diverging: the middle). Draw it unfiltered where cells
 * are meant (wb_snapshot_append_pixels()). (transfer full) */
GdkTexture *wb_texture_from_values (const float *values, gsize width, gsize height,
                                    WbPalette palette, WbScheme scheme, float min, float max);
/* (height, width, 3); min and max are the ends of each colour. (transfer full) */
GdkTexture *wb_texture_from_rgb (const float *values, gsize width, gsize height, float min,
                                 float max);
/* An image (height, width, channels): in colour where it has three, else its first channel in grey
 * from min to max. */
GdkTexture *wb_texture_from_image (const float *values, gsize width, gsize height, gsize channels,
                                   float min, float max);
/* (height, width, channels) as a grid of `columns` maps with `gap` transparent pixels between.
 * (transfer full) */
GdkTexture *wb_texture_from_maps (const float *values, gsize width, gsize height, gsize channels,
                                  gsize columns, gsize gap, WbPalette palette, WbScheme scheme,
                                  float min, float max);

/* The texture in bounds with hard pixel edges, also when enlarged (GTK 4.8 has no filter choice).
 */
void wb_snapshot_append_pixels (GtkSnapshot *snapshot, GdkTexture *texture,
                                const graphene_rect_t *bounds);

/* Smallest and largest finite value; 0, 0 where there is none. */
void wb_value_range (const float *values, gsize n, float *min, float *max);

G_END_DECLS
