/* wb-plot-draw.c: a line plot on a cairo context: grid, curves, direct labels. */
#include "plots/wb-plot-data.h"

#include <math.h>

#define FAINT_WIDTH 1
#define FAINT_OPACITY 0.32
/* Raw values that cover more than this part of the plot are paler, so that they never hide the rest
 * behind a coloured wall. */
#define FAINT_COVER 0.35
#define LINE_WIDTH 2
#define JOIN_WIDTH 1.5
#define DOT_RADIUS 2.75
#define RING_RADIUS 6
#define RIGHT_MARGIN 8 /* room for a ring around the last point */
#define ROW_PIXELS 30  /* at least this far apart are the ticks of the vertical axis */
#define COLUMN_PIXELS 64
#define LABEL_INSET 18   /* of the direct labels from the right edge */
#define BASE_OPACITY 0.5 /* of the axis line */
#define LABEL_GAP 24     /* between them and the curves */

static guint
ticks_that_fit (double pixels, double each)
{
  return (guint)CLAMP (pixels / each + 1, 3, 12);
}

void
wb_plot_layout (const WbPlotData *data, PangoContext *context, double width, double height,
                double x0, double x1, WbPlotLayout *layout)
{
  double line = wb_figure_line_height (context), widest = 0;
  WbFrame *frame = &layout->frame;
  guint rows;

  *layout = (WbPlotLayout){ 0 };
  frame->top = line / 2 + 2;
  frame->height = MAX (1, height - frame->top - line - 8);
  frame->x0 = x0;
  frame->x1 = x1 > x0 ? x1 : x0 + 1;
  frame->log_y = data->log_y;
  if (!wb_plot_data_fit (data, frame->x0, frame->x1, &frame->y0, &frame->y1))
    {
      frame->y0 = data->log_y ? 0.01 : 0;
      frame->y1 = 1;
    }
  rows = ticks_that_fit (frame->height, MAX (ROW_PIXELS, 1.6 * line));
  wb_axis_round_out (data->log_y ? WB_AXIS_LOG : WB_AXIS_LINEAR, rows, &frame->y0, &frame->y1);
  wb_axis_ticks (data->log_y ? WB_AXIS_LOG : WB_AXIS_LINEAR, frame->y0, frame->y1, rows,
                 &layout->y);
  for (guint i = 0; i < layout->y.n; i++)
    widest = MAX (widest, wb_figure_text_width (context, layout->y.label[i]));
  frame->left = ceil (widest) + 8;
  frame->width = MAX (1, width - frame->left - RIGHT_MARGIN);
  wb_axis_ticks (data->x_kind, frame->x0, frame->x1,
                 ticks_that_fit (frame->width, MAX (COLUMN_PIXELS, 4 * line)), &layout->x);
}

static void
draw_horizontal_line (const WbFrame *frame, double y, cairo_t *cr)
{
  cairo_move_to (cr, frame->left, floor (y) + 0.5);
  cairo_line_to (cr, frame->left + frame->width, floor (y) + 0.5);
  cairo_stroke (cr);
}

static void
draw_vertical_axis (const WbPlotLayout *layout, cairo_t *cr, PangoContext *context, WbScheme scheme)
{
  const WbFrame *frame = &layout->frame;
  const GdkRGBA *dim = wb_color (WB_COLOR_DIM, scheme);
  double bottom = frame->top + frame->height;

  cairo_set_line_width (cr, 1);
  wb_cairo_set_color (cr, dim, BASE_OPACITY);
  draw_horizontal_line (frame, bottom, cr);
  for (guint i = 0; i < layout->y.n; i++)
    {
      double y = wb_frame_y (frame, layout->y.value[i]);
      wb_figure_text (cr, context, layout->y.label[i], frame->left - 8, floor (y) + 0.5, 1, dim);
      wb_cairo_set_color (cr, wb_color (WB_COLOR_GRID, scheme), 1);
      if (bottom - y > 1)
        draw_horizontal_line (frame, y, cr);
    }
}

/* Round ticks, and the title with the last value at the right end: "0  3  6  9  epoch 12". */
static void
draw_horizontal_axis (const WbPlotData *data, const WbPlotLayout *layout, cairo_t *cr,
                      PangoContext *context, WbScheme scheme)
{
  const WbFrame *frame = &layout->frame;
  const GdkRGBA *dim = wb_color (WB_COLOR_DIM, scheme);
  double bottom = frame->top + frame->height, right = frame->left + frame->width;
  double middle = bottom + 6 + wb_figure_line_height (context) / 2;
  guint last = layout->x.n > 0 ? layout->x.n - 1 : 0;
  gboolean ends_round = layout->x.n > 0 && wb_frame_x (frame, layout->x.value[last]) > right - 0.5;
  g_autofree char *title = NULL;
  double title_left;

  if (ends_round)
    title = g_strdup_printf ("%s %s", data->x_title ? data->x_title : "", layout->x.label[last]);
  else if (data->x_kind == WB_AXIS_WHOLE && frame->x1 == floor (frame->x1))
    title = g_strdup_printf ("%s %.0f", data->x_title ? data->x_title : "", frame->x1);
  else
    title = g_strdup (data->x_title ? data->x_title : "");
  title_left = right - wb_figure_text (cr, context, g_strstrip (title), right, middle, 1, dim);

  cairo_set_line_width (cr, 1);
  for (guint i = 0; i < layout->x.n; i++)
    {
      double x = floor (wb_frame_x (frame, layout->x.value[i])) + 0.5;
      double half = wb_figure_text_width (context, layout->x.label[i]) / 2;
      wb_cairo_set_color (cr, dim, BASE_OPACITY);
      cairo_move_to (cr, x, bottom);
      cairo_line_to (cr, x, bottom + 4);
      cairo_stroke (cr);
      if ((i == last && ends_round) || x + half + 8 > title_left)
        continue;
      wb_figure_text (cr, context, layout->x.label[i], x, middle, 0.5, dim);
    }
}

