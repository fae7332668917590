/* The document: editing, data, training, files, without a window. */
#include <signal.h>

#include "document-fixture.h"
#include "document/wb-recovery.h"
#include "explore/nn-node-values-probe.h"

static char *data_folder;
static GPtrArray *notices;

static void
note (WbDocument *document, const char *text, const char *label, const char *action, gpointer data)
{
  g_ptr_array_add (notices, g_strdup (text));
}

static WbDocument *
make (guint epochs)
{
  WbDocument *document = fixture_document (data_folder, epochs);
  g_ptr_array_set_size (notices, 0);
  g_signal_connect (document, "notice", G_CALLBACK (note), NULL);
  return document;
}

static gboolean
has_notice (WbDocument *document)
{
  return notices->len > 0;
}

static const char *
last_notice (void)
{
  g_assert_cmpuint (notices->len, >, 0);
  return g_ptr_array_index (notices, notices->len - 1);
}

static void
count (gpointer n)
{
  ++*(guint *)n;
}

/* ---- lessons in stages ---- */

static void
test_stages (void)
{
  WbDocument *document = wb_document_open_lesson ("stacked", NULL);
  WbDocument *alone = wb_document_open_lesson ("stacked:second", NULL);
  g_assert_nonnull (strstr (wb_document_lesson_text (alone), "train that first"));
  g_assert_false (wb_document_go_on_with_lesson (document, "stacked:third"));
  g_assert_false (wb_document_go_on_with_lesson (document, "simple"));
  g_assert_cmpstr (nn_design_title (wb_document_design (document)), ==, "Stacked autoencoder");

  const guint stage_1 = 3;
  wb_document_select (document, &stage_1, 1);
  g_assert_true (wb_document_go_on_with_lesson (document, "stacked:second"));
  g_assert_cmpuint (wb_document_selection (document)->len, ==, 0);
  g_assert_true (nn_design_node (wb_document_design (document), 3)->frozen);
  g_assert_cmpstr (wb_document_undo_label (document), ==,
                   "Go on with Stacked autoencoder, second stage");
  g_assert_true (wb_document_go_on_with_lesson (document, "stacked:third"));
  wb_document_undo (document);
  wb_document_undo (document);
  g_assert_false (nn_design_node (wb_document_design (document), 3)->frozen);
  fixture_close (document);
  fixture_close (alone);
}

/* ---- editing ---- */

static void
test_undo (void)
{
  WbDocument *document = make (1);
  guint changes = 0;
  g_signal_connect_swapped (document, "changed", G_CALLBACK (count), &changes);
  g_assert_false (wb_document_modified (document));
  g_assert_null (wb_document_undo_label (document));

  fixture_set_param (document, "Code", "units", "5", NULL);
  g_assert_cmpstr (wb_document_undo_label (document), ==, "Change units of Code");
  g_assert_cmpuint (changes, ==, 1);
  g_assert_true (wb_document_modified (document));
  guint code = fixture_node (document, "Code");
  g_assert_cmpint (nn_analysis_output_shape (wb_document_analysis (document), code, 0)->dim[0], ==,
                   5);

  wb_document_undo (document);
  g_assert_cmpint (nn_analysis_output_shape (wb_document_analysis (document), code, 0)->dim[0], ==,
                   32);
  g_assert_false (wb_document_modified (document));
  g_assert_cmpstr (wb_document_redo_label (document), ==, "Change units of Code");
  wb_document_redo (document);
  g_assert_true (wb_document_modified (document));
  g_assert_cmpuint (changes, ==, 3);
  fixture_close (document);
}

/* Ids that were given out make undo's designs differ from those before; content is what counts. */
static void
test_undo_added_node (void)
{
  WbDocument *document = make (1);
  NnDesign *design = wb_document_design (document);
  guint id;
  wb_document_edit (document,
                    nn_design_add_node (design, nn_layer_type ("dense"), NULL, NULL, 0, 0, &id),
                    "Add Dense", NULL);
  wb_document_select (document, &id, 1);
  g_assert_true (wb_document_is_selected (document, id));
  wb_document_undo (document);
  g_assert_false (wb_document_modified (document));
  g_assert_cmpuint (wb_document_selection (document)->len, ==, 0);
  fixture_close (document);
}

