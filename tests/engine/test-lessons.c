/* Every lesson is a network that trains as it is, and has the sizes that its author published. */
#include <string.h>

#include "base/nn-error.h"
#include "data/nn-data-source.h"
#include "explore/nn-decode-probe.h"
#include "formats/nn-lessons.h"
#include "model/nn-analysis.h"

static NnAnalysis *
analyse (const char *id)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NnDesign) design = nn_lesson_design (id, &error);
  g_assert_no_error (error);
  g_autoptr (NnDataInfo) info =
      nn_data_peek (nn_params_text (nn_design_data (design), "name"), &error);
  g_assert_no_error (error);
  return nn_analysis_new (design, info, 0);
}

static void
test_all_train (void)
{
  guint n;
  const NnLesson *lessons = nn_lessons (&n);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (NnAnalysis) analysis = analyse (lessons[i].id);
      for (guint d = 0; d < nn_analysis_n_diagnostics (analysis); d++)
        g_test_message ("%s: %s", lessons[i].id, nn_analysis_diagnostic (analysis, d)->text);
      g_assert_cmpuint (nn_analysis_n_diagnostics (analysis), ==, 0);
      g_assert_true (nn_analysis_can_train (analysis));
      g_assert_cmpstr (nn_design_title (nn_analysis_design (analysis)), ==, lessons[i].title);
      NnDesign *design = nn_analysis_design (analysis);
      const NnNode *code = nn_design_node_by_name (design, "Code");
      g_assert_cmpuint (nn_analysis_code_node (analysis), ==,
                        code ? code->id : nn_design_code_node (design));
    }
}

/* Without a price on divergence codes lie anywhere: not where N(0, 1) has its values. */
static void
test_planes (void)
{
  const struct
  {
    const char *id;
    gboolean sampled;
  } expected[] = { { "variational", TRUE }, { "gaps", FALSE } };
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_autoptr (NnAnalysis) analysis = analyse (expected[i].id);
      NnDecoder decoder;
      g_assert_true (nn_decoder_find (analysis, &decoder, NULL));
      g_assert_cmpint (decoder.sampled, ==, expected[i].sampled);
      g_assert_cmpuint (decoder.encoded, ==,
                        nn_design_node_by_name (nn_analysis_design (analysis), "Mean")->id);
    }
}

/* Trained values of the networks in the courses: (inputs + 1) x units, layer by layer. */
static void
test_sizes (void)
{
  const struct
  {
    const char *id;
    gint64 weights;
  } expected[] = {
    { "simple", 785 * 32 + 33 * 784 },
    { "vanilla", 785 * 64 + 65 * 784 },
    { "multilayer", 785 * 128 + 129 * 64 + 65 * 128 + 129 * 784 },
    { "deep", 785 * 128 + 129 * 64 + 65 * 32 + 33 * 64 + 65 * 128 + 129 * 784 },
    { "two-dimensional", 785 * 128 + 129 * 2 + 3 * 128 + 129 * 784 },
    { "denoising-dense", 785 * 128 + 129 * 32 + 33 * 128 + 129 * 784 },
    { "variational", 785 * 256 + 2 * 257 * 2 + 3 * 256 + 257 * 784 },
    { "variational-small", 785 * 64 + 2 * 65 * 2 + 3 * 64 + 65 * 784 },
    { "mlp", 785 * 300 + 301 * 10 },
    { "cnn-two-paths",
      10 * 32 + 289 * 32 + 26 * 32 + 801 * 32 + (6 * 6 * 32 + 4 * 4 * 32 + 1) * 100 + 101 * 10 },
    { "sequence-rows", 4 * 32 * (28 + 32 + 1) + 4 * 28 * (32 + 28 + 1) },
    { "sequence-waves", 4 * 16 * (1 + 16 + 1) + 4 * 32 * (16 + 32 + 1) + 33 },
    { "in-painting", 10 * 32 + 3 * 289 * 32 + 289 },
    { "convolutional", 160 + 1160 + 584 + 584 + 584 + 1168 + 145 },
    { "denoising-convolutional", 320 + 3 * 9248 + 289 },
    { "cnn", 320 + 9248 + (6 * 6 * 32 + 1) * 100 + 101 * 10 },
  };
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_autoptr (NnAnalysis) analysis = analyse (expected[i].id);
      g_assert_cmpint (nn_analysis_total_weights (analysis), ==, expected[i].weights);
    }
}

/* Cards of 102 pixels with a gap of 24, none on another: those of narrow layers are 112 high. */
static void
test_places (void)
{
  guint n;
  const NnLesson *lessons = nn_lessons (&n);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (NnDesign) design = nn_lesson_design (lessons[i].id, NULL);
      for (guint k = 1; k < nn_design_n_nodes (design); k++)
        for (guint j = 0; j < k; j++)
          {
            const NnNode *a = nn_design_node_at (design, j), *b = nn_design_node_at (design, k);
            g_assert_true (b->x >= a->x + 102 + 24 || (b->x == a->x && b->y >= a->y + 112 + 24));
          }
    }
}

