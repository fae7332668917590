/* nn-kernels-activation-impl.h: elementwise functions, softmax and what goes with them. */
#pragma once

#include "base/nn-activation.h"
#include "base/nn-kernels-math.h"

/* G. Klambauer et al., "Self-normalizing neural networks", 2017. */
#define SELU_SCALE 1.05070098735548f
#define SELU_ALPHA 1.67326324235438f

/* Below this x Phi (x) and x sigmoid (x) are 0 in floats; minus infinity times 0 would be NaN. */
#define VANISHES_BELOW (-120.0f)

/* y = f(x), f known when compiling. */
NN_INLINE VF
activation_value (NnActivation f, VF alpha, VF x)
{
  VF zero = vf (0.0f);

  switch (f)
    {
    case NN_ACTIVATION_RELU:
      return v_max (zero, x);
    case NN_ACTIVATION_LEAKY_RELU:
      return v_select_gt (x, zero, x, alpha * x);
    case NN_ACTIVATION_ELU:
      return v_select_gt (x, zero, x, alpha * v_expm1_negative (v_min (zero, x)));
    case NN_ACTIVATION_SIGMOID:
      return v_sigmoid (x);
    case NN_ACTIVATION_TANH:
      return v_tanh (x);
    case NN_ACTIVATION_SOFTPLUS:
      return v_softplus (x);
    case NN_ACTIVATION_SELU:
      return SELU_SCALE * v_select_gt (x, zero, x, SELU_ALPHA * v_expm1_negative (v_min (zero, x)));
    case NN_ACTIVATION_GELU:
      x = v_max (vf (VANISHES_BELOW), x);
      return x * v_normal_distribution (x);
    case NN_ACTIVATION_SILU:
      x = v_max (vf (VANISHES_BELOW), x);
      return x * v_sigmoid (x);
    case NN_ACTIVATION_HARD_SIGMOID:
      return v_min (vf (1.0f), v_max (zero, 0.2f * x + 0.5f));
    case NN_ACTIVATION_RELU6:
      return v_min (vf (6.0f), v_max (zero, x));
    case NN_ACTIVATION_HARD_SWISH: /* minus infinity times 0 would be NaN */
      x = v_max (vf (-3.0f), x);
      return x * v_min (vf (1.0f), x * (1.0f / 6.0f) + 0.5f);
    case NN_ACTIVATION_SOFTSIGN: /* infinity by infinity would be NaN */
      x = v_min (vf (1e30f), v_max (vf (-1e30f), x));
      return x / (1.0f + v_max (x, -x));
    default:
      return x;
    }
}

/* TRUE where the slope needs x, known when compiling; NnActivationInfo says so as !from_output. */
NN_INLINE gboolean
slope_needs_input (NnActivation f)
{
  return f == NN_ACTIVATION_GELU || f == NN_ACTIVATION_SILU || f == NN_ACTIVATION_HARD_SWISH;
}

