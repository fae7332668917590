/* Operations that add to the loss. */
#include "objectives/nn-objective.h"
#include "ops/nn-op.h"

/* l1 sum |x| + l2 sum x^2 over the slice, the gradient scaled to the mean over the batch. */
static void
activity_forward (NnOpRun *run)
{
  const NnActivityAttrs *attrs = run->op->attrs;
  const gsize n = run->n * (gsize)nn_program_value (run->program, run->op->in[0])->size;
  if (attrs->l1 > 0)
    run->loss[0] += attrs->l1 * run->kernels->l1 (run->x[0], NULL, 0, n);
  if (attrs->l2 > 0)
    run->loss[0] += attrs->l2 * run->kernels->l2 (run->x[0], NULL, 0, n);
}

static void
activity_backward (NnOpRun *run)
{
  const NnActivityAttrs *attrs = run->op->attrs;
  const gsize n = run->n * (gsize)nn_program_value (run->program, run->op->in[0])->size;
  if (attrs->l1 > 0)
    run->kernels->l1 (run->x[0], run->dx[0], attrs->l1 / (float)run->batch, n);
  if (attrs->l2 > 0)
    run->kernels->l2 (run->x[0], run->dx[0], attrs->l2 / (float)run->batch, n);
}

const NnOpType nn_op_activity_penalty = {
  .name = "activity-penalty",
  .flags = NN_OP_ALIAS | NN_OP_LOSS,
  .attrs_size = sizeof (NnActivityAttrs),
  .forward = activity_forward,
  .backward = activity_backward,
};

/* Rows and columns as the objective sees them: classes on the last axis, else all values of a
 * sample. */
static void
loss_sizes (const NnOpRun *run, gsize *rows, gsize *cols)
{
  const NnLossAttrs *attrs = run->op->attrs;
  const NnValue *prediction = nn_program_value (run->program, run->op->in[0]);
  const NnShape *shape = &prediction->shape;
  *cols = (gsize)prediction->size;
  if (attrs->objective->kind == NN_OBJECTIVE_CLASSIFICATION && shape->rank > 0)
    *cols = (gsize)shape->dim[shape->rank - 1];
  *rows = run->n * ((gsize)prediction->size / *cols);
}

/* The forward pass of a training plan also leaves the gradient: value and derivative share their
 * exponentials. */
static void
loss_forward (NnOpRun *run)
{
  const NnLossAttrs *attrs = run->op->attrs;
  const NnObjectiveType *objective = attrs->objective;
  gsize rows, cols;
  loss_sizes (run, &rows, &cols);
  const double per_sample = (double)rows / run->n;
  const float scale = (float)(attrs->weight / (run->batch * per_sample));

  run->loss[0] += attrs->weight / per_sample
                  * objective->loss (run->kernels, run->logits, run->x[0], run->x[1], run->dx[0],
                                     rows == run->n ? run->sample_loss : NULL, scale, rows, cols);
  if (objective->correct)
    run->loss[1] += objective->correct (run->x[0], run->x[1], rows, cols) / per_sample;
}

const NnOpType nn_op_loss = {
  .name = "loss",
  .flags = NN_OP_LOSS,
  .attrs_size = sizeof (NnLossAttrs),
  .forward = loss_forward,
};
