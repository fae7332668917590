/* Points in a plane without a window; the latent space in one. */
#include "viewer-fixture.h"

#include "plots/wb-scatter.h"
#include "viewers/wb-latent-card.h"
#include "viewers/wb-projection.h"
#include "viewers/wb-selection.h"
#include "viewers/wb-viewer.h"

#include <math.h>

#define MANY 10000

static char *data_folder;

/* n points of three classes in a cloud, every hundredth not a number. */
static WbScatterData *
make_points (guint n, gboolean holes)
{
  g_autofree float *xy = g_new (float, 2 * n);
  g_autofree gint *label = g_new (gint, n);

  for (guint i = 0; i < n; i++)
    {
      const double radius = sqrt ((i * 7919 % n + 0.5) / n), angle = i * 2.399963;

      xy[2 * i] = (float)(10 + 4 * radius * cos (angle));
      xy[2 * i + 1] = (float)(-3 + 2 * radius * sin (angle));
      if (holes && i % 100 == 50)
        xy[2 * i + i / 100 % 2] = NAN;
      label[i] = (gint)(i % 3);
    }
  return wb_scatter_data_new (n, xy, NULL, label, 3);
}

static WbFrame
make_frame (const WbScatterData *data, double width, double height)
{
  WbFrame frame = { .left = 40, .top = 4, .width = width - 44, .height = height - 24 };

  wb_scatter_fit (data, &frame);
  return frame;
}

/* ---- geometry ---- */

static void
test_fit (void)
{
  g_autoptr (WbScatterData) data = make_points (500, TRUE), none = NULL;
  const float nan[] = { NAN, 1 };
  const gint label = -1;
  WbFrame frame = make_frame (data, 640, 400);

  for (guint i = 0; i < data->n; i++)
    {
      const double x = wb_frame_x (&frame, (double)data->xy[2 * i]);
      const double y = wb_frame_y (&frame, (double)data->xy[2 * i + 1]);

      if (!isfinite (x) || !isfinite (y))
        continue;
      g_assert_cmpfloat (x, >, frame.left);
      g_assert_cmpfloat (x, <, frame.left + frame.width);
      g_assert_cmpfloat (y, >, frame.top);
      g_assert_cmpfloat (y, <, frame.top + frame.height);
    }
  /* A circle stays a circle. */
  g_assert_cmpfloat_with_epsilon ((frame.x1 - frame.x0) / frame.width,
                                  (frame.y1 - frame.y0) / frame.height, 1e-9);
  g_assert_cmpuint (data->n_finite, ==, 495);
  g_assert_true (wb_scatter_fits (data, &frame));
  frame.x0 += 1;
  g_assert_false (wb_scatter_fits (data, &frame));
  frame.x0 -= 20;
  frame.y0 -= 20;
  g_assert_false (wb_scatter_fits (data, &frame));

  none = wb_scatter_data_new (1, nan, NULL, &label, 0);
  g_assert_cmpuint (none->n_finite, ==, 0);
  frame = make_frame (none, 640, 400);
  g_assert_cmpint (wb_scatter_nearest (none, &frame, 100, 100, 1000), ==, -1);
}

static void
test_nearest (void)
{
  g_autoptr (WbScatterData) data = make_points (MANY, TRUE);
  const WbFrame whole = make_frame (data, 1280, 800);
  WbFrame zoomed = whole;

  zoomed.x0 = 9;
  zoomed.x1 = 10;
  const WbFrame *const frames[] = { &whole, &zoomed };
  for (guint f = 0; f < 2; f++)
    for (guint k = 0; k < 200; k++)
      {
        const double x = k * 37 % 1280, y = k * 91 % 800;
        double best = 12;
        gssize nearest = -1;

        for (guint i = 0; i < data->n; i++)
          {
            const double away = hypot (wb_frame_x (frames[f], (double)data->xy[2 * i]) - x,
                                       wb_frame_y (frames[f], (double)data->xy[2 * i + 1]) - y);
            if (away <= best)
              {
                best = away;
                nearest = i;
              }
          }
        const gssize found = wb_scatter_nearest (data, frames[f], x, y, 12);
        g_assert_cmpint (found < 0, ==, nearest < 0);
        if (found >= 0)
          g_assert_cmpfloat_with_epsilon (
              hypot (wb_frame_x (frames[f], (double)data->xy[2 * found]) - x,
                     wb_frame_y (frames[f], (double)data->xy[2 * found + 1]) - y),
              best, 1e-9);
      }
}

