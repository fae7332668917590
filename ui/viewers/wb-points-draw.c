#include "diabolo-config.h"

#include "viewers/wb-points-draw.h"

#include "plots/wb-axis.h"
#include "viewers/wb-sample-choice.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define MARGIN 1.08 /* the data fill this part of their cube the other way round */
#define REACH 9     /* pixels around a point in which it is found */
#define POINT_RADIUS 2.4
#define OUTPUT_RADIUS 1.5
#define JOIN_OPACITY 0.4
#define CURVE_WIDTH 2.5
#define ARROW_WIDTH 1.2
#define ARROW_HEAD 4
#define SHEET_OPACITY 0.45
#define GAP 10

/* ---- geometry ---- */

static void
find_cube (const NnPointsResult *points, WbPointsSpace *space)
{
  space->extent = 1e-6;
  for (guint k = 0; k < points->dim; k++)
    {
      double low = INFINITY, high = -INFINITY;
      for (guint i = 0; i < points->n; i++)
        {
          const double x = (double)points->target[i * points->dim + k];
          low = MIN (low, x);
          high = MAX (high, x);
        }
      space->centre[k] = (low + high) / 2;
      space->extent = MAX (space->extent, (high - low) * MARGIN);
    }
}

void
wb_points_space (const NnPointsResult *points, const WbPointsView *view, PangoContext *context,
                 double width, double height, WbPointsSpace *space)
{
  const double line = wb_figure_line_height (context), top = line + GAP;
  const double bottom = line + GAP;
  const double left = points->dim == 2 ? wb_figure_text_width (context, "−0.00") + GAP : 0;
  const double side = MIN (width - left, height - top - bottom);
  const double c = cos (view->yaw), s = sin (view->yaw);
  const double cp = cos (view->pitch), sp = sin (view->pitch);

  *space = (WbPointsSpace){ .dim = points->dim };
  find_cube (points, space);
  space->x = left + (width - left) / 2;
  space->y = top + (height - top - bottom) / 2;
  space->scale = MAX (side, 1) / space->extent;
  if (points->dim == 2)
    {
      space->turn[0][0] = 1;
      space->turn[1][1] = -1;
      return;
    }
  /* The third dimension points up; a turned cube is wider than its side. */
  space->scale /= 1.5;
  const double right[] = { c, s, 0 }, down[] = { s * sp, -c * sp, -cp };
  for (guint k = 0; k < 3; k++)
    {
      space->turn[0][k] = right[k];
      space->turn[1][k] = down[k];
    }
}

WbPoint
wb_points_place (const WbPointsSpace *space, const float *point)
{
  WbPoint place = { space->x, space->y };

  for (guint k = 0; k < space->dim; k++)
    {
      const double x = ((double)point[k] - space->centre[k]) * space->scale;
      place.x += space->turn[0][k] * x;
      place.y += space->turn[1][k] * x;
    }
  return place;
}

gint
wb_points_at (const NnPointsResult *points, const WbPointsSpace *space, double x, double y)
{
  double nearest = REACH * REACH;
  gint found = -1;

  for (guint i = 0; i < points->n; i++)
    {
      const float *both[] = { points->target, points->output };
      for (guint k = 0; k < G_N_ELEMENTS (both); k++)
        {
          const WbPoint at = wb_points_place (space, both[k] + i * points->dim);
          const double square = (at.x - x) * (at.x - x) + (at.y - y) * (at.y - y);
          if (square < nearest)
            {
              nearest = square;
              found = (gint)i;
            }
        }
    }
  return found;
}

/* ---- drawing ---- */

static void
line (cairo_t *cr, WbPoint from, WbPoint to)
{
  cairo_move_to (cr, from.x, from.y);
  cairo_line_to (cr, to.x, to.y);
}

static void
dot (cairo_t *cr, WbPoint at, double radius)
{
  cairo_new_sub_path (cr);
  cairo_arc (cr, at.x, at.y, radius, 0, 2 * G_PI);
}

