/* Running a compiled plan: shards on the pool's threads, slices within a shard, forward and back.
 */
#include "model/nn-plan-private.h"

#include <math.h>
#include <string.h>

#define STEP(plan, i) (&g_array_index ((plan)->steps, NnPlanStep, (i)))
#define PHASE(plan, i) g_array_index ((plan)->phases, NnPlanPhase, (i))

#define PIECE 4096           /* of a gradient: its sums stay in the first-level cache */
#define DEFERRED_PIECE 16384 /* of a product: large enough to be worth it, and in the second */
#define DEFERRED_ROWS 8

/* One slice under way on one thread. */
typedef struct
{
  NnPlan *plan;
  float *block;            /* the thread's, with barriers its own */
  float *weights_gradient; /* the shard's, or NULL */
  double *sums;            /* the shard's */
  guint shard, first, n;   /* samples of the batch */
  gboolean first_of_shard;
  double *meter;        /* the shard's, or NULL */
  const guint32 *names; /* (n) sample names for random streams */
  gboolean known;       /* fixed steps are passed over: what they gave is there */
  double loss[2];
} Slice;

static gsize
size_of (const Slice *slice, guint value)
{
  return (gsize)nn_program_value (slice->plan->program, value)->size;
}

static float *
value_of (const Slice *slice, guint value)
{
  const NnPlan *plan = slice->plan;
  const guint root = plan->root[value];
  return plan->keeps_value[root]
             ? plan->kept + plan->value_offset[root] + slice->first * size_of (slice, root)
             : slice->block + plan->value_offset[root];
}

static float *
gradient_of (const Slice *slice, guint value)
{
  const NnPlan *plan = slice->plan;
  const guint root = plan->root[value];
  return plan->keeps_gradient[root]
             ? plan->kept + plan->gradient_offset[root] + slice->first * size_of (slice, root)
             : slice->block + plan->gradient_offset[root];
}

static void
read_inputs (Slice *slice)
{
  const NnBatch *batch = slice->plan->batch;
  NnProgram *program = slice->plan->program;
  for (guint i = 0; i < program->inputs->len; i++)
    {
      const NnProgramInput *input = nn_program_input (program, i);
      const gsize size = size_of (slice, input->value);
      guint field;
      if (!slice->plan->reads[i] || (slice->known && slice->plan->fixed_input[i]))
        continue;
      if (batch->feed && batch->feed[i])
        memcpy (value_of (slice, input->value), batch->feed[i] + slice->first * size,
                slice->n * size * sizeof (float));
      else if (batch->data
               && nn_data_info_field (nn_dataset_info (batch->data), input->field, &field))
        nn_dataset_read (batch->data, batch->part, field, batch->index + slice->first, slice->n,
                         slice->plan->kernels, value_of (slice, input->value));
      else /* a target that is not there: its loss is not asked for */
        memset (value_of (slice, input->value), 0, slice->n * size * sizeof (float));
    }
  if (slice->plan->from >= 0)
    {
      const guint from = (guint)slice->plan->from;
      memcpy (value_of (slice, from), batch->given + slice->first * size_of (slice, from),
              slice->n * size_of (slice, from) * sizeof (float));
    }
}

static void
fill_run (Slice *slice, const NnPlanStep *step, NnOpRun *run)
{
  NnPlan *plan = slice->plan;
  const NnBatch *batch = plan->batch;
  const NnOp *op = step->op;
  *run = (NnOpRun){
    .program = plan->program,
    .op = op,
    .kernels = plan->kernels,
    .mode = batch->mode,
    .activation = step->activation,
    .logits = step->logits,
    .any_order = batch->mode == NN_MODE_TRAIN && !step->fixed,
    .undo_relu = step->undo_relu,
    .n = slice->n,
    .batch = batch->n,
    .seed = batch->seed,
    .step = batch->step,
    .sample = slice->names,
    .scratch = slice->block + step->scratch,
    .prepared = plan->prepared + step->prepared,
    .meter = slice->meter && (op->type->flags & NN_OP_LOSS) ? slice->meter + step->meter + 1 : NULL,
    .thorough = batch->thorough,
    .sample_loss = batch->sample_loss && op->node == batch->sample_loss_of
                       ? batch->sample_loss + slice->first
                       : NULL,
  };
  for (guint k = 0; k < op->n_in; k++)
    run->x[k] = value_of (slice, step->op->in[k]);
  for (guint k = 0; k < op->n_out; k++)
    run->y[k] = value_of (slice, op->out[k]);
  for (guint k = 0; k < op->n_weights; k++)
    run->w[k] = batch->weights[op->weight[k]];
  if (nn_plan_gathers (plan, step))
    {
      run->sums = nn_plan_batch_sums (plan) + step->sums;
      run->sums_backward = nn_plan_batch_sums (plan) + step->sums_backward;
    }
}

