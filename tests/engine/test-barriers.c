/* Operations that look at the whole batch, over many slices and shards and on any number of
 * threads. */
#include <math.h>
#include <string.h>

#include "base/nn-rng.h"
#include "layers/nn-layer.h"
#include "model/nn-plan.h"
#include "ops/nn-op.h"

#include "nn-test-data.h"

#define BATCH 67
#define SIZE 32
#define CHANNELS 3
#define VALUES (SIZE * SIZE * CHANNELS)

typedef struct
{
  NnProgram *program;
  guint out;
  float *x, *weights[4];
} Rig;

static gint
lower (Rig *rig, const char *type_id, const char *text, guint node, const gint *in, guint n_in,
       const NnShape *shape)
{
  const NnLayerType *type = nn_layer_type (type_id);
  g_autoptr (NnParams) params = nn_test_params (type->params, text);
  gint out = -1;
  nn_program_lower_node (rig->program, type, params, node, FALSE, in, n_in, shape, &out,
                         nn_layer_n_outputs (type));
  return out;
}

/* x from 0 to 1 -> layer -> squared error against 0 */
static void
rig_init (Rig *rig, const char *type_id, const char *text)
{
  const NnShape shape = nn_shape (SIZE, SIZE, CHANNELS);
  NnRng rng;
  nn_rng_init (&rng, 1, 2, 3, 4);
  rig->program = nn_program_new ();
  const gint x = lower (rig, "input", "field=x", 10, NULL, 0, &shape);
  rig->out = (guint)lower (rig, type_id, text, 1, &x, 1, &shape);
  const gint target = lower (rig, "input", "field=target", 11, NULL, 0, &shape);
  const gint in[] = { (gint)rig->out, target };
  lower (rig, "reconstruction-loss", "loss=mean-squared-error", 2, in, 2, NULL);
  rig->x = g_new (float, BATCH *VALUES);
  for (gsize i = 0; i < BATCH * VALUES; i++)
    rig->x[i] = nn_rng_uniform (&rng) * (i % CHANNELS + 1) / CHANNELS;
  for (guint i = 0; i < rig->program->weights->len; i++)
    {
      const NnWeight *weight = nn_program_weight (rig->program, i);
      rig->weights[i] = g_new (float, weight->size);
      for (gint64 k = 0; k < weight->size; k++)
        rig->weights[i][k] = weight->state ? 0.25f * (float)i : 1.5f - (float)k;
    }
}

static void
rig_clear (Rig *rig)
{
  for (guint i = 0; i < rig->program->weights->len; i++)
    g_free (rig->weights[i]);
  g_free (rig->x);
  nn_program_unref (rig->program);
}

/* y (BATCH, VALUES) or NULL. Returns the loss. */
static double
rig_run (Rig *rig, NnPlan *plan, NnMode mode, float *y)
{
  g_autofree float *zeros = g_new0 (float, BATCH *VALUES);
  const float *const feed[] = { rig->x, zeros };
  NnBatch batch = {
    .n = BATCH,
    .feed = feed,
    .mode = mode,
    .weights = rig->weights,
    .n_want = y ? 1 : 0,
    .want = &rig->out,
    .want_out = &y,
  };
  NnPlanResult result;
  g_assert_true (nn_plan_run (plan, &batch, &result));
  return result.loss;
}

static NnPlan *
plan_for (Rig *rig, NnPool *pool)
{
  return nn_plan_new (rig->program, BATCH, NN_PLAN_TRAIN | NN_PLAN_UNFUSED, NULL, pool);
}

static void
moments (const float *x, guint channel, double *mean, double *variance)
{
  double sum = 0, squares = 0;
  for (gsize i = channel; i < BATCH * VALUES; i += CHANNELS)
    sum += (double)x[i];
  *mean = sum / (BATCH * SIZE * SIZE);
  for (gsize i = channel; i < BATCH * VALUES; i += CHANNELS)
    squares += ((double)x[i] - *mean) * ((double)x[i] - *mean);
  *variance = squares / (BATCH * SIZE * SIZE);
}

/* Each channel of the output has mean beta and deviation gamma; mean and variance are kept; and
 * evaluation uses what is kept. */
