/* Where everything of a slice lives: one block of memory in which buffers whose lives do not meet
 * lie over one another. A small block stays in a core's cache.
 */
#include "model/nn-plan-private.h"

/* Time in a slice's life: inputs are read at 0, then each step runs forward, then each back in
 * reverse. */
typedef struct
{
  gsize floats; /* 0: not used */
  guint birth, death;
  gsize *offset; /* borrowed; where to put the place found */
} Buffer;

typedef struct
{
  NnPlan *plan;
  guint slice;
  Buffer *value, *gradient; /* per root */
  GArray *buffers;          /* Buffer: scratch and temporary blocks of steps */
} Layout;

static const NnPlanStep *
step_at (const NnPlan *plan, guint position)
{
  return &g_array_index (plan->steps, NnPlanStep, position);
}

static guint
time_forward (guint step)
{
  return step + 1;
}

static guint
time_backward (const NnPlan *plan, guint step)
{
  return 2 * plan->steps->len - step;
}

static guint
time_end (const NnPlan *plan)
{
  return 2 * plan->steps->len + 1;
}

static gsize
padded (gsize floats)
{
  return (floats + 15) / 16 * 16;
}

static gsize
floats_of (const Layout *layout, guint value)
{
  return padded (layout->slice * (gsize)nn_program_value (layout->plan->program, value)->size);
}

static void
touch (Buffer *buffer, gsize floats, guint time)
{
  if (buffer->floats == 0)
    buffer->birth = buffer->death = time;
  buffer->floats = MAX (buffer->floats, floats);
  buffer->birth = MIN (buffer->birth, time);
  buffer->death = MAX (buffer->death, time);
}

static void
touch_value (Layout *layout, guint value, guint time)
{
  const guint root = layout->plan->root[value];
  touch (&layout->value[root], floats_of (layout, root), time);
}

static void
touch_gradient (Layout *layout, guint value, guint time)
{
  const guint root = layout->plan->root[value];
  if (layout->plan->wants_gradient[root])
    touch (&layout->gradient[root], floats_of (layout, root), time);
}

static void
add_own (Layout *layout, gsize floats, guint birth, guint death, gsize *offset)
{
  Buffer buffer = { .floats = padded (floats), .birth = birth, .death = death, .offset = offset };
  if (floats > 0)
    g_array_append_val (layout->buffers, buffer);
}

/* What a step touches in its forward pass: a loss without a backward leaves its gradient there. */
static void
live_forward (Layout *layout, guint position)
{
  const NnPlan *plan = layout->plan;
  const NnPlanStep *step = step_at (plan, position);
  const guint now = time_forward (position);
  for (guint k = 0; k < step->op->n_in; k++)
    touch_value (layout, step->op->in[k], now);
  for (guint k = 0; k < step->op->n_out; k++)
    touch_value (layout, step->op->out[k], now);
  if (nn_plan_step_is_pure_loss (step) && step->gradient[0] != NN_GRADIENT_NONE)
    touch_gradient (layout, step->op->in[0], now);
}

/* A backward pass may read everything that the forward pass read and wrote. */
static void
live_backward (Layout *layout, guint position)
{
  const NnPlan *plan = layout->plan;
  const NnPlanStep *step = step_at (plan, position);
  const guint now = time_backward (plan, position);
  if (!step->backward || nn_plan_step_is_pure_loss (step))
    return;
  for (guint k = 0; k < step->op->n_in; k++)
    {
      touch_value (layout, step->op->in[k], now);
      touch_gradient (layout, step->op->in[k], now);
    }
  for (guint k = 0; k < step->op->n_out; k++)
    {
      touch_value (layout, step->op->out[k], now);
      touch_gradient (layout, step->op->out[k], now);
    }
}

static void
own_of_step (Layout *layout, guint position)
{
  NnPlan *plan = layout->plan;
  NnPlanStep *step = &g_array_index (plan->steps, NnPlanStep, position);
  const guint forward = time_forward (position), backward = time_backward (plan, position);
  const guint loss_time = nn_plan_step_is_pure_loss (step) ? forward : backward;
  if (step->op->type->scratch)
    add_own (layout, step->op->type->scratch (plan->program, step->op, layout->slice), forward,
             step->backward ? backward : forward, &step->scratch);
  for (guint k = 0; k < step->op->n_in; k++)
    if (step->gradient[k] == NN_GRADIENT_ADD)
      add_own (layout, floats_of (layout, step->op->in[k]), loss_time, loss_time, &step->temp[k]);
}

/* In an unfused plan every value can be read when all is done, and the gradient of every input; in
 * one to look at, inputs and their gradients. */
static void
keep_readable (Layout *layout)
{
  NnPlan *plan = layout->plan;
  NnProgram *program = plan->program;
  for (guint i = 0; i < program->inputs->len; i++)
    {
      const guint value = nn_program_input (program, i)->value;
      touch_value (layout, value, 0);
      if (plan->flags & (NN_PLAN_UNFUSED | NN_PLAN_LOOK))
        touch_gradient (layout, value, time_end (plan));
      if (plan->flags & NN_PLAN_LOOK)
        touch_value (layout, value, time_end (plan));
    }
  for (guint i = 0; (plan->flags & NN_PLAN_UNFUSED) && i < program->values->len; i++)
    if (layout->value[plan->root[i]].floats > 0)
      touch_value (layout, i, time_end (plan));
}

