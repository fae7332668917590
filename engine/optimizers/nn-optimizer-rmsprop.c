#include "diabolo-config.h"

#include "optimizers/nn-optimizer-types.h"

#include <glib/gi18n-lib.h>

static const NnParamSpec params[] = {
  NN_LEARNING_RATE_SPEC (0.001),
  NN_RHO_SPEC (0.9),
  { .name = "momentum",
    .title = N_ ("Momentum"),
    .tip = N_ ("How much of the last step is carried on, like a ball rolling downhill; 0 is none."),
    .type = NN_PARAM_FLOAT,
    .flags = NN_PARAM_ADVANCED,
    .def = 0,
    .min = 0,
    .max = 1,
    .soft_min = 0,
    .soft_max = 0.99 },
  NN_EPSILON_SPEC,
  { .name = "centered",
    .title = N_ ("Centred"),
    .tip = N_ ("Divides by the spread of the gradient around its mean instead of by its size."),
    .type = NN_PARAM_BOOL,
    .flags = NN_PARAM_ADVANCED,
    .def = 0,
    .min = 0,
    .max = 1 },
  { NULL },
};

static const char *const slot_names[] = { "square", "velocity", "mean", NULL };

/* T. Tieleman, G. Hinton, lecture 6.5 of "Neural networks for machine learning", 2012; epsilon
 * outside the root. */
static void
update (const NnOptimizerStep *step, const float *g, float *w, float *const *slot, gsize n)
{
  const NnRmspropStep rmsprop = {
    .learning_rate = (float)step->learning_rate,
    .rho = (float)nn_params_float (step->params, "rho"),
    .momentum = (float)nn_params_float (step->params, "momentum"),
    .epsilon = (float)nn_params_float (step->params, "epsilon"),
  };

  step->kernels->rmsprop (&rmsprop, g, w, slot[0], rmsprop.momentum > 0 ? slot[1] : NULL,
                          nn_params_bool (step->params, "centered") ? slot[2] : NULL, n);
}

const NnOptimizerType nn_optimizer_rmsprop = {
  .id = "rmsprop",
  .title = N_ ("RMSprop"),
  .summary = N_ ("Divides each step by the recent size of the gradient: steady on noisy losses."),
  .params = params,
  .n_slots = 3,
  .slot_names = slot_names,
  .update = update,
};
