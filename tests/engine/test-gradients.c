/* Gradients at every node, against the weights' own, against direct computation and differences;
 * what is found in them, on networks that suffer from it. */
#include <math.h>
#include <time.h>

#include "data/nn-data-source.h"
#include "explore/nn-gradients-probe.h"
#include "explore/nn-health.h"
#include "explore/nn-node-values-probe.h"
#include "explore/nn-probe-desk.h"
#include "formats/nn-lessons.h"
#include "layers/nn-layer.h"
#include "ops/nn-op.h"
#include "optimizers/nn-optimizer.h"
#include "trainer-fixture.h"

/* ---- against the gradients that training uses ---- */

typedef struct
{
  NnProgram *program;
  double *sums; /* per value and unit: (n_values, MAX_UNITS) */
} Sums;

#define MAX_UNITS 64

static void
add_up (gpointer data, guint shard, guint value, const float *y, const float *dy, guint n)
{
  static GMutex mutex;
  const Sums *sums = data;
  const NnValue *seen = nn_program_value (sums->program, value);
  const guint n_units = (guint)seen->shape.dim[seen->shape.rank - 1];
  const gsize size = (gsize)seen->size;

  g_assert_cmpuint (n_units, <=, MAX_UNITS);
  g_mutex_lock (&mutex);
  for (gsize i = 0; i < n * size; i++)
    sums->sums[value * MAX_UNITS + i % n_units] += dy[i];
  g_mutex_unlock (&mutex);
}

/* A bias is added to every sum of its unit, so its gradient is the sum of theirs. */
static guint
compare_biases (NnTrainer *trainer, const Sums *sums, NnPlan *plan)
{
  guint n_compared = 0;

  for (guint i = 0; i < sums->program->ops->len; i++)
    {
      const NnOp *op = nn_program_op (sums->program, i);

      if ((op->type != &nn_op_linear && op->type != &nn_op_conv2d
           && op->type != &nn_op_conv2d_transpose)
          || op->n_weights < 2)
        continue;
      const NnWeight *bias = nn_program_weight (sums->program, op->weight[1]);
      g_assert_cmpstr (bias->name, ==, "bias");
      g_autofree float *expected = g_new (float, (gsize)bias->size);
      nn_plan_gradient (plan, op->weight[1], expected);
      const guint value = nn_trainer_look_value (trainer, op->out[0]);
      for (gsize u = 0; u < (gsize)bias->size; u++)
        g_assert_cmpfloat_with_epsilon (sums->sums[value * MAX_UNITS + u], expected[u],
                                        1e-6 + 1e-4 * fabsf (expected[u]));
      n_compared++;
    }
  return n_compared;
}

static guint
check_biases (NnTrainer *trainer, NnPool *pool)
{
  guint32 index[40];
  NnProgram *program = nn_analysis_program (nn_trainer_analysis (trainer));
  g_autoptr (NnPlan) plan = nn_plan_new (program, 40, NN_PLAN_TRAIN, NULL, pool);
  g_autofree double *values = g_new0 (double, program->values->len *MAX_UNITS);
  g_autofree float **weights = g_new (float *, program->weights->len);
  Sums sums = { program, values };
  NnPlanResult result;

  for (guint i = 0; i < G_N_ELEMENTS (index); i++)
    index[i] = 3 * i;
  g_assert_true (nn_trainer_look (trainer, NN_PART_TRAIN, index, 40, add_up, &sums));
  for (guint i = 0; i < program->weights->len; i++)
    weights[i] = (float *)nn_trainer_weight (trainer, i);
  const NnBatch batch = {
    .n = 40,
    .data = nn_trainer_dataset (trainer),
    .part = NN_PART_TRAIN,
    .index = index,
    .mode = NN_MODE_TRAIN,
    .seed = nn_trainer_seed (trainer),
    .step = (guint32)nn_trainer_steps (trainer),
    .weights = weights,
  };
  g_assert_true (nn_plan_run (plan, &batch, &result));
  return compare_biases (trainer, &sums, plan);
}

