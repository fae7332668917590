/* Training in stages: what a stage has learned is there in the next, frozen or fine-tuned, by way
 * of an edit of the running network (as in the window) and of a checkpoint (as from the command
 * line). */
#include <string.h>

#include "data/nn-data-source.h"
#include "formats/nn-lessons.h"
#include "train/nn-trainer.h"

#include "nn-test-data.h"

#define SAMPLES 512

static NnDataset *
digits (void)
{
  static NnDataset *all;
  g_autoptr (GError) error = NULL;
  if (!all)
    all = nn_data_load ("digits", 0, NULL, &error);
  g_assert_no_error (error);
  return all;
}

static NnAnalysis *
analyse_stage (const char *id)
{
  g_autoptr (GError) error = NULL;
  NnDesign *design = nn_lesson_design (id, &error);
  g_assert_no_error (error);
  g_autofree char *limit = g_strdup_printf ("name=digits limit=%d", SAMPLES);
  g_autoptr (NnParams) data = nn_test_params (nn_data_specs (), limit);
  nn_test_replace (&design, nn_design_with_data (design, data));
  NnAnalysis *analysis = nn_analysis_new (design, nn_dataset_info (digits ()), 0);
  nn_design_unref (design);
  return analysis;
}

static double
train (NnTrainer *trainer, guint n_epochs)
{
  NnStep step = { 0 };
  for (guint i = 0; i < n_epochs * nn_trainer_n_batches (trainer); i++)
    {
      g_autoptr (GError) error = NULL;
      nn_trainer_step (trainer, &step, &error);
      g_assert_no_error (error);
    }
  return step.epoch_loss;
}

/* Bits of node's weights in both; TRUE where they are the same. */
static gboolean
same_weights (const NnCheckpoint *a, const NnCheckpoint *b, guint node)
{
  const NnTensor *x = nn_checkpoint_find (a, node, "kernel")->value;
  const NnTensor *y = nn_checkpoint_find (b, node, "kernel")->value;
  g_assert_cmpuint (x->size, ==, y->size);
  return memcmp (x->data, y->data, x->size * sizeof (float)) == 0;
}

static gboolean
is_in (const NnCheckpoint *checkpoint, guint node)
{
  return nn_checkpoint_find (checkpoint, node, "kernel") != NULL;
}

/* Of the nodes with weights that both have: those that are frozen stay bit by bit, others learn. */
static void
check_kept (NnTrainer *trainer, const NnCheckpoint *before, guint n_epochs)
{
  NnDesign *design = nn_analysis_design (nn_trainer_analysis (trainer));
  g_autoptr (NnCheckpoint) start = nn_trainer_checkpoint (trainer);
  train (trainer, n_epochs);
  g_autoptr (NnCheckpoint) end = nn_trainer_checkpoint (trainer);
  guint n_kept = 0;
  for (guint i = 0; i < nn_design_n_nodes (design); i++)
    {
      const NnNode *node = nn_design_node_at (design, i);
      if (!is_in (end, node->id))
        continue;
      if (is_in (before, node->id))
        g_assert_true (same_weights (before, start, node->id));
      g_assert_true (same_weights (start, end, node->id) == node->frozen);
      n_kept += is_in (before, node->id);
    }
  g_assert_cmpuint (n_kept, >, 0);
}

static const char *const chains[][5] = {
  { "stacked", "stacked:second", "stacked:third", "stacked:classifier", NULL },
  { "features", "features:classifier", NULL },
  { "transfer", "transfer:classifier", NULL },
};

/* The chains that the lessons tell of. */
static void
test_chains (void)
{
  for (guint c = 0; c < G_N_ELEMENTS (chains); c++)
    for (guint i = 0; chains[c][i]; i++)
      {
        const NnLesson *stages[NN_LESSON_MAX_STAGES];
        guint position = 99;
        const guint n = nn_lesson_stages (nn_lesson (chains[c][i]), stages, &position);
        g_assert_cmpuint (n, ==, g_strv_length ((char **)chains[c]));
        g_assert_cmpuint (position, ==, i);
        for (guint k = 0; k < n; k++)
          g_assert_cmpstr (stages[k]->id, ==, chains[c][k]);
      }
  const NnLesson *stages[NN_LESSON_MAX_STAGES];
  g_assert_cmpuint (nn_lesson_stages (nn_lesson ("simple"), stages, NULL), ==, 1);
}