static void
test_every_file_is_listed (void)
{
  g_autofree char *folder = g_test_build_filename (G_TEST_DIST, "..", "resources", "lessons", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, &error);
  g_assert_no_error (error);
  guint n, n_files = 0;
  const NnLesson *lessons = nn_lessons (&n);
  for (const char *name; (name = g_dir_read_name (dir));)
    {
      if (!g_str_has_suffix (name, ".json")) /* the texts: test-lesson-text.c */
        continue;
      n_files++;
      gboolean listed = FALSE;
      for (guint i = 0; i < n; i++)
        {
          g_autofree char *file = g_strconcat (lessons[i].id, ".json", NULL);
          listed = listed || g_str_equal (g_strdelimit (file, ":", '.'), name);
        }
      if (!listed)
        g_test_message ("%s is in no row of nn-lessons.c", name);
      g_assert_true (listed);
    }
  g_assert_cmpuint (n_files, ==, n);
}

/* A stage has the nodes that it goes on with under their ids, so that their weights go along. */
static void
test_stages_fit (void)
{
  guint n, n_stages = 0;
  const NnLesson *lessons = nn_lessons (&n);
  for (guint i = 0; i < n; i++)
    {
      if (!lessons[i].after)
        continue;
      g_autoptr (NnAnalysis) before = analyse (lessons[i].after), after = analyse (lessons[i].id);
      NnDesign *design = nn_analysis_design (after);
      guint n_kept = 0;
      for (guint k = 0; k < nn_design_n_nodes (design); k++)
        {
          const NnNode *node = nn_design_node_at (design, k);
          const NnNode *was = nn_design_node (nn_analysis_design (before), node->id);
          const gint64 weights = nn_analysis_node_weights (after, node->id);
          if (was)
            g_assert_cmpint (nn_analysis_node_weights (before, node->id), ==, weights);
          g_assert_true (!node->frozen || was); /* frozen at random it would be of no use */
          n_kept += was && weights > 0;
        }
      g_assert_cmpuint (n_kept, >, 0);
      n_stages++;
    }
  g_assert_cmpuint (n_stages, >=, 5);
}

/* Nodes that go take their edges along, others change in what is said alone, new ones are added. */
static void
test_preset (void)
{
  g_autoptr (NnDesign) design = nn_lesson_design ("features:classifier", NULL);
  const NnNode *dense = nn_design_node (design, 3);
  g_assert_null (nn_design_node (design, 6));
  g_assert_true (dense->frozen);
  g_assert_cmpstr (dense->name, ==, "Dense 1");
  g_assert_cmpint (nn_params_int (dense->params, "units"), ==, 128);
  g_assert_cmpuint (nn_design_edge_into (design, 8, 0)->from, ==, 4);
  g_assert_cmpuint (nn_design_n_edges (design), ==, 5);
  g_assert_cmpint (nn_params_int (nn_design_data (design), "limit"), ==, 500);
}

/* Variants and stages stand behind the lesson that a list folds them under. */
static void
test_families (void)
{
  guint n, n_variants = 0;
  const NnLesson *lessons = nn_lessons (&n);
  const char *last = NULL;
  for (guint i = 0; i < n; i++)
    {
      const char *family = nn_lesson_family (&lessons[i]);
      if (g_str_equal (family, lessons[i].id))
        last = family;
      else
        n_variants++;
      g_assert_cmpstr (family, ==, last);
    }
  g_assert_cmpstr (nn_lesson_family (nn_lesson ("stacked:third")), ==, "stacked");
  g_assert_cmpstr (nn_lesson_family (nn_lesson ("deep-short")), ==, "deep");
  g_assert_cmpuint (n_variants, >=, 13);
}

/* A lesson is known by its text; of those that share one, by the title, too. */
static void
test_with_source (void)
{
  guint n;
  const NnLesson *lessons = nn_lessons (&n);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *text = nn_lesson_source (lessons[i].id);
      g_assert_true (nn_lesson_with_source (text, lessons[i].title) == &lessons[i]);
    }
  g_autofree char *text = nn_lesson_source ("convolutional:adadelta");
  g_assert_true (nn_lesson_with_source (text, "Mine") == nn_lesson ("convolutional"));
  g_assert_null (nn_lesson_with_source ("# Mine\n", lessons[0].title));
  g_assert_null (nn_lesson_with_source (NULL, lessons[0].title));
}

static void
test_unknown (void)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (nn_lesson_design ("../simple", &error));
  g_assert_error (error, NN_ERROR, NN_ERROR_UNKNOWN);
  g_assert_nonnull (strstr (error->message, "simple, curve"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/lessons/all-train", test_all_train);
  g_test_add_func ("/lessons/planes", test_planes);
  g_test_add_func ("/lessons/sizes", test_sizes);
  g_test_add_func ("/lessons/places", test_places);
  g_test_add_func ("/lessons/every-file-is-listed", test_every_file_is_listed);
  g_test_add_func ("/lessons/stages-fit", test_stages_fit);
  g_test_add_func ("/lessons/preset", test_preset);
  g_test_add_func ("/lessons/families", test_families);
  g_test_add_func ("/lessons/with-source", test_with_source);
  g_test_add_func ("/lessons/unknown", test_unknown);
  return g_test_run ();
}
