/* The export dialog: every format of the list with a preview, parts, a file where it was asked for,
 * and no file where something is in the way. */
#include <adwaita.h>

#include "document-fixture.h"
#include "export/wb-export-dialog.h"
#include "export/wb-export-preview.h"
#include "export/wb-exporters.h"
#include "formats/nn-code-file.h"
#include "panels/wb-param-list.h"

static char *data_folder;
static char *out_folder;

static GtkWidget *
find_type (GtkWidget *root, GType type)
{
  if (G_TYPE_CHECK_INSTANCE_TYPE (root, type))
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_type (child, type);
      if (found != NULL)
        return found;
    }
  return NULL;
}

/* The button with that label. */
static GtkWidget *
find_button (GtkWidget *root, const char *label)
{
  if (GTK_IS_BUTTON (root) && g_strcmp0 (gtk_button_get_label (GTK_BUTTON (root)), label) == 0)
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_button (child, label);
      if (found != NULL)
        return found;
    }
  return NULL;
}

static const char *
shown (GtkWidget *dialog)
{
  GtkWidget *preview = find_type (dialog, WB_TYPE_EXPORT_PREVIEW);
  return gtk_stack_get_visible_child_name (GTK_STACK (find_type (preview, GTK_TYPE_STACK)));
}

/* Until the preview is of what was chosen last: no other is taken as an answer. */
static void
wait_for (GtkWidget *dialog, const char *page)
{
  const gint64 end = g_get_monotonic_time () + FIXTURE_PATIENCE;
  while (!g_str_equal (shown (dialog), page))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (1000);
    }
}

static void
wait_until_ready (GtkWidget *dialog, gboolean ready)
{
  const gint64 end = g_get_monotonic_time () + FIXTURE_PATIENCE;
  WbExportPreview *preview = WB_EXPORT_PREVIEW (find_type (dialog, WB_TYPE_EXPORT_PREVIEW));
  while (wb_export_preview_get_ready (preview) != ready)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (1000);
    }
}

static char *
text_of (GtkWidget *dialog)
{
  GtkTextBuffer *buffer =
      gtk_text_view_get_buffer (GTK_TEXT_VIEW (find_type (dialog, GTK_TYPE_TEXT_VIEW)));
  GtkTextIter start, end;
  gtk_text_buffer_get_bounds (buffer, &start, &end);
  return gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
}

static void
choose (GtkWidget *dialog, const char *format)
{
  GtkListBox *list = GTK_LIST_BOX (find_type (dialog, GTK_TYPE_LIST_BOX));
  for (gint i = 0; wb_exporters ()[i] != NULL; i++)
    if (g_str_equal (wb_exporters ()[i]->id, format))
      gtk_list_box_select_row (list, gtk_list_box_get_row_at_index (list, i));
}

static WbDocument *
trained_document (void)
{
  WbDocument *document = fixture_document (data_folder, 1);
  wb_document_train (document);
  fixture_wait (document, fixture_finished);
  return document;
}

static GtkWidget *
open_dialog (WbDocument *document)
{
  GtkWidget *dialog = wb_export_dialog_new (NULL, document);
  gtk_window_present (GTK_WINDOW (dialog));
  return dialog;
}

static void
test_previews (void)
{
  WbDocument *document = trained_document ();
  GtkWidget *dialog = open_dialog (document);
  GtkListBox *list = GTK_LIST_BOX (find_type (dialog, GTK_TYPE_LIST_BOX));
  gint n = 0;
  for (; wb_exporters ()[n] != NULL; n++)
    {
      const NnExporter *exporter = wb_exporters ()[n];
      g_test_message ("%s", exporter->id);
      choose (dialog, exporter->id);
      g_assert_false (gtk_widget_get_sensitive (find_button (dialog, "_Export…")));
      wait_until_ready (dialog, TRUE);
      g_assert_cmpstr (shown (dialog), ==, wb_exporter_is_figure (exporter) ? "figure" : "text");
      g_assert_true (gtk_widget_get_sensitive (find_button (dialog, "_Export…")));
      g_assert_cmpint (gtk_widget_get_sensitive (find_button (dialog, "Decoder")), ==,
                       (exporter->parts & 1 << NN_EXPORT_DECODER) != 0);
      if (!wb_exporter_is_figure (exporter))
        {
          g_autofree char *text = text_of (dialog);
          g_assert_cmpuint (strlen (text), >, 20);
        }
    }
  g_assert_null (gtk_list_box_get_row_at_index (list, n));
  gtk_window_destroy (GTK_WINDOW (dialog));
  fixture_close (document);
}