static void
grid_line (const WbPointsSpace *space, guint axis, double value, cairo_t *cr)
{
  const double half = space->extent / 2;
  float ends[2][2];

  for (guint e = 0; e < 2; e++)
    {
      ends[e][axis] = (float)value;
      ends[e][1 - axis] = (float)(space->centre[1 - axis] + (e == 0 ? -half : half));
    }
  line (cr, wb_points_place (space, ends[0]), wb_points_place (space, ends[1]));
  cairo_stroke (cr);
}

/* A faint grid with numbers below and at the left. */
static void
draw_plane (const WbPointsSpace *space, cairo_t *cr, PangoContext *context, WbScheme scheme)
{
  const double half = space->extent / 2, height = wb_figure_line_height (context);

  cairo_set_line_width (cr, 1);
  for (guint axis = 0; axis < 2; axis++)
    {
      WbTicks ticks;
      wb_axis_ticks (WB_AXIS_LINEAR, space->centre[axis] - half, space->centre[axis] + half, 6,
                     &ticks);
      for (guint i = 0; i < ticks.n; i++)
        {
          float at[2] = { (float)(space->centre[0] - half), (float)(space->centre[1] - half) };
          at[axis] = (float)ticks.value[i];
          const WbPoint place = wb_points_place (space, at);
          wb_cairo_set_color (cr, wb_color (WB_COLOR_GRID, scheme), 1);
          grid_line (space, axis, ticks.value[i], cr);
          wb_figure_text (cr, context, ticks.label[i], place.x - (axis == 1 ? 6 : 0),
                          place.y + (axis == 0 ? height / 2 + 4 : 0), axis == 0 ? 0.5 : 1,
                          wb_color (WB_COLOR_DIM, scheme));
        }
    }
}

/* Three edges of the cube that meet in a corner, with their names. */
static void
draw_corner (const WbPointsSpace *space, cairo_t *cr, PangoContext *context, WbScheme scheme)
{
  static const char *const names[] = { "x₁", "x₂", "x₃" };
  const double half = space->extent / 2;
  float corner[3];

  for (guint k = 0; k < 3; k++)
    corner[k] = (float)(space->centre[k] - half);
  for (guint k = 0; k < 3; k++)
    {
      float end[3] = { corner[0], corner[1], corner[2] };
      end[k] = (float)(space->centre[k] + half);
      wb_cairo_set_color (cr, wb_color (WB_COLOR_LINE, scheme), 1);
      cairo_set_line_width (cr, 1);
      line (cr, wb_points_place (space, corner), wb_points_place (space, end));
      cairo_stroke (cr);
      end[k] += (float)(0.05 * space->extent);
      const WbPoint place = wb_points_place (space, end);
      wb_figure_text (cr, context, names[k], place.x, place.y, 0.5,
                      wb_color (WB_COLOR_DIM, scheme));
    }
}

/* n places of the sweep, `step` apart; a line ends where there is nothing. */
static void
sweep_line (const NnPointsResult *points, const WbPointsSpace *space, guint first, guint step,
            guint n, cairo_t *cr)
{
  cairo_new_sub_path (cr);
  for (guint i = 0; i < n; i++)
    {
      const float *point = points->sweep + (gsize)(first + i * step) * points->dim;
      const WbPoint at = wb_points_place (space, point);
      if (isnan (point[0]))
        cairo_new_sub_path (cr);
      else
        cairo_line_to (cr, at.x, at.y);
    }
  cairo_stroke (cr);
}

static void
draw_sweep (const NnPointsResult *points, const WbPointsSpace *space, cairo_t *cr, WbScheme scheme)
{
  const guint rows = points->sweep_rows, columns = points->sweep_columns;

  wb_cairo_set_color (cr, wb_color (WB_COLOR_TEXT, scheme), rows > 1 ? SHEET_OPACITY : 1);
  cairo_set_line_width (cr, rows > 1 ? 1 : CURVE_WIDTH);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  for (guint r = 0; r < rows; r++)
    sweep_line (points, space, r * columns, 1, columns, cr);
  for (guint c = 0; rows > 1 && c < columns; c++)
    sweep_line (points, space, c, columns, rows, cr);
}

