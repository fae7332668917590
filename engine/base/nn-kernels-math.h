/* nn-kernels-math.h: exponential, logarithm and their relatives on vectors, within a few units in
 * the last place of libm's. Infinities are mapped as libm does; NaN in gives NaN out.
 *
 * Polynomials and splitting of constants as in S. Moshier's Cephes library (expf, logf, tanhf,
 * sinf).
 */
#pragma once

#include "base/nn-kernels-simd.h"

/* Adding and taking away 1.5 2^23 rounds to the nearest whole number; holds for |x| < 2^22. */
#define ROUND_MAGIC 12582912.0f

#define LN2_HIGH 0.693359375f /* few bits, so that n LN2_HIGH is exact */
#define LN2_LOW -2.12194440e-4f

/* x = n ln 2 + r, |r| <= ln 2 / 2; *tail = e^r - 1 */
NN_INLINE VF
v_exp_split (VF x, VF *tail)
{
  VF n = x * 1.44269504f + ROUND_MAGIC - ROUND_MAGIC;
  VF r = x - n * LN2_HIGH - n * LN2_LOW;
  VF p = vf (1.9875691500e-4f);

  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  *tail = p * r * r + r;
  return n;
}

NN_INLINE VF
v_exp (VF x)
{
  VF tail;
  VF n = v_exp_split (v_min (vf (100.0f), v_max (vf (-110.0f), x)), &tail);

  return v_scale2 (tail + 1.0f, n);
}

/* e^x for x <= 0. Below -87 the result is that of -87, 1.6e-38. */
NN_INLINE VF
v_exp_negative (VF x)
{
  VF tail;
  VF n = v_exp_split (v_max (vf (-87.0f), x), &tail);

#if NN_LANES == 16
  return v_scale2 (tail + 1.0f, n);
#else
  return (tail + 1.0f) * (VF)((__builtin_convertvector(n, VI) + 127) << 23);
#endif
}

/* e^x - 1 for x <= 0, without cancellation near 0: 2^n (e^r - 1) + (2^n - 1) */
NN_INLINE VF
v_expm1_negative (VF x)
{
  VF tail;
  VF n = v_exp_split (v_max (vf (-30.0f), x), &tail);
  VF scale = v_scale2 (vf (1.0f), n);

  return scale * tail + (scale - 1.0f);
}

/* log x for normal x > 0 (or NaN): x = m 2^k, m in sqrt(1/2) .. sqrt(2) */
NN_INLINE VF
v_log_positive (VF x)
{
  VI shifted = (VI)x - 0x3f3504f3;
  VF k = v_from_int (shifted >> 23);
  VF f = (VF)((shifted & 0x007fffff) + 0x3f3504f3) - 1.0f;
  VF square = f * f;
  VF p = vf (7.0376836292e-2f);

  p = p * f - 1.1514610310e-1f;
  p = p * f + 1.1676998740e-1f;
  p = p * f - 1.2420140846e-1f;
  p = p * f + 1.4249322787e-1f;
  p = p * f - 1.6668057665e-1f;
  p = p * f + 2.0000714765e-1f;
  p = p * f - 2.4999993993e-1f;
  p = p * f + 3.3333331174e-1f;
  p = p * f * square + k * LN2_LOW - 0.5f * square;
  /* The bits of a NaN read as a number: x - x brings it back. */
  return p + f + k * LN2_HIGH + (x - x);
}

/* log (1 + x) for 0 <= x <= 1: what rounding 1 + x loses is added as its share of the slope. */
NN_INLINE VF
v_log1p_unit (VF x)
{
  VF u = x + 1.0f;

  return v_log_positive (u) + (x - (u - 1.0f)) / u;
}

/* 1 / (1 + e^-x) */
NN_INLINE VF
v_sigmoid (VF x)
{
  return 1.0f / (1.0f + v_exp (-x));
}

/* |x| < 0.625: x + x^3 P(x^2); else 1 - 2 / (e^2|x| + 1) with the sign of x */
NN_INLINE VF
v_tanh (VF x)
{
  VF size = v_abs (x);
  VF square = x * x;
  VF large = 1.0f - 2.0f / (v_exp (size + size) + 1.0f);
  VF p = vf (-5.70498872745e-3f);

  p = p * square + 2.06390887954e-2f;
  p = p * square - 5.37397155531e-2f;
  p = p * square + 1.33314422036e-1f;
  p = p * square - 3.33332819422e-1f;
  p = p * square * x + x;
  return v_select_gt (vf (0.625f), size, p, v_copysign (large, x));
}

/* log (1 + e^x) = max (x, 0) + log (1 + e^-|x|) */
NN_INLINE VF
v_softplus (VF x)
{
  return v_max (vf (0.0f), x) + v_log1p_unit (v_exp (-v_abs (x)));
}

/* The distribution function of N(0, 1), Phi (x) = erfc (-x / sqrt 2) / 2, with erfc (z) = t e^(-z^2
 * + P (t)), t = 1 / (1 + z / 2) for z >= 0. W. Press et al., "Numerical recipes in C", 1992,
 * section 6.2. */
NN_INLINE VF
v_normal_distribution (VF x)
{
  VF z = v_abs (x) * 0.707106781f;
  VF t = 1.0f / (1.0f + 0.5f * z);
  VF p = vf (0.17087277f);
  VF tail;

  p = p * t - 0.82215223f;
  p = p * t + 1.48851587f;
  p = p * t - 1.13520398f;
  p = p * t + 0.27886807f;
  p = p * t - 0.18628806f;
  p = p * t + 0.09678418f;
  p = p * t + 0.37409196f;
  p = p * t + 1.00002368f;
  p = p * t - 1.26551223f;
  tail = 0.5f * t * v_exp (p - z * z);
  return v_select_gt (x, vf (0.0f), 1.0f - tail, tail);
}

/* Cosine and sine of 2 pi v / 2^24 for whole v in 0 .. 2^24 - 1. */
NN_INLINE void
v_cos_sin_turn (VU v, VF *cosine, VF *sine)
{
  /* The nearest quarter turn, and what is left of it: -1/8 .. 1/8 of a turn, exact. */
  VU quarter = (v + (1u << 21)) >> 22;
  VF a = v_from_int ((VI)(v - (quarter << 22))) * (float)(2 * G_PI / (1 << 24));
  VF square = a * a;
  VF s = vf (-1.9515295891e-4f);
  VF c = vf (2.443315711809948e-5f);
  VI swap = -(VI)(quarter & 1);
  VI s_sign = (VI)((quarter & 2) << 30);
  VI c_sign = (VI)(((quarter + 1) & 2) << 30);
  VI s_bits, c_bits;

  s = s * square + 8.3321608736e-3f;
  s = s * square - 1.6666654611e-1f;
  s = s * square * a + a;
  c = c * square - 1.388731625493765e-3f;
  c = c * square + 4.166664568298827e-2f;
  c = c * square * square - 0.5f * square + 1.0f;

  s_bits = (VI)s;
  c_bits = (VI)c;
  *sine = (VF)(((s_bits & ~swap) | (c_bits & swap)) ^ s_sign);
  *cosine = (VF)(((c_bits & ~swap) | (s_bits & swap)) ^ c_sign);
}
