/* Fusion: rewrite rules over plan steps, so that operations stay simple. Each rule looks at one
 * step and what follows it. nn_plan_new (NN_PLAN_UNFUSED) leaves them out; tests compare both. */
#include "objectives/nn-objective.h"
#include "model/nn-plan-private.h"
#include "ops/nn-conv.h"

typedef struct
{
  NnProgram *program;
  GArray *steps;
  guint *root;
  guint *n_uses; /* per value, by steps and by whoever wants it */
  GPtrArray *made;
} Fusion;

static NnPlanStep *
step_at (Fusion *fusion, guint position)
{
  return &g_array_index (fusion->steps, NnPlanStep, position);
}

static gint
only_user (Fusion *fusion, guint value, guint after)
{
  if (fusion->n_uses[value] != 1)
    return -1;
  for (guint i = after + 1; i < fusion->steps->len; i++)
    for (guint k = 0; k < step_at (fusion, i)->op->n_in; k++)
      if (step_at (fusion, i)->op->in[k] == value)
        return (gint)i;
  return -1;
}

/* A copy to change. (transfer none) */
static NnOp *
made_copy (Fusion *fusion, const NnOp *op)
{
  NnOp *copy = g_memdup2 (op, sizeof *copy);
  copy->attrs = g_memdup2 (op->attrs, op->type->attrs_size);
  g_ptr_array_add (fusion->made, copy);
  return copy;
}

/* sigmoid -> binary cross-entropy, softmax -> categorical cross-entropy, perhaps with a change of
 * shape between: the loss takes the logits and the activation is never run (the gradient with
 * respect to the logits is p - t, without cancellation). */
static gboolean
fuse_loss_from_logits (Fusion *fusion, guint position)
{
  const NnOp *op = step_at (fusion, position)->op;
  if (op->type != &nn_op_activation)
    return FALSE;
  const NnActivationAttrs *activation = op->attrs;
  guint value = op->out[0];
  gint user = only_user (fusion, value, position);
  while (user >= 0 && step_at (fusion, user)->op->type == &nn_op_reshape)
    {
      value = step_at (fusion, user)->op->out[0];
      user = only_user (fusion, value, (guint)user);
    }
  if (user < 0 || step_at (fusion, user)->op->type != &nn_op_loss
      || step_at (fusion, user)->op->in[0] != value)
    return FALSE;
  const NnLossAttrs *loss = step_at (fusion, user)->op->attrs;
  if (loss->objective->from_logits == NN_ACTIVATION_LINEAR
      || loss->objective->from_logits != activation->function)
    return FALSE;
  step_at (fusion, user)->logits = TRUE;
  fusion->root[op->out[0]] = op->in[0];
  g_array_remove_index (fusion->steps, position);
  return TRUE;
}

/* linear -> activation: bias and activation in one pass over the product, in place. */
static gboolean
fuse_activation (Fusion *fusion, guint position)
{
  NnPlanStep *step = step_at (fusion, position);
  if (!(step->op->type->flags & NN_OP_ACTIVATES) || step->activation)
    return FALSE;
  gint user = only_user (fusion, step->op->out[0], position);
  if (user < 0 || step_at (fusion, user)->op->type != &nn_op_activation)
    return FALSE;
  const NnOp *activation = step_at (fusion, user)->op;
  const NnActivationAttrs *attrs = activation->attrs;
  if (!nn_activation_info (attrs->function)->from_output)
    return FALSE;
  step->activation = activation;
  fusion->root[step->op->out[0]] = activation->out[0];
  g_array_remove_index (fusion->steps, (guint)user);
  return TRUE;
}

/* The step that makes value; NULL for an input. */
static const NnPlanStep *
maker_of (Fusion *fusion, guint value)
{
  for (guint i = 0; i < fusion->steps->len; i++)
    {
      const NnPlanStep *step = step_at (fusion, i);
      if (step->activation && step->activation->out[0] == value)
        return step;
      for (guint k = 0; k < step->op->n_out; k++)
        if (step->op->out[k] == value)
          return step;
    }
  return NULL;
}

/* TRUE where no weights lie before value, so that it needs no gradient. */
static gboolean
is_given (Fusion *fusion, guint value)
{
  const NnPlanStep *maker = maker_of (fusion, value);
  gboolean given = !maker || maker->op->n_weights == 0;
  for (guint k = 0; maker && given && k < maker->op->n_in; k++)
    given = is_given (fusion, maker->op->in[k]);
  return given;
}

