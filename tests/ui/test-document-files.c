/* Documents saved and opened again, without a window. */
#include "document-fixture.h"
#include "formats/nn-lessons.h"
#include "formats/nn-project.h"

static char *data_folder;

/* A stage that was saved is that stage when it is opened again; with another text it is somebody's
 * own lesson. */
static void
test_save_stage (void)
{
  WbDocument *document = wb_document_open_lesson ("stacked", NULL);
  g_assert_true (wb_document_go_on_with_lesson (document, "stacked:second"));
  g_autofree char *path = g_build_filename (data_folder, "stage.diabolo", NULL);
  g_assert_true (fixture_save (document, path));
  WbDocument *again = fixture_open (path);
  g_assert_cmpstr (wb_document_lesson_id (again), ==, "stacked:second");
  g_assert_cmpstr (wb_document_first_stage (again), ==, "stacked");
  g_assert_false (wb_document_modified (again));
  g_assert_true (wb_document_go_on_with_lesson (again, "stacked:third"));
  fixture_close (again);

  /* Saved by a program whose text was another; and by one that did not save ids. */
  static const struct
  {
    const char *text, *lesson, *found;
  } saved[] = {
    { "# As it was once\n## Step\n", "stacked:second", "stacked:second" },
    { NULL, NULL, "stacked:second" },
    { "# As it was once\n## Step\n", NULL, NULL },
    { "# As it was once\n## Step\n", "of a later program", NULL },
  };
  for (guint i = 0; i < G_N_ELEMENTS (saved); i++)
    {
      g_autoptr (NnProject) project = nn_project_load (path, NULL, NULL);
      g_assert_cmpstr (project->lesson, ==, "stacked:second");
      g_free (project->lesson);
      project->lesson = g_strdup (saved[i].lesson);
      if (saved[i].text != NULL)
        {
          g_free (project->text);
          project->text = g_strdup (saved[i].text);
        }
      g_autofree char *other = g_build_filename (data_folder, "other.diabolo", NULL);
      g_assert_true (nn_project_save (project, other, NULL, NULL));
      again = fixture_open (other);
      g_assert_cmpstr (wb_document_lesson_id (again), ==, saved[i].found);
      g_assert_cmpstr (wb_document_lesson_text (again), ==, project->text);
      /* What only a newer program knows is not forgotten. */
      g_assert_true (fixture_save (again, other));
      g_autoptr (NnProject) kept = nn_project_load (other, NULL, NULL);
      g_assert_cmpstr (kept->lesson, ==,
                       saved[i].lesson != NULL ? saved[i].lesson : saved[i].found);
      fixture_close (again);
    }

  g_autofree char *text = g_strconcat (wb_document_lesson_text (document), "\nMine.\n", NULL);
  wb_document_set_lesson_text (document, text);
  g_assert_true (fixture_save (document, path));
  again = fixture_open (path);
  g_assert_null (wb_document_lesson_id (again));
  fixture_close (again);
  fixture_close (document);
}

/* Saved before a stage trains, its file has the weights and runs of the stage before; which those
 * are no name tells, and it is known from then on. */
static void
test_save_earlier_runs (void)
{
  WbDocument *document = wb_document_open_lesson ("features", NULL);
  fixture_shorten (document);
  wb_document_train (document);
  fixture_wait (document, fixture_finished);
  const guint64 first = wb_document_run (document);
  nn_run_history_rename (wb_document_runs (document), first, "Mine");
  g_autoptr (NnTensor) learned = fixture_kernel (document, "Code");
  g_assert_true (wb_document_go_on_with_lesson (document, "features:classifier"));
  g_assert_cmpuint (wb_document_n_earlier_runs (document), ==, 1);
  g_autofree char *path = g_build_filename (data_folder, "earlier.diabolo", NULL);
  g_assert_true (fixture_save (document, path));
  fixture_close (document);

  /* The stage's run bears its name in the file, too, though nothing of it is there to be seen. */
  g_autoptr (NnProject) file = nn_project_load (path, NULL, NULL);
  g_assert_cmpuint (nn_run_history_n_runs (file->checkpoint->history), ==, 2);
  const NnRun *stage = nn_run_history_run (file->checkpoint->history, 1);
  g_assert_cmpstr (stage->name, ==, nn_lesson ("features:classifier")->title);

  WbDocument *again = fixture_open (path);
  g_assert_cmpuint (wb_document_n_earlier_runs (again), ==, 1);
  g_assert_cmpint (wb_document_weights_origin (again), ==, NN_WEIGHTS_OF_STAGE);
  fixture_wait (again, fixture_loaded);
  g_autoptr (NnTensor) kept = fixture_kernel (again, "Code");
  fixture_check_same (learned, kept);
  fixture_shorten (again);
  wb_document_train (again);
  fixture_wait (again, fixture_finished);
  g_assert_cmpuint (nn_run_history_n_runs (wb_document_runs (again)), ==, 2);
  g_assert_cmpstr (nn_run_history_run (wb_document_runs (again), 1)->name, ==, stage->name);
  g_assert_cmpuint (wb_document_n_earlier_runs (again), ==, 1);
  wb_document_remove_run (again, first);
  g_assert_cmpuint (nn_run_history_n_runs (wb_document_runs (again)), ==, 1);
  g_assert_cmpuint (wb_document_n_earlier_runs (again), ==, 0);
  fixture_close (again);

  /* More runs than it has, as no program saves it; and from before it was saved. */
  static const guint said[][2] = { { 7, 1 }, { 0, 0 } };
  for (guint i = 0; i < G_N_ELEMENTS (said); i++)
    {
      g_autoptr (NnProject) project = nn_project_load (path, NULL, NULL);
      g_assert_cmpuint (project->n_earlier_runs, ==, 1);
      project->n_earlier_runs = said[i][0];
      g_autofree char *other = g_build_filename (data_folder, "other.diabolo", NULL);
      g_assert_true (nn_project_save (project, other, NULL, NULL));
      again = fixture_open (other);
      g_assert_cmpuint (wb_document_n_earlier_runs (again), ==, said[i][1]);
      fixture_close (again);
    }
}

