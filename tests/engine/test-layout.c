/* test-layout.c: mirrored encoders and the tidy layout. */
#include "base/nn-error.h"
#include "model-test.h"

#define CARD 102.0
#define GAP 24.0

/* "dense units=128 relu": type, size and activation of a node as words. */
static char *
describe (const NnNode *node)
{
  GString *text = g_string_new (node->type->id);

  if (nn_params_spec (node->params, "units") != NULL)
    g_string_append_printf (text, " %d", (int)nn_params_int (node->params, "units"));
  if (nn_params_spec (node->params, "activation") != NULL)
    g_string_append_printf (text, " %s", nn_params_text (node->params, "activation"));
  if (nn_params_spec (node->params, "shape") != NULL)
    g_string_append_printf (text, " %s", nn_params_text (node->params, "shape"));
  return g_string_free (text, FALSE);
}

/* The layers from `first` to the objective, joined by " | ". */
static char *
describe_from (NnDesign *design, guint first)
{
  GString *text = g_string_new (NULL);
  gboolean found = TRUE;

  while (found)
    {
      g_autofree char *words = describe (nn_design_node (design, first));
      g_string_append_printf (text, "%s%s", text->len > 0 ? " | " : "", words);
      found = FALSE;
      for (guint i = 0; i < nn_design_n_edges (design) && !found; i++)
        if (nn_design_edge_at (design, i)->from == first
            && nn_design_edge_at (design, i)->to_port == 0)
          {
            first = nn_design_edge_at (design, i)->to;
            found = TRUE;
          }
    }
  return g_string_free (text, FALSE);
}

static const struct
{
  const char *name, *text;
  guint selected[4]; /* ended by 0 */
  guint from;        /* node after which the mirrored ones come */
  const char *expected;
  const char *says; /* or the refusal */
} mirrors[] = {
  { "nothing selected",
    "input | flatten | dense units=128 | dense units=32",
    { 0 },
    4,
    "dense 32 relu | dense 128 relu | dense 784 sigmoid | reshape 28x28x1 | reconstruction-loss",
    NULL },
  { "linear code",
    "input | flatten | dense units=128 activation=tanh | dense units=2 activation=linear",
    { 0 },
    4,
    "dense 2 linear | dense 128 tanh | dense 784 sigmoid | reshape 28x28x1 | reconstruction-loss",
    NULL },
  { "activation of its own",
    "input | flatten | dense units=64 activation=linear | activation activation=elu | dense "
    "units=8",
    { 0 },
    5,
    "dense 8 relu | dense 64 elu | dense 784 sigmoid | reshape 28x28x1 | reconstruction-loss",
    NULL },
  { "noise and dropout are not mirrored",
    "input | gaussian-noise | flatten | dense units=64 | dropout | dense units=8",
    { 0 },
    6,
    "dense 8 relu | dense 64 relu | dense 784 sigmoid | reshape 28x28x1 | reconstruction-loss",
    NULL },
  { "dense layers only",
    "input | flatten | dense units=128 | dense units=32",
    { 4, 3 },
    4,
    "dense 32 relu | dense 128 relu | dense 784 sigmoid | reconstruction-loss",
    NULL },
  { "last layer only",
    "input | flatten | dense units=128 activation=elu | dense units=32",
    { 4 },
    4,
    "dense 32 relu | dense 128 elu | reconstruction-loss",
    NULL },
  { "input in the selection",
    "input | flatten | dense units=32",
    { 1, 2, 3 },
    3,
    "dense 32 relu | dense 784 sigmoid | reshape 28x28x1 | reconstruction-loss",
    NULL },

  { "gap in the selection",
    "input | flatten | dense units=128 | dense units=32",
    { 2, 4 },
    0,
    NULL,
    "Dense 2 does not follow directly from Flatten 1" },
  { "nothing there", "input", { 0 }, 0, NULL, "nothing to mirror" },
  { "nothing to undo",
    "input | flatten | dense units=32 | dropout",
    { 4 },
    0,
    NULL,
    "keep the shape" },
  { "there already", SIMPLE, { 0 }, 0, NULL, "Dense 1 has a decoder already" },
};

