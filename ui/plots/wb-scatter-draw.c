#include "plots/wb-scatter-draw.h"

#include <math.h>
#include <string.h>

#define POINT_RADIUS 1.9
#define POINT_OPACITY 0.62
#define FAINT_OPACITY 0.08
#define PHASES 4    /* positions of a dot within a pixel, each way */
#define MAX_SIDE 32 /* device pixels of a dot's picture */
#define TICK_PIXELS 46
#define MARGIN 4
#define NAME_RADIUS 11
#define MAX_NAMES 20
#define CLOUDS_PER_CLASS 2
#define CLOUD_DEVIATIONS 2
#define OUTLINE_OPACITY 0.3
#define OUTLINE_STEP 1.2 /* device pixels along an outline */
#define MAX_OUTLINE 2000 /* steps */

static const GdkRGBA *
label_color (gint label, WbScheme scheme)
{
  return label >= 0 ? wb_color_class ((guint)label, scheme) : wb_color (WB_COLOR_ACCENT, scheme);
}

static gboolean
stands_out (const WbScatterView *view, gsize i)
{
  return (view->only < 0 || view->data->label[i] == view->only)
         && (view->chosen == NULL || view->chosen[i]);
}

/* ---- axes ---- */

void
wb_scatter_layout (PangoContext *context, double width, double height, WbFrame *frame)
{
  const double line = wb_figure_line_height (context);

  frame->left = ceil (wb_figure_text_width (context, "−0.00")) + 8;
  frame->top = MARGIN;
  frame->width = MAX (1, width - frame->left - MARGIN);
  frame->height = MAX (1, height - frame->top - line - 8);
  frame->log_y = FALSE;
}

static guint
ticks_that_fit (double extent)
{
  return (guint)CLAMP (extent / TICK_PIXELS, 4, WB_AXIS_MAX_TICKS);
}

static void
draw_grid_line (cairo_t *cr, double x0, double y0, double x1, double y1)
{
  cairo_move_to (cr, x0, y0);
  cairo_line_to (cr, x1, y1);
  cairo_stroke (cr);
}

/* In a strip of classes their names take the place of numbers. */
static void
draw_vertical_numbers (const WbScatterView *view, const WbFrame *frame, cairo_t *cr,
                       PangoContext *context)
{
  const GdkRGBA *dim = wb_color (WB_COLOR_DIM, view->scheme);
  WbTicks ticks;

  if (!view->data->equal)
    return;
  wb_axis_ticks (WB_AXIS_LINEAR, frame->y0, frame->y1, ticks_that_fit (frame->height), &ticks);
  for (guint i = 0; i < ticks.n; i++)
    {
      const double y = floor (wb_frame_y (frame, ticks.value[i])) + 0.5;

      wb_cairo_set_color (cr, wb_color (WB_COLOR_GRID, view->scheme), 1);
      draw_grid_line (cr, frame->left, y, frame->left + frame->width, y);
      wb_figure_text (cr, context, ticks.label[i], frame->left - 8, y, 1, dim);
    }
}

void
wb_scatter_draw_axes (const WbScatterView *view, const WbFrame *frame, cairo_t *cr,
                      PangoContext *context)
{
  const WbScatterData *data = view->data;
  const GdkRGBA *dim = wb_color (WB_COLOR_DIM, view->scheme);
  const double bottom = frame->top + frame->height, right = frame->left + frame->width;
  const double line = wb_figure_line_height (context);
  WbTicks ticks;

  cairo_set_line_width (cr, 1);
  draw_vertical_numbers (view, frame, cr, context);
  wb_axis_ticks (WB_AXIS_LINEAR, frame->x0, frame->x1, ticks_that_fit (frame->width * 0.7), &ticks);
  for (guint i = 0; i < ticks.n; i++)
    {
      const double x = floor (wb_frame_x (frame, ticks.value[i])) + 0.5;

      wb_cairo_set_color (cr, wb_color (WB_COLOR_GRID, view->scheme), 1);
      draw_grid_line (cr, x, frame->top, x, bottom);
      /* The last number may stand at the very edge. */
      const double half = wb_figure_text_width (context, ticks.label[i]) / 2;
      wb_figure_text (cr, context, ticks.label[i], MIN (x, right + MARGIN - half),
                      bottom + 4 + line / 2, 0.5, dim);
    }
  if (data->x_title != NULL)
    {
      g_autofree char *title = g_strdup_printf ("%s →", data->x_title);
      wb_figure_text (cr, context, title, right - 4, bottom - line / 2 - 2, 1, dim);
    }
  if (data->y_title != NULL)
    {
      g_autofree char *title = g_strdup_printf ("%s ↑", data->y_title);
      wb_figure_text (cr, context, title, frame->left + 5, frame->top + line / 2 + 2, 0, dim);
    }
}

