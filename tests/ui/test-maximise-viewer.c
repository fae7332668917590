/* Galleries of what excites units and histograms over time: lists of units, geometry, pixels, and
 * their viewers in a window. */
#include "look-fixture.h"
#include "viewer-fixture.h"

#include <math.h>

#include "base/nn-error.h"
#include "viewers/wb-gallery.h"
#include "viewers/wb-histograms-draw.h"
#include "viewers/wb-layer-picker.h"
#include "viewers/wb-viewer.h"

static char *data_folder;

/* ---- lists of units ---- */

static void
check_list (const char *text, guint n_layer, const char *again)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) units = wb_unit_list_parse (text, n_layer, &error);
  g_assert_no_error (error);
  g_autofree char *written = wb_unit_list_format (units);
  g_assert_cmpstr (written, ==, again);
}

static void
test_lists (void)
{
  static const char *const wrong[] = { "0", "5-3", "33", "1-40", "1, x", "three" };

  check_list ("3", 32, "3");
  check_list ("20 1-4,7;  3", 32, "1–4, 7, 20");
  check_list ("1 – 3", 32, "1–3");
  check_list ("9, 10", 32, "9, 10");
  check_list ("30-", 32, "30–32");
  check_list ("", 32, "1–32");
  check_list ("ALL", 500, "1–64"); /* as many as are shown at a time */
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (wb_unit_list_parse (wrong[i], 32, &error));
      g_assert_error (error, NN_ERROR, NN_ERROR_RANGE);
    }
}

static void
check_turn (const char *from, gint pages, const char *to)
{
  g_autoptr (GArray) units = wb_unit_list_parse (from, 40, NULL);
  g_autoptr (GArray) turned = wb_unit_list_turn (units, 40, pages);
  g_autofree char *text = wb_unit_list_format (turned);
  g_assert_cmpstr (text, ==, to);
}

static void
test_turn (void)
{
  check_turn ("1-16", 1, "17–32");
  check_turn ("17-32", 1, "25–40"); /* the last page is a whole one */
  check_turn ("25-40", -1, "9–24");
  check_turn ("9-24", -1, "1–16");
  check_turn ("2, 5, 9", 1, "10–12");
  check_turn ("1-40", 1, "1–40");
}

/* ---- data, geometry, pixels ---- */

/* An answer for n pictures of a shape: picture i is filled with i. (transfer full) */
static NnMaximiseResult *
make_result (const NnShape *shape, guint n)
{
  NnMaximiseResult *result = g_new0 (NnMaximiseResult, 1);
  const gsize size = (gsize)nn_shape_size (shape);

  g_atomic_ref_count_init (&result->base.refs);
  result->base.type = &nn_maximise_probe_type;
  result->node = 3;
  result->n_layer = n + 4;
  result->n = n;
  result->units = g_new (guint32, n);
  result->shape = *shape;
  result->pictures = nn_tensor_new (&nn_shape (n, (gint64)size));
  result->activation = g_new (float, n);
  result->flat = g_new0 (gboolean, n);
  result->n_steps = 5;
  result->n_points = 2;
  result->stride = 4;
  result->course = g_new (float, 2 * n);
  result->low = 0;
  result->high = (float)(n - 1);
  for (guint i = 0; i < n; i++)
    {
      result->units[i] = 2 * i + 1;
      result->activation[i] = 1.5f + (float)i;
      result->course[i] = 0.25f;
      result->course[n + i] = result->activation[i];
      for (gsize k = 0; k < size; k++)
        result->pictures->data[i * size + k] = (float)i;
    }
  return result;
}

static WbGalleryData *
make_data (const NnShape *shape, guint n)
{
  g_autoptr (NnDataset) dataset = nn_test_dataset (FIXTURE_TRAIN);
  g_autoptr (NnDesign) design = nn_test_autoencoder ("units=6 activation=relu", NULL);
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, nn_dataset_info (dataset), 0);
  NnMaximiseResult *result = make_result (shape, n);
  result->before = NN_ACTIVATION_RELU;
  WbGalleryData *data = wb_gallery_data_new (result, analysis, 9, TRUE);

  nn_probe_result_unref (&result->base);
  return data;
}

