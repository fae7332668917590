/* The dialog that looks through data: what it shows, choosing and mending, using; and what is wrong
 * with a file. */
#include <adwaita.h>

#include "data/nn-data-library.h"
#include "document-fixture.h"
#include "data/wb-data-columns.h"
#include "data/wb-data-dialog.h"
#include "panels/wb-data-page.h"

static char *folder;

/* The n-th widget of a type that has this text; NULL: any text. */
static GtkWidget *
find (GtkWidget *root, GType type, const char *text, guint *n)
{
  if (G_TYPE_CHECK_INSTANCE_TYPE (root, type) && gtk_widget_get_child_visible (root))
    {
      const char *has = GTK_IS_LABEL (root)    ? gtk_label_get_text (GTK_LABEL (root))
                        : GTK_IS_BUTTON (root) ? gtk_button_get_label (GTK_BUTTON (root))
                                               : NULL;
      if ((text == NULL || (has != NULL && strstr (has, text) != NULL)) && (*n)-- == 0)
        return root;
    }
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find (child, type, text, n);
      if (found != NULL)
        return found;
    }
  return NULL;
}

static GtkWidget *
find_label (GtkWidget *dialog, const char *text)
{
  guint n = 0;
  GtkWidget *label = find (dialog, GTK_TYPE_LABEL, text, &n);
  return label != NULL && gtk_widget_get_mapped (label) ? label : NULL;
}

static GtkWidget *
find_button (GtkWidget *dialog, const char *text)
{
  guint n = 0;
  return find (dialog, GTK_TYPE_BUTTON, text, &n);
}

static void
wait_for (GtkWidget *dialog, const char *text)
{
  const gint64 end = g_get_monotonic_time () + FIXTURE_PATIENCE;
  while (find_label (dialog, text) == NULL)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (1000);
    }
}

static gboolean
can_use (GtkWidget *dialog)
{
  return gtk_widget_get_sensitive (find_button (dialog, "Use these data"));
}

static char *
write_table (const char *name, gboolean bad)
{
  char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GString) text = g_string_new ("amount,rate,kind\n");
  for (int i = 0; i < 200; i++)
    g_string_append_printf (text, "%d,0.%03d,%s\n", i * i, i, i % 2 ? "odd" : "even");
  if (bad)
    g_string_append (text, "much,0.1,odd\n");
  g_assert_true (g_file_set_contents (path, text->str, -1, NULL));
  return path;
}

static GtkWidget *
open_dialog (WbDocument *document, const char *path)
{
  g_autoptr (NnParams) data = wb_document_data_for (document, path);
  GtkWidget *dialog = wb_data_dialog_new (NULL, document, data);
  gtk_window_present (GTK_WINDOW (dialog));
  return dialog;
}

static WbDocument *
make_document (void)
{
  g_autofree char *idx = fixture_write_data ();
  WbDocument *document = fixture_document (idx, 1);
  nn_test_remove_folder (idx);
  return document;
}

static void
test_table (void)
{
  g_autofree char *path = write_table ("table.csv", FALSE);
  WbDocument *document = make_document ();
  GtkWidget *dialog = open_dialog (document, path);
  g_assert_false (can_use (dialog));
  wait_for (dialog, "180 training and 20 test samples");
  g_assert_true (can_use (dialog));
  g_assert_nonnull (find_label (dialog, "label: 2 classes"));
  wait_for (dialog, "even");

  /* What will hurt, mended by its button. */
  g_assert_nonnull (find_label (dialog, "“amount” reaches"));
  g_signal_emit_by_name (find_button (dialog, "Standardise"), "clicked");
  g_assert_false (can_use (dialog));
  wait_for (dialog, "mean 0");
  g_assert_null (find_label (dialog, "“amount” reaches"));

  /* Without the second column: features, in the order of the file, are every odd check button. */
  guint n = 0;
  GtkWidget *columns = find (dialog, WB_TYPE_DATA_COLUMNS, NULL, &n);
  n = 2;
  gtk_check_button_set_active (GTK_CHECK_BUTTON (find (columns, GTK_TYPE_CHECK_BUTTON, NULL, &n)),
                               FALSE);
  wait_for (dialog, "features: 1,");

  g_signal_emit_by_name (find_button (dialog, "Use these data"), "clicked");
  const NnParams *data = nn_design_data (wb_document_design (document));
  g_assert_cmpstr (nn_params_text (data, "name"), ==, path);
  g_assert_cmpstr (nn_params_text (data, "scaling"), ==, "standardise");
  g_assert_cmpstr (nn_params_text (data, "features"), ==, "amount");
  g_assert_cmpstr (wb_document_undo_label (document), ==, "Change data set");
  g_assert_cmpuint (nn_dataset_n_samples (wb_document_dataset (document), NN_PART_TEST), ==, 20);
  g_autoptr (GPtrArray) kept = nn_data_library_read (NULL);
  g_assert_cmpuint (kept->len, ==, 1);
  g_assert_cmpstr (nn_params_text (kept->pdata[0], "features"), ==, "amount");
  wb_document_undo (document);
  g_assert_cmpstr (nn_params_text (nn_design_data (wb_document_design (document)), "scaling"), ==,
                   "none");
  fixture_close (document);
}

