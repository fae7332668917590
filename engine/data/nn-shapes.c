#include "data/nn-shapes.h"

#include <math.h>

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>

#include "data/nn-generator.h"
#include "data/nn-picture.h"

#define N_TRAIN 10000
#define N_TEST 2000

#define SIDE NN_PICTURE_SIDE

/* Sides of a square of the same area, in sides of the image. */
#define SIZE_MIN 0.24f
#define SIZE_MAX 0.46f
/* Black that stays around a shape, in pixels. */
#define MARGIN 1.0f
#define SATURATION 0.75f

enum
{
  IMAGE,
  LABEL,
  POSITION,
  SIZE,
  ANGLE,
  COLOUR
};

/* Each is its own mirror image along one axis alone: its angle can be seen over the full turn. */
typedef enum
{
  SHAPE_ARROW,
  SHAPE_DROP,
  SHAPE_HALF_DISC,
  SHAPE_HEART,
  N_SHAPES
} Shape;

static const char *const shape_names[] = { N_ ("Arrow"), N_ ("Drop"), N_ ("Half disc"),
                                           N_ ("Heart"), NULL };
G_STATIC_ASSERT (G_N_ELEMENTS (shape_names) == N_SHAPES + 1);

/* ---- outlines, pointing along x, of any size and place ---- */

#define CURVE_POINTS 40

typedef struct
{
  guint n;
  NnPoint point[CURVE_POINTS + 4];
} Outline;

static void
trace_arrow (Outline *outline)
{
  static const NnPoint corners[] = {
    { 1.0f, 0.0f }, { -0.8f, 0.8f }, { -0.35f, 0.0f }, { -0.8f, -0.8f }
  };
  outline->n = G_N_ELEMENTS (corners);
  for (guint i = 0; i < outline->n; i++)
    outline->point[i] = corners[i];
}

/* The piriform x = cos t, y = sin t sin^2 (t / 2): its tip lies at t = 0. */
static void
trace_drop (Outline *outline)
{
  outline->n = CURVE_POINTS;
  for (guint i = 0; i < CURVE_POINTS; i++)
    {
      const float t = 2.0f * (float)G_PI * (float)i / CURVE_POINTS, half = sinf (t / 2.0f);
      outline->point[i] = (NnPoint){ cosf (t), sinf (t) * half * half };
    }
}

/* The round side in front. */
static void
trace_half_disc (Outline *outline)
{
  outline->n = CURVE_POINTS + 1;
  for (guint i = 0; i <= CURVE_POINTS; i++)
    {
      const float t = (float)G_PI * ((float)i / CURVE_POINTS - 0.5f);
      outline->point[i] = (NnPoint){ cosf (t), sinf (t) };
    }
}

/* x = 13 cos t - 5 cos 2t - 2 cos 3t - cos 4t, y = 16 sin^3 t, turned so that the tip is in front.
 * E. Weisstein, "Heart curve", MathWorld. */
static void
trace_heart (Outline *outline)
{
  outline->n = CURVE_POINTS;
  for (guint i = 0; i < CURVE_POINTS; i++)
    {
      const float t = 2.0f * (float)G_PI * (float)i / CURVE_POINTS, s = sinf (t);
      const float up =
          13.0f * cosf (t) - 5.0f * cosf (2.0f * t) - 2.0f * cosf (3.0f * t) - cosf (4.0f * t);
      outline->point[i] = (NnPoint){ -up, 16.0f * s * s * s };
    }
}

static void (*const trace[N_SHAPES]) (Outline *outline) = {
  [SHAPE_ARROW] = trace_arrow,
  [SHAPE_DROP] = trace_drop,
  [SHAPE_HALF_DISC] = trace_half_disc,
  [SHAPE_HEART] = trace_heart,
};

/* Area 1 and centre of mass at 0. With c_i = x_i y_{i+1} - x_{i+1} y_i: A = sum c_i / 2, and the
 * centre lies at sum (p_i + p_{i+1}) c_i / (6 A). */
static void
normalise (Outline *outline)
{
  float area = 0.0f, x = 0.0f, y = 0.0f;
  for (guint i = 0; i < outline->n; i++)
    {
      const NnPoint a = outline->point[i], b = outline->point[(i + 1) % outline->n];
      const float cross = a.x * b.y - b.x * a.y;
      area += cross / 2.0f;
      x += (a.x + b.x) * cross / 6.0f;
      y += (a.y + b.y) * cross / 6.0f;
    }
  const float scale = 1.0f / sqrtf (fabsf (area));
  for (guint i = 0; i < outline->n; i++)
    {
      outline->point[i].x = (outline->point[i].x - x / area) * scale;
      outline->point[i].y = (outline->point[i].y - y / area) * scale;
    }
}

