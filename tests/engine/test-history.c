/* test-history.c: undo and redo. */
#include "model-test.h"
#include "model/nn-history.h"

/* One more edit of the current design: its title. */
static void
push (NnHistory *history, const char *title, const char *merge)
{
  g_autoptr (NnDesign) next = nn_design_with_title (nn_history_design (history), title);

  nn_history_push (history, next, title, merge);
}

static NnHistory *
new_history (void)
{
  g_autoptr (NnDesign) design = nn_design_new ();

  return nn_history_new (design);
}

#define assert_title(history, text)                                                                \
  g_assert_cmpstr (nn_design_title (nn_history_design (history)), ==, text)

static void
test_undo_redo (void)
{
  g_autoptr (NnHistory) history = new_history ();

  g_assert_null (nn_history_undo_label (history));
  g_assert_null (nn_history_redo_label (history));
  g_assert_false (nn_history_undo (history));
  g_assert_false (nn_history_redo (history));

  push (history, "a", NULL);
  push (history, "b", NULL);
  g_assert_cmpstr (nn_history_undo_label (history), ==, "b");
  g_assert_true (nn_history_undo (history));
  assert_title (history, "a");
  g_assert_cmpstr (nn_history_undo_label (history), ==, "a");
  g_assert_cmpstr (nn_history_redo_label (history), ==, "b");
  g_assert_true (nn_history_redo (history));
  assert_title (history, "b");

  /* A new edit drops what could be redone. */
  nn_history_undo (history);
  push (history, "c", NULL);
  g_assert_null (nn_history_redo_label (history));
  g_assert_true (nn_history_undo (history));
  assert_title (history, "a");
  g_assert_true (nn_history_undo (history));
  assert_title (history, "");
  g_assert_false (nn_history_undo (history));
}

static void
test_merge (void)
{
  g_autoptr (NnHistory) history = new_history ();

  push (history, "1", "3.units");
  push (history, "2", "3.units");
  push (history, "3", "3.units");
  push (history, "x", "4.units"); /* another slider */
  push (history, "y", NULL);
  push (history, "z", NULL);
  nn_history_undo (history);
  assert_title (history, "y");
  nn_history_undo (history);
  assert_title (history, "x");
  nn_history_undo (history);
  assert_title (history, "3");
  nn_history_undo (history);
  assert_title (history, "");

  /* A second drag of the same slider is a second step. */
  push (history, "1", "3.units");
  nn_history_seal (history);
  push (history, "2", "3.units");
  push (history, "3", "3.units");
  nn_history_undo (history);
  assert_title (history, "1");

  /* After undo, a push must not change what was before. */
  push (history, "4", "3.units");
  nn_history_undo (history);
  assert_title (history, "1");
}

static void
test_same_design (void)
{
  g_autoptr (NnHistory) history = new_history ();

  nn_history_push (history, nn_history_design (history), "nothing", NULL);
  g_assert_null (nn_history_undo_label (history));
}

/* Weights go by node id: one that an undone edit gave out must not come back for another node. */
static void
test_ids (void)
{
  g_autoptr (NnHistory) history = new_history ();
  g_autoptr (NnDesign) one = NULL;
  g_autoptr (NnDesign) other = NULL;
  guint first, second;

  one = nn_design_add_node (nn_history_design (history), nn_layer_type ("dense"), NULL, NULL, 0, 0,
                            &first);
  nn_history_push (history, one, "Add Dense", NULL);
  nn_history_undo (history);
  other = nn_design_add_node (nn_history_design (history), nn_layer_type ("flatten"), NULL, NULL, 0,
                              0, &second);
  g_assert_cmpuint (second, >, first);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/history/undo-redo", test_undo_redo);
  g_test_add_func ("/history/merge", test_merge);
  g_test_add_func ("/history/same-design", test_same_design);
  g_test_add_func ("/history/ids", test_ids);
  return g_test_run ();
}
