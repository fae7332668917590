/* Plans for what a viewer wants to see: the same values as a plan that leaves nothing out, from the
 * operations that lead to them and no others. */
#include "base/nn-rng.h"
#include "model-test.h"
#include "model/nn-views.h"

#define N 5
#define MAX_BATCH 8

static const char *const networks[] = {
  "input | flatten | dense units=12 activation=relu | dense units=4 activation=tanh | "
  "dense units=784 activation=sigmoid | reconstruction-loss",
  "input | conv2d filters=4 activation=relu | max-pool2d | conv2d filters=2 activation=relu | "
  "max-pool2d | upsampling2d | conv2d filters=4 activation=relu | upsampling2d | "
  "conv2d filters=1 activation=sigmoid | reconstruction-loss",
  "input | reshape shape=28x28 | lstm units=6 | repeat-vector times=28 | "
  "lstm units=28 return-sequences=true | reshape shape=28x28x1 | reconstruction-loss",
};

typedef struct
{
  NnAnalysis *analysis;
  NnProgram *program; /* borrowed */
  NnPool *pool;
  NnPlan *whole; /* unfused */
  float *image;
  const float **feed;
  float **weights;
  float **value; /* per value, (N, S) */
} Rig;

static float *
random_floats (NnRng *rng, gsize n, float scale)
{
  float *x = g_new (float, n);

  for (gsize i = 0; i < n; i++)
    x[i] = scale * (2 * (float)nn_rng_below (rng, 1000) / 999 - 1);
  return x;
}

static NnBatch
batch_of (Rig *rig)
{
  return (NnBatch){ .n = N,
                    .feed = rig->feed,
                    .mode = NN_MODE_EVALUATE,
                    .step = NN_STEP_EVALUATE,
                    .weights = rig->weights };
}

static void
rig_set_up (Rig *rig, gconstpointer data)
{
  g_autoptr (NnDesign) design = chain (data);
  NnRng rng;

  nn_rng_init (&rng, 3, NN_STREAM_DATA, 0, 0);
  rig->analysis = nn_analysis_new (design, &test_images, 0);
  g_assert_true (nn_analysis_can_train (rig->analysis));
  rig->program = nn_analysis_program (rig->analysis);
  rig->pool = nn_pool_new (2);
  rig->whole = nn_plan_new (rig->program, MAX_BATCH, NN_PLAN_UNFUSED, NULL, rig->pool);
  rig->image = random_floats (&rng, (gsize)N * 784, 1);
  rig->feed = g_new0 (const float *, rig->program->inputs->len);
  for (guint i = 0; i < rig->program->inputs->len; i++)
    rig->feed[i] = rig->image;
  rig->weights = g_new0 (float *, rig->program->weights->len);
  for (guint i = 0; i < rig->program->weights->len; i++)
    rig->weights[i] = random_floats (&rng, (gsize)nn_program_weight (rig->program, i)->size, 0.3f);
  rig->value = g_new0 (float *, rig->program->values->len);
  for (guint i = 0; i < rig->program->values->len; i++)
    {
      NnBatch batch = batch_of (rig);

      rig->value[i] = g_new0 (float, N *(gsize)nn_program_value (rig->program, i)->size);
      batch.n_want = 1;
      batch.want = &i;
      batch.want_out = &rig->value[i];
      nn_plan_run (rig->whole, &batch, NULL);
    }
}

static void
free_all (float **arrays, guint n)
{
  for (guint i = 0; i < n; i++)
    g_free (arrays[i]);
  g_free (arrays);
}

static void
rig_tear_down (Rig *rig, gconstpointer data)
{
  free_all (rig->value, rig->program->values->len);
  free_all (rig->weights, rig->program->weights->len);
  g_free (rig->feed);
  g_free (rig->image);
  nn_plan_free (rig->whole);
  nn_pool_free (rig->pool);
  nn_analysis_unref (rig->analysis);
}

/* Per value: whether `to` (or the loss of a node, where not 0) needs it, from `from` on (-1:
 * inputs). */
static gboolean *
needed_values (Rig *rig, gint from, guint to, guint loss_of, gboolean *weights)
{
  gboolean *needed = g_new0 (gboolean, rig->program->values->len);

  needed[to] = TRUE;
  for (guint i = rig->program->ops->len; i-- > 0;)
    {
      const NnOp *op = nn_program_op (rig->program, i);
      gboolean used = loss_of != 0 && op->node == loss_of && (op->type->flags & NN_OP_LOSS);

      for (guint k = 0; k < op->n_out; k++)
        used |= needed[op->out[k]] && (gint)op->out[k] != from;
      for (guint k = 0; used && k < op->n_in; k++)
        needed[op->in[k]] = TRUE;
      for (guint k = 0; used && k < op->n_weights; k++)
        weights[op->weight[k]] = TRUE;
    }
  return needed;
}

static void
check_close (const float *got, const float *expected, gsize n)
{
  for (gsize i = 0; i < n; i++)
    g_assert_cmpfloat_with_epsilon (got[i], expected[i], 2e-5f * (1 + ABS (expected[i])));
}

