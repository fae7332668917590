/* wb-figure.h: what drawn figures have in common: text, cards and pictures of values on a cairo
 * context. Needs no display, so the same code draws on the screen and into files.
 */
#pragma once

#include "plots/wb-colors.h"

G_BEGIN_DECLS

typedef struct
{
  double x, y, width, height;
} WbRect;

/* A context for drawing into a file: the desktop's font at the size of captions. (transfer full) */
PangoContext *wb_figure_context (void);

/* Letters of that size in pixels, figures of one width. (transfer full) */
PangoAttrList *wb_figure_letters (double size, gboolean bold);

/* Height of a line of the context's font. */
double wb_figure_line_height (PangoContext *context);
/* The width that markup (Pango markup, figures of one width) takes. */
double wb_figure_text_width (PangoContext *context, const char *markup);
/* Draws markup with x_align (0 left, 0.5 centred, 1 right) of it at x and its vertical middle at y.
 * Returns its width. */
double wb_figure_text (cairo_t *cr, PangoContext *context, const char *markup, double x, double y,
                       double x_align, const GdkRGBA *color);

/* A box in the colour of cards with a thin border, for what is laid over a drawing. */
void wb_figure_card (cairo_t *cr, const WbRect *rect, WbScheme scheme);
void wb_figure_rounded (cairo_t *cr, const WbRect *rect, double radius);
/* Behind the item that the pointer or the keys are at. */
void wb_figure_mark (cairo_t *cr, const WbRect *rect, WbScheme scheme);

/* (height, width, channels) with 1 or 3 channels as a picture; palette is for one channel, three
 * are taken as red, green and blue between min and max; max below min inverts. (transfer full) */
cairo_surface_t *wb_figure_surface (const float *values, gsize width, gsize height, gsize channels,
                                    WbPalette palette, WbScheme scheme, float min, float max);
/* Stretches a picture over rect; smooth: filtered, else each value keeps its hard edges. */
void wb_figure_picture (cairo_t *cr, cairo_surface_t *surface, const WbRect *rect, gboolean smooth);
/* The palette from left to right with rounded ends. */
void wb_figure_scale (cairo_t *cr, const WbRect *rect, WbPalette palette, WbScheme scheme);

G_END_DECLS
