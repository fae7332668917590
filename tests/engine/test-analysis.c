/* test-analysis.c: order, sizes, counts, roles and summaries of small designs. */
#include "base/nn-error.h"
#include "model-test.h"

static NnAnalysis *
analyse (const char *text)
{
  g_autoptr (NnDesign) design = chain (text);

  return nn_analysis_new (design, &test_images, 0);
}

static void
assert_output (const NnAnalysis *analysis, guint node, const char *expected)
{
  const NnShape *shape = nn_analysis_output_shape (analysis, node, 0);
  g_autofree char *text = shape != NULL ? nn_shape_to_string (shape) : NULL;

  g_assert_cmpstr (text, ==, expected);
}

static void
test_simple (void)
{
  g_autoptr (NnAnalysis) analysis = analyse (SIMPLE);
  static const char *const outputs[] = { "28×28×1", "784", "32", "784", NULL };
  guint n;
  const guint *order = nn_analysis_order (analysis, &n);

  g_assert_cmpuint (n, ==, 5);
  for (guint i = 0; i < n; i++)
    g_assert_cmpuint (order[i], ==, i + 1);
  for (guint id = 1; id <= 5; id++)
    assert_output (analysis, id, outputs[id - 1]);
  g_assert_cmpint (nn_shape_size (nn_analysis_input_shape (analysis, 3, 0)), ==, 784);
  g_assert_null (nn_analysis_input_shape (analysis, 1, 0));
  g_assert_null (nn_analysis_output_shape (analysis, 99, 0));

  g_assert_cmpint (nn_analysis_node_weights (analysis, 3), ==, 784 * 32 + 32);
  g_assert_cmpint (nn_analysis_node_weights (analysis, 4), ==, 32 * 784 + 784);
  g_assert_cmpint (nn_analysis_node_weights (analysis, 2), ==, 0);
  g_assert_cmpint (nn_analysis_total_weights (analysis), ==, 784 * 32 + 32 + 32 * 784 + 784);
  g_assert_cmpint (nn_analysis_node_macs (analysis, 3), ==, 784 * 32);
  g_assert_cmpint (nn_analysis_total_macs (analysis), ==, 2 * 784 * 32);
  g_assert_cmpuint (nn_analysis_training_memory (analysis), >, 4 * 50992 * 4);

  g_assert_cmpuint (nn_analysis_n_diagnostics (analysis), ==, 0);
  g_assert_true (nn_analysis_can_train (analysis));
  for (guint id = 1; id <= 4; id++)
    g_assert_cmpint (nn_analysis_value (analysis, id, 0), >=, 0);
  g_assert_cmpint (nn_analysis_value (analysis, 5, 0), ==, -1);
  g_assert_cmpuint (nn_analysis_program (analysis)->weights->len, ==, 4);
}

/* Edges may lead backwards in drawing order. */
static void
test_order (void)
{
  g_autoptr (NnDesign) design = nn_design_new ();
  g_autoptr (NnAnalysis) analysis = NULL;
  guint n, place[5] = { 0 };
  const guint *order;

  design = add (design, "reconstruction-loss", NULL);
  design = add (design, "dense units=784 activation=sigmoid", NULL);
  design = add (design, "flatten", NULL);
  design = add (design, "input", NULL);
  design = join (design, 2, 1, 0);
  design = join (design, 4, 1, 1);
  design = join (design, 3, 2, 0);
  design = join (design, 4, 3, 0);
  analysis = nn_analysis_new (design, &test_images, 0);
  order = nn_analysis_order (analysis, &n);
  g_assert_cmpuint (n, ==, 4);
  for (guint i = 0; i < n; i++)
    place[order[i]] = i;
  for (guint i = 0; i < nn_design_n_edges (design); i++)
    g_assert_cmpuint (place[nn_design_edge_at (design, i)->from], <,
                      place[nn_design_edge_at (design, i)->to]);
  g_assert_true (nn_analysis_can_train (analysis));
}

