#include "diabolo-config.h"

#include "viewers/wb-histograms-draw.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "plots/wb-axis.h"
#include "plots/wb-format.h"

#define MIN_BESIDE 190 /* a narrower map stands below the one before */
#define COLUMN_GAP 18
#define ROW_GAP 5
#define LABEL_GAP 6
#define SCALE_WIDTH 64
#define SCALE_HEIGHT 8
#define LEAST 1e-4     /* share that the palette begins with; it ends with all */
#define GAP_FACTOR 4   /* so many times the usual distance: nobody looked in between */
#define Y_TICK_ROOM 28 /* pixels from one to the next, at least */
#define Y_TICKS 7
#define X_TICKS 6

static const char *const names[NN_N_SPREADS] = {
  [NN_SPREAD_WEIGHTS] = N_ ("Weights"),
  [NN_SPREAD_GRADIENTS] = N_ ("Gradients"),
  [NN_SPREAD_ACTIVATIONS] = N_ ("Activations"),
};

/* ---- where things stand ---- */

static void
find_times (const NnHistogramsResult *result, double *begin, double *end)
{
  *begin = INFINITY;
  *end = -INFINITY;
  for (guint i = 0; i < NN_N_SPREADS; i++)
    if (result->spread[i] != NULL && result->spread[i]->n_rows > 0)
      {
        const NnHistogramView *view = result->spread[i];
        *begin = MIN (*begin, view->time[0]);
        *end = MAX (*end, view->time[view->n_rows - 1]);
      }
  if (!(*begin <= *end))
    *begin = *end = 0;
}

static void
y_ticks (const NnHistogramView *view, double height, WbTicks *ticks)
{
  wb_axis_ticks (WB_AXIS_LINEAR, view->low, MAX (view->high, view->low + 1e-9),
                 (guint)CLAMP (height / Y_TICK_ROOM, 3, Y_TICKS), ticks);
  for (guint i = 0; i < ticks->n; i++)
    if (fabs (ticks->value[i]) < 1e-3 * (view->high - view->low))
      g_strlcpy (ticks->label[i], "0", sizeof ticks->label[i]);
}

static double
labels_width (const NnHistogramView *view, double height, PangoContext *context)
{
  double width = 0;
  WbTicks ticks;

  if (view == NULL)
    return 0;
  y_ticks (view, height, &ticks);
  for (guint i = 0; i < ticks.n; i++)
    width = MAX (width, wb_figure_text_width (context, ticks.label[i]));
  return width + LABEL_GAP;
}

void
wb_histograms_layout (const NnHistogramsResult *result, PangoContext *context, double width,
                      double height, WbHistogramsLayout *layout)
{
  const double line = wb_figure_line_height (context) + 1;
  const double below = 2 * line + 6;
  const double beside = (width - (NN_N_SPREADS - 1) * COLUMN_GAP) / NN_N_SPREADS;
  double margin = 0;

  *layout = (WbHistogramsLayout){ .stacked = beside < MIN_BESIDE,
                                  .axis_y = round (height - below + line / 2 + 2),
                                  .foot_y = round (height - line / 2 - 1) };
  find_times (result, &layout->begin, &layout->end);
  const double each = (height - below - (NN_N_SPREADS - 1) * ROW_GAP) / NN_N_SPREADS;
  const double high = MAX ((layout->stacked ? each : height - below) - line - 1, 4);
  for (guint i = 0; i < NN_N_SPREADS; i++)
    margin = MAX (margin, labels_width (result->spread[i], high, context));
  for (guint i = 0; i < NN_N_SPREADS; i++)
    {
      const double x = layout->stacked ? 0 : i * (beside + COLUMN_GAP);
      const double y = layout->stacked ? i * (each + ROW_GAP) : 0;
      const double wide = layout->stacked ? width : beside;

      if (!layout->stacked)
        margin = labels_width (result->spread[i], high, context);
      layout->title[i] = (WbRect){ x, y, wide, line };
      layout->heat[i] = (WbRect){ x + margin, y + line + 1, MAX (wide - margin - 1, 4), high };
    }
}

