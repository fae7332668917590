/* test-diagnostics.c: each mistake is told in words, and its fix, once applied, mends it. */
#include "model-test.h"

static const NnField row_fields[] = { { "row", NN_FIELD_SEQUENCE, { 2, { 7, 2 } }, 0, NULL } };
static const NnDataInfo sequences = { "rows", "Rows", 1, row_fields, { 600, 100 } };
static const NnField huge_fields[] = {
  { "huge", NN_FIELD_SEQUENCE, { 2, { 4, 33554432 } }, 0, NULL }
};
static const NnDataInfo huge = { "huge", "Huge", 1, huge_fields, { 600, 100 } };
static const NnDataInfo no_labels = { "points", "Points", 1, test_fields, { 600, 100 } };

static NnDesign *
cut_target (NnDesign *design)
{
  return step (design, nn_design_disconnect (design, 5, 1));
}

static NnDesign *
cut_prediction (NnDesign *design)
{
  return step (design, nn_design_disconnect (design, 5, 0));
}

static NnDesign *
cut_middle (NnDesign *design)
{
  return step (design, nn_design_disconnect (design, 3, 0));
}

static NnDesign *
add_spare (NnDesign *design)
{
  return add (design, "dense", NULL);
}

static NnDesign *
add_branch (NnDesign *design)
{
  guint id;

  design = add (design, "dense", &id);
  return join (design, 3, id, 0);
}

static NnDesign *
add_second_input (NnDesign *design)
{
  return add (design, "input", NULL);
}

static NnDesign *
make_huge (NnDesign *design)
{
  static const double units[] = { 65536, 65536 };
  static const guint ids[] = { 2, 3 };

  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      g_autoptr (NnParams) params = nn_params_with_number (
          nn_design_node (design, ids[i] + 1)->params, "units", units[i], NULL);
      design = step (design, nn_design_set_params (design, ids[i] + 1, params));
    }
  return design;
}

static NnDesign *
add_other_path (NnDesign *design)
{
  return join (design, 2, 4, 1);
}

#define CLASSIFIER(last) "input | flatten | " last " | classification-loss"

