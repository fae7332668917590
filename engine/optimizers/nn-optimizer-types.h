/* nn-optimizer-types.h: the descriptors that the registry lists, one per file, and what they share.
 */
#pragma once

#include "optimizers/nn-optimizer.h"

extern const NnOptimizerType nn_optimizer_adadelta;
extern const NnOptimizerType nn_optimizer_adagrad;
extern const NnOptimizerType nn_optimizer_adam;
extern const NnOptimizerType nn_optimizer_adamw;
extern const NnOptimizerType nn_optimizer_nadam;
extern const NnOptimizerType nn_optimizer_rmsprop;
extern const NnOptimizerType nn_optimizer_sgd;

/* The first row of every optimizer's table; default_rate is Keras'. */
#define NN_LEARNING_RATE_SPEC(default_rate)                                                        \
  {                                                                                                \
    .name = "learning-rate", .title = N_ ("Learning rate"),                                        \
    .tip = N_ (                                                                                    \
        "How far each step moves the weights: too small learns slowly, too large makes the loss "  \
        "jump or explode."),                                                                       \
    .type = NN_PARAM_FLOAT, .flags = NN_PARAM_LOG, .def = (default_rate), .min = 1e-12,            \
    .max = 100, .soft_min = 1e-5, .soft_max = 1                                                    \
  }

#define NN_BETA_1_SPEC                                                                             \
  {                                                                                                \
    .name = "beta-1", .title = N_ ("Beta 1"),                                                      \
    .tip = N_ ("Memory of the direction: how much of the mean gradient is kept at each step."),    \
    .type = NN_PARAM_FLOAT, .flags = NN_PARAM_ADVANCED, .def = 0.9, .min = 0, .max = 0.99999,      \
    .soft_min = 0, .soft_max = 0.99                                                                \
  }

#define NN_BETA_2_SPEC                                                                             \
  {                                                                                                \
    .name = "beta-2", .title = N_ ("Beta 2"),                                                      \
    .tip = N_ ("Memory of the size: how much of the mean squared gradient is kept at each step."), \
    .type = NN_PARAM_FLOAT, .flags = NN_PARAM_ADVANCED, .def = 0.999, .min = 0, .max = 0.9999999,  \
    .soft_min = 0.9, .soft_max = 0.9999                                                            \
  }

#define NN_RHO_SPEC(default_rho)                                                                   \
  {                                                                                                \
    .name = "rho", .title = N_ ("Rho"),                                                            \
    .tip = N_ ("Memory of the size: how much of the mean squared gradient is kept at each step."), \
    .type = NN_PARAM_FLOAT, .flags = NN_PARAM_ADVANCED, .def = (default_rho), .min = 0,            \
    .max = 0.99999, .soft_min = 0, .soft_max = 0.99                                                \
  }

#define NN_EPSILON_SPEC                                                                            \
  {                                                                                                \
    .name = "epsilon", .title = N_ ("Epsilon"),                                                    \
    .tip =                                                                                         \
        N_ ("Added to the divisor, so that weights with hardly any gradient take no huge steps."), \
    .type = NN_PARAM_FLOAT, .flags = NN_PARAM_ADVANCED | NN_PARAM_LOG, .def = 1e-7, .min = 1e-12,  \
    .max = 1, .soft_min = 1e-10, .soft_max = 1e-2                                                  \
  }

/* What Adam and AdamW do alike; decay is the share of each weight that is taken away. */
void nn_optimizer_adam_update (const NnOptimizerStep *step, double decay, const float *g, float *w,
                               float *const *slot, gsize n);
