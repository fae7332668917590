/* Histograms over time: counts against direct ones, bounded memory, the gradient that the optimizer
 * got, and a past that is handed on. */
#include <math.h>

#include "base/nn-error.h"
#include "explore/nn-histograms-probe.h"
#include "optimizers/nn-optimizer.h"

#include "trainer-fixture.h"

static void
add_row (NnHistogramSeries *series, double time, const float *values, gsize n)
{
  nn_histogram_series_begin (series, time);
  nn_histogram_series_add (series, values, n, 1);
  nn_histogram_series_end (series);
}

/* Share of a row's values between two numbers that are ends of bins. */
static double
share_between (const NnHistogramView *view, guint row, double from, double to)
{
  const double width = (view->high - view->low) / view->n_bins;
  double sum = 0;

  for (guint b = 0; b < view->n_bins; b++)
    {
      const double middle = view->low + (b + 0.5) * width;
      if (middle > from && middle < to)
        sum += (double)view->share[row * view->n_bins + b];
    }
  return sum;
}

static void
test_counts (void)
{
  g_autoptr (NnHistogramSeries) series = nn_histogram_series_new ();
  const float small[] = { -0.4f, 0.1f, 0.1f, 0.3f };
  const float large[] = { -3.5f, -0.4f, 0.1f, 0.3f, NAN, 3.9f, 3.9f, 3.9f };

  g_assert_cmpfloat (nn_histogram_series_time (series), ==, -1);
  add_row (series, 0, small, G_N_ELEMENTS (small));
  add_row (series, 1, large, G_N_ELEMENTS (large)); /* the bins of the first are joined */
  g_autoptr (NnHistogramView) view = nn_histogram_view_new (series, 64, INFINITY);
  g_assert_cmpuint (view->n_rows, ==, 2);
  g_assert_cmpfloat (view->low, <=, -3.5);
  g_assert_cmpfloat (view->high, >, 3.9);
  for (guint row = 0; row < 2; row++)
    g_assert_cmpfloat_with_epsilon (share_between (view, row, -10, 10), 1, 1e-5);
  g_assert_cmpfloat_with_epsilon (share_between (view, 0, -10, 0), 0.25, 1e-5);
  g_assert_cmpfloat_with_epsilon (share_between (view, 1, -10, 0), 2 / 7.0, 1e-5);
  g_assert_cmpfloat_with_epsilon (share_between (view, 1, 3, 10), 3 / 7.0, 1e-5);
  g_assert_cmpfloat_with_epsilon (share_between (view, 0, 3, 10), 0, 1e-5);
  g_assert_cmpuint (view->rows[1].n_bad, ==, 1);
  g_assert_cmpfloat_with_epsilon (view->rows[0].mean, 0.025, 1e-6);
}

/* A few values far out do not push the rest together; nothing but zeros can be drawn, too. */
static void
test_range (void)
{
  g_autoptr (NnHistogramSeries) series = nn_histogram_series_new ();
  g_autoptr (NnHistogramSeries) zeros = nn_histogram_series_new ();
  const float nothing[10] = { 0 };
  float values[4000];

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    values[i] = (float)i / 4000 - 0.5f;
  values[0] = 30;
  add_row (series, 0, values, G_N_ELEMENTS (values));
  g_autoptr (NnHistogramView) view = nn_histogram_view_new (series, 10, INFINITY);
  g_assert_cmpfloat (view->low, >, -0.8);
  g_assert_cmpfloat (view->high, <, 0.8);

  add_row (zeros, 0, nothing, G_N_ELEMENTS (nothing));
  add_row (zeros, 1, values, 3); /* 30, and two more */
  g_autoptr (NnHistogramView) first = nn_histogram_view_new (zeros, 10, INFINITY);
  g_assert_cmpfloat_with_epsilon (share_between (first, 0, -100, 100), 1, 1e-5);
}

