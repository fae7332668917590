/* Node values: the right samples of the right nodes, by a trainer without a session. */
#include "layers/nn-layer.h"
#include "base/nn-error.h"
#include "explore/nn-activations-probe.h"
#include "explore/nn-node-values-probe.h"
#include "explore/nn-weights-probe.h"
#include "session-fixture.h"
#include "trainer-fixture.h"

#define N_TRAIN 200
#define N_TEST 5000 /* more than one answer looks through */

static void
rig_set_up (Rig *rig, gconstpointer data)
{
  *rig = rig_of (fixture_design (4), fixture_dataset (N_TRAIN, N_TEST), 1, NULL);
}

static void
rig_tear_down (Rig *rig, gconstpointer data)
{
  rig_clear (rig);
}

static NnNodeValuesResult *
ask (Rig *rig, NnProbe *probe)
{
  NnProbeResult *result = nn_probe_compute (probe, rig->trainer, 3);

  g_assert_cmpuint (result->probe, ==, probe->id);
  g_assert_cmpuint (result->revision, ==, 3);
  g_assert_cmpuint (result->step, ==, nn_trainer_steps (rig->trainer));
  return (NnNodeValuesResult *)result;
}

static guint32
sample_at (const NnNodeValuesResult *result, guint i)
{
  return g_array_index (result->samples, guint32, i);
}

static void
release (NnNodeValuesResult *result)
{
  nn_probe_result_unref (&result->base);
}

/* Mean squared difference between two nodes' values of each sample. */
static void
check_losses (const NnNodeValuesResult *result)
{
  const NnNodeValues *in = nn_node_values_result_find (result, FIXTURE_INPUT);
  const NnNodeValues *out = nn_node_values_result_find (result, FIXTURE_OUTPUT);

  for (guint i = 0; i < result->samples->len; i++)
    {
      double sum = 0;

      for (guint p = 0; p < FIXTURE_PIXELS; p++)
        {
          const double d =
              in->values->data[i * FIXTURE_PIXELS + p] - out->values->data[i * FIXTURE_PIXELS + p];

          sum += d * d;
        }
      g_assert_cmpfloat_with_epsilon (result->sample_loss->data[i], sum / FIXTURE_PIXELS, 1e-5);
    }
}

static void
test_listed (Rig *rig, gconstpointer data)
{
  const guint32 samples[] = { 7, 4999, 0, 7 };
  g_autoptr (NnProbe) probe =
      nn_node_values_probe_new (5, NN_PART_TEST, NN_PICK_LISTED, samples, 4, 0, NULL, 0);
  NnNodeValuesResult *result = ask (rig, probe);
  float pixels[4 * FIXTURE_PIXELS];

  g_assert_no_error (result->base.error);
  g_assert_false (result->base.unfinished);
  g_assert_cmpmem (result->samples->data, result->samples->len * 4, samples, sizeof samples);
  for (guint i = 0; i < 4; i++)
    g_assert_cmpint (g_array_index (result->labels, gint, i), ==,
                     nn_dataset_label (rig->dataset, NN_PART_TEST, 1, samples[i]));

  /* Every node with an output, and the loss, which has none, not. */
  g_assert_cmpuint (result->nodes->len, ==, 5);
  g_assert_null (nn_node_values_result_find (result, FIXTURE_LOSS));
  const NnShape image = nn_shape (4, 4, 1), code = nn_shape (4);
  g_assert_true (
      nn_shape_equal (&nn_node_values_result_find (result, FIXTURE_INPUT)->shape, &image));
  g_assert_true (nn_shape_equal (&nn_node_values_result_find (result, FIXTURE_CODE)->shape, &code));

  nn_dataset_read (rig->dataset, NN_PART_TEST, 0, samples, 4, nn_kernels_best (), pixels);
  const NnTensor *input = nn_node_values_result_find (result, FIXTURE_INPUT)->values;
  g_assert_cmpmem (input->data, input->size * 4, pixels, sizeof pixels);
  g_assert_true (isnan (result->mean_loss));
  check_losses (result);
  release (result);
}

