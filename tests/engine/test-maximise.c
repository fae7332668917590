/* Climbing: the gradient that leads upwards against differences, pictures that rise, the same for
 * the same seed, and what is asked of networks that have nothing to climb. */
#include <math.h>

#include "base/nn-error.h"
#include "explore/nn-maximise-probe.h"

#include "trainer-fixture.h"

/* ---- the climber alone ---- */

static NnMaximiseSpace *
unit_space (const NnShape *shape)
{
  const gsize size = (gsize)nn_shape_size (shape);
  g_autofree float *samples = g_new (float, 2 * size);

  for (gsize i = 0; i < 2 * size; i++)
    samples[i] = (float)(i / size); /* rest 0.5, range 0..1 */
  return nn_maximise_space_new (shape, samples, 2);
}

static void
test_space (void)
{
  const float samples[] = { 0, 10, 4, 30, 2, 20, 2, 20 };
  g_autoptr (NnMaximiseSpace) features = nn_maximise_space_new (&nn_shape (2), samples, 4);
  g_autoptr (NnMaximiseSpace) image = nn_maximise_space_new (&nn_shape (1, 2, 2), samples, 2);

  g_assert_cmpfloat (features->rest[0], ==, 2);
  g_assert_cmpfloat (features->rest[1], ==, 20);
  g_assert_cmpfloat_with_epsilon (features->unit[0], sqrt (2), 1e-5);
  g_assert_cmpfloat (features->high[0], ==, 4);
  g_assert_cmpfloat (features->low[1], ==, 10);
  g_assert_cmpfloat (image->rest[1], ==, 20);
  for (guint c = 0; c < 2; c++) /* one range for every colour */
    {
      g_assert_cmpfloat (image->low[c], ==, 0);
      g_assert_cmpfloat (image->high[c], ==, 30);
      g_assert_cmpfloat (image->unit[c], ==, 30);
    }
}

static void
check_variation (const NnShape *shape)
{
  const gsize size = (gsize)nn_shape_size (shape);
  g_autofree float *z = g_new (float, size), *g = g_new0 (float, size);
  g_autofree float *unused = g_new0 (float, size);
  double largest = 0;

  for (gsize i = 0; i < size; i++)
    z[i] = (float)((i * i * 7 + i / 3) % 11) / 11;
  nn_maximise_variation (shape, z, 2, g);
  for (gsize i = 0; i < size; i++)
    {
      const float was = z[i], h = 1e-3f;
      z[i] = was + h;
      const double up = nn_maximise_variation (shape, z, 0, unused);
      z[i] = was - h;
      const double down = nn_maximise_variation (shape, z, 0, unused);
      z[i] = was;
      g_assert_cmpfloat_with_epsilon (g[i], 2 * (up - down) / (2 * (double)h), 2e-2);
      largest = MAX (largest, fabs ((double)g[i]));
    }
  g_assert_true ((largest > 0) == (shape->rank > 1));
}

static void
test_variation (void)
{
  check_variation (&nn_shape (4, 5, 1));
  check_variation (&nn_shape (3, 4, 3));
  check_variation (&nn_shape (6, 2));
  check_variation (&nn_shape (7));
}

#define SIDE 6
#define LINEAR_STEPS 60

/* Climbs a = w x with the given settings. (transfer full) */
static NnMaximise *
climb_linear (const float *w, const NnMaximiseSettings *settings, guint64 seed, guint n_steps)
{
  const guint32 name = 3;
  NnMaximise *maximise = nn_maximise_new (unit_space (&nn_shape (SIDE, SIDE, 1)), &name, 1, seed);

  for (guint i = 0; i < n_steps; i++)
    {
      const float *look = nn_maximise_look (maximise, settings);
      float activation = 0;
      for (guint k = 0; k < SIDE * SIDE; k++)
        activation += w[k] * look[k];
      nn_maximise_step (maximise, settings, &activation, w, TRUE);
    }
  return maximise;
}

