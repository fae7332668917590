/* nn-node-values-probe.h: the outputs of chosen nodes for chosen samples: thumbnails on the graph
 * (one sample, every node) and the reconstruction grid (many samples, a few nodes).
 */
#pragma once

#include "explore/nn-probe.h"

G_BEGIN_DECLS

typedef enum
{
  NN_PICK_LISTED, /* the given indices */
  NN_PICK_RANDOM, /* n at random, by seed */
  NN_PICK_WORST,  /* the n of largest loss among the whole part (looked for in pieces of at most
                     2,000 a time) */
  NN_PICK_GIVEN,  /* one sample that is not of the data: the given input values */
} NnPick;

typedef struct
{
  NnProbe base;
  NnPart part;
  NnPick pick;
  GArray *samples; /* guint32, LISTED */
  guint n;         /* RANDOM, WORST */
  guint64 seed;    /* RANDOM */
  GArray *nodes;   /* guint node ids; empty: every node with a known output */
  float *given;    /* (n_given), GIVEN: what the Input node gives; other inputs are those of the
                      first of samples */
  gsize n_given;
} NnNodeValuesProbe;

typedef struct
{
  guint node;
  NnShape shape;    /* of one sample */
  NnTensor *values; /* (n, S) */
} NnNodeValues;

typedef struct
{
  NnProbeResult base;
  GArray *samples;       /* guint32 (n) */
  GArray *labels;        /* gint (n): class, -1 where there is none */
  GPtrArray *nodes;      /* NnNodeValues, owned */
  NnTensor *sample_loss; /* (n): unweighted loss of each sample, or NULL */
  double mean_loss;      /* over the whole part where it was looked through (WORST), else NaN */
} NnNodeValuesResult;

NnProbe *nn_node_values_probe_new (guint id, NnPart part, NnPick pick, const guint32 *samples,
                                   guint n, guint64 seed, const guint *nodes, guint n_nodes);
/* GIVEN: the values (n) of one image or the like, copied; sample: for all other inputs. */
NnProbe *nn_node_values_probe_new_given (guint id, const float *values, gsize n, NnPart part,
                                         guint32 sample, const guint *nodes, guint n_nodes);
/* NULL if that node's output is not among them. */
const NnNodeValues *nn_node_values_result_find (const NnNodeValuesResult *result, guint node);

/* What RANDOM picks: appends min (n, n_part) of the first n_part indices to samples (guint32). */
void nn_pick_random (gsize n, gsize n_part, guint64 seed, GArray *samples);

extern const NnProbeType nn_node_values_probe_type;

G_END_DECLS
