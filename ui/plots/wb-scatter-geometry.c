#include "plots/wb-scatter-geometry.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define POINTS_PER_CELL 2
#define MARGIN 0.05 /* of the range, on each side */
#define WASTED 0.55 /* of a frame: less than this filled is fitted anew */
#define PUSHES 40   /* rounds of moving names apart */

static gboolean
is_finite_point (const WbScatterData *data, gsize i)
{
  return isfinite (data->xy[2 * i]) && isfinite (data->xy[2 * i + 1]);
}

static void
find_range (WbScatterData *data)
{
  data->x0 = data->y0 = G_MAXDOUBLE;
  data->x1 = data->y1 = -G_MAXDOUBLE;
  for (gsize i = 0; i < data->n; i++)
    {
      const double x = (double)data->xy[2 * i], y = (double)data->xy[2 * i + 1];

      if (!is_finite_point (data, i))
        continue;
      data->n_finite++;
      data->x0 = MIN (data->x0, x);
      data->x1 = MAX (data->x1, x);
      data->y0 = MIN (data->y0, y);
      data->y1 = MAX (data->y1, y);
    }
  if (data->n_finite == 0)
    data->x0 = data->y0 = data->x1 = data->y1 = 0;
}

/* Column or row of the grid that a value falls into. */
static guint
cell_at (double value, double low, double high, guint n)
{
  const double part = high > low ? (value - low) / (high - low) : 0;

  return (guint)CLAMP (floor (part * n), 0, n - 1.0);
}

static guint
cell_of (const WbScatterData *data, gsize i)
{
  return cell_at ((double)data->xy[2 * i + 1], data->y0, data->y1, data->rows) * data->columns
         + cell_at ((double)data->xy[2 * i], data->x0, data->x1, data->columns);
}

static void
sort_into_cells (WbScatterData *data)
{
  const guint side = (guint)MAX (1, sqrt ((double)data->n_finite / POINTS_PER_CELL));
  g_autofree guint *next = NULL;

  data->columns = data->rows = side;
  data->first = g_new0 (guint, side * side + 1);
  data->order = g_new (guint, data->n_finite + 1);
  for (gsize i = 0; i < data->n; i++)
    if (is_finite_point (data, i))
      data->first[cell_of (data, i) + 1]++;
  for (guint cell = 0; cell < side * side; cell++)
    data->first[cell + 1] += data->first[cell];
  next = g_memdup2 (data->first, (side * side + 1) * sizeof *next);
  for (gsize i = 0; i < data->n; i++)
    if (is_finite_point (data, i))
      data->order[next[cell_of (data, i)]++] = (guint)i;
}

static int
compare_floats (gconstpointer a, gconstpointer b)
{
  const float x = *(const float *)a, y = *(const float *)b;

  return (x > y) - (x < y);
}

/* Median of one coordinate of a class's finite points; NaN where there are none. */
static float
median (const WbScatterData *data, guint label, guint coordinate, float *values)
{
  gsize n = 0;

  for (gsize i = 0; i < data->n; i++)
    if (data->label[i] == (gint)label && is_finite_point (data, i))
      values[n++] = data->xy[2 * i + coordinate];
  if (n == 0)
    return NAN;
  qsort (values, n, sizeof *values, compare_floats);
  return values[n / 2];
}

static void
find_middles (WbScatterData *data)
{
  g_autofree float *values = g_new (float, data->n + 1);

  data->middle = g_new (WbPoint, data->n_classes + 1);
  for (guint c = 0; c < data->n_classes; c++)
    data->middle[c] =
        (WbPoint){ (double)median (data, c, 0, values), (double)median (data, c, 1, values) };
}

WbScatterData *
wb_scatter_data_new (gsize n, const float *xy, const float *spread, const gint *label,
                     guint n_classes)
{
  WbScatterData *data = g_new0 (WbScatterData, 1);

  data->n = n;
  data->xy = g_memdup2 (xy, 2 * n * sizeof *xy);
  data->spread = spread != NULL ? g_memdup2 (spread, 3 * n * sizeof *spread) : NULL;
  data->label = g_memdup2 (label, n * sizeof *label);
  data->n_classes = n_classes;
  data->equal = TRUE;
  find_range (data);
  sort_into_cells (data);
  find_middles (data);
  return data;
}

void
wb_scatter_data_free (WbScatterData *data)
{
  g_free (data->xy);
  g_free (data->spread);
  g_free (data->label);
  g_strfreev (data->names);
  g_free (data->x_title);
  g_free (data->y_title);
  g_free (data->first);
  g_free (data->order);
  g_free (data->middle);
  g_free (data);
}

/* Widens a range by a margin; one without extent to something that can be shown. */
static void
widen (double *low, double *high)
{
  const double extent = *high - *low;
  const double more = extent > 0 ? MARGIN * extent : MAX (fabs (*low) / 10, 0.5);

  *low -= more;
  *high += more;
}

