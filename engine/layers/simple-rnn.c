/* Simple RNN: the plainest recurrent cell: h = act (x W + h R + b). */
#include "diabolo-config.h"

#include "layers/nn-layer-recurrent.h"
#include "ops/nn-op.h"

#include <glib/gi18n-lib.h>

static void
simple_rnn_lower (const NnParams *params, NnLowering *lowering)
{
  nn_recurrent_lower (params, lowering, &nn_op_simple_rnn, 1, 1, -1);
}

static char *
simple_rnn_describe (const NnParams *params)
{
  return nn_recurrent_describe (params, _ ("Simple RNN"));
}

static NnParams *
simple_rnn_mirror (const NnParams *params, const NnShape *in, const NnShape *out,
                   const NnLayerType **type)
{
  return nn_recurrent_mirror (params, in, "simple-rnn", type);
}

const NnLayerType nn_layer_simple_rnn = {
  .id = "simple-rnn",
  .version = 1,
  .title = N_ ("Simple RNN"),
  .category = NN_CATEGORY_SEQUENCE,
  .icon = "nn-simple-rnn-symbolic",
  .summary = N_ ("each step sees the last result"),
  .when_to_use =
      N_ ("To see what a recurrent layer is. It forgets within a few steps; LSTM and GRU "
          "were made to mend that."),
  .params = nn_recurrent_params,
  .inputs = nn_ports_in,
  .outputs = nn_ports_out,
  .infer = nn_recurrent_infer,
  .lower = simple_rnn_lower,
  .describe = simple_rnn_describe,
  .match_output = nn_recurrent_match_output,
  .mirror = simple_rnn_mirror,
  .mirror_first = nn_recurrent_mirror_first,
  .tests = nn_recurrent_tests,
};
