/* Walks the registry: every layer type's test configurations, gradients against numeric
 * differences. */
#include <math.h>
#include <string.h>

#include "base/nn-rng.h"
#include "data/nn-dataset.h"
#include "layers/nn-layer.h"
#include "model/nn-initialiser.h"
#include "model/nn-plan.h"
#include "objectives/nn-objective.h"
#include "ops/nn-op.h"

#include "nn-test-data.h"

#define BATCH 5

/* A layer behind its inputs, in front of a squared error where it is not a loss itself. */
typedef struct
{
  NnProgram *program;
  guint n_inputs;
  float *feed[8]; /* per program input, (BATCH, S) */
  float *weights[32];
  NnPool *pool;
  guint n;          /* samples, at most BATCH */
  gboolean whole;   /* inputs are whole numbers: they have no gradient */
  const char *idle; /* name of a weight that nothing depends on, or NULL */
} Rig;

static const NnField no_fields[1];
static const NnDataInfo no_data = {
  .name = "none", .title = "none", .n_fields = 0, .fields = no_fields
};

/* What a loss is given; only the first gets a gradient. */
static const char *const loss_fields[] = { "in0", "wanted", "wanted weight" };

/* weight: NULL, or the shape of what is on the third port. */
static void
lower_weighted_loss (NnProgram *program, gint prediction, const NnShape *shape, const char *type_id,
                     const char *text, const char *weight)
{
  const NnLayerType *type = nn_layer_type (type_id);
  g_autoptr (NnParams) params = nn_test_params (type->params, text);
  const gboolean sparse = nn_objective_type (nn_params_text (params, "loss"))->sparse;
  gint in[3] = { prediction,
                 nn_test_program_input (program, "wanted", sparse ? &nn_shape (1) : shape) };
  NnShape weight_shape;
  if (weight)
    {
      g_assert_true (nn_shape_parse (weight, FALSE, &weight_shape, NULL));
      in[2] = nn_test_program_input (program, "wanted weight", &weight_shape);
    }
  nn_program_lower_node (program, type, params, 99, FALSE, in, weight ? 3 : 2, NULL, NULL, 0);
}

static void
lower_loss (NnProgram *program, gint prediction, const NnShape *shape, const char *type_id,
            const char *text)
{
  lower_weighted_loss (program, prediction, shape, type_id, text, NULL);
}

static void
fill (Rig *rig, gboolean unit)
{
  NnRng rng;
  nn_rng_init (&rng, 7, 1, 2, 3);
  rig->n_inputs = rig->program->inputs->len;
  for (guint i = 0; i < rig->n_inputs; i++)
    {
      const NnValue *value =
          nn_program_value (rig->program, nn_program_input (rig->program, i)->value);
      rig->feed[i] = nn_alloc_floats (BATCH * (gsize)value->size);
      for (gint64 k = 0; k < BATCH * value->size; k++)
        rig->feed[i][k] = rig->whole ? (float)nn_rng_below (&rng, 4)
                          : unit     ? 0.1f + 0.8f * nn_rng_uniform (&rng)
                                     : nn_rng_normal (&rng);
    }
  for (guint i = 0; i < rig->program->weights->len; i++)
    {
      const NnWeight *weight = nn_program_weight (rig->program, i);
      rig->weights[i] = nn_alloc_floats ((gsize)weight->size);
      for (gint64 k = 0; k < weight->size; k++)
        rig->weights[i][k] = 0.5f * nn_rng_normal (&rng);
    }
  rig->pool = nn_pool_new (2);
  rig->n = BATCH;
}

static void
clear (Rig *rig)
{
  for (guint i = 0; i < rig->n_inputs; i++)
    nn_free_aligned (rig->feed[i]);
  for (guint i = 0; i < rig->program->weights->len; i++)
    nn_free_aligned (rig->weights[i]);
  nn_pool_free (rig->pool);
  nn_program_unref (rig->program);
}

