/* Compressed images in a window: what the file says, the images, saving them both ways, and files
 * and networks that are none for it. */
#include <adwaita.h>
#include <glib/gstdio.h>

#include "base/nn-error.h"
#include "document-fixture.h"
#include "formats/nn-compress.h"
#include "formats/nn-npy.h"
#include "import/wb-codes-dialog.h"

static char *data_folder, *out_folder;

/* The test images of a trained network, as a file. (transfer full) */
static GFile *
write_codes (WbDocument *document, NnCompression *result)
{
  const NnCompressionSettings settings = { NN_PART_TEST, 0, 5 };
  const NnExportJob job = { NULL };
  NnExportSource *source = fixture_source (document);
  g_autofree char *path = g_build_filename (out_folder, "images.dbcode", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = nn_compress (source, &settings, &job, result, &error);
  g_assert_no_error (error);
  nn_export_source_unref (source);
  g_assert_true (g_file_set_contents (path, g_bytes_get_data (bytes, NULL),
                                      (gssize)g_bytes_get_size (bytes), NULL));
  return g_file_new_for_path (path);
}

static GtkWidget *
open_dialog (WbDocument *document, GFile *file, WbCodesState wanted)
{
  GtkWidget *dialog = wb_codes_dialog_new (NULL, document, file);
  const gint64 end = g_get_monotonic_time () + FIXTURE_PATIENCE;
  gtk_window_present (GTK_WINDOW (dialog));
  while (wb_codes_dialog_get_state (WB_CODES_DIALOG (dialog)) == WB_CODES_WAITING)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_main_context_iteration (NULL, TRUE);
    }
  g_assert_cmpint (wb_codes_dialog_get_state (WB_CODES_DIALOG (dialog)), ==, wanted);
  return dialog;
}

/* Of all labels below root, a line each. */
static void
append_texts (GtkWidget *root, GString *text)
{
  if (GTK_IS_LABEL (root))
    g_string_append_printf (text, "%s\n", gtk_label_get_text (GTK_LABEL (root)));
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    append_texts (child, text);
}

static void
assert_says (GtkWidget *dialog, const char *words)
{
  g_autoptr (GString) text = g_string_new (NULL);
  append_texts (dialog, text);
  if (strstr (text->str, words) == NULL)
    g_error ("“%s” is not in:\n%s", words, text->str);
}

static void
save (GtkWidget *dialog, const char *path, gboolean pictures)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  const gint64 end = g_get_monotonic_time () + FIXTURE_PATIENCE;
  g_object_add_weak_pointer (G_OBJECT (dialog), (gpointer *)&dialog);
  wb_codes_dialog_save (WB_CODES_DIALOG (dialog), file, pictures);
  g_assert_cmpint (wb_codes_dialog_get_state (WB_CODES_DIALOG (dialog)), ==, WB_CODES_SAVING);
  while (dialog != NULL)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_main_context_iteration (NULL, TRUE);
    }
}

static void
note_notice (WbDocument *document, const char *text, const char *action, GVariant *target,
             GString *told)
{
  g_string_append_printf (told, "%s\n", text);
}

static void
test_shown (void)
{
  WbDocument *document = fixture_trained (data_folder);
  NnCompression result;
  g_autoptr (GFile) file = write_codes (document, &result);
  g_autoptr (GString) told = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *array = g_build_filename (out_folder, "images.npy", NULL);
  g_autofree char *pictures = g_build_filename (out_folder, "pictures", NULL);
  g_autofree char *lost =
      g_strdup_printf ("mean squared error %.4g", (double)(float)result.error.mse);
  g_signal_connect (document, "notice", G_CALLBACK (note_notice), told);

  GtkWidget *dialog = open_dialog (document, file, WB_CODES_SHOWN);
  assert_says (dialog, "64 of 6×6×1, 36 bytes each");
  assert_says (dialog, "values of 5 bits");
  assert_says (dialog, "bytes an image");
  assert_says (dialog, lost);
  assert_says (dialog, "All images");
  GtkWidget *images = fixture_find_type (dialog, GTK_TYPE_FLOW_BOX);
  g_assert_nonnull (gtk_flow_box_get_child_at_index (GTK_FLOW_BOX (images), FIXTURE_TEST - 1));
  g_assert_null (gtk_flow_box_get_child_at_index (GTK_FLOW_BOX (images), FIXTURE_TEST));
  save (dialog, array, FALSE);
  g_assert_nonnull (strstr (told->str, "Saved 64 images in “images.npy”"));
  char *contents;
  gsize size;
  g_assert_true (g_file_get_contents (array, &contents, &size, NULL));
  g_autoptr (GBytes) bytes = g_bytes_new_take (contents, size);
  g_autoptr (NnTensor) tensor = nn_npy_read (bytes, array, &error);
  g_assert_no_error (error);
  g_assert_cmpint (tensor->shape.dim[0], ==, FIXTURE_TEST);

  save (open_dialog (document, file, WB_CODES_SHOWN), pictures, TRUE);
  g_autofree char *last = g_build_filename (pictures, "image-63.png", NULL);
  g_assert_true (g_file_test (last, G_FILE_TEST_EXISTS));
  nn_test_remove_folder (pictures);
  g_unlink (array);
  g_unlink (g_file_peek_path (file));
  fixture_close (document);
}