static gboolean
halves (const NnWindow *window)
{
  return window->kernel_h == 2 && window->kernel_w == 2 && window->stride_h == 2
         && window->stride_w == 2 && window->dilation_h == 1 && window->dilation_w == 1
         && window->top == 0 && window->left == 0 && window->out_h == window->in_h / 2
         && window->out_w == window->in_w / 2;
}

/* convolution (-> relu) -> max pooling, of what is given: pooled before the ReLU, with the same
 * result, and on the spot. */
static gboolean
fuse_pooling (Fusion *fusion, guint position)
{
  NnPlanStep *step = step_at (fusion, position);
  const NnOp *conv = step->op, *activation = step->activation;
  if (conv->type != &nn_op_conv2d || !nn_conv_pools (conv->attrs)
      || (activation
          && ((const NnActivationAttrs *)activation->attrs)->function != NN_ACTIVATION_RELU)
      || !is_given (fusion, conv->in[0]))
    return FALSE;
  const guint value = activation ? activation->out[0] : conv->out[0];
  const gint user = only_user (fusion, value, position);
  if (user < 0 || step_at (fusion, user)->op->type != &nn_op_max_pool
      || !halves (step_at (fusion, user)->op->attrs))
    return FALSE;
  const guint pooled = step_at (fusion, user)->op->out[0];
  NnOp *op = made_copy (fusion, conv);
  op->type = &nn_op_conv2d_pooled;
  op->out[0] = pooled;
  step->op = op;
  if (activation)
    {
      NnOp *behind = made_copy (fusion, activation);
      behind->out[0] = pooled;
      step->activation = behind;
    }
  fusion->root[conv->out[0]] = fusion->root[value] = pooled;
  g_array_remove_index (fusion->steps, (guint)user);
  return TRUE;
}

/* relu -> max pooling: only the largest get a gradient, so that their sign is looked at on the way
 * and the gradient of the whole image is not passed over once more. */
static gboolean
fuse_relu_max_pool (Fusion *fusion, guint position)
{
  NnPlanStep *step = step_at (fusion, position);
  if (!step->activation || step->undone
      || ((const NnActivationAttrs *)step->activation->attrs)->function != NN_ACTIVATION_RELU)
    return FALSE;
  gint user = only_user (fusion, step->activation->out[0], position);
  if (user < 0 || step_at (fusion, user)->op->type != &nn_op_max_pool)
    return FALSE;
  step->undone = TRUE;
  step_at (fusion, user)->undo_relu = TRUE;
  return TRUE;
}

static gboolean
is_linear (const NnPlanStep *step)
{
  return !step->activation
         || ((const NnActivationAttrs *)step->activation->attrs)->function == NN_ACTIVATION_LINEAR;
}

/* linear -> add, which alone needs the product: the sum takes its place, and its gradient is that
 * of the sum. */
static gboolean
fuse_add (Fusion *fusion, guint position)
{
  const NnOp *add = step_at (fusion, position)->op;
  if (add->type != &nn_op_add)
    return FALSE;
  for (guint k = 0; k < add->n_in; k++)
    if (fusion->root[add->in[k]] != add->in[k])
      return FALSE;
  for (guint k = 0; k < add->n_in; k++)
    {
      const NnPlanStep *maker = maker_of (fusion, add->in[k]);
      if (!maker || !(maker->op->type->flags & NN_OP_ACTIVATES) || !is_linear (maker)
          || fusion->n_uses[add->in[k]] != 1)
        continue;
      fusion->root[add->in[k]] = add->out[0];
      return TRUE;
    }
  return FALSE;
}

void
nn_plan_free_made_op (gpointer op)
{
  g_free (((NnOp *)op)->attrs);
  g_free (op);
}

/* How many times as large a resize makes an image by repeating its pixels; 0 where it does not. */
static gint64
repeats (const NnResizeAttrs *attrs)
{
  const gint64 factor = attrs->out_h / attrs->in_h;
  return !attrs->bilinear && factor * attrs->in_h == attrs->out_h
                 && factor * attrs->in_w == attrs->out_w
             ? factor
             : 0;
}

/* Neither holes nor steps nor groups, and no border wider than what the kernel reaches. */
static gboolean
is_plain (const NnWindow *window)
{
  return window->stride_h == 1 && window->stride_w == 1 && window->dilation_h == 1
         && window->dilation_w == 1 && window->groups == 1 && window->top < window->kernel_h
         && window->left < window->kernel_w;
}

