/* nn-kernels-loss-impl.h: losses and penalties with their derivatives.
 *
 * A block of values is summed in vector lanes, the blocks in double: the error of a sum over
 * millions of values stays that of a sum over one block.
 */
#pragma once

#include "base/nn-kernels-activation-impl.h"

#define BLOCK_VECTORS 16
#define BLOCK (BLOCK_VECTORS * NN_LANES)

/* Clipping of probabilities, keras.backend.epsilon(). */
#define PROBABILITY_MIN 1e-7f
#define PROBABILITY_MAX (1.0f - 1e-7f)

/* The sum over blocks of x[0 .. n): BODY (i, k, &lanes) adds vector i to lanes. */
#define SUM_IN_BLOCKS(total, n, BODY)                                                              \
  for (gsize block = 0; block < (n); block += BLOCK)                                               \
    {                                                                                              \
      gsize in_block = MIN ((n)-block, BLOCK);                                                     \
      VF lanes = vf (0.0f);                                                                        \
                                                                                                   \
      NN_FOR_VECTORS (j, k, in_block, BODY (block + j, k, &lanes));                                \
      total += (double)v_sum (lanes);                                                              \
    }

/* ---- binary cross-entropy ---- */

/* max (z, 0) - z t + log (1 + e^-|z|): the first part goes to lanes; the logarithms of a block are
 * one logarithm of a product of at most BLOCK_VECTORS numbers in 1 .. 2. Derivative: sigmoid (z) -
 * t. */
NN_INLINE void
bce_logits_vector (const float *z_at, const float *t_at, float *d, gsize k, VF scale, VF *lanes,
                   VF *product)
{
  /* What fills a last vector up adds nothing: max (-200, 0) = 0 and 1 + e^-200 = 1. */
  VF z = v_load (z_at, k, -200.0f);
  VF t = v_load (t_at, k, 0.0f);
  VF zero = vf (0.0f), one = vf (1.0f);
  VF e = v_exp_negative (-v_abs (z));
  VF u = one + e;

  *lanes += v_max (zero, z) - z * t;
  *product *= u;
  if (d != NULL)
    v_store (d, scale * (v_select_gt (z, zero, one, e) / u - t), k);
}

NN_INLINE double
bce_logits_with (const float *z, const float *t, float *d, float scale, gsize n, gboolean want_d)
{
  VF factor = vf (scale);
  double total = 0;

  for (gsize block = 0; block < n; block += BLOCK)
    {
      gsize in_block = MIN (n - block, BLOCK);
      VF lanes = vf (0.0f), product = vf (1.0f);

      NN_FOR_VECTORS (i, k, in_block,
                      bce_logits_vector (z + block + i, t + block + i,
                                         want_d ? d + block + i : NULL, k, factor, &lanes,
                                         &product));
      total += (double)v_sum (lanes + v_log_positive (product));
    }
  return total;
}

static double
bce_logits (const float *z, const float *t, float *d, float scale, gsize n)
{
  return d != NULL ? bce_logits_with (z, t, d, scale, n, TRUE)
                   : bce_logits_with (z, t, d, scale, n, FALSE);
}

/* 1 where the loss of a probability has a slope, 0 where it is clipped. */
NN_INLINE VF
clip_slope (VF p)
{
  VF zero = vf (0.0f), one = vf (1.0f);

  return v_select_gt (vf (PROBABILITY_MIN), p, zero,
                      v_select_gt (p, vf (PROBABILITY_MAX), zero, one));
}

NN_INLINE VF
clip_probability (VF p)
{
  return v_min (vf (PROBABILITY_MAX), v_max (vf (PROBABILITY_MIN), p));
}

