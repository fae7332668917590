/* The plane of codes without a window; manifold and decoder in one. */
#include "viewer-fixture.h"

#include "document/wb-code-space.h"
#include "viewers/wb-code-plane.h"
#include "viewers/wb-code-sliders.h"
#include "viewers/wb-grid-draw.h"
#include "viewers/wb-pad.h"
#include "viewers/wb-viewer.h"

#include <math.h>

#define N_MOVES 20
/* Of a machine that does other things too; alone it is a tenth of this. */
#define MAX_MEDIAN (G_USEC_PER_SEC / 4)

static char *data_folder;

/* ---- geometry ---- */

static NnCodeGrid
test_grid (NnSpacing spacing)
{
  return (NnCodeGrid){ .n_values = 2,
                       .x = 0,
                       .y = 1,
                       .n = 5,
                       .spacing = spacing,
                       .x_low = -2,
                       .x_high = 2,
                       .y_low = -1,
                       .y_high = 1 };
}

static void
test_axis (void)
{
  for (NnSpacing spacing = NN_SPACING_EVEN; spacing <= NN_SPACING_QUANTILES; spacing++)
    {
      const NnCodeGrid grid = test_grid (spacing);
      PangoContext *context = wb_figure_context ();
      WbPlaneLayout layout;

      wb_plane_layout (&grid, 1, context, 300, 240, &layout);
      g_assert_cmpfloat (layout.area.width, ==, layout.area.height);
      g_assert_cmpfloat (layout.area.x + layout.area.width, <=, 300);
      g_assert_cmpfloat (layout.area.y + layout.area.height, <, 240);
      /* Cells stand where their codes do, and the way back is the same. */
      for (guint i = 0; i < 5; i++)
        g_assert_cmpfloat_with_epsilon (wb_plane_axis_place (&layout.x, layout.x.at[i]),
                                        (i + 0.5) / 5, 1e-9);
      for (double value = -2.3; value < 2.4; value += 0.17)
        g_assert_cmpfloat_with_epsilon (
            wb_plane_axis_value (&layout.x, wb_plane_axis_place (&layout.x, value)), value, 1e-9);
      /* The first row is the upper one. */
      g_assert_cmpfloat (wb_plane_to_pixel (&layout, 0, 1).y, <,
                         wb_plane_to_pixel (&layout, 0, -1).y);
      const WbPoint back = wb_plane_from_pixel (&layout, 1e6, -1e6);
      g_assert_cmpfloat_with_epsilon (back.x, wb_plane_axis_value (&layout.x, 1), 1e-9);
      g_assert_cmpfloat_with_epsilon (back.y, wb_plane_axis_value (&layout.y, 1), 1e-9);
      g_object_unref (context);
    }
}

/* By quantiles each tick stands at the middle of a cell and says that cell's value; the outermost
 * cells, half of which lies beyond all values, have theirs. */
static void
test_ticks (void)
{
  NnCodeGrid grid = test_grid (NN_SPACING_QUANTILES);
  PangoContext *context = wb_figure_context ();
  WbPlaneLayout layout;
  WbTicks ticks;

  grid.n = 15;
  grid.x_high = 2.5;
  grid.x_low = -2.5;
  wb_plane_layout (&grid, 1, context, 300, 240, &layout);
  for (guint most = 3; most <= 9; most++)
    {
      wb_plane_axis_ticks (&layout.x, most, &ticks);
      g_assert_cmpuint (ticks.n, ==, most);
      g_assert_cmpstr (ticks.label[0], ==, "−2.5");
      g_assert_cmpstr (ticks.label[most - 1], ==, "2.5");
      for (guint i = 0; i < most; i++)
        {
          const double cell = 15 * wb_plane_axis_place (&layout.x, ticks.value[i]) - 0.5;

          g_assert_cmpfloat_with_epsilon (cell, round (cell), 1e-9);
          g_assert_cmpfloat_with_epsilon (ticks.value[i], layout.x.at[(guint)round (cell)], 1e-9);
          g_assert_cmpfloat_with_epsilon (ticks.value[i], -ticks.value[most - 1 - i], 1e-6);
        }
    }
  g_object_unref (context);
}

