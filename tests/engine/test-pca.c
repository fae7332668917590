/* Principal components of points made from directions and spreads that are known. */
#include "explore/nn-pca.h"

#include <math.h>

#define N 240

/* Column k of the reflection 1 - 2 u u' / |u|^2 with u = (1, 2, ... D): orthonormal. */
static double
direction (gsize k, gsize d, gsize size)
{
  const double length = (double)(size * (size + 1) * (2 * size + 1)) / 6;

  return (k == d) - 2.0 * (double)((k + 1) * (d + 1)) / length;
}

/* x_i = sum over k < n_spreads of spread_k sqrt (2) cos (2 pi (k + 1) i / N) direction_k, and an
 * offset: uncorrelated, with variance spread^2 N / (N - 1). */
static float *
make_points (gsize size, const double *spread, gsize n_spreads)
{
  float *x = g_new (float, N *size);

  for (gsize i = 0; i < N; i++)
    for (gsize d = 0; d < size; d++)
      {
        double sum = 0.5 * (double)d;

        for (gsize k = 0; k < n_spreads; k++)
          sum += spread[k] * G_SQRT2 * cos (2 * G_PI * (double)((k + 1) * i) / N)
                 * direction (k, d, size);
        x[i * size + d] = (float)sum;
      }
  return x;
}

static void
check_component (const NnPca *pca, guint component, gsize k)
{
  gsize largest = 0;

  for (gsize d = 1; d < pca->size; d++)
    if (fabs (direction (k, d, pca->size)) > fabs (direction (k, largest, pca->size)))
      largest = d;
  const double sign = direction (k, largest, pca->size) < 0 ? -1 : 1;
  for (gsize d = 0; d < pca->size; d++)
    g_assert_cmpfloat_with_epsilon (pca->components[component * pca->size + d],
                                    sign * direction (k, d, pca->size), 2e-5);
}

static void
check_known (gsize size)
{
  /* The widest are neither first nor in order. */
  const double spread[] = { 0.2, 1.5, 0.7, 3, 0.1 };
  const gsize order[] = { 3, 1, 2 };
  g_autofree float *x = make_points (size, spread, G_N_ELEMENTS (spread));
  g_autoptr (NnPca) pca = nn_pca_new (x, N, size, 3, NULL);
  double total = 0;

  for (gsize k = 0; k < G_N_ELEMENTS (spread); k++)
    total += spread[k] * spread[k] * N / (N - 1);
  g_assert_cmpfloat_with_epsilon (pca->total, total, 1e-4);
  for (guint i = 0; i < 3; i++)
    {
      const double variance = spread[order[i]] * spread[order[i]] * N / (N - 1);

      g_assert_cmpfloat_with_epsilon (pca->variance[i], variance, 1e-4);
      g_assert_cmpfloat_with_epsilon (nn_pca_explained (pca, i), variance / total, 1e-5);
      check_component (pca, i, order[i]);
    }
  for (gsize d = 0; d < size; d++)
    g_assert_cmpfloat_with_epsilon (pca->mean[d], 0.5 * (double)d, 1e-5 * (double)(d + 1));
}

static void
test_known (void)
{
  check_known (6);
  check_known (64);
  check_known (150); /* larger than what is turned at once */
}

static void
test_project (void)
{
  const double spread[] = { 3, 1 };
  g_autofree float *x = make_points (10, spread, 2), *out = g_new (float, 2 * N);
  g_autoptr (NnPca) pca = nn_pca_new (x, N, 10, 2, NULL);
  double square[2] = { 0 }, product = 0;

  nn_pca_project (pca, x, N, out);
  for (gsize i = 0; i < N; i++)
    {
      square[0] += (double)out[2 * i] * (double)out[2 * i];
      square[1] += (double)out[2 * i + 1] * (double)out[2 * i + 1];
      product += (double)out[2 * i] * (double)out[2 * i + 1];
    }
  g_assert_cmpfloat_with_epsilon (square[0] / N, 9, 1e-3);
  g_assert_cmpfloat_with_epsilon (square[1] / N, 1, 1e-3);
  g_assert_cmpfloat_with_epsilon (product / N, 0, 1e-3);
}

/* When the second direction becomes the widest and signs change, the axes stay where they were. */
static void
test_follow (void)
{
  const double before[] = { 3, 2 }, after[] = { 2, 3 };
  g_autofree float *x = make_points (8, before, 2), *y = make_points (8, after, 2);
  g_autoptr (NnPca) first = nn_pca_new (x, N, 8, 2, NULL);
  g_autoptr (NnPca) second = nn_pca_new (y, N, 8, 2, NULL);

  for (gsize d = 0; d < 8; d++)
    first->components[d] = -first->components[d];
  nn_pca_follow (second, first);
  for (gsize d = 0; d < 16; d++)
    g_assert_cmpfloat_with_epsilon (second->components[d], first->components[d], 1e-4);
  g_assert_cmpfloat (second->variance[0], <, second->variance[1]);
}

/* No spread, one sample, rows that are not finite, cancelled. */
static void
test_odd (void)
{
  const float same[] = { 1, 2, 3, 1, 2, 3 }, one[] = { 4, 5 };
  const float bad[] = { 0, 0, 1, 1, NAN, 7, INFINITY, 1, 2, 2 };
  float out[10];
  g_autoptr (NnPca) flat = nn_pca_new (same, 2, 3, 2, NULL);
  g_autoptr (NnPca) single = nn_pca_new (one, 1, 2, 1, NULL);
  g_autoptr (NnPca) finite = nn_pca_new (bad, 5, 2, 2, NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  g_assert_cmpfloat (nn_pca_explained (flat, 0), ==, 0);
  g_assert_cmpfloat (single->variance[0], ==, 0);
  g_assert_cmpfloat_with_epsilon (nn_pca_explained (finite, 0), 1, 1e-12);
  g_assert_cmpfloat_with_epsilon (finite->components[0], sqrt (0.5), 1e-9);
  nn_pca_project (finite, bad, 5, out);
  g_assert_true (isnan (out[4]));
  g_assert_cmpfloat_with_epsilon (out[8], sqrt (2), 1e-6);
  g_cancellable_cancel (cancellable);
  g_assert_null (nn_pca_new (bad, 5, 2, 2, cancellable));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pca/known", test_known);
  g_test_add_func ("/pca/project", test_project);
  g_test_add_func ("/pca/follow", test_follow);
  g_test_add_func ("/pca/odd", test_odd);
  return g_test_run ();
}
