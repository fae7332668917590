/* nn-activations-probe.h: what one node gives for one sample or on average over a batch, and how
 * each of its units behaves over that batch: the activations viewer.
 *
 * A unit is what has weights of its own: the last dimension of the output, a channel of (H, W, C),
 * a feature of (T, F), a value of (F).
 */
#pragma once

#include "explore/nn-probe.h"
#include "explore/nn-statistics.h"

G_BEGIN_DECLS

typedef struct
{
  NnProbe base;
  NnPart part;
  guint node;
  guint32 sample;   /* shown, where average is not set */
  guint n_batch;    /* the first so many samples of the part, or all there are */
  gboolean average; /* shown: the mean of the batch */
} NnActivationsProbe;

typedef struct
{
  NnProbeResult base;
  guint node;
  guint32 sample;   /* as asked for */
  gboolean average; /* likewise */
  NnShape shape;    /* of one sample */
  NnTensor *values; /* (S) */
  guint n_units;
  NnStatistics *units; /* (n_units): over batch and positions */
  guint n_dead;        /* of them 0 everywhere */
  guint n_batch;
  gint label; /* class of the sample; -1: none, or the average */
} NnActivationsResult;

NnProbe *nn_activations_probe_new (guint id, NnPart part, guint node, guint32 sample, guint n_batch,
                                   gboolean average);
/* TRUE if this unit gave 0 everywhere over the batch. */
gboolean nn_activations_is_dead (const NnStatistics *unit);

extern const NnProbeType nn_activations_probe_type;

G_END_DECLS
