/* nn-weight-tensors.h: the weights of a network as named tensors, "NODE NAME/WEIGHT NAME", for
 * files that take them elsewhere and bring them back. Any thread.
 */
#pragma once

#include "formats/nn-safetensors.h"
#include "model/nn-analysis.h"
#include "train/nn-checkpoint.h"

G_BEGIN_DECLS

/* include (nullable: all): which nodes. (element-type NnNamedTensor) (transfer full) */
GPtrArray *nn_weight_tensors_new (NnDesign *design, const NnCheckpoint *checkpoint,
                                  gboolean (*include) (guint node, gpointer data), gpointer data);

/* A checkpoint at the start of training with these weights. Each tensor must be a weight of the
 * network, of its shape; weights without a tensor are left out, so that a trainer draws them.
 * source names the file in errors: NN_ERROR_SHAPE, NN_ERROR_UNKNOWN. (transfer full) */
NnCheckpoint *nn_weight_tensors_to_checkpoint (GPtrArray *tensors, const char *source,
                                               const NnAnalysis *analysis, GError **error);

G_END_DECLS
