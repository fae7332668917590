/* A lesson as a student walks through it: tasks are ticked by what happens in the document, done on
 * request, remembered; questions are answered. */
#include "document-fixture.h"

#include <adwaita.h>

#include "document/wb-settings.h"
#include "formats/nn-lessons.h"
#include "lesson/wb-lesson-editor.h"
#include "lesson/wb-lesson-page.h"
#include "lesson/wb-lesson-panel.h"
#include "lesson/wb-stage-bar.h"

static char *data_folder;

static const char *const text = "# A lesson\n"
                                "## First\n"
                                "-> node Code\n"
                                "- [ ] Look at it.\n"
                                "- [ ] Select the code.\n"
                                "when: selected Code\n"
                                "- [ ] Change it.\n"
                                "when: units of Code = 5\n"
                                "? How?\n"
                                "( ) So\n"
                                "(x) Or so\n"
                                "## Second\n"
                                "- [ ] Train.\n"
                                "when: epochs >= 2\n"
                                "- [ ] Show the map.\n"
                                "when: shows latent\n"
                                "- [ ] Know the code.\n"
                                "when: code-mean > -100\n";

static void
settle (guint ms)
{
  gint64 end = g_get_monotonic_time () + ms * 1000;
  while (g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
}

static const NnLessonBlock *
block_at (WbLessonTour *tour, guint step, guint position)
{
  const NnLessonStep *at = g_ptr_array_index (wb_lesson_tour_text (tour)->steps, step);
  return g_ptr_array_index (at->blocks, position);
}

/* What the last whole epoch comes to on samples that were not trained on is known. */
static void
assert_last_epoch_validated (WbDocument *document)
{
  const NnRunHistory *runs = wb_document_runs (document);
  guint64 run = nn_run_history_run (runs, nn_run_history_n_runs (runs) - 1)->id;
  gsize n_epochs, n_validated;
  const NnRow *epochs = nn_run_history_rows (runs, run, NN_ROW_EPOCH, &n_epochs);
  const NnRow *validated = nn_run_history_rows (runs, run, NN_ROW_VALIDATION, &n_validated);
  g_assert_cmpuint (n_epochs, >, 0);
  g_assert_cmpuint (n_validated, >, 0);
  g_assert_cmpfloat (validated[n_validated - 1].epoch, ==, epochs[n_epochs - 1].epoch);
}

static void
wait_until_done (WbLessonTour *tour, const NnLessonBlock *task)
{
  gint64 end = g_get_monotonic_time () + FIXTURE_PATIENCE;
  while (!wb_lesson_tour_is_done (tour, task))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      settle (5);
    }
}

static WbLessonTour *
begin_text (WbDocument *document, const char *words)
{
  g_autoptr (GError) error = NULL;
  NnLessonText *lesson = nn_lesson_text_parse (words, &error);
  g_assert_no_error (error);
  return wb_lesson_tour_new (document, lesson, words);
}

static WbLessonTour *
begin (WbDocument *document)
{
  return begin_text (document, text);
}

static char **
sees_latent (gpointer data)
{
  return g_strsplit (*(gboolean *)data ? "loss latent" : "loss", " ", -1);
}

static void
show_latent (gboolean *seen, const char *id)
{
  g_assert_cmpstr (id, ==, "latent");
  *seen = TRUE;
}