static const struct
{
  const char *name, *text;
  guint marked;      /* code node set by hand */
  const char *roles; /* one letter a node: Encoder, Code, Decoder, Objective, Input, - none */
  guint input, seen, code, output;
} networks[] = {
  { "simple", SIMPLE, 0, "EECDO", 1, 1, 3, 4 },
  { "deep",
    "input | flatten | dense units=128 | dense units=32 | dense units=128 | "
    "dense units=784 activation=sigmoid | reconstruction-loss",
    0, "EEECDDO", 1, 1, 4, 6 },
  { "denoising",
    "input | gaussian-noise | flatten | dense units=32 | dense units=784 activation=sigmoid | "
    "reconstruction-loss",
    0, "EEECDO", 1, 2, 4, 5 },
  { "noise behind flatten",
    "input | flatten | gaussian-noise | dropout rate=0.1 | dense units=32 | "
    "dense units=784 activation=sigmoid | reconstruction-loss",
    0, "EEEECDO", 1, 4, 5, 6 },
  { "dropout inside is no corruption of what is seen",
    "input | flatten | dense units=64 | dropout | dense units=784 activation=sigmoid | "
    "reconstruction-loss",
    0, "EECDDO", 1, 1, 3, 5 },
  { "activation belongs to its layer",
    "input | flatten | dense units=32 activation=linear | activation activation=relu | "
    "dense units=784 activation=sigmoid | reconstruction-loss",
    0, "EEECDO", 1, 1, 4, 5 },
  { "two of equal width: the first",
    "input | flatten | dense units=32 | dense units=32 | dense units=784 activation=sigmoid | "
    "reconstruction-loss",
    0, "EECDDO", 1, 1, 3, 5 },
  { "reshaped code",
    "input | flatten | dense units=16 | reshape shape=4x4x1 | flatten | "
    "dense units=784 activation=sigmoid | reconstruction-loss",
    0, "EECDDDO", 1, 1, 3, 6 },
  { "nothing narrower",
    "input | flatten | dense units=1000 | dense units=784 activation=sigmoid | "
    "reconstruction-loss",
    0, "I---O", 1, 1, 0, 4 },
  { "marked",
    "input | flatten | dense units=64 | dense units=32 | dense units=784 activation=sigmoid | "
    "reconstruction-loss",
    3, "EECDDO", 1, 1, 3, 5 },
  { "classifier",
    "input | flatten | dense units=32 | dense units=10 activation=softmax | classification-loss", 0,
    "I---O", 1, 1, 0, 0 },
  { "marked classifier",
    "input | flatten | dense units=32 | dense units=10 activation=softmax | classification-loss", 3,
    "EECDO", 1, 1, 3, 0 },
  { "no loss yet", "input | flatten | dense units=32", 0, "I--", 1, 1, 0, 0 },
};

static void
test_roles (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  static const char letters[] = {
    [NN_ROLE_NONE] = '-', [NN_ROLE_INPUT] = 'I',   [NN_ROLE_ENCODER] = 'E',
    [NN_ROLE_CODE] = 'C', [NN_ROLE_DECODER] = 'D', [NN_ROLE_OBJECTIVE] = 'O',
  };
  g_autoptr (NnDesign) design = chain (networks[i].text);
  g_autoptr (NnAnalysis) analysis = NULL;
  g_autoptr (GString) roles = g_string_new (NULL);

  design = step (design, nn_design_set_code_node (design, networks[i].marked));
  analysis = nn_analysis_new (design, &test_images, 0);
  for (guint id = 1; id <= nn_design_n_nodes (design); id++)
    g_string_append_c (roles, letters[nn_analysis_role (analysis, id)]);
  g_assert_cmpstr (roles->str, ==, networks[i].roles);
  g_assert_cmpuint (nn_analysis_input_node (analysis), ==, networks[i].input);
  g_assert_cmpuint (nn_analysis_seen_node (analysis), ==, networks[i].seen);
  g_assert_cmpuint (nn_analysis_code_node (analysis), ==, networks[i].code);
  g_assert_cmpuint (nn_analysis_output_node (analysis), ==, networks[i].output);
}

/* A classifier that reads the code leaves the autoencoder's roles as they are. */
static void
test_two_objectives (void)
{
  g_autoptr (NnDesign) design = chain (SIMPLE);
  g_autoptr (NnAnalysis) analysis = NULL;
  guint classes, loss;

  design = add (design, "dense units=10 activation=softmax", &classes);
  design = join (design, 3, classes, 0);
  design = add (design, "classification-loss", &loss);
  design = join (design, classes, loss, 0);
  analysis = nn_analysis_new (design, &test_images, 0);
  g_assert_true (nn_analysis_can_train (analysis));
  g_assert_cmpuint (nn_analysis_code_node (analysis), ==, 3);
  g_assert_cmpuint (nn_analysis_output_node (analysis), ==, 4);
  g_assert_cmpint (nn_analysis_role (analysis, 4), ==, NN_ROLE_DECODER);
  g_assert_cmpint (nn_analysis_role (analysis, classes), ==, NN_ROLE_NONE);
  g_assert_cmpint (nn_analysis_role (analysis, loss), ==, NN_ROLE_OBJECTIVE);
  /* The label arrives without an Input of its own. */
  g_assert_cmpuint (nn_analysis_program (analysis)->inputs->len, ==, 2);
}

