/* Every viewer of the registry with every kind of network: it answers or says what it needs, comes
 * back when it can, is drawn, exported and set again from what it remembers. */
#include "key-fixture.h"
#include "viewer-fixture.h"

#include "base/nn-error.h"
#include "formats/nn-lessons.h"
#include "formats/nn-npy.h"
#include "formats/nn-project.h"
#include "viewers/wb-viewer.h"

#include <adwaita.h>
#include <math.h>

#define SETTLE_MS 60
#define N_FIGURES 3
#define NPY 4

static char *data_folder;

static gboolean
stop (gpointer done)
{
  *(gboolean *)done = TRUE;
  return G_SOURCE_REMOVE;
}

/* What the viewer does next, it does now; no longer than that takes. */
static void
settle (FixtureWindow *rig)
{
  gboolean done = FALSE;

  for (guint i = 0; i < 2; i++) /* an edit's end, and the frame that shows it */
    {
      g_timeout_add (SETTLE_MS, stop, &done);
      while (!done)
        g_main_context_iteration (NULL, TRUE);
      done = WB_VIEWER_GET_CLASS (rig->viewer)->make_probe == NULL
             || wb_viewer_get_notice (rig->viewer) != NULL
             || wb_document_probe_result (rig->document, wb_viewer_probe_id (rig->viewer)) != NULL;
      if (done)
        return;
    }
}

/* Nothing but numbers that NumPy's format can hold. */
static void
check_npy (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, &error);
  g_assert_no_error (error);
  g_autoptr (GBytes) bytes = g_mapped_file_get_bytes (file);
  g_autoptr (NnTensor) tensor = nn_npy_read (bytes, path, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (tensor->size, >, 0);
}

/* Files with something in them, or the notice that the viewer shows. */
static void
check_exports (FixtureWindow *rig)
{
  static const char *const names[] = { "x.png", "x.svg", "x.pdf", "x.csv", "x.npy" };
  const char *notice = wb_viewer_get_notice (rig->viewer);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (data_folder, names[i], NULL);
      g_autoptr (GFile) file = g_file_new_for_path (path);
      g_autoptr (GError) error = NULL;
      const gboolean saved = wb_viewer_export (rig->viewer, file, &error);
      if (notice != NULL || (!saved && i >= N_FIGURES))
        {
          g_assert_error (error, NN_ERROR, NN_ERROR_UNSUPPORTED);
          g_assert_true (notice == NULL || g_str_equal (error->message, notice));
          g_assert_false (g_file_query_exists (file, NULL));
          continue;
        }
      g_assert_no_error (error);
      if (i == NPY)
        check_npy (path);
      g_assert_cmpint (g_remove (path), ==, 0);
    }
}

/* What a viewer remembers, another of its kind takes over. */
static void
check_state (FixtureWindow *rig)
{
  g_autoptr (JsonObject) state = wb_viewer_save_state (rig->viewer);
  WbViewer *other = g_object_ref_sink (wb_viewer_new (wb_viewer_get_viewer_type (rig->viewer)));
  wb_viewer_load_state (other, state);
  g_autoptr (JsonObject) again = wb_viewer_save_state (other);
  g_autoptr (JsonNode) a = json_node_init_object (json_node_alloc (), state);
  g_autoptr (JsonNode) b = json_node_init_object (json_node_alloc (), again);
  g_autofree char *before = json_to_string (a, TRUE), *after = json_to_string (b, TRUE);

  g_assert_cmpstr (after, ==, before);
  g_object_unref (other);
}

/* The wheel scrolls what is around a control and changes none in passing. */
static void
check_wheel (GtkWidget *widget)
{
  if (GTK_IS_SCALE (widget) || GTK_IS_SPIN_BUTTON (widget))
    g_assert_false (fixture_takes_scrolling (widget));
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    check_wheel (child);
}

