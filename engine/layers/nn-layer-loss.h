/* nn-layer-loss.h: what the objective nodes have in common. */
#pragma once

#include "layers/nn-layer-params.h"
#include "ops/nn-op.h"

G_BEGIN_DECLS

extern const NnPort nn_loss_ports_in[]; /* prediction, target; weight (optional) */

/* What each sample or value counts, in order of the ports above. */
#define NN_PORT_LOSS_WEIGHT                                                                        \
  {                                                                                                \
    "weight", N_ ("How much each sample counts, or each value; without a connection, all alike"),  \
        TRUE                                                                                       \
  }

/* standard: an objective's id; list: of those that may be chosen. */
#define NN_PARAM_LOSS(standard, list)                                                              \
  {                                                                                                \
    .name = "loss", .title = N_ ("Loss"), .tip = N_ ("How the difference is measured."),           \
    .type = NN_PARAM_CHOICE, .flags = NN_PARAM_STRUCTURAL, .def_text = standard,                   \
    .list_choices = list                                                                           \
  }

#define NN_PARAM_WEIGHT                                                                            \
  {                                                                                                \
    .name = "weight", .title = N_ ("Weight"),                                                      \
    .tip = N_ ("How much this loss counts beside others."), .type = NN_PARAM_FLOAT, .def = 1,      \
    .min = 0, .max = 1e6, .soft_min = 0, .soft_max = 10, .flags = NN_PARAM_ADVANCED                \
  }

/* FALSE with both sizes in the text where prediction and target do not hold as many values. */
gboolean nn_loss_check_sizes (const NnShape *prediction, const NnShape *target, GError **error);

/* FALSE where a weight is connected that holds neither one value a sample (or a position that is
 * classified) nor, for losses that are a mean over values, as many as the prediction. */
gboolean nn_loss_check_weight (const NnParams *params, const NnInferContext *context,
                               GError **error);

/* The loss op over prediction, target and weight, for the objective chosen by parameter "loss". As
 * Keras' sample_weight: the mean over the batch of weight times loss. */
/* attrs (nullable): what else the loss does; objective and weight are filled in. */
void nn_loss_lower (const NnParams *params, NnLowering *lowering, guint prediction, guint target,
                    NnLossAttrs *attrs);

char *nn_loss_describe (const NnParams *params);

/* The objective chosen by parameter "loss" of an objective node. */
const NnObjectiveType *nn_loss_objective (const NnParams *params);

G_END_DECLS
