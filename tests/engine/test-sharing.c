/* Weights shared between nodes and tied decoders: gradients, what is refused, what is stored. */
#include <math.h>
#include <string.h>

#include "base/nn-rng.h"
#include "layers/nn-layer.h"
#include "model/nn-analysis.h"
#include "model/nn-plan.h"
#include "objectives/nn-objective.h"
#include "ops/nn-op.h"

#include "nn-test-data.h"

#define BATCH 11

/* Layers one behind the other from x of the given shape, "dense units=3 | dense units=5"; the last
 * uses the weights of the first, or the first those of the last. */
static NnProgram *
chain (const char *text, const NnShape *shape, gboolean tied, gboolean last_owns)
{
  g_auto (GStrv) layers = g_strsplit (text, " | ", -1);
  const guint n_layers = g_strv_length (layers);
  const guint user = last_owns ? 0 : n_layers - 1, owner = last_owns ? n_layers : 1;
  static const NnField no_fields[1];
  const NnDataInfo no_data = { .name = "none", .title = "none", .fields = no_fields };
  NnProgram *program = nn_program_new ();
  const NnLayerType *input = nn_layer_type ("input"), *loss = nn_layer_type ("reconstruction-loss");
  g_autoptr (NnParams) of_x = nn_test_params (input->params, "field=x");
  g_autoptr (NnParams) of_target = nn_test_params (input->params, "field=target");
  g_autoptr (NnParams) of_loss = nn_test_params (loss->params, "loss=mean-squared-error");
  NnShape now = *shape;
  gint value, ends[2];
  nn_program_lower_node (program, input, of_x, 100, FALSE, NULL, 0, shape, &value, 1);
  for (guint i = 0; i < n_layers; i++)
    {
      g_auto (GStrv) words = g_strsplit (layers[i], " ", 2);
      const NnLayerType *type = nn_layer_type (words[0]);
      g_autoptr (NnParams) params = nn_test_params (type->params, words[1]);
      g_autoptr (GError) error = NULL;
      const NnShape in = now;
      const gint from = value;
      NnInferContext context = { .data = &no_data, .n_in = 1, .in = &in };
      type->infer (params, &context, &now, &error);
      g_assert_no_error (error);
      nn_program_lower_sharing (program, type, params, i + 1, FALSE, i == user ? owner : 0, tied,
                                &from, 1, &now, &value, 1, &error);
      g_assert_no_error (error);
    }
  nn_program_lower_node (program, input, of_target, 101, FALSE, NULL, 0, &now, &ends[1], 1);
  ends[0] = value;
  nn_program_lower_node (program, loss, of_loss, 102, FALSE, ends, 2, NULL, NULL, 0);
  return program;
}

typedef struct
{
  NnProgram *program;
  float *feed[2], *weights[8];
} Rig;

static float *
draw (NnRng *rng, gint64 n)
{
  float *x = g_new (float, n);
  for (gint64 i = 0; i < n; i++)
    x[i] = 0.5f * nn_rng_normal (rng);
  return x;
}

static double
run (Rig *rig, NnPlan *plan)
{
  NnBatch batch = { .n = BATCH,
                    .feed = (const float *const *)rig->feed,
                    .mode = NN_MODE_TRAIN,
                    .weights = rig->weights };
  NnPlanResult result;
  g_assert_true (nn_plan_run (plan, &batch, &result));
  return result.loss;
}

/* The gradient of a weight that two layers use is that of both uses, against differences. */
static void
check_order (const char *text, const NnShape *shape, gboolean tied, gboolean last_owns,
             guint n_weights)
{
  Rig rig = { .program = chain (text, shape, tied, last_owns) };
  NnRng rng;
  nn_rng_init (&rng, 3, 1, 4, 1);
  g_assert_cmpuint (rig.program->weights->len, ==, n_weights);
  for (guint i = 0; i < 2; i++)
    rig.feed[i] = draw (
        &rng,
        BATCH * nn_program_value (rig.program, nn_program_input (rig.program, i)->value)->size);
  for (guint i = 0; i < n_weights; i++)
    rig.weights[i] = draw (&rng, nn_program_weight (rig.program, i)->size);
  g_autoptr (NnPool) pool = nn_pool_new (2);
  g_autoptr (NnPlan) plan = nn_plan_new (rig.program, BATCH, NN_PLAN_TRAIN, NULL, pool);
  for (guint i = 0; i < n_weights; i++)
    {
      const NnWeight *weight = nn_program_weight (rig.program, i);
      g_autofree float *g = g_new (float, weight->size);
      run (&rig, plan);
      nn_plan_gradient (plan, i, g);
      for (gint64 k = 0; k < weight->size; k++)
        {
          const float was = rig.weights[i][k], h = 2e-3f;
          rig.weights[i][k] = was + h;
          const double up = run (&rig, plan);
          rig.weights[i][k] = was - h;
          const double down = run (&rig, plan);
          rig.weights[i][k] = was;
          const double slope = (up - down) / (2 * (double)h);
          if (fabs (slope - (double)g[k]) > 3e-4 + 2e-2 * fabs (slope))
            g_error ("%s: %s of node %u [%d]: gradient %g, numeric %g", text, weight->name,
                     weight->node, (int)k, (double)g[k], slope);
        }
    }
  for (guint i = 0; i < n_weights; i++)
    g_free (rig.weights[i]);
  g_free (rig.feed[0]);
  g_free (rig.feed[1]);
  nn_program_unref (rig.program);
}