/* ---- clouds ---- */

/* over = source + (1 - alpha) below, two channels at a time */
static inline guint32
blend (guint32 source, guint32 below)
{
  const guint32 rest = 256 - (source >> 24) - (source >> 31);
  const guint32 a = (below & 0xff00ff) * rest >> 8 & 0xff00ff;
  const guint32 b = (below >> 8 & 0xff00ff) * rest & 0xff00ff00;

  return source + (a | b);
}

static guint32
premultiplied (const GdkRGBA *color, double alpha)
{
  const guint32 a = (guint32)(255 * alpha + 0.5);

  return a << 24 | (guint32)(a * (double)color->red) << 16
         | (guint32)(a * (double)color->green) << 8 | (guint32)(a * (double)color->blue);
}

/* The ellipse of a point: its axes in the plane's units. FALSE: there is none. */
static gboolean
find_cloud (const WbScatterData *data, gsize i, double *angle, double *major, double *minor)
{
  const float *c = data->spread + 3 * i;
  const double xx = (double)c[0], xy = (double)c[1], yy = (double)c[2];
  const double middle = (xx + yy) / 2, root = hypot ((xx - yy) / 2, xy);

  *angle = 0.5 * atan2 (2 * xy, xx - yy);
  *major = CLOUD_DEVIATIONS * sqrt (MAX (middle + root, 0));
  *minor = CLOUD_DEVIATIONS * sqrt (MAX (middle - root, 0));
  return isfinite (*major) && *major > 0 && *minor > 0 && isfinite (data->xy[2 * i])
         && isfinite (data->xy[2 * i + 1]);
}

static void
put_pixel (guint32 *pixels, gint width, gint height, gint stride, double x, double y, guint32 color)
{
  const gint column = (gint)floor (x), row = (gint)floor (y);

  if (column >= 0 && column < width && row >= 0 && row < height)
    pixels[row * stride + column] = blend (color, pixels[row * stride + column]);
}

/* Thousands of outlines as dots along them: strokes would take a hundred times as long. */
static void
paint_outline (const WbScatterView *view, const WbFrame *frame, double scale, gsize i,
               guint32 color, guint32 *pixels, gint width, gint height, gint stride)
{
  const double unit_x = scale * frame->width / (frame->x1 - frame->x0);
  const double unit_y = scale * frame->height / (frame->y1 - frame->y0);
  const double x = scale * wb_frame_x (frame, (double)view->data->xy[2 * i]);
  const double y = scale * wb_frame_y (frame, (double)view->data->xy[2 * i + 1]);
  double angle, major, minor;

  if (!find_cloud (view->data, i, &angle, &major, &minor))
    return;
  const double reach = major * MAX (unit_x, unit_y);
  if (x + reach < 0 || x - reach > width || y + reach < 0 || y - reach > height)
    return;
  /* A point of the unit circle that turns by a fixed angle. */
  const double steps = CLAMP (2 * G_PI * reach / OUTLINE_STEP, 6, MAX_OUTLINE);
  const double turn = 2 * G_PI / floor (steps), c = cos (turn), s = sin (turn);
  const double ax = major * cos (angle) * unit_x, bx = -minor * sin (angle) * unit_x;
  const double ay = major * sin (angle) * unit_y, by = minor * cos (angle) * unit_y;
  double u = 1, v = 0;
  for (guint k = 0; k < (guint)steps; k++)
    {
      const double next = u * c - v * s;

      put_pixel (pixels, width, height, stride, x + ax * u + bx * v, y - ay * u - by * v, color);
      v = u * s + v * c;
      u = next;
    }
}

