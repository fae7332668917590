/* The export dialog: every format of the list with a preview, parts, a file where it was asked for,
 * and no file where something is in the way. */
#include <adwaita.h>

#include "document-fixture.h"
#include "export/wb-export-dialog.h"
#include "export/wb-export-drag.h"
#include "export/wb-export-preview.h"
#include "export/wb-exporters.h"
#include "formats/nn-code-file.h"
#include "panels/wb-param-list.h"

static char *data_folder;
static char *out_folder;

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
  GtkWidget *preview = fixture_find_type (dialog, WB_TYPE_EXPORT_PREVIEW);
  return gtk_stack_get_visible_child_name (GTK_STACK (fixture_find_type (preview, GTK_TYPE_STACK)));
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
  WbExportPreview *preview = WB_EXPORT_PREVIEW (fixture_find_type (dialog, WB_TYPE_EXPORT_PREVIEW));
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
      gtk_text_view_get_buffer (GTK_TEXT_VIEW (fixture_find_type (dialog, GTK_TYPE_TEXT_VIEW)));
  GtkTextIter start, end;
  gtk_text_buffer_get_bounds (buffer, &start, &end);
  return gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
}

static void
choose (GtkWidget *dialog, const char *format)
{
  GtkListBox *list = GTK_LIST_BOX (fixture_find_type (dialog, GTK_TYPE_LIST_BOX));
  for (gint i = 0; wb_exporters ()[i] != NULL; i++)
    if (g_str_equal (wb_exporters ()[i]->id, format))
      gtk_list_box_select_row (list, gtk_list_box_get_row_at_index (list, i));
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
  WbDocument *document = fixture_trained (data_folder);
  GtkWidget *dialog = open_dialog (document);
  GtkListBox *list = GTK_LIST_BOX (fixture_find_type (dialog, GTK_TYPE_LIST_BOX));
  gint n = 0;
  for (; wb_exporters ()[n] != NULL; n++)
    {
      const NnExporter *exporter = wb_exporters ()[n];
      g_test_message ("%s", exporter->id);
      choose (dialog, exporter->id);
      g_assert_false (gtk_widget_get_sensitive (find_button (dialog, "_Export…")));
      wait_until_ready (dialog, TRUE);
      const char *page = wb_exporter_is_figure (exporter)     ? "figure"
                         : g_str_equal (exporter->id, "html") ? "page"
                                                              : "text";
      g_assert_cmpstr (shown (dialog), ==, page);
      g_assert_true (gtk_widget_get_sensitive (find_button (dialog, "_Export…")));
      g_assert_cmpint (gtk_widget_get_sensitive (find_button (dialog, "Decoder")), ==,
                       (exporter->parts & 1 << NN_EXPORT_DECODER) != 0);
      if (g_str_equal (page, "text"))
        {
          g_autofree char *text = text_of (dialog);
          g_assert_cmpuint (strlen (text), >, 20);
        }
    }
  g_assert_null (gtk_list_box_get_row_at_index (list, n));
  gtk_window_destroy (GTK_WINDOW (dialog));
  fixture_close (document);
}

static void
count_pictures (GtkWidget *root, const char *alternative, guint *n)
{
  const char *text =
      GTK_IS_PICTURE (root) ? gtk_picture_get_alternative_text (GTK_PICTURE (root)) : NULL;
  *n += text != NULL && g_str_has_prefix (text, alternative)
        && gtk_picture_get_paintable (GTK_PICTURE (root)) != NULL;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    count_pictures (child, alternative, n);
}

