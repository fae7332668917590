#include "viewers/wb-curve.h"

#include <math.h>

/* Of what lies so many spans back nothing is left that a number shows. */
#define SPANS_LEFT 40

static WbPoint *
points_of (const NnRow *rows, gsize n, WbMetric metric)
{
  WbPoint *points = g_new (WbPoint, MAX (n, 1));

  for (gsize i = 0; i < n; i++)
    points[i] = (WbPoint){ rows[i].epoch, nn_row_shown (&rows[i], metric) };
  return points;
}

/* Values of another loss are no part of a mean. */
static gsize
begin_of_measure (const NnRow *rows, gsize n)
{
  gsize begin = n;

  while (begin > 0 && rows[begin - 1].measure == rows[n - 1].measure)
    begin--;
  return begin;
}

static void
smooth (WbCurve *curve, const NnRow *rows)
{
  for (gsize end = curve->n; end > 0;)
    {
      const gsize begin = begin_of_measure (rows, end);

      wb_points_smooth (curve->raw + begin, curve->step + begin, end - begin, curve->span,
                        curve->smooth + begin);
      end = begin;
    }
}

double
wb_rows_loss (const NnRow *rows, gsize n)
{
  WbPoint points[SPANS_LEFT * WB_CURVE_SPAN];
  guint64 step[SPANS_LEFT * WB_CURVE_SPAN];
  const gsize begin = MAX (begin_of_measure (rows, n), n - MIN (n, G_N_ELEMENTS (points)));
  const gsize n_left = n - begin;

  if (n_left == 0)
    return NAN;
  for (gsize i = 0; i < n_left; i++)
    {
      points[i] = (WbPoint){ rows[begin + i].epoch, rows[begin + i].loss };
      step[i] = rows[begin + i].step;
    }
  wb_points_smooth (points, step, n_left, WB_CURVE_SPAN, points);
  return points[n_left - 1].y;
}

WbCurve *
wb_curve_new (const NnRunHistory *history, guint64 run, WbMetric metric, double span)
{
  WbCurve *curve = g_new0 (WbCurve, 1);
  const NnRow *rows;

  curve->run = run;
  curve->metric = metric;
  curve->span = span;
  rows = nn_run_history_rows (history, run, NN_ROW_BATCH, &curve->n_batches);
  curve->n = nn_row_has_always (metric) ? curve->n_batches : 0;
  curve->raw = points_of (rows, curve->n, metric);
  curve->smooth = g_new (WbPoint, MAX (curve->n, 1));
  curve->step = g_new (guint64, MAX (curve->n, 1));
  for (gsize i = 0; i < curve->n; i++)
    curve->step[i] = rows[i].step;
  curve->last_step = curve->n_batches > 0 ? rows[curve->n_batches - 1].step : 0;
  smooth (curve, rows);

  rows = nn_run_history_rows (history, run, NN_ROW_VALIDATION, &curve->n_validation);
  curve->validation = points_of (rows, curve->n_validation, metric);
  const NnRow *best = nn_rows_best (rows, curve->n_validation, metric);
  curve->best = best != NULL ? best - rows : -1;
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
  return curve->metric == metric && curve->span == span && curve->n_batches == n
         && curve->n_validation == n_validation && (n == 0 || curve->last_step == rows[n - 1].step);
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

/* Whether the last row of any run has it. */
static gboolean
has_metric (const NnRunHistory *history, NnRowKind kind, WbMetric metric)
{
  for (guint i = 0; i < nn_run_history_n_runs (history); i++)
    {
      gsize n;
      const NnRow *rows =
          nn_run_history_rows (history, nn_run_history_run (history, i)->id, kind, &n);

      if (n > 0 && isfinite (nn_row_shown (&rows[n - 1], metric)))
        return TRUE;
    }
  return FALSE;
}

GArray *
wb_history_metrics (const NnRunHistory *history)
{
  GArray *metrics = g_array_new (FALSE, FALSE, sizeof (WbMetric));
  const WbMetric loss = WB_METRIC_LOSS;

  g_array_append_val (metrics, loss);
  for (WbMetric i = 0; nn_metric_types ()[i].id != NULL; i++)
    if (has_metric (history, nn_row_has_always (i) ? NN_ROW_BATCH : NN_ROW_VALIDATION, i))
      g_array_append_val (metrics, i);
  return metrics;
}