static double
run (Rig *rig, NnPlan *plan)
{
  NnBatch batch = {
    .n = rig->n,
    .feed = (const float *const *)rig->feed,
    .mode = NN_MODE_TRAIN,
    .seed = 3,
    .step = 5,
    .weights = rig->weights,
  };
  NnPlanResult result;
  g_assert_true (nn_plan_run (plan, &batch, &result));
  return result.loss;
}

/* Central difference; NaN where two step widths disagree: a kink lies between. */
static double
numeric (Rig *rig, NnPlan *plan, float *at)
{
  double slope[2];
  for (guint i = 0; i < 2; i++)
    {
      const float h = i ? 2e-3f : 4e-3f, was = *at;
      *at = was + h;
      double up = run (rig, plan);
      const double width = (double)*at;
      *at = was - h;
      double down = run (rig, plan);
      slope[i] = (up - down) / (width - (double)*at);
      *at = was;
    }
  if (fabs (slope[0] - slope[1]) > 2e-3 + 2e-2 * fabs (slope[0]))
    return NAN;
  return slope[1];
}

static void
check_gradient (Rig *rig, NnPlan *plan, const char *what, float *at, const float *g, gsize n,
                double tolerance)
{
  guint n_checked = 0;
  double largest = 0;
  for (gsize i = 0; i < n; i++)
    {
      double want = numeric (rig, plan, at + i);
      if (isnan (want))
        continue;
      n_checked++;
      largest = MAX (largest, fabs ((double)g[i]));
      if (fabs (want - (double)g[i]) > 5e-4 + tolerance * fabs (want))
        g_error ("%s[%zu]: gradient %g, numeric %g", what, i, (double)g[i], want);
    }
  g_assert_cmpuint (n_checked * 10, >=, n * 7);
  if (largest == 0)
    g_error ("%s: the whole gradient is zero", what);
}

static void
check_rig (Rig *rig, double tolerance)
{
  for (guint flags = NN_PLAN_TRAIN; flags <= (NN_PLAN_TRAIN | NN_PLAN_UNFUSED);
       flags += NN_PLAN_UNFUSED)
    {
      g_autoptr (NnPlan) plan = nn_plan_new (rig->program, rig->n, flags, NULL, rig->pool);
      for (guint i = 0; i < rig->program->weights->len; i++)
        {
          const NnWeight *weight = nn_program_weight (rig->program, i);
          g_autofree float *g = g_new (float, weight->size);
          if (weight->state)
            continue;
          run (rig, plan);
          nn_plan_gradient (plan, i, g);
          if (g_strcmp0 (weight->name, rig->idle) == 0)
            {
              for (gint64 k = 0; k < weight->size; k++)
                g_assert_cmpfloat (g[k], ==, 0);
              continue;
            }
          check_gradient (rig, plan, weight->name, rig->weights[i], g, (gsize)weight->size,
                          tolerance);
        }
      for (guint i = 0; i < rig->n_inputs && (flags & NN_PLAN_UNFUSED); i++)
        {
          const NnProgramInput *input = nn_program_input (rig->program, i);
          const gsize n = rig->n * (gsize)nn_program_value (rig->program, input->value)->size;
          run (rig, plan);
          if (g_str_has_prefix (input->field, "wanted"))
            continue;
          g_autofree float *g = g_memdup2 (nn_plan_input_gradient (plan, i), n * sizeof (float));
          if (rig->whole)
            {
              for (gsize k = 0; k < n; k++)
                g_assert_cmpfloat (g[k], ==, 0);
              continue;
            }
          check_gradient (rig, plan, input->field, rig->feed[i], g, n, tolerance);
        }
    }
}

static void check_fused (Rig *rig);

/* What can be said of a gradient that is not the loss's: it is there, and the same in any plan. */
static void
check_estimator (Rig *rig)
{
  g_autoptr (NnPlan) plan =
      nn_plan_new (rig->program, BATCH, NN_PLAN_TRAIN | NN_PLAN_UNFUSED, NULL, rig->pool);
  const NnValue *value = nn_program_value (rig->program, nn_program_input (rig->program, 0)->value);
  float largest = 0;

  run (rig, plan);
  for (gint64 i = 0; i < BATCH * value->size; i++)
    largest = MAX (largest, fabsf (nn_plan_input_gradient (plan, 0)[i]));
  g_assert_cmpfloat (largest, >, 0);
  g_assert_true (isfinite (largest));
  check_fused (rig);
}

