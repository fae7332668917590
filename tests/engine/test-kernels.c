/* Every kernel of every instruction set against plain double-precision code. */
#include "base/nn-kernels.h"
#include "base/nn-rng.h"

#include <math.h>
#include <string.h>

#define MAX_LENGTH 70
#define GUARD 123456.0f

/* An array that begins at any float and must not be written beyond its end. */
typedef struct
{
  float memory[4 * MAX_LENGTH + 32];
  float *at;
  gsize n;
} Array;

static void
array_init (Array *array, gsize n, gsize offset)
{
  g_assert_cmpuint (8 + offset + n + 8, <=, G_N_ELEMENTS (array->memory));
  for (gsize i = 0; i < G_N_ELEMENTS (array->memory); i++)
    array->memory[i] = GUARD;
  array->at = array->memory + 8 + offset;
  array->n = n;
}

static void
array_random (Array *array, gsize n, gsize offset, NnRng *rng, float size)
{
  array_init (array, n, offset);
  for (gsize i = 0; i < n; i++)
    array->at[i] = size * nn_rng_normal (rng);
}

static void
array_uniform (Array *array, gsize n, gsize offset, NnRng *rng)
{
  array_init (array, n, offset);
  for (gsize i = 0; i < n; i++)
    array->at[i] = 0.01f + 0.98f * nn_rng_uniform (rng);
}

static void
array_check (const Array *array)
{
  for (const float *p = array->memory; p < array->at; p++)
    g_assert_cmpfloat (*p, ==, GUARD);
  for (const float *p = array->at + array->n; p < array->memory + G_N_ELEMENTS (array->memory); p++)
    g_assert_cmpfloat (*p, ==, GUARD);
}

static void
assert_near (double found, double expected, double relative, double absolute)
{
  double allowed = relative * fabs (expected) + absolute;

  if (!(fabs (found - expected) <= allowed))
    g_error ("found %.9g, expected %.9g, allowed difference %.3g", found, expected, allowed);
}

/* ---- what is right ---- */

static double
reference_value (NnActivation f, double alpha, double x)
{
  switch (f)
    {
    case NN_ACTIVATION_RELU:
      return x > 0 ? x : 0;
    case NN_ACTIVATION_LEAKY_RELU:
      return x > 0 ? x : alpha * x;
    case NN_ACTIVATION_ELU:
      return x > 0 ? x : alpha * expm1 (x);
    case NN_ACTIVATION_SIGMOID:
      return 1 / (1 + exp (-x));
    case NN_ACTIVATION_TANH:
      return tanh (x);
    case NN_ACTIVATION_SOFTPLUS:
      return x > 0 ? x + log1p (exp (-x)) : log1p (exp (x));
    default:
      return x;
    }
}

static void
reference_softmax (const float *x, double *y, gsize n)
{
  double largest = -INFINITY, sum = 0;

  for (gsize i = 0; i < n; i++)
    largest = MAX (largest, (double)x[i]);
  for (gsize i = 0; i < n; i++)
    sum += y[i] = exp ((double)x[i] - largest);
  for (gsize i = 0; i < n; i++)
    y[i] /= sum;
}

typedef void (*Check) (const NnKernels *kernels, gsize n, gsize offset, NnRng *rng);

/* ---- activations ---- */

#define ALPHA 0.3f

static void
check_activate (const NnKernels *kernels, gsize n, gsize offset, NnRng *rng)
{
  for (NnActivation f = 0; f < NN_ACTIVATION_SOFTMAX; f++)
    {
      Array x, y, same;

      array_random (&x, n, offset, rng, 4);
      array_init (&y, n, (offset + 1) % 4);
      array_init (&same, n, offset);
      memcpy (same.at, x.at, n * sizeof (float));
      kernels->activate (f, ALPHA, x.at, y.at, 1, n);
      kernels->activate (f, ALPHA, same.at, same.at, n, 1);
      for (gsize i = 0; i < n; i++)
        {
          assert_near (y.at[i], reference_value (f, ALPHA, x.at[i]), 1e-6, 0);
          g_assert_cmpfloat (same.at[i], ==, y.at[i]);
        }
      array_check (&y);
      array_check (&same);
    }
}

