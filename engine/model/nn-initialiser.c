#include "model/nn-initialiser.h"

#include <math.h>

#include "base/nn-rng.h"

typedef enum
{
  CONSTANT,
  UNIFORM,          /* -spread .. spread */
  NORMAL,           /* standard deviation spread */
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

void
nn_initialise (const NnWeight *weight, guint64 seed, guint ordinal, float *w)
{
  const double fan = rules[weight->init].a * (double)weight->fan_in
                     + rules[weight->init].b * (double)weight->fan_out;
  const float spread =
      (float)(fan > 0 ? rules[weight->init].gain / sqrt (fan) : rules[weight->init].gain);
  NnRng rng;
  nn_rng_init (&rng, seed, NN_STREAM_INIT, weight->node, ordinal);
  for (gint64 i = 0; i < weight->size; i++)
    switch (rules[weight->init].distribution)
      {
      case CONSTANT:
        w[i] = spread;
        break;
      case UNIFORM:
        w[i] = spread * (2 * nn_rng_uniform (&rng) - 1);
        break;
      case NORMAL:
        w[i] = spread * nn_rng_normal (&rng);
        break;
      case TRUNCATED_NORMAL:
      default:
        w[i] = spread * truncated (&rng);
        break;
      }
}