static void
test_tour (void)
{
  WbDocument *document = fixture_document (data_folder, 3);
  WbLessonTour *tour = begin (document);
  gboolean seen = FALSE;
  wb_lesson_tour_set_seen (tour, sees_latent, &seen);
  g_signal_connect_swapped (tour, "show-viewer", G_CALLBACK (show_latent), &seen);
  const NnLessonBlock *look = block_at (tour, 0, 0), *select = block_at (tour, 0, 1),
                      *change = block_at (tour, 0, 2), *question = block_at (tour, 0, 3);

  /* Nothing is true before it happens. */
  settle (150);
  g_assert_cmpuint (wb_lesson_tour_n_left (tour, 0), ==, 3);
  wb_lesson_tour_set_done (tour, look, TRUE);
  guint code = fixture_node (document, "Code");
  wb_document_select (document, &code, 1);
  wait_until_done (tour, select);
  /* What has been done stays done. */
  wb_document_select (document, NULL, 0);
  settle (150);
  g_assert_true (wb_lesson_tour_is_done (tour, select));
  wb_lesson_tour_set_done (tour, select, FALSE);
  g_assert_true (wb_lesson_tour_is_done (tour, select));
  wb_lesson_tour_set_done (tour, look, FALSE);
  g_assert_false (wb_lesson_tour_is_done (tour, look));

  /* Do it for me: one undo step. */
  g_assert_true (wb_lesson_tour_can_help (tour, change));
  g_assert_false (wb_lesson_tour_can_help (tour, look));
  wb_lesson_tour_help (tour, change);
  wait_until_done (tour, change);
  const NnNode *node = nn_design_node (wb_document_design (document), code);
  g_assert_cmpint (nn_params_int (node->params, "units"), ==, 5);
  wb_document_undo (document);
  node = nn_design_node (wb_document_design (document), code);
  g_assert_cmpint (nn_params_int (node->params, "units"), !=, 5);

  g_assert_cmpint (wb_lesson_tour_answer (tour, question), ==, -1);
  wb_lesson_tour_set_answer (tour, question, 0);
  g_assert_cmpint (wb_lesson_tour_answer (tour, question), ==, 0);

  /* Training for the student stops when the task is done. */
  wb_lesson_tour_go (tour, 7);
  g_assert_cmpuint (wb_lesson_tour_step (tour), ==, 1);
  const NnLessonBlock *train = block_at (tour, 1, 0), *map = block_at (tour, 1, 1),
                      *know = block_at (tour, 1, 2);
  wb_lesson_tour_help (tour, train);
  wait_until_done (tour, train);
  gint64 end = g_get_monotonic_time () + FIXTURE_PATIENCE;
  while (wb_document_state (document) == NN_SESSION_TRAINING)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      settle (5);
    }
  assert_last_epoch_validated (document);
  wait_until_done (tour, know);
  g_assert_false (wb_lesson_tour_is_done (tour, map));
  wb_lesson_tour_help (tour, map);
  wait_until_done (tour, map);
  g_assert_cmpuint (wb_lesson_tour_n_left (tour, 1), ==, 0);

  /* Another start of the same lesson goes on where this one was left. */
  wb_lesson_tour_end (tour);
  g_object_unref (tour);
  tour = begin (document);
  g_assert_cmpuint (wb_lesson_tour_step (tour), ==, 1);
  g_assert_true (wb_lesson_tour_is_done (tour, block_at (tour, 0, 1)));
  g_assert_false (wb_lesson_tour_is_done (tour, block_at (tour, 0, 0)));
  g_assert_cmpint (wb_lesson_tour_answer (tour, block_at (tour, 0, 3)), ==, 0);
  wb_lesson_tour_start_over (tour);
  g_assert_cmpuint (wb_lesson_tour_step (tour), ==, 0);
  g_assert_cmpuint (wb_lesson_tour_n_left (tour, 0), ==, 3);
  g_assert_cmpint (wb_lesson_tour_answer (tour, block_at (tour, 0, 3)), ==, -1);
  wb_lesson_tour_end (tour);
  g_object_unref (tour);
  fixture_close (document);
}

/* A step that asks for a drawing waits for one of its own, and only the student can make it. */
static void
test_drawing (void)
{
  WbDocument *document = fixture_document (data_folder, 3);
  WbLessonTour *tour = begin_text (document, "# A lesson\n"
                                             "## First\n"
                                             "- [ ] Draw.\n"
                                             "when: drawn\n"
                                             "## Second\n"
                                             "- [ ] Draw again.\n"
                                             "when: drawn\n");
  const NnLessonBlock *first = block_at (tour, 0, 0), *second = block_at (tour, 1, 0);
  g_assert_false (wb_lesson_tour_can_help (tour, first));
  settle (150);
  g_assert_false (wb_lesson_tour_is_done (tour, first));
  wb_document_note_drawing (document);
  wait_until_done (tour, first);
  wb_lesson_tour_go (tour, 1);
  settle (150);
  g_assert_false (wb_lesson_tour_is_done (tour, second));
  wb_document_note_drawing (document);
  wait_until_done (tour, second);
  wb_lesson_tour_end (tour);
  g_object_unref (tour);
  fixture_close (document);
}

/* ---- the panel ---- */

static GtkWidget *
find_label (GtkWidget *widget, const char *shown)
{
  if (GTK_IS_LABEL (widget) && strstr (gtk_label_get_text (GTK_LABEL (widget)), shown) != NULL
      && gtk_widget_get_mapped (widget))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_label (child, shown);
      if (found != NULL)
        return found;
    }
  return NULL;
}

