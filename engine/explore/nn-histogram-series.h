/* nn-histogram-series.h: how the values of something are spread, over time: a histogram now and
 * then, in bounded memory. With time, histograms lie further apart; with larger values, their bins
 * are wider.
 */
#pragma once

#include "explore/nn-statistics.h"

G_BEGIN_DECLS

#define NN_SERIES_ROWS 128
#define NN_SERIES_BINS 512 /* of a histogram as it is kept, from -reach to reach */

typedef struct _NnHistogramSeries NnHistogramSeries;

NnHistogramSeries *nn_histogram_series_new (void);
void nn_histogram_series_free (NnHistogramSeries *series);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnHistogramSeries, nn_histogram_series_free)

/* A histogram is gathered in pieces: begin, add any number of times, end. Its time is no earlier
 * than the newest one's, in whose place it comes where it is the same. The newest one is always
 * kept; of those before only as many as lie far enough apart. */
void nn_histogram_series_begin (NnHistogramSeries *series, double time);
void nn_histogram_series_add (NnHistogramSeries *series, const float *values, gsize n,
                              gsize stride);
void nn_histogram_series_end (NnHistogramSeries *series);

/* Of the newest histogram's time; -1 where there is none. */
double nn_histogram_series_time (const NnHistogramSeries *series);

/* What there is to be drawn: all rows with the same bins, over the range in which all but a
 * thousandth of the values lie. */
typedef struct
{
  guint n_rows, n_bins;
  double *time;       /* (n_rows), rising */
  float *share;       /* (n_rows, n_bins): of a row's values that lie in the bin, lowest first */
  double low, high;   /* of the bins, together */
  NnStatistics *rows; /* (n_rows): of all values of the row */
} NnHistogramView;

/* Of the histograms up to a time. (transfer full) */
NnHistogramView *nn_histogram_view_new (const NnHistogramSeries *series, guint n_bins,
                                        double until);
void nn_histogram_view_free (NnHistogramView *view);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnHistogramView, nn_histogram_view_free)

G_END_DECLS
