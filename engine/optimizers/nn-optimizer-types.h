/* nn-optimizer-types.h: the descriptors that the registry lists, one per file, and what they share.
 */
#pragma once

#include "optimizers/nn-optimizer.h"

extern const NnOptimizerType nn_optimizer_adam;
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
