#include "explore/nn-statistics.h"

#include <math.h>
#include <string.h>

void
nn_statistics_clear (NnStatistics *s)
{
  *s = (NnStatistics){ .min = INFINITY, .max = -INFINITY };
}

/* Until the end, mean holds sum x, deviation sum x^2, zero a count. */
void
nn_statistics_add (NnStatistics *s, const float *values, gsize n, gsize stride)
{
  double sum = 0, squares = 0;
  float min = s->min, max = s->max;
  gsize n_zero = 0, n_bad = 0;

  for (gsize i = 0; i < n; i++)
    {
      const float x = values[i * stride];

      if (!isfinite (x))
        {
          n_bad++;
          continue;
        }
      n_zero += x == 0;
      sum += x;
      squares += (double)x * x;
      min = x < min ? x : min;
      max = x > max ? x : max;
    }
  s->min = min;
  s->max = max;
  s->mean += sum;
  s->deviation += squares;
  s->zero += (double)n_zero;
  s->n += n;
  s->n_bad += n_bad;
}

/* deviation = sqrt (mean (x^2) - mean (x)^2) */
void
nn_statistics_end (NnStatistics *s)
{
  const double n = (double)(s->n - s->n_bad);

  s->zero = s->n > 0 ? s->zero / (double)s->n : 0;
  if (n == 0)
    {
      s->min = s->max = 0;
      return;
    }
  s->mean /= n;
  s->deviation = sqrt (MAX (0, s->deviation / n - s->mean * s->mean));
}

void
nn_statistics_of (NnStatistics *s, const float *values, gsize n)
{
  nn_statistics_clear (s);
  nn_statistics_add (s, values, n, 1);
  nn_statistics_end (s);
}

void
nn_statistics_bins (const float *values, gsize n, float min, float max, guint *bins, guint n_bins)
{
  const float scale = max > min ? (float)n_bins / (max - min) : 0;

  memset (bins, 0, n_bins * sizeof *bins);
  for (gsize i = 0; i < n; i++)
    if (values[i] >= min && values[i] <= max)
      bins[MIN ((guint)((values[i] - min) * scale), n_bins - 1)]++;
}