static void
fill_weights (float *w)
{
  for (guint k = 0; k < SIDE * SIDE; k++)
    w[k] = (float)((k * 5) % 13) - 6;
}

/* Without jitter it rises at every step; the decay ends it where it balances the slope. */
static void
test_linear (void)
{
  const NnMaximiseSettings settings = { .rate = 0.2f, .decay = 0.5f };
  float w[SIDE * SIDE];
  double squares = 0;
  guint n_points, stride;

  fill_weights (w);
  g_autoptr (NnMaximise) maximise = climb_linear (w, &settings, 1, LINEAR_STEPS);
  const float *course = nn_maximise_course (maximise, &n_points, &stride);
  g_assert_cmpuint (n_points, ==, LINEAR_STEPS);
  g_assert_cmpuint (stride, ==, 1);
  for (guint i = 1; i < n_points / 2; i++)
    g_assert_cmpfloat (course[i], >, course[i - 1]);
  for (guint k = 0; k < SIDE * SIDE; k++)
    squares += (double)w[k] * w[k];
  const double length = sqrt (squares / (SIDE * SIDE));
  for (guint k = 0; k < SIDE * SIDE; k++)
    g_assert_cmpfloat_with_epsilon (nn_maximise_pictures (maximise)[k], 0.5 + w[k] / length / 0.5,
                                    0.02);
}

static void
test_settings (void)
{
  const NnMaximiseSettings free_one = { .rate = 0.1f };
  const NnMaximiseSettings clipped = { .rate = 0.1f, .clip = TRUE };
  const NnMaximiseSettings smooth = { .rate = 0.1f, .variation = 0.5f, .clip = TRUE };
  float w[SIDE * SIDE], unused[SIDE * SIDE] = { 0 };

  fill_weights (w);
  g_autoptr (NnMaximise) a = climb_linear (w, &free_one, 1, 40);
  g_autoptr (NnMaximise) b = climb_linear (w, &clipped, 1, 40);
  g_autoptr (NnMaximise) c = climb_linear (w, &smooth, 1, 40);
  float lowest = 0, highest = 0;
  for (guint k = 0; k < SIDE * SIDE; k++)
    {
      lowest = MIN (lowest, nn_maximise_pictures (a)[k]);
      highest = MAX (highest, nn_maximise_pictures (a)[k]);
      g_assert_cmpfloat (nn_maximise_pictures (b)[k], >=, 0);
      g_assert_cmpfloat (nn_maximise_pictures (b)[k], <=, 1);
    }
  g_assert_cmpfloat (lowest, <, -1);
  g_assert_cmpfloat (highest, >, 2);
  const NnShape shape = nn_shape (SIDE, SIDE, 1);
  g_assert_cmpfloat (nn_maximise_variation (&shape, nn_maximise_pictures (c), 0, unused), <,
                     0.8 * nn_maximise_variation (&shape, nn_maximise_pictures (b), 0, unused));
}

/* One pixel is asked for, looked at with a shift: what comes out lies around it. */
static void
test_jitter (void)
{
  const NnMaximiseSettings settings = { .rate = 0.05f, .jitter = 1 };
  float w[SIDE * SIDE] = { 0 };
  const guint row = 2, column = 3;
  guint n_raised = 0;

  w[row * SIDE + column] = 1;
  g_autoptr (NnMaximise) maximise = climb_linear (w, &settings, 5, 90);
  for (guint k = 0; k < SIDE * SIDE; k++)
    {
      const gboolean near =
          ABS ((gint)(k / SIDE) - (gint)row) <= 1 && ABS ((gint)(k % SIDE) - (gint)column) <= 1;
      const gboolean raised = nn_maximise_pictures (maximise)[k] > 1.2f;
      g_assert_true (near || !raised);
      n_raised += raised;
    }
  g_assert_cmpuint (n_raised, ==, 9);
}

