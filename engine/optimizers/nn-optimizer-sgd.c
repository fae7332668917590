#include "diabolo-config.h"

#include "optimizers/nn-optimizer-types.h"

#include <glib/gi18n-lib.h>

static const NnParamSpec params[] = {
  NN_LEARNING_RATE_SPEC (0.01),
  { .name = "momentum",
    .title = N_ ("Momentum"),
    .tip = N_ ("How much of the last step is carried on, like a ball rolling downhill; 0 is none."),
    .type = NN_PARAM_FLOAT,
    .def = 0,
    .min = 0,
    .max = 1,
    .soft_min = 0,
    .soft_max = 0.99 },
  { .name = "nesterov",
    .title = N_ ("Nesterov"),
    .tip = N_ ("Nesterov momentum looks ahead along the momentum before it corrects the course."),
    .type = NN_PARAM_BOOL,
    .flags = NN_PARAM_ADVANCED,
    .def = 0,
    .min = 0,
    .max = 1 },
  { NULL },
};

static const char *const slot_names[] = { "velocity", NULL };

static void
update (const NnOptimizerStep *step, const float *g, float *w, float *const *slot, gsize n)
{
  NnSgdStep sgd = {
    .learning_rate = (float)step->learning_rate,
    .momentum = (float)nn_params_float (step->params, "momentum"),
    .nesterov = nn_params_bool (step->params, "nesterov"),
  };

  step->kernels->sgd (&sgd, g, w, sgd.momentum != 0 ? slot[0] : NULL, n);
}

const NnOptimizerType nn_optimizer_sgd = {
  .id = "sgd",
  .title = N_ ("SGD"),
  .summary = N_ ("Stochastic gradient descent: plain steps downhill, with momentum if wanted."),
  .params = params,
  .n_slots = 1,
  .slot_names = slot_names,
  .update = update,
};