static void
test_refused (void)
{
  g_autofree char *path = write_table ("bad.csv", TRUE);
  WbDocument *document = make_document ();
  GtkWidget *dialog = open_dialog (document, path);
  wait_for (dialog, "row 202");
  g_assert_false (can_use (dialog));
  g_signal_emit_by_name (find_button (dialog, "Skip what cannot be read"), "clicked");
  wait_for (dialog, "1 row was skipped");
  g_assert_true (can_use (dialog));
  g_signal_emit_by_name (find_button (dialog, "Use these data"), "clicked");
  g_assert_cmpstr (nn_params_text (nn_design_data (wb_document_design (document)), "unusable"), ==,
                   "skip");

  /* Nothing helps against a file that is no table. */
  g_autofree char *empty = g_build_filename (folder, "empty.csv", NULL);
  g_assert_true (g_file_set_contents (empty, "", -1, NULL));
  dialog = open_dialog (document, empty);
  wait_for (dialog, "empty.csv");
  g_assert_null (find_button (dialog, "Skip what cannot be read"));
  gtk_window_destroy (GTK_WINDOW (dialog));
  fixture_close (document);
}

/* Closed while it reads: nothing comes of it. */
static void
test_closed_early (void)
{
  g_autofree char *path = write_table ("table.csv", FALSE);
  WbDocument *document = make_document ();
  NnDesign *before = wb_document_design (document);
  gtk_window_destroy (GTK_WINDOW (open_dialog (document, path)));
  const gint64 end = g_get_monotonic_time () + G_USEC_PER_SEC / 3;
  while (g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
  g_assert_true (wb_document_design (document) == before);
  fixture_close (document);
}

/* How a table is read can be changed while it is in use: one step, which can be undone. */
static void
test_read_otherwise (void)
{
  g_autofree char *path = write_table ("table.csv", FALSE);
  WbDocument *document = make_document ();
  g_autoptr (NnParams) data = wb_document_data_for (document, path);
  wb_document_use_data (document, data);
  fixture_wait (document, fixture_loaded);
  g_autoptr (NnParams) half = nn_params_with_text (data, "test-share", "0.5", NULL);
  wb_document_use_data (document, half);
  fixture_wait (document, fixture_loaded);
  g_assert_cmpuint (nn_dataset_n_samples (wb_document_dataset (document), NN_PART_TEST), ==, 100);
  g_assert_cmpstr (wb_document_undo_label (document), ==, "Change how data are read");
  wb_document_undo (document);
  fixture_wait (document, fixture_loaded);
  g_assert_cmpuint (nn_dataset_n_samples (wb_document_dataset (document), NN_PART_TEST), ==, 20);
  g_assert_cmpuint (wb_document_data_notes (document)->len, ==, 0);
  fixture_close (document);
}

/* An empty network gets the Input that reads the data. */
static void
test_empty_network (void)
{
  g_autofree char *path = write_table ("table.csv", FALSE);
  g_autoptr (NnDesign) empty = nn_design_new ();
  WbDocument *document = wb_document_new (empty);
  fixture_wait (document, fixture_loaded);
  g_autoptr (NnParams) data = wb_document_data_for (document, path);
  wb_document_use_data (document, data);
  fixture_wait (document, fixture_loaded);
  const NnNode *input = nn_design_node_by_name (wb_document_design (document), "Input");
  g_assert_nonnull (input);
  g_assert_cmpstr (nn_params_text (input->params, "field"), ==, "features");

  /* The same set is enough, too. */
  wb_document_edit (document,
                    nn_design_remove_nodes (wb_document_design (document), &input->id, 1, FALSE),
                    "Remove", NULL);
  g_assert_cmpuint (nn_design_n_nodes (wb_document_design (document)), ==, 0);
  wb_document_set_data (document, path);
  fixture_wait (document, fixture_loaded);
  g_assert_cmpuint (nn_design_n_nodes (wb_document_design (document)), ==, 1);
  g_assert_cmpstr (wb_document_undo_label (document), ==, "Add Input");
  fixture_close (document);
}

/* A way on that a lesson keeps from being taken stands there, but cannot be pressed. */
static void
test_locked_mend (void)
{
  g_autofree char *path = write_table ("locked.csv", TRUE);
  g_autoptr (NnDesign) empty = nn_design_new ();
  g_autoptr (NnParams) data = nn_params_with_text (nn_design_data (empty), "name", path, NULL);
  g_autoptr (NnDesign) design = nn_design_with_data (empty, data);
  WbDocument *document = wb_document_new (design);
  GtkWidget *window = gtk_window_new (), *page = wb_data_page_new ();
  gtk_window_set_child (GTK_WINDOW (window), page);
  gtk_window_present (GTK_WINDOW (window));
  wb_panel_page_set_document (WB_PANEL_PAGE (page), document);
  wait_for (page, "row 202");
  GtkWidget *mend = find_button (page, "Skip what cannot be read");
  g_assert_true (gtk_widget_get_sensitive (mend));
  wb_document_set_lesson_text (document, "# L\nlocked: missing of data\n## S\n");
  g_assert_true (gtk_widget_get_sensitive (mend));
  wb_document_set_lesson_text (document, "# L\nlocked: unusable of data\n## S\n");
  g_assert_false (gtk_widget_get_sensitive (mend));
  g_assert_cmpstr (gtk_widget_get_tooltip_text (mend), ==, "The lesson keeps this as it is.");
  wb_document_set_lesson_text (document, NULL);
  g_assert_true (gtk_widget_get_sensitive (mend));
  gtk_window_destroy (GTK_WINDOW (window));
  fixture_close (document);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  folder = g_dir_make_tmp ("diabolo-data-XXXXXX", NULL);
  g_test_add_func ("/data-dialog/table", test_table);
  g_test_add_func ("/data-dialog/refused", test_refused);
  g_test_add_func ("/data-dialog/closed-early", test_closed_early);
  g_test_add_func ("/data-dialog/read-otherwise", test_read_otherwise);
  g_test_add_func ("/data-dialog/empty-network", test_empty_network);
  g_test_add_func ("/data-dialog/locked-mend", test_locked_mend);
  const int status = g_test_run ();
  nn_test_remove_folder (folder);
  g_free (folder);
  return status;
}
