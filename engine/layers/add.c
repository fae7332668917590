/* Add: the sum of several inputs, value by value. */
#include "diabolo-config.h"

#include "layers/nn-layer-merge.h"

#include <glib/gi18n-lib.h>

static void
add_lower (const NnParams *params, NnLowering *lowering)
{
  nn_merge_lower (lowering, &nn_op_add);
}

static const NnLayerTest add_tests[] = {
  { "two", NULL, { "5", "5" } },
  { "three images", NULL, { "2x3x2", "2x3x2", "2x3x2" } },
  { NULL },
};

const NnLayerType nn_layer_add = {
  .id = "add",
  .version = 1,
  .title = N_ ("Add"),
  .category = NN_CATEGORY_CORE,
  .icon = "nn-add-symbolic",
  .summary = N_ ("sums its inputs"),
  .when_to_use = N_ ("Behind two paths of equal shape: with the input itself as one of them, a "
                     "residual block learns only what to change."),
  .inputs = nn_merge_ports,
  .outputs = nn_ports_out,
  .infer = nn_merge_infer_same,
  .lower = add_lower,
  .tests = add_tests,
};
