/* nn-kernels-update-impl.h: optimizers' updates, sums and plain arithmetic on arrays. */
#pragma once

#include "base/nn-kernels.h"
#include "base/nn-kernels-simd.h"

/* ---- optimizers ---- */

typedef struct
{
  VF rate, gradient_rate, decay, beta1, beta2, epsilon;
} AdamVectors;

/* m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2;
 * w -= decay w + (lr m + gradient_rate g) / (sqrt (v) + epsilon) */
NN_INLINE void
adam_vector (const AdamVectors *step, const float *g_at, float *w_at, float *m_at, float *v_at,
             gsize k)
{
  VF g = v_load (g_at, k, 0);
  VF m = v_load (m_at, k, 0);
  VF v = v_load (v_at, k, 0);
  VF w = v_load (w_at, k, 0);

  m = step->beta1 * m + (1.0f - step->beta1) * g;
  v = step->beta2 * v + (1.0f - step->beta2) * g * g;
  v_store (m_at, m, k);
  v_store (v_at, v, k);
  w -= step->decay * w;
  v_store (w_at, w - (step->rate * m + step->gradient_rate * g) / (v_sqrt (v) + step->epsilon), k);
}

static void
adam (const NnAdamStep *step, const float *g, float *w, float *m, float *v, gsize n)
{
  const AdamVectors vectors = {
    .rate = vf (step->learning_rate),
    .gradient_rate = vf (step->gradient_rate),
    .decay = vf (step->decay),
    .beta1 = vf (step->beta1),
    .beta2 = vf (step->beta2),
    .epsilon = vf (step->epsilon),
  };

  NN_FOR_VECTORS (i, k, n, adam_vector (&vectors, g + i, w + i, m + i, v + i, k));
}

NN_INLINE void
descend_vector (VF rate, const float *g, float *w, gsize k)
{
  v_store (w, v_load (w, k, 0) - rate * v_load (g, k, 0), k);
}

/* velocity = momentum velocity - lr g; w += velocity, or momentum velocity - lr g as Nesterov */
NN_INLINE void
momentum_vector (VF rate, VF momentum, gboolean nesterov, const float *g, float *w, float *velocity,
                 gsize k)
{
  VF step = rate * v_load (g, k, 0);
  VF v = momentum * v_load (velocity, k, 0) - step;

  v_store (velocity, v, k);
  v_store (w, v_load (w, k, 0) + (nesterov ? momentum * v - step : v), k);
}

static void
sgd (const NnSgdStep *step, const float *g, float *w, float *velocity, gsize n)
{
  VF rate = vf (step->learning_rate), momentum = vf (step->momentum);

  if (velocity == NULL)
    NN_FOR_VECTORS (i, k, n, descend_vector (rate, g + i, w + i, k));
  else if (step->nesterov)
    NN_FOR_VECTORS (i, k, n, momentum_vector (rate, momentum, TRUE, g + i, w + i, velocity + i, k));
  else
    NN_FOR_VECTORS (i, k, n,
                    momentum_vector (rate, momentum, FALSE, g + i, w + i, velocity + i, k));
}

typedef struct
{
  VF rate, rho, momentum, epsilon;
} RmspropVectors;

/* square = rho square + (1 - rho) g^2; mean = rho mean + (1 - rho) g;
 * change = lr g / (sqrt (square - mean^2) + epsilon); velocity = momentum velocity + change;
 * w -= velocity. Without mean it counts as 0, without velocity the change is taken. */
NN_INLINE void
rmsprop_vector (const RmspropVectors *step, const float *g_at, float *w_at, float *square_at,
                float *velocity_at, float *mean_at, gsize k)
{
  VF g = v_load (g_at, k, 0);
  VF square = step->rho * v_load (square_at, k, 0) + (1.0f - step->rho) * g * g;
  VF variance = square, change;

  v_store (square_at, square, k);
  if (mean_at != NULL)
    {
      VF mean = step->rho * v_load (mean_at, k, 0) + (1.0f - step->rho) * g;

      v_store (mean_at, mean, k);
      /* Rounding may leave less than nothing. */
      variance = v_max (vf (0.0f), square - mean * mean);
    }
  change = step->rate * g / (v_sqrt (variance) + step->epsilon);
  if (velocity_at != NULL)
    {
      change += step->momentum * v_load (velocity_at, k, 0);
      v_store (velocity_at, change, k);
    }
  v_store (w_at, v_load (w_at, k, 0) - change, k);
}

