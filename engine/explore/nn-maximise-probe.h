/* nn-maximise-probe.h: inputs that most excite chosen units of a node, climbed to step by step with
 * the network as it is: the maximise viewer. Noise and dropout are off, penalties have no say.
 *
 * A unit is the last dimension of the output: a value of (F), a channel of (H, W, C), which answers
 * with the mean over all positions of what is positive in it, a feature of (T, F) likewise. Where
 * the node ends with an activation function, what goes into it is climbed: a logit where it is a
 * softmax. There is a slope where the function has none.
 */
#pragma once

#include "explore/nn-maximise.h"
#include "explore/nn-probe.h"

G_BEGIN_DECLS

#define NN_MAXIMISE_MOST NN_PLAN_PULL_BATCH /* units at a time */

typedef struct
{
  guint node;
  const guint32 *units; /* (n_units) from 0 on, rising; those that the layer does not have are left
                           out */
  guint n_units;        /* 1 .. NN_MAXIMISE_MOST */
  guint n_steps;        /* that are to be done in all */
  gboolean paused;      /* not now */
  guint64 seed;         /* of the noise; another one begins anew */
  guint32 sample;       /* of the test part: what all other inputs give */
  NnMaximiseSettings settings;
} NnMaximiseQuestion;

typedef struct
{
  NnProbeResult base;
  guint node;
  guint n_layer; /* units that the layer has */
  guint64 seed;  /* as asked for */
  guint n;
  guint32 *units;      /* (n) */
  NnShape shape;       /* of the input, */
  NnTensor *pictures;  /* (n, S) which excites them so far */
  float low, high;     /* of the data */
  float *activation;   /* (n); NaN before the first step */
  gboolean *flat;      /* (n): the last step found no slope */
  guint n_steps;       /* done */
  guint n_points;      /* of the course: */
  guint stride;        /* steps from one to the next */
  float *course;       /* (n_points, n) */
  NnActivation before; /* what is climbed goes into this; LINEAR: it is the output */
} NnMaximiseResult;

/* before (nullable): a probe of this type that was asked until now. What it has reached is gone on
 * with where node, units and seed are the same and the weights have not jumped (reset, another
 * moment of the run). Once all steps are done, each further change of the weights is followed by
 * one more. (transfer full) */
NnProbe *nn_maximise_probe_new (guint id, const NnMaximiseQuestion *question, NnProbe *before);

extern const NnProbeType nn_maximise_probe_type;

G_END_DECLS
