/* The vector quantizer's choice, losses and gradients against numbers worked out by hand: its
 * gradient is not that of the loss, so no difference of losses can check it. */
#include <math.h>

#include "layers/nn-layer.h"
#include "model/nn-initialiser.h"
#include "model/nn-plan.h"
#include "ops/nn-op.h"

#include "nn-test-data.h"

/* Two vectors of two values; three codes; in front of a mean squared error. */
static NnProgram *
make_program (const char *params_text)
{
  const NnLayerType *type = nn_layer_type ("vector-quantizer"), *input = nn_layer_type ("input");
  const NnLayerType *loss = nn_layer_type ("reconstruction-loss");
  g_autoptr (NnParams) params = nn_test_params (type->params, params_text);
  g_autoptr (NnParams) x_params = nn_test_params (input->params, "field=x");
  g_autoptr (NnParams) t_params = nn_test_params (input->params, "field=t");
  g_autoptr (NnParams) loss_params = nn_test_params (loss->params, "loss=mean-squared-error");
  const NnShape shape = nn_shape (2, 2);
  NnProgram *program = nn_program_new ();
  gint x, y, ports[2];

  nn_program_lower_node (program, input, x_params, 1, FALSE, NULL, 0, &shape, &x, 1);
  nn_program_lower_node (program, type, params, 2, FALSE, &x, 1, &shape, &y, 1);
  nn_program_lower_node (program, input, t_params, 3, FALSE, NULL, 0, &shape, &ports[1], 1);
  ports[0] = y;
  nn_program_lower_node (program, loss, loss_params, 4, FALSE, ports, 2, NULL, NULL, 0);
  return program;
}

static void
assert_near (const float *found, const float *wanted, gsize n)
{
  for (gsize i = 0; i < n; i++)
    g_assert_cmpfloat_with_epsilon (found[i], wanted[i], 1e-6f);
}

/* (0.5, 0) lies between the first two codes, and the first is taken; (0.2, 0.9) becomes (0, 1). The
 * second sample is of codes themselves. */
static void
test_values (void)
{
  static float codebook[] = { 0, 0, 1, 0, 0, 1 };
  static const float x[] = { 0.5f, 0, 0.2f, 0.9f, 1, 0, 0, 0 };
  static const float t[] = { 0, 0, 0, 0, 1, 1, 0, 0 };
  /* Straight from the squared error, 2 (y - t) / 4 / 2, and the commitment, 2 beta (x - y) / 4 / 2.
   */
  static const float dx[] = { 0.03125f, 0, 0.0125f, 0.25f - 0.00625f, 0, -0.25f, 0, 0 };
  /* Of the codebook's loss alone, 2 (e - x) / 4 / 2. */
  static const float de[] = { -0.125f, 0, 0, 0, -0.05f, 0.025f };
  NnProgram *program = make_program ("codes=3");
  NnPool *pool = nn_pool_new (2);
  float *const weights[] = { codebook };
  const float *const feed[] = { x, t };
  const NnBatch batch = { .n = 2, .feed = feed, .mode = NN_MODE_TRAIN, .weights = weights };

  for (guint unfused = 0; unfused < 2; unfused++)
    {
      NnPlan *plan =
          nn_plan_new (program, 2, NN_PLAN_TRAIN | (unfused ? NN_PLAN_UNFUSED : 0), NULL, pool);
      NnPlanResult result;
      float g[6];

      g_assert_true (nn_plan_run (plan, &batch, &result));
      /* (1 + beta) (0.25 + 0.04 + 0.01) / 4, and squared errors of 1 and of 1, over two samples. */
      g_assert_cmpfloat_with_epsilon (result.loss, (1.25 * 0.3 / 4 + 0.25 + 0.25) / 2, 1e-6);
      nn_plan_gradient (plan, 0, g);
      assert_near (g, de, 6);
      if (unfused)
        assert_near (nn_plan_input_gradient (plan, 0), dx, 8);
      nn_plan_free (plan);
    }
  nn_pool_free (pool);
  nn_program_unref (program);
}

/* Uniform within 1 / codes. */
static void
test_initial_codes (void)
{
  NnProgram *program = make_program ("codes=50");
  const NnWeight *weight = nn_program_weight (program, 0);
  g_autofree float *w = g_new (float, weight->size);
  float largest = 0;

  nn_initialise (weight, 5, 0, w);
  for (gint64 i = 0; i < weight->size; i++)
    largest = MAX (largest, fabsf (w[i]));
  g_assert_cmpfloat (largest, <=, 1.0f / 50);
  g_assert_cmpfloat (largest, >, 0.9f / 50);
  nn_program_unref (program);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/quantizer/values", test_values);
  g_test_add_func ("/quantizer/initial-codes", test_initial_codes);
  return g_test_run ();
}
