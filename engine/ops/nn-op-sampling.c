/* The code of a variational autoencoder: D. Kingma, M. Welling, "Auto-encoding variational Bayes",
 * 2014. */
#include "ops/nn-op.h"

#include <math.h>
#include <string.h>

static gsize
in_values (const NnOpRun *run)
{
  return run->n * (gsize)nn_program_value (run->program, run->op->in[0])->size;
}

/* exp (v / 2) N(0, 1), which backward needs again. */
static gsize
sampling_scratch (const NnProgram *program, const NnOp *op, guint n)
{
  return n * (gsize)nn_program_value (program, op->in[0])->size;
}

static gboolean
is_random (const NnOpRun *run)
{
  const NnSamplingAttrs *attrs = run->op->attrs;
  return nn_op_is_noisy (run, attrs->training_only);
}

/* y = m + exp (v / 2) N(0, 1); loss = beta / 2 sum (m^2 + e^v - v - 1) */
static void
sampling_forward (NnOpRun *run)
{
  const NnSamplingAttrs *attrs = run->op->attrs;
  const gsize n = in_values (run), size = n / run->n;
  const float *mean = run->x[0], *log_variance = run->x[1];
  float *noise = run->scratch;
  double divergence = 0;

  if (is_random (run))
    for (guint row = 0; row < run->n; row++)
      {
        guint32 key[2], counter[4];
        nn_op_stream (run, row, key, counter);
        run->kernels->normal (key, counter, noise + row * size, size);
      }
  else
    memset (noise, 0, n * sizeof (float));
  for (gsize i = 0; i < n; i++)
    {
      const float deviation = expf (0.5f * log_variance[i]);
      noise[i] *= deviation;
      run->y[0][i] = mean[i] + noise[i];
      divergence += (double)(mean[i] * mean[i] + deviation * deviation - log_variance[i] - 1.0f);
    }
  run->loss[0] += 0.5 * (double)attrs->beta * divergence;
}

/* dm = dy + beta m; dv = dy exp (v / 2) N(0, 1) / 2 + beta (e^v - 1) / 2; the penalty as a mean
 * over the batch */
static void
sampling_backward (NnOpRun *run)
{
  const NnSamplingAttrs *attrs = run->op->attrs;
  const gsize n = in_values (run);
  const float beta = run->mode == NN_MODE_STILL ? 0 : attrs->beta / (float)run->batch;
  const float *noise = run->scratch, *dy = run->dy[0];

  if (run->dx[0])
    for (gsize i = 0; i < n; i++)
      run->dx[0][i] = dy[i] + beta * run->x[0][i];
  if (run->dx[1])
    for (gsize i = 0; i < n; i++)
      run->dx[1][i] = 0.5f * (dy[i] * noise[i] + beta * (expf (run->x[1][i]) - 1.0f));
}

const NnOpType nn_op_sampling = {
  .name = "sampling",
  .flags = NN_OP_LOSS | NN_OP_TRAINS_ONLY,
  .attrs_size = sizeof (NnSamplingAttrs),
  .scratch = sampling_scratch,
  .forward = sampling_forward,
  .backward = sampling_backward,
};
