/* test-design.c: edits of a design, one at a time and in long random rows. */
#include "base/nn-error.h"
#include "model-test.h"
#include "model/nn-history.h"
#include "optimizers/nn-optimizer.h"

static void
test_names (void)
{
  g_autoptr (NnDesign) design = nn_design_new ();
  static const struct
  {
    const char *layer, *name;
  } expected[] = {
    { "input", "Input" },       { "dense", "Dense 1" },
    { "dense", "Dense 2" },     { "reconstruction-loss", "Loss" },
    { "input", "Input 2" },     { "classification-loss", "Loss 2" },
    { "flatten", "Flatten 1" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      guint id;
      design = add (design, expected[i].layer, &id);
      g_assert_cmpuint (id, ==, i + 1);
      g_assert_cmpstr (nn_design_node (design, id)->name, ==, expected[i].name);
    }

  /* The first free number is taken again, the id is not. */
  guint gone = 2, id;
  design = step (design, nn_design_remove_nodes (design, &gone, 1, FALSE));
  design = add (design, "dense", &id);
  g_assert_cmpuint (id, ==, 8);
  g_assert_cmpstr (nn_design_node (design, id)->name, ==, "Dense 1");
  g_assert_true (nn_design_node_by_name (design, "Dense 1") == nn_design_node (design, id));

  /* A given name is made unique. */
  const NnLayerType *dense = nn_layer_type ("dense");
  design = step (design, nn_design_add_node (design, dense, NULL, "Code", 0, 0, &id));
  g_assert_cmpstr (nn_design_node (design, id)->name, ==, "Code");
  design = step (design, nn_design_add_node (design, dense, NULL, "Code", 0, 0, &id));
  g_assert_cmpstr (nn_design_node (design, id)->name, ==, "Code 2");
  design = step (design, nn_design_add_node (design, dense, NULL, "Dense 2", 0, 0, &id));
  g_assert_cmpstr (nn_design_node (design, id)->name, ==, "Dense 3");
}

static void
test_rename (void)
{
  g_autoptr (NnDesign) design = chain (SIMPLE);
  g_autoptr (NnDesign) renamed = NULL;
  g_autoptr (GError) taken = NULL;
  g_autoptr (GError) empty = NULL;

  renamed = nn_design_rename_node (design, 3, "  Code ", NULL);
  g_assert_cmpstr (nn_design_node (renamed, 3)->name, ==, "Code");
  g_assert_cmpstr (nn_design_node (design, 3)->name, ==, "Dense 1");
  g_assert_null (nn_design_rename_node (design, 3, "Dense 2", &taken));
  g_assert_error (taken, NN_ERROR, NN_ERROR_RANGE);
  assert_contains (taken->message, "Dense 2");
  g_assert_null (nn_design_rename_node (design, 3, "  ", &empty));
  g_assert_error (empty, NN_ERROR, NN_ERROR_RANGE);

  /* To its own name: nothing is in the way. */
  g_autoptr (NnDesign) same = nn_design_rename_node (design, 3, "Dense 1", NULL);
  g_assert_nonnull (same);
}

static void
test_sharing (void)
{
  g_autoptr (NnDesign) design = chain (SIMPLE);
  g_autofree char *before = nn_design_to_json (design);
  g_autofree char *after = NULL;
  g_autoptr (NnDesign) moved = NULL;
  guint id = 3;

  moved = nn_design_move_nodes (design, &id, 1, 5, 7);
  g_assert_cmpfloat (nn_design_node (moved, 3)->x, ==, nn_design_node (design, 3)->x + 5);
  g_assert_cmpfloat (nn_design_node (moved, 3)->y, ==, 7);
  g_assert_true (nn_design_node (moved, 2) == nn_design_node (design, 2));
  g_assert_true (nn_design_node (moved, 3) != nn_design_node (design, 3));
  after = nn_design_to_json (design);
  g_assert_cmpstr (before, ==, after);
}

static void
test_connect (void)
{
  g_autoptr (NnDesign) design = chain (SIMPLE);
  g_autoptr (NnDesign) replaced = NULL;
  static const struct
  {
    guint from, from_port, to, to_port;
    const char *says;
  } refused[] = {
    { 4, 0, 3, 0, "loop" },      { 3, 0, 3, 0, "itself" },   { 5, 0, 3, 0, "no output" },
    { 3, 1, 4, 0, "no output" }, { 3, 0, 1, 0, "no input" }, { 3, 0, 4, 1, "no input" },
    { 99, 0, 3, 0, "exist" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (nn_design_connect (design, refused[i].from, refused[i].from_port,
                                        refused[i].to, refused[i].to_port, &error));
      g_assert_error (error, NN_ERROR, NN_ERROR_DESIGN);
      assert_contains (error->message, refused[i].says);
    }

  /* An input port takes one edge: a second replaces the first. */
  replaced = nn_design_connect (design, 1, 0, 4, 0, NULL);
  g_assert_cmpuint (nn_design_n_edges (replaced), ==, nn_design_n_edges (design));
  g_assert_cmpuint (nn_design_edge_into (replaced, 4, 0)->from, ==, 1);
  g_assert_cmpuint (nn_design_edge_into (design, 4, 0)->from, ==, 3);

  g_autoptr (NnDesign) cut = nn_design_disconnect (replaced, 4, 0);
  g_assert_null (nn_design_edge_into (cut, 4, 0));
  g_assert_cmpuint (nn_design_n_edges (cut), ==, nn_design_n_edges (replaced) - 1);
}

static void
test_remove (void)
{
  g_autoptr (NnDesign) design = chain (SIMPLE);
  g_autoptr (NnDesign) marked = nn_design_set_code_node (design, 3);
  g_autoptr (NnDesign) healed = NULL;
  g_autoptr (NnDesign) cut = NULL;
  guint middle[] = { 2, 3, 77 }, input = 1;

  healed = nn_design_remove_nodes (marked, middle, G_N_ELEMENTS (middle), TRUE);
  g_assert_cmpuint (nn_design_n_nodes (healed), ==, 3);
  g_assert_cmpuint (nn_design_edge_into (healed, 4, 0)->from, ==, 1);
  g_assert_cmpuint (nn_design_edge_into (healed, 5, 0)->from, ==, 4);
  g_assert_cmpuint (nn_design_code_node (marked), ==, 3);
  g_assert_cmpuint (nn_design_code_node (healed), ==, 0);

  cut = nn_design_remove_nodes (design, middle, G_N_ELEMENTS (middle), FALSE);
  g_assert_null (nn_design_edge_into (cut, 4, 0));

  /* Nothing comes before an input: nothing to join. */
  g_autoptr (NnDesign) headless = nn_design_remove_nodes (design, &input, 1, TRUE);
  g_assert_null (nn_design_edge_into (headless, 2, 0));
  g_assert_null (nn_design_edge_into (headless, 5, 1));
  g_assert_cmpuint (nn_design_n_edges (headless), ==, 3);
}

static void
test_insert (void)
{
  g_autoptr (NnDesign) design = chain (SIMPLE);
  g_autoptr (NnDesign) inserted = NULL;
  guint noise;

  design = add (design, "gaussian-noise", &noise);
  inserted = nn_design_insert_into_edge (design, noise, 2, 0, NULL);
  g_assert_cmpuint (nn_design_edge_into (inserted, noise, 0)->from, ==, 1);
  g_assert_cmpuint (nn_design_edge_into (inserted, 2, 0)->from, ==, noise);
  /* The target keeps the clean input. */
  g_assert_cmpuint (nn_design_edge_into (inserted, 5, 1)->from, ==, 1);

  static const struct
  {
    guint id, to, to_port;
    const char *says;
  } refused[] = {
    { 6, 1, 0, "no edge" },        /* an Input has no input port */
    { 5, 3, 0, "needs an input" }, /* a loss gives nothing on */
    { 2, 4, 0, "connected already" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (nn_design_insert_into_edge (design, refused[i].id, refused[i].to,
                                                 refused[i].to_port, &error));
      g_assert_error (error, NN_ERROR, NN_ERROR_DESIGN);
      assert_contains (error->message, refused[i].says);
    }
}

static void
test_extract_and_merge (void)
{
  g_autoptr (NnDesign) design = chain (SIMPLE);
  g_autoptr (NnDesign) part = NULL;
  g_autoptr (NnDesign) pasted = NULL;
  g_autoptr (GArray) ids = NULL;
  guint copied[] = { 2, 3 };

  part = nn_design_extract (design, copied, G_N_ELEMENTS (copied));
  g_assert_cmpuint (nn_design_n_nodes (part), ==, 2);
  g_assert_cmpuint (nn_design_n_edges (part), ==, 1);

  pasted = nn_design_merge (design, part, 10, 20, &ids);
  g_assert_cmpuint (nn_design_n_nodes (pasted), ==, 7);
  g_assert_cmpuint (ids->len, ==, 2);
  guint flatten = g_array_index (ids, guint, 0), dense = g_array_index (ids, guint, 1);
  g_assert_cmpuint (flatten, ==, 6);
  g_assert_cmpuint (nn_design_edge_into (pasted, dense, 0)->from, ==, flatten);
  g_assert_null (nn_design_edge_into (pasted, flatten, 0));
  g_assert_cmpstr (nn_design_node (pasted, dense)->name, ==, "Dense 3");
  g_assert_cmpint (nn_params_int (nn_design_node (pasted, dense)->params, "units"), ==, 32);
  g_assert_cmpfloat (nn_design_node (pasted, dense)->x, ==, nn_design_node (design, 3)->x + 10);
  g_assert_cmpfloat (nn_design_node (pasted, dense)->y, ==, 20);
}

static void
test_same_computation (void)
{
  g_autoptr (NnDesign) design = chain (SIMPLE);
  g_autoptr (NnDesign) named = nn_design_rename_node (design, 3, "Code", NULL);
  g_autoptr (NnDesign) titled = nn_design_with_title (named, "hourglass");
  g_autoptr (NnDesign) placed = nn_design_place_node (titled, 3, 1, 2);
  g_autoptr (NnDesign) cut = nn_design_disconnect (design, 4, 0);
  g_autoptr (NnDesign) again = nn_design_connect (cut, 3, 0, 4, 0, NULL);
  g_autoptr (NnDesign) other = nn_design_connect (design, 2, 0, 4, 0, NULL);
  g_autoptr (NnDesign) frozen = nn_design_set_frozen (design, 3, TRUE);
  g_autoptr (NnDesign) sgd = nn_design_with_optimizer (design, nn_optimizer_type ("sgd"), NULL);
  g_autoptr (NnParams) wide =
      nn_params_with_number (nn_design_node (design, 3)->params, "units", 64, NULL);
  g_autoptr (NnDesign) wider = nn_design_set_params (design, 3, wide);
  g_autoptr (NnParams) long_run =
      nn_params_with_number (nn_design_training (design), "epochs", 99, NULL);
  g_autoptr (NnDesign) longer = nn_design_with_training (design, long_run);

  g_assert_true (nn_design_same_computation (design, placed));
  g_assert_true (nn_design_same_computation (design, again));
  g_assert_false (nn_design_same_computation (design, cut));
  g_assert_false (nn_design_same_computation (design, other));
  g_assert_false (nn_design_same_computation (design, frozen));
  g_assert_false (nn_design_same_computation (design, sgd));
  g_assert_false (nn_design_same_computation (design, wider));
  g_assert_false (nn_design_same_computation (design, longer));
}

static void
assert_round_trip (NnDesign *design)
{
  g_autofree char *text = nn_design_to_json (design);
  g_autofree char *again = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (NnDesign) read = nn_design_from_json (text, -1, &error);

  g_assert_no_error (error);
  g_assert_true (g_str_has_suffix (text, "\n"));
  g_assert_true (nn_design_same_computation (design, read));
  again = nn_design_to_json (read);
  g_assert_cmpstr (text, ==, again);
}

static void
test_round_trip (void)
{
  g_autoptr (NnDesign) empty = nn_design_new ();
  g_autoptr (NnDesign) design = chain (SIMPLE);
  g_autoptr (NnParams) params = NULL;

  assert_round_trip (empty);
  design = step (design, nn_design_with_title (design, "“quotes” \"and\" \\ \n\té"));
  design = step (design, nn_design_set_frozen (design, 3, TRUE));
  design = step (design, nn_design_set_code_node (design, 3));
  design = step (design, nn_design_place_node (design, 3, -12.5, 1.0 / 3));
  design = step (design, nn_design_with_optimizer (design, nn_optimizer_type ("sgd"), NULL));
  params = nn_params_with_number (nn_design_optimizer_params (design), "learning-rate", 0.1, NULL);
  design = step (design, nn_design_with_optimizer (design, nn_optimizer_type ("sgd"), params));
  assert_round_trip (design);

  g_autofree char *text = nn_design_to_json (design);
  assert_contains (text, "\"learning-rate\": 0.1,");
  g_autoptr (NnDesign) read = nn_design_from_json (text, -1, NULL);
  g_assert_cmpstr (nn_design_title (read), ==, "“quotes” \"and\" \\ \n\té");
  g_assert_true (nn_design_node (read, 3)->frozen);
  g_assert_cmpuint (nn_design_code_node (read), ==, 3);
  g_assert_cmpfloat (nn_design_node (read, 3)->y, ==, 1.0 / 3);
}

/* What a newer minor version may have put anywhere must come back out. */
static void
test_unknown_keys (void)
{
  static const char text[] =
      "{\"format\":\"diabolo-design\",\"version\":\"1.7\",\"title\":\"t\",\"nodes\":["
      "{\"id\":4,\"type\":\"input\",\"name\":\"In\",\"x\":0,\"y\":0,\"shade\":[1,{\"deep\":2.5}],"
      "\"params\":{\"field\":\"image\",\"crop\":3}},"
      "{\"id\":9,\"type\":\"flatten\",\"name\":\"F\",\"x\":0,\"y\":0}],"
      "\"edges\":[{\"from\":[4,0],\"to\":[9,0],\"bend\":\"up\"}],"
      "\"data\":{\"name\":\"digits\",\"augment\":true},\"training\":{\"warmup\":5},"
      "\"optimizer\":{\"type\":\"adam\",\"amsgrad\":true},\"camera\":{\"zoom\":2}}";
  static const char *const kept[] = { "\"version\": \"1.7\"", "\"shade\"",   "\"deep\": 2.5",
                                      "\"crop\": 3",          "\"bend\"",    "\"augment\": true",
                                      "\"warmup\": 5",        "\"amsgrad\"", "\"zoom\": 2" };
  g_autoptr (GError) error = NULL;
  g_autoptr (NnDesign) design = nn_design_from_json (text, -1, &error);
  g_autofree char *plain = NULL;
  g_autofree char *written = NULL;
  guint id, ids[] = { 9 };

  g_assert_no_error (error);
  assert_round_trip (design);

  /* Edits elsewhere and on the very node keep them too. */
  design = step (design, nn_design_move_nodes (design, (guint[]){ 4 }, 1, 1, 1));
  design = add (design, "dense", &id);
  g_assert_cmpuint (id, ==, 10);
  written = nn_design_to_json (design);
  for (guint i = 0; i < G_N_ELEMENTS (kept); i++)
    assert_contains (written, kept[i]);
  assert_round_trip (design);

  /* They go with what they belong to. */
  design = step (design, nn_design_remove_nodes (design, ids, 1, FALSE));
  plain = nn_design_to_json (design);
  g_assert_null (strstr (plain, "bend"));
}

/* ---- long random rows of edits ---- */

static void
assert_sound (NnDesign *design, guint largest_id)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, &test_images, 0);
  guint n_ordered;

  for (guint i = 0; i < nn_design_n_nodes (design); i++)
    {
      const NnNode *node = nn_design_node_at (design, i);
      g_assert_cmpuint (node->id, >, 0);
      g_assert_cmpuint (node->id, <=, largest_id);
      g_assert_true (nn_design_node (design, node->id) == node);
      g_assert_true (g_hash_table_add (names, node->name));
    }
  for (guint i = 0; i < nn_design_n_edges (design); i++)
    {
      const NnEdge *edge = nn_design_edge_at (design, i);
      const NnNode *from = nn_design_node (design, edge->from);
      const NnNode *to = nn_design_node (design, edge->to);
      g_assert_nonnull (from);
      g_assert_nonnull (to);
      g_assert_cmpuint (edge->from_port, <, nn_layer_n_outputs (from->type));
      g_assert_cmpuint (edge->to_port, <, nn_layer_n_inputs (to->type));
      g_assert_true (nn_design_edge_into (design, edge->to, edge->to_port) == edge);
    }
  /* A loop would leave nodes out of the order. */
  nn_analysis_order (analysis, &n_ordered);
  g_assert_cmpuint (n_ordered, ==, nn_design_n_nodes (design));
  g_assert_true (nn_design_code_node (design) == 0
                 || nn_design_node (design, nn_design_code_node (design)) != NULL);
  assert_round_trip (design);
}

static guint
random_node (GRand *rand, NnDesign *design)
{
  guint n = nn_design_n_nodes (design);

  return n == 0 ? 0 : nn_design_node_at (design, g_rand_int_range (rand, 0, n))->id;
}

static NnDesign *
random_settings (GRand *rand, NnDesign *design, guint id)
{
  g_autoptr (NnParams) training = NULL;

  switch (g_rand_int_range (rand, 0, 4))
    {
    case 0:
      return nn_design_set_frozen (design, id, g_rand_boolean (rand));
    case 1:
      return nn_design_set_code_node (design, id);
    case 2:
      training = nn_params_with_number (nn_design_training (design), "seed",
                                        g_rand_int_range (rand, 0, 100), NULL);
      return nn_design_with_training (design, training);
    default:
      return nn_design_place_node (design, id, g_rand_double (rand), g_rand_double (rand));
    }
}

/* A new design (transfer full), or NULL where the edit was refused. */
static NnDesign *
random_edit (GRand *rand, NnDesign *design)
{
  guint n_types = 0, a = random_node (rand, design), b = random_node (rand, design);
  guint both[] = { a, b };
  g_autoptr (NnDesign) part = NULL;

  while (nn_layer_types ()[n_types] != NULL)
    n_types++;
  if (a == 0)
    return nn_design_add_node (design, nn_layer_type ("input"), NULL, NULL, 0, 0, NULL);
  switch (g_rand_int_range (rand, 0, 9))
    {
    case 0:
    case 1:
      return nn_design_add_node (design, nn_layer_types ()[g_rand_int_range (rand, 0, n_types)],
                                 NULL, NULL, 0, 0, NULL);
    case 2:
    case 3:
    case 4:
      return nn_design_connect (design, a, 0, b, g_rand_int_range (rand, 0, 2), NULL);
    case 5:
      return nn_design_remove_nodes (design, both, 2, g_rand_boolean (rand));
    case 6:
      return nn_design_insert_into_edge (design, a, b, 0, NULL);
    case 7:
      part = nn_design_extract (design, both, 2);
      return nn_design_merge (design, part, 10, 10, NULL);
    default:
      return random_settings (rand, design, a);
    }
}

static guint
largest_id (NnDesign *design)
{
  guint largest = 0;

  for (guint i = 0; i < nn_design_n_nodes (design); i++)
    largest = MAX (largest, nn_design_node_at (design, i)->id);
  return largest;
}

static void
random_history (guint32 seed)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  g_autoptr (NnDesign) empty = nn_design_new ();
  g_autoptr (NnHistory) history = nn_history_new (empty);
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  guint largest = 0;

  g_ptr_array_add (texts, nn_design_to_json (empty));
  for (guint i = 0; i < 120; i++)
    {
      NnDesign *design = nn_history_design (history);
      g_autofree char *before = nn_design_to_json (design);
      g_autofree char *after = NULL;
      g_autoptr (NnDesign) edited = NULL;

      if (g_rand_int_range (rand, 0, 5) == 0)
        {
          if (nn_history_undo (history))
            g_ptr_array_set_size (texts, texts->len - 1);
          after = nn_design_to_json (nn_history_design (history));
          g_assert_cmpstr (after, ==, g_ptr_array_index (texts, texts->len - 1));
          continue;
        }
      edited = random_edit (rand, design);
      after = nn_design_to_json (design);
      g_assert_cmpstr (before, ==, after);
      if (edited == NULL)
        continue;
      /* An id that is new to the design is new to the whole history. */
      for (guint k = 0; k < nn_design_n_nodes (edited); k++)
        {
          guint id = nn_design_node_at (edited, k)->id;
          g_assert_true (nn_design_node (design, id) != NULL || id > largest);
        }
      largest = MAX (largest, largest_id (edited));
      assert_sound (edited, largest);
      nn_history_push (history, edited, "Edit", NULL);
      g_ptr_array_add (texts, nn_design_to_json (edited));
    }
  for (guint i = texts->len; i-- > 1;)
    {
      g_autofree char *text = nn_design_to_json (nn_history_design (history));
      g_assert_cmpstr (text, ==, g_ptr_array_index (texts, i));
      g_assert_true (nn_history_undo (history));
    }
  for (guint i = 1; i < texts->len; i++)
    {
      g_autofree char *text = NULL;
      g_assert_true (nn_history_redo (history));
      text = nn_design_to_json (nn_history_design (history));
      g_assert_cmpstr (text, ==, g_ptr_array_index (texts, i));
    }
}

static void
test_random (void)
{
  guint32 first = g_test_rand_int ();

  g_test_message ("seeds from %u", first);
  for (guint32 i = 0; i < 20; i++)
    random_history (first + i);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/design/names", test_names);
  g_test_add_func ("/design/rename", test_rename);
  g_test_add_func ("/design/sharing", test_sharing);
  g_test_add_func ("/design/connect", test_connect);
  g_test_add_func ("/design/remove", test_remove);
  g_test_add_func ("/design/insert", test_insert);
  g_test_add_func ("/design/extract-and-merge", test_extract_and_merge);
  g_test_add_func ("/design/same-computation", test_same_computation);
  g_test_add_func ("/design/round-trip", test_round_trip);
  g_test_add_func ("/design/unknown-keys", test_unknown_keys);
  g_test_add_func ("/design/random", test_random);
  return g_test_run ();
}
