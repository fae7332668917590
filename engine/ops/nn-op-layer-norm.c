/* J. L. Ba, J. R. Kiros, G. Hinton, "Layer normalization", 2016. */
#include "ops/nn-op.h"

#include <math.h>
#include <string.h>

static gsize
columns (const NnProgram *program, const NnOp *op)
{
  const NnShape *shape = &nn_program_value (program, op->in[0])->shape;
  return (gsize)shape->dim[shape->rank - 1];
}

static gsize
rows_of (const NnProgram *program, const NnOp *op, guint n)
{
  return n * (gsize)nn_program_value (program, op->in[0])->size / columns (program, op);
}

/* For each row its mean and 1 / sqrt (variance + epsilon). */
static gsize
norm_scratch (const NnProgram *program, const NnOp *op, guint n)
{
  return 2 * rows_of (program, op, n);
}

/* Position of scale and centre among the weights, -1 where there is none. */
static void
find_weights (const NnOpRun *run, gint *scale, gint *centre)
{
  const NnLayerNormAttrs *attrs = run->op->attrs;
  *scale = attrs->scale ? 0 : -1;
  *centre = attrs->centre ? *scale + 1 : -1;
}

static void
norm_forward (NnOpRun *run)
{
  const NnLayerNormAttrs *attrs = run->op->attrs;
  const gsize cols = columns (run->program, run->op);
  const gsize rows = rows_of (run->program, run->op, run->n);
  gint scale, centre;
  find_weights (run, &scale, &centre);
  for (gsize r = 0; r < rows; r++)
    {
      const float *x = run->x[0] + r * cols;
      float *y = run->y[0] + r * cols;
      double sum = 0, squares = 0;
      for (gsize c = 0; c < cols; c++)
        sum += (double)x[c];
      const double mean = sum / (double)cols;
      for (gsize c = 0; c < cols; c++)
        squares += ((double)x[c] - mean) * ((double)x[c] - mean);
      const float inverse = (float)(1 / sqrt (squares / (double)cols + (double)attrs->epsilon));
      run->scratch[2 * r] = (float)mean;
      run->scratch[2 * r + 1] = inverse;
      for (gsize c = 0; c < cols; c++)
        y[c] = (x[c] - (float)mean) * inverse;
      for (gsize c = 0; scale >= 0 && c < cols; c++)
        y[c] *= run->w[scale][c];
      for (gsize c = 0; centre >= 0 && c < cols; c++)
        y[c] += run->w[centre][c];
    }
}

static void
weight_gradients (NnOpRun *run, gint scale, gint centre)
{
  const gsize cols = columns (run->program, run->op);
  const gsize rows = rows_of (run->program, run->op, run->n);
  for (guint k = 0; k < run->op->n_weights; k++)
    if (run->dw[k] && run->fresh[k])
      memset (run->dw[k], 0, cols * sizeof (float));
  if (centre >= 0 && run->dw[centre])
    run->kernels->add_column_sums (run->dy[0], rows, cols, run->dw[centre]);
  for (gsize r = 0; scale >= 0 && run->dw[scale] && r < rows; r++)
    for (gsize c = 0; c < cols; c++)
      run->dw[scale][c] += run->dy[0][r * cols + c]
                           * (run->x[0][r * cols + c] - run->scratch[2 * r])
                           * run->scratch[2 * r + 1];
}

/* With h = (x - mean) / sqrt (variance + epsilon) and d = g dy:
 * dx = (d - mean (d) - h mean (d h)) / sqrt (variance + epsilon) */
static void
norm_backward (NnOpRun *run)
{
  const gsize cols = columns (run->program, run->op);
  const gsize rows = rows_of (run->program, run->op, run->n);
  gint scale, centre;
  find_weights (run, &scale, &centre);
  weight_gradients (run, scale, centre);
  for (gsize r = 0; run->dx[0] && r < rows; r++)
    {
      const float *x = run->x[0] + r * cols, *dy = run->dy[0] + r * cols;
      const float mean = run->scratch[2 * r], inverse = run->scratch[2 * r + 1];
      float *dx = run->dx[0] + r * cols;
      double sum = 0, product = 0;
      for (gsize c = 0; c < cols; c++)
        {
          dx[c] = scale >= 0 ? run->w[scale][c] * dy[c] : dy[c];
          sum += (double)dx[c];
          product += (double)(dx[c] * (x[c] - mean) * inverse);
        }
      const float of_all = (float)(sum / (double)cols), of_h = (float)(product / (double)cols);
      for (gsize c = 0; c < cols; c++)
        dx[c] = inverse * (dx[c] - of_all - (x[c] - mean) * inverse * of_h);
    }
}

const NnOpType nn_op_layer_norm = {
  .name = "layer-norm",
  .flags = NN_OP_PURE,
  .attrs_size = sizeof (NnLayerNormAttrs),
  .scratch = norm_scratch,
  .forward = norm_forward,
  .backward = norm_backward,
};
