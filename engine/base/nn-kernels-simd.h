/* nn-kernels-simd.h: vectors of the instruction set that the including file is compiled for.
 *
 * AVX-512, with NN_NARROW vectors half as wide, AVX2 with FMA, or GCC's generic vectors of 16
 * bytes, which every processor has. Loads and stores need no alignment, and a result never depends
 * on it. A partial vector (k < NN_LANES) goes through the same arithmetic as a whole one, so where
 * an array is cut does not change its values.
 */
#pragma once

#include <glib.h>
#include <math.h>
#include <string.h>

#if defined __AVX512F__ || defined __AVX2__
#include <immintrin.h>
#endif

#if defined __AVX512F__ && !defined NN_NARROW
#define NN_LANES 16
#elif defined __AVX2__
#define NN_LANES 8
#else
#define NN_LANES 4
#endif

#define NN_INLINE static inline __attribute__ ((always_inline, unused))

typedef float VF __attribute__ ((vector_size (NN_LANES * 4)));
typedef gint32 VI __attribute__ ((vector_size (NN_LANES * 4)));
typedef guint32 VU __attribute__ ((vector_size (NN_LANES * 4)));

/* x in every lane. Subtracting 0 changes no float, so that nothing is left of it; adding 0 would
 * turn -0 into 0, and the compiler would have to carry the sum out before it broadcasts. */
NN_INLINE VF
vf (float x)
{
  return x - (VF){ 0 };
}

NN_INLINE VI
vi (gint32 x)
{
  return (VI){ 0 } + x;
}

/* ---- memory: k values, 1 <= k <= NN_LANES; a constant k = NN_LANES compiles to one instruction
 * ---- */

NN_INLINE VF
v_load (const float *p, gsize k, float fill)
{
  VF x = vf (fill);

  if (k == NN_LANES)
    memcpy (&x, p, sizeof x);
  else
    {
#if NN_LANES == 16
      x = _mm512_mask_loadu_ps (x, (__mmask16)((1u << k) - 1), p);
#elif defined __AVX512VL__
      x = _mm256_mask_loadu_ps (x, (__mmask8)((1u << k) - 1), p);
#else
      memcpy (&x, p, k * sizeof (float));
#endif
    }
  return x;
}

NN_INLINE void
v_store (float *p, VF x, gsize k)
{
  if (k == NN_LANES)
    memcpy (p, &x, sizeof x);
  else
    {
#if NN_LANES == 16
      _mm512_mask_storeu_ps (p, (__mmask16)((1u << k) - 1), x);
#elif defined __AVX512VL__
      _mm256_mask_storeu_ps (p, (__mmask8)((1u << k) - 1), x);
#else
      memcpy (p, &x, k * sizeof (float));
#endif
    }
}

/* x with 0 in the lanes from k on. */
NN_INLINE VF
v_keep (VF x, gsize k)
{
  VI lane;

  if (k == NN_LANES)
    return x;
  for (gint i = 0; i < NN_LANES; i++)
    lane[i] = i;
  return (VF)((VI)x & (lane < vi ((gint32)k)));
}

/* Bit q: lane q of x is not +0. */
NN_INLINE guint32
v_bits (VI x)
{
#if NN_LANES == 16
  return _mm512_test_epi32_mask ((__m512i)x, (__m512i)x);
#elif NN_LANES == 8
  return 0xff & ~(guint32)_mm256_movemask_ps ((__m256)(x == vi (0)));
#else
  guint32 bits = 0;
  for (guint q = 0; q < NN_LANES; q++)
    bits |= (guint32)(x[q] != 0) << q;
  return bits;
#endif
}

/* ---- select, minimum, maximum ---- */

/* a > b ? c : d; a NaN compares false. */
NN_INLINE VF
v_select_gt (VF a, VF b, VF c, VF d)
{
#if NN_LANES == 16
  return _mm512_mask_blend_ps (_mm512_cmp_ps_mask (a, b, _CMP_GT_OQ), d, c);
#elif NN_LANES == 8
  return _mm256_blendv_ps (d, c, _mm256_cmp_ps (a, b, _CMP_GT_OQ));
#else
  VI mask = a > b;

  return (VF)((mask & (VI)c) | (~mask & (VI)d));
#endif
}