/* -t log p - (1 - t) log (1 - p); derivative (p - t) / (p (1 - p)) */
NN_INLINE void
bce_vector (const float *p_at, const float *t_at, float *d, gsize k, VF scale, VF *lanes)
{
  VF raw = v_load (p_at, k, 0.5f);
  VF t = v_load (t_at, k, 0.0f);
  VF p = clip_probability (raw);
  VF q = 1.0f - p;

  *lanes += v_keep (-t * v_log_positive (p) - (1.0f - t) * v_log_positive (q), k);
  if (d != NULL)
    v_store (d, scale * clip_slope (raw) * (p - t) / (p * q), k);
}

static double
bce (const float *p, const float *t, float *d, float scale, gsize n)
{
  VF factor = vf (scale);
  double total = 0;

#define BODY(i, k, lanes)                                                                          \
  bce_vector (p + (i), t + (i), d != NULL ? d + (i) : NULL, k, factor, lanes)
  SUM_IN_BLOCKS (total, n, BODY)
#undef BODY
  return total;
}

/* ---- squared error ---- */

NN_INLINE void
squared_error_vector (const float *y, const float *t, float *d, gsize k, VF scale, VF *lanes)
{
  VF error = v_load (y, k, 0) - v_load (t, k, 0);

  *lanes += error * error;
  if (d != NULL)
    v_store (d, scale * error, k);
}

static double
squared_error (const float *y, const float *t, float *d, float scale, gsize n)
{
  VF factor = vf (2 * scale);
  double total = 0;

#define BODY(i, k, lanes)                                                                          \
  squared_error_vector (y + (i), t + (i), d != NULL ? d + (i) : NULL, k, factor, lanes)
  SUM_IN_BLOCKS (total, n, BODY)
#undef BODY
  return total;
}

/* ---- absolute error, and the squared error that turns into it ---- */

NN_INLINE void
absolute_error_vector (const float *y, const float *t, float *d, gsize k, VF scale, VF *lanes)
{
  VF error = v_load (y, k, 0) - v_load (t, k, 0);
  VF zero = vf (0.0f);

  *lanes += v_abs (error);
  if (d != NULL)
    v_store (d, v_select_gt (error, zero, scale, v_select_gt (zero, error, -scale, error)), k);
}

static double
absolute_error (const float *y, const float *t, float *d, float scale, gsize n)
{
  VF factor = vf (scale);
  double total = 0;

#define BODY(i, k, lanes)                                                                          \
  absolute_error_vector (y + (i), t + (i), d != NULL ? d + (i) : NULL, k, factor, lanes)
  SUM_IN_BLOCKS (total, n, BODY)
#undef BODY
  return total;
}

/* With c = e within -1 .. 1: c (e - c / 2) is e^2 / 2 inside and |e| - 1 / 2 outside. */
NN_INLINE void
huber_vector (const float *y, const float *t, float *d, gsize k, VF scale, VF *lanes)
{
  VF error = v_load (y, k, 0) - v_load (t, k, 0);
  VF clipped = v_min (vf (1.0f), v_max (vf (-1.0f), error));

  *lanes += clipped * (error - 0.5f * clipped);
  if (d != NULL)
    v_store (d, scale * clipped, k);
}

static double
huber (const float *y, const float *t, float *d, float scale, gsize n)
{
  VF factor = vf (scale);
  double total = 0;

#define BODY(i, k, lanes)                                                                          \
  huber_vector (y + (i), t + (i), d != NULL ? d + (i) : NULL, k, factor, lanes)
  SUM_IN_BLOCKS (total, n, BODY)
#undef BODY
  return total;
}

/* ---- categorical cross-entropy ---- */

NN_INLINE void
cce_logits_sums (const float *z_at, const float *t_at, float *d, gsize k, VF largest, VF *sum_e,
                 VF *sum_t, VF *sum_tz)
{
  VF z = v_load (z_at, k, largest[0]) - largest;
  VF t = v_load (t_at, k, 0.0f);
  VF e = v_exp (z);

  *sum_e += v_keep (e, k);
  *sum_t += t;
  *sum_tz += t * z;
  if (d != NULL)
    v_store (d, e, k);
}