static const GdkRGBA *
color_of (const NnPointsResult *points, guint i, WbScheme scheme)
{
  const gint label = g_array_index (points->labels, gint, i);

  return label >= 0 ? wb_color_class ((guint)label, scheme)
                    : wb_color (WB_COLOR_VALIDATION, scheme);
}

static void
draw_point (const NnPointsResult *points, const WbPointsSpace *space, const WbPointsView *view,
            guint i, cairo_t *cr, WbScheme scheme)
{
  const GdkRGBA *color = color_of (points, i, scheme);
  const WbPoint target = wb_points_place (space, points->target + i * points->dim);
  const WbPoint output = wb_points_place (space, points->output + i * points->dim);

  if (view->joined)
    {
      wb_cairo_set_color (cr, color, JOIN_OPACITY);
      cairo_set_line_width (cr, 1);
      line (cr, target, output);
      cairo_stroke (cr);
      wb_cairo_set_color (cr, color, 1);
      dot (cr, output, OUTPUT_RADIUS);
      cairo_fill (cr);
    }
  wb_cairo_set_color (cr, color, 0.75);
  dot (cr, target, POINT_RADIUS);
  cairo_fill (cr);
}

static void
draw_arrow (cairo_t *cr, WbPoint from, WbPoint to)
{
  const double dx = to.x - from.x, dy = to.y - from.y, length = hypot (dx, dy);

  if (length < ARROW_HEAD)
    return;
  const double ux = dx / length * ARROW_HEAD, uy = dy / length * ARROW_HEAD;
  line (cr, from, to);
  cairo_move_to (cr, to.x - ux - uy / 2, to.y - uy + ux / 2);
  cairo_line_to (cr, to.x, to.y);
  cairo_line_to (cr, to.x - ux + uy / 2, to.y - uy - ux / 2);
  cairo_stroke (cr);
}

static void
draw_pushed (const NnPointsResult *points, const WbPointsSpace *space, cairo_t *cr, WbScheme scheme)
{
  wb_cairo_set_color (cr, wb_color (WB_COLOR_ACCENT, scheme), 1);
  cairo_set_line_width (cr, ARROW_WIDTH);
  for (guint i = 0; i < points->n; i++)
    draw_arrow (cr, wb_points_place (space, points->output + i * points->dim),
                wb_points_place (space, points->pushed + i * points->dim));
}

static void
ring (const NnPointsResult *points, const WbPointsSpace *space, guint i, cairo_t *cr,
      WbScheme scheme)
{
  wb_cairo_set_color (cr, wb_color (WB_COLOR_ACCENT, scheme), 1);
  cairo_set_line_width (cr, 2);
  dot (cr, wb_points_place (space, points->target + i * points->dim), 6);
  cairo_stroke (cr);
}

static double
distance (const NnPointsResult *points, guint i)
{
  double sum = 0;

  for (guint k = 0; k < points->dim; k++)
    {
      const double d =
          (double)points->output[i * points->dim + k] - (double)points->target[i * points->dim + k];
      sum += d * d;
    }
  return sqrt (sum);
}

/* Joins what still fits. */
static void
add_part (GString *text, PangoContext *context, double width, const char *part)
{
  const gsize before = text->len;

  g_string_append_printf (text, "%s%s", before > 0 ? " · " : "", part);
  if (before > 0 && wb_figure_text_width (context, text->str) > width)
    g_string_truncate (text, before);
}