static void
test_save_and_go_on (void)
{
  WbDocument *document = fixture_document (data_folder, 2);
  wb_document_train (document);
  fixture_wait (document, fixture_finished);
  guint64 step = wb_document_snapshot (document)->step;
  nn_run_history_rename (wb_document_runs (document),
                         nn_run_history_run (wb_document_runs (document), 0)->id, "First");
  g_autofree char *path = g_build_filename (data_folder, "saved.diabolo", NULL);
  g_assert_true (fixture_save (document, path));
  g_assert_false (wb_document_modified (document));
  g_autofree char *name = wb_document_display_name (document);
  g_assert_cmpstr (name, ==, "saved");
  fixture_close (document);

  WbDocument *again = fixture_open (path);
  fixture_wait (again, fixture_loaded);
  fixture_wait (again, fixture_has_step);
  g_assert_cmpuint (wb_document_snapshot (again)->step, ==, step);
  g_assert_cmpuint (wb_document_snapshot (again)->epoch, ==, 2);
  g_assert_false (wb_document_modified (again));
  g_assert_cmpstr (nn_run_history_run (wb_document_runs (again), 0)->name, ==, "First");
  wb_document_train (again);
  fixture_wait (again, fixture_finished);
  g_assert_cmpuint (wb_document_snapshot (again)->epoch, ==, 3);
  g_assert_cmpuint (nn_run_history_n_runs (wb_document_runs (again)), ==, 1);
  fixture_close (again);
}

static gboolean
is_reset (WbDocument *document)
{
  return wb_document_snapshot (document)->step == 0;
}

/* Trains an epoch on. (transfer full) */
static NnTensor *
train_on (WbDocument *document)
{
  wb_document_train (document);
  fixture_wait (document, fixture_finished);
  return fixture_kernel (document, "Code");
}

/* Saved after a reset: the curves that are still shown are there again, and training goes the same
 * way, from weights that come from nowhere else. */
static void
test_save_reset (void)
{
  WbDocument *document = fixture_trained (data_folder);
  g_autofree char *path = g_build_filename (data_folder, "reset.diabolo", NULL);
  g_assert_true (fixture_save (document, path));
  const guint64 first = wb_document_run (document);
  gsize n;
  nn_run_history_rows (wb_document_runs (document), first, NN_ROW_BATCH, &n);
  wb_document_reset (document, TRUE);
  fixture_wait (document, is_reset);
  g_assert_true (wb_document_modified (document));
  g_assert_true (fixture_save (document, path));
  g_assert_false (wb_document_modified (document));
  g_autoptr (NnTensor) learned = train_on (document);
  fixture_close (document);

  WbDocument *again = fixture_open (path);
  fixture_wait (again, fixture_loaded);
  g_autoptr (NnExportSource) source = fixture_source (again);
  g_assert_false (nn_checkpoint_has_weights (source->checkpoint, NULL));
  gsize n_again;
  nn_run_history_rows (wb_document_runs (again), first, NN_ROW_BATCH, &n_again);
  g_assert_cmpuint (n_again, ==, n);
  g_assert_cmpuint (nn_run_history_n_runs (wb_document_runs (again)), ==, 1);
  g_assert_cmpuint (wb_document_snapshot (again)->step, ==, 0);
  g_assert_cmpint (wb_document_weights_origin (again), ==, NN_WEIGHTS_DRAWN);
  g_assert_false (wb_document_modified (again));
  g_autoptr (NnTensor) learned_again = train_on (again);
  fixture_check_same (learned, learned_again);
  g_assert_cmpuint (nn_run_history_n_runs (wb_document_runs (again)), ==, 2);
  fixture_close (again);
}