NN_INLINE void
cce_logits_slope (const float *t, float *d, gsize k, VF share, VF scale)
{
  v_store (d, share * v_load (d, k, 0) - scale * v_load (t, k, 0), k);
}

/* With z counted from its largest: sum_c t_c (log sum_j e^z_j - z_c); derivative softmax (z) sum_c
 * t_c - t, which is softmax (z) - t where the t of a row add up to 1. */
static double
cce_logits (const float *z, const float *t, float *d, float scale, gsize rows, gsize cols)
{
  double total = 0;

  for (gsize r = 0; r < rows; r++, z += cols, t += cols)
    {
      VF largest = vf (largest_of (z, cols));
      VF e_lanes = vf (0.0f), t_lanes = vf (0.0f), tz_lanes = vf (0.0f);
      float sum_e, sum_t;

      NN_FOR_VECTORS (i, k, cols,
                      cce_logits_sums (z + i, t + i, d != NULL ? d + i : NULL, k, largest, &e_lanes,
                                       &t_lanes, &tz_lanes));
      sum_e = v_sum (e_lanes);
      sum_t = v_sum (t_lanes);
      total += (double)sum_t * log ((double)sum_e) - (double)v_sum (tz_lanes);
      if (d != NULL)
        {
          VF share = vf (scale * sum_t / sum_e);

          NN_FOR_VECTORS (i, k, cols, cce_logits_slope (t + i, d + i, k, share, vf (scale)));
          d += cols;
        }
    }
  return total;
}

NN_INLINE void
cce_vector (const float *p_at, const float *t_at, float *d, gsize k, VF scale, VF *lanes)
{
  VF raw = v_load (p_at, k, 0.5f);
  VF t = v_load (t_at, k, 0.0f);
  VF p = clip_probability (raw);

  *lanes -= t * v_log_positive (p);
  if (d != NULL)
    v_store (d, -scale * clip_slope (raw) * t / p, k);
}

static double
cce (const float *p, const float *t, float *d, float scale, gsize rows, gsize cols)
{
  VF factor = vf (scale);
  double total = 0;

#define BODY(i, k, lanes)                                                                          \
  cce_vector (p + (i), t + (i), d != NULL ? d + (i) : NULL, k, factor, lanes)
  SUM_IN_BLOCKS (total, rows * cols, BODY)
#undef BODY
  return total;
}

/* ---- penalties ---- */

NN_INLINE void
l1_vector (const float *x_at, float *d, gsize k, VF scale, VF *lanes)
{
  VF x = v_load (x_at, k, 0);
  VF zero = vf (0.0f);

  *lanes += v_abs (x);
  if (d != NULL)
    v_store (
        d, v_load (d, k, 0) + v_select_gt (x, zero, scale, v_select_gt (zero, x, -scale, zero)), k);
}

static double
l1 (const float *x, float *d, float scale, gsize n)
{
  VF factor = vf (scale);
  double total = 0;

#define BODY(i, k, lanes) l1_vector (x + (i), d != NULL ? d + (i) : NULL, k, factor, lanes)
  SUM_IN_BLOCKS (total, n, BODY)
#undef BODY
  return total;
}

NN_INLINE void
l2_vector (const float *x_at, float *d, gsize k, VF scale, VF *lanes)
{
  VF x = v_load (x_at, k, 0);

  *lanes += x * x;
  if (d != NULL)
    v_store (d, v_load (d, k, 0) + scale * x, k);
}

static double
l2 (const float *x, float *d, float scale, gsize n)
{
  VF factor = vf (2 * scale);
  double total = 0;

#define BODY(i, k, lanes) l2_vector (x + (i), d != NULL ? d + (i) : NULL, k, factor, lanes)
  SUM_IN_BLOCKS (total, n, BODY)
#undef BODY
  return total;
}
