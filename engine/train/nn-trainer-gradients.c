/* Gradients to look at, beside those that training makes for itself. */
#include "train/nn-trainer-private.h"

guint
nn_trainer_gradient_shards (NnTrainer *trainer)
{
  return nn_plan_n_shards (nn_trainer_look_plan (trainer));
}

guint
nn_trainer_gradient_value (NnTrainer *trainer, guint value)
{
  return nn_plan_look_value (nn_trainer_look_plan (trainer), value);
}

/* A training run writes what is kept with the weights, into copies here; the others it reads. */
gboolean
nn_trainer_gradients (NnTrainer *trainer, NnPart part, const guint32 *index, guint n,
                      NnPlanLook look, gpointer data)
{
  g_return_val_if_fail (n >= 1 && n <= NN_PLAN_LOOK_BATCH, FALSE);
  NnPlan *plan = nn_trainer_look_plan (trainer);
  NnProgram *program = nn_plan_program (plan);
  g_autoptr (GPtrArray) copies = g_ptr_array_new_with_free_func (g_free);
  g_autofree float **weights = g_new (float *, program->weights->len + 1);
  for (guint i = 0; i < program->weights->len; i++)
    {
      const NnWeight *weight = nn_program_weight (program, i);
      weights[i] = (float *)nn_trainer_weight (trainer, i);
      if (!weight->state)
        continue;
      weights[i] = g_memdup2 (weights[i], (gsize)weight->size * sizeof (float));
      g_ptr_array_add (copies, weights[i]);
    }
  NnBatch batch = {
    .n = n,
    .data = nn_trainer_dataset (trainer),
    .part = part,
    .index = index,
    .mode = NN_MODE_TRAIN,
    .seed = nn_trainer_seed (trainer),
    .step = (guint32)nn_trainer_steps (trainer),
    .weights = weights,
    .look = look,
    .look_data = data,
  };
  NnPlanResult result;
  return nn_plan_run (plan, &batch, &result);
}
