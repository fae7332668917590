#include "diabolo-config.h"

#include "viewers/wb-board-draw.h"

#include "plots/wb-format.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define SCALE_WIDTH 64
#define SCALE_HEIGHT 8
#define STUB 2     /* height of the bar of a unit that never fires */
#define MIN_RING 4 /* smaller cells are marked by their bar alone */
#define HISTOGRAM 48
#define LINE_GAP 4
#define TABLE_LINES 6
#define MIN_PICTURE 16
#define FIRST_COLUMN 0.64 /* of the panel's width: right end of the first column of numbers */

/* ---- cells ---- */

static cairo_surface_t *
cell_surface (const WbBoardView *view, gsize cell)
{
  const WbBoardData *data = view->data;
  float low, high;

  wb_board_data_range (data, cell, &low, &high);
  return wb_figure_surface (wb_board_data_cell (data, cell), data->width, data->height,
                            data->channels, data->palette, view->scheme, low, high);
}

/* Small pictures of many values are smoothed: hard edges of half a pixel would flicker. */
static void
draw_surface (cairo_t *cr, cairo_surface_t *surface, const WbRect *rect, double radius)
{
  const gboolean smooth = rect->width < cairo_image_surface_get_width (surface)
                          || rect->height < cairo_image_surface_get_height (surface);

  cairo_save (cr);
  wb_figure_rounded (cr, rect, radius);
  cairo_clip (cr);
  wb_figure_picture (cr, surface, rect, smooth);
  cairo_restore (cr);
  cairo_surface_destroy (surface);
}

static void
stroke_rect (cairo_t *cr, const WbRect *rect, double grow, double width, const GdkRGBA *color)
{
  const WbRect edge = { rect->x - grow, rect->y - grow, rect->width + 2 * grow,
                        rect->height + 2 * grow };

  wb_figure_rounded (cr, &edge, MIN (3, rect->height / 3));
  wb_cairo_set_color (cr, color, 1);
  cairo_set_line_width (cr, width);
  cairo_stroke (cr);
}

static void
draw_maps (const WbBoardView *view, const WbBoardLayout *layout, cairo_t *cr)
{
  const WbBoardData *data = view->data;
  const gsize end = MIN (data->n, layout->first + layout->rows * layout->columns);

  for (gsize i = layout->first; i < end; i++)
    {
      const WbRect rect = wb_board_layout_cell (layout, data, i);

      draw_surface (cr, cell_surface (view, i), &rect, MIN (3, rect.width / 8));
      if (wb_board_data_is_dead (data, i))
        stroke_rect (cr, &rect, -0.75, 1.5, wb_color (WB_COLOR_WARNING, view->scheme));
      else if (data->palette == WB_PALETTE_DIVERGING || data->channels > 1)
        stroke_rect (cr, &rect, -0.5, 1, wb_color (WB_COLOR_LINE, view->scheme));
    }
}

/* All cells as one picture of single values; what is left of a last line of units stays empty. */
static cairo_surface_t *
whole_surface (const WbBoardView *view, const WbBoardLayout *layout)
{
  const WbBoardData *data = view->data;
  const gboolean upright = data->kind == WB_BOARD_COLUMNS;
  const gsize columns = data->kind == WB_BOARD_ROWS ? data->width : layout->columns;
  cairo_surface_t *surface = cairo_image_surface_create (
      CAIRO_FORMAT_ARGB32, (int)columns, (int)(upright ? data->width : layout->rows));
  guint8 *pixels = cairo_image_surface_get_data (surface);
  const int stride = cairo_image_surface_get_stride (surface);

  for (gsize i = 0; pixels != NULL && i < data->n * data->width; i++)
    {
      const gsize x = upright ? i / data->width : i % columns;
      const gsize y = upright ? i % data->width : i / columns;
      guint32 *row = (guint32 *)(gpointer)(pixels + y * (gsize)stride);
      float low, high;

      wb_board_data_range (data, i / data->width, &low, &high);
      row[x] = wb_palette_argb (data->palette, view->scheme,
                                high > low ? (data->values[i] - low) / (high - low) : 0);
    }
  cairo_surface_mark_dirty (surface);
  return surface;
}

