#include "model/nn-program.h"

#include <string.h>

#include "diabolo-config.h"
#include "base/nn-error.h"
#include "layers/nn-layer.h"
#include "ops/nn-op.h"

#include <glib/gi18n-lib.h>

const NnChoice nn_initialiser_choices[] = {
  { "zeros", N_ ("Zeros"), N_ ("All 0: symmetric, for biases only") },
  { "ones", N_ ("Ones"), N_ ("All 1") },
  { "glorot-uniform", N_ ("Glorot uniform"),
    N_ ("Uniform, keeps the variance of sigmoid and tanh layers") },
  { "glorot-normal", N_ ("Glorot normal"),
    N_ ("Normal, keeps the variance of sigmoid and tanh layers") },
  { "he-uniform", N_ ("He uniform"), N_ ("Uniform, keeps the variance of ReLU layers") },
  { "he-normal", N_ ("He normal"), N_ ("Normal, keeps the variance of ReLU layers") },
  { "lecun-normal", N_ ("LeCun normal"), N_ ("Normal, for self-normalising layers") },
  { "random-normal", N_ ("Random normal"), N_ ("Normal with standard deviation 0.05") },
  { "random-uniform", N_ ("Random uniform"), N_ ("Uniform from −0.05 to 0.05") },
  { "orthogonal", N_ ("Orthogonal"),
    N_ ("A rotation: neither shrinks nor grows what goes through it again and again") },
  { NULL },
};
G_STATIC_ASSERT (G_N_ELEMENTS (nn_initialiser_choices) == NN_N_INITS + 1);

struct _NnLowering
{
  NnProgram *program; /* borrowed */
  guint node;
  gboolean frozen;
  guint owner; /* of the weights to use, 0: the node itself */
  gboolean tied, transposed;
  GError *error;
  const gint *in;
  guint n_in;
  const NnShape *out_shape;
  gint *out;
  guint n_out;
};

static void
clear_weight (gpointer weight)
{
  g_free (((NnWeight *)weight)->name);
}

static void
clear_op (gpointer op)
{
  g_free (((NnOp *)op)->attrs);
}

static void
clear_input (gpointer input)
{
  g_free (((NnProgramInput *)input)->field);
}

static GArray *
new_array (gsize element, GDestroyNotify clear)
{
  GArray *array = g_array_new (FALSE, TRUE, element);
  g_array_set_clear_func (array, clear);
  return array;
}

NnProgram *
nn_program_new (void)
{
  NnProgram *program = g_new0 (NnProgram, 1);
  g_atomic_ref_count_init (&program->refs);
  program->values = new_array (sizeof (NnValue), NULL);
  program->weights = new_array (sizeof (NnWeight), clear_weight);
  program->ops = new_array (sizeof (NnOp), clear_op);
  program->inputs = new_array (sizeof (NnProgramInput), clear_input);
  return program;
}

NnProgram *
nn_program_ref (NnProgram *program)
{
  g_atomic_ref_count_inc (&program->refs);
  return program;
}

void
nn_program_unref (NnProgram *program)
{
  if (!g_atomic_ref_count_dec (&program->refs))
    return;
  g_array_unref (program->values);
  g_array_unref (program->weights);
  g_array_unref (program->ops);
  g_array_unref (program->inputs);
  g_free (program);
}

gint64
nn_program_node_weights (const NnProgram *program, guint node)
{
  gint64 sum = 0;
  for (guint i = 0; i < program->weights->len; i++)
    if (nn_program_weight (program, i)->node == node)
      sum += nn_program_weight (program, i)->size;
  return sum;
}

gint64
nn_program_node_macs (const NnProgram *program, guint node)
{
  gint64 sum = 0;
  for (guint i = 0; i < program->ops->len; i++)
    {
      const NnOp *op = nn_program_op (program, i);
      if (op->node == node && op->type->macs)
        sum += op->type->macs (program, op);
    }
  return sum;
}

gint
nn_lowering_input (NnLowering *lowering, guint port)
{
  return port < lowering->n_in ? lowering->in[port] : -1;
}

const NnShape *
nn_lowering_shape (NnLowering *lowering, guint value)
{
  return &nn_program_value (lowering->program, value)->shape;
}

const NnShape *
nn_lowering_output_shape (NnLowering *lowering, guint port)
{
  g_assert (port < lowering->n_out);
  return &lowering->out_shape[port];
}

guint
nn_lowering_value (NnLowering *lowering, const NnShape *shape)
{
  NnValue value = {
    .shape = *shape, .size = nn_shape_size (shape), .node = lowering->node, .producer = -1
  };
  g_assert (value.size > 0);
  g_array_append_val (lowering->program->values, value);
  return lowering->program->values->len - 1;
}

