/* Classes and terms of a loss: counting and geometry without a window, live in one. */
#include "look-fixture.h"
#include "viewer-fixture.h"

#include "viewers/wb-classes-draw.h"
#include "viewers/wb-drawing-viewer.h"
#include "viewers/wb-dock.h"

#include <math.h>

static char *data_folder;

static NnClassesTable *
make_table (guint n_classes, guint n)
{
  NnClassesTable *table = nn_classes_table_new (n_classes, n);

  table->n_part = n;
  for (guint i = 0; i < n; i++)
    {
      table->truth[i] = i % n_classes;
      table->likeliest[i] = i % 5 == 0 ? (i + 1) % n_classes : i % n_classes;
      table->p_truth[i] = table->truth[i] == table->likeliest[i] ? 0.9f : 0.01f * (i % 10);
      table->p_likeliest[i] = 0.9f;
      table->p_positive[i] = table->likeliest[i] == 1 ? 0.9f : 0.1f;
    }
  return table;
}

static void
test_draw (void)
{
  g_autoptr (NnClassesTable) table = make_table (4, 400);
  g_autoptr (NnDataset) dataset = nn_test_dataset (FIXTURE_TRAIN);
  g_autoptr (WbClassesData) data = wb_classes_data_new (table, NULL, 0.5, 2, 3);
  WbClassesView view = { .data = data, .dataset = dataset };
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, 700, 260);
  cairo_t *cr = cairo_create (surface);
  PangoContext *context = wb_figure_context ();
  WbClassesLayout layout;
  gint truth, predicted;

  wb_classes_layout (&view, context, 700, 260, &layout);
  g_assert_cmpuint (layout.n_scores, ==, WB_CLASSES_N_SCORES);
  g_assert_cmpfloat (layout.list.width, >, 100);
  g_assert_cmpfloat (layout.curve.width, ==, 0);
  g_assert_cmpfloat (layout.scale_y + layout.line / 2, <=, 260);
  wb_classes_draw (&view, &layout, cr, context);
  /* A cell near its corner: the diagonal is strong, an empty cell pale. */
  const guint32 strong = fixture_pixel (surface, layout.left + 3, layout.top + 3);
  const guint32 pale =
      fixture_pixel (surface, layout.left + 2 * layout.cell_width + 3, layout.top + 3);
  g_assert_cmpuint (data->counts[2], ==, 0);
  g_assert_cmpuint (strong >> 16, <, 0x70);
  g_assert_cmpuint (pale >> 16, >, 0xd0);
  g_assert_true (wb_classes_cell_at (&layout, layout.left + 3.5 * layout.cell_width,
                                     layout.top + 2.5 * layout.cell_height, &truth, &predicted));
  g_assert_cmpint (truth, ==, 2);
  g_assert_cmpint (predicted, ==, 3);
  g_assert_false (wb_classes_cell_at (&layout, 1, layout.top + 2, &truth, &predicted));
  g_assert_cmpint (
      wb_classes_sample_at (&view, &layout, layout.list.x + 5, layout.list.y + layout.line + 10),
      ==, 0);
  g_assert_cmpuint (data->n_in_cell, ==, data->counts[2 * 4 + 3]);
  g_autofree char *text = wb_classes_cell_text (data, 2, 3);
  g_assert_true (g_str_has_prefix (text, "True 2, predicted 3: 20 of 100"));
  /* Where there is little room, little more than the matrix is left. */
  wb_classes_layout (&view, context, 200, 150, &layout);
  g_assert_cmpuint (layout.n_scores, <, 2);
  g_assert_cmpfloat (layout.list.width, ==, 0);
  g_object_unref (context);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
}

/* A cell of the diagonal has room for all samples of its class, though scores must go for it. */
static void
test_whole_class_fits (void)
{
  g_autoptr (NnClassesTable) table = make_table (10, 10000);
  g_autoptr (NnDataset) dataset = nn_test_dataset (FIXTURE_TRAIN);
  g_autoptr (WbClassesData) data = wb_classes_data_new (table, NULL, 0.5, 2, 3);
  const WbClassesView view = { .data = data, .dataset = dataset };
  PangoContext *context = wb_figure_context ();
  WbClassesLayout layout;

  wb_classes_layout (&view, context, 400, 205, &layout);
  g_assert_cmpfloat (layout.cell_width, >, wb_figure_text_width (context, "<small>1,000</small>"));
  g_assert_cmpuint (layout.n_scores, >, 0);
  g_object_unref (context);
}