static void
trace (cairo_t *cr, const GArray *pixels)
{
  gboolean begun = FALSE;

  for (guint i = 0; i < pixels->len; i++)
    {
      const WbPoint *pixel = &g_array_index (pixels, WbPoint, i);
      if (isnan (pixel->x))
        begun = FALSE;
      else if (begun)
        cairo_line_to (cr, pixel->x, pixel->y);
      else
        {
          cairo_move_to (cr, pixel->x, pixel->y);
          begun = TRUE;
        }
    }
}

static void
draw_dots (const WbSeries *series, const WbFrame *frame, cairo_t *cr, const GdkRGBA *color)
{
  double crowded = 3 * DOT_RADIUS, last = -G_MAXDOUBLE;

  for (gsize i = wb_points_lower_bound (series->points, series->n, frame->x0);
       i < series->n && series->points[i].x <= frame->x1; i++)
    {
      double x = wb_frame_x (frame, series->points[i].x);
      double y = wb_frame_y (frame, series->points[i].y);
      gboolean marked = (gssize)i == series->marked;
      if (!(y >= frame->top - 1 && y <= frame->top + frame->height + 1)
          || (x - last < crowded && !marked))
        continue;
      last = x;
      cairo_new_sub_path (cr);
      cairo_arc (cr, x, y, DOT_RADIUS, 0, 2 * G_PI);
      wb_cairo_set_color (cr, color, series->opacity);
      cairo_fill (cr);
      if (!marked)
        continue;
      cairo_arc (cr, x, y, RING_RADIUS, 0, 2 * G_PI);
      cairo_set_line_width (cr, JOIN_WIDTH);
      cairo_stroke (cr);
    }
}

/* Raw values, several to a pixel column: what a thin line through them would cover is a bar from
 * lowest to highest in each column, joined to its neighbour. Stroking that line takes ten times as
 * long. Returns which part of the plot's height they cover on average. */
static double
trace_columns (const WbFrame *frame, const GArray *pixels, cairo_t *cr)
{
  double low = NAN, high = NAN, column = NAN, last = NAN, covered = 0;
  guint n = 0;

  for (guint i = 0; i <= pixels->len; i++)
    {
      const WbPoint *pixel = i < pixels->len ? &g_array_index (pixels, WbPoint, i) : NULL;
      double here = pixel != NULL ? floor (pixel->x) : NAN;
      double y =
          pixel != NULL ? CLAMP (pixel->y, frame->top - 9, frame->top + frame->height + 9) : NAN;
      if (here == column)
        {
          low = MIN (low, y);
          high = MAX (high, y);
        }
      else
        {
          if (!isnan (column))
            {
              cairo_rectangle (cr, column, low - FAINT_WIDTH / 2.0, 1, high - low + FAINT_WIDTH);
              covered += isnan (high) ? 0 : MIN ((high - low) / frame->height, 1);
              n++;
            }
          column = here;
          low = isnan (last) ? y : MIN (last, y);
          high = isnan (last) ? y : MAX (last, y);
        }
      last = y;
    }
  return n > 0 ? covered / n : 0;
}

static void
draw_series (const WbSeries *series, const WbFrame *frame, cairo_t *cr, WbScheme scheme)
{
  static const struct
  {
    double width, opacity;
  } looks[] = {
    [WB_SERIES_FAINT] = { FAINT_WIDTH, FAINT_OPACITY },
    [WB_SERIES_LINE] = { LINE_WIDTH, 1 },
    [WB_SERIES_POINTS] = { JOIN_WIDTH, 1 },
  };
  const GdkRGBA *color = wb_ink_color (series->ink, scheme);
  g_autoptr (GArray) pixels = g_array_new (FALSE, FALSE, sizeof (WbPoint));

  wb_points_to_pixels (frame, series->points, series->n, pixels);
  cairo_save (cr);
  cairo_rectangle (cr, frame->left, frame->top - 1, frame->width, frame->height + 2);
  cairo_clip (cr);
  wb_cairo_set_color (cr, color, series->opacity * looks[series->style].opacity);
  if (series->style == WB_SERIES_FAINT && pixels->len > frame->width)
    {
      const double covered = trace_columns (frame, pixels, cr);
      wb_cairo_set_color (cr, color,
                          series->opacity * FAINT_OPACITY
                              * MIN (FAINT_COVER / MAX (covered, FAINT_COVER), 1));
      cairo_fill (cr);
    }
  else
    {
      trace (cr, pixels);
      cairo_set_line_join (cr, CAIRO_LINE_JOIN_BEVEL);
      cairo_set_line_width (cr, looks[series->style].width);
      cairo_stroke (cr);
    }
  cairo_restore (cr);
  if (series->style == WB_SERIES_POINTS)
    draw_dots (series, frame, cr, color);
}

