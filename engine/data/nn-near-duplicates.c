#include "data/nn-near-duplicates.h"

#include <math.h>
#include <string.h>

#include "base/nn-blas.h"

/* Alike: of the root mean square difference to the standard deviation of all values. Features must
 * be equal: where there are few, many samples lie close together. */
#define ALIKE 0.01
#define EQUAL 1e-6

/* Samples are first compared by so many means over runs of neighbouring values: the differences of
 * means are no larger than those of the values (in the root mean square), so nothing is missed. */
#define N_MEANS 64
/* Test samples compared at a time. */
#define BLOCK 50

typedef struct
{
  const NnDataset *dataset;
  guint field;
  gsize size, n_means;
  float *factor;   /* of each value of features, which have units of their own; or NULL */
  double variance; /* of all values of the training samples that are looked at */
} Samples;

/* Which of the n samples of a part is the i-th looked at. */
static gsize
nth (gsize i, gsize n_looked_at, gsize n)
{
  return (gsize)((guint64)i * n / n_looked_at);
}

static void
read_one (const Samples *samples, NnPart part, gsize index, float *out)
{
  const guint32 at = (guint32)index;
  nn_dataset_read (samples->dataset, part, samples->field, &at, 1, nn_kernels_best (), out);
  for (gsize k = 0; samples->factor && k < samples->size; k++)
    out[k] *= samples->factor[k];
}

/* One over the standard deviation of each value; 0 where it is constant. */
static float *
factors (const Samples *samples, gsize n)
{
  const gsize n_all = nn_dataset_n_samples (samples->dataset, NN_PART_TRAIN);
  g_autofree float *values = g_new (float, samples->size), *first = g_new (float, samples->size);
  g_autofree double *sum = g_new0 (double, samples->size);
  g_autofree double *squares = g_new0 (double, samples->size);
  float *factor = g_new0 (float, samples->size);
  for (gsize i = 0; i < n; i++)
    {
      read_one (samples, NN_PART_TRAIN, nth (i, n, n_all), values);
      if (i == 0)
        memcpy (first, values, samples->size * sizeof *first);
      for (gsize k = 0; k < samples->size; k++)
        {
          const double d = values[k] - first[k];
          sum[k] += d;
          squares[k] += d * d;
        }
    }
  for (gsize k = 0; k < samples->size; k++)
    {
      const double mean = sum[k] / (double)n, variance = squares[k] / (double)n - mean * mean;
      if (variance > 0)
        factor[k] = (float)(1 / sqrt (variance));
    }
  return factor;
}

/* means[k] = sqrt (length_k) * mean of run k, so that squared distances of means are below squared
 * distances of samples (Jensen). */
static void
take_means (const Samples *samples, const float *values, float *means)
{
  for (gsize k = 0; k < samples->n_means; k++)
    {
      const gsize from = k * samples->size / samples->n_means;
      const gsize to = (k + 1) * samples->size / samples->n_means;
      double sum = 0;
      for (gsize i = from; i < to; i++)
        sum += values[i];
      means[k] = (float)(sum / sqrt ((double)(to - from)));
    }
}

/* (n, n_means) */
static float *
means_of_part (Samples *samples, NnPart part, gsize n, GCancellable *cancellable)
{
  const gsize n_all = nn_dataset_n_samples (samples->dataset, part);
  float *means = g_new0 (float, n * samples->n_means); /* all of them only where not cancelled */
  g_autofree float *values = g_new (float, samples->size);
  double sum = 0, squares = 0;
  for (gsize i = 0; i < n && !g_cancellable_is_cancelled (cancellable); i++)
    {
      read_one (samples, part, nth (i, n, n_all), values);
      take_means (samples, values, means + i * samples->n_means);
      for (gsize k = 0; k < samples->size && part == NN_PART_TRAIN; k++)
        {
          sum += values[k];
          squares += (double)values[k] * values[k];
        }
    }
  const double count = (double)n * (double)samples->size;
  if (part == NN_PART_TRAIN)
    samples->variance = MAX (squares / count - sum / count * (sum / count), 0);
  return means;
}

