/* Gradients at every node, against the weights' own, against direct computation and differences. */
#include <math.h>
#include <pthread.h>
#include <time.h>

#include "data/nn-data-source.h"
#include "explore/nn-node-values-probe.h"
#include "explore/nn-probe-desk.h"
#include "formats/nn-lessons.h"
#include "gradients-fixture.h"
#include "layers/nn-layer.h"
#include "ops/nn-op.h"

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
  /* Not GLib's: the thread sanitizer does not see that one. */
  static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  const Sums *sums = data;
  const NnValue *seen = nn_program_value (sums->program, value);
  const guint n_units = (guint)seen->shape.dim[seen->shape.rank - 1];
  const gsize size = (gsize)seen->size;

  g_assert_cmpuint (n_units, <=, MAX_UNITS);
  pthread_mutex_lock (&mutex);
  for (gsize i = 0; i < n * size; i++)
    sums->sums[value * MAX_UNITS + i % n_units] += dy[i];
  pthread_mutex_unlock (&mutex);
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
      const guint value = nn_trainer_gradient_value (trainer, op->out[0]);
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
  g_assert_true (nn_trainer_gradients (trainer, NN_PART_TRAIN, index, 40, add_up, &sums));
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
      g_autoptr (GPtrArray) results =
          g_ptr_array_new_with_free_func ((GDestroyNotify)nn_probe_result_unref);

      nn_probe_desk_answer (&desk, change, TRUE, rig.trainer, 0, results);
      for (guint i = 0; i < results->len; i++)
        {
          const NnProbeResult *result = g_ptr_array_index (results, i);

          n_slow += result->probe == 1;
          n_quick += result->probe == 2;
        }
      if (results->len == 0)
        g_usleep (5000);
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
      const double begin = nn_test_processor_seconds ();
      nn_probe_result_unref (nn_probe_compute (probe, trainer, 0));
      seconds[i] = nn_test_processor_seconds () - begin;
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
  g_test_add_func ("/gradients/interval", test_interval);
  for (guint i = 0; g_test_perf () /* -m perf, on a quiet machine */ && i < G_N_ELEMENTS (lessons);
       i++)
    {
      g_autofree char *path = g_strconcat ("/gradients/cost/", lessons[i], NULL);

      g_test_add_data_func (path, lessons[i], test_cost);
    }
  return g_test_run ();
}