static void
paint_outlines (const WbScatterView *view, const WbFrame *frame, double scale, guint32 *pixels,
                gint width, gint height, gint stride)
{
  const WbScatterData *data = view->data;

  for (gsize i = 0; i < data->n; i++)
    {
      const GdkRGBA *color = label_color (data->label[i], view->scheme);
      const double alpha = stands_out (view, i) ? OUTLINE_OPACITY : FAINT_OPACITY / 2;

      paint_outline (view, frame, scale, i, premultiplied (color, alpha), pixels, width, height,
                     stride);
    }
}

/* ---- points ---- */

/* Pictures of one dot at each position within a pixel, premultiplied, side x side. */
typedef struct
{
  gint side;
  guint32 pixels[PHASES * PHASES][MAX_SIDE * MAX_SIDE];
} Dot;

static void
make_dot (Dot *dot, const GdkRGBA *color, double opacity, double radius)
{
  dot->side = (gint)MIN (MAX_SIDE, ceil (2 * radius) + 2);
  for (guint phase = 0; phase < PHASES * PHASES; phase++)
    {
      const guint row = phase / PHASES, column = phase % PHASES;
      cairo_surface_t *surface = cairo_image_surface_create_for_data (
          (guchar *)dot->pixels[phase], CAIRO_FORMAT_ARGB32, dot->side, dot->side, 4 * dot->side);
      cairo_t *cr = cairo_create (surface);

      cairo_arc (cr, (dot->side - 1) / 2.0 + (column + 0.5) / PHASES,
                 (dot->side - 1) / 2.0 + (row + 0.5) / PHASES, radius, 0, 2 * G_PI);
      wb_cairo_set_color (cr, color, opacity);
      cairo_fill (cr);
      cairo_destroy (cr);
      cairo_surface_destroy (surface);
    }
}

static void
put_dot (const Dot *dot, double x, double y, guint32 *pixels, gint width, gint height, gint stride)
{
  const gint column = (gint)floor (x), row = (gint)floor (y);
  const guint phase = (guint)((y - row) * PHASES) * PHASES + (guint)((x - column) * PHASES);
  const guint32 *source = dot->pixels[phase];
  const gint left = column - (dot->side - 1) / 2, top = row - (dot->side - 1) / 2;
  const gint x0 = MAX (0, -left), x1 = MIN (dot->side, width - left);
  const gint y0 = MAX (0, -top), y1 = MIN (dot->side, height - top);

  for (gint dy = y0; dy < y1; dy++)
    for (gint dx = x0; dx < x1; dx++)
      {
        const guint32 color = source[dy * dot->side + dx];
        guint32 *pixel = &pixels[(top + dy) * stride + left + dx];

        if (color != 0)
          *pixel = blend (color, *pixel);
      }
}

static void
paint_some (const WbScatterView *view, const WbFrame *frame, double scale, const Dot *dots,
            gboolean out, guint32 *pixels, gint width, gint height, gint stride)
{
  const WbScatterData *data = view->data;

  for (gsize i = 0; i < data->n; i++)
    {
      const double x = scale * wb_frame_x (frame, (double)data->xy[2 * i]);
      const double y = scale * wb_frame_y (frame, (double)data->xy[2 * i + 1]);
      const gint label = data->label[i];

      if (stands_out (view, i) != out || !(x > -MAX_SIDE && x < width + MAX_SIDE)
          || !(y > -MAX_SIDE && y < height + MAX_SIDE))
        continue;
      put_dot (&dots[label >= 0 ? label % WB_N_CLASSES : WB_N_CLASSES], x, y, pixels, width, height,
               stride);
    }
}

