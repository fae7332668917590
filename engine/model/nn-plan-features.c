/* What fixed steps give, kept for each sample: see nn-plan.h. */
#include "model/nn-plan-private.h"

#include <string.h>

#define STEP(plan, i) (&g_array_index ((plan)->steps, NnPlanStep, (i)))

static gboolean
is_fixed (const NnPlan *plan, const NnPlanStep *step, const gboolean *fixed)
{
  const NnOp *op = step->op;

  if (!(op->type->flags & NN_OP_PURE))
    return FALSE;
  /* How a product with a turned matrix adds up depends on the number of its rows. */
  if (op->type == &nn_op_linear && ((const NnLinearAttrs *)op->attrs)->transposed)
    return FALSE;
  for (guint k = 0; k < op->n_weights; k++)
    if (!nn_program_weight (plan->program, op->weight[k])->frozen)
      return FALSE;
  for (guint k = 0; k < op->n_in; k++)
    if (!fixed[plan->root[op->in[k]]])
      return FALSE;
  return TRUE;
}

/* The values that fixed steps make and others read get a place in a sample's row. */
static void
place_features (NnPlan *plan, const gboolean *made)
{
  for (guint i = 0; i < plan->steps->len; i++)
    {
      const NnPlanStep *step = STEP (plan, i);
      for (guint k = 0; k < step->op->n_in && !step->fixed; k++)
        {
          const guint root = plan->root[step->op->in[k]];
          if (!made[root] || plan->feature_offset[root] != G_MAXSIZE)
            continue;
          plan->feature_offset[root] = plan->feature_floats;
          plan->feature_floats += (gsize)nn_program_value (plan->program, root)->size;
        }
    }
}

void
nn_plan_find_features (NnPlan *plan)
{
  NnProgram *program = plan->program;
  const guint n_values = program->values->len;
  g_autofree gboolean *fixed = g_new0 (gboolean, n_values + 1); /* per root: every time the same */
  g_autofree gboolean *made = g_new0 (gboolean, n_values + 1);  /* per root: by a fixed step */
  gboolean worth = FALSE;

  plan->feature_offset = g_new (gsize, n_values + 1);
  plan->fixed_input = g_new0 (gboolean, program->inputs->len + 1);
  for (guint i = 0; i < n_values; i++)
    plan->feature_offset[i] = G_MAXSIZE;
  for (guint i = 0; i < program->inputs->len; i++)
    {
      fixed[plan->root[nn_program_input (program, i)->value]] = TRUE;
      plan->fixed_input[i] = TRUE;
    }
  for (guint i = 0; i < plan->steps->len; i++)
    {
      NnPlanStep *step = STEP (plan, i);
      step->fixed = is_fixed (plan, step, fixed);
      worth |= step->fixed && step->op->n_weights > 0;
      for (guint k = 0; k < step->op->n_out && step->fixed; k++)
        {
          const guint root = plan->root[step->op->out[k]];
          made[root] |= !(step->op->type->flags & NN_OP_ALIAS);
          fixed[root] = TRUE;
        }
      for (guint k = 0; k < step->op->n_in && !step->fixed; k++)
        for (guint n = 0; n < program->inputs->len; n++)
          plan->fixed_input[n] &=
              plan->root[nn_program_input (program, n)->value] != plan->root[step->op->in[k]];
    }
  if (worth)
    place_features (plan, made);
}

void
nn_plan_free_features (NnPlan *plan)
{
  g_clear_pointer (&plan->features_of, nn_dataset_unref);
  g_clear_pointer (&plan->features, g_free);
  g_clear_pointer (&plan->features_known, g_free);
}

gsize
nn_plan_feature_size (const NnPlan *plan)
{
  return plan->feature_floats;
}

gboolean
nn_plan_keep_features (NnPlan *plan, NnDataset *data, NnPart part)
{
  const gsize n = nn_dataset_n_samples (data, part);

  nn_plan_free_features (plan);
  /* BLAS adds up in an order that depends on the number of rows. */
  if (!plan->kernels->gemm || plan->feature_floats == 0 || n == 0
      || n > G_MAXSIZE / sizeof (float) / plan->feature_floats)
    return FALSE;
  plan->features = g_try_malloc (n * plan->feature_floats * sizeof (float));
  if (!plan->features)
    return FALSE;
  plan->features_known = g_malloc0 (n);
  plan->features_of = nn_dataset_ref (data);
  plan->features_part = part;
  return TRUE;
}

void
nn_plan_forget_features (NnPlan *plan)
{
  if (plan->features_of)
    memset (plan->features_known, 0, nn_dataset_n_samples (plan->features_of, plan->features_part));
}

gboolean
nn_plan_has_features (const NnPlan *plan, const guint32 *sample, guint n)
{
  for (guint i = 0; i < n; i++)
    if (!plan->features_known[sample[i]])
      return FALSE;
  return TRUE;
}

void
nn_plan_begin_features (NnPlan *plan)
{
  const NnBatch *batch = plan->batch;

  plan->uses_features = plan->features_of && batch->data == plan->features_of
                        && batch->part == plan->features_part && !batch->feed && batch->index
                        && batch->n_want == 0 && !plan->mask;
  plan->all_known = plan->uses_features && nn_plan_has_features (plan, batch->index, batch->n);
}