static void
add_gradient (Slice *slice, const NnPlanStep *step, guint k)
{
  const guint value = step->op->in[k];
  slice->plan->kernels->add_scaled (1, slice->block + step->temp[k], gradient_of (slice, value),
                                    slice->n * size_of (slice, value));
}

static float *
gradient_target (Slice *slice, const NnPlanStep *step, guint k)
{
  switch (step->gradient[k])
    {
    case NN_GRADIENT_WRITE:
    case NN_GRADIENT_SHARED:
      return gradient_of (slice, step->op->in[k]);
    case NN_GRADIENT_ADD:
      return slice->block + step->temp[k];
    case NN_GRADIENT_NONE:
    default:
      return NULL;
    }
}

static gboolean
is_masked (const NnPlan *plan, guint step)
{
  return plan->mask && !plan->mask[step];
}

/* What is kept of a fixed step's outputs, to its place in the slice or from there. */
static void
move_features (Slice *slice, const NnPlanStep *step)
{
  NnPlan *plan = slice->plan;
  for (guint k = 0; k < step->op->n_out; k++)
    {
      const guint root = plan->root[step->op->out[k]];
      const gsize offset = plan->feature_offset[root], size = size_of (slice, root);
      for (guint i = 0; i < slice->n && offset != G_MAXSIZE; i++)
        {
          float *kept = plan->features + slice->names[i] * plan->feature_floats + offset;
          float *value = value_of (slice, root) + i * size;
          memcpy (slice->known ? value : kept, slice->known ? kept : value, size * sizeof *value);
        }
    }
}

static void
forward (Slice *slice, guint first, guint end)
{
  NnPlan *plan = slice->plan;
  for (guint i = first; i < end; i++)
    {
      const NnPlanStep *step = STEP (plan, i);
      NnOpRun run;
      if (is_masked (plan, i) || !step->op->type->forward)
        continue;
      if (slice->known && step->fixed)
        {
          move_features (slice, step);
          continue;
        }
      fill_run (slice, step, &run);
      if (nn_plan_step_is_pure_loss (step))
        run.dx[0] = gradient_target (slice, step, 0);
      step->op->type->forward (&run);
      slice->loss[0] += run.loss[0];
      if (run.meter)
        run.meter[-1] += run.loss[0];
      slice->loss[1] += run.loss[1];
      if (run.dx[0] && step->gradient[0] == NN_GRADIENT_ADD)
        add_gradient (slice, step, 0);
      if (plan->uses_features && step->fixed)
        move_features (slice, step);
    }
}

static void
gather (Slice *slice, gint position)
{
  NnPlan *plan = slice->plan;
  if (position < 0 || is_masked (plan, (guint)position)
      || !nn_plan_gathers (plan, STEP (plan, position)))
    return;
  const NnPlanStep *step = STEP (plan, position);
  NnOpRun run;
  fill_run (slice, step, &run);
  run.sums = slice->sums + step->sums;
  step->op->type->gather (&run);
}

static void
undo_activation (Slice *slice, const NnPlanStep *step, float *dy)
{
  const NnActivationAttrs *attrs = step->activation->attrs;
  const NnShape *shape = &nn_program_value (slice->plan->program, step->activation->out[0])->shape;
  const gsize cols = shape->rank > 0 ? (gsize)shape->dim[shape->rank - 1] : 1;
  const float *y = value_of (slice, step->activation->out[0]);
  slice->plan->kernels->activate_grad (attrs->function, attrs->alpha, NULL, y, dy, dy,
                                       slice->n * size_of (slice, step->activation->out[0]) / cols,
                                       cols);
}

