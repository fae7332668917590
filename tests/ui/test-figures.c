/* Figures of a network: written without a display, as large as they say, with everything in them.
 */
#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "data/nn-data-source.h"
#include "export/wb-exporters.h"
#include "export/wb-graph-figure.h"
#include "formats/nn-lessons.h"

static char *folder;

static NnExportSource *
source_of (NnDesign *design)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NnDataInfo) info =
      nn_data_peek (nn_params_text (nn_design_data (design), "name"), &error);
  g_assert_no_error (error);
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, info, 0);
  return nn_export_source_new (design, analysis, NULL, NN_EXPORT_ALL);
}

static NnExportSource *
lesson (const char *id)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NnDesign) design = nn_lesson_design (id, &error);
  g_assert_no_error (error);
  return source_of (design);
}

/* (transfer full) */
static char *export(const char *format, const NnExportSource *source, gsize *length)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (folder, "figure", NULL);
  char *bytes;
  nn_export_write (wb_exporter (format), source, path, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (path, &bytes, length, NULL));
  g_assert_cmpint (g_unlink (path), ==, 0);
  return bytes;
}

static void
test_list (void)
{
  const NnExporter *const *all = wb_exporters ();
  guint n = 0, n_figures = 0;
  for (; all[n]; n++)
    {
      for (guint i = 0; i < n; i++)
        g_assert_cmpstr (all[i]->id, !=, all[n]->id);
      n_figures += wb_exporter_is_figure (all[n]);
    }
  g_assert_cmpuint (n_figures, ==, 3);
  g_assert_true (wb_exporter ("onnx") == nn_exporter ("onnx"));
  g_assert_null (wb_exporter ("tape"));
}

static void
test_vector (void)
{
  g_autoptr (NnExportSource) source = lesson ("variational");
  gsize svg_length, pdf_length;
  g_autofree char *svg = export("svg", source, &svg_length);
  g_autofree char *pdf = export("pdf", source, &pdf_length);
  double width, height;
  wb_graph_figure_size (source->analysis, &width, &height);
  g_autofree char *size = g_strdup_printf ("viewBox=\"0 0 %g %g\"", width, height);
  g_assert_nonnull (strstr (svg, size));
  /* Lines and letters, no picture of them. */
  g_assert_null (strstr (svg, "<image"));
  g_assert_true (g_str_has_prefix (pdf, "%PDF-"));
  g_assert_cmpuint (pdf_length, >, 1000);
}

/* Number of pixels that are not white in a part of the picture, shares of its size. */
static guint
inked (GdkPixbuf *picture, double left, double top, double right, double bottom)
{
  const int width = gdk_pixbuf_get_width (picture), height = gdk_pixbuf_get_height (picture);
  const int channels = gdk_pixbuf_get_n_channels (picture);
  guint n = 0;
  for (int y = (int)(top * height); y < (int)(bottom * height); y++)
    for (int x = (int)(left * width); x < (int)(right * width); x++)
      {
        const guint8 *pixel = gdk_pixbuf_read_pixels (picture)
                              + y * gdk_pixbuf_get_rowstride (picture) + x * channels;
        n += pixel[0] != 255 || pixel[1] != 255 || pixel[2] != 255;
      }
  return n;
}

static void
test_picture (void)
{
  g_autoptr (NnExportSource) source = lesson ("two-outputs");
  g_autoptr (GError) error = NULL;
  gsize length;
  g_autofree char *png = export("png", source, &length);
  g_autoptr (GInputStream) stream = g_memory_input_stream_new_from_data (png, (gssize)length, NULL);
  g_autoptr (GdkPixbuf) picture = gdk_pixbuf_new_from_stream (stream, NULL, &error);
  double width, height;
  g_assert_no_error (error);
  wb_graph_figure_size (source->analysis, &width, &height);
  g_assert_cmpint (gdk_pixbuf_get_width (picture), ==, (int)floor (3 * width));
  g_assert_cmpint (gdk_pixbuf_get_height (picture), ==, (int)floor (3 * height));
  /* A margin all around, and cards from one side to the other. */
  g_assert_cmpuint (inked (picture, 0, 0, 1, 0.01), ==, 0);
  g_assert_cmpuint (inked (picture, 0, 0.995, 1, 1), ==, 0);
  for (guint i = 0; i < 4; i++)
    g_assert_cmpuint (inked (picture, i / 4.0, 0, (i + 1) / 4.0, 1), >, 1000);
}

/* A new, empty network has a figure, too. */
static void
test_empty (void)
{
  g_autoptr (NnDesign) design = nn_design_new ();
  g_autoptr (NnExportSource) source = source_of (design);
  static const char *const formats[] = { "svg", "pdf", "png", "dot" };
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      gsize length;
      g_autofree char *bytes = export(formats[i], source, &length);
      g_assert_cmpuint (length, >, 20);
    }
}

static void
test_dot (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NnDesign) plain = nn_lesson_design ("variational", &error);
  g_assert_no_error (error);
  const NnNode *mean = nn_design_node_by_name (plain, "Mean");
  g_autoptr (NnDesign) design =
      nn_design_rename_node (plain, mean->id, "a {b} | \"c\" <d> \\", &error);
  g_assert_no_error (error);
  g_autoptr (NnExportSource) source = source_of (design);
  gsize length;
  g_autofree char *dot = export("dot", source, &length);
  static const char *const parts[] = {
    "digraph \"Variational autoencoder\"",
    "subgraph cluster_encoder",
    "a\\ \\{b\\}\\ \\|\\ \\\"c\\\"\\ \\<d\\>\\ \\\\|",
    "in:\\ N×256|out:\\ N×2|514\\ parameters",
    "n1 -> n9 [style=dashed",
    "n3 -> n5;",
  };
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    if (!strstr (dot, parts[i]))
      g_error ("no “%s” in:\n%s", parts[i], dot);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("diabolo-figures-XXXXXX", NULL);
  g_test_add_func ("/figures/list", test_list);
  g_test_add_func ("/figures/vector", test_vector);
  g_test_add_func ("/figures/picture", test_picture);
  g_test_add_func ("/figures/empty", test_empty);
  g_test_add_func ("/figures/dot", test_dot);
  const int status = g_test_run ();
  g_rmdir (folder);
  g_free (folder);
  return status;
}
