/* Repeat vector: the same values at each time step. */
#include "diabolo-config.h"

#include "base/nn-error.h"
#include "layers/nn-layer-params.h"
#include "ops/nn-op.h"

#include <inttypes.h>
#include <glib/gi18n-lib.h>

static const NnParamSpec repeat_params[] = {
  { .name = "times",
    .title = N_ ("Times"),
    .tip = N_ ("Length of the sequence that is made."),
    .type = NN_PARAM_INT,
    .flags = NN_PARAM_STRUCTURAL,
    .def = 28,
    .min = 1,
    .max = 65536 },
  { NULL },
};

static gboolean
repeat_infer (const NnParams *params, const NnInferContext *context, NnShape *out, GError **error)
{
  const gint64 times = nn_params_int (params, "times");
  g_autofree char *shape = nn_shape_to_string (&context->in[0]);
  if (context->in[0].rank != 1)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
                   _ ("needs a single row of values, but gets %s; put Flatten before it"), shape);
      return FALSE;
    }
  out[0] = nn_shape (times, context->in[0].dim[0]);
  if (nn_shape_size (&out[0]) < 0)
    {
      g_set_error (
          error, NN_ERROR, NN_ERROR_SHAPE,
          _ ("%s values %" PRId64 " times are more than the 2⁴⁰ values that a layer may hold"),
          shape, times);
      return FALSE;
    }
  return TRUE;
}

static void
repeat_lower (const NnParams *params, NnLowering *lowering)
{
  const guint in = (guint)nn_lowering_input (lowering, 0);
  const NnShape shape = *nn_lowering_output_shape (lowering, 0);
  nn_lowering_output (lowering, 0, nn_lowering_unary (lowering, &nn_op_repeat, NULL, in, &shape));
}

static char *
repeat_describe (const NnParams *params)
{
  return g_strdup_printf (_ ("%" PRId64 " times"), nn_params_int (params, "times"));
}

static const NnLayerTest repeat_tests[] = {
  { "three steps", "times=3", { "4" } },
  { "one step", "times=1", { "5" } },
  { NULL },
};

const NnLayerType nn_layer_repeat_vector = {
  .id = "repeat-vector",
  .version = 1,
  .title = N_ ("Repeat vector"),
  .category = NN_CATEGORY_SEQUENCE,
  .icon = "nn-repeat-vector-symbolic",
  .summary = N_ ("a sequence of one row"),
  .when_to_use = N_ ("Between the code and a recurrent decoder, which gets the code again at each "
                     "time step."),
  .params = repeat_params,
  .inputs = nn_ports_in,
  .outputs = nn_ports_out,
  .infer = repeat_infer,
  .lower = repeat_lower,
  .describe = repeat_describe,
  .tests = repeat_tests,
};