/* "input | flatten | dense units=3": one behind the other; the loss judges the last by the first.
 */
static NnDesign *
chain (const char *text)
{
  g_auto (GStrv) layers = g_strsplit (text, " | ", -1);
  g_autoptr (GError) error = NULL;
  NnDesign *design = nn_design_new ();
  guint last = 0;

  for (guint i = 0; layers[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (layers[i], " ", 2);

      last = nn_test_add (&design, parts[0], parts[1], last);
      if (g_str_has_suffix (layers[i], "-loss") || strstr (layers[i], "-loss ") != NULL)
        nn_test_replace (&design, nn_design_connect (design, 1, 0, last, 1, &error));
    }
  g_assert_no_error (error);
  return design;
}

#define MEAN_SQUARES "reconstruction-loss loss=mean-squared-error"
#define LAST "dense units=64 activation=sigmoid | reconstruction-loss"

static void
test_biases (void)
{
  static const struct
  {
    const char *layers;
    guint n_biases;
  } cases[] = {
    { "input | flatten | dense units=9 activation=relu | " LAST, 2 },
    { "input | flatten | dense units=9 activation=gelu | dropout rate=0.3 | " LAST, 2 },
    { "input | flatten | dense units=9 activation=linear | batch-norm | activation activation=relu "
      "| " LAST,
      2 },
    { "input | conv2d filters=5 activation=relu | max-pool2d | upsampling2d | "
      "conv2d filters=1 activation=sigmoid | reconstruction-loss",
      2 },
    { "input | gaussian-noise | conv2d filters=3 activation=tanh stride=2 | "
      "conv2d-transpose filters=1 stride=2 activation=sigmoid | reconstruction-loss",
      2 },
    { "input | flatten | dense units=9 activation=tanh | dense units=64 activation=linear "
      "| " MEAN_SQUARES,
      2 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].layers);
      Rig rig = rig_new (chain (cases[i].layers), 2, NULL);
      g_assert_cmpuint (check_biases (rig.trainer, rig.pool), ==, cases[i].n_biases);
      rig_clear (&rig);
    }
}

/* Looking leaves no trace, in what batch normalisation keeps neither. */
static void
test_no_trace (void)
{
  const char *layers =
      "input | flatten | dense units=9 activation=linear | batch-norm | dropout | " LAST;
  Rig watched = rig_new (chain (layers), 2, NULL), alone = rig_new (chain (layers), 2, NULL);
  g_autoptr (NnProbe) probe = nn_gradients_probe_new (1);
  g_autoptr (GError) error = NULL;
  NnStep step;
  NnProgram *program = nn_analysis_program (nn_trainer_analysis (alone.trainer));

  for (guint i = 0; i < 20; i++)
    {
      nn_probe_result_unref (nn_probe_compute (probe, watched.trainer, 0));
      nn_trainer_step (watched.trainer, &step, &error);
      g_assert_no_error (error);
      nn_trainer_step (alone.trainer, &step, &error);
      g_assert_no_error (error);
    }
  for (guint i = 0; i < program->weights->len; i++)
    {
      const gsize size = (gsize)nn_program_weight (program, i)->size * sizeof (float);

      g_assert_cmpmem (nn_trainer_weight (watched.trainer, i), size,
                       nn_trainer_weight (alone.trainer, i), size);
    }
  rig_clear (&watched);
  rig_clear (&alone);
}

/* ---- against direct computation ---- */

/* A trainer whose test part has ten samples, so that an answer is about all of them. */
static Rig
small_rig (NnDesign *design, NnCheckpoint *checkpoint)
{
  g_autoptr (GError) error = NULL;
  Rig rig = { .dataset = nn_test_dataset (40), .pool = nn_pool_new (1) };
  g_autoptr (NnAnalysis) analysis = analyse (design, rig.dataset);

  nn_design_unref (design);
  rig.trainer = nn_trainer_new (analysis, rig.dataset, checkpoint, rig.pool, &error);
  g_assert_no_error (error);
  return rig;
}

