/* Operations that add to the loss. */
#include "objectives/nn-metrics.h"
#include "ops/nn-op.h"

#include <math.h>

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
  .flags = NN_OP_ALIAS | NN_OP_LOSS | NN_OP_TRAINS_ONLY,
  .attrs_size = sizeof (NnActivityAttrs),
  .forward = activity_forward,
  .backward = activity_backward,
};

#define SIMILAR_SAMPLES 256 /* that structural similarity is measured of, unless thoroughly */

/* Of one sample, rows and columns as the objective sees them: classes on the last axis, else all
 * values. */
static NnMetricFrame
frame_of (const NnProgram *program, const NnOp *op)
{
  const NnLossAttrs *attrs = op->attrs;
  const NnValue *prediction = nn_program_value (program, op->in[0]);
  const NnShape *shape = &prediction->shape,
                *target = &nn_program_value (program, op->in[1])->shape;
  NnMetricFrame frame = { .objective = attrs->objective, .cols = (gsize)prediction->size };
  if (attrs->objective->kind == NN_OBJECTIVE_CLASSIFICATION && shape->rank > 0)
    frame.cols = (gsize)shape->dim[shape->rank - 1];
  frame.rows = (gsize)prediction->size / frame.cols;
  frame.shape = shape->rank == 3 ? *shape : *target;
  frame.prior_ratio = attrs->has_priors ? attrs->prior_ratio : NULL;
  frame.threshold = attrs->threshold;
  frame.beta = attrs->beta;
  frame.peak = attrs->peak > 0 ? attrs->peak : 1;
  return frame;
}

gboolean
nn_op_loss_frame (const NnProgram *program, const NnOp *op, NnMetricFrame *frame)
{
  if (op->type != &nn_op_loss)
    return FALSE;
  *frame = frame_of (program, op);
  return TRUE;
}

static gsize
n_weights (const NnProgram *program, const NnOp *op)
{
  return op->n_in > 2 ? (gsize)nn_program_value (program, op->in[2])->size : 0;
}

static gboolean
weighs_classes (const NnOp *op)
{
  return ((const NnLossAttrs *)op->attrs)->weighs_classes;
}

/* What each weight belongs to has its loss there; and activated values, where they are measured but
 * the loss has only logits. */
static gsize
loss_scratch (const NnProgram *program, const NnOp *op, guint n)
{
  const NnMetricFrame frame = frame_of (program, op);
  const gsize size = frame.rows * frame.cols;
  const gsize weighted = n_weights (program, op) > 0 || weighs_classes (op)
                             ? MAX (n_weights (program, op), frame.rows)
                             : 0;
  return n
         * (frame.objective->from_logits == NN_ACTIVATION_SIGMOID ? MAX (size, weighted)
                                                                  : weighted);
}

static gsize
loss_n_meter (const NnProgram *program, const NnOp *op)
{
  const NnMetricFrame frame = frame_of (program, op);
  return nn_metrics_n_sums (&frame);
}

static gboolean
weighs_classes_now (const NnOpRun *run)
{
  return run->mode == NN_MODE_TRAIN && weighs_classes (run->op);
}

/* What row r of the slice counts in training, by its class. */
static float
class_weight (const NnOpRun *run, const NnMetricFrame *frame, gsize r)
{
  const NnLossAttrs *attrs = run->op->attrs;
  const gsize cols = frame->cols;
  const float *t = run->x[1];

  if (!weighs_classes_now (run))
    return 1;
  return attrs->class_weight[frame->objective->sparse ? (gsize)CLAMP (roundf (t[r]), 0, cols - 1)
                                                      : nn_arg_max (t + r * cols, cols)];
}

/* sum of w l over rows, or over values where there is a weight for each of a loss that is their
 * mean: such a loss of one value by itself is that of a row with one column. */
static double
weighted_loss (NnOpRun *run, const NnMetricFrame *frame, float scale)
{
  const gsize given = n_weights (run->program, run->op);
  const gsize per_sample = given > 0 ? given : frame->rows;
  const gboolean each_value = per_sample > frame->rows;
  const gsize cols = each_value ? 1 : frame->cols, rows = run->n * frame->rows * frame->cols / cols;
  const gsize rows_a_weight = rows / (run->n * per_sample);
  const float share = each_value ? 1 / (float)frame->cols : 1;
  const float *w = given > 0 ? run->x[2] : NULL;
  float *losses = run->scratch, *d = run->dx[0];
  double total = 0;

  frame->objective->loss (run->kernels, run->logits, run->x[0], run->x[1], d, losses, scale * share,
                          rows, cols);
  for (gsize r = 0; r < rows; r++)
    {
      const float weight = (w ? w[r / rows_a_weight] : 1) * class_weight (run, frame, r);
      total += (double)(weight * losses[r]);
      for (gsize i = 0; d && i < cols; i++)
        d[r * cols + i] *= weight;
    }
  return total * (double)share;
}

static void
measure (NnOpRun *run, NnMetricFrame *frame)
{
  const gsize rows = run->n * frame->rows;
  const float *y = run->x[0];
  gsize n_similar = run->thorough ? run->n : 0;

  if (run->logits && frame->objective->from_logits == NN_ACTIVATION_SIGMOID)
    {
      run->kernels->activate (NN_ACTIVATION_SIGMOID, 0, y, run->scratch, rows, frame->cols);
      y = run->scratch;
    }
  while (n_similar < run->n && run->sample[n_similar] < SIMILAR_SAMPLES)
    n_similar++;
  nn_metrics_add (frame, run->kernels, y, run->x[1], run->n, n_similar, run->meter);
}

/* The forward pass of a training plan also leaves the gradient: value and derivative share their
 * exponentials. */
static void
loss_forward (NnOpRun *run)
{
  const NnLossAttrs *attrs = run->op->attrs;
  const NnObjectiveType *objective = attrs->objective;
  NnMetricFrame frame = frame_of (run->program, run->op);
  const gsize rows = run->n * frame.rows;
  const double per_sample = (double)frame.rows;
  const float scale = (float)(attrs->weight / (run->batch * per_sample));
  float *sample_loss = frame.rows == 1 ? run->sample_loss : NULL;
  double loss;

  if (run->op->n_in > 2 || weighs_classes_now (run))
    {
      loss = weighted_loss (run, &frame, scale);
      if (sample_loss)
        objective->loss (run->kernels, run->logits, run->x[0], run->x[1], NULL, sample_loss, 1,
                         rows, frame.cols);
    }
  else
    loss = objective->loss (run->kernels, run->logits, run->x[0], run->x[1], run->dx[0],
                            sample_loss, scale, rows, frame.cols);
  run->loss[0] += attrs->weight / per_sample * loss;
  frame.logits = run->logits && objective->from_logits == NN_ACTIVATION_SOFTMAX;
  if (run->mode == NN_MODE_TRAIN)
    frame.prior_ratio = NULL; /* training samples have the training part's priors */
  if (objective->correct)
    run->loss[1] += nn_metrics_n_right (&frame, run->x[0], run->x[1], run->n) / per_sample;
  if (run->meter)
    measure (run, &frame);
}

const NnOpType nn_op_loss = {
  .name = "loss",
  .flags = NN_OP_LOSS,
  .attrs_size = sizeof (NnLossAttrs),
  .scratch = loss_scratch,
  .n_meter = loss_n_meter,
  .forward = loss_forward,
};
