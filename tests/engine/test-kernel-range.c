/* Kernels at the ends of the range of floats, on long arrays, at every alignment. */
#include "kernel-check.h"

/* ---- over the whole range of floats ---- */

static void
test_accuracy (gconstpointer data)
{
  const NnKernels *kernels = data;
  const gsize n = 1 << 16;
  g_autofree float *x = g_new (float, n);
  g_autofree float *y = g_new (float, n);

  for (NnActivation f = 0; f < NN_ACTIVATION_SOFTMAX; f++)
    for (gint exponent = -30; exponent <= 7; exponent++)
      {
        for (gsize i = 0; i < n; i++)
          x[i] =
              ldexpf (1.0f + (float)(i / 2) * 2.0f / (float)n, exponent) * (i % 2 ? -1.0f : 1.0f);
        kernels->activate (f, ALPHA, x, y, 1, n);
        for (gsize i = 0; i < n; i++)
          {
            double expected = reference_value (f, ALPHA, x[i]);

            /* Below the smallest normal number bits are lost one by one. */
            assert_near (y[i], expected, 5e-7, 1.2e-38 + reference_slack (f, x[i]));
          }
      }
}

static void
test_special_values (gconstpointer data)
{
  const NnKernels *kernels = data;
  static const float values[] = { INFINITY, -INFINITY, 3e38f, -3e38f, 1000,
                                  -1000,    0,         -0.0f, 89,     -104 };

  for (NnActivation f = 0; f < NN_ACTIVATION_SOFTMAX; f++)
    for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
      {
        float x[20], y[20];

        for (gsize j = 0; j < G_N_ELEMENTS (x); j++)
          x[j] = values[i];
        kernels->activate (f, ALPHA, x, y, 1, G_N_ELEMENTS (x));
        for (gsize j = 0; j < G_N_ELEMENTS (x); j++)
          {
            double expected = reference_value (f, ALPHA, values[i]);

            if (isinf ((float)expected))
              g_assert_cmpfloat (y[j], ==, (float)expected);
            else
              assert_near (y[j], expected, 1e-6, 1.2e-38 + reference_slack (f, values[i]));
          }
      }
}

/* A value that is not a number stays one wherever it stands: a diverged run must be noticed. */
static void
test_nan (gconstpointer data)
{
  const NnKernels *kernels = data;
  enum
  {
    N = 37
  };

  for (gsize at = 0; at < N; at++)
    {
      float x[N], t[N], y[N], d[N];

      for (gsize i = 0; i < N; i++)
        {
          x[i] = i == at ? NAN : 0.5f;
          t[i] = 0.5f;
        }
      for (NnActivation f = 0; f < NN_N_ACTIVATIONS; f++)
        {
          kernels->activate (f, ALPHA, x, y, 1, N);
          g_assert_true (isnan (y[at]));
          memcpy (y, t, sizeof y);
          kernels->bias_activate (f, ALPHA, x, y, 1, N);
          g_assert_true (isnan (y[at]));
        }
      g_assert_true (isnan (kernels->bce_logits (x, t, d, 1, N)) && isnan (d[at]));
      g_assert_true (isnan (kernels->bce (x, t, d, 1, N)) && isnan (d[at]));
      g_assert_true (isnan (kernels->squared_error (x, t, d, 1, N)) && isnan (d[at]));
      g_assert_true (isnan (kernels->absolute_error (x, t, d, 1, N)) && isnan (d[at]));
      g_assert_true (isnan (kernels->huber (x, t, d, 1, N)) && isnan (d[at]));
      g_assert_true (isnan (kernels->cce_logits (x, t, d, 1, 1, N)) && isnan (d[at]));
      g_assert_true (isnan (kernels->cce (x, t, d, 1, 1, N)) && isnan (d[at]));
      g_assert_true (isnan (kernels->l1 (x, NULL, 1, N)));
      g_assert_true (isnan (kernels->l2 (x, NULL, 1, N)));
    }
}

/* Losses of saturated logits are exact: nothing overflows. */
static void
test_large_logits (gconstpointer data)
{
  const NnKernels *kernels = data;
  static const float z[] = { 1e4f, -1e4f, 1e4f, -1e4f, 1e30f, -1e30f };
  static const float t[] = { 1, 0, 0, 1, 1, 0 };
  float d[6];

  assert_near (kernels->bce_logits (z, t, d, 1, 6), 2e4, 1e-6, 0);
  for (gsize i = 0; i < 6; i++)
    assert_near (d[i], (z[i] > 0) - t[i], 0, 1e-30);
  assert_near (kernels->cce_logits (z, t, d, 1, 1, 4), 2e4 + 2 * log (2), 1e-7, 0);
}

