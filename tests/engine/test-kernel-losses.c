/* Losses and penalties of every instruction set against plain double-precision code. */
#include "kernel-check.h"

/* ---- losses: the sum, the formula of one value and its slope by differences, all in double ----
 */

typedef double (*LossOfValue) (double y, double t);
typedef double (*LossKernel) (const float *y, const float *t, float *d, float scale, gsize n);

static double
bce_logits_of (double z, double t)
{
  return MAX (z, 0) - z * t + log1p (exp (-fabs (z)));
}

static double
clip (double p)
{
  /* In float32, as Keras computes it: the upper bound is 1 - 2^-23. */
  return CLAMP (p, (double)1e-7f, (double)(1 - 1e-7f));
}

static double
bce_of (double p, double t)
{
  return -t * log (clip (p)) - (1 - t) * log (1 - clip (p));
}

static double
squared_of (double y, double t)
{
  return (y - t) * (y - t);
}

static double
absolute_of (double y, double t)
{
  return fabs (y - t);
}

static double
huber_of (double y, double t)
{
  return fabs (y - t) <= 1 ? (y - t) * (y - t) / 2 : fabs (y - t) - 0.5;
}

static double
cce_of (double p, double t)
{
  return -t * log (clip (p));
}

static void
check_loss (LossKernel kernel, LossOfValue of, const Array *y, const Array *t, gsize offset)
{
  const double h = 1e-6;
  const float factor = 1.5f;
  double expected = 0;
  gsize n = y->n;
  Array d;

  array_init (&d, n, (offset + 1) % 4);
  for (gsize i = 0; i < n; i++)
    expected += of (y->at[i], t->at[i]);
  assert_near (kernel (y->at, t->at, d.at, factor, n), expected, 1e-6, 1e-6 * (double)n);
  for (gsize i = 0; i < n; i++)
    {
      double slope =
          (of ((double)y->at[i] + h, t->at[i]) - of ((double)y->at[i] - h, t->at[i])) / (2 * h);

      assert_near (d.at[i], (double)factor * slope, 1e-5, 1e-6);
    }
  array_check (&d);
  /* Without the derivative the sum is the same to the bit. */
  g_assert_cmpfloat (kernel (y->at, t->at, NULL, factor, n), ==,
                     kernel (y->at, t->at, d.at, factor, n));
}

static void
check_bce_logits (const NnKernels *kernels, gsize n, gsize offset, NnRng *rng)
{
  Array z, t;

  array_random (&z, n, offset, rng, 6);
  array_uniform (&t, n, offset, rng);
  check_loss (kernels->bce_logits, bce_logits_of, &z, &t, offset);
}

static void
check_bce (const NnKernels *kernels, gsize n, gsize offset, NnRng *rng)
{
  Array p, t;

  array_uniform (&p, n, offset, rng);
  array_uniform (&t, n, (offset + 2) % 4, rng);
  for (gsize i = 0; i < n; i += 5)
    p.at[i] = i % 2 ? -0.5f : 1.5f; /* clipped: no slope */
  check_loss (kernels->bce, bce_of, &p, &t, offset);
}

static void
check_errors (const NnKernels *kernels, gsize n, gsize offset, NnRng *rng)
{
  Array y, t;

  array_random (&y, n, offset, rng, 3);
  array_random (&t, n, (offset + 2) % 4, rng, 3);
  check_loss (kernels->squared_error, squared_of, &y, &t, offset);
  check_loss (kernels->absolute_error, absolute_of, &y, &t, offset);
  check_loss (kernels->huber, huber_of, &y, &t, offset);
}

static double (*cce_kernel) (const float *, const float *, float *, float, gsize, gsize);

static double
cce_flat (const float *p, const float *t, float *d, float factor, gsize n)
{
  return cce_kernel (p, t, d, factor, 1, n);
}

static void
check_cce (const NnKernels *kernels, gsize n, gsize offset, NnRng *rng)
{
  Array p, t;

  array_uniform (&p, n, offset, rng);
  array_uniform (&t, n, offset, rng);
  for (gsize i = 0; i < n; i += 5)
    p.at[i] = -0.5f; /* clipped: no slope */
  cce_kernel = kernels->cce;
  check_loss (cce_flat, cce_of, &p, &t, offset);
}

static void
check_cce_logits (const NnKernels *kernels, gsize n, gsize offset, NnRng *rng)
{
  enum
  {
    ROWS = 3
  };
  double p[MAX_LENGTH], expected = 0;
  Array z, t, d;

  if (n == 0)
    return;
  array_random (&z, ROWS * n, offset, rng, 5);
  array_uniform (&t, ROWS * n, offset, rng);
  /* A row of one-hot, one of shares, one that does not add up to 1. */
  for (gsize i = 0; i < n; i++)
    t.at[i] = i == n / 2;
  array_init (&d, ROWS * n, (offset + 1) % 4);
  for (gsize i = 0; i < ROWS * n; i++)
    {
      reference_softmax (z.at + i / n * n, p, n);
      expected -= (double)t.at[i] * log (p[i % n]);
    }
  assert_near (kernels->cce_logits (z.at, t.at, d.at, 0.7f, ROWS, n), expected, 1e-6, 1e-6);
  for (gsize r = 0; r < ROWS; r++)
    {
      double sum = 0;

      reference_softmax (z.at + r * n, p, n);
      for (gsize i = 0; i < n; i++)
        sum += (double)t.at[r * n + i];
      for (gsize i = 0; i < n; i++)
        assert_near (d.at[r * n + i], (double)0.7f * (p[i] * sum - (double)t.at[r * n + i]), 1e-5,
                     1e-6);
    }
  array_check (&d);
  g_assert_cmpfloat (kernels->cce_logits (z.at, t.at, NULL, 1, ROWS, n), ==,
                     kernels->cce_logits (z.at, t.at, d.at, 1, ROWS, n));
}

static void
check_penalties (const NnKernels *kernels, gsize n, gsize offset, NnRng *rng)
{
  Array x, d, before;
  double l1 = 0, l2 = 0;

  array_random (&x, n, offset, rng, 1);
  for (gsize i = 0; i < n; i += 7)
    x.at[i] = 0;
  array_random (&d, n, (offset + 1) % 4, rng, 1);
  array_init (&before, n, 0);
  memcpy (before.at, d.at, n * sizeof (float));
  for (gsize i = 0; i < n; i++)
    {
      l1 += fabs ((double)x.at[i]);
      l2 += (double)x.at[i] * (double)x.at[i];
    }
  assert_near (kernels->l1 (x.at, d.at, 0.5f, n), l1, 1e-6, 0);
  assert_near (kernels->l1 (x.at, NULL, 0.5f, n), l1, 1e-6, 0);
  assert_near (kernels->l2 (x.at, d.at, 0.25f, n), l2, 1e-6, 0);
  assert_near (kernels->l2 (x.at, NULL, 0.25f, n), l2, 1e-6, 0);
  for (gsize i = 0; i < n; i++)
    {
      double sign = (x.at[i] > 0) - (x.at[i] < 0);

      assert_near (d.at[i], (double)before.at[i] + 0.5 * sign + 0.5 * (double)x.at[i], 1e-6, 1e-6);
    }
  array_check (&d);
}

static const NamedCheck checks[] = {
  { "bce-logits", check_bce_logits },
  { "bce", check_bce },
  { "errors", check_errors },
  { "cce", check_cce },
  { "cce-logits", check_cce_logits },
  { "penalties", check_penalties },
  { NULL },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_checks (checks);
  return g_test_run ();
}