/* f'(x) from y = f(x), or from x where that is needed. */
NN_INLINE VF
activation_slope (NnActivation f, VF alpha, VF x, VF y)
{
  VF zero = vf (0.0f), one = vf (1.0f);

  switch (f)
    {
    case NN_ACTIVATION_RELU:
      return v_select_gt (y, zero, one, zero);
    case NN_ACTIVATION_LEAKY_RELU:
      return v_select_gt (y, zero, one, alpha);
    case NN_ACTIVATION_ELU:
      return v_select_gt (y, zero, one, y + alpha);
    case NN_ACTIVATION_SIGMOID:
      return y * (1.0f - y);
    case NN_ACTIVATION_TANH:
      return 1.0f - y * y;
    case NN_ACTIVATION_SOFTPLUS:
      return -v_expm1_negative (-y); /* sigmoid (x) = 1 - e^-y */
    case NN_ACTIVATION_SELU:
      return v_select_gt (y, zero, vf (SELU_SCALE), y + SELU_SCALE * SELU_ALPHA);
    case NN_ACTIVATION_GELU: /* Phi (x) + x phi (x) */
      x = v_max (vf (VANISHES_BELOW), v_min (vf (-VANISHES_BELOW), x));
      return v_normal_distribution (x) + x * 0.398942280f * v_exp (-0.5f * x * x);
    case NN_ACTIVATION_SILU: /* s + x s (1 - s) */
      x = v_max (vf (VANISHES_BELOW), v_min (vf (-VANISHES_BELOW), x));
      y = v_sigmoid (x);
      return y + x * y * (1.0f - y);
    case NN_ACTIVATION_HARD_SIGMOID:
      return v_select_gt (y, zero, v_select_gt (one, y, vf (0.2f), zero), zero);
    case NN_ACTIVATION_RELU6:
      return v_select_gt (y, zero, v_select_gt (vf (6.0f), y, one, zero), zero);
    case NN_ACTIVATION_HARD_SWISH: /* x / 3 + 1 / 2 between -3 and 3 */
      return v_select_gt (x, vf (-3.0f), v_select_gt (vf (3.0f), x, x * (1.0f / 3.0f) + 0.5f, one),
                          zero);
    case NN_ACTIVATION_SOFTSIGN: /* (1 - |y|)^2 */
      y = 1.0f - v_max (y, -y);
      return y * y;
    default:
      return one;
    }
}

/* CALL (f) with f as a constant, so that each function gets a loop of its own. */
#define WITH_CONSTANT_ACTIVATION(f, CALL)                                                          \
  switch (f)                                                                                       \
    {                                                                                              \
    case NN_ACTIVATION_RELU:                                                                       \
      CALL (NN_ACTIVATION_RELU);                                                                   \
      break;                                                                                       \
    case NN_ACTIVATION_LEAKY_RELU:                                                                 \
      CALL (NN_ACTIVATION_LEAKY_RELU);                                                             \
      break;                                                                                       \
    case NN_ACTIVATION_ELU:                                                                        \
      CALL (NN_ACTIVATION_ELU);                                                                    \
      break;                                                                                       \
    case NN_ACTIVATION_SIGMOID:                                                                    \
      CALL (NN_ACTIVATION_SIGMOID);                                                                \
      break;                                                                                       \
    case NN_ACTIVATION_TANH:                                                                       \
      CALL (NN_ACTIVATION_TANH);                                                                   \
      break;                                                                                       \
    case NN_ACTIVATION_SOFTPLUS:                                                                   \
      CALL (NN_ACTIVATION_SOFTPLUS);                                                               \
      break;                                                                                       \
    case NN_ACTIVATION_SELU:                                                                       \
      CALL (NN_ACTIVATION_SELU);                                                                   \
      break;                                                                                       \
    case NN_ACTIVATION_GELU:                                                                       \
      CALL (NN_ACTIVATION_GELU);                                                                   \
      break;                                                                                       \
    case NN_ACTIVATION_SILU:                                                                       \
      CALL (NN_ACTIVATION_SILU);                                                                   \
      break;                                                                                       \
    case NN_ACTIVATION_HARD_SIGMOID:                                                               \
      CALL (NN_ACTIVATION_HARD_SIGMOID);                                                           \
      break;                                                                                       \
    case NN_ACTIVATION_RELU6:                                                                      \
      CALL (NN_ACTIVATION_RELU6);                                                                  \
      break;                                                                                       \
    case NN_ACTIVATION_HARD_SWISH:                                                                 \
      CALL (NN_ACTIVATION_HARD_SWISH);                                                             \
      break;                                                                                       \
    case NN_ACTIVATION_SOFTSIGN:                                                                   \
      CALL (NN_ACTIVATION_SOFTSIGN);                                                               \
      break;                                                                                       \
    default:                                                                                       \
      CALL (NN_ACTIVATION_LINEAR);                                                                 \
      break;                                                                                       \
    }

NN_INLINE void
activate_vector (NnActivation f, VF alpha, const float *x, float *y, gsize k)
{
  v_store (y, activation_value (f, alpha, v_load (x, k, 0)), k);
}