static void
check_gradients (const char *text, const NnShape *shape, gboolean tied, guint n_weights)
{
  check_order (text, shape, tied, FALSE, n_weights);
  check_order (text, shape, tied, TRUE, n_weights);
}

static void
test_gradients (void)
{
  /* kernel and bias once */
  check_gradients ("dense units=5 activation=tanh | dense units=5 activation=tanh", &nn_shape (5),
                   FALSE, 2);
  /* one kernel, two biases */
  check_gradients ("dense units=3 activation=tanh | dense units=6 activation=sigmoid",
                   &nn_shape (6), TRUE, 3);
  /* as many units as values: still turned round, and each its own bias */
  check_gradients ("dense units=4 activation=tanh | dense units=4 activation=linear", &nn_shape (4),
                   TRUE, 3);
  check_gradients ("dense units=3 activation=tanh | dense units=6 activation=tanh contractive=0.1",
                   &nn_shape (6), TRUE, 3);
  check_gradients ("conv2d filters=3 kernel-size=3 padding=same activation=tanh | conv2d-transpose "
                   "filters=2 kernel-size=3 padding=same activation=tanh",
                   &nn_shape (4, 3, 2), TRUE, 3);
  check_gradients ("batch-norm | dense units=3 activation=tanh | batch-norm", &nn_shape (3), FALSE,
                   6);
}

/* y = x W^T: what the tied layer computes, by hand. */
static void
test_tied_value (void)
{
  g_autoptr (NnProgram) program =
      chain ("dense units=1 activation=linear bias=false | dense units=2 activation=linear "
             "bias=false",
             &nn_shape (2), TRUE, FALSE);
  float w[] = { 2, -3 }, *weights[] = { w }, x[] = { 5, 1 }, target[] = { 0, 0 }, y[2],
        *out[] = { y };
  const float *feed[] = { x, target };
  const guint want = nn_program_op (program, 1)->out[0];
  g_autoptr (NnPool) pool = nn_pool_new (1);
  g_autoptr (NnPlan) plan = nn_plan_new (program, 1, NN_PLAN_UNFUSED, NULL, pool);
  NnBatch batch = {
    .n = 1, .feed = feed, .weights = weights, .n_want = 1, .want = &want, .want_out = out
  };
  g_assert_cmpuint (program->weights->len, ==, 1);
  nn_plan_run (plan, &batch, NULL);
  /* h = 5 * 2 - 3 = 7 */
  g_assert_cmpfloat (y[0], ==, 14);
  g_assert_cmpfloat (y[1], ==, -21);
}

typedef struct
{
  NnDesign *design;
  guint encoder, code, decoder;
} Autoencoder;

/* Input (6) -> dense 3 -> dense 6 -> loss */
static Autoencoder
autoencoder (guint units)
{
  Autoencoder made = { .design = nn_design_new () };
  const NnLayerType *dense = nn_layer_type ("dense");
  g_autoptr (NnParams) few = nn_test_params (dense->params, "units=3");
  g_autofree char *text = g_strdup_printf ("units=%u", units);
  g_autoptr (NnParams) many = nn_test_params (dense->params, text);
  guint input;
  NnDesign *next;
#define STEP(call)                                                                                 \
  next = call;                                                                                     \
  nn_design_unref (made.design);                                                                   \
  made.design = next
  STEP (nn_design_add_node (made.design, nn_layer_type ("input"), NULL, NULL, 0, 0, &input));
  STEP (nn_design_add_node (made.design, dense, few, NULL, 126, 0, &made.encoder));
  STEP (nn_design_add_node (made.design, dense, many, NULL, 252, 0, &made.decoder));
  STEP (nn_design_connect (made.design, input, 0, made.encoder, 0, NULL));
  STEP (nn_design_connect (made.design, made.encoder, 0, made.decoder, 0, NULL));
  STEP (nn_design_share_weights (made.design, made.decoder, made.encoder, TRUE));
#undef STEP
  return made;
}