static const struct
{
  const char *name, *text;
  NnDesign *(*damage) (NnDesign *);
  const NnDataInfo *data; /* NULL: images with labels */
  NnSeverity severity;
  guint node;
  gint port;
  const char *says;
  const char *fix; /* label; NULL: none is certain */
} cases[] = {
  { "no input", "dense units=3", NULL, NULL, NN_SEVERITY_ERROR, 0, -1, "No data comes in",
    "Add Input" },
  { "no loss behind an autoencoder",
    "input | flatten | dense units=32 | dense units=784 activation=sigmoid", NULL, NULL,
    NN_SEVERITY_ERROR, 0, -1, "nothing to learn", "Add Reconstruction loss" },
  { "no loss behind a classifier", "input | flatten | dense units=10 activation=softmax", NULL,
    NULL, NN_SEVERITY_ERROR, 0, -1, "nothing to learn", "Add Classification loss" },
  { "no loss behind half a network", "input | flatten | dense units=32", NULL, NULL,
    NN_SEVERITY_ERROR, 0, -1, "nothing to learn", NULL },

  { "no target", SIMPLE, cut_target, NULL, NN_SEVERITY_ERROR, 5, 1, "The target of Loss",
    "Connect to Input" },
  { "no prediction", SIMPLE, cut_prediction, NULL, NN_SEVERITY_ERROR, 5, 0,
    "The prediction of Loss", "Connect to Dense 2" },
  { "gap in the chain", SIMPLE, cut_middle, NULL, NN_SEVERITY_ERROR, 3, 0,
    "Dense 1 is not connected", "Connect to Flatten 1" },
  { "spare layer", SIMPLE, add_spare, NULL, NN_SEVERITY_HINT, 6, 0, "Dense 3 is not connected",
    NULL },
  { "branch without a loss", SIMPLE, add_branch, NULL, NN_SEVERITY_WARNING, 6, -1,
    "Dense 3 is not connected to a loss; it will not be trained.", "Delete Dense 3" },
  { "spare input", SIMPLE, add_second_input, NULL, NN_SEVERITY_HINT, 6, -1, "Input 2 is not used",
    NULL },

  { "sizes differ",
    "input | flatten | dense units=32 | dense units=128 activation=sigmoid | reconstruction-loss",
    NULL, NULL, NN_SEVERITY_ERROR, 5, 0, "Dense 2 gives 128 values, but the target Input has 784.",
    "Set units to 784" },
  { "sizes differ before an activation",
    "input | flatten | dense units=128 activation=linear | activation activation=sigmoid | "
    "reconstruction-loss",
    NULL, NULL, NN_SEVERITY_ERROR, 5, 0,
    "Activation 1 gives 128 values, but the target Input has 784.", "Set units to 784" },
  { "dense on an image",
    "input | dense units=32 | dense units=784 activation=sigmoid | reconstruction-loss", NULL, NULL,
    NN_SEVERITY_WARNING, 2, 0, "Dense 1 gets an image (28×28×1)", "Add Flatten" },
  { "sizes differ because of an image",
    "input | dense units=32 | dense units=784 activation=sigmoid | reconstruction-loss", NULL, NULL,
    NN_SEVERITY_ERROR, 4, 0, "but the target Input has 784.", NULL },
  { "reshape", "input | flatten | dense units=100 | reshape shape=28x28x1 | reconstruction-loss",
    NULL, NULL, NN_SEVERITY_ERROR, 4, 0,
    "Reshape 1: gets 100, which holds 100 values, but 28x28x1 holds 784.", "Set units to 784" },
  { "reshape with an open size",
    "input | flatten | dense units=100 | reshape shape=3x-1 | reconstruction-loss", NULL, NULL,
    NN_SEVERITY_ERROR, 4, 0, "100 values, and these cannot be divided by the 3 of 3x-1.", NULL },
  { "kernel larger than the image",
    "input | max-pool2d pool-size=7 | conv2d kernel-size=5 padding=valid filters=1 | "
    "resize height=28 width=28 | reconstruction-loss",
    NULL, NULL, NN_SEVERITY_ERROR, 3, 0,
    "Convolution 1: a window of 5×5 does not fit into an image of 4×4 without padding.",
    "Set Padding to Same" },
  { "kernel longer than the sequence", "input field=row | conv1d kernel-size=9 padding=valid", NULL,
    &sequences, NN_SEVERITY_ERROR, 2, 0,
    "a window of 9 does not fit into a sequence of 7 steps without padding.",
    "Set Padding to Same" },
  { "nothing left after cropping",
    "input | cropping top=20 bottom=8 left=0 right=1 | reconstruction-loss", NULL, NULL,
    NN_SEVERITY_ERROR, 2, 0, "cannot cut 28 rows and 1 columns off an image of 28×28.", NULL },
  { "groups that do not divide",
    "input | conv2d filters=6 groups=4 | conv2d filters=1 | reconstruction-loss", NULL, NULL,
    NN_SEVERITY_ERROR, 2, 0, "4 groups must divide the 1 channels that come in and the 6 filters.",
    "Set Groups to 1" },
  { "convolution of a row", "input | flatten | conv2d | reconstruction-loss", NULL, NULL,
    NN_SEVERITY_ERROR, 3, 0, "needs an image (height × width × channels), but gets 784.", NULL },
  { "repeat of an image", "input | repeat-vector times=3", NULL, NULL, NN_SEVERITY_ERROR, 2, 0,
    "needs a single row of values, but gets 28×28×1", "Add Flatten" },
  { "order of other axes", "input | permute order=2x1", NULL, NULL, NN_SEVERITY_ERROR, 2, 0,
    "an order of the 3 axes of 28×28×1 names each of them once, but 2x1 does not.", NULL },
  { "paths of two sizes", "input | flatten | dense units=3 | add", add_other_path, NULL,
    NN_SEVERITY_ERROR, 4, -1,
    "all inputs must have the same shape, but input a is 3 and input b is 784.", NULL },
  { "2⁴⁰ values", "input field=huge | dense units=65536", NULL, &huge, NN_SEVERITY_ERROR, 2, 0,
    "65536 units on 33554432 values make more than the 2⁴⁰ numbers", NULL },
  { "2⁴⁰ pixels",
    "input | resize height=8192 width=8192 | upsampling2d size=31 | upsampling2d size=31", NULL,
    NULL, NN_SEVERITY_ERROR, 4, 0, "would give an image of 7872512×7872512×1, but a layer", NULL },

  { "too many classes", CLASSIFIER ("dense units=32 activation=softmax"), NULL, NULL,
    NN_SEVERITY_ERROR, 4, 0, "Dense 1 gives 32 values, but the data has 10 classes.",
    "Set units to 10" },
  { "no labels", CLASSIFIER ("dense units=10 activation=softmax"), NULL, &no_labels,
    NN_SEVERITY_ERROR, 4, -1, "asks for the field “label”, but the data set Points has: image",
    NULL },
  { "no such field",
    "input field=pixels | flatten | dense units=784 activation=sigmoid | reconstruction-loss", NULL,
    NULL, NN_SEVERITY_ERROR, 1, -1,
    "Input asks for the field “pixels”, but the data set Drawn digits has: image, label.",
    "Use “image”" },

  { "no sigmoid",
    "input | flatten | dense units=32 | dense units=784 activation=relu | reconstruction-loss",
    NULL, NULL, NN_SEVERITY_WARNING, 4, -1, "Dense 2 ends in ReLU", "Set activation to Sigmoid" },
  { "no sigmoid behind a reshape",
    "input | flatten | dense units=784 activation=linear | reshape | reconstruction-loss", NULL,
    NULL, NN_SEVERITY_WARNING, 4, -1, "Reshape 1 ends in Linear", "Set activation to Sigmoid" },
  { "no softmax", CLASSIFIER ("dense units=10 activation=relu"), NULL, NULL, NN_SEVERITY_WARNING, 3,
    -1, "probabilities that add up to 1", "Set activation to Softmax" },

  { "too large", SIMPLE, make_huge, NULL, NN_SEVERITY_ERROR, 4, -1,
    "Dense 2 takes the most: make it smaller.", NULL },
};