static void
test_seed (void)
{
  const NnMaximiseSettings settings = { .rate = 0.05f, .jitter = 2 };
  float w[SIDE * SIDE];
  const gsize bytes = sizeof w;

  fill_weights (w);
  g_autoptr (NnMaximise) a = climb_linear (w, &settings, 7, 20);
  g_autoptr (NnMaximise) b = climb_linear (w, &settings, 7, 20);
  g_autoptr (NnMaximise) c = climb_linear (w, &settings, 8, 20);
  g_assert_cmpmem (nn_maximise_pictures (a), bytes, nn_maximise_pictures (b), bytes);
  g_assert_true (memcmp (nn_maximise_pictures (a), nn_maximise_pictures (c), bytes) != 0);
}

/* Where there is no slope it wanders, and says so. A long course is thinned. */
static void
test_flat (void)
{
  const NnMaximiseSettings settings = { .rate = 0.05f };
  const float nothing[SIDE * SIDE] = { 0 };
  const guint n_steps = 3 * NN_MAXIMISE_COURSE;
  guint n_points, stride;

  g_autoptr (NnMaximise) start = climb_linear (nothing, &settings, 7, 0);
  g_autoptr (NnMaximise) maximise = climb_linear (nothing, &settings, 7, n_steps);
  g_assert_true (nn_maximise_is_flat (maximise, 0));
  g_assert_true (fabsf (nn_maximise_pictures (maximise)[4] - nn_maximise_pictures (start)[4])
                 > 0.01f);
  nn_maximise_course (maximise, &n_points, &stride);
  g_assert_cmpuint (stride, ==, 4);
  g_assert_cmpuint (n_points, ==, n_steps / 4);
  g_assert_cmpuint (nn_maximise_n_steps (maximise), ==, n_steps);
}

/* ---- the gradient through a network ---- */

/* design (transfer full), trained for a few steps. */
static void
rig_open (Rig *rig, NnDesign *design, guint n_threads, guint n_steps)
{
  g_autoptr (GError) error = NULL;
  *rig = rig_of (design, nn_test_dataset (128), n_threads, NULL);
  for (guint i = 0; i < n_steps; i++)
    {
      NnStep step;
      g_assert_true (nn_trainer_step (rig->trainer, &step, &error));
    }
}

/* "conv2d filters=4 | flatten | ...", each behind the one before. */
static guint
add_chain (NnDesign **design, const char *text, guint after)
{
  g_auto (GStrv) layers = g_strsplit (text, " | ", -1);
  for (guint i = 0; layers[i] != NULL; i++)
    {
      g_auto (GStrv) words = g_strsplit (layers[i], " ", 2);
      after = nn_test_add (design, words[0], words[1], after);
    }
  return after;
}

/* A classifier of the test images: node 1 is the input, `last` (out) the one before the loss. */
static NnDesign *
make_classifier (const char *chain, guint *last)
{
  NnDesign *design = nn_design_new ();
  const guint input = nn_test_add (&design, "input", NULL, 0);
  *last = add_chain (&design, chain, input);
  nn_test_add (&design, "classification-loss", NULL, *last);
  return design;
}

#define PULLED 5
#define PIXELS 64

typedef struct
{
  float x[PULLED * PIXELS], dx[PULLED * PIXELS];
  gsize size;
  guint to;
  double sum[PULLED];
} PullCase;

/* The sum of some multiple of each value. */
static float
factor_of (guint sample, gsize k)
{
  return (float)((sample * 3 + k * 7) % 5) / 5 - 0.3f;
}

static void
weigh (guint sample, const float *y, float *dy, gpointer data)
{
  PullCase *c = data;

  c->sum[sample] = 0;
  for (gsize k = 0; k < c->size; k++)
    {
      dy[k] = factor_of (sample, k);
      c->sum[sample] += (double)dy[k] * (double)y[k];
    }
}