static void
test_nearest_time (void)
{
  g_autoptr (WbScatterData) data = make_points (MANY, FALSE);
  const WbFrame whole = make_frame (data, 1280, 800);

  const gint64 begin = g_get_monotonic_time ();
  for (guint k = 0; k < 1000; k++)
    wb_scatter_nearest (data, &whole, k * 37 % 1280, k * 91 % 800, 10);
  g_test_minimized_result ((double)(g_get_monotonic_time () - begin) / 1e9,
                           "one of 10,000 points found in %.1f us",
                           (double)(g_get_monotonic_time () - begin) / 1000);
  g_assert_cmpint (g_get_monotonic_time () - begin, <, G_USEC_PER_SEC);
}

static void
test_labels (void)
{
  const float xy[] = { 0, 0, 1, 1, 2, 8, 5, 5 };
  const gint label[] = { 0, 0, 0, 2 };
  g_autoptr (WbScatterData) data = wb_scatter_data_new (4, xy, NULL, label, 3);
  const WbFrame frame = make_frame (data, 400, 400);
  g_autofree WbPoint *places = wb_scatter_label_places (data, &frame, 1);
  g_autofree WbPoint *apart = wb_scatter_label_places (data, &frame, 390);

  g_assert_cmpfloat (places[0].x, ==, wb_frame_x (&frame, 1));
  g_assert_cmpfloat (places[0].y, ==, wb_frame_y (&frame, 1));
  g_assert_true (isnan (places[1].x));
  g_assert_cmpfloat (hypot (apart[0].x - apart[2].x, apart[0].y - apart[2].y), >, 389);
}

static void
test_keep_inside (void)
{
  const WbFrame frame = { .left = 10, .top = 20, .width = 100, .height = 50 };
  const WbPoint edge = wb_scatter_keep_inside (&frame, (WbPoint){ 10, 70 }, 8, 6);
  const WbPoint middle = wb_scatter_keep_inside (&frame, (WbPoint){ 60, 40 }, 8, 6);
  const WbPoint outside = wb_scatter_keep_inside (&frame, (WbPoint){ 5, 40 }, 8, 6);
  const WbPoint wide = wb_scatter_keep_inside (&frame, (WbPoint){ 20, 40 }, 80, 6);

  g_assert_cmpfloat (edge.x, ==, 18);
  g_assert_cmpfloat (edge.y, ==, 64);
  g_assert_cmpfloat (middle.x, ==, 60);
  g_assert_cmpfloat (middle.y, ==, 40);
  g_assert_cmpfloat (outside.x, ==, 5);
  g_assert_cmpfloat (wide.x, ==, 60);
}

static void
test_inside (void)
{
  const WbPoint corners[] = { { 0, 0 }, { 10, 0 }, { 10, 10 }, { 5, 2 }, { 0, 10 } };
  g_autoptr (GArray) line = g_array_new (FALSE, FALSE, sizeof (WbPoint));

  g_array_append_vals (line, corners, G_N_ELEMENTS (corners));
  g_assert_true (wb_scatter_inside (line, 1, 5));
  g_assert_true (wb_scatter_inside (line, 9, 5));
  g_assert_false (wb_scatter_inside (line, 5, 5)); /* in the notch */
  g_assert_false (wb_scatter_inside (line, -1, 5));
}

/* ---- pixels ---- */

static guint32
pixel_at (cairo_surface_t *image, double x, double y)
{
  const guint8 *row =
      cairo_image_surface_get_data (image) + (int)y * cairo_image_surface_get_stride (image);

  return ((const guint32 *)(gconstpointer)row)[(int)x];
}

/* A dot's middle has its class's colour at its opacity; what does not stand out is fainter; nothing
 * is drawn outside. */