static void
press (GtkWidget *panel, const char *shown)
{
  GtkWidget *button = gtk_widget_get_ancestor (find_label (panel, shown), GTK_TYPE_BUTTON);
  g_assert_nonnull (button);
  g_signal_emit_by_name (button, "clicked");
  settle (20);
}

static void
test_panel (void)
{
  WbDocument *document = fixture_document (data_folder, 3);
  g_autofree char *source = nn_lesson_source ("simple");
  wb_document_set_lesson_text (document, source);
  GtkWidget *window = gtk_window_new (), *panel = wb_lesson_panel_new ();
  gtk_window_set_child (GTK_WINDOW (window), panel);
  gtk_window_set_default_size (GTK_WINDOW (window), 264, 700);
  gtk_window_present (GTK_WINDOW (window));
  settle (50);
  g_assert_nonnull (find_label (panel, "Sparse autoencoder")); /* the gallery */
  wb_lesson_panel_set_document (WB_LESSON_PANEL (panel), document);
  settle (50);
  WbLessonTour *tour = wb_lesson_panel_get_tour (WB_LESSON_PANEL (panel));
  g_assert_nonnull (tour);
  g_assert_nonnull (find_label (panel, "Step 1 of"));
  press (panel, "Do it for me");
  settle (200);
  g_assert_cmpuint (wb_lesson_tour_n_left (tour, 0), ==, 0);
  press (panel, "Next");
  g_assert_nonnull (find_label (panel, "Step 2 of"));
  press (panel, "Back");
  g_assert_nonnull (find_label (panel, "Step 1 of"));
  for (guint i = 1; i < wb_lesson_tour_text (tour)->steps->len; i++)
    press (panel, "Next");
  g_assert_nonnull (find_label (panel, "Step 6 of 6"));
  wb_lesson_tour_start_over (tour);
  wb_lesson_panel_set_document (WB_LESSON_PANEL (panel), NULL);
  settle (20);
  g_assert_null (wb_lesson_panel_get_tour (WB_LESSON_PANEL (panel)));
  gtk_window_destroy (GTK_WINDOW (window));
  fixture_close (document);
}

/* What a low page has no room for is scrolled into sight once a question is answered. */
static void
test_verdict (void)
{
  WbDocument *document = fixture_document (data_folder, 3);
  GtkWidget *window = gtk_window_new (), *panel = wb_lesson_panel_new ();
  const gint64 end = g_get_monotonic_time () + FIXTURE_PATIENCE;
  graphene_rect_t bounds = GRAPHENE_RECT_INIT (0, 1e6F, 0, 0);

  wb_document_set_lesson_text (document, text);
  gtk_window_set_child (GTK_WINDOW (window), panel);
  gtk_window_set_default_size (GTK_WINDOW (window), 264, 320);
  gtk_window_present (GTK_WINDOW (window));
  wb_lesson_panel_set_document (WB_LESSON_PANEL (panel), document);
  settle (50);
  gtk_check_button_set_active (GTK_CHECK_BUTTON (gtk_widget_get_ancestor (
                                   find_label (panel, "Or so"), GTK_TYPE_CHECK_BUTTON)),
                               TRUE);
  press (panel, "Check");
  GtkWidget *verdict = find_label (panel, "Right.");
  GtkWidget *page = gtk_widget_get_ancestor (verdict, GTK_TYPE_SCROLLED_WINDOW);
  while (bounds.origin.y + bounds.size.height > (float)gtk_widget_get_height (page))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      settle (5);
      g_assert_true (gtk_widget_compute_bounds (verdict, page, &bounds));
    }
  g_assert_cmpfloat (
      gtk_adjustment_get_value (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (page))),
      >, 0);
  gtk_window_destroy (GTK_WINDOW (window));
  fixture_close (document);
}

/* ---- stages ---- */

static void
open_lesson (GSimpleAction *action, GVariant *parameter, gpointer document)
{
  g_assert_true (wb_document_go_on_with_lesson (document, g_variant_get_string (parameter, NULL)));
}

static WbStageBar *
find_stages (GtkWidget *widget)
{
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      WbStageBar *found = WB_IS_STAGE_BAR (child) ? WB_STAGE_BAR (child) : find_stages (child);
      if (found != NULL)
        return found;
    }
  return NULL;
}