void
wb_scatter_paint_points (const WbScatterView *view, const WbFrame *frame, double scale,
                         cairo_surface_t *image)
{
  g_autofree Dot *dots = g_new0 (Dot, WB_N_CLASSES + 1);
  const gboolean all = view->only < 0 && view->chosen == NULL;
  guint32 *pixels = (guint32 *)(gpointer)cairo_image_surface_get_data (image);

  if (pixels == NULL)
    return; /* too large for cairo */
  cairo_surface_flush (image);
  if (view->clouds == WB_CLOUDS_ALL && view->data->spread != NULL)
    paint_outlines (view, frame, scale, pixels, cairo_image_surface_get_width (image),
                    cairo_image_surface_get_height (image),
                    cairo_image_surface_get_stride (image) / 4);
  cairo_surface_mark_dirty (image);
  for (gint out = all ? 1 : 0; out < 2; out++)
    {
      for (gint i = 0; i <= WB_N_CLASSES; i++)
        make_dot (&dots[i], label_color (i < WB_N_CLASSES ? i : -1, view->scheme),
                  out ? POINT_OPACITY : FAINT_OPACITY, scale * POINT_RADIUS);
      cairo_surface_flush (image);
      paint_some (view, frame, scale, dots, out, pixels, cairo_image_surface_get_width (image),
                  cairo_image_surface_get_height (image),
                  cairo_image_surface_get_stride (image) / 4);
      cairo_surface_mark_dirty (image);
      for (gint i = 0; i <= WB_N_CLASSES; i++)
        memset (dots[i].pixels, 0, sizeof dots[i].pixels);
    }
}

static void
draw_cloud (const WbScatterView *view, const WbFrame *frame, gsize i, gboolean filled, cairo_t *cr)
{
  const GdkRGBA *color = label_color (view->data->label[i], view->scheme);
  double angle, major, minor;

  if (!find_cloud (view->data, i, &angle, &major, &minor))
    return;
  cairo_save (cr);
  cairo_translate (cr, wb_frame_x (frame, (double)view->data->xy[2 * i]),
                   wb_frame_y (frame, (double)view->data->xy[2 * i + 1]));
  cairo_scale (cr, frame->width / (frame->x1 - frame->x0),
               -frame->height / (frame->y1 - frame->y0));
  cairo_rotate (cr, angle);
  cairo_scale (cr, major, minor);
  cairo_new_sub_path (cr);
  cairo_arc (cr, 0, 0, 1, 0, 2 * G_PI);
  cairo_restore (cr);
  if (filled)
    {
      wb_cairo_set_color (cr, color, 0.2);
      cairo_fill_preserve (cr);
    }
  wb_cairo_set_color (cr, color, filled ? 0.9 : OUTLINE_OPACITY);
  cairo_set_line_width (cr, filled ? 1.2 : 0.8);
  cairo_stroke (cr);
}

static void
clip_to_frame (const WbFrame *frame, cairo_t *cr)
{
  cairo_rectangle (cr, frame->left, frame->top, frame->width, frame->height);
  cairo_clip (cr);
}

void
wb_scatter_draw_points (const WbScatterView *view, const WbFrame *frame, cairo_t *cr)
{
  const WbScatterData *data = view->data;

  cairo_save (cr);
  clip_to_frame (frame, cr);
  for (gsize i = 0; view->clouds == WB_CLOUDS_ALL && data->spread != NULL && i < data->n; i++)
    if (stands_out (view, i))
      draw_cloud (view, frame, i, FALSE, cr);
  for (gsize i = 0; i < data->n; i++)
    {
      const double x = wb_frame_x (frame, (double)data->xy[2 * i]);
      const double y = wb_frame_y (frame, (double)data->xy[2 * i + 1]);

      if (!(x > 0 && x < frame->left + frame->width + MARGIN)
          || !(y > -MARGIN && y < frame->top + frame->height + MARGIN))
        continue;
      cairo_arc (cr, x, y, POINT_RADIUS, 0, 2 * G_PI);
      wb_cairo_set_color (cr, label_color (data->label[i], view->scheme),
                          stands_out (view, i) ? POINT_OPACITY : FAINT_OPACITY);
      cairo_fill (cr);
    }
  cairo_restore (cr);
}

/* ---- marks ---- */

static void
draw_clouds (const WbScatterView *view, const WbFrame *frame, cairo_t *cr)
{
  const WbScatterData *data = view->data;
  g_autofree guint *drawn = g_new0 (guint, data->n_classes + 1);

  if (view->clouds == WB_CLOUDS_FEW)
    for (gsize i = 0; i < data->n; i++)
      {
        const guint label = data->label[i] >= 0 ? (guint)data->label[i] : data->n_classes;

        if (label > data->n_classes || drawn[label] == CLOUDS_PER_CLASS || !stands_out (view, i))
          continue;
        drawn[label]++;
        draw_cloud (view, frame, i, TRUE, cr);
      }
  if (view->selected >= 0)
    draw_cloud (view, frame, (gsize)view->selected, TRUE, cr);
  if (view->hovered >= 0)
    draw_cloud (view, frame, (gsize)view->hovered, TRUE, cr);
}