static void
check_bias_activate (const NnKernels *kernels, gsize n, gsize offset, NnRng *rng)
{
  enum
  {
    ROWS = 3
  };

  for (NnActivation f = 0; f < NN_ACTIVATION_SOFTMAX; f++)
    for (guint with_bias = 0; with_bias < 2; with_bias++)
      {
        Array bias, x, y;

        array_random (&bias, n, offset, rng, 1);
        array_random (&x, ROWS * n, (offset + 2) % 4, rng, 2);
        y = x;
        y.at = y.memory + (x.at - x.memory);
        kernels->bias_activate (f, ALPHA, with_bias ? bias.at : NULL, y.at, ROWS, n);
        for (gsize i = 0; i < ROWS * n; i++)
          {
            float sum = x.at[i] + (with_bias ? bias.at[i % n] : 0);

            assert_near (y.at[i], reference_value (f, ALPHA, sum), 1e-6, 0);
          }
        array_check (&y);
      }
}

static void
check_activate_grad (const NnKernels *kernels, gsize n, gsize offset, NnRng *rng)
{
  const double h = 1e-6;

  for (NnActivation f = 0; f < NN_ACTIVATION_SOFTMAX; f++)
    {
      Array x, y, dy, dx;

      array_random (&x, n, offset, rng, 2);
      /* Away from the kinks, where there is no derivative. */
      for (gsize i = 0; i < n; i++)
        if (fabsf (x.at[i]) < 0.01f)
          x.at[i] = 0.01f;
      array_random (&dy, n, (offset + 3) % 4, rng, 1);
      array_init (&y, n, offset);
      array_init (&dx, n, offset);
      kernels->activate (f, ALPHA, x.at, y.at, 1, n);
      kernels->activate_grad (f, ALPHA, x.at, y.at, dy.at, dx.at, 1, n);
      for (gsize i = 0; i < n; i++)
        {
          double slope = (reference_value (f, ALPHA, (double)x.at[i] + h)
                          - reference_value (f, ALPHA, (double)x.at[i] - h))
                         / (2 * h);

          assert_near (dx.at[i], slope * (double)dy.at[i], 1e-5, 1e-6);
        }
      array_check (&dx);
      kernels->activate_grad (f, ALPHA, x.at, y.at, dy.at, dy.at, 1, n);
      g_assert_cmpmem (dy.at, n * sizeof (float), dx.at, n * sizeof (float));
      array_check (&dy);
    }
}

static void
check_softmax (const NnKernels *kernels, gsize n, gsize offset, NnRng *rng)
{
  enum
  {
    ROWS = 3
  };
  double expected[MAX_LENGTH];
  Array x, y, dy, dx, bias;

  if (n == 0)
    return;
  array_random (&x, ROWS * n, offset, rng, 10);
  array_init (&y, ROWS * n, (offset + 1) % 4);
  array_random (&dy, ROWS * n, offset, rng, 1);
  array_init (&dx, ROWS * n, offset);
  array_init (&bias, n, offset);
  for (gsize i = 0; i < n; i++)
    bias.at[i] = 3; /* the same for all: changes nothing */
  kernels->activate (NN_ACTIVATION_SOFTMAX, 0, x.at, y.at, ROWS, n);
  kernels->activate_grad (NN_ACTIVATION_SOFTMAX, 0, NULL, y.at, dy.at, dx.at, ROWS, n);
  for (gsize r = 0; r < ROWS; r++)
    {
      double dot = 0;

      reference_softmax (x.at + r * n, expected, n);
      for (gsize i = 0; i < n; i++)
        dot += expected[i] * (double)dy.at[r * n + i];
      for (gsize i = 0; i < n; i++)
        {
          /* x - max x is rounded: half a unit of a number up to 64 is 2e-6. */
          assert_near (y.at[r * n + i], expected[i], 3e-6, 1e-37);
          assert_near (dx.at[r * n + i], expected[i] * ((double)dy.at[r * n + i] - dot), 1e-5,
                       1e-6);
        }
    }
  array_check (&y);
  array_check (&dx);
  kernels->activate_grad (NN_ACTIVATION_SOFTMAX, 0, NULL, y.at, dy.at, dy.at, ROWS, n);
  g_assert_cmpmem (dy.at, ROWS * n * sizeof (float), dx.at, ROWS * n * sizeof (float));
  kernels->bias_activate (NN_ACTIVATION_SOFTMAX, 0, bias.at, x.at, ROWS, n);
  for (gsize i = 0; i < ROWS * n; i++)
    assert_near (x.at[i], y.at[i], 1e-5, 1e-37);
  array_check (&x);
}

