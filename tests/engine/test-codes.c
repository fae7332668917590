/* Codes of many samples: those of the encoder, in pieces, the mean where the code is sampled. */
#include "layers/nn-layer.h"

#include "base/nn-error.h"
#include "explore/nn-codes-probe.h"
#include "session-fixture.h"
#include "trainer-fixture.h"

#define N_TRAIN 200
#define N_TEST 3000

/* design (transfer full) */
static Rig
rig_on_stripes (NnDesign *design)
{
  return rig_of (design, fixture_dataset (N_TRAIN, N_TEST), 1, NULL);
}

static NnCodesResult *
ask (Rig *rig, NnProbe *probe)
{
  return (NnCodesResult *)nn_probe_compute (probe, rig->trainer, 1);
}

static void
release (NnCodesResult *result)
{
  nn_probe_result_unref (&result->base);
}

/* Asks until the answer is finished. */
static NnCodesResult *
ask_to_end (Rig *rig, NnProbe *probe)
{
  NnCodesResult *result = ask (rig, probe);

  for (guint asked = 1; result->base.unfinished; asked++)
    {
      g_assert_cmpuint (asked, <, 1000);
      g_assert_cmpuint (result->samples->len, ==, result->labels->len);
      g_assert_cmpint (result->codes->shape.dim[0], ==, result->samples->len);
      release (result);
      result = ask (rig, probe);
    }
  g_assert_no_error (result->base.error);
  return result;
}

/* The output of a node for all that the result is of. */
static void
check_values (Rig *rig, const NnCodesResult *result, guint node, const NnTensor *values)
{
  const guint value = (guint)nn_analysis_value (nn_trainer_analysis (rig->trainer), node, 0);
  g_autofree float *expected = g_new (float, values->size);

  nn_trainer_values (rig->trainer, NN_PART_TEST, (const guint32 *)(gpointer)result->samples->data,
                     result->samples->len, NULL, 1, &value, &expected, NULL);
  g_assert_cmpmem (values->data, values->size * sizeof (float), expected,
                   values->size * sizeof (float));
}

static void
test_all (void)
{
  Rig rig = rig_on_stripes (fixture_design (2));
  g_autoptr (NnProbe) probe = nn_codes_probe_new (4, NN_PART_TEST, NULL, NN_CODES_MAX_SAMPLES);
  NnCodesResult *result = ask_to_end (&rig, probe), *again;
  NnStep step;

  g_assert_cmpuint (result->base.probe, ==, 4);
  g_assert_cmpuint (result->node, ==, FIXTURE_CODE);
  g_assert_cmpuint (result->samples->len, ==, N_TEST);
  g_assert_null (result->log_variance);
  for (guint i = 0; i < N_TEST; i++)
    {
      g_assert_cmpuint (g_array_index (result->samples, guint32, i), ==, i);
      g_assert_cmpint (g_array_index (result->labels, gint, i), ==,
                       nn_dataset_label (rig.dataset, NN_PART_TEST, 1, i));
    }
  check_values (&rig, result, FIXTURE_CODE, result->codes);

  /* The same weights: the same codes, nothing is computed. */
  again = ask (&rig, probe);
  g_assert_cmpuint (again->pass, ==, result->pass);
  g_assert_true (again->codes == result->codes);
  g_assert_false (again->base.unfinished);
  release (again);

  /* Other weights: at once or a little later, but then without being told again. */
  g_assert_true (nn_trainer_step (rig.trainer, &step, NULL));
  again = ask_to_end (&rig, probe);
  g_assert_cmpuint (again->pass, >, result->pass);
  check_values (&rig, again, FIXTURE_CODE, again->codes);
  release (again);
  release (result);
  rig_clear (&rig);
}

