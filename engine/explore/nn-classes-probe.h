/* nn-classes-probe.h: what a classifier says of the samples of a part. A look at the whole part
 * goes in pieces of at most 10 ms, so that neither training nor commands wait; while training a new
 * one begins at the end of an epoch, else not before a second has passed.
 */
#pragma once

#include "explore/nn-classes.h"
#include "explore/nn-probe.h"

G_BEGIN_DECLS

/* Samples looked at, the first of the part. */
#define NN_CLASSES_MAX_SAMPLES 20000
/* More classes fill no screen. */
#define NN_CLASSES_MAX_CLASSES 256

typedef struct
{
  NnProbeResult base;
  NnClassesTable *table; /* of the last look that was finished; NULL before */
  double fraction;       /* done of the look that is under way */
} NnClassesResult;

/* objective: the id of a node that compares with classes. */
NnProbe *nn_classes_probe_new (guint id, NnPart part, guint objective);

/* The first objective that compares with classes and needs nothing but the data; 0 where there is
 * none, with a reason (transfer full) that says what the network would need. */
guint nn_classes_find_objective (const NnAnalysis *analysis, char **reason);
/* The label field whose classes it compares with: for names. NULL where it is no label. */
const NnField *nn_classes_field (const NnAnalysis *analysis, guint objective);

extern const NnProbeType nn_classes_probe_type;

G_END_DECLS