void
nn_lowering_output (NnLowering *lowering, guint port, guint value)
{
  g_assert (port < lowering->n_out);
  lowering->out[port] = (gint)value;
}

guint
nn_lowering_field (NnLowering *lowering, const char *field, const NnShape *shape)
{
  NnProgram *program = lowering->program;
  for (guint i = 0; i < program->inputs->len; i++)
    {
      const NnProgramInput *input = nn_program_input (program, i);
      if (g_str_equal (input->field, field)
          && nn_program_value (program, input->value)->size == nn_shape_size (shape))
        return input->value;
    }
  NnProgramInput input = { .value = nn_lowering_value (lowering, shape),
                           .field = g_strdup (field) };
  g_array_append_val (program->inputs, input);
  return input.value;
}

static gint
find_weight (const NnProgram *program, guint node, const char *name)
{
  for (guint i = 0; i < program->weights->len; i++)
    if (nn_program_weight (program, i)->node == node
        && g_str_equal (nn_program_weight (program, i)->name, name))
      return (gint)i;
  return -1;
}

static void
refuse_sharing (NnLowering *lowering, const char *name, const NnShape *needed, const NnShape *given)
{
  g_autofree char *needed_text = nn_shape_to_string (needed);
  g_autofree char *given_text = given ? nn_shape_to_string (given) : g_strdup (_ ("none"));
  if (!lowering->error)
    g_set_error (&lowering->error, NN_ERROR, NN_ERROR_SHAPE,
                 _ ("a %s of %s would be needed, but there is %s"), name, needed_text, given_text);
}

static gboolean
is_lowered (const NnProgram *program, guint node)
{
  for (guint i = 0; i < program->ops->len; i++)
    if (nn_program_op (program, i)->node == node)
      return TRUE;
  return FALSE;
}

static guint
append_weight (NnProgram *program, guint node, const char *name, const NnShape *shape)
{
  const NnWeight weight = {
    .node = node, .name = g_strdup (name), .shape = *shape, .size = nn_shape_size (shape)
  };
  g_assert (weight.size > 0);
  g_array_append_val (program->weights, weight);
  return program->weights->len - 1;
}

/* The owner's weight of this name, which is made for it where the owner comes later; or -1 where
 * the node has its own or the sizes differ. */
static gint
shared_weight (NnLowering *lowering, const char *name, const NnShape *shape)
{
  NnProgram *program = lowering->program;
  NnShape wanted = *shape;
  if (lowering->owner == 0 || (lowering->tied && !g_str_equal (name, "kernel")))
    return -1;
  if (lowering->tied && shape->rank == 2)
    wanted = nn_shape (shape->dim[1], shape->dim[0]);
  gint found = find_weight (program, lowering->owner, name);
  if (found < 0 && !is_lowered (program, lowering->owner))
    {
      found = (gint)append_weight (program, lowering->owner, name, &wanted);
      nn_program_weight (program, found)->promised = TRUE;
      program->n_promised++;
    }
  const NnShape *given = found >= 0 ? &nn_program_weight (program, found)->shape : NULL;
  if (given && nn_shape_equal (given, &wanted))
    {
      lowering->transposed = lowering->tied && shape->rank == 2;
      return found;
    }
  refuse_sharing (lowering, name, &wanted, given);
  return -1;
}

/* The node's own weight that was made for those which use it and come before; or -1. */
static gint
promised_weight (NnLowering *lowering, const char *name, const NnShape *shape)
{
  NnProgram *program = lowering->program;
  const gint found = program->n_promised > 0 ? find_weight (program, lowering->node, name) : -1;
  NnWeight *weight = found >= 0 ? nn_program_weight (program, found) : NULL;
  if (!weight || !weight->promised)
    return -1;
  weight->promised = FALSE;
  program->n_promised--;
  if (nn_shape_equal (&weight->shape, shape))
    return found;
  refuse_sharing (lowering, name, &weight->shape, shape);
  return -1;
}

/* What users have asked for and the node does not have. */
static void
refuse_promises (NnLowering *lowering)
{
  NnProgram *program = lowering->program;
  for (guint i = 0; program->n_promised > 0 && i < program->weights->len; i++)
    {
      const NnWeight *weight = nn_program_weight (program, i);
      if (weight->promised && weight->node == lowering->node)
        refuse_sharing (lowering, weight->name, &weight->shape, NULL);
    }
}

gboolean
nn_lowering_transposed (NnLowering *lowering)
{
  return lowering->transposed;
}

