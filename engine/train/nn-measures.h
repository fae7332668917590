/* nn-measures.h: what an evaluation has measured, node by node. Private to the trainer. */
#pragma once

#include "train/nn-run-history.h"
#include "train/nn-trainer.h"

G_BEGIN_DECLS

/* meter: of the plan, added over its shards, for n samples. penalty: of all weights; left out where
 * it is 0. (transfer full, element-type NnMeasure) */
GArray *nn_measures_new (const NnPlan *plan, double *meter, gsize n, double penalty);

/* What sampling layers have added to the loss, beta included; 0 without one. measures: NULL too. */
double nn_measures_divergence (const GArray *measures, NnDesign *design);

/* Divergence and metrics of a validation, for its row. Where several objectives have a metric, the
 * row has the first one's. measures: NULL too. */
void nn_measures_to_row (const GArray *measures, NnDesign *design, NnRow *row);

G_END_DECLS
