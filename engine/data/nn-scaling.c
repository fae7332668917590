#include "data/nn-scaling.h"

#include <math.h>

typedef struct
{
  double n, sum, min, max, squares; /* squares: of differences from the mean */
} Column;

static void
measure (Column *columns, const float *values, gsize n, gsize n_features)
{
  for (gsize f = 0; f < n_features; f++)
    columns[f] = (Column){ .min = INFINITY, .max = -INFINITY };
  for (gsize i = 0; i < n; i++)
    for (gsize f = 0; f < n_features; f++)
      {
        const double x = values[i * n_features + f];
        if (isnan (x))
          continue;
        columns[f].n++;
        columns[f].sum += x;
        columns[f].min = MIN (columns[f].min, x);
        columns[f].max = MAX (columns[f].max, x);
      }
  /* A second pass: one with sums of squares loses small deviations from a large mean. */
  for (gsize i = 0; i < n; i++)
    for (gsize f = 0; f < n_features; f++)
      {
        const double x = values[i * n_features + f];
        if (isnan (x))
          continue;
        const double d = x - columns[f].sum / columns[f].n;
        columns[f].squares += d * d;
      }
}

static void
scale (float *const values[NN_N_PARTS], const gsize n_samples[NN_N_PARTS], gsize n_features,
       const gboolean *one_hot, const NnParams *options)
{
  const char *kind = nn_params_text (options, "scaling");
  const gboolean standardise = g_str_equal (kind, "standardise"),
                 range = g_str_equal (kind, "range");
  g_autofree Column *columns = g_new (Column, n_features);
  g_autofree float *mean = g_new (float, n_features);
  g_autofree double *shift = g_new0 (double, n_features), *factor = g_new (double, n_features);

  measure (columns, values[NN_PART_TRAIN], n_samples[NN_PART_TRAIN], n_features);
  for (gsize f = 0; f < n_features; f++)
    {
      const Column *c = &columns[f];
      const double middle = c->n > 0 ? c->sum / c->n : 0;
      double width = 1;
      mean[f] = (float)middle;
      factor[f] = 1;
      if ((!standardise && !range) || (one_hot && one_hot[f]))
        continue;
      if (c->n > 0)
        width = range ? c->max - c->min : sqrt (c->squares / c->n);
      shift[f] = range && c->n > 0 ? c->min : middle;
      factor[f] = width > 0 ? 1 / width : 0;
    }
  for (NnPart part = 0; part < NN_N_PARTS; part++)
    for (gsize i = 0; i < n_samples[part]; i++)
      for (gsize f = 0; f < n_features; f++)
        {
          float *x = &values[part][i * n_features + f];
          if (isnan (*x))
            *x = mean[f];
          *x = (float)((*x - shift[f]) * factor[f]);
        }
}

void
nn_scaling_apply (NnFieldStorage *storage, const gsize n_samples[NN_N_PARTS],
                  const gboolean *one_hot, const NnParams *options)
{
  const gsize n_features = (gsize)nn_shape_size (&storage->field.shape);
  float *values[NN_N_PARTS] = { NULL };

  if (!storage->floats[NN_PART_TRAIN])
    return;
  for (NnPart part = 0; part < NN_N_PARTS; part++)
    if (storage->floats[part])
      {
        gsize size;
        values[part] = g_bytes_unref_to_data (g_steal_pointer (&storage->floats[part]), &size);
      }
  scale (values, n_samples, n_features, one_hot, options);
  for (NnPart part = 0; part < NN_N_PARTS; part++)
    if (values[part])
      storage->floats[part] =
          g_bytes_new_take (values[part], n_samples[part] * n_features * sizeof (float));
}