static void
test_bounded (void)
{
  g_autoptr (NnHistogramSeries) series = nn_histogram_series_new ();

  for (guint i = 0; i < 5000; i++)
    {
      const float value = (float)i;
      add_row (series, i, &value, 1);
    }
  g_autoptr (NnHistogramView) view = nn_histogram_view_new (series, 8, INFINITY);
  g_assert_cmpuint (view->n_rows, <=, NN_SERIES_ROWS);
  g_assert_cmpuint (view->n_rows, >=, NN_SERIES_ROWS / 2);
  g_assert_cmpfloat (view->time[0], ==, 0);
  g_assert_cmpfloat (view->time[view->n_rows - 1], ==, 4999);
  for (guint i = 1; i < view->n_rows; i++)
    {
      g_assert_cmpfloat (view->time[i], >, view->time[i - 1]);
      g_assert_cmpfloat (view->time[i] - view->time[i - 1], <=, 3 * 5000.0 / NN_SERIES_ROWS);
      g_assert_cmpfloat (view->rows[i].max, ==, view->time[i]); /* each kept its own values */
    }
  const float again = -7;
  add_row (series, 4999, &again, 1); /* the same time: in its place */
  g_autoptr (NnHistogramView) same = nn_histogram_view_new (series, 8, INFINITY);
  g_assert_cmpuint (same->n_rows, ==, view->n_rows);
  g_assert_cmpfloat (same->rows[same->n_rows - 1].max, ==, -7);
}

/* ---- with a trainer ---- */

static void
rig_open (Rig *rig, const char *optimizer, const char *training)
{
  NnDesign *design = nn_test_autoencoder ("units=6 activation=relu", training);
  if (optimizer != NULL)
    {
      const NnOptimizerType *type = nn_optimizer_type (optimizer);
      g_autoptr (NnParams) params = nn_params_new (type->params);
      nn_test_replace (&design, nn_design_with_optimizer (design, type, params));
    }
  *rig = rig_of (design, nn_test_dataset (128), 2, NULL);
}

static void
make_step (Rig *rig)
{
  g_autoptr (GError) error = NULL;
  NnStep step;
  g_assert_true (nn_trainer_step (rig->trainer, &step, &error));
}

#define WEIGHTS (64 * 6)

/* Plain gradient descent moves each weight by -rate times the gradient that was caught: nothing
 * else was given to the optimizer. Clipped, none is longer than allowed. */
static void
test_caught (void)
{
  Rig rig;
  float before[WEIGHTS];
  guint64 step;
  gboolean moved = FALSE;

  rig_open (&rig, "sgd", "batch-size=32 clip-value=0.0005");
  g_assert_null (nn_trainer_caught_gradient (rig.trainer, 0, &step));
  nn_trainer_catch_gradients (rig.trainer);
  memcpy (before, nn_trainer_weight (rig.trainer, 0), sizeof before);
  const double rate = nn_trainer_learning_rate (rig.trainer);
  make_step (&rig);
  const float *g = nn_trainer_caught_gradient (rig.trainer, 0, &step);
  g_assert_nonnull (g);
  g_assert_cmpuint (step, ==, 1);
  for (guint i = 0; i < WEIGHTS; i++)
    {
      const double after = (double)nn_trainer_weight (rig.trainer, 0)[i];
      g_assert_cmpfloat_with_epsilon (after, (double)before[i] - rate * (double)g[i], 1e-6);
      g_assert_cmpfloat (fabsf (g[i]), <=, 0.0005f);
      moved |= fabsf (g[i]) == 0.0005f;
    }
  g_assert_true (moved);
  make_step (&rig); /* not waited for: what was caught stays */
  nn_trainer_caught_gradient (rig.trainer, 0, &step);
  g_assert_cmpuint (step, ==, 1);
  nn_trainer_reset (rig.trainer, 5);
  g_assert_null (nn_trainer_caught_gradient (rig.trainer, 0, &step));
  rig_clear (&rig);
}

static NnHistogramsResult *
ask (Rig *rig, NnProbe *probe)
{
  return (NnHistogramsResult *)nn_probe_compute (probe, rig->trainer, 1);
}

