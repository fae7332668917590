/* Average: the mean of several inputs, value by value. */
#include "diabolo-config.h"

#include "layers/nn-layer-merge.h"

#include <glib/gi18n-lib.h>

static void
average_lower (const NnParams *params, NnLowering *lowering)
{
  nn_merge_lower (lowering, &nn_op_average);
}

static const NnLayerTest average_tests[] = {
  { "two", NULL, { "5", "5" } },
  { "three images", NULL, { "2x3x2", "2x3x2", "2x3x2" } },
  { NULL },
};

const NnLayerType nn_layer_average = {
  .id = "average",
  .version = 1,
  .title = N_ ("Average"),
  .category = NN_CATEGORY_CORE,
  .icon = "nn-average-symbolic",
  .summary = N_ ("the mean of its inputs"),
  .when_to_use =
      N_ ("Behind paths that answer the same question: their mean errs less than each of them."),
  .inputs = nn_merge_ports,
  .outputs = nn_ports_out,
  .infer = nn_merge_infer_same,
  .lower = average_lower,
  .tests = average_tests,
};