static void
describe_point (const NnPointsResult *points, guint i, const NnDataInfo *info, GString *text,
                PangoContext *context, double width)
{
  g_autofree char *name = wb_sample_class_name (info, g_array_index (points->labels, gint, i));
  g_autofree char *sample =
      g_strdup_printf (_ ("Sample %u"), g_array_index (points->samples, guint32, i));
  g_autofree char *away = g_strdup_printf (_ ("comes back %.3g away"), distance (points, i));
  g_autofree char *escaped = name != NULL ? g_markup_escape_text (name, -1) : NULL;
  g_autoptr (GString) code = g_string_new (_ ("code"));

  for (guint k = 0; k < points->code_size; k++)
    g_string_append_printf (code, k == 0 ? " %.3g" : ", %.3g",
                            (double)points->code[i * points->code_size + k]);
  add_part (text, context, width, sample);
  if (escaped != NULL)
    add_part (text, context, width, escaped);
  add_part (text, context, width, away);
  if (points->code_size > 0)
    add_part (text, context, width, code->str);
}

static void
describe_all (const NnPointsResult *points, const WbPointsView *view, GString *text,
              PangoContext *context, double width)
{
  double sum = 0;

  for (guint i = 0; i < points->n; i++)
    sum += distance (points, i);
  g_autofree char *mean = g_strdup_printf (_ ("%.3g away on average"), sum / points->n);
  add_part (text, context, width, mean);
  if (points->sweep_rows > 0)
    add_part (text, context, width,
              points->sweep_rows > 1 ? _ ("net: where the decoder can draw")
                                     : _ ("curve: where the decoder can draw"));
  if (view->pushed && points->pushed != NULL)
    add_part (text, context, width, _ ("arrows: where the gradient pushes"));
}

/* What the signs mean; over a point, what it is. */
static void
draw_caption (const NnPointsResult *points, const WbPointsView *view, const NnDataInfo *info,
              cairo_t *cr, PangoContext *context, WbScheme scheme, double width)
{
  const double middle = wb_figure_line_height (context) / 2 + 2;
  g_autoptr (GString) text = g_string_new (NULL);

  if (view->hovered >= 0 && view->hovered < (gint)points->n)
    describe_point (points, (guint)view->hovered, info, text, context, width);
  else
    describe_all (points, view, text, context, width);
  wb_figure_text (cr, context, text->str, width / 2, middle, 0.5, wb_color (WB_COLOR_DIM, scheme));
}

void
wb_points_draw (const NnPointsResult *points, const WbPointsSpace *space, const WbPointsView *view,
                const NnDataInfo *info, cairo_t *cr, PangoContext *context, WbScheme scheme,
                double width, double height)
{
  if (points->dim == 2)
    draw_plane (space, cr, context, scheme);
  else
    draw_corner (space, cr, context, scheme);
  cairo_save (cr);
  cairo_rectangle (cr, 0, 0, width, height);
  cairo_clip (cr);
  for (guint i = 0; i < points->n; i++)
    draw_point (points, space, view, i, cr, scheme);
  if (points->sweep != NULL)
    draw_sweep (points, space, cr, scheme);
  if (view->pushed && points->pushed != NULL)
    draw_pushed (points, space, cr, scheme);
  for (guint i = 0; i < points->n; i++)
    if ((gint)i == view->hovered || g_array_index (points->samples, guint32, i) == view->selected)
      ring (points, space, i, cr, scheme);
  cairo_restore (cr);
  draw_caption (points, view, info, cr, context, scheme, width);
}

WbTable *
wb_points_to_table (const NnPointsResult *points)
{
  WbTable *table = wb_table_new ("sample,label");

  wb_table_add_columns (table, "x", points->dim);
  wb_table_add_columns (table, "reconstruction", points->dim);
  wb_table_add_columns (table, "code", points->code_size);
  for (guint i = 0; i < points->n; i++)
    {
      wb_table_put (table, g_array_index (points->samples, guint32, i));
      wb_table_put_class (table, g_array_index (points->labels, gint, i));
      wb_table_put_values (table, points->target + i * points->dim, points->dim);
      wb_table_put_values (table, points->output + i * points->dim, points->dim);
      wb_table_put_values (table, points->code + i * points->code_size, points->code_size);
    }
  return table;
}
