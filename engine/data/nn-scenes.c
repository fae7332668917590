#include "data/nn-scenes.h"

#include <math.h>

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>

#include "data/nn-generator.h"
#include "data/nn-picture.h"

#define N_TRAIN 10000
#define N_TEST 2000

#define SIDE NN_PICTURE_SIDE

/* Corners along the upper edge of a hill. */
#define RIDGE_POINTS 14

enum
{
  IMAGE,
  LABEL
};

/* The hour gives all colours. */
typedef struct
{
  NnColour above, below; /* sky */
  NnColour light;        /* sun or moon */
  NnColour far, near;    /* hills */
  NnColour wall, roof, window;
} Hour;

static const Hour hours[] = {
  { .above = { 0.45f, 0.62f, 0.86f },
    .below = { 0.98f, 0.80f, 0.66f },
    .light = { 1.00f, 0.93f, 0.62f },
    .far = { 0.50f, 0.58f, 0.62f },
    .near = { 0.42f, 0.60f, 0.36f },
    .wall = { 0.90f, 0.82f, 0.72f },
    .roof = { 0.70f, 0.33f, 0.28f },
    .window = { 0.45f, 0.52f, 0.62f } },
  { .above = { 0.30f, 0.58f, 0.95f },
    .below = { 0.78f, 0.90f, 1.00f },
    .light = { 1.00f, 0.97f, 0.45f },
    .far = { 0.36f, 0.62f, 0.48f },
    .near = { 0.36f, 0.70f, 0.26f },
    .wall = { 0.98f, 0.95f, 0.86f },
    .roof = { 0.82f, 0.30f, 0.22f },
    .window = { 0.30f, 0.42f, 0.58f } },
  { .above = { 0.32f, 0.25f, 0.52f },
    .below = { 1.00f, 0.52f, 0.26f },
    .light = { 1.00f, 0.36f, 0.20f },
    .far = { 0.36f, 0.24f, 0.40f },
    .near = { 0.24f, 0.28f, 0.20f },
    .wall = { 0.62f, 0.44f, 0.40f },
    .roof = { 0.36f, 0.16f, 0.18f },
    .window = { 1.00f, 0.82f, 0.42f } },
  { .above = { 0.04f, 0.05f, 0.18f },
    .below = { 0.18f, 0.23f, 0.46f },
    .light = { 0.92f, 0.93f, 0.86f },
    .far = { 0.11f, 0.15f, 0.29f },
    .near = { 0.08f, 0.17f, 0.16f },
    .wall = { 0.30f, 0.30f, 0.38f },
    .roof = { 0.22f, 0.12f, 0.18f },
    .window = { 1.00f, 0.86f, 0.40f } },
};

static const char *const hour_names[] = { N_ ("Morning"), N_ ("Day"), N_ ("Evening"), N_ ("Night"),
                                          NULL };
G_STATIC_ASSERT (G_N_ELEMENTS (hour_names) == G_N_ELEMENTS (hours) + 1);

static float
between (NnRng *rng, float low, float high)
{
  return low + (high - low) * nn_rng_uniform (rng);
}

/* A hill from the left to the right edge: height + rise u + swell sin (2 pi (u + phase)). */
typedef struct
{
  float height, rise, swell, phase;
} Hill;

/* Pixels from the upper edge. */
static float
ground_at (const Hill *hill, float x)
{
  const float u = x / SIDE;
  return hill->height + hill->rise * (u - 0.5f)
         + hill->swell * sinf (2.0f * (float)G_PI * (u + hill->phase));
}

static Hill
draw_hill (NnPicture *picture, NnRng *rng, float low, float high, NnColour colour)
{
  NnPoint points[RIDGE_POINTS + 2];
  Hill hill;
  hill.height = between (rng, low, high);
  hill.rise = between (rng, -4.0f, 4.0f);
  hill.swell = between (rng, 0.5f, 2.0f);
  hill.phase = nn_rng_uniform (rng);
  for (guint i = 0; i < RIDGE_POINTS; i++)
    {
      const float x = SIDE * (float)i / (RIDGE_POINTS - 1);
      points[i] = (NnPoint){ x, ground_at (&hill, x) };
    }
  points[RIDGE_POINTS] = (NnPoint){ SIDE, SIDE };
  points[RIDGE_POINTS + 1] = (NnPoint){ 0.0f, SIDE };
  nn_picture_fill (picture, points, G_N_ELEMENTS (points), colour);
  return hill;
}