/* The report is shown as it will be: its network, its curve, samples in rows. */
static void
test_report_page (void)
{
  static const struct
  {
    const char *alternative;
    guint least;
  } pictures[] = { { "Drawing of the network", 1 }, { "Loss: ", 1 }, { "Output", 10 } };
  WbDocument *document = fixture_trained (data_folder);
  GtkWidget *dialog = open_dialog (document);
  choose (dialog, "html");
  wait_until_ready (dialog, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (pictures); i++)
    {
      guint n = 0;
      count_pictures (fixture_find_type (dialog, WB_TYPE_EXPORT_PREVIEW), pictures[i].alternative,
                      &n);
      g_test_message ("%s: %u", pictures[i].alternative, n);
      g_assert_cmpuint (n, >=, pictures[i].least);
    }
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
  WbDocument *document = fixture_trained (data_folder);
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
  WbDocument *document = fixture_trained (data_folder);
  GtkWidget *dialog = open_dialog (document);
  g_autofree char *path = g_build_filename (out_folder, "images.dbcode", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) error = NULL;
  choose (dialog, "onnx");
  GtkWidget *list = fixture_find_type (dialog, WB_TYPE_PARAM_LIST);
  g_assert_false (gtk_widget_get_visible (list));
  choose (dialog, "compressed");
  wait_until_ready (dialog, TRUE);
  g_assert_true (gtk_widget_get_visible (list));
  g_autofree char *usual = text_of (dialog);
  g_assert_nonnull (strstr (usual, "values of 6 bits"));
  g_assert_nonnull (strstr (usual, "JPEG less headers"));

  gtk_spin_button_set_value (GTK_SPIN_BUTTON (fixture_find_type (list, GTK_TYPE_SPIN_BUTTON)), 3);
  wait_until_ready (dialog, FALSE);
  wait_until_ready (dialog, TRUE);
  g_autofree char *fewer = text_of (dialog);
  g_assert_nonnull (strstr (fewer, "values of 3 bits"));
  gtk_drop_down_set_selected (GTK_DROP_DOWN (fixture_find_type (list, GTK_TYPE_DROP_DOWN)), 1);
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
  WbDocument *trained = fixture_trained (data_folder);
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

/* Long work can be cancelled: no file, and the window stays for another try. */
static void
test_cancel (void)
{
  WbDocument *document = fixture_trained (data_folder);
  GtkWidget *dialog = open_dialog (document);
  g_autofree char *path = g_build_filename (out_folder, "run.html", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  choose (dialog, "html");
  wait_until_ready (dialog, TRUE);
  wb_export_dialog_write (WB_EXPORT_DIALOG (dialog), file);
  g_signal_emit_by_name (find_button (dialog, "_Cancel"), "clicked");
  const gint64 end = g_get_monotonic_time () + FIXTURE_PATIENCE;
  while (!gtk_widget_get_sensitive (find_button (dialog, "_Export…")))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (1000);
    }
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_object_add_weak_pointer (G_OBJECT (dialog), (gpointer *)&dialog);
  wb_export_dialog_write (WB_EXPORT_DIALOG (dialog), file);
  while (dialog != NULL)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (1000);
    }
  g_autofree char *page = NULL;
  g_assert_true (g_file_get_contents (path, &page, NULL, NULL));
  g_assert_true (g_str_has_prefix (page, "<!DOCTYPE html>"));
  g_assert_true (g_str_has_suffix (page, "</html>\n"));
  g_assert_nonnull (strstr (page, "data:image/png;base64,"));
  g_unlink (path);
  fixture_close (document);
}

/* The part is chosen, and where the format used last has none, another format. */
static void
test_for_part (void)
{
  WbDocument *document = fixture_trained (data_folder);
  GtkWidget *dialog = open_dialog (document);
  choose (dialog, "svg");
  gtk_window_destroy (GTK_WINDOW (dialog));
  dialog = wb_export_dialog_new_for (NULL, document, NN_EXPORT_DECODER);
  gtk_window_present (GTK_WINDOW (dialog));
  wait_until_ready (dialog, TRUE);
  g_assert_true (
      gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (find_button (dialog, "Decoder"))));
  g_autofree char *text = text_of (dialog);
  g_assert_nonnull (strstr (text, "  z  N×"));
  gtk_window_destroy (GTK_WINDOW (dialog));
  fixture_close (document);
}

static void
note_result (GObject *object, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **)data = g_object_ref (result);
}