static void
rmsprop (const NnRmspropStep *step, const float *g, float *w, float *square, float *velocity,
         float *mean, gsize n)
{
  const RmspropVectors vectors = { .rate = vf (step->learning_rate),
                                   .rho = vf (step->rho),
                                   .momentum = vf (step->momentum),
                                   .epsilon = vf (step->epsilon) };

  if (velocity == NULL && mean == NULL)
    NN_FOR_VECTORS (i, k, n, rmsprop_vector (&vectors, g + i, w + i, square + i, NULL, NULL, k));
  else
    NN_FOR_VECTORS (i, k, n,
                    rmsprop_vector (&vectors, g + i, w + i, square + i,
                                    velocity != NULL ? velocity + i : NULL,
                                    mean != NULL ? mean + i : NULL, k));
}

/* sum += g^2; w -= lr g / (sqrt (start + sum) + epsilon) */
NN_INLINE void
adagrad_vector (VF rate, VF start, VF epsilon, const float *g_at, float *w, float *sum_at, gsize k)
{
  VF g = v_load (g_at, k, 0);
  VF sum = v_load (sum_at, k, 0) + g * g;

  v_store (sum_at, sum, k);
  v_store (w, v_load (w, k, 0) - rate * g / (v_sqrt (start + sum) + epsilon), k);
}

static void
adagrad (const NnAdagradStep *step, const float *g, float *w, float *sum, gsize n)
{
  VF rate = vf (step->learning_rate), start = vf (step->start), epsilon = vf (step->epsilon);

  NN_FOR_VECTORS (i, k, n, adagrad_vector (rate, start, epsilon, g + i, w + i, sum + i, k));
}

/* square = rho square + (1 - rho) g^2; d = g sqrt ((change + epsilon) / (square + epsilon));
 * change = rho change + (1 - rho) d^2; w -= lr d */
NN_INLINE void
adadelta_vector (VF rate, VF rho, VF epsilon, const float *g_at, float *w, float *square_at,
                 float *change_at, gsize k)
{
  VF g = v_load (g_at, k, 0);
  VF square = rho * v_load (square_at, k, 0) + (1.0f - rho) * g * g;
  VF change = v_load (change_at, k, 0);
  VF d = g * v_sqrt (change + epsilon) / v_sqrt (square + epsilon);

  v_store (square_at, square, k);
  v_store (change_at, rho * change + (1.0f - rho) * d * d, k);
  v_store (w, v_load (w, k, 0) - rate * d, k);
}

static void
adadelta (const NnAdadeltaStep *step, const float *g, float *w, float *square, float *change,
          gsize n)
{
  VF rate = vf (step->learning_rate), rho = vf (step->rho), epsilon = vf (step->epsilon);

  NN_FOR_VECTORS (i, k, n,
                  adadelta_vector (rate, rho, epsilon, g + i, w + i, square + i, change + i, k));
}

/* ---- sums ---- */

NN_INLINE void
sum_parts_vector (const float *const *part, gsize n_parts, gsize at, float *g, gsize k)
{
  VF sum = v_load (part[0] + at, k, 0);

  for (gsize p = 1; p < n_parts; p++)
    sum += v_load (part[p] + at, k, 0);
  v_store (g + at, sum, k);
}

static void
sum_parts (const float *const *part, gsize n_parts, float *g, gsize n)
{
  if (n_parts == 0)
    {
      memset (g, 0, n * sizeof (float));
      return;
    }
  NN_FOR_VECTORS (i, k, n, sum_parts_vector (part, n_parts, i, g, k));
}

NN_INLINE void
add_scaled_vector (VF a, const float *x, float *y, gsize k)
{
  v_store (y, v_load (y, k, 0) + a * v_load (x, k, 0), k);
}

static void
add_scaled (float a, const float *x, float *y, gsize n)
{
  VF factor = vf (a);

  NN_FOR_VECTORS (i, k, n, add_scaled_vector (factor, x + i, y + i, k));
}