/* Stands on the lower of its corners. */
static void
draw_house (NnPicture *picture, NnRng *rng, const Hill *hill, const Hour *hour, float middle)
{
  const float half = between (rng, 2.8f, 4.0f), tall = between (rng, 4.0f, 6.0f);
  const float left = middle - half, right = middle + half;
  const float foot = fmaxf (ground_at (hill, left), ground_at (hill, right)) + 0.5f;
  const float eaves = foot - tall, ridge = eaves - between (rng, 2.5f, 4.0f);
  const NnPoint roof[] = { { left - 1.0f, eaves }, { middle, ridge }, { right + 1.0f, eaves } };
  nn_picture_fill_box (picture, left, eaves, right, foot, hour->wall);
  nn_picture_fill (picture, roof, G_N_ELEMENTS (roof), hour->roof);
  nn_picture_fill_box (picture, left + 1.0f, eaves + 1.2f, left + 2.6f, eaves + 2.8f, hour->window);
  nn_picture_fill_box (picture, right - 2.4f, foot - 3.0f, right - 0.8f, foot, hour->roof);
}

/* A fir or a round tree. */
static void
draw_tree (NnPicture *picture, NnRng *rng, const Hill *hill, const Hour *hour, float middle)
{
  const NnColour leaves = nn_colour_mix (hour->near, (NnColour){ 0.0f, 0.12f, 0.06f }, 0.55f);
  const NnColour bark = nn_colour_mix (hour->roof, (NnColour){ 0.15f, 0.10f, 0.05f }, 0.6f);
  const float foot = ground_at (hill, middle) + 0.8f, tall = between (rng, 6.0f, 9.0f);
  const float half = between (rng, 2.0f, 2.8f);
  nn_picture_fill_box (picture, middle - 0.6f, foot - tall * 0.5f, middle + 0.6f, foot, bark);
  if (nn_rng_uniform (rng) < 0.5f)
    {
      const NnPoint fir[] = { { middle - half, foot - 1.8f },
                              { middle, foot - tall },
                              { middle + half, foot - 1.8f } };
      nn_picture_fill (picture, fir, G_N_ELEMENTS (fir), leaves);
    }
  else
    nn_picture_fill_disc (picture, (NnPoint){ middle, foot - tall + half }, half, leaves);
}

static void
scenes_draw (const NnDraw *draw, gpointer const *values)
{
  const guint label = nn_draw_class (draw, G_N_ELEMENTS (hours));
  const Hour *hour = &hours[label];
  NnPicture picture;
  NnRng rng;
  nn_draw_rng (draw, &rng);
  *(guint8 *)values[LABEL] = (guint8)label;

  nn_picture_shade (&picture, hour->above, hour->below);
  const NnPoint light = { between (&rng, 3.0f, SIDE - 3.0f), between (&rng, 3.0f, 9.0f) };
  nn_picture_fill_disc (&picture, light, between (&rng, 1.6f, 2.4f), hour->light);
  draw_hill (&picture, &rng, 12.0f, 16.0f, hour->far);
  const Hill near = draw_hill (&picture, &rng, 19.0f, 23.0f, hour->near);
  /* The house on one side, a tree on the other, and perhaps another one between them. */
  const float side = nn_rng_uniform (&rng) < 0.5f ? 1.0f : -1.0f, middle = SIDE / 2.0f;
  if (nn_rng_uniform (&rng) < 0.5f)
    draw_tree (&picture, &rng, &near, hour, middle + side * between (&rng, -2.0f, 1.0f));
  draw_house (&picture, &rng, &near, hour, middle + side * between (&rng, 6.0f, 9.0f));
  draw_tree (&picture, &rng, &near, hour, middle - side * between (&rng, 5.0f, 11.0f));
  nn_picture_to_bytes (&picture, values[IMAGE]);
}

static const NnField fields[] = {
  [IMAGE] = { .name = "image",
              .kind = NN_FIELD_IMAGE,
              .shape = { 3, { SIDE, SIDE, NN_PICTURE_CHANNELS } } },
  [LABEL] = { .name = "label",
              .kind = NN_FIELD_LABEL,
              .shape = { 1, { G_N_ELEMENTS (hours) } },
              .n_classes = G_N_ELEMENTS (hours),
              .class_names = hour_names },
};

static const NnDataInfo scenes_info = {
  .name = "scenes",
  .title = N_ ("Scenes"),
  .n_fields = G_N_ELEMENTS (fields),
  .fields = fields,
  .n_samples = { N_TRAIN, N_TEST },
};

const NnDataSource nn_scenes_source = {
  .id = "scenes",
  .title = N_ ("Scenes"),
  .summary = N_ ("Small landscapes in colour, 28×28, at four hours of the day: what a hole hides "
                 "can be told from the rest."),
  .info = &scenes_info,
  .draw = scenes_draw,
};