/* Trained a little, then broken, mended, without a document. */
static void
live_through (const WbViewerType *type, WbDocument *document)
{
  FixtureWindow rig = fixture_viewer (type->id, document, 500, 320);

  settle (&rig);
  check_exports (&rig);
  wb_document_step_batch (rig.document);
  settle (&rig);
  GtkWidget *settings = wb_viewer_make_settings (rig.viewer);
  if (settings != NULL)
    {
      check_wheel (g_object_ref_sink (settings));
      g_object_unref (settings);
    }
  check_wheel (GTK_WIDGET (rig.viewer));
  check_exports (&rig);
  check_state (&rig);

  NnDesign *design = wb_document_design (rig.document);
  const guint first = nn_design_node_at (design, 0)->id;
  wb_document_edit (rig.document, nn_design_remove_nodes (design, &first, 1, FALSE), "Break", NULL);
  settle (&rig);
  check_exports (&rig);
  wb_document_undo (rig.document);
  wb_document_set_sample (rig.document, 3);
  settle (&rig);
  check_exports (&rig);
  fixture_window_close (&rig);
}

static void
test_autoencoder (gconstpointer data)
{
  live_through (data,
                fixture_open (nn_test_autoencoder ("units=6 activation=relu", NULL), data_folder));
}

static void
test_lesson (const WbViewerType *type, const char *id)
{
  g_autoptr (GError) error = NULL;
  WbDocument *document = wb_document_open_lesson (id, &error);

  g_assert_no_error (error);
  fixture_wait (fixture_has_data, document);
  live_through (type, document);
}

/* ---- bad input: every viewer at once ---- */

#define MAX_VIEWERS 32

typedef struct
{
  FixtureWindow shown;
  WbViewer *viewers[MAX_VIEWERS];
  guint n;
  const char *silent; /* ids of those that should say why they show nothing */
} Wall;

/* document (transfer full) */
static void
wall_open (Wall *wall, WbDocument *document)
{
  GtkWidget *flow = gtk_flow_box_new ();

  wall->n = 0;
  for (; wb_viewer_types ()[wall->n] != NULL; wall->n++)
    {
      wall->viewers[wall->n] = wb_viewer_new (wb_viewer_types ()[wall->n]);
      gtk_widget_set_size_request (GTK_WIDGET (wall->viewers[wall->n]), 300, 200);
      gtk_flow_box_append (GTK_FLOW_BOX (flow), GTK_WIDGET (wall->viewers[wall->n]));
      wb_viewer_set_document (wall->viewers[wall->n], document);
    }
  wall->shown = fixture_window (flow, document, 1250, 780);
}

static const char *
id_of (const Wall *wall, guint i)
{
  return wb_viewer_get_viewer_type (wall->viewers[i])->id;
}

static gboolean
is_listed (const char *ids, const char *id)
{
  g_auto (GStrv) list = g_strsplit (ids, " ", -1);

  return g_strv_contains ((const char *const *)list, id);
}

static gboolean
says_what_it_should (gpointer data)
{
  const Wall *wall = data;

  for (guint i = 0; i < wall->n; i++)
    {
      const char *notice = wb_viewer_get_notice (wall->viewers[i]);
      /* "Counting…" will be something else soon. */
      if ((notice != NULL) != is_listed (wall->silent, id_of (wall, i))
          || (notice != NULL && g_str_has_suffix (notice, "…")))
        return FALSE;
    }
  return TRUE;
}

/* Waits until just these viewers say why they show nothing; each in whole sentences. */
static void
check_wall (Wall *wall, const char *silent)
{
  const gint64 end = g_get_monotonic_time () + 5 * G_USEC_PER_SEC;

  wall->silent = silent;
  while (!says_what_it_should (wall) && g_get_monotonic_time () < end)
    {
      gboolean done = FALSE;
      g_timeout_add (10, stop, &done);
      while (!done)
        g_main_context_iteration (NULL, TRUE);
    }
  for (guint i = 0; i < wall->n; i++)
    {
      const char *notice = wb_viewer_get_notice (wall->viewers[i]);

      if ((notice != NULL) != is_listed (silent, id_of (wall, i)))
        {
          g_test_message ("%s says: %s", id_of (wall, i), notice != NULL ? notice : "nothing");
          g_test_fail ();
        }
      g_assert_true (notice == NULL || (strlen (notice) > 20 && g_str_has_suffix (notice, ".")));
    }
}

/* On the data of a folder. design (transfer full), (transfer full) */
static NnDesign *
with_data (NnDesign *design, const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NnParams) data = nn_params_with_text (nn_design_data (design), "name", folder, &error);

  g_assert_no_error (error);
  nn_test_replace (&design, nn_design_with_data (design, data));
  return design;
}