static NnGradientsResult *
answer (NnProbe *probe, NnTrainer *trainer)
{
  NnProbeResult *result = nn_probe_compute (probe, trainer, 0);

  g_assert_no_error (result->error);
  return (NnGradientsResult *)result;
}

static const NnNodeGradient *
gradient_of (const NnGradientsResult *result, guint node)
{
  const NnNodeGradient *gradient = nn_gradients_result_find (result, node);

  g_assert_nonnull (gradient);
  return gradient;
}

#define PIXELS 64
#define HIDDEN 6
#define SAMPLES 10

/* e2 = 2/64 (y - x) y (1 - y), e1 = (W2 e2) where h > 0 */
static void
back_propagate (NnTrainer *trainer, const float *x, double *e1, double *e2)
{
  const float *w1 = nn_trainer_weight (trainer, 0), *b1 = nn_trainer_weight (trainer, 1);
  const float *w2 = nn_trainer_weight (trainer, 2), *b2 = nn_trainer_weight (trainer, 3);
  double h[HIDDEN];

  for (guint u = 0; u < HIDDEN; u++)
    {
      h[u] = b1[u];
      for (guint p = 0; p < PIXELS; p++)
        h[u] += (double)x[p] * w1[p * HIDDEN + u];
      h[u] = MAX (h[u], 0);
    }
  for (guint p = 0; p < PIXELS; p++)
    {
      double z = b2[p];

      for (guint u = 0; u < HIDDEN; u++)
        z += h[u] * w2[u * PIXELS + p];
      const double y = 1 / (1 + exp (-z));
      e2[p] = 2.0 / PIXELS * (y - x[p]) * y * (1 - y);
    }
  for (guint u = 0; u < HIDDEN; u++)
    {
      e1[u] = 0;
      for (guint p = 0; p < PIXELS && h[u] > 0; p++)
        e1[u] += e2[p] * w2[u * PIXELS + p];
    }
}

static void
check_sizes (const NnNodeGradient *gradient, const double *squares, gsize n)
{
  double sum = 0;

  g_assert_cmpuint (gradient->size->size, ==, n);
  for (gsize i = 0; i < n; i++)
    {
      const double size = sqrt (squares[i] / SAMPLES);

      g_assert_cmpfloat_with_epsilon (gradient->size->data[i], size, 1e-7 + 1e-4 * size);
      sum += squares[i];
    }
  g_assert_cmpfloat (sum, >, 0);
  g_assert_cmpfloat_with_epsilon (gradient->norm, sqrt (sum / SAMPLES), 1e-4 * sqrt (sum));
}

static void
test_direct (void)
{
  Rig rig = small_rig (chain ("input | flatten | dense units=6 activation=relu | "
                              "dense units=64 activation=sigmoid | " MEAN_SQUARES),
                       NULL);
  g_autoptr (NnProbe) probe = nn_gradients_probe_new (1);
  NnGradientsResult *result = answer (probe, rig.trainer);
  double sum1[HIDDEN] = { 0 }, sum2[PIXELS] = { 0 };

  for (guint32 i = 0; i < SAMPLES; i++)
    {
      float x[PIXELS];
      double e1[HIDDEN], e2[PIXELS];

      nn_dataset_read (rig.dataset, NN_PART_TEST, 0, &i, 1, nn_kernels_best (), x);
      back_propagate (rig.trainer, x, e1, e2);
      for (guint u = 0; u < HIDDEN; u++)
        sum1[u] += e1[u] * e1[u];
      for (guint p = 0; p < PIXELS; p++)
        sum2[p] += e2[p] * e2[p];
    }
  g_assert_cmpuint (result->n_samples, ==, SAMPLES);
  g_assert_false (result->base.unfinished);
  check_sizes (gradient_of (result, 3), sum1, HIDDEN);
  check_sizes (gradient_of (result, 4), sum2, PIXELS);
  g_assert_false (gradient_of (result, 3)->last);
  g_assert_true (gradient_of (result, 4)->last);
  g_assert_cmpfloat (result->reference, ==, gradient_of (result, 4)->norm);
  g_assert_false (gradient_of (result, 2)->learns);
  g_assert_null (nn_gradients_result_find (result, 5));
  nn_probe_result_unref (&result->base);
  rig_clear (&rig);
}

