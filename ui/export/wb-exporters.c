/* Figures of the network as SVG, PNG and PDF, light, for print. */
#include "export/wb-exporters.h"

#include "diabolo-config.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <glib/gi18n-lib.h>
#include <math.h>

#include "base/nn-error.h"
#include "export/wb-graph-figure.h"
#include "formats/nn-replace.h"

/* Pixels of a PNG to one of the drawing: print wants more than a screen. */
#define PNG_SCALE 3
/* cairo's limit for pictures. */
#define PNG_MAX_SIDE 32767
#define MAX_EXPORTERS 32

static cairo_status_t
append (gpointer closure, const guchar *data, guint length)
{
  g_byte_array_append (closure, data, length);
  return CAIRO_STATUS_SUCCESS;
}

static void
draw (cairo_surface_t *surface, NnAnalysis *analysis, double scale)
{
  cairo_t *cr = cairo_create (surface);
  PangoContext *context = wb_figure_context ();
  cairo_scale (cr, scale, scale);
  wb_graph_figure_draw (cr, context, analysis, WB_SCHEME_LIGHT);
  g_object_unref (context);
  cairo_destroy (cr);
}

/* Takes the surface, whose bytes go to `bytes`. */
static gboolean
finish (cairo_surface_t *surface, cairo_status_t status, GByteArray *bytes, const char *path,
        const NnExportJob *job, GError **error)
{
  if (status == CAIRO_STATUS_SUCCESS)
    {
      cairo_surface_finish (surface);
      status = cairo_surface_status (surface);
    }
  cairo_surface_destroy (surface);
  g_autoptr (GBytes) content = g_byte_array_free_to_bytes (bytes);
  if (status != CAIRO_STATUS_SUCCESS)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_MEMORY, _ ("The figure could not be drawn: %s."),
                   cairo_status_to_string (status));
      return FALSE;
    }
  if (!nn_replace_file (path, content, job->cancellable, error))
    return FALSE;
  nn_export_progress (job, 1);
  return TRUE;
}

static gboolean
svg_write (const NnExportSource *source, const char *path, const NnExportJob *job, GError **error)
{
  GByteArray *bytes = g_byte_array_new ();
  double width, height;
  wb_graph_figure_size (source->analysis, &width, &height);
  cairo_surface_t *surface = cairo_svg_surface_create_for_stream (append, bytes, width, height);
  cairo_svg_surface_set_document_unit (surface, CAIRO_SVG_UNIT_PX);
  draw (surface, source->analysis, 1);
  return finish (surface, CAIRO_STATUS_SUCCESS, bytes, path, job, error);
}

static gboolean
pdf_write (const NnExportSource *source, const char *path, const NnExportJob *job, GError **error)
{
  GByteArray *bytes = g_byte_array_new ();
  double width, height;
  wb_graph_figure_size (source->analysis, &width, &height);
  cairo_surface_t *surface = cairo_pdf_surface_create_for_stream (append, bytes, width, height);
  cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_TITLE,
                                  nn_design_title (source->design));
  draw (surface, source->analysis, 1);
  return finish (surface, CAIRO_STATUS_SUCCESS, bytes, path, job, error);
}

static gboolean
png_write (const NnExportSource *source, const char *path, const NnExportJob *job, GError **error)
{
  GByteArray *bytes = g_byte_array_new ();
  double width, height;
  wb_graph_figure_size (source->analysis, &width, &height);
  const double scale = MIN (PNG_SCALE, PNG_MAX_SIDE / MAX (width, height));
  cairo_surface_t *surface = cairo_image_surface_create (
      CAIRO_FORMAT_RGB24, (int)floor (scale * width), (int)floor (scale * height));
  draw (surface, source->analysis, scale);
  return finish (surface, cairo_surface_write_to_png_stream (surface, append, bytes), bytes, path,
                 job, error);
}

static const NnExporter figures[] = {
  { .id = "svg",
    .title = "SVG",
    .extension = ".svg",
    .summary = N_ ("drawing of the network"),
    .use = N_ ("The network with shapes and numbers of weights as a drawing that stays sharp at "
               "any size, for web pages and for changing it in Inkscape."),
    .parts = 1 << NN_EXPORT_ALL,
    .needs = NN_EXPORT_NETWORK,
    .write = svg_write },
  { .id = "pdf",
    .title = "PDF",
    .extension = ".pdf",
    .summary = N_ ("drawing of the network, for print"),
    .use = N_ ("The network with shapes and numbers of weights as a drawing that stays sharp at "
               "any size, for print and LaTeX."),
    .parts = 1 << NN_EXPORT_ALL,
    .needs = NN_EXPORT_NETWORK,
    .write = pdf_write },
  { .id = "png",
    .title = "PNG",
    .extension = ".png",
    .summary = N_ ("picture of the network"),
    .use = N_ ("The network with shapes and numbers of weights as a picture, for slides and "
               "documents."),
    .parts = 1 << NN_EXPORT_ALL,
    .needs = NN_EXPORT_NETWORK,
    .write = png_write },
};

gboolean
wb_exporter_is_figure (const NnExporter *exporter)
{
  return exporter >= figures && exporter < figures + G_N_ELEMENTS (figures);
}

const NnExporter *const *
wb_exporters (void)
{
  static const NnExporter *all[MAX_EXPORTERS];
  static gsize done;
  if (g_once_init_enter (&done))
    {
      const NnExporter *const *engine = nn_exporters ();
      guint n = 0;
      for (guint i = 0; engine[i]; i++)
        all[n++] = engine[i];
      g_assert (n + G_N_ELEMENTS (figures) < MAX_EXPORTERS);
      for (guint i = 0; i < G_N_ELEMENTS (figures); i++)
        all[n++] = &figures[i];
      g_once_init_leave (&done, 1);
    }
  return all;
}

const NnExporter *
wb_exporter (const char *id)
{
  const NnExporter *const *all = wb_exporters ();
  for (guint i = 0; all[i]; i++)
    if (g_str_equal (all[i]->id, id))
      return all[i];
  return NULL;
}