static double
x_of (const WbHistogramsLayout *layout, const WbRect *heat, double time)
{
  const double extent = layout->end - layout->begin;

  return heat->x + (extent > 0 ? (time - layout->begin) / extent * heat->width : 0);
}

static double
y_of (const NnHistogramView *view, const WbRect *heat, double value)
{
  return heat->y + heat->height * (view->high - value) / (view->high - view->low);
}

guint
wb_histograms_row (const NnHistogramView *view, double time)
{
  guint row = 0;

  while (row + 1 < view->n_rows && view->time[row + 1] <= time)
    row++;
  return row;
}

gboolean
wb_histograms_cursor_at (const NnHistogramsResult *result, const WbHistogramsLayout *layout,
                         double x, double y, WbHistogramsCursor *cursor)
{
  for (guint i = 0; i < NN_N_SPREADS; i++)
    {
      const NnHistogramView *view = result->spread[i];
      const WbRect *heat = &layout->heat[i];

      if (view == NULL || x < heat->x || x > heat->x + heat->width || y < heat->y
          || y > heat->y + heat->height)
        continue;
      cursor->active = TRUE;
      cursor->spread = (gint)i;
      cursor->time = layout->begin + (layout->end - layout->begin) * (x - heat->x) / heat->width;
      cursor->value = view->high - (view->high - view->low) * (y - heat->y) / heat->height;
      return TRUE;
    }
  return FALSE;
}

/* ---- the maps ---- */

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  const double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

/* The usual time between two histograms. */
static double
usual_distance (const NnHistogramView *view)
{
  const guint n = view->n_rows - 1;
  g_autofree double *distance = g_new (double, n + 1);

  if (n == 0)
    return INFINITY;
  for (guint i = 0; i < n; i++)
    distance[i] = view->time[i + 1] - view->time[i];
  qsort (distance, n, sizeof *distance, compare_doubles);
  return distance[n / 2];
}

static float
position_of (float share)
{
  return share > 0 ? (float)(1 - log ((double)share) / log (LEAST)) : 0;
}

/* One column of pixels a column of the picture; where nobody looked it stays empty. */
static cairo_surface_t *
heat_surface (const NnHistogramView *view, const WbHistogramsLayout *layout, guint width,
              WbScheme scheme)
{
  cairo_surface_t *surface =
      cairo_image_surface_create (CAIRO_FORMAT_ARGB32, (int)width, (int)view->n_bins);
  guint8 *pixels = cairo_image_surface_get_data (surface);
  const gsize stride = (gsize)cairo_image_surface_get_stride (surface);
  const double usual = usual_distance (view);

  for (guint x = 0; pixels != NULL && x < width; x++)
    {
      const double time = layout->begin + (layout->end - layout->begin) * (x + 0.5) / (double)width;
      const guint row = wb_histograms_row (view, time);

      if (view->n_rows > 1 && (time < view->time[0] || time - view->time[row] > GAP_FACTOR * usual))
        continue;
      for (guint b = 0; b < view->n_bins; b++)
        {
          guint32 *line = (guint32 *)(gpointer)(pixels + (gsize)(view->n_bins - 1 - b) * stride);
          line[x] = wb_palette_argb (WB_PALETTE_VIRIDIS, scheme,
                                     position_of (view->share[row * view->n_bins + b]));
        }
    }
  cairo_surface_mark_dirty (surface);
  return surface;
}

static void
draw_y_axis (const NnHistogramView *view, const WbRect *heat, cairo_t *cr, PangoContext *context,
             WbScheme scheme)
{
  WbTicks ticks;

  y_ticks (view, heat->height, &ticks);
  for (guint i = 0; i < ticks.n; i++)
    wb_figure_text (cr, context, ticks.label[i], heat->x - LABEL_GAP,
                    y_of (view, heat, ticks.value[i]), 1, wb_color (WB_COLOR_DIM, scheme));
  if (view->low >= 0 || view->high <= 0)
    return;
  cairo_set_source_rgba (cr, 1, 1, 1, 0.35);
  cairo_rectangle (cr, heat->x, round (y_of (view, heat, 0)), heat->width, 1);
  cairo_fill (cr);
}

