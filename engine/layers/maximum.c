/* Maximum: the largest of several inputs, value by value. */
#include "diabolo-config.h"

#include "layers/nn-layer-merge.h"

#include <glib/gi18n-lib.h>

static void
maximum_lower (const NnParams *params, NnLowering *lowering)
{
  nn_merge_lower (lowering, &nn_op_maximum);
}

static const NnLayerTest maximum_tests[] = {
  { "two", NULL, { "5", "5" } },
  { "three images", NULL, { "2x3x2", "2x3x2", "2x3x2" } },
  { NULL },
};

const NnLayerType nn_layer_maximum = {
  .id = "maximum",
  .version = 1,
  .title = N_ ("Maximum"),
  .category = NN_CATEGORY_CORE,
  .icon = "nn-maximum-symbolic",
  .summary = N_ ("the largest of its inputs"),
  .when_to_use = N_ ("Behind paths that look for different things: the strongest answer goes on."),
  .inputs = nn_merge_ports,
  .outputs = nn_ports_out,
  .infer = nn_merge_infer_same,
  .lower = maximum_lower,
  .tests = maximum_tests,
};
