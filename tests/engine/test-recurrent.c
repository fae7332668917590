/* Recurrent layers against the numbers of another implementation, and how they and embeddings
 * start. */
#include <math.h>
#include <string.h>

#include "layers/nn-layer.h"
#include "model/nn-initialiser.h"
#include "model/nn-plan.h"
#include "ops/nn-op.h"

#include "nn-test-data.h"

#define MAX_VALUES 64

static const NnField no_fields[1];
static const NnDataInfo no_data = {
  .name = "none", .title = "none", .n_fields = 0, .fields = no_fields
};

/* A layer behind an input; with a loss against zeros where it is trained. */
static NnProgram *
lower (const char *type_id, const char *text, const NnShape *in, gboolean with_loss, guint *value)
{
  const NnLayerType *type = nn_layer_type (type_id), *loss = nn_layer_type ("reconstruction-loss");
  g_autoptr (NnParams) params = nn_test_params (type->params, text);
  g_autoptr (NnParams) x = nn_test_params (nn_layer_type ("input")->params, "field=x");
  g_autoptr (NnParams) t = nn_test_params (nn_layer_type ("input")->params, "field=t");
  g_autoptr (NnParams) squares = nn_test_params (loss->params, "loss=mean-squared-error");
  g_autoptr (GError) error = NULL;
  NnProgram *program = nn_program_new ();
  NnShape out;
  gint from, to, target;

  nn_program_lower_node (program, nn_layer_type ("input"), x, 10, FALSE, NULL, 0, in, &from, 1);
  const NnInferContext context = { .data = &no_data, .n_in = 1, .in = in };
  g_assert_true (type->infer (params, &context, &out, &error));
  nn_program_lower_node (program, type, params, 1, FALSE, &from, 1, &out, &to, 1);
  *value = (guint)to;
  if (!with_loss)
    return program;
  nn_program_lower_node (program, nn_layer_type ("input"), t, 11, FALSE, NULL, 0, &out, &target, 1);
  const gint pair[] = { to, target };
  nn_program_lower_node (program, loss, squares, 99, FALSE, pair, 2, NULL, NULL, 0);
  return program;
}

/* ---- forward ---- */

/* PyTorch 1.13, in double: x[i] = cos (0.7 i), 3 steps of 2 values; value i of weight k is
 * 0.8 sin (1.3 i + k); LSTM's second bias 0, GRU's gates in another order. */
static const struct
{
  const char *type, *params;
  float y[12];
} known[] = {
  { "lstm",
    "units=2 return-sequences=true",
    { -0.0017474f, 0.0589113f, 0.1529006f, 0.1251299f, 0.2306534f, 0.0940913f } },
  { "lstm", "units=2", { 0.2306534f, 0.0940913f } },
  { "lstm",
    "units=2 return-sequences=true go-backwards=true",
    { 0.2074346f, 0.0626656f, 0.2503245f, 0.1391055f, 0.0967225f, 0.1849372f } },
  { "lstm",
    "units=2 return-sequences=true bidirectional=true",
    { -0.0017474f, 0.0589113f, -0.1042440f, -0.3256161f, 0.1529006f, 0.1251299f, -0.1022774f,
      -0.4423686f, 0.2306534f, 0.0940913f, -0.0909869f, -0.3419022f } },
  { "lstm", "units=2 bidirectional=true merge=sum", { 0.1264095f, -0.2315248f } },
  { "gru",
    "units=2 return-sequences=true",
    { 0.0812150f, 0.4155126f, 0.2763703f, 0.1831766f, 0.5559764f, -0.3049178f } },
  { "gru", "units=2", { 0.5559764f, -0.3049178f } },
  { "gru",
    "units=2 return-sequences=true go-backwards=true",
    { 0.4742581f, -0.4837997f, 0.4255956f, -0.1149703f, 0.3935907f, 0.2943054f } },
  { "gru",
    "units=2 return-sequences=true bidirectional=true",
    { 0.0812150f, 0.4155126f, -0.4656072f, -0.3470572f, 0.2763703f, 0.1831766f, -0.5356278f,
      -0.0091772f, 0.5559764f, -0.3049178f, -0.4407030f, 0.0240859f } },
  { "gru", "units=2 bidirectional=true merge=sum", { 0.0903693f, -0.6519750f } },
  { "simple-rnn",
    "units=2 return-sequences=true",
    { 0.7790148f, 0.2201597f, 0.7468145f, 0.5185029f, 0.5786441f, -0.2906313f } },
  { "simple-rnn", "units=2", { 0.5786441f, -0.2906313f } },
  { "simple-rnn",
    "units=2 return-sequences=true go-backwards=true",
    { 0.3285859f, -0.3250244f, 0.6939315f, 0.6255517f, 0.8587444f, 0.1451072f } },
  { "simple-rnn",
    "units=2 return-sequences=true bidirectional=true",
    { 0.7790148f, 0.2201597f, -0.7129521f, -0.1400129f, 0.7468145f, 0.5185029f, -0.1942889f,
      0.1191894f, 0.5786441f, -0.2906313f, -0.3804532f, 0.2642665f } },
  { "simple-rnn", "units=2 bidirectional=true merge=sum", { -0.1343080f, -0.4306442f } },
};

