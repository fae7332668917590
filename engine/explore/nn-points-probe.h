/* nn-points-probe.h: data of two or three dimensions as points, what the network makes of them, and
 * the line or sheet on which the decoder can put them.
 */
#pragma once

#include "explore/nn-probe.h"

G_BEGIN_DECLS

#define NN_POINTS_MAX_DIM 3
#define NN_POINTS_SWEEP_LINE 200 /* codes along a line */
#define NN_POINTS_SWEEP_SHEET 24 /* codes along each side of a sheet */

typedef struct
{
  NnProbeResult base;
  guint n, dim;    /* points; 2 or 3 */
  guint code_size; /* D; 0: the network has no code */
  GArray *samples; /* guint32 (n) of the test part */
  GArray *labels;  /* gint (n): class, -1 where there is none */
  float *target;   /* (n, dim) */
  float *output;   /* (n, dim) */
  float *code;     /* (n, D) */
  /* (n, dim) or NULL: where each output would go if its code took the step along its gradient that
   * mends the squared error most, the decoder being taken as straight. */
  float *pushed;
  /* (sweep_rows, sweep_columns, dim): decoded codes, evenly spread over the range of those above;
   * NaN where a sheet has no codes nearby.
   * rows 1: a line; 0: none, the code has more than two dimensions or is not all the decoder needs
   */
  guint sweep_rows, sweep_columns;
  float *sweep;
} NnPointsResult;

/* n: at most so many points, evenly spread over the test part. pushes: fills pushed. NN_ERROR_SHAPE
 * where the network does not give back points of two or three dimensions, NN_ERROR_NUMERIC where
 * they are not finite. (transfer full) */
NnProbe *nn_points_probe_new (guint id, guint n, gboolean pushes);

extern const NnProbeType nn_points_probe_type;

G_END_DECLS