static void
test_strip (void)
{
  NnCodeGrid grid = test_grid (NN_SPACING_EVEN);
  PangoContext *context = wb_figure_context ();
  WbPlaneLayout layout;

  grid.n_values = 1;
  grid.y = 0;
  wb_plane_layout (&grid, 1, context, 300, 240, &layout);
  g_assert_true (layout.strip);
  g_assert_cmpuint (layout.y.n, ==, 1);
  g_assert_cmpfloat (layout.area.height, <, layout.area.width / 4);
  g_object_unref (context);
}

/* Each decoded picture lands in its own cell. */
static void
test_pixels (void)
{
  const NnShape shape = nn_shape (2, 2, 1);
  const WbGridRow row = wb_grid_row_of_shape (&shape, 0, 1, 1, "output", "");
  NnCodeGrid grid = test_grid (NN_SPACING_EVEN);
  PangoContext *context = wb_figure_context ();
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, 300, 240);
  cairo_t *cr = cairo_create (surface);
  float values[25 * 4], point[] = { 2, -1 };
  WbPlaneView view = { .grid = &grid, .row = &row, .values = values, .point = point };
  WbPlaneLayout layout;
  g_auto (WbPlaneMarks) marks = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    values[i] = i / 4 == 7 ? 1 : 0.25f; /* second row, third column */
  view.picture = wb_plane_tile (&row, values, 5, 5, WB_SCHEME_LIGHT, FALSE);
  wb_plane_layout (&grid, 1, context, 300, 240, &layout);
  wb_plane_draw (&view, &layout, cr, context);
  wb_plane_marks_place (&marks, &view, &layout);
  wb_plane_marks_draw (&marks, cr);
  cairo_surface_flush (surface);
  const guint32 *pixels = (const guint32 *)(gpointer)cairo_image_surface_get_data (surface);
  const guint stride = (guint)cairo_image_surface_get_stride (surface) / 4;
#define PIXEL(x, y) (pixels[(guint)(y)*stride + (guint)(x)] & 0xff)
  const WbPoint bright = wb_plane_to_pixel (&layout, grid.x_low + 2, 0.5);
  const WbPoint other = wb_plane_to_pixel (&layout, 1, -0.5);
  g_assert_cmpint (PIXEL (bright.x, bright.y), >, 240);
  g_assert_cmpint (ABS ((int)PIXEL (other.x, other.y) - 64), <, 4);
  /* The ring is blue around the place, which itself stays visible. */
  const WbPoint ring = wb_plane_to_pixel (&layout, 2, -1);
  g_assert_cmpint (ABS ((int)PIXEL (ring.x, ring.y) - 64), <, 4);
  g_assert_cmphex (pixels[(guint)ring.y * stride + (guint)(ring.x - 10)] & 0xffffff, ==, 0x3584e4);
  wb_plane_draw_hover (&view, &layout, layout.area.x + 5, layout.area.y + 5, cr, context, 300, 240);
  cairo_surface_flush (surface);
  /* The card of the hovered place has a margin around its picture. */
  g_assert_cmphex (pixels[4 * stride + (guint)(layout.area.x + 60)] & 0xffffff, ==, 0xffffff);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
  cairo_surface_destroy (view.picture);
  g_object_unref (context);
}

/* ---- in a window ---- */

typedef struct
{
  FixtureWindow shown;
  WbDocument *document;
  WbViewer *manifold, *decode;
} Window;

static void
window_open (Window *window, NnDesign *design)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  window->document = fixture_open (design, data_folder);
  window->manifold = wb_viewer_new (wb_viewer_type ("manifold"));
  window->decode = wb_viewer_new (wb_viewer_type ("decode"));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (window->manifold));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (window->decode));
  wb_viewer_set_document (window->manifold, window->document);
  wb_viewer_set_document (window->decode, window->document);
  window->shown = fixture_window (box, window->document, 1000, 400);
}

static gboolean
manifold_drawn (gpointer data)
{
  Window *window = data;
  WbCodePlane *plane = WB_CODE_PLANE (fixture_find (window->manifold, WB_TYPE_CODE_PLANE));

  return wb_code_plane_get_decoded (plane) != NULL;
}

static gboolean
is_decoded (gpointer data)
{
  Window *window = data;
  NnProbeResult *result =
      wb_document_probe_result (window->document, wb_viewer_probe_id (window->decode));
  const float *point = wb_code_space_point (wb_document_code_space (window->document));

  return result != NULL && result->error == NULL
         && ((NnDecodeResult *)result)->codes->data[0] == point[0];
}

