#include "diabolo-config.h"

#include "objectives/nn-objective-types.h"

#include <glib/gi18n-lib.h>
#include <math.h>

/* keras.backend.epsilon(), as for one-hot targets. */
#define PROBABILITY_MIN 1e-7f

/* FALSE where t names none of the classes. */
static gboolean
class_of (float t, gsize n_classes, gsize *index)
{
  const float rounded = roundf (t);

  if (!(rounded >= 0 && rounded < (float)n_classes))
    return FALSE;
  *index = (gsize)rounded;
  return TRUE;
}

/* log sum_j e^(z_j - z_t) from the largest z; derivative softmax (z) - 1 at t, softmax (z)
 * elsewhere. */
static double
row_of_logits (const NnKernels *kernels, const float *z, gsize t, float *d, float scale, gsize n)
{
  const gsize top = nn_arg_max (z, n);
  double sum = 0;

  if (d == NULL)
    for (gsize i = 0; i < n; i++)
      sum += (double)expf (z[i] - z[top]);
  else
    {
      kernels->activate (NN_ACTIVATION_SOFTMAX, 0, z, d, 1, n);
      /* The largest probability is that of e^0. */
      sum = 1 / (double)d[top];
      for (gsize i = 0; i < n; i++)
        d[i] *= scale;
      d[t] -= scale;
    }
  return log (sum) - (double)(z[t] - z[top]);
}

/* -log p_t; derivative -1 / p_t at t, where p_t is not clipped */
static double
row_of_probabilities (const float *p, gsize t, float *d, float scale, gsize n)
{
  const float clipped = CLAMP (p[t], PROBABILITY_MIN, 1 - PROBABILITY_MIN);

  for (gsize i = 0; d != NULL && i < n; i++)
    d[i] = 0;
  if (d != NULL && !(p[t] < clipped || p[t] > clipped))
    d[t] = -scale / clipped;
  return -log ((double)clipped);
}

static double
loss (const NnKernels *kernels, gboolean logits, const float *y, const float *t, float *d,
      float *sample, float scale, gsize rows, gsize cols)
{
  double total = 0;

  for (gsize r = 0; r < rows; r++)
    {
      const float *row = y + r * cols;
      float *row_d = d != NULL ? d + r * cols : NULL;
      gsize right = 0;
      double of_row = NAN; /* not a class: training stops, as for any other impossible loss */

      if (class_of (t[r], cols, &right))
        of_row = logits ? row_of_logits (kernels, row, right, row_d, scale, cols)
                        : row_of_probabilities (row, right, row_d, scale, cols);
      else
        for (gsize i = 0; row_d != NULL && i < cols; i++)
          row_d[i] = NAN;
      if (sample != NULL)
        sample[r] = (float)of_row;
      total += of_row;
    }
  return total;
}

static double
correct (const float *y, const float *t, gsize rows, gsize cols)
{
  gsize n = 0, right = 0;

  for (gsize r = 0; r < rows; r++)
    n += class_of (t[r], cols, &right) && nn_arg_max (y + r * cols, cols) == right;
  return (double)n;
}

const NnObjectiveType nn_objective_sparse_crossentropy = {
  .id = "sparse-crossentropy",
  .title = N_ ("Sparse cross-entropy"),
  .short_title = N_ ("Sparse cross-entropy"),
  .unit = N_ ("mean per sample"),
  .summary = N_ ("As categorical cross-entropy, but the target is the number of the right class, "
                 "counted from 0: for many classes, words for instance."),
  .kind = NN_OBJECTIVE_CLASSIFICATION,
  .from_logits = NN_ACTIVATION_SOFTMAX,
  .sparse = TRUE,
  .loss = loss,
  .correct = correct,
};
