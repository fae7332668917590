/* Places in the space of codes, and what the decoder makes of them, by a trainer without a session.
 */
#include "base/nn-error.h"
#include "explore/nn-decode-probe.h"
#include "explore/nn-probe-desk.h"
#include "layers/nn-layer.h"
#include "session-fixture.h"
#include "trainer-fixture.h"

#define CODE 3

static void
rig_set_up (Rig *rig, gconstpointer data)
{
  *rig = rig_of (fixture_design (CODE), fixture_dataset (64, 32), 1, NULL);
}

static void
rig_tear_down (Rig *rig, gconstpointer data)
{
  rig_clear (rig);
}

/* ---- places ---- */

static void
test_quantile (void)
{
  g_assert_cmpfloat (nn_normal_quantile (0.5), ==, 0);
  g_assert_cmpfloat_with_epsilon (nn_normal_quantile (0.95), 1.6448536269514722, 1e-9);
  g_assert_cmpfloat_with_epsilon (nn_normal_quantile (0.001), -3.090232306167813, 1e-8);
  for (double p = 1e-6; p < 1; p += 0.0101)
    g_assert_cmpfloat_with_epsilon (0.5 * erfc (-nn_normal_quantile (p) / G_SQRT2), p, 1e-9);
}

static void
test_grid (void)
{
  NnCodeGrid grid = {
    .n_values = 4, .x = 2, .y = 0, .n = 3, .x_low = -1, .x_high = 3, .y_low = 10, .y_high = 20
  };
  g_autoptr (NnTensor) plane = nn_code_grid (&grid, NULL);
  const float base[] = { 5, 6, 7, 8 };
  double at[5];

  g_assert_cmpuint (plane->size, ==, 9 * 4);
  /* The first row is the upper one. */
  g_assert_cmpfloat (plane->data[0], ==, 20);
  g_assert_cmpfloat (plane->data[2], ==, -1);
  g_assert_cmpfloat (plane->data[1 * 4 + 2], ==, 1);
  g_assert_cmpfloat (plane->data[8 * 4 + 0], ==, 10);
  g_assert_cmpfloat (plane->data[8 * 4 + 2], ==, 3);
  g_assert_cmpfloat (plane->data[8 * 4 + 1], ==, 0);
  grid.y = grid.x;
  g_autoptr (NnTensor) strip = nn_code_grid (&grid, base);
  g_assert_cmpuint (strip->size, ==, 3 * 4);
  g_assert_cmpfloat (strip->data[1 * 4 + 2], ==, 1);
  g_assert_cmpfloat (strip->data[1 * 4 + 3], ==, 8);

  nn_code_steps (NN_SPACING_QUANTILES, nn_normal_quantile (0.1), nn_normal_quantile (0.9), 5, at);
  for (guint i = 0; i < 5; i++)
    g_assert_cmpfloat_with_epsilon (at[i], nn_normal_quantile (0.1 + 0.2 * i), 1e-9);
}

static void
test_walk (void)
{
  const float a[] = { 2, 0 }, b[] = { 0, 4 };
  float straight[3 * 2], arc[3 * 2], line[3 * 2];

  nn_code_walk (a, b, 2, FALSE, 3, straight);
  g_assert_cmpfloat (straight[2], ==, 1);
  g_assert_cmpfloat (straight[3], ==, 2);
  nn_code_walk (a, b, 2, TRUE, 3, arc);
  g_assert_cmpfloat_with_epsilon (arc[0], 2, 1e-6);
  g_assert_cmpfloat_with_epsilon (arc[5], 4, 1e-6);
  g_assert_cmpfloat_with_epsilon (hypot (arc[2], arc[3]), 3, 1e-6); /* the mean length ... */
  g_assert_cmpfloat_with_epsilon (arc[2], arc[3], 1e-6);            /* ... halfway round */
  nn_code_walk (a, a, 2, TRUE, 3, line);
  g_assert_cmpfloat_with_epsilon (line[2], 2, 1e-6);
}

/* ---- decoding ---- */

static NnDecodeResult *
ask (Rig *rig, NnTensor *codes, NnBlend blend, const guint32 *samples)
{
  g_autoptr (NnProbe) probe = nn_decode_probe_new (1, codes, blend, NN_PART_TEST, samples, 4);

  return (NnDecodeResult *)nn_probe_compute (probe, rig->trainer, 1);
}