/* Makes the gradients of a step's outputs ready to be read. */
static void
settle_dy (Slice *slice, const NnPlanStep *step)
{
  const NnOp *op = step->op;
  for (guint k = 0; k < op->n_out; k++)
    if (step->clear_dy[k])
      memset (gradient_of (slice, op->out[k]), 0,
              slice->n * size_of (slice, op->out[k]) * sizeof (float));
  if (step->activation && !step->undone)
    undo_activation (slice, step, gradient_of (slice, op->out[0]));
}

static void
fill_run_backward (Slice *slice, const NnPlanStep *step, NnOpRun *run)
{
  fill_run (slice, step, run);
  for (guint k = 0; k < step->op->n_out; k++)
    run->dy[k] = gradient_of (slice, step->op->out[k]);
}

static void
gather_backward (Slice *slice, gint position)
{
  NnPlan *plan = slice->plan;
  if (position < 0)
    return;
  const NnPlanStep *step = STEP (plan, position);
  NnOpRun run;
  settle_dy (slice, step);
  if (!nn_plan_gathers (plan, step))
    return;
  fill_run_backward (slice, step, &run);
  run.sums_backward = slice->sums + step->sums_backward;
  step->op->type->gather_backward (&run);
}

static void
look_at (Slice *slice, guint value)
{
  const NnBatch *batch = slice->plan->batch;
  batch->look (batch->look_data, slice->shard, value, value_of (slice, value),
               gradient_of (slice, value), slice->n);
}

/* Everything behind has added to the gradients by now, and the activation is undone. */
static void
look_at_step (Slice *slice, const NnPlanStep *step)
{
  if (!slice->plan->batch->look || (step->op->type->flags & NN_OP_ALIAS))
    return;
  for (guint k = 0; k < step->op->n_out; k++)
    look_at (slice, slice->plan->root[step->op->out[k]]);
}

static void
look_at_inputs (Slice *slice)
{
  NnProgram *program = slice->plan->program;
  for (guint i = 0; slice->plan->batch->look && i < program->inputs->len; i++)
    {
      const guint root = slice->plan->root[nn_program_input (program, i)->value];
      if (slice->plan->has_gradient[root])
        look_at (slice, root);
    }
}

static void
backward_step (Slice *slice, const NnPlanStep *step)
{
  NnPlan *plan = slice->plan;
  const NnOp *op = step->op;
  NnOpRun run;
  if (!(step->barrier && op->type->gather_backward))
    settle_dy (slice, step);
  fill_run_backward (slice, step, &run);
  look_at_step (slice, step);
  for (guint k = 0; k < op->n_weights; k++)
    if (nn_plan_makes_gradient (plan, op->weight[k]) && plan->deferred_by[op->weight[k]] < 0)
      {
        run.dw[k] = slice->weights_gradient + plan->weight_offset[op->weight[k]];
        run.fresh[k] = slice->first_of_shard && plan->fresh[op->weight[k]];
      }
  if (op->type->flags & NN_OP_ALIAS)
    {
      run.dx[0] = gradient_of (slice, step->op->in[0]);
      if (op->type->backward)
        op->type->backward (&run);
      return;
    }
  for (guint k = 0; k < op->n_in; k++)
    run.dx[k] = gradient_target (slice, step, k);
  op->type->backward (&run);
  for (guint k = 0; k < op->n_in; k++)
    if (step->gradient[k] == NN_GRADIENT_ADD)
      add_gradient (slice, step, k);
}

static void
backward (Slice *slice, guint first, guint end)
{
  NnPlan *plan = slice->plan;
  for (guint i = end; i-- > first;)
    if (STEP (plan, i)->backward && !nn_plan_step_is_pure_loss (STEP (plan, i)))
      backward_step (slice, STEP (plan, i));
}