/* Closing ends what is under way; nothing is left of it. */
static void
test_closed (void)
{
  WbDocument *document = fixture_trained (data_folder);
  NnCompression result;
  g_autoptr (GFile) file = write_codes (document, &result);
  g_autofree char *pictures = g_build_filename (out_folder, "pictures", NULL);
  g_autoptr (GFile) target = g_file_new_for_path (pictures);
  GtkWidget *early = wb_codes_dialog_new (NULL, document, file);
  gtk_window_present (GTK_WINDOW (early));
  gtk_window_close (GTK_WINDOW (early));

  GtkWidget *dialog = open_dialog (document, file, WB_CODES_SHOWN);
  const gint64 end = g_get_monotonic_time () + FIXTURE_PATIENCE;
  g_object_add_weak_pointer (G_OBJECT (dialog), (gpointer *)&dialog);
  wb_codes_dialog_save (WB_CODES_DIALOG (dialog), target, TRUE);
  gtk_window_close (GTK_WINDOW (dialog));
  while (dialog != NULL)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_main_context_iteration (NULL, TRUE);
    }
  /* All of it, where it was done before it could be ended, or nothing. */
  nn_test_remove_folder (pictures);
  g_unlink (g_file_peek_path (file));
  fixture_close (document);
}

static void
test_refused (void)
{
  WbDocument *document = fixture_trained (data_folder);
  NnCompression result;
  g_autoptr (GFile) file = write_codes (document, &result);
  WbDocument *untrained = fixture_document (data_folder, 1);
  GtkWidget *dialog = open_dialog (untrained, file, WB_CODES_REFUSED);
  assert_says (dialog, "no trained weights");
  gtk_window_close (GTK_WINDOW (dialog));
  /* Trained on, it is no longer the network that wrote the file. */
  wb_document_train (document);
  fixture_wait (document, fixture_finished);
  dialog = open_dialog (document, file, WB_CODES_REFUSED);
  assert_says (dialog, "other weights of this one");
  assert_says (dialog, "Open the project that wrote it");
  gtk_window_close (GTK_WINDOW (dialog));

  g_assert_true (g_file_set_contents (g_file_peek_path (file), "DBCODE\2\0<b>", -1, NULL));
  dialog = open_dialog (document, file, WB_CODES_REFUSED);
  assert_says (dialog, "cut short");
  gtk_window_close (GTK_WINDOW (dialog));
  g_unlink (g_file_peek_path (file));
  dialog = open_dialog (document, file, WB_CODES_REFUSED);
  gtk_window_close (GTK_WINDOW (dialog));
  fixture_close (untrained);
  fixture_close (document);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/codes-dialog/shown", test_shown);
  g_test_add_func ("/codes-dialog/closed", test_closed);
  g_test_add_func ("/codes-dialog/refused", test_refused);
  data_folder = fixture_write_data ();
  out_folder = g_dir_make_tmp ("diabolo-codes-XXXXXX", NULL);
  const int status = g_test_run ();
  nn_test_remove_folder (data_folder);
  g_assert_cmpint (g_rmdir (out_folder), ==, 0); /* nothing is left in it */
  g_free (data_folder);
  g_free (out_folder);
  return status;
}