/* upsampling -> convolution: the kernel's taps on copies of one pixel become one. */
static gboolean
fuse_upsampling (Fusion *fusion, guint position)
{
  const NnOp *resize = step_at (fusion, position)->op;
  if (resize->type != &nn_op_resize)
    return FALSE;
  gint user = only_user (fusion, resize->out[0], position);
  if (user < 0 || step_at (fusion, user)->op->type != &nn_op_conv2d)
    return FALSE;
  const NnOp *conv = step_at (fusion, user)->op;
  NnUpsampledAttrs attrs = { .window = *(const NnWindow *)conv->attrs,
                             .factor = repeats (resize->attrs) };
  if (attrs.factor < 2 || !is_plain (&attrs.window)
      || (attrs.window.kernel_h + attrs.factor - 1) * (attrs.window.kernel_w + attrs.factor - 1)
             > NN_CONV_MAX_TAPS)
    return FALSE;
  NnOp *op = g_memdup2 (conv, sizeof *conv);
  op->type = &nn_op_conv2d_upsampled;
  op->in[0] = resize->in[0];
  op->type->decide (&attrs);
  op->attrs = g_memdup2 (&attrs, sizeof attrs);
  g_ptr_array_add (fusion->made, op);
  step_at (fusion, user)->op = op;
  fusion->root[resize->out[0]] = resize->in[0];
  g_array_remove_index (fusion->steps, position);
  return TRUE;
}

/* Every step that reads value can take one row for a sequence of equal ones. */
static gboolean
all_take_constant (Fusion *fusion, guint value)
{
  guint n = 0;
  for (guint i = 0; i < fusion->steps->len; i++)
    for (guint k = 0; k < step_at (fusion, i)->op->n_in; k++)
      if (step_at (fusion, i)->op->in[k] == value)
        {
          if (!(step_at (fusion, i)->op->type->flags & NN_OP_TAKES_CONSTANT))
            return FALSE;
          n++;
        }
  return n > 0 && n == fusion->n_uses[value];
}

/* repeat -> recurrent: what the row gives to every step is worked out once. */
static gboolean
fuse_repeat (Fusion *fusion, guint position)
{
  const NnOp *repeat = step_at (fusion, position)->op;
  const guint value = repeat->out[0];
  if (repeat->type != &nn_op_repeat || !all_take_constant (fusion, value)
      || nn_program_value (fusion->program, repeat->in[0])->shape.rank != 1)
    return FALSE;
  for (guint i = position + 1; i < fusion->steps->len; i++)
    for (guint k = 0; k < step_at (fusion, i)->op->n_in; k++)
      if (step_at (fusion, i)->op->in[k] == value)
        {
          NnOp *op = made_copy (fusion, step_at (fusion, i)->op);
          op->in[k] = repeat->in[0];
          step_at (fusion, i)->op = op;
          fusion->n_uses[repeat->in[0]]++;
        }
  fusion->n_uses[repeat->in[0]]--;
  fusion->root[value] = repeat->in[0];
  g_array_remove_index (fusion->steps, position);
  return TRUE;
}

static const struct
{
  gboolean (*apply) (Fusion *fusion, guint position);
  gboolean drops_value; /* one of the program's values is never computed */
} rules[] = {
  { fuse_loss_from_logits, FALSE },
  { fuse_activation, FALSE },
  { fuse_pooling, TRUE },
  { fuse_relu_max_pool, FALSE },
  { fuse_upsampling, TRUE },
  { fuse_repeat, TRUE },
  { fuse_add, TRUE },
};

void
nn_plan_fuse (NnProgram *program, gboolean keep_values, const gboolean *wanted, GArray *steps,
              guint *root, GPtrArray *made)
{
  g_autofree guint *n_uses = g_new0 (guint, program->values->len);
  Fusion fusion = {
    .program = program, .steps = steps, .root = root, .n_uses = n_uses, .made = made
  };
  for (guint i = 0; wanted && i < program->values->len; i++)
    n_uses[i] += wanted[i];
  for (guint i = 0; i < steps->len; i++)
    for (guint k = 0; k < step_at (&fusion, i)->op->n_in; k++)
      n_uses[step_at (&fusion, i)->op->in[k]]++;
  for (guint rule = 0; rule < G_N_ELEMENTS (rules); rule++)
    for (guint i = 0; i < steps->len; i++)
      if (!(keep_values && rules[rule].drops_value) && rules[rule].apply (&fusion, i))
        i = 0;
}
