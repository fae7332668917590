/* nn-code-statistics.h: what many codes say of each of their units: how far it varies, how often it
 * is silent, and for a variational code how much it tells. Pure.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Below it a unit of a variational code tells nothing: its posterior is the prior. */
#define NN_COLLAPSED_DIVERGENCE 0.01 /* nats */
/* A unit counts as silent for a sample where its value is nearer to 0 than this share of the
 * greatest of all. */
#define NN_SILENT_SHARE 0.01

typedef struct
{
  double mean, variance; /* over the samples (population variance) */
  double activity;       /* mean of the absolute value */
  double silent;         /* share of samples, 0..1 */
  double divergence;     /* nats: mean KL divergence from the standard normal distribution; NaN
                            where the code is not variational */
} NnUnitStatistics;

typedef struct
{
  guint n, n_units, n_bins;
  NnUnitStatistics *units;   /* (n_units) */
  NnUnitStatistics whole;    /* over all values; divergence: the sum over units */
  guint n_collapsed, n_dead; /* units below the divergence; silent for every sample */
  float low, high;           /* of all values */
  guint *bins;               /* (n_bins): values in equal parts of low..high */
} NnCodeStatistics;

/* codes, log_variance (n, n_units); log_variance is nullable. NULL where a value is not finite or
 * there are no samples. (transfer full) */
NnCodeStatistics *nn_code_statistics_new (const float *codes, const float *log_variance, guint n,
                                          guint n_units, guint n_bins);
void nn_code_statistics_free (NnCodeStatistics *statistics);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnCodeStatistics, nn_code_statistics_free)

G_END_DECLS