static double
pull (PullCase *c, Rig *rig)
{
  const guint32 index[PULLED] = { 0, 1, 2, 3, 4 };
  const float *feed[] = { c->x, NULL };
  double sum = 0;

  g_assert_true (nn_trainer_pull_back (rig->trainer, NN_PART_TEST, index, PULLED, feed, c->to,
                                       weigh, c, 0, c->dx));
  for (guint i = 0; i < PULLED; i++)
    sum += c->sum[i];
  return sum;
}

/* The gradient of a sum over node's output, by differences for some pixels of each picture. */
static void
check_pull (const char *chain, guint node)
{
  guint last;
  NnDesign *design = make_classifier (chain, &last);
  Rig rig;
  PullCase c = { 0 };
  float analytic[PULLED * PIXELS];
  double largest = 0;
  guint n_wrong = 0, n_checked = 0;

  rig_open (&rig, design, 2, 3);
  NnAnalysis *analysis = nn_trainer_analysis (rig.trainer);
  c.to = (guint)nn_analysis_value (analysis, node != 0 ? node : last, 0);
  c.size = (gsize)nn_program_value (nn_analysis_program (analysis), c.to)->size;
  for (guint i = 0; i < PULLED * PIXELS; i++)
    c.x[i] = (float)((i * 37) % 101) / 101;
  pull (&c, &rig);
  memcpy (analytic, c.dx, sizeof analytic);
  for (guint i = 3; i < PULLED * PIXELS; i += 11)
    {
      const float was = c.x[i], h = 4e-3f;
      c.x[i] = was + h;
      const double up = pull (&c, &rig);
      c.x[i] = was - h;
      const double down = pull (&c, &rig);
      c.x[i] = was;
      const double want = (up - down) / (2 * (double)h);
      n_checked++;
      n_wrong += fabs (want - (double)analytic[i]) > 2e-3 + 3e-2 * fabs (want);
      largest = MAX (largest, fabs ((double)analytic[i]));
    }
  if (n_wrong * 10 > n_checked || largest == 0) /* a kink may lie within a difference */
    g_error ("%s: %u of %u gradients are wrong, the largest is %g", chain, n_wrong, n_checked,
             largest);
  rig_clear (&rig);
}

static void
test_gradients (void)
{
  check_pull ("flatten | dense units=9 activation=tanh | dropout rate=0.5 | "
              "dense units=4 activation=softmax",
              0);
  check_pull ("gaussian-noise stddev=0.3 | conv2d filters=3 activation=elu | max-pool2d | "
              "conv2d filters=5 | batch-norm | flatten | dense units=4 activation=softmax",
              0);
  check_pull ("conv2d filters=3 activation=relu | max-pool2d | flatten | "
              "dense units=4 activation=softmax",
              2); /* nothing behind it has a say */
  check_pull ("reshape shape=8x8 | lstm units=5 | activity-penalty l1=0.5 l2=0.5 | layer-norm | "
              "dense units=4 activation=softmax",
              0);
  check_pull (
      "reshape shape=8x8 | gru units=5 return-sequences=true | conv1d filters=3 | flatten | "
      "dense units=4 activation=softmax",
      0);
}

/* The output of a branch that another joins: what the join passes back does not count. */
static void
test_branches (void)
{
  g_autoptr (GError) error = NULL;
  NnDesign *design = nn_design_new ();
  guint input = nn_test_add (&design, "input", NULL, 0);
  guint flatten = nn_test_add (&design, "flatten", NULL, input);
  guint a = nn_test_add (&design, "dense", "units=6 activation=tanh", flatten);
  guint b = nn_test_add (&design, "dense", "units=6", a);
  guint sum = nn_test_add (&design, "add", NULL, a);
  nn_test_replace (&design, nn_design_connect (design, b, 0, sum, 1, &error));
  g_assert_no_error (error);
  guint last = nn_test_add (&design, "dense", "units=4 activation=softmax", sum);
  nn_test_add (&design, "classification-loss", NULL, last);
  Rig rig;
  rig_open (&rig, design, 1, 0);
  NnAnalysis *analysis = nn_trainer_analysis (rig.trainer);
  NnProgram *program = nn_analysis_program (analysis);
  PullCase whole = { .size = 6, .to = (guint)nn_analysis_value (analysis, sum, 0) };
  PullCase parts[] = { { .size = 6, .to = (guint)nn_analysis_value (analysis, a, 0) },
                       { .size = 6, .to = (guint)nn_analysis_value (analysis, b, 0) } };

  g_assert_cmpint (nn_program_value (program, whole.to)->size, ==, 6);
  pull (&whole, &rig);
  pull (&parts[0], &rig);
  pull (&parts[1], &rig);
  for (guint i = 0; i < PULLED * PIXELS; i++)
    g_assert_cmpfloat_with_epsilon (whole.dx[i], parts[0].dx[i] + parts[1].dx[i], 1e-5);
  rig_clear (&rig);
}

