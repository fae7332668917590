/* nn-schedule.h: how the learning rate changes while training goes on. One schedule = one row of
 * the table in nn-schedule.c with its own parameters. The parameters of all of them are part of a
 * design's training settings (nn_training_specs()); only those of the chosen one have an effect.
 *
 * Time counts in optimizer steps from the run's beginning and starts after the warm-up, as in
 * Keras' CosineDecay. An epoch is as many steps as it has batches.
 */
#pragma once

#include "base/nn-params.h"

G_BEGIN_DECLS

/* What a schedule that watches the loss remembers; part of a checkpoint. */
typedef struct
{
  double factor; /* of the learning rate, 1 at first */
  double best;   /* smallest loss seen; infinite before any */
  guint wait;    /* epochs without a smaller one */
  guint cooldown;
  guint epochs; /* epochs whose loss was noted, so that none counts twice */
} NnScheduleState;

#define NN_SCHEDULE_STATE_INIT ((NnScheduleState){ .factor = 1, .best = (double)INFINITY })

typedef struct
{
  guint64 step;    /* steps done in this run */
  guint n_batches; /* steps of an epoch */
  guint n_epochs;  /* that the run is to have in all */
} NnScheduleTime;

/* The parameters of all schedules, with the choice "schedule" and the warm-up. Ended by a NULL
 * name, static. */
const NnParamSpec *nn_schedule_specs (void);

/* What the optimizer's learning rate is multiplied by for the step that comes next. params: of a
 * table that has nn_schedule_specs() in it. */
double nn_schedule_factor (const NnParams *params, const NnScheduleTime *time,
                           const NnScheduleState *state);

/* TRUE where nn_schedule_factor() depends on state, that is on nn_schedule_note_loss(). */
gboolean nn_schedule_watches_loss (const NnParams *params);

/* After an epoch: its validation loss, or its training loss where there is no validation. rate: the
 * optimizer's learning rate, before any factor. */
void nn_schedule_note_loss (const NnParams *params, guint epoch, double loss, double rate,
                            NnScheduleState *state);

G_END_DECLS
