/* Convolution of images and the transposed one. */
#include "ops/nn-conv.h"
#include "ops/nn-op.h"

#include <string.h>

static void
conv_decide (gpointer attrs)
{
  nn_conv_decide (attrs);
}

static gsize
conv_scratch (const NnProgram *program, const NnOp *op, guint n)
{
  return nn_conv_scratch (op->attrs, n);
}

static gsize
conv_prepared (const NnProgram *program, const NnOp *op, gboolean for_dx)
{
  return nn_conv_prepared (op->attrs);
}

/* Every value of the smaller image meets every tap. */
static gint64
conv_macs (const NnProgram *program, const NnOp *op)
{
  const NnWindow *window = op->attrs;
  return window->out_h * window->out_w * window->out_c * window->kernel_h * window->kernel_w
         * (window->in_c / window->groups);
}

/* Whether a fused ReLU can be left to the kernel. */
gboolean
nn_conv_ends_in_relu (const NnOpRun *run)
{
  const NnActivationAttrs *activation = run->activation ? run->activation->attrs : NULL;
  return activation && activation->function == NN_ACTIVATION_RELU;
}

/* Any other one, over the channels of the output. */
void
nn_conv_activate (NnOpRun *run)
{
  if (!run->activation || nn_conv_ends_in_relu (run))
    return;
  const NnActivationAttrs *activation = run->activation->attrs;
  const NnValue *y = nn_program_value (run->program, run->op->out[0]);
  const gsize channels = (gsize)y->shape.dim[y->shape.rank - 1];
  run->kernels->activate (activation->function, activation->alpha, run->y[0], run->y[0],
                          run->n * (gsize)y->size / channels, channels);
}

const float *
nn_conv_bias (const NnOpRun *run)
{
  return run->op->n_weights > 1 ? run->w[1] : NULL;
}

void
nn_conv_gradient_of_bias (NnOpRun *run)
{
  const NnValue *y = nn_program_value (run->program, run->op->out[0]);
  const gsize channels = (gsize)y->shape.dim[y->shape.rank - 1];
  if (run->op->n_weights < 2 || !run->dw[1])
    return;
  if (run->fresh[1])
    memset (run->dw[1], 0, channels * sizeof (float));
  run->kernels->add_column_sums (run->dy[0], run->n * (gsize)y->size / channels, channels,
                                 run->dw[1]);
}

void
nn_conv_clear_fresh (NnOpRun *run)
{
  if (run->fresh[0])
    memset (run->dw[0], 0,
            (gsize)nn_program_weight (run->program, run->op->weight[0])->size * sizeof (float));
}

static void
conv_prepare (NnOpRun *run, gboolean for_dx)
{
  nn_conv_prepare (run->kernels, run->op->attrs, TRUE, for_dx, run->w[0], run->prepared);
}

static void
conv_forward (NnOpRun *run)
{
  nn_conv_forward (run->kernels, run->op->attrs, run->n, run->x[0], run->w[0], run->prepared,
                   nn_conv_bias (run), nn_conv_ends_in_relu (run), run->y[0], run->scratch);
  nn_conv_activate (run);
}

static void
conv_backward (NnOpRun *run)
{
  const NnWindow *window = run->op->attrs;
  if (run->dw[0])
    {
      nn_conv_clear_fresh (run);
      nn_conv_to_weights (run->kernels, window, run->n, run->x[0], run->dy[0], run->dw[0],
                          run->scratch);
    }
  nn_conv_gradient_of_bias (run);
  if (run->dx[0])
    nn_conv_to_input (run->kernels, window, run->n, run->dy[0], run->prepared, NULL, FALSE,
                      run->dx[0], run->scratch);
}

const NnOpType nn_op_conv2d = {
  .name = "conv2d",
  .flags = NN_OP_PURE | NN_OP_ACTIVATES,
  .attrs_size = sizeof (NnWindow),
  .decide = conv_decide,
  .scratch = conv_scratch,
  .prepared = conv_prepared,
  .prepare = conv_prepare,
  .macs = conv_macs,
  .forward = conv_forward,
  .backward = conv_backward,
};

static void
transpose_prepare (NnOpRun *run, gboolean for_dx)
{
  nn_conv_prepare (run->kernels, run->op->attrs, for_dx, TRUE, run->w[0], run->prepared);
}

static void
transpose_forward (NnOpRun *run)
{
  nn_conv_to_input (run->kernels, run->op->attrs, run->n, run->x[0], run->prepared,
                    nn_conv_bias (run), nn_conv_ends_in_relu (run), run->y[0], run->scratch);
  nn_conv_activate (run);
}

static void
transpose_backward (NnOpRun *run)
{
  const NnWindow *window = run->op->attrs;
  if (run->dw[0])
    {
      nn_conv_clear_fresh (run);
      nn_conv_to_weights (run->kernels, window, run->n, run->dy[0], run->x[0], run->dw[0],
                          run->scratch);
    }
  nn_conv_gradient_of_bias (run);
  if (run->dx[0])
    nn_conv_forward (run->kernels, window, run->n, run->dy[0], run->w[0], run->prepared, NULL,
                     FALSE, run->dx[0], run->scratch);
}

const NnOpType nn_op_conv2d_transpose = {
  .name = "conv2d-transpose",
  .flags = NN_OP_PURE | NN_OP_ACTIVATES,
  .attrs_size = sizeof (NnWindow),
  .decide = conv_decide,
  .scratch = conv_scratch,
  .prepared = conv_prepared,
  .prepare = transpose_prepare,
  .macs = conv_macs,
  .forward = transpose_forward,
  .backward = transpose_backward,
};