static void
test_dots (void)
{
  const float xy[] = { 0, 0, 4, 3, NAN, 0, 1e30f, 0 };
  const gint label[] = { 0, 1, 2, -1 };
  g_autoptr (WbScatterData) data = wb_scatter_data_new (4, xy, NULL, label, 3);
  const WbFrame frame = { .width = 100, .height = 100, .x0 = -5, .x1 = 5, .y0 = -5, .y1 = 5 };
  WbScatterView view = {
    .data = data, .scheme = WB_SCHEME_LIGHT, .only = -1, .selected = -1, .hovered = -1
  };
  cairo_surface_t *image = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, 200, 200);
  const GdkRGBA *color = wb_color_class (0, WB_SCHEME_LIGHT);

  wb_scatter_paint_points (&view, &frame, 2, image);
  const guint32 middle = pixel_at (image, 100, 100);
  const double alpha = (middle >> 24) / 255.0;
  g_assert_cmpfloat_with_epsilon (alpha, 0.62, 0.02);
  g_assert_cmpfloat_with_epsilon ((middle & 0xff) / 255.0, (double)color->blue * alpha, 0.02);
  g_assert_cmpuint (pixel_at (image, 180, 40) >> 24, >, 140);
  g_assert_cmpuint (pixel_at (image, 60, 60), ==, 0);
  cairo_surface_destroy (image);

  image = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, 200, 200);
  view.only = 1;
  wb_scatter_paint_points (&view, &frame, 2, image);
  g_assert_cmpuint (pixel_at (image, 100, 100) >> 24, <, 40);
  g_assert_cmpuint (pixel_at (image, 100, 100) >> 24, >, 0);
  g_assert_cmpuint (pixel_at (image, 180, 40) >> 24, >, 140);
  cairo_surface_destroy (image);
}

/* Outlines of all clouds go where their ellipses are: 2 x 1 units, two deviations, turned. */
static void
test_outlines (void)
{
  const float xy[] = { 0, 0, 1e30f, 0 }, spread[] = { 1, 0, 0.25f, 1, 0, 1 };
  const gint label[] = { 0, 0 };
  g_autoptr (WbScatterData) data = wb_scatter_data_new (2, xy, spread, label, 1);
  const WbFrame frame = { .width = 100, .height = 100, .x0 = -5, .x1 = 5, .y0 = -5, .y1 = 5 };
  WbScatterView view = {
    .data = data, .scheme = WB_SCHEME_LIGHT, .only = -1, .selected = -1, .hovered = -1
  };

  for (WbClouds clouds = WB_CLOUDS_NONE; clouds <= WB_CLOUDS_ALL; clouds++)
    {
      cairo_surface_t *image = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, 100, 100);
      const gboolean expected = clouds == WB_CLOUDS_ALL;

      view.clouds = clouds;
      wb_scatter_paint_points (&view, &frame, 1, image);
      /* Its ends along x and y, a pixel to either side for rounding. */
      g_assert_cmpint (pixel_at (image, 70, 50) >> 24 || pixel_at (image, 69, 50) >> 24, ==,
                       expected);
      g_assert_cmpint (pixel_at (image, 50, 60) >> 24 || pixel_at (image, 50, 59) >> 24, ==,
                       expected);
      g_assert_cmpuint (pixel_at (image, 60, 50), ==, 0); /* nothing inside */
      g_assert_cmpuint (pixel_at (image, 80, 50), ==, 0);
      cairo_surface_destroy (image);
    }
}

static void
check_paint_time (WbClouds clouds)
{
  g_autoptr (WbScatterData) data = make_points (MANY, FALSE);
  const WbFrame frame = make_frame (data, 1280, 800);
  const double unit = (frame.x1 - frame.x0) / frame.width;
  const WbScatterView view = {
    .data = data, .clouds = clouds, .only = -1, .selected = -1, .hovered = -1
  };
  double best = G_MAXDOUBLE;

  data->spread = g_new0 (float, 3 * MANY);
  for (guint i = 0; i < MANY; i++) /* ellipses 32 x 16 pixels large */
    {
      data->spread[3 * i] = (float)(64 * unit * unit);
      data->spread[3 * i + 2] = data->spread[3 * i] / 4;
    }
  for (guint k = 0; k < 20; k++)
    {
      const double begin = nn_test_processor_seconds ();
      cairo_surface_t *image = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, 1280, 800);

      wb_scatter_paint_points (&view, &frame, 1, image);
      cairo_surface_destroy (image);
      best = MIN (best, nn_test_processor_seconds () - begin);
    }
  g_test_minimized_result (best, "10,000 points painted in %.2f ms", 1000 * best);
  g_assert_cmpfloat (best, <, 0.017);
}