static void
test_data (void)
{
  g_autoptr (WbGalleryData) image = make_data (&nn_shape (4, 5, 1), 3);
  g_autoptr (WbGalleryData) colour = make_data (&nn_shape (4, 5, 3), 3);
  g_autoptr (WbGalleryData) many = make_data (&nn_shape (4, 5, 7), 3);
  g_autoptr (WbGalleryData) sequence = make_data (&nn_shape (9, 6), 3);
  g_autoptr (WbGalleryData) wave = make_data (&nn_shape (9, 1), 3);
  g_autoptr (WbGalleryData) vector = make_data (&nn_shape (12), 3);

  g_assert_cmpint (image->kind, ==, WB_GALLERY_PICTURES);
  g_assert_cmpint (image->palette, ==, WB_PALETTE_GRAY);
  g_assert_cmpuint (image->width, ==, 5);
  g_assert_cmpuint (colour->channels, ==, 3);
  g_assert_cmpuint (many->channels, ==, 1); /* averaged */
  g_assert_cmpfloat (wb_gallery_data_picture (many, 2)[19], ==, 2);
  g_assert_cmpint (sequence->kind, ==, WB_GALLERY_HEAT);
  g_assert_cmpuint (sequence->height, ==, 9);
  g_assert_cmpint (wave->kind, ==, WB_GALLERY_LINES);
  g_assert_cmpint (vector->kind, ==, WB_GALLERY_BARS);
  g_assert_cmpuint (vector->width, ==, 12);
  g_assert_cmpstr (image->names[1], ==, "4");
  g_assert_nonnull (strstr (image->title, "ReLU"));
  {
    g_autofree char *text = wb_gallery_data_describe (image, 1);
    g_assert_cmpstr (text, ==, "4: activation 2.5 after 5 steps, 0.25 at first");
  }
  g_autofree char *csv = wb_gallery_data_to_csv (colour);
  g_assert_true (g_str_has_prefix (csv, "unit,name,activation,steps,row,column,channel,value\n"
                                        "2,\"2\",1.5,5,0,0,0,0\n2,\"2\",1.5,5,0,0,1,0\n"));
}

static void
check_layout (const NnShape *shape, guint n, double width, double height)
{
  g_autoptr (WbGalleryData) data = make_data (shape, n);
  PangoContext *context = wb_figure_context ();
  WbGalleryLayout layout;

  wb_gallery_layout (data, context, width, height, 24, n - 1, &layout);
  g_assert_cmpuint (layout.first + layout.rows * layout.columns, >=, n);
  for (guint i = layout.first; i < n; i++)
    {
      const WbRect cell = wb_gallery_layout_cell (&layout, i);
      g_assert_cmpfloat (cell.x, >=, 0);
      g_assert_cmpfloat (cell.x + cell.width, <=, layout.area.x + layout.area.width + 0.01);
      g_assert_cmpfloat (cell.y + cell.height, <=, layout.area.y + layout.area.height + 1);
      g_assert_cmpint (wb_gallery_layout_cell_at (&layout, data, cell.x + cell.width / 2,
                                                  cell.y + cell.height / 2),
                       ==, (gssize)i);
    }
  g_assert_cmpint (wb_gallery_layout_cell_at (&layout, data, -20, 5), ==, -1);
  if (layout.panel.width > 0)
    g_assert_cmpfloat (layout.panel.x, >=, layout.area.x + layout.area.width);
  g_object_unref (context);
}

static void
test_layout (void)
{
  check_layout (&nn_shape (28, 28, 1), 16, 300, 180);
  check_layout (&nn_shape (28, 28, 1), 16, 900, 600);
  check_layout (&nn_shape (28, 28, 1), 64, 300, 180); /* not all at once */
  check_layout (&nn_shape (32, 32, 3), 1, 900, 200);
  check_layout (&nn_shape (29), 10, 400, 200);
  check_layout (&nn_shape (28, 28), 5, 400, 200);
}

