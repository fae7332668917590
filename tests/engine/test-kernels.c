/* Activations, arithmetic, optimizers and random numbers of every instruction set against plain
 * double-precision code. */
#include "kernel-check.h"

/* ---- activations ---- */

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
          assert_near (y.at[i], reference_value (f, ALPHA, x.at[i]), 1e-6,
                       reference_slack (f, x.at[i]));
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

            assert_near (y.at[i], reference_value (f, ALPHA, sum), 1e-6, reference_slack (f, sum));
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
        else if (f == NN_ACTIVATION_HARD_SIGMOID && fabsf (fabsf (x.at[i]) - 2.5f) < 0.01f)
          x.at[i] = 2.6f;
        else if (f == NN_ACTIVATION_HARD_SWISH && fabsf (fabsf (x.at[i]) - 3) < 0.01f)
          x.at[i] = 3.1f;
        else if (f == NN_ACTIVATION_RELU6 && fabsf (x.at[i] - 6) < 0.01f)
          x.at[i] = 6.1f;
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

/* The logarithms of the same, and dx = dy - p sum dy. */
static void
check_log_softmax (const NnKernels *kernels, gsize n, gsize rows, const float *x, const float *dy)
{
  double expected[MAX_LENGTH];
  g_autofree float *y = g_new (float, rows *n), *dx = g_new (float, rows *n);

  kernels->activate (NN_ACTIVATION_LOG_SOFTMAX, 0, x, y, rows, n);
  kernels->activate_grad (NN_ACTIVATION_LOG_SOFTMAX, 0, NULL, y, dy, dx, rows, n);
  for (gsize r = 0; r < rows; r++)
    {
      double total = 0;

      reference_softmax (x + r * n, expected, n);
      for (gsize i = 0; i < n; i++)
        total += (double)dy[r * n + i];
      for (gsize i = 0; i < n; i++)
        {
          assert_near (y[r * n + i], log (expected[i]), 1e-6, 6e-6);
          assert_near (dx[r * n + i], (double)dy[r * n + i] - expected[i] * total, 1e-5,
                       1e-6 * (double)(n + 10));
        }
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
  check_log_softmax (kernels, n, ROWS, x.at, dy.at);
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
    MAX_ROWS = 38 /* of one column: two vectors, and a part */
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
check_moments (const NnKernels *kernels, gsize n, gsize offset, NnRng *rng)
{
  enum
  {
    ROWS = 7 /* one block of four and what is left */
  };
  Array x, y, a, b, c, both, one;
  double sum[MAX_LENGTH], product[MAX_LENGTH];

  array_random (&x, ROWS * n, offset, rng, 1);
  array_random (&y, ROWS * n, offset, rng, 1);
  array_random (&a, n, offset, rng, 1);
  array_random (&b, n, offset, rng, 1);
  array_random (&c, n, offset, rng, 1);
  array_init (&both, ROWS * n, offset);
  array_init (&one, ROWS * n, offset);
  for (gsize i = 0; i < n; i++)
    sum[i] = product[i] = 2;
  kernels->add_moments (x.at, y.at, ROWS, n, sum, product);
  kernels->affine_columns (a.at, x.at, b.at, y.at, c.at, both.at, ROWS, n);
  kernels->affine_columns (a.at, x.at, NULL, NULL, c.at, one.at, ROWS, n);
  for (gsize i = 0; i < n; i++)
    {
      double of_x = 2, of_both = 2;

      for (gsize r = i; r < ROWS * n; r += n)
        {
          const double ax = (double)a.at[i] * (double)x.at[r];

          of_x += (double)x.at[r];
          of_both += (double)x.at[r] * (double)y.at[r];
          assert_near (one.at[r], ax + (double)c.at[i], 1e-6, 1e-6);
          assert_near (both.at[r], ax + (double)b.at[i] * (double)y.at[r] + (double)c.at[i], 1e-6,
                       1e-6);
        }
      g_assert_cmpfloat_with_epsilon (sum[i], of_x, 1e-12);
      g_assert_cmpfloat_with_epsilon (product[i], of_both, 1e-12);
    }
  array_check (&both);
  array_check (&one);
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

/* Every matrix of n values, and the same without its last column. */
static void
check_turn (const NnKernels *kernels, gsize n, gsize offset, NnRng *rng)
{
  Array from, to;

  array_random (&from, n, offset, rng, 1);
  for (gsize rows = 1; kernels->turn && rows <= n; rows++)
    for (gsize cut = 0; n % rows == 0 && cut < MIN (n / rows, 2); cut++)
      {
        const gsize ld = n / rows, cols = ld - cut;
        array_init (&to, rows * cols, (offset + 1) % 4);
        kernels->turn (from.at, ld, rows, cols, to.at, rows);
        for (gsize i = 0; i < rows * cols; i++)
          g_assert_cmpfloat (to.at[i], ==, from.at[i % rows * ld + i / rows]);
        array_check (&to);
      }
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

static const NamedCheck checks[] = {
  { "activate", check_activate },
  { "bias-activate", check_bias_activate },
  { "activate-grad", check_activate_grad },
  { "softmax", check_softmax },
  { "arithmetic", check_arithmetic },
  { "column-sums", check_column_sums },
  { "moments", check_moments },
  { "sum-parts", check_sum_parts },
  { "widen-u8", check_widen },
  { "all-finite", check_finite },
  { "turn", check_turn },
  { "adam", check_adam },
  { "sgd", check_sgd },
  { "random", check_random },
  { NULL },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/kernels/tables", test_tables);
  add_checks (checks);
  return g_test_run ();
}