static void
test_drag_is_one_step (void)
{
  WbDocument *document = make (1);
  fixture_set_param (document, "Code", "units", "10", "drag");
  fixture_set_param (document, "Code", "units", "11", "drag");
  fixture_set_param (document, "Code", "units", "12", "drag");
  wb_document_seal (document);
  fixture_set_param (document, "Code", "units", "13", "drag");
  wb_document_undo (document);
  const NnNode *node = nn_design_node_by_name (wb_document_design (document), "Code");
  g_assert_cmpint (nn_params_int (node->params, "units"), ==, 12);
  wb_document_undo (document);
  g_assert_null (wb_document_undo_label (document));
  fixture_close (document);
}

/* ---- data ---- */

static void
test_data_limit (void)
{
  WbDocument *document = make (1);
  NnDesign *design = wb_document_design (document);
  g_assert_cmpuint (nn_dataset_n_samples (wb_document_dataset (document), NN_PART_TRAIN), ==,
                    FIXTURE_TRAIN);
  g_autoptr (NnParams) params = nn_params_with_text (nn_design_data (design), "limit", "100", NULL);
  wb_document_edit (document, nn_design_with_data (design, params), "Change limit", NULL);
  g_assert_cmpuint (nn_dataset_n_samples (wb_document_dataset (document), NN_PART_TRAIN), ==, 100);
  wb_document_undo (document);
  g_assert_cmpuint (nn_dataset_n_samples (wb_document_dataset (document), NN_PART_TRAIN), ==,
                    FIXTURE_TRAIN);
  fixture_close (document);
}

/* A file cut short is found while loading: nothing changes, a notice says why. */
static void
test_bad_data_changes_nothing (void)
{
  g_autofree char *bad = fixture_write_data ();
  g_autofree char *images = g_build_filename (bad, "train-images-idx3-ubyte", NULL);
  g_assert_true (g_file_set_contents (images, "\0\0\x08\x03garbage", 11, NULL));

  WbDocument *document = make (1);
  NnDesign *before = wb_document_design (document);
  NnDataset *dataset = wb_document_dataset (document);
  wb_document_set_data (document, bad);
  fixture_wait (document, has_notice);
  g_assert_nonnull (strstr (last_notice (), "train-images-idx3-ubyte"));
  g_assert_true (wb_document_design (document) == before);
  g_assert_true (wb_document_dataset (document) == dataset);
  g_assert_no_error (wb_document_data_error (document));
  fixture_close (document);
  nn_test_remove_folder (bad);
}

static void
test_other_data (void)
{
  g_autofree char *other = fixture_write_data ();
  WbDocument *document = make (1);
  wb_document_set_data (document, other);
  fixture_wait (document, fixture_loaded);
  g_assert_cmpstr (nn_params_text (nn_design_data (wb_document_design (document)), "name"), ==,
                   other);
  g_assert_cmpstr (wb_document_undo_label (document), ==, "Change data set");
  wb_document_undo (document);
  fixture_wait (document, fixture_loaded);
  g_assert_nonnull (wb_document_dataset (document));
  fixture_close (document);
  nn_test_remove_folder (other);
}

static void
test_missing_data (void)
{
  g_autoptr (NnDesign) empty = nn_design_new ();
  g_autoptr (NnParams) params =
      nn_params_with_text (nn_design_data (empty), "name", "/nowhere/at/all", NULL);
  g_autoptr (NnDesign) design = nn_design_with_data (empty, params);
  WbDocument *document = wb_document_new (design);
  fixture_wait (document, fixture_loaded);
  g_assert_nonnull (wb_document_data_error (document));
  g_assert_nonnull (wb_document_analysis (document));
  wb_document_train (document);
  g_assert_cmpint (wb_document_state (document), !=, NN_SESSION_TRAINING);
  fixture_close (document);
}

