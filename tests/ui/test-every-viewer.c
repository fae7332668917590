/* Every viewer of the registry with every kind of network: it answers or says what it needs, comes
 * back when it can, is drawn, exported and set again from what it remembers. */
#include "viewer-fixture.h"

#include "base/nn-error.h"
#include "formats/nn-lessons.h"
#include "formats/nn-npy.h"
#include "viewers/wb-viewer.h"

#include <adwaita.h>

#define SETTLE_MS 150
#define N_FIGURES 3
#define NPY 4

static char *data_folder;

static gboolean
stop (gpointer done)
{
  *(gboolean *)done = TRUE;
  return G_SOURCE_REMOVE;
}

static void
settle (void)
{
  gboolean done = FALSE;

  g_timeout_add (SETTLE_MS, stop, &done);
  while (!done)
    g_main_context_iteration (NULL, TRUE);
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

/* Trained a little, then broken, mended, without a document. */
static void
live_through (const WbViewerType *type, WbDocument *document)
{
  FixtureWindow rig = fixture_viewer (type->id, document, 500, 320);

  settle ();
  check_exports (&rig);
  wb_document_step_batch (rig.document);
  settle ();
  GtkWidget *settings = wb_viewer_make_settings (rig.viewer);
  if (settings != NULL)
    g_object_unref (g_object_ref_sink (settings));
  check_exports (&rig);
  check_state (&rig);

  NnDesign *design = wb_document_design (rig.document);
  const guint first = nn_design_node_at (design, 0)->id;
  wb_document_edit (rig.document, nn_design_remove_nodes (design, &first, 1, FALSE), "Break", NULL);
  settle ();
  check_exports (&rig);
  wb_document_undo (rig.document);
  wb_document_set_sample (rig.document, 3);
  settle ();
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
test_classifier (gconstpointer data)
{
  NnDesign *design = nn_design_new ();
  guint input = nn_test_add (&design, "input", NULL, 0);
  guint flatten = nn_test_add (&design, "flatten", NULL, input);
  guint output = nn_test_add (&design, "dense", "units=4 activation=softmax", flatten);

  nn_test_add (&design, "classification-loss", NULL, output);
  live_through (data, fixture_open (design, data_folder));
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
  const int status = g_test_run ();
  fixture_remove_folder (data_folder);
  g_free (data_folder);
  return status;
}
