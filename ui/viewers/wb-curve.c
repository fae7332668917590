#include "viewers/wb-curve.h"

#include <math.h>

static double
value_of (const NnRow *row, WbMetric metric)
{
  return metric == WB_METRIC_ACCURACY ? 100 * row->accuracy : row->loss;
}

static WbPoint *
points_of (const NnRow *rows, gsize n, WbMetric metric)
{
  WbPoint *points = g_new (WbPoint, MAX (n, 1));

  for (gsize i = 0; i < n; i++)
    points[i] = (WbPoint){ rows[i].epoch, value_of (&rows[i], metric) };
  return points;
}

static gssize
find_best (const WbPoint *points, gsize n, WbMetric metric)
{
  double sign = metric == WB_METRIC_ACCURACY ? -1 : 1;
  gssize best = -1;

  for (gsize i = 0; i < n; i++)
    if (isfinite (points[i].y) && (best < 0 || sign * points[i].y < sign * points[best].y))
      best = (gssize)i;
  return best;
}

WbCurve *
wb_curve_new (const NnRunHistory *history, guint64 run, WbMetric metric, double span)
{
  WbCurve *curve = g_new0 (WbCurve, 1);
  const NnRow *rows;

  curve->run = run;
  curve->metric = metric;
  curve->span = span;
  rows = nn_run_history_rows (history, run, NN_ROW_BATCH, &curve->n);
  curve->raw = points_of (rows, curve->n, metric);
  curve->smooth = g_new (WbPoint, MAX (curve->n, 1));
  curve->step = g_new (guint64, MAX (curve->n, 1));
  for (gsize i = 0; i < curve->n; i++)
    curve->step[i] = rows[i].step;
  wb_points_smooth (curve->raw, curve->step, curve->n, span, curve->smooth);

  rows = nn_run_history_rows (history, run, NN_ROW_VALIDATION, &curve->n_validation);
  curve->validation = points_of (rows, curve->n_validation, metric);
  curve->best = find_best (curve->validation, curve->n_validation, metric);
  return curve;
}

void
wb_curve_free (WbCurve *curve)
{
  g_free (curve->raw);
  g_free (curve->smooth);
  g_free (curve->step);
  g_free (curve->validation);
  g_free (curve);
}

gboolean
wb_curve_is_current (const WbCurve *curve, const NnRunHistory *history, WbMetric metric,
                     double span)
{
  gsize n, n_validation;
  const NnRow *rows = nn_run_history_rows (history, curve->run, NN_ROW_BATCH, &n);

  nn_run_history_rows (history, curve->run, NN_ROW_VALIDATION, &n_validation);
  return curve->metric == metric && curve->span == span && curve->n == n
         && curve->n_validation == n_validation
         && (n == 0 || curve->step[n - 1] == rows[n - 1].step);
}

double
wb_curve_end (const WbCurve *curve)
{
  double end = 0;

  if (curve->n > 0)
    end = curve->raw[curve->n - 1].x;
  if (curve->n_validation > 0)
    end = MAX (end, curve->validation[curve->n_validation - 1].x);
  return end;
}

gboolean
wb_history_has_accuracy (const NnRunHistory *history)
{
  for (guint i = 0; i < nn_run_history_n_runs (history); i++)
    {
      gsize n;
      const NnRow *rows =
          nn_run_history_rows (history, nn_run_history_run (history, i)->id, NN_ROW_BATCH, &n);
      if (n > 0 && isfinite (rows[n - 1].accuracy))
        return TRUE;
    }
  return FALSE;
}
