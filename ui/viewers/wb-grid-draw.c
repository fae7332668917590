#include "diabolo-config.h"

#include "plots/wb-format.h"
#include "viewers/wb-grid-draw.h"
#include "viewers/wb-sample-choice.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define GAP 4
#define ROW_GAP 5
#define MAX_ROW_GAP 9 /* where there is more room than the pictures take */
#define LABEL_GAP 8
#define MIN_CELL 28
#define MAX_CELL 180
#define SCALE_WIDTH 64
#define SCALE_HEIGHT 8
#define DETAIL 88 /* side of an enlarged picture, smaller where there is little room */
#define MIN_DETAIL 44
#define DETAIL_GAP 6
#define PADDING 9

static const WbGridRow *
row_at (const WbGridPlan *plan, guint i)
{
  return &g_array_index (plan->rows, WbGridRow, i);
}

static double
row_height (const WbGridRow *row, double cell, double line)
{
  return row->kind == WB_GRID_CLASS ? line : floor (MAX (12, row->aspect * cell));
}

/* ---- layout ---- */

void
wb_grid_layout (const WbGridPlan *plan, PangoContext *context, double width, double height,
                guint wanted, WbGridLayout *layout)
{
  double line = wb_figure_line_height (context), labels, aspects = 0, rest, y = 1, gap = ROW_GAP;
  guint n_rows = MIN (plan->rows->len, WB_GRID_MAX_ROWS);

  *layout = (WbGridLayout){ .gap = GAP, .width = width };
  labels = wb_figure_text_width (context, _ ("Error"));
  rest = height - 2 * (line + ROW_GAP);
  for (guint i = 0; i < n_rows; i++)
    {
      const WbGridRow *row = row_at (plan, i);
      labels = MAX (labels, wb_figure_text_width (context, _ (row->title)));
      rest -= ROW_GAP + (row->kind == WB_GRID_CLASS ? line : 0);
      aspects += row->kind == WB_GRID_CLASS ? 0 : row->aspect;
    }
  layout->left = ceil (labels) + LABEL_GAP;
  layout->cell = floor (CLAMP (rest / MAX (aspects, 0.5), MIN_CELL, MAX_CELL));
  if (wanted > 0)
    {
      double shared = floor ((width - layout->left + GAP) / wanted - GAP);
      if (shared >= wb_figure_text_width (context, "0.000") + 2)
        layout->cell = MIN (layout->cell, shared);
    }
  layout->columns =
      (guint)CLAMP ((width - layout->left + GAP) / (layout->cell + GAP), 1, WB_GRID_MAX_COLUMNS);
  gap += CLAMP ((rest - aspects * layout->cell) / (n_rows + 1), 0, MAX_ROW_GAP - ROW_GAP);
  for (guint i = 0; i < n_rows; i++)
    {
      layout->y[i] = round (y);
      layout->height[i] = row_height (row_at (plan, i), layout->cell, line);
      y += layout->height[i] + gap;
    }
  layout->error_y = round (y + line / 2);
  layout->scale_y = round (layout->error_y + line + gap);
  layout->has_scale = layout->scale_y + line / 2 <= height;
}

static double
column_x (const WbGridLayout *layout, guint column)
{
  return layout->left + column * (layout->cell + layout->gap);
}

gint
wb_grid_layout_column_at (const WbGridLayout *layout, guint n, double x, double y)
{
  double column = floor ((x - layout->left + layout->gap / 2) / (layout->cell + layout->gap));

  if (column < 0 || column >= MIN (n, layout->columns) || y < 0 || y > layout->scale_y)
    return -1;
  return (gint)column;
}

/* ---- one cell ---- */

static void
draw_surface (cairo_t *cr, cairo_surface_t *surface, const WbRect *rect, gboolean smooth)
{
  wb_figure_rounded (cr, rect, 3);
  cairo_save (cr);
  cairo_clip (cr);
  wb_figure_picture (cr, surface, rect, smooth);
  cairo_restore (cr);
  cairo_surface_destroy (surface);
}

