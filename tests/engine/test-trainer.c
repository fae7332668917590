#include <math.h>
#include <string.h>

#include "base/nn-error.h"
#include "optimizers/nn-optimizer.h"
#include "train/nn-trainer.h"

#include "trainer-fixture.h"

static NnStep
steps (Rig *rig, guint n)
{
  NnStep step = { 0 };
  g_autoptr (GError) error = NULL;
  for (guint i = 0; i < n; i++)
    {
      g_assert_true (nn_trainer_step (rig->trainer, &step, &error));
      g_assert_no_error (error);
    }
  return step;
}

#define NOISY "units=10 activity-l1=0.001 l2=0.0001"

static NnDesign *
noisy_design (void)
{
  g_autoptr (GError) error = NULL;
  NnDesign *design = nn_test_autoencoder (NOISY, "batch-size=96 seed=3");
  guint noise, drop;
  g_autoptr (NnParams) rate = nn_test_params (nn_layer_type ("dropout")->params, "rate=0.2");
  nn_test_replace (&design, nn_design_add_node (design, nn_layer_type ("gaussian-noise"), NULL,
                                                NULL, 0, 0, &noise));
  nn_test_replace (&design, nn_design_insert_into_edge (design, noise, 2, 0, &error));
  nn_test_replace (&design,
                   nn_design_add_node (design, nn_layer_type ("dropout"), rate, NULL, 0, 0, &drop));
  nn_test_replace (&design, nn_design_insert_into_edge (design, drop, 4, 0, &error));
  g_assert_no_error (error);
  return design;
}

static void
test_same_on_any_threads (void)
{
  const guint n_threads[] = { 1, 2, 5, 3, 8, 1 };
  g_autoptr (NnCheckpoint) first = NULL;
  for (guint i = 0; i < G_N_ELEMENTS (n_threads); i++)
    {
      Rig rig = rig_new (noisy_design (), n_threads[i], NULL);
      steps (&rig, 23);
      g_autoptr (NnCheckpoint) checkpoint = nn_trainer_checkpoint (rig.trainer);
      if (!first)
        first = nn_checkpoint_ref (checkpoint);
      nn_test_assert_same_weights (first, checkpoint);
      rig_clear (&rig);
    }
}

static void
test_continue (void)
{
  Rig whole = rig_new (noisy_design (), 2, NULL);
  Rig first = rig_new (noisy_design (), 2, NULL);
  NnStep want = steps (&whole, 20);
  steps (&first, 9);
  g_autoptr (NnCheckpoint) middle = nn_trainer_checkpoint (first.trainer);
  Rig second = rig_new (noisy_design (), 1, middle);
  NnStep got = steps (&second, 11);
  g_autoptr (NnCheckpoint) a = nn_trainer_checkpoint (whole.trainer);
  g_autoptr (NnCheckpoint) b = nn_trainer_checkpoint (second.trainer);
  nn_test_assert_same_weights (a, b);
  g_assert_cmpuint (want.epoch, ==, got.epoch);
  g_assert_cmpuint (want.batch, ==, got.batch);
  g_assert_cmpuint (want.step, ==, got.step);
  g_assert_cmpfloat (want.loss, ==, got.loss);
  rig_clear (&whole);
  rig_clear (&first);
  rig_clear (&second);
}

static double
validation_loss (Rig *rig)
{
  NnEvaluation evaluation = { 0 };
  while (!nn_trainer_evaluate (rig->trainer, NN_PART_TEST, &evaluation))
    ;
  return evaluation.loss;
}

static void
test_learns (void)
{
  const char *optimizers[][2] = { { "adam", "learning-rate=0.01" },
                                  { "sgd", "learning-rate=3 momentum=0.9" } };
  for (guint i = 0; i < G_N_ELEMENTS (optimizers); i++)
    {
      const NnOptimizerType *type = nn_optimizer_type (optimizers[i][0]);
      g_autoptr (NnParams) params = nn_test_params (type->params, optimizers[i][1]);
      NnDesign *design = nn_test_autoencoder ("units=16", "batch-size=50");
      nn_test_replace (&design, nn_design_with_optimizer (design, type, params));
      Rig rig = rig_new (design, 2, NULL);
      const double before = validation_loss (&rig);
      NnStep step = steps (&rig, 300);
      g_assert_cmpuint (step.n_batches, ==, 10);
      g_assert_cmpuint (step.epoch, ==, 30);
      g_assert_true (step.epoch_ended);
      g_test_message ("%s: %g -> %g", type->id, before, validation_loss (&rig));
      g_assert_cmpfloat (validation_loss (&rig), <, 0.6 * before);
      rig_clear (&rig);
    }
}

