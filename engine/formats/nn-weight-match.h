/* nn-weight-match.h: named tensors against the weights of a network: what fits, what differs, what
 * is missing, what is left over. Seen before anything is loaded. Any thread.
 */
#pragma once

#include "formats/nn-safetensors.h"
#include "model/nn-analysis.h"
#include "train/nn-checkpoint.h"

G_BEGIN_DECLS

typedef enum
{
  NN_MATCH_FITS,
  NN_MATCH_DIFFERS, /* a tensor of that name has another shape */
  NN_MATCH_MISSING, /* no tensor has the name of the weight */
  NN_MATCH_SURPLUS, /* no weight has the name of the tensor */
  NN_N_MATCHES
} NnMatchKind;

const char *nn_match_title (NnMatchKind kind); /* "fits", translated */

typedef struct
{
  NnMatchKind kind;
  char *name; /* owned: "Dense 1/kernel" */
  guint node;
  char *weight;          /* owned: "kernel"; NULL: surplus */
  char *from;            /* owned: the tensor's name where that is another one, else NULL */
  NnShape wanted, found; /* rank -1 where there is none */
  NnTensor *tensor;      /* owned, as the network has it where it fits; NULL: missing */
} NnWeightMatch;

/* One for each weight of the network, in its order, then one for each tensor that is left over.
 * (element-type NnWeightMatch) (transfer full) */
GPtrArray *nn_weight_match_new (GPtrArray *tensors, const NnAnalysis *analysis);
/* The same; where no tensor has the name of a weight, by shape and order (nn-weight-order.h), if
 * anything fits so. For who looks before anything is loaded. */
GPtrArray *nn_weight_match_any (GPtrArray *tensors, const NnAnalysis *analysis);
/* One more that is left over. */
void nn_weight_match_add_surplus (GPtrArray *matches, const NnNamedTensor *named);
guint nn_weight_match_count (GPtrArray *matches, NnMatchKind kind);

/* A checkpoint at the start of training with what fits; the rest as in base (nullable), or left out
 * for a trainer to draw. (transfer full) */
NnCheckpoint *nn_weight_match_checkpoint (GPtrArray *matches, const NnAnalysis *analysis,
                                          const NnCheckpoint *base);

G_END_DECLS