/* As in the window: the network that trains becomes that of the next stage. */
static void
test_edits (gconstpointer data)
{
  const char *const *stages = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (NnPool) pool = nn_pool_new (2);
  g_autoptr (NnAnalysis) first = analyse_stage (stages[0]);
  g_autoptr (NnTrainer) trainer = nn_trainer_new (first, digits (), NULL, pool, &error);
  g_assert_no_error (error);
  train (trainer, 1);
  for (guint i = 1; stages[i]; i++)
    {
      g_autoptr (NnCheckpoint) before = nn_trainer_checkpoint (trainer);
      g_autoptr (NnAnalysis) analysis = analyse_stage (stages[i]);
      g_autoptr (GArray) reset = NULL;
      nn_trainer_edit (trainer, analysis, digits (), &reset, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (reset->len, ==, 0);
      check_kept (trainer, before, 1);
    }
}

/* As from the command line: weights of one project in another. */
static void
test_checkpoints (gconstpointer data)
{
  const char *const *stages = data;
  g_autoptr (NnPool) pool = nn_pool_new (2);
  NnCheckpoint *before = NULL;
  for (guint i = 0; stages[i]; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (NnAnalysis) analysis = analyse_stage (stages[i]);
      g_autoptr (NnTrainer) trainer = nn_trainer_new (analysis, digits (), before, pool, &error);
      g_assert_no_error (error);
      if (before)
        check_kept (trainer, before, 1);
      else
        train (trainer, 1);
      g_clear_pointer (&before, nn_checkpoint_unref);
      before = nn_trainer_checkpoint (trainer);
    }
  nn_checkpoint_unref (before);
}

/* The toggle in a node's menu: frozen for a while, then not. */
static void
test_toggle (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NnPool) pool = nn_pool_new (2);
  g_autoptr (NnAnalysis) first = analyse_stage ("simple");
  g_autoptr (NnTrainer) trainer = nn_trainer_new (first, digits (), NULL, pool, &error);
  g_assert_no_error (error);
  train (trainer, 1);
  for (guint i = 0; i < 4; i++)
    {
      g_autoptr (NnCheckpoint) before = nn_trainer_checkpoint (trainer);
      g_autoptr (NnDesign) toggled =
          nn_design_set_frozen (nn_analysis_design (nn_trainer_analysis (trainer)), 3, i % 2 == 0);
      g_autoptr (NnAnalysis) analysis = nn_analysis_new (toggled, nn_dataset_info (digits ()), 0);
      nn_trainer_edit (trainer, analysis, digits (), NULL, &error);
      g_assert_no_error (error);
      check_kept (trainer, before, 1);
    }
}

/* What the lessons are for: a trained code names digits from few labels better than none. */
static void
test_features_help (void)
{
  g_autoptr (NnPool) pool = nn_pool_new (2);
  g_autoptr (GError) error = NULL;
  double accuracy[2];
  for (guint scratch = 0; scratch < 2; scratch++)
    {
      g_autoptr (NnAnalysis) body = analyse_stage ("features");
      g_autoptr (NnAnalysis) head = analyse_stage ("features:classifier");
      g_autoptr (NnTrainer) trainer = nn_trainer_new (body, digits (), NULL, pool, &error);
      NnEvaluation evaluation = { 0 };
      g_assert_no_error (error);
      if (!scratch)
        train (trainer, 100);
      nn_trainer_edit (trainer, head, digits (), NULL, &error);
      g_assert_no_error (error);
      train (trainer, 30);
      while (!nn_trainer_evaluate (trainer, NN_PART_TEST, &evaluation))
        ;
      accuracy[scratch] = evaluation.accuracy;
    }
  g_test_message ("a classifier on a trained code: %.3f, on a random one: %.3f", accuracy[0],
                  accuracy[1]);
  g_assert_cmpfloat (accuracy[0], >, accuracy[1] + 0.03);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (chains); i++)
    {
      g_autofree char *edits = g_strconcat ("/stages/edits/", chains[i][0], NULL);
      g_autofree char *checkpoints = g_strconcat ("/stages/checkpoints/", chains[i][0], NULL);
      g_test_add_data_func (edits, chains[i], test_edits);
      g_test_add_data_func (checkpoints, chains[i], test_checkpoints);
    }
  g_test_add_func ("/stages/chains", test_chains);
  g_test_add_func ("/stages/toggle", test_toggle);
  g_test_add_func ("/stages/features-help", test_features_help);
  const int status = g_test_run ();
  nn_dataset_unref (digits ());
  return status;
}
