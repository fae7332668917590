/* nn-optimizer.h: update rules. One rule = one file in optimizers/ = one descriptor, listed in
 * nn-optimizer-registry.c. Defaults and epsilon are those of Keras.
 */
#pragma once

#include "base/nn-kernels.h"
#include "base/nn-params.h"
#include "model/nn-types.h"

G_BEGIN_DECLS

#define NN_OPTIMIZER_MAX_SLOTS 3

/* What one update has in common for all ranges of one weight tensor. */
typedef struct
{
  const NnKernels *kernels;
  const NnParams *params; /* of the optimizer's table */
  double learning_rate;   /* in force: params' own, times the schedule's factor */
  guint64 step;           /* updates of this tensor since its state was zero, from 1 */
} NnOptimizerStep;

struct _NnOptimizerType
{
  const char *id; /* "adam" */
  const char *title;
  const char *summary;
  const NnParamSpec *params; /* always has "learning-rate" */
  guint n_slots;             /* tensors of state per weight tensor, zero at first */
  const char *const *slot_names;

  /* w and slot[] (n) are updated from g (n), the whole gradient. Elementwise: the caller cuts
   * tensors into ranges and runs them on any thread. */
  void (*update) (const NnOptimizerStep *step, const float *g, float *w, float *const *slot,
                  gsize n);
};

const NnOptimizerType *const *nn_optimizer_types (void); /* NULL-terminated, static */
const NnOptimizerType *nn_optimizer_type (const char *id);

G_END_DECLS
