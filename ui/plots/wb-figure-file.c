#include "plots/wb-figure-file.h"

#include "diabolo-config.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <glib/gi18n-lib.h>
#include <math.h>

#include "base/nn-error.h"

/* cairo's limit for pictures. */
#define PNG_MAX_SIDE 32767

static cairo_status_t
append (gpointer closure, const guchar *data, guint length)
{
  g_byte_array_append (closure, data, length);
  return CAIRO_STATUS_SUCCESS;
}

static void
draw_on (cairo_surface_t *surface, double scale, double width, double height, WbFigureFunc draw,
         gpointer data)
{
  cairo_t *cr = cairo_create (surface);
  cairo_scale (cr, scale, scale);
  draw (cr, width, height, data);
  cairo_destroy (cr);
}

/* Takes the surface, whose bytes go to `bytes`. */
static GBytes *
finish (cairo_surface_t *surface, cairo_status_t status, GByteArray *bytes, GError **error)
{
  if (status == CAIRO_STATUS_SUCCESS)
    {
      cairo_surface_finish (surface);
      status = cairo_surface_status (surface);
    }
  cairo_surface_destroy (surface);
  if (status == CAIRO_STATUS_SUCCESS)
    return g_byte_array_free_to_bytes (bytes);
  g_byte_array_unref (bytes);
  g_set_error (error, NN_ERROR, NN_ERROR_MEMORY, _ ("The figure could not be drawn: %s."),
               cairo_status_to_string (status));
  return NULL;
}

GBytes *
wb_figure_to_svg (double width, double height, WbFigureFunc draw, gpointer data, GError **error)
{
  GByteArray *bytes = g_byte_array_new ();
  cairo_surface_t *surface = cairo_svg_surface_create_for_stream (append, bytes, width, height);
  cairo_svg_surface_set_document_unit (surface, CAIRO_SVG_UNIT_PX);
  draw_on (surface, 1, width, height, draw, data);
  return finish (surface, CAIRO_STATUS_SUCCESS, bytes, error);
}

GBytes *
wb_figure_to_pdf (double width, double height, const char *title, WbFigureFunc draw, gpointer data,
                  GError **error)
{
  GByteArray *bytes = g_byte_array_new ();
  cairo_surface_t *surface = cairo_pdf_surface_create_for_stream (append, bytes, width, height);
  if (title != NULL)
    cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_TITLE, title);
  draw_on (surface, 1, width, height, draw, data);
  return finish (surface, CAIRO_STATUS_SUCCESS, bytes, error);
}

GBytes *
wb_figure_to_png (double width, double height, double scale, cairo_format_t format,
                  WbFigureFunc draw, gpointer data, GError **error)
{
  GByteArray *bytes = g_byte_array_new ();
  scale = MIN (scale, PNG_MAX_SIDE / MAX (width, height));
  cairo_surface_t *surface =
      cairo_image_surface_create (format, (int)floor (scale * width), (int)floor (scale * height));
  draw_on (surface, scale, width, height, draw, data);
  return finish (surface, cairo_surface_write_to_png_stream (surface, append, bytes), bytes, error);
}