static NnDesign *
classifier (const char *hidden)
{
  g_autoptr (GError) error = NULL;
  NnDesign *design = nn_design_new ();
  guint input = nn_test_add (&design, "input", NULL, 0);
  guint label = nn_test_add (&design, "input", "field=label", 0);
  guint flat = nn_test_add (&design, "flatten", NULL, input);
  guint first = nn_test_add (&design, "dense", hidden, flat);
  guint scores = nn_test_add (&design, "dense", "units=4 activation=softmax", first);
  guint loss = nn_test_add (&design, "classification-loss", NULL, scores);

  nn_test_replace (&design, nn_design_connect (design, label, 0, loss, 1, &error));
  g_assert_no_error (error);
  return design;
}

/* What the loss does when a pixel changes is the gradient at the input. */
static void
test_differences (void)
{
  Rig rig = small_rig (classifier ("units=7 activation=tanh"), NULL);
  g_autoptr (NnProbe) probe = nn_gradients_probe_new (1);
  NnGradientsResult *result = answer (probe, rig.trainer);
  guint32 index[SAMPLES];
  float x[SAMPLES * PIXELS], above[SAMPLES], below[SAMPLES];
  const float *feed[2] = { NULL, NULL };
  NnProgram *program = nn_analysis_program (nn_trainer_analysis (rig.trainer));

  for (guint32 i = 0; i < SAMPLES; i++)
    index[i] = i;
  nn_dataset_read (rig.dataset, NN_PART_TEST, 0, index, SAMPLES, nn_kernels_best (), x);
  feed[g_str_equal (nn_program_input (program, 0)->field, "image") ? 0 : 1] = x;
  for (guint p = 5; p < PIXELS; p += 11)
    {
      const float step = 1e-2f;
      double sum = 0;

      for (guint i = 0; i < SAMPLES; i++)
        x[i * PIXELS + p] += step;
      nn_trainer_values (rig.trainer, NN_PART_TEST, index, SAMPLES, feed, 0, NULL, NULL, above);
      for (guint i = 0; i < SAMPLES; i++)
        x[i * PIXELS + p] -= 2 * step;
      nn_trainer_values (rig.trainer, NN_PART_TEST, index, SAMPLES, feed, 0, NULL, NULL, below);
      for (guint i = 0; i < SAMPLES; i++)
        {
          x[i * PIXELS + p] += step;
          sum += (above[i] - below[i]) / (2 * step) * ((above[i] - below[i]) / (2 * step));
        }
      const double size = sqrt (sum / SAMPLES);
      g_assert_cmpfloat (size, >, 0);
      g_assert_cmpfloat_with_epsilon (gradient_of (result, 1)->size->data[p], size, 5e-3 * size);
    }
  /* Nothing flows back into the labels. */
  g_assert_null (nn_gradients_result_find (result, 2));
  nn_probe_result_unref (&result->base);
  rig_clear (&rig);
}

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