static void
test_paint_time (void)
{
  check_paint_time (WB_CLOUDS_NONE);
  check_paint_time (WB_CLOUDS_ALL);
}

/* A whole frame of the widget while it is zoomed: grid, points, names. */
static void
test_frame_time (void)
{
  GtkWidget *window = gtk_window_new (), *scatter = wb_scatter_new ();
  cairo_surface_t *image = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, 1280, 800);
  cairo_t *cr = cairo_create (image);
  double best = G_MAXDOUBLE;

  wb_scatter_set_data (WB_SCATTER (scatter), make_points (MANY, FALSE), FALSE);
  gtk_widget_set_size_request (scatter, 1280, 800);
  gtk_window_set_child (GTK_WINDOW (window), scatter);
  gtk_window_present (GTK_WINDOW (window));
  gtk_test_widget_wait_for_draw (window);
  gtk_test_widget_wait_for_draw (window);
  for (guint k = 0; k < 20; k++)
    {
      const double begin = nn_test_processor_seconds ();
      g_autoptr (GtkSnapshot) snapshot = gtk_snapshot_new ();
      g_autoptr (GskRenderNode) node = NULL;

      wb_scatter_zoom (WB_SCATTER (scatter), 1.01);
      GTK_WIDGET_GET_CLASS (scatter)->snapshot (scatter, snapshot);
      node = gtk_snapshot_to_node (snapshot);
      gsk_render_node_draw (node, cr);
      best = MIN (best, nn_test_processor_seconds () - begin);
    }
  g_test_minimized_result (best, "a frame of 10,000 points in %.2f ms", 1000 * best);
  g_assert_cmpfloat (best, <, 0.017);
  gtk_window_destroy (GTK_WINDOW (window));
  cairo_destroy (cr);
  cairo_surface_destroy (image);
}

/* ---- layouts ---- */

/* A result of n codes of `size` values, all sin; log_variance 0 where posterior. */
static NnCodesResult *
make_codes (guint n, guint size, gboolean posterior)
{
  NnCodesResult *result = g_new0 (NnCodesResult, 1);
  const NnShape all = nn_shape (n, size);

  g_atomic_ref_count_init (&result->base.refs);
  result->base.type = &nn_codes_probe_type;
  result->shape = nn_shape (size);
  result->samples = g_array_new (FALSE, FALSE, sizeof (guint32));
  result->labels = g_array_new (FALSE, FALSE, sizeof (gint));
  result->codes = nn_tensor_new (&all);
  result->log_variance = posterior ? nn_tensor_new (&all) : NULL;
  for (guint i = 0; i < n; i++)
    {
      const guint32 sample = 3 * i;
      const gint label = (gint)(i % 4);

      g_array_append_val (result->samples, sample);
      g_array_append_val (result->labels, label);
      for (guint d = 0; d < size; d++)
        result->codes->data[i * size + d] = sinf ((float)(i * (d + 1)) + (float)d) * (float)(1 + d);
    }
  return result;
}