static gboolean told;

static void
note_notice (WbDocument *document, const char *text, const char *label, const char *action,
             gpointer data)
{
  told = strstr (text, "decoder.onnx") != NULL;
}

/* What is written is the chosen part; the window closes and the document tells. */
static void
test_write (void)
{
  WbDocument *document = trained_document ();
  GtkWidget *dialog = open_dialog (document);
  g_autofree char *path = g_build_filename (out_folder, "decoder.onnx", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autofree char *bytes = NULL;
  gsize length;
  told = FALSE;
  g_signal_connect (document, "notice", G_CALLBACK (note_notice), NULL);
  choose (dialog, "onnx");
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (find_button (dialog, "Decoder")), TRUE);
  wait_until_ready (dialog, TRUE);
  g_autofree char *text = text_of (dialog);
  g_assert_nonnull (strstr (text, "  z  N×"));
  g_object_add_weak_pointer (G_OBJECT (dialog), (gpointer *)&dialog);
  wb_export_dialog_write (WB_EXPORT_DIALOG (dialog), file);
  g_assert_false (gtk_widget_get_sensitive (find_button (dialog, "_Export…")));
  const gint64 end = g_get_monotonic_time () + FIXTURE_PATIENCE;
  while (dialog != NULL)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (1000);
    }
  g_assert_true (told);
  g_assert_true (g_file_get_contents (path, &bytes, &length, NULL));
  g_assert_cmpuint (length, >, 100);
  g_unlink (path);
  fixture_close (document);
}

/* What a format can be told is shown, changes the preview, and holds for what is written. */
static void
test_options (void)
{
  WbDocument *document = trained_document ();
  GtkWidget *dialog = open_dialog (document);
  g_autofree char *path = g_build_filename (out_folder, "images.dbcode", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) error = NULL;
  choose (dialog, "onnx");
  GtkWidget *list = find_type (dialog, WB_TYPE_PARAM_LIST);
  g_assert_false (gtk_widget_get_visible (list));
  choose (dialog, "compressed");
  wait_until_ready (dialog, TRUE);
  g_assert_true (gtk_widget_get_visible (list));
  g_autofree char *usual = text_of (dialog);
  g_assert_nonnull (strstr (usual, "values of 6 bits"));
  g_assert_nonnull (strstr (usual, "JPEG less headers"));

  gtk_spin_button_set_value (GTK_SPIN_BUTTON (find_type (list, GTK_TYPE_SPIN_BUTTON)), 3);
  wait_until_ready (dialog, FALSE);
  wait_until_ready (dialog, TRUE);
  g_autofree char *fewer = text_of (dialog);
  g_assert_nonnull (strstr (fewer, "values of 3 bits"));
  gtk_drop_down_set_selected (GTK_DROP_DOWN (find_type (list, GTK_TYPE_DROP_DOWN)), 1);
  wait_until_ready (dialog, FALSE);
  wait_until_ready (dialog, TRUE);

  g_object_add_weak_pointer (G_OBJECT (dialog), (gpointer *)&dialog);
  wb_export_dialog_write (WB_EXPORT_DIALOG (dialog), file);
  const gint64 end = g_get_monotonic_time () + FIXTURE_PATIENCE;
  while (dialog != NULL)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (1000);
    }
  char *contents;
  gsize length;
  g_assert_true (g_file_get_contents (path, &contents, &length, NULL));
  g_autoptr (GBytes) bytes = g_bytes_new_take (contents, length);
  g_autoptr (NnCodeReader) reader = nn_code_reader_new (bytes, path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (nn_code_reader_head (reader)->bits, ==, 3);
  g_assert_cmpuint (nn_code_reader_head (reader)->n, ==, FIXTURE_TRAIN);
  g_unlink (path);
  fixture_close (document);
}

