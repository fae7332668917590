#include "data/nn-points.h"

#include <math.h>

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>

#include "data/nn-generator.h"

#define N_TRAIN 4000
#define N_TEST 1000

/* Points lie within about -1 .. 1; each is off its curve by a normal distance of this deviation. */
#define NOISE 0.03f

#define PI_F ((float)G_PI)

enum
{
  FEATURES,
  LABEL
};

/* What a set's own function decides about a point. */
typedef struct
{
  NnRng rng;
  float *x;
  guint8 *label;
} Point;

static Point
start_point (const NnDraw *draw, gpointer const *values, guint n_classes)
{
  Point point = { .x = values[FEATURES], .label = values[LABEL] };
  *point.label = (guint8)nn_draw_class (draw, n_classes);
  nn_draw_rng (draw, &point.rng);
  return point;
}

static void
add_noise (Point *point, guint n)
{
  for (guint i = 0; i < n; i++)
    point->x[i] += NOISE * nn_rng_normal (&point->rng);
}

/* ---- the sets ---- */

#define N_QUARTERS 4

/* A place from 0 to 1 along a line whose quarters are the classes. */
static float
place_in_quarter (Point *point)
{
  return ((float)*point->label + nn_rng_uniform (&point->rng)) / N_QUARTERS;
}

/* One period of a sine: x = 2 u - 1, y = 0.7 sin (2 pi u) */
static void
curve_draw (const NnDraw *draw, gpointer const *values)
{
  Point point = start_point (draw, values, N_QUARTERS);
  const float u = place_in_quarter (&point);
  point.x[0] = 2.0f * u - 1.0f;
  point.x[1] = 0.7f * sinf (2.0f * PI_F * u);
  add_noise (&point, 2);
}

#define N_ARMS 2
#define TURNS 1.5f

/* Archimedes' spiral r = u with an arm every 2 pi / N_ARMS; its length grows as u^2, so the root of
 * a uniform number spreads the points evenly. */
static void
spiral_draw (const NnDraw *draw, gpointer const *values)
{
  Point point = start_point (draw, values, N_ARMS);
  const float u = sqrtf (nn_rng_uniform (&point.rng));
  const float angle = 2.0f * PI_F * (TURNS * u + (float)*point.label / N_ARMS);
  point.x[0] = u * cosf (angle);
  point.x[1] = u * sinf (angle);
  add_noise (&point, 2);
}

static const float ring_radius[] = { 0.25f, 0.6f, 0.95f };

static void
rings_draw (const NnDraw *draw, gpointer const *values)
{
  Point point = start_point (draw, values, G_N_ELEMENTS (ring_radius));
  const float angle = 2.0f * PI_F * nn_rng_uniform (&point.rng);
  point.x[0] = ring_radius[*point.label] * cosf (angle);
  point.x[1] = ring_radius[*point.label] * sinf (angle);
  add_noise (&point, 2);
}

/* Two half circles, each with its end inside the other. */
static void
moons_draw (const NnDraw *draw, gpointer const *values)
{
  Point point = start_point (draw, values, 2);
  const float angle = PI_F * nn_rng_uniform (&point.rng);
  const float side = *point.label ? -1.0f : 1.0f;
  point.x[0] = side * (0.65f * cosf (angle) - 0.325f);
  point.x[1] = side * (0.65f * sinf (angle) - 0.16f);
  add_noise (&point, 2);
}

/* A sheet of width 2 that is rolled up: x = r cos t, z = r sin t with r from 1/3 to 1 over one turn
 * and a half, y across. J. Tenenbaum et al., Science 290 (2000). */
static void
swiss_roll_draw (const NnDraw *draw, gpointer const *values)
{
  Point point = start_point (draw, values, N_QUARTERS);
  const float u = place_in_quarter (&point);
  const float radius = (1.0f + 2.0f * u) / 3.0f;
  const float angle = 1.5f * PI_F * (1.0f + 2.0f * u);
  point.x[0] = radius * cosf (angle);
  point.x[1] = 2.0f * nn_rng_uniform (&point.rng) - 1.0f;
  point.x[2] = radius * sinf (angle);
  add_noise (&point, 3);
}

