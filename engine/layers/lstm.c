/* LSTM: a recurrent cell with a memory that gates open and shut, as Keras: gates in the order i, f,
 * c, o. */
#include "diabolo-config.h"

#include "layers/nn-layer-recurrent.h"
#include "ops/nn-op.h"

#include <glib/gi18n-lib.h>

static void
lstm_lower (const NnParams *params, NnLowering *lowering)
{
  /* The forget gate starts open: its bias is 1 (R. Jozefowicz et al., 2015). */
  nn_recurrent_lower (params, lowering, &nn_op_lstm, 4, 1, 1);
}

static char *
lstm_describe (const NnParams *params)
{
  return nn_recurrent_describe (params, _ ("LSTM"));
}

static NnParams *
lstm_mirror (const NnParams *params, const NnShape *in, const NnShape *out,
             const NnLayerType **type)
{
  return nn_recurrent_mirror (params, in, "lstm", type);
}

const NnLayerType nn_layer_lstm = {
  .id = "lstm",
  .version = 1,
  .title = N_ ("LSTM"),
  .category = NN_CATEGORY_SEQUENCE,
  .icon = "nn-lstm-symbolic",
  .summary = N_ ("remembers over a sequence"),
  .when_to_use = N_ ("For sequences: reads them step by step and decides what to keep and what to "
                     "forget. Its last state is a code of the whole sequence."),
  .params = nn_recurrent_params,
  .inputs = nn_ports_in,
  .outputs = nn_ports_out,
  .infer = nn_recurrent_infer,
  .lower = lstm_lower,
  .describe = lstm_describe,
  .match_output = nn_recurrent_match_output,
  .mirror = lstm_mirror,
  .mirror_first = nn_recurrent_mirror_first,
  .tests = nn_recurrent_tests,
};
