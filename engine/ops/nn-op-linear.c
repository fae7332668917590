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

static gboolean
is_transposed (const NnOp *op)
{
  return ((const NnLinearAttrs *)op->attrs)->transposed;
}

/* F and U of y = x W: x (rows, F), y (rows, U) */
static void
linear_sizes (const NnProgram *program, const NnOp *op, gsize *features, gsize *units)
{
  const NnShape *kernel = kernel_shape (program, op);
  *features = (gsize)kernel->dim[is_transposed (op) ? 1 : 0];
  *units = (gsize)kernel->dim[is_transposed (op) ? 0 : 1];
}

static gint64
linear_macs (const NnProgram *program, const NnOp *op)
{
  gsize features, units;
  linear_sizes (program, op, &features, &units);
  return nn_program_value (program, op->in[0])->size * (gint64)units;
}

/* ---- W^T, which the gradient of the input takes ---- */

#define TURNED_MAX (1 << 20) /* values of W */

static gsize
linear_turned (const NnProgram *program, const NnOp *op, gboolean for_dx)
{
  const gint64 size = nn_shape_size (kernel_shape (program, op));
  return !for_dx || is_transposed (op) || size > TURNED_MAX ? 0 : (gsize)size;
}

/* Whether W is turned once for the whole batch, while other threads wait. If not, each slice turns
 * what is smaller, W or dy and dx: in all up to as many values as a batch of dy and dx has. */
static gboolean
turns_once (const NnOpRun *run, gsize features, gsize units)
{
  const gsize sample = (gsize)nn_program_value (run->program, run->op->in[0])->size;
  return run->kernels->gemm && linear_turned (run->program, run->op, TRUE) > 0
         && run->batch * (sample / features) * (features + units) > 4 * features * units;
}

static void
linear_prepare (NnOpRun *run, gboolean for_dx)
{
  gsize features, units;
  linear_sizes (run->program, run->op, &features, &units);
  if (for_dx && turns_once (run, features, units))
    run->kernels->turn (run->w[0], units, features, units, run->prepared, features);
}

/* ---- passes ---- */

/* y = f(x W + b): x (rows, F), W (F, U), b (U), y (rows, U) */
static void
linear_forward (NnOpRun *run)
{
  const gboolean turned = is_transposed (run->op);
  const NnActivationAttrs *activation = run->activation ? run->activation->attrs : NULL;
  gsize features, units;
  linear_sizes (run->program, run->op, &features, &units);
  const gsize rows = linear_rows (run, features);

  (run->any_order ? nn_gemm_any_order : nn_gemm) (
      run->kernels, FALSE, turned, rows, units, features, run->x[0], features, run->w[0],
      turned ? features : units, FALSE, run->y[0], units);
  if (run->op->n_weights > 1 || activation)
    run->kernels->bias_activate (activation ? activation->function : NN_ACTIVATION_LINEAR,
                                 activation ? activation->alpha : 0,
                                 run->op->n_weights > 1 ? run->w[1] : NULL, run->y[0], (gsize)rows,
                                 (gsize)units);
}

/* Rows of dW += x^T dy, or of its transpose dy^T x */
static void
kernel_gradient (NnOpRun *run, gsize first, gsize n, gboolean add)
{
  gsize features, units;
  linear_sizes (run->program, run->op, &features, &units);
  const gsize rows = linear_rows (run, features);

  if (is_transposed (run->op))
    nn_gemm_any_order (run->kernels, TRUE, FALSE, n, features, rows, run->dy[0] + first, units,
                       run->x[0], features, add, run->dw[0], features);
  else
    nn_gemm_any_order (run->kernels, TRUE, FALSE, n, units, rows, run->x[0] + first, features,
                       run->dy[0], units, add, run->dw[0], units);
}

static void
linear_weight_rows (NnOpRun *run, gsize first, gsize n)
{
  kernel_gradient (run, first, n, FALSE);
}

/* db += column sums of dy, dx = dy W^T */
static void
linear_backward (NnOpRun *run)
{
  const gboolean turned = is_transposed (run->op);
  gsize features, units;
  linear_sizes (run->program, run->op, &features, &units);
  const gsize rows = linear_rows (run, features);

  if (run->dw[0])
    kernel_gradient (run, 0, turned ? units : features, !run->fresh[0]);
  if (run->op->n_weights > 1 && run->dw[1])
    {
      if (run->fresh[1])
        memset (run->dw[1], 0, (gsize)units * sizeof (float));
      run->kernels->add_column_sums (run->dy[0], (gsize)rows, (gsize)units, run->dw[1]);
    }
  if (run->dx[0] && turns_once (run, features, units))
    nn_gemm_any_order (run->kernels, FALSE, FALSE, rows, features, units, run->dy[0], units,
                       run->prepared, features, FALSE, run->dx[0], features);
  else if (run->dx[0])
    nn_gemm (run->kernels, FALSE, !turned, rows, features, units, run->dy[0], units, run->w[0],
             turned ? features : units, FALSE, run->dx[0], features);
}

const NnOpType nn_op_linear = {
  .name = "linear",
  .flags = NN_OP_PURE | NN_OP_ACTIVATES,
  .attrs_size = sizeof (NnLinearAttrs),
  .macs = linear_macs,
  .prepared = linear_turned,
  .prepare = linear_prepare,
  .forward = linear_forward,
  .backward = linear_backward,
  .weight_rows = linear_weight_rows,
};
