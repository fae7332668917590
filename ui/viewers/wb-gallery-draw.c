#include "diabolo-config.h"

#include "viewers/wb-gallery-draw.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "plots/wb-axis.h"
#include "plots/wb-format.h"
#include "plots/wb-plot-data.h"

#define PANEL_WIDTH 186
#define PANEL_GAP 16
#define MIN_AREA 190
#define MIN_CELL 22
#define MIN_CAPTION 32 /* width of a cell with words below it */
#define MAX_CELL 220
#define PLAIN_ASPECT 0.6 /* of bars and lines */
#define SCALE_WIDTH 64
#define SCALE_HEIGHT 8
#define CAPTION_GAP 6 /* at least, between name and value */
#define LINE_GAP 4
#define MIN_BESIDE 80
#define COURSE_LEAST 44
#define COURSE_MOST 120

/* ---- where things stand ---- */

static double
aspect_of (const WbGalleryData *data)
{
  if (data->kind == WB_GALLERY_BARS || data->kind == WB_GALLERY_LINES)
    return PLAIN_ASPECT;
  return CLAMP ((double)data->height / (double)data->width, 0.2, 5);
}

/* The number of columns with which the pictures become largest. Returns their width then. */
static double
find_columns (const WbGalleryData *data, WbGalleryLayout *layout)
{
  const WbRect *area = &layout->area;
  const double aspect = aspect_of (data);
  const guint n = data->result->n;
  double best = 0;

  for (guint c = 1; c <= n; c++)
    {
      const double rows = ceil ((double)n / c);
      const double wide = (area->width + layout->gap) / c - layout->gap;
      const double high =
          ((area->height + layout->gap) / rows - layout->gap - layout->caption) / aspect;

      if (MIN (wide, high) > best)
        {
          best = MIN (wide, high);
          layout->columns = c;
        }
    }
  return best;
}

static void
place_cells (const WbGalleryData *data, WbGalleryLayout *layout, guint at)
{
  const WbRect *area = &layout->area;
  double best;

  layout->gap = data->result->n > 36 ? 4 : 8;
  best = find_columns (data, layout);
  if (best < MIN_CAPTION) /* nothing could be read there: the pictures get the room */
    {
      layout->caption = 0;
      layout->gap = 4;
      best = find_columns (data, layout);
    }
  if (best < MIN_CELL)
    {
      best = MIN_CELL;
      layout->columns = (guint)MAX (1, (area->width + layout->gap) / (best + layout->gap));
    }
  layout->cell_width = floor (MIN (best, MAX_CELL));
  layout->height = MAX (4, round (layout->cell_width * aspect_of (data)));
  layout->rows = (guint)MAX (1, (area->height + layout->gap)
                                    / (layout->height + layout->caption + layout->gap));
  if (at >= layout->columns * layout->rows)
    layout->first = (at / layout->columns - layout->rows + 1) * layout->columns;
}

void
wb_gallery_layout (const WbGalleryData *data, PangoContext *context, double width, double height,
                   double foot, guint at, WbGalleryLayout *layout)
{
  const double line = wb_figure_line_height (context), below = MAX (foot, line + 2 * LINE_GAP);

  *layout = (WbGalleryLayout){ .area = { 1, 1, width - 1, MAX (8, height - below - LINE_GAP) },
                               .caption = line + 1,
                               .foot_y = round (height - below / 2) };
  if (width >= MIN_AREA + PANEL_GAP + PANEL_WIDTH)
    {
      layout->area.width -= PANEL_WIDTH + PANEL_GAP;
      layout->panel = (WbRect){ width - PANEL_WIDTH, 0, PANEL_WIDTH, height - below - LINE_GAP };
    }
  place_cells (data, layout, at);
}

WbRect
wb_gallery_layout_cell (const WbGalleryLayout *layout, guint cell)
{
  const guint row = (cell - layout->first) / layout->columns;
  const guint column = (cell - layout->first) % layout->columns;

  return (WbRect){ layout->area.x + column * (layout->cell_width + layout->gap),
                   layout->area.y + row * (layout->height + layout->caption + layout->gap),
                   layout->cell_width, layout->height + layout->caption };
}

