/* t-SNE in its own thread: seen as it goes, held, ended at any moment. */
#include <math.h>
#include <string.h>

#include "base/nn-error.h"
#include "base/nn-rng.h"
#include "explore/nn-tsne-run.h"

#define N 600
#define DIMS 8
#define PATIENCE (30 * G_USEC_PER_SEC)

static float *
make_codes (gsize n)
{
  float *codes = g_new (float, n *DIMS);
  NnRng rng;

  nn_rng_init (&rng, 11, NN_STREAM_DATA, 0, 0);
  for (gsize i = 0; i < n * DIMS; i++)
    codes[i] = nn_rng_normal (&rng);
  return codes;
}

static NnTsneView
wait_for (NnTsneRun *run, guint n_steps)
{
  const gint64 end = g_get_monotonic_time () + PATIENCE;
  g_autoptr (GError) error = NULL;
  NnTsneView view;

  do
    {
      g_assert_true (nn_tsne_run_look (run, &view, &error));
      g_assert_no_error (error);
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_usleep (200);
    }
  while (!view.prepared || view.n_steps < n_steps);
  return view;
}

/* What is seen is what steps by hand give; a look at each step sees each step. */
static void
test_steps (void)
{
  g_autofree float *codes = make_codes (N);
  const NnTsneSettings settings = NN_TSNE_SETTINGS;
  g_autoptr (NnPool) pool = nn_pool_new (1);
  g_autoptr (NnTsne) tsne = nn_tsne_new (codes, N, DIMS, &settings, pool, NULL, NULL, NULL, NULL);
  g_autoptr (NnTsneRun) run = nn_tsne_run_new (codes, N, DIMS, &settings, 2);

  memset (codes, 0, N * DIMS * sizeof *codes);
  for (guint step = 0; step <= 30; step++)
    {
      NnTsneView view;

      nn_tsne_run_allow (run, step);
      view = wait_for (run, step);
      g_assert_cmpuint (view.n_steps, ==, step);
      g_assert_true (view.exaggerated);
      g_assert_cmpfloat (view.perplexity, ==, 30);
      g_assert_cmpmem (view.xy, 2 * N * sizeof (float), nn_tsne_positions (tsne),
                       2 * N * sizeof (float));
      if (step % 10 == 0)
        g_assert_cmpfloat (view.divergence, ==, nn_tsne_divergence (tsne));
      nn_tsne_step (tsne);
    }
  /* It is held at the last. */
  g_usleep (20000);
  g_assert_cmpuint (wait_for (run, 0).n_steps, ==, 30);
}

static void
test_free_at_any_moment (void)
{
  g_autofree float *codes = make_codes (N);
  const NnTsneSettings settings = NN_TSNE_SETTINGS;

  for (guint i = 0; i < 20; i++)
    {
      NnTsneRun *run = nn_tsne_run_new (codes, N, DIMS, &settings, 2);
      NnTsneView view;

      nn_tsne_run_allow (run, G_MAXUINT);
      g_usleep (1000 * (gulong)i);
      g_assert_true (nn_tsne_run_look (run, &view, NULL));
      nn_tsne_run_free (run);
    }
}

static void
test_error (void)
{
  g_autofree float *codes = make_codes (N);
  const NnTsneSettings settings = NN_TSNE_SETTINGS;
  const gint64 end = g_get_monotonic_time () + PATIENCE;
  g_autoptr (GError) error = NULL;
  g_autoptr (NnTsneRun) run = NULL;
  NnTsneView view;

  codes[5 * DIMS] = NAN;
  run = nn_tsne_run_new (codes, N, DIMS, &settings, 2);
  while (nn_tsne_run_look (run, &view, &error))
    {
      g_assert_false (view.prepared);
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_usleep (200);
    }
  g_assert_error (error, NN_ERROR, NN_ERROR_NUMERIC);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tsne-run/steps", test_steps);
  g_test_add_func ("/tsne-run/free-at-any-moment", test_free_at_any_moment);
  g_test_add_func ("/tsne-run/error", test_error);
  return g_test_run ();
}
