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

static const NnLayerTest simple_rnn_tests[] = {
  { "last state", "units=3", { "4x2" } },
  { "whole sequence", "units=5 return-sequences=true", { "3x4" } },
  { "one step", "units=3", { "1x3" }, .idle = "recurrent-kernel" },
  { "one step, whole sequence",
    "units=2 return-sequences=true",
    { "1x2" },
    .idle = "recurrent-kernel" },
  { "one unit, one value", "units=1 return-sequences=true", { "4x1" } },
  { "more units than lanes", "units=17", { "2x2" } },
  { "backwards", "units=3 go-backwards=true", { "4x2" } },
  { "backwards, whole sequence", "units=3 go-backwards=true return-sequences=true", { "3x2" } },
  { "both ways", "units=2 bidirectional=true", { "3x2" } },
  { "both ways, whole sequence", "units=2 bidirectional=true return-sequences=true", { "3x3" } },
  { "both ways, sum", "units=3 bidirectional=true merge=sum return-sequences=true", { "3x2" } },
  { "both ways, average", "units=3 bidirectional=true merge=average", { "3x2" } },
  { "both ways, product",
    "units=2 bidirectional=true merge=multiply activation=softplus",
    { "2x2" } },
  { "no bias", "units=3 bias=false return-sequences=true", { "3x2" } },
  { "relu", "units=3 activation=relu", { "2x2" } },
  { "sigmoid", "units=3 activation=sigmoid", { "3x2" } },
  { "hard sigmoid", "units=3 activation=hard-sigmoid", { "3x2" } },
  { "softplus", "units=2 activation=softplus", { "3x2" } },
  { "linear", "units=2 activation=linear", { "3x2" } },
  { "penalties",
    "units=3 l1=0.01 l2=0.02 recurrent-l1=0.01 recurrent-l2=0.02 activity-l1=0.05",
    { "3x2" } },
  { NULL },
};

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
  .tests = simple_rnn_tests,
};