/* ---- the probe ---- */

static const NnMaximiseSettings usual = { .rate = 0.05f, .jitter = 1, .clip = TRUE };
static const guint32 some_units[] = { 0, 2, 3 };

static NnMaximiseQuestion
make_question (guint node, guint n_steps)
{
  return (NnMaximiseQuestion){
    .node = node,
    .units = some_units,
    .n_units = G_N_ELEMENTS (some_units),
    .n_steps = n_steps,
    .seed = 1,
    .settings = usual,
  };
}

/* Asks until it is finished. */
static NnMaximiseResult *
ask (Rig *rig, NnProbe *probe)
{
  NnProbeResult *result = nn_probe_compute (probe, rig->trainer, 1);

  for (guint i = 0; result->unfinished && i < 1000; i++)
    {
      nn_probe_result_unref (result);
      result = nn_probe_compute (probe, rig->trainer, 1);
    }
  g_assert_false (result->unfinished);
  return (NnMaximiseResult *)result;
}

static void
check_rises (guint node, NnDesign *design, NnActivation before, float rise)
{
  Rig rig;
  const NnMaximiseQuestion question = make_question (node, 60);
  g_autoptr (NnProbe) probe = nn_maximise_probe_new (1, &question, NULL);

  rig_open (&rig, design, 1, 40);
  NnMaximiseResult *result = ask (&rig, probe);
  g_assert_no_error (result->base.error);
  g_assert_cmpuint (result->n, ==, G_N_ELEMENTS (some_units));
  g_assert_cmpuint (result->n_steps, ==, 60);
  g_assert_cmpint (result->before, ==, before);
  for (guint i = 0; i < result->n; i++)
    {
      g_assert_cmpuint (result->units[i], ==, some_units[i]);
      g_assert_cmpfloat (result->activation[i], >, result->course[i] + rise);
      g_assert_false (result->flat[i]);
    }
  for (gsize i = 0; i < result->pictures->size; i++)
    g_assert_true (result->pictures->data[i] >= result->low
                   && result->pictures->data[i] <= result->high);
  nn_probe_result_unref (&result->base);
  rig_clear (&rig);
}

static void
test_rises (void)
{
  guint last;
  NnDesign *design = make_classifier ("conv2d filters=4 activation=relu | max-pool2d | flatten | "
                                      "dropout | dense units=4 activation=softmax",
                                      &last);

  check_rises (last, design, NN_ACTIVATION_SOFTMAX, 0.2f);
  check_rises (3, nn_test_autoencoder ("units=6 activation=relu", NULL), NN_ACTIVATION_RELU, 0.1f);
  check_rises (
      2,
      make_classifier (
          "conv2d filters=4 activation=linear | flatten | dense units=4 activation=softmax", &last),
      NN_ACTIVATION_LINEAR, 0);
}

