#include "diabolo-config.h"

#include "optimizers/nn-optimizer-types.h"

#include <glib/gi18n-lib.h>

static const NnParamSpec params[] = {
  NN_LEARNING_RATE_SPEC (0.001),
  NN_RHO_SPEC (0.95),
  NN_EPSILON_SPEC,
  { NULL },
};

static const char *const slot_names[] = { "square", "change", NULL };

/* M. Zeiler, "ADADELTA: an adaptive learning rate method", 2012. */
static void
update (const NnOptimizerStep *step, const float *g, float *w, float *const *slot, gsize n)
{
  const NnAdadeltaStep adadelta = {
    .learning_rate = (float)step->learning_rate,
    .rho = (float)nn_params_float (step->params, "rho"),
    .epsilon = (float)nn_params_float (step->params, "epsilon"),
  };

  step->kernels->adadelta (&adadelta, g, w, slot[0], slot[1], n);
}

const NnOptimizerType nn_optimizer_adadelta = {
  .id = "adadelta",
  .title = N_ ("Adadelta"),
  .summary =
      N_ ("Steps as long as recent changes of the weights: a learning rate of 1 is the original."),
  .params = params,
  .n_slots = 2,
  .slot_names = slot_names,
  .update = update,
};