static void
copy_out (Slice *slice)
{
  NnPlan *plan = slice->plan;
  const NnBatch *batch = plan->batch;
  for (guint i = 0; i < batch->n_want; i++)
    {
      const gsize size = size_of (slice, batch->want[i]);
      memcpy (batch->want_out[i] + slice->first * size, value_of (slice, batch->want[i]),
              slice->n * size * sizeof (float));
    }
  for (guint i = 0; plan->input_gradient && i < plan->program->inputs->len; i++)
    {
      guint value = nn_program_input (plan->program, i)->value;
      const gsize size = size_of (slice, value);
      memcpy (plan->input_gradient + plan->input_gradient_offset[i] + slice->first * size,
              gradient_of (slice, value), slice->n * size * sizeof (float));
    }
}

/* Before the first slice: nothing has been added up yet. */
static void
clear_shard (Slice *slice, guint shard, gboolean empty)
{
  NnPlan *plan = slice->plan;
  memset (plan->shard_result[shard], 0, sizeof plan->shard_result[shard]);
  memset (slice->sums, 0, plan->n_sums * sizeof (double));
  for (guint i = 0; slice->weights_gradient && i < plan->program->weights->len; i++)
    if (plan->deferred_by[i] < 0 && (!plan->fresh[i] || empty))
      memset (slice->weights_gradient + plan->weight_offset[i], 0,
              (gsize)nn_program_weight (plan->program, i)->size * sizeof (float));
}

static void
run_slice (Slice *slice)
{
  NnPlan *plan = slice->plan;
  const NnPlanPhase *phase = plan->phase;
  const gboolean last = phase == &PHASE (plan, plan->phases->len - 1);
  if (phase == &PHASE (plan, 0))
    read_inputs (slice);
  forward (slice, phase->forward, phase->forward_end);
  gather (slice, phase->gather);
  backward (slice, phase->backward, phase->backward_end);
  gather_backward (slice, phase->gather_backward);
  if (!last)
    return;
  for (guint i = 0; plan->uses_features && i < slice->n; i++)
    plan->features_known[slice->names[i]] = TRUE;
  copy_out (slice);
  look_at_inputs (slice);
}

static gboolean
makes_gradients (const NnPlan *plan)
{
  return (plan->flags & (NN_PLAN_TRAIN | NN_PLAN_LOOK)) == NN_PLAN_TRAIN;
}

static void
run_shard (gpointer data, guint shard, guint thread)
{
  NnPlan *plan = data;
  const NnBatch *batch = plan->batch;
  const guint begin = (guint)((guint64)batch->n * shard / plan->n_shards);
  const guint end = (guint)((guint64)batch->n * (shard + 1) / plan->n_shards);
  guint32 positions[NN_PLAN_SLICE_MAX];
  Slice slice = {
    .plan = plan,
    .shard = shard,
    .weights_gradient =
        makes_gradients (plan) ? plan->shard_block + shard * plan->shard_floats : NULL,
    .sums = nn_plan_shard_sums (plan, shard),
    .meter = batch->meter ? batch->meter + shard * plan->meter_size : NULL,
  };
  guint block = plan->has_barriers ? shard * plan->slices_per_shard : thread;
  if (plan->phase == &PHASE (plan, 0))
    clear_shard (&slice, shard, begin == end);
  for (guint at = begin; at < end; at += plan->slice)
    {
      slice.block = plan->blocks + block * plan->block_floats;
      slice.first = at;
      slice.n = MIN (plan->slice, end - at);
      slice.first_of_shard = at == begin;
      for (guint i = 0; i < slice.n; i++)
        positions[i] = at + i;
      slice.names = batch->index ? batch->index + at : positions;
      slice.known = plan->uses_features && nn_plan_has_features (plan, slice.names, slice.n);
      run_slice (&slice);
      block += plan->has_barriers;
    }
  plan->shard_result[shard][0] += slice.loss[0];
  plan->shard_result[shard][1] += slice.loss[1];
}

