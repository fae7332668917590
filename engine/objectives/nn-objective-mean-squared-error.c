#include "diabolo-config.h"

#include "objectives/nn-objective-types.h"

#include <glib/gi18n-lib.h>

static double
loss (const NnKernels *kernels, gboolean logits, const float *y, const float *t, float *d,
      float *sample, float scale, gsize rows, gsize cols)
{
  return nn_objective_mean_loss (kernels->squared_error, y, t, d, sample, scale, rows, cols);
}

const NnObjectiveType nn_objective_mean_squared_error = {
  .id = "mean-squared-error",
  .title = N_ ("Mean squared error"),
  .short_title = N_ ("Squared error"),
  .unit = N_ ("mean per value"),
  .summary = N_ ("The squared distance between output and target: for values of any range."),
  .kind = NN_OBJECTIVE_RECONSTRUCTION,
  .from_logits = NN_ACTIVATION_LINEAR,
  .elementwise = TRUE,
  .loss = loss,
};