static void
test_listed (void)
{
  const guint32 samples[] = { 2999, 7, 7, 0 };
  const guint32 beyond = N_TEST;
  Rig rig = rig_on_stripes (fixture_design (2));
  g_autoptr (NnProbe) probe = nn_codes_probe_new (4, NN_PART_TEST, samples, 4);
  g_autoptr (NnProbe) wrong = nn_codes_probe_new (5, NN_PART_TEST, &beyond, 1);
  g_autoptr (NnProbe) empty = nn_codes_probe_new (5, NN_PART_TEST, NULL, 0);
  NnCodesResult *result = ask_to_end (&rig, probe);

  g_assert_cmpmem (result->samples->data, result->samples->len * 4, samples, sizeof samples);
  check_values (&rig, result, FIXTURE_CODE, result->codes);
  release (result);
  result = ask (&rig, wrong);
  g_assert_error (result->base.error, NN_ERROR, NN_ERROR_RANGE);
  release (result);
  result = ask (&rig, empty);
  g_assert_error (result->base.error, NN_ERROR, NN_ERROR_RANGE);
  release (result);
  rig_clear (&rig);
}

/* Input, flatten, mean, log-variance (3, 4), sampling, output, loss. */
static NnDesign *
variational_design (void)
{
  NnDesign *design = fixture_design (2);
  g_autoptr (GError) error = NULL;
  guint log_variance, sampling;

  nn_test_replace (&design, nn_design_disconnect (design, FIXTURE_OUTPUT, 0));
  log_variance = nn_test_add (&design, "dense", "units=2", FIXTURE_HIDDEN);
  sampling = nn_test_add (&design, "sampling", NULL, FIXTURE_CODE);
  nn_test_replace (&design, nn_design_connect (design, log_variance, 0, sampling, 1, &error));
  nn_test_replace (&design, nn_design_connect (design, sampling, 0, FIXTURE_OUTPUT, 0, &error));
  g_assert_no_error (error);
  return design;
}

static void
test_variational (void)
{
  Rig rig = rig_on_stripes (variational_design ());
  g_autoptr (NnProbe) probe = nn_codes_probe_new (4, NN_PART_TEST, NULL, 500);
  NnCodesResult *result = ask_to_end (&rig, probe);
  const guint sampling = nn_analysis_code_node (nn_trainer_analysis (rig.trainer));
  const guint value = (guint)nn_analysis_value (nn_trainer_analysis (rig.trainer), sampling, 0);
  float drawn[2], *out = drawn;

  g_assert_cmpuint (result->samples->len, ==, 500);
  g_assert_cmpuint (result->node, ==, sampling);
  g_assert_nonnull (result->log_variance);
  check_values (&rig, result, FIXTURE_CODE, result->codes);
  check_values (&rig, result, FIXTURE_LOSS + 1, result->log_variance);
  nn_trainer_values (rig.trainer, NN_PART_TEST, (const guint32 *)(gpointer)result->samples->data, 1,
                     NULL, 1, &value, &out, NULL);
  g_assert_cmpfloat (drawn[0], !=, result->codes->data[0]);
  release (result);
  rig_clear (&rig);
}

/* A classifier has no code; when the design has one again, the same probe answers. */
static void
test_no_code (void)
{
  NnDesign *design = nn_design_new ();
  guint input = nn_test_add (&design, "input", NULL, 0);
  guint flatten = nn_test_add (&design, "flatten", NULL, input);
  guint output = nn_test_add (&design, "dense", "units=3 activation=softmax", flatten);
  g_autoptr (NnDesign) other = fixture_design (2);
  g_autoptr (NnProbe) probe = nn_codes_probe_new (4, NN_PART_TEST, NULL, 100);
  NnCodesResult *result;

  nn_test_add (&design, "classification-loss", NULL, output);
  Rig rig = rig_on_stripes (design);
  result = ask (&rig, probe);
  g_assert_error (result->base.error, NN_ERROR, NN_ERROR_UNSUPPORTED);
  release (result);

  g_autoptr (NnAnalysis) analysis = nn_analysis_new (other, nn_dataset_info (rig.dataset), 0);
  g_assert_true (nn_trainer_edit (rig.trainer, analysis, rig.dataset, NULL, NULL));
  result = ask_to_end (&rig, probe);
  g_assert_cmpuint (result->samples->len, ==, 100);
  release (result);
  rig_clear (&rig);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/codes/all", test_all);
  g_test_add_func ("/codes/listed", test_listed);
  g_test_add_func ("/codes/variational", test_variational);
  g_test_add_func ("/codes/no-code", test_no_code);
  return g_test_run ();
}
