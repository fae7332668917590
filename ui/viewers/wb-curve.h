/* wb-curve.h: one training run as points to draw. Pure: needs no display.
 */
#pragma once

#include "plots/wb-plot-geometry.h"
#include "train/nn-run-history.h"

G_BEGIN_DECLS

/* What a curve is of: a position in nn_metric_types(), in the unit of a screen, or the loss. */
typedef gint WbMetric;
#define WB_METRIC_LOSS NN_ROW_LOSS

/* Batches that the smoothing of training curves spans unless told otherwise. */
#define WB_CURVE_SPAN 50

typedef struct
{
  guint64 run;
  WbMetric metric;
  double span;
  gsize n; /* batches; 0 of what only validations measure */
  guint64 *step;
  gsize n_batches;   /* of the run, when the curve was made ... */
  guint64 last_step; /* ... and the last of them */
  WbPoint *raw, *smooth;
  gsize n_validation;
  WbPoint *validation;
  gssize best; /* of validation; -1: none */
} WbCurve;

/* span: of the smoothing, in batches. (transfer full) */
WbCurve *wb_curve_new (const NnRunHistory *history, guint64 run, WbMetric metric, double span);
void wb_curve_free (WbCurve *curve);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WbCurve, wb_curve_free)

/* TRUE if history says nothing about the run that the curve does not show yet. */
gboolean wb_curve_is_current (const WbCurve *curve, const NnRunHistory *history, WbMetric metric,
                              double span);
/* Where the smooth curve of the loss over these batches ends, at WB_CURVE_SPAN: what every part of
 * the window calls the loss. NaN where there are none. */
double wb_rows_loss (const NnRow *rows, gsize n);
/* Epochs that the curve reaches, 0 if it is empty. */
double wb_curve_end (const WbCurve *curve);
/* The metrics that any run has, the loss first. (element-type WbMetric) (transfer full) */
GArray *wb_history_metrics (const NnRunHistory *history);

G_END_DECLS