static void
test_some_nodes (Rig *rig, gconstpointer data)
{
  const guint32 sample = 1;
  const guint nodes[] = { FIXTURE_OUTPUT, 99, FIXTURE_CODE };
  g_autoptr (NnProbe) probe =
      nn_node_values_probe_new (5, NN_PART_TRAIN, NN_PICK_LISTED, &sample, 1, 0, nodes, 3);
  NnNodeValuesResult *result = ask (rig, probe);

  g_assert_no_error (result->base.error);
  g_assert_cmpuint (result->nodes->len, ==, 2);
  g_assert_null (nn_node_values_result_find (result, 99));
  g_assert_nonnull (nn_node_values_result_find (result, FIXTURE_CODE));
  release (result);
}

static void
test_beyond (Rig *rig, gconstpointer data)
{
  const guint32 samples[] = { 0, N_TRAIN };
  g_autoptr (NnProbe) probe =
      nn_node_values_probe_new (5, NN_PART_TRAIN, NN_PICK_LISTED, samples, 2, 0, NULL, 0);
  NnNodeValuesResult *result = ask (rig, probe);

  g_assert_error (result->base.error, NN_ERROR, NN_ERROR_RANGE);
  g_assert_nonnull (strstr (result->base.error->message, "200"));
  g_assert_null (nn_node_values_result_find (result, FIXTURE_CODE));
  release (result);
}

static void
test_random (Rig *rig, gconstpointer data)
{
  g_autoptr (NnProbe) probe =
      nn_node_values_probe_new (5, NN_PART_TRAIN, NN_PICK_RANDOM, NULL, N_TRAIN, 9, NULL, 0);
  g_autoptr (NnProbe) few =
      nn_node_values_probe_new (6, NN_PART_TRAIN, NN_PICK_RANDOM, NULL, 20, 9, NULL, 0);
  g_autoptr (NnProbe) other =
      nn_node_values_probe_new (7, NN_PART_TRAIN, NN_PICK_RANDOM, NULL, 20, 10, NULL, 0);
  NnNodeValuesResult *all = ask (rig, probe), *first = ask (rig, few), *again = ask (rig, few);
  NnNodeValuesResult *different = ask (rig, other);
  guint seen[N_TRAIN] = { 0 };

  for (guint i = 0; i < all->samples->len; i++)
    seen[sample_at (all, i)]++;
  for (guint i = 0; i < N_TRAIN; i++)
    g_assert_cmpuint (seen[i], ==, 1);
  g_assert_cmpuint (first->samples->len, ==, 20);
  g_assert_cmpmem (first->samples->data, 80, again->samples->data, 80);
  g_assert_cmpint (memcmp (first->samples->data, different->samples->data, 80), !=, 0);
  release (all);
  release (first);
  release (again);
  release (different);
}

