#include "plots/wb-plot-data.h"

#include <math.h>

#define STEEP_START 0.05 /* of the axis: where the loss falls from its first value */
#define AIR 0.04

const GdkRGBA *
wb_ink_color (WbInk ink, WbScheme scheme)
{
  return ink & 0x100u ? wb_color_class (ink & 0xff, scheme) : wb_color ((WbColor)ink, scheme);
}

char *
wb_ink_hex (WbInk ink, WbScheme scheme)
{
  const GdkRGBA *color = wb_ink_color (ink, scheme);

  return g_strdup_printf ("#%02x%02x%02x", (guint)(255 * color->red + 0.5f),
                          (guint)(255 * color->green + 0.5f), (guint)(255 * color->blue + 0.5f));
}

static void
series_free (WbSeries *series)
{
  g_free (series->points);
  g_free (series);
}

static void
label_free (WbPlotLabel *label)
{
  g_free (label->strong);
  g_free (label->plain);
  g_free (label);
}

WbPlotData *
wb_plot_data_new (void)
{
  WbPlotData *data = g_new0 (WbPlotData, 1);

  data->series = g_ptr_array_new_with_free_func ((GDestroyNotify)series_free);
  data->labels = g_ptr_array_new_with_free_func ((GDestroyNotify)label_free);
  data->x_end = 1;
  data->y_min = data->y_max = NAN;
  return data;
}

void
wb_plot_data_free (WbPlotData *data)
{
  g_ptr_array_unref (data->series);
  g_ptr_array_unref (data->labels);
  g_free (data);
}

WbSeries *
wb_plot_data_add (WbPlotData *data, WbSeriesStyle style, WbInk ink, WbPoint *points, gsize n)
{
  WbSeries *series = g_new0 (WbSeries, 1);

  series->style = style;
  series->ink = ink;
  series->opacity = 1;
  series->fit = style != WB_SERIES_FAINT;
  series->points = points;
  series->n = n;
  series->marked = -1;
  g_ptr_array_add (data->series, series);
  return series;
}

WbPlotLabel *
wb_plot_data_add_label (WbPlotData *data, WbInk ink, const char *strong, const char *plain)
{
  WbPlotLabel *label = g_new0 (WbPlotLabel, 1);

  label->ink = ink;
  label->strong = g_strdup (strong);
  label->plain = g_strdup (plain);
  label->leader = (WbPoint){ NAN, NAN };
  g_ptr_array_add (data->labels, label);
  return label;
}

/* The range of all series; only_fitted leaves out the raw ones. */
static gboolean
range_of (const WbPlotData *data, gboolean only_fitted, double x0, double x1, double *y0,
          double *y1)
{
  gboolean any = FALSE;

  for (guint i = 0; i < data->series->len; i++)
    {
      const WbSeries *series = g_ptr_array_index (data->series, i);
      double low, high;
      if ((only_fitted && !series->fit)
          || !wb_points_range (series->points, series->n, x0, x1, &low, &high))
        continue;
      *y0 = any ? MIN (*y0, low) : low;
      *y1 = any ? MAX (*y1, high) : high;
      any = TRUE;
    }
  return any;
}

gboolean
wb_plot_data_fit (const WbPlotData *data, double x0, double x1, double *y0, double *y1)
{
  double start = x0 <= 0 ? x0 + STEEP_START * (x1 - x0) : x0;
  gboolean any = range_of (data, TRUE, data->log_y ? x0 : start, x1, y0, y1);
  double air;

  if (!any && !range_of (data, FALSE, x0, x1, y0, y1))
    return FALSE;
  if (data->log_y)
    return TRUE;
  air = AIR * (*y1 - *y0);
  /* A metric that is 0 throughout: around it there is nothing to magnify. */
  if (*y0 == 0 && *y1 == 0)
    *y1 = 1;
  if (*y0 >= 0)
    *y0 = MAX (0, *y0 - air);
  else
    *y0 -= air;
  *y1 += air;
  if (!isnan (data->y_min))
    *y0 = MAX (*y0, data->y_min);
  if (!isnan (data->y_max))
    *y1 = MIN (*y1, data->y_max);
  return TRUE;
}