NN_INLINE void
activate_values (NnActivation f, float alpha, const float *x, float *y, gsize n)
{
  VF a = vf (alpha);

  NN_FOR_VECTORS (i, k, n, activate_vector (f, a, x + i, y + i, k));
}

NN_INLINE void
bias_activate_vector (NnActivation f, VF alpha, const float *bias, float *y, gsize k)
{
  v_store (y, activation_value (f, alpha, v_load (y, k, 0) + v_load (bias, k, 0)), k);
}

NN_INLINE void
bias_activate_rows (NnActivation f, float alpha, const float *bias, float *y, gsize rows,
                    gsize cols)
{
  VF a = vf (alpha);

  for (gsize r = 0; r < rows; r++, y += cols)
    NN_FOR_VECTORS (i, k, cols, bias_activate_vector (f, a, bias + i, y + i, k));
}

NN_INLINE void
slope_vector (NnActivation f, VF alpha, const float *x_at, const float *y, const float *dy,
              float *dx, gsize k)
{
  VF x = slope_needs_input (f) ? v_load (x_at, k, 0) : vf (0.0f);

  v_store (dx, v_load (dy, k, 0) * activation_slope (f, alpha, x, v_load (y, k, 0)), k);
}

NN_INLINE void
slope_values (NnActivation f, float alpha, const float *x, const float *y, const float *dy,
              float *dx, gsize n)
{
  VF a = vf (alpha);

  NN_FOR_VECTORS (
      i, k, n, slope_vector (f, a, slope_needs_input (f) ? x + i : NULL, y + i, dy + i, dx + i, k));
}

/* ---- softmax ---- */

NN_INLINE void
largest_vector (const float *x, gsize k, VF *largest)
{
  *largest = v_max (*largest, v_load (x, k, -INFINITY));
}

static float
largest_of (const float *x, gsize n)
{
  VF largest = vf (-INFINITY);

  NN_FOR_VECTORS (i, k, n, largest_vector (x + i, k, &largest));
  return v_largest (largest);
}

NN_INLINE void
exp_vector (const float *x, float *y, gsize k, VF shift, VF *sum)
{
  VF e = v_exp (v_load (x, k, 0) - shift);

  v_store (y, e, k);
  *sum += v_keep (e, k);
}

NN_INLINE void
scale_vector (VF factor, const float *x, float *y, gsize k)
{
  v_store (y, factor * v_load (x, k, 0), k);
}

/* y_i = e^(x_i - max x) / sum_j e^(x_j - max x) */
static void
softmax_rows (const float *x, float *y, gsize rows, gsize cols)
{
  for (gsize r = 0; r < rows; r++, x += cols, y += cols)
    {
      VF shift = vf (largest_of (x, cols));
      VF sum = vf (0.0f);
      VF factor;

      NN_FOR_VECTORS (i, k, cols, exp_vector (x + i, y + i, k, shift, &sum));
      factor = vf (1.0f / v_sum (sum));
      NN_FOR_VECTORS (i, k, cols, scale_vector (factor, y + i, y + i, k));
    }
}

NN_INLINE void
dot_vector (const float *x, const float *y, gsize k, VF *sum)
{
  *sum += v_load (x, k, 0) * v_load (y, k, 0);
}

NN_INLINE void
softmax_slope_vector (const float *y, const float *dy, float *dx, gsize k, VF mean)
{
  v_store (dx, v_load (y, k, 0) * (v_load (dy, k, 0) - mean), k);
}

/* dx_i = y_i (dy_i - sum_j y_j dy_j) */
static void
softmax_slope_rows (const float *y, const float *dy, float *dx, gsize rows, gsize cols)
{
  for (gsize r = 0; r < rows; r++, y += cols, dy += cols, dx += cols)
    {
      VF sum = vf (0.0f);
      VF mean;

      NN_FOR_VECTORS (i, k, cols, dot_vector (y + i, dy + i, k, &sum));
      mean = vf (v_sum (sum));
      NN_FOR_VECTORS (i, k, cols, softmax_slope_vector (y + i, dy + i, dx + i, k, mean));
    }
}