static void
wait_until_ended (WbStageBar *stages)
{
  gint64 end = g_get_monotonic_time () + FIXTURE_PATIENCE;
  while (wb_stage_bar_is_running (stages))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      settle (5);
    }
}

static guint
count_labels (GtkWidget *widget, const char *shown)
{
  guint n = GTK_IS_LABEL (widget) && g_str_equal (gtk_label_get_text (GTK_LABEL (widget)), shown);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n += count_labels (child, shown);
  return n;
}

/* A stage that is opened by itself goes on with nothing: those before it have no tick. */
static void
test_stage_alone (void)
{
  WbDocument *document = wb_document_open_lesson ("stacked:third", NULL);
  GtkWidget *bar = wb_stage_bar_new ();
  g_object_ref_sink (bar);
  wb_stage_bar_set_document (WB_STAGE_BAR (bar), document);
  g_assert_cmpuint (count_labels (bar, "✓"), ==, 0);
  g_assert_cmpuint (count_labels (bar, "1"), ==, 1);
  g_assert_true (wb_document_go_on_with_lesson (document, "stacked:classifier"));
  g_assert_cmpuint (count_labels (bar, "✓"), ==, 1);
  g_assert_cmpuint (count_labels (bar, "3"), ==, 0);
  wb_stage_bar_set_document (WB_STAGE_BAR (bar), NULL);
  g_object_unref (bar);
  fixture_close (document);
}

/* All stages in a row, each for its epochs in a run of its own, on what the one before learned;
 * and stopped in the middle. */
static void
test_stages (void)
{
  g_autoptr (GError) error = NULL;
  WbDocument *document = wb_document_open_lesson ("features", &error);
  g_assert_no_error (error);
  GtkWidget *window = gtk_window_new (), *panel = wb_lesson_panel_new ();
  g_autoptr (GSimpleActionGroup) actions = g_simple_action_group_new ();
  const GActionEntry entries[] = {
    { .name = "open-lesson", .activate = open_lesson, .parameter_type = "s" },
  };
  g_action_map_add_action_entries (G_ACTION_MAP (actions), entries, 1, document);
  gtk_widget_insert_action_group (window, "win", G_ACTION_GROUP (actions));
  gtk_window_set_child (GTK_WINDOW (window), panel);
  gtk_window_set_default_size (GTK_WINDOW (window), 264, 700);
  gtk_window_present (GTK_WINDOW (window));
  wb_lesson_panel_set_document (WB_LESSON_PANEL (panel), document);
  fixture_shorten (document);
  settle (50);
  WbStageBar *stages = find_stages (panel);
  g_assert_nonnull (find_label (panel, "Stage 1 of 2"));
  g_assert_null (find_label (panel, "Frozen"));

  /* The page's last step leads to the next stage, once there is something to go on with. */
  WbLessonTour *tour = wb_lesson_panel_get_tour (WB_LESSON_PANEL (panel));
  g_assert_true (wb_lesson_tour_has_next_stage (tour));
  g_assert_null (wb_lesson_tour_next_lesson (tour));

  /* Stopped, it stays where it is. */
  press (panel, "Run all");
  g_assert_true (wb_stage_bar_is_running (stages));
  press (panel, "Stop");
  wait_until_ended (stages);
  settle (100);
  g_assert_cmpint (wb_document_state (document), !=, NN_SESSION_TRAINING);
  g_assert_cmpstr (wb_document_lesson_id (document), ==, "features");

  wb_document_train (document);
  fixture_wait (document, fixture_finished);
  g_assert_cmpstr (wb_lesson_tour_next_lesson (tour), ==, "features:classifier");
  g_assert_cmpuint (wb_document_n_earlier_runs (document), ==, 0);
  g_autoptr (NnTensor) learned = fixture_kernel (document, "Code");
  press (panel, "Run all");
  wait_until_ended (stages);
  g_assert_cmpstr (wb_document_lesson_id (document), ==, "features:classifier");
  g_assert_cmpint (wb_document_state (document), ==, NN_SESSION_FINISHED);
  const NnRunHistory *runs = wb_document_runs (document);
  g_assert_cmpuint (nn_run_history_n_runs (runs), ==, 2);
  g_assert_cmpuint (wb_document_n_earlier_runs (document), ==, 1);
  g_assert_false (
      wb_lesson_tour_has_next_stage (wb_lesson_panel_get_tour (WB_LESSON_PANEL (panel))));
  g_assert_cmpstr (nn_run_history_run (runs, 0)->name, ==, nn_lesson ("features")->title);
  g_assert_cmpstr (nn_run_history_run (runs, 1)->name, ==,
                   nn_lesson ("features:classifier")->title);
  g_assert_cmpuint (wb_document_snapshot (document)->epoch, ==,
                    nn_params_int (nn_design_training (wb_document_design (document)), "epochs"));
  g_assert_nonnull (find_label (panel, "Stage 2 of 2"));
  g_assert_nonnull (find_label (panel, "Frozen: "));
  g_assert_cmpuint (count_labels (panel, "✓"), ==, 2);
  g_autoptr (NnTensor) kept = fixture_kernel (document, "Code");
  fixture_check_same (learned, kept);

  gtk_window_destroy (GTK_WINDOW (window));
  fixture_close (document);
}

