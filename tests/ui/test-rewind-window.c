/* Looking back in a window: the handle on the loss plot, the bar, going on from there, two runs
 * side by side. */
#include "viewer-fixture.h"

#include "explore/nn-node-values-probe.h"
#include "panels/wb-rewind-bar.h"
#include "viewers/wb-board.h"
#include "viewers/wb-dock.h"
#include "viewers/wb-run-switch.h"
#include "viewers/wb-time-handle.h"

#include <adwaita.h>
#include <math.h>

#define LAYOUT                                                                                     \
  "{\"panes\":[{\"share\":0.5,\"pages\":[{\"viewer\":\"loss\",\"selected\":true}]},"               \
  "{\"share\":0.5,\"pages\":[{\"viewer\":\"reconstruction\",\"selected\":true}]}]}"

static char *data_folder;

typedef struct
{
  WbDocument *document;
  GtkWidget *window, *bar;
  WbDock *dock;
  guint n_rewound;
} Rig;

static void
count (guint *n)
{
  ++*n;
}

static gboolean
is_done (gpointer data)
{
  WbDocument *document = data;
  const NnSnapshot *snapshot = wb_document_snapshot (document);

  return wb_document_state (document) == NN_SESSION_FINISHED && snapshot != NULL
         && snapshot->epoch + 1 >= wb_document_target_epochs (document) - 1;
}

/* Some epochs more. */
static void
train (Rig *rig)
{
  wb_document_train (rig->document);
  fixture_wait (is_done, rig->document);
}

static void
rig_open (Rig *rig)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  g_autoptr (GError) error = NULL;

  *rig = (Rig){
    .document =
        fixture_open (nn_test_autoencoder ("units=6 activation=relu", "epochs=2"), data_folder),
    .window = gtk_window_new (),
    .bar = wb_rewind_bar_new (),
    .dock = WB_DOCK (wb_dock_new ()),
  };
  g_signal_connect_swapped (rig->document, "rewound", G_CALLBACK (count), &rig->n_rewound);
  wb_dock_set_layout (rig->dock, LAYOUT, &error);
  g_assert_no_error (error);
  wb_document_set_frame_widget (rig->document, rig->window);
  wb_dock_set_document (rig->dock, rig->document);
  wb_rewind_bar_set_document (WB_REWIND_BAR (rig->bar), rig->document);
  gtk_widget_set_vexpand (GTK_WIDGET (rig->dock), TRUE);
  gtk_box_append (GTK_BOX (box), rig->bar);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (rig->dock));
  gtk_window_set_child (GTK_WINDOW (rig->window), box);
  gtk_window_set_default_size (GTK_WINDOW (rig->window), 800, 360);
  gtk_window_present (GTK_WINDOW (rig->window));
  train (rig);
  train (rig); /* the pause between them is a moment to go back to */
}

static void
rig_close (Rig *rig)
{
  wb_document_set_frame_widget (rig->document, NULL);
  gtk_window_destroy (GTK_WINDOW (rig->window));
  wb_document_close (rig->document);
  g_object_unref (rig->document);
}

/* The first widget of a type below another. */
static GtkWidget *
find (GtkWidget *widget, GType type)
{
  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find (child, type);
      if (found != NULL)
        return found;
    }
  return NULL;
}

static GtkWidget *
find_button (GtkWidget *widget, const char *label)
{
  if (GTK_IS_BUTTON (widget) && g_strcmp0 (gtk_button_get_label (GTK_BUTTON (widget)), label) == 0)
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_button (child, label);
      if (found != NULL)
        return found;
    }
  return NULL;
}

static gpointer
find_controller (GtkWidget *widget, GType type)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (widget);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GObject) controller = g_list_model_get_item (controllers, i);
      if (G_TYPE_CHECK_INSTANCE_TYPE (controller, type))
        return controller; /* the widget keeps it */
    }
  g_assert_not_reached ();
}