/* What a step makes of its weights before the first slice. */
static void
prepare_step (gpointer data, guint position, guint thread)
{
  NnPlan *plan = data;
  const NnPlanStep *step = STEP (plan, position);
  const NnOp *op = step->op;
  NnOpRun run = { .program = plan->program,
                  .op = op,
                  .kernels = plan->kernels,
                  .batch = plan->batch->n,
                  .prepared = plan->prepared + step->prepared };
  if (is_masked (plan, position) || !op->type->prepare || (step->fixed && plan->all_known))
    return;
  for (guint k = 0; k < op->n_weights; k++)
    run.w[k] = plan->batch->weights[op->weight[k]];
  op->type->prepare (&run, nn_plan_step_makes_dx (step));
}

static void
prepare (NnPlan *plan)
{
  if (plan->prepared_floats > 0)
    nn_pool_run (plan->pool, plan->steps->len, prepare_step, plan);
}

/* All shards from barrier to barrier. Returns what the barriers add to the batch's summed loss. */
static double
run_phases (NnPlan *plan)
{
  double loss = 0;
  for (guint i = 0; i < plan->phases->len; i++)
    {
      const NnPlanPhase *phase = plan->phase = &PHASE (plan, i);
      nn_pool_run (plan->pool, plan->n_shards, run_shard, plan);
      if (phase->gather >= 0 && !is_masked (plan, (guint)phase->gather)
          && nn_plan_gathers (plan, STEP (plan, phase->gather)))
        {
          const double added = nn_plan_end_gather (plan, STEP (plan, phase->gather));
          if (plan->batch->meter)
            plan->batch->meter[STEP (plan, phase->gather)->meter] += added;
          loss += added;
        }
      if (phase->gather_backward >= 0
          && nn_plan_gathers (plan, STEP (plan, phase->gather_backward)))
        nn_plan_end_gather_backward (plan, STEP (plan, phase->gather_backward));
    }
  return loss;
}

/* Steps that lead to what is wanted (and, without wishes, all of them). */
static void
mask_steps (NnPlan *plan, const NnBatch *batch, gboolean with_loss, gboolean *mask)
{
  g_autofree gboolean *needed = g_new0 (gboolean, plan->program->values->len + 1);
  for (guint i = 0; i < batch->n_want; i++)
    needed[batch->want[i]] = TRUE;
  for (gint i = (gint)plan->steps->len - 1; i >= 0; i--)
    {
      const NnPlanStep *step = STEP (plan, i);
      mask[i] = with_loss && (step->op->type->flags & NN_OP_LOSS);
      for (guint k = 0; k < step->op->n_out; k++)
        mask[i] |= needed[step->op->out[k]];
      if (step->activation)
        mask[i] |= needed[step->activation->out[0]];
      for (guint k = 0; mask[i] && k < step->op->n_in; k++)
        needed[step->op->in[k]] = TRUE;
    }
}

gboolean
nn_plan_run (NnPlan *plan, const NnBatch *batch, NnPlanResult *result)
{
  g_return_val_if_fail (batch->n >= 1 && batch->n <= plan->max_batch, FALSE);
  g_return_val_if_fail (batch->n_want == 0 || plan->wanted || (plan->flags & NN_PLAN_UNFUSED),
                        FALSE);
  g_return_val_if_fail ((plan->from < 0) == (batch->given == NULL), FALSE);
  g_autofree gboolean *mask = NULL;
  if (batch->n_want > 0 && !plan->wanted)
    {
      mask = g_new0 (gboolean, plan->steps->len + 1);
      mask_steps (plan, batch, result != NULL || batch->sample_loss, mask);
    }
  plan->batch = batch;
  plan->mask = mask;
  nn_plan_begin_features (plan);
  prepare (plan);
  double loss = run_phases (plan), correct = 0;
  plan->batch = NULL;
  plan->mask = NULL;
  plan->n_ran = batch->n;

  for (guint shard = 0; shard < plan->n_shards; shard++)
    {
      loss += plan->shard_result[shard][0];
      correct += plan->shard_result[shard][1];
    }
  if (result)
    *result =
        (NnPlanResult){ .loss = loss / batch->n, .correct = plan->has_correct ? correct : -1 };
  return isfinite (loss);
}

/* The row length of a weight's matrix. */
static gsize
row_of (const NnPlan *plan, guint weight)
{
  const NnShape *shape = &nn_program_weight (plan->program, weight)->shape;
  return (gsize)shape->dim[shape->rank - 1];
}

