/* nn-layer-loss.h: what the objective nodes have in common. */
#pragma once

#include "layers/nn-layer-params.h"

G_BEGIN_DECLS

extern const NnPort nn_loss_ports_in[]; /* prediction, target (required) */

#define NN_PARAM_WEIGHT                                                                            \
  {                                                                                                \
    .name = "weight", .title = N_ ("Weight"),                                                      \
    .tip = N_ ("How much this loss counts beside others."), .type = NN_PARAM_FLOAT, .def = 1,      \
    .min = 0, .max = 1e6, .soft_min = 0, .soft_max = 10, .flags = NN_PARAM_ADVANCED                \
  }

/* FALSE with both sizes in the text where prediction and target do not hold as many values. */
gboolean nn_loss_check_sizes (const NnShape *prediction, const NnShape *target, GError **error);

/* The loss op over prediction and target, for the objective chosen by parameter "loss". */
void nn_loss_lower (const NnParams *params, NnLowering *lowering, guint prediction, guint target);

char *nn_loss_describe (const NnParams *params);

/* The objective chosen by parameter "loss" of an objective node. */
const NnObjectiveType *nn_loss_objective (const NnParams *params);

G_END_DECLS
