/* nn-layer-merge.h: what layers with several inputs of one kind have in common. */
#pragma once

#include "layers/nn-layer-params.h"
#include "ops/nn-op.h"

G_BEGIN_DECLS

/* Two required and two optional inputs. */
extern const NnPort nn_merge_ports[];

/* All connected inputs have one shape, which is the output's. */
gboolean nn_merge_infer_same (const NnParams *params, const NnInferContext *context, NnShape *out,
                              GError **error);
/* op over the connected inputs. */
void nn_merge_lower (NnLowering *lowering, const NnOpType *op);

G_END_DECLS