gsize
nn_plan_gradient_piece (const NnPlan *plan, guint weight)
{
  if (plan->deferred_by[weight] < 0)
    return PIECE;
  const gsize row = row_of (plan, weight);
  return row * MAX (DEFERRED_PIECE / row / DEFERRED_ROWS, 1) * DEFERRED_ROWS;
}

void
nn_plan_gradient_part (NnPlan *plan, guint weight, gsize offset, gsize n, float *g)
{
  if (plan->deferred_by[weight] < 0)
    {
      const float *part[NN_PLAN_SHARDS_MAX];
      for (guint shard = 0; shard < plan->n_shards; shard++)
        part[shard] =
            plan->shard_block + shard * plan->shard_floats + plan->weight_offset[weight] + offset;
      plan->kernels->sum_parts (part, plan->n_shards, g, n);
      return;
    }
  const NnOp *op = STEP (plan, plan->deferred_by[weight])->op;
  const Slice whole = { .plan = plan };
  NnOpRun run = { .program = plan->program,
                  .op = op,
                  .kernels = plan->kernels,
                  .n = plan->n_ran,
                  .x = { value_of (&whole, op->in[0]) },
                  .dy = { gradient_of (&whole, op->out[0]) },
                  .dw = { g } };
  op->type->weight_rows (&run, offset / row_of (plan, weight), n / row_of (plan, weight));
}

void
nn_plan_gradient (NnPlan *plan, guint weight, float *g)
{
  const gsize size = (gsize)nn_program_weight (plan->program, weight)->size;
  const gsize piece = nn_plan_gradient_piece (plan, weight);
  for (gsize at = 0; at < size; at += piece)
    nn_plan_gradient_part (plan, weight, at, MIN (piece, size - at), g + at);
}

const float *
nn_plan_input_gradient (NnPlan *plan, guint input)
{
  g_return_val_if_fail (plan->input_gradient, NULL);
  return plan->input_gradient + plan->input_gradient_offset[input];
}

/* Values this large overflow in the next product or square: they are where the trouble began, even
 * if only a later value is infinite. */
#define RUNAWAY 1e18f

static gboolean
all_sane (const float *x, gsize n)
{
  for (gsize i = 0; i < n; i++)
    if (!(fabsf (x[i]) < RUNAWAY))
      return FALSE;
  return TRUE;
}

guint
nn_plan_first_bad_node (NnPlan *plan, const NnBatch *batch)
{
  NnProgram *program = plan->program;
  g_autoptr (NnPlan) plain =
      nn_plan_new (program, batch->n, NN_PLAN_UNFUSED, plan->kernels, plan->pool);
  NnBatch one = *batch;
  for (guint i = 0; i < program->ops->len; i++)
    {
      const NnOp *op = nn_program_op (program, i);
      for (guint k = 0; k < op->n_weights; k++)
        if (!plan->kernels->all_finite (batch->weights[op->weight[k]],
                                        (gsize)nn_program_weight (program, op->weight[k])->size))
          return op->node;
      for (guint k = 0; k < op->n_out; k++)
        {
          const gsize n = batch->n * (gsize)nn_program_value (program, op->out[k])->size;
          g_autofree float *values = g_new0 (float, n);
          one.n_want = 1;
          one.want = &op->out[k];
          one.want_out = &values;
          nn_plan_run (plain, &one, NULL);
          if (!all_sane (values, n))
            return op->node;
        }
    }
  return 0;
}

/* Marks the steps that value `to` follows from, short of those that make value `from`. needed (per
 * value): what they read. */
static void
mask_back (const NnPlan *plan, guint from, guint to, gboolean *mask, gboolean *needed)
{
  needed[to] = TRUE;
  for (gint i = (gint)plan->steps->len - 1; i >= 0; i--)
    {
      const NnPlanStep *step = STEP (plan, i);
      for (guint k = 0; k < step->op->n_out; k++)
        mask[i] |= needed[step->op->out[k]] && step->op->out[k] != from;
      for (guint k = 0; mask[i] && k < step->op->n_in; k++)
        needed[step->op->in[k]] = TRUE;
    }
}