#define LIMIT (8u * G_GUINT64_CONSTANT (1073741824))

static const NnDiagnostic *
find (const NnAnalysis *analysis, guint node, const char *says)
{
  for (guint i = 0; i < nn_analysis_n_diagnostics (analysis); i++)
    {
      const NnDiagnostic *diagnostic = nn_analysis_diagnostic (analysis, i);
      if (diagnostic->node == node && strstr (diagnostic->text, says) != NULL)
        return diagnostic;
    }
  return NULL;
}

static void
assert_sorted (const NnAnalysis *analysis)
{
  NnSeverity last = NN_SEVERITY_ERROR;

  for (guint i = 0; i < nn_analysis_n_diagnostics (analysis); i++)
    {
      const NnDiagnostic *diagnostic = nn_analysis_diagnostic (analysis, i);
      g_assert_cmpint (diagnostic->severity, >=, last);
      g_assert_true ((diagnostic->fix != NULL) == (diagnostic->fix_label != NULL));
      last = diagnostic->severity;
    }
}

static void
test_case (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  const NnDataInfo *info = cases[i].data != NULL ? cases[i].data : &test_images;
  g_autoptr (NnDesign) design = chain (cases[i].text);
  g_autoptr (NnAnalysis) analysis = NULL;
  g_autoptr (NnAnalysis) mended = NULL;
  const NnDiagnostic *found;

  if (cases[i].damage != NULL)
    design = cases[i].damage (design);
  analysis = nn_analysis_new (design, info, LIMIT);
  assert_sorted (analysis);
  found = find (analysis, cases[i].node, cases[i].says);
  for (guint k = 0; found == NULL && k < nn_analysis_n_diagnostics (analysis); k++)
    g_test_message ("instead: %s", nn_analysis_diagnostic (analysis, k)->text);
  g_assert_nonnull (found);
  g_assert_cmpint (found->severity, ==, cases[i].severity);
  g_assert_cmpint (found->port, ==, cases[i].port);
  g_assert_cmpstr (found->fix_label, ==, cases[i].fix);
  if (cases[i].severity == NN_SEVERITY_ERROR)
    g_assert_false (nn_analysis_can_train (analysis));
  if (found->fix == NULL)
    return;

  mended = nn_analysis_new (found->fix, info, LIMIT);
  assert_sorted (mended);
  g_assert_null (find (mended, cases[i].node, cases[i].says));
  /* A fix brings nothing new of the same weight. */
  for (guint k = 0; k < nn_analysis_n_diagnostics (mended); k++)
    {
      const NnDiagnostic *left = nn_analysis_diagnostic (mended, k);
      if (left->severity <= cases[i].severity && find (analysis, left->node, left->text) == NULL
          && !g_str_equal (cases[i].name, "no input"))
        g_error ("the fix brings “%s”", left->text);
    }
}