static void
test_layer (gconstpointer data)
{
  gconstpointer const *pair = data;
  const NnLayerType *type = pair[0];
  const NnLayerTest *test = pair[1];
  g_autoptr (NnParams) params = nn_test_params (type->params, test->params);
  g_autoptr (GError) error = NULL;
  const gboolean is_loss = (type->flags & NN_LAYER_OBJECTIVE) != 0;
  NnShape in[3], out[NN_OP_MAX_OUT];
  gint values[3], result[NN_OP_MAX_OUT];
  guint n_in = 0;
  Rig rig = { .program = nn_program_new (), .whole = test->whole, .idle = test->idle };

  for (; n_in < 3 && test->in[n_in]; n_in++)
    {
      g_autofree char *field = g_strdup_printf ("in%u", n_in);
      g_assert_true (nn_shape_parse (test->in[n_in], FALSE, &in[n_in], &error));
      values[n_in] =
          nn_test_program_input (rig.program, is_loss ? loss_fields[n_in] : field, &in[n_in]);
    }
  NnInferContext context = { .data = &no_data, .n_in = n_in, .in = in };
  g_assert_true (type->infer (params, &context, out, &error));
  nn_program_lower_node (rig.program, type, params, 1, FALSE, values, n_in, out, result,
                         nn_layer_n_outputs (type));
  if (!is_loss)
    {
      g_assert_true (nn_shape_equal (&out[0], &nn_program_value (rig.program, result[0])->shape));
      lower_loss (rig.program, result[0], &out[0], "reconstruction-loss",
                  "loss=mean-squared-error weight=3");
    }
  fill (&rig, is_loss || test->unit_range);
  if (test->estimator)
    {
      g_test_message ("compared with no differences: %s", test->estimator);
      check_estimator (&rig);
      clear (&rig);
      return;
    }
  check_rig (&rig, test->tolerance > 0 ? test->tolerance : 1e-2);
  rig.n = 1;
  if (!test->constant_alone)
    check_rig (&rig, test->tolerance > 0 ? test->tolerance : 1e-2);
  clear (&rig);
}

/* A plan gives the same loss and gradients whether or not its rewrite rules are applied. */
static void
check_fused (Rig *rig)
{
  g_autoptr (NnPlan) fused = nn_plan_new (rig->program, BATCH, NN_PLAN_TRAIN, NULL, rig->pool);
  g_autoptr (NnPlan) plain =
      nn_plan_new (rig->program, BATCH, NN_PLAN_TRAIN | NN_PLAN_UNFUSED, NULL, rig->pool);
  g_assert_cmpfloat_with_epsilon (run (rig, fused), run (rig, plain), 1e-5);
  for (guint i = 0; i < rig->program->weights->len; i++)
    {
      const gsize n = (gsize)nn_program_weight (rig->program, i)->size;
      g_autofree float *a = g_new (float, n), *b = g_new (float, n);
      nn_plan_gradient (fused, i, a);
      nn_plan_gradient (plain, i, b);
      for (gsize k = 0; k < n; k++)
        g_assert_cmpfloat_with_epsilon (a[k], b[k], 1e-5f);
    }
}

/* Two dense layers that share an input, one behind the other, in front of a loss: where gradients
 * meet, and where the loss takes logits. */