/* ---- from a value back to an input ---- */

typedef struct
{
  NnPlan *plan;
  const guint32 *names; /* (n) */
  guint to, input;      /* values */
  NnPullFunc func;
  gpointer data;
  float *dx;
} Pull;

/* written (per root): what has a gradient already. What the plan reckoned with when it told writing
 * from adding may not run here, so this is told anew. */
static void
pull_step (Slice *slice, const NnPlanStep *step, gboolean *written)
{
  NnPlan *plan = slice->plan;
  const NnOp *op = step->op;
  gboolean adds[NN_OP_MAX_IN] = { FALSE };
  NnOpRun run;
  if (op->type->flags & NN_OP_ALIAS)
    return;
  for (guint k = 0; k < op->n_out; k++)
    if (!written[plan->root[op->out[k]]])
      memset (gradient_of (slice, op->out[k]), 0,
              slice->n * size_of (slice, op->out[k]) * sizeof (float));
  fill_run_backward (slice, step, &run);
  for (guint k = 0; k < op->n_in; k++)
    {
      const guint root = plan->root[op->in[k]];
      if (!plan->wants_gradient[root])
        continue;
      adds[k] = written[root];
      run.dx[k] = adds[k] ? slice->block + step->temp[k] : gradient_of (slice, op->in[k]);
      written[root] = TRUE;
    }
  op->type->backward (&run);
  for (guint k = 0; k < op->n_in; k++)
    if (adds[k])
      add_gradient (slice, step, k);
}

static void
pull_slice (gpointer data, guint task, guint thread)
{
  Pull *pull = data;
  NnPlan *plan = pull->plan;
  const guint first = task * plan->slice;
  Slice slice = {
    .plan = plan,
    .block = plan->blocks + (plan->has_barriers ? task : thread) * plan->block_floats,
    .first = first,
    .n = MIN (plan->slice, plan->batch->n - first),
    .names = pull->names + first,
  };
  const gsize to = size_of (&slice, pull->to), from = size_of (&slice, pull->input);
  g_autofree gboolean *written = g_new0 (gboolean, plan->program->values->len + 1);
  read_inputs (&slice);
  forward (&slice, 0, plan->steps->len);
  for (guint i = 0; i < slice.n; i++)
    pull->func (first + i, value_of (&slice, pull->to) + i * to,
                gradient_of (&slice, pull->to) + i * to, pull->data);
  written[plan->root[pull->to]] = TRUE;
  for (guint i = plan->steps->len; i-- > 0;)
    if (STEP (plan, i)->backward && !is_masked (plan, i))
      pull_step (&slice, STEP (plan, i), written);
  memcpy (pull->dx + first * from, gradient_of (&slice, pull->input),
          slice.n * from * sizeof (float));
}

gboolean
nn_plan_pull_back (NnPlan *plan, const NnBatch *batch, guint to, NnPullFunc func, gpointer data,
                   guint input, float *dx)
{
  g_return_val_if_fail (plan->flags == (NN_PLAN_PULL | NN_PLAN_UNFUSED), FALSE);
  g_return_val_if_fail (batch->n >= 1 && batch->n <= plan->max_batch, FALSE);
  const guint value = nn_program_input (plan->program, input)->value;
  g_autofree gboolean *mask = g_new0 (gboolean, plan->steps->len + 1);
  g_autofree gboolean *needed = g_new0 (gboolean, plan->program->values->len + 1);
  g_autofree guint32 *positions = g_new (guint32, batch->n);
  Pull pull = { plan, batch->index ? batch->index : positions, to, value, func, data, dx };
  mask_back (plan, value, to, mask, needed);
  if (!needed[value])
    return FALSE;
  for (guint i = 0; i < batch->n; i++)
    positions[i] = i;
  plan->batch = batch;
  plan->mask = mask;
  prepare (plan);
  nn_pool_run (plan->pool, (batch->n + plan->slice - 1) / plan->slice, pull_slice, &pull);
  plan->batch = NULL;
  plan->mask = NULL;
  return TRUE;
}
