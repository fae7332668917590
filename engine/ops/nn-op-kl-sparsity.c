/* A. Ng, "Sparse autoencoder", CS294A lecture notes, 2011. */
#include "ops/nn-op.h"

#include <math.h>

/* A mean is kept this far from 0 and 1, where the divergence is infinite. */
#define MARGIN 1e-6

static gsize
units_of (const NnProgram *program, const NnOp *op)
{
  return (gsize)nn_program_value (program, op->in[0])->size;
}

/* The sum of each unit's values. */
static gsize
sparsity_sums (const NnProgram *program, const NnOp *op)
{
  return units_of (program, op);
}

static double
mean_of (const NnOpRun *run, gsize unit)
{
  return CLAMP (run->sums[unit] / run->batch, MARGIN, 1 - MARGIN);
}

static void
sparsity_gather (NnOpRun *run)
{
  const gsize units = units_of (run->program, run->op);
  for (guint row = 0; row < run->n; row++)
    for (gsize i = 0; i < units; i++)
      run->sums[i] += (double)run->x[0][row * units + i];
}

/* KL (rho || m) = rho log (rho / m) + (1 - rho) log ((1 - rho) / (1 - m)) */
static void
sparsity_finish (NnOpRun *run)
{
  const NnKlSparsityAttrs *attrs = run->op->attrs;
  const gsize units = units_of (run->program, run->op);
  const double rho = (double)attrs->rho;
  double sum = 0;
  for (gsize i = 0; i < units; i++)
    {
      const double m = mean_of (run, i);
      sum += rho * log (rho / m) + (1 - rho) * log ((1 - rho) / (1 - m));
    }
  run->loss[0] += (double)attrs->beta * sum * run->batch;
}

/* dx += beta / N ((1 - rho) / (1 - m) - rho / m) */
static void
sparsity_backward (NnOpRun *run)
{
  const NnKlSparsityAttrs *attrs = run->op->attrs;
  const gsize units = units_of (run->program, run->op);
  const double rho = (double)attrs->rho, scale = (double)attrs->beta / run->batch;
  if (!run->sums)
    return;
  for (gsize i = 0; i < units; i++)
    {
      const double m = mean_of (run, i);
      const float slope = (float)(scale * ((1 - rho) / (1 - m) - rho / m));
      for (guint row = 0; row < run->n; row++)
        run->dx[0][row * units + i] += slope;
    }
}

const NnOpType nn_op_kl_sparsity = {
  .name = "kl-sparsity",
  .flags = NN_OP_ALIAS | NN_OP_LOSS | NN_OP_TRAINS_ONLY,
  .attrs_size = sizeof (NnKlSparsityAttrs),
  .backward = sparsity_backward,
  .n_sums = sparsity_sums,
  .gather = sparsity_gather,
  .finish = sparsity_finish,
};