static void
draw_bars (const WbBoardView *view, const WbBoardLayout *layout, cairo_t *cr)
{
  const WbBoardData *data = view->data;
  const WbRect *bars = &layout->bars;
  const float low = MIN (data->whole.min, 0), high = MAX (data->whole.max, 0);
  const double scale = high > low ? bars->height / (double)(high - low) : 0;
  const double zero = bars->y + high * scale, gap = layout->pitch > 3 ? 1 : 0;

  for (gsize i = 0; i < data->n; i++)
    {
      const gboolean dead = wb_board_data_is_dead (data, i);
      const double value = isfinite (data->values[i]) ? data->values[i] * scale : 0;
      const double height = dead ? STUB : fabs (value);

      wb_cairo_set_color (cr, wb_color (dead ? WB_COLOR_WARNING : WB_COLOR_ACCENT, view->scheme),
                          1);
      cairo_rectangle (cr, bars->x + (double)i * layout->pitch, value < 0 ? zero : zero - height,
                       layout->pitch - gap, height);
      cairo_fill (cr);
    }
  wb_cairo_set_color (cr, wb_color (WB_COLOR_LINE, view->scheme), 1);
  cairo_rectangle (cr, bars->x, floor (zero), (double)data->n * layout->pitch, 1);
  cairo_fill (cr);
}

static void
draw_ring (const WbBoardView *view, const WbBoardLayout *layout, gssize cell, cairo_t *cr,
           const GdkRGBA *color)
{
  const WbBoardData *data = view->data;
  const gsize end = layout->first + layout->rows * layout->columns;
  WbRect rect;

  if (cell < 0 || (gsize)cell < layout->first || (gsize)cell >= end || view->enlarged)
    return;
  rect = wb_board_layout_cell (layout, data, (gsize)cell);
  if (rect.height >= MIN_RING)
    stroke_rect (cr, &rect, 1, 2, color);
  if (layout->bars.width > 0)
    {
      const WbRect bar = { layout->bars.x + (double)cell * layout->pitch, layout->bars.y,
                           MAX (layout->pitch, 1), layout->bars.height };
      wb_cairo_set_color (cr, color, 0.18);
      cairo_rectangle (cr, bar.x, bar.y, bar.width, bar.height);
      cairo_fill (cr);
    }
}

/* ---- the scale ---- */

static char *
number_text (double value)
{
  g_autofree char *digits = wb_format_value (fabs (value));

  return g_strdup_printf ("%s%s", value < 0 ? "−" : "", digits);
}

/* The finding, in as many words as there is room for from x on. */
static void
draw_note (const WbBoardView *view, const WbBoardLayout *layout, double x, cairo_t *cr,
           PangoContext *context)
{
  const double room = layout->area.x + layout->area.width - x;
  const char *notes[] = { view->data->note, view->data->short_note };

  for (guint i = 0; i < G_N_ELEMENTS (notes); i++)
    {
      g_autofree char *escaped = notes[i] != NULL ? g_markup_escape_text (notes[i], -1) : NULL;
      g_autofree char *bold = g_strdup_printf ("<b>%s</b>", escaped != NULL ? escaped : "");

      if (escaped == NULL || wb_figure_text_width (context, bold) > room)
        continue;
      wb_figure_text (cr, context, bold, layout->area.x + layout->area.width, layout->scale_y, 1,
                      wb_color (WB_COLOR_WARNING, view->scheme));
      return;
    }
}

static void
draw_scale (const WbBoardView *view, const WbBoardLayout *layout, cairo_t *cr,
            PangoContext *context)
{
  const WbBoardData *data = view->data;
  const gboolean own = !data->common && data->kind != WB_BOARD_UNITS;
  const GdkRGBA *dim = wb_color (WB_COLOR_DIM, view->scheme);
  g_autofree char *begin = NULL, *end = NULL;
  float low, high;
  WbRect bar = { 0, round (layout->scale_y - SCALE_HEIGHT / 2.0), SCALE_WIDTH, SCALE_HEIGHT };

  wb_board_data_range (data, 0, &low, &high);
  begin = own ? g_strdup (_ ("its lowest")) : number_text (low);
  end = own ? g_strdup (_ ("its highest")) : number_text (high);
  bar.x = layout->area.x
          + wb_figure_text (cr, context, begin, layout->area.x, layout->scale_y, 0, dim) + 6;
  wb_figure_scale (cr, &bar, data->palette, view->scheme);
  bar.x += SCALE_WIDTH + 6;
  bar.x += wb_figure_text (cr, context, end, bar.x, layout->scale_y, 0, dim) + 14;
  draw_note (view, layout, bar.x, cr, context);
}

static void
draw_enlarged (const WbBoardView *view, const WbBoardLayout *layout, cairo_t *cr)
{
  const WbBoardData *data = view->data;
  const WbRect *area = &layout->area;
  const double scale = MIN (area->width / (double)data->width, area->height / (double)data->height);
  const WbRect rect = { area->x, area->y, scale * (double)data->width,
                        scale * (double)data->height };

  draw_surface (cr, cell_surface (view, (gsize)view->selected), &rect, 4);
}

