/* Compiling a program: which steps, which gradients, where everything lives. nn-plan-run.c runs it.
 */
#include "model/nn-plan-private.h"

#include "base/nn-tensor.h"
#include "objectives/nn-objective.h"

#define STEP(plan, i) (&g_array_index ((plan)->steps, NnPlanStep, (i)))

/* A slice's values and gradients should stay in a core's second-level cache. */
#define SLICE_BYTES (512 * 1024)
#define SLICE_MIN 4
#define SLICE_TRIAL 16 /* samples whose memory tells how much one needs */
#define SHARDS_MIN_SAMPLES 8

static guint
resolve (const guint *root, guint value)
{
  while (root[value] != value)
    value = root[value];
  return value;
}

static gsize
padded (gsize floats)
{
  return (floats + 15) / 16 * 16;
}

/* TRUE where op is run for its own sake. */
static gboolean
is_goal (const NnPlan *plan, const NnPlanView *view, const NnOp *op)
{
  const gboolean loss = (op->type->flags & NN_OP_LOSS) != 0;
  if (view)
    return loss && view->loss_of != 0 && op->node == view->loss_of;
  return loss || !(plan->flags & NN_PLAN_TRAIN);
}

/* A training plan keeps only what leads to a loss, a view what leads to what is wanted. FALSE where
 * a view needs an input that it is not given. */
static gboolean
collect_steps (NnPlan *plan, const NnPlanView *view)
{
  NnProgram *program = plan->program;
  g_autofree gboolean *needed = g_new0 (gboolean, program->values->len + 1);
  g_autofree gboolean *keep = g_new0 (gboolean, program->ops->len + 1);
  gboolean possible = TRUE;
  for (guint i = 0; view && i < view->n_want; i++)
    needed[view->want[i]] = plan->wanted[view->want[i]] = TRUE;
  for (gint i = (gint)program->ops->len - 1; i >= 0; i--)
    {
      const NnOp *op = nn_program_op (program, i);
      keep[i] = is_goal (plan, view, op);
      for (guint k = 0; k < op->n_out; k++)
        keep[i] |= needed[op->out[k]] && (gint)op->out[k] != plan->from;
      for (guint k = 0; keep[i] && k < op->n_in; k++)
        needed[op->in[k]] = TRUE;
    }
  for (guint i = 0; i < program->inputs->len; i++)
    {
      const guint value = nn_program_input (program, i)->value;
      plan->reads[i] = (!view || needed[value]) && (gint)value != plan->from;
      possible &= !(plan->reads[i] && plan->from >= 0);
    }
  possible &= plan->from < 0 || needed[plan->from];
  plan->steps = g_array_new (FALSE, TRUE, sizeof (NnPlanStep));
  for (guint i = 0; i < program->ops->len; i++)
    if (keep[i])
      {
        NnPlanStep step = { .op = nn_program_op (program, i) };
        g_array_append_val (plan->steps, step);
      }
  return possible;
}

static void
alias_values (NnPlan *plan)
{
  for (guint i = 0; i < plan->program->values->len; i++)
    plan->root[i] = i;
  for (guint i = 0; i < plan->steps->len; i++)
    if (STEP (plan, i)->op->type->flags & NN_OP_ALIAS)
      plan->root[STEP (plan, i)->op->out[0]] = STEP (plan, i)->op->in[0];
}

static void
flatten_roots (NnPlan *plan)
{
  for (guint i = 0; i < plan->program->values->len; i++)
    plan->root[i] = resolve (plan->root, i);
}

/* A gradient is wanted where trained weights lie before, or inputs of a plan that tells about
 * them. */