static void
draw_heat (const NnHistogramView *view, const WbHistogramsLayout *layout, const WbRect *heat,
           cairo_t *cr, PangoContext *context, WbScheme scheme)
{
  cairo_surface_t *surface =
      heat_surface (view, layout, (guint)MAX (1, floor (heat->width)), scheme);

  cairo_save (cr);
  wb_figure_rounded (cr, heat, 3);
  cairo_clip (cr);
  wb_cairo_set_color (cr, wb_color (WB_COLOR_GRID, scheme), 1);
  cairo_paint (cr);
  wb_figure_picture (cr, surface, heat, FALSE);
  cairo_restore (cr);
  cairo_surface_destroy (surface);
  draw_y_axis (view, heat, cr, context, scheme);
}

/* ---- words ---- */

static char *
number_text (double value)
{
  g_autofree char *digits = wb_format_value (fabs (value));

  return g_strdup_printf ("%s%s", value < 0 ? "−" : "", digits);
}

/* The newest histogram, or the one at the cursor. */
static guint
row_read (const NnHistogramView *view, const WbHistogramsCursor *cursor)
{
  return cursor != NULL && cursor->active ? wb_histograms_row (view, cursor->time)
                                          : view->n_rows - 1;
}

/* "12 % between 0.01 and 0.02": the bin that is pointed at. (transfer full) */
static char *
bin_text (const NnHistogramView *view, guint row, double value)
{
  const double width = (view->high - view->low) / view->n_bins;
  const guint bin = (guint)CLAMP ((value - view->low) / width, 0, view->n_bins - 1.0);
  const double share = (double)view->share[row * view->n_bins + bin];
  g_autofree char *from = number_text (view->low + bin * width);
  g_autofree char *to = number_text (view->low + (bin + 1) * width);
  g_autofree char *percent =
      share > 0 && share < 0.005 ? g_strdup (_ ("< 1 %")) : wb_format_percent (share);

  return g_strdup_printf (_ ("%s from %s to %s"), percent, from, to);
}

static char *
moments_text (const NnStatistics *row, gboolean brief)
{
  g_autofree char *mean = number_text (row->mean), *deviation = number_text (row->deviation);

  if (row->n_bad > 0)
    return g_strdup (_ ("some are not numbers"));
  return brief ? g_strdup_printf (_ ("deviation %s"), deviation)
               : g_strdup_printf (_ ("mean %s · deviation %s"), mean, deviation);
}

static void
draw_title (const NnHistogramsResult *result, const WbHistogramsLayout *layout, guint i,
            const WbHistogramsCursor *cursor, cairo_t *cr, PangoContext *context, WbScheme scheme)
{
  const NnHistogramView *view = result->spread[i];
  const WbRect *title = &layout->title[i];
  const double y = title->y + title->height / 2;
  g_autofree char *bold = g_markup_printf_escaped ("<b>%s</b>", _ (names[i]));
  const double end =
      title->x
      + wb_figure_text (cr, context, bold, title->x, y, 0, wb_color (WB_COLOR_TEXT, scheme));

  if (view == NULL || view->n_rows == 0)
    return;
  const guint row = row_read (view, cursor);
  const gboolean pointed = cursor != NULL && cursor->active && cursor->spread == (gint)i;
  const GdkRGBA *color = wb_color (view->rows[row].n_bad > 0 ? WB_COLOR_WARNING
                                   : pointed                 ? WB_COLOR_TEXT
                                                             : WB_COLOR_DIM,
                                   scheme);
  for (guint brief = 0; brief < 2; brief++)
    {
      g_autofree char *plain = pointed ? bin_text (view, row, cursor->value)
                                       : moments_text (&view->rows[row], brief > 0);
      g_autofree char *text = g_markup_escape_text (plain, -1);
      if (end + 10 + wb_figure_text_width (context, text) > title->x + title->width)
        continue;
      wb_figure_text (cr, context, text, title->x + title->width, y, 1, color);
      return;
    }
}

