#include "explore/nn-code-statistics.h"

#include <math.h>

static gboolean
find_range (NnCodeStatistics *statistics, const float *codes, gsize size)
{
  statistics->low = statistics->high = codes[0];
  for (gsize i = 0; i < size; i++)
    {
      if (!isfinite (codes[i]))
        return FALSE;
      statistics->low = MIN (statistics->low, codes[i]);
      statistics->high = MAX (statistics->high, codes[i]);
    }
  return TRUE;
}

static void
count_bins (NnCodeStatistics *statistics, const float *codes, gsize size)
{
  const double extent = (double)statistics->high - statistics->low;

  for (gsize i = 0; i < size; i++)
    {
      const double at = extent > 0 ? (codes[i] - statistics->low) / extent : 0;

      statistics->bins[MIN ((guint)(at * statistics->n_bins), statistics->n_bins - 1)]++;
    }
}

/* KL (N(m, e^v) || N(0, 1)) = (m^2 + e^v - v - 1) / 2: Kingma and Welling 2014, appendix B. */
static double
unit_divergence (const NnCodeStatistics *statistics, const float *codes, const float *log_variance,
                 guint unit)
{
  double sum = 0;

  if (log_variance == NULL)
    return NAN;
  for (guint i = 0; i < statistics->n; i++)
    {
      const gsize at = (gsize)i * statistics->n_units + unit;
      const double m = codes[at], v = log_variance[at];

      sum += 0.5 * (m * m + exp (v) - v - 1);
    }
  return sum / statistics->n;
}

static void
measure_unit (NnCodeStatistics *statistics, const float *codes, const float *log_variance,
              guint unit)
{
  const double silent = NN_SILENT_SHARE * MAX (fabs (statistics->low), fabs (statistics->high));
  NnUnitStatistics *of = &statistics->units[unit];
  double sum = 0, size = 0, squares = 0;
  guint n_silent = 0;

  for (guint i = 0; i < statistics->n; i++)
    {
      const double value = codes[(gsize)i * statistics->n_units + unit];

      sum += value;
      size += fabs (value);
      n_silent += fabs (value) <= silent;
    }
  of->mean = sum / statistics->n;
  of->activity = size / statistics->n;
  of->silent = (double)n_silent / statistics->n;
  for (guint i = 0; i < statistics->n; i++)
    {
      const double from = codes[(gsize)i * statistics->n_units + unit] - of->mean;

      squares += from * from;
    }
  of->variance = squares / statistics->n;
  of->divergence = unit_divergence (statistics, codes, log_variance, unit);
  statistics->n_dead += n_silent == statistics->n;
  statistics->n_collapsed += of->divergence < NN_COLLAPSED_DIVERGENCE;
}

/* All units have as many values, so that means of means are means. */
static void
measure_whole (NnCodeStatistics *statistics)
{
  NnUnitStatistics *whole = &statistics->whole;
  double squares = 0;

  for (guint k = 0; k < statistics->n_units; k++)
    {
      const NnUnitStatistics *unit = &statistics->units[k];

      whole->mean += unit->mean / statistics->n_units;
      whole->activity += unit->activity / statistics->n_units;
      whole->silent += unit->silent / statistics->n_units;
      whole->divergence += unit->divergence;
      squares += (unit->variance + unit->mean * unit->mean) / statistics->n_units;
    }
  whole->variance = MAX (0, squares - whole->mean * whole->mean);
}

NnCodeStatistics *
nn_code_statistics_new (const float *codes, const float *log_variance, guint n, guint n_units,
                        guint n_bins)
{
  g_return_val_if_fail (n_bins > 0, NULL);
  if (n == 0 || n_units == 0)
    return NULL;
  g_autoptr (NnCodeStatistics) statistics = g_new0 (NnCodeStatistics, 1);
  const gsize size = (gsize)n * n_units;

  statistics->n = n;
  statistics->n_units = n_units;
  statistics->n_bins = n_bins;
  statistics->units = g_new0 (NnUnitStatistics, n_units);
  statistics->bins = g_new0 (guint, n_bins);
  if (!find_range (statistics, codes, size))
    return NULL;
  count_bins (statistics, codes, size);
  for (guint k = 0; k < n_units; k++)
    measure_unit (statistics, codes, log_variance, k);
  measure_whole (statistics);
  return g_steal_pointer (&statistics);
}

void
nn_code_statistics_free (NnCodeStatistics *statistics)
{
  g_free (statistics->units);
  g_free (statistics->bins);
  g_free (statistics);
}
