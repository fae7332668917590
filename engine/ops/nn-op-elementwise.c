/* Operations that give as many values as they get. */
#include "ops/nn-op.h"

#include <string.h>

static gsize
in_values (const NnOpRun *run)
{
  return run->n * (gsize)nn_program_value (run->program, run->op->in[0])->size;
}

/* Size of the last axis, over which softmax runs. */
static gsize
last_axis (const NnOpRun *run)
{
  const NnShape *shape = &nn_program_value (run->program, run->op->in[0])->shape;
  return shape->rank > 0 ? (gsize)shape->dim[shape->rank - 1] : 1;
}

static void
activation_forward (NnOpRun *run)
{
  const NnActivationAttrs *attrs = run->op->attrs;
  const gsize cols = last_axis (run);
  run->kernels->activate (attrs->function, attrs->alpha, run->x[0], run->y[0],
                          in_values (run) / cols, cols);
}

static void
activation_backward (NnOpRun *run)
{
  const NnActivationAttrs *attrs = run->op->attrs;
  const gsize cols = last_axis (run);
  run->kernels->activate_grad (attrs->function, attrs->alpha, run->x[0], run->y[0], run->dy[0],
                               run->dx[0], in_values (run) / cols, cols);
}

const NnOpType nn_op_activation = {
  .name = "activation",
  .flags = NN_OP_PURE,
  .attrs_size = sizeof (NnActivationAttrs),
  .forward = activation_forward,
  .backward = activation_backward,
};

const NnOpType nn_op_reshape = {
  .name = "reshape",
  .flags = NN_OP_PURE | NN_OP_ALIAS,
};

static gsize
dropout_scratch (const NnProgram *program, const NnOp *op, guint n)
{
  return n * (gsize)nn_program_value (program, op->in[0])->size;
}

/* y = x m, m = 0 with probability rate, else 1 / (1 - rate). The mask stays in scratch for
 * backward. */
static void
dropout_forward (NnOpRun *run)
{
  const NnDropoutAttrs *attrs = run->op->attrs;
  const gsize size = in_values (run) / run->n;
  if (run->mode != NN_MODE_TRAIN || attrs->rate <= 0)
    {
      memcpy (run->y[0], run->x[0], in_values (run) * sizeof (float));
      return;
    }
  const float keep = 1 / (1 - attrs->rate);
  for (guint row = 0; row < run->n; row++)
    {
      guint32 key[2], counter[4];
      float *mask = run->scratch + row * size;
      const float *x = run->x[0] + row * size;
      float *y = run->y[0] + row * size;
      nn_op_stream (run, row, key, counter);
      run->kernels->uniform (key, counter, mask, size);
      for (gsize i = 0; i < size; i++)
        {
          mask[i] = mask[i] < attrs->rate ? 0 : keep;
          y[i] = x[i] * mask[i];
        }
    }
}

static void
dropout_backward (NnOpRun *run)
{
  const NnDropoutAttrs *attrs = run->op->attrs;
  const gsize n = in_values (run);
  const float *mask = run->scratch, *dy = run->dy[0];
  float *dx = run->dx[0];
  if (run->mode != NN_MODE_TRAIN || attrs->rate <= 0)
    memcpy (dx, dy, n * sizeof (float));
  else
    for (gsize i = 0; i < n; i++)
      dx[i] = dy[i] * mask[i];
}

const NnOpType nn_op_dropout = {
  .name = "dropout",
  .flags = NN_OP_TRAINS_ONLY,
  .attrs_size = sizeof (NnDropoutAttrs),
  .scratch = dropout_scratch,
  .forward = dropout_forward,
  .backward = dropout_backward,
};

static gboolean
noise_is_on (const NnOpRun *run)
{
  const NnNoiseAttrs *attrs = run->op->attrs;
  return nn_op_is_noisy (run, attrs->training_only);
}

/* y = clip (x + stddev N(0, 1), low, high) */
static void
noise_forward (NnOpRun *run)
{
  const NnNoiseAttrs *attrs = run->op->attrs;
  const gsize size = in_values (run) / run->n;
  const float low = attrs->low <= attrs->high ? attrs->low : -G_MAXFLOAT;
  const float high = attrs->low <= attrs->high ? attrs->high : G_MAXFLOAT;
  if (!noise_is_on (run))
    {
      memcpy (run->y[0], run->x[0], in_values (run) * sizeof (float));
      return;
    }
  for (guint row = 0; row < run->n; row++)
    {
      guint32 key[2], counter[4];
      const float *x = run->x[0] + row * size;
      float *y = run->y[0] + row * size;
      nn_op_stream (run, row, key, counter);
      run->kernels->normal (key, counter, y, size);
      for (gsize i = 0; i < size; i++)
        {
          float v = x[i] + attrs->stddev * y[i];
          /* Written so that a NaN passes through. */
          y[i] = v < low ? low : v > high ? high : v;
        }
    }
}

static void
noise_backward (NnOpRun *run)
{
  const NnNoiseAttrs *attrs = run->op->attrs;
  const gsize n = in_values (run);
  const float *y = run->y[0], *dy = run->dy[0];
  float *dx = run->dx[0];
  if (!noise_is_on (run) || attrs->low > attrs->high)
    memcpy (dx, dy, n * sizeof (float));
  else
    for (gsize i = 0; i < n; i++)
      dx[i] = y[i] > attrs->low && y[i] < attrs->high ? dy[i] : 0;
}

const NnOpType nn_op_gaussian_noise = {
  .name = "gaussian-noise",
  .flags = NN_OP_TRAINS_ONLY,
  .attrs_size = sizeof (NnNoiseAttrs),
  .forward = noise_forward,
  .backward = noise_backward,
};