static void
draw_ring (const WbScatterView *view, const WbFrame *frame, gsize i, double radius, double width,
           const GdkRGBA *color, cairo_t *cr)
{
  const float *xy = view->data->xy + 2 * i;

  if (!isfinite (xy[0]) || !isfinite (xy[1]))
    return;
  cairo_new_sub_path (cr);
  cairo_arc (cr, wb_frame_x (frame, (double)xy[0]), wb_frame_y (frame, (double)xy[1]), radius, 0,
             2 * G_PI);
  wb_cairo_set_color (cr, wb_color (WB_COLOR_CARD, view->scheme), 0.9);
  cairo_set_line_width (cr, width + 2);
  cairo_stroke_preserve (cr);
  wb_cairo_set_color (cr, color, 1);
  cairo_set_line_width (cr, width);
  cairo_stroke (cr);
}

static void
draw_name (const WbScatterView *view, const WbFrame *frame, guint label, const WbPoint *place,
           cairo_t *cr, PangoContext *context)
{
  const WbScatterData *data = view->data;
  g_autofree char *number = g_strdup_printf ("%u", label);
  g_autofree char *markup =
      g_markup_printf_escaped ("<b>%s</b>", data->names != NULL ? data->names[label] : number);
  const double text = wb_figure_text_width (context, markup);
  const double half = MAX (NAME_RADIUS, text / 2 + 7);
  /* Strips have their names at their beginning. */
  const WbPoint at = wb_scatter_keep_inside (frame, *place, half + 1, NAME_RADIUS + 1);
  const double left = data->equal ? at.x - half : frame->left + 4;
  const WbRect pill = { floor (left), floor (at.y - NAME_RADIUS), 2 * half, 2 * NAME_RADIUS };

  wb_figure_rounded (cr, &pill, NAME_RADIUS);
  wb_cairo_set_color (cr, wb_color (WB_COLOR_CARD, view->scheme), 0.94);
  cairo_fill_preserve (cr);
  wb_cairo_set_color (cr, wb_color_class (label, view->scheme), 1);
  cairo_set_line_width (cr, 2);
  cairo_stroke (cr);
  wb_figure_text (cr, context, markup, pill.x + half, pill.y + NAME_RADIUS, 0.5,
                  wb_color (WB_COLOR_TEXT, view->scheme));
}

static void
draw_names (const WbScatterView *view, const WbFrame *frame, cairo_t *cr, PangoContext *context)
{
  const WbScatterData *data = view->data;
  g_autofree WbPoint *places = NULL;

  if (data->n_classes > MAX_NAMES)
    return;
  places = wb_scatter_label_places (data, frame, 2 * NAME_RADIUS + 3);
  for (guint label = 0; label < data->n_classes; label++)
    if (isfinite (places[label].x) && (view->only < 0 || view->only == (gint)label))
      draw_name (view, frame, label, &places[label], cr, context);
}

void
wb_scatter_draw_marks (const WbScatterView *view, const WbFrame *frame, cairo_t *cr,
                       PangoContext *context)
{
  const WbScatterData *data = view->data;

  cairo_save (cr);
  clip_to_frame (frame, cr);
  if (data->spread != NULL)
    draw_clouds (view, frame, cr);
  draw_names (view, frame, cr, context);
  for (guint i = 0; view->selected >= 0 && i < view->n_neighbours; i++)
    draw_ring (view, frame, view->neighbours[i], 4, 1.5,
               label_color (data->label[view->neighbours[i]], view->scheme), cr);
  if (view->hovered >= 0)
    draw_ring (view, frame, (gsize)view->hovered, 5, 2,
               label_color (data->label[view->hovered], view->scheme), cr);
  if (view->selected >= 0)
    draw_ring (view, frame, (gsize)view->selected, 9, 2.5, wb_color (WB_COLOR_ACCENT, view->scheme),
               cr);
  cairo_restore (cr);
}
