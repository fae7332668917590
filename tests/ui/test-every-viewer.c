/* Every viewer of the registry with every kind of network: it answers or says what it needs, comes
 * back when it can, is drawn, exported and set again from what it remembers. */
#include "viewer-fixture.h"

#include "formats/nn-lessons.h"
#include "viewers/wb-viewer.h"

#include <adwaita.h>

#define SETTLE_MS 150

static char *data_folder;

typedef struct
{
  WbDocument *document;
  GtkWidget *window;
  WbViewer *viewer;
} Rig;

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

static void
rig_open (Rig *rig, const WbViewerType *type, WbDocument *document)
{
  rig->document = document;
  rig->window = gtk_window_new ();
  rig->viewer = wb_viewer_new (type);
  gtk_window_set_default_size (GTK_WINDOW (rig->window), 500, 320);
  gtk_window_set_child (GTK_WINDOW (rig->window), GTK_WIDGET (rig->viewer));
  wb_document_set_frame_widget (rig->document, rig->window);
  wb_viewer_set_document (rig->viewer, rig->document);
  gtk_window_present (GTK_WINDOW (rig->window));
  settle ();
}

static void
rig_close (Rig *rig)
{
  wb_document_set_frame_widget (rig->document, NULL);
  gtk_window_destroy (GTK_WINDOW (rig->window));
  wb_document_close (rig->document);
  g_object_unref (rig->document);
}

static void
check_exports (Rig *rig)
{
  static const char *const names[] = { "x.png", "x.svg", "x.pdf", "x.csv" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (data_folder, names[i], NULL);
      g_autoptr (GFile) file = g_file_new_for_path (path);
      g_autoptr (GError) error = NULL;
      g_assert_true (wb_viewer_export (rig->viewer, file, &error));
      g_assert_no_error (error);
      g_assert_cmpint (g_remove (path), ==, 0);
    }
}

/* What a viewer remembers, another of its kind takes over. */
static void
check_state (Rig *rig)
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
  Rig rig;

  rig_open (&rig, type, document);
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
  rig_close (&rig);
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
