/* A convolution with max pooling behind it, for the first layers of a network. Of the convolution's
 * output, by far its largest image, two rows at a time are enough: pooled while they are in the
 * first-level cache, they leave behind which pixels were the largest, and the gradient of the
 * weights visits those alone. */
#include "ops/nn-conv.h"
#include "ops/nn-op.h"

/* For a slice of n samples: which pixels were the largest, then what the two passes work with. */
static gsize
pick_floats (const NnWindow *window, guint n)
{
  const gsize bytes = n * (gsize)(window->out_h / 2 * (window->out_w / 2) * window->out_c);
  return (bytes / sizeof (float) + 16) / 16 * 16;
}

static gsize
pooled_scratch (const NnProgram *program, const NnOp *op, guint n)
{
  return pick_floats (op->attrs, n) + nn_conv_pooled_scratch (op->attrs);
}

static gint64
pooled_macs (const NnProgram *program, const NnOp *op)
{
  return nn_op_conv2d.macs (program, op);
}

static gsize
pooled_prepared (const NnProgram *program, const NnOp *op, gboolean for_dx)
{
  return nn_conv_prepared (op->attrs);
}

static void
pooled_prepare (NnOpRun *run, gboolean for_dx)
{
  nn_conv_prepare (run->kernels, run->op->attrs, TRUE, FALSE, run->w[0], run->prepared);
}

static void
pooled_forward (NnOpRun *run)
{
  const NnWindow *window = run->op->attrs;
  nn_conv_pooled_forward (run->kernels, window, run->n, run->x[0], run->w[0], run->prepared,
                          nn_conv_bias (run), nn_conv_ends_in_relu (run), run->y[0],
                          (guint8 *)run->scratch, run->scratch + pick_floats (window, run->n));
}

static void
pooled_backward (NnOpRun *run)
{
  const NnWindow *window = run->op->attrs;
  if (run->dw[0])
    {
      nn_conv_clear_fresh (run);
      nn_conv_pooled_to_weights (run->kernels, window, run->n, run->x[0], run->dy[0],
                                 (const guint8 *)run->scratch, run->dw[0],
                                 run->scratch + pick_floats (window, run->n));
    }
  nn_conv_gradient_of_bias (run);
}

const NnOpType nn_op_conv2d_pooled = {
  .name = "conv2d-pooled",
  .flags = NN_OP_PURE | NN_OP_ACTIVATES,
  .attrs_size = sizeof (NnWindow),
  .scratch = pooled_scratch,
  .prepared = pooled_prepared,
  .prepare = pooled_prepare,
  .macs = pooled_macs,
  .forward = pooled_forward,
  .backward = pooled_backward,
};
