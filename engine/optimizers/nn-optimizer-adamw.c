#include "diabolo-config.h"

#include "optimizers/nn-optimizer-types.h"

#include <glib/gi18n-lib.h>

static const NnParamSpec params[] = {
  NN_LEARNING_RATE_SPEC (0.001),
  { .name = "weight-decay",
    .title = N_ ("Weight decay"),
    .tip = N_ ("Share of each weight, times the learning rate, that every step takes away."),
    .type = NN_PARAM_FLOAT,
    .flags = NN_PARAM_LOG | NN_PARAM_OFF_AT_ZERO,
    .def = 0.004,
    .min = 0,
    .max = 10,
    .soft_min = 1e-5,
    .soft_max = 1 },
  NN_BETA_1_SPEC,
  NN_BETA_2_SPEC,
  NN_EPSILON_SPEC,
  { NULL },
};

static const char *const slot_names[] = { "m", "v", NULL };

/* I. Loshchilov, F. Hutter, "Decoupled weight decay regularization", 2019: w -= lr decay w, and
 * Adam's step. */
static void
update (const NnOptimizerStep *step, const float *g, float *w, float *const *slot, gsize n)
{
  const double decay = step->learning_rate * nn_params_float (step->params, "weight-decay");

  nn_optimizer_adam_update (step, decay, g, w, slot, n);
}

const NnOptimizerType nn_optimizer_adamw = {
  .id = "adamw",
  .title = N_ ("AdamW"),
  .summary = N_ ("Adam that also lets weights shrink: less learning by heart."),
  .params = params,
  .n_slots = 2,
  .slot_names = slot_names,
  .update = update,
};