/* Three pictures from black to white, in grey and in colour. */
static void
test_draw (void)
{
  const NnShape shapes[] = { nn_shape (4, 4, 1), nn_shape (4, 4, 3) };

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      g_autoptr (WbGalleryData) data = make_data (&shapes[i], 3);
      const WbGalleryView view = { .data = data, .selected = -1, .hovered = -1, .foot_end = 500 };
      PangoContext *context = wb_figure_context ();
      cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, 500, 200);
      cairo_t *cr = cairo_create (surface);
      WbGalleryLayout layout;

      wb_gallery_layout (data, context, 500, 200, 24, 0, &layout);
      wb_gallery_draw (&view, &layout, cr, context);
      wb_gallery_draw_panel (&view, &layout, cr, context);
      cairo_surface_flush (surface);
      for (guint cell = 0; cell < 3; cell++)
        {
          const WbRect rect = wb_gallery_layout_cell (&layout, cell);
          const guint32 gray = cell == 0 ? 0 : cell == 1 ? 0x808080 : 0xffffff;
          g_assert_cmphex (
              fixture_pixel (surface, rect.x + rect.width / 2, rect.y + layout.height / 2), ==,
              gray);
        }
      cairo_destroy (cr);
      cairo_surface_destroy (surface);
      g_object_unref (context);
    }
}

/* ---- histograms ---- */

/* Weights move from -1 to 1 over two epochs; no gradients. (transfer full) */
static NnHistogramsResult *
make_histograms (void)
{
  NnHistogramsResult *result = g_new0 (NnHistogramsResult, 1);
  g_autoptr (NnHistogramSeries) series = nn_histogram_series_new ();

  g_atomic_ref_count_init (&result->base.refs);
  result->base.type = &nn_histograms_probe_type;
  result->n_weights = 1;
  for (guint i = 0; i < 3; i++)
    {
      const float value = (float)i - 1 + 0.01f;
      nn_histogram_series_begin (series, i);
      nn_histogram_series_add (series, &value, 1, 1);
      nn_histogram_series_end (series);
    }
  result->spread[NN_SPREAD_WEIGHTS] = nn_histogram_view_new (series, 16, INFINITY);
  result->spread[NN_SPREAD_ACTIVATIONS] = nn_histogram_view_new (series, 16, INFINITY);
  return result;
}

static void
check_histograms (double width, double height)
{
  NnHistogramsResult *result = make_histograms ();
  const NnHistogramView *view = result->spread[NN_SPREAD_WEIGHTS];
  PangoContext *context = wb_figure_context ();
  cairo_surface_t *surface =
      cairo_image_surface_create (CAIRO_FORMAT_ARGB32, (int)width, (int)height);
  cairo_t *cr = cairo_create (surface);
  WbHistogramsCursor cursor = { 0 };
  WbHistogramsLayout layout;

  wb_histograms_layout (result, context, width, height, &layout);
  g_assert_cmpfloat (layout.begin, ==, 0);
  g_assert_cmpfloat (layout.end, ==, 2);
  wb_histograms_draw (result, &layout, &cursor, cr, context, WB_SCHEME_LIGHT);
  cairo_surface_flush (surface);
  const WbRect *heat = &layout.heat[NN_SPREAD_WEIGHTS];
  g_assert_cmpfloat (heat->x + heat->width, <=, width + 0.01);
  /* At the first time all values lie low, and none high. */
  const guint32 all = wb_palette_argb (WB_PALETTE_VIRIDIS, WB_SCHEME_LIGHT, 1) & 0xffffff;
  const guint32 none = wb_palette_argb (WB_PALETTE_VIRIDIS, WB_SCHEME_LIGHT, 0) & 0xffffff;
  const double low = heat->y + heat->height * 31 / 32;
  g_assert_cmphex (fixture_pixel (surface, heat->x + heat->width / 4, low), ==, all);
  g_assert_cmphex (fixture_pixel (surface, heat->x + heat->width / 4, heat->y + 3), ==, none);

  g_assert_true (
      wb_histograms_cursor_at (result, &layout, heat->x + heat->width / 4, low, &cursor));
  g_assert_cmpfloat_with_epsilon (cursor.time, 0.5, 0.02);
  g_assert_cmpfloat_with_epsilon (cursor.value, -0.95, 0.1);
  g_assert_cmpuint (wb_histograms_row (view, cursor.time), ==, 0);
  g_assert_cmpuint (wb_histograms_row (view, 1), ==, 1);
  g_assert_cmpuint (wb_histograms_row (view, 99), ==, 2);
  const WbRect *missing = &layout.heat[NN_SPREAD_GRADIENTS];
  g_assert_false (
      wb_histograms_cursor_at (result, &layout, missing->x + 2, missing->y + 2, &cursor));
  g_autofree char *text = wb_histograms_describe (result, &cursor);
  g_assert_true (g_str_has_prefix (text, "Weights: mean −0.99 · deviation 0, from"));
  g_autofree char *csv = wb_histograms_to_csv (result);
  g_assert_true (g_str_has_prefix (csv, "what,epoch,from,to,share\nweights,0,"));
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
  g_object_unref (context);
  nn_probe_result_unref (&result->base);
}