static void
test_projections (void)
{
  const WbProjectionChoice pca = { wb_projection_type ("pca"), { 0, 1 } };
  const WbProjectionChoice two = { wb_projection_type ("dimensions"), { 4, 2 } };
  NnCodesResult *codes = make_codes (60, 5, TRUE), *line = make_codes (60, 1, FALSE);
  g_autoptr (WbProjection) components = wb_projection_new (codes, &pca, NULL, NULL);
  g_autoptr (WbProjection) again = wb_projection_new (codes, &pca, components, NULL);
  g_autoptr (WbProjection) chosen = wb_projection_new (codes, &two, NULL, NULL);
  g_autoptr (WbProjection) strip = wb_projection_new (line, &two, NULL, NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GArray) points = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autofree char *csv = NULL;
  const guint point = 7;

  g_assert_nonnull (strstr (components->caption, "%"));
  g_assert_cmpmem (components->xy, 480, again->xy, 480);
  /* Clouds of equal width in all directions stay circles. */
  g_assert_cmpfloat_with_epsilon ((double)components->spread[3 * 9], 1, 1e-5);
  g_assert_cmpfloat_with_epsilon ((double)components->spread[3 * 9 + 1], 0, 1e-5);
  g_assert_cmpfloat (chosen->xy[2 * 9], ==, codes->codes->data[9 * 5 + 4]);
  g_assert_cmpfloat (chosen->xy[2 * 9 + 1], ==, codes->codes->data[9 * 5 + 2]);
  g_assert_cmpstr (chosen->x_title, ==, "z₅");
  for (guint i = 0; i < 60; i++)
    {
      g_assert_cmpfloat (strip->xy[2 * i], ==, line->codes->data[i]);
      g_assert_cmpfloat_with_epsilon ((double)strip->xy[2 * i + 1], -(double)(i % 4), 0.36);
    }
  /* A code lies where its own sample does; a strip has no single place for one. */
  float place[2];
  g_assert_true (wb_projection_place (chosen, codes->codes->data + 9 * 5, place));
  g_assert_cmpmem (place, sizeof place, chosen->xy + 2 * 9, sizeof place);
  g_assert_true (wb_projection_place (components, codes->codes->data + 9 * 5, place));
  g_assert_cmpfloat_with_epsilon (place[0], components->xy[2 * 9], 1e-4);
  g_assert_cmpfloat_with_epsilon (place[1], components->xy[2 * 9 + 1], 1e-4);
  g_assert_false (wb_projection_place (strip, line->codes->data, place));
  g_cancellable_cancel (cancellable);
  g_assert_null (wb_projection_new (codes, &pca, NULL, cancellable));

  g_array_append_val (points, point);
  g_autoptr (WbTable) table = wb_projection_to_table (chosen, points);
  csv = wb_table_to_csv (table);
  g_assert_true (g_str_has_prefix (csv, "sample,label,x,y,z1,z2,z3,z4,z5,s1,s2,s3,s4,s5\n21,3,"));
  g_assert_true (g_str_has_suffix (csv, ",1,1,1,1,1\n"));
  nn_probe_result_unref (&codes->base);
  nn_probe_result_unref (&line->base);
}

static float
distance (const NnCodesResult *codes, guint a, guint b)
{
  float sum = 0;

  for (guint d = 0; d < 3; d++)
    sum += powf (codes->codes->data[3 * a + d] - codes->codes->data[3 * b + d], 2);
  return sum;
}

static void
test_neighbours (void)
{
  NnCodesResult *codes = make_codes (200, 3, FALSE);
  guint found[WB_LATENT_NEIGHBOURS];

  codes->codes->data[3 * 50] = NAN;
  g_assert_cmpuint (wb_latent_neighbours (codes, 20, found), ==, WB_LATENT_NEIGHBOURS);
  for (guint k = 0; k < WB_LATENT_NEIGHBOURS; k++)
    {
      guint nearer = 0;

      g_assert_cmpuint (found[k], !=, 20);
      for (guint i = 0; i < 200; i++)
        nearer += i != 20 && distance (codes, i, 20) < distance (codes, found[k], 20);
      g_assert_cmpuint (nearer, ==, k);
    }
  nn_probe_result_unref (&codes->base);
}

/* ---- in a window ---- */

typedef struct
{
  FixtureWindow shown;
  WbDocument *document;
  WbViewer *viewer;
  WbScatter *scatter;
  float before[2 * FIXTURE_TEST]; /* places of the points */
} Window;

static void
window_open (Window *window, NnDesign *design)
{
  window->shown = fixture_viewer ("latent", fixture_open (design, data_folder), 800, 500);
  window->viewer = window->shown.viewer;
  window->document = window->shown.document;
  window->scatter = fixture_find (window->viewer, WB_TYPE_SCATTER);
}

static gboolean
shows_points (gpointer data)
{
  const WbScatterData *points = wb_scatter_get_data (((Window *)data)->scatter);

  return points != NULL && points->n == FIXTURE_TEST;
}