gssize
wb_gallery_layout_cell_at (const WbGalleryLayout *layout, const WbGalleryData *data, double x,
                           double y)
{
  const double step_x = layout->cell_width + layout->gap;
  const double step_y = layout->height + layout->caption + layout->gap;
  const double column = floor ((x - layout->area.x + layout->gap / 2) / step_x);
  const double row = floor ((y - layout->area.y + layout->gap / 2) / step_y);

  if (column < 0 || row < 0 || column >= layout->columns || row >= layout->rows)
    return -1;
  const guint cell = layout->first + (guint)row * layout->columns + (guint)column;
  return cell < data->result->n ? (gssize)cell : -1;
}

/* ---- one picture ---- */

static void
draw_surface (const WbGalleryView *view, guint cell, const WbRect *rect, cairo_t *cr)
{
  const WbGalleryData *data = view->data;
  const gboolean smooth = rect->width < (double)data->width || rect->height < (double)data->height;
  cairo_surface_t *surface =
      wb_figure_surface (wb_gallery_data_picture (data, cell), data->width, data->height,
                         data->channels, data->palette, view->scheme, data->low, data->high);

  cairo_save (cr);
  wb_figure_rounded (cr, rect, MIN (3, rect->width / 8));
  cairo_clip (cr);
  wb_figure_picture (cr, surface, rect, smooth);
  cairo_restore (cr);
  cairo_surface_destroy (surface);
}

static double
height_of (const WbGalleryData *data, float value, const WbRect *rect)
{
  const double extent = (double)data->high - (double)data->low;
  const double part = extent > 0 ? ((double)value - (double)data->low) / extent : 0.5;

  return rect->y + (1 - CLAMP (part, 0, 1)) * rect->height;
}

static void
draw_ground (const WbGalleryView *view, const WbRect *rect, cairo_t *cr)
{
  const double zero = height_of (view->data, 0, rect);

  wb_figure_rounded (cr, rect, 3);
  wb_cairo_set_color (cr, wb_color (WB_COLOR_GRID, view->scheme), 1);
  cairo_fill (cr);
  wb_cairo_set_color (cr, wb_color (WB_COLOR_LINE, view->scheme), 1);
  cairo_rectangle (cr, rect->x, floor (zero), rect->width, 1);
  cairo_fill (cr);
}

static void
draw_bars (const WbGalleryView *view, guint cell, const WbRect *rect, cairo_t *cr)
{
  const WbGalleryData *data = view->data;
  const float *values = wb_gallery_data_picture (data, cell);
  const double pitch = rect->width / (double)data->width, gap = pitch > 3 ? 1 : 0;
  const double zero = height_of (data, 0, rect);

  draw_ground (view, rect, cr);
  wb_cairo_set_color (cr, wb_color (WB_COLOR_ACCENT, view->scheme), 1);
  for (gsize i = 0; i < data->width; i++)
    {
      const double y = height_of (data, values[i], rect);
      cairo_rectangle (cr, rect->x + (double)i * pitch, MIN (y, zero), pitch - gap,
                       MAX (fabs (y - zero), 0.5));
    }
  cairo_fill (cr);
}

static void
draw_lines (const WbGalleryView *view, guint cell, const WbRect *rect, cairo_t *cr)
{
  const WbGalleryData *data = view->data;
  const float *values = wb_gallery_data_picture (data, cell);

  draw_ground (view, rect, cr);
  cairo_set_line_width (cr, 1.5);
  for (gsize f = 0; f < data->height; f++)
    {
      for (gsize t = 0; t < data->width; t++)
        cairo_line_to (cr, rect->x + rect->width * (double)t / (double)MAX (data->width - 1, 1),
                       height_of (data, values[f * data->width + t], rect));
      wb_cairo_set_color (cr,
                          data->height > 1 ? wb_color_class ((guint)f, view->scheme)
                                           : wb_color (WB_COLOR_TRAIN, view->scheme),
                          1);
      cairo_stroke (cr);
    }
}

static void
draw_picture (const WbGalleryView *view, guint cell, const WbRect *rect, cairo_t *cr)
{
  switch (view->data->kind)
    {
    case WB_GALLERY_PICTURES:
    case WB_GALLERY_HEAT:
      draw_surface (view, cell, rect, cr);
      break;
    case WB_GALLERY_LINES:
      draw_lines (view, cell, rect, cr);
      break;
    case WB_GALLERY_BARS:
      draw_bars (view, cell, rect, cr);
      break;
    default:
      g_assert_not_reached ();
    }
}

