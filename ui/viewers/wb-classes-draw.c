#include "diabolo-config.h"

#include "data/nn-scaling.h"
#include "plots/wb-format.h"
#include "viewers/wb-classes-draw.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define MIN_CELL 3
#define MAX_CELL_WIDTH 92
#define MAX_CELL_HEIGHT 46
#define MAX_NAME 84 /* longer names are cut off */
#define GAP 8
#define SECTION_GAP 22
#define MIN_LIST 120
#define MIN_CURVE 140
#define MAX_CURVE 300
#define PICTURE 44
#define SMALL_PICTURE 32
#define CELL_INSET 2   /* that a number leaves free in its cell */
#define BELOW_WIDTH 84 /* text that is wider stands beside the picture */
#define TILE_GAP 6
#define SCALE_WIDTH 64
#define SCALE_HEIGHT 8

static const char *const score_titles[WB_CLASSES_N_SCORES] = { "F1", N_ ("Precision"),
                                                               N_ ("Recall"), N_ ("Samples") };

/* ---- layout ---- */

static double
names_width (const WbClassesView *view, PangoContext *context)
{
  const WbClassesData *data = view->data;
  double widest = 0;

  for (guint i = 0; i < data->table->n_classes; i++)
    {
      g_autofree char *name = g_markup_escape_text (data->names[i], -1);
      widest = MAX (widest, wb_figure_text_width (context, name));
    }
  return MIN (ceil (widest), MAX_NAME);
}

static double
score_width (PangoContext *context, guint i)
{
  return ceil (MAX (wb_figure_text_width (context, _ (score_titles[i])),
                    wb_figure_text_width (context, "<b>0.000</b>")))
         + 14;
}

static double
scores_width (PangoContext *context, guint n)
{
  double width = 0;

  for (guint i = 0; i < n; i++)
    width += score_width (context, i);
  return width;
}

/* The narrowest cell that can be read: it holds all samples of a class, small, where the classes
 * are not too many. */
static double
least_cell (const WbClassesView *view, PangoContext *context)
{
  const guint n = view->data->table->n_classes;
  double width = 20;

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *number = wb_format_count (view->data->totals[i]);
      g_autofree char *markup = g_strdup_printf ("<small>%s</small>", number);
      width = MAX (width, ceil (wb_figure_text_width (context, markup)) + CELL_INSET);
    }
  return width <= 320.0 / n ? width : MIN (20, 240.0 / n);
}

/* Cells in width x height, header and footer taken off. */
static void
place_matrix (const WbClassesView *view, PangoContext *context, double width, double height,
              WbClassesLayout *layout)
{
  const double names = names_width (view, context), line = layout->line;
  const double number = wb_figure_text_width (context, "0,000") + 8;
  const double room = width - names - GAP;
  double header;

  layout->left = names + GAP;
  layout->cell_width = floor (CLAMP (room / layout->n, MIN_CELL, MAX_CELL_WIDTH));
  layout->upright = names + 4 > layout->cell_width;
  header = layout->upright ? names + 4 : line;
  layout->top = line + header + 2;
  layout->cell_height =
      floor (CLAMP ((height - layout->top - 2 * line - 12) / layout->n, MIN_CELL, MAX_CELL_HEIGHT));
  /* Not far from square, yet wide enough for numbers where there is room. */
  layout->cell_width = MIN (layout->cell_width, MAX (2 * layout->cell_height, number));
  layout->mean_y = layout->top + layout->n * layout->cell_height + 4 + line / 2;
  layout->scale_y = layout->mean_y + line + 4;
}

static double
matrix_right (const WbClassesLayout *layout)
{
  return layout->left + layout->n * layout->cell_width;
}

/* Returns the right edge of everything so far. */
static double
place_scores (PangoContext *context, WbClassesLayout *layout)
{
  double x = matrix_right (layout);

  for (guint i = 0; i < layout->n_scores; i++)
    {
      x += score_width (context, i);
      layout->score_x[i] = x;
    }
  return x;
}