static void
test_histograms (void)
{
  check_histograms (300, 480); /* one over the other */
  check_histograms (900, 400);
}

/* ---- in a window ---- */

typedef struct
{
  WbDocument *document;
  GtkWidget *window;
  WbViewer *viewer;
  WbGallery *gallery;
} Window;

/* The n-th descendant of a type, depth first. */
static gpointer
find_nth (GtkWidget *widget, GType type, guint *n)
{
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      gpointer found;

      if (G_TYPE_CHECK_INSTANCE_TYPE (child, type) && (*n)-- == 0)
        return child;
      found = find_nth (child, type, n);
      if (found != NULL)
        return found;
    }
  return NULL;
}

static gpointer
find_child (GtkWidget *widget, GType type)
{
  guint n = 0;

  return find_nth (widget, type, &n);
}

/* The widget of a type whose tooltip begins so. */
static gpointer
find_by_tip (Window *window, GType type, const char *tip)
{
  for (guint i = 0;; i++)
    {
      guint n = i;
      GtkWidget *widget = find_nth (GTK_WIDGET (window->viewer), type, &n);
      g_assert_nonnull (widget);
      const char *text = gtk_widget_get_tooltip_text (widget);
      if (text != NULL && g_str_has_prefix (text, tip))
        return widget;
    }
}

static GtkButton *
find_button (Window *window, const char *tip)
{
  return find_by_tip (window, GTK_TYPE_BUTTON, tip);
}

static void
window_open (Window *window, const char *viewer, NnDesign *design)
{
  window->document = fixture_open (design, data_folder);
  window->window = gtk_window_new ();
  window->viewer = wb_viewer_new (wb_viewer_type (viewer));
  window->gallery = find_child (GTK_WIDGET (window->viewer), WB_TYPE_GALLERY);
  gtk_window_set_default_size (GTK_WINDOW (window->window), 500, 260);
  gtk_window_set_child (GTK_WINDOW (window->window), GTK_WIDGET (window->viewer));
  wb_document_set_frame_widget (window->document, window->window);
  wb_viewer_set_document (window->viewer, window->document);
  gtk_window_present (GTK_WINDOW (window->window));
}

static void
window_close (Window *window)
{
  wb_viewer_set_document (window->viewer, NULL);
  wb_document_set_frame_widget (window->document, NULL);
  gtk_window_destroy (GTK_WINDOW (window->window));
  wb_document_close (window->document);
  g_object_unref (window->document);
}

static const NnMaximiseResult *
shown (Window *window)
{
  const WbGalleryData *data = wb_gallery_get_data (window->gallery);

  return data != NULL ? data->result : NULL;
}

static gboolean
climbs (gpointer data)
{
  return shown (data) != NULL && shown (data)->n_steps >= 3;
}

static gboolean
is_done (gpointer data)
{
  return shown (data) != NULL && shown (data)->n_steps >= 40;
}

static gboolean
shows_three (gpointer data)
{
  return shown (data) != NULL && shown (data)->n == 3;
}

static gboolean
shows_output (gpointer data)
{
  return shown (data) != NULL && shown (data)->node == 4 && shown (data)->n == 16;
}

static gboolean
shows_next (gpointer data)
{
  return shown (data) != NULL && shown (data)->node == 4 && shown (data)->units[0] == 16;
}

static void
set_steps (WbViewer *viewer, guint n_steps)
{
  g_autofree char *text = g_strdup_printf ("{\"settings\": {\"steps\": %u}}", n_steps);
  g_autoptr (JsonNode) node = json_from_string (text, NULL);

  wb_viewer_load_state (viewer, json_node_get_object (node));
}

