/* nn-weights-probe.h: the weights of one node as they are now: the weights viewer.
 */
#pragma once

#include "explore/nn-probe.h"

G_BEGIN_DECLS

typedef struct
{
  NnProbe base;
  guint node;
} NnWeightsProbe;

typedef struct
{
  char *name; /* "kernel" */
  NnTensor *values;
} NnWeightValues;

typedef struct
{
  NnProbeResult base;
  guint node;
  GPtrArray *weights; /* NnWeightValues, owned; never empty */
} NnWeightsResult;

NnProbe *nn_weights_probe_new (guint id, guint node);

extern const NnProbeType nn_weights_probe_type;

G_END_DECLS