static gboolean
is_drawn (gpointer plot)
{
  return wb_plot_get_frame (plot)->width > 0;
}

static gboolean
is_second_run (gpointer document)
{
  return wb_document_run (document) == 2 && is_done (document);
}

static gboolean
is_first_run (gpointer document)
{
  return wb_document_run (document) == 1;
}

/* Dragging along the axis shows what was; at its end it is now again. */
static void
test_drag (void)
{
  Rig rig;

  rig_open (&rig);
  GtkWidget *plot = find (rig.window, WB_TYPE_PLOT);
  GtkWidget *handle = find (rig.window, WB_TYPE_TIME_HANDLE);
  fixture_wait (is_drawn, plot);
  g_assert_true (gtk_widget_get_visible (handle));
  g_assert_false (gtk_widget_get_visible (rig.bar));
  const WbFrame *frame = wb_plot_get_frame (WB_PLOT (plot));
  const double y = frame->top + frame->height;
  gpointer drag = find_controller (gtk_widget_get_parent (plot), GTK_TYPE_GESTURE_DRAG);

  g_signal_emit_by_name (drag, "drag-begin", wb_frame_x (frame, 2), y);
  g_assert_nonnull (wb_document_moment (rig.document));
  g_assert_cmpfloat (wb_document_moment (rig.document)->epoch, ==, 2);
  g_assert_true (gtk_widget_get_visible (rig.bar));
  g_signal_emit_by_name (drag, "drag-update", wb_frame_x (frame, 0) - wb_frame_x (frame, 2), 0.0);
  g_assert_cmpfloat (wb_document_moment (rig.document)->epoch, ==, 0);
  g_signal_emit_by_name (drag, "drag-update", frame->width, 0.0);
  g_assert_null (wb_document_moment (rig.document));
  g_signal_emit_by_name (drag, "drag-end", 0.0, 0.0);
  g_assert_cmpuint (rig.n_rewound, ==, 3);
  g_assert_false (gtk_widget_get_visible (rig.bar));

  /* Beside curve and axis the plot zooms, and nothing is rewound. */
  g_signal_emit_by_name (drag, "drag-begin", frame->left + frame->width / 2, frame->top + 1);
  g_signal_emit_by_name (drag, "drag-end", 0.0, 0.0);
  g_assert_null (wb_document_moment (rig.document));
  rig_close (&rig);
}

/* Rows end where the picture does; the graph's and the viewers' numbers come from them. */
static void
test_rows (void)
{
  Rig rig;
  gsize n_all, n_then, n_start;

  rig_open (&rig);
  g_assert_nonnull (wb_document_rows_shown (rig.document, 0, NN_ROW_VALIDATION, &n_all));
  wb_document_rewind (rig.document, 2);
  wb_document_rows_shown (rig.document, 0, NN_ROW_VALIDATION, &n_then);
  g_assert_cmpuint (n_then, ==, 2);
  g_assert_cmpuint (n_all, >, n_then);
  wb_document_rewind (rig.document, 0);
  g_assert_null (wb_document_rows_shown (rig.document, 0, NN_ROW_BATCH, &n_start));

  /* Training on means now. */
  train (&rig);
  g_assert_null (wb_document_moment (rig.document));
  rig_close (&rig);
}

