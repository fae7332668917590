/* Figures of the network as SVG, PNG and PDF, light, for print. */
#include "export/wb-exporters.h"

#include "diabolo-config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "export/wb-graph-figure.h"
#include "export/wb-report.h"
#include "formats/nn-replace.h"
#include "plots/wb-figure-file.h"

/* Pixels of a PNG to one of the drawing: print wants more than a screen. */
#define PNG_SCALE 3
#define MAX_EXPORTERS 32

static void
draw (cairo_t *cr, double width, double height, gpointer analysis)
{
  PangoContext *context = wb_figure_context ();
  wb_graph_figure_draw (cr, context, analysis, WB_SCHEME_LIGHT);
  g_object_unref (context);
}

/* Takes the figure, which is NULL where error is set. */
static gboolean
write_figure (GBytes *figure, const char *path, const NnExportJob *job, GError **error)
{
  g_autoptr (GBytes) content = figure;
  if (content == NULL || !nn_replace_file (path, content, job->cancellable, error))
    return FALSE;
  nn_export_progress (job, 1);
  return TRUE;
}

static gboolean
svg_write (const NnExportSource *source, const char *path, const NnExportJob *job, GError **error)
{
  double width, height;
  wb_graph_figure_size (source->analysis, &width, &height);
  return write_figure (wb_figure_to_svg (width, height, draw, source->analysis, error), path, job,
                       error);
}

static gboolean
pdf_write (const NnExportSource *source, const char *path, const NnExportJob *job, GError **error)
{
  double width, height;
  wb_graph_figure_size (source->analysis, &width, &height);
  return write_figure (wb_figure_to_pdf (width, height, nn_design_title (source->design), draw,
                                         source->analysis, error),
                       path, job, error);
}

static gboolean
png_write (const NnExportSource *source, const char *path, const NnExportJob *job, GError **error)
{
  double width, height;
  wb_graph_figure_size (source->analysis, &width, &height);
  return write_figure (wb_figure_to_png (width, height, PNG_SCALE, CAIRO_FORMAT_RGB24, draw,
                                         source->analysis, error),
                       path, job, error);
}

static const NnExporter figures[] = {
  { .id = "svg",
    .group = NN_EXPORT_FOR_FIGURES,
    .title = "SVG",
    .extension = ".svg",
    .summary = N_ ("drawing of the network"),
    .use = N_ ("The network with shapes and numbers of weights as a drawing that stays sharp at "
               "any size, for web pages and for changing it in Inkscape."),
    .parts = 1 << NN_EXPORT_ALL,
    .needs = NN_EXPORT_NETWORK,
    .write = svg_write },
  { .id = "pdf",
    .group = NN_EXPORT_FOR_FIGURES,
    .title = "PDF",
    .extension = ".pdf",
    .summary = N_ ("drawing of the network, for print"),
    .use = N_ ("The network with shapes and numbers of weights as a drawing that stays sharp at "
               "any size, for print and LaTeX."),
    .parts = 1 << NN_EXPORT_ALL,
    .needs = NN_EXPORT_NETWORK,
    .write = pdf_write },
  { .id = "png",
    .group = NN_EXPORT_FOR_FIGURES,
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
      for (NnExportGroup group = 0; group < NN_N_EXPORT_GROUPS; group++)
        {
          for (guint i = 0; engine[i]; i++)
            if (engine[i]->group == group)
              all[n++] = engine[i];
          for (guint i = 0; i < G_N_ELEMENTS (figures); i++)
            if (figures[i].group == group)
              all[n++] = &figures[i];
          if (wb_exporter_html.group == group)
            all[n++] = &wb_exporter_html;
          g_assert (n < MAX_EXPORTERS);
        }
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

char *
wb_export_file_name (WbDocument *document, NnExportPart part, const NnExporter *exporter)
{
  g_autofree char *title = wb_document_display_name (document);
  if (g_str_has_suffix (title, ".diabolo"))
    title[strlen (title) - strlen (".diabolo")] = '\0';
  g_strdelimit (title, "/", '-');
  return g_strdup_printf ("%s%s%s%s", title, part == NN_EXPORT_ALL ? "" : " - ",
                          part == NN_EXPORT_ALL ? "" : nn_export_part_id (part),
                          exporter->extension);
}
