#include "plots/wb-plot-geometry.h"

#include <math.h>

/* Where a value that a logarithmic axis cannot show goes: well outside of any window. */
#define FAR_BELOW 1e5
#define STEEP_PART 10.0 /* see wb_points_smooth() */

double
wb_frame_x (const WbFrame *frame, double x)
{
  return frame->left + (x - frame->x0) / (frame->x1 - frame->x0) * frame->width;
}

double
wb_frame_y (const WbFrame *frame, double y)
{
  double part;

  if (!frame->log_y)
    part = (y - frame->y0) / (frame->y1 - frame->y0);
  else if (y > 0)
    part = log (y / frame->y0) / log (frame->y1 / frame->y0);
  else
    return frame->top + frame->height + FAR_BELOW;
  return frame->top + (1 - part) * frame->height;
}

double
wb_frame_value_at_x (const WbFrame *frame, double pixel)
{
  return frame->x0 + (pixel - frame->left) / frame->width * (frame->x1 - frame->x0);
}

double
wb_frame_value_at_y (const WbFrame *frame, double pixel)
{
  double part = 1 - (pixel - frame->top) / frame->height;

  if (frame->log_y)
    return frame->y0 * pow (frame->y1 / frame->y0, part);
  return frame->y0 + part * (frame->y1 - frame->y0);
}

gsize
wb_points_lower_bound (const WbPoint *points, gsize n, double x)
{
  gsize low = 0, high = n;

  while (low < high)
    {
      gsize middle = low + (high - low) / 2;
      if (points[middle].x < x)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

gsize
wb_points_nearest (const WbPoint *points, gsize n, double x)
{
  gsize right = wb_points_lower_bound (points, n, x);

  g_return_val_if_fail (n > 0, 0);
  if (right == n)
    return n - 1;
  if (right > 0 && x - points[right - 1].x <= points[right].x - x)
    return right - 1;
  return right;
}

/* What falls into one pixel column, by index. */
typedef struct
{
  gboolean any;
  long column;
  gsize first, lowest, highest, last;
} Column;

static void
append_pixel (const WbFrame *frame, const WbPoint *point, GArray *pixels)
{
  WbPoint pixel = { wb_frame_x (frame, point->x), wb_frame_y (frame, point->y) };

  g_array_append_val (pixels, pixel);
}

static void
flush_column (const WbFrame *frame, const WbPoint *points, Column *column, GArray *pixels)
{
  gsize order[4], n = 0;

  if (!column->any)
    return;
  order[n++] = column->first;
  order[n++] = MIN (column->lowest, column->highest);
  order[n++] = MAX (column->lowest, column->highest);
  order[n++] = column->last;
  for (gsize i = 0; i < n; i++)
    if (i == 0 || order[i] != order[i - 1])
      append_pixel (frame, &points[order[i]], pixels);
  column->any = FALSE;
}

void
wb_points_to_pixels (const WbFrame *frame, const WbPoint *points, gsize n, GArray *pixels)
{
  const WbPoint gap = { NAN, NAN };
  gsize begin = wb_points_lower_bound (points, n, frame->x0);
  gsize end = wb_points_lower_bound (points, n, frame->x1);
  Column column = { FALSE };

  begin -= begin > 0;
  end += end < n;
  for (gsize i = begin; i < end; i++)
    {
      long place;

      if (!isfinite (points[i].y))
        {
          flush_column (frame, points, &column, pixels);
          if (pixels->len > 0 && !isnan (g_array_index (pixels, WbPoint, pixels->len - 1).x))
            g_array_append_val (pixels, gap);
          continue;
        }
      place = (long)floor (CLAMP (wb_frame_x (frame, points[i].x), -1e6, 1e6));
      if (column.any && place != column.column)
        flush_column (frame, points, &column, pixels);
      if (!column.any)
        column = (Column){ TRUE, place, i, i, i, i };
      column.last = i;
      if (points[i].y < points[column.lowest].y)
        column.lowest = i;
      if (points[i].y > points[column.highest].y)
        column.highest = i;
    }
  flush_column (frame, points, &column, pixels);
}

gboolean
wb_points_range (const WbPoint *points, gsize n, double x0, double x1, double *min, double *max)
{
  gboolean any = FALSE;

  for (gsize i = wb_points_lower_bound (points, n, x0); i < n && points[i].x <= x1; i++)
    {
      if (!isfinite (points[i].y))
        continue;
      *min = any ? MIN (*min, points[i].y) : points[i].y;
      *max = any ? MAX (*max, points[i].y) : points[i].y;
      any = TRUE;
    }
  return any;
}

void
wb_points_smooth (const WbPoint *points, const guint64 *step, gsize n, double span,
                  WbPoint *smoothed)
{
  double sum = 0, weight = 0;

  for (gsize i = 0; i < n; i++)
    {
      double distance, now, a;
      smoothed[i] = points[i];
      if (span <= 0 || !isfinite (points[i].y))
        continue;
      distance = i > 0 && step[i] > step[i - 1] ? step[i] - step[i - 1] : 1;
      now = MIN (span, 1 + (step[i] - step[0]) / STEEP_PART);
      a = exp (-distance / now);
      sum = a * sum + (1 - a) * points[i].y;
      weight = a * weight + (1 - a);
      smoothed[i].y = sum / weight;
    }
}
