/* S. Ioffe, C. Szegedy, "Batch normalization: accelerating deep network training by reducing
 * internal covariate shift", 2015. */
#include "ops/nn-op.h"

#include <math.h>
#include <string.h>

/* Sums of a batch: of x and of x^2; on the way back of dy and of dy x. */
typedef struct
{
  double *first, *second; /* (C) each */
} Sums;

static gsize
columns (const NnProgram *program, const NnOp *op)
{
  return (gsize)nn_program_weight (program, op->weight[NN_BATCH_NORM_MEAN])->size;
}

static gsize
rows_of (const NnOpRun *run, guint n)
{
  return n * (gsize)nn_program_value (run->program, run->op->in[0])->size
         / columns (run->program, run->op);
}

static Sums
sums_of (const NnOpRun *run, double *sums)
{
  return (Sums){ sums, sums + columns (run->program, run->op) };
}

static gsize
norm_sums (const NnProgram *program, const NnOp *op)
{
  return 2 * columns (program, op);
}

/* The factors of a slice, (C) each: y = a x + b, and on the way back dx = a dy + c x + d. */
static gsize
norm_scratch (const NnProgram *program, const NnOp *op, guint n)
{
  return 4 * columns (program, op);
}

static gint
scale_weight (const NnOpRun *run)
{
  const NnBatchNormAttrs *attrs = run->op->attrs;
  return attrs->scale ? NN_BATCH_NORM_SCALE : -1;
}

static gint
centre_weight (const NnOpRun *run)
{
  const NnBatchNormAttrs *attrs = run->op->attrs;
  return attrs->centre ? NN_BATCH_NORM_SCALE + (attrs->scale ? 1 : 0) : -1;
}

/* Mean and variance of channel c: the batch's where it was gathered, else what training kept. */
static void
statistics (const NnOpRun *run, gsize c, double *mean, double *variance)
{
  if (!run->sums)
    {
      *mean = (double)run->w[NN_BATCH_NORM_MEAN][c];
      *variance = (double)run->w[NN_BATCH_NORM_VARIANCE][c];
      return;
    }
  const Sums sums = sums_of (run, run->sums);
  const double n = (double)rows_of (run, run->batch);
  *mean = sums.first[c] / n;
  *variance = fmax (sums.second[c] / n - *mean * *mean, 0);
}

static double
inverse_deviation (const NnOpRun *run, double variance)
{
  const NnBatchNormAttrs *attrs = run->op->attrs;
  return 1 / sqrt (variance + (double)attrs->epsilon);
}

static void
norm_gather (NnOpRun *run)
{
  const Sums sums = sums_of (run, run->sums);
  run->kernels->add_moments (run->x[0], run->x[0], rows_of (run, run->n),
                             columns (run->program, run->op), sums.first, sums.second);
}

/* kept = momentum kept + (1 - momentum) batch */
static void
norm_finish (NnOpRun *run)
{
  const NnBatchNormAttrs *attrs = run->op->attrs;
  const gsize cols = columns (run->program, run->op);
  float *mean_kept = run->state[NN_BATCH_NORM_MEAN];
  float *variance_kept = run->state[NN_BATCH_NORM_VARIANCE];
  for (gsize c = 0; mean_kept && c < cols; c++)
    {
      double mean, variance;
      statistics (run, c, &mean, &variance);
      mean_kept[c] += (1 - attrs->momentum) * ((float)mean - mean_kept[c]);
      variance_kept[c] += (1 - attrs->momentum) * ((float)variance - variance_kept[c]);
    }
}

/* y = g (x - mean) / sqrt (variance + epsilon) + b */
static void
norm_forward (NnOpRun *run)
{
  const gsize cols = columns (run->program, run->op), rows = rows_of (run, run->n);
  const gint scale = scale_weight (run), centre = centre_weight (run);
  float *a = run->scratch, *b = a + cols;
  for (gsize c = 0; c < cols; c++)
    {
      double mean, variance;
      statistics (run, c, &mean, &variance);
      const double factor =
          inverse_deviation (run, variance) * (scale >= 0 ? (double)run->w[scale][c] : 1);
      a[c] = (float)factor;
      b[c] = (float)((centre >= 0 ? (double)run->w[centre][c] : 0) - mean * factor);
    }
  run->kernels->affine_columns (a, run->x[0], NULL, NULL, b, run->y[0], rows, cols);
  if (run->activation)
    {
      const NnActivationAttrs *activation = run->activation->attrs;
      run->kernels->bias_activate (activation->function, activation->alpha, NULL, run->y[0], rows,
                                   cols);
    }
}

static void
norm_gather_backward (NnOpRun *run)
{
  const Sums sums = sums_of (run, run->sums_backward);
  run->kernels->add_moments (run->dy[0], run->x[0], rows_of (run, run->n),
                             columns (run->program, run->op), sums.first, sums.second);
}

/* db = sum dy; dg = sum dy h with h = (x - mean) / sqrt (variance + epsilon) */
static void
norm_finish_backward (NnOpRun *run)
{
  const gint scale = scale_weight (run), centre = centre_weight (run);
  const gsize cols = columns (run->program, run->op);
  const Sums sums = sums_of (run, run->sums_backward);
  for (gsize c = 0; c < cols; c++)
    {
      double mean, variance;
      statistics (run, c, &mean, &variance);
      if (centre >= 0 && run->dw[centre])
        run->dw[centre][c] += (float)sums.first[c];
      if (scale >= 0 && run->dw[scale])
        run->dw[scale][c] +=
            (float)(inverse_deviation (run, variance) * (sums.second[c] - mean * sums.first[c]));
    }
}

/* dx = a (dy - mean (dy) - h mean (dy h)), where nothing was gathered a dy */
static void
norm_backward (NnOpRun *run)
{
  const gsize cols = columns (run->program, run->op), rows = rows_of (run, run->n);
  const float *a = run->scratch;
  float *of_x = run->scratch + 2 * cols, *of_1 = run->scratch + 3 * cols;
  if (!run->dx[0])
    return;
  memset (of_x, 0, 2 * cols * sizeof (float));
  for (gsize c = 0; run->sums && c < cols; c++)
    {
      const Sums sums = sums_of (run, run->sums_backward);
      const double n = (double)rows_of (run, run->batch);
      double mean, variance;
      statistics (run, c, &mean, &variance);
      const double inverse = inverse_deviation (run, variance);
      const double of_h = inverse * (sums.second[c] - mean * sums.first[c]) / n;
      of_x[c] = (float)((double)-a[c] * of_h * inverse);
      of_1[c] = (float)((double)-a[c] * (sums.first[c] / n - of_h * inverse * mean));
    }
  run->kernels->affine_columns (a, run->dy[0], of_x, run->x[0], of_1, run->dx[0], rows, cols);
}

const NnOpType nn_op_batch_norm = {
  .name = "batch-norm",
  .flags = NN_OP_ACTIVATES,
  .attrs_size = sizeof (NnBatchNormAttrs),
  .scratch = norm_scratch,
  .forward = norm_forward,
  .backward = norm_backward,
  .n_sums = norm_sums,
  .gather = norm_gather,
  .finish = norm_finish,
  .gather_backward = norm_gather_backward,
  .finish_backward = norm_finish_backward,
};

const NnOpType nn_op_batch_norm_kept = {
  .name = "batch-norm-kept",
  .flags = NN_OP_PURE | NN_OP_ACTIVATES,
  .attrs_size = sizeof (NnBatchNormAttrs),
  .scratch = norm_scratch,
  .forward = norm_forward,
  .backward = norm_backward,
};
