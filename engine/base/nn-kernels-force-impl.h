/* nn-kernels-force-impl.h: the forces between points of a plane that an embedding is made of. */
#pragma once

#include "base/nn-kernels.h"
#include "base/nn-kernels-math.h"
#include "base/nn-kernels-simd.h"

/* 1 / x for x >= 1, within two units in the last place. */
NN_INLINE VF
v_reciprocal (VF x)
{
#if NN_LANES == 16
  /* A third of the time of a division. */
  VF r = _mm512_rcp14_ps (x);

  return r * (2.0f - x * r);
#else
  return 1.0f / x;
#endif
}

/* Points xy[index[0..k)], split into their coordinates; lanes from k on hold some other point. */
NN_INLINE void
gather_points (const float *xy, const guint32 *index, gsize k, VF *x, VF *y)
{
#if NN_LANES == 16
  const __m512i even = _mm512_set_epi32 (30, 28, 26, 24, 22, 20, 18, 16, 14, 12, 10, 8, 6, 4, 2, 0);
  const __m512i odd = _mm512_or_si512 (even, _mm512_set1_epi32 (1));
  __m512i at = _mm512_maskz_loadu_epi32 ((__mmask16)((1u << k) - 1), index);
  __m512 low = (__m512)_mm512_i32gather_pd (_mm512_castsi512_si256 (at), xy, 8);
  __m512 high = (__m512)_mm512_i32gather_pd (_mm512_extracti64x4_epi64 (at, 1), xy, 8);

  *x = _mm512_permutex2var_ps (low, even, high);
  *y = _mm512_permutex2var_ps (low, odd, high);
#elif NN_LANES == 8
  guint32 at[NN_LANES] = { 0 };
  __m256 low, high;

  memcpy (at, index, k * sizeof *at);
  low = (__m256)_mm256_i32gather_pd ((const void *)xy, *(const __m128i_u *)at, 8);
  high = (__m256)_mm256_i32gather_pd ((const void *)xy, *(const __m128i_u *)(at + 4), 8);
  *x = (VF)_mm256_permute4x64_pd ((__m256d)_mm256_shuffle_ps (low, high, 0x88), 0xd8);
  *y = (VF)_mm256_permute4x64_pd ((__m256d)_mm256_shuffle_ps (low, high, 0xdd), 0xd8);
#else
  for (gsize i = 0; i < NN_LANES; i++)
    {
      const float *point = xy + 2 * index[i < k ? i : 0];

      (*x)[i] = point[0];
      (*y)[i] = point[1];
    }
#endif
}

typedef struct
{
  VF weight, x, y, log;
} Pull;

NN_INLINE void
pull_vector (Pull *sum, const float *xy, const float *at, const guint32 *index, const float *p,
             gboolean with_log, gsize k)
{
  VF x, y, near, square;
  VF weight = v_load (p, k, 0);

  gather_points (xy, index, k, &x, &y);
  x = at[0] - x;
  y = at[1] - y;
  square = 1.0f + x * x + y * y;
  near = weight * v_reciprocal (square);
  sum->x += near * x;
  sum->y += near * y;
  if (with_log)
    sum->log += weight * v_log_positive (square);
}

static void
pull (const float *xy, const gsize *row, const guint32 *index, const float *p, gsize first,
      gsize end, float *force, double *log_sum)
{
  for (gsize i = first; i < end; i++)
    {
      const gsize begin = row[i], n = row[i + 1] - begin;
      Pull sum = { 0 };

      if (log_sum)
        NN_FOR_VECTORS (
            e, k, n, pull_vector (&sum, xy, xy + 2 * i, index + begin + e, p + begin + e, TRUE, k));
      else
        NN_FOR_VECTORS (
            e, k, n,
            pull_vector (&sum, xy, xy + 2 * i, index + begin + e, p + begin + e, FALSE, k));
      force[2 * i] = v_sum (sum.x);
      force[2 * i + 1] = v_sum (sum.y);
      if (log_sum)
        *log_sum += v_sum_double (sum.log);
    }
}

/* Points that share what is loaded of the bodies. */
#define PUSH_POINTS 4

NN_INLINE void
push_vector (VF sum[PUSH_POINTS][3], const float *const *bodies, gsize i,
             const VF at[PUSH_POINTS][2], gsize k)
{
  /* Without mass, the lanes from k on add nothing. */
  VF body_x = v_load (bodies[0] + i, k, 0);
  VF body_y = v_load (bodies[1] + i, k, 0);
  VF mass = v_load (bodies[2] + i, k, 0);

  for (guint j = 0; j < PUSH_POINTS; j++)
    {
      VF x = at[j][0] - body_x, y = at[j][1] - body_y;
      VF near = v_reciprocal (1.0f + x * x + y * y);
      VF part = mass * near;

      sum[j][0] += part;
      part *= near;
      sum[j][1] += part * x;
      sum[j][2] += part * y;
    }
}

static void
push (const float *const bodies[3], gsize n, const float *xy, gsize n_points, float *out)
{
  for (gsize first = 0; first < n_points; first += PUSH_POINTS)
    {
      const gsize n_here = MIN (n_points - first, PUSH_POINTS);
      VF sum[PUSH_POINTS][3] = { 0 };
      VF at[PUSH_POINTS][2];

      for (gsize j = 0; j < PUSH_POINTS; j++)
        for (gsize c = 0; c < 2; c++)
          at[j][c] = vf (xy[2 * (first + MIN (j, n_here - 1)) + c]);
      NN_FOR_VECTORS (i, k, n, push_vector (sum, bodies, i, at, k));
      for (gsize j = 0; j < n_here; j++)
        for (gsize c = 0; c < 3; c++)
          out[3 * (first + j) + c] = v_sum (sum[j][c]);
    }
}