static void
test_batch_norm (void)
{
  Rig rig;
  rig_init (&rig, "batch-norm", "momentum=0.75 epsilon=1e-6");
  g_autoptr (NnPool) pool = nn_pool_new (2);
  g_autoptr (NnPlan) plan = plan_for (&rig, pool);
  g_autofree float *y = g_new (float, BATCH *VALUES);
  g_assert_cmpuint (nn_plan_n_shards (plan), >, 1);
  rig_run (&rig, plan, NN_MODE_TRAIN, y);
  for (guint c = 0; c < CHANNELS; c++)
    {
      double of_x[2], of_y[2];
      const double gamma = (double)rig.weights[2][c], beta = (double)rig.weights[3][c];
      moments (rig.x, c, &of_x[0], &of_x[1]);
      moments (y, c, &of_y[0], &of_y[1]);
      g_assert_cmpfloat_with_epsilon (of_y[0], beta, 1e-5);
      g_assert_cmpfloat_with_epsilon (of_y[1], gamma * gamma, 1e-3);
      g_assert_cmpfloat_with_epsilon (rig.weights[0][c], 0.25 * of_x[0], 1e-5);
      g_assert_cmpfloat_with_epsilon (rig.weights[1][c], 0.75 * 0.25 + 0.25 * of_x[1], 1e-5);
    }
  g_autoptr (NnPlan) evaluation = nn_plan_new (rig.program, BATCH, NN_PLAN_UNFUSED, NULL, pool);
  const float kept[] = { rig.weights[0][1], rig.weights[1][1] };
  rig_run (&rig, evaluation, NN_MODE_EVALUATE, y);
  g_assert_cmpfloat_with_epsilon (
      y[1], rig.weights[2][1] * (rig.x[1] - kept[0]) / sqrtf (kept[1]) + rig.weights[3][1], 1e-4f);
  g_assert_cmpfloat (rig.weights[0][1], ==, kept[0]);
  rig_clear (&rig);
}

/* beta sum KL (rho || mean), counted once whatever the number of slices. */
static void
test_kl_sparsity (void)
{
  Rig with, without;
  rig_init (&with, "kl-sparsity", "rho=0.2 beta=0.5");
  rig_init (&without, "flatten", NULL);
  g_autoptr (NnPool) pool = nn_pool_new (2);
  g_autoptr (NnPlan) plan = plan_for (&with, pool), plain = plan_for (&without, pool);
  g_autoptr (NnPlan) evaluation = nn_plan_new (with.program, BATCH, 0, NULL, pool);
  double wanted = 0;
  for (gsize i = 0; i < VALUES; i++)
    {
      double mean = 0;
      for (gsize n = 0; n < BATCH; n++)
        mean += (double)with.x[n * VALUES + i] / BATCH;
      wanted += 0.5 * (0.2 * log (0.2 / mean) + 0.8 * log (0.8 / (1 - mean)));
    }
  const double loss = rig_run (&with, plan, NN_MODE_TRAIN, NULL);
  g_assert_cmpfloat_with_epsilon (loss - rig_run (&without, plain, NN_MODE_TRAIN, NULL), wanted,
                                  1e-4 * wanted);
  g_assert_cmpfloat_with_epsilon (rig_run (&with, evaluation, NN_MODE_EVALUATE, NULL), loss,
                                  1e-6 * loss);
  rig_clear (&with);
  rig_clear (&without);
}

static void
test_threads (gconstpointer type)
{
  const guint n_threads[] = { 1, 2, 3, 8 };
  g_autofree float *first = NULL;
  for (guint i = 0; i < G_N_ELEMENTS (n_threads); i++)
    {
      Rig rig;
      rig_init (&rig, type, NULL);
      g_autoptr (NnPool) pool = nn_pool_new (n_threads[i]);
      g_autoptr (NnPlan) plan = plan_for (&rig, pool);
      rig_run (&rig, plan, NN_MODE_TRAIN, NULL);
      const float *dx = nn_plan_input_gradient (plan, 0);
      if (!first)
        first = g_memdup2 (dx, sizeof (float) * BATCH * VALUES);
      g_assert_cmpmem (first, sizeof (float) * BATCH * VALUES, dx, sizeof (float) * BATCH * VALUES);
      rig_clear (&rig);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/barriers/batch-norm", test_batch_norm);
  g_test_add_func ("/barriers/kl-sparsity", test_kl_sparsity);
  g_test_add_data_func ("/barriers/threads/batch-norm", "batch-norm", test_threads);
  g_test_add_data_func ("/barriers/threads/kl-sparsity", "kl-sparsity", test_threads);
  return g_test_run ();
}