static void
place_tiles (const WbClassesView *view, PangoContext *context, WbClassesLayout *layout)
{
  const WbClassesData *data = view->data;
  double widest = wb_figure_text_width (context, "0→0 100 %"), answer = 0, side;

  for (guint i = 0; i < MIN (data->samples->len, 24); i++)
    {
      g_autofree char *text =
          wb_classes_sample_text (data, g_array_index (data->samples, guint32, i));
      g_autofree char *escaped = g_markup_escape_text (text, -1);
      widest = MAX (widest, wb_figure_text_width (context, escaped));
      *strrchr (escaped, ',') = '\0';
      answer = MAX (answer, wb_figure_text_width (context, escaped));
    }
  layout->beside = widest > BELOW_WIDTH;
  side = layout->beside ? SMALL_PICTURE : PICTURE;
  layout->picture =
      (WbRect){ layout->beside ? 0 : floor ((MAX (widest, side) - side) / 2), 0, side, side };
  layout->tile_width = layout->beside ? side + 6 + ceil (answer) : ceil (MAX (widest, side));
  layout->tile_height = layout->beside ? side : side + layout->line + 1;
  layout->columns =
      (guint)MAX (1, (layout->list.width + TILE_GAP) / (layout->tile_width + TILE_GAP));
  layout->rows = (guint)MAX (0, (layout->list.height - layout->line - 4 + TILE_GAP)
                                    / (layout->tile_height + TILE_GAP));
}

/* Curve and samples share what the matrix leaves. */
static void
place_rest (const WbClassesView *view, PangoContext *context, WbRect rest, WbClassesLayout *layout)
{
  if (view->data->curve != NULL && rest.width >= MIN_CURVE)
    {
      const gboolean both = rest.width >= MIN_CURVE + SECTION_GAP + MIN_LIST;
      const double width = both ? CLAMP (0.55 * rest.width, MIN_CURVE, MAX_CURVE) : rest.width;

      layout->curve = (WbRect){ rest.x, rest.y, MIN (width, MAX_CURVE), MIN (rest.height, 240) };
      rest.x += width + SECTION_GAP;
      rest.width -= width + SECTION_GAP;
    }
  if (rest.width >= MIN_LIST)
    layout->list = rest;
  place_tiles (view, context, layout);
}

void
wb_classes_layout (const WbClassesView *view, PangoContext *context, double width, double height,
                   WbClassesLayout *layout)
{
  const gboolean stacked = height > 1.1 * width;
  const double other = view->data->curve != NULL ? MIN_CURVE : MIN_LIST;
  double below = stacked ? floor (0.4 * height) : 0, side = 0, end;

  *layout =
      (WbClassesLayout){ .width = width, .height = height, .n = view->data->table->n_classes };
  layout->line = wb_figure_line_height (context);
  if (!stacked)
    side = MAX (other + SECTION_GAP, 0.3 * width);
  /* The smallest matrix that can be read, then what stands beside it as far as there is room. */
  const double least = names_width (view, context) + GAP + layout->n * least_cell (view, context);
  if (width - side < least)
    side = 0;
  layout->n_scores = WB_CLASSES_N_SCORES;
  while (layout->n_scores > 0 && width - side - scores_width (context, layout->n_scores) < least)
    layout->n_scores--;
  place_matrix (view, context, width - side - scores_width (context, layout->n_scores),
                height - below, layout);
  end = place_scores (context, layout);
  if (stacked)
    {
      const double y = layout->scale_y + layout->line + 8;
      place_rest (view, context, (WbRect){ 0, y, width, height - y }, layout);
    }
  else if (side > 0)
    place_rest (view, context, (WbRect){ end + SECTION_GAP, 0, width - end - SECTION_GAP, height },
                layout);
  /* Beside two classes there is often no room for samples, but below. */
  const double used = MAX (layout->scale_y + layout->line, layout->curve.y + layout->curve.height);
  if (!stacked && layout->list.width <= 0 && height - used - GAP >= MIN_LIST)
    {
      layout->list = (WbRect){ 0, used + GAP, width, height - used - GAP };
      place_tiles (view, context, layout);
    }
}

