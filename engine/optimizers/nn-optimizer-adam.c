#include "diabolo-config.h"

#include "optimizers/nn-optimizer-types.h"

#include <glib/gi18n-lib.h>
#include <math.h>

static const NnParamSpec params[] = {
  NN_LEARNING_RATE_SPEC (0.001),
  { .name = "beta-1",
    .title = N_ ("Beta 1"),
    .tip = N_ ("Memory of the direction: how much of the mean gradient is kept at each step."),
    .type = NN_PARAM_FLOAT,
    .flags = NN_PARAM_ADVANCED,
    .def = 0.9,
    .min = 0,
    .max = 0.99999,
    .soft_min = 0,
    .soft_max = 0.99 },
  { .name = "beta-2",
    .title = N_ ("Beta 2"),
    .tip = N_ ("Memory of the size: how much of the mean squared gradient is kept at each step."),
    .type = NN_PARAM_FLOAT,
    .flags = NN_PARAM_ADVANCED,
    .def = 0.999,
    .min = 0,
    .max = 0.9999999,
    .soft_min = 0.9,
    .soft_max = 0.9999 },
  { .name = "epsilon",
    .title = N_ ("Epsilon"),
    .tip =
        N_ ("Added to the divisor, so that weights with hardly any gradient take no huge steps."),
    .type = NN_PARAM_FLOAT,
    .flags = NN_PARAM_ADVANCED | NN_PARAM_LOG,
    .def = 1e-7,
    .min = 1e-12,
    .max = 1,
    .soft_min = 1e-10,
    .soft_max = 1e-2 },
  { NULL },
};

static const char *const slot_names[] = { "m", "v", NULL };

/* D. Kingma, J. Ba, "Adam: a method for stochastic optimization", 2015, in the form before
 * section 2.1 that Keras uses: lr_t = lr sqrt (1 - b2^t) / (1 - b1^t); w -= lr_t m / (sqrt (v) +
 * epsilon) */
static void
update (const NnKernels *kernels, const NnParams *values, guint64 step, const float *g, float *w,
        float *const *slot, gsize n)
{
  NnAdamStep adam = {
    .beta1 = (float)nn_params_float (values, "beta-1"),
    .beta2 = (float)nn_params_float (values, "beta-2"),
    .epsilon = (float)nn_params_float (values, "epsilon"),
  };
  /* From the rounded betas, which are those that m and v are made with. */
  double correction = sqrt (1 - pow ((double)adam.beta2, (double)step))
                      / (1 - pow ((double)adam.beta1, (double)step));

  adam.learning_rate = (float)(nn_params_float (values, "learning-rate") * correction);
  kernels->adam (&adam, g, w, slot[0], slot[1], n);
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