static void
test_can_connect (void)
{
  g_autoptr (NnDesign) design = chain (SIMPLE);
  g_autoptr (NnAnalysis) analysis = NULL;
  guint spare, reshape, loss;
  static const struct
  {
    guint from, to, to_port;
    const char *says; /* NULL: it can */
  } cases[] = {
    { 1, 2, 0, NULL },       { 2, 4, 0, NULL },
    { 3, 6, 0, NULL },      /* a spare layer takes anything */
    { 6, 4, 0, NULL },      /* what it will give is not known yet */
    { 2, 7, 0, NULL },      /* 784 values make an image */
    { 3, 7, 0, "28x28x1" }, /* 32 do not */
    { 3, 5, 0, "784" },     /* nor do they match the target */
    { 3, 8, 0, NULL },      /* a loss that compares with nothing yet */
    { 4, 3, 0, "loop" },     { 4, 4, 0, "itself" },
    { 4, 1, 0, "no input" }, { 5, 3, 0, "no output" },
    { 3, 42, 0, "exist" },
  };

  design = add (design, "dense", &spare);
  design = add (design, "reshape shape=28x28x1", &reshape);
  design = add (design, "reconstruction-loss", &loss);
  g_assert_cmpuint (loss, ==, 8);
  analysis = nn_analysis_new (design, &test_images, 0);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      gboolean can = nn_analysis_can_connect (analysis, cases[i].from, 0, cases[i].to,
                                              cases[i].to_port, &error);
      g_assert_true (can == (error == NULL));
      if (cases[i].says == NULL)
        g_assert_no_error (error);
      else
        {
          g_assert_false (can);
          assert_contains (error->message, cases[i].says);
        }
    }
}

static void
test_summary (void)
{
  g_autoptr (NnDesign) design = chain (SIMPLE);
  g_autoptr (NnDesign) frozen = nn_design_set_frozen (design, 3, TRUE);
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (frozen, &test_images, 0);
  g_autofree char *text = nn_analysis_summary (analysis);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  static const char *const parts[] = { "28×28×1",
                                       "25,120",
                                       "25,872",
                                       "25,088",
                                       "50,992",
                                       "199.2 KB",
                                       "50,176",
                                       "Dense 1",
                                       "Dense 2, Inp",
                                       "Code: 32 values, 24.5 times fewer than Input (Dense 1)",
                                       "not trained: 25,120" };
  glong column;

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    assert_contains (text, parts[i]);

  /* Columns line up although × takes two bytes. */
  column = g_utf8_strlen (lines[0], strstr (lines[0], "Connected") - lines[0]);
  for (guint i = 3; i < 6; i++)
    {
      g_autofree char *from = g_utf8_substring (lines[i], column, g_utf8_strlen (lines[i], -1));
      g_assert_cmpstr (from, ==, i == 3 ? "Input" : i == 4 ? "Flatten 1" : "Dense 1");
    }
}

static void
test_summary_json (void)
{
  g_autoptr (NnAnalysis) analysis = analyse (SIMPLE);
  g_autoptr (JsonNode) node = nn_analysis_summary_json (analysis);
  JsonObject *object = json_node_get_object (node);
  JsonArray *layers = json_object_get_array_member (object, "layers");
  JsonObject *dense = json_array_get_object_element (layers, 2);

  g_assert_cmpuint (json_array_get_length (layers), ==, 5);
  g_assert_cmpint (json_object_get_int_member (object, "parameters"), ==, 50992);
  g_assert_cmpint (json_object_get_int_member (object, "multiply_adds"), ==, 50176);
  g_assert_cmpstr (json_object_get_string_member (object, "code"), ==, "Dense 1");
  g_assert_true (json_object_get_boolean_member (object, "can_train"));
  g_assert_cmpstr (json_object_get_string_member (dense, "role"), ==, "code");
  g_assert_cmpint (json_array_get_int_element (json_object_get_array_member (dense, "output"), 0),
                   ==, 32);
  g_assert_true (json_object_get_null_member (json_array_get_object_element (layers, 4), "output"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/analysis/simple", test_simple);
  g_test_add_func ("/analysis/order", test_order);
  for (guint i = 0; i < G_N_ELEMENTS (networks); i++)
    {
      g_autofree char *path = g_strconcat ("/analysis/roles/", networks[i].name, NULL);
      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_roles);
    }
  g_test_add_func ("/analysis/two-objectives", test_two_objectives);
  g_test_add_func ("/analysis/can-connect", test_can_connect);
  g_test_add_func ("/analysis/summary", test_summary);
  g_test_add_func ("/analysis/summary-json", test_summary_json);
  return g_test_run ();
}