gboolean
wb_classes_cell_at (const WbClassesLayout *layout, double x, double y, gint *truth, gint *predicted)
{
  const double column = floor ((x - layout->left) / layout->cell_width);
  const double row = floor ((y - layout->top) / layout->cell_height);

  if (column < 0 || column >= layout->n || row < 0 || row >= layout->n)
    return FALSE;
  *truth = (gint)row;
  *predicted = (gint)column;
  return TRUE;
}

static WbRect
tile_rect (const WbClassesLayout *layout, guint i)
{
  const guint column = i % layout->columns, row = i / layout->columns;

  return (WbRect){ layout->list.x + column * (layout->tile_width + TILE_GAP),
                   layout->list.y + layout->line + 4 + row * (layout->tile_height + TILE_GAP),
                   layout->tile_width, layout->tile_height };
}

static guint
n_tiles (const WbClassesView *view, const WbClassesLayout *layout)
{
  return layout->list.width > 0 ? MIN (view->data->samples->len, layout->columns * layout->rows)
                                : 0;
}

gint
wb_classes_sample_at (const WbClassesView *view, const WbClassesLayout *layout, double x, double y)
{
  for (guint i = 0; i < n_tiles (view, layout); i++)
    {
      const WbRect tile = tile_rect (layout, i);

      if (x >= tile.x && x < tile.x + tile.width && y >= tile.y && y < tile.y + tile.height)
        return (gint)i;
    }
  return -1;
}

/* The curve's own drawing area, below its title. */
static WbRect
curve_inside (const WbClassesLayout *layout)
{
  WbRect inside = layout->curve;

  inside.y += layout->line + 2;
  inside.height -= layout->line + 2;
  return inside;
}

double
wb_classes_threshold_at (const WbClassesView *view, const WbClassesLayout *layout, double x,
                         double y)
{
  const WbRect inside = curve_inside (layout);
  WbPlotLayout plot;
  double best = NAN, distance = INFINITY, recall;

  if (layout->curve.width <= 0 || x < inside.x || x > inside.x + inside.width || y < inside.y
      || y > inside.y + inside.height)
    return NAN;
  PangoContext *context = wb_figure_context ();
  wb_plot_layout (view->data->curve, context, inside.width, inside.height, 0, 1, &plot);
  g_object_unref (context);
  recall = wb_frame_value_at_x (&plot.frame, x - inside.x);
  for (guint i = 0; i < view->data->points->len; i++)
    {
      const NnRecallPoint *point = &g_array_index (view->data->points, NnRecallPoint, i);

      if (fabs (point->recall - recall) < distance)
        {
          distance = fabs (point->recall - recall);
          best = point->threshold;
        }
    }
  return best;
}

/* ---- the matrix ---- */

static void
cell_color (const WbClassesView *view, double share, GdkRGBA *color)
{
  const GdkRGBA *low = wb_color (WB_COLOR_VIEWER, view->scheme);
  const GdkRGBA *high = wb_color (WB_COLOR_ACCENT, view->scheme);
  const GdkRGBA *tint = wb_color (WB_COLOR_GRID, view->scheme);
  /* A few mistakes among many samples should still be seen. */
  const float at = (float)sqrt (CLAMP (share, 0, 1));

  if (view->viridis)
    {
      wb_palette_color (WB_PALETTE_VIRIDIS, view->scheme, at, color);
      return;
    }
  /* Nothing is a little off the page, so that empty cells are seen and no count is paler. */
  color->red = (1 - at) * (low->red + tint->alpha * (tint->red - low->red)) + at * high->red;
  color->green =
      (1 - at) * (low->green + tint->alpha * (tint->green - low->green)) + at * high->green;
  color->blue = (1 - at) * (low->blue + tint->alpha * (tint->blue - low->blue)) + at * high->blue;
  color->alpha = 1;
}

/* Black or white, whichever is read more easily: W3C's relative luminance, about. */
static GdkRGBA
text_on (const GdkRGBA *ground)
{
  const float light = 0.2126f * powf (ground->red, 2.2f) + 0.7152f * powf (ground->green, 2.2f)
                      + 0.0722f * powf (ground->blue, 2.2f);

  return light > 0.25f ? (GdkRGBA){ 0, 0, 0, 1 } : (GdkRGBA){ 1, 1, 1, 1 };
}