/* ---- descriptors ---- */

static const char *const quarter_names[] = { "start", "second quarter", "third quarter", "end",
                                             NULL };
static const char *const arm_names[] = { "first arm", "second arm", NULL };
static const char *const ring_names[] = { "inner", "middle", "outer", NULL };
static const char *const moon_names[] = { "upper", "lower", NULL };

#define POINT_FIELDS(dimensions, classes, names)                                                   \
  {                                                                                                \
    [FEATURES] = { .name = "features",                                                             \
                   .kind = NN_FIELD_FEATURES,                                                      \
                   .shape = { 1, { dimensions } } },                                               \
    [LABEL] = { .name = "label",                                                                   \
                .kind = NN_FIELD_LABEL,                                                            \
                .shape = { 1, { classes } },                                                       \
                .n_classes = classes,                                                              \
                .class_names = names },                                                            \
  }

static const NnField curve_fields[] = POINT_FIELDS (2, N_QUARTERS, quarter_names);
static const NnField spiral_fields[] = POINT_FIELDS (2, N_ARMS, arm_names);
static const NnField rings_fields[] = POINT_FIELDS (2, G_N_ELEMENTS (ring_radius), ring_names);
static const NnField moons_fields[] = POINT_FIELDS (2, 2, moon_names);
static const NnField swiss_roll_fields[] = POINT_FIELDS (3, N_QUARTERS, quarter_names);

#define POINT_INFO(id, title_, fields_)                                                            \
  {                                                                                                \
    .name = id, .title = title_, .n_fields = G_N_ELEMENTS (fields_), .fields = fields_,            \
    .n_samples = { N_TRAIN, N_TEST },                                                              \
  }

static const NnDataInfo curve_info =
    POINT_INFO ("points-curve", N_ ("Points on a curve"), curve_fields);
static const NnDataInfo spiral_info =
    POINT_INFO ("points-spiral", N_ ("Points on a spiral"), spiral_fields);
static const NnDataInfo rings_info =
    POINT_INFO ("points-rings", N_ ("Points on rings"), rings_fields);
static const NnDataInfo moons_info =
    POINT_INFO ("points-moons", N_ ("Points on moons"), moons_fields);
static const NnDataInfo swiss_roll_info =
    POINT_INFO ("points-swiss-roll", N_ ("Points on a Swiss roll"), swiss_roll_fields);

const NnDataSource nn_points_curve_source = {
  .id = "points-curve",
  .title = N_ ("Points on a curve"),
  .summary =
      N_ ("Points in the plane along one wave: a single number says where on it a point lies."),
  .info = &curve_info,
  .draw = curve_draw,
};

const NnDataSource nn_points_spiral_source = {
  .id = "points-spiral",
  .title = N_ ("Points on a spiral"),
  .summary = N_ ("Two arms that wind around each other: classes that no line can part."),
  .info = &spiral_info,
  .draw = spiral_draw,
};

const NnDataSource nn_points_rings_source = {
  .id = "points-rings",
  .title = N_ ("Points on rings"),
  .summary = N_ ("Three rings around one centre: how far from it decides the class."),
  .info = &rings_info,
  .draw = rings_draw,
};

const NnDataSource nn_points_moons_source = {
  .id = "points-moons",
  .title = N_ ("Points on moons"),
  .summary = N_ ("Two half circles that reach into each other."),
  .info = &moons_info,
  .draw = moons_draw,
};

const NnDataSource nn_points_swiss_roll_source = {
  .id = "points-swiss-roll",
  .title = N_ ("Points on a Swiss roll"),
  .summary = N_ ("A rolled-up sheet in space: two numbers would do, if one could unroll it."),
  .info = &swiss_roll_info,
  .draw = swiss_roll_draw,
};
