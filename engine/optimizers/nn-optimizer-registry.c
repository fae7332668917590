#include "optimizers/nn-optimizer.h"

#include "optimizers/nn-optimizer-types.h"

#include <string.h>

static const NnOptimizerType *const types[] = {
  &nn_optimizer_adam,  &nn_optimizer_sgd,     &nn_optimizer_rmsprop,  &nn_optimizer_adamw,
  &nn_optimizer_nadam, &nn_optimizer_adagrad, &nn_optimizer_adadelta, NULL,
};

const NnOptimizerType *const *
nn_optimizer_types (void)
{
  return types;
}

const NnOptimizerType *
nn_optimizer_type (const char *id)
{
  for (gsize i = 0; types[i] != NULL; i++)
    if (strcmp (types[i]->id, id) == 0)
      return types[i];
  return NULL;
}