static gint
larger_first (gconstpointer a, gconstpointer b)
{
  const Buffer *x = a, *y = b;
  if (x->floats != y->floats)
    return x->floats > y->floats ? -1 : 1;
  if (x->birth != y->birth)
    return x->birth < y->birth ? -1 : 1;
  return (x->death > y->death) - (x->death < y->death);
}

static gint
lower_first (gconstpointer a, gconstpointer b)
{
  const Buffer *x = *(const Buffer *const *)a, *y = *(const Buffer *const *)b;
  return (*x->offset > *y->offset) - (*x->offset < *y->offset);
}

/* The lowest place at which buffer meets none of those (n) that live when it does. */
static gsize
first_fit (const Buffer *buffer, const Buffer **others, guint n)
{
  gsize at = 0;
  qsort (others, n, sizeof *others, lower_first);
  for (guint i = 0; i < n && at + buffer->floats > *others[i]->offset; i++)
    at = MAX (at, *others[i]->offset + others[i]->floats);
  return at;
}

/* Greedy by size, as Y. Pisarchyk, J. Lee, "Efficient memory management for deep neural net
 * inference", 2020. Returns the floats of the whole block. */
static gsize
place (GArray *buffers)
{
  g_autofree const Buffer **meeting = g_new (const Buffer *, buffers->len + 1);
  gsize end = 0;
  g_array_sort (buffers, larger_first);
  for (guint i = 0; i < buffers->len; i++)
    {
      const Buffer *buffer = &g_array_index (buffers, Buffer, i);
      guint n = 0;
      for (guint k = 0; k < i; k++)
        {
          const Buffer *other = &g_array_index (buffers, Buffer, k);
          if (other->birth <= buffer->death && buffer->birth <= other->death)
            meeting[n++] = other;
        }
      *buffer->offset = first_fit (buffer, meeting, n);
      end = MAX (end, *buffer->offset + buffer->floats);
    }
  return end;
}

gsize
nn_plan_place (NnPlan *plan, guint slice)
{
  const guint n_values = plan->program->values->len;
  g_autofree Buffer *value = g_new0 (Buffer, n_values + 1);
  g_autofree Buffer *gradient = g_new0 (Buffer, n_values + 1);
  g_autoptr (GArray) buffers = g_array_new (FALSE, FALSE, sizeof (Buffer));
  Layout layout = {
    .plan = plan, .slice = slice, .value = value, .gradient = gradient, .buffers = buffers
  };
  for (guint i = 0; i < plan->steps->len; i++)
    {
      live_forward (&layout, i);
      live_backward (&layout, i);
      own_of_step (&layout, i);
    }
  keep_readable (&layout);
  for (guint i = 0; i < n_values; i++)
    {
      value[i].offset = &plan->value_offset[i];
      gradient[i].offset = &plan->gradient_offset[i];
      if (value[i].floats > 0 && !plan->keeps_value[i])
        g_array_append_val (buffers, value[i]);
      if (gradient[i].floats > 0 && !plan->keeps_gradient[i])
        g_array_append_val (buffers, gradient[i]);
    }
  return place (buffers);
}

/* ---- deferred gradients ---- */

static gboolean
may_defer (NnPlan *plan, const NnPlanStep *step)
{
  const NnProgram *program = plan->program;
  const NnOp *op = step->op;
  if (!(plan->flags & NN_PLAN_TRAIN) || !op->type->weight_rows || !step->backward
      || !nn_plan_makes_gradient (plan, op->weight[0]))
    return FALSE;
  const NnWeight *weight = nn_program_weight (program, op->weight[0]);
  /* One gradient a shard, written and added up, against x and dy of the batch, written and read. */
  const double shards = (double)weight->size * plan->n_shards;
  const double batch = ((double)nn_program_value (program, op->in[0])->size
                        + (double)nn_program_value (program, op->out[0])->size)
                       * plan->max_batch;
  return shards > batch;
}

static void
keep (NnPlan *plan, guint root, gboolean *keeps, gsize *offset)
{
  if (keeps[root])
    return;
  keeps[root] = TRUE;
  offset[root] = plan->kept_floats;
  plan->kept_floats +=
      padded (plan->max_batch * (gsize)nn_program_value (plan->program, root)->size);
}

void
nn_plan_defer (NnPlan *plan)
{
  const guint n_weights = plan->program->weights->len;
  g_autofree guint *users = g_new0 (guint, n_weights + 1);
  for (guint i = 0; i < n_weights; i++)
    plan->deferred_by[i] = -1;
  for (guint i = 0; i < plan->steps->len; i++)
    for (guint k = 0; k < step_at (plan, i)->op->n_weights; k++)
      users[step_at (plan, i)->op->weight[k]]++;
  for (guint i = 0; i < plan->steps->len; i++)
    {
      const NnPlanStep *step = step_at (plan, i);
      if (step->op->n_weights == 0 || users[step->op->weight[0]] != 1 || !may_defer (plan, step))
        continue;
      plan->deferred_by[step->op->weight[0]] = (gint)i;
      keep (plan, plan->root[step->op->in[0]], plan->keeps_value, plan->value_offset);
      keep (plan, plan->root[step->op->out[0]], plan->keeps_gradient, plan->gradient_offset);
    }
}
