#include "data/nn-digits.h"

#include <math.h>

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>

#include "data/nn-digit-strokes.h"
#include "data/nn-generator.h"

#define SIDE 28
#define N_PIXELS (SIDE * SIDE)
#define N_CLASSES 10
#define N_TRAIN 60000
#define N_TEST 10000

/* Straight pieces between two points of the pen. */
#define PIECES 5
#define MAX_VERTICES (NN_DIGIT_MAX_POINTS * PIECES)

/* As MNIST's: ink within a box of 20 pixels, centre of mass in the middle of the image. */
#define BOX 20.0f
#define MARGIN 1.5f

/* Pixels over which ink fades at an edge. */
#define EDGE 1.3f

/* How one hand differs from the next, fitted by eye and by mean intensity (0.13) to MNIST. Lengths
 * are in heights of the digit unless they are in pixels. */
#define JITTER 0.038f    /* of each point */
#define SLANT_MEAN 0.20f /* to the right */
#define SLANT_SPREAD 0.24f
#define TURN_SPREAD 0.11f     /* radians */
#define ASPECT_SPREAD 0.19f   /* of the logarithm of width by height */
#define TAPER_SPREAD 0.22f    /* wider at the foot than at the head, or the reverse */
#define WAIST_SPREAD 0.19f    /* moves the middle up or down */
#define BOW_SPREAD 0.13f      /* bends the whole digit sideways */
#define RADIUS_PX 1.22f       /* of the pen, median */
#define RADIUS_SPREAD 0.22f   /* of its logarithm */
#define PRESSURE_SPREAD 0.16f /* of the radius along a stroke, relative */
#define TREMOR_PX 0.13f       /* of every vertex and of the radius there */
#define SHIFT_PX 0.45f

typedef struct
{
  float x, y;
  float radius;
  gboolean starts; /* no ink between this vertex and the one before it */
} Vertex;

typedef struct
{
  Vertex vertex[MAX_VERTICES];
  guint n;
} Path;

/* ---- from a way of writing to a path ---- */

static const NnDigitWay *
choose_way (guint digit, NnRng *rng)
{
  guint n, total = 0;
  const NnDigitWay *ways = nn_digit_ways (digit, &n);
  for (guint i = 0; i < n; i++)
    total += ways[i].weight;
  guint left = nn_rng_below (rng, total);
  guint i = 0;
  for (; left >= ways[i].weight; i++)
    left -= ways[i].weight;
  return &ways[i];
}

/* N(0, 1) without the tails: no hand slants or squeezes a digit beyond reading. */
static float
spread (NnRng *rng)
{
  float value = nn_rng_normal (rng);
  return CLAMP (value, -2.0f, 2.0f);
}

/* The points of a way as one hand places them: each a little off, all of them slanted, turned and
 * bent together. radius is relative to the pen's. */
static void
place_points (const NnDigitWay *way, NnRng *rng, Vertex *point)
{
  float slant = SLANT_MEAN + SLANT_SPREAD * spread (rng);
  float turn = TURN_SPREAD * spread (rng);
  float aspect = expf (ASPECT_SPREAD * spread (rng));
  float taper = TAPER_SPREAD * spread (rng);
  float waist = WAIST_SPREAD * spread (rng);
  float bow = BOW_SPREAD * spread (rng);
  float c = cosf (turn), s = sinf (turn);

  for (guint i = 0; i < way->n_points; i++)
    {
      float x = way->point[i].x - 0.3f + JITTER * nn_rng_normal (rng);
      float y = way->point[i].y - 0.5f + JITTER * nn_rng_normal (rng);
      float fall = 0.25f - y * y; /* 0 at head and foot, most in the middle */
      x = x * aspect * (1.0f + taper * y) + bow * fall;
      y += waist * fall;
      x -= slant * y;
      point[i].x = c * x - s * y;
      point[i].y = s * x + c * y;
      point[i].radius = 1.0f + PRESSURE_SPREAD * nn_rng_normal (rng);
    }
}

/* Square root of the distance: knots of a centripetal curve, which has no loops or cusps of its
 * own. P. Yuksel et al., "Parameterization and applications of Catmull-Rom curves", CAD 43 (2011).
 */
static float
knot (const Vertex *a, const Vertex *b)
{
  return fmaxf (sqrtf (hypotf (b->x - a->x, b->y - a->y)), 1e-3f);
}

/* Derivative at b of the parabola through a, b, c with knots t1 (a to b) and t2 (b to c). */
static float
slope (float a, float b, float c, float t1, float t2)
{
  return ((b - a) / t1 * t2 + (c - b) / t2 * t1) / (t1 + t2);
}

/* Appends PIECES vertices of the curve from b to c; a and d are the neighbours, or b and c
 * themselves where the curve starts or ends. */