static void
draw_picture (const WbGridView *view, const WbGridRow *row, const float *values, gsize size,
              const WbRect *rect, cairo_t *cr)
{
  const gboolean inverted = view->inverted && row->channels == 1;

  draw_surface (cr,
                wb_figure_surface (values, row->width, row->height, row->channels, WB_PALETTE_GRAY,
                                   view->scheme, inverted ? row->white : row->black,
                                   inverted ? row->black : row->white),
                rect, TRUE);
}

static void
draw_cells (const WbGridView *view, const WbGridRow *row, const float *values, gsize size,
            const WbRect *rect, cairo_t *cr)
{
  gsize n = row->width * row->height;
  g_autofree float *padded = g_new0 (float, n);
  float low = 0, high = view->data->code_max;

  for (gsize i = 0; i < MIN (n, size); i++)
    {
      padded[i] = values[i];
      low = MIN (low, values[i]);
    }
  if (row->node != view->data->plan->code)
    wb_value_range (values, size, &low, &high);
  else if (low < 0)
    low = -high; /* codes of both signs: the middle colour is zero */
  draw_surface (cr,
                wb_figure_surface (padded, row->width, row->height, 1, WB_PALETTE_VIRIDIS,
                                   view->scheme, low, high),
                rect, FALSE);
}

static void
draw_signed (const WbGridView *view, const WbGridRow *row, const float *values, gsize size,
             const WbRect *rect, cairo_t *cr)
{
  float scale = view->data->difference_scale;
  WbRect edge = { rect->x + 0.5, rect->y + 0.5, rect->width - 1, rect->height - 1 };

  draw_surface (cr,
                wb_figure_surface (values, row->width, row->height, 1, WB_PALETTE_DIVERGING,
                                   view->scheme, -scale, scale),
                rect, TRUE);
  wb_figure_rounded (cr, &edge, 3);
  wb_cairo_set_color (cr, wb_color (WB_COLOR_LINE, view->scheme), 1);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
}

static void
draw_bars (const WbGridView *view, const WbGridRow *row, const float *values, gsize size,
           const WbRect *rect, cairo_t *cr)
{
  float low, high;
  double zero, unit, step = rect->width / size;

  wb_value_range (values, size, &low, &high);
  if (view->data->plan->classifies)
    high = MAX (high, 1);
  low = MIN (low, 0);
  high = MAX (high, MAX (0, low + 1e-6f)); /* bars begin at zero, wherever the values lie */
  if (row->node == 0)
    {
      high = view->data->difference_scale;
      low = -high;
    }
  unit = rect->height / (high - low);
  zero = rect->y + high * unit;
  wb_cairo_set_color (cr, wb_color (WB_COLOR_GRID, view->scheme), 1);
  cairo_rectangle (cr, rect->x, rect->y, rect->width, rect->height);
  cairo_fill (cr);
  for (int sign = -1; sign <= 1; sign += 2)
    {
      GdkRGBA color = *wb_color (WB_COLOR_BAR, view->scheme);

      if (row->node == 0)
        wb_palette_color (WB_PALETTE_DIVERGING, view->scheme, (float)(sign + 1) / 2, &color);
      wb_cairo_set_color (cr, &color, 1);
      for (gsize i = 0; i < size; i++)
        {
          double height = isfinite (values[i]) ? CLAMP (values[i], low, high) * unit : 0;
          if (height * sign > 0)
            cairo_rectangle (cr, rect->x + i * step, zero - MAX (height, 0),
                             MAX (step - 1, 0.5 * step), fabs (height));
        }
      cairo_fill (cr);
    }
}

typedef void (*CellFunc) (const WbGridView *view, const WbGridRow *row, const float *values,
                          gsize size, const WbRect *rect, cairo_t *cr);

/* Answers of a classifier are no cells but text: see draw_answers(). */
static const CellFunc cell_funcs[] = {
  [WB_GRID_PICTURE] = draw_picture, [WB_GRID_CELLS] = draw_cells, [WB_GRID_BARS] = draw_bars,
  [WB_GRID_SIGNED] = draw_signed,   [WB_GRID_CLASS] = NULL,
};

void
wb_grid_draw_cell (const WbGridView *view, const WbGridRow *row, guint sample, const WbRect *rect,
                   cairo_t *cr)
{
  gsize size;
  const float *values = wb_grid_data_values (view->data, row, sample, &size);

  if (values != NULL && cell_funcs[row->kind] != NULL)
    cell_funcs[row->kind](view, row, values, size, rect, cr);
}

