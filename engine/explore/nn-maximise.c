#include "explore/nn-maximise.h"

#include <math.h>
#include <string.h>

#include "base/nn-rng.h"

#define START 0.1f   /* deviation of the first noise, in units */
#define FLAT 1e-12   /* root mean square of a gradient that says nothing */
#define SMOOTH 0.02f /* a smaller step between neighbours costs as its square */
/* Steps of the random streams: the first noise, then for each step shift and wandering. */
#define STEP_START 0
#define STEP_SHIFT 1

struct _NnMaximise
{
  NnMaximiseSpace *space;
  guint n, n_steps;
  gsize size, channels;
  guint64 seed;
  guint64 taken; /* steps that counted or not: names the random numbers of the next */
  guint32 *names;
  float *x, *look;   /* (n, S) */
  gint (*shift)[2];  /* (n): rows, columns */
  float *z, *ascent; /* (S): of the picture under way */
  float *activation; /* (n) */
  gboolean *flat;    /* (n) */
  float *course;     /* (NN_MAXIMISE_COURSE, n) */
  guint n_points, stride;
};

/* ---- the space ---- */

NnMaximiseSpace *
nn_maximise_space_new (const NnShape *shape, const float *samples, gsize n)
{
  NnMaximiseSpace *space = g_new0 (NnMaximiseSpace, 1);
  const gsize size = (gsize)nn_shape_size (shape);
  const gsize channels = shape->rank > 0 ? (gsize)shape->dim[shape->rank - 1] : 1;
  const gsize places = size / channels;
  const double each = (double)(n * places);
  float lowest = INFINITY, highest = -INFINITY;

  space->shape = *shape;
  space->rest = g_new0 (float, channels);
  space->unit = g_new0 (float, channels);
  space->low = g_new (float, channels);
  space->high = g_new (float, channels);
  for (gsize c = 0; c < channels; c++)
    {
      double sum = 0, squares = 0;

      space->low[c] = INFINITY;
      space->high[c] = -INFINITY;
      for (gsize i = c; i < n * size; i += channels)
        {
          sum += samples[i];
          squares += (double)samples[i] * samples[i];
          space->low[c] = MIN (space->low[c], samples[i]);
          space->high[c] = MAX (space->high[c], samples[i]);
        }
      space->rest[c] = (float)(sum / each);
      space->unit[c] = (float)sqrt (MAX (squares / each - sum * sum / each / each, 0));
      lowest = MIN (lowest, space->low[c]);
      highest = MAX (highest, space->high[c]);
    }
  for (gsize c = 0; c < channels; c++)
    {
      if (shape->rank > 2)
        {
          space->low[c] = lowest;
          space->high[c] = highest;
          space->unit[c] = highest - lowest;
        }
      /* What never changes in the data may still move a little. */
      if (!(space->unit[c] > 0))
        space->unit[c] = 1;
    }
  return space;
}

void
nn_maximise_space_free (NnMaximiseSpace *space)
{
  if (space == NULL)
    return;
  g_free (space->rest);
  g_free (space->unit);
  g_free (space->low);
  g_free (space->high);
  g_free (space);
}

/* Rows and columns that have neighbours: (H, W), (T, 1), or none. */
static void
grid_of (const NnShape *shape, gsize *rows, gsize *columns, gsize *channels)
{
  *channels = shape->rank > 0 ? (gsize)shape->dim[shape->rank - 1] : 1;
  *columns = shape->rank > 2 ? (gsize)shape->dim[shape->rank - 2] : 1;
  *rows = (gsize)nn_shape_size (shape) / *columns / *channels;
}

