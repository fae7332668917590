/* GRU: a recurrent cell with two gates, as Keras with reset_after: gates in the order z, r, h. */
#include "diabolo-config.h"

#include "layers/nn-layer-recurrent.h"
#include "ops/nn-op.h"

#include <glib/gi18n-lib.h>

static void
gru_lower (const NnParams *params, NnLowering *lowering)
{
  nn_recurrent_lower (params, lowering, &nn_op_gru, 3, 2, -1);
}

static char *
gru_describe (const NnParams *params)
{
  return nn_recurrent_describe (params, _ ("GRU"));
}

static NnParams *
gru_mirror (const NnParams *params, const NnShape *in, const NnShape *out, const NnLayerType **type)
{
  return nn_recurrent_mirror (params, in, "gru", type);
}

const NnLayerType nn_layer_gru = {
  .id = "gru",
  .version = 1,
  .title = N_ ("GRU"),
  .category = NN_CATEGORY_SEQUENCE,
  .icon = "nn-gru-symbolic",
  .summary = N_ ("a lighter LSTM"),
  .when_to_use = N_ ("As LSTM with three quarters of the weights and one state: quicker, and often "
                     "as good."),
  .params = nn_recurrent_params,
  .inputs = nn_ports_in,
  .outputs = nn_ports_out,
  .infer = nn_recurrent_infer,
  .lower = gru_lower,
  .describe = gru_describe,
  .match_output = nn_recurrent_match_output,
  .mirror = gru_mirror,
  .mirror_first = nn_recurrent_mirror_first,
  .tests = nn_recurrent_tests,
};
