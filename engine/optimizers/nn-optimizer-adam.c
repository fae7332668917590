#include "diabolo-config.h"

#include "optimizers/nn-optimizer-types.h"

#include <glib/gi18n-lib.h>
#include <math.h>

static const NnParamSpec params[] = {
  NN_LEARNING_RATE_SPEC (0.001), NN_BETA_1_SPEC, NN_BETA_2_SPEC, NN_EPSILON_SPEC, { NULL },
};

static const char *const slot_names[] = { "m", "v", NULL };

/* D. Kingma, J. Ba, "Adam: a method for stochastic optimization", 2015, in the form before
 * section 2.1 that Keras uses: lr_t = lr sqrt (1 - b2^t) / (1 - b1^t); w -= lr_t m / (sqrt (v) +
 * epsilon) */
void
nn_optimizer_adam_update (const NnOptimizerStep *step, double decay, const float *g, float *w,
                          float *const *slot, gsize n)
{
  NnAdamStep adam = {
    .beta1 = (float)nn_params_float (step->params, "beta-1"),
    .beta2 = (float)nn_params_float (step->params, "beta-2"),
    .epsilon = (float)nn_params_float (step->params, "epsilon"),
    .decay = (float)decay,
  };
  /* From the rounded betas, which are those that m and v are made with. */
  double correction = sqrt (1 - pow ((double)adam.beta2, (double)step->step))
                      / (1 - pow ((double)adam.beta1, (double)step->step));

  adam.learning_rate = (float)(step->learning_rate * correction);
  step->kernels->adam (&adam, g, w, slot[0], slot[1], n);
}

static void
update (const NnOptimizerStep *step, const float *g, float *w, float *const *slot, gsize n)
{
  nn_optimizer_adam_update (step, 0, g, w, slot, n);
}

const NnOptimizerType nn_optimizer_adam = {
  .id = "adam",
  .title = N_ ("Adam"),
  .summary = N_ ("Finds a step size for each weight by itself: a good first choice."),
  .params = params,
  .n_slots = 2,
  .slot_names = slot_names,
  .update = update,
};
