/* Classes: counting by hand, and a look at a whole part in pieces by a trainer without a session.
 */
#include "base/nn-error.h"
#include "explore/nn-classes-probe.h"
#include "layers/nn-layer.h"
#include "nn-test-data.h"
#include "session-fixture.h"

#define N_TRAIN 96
#define N_TEST 3000

/* ---- counting ---- */

static NnClassesTable *
make_table (guint n_classes, guint n, const guint *truth, const guint *likeliest,
            const float *p_truth, const float *p_positive)
{
  NnClassesTable *table = nn_classes_table_new (n_classes, n);

  for (guint i = 0; i < n; i++)
    {
      table->truth[i] = truth[i];
      table->likeliest[i] = likeliest[i];
      table->p_truth[i] = p_truth[i];
      table->p_positive[i] = p_positive != NULL ? p_positive[i] : 0;
    }
  return table;
}

static void
test_scores (void)
{
  static const guint truth[] = { 0, 0, 0, 1, 1, 2 }, said[] = { 0, 1, 0, 1, 0, 0 };
  static const float p[] = { .9f, .2f, .8f, .7f, .1f, .3f };
  g_autoptr (NnClassesTable) table = make_table (4, 6, truth, said, p, NULL);
  guint counts[16];
  NnClassScore score[4], mean;

  nn_classes_count (table, NN_CLASSES_THRESHOLD, counts);
  g_assert_cmpuint (counts[0], ==, 2);
  g_assert_cmpuint (counts[1], ==, 1);
  g_assert_cmpuint (counts[4], ==, 1);
  g_assert_cmpuint (counts[5], ==, 1);
  g_assert_cmpuint (counts[8], ==, 1);
  g_assert_cmpfloat (nn_classes_score (counts, 4, score, &mean), ==, 0.5);
  g_assert_cmpfloat (score[0].precision, ==, 0.5);
  g_assert_cmpfloat_with_epsilon (score[0].recall, 2 / 3.0, 1e-12);
  g_assert_cmpfloat_with_epsilon (score[0].f1, 4 / 7.0, 1e-12);
  g_assert_cmpfloat (score[2].precision, ==, 0); /* never said */
  g_assert_cmpuint (score[2].n, ==, 1);
  /* Over three: the fourth class occurs nowhere. */
  g_assert_cmpfloat_with_epsilon (mean.precision, (0.5 + 0.5 + 0) / 3, 1e-12);
  g_assert_cmpfloat_with_epsilon (mean.recall, (2 / 3.0 + 0.5 + 0) / 3, 1e-12);

  g_autoptr (GArray) wrong = nn_classes_samples (table, NN_CLASSES_THRESHOLD, -1, -1, 2);
  g_assert_cmpuint (wrong->len, ==, 2);
  g_assert_cmpuint (g_array_index (wrong, guint32, 0), ==, 4);
  g_assert_cmpuint (g_array_index (wrong, guint32, 1), ==, 1);
  g_autoptr (GArray) cell = nn_classes_samples (table, NN_CLASSES_THRESHOLD, 0, 0, 10);
  g_assert_cmpuint (cell->len, ==, 2);
  g_assert_cmpuint (g_array_index (cell, guint32, 0), ==, 2);
}