static void
mark_gradients (NnPlan *plan)
{
  NnProgram *program = plan->program;
  const gboolean trains = (plan->flags & NN_PLAN_TRAIN) != 0;
  if (!(plan->flags & (NN_PLAN_TRAIN | NN_PLAN_PULL)))
    return;
  if (plan->flags & (NN_PLAN_UNFUSED | NN_PLAN_LOOK))
    for (guint i = 0; i < program->inputs->len; i++)
      plan->wants_gradient[plan->root[nn_program_input (program, i)->value]] = TRUE;
  for (guint i = 0; i < plan->steps->len; i++)
    {
      NnPlanStep *step = STEP (plan, i);
      gboolean wants = FALSE;
      for (guint k = 0; k < step->op->n_in; k++)
        wants |= plan->wants_gradient[plan->root[step->op->in[k]]];
      for (guint k = 0; trains && k < step->op->n_weights; k++)
        wants |= !nn_program_weight (program, step->op->weight[k])->frozen;
      for (guint k = 0; wants && k < step->op->n_out; k++)
        plan->wants_gradient[plan->root[step->op->out[k]]] = TRUE;
      step->backward = wants;
    }
}

/* Who writes a gradient first and who adds, in the order of execution: losses during forward, then
 * everything backward. */
static void
order_gradients (NnPlan *plan)
{
  gboolean *written = plan->has_gradient;
  for (guint i = 0; i < plan->steps->len; i++)
    {
      NnPlanStep *step = STEP (plan, i);
      guint root = plan->root[step->op->in[0]];
      if (!nn_plan_step_is_pure_loss (step) || !plan->wants_gradient[root])
        continue;
      step->gradient[0] = written[root] ? NN_GRADIENT_ADD : NN_GRADIENT_WRITE;
      written[root] = TRUE;
    }
  for (gint i = (gint)plan->steps->len - 1; i >= 0; i--)
    {
      NnPlanStep *step = STEP (plan, i);
      if (!step->backward || nn_plan_step_is_pure_loss (step))
        continue;
      for (guint k = 0; k < step->op->n_out; k++)
        {
          guint root = plan->root[step->op->out[k]];
          step->clear_dy[k] = !written[root];
          written[root] = TRUE;
        }
      if (step->op->type->flags & NN_OP_ALIAS)
        continue;
      for (guint k = 0; k < step->op->n_in; k++)
        {
          guint root = plan->root[step->op->in[k]];
          if (!plan->wants_gradient[root])
            continue;
          step->gradient[k] = root == plan->root[step->op->out[0]] ? NN_GRADIENT_SHARED
                              : written[root]                      ? NN_GRADIENT_ADD
                                                                   : NN_GRADIENT_WRITE;
          written[root] = TRUE;
        }
    }
}

/* Samples a slice holds and shards a batch is cut into: from program and batch size alone. */
static void
choose_slices (NnPlan *plan)
{
  NnProgram *program = plan->program;
  double weights = 1, macs = 0; /* a file may ask for more than an integer holds */
  guint wish = SLICE_MIN;
  for (guint i = 0; i < program->weights->len; i++)
    weights += nn_program_weight (program, i)->size;
  for (guint i = 0; i < program->ops->len; i++)
    {
      const NnOp *op = nn_program_op (program, i);
      macs += op->type->macs ? (double)op->type->macs (program, op) : 0;
    }
  for (guint i = 0; i < plan->steps->len; i++)
    wish = MAX (wish, STEP (plan, i)->op->type->slice_wish);
  /* Adding up a shard's gradient costs as much as a few samples of a dense network, but little
   * where weights are shared over positions. */
  guint shards = macs > 8 * weights ? NN_PLAN_SHARDS_MAX : NN_PLAN_SHARDS_MAX / 2;
  plan->n_shards = CLAMP (plan->max_batch / SHARDS_MIN_SAMPLES, 1, shards);
  nn_plan_defer (plan);
  guint per_shard = (plan->max_batch + plan->n_shards - 1) / plan->n_shards;
  gsize floats = nn_plan_place (plan, SLICE_TRIAL) / SLICE_TRIAL + 1;
  gsize fit = SLICE_BYTES / (floats * sizeof (float));
  guint most = MIN ((guint)CLAMP (fit, wish, NN_PLAN_SLICE_MAX), per_shard);
  plan->slices_per_shard = (per_shard + most - 1) / most;
  plan->slice = (per_shard + plan->slices_per_shard - 1) / plan->slices_per_shard;
}