void
wb_board_draw (const WbBoardView *view, const WbBoardLayout *layout, cairo_t *cr,
               PangoContext *context)
{
  const WbBoardData *data = view->data;

  if (view->enlarged && view->selected >= 0 && data->kind == WB_BOARD_MAPS)
    draw_enlarged (view, layout, cr);
  else if (data->kind == WB_BOARD_MAPS)
    draw_maps (view, layout, cr);
  else
    {
      const WbRect rect = { layout->left, layout->top, layout->cell_width * (double)layout->columns,
                            layout->cell_height * (double)layout->rows };

      if (layout->bars.width > 0)
        draw_bars (view, layout, cr);
      draw_surface (cr, whole_surface (view, layout), &rect, 3);
    }
  draw_ring (view, layout, view->selected, cr, wb_color (WB_COLOR_ACCENT, view->scheme));
  draw_scale (view, layout, cr, context);
}

/* ---- the panel ---- */

static void
draw_histogram (const WbBoardView *view, const WbRect *rect, gssize marked, cairo_t *cr)
{
  const WbBoardData *data = view->data;
  const double pitch = rect->width / WB_BOARD_BINS;
  guint most = 1;

  for (guint i = 0; i < WB_BOARD_BINS; i++)
    most = MAX (most, data->bins[i]);
  wb_cairo_set_color (cr, wb_color (WB_COLOR_BAR, view->scheme), 1);
  for (guint i = 0; i < WB_BOARD_BINS; i++)
    {
      double height = rect->height * data->bins[i] / most;

      height = data->bins[i] > 0 ? MAX (height, 1) : 0;
      cairo_rectangle (cr, rect->x + i * pitch, rect->y + rect->height - height, pitch - 1, height);
    }
  cairo_fill (cr);
  wb_cairo_set_color (cr, wb_color (WB_COLOR_LINE, view->scheme), 1);
  cairo_rectangle (cr, rect->x, floor (rect->y + rect->height), rect->width, 1);
  cairo_fill (cr);
  if (marked >= 0 && data->whole.max > data->whole.min)
    {
      const double part =
          (data->values[marked] - data->whole.min) / (data->whole.max - data->whole.min);

      wb_cairo_set_color (cr, wb_color (WB_COLOR_ACCENT, view->scheme), 1);
      cairo_rectangle (cr, rect->x + CLAMP (part, 0, 1) * rect->width - 1, rect->y, 2,
                       rect->height);
      cairo_fill (cr);
    }
}

static char *
statistic_text (const NnStatistics *s, guint row)
{
  switch (row)
    {
    case 0:
      return number_text (s->min);
    case 1:
      return number_text (s->max);
    case 2:
      return number_text (s->mean);
    case 3:
      return number_text (s->deviation);
    default:
      return wb_format_percent (s->zero);
    }
}

/* A course over the steps: what a row is when it is enlarged. */
static void
draw_course (const WbBoardView *view, gsize cell, const WbRect *rect, cairo_t *cr)
{
  const WbBoardData *data = view->data;
  const float *values = wb_board_data_cell (data, cell);
  const double extent = (double)data->whole.max - data->whole.min;

  for (gsize i = 0; i < data->width; i++)
    {
      const double part = extent > 0 ? (values[i] - data->whole.min) / extent : 0;
      const double x = rect->x + rect->width * (double)i / (double)MAX (data->width - 1, 1);

      cairo_line_to (cr, x, rect->y + (1 - CLAMP (part, 0, 1)) * rect->height);
    }
  wb_cairo_set_color (cr, wb_color (WB_COLOR_TRAIN, view->scheme), 1);
  cairo_set_line_width (cr, 1.5);
  cairo_stroke (cr);
}

static void
draw_table (const WbBoardView *view, const WbRect *rect, gssize cell, double line, cairo_t *cr,
            PangoContext *context)
{
  static const char *const names[] = { N_ ("min"), N_ ("max"), N_ ("mean"), N_ ("deviation"),
                                       N_ ("zero") };
  const WbBoardData *data = view->data;
  const GdkRGBA *text = wb_color (WB_COLOR_TEXT, view->scheme);
  const GdkRGBA *dim = wb_color (WB_COLOR_DIM, view->scheme);
  const NnStatistics *batch = cell >= 0 && data->batch != NULL ? &data->batch[cell] : NULL;
  /* A single value is in the title. */
  const NnStatistics *here = cell < 0 ? &data->whole
                             : data->kind == WB_BOARD_UNITS && data->batch != NULL
                                 ? NULL
                                 : &data->cells[cell];
  const double right = rect->x + rect->width;
  const double first = batch != NULL ? rect->x + FIRST_COLUMN * rect->width : right;
  double y = rect->y + line / 2;

  if (batch != NULL)
    {
      g_autofree char *over = g_strdup_printf (
          g_dngettext (GETTEXT_PACKAGE, "%u sample", "all %u", data->n_batch), data->n_batch);
      wb_figure_text (cr, context, over, right, y, 1, dim);
    }
  if (here != NULL && data->here != NULL)
    wb_figure_text (cr, context, data->here, first, y, 1, dim);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *value = here != NULL ? statistic_text (here, i) : NULL;
      g_autofree char *over = batch != NULL ? statistic_text (batch, i) : NULL;

      y += line;
      wb_figure_text (cr, context, _ (names[i]), rect->x, y, 0, dim);
      if (value != NULL)
        wb_figure_text (cr, context, value, first, y, 1, text);
      if (over != NULL)
        wb_figure_text (cr, context, over, right, y, 1, text);
    }
}