/* ---- training ---- */

static gsize
n_rows (WbDocument *document, NnRowKind kind)
{
  NnRunHistory *runs = wb_document_runs (document);
  g_assert_cmpuint (nn_run_history_n_runs (runs), >, 0);
  gsize n;
  nn_run_history_rows (runs, nn_run_history_run (runs, nn_run_history_n_runs (runs) - 1)->id, kind,
                       &n);
  return n;
}

static void
test_train (void)
{
  WbDocument *document = make (4);
  g_assert_cmpuint (wb_document_target_epochs (document), ==, 4);
  wb_document_train (document);
  g_assert_cmpint (wb_document_state (document), ==, NN_SESSION_TRAINING);
  fixture_wait (document, fixture_finished);
  g_assert_cmpuint (wb_document_snapshot (document)->epoch, ==, 4);
  g_assert_cmpuint (n_rows (document, NN_ROW_BATCH), ==, 4 * FIXTURE_TRAIN / 32);
  g_assert_cmpuint (n_rows (document, NN_ROW_VALIDATION), ==, 4);
  g_assert_true (wb_document_modified (document));

  /* Half as many again. */
  g_assert_cmpuint (wb_document_target_epochs (document), ==, 6);
  wb_document_train (document);
  fixture_wait (document, fixture_finished);
  g_assert_cmpuint (wb_document_snapshot (document)->epoch, ==, 6);
  fixture_close (document);
}

/* Pressed before the data is there, Train waits for it. */
static void
test_train_while_loading (void)
{
  g_autoptr (NnDesign) design = NULL;
  {
    WbDocument *document = make (1);
    design = nn_design_ref (wb_document_design (document));
    fixture_close (document);
  }
  WbDocument *document = wb_document_new (design);
  g_assert_null (wb_document_dataset (document));
  wb_document_train (document);
  g_assert_cmpint (wb_document_state (document), ==, NN_SESSION_TRAINING);
  fixture_wait (document, fixture_finished);
  g_assert_cmpuint (wb_document_snapshot (document)->epoch, ==, 1);
  fixture_close (document);
}

static gboolean
is_training (WbDocument *document)
{
  NnSnapshot *snapshot = wb_document_snapshot (document);
  return snapshot != NULL && snapshot->state == NN_SESSION_TRAINING && snapshot->step > 3;
}

static void
test_resize_while_training (void)
{
  WbDocument *document = make (100000);
  wb_document_train (document);
  fixture_wait (document, is_training);
  fixture_set_param (document, "Code", "units", "7", NULL);
  fixture_wait (document, has_notice);
  g_assert_cmpstr (last_notice (), ==,
                   "Weights of Code and Output were reset because their sizes changed");
  g_assert_cmpint (wb_document_state (document), ==, NN_SESSION_TRAINING);
  wb_document_pause (document);
  fixture_close (document);
}

static guint64 step_seen;

static gboolean
went_on (WbDocument *document)
{
  return wb_document_snapshot (document)->step > step_seen + 20;
}

/* What keeps sizes keeps weights: no notice, the steps go on counting. */
static void
test_learning_rate_while_training (void)
{
  WbDocument *document = make (100000);
  wb_document_train (document);
  fixture_wait (document, is_training);
  NnDesign *design = wb_document_design (document);
  g_autoptr (NnParams) params =
      nn_params_with_text (nn_design_optimizer_params (design), "learning-rate", "0.0001", NULL);
  step_seen = wb_document_snapshot (document)->step;
  wb_document_edit (document,
                    nn_design_with_optimizer (design, nn_design_optimizer (design), params),
                    "Change Learning rate", "optimizer.learning-rate");
  fixture_wait (document, went_on);
  g_assert_cmpuint (notices->len, ==, 0);
  g_assert_cmpint (wb_document_state (document), ==, NN_SESSION_TRAINING);
  wb_document_undo (document);
  step_seen = wb_document_snapshot (document)->step;
  fixture_wait (document, went_on);
  g_assert_cmpuint (nn_run_history_n_runs (wb_document_runs (document)), ==, 1);
  fixture_close (document);
}

