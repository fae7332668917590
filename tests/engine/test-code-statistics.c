/* Statistics of codes, against numbers worked out by hand. */
#include <math.h>

#include "explore/nn-code-statistics.h"

static void
test_units (void)
{
  /* Four samples of three units; the last is silent. */
  static const float codes[] = { 1, -2, 0, 3, 2, 0, 1, -2, 0, 3, 2, 0.01f };
  g_autoptr (NnCodeStatistics) statistics = nn_code_statistics_new (codes, NULL, 4, 3, 5);

  g_assert_cmpfloat (statistics->units[0].mean, ==, 2);
  g_assert_cmpfloat (statistics->units[0].variance, ==, 1);
  g_assert_cmpfloat (statistics->units[1].mean, ==, 0);
  g_assert_cmpfloat (statistics->units[1].activity, ==, 2);
  g_assert_cmpfloat (statistics->units[2].silent, ==, 1);
  g_assert_cmpuint (statistics->n_dead, ==, 1);
  g_assert_true (isnan (statistics->units[0].divergence));
  g_assert_cmpuint (statistics->n_collapsed, ==, 0);
  g_assert_cmpfloat (statistics->low, ==, -2);
  g_assert_cmpfloat (statistics->high, ==, 3);
  g_assert_cmpuint (statistics->bins[0], ==, 2); /* -2 .. -1 */
  g_assert_cmpuint (statistics->bins[2], ==, 4); /* 0 .. 1 */
  g_assert_cmpuint (statistics->bins[3], ==, 2);
  g_assert_cmpuint (statistics->bins[4], ==, 4); /* the end belongs to the last */
  /* Mean and variance over all twelve values. */
  g_assert_cmpfloat_with_epsilon (statistics->whole.mean, 8.01 / 12, 1e-6);
  g_assert_cmpfloat_with_epsilon (statistics->whole.variance, 36.0001 / 12 - pow (8.01 / 12, 2),
                                  1e-6);
}

static void
test_divergence (void)
{
  static const float mean[] = { 1, 0, -1, 0 };
  const float log_variance[] = { 0, 0, logf (4), 0 };
  g_autoptr (NnCodeStatistics) statistics = nn_code_statistics_new (mean, log_variance, 2, 2, 3);

  /* (1 / 2 + (1 + 4 - log 4 - 1) / 2) / 2 */
  g_assert_cmpfloat_with_epsilon (statistics->units[0].divergence, (0.5 + 0.5 * (4 - log (4))) / 2,
                                  1e-6);
  g_assert_cmpfloat (statistics->units[1].divergence, ==, 0);
  g_assert_cmpuint (statistics->n_collapsed, ==, 1);
  g_assert_cmpfloat (statistics->whole.divergence, ==, statistics->units[0].divergence);
}

static void
test_broken (void)
{
  static const float codes[] = { 1, NAN };

  g_assert_null (nn_code_statistics_new (codes, NULL, 1, 2, 4));
  g_assert_null (nn_code_statistics_new (codes, NULL, 0, 2, 4));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/code-statistics/units", test_units);
  g_test_add_func ("/code-statistics/divergence", test_divergence);
  g_test_add_func ("/code-statistics/broken", test_broken);
  return g_test_run ();
}