/* Runs a view with no more weights than it needs: whoever touched another would crash. */
static void
check_view (Rig *rig, gint from, guint to, guint loss_of)
{
  const NnPlanView view = { .from = from, .want = &to, .n_want = 1, .loss_of = loss_of };
  g_autofree gboolean *used = g_new0 (gboolean, rig->program->weights->len + 1);
  g_autofree gboolean *needed = needed_values (rig, from, to, loss_of, used);
  g_autofree float **some = g_new0 (float *, rig->program->weights->len + 1);
  const gsize size = (gsize)nn_program_value (rig->program, to)->size;
  g_autofree float *got = g_new0 (float, N *size);
  float loss[N], expected[N];
  g_autoptr (NnPlan) plan = nn_plan_new_view (rig->program, MAX_BATCH, &view, NULL, rig->pool);
  NnBatch batch = batch_of (rig);

  g_assert_nonnull (plan);
  for (guint i = 0; i < rig->program->weights->len; i++)
    some[i] = used[i] ? rig->weights[i] : NULL;
  batch.weights = some;
  batch.given = from >= 0 ? rig->value[from] : NULL;
  batch.n_want = 1;
  batch.want = &to;
  batch.want_out = &got;
  batch.sample_loss = loss_of != 0 ? loss : NULL;
  batch.sample_loss_of = loss_of;
  g_assert_true (nn_plan_run (plan, &batch, NULL));
  check_close (got, rig->value[to], N * size);
  if (loss_of == 0)
    return;
  batch = batch_of (rig);
  batch.sample_loss = expected;
  batch.sample_loss_of = loss_of;
  nn_plan_run (rig->whole, &batch, NULL);
  check_close (loss, expected, N);
}

static void
test_values (Rig *rig, gconstpointer data)
{
  for (guint i = 0; i < rig->program->values->len; i++)
    check_view (rig, -1, i, 0);
}

static void
test_loss (Rig *rig, gconstpointer data)
{
  const guint loss = nn_design_n_nodes (nn_analysis_design (rig->analysis));

  check_view (rig, -1, (guint)nn_analysis_value (rig->analysis, 2, 0), loss);
  check_view (rig, -1, (guint)nn_analysis_value (rig->analysis, loss - 1, 0), loss);
}

/* From every layer to every later one; backwards there is no way. */
static void
test_between (Rig *rig, gconstpointer data)
{
  const guint last = nn_design_n_nodes (nn_analysis_design (rig->analysis)) - 1;

  for (guint i = 2; i <= last; i++)
    for (guint k = 2; k <= last; k++)
      {
        const gint from = nn_analysis_value (rig->analysis, i, 0);
        const guint to = (guint)nn_analysis_value (rig->analysis, k, 0);
        const NnPlanView view = { .from = from, .want = &to, .n_want = 1 };

        if (k >= i)
          check_view (rig, from, to, 0);
        else
          g_assert_null (nn_plan_new_view (rig->program, MAX_BATCH, &view, NULL, rig->pool));
      }
}

/* All at once: nothing is left out because something else is fused. */
static void
test_together (Rig *rig, gconstpointer data)
{
  const guint n = rig->program->values->len;
  g_autofree guint *want = g_new (guint, n);
  g_autofree float **out = g_new0 (float *, n);
  const NnPlanView view = { .from = -1, .want = want, .n_want = n };
  NnBatch batch = batch_of (rig);

  for (guint i = 0; i < n; i++)
    {
      want[i] = n - 1 - i;
      out[i] = g_new0 (float, N *(gsize)nn_program_value (rig->program, want[i])->size);
    }
  g_autoptr (NnPlan) plan = nn_plan_new_view (rig->program, MAX_BATCH, &view, NULL, rig->pool);
  batch.n_want = n;
  batch.want = want;
  batch.want_out = out;
  nn_plan_run (plan, &batch, NULL);
  for (guint i = 0; i < n; i++)
    {
      check_close (out[i], rig->value[want[i]],
                   N * (gsize)nn_program_value (rig->program, want[i])->size);
      g_free (out[i]);
    }
}

/* Whoever asks again gets the same plan, however many ask something else in between. */
static void
test_kept (Rig *rig, gconstpointer data)
{
  g_autoptr (NnViews) views = nn_views_new (rig->program, rig->pool);
  const guint last = rig->program->values->len - 1;
  const NnPlanView backwards = { .from = (gint)last, .want = (const guint[]){ 0 }, .n_want = 1 };
  NnPlan *first = NULL;

  for (guint round = 0; round < 40; round++)
    for (guint i = 0; i < 3; i++)
      {
        const guint want[] = { i == 0 ? 0 : round % last, last };
        const NnPlanView view = { .from = -1, .want = want, .n_want = i == 0 ? 1 : 2 };
        NnPlan *plan = nn_views_plan (views, &view);

        g_assert_nonnull (plan);
        if (i > 0)
          {
            g_assert_true (plan == nn_views_plan (views, &view));
            g_assert_true (plan != first);
          }
        else if (first == NULL)
          first = plan;
        g_assert_true (i > 0 || plan == first);
      }
  g_assert_null (nn_views_plan (views, &backwards));
  g_assert_null (nn_views_plan (views, &backwards));
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    void (*run) (Rig *rig, gconstpointer data);
  } tests[] = { { "values", test_values },
                { "loss", test_loss },
                { "between", test_between },
                { "together", test_together },
                { "kept", test_kept } };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (networks); i++)
    for (guint k = 0; k < G_N_ELEMENTS (tests); k++)
      {
        g_autofree char *path = g_strdup_printf ("/views/%u/%s", i, tests[k].name);
        g_test_add (path, Rig, networks[i], rig_set_up, tests[k].run, rig_tear_down);
      }
  return g_test_run ();
}