/* Same values, whatever the alignment and wherever the array is cut. */
static void
test_deterministic (gconstpointer data)
{
  const NnKernels *kernels = data;
  enum
  {
    N = 1000
  };
  NnAdamStep step = { .learning_rate = 0.01f, .beta1 = 0.9f, .beta2 = 0.999f, .epsilon = 1e-7f };
  g_autofree float *z = g_new (float, N + 16);
  g_autofree float *t = g_new (float, N + 16);
  float whole_d[N], d[N + 16], w[2][N], m[2][N] = { 0 }, v[2][N] = { 0 };
  double whole;
  NnRng rng;

  nn_rng_init (&rng, 77, 0, 0, 0);
  for (gsize i = 0; i < N; i++)
    {
      z[i] = 4 * nn_rng_normal (&rng);
      t[i] = nn_rng_uniform (&rng);
    }
  whole = kernels->bce_logits (z, t, whole_d, 0.1f, N);
  for (gsize offset = 1; offset < 16; offset++)
    {
      memmove (z + offset, z + offset - 1, N * sizeof (float));
      memmove (t + offset, t + offset - 1, N * sizeof (float));
      g_assert_cmpfloat (kernels->bce_logits (z + offset, t + offset, d + offset, 0.1f, N), ==,
                         whole);
      g_assert_cmpmem (d + offset, N * sizeof (float), whole_d, N * sizeof (float));
    }
  for (gsize cut = 0; cut <= N; cut += 37)
    {
      kernels->bce_logits (z + 15, t + 15, d, 0.1f, cut);
      kernels->bce_logits (z + 15 + cut, t + 15 + cut, d + cut, 0.1f, N - cut);
      g_assert_cmpmem (d, N * sizeof (float), whole_d, N * sizeof (float));
    }
  for (gsize i = 0; i < N; i++)
    w[0][i] = w[1][i] = nn_rng_normal (&rng);
  kernels->adam (&step, whole_d, w[0], m[0], v[0], N);
  kernels->adam (&step, whole_d, w[1], m[1], v[1], 333);
  kernels->adam (&step, whole_d + 333, w[1] + 333, m[1] + 333, v[1] + 333, N - 333);
  g_assert_cmpmem (w[0], sizeof w[0], w[1], sizeof w[1]);
}

/* The mean of many small losses: blocks are added in double. */
static void
test_long_sums (gconstpointer data)
{
  const NnKernels *kernels = data;
  const gsize n = 3000000;
  g_autofree float *y = g_new (float, n);
  g_autofree float *t = g_new0 (float, n);

  for (gsize i = 0; i < n; i++)
    y[i] = 0.1f;
  assert_near (kernels->squared_error (y, t, NULL, 1, n), (double)n * (double)0.1f * (double)0.1f,
               3e-7, 0);
  assert_near (kernels->bce_logits (y, t, NULL, 1, n), (double)n * (0.1 + log1p (exp (-0.1))), 3e-7,
               0);
}

static void
test_normal_moments (gconstpointer data)
{
  const NnKernels *kernels = data;
  const gsize n = 1 << 20;
  const guint32 key[2] = { 3, 0 }, counter[4] = { 0, 1, 2, 3 };
  g_autofree float *z = g_new (float, n);
  double moment[5] = { 0 };

  kernels->normal (key, counter, z, n);
  for (gsize i = 0; i < n; i++)
    for (guint power = 1; power <= 4; power++)
      moment[power] += pow (z[i], power) / (double)n;
  /* 0, 1, 0, 3 within six standard errors: sqrt (1, 2, 15, 96 over n) */
  assert_near (moment[1], 0, 0, 6 * sqrt (1.0 / (double)n));
  assert_near (moment[2], 1, 0, 6 * sqrt (2.0 / (double)n));
  assert_near (moment[3], 0, 0, 6 * sqrt (15.0 / (double)n));
  assert_near (moment[4], 3, 0, 6 * sqrt (96.0 / (double)n));
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    GTestDataFunc test;
  } tests[] = {
    { "accuracy", test_accuracy },
    { "special-values", test_special_values },
    { "nan", test_nan },
    { "large-logits", test_large_logits },
    { "deterministic", test_deterministic },
    { "long-sums", test_long_sums },
    { "normal-moments", test_normal_moments },
  };

  g_test_init (&argc, &argv, NULL);
  for (const NnKernels *const *table = nn_kernels_all (); *table != NULL; table++)
    for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
      {
        g_autofree char *path = g_strdup_printf ("/kernels/%s/%s", (*table)->name, tests[i].name);

        g_test_add_data_func (path, *table, tests[i].test);
      }
  return g_test_run ();
}