static char *
cell_number (const WbClassesView *view, guint count, guint total)
{
  const double percent = total > 0 ? 100.0 * count / total : 0;

  if (count == 0)
    return g_strdup ("");
  if (!view->shares)
    return wb_format_count (count);
  return g_strdup_printf (percent < 9.95 ? "%.1f" : "%.0f", percent);
}

/* The number in the largest of two sizes that fits; nothing where neither does. */
static void
draw_number (cairo_t *cr, PangoContext *context, const char *number, const WbRect *cell,
             gboolean strong, const GdkRGBA *color)
{
  for (gboolean small = FALSE; small <= TRUE; small++)
    {
      const char *tag = small ? "small" : strong ? "b" : "span";
      g_autofree char *markup = g_strdup_printf ("<%s>%s</%s>", tag, number, tag);

      if (wb_figure_text_width (context, markup) > cell->width - CELL_INSET)
        continue;
      wb_figure_text (cr, context, markup, cell->x + cell->width / 2, cell->y + cell->height / 2,
                      0.5, color);
      return;
    }
}

static WbRect
cell_rect (const WbClassesLayout *layout, guint truth, guint predicted)
{
  return (WbRect){ layout->left + predicted * layout->cell_width,
                   layout->top + truth * layout->cell_height, layout->cell_width,
                   layout->cell_height };
}

static void
draw_cells (const WbClassesView *view, const WbClassesLayout *layout, cairo_t *cr,
            PangoContext *context)
{
  const WbClassesData *data = view->data;
  const gboolean numbers = layout->cell_height >= 0.8 * layout->line;
  const double gap = layout->cell_width > 8 && layout->cell_height > 8 ? 1 : 0;

  for (guint t = 0; t < layout->n; t++)
    for (guint p = 0; p < layout->n; p++)
      {
        const guint count = data->counts[t * (gsize)layout->n + p];
        const WbRect cell = cell_rect (layout, t, p);
        g_autofree char *number = cell_number (view, count, data->totals[t]);
        GdkRGBA ground, text;

        cell_color (view, data->totals[t] > 0 ? (double)count / data->totals[t] : 0, &ground);
        wb_cairo_set_color (cr, &ground, 1);
        cairo_rectangle (cr, cell.x, cell.y, cell.width - gap, cell.height - gap);
        cairo_fill (cr);
        text = text_on (&ground);
        if (numbers && *number != '\0')
          draw_number (cr, context, number, &cell, t == p, &text);
      }
}

static void
draw_cell_ring (const WbClassesView *view, const WbClassesLayout *layout, cairo_t *cr)
{
  const WbClassesData *data = view->data;
  WbRect ring;

  if (data->truth < 0)
    return;
  ring = cell_rect (layout, (guint)data->truth, (guint)data->predicted);
  ring = (WbRect){ ring.x - 1.5, ring.y - 1.5, ring.width + 2, ring.height + 2 };
  wb_figure_rounded (cr, &ring, 3);
  wb_cairo_set_color (cr, wb_color (WB_COLOR_VALIDATION, view->scheme), 1);
  cairo_set_line_width (cr, 2);
  cairo_stroke (cr);
}

/* Text in at most width pixels. */
static void
draw_clipped (cairo_t *cr, PangoContext *context, const char *text, double x, double y,
              double x_align, double width, const GdkRGBA *color)
{
  g_autofree char *escaped = g_markup_escape_text (text, -1);
  const gboolean fits = wb_figure_text_width (context, escaped) <= width;
  const double left = x - x_align * width;

  cairo_save (cr);
  cairo_rectangle (cr, left, y - 40, width, 80);
  cairo_clip (cr);
  wb_figure_text (cr, context, escaped, fits ? x : left, y, fits ? x_align : 0, color);
  cairo_restore (cr);
}

