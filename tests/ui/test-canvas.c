/* The canvas in a real window: what it shows, and what gestures do to the document. */
#include <glib/gstdio.h>
#include <math.h>

#include "../engine/nn-test-data.h"
#include "canvas-fixture.h"
#include "formats/nn-project.h"

static void
test_cards (Fixture *f, gconstpointer data)
{
  graphene_rect_t input = bounds_of (f, GTK_WIDGET (card_of (f, f->input)));
  graphene_rect_t code = bounds_of (f, GTK_WIDGET (card_of (f, f->code)));
  graphene_point_t out = port_at (f, f->input, TRUE, 0);

  /* The hourglass. */
  g_assert_cmpfloat (input.size.height, >, 1.5 * code.size.height);
  g_assert_cmpfloat (out.x, ==, input.origin.x + input.size.width);
  g_assert_cmpfloat_with_epsilon (out.y, input.origin.y + input.size.height / 2, 1);
  g_assert_null (wb_node_card_get_port (card_of (f, f->loss), TRUE, 0));
}

static void
test_move (Fixture *f, gconstpointer data)
{
  graphene_point_t at = middle_of (f, GTK_WIDGET (card_of (f, f->code)));
  double x = nn_design_node (design_of (f), f->code)->x;

  drag (f, at, GRAPHENE_POINT_INIT (at.x, at.y + 81));
  g_assert_cmpuint (selected (f), ==, f->code);
  g_assert_cmpfloat (nn_design_node (design_of (f), f->code)->x, ==, x);
  g_assert_cmpfloat (nn_design_node (design_of (f), f->code)->y, ==, 80);
  g_assert_cmpstr (wb_document_undo_label (f->document), ==, "Move Dense 1");
  wb_document_undo (f->document);
  g_assert_cmpfloat (nn_design_node (design_of (f), f->code)->y, ==, 0);
  g_assert_null (wb_document_undo_label (f->document));
}

static void
test_band (Fixture *f, gconstpointer data)
{
  graphene_rect_t flat = bounds_of (f, GTK_WIDGET (card_of (f, f->flat)));
  graphene_rect_t code = bounds_of (f, GTK_WIDGET (card_of (f, f->code)));

  drag (f, GRAPHENE_POINT_INIT (flat.origin.x + 40, flat.origin.y - 14),
        GRAPHENE_POINT_INIT (code.origin.x + 20, code.origin.y + 20));
  g_assert_cmpuint (wb_document_selection (f->document)->len, ==, 2);
  g_assert_true (wb_document_is_selected (f->document, f->flat));
  g_assert_true (wb_document_is_selected (f->document, f->code));
  /* Empty ground clears. */
  drag (f, GRAPHENE_POINT_INIT (4, 4), GRAPHENE_POINT_INIT (5, 5));
  g_assert_cmpuint (wb_document_selection (f->document)->len, ==, 0);
}

static void
test_connect (Fixture *f, gconstpointer data)
{
  /* A taken end dropped on nothing is disconnected. */
  graphene_point_t end = port_at (f, f->output, FALSE, 0);

  drag (f, end, GRAPHENE_POINT_INIT (end.x - 20, end.y + 170));
  g_assert_cmpuint (source_of (f, f->output, 0), ==, 0);
  g_assert_cmpstr (wb_document_undo_label (f->document), ==, "Disconnect");
  /* From input to output. */
  drag (f, port_at (f, f->output, FALSE, 0), port_at (f, f->code, TRUE, 0));
  g_assert_cmpuint (source_of (f, f->output, 0), ==, f->code);
  wb_document_undo (f->document);
  lay_out (f);
  /* From output to input. */
  drag (f, port_at (f, f->code, TRUE, 0), port_at (f, f->output, FALSE, 0));
  g_assert_cmpuint (source_of (f, f->output, 0), ==, f->code);
  g_assert_cmpstr (wb_document_undo_label (f->document), ==, "Connect Dense 2");
}