/* Answer by answer the worst come nearer; when it is finished they are the worst of all. */
static void
test_worst (Rig *rig, gconstpointer data)
{
  g_autoptr (NnProbe) probe =
      nn_node_values_probe_new (5, NN_PART_TEST, NN_PICK_WORST, NULL, 10, 0, NULL, 0);
  g_autofree guint32 *index = g_new (guint32, N_TEST);
  g_autofree float *loss = g_new (float, N_TEST);
  NnNodeValuesResult *result = ask (rig, probe);
  guint answers = 1;
  double sum = 0;

  g_assert_true (result->base.unfinished);
  g_assert_true (isnan (result->mean_loss));
  g_assert_cmpuint (result->samples->len, ==, 10);
  while (result->base.unfinished)
    {
      release (result);
      result = ask (rig, probe);
      g_assert_cmpuint (++answers, <=, N_TEST);
    }

  for (guint i = 0; i < N_TEST; i++)
    index[i] = i;
  nn_trainer_values (rig->trainer, NN_PART_TEST, index, N_TEST, NULL, 0, NULL, NULL, loss);
  for (guint i = 0; i < N_TEST; i++)
    sum += loss[i];
  g_assert_cmpfloat_with_epsilon (result->mean_loss, sum / N_TEST, 1e-6);
  for (guint i = 0; i < 10; i++)
    {
      guint worse = 0;

      for (guint k = 0; k < N_TEST; k++)
        worse += loss[k] > loss[sample_at (result, i)];
      g_assert_cmpuint (worse, <=, i);
      g_assert_cmpfloat_with_epsilon (result->sample_loss->data[i], loss[sample_at (result, i)],
                                      1e-6);
    }
  check_losses (result);
  release (result);

  /* Other weights: it looks again. */
  NnStep step;
  g_assert_true (nn_trainer_step (rig->trainer, &step, NULL));
  result = ask (rig, probe);
  g_assert_true (result->base.unfinished);
  release (result);
}

/* The errors of samples are those of what is reconstructed, however many objectives follow. */
static void
test_several_objectives (Rig *rig, gconstpointer data)
{
  const guint32 index[] = { 0, 1, 2 };
  float alone[3], beside[3];
  guint id;

  nn_trainer_values (rig->trainer, NN_PART_TEST, index, 3, NULL, 0, NULL, NULL, alone);
  g_autoptr (NnDesign) added =
      nn_design_add_node (nn_analysis_design (nn_trainer_analysis (rig->trainer)),
                          nn_layer_type ("reconstruction-loss"), NULL, NULL, 9, 9, &id);
  g_autoptr (NnDesign) judged = nn_design_connect (added, 5, 0, id, 0, NULL);
  g_autoptr (NnDesign) both = nn_design_connect (judged, 5, 0, id, 1, NULL);
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (both, nn_dataset_info (rig->dataset), 0);
  g_assert_cmpuint (nn_analysis_judge_node (analysis), ==, 6);
  g_assert_true (nn_trainer_edit (rig->trainer, analysis, rig->dataset, NULL, NULL));
  nn_trainer_values (rig->trainer, NN_PART_TEST, index, 3, NULL, 0, NULL, NULL, beside);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpfloat (alone[i], ==, beside[i]);
}

/* A drawing that looks like a sample is answered like that sample, but has no label. */
static void
test_given (Rig *rig, gconstpointer data)
{
  const guint32 sample = 42;
  float pixels[FIXTURE_PIXELS];

  nn_dataset_read (rig->dataset, NN_PART_TEST, 0, &sample, 1, nn_kernels_best (), pixels);
  g_autoptr (NnProbe) listed =
      nn_node_values_probe_new (5, NN_PART_TEST, NN_PICK_LISTED, &sample, 1, 0, NULL, 0);
  g_autoptr (NnProbe) given =
      nn_node_values_probe_new_given (6, pixels, FIXTURE_PIXELS, NN_PART_TEST, 0, NULL, 0);
  NnNodeValuesResult *expected = ask (rig, listed), *found = ask (rig, given);
  const NnTensor *wanted = nn_node_values_result_find (expected, FIXTURE_OUTPUT)->values;

  g_assert_no_error (found->base.error);
  g_assert_cmpint (g_array_index (found->labels, gint, 0), ==, -1);
  g_assert_cmpmem (nn_node_values_result_find (found, FIXTURE_OUTPUT)->values->data,
                   wanted->size * 4, wanted->data, wanted->size * 4);
  g_assert_cmpfloat (found->sample_loss->data[0], ==, expected->sample_loss->data[0]);
  release (expected);
  release (found);

  g_autoptr (NnProbe) short_one =
      nn_node_values_probe_new_given (7, pixels, FIXTURE_PIXELS - 1, NN_PART_TEST, 0, NULL, 0);
  found = ask (rig, short_one);
  g_assert_error (found->base.error, NN_ERROR, NN_ERROR_SHAPE);
  release (found);
}