/* ---- the teacher ---- */

static void
test_locks (void)
{
  WbDocument *document = fixture_document (data_folder, 3);
  g_assert_null (wb_document_lesson (document));
  wb_document_set_lesson_text (document, "# Locked\n"
                                         "locked: graph\n"
                                         "locked: epochs of training\n"
                                         "locked: activation of Code\n"
                                         "hidden: reset\n"
                                         "## Only step\n");
  const NnLessonText *lesson = wb_document_lesson (document);
  g_assert_nonnull (lesson);
  g_assert_true (wb_document_modified (document));
  g_assert_true (nn_lesson_text_locks (lesson, "training", "epochs"));
  g_assert_false (nn_lesson_text_locks (lesson, "training", "batch-size"));
  g_assert_true (nn_lesson_text_hides (lesson, "reset"));
  g_assert_false (nn_lesson_text_hides (NULL, "reset"));
  /* The graph stays; what its nodes are set to may change. */
  guint code = fixture_node (document, "Code");
  guint n = nn_design_n_nodes (wb_document_design (document));
  wb_document_edit (document,
                    nn_design_remove_nodes (wb_document_design (document), &code, 1, TRUE),
                    "Remove", NULL);
  g_assert_cmpuint (nn_design_n_nodes (wb_document_design (document)), ==, n);
  g_assert_null (wb_document_undo_label (document));
  fixture_set_param (document, "Code", "units", "7", NULL);
  g_assert_nonnull (wb_document_undo_label (document));
  /* A locked setting stays whoever changes it, and cannot be had under another name. */
  wb_document_undo (document);
  fixture_set_param (document, "Code", "activation", "tanh", NULL);
  wb_document_edit (document,
                    nn_design_rename_node (wb_document_design (document), code, "Other", NULL),
                    "Rename", NULL);
  g_assert_null (wb_document_undo_label (document));
  /* What was refused cannot be selected. */
  wb_document_select (document, &code, 1);
  wb_document_select (document, &(guint){ 1000 }, 1);
  g_assert_true (wb_document_is_selected (document, code));

  wb_document_set_lesson_text (document, "");
  g_assert_null (wb_document_lesson (document));
  wb_document_edit (document,
                    nn_design_remove_nodes (wb_document_design (document), &code, 1, TRUE),
                    "Remove", NULL);
  g_assert_cmpuint (nn_design_n_nodes (wb_document_design (document)), ==, n - 1);
  fixture_close (document);
}

/* A task of several parts is done by one press, and undone by one. */
static void
test_whole_help (void)
{
  static const char task[] = "# Help\n"
                             "## Only step\n"
                             "- [ ] Change it and train.\n"
                             "when: units of Code = 5 and activation of Code = tanh and "
                             "new-epochs >= 1\n";
  WbDocument *document = fixture_document (data_folder, 3);
  g_autoptr (GError) error = NULL;
  NnLessonText *lesson = nn_lesson_text_parse (task, &error);
  g_assert_no_error (error);
  WbLessonTour *tour = wb_lesson_tour_new (document, lesson, task);
  g_autoptr (NnDesign) before = nn_design_ref (wb_document_design (document));

  wb_lesson_tour_help (tour, block_at (tour, 0, 0));
  wait_until_done (tour, block_at (tour, 0, 0));
  wb_document_undo (document);
  g_assert_true (wb_document_design (document) == before);
  wb_lesson_tour_end (tour);
  g_object_unref (tour);
  fixture_close (document);
}

