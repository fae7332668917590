/* Gaussian noise, with an optional range to clip to: the corruption of a denoising autoencoder
 * (Vincent et al. 2008). */
#include "diabolo-config.h"

#include "base/nn-error.h"
#include "layers/nn-layer-params.h"
#include "ops/nn-op.h"

#include <glib/gi18n-lib.h>

static const NnParamSpec noise_params[] = {
  { .name = "stddev",
    .title = N_ ("Strength"),
    .tip = N_ ("Standard deviation of the noise added to each value; pixels range from 0 to 1."),
    .type = NN_PARAM_FLOAT,
    .def = 0.4,
    .min = 0,
    .max = 100,
    .soft_min = 0,
    .soft_max = 1 },
  { .name = "clip",
    .title = N_ ("Clip"),
    .tip = N_ ("Keeps noisy values inside the range below, as pixels must be."),
    .type = NN_PARAM_BOOL,
    .def = 1,
    .min = 0,
    .max = 1 },
  { .name = "low",
    .title = N_ ("Lowest"),
    .tip = N_ ("Smaller values become this."),
    .type = NN_PARAM_FLOAT,
    .def = 0,
    .min = -1000,
    .max = 1000,
    .soft_min = -1,
    .soft_max = 1,
    .shown_if = "clip=true" },
  { .name = "high",
    .title = N_ ("Highest"),
    .tip = N_ ("Larger values become this."),
    .type = NN_PARAM_FLOAT,
    .def = 1,
    .min = -1000,
    .max = 1000,
    .soft_min = -1,
    .soft_max = 1,
    .shown_if = "clip=true" },
  { .name = "training-only",
    .title = N_ ("Training only"),
    .tip = N_ ("Off: validation and pictures get noise too, so that denoising can be seen."),
    .type = NN_PARAM_BOOL,
    .flags = NN_PARAM_ADVANCED,
    .def = 0,
    .min = 0,
    .max = 1 },
  { NULL },
};

static gboolean
noise_infer (const NnParams *params, const NnInferContext *context, NnShape *out, GError **error)
{
  double low = nn_params_float (params, "low"), high = nn_params_float (params, "high");
  if (nn_params_bool (params, "clip") && low >= high)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_RANGE,
                   _ ("the lowest value, %g, must be below the highest, %g"), low, high);
      return FALSE;
    }
  out[0] = context->in[0];
  return TRUE;
}

static void
noise_lower (const NnParams *params, NnLowering *lowering)
{
  guint in = (guint)nn_lowering_input (lowering, 0);
  NnShape shape = *nn_lowering_shape (lowering, in);
  const gboolean clip = nn_params_bool (params, "clip");
  NnNoiseAttrs attrs = {
    .stddev = (float)nn_params_float (params, "stddev"),
    .low = clip ? (float)nn_params_float (params, "low") : 1,
    .high = clip ? (float)nn_params_float (params, "high") : 0,
    .training_only = nn_params_bool (params, "training-only"),
  };
  nn_lowering_output (lowering, 0,
                      nn_lowering_unary (lowering, &nn_op_gaussian_noise, &attrs, in, &shape));
}

static char *
noise_describe (const NnParams *params)
{
  return g_strdup_printf (_ ("noise · σ %.3g"), nn_params_float (params, "stddev"));
}

static const NnLayerTest noise_tests[] = {
  { "clipped", "stddev=0.3", { "10" } },
  { "not clipped", "clip=false", { "4x2" } },
  { "training only", "stddev=0.2 training-only=true low=-1 high=2", { "6" } },
  { NULL },
};

const NnLayerType nn_layer_gaussian_noise = {
  .id = "gaussian-noise",
  .version = 1,
  .title = N_ ("Gaussian noise"),
  .category = NN_CATEGORY_NOISE,
  .icon = "nn-gaussian-noise-symbolic",
  .summary = N_ ("adds random noise"),
  .when_to_use =
      N_ ("Between input and encoder: the network sees the noisy values but must give the "
          "clean ones, so it learns what belongs to the data."),
  .flags = NN_LAYER_CORRUPTS,
  .params = noise_params,
  .inputs = nn_ports_in,
  .outputs = nn_ports_out,
  .infer = noise_infer,
  .lower = noise_lower,
  .describe = noise_describe,
  .tests = noise_tests,
};
