/* Reconstruction loss: compares the network's output with the data, value by value. */
#include "diabolo-config.h"

#include "layers/nn-layer-loss.h"
#include "objectives/nn-objective.h"

#include <glib/gi18n-lib.h>

static const NnChoice *
loss_choices (void)
{
  return nn_objective_choices (NN_OBJECTIVE_RECONSTRUCTION);
}

static const NnParamSpec loss_params[] = {
  NN_PARAM_LOSS ("binary-crossentropy", loss_choices),
  NN_PARAM_WEIGHT,
  { NULL },
};

static gboolean
loss_infer (const NnParams *params, const NnInferContext *context, NnShape *out, GError **error)
{
  return nn_loss_check_sizes (&context->in[0], &context->in[1], error)
         && nn_loss_check_weight (params, context, error);
}

static void
loss_lower (const NnParams *params, NnLowering *lowering)
{
  nn_loss_lower (params, lowering, (guint)nn_lowering_input (lowering, 0),
                 (guint)nn_lowering_input (lowering, 1), NULL);
}

static const NnLayerTest loss_tests[] = {
  { "binary cross-entropy", NULL, { "2x3", "6" } },
  { "mean squared error", "loss=mean-squared-error weight=0.5", { "5", "5" } },
  { "mean absolute error", "loss=mean-absolute-error", { "2x3", "6" } },
  { "huber", "loss=huber weight=2", { "7", "7" } },
  { "cosine", "loss=cosine", { "5", "5" } },
  { "weighted samples", NULL, { "2x3", "6", "1" } },
  { "weighted values", "weight=3", { "2x3", "6", "6" } },
  { "weighted squares", "loss=mean-squared-error", { "7", "7", "1" } },
  { "weighted square of each value", "loss=mean-squared-error", { "5", "5", "5" } },
  { "weighted distances", "loss=mean-absolute-error", { "2x3", "6", "2x3" } },
  { "weighted huber", "loss=huber", { "7", "7", "7" } },
  { "weighted cosine", "loss=cosine", { "5", "5", "1" } },
  { NULL },
};

const NnLayerType nn_layer_reconstruction_loss = {
  .id = "reconstruction-loss",
  .version = 1,
  .title = N_ ("Reconstruction loss"),
  .category = NN_CATEGORY_INPUT,
  .icon = "nn-reconstruction-loss-symbolic",
  .summary = N_ ("output against data"),
  .when_to_use =
      N_ ("At the end of an autoencoder: connect the last layer to its upper port and the "
          "input to its lower one."),
  .flags = NN_LAYER_OBJECTIVE,
  .params = loss_params,
  .inputs = nn_loss_ports_in,
  .infer = loss_infer,
  .lower = loss_lower,
  .describe = nn_loss_describe,
  .tests = loss_tests,
};