static void
test_connect_refused (Fixture *f, gconstpointer data)
{
  NnDesign *before = design_of (f);
  graphene_point_t out = port_at (f, f->output, TRUE, 0);

  /* A loop, and nothing. */
  drag (f, out, port_at (f, f->flat, FALSE, 0));
  g_assert_true (design_of (f) == before);
  drag (f, out, GRAPHENE_POINT_INIT (out.x - 30, out.y + 170));
  g_assert_true (design_of (f) == before);
  /* Put back where it was. */
  drag (f, port_at (f, f->output, FALSE, 0), port_at (f, f->output, FALSE, 0));
  g_assert_true (design_of (f) == before);
}

static void
test_zoom (Fixture *f, gconstpointer data)
{
  graphene_rect_t before = bounds_of (f, GTK_WIDGET (card_of (f, f->code))), after;

  act (f, "canvas.zoom-in");
  after = bounds_of (f, GTK_WIDGET (card_of (f, f->code)));
  g_assert_cmpfloat (after.size.width, >, before.size.width);
  act (f, "canvas.zoom-reset");
  after = bounds_of (f, GTK_WIDGET (card_of (f, f->code)));
  g_assert_cmpfloat (after.size.width, ==, WB_CARD_WIDTH);
  /* Far out the cards change form: 66 pixels at 65 %. */
  act (f, "canvas.zoom-out");
  act (f, "canvas.zoom-out");
  g_assert_cmpint (gtk_widget_get_width (GTK_WIDGET (card_of (f, f->code))), ==, WB_COMPACT_WIDTH);
  act (f, "canvas.fit");
  after = bounds_of (f, GTK_WIDGET (card_of (f, f->loss)));
  g_assert_cmpfloat (after.origin.x + after.size.width, <, gtk_widget_get_width (f->canvas));
}

static void
drop (Fixture *f, const char *text, graphene_point_t at, gboolean expected)
{
  GtkEventController *target = controller_of (f, GTK_TYPE_DROP_TARGET);
  g_auto (GValue) value = G_VALUE_INIT;
  gboolean taken = FALSE;

  g_value_init (&value, G_TYPE_STRING);
  g_value_set_string (&value, text);
  g_signal_emit_by_name (target, "drop", &value, (double)at.x, (double)at.y, &taken);
  g_assert_cmpint (taken, ==, expected);
  lay_out (f);
}

static void
test_drop (Fixture *f, gconstpointer data)
{
  graphene_point_t out = port_at (f, f->flat, TRUE, 0), in = port_at (f, f->code, FALSE, 0);
  NnDesign *before = design_of (f);
  guint id;

  drop (f, "some text", out, FALSE);
  drop (f, "layer:none-such", out, FALSE);
  g_assert_true (design_of (f) == before);
  /* On an edge. */
  drop (f, "layer:dropout", GRAPHENE_POINT_INIT ((out.x + in.x) / 2, out.y + 4), TRUE);
  id = selected (f);
  g_assert_cmpuint (source_of (f, id, 0), ==, f->flat);
  g_assert_cmpuint (source_of (f, f->code, 0), ==, id);
  g_assert_cmpstr (wb_document_undo_label (f->document), ==, "Add Dropout");
  wb_document_undo (f->document);
  settle (300);
  /* Near a free port. */
  wb_document_edit (f->document, nn_design_disconnect (design_of (f), f->output, 0), "Cut off",
                    NULL);
  lay_out (f);
  in = port_at (f, f->output, FALSE, 0);
  drop (f, "layer:dropout", GRAPHENE_POINT_INIT (in.x - 6, in.y + 10), TRUE);
  g_assert_cmpuint (source_of (f, f->output, 0), ==, selected (f));
  /* Anywhere else. */
  drop (f, "layer:dense", GRAPHENE_POINT_INIT (60, 330), TRUE);
  g_assert_cmpuint (source_of (f, selected (f), 0), ==, 0);
}

