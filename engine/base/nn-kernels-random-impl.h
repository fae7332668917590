/* nn-kernels-random-impl.h: Philox 4x32-10 (see nn-rng.h), one block of four words in each lane. */
#pragma once

#include "base/nn-kernels-math.h"

#define PHILOX_VALUES (4 * NN_LANES)

/* Four words of NN_LANES blocks. The blocks are dealt to lanes so that v_transpose4() leaves the
 * values in the order of their stream: group g of four lanes holds blocks g, g + groups, g + 2
 * groups, ... */
NN_INLINE void
philox_vector (const guint32 key[2], const guint32 counter[4], guint32 first_block, VU word[4])
{
  guint32 k0 = key[0], k1 = key[1];
  VU c0, c1 = (VU){ 0 } + counter[1], c2 = (VU){ 0 } + counter[2], c3 = (VU){ 0 } + counter[3];

  for (guint lane = 0; lane < NN_LANES; lane++)
    c0[lane] = counter[0] + first_block + lane / 4 + lane % 4 * (NN_LANES / 4);

  for (guint round = 0; round < 10; round++)
    {
      VU low0, high0, low1, high1;

      v_multiply_wide (c0, 0xD2511F53u, &low0, &high0);
      v_multiply_wide (c2, 0xCD9E8D57u, &low1, &high1);
      c0 = high1 ^ c1 ^ k0;
      c1 = low1;
      c2 = high0 ^ c3 ^ k1;
      c3 = low0;
      k0 += 0x9E3779B9u;
      k1 += 0xBB67AE85u;
    }
  word[0] = c0;
  word[1] = c1;
  word[2] = c2;
  word[3] = c3;
}

/* [0, 1): the upper 24 bits, which a float holds exactly. */
NN_INLINE void
uniform_vectors (const guint32 key[2], const guint32 counter[4], guint32 first_block, VF y[4])
{
  VU word[4];

  philox_vector (key, counter, first_block, word);
  for (gint i = 0; i < 4; i++)
    y[i] = v_from_int ((VI)(word[i] >> 8)) * 0x1p-24f;
  v_transpose4 (y);
}

/* radius = sqrt (-2 log u), u in (0, 1); angle = 2 pi v, v in [0, 1). G. Box, M. Muller, "A note on
 * the generation of random normal deviates", 1958. */
NN_INLINE void
box_muller (VU u_word, VU v_word, VF *z0, VF *z1)
{
  VF u = v_from_int ((VI)(u_word >> 8)) * 0x1p-24f + 0x1p-25f;
  VF radius = v_sqrt (v_max (vf (0.0f), -2.0f * v_log_positive (u)));
  VF cosine, sine;

  v_cos_sin_turn (v_word >> 8, &cosine, &sine);
  *z0 = radius * cosine;
  *z1 = radius * sine;
}

NN_INLINE void
normal_vectors (const guint32 key[2], const guint32 counter[4], guint32 first_block, VF y[4])
{
  VU word[4];

  philox_vector (key, counter, first_block, word);
  box_muller (word[0], word[1], &y[0], &y[1]);
  box_muller (word[2], word[3], &y[2], &y[3]);
  v_transpose4 (y);
}

#define FILL_RANDOM(VECTORS)                                                                       \
  guint32 block = 0;                                                                               \
  VF value[4];                                                                                     \
                                                                                                   \
  for (; n >= PHILOX_VALUES; n -= PHILOX_VALUES, y += PHILOX_VALUES, block += NN_LANES)            \
    {                                                                                              \
      VECTORS (key, counter, block, value);                                                        \
      memcpy (y, value, sizeof value);                                                             \
    }                                                                                              \
  if (n > 0)                                                                                       \
    {                                                                                              \
      VECTORS (key, counter, block, value);                                                        \
      memcpy (y, value, n * sizeof (float));                                                       \
    }

static void
uniform (const guint32 key[2], const guint32 counter[4], float *y, gsize n)
{
  FILL_RANDOM (uniform_vectors)
}

static void
normal (const guint32 key[2], const guint32 counter[4], float *y, gsize n)
{
  FILL_RANDOM (normal_vectors)
}
