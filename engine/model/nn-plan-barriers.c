/* Operations that look at the whole batch: where a plan stops for them, and what it does there. */
#include "model/nn-plan-private.h"

#include <string.h>

#define STEP(plan, i) (&g_array_index ((plan)->steps, NnPlanStep, (i)))

/* A loss gathers in any plan, everything else uses in evaluation what it has learned. */
static void
find_barriers (NnPlan *plan)
{
  for (guint i = 0; i < plan->steps->len; i++)
    {
      NnPlanStep *step = STEP (plan, i);
      const NnOpType *type = step->op->type;
      if (!type->gather || !((plan->flags & NN_PLAN_TRAIN) || (type->flags & NN_OP_LOSS)))
        continue;
      const gsize n = type->n_sums (plan->program, step->op);
      step->barrier = plan->has_barriers = TRUE;
      step->sums = plan->n_sums;
      step->sums_backward = plan->n_sums + n;
      plan->n_sums += 2 * n;
    }
}

/* Forward up to each barrier, then everything behind the last one forward and back slice by slice,
 * then back from barrier to barrier. */
void
nn_plan_cut_phases (NnPlan *plan)
{
  const guint n = plan->steps->len;
  const gboolean train = (plan->flags & NN_PLAN_TRAIN) != 0;
  plan->phases = g_array_new (FALSE, TRUE, sizeof (NnPlanPhase));
  find_barriers (plan);

  NnPlanPhase phase = { .gather = -1, .gather_backward = -1 };
  for (guint i = 0; i < n; i++)
    if (STEP (plan, i)->barrier)
      {
        phase.forward_end = i;
        phase.gather = (gint)i;
        g_array_append_val (plan->phases, phase);
        phase = (NnPlanPhase){ .forward = i, .gather = -1, .gather_backward = -1 };
      }
  phase.forward_end = n;
  phase.backward_end = train ? n : 0;
  for (guint i = n; train && i-- > 0;)
    if (STEP (plan, i)->barrier && STEP (plan, i)->op->type->gather_backward
        && STEP (plan, i)->backward)
      {
        phase.backward = i + 1;
        phase.gather_backward = (gint)i;
        g_array_append_val (plan->phases, phase);
        phase = (NnPlanPhase){ .gather = -1, .backward_end = i + 1, .gather_backward = -1 };
      }
  g_array_append_val (plan->phases, phase);
}

gboolean
nn_plan_gathers (const NnPlan *plan, const NnPlanStep *step)
{
  return step->barrier
         && (plan->batch->mode == NN_MODE_TRAIN || (step->op->type->flags & NN_OP_LOSS));
}

double *
nn_plan_shard_sums (const NnPlan *plan, guint shard)
{
  return plan->sums + shard * plan->n_sums;
}

double *
nn_plan_batch_sums (const NnPlan *plan)
{
  return nn_plan_shard_sums (plan, plan->n_shards);
}

static void
add_up (const NnPlan *plan, gsize first, gsize n)
{
  double *total = nn_plan_batch_sums (plan) + first;
  memset (total, 0, n * sizeof (double));
  for (guint shard = 0; shard < plan->n_shards; shard++)
    for (gsize i = 0; i < n; i++)
      total[i] += nn_plan_shard_sums (plan, shard)[first + i];
}

/* A run without samples: finish() sees sums and weights. */
static NnOpRun
batch_run (const NnPlan *plan, const NnPlanStep *step)
{
  const NnBatch *batch = plan->batch;
  const NnOp *op = step->op;
  NnOpRun run = {
    .program = plan->program,
    .op = op,
    .kernels = plan->kernels,
    .mode = batch->mode,
    .batch = batch->n,
    .seed = batch->seed,
    .step = batch->step,
    .sums = nn_plan_batch_sums (plan) + step->sums,
    .sums_backward = nn_plan_batch_sums (plan) + step->sums_backward,
  };
  for (guint k = 0; k < op->n_weights; k++)
    {
      run.w[k] = batch->weights[op->weight[k]];
      if (batch->mode == NN_MODE_TRAIN && nn_program_weight (plan->program, op->weight[k])->state)
        run.state[k] = batch->weights[op->weight[k]];
    }
  return run;
}

double
nn_plan_end_gather (NnPlan *plan, const NnPlanStep *step)
{
  add_up (plan, step->sums, step->sums_backward - step->sums);
  NnOpRun run = batch_run (plan, step);
  if (step->op->type->finish)
    step->op->type->finish (&run);
  return run.loss[0];
}

/* The whole batch's gradient goes to the first shard's. */
void
nn_plan_end_gather_backward (NnPlan *plan, const NnPlanStep *step)
{
  add_up (plan, step->sums_backward, step->sums_backward - step->sums);
  NnOpRun run = batch_run (plan, step);
  for (guint k = 0; k < step->op->n_weights; k++)
    if (nn_plan_makes_gradient (plan, step->op->weight[k]))
      run.dw[k] = plan->shard_block + plan->weight_offset[step->op->weight[k]];
  if (step->op->type->finish_backward)
    step->op->type->finish_backward (&run);
}
