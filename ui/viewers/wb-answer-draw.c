#include "diabolo-config.h"

#include "viewers/wb-answer-draw.h"

#include "viewers/wb-grid-draw.h"
#include "viewers/wb-sample-choice.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define GAP 6
#define MAX_ROW 26
#define MAX_BAR 14

static const WbGridRow *
output_row (const WbGridPlan *plan)
{
  for (guint i = 0; i < plan->rows->len; i++)
    {
      const WbGridRow *row = &g_array_index (plan->rows, WbGridRow, i);

      if (row->node == plan->output && row->kind != WB_GRID_CLASS)
        return row;
    }
  return NULL;
}

/* ---- classes ---- */

static gint
by_probability (gconstpointer a, gconstpointer b, gpointer values)
{
  const float x = ((const float *)values)[*(const guint *)a];
  const float y = ((const float *)values)[*(const guint *)b];

  return (x < y) - (x > y);
}

static double
widest_name (char *const *names, guint n, PangoContext *context)
{
  double widest = 0;

  for (guint i = 0; i < n; i++)
    widest = MAX (widest, wb_figure_text_width (context, names[i]));
  return widest;
}

static void
draw_class (const char *name, float probability, gboolean best, const WbRect *rect, double left,
            double right, cairo_t *cr, PangoContext *context, WbScheme scheme)
{
  const double middle = rect->y + rect->height / 2, bar = MIN (MAX_BAR, rect->height - 4);
  WbRect track = { rect->x + left, floor (middle - bar / 2), MAX (4, rect->width - left - right),
                   bar };
  const GdkRGBA *text = wb_color (best ? WB_COLOR_TEXT : WB_COLOR_DIM, scheme);
  g_autofree char *number = g_strdup_printf ("%.0f %%", 100 * (double)probability);
  g_autofree char *strong = g_strdup_printf (best ? "<b>%s</b>" : "%s", name);

  wb_figure_text (cr, context, strong, rect->x + left - GAP, middle, 1, text);
  wb_figure_rounded (cr, &track, 2);
  wb_cairo_set_color (cr, wb_color (WB_COLOR_GRID, scheme), 1);
  cairo_fill (cr);
  track.width *= isfinite (probability) ? CLAMP ((double)probability, 0, 1) : 0;
  if (track.width >= 1)
    {
      wb_figure_rounded (cr, &track, MIN (2, track.width / 2));
      wb_cairo_set_color (cr, wb_color (best ? WB_COLOR_ACCENT : WB_COLOR_BAR, scheme), 1);
      cairo_fill (cr);
    }
  wb_figure_text (cr, context, number, rect->x + rect->width, middle, 1, text);
}

/* In their own order where all fit, else the most probable ones. */
static void
draw_classes (const WbGridData *data, const WbGridRow *row, const WbRect *room, cairo_t *cr,
              PangoContext *context, WbScheme scheme)
{
  const double line = wb_figure_line_height (context) + 2;
  gsize size;
  const float *values = wb_grid_data_values (data, row, 0, &size);
  const guint n = (guint)size, shown = (guint)MAX (1, MIN (room->height / line, n));
  const double height = MIN (MAX_ROW, room->height / shown);
  float probability;
  const guint best = wb_grid_data_predicted (data, 0, &probability);
  g_autofree guint *order = g_new0 (guint, n + 1);
  g_auto (GStrv) names = g_new0 (char *, n + 1);

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = wb_sample_class_name (data->plan->info, (gint)i);

      order[i] = i;
      names[i] = name != NULL ? g_markup_escape_text (name, -1) : g_strdup_printf ("%u", i);
    }
  if (shown < n)
    g_qsort_with_data (order, (gint)n, sizeof *order, by_probability, (gpointer)values);
  const double left = MIN (widest_name (names, n, context) + 2, room->width / 3) + GAP;
  const double right = wb_figure_text_width (context, "<b>100 %</b>") + GAP;
  for (guint i = 0; i < shown; i++)
    {
      const WbRect rect = { room->x, room->y + i * height, room->width, height };

      draw_class (names[order[i]], values[order[i]], order[i] == best, &rect, left, right, cr,
                  context, scheme);
    }
}

/* ---- everything ---- */

static void
draw_row (const WbGridRow *row, const float *values, const WbRect *room, cairo_t *cr,
          WbScheme scheme)
{
  WbRect rect = *room;

  if (row->kind == WB_GRID_PICTURE)
    {
      rect.width = floor (MIN (room->width, room->height / row->aspect));
      rect.height = floor (rect.width * row->aspect);
    }
  wb_grid_draw_value (row, values, scheme, FALSE, &rect, cr);
}

void
wb_answer_draw_seen (const WbGridData *data, const WbRect *room, cairo_t *cr, WbScheme scheme)
{
  const WbGridRow *row = &g_array_index (data->plan->rows, WbGridRow, 0);
  gsize size;
  const float *values = wb_grid_data_values (data, row, 0, &size);

  if (values != NULL)
    draw_row (row, values, room, cr, scheme);
}

void
wb_answer_draw (const WbGridData *data, const WbRect *room, cairo_t *cr, PangoContext *context,
                WbScheme scheme)
{
  const WbGridRow *row = output_row (data->plan);
  gsize size;
  const float *values = row != NULL ? wb_grid_data_values (data, row, 0, &size) : NULL;

  if (values == NULL)
    return;
  if (data->plan->classifies)
    {
      draw_classes (data, row, room, cr, context, scheme);
      return;
    }
  draw_row (row, values, room, cr, scheme);
}