/* a > b ? a : b: a NaN in b comes out, one in a does not. */
NN_INLINE VF
v_max (VF a, VF b)
{
#if NN_LANES == 16
  return _mm512_max_ps (a, b);
#elif NN_LANES == 8
  return _mm256_max_ps (a, b);
#else
  return v_select_gt (a, b, a, b);
#endif
}

/* a < b ? a : b: a NaN in b comes out, one in a does not. */
NN_INLINE VF
v_min (VF a, VF b)
{
#if NN_LANES == 16
  return _mm512_min_ps (a, b);
#elif NN_LANES == 8
  return _mm256_min_ps (a, b);
#else
  return v_select_gt (b, a, a, b);
#endif
}

NN_INLINE VF
v_abs (VF x)
{
  return (VF)((VI)x & 0x7fffffff);
}

/* |size| with the sign of sign; size >= 0. */
NN_INLINE VF
v_copysign (VF size, VF sign)
{
  return (VF)((VI)size | ((VI)sign & (gint32)0x80000000));
}

NN_INLINE VF
v_sqrt (VF x)
{
#if NN_LANES == 16
  return _mm512_sqrt_ps (x);
#elif NN_LANES == 8
  return _mm256_sqrt_ps (x);
#else
  for (gint i = 0; i < NN_LANES; i++)
    x[i] = sqrtf (x[i]);
  return x;
#endif
}

/* ---- integers ---- */

NN_INLINE VF
v_from_int (VI x)
{
  return __builtin_convertvector(x, VF);
}

/* p 2^n for whole n in -300 .. 300; overflows to infinity and underflows to zero as a product does.
 */
NN_INLINE VF
v_scale2 (VF p, VF n)
{
#if NN_LANES == 16
  return _mm512_scalef_ps (p, n);
#else
  /* In two steps, as 2^128 is no float but p 2^128 may be one. */
  VI whole = __builtin_convertvector(n, VI);
  VI half = whole >> 1;

  return p * (VF)((half + 127) << 23) * (VF)((whole - half + 127) << 23);
#endif
}

/* The low and high halves of the products of 32-bit numbers. */
NN_INLINE void
v_multiply_wide (VU a, guint32 b, VU *low, VU *high)
{
#if NN_LANES == 16
  __m512i factor = _mm512_set1_epi32 ((gint32)b);
  __m512i even = _mm512_mul_epu32 ((__m512i)a, factor);
  __m512i odd = _mm512_mul_epu32 (_mm512_srli_epi64 ((__m512i)a, 32), factor);

  *low = (VU)_mm512_mask_blend_epi32 (0xaaaa, even, _mm512_slli_epi64 (odd, 32));
  *high = (VU)_mm512_mask_blend_epi32 (0xaaaa, _mm512_srli_epi64 (even, 32), odd);
#elif NN_LANES == 8
  __m256i factor = _mm256_set1_epi32 ((gint32)b);
  __m256i even = _mm256_mul_epu32 ((__m256i)a, factor);
  __m256i odd = _mm256_mul_epu32 (_mm256_srli_epi64 ((__m256i)a, 32), factor);

  *low = (VU)_mm256_blend_epi32 (even, _mm256_slli_epi64 (odd, 32), 0xaa);
  *high = (VU)_mm256_blend_epi32 (_mm256_srli_epi64 (even, 32), odd, 0xaa);
#else
  for (gint i = 0; i < NN_LANES; i++)
    {
      guint64 product = (guint64)a[i] * b;

      (*low)[i] = (guint32)product;
      (*high)[i] = (guint32)(product >> 32);
    }
#endif
}

