/* What is found in gradients, on networks that suffer from it, and how steadily. */
#include <math.h>

#include "explore/nn-health.h"
#include "gradients-fixture.h"
#include "optimizers/nn-optimizer.h"

/* ---- what is found ---- */

typedef void (*Spoil) (const char *name, guint node, float *values, gsize n);

/* The trainer's weights, changed. */
static NnCheckpoint *
spoil (NnDesign *design, Spoil change)
{
  Rig rig = small_rig (nn_design_ref (design), NULL);
  g_autoptr (NnCheckpoint) good = nn_trainer_checkpoint (rig.trainer);
  NnCheckpoint *bad = nn_checkpoint_new ();

  bad->optimizer = g_strdup ("none");
  for (guint i = 0; i < good->entries->len; i++)
    {
      const NnCheckpointEntry *entry = g_ptr_array_index (good->entries, i);
      g_autoptr (NnTensor) value = nn_tensor_copy (entry->value);

      change (entry->name, entry->node, value->data, value->size);
      nn_checkpoint_add (bad, entry->node, entry->name, value, NULL, 0);
    }
  rig_clear (&rig);
  return bad;
}

/* Asks as the worker does while training stands still, until all is known. */
static NnHealth *
examine (NnTrainer *trainer)
{
  g_autoptr (NnProbe) probe = nn_gradients_probe_new (1);
  NnHealth *health = nn_health_new ();
  gboolean unfinished = TRUE;

  while (unfinished)
    {
      NnGradientsResult *result = answer (probe, trainer);

      unfinished = result->base.unfinished;
      nn_health_take (health, result);
      nn_probe_result_unref (&result->base);
    }
  return health;
}

/* design (transfer full) */
static NnHealth *
examine_design (NnDesign *design, Spoil change)
{
  g_autoptr (NnCheckpoint) checkpoint = change != NULL ? spoil (design, change) : NULL;
  Rig rig = rig_new (design, 1, checkpoint);
  NnHealth *health = examine (rig.trainer);

  rig_clear (&rig);
  return health;
}

static void
silence_three (const char *name, guint node, float *values, gsize n)
{
  for (gsize u = 0; u < n && g_str_equal (name, "bias") && n < 64; u++)
    values[u] = u % 2 == 0 && u < 6 ? -100 : 1;
}

static void
test_dead (void)
{
  g_autoptr (NnHealth) dense = examine_design (
      chain ("input | flatten | dense units=16 activation=relu | " LAST), silence_three);
  g_autoptr (NnHealth) maps = examine_design (
      chain ("input | conv2d filters=8 activation=relu | max-pool2d | flatten | " LAST),
      silence_three);
  const NnFinding *finding = nn_health_find (dense, 3);

  g_assert_nonnull (finding);
  g_assert_cmpuint (finding->kinds, ==, NN_FINDING_DEAD);
  g_assert_cmpuint (finding->n_dead, ==, 3);
  g_assert_cmpuint (finding->n_units, ==, 16);
  g_assert_cmpuint (finding->n_samples, ==, 125);
  g_assert_null (nn_health_find (dense, 2));
  g_assert_null (nn_health_find (dense, 4));

  finding = nn_health_find (maps, 2);
  g_assert_nonnull (finding);
  g_assert_cmpuint (finding->n_dead, ==, 3);
  g_assert_cmpuint (finding->n_units, ==, 8);
  /* What only passes it on is not to blame. */
  g_assert_null (nn_health_find (maps, 3));
}

#define SIGMOIDS(n) "dense units=12 activation=" n " | "
#define STACK(n)                                                                                   \
  SIGMOIDS (n)                                                                                     \
  SIGMOIDS (n)                                                                                     \
  SIGMOIDS (n)                                                                                     \
  SIGMOIDS (n) SIGMOIDS (n) SIGMOIDS (n) SIGMOIDS (n) SIGMOIDS (n) SIGMOIDS (n) SIGMOIDS (n)

static void
test_vanishing (void)
{
  g_autoptr (NnHealth) deep =
      examine_design (chain ("input | flatten | " STACK ("sigmoid") LAST), NULL);
  g_autoptr (NnHealth) relu =
      examine_design (chain ("input | flatten | " STACK ("tanh") LAST), NULL);
  const NnFinding *first = nn_health_find (deep, 3);

  g_assert_nonnull (first);
  g_assert_cmpuint (first->kinds, ==, NN_FINDING_VANISHING);
  g_assert_cmpfloat (first->factor, >, 1e4);
  g_assert_null (nn_health_find (deep, 11));
  g_assert_null (nn_health_find (deep, 13));
  for (guint node = 1; node <= 13; node++)
    g_assert_null (nn_health_find (relu, node));
}

static void
silence_all (const char *name, guint node, float *values, gsize n)
{
  for (gsize u = 0; u < n && node == 4 && g_str_equal (name, "bias"); u++)
    values[u] = -100;
}