static void
test_mirror (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data), n = 0;
  g_autoptr (NnDesign) design = chain (mirrors[i].text);
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, &test_images, 0);
  g_autoptr (NnAnalysis) after = NULL;
  g_autoptr (NnDesign) mirrored = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  while (mirrors[i].selected[n] != 0)
    n++;
  mirrored = nn_analysis_mirror (analysis, mirrors[i].selected, n, &error);
  if (mirrors[i].says != NULL)
    {
      g_assert_null (mirrored);
      g_assert_error (error, NN_ERROR, NN_ERROR_DESIGN);
      assert_contains (error->message, mirrors[i].says);
      return;
    }
  g_assert_no_error (error);
  text = describe_from (mirrored, mirrors[i].from);
  g_assert_cmpstr (text, ==, mirrors[i].expected);

  /* Each stands right of the one that feeds it, on the same axis. */
  for (guint k = 0; k < nn_design_n_edges (mirrored); k++)
    {
      const NnEdge *edge = nn_design_edge_at (mirrored, k);
      const NnNode *from = nn_design_node (mirrored, edge->from);
      const NnNode *to = nn_design_node (mirrored, edge->to);
      g_assert_cmpfloat (to->x, >=, from->x + CARD + GAP);
      g_assert_cmpfloat (to->y, ==, from->y);
    }
  /* Mirroring the whole encoder gives something that can be trained at once. */
  after = nn_analysis_new (mirrored, &test_images, 0);
  if (n == 0)
    {
      g_assert_cmpuint (nn_analysis_n_diagnostics (after), ==, 0);
      g_assert_true (nn_analysis_can_train (after));
      g_assert_cmpuint (nn_analysis_code_node (after), ==, mirrors[i].from);
    }
}

/* A loss that waits takes the decoder's output, and makes room for it. */
static void
test_mirror_into_loss (void)
{
  g_autoptr (NnDesign) design = chain ("input | flatten | dense units=32 | reconstruction-loss");
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, &test_images, 0);
  guint selected = 3;
  g_autoptr (NnDesign) mirrored = nn_analysis_mirror (analysis, &selected, 1, NULL);
  guint decoder = nn_design_edge_into (mirrored, 4, 0)->from;

  g_assert_cmpuint (nn_design_n_nodes (mirrored), ==, 5);
  g_assert_cmpuint (nn_design_edge_into (mirrored, decoder, 0)->from, ==, 3);
  g_assert_cmpuint (nn_design_edge_into (mirrored, 4, 1)->from, ==, 1);
  g_assert_cmpfloat (nn_design_node (mirrored, 4)->x, >=,
                     nn_design_node (mirrored, decoder)->x + CARD + GAP);
}

/* A sparse code is no reason for a sparse picture. */
static void
test_mirror_penalties (void)
{
  g_autoptr (NnDesign) design = chain ("input | flatten | dense units=32 activity-l1=0.001 l2=0.1");
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, &test_images, 0);
  g_autoptr (NnDesign) mirrored = nn_analysis_mirror (analysis, NULL, 0, NULL);
  const NnNode *decoder = nn_design_node_by_name (mirrored, "Dense 2");

  g_assert_cmpfloat (nn_params_float (decoder->params, "activity-l1"), ==, 0);
  g_assert_cmpfloat (nn_params_float (decoder->params, "l2"), ==, 0.1);
}

/* ---- tidy ---- */

static NnDesign *
tidy (NnDesign *design, const double *heights)
{
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, &test_images, 0);

  return nn_analysis_tidy (analysis, CARD, GAP, heights);
}

static void
assert_no_overlap (NnDesign *design, const double *heights)
{
  for (guint a = 0; a < nn_design_n_nodes (design); a++)
    for (guint b = 0; b < a; b++)
      {
        const NnNode *x = nn_design_node_at (design, a), *y = nn_design_node_at (design, b);
        g_assert_true (ABS (x->x - y->x) >= CARD + GAP
                       || ABS (x->y - y->y) >= (heights[a] + heights[b]) / 2 + GAP - 1);
      }
}

static void
test_tidy_row (void)
{
  static const double heights[] = { 260, 120, 140, 260, 130 };
  g_autoptr (NnDesign) design = chain (SIMPLE);
  g_autoptr (NnDesign) messy = NULL;
  g_autoptr (NnDesign) tidied = NULL;
  g_autoptr (NnDesign) again = NULL;
  double gaps[5];

  messy = nn_design_place_node (design, 1, 40, 300);
  for (guint id = 2; id <= 5; id++)
    messy = step (messy, nn_design_place_node (messy, id, 900 - 70.5 * id, id * 33));
  tidied = tidy (messy, heights);

  /* The first card stays; the rest follows on its axis. */
  g_assert_cmpfloat (nn_design_node (tidied, 1)->x, ==, 40);
  for (guint id = 1; id <= 5; id++)
    {
      const NnNode *node = nn_design_node (tidied, id);
      g_assert_cmpfloat (node->y, ==, 300);
      g_assert_cmpfloat (node->x, ==, (double)(gint)node->x);
      gaps[id - 1] = id > 1 ? node->x - nn_design_node (tidied, id - 1)->x - CARD : 0;
    }
  /* Inside the encoder the plain gap; wider where tinted grounds meet and before the loss. */
  g_assert_cmpfloat (gaps[1], ==, GAP);
  g_assert_cmpfloat (gaps[2], >, GAP);
  g_assert_cmpfloat (gaps[3], >, GAP);
  g_assert_cmpfloat (gaps[4], >, gaps[3]);

  again = tidy (tidied, heights);
  g_autofree char *once = nn_design_to_json (tidied);
  g_autofree char *twice = nn_design_to_json (again);
  g_assert_cmpstr (once, ==, twice);
}

