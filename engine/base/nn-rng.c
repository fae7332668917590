#include "base/nn-rng.h"

#include <math.h>

/* Multipliers and Weyl constants of Philox 4x32 (Salmon et al. 2011, table 2 and section 3.4). */
#define PHILOX_M0 0xD2511F53u
#define PHILOX_M1 0xCD9E8D57u
#define PHILOX_W0 0x9E3779B9u
#define PHILOX_W1 0xBB67AE85u
#define PHILOX_ROUNDS 10

void
nn_philox (const guint32 key[2], const guint32 counter[4], guint32 out[4])
{
  guint32 k0 = key[0], k1 = key[1];
  guint32 c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];

  for (guint round = 0; round < PHILOX_ROUNDS; round++)
    {
      guint64 p0 = (guint64)PHILOX_M0 * c0;
      guint64 p1 = (guint64)PHILOX_M1 * c2;

      c0 = (guint32)(p1 >> 32) ^ c1 ^ k0;
      c1 = (guint32)p1;
      c2 = (guint32)(p0 >> 32) ^ c3 ^ k1;
      c3 = (guint32)p0;
      k0 += PHILOX_W0;
      k1 += PHILOX_W1;
    }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

void
nn_rng_init (NnRng *rng, guint64 seed, guint32 stream, guint32 step, guint32 sample)
{
  *rng = (NnRng){
    .key = { (guint32)seed, (guint32)(seed >> 32) },
    .counter = { 0, sample, step, stream },
    .used = 4,
  };
}

guint32
nn_rng_u32 (NnRng *rng)
{
  if (rng->used == 4)
    {
      nn_philox (rng->key, rng->counter, rng->out);
      rng->counter[0]++;
      rng->used = 0;
    }
  return rng->out[rng->used++];
}

/* D. Lemire, "Fast random integer generation in an interval", 2019: the high half of a product,
 * drawn again while the low half falls in the part that would make some results likelier. */
guint32
nn_rng_below (NnRng *rng, guint32 n)
{
  guint64 product;
  guint32 biased;

  g_return_val_if_fail (n >= 1, 0);

  biased = -n % n;
  do
    product = (guint64)nn_rng_u32 (rng) * n;
  while ((guint32)product < biased);
  return (guint32)(product >> 32);
}

float
nn_rng_uniform (NnRng *rng)
{
  return (float)(nn_rng_u32 (rng) >> 8) * 0x1p-24f;
}

/* z0 = sqrt (-2 log u) cos (2 pi v), z1 = sqrt (-2 log u) sin (2 pi v); u in (0, 1], v in [0, 1).
 * u is rounded to float32 as the kernels round it. */
float
nn_rng_normal (NnRng *rng)
{
  float u;
  double v, radius;

  if (rng->has_spare)
    {
      rng->has_spare = FALSE;
      return rng->spare;
    }
  u = ((double)(nn_rng_u32 (rng) >> 8) + 0.5) * 0x1p-24;
  v = (double)(nn_rng_u32 (rng) >> 8) * 0x1p-24;
  radius = sqrt (-2 * log ((double)u));
  rng->spare = (float)(radius * sin (2 * G_PI * v));
  rng->has_spare = TRUE;
  return (float)(radius * cos (2 * G_PI * v));
}

void
nn_rng_shuffle (NnRng *rng, guint32 *index, gsize n)
{
  g_return_if_fail (n <= G_MAXUINT32);

  for (gsize i = n; i > 1; i--)
    {
      guint32 j = nn_rng_below (rng, (guint32)i);
      guint32 swap = index[i - 1];

      index[i - 1] = index[j];
      index[j] = swap;
    }
}