/* Gradients of weights, one block a shard. */
static void
place_weights (NnPlan *plan)
{
  NnProgram *program = plan->program;
  gsize at = 0;
  g_autofree guint *users = g_new0 (guint, program->weights->len + 1);
  g_autofree gboolean *gathered = g_new0 (gboolean, program->weights->len + 1);
  for (guint i = 0; i < plan->steps->len; i++)
    for (guint k = 0; k < STEP (plan, i)->op->n_weights; k++)
      {
        users[STEP (plan, i)->op->weight[k]]++;
        gathered[STEP (plan, i)->op->weight[k]] |=
            STEP (plan, i)->op->type->finish_backward != NULL;
      }
  for (guint i = 0; i < program->weights->len; i++)
    {
      plan->trains[i] = users[i] > 0 && nn_plan_makes_gradient (plan, i);
      plan->fresh[i] = users[i] == 1 && !gathered[i];
      plan->weight_offset[i] = at;
      if (plan->deferred_by[i] < 0 && !(plan->flags & NN_PLAN_LOOK))
        at += padded ((gsize)nn_program_weight (program, i)->size);
    }
  plan->shard_floats = at;
}

static void
place_input_gradients (NnPlan *plan)
{
  NnProgram *program = plan->program;
  gsize at = 0;
  for (guint i = 0; i < program->inputs->len; i++)
    {
      plan->input_gradient_offset[i] = at;
      at += plan->max_batch
            * (gsize)nn_program_value (program, nn_program_input (program, i)->value)->size;
    }
}

/* Each loss measures itself, and then what else its operation does. */
static void
place_meters (NnPlan *plan)
{
  for (guint i = 0; i < plan->steps->len; i++)
    {
      NnPlanStep *step = STEP (plan, i);
      const NnOpType *type = step->op->type;
      if (!(type->flags & NN_OP_LOSS))
        continue;
      step->meter = plan->meter_size;
      plan->meter_size += 1 + (type->n_meter ? type->n_meter (plan->program, step->op) : 0);
    }
}

static void
place_prepared (NnPlan *plan)
{
  for (guint i = 0; i < plan->steps->len; i++)
    {
      NnPlanStep *step = STEP (plan, i);
      step->prepared = plan->prepared_floats;
      if (step->op->type->prepared)
        plan->prepared_floats += padded (
            step->op->type->prepared (plan->program, step->op, nn_plan_step_makes_dx (step)));
    }
}

static gboolean
keeps_input_gradients (const NnPlan *plan)
{
  const guint both = NN_PLAN_TRAIN | NN_PLAN_UNFUSED;
  return (plan->flags & both) == both;
}

static gsize
input_gradient_floats (const NnPlan *plan)
{
  gsize floats = 0;
  for (guint i = 0; keeps_input_gradients (plan) && i < plan->program->inputs->len; i++)
    floats +=
        plan->max_batch
        * (gsize)nn_program_value (plan->program, nn_program_input (plan->program, i)->value)->size;
  return floats;
}

/* Where a batch stops at barriers, each slice keeps its values until it goes on. */
static guint64
n_blocks (const NnPlan *plan, guint n_threads)
{
  return plan->has_barriers ? (guint64)plan->n_shards * plan->slices_per_shard : n_threads;
}

static guint64
memory_of (const NnPlan *plan, guint n_threads)
{
  guint64 floats = (guint64)plan->block_floats * n_blocks (plan, n_threads)
                   + input_gradient_floats (plan) + plan->kept_floats + plan->prepared_floats;
  if (plan->flags & NN_PLAN_TRAIN)
    floats += (guint64)plan->shard_floats * plan->n_shards;
  return floats * sizeof (float) + (guint64)plan->n_sums * (plan->n_shards + 1) * sizeof (double);
}

