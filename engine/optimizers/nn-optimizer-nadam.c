#include "diabolo-config.h"

#include "optimizers/nn-optimizer-types.h"

#include <glib/gi18n-lib.h>
#include <math.h>

static const NnParamSpec params[] = {
  NN_LEARNING_RATE_SPEC (0.001),
  NN_BETA_1_SPEC,
  NN_BETA_2_SPEC,
  NN_EPSILON_SPEC,
  { .name = "momentum-decay",
    .title = N_ ("Warm-up"),
    .tip = N_ ("How fast the momentum grows from half of beta 1 to all of it; 0 keeps it at half."),
    .type = NN_PARAM_FLOAT,
    .flags = NN_PARAM_ADVANCED,
    .def = 0.004,
    .min = 0,
    .max = 1,
    .soft_min = 0,
    .soft_max = 0.1 },
  { NULL },
};

static const char *const slot_names[] = { "m", "v", NULL };

/* The product over i = 1 .. t of 1 - q^i / 2, from its logarithm
 * -sum_k 2^-k / k sum_i q^(i k): no state, and as fast after a million steps as after one. */
static double
schedule_product (double q, double t)
{
  const double q_t = pow (q, t);
  double sum = 0, share = 1, q_k = 1, q_kt = 1;

  for (guint k = 1; k <= 54; k++)
    {
      share /= 2;
      q_k *= q;
      q_kt *= q_t;
      sum += share / k * (q_k < 1 ? q_k * (1 - q_kt) / (1 - q_k) : t);
    }
  return exp (-sum);
}

/* T. Dozat, "Incorporating Nesterov momentum into Adam", 2016, with Keras' schedule
 * mu_t = b1 (1 - 0.96^(decay t) / 2), M_t = mu_1 ... mu_t:
 * w -= lr (mu_{t+1} m / (1 - M_{t+1}) + (1 - mu_t) g / (1 - M_t)) / (sqrt (v / (1 - b2^t)) +
 * epsilon), all of it times sqrt (1 - b2^t) here. */
static void
update (const NnOptimizerStep *step, const float *g, float *w, float *const *slot, gsize n)
{
  const double t = (double)step->step, rate = step->learning_rate;
  const double q = pow (0.96, nn_params_float (step->params, "momentum-decay"));
  NnAdamStep adam = {
    .beta1 = (float)nn_params_float (step->params, "beta-1"),
    .beta2 = (float)nn_params_float (step->params, "beta-2"),
  };
  const double beta1 = (double)adam.beta1;
  const double size = sqrt (1 - pow ((double)adam.beta2, t));
  const double now = beta1 * (1 - pow (q, t) / 2), next = beta1 * (1 - pow (q, t + 1) / 2);
  const double product = pow (beta1, t) * schedule_product (q, t);

  adam.learning_rate = (float)(rate * size * next / (1 - product * next));
  adam.gradient_rate = (float)(rate * size * (1 - now) / (1 - product));
  adam.epsilon = (float)(size * nn_params_float (step->params, "epsilon"));
  step->kernels->adam (&adam, g, w, slot[0], slot[1], n);
}

const NnOptimizerType nn_optimizer_nadam = {
  .id = "nadam",
  .title = N_ ("Nadam"),
  .summary = N_ ("Adam that looks ahead along its momentum, as Nesterov does."),
  .params = params,
  .n_slots = 2,
  .slot_names = slot_names,
  .update = update,
};