/* Both runs are there, and the first can be returned to, or removed. */
static void
test_continue (void)
{
  Rig rig;

  rig_open (&rig);
  const guint64 steps = wb_document_snapshot (rig.document)->step;
  GtkWidget *runs = find (rig.window, WB_TYPE_RUN_SWITCH);
  g_assert_false (gtk_widget_get_visible (runs));
  wb_document_rewind (rig.document, 2);
  g_signal_emit_by_name (find_button (rig.bar, "Continue from here"), "clicked");
  g_assert_cmpint (wb_document_state (rig.document), ==, NN_SESSION_TRAINING);
  g_assert_null (wb_document_moment (rig.document));
  fixture_wait (is_second_run, rig.document);
  g_assert_cmpuint (nn_run_history_n_runs (wb_document_runs (rig.document)), ==, 2);
  g_assert_true (gtk_widget_get_visible (runs));

  /* Nothing was changed: it repeats the first. */
  gsize n, m;
  const NnRow *a = nn_run_history_rows (wb_document_runs (rig.document), 1, NN_ROW_BATCH, &n);
  const NnRow *b = nn_run_history_rows (wb_document_runs (rig.document), 2, NN_ROW_BATCH, &m);
  g_assert_cmpuint (m, >, 2 * n / 3);
  for (gsize i = 0; i < MIN (n, m); i++)
    {
      g_assert_cmpuint (a[i].step, ==, b[i].step);
      g_assert_cmpfloat (a[i].loss, ==, b[i].loss);
    }

  GtkDropDown *list = GTK_DROP_DOWN (find (runs, GTK_TYPE_DROP_DOWN));
  g_assert_cmpuint (gtk_drop_down_get_selected (list), ==, 1);
  gtk_drop_down_set_selected (list, 0);
  fixture_wait (is_first_run, rig.document);
  g_assert_cmpuint (wb_document_snapshot (rig.document)->step, ==, steps);
  wb_document_remove_run (rig.document, 2);
  g_assert_nonnull (wb_document_go_to_run (rig.document, 2));
  g_assert_cmpuint (nn_run_history_n_runs (wb_document_runs (rig.document)), ==, 1);
  g_assert_false (gtk_widget_get_visible (runs));
  rig_close (&rig);
}

static const NnNodeValuesResult *
answer_of (WbViewer *viewer)
{
  return (NnNodeValuesResult *)wb_document_probe_result (wb_viewer_get_document (viewer),
                                                         wb_viewer_probe_id (viewer));
}

static gboolean
has_answer (gpointer viewer)
{
  return answer_of (viewer) != NULL;
}

static double
output_of (WbViewer *viewer)
{
  const NnNodeValuesResult *result = answer_of (viewer);
  const guint node =
      nn_analysis_output_node (wb_document_analysis (wb_viewer_get_document (viewer)));

  g_assert_no_error (result->base.error);
  return nn_node_values_result_find (result, node)->values->data[27];
}

static gboolean
has_samples (gpointer space)
{
  return wb_code_space_samples (space) != NULL;
}

/* A run's codes lie where its weights put them; the ring is in the same place for all. */
static void
test_code_space (void)
{
  const float place[6] = { 0.5f, 0.25f };
  double low, high, other_low, other_high;
  Rig rig;

  rig_open (&rig);
  WbDockPane *pane = wb_dock_pane (rig.dock, 1);
  WbViewer *viewer = wb_dock_add_page (rig.dock, pane, wb_viewer_type ("decode"));
  WbCodeSpace *space = wb_document_code_space (rig.document);
  g_assert_true (wb_viewer_code_space (viewer) == space);
  wb_document_reset (rig.document, TRUE);
  wb_document_train (rig.document);
  fixture_wait (is_second_run, rig.document);
  wb_viewer_set_run (viewer, 1);
  WbCodeSpace *other = wb_viewer_code_space (viewer);
  g_assert_true (other != space);
  wb_code_space_watch (space);
  fixture_wait (has_samples, space);
  fixture_wait (has_samples, other);
  wb_code_space_range (space, 0, &low, &high);
  wb_code_space_range (other, 0, &other_low, &other_high);
  g_assert_cmpfloat (high, !=, other_high);
  wb_code_space_move (other, place);
  g_assert_cmpmem (wb_code_space_point (space), sizeof place, place, sizeof place);
  wb_viewer_set_run (viewer, 0);
  g_assert_true (wb_viewer_code_space (viewer) == space);
  wb_code_space_unwatch (space);
  rig_close (&rig);
}