static void
check_statistics (const NnStatistics *found, const float *values, gsize n, gsize stride)
{
  double sum = 0, squares = 0;
  float min = values[0], max = values[0];
  guint zero = 0;

  for (gsize i = 0; i < n; i++)
    {
      min = MIN (min, values[i * stride]);
      max = MAX (max, values[i * stride]);
      sum += values[i * stride];
      zero += values[i * stride] == 0;
    }
  for (gsize i = 0; i < n; i++)
    squares += pow (values[i * stride] - sum / (double)n, 2);
  g_assert_cmpuint (found->n, ==, n);
  g_assert_cmpfloat (found->min, ==, min);
  g_assert_cmpfloat (found->max, ==, max);
  g_assert_cmpfloat_with_epsilon (found->mean, sum / (double)n, 1e-6);
  g_assert_cmpfloat_with_epsilon (found->deviation, sqrt (squares / (double)n), 1e-6);
  g_assert_cmpfloat_with_epsilon (found->zero, zero / (double)n, 1e-9);
}

static void
test_statistics (void)
{
  const float values[] = { 0, -1, NAN, 3, INFINITY, 0 };
  NnStatistics all;
  guint bins[4];

  nn_statistics_of (&all, values, G_N_ELEMENTS (values));
  g_assert_cmpuint (all.n, ==, 6);
  g_assert_cmpuint (all.n_bad, ==, 2);
  g_assert_cmpfloat (all.min, ==, -1);
  g_assert_cmpfloat (all.max, ==, 3);
  g_assert_cmpfloat (all.mean, ==, 0.5);
  g_assert_cmpfloat_with_epsilon (all.deviation, 1.5, 1e-12);
  g_assert_cmpfloat_with_epsilon (all.zero, 2 / 6., 1e-12);
  nn_statistics_bins (values, G_N_ELEMENTS (values), -1, 3, bins, 4);
  g_assert_cmpmem (bins, sizeof bins, ((guint[]){ 1, 2, 0, 1 }), sizeof bins);
  nn_statistics_of (&all, values + 2, 1);
  g_assert_cmpfloat (all.max, ==, 0);
}

/* Units over a batch and the average, beside the same worked out from node values. */
static void
test_activations (Rig *rig, gconstpointer data)
{
  enum
  {
    N = 37,
    UNITS = 8
  };
  const guint nodes[] = { FIXTURE_HIDDEN };
  guint32 samples[N];

  for (guint i = 0; i < N; i++)
    samples[i] = i;
  /* Unit 2 never fires: no weights, and a bias below zero. */
  g_autoptr (NnCheckpoint) was = nn_trainer_checkpoint (rig->trainer);
  g_autoptr (NnCheckpoint) numb = nn_checkpoint_new ();
  for (guint i = 0; i < was->entries->len; i++)
    {
      const NnCheckpointEntry *entry = g_ptr_array_index (was->entries, i);
      NnTensor *value = nn_tensor_copy (entry->value);

      for (gsize k = 2; entry->node == FIXTURE_HIDDEN && k < value->size; k += UNITS)
        value->data[k] = value->size == UNITS ? -1 : 0;
      nn_checkpoint_add (numb, entry->node, entry->name, value, NULL, 0);
      nn_tensor_unref (value);
    }
  g_autoptr (NnTrainer) trainer =
      nn_trainer_new (nn_trainer_analysis (rig->trainer), rig->dataset, numb, rig->pool, NULL);
  g_autoptr (NnProbe) probe =
      nn_node_values_probe_new (1, NN_PART_TEST, NN_PICK_LISTED, samples, N, 0, nodes, 1);
  NnProbeResult *listed = nn_probe_compute (probe, trainer, 1);
  const float *values =
      nn_node_values_result_find ((NnNodeValuesResult *)listed, FIXTURE_HIDDEN)->values->data;

  for (guint average = 0; average < 2; average++)
    {
      g_autoptr (NnProbe) asked =
          nn_activations_probe_new (2, NN_PART_TEST, FIXTURE_HIDDEN, 5, N, average == 1);
      NnActivationsResult *result = (NnActivationsResult *)nn_probe_compute (asked, trainer, 1);

      g_assert_no_error (result->base.error);
      g_assert_cmpuint (result->n_units, ==, UNITS);
      g_assert_cmpuint (result->n_batch, ==, N);
      g_assert_true (nn_activations_is_dead (&result->units[2]));
      g_assert_cmpuint (result->n_dead, >=, 1);
      for (guint u = 0; u < UNITS; u++)
        {
          check_statistics (&result->units[u], values + u, N, UNITS);
          g_assert_cmpfloat_with_epsilon (
              result->values->data[u],
              average ? (float)result->units[u].mean : values[5 * UNITS + u], 1e-6);
        }
      g_assert_cmpint (result->label, ==,
                       average ? -1 : (gint)nn_dataset_label (rig->dataset, NN_PART_TEST, 1, 5));
      nn_probe_result_unref (&result->base);
    }
  nn_probe_result_unref (listed);
}