/* ---- edges that only a file can ask for ---- */

#define NODE(id, type, x, params)                                                                  \
  "{\"id\":" #id ",\"type\":\"" type "\",\"name\":\"" type " " #id "\",\"x\":" #x ",\"y\":0,"      \
  "\"params\":{" params "}}"
#define EDGE(from, to, port) "{\"from\":[" #from ",0],\"to\":[" #to "," #port "]}"
#define CHAIN                                                                                      \
  NODE (1, "input", 0, "")                                                                         \
  "," NODE (2, "flatten", 126, "") "," NODE (3, "dense", 252, "") "," NODE (                       \
      4, "add", 378,                                                                               \
      "") "," NODE (5, "dense", 504,                                                               \
                    "\"units\":784,\"activation\":\"sigmoid\"") "," NODE (6,                       \
                                                                          "reconstruction-loss",   \
                                                                          630, "")
#define FORWARD EDGE (1, 2, 0) "," EDGE (2, 3, 0) "," EDGE (3, 4, 0) "," EDGE (5, 6, 0) ","

static const struct
{
  const char *name, *edges;
  guint node;
  gint port;
  const char *says;
  const char *fix;
} file_cases[] = {
  { "loop to the left", FORWARD EDGE (4, 5, 0) "," EDGE (5, 4, 1) "," EDGE (1, 6, 1), 4, 1,
    "add 4 is part of a loop (add 4 → dense 5 → add 4)", "Remove the edge from dense 5" },
  { "self-loop", FORWARD EDGE (4, 5, 0) "," EDGE (4, 4, 1) "," EDGE (1, 6, 1), 4, 1,
    "add 4 is part of a loop (add 4 → add 4)", "Remove the edge from add 4" },
  /* The first edge into a port counts, even where it makes a loop and another would not. */
  { "two, one of them a loop",
    EDGE (1, 2, 0) "," EDGE (5, 3, 0) "," EDGE (2, 3, 0) "," EDGE (3, 4, 0) "," EDGE (
        3, 4, 1) "," EDGE (4, 5, 0) "," EDGE (5, 6, 0) "," EDGE (1, 6, 1),
    3, 0, "Two edges enter the input of dense 3, from dense 5 and from flatten 2",
    "Remove the edge from dense 5" },
  { "two that fit", FORWARD EDGE (3, 4, 1) "," EDGE (4, 5, 0) "," EDGE (3, 5, 0) "," EDGE (1, 6, 1),
    5, 0, "from add 4 and from dense 3, but it takes one", NULL },
  { "two of which one fits",
    FORWARD EDGE (3, 4, 1) "," EDGE (2, 4, 1) "," EDGE (4, 5, 0) "," EDGE (1, 6, 1), 4, 1,
    "from dense 3 and from flatten 2, but it takes one", "Remove the edge from flatten 2" },
  { "twice the same",
    FORWARD EDGE (3, 4, 1) "," EDGE (3, 4, 1) "," EDGE (4, 5, 0) "," EDGE (1, 6, 1), 4, 1,
    "from dense 3 and from dense 3", "Remove the edge from dense 3" },
};