/* A second page shows the first run beside the second, whatever that is trained to. */
static void
test_compare (void)
{
  Rig rig;

  rig_open (&rig);
  WbDockPane *pane = wb_dock_pane (rig.dock, 1);
  WbViewer *viewer = wb_dock_pane_selected (pane);
  fixture_wait (has_answer, viewer);
  wb_document_rewind (rig.document, 0);
  wb_document_continue (rig.document);
  fixture_wait (is_second_run, rig.document);

  WbViewer *other = wb_dock_compare (rig.dock, pane, viewer, 1);
  g_assert_true (wb_dock_pane_selected (wb_dock_pane (rig.dock, 0)) == other);
  g_autofree char *title = wb_viewer_dup_title (other);
  g_assert_cmpstr (title, ==, "Reconstructions · Run 1");
  fixture_wait (has_answer, other);
  fixture_wait (has_answer, viewer);
  g_assert_cmpfloat (output_of (viewer), !=, output_of (other));

  /* Its own page says which run by its menu, too, and another document has other runs. */
  GActionGroup *actions = G_ACTION_GROUP (wb_viewer_get_actions (other));
  g_autoptr (GVariant) state = g_action_group_get_action_state (actions, "run");
  g_assert_cmpuint (g_variant_get_uint64 (state), ==, 1);
  g_action_group_activate_action (actions, "run", g_variant_new_uint64 (0));
  g_assert_cmpuint (wb_viewer_get_run (other), ==, 0);
  wb_viewer_set_run (other, 1);
  wb_dock_set_document (rig.dock, NULL);
  g_assert_cmpuint (wb_viewer_get_run (other), ==, 0);
  rig_close (&rig);
}

static WbBoard *
make_board (WbDocument *document)
{
  float *values = g_new0 (float, 4 * 4);
  WbBoard *board = WB_BOARD (g_object_ref_sink (wb_board_new ()));

  wb_board_set_data (board, wb_board_data_new (WB_BOARD_MAPS, 4, 2, 2, values));
  wb_board_link (board, document, "activations 3");
  return board;
}

/* What is selected on one board is selected on the same board elsewhere, not on others. */
static void
test_linked (void)
{
  Rig rig;

  rig_open (&rig);
  WbBoard *a = make_board (rig.document), *b = make_board (rig.document);
  WbBoard *c = make_board (rig.document);
  wb_board_link (c, rig.document, "activations 4");
  wb_document_set_cell (rig.document, "activations 3", 2);
  g_assert_cmpint (wb_cells_get_selected (WB_CELLS (a)), ==, 2);
  g_assert_cmpint (wb_cells_get_selected (WB_CELLS (b)), ==, 2);
  g_assert_cmpint (wb_cells_get_selected (WB_CELLS (c)), ==, -1);

  /* By pointer beside all cells: nothing is selected any more, here and as the document has it. */
  g_signal_emit_by_name (find_controller (GTK_WIDGET (a), GTK_TYPE_GESTURE_CLICK), "pressed", 1,
                         -5.0, -5.0);
  g_assert_cmpint (wb_document_cell (rig.document, "activations 3"), ==, -1);
  g_object_unref (a);
  g_object_unref (b);
  g_object_unref (c);
  rig_close (&rig);
}

int
main (int argc, char *argv[])
{
  int status;

  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  data_folder = fixture_make_data ();
  g_test_add_func ("/rewind-window/drag", test_drag);
  g_test_add_func ("/rewind-window/rows", test_rows);
  g_test_add_func ("/rewind-window/continue", test_continue);
  g_test_add_func ("/rewind-window/compare", test_compare);
  g_test_add_func ("/rewind-window/code-space", test_code_space);
  g_test_add_func ("/rewind-window/linked", test_linked);
  status = g_test_run ();
  nn_test_remove_folder (data_folder);
  g_free (data_folder);
  return status;
}
