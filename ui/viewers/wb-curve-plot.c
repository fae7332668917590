#include "viewers/wb-curve-plot.h"

#include "diabolo-config.h"

#include <glib/gi18n-lib.h>

#include "plots/wb-format.h"

const NnMetricType *
wb_metric_type (WbMetric metric)
{
  return metric != WB_METRIC_LOSS ? &nn_metric_types ()[metric] : NULL;
}

const char *
wb_metric_title (WbMetric metric)
{
  return metric != WB_METRIC_LOSS ? _ (wb_metric_type (metric)->title) : _ ("Loss");
}

char *
wb_metric_format (WbMetric metric, double value)
{
  const NnMetricType *type = wb_metric_type (metric);

  return type != NULL && type->unit != NULL ? g_strdup_printf ("%.2f %s", value, type->unit)
                                            : wb_format_loss (value);
}

WbPlotData *
wb_curve_plot_new (WbMetric metric)
{
  WbPlotData *data = wb_plot_data_new ();
  const NnMetricType *type = wb_metric_type (metric);

  data->x_kind = WB_AXIS_WHOLE;
  data->x_title = _ ("epoch");
  if (type != NULL && g_strcmp0 (type->unit, "%") == 0)
    {
      data->y_min = 0;
      data->y_max = 100;
    }
  return data;
}

WbSeries *
wb_curve_add_series (WbPlotData *data, WbSeriesStyle style, WbInk ink, const WbPoint *points,
                     gsize n)
{
  return wb_plot_data_add (data, style, ink, g_memdup2 (points, n * sizeof *points), n);
}

void
wb_curve_add (WbPlotData *data, const WbCurve *curve, const char *name)
{
  g_autofree char *prefix = name != NULL ? g_strconcat (name, " ", NULL) : g_strdup ("");

  if (curve->n > 0)
    {
      g_autofree char *strong = g_strconcat (prefix, _ ("train"), NULL);
      g_autofree char *value = wb_metric_format (curve->metric, curve->smooth[curve->n - 1].y);
      if (curve->span > 0)
        wb_curve_add_series (data, WB_SERIES_FAINT, WB_COLOR_TRAIN, curve->raw, curve->n);
      wb_curve_add_series (data, WB_SERIES_LINE, WB_COLOR_TRAIN, curve->smooth, curve->n);
      wb_plot_data_add_label (data, WB_COLOR_TRAIN, strong, value);
    }
  if (curve->best >= 0)
    {
      const WbPoint *best = &curve->validation[curve->best];
      g_autofree char *strong = g_strconcat (prefix, _ ("validation"), NULL);
      g_autofree char *value = wb_metric_format (curve->metric, best->y);
      g_autofree char *text = g_strdup_printf (_ ("best %s"), value);
      WbSeries *series = wb_curve_add_series (data, WB_SERIES_POINTS, WB_COLOR_VALIDATION,
                                              curve->validation, curve->n_validation);
      series->marked = curve->best;
      wb_plot_data_add_label (data, WB_COLOR_VALIDATION, strong, text)->leader = *best;
    }
}
