/* Augment: images shifted, mirrored, turned, zoomed, lightened and cut by chance. */
#include "diabolo-config.h"

#include "base/nn-error.h"
#include "layers/nn-layer-params.h"
#include "ops/nn-op.h"

#include <glib/gi18n-lib.h>

static const NnParamSpec augment_params[] = {
  { .name = "shift",
    .title = N_ ("Shift"),
    .tip = N_ ("Moves each image by up to so many pixels in each direction; 0 comes in from "
               "outside."),
    .type = NN_PARAM_INT,
    .def = 2,
    .min = 0,
    .max = 1024,
    .soft_min = 0,
    .soft_max = 8 },
  { .name = "mirror",
    .title = N_ ("Mirror"),
    .tip = N_ ("Swaps left and right in every second image: for clothes or cats, not for digits."),
    .type = NN_PARAM_BOOL,
    .def = 0,
    .min = 0,
    .max = 1 },
  { .name = "turn",
    .title = N_ ("Upside down"),
    .tip = N_ ("Swaps top and bottom in every second image."),
    .type = NN_PARAM_BOOL,
    .flags = NN_PARAM_ADVANCED,
    .def = 0,
    .min = 0,
    .max = 1 },
  { .name = "rotation",
    .title = N_ ("Rotation"),
    .tip = N_ ("Turns each image about its middle by up to so many degrees either way."),
    .unit = "°",
    .type = NN_PARAM_FLOAT,
    .def = 0,
    .min = 0,
    .max = 180,
    .soft_min = 0,
    .soft_max = 45 },
  { .name = "zoom",
    .title = N_ ("Zoom"),
    .tip = N_ ("Makes each image larger or smaller by up to this share."),
    .type = NN_PARAM_FLOAT,
    .def = 0,
    .min = 0,
    .max = 4,
    .soft_min = 0,
    .soft_max = 0.5 },
  { .name = "brightness",
    .title = N_ ("Brightness"),
    .tip = N_ ("Makes each image brighter or darker by up to this share."),
    .type = NN_PARAM_FLOAT,
    .def = 0,
    .min = 0,
    .max = 1,
    .soft_min = 0,
    .soft_max = 0.5 },
  { .name = "cut-out",
    .title = N_ ("Cut-out"),
    .tip = N_ ("Side of a square somewhere on each image that becomes black: no single spot can "
               "decide alone (T. DeVries, G. Taylor, 2017)."),
    .unit = "px",
    .type = NN_PARAM_INT,
    .def = 0,
    .min = 0,
    .max = 1024,
    .soft_min = 0,
    .soft_max = 16 },
  { .name = "training-only",
    .title = N_ ("Training only"),
    .tip = N_ ("Validation and pictures show the images as they are."),
    .type = NN_PARAM_BOOL,
    .flags = NN_PARAM_ADVANCED,
    .def = 1,
    .min = 0,
    .max = 1 },
  { NULL },
};

static gboolean
augment_infer (const NnParams *params, const NnInferContext *context, NnShape *out, GError **error)
{
  const NnShape *in = &context->in[0];
  if (in->rank != 2 && in->rank != 3)
    {
      g_autofree char *shape = nn_shape_to_string (in);
      g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
                   _ ("needs an image, such as 28×28×1, but gets %s"), shape);
      return FALSE;
    }
  out[0] = *in;
  return TRUE;
}

static void
augment_lower (const NnParams *params, NnLowering *lowering)
{
  const guint in = (guint)nn_lowering_input (lowering, 0);
  const NnShape shape = *nn_lowering_shape (lowering, in);
  const NnAugmentAttrs attrs = {
    .shift = nn_params_int (params, "shift"),
    .mirror = nn_params_bool (params, "mirror"),
    .turn = nn_params_bool (params, "turn"),
    .rotation = (float)(nn_params_float (params, "rotation") * G_PI / 180),
    .zoom = (float)nn_params_float (params, "zoom"),
    .brightness = (float)nn_params_float (params, "brightness"),
    .cut_out = nn_params_int (params, "cut-out"),
    .training_only = nn_params_bool (params, "training-only"),
  };
  nn_lowering_output (lowering, 0,
                      nn_lowering_unary (lowering, &nn_op_augment, &attrs, in, &shape));
}

static char *
augment_describe (const NnParams *params)
{
  return g_strdup_printf (nn_params_bool (params, "mirror") ? _ ("± %d pixels, mirrored")
                                                            : _ ("± %d pixels"),
                          (int)nn_params_int (params, "shift"));
}

static const NnLayerTest augment_tests[] = {
  { "shift", "shift=1", { "4x3x2" } },
  { "mirror", "shift=0 mirror=true", { "3x4x1" } },
  { "all, no channels", "shift=2 mirror=true turn=true", { "5x5" } },
  { "in evaluation, too", "shift=1 turn=true training-only=false", { "3x4x2" } },
  { "nothing", "shift=0", { "2x2x2" } },
  { "turned and zoomed", "shift=1 mirror=true rotation=30 zoom=0.3", { "4x5x2" } },
  { "brightness and cut-out", "shift=0 brightness=0.5 cut-out=2", { "4x4x1" } },
  { NULL },
};

const NnLayerType nn_layer_augment = {
  .id = "augment",
  .version = 1,
  .title = N_ ("Augment"),
  .category = NN_CATEGORY_NOISE,
  .icon = "nn-augment-symbolic",
  .summary = N_ ("shifts, mirrors, turns and zooms at random"),
  .when_to_use = N_ ("Behind the Input of a classifier with few images: every epoch sees them a "
                     "little different, so that it cannot learn them by heart."),
  .flags = NN_LAYER_CORRUPTS,
  .params = augment_params,
  .inputs = nn_ports_in,
  .outputs = nn_ports_out,
  .infer = augment_infer,
  .lower = augment_lower,
  .describe = augment_describe,
  .tests = augment_tests,
};