static void
test_build (Fixture *f, gconstpointer data)
{
  static const char *const types[] = { "input", "flatten", "dense", "dense",
                                       "reconstruction-loss" };
  NnDesign *design;

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      wb_canvas_add_layer (WB_CANVAS (f->canvas), nn_layer_type (types[i]));
      lay_out (f);
      g_assert_cmpuint (selected (f), !=, 0);
    }
  design = design_of (f);
  g_assert_cmpuint (nn_design_n_nodes (design), ==, 5);
  /* A chain, and the target. */
  g_assert_cmpuint (nn_design_n_edges (design), ==, 5);
  g_assert_cmpuint (source_of (f, selected (f), 1), ==, nn_design_node_at (design, 0)->id);
  /* 32 values against 784: the bubble offers the fix. */
  g_assert_false (nn_analysis_can_train (wb_document_analysis (f->document)));
  g_assert_true (gtk_widget_activate_action (f->canvas, "canvas.fix", "u", 0u));
  lay_out (f);
  g_assert_true (nn_analysis_can_train (wb_document_analysis (f->document)));
}

static void
count_paint (GdkFrameClock *clock, guint *count)
{
  *count += 1;
}

/* Once the data are there and shown, nothing redraws. */
static void
test_idle (Fixture *f, gconstpointer data)
{
  gint64 end = g_get_monotonic_time () + 2 * PATIENCE_US;
  GdkFrameClock *clock = gtk_widget_get_frame_clock (f->canvas);
  guint count = 0;

  while (wb_document_dataset (f->document) == NULL && g_get_monotonic_time () < end)
    settle (20);
  g_assert_nonnull (wb_document_dataset (f->document));
  settle (1500);
  g_signal_connect (clock, "paint", G_CALLBACK (count_paint), &count);
  settle (700);
  g_signal_handlers_disconnect_by_data (clock, &count);
  g_assert_cmpuint (count, ==, 0);
}

static void
saved (GObject *source, GAsyncResult *result, gpointer done)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (wb_document_save_finish (WB_DOCUMENT (source), result, &error));
  g_assert_no_error (error);
  *(gboolean *)done = TRUE;
}