static void
test_two_classes (void)
{
  static const char *const names[] = { "normal", "fraud", NULL };
  g_autoptr (NnClassesTable) table = make_table (2, 100);
  g_autoptr (WbClassesData) low = wb_classes_data_new (table, names, 0.05, -1, -1);
  g_autoptr (WbClassesData) data = wb_classes_data_new (table, names, 0.5, -1, -1);
  WbClassesView view = { .data = data };
  PangoContext *context = wb_figure_context ();
  WbClassesLayout layout;
  g_autofree char *csv = wb_classes_data_to_csv (data);

  /* Everything is said to be fraud. */
  g_assert_cmpuint (low->counts[0] + low->counts[2], ==, 0);
  g_assert_cmpfloat (low->scores[1].recall, ==, 1);
  wb_classes_layout (&view, context, 600, 220, &layout);
  g_assert_cmpfloat (layout.curve.width, >, 100);
  const double threshold = wb_classes_threshold_at (
      &view, &layout, layout.curve.x + layout.curve.width - 6, layout.curve.y + 60);
  g_assert_cmpfloat_with_epsilon (threshold, 0.1, 1e-6);
  g_assert_true (isnan (wb_classes_threshold_at (&view, &layout, 2, layout.curve.y + 60)));
  g_assert_nonnull (strstr (csv, "\"normal\",\"fraud\",10,0.2\n"));
  g_assert_nonnull (strstr (csv, "\nthreshold,recall,precision\n0.9,0.8,0.8\n"));
  g_object_unref (context);
}

/* ---- in a window ---- */

static NnDesign *
classifier (void)
{
  NnDesign *design = nn_design_new ();
  guint input = nn_test_add (&design, "input", NULL, 0);
  guint flatten = nn_test_add (&design, "flatten", NULL, input);
  guint output = nn_test_add (&design, "dense", "units=4 activation=softmax", flatten);

  nn_test_add (&design, "classification-loss", NULL, output);
  nn_test_set_training (&design, "epochs=8 batch-size=16");
  return design;
}

static gboolean
has_counts (gpointer viewer)
{
  g_autofree char *csv = fixture_csv (viewer);
  return *csv != '\0';
}

typedef struct
{
  WbViewer *viewer;
  char *before;
} Waiting;

static gboolean
has_changed (gpointer data)
{
  const Waiting *waiting = data;
  g_autofree char *csv = fixture_csv (waiting->viewer);

  return strcmp (csv, waiting->before) != 0;
}

static void
test_live (void)
{
  FixtureWindow window;
  Waiting waiting;

  window = fixture_viewer ("classes", fixture_open (classifier (), data_folder), 700, 300);
  fixture_wait (has_counts, window.viewer); /* before any training */
  waiting = (Waiting){ window.viewer, fixture_csv (window.viewer) };
  wb_document_train (window.document);
  fixture_wait (fixture_finished, window.document);
  fixture_wait (has_changed, &waiting);
  g_free (waiting.before);
  g_assert_null (wb_viewer_get_notice (window.viewer));
  fixture_window_close (&window);
}

/* Samples in the matrix are those of a part. */
static gboolean
counts_part (gpointer viewer, NnPart part)
{
  NnDataset *dataset = wb_document_dataset (wb_viewer_get_document (viewer));
  g_autoptr (NnTensor) matrix = WB_VIEWER_GET_CLASS (viewer)->to_tensor (viewer);
  float n = 0;

  for (gsize i = 0; matrix != NULL && i < matrix->size; i++)
    n += matrix->data[i];
  return dataset != NULL && n > 0 && n == (float)nn_dataset_n_samples (dataset, part);
}

static gboolean
counts_held_out (gpointer viewer)
{
  return counts_part (viewer, NN_PART_VALIDATION);
}

static gboolean
counts_tested (gpointer viewer)
{
  return counts_part (viewer, NN_PART_TEST);
}

