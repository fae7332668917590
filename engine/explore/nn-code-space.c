#include "explore/nn-code-space.h"

#include <math.h>
#include <string.h>

#include "base/nn-rng.h"

/* Where the central approximation ends and that of the tails begins. */
#define TAIL 0.02425
/* Directions closer than this to equal or opposite have no arc that could be told apart. */
#define MIN_SINE 1e-4

static double
horner (const double *coefficient, guint n, double x)
{
  double sum = 0;

  for (guint i = 0; i < n; i++)
    sum = sum * x + coefficient[i];
  return sum;
}

static double
lower_tail (double p)
{
  static const double c[] = { -7.784894002430293e-03, -3.223964580411365e-01,
                              -2.400758277161838e+00, -2.549732539343734e+00,
                              4.374664141464968e+00,  2.938163982698783e+00 };
  static const double d[] = { 7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00,
                              3.754408661907416e+00, 1 };
  const double q = sqrt (-2 * log (p));

  return horner (c, G_N_ELEMENTS (c), q) / horner (d, G_N_ELEMENTS (d), q);
}

double
nn_normal_quantile (double p)
{
  static const double a[] = { -3.969683028665376e+01, 2.209460984245205e+02,
                              -2.759285104469687e+02, 1.383577518672690e+02,
                              -3.066479806614716e+01, 2.506628277459239e+00 };
  static const double b[] = { -5.447609879822406e+01, 1.615858368580409e+02,
                              -1.556989798598866e+02, 6.680131188771972e+01,
                              -1.328068155288572e+01, 1 };
  double x;

  g_return_val_if_fail (p > 0 && p < 1, NAN);
  if (p < TAIL)
    x = lower_tail (p);
  else if (p > 1 - TAIL)
    x = -lower_tail (1 - p);
  else
    x = (p - 0.5) * horner (a, G_N_ELEMENTS (a), (p - 0.5) * (p - 0.5))
        / horner (b, G_N_ELEMENTS (b), (p - 0.5) * (p - 0.5));
  /* Halley: u = (P(x) - p) / density(x),  x <- x - u / (1 + x u / 2) */
  const double u = (0.5 * erfc (-x / G_SQRT2) - p) * sqrt (2 * G_PI) * exp (x * x / 2);
  return x - u / (1 + x * u / 2);
}

static double
probability_of (double x)
{
  /* Beyond 6 standard deviations nothing lies; the quantile stays finite. */
  return 0.5 * erfc (-CLAMP (x, -6, 6) / G_SQRT2);
}

void
nn_code_steps (NnSpacing spacing, double low, double high, guint n, double *at)
{
  const double from = spacing == NN_SPACING_QUANTILES ? probability_of (low) : low;
  const double to = spacing == NN_SPACING_QUANTILES ? probability_of (high) : high;

  for (guint i = 0; i < n; i++)
    {
      const double t = n > 1 ? i / (n - 1.0) : 0.5;
      const double place = from + t * (to - from);

      at[i] = spacing == NN_SPACING_QUANTILES ? nn_normal_quantile (place) : place;
    }
}

gboolean
nn_code_grid_equal (const NnCodeGrid *a, const NnCodeGrid *b)
{
  return a->n_values == b->n_values && a->x == b->x && a->y == b->y && a->n == b->n
         && a->spacing == b->spacing && a->x_low == b->x_low && a->x_high == b->x_high
         && a->y_low == b->y_low && a->y_high == b->y_high;
}

NnTensor *
nn_code_grid (const NnCodeGrid *grid, const float *base)
{
  const guint rows = grid->x == grid->y ? 1 : grid->n;
  const NnShape shape = nn_shape ((gint64)rows * grid->n, grid->n_values);
  NnTensor *codes;
  g_autofree double *x = g_new (double, grid->n);
  g_autofree double *y = g_new (double, grid->n);

  g_return_val_if_fail (grid->n > 0 && grid->x < grid->n_values && grid->y < grid->n_values, NULL);
  codes = nn_tensor_new (&shape);
  nn_code_steps (grid->spacing, grid->x_low, grid->x_high, grid->n, x);
  nn_code_steps (grid->spacing, grid->y_low, grid->y_high, grid->n, y);
  for (guint row = 0; row < rows; row++)
    for (guint column = 0; column < grid->n; column++)
      {
        float *code = codes->data + ((gsize)row * grid->n + column) * grid->n_values;

        if (base != NULL)
          memcpy (code, base, grid->n_values * sizeof *code);
        code[grid->y] = (float)y[grid->n - 1 - row];
        code[grid->x] = (float)x[column];
      }
  return codes;
}

static double
dot (const float *a, const float *b, guint n)
{
  double sum = 0;

  for (guint i = 0; i < n; i++)
    sum += (double)a[i] * b[i];
  return sum;
}

/* With directions u, v and the angle w between them:
 *   code(t) = ((1 - t) |a| + t |b|) (sin((1 - t) w) u + sin(t w) v) / sin(w) */
void
nn_code_walk (const float *a, const float *b, guint n_values, gboolean spherical, guint n,
              float *out)
{
  const double length_a = sqrt (dot (a, a, n_values)), length_b = sqrt (dot (b, b, n_values));
  const double cosine = length_a > 0 && length_b > 0
                            ? CLAMP (dot (a, b, n_values) / (length_a * length_b), -1, 1)
                            : 1;
  const double angle = acos (cosine), sine = sin (angle);
  const gboolean arc = spherical && sine > MIN_SINE;

  for (guint i = 0; i < n; i++)
    {
      const double t = n > 1 ? i / (n - 1.0) : 0;
      double of_a = 1 - t, of_b = t;

      if (arc)
        {
          const double length = (1 - t) * length_a + t * length_b;

          of_a = length * sin ((1 - t) * angle) / (sine * length_a);
          of_b = length * sin (t * angle) / (sine * length_b);
        }
      for (guint k = 0; k < n_values; k++)
        out[(gsize)i * n_values + k] = (float)(of_a * a[k] + of_b * b[k]);
    }
}

void
nn_code_prior (guint64 seed, guint n, float *out)
{
  NnRng rng;

  nn_rng_init (&rng, seed, NN_STREAM_VIEW, 0, 0);
  for (guint i = 0; i < n; i++)
    out[i] = nn_rng_normal (&rng);
}
