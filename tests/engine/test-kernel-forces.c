/* The forces of an embedding against plain sums in double. */
#include "kernel-check.h"

#define N_POINTS 7

static void
check_push (const NnKernels *kernels, gsize n, gsize offset, NnRng *rng)
{
  Array x, y, mass, out, points;

  array_random (&x, n, offset, rng, 3);
  array_random (&y, n, offset, rng, 3);
  array_uniform (&mass, n, offset, rng);
  array_random (&points, 2 * N_POINTS, offset, rng, 3);
  array_init (&out, 3 * N_POINTS, offset);
  kernels->push ((const float *[]){ x.at, y.at, mass.at }, n, points.at, N_POINTS, out.at);
  array_check (&out);
  for (gsize i = 0; i < N_POINTS; i++)
    {
      double sum[3] = { 0 }, size[3] = { 0 };

      for (gsize j = 0; j < n; j++)
        {
          const double dx = (double)points.at[2 * i] - (double)x.at[j];
          const double dy = (double)points.at[2 * i + 1] - (double)y.at[j];
          const double q = 1 / (1 + dx * dx + dy * dy), m = (double)mass.at[j];
          const double part[3] = { m * q, m * q * q * dx, m * q * q * dy };

          for (guint c = 0; c < 3; c++)
            {
              sum[c] += part[c];
              size[c] += fabs (part[c]);
            }
        }
      for (guint c = 0; c < 3; c++)
        assert_near ((double)out.at[3 * i + c], sum[c], 0, 2e-6 * size[c]);
    }
}

/* Rows of n, 0 and 1 edges. */
static void
check_pull (const NnKernels *kernels, gsize n, gsize offset, NnRng *rng)
{
  const gsize row[4] = { 0, n, n, n + 1 };
  guint32 index[MAX_LENGTH + 1];
  Array xy, p, force, twice;
  double found_log = 1, log_sum = 1;

  array_random (&xy, 2 * 40, offset, rng, 3);
  array_uniform (&p, n + 1, offset, rng);
  for (gsize e = 0; e <= n; e++)
    index[e] = nn_rng_below (rng, 40);
  array_init (&force, 2 * 3, offset);
  array_init (&twice, 2 * 3, offset);
  kernels->pull (xy.at, row, index, p.at, 0, 3, force.at, &found_log);
  kernels->pull (xy.at, row, index, p.at, 0, 2, twice.at, NULL);
  kernels->pull (xy.at, row, index, p.at, 2, 3, twice.at, NULL);
  array_check (&force);
  g_assert_cmpmem (force.at, 6 * sizeof (float), twice.at, 6 * sizeof (float));
  for (gsize i = 0; i < 3; i++)
    {
      double sum[2] = { 0 }, size[2] = { 0 };

      for (gsize e = row[i]; e < row[i + 1]; e++)
        {
          const double d[2] = { (double)xy.at[2 * i] - (double)xy.at[2 * index[e]],
                                (double)xy.at[2 * i + 1] - (double)xy.at[2 * index[e] + 1] };
          const double square = 1 + d[0] * d[0] + d[1] * d[1];

          log_sum += (double)p.at[e] * log (square);
          for (guint c = 0; c < 2; c++)
            {
              sum[c] += (double)p.at[e] * d[c] / square;
              size[c] += fabs ((double)p.at[e] * d[c] / square);
            }
        }
      for (guint c = 0; c < 2; c++)
        assert_near ((double)force.at[2 * i + c], sum[c], 0, 2e-6 * size[c]);
    }
  assert_near (found_log, log_sum, 2e-6, 0);
}

static const NamedCheck checks[] = {
  { "push", check_push },
  { "pull", check_pull },
  { NULL },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_checks (checks);
  return g_test_run ();
}