/* Steps are seen one by one without training; pausing holds them, units are chosen by number, by
 * marks and by turning pages. */
static void
test_maximise_window (void)
{
  Window window;
  guint output = 4;

  window_open (&window, "maximise", nn_test_autoencoder ("units=6 activation=relu", NULL));
  set_steps (window.viewer, 40);
  fixture_wait (climbs, &window);
  g_assert_cmpuint (shown (&window)->n_steps, <, 40);
  g_signal_emit_by_name (find_button (&window, "Pause"), "clicked");
  const guint paused = shown (&window)->n_steps;
  g_signal_emit_by_name (find_button (&window, "Go on"), "clicked");
  fixture_wait (is_done, &window);
  g_assert_cmpuint (paused, <, 40);
  for (guint i = 0; i < 6; i++)
    g_assert_cmpfloat (shown (&window)->activation[i], >, shown (&window)->course[i]);

  GtkEntry *entry = find_by_tip (&window, GTK_TYPE_ENTRY, "Units: numbers");
  gtk_editable_set_text (GTK_EDITABLE (entry), "9");
  g_signal_emit_by_name (entry, "activate");
  g_assert_true (gtk_widget_has_css_class (GTK_WIDGET (entry), "error"));
  gtk_editable_set_text (GTK_EDITABLE (entry), "1-2, 6");
  g_signal_emit_by_name (entry, "activate");
  fixture_wait (shows_three, &window);
  g_assert_cmpuint (shown (&window)->units[2], ==, 5);

  wb_document_select (window.document, &output, 1);
  fixture_wait (shows_output, &window);
  g_assert_cmpstr (wb_gallery_get_data (window.gallery)->names[3], ==, "4");
  g_signal_emit_by_name (find_button (&window, "The units after"), "clicked");
  fixture_wait (shows_next, &window);
  GtkButton *only = find_button (&window, "Show the marked");
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (only)));
  for (guint i = 0; i < 3; i++)
    wb_gallery_mark (window.gallery, 2 * i, TRUE);
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (only)));
  g_signal_emit_by_name (only, "clicked");
  fixture_wait (shows_three, &window);
  g_assert_cmpuint (shown (&window)->units[2], ==, 20);
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (entry)), ==, "17, 19, 21");
  window_close (&window);
}

static gboolean
has_gradients (gpointer data)
{
  Window *window = data;
  g_autofree char *csv = WB_VIEWER_GET_CLASS (window->viewer)->to_csv (window->viewer);

  return csv != NULL && strstr (csv, "\ngradients,0.25,") != NULL
         && strstr (csv, "\nweights,0.25,") != NULL;
}

/* One batch by hand is one more histogram, its gradients among them. */
static void
test_histograms_window (void)
{
  Window window;
  g_autofree char *csv = NULL;

  window_open (&window, "histograms",
               nn_test_autoencoder ("units=6 activation=relu", "batch-size=32"));
  g_assert_null (window.gallery);
  while (csv == NULL || strstr (csv, "\nweights,0,") == NULL)
    {
      g_main_context_iteration (NULL, TRUE);
      g_free (csv);
      csv = WB_VIEWER_GET_CLASS (window.viewer)->to_csv (window.viewer);
    }
  g_assert_null (strstr (csv, "\ngradients,"));
  wb_document_step_batch (window.document);
  fixture_wait (has_gradients, &window);
  window_close (&window);
}

int
main (int argc, char *argv[])
{
  int status;

  gtk_test_init (&argc, &argv, NULL);
  data_folder = fixture_make_data ();
  g_test_add_func ("/gallery/lists", test_lists);
  g_test_add_func ("/gallery/turn", test_turn);
  g_test_add_func ("/gallery/data", test_data);
  g_test_add_func ("/gallery/layout", test_layout);
  g_test_add_func ("/gallery/draw", test_draw);
  g_test_add_func ("/histograms/draw", test_histograms);
  g_test_add_func ("/window/maximise", test_maximise_window);
  g_test_add_func ("/window/histograms", test_histograms_window);
  status = g_test_run ();
  nn_test_remove_folder (data_folder);
  g_free (data_folder);
  return status;
}
