/* Classification loss: compares class probabilities with the label. */
#include "diabolo-config.h"

#include "base/nn-error.h"
#include "data/nn-dataset.h"
#include "layers/nn-layer-loss.h"
#include "objectives/nn-objective.h"

#include <glib/gi18n-lib.h>

static const NnChoice *
loss_choices (void)
{
  return nn_objective_choices (NN_OBJECTIVE_CLASSIFICATION);
}

static const NnParamSpec loss_params[] = {
  { .name = "loss",
    .title = N_ ("Loss"),
    .tip = N_ ("How the difference is measured."),
    .type = NN_PARAM_CHOICE,
    .flags = NN_PARAM_STRUCTURAL,
    .def_text = "categorical-crossentropy",
    .list_choices = loss_choices },
  { .name = "field",
    .title = N_ ("Label field"),
    .tip = N_ ("The part of the data that holds the class, where no target is connected."),
    .type = NN_PARAM_STRING,
    .flags = NN_PARAM_STRUCTURAL | NN_PARAM_ADVANCED,
    .def_text = "label" },
  NN_PARAM_WEIGHT,
  { NULL },
};

static const NnPort loss_ports[] = {
  { "prediction", N_ ("Class probabilities") },
  { "target", N_ ("The right class; without a connection, the data's label"), TRUE },
  NN_PORT_LOSS_WEIGHT,
  { NULL },
};

/* What the target of a prediction looks like: a share for each class, or the number of one. */
static NnShape
target_shape (const NnParams *params, const NnShape *prediction)
{
  NnShape shape = *prediction;
  if (nn_loss_objective (params)->sparse && shape.rank > 1)
    shape.rank--;
  else if (nn_loss_objective (params)->sparse)
    shape = nn_shape (1);
  return shape;
}

static gboolean
check_connected (const NnParams *params, const NnInferContext *context, GError **error)
{
  const NnShape wanted = target_shape (params, &context->in[0]);
  const gint64 given = nn_shape_size (&context->in[1]);
  if (!nn_loss_objective (params)->sparse)
    return nn_loss_check_sizes (&context->in[0], &context->in[1], error);
  if (given == nn_shape_size (&wanted))
    return TRUE;
  g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
               _ ("the target should hold the numbers of %" G_GINT64_FORMAT
                  " classes, but has %" G_GINT64_FORMAT " values"),
               nn_shape_size (&wanted), given);
  return FALSE;
}

static gboolean
loss_infer (const NnParams *params, const NnInferContext *context, NnShape *out, GError **error)
{
  if (!nn_loss_check_weight (params, context, error))
    return FALSE;
  if (context->in[1].rank >= 0)
    return check_connected (params, context, error);
  const char *name = nn_params_text (params, "field");
  const NnField *field = nn_data_info_field (context->data, name, NULL);
  if (!field)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_UNKNOWN,
                   _ ("compares with “%s”, which the data set %s does not have"), name,
                   context->data->title);
      return FALSE;
    }
  const NnShape wanted = target_shape (params, &context->in[0]);
  const gint64 given = nn_shape_size (&wanted);
  if (given != nn_shape_size (&field->shape))
    {
      g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
                   nn_loss_objective (params)->sparse
                       ? _ ("the target should be the number of the class, %" G_GINT64_FORMAT
                            " values, but the data has %" G_GINT64_FORMAT
                            " of them: one for each class needs the categorical loss")
                       : _ ("the prediction has %" G_GINT64_FORMAT
                            " values, but the data has %" G_GINT64_FORMAT " classes"),
                   given, nn_shape_size (&field->shape));
      return FALSE;
    }
  return TRUE;
}

static void
loss_lower (const NnParams *params, NnLowering *lowering)
{
  guint prediction = (guint)nn_lowering_input (lowering, 0);
  gint target = nn_lowering_input (lowering, 1);
  if (target < 0)
    {
      const NnShape shape = target_shape (params, nn_lowering_shape (lowering, prediction));
      target = (gint)nn_lowering_field (lowering, nn_params_text (params, "field"), &shape);
    }
  nn_loss_lower (params, lowering, prediction, (guint)target);
}

static const NnLayerTest loss_tests[] = {
  { "three classes", NULL, { "3", "3" } },
  { "classes at each step", "weight=2", { "2x3", "2x3" } },
  { "weighted samples", NULL, { "3", "3", "1" } },
  { "weighted steps", NULL, { "2x3", "2x3", "2" } },
  { "numbers of classes", "loss=sparse-crossentropy", { "4", "1" } },
  { "weighted numbers at each step", "loss=sparse-crossentropy weight=2", { "3x4", "3", "3" } },
  { NULL },
};

const NnLayerType nn_layer_classification_loss = {
  .id = "classification-loss",
  .version = 1,
  .title = N_ ("Classification loss"),
  .category = NN_CATEGORY_INPUT,
  .icon = "nn-classification-loss-symbolic",
  .summary = N_ ("classes against labels"),
  .when_to_use = N_ ("At the end of a classifier, behind a softmax with one unit per class."),
  .flags = NN_LAYER_OBJECTIVE,
  .params = loss_params,
  .inputs = loss_ports,
  .infer = loss_infer,
  .lower = loss_lower,
  .describe = nn_loss_describe,
  .tests = loss_tests,
};