static void
draw_missing (const NnHistogramsResult *result, guint i, const WbRect *heat, cairo_t *cr,
              PangoContext *context, WbScheme scheme)
{
  const char *text = i == NN_SPREAD_ACTIVATIONS ? _ ("nothing yet")
                     : result->n_weights == 0   ? _ ("this layer has no weights of its own")
                                                : _ ("with the next training step");

  wb_figure_rounded (cr, heat, 3);
  wb_cairo_set_color (cr, wb_color (WB_COLOR_GRID, scheme), 1);
  cairo_fill (cr);
  if (wb_figure_text_width (context, text) > heat->width)
    text = "–";
  wb_figure_text (cr, context, text, heat->x + heat->width / 2, heat->y + heat->height / 2, 0.5,
                  wb_color (WB_COLOR_DIM, scheme));
}

/* ---- axis and scale ---- */

static void
draw_x_axis (const WbHistogramsLayout *layout, const WbRect *heat, cairo_t *cr,
             PangoContext *context, WbScheme scheme)
{
  const GdkRGBA *dim = wb_color (WB_COLOR_DIM, scheme);
  const double room = wb_figure_text_width (context, "00.00") + 10;
  WbTicks ticks;

  if (layout->end <= layout->begin) /* a single moment, which the foot names */
    return;
  wb_axis_ticks (WB_AXIS_LINEAR, layout->begin, layout->end,
                 (guint)CLAMP (heat->width / room, 3, X_TICKS), &ticks);
  for (guint i = 0; i < ticks.n; i++)
    {
      const double x = x_of (layout, heat, ticks.value[i]);
      const double half = wb_figure_text_width (context, ticks.label[i]) / 2;

      if (x > heat->x + heat->width + 1)
        continue;
      cairo_rectangle (cr, round (x), heat->y + heat->height, 1, 3);
      wb_cairo_set_color (cr, wb_color (WB_COLOR_LINE, scheme), 1);
      cairo_fill (cr);
      wb_figure_text (cr, context, ticks.label[i],
                      CLAMP (x, heat->x + half, heat->x + heat->width - half), layout->axis_y, 0.5,
                      dim);
    }
}

static void
draw_foot (const WbHistogramsLayout *layout, const WbHistogramsCursor *cursor, double width,
           cairo_t *cr, PangoContext *context, WbScheme scheme)
{
  const GdkRGBA *dim = wb_color (WB_COLOR_DIM, scheme);
  const double time = cursor != NULL && cursor->active ? cursor->time : layout->end;
  char number[24];
  double x = wb_figure_text (cr, context, _ ("0.01 %"), 0, layout->foot_y, 0, dim) + 6;
  const WbRect bar = { x, round (layout->foot_y - SCALE_HEIGHT / 2.0), SCALE_WIDTH, SCALE_HEIGHT };

  wb_figure_scale (cr, &bar, WB_PALETTE_VIRIDIS, scheme);
  x += SCALE_WIDTH + 6;
  x += wb_figure_text (cr, context, _ ("all values"), x, layout->foot_y, 0, dim) + 14;
  wb_axis_format (time, 2, number);
  g_autofree char *epoch = g_strdup_printf (_ ("epoch %s"), number);
  if (x + wb_figure_text_width (context, epoch) <= width)
    wb_figure_text (
        cr, context, epoch, width, layout->foot_y, 1,
        wb_color (cursor != NULL && cursor->active ? WB_COLOR_TEXT : WB_COLOR_DIM, scheme));
}

static void
draw_cursor (const WbHistogramsLayout *layout, const WbHistogramsCursor *cursor, guint i,
             cairo_t *cr)
{
  const WbRect *heat = &layout->heat[i];
  const double x = x_of (layout, heat, CLAMP (cursor->time, layout->begin, layout->end));

  cairo_set_source_rgba (cr, 1, 1, 1, 0.8);
  cairo_rectangle (cr, CLAMP (round (x), heat->x, heat->x + heat->width - 1), heat->y, 1,
                   heat->height);
  cairo_fill (cr);
}