static void
test_broken_design_pauses (void)
{
  WbDocument *document = make (100000);
  wb_document_train (document);
  fixture_wait (document, is_training);
  guint output = fixture_node (document, "Output");
  wb_document_edit (document, nn_design_disconnect (wb_document_design (document), output, 0),
                    "Disconnect", NULL);
  g_assert_cmpint (wb_document_state (document), ==, NN_SESSION_PAUSED);
  g_assert_true (g_str_has_prefix (last_notice (), "Training paused: "));
  wb_document_undo (document);
  g_assert_true (nn_analysis_can_train (wb_document_analysis (document)));
  wb_document_train (document);
  step_seen = wb_document_snapshot (document)->step;
  fixture_wait (document, went_on);
  fixture_close (document);
}

static gboolean
is_reset (WbDocument *document)
{
  return nn_run_history_n_runs (wb_document_runs (document)) == 2;
}

static void
test_reset_begins_a_run (void)
{
  WbDocument *document = make (1);
  wb_document_train (document);
  fixture_wait (document, fixture_finished);
  wb_document_reset (document, TRUE);
  g_assert_cmpstr (wb_document_undo_label (document), ==, "New seed");
  g_assert_cmpint (nn_params_int (nn_design_training (wb_document_design (document)), "seed"), >,
                   0);
  wb_document_train (document);
  fixture_wait (document, is_reset);
  fixture_wait (document, fixture_finished);
  g_assert_cmpuint (wb_document_snapshot (document)->epoch, ==, 1);
  fixture_close (document);
}

/* ---- work kept aside ---- */

static gboolean async_done;

static gboolean
is_done (WbDocument *document)
{
  return async_done;
}

static gboolean
is_kept (WbDocument *document)
{
  g_autofree char *folder = g_build_filename (g_get_user_state_dir (), "diabolo", "recovery", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  gboolean project = FALSE, description = FALSE;
  const char *name;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      project = project || g_str_has_suffix (name, ".diabolo");
      description = description || g_str_has_suffix (name, ".json");
    }
  return project && description;
}

/* Runs in a process of its own, which ends as a crash does. */
static void
test_recovery_crash (void)
{
  WbDocument *document = make (2);
  wb_document_train (document);
  fixture_wait (document, fixture_finished);
  fixture_wait (document, is_kept);
  raise (SIGKILL);
}

static GPtrArray *lost;

static void
listed (GObject *source, GAsyncResult *result, gpointer data)
{
  g_clear_pointer (&lost, g_ptr_array_unref);
  lost = wb_recovery_list_finish (result, NULL);
  async_done = TRUE;
}

static void
list_lost (void)
{
  async_done = FALSE;
  wb_recovery_list_async (listed, NULL);
  fixture_wait (NULL, is_done);
}

static void
recovered (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  WbDocument **document = data;
  *document = wb_recovery_open_finish (result, &error);
  g_assert_no_error (error);
  async_done = TRUE;
}