static void
test_network (gconstpointer data)
{
  const char *const *text = data; /* last layer, loss type, loss, shape of its weight */
  const NnLayerType *dense = nn_layer_type ("dense");
  g_autoptr (NnParams) hidden =
      nn_test_params (dense->params, "units=4 activation=tanh activity-l1=0.02");
  g_autoptr (NnParams) last = nn_test_params (dense->params, text[0]);
  Rig rig = { .program = nn_program_new () };
  gint x = nn_test_program_input (rig.program, "in0", &nn_shape (6)), h, y;
  nn_program_lower_node (rig.program, dense, hidden, 1, FALSE, &x, 1, &nn_shape (4), &h, 1);
  nn_program_lower_node (rig.program, dense, last, 2, FALSE, &h, 1, &nn_shape (4), &y, 1);
  lower_weighted_loss (rig.program, y, &nn_shape (4), text[1], text[2], text[3]);
  lower_loss (rig.program, h, &nn_shape (4), "reconstruction-loss", "loss=mean-squared-error");
  fill (&rig, TRUE);
  check_rig (&rig, 1e-2);

  check_fused (&rig);
  clear (&rig);
}

/* One value on several ports of a layer, and on other layers too: gradients meet in one step and
 * from several. */
static void
test_shared_value (gconstpointer data)
{
  const NnLayerType *type = nn_layer_type (data), *dense = nn_layer_type ("dense");
  g_autoptr (NnParams) plain = nn_params_new (type->params);
  g_autoptr (NnParams) params = nn_test_params (dense->params, "units=4 activation=tanh");
  const gboolean is_wider = g_str_equal (type->id, "concatenate");
  const NnShape joined = is_wider ? nn_shape (12) : nn_shape (4);
  Rig rig = { .program = nn_program_new () };
  gint x = nn_test_program_input (rig.program, "in0", &nn_shape (4)), h, other, y;
  nn_program_lower_node (rig.program, dense, params, 1, FALSE, &x, 1, &nn_shape (4), &h, 1);
  nn_program_lower_node (rig.program, dense, params, 2, FALSE, &h, 1, &nn_shape (4), &other, 1);
  const gint in[] = { h, other, h };
  nn_program_lower_node (rig.program, type, plain, 3, FALSE, in, 3, &joined, &y, 1);
  lower_loss (rig.program, y, &joined, "reconstruction-loss", "loss=mean-squared-error weight=3");
  lower_loss (rig.program, h, &nn_shape (4), "reconstruction-loss", "loss=mean-squared-error");
  fill (&rig, TRUE);
  check_rig (&rig, 1e-2);
  clear (&rig);
}

/* A layer and a second one behind it, added up: what only the sum needs lies where the sum will be.
 * Where a loss looks at it, too, it may not. */
static void
test_sum (gconstpointer data)
{
  const char *const *text = data; /* the layer, what follows the sum, the second layer's loss */
  const NnLayerType *dense = nn_layer_type ("dense"), *bend = nn_layer_type ("activation");
  const NnShape shape = nn_shape (4);
  g_autoptr (NnParams) skipped = nn_test_params (dense->params, text[0]);
  g_autoptr (NnParams) straight = nn_test_params (dense->params, "units=4 activation=linear");
  g_autoptr (NnParams) behind = nn_test_params (bend->params, text[1]);
  g_autoptr (NnParams) plain = nn_params_new (nn_layer_type ("add")->params);
  Rig rig = { .program = nn_program_new () };
  gint x = nn_test_program_input (rig.program, "in0", &shape), in[2], sum, y;
  nn_program_lower_node (rig.program, dense, skipped, 1, FALSE, &x, 1, &shape, &in[0], 1);
  nn_program_lower_node (rig.program, dense, straight, 2, FALSE, &in[0], 1, &shape, &in[1], 1);
  nn_program_lower_node (rig.program, nn_layer_type ("add"), plain, 3, FALSE, in, 2, &shape, &sum,
                         1);
  nn_program_lower_node (rig.program, bend, behind, 4, FALSE, &sum, 1, &shape, &y, 1);
  lower_loss (rig.program, y, &shape, "reconstruction-loss", "loss=mean-squared-error");
  if (text[2])
    lower_loss (rig.program, in[1], &shape, "reconstruction-loss", text[2]);
  fill (&rig, TRUE);
  check_rig (&rig, 1e-2);
  check_fused (&rig);
  clear (&rig);
}

