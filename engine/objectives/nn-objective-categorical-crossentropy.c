#include "diabolo-config.h"

#include "objectives/nn-objective-types.h"

#include <glib/gi18n-lib.h>

static double
loss (const NnKernels *kernels, gboolean logits, const float *y, const float *t, float *d,
      float *sample, float scale, gsize rows, gsize cols)
{
  double (*kernel) (const float *, const float *, float *, float, gsize, gsize) =
      logits ? kernels->cce_logits : kernels->cce;
  double total = 0;

  if (sample == NULL)
    return kernel (y, t, d, scale, rows, cols);

  for (gsize r = 0; r < rows; r++)
    {
      gsize at = r * cols;
      double of_row = kernel (y + at, t + at, d != NULL ? d + at : NULL, scale, 1, cols);

      sample[r] = (float)of_row;
      total += of_row;
    }
  return total;
}

static double
correct (const float *y, const float *t, gsize rows, gsize cols)
{
  gsize n = 0;

  for (gsize r = 0; r < rows; r++)
    n += nn_arg_max (y + r * cols, cols) == nn_arg_max (t + r * cols, cols);
  return (double)n;
}

const NnObjectiveType nn_objective_categorical_crossentropy = {
  .id = "categorical-crossentropy",
  .title = N_ ("Categorical cross-entropy"),
  .short_title = N_ ("Cross-entropy"),
  .unit = N_ ("mean per sample"),
  .summary = N_ ("One class is right: for labels after a softmax. Accuracy is counted beside it."),
  .kind = NN_OBJECTIVE_CLASSIFICATION,
  .from_logits = NN_ACTIVATION_SOFTMAX,
  .loss = loss,
  .correct = correct,
};
