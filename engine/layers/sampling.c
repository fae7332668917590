/* Sampling: draws the code of a variational autoencoder from a normal distribution, and pulls that
 * distribution towards the standard one (Kingma and Welling 2014). */
#include "diabolo-config.h"

#include "base/nn-error.h"
#include "layers/nn-layer-params.h"
#include "ops/nn-op.h"

#include <glib/gi18n-lib.h>

static const NnParamSpec sampling_params[] = {
  { .name = "beta",
    .title = N_ ("Beta"),
    .tip = N_ ("Weight of the KL divergence in the loss: more makes codes rounder and pictures "
               "blurrier."),
    .type = NN_PARAM_FLOAT,
    .def = 1,
    .min = 0,
    .max = 1000,
    .soft_min = 0,
    .soft_max = 10 },
  { .name = "training-only",
    .title = N_ ("Training only"),
    .tip = N_ ("On: validation and pictures take the mean as the code, without chance."),
    .type = NN_PARAM_BOOL,
    .flags = NN_PARAM_ADVANCED,
    .def = 0,
    .min = 0,
    .max = 1 },
  { NULL },
};

static const NnPort sampling_ports[] = {
  { "mean", N_ ("Where each code lies") },
  { "log-variance", N_ ("How far codes spread around it: the logarithm of the variance") },
  { NULL },
};

static gboolean
sampling_infer (const NnParams *params, const NnInferContext *context, NnShape *out, GError **error)
{
  if (!nn_shape_equal (&context->in[0], &context->in[1]))
    {
      g_autofree char *mean = nn_shape_to_string (&context->in[0]);
      g_autofree char *log_variance = nn_shape_to_string (&context->in[1]);
      g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
                   _ ("mean and log-variance must have the same shape, but are %s and %s"), mean,
                   log_variance);
      return FALSE;
    }
  out[0] = context->in[0];
  return TRUE;
}

static void
sampling_lower (const NnParams *params, NnLowering *lowering)
{
  const guint in[] = { (guint)nn_lowering_input (lowering, 0),
                       (guint)nn_lowering_input (lowering, 1) };
  const NnSamplingAttrs attrs = {
    .beta = (float)nn_params_float (params, "beta"),
    .training_only = nn_params_bool (params, "training-only"),
  };
  const guint out = nn_lowering_value (lowering, nn_lowering_output_shape (lowering, 0));
  nn_lowering_op (lowering, &nn_op_sampling, &attrs, 2, in, 1, &out, 0, NULL);
  nn_lowering_output (lowering, 0, out);
}

static char *
sampling_describe (const NnParams *params)
{
  return g_strdup_printf (_ ("sampling · β %.3g"), nn_params_float (params, "beta"));
}

static const NnLayerTest sampling_tests[] = {
  { "plane", NULL, { "2", "2" } },
  { "strong", "beta=4", { "3x2", "3x2" } },
  { "no divergence", "beta=0 training-only=true", { "5", "5" } },
  { NULL },
};

const NnLayerType nn_layer_sampling = {
  .id = "sampling",
  .version = 1,
  .title = N_ ("Sampling"),
  .category = NN_CATEGORY_VARIATIONAL,
  .icon = "nn-sampling-symbolic",
  .summary = N_ ("a random code around a mean"),
  .when_to_use = N_ ("The code of a variational autoencoder: two layers of equal size give mean "
                     "and log-variance. Neighbouring codes then give similar pictures, so that new "
                     "ones can be drawn."),
  .flags = NN_LAYER_CODE,
  .params = sampling_params,
  .inputs = sampling_ports,
  .outputs = nn_ports_out,
  .infer = sampling_infer,
  .lower = sampling_lower,
  .describe = sampling_describe,
  .tests = sampling_tests,
};