/* The loss includes penalties on weights; a step against them shrinks the weights. */
static void
test_weight_penalties (void)
{
  Rig plain = rig_new (nn_test_autoencoder ("units=12", "batch-size=100"), 1, NULL);
  Rig penal = rig_new (nn_test_autoencoder ("units=12 l1=0.02 l2=0.05", "batch-size=100"), 1, NULL);
  g_autoptr (NnCheckpoint) start = nn_trainer_checkpoint (penal.trainer);
  const NnTensor *kernel = nn_checkpoint_find (start, 3, "kernel")->value;
  double l1 = 0, l2 = 0;
  for (gsize i = 0; i < kernel->size; i++)
    {
      l1 += fabs ((double)kernel->data[i]);
      l2 += (double)kernel->data[i] * (double)kernel->data[i];
    }
  const double want = validation_loss (&plain) + 0.02 * l1 + 0.05 * l2;
  g_assert_cmpfloat_with_epsilon (validation_loss (&penal), want, 1e-4 * want);
  NnStep a = steps (&plain, 1), b = steps (&penal, 1);
  g_assert_cmpfloat_with_epsilon (b.loss - a.loss, 0.02 * l1 + 0.05 * l2, 1e-4 * b.loss);
  steps (&penal, 200);
  g_autoptr (NnCheckpoint) end = nn_trainer_checkpoint (penal.trainer);
  const NnTensor *after = nn_checkpoint_find (end, 3, "kernel")->value;
  double l1_after = 0;
  for (gsize i = 0; i < after->size; i++)
    l1_after += fabs ((double)after->data[i]);
  g_assert_cmpfloat (l1_after, <, 0.5 * l1);
  rig_clear (&plain);
  rig_clear (&penal);
}

static void
test_edit_keeps_weights (void)
{
  g_autoptr (GError) error = NULL;
  NnDesign *design = nn_test_autoencoder ("units=12", "batch-size=100");
  Rig rig = rig_new (nn_design_ref (design), 2, NULL);
  steps (&rig, 7);
  g_autoptr (NnCheckpoint) before = nn_trainer_checkpoint (rig.trainer);

  /* a wider code: both layers that touch it start anew, and say so; the position stays */
  g_autoptr (NnParams) wider = nn_test_params (nn_layer_type ("dense")->params, "units=20");
  NnDesign *edited = nn_design_set_params (design, 3, wider);
  g_autoptr (NnAnalysis) analysis = analyse (edited, rig.dataset);
  g_autoptr (GArray) reset = NULL;
  g_assert_true (nn_trainer_edit (rig.trainer, analysis, rig.dataset, &reset, &error));
  g_assert_cmpuint (reset->len, ==, 2);
  g_assert_cmpuint (g_array_index (reset, guint, 0), ==, 3);
  g_assert_cmpuint (g_array_index (reset, guint, 1), ==, 4);
  g_assert_cmpuint (nn_trainer_batches (rig.trainer), ==, 2);
  g_autoptr (NnCheckpoint) changed = nn_trainer_checkpoint (rig.trainer);
  g_assert_cmpmem (nn_checkpoint_find (before, 4, "bias")->value->data, 64 * sizeof (float),
                   nn_checkpoint_find (changed, 4, "bias")->value->data, 64 * sizeof (float));
  steps (&rig, 2);

  /* undone: the old weights are back */
  g_autoptr (NnAnalysis) again = analyse (design, rig.dataset);
  g_autoptr (GArray) none = NULL;
  g_assert_true (nn_trainer_edit (rig.trainer, again, rig.dataset, &none, &error));
  g_assert_cmpuint (none->len, ==, 0);
  g_autoptr (NnCheckpoint) after = nn_trainer_checkpoint (rig.trainer);
  const NnTensor *a = nn_checkpoint_find (before, 3, "kernel")->value;
  const NnTensor *b = nn_checkpoint_find (after, 3, "kernel")->value;
  g_assert_cmpmem (a->data, a->size * sizeof (float), b->data, b->size * sizeof (float));
  nn_design_unref (edited);
  nn_design_unref (design);
  rig_clear (&rig);
}