/* ---- arithmetic ---- */

static void
check_arithmetic (const NnKernels *kernels, gsize n, gsize offset, NnRng *rng)
{
  Array x, y, before, scaled;

  array_random (&x, n, offset, rng, 1);
  array_random (&y, n, (offset + 1) % 4, rng, 1);
  array_init (&before, n, 0);
  memcpy (before.at, y.at, n * sizeof (float));
  array_init (&scaled, n, offset);
  kernels->add_scaled (-1.7f, x.at, y.at, n);
  kernels->scale (2.5f, x.at, scaled.at, n);
  for (gsize i = 0; i < n; i++)
    {
      assert_near (y.at[i], (double)before.at[i] + (double)-1.7f * (double)x.at[i], 1e-7, 1e-6);
      g_assert_cmpfloat (scaled.at[i], ==, 2.5f * x.at[i]);
    }
  array_check (&y);
  array_check (&scaled);
}

static void
check_column_sums (const NnKernels *kernels, gsize n, gsize offset, NnRng *rng)
{
  enum
  {
    MAX_ROWS = 11
  };
  float x[MAX_ROWS * MAX_LENGTH + 4];

  for (gsize rows = 0; rows <= MAX_ROWS; rows++)
    {
      Array sum, before;

      for (gsize i = 0; i < rows * n; i++)
        x[offset + i] = nn_rng_normal (rng);
      array_random (&sum, n, offset, rng, 1);
      array_init (&before, n, 0);
      memcpy (before.at, sum.at, n * sizeof (float));
      kernels->add_column_sums (x + offset, rows, n, sum.at);
      for (gsize c = 0; c < n; c++)
        {
          double expected = before.at[c];

          for (gsize r = 0; r < rows; r++)
            expected += (double)x[offset + r * n + c];
          assert_near (sum.at[c], expected, 1e-6, 1e-5);
        }
      array_check (&sum);
    }
}

static void
check_sum_parts (const NnKernels *kernels, gsize n, gsize offset, NnRng *rng)
{
  enum
  {
    MAX_PARTS = 9
  };
  Array part[MAX_PARTS], g;
  const float *at[MAX_PARTS];

  for (gsize p = 0; p < MAX_PARTS; p++)
    {
      array_random (&part[p], n, (offset + p) % 4, rng, 1);
      at[p] = part[p].at;
    }
  for (gsize n_parts = 0; n_parts <= MAX_PARTS; n_parts++)
    {
      array_init (&g, n, offset);
      kernels->sum_parts (at, n_parts, g.at, n);
      for (gsize i = 0; i < n; i++)
        {
          float expected = 0;

          /* Exactly: the order of the sum is promised. */
          for (gsize p = 0; p < n_parts; p++)
            expected += at[p][i];
          g_assert_cmpfloat (g.at[i], ==, expected);
        }
      array_check (&g);
    }
}

static void
check_widen (const NnKernels *kernels, gsize n, gsize offset, NnRng *rng)
{
  guint8 x[MAX_LENGTH + 4];
  Array y;

  for (gsize i = 0; i < G_N_ELEMENTS (x); i++)
    x[i] = (guint8)nn_rng_below (rng, 256);
  array_init (&y, n, offset);
  kernels->widen_u8 (x + offset, 1 / 255.0f, -0.5f, y.at, n);
  for (gsize i = 0; i < n; i++)
    assert_near (y.at[i], x[offset + i] / 255.0 - 0.5, 0, 1e-7);
  array_check (&y);
}

