#include "model/nn-initialiser.h"

#include <math.h>

#include "base/nn-blas.h"
#include "base/nn-rng.h"

typedef enum
{
  CONSTANT,
  UNIFORM, /* -spread .. spread */
  NORMAL,  /* standard deviation spread */
  ORTHOGONAL,
  TRUNCATED_NORMAL, /* cut at 2 sigma and widened so that spread is the deviation after cutting */
} Distribution;

/* Standard deviation of N(0, 1) cut at ±2, as Keras divides by. */
#define TRUNCATED_DEVIATION 0.87962566103423978

/* spread = gain / sqrt (a fan_in + b fan_out), or gain where a = b = 0 */
static const struct
{
  Distribution distribution;
  double gain, a, b;
} rules[NN_N_INITS] = {
  [NN_INIT_ZEROS] = { CONSTANT, 0, 0, 0 },
  [NN_INIT_ONES] = { CONSTANT, 1, 0, 0 },
  [NN_INIT_GLOROT_UNIFORM] = { UNIFORM, 2.449489742783178 /* sqrt 6 */, 1, 1 },
  [NN_INIT_GLOROT_NORMAL] = { TRUNCATED_NORMAL, 1.4142135623730951, 1, 1 },
  [NN_INIT_HE_UNIFORM] = { UNIFORM, 2.449489742783178, 1, 0 },
  [NN_INIT_HE_NORMAL] = { TRUNCATED_NORMAL, 1.4142135623730951, 1, 0 },
  [NN_INIT_LECUN_NORMAL] = { TRUNCATED_NORMAL, 1, 1, 0 },
  [NN_INIT_RANDOM_NORMAL] = { NORMAL, 0.05, 0, 0 },
  [NN_INIT_RANDOM_UNIFORM] = { UNIFORM, 0.05, 0, 0 },
  [NN_INIT_ORTHOGONAL] = { ORTHOGONAL, 1, 0, 0 },
};

static float
truncated (NnRng *rng)
{
  float v;
  do
    v = nn_rng_normal (rng);
  while (v < -2 || v > 2);
  return v / (float)TRUNCATED_DEVIATION;
}

/* x.y in four sums, which the compiler may keep in a vector. */
static double
dot (const double *x, const double *y, gsize n)
{
  double sum[4] = { 0 };
  gsize i = 0;
  for (; i + 4 <= n; i += 4)
    for (gsize k = 0; k < 4; k++)
      sum[k] += x[i + k] * y[i + k];
  for (; i < n; i++)
    sum[0] += x[i] * y[i];
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

/* Takes from v its share along each of the first n vectors of basis, twice, as rounding leaves some
 * behind the first time; returns what is left of its length. */
static double
orthogonalise (const double *basis, gsize n, double *v, gsize length)
{
  for (guint turn = 0; turn < 2; turn++)
    for (gsize b = 0; b < n; b++)
      {
        const double share = dot (basis + b * length, v, length);
        for (gsize i = 0; i < length; i++)
          v[i] -= share * basis[b * length + i];
      }
  return sqrt (dot (v, v, length));
}

/* Vectors that are made orthogonal to all before them at once, as a product of matrices. */
#define BLOCK 64

/* Takes from the n_block vectors behind the first n of basis their shares along those, twice:
 * V -= (V Q^T) Q. shares: (n_block, n) at least. */
static void
orthogonalise_block (double *basis, gsize n, gsize n_block, gsize length, double *shares)
{
  double *block = basis + n * length;
  for (guint turn = 0; n > 0 && turn < 2; turn++)
    {
      nn_gemm_double (TRUE, n_block, n, length, 1, block, basis, FALSE, shares);
      nn_gemm_double (FALSE, n_block, length, n, -1, shares, basis, TRUE, block);
    }
}

static void
draw_vector (NnRng *rng, gsize length, double *v)
{
  for (gsize i = 0; i < length; i++)
    v[i] = (double)nn_rng_normal (rng);
}

/* The matrix (rows, last axis) gets min (rows, columns) vectors from a uniformly random rotation,
 * the orthonormal factor of a matrix of N(0, 1). A. Saxe et al., "Exact solutions to the nonlinear
 * dynamics of learning in deep linear neural networks", 2014. */
static void
draw_orthogonal (const NnWeight *weight, NnRng *rng, float *w)
{
  const gsize cols = weight->shape.rank > 0 ? (gsize)weight->shape.dim[weight->shape.rank - 1] : 1;
  const gsize rows = (gsize)weight->size / cols;
  const gsize n = MIN (rows, cols), length = MAX (rows, cols);
  g_autofree double *basis = g_new (double, n *length);
  g_autofree double *shares = g_new (double, BLOCK *n);
  for (gsize first = 0; first < n; first += BLOCK)
    {
      const gsize n_block = MIN (BLOCK, n - first);
      for (gsize b = first; b < first + n_block; b++)
        draw_vector (rng, length, basis + b * length);
      orthogonalise_block (basis, first, n_block, length, shares);
      for (gsize b = first; b < first + n_block; b++)
        {
          double *v = basis + b * length;
          double left = orthogonalise (basis + first * length, b - first, v, length);
          while (left < 1e-3)
            {
              draw_vector (rng, length, v);
              left = orthogonalise (basis, b, v, length);
            }
          for (gsize i = 0; i < length; i++)
            v[i] /= left;
        }
    }
  for (gsize r = 0; r < rows; r++)
    for (gsize c = 0; c < cols; c++)
      w[r * cols + c] = (float)(rows <= cols ? basis[r * length + c] : basis[c * length + r]);
}

static void
draw_each (const NnWeight *weight, float spread, NnRng *rng, float *w)
{
  for (gint64 i = 0; i < weight->size; i++)
    switch (rules[weight->init].distribution)
      {
      case CONSTANT:
        w[i] = spread;
        break;
      case UNIFORM:
        w[i] = spread * (2 * nn_rng_uniform (rng) - 1);
        break;
      case NORMAL:
        w[i] = spread * nn_rng_normal (rng);
        break;
      case TRUNCATED_NORMAL:
      case ORTHOGONAL:
      default:
        w[i] = spread * truncated (rng);
        break;
      }
}

void
nn_initialise (const NnWeight *weight, guint64 seed, guint ordinal, float *w)
{
  const double fan = rules[weight->init].a * (double)weight->fan_in
                     + rules[weight->init].b * (double)weight->fan_out;
  const float spread =
      (float)(fan > 0 ? rules[weight->init].gain / sqrt (fan) : rules[weight->init].gain);
  NnRng rng;
  nn_rng_init (&rng, seed, NN_STREAM_INIT, weight->node, ordinal);
  if (rules[weight->init].distribution == ORTHOGONAL)
    draw_orthogonal (weight, &rng, w);
  else
    draw_each (weight, spread, &rng, w);
  for (gint64 i = weight->ones_begin; i < weight->ones_end; i++)
    w[i] = 1;
}
