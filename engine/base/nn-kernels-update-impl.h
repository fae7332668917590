/* nn-kernels-update-impl.h: optimizers' updates, sums and plain arithmetic on arrays. */
#pragma once

#include "base/nn-kernels.h"
#include "base/nn-kernels-simd.h"

/* ---- optimizers ---- */

/* m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2; w -= lr m / (sqrt (v) + epsilon) */
NN_INLINE void
adam_vector (VF rate, VF beta1, VF beta2, VF epsilon, const float *g_at, float *w_at, float *m_at,
             float *v_at, gsize k)
{
  VF g = v_load (g_at, k, 0);
  VF m = v_load (m_at, k, 0);
  VF v = v_load (v_at, k, 0);

  m = beta1 * m + (1.0f - beta1) * g;
  v = beta2 * v + (1.0f - beta2) * g * g;
  v_store (m_at, m, k);
  v_store (v_at, v, k);
  v_store (w_at, v_load (w_at, k, 0) - rate * m / (v_sqrt (v) + epsilon), k);
}

static void
adam (const NnAdamStep *step, const float *g, float *w, float *m, float *v, gsize n)
{
  VF rate = vf (step->learning_rate), epsilon = vf (step->epsilon);
  VF beta1 = vf (step->beta1), beta2 = vf (step->beta2);

  NN_FOR_VECTORS (i, k, n,
                  adam_vector (rate, beta1, beta2, epsilon, g + i, w + i, m + i, v + i, k));
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
add_four_vector (const float *x, gsize cols, float *sum, gsize k)
{
  VF low = v_load (x, k, 0) + v_load (x + cols, k, 0);
  VF high = v_load (x + 2 * cols, k, 0) + v_load (x + 3 * cols, k, 0);

  v_store (sum, v_load (sum, k, 0) + (low + high), k);
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

/* Four rows at a time: a quarter of the traffic to sum. */
static void
add_column_sums (const float *x, gsize rows, gsize cols, float *sum)
{
  for (; rows >= 4; rows -= 4, x += 4 * cols)
    NN_FOR_VECTORS (i, k, cols, add_four_vector (x + i, cols, sum + i, k));
  for (; rows > 0; rows--, x += cols)
    add_scaled (1.0f, x, sum, cols);
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