static void
wall_edit (Wall *wall, NnDesign *design)
{
  wb_document_edit (wall->shown.document, with_data (design, data_folder), "Edit", NULL);
}

/* Of any network here: no Sampling layer, no points of the plane. */
#define ALWAYS "vae-terms points "

/* units: of a layer before the last one, 0: none. (transfer full) */
static NnDesign *
make_classifier (guint units)
{
  g_autofree char *params = g_strdup_printf ("units=%u", units);
  NnDesign *design = nn_design_new ();
  guint last = nn_test_add (&design, "input", NULL, 0);

  last = nn_test_add (&design, "flatten", NULL, last);
  if (units > 0)
    last = nn_test_add (&design, "dense", params, last);
  last = nn_test_add (&design, "dense", "units=4 activation=softmax", last);
  nn_test_add (&design, "classification-loss", NULL, last);
  return design;
}

/* A code of 4 x 4 x 2 maps. (transfer full) */
static NnDesign *
make_convolutional (void)
{
  g_autoptr (GError) error = NULL;
  NnDesign *design = nn_design_new ();
  const guint input = nn_test_add (&design, "input", NULL, 0);
  guint last =
      nn_test_add (&design, "conv2d", "filters=2 kernel-size=3 stride=2 padding=same", input);

  last = nn_test_add (&design, "upsampling2d", "size=2", last);
  last = nn_test_add (&design, "conv2d", "filters=1 kernel-size=3 padding=same activation=sigmoid",
                      last);
  last = nn_test_add (&design, "reconstruction-loss", NULL, last);
  nn_test_replace (&design, nn_design_connect (design, input, 0, last, 1, &error));
  g_assert_no_error (error);
  return design;
}

static void
test_networks (void)
{
  Wall wall;

  wall_open (&wall, fixture_open (nn_test_autoencoder ("units=6", NULL), data_folder));
  check_wall (&wall, ALWAYS "classes loss"); /* no training yet */
  wb_document_set_sample (wall.shown.document, 99999);
  wb_document_step_batch (wall.shown.document);
  check_wall (&wall, ALWAYS "classes activations");
  wb_document_set_sample (wall.shown.document, 3);
  check_wall (&wall, ALWAYS "classes");
  wall_edit (&wall, make_classifier (0)); /* no code */
  check_wall (&wall, ALWAYS "latent manifold decode code baseline");
  wall_edit (&wall, nn_test_autoencoder ("units=1", NULL));
  check_wall (&wall, ALWAYS "classes");
  NnDesign *no_decoder = make_classifier (2); /* a code, but nothing given back */
  nn_test_replace (&no_decoder, nn_design_set_code_node (no_decoder, 3));
  wall_edit (&wall, no_decoder);
  check_wall (&wall, ALWAYS "manifold decode baseline");
  wall_edit (&wall, make_convolutional ());
  check_wall (&wall, ALWAYS "classes");
  fixture_window_close (&wall.shown);
}

/* Without labels there are codes all the same, but no classes; once there are, these come by
 * themselves. */
static void
test_no_labels (void)
{
  g_autofree char *folder = fixture_make_data ();
  g_autofree char *train = g_build_filename (folder, "train-labels-idx1-ubyte", NULL);
  g_autofree char *test = g_build_filename (folder, "t10k-labels-idx1-ubyte", NULL);
  Wall wall;

  g_assert_cmpint (g_remove (train) | g_remove (test), ==, 0);
  wall_open (&wall, fixture_open (nn_test_autoencoder ("units=2", NULL), folder));
  check_wall (&wall, ALWAYS "classes loss");
  wb_document_edit (wall.shown.document, with_data (make_classifier (0), folder), "Edit", NULL);
  check_wall (&wall, ALWAYS "activations baseline classes code decode draw histograms latent loss "
                            "manifold maximise reconstruction");
  wb_document_set_data (wall.shown.document,
                        data_folder); /* labels come, and the viewers with them */
  check_wall (&wall, ALWAYS "baseline code decode latent loss manifold");
  fixture_window_close (&wall.shown);
  nn_test_remove_folder (folder);
}

static void
opened (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  *(WbDocument **)data = wb_document_open_finish (result, &error);
  g_assert_no_error (error);
}