void
wb_grid_draw_value (const WbGridRow *row, const float *values, WbScheme scheme, gboolean inverted,
                    const WbRect *rect, cairo_t *cr)
{
  const WbGridPlan plan = { .unit_range = TRUE };
  const WbGridData data = { .plan = &plan, .n = 1 };
  const WbGridView view = { .data = &data, .scheme = scheme, .inverted = inverted };

  cell_funcs[row->kind](&view, row, values, row->width * row->height * row->channels, rect, cr);
}

/* ---- text ---- */

char *
wb_grid_format_error (double error)
{
  if (!isfinite (error))
    return g_strdup ("–");
  if (error >= 0.0005 && error < 10)
    return g_strdup_printf ("%.3f", error);
  if (error >= 10)
    return g_strdup_printf (error < 100 ? "%.1f" : "%.0f", error);
  return g_strdup_printf ("%.0e", error);
}

/* Whether the answer is right, where that is known. */
static WbColor
answer_color (const WbGridData *data, guint sample)
{
  gint label = g_array_index (data->result->labels, gint, sample);
  float probability;

  if (label < 0)
    return WB_COLOR_TEXT;
  return (gint)wb_grid_data_predicted (data, sample, &probability) == label ? WB_COLOR_FINE
                                                                            : WB_COLOR_ERROR;
}

/* (transfer full) */
static char *
answer_markup (const WbGridData *data, guint sample)
{
  g_autofree char *text = wb_grid_data_answer (data, sample);

  return g_markup_escape_text (text, -1);
}

static void
draw_answers (const WbGridView *view, const WbGridLayout *layout, guint row, cairo_t *cr,
              PangoContext *context)
{
  const guint n = MIN (view->data->n, layout->columns);
  gboolean tight = FALSE;

  for (guint i = 0; i < n && !tight; i++)
    {
      g_autofree char *markup = answer_markup (view->data, i);
      tight = wb_figure_text_width (context, markup) + 4 > layout->cell + GAP;
    }
  for (guint i = 0; i < n; i++)
    {
      WbColor color = answer_color (view->data, i);
      g_autofree char *escaped = answer_markup (view->data, i);
      if (tight) /* where answers would touch, all go without the sign */
        *strrchr (escaped, ' ') = '\0';
      wb_figure_text (cr, context, escaped, column_x (layout, i) + layout->cell / 2,
                      layout->y[row] + layout->height[row] / 2, 0.5,
                      wb_color (color, view->scheme));
    }
}

static void
draw_errors (const WbGridView *view, const WbGridLayout *layout, cairo_t *cr, PangoContext *context)
{
  for (guint i = 0; i < MIN (view->data->n, layout->columns); i++)
    {
      gboolean worst = (gint)i == view->data->worst;
      g_autofree char *number = wb_grid_format_error (wb_grid_data_error (view->data, i));
      /* Where numbers would touch, ".131" says the same as "0.131". */
      const gboolean tight =
          wb_figure_text_width (context, "<b>0.000</b>") + 4 > layout->cell + GAP;
      const char *text = tight && g_str_has_prefix (number, "0.") ? number + 1 : number;
      g_autofree char *markup = worst ? g_strdup_printf ("<b>%s</b>", text) : g_strdup (text);
      wb_figure_text (cr, context, markup, column_x (layout, i) + layout->cell / 2, layout->error_y,
                      0.5, wb_color (worst ? WB_COLOR_TEXT : WB_COLOR_DIM, view->scheme));
    }
}