static void
test_edit_refused (void)
{
  g_autoptr (GError) error = NULL;
  NnDesign *design = nn_test_autoencoder ("units=12", NULL);
  Rig rig = rig_new (nn_design_ref (design), 1, NULL);
  NnDesign *broken = nn_design_disconnect (design, 4, 0);
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (broken, nn_dataset_info (rig.dataset), 0);
  g_assert_false (nn_trainer_edit (rig.trainer, analysis, rig.dataset, NULL, &error));
  g_assert_error (error, NN_ERROR, NN_ERROR_DESIGN);
  steps (&rig, 3);
  nn_design_unref (broken);
  nn_design_unref (design);
  rig_clear (&rig);
}

static void
test_reset (void)
{
  Rig rig = rig_new (noisy_design (), 2, NULL);
  NnStep first = steps (&rig, 1);
  steps (&rig, 12);
  nn_trainer_reset (rig.trainer, 3);
  NnStep again = steps (&rig, 1);
  g_assert_cmpfloat (first.loss, ==, again.loss);
  g_assert_cmpuint (again.step, ==, 1);
  nn_trainer_reset (rig.trainer, 4);
  g_assert_cmpfloat (steps (&rig, 1).loss, !=, first.loss);
  rig_clear (&rig);
}

static void
test_frozen (void)
{
  NnDesign *design = nn_test_autoencoder ("units=12", "batch-size=50");
  nn_test_replace (&design, nn_design_set_frozen (design, 3, TRUE));
  Rig rig = rig_new (design, 2, NULL);
  g_autoptr (NnCheckpoint) before = nn_trainer_checkpoint (rig.trainer);
  steps (&rig, 20);
  g_autoptr (NnCheckpoint) after = nn_trainer_checkpoint (rig.trainer);
  const NnTensor *a = nn_checkpoint_find (before, 3, "kernel")->value;
  const NnTensor *b = nn_checkpoint_find (after, 3, "kernel")->value;
  g_assert_cmpmem (a->data, a->size * sizeof (float), b->data, b->size * sizeof (float));
  const NnTensor *c = nn_checkpoint_find (before, 4, "kernel")->value;
  const NnTensor *d = nn_checkpoint_find (after, 4, "kernel")->value;
  g_assert_true (memcmp (c->data, d->data, c->size * sizeof (float)) != 0);
  rig_clear (&rig);
}

/* A rate that throws the weights to infinity: an error that names the layer, and finite weights. */
static void
test_diverges (void)
{
  g_autoptr (GError) error = NULL;
  const NnOptimizerType *sgd = nn_optimizer_type ("sgd");
  g_autoptr (NnParams) params = nn_test_params (sgd->params, "learning-rate=100");
  NnDesign *design = nn_test_autoencoder ("units=12 activation=linear l2=1000", "batch-size=50");
  nn_test_replace (&design, nn_design_with_optimizer (design, sgd, params));
  Rig rig = rig_new (design, 2, NULL);
  NnStep step;
  guint n = 0;
  while (nn_trainer_step (rig.trainer, &step, &error))
    g_assert_cmpuint (++n, <, 500);
  g_assert_error (error, NN_ERROR, NN_ERROR_NUMERIC);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, "Dense"));
  g_autoptr (NnCheckpoint) checkpoint = nn_trainer_checkpoint (rig.trainer);
  for (guint i = 0; i < checkpoint->entries->len; i++)
    {
      const NnCheckpointEntry *entry = checkpoint->entries->pdata[i];
      g_assert_true (nn_kernels_best ()->all_finite (entry->value->data, entry->value->size));
    }
  g_assert_true (isfinite (validation_loss (&rig)));
  rig_clear (&rig);
}