/* A file with such edges opens; its trouble is told at the node, and kept when it is saved. */
static void
test_file_edges (gconstpointer data)
{
  const guint i = GPOINTER_TO_UINT (data);
  g_autofree char *text = g_strdup_printf (
      "{\"format\":\"diabolo-design\",\"version\":\"1.0\",\"nodes\":[%s],\"edges\":[%s]}", CHAIN,
      file_cases[i].edges);
  g_autoptr (GError) error = NULL;
  g_autoptr (NnDesign) design = nn_design_from_json (text, -1, &error);
  g_assert_no_error (error);
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, &test_images, LIMIT);
  const NnDiagnostic *found = find (analysis, file_cases[i].node, file_cases[i].says);
  const double heights[] = { 80, 80, 80, 80, 80, 80 };

  for (guint k = 0; found == NULL && k < nn_analysis_n_diagnostics (analysis); k++)
    g_test_message ("instead: %s", nn_analysis_diagnostic (analysis, k)->text);
  g_assert_nonnull (found);
  g_assert_cmpint (found->severity, ==, NN_SEVERITY_ERROR);
  g_assert_cmpint (found->port, ==, file_cases[i].port);
  g_assert_cmpstr (found->fix_label, ==, file_cases[i].fix);
  g_assert_false (nn_analysis_can_train (analysis));

  g_autofree char *again_text = nn_design_to_json (design);
  g_autoptr (NnDesign) again = nn_design_from_json (again_text, -1, NULL);
  g_assert_true (nn_design_same_computation (design, again));
  /* Everything else that is done with a design ends, too. */
  g_autofree char *summary = nn_analysis_summary (analysis);
  g_autoptr (NnDesign) tidy = nn_analysis_tidy (analysis, 100, 26, heights);
  g_autoptr (NnDesign) without = nn_design_remove_nodes (design, &file_cases[i].node, 1, TRUE);
  g_assert_cmpuint (nn_design_n_nodes (tidy), ==, 6);
  for (guint k = 0; k < nn_design_n_edges (without); k++)
    {
      g_assert_nonnull (nn_design_node (without, nn_design_edge_at (without, k)->from));
      g_assert_nonnull (nn_design_node (without, nn_design_edge_at (without, k)->to));
    }
  if (found->fix == NULL)
    return;
  g_autoptr (NnAnalysis) mended = nn_analysis_new (found->fix, &test_images, LIMIT);
  g_assert_null (find (mended, file_cases[i].node, file_cases[i].says));
  g_assert_cmpuint (nn_design_n_edges (found->fix), ==, nn_design_n_edges (design) - 1);
}

/* Both figures are in the text, and nothing was allocated to find them. */
static void
test_memory (void)
{
  g_autoptr (NnDesign) design = make_huge (chain (SIMPLE));
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, &test_images, LIMIT);
  const NnDiagnostic *found = find (analysis, 4, "of memory");
  g_autofree char *needed = g_format_size (nn_analysis_training_memory (analysis));
  g_autofree char *limit = g_format_size (LIMIT);

  g_assert_nonnull (found);
  assert_contains (found->text, needed);
  assert_contains (found->text, limit);
  /* What is trained of 65536 × 65536 weights, its gradient, the optimizer's state and its copy. */
  g_assert_cmpuint (nn_analysis_training_memory (analysis), >,
                    G_GUINT64_CONSTANT (6) * 65536 * 65536 * sizeof (float));
}

/* A branch that leads to no loss is not trained, but validation and viewers run it. */
static void
test_memory_beside (void)
{
  guint last;
  g_autoptr (NnDesign) design = add (chain (SIMPLE), "resize height=8192 width=8192", &last);
  design = join (design, 1, last, 0);
  design = add (design, "upsampling2d size=8", &last);
  design = join (design, last - 1, last, 0);
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, &test_images, LIMIT);

  g_assert_nonnull (find (analysis, last, "of memory"));
  g_assert_false (nn_analysis_can_train (analysis));
}

/* Work and memory that no number holds are not taken for little. */
static void
test_huge_sums (void)
{
  static const NnField fields[] = { { "image", NN_FIELD_IMAGE, { 3, { 16384, 16384, 4096 } }, 0 } };
  static const NnDataInfo info = { "huge", "Huge", 1, fields, { 600, 100 } };
  g_autoptr (NnDesign) design =
      chain ("input | conv2d kernel-size=31 filters=4096 | conv2d kernel-size=31 filters=4096 | "
             "conv2d kernel-size=31 filters=4096 | reconstruction-loss");
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, &info, LIMIT);

  g_assert_cmpint (nn_analysis_total_macs (analysis), ==, G_MAXINT64);
  g_assert_nonnull (find (analysis, 2, "of memory"));
  g_assert_false (nn_analysis_can_train (analysis));
}