static gboolean
is_laid_out (gpointer widget)
{
  return gtk_widget_get_mapped (widget) && gtk_widget_get_width (widget) > 0;
}

/* More dimensions than have room are scrolled; the bar stands beside their numbers. */
static void
test_sliders (void)
{
  Window window;
  graphene_rect_t bar_box, label_box;

  window_open (&window, nn_test_autoencoder ("units=32", NULL));
  fixture_wait (is_decoded, &window);
  GtkWidget *sliders = fixture_find (window.decode, WB_TYPE_CODE_SLIDERS);
  GtkWidget *scrolled = fixture_find (sliders, GTK_TYPE_SCROLLED_WINDOW);
  GtkWidget *bar = gtk_scrolled_window_get_vscrollbar (GTK_SCROLLED_WINDOW (scrolled));
  GtkWidget *label =
      gtk_grid_get_child_at (GTK_GRID (fixture_find (scrolled, GTK_TYPE_GRID)), 2, 0);
  fixture_wait (is_laid_out, bar);
  fixture_wait (is_laid_out, label);
  g_assert_true (gtk_widget_compute_bounds (bar, sliders, &bar_box));
  g_assert_true (gtk_widget_compute_bounds (label, sliders, &label_box));
  g_assert_cmpfloat (label_box.origin.x + label_box.size.width, <=, bar_box.origin.x);
  fixture_window_close (&window.shown);
}

static gboolean
knows_samples (gpointer data)
{
  return wb_code_space_samples (wb_document_code_space (data)) != NULL;
}

/* The ring is one: moved in the manifold by a key, it is decoded beside it. */
static void
test_ring (void)
{
  Window window;

  window_open (&window, nn_test_autoencoder ("units=2", NULL));
  WbCodeSpace *space = wb_document_code_space (window.document);
  fixture_wait (manifold_drawn, &window);
  fixture_wait (is_decoded, &window);
  fixture_wait (knows_samples, window.document);
  GtkWidget *plane = fixture_find (window.manifold, WB_TYPE_CODE_PLANE);
  const float before = wb_code_space_point (space)[0];
  gtk_widget_grab_focus (plane);
  wb_code_space_move_along (space, 0, before + 0.5);
  fixture_wait (is_decoded, &window);
  GtkWidget *scale = fixture_find (window.decode, GTK_TYPE_SCALE);
  g_assert_cmpfloat_with_epsilon (gtk_range_get_value (GTK_RANGE (scale)), before + 0.5, 1e-5);
  gtk_range_set_value (GTK_RANGE (scale), before + 0.25);
  g_assert_cmpfloat_with_epsilon (wb_code_space_point (space)[0], before + 0.25, 1e-5);
  g_assert_nonnull (wb_code_space_walk (space));
  g_autofree char *csv = fixture_csv (window.decode);
  g_assert_true (g_str_has_prefix (csv, "place,z1,z2,position,value\n"));
  fixture_window_close (&window.shown);
}

static int
compare_times (gconstpointer a, gconstpointer b)
{
  const gint64 x = *(const gint64 *)a, y = *(const gint64 *)b;

  return (x > y) - (x < y);
}

/* While training goes on, the picture of a place that a hand points at does not wait its turn. */
static void
test_hand (void)
{
  gint64 times[N_MOVES];
  Window window;

  window_open (&window, nn_test_autoencoder ("units=2", "epochs=100000"));
  WbCodeSpace *space = wb_document_code_space (window.document);
  wb_document_train (window.document);
  fixture_wait (manifold_drawn, &window);
  fixture_wait (is_decoded, &window);
  for (guint i = 0; i < N_MOVES; i++)
    {
      const gint64 begin = g_get_monotonic_time ();

      wb_code_space_move_along (space, 0, 0.01 * (i + 1));
      fixture_wait (is_decoded, &window);
      times[i] = g_get_monotonic_time () - begin;
    }
  g_assert_cmpint (wb_document_state (window.document), ==, NN_SESSION_TRAINING);
  qsort (times, N_MOVES, sizeof *times, compare_times);
  g_test_message ("move to picture: median %.1f ms, longest %.1f ms",
                  (double)times[N_MOVES / 2] / 1000, (double)times[N_MOVES - 1] / 1000);
  if (g_test_perf ()) /* -m perf, on a quiet machine */
    g_assert_cmpint (times[N_MOVES / 2], <, MAX_MEDIAN);
  fixture_window_close (&window.shown);
}