/* The largest picture in room, from its top left. */
static WbRect
fit (const WbGalleryData *data, const WbRect *room)
{
  const double aspect = aspect_of (data), width = MIN (room->width, room->height / aspect);

  return (WbRect){ room->x, room->y, width, width * aspect };
}

/* ---- the cells ---- */

static char *
number_text (float value)
{
  g_autofree char *digits = isnan (value) ? NULL : wb_format_value (fabs ((double)value));

  if (digits == NULL)
    return g_strdup ("");
  return g_strdup_printf ("%s%s", value < 0 ? "−" : "", digits);
}

/* The name on the left, the activation on the right, with fewer digits rather than without the
 * name; where there is room for one, that one which changes. */
static void
draw_caption (const WbGalleryView *view, guint cell, const WbRect *rect, cairo_t *cr,
              PangoContext *context, double line)
{
  const WbGalleryData *data = view->data;
  const gboolean flat = data->result->flat[cell];
  const double y = rect->y + rect->height - line / 2;
  g_autofree char *name = g_markup_escape_text (data->names[cell], -1);
  g_autofree char *value = number_text (data->result->activation[cell]);
  const double name_room = wb_figure_text_width (context, name) + CAPTION_GAP;
  double value_width = wb_figure_text_width (context, value);
  const GdkRGBA *color = wb_color (flat ? WB_COLOR_WARNING : WB_COLOR_TEXT, view->scheme);

  if (name_room + value_width > rect->width)
    {
      g_free (value);
      value = number_text (roundf (data->result->activation[cell]));
      value_width = wb_figure_text_width (context, value);
    }
  if (name_room + value_width <= rect->width)
    wb_figure_text (cr, context, name, rect->x, y, 0, wb_color (WB_COLOR_DIM, view->scheme));
  else if (value_width > rect->width)
    return;
  wb_figure_text (cr, context, value, rect->x + rect->width, y, 1, color);
}

static void
draw_ring (const WbGalleryView *view, const WbGalleryLayout *layout, gssize cell, double opacity,
           const GdkRGBA *color, cairo_t *cr)
{
  const guint end = layout->first + layout->rows * layout->columns;

  if (cell < 0 || (guint)cell < layout->first || (guint)cell >= end || view->enlarged)
    return;
  WbRect rect = wb_gallery_layout_cell (layout, (guint)cell);
  rect = (WbRect){ rect.x - 1, rect.y - 1, rect.width + 2, layout->height + 2 };
  wb_figure_rounded (cr, &rect, 3);
  wb_cairo_set_color (cr, color, opacity);
  cairo_set_line_width (cr, 2);
  cairo_stroke (cr);
}

/* A white picture would not end on white paper. */
static void
draw_edge (const WbGalleryView *view, const WbRect *rect, cairo_t *cr)
{
  const WbRect edge = { rect->x + 0.5, rect->y + 0.5, rect->width - 1, rect->height - 1 };

  wb_figure_rounded (cr, &edge, MIN (3, rect->width / 8));
  wb_cairo_set_color (cr, wb_color (WB_COLOR_LINE, view->scheme), 1);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
}

static void
draw_cells (const WbGalleryView *view, const WbGalleryLayout *layout, cairo_t *cr,
            PangoContext *context)
{
  const guint n = view->data->result->n;
  const guint end = MIN (n, layout->first + layout->rows * layout->columns);

  for (guint i = layout->first; i < end; i++)
    {
      const WbRect rect = wb_gallery_layout_cell (layout, i);
      const WbRect picture = { rect.x, rect.y, rect.width, layout->height };

      draw_picture (view, i, &picture, cr);
      draw_edge (view, &picture, cr);
      if (layout->caption > 0)
        draw_caption (view, i, &rect, cr, context, layout->caption);
      if (view->marked != NULL && view->marked[i])
        draw_ring (view, layout, i, 0.55, wb_color (WB_COLOR_ACCENT, view->scheme), cr);
    }
}

/* ---- the foot ---- */