static gsize
n_rows (WbDocument *document, NnRowKind kind)
{
  const NnRunHistory *runs = wb_document_runs (document);
  gsize n = 0;
  if (nn_run_history_n_runs (runs) > 0)
    nn_run_history_rows (runs, nn_run_history_run (runs, 0)->id, kind, &n);
  return n;
}

static gboolean
has_batch (WbDocument *document)
{
  return n_rows (document, NN_ROW_BATCH) > 0;
}

static gboolean
has_epoch (WbDocument *document)
{
  return n_rows (document, NN_ROW_EPOCH) > 0;
}

/* The rest of an epoch that was begun before the change is no new epoch. */
static void
test_new_epochs (void)
{
  static const char task[] = "# New\n"
                             "## Only step\n"
                             "- [ ] Train as it is now.\n"
                             "when: units of Code = 5 and new-epochs >= 1\n";
  WbDocument *document = fixture_document (data_folder, 3);
  WbLessonTour *tour = begin_text (document, task);

  wb_document_step_batch (document);
  fixture_wait (document, has_batch);
  fixture_set_param (document, "Code", "units", "5", NULL);
  wb_document_step_epoch (document);
  fixture_wait (document, has_epoch);
  settle (300);
  g_assert_false (wb_lesson_tour_is_done (tour, block_at (tour, 0, 0)));
  wb_document_step_epoch (document);
  wait_until_done (tour, block_at (tour, 0, 0));
  wb_lesson_tour_end (tour);
  g_object_unref (tour);
  fixture_close (document);
}