static gboolean
has_moved (gpointer data)
{
  Window *window = data;

  return shows_points (window)
         && memcmp (window->before, wb_scatter_get_data (window->scatter)->xy,
                    sizeof window->before)
                != 0;
}

static gboolean
has_notice (gpointer data)
{
  return wb_viewer_get_notice (((Window *)data)->viewer) != NULL;
}

static gboolean
has_no_notice (gpointer data)
{
  return wb_viewer_get_notice (((Window *)data)->viewer) == NULL;
}

static gboolean
shows_third_axis (gpointer data)
{
  const WbScatterData *points = wb_scatter_get_data (((Window *)data)->scatter);

  return points != NULL && g_strcmp0 (points->x_title, "z₃") == 0;
}

/* What a layout remembers takes effect and is told again. */
static void
check_state (Window *window)
{
  g_autoptr (JsonObject) state = json_object_new (), again = NULL;

  json_object_set_string_member (state, "projection", "dimensions");
  json_object_set_int_member (state, "x", 2);
  json_object_set_int_member (state, "y", 0);
  json_object_set_int_member (state, "samples", 1000);
  json_object_set_string_member (state, "ellipses", "none");
  wb_viewer_load_state (window->viewer, state);
  fixture_wait (shows_third_axis, window);
  again = wb_viewer_save_state (window->viewer);
  g_assert_true (json_object_equal (state, again));
}

