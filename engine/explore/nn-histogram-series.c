#include "explore/nn-histogram-series.h"

#include <math.h>
#include <string.h>

enum
{
  HALF = NN_SERIES_BINS / 2
};
#define OUTSIDE 5e-4 /* share of the values beyond either end of what is drawn */

typedef struct
{
  double time;
  NnStatistics statistics;
  float bins[NN_SERIES_BINS]; /* counts of finite values */
} Row;

struct _NnHistogramSeries
{
  GArray *rows;   /* Row; the last is the newest, and may be replaced */
  double spacing; /* least time between two rows that stay */
  double reach;   /* bins run from -reach to reach; 0: nothing but zeros yet */
};

NnHistogramSeries *
nn_histogram_series_new (void)
{
  NnHistogramSeries *series = g_new0 (NnHistogramSeries, 1);

  series->rows = g_array_new (FALSE, TRUE, sizeof (Row));
  return series;
}

void
nn_histogram_series_free (NnHistogramSeries *series)
{
  if (series == NULL)
    return;
  g_array_unref (series->rows);
  g_free (series);
}

static Row *
row_at (const NnHistogramSeries *series, guint i)
{
  return &g_array_index (series->rows, Row, i);
}

double
nn_histogram_series_time (const NnHistogramSeries *series)
{
  return series->rows->len > 0 ? row_at (series, series->rows->len - 1)->time : -1;
}

/* Every second one goes, and those to come lie as far apart as those that stay. */
static void
thin (NnHistogramSeries *series)
{
  const guint n = series->rows->len / 2;

  for (guint i = 1; i < n; i++)
    *row_at (series, i) = *row_at (series, 2 * i);
  g_array_set_size (series->rows, n);
  series->spacing = (row_at (series, n - 1)->time - row_at (series, 0)->time) / (double)(n - 1);
}

void
nn_histogram_series_begin (NnHistogramSeries *series, double time)
{
  const guint n = series->rows->len;
  const Row row = { .time = time };

  if ((n >= 1 && time <= row_at (series, n - 1)->time)
      || (n >= 2 && row_at (series, n - 1)->time - row_at (series, n - 2)->time < series->spacing))
    g_array_set_size (series->rows, n - 1);
  else if (n == NN_SERIES_ROWS)
    thin (series);
  g_array_append_val (series->rows, row);
  nn_statistics_clear (&row_at (series, series->rows->len - 1)->statistics);
}

/* Two neighbours become one: bin k covers k w .. (k + 1) w, counted from the middle. */
static void
widen (NnHistogramSeries *series)
{
  for (guint i = 0; i < series->rows->len; i++)
    {
      float *bins = row_at (series, i)->bins, wide[NN_SERIES_BINS] = { 0 };

      for (gint k = 0; k < NN_SERIES_BINS; k++)
        wide[HALF / 2 + k / 2] += bins[k];
      memcpy (bins, wide, sizeof wide);
    }
  series->reach *= 2;
}

/* The next power of two: so that bins can be joined later. */
static void
reach_out (NnHistogramSeries *series, double largest)
{
  int exponent;

  if (!(largest > 0) || largest < series->reach)
    return;
  frexp (largest, &exponent);
  const double reach = ldexp (1, exponent);
  if (series->reach == 0)
    {
      series->reach = reach;
      return;
    }
  /* So far out that all that is known lies around zero: no need to go there step by step. */
  for (guint i = 0; series->reach < reach && i < 64; i++)
    widen (series);
  series->reach = reach;
}

void
nn_histogram_series_add (NnHistogramSeries *series, const float *values, gsize n, gsize stride)
{
  Row *row = row_at (series, series->rows->len - 1);
  NnStatistics here;
  const gsize count = (n + stride - 1) / stride;

  nn_statistics_clear (&here);
  nn_statistics_add (&here, values, count, stride);
  nn_statistics_add (&row->statistics, values, count, stride);
  if (here.n > here.n_bad)
    reach_out (series, MAX (fabs ((double)here.min), fabs ((double)here.max)));
  const float scale = series->reach > 0 ? (float)(HALF / series->reach) : 0;
  for (gsize i = 0; i < n; i += stride)
    if (isfinite (values[i]))
      {
        const gint k = HALF + (gint)floorf (values[i] * scale);
        row->bins[CLAMP (k, 0, NN_SERIES_BINS - 1)]++;
      }
}

void
nn_histogram_series_end (NnHistogramSeries *series)
{
  nn_statistics_end (&row_at (series, series->rows->len - 1)->statistics);
}

/* ---- the view ---- */

static double
n_finite (const Row *row)
{
  return (double)MAX (row->statistics.n - row->statistics.n_bad, 1);
}

/* The bins of the series that are drawn, first .. end - 1: every row has the same say. */
static void
find_ends (const NnHistogramSeries *series, guint *first, guint *end)
{
  double sum[NN_SERIES_BINS] = { 0 }, below = 0, above = 0;
  const double most = OUTSIDE * (double)series->rows->len;

  for (guint i = 0; i < series->rows->len; i++)
    for (guint k = 0; k < NN_SERIES_BINS; k++)
      sum[k] += (double)row_at (series, i)->bins[k] / n_finite (row_at (series, i));
  for (*first = 0; *first < HALF && below + sum[*first] <= most; ++*first)
    below += sum[*first];
  for (*end = NN_SERIES_BINS; *end > HALF + 1 && above + sum[*end - 1] <= most; --*end)
    above += sum[*end - 1];
}

/* Each of the series' bins is spread over those of the view that it meets. */
static void
fill_row (const Row *row, guint first, guint end, NnHistogramView *view, float *share)
{
  const double scale = (double)view->n_bins / (double)(end - first);

  for (guint k = first; k < end; k++)
    {
      const double from = (k - first) * scale, to = (k + 1 - first) * scale;
      const double part = (double)row->bins[k] / n_finite (row) / (to - from);

      for (guint b = (guint)from; b < view->n_bins && b < to; b++)
        share[b] += (float)(part * (MIN (to, b + 1.0) - MAX (from, (double)b)));
    }
}

NnHistogramView *
nn_histogram_view_new (const NnHistogramSeries *series, guint n_bins, double until)
{
  NnHistogramView *view = g_new0 (NnHistogramView, 1);
  const double width = series->reach / HALF;
  guint first, end;

  while (view->n_rows < series->rows->len && row_at (series, view->n_rows)->time <= until)
    view->n_rows++;
  view->n_bins = n_bins;
  view->time = g_new (double, view->n_rows + 1);
  view->share = g_new0 (float, view->n_rows *n_bins + 1);
  view->rows = g_new (NnStatistics, view->n_rows + 1);
  find_ends (series, &first, &end);
  view->low = ((double)first - HALF) * width;
  view->high = ((double)end - HALF) * width;
  for (guint i = 0; i < view->n_rows; i++)
    {
      view->time[i] = row_at (series, i)->time;
      view->rows[i] = row_at (series, i)->statistics;
      fill_row (row_at (series, i), first, end, view, view->share + i * n_bins);
    }
  return view;
}

void
nn_histogram_view_free (NnHistogramView *view)
{
  if (view == NULL)
    return;
  g_free (view->time);
  g_free (view->share);
  g_free (view->rows);
  g_free (view);
}
