#include "diabolo-config.h"

#include "objectives/nn-objective-types.h"

#include <glib/gi18n-lib.h>

static double
loss (const NnKernels *kernels, gboolean logits, const float *y, const float *t, float *d,
      float *sample, float scale, gsize rows, gsize cols)
{
  return nn_objective_mean_loss (logits ? kernels->bce_logits : kernels->bce, y, t, d, sample,
                                 scale, rows, cols);
}

const NnObjectiveType nn_objective_binary_crossentropy = {
  .id = "binary-crossentropy",
  .title = N_ ("Binary cross-entropy"),
  .short_title = N_ ("Cross-entropy"),
  .unit = N_ ("mean per value"),
  .summary =
      N_ ("Each value is a probability of being on: for pixels from 0 to 1 after a sigmoid."),
  .kind = NN_OBJECTIVE_RECONSTRUCTION,
  .from_logits = NN_ACTIVATION_SIGMOID,
  .elementwise = TRUE,
  .loss = loss,
};