/* Layers one behind the other, "conv2d filters=2 | upsampling2d", as the rewrite rules look for. */
static Rig
chain_of (const char *text)
{
  g_auto (GStrv) layers = g_strsplit (text, " | ", -1);
  Rig rig = { .program = nn_program_new () };
  NnShape shape = nn_shape (4, 3, 2);
  gint value = nn_test_program_input (rig.program, "in0", &shape);
  for (guint i = 0; layers[i]; i++)
    {
      g_auto (GStrv) words = g_strsplit (layers[i], " ", 2);
      const NnLayerType *type = nn_layer_type (words[0]);
      g_autoptr (NnParams) params = nn_test_params (type->params, words[1]);
      const NnShape in = shape;
      const gint from = value;
      NnInferContext context = { .data = &no_data, .n_in = 1, .in = &in };
      g_autoptr (GError) error = NULL;
      type->infer (params, &context, &shape, &error);
      g_assert_no_error (error);
      nn_program_lower_node (rig.program, type, params, 1 + i, FALSE, &from, 1, &shape, &value, 1);
    }
  lower_loss (rig.program, value, &shape, "reconstruction-loss", "loss=mean-squared-error");
  fill (&rig, TRUE);
  return rig;
}

static void
test_chain (gconstpointer text)
{
  Rig rig = chain_of (text);
  check_rig (&rig, 1e-2);
  check_fused (&rig);
  clear (&rig);
}

/* With channels for which other ways are faster, and too many for differences. */
static void
test_wide_chain (gconstpointer text)
{
  Rig rig = chain_of (text);
  check_fused (&rig);
  clear (&rig);
}

/* The same bits on any number of threads. */
static void
test_threads (void)
{
  const NnLayerType *dense = nn_layer_type ("dense");
  g_autoptr (NnParams) params = nn_test_params (dense->params, "units=70 activation=elu");
  Rig rig = { .program = nn_program_new () };
  gint x = nn_test_program_input (rig.program, "in0", &nn_shape (70)), y;
  nn_program_lower_node (rig.program, dense, params, 1, FALSE, &x, 1, &nn_shape (70), &y, 1);
  lower_loss (rig.program, y, &nn_shape (70), "reconstruction-loss", "loss=mean-squared-error");
  fill (&rig, FALSE);
  const guint n = 203;
  float *wide[2];
  g_autofree float *first = NULL;
  for (guint i = 0; i < 2; i++)
    {
      wide[i] = nn_alloc_floats ((gsize)n * 70);
      for (guint k = 0; k < n * 70; k++)
        wide[i][k] = sinf ((float)(k * (i + 1)));
    }
  for (guint threads = 1; threads <= 5; threads++)
    {
      g_autoptr (NnPool) pool = nn_pool_new (threads);
      g_autoptr (NnPlan) plan = nn_plan_new (rig.program, n, NN_PLAN_TRAIN, NULL, pool);
      NnBatch batch = { .n = n, .feed = (const float *const *)wide, .weights = rig.weights };
      NnPlanResult result;
      float *g = g_new (float, 70 * 70);
      nn_plan_run (plan, &batch, &result);
      nn_plan_gradient (plan, 0, g);
      if (!first)
        first = g;
      else
        {
          g_assert_cmpmem (first, 70 * 70 * sizeof (float), g, 70 * 70 * sizeof (float));
          g_free (g);
        }
    }
  nn_free_aligned (wide[0]);
  nn_free_aligned (wide[1]);
  clear (&rig);
}

/* Each file in layers/ that is not common code is in the registry, and ids are unique. */
static void
test_registered (void)
{
  g_autofree char *folder =
      g_build_filename (g_getenv ("G_TEST_SRCDIR"), "..", "engine", "layers", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  guint n_files = 0, n_types = 0;
  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)))
    if (g_str_has_suffix (name, ".c") && !g_str_has_prefix (name, "nn-"))
      {
        g_autofree char *id = g_strndup (name, strlen (name) - 2);
        n_files++;
        if (!nn_layer_type (id))
          g_error ("layers/%s is not in the registry under “%s”", name, id);
      }
  for (; nn_layer_types ()[n_types]; n_types++)
    g_assert_true (nn_layer_type (nn_layer_types ()[n_types]->id) == nn_layer_types ()[n_types]);
  g_assert_cmpuint (n_files, ==, n_types);
}