/* Behind a layer that never fires nothing comes back. */
static void
test_cut_off (void)
{
  g_autoptr (NnHealth) health =
      examine_design (chain ("input | flatten | dense units=8 activation=relu | dense units=8 "
                             "activation=relu | " LAST),
                      silence_all);
  const NnFinding *before = nn_health_find (health, 3), *dead = nn_health_find (health, 4);

  g_assert_nonnull (before);
  g_assert_cmpuint (before->kinds, ==, NN_FINDING_VANISHING);
  g_assert_true (isinf (before->factor));
  g_assert_nonnull (dead);
  g_assert_cmpuint (dead->n_dead, ==, dead->n_units);
}

static void
enlarge (const char *name, guint node, float *values, gsize n)
{
  for (gsize i = 0; i < n && node > 3; i++)
    values[i] *= 30;
}

static void
test_exploding (void)
{
  g_autoptr (NnHealth) health =
      examine_design (chain ("input | flatten | dense units=16 activation=relu | "
                             "dense units=16 activation=relu | dense units=16 activation=relu | "
                             "dense units=64 activation=linear | " MEAN_SQUARES),
                      enlarge);
  const NnFinding *first = nn_health_find (health, 3);

  g_assert_nonnull (first);
  g_assert_true (first->kinds & NN_FINDING_EXPLODING);
  g_assert_cmpfloat (first->factor, >, 1e3);
  g_assert_null (nn_health_find (health, 6));
}

static NnDesign *
with_rate (NnDesign *design, const char *rate)
{
  const NnOptimizerType *sgd = nn_optimizer_type ("sgd");
  g_autoptr (NnParams) params = nn_test_params (sgd->params, rate);

  return nn_design_with_optimizer (design, sgd, params);
}

static guint
step_and_ask (Rig *rig, NnProbe *probe, NnHealth *health)
{
  g_autoptr (GError) error = NULL;
  NnStep step;

  nn_trainer_step (rig->trainer, &step, &error);
  g_assert_no_error (error);
  NnGradientsResult *result = answer (probe, rig->trainer);
  nn_health_take (health, result);
  nn_probe_result_unref (&result->base);
  return nn_health_find (health, 3) != NULL ? nn_health_find (health, 3)->kinds : 0;
}

/* In the middle of training the learning rate is raised beyond what is stable: every step makes it
 * worse, and that is said before the loss is no longer a number. */
static void
test_runaway (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NnDesign) plain = chain ("input | flatten | dense units=8 activation=linear | "
                                      "dense units=64 activation=linear | " MEAN_SQUARES);
  g_autoptr (NnDesign) wild = with_rate (plain, "learning-rate=20");
  Rig rig = rig_new (with_rate (plain, "learning-rate=0.5"), 1, NULL);
  g_autoptr (NnAnalysis) analysis = analyse (wild, rig.dataset);
  g_autoptr (NnProbe) probe = nn_gradients_probe_new (1);
  g_autoptr (NnHealth) health = nn_health_new ();
  guint found = 0;

  for (guint i = 0; i < 20; i++)
    g_assert_cmpuint (step_and_ask (&rig, probe, health), ==, 0);
  g_assert_true (nn_trainer_edit (rig.trainer, analysis, rig.dataset, NULL, &error));
  for (guint i = 0; i < 50 && found == 0; i++)
    found = step_and_ask (&rig, probe, health);
  g_assert_cmpuint (found, ==, NN_FINDING_RUNAWAY);
  g_test_message ("%g times", nn_health_find (health, 3)->factor);
  g_assert_cmpfloat (nn_health_find (health, 3)->factor, >, 10);
  rig_clear (&rig);
}

/* A network that learns as it should is left in peace. */
static void
test_well (void)
{
  Rig rig = rig_new (nn_test_autoencoder ("units=12 activation=tanh", "batch-size=50"), 1, NULL);
  g_autoptr (NnProbe) probe = nn_gradients_probe_new (1);
  g_autoptr (NnHealth) health = nn_health_new ();
  g_autoptr (GError) error = NULL;
  NnStep step;

  for (guint i = 0; i < 100; i++)
    {
      NnGradientsResult *result = answer (probe, rig.trainer);

      g_assert_false (nn_health_take (health, result));
      nn_probe_result_unref (&result->base);
      nn_trainer_step (rig.trainer, &step, &error);
      g_assert_no_error (error);
    }
  rig_clear (&rig);
}

/* ---- steadiness ---- */

/* Two layers that learn, the norm of the first being `part` of the second's. */
static NnGradientsResult *
make_result (guint64 step, double part, guint n_dead, double reference)
{
  NnGradientsResult *result = g_new0 (NnGradientsResult, 1);

  g_atomic_ref_count_init (&result->base.refs);
  result->base.type = &nn_gradients_probe_type;
  result->base.step = step;
  result->nodes = g_ptr_array_new ();
  result->reference = reference;
  for (guint node = 1; node <= 2; node++)
    {
      NnNodeGradient *gradient = g_new0 (NnNodeGradient, 1);

      gradient->node = node;
      gradient->size = nn_tensor_new (&nn_shape (1));
      gradient->norm = (node == 1 ? part : 1) * reference;
      gradient->learns = TRUE;
      gradient->last = node == 2;
      gradient->n_units = 10;
      gradient->n_dead = node == 1 ? n_dead : 0;
      g_ptr_array_add (result->nodes, gradient);
    }
  return result;
}