/* A question that may wait does not hold up another. */
static void
test_interval (void)
{
  Rig rig = rig_new (nn_test_autoencoder ("units=4", NULL), 1, NULL);
  g_autoptr (NnProbe) slow = nn_gradients_probe_new (1);
  const guint32 sample = 0;
  g_autoptr (NnProbe) quick =
      nn_node_values_probe_new (2, NN_PART_TEST, NN_PICK_LISTED, &sample, 1, 0, NULL, 0);
  g_autoptr (GPtrArray) probes = g_ptr_array_new ();
  NnProbeDesk desk;
  guint n_slow = 0, n_quick = 0;

  slow->interval = 3600 * (gint64)G_USEC_PER_SEC;
  g_ptr_array_add (probes, slow);
  g_ptr_array_add (probes, quick);
  nn_probe_desk_init (&desk);
  nn_probe_desk_set (&desk, probes);
  for (guint64 change = 1; n_quick < 3; change++)
    {
      NnProbeResult *result = nn_probe_desk_answer (&desk, change, TRUE, rig.trainer, 0);

      if (result == NULL)
        g_usleep (5000);
      else
        {
          n_slow += result->probe == 1;
          n_quick += result->probe == 2;
          nn_probe_result_unref (result);
        }
    }
  g_assert_cmpuint (n_slow, ==, 1);
  nn_probe_desk_clear (&desk);
  rig_clear (&rig);
}

/* ---- cost ---- */

#define ROUNDS 41

static gint
compare_doubles (gconstpointer a, gconstpointer b)
{
  const double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

static double
processor_seconds (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* What an answer takes of a lone thread, as often as the worker gives one while training; it waits
 * longer where that would be more than 2 %. */
static void
test_cost (gconstpointer lesson)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NnDesign) design = nn_lesson_design (lesson, &error);
  g_autoptr (NnDataset) dataset =
      nn_data_load (nn_params_text (nn_design_data (design), "name"), 0, NULL, &error);
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, nn_dataset_info (dataset), 0);
  NnPool *pool = nn_pool_new (1);
  g_autoptr (NnTrainer) trainer = nn_trainer_new (analysis, dataset, NULL, pool, &error);
  g_autoptr (NnProbe) probe = nn_gradients_probe_new (1);
  double seconds[ROUNDS];
  NnStep step;

  g_assert_no_error (error);
  for (guint i = 0; i < ROUNDS; i++)
    {
      g_assert_true (nn_trainer_step (trainer, &step, NULL));
      const double begin = processor_seconds ();
      nn_probe_result_unref (nn_probe_compute (probe, trainer, 0));
      seconds[i] = processor_seconds () - begin;
    }
  qsort (seconds, ROUNDS, sizeof seconds[0], compare_doubles);
  const double pause = (double)probe->interval / (double)G_USEC_PER_SEC;
  const double share = MIN (seconds[ROUNDS / 2] / pause, 0.02);
  g_test_minimized_result (100 * share, "%s: %.2f ms an answer, %.2f %% of training",
                           (const char *)lesson, 1e3 * seconds[ROUNDS / 2], 100 * share);
  g_clear_pointer (&trainer, nn_trainer_free);
  nn_pool_free (pool);
}

int
main (int argc, char *argv[])
{
  static const char *const lessons[] = { "simple", "convolutional", "variational", "cnn",
                                         "denoising-convolutional" };

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gradients/biases", test_biases);
  g_test_add_func ("/gradients/no-trace", test_no_trace);
  g_test_add_func ("/gradients/direct", test_direct);
  g_test_add_func ("/gradients/differences", test_differences);
  g_test_add_func ("/gradients/dead", test_dead);
  g_test_add_func ("/gradients/vanishing", test_vanishing);
  g_test_add_func ("/gradients/cut-off", test_cut_off);
  g_test_add_func ("/gradients/exploding", test_exploding);
  g_test_add_func ("/gradients/runaway", test_runaway);
  g_test_add_func ("/gradients/well", test_well);
  g_test_add_func ("/gradients/steady", test_steady);
  g_test_add_func ("/gradients/steady-runaway", test_steady_runaway);
  g_test_add_func ("/gradients/interval", test_interval);
  for (guint i = 0; g_test_perf () /* -m perf, on a quiet machine */ && i < G_N_ELEMENTS (lessons);
       i++)
    {
      g_autofree char *path = g_strconcat ("/gradients/cost/", lessons[i], NULL);

      g_test_add_data_func (path, lessons[i], test_cost);
    }
  return g_test_run ();
}
