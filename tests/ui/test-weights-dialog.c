/* Weights from a file into a document: the table of what fits, what is loaded and what stays, and
 * networks that were made elsewhere. */
#include <adwaita.h>
#include <glib/gstdio.h>

#include "document-fixture.h"
#include "formats/nn-project.h"
#include "formats/nn-weight-match.h"
#include "formats/nn-weight-tensors.h"
#include "import/wb-weights-dialog.h"

static char *data_folder;

static GtkWidget *
open_dialog (WbDocument *document, GPtrArray *tensors)
{
  GtkWidget *dialog = wb_weights_dialog_new (NULL, document, tensors, "weights.npz");
  const gint64 end = g_get_monotonic_time () + FIXTURE_PATIENCE;
  gtk_window_present (GTK_WINDOW (dialog));
  while (wb_weights_dialog_matches (WB_WEIGHTS_DIALOG (dialog)) == NULL)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_main_context_iteration (NULL, FALSE);
    }
  return dialog;
}

/* Every weight of a checkpoint by name, all values `value`. (transfer full) */
static GPtrArray *
constant_tensors (NnExportSource *source, float value)
{
  g_autoptr (GPtrArray) own =
      nn_weight_tensors_new (source->design, source->checkpoint, NULL, NULL);
  GPtrArray *tensors = nn_named_tensors_new ();
  for (guint i = 0; i < own->len; i++)
    {
      const NnNamedTensor *named = own->pdata[i];
      g_autoptr (NnTensor) tensor = nn_tensor_new (&named->tensor->shape);
      for (gsize k = 0; k < tensor->size; k++)
        tensor->data[k] = value;
      nn_named_tensors_add (tensors, named->name, tensor);
    }
  return tensors;
}

static gboolean
all_are (const NnTensor *tensor, float value)
{
  for (gsize k = 0; k < tensor->size; k++)
    if (tensor->data[k] != value)
      return FALSE;
  return TRUE;
}

static void
test_some_fit (void)
{
  WbDocument *document = fixture_trained (data_folder);
  g_autoptr (NnExportSource) before = fixture_source (document);
  g_autoptr (GPtrArray) tensors = constant_tensors (before, 0.25f);
  const guint n = tensors->len, n_runs = nn_run_history_n_runs (wb_document_runs (document));
  g_assert_cmpuint (n, >=, 3);
  /* One gone, one of another shape, one too many. */
  const NnNamedTensor *gone = tensors->pdata[n - 1];
  g_autofree char *gone_name = g_strdup (gone->name);
  g_ptr_array_remove_index (tensors, n - 1);
  NnNamedTensor *other = tensors->pdata[0];
  g_autofree char *other_name = g_strdup (other->name);
  g_ptr_array_remove_index (tensors, 0);
  g_autoptr (NnTensor) wrong = nn_tensor_new (&nn_shape (7));
  nn_named_tensors_add (tensors, other_name, wrong);
  nn_named_tensors_add (tensors, "Head/kernel", wrong);

  GtkWidget *dialog = open_dialog (document, tensors);
  GPtrArray *matches = wb_weights_dialog_matches (WB_WEIGHTS_DIALOG (dialog));
  g_assert_cmpuint (nn_weight_match_count (matches, NN_MATCH_FITS), ==, n - 2);
  g_assert_cmpuint (nn_weight_match_count (matches, NN_MATCH_DIFFERS), ==, 1);
  g_assert_cmpuint (nn_weight_match_count (matches, NN_MATCH_MISSING), ==, 1);
  g_assert_cmpuint (nn_weight_match_count (matches, NN_MATCH_SURPLUS), ==, 1);
  g_assert_cmpint (wb_document_weights_origin (document), ==, NN_WEIGHTS_DRAWN);
  g_assert_true (wb_weights_dialog_load (WB_WEIGHTS_DIALOG (dialog)));
  g_assert_cmpint (wb_document_weights_origin (document), ==, NN_WEIGHTS_IMPORTED);
  g_assert_true (wb_document_modified (document));

  g_autoptr (NnExportSource) after = fixture_source (document);
  g_assert_nonnull (after->checkpoint);
  g_autoptr (GPtrArray) now = nn_weight_tensors_new (after->design, after->checkpoint, NULL, NULL);
  g_autoptr (GPtrArray) then =
      nn_weight_tensors_new (before->design, before->checkpoint, NULL, NULL);
  g_assert_cmpuint (now->len, ==, n);
  for (guint i = 0; i < n; i++)
    {
      const NnNamedTensor *named = now->pdata[i];
      const NnTensor *old = nn_named_tensors_find (then, named->name);
      if (g_str_equal (named->name, gone_name) || g_str_equal (named->name, other_name))
        g_assert_cmpmem (named->tensor->data, named->tensor->size * sizeof (float), old->data,
                         old->size * sizeof (float));
      else
        g_assert_true (all_are (named->tensor, 0.25f));
    }
  /* The run before is still there to be compared with. */
  g_assert_cmpuint (nn_run_history_n_runs (after->checkpoint->history), ==, n_runs + 1);
  fixture_close (document);
}

