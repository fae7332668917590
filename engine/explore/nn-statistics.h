/* nn-statistics.h: what a few numbers say about many: smallest, largest, mean, deviation, share of
 * zeros. Gathered in pieces: clear, add any number of times, end.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  float min, max;   /* of the finite values; 0 where there is none */
  double mean;      /* likewise, */
  double deviation; /* and the standard deviation from it */
  double zero;      /* share of all values that are exactly 0 */
  guint64 n;        /* values */
  guint64 n_bad;    /* of them not finite */
} NnStatistics;

void nn_statistics_clear (NnStatistics *statistics);
/* n values, `stride` apart. */
void nn_statistics_add (NnStatistics *statistics, const float *values, gsize n, gsize stride);
void nn_statistics_end (NnStatistics *statistics);

/* All of it for n values side by side. */
void nn_statistics_of (NnStatistics *statistics, const float *values, gsize n);

/* Counts the finite values in n_bins equal parts of min..max, both ends included. */
void nn_statistics_bins (const float *values, gsize n, float min, float max, guint *bins,
                         guint n_bins);

G_END_DECLS