static void
test_live (void)
{
  Window window;
  GtkWidget *search;
  g_autofree char *path = g_build_filename (data_folder, "points.csv", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autofree char *csv = NULL;

  window_open (&window, nn_test_autoencoder ("units=3 activation=tanh", "epochs=40 batch-size=16"));
  fixture_wait (shows_points, &window);
  memcpy (window.before, wb_scatter_get_data (window.scatter)->xy, sizeof window.before);
  wb_document_train (window.document);
  fixture_wait (fixture_finished, window.document);
  fixture_wait (has_moved, &window);
  g_assert_null (wb_viewer_get_notice (window.viewer));

  /* A number that is no class names a sample; a class stands out. */
  search = fixture_find (window.viewer, GTK_TYPE_ENTRY);
  gtk_editable_set_text (GTK_EDITABLE (search), "17");
  g_assert_cmpint (wb_scatter_get_selected (window.scatter), ==, 17);
  g_assert_cmpuint (wb_document_sample (window.document), ==, 17);
  gtk_editable_set_text (GTK_EDITABLE (search), "2");
  g_assert_cmpint (wb_scatter_get_selected (window.scatter), ==, 17);
  g_assert_false (gtk_widget_has_css_class (search, "error"));
  gtk_editable_set_text (GTK_EDITABLE (search), "teapot");
  g_assert_true (gtk_widget_has_css_class (search, "error"));

  g_assert_true (wb_viewer_export (window.viewer, file, NULL));
  g_assert_true (g_file_get_contents (path, &csv, NULL, NULL));
  g_assert_true (g_str_has_prefix (csv, "sample,label,x,y,z1,z2,z3\n0,"));

  wb_scatter_zoom (window.scatter, 2);
  g_assert_true (wb_scatter_get_zoomed (window.scatter));
  wb_scatter_zoom_all (window.scatter);
  g_assert_false (wb_scatter_get_zoomed (window.scatter));
  check_state (&window);
  fixture_window_close (&window.shown);
}

static gboolean
is_isolated (gpointer data)
{
  const WbScatterData *points = wb_scatter_get_data (((Window *)data)->scatter);

  return points != NULL && points->n == FIXTURE_TEST / 4;
}

static gboolean
is_recalled (gpointer data)
{
  return shows_points (data) && wb_scatter_get_n_chosen (((Window *)data)->scatter) > 0;
}

/* What is selected is kept under a name, shown alone, and selected again among all. */
static void
test_selection (void)
{
  Window window;
  g_autofree guint8 *chosen = g_new0 (guint8, FIXTURE_TEST);

  window_open (&window, nn_test_autoencoder ("units=2 activation=tanh", NULL));
  fixture_wait (shows_points, &window);
  WbSelection *selection = fixture_find (window.viewer, WB_TYPE_SELECTION);
  /* A class that was searched for is a selection, too; a line within it is a smaller one. */
  gtk_editable_set_text (GTK_EDITABLE (fixture_find (window.viewer, GTK_TYPE_ENTRY)), "2");
  wb_selection_keep (selection, "twos");
  wb_selection_set_isolated (selection, TRUE);
  fixture_wait (is_isolated, &window);
  g_autofree char *csv = fixture_csv (window.viewer);
  g_assert_true (g_str_has_prefix (csv, "sample,label,x,y,z1,z2\n3,2,"));
  wb_selection_set_isolated (selection, FALSE);
  fixture_wait (shows_points, &window);
  gtk_editable_set_text (GTK_EDITABLE (fixture_find (window.viewer, GTK_TYPE_ENTRY)), "");
  chosen[3] = chosen[4] = chosen[9] = 1;
  wb_scatter_choose (window.scatter, chosen);
  wb_selection_keep (selection, "three of them");

  g_autoptr (JsonObject) state = wb_viewer_save_state (window.viewer);
  JsonObject *bookmarks = json_object_get_object_member (state, "bookmarks");
  g_assert_cmpstr (json_object_get_string_member (bookmarks, "three of them"), ==, "3-4,9");
  wb_selection_set_isolated (selection, TRUE);
  g_signal_emit_by_name (selection, "recalled", wb_selection_get_isolated (selection));
  fixture_wait (is_recalled, &window);
  g_assert_null (wb_selection_get_isolated (selection));
  g_assert_cmpuint (wb_scatter_get_n_chosen (window.scatter), ==, 3);
  g_assert_true (wb_scatter_is_chosen (window.scatter, 4));
  fixture_window_close (&window.shown);
}

/* A classifier has no code; undone, the points come back by themselves. */
static void
test_no_code (void)
{
  Window window;
  NnDesign *design = nn_design_new ();
  guint input = nn_test_add (&design, "input", NULL, 0);
  guint flatten = nn_test_add (&design, "flatten", NULL, input);
  guint output = nn_test_add (&design, "dense", "units=4 activation=softmax", flatten);

  nn_test_add (&design, "classification-loss", NULL, output);
  window_open (&window, nn_test_autoencoder ("units=1 activation=tanh", NULL));
  fixture_wait (shows_points, &window);
  g_autoptr (GError) error = NULL;
  g_autoptr (NnParams) data =
      nn_params_with_text (nn_design_data (design), "name", data_folder, &error);
  g_autoptr (NnDesign) classifier = nn_design_with_data (design, data);
  nn_design_unref (design);
  wb_document_edit (window.document, nn_design_ref (classifier), "Edit", NULL);
  fixture_wait (has_notice, &window);
  g_assert_nonnull (strstr (wb_viewer_get_notice (window.viewer), "no code"));
  wb_document_undo (window.document);
  fixture_wait (has_no_notice, &window);
  g_assert_true (shows_points (&window));
  fixture_window_close (&window.shown);
}

int
main (int argc, char *argv[])
{
  int status;

  gtk_test_init (&argc, &argv, NULL);
  data_folder = fixture_make_data ();
  g_test_add_func ("/scatter/fit", test_fit);
  g_test_add_func ("/scatter/nearest", test_nearest);
  g_test_add_func ("/scatter/labels", test_labels);
  g_test_add_func ("/scatter/keep-inside", test_keep_inside);
  g_test_add_func ("/scatter/inside", test_inside);
  g_test_add_func ("/scatter/dots", test_dots);
  g_test_add_func ("/scatter/outlines", test_outlines);
  if (g_test_perf ()) /* -m perf, on a quiet machine */
    {
      g_test_add_func ("/scatter/nearest-time", test_nearest_time);
      g_test_add_func ("/scatter/paint-time", test_paint_time);
      g_test_add_func ("/scatter/frame-time", test_frame_time);
    }
  g_test_add_func ("/latent/projections", test_projections);
  g_test_add_func ("/latent/neighbours", test_neighbours);
  g_test_add_func ("/latent/live", test_live);
  g_test_add_func ("/latent/selection", test_selection);
  g_test_add_func ("/latent/no-code", test_no_code);
  status = g_test_run ();
  nn_test_remove_folder (data_folder);
  g_free (data_folder);
  return status;
}