static void
test_empty (void)
{
  g_autoptr (NnDesign) design = nn_design_new ();
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, &test_images, 0);

  g_assert_cmpuint (nn_analysis_n_diagnostics (analysis), ==, 1);
  g_assert_cmpint (nn_analysis_diagnostic (analysis, 0)->severity, ==, NN_SEVERITY_HINT);
  g_assert_false (nn_analysis_can_train (analysis));
}

/* A target of another shape but the same size is what losses are made for. */
static void
test_same_size (void)
{
  g_autoptr (NnDesign) flat = chain (SIMPLE);
  g_autoptr (NnDesign) shaped = chain ("input | flatten | dense units=784 activation=sigmoid | "
                                       "reshape shape=28x28x1 | reconstruction-loss");
  g_autoptr (NnAnalysis) a = nn_analysis_new (flat, &test_images, 0);
  g_autoptr (NnAnalysis) b = nn_analysis_new (shaped, &test_images, 0);

  g_assert_cmpuint (nn_analysis_n_diagnostics (a), ==, 0);
  g_assert_cmpuint (nn_analysis_n_diagnostics (b), ==, 0);
}

/* Endings that stay between 0 and 1, or may do so, are none to warn of. */
static void
test_endings (void)
{
  static const char *const fine[] = {
    "input | flatten | dense units=784 activation=hard-sigmoid | reconstruction-loss",
    "input | flatten | dense units=784 activation=sigmoid | dropout | reconstruction-loss",
    "input | flatten | dense units=784 activation=sigmoid | permute order=1 | reconstruction-loss",
    "input | flatten | dense units=784 activation=linear | "
    "reconstruction-loss loss=mean-absolute-error",
  };

  for (guint i = 0; i < G_N_ELEMENTS (fine); i++)
    {
      g_autoptr (NnDesign) design = chain (fine[i]);
      g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, &test_images, 0);
      g_assert_cmpuint (nn_analysis_n_diagnostics (analysis), ==, 0);
    }
}

/* What a person can get by clicking fixes from a bare chain. */
static void
test_fix_all (void)
{
  g_autoptr (NnDesign) design =
      chain ("input | dense units=32 | dense units=100 | reconstruction-loss");
  guint n_clicks = 0;

  for (;; n_clicks++)
    {
      g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, &test_images, 0);
      const NnDiagnostic *fixable = NULL;

      for (guint i = 0; i < nn_analysis_n_diagnostics (analysis) && fixable == NULL; i++)
        if (nn_analysis_diagnostic (analysis, i)->fix != NULL)
          fixable = nn_analysis_diagnostic (analysis, i);
      if (fixable == NULL)
        {
          g_assert_cmpuint (nn_analysis_n_diagnostics (analysis), ==, 0);
          g_assert_true (nn_analysis_can_train (analysis));
          g_assert_cmpint (nn_analysis_total_weights (analysis), ==, 50992);
          break;
        }
      design = step (design, nn_design_ref (fixable->fix));
    }
  g_assert_cmpuint (n_clicks, ==, 3); /* flatten, units, sigmoid */
}

/* A file may hold thousands of mistakes; telling them must stay quick and small. */
static void
test_many (void)
{
  g_autoptr (GString) text = g_string_new ("{\"format\":\"diabolo-design\",\"version\":\"1.0\","
                                           "\"nodes\":[");
  g_autoptr (GError) error = NULL;
  g_autoptr (NnDesign) design = NULL;
  g_autoptr (NnAnalysis) analysis = NULL;

  for (guint i = 1; i <= 4000; i++)
    g_string_append_printf (text, "%s{\"id\":%u,\"type\":\"%s\",\"name\":\"n%u\",\"x\":0,\"y\":0}",
                            i > 1 ? "," : "", i,
                            i == 1   ? "input"
                            : i == 2 ? "reconstruction-loss"
                                     : "dense",
                            i);
  g_string_append (text, "],\"edges\":[");
  for (guint i = 3; i <= 2000; i++)
    g_string_append_printf (text, "%s{\"from\":[1,0],\"to\":[%u,0]}", i > 3 ? "," : "", i);
  g_string_append (text, "]}");
  design = nn_design_from_json (text->str, -1, &error);
  g_assert_no_error (error);
  analysis = nn_analysis_new (design, &test_images, 0);
  g_assert_cmpuint (nn_analysis_n_diagnostics (analysis), >, 3000);
}