/* Four sums under way, so that none waits for the one before. */
NN_INLINE VF
column_sums_vector (const float *x, gsize rows, gsize step, gsize k)
{
  VF a = vf (0), b = vf (0), c = vf (0), d = vf (0);
  for (; rows >= 4; rows -= 4, x += 4 * step)
    {
      a += v_load (x, k, 0);
      b += v_load (x + step, k, 0);
      c += v_load (x + 2 * step, k, 0);
      d += v_load (x + 3 * step, k, 0);
    }
  for (; rows > 0; rows--, x += step)
    a += v_load (x, k, 0);
  return (a + b) + (c + d);
}

NN_INLINE void
add_column_sums_vector (const float *x, gsize rows, gsize cols, float *sum, gsize k)
{
  v_store (sum, v_load (sum, k, 0) + column_sums_vector (x, rows, cols, k), k);
}

/* Few columns: several rows in a vector. */
static void
add_column_sums_folded (const float *x, gsize rows, gsize cols, float *sum)
{
  const gsize n = rows * cols, whole = n / NN_LANES, rest = n % NN_LANES;
  float lane[NN_LANES];
  VF total = column_sums_vector (x, whole, NN_LANES, NN_LANES);
  if (rest > 0)
    total += v_load (x + whole * NN_LANES, rest, 0);
  memcpy (lane, &total, sizeof lane);
  for (gsize i = 0; i < NN_LANES; i++)
    sum[i % cols] += lane[i];
}

static void
add_column_sums (const float *x, gsize rows, gsize cols, float *sum)
{
  if (cols > 0 && cols < NN_LANES && NN_LANES % cols == 0)
    add_column_sums_folded (x, rows, cols, sum);
  else
    NN_FOR_VECTORS (i, k, cols, add_column_sums_vector (x + i, rows, cols, sum + i, k));
}

/* In double precision: the variance is a small difference of large sums. Four rows at a time. */
static void
add_moments (const float *x, const float *y, gsize rows, gsize cols, double *sum, double *product)
{
  for (; rows >= 4; rows -= 4, x += 4 * cols, y += 4 * cols)
    for (gsize c = 0; c < cols; c++)
      {
        const double x0 = (double)x[c], x1 = (double)x[cols + c], x2 = (double)x[2 * cols + c],
                     x3 = (double)x[3 * cols + c];
        sum[c] += (x0 + x1) + (x2 + x3);
        product[c] += (x0 * (double)y[c] + x1 * (double)y[cols + c])
                      + (x2 * (double)y[2 * cols + c] + x3 * (double)y[3 * cols + c]);
      }
  for (; rows > 0; rows--, x += cols, y += cols)
    for (gsize c = 0; c < cols; c++)
      {
        sum[c] += (double)x[c];
        product[c] += (double)x[c] * (double)y[c];
      }
}

static void
affine_columns (const float *a, const float *x, const float *b, const float *y, const float *c,
                float *out, gsize rows, gsize cols)
{
  for (; rows > 0; rows--, x += cols, out += cols)
    {
      for (gsize i = 0; !y && i < cols; i++)
        out[i] = a[i] * x[i] + c[i];
      for (gsize i = 0; y && i < cols; i++)
        out[i] = a[i] * x[i] + (b[i] * y[i] + c[i]);
      y = y ? y + cols : NULL;
    }
}

static void
scale (float a, const float *x, float *y, gsize n)
{
  for (gsize i = 0; i < n; i++)
    y[i] = a * x[i];
}

static void
widen_u8 (const guint8 *x, float factor, float offset, float *y, gsize n)
{
  for (gsize i = 0; i < n; i++)
    y[i] = (float)x[i] * factor + offset;
}

/* A float is finite unless all bits of its exponent are set. */
static gboolean
all_finite (const float *x, gsize n)
{
  const guint32 exponent = 0x7f800000;
  guint32 bad = 0;

  for (gsize i = 0; i < n; i++)
    {
      guint32 bits;

      memcpy (&bits, x + i, sizeof bits);
      bad |= (bits & exponent) == exponent;
    }
  return !bad;
}