static void
test_classifier (void)
{
  NnDesign *design = nn_design_new ();
  guint input = nn_test_add (&design, "input", NULL, 0);
  guint flatten = nn_test_add (&design, "flatten", NULL, input);
  guint out = nn_test_add (&design, "dense", "units=4 activation=softmax", flatten);
  nn_test_add (&design, "classification-loss", NULL, out);
  nn_test_set_training (&design, "batch-size=20");
  Rig rig = rig_new (design, 2, NULL);
  NnStep step = steps (&rig, 25 * 12);
  g_assert_cmpfloat (step.epoch_accuracy, >, 0.95);
  NnEvaluation evaluation = { 0 };
  while (!nn_trainer_evaluate (rig.trainer, NN_PART_TEST, &evaluation))
    ;
  g_assert_cmpfloat (evaluation.accuracy, >, 0.95);

  /* what viewers read: probabilities of single samples, whose loss is the one reported */
  const gint value = nn_analysis_value (nn_trainer_analysis (rig.trainer), out, 0);
  const guint32 index[] = { 3, 0, 77 };
  float p[12], losses[3], *to = p;
  const guint want = (guint)value;
  nn_trainer_values (rig.trainer, NN_PART_TEST, index, 3, NULL, 1, &want, &to, losses);
  for (guint i = 0; i < 3; i++)
    {
      const guint label = nn_dataset_label (rig.dataset, NN_PART_TEST, 1, index[i]);
      g_assert_cmpfloat_with_epsilon (p[i * 4] + p[i * 4 + 1] + p[i * 4 + 2] + p[i * 4 + 3], 1,
                                      1e-5f);
      g_assert_cmpfloat_with_epsilon (losses[i], -logf (p[i * 4 + label]), 1e-4f);
    }
  rig_clear (&rig);
}

/* Encoder and decoder by themselves give what the whole network gives. */
static void
test_run_between (void)
{
  Rig rig = rig_new (nn_test_autoencoder ("units=6 activation=tanh", "batch-size=50"), 2, NULL);
  steps (&rig, 30);
  NnAnalysis *analysis = nn_trainer_analysis (rig.trainer);
  const guint want[] = { (guint)nn_analysis_value (analysis, 3, 0),
                         (guint)nn_analysis_value (analysis, 4, 0) };
  const guint n = 100;
  g_autofree guint32 *index = g_new (guint32, n);
  g_autofree float *code = g_new (float, n * 6), *output = g_new (float, n * 64),
                   *decoded = g_new (float, n * 64);
  float *const out[] = { code, output };
  for (guint i = 0; i < n; i++)
    index[i] = n - 1 - i;
  nn_trainer_values (rig.trainer, NN_PART_TEST, index, n, NULL, 2, want, out, NULL);
  g_assert_true (nn_trainer_run_between (rig.trainer, want[0], code, want[1], decoded, n));
  for (guint i = 0; i < n * 64; i++)
    g_assert_cmpfloat_with_epsilon (output[i], decoded[i], 1e-6f);
  g_assert_false (nn_trainer_run_between (rig.trainer, want[1], output, want[0], code, n));
  rig_clear (&rig);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/trainer/same-on-any-threads", test_same_on_any_threads);
  g_test_add_func ("/trainer/continue", test_continue);
  g_test_add_func ("/trainer/learns", test_learns);
  g_test_add_func ("/trainer/weight-penalties", test_weight_penalties);
  g_test_add_func ("/trainer/edit-keeps-weights", test_edit_keeps_weights);
  g_test_add_func ("/trainer/edit-refused", test_edit_refused);
  g_test_add_func ("/trainer/reset", test_reset);
  g_test_add_func ("/trainer/frozen", test_frozen);
  g_test_add_func ("/trainer/diverges", test_diverges);
  g_test_add_func ("/trainer/classifier", test_classifier);
  g_test_add_func ("/trainer/run-between", test_run_between);
  return g_test_run ();
}