static void
add_span (Path *path, const Vertex *a, const Vertex *b, const Vertex *c, const Vertex *d)
{
  float t = knot (b, c), before = knot (a, b), after = knot (c, d);
  float sx = (c->x - b->x) / t, sy = (c->y - b->y) / t;
  float bx = a == b ? sx : slope (a->x, b->x, c->x, before, t);
  float by = a == b ? sy : slope (a->y, b->y, c->y, before, t);
  float cx = c == d ? sx : slope (b->x, c->x, d->x, t, after);
  float cy = c == d ? sy : slope (b->y, c->y, d->y, t, after);

  for (guint i = 1; i <= PIECES; i++)
    {
      /* Cubic Hermite: h00 b + h10 t b' + h01 c + h11 t c' at u in 0..1 */
      float u = (float)i / PIECES;
      float h01 = u * u * (3.0f - 2.0f * u), h00 = 1.0f - h01;
      float h10 = u * (1.0f - u) * (1.0f - u) * t, h11 = u * u * (u - 1.0f) * t;
      path->vertex[path->n++] = (Vertex){
        .x = h00 * b->x + h10 * bx + h01 * c->x + h11 * cx,
        .y = h00 * b->y + h10 * by + h01 * c->y + h11 * cy,
        .radius = b->radius + u * (c->radius - b->radius),
      };
    }
}

static void
trace (const NnDigitWay *way, const Vertex *point, Path *path)
{
  path->n = 0;
  for (guint i = 0; i + 1 < way->n_points; i++)
    {
      const NnPenPoint *pen = way->point;
      gboolean first = i == 0 || pen[i - 1].move == NN_PEN_UP;
      if (first)
        {
          path->vertex[path->n] = point[i];
          path->vertex[path->n++].starts = TRUE;
        }
      if (pen[i].move == NN_PEN_UP)
        continue;
      const Vertex *b = &point[i], *c = &point[i + 1];
      const Vertex *a = first || pen[i].move == NN_PEN_CORNER ? b : b - 1;
      const Vertex *d = pen[i + 1].move == NN_PEN_CURVE ? c + 1 : c;
      add_span (path, a, b, c, d);
    }
}

/* ---- from a path to pixels ---- */

typedef struct
{
  float x0, y0, x1, y1;
} Box;

static Box
path_box (const Path *path)
{
  Box box = { G_MAXFLOAT, G_MAXFLOAT, -G_MAXFLOAT, -G_MAXFLOAT };
  for (guint i = 0; i < path->n; i++)
    {
      const Vertex *v = &path->vertex[i];
      box.x0 = fminf (box.x0, v->x - v->radius);
      box.y0 = fminf (box.y0, v->y - v->radius);
      box.x1 = fmaxf (box.x1, v->x + v->radius);
      box.y1 = fmaxf (box.y1, v->y + v->radius);
    }
  return box;
}

/* Mean of the middles of all pieces, weighted by their area. */
static void
centre_of_mass (const Path *path, float *x, float *y)
{
  float area = 0.0f, sum_x = 0.0f, sum_y = 0.0f;
  for (guint i = 1; i < path->n; i++)
    {
      const Vertex *a = &path->vertex[i - 1], *b = &path->vertex[i];
      if (b->starts)
        continue;
      float w = hypotf (b->x - a->x, b->y - a->y) * (a->radius + b->radius);
      area += w;
      sum_x += w * 0.5f * (a->x + b->x);
      sum_y += w * 0.5f * (a->y + b->y);
    }
  *x = sum_x / area;
  *y = sum_y / area;
}

/* Moves the path by (dx, dy), less where ink would come closer to the border than MARGIN. */
static void
move_path (Path *path, float dx, float dy)
{
  Box box = path_box (path);
  dx = CLAMP (dx, MARGIN - box.x0, SIDE - MARGIN - box.x1);
  dy = CLAMP (dy, MARGIN - box.y0, SIDE - MARGIN - box.y1);
  for (guint i = 0; i < path->n; i++)
    {
      path->vertex[i].x += dx;
      path->vertex[i].y += dy;
    }
}