/* A saved file shows the network. */
static void
test_picture (Fixture *f, gconstpointer data)
{
  g_autofree char *path = NULL;
  const int fd = g_file_open_tmp ("diabolo-test-XXXXXX.diabolo", &path, NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) error = NULL;
  gint64 end = g_get_monotonic_time () + PATIENCE_US;
  int width = 300, height = 200;
  gboolean done = FALSE;
  g_autoptr (GskRenderNode) picture =
      wb_canvas_make_picture (WB_CANVAS (f->canvas), &width, &height);

  close (fd);
  g_assert_nonnull (picture);
  g_assert_cmpint (width, ==, 300);
  g_assert_cmpint (height, <=, 200);
  wb_document_set_picture (f->document, picture, width, height);
  wb_document_save_async (f->document, file, saved, &done);
  while (!done && g_get_monotonic_time () < end)
    settle (5);
  g_assert_true (done);
  g_autoptr (NnProject) project = nn_project_load (path, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (project->thumbnail);
  g_autoptr (GdkTexture) texture = gdk_texture_new_from_bytes (project->thumbnail, &error);
  g_assert_no_error (error);
  g_assert_cmpint (gdk_texture_get_width (texture), ==, width);
  g_assert_cmpint (gdk_texture_get_height (texture), ==, height);
  g_autofree guint32 *pixels = g_new (guint32, width * height);
  guint n_white = 0;
  gdk_texture_download (texture, (guchar *)pixels, (gsize)width * 4);
  for (int i = 0; i < width * height; i++)
    n_white += (pixels[i] & 0xffffff) == 0xffffff;
  /* Cards are white, and the ground is not. */
  g_assert_cmpuint (n_white, >, (guint)(width * height) / 10);
  g_assert_cmpuint (n_white, <, (guint)(width * height) * 9 / 10);
  g_remove (path);
}

/* ---- where a lesson points ---- */

static void
assert_in_view (Fixture *f, guint id)
{
  graphene_rect_t card;
  g_assert_true (gtk_widget_compute_bounds (GTK_WIDGET (card_of (f, id)), f->canvas, &card));
  g_assert_cmpfloat (card.origin.x, >=, 0);
  g_assert_cmpfloat (card.origin.x + card.size.width, <=, gtk_widget_get_width (f->canvas));
}

/* In a graph that is too long for the window, the node that a lesson points at is seen: as it
 * opens, and when the window's size changes. */
static void
test_pointed (Fixture *f, gconstpointer data)
{
  NnDesign *design = nn_design_new ();
  guint last = add (&design, "input", 0, 0);
  for (guint i = 1; i < 40; i++)
    {
      const guint id = add (&design, "dense", 32, i * 126.0);
      join (&design, last, id, 0);
      last = id;
    }
  f->document = wb_document_new (design);
  nn_design_unref (design);
  f->canvas = wb_canvas_new (f->document);
  wb_canvas_point_at (WB_CANVAS (f->canvas), last);
  f->window = gtk_window_new ();
  gtk_window_set_default_size (GTK_WINDOW (f->window), 600, 400);
  gtk_window_set_child (GTK_WINDOW (f->window), f->canvas);
  gtk_window_present (GTK_WINDOW (f->window));
  settle (200);
  assert_in_view (f, last);
  gtk_window_set_default_size (GTK_WINDOW (f->window), 700, 420);
  settle (200);
  assert_in_view (f, last);
}

/* ---- speed ---- */

#define N_CARDS 500
#define N_PANS 60

/* As many layers as fit into a window only when they are tiny. */
static void
set_up_large (Fixture *f, gconstpointer data)
{
  NnDesign *design = nn_design_new ();
  guint last = f->input = add (&design, "input", 0, 0);

  last = add (&design, "flatten", 0, 126);
  join (&design, f->input, last, 0);
  for (guint i = 2; i < N_CARDS; i++)
    {
      const guint id = add (&design, "dense", 32, i % 25 * 126.0);
      g_autoptr (NnDesign) old = design;

      design = nn_design_move_nodes (old, &id, 1, 0, i / 25 * 200.0);
      join (&design, last, id, 0);
      last = id;
    }
  show (f, design);
  nn_design_unref (design);
  gtk_window_set_default_size (GTK_WINDOW (f->window), 1280, 800);
  settle (500);
  gtk_widget_activate_action (f->canvas, "canvas.fit", NULL);
  settle (2000);
}

/* What a frame takes of the window's thread while a graph of 500 cards is panned. */
static void
test_pan_large (Fixture *f, gconstpointer data)
{
  GtkEventControllerScroll *scroll = NULL;
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (f->canvas);
  double seconds;
  gboolean handled;

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GObject) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_EVENT_CONTROLLER_SCROLL (controller))
        scroll = GTK_EVENT_CONTROLLER_SCROLL (controller);
    }
  seconds = nn_test_processor_seconds ();
  for (guint i = 0; i < N_PANS; i++)
    {
      g_signal_emit_by_name (scroll, "scroll", i % 20 < 10 ? 0.1 : -0.1, 0.05, &handled);
      gtk_test_widget_wait_for_draw (f->canvas);
    }
  seconds = (nn_test_processor_seconds () - seconds) / N_PANS;
  g_test_minimized_result (1000 * seconds, "%.1f ms a frame, %.0f frames a second", 1000 * seconds,
                           1 / seconds);
  g_assert_cmpfloat (seconds, <, 1.0 / 60);
}