static void
check_export (WbViewer *viewer, const char *name, const char *begin)
{
  g_autofree char *path = g_build_filename (g_get_tmp_dir (), name, NULL);
  g_autofree char *contents = NULL;
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) error = NULL;

  g_assert_true (wb_viewer_export (viewer, file, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (path, &contents, NULL, NULL));
  g_assert_true (g_str_has_prefix (contents, begin));
  g_remove (path);
}

static void
test_export (void)
{
  Window window;

  window_open (&window, nn_test_autoencoder ("units=2", NULL));
  fixture_wait (manifold_drawn, &window);
  fixture_wait (is_decoded, &window);
  check_export (window.manifold, "diabolo-test-manifold.png", "\x89PNG");
  check_export (window.manifold, "diabolo-test-manifold.csv", "place,z1,z2,position,value\n0,");
  check_export (window.decode, "diabolo-test-decode.pdf", "%PDF");
  fixture_window_close (&window.shown);
}

/* Another size of code: everything follows, by itself, and a network without a code says so. */
static void
test_sizes (void)
{
  static const char *const sizes[] = { "units=1", "units=20" };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      Window window;

      window_open (&window, nn_test_autoencoder (sizes[i], NULL));
      fixture_wait (manifold_drawn, &window);
      fixture_wait (is_decoded, &window);
      g_assert_null (wb_viewer_get_notice (window.manifold));
      g_assert_cmpuint (wb_code_space_n_values (wb_document_code_space (window.document)), ==,
                        i == 0 ? 1 : 20);
      wb_document_edit (window.document, nn_design_new (), "Clear", NULL);
      g_assert_nonnull (wb_viewer_get_notice (window.manifold));
      g_assert_nonnull (wb_viewer_get_notice (window.decode));
      wb_document_undo (window.document);
      fixture_wait (is_decoded, &window);
      g_assert_null (wb_viewer_get_notice (window.decode));
      g_assert_null (wb_viewer_get_notice (window.manifold));
      fixture_window_close (&window.shown);
    }
}

static void
test_state (void)
{
  WbViewer *viewer = g_object_ref_sink (wb_viewer_new (wb_viewer_type ("manifold")));
  JsonObject *state = json_object_new (), *saved;

  json_object_set_int_member (state, "grid", 20);
  json_object_set_string_member (state, "range", "1.645");
  json_object_set_string_member (state, "steps", "quantiles");
  json_object_set_int_member (state, "across", 7);
  json_object_set_int_member (state, "up", 3);
  wb_viewer_load_state (viewer, state);
  saved = wb_viewer_save_state (viewer);
  g_assert_cmpint (json_object_get_int_member (saved, "grid"), ==, 20);
  g_assert_cmpstr (json_object_get_string_member (saved, "range"), ==, "1.645");
  g_assert_cmpstr (json_object_get_string_member (saved, "steps"), ==, "quantiles");
  g_assert_cmpint (json_object_get_int_member (saved, "across"), ==, 7);
  g_assert_cmpint (json_object_get_int_member (saved, "up"), ==, 3);
  json_object_unref (saved);
  json_object_unref (state);
  g_object_unref (viewer);
}

static gboolean
has_stepped (gpointer document)
{
  gsize n;
  NnRunHistory *runs = wb_document_runs (document);

  if (nn_run_history_n_runs (runs) == 0)
    return FALSE;
  nn_run_history_rows (runs, nn_run_history_run (runs, 0)->id, NN_ROW_BATCH, &n);
  return n > 0;
}

static gboolean
ring_is_at (gpointer data)
{
  const FixtureWindow *shown = data;
  const NnNodeValuesResult *answer = (const NnNodeValuesResult *)wb_document_probe_result (
      shown->document, wb_viewer_probe_id (shown->viewer));
  const NnNodeValues *code =
      answer != NULL ? nn_node_values_result_find (answer, 3) : NULL; /* the code's node */
  WbCodeSpace *space = wb_document_code_space (shown->document);

  return code != NULL
         && memcmp (code->values->data, wb_code_space_point (space), 2 * sizeof (float)) == 0;
}

static float ring_before;

