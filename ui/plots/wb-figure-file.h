/* wb-figure-file.h: a drawing as the bytes of a file. Needs no display; any thread.
 *
 * Width and height are in pixels at 100 %; NN_ERROR_MEMORY where cairo cannot draw it.
 */
#pragma once

#include <cairo.h>
#include <gio/gio.h>

G_BEGIN_DECLS

/* Draws from (0, 0) on. */
typedef void (*WbFigureFunc) (cairo_t *cr, double width, double height, gpointer data);

/* All (transfer full). */
GBytes *wb_figure_to_svg (double width, double height, WbFigureFunc draw, gpointer data,
                          GError **error);
/* title: of the document, or NULL. */
GBytes *wb_figure_to_pdf (double width, double height, const char *title, WbFigureFunc draw,
                          gpointer data, GError **error);
/* scale: pixels of the picture to one of the drawing; less where it would be larger than cairo can.
 * format: whether what is not drawn on is seen through. */
GBytes *wb_figure_to_png (double width, double height, double scale, cairo_format_t format,
                          WbFigureFunc draw, gpointer data, GError **error);

G_END_DECLS