/* What is locked is not done for the student, who reads why. */
static void
test_locked_help (void)
{
  static const struct
  {
    const char *head;
    guint task;
    const char *refusal; /* NULL: the program does it */
  } cases[] = {
    { "", 0, NULL },
    { "locked: epochs of training\n", 0, NULL },
    { "locked: units of Code\n", 0, "“Units” of “Code”" },
    { "locked: units of Code\n", 1, NULL },
    { "locked: graph\n", 0, NULL },
    { "locked: graph\n", 1, "the graph" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *source = g_strconcat ("# Locked\n", cases[i].head,
                                             "## Only step\n"
                                             "- [ ] Change it.\n"
                                             "when: units of Code = 5\n"
                                             "- [ ] Add a layer.\n"
                                             "when: has dropout after Code\n",
                                             NULL);
      WbDocument *document = fixture_document (data_folder, 3);
      wb_document_set_lesson_text (document, source);
      GtkWidget *window = gtk_window_new (), *panel = wb_lesson_panel_new ();
      gtk_window_set_child (GTK_WINDOW (window), panel);
      gtk_window_present (GTK_WINDOW (window));
      wb_lesson_panel_set_document (WB_LESSON_PANEL (panel), document);
      settle (50);
      WbLessonTour *tour = wb_lesson_panel_get_tour (WB_LESSON_PANEL (panel));
      const NnLessonBlock *change = block_at (tour, 0, cases[i].task);
      g_autofree char *refusal = wb_lesson_tour_help_refusal (tour, change);
      g_assert_cmpint (wb_lesson_tour_can_help (tour, change), ==, cases[i].refusal == NULL);
      g_assert_true (cases[i].refusal == NULL ? refusal == NULL
                                              : strstr (refusal, cases[i].refusal) != NULL);
      g_assert_true (refusal == NULL || find_label (panel, refusal) != NULL);
      wb_lesson_tour_help (tour, change);
      g_assert_true ((wb_document_undo_label (document) == NULL) == (cases[i].refusal != NULL));
      wb_lesson_panel_set_document (WB_LESSON_PANEL (panel), NULL);
      gtk_window_destroy (GTK_WINDOW (window));
      fixture_close (document);
    }
}

static GtkWidget *
find_view (GtkWidget *widget)
{
  if (GTK_IS_TEXT_VIEW (widget))
    return widget;
  GtkWidget *found = NULL;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find_view (child);
  return found;
}

static GtkWidget *
editor_of (GtkWidget *window)
{
  g_autoptr (GList) windows = gtk_window_list_toplevels ();
  for (GList *l = windows; l != NULL; l = l->next)
    if (gtk_window_get_transient_for (l->data) == GTK_WINDOW (window))
      return l->data;
  return NULL;
}

static void
count_saved (GSimpleAction *action, GVariant *parameter, gpointer n)
{
  ++*(guint *)n;
}

/* Notes for the teacher are seen where the lesson is edited, and nowhere else. */
static void
test_notes (void)
{
  WbDocument *document = fixture_document (data_folder, 3);
  wb_document_set_lesson_text (document, "# L\n## S\nFor all.\n\n> For one.\n");
  GtkWidget *window = gtk_window_new (), *panel = wb_lesson_panel_new ();
  gtk_window_set_child (GTK_WINDOW (window), panel);
  gtk_window_present (GTK_WINDOW (window));
  wb_lesson_panel_set_document (WB_LESSON_PANEL (panel), document);
  settle (50);
  g_assert_nonnull (find_label (panel, "For all."));
  g_assert_null (find_label (panel, "For one."));
  GtkWidget *menu_button = fixture_find_type (panel, GTK_TYPE_MENU_BUTTON);
  GMenuModel *menu = gtk_menu_button_get_menu_model (GTK_MENU_BUTTON (menu_button));
  for (gint i = 0; i < g_menu_model_get_n_items (menu); i++)
    {
      g_autofree char *action = NULL;
      g_assert_true (
          g_menu_model_get_item_attribute (menu, i, G_MENU_ATTRIBUTE_ACTION, "s", &action));
      g_assert_null (strstr (action, "notes"));
    }
  g_assert_true (gtk_widget_activate_action (menu_button, "lesson.edit", NULL));
  settle (50);
  g_assert_nonnull (find_label (editor_of (window), "For one."));
  g_assert_null (find_label (panel, "For one."));
  gtk_window_close (GTK_WINDOW (editor_of (window)));
  wb_lesson_panel_set_document (WB_LESSON_PANEL (panel), NULL);
  gtk_window_destroy (GTK_WINDOW (window));
  fixture_close (document);
}

/* The keyboard comes past tasks that the program judges, both ways. */
static void
test_focus (void)
{
  WbDocument *document = fixture_document (data_folder, 3);
  WbLessonTour *tour = begin (document);
  GtkWidget *window = gtk_window_new (), *page = wb_lesson_page_new ();
  gtk_window_set_child (GTK_WINDOW (window), page);
  wb_lesson_page_set_tour (WB_LESSON_PAGE (page), tour);
  gtk_window_present (GTK_WINDOW (window));
  settle (50);

  GtkWidget *next = wb_lesson_page_get_next (WB_LESSON_PAGE (page)), *first = NULL;
  for (guint i = 0; i < 20 && gtk_root_get_focus (GTK_ROOT (window)) != next; i++)
    {
      gtk_widget_child_focus (window, GTK_DIR_TAB_FORWARD);
      first = first != NULL ? first : gtk_root_get_focus (GTK_ROOT (window));
    }
  g_assert_true (gtk_root_get_focus (GTK_ROOT (window)) == next);
  for (guint i = 0; i < 20 && gtk_root_get_focus (GTK_ROOT (window)) != first; i++)
    gtk_widget_child_focus (window, GTK_DIR_TAB_BACKWARD);
  g_assert_true (gtk_root_get_focus (GTK_ROOT (window)) == first);

  gtk_window_destroy (GTK_WINDOW (window));
  wb_lesson_tour_end (tour);
  g_object_unref (tour);
  fixture_close (document);
}

/* What is typed is read a moment later. */
static void
wait_for_steps (WbDocument *document, guint n)
{
  const gint64 end = g_get_monotonic_time () + FIXTURE_PATIENCE;
  for (const NnLessonText *lesson = NULL; lesson == NULL || lesson->steps->len != n;
       lesson = wb_document_lesson (document))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      settle (5);
    }
}