static void
test_probe (void)
{
  Rig rig;
  const guint flatten = 2, hidden = 3;
  g_autoptr (NnProbe) probe = nn_histograms_probe_new (1, hidden, NULL);

  rig_open (&rig, NULL, "batch-size=32");
  NnHistogramsResult *result = ask (&rig, probe);
  g_assert_no_error (result->base.error);
  g_assert_cmpint (result->n_weights, ==, WEIGHTS + 6);
  g_assert_cmpuint (result->spread[NN_SPREAD_WEIGHTS]->n_rows, ==, 1);
  g_assert_null (result->spread[NN_SPREAD_GRADIENTS]); /* nobody has trained */
  nn_probe_result_unref (&result->base);

  make_step (&rig);
  result = ask (&rig, probe);
  const NnHistogramView *weights = result->spread[NN_SPREAD_WEIGHTS];
  const NnHistogramView *gradients = result->spread[NN_SPREAD_GRADIENTS];
  const NnHistogramView *activations = result->spread[NN_SPREAD_ACTIVATIONS];
  NnStatistics kernel;
  nn_statistics_of (&kernel, nn_trainer_weight (rig.trainer, 0), WEIGHTS);
  g_assert_cmpuint (weights->n_rows, ==, 2);
  g_assert_cmpfloat (weights->time[1], ==, 0.25);
  g_assert_cmpuint (weights->rows[1].n, ==, WEIGHTS + 6);
  g_assert_cmpfloat (weights->rows[1].max, >=, kernel.max);
  g_assert_cmpuint (gradients->n_rows, ==, 1);
  g_assert_cmpfloat (gradients->time[0], ==, 0.25);
  g_assert_cmpfloat (gradients->rows[0].deviation, >, 0);
  g_assert_cmpuint (activations->rows[1].n, ==, 6 * 32); /* all that the test part has */
  g_assert_cmpfloat (activations->rows[1].min, >=, 0);
  nn_probe_result_unref (&result->base);

  /* Looked at from a moment, the past ends there; it is all there again in the present. */
  NnCheckpoint *moment = nn_trainer_checkpoint (rig.trainer);
  make_step (&rig);
  nn_probe_result_unref (&ask (&rig, probe)->base);
  g_assert_true (nn_trainer_look_at (rig.trainer, moment));
  result = ask (&rig, probe);
  g_assert_cmpuint (result->spread[NN_SPREAD_WEIGHTS]->n_rows, ==, 2);
  nn_probe_result_unref (&result->base);
  nn_trainer_look_at (rig.trainer, NULL);
  nn_checkpoint_unref (moment);
  result = ask (&rig, probe);
  g_assert_cmpuint (result->spread[NN_SPREAD_WEIGHTS]->n_rows, ==, 3);
  nn_probe_result_unref (&result->base);

  /* The layer beside it has a past, too; and no weights. */
  g_autoptr (NnProbe) beside = nn_histograms_probe_new (1, flatten, probe);
  result = ask (&rig, beside);
  g_assert_cmpint (result->n_weights, ==, 0);
  g_assert_null (result->spread[NN_SPREAD_WEIGHTS]);
  g_assert_cmpuint (result->spread[NN_SPREAD_ACTIVATIONS]->n_rows, ==, 3);
  nn_probe_result_unref (&result->base);

  nn_trainer_reset (rig.trainer, 9); /* another run begins anew */
  g_autoptr (NnProbe) again = nn_histograms_probe_new (1, hidden, beside);
  result = ask (&rig, again);
  g_assert_cmpuint (result->spread[NN_SPREAD_WEIGHTS]->n_rows, ==, 1);
  g_assert_null (result->spread[NN_SPREAD_GRADIENTS]);
  nn_probe_result_unref (&result->base);

  g_autoptr (NnProbe) nowhere = nn_histograms_probe_new (1, 77, NULL);
  result = ask (&rig, nowhere);
  g_assert_error (result->base.error, NN_ERROR, NN_ERROR_RANGE);
  nn_probe_result_unref (&result->base);
  rig_clear (&rig);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/histograms/counts", test_counts);
  g_test_add_func ("/histograms/range", test_range);
  g_test_add_func ("/histograms/bounded", test_bounded);
  g_test_add_func ("/histograms/caught", test_caught);
  g_test_add_func ("/histograms/probe", test_probe);
  return g_test_run ();
}
