#include "diabolo-config.h"

#include "optimizers/nn-optimizer-types.h"

#include <glib/gi18n-lib.h>

static const NnParamSpec params[] = {
  NN_LEARNING_RATE_SPEC (0.001),
  { .name = "start",
    .title = N_ ("Start"),
    .tip =
        N_ ("What the sum of squared gradients counts from: more makes the first steps shorter."),
    .type = NN_PARAM_FLOAT,
    .flags = NN_PARAM_ADVANCED,
    .def = 0.1,
    .min = 0,
    .max = 100,
    .soft_min = 0,
    .soft_max = 1 },
  NN_EPSILON_SPEC,
  { NULL },
};

static const char *const slot_names[] = { "sum", NULL };

/* J. Duchi, E. Hazan, Y. Singer, "Adaptive subgradient methods for online learning and stochastic
 * optimization", 2011. */
static void
update (const NnOptimizerStep *step, const float *g, float *w, float *const *slot, gsize n)
{
  const NnAdagradStep adagrad = {
    .learning_rate = (float)step->learning_rate,
    .start = (float)nn_params_float (step->params, "start"),
    .epsilon = (float)nn_params_float (step->params, "epsilon"),
  };

  step->kernels->adagrad (&adagrad, g, w, slot[0], n);
}

const NnOptimizerType nn_optimizer_adagrad = {
  .id = "adagrad",
  .title = N_ ("Adagrad"),
  .summary =
      N_ ("Steps shrink as gradients add up, most where they were large: for rare features."),
  .params = params,
  .n_slots = 1,
  .slot_names = slot_names,
  .update = update,
};
