/* nn-histograms-probe.h: how the weights, gradients and activations of a node have been spread over
 * the time that somebody has looked: the histograms viewer. While one node is shown, the others are
 * gathered too, so that going from one to the next finds a past.
 */
#pragma once

#include "explore/nn-histogram-series.h"
#include "explore/nn-probe.h"

G_BEGIN_DECLS

typedef enum
{
  NN_SPREAD_WEIGHTS,     /* all that is trained in the node */
  NN_SPREAD_GRADIENTS,   /* of them, as the optimizer got them in one of the last batches */
  NN_SPREAD_ACTIVATIONS, /* the node's output for the first samples of the test part */
  NN_N_SPREADS
} NnSpread;

#define NN_SPREAD_BINS 64    /* of what is drawn */
#define NN_SPREAD_SAMPLES 64 /* whose activations are looked at, at most */

typedef struct
{
  NnProbeResult base;
  guint node;
  gint64 n_weights; /* that the node trains; 0: none */
  /* Over epochs (fractions: batches). NULL: the node has none, or there was none yet. */
  NnHistogramView *spread[NN_N_SPREADS];
} NnHistogramsResult;

/* before (nullable): a probe of this type that was asked until now: its past is gone on with, as
 * long as the run is the same. (transfer full) */
NnProbe *nn_histograms_probe_new (guint id, guint node, NnProbe *before);

extern const NnProbeType nn_histograms_probe_type;

G_END_DECLS