static void
draw_names (const WbClassesView *view, const WbClassesLayout *layout, cairo_t *cr,
            PangoContext *context)
{
  const GdkRGBA *text = wb_color (WB_COLOR_TEXT, view->scheme);
  const double names = layout->left - GAP;
  const guint row_step = (guint)ceil (0.9 * layout->line / layout->cell_height);
  const guint column_step =
      layout->upright ? (guint)ceil (0.9 * layout->line / layout->cell_width) : 1;

  wb_figure_text (cr, context, _ ("true ↓  predicted →"), 0, layout->line / 2, 0,
                  wb_color (WB_COLOR_DIM, view->scheme));
  for (guint i = 0; i < layout->n; i++)
    {
      const WbRect cell = cell_rect (layout, i, i);

      if (i % row_step == 0)
        draw_clipped (cr, context, view->data->names[i], names, cell.y + cell.height / 2, 1, names,
                      text);
      if (i % column_step != 0)
        continue;
      if (!layout->upright)
        {
          draw_clipped (cr, context, view->data->names[i], cell.x + cell.width / 2,
                        layout->top - layout->line / 2 - 2, 0.5, cell.width, text);
          continue;
        }
      cairo_save (cr);
      cairo_translate (cr, cell.x + cell.width / 2, layout->top - 4);
      cairo_rotate (cr, -G_PI_2);
      draw_clipped (cr, context, view->data->names[i], 0, 0, 0, names, text);
      cairo_restore (cr);
    }
}

static void
draw_score_row (const WbClassesView *view, const WbClassesLayout *layout, const NnClassScore *score,
                double y, gboolean strong, cairo_t *cr, PangoContext *context)
{
  const double values[] = { score->f1, score->precision, score->recall };
  g_autofree char *count = wb_format_count (score->n);
  const GdkRGBA *text = wb_color (WB_COLOR_TEXT, view->scheme);

  for (guint i = 0; i < MIN (G_N_ELEMENTS (values), layout->n_scores); i++)
    {
      g_autofree char *number = g_strdup_printf (strong ? "<b>%.3f</b>" : "%.3f", values[i]);
      wb_figure_text (cr, context, number, layout->score_x[i], y, 1, text);
    }
  if (layout->n_scores == WB_CLASSES_N_SCORES)
    wb_figure_text (cr, context, count, layout->score_x[WB_CLASSES_N_SCORES - 1], y, 1,
                    wb_color (WB_COLOR_DIM, view->scheme));
}

static void
draw_scores (const WbClassesView *view, const WbClassesLayout *layout, cairo_t *cr,
             PangoContext *context)
{
  const WbClassesData *data = view->data;
  const guint step = (guint)ceil (0.9 * layout->line / layout->cell_height);

  for (guint i = 0; i < layout->n_scores; i++)
    wb_figure_text (cr, context, _ (score_titles[i]), layout->score_x[i],
                    layout->top - layout->line / 2 - 2, 1, wb_color (WB_COLOR_DIM, view->scheme));
  for (guint i = 0; i < layout->n; i += step)
    {
      const WbRect cell = cell_rect (layout, i, 0);
      draw_score_row (view, layout, &data->scores[i], cell.y + cell.height / 2, FALSE, cr, context);
    }
  draw_score_row (view, layout, &data->mean, layout->mean_y, TRUE, cr, context);
}