static gboolean
ring_has_moved (gpointer data)
{
  const FixtureWindow *shown = data;

  return ring_is_at (data)
         && wb_code_space_point (wb_document_code_space (shown->document))[0] != ring_before;
}

/* The ring goes with the drawing until it is moved by hand, and again with the next stroke. */
static void
test_drawn_ring (void)
{
  FixtureWindow shown = fixture_viewer (
      "draw", fixture_open (nn_test_autoencoder ("units=2 activation=tanh", NULL), data_folder),
      700, 300);
  WbCodeSpace *space = wb_document_code_space (shown.document);
  WbPad *pad = fixture_find (shown.viewer, WB_TYPE_PAD);

  fixture_wait (ring_is_at, &shown);
  ring_before = wb_code_space_point (space)[0];
  wb_pad_stroke (pad, 1, 1, 7, 7, WB_BRUSH_PEN);
  fixture_wait (ring_has_moved, &shown);
  wb_code_space_move_along (space, 0, 9);
  wb_document_step_batch (shown.document);
  fixture_wait (has_stepped, shown.document);
  g_assert_cmpfloat (wb_code_space_point (space)[0], ==, 9);
  wb_pad_stroke (pad, 7, 1, 1, 7, WB_BRUSH_PEN);
  fixture_wait (ring_is_at, &shown);
  /* Lessons that ask for a drawing are told of strokes, not of the sample that the pad begins with,
   * nor of clearing it. */
  g_assert_cmpuint (wb_document_n_drawings (shown.document), ==, 2);
  wb_pad_clear (pad);
  g_assert_cmpuint (wb_document_n_drawings (shown.document), ==, 2);
  fixture_window_close (&shown);
}

/* (transfer full) */
static NnDesign *
make_masked (void)
{
  g_autoptr (GError) error = NULL;
  NnDesign *design = nn_design_new ();
  const guint input = nn_test_add (&design, "input", NULL, 0);
  guint last = nn_test_add (&design, "mask-out", "size=3", input);

  last = nn_test_add (&design, "flatten", NULL, last);
  last = nn_test_add (&design, "dense", "units=2", last);
  last = nn_test_add (&design, "dense", "units=64", last);
  last = nn_test_add (&design, "reconstruction-loss", NULL, last);
  nn_test_replace (&design, nn_design_connect (design, input, 0, last, 1, &error));
  g_assert_no_error (error);
  return design;
}

static gboolean
shows_label (GtkWidget *widget, const char *text)
{
  if (GTK_IS_LABEL (widget) && gtk_widget_get_mapped (widget)
      && g_str_equal (gtk_label_get_text (GTK_LABEL (widget)), text))
    return TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (shows_label (child, text))
      return TRUE;
  return FALSE;
}

static gboolean
shows_output (gpointer viewer)
{
  return shows_label (viewer, "Output");
}

/* Where a mask covers a part of the drawing, what is left of it is shown, too. */
static void
test_drawn_hole (void)
{
  for (guint masked = 0; masked < 2; masked++)
    {
      FixtureWindow shown = fixture_viewer (
          "draw",
          fixture_open (masked ? make_masked () : nn_test_autoencoder ("units=2", NULL),
                        data_folder),
          700, 300);

      fixture_wait (shows_output, shown.viewer);
      g_assert_true (shows_label (GTK_WIDGET (shown.viewer), "Input") == (masked == 1));
      fixture_window_close (&shown);
    }
}

int
main (int argc, char *argv[])
{
  int status;

  gtk_test_init (&argc, &argv, NULL);
  data_folder = fixture_make_data ();
  g_test_add_func ("/plane/axis", test_axis);
  g_test_add_func ("/plane/ticks", test_ticks);
  g_test_add_func ("/plane/strip", test_strip);
  g_test_add_func ("/plane/pixels", test_pixels);
  g_test_add_func ("/window/ring", test_ring);
  g_test_add_func ("/window/sliders", test_sliders);
  g_test_add_func ("/draw/ring", test_drawn_ring);
  g_test_add_func ("/draw/hole", test_drawn_hole);
  g_test_add_func ("/window/hand", test_hand);
  g_test_add_func ("/window/export", test_export);
  g_test_add_func ("/window/sizes", test_sizes);
  g_test_add_func ("/window/state", test_state);
  status = g_test_run ();
  nn_test_remove_folder (data_folder);
  g_free (data_folder);
  return status;
}