/* V = sum of sqrt (d^2 + e^2 + s^2) - s, d and e the steps to the next row and column */
double
nn_maximise_variation (const NnShape *shape, const float *z, float factor, float *g)
{
  gsize rows, columns, channels;
  double sum = 0;

  grid_of (shape, &rows, &columns, &channels);
  for (gsize r = 0; r < rows; r++)
    for (gsize c = 0; c < columns; c++)
      for (gsize k = 0; k < channels; k++)
        {
          const gsize at = (r * columns + c) * channels + k;
          const gsize down = r + 1 < rows ? at + columns * channels : at;
          const gsize right = c + 1 < columns ? at + channels : at;
          const float d = z[down] - z[at], e = z[right] - z[at];
          const float length = sqrtf (d * d + e * e + SMOOTH * SMOOTH);

          sum += (double)(length - SMOOTH);
          g[at] -= factor * (d + e) / length;
          g[down] += factor * d / length;
          g[right] += factor * e / length;
        }
  return sum;
}

/* ---- climbing ---- */

static void
begin_stream (const NnMaximise *self, NnRng *rng, guint64 step, guint picture)
{
  nn_rng_init (rng, self->seed, NN_STREAM_VIEW, (guint32)step, self->names[picture]);
}

NnMaximise *
nn_maximise_new (NnMaximiseSpace *space, const guint32 *names, guint n, guint64 seed)
{
  NnMaximise *self = g_new0 (NnMaximise, 1);
  gsize rows, columns;

  self->space = space;
  self->n = n;
  self->size = (gsize)nn_shape_size (&space->shape);
  grid_of (&space->shape, &rows, &columns, &self->channels);
  self->seed = seed;
  self->names = g_memdup2 (names, n * sizeof *names);
  self->x = g_new (float, n * self->size);
  self->look = g_new (float, n * self->size);
  self->shift = g_malloc0 (n * sizeof *self->shift);
  self->z = g_new (float, self->size);
  self->ascent = g_new (float, self->size);
  self->activation = g_new0 (float, n);
  self->flat = g_new0 (gboolean, n);
  self->course = g_new (float, NN_MAXIMISE_COURSE *n);
  self->stride = 1;
  for (guint i = 0; i < n; i++)
    {
      NnRng rng;

      begin_stream (self, &rng, STEP_START, i);
      for (gsize k = 0; k < self->size; k++)
        {
          const gsize c = k % self->channels;
          const float start = space->rest[c] + START * space->unit[c] * nn_rng_normal (&rng);

          self->x[i * self->size + k] = CLAMP (start, space->low[c], space->high[c]);
        }
    }
  return self;
}

void
nn_maximise_free (NnMaximise *self)
{
  if (self == NULL)
    return;
  nn_maximise_space_free (self->space);
  g_free (self->names);
  g_free (self->x);
  g_free (self->look);
  g_free (self->shift);
  g_free (self->z);
  g_free (self->ascent);
  g_free (self->activation);
  g_free (self->flat);
  g_free (self->course);
  g_free (self);
}

const NnMaximiseSpace *
nn_maximise_space (const NnMaximise *self)
{
  return self->space;
}

const float *
nn_maximise_pictures (const NnMaximise *self)
{
  return self->x;
}

guint
nn_maximise_n_steps (const NnMaximise *self)
{
  return self->n_steps;
}

/* to[r][c] = from[r - shift][c - shift], round the edges. */
static void
roll (const NnMaximise *self, const float *from, gint down, gint right, float *to)
{
  gsize rows, columns, channels;

  grid_of (&self->space->shape, &rows, &columns, &channels);
  for (gsize r = 0; r < rows; r++)
    for (gsize c = 0; c < columns; c++)
      {
        const gsize y = (gsize)((gint)(r + rows) + down) % rows;
        const gsize x = (gsize)((gint)(c + columns) + right) % columns;

        memcpy (to + (y * columns + x) * channels, from + (r * columns + c) * channels,
                channels * sizeof *to);
      }
}

/* -most .. most, and no more than there are places. */
static gint
draw_shift (NnRng *rng, guint most, gsize places)
{
  const guint limit = (guint)MIN (most, places - 1);

  return (gint)nn_rng_below (rng, 2 * limit + 1) - (gint)limit;
}

