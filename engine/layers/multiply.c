/* Multiply: the product of several inputs, value by value. */
#include "diabolo-config.h"

#include "layers/nn-layer-merge.h"

#include <glib/gi18n-lib.h>

static void
multiply_lower (const NnParams *params, NnLowering *lowering)
{
  nn_merge_lower (lowering, &nn_op_multiply);
}

static const NnLayerTest multiply_tests[] = {
  { "two", NULL, { "5", "5" } },
  { "three images", NULL, { "2x3x2", "2x3x2", "2x3x2" } },
  { NULL },
};

const NnLayerType nn_layer_multiply = {
  .id = "multiply",
  .version = 1,
  .title = N_ ("Multiply"),
  .category = NN_CATEGORY_CORE,
  .icon = "nn-multiply-symbolic",
  .summary = N_ ("multiplies its inputs"),
  .when_to_use =
      N_ ("A gate: values from 0 to 1 on one path decide how much of the other goes on."),
  .inputs = nn_merge_ports,
  .outputs = nn_ports_out,
  .infer = nn_merge_infer_same,
  .lower = multiply_lower,
  .tests = multiply_tests,
};