/* For a unit of the first layer the answer is known: its weights. */
static void
test_first_layer (void)
{
  Rig rig;
  NnMaximiseQuestion question = make_question (3, 200);
  question.settings = (NnMaximiseSettings){ .rate = 0.1f, .decay = 1 };
  g_autoptr (NnProbe) probe = nn_maximise_probe_new (1, &question, NULL);

  rig_open (&rig, nn_test_autoencoder ("units=6 activation=sigmoid", NULL), 2, 20);
  NnMaximiseResult *result = ask (&rig, probe);
  const float *w = nn_trainer_weight (rig.trainer, 0);
  for (guint i = 0; i < result->n; i++)
    {
      double ww = 0, xx = 0, wx = 0, mean = 0;
      for (guint k = 0; k < PIXELS; k++)
        mean += (double)result->pictures->data[i * PIXELS + k] / PIXELS;
      double mean_w = 0;
      for (guint k = 0; k < PIXELS; k++)
        mean_w += (double)w[k * 6 + some_units[i]] / PIXELS;
      for (guint k = 0; k < PIXELS; k++)
        {
          const double a = (double)w[k * 6 + some_units[i]] - mean_w;
          const double b = (double)result->pictures->data[i * PIXELS + k] - mean;
          ww += a * a;
          xx += b * b;
          wx += a * b;
        }
      g_assert_cmpfloat (wx / sqrt (ww * xx), >, 0.999);
    }
  nn_probe_result_unref (&result->base);
  rig_clear (&rig);
}

static void
test_threads (void)
{
  NnMaximiseResult *results[2];
  guint last;

  for (guint i = 0; i < 2; i++)
    {
      Rig rig;
      const NnMaximiseQuestion question = make_question (2, 15);
      g_autoptr (NnProbe) probe = nn_maximise_probe_new (1, &question, NULL);
      rig_open (&rig,
                make_classifier ("conv2d filters=4 activation=tanh | flatten | "
                                 "dense units=4 activation=softmax",
                                 &last),
                i + 1, 10);
      results[i] = ask (&rig, probe);
      rig_clear (&rig);
    }
  const gsize bytes = results[0]->pictures->size * sizeof (float);
  g_assert_cmpmem (results[0]->pictures->data, bytes, results[1]->pictures->data, bytes);
  nn_probe_result_unref (&results[0]->base);
  nn_probe_result_unref (&results[1]->base);
}

/* Other settings go on with what there is; another seed begins anew; what is done follows the
 * weights; what is paused stays. */
static void
test_goes_on (void)
{
  Rig rig;
  g_autoptr (GError) error = NULL;
  NnMaximiseQuestion question = make_question (3, 30);
  NnStep step;

  rig_open (&rig, nn_test_autoencoder ("units=6 activation=relu", NULL), 1, 10);
  g_autoptr (NnProbe) first = nn_maximise_probe_new (1, &question, NULL);
  nn_probe_result_unref (&ask (&rig, first)->base);

  question.n_steps = 50;
  question.settings.rate = 0.01f;
  g_autoptr (NnProbe) second = nn_maximise_probe_new (1, &question, first);
  NnMaximiseResult *done = ask (&rig, second);
  g_assert_cmpuint (done->n_steps, ==, 50);
  g_assert_cmpuint (done->n_points, ==, 50);

  NnMaximiseResult *same = ask (&rig, second);
  const gsize bytes = done->pictures->size * sizeof (float);
  g_assert_cmpmem (same->pictures->data, bytes, done->pictures->data, bytes);
  nn_probe_result_unref (&same->base);
  g_assert_true (nn_trainer_step (rig.trainer, &step, &error));
  NnMaximiseResult *followed = ask (&rig, second);
  g_assert_cmpuint (followed->n_steps, ==, 50);
  g_assert_true (memcmp (followed->pictures->data, done->pictures->data, bytes) != 0);

  question.paused = TRUE;
  g_autoptr (NnProbe) third = nn_maximise_probe_new (1, &question, second);
  g_assert_true (nn_trainer_step (rig.trainer, &step, &error));
  NnMaximiseResult *paused = ask (&rig, third);
  g_assert_cmpmem (paused->pictures->data, bytes, followed->pictures->data, bytes);

  /* At another moment of the run it begins anew, with the weights of then. */
  NnCheckpoint *moment = nn_trainer_checkpoint (rig.trainer);
  question.paused = FALSE;
  g_autoptr (NnProbe) back = nn_maximise_probe_new (1, &question, third);
  g_assert_true (nn_trainer_step (rig.trainer, &step, &error));
  g_assert_true (nn_trainer_look_at (rig.trainer, moment));
  NnProbeResult *then = nn_probe_compute (back, rig.trainer, 1);
  const guint n_then = ((NnMaximiseResult *)then)->n_points;
  g_assert_cmpuint (n_then, ==, ((NnMaximiseResult *)then)->n_steps);
  g_assert_cmpfloat (((NnMaximiseResult *)then)->course[0], !=, paused->course[0]);
  nn_probe_result_unref (then);
  nn_trainer_look_at (rig.trainer, NULL);
  nn_checkpoint_unref (moment);

  question.paused = TRUE;
  question.seed = 2;
  g_autoptr (NnProbe) fourth = nn_maximise_probe_new (1, &question, third);
  NnMaximiseResult *anew = ask (&rig, fourth);
  g_assert_cmpuint (anew->n_steps, ==, 0);
  g_assert_true (isnan (anew->activation[0]));

  nn_probe_result_unref (&anew->base);
  nn_probe_result_unref (&paused->base);
  nn_probe_result_unref (&followed->base);
  nn_probe_result_unref (&done->base);
  rig_clear (&rig);
}