NN_INLINE void
sum_exp_vector (const float *x, gsize k, VF shift, VF *sum)
{
  *sum += v_keep (v_exp (v_load (x, k, 0) - shift), k);
}

NN_INLINE void
shift_vector (const float *x, float *y, gsize k, VF shift)
{
  v_store (y, v_load (x, k, 0) - shift, k);
}

/* y_i = x_i - max x - log (sum_j e^(x_j - max x)) */
static void
log_softmax_rows (const float *x, float *y, gsize rows, gsize cols)
{
  for (gsize r = 0; r < rows; r++, x += cols, y += cols)
    {
      const float largest = largest_of (x, cols);
      VF shift = vf (largest), sum = vf (0.0f);

      NN_FOR_VECTORS (i, k, cols, sum_exp_vector (x + i, k, shift, &sum));
      shift = vf (largest + logf (v_sum (sum)));
      NN_FOR_VECTORS (i, k, cols, shift_vector (x + i, y + i, k, shift));
    }
}

NN_INLINE void
sum_vector (const float *x, gsize k, VF *sum)
{
  *sum += v_load (x, k, 0);
}

NN_INLINE void
log_softmax_slope_vector (const float *y, const float *dy, float *dx, gsize k, VF total)
{
  v_store (dx, v_load (dy, k, 0) - v_exp (v_load (y, k, 0)) * total, k);
}

/* dx_i = dy_i - e^(y_i) sum_j dy_j */
static void
log_softmax_slope_rows (const float *y, const float *dy, float *dx, gsize rows, gsize cols)
{
  for (gsize r = 0; r < rows; r++, y += cols, dy += cols, dx += cols)
    {
      VF sum = vf (0.0f);
      VF total;

      NN_FOR_VECTORS (i, k, cols, sum_vector (dy + i, k, &sum));
      total = vf (v_sum (sum));
      NN_FOR_VECTORS (i, k, cols, log_softmax_slope_vector (y + i, dy + i, dx + i, k, total));
    }
}

/* ---- entries of the table ---- */

static void
activate (NnActivation f, float alpha, const float *x, float *y, gsize rows, gsize cols)
{
  if (f == NN_ACTIVATION_SOFTMAX || f == NN_ACTIVATION_LOG_SOFTMAX)
    {
      (f == NN_ACTIVATION_SOFTMAX ? softmax_rows : log_softmax_rows) (x, y, rows, cols);
      return;
    }
#define CALL(F) activate_values (F, alpha, x, y, rows *cols)
  WITH_CONSTANT_ACTIVATION (f, CALL)
#undef CALL
}

static void
bias_activate (NnActivation f, float alpha, const float *bias, float *y, gsize rows, gsize cols)
{
  if (bias == NULL)
    {
      activate (f, alpha, y, y, rows, cols);
      return;
    }
#define CALL(F) bias_activate_rows (F, alpha, bias, y, rows, cols)
  WITH_CONSTANT_ACTIVATION (f, CALL)
#undef CALL
  if (f == NN_ACTIVATION_SOFTMAX)
    softmax_rows (y, y, rows, cols);
  else if (f == NN_ACTIVATION_LOG_SOFTMAX)
    log_softmax_rows (y, y, rows, cols);
}

static void
activate_grad (NnActivation f, float alpha, const float *x, const float *y, const float *dy,
               float *dx, gsize rows, gsize cols)
{
  if (f == NN_ACTIVATION_SOFTMAX)
    {
      softmax_slope_rows (y, dy, dx, rows, cols);
      return;
    }
  if (f == NN_ACTIVATION_LOG_SOFTMAX)
    {
      log_softmax_slope_rows (y, dy, dx, rows, cols);
      return;
    }
#define CALL(F) slope_values (F, alpha, x, y, dy, dx, rows *cols)
  WITH_CONSTANT_ACTIVATION (f, CALL)
#undef CALL
}