static GtkWidget *
child_named (Fixture *f, const char *css_name)
{
  GtkWidget *child = gtk_widget_get_first_child (f->canvas);

  while (!g_str_equal (gtk_widget_get_css_name (child), css_name))
    child = gtk_widget_get_next_sibling (child);
  return child;
}

/* Labels in sight, none of which is cut. */
static guint
check_labels (GtkWidget *widget)
{
  guint n = 0;

  if (GTK_IS_LABEL (widget) && gtk_widget_get_mapped (widget))
    {
      g_assert_false (pango_layout_is_ellipsized (gtk_label_get_layout (GTK_LABEL (widget))));
      n++;
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n += check_labels (child);
  return n;
}

/* However narrow the bar is, what it says is whole or not there; of what is wrong at least how many
 * there are. */
static void
test_bar (Fixture *f, gconstpointer data)
{
  GtkWidget *bar = child_named (f, "canvasbar");
  int least, wanted, height;

  g_assert_cmpuint (nn_analysis_n_diagnostics (wb_document_analysis (f->document)), >, 0);
  gtk_widget_measure (bar, GTK_ORIENTATION_HORIZONTAL, -1, &least, &wanted, NULL, NULL);
  gtk_widget_measure (bar, GTK_ORIENTATION_VERTICAL, -1, NULL, &height, NULL, NULL);
  for (int width = least; width <= wanted; width++)
    {
      gtk_widget_allocate (bar, width, height, -1, NULL);
      g_assert_cmpuint (check_labels (bar), >=, width < wanted ? 1 : 4);
    }
}

static void
move_by (Fixture *f, guint id, double dx, double dy)
{
  wb_document_edit (f->document, nn_design_move_nodes (design_of (f), &id, 1, dx, dy), "Move",
                    NULL);
  settle (300); /* it glides there */
  lay_out (f);
}

/* The overview goes where it would cover a card, and lets it show through where it is needed. */
static void
test_minimap (Fixture *f, gconstpointer data)
{
  GtkWidget *map = child_named (f, "minimap");
  const graphene_rect_t card = bounds_of (f, GTK_WIDGET (card_of (f, f->loss)));
  const graphene_rect_t at = bounds_of (f, map);

  g_assert_true (gtk_widget_get_mapped (map));
  g_assert_false (gtk_widget_has_css_class (map, "over-card"));
  /* The view is at 100 %. */
  move_by (f, f->loss, at.origin.x - card.origin.x,
           at.origin.y + at.size.height - card.origin.y - card.size.height);
  g_assert_false (gtk_widget_get_mapped (map));
  move_by (f, f->input, 0, -900);
  g_assert_true (gtk_widget_get_mapped (map));
  g_assert_true (gtk_widget_has_css_class (map, "over-card"));
  wb_document_undo (f->document);
  wb_document_undo (f->document);
  settle (300);
  lay_out (f);
  g_assert_true (gtk_widget_get_mapped (map));
  g_assert_false (gtk_widget_has_css_class (map, "over-card"));
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  ADD ("/canvas/cards", test_cards);
  ADD ("/canvas/move", test_move);
  ADD ("/canvas/band", test_band);
  ADD ("/canvas/connect", test_connect);
  ADD ("/canvas/connect-refused", test_connect_refused);
  ADD ("/canvas/zoom", test_zoom);
  ADD ("/canvas/bar", test_bar);
  ADD ("/canvas/minimap", test_minimap);
  ADD ("/canvas/drop", test_drop);
  g_test_add ("/canvas/pointed", Fixture, NULL, NULL, test_pointed, tear_down);
  g_test_add ("/canvas/build", Fixture, NULL, set_up_empty, test_build, tear_down);
  ADD ("/canvas/picture", test_picture);
  ADD ("/canvas/idle", test_idle);
  if (g_test_perf ()) /* -m perf */
    g_test_add ("/canvas/pan-large", Fixture, NULL, set_up_large, test_pan_large, tear_down);
  return g_test_run ();
}