/* "−0.5 too dark [scale] too bright +0.5". Returns where it ends. */
static double
draw_difference_scale (const WbGridView *view, const WbGridLayout *layout, cairo_t *cr,
                       PangoContext *context)
{
  const GdkRGBA *dim = wb_color (WB_COLOR_DIM, view->scheme);
  const WbGridPlan *plan = view->data->plan;
  g_autofree char *number = wb_format_value (view->data->difference_scale);
  g_autofree char *low =
      g_strdup_printf ("−%s %s", number, plan->unit_range ? _ ("too dark") : _ ("too low"));
  g_autofree char *high =
      g_strdup_printf ("%s +%s", plan->unit_range ? _ ("too bright") : _ ("too high"), number);
  const double room = layout->width - layout->left - 14;
  double x = layout->left, width = SCALE_WIDTH;
  WbRect scale;

  if (wb_figure_text_width (context, low) + wb_figure_text_width (context, high) + width > room)
    {
      *strchr (low, ' ') = '\0'; /* the words go, the numbers stay, and the scale may get short */
      memmove (high, strchr (high, '+'), strlen (strchr (high, '+')) + 1);
      width =
          CLAMP (room - wb_figure_text_width (context, low) - wb_figure_text_width (context, high),
                 SCALE_WIDTH / 4.0, SCALE_WIDTH);
    }

  x += wb_figure_text (cr, context, low, x, layout->scale_y, 0, dim) + 7;
  scale = (WbRect){ x, layout->scale_y - SCALE_HEIGHT / 2.0, width, SCALE_HEIGHT };
  wb_figure_scale (cr, &scale, WB_PALETTE_DIVERGING, view->scheme);
  x += width + 7;
  return x + wb_figure_text (cr, context, high, x, layout->scale_y, 0, dim);
}

static void
draw_mean (const WbGridView *view, const WbGridLayout *layout, double left, cairo_t *cr,
           PangoContext *context)
{
  g_autofree char *count = wb_format_count ((gint64)view->n_whole);
  g_autofree char *mean = wb_format_loss (view->mean);
  g_autofree char *strong = g_strdup_printf ("<b>%s</b>", mean);
  g_autofree char *full = g_strdup_printf (_ ("mean of %s:"), count);
  const char *const texts[] = { full, _ ("mean:") }; /* the longest that fits */
  double end = column_x (layout, layout->columns) - layout->gap, taken;

  taken = wb_figure_text_width (context, strong) + 4;
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      double room = taken + wb_figure_text_width (context, texts[i]), right = end;
      if (right - room < left + 12)
        right = layout->width;
      if (right - room < left + 12)
        continue;
      wb_figure_text (cr, context, strong, right, layout->scale_y, 1,
                      wb_color (WB_COLOR_TEXT, view->scheme));
      wb_figure_text (cr, context, texts[i], right - taken, layout->scale_y, 1,
                      wb_color (WB_COLOR_DIM, view->scheme));
      return;
    }
}

/* ---- everything ---- */

/* A ring around the first row's cell of the sample that the whole window shows. */
static void
draw_selection (const WbGridView *view, const WbGridLayout *layout, cairo_t *cr)
{
  for (guint i = 0; i < MIN (view->data->n, layout->columns); i++)
    {
      WbRect ring = { column_x (layout, i) - 1, layout->y[0] - 1, layout->cell + 2,
                      layout->height[0] + 2 };
      if (g_array_index (view->data->result->samples, guint32, i) != view->selected)
        continue;
      wb_figure_rounded (cr, &ring, 4);
      wb_cairo_set_color (cr, wb_color (WB_COLOR_ACCENT, view->scheme), 1);
      cairo_set_line_width (cr, 2);
      cairo_stroke (cr);
    }
}

void
wb_grid_draw (const WbGridView *view, const WbGridLayout *layout, cairo_t *cr,
              PangoContext *context)
{
  const GdkRGBA *text = wb_color (WB_COLOR_TEXT, view->scheme);
  const WbGridPlan *plan = view->data->plan;
  double left = layout->left;

  for (guint i = 0; i < MIN (plan->rows->len, WB_GRID_MAX_ROWS); i++)
    {
      const WbGridRow *row = row_at (plan, i);
      wb_figure_text (cr, context, _ (row->title), 0, layout->y[i] + layout->height[i] / 2, 0,
                      text);
      for (guint column = 0; column < MIN (view->data->n, layout->columns); column++)
        {
          WbRect rect = { column_x (layout, column), layout->y[i], layout->cell,
                          layout->height[i] };
          wb_grid_draw_cell (view, row, column, &rect, cr);
        }
      if (row->kind == WB_GRID_CLASS)
        draw_answers (view, layout, i, cr, context);
    }
  wb_figure_text (cr, context, _ ("Error"), 0, layout->error_y, 0, text);
  draw_errors (view, layout, cr, context);
  draw_selection (view, layout, cr);
  if (!layout->has_scale)
    return;
  if (view->data->difference != NULL)
    left = draw_difference_scale (view, layout, cr, context);
  if (isfinite (view->mean))
    draw_mean (view, layout, left, cr, context);
}