static double
squared_difference (const float *a, const float *b, gsize n)
{
  double sum = 0;
  for (gsize i = 0; i < n; i++)
    sum += (double)(a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

static void
squared_lengths (const float *means, gsize n, gsize size, float *out)
{
  g_autofree float *zero = g_new0 (float, size);
  for (gsize i = 0; i < n; i++)
    out[i] = (float)squared_difference (means + i * size, zero, size);
}

gboolean
nn_near_duplicates (const NnDataset *dataset, guint field, GCancellable *cancellable,
                    NnDuplicates *found)
{
  const gsize n_all[NN_N_PARTS] = { nn_dataset_n_samples (dataset, NN_PART_TRAIN),
                                    nn_dataset_n_samples (dataset, NN_PART_TEST) };
  Samples samples = {
    .dataset = dataset,
    .field = field,
    .size = (gsize)nn_shape_size (&nn_dataset_info (dataset)->fields[field].shape),
  };
  samples.n_means = MIN (samples.size, N_MEANS);
  *found = (NnDuplicates){ .n_test = MIN (n_all[NN_PART_TEST], NN_DUPLICATES_MAX_TEST),
                           .n_train = MIN (n_all[NN_PART_TRAIN], NN_DUPLICATES_MAX_TRAIN) };
  const gsize n_train = found->n_train, n_means = samples.n_means;
  const NnField *info = &nn_dataset_info (dataset)->fields[field];
  g_autofree float *factor =
      info->kind == NN_FIELD_FEATURES && n_train > 0 ? factors (&samples, n_train) : NULL;
  samples.factor = factor;
  g_autofree float *train = means_of_part (&samples, NN_PART_TRAIN, n_train, cancellable);
  g_autofree float *test = means_of_part (&samples, NN_PART_TEST, found->n_test, cancellable);
  g_autofree float *train_lengths = g_new (float, MAX (n_train, 1));
  g_autofree float *products = g_new (float, BLOCK *MAX (n_train, 1));
  g_autofree float *a = g_new (float, samples.size), *b = g_new (float, samples.size);
  squared_lengths (train, n_train, n_means, train_lengths);

  const double alike_below = info->kind == NN_FIELD_FEATURES ? EQUAL : ALIKE;
  const double limit = alike_below * alike_below * samples.variance * (double)samples.size;
  for (gsize first = 0; first < found->n_test; first += BLOCK)
    {
      const gsize n = MIN (BLOCK, found->n_test - first);
      if (g_cancellable_is_cancelled (cancellable))
        return FALSE;
      nn_gemm (nn_kernels_best (), FALSE, TRUE, n, n_train, n_means, test + first * n_means,
               n_means, train, n_means, FALSE, products, n_train);
      for (gsize i = 0; i < n; i++)
        {
          float length;
          squared_lengths (test + (first + i) * n_means, 1, n_means, &length);
          gboolean read = FALSE, alike = FALSE;
          for (gsize k = 0; k < n_train && !alike; k++)
            {
              /* |a - b|^2 = |a|^2 + |b|^2 - 2 a b, in float32 to about 1e-6 of the lengths. */
              const double apart =
                  length + train_lengths[k] - 2 * (double)products[i * n_train + k];
              if (apart > limit + 1e-5 * (length + train_lengths[k]))
                continue;
              const gsize t = nth (first + i, found->n_test, n_all[NN_PART_TEST]);
              const gsize u = nth (k, n_train, n_all[NN_PART_TRAIN]);
              if (!read)
                read_one (&samples, NN_PART_TEST, t, a);
              read = TRUE;
              read_one (&samples, NN_PART_TRAIN, u, b);
              alike = squared_difference (a, b, samples.size) <= limit;
              if (alike && found->n_found++ == 0)
                {
                  found->test = t;
                  found->train = u;
                }
            }
        }
    }
  return TRUE;
}