const float *
nn_maximise_look (NnMaximise *self, const NnMaximiseSettings *settings)
{
  gsize rows, columns, channels;

  grid_of (&self->space->shape, &rows, &columns, &channels);
  for (guint i = 0; i < self->n; i++)
    {
      NnRng rng;

      begin_stream (self, &rng, STEP_SHIFT + self->taken, i);
      self->shift[i][0] = draw_shift (&rng, rows > 1 ? settings->jitter : 0, rows);
      self->shift[i][1] = draw_shift (&rng, columns > 1 ? settings->jitter : 0, columns);
      roll (self, self->x + i * self->size, self->shift[i][0], self->shift[i][1],
            self->look + i * self->size);
    }
  return self->look;
}

/* The slope of picture i in units of the space, its root mean square made 1: a rate then means the
 * same for a faint unit and a strong one. FALSE: there is none, it is noise. */
static gboolean
find_ascent (NnMaximise *self, guint i, const float *g)
{
  const float *unit = self->space->unit;
  double squares = 0;

  roll (self, g + i * self->size, -self->shift[i][0], -self->shift[i][1], self->ascent);
  for (gsize k = 0; k < self->size; k++)
    {
      self->ascent[k] *= unit[k % self->channels];
      squares += (double)self->ascent[k] * self->ascent[k];
    }
  const double length = sqrt (squares / (double)self->size);
  if (length > FLAT && isfinite (length))
    {
      for (gsize k = 0; k < self->size; k++)
        self->ascent[k] = (float)(self->ascent[k] / length);
      return TRUE;
    }
  NnRng rng;
  begin_stream (self, &rng, STEP_SHIFT + self->taken, i);
  nn_rng_u32 (&rng);
  nn_rng_u32 (&rng);
  for (gsize k = 0; k < self->size; k++)
    self->ascent[k] = nn_rng_normal (&rng);
  return FALSE;
}

/* With z = (x - rest) / unit and h the slope there, its length made 1:
 * z += rate (h - decay z - variation dV / dz) */
static void
climb (NnMaximise *self, const NnMaximiseSettings *settings, guint i, const float *g)
{
  const NnMaximiseSpace *space = self->space;
  float *x = self->x + i * self->size;

  self->flat[i] = !find_ascent (self, i, g);
  for (gsize k = 0; k < self->size; k++)
    {
      const gsize c = k % self->channels;
      self->z[k] = (x[k] - space->rest[c]) / space->unit[c];
    }
  if (settings->variation > 0)
    nn_maximise_variation (&space->shape, self->z, -settings->variation, self->ascent);
  for (gsize k = 0; k < self->size; k++)
    {
      const gsize c = k % self->channels;

      x[k] += settings->rate * space->unit[c] * (self->ascent[k] - settings->decay * self->z[k]);
      if (settings->clip)
        x[k] = CLAMP (x[k], space->low[c], space->high[c]);
    }
}

/* Every second point of a course that is full goes. */
static void
add_to_course (NnMaximise *self, const float *activation)
{
  const gsize row = self->n * sizeof *self->course;

  if (self->n_steps % self->stride != 0)
    return;
  if (self->n_points == NN_MAXIMISE_COURSE)
    {
      for (guint p = 1; p < NN_MAXIMISE_COURSE / 2; p++)
        memcpy (self->course + p * self->n, self->course + 2 * p * self->n, row);
      self->n_points = NN_MAXIMISE_COURSE / 2;
      self->stride *= 2;
    }
  memcpy (self->course + self->n_points++ * self->n, activation, row);
}

void
nn_maximise_step (NnMaximise *self, const NnMaximiseSettings *settings, const float *activation,
                  const float *g, gboolean counts)
{
  for (guint i = 0; i < self->n; i++)
    climb (self, settings, i, g);
  memcpy (self->activation, activation, self->n * sizeof *activation);
  self->taken++;
  if (!counts && self->n_points > 0)
    return;
  add_to_course (self, activation);
  self->n_steps++;
}

const float *
nn_maximise_course (const NnMaximise *self, guint *n_points, guint *stride)
{
  *n_points = self->n_points;
  *stride = self->stride;
  return self->course;
}

const float *
nn_maximise_activation (const NnMaximise *self)
{
  return self->activation;
}

gboolean
nn_maximise_is_flat (const NnMaximise *self, guint picture)
{
  return self->flat[picture];
}