/* Weights from a file are not those of the stage before, though earlier runs trained stages. */
static void
test_save_given (void)
{
  WbDocument *document = fixture_trained (data_folder);
  g_autofree char *path = g_build_filename (data_folder, "given.diabolo", NULL);
  g_assert_true (fixture_save (document, path));
  fixture_close (document);
  g_autoptr (NnProject) project = nn_project_load (path, NULL, NULL);
  project->n_earlier_runs = 1;
  g_assert_true (nn_project_save (project, path, NULL, NULL));

  document = fixture_open (path);
  fixture_wait (document, fixture_loaded);
  g_autoptr (NnTensor) kernel = fixture_kernel (document, "Code");
  g_autoptr (NnCheckpoint) weights = nn_checkpoint_new ();
  nn_checkpoint_add (weights, fixture_node (document, "Code"), "kernel", kernel, NULL, 0);
  wb_document_give_weights (document, weights);
  g_assert_cmpint (wb_document_weights_origin (document), ==, NN_WEIGHTS_IMPORTED);
  g_assert_true (fixture_save (document, path));
  fixture_close (document);

  document = fixture_open (path);
  g_assert_cmpint (wb_document_weights_origin (document), ==, NN_WEIGHTS_IMPORTED);
  g_assert_cmpuint (wb_document_n_earlier_runs (document), ==, 1);
  fixture_close (document);
}

static void
test_save_fails (void)
{
  WbDocument *document = fixture_document (data_folder, 1);
  fixture_set_param (document, "Code", "units", "5", NULL);
  g_assert_false (fixture_save (document, "/nowhere/at/all.diabolo"));
  g_assert_true (wb_document_modified (document));
  g_assert_null (wb_document_file (document));
  fixture_close (document);
}

/* ---- a copy for students ---- */

static void
copied (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  FixtureFile *file = data;
  file->success = wb_document_save_for_students_finish (WB_DOCUMENT (source), result, &error);
  g_assert_true (file->success == (error == NULL));
  file->done = TRUE;
}

static gboolean
copy_for_students (WbDocument *document, const char *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  FixtureFile saved = { 0 };
  wb_document_save_for_students_async (document, file, copied, &saved);
  fixture_wait_for_file (&saved);
  return saved.success;
}

/* The copy lacks the notes and nothing else; the teacher's document stays what it was, modified or
 * not, and its file cannot be written over by a copy. */
static void
test_copy_for_students (void)
{
  static const char lesson[] = "# L\n## S\nFor all.\n\n> For one.\n";
  WbDocument *document = fixture_trained (data_folder);
  wb_document_set_lesson_text (document, lesson);
  g_autofree char *copy = g_build_filename (data_folder, "copy.diabolo", NULL);
  g_assert_true (copy_for_students (document, copy));
  g_assert_true (wb_document_modified (document));
  g_assert_null (wb_document_file (document));

  g_autofree char *path = g_build_filename (data_folder, "teacher.diabolo", NULL);
  g_assert_true (fixture_save (document, path));
  g_assert_true (copy_for_students (document, copy));
  g_assert_false (copy_for_students (document, path));
  g_assert_false (wb_document_modified (document));
  g_assert_cmpstr (wb_document_lesson_text (document), ==, lesson);
  g_autofree char *name = wb_document_display_name (document);
  g_assert_cmpstr (name, ==, "teacher");

  g_autoptr (NnProject) own = nn_project_load (path, NULL, NULL);
  g_autoptr (NnProject) students = nn_project_load (copy, NULL, NULL);
  g_assert_cmpstr (own->text, ==, lesson);
  g_assert_cmpstr (students->text, ==, "# L\n## S\nFor all.\n\n");
  g_assert_true (nn_design_same_computation (own->design, students->design));
  g_assert_cmpuint (own->checkpoint->step, ==, students->checkpoint->step);

  /* What cannot be read may hold notes: no copy of it. */
  wb_document_set_lesson_text (document, "# L\n> Where?\n");
  g_assert_false (copy_for_students (document, copy));
  fixture_close (document);
}

int
main (int argc, char **argv)
{
  g_autofree char *state = g_dir_make_tmp ("diabolo-state-XXXXXX", NULL);
  g_setenv ("XDG_STATE_HOME", state, TRUE);
  g_test_init (&argc, &argv, NULL);
  data_folder = fixture_write_data ();
  g_test_add_func ("/document/files/save-and-go-on", test_save_and_go_on);
  g_test_add_func ("/document/files/save-stage", test_save_stage);
  g_test_add_func ("/document/files/save-earlier-runs", test_save_earlier_runs);
  g_test_add_func ("/document/files/save-reset", test_save_reset);
  g_test_add_func ("/document/files/save-given", test_save_given);
  g_test_add_func ("/document/files/save-fails", test_save_fails);
  g_test_add_func ("/document/files/copy-for-students", test_copy_for_students);
  int status = g_test_run ();
  nn_test_remove_folder (data_folder);
  g_free (data_folder);
  nn_test_remove_folder (state);
  return status;
}
