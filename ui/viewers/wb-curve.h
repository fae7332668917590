/* wb-curve.h: one training run as points to draw. Pure: needs no display.
 */
#pragma once

#include "plots/wb-plot-geometry.h"
#include "train/nn-run-history.h"

G_BEGIN_DECLS

typedef enum
{
  WB_METRIC_LOSS,
  WB_METRIC_ACCURACY, /* in per cent */
} WbMetric;

typedef struct
{
  guint64 run;
  WbMetric metric;
  double span;
  gsize n; /* batches */
  guint64 *step;
  WbPoint *raw, *smooth;
  gsize n_validation;
  WbPoint *validation;
  gssize best; /* of validation: smallest loss or greatest accuracy; -1: none */
} WbCurve;

/* span: of the smoothing, in batches. (transfer full) */
WbCurve *wb_curve_new (const NnRunHistory *history, guint64 run, WbMetric metric, double span);
void wb_curve_free (WbCurve *curve);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WbCurve, wb_curve_free)

/* TRUE if history says nothing about the run that the curve does not show yet. */
gboolean wb_curve_is_current (const WbCurve *curve, const NnRunHistory *history, WbMetric metric,
                              double span);
/* Epochs that the curve reaches, 0 if it is empty. */
double wb_curve_end (const WbCurve *curve);
/* Any accuracy in any run? */
gboolean wb_history_has_accuracy (const NnRunHistory *history);

G_END_DECLS
