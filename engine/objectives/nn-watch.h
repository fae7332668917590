/* nn-watch.h: what training keeps an eye on after each epoch: one number, the loss or a metric. It
 * says when training has stopped getting anywhere (early stopping), and which epoch's weights were
 * the best. Its parameters are part of a design's training settings (nn_training_specs()).
 *
 * As Keras' EarlyStopping: an epoch is better where the number is better than the best by more than
 * the smallest difference; after `patience` epochs without a better one training ends.
 */
#pragma once

#include "objectives/nn-metrics.h"

G_BEGIN_DECLS

/* What was seen of a run; part of a checkpoint. */
typedef struct
{
  double best;  /* NaN before any */
  guint epoch;  /* that had it */
  guint wait;   /* epochs since */
  guint epochs; /* that were noted, so that none counts twice */
} NnWatchState;

#define NN_WATCH_STATE_INIT ((NnWatchState){ .best = (double)NAN })

/* Ended by a NULL name, static. */
const NnParamSpec *nn_watch_specs (void);

/* The metric that is watched; NULL: the loss. params: of a table that has nn_watch_specs() in it.
 */
const NnMetricType *nn_watch_metric (const NnParams *params);

/* After an epoch: what the watched number was; NaN is never better. TRUE where it is the best yet.
 */
gboolean nn_watch_note (const NnParams *params, guint epoch, double value, NnWatchState *state);
/* TRUE: too long without a better one. */
gboolean nn_watch_is_over (const NnParams *params, const NnWatchState *state);

G_END_DECLS
