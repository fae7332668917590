#include "layers/nn-layer-loss.h"

#include "diabolo-config.h"

#include "base/nn-error.h"
#include "data/nn-scaling.h"
#include "objectives/nn-objective.h"

#include <inttypes.h>
#include <glib/gi18n-lib.h>

const NnPort nn_loss_ports_in[] = {
  { "prediction", N_ ("What the network gives") },
  { "target", N_ ("What it should have given") },
  NN_PORT_LOSS_WEIGHT,
  { NULL },
};

const NnObjectiveType *
nn_loss_objective (const NnParams *params)
{
  return nn_objective_type (nn_params_text (params, "loss"));
}

gboolean
nn_loss_check_sizes (const NnShape *prediction, const NnShape *target, GError **error)
{
  const gint64 given = nn_shape_size (prediction), wanted = nn_shape_size (target);
  if (given == wanted)
    return TRUE;
  g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
               _ ("the prediction has %" PRId64 " values, but the target has %" PRId64), given,
               wanted);
  return FALSE;
}

gboolean
nn_loss_check_weight (const NnParams *params, const NnInferContext *context, GError **error)
{
  const NnObjectiveType *objective = nn_loss_objective (params);
  const NnShape *prediction = &context->in[0];
  if (context->n_in < 3 || context->in[2].rank < 0)
    return TRUE;
  const gint64 size = nn_shape_size (prediction), weights = nn_shape_size (&context->in[2]);
  const gboolean classes = objective->kind == NN_OBJECTIVE_CLASSIFICATION;
  const gint64 positions =
      classes && prediction->rank > 0 ? size / prediction->dim[prediction->rank - 1] : 1;
  if (weights == 1 || weights == positions || (objective->elementwise && weights == size))
    return TRUE;
  const gint64 most = objective->elementwise ? size : positions;
  if (most > 1)
    g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
                 _ ("the weight has %" PRId64 " values, but should have 1 or %" PRId64), weights,
                 most);
  else
    g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
                 _ ("the weight has %" PRId64 " values, but should have 1"), weights);
  return FALSE;
}

void
nn_loss_lower (const NnParams *params, NnLowering *lowering, guint prediction, guint target,
               NnLossAttrs *attrs)
{
  const gint weight = nn_lowering_input (lowering, 2);
  const guint in[] = { prediction, target, (guint)MAX (weight, 0) };
  NnLossAttrs plain = { 0 };
  if (!attrs)
    attrs = &plain;
  attrs->objective = nn_loss_objective (params);
  attrs->weight = (float)nn_params_float (params, "weight");
  float black = 0, white = 1;
  if (nn_lowering_data (lowering))
    nn_data_info_pixel_range (nn_lowering_data (lowering), nn_lowering_shape (lowering, target),
                              &black, &white);
  attrs->peak = white - black;
  nn_lowering_op (lowering, &nn_op_loss, attrs, weight >= 0 ? 3 : 2, in, 0, NULL, 0, NULL);
}

char *
nn_loss_describe (const NnParams *params)
{
  return g_strdup (_ (nn_loss_objective (params)->short_title));
}