/* "0 % [scale] 100 % of the true class" */
static void
draw_foot (const WbClassesView *view, const WbClassesLayout *layout, cairo_t *cr,
           PangoContext *context)
{
  const GdkRGBA *dim = wb_color (WB_COLOR_DIM, view->scheme);
  g_autofree char *share = wb_format_share (view->data->accuracy);
  /* Translators: "<b>99.8 %</b> right". */
  g_autofree char *accuracy = g_strdup_printf (_ ("<b>%s</b> right"), share);
  double x = layout->left;

  wb_figure_text (cr, context, accuracy, x, layout->mean_y, 0,
                  wb_color (WB_COLOR_TEXT, view->scheme));
  if (layout->n_scores > 0)
    {
      const double end = layout->score_x[0] - wb_figure_text_width (context, "<b>0.000</b>") - 8;
      const double room = wb_figure_text_width (context, accuracy) + 12;
      if (end - room - wb_figure_text_width (context, _ ("mean")) > x)
        wb_figure_text (cr, context, _ ("mean"), end, layout->mean_y, 1, dim);
    }
  /* Of two classes the second is what one looks for. */
  if (layout->n == 2 && layout->n_scores == 0)
    {
      const NnClassScore *score = &view->data->scores[1];
      g_autofree char *text = g_markup_printf_escaped (_ ("precision %.3f, recall %.3f"),
                                                       score->precision, score->recall);

      wb_figure_text (cr, context, text, 0, layout->scale_y, 0, dim);
      return;
    }
  x += wb_figure_text (cr, context, "0", x, layout->scale_y, 0, dim) + 6;
  for (guint i = 0; i < SCALE_WIDTH; i++)
    {
      GdkRGBA color;
      cell_color (view, (double)i / (SCALE_WIDTH - 1), &color);
      wb_cairo_set_color (cr, &color, 1);
      cairo_rectangle (cr, x + i, layout->scale_y - SCALE_HEIGHT / 2.0, 1, SCALE_HEIGHT);
      cairo_fill (cr);
    }
  x += SCALE_WIDTH + 6;
  const char *const ends[] = { view->shares ? _ ("100 % of the true class; numbers in %")
                                            : _ ("100 % of the true class"),
                               _ ("100 %") };
  const double beside = layout->curve.width > 0 ? layout->curve.x : layout->list.x;
  const double right = beside > x ? beside - GAP : layout->width;
  const gboolean fits = x + wb_figure_text_width (context, ends[0]) <= right;
  wb_figure_text (cr, context, ends[fits ? 0 : 1], x, layout->scale_y, 0, dim);
}

/* ---- beside it ---- */

static void
draw_curve (const WbClassesView *view, const WbClassesLayout *layout, cairo_t *cr,
            PangoContext *context)
{
  const WbClassesData *data = view->data;
  const WbRect inside = curve_inside (layout);
  g_autofree char *title = g_markup_printf_escaped (_ ("<b>Precision</b> of “%s”"), data->names[1]);
  g_autofree char *average = g_strdup_printf (_ ("average %.3f"), data->average);
  WbPlotLayout plot;

  wb_figure_text (cr, context, title, inside.x, layout->curve.y + layout->line / 2, 0,
                  wb_color (WB_COLOR_TEXT, view->scheme));
  if (isfinite (data->average)
      && wb_figure_text_width (context, title) + wb_figure_text_width (context, average) + 10
             <= inside.width)
    wb_figure_text (cr, context, average, inside.x + inside.width,
                    layout->curve.y + layout->line / 2, 1, wb_color (WB_COLOR_DIM, view->scheme));
  cairo_save (cr);
  cairo_translate (cr, inside.x, inside.y);
  wb_plot_layout (data->curve, context, inside.width, inside.height, 0, 1, &plot);
  wb_plot_draw (data->curve, &plot, cr, context, view->scheme);
  cairo_restore (cr);
}

static void
draw_sample (const WbClassesView *view, guint32 sample, const WbRect *rect, cairo_t *cr)
{
  const NnField *field = &nn_dataset_info (view->dataset)->fields[view->field];
  const NnShape *shape = &field->shape;
  const gsize size = (gsize)nn_shape_size (shape);
  const gboolean is_image = shape->rank == 3 && (shape->dim[2] == 1 || shape->dim[2] == 3);
  g_autofree float *values = g_new (float, size);
  cairo_surface_t *surface;
  float low, high;

  nn_data_info_pixel_range (nn_dataset_info (view->dataset), shape, &low, &high);
  nn_dataset_read (view->dataset, view->part, view->field, &sample, 1, nn_kernels_best (), values);
  if (!is_image)
    wb_value_range (values, size, &low, &high);
  surface =
      is_image
          ? wb_figure_surface (values, (gsize)shape->dim[1], (gsize)shape->dim[0],
                               (gsize)shape->dim[2], WB_PALETTE_GRAY, view->scheme, low, high)
          : wb_figure_surface (values, size, 1, 1, WB_PALETTE_VIRIDIS, view->scheme, low, high);
  cairo_save (cr);
  wb_figure_rounded (cr, rect, 3);
  cairo_clip (cr);
  wb_figure_picture (cr, surface, rect, is_image);
  cairo_restore (cr);
  cairo_surface_destroy (surface);
}