/* Within each group of four lanes, the 4 x 4 transpose of x[0..4). */
NN_INLINE void
v_transpose4 (VF x[4])
{
#if NN_LANES == 16
  VF a = _mm512_unpacklo_ps (x[0], x[1]), b = _mm512_unpackhi_ps (x[0], x[1]);
  VF c = _mm512_unpacklo_ps (x[2], x[3]), d = _mm512_unpackhi_ps (x[2], x[3]);

  x[0] = _mm512_shuffle_ps (a, c, 0x44);
  x[1] = _mm512_shuffle_ps (a, c, 0xee);
  x[2] = _mm512_shuffle_ps (b, d, 0x44);
  x[3] = _mm512_shuffle_ps (b, d, 0xee);
#elif NN_LANES == 8
  VF a = _mm256_unpacklo_ps (x[0], x[1]), b = _mm256_unpackhi_ps (x[0], x[1]);
  VF c = _mm256_unpacklo_ps (x[2], x[3]), d = _mm256_unpackhi_ps (x[2], x[3]);

  x[0] = _mm256_shuffle_ps (a, c, 0x44);
  x[1] = _mm256_shuffle_ps (a, c, 0xee);
  x[2] = _mm256_shuffle_ps (b, d, 0x44);
  x[3] = _mm256_shuffle_ps (b, d, 0xee);
#else
  VF a = __builtin_shufflevector (x[0], x[1], 0, 4, 1, 5);
  VF b = __builtin_shufflevector (x[0], x[1], 2, 6, 3, 7);
  VF c = __builtin_shufflevector (x[2], x[3], 0, 4, 1, 5);
  VF d = __builtin_shufflevector (x[2], x[3], 2, 6, 3, 7);

  x[0] = __builtin_shufflevector (a, c, 0, 1, 4, 5);
  x[1] = __builtin_shufflevector (a, c, 2, 3, 6, 7);
  x[2] = __builtin_shufflevector (b, d, 0, 1, 4, 5);
  x[3] = __builtin_shufflevector (b, d, 2, 3, 6, 7);
#endif
}

/* The transpose of x. */
NN_INLINE void
v_transpose (VF x[NN_LANES])
{
  for (gint i = 0; i < NN_LANES; i += 4)
    v_transpose4 (x + i);
#if NN_LANES == 16
  for (gint i = 0; i < 4; i++)
    {
      VF a = _mm512_shuffle_f32x4 (x[i], x[4 + i], 0x44);
      VF b = _mm512_shuffle_f32x4 (x[i], x[4 + i], 0xee);
      VF c = _mm512_shuffle_f32x4 (x[8 + i], x[12 + i], 0x44);
      VF d = _mm512_shuffle_f32x4 (x[8 + i], x[12 + i], 0xee);

      x[i] = _mm512_shuffle_f32x4 (a, c, 0x88);
      x[4 + i] = _mm512_shuffle_f32x4 (a, c, 0xdd);
      x[8 + i] = _mm512_shuffle_f32x4 (b, d, 0x88);
      x[12 + i] = _mm512_shuffle_f32x4 (b, d, 0xdd);
    }
#elif NN_LANES == 8
  for (gint i = 0; i < 4; i++)
    {
      VF a = x[i], b = x[4 + i];

      x[i] = _mm256_permute2f128_ps (a, b, 0x20);
      x[4 + i] = _mm256_permute2f128_ps (a, b, 0x31);
    }
#endif
}

/* ---- across lanes, always in the same order ---- */

NN_INLINE float
v_sum (VF x)
{
  float lane[NN_LANES];

  memcpy (lane, &x, sizeof x);
  for (gint width = NN_LANES / 2; width >= 1; width /= 2)
    for (gint i = 0; i < width; i++)
      lane[i] += lane[i + width];
  return lane[0];
}

/* In double: for sums of losses. */
NN_INLINE double
v_sum_double (VF x)
{
  double sum = 0;

  for (gint i = 0; i < NN_LANES; i++)
    sum += (double)x[i];
  return sum;
}

NN_INLINE float
v_largest (VF x)
{
  float lane[NN_LANES];

  memcpy (lane, &x, sizeof x);
  for (gint width = NN_LANES / 2; width >= 1; width /= 2)
    for (gint i = 0; i < width; i++)
      lane[i] = lane[i] > lane[i + width] ? lane[i] : lane[i + width];
  return lane[0];
}

/* Runs statement for every vector of 0 .. n: i is its first value and k its number of values, which
 * is the constant NN_LANES for all but a shorter last one. */
#define NN_FOR_VECTORS(i, k, n, statement)                                                         \
  G_STMT_START                                                                                     \
  {                                                                                                \
    gsize i = 0;                                                                                   \
    for (; i + NN_LANES <= (n); i += NN_LANES)                                                     \
      {                                                                                            \
        enum                                                                                       \
        {                                                                                          \
          k = NN_LANES                                                                             \
        };                                                                                         \
        statement;                                                                                 \
      }                                                                                            \
    if (i < (n))                                                                                   \
      {                                                                                            \
        const gsize k = (n)-i;                                                                     \
        statement;                                                                                 \
      }                                                                                            \
  }                                                                                                \
  G_STMT_END