/* What the encoder gives, decoded, is what the whole network gives. */
static void
test_decoded (Rig *rig, gconstpointer data)
{
  const guint32 index[] = { 3, 9, 20 };
  NnAnalysis *analysis = nn_trainer_analysis (rig->trainer);
  const guint want[] = { (guint)nn_analysis_value (analysis, FIXTURE_CODE, 0),
                         (guint)nn_analysis_value (analysis, FIXTURE_OUTPUT, 0) };
  const NnShape shape = nn_shape (3, CODE), image = nn_shape (4, 4, 1);
  g_autoptr (NnTensor) codes = nn_tensor_new (&shape);
  float output[3 * FIXTURE_PIXELS];
  float *const out[] = { codes->data, output };

  nn_trainer_values (rig->trainer, NN_PART_TEST, index, 3, NULL, 2, want, out, NULL);
  NnDecodeResult *result = ask (rig, codes, NN_BLEND_STRAIGHT, index);
  g_assert_no_error (result->base.error);
  g_assert_true (nn_shape_equal (&result->decoder.shape, &image)); /* 16 values seen as the input */
  g_assert_cmpuint (result->n_given, ==, 3);
  g_assert_cmpint (result->codes->shape.dim[0], ==, 3 + 4);
  for (guint i = 0; i < 3 * FIXTURE_PIXELS; i++)
    g_assert_cmpfloat_with_epsilon (result->values->data[i], output[i], 1e-5);
  /* The walk begins at sample 3 and ends at sample 9. */
  for (guint i = 0; i < CODE; i++)
    {
      g_assert_cmpfloat_with_epsilon (result->codes->data[3 * CODE + i], codes->data[i], 1e-6);
      g_assert_cmpfloat_with_epsilon (result->codes->data[6 * CODE + i], codes->data[CODE + i],
                                      1e-6);
    }
  g_autofree char *csv = nn_decode_result_to_csv (result);
  g_assert_true (g_str_has_prefix (csv, "place,z1,z2,z3,position,value\n0,"));
  nn_probe_result_unref (&result->base);

  result = ask (rig, NULL, NN_BLEND_ARITHMETIC, index);
  g_assert_no_error (result->base.error);
  for (guint i = 0; i < CODE; i++)
    g_assert_cmpfloat_with_epsilon (
        result->codes->data[3 * CODE + i],
        codes->data[i] - codes->data[CODE + i] + codes->data[2 * CODE + i], 1e-5);
  nn_probe_result_unref (&result->base);
}

static void
test_refused (Rig *rig, gconstpointer data)
{
  const guint32 beyond[] = { 0, 32 };
  const NnShape shape = nn_shape (1, CODE + 1);
  g_autoptr (NnTensor) codes = nn_tensor_new (&shape);
  NnDecodeResult *result = ask (rig, NULL, NN_BLEND_STRAIGHT, beyond);

  g_assert_error (result->base.error, NN_ERROR, NN_ERROR_RANGE);
  nn_probe_result_unref (&result->base);
  result = ask (rig, codes, NN_BLEND_NONE, NULL);
  g_assert_error (result->base.error, NN_ERROR, NN_ERROR_SHAPE);
  nn_probe_result_unref (&result->base);
}

/* What has no number is said, not drawn. */
static void
test_not_finite (Rig *rig, gconstpointer data)
{
  const NnShape shape = nn_shape (2, CODE);
  g_autoptr (NnTensor) codes = nn_tensor_new (&shape);

  codes->data[CODE] = NAN;
  NnDecodeResult *result = ask (rig, codes, NN_BLEND_NONE, NULL);
  g_assert_error (result->base.error, NN_ERROR, NN_ERROR_NUMERIC);
  nn_probe_result_unref (&result->base);
}

/* Without a reconstruction there is nothing to decode to. */
static void
test_no_decoder (Rig *rig, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NnDesign) empty = nn_design_new ();
  g_autoptr (NnAnalysis) nothing = nn_analysis_new (empty, nn_dataset_info (rig->dataset), 0);
  NnDecoder decoder;

  g_assert_false (nn_decoder_find (nothing, &decoder, &error));
  g_assert_error (error, NN_ERROR, NN_ERROR_DESIGN);
  g_assert_cmpuint (decoder.encoded, ==, 0);
}

/* While training, a new question is answered at once, an old one after its pause. */
static void
test_hand_first (Rig *rig, gconstpointer data)
{
  const NnShape shape = nn_shape (4096, CODE);
  g_autoptr (NnTensor) codes = nn_tensor_new (&shape);
  g_autoptr (GPtrArray) probes = g_ptr_array_new_with_free_func ((GDestroyNotify)nn_probe_unref);
  g_autoptr (GPtrArray) results =
      g_ptr_array_new_with_free_func ((GDestroyNotify)nn_probe_result_unref);
  NnProbeDesk desk;

  nn_probe_desk_init (&desk);
  g_ptr_array_add (probes, nn_decode_probe_new (1, codes, NN_BLEND_NONE, NN_PART_TEST, NULL, 0));
  nn_probe_desk_set (&desk, probes);
  for (guint change = 1; change <= 2; change++)
    {
      g_assert_cmpint (nn_probe_desk_is_urgent (&desk), ==, change == 1);
      nn_probe_desk_answer (&desk, change, TRUE, rig->trainer, 1, results);
      g_assert_cmpuint (results->len, ==, 1);
    }
  g_ptr_array_add (probes, nn_decode_probe_new (2, codes, NN_BLEND_NONE, NN_PART_TEST, NULL, 0));
  nn_probe_desk_set (&desk, probes);
  g_assert_true (nn_probe_desk_is_urgent (&desk));
  nn_probe_desk_answer (&desk, 2, TRUE, rig->trainer, 1, results);
  g_assert_cmpuint (results->len, ==, 2);
  g_assert_cmpuint (((NnProbeResult *)g_ptr_array_index (results, 1))->probe, ==, 2);
  nn_probe_desk_clear (&desk);
}

#define ADD(path, func) g_test_add (path, Rig, NULL, rig_set_up, func, rig_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/code-space/quantile", test_quantile);
  g_test_add_func ("/code-space/grid", test_grid);
  g_test_add_func ("/code-space/walk", test_walk);
  ADD ("/decode/decoded", test_decoded);
  ADD ("/decode/refused", test_refused);
  ADD ("/decode/not-finite", test_not_finite);
  ADD ("/decode/no-decoder", test_no_decoder);
  ADD ("/decode/hand-first", test_hand_first);
  return g_test_run ();
}
