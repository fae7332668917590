/* nn-pace.h: how fast training goes and how long it will take. One thread. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define NN_PACE_MARKS 64

typedef struct
{
  double clock;      /* seconds of training, evaluation left out */
  guint64 samples;   /* trained in that time */
  double evaluation; /* seconds the last whole evaluation took, NaN before any */
  double evaluating; /* seconds of the evaluation under way */
  struct
  {
    double clock;
    guint64 samples;
  } mark[NN_PACE_MARKS]; /* ring, n_marks used, the last written at (n_marks - 1) % NN_PACE_MARKS */
  guint64 n_marks;
} NnPace;

/* Forgets everything. */
void nn_pace_init (NnPace *pace);
/* Training begins or goes on: the average starts anew, the time of an evaluation stays. */
void nn_pace_restart (NnPace *pace);
/* A batch of n samples took so many seconds, waiting for other work included. */
void nn_pace_add_batch (NnPace *pace, double seconds, guint n);
/* A piece of an evaluation, the last one or not. */
void nn_pace_add_evaluation (NnPace *pace, double seconds, gboolean last);

/* Samples a second over about the last second of training; 0 where nothing is known. */
double nn_pace_rate (const NnPace *pace);
/* Seconds for so many samples and evaluations of n_test samples each (fractions count); NaN if
 * unknown. */
double nn_pace_seconds_left (const NnPace *pace, double samples, double evaluations, gsize n_test);

G_END_DECLS