/* What a file manager gets that a decoder is dropped on: a file that is there, and decodes. */
static void
test_drag (void)
{
  WbDocument *document = fixture_trained (data_folder);
  g_autoptr (GdkContentProvider) provider = wb_export_drag_new (document, NN_EXPORT_DECODER);
  g_autoptr (GdkContentFormats) formats = gdk_content_provider_ref_formats (provider);
  g_autoptr (GOutputStream) stream = g_memory_output_stream_new_resizable ();
  g_autoptr (GError) error = NULL;
  g_auto (GValue) value = G_VALUE_INIT;
  g_assert_true (gdk_content_formats_contain_mime_type (formats, "text/uri-list"));
  g_value_init (&value, WB_TYPE_EXPORT_PART);
  g_assert_true (gdk_content_provider_get_value (provider, &value, &error));
  g_assert_cmpint (wb_export_part_of (&value), ==, NN_EXPORT_DECODER);
  /* The second question is about the same file. */
  for (guint i = 0; i < 2; i++)
    {
      GAsyncResult *result = NULL;
      const gint64 end = g_get_monotonic_time () + FIXTURE_PATIENCE;
      gdk_content_provider_write_mime_type_async (provider, "text/uri-list", stream,
                                                  G_PRIORITY_DEFAULT, NULL, note_result, &result);
      while (result == NULL)
        {
          g_assert_cmpint (g_get_monotonic_time (), <, end);
          if (!g_main_context_iteration (NULL, FALSE))
            g_usleep (1000);
        }
      g_assert_true (gdk_content_provider_write_mime_type_finish (provider, result, &error));
      g_assert_no_error (error);
      g_object_unref (result);
    }
  g_autofree char *text =
      g_strndup (g_memory_output_stream_get_data (G_MEMORY_OUTPUT_STREAM (stream)),
                 g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (stream)));
  g_auto (GStrv) uris = g_uri_list_extract_uris (text);
  g_assert_cmpuint (g_strv_length (uris), ==, 2);
  g_assert_cmpstr (uris[0], ==, uris[1]);
  g_autofree char *path = g_filename_from_uri (uris[0], NULL, NULL);
  g_assert_true (g_str_has_suffix (path, " - decoder.onnx"));
  g_autofree char *bytes = NULL;
  gsize length;
  g_assert_true (g_file_get_contents (path, &bytes, &length, NULL));
  /* A decoder's input has a name of its own. */
  g_assert_nonnull (memmem (bytes, length, "\n\001z", 3));
  g_unlink (path);
  fixture_close (document);
}

/* Nothing learned yet: there is no file to be had, only the part. */
static void
test_drag_untrained (void)
{
  WbDocument *document = fixture_document (data_folder, 1);
  g_autoptr (GdkContentProvider) provider = wb_export_drag_new (document, NN_EXPORT_ENCODER);
  g_autoptr (GdkContentFormats) formats = gdk_content_provider_ref_formats (provider);
  g_assert_true (gdk_content_formats_contain_gtype (formats, WB_TYPE_EXPORT_PART));
  g_assert_false (gdk_content_formats_contain_mime_type (formats, "text/uri-list"));
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
  AdwStatusPage *page = ADW_STATUS_PAGE (fixture_find_type (dialog, ADW_TYPE_STATUS_PAGE));
  g_assert_nonnull (strstr (adw_status_page_get_description (page), "train"));
  g_assert_false (gtk_widget_get_sensitive (find_button (dialog, "_Export…")));
  gtk_window_destroy (GTK_WINDOW (dialog));
  fixture_close (document);
}

/* Closed while it still waits for weights, a preview, a file. */
static void
test_closed_early (void)
{
  WbDocument *document = fixture_trained (data_folder);
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
  g_test_add_func ("/export-dialog/report-page", test_report_page);
  g_test_add_func ("/export-dialog/write", test_write);
  g_test_add_func ("/export-dialog/options", test_options);
  g_test_add_func ("/export-dialog/late-data", test_late_data);
  g_test_add_func ("/export-dialog/cancel", test_cancel);
  g_test_add_func ("/export-dialog/for-part", test_for_part);
  g_test_add_func ("/export-dialog/drag", test_drag);
  g_test_add_func ("/export-dialog/drag-untrained", test_drag_untrained);
  g_test_add_func ("/export-dialog/untrained", test_untrained);
  g_test_add_func ("/export-dialog/closed-early", test_closed_early);
  const int status = g_test_run ();
  nn_test_remove_folder (data_folder);
  g_rmdir (out_folder);
  g_free (data_folder);
  g_free (out_folder);
  return status;
}