/* Sizes the path to the box in pixels, gives the pen its width and centres by mass. */
static void
fit (Path *path, NnRng *rng)
{
  float pen = RADIUS_PX * expf (RADIUS_SPREAD * spread (rng));
  float shift_x = SHIFT_PX * nn_rng_normal (rng), shift_y = SHIFT_PX * nn_rng_normal (rng);

  Box bone = { G_MAXFLOAT, G_MAXFLOAT, -G_MAXFLOAT, -G_MAXFLOAT };
  for (guint i = 0; i < path->n; i++)
    {
      const Vertex *v = &path->vertex[i];
      bone = (Box){ fminf (bone.x0, v->x), fminf (bone.y0, v->y), fmaxf (bone.x1, v->x),
                    fmaxf (bone.y1, v->y) };
    }
  float scale = (BOX - 2.0f * pen) / fmaxf (bone.x1 - bone.x0, bone.y1 - bone.y0);
  for (guint i = 0; i < path->n; i++)
    {
      Vertex *v = &path->vertex[i];
      v->x = v->x * scale + TREMOR_PX * nn_rng_normal (rng);
      v->y = v->y * scale + TREMOR_PX * nn_rng_normal (rng);
      v->radius = pen * CLAMP (v->radius, 0.6f, 1.5f) + TREMOR_PX * nn_rng_normal (rng);
    }

  float x, y;
  centre_of_mass (path, &x, &y);
  move_path (path, SIDE / 2.0f - x + shift_x, SIDE / 2.0f - y + shift_y);
}

/* depth = max over pieces of (radius - distance to the piece): positive inside the ink. */
static void
sink_piece (const Vertex *a, const Vertex *b, float *depth)
{
  float reach = fmaxf (a->radius, b->radius) + EDGE;
  gint x0 = MAX ((gint)floorf (fminf (a->x, b->x) - reach), 0);
  gint y0 = MAX ((gint)floorf (fminf (a->y, b->y) - reach), 0);
  gint x1 = MIN ((gint)ceilf (fmaxf (a->x, b->x) + reach), SIDE);
  gint y1 = MIN ((gint)ceilf (fmaxf (a->y, b->y) + reach), SIDE);
  float ux = b->x - a->x, uy = b->y - a->y;
  float inverse = 1.0f / fmaxf (ux * ux + uy * uy, 1e-12f);
  float widening = b->radius - a->radius;

  for (gint row = y0; row < y1; row++)
    for (gint column = x0; column < x1; column++)
      {
        /* The nearest point of the piece is a + t (b - a); pixels are sampled at their middles. */
        float px = column + 0.5f - a->x, py = row + 0.5f - a->y;
        float t = (px * ux + py * uy) * inverse;
        t = t < 0.0f ? 0.0f : t > 1.0f ? 1.0f : t;
        float dx = px - t * ux, dy = py - t * uy;
        float d = a->radius + t * widening - sqrtf (dx * dx + dy * dy);
        float *out = &depth[row * SIDE + column];
        *out = d > *out ? d : *out;
      }
}

static void
rasterise (const Path *path, guint8 *pixels)
{
  float depth[N_PIXELS];
  for (guint i = 0; i < N_PIXELS; i++)
    depth[i] = -EDGE;
  for (guint i = 1; i < path->n; i++)
    if (!path->vertex[i].starts)
      sink_piece (&path->vertex[i - 1], &path->vertex[i], depth);

  for (guint i = 0; i < N_PIXELS; i++)
    {
      /* Smoothstep from the outer to the inner side of the edge: 3 t^2 - 2 t^3 */
      float t = CLAMP (depth[i] / EDGE + 0.5f, 0.0f, 1.0f);
      pixels[i] = (guint8)(255.0f * t * t * (3.0f - 2.0f * t) + 0.5f);
    }
}

static void
draw_digit (guint digit, NnRng *rng, guint8 *pixels)
{
  Vertex point[NN_DIGIT_MAX_POINTS] = { 0 };
  Path path;
  const NnDigitWay *way = choose_way (digit, rng);
  place_points (way, rng, point);
  trace (way, point, &path);
  fit (&path, rng);
  rasterise (&path, pixels);
}

/* ---- the data set ---- */

enum
{
  IMAGE,
  LABEL
};

static void
digits_draw (const NnDraw *draw, gpointer const *values)
{
  NnRng rng;
  guint8 *label = values[LABEL];
  *label = (guint8)nn_draw_class (draw, N_CLASSES);
  nn_draw_rng (draw, &rng);
  draw_digit (*label, &rng, values[IMAGE]);
}

static const NnField fields[] = {
  [IMAGE] = { .name = "image", .kind = NN_FIELD_IMAGE, .shape = { 3, { SIDE, SIDE, 1 } } },
  [LABEL] = { .name = "label",
              .kind = NN_FIELD_LABEL,
              .shape = { 1, { N_CLASSES } },
              .n_classes = N_CLASSES },
};

static const NnDataInfo digits_info = {
  .name = "digits",
  .title = N_ ("Drawn digits"),
  .n_fields = G_N_ELEMENTS (fields),
  .fields = fields,
  .n_samples = { N_TRAIN, N_TEST },
};

const NnDataSource nn_digits_source = {
  .id = "digits",
  .title = N_ ("Drawn digits"),
  .summary = N_ ("Digits drawn by the program as a hand would write them, 28×28 grey, ten classes. "
                 "Nothing to install."),
  .info = &digits_info,
  .draw = digits_draw,
};