static void
note_source (GObject *object, GAsyncResult *result, gpointer data)
{
  *(NnExportSource **)data = wb_document_export_finish (WB_DOCUMENT (object), result, NULL);
}

/* A window that is opened before the data are there waits for them, whatever was chosen first. */
static void
test_late_data (void)
{
  WbDocument *trained = trained_document ();
  g_autoptr (NnExportSource) source = NULL;
  wb_document_export_async (trained, note_source, &source);
  while (source == NULL)
    g_main_context_iteration (NULL, TRUE);
  fixture_close (trained);

  WbDocument *document = wb_document_new_imported (source->design, source->checkpoint);
  GtkWidget *dialog = open_dialog (document);
  choose (dialog, "dot");
  g_assert_null (wb_document_dataset (document));
  choose (dialog, "codes");
  wait_until_ready (dialog, TRUE);
  gtk_window_destroy (GTK_WINDOW (dialog));
  fixture_close (document);
}

/* Nothing learned yet: figures can be exported, weights cannot, and the page says why. */
static void
test_untrained (void)
{
  WbDocument *document = fixture_document (data_folder, 1);
  GtkWidget *dialog = open_dialog (document);
  choose (dialog, "svg");
  wait_until_ready (dialog, TRUE);
  choose (dialog, "onnx");
  wait_for (dialog, "problem");
  AdwStatusPage *page = ADW_STATUS_PAGE (find_type (dialog, ADW_TYPE_STATUS_PAGE));
  g_assert_nonnull (strstr (adw_status_page_get_description (page), "train"));
  g_assert_false (gtk_widget_get_sensitive (find_button (dialog, "_Export…")));
  gtk_window_destroy (GTK_WINDOW (dialog));
  fixture_close (document);
}

/* Closed while it still waits for weights, a preview, a file. */
static void
test_closed_early (void)
{
  WbDocument *document = trained_document ();
  g_autofree char *path = g_build_filename (out_folder, "early.npz", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  GtkWidget *dialog = open_dialog (document);
  gtk_window_destroy (GTK_WINDOW (dialog));
  dialog = open_dialog (document);
  choose (dialog, "npz");
  wait_until_ready (dialog, TRUE);
  choose (dialog, "png");
  choose (dialog, "npz");
  wb_export_dialog_write (WB_EXPORT_DIALOG (dialog), file);
  gtk_window_destroy (GTK_WINDOW (dialog));
  const gint64 end = g_get_monotonic_time () + G_USEC_PER_SEC / 5;
  while (g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
  /* Whole, or not there. */
  g_autofree char *bytes = NULL;
  gsize length;
  if (g_file_get_contents (path, &bytes, &length, NULL))
    g_assert_cmpuint (length, >, 100);
  g_unlink (path);
  dialog = open_dialog (document);
  fixture_close (document);
  gtk_window_destroy (GTK_WINDOW (dialog));
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  data_folder = fixture_write_data ();
  out_folder = g_dir_make_tmp ("diabolo-export-XXXXXX", NULL);
  g_test_add_func ("/export-dialog/previews", test_previews);
  g_test_add_func ("/export-dialog/write", test_write);
  g_test_add_func ("/export-dialog/options", test_options);
  g_test_add_func ("/export-dialog/late-data", test_late_data);
  g_test_add_func ("/export-dialog/untrained", test_untrained);
  g_test_add_func ("/export-dialog/closed-early", test_closed_early);
  const int status = g_test_run ();
  fixture_remove (data_folder);
  g_rmdir (out_folder);
  g_free (data_folder);
  g_free (out_folder);
  return status;
}
