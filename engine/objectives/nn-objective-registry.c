#include "objectives/nn-objective.h"

#include "objectives/nn-objective-types.h"

#include <string.h>

static const NnObjectiveType *const types[] = {
  &nn_objective_binary_crossentropy,
  &nn_objective_mean_squared_error,
  &nn_objective_mean_absolute_error,
  &nn_objective_huber,
  &nn_objective_cosine,
  &nn_objective_categorical_crossentropy,
  &nn_objective_sparse_crossentropy,
  NULL,
};

const NnObjectiveType *const *
nn_objective_types (void)
{
  return types;
}

const NnObjectiveType *
nn_objective_type (const char *id)
{
  for (gsize i = 0; types[i] != NULL; i++)
    if (strcmp (types[i]->id, id) == 0)
      return types[i];
  return NULL;
}

static NnChoice *
choices_of (NnObjectiveKind kind)
{
  NnChoice *choices = g_new0 (NnChoice, G_N_ELEMENTS (types));
  gsize n = 0;

  for (gsize i = 0; types[i] != NULL; i++)
    if (types[i]->kind == kind)
      choices[n++] = (NnChoice){ types[i]->id, types[i]->title, types[i]->summary };
  return choices;
}

/* Made once from the descriptors, so that there is no second list to keep equal. */
const NnChoice *
nn_objective_choices (NnObjectiveKind kind)
{
  static NnChoice *reconstruction = NULL;
  static NnChoice *classification = NULL;
  NnChoice **choices = kind == NN_OBJECTIVE_RECONSTRUCTION ? &reconstruction : &classification;

  if (g_once_init_enter (choices))
    g_once_init_leave (choices, choices_of (kind));
  return *choices;
}

double
nn_objective_mean_loss (NnLossKernel kernel, const float *y, const float *t, float *d,
                        float *sample, float scale, gsize rows, gsize cols)
{
  double total = 0;

  if (sample == NULL)
    return kernel (y, t, d, scale / (float)cols, rows * cols) / (double)cols;

  for (gsize r = 0; r < rows; r++)
    {
      gsize at = r * cols;
      double loss = kernel (y + at, t + at, d != NULL ? d + at : NULL, scale / (float)cols, cols)
                    / (double)cols;

      sample[r] = (float)loss;
      total += loss;
    }
  return total;
}

gsize
nn_arg_max (const float *x, gsize n)
{
  gsize best = 0;

  for (gsize i = 1; i < n; i++)
    if (x[i] > x[best])
      best = i;
  return best;
}
