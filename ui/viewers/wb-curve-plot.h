/* wb-curve-plot.h: curves of training as they are plotted: their colours, labels and numbers. Needs
 * no display; any thread.
 */
#pragma once

#include "plots/wb-plot-data.h"
#include "viewers/wb-curve.h"

G_BEGIN_DECLS

const NnMetricType *wb_metric_type (WbMetric metric); /* NULL: the loss */
const char *wb_metric_title (WbMetric metric);        /* "PSNR" */
/* "0.0944", "97.53 %": value in the unit of a screen. (transfer full) */
char *wb_metric_format (WbMetric metric, double value);

/* A plot over epochs, without curves. (transfer full) */
WbPlotData *wb_curve_plot_new (WbMetric metric);
/* points are copied. */
WbSeries *wb_curve_add_series (WbPlotData *data, WbSeriesStyle style, WbInk ink,
                               const WbPoint *points, gsize n);
/* The run that is looked at: training raw and smooth, validation with its best marked, both with
 * labels, which begin with name unless it is NULL. */
void wb_curve_add (WbPlotData *data, const WbCurve *curve, const char *name);

G_END_DECLS