/* Everything but the memory. view NULL: of the whole program. */
static NnPlan *
compile (NnProgram *program, guint max_batch, guint flags, const NnPlanView *view)
{
  NnPlan *plan = g_new0 (NnPlan, 1);
  const guint n_values = program->values->len, n_weights = program->weights->len;
  plan->program = nn_program_ref (program);
  plan->flags = flags;
  plan->max_batch = max_batch;
  plan->root = g_new0 (guint, n_values + 1);
  plan->wants_gradient = g_new0 (gboolean, n_values + 1);
  plan->has_gradient = g_new0 (gboolean, n_values + 1);
  plan->trains = g_new0 (gboolean, n_weights + 1);
  plan->fresh = g_new0 (gboolean, n_weights + 1);
  plan->value_offset = g_new0 (gsize, n_values + 1);
  plan->gradient_offset = g_new0 (gsize, n_values + 1);
  plan->keeps_value = g_new0 (gboolean, n_values + 1);
  plan->keeps_gradient = g_new0 (gboolean, n_values + 1);
  plan->deferred_by = g_new (gint, n_weights + 1);
  plan->weight_offset = g_new0 (gsize, n_weights + 1);
  plan->input_gradient_offset = g_new0 (gsize, program->inputs->len + 1);

  plan->reads = g_new0 (gboolean, program->inputs->len + 1);
  plan->wanted = view ? g_new0 (gboolean, n_values + 1) : NULL;
  plan->from = view ? view->from : -1;

  plan->made = g_ptr_array_new_with_free_func (nn_plan_free_made_op);
  plan->phases = g_array_new (FALSE, TRUE, sizeof (NnPlanPhase));
  if (!collect_steps (plan, view))
    {
      nn_plan_free (plan);
      return NULL;
    }
  alias_values (plan);
  if (!(flags & NN_PLAN_UNFUSED))
    nn_plan_fuse (program, (flags & NN_PLAN_LOOK) != 0, plan->wanted, plan->steps, plan->root,
                  plan->made);
  flatten_roots (plan);
  nn_plan_find_features (plan);
  mark_gradients (plan);
  order_gradients (plan);
  choose_slices (plan);
  /* Convolutions read whole vectors, also of the last values. */
  plan->block_floats = nn_plan_place (plan, plan->slice) + NN_CONV_SLACK;
  place_prepared (plan);
  place_weights (plan);
  place_input_gradients (plan);
  nn_plan_cut_phases (plan);
  place_meters (plan);
  for (guint i = 0; i < plan->steps->len; i++)
    if (STEP (plan, i)->op->type == &nn_op_loss)
      {
        const NnLossAttrs *attrs = STEP (plan, i)->op->attrs;
        plan->has_correct |= attrs->objective->correct != NULL;
      }
  return plan;
}

static NnPlan *
allocate (NnPlan *plan, const NnKernels *kernels, NnPool *pool)
{
  const guint flags = plan->flags;
  plan->kernels = kernels ? kernels : nn_kernels_best ();
  plan->pool = pool;
  plan->blocks = nn_alloc_floats (plan->block_floats * n_blocks (plan, nn_pool_n_threads (pool)));
  if (flags & NN_PLAN_TRAIN)
    plan->shard_block = nn_alloc_floats (plan->shard_floats * plan->n_shards);
  plan->kept = nn_alloc_floats (plan->kept_floats + NN_CONV_SLACK);
  plan->prepared = nn_alloc_floats (plan->prepared_floats);
  if (keeps_input_gradients (plan))
    plan->input_gradient = nn_alloc_floats (input_gradient_floats (plan));
  plan->shard_result = g_malloc0 (sizeof (double[2]) * plan->n_shards);
  plan->sums = g_new0 (double, plan->n_sums *(plan->n_shards + 1) + 1);
  return plan;
}