/* Where samples are held out to validate with, they can be counted instead of the test part. */
static void
test_held_out (void)
{
  g_autofree char *text = g_strdup_printf ("name=%s validation=training", data_folder);
  g_autoptr (NnParams) data = nn_test_params (nn_data_specs (), text);
  g_autoptr (JsonObject) state = json_object_new (), saved = NULL;
  FixtureWindow window =
      fixture_viewer ("classes", fixture_open (classifier (), data_folder), 700, 300);

  json_object_set_boolean_member (state, "validation", TRUE);
  fixture_wait (has_counts, window.viewer);
  wb_viewer_load_state (window.viewer, state);
  g_assert_true (counts_tested (window.viewer)); /* there is nothing else to count */
  wb_document_edit (window.document,
                    nn_design_with_data (wb_document_design (window.document), data), "Hold out",
                    NULL);
  fixture_wait (counts_held_out, window.viewer);
  saved = wb_viewer_save_state (window.viewer);
  g_assert_true (json_object_get_boolean_member (saved, "validation"));
  fixture_window_close (&window);
}

static void
test_notice (void)
{
  FixtureWindow window;
  NnDesign *design;

  window = fixture_viewer (
      "classes",
      fixture_open (nn_test_autoencoder ("units=6 activation=relu", "epochs=1"), data_folder), 700,
      300);
  g_assert_nonnull (strstr (wb_viewer_get_notice (window.viewer), "4 units with softmax"));
  /* Given what it needs, it comes back by itself. */
  design = nn_design_ref (wb_document_design (window.document));
  guint classes = nn_test_add (&design, "dense", "units=4 activation=softmax", 3);
  nn_test_add (&design, "classification-loss", NULL, classes);
  wb_document_edit (window.document, design, "Classify", NULL);
  fixture_wait (has_counts, window.viewer);
  g_assert_null (wb_viewer_get_notice (window.viewer));
  fixture_window_close (&window);
}

/* ---- the terms of a variational autoencoder ---- */

static NnDesign *
variational (void)
{
  g_autoptr (GError) error = NULL;
  NnDesign *design = nn_design_new ();
  guint input = nn_test_add (&design, "input", NULL, 0);
  guint flatten = nn_test_add (&design, "flatten", NULL, input);
  guint mean = nn_test_add (&design, "dense", "units=3", flatten);
  guint spread = nn_test_add (&design, "dense", "units=3", flatten);
  guint code = nn_test_add (&design, "sampling", NULL, mean);
  guint output = nn_test_add (&design, "dense", "units=64 activation=sigmoid", code);
  guint loss = nn_test_add (&design, "reconstruction-loss", NULL, output);

  nn_test_replace (&design, nn_design_connect (design, spread, 0, code, 1, &error));
  nn_test_replace (&design, nn_design_connect (design, input, 0, loss, 1, &error));
  nn_test_set_training (&design, "epochs=2 batch-size=16");
  return design;
}

static gboolean
has_terms (gpointer viewer)
{
  g_autofree char *csv = fixture_csv (viewer);
  return strstr (csv, "\n3,") != NULL && strstr (csv, "beta_kl\n1,") != NULL
         && strstr (csv, "\n2,") != NULL;
}

static void
test_terms (void)
{
  FixtureWindow window;
  gsize n;

  window = fixture_viewer ("vae-terms", fixture_open (variational (), data_folder), 700, 300);
  wb_document_train (window.document);
  fixture_wait (fixture_finished, window.document);
  fixture_wait (has_terms, window.viewer);
  NnRunHistory *runs = wb_document_runs (window.document);
  const NnRow *rows =
      nn_run_history_rows (runs, nn_run_history_run (runs, 0)->id, NN_ROW_VALIDATION, &n);
  g_assert_cmpuint (n, ==, 2);
  g_assert_cmpfloat (rows[1].divergence, >, 0);
  g_assert_cmpfloat (rows[1].divergence, <, rows[1].loss);
  g_assert_null (wb_viewer_get_notice (window.viewer));
  fixture_window_close (&window);
}

static void
test_terms_notice (void)
{
  FixtureWindow window;

  window = fixture_viewer (
      "vae-terms",
      fixture_open (nn_test_autoencoder ("units=6 activation=relu", "epochs=1"), data_folder), 700,
      300);
  g_assert_nonnull (strstr (wb_viewer_get_notice (window.viewer), "no Sampling layer"));
  fixture_window_close (&window);
}

/* ---- the code ---- */