static void
check_error (Rig *rig, const NnMaximiseQuestion *question, int code)
{
  g_autoptr (NnProbe) probe = nn_maximise_probe_new (1, question, NULL);
  NnProbeResult *result = nn_probe_compute (probe, rig->trainer, 1);

  g_assert_error (result->error, NN_ERROR, code);
  nn_probe_result_unref (result);
}

static void
test_errors (void)
{
  const guint32 beyond[] = { 6, 900 }, partly[] = { 5, 6 };
  NnMaximiseQuestion question = make_question (3, 5);
  Rig rig;

  rig_open (&rig, nn_test_autoencoder ("units=6 activation=relu", NULL), 1, 0);
  question.units = beyond;
  question.n_units = 2;
  check_error (&rig, &question, NN_ERROR_RANGE);
  question.node = 77;
  check_error (&rig, &question, NN_ERROR_RANGE);

  question.node = 3;
  question.units = partly;
  g_autoptr (NnProbe) probe = nn_maximise_probe_new (1, &question, NULL);
  NnMaximiseResult *result = ask (&rig, probe);
  g_assert_cmpuint (result->n, ==, 1);
  g_assert_cmpuint (result->n_layer, ==, 6);
  nn_probe_result_unref (&result->base);

  ((float *)nn_trainer_weight (rig.trainer, 0))[5] = NAN; /* whatever put it there */
  check_error (&rig, &question, NN_ERROR_NUMERIC);
  rig_clear (&rig);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  nn_flush_denormals ();
  g_test_add_func ("/maximise/space", test_space);
  g_test_add_func ("/maximise/variation", test_variation);
  g_test_add_func ("/maximise/linear", test_linear);
  g_test_add_func ("/maximise/settings", test_settings);
  g_test_add_func ("/maximise/jitter", test_jitter);
  g_test_add_func ("/maximise/seed", test_seed);
  g_test_add_func ("/maximise/flat", test_flat);
  g_test_add_func ("/maximise/gradients", test_gradients);
  g_test_add_func ("/maximise/branches", test_branches);
  g_test_add_func ("/maximise/rises", test_rises);
  g_test_add_func ("/maximise/first-layer", test_first_layer);
  g_test_add_func ("/maximise/threads", test_threads);
  g_test_add_func ("/maximise/goes-on", test_goes_on);
  g_test_add_func ("/maximise/errors", test_errors);
  return g_test_run ();
}