static void
test_initialisers (void)
{
  for (guint init = 0; init < NN_N_INITS; init++)
    {
      NnWeight weight = { .node = 1,
                          .shape = nn_shape (200, 100),
                          .size = 20000,
                          .init = init,
                          .fan_in = 200,
                          .fan_out = 100 };
      g_autofree float *w = g_new (float, weight.size);
      double sum = 0, squares = 0;
      nn_initialise (&weight, 11, 0, w);
      for (gint64 i = 0; i < weight.size; i++)
        {
          sum += (double)w[i];
          squares += (double)w[i] * (double)w[i];
        }
      const double variance[] = { 0,         1,         2.0 / 300, 2.0 / 300,  2.0 / 200,
                                  2.0 / 200, 1.0 / 200, 0.0025,    0.0025 / 3, 1.0 / 200 };
      G_STATIC_ASSERT (G_N_ELEMENTS (variance) == NN_N_INITS);
      g_assert_cmpfloat_with_epsilon (squares / 20000, variance[init],
                                      0.05 * variance[init] + 1e-12);
      if (init > NN_INIT_ONES)
        g_assert_cmpfloat_with_epsilon (sum / 20000, 0, 0.03 * sqrt (variance[init]));
    }
}

int
main (int argc, char **argv)
{
  static const char *networks[][4] = {
    { "units=4 activation=sigmoid", "reconstruction-loss", "loss=binary-crossentropy" },
    { "units=4 activation=softmax", "classification-loss", NULL },
    { "units=4 activation=linear", "reconstruction-loss", "loss=mean-squared-error weight=0.3" },
    { "units=4 activation=softmax", "classification-loss", "loss=sparse-crossentropy" },
    { "units=4 activation=sigmoid", "reconstruction-loss", "loss=binary-crossentropy", "1" },
    { "units=4 activation=sigmoid", "reconstruction-loss", "loss=binary-crossentropy", "4" },
    { "units=4 activation=softmax", "classification-loss", "weight=2", "1" },
    { "units=4 activation=softmax", "classification-loss", "loss=sparse-crossentropy", "1" },
    { "units=4 activation=tanh contractive=0.1", "reconstruction-loss", "loss=cosine", "1" },
  };
  static const char *const merges[] = { "add", "average", "multiply", "maximum", "concatenate" };
  static const char *const wide_chains[] = {
    "resize height=16 width=14 | conv2d filters=64 activation=tanh | upsampling2d | "
    "conv2d filters=32 activation=tanh",
    "resize height=16 width=14 | conv2d filters=64 activation=tanh | upsampling2d | "
    "conv2d filters=32 activation=relu padding=valid",
    "resize height=16 width=14 | conv2d filters=64 activation=tanh | upsampling2d | "
    "conv2d filters=40 kernel-size=2 bias=false activation=tanh padding=valid",
    "resize height=8 width=9 | conv2d filters=32 activation=tanh | upsampling2d size=3 | "
    "conv2d filters=16 kernel-size=5 activation=tanh",
    "resize height=9 width=7 | conv2d filters=64 activation=tanh | upsampling2d | "
    "conv2d filters=24 kernel-size=5 activation=tanh padding=valid",
    "resize height=8 width=8 | conv2d filters=32 activation=tanh | upsampling2d size=3 | "
    "conv2d filters=20 kernel-size=2 activation=tanh padding=valid",
  };
  static const char *const chains[] = {
    "conv2d filters=3 activation=tanh | upsampling2d | conv2d filters=2 activation=sigmoid",
    "conv2d filters=2 activation=tanh | upsampling2d | conv2d filters=1 activation=tanh "
    "padding=valid",
    "conv2d filters=2 activation=tanh | upsampling2d size=3 | conv2d filters=3 kernel-size=4 "
    "bias=false activation=linear",
    "conv2d filters=2 activation=tanh | upsampling2d | conv2d filters=9 kernel-size=1 "
    "activation=relu",
    "conv2d filters=2 activation=tanh | resize height=8 width=9 | conv2d filters=2 "
    "activation=tanh",
    "conv2d filters=4 activation=relu | max-pool2d | conv2d filters=2 activation=tanh",
    "conv2d filters=19 bias=false activation=linear padding=valid kernel-size=2 | max-pool2d",
    "dense units=2 activation=tanh | conv2d filters=3 activation=relu | max-pool2d",
    "conv2d filters=4 activation=relu | max-pool2d padding=same | conv2d filters=2 "
    "activation=tanh",
    "conv2d filters=4 activation=relu | max-pool2d pool-size=3 stride=1 | conv2d filters=2 "
    "activation=tanh",
    "reshape shape=4x6 | lstm units=3 | repeat-vector times=4 | lstm units=6 "
    "return-sequences=true",
    "flatten | dense units=3 activation=tanh | repeat-vector times=3 | gru units=5 "
    "return-sequences=true go-backwards=true",
    "reshape shape=6x4 | gru units=2 | repeat-vector times=3 | simple-rnn units=4",
    "reshape shape=6x4 | lstm units=2 | repeat-vector times=3 | lstm units=2 bidirectional=true "
    "return-sequences=true | gru units=3 return-sequences=true",
    "flatten | repeat-vector times=3 | lstm units=2",
  };
  static const char *const sums[][3] = {
    { "units=4 activation=tanh", "activation=relu", NULL },
    { "units=4 activation=linear", "activation=linear", NULL },
    { "units=4 activation=tanh", "activation=gelu", NULL },
    { "units=4 activation=tanh", "activation=tanh", "loss=mean-squared-error" },
  };
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; nn_layer_types ()[i]; i++)
    for (const NnLayerTest *test = nn_layer_types ()[i]->tests; test->name; test++)
      {
        gconstpointer *pair = g_new (gconstpointer, 2);
        g_autofree char *path =
            g_strdup_printf ("/layers/gradient/%s/%s", nn_layer_types ()[i]->id, test->name);
        pair[0] = nn_layer_types ()[i];
        pair[1] = test;
        g_test_add_data_func_full (path, pair, test_layer, g_free);
      }
  for (guint i = 0; i < G_N_ELEMENTS (networks); i++)
    {
      g_autofree char *path = g_strdup_printf ("/layers/network/%s, %s, weight %s", networks[i][0],
                                               networks[i][2] ? networks[i][2] : "classes",
                                               networks[i][3] ? networks[i][3] : "none");
      g_test_add_data_func (path, networks[i], test_network);
    }
  for (guint i = 0; i < G_N_ELEMENTS (merges); i++)
    {
      g_autofree char *path = g_strdup_printf ("/layers/shared-value/%s", merges[i]);
      g_test_add_data_func (path, merges[i], test_shared_value);
    }
  for (guint i = 0; i < G_N_ELEMENTS (sums); i++)
    {
      g_autofree char *path = g_strdup_printf ("/layers/sum/%u", i);
      g_test_add_data_func (path, sums[i], test_sum);
    }
  for (guint i = 0; i < G_N_ELEMENTS (chains); i++)
    {
      g_autofree char *path = g_strdup_printf ("/layers/chain/%u", i);
      g_test_add_data_func (path, chains[i], test_chain);
    }
  for (guint i = 0; i < G_N_ELEMENTS (wide_chains); i++)
    {
      g_autofree char *path = g_strdup_printf ("/layers/wide-chain/%u", i);
      g_test_add_data_func (path, wide_chains[i], test_wide_chain);
    }
  g_test_add_func ("/layers/threads", test_threads);
  g_test_add_func ("/layers/registered", test_registered);
  g_test_add_func ("/layers/initialisers", test_initialisers);
  return g_test_run ();
}