static gboolean
has_units (gpointer viewer)
{
  g_autofree char *csv = fixture_csv (viewer);
  return strstr (csv, "\n6,") != NULL;
}

static void
test_code (void)
{
  FixtureWindow window;
  g_autofree char *path = g_build_filename (data_folder, "code.png", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (JsonObject) state = json_object_new (), saved = NULL;

  window = fixture_viewer (
      "code",
      fixture_open (nn_test_autoencoder ("units=6 activation=relu", "epochs=1"), data_folder), 700,
      300);
  fixture_wait (has_units, window.viewer);
  g_assert_null (wb_viewer_get_notice (window.viewer));
  g_assert_true (wb_viewer_export (window.viewer, file, NULL));
  json_object_set_boolean_member (state, "images", TRUE);
  json_object_set_int_member (state, "width", 3);
  wb_viewer_load_state (window.viewer, state);
  saved = wb_viewer_save_state (window.viewer);
  g_assert_cmpint (json_object_get_int_member (saved, "width"), ==, 3);
  g_assert_true (json_object_get_boolean_member (saved, "images"));
  g_assert_true (wb_viewer_export (window.viewer, file, NULL));
  fixture_window_close (&window);
}

static gboolean
press (WbViewer *viewer, guint key)
{
  GtkWidget *area = wb_drawing_viewer_get_area (WB_DRAWING_VIEWER (viewer));
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (area);
  gboolean handled = FALSE;

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);
      if (GTK_IS_EVENT_CONTROLLER_KEY (controller))
        g_signal_emit_by_name (controller, "key-pressed", key, 0, 0, &handled);
    }
  return handled;
}

/* Arrow keys mark one unit after the other, pointer and Escape another and none. */
static void
test_walk (void)
{
  FixtureWindow window = fixture_viewer (
      "code", fixture_open (nn_test_autoencoder ("units=6", "epochs=1"), data_folder), 700, 300);
  WbDrawingViewer *viewer = WB_DRAWING_VIEWER (window.viewer);
  WbDrawingViewerClass *klass = WB_DRAWING_VIEWER_GET_CLASS (viewer);

  g_assert_false (press (window.viewer, GDK_KEY_Right)); /* no units yet */
  fixture_wait (has_units, window.viewer);
  g_assert_cmpint (wb_drawing_viewer_get_marked (viewer), ==, -1);
  g_assert_true (press (window.viewer, GDK_KEY_Right));
  g_assert_true (press (window.viewer, GDK_KEY_Right));
  g_assert_cmpint (wb_drawing_viewer_get_marked (viewer), ==, 1);
  g_assert_true (press (window.viewer, GDK_KEY_End));
  g_assert_true (press (window.viewer, GDK_KEY_Right));
  g_assert_cmpint (wb_drawing_viewer_get_marked (viewer), ==, 5);
  g_autofree char *text = klass->item_text (viewer, 5);
  g_assert_true (g_str_has_prefix (text, "unit 6: mean "));
  g_assert_true (press (window.viewer, GDK_KEY_Escape));
  g_assert_cmpint (wb_drawing_viewer_get_marked (viewer), ==, -1);
  /* The matrix of codes takes the left half: a sixth of it is a unit's. */
  const WbSheet sheet = wb_drawing_viewer_sheet (viewer);
  g_assert_cmpint (klass->item_at (viewer, &sheet, 0.48 * sheet.width * 2.5 / 6, 100), ==, 2);
  fixture_window_close (&window);
}

int
main (int argc, char *argv[])
{
  int status;

  gtk_test_init (&argc, &argv, NULL);
  data_folder = fixture_make_data ();
  g_test_add_func ("/classes/draw", test_draw);
  g_test_add_func ("/classes/whole-class-fits", test_whole_class_fits);
  g_test_add_func ("/classes/two-classes", test_two_classes);
  g_test_add_func ("/classes/live", test_live);
  g_test_add_func ("/classes/held-out", test_held_out);
  g_test_add_func ("/classes/notice", test_notice);
  g_test_add_func ("/vae-terms/live", test_terms);
  g_test_add_func ("/vae-terms/notice", test_terms_notice);
  g_test_add_func ("/code/live", test_code);
  g_test_add_func ("/code/walk", test_walk);
  status = g_test_run ();
  nn_test_remove_folder (data_folder);
  g_free (data_folder);
  return status;
}