static void
check_finite (const NnKernels *kernels, gsize n, gsize offset, NnRng *rng)
{
  static const float bad[] = { NAN, -NAN, INFINITY, -INFINITY };
  Array x;

  array_random (&x, n, offset, rng, 1e38f);
  for (gsize i = 0; i < n; i++)
    if (!isfinite (x.at[i]))
      x.at[i] = 3e38f;
  g_assert_true (kernels->all_finite (x.at, n));
  for (gsize i = 0; i < n; i++)
    {
      float before = x.at[i];

      x.at[i] = bad[i % G_N_ELEMENTS (bad)];
      g_assert_false (kernels->all_finite (x.at, n));
      x.at[i] = before;
    }
}

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
check_squared_error (const NnKernels *kernels, gsize n, gsize offset, NnRng *rng)
{
  Array y, t;

  array_random (&y, n, offset, rng, 3);
  array_random (&t, n, (offset + 2) % 4, rng, 3);
  check_loss (kernels->squared_error, squared_of, &y, &t, offset);
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

/* ---- optimizers ---- */

static void
check_adam (const NnKernels *kernels, gsize n, gsize offset, NnRng *rng)
{
  NnAdamStep step = { .learning_rate = 0.01f, .beta1 = 0.9f, .beta2 = 0.999f, .epsilon = 1e-7f };
  double dw[MAX_LENGTH], dm[MAX_LENGTH] = { 0 }, dv[MAX_LENGTH] = { 0 };
  Array w, m, v, g;

  array_random (&w, n, offset, rng, 1);
  array_random (&m, n, (offset + 1) % 4, rng, 0);
  array_random (&v, n, (offset + 2) % 4, rng, 0);
  for (gsize i = 0; i < n; i++)
    dw[i] = w.at[i];
  for (guint turn = 0; turn < 5; turn++)
    {
      array_random (&g, n, (offset + 3) % 4, rng, 1);
      kernels->adam (&step, g.at, w.at, m.at, v.at, n);
      for (gsize i = 0; i < n; i++)
        {
          double b1 = step.beta1, b2 = step.beta2, gi = g.at[i];

          dm[i] = b1 * dm[i] + (1 - b1) * gi;
          dv[i] = b2 * dv[i] + (1 - b2) * gi * gi;
          dw[i] -= (double)step.learning_rate * dm[i] / (sqrt (dv[i]) + (double)step.epsilon);
        }
    }
  for (gsize i = 0; i < n; i++)
    {
      assert_near (m.at[i], dm[i], 1e-5, 1e-7);
      assert_near (v.at[i], dv[i], 1e-5, 1e-9);
      assert_near (w.at[i], dw[i], 1e-6, 2e-6);
    }
  array_check (&w);
  array_check (&m);
  array_check (&v);
}

static void
check_sgd (const NnKernels *kernels, gsize n, gsize offset, NnRng *rng)
{
  for (guint kind = 0; kind < 3; kind++)
    {
      NnSgdStep step = { .learning_rate = 0.1f,
                         .momentum = kind > 0 ? 0.9f : 0,
                         .nesterov = kind == 2 };
      double dw[MAX_LENGTH], dv[MAX_LENGTH] = { 0 };
      Array w, v, g;

      array_random (&w, n, offset, rng, 1);
      array_random (&v, n, (offset + 1) % 4, rng, 0);
      for (gsize i = 0; i < n; i++)
        dw[i] = w.at[i];
      for (guint turn = 0; turn < 5; turn++)
        {
          array_random (&g, n, (offset + 2) % 4, rng, 1);
          kernels->sgd (&step, g.at, w.at, kind > 0 ? v.at : NULL, n);
          for (gsize i = 0; i < n; i++)
            {
              double lr_g = (double)step.learning_rate * (double)g.at[i];

              dv[i] = (double)step.momentum * dv[i] - lr_g;
              dw[i] += kind == 2 ? (double)step.momentum * dv[i] - lr_g : dv[i];
            }
        }
      for (gsize i = 0; i < n; i++)
        assert_near (w.at[i], dw[i], 1e-6, 1e-6);
      array_check (&w);
      array_check (&v);
    }
}

/* ---- random numbers ---- */

static void
check_random (const NnKernels *kernels, gsize n, gsize offset, NnRng *rng)
{
  guint32 key[2] = { nn_rng_u32 (rng), nn_rng_u32 (rng) };
  guint32 counter[4] = { 0, nn_rng_u32 (rng), nn_rng_u32 (rng), nn_rng_u32 (rng) };
  guint64 seed = (guint64)key[1] << 32 | key[0];
  NnRng uniform, normal;
  Array u, z;

  array_init (&u, 4 * n, offset);
  array_init (&z, 4 * n, offset);
  kernels->uniform (key, counter, u.at, u.n);
  kernels->normal (key, counter, z.at, z.n);
  nn_rng_init (&uniform, seed, counter[3], counter[2], counter[1]);
  nn_rng_init (&normal, seed, counter[3], counter[2], counter[1]);
  for (gsize i = 0; i < u.n; i++)
    {
      g_assert_cmpfloat (u.at[i], ==, nn_rng_uniform (&uniform));
      assert_near (z.at[i], nn_rng_normal (&normal), 1e-6, 1e-6);
    }
  array_check (&u);
  array_check (&z);

  /* A stream may be entered at any block; the block number wraps as NnRng's does. */
  counter[0] = G_MAXUINT32;
  uniform.counter[0] = G_MAXUINT32;
  uniform.used = 4;
  kernels->uniform (key, counter, u.at, u.n);
  for (gsize i = 0; i < u.n; i++)
    g_assert_cmpfloat (u.at[i], ==, nn_rng_uniform (&uniform));
}

/* ---- every check at every length and alignment ---- */

static const struct
{
  const char *name;
  Check check;
} checks[] = {
  { "activate", check_activate },
  { "bias-activate", check_bias_activate },
  { "activate-grad", check_activate_grad },
  { "softmax", check_softmax },
  { "arithmetic", check_arithmetic },
  { "column-sums", check_column_sums },
  { "sum-parts", check_sum_parts },
  { "widen-u8", check_widen },
  { "all-finite", check_finite },
  { "bce-logits", check_bce_logits },
  { "bce", check_bce },
  { "squared-error", check_squared_error },
  { "cce", check_cce },
  { "cce-logits", check_cce_logits },
  { "penalties", check_penalties },
  { "adam", check_adam },
  { "sgd", check_sgd },
  { "random", check_random },
};

typedef struct
{
  const NnKernels *kernels;
  Check check;
} Case;

static void
test_lengths (gconstpointer data)
{
  const Case *one = data;
  NnRng rng;

  nn_rng_init (&rng, 2024, 0, 0, 0);
  for (gsize n = 0; n <= MAX_LENGTH; n++)
    for (gsize offset = 0; offset < 4; offset++)
      one->check (one->kernels, n, offset, &rng);
}

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
            assert_near (y[i], expected, 5e-7, 1.2e-38);
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
              assert_near (y[j], expected, 1e-6, 1.2e-38);
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
  assert_near (kernels->bce_logits (y, t, NULL, 1, n), (double)n * bce_logits_of (0.1f, 0), 3e-7,
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

static void
test_tables (void)
{
  const NnKernels *const *tables = nn_kernels_all ();
  guint n = 0;

  g_assert_cmpstr (tables[0]->name, ==, "baseline");
  while (tables[n] != NULL)
    n++;
  g_assert_true (nn_kernels_best () == tables[n - 1]);
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
  g_test_add_func ("/kernels/tables", test_tables);
  for (const NnKernels *const *table = nn_kernels_all (); *table != NULL; table++)
    {
      for (gsize i = 0; i < G_N_ELEMENTS (checks); i++)
        {
          g_autofree char *path =
              g_strdup_printf ("/kernels/%s/%s", (*table)->name, checks[i].name);
          Case *one = g_new (Case, 1);

          *one = (Case){ *table, checks[i].check };
          g_test_add_data_func_full (path, one, test_lengths, g_free);
        }
      for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
        {
          g_autofree char *path = g_strdup_printf ("/kernels/%s/%s", (*table)->name, tests[i].name);

          g_test_add_data_func (path, *table, tests[i].test);
        }
    }
  return g_test_run ();
}
