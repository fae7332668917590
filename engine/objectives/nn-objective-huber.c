#include "diabolo-config.h"

#include "objectives/nn-objective-types.h"

#include <glib/gi18n-lib.h>

static double
loss (const NnKernels *kernels, gboolean logits, const float *y, const float *t, float *d,
      float *sample, float scale, gsize rows, gsize cols)
{
  return nn_objective_mean_loss (kernels->huber, y, t, d, sample, scale, rows, cols);
}

const NnObjectiveType nn_objective_huber = {
  .id = "huber",
  .title = N_ ("Huber"),
  .short_title = N_ ("Huber"),
  .unit = N_ ("mean per value"),
  .summary = N_ ("Squared for errors up to 1, absolute beyond: outliers pull less."),
  .kind = NN_OBJECTIVE_RECONSTRUCTION,
  .from_logits = NN_ACTIVATION_LINEAR,
  .elementwise = TRUE,
  .loss = loss,
};