guint
nn_lowering_weight (NnLowering *lowering, const char *name, const NnShape *shape, NnInit init,
                    gint64 fan_in, gint64 fan_out, float l1, float l2)
{
  const gint shared = shared_weight (lowering, name, shape);
  if (shared >= 0)
    return (guint)shared;
  const gint promised = promised_weight (lowering, name, shape);
  const guint index = promised >= 0
                          ? (guint)promised
                          : append_weight (lowering->program, lowering->node, name, shape);
  NnWeight *weight = nn_program_weight (lowering->program, index);
  weight->init = init;
  weight->fan_in = fan_in;
  weight->fan_out = fan_out;
  weight->l1 = l1;
  weight->l2 = l2;
  weight->frozen = lowering->frozen;
  return index;
}

guint
nn_lowering_state (NnLowering *lowering, const char *name, const NnShape *shape, NnInit init)
{
  const gint64 size = nn_shape_size (shape);
  const guint weight = nn_lowering_weight (lowering, name, shape, init, size, size, 0, 0);
  nn_program_weight (lowering->program, weight)->state = TRUE;
  nn_program_weight (lowering->program, weight)->frozen = TRUE;
  return weight;
}

const NnDataInfo *
nn_lowering_data (NnLowering *lowering)
{
  return lowering->program->data;
}

gboolean
nn_lowering_frozen (NnLowering *lowering)
{
  return lowering->frozen;
}

void
nn_lowering_weight_ones (NnLowering *lowering, guint weight, gint64 begin, gint64 end)
{
  NnWeight *w = nn_program_weight (lowering->program, weight);
  g_assert (begin >= 0 && begin <= end && end <= w->size);
  w->ones_begin = begin;
  w->ones_end = end;
}

void
nn_lowering_op (NnLowering *lowering, const NnOpType *type, gconstpointer attrs, guint n_in,
                const guint *in, guint n_out, const guint *out, guint n_weights,
                const guint *weights)
{
  NnProgram *program = lowering->program;
  NnOp op = {
    .type = type, .node = lowering->node, .n_in = n_in, .n_out = n_out, .n_weights = n_weights
  };
  g_assert (n_in <= NN_OP_MAX_IN && n_out <= NN_OP_MAX_OUT && n_weights <= NN_OP_MAX_WEIGHTS);
  for (guint i = 0; i < n_in; i++)
    op.in[i] = in[i];
  for (guint i = 0; i < n_out; i++)
    {
      op.out[i] = out[i];
      nn_program_value (program, out[i])->producer = (gint)program->ops->len;
    }
  for (guint i = 0; i < n_weights; i++)
    op.weight[i] = weights[i];
  if (type->attrs_size)
    op.attrs = g_memdup2 (attrs, type->attrs_size);
  if (type->decide)
    type->decide (op.attrs);
  g_array_append_val (program->ops, op);
}

guint
nn_lowering_unary (NnLowering *lowering, const NnOpType *type, gconstpointer attrs, guint in,
                   const NnShape *shape)
{
  guint out = nn_lowering_value (lowering, shape);
  nn_lowering_op (lowering, type, attrs, 1, &in, 1, &out, 0, NULL);
  return out;
}

guint
nn_lowering_activation (NnLowering *lowering, NnActivation activation, float alpha, guint in)
{
  if (activation == NN_ACTIVATION_LINEAR)
    return in;
  NnShape shape = *nn_lowering_shape (lowering, in);
  NnActivationAttrs attrs = { .function = activation, .alpha = alpha };
  return nn_lowering_unary (lowering, &nn_op_activation, &attrs, in, &shape);
}

gboolean
nn_program_lower_sharing (NnProgram *program, const NnLayerType *type, const NnParams *params,
                          guint node, gboolean frozen, guint owner, gboolean tied, const gint *in,
                          guint n_in, const NnShape *out_shape, gint *out, guint n_out,
                          GError **error)
{
  NnLowering lowering = {
    .program = program,
    .node = node,
    .frozen = frozen,
    .owner = owner,
    .tied = tied,
    .in = in,
    .n_in = n_in,
    .out_shape = out_shape,
    .out = out,
    .n_out = n_out,
  };
  for (guint i = 0; i < n_out; i++)
    out[i] = -1;
  type->lower (params, &lowering);
  for (guint i = 0; i < n_out; i++)
    g_assert (out[i] >= 0);
  refuse_promises (&lowering);
  if (lowering.error)
    g_propagate_error (error, lowering.error);
  return lowering.error == NULL;
}

void
nn_program_lower_node (NnProgram *program, const NnLayerType *type, const NnParams *params,
                       guint node, gboolean frozen, const gint *in, guint n_in,
                       const NnShape *out_shape, gint *out, guint n_out)
{
  nn_program_lower_sharing (program, type, params, node, frozen, 0, FALSE, in, n_in, out_shape, out,
                            n_out, NULL);
}