/* By hand; scikit-learn's precision_recall_curve and average_precision_score say the same. */
static void
test_recall_curve (void)
{
  static const guint truth[] = { 1, 0, 1, 1, 0, 0 }, said[6] = { 0 };
  static const float p[] = { .9f, .8f, .8f, .4f, .3f, .1f };
  g_autoptr (NnClassesTable) table = make_table (2, 6, truth, said, p, p);
  guint counts[4];
  double average;
  g_autoptr (GArray) curve = nn_classes_recall_curve (table, &average);

  g_assert_cmpuint (curve->len, ==, 5); /* two samples share a probability */
  const NnRecallPoint second = g_array_index (curve, NnRecallPoint, 1);
  g_assert_cmpfloat_with_epsilon (second.recall, 2 / 3.0, 1e-12);
  g_assert_cmpfloat_with_epsilon (second.precision, 2 / 3.0, 1e-12);
  g_assert_cmpfloat_with_epsilon (average, 1 / 3.0 + 2 / 9.0 + 0.75 / 3, 1e-12);
  nn_classes_count (table, second.threshold, counts);
  g_assert_cmpuint (counts[3], ==, 2);
  g_assert_cmpuint (counts[1], ==, 1);
  g_assert_cmpfloat_with_epsilon (nn_classes_confidence (table, 3, 0.2), 0.4, 1e-6);

  g_autoptr (NnClassesTable) none = make_table (2, 1, said, said, p, p);
  g_autoptr (GArray) empty = nn_classes_recall_curve (none, &average);
  g_assert_cmpuint (empty->len, ==, 0);
  g_assert_true (isnan (average));
}

/* ---- looking ---- */

typedef struct
{
  NnDataset *dataset;
  NnDesign *design;
  NnAnalysis *analysis;
  NnPool *pool;
  NnTrainer *trainer;
  guint objective;
} Rig;

static NnDesign *
classifier (guint *objective, const char *loss)
{
  NnDesign *design = nn_design_new ();
  guint input = nn_test_add (&design, "input", NULL, 0);
  guint flatten = nn_test_add (&design, "flatten", NULL, input);
  guint output = nn_test_add (&design, "dense", "units=3 activation=softmax", flatten);

  *objective = nn_test_add (&design, "classification-loss", loss, output);
  nn_test_set_training (&design, "batch-size=16");
  return design;
}

static void
rig_set_up (Rig *rig, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  rig->dataset = fixture_dataset (N_TRAIN, N_TEST);
  rig->design = classifier (&rig->objective, NULL);
  rig->analysis = nn_analysis_new (rig->design, nn_dataset_info (rig->dataset), 0);
  rig->pool = nn_pool_new (1);
  rig->trainer = nn_trainer_new (rig->analysis, rig->dataset, NULL, rig->pool, &error);
  g_assert_no_error (error);
}

static void
rig_tear_down (Rig *rig, gconstpointer data)
{
  nn_trainer_free (rig->trainer);
  nn_pool_free (rig->pool);
  nn_analysis_unref (rig->analysis);
  nn_design_unref (rig->design);
  nn_dataset_unref (rig->dataset);
}

static NnClassesResult *
ask (Rig *rig, NnProbe *probe)
{
  return (NnClassesResult *)nn_probe_compute (probe, rig->trainer, 1);
}

/* Asks until there is nothing more to do. (transfer full) */
static NnClassesResult *
ask_all (Rig *rig, NnProbe *probe)
{
  NnClassesResult *result = ask (rig, probe);

  for (guint i = 0; result->base.unfinished && i < 1000; i++)
    {
      nn_probe_result_unref (&result->base);
      result = ask (rig, probe);
    }
  g_assert_no_error (result->base.error);
  g_assert_false (result->base.unfinished);
  return result;
}

static void
step (Rig *rig)
{
  NnStep done;
  g_autoptr (GError) error = NULL;

  nn_trainer_step (rig->trainer, &done, &error);
  g_assert_no_error (error);
}

static void
test_look (Rig *rig, gconstpointer data)
{
  g_autoptr (NnProbe) probe = nn_classes_probe_new (4, NN_PART_TEST, rig->objective);
  NnClassesResult *result;
  guint right = 0;

  for (guint i = 0; i < 5; i++)
    step (rig);
  result = ask_all (rig, probe);
  g_assert_cmpuint (result->table->n, ==, N_TEST);
  g_assert_cmpuint (result->table->step, ==, 5);
  for (guint i = 0; i < N_TEST; i++)
    {
      g_assert_cmpuint (result->table->truth[i], ==,
                        nn_dataset_label (rig->dataset, NN_PART_TEST, 1, i));
      g_assert_cmpfloat (result->table->p_truth[i], <=, result->table->p_likeliest[i]);
      right += result->table->truth[i] == result->table->likeliest[i];
    }
  /* The trainer's own count. */
  NnEvaluation evaluation = { 0 };
  while (!nn_trainer_evaluate (rig->trainer, NN_PART_TEST, &evaluation))
    ;
  g_assert_cmpuint (right, ==, (guint)(evaluation.accuracy * N_TEST + 0.5));
  nn_probe_result_unref (&result->base);
}