/* A project whose code is not a number. */
static WbDocument *
open_broken (const char *path, guint broken)
{
  static const struct
  {
    guint node;
    const char *name;
    NnShape shape;
  } weights[] = {
    { 3, "kernel", { 2, { 64, 2 } } },
    { 3, "bias", { 1, { 2 } } },
    { 4, "kernel", { 2, { 2, 64 } } },
    { 4, "bias", { 1, { 64 } } },
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (NnCheckpoint) checkpoint = nn_checkpoint_new ();
  NnDesign *design = nn_test_autoencoder ("units=2", NULL);
  g_autoptr (NnParams) data =
      nn_params_with_text (nn_design_data (design), "name", data_folder, &error);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  WbDocument *document = NULL;

  nn_test_replace (&design, nn_design_with_data (design, data));
  checkpoint->history = nn_run_history_new ();
  checkpoint->run = nn_run_history_begin (checkpoint->history);
  for (guint i = 0; i < G_N_ELEMENTS (weights); i++)
    {
      g_autoptr (NnTensor) value = nn_tensor_new (&weights[i].shape);

      for (gsize k = 0; k < value->size; k++)
        value->data[k] = i == broken ? NAN : 0.1f;
      nn_checkpoint_add (checkpoint, weights[i].node, weights[i].name, value, NULL, 0);
    }
  g_autoptr (NnProject) project = nn_project_new (design, checkpoint);
  nn_design_unref (design);
  g_assert_true (nn_project_save (project, path, NULL, &error));
  g_assert_no_error (error);
  wb_document_open_async (file, NULL, opened, &document);
  while (document == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (g_remove (path), ==, 0);
  fixture_wait (fixture_has_data, document);
  return document;
}

static void
test_not_a_number (void)
{
  g_autofree char *path = g_build_filename (data_folder, "broken.diabolo", NULL);
  Wall wall;

  wall_open (&wall, open_broken (path, 3));
  check_wall (&wall, ALWAYS "classes loss manifold decode");
  fixture_window_close (&wall.shown);
  wall_open (&wall, open_broken (path, 1));
  check_wall (&wall, ALWAYS "classes loss latent decode code maximise");
  /* With weights drawn anew everything is there again. */
  wb_document_reset (wall.shown.document, TRUE);
  check_wall (&wall, ALWAYS "classes loss");
  fixture_window_close (&wall.shown);
}

/* Half of a window of 1,000 pixels with its panels open is enough for any of them. */
static void
test_width (void)
{
  for (guint i = 0; wb_viewer_types ()[i] != NULL; i++)
    {
      GtkWidget *viewer = g_object_ref_sink (GTK_WIDGET (wb_viewer_new (wb_viewer_types ()[i])));
      int least;

      gtk_widget_measure (viewer, GTK_ORIENTATION_HORIZONTAL, -1, &least, NULL, NULL, NULL);
      g_assert_cmpint (least, <=, 244);
      g_object_unref (viewer);
    }
}

static void
test_classifier (gconstpointer data)
{
  live_through (data, fixture_open (make_classifier (0), data_folder));
}

/* A code of one number, and nothing that is a picture. */
static void
test_points (gconstpointer data)
{
  test_lesson (data, "curve");
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  data_folder = fixture_make_data ();
  for (guint i = 0; wb_viewer_types ()[i] != NULL; i++)
    {
      const WbViewerType *type = wb_viewer_types ()[i];
      g_autofree char *autoencoder = g_strdup_printf ("/viewer/%s/autoencoder", type->id);
      g_autofree char *classifier = g_strdup_printf ("/viewer/%s/classifier", type->id);
      g_autofree char *points = g_strdup_printf ("/viewer/%s/points", type->id);
      g_test_add_data_func (autoencoder, type, test_autoencoder);
      g_test_add_data_func (classifier, type, test_classifier);
      g_test_add_data_func (points, type, test_points);
    }
  g_test_add_func ("/viewers/networks", test_networks);
  g_test_add_func ("/viewers/no-labels", test_no_labels);
  g_test_add_func ("/viewers/not-a-number", test_not_a_number);
  g_test_add_func ("/viewers/width", test_width);
  const int status = g_test_run ();
  nn_test_remove_folder (data_folder);
  g_free (data_folder);
  return status;
}
