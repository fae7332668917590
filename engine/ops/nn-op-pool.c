/* Pooling: the largest or the mean of a window, channel by channel. */
#include "ops/nn-op.h"

static gsize
in_values (const NnWindow *window)
{
  return (gsize)(window->in_h * window->in_w * window->in_c);
}

static gsize
out_values (const NnWindow *window)
{
  return (gsize)(window->out_h * window->out_w * window->out_c);
}

static void
max_pool_forward (NnOpRun *run)
{
  const NnWindow *window = run->op->attrs;
  const NnKernels *kernels = nn_kernels_for (run->kernels, (gsize)window->in_c);
  for (guint i = 0; i < run->n; i++)
    kernels->max_pool (window, run->x[0] + i * in_values (window),
                       run->y[0] + i * out_values (window));
}

static void
max_pool_backward (NnOpRun *run)
{
  const NnWindow *window = run->op->attrs;
  const NnKernels *kernels = nn_kernels_for (run->kernels, (gsize)window->in_c);
  const gsize in = in_values (window), out = out_values (window);
  for (guint i = 0; i < run->n; i++)
    kernels->max_pool_grad (window, run->undo_relu, run->x[0] + i * in, run->y[0] + i * out,
                            run->dy[0] + i * out, run->dx[0] + i * in);
}

const NnOpType nn_op_max_pool = {
  .name = "max-pool",
  .flags = NN_OP_PURE,
  .attrs_size = sizeof (NnWindow),
  .forward = max_pool_forward,
  .backward = max_pool_backward,
};

static void
average_pool_forward (NnOpRun *run)
{
  const NnWindow *window = run->op->attrs;
  const NnKernels *kernels = nn_kernels_for (run->kernels, (gsize)window->in_c);
  for (guint i = 0; i < run->n; i++)
    kernels->average_pool (window, run->x[0] + i * in_values (window),
                           run->y[0] + i * out_values (window));
}

static void
average_pool_backward (NnOpRun *run)
{
  const NnWindow *window = run->op->attrs;
  const NnKernels *kernels = nn_kernels_for (run->kernels, (gsize)window->in_c);
  for (guint i = 0; i < run->n; i++)
    kernels->average_pool_grad (window, run->dy[0] + i * out_values (window),
                                run->dx[0] + i * in_values (window));
}

const NnOpType nn_op_average_pool = {
  .name = "average-pool",
  .flags = NN_OP_PURE,
  .attrs_size = sizeof (NnWindow),
  .forward = average_pool_forward,
  .backward = average_pool_backward,
};