static char *
detail_title (const WbGridView *view, guint column)
{
  const WbGridData *data = view->data;
  gint label = g_array_index (data->result->labels, gint, column);
  g_autofree char *name = wb_sample_class_name (data->plan->info, label);

  return name != NULL ? g_markup_printf_escaped ("<b>%s</b>", name) : g_strdup ("");
}

/* Pictures that a detail shows: everything but the code, which says nothing to the eye. */
static gboolean
in_detail (const WbGridPlan *plan, const WbGridRow *row)
{
  return row->kind != WB_GRID_CLASS && row->node != plan->code;
}

/* Beside the column, on the side where the card is larger, so that the sample itself stays visible.
 * side: of a picture. */
static WbRect
place_detail (const WbGridPlan *plan, const WbGridLayout *layout, guint column, double line,
              double width, double height, double *side)
{
  double left = column_x (layout, column) - 8, right = width - left - layout->cell - 16;
  guint n = 0;
  WbRect box;

  for (guint i = 0; i < plan->rows->len; i++)
    n += in_detail (plan, row_at (plan, i));
  *side = (MAX (left, right) - 2 * PADDING + DETAIL_GAP) / MAX (n, 1) - DETAIL_GAP;
  *side = floor (CLAMP (*side, MIN_DETAIL, DETAIL));
  box.width = MAX (n * (*side + DETAIL_GAP) - DETAIL_GAP, 2 * MIN_DETAIL) + 2 * PADDING;
  box.height = 2 * PADDING + *side + DETAIL_GAP + 2 * line;
  box.x = right >= box.width || right >= left ? width - right : MAX (0, left - box.width);
  box.y = CLAMP (layout->y[0], 0, MAX (0, height - box.height));
  return box;
}

void
wb_grid_draw_detail (const WbGridView *view, const WbGridLayout *layout, guint column, cairo_t *cr,
                     PangoContext *context, double width, double height)
{
  const WbGridData *data = view->data;
  const WbGridPlan *plan = data->plan;
  const GdkRGBA *text = wb_color (WB_COLOR_TEXT, view->scheme);
  const GdkRGBA *dim = wb_color (WB_COLOR_DIM, view->scheme);
  double line = wb_figure_line_height (context), side, x, y;
  WbRect box = place_detail (plan, layout, column, line, width, height, &side);
  g_autofree char *title = detail_title (view, column);
  g_autofree char *index = wb_format_count (g_array_index (data->result->samples, guint32, column));
  g_autofree char *which = g_strdup_printf (_ ("sample %s"), index);
  g_autofree char *error = wb_grid_format_error (wb_grid_data_error (data, column));
  g_autofree char *loss = g_strdup_printf (_ ("error %s"), error);

  wb_figure_card (cr, &box, view->scheme);
  x = box.x + PADDING;
  for (guint i = 0; i < plan->rows->len; i++)
    {
      const WbGridRow *row = row_at (plan, i);
      WbRect rect = { x, box.y + PADDING, MIN (side, side / row->aspect), 0 };
      if (!in_detail (plan, row))
        continue;
      rect.height = MIN (side, rect.width * row->aspect);
      wb_grid_draw_cell (view, row, column, &rect, cr);
      x += side + DETAIL_GAP;
    }
  y = box.y + PADDING + side + DETAIL_GAP + line / 2;
  wb_figure_text (cr, context, title, box.x + PADDING, y, 0, text);
  wb_figure_text (cr, context, which, box.x + box.width - PADDING, y, 1, dim);
  if (plan->classifies)
    {
      WbColor color = answer_color (data, column);
      g_autofree char *answer = wb_grid_data_answer (data, column);
      g_autofree char *escaped = g_markup_escape_text (answer, -1);
      wb_figure_text (cr, context, escaped, box.x + PADDING, y + line, 0,
                      wb_color (color, view->scheme));
    }
  wb_figure_text (cr, context, loss, box.x + box.width - PADDING, y + line, 1, dim);
}