NnPlan *
nn_plan_new (NnProgram *program, guint max_batch, guint flags, const NnKernels *kernels,
             NnPool *pool)
{
  g_return_val_if_fail (max_batch >= 1, NULL);
  return allocate (compile (program, max_batch, flags, NULL), kernels, pool);
}

NnPlan *
nn_plan_new_view (NnProgram *program, guint max_batch, const NnPlanView *view,
                  const NnKernels *kernels, NnPool *pool)
{
  g_return_val_if_fail (max_batch >= 1, NULL);
  NnPlan *plan = compile (program, max_batch, 0, view);
  return plan ? allocate (plan, kernels, pool) : NULL;
}

void
nn_plan_free (NnPlan *plan)
{
  if (!plan)
    return;
  g_clear_pointer (&plan->program, nn_program_unref);
  nn_plan_free_features (plan);
  g_free (plan->feature_offset);
  g_free (plan->fixed_input);
  g_array_unref (plan->steps);
  g_array_unref (plan->phases);
  g_ptr_array_unref (plan->made);
  g_free (plan->root);
  g_free (plan->wanted);
  g_free (plan->reads);
  g_free (plan->wants_gradient);
  g_free (plan->has_gradient);
  g_free (plan->trains);
  g_free (plan->fresh);
  g_free (plan->value_offset);
  g_free (plan->gradient_offset);
  g_free (plan->keeps_value);
  g_free (plan->keeps_gradient);
  g_free (plan->deferred_by);
  g_free (plan->weight_offset);
  g_free (plan->input_gradient_offset);
  g_free (plan->shard_result);
  g_free (plan->sums);
  nn_free_aligned (plan->blocks);
  nn_free_aligned (plan->shard_block);
  nn_free_aligned (plan->kept);
  nn_free_aligned (plan->prepared);
  nn_free_aligned (plan->input_gradient);
  g_free (plan);
}

NnProgram *
nn_plan_program (const NnPlan *plan)
{
  return plan->program;
}

gsize
nn_plan_memory (const NnPlan *plan)
{
  return (gsize)memory_of (plan, nn_pool_n_threads (plan->pool));
}

guint64
nn_plan_estimate_memory (NnProgram *program, guint max_batch, guint flags, guint n_threads)
{
  g_autoptr (NnPlan) plan = compile (program, max_batch, flags, NULL);
  return memory_of (plan, n_threads);
}

gsize
nn_plan_estimate_features (NnProgram *program, guint max_batch, guint flags)
{
  g_autoptr (NnPlan) plan = compile (program, max_batch, flags, NULL);
  return plan->feature_floats;
}

guint
nn_plan_n_shards (const NnPlan *plan)
{
  return plan->n_shards;
}

gsize
nn_plan_meter_size (const NnPlan *plan)
{
  return plan->meter_size * plan->n_shards;
}

const NnOp *
nn_plan_meter (const NnPlan *plan, guint loss, double *meter, double **sums)
{
  for (guint i = 0; i < plan->steps->len; i++)
    {
      const NnPlanStep *step = STEP (plan, i);
      if (!(step->op->type->flags & NN_OP_LOSS) || loss-- > 0)
        continue;
      *sums = meter + step->meter;
      return step->op;
    }
  return NULL;
}

void
nn_plan_sum_meter (const NnPlan *plan, double *meter)
{
  for (guint shard = 1; shard < plan->n_shards; shard++)
    for (gsize i = 0; i < plan->meter_size; i++)
      meter[i] += meter[shard * plan->meter_size + i];
}

gboolean
nn_plan_trains (const NnPlan *plan, guint weight)
{
  return plan->trains[weight];
}

guint
nn_plan_look_value (const NnPlan *plan, guint value)
{
  return plan->root[value];
}