/* Highest and lowest pixel that a curve reaches right of `left`, those of raw values if `faint`. */
static void
occupied (const WbPlotData *data, const WbFrame *frame, gboolean faint, double left, double *high,
          double *low)
{
  *high = frame->top + frame->height;
  *low = frame->top;
  for (guint i = 0; i < data->series->len; i++)
    {
      const WbSeries *series = g_ptr_array_index (data->series, i);
      double min, max;
      if ((series->style == WB_SERIES_FAINT && !faint)
          || !wb_points_range (series->points, series->n, wb_frame_value_at_x (frame, left),
                               frame->x1, &min, &max))
        continue;
      *high = MIN (*high, wb_frame_y (frame, max));
      *low = MAX (*low, wb_frame_y (frame, min));
    }
}

/* Where a block of labels lies above or below the curves right of `left`. FALSE: nowhere; then it
 * is put where it covers least of them. */
static gboolean
place_labels (const WbPlotData *data, const WbFrame *frame, gboolean faint, double left,
              double block, double *top)
{
  const double bottom = frame->top + frame->height;
  double high, low;

  occupied (data, frame, faint, left, &high, &low);
  if (high - LABEL_GAP - block >= frame->top)
    *top = high - LABEL_GAP - block;
  else if (low + LABEL_GAP + block <= bottom)
    *top = low + LABEL_GAP;
  else
    {
      *top = high - frame->top > bottom - low ? frame->top : bottom - block;
      return FALSE;
    }
  return TRUE;
}

static char *
label_markup (const WbPlotLabel *label, WbScheme scheme)
{
  g_autofree char *hex = wb_ink_hex (label->ink, scheme);

  return g_markup_printf_escaped ("<span color=\"%s\"><b>%s</b> %s</span>", hex, label->strong,
                                  label->plain ? label->plain : "");
}

static void
draw_labels (const WbPlotData *data, const WbFrame *frame, cairo_t *cr, PangoContext *context,
             WbScheme scheme)
{
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  double line = wb_figure_line_height (context), width = 0, right, top, block;

  for (guint i = 0; i < data->labels->len; i++)
    {
      char *text = label_markup (g_ptr_array_index (data->labels, i), scheme);
      width = MAX (width, wb_figure_text_width (context, text));
      g_ptr_array_add (texts, text);
    }
  right = frame->left + frame->width - LABEL_INSET;
  if (texts->len == 0 || width > frame->width - LABEL_INSET)
    return;
  block = texts->len * line;
  if (!place_labels (data, frame, TRUE, right - width - 6, block, &top))
    {
      /* On top of raw values, or of curves where there is no room beside them, and legible all the
       * same. */
      place_labels (data, frame, FALSE, right - width - 6, block, &top);
      const WbRect ground = { right - width - 5, top, width + 10, block };
      wb_figure_rounded (cr, &ground, 4);
      wb_cairo_set_color (cr, wb_color (WB_COLOR_VIEWER, scheme), 0.85);
      cairo_fill (cr);
    }
  for (guint i = 0; i < texts->len; i++)
    {
      const WbPlotLabel *label = g_ptr_array_index (data->labels, i);
      double x = wb_frame_x (frame, label->leader.x), y = wb_frame_y (frame, label->leader.y);
      wb_figure_text (cr, context, g_ptr_array_index (texts, i), right, top + (i + 0.5) * line, 1,
                      wb_color (WB_COLOR_TEXT, scheme));
      if (isnan (x) || i + 1 < texts->len || x < right - width || x > right + LABEL_INSET
          || y - RING_RADIUS < top + block)
        continue;
      wb_cairo_set_color (cr, wb_ink_color (label->ink, scheme), 1);
      cairo_set_line_width (cr, 1);
      cairo_move_to (cr, floor (x) + 0.5, top + block + 2);
      cairo_line_to (cr, floor (x) + 0.5, y - RING_RADIUS);
      cairo_stroke (cr);
    }
}

void
wb_plot_draw (const WbPlotData *data, const WbPlotLayout *layout, cairo_t *cr,
              PangoContext *context, WbScheme scheme)
{
  draw_vertical_axis (layout, cr, context, scheme);
  draw_horizontal_axis (data, layout, cr, context, scheme);
  for (guint i = 0; i < data->series->len; i++)
    draw_series (g_ptr_array_index (data->series, i), &layout->frame, cr, scheme);
  draw_labels (data, &layout->frame, cr, context, scheme);
}