static void
draw_foot (const WbGalleryView *view, const WbGalleryLayout *layout, cairo_t *cr,
           PangoContext *context)
{
  const WbGalleryData *data = view->data;
  const guint done = data->result->n_steps;
  const GdkRGBA *dim = wb_color (WB_COLOR_DIM, view->scheme);
  const double y = layout->foot_y;
  double x = layout->area.x;

  g_autofree char *low = number_text (data->low), *high = number_text (data->high);
  if (data->kind == WB_GALLERY_LINES || data->kind == WB_GALLERY_BARS)
    {
      g_autofree char *range = g_strdup_printf (_ ("%s to %s"), low, high);
      x += wb_figure_text (cr, context, range, x, y, 0, dim) + 14;
    }
  else if (data->channels == 1)
    {
      x += wb_figure_text (cr, context, low, x, y, 0, dim) + 6;
      const WbRect bar = { x, round (y - SCALE_HEIGHT / 2.0), SCALE_WIDTH, SCALE_HEIGHT };
      wb_figure_scale (cr, &bar, data->palette, view->scheme);
      x += SCALE_WIDTH + 6;
      x += wb_figure_text (cr, context, high, x, y, 0, dim) + 14;
    }
  g_autofree char *whole = NULL, *brief = NULL;
  if (view->enlarged && view->selected >= 0)
    {
      g_autofree char *value = number_text (data->result->activation[view->selected]);
      whole = g_markup_printf_escaped ("%s: %s", data->names[view->selected], value);
      brief = g_strdup (value);
    }
  else
    {
      whole = g_strdup_printf (_ ("step %u of %u"), done, MAX (data->n_steps, done));
      brief = g_strdup_printf ("%u / %u", done, MAX (data->n_steps, done));
    }
  const char *texts[] = { whole, brief };
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    if (x + wb_figure_text_width (context, texts[i]) <= view->foot_end)
      {
        wb_figure_text (cr, context, texts[i], x, y, 0, dim);
        return;
      }
}

void
wb_gallery_draw (const WbGalleryView *view, const WbGalleryLayout *layout, cairo_t *cr,
                 PangoContext *context)
{
  if (view->enlarged && view->selected >= 0)
    {
      const WbRect rect = fit (view->data, &layout->area);
      draw_picture (view, (guint)view->selected, &rect, cr);
    }
  else
    draw_cells (view, layout, cr, context);
  draw_ring (view, layout, view->selected, 1, wb_color (WB_COLOR_ACCENT, view->scheme), cr);
  draw_foot (view, layout, cr, context);
}

/* ---- the panel ---- */

static void
course_range (const NnMaximiseResult *result, gssize cell, double *low, double *high)
{
  *low = INFINITY;
  *high = -INFINITY;
  for (guint p = 0; p < result->n_points; p++)
    for (guint i = 0; i < result->n; i++)
      if (cell < 0 || i == (guint)cell)
        {
          const double value = (double)result->course[p * result->n + i];
          *low = MIN (*low, value);
          *high = MAX (*high, value);
        }
  const double air = MAX (0.05 * (*high - *low), 1e-6);
  *low -= air;
  *high += air;
}

static void
stroke_course (const NnMaximiseResult *result, guint cell, const WbRect *rect, double low,
               double high, cairo_t *cr)
{
  const double last = (double)MAX (result->n_points - 1, 1);

  for (guint p = 0; p < result->n_points; p++)
    {
      const double value = (double)result->course[p * result->n + cell];
      cairo_line_to (cr, rect->x + rect->width * p / last,
                     rect->y + rect->height * (high - value) / (high - low));
    }
  cairo_stroke (cr);
}

/* How the activation has risen: of one cell, or faintly of all. */
static void
draw_course (const WbGalleryView *view, const WbRect *room, gssize cell, cairo_t *cr,
             PangoContext *context)
{
  const NnMaximiseResult *result = view->data->result;
  const GdkRGBA *dim = wb_color (WB_COLOR_DIM, view->scheme);
  const double line = wb_figure_line_height (context);
  double low, high, wide = 0;
  WbTicks ticks;

  if (result->n_points < 2 || room->height < COURSE_LEAST)
    return;
  course_range (result, cell, &low, &high);
  wb_axis_ticks (WB_AXIS_LINEAR, low, high, 4, &ticks);
  for (guint i = 0; i < ticks.n; i++)
    wide = MAX (wide, wb_figure_text_width (context, ticks.label[i]));
  const WbRect rect = { room->x + wide + 6, room->y + line / 2, room->width - wide - 6,
                        MIN (room->height, COURSE_MOST) - 1.5 * line - 2 };
  for (guint i = 0; i < ticks.n; i++)
    {
      const double y = rect.y + rect.height * (high - ticks.value[i]) / (high - low);
      wb_figure_text (cr, context, ticks.label[i], rect.x - 6, y, 1, dim);
      wb_cairo_set_color (cr, wb_color (WB_COLOR_GRID, view->scheme), 1);
      cairo_rectangle (cr, rect.x, round (y), rect.width, 1);
      cairo_fill (cr);
    }
  cairo_set_line_width (cr, cell < 0 ? 1 : 1.5);
  for (guint i = 0; i < result->n; i++)
    if (cell < 0 || i == (guint)cell)
      {
        wb_cairo_set_color (cr, wb_color (WB_COLOR_TRAIN, view->scheme), cell < 0 ? 0.45 : 1);
        stroke_course (result, i, &rect, low, high, cr);
      }
  g_autofree char *end =
      g_strdup_printf (_ ("step %u"), (result->n_points - 1) * result->stride + 1);
  wb_figure_text (cr, context, "1", rect.x, rect.y + rect.height + line / 2 + 2, 0, dim);
  wb_figure_text (cr, context, end, rect.x + rect.width, rect.y + rect.height + line / 2 + 2, 1,
                  dim);
}

