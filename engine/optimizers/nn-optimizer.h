/* nn-optimizer.h: update rules. One rule = one file in optimizers/ = one descriptor, listed in
 * nn-optimizer-registry.c. Defaults and epsilon are those of Keras.
 */
#pragma once

#include "base/nn-kernels.h"
#include "base/nn-params.h"
#include "model/nn-types.h"

G_BEGIN_DECLS

#define NN_OPTIMIZER_MAX_SLOTS 3

struct _NnOptimizerType
{
  const char *id; /* "adam" */
  const char *title;
  const char *summary;
  const NnParamSpec *params; /* always has "learning-rate" */
  guint n_slots;             /* tensors of state per weight tensor, zero at first */
  const char *const *slot_names;

  /* w and slot[] (n) are updated from g (n), the whole gradient. step counts from 1. Elementwise:
   * the caller cuts tensors into ranges and runs them on any thread. */
  void (*update) (const NnKernels *kernels, const NnParams *params, guint64 step, const float *g,
                  float *w, float *const *slot, gsize n);
};

const NnOptimizerType *const *nn_optimizer_types (void); /* NULL-terminated, static */
const NnOptimizerType *nn_optimizer_type (const char *id);

G_END_DECLS