static void
test_known (void)
{
  g_autoptr (NnPool) pool = nn_pool_new (1);
  for (gsize row = 0; row < G_N_ELEMENTS (known); row++)
    {
      guint value;
      NnProgram *program =
          lower (known[row].type, known[row].params, &nn_shape (3, 2), FALSE, &value);
      float x[6], y[12], w[6][MAX_VALUES];
      float *weights[6], *out = y;
      const float *feed = x;
      for (guint i = 0; i < 6; i++)
        x[i] = (float)cos (0.7 * i);
      for (guint k = 0; k < program->weights->len; k++)
        {
          weights[k] = w[k];
          for (gint64 i = 0; i < nn_program_weight (program, k)->size; i++)
            w[k][i] = (float)(0.8 * sin (1.3 * (double)i + k));
        }
      const NnBatch batch = { .n = 1,
                              .feed = &feed,
                              .mode = NN_MODE_EVALUATE,
                              .step = NN_STEP_EVALUATE,
                              .weights = weights,
                              .n_want = 1,
                              .want = &value,
                              .want_out = &out };
      for (const NnKernels *const *kernels = nn_kernels_all (); *kernels; kernels++)
        {
          g_autoptr (NnPlan) plan = nn_plan_new (program, 1, NN_PLAN_UNFUSED, *kernels, pool);
          g_assert_true (nn_plan_run (plan, &batch, NULL));
          for (gint64 i = 0; i < nn_program_value (program, value)->size; i++)
            if (fabsf (y[i] - known[row].y[i]) > 2e-6f)
              g_error ("%s %s, %s: value %d is %g, expected %g", (*kernels)->name, known[row].type,
                       known[row].params, (gint)i, (double)y[i], (double)known[row].y[i]);
        }
      nn_program_unref (program);
    }
}

/* ---- embedding ---- */

/* What is no row of the table is row 0, and only rows that were read learn. */
static void
test_embedding (void)
{
  g_autoptr (NnPool) pool = nn_pool_new (1);
  static const float x[] = { 2, -1, 4, NAN, INFINITY, 1e30f };
  static const float zeros[12];
  const float *feed[] = { x, zeros };
  float table[] = { 1, 2, 3, 4, 5, 6, 7, 8 }, g[8];
  float *weights[] = { table };
  guint value;
  NnProgram *program = lower ("embedding", "units=2 entries=4", &nn_shape (6), TRUE, &value);
  NnBatch batch = { .n = 1, .feed = feed, .mode = NN_MODE_TRAIN, .weights = weights };
  NnPlanResult result;
  g_autoptr (NnPlan) plan = nn_plan_new (program, 1, NN_PLAN_TRAIN, NULL, pool);
  g_assert_true (nn_plan_run (plan, &batch, &result));
  /* row 2 once, row 0 five times, mean over 12 values */
  g_assert_cmpfloat_with_epsilon (result.loss, (25 + 36 + 5 * (1 + 4)) / 12.0, 1e-5);
  nn_plan_gradient (plan, 0, g);
  const float expected[] = { 10 / 12.0f, 20 / 12.0f, 0, 0, 10 / 12.0f, 1, 0, 0 };
  for (guint i = 0; i < 8; i++)
    g_assert_cmpfloat_with_epsilon (g[i], expected[i], 1e-5f);
  nn_program_unref (program);
}

/* ---- start ---- */

static void
test_forget_bias (void)
{
  guint value;
  NnProgram *program = lower ("lstm", "units=3", &nn_shape (2, 2), FALSE, &value);
  float bias[12];
  nn_initialise (nn_program_weight (program, 2), 1, 2, bias);
  for (guint i = 0; i < 12; i++)
    g_assert_cmpfloat (bias[i], ==, i >= 3 && i < 6 ? 1 : 0);
  nn_program_unref (program);
}

/* The shorter side's vectors have length 1 and stand at right angles. */
static void
check_orthogonal (gint64 rows, gint64 cols)
{
  const NnWeight weight = {
    .node = 1, .shape = nn_shape (rows, cols), .size = rows * cols, .init = NN_INIT_ORTHOGONAL
  };
  g_autofree float *w = g_new (float, weight.size);
  const gint64 n = MIN (rows, cols), length = MAX (rows, cols);
  const gint64 next = rows <= cols ? cols : 1, step = rows <= cols ? 1 : cols;
  nn_initialise (&weight, 5, 0, w);
  for (gint64 a = 0; a < n; a++)
    for (gint64 b = 0; b <= a; b++)
      {
        double dot = 0;
        for (gint64 i = 0; i < length; i++)
          dot += (double)w[a * next + i * step] * (double)w[b * next + i * step];
        g_assert_cmpfloat_with_epsilon (dot, a == b, 1e-6);
      }
}

static void
test_orthogonal (void)
{
  check_orthogonal (8, 32);
  check_orthogonal (32, 8);
  check_orthogonal (13, 13);
  check_orthogonal (1, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/recurrent/known", test_known);
  g_test_add_func ("/recurrent/embedding", test_embedding);
  g_test_add_func ("/recurrent/forget-bias", test_forget_bias);
  g_test_add_func ("/recurrent/orthogonal", test_orthogonal);
  return g_test_run ();
}
