#include "ops/nn-op.h"

#include <string.h>

/* rows of the two-dimensional view (rows, F) of a slice whose samples have `size` values */
static gsize
linear_rows (const NnOpRun *run, gsize features)
{
  return run->n * ((gsize)nn_program_value (run->program, run->op->in[0])->size / features);
}

static const NnShape *
kernel_shape (const NnProgram *program, const NnOp *op)
{
  return &nn_program_weight (program, op->weight[0])->shape;
}

static gint64
linear_macs (const NnProgram *program, const NnOp *op)
{
  return nn_program_value (program, op->in[0])->size * kernel_shape (program, op)->dim[1];
}

/* y = f(x W + b): x (rows, F), W (F, U), b (U), y (rows, U) */
static void
linear_forward (NnOpRun *run)
{
  const NnShape *kernel = kernel_shape (run->program, run->op);
  const gsize features = (gsize)kernel->dim[0], units = (gsize)kernel->dim[1];
  const gsize rows = linear_rows (run, features);
  const NnActivationAttrs *activation = run->activation ? run->activation->attrs : NULL;

  nn_gemm (run->kernels, FALSE, FALSE, rows, units, features, run->x[0], features, run->w[0], units,
           FALSE, run->y[0], units);
  if (run->op->n_weights > 1 || activation)
    run->kernels->bias_activate (activation ? activation->function : NN_ACTIVATION_LINEAR,
                                 activation ? activation->alpha : 0,
                                 run->op->n_weights > 1 ? run->w[1] : NULL, run->y[0], (gsize)rows,
                                 (gsize)units);
}

/* dW += x^T dy, db += column sums of dy, dx = dy W^T */
static void
linear_backward (NnOpRun *run)
{
  const NnShape *kernel = kernel_shape (run->program, run->op);
  const gsize features = (gsize)kernel->dim[0], units = (gsize)kernel->dim[1];
  const gsize rows = linear_rows (run, features);

  if (run->dw[0])
    nn_gemm (run->kernels, TRUE, FALSE, features, units, rows, run->x[0], features, run->dy[0],
             units, !run->fresh[0], run->dw[0], units);
  if (run->op->n_weights > 1 && run->dw[1])
    {
      if (run->fresh[1])
        memset (run->dw[1], 0, (gsize)units * sizeof (float));
      run->kernels->add_column_sums (run->dy[0], (gsize)rows, (gsize)units, run->dw[1]);
    }
  if (run->dx[0])
    nn_gemm (run->kernels, FALSE, TRUE, rows, features, units, run->dy[0], units, run->w[0], units,
             FALSE, run->dx[0], features);
}

const NnOpType nn_op_linear = {
  .name = "linear",
  .flags = NN_OP_ACTIVATES,
  .macs = linear_macs,
  .forward = linear_forward,
  .backward = linear_backward,
};