static void
test_nothing_fits (void)
{
  WbDocument *document = fixture_trained (data_folder);
  g_autoptr (GPtrArray) tensors = nn_named_tensors_new ();
  g_autoptr (NnTensor) tensor = nn_tensor_new (&nn_shape (2));
  nn_named_tensors_add (tensors, "elsewhere", tensor);
  GtkWidget *dialog = open_dialog (document, tensors);
  g_assert_false (wb_weights_dialog_load (WB_WEIGHTS_DIALOG (dialog)));
  g_assert_cmpint (wb_document_weights_origin (document), ==, NN_WEIGHTS_DRAWN);
  gtk_window_destroy (GTK_WINDOW (dialog));
  fixture_close (document);
}

/* A network from elsewhere: its weights are saved although nothing was trained, and are drawn anew
 * where that is asked for. */
static void
test_imported (void)
{
  WbDocument *teacher = fixture_trained (data_folder);
  g_autoptr (NnExportSource) source = fixture_source (teacher);
  g_autoptr (GPtrArray) tensors = constant_tensors (source, 0.125f);
  g_autoptr (GError) error = NULL;
  g_autoptr (NnCheckpoint) weights =
      nn_weight_tensors_to_checkpoint (tensors, "weights", source->analysis, &error);
  g_assert_no_error (error);
  WbDocument *document = wb_document_new_imported (source->design, weights);
  g_assert_true (wb_document_modified (document));
  fixture_wait (document, fixture_loaded);

  g_autofree char *path = g_build_filename (data_folder, "imported.diabolo", NULL);
  g_assert_true (fixture_save (document, path));
  g_assert_false (wb_document_modified (document));
  g_autoptr (NnProject) project = nn_project_load (path, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (project->checkpoint);
  for (guint i = 0; i < project->checkpoint->entries->len; i++)
    {
      const NnCheckpointEntry *entry = project->checkpoint->entries->pdata[i];
      g_assert_true (all_are (entry->value, 0.125f));
    }
  g_unlink (path);

  wb_document_reset (document, FALSE);
  g_assert_cmpint (wb_document_weights_origin (document), ==, NN_WEIGHTS_DRAWN);
  g_assert_true (wb_document_modified (document));
  fixture_close (document);
  fixture_close (teacher);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  data_folder = fixture_write_data ();
  g_test_add_func ("/weights-dialog/some-fit", test_some_fit);
  g_test_add_func ("/weights-dialog/nothing-fits", test_nothing_fits);
  g_test_add_func ("/weights-dialog/imported", test_imported);
  const int status = g_test_run ();
  nn_test_remove_folder (data_folder);
  g_free (data_folder);
  return status;
}