static gpointer
make_outlines (void)
{
  Outline *outlines = g_new0 (Outline, N_SHAPES);
  for (guint i = 0; i < N_SHAPES; i++)
    {
      trace[i](&outlines[i]);
      normalise (&outlines[i]);
    }
  return outlines;
}

/* ---- samples ---- */

static float
between (NnRng *rng, float low, float high)
{
  return low + (high - low) * nn_rng_uniform (rng);
}

/* A place that leaves room for what reaches from low to high around it. */
static float
place (NnRng *rng, float low, float high)
{
  return between (rng, MARGIN - low, SIDE - MARGIN - high);
}

static void
shapes_draw (const NnDraw *draw, gpointer const *values)
{
  const guint shape = nn_draw_class (draw, N_SHAPES);
  Outline outline = ((const Outline *)draw->law)[shape];
  float *position = values[POSITION], *size = values[SIZE], *angle = values[ANGLE],
        *colour = values[COLOUR];
  NnPoint low = { 0.0f, 0.0f }, high = { 0.0f, 0.0f };
  NnPicture picture;
  NnRng rng;
  nn_draw_rng (draw, &rng);

  *(guint8 *)values[LABEL] = (guint8)shape;
  *size = between (&rng, SIZE_MIN, SIZE_MAX);
  const float turn = 2.0f * (float)G_PI * nn_rng_uniform (&rng), length = *size * SIDE;
  angle[0] = cosf (turn);
  angle[1] = sinf (turn);
  for (guint i = 0; i < outline.n; i++)
    {
      const NnPoint p = outline.point[i];
      outline.point[i] = (NnPoint){ length * (p.x * angle[0] - p.y * angle[1]),
                                    length * (p.x * angle[1] + p.y * angle[0]) };
      low.x = fminf (low.x, outline.point[i].x);
      low.y = fminf (low.y, outline.point[i].y);
      high.x = fmaxf (high.x, outline.point[i].x);
      high.y = fmaxf (high.y, outline.point[i].y);
    }
  const float x = place (&rng, low.x, high.x), y = place (&rng, low.y, high.y);
  for (guint i = 0; i < outline.n; i++)
    {
      outline.point[i].x += x;
      outline.point[i].y += y;
    }
  position[0] = x / SIDE;
  position[1] = y / SIDE;
  const NnColour fill = nn_colour_from_hsv (nn_rng_uniform (&rng), SATURATION, 1.0f);
  colour[0] = fill.red;
  colour[1] = fill.green;
  colour[2] = fill.blue;
  nn_picture_clear (&picture, (NnColour){ 0.0f, 0.0f, 0.0f });
  nn_picture_fill (&picture, outline.point, outline.n, fill);
  nn_picture_to_bytes (&picture, values[IMAGE]);
}

/* ---- the data set ---- */

static const NnField fields[] = {
  [IMAGE] = { .name = "image",
              .kind = NN_FIELD_IMAGE,
              .shape = { 3, { SIDE, SIDE, NN_PICTURE_CHANNELS } } },
  [LABEL] = { .name = "label",
              .kind = NN_FIELD_LABEL,
              .shape = { 1, { N_SHAPES } },
              .n_classes = N_SHAPES,
              .class_names = shape_names },
  /* Of the centre of mass: x and y, from 0 at the left and upper edge to 1. */
  [POSITION] = { .name = "position", .kind = NN_FIELD_FEATURES, .shape = { 1, { 2 } } },
  /* The root of the share of the image that is covered. */
  [SIZE] = { .name = "size", .kind = NN_FIELD_FEATURES, .shape = { 1, { 1 } } },
  /* Cosine and sine of where the shape points: 0 to the right, a quarter turn down. */
  [ANGLE] = { .name = "angle", .kind = NN_FIELD_FEATURES, .shape = { 1, { 2 } } },
  /* Red, green and blue. */
  [COLOUR] = { .name = "colour",
               .kind = NN_FIELD_FEATURES,
               .shape = { 1, { NN_PICTURE_CHANNELS } } },
};

static const NnDataInfo shapes_info = {
  .name = "shapes",
  .title = N_ ("Shapes"),
  .n_fields = G_N_ELEMENTS (fields),
  .fields = fields,
  .n_samples = { N_TRAIN, N_TEST },
};

const NnDataSource nn_shapes_source = {
  .id = "shapes",
  .title = N_ ("Shapes"),
  .summary =
      N_ ("One coloured shape of four kinds, 28×28. Where it is, how large, how it is turned "
          "and its colour are known: a code can be compared with the truth."),
  .info = &shapes_info,
  .draw = shapes_draw,
  .law = make_outlines,
};