void
wb_histograms_draw (const NnHistogramsResult *result, const WbHistogramsLayout *layout,
                    const WbHistogramsCursor *cursor, cairo_t *cr, PangoContext *context,
                    WbScheme scheme)
{
  const WbRect *last = &layout->title[NN_N_SPREADS - 1];

  for (guint i = 0; i < NN_N_SPREADS; i++)
    {
      const NnHistogramView *view = result->spread[i];
      const WbRect *heat = &layout->heat[i];

      draw_title (result, layout, i, cursor, cr, context, scheme);
      if (view == NULL || view->n_rows == 0)
        draw_missing (result, i, heat, cr, context, scheme);
      else
        {
          draw_heat (view, layout, heat, cr, context, scheme);
          if (cursor != NULL && cursor->active)
            draw_cursor (layout, cursor, i, cr);
        }
      if (!layout->stacked || i == NN_N_SPREADS - 1)
        draw_x_axis (layout, heat, cr, context, scheme);
    }
  draw_foot (layout, cursor, last->x + last->width, cr, context, scheme);
}

char *
wb_histograms_describe (const NnHistogramsResult *result, const WbHistogramsCursor *cursor)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < NN_N_SPREADS; i++)
    {
      const NnHistogramView *view = result->spread[i];

      if (view == NULL || view->n_rows == 0)
        continue;
      const NnStatistics *row = &view->rows[row_read (view, cursor)];
      g_autofree char *moments = moments_text (row, FALSE);
      g_autofree char *min = number_text (row->min), *max = number_text (row->max);
      g_string_append_printf (text, _ ("%s%s: %s, from %s to %s"), text->len > 0 ? "; " : "",
                              _ (names[i]), moments, min, max);
    }
  return g_string_free (text, FALSE);
}

char *
wb_histograms_to_csv (const NnHistogramsResult *result)
{
  static const char *const ids[NN_N_SPREADS] = { "weights", "gradients", "activations" };
  GString *text = g_string_new ("what,epoch,from,to,share\n");

  for (guint i = 0; i < NN_N_SPREADS; i++)
    {
      const NnHistogramView *view = result->spread[i];
      const double width = view != NULL ? (view->high - view->low) / view->n_bins : 0;

      for (guint k = 0; view != NULL && k < view->n_rows * view->n_bins; k++)
        {
          const guint bin = k % view->n_bins;
          char time[G_ASCII_DTOSTR_BUF_SIZE], from[G_ASCII_DTOSTR_BUF_SIZE],
              to[G_ASCII_DTOSTR_BUF_SIZE], share[G_ASCII_DTOSTR_BUF_SIZE];

          g_ascii_formatd (time, sizeof time, "%.9g", view->time[k / view->n_bins]);
          g_ascii_formatd (from, sizeof from, "%.9g", view->low + bin * width);
          g_ascii_formatd (to, sizeof to, "%.9g", view->low + (bin + 1) * width);
          g_ascii_formatd (share, sizeof share, "%.6g", (double)view->share[k]);
          g_string_append_printf (text, "%s,%s,%s,%s,%s\n", ids[i], time, from, to, share);
        }
    }
  return g_string_free (text, FALSE);
}

NnTensor *
wb_histograms_to_tensor (const NnHistogramsResult *result)
{
  gint64 n = 0;

  for (guint i = 0; i < NN_N_SPREADS; i++)
    n += result->spread[i] != NULL ? result->spread[i]->n_rows * result->spread[i]->n_bins : 0;
  if (n == 0)
    return NULL;
  NnTensor *tensor = nn_tensor_new (&nn_shape (n, 5));
  float *at = tensor->data;
  for (guint i = 0; i < NN_N_SPREADS; i++)
    {
      const NnHistogramView *view = result->spread[i];
      const double width = view != NULL ? (view->high - view->low) / view->n_bins : 0;

      for (guint k = 0; view != NULL && k < view->n_rows * view->n_bins; k++, at += 5)
        {
          const guint bin = k % view->n_bins;

          at[0] = (float)i;
          at[1] = (float)view->time[k / view->n_bins];
          at[2] = (float)(view->low + bin * width);
          at[3] = (float)(view->low + (bin + 1) * width);
          at[4] = view->share[k];
        }
    }
  return tensor;
}