static void
test_editor (void)
{
  WbDocument *document = fixture_document (data_folder, 3);
  GtkWidget *window = gtk_window_new ();
  guint n_saved = 0;
  const GActionEntry saves[] = { { .name = "save", .activate = count_saved },
                                 { .name = "save-for-students", .activate = count_saved } };
  g_autoptr (GSimpleActionGroup) actions = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (actions), saves, G_N_ELEMENTS (saves), &n_saved);
  gtk_widget_insert_action_group (window, "win", G_ACTION_GROUP (actions));
  gtk_window_present (GTK_WINDOW (window));
  wb_lesson_editor_present (GTK_WINDOW (window), document);
  settle (50);
  GtkWidget *editor = editor_of (window);
  g_assert_nonnull (editor);
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (find_view (editor)));

  /* A piece of each kind, with a text that says what it is, can be read and held. */
  static const char *const pieces[] = { "note", "formula", "question", "task",   "step", "pointer",
                                        "link", "viewers", "locked",   "hidden", NULL };
  for (guint i = 0; pieces[i] != NULL; i++)
    {
      GtkTextIter end;
      gtk_text_buffer_get_end_iter (buffer, &end);
      gtk_text_buffer_place_cursor (buffer, &end);
      gtk_widget_activate_action (find_view (editor), "editor.insert", "s", pieces[i]);
    }
  wait_for_steps (document, 2);
  const NnLessonText *lesson = wb_document_lesson (document);
  g_assert_true (nn_lesson_text_locks (lesson, "Code", "units"));
  const NnLessonStep *last = g_ptr_array_index (lesson->steps, 1);
  g_assert_cmpstr (last->point.name, ==, "units of Code");
  g_assert_nonnull (find_label (editor, "Every condition can hold"));

  gtk_text_buffer_set_text (buffer, "# T\n## S\n- [ ] Do\nwhen: units of Code = 0\n", -1);
  wait_for_steps (document, 1);
  g_assert_nonnull (find_label (editor, "can never hold"));
  /* A condition from the menu belongs to the task before it. */
  gtk_text_buffer_set_text (buffer, "# T\n## S\n- [ ] Do", -1);
  gtk_widget_activate_action (find_view (editor), "editor.insert-condition", "s", "epochs >= 5");
  gtk_widget_activate_action (find_view (editor), "editor.save", NULL);
  g_assert_cmpuint (n_saved, ==, 1);
  const NnLessonStep *step = g_ptr_array_index (wb_document_lesson (document)->steps, 0);
  const NnLessonBlock *task = g_ptr_array_index (step->blocks, 0);
  g_assert_cmpstr (nn_lesson_condition_text (task->condition), ==, "epochs >= 5");
  /* So is a copy for students; of what cannot be read there is none. */
  gtk_text_buffer_set_text (buffer, "# T\n## S\n> A note", -1);
  gtk_widget_activate_action (find_view (editor), "editor.save-for-students", NULL);
  g_assert_cmpuint (n_saved, ==, 2);
  g_assert_nonnull (strstr (wb_document_lesson_text (document), "> A note"));
  gtk_text_buffer_set_text (buffer, "# T\n> A note", -1);
  settle (700);
  gtk_widget_activate_action (find_view (editor), "editor.save-for-students", NULL);
  g_assert_cmpuint (n_saved, ==, 2);
  /* What was typed last is there when the window is closed at once. */
  gtk_text_buffer_set_text (buffer, "# Last\n## S\n", -1);
  gtk_window_close (GTK_WINDOW (editor));
  settle (20);
  g_assert_cmpstr (wb_document_lesson (document)->title, ==, "Last");
  gtk_window_destroy (GTK_WINDOW (window));
  fixture_close (document);
}

int
main (int argc, char **argv)
{
  g_autofree char *state = g_dir_make_tmp ("diabolo-test-XXXXXX", NULL);
  g_setenv ("XDG_STATE_HOME", state, TRUE);
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  data_folder = fixture_write_data ();
  g_test_add_func ("/lesson/tour", test_tour);
  g_test_add_func ("/lesson/drawing", test_drawing);
  g_test_add_func ("/lesson/panel", test_panel);
  g_test_add_func ("/lesson/verdict", test_verdict);
  g_test_add_func ("/lesson/stages", test_stages);
  g_test_add_func ("/lesson/stage-alone", test_stage_alone);
  g_test_add_func ("/lesson/notes", test_notes);
  g_test_add_func ("/lesson/locks", test_locks);
  g_test_add_func ("/lesson/new-epochs", test_new_epochs);
  g_test_add_func ("/lesson/whole-help", test_whole_help);
  g_test_add_func ("/lesson/locked-help", test_locked_help);
  g_test_add_func ("/lesson/focus", test_focus);
  g_test_add_func ("/lesson/editor", test_editor);
  int status = g_test_run ();
  wb_settings_flush (wb_settings_default ());
  nn_test_remove_folder (data_folder);
  g_free (data_folder);
  return status;
}
