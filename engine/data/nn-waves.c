#include "data/nn-waves.h"

#include <math.h>

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>

#include "data/nn-generator.h"

#define N_TRAIN 10000
#define N_TEST 2000
#define N_STEPS 32

/* Periods in a sequence, and how far a wave rises from 0. A chirp begins at its frequency and is
 * CHIRP times as fast at the end. */
#define FREQUENCY_MIN 1.0f
#define FREQUENCY_MAX 3.0f
#define HEIGHT_MIN 0.3f
#define HEIGHT_MAX 0.9f
#define CHIRP 3.0f
/* Deviation of the noise on every step. */
#define NOISE 0.02f

enum
{
  SEQUENCE,
  LABEL
};

typedef enum
{
  WAVE_SINE,
  WAVE_SAW,
  WAVE_SQUARE,
  WAVE_CHIRP,
  N_WAVES
} Wave;

static const char *const wave_names[] = { N_ ("Sine"), N_ ("Saw"), N_ ("Square"), N_ ("Chirp"),
                                          NULL };
G_STATIC_ASSERT (G_N_ELEMENTS (wave_names) == N_WAVES + 1);

static float
between (NnRng *rng, float low, float high)
{
  return low + (high - low) * nn_rng_uniform (rng);
}

/* A wave of height 1 at `turn` periods from its start. */
static float
wave_at (Wave wave, float turn)
{
  const float part = turn - floorf (turn);
  switch (wave)
    {
    case WAVE_SAW:
      return 2.0f * part - 1.0f;
    case WAVE_SQUARE:
      return part < 0.5f ? 1.0f : -1.0f;
    case WAVE_SINE:
    case WAVE_CHIRP:
    default:
      return sinf (2.0f * (float)G_PI * part);
    }
}

static void
waves_draw (const NnDraw *draw, gpointer const *values)
{
  float *x = values[SEQUENCE];
  guint8 *label = values[LABEL];
  const Wave wave = (Wave)nn_draw_class (draw, N_WAVES);
  NnRng rng;
  nn_draw_rng (draw, &rng);
  const float phase = nn_rng_uniform (&rng);
  const float frequency = between (&rng, FREQUENCY_MIN, FREQUENCY_MAX);
  const float height = between (&rng, HEIGHT_MIN, HEIGHT_MAX);
  *label = (guint8)wave;
  for (guint t = 0; t < N_STEPS; t++)
    {
      const float u = (float)t / N_STEPS;
      /* Periods since the start: the frequency, added up; a chirp's grows evenly. */
      float turns = frequency * u;
      if (wave == WAVE_CHIRP)
        turns *= 1.0f + 0.5f * (CHIRP - 1.0f) * u;
      x[t] = height * wave_at (wave, phase + turns) + NOISE * nn_rng_normal (&rng);
    }
}

static const NnField fields[] = {
  { .name = "sequence", .kind = NN_FIELD_SEQUENCE, .shape = { 2, { N_STEPS, 1 } } },
  { .name = "label",
    .kind = NN_FIELD_LABEL,
    .shape = { 1, { N_WAVES } },
    .n_classes = N_WAVES,
    .class_names = wave_names },
};

static const NnDataInfo waves_info = {
  .name = "waves",
  .title = N_ ("Waves"),
  .n_fields = G_N_ELEMENTS (fields),
  .fields = fields,
  .n_samples = { N_TRAIN, N_TEST },
};

const NnDataSource nn_waves_source = {
  .id = "waves",
  .title = N_ ("Waves"),
  .summary = N_ ("Sequences of 32 steps: sines, saws, squares and chirps of any phase, frequency "
                 "and height."),
  .info = &waves_info,
  .draw = waves_draw,
};
