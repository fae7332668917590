/* K. He et al., "Delving deep into rectifiers", 2015. */
#include "ops/nn-op.h"

#include <string.h>

static gsize
slopes (const NnOpRun *run)
{
  return (gsize)nn_program_weight (run->program, run->op->weight[0])->size;
}

static gsize
in_values (const NnOpRun *run)
{
  return run->n * (gsize)nn_program_value (run->program, run->op->in[0])->size;
}

static void
prelu_forward (NnOpRun *run)
{
  const gsize n = in_values (run), cols = slopes (run);
  const float *x = run->x[0], *a = run->w[0];
  float *y = run->y[0];
  for (gsize at = 0; at < n; at += cols)
    for (gsize c = 0; c < cols; c++)
      y[at + c] = x[at + c] > 0 ? x[at + c] : a[c] * x[at + c];
}

/* da += dy x and dx = a dy where x is not above 0, else dx = dy */
static void
prelu_backward (NnOpRun *run)
{
  const gsize n = in_values (run), cols = slopes (run);
  const float *x = run->x[0], *a = run->w[0], *dy = run->dy[0];
  float *dx = run->dx[0], *da = run->dw[0];
  if (da && run->fresh[0])
    memset (da, 0, cols * sizeof (float));
  for (gsize at = 0; da && at < n; at += cols)
    for (gsize c = 0; c < cols; c++)
      da[c] += x[at + c] > 0 ? 0 : dy[at + c] * x[at + c];
  for (gsize at = 0; dx && at < n; at += cols)
    for (gsize c = 0; c < cols; c++)
      dx[at + c] = x[at + c] > 0 ? dy[at + c] : a[c] * dy[at + c];
}

const NnOpType nn_op_prelu = {
  .name = "prelu",
  .flags = NN_OP_PURE,
  .forward = prelu_forward,
  .backward = prelu_backward,
};