static void
draw_tile (const WbClassesView *view, const WbClassesLayout *layout, guint i, cairo_t *cr,
           PangoContext *context)
{
  const WbClassesData *data = view->data;
  const guint32 sample = g_array_index (data->samples, guint32, i);
  const WbRect tile = tile_rect (layout, i);
  const WbRect picture = { tile.x + layout->picture.x, tile.y, layout->picture.width,
                           layout->picture.height };
  const gboolean right =
      nn_classes_predicted (data->table, sample, data->threshold) == data->table->truth[sample];
  g_autofree char *text = wb_classes_sample_text (data, sample);
  const GdkRGBA *color;

  if (view->dataset != NULL && sample < nn_dataset_n_samples (view->dataset, view->part))
    draw_sample (view, sample, &picture, cr);
  if (sample == view->selected)
    {
      const WbRect ring = { picture.x - 1, picture.y - 1, picture.width + 2, picture.height + 2 };
      wb_figure_rounded (cr, &ring, 4);
      wb_cairo_set_color (cr, wb_color (WB_COLOR_ACCENT, view->scheme), 1);
      cairo_set_line_width (cr, 2);
      cairo_stroke (cr);
    }
  color = wb_color (right ? WB_COLOR_FINE : WB_COLOR_ERROR, view->scheme);
  if (!layout->beside)
    {
      draw_clipped (cr, context, text, tile.x + tile.width / 2,
                    tile.y + picture.height + 1 + layout->line / 2, 0.5, tile.width + TILE_GAP,
                    color);
      return;
    }
  /* The answer, and below it how sure the network is. */
  char *sure = strrchr (text, ',');
  const double x = tile.x + picture.width + 6, width = tile.width - picture.width - 6;
  *sure = '\0';
  draw_clipped (cr, context, text, x, tile.y + tile.height / 2 - layout->line / 2, 0, width, color);
  draw_clipped (cr, context, sure + 2, x, tile.y + tile.height / 2 + layout->line / 2, 0, width,
                wb_color (WB_COLOR_DIM, view->scheme));
}

/* "Worst of 312 mistakes", "4 read as 9: 13 samples" */
static char *
list_title (const WbClassesData *data)
{
  g_autofree char *count = wb_format_count (data->n_in_cell);

  if (data->truth < 0 && data->n_in_cell == 0)
    return g_strdup (_ ("<b>No mistakes</b>"));
  if (data->truth < 0)
    return g_strdup_printf (_ ("<b>Worst</b> of %s mistakes"), count);
  return g_markup_printf_escaped (_ ("<b>%s → %s</b>: %s samples"), data->names[data->truth],
                                  data->names[data->predicted], count);
}

void
wb_classes_draw (const WbClassesView *view, const WbClassesLayout *layout, cairo_t *cr,
                 PangoContext *context)
{
  draw_cells (view, layout, cr, context);
  draw_names (view, layout, cr, context);
  draw_foot (view, layout, cr, context);
  if (layout->n_scores > 0)
    draw_scores (view, layout, cr, context);
  draw_cell_ring (view, layout, cr);
  if (layout->curve.width > 0)
    draw_curve (view, layout, cr, context);
  if (layout->list.width <= 0)
    return;
  g_autofree char *title = list_title (view->data);
  if (wb_figure_text_width (context, title) > layout->list.width)
    *strrchr (title, ' ') = '\0';
  wb_figure_text (cr, context, title, layout->list.x, layout->list.y + layout->line / 2, 0,
                  wb_color (WB_COLOR_TEXT, view->scheme));
  for (guint i = 0; i < n_tiles (view, layout); i++)
    draw_tile (view, layout, i, cr, context);
}
