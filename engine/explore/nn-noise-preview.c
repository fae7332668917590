#include "explore/nn-noise-preview.h"

#include <string.h>

#include "data/nn-dataset.h"
#include "layers/nn-layer.h"
#include "model/nn-plan.h"

gboolean
nn_noise_preview_fits (const NnNode *node)
{
  return (node->type->flags & NN_LAYER_CORRUPTS) != 0 && nn_layer_n_inputs (node->type) == 1
         && nn_layer_n_outputs (node->type) == 1;
}

/* The layer alone, behind an Input. NULL: it does not take the shape. (transfer full) */
static NnProgram *
program_of (const NnNode *node, const NnShape *shape, guint *out)
{
  static const NnDataInfo no_data = { .name = "", .title = "" };
  const NnInferContext context = { .data = &no_data, .n_in = 1, .in = shape };
  const NnLayerType *input = nn_layer_type ("input");
  g_autoptr (NnParams) any_field = nn_params_new (input->params);
  NnShape given[NN_OP_MAX_OUT];
  gint in, result[NN_OP_MAX_OUT];

  if (!node->type->infer (node->params, &context, given, NULL))
    return NULL;
  NnProgram *program = nn_program_new ();
  nn_program_lower_node (program, input, any_field, node->id + 1, FALSE, NULL, 0, shape, &in, 1);
  nn_program_lower_node (program, node->type, node->params, node->id, FALSE, &in, 1, given, result,
                         1);
  *out = (guint)result[0];
  return program;
}

gboolean
nn_noise_preview (const NnNode *node, const NnShape *shape, const float *x, guint n, guint64 seed,
                  float *y)
{
  g_return_val_if_fail (nn_noise_preview_fits (node) && n > 0, FALSE);

  guint want;
  NnProgram *program = program_of (node, shape, &want);
  if (program == NULL)
    return FALSE;
  const gsize size = (gsize)nn_shape_size (shape);
  g_autofree float *copies = g_new (float, n *size);
  g_autofree guint32 *index = g_new (guint32, n);
  for (guint i = 0; i < n; i++)
    {
      index[i] = i;
      memcpy (copies + i * size, x, size * sizeof *x);
    }
  NnPool *pool = nn_pool_new (1);
  NnPlan *plan = nn_plan_new (program, n, NN_PLAN_UNFUSED, NULL, pool);
  const float *const feed[] = { copies };
  float *const out[] = { y };
  const NnBatch batch = {
    .n = n,
    .index = index,
    .feed = feed,
    .mode = NN_MODE_TRAIN,
    .seed = seed,
    .n_want = 1,
    .want = &want,
    .want_out = out,
  };
  nn_plan_run (plan, &batch, NULL);
  nn_plan_free (plan);
  nn_pool_free (pool);
  nn_program_unref (program);
  return TRUE;
}
