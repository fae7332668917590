/* Fusion: rewrite rules over plan steps, so that operations stay simple. Each rule looks at one
 * step and what follows it. nn_plan_new (NN_PLAN_UNFUSED) leaves them out; tests compare both. */
#include "objectives/nn-objective.h"
#include "model/nn-plan-private.h"

typedef struct
{
  NnProgram *program;
  GArray *steps;
  guint *root;
  guint *n_uses; /* per value, by steps */
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

static gboolean (*const rules[]) (Fusion *fusion, guint position) = {
  fuse_loss_from_logits,
  fuse_activation,
};

void
nn_plan_fuse (NnProgram *program, GArray *steps, guint *root)
{
  g_autofree guint *n_uses = g_new0 (guint, program->values->len);
  Fusion fusion = { .program = program, .steps = steps, .root = root, .n_uses = n_uses };
  for (guint i = 0; i < steps->len; i++)
    for (guint k = 0; k < step_at (&fusion, i)->op->n_in; k++)
      n_uses[step_at (&fusion, i)->op->in[k]]++;
  for (guint rule = 0; rule < G_N_ELEMENTS (rules); rule++)
    for (guint i = 0; i < steps->len; i++)
      if (rules[rule](&fusion, i))
        i = 0;
}