static const NnField features[] = {
  { .name = "image", .kind = NN_FIELD_IMAGE, .shape = { .rank = 1, .dim = { 6 } } }
};
static const NnDataInfo data = {
  .name = "test", .title = "test", .n_fields = 1, .fields = features, .n_samples = { 10, 10 }
};

static gboolean
complains (NnAnalysis *analysis, guint node, const char *words)
{
  for (guint i = 0; i < nn_analysis_n_diagnostics (analysis); i++)
    {
      const NnDiagnostic *diagnostic = nn_analysis_diagnostic (analysis, i);
      if (diagnostic->severity == NN_SEVERITY_ERROR && diagnostic->node == node
          && strstr (diagnostic->text, words))
        {
          g_assert_nonnull (diagnostic->fix);
          g_assert_cmpuint (nn_design_node (diagnostic->fix, node)->weights_of, ==, 0);
          return TRUE;
        }
    }
  return FALSE;
}

static void
test_design (void)
{
  g_autoptr (NnDesign) tied = autoencoder (6).design;
  const Autoencoder wrong = autoencoder (5);
  g_autoptr (NnDesign) of_wrong = wrong.design;
  g_autoptr (NnAnalysis) good = nn_analysis_new (tied, &data, 0);
  g_autoptr (NnAnalysis) bad = nn_analysis_new (of_wrong, &data, 0);
  /* 18 in the kernel, 3 + 6 in the biases */
  g_assert_cmpint (nn_analysis_total_weights (good), ==, 27);
  g_assert_false (complains (good, wrong.decoder, "weights"));
  g_assert_true (complains (bad, wrong.decoder, "5×3"));

  g_autoptr (NnDesign) apart = nn_design_share_weights (of_wrong, wrong.decoder, 0, FALSE);
  g_autoptr (NnDesign) reversed =
      nn_design_share_weights (apart, wrong.encoder, wrong.decoder, FALSE);
  g_autoptr (NnAnalysis) of_reversed = nn_analysis_new (reversed, &data, 0);
  g_assert_true (complains (of_reversed, wrong.encoder, "6×3"));
  g_autoptr (NnDesign) loose =
      nn_design_add_node (tied, nn_layer_type ("dense"), NULL, "Loose", 0, 99, NULL);
  g_autoptr (NnDesign) of_loose = nn_design_share_weights (
      loose, wrong.encoder, nn_design_node_by_name (loose, "Loose")->id, FALSE);
  g_autoptr (NnAnalysis) of_unknown = nn_analysis_new (of_loose, &data, 0);
  g_assert_true (complains (of_unknown, wrong.encoder, "not known"));
  g_autoptr (NnDesign) missing = nn_design_share_weights (tied, wrong.decoder, 77, FALSE);
  g_autoptr (NnAnalysis) of_missing = nn_analysis_new (missing, &data, 0);
  g_assert_true (complains (of_missing, wrong.decoder, "77"));

  g_autofree char *json = nn_design_to_json (tied);
  g_autoptr (NnDesign) again = nn_design_from_json (json, -1, NULL);
  g_assert_true (nn_design_same_computation (tied, again));
  g_autoptr (NnDesign) own = nn_design_share_weights (tied, wrong.decoder, 0, FALSE);
  g_assert_false (nn_design_same_computation (tied, own));

  g_autoptr (NnDesign) alone = nn_design_remove_nodes (tied, &wrong.encoder, 1, TRUE);
  g_assert_cmpuint (nn_design_node (alone, wrong.decoder)->weights_of, ==, 0);
  const guint both[] = { wrong.encoder, wrong.decoder };
  g_autoptr (NnDesign) clip = nn_design_extract (tied, both, 2);
  g_autoptr (GArray) ids = NULL;
  g_autoptr (NnDesign) pasted = nn_design_merge (tied, clip, 0, 100, &ids);
  g_assert_cmpuint (nn_design_node (pasted, g_array_index (ids, guint, 1))->weights_of, ==,
                    g_array_index (ids, guint, 0));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sharing/gradients", test_gradients);
  g_test_add_func ("/sharing/tied-value", test_tied_value);
  g_test_add_func ("/sharing/design", test_design);
  return g_test_run ();
}