void
wb_scatter_fit (const WbScatterData *data, WbFrame *frame)
{
  frame->x0 = data->x0;
  frame->x1 = data->x1;
  frame->y0 = data->y0;
  frame->y1 = data->y1;
  widen (&frame->x0, &frame->x1);
  widen (&frame->y0, &frame->y1);
  if (!data->equal || frame->width <= 0 || frame->height <= 0)
    return;
  const double unit =
      MAX ((frame->x1 - frame->x0) / frame->width, (frame->y1 - frame->y0) / frame->height);
  const double x = (frame->x0 + frame->x1) / 2, y = (frame->y0 + frame->y1) / 2;
  frame->x0 = x - unit * frame->width / 2;
  frame->x1 = x + unit * frame->width / 2;
  frame->y0 = y - unit * frame->height / 2;
  frame->y1 = y + unit * frame->height / 2;
}

gboolean
wb_scatter_fits (const WbScatterData *data, const WbFrame *frame)
{
  const double x = (data->x1 - data->x0) / (frame->x1 - frame->x0);
  const double y = (data->y1 - data->y0) / (frame->y1 - frame->y0);

  if (data->n_finite == 0)
    return TRUE;
  return data->x0 >= frame->x0 && data->x1 <= frame->x1 && data->y0 >= frame->y0
         && data->y1 <= frame->y1 && (data->equal ? MAX (x, y) >= WASTED : MIN (x, y) >= WASTED);
}

gssize
wb_scatter_nearest (const WbScatterData *data, const WbFrame *frame, double x, double y,
                    double radius)
{
  const double left = wb_frame_value_at_x (frame, x - radius);
  const double right = wb_frame_value_at_x (frame, x + radius);
  const double low = wb_frame_value_at_y (frame, y + radius);
  const double high = wb_frame_value_at_y (frame, y - radius);
  double best = radius * radius;
  gssize nearest = -1;

  if (data->n_finite == 0 || right < data->x0 || left > data->x1 || high < data->y0
      || low > data->y1)
    return -1;
  const guint column0 = cell_at (left, data->x0, data->x1, data->columns);
  const guint column1 = cell_at (right, data->x0, data->x1, data->columns);
  const guint row0 = cell_at (low, data->y0, data->y1, data->rows);
  const guint row1 = cell_at (high, data->y0, data->y1, data->rows);
  for (guint row = row0; row <= row1; row++)
    for (guint k = data->first[row * data->columns + column0];
         k < data->first[row * data->columns + column1 + 1]; k++)
      {
        const guint i = data->order[k];
        const double dx = wb_frame_x (frame, (double)data->xy[2 * i]) - x;
        const double dy = wb_frame_y (frame, (double)data->xy[2 * i + 1]) - y;

        if (dx * dx + dy * dy > best)
          continue;
        best = dx * dx + dy * dy;
        nearest = i;
      }
  return nearest;
}

/* ---- names ---- */

static void
push_apart (WbPoint *a, WbPoint *b, double apart)
{
  double dx = b->x - a->x, dy = b->y - a->y, distance = hypot (dx, dy);

  if (!(distance < apart))
    return;
  if (distance < 1e-6)
    {
      dx = distance = 1;
      dy = 0;
    }
  const double push = (apart - distance) / 2 / distance;
  a->x -= push * dx;
  a->y -= push * dy;
  b->x += push * dx;
  b->y += push * dy;
}

WbPoint *
wb_scatter_label_places (const WbScatterData *data, const WbFrame *frame, double apart)
{
  WbPoint *places = g_new (WbPoint, data->n_classes + 1);

  for (guint c = 0; c < data->n_classes; c++)
    {
      places[c].x = wb_frame_x (frame, data->middle[c].x);
      places[c].y = wb_frame_y (frame, data->middle[c].y);
    }
  for (guint round = 0; round < PUSHES; round++)
    for (guint a = 0; a < data->n_classes; a++)
      for (guint b = a + 1; b < data->n_classes; b++)
        push_apart (&places[a], &places[b], apart);
  return places;
}

static double
keep_between (double value, double from, double extent, double half)
{
  return extent > 2 * half ? CLAMP (value, from + half, from + extent - half) : from + extent / 2;
}

WbPoint
wb_scatter_keep_inside (const WbFrame *frame, WbPoint place, double half_width, double half_height)
{
  if (place.x < frame->left || place.x > frame->left + frame->width || place.y < frame->top
      || place.y > frame->top + frame->height)
    return place;
  return (WbPoint){ keep_between (place.x, frame->left, frame->width, half_width),
                    keep_between (place.y, frame->top, frame->height, half_height) };
}

gboolean
wb_scatter_inside (const GArray *line, double x, double y)
{
  gboolean inside = FALSE;

  for (guint i = 0; i < line->len; i++)
    {
      const WbPoint *a = &g_array_index (line, WbPoint, i);
      const WbPoint *b = &g_array_index (line, WbPoint, (i + 1) % line->len);

      if ((a->y > y) != (b->y > y) && x < a->x + (y - a->y) / (b->y - a->y) * (b->x - a->x))
        inside = !inside;
    }
  return inside;
}