static gboolean
take (NnHealth *health, guint64 step, double part, guint n_dead, double reference)
{
  NnGradientsResult *result = make_result (step, part, n_dead, reference);
  const gboolean changed = nn_health_take (health, result);

  for (guint i = 0; i < result->nodes->len; i++)
    {
      NnNodeGradient *gradient = g_ptr_array_index (result->nodes, i);

      nn_tensor_unref (gradient->size);
      g_free (gradient);
    }
  nn_probe_result_unref (&result->base);
  return changed;
}

static void
test_steady (void)
{
  g_autoptr (NnHealth) health = nn_health_new ();
  guint64 step = 1;

  g_assert_false (take (health, step++, 1e-2, 0, 1));
  /* Twice is chance, three times is a finding. */
  g_assert_false (take (health, step++, 1e-5, 0, 1));
  g_assert_false (take (health, step++, 1e-5, 0, 1));
  g_assert_false (take (health, step++, 1e-2, 0, 1));
  g_assert_false (take (health, step++, 1e-5, 0, 1));
  g_assert_false (take (health, step++, 1e-5, 0, 1));
  g_assert_true (take (health, step++, 1e-5, 0, 1));
  g_assert_cmpuint (nn_health_find (health, 1)->kinds, ==, NN_FINDING_VANISHING);
  g_assert_null (nn_health_find (health, 2));
  /* Around the bound nothing changes; a factor of 10 above it does, for good. */
  for (guint i = 0; i < 20; i++)
    g_assert_false (take (health, step++, i % 2 ? 0.8e-5 : 1.2e-5, 0, 1));
  for (guint i = 0; i < 20; i++)
    take (health, step++, i % 2 ? 0.9e-4 : 1.1e-4, 0, 1);
  g_assert_nonnull (nn_health_find (health, 1));
  take (health, step++, 2e-3, 0, 1);
  take (health, step++, 2e-3, 0, 1);
  g_assert_true (take (health, step++, 2e-3, 0, 1));
  g_assert_null (nn_health_find (health, 1));
  for (guint i = 0; i < 20; i++)
    g_assert_false (take (health, step++, i % 2 ? 0.9e-4 : 1.1e-4, 0, 1));
  /* A count changes once it has stood twice. */
  g_assert_false (take (health, step++, 1, 4, 1));
  g_assert_false (take (health, step++, 1, 0, 1));
  g_assert_false (take (health, step++, 1, 4, 1));
  g_assert_true (take (health, step++, 1, 4, 1));
  g_assert_cmpuint (nn_health_find (health, 1)->n_dead, ==, 4);
  /* With the same weights the later answer knows more. */
  g_assert_true (take (health, step - 1, 1, 3, 1));
  g_assert_cmpuint (nn_health_find (health, 1)->n_dead, ==, 3);
  nn_health_clear (health);
  g_assert_null (nn_health_find (health, 1));
}

static void
test_steady_runaway (void)
{
  g_autoptr (NnHealth) health = nn_health_new ();
  guint64 step = 1;

  for (guint i = 0; i < 20; i++)
    g_assert_false (take (health, step++, 1, 0, 1 + 0.5 * (i % 2)));
  /* A layer that wakes up late is no danger while the output's gradient stays. */
  for (guint i = 0; i < 5; i++)
    g_assert_false (take (health, step++, 50, 0, 1));
  g_assert_false (take (health, step++, 50, 0, 40));
  g_assert_false (take (health, step++, 50, 0, 60));
  g_assert_true (take (health, step++, 50, 0, 80));
  g_assert_cmpuint (nn_health_find (health, 1)->kinds, ==, NN_FINDING_RUNAWAY);
  g_assert_cmpuint (nn_health_find (health, 2)->kinds, ==, NN_FINDING_RUNAWAY);
  /* Still there a long while later, gone when it is back. */
  for (guint i = 0; i < 100; i++)
    take (health, step++, 50, 0, 80);
  g_assert_nonnull (nn_health_find (health, 2));
  for (guint i = 0; i < 3; i++)
    take (health, step++, 1, 0, 1);
  g_assert_null (nn_health_find (health, 2));
  /* Not a number does not wait. */
  g_assert_true (take (health, step++, NAN, 0, 1));
  g_assert_true (isinf (nn_health_find (health, 1)->factor));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/health/dead", test_dead);
  g_test_add_func ("/health/vanishing", test_vanishing);
  g_test_add_func ("/health/cut-off", test_cut_off);
  g_test_add_func ("/health/exploding", test_exploding);
  g_test_add_func ("/health/runaway", test_runaway);
  g_test_add_func ("/health/well", test_well);
  g_test_add_func ("/health/steady", test_steady);
  g_test_add_func ("/health/steady-runaway", test_steady_runaway);
  return g_test_run ();
}