static char *
title_text (const WbBoardData *data, gssize cell)
{
  if (cell < 0)
    return g_strdup (data->title != NULL ? data->title : "");
  g_autofree char *title = wb_board_data_cell_title (data, (gsize)cell);
  if (data->kind != WB_BOARD_UNITS || wb_board_data_is_dead (data, (gsize)cell))
    return g_steal_pointer (&title);
  g_autofree char *value = number_text (data->values[cell]);
  return g_strdup_printf ("%s: %s", title, value);
}

static void
draw_title (const WbBoardView *view, const WbRect *panel, gssize cell, double line, cairo_t *cr,
            PangoContext *context)
{
  const WbBoardData *data = view->data;
  g_autofree char *plain = title_text (data, cell);
  g_autofree char *escaped = g_markup_escape_text (plain, -1);
  g_autofree char *bold = g_strdup_printf ("<b>%s</b>", escaped);

  wb_figure_text (cr, context, bold, panel->x, panel->y + line / 2, 0,
                  wb_color (WB_COLOR_TEXT, view->scheme));
  if (cell >= 0 && wb_board_data_is_dead (data, (gsize)cell))
    wb_figure_text (cr, context, _ ("never fires"), panel->x + panel->width, panel->y + line / 2, 1,
                    wb_color (WB_COLOR_WARNING, view->scheme));
}

/* Returns the height taken. */
static double
draw_panel_picture (const WbBoardView *view, const WbRect *panel, double top, double room,
                    gssize cell, cairo_t *cr)
{
  const WbBoardData *data = view->data;
  WbRect picture = { panel->x, top, panel->width, MIN (HISTOGRAM, room) };

  if (room < MIN_PICTURE)
    return 0;
  if (cell >= 0 && data->kind == WB_BOARD_MAPS)
    {
      const double scale = MIN (panel->width / (double)data->width, room / (double)data->height);

      picture.width = scale * (double)data->width;
      picture.height = scale * (double)data->height;
      draw_surface (cr, cell_surface (view, (gsize)cell), &picture, 3);
    }
  else if (cell >= 0 && data->kind != WB_BOARD_UNITS && data->width > 1)
    draw_course (view, (gsize)cell, &picture, cr);
  else
    draw_histogram (view, &picture, cell, cr);
  return picture.height;
}

void
wb_board_draw_panel (const WbBoardView *view, const WbBoardLayout *layout, cairo_t *cr,
                     PangoContext *context)
{
  const WbBoardData *data = view->data;
  const double line = wb_figure_line_height (context) + 1;
  const gssize cell = view->hovered >= 0 ? view->hovered : view->selected;
  WbRect card, panel = wb_board_layout_panel (layout, data, (gsize)MAX (cell, 0), &card);
  const double top = panel.y + line + LINE_GAP;
  const double room = panel.y + panel.height - top - LINE_GAP - TABLE_LINES * line;

  draw_ring (view, layout, view->hovered != view->selected ? view->hovered : -1, cr,
             wb_color (WB_COLOR_DIM, view->scheme));
  if (layout->floating && cell < 0)
    return;
  if (layout->floating)
    wb_figure_card (cr, &card, view->scheme);
  draw_title (view, &panel, cell, line, cr, context);
  panel.y = top + draw_panel_picture (view, &panel, top, room, cell, cr) + LINE_GAP;
  draw_table (view, &panel, cell, line, cr, context);
}

char *
wb_board_describe (const WbBoardData *data, gssize cell)
{
  const NnStatistics *s = cell >= 0 ? &data->cells[cell] : &data->whole;
  g_autofree char *min = number_text (s->min), *max = number_text (s->max),
                  *mean = number_text (s->mean), *zero = wb_format_percent (s->zero);
  g_autofree char *which = title_text (data, cell);
  g_autofree char *note = data->note != NULL ? g_strdup_printf (". %s", data->note) : g_strdup ("");

  return g_strdup_printf (
      _ ("%s: min %s, max %s, mean %s, %s zero%s%s"), which, min, max, mean, zero,
      cell >= 0 && wb_board_data_is_dead (data, (gsize)cell) ? _ (", never fires") : "", note);
}