static NnDesign *
random_network (GRand *rand)
{
  static const char *const layers[] = { "input",
                                        "input field=label",
                                        "flatten",
                                        "dense units=10",
                                        "dense units=784",
                                        "reshape shape=28x28x1",
                                        "activation",
                                        "dropout",
                                        "reconstruction-loss",
                                        "reconstruction-loss loss=mean-squared-error",
                                        "classification-loss" };
  NnDesign *design = nn_design_new ();
  guint n = g_rand_int_range (rand, 1, 10);

  for (guint i = 0; i < n; i++)
    design = add (design, layers[g_rand_int_range (rand, 0, G_N_ELEMENTS (layers))], NULL);
  for (guint i = 0; i < 2 * n; i++)
    {
      NnDesign *next = nn_design_connect (design, g_rand_int_range (rand, 1, n + 1), 0,
                                          g_rand_int_range (rand, 1, n + 1),
                                          g_rand_int_range (rand, 0, 2), NULL);
      if (next != NULL)
        design = step (design, next);
    }
  return design;
}

static NnDesign *
random_fix (GRand *rand, const NnAnalysis *analysis)
{
  guint n = nn_analysis_n_diagnostics (analysis), start = n > 0 ? g_rand_int_range (rand, 0, n) : 0;

  for (guint i = 0; i < n; i++)
    {
      const NnDiagnostic *diagnostic = nn_analysis_diagnostic (analysis, (start + i) % n);
      if (diagnostic->fix != NULL)
        return nn_design_ref (diagnostic->fix);
    }
  return NULL;
}

/* Whatever a person drew, clicking on fixes in any order comes to an end, and each fix is a sound
 * design that can be laid out and written down. */
static void
test_random (void)
{
  guint32 first = g_test_rand_int ();

  g_test_message ("seeds from %u", first);
  for (guint32 i = 0; i < 500; i++)
    {
      g_autoptr (GRand) rand = g_rand_new_with_seed (first + i);
      NnDesign *design = random_network (rand);
      guint n_clicks = 0;

      while (design != NULL)
        {
          g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, &test_images, 0);
          g_autofree double *heights = g_new0 (double, nn_design_n_nodes (design) + 1);
          g_autoptr (NnDesign) tidied = nn_analysis_tidy (analysis, 102, 24, heights);
          g_autoptr (NnDesign) mirrored = nn_analysis_mirror (analysis, NULL, 0, NULL);
          g_autofree char *text = nn_design_to_json (design);
          g_autoptr (NnDesign) read = nn_design_from_json (text, -1, NULL);

          g_assert_true (nn_design_same_computation (design, tidied));
          g_assert_true (nn_design_same_computation (design, read));
          assert_sorted (analysis);
          if (n_clicks++ > 40)
            g_error ("seed %u: no end of fixes: %s", first + i, text);
          nn_design_unref (design);
          design = random_fix (rand, analysis);
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/diagnostics/empty", test_empty);
  g_test_add_func ("/diagnostics/memory", test_memory);
  g_test_add_func ("/diagnostics/memory-beside", test_memory_beside);
  g_test_add_func ("/diagnostics/huge-sums", test_huge_sums);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/diagnostics/", cases[i].name, NULL);
      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_case);
    }
  for (guint i = 0; i < G_N_ELEMENTS (file_cases); i++)
    {
      g_autofree char *path = g_strconcat ("/diagnostics/edges/", file_cases[i].name, NULL);
      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_file_edges);
    }
  g_test_add_func ("/diagnostics/same-size", test_same_size);
  g_test_add_func ("/diagnostics/endings", test_endings);
  g_test_add_func ("/diagnostics/fix-all", test_fix_all);
  g_test_add_func ("/diagnostics/many", test_many);
  g_test_add_func ("/diagnostics/random", test_random);
  return g_test_run ();
}