static void
draw_head (const WbGalleryView *view, const WbRect *panel, gssize cell, double line, cairo_t *cr,
           PangoContext *context)
{
  const WbGalleryData *data = view->data;
  const NnMaximiseResult *result = data->result;
  g_autofree char *n_layer = wb_format_count (result->n_layer);
  g_autofree char *name = NULL, *note = NULL;

  if (cell < 0)
    {
      name = g_markup_printf_escaped ("<b>%s</b>", data->title);
      note = g_strdup_printf (
          g_dngettext (GETTEXT_PACKAGE, "%u of %s unit", "%u of %s units", result->n_layer),
          result->n, n_layer);
    }
  else
    {
      name = data->classes ? g_markup_printf_escaped (_ ("<b>Class %s</b>"), data->names[cell])
                           : g_markup_printf_escaped (_ ("<b>Unit %s</b>"), data->names[cell]);
      note = result->flat[cell] ? g_strdup (_ ("no slope to go up: it wanders"))
                                : g_markup_escape_text (data->title, -1);
    }
  wb_figure_text (cr, context, name, panel->x, panel->y + line / 2, 0,
                  wb_color (WB_COLOR_TEXT, view->scheme));
  wb_figure_text (
      cr, context, note, panel->x, panel->y + 1.5 * line, 0,
      wb_color (cell >= 0 && result->flat[cell] ? WB_COLOR_WARNING : WB_COLOR_DIM, view->scheme));
}

/* Where there is no panel, what is said stands beside the large picture, if there is room. */
static WbRect
beside_enlarged (const WbGalleryView *view, const WbGalleryLayout *layout)
{
  const WbRect picture = fit (view->data, &layout->area);
  const double x = picture.x + picture.width + PANEL_GAP;
  const double width = layout->area.x + layout->area.width - x;

  return (WbRect){ x, 0, width >= MIN_BESIDE ? MIN (width, PANEL_WIDTH) : 0, layout->area.height };
}

void
wb_gallery_draw_panel (const WbGalleryView *view, const WbGalleryLayout *layout, cairo_t *cr,
                       PangoContext *context)
{
  const gssize cell = view->hovered >= 0 ? view->hovered : view->selected;
  const double line = wb_figure_line_height (context) + 1;
  WbRect room = layout->panel;

  if (room.width <= 0 && view->enlarged)
    room = beside_enlarged (view, layout);
  if (view->hovered != view->selected)
    draw_ring (view, layout, view->hovered, 1, wb_color (WB_COLOR_DIM, view->scheme), cr);
  if (room.width <= 0)
    return;
  cairo_save (cr);
  cairo_rectangle (cr, room.x, room.y, room.width, room.height);
  cairo_clip (cr);
  draw_head (view, &room, cell, line, cr, context);
  room.y += 2 * line + LINE_GAP;
  room.height -= 2 * line + LINE_GAP;
  if (cell >= 0 && !view->enlarged)
    {
      const WbRect half = { room.x, room.y, room.width,
                            MIN (room.width, room.height - COURSE_LEAST - 2 * line) };
      const WbRect rect = fit (view->data, &half);
      if (rect.height >= MIN_CELL)
        {
          draw_picture (view, (guint)cell, &rect, cr);
          room.y += rect.height + 2 * LINE_GAP;
          room.height -= rect.height + 2 * LINE_GAP;
        }
    }
  draw_course (view, &room, cell, cr, context);
  cairo_restore (cr);
}