static void
test_tidy_branches (void)
{
  g_autoptr (NnDesign) design = chain (SIMPLE);
  g_autoptr (NnDesign) tidied = NULL;
  double heights[10];
  guint classes, loss, label, spare;

  design = add (design, "dense units=10 activation=softmax", &classes);
  design = join (design, 3, classes, 0);
  design = add (design, "classification-loss", &loss);
  design = join (design, classes, loss, 0);
  design = add (design, "input field=label", &label);
  design = join (design, label, loss, 1);
  design = add (design, "dense", &spare);
  for (guint i = 0; i < G_N_ELEMENTS (heights); i++)
    heights[i] = 100 + 20 * i;
  tidied = tidy (design, heights);
  assert_no_overlap (tidied, heights);

  /* The autoencoder keeps to its axis; the branch goes beside it. */
  for (guint id = 2; id <= 5; id++)
    g_assert_cmpfloat (nn_design_node (tidied, id)->y, ==, nn_design_node (tidied, 1)->y);
  g_assert_cmpfloat (nn_design_node (tidied, classes)->x, ==, nn_design_node (tidied, 4)->x);
  g_assert_cmpfloat (nn_design_node (tidied, loss)->x, ==, nn_design_node (tidied, 5)->x);
  /* The label stands right before the loss that needs it, the spare card below everything. */
  g_assert_cmpfloat (nn_design_node (tidied, label)->x, ==, nn_design_node (tidied, 4)->x);
  for (guint i = 0; i + 1 < nn_design_n_nodes (tidied); i++)
    g_assert_cmpfloat (nn_design_node (tidied, spare)->y, >, nn_design_node_at (tidied, i)->y);
}

static void
test_tidy_twins (void)
{
  static const double heights[] = { 200, 100, 150, 100, 100 };
  g_autoptr (NnDesign) design = nn_design_new ();
  g_autoptr (NnDesign) tidied = NULL;

  design = add (design, "input", NULL);
  design = add (design, "flatten", NULL);
  design = add (design, "flatten", NULL);
  design = join (design, 1, 2, 0);
  design = join (design, 1, 3, 0);
  tidied = tidy (design, heights);
  assert_no_overlap (tidied, heights);
  /* Neither twin is the main line: they stand around the axis. */
  g_assert_cmpfloat (nn_design_node (tidied, 2)->y, <, 0);
  g_assert_cmpfloat (nn_design_node (tidied, 3)->y, >, 0);
  g_assert_cmpfloat (nn_design_node (tidied, 1)->y, ==, 0);
}

static void
test_tidy_loose (void)
{
  static const double heights[] = { 100, 100, 100 };
  g_autoptr (NnDesign) none = nn_design_new ();
  g_autoptr (NnDesign) same = tidy (none, heights);
  g_autoptr (NnDesign) design = nn_design_new ();
  g_autoptr (NnDesign) tidied = NULL;

  g_assert_cmpuint (nn_design_n_nodes (same), ==, 0);
  for (guint i = 0; i < 3; i++)
    design = add (design, "dense", NULL);
  tidied = tidy (design, heights);
  assert_no_overlap (tidied, heights);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (mirrors); i++)
    {
      g_autofree char *path = g_strconcat ("/layout/mirror/", mirrors[i].name, NULL);
      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_mirror);
    }
  g_test_add_func ("/layout/mirror-into-loss", test_mirror_into_loss);
  g_test_add_func ("/layout/mirror-penalties", test_mirror_penalties);
  g_test_add_func ("/layout/tidy-row", test_tidy_row);
  g_test_add_func ("/layout/tidy-branches", test_tidy_branches);
  g_test_add_func ("/layout/tidy-twins", test_tidy_twins);
  g_test_add_func ("/layout/tidy-loose", test_tidy_loose);
  return g_test_run ();
}