static void
test_activations_refused (Rig *rig, gconstpointer data)
{
  const struct
  {
    guint node, sample;
  } bad[] = { { FIXTURE_LOSS, 0 }, { 99, 0 }, { FIXTURE_CODE, N_TEST } };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (NnProbe) probe =
          nn_activations_probe_new (2, NN_PART_TEST, bad[i].node, bad[i].sample, 16, FALSE);
      NnProbeResult *result = nn_probe_compute (probe, rig->trainer, 1);

      g_assert_error (result->error, NN_ERROR, NN_ERROR_RANGE);
      nn_probe_result_unref (result);
    }
}

static void
test_weights (Rig *rig, gconstpointer data)
{
  g_autoptr (NnProbe) probe = nn_weights_probe_new (3, FIXTURE_HIDDEN);
  g_autoptr (NnProbe) none = nn_weights_probe_new (4, FIXTURE_FLATTEN);
  NnWeightsResult *result = (NnWeightsResult *)nn_probe_compute (probe, rig->trainer, 1);
  NnProbeResult *refused = nn_probe_compute (none, rig->trainer, 1);
  g_autoptr (NnCheckpoint) checkpoint = nn_trainer_checkpoint (rig->trainer);

  g_assert_no_error (result->base.error);
  g_assert_cmpuint (result->weights->len, ==, 2);
  for (guint i = 0; i < 2; i++)
    {
      const NnWeightValues *weight = g_ptr_array_index (result->weights, i);
      const NnTensor *value = nn_checkpoint_find (checkpoint, FIXTURE_HIDDEN, weight->name)->value;

      g_assert_true (nn_shape_equal (&weight->values->shape, &value->shape));
      g_assert_cmpmem (weight->values->data, weight->values->size * 4, value->data,
                       value->size * 4);
    }
  g_assert_error (refused->error, NN_ERROR, NN_ERROR_RANGE);
  nn_probe_result_unref (refused);
  nn_probe_result_unref (&result->base);
}

#define ADD(path, func) g_test_add (path, Rig, NULL, rig_set_up, func, rig_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/probes/listed", test_listed);
  ADD ("/probes/some-nodes", test_some_nodes);
  ADD ("/probes/given", test_given);
  ADD ("/probes/beyond", test_beyond);
  ADD ("/probes/random", test_random);
  ADD ("/probes/worst", test_worst);
  ADD ("/probes/several-objectives", test_several_objectives);
  g_test_add_func ("/probes/statistics", test_statistics);
  ADD ("/probes/activations", test_activations);
  ADD ("/probes/activations-refused", test_activations_refused);
  ADD ("/probes/weights", test_weights);
  return g_test_run ();
}