static void
test_recovery (void)
{
  g_test_trap_subprocess ("/document/recovery/subprocess/crash", 0,
                          G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_assert_false (g_test_trap_has_passed ());
  list_lost ();
  g_assert_cmpuint (lost->len, ==, 1);
  WbDocument *document = NULL;
  async_done = FALSE;
  wb_recovery_open_async (g_ptr_array_index (lost, 0), recovered, &document);
  fixture_wait (NULL, is_done);
  fixture_wait (document, fixture_loaded);
  fixture_wait (document, fixture_has_step);
  g_assert_true (wb_document_modified (document));
  g_assert_cmpuint (nn_run_history_n_runs (wb_document_runs (document)), ==, 1);
  guint epochs = wb_document_snapshot (document)->epoch;
  wb_document_train (document);
  fixture_wait (document, fixture_finished);
  g_assert_cmpuint (wb_document_snapshot (document)->epoch, >, epochs);

  /* Closed properly, nothing is left to recover. */
  fixture_close (document);
  g_assert_false (is_kept (NULL));
  list_lost ();
  g_assert_cmpuint (lost->len, ==, 0);
  g_clear_pointer (&lost, g_ptr_array_unref);
}

static guint probe_id;

static gboolean
is_answered (WbDocument *document)
{
  return wb_document_probe_result (document, probe_id) != NULL;
}

/* What was computed of other data is not shown: neither where the network does not fit the new set,
 * nor an answer that was on its way. */
static void
test_answers_of_other_data (void)
{
  WbDocument *document = fixture_document (data_folder, 1);
  NnDesign *fitting = nn_design_ref (wb_document_design (document));
  const guint32 sample = 0;
  probe_id = nn_probe_next_id ();
  g_autoptr (NnProbe) probe =
      nn_node_values_probe_new (probe_id, NN_PART_TEST, NN_PICK_LISTED, &sample, 1, 0, NULL, 0);
  wb_document_add_probe (document, probe);
  fixture_wait (document, is_answered);
  wb_document_set_data (document, "points-curve");
  fixture_wait (document, fixture_loaded);
  g_assert_false (nn_analysis_can_train (wb_document_analysis (document)));
  g_assert_false (is_answered (document));
  const gint64 end = g_get_monotonic_time () + G_USEC_PER_SEC / 4;
  while (g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
  g_assert_false (is_answered (document));
  /* Back to what fits: it is answered by itself. */
  wb_document_undo (document);
  g_assert_true (nn_design_same_computation (wb_document_design (document), fitting));
  fixture_wait (document, is_answered);
  nn_design_unref (fitting);
  fixture_close (document);
}

int
main (int argc, char **argv)
{
  /* What is kept aside goes where the test goes. */
  g_autofree char *made = NULL;
  const char *state = g_getenv ("DIABOLO_TEST_STATE"); /* set for a process that this one starts */
  if (state == NULL)
    state = made = g_dir_make_tmp ("diabolo-state-XXXXXX", NULL);
  g_setenv ("DIABOLO_TEST_STATE", state, TRUE);
  g_setenv ("XDG_STATE_HOME", state, TRUE);
  g_test_init (&argc, &argv, NULL);
  const char *shared = g_getenv ("DIABOLO_TEST_DATA");
  data_folder = shared != NULL ? g_strdup (shared) : fixture_write_data ();
  g_setenv ("DIABOLO_TEST_DATA", data_folder, TRUE);
  notices = g_ptr_array_new_with_free_func (g_free);
  g_test_add_func ("/document/lessons/stages", test_stages);
  g_test_add_func ("/document/edit/undo", test_undo);
  g_test_add_func ("/document/edit/undo-added-node", test_undo_added_node);
  g_test_add_func ("/document/edit/drag-is-one-step", test_drag_is_one_step);
  g_test_add_func ("/document/data/limit", test_data_limit);
  g_test_add_func ("/document/data/bad-changes-nothing", test_bad_data_changes_nothing);
  g_test_add_func ("/document/data/other", test_other_data);
  g_test_add_func ("/document/data/answers", test_answers_of_other_data);
  g_test_add_func ("/document/data/missing", test_missing_data);
  g_test_add_func ("/document/train/to-the-end", test_train);
  g_test_add_func ("/document/train/while-loading", test_train_while_loading);
  g_test_add_func ("/document/train/resize", test_resize_while_training);
  g_test_add_func ("/document/train/learning-rate", test_learning_rate_while_training);
  g_test_add_func ("/document/train/broken-design-pauses", test_broken_design_pauses);
  g_test_add_func ("/document/train/reset", test_reset_begins_a_run);
  g_test_add_func ("/document/recovery/after-a-crash", test_recovery);
  g_test_add_func ("/document/recovery/subprocess/crash", test_recovery_crash);
  int status = g_test_run ();
  if (shared == NULL)
    nn_test_remove_folder (data_folder);
  g_free (data_folder);
  if (made != NULL)
    nn_test_remove_folder (made);
  g_ptr_array_unref (notices);
  return status;
}
