/* nn-weight-order.h: tensors of another program, whose names say nothing here, against the weights
 * of a network: layer by layer by their shapes and their order, as PyTorch's state dicts and
 * Keras's layers have them. Any thread.
 */
#pragma once

#include "formats/nn-weight-match.h"

G_BEGIN_DECLS

/* As nn_weight_match_new(). The tensors of a layer stand together under the beginning of their
 * names ("layer1.0.conv2."); each layer of the network takes the first that has what it needs, and
 * nothing else. What PyTorch has the other way round ("weight": channels first, units first) is
 * turned. Recurrent layers are left missing: how their gates lie cannot be told from shapes. */
GPtrArray *nn_weight_order_match (GPtrArray *tensors, const NnAnalysis *analysis);

G_END_DECLS