/* While weights move the last look stays for a while; once they rest it is made anew. */
static void
test_distance (Rig *rig, gconstpointer data)
{
  g_autoptr (NnProbe) probe = nn_classes_probe_new (4, NN_PART_TEST, rig->objective);
  NnClassesResult *first = ask_all (rig, probe), *second, *third;

  step (rig);
  second = ask (rig, probe);
  g_assert_true (second->table == first->table);
  g_assert_true (second->base.unfinished);
  third = ask_all (rig, probe);
  g_assert_cmpuint (third->table->step, ==, 1);
  nn_probe_result_unref (&first->base);
  nn_probe_result_unref (&second->base);
  nn_probe_result_unref (&third->base);
}

static void
test_epoch_end (Rig *rig, gconstpointer data)
{
  g_autoptr (NnProbe) probe = nn_classes_probe_new (4, NN_PART_TEST, rig->objective);
  NnClassesResult *first = ask_all (rig, probe), *second;

  for (guint i = 0; i < nn_trainer_n_batches (rig->trainer); i++)
    step (rig);
  second = ask (rig, probe);
  g_assert_true (second->base.unfinished || second->table->step == 6);
  g_assert_true (second->fraction < 1 || second->table != first->table);
  nn_probe_result_unref (&first->base);
  nn_probe_result_unref (&second->base);
}

static void
test_gone (Rig *rig, gconstpointer data)
{
  g_autoptr (NnProbe) probe = nn_classes_probe_new (4, NN_PART_TEST, 99);
  NnClassesResult *result = ask (rig, probe);

  g_assert_error (result->base.error, NN_ERROR, NN_ERROR_UNKNOWN);
  nn_probe_result_unref (&result->base);
}

static void
test_objective (void)
{
  g_autoptr (NnDataset) dataset = fixture_dataset (8, 8);
  guint objective;
  g_autoptr (NnDesign) classifies = classifier (&objective, "loss=sparse-crossentropy");
  g_autoptr (NnDesign) rebuilds = fixture_design (4);
  g_autoptr (NnAnalysis) one = nn_analysis_new (classifies, nn_dataset_info (dataset), 0);
  g_autoptr (NnAnalysis) other = nn_analysis_new (rebuilds, nn_dataset_info (dataset), 0);
  g_autofree char *reason = NULL;

  g_assert_cmpuint (nn_classes_find_objective (one, &reason), ==, objective);
  g_assert_null (reason);
  g_assert_cmpuint (nn_classes_field (one, objective)->n_classes, ==, 3);
  g_assert_cmpuint (nn_classes_find_objective (other, &reason), ==, 0);
  g_assert_nonnull (strstr (reason, "3 units with softmax"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/classes/scores", test_scores);
  g_test_add_func ("/classes/recall-curve", test_recall_curve);
  g_test_add_func ("/classes/objective", test_objective);
  g_test_add ("/classes/look", Rig, NULL, rig_set_up, test_look, rig_tear_down);
  g_test_add ("/classes/distance", Rig, NULL, rig_set_up, test_distance, rig_tear_down);
  g_test_add ("/classes/epoch-end", Rig, NULL, rig_set_up, test_epoch_end, rig_tear_down);
  g_test_add ("/classes/gone", Rig, NULL, rig_set_up, test_gone, rig_tear_down);
  return g_test_run ();
}
