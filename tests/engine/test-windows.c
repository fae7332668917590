/* Sizes that layers with windows give, as Keras 2 does; what they refuse; what undoes them. */
#include "base/nn-error.h"
#include "model/nn-analysis.h"

#include "nn-test-data.h"

static const NnField no_fields[1];
static const NnDataInfo no_data = { .name = "none", .title = "none", .fields = no_fields };

static gboolean
infer (const char *id, const char *text, const char *in, char **out, GError **error)
{
  const NnLayerType *type = nn_layer_type (id);
  g_autoptr (NnParams) params = nn_test_params (type->params, text);
  NnShape shape, result;
  g_assert_true (nn_shape_parse (in, FALSE, &shape, NULL));
  NnInferContext context = { .data = &no_data, .n_in = 1, .in = &shape };
  if (!type->infer (params, &context, &result, error))
    return FALSE;
  *out = nn_shape_to_string (&result);
  return TRUE;
}

static void
test_shapes (void)
{
  const char *const cases[][4] = {
    { "conv2d", "filters=8", "28x28x1", "28×28×8" },
    { "conv2d", "filters=8 stride=2", "7x28x3", "4×14×8" },
    { "conv2d", "filters=8 padding=valid stride=2", "28x27x1", "13×13×8" },
    { "conv2d", "filters=8 padding=valid dilation=3", "28x28x1", "22×22×8" },
    { "conv2d", "filters=8 padding=valid kernel-size=1 kernel-width=5", "28x28x1", "28×24×8" },
    { "depthwise-conv2d", "multiplier=3 stride=2", "9x8x5", "5×4×15" },
    { "separable-conv2d", "filters=6 padding=valid", "9x8x5", "7×6×6" },
    { "conv2d-transpose", "filters=4", "7x5x8", "14×10×4" },
    { "conv2d-transpose", "filters=4 padding=valid", "7x5x8", "15×11×4" },
    { "conv2d-transpose", "filters=4 padding=valid kernel-size=2 stride=3", "3x3x8", "9×9×4" },
    { "conv1d", "filters=4 stride=2", "9x3", "5×4" },
    { "max-pool2d", NULL, "7x28x3", "3×14×3" },
    { "max-pool2d", "padding=same", "7x28x3", "4×14×3" },
    { "avg-pool2d", "pool-size=3 stride=1", "7x28x3", "5×26×3" },
    { "max-pool1d", "pool-size=4 padding=same", "9x3", "3×3" },
    { "global-avg-pool", NULL, "7x7x32", "32" },
    { "global-max-pool", NULL, "20x6", "6" },
    { "upsampling2d", "size=3", "4x5x2", "12×15×2" },
    { "resize", "height=7 width=9", "4x4x2", "7×9×2" },
    { "zero-padding", "top=2 bottom=2 left=2 right=2", "28x28x1", "32×32×1" },
    { "cropping", "top=0 bottom=1 left=2 right=3", "28x28x1", "27×23×1" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *out = NULL;
      infer (cases[i][0], cases[i][1], cases[i][2], &out, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (out, ==, cases[i][3]);
    }
}

/* The last text is what the message must say. */
static void
test_refused (void)
{
  const char *const cases[][4] = {
    { "conv2d", NULL, "784", "784" },
    { "conv2d", "padding=valid kernel-size=5", "4x6x1", "5×5 does not fit into an image of 4×6" },
    { "conv2d", "padding=valid dilation=4", "8x9x1", "9×9 does not fit into an image of 8×9" },
    { "conv2d", "groups=3 filters=6", "8x8x4", "3 groups must divide the 4 channels" },
    { "conv2d", "groups=2 filters=5", "8x8x4", "the 5 filters" },
    { "conv2d", "filters=4096", "32768x32768x2", "32768×32768×4096" },
    { "conv2d-transpose", NULL, "1099511627776x1x1", "1099511627776×1×1" },
    { "conv2d-transpose", "filters=4096", "16384x16384x2", "32768×32768×4096" },
    { "conv1d", "padding=valid kernel-size=9", "8x2", "9 does not fit into a sequence of 8" },
    { "conv1d", NULL, "28x28x1", "28×28×1" },
    { "max-pool2d", "pool-size=3", "2x4x1", "3×3 does not fit into an image of 2×4" },
    { "max-pool1d", "pool-size=3", "2x4", "3 does not fit into a sequence of 2" },
    { "global-avg-pool", NULL, "10", "10" },
    { "upsampling2d", "size=31", "524288x524288x1", "16252928×16252928×1" },
    { "cropping", "top=2 bottom=3", "5x5x1", "5 rows and 2 columns off an image of 5×5" },
    { "zero-padding", NULL, "5", "5" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *out = NULL;
      g_assert_false (infer (cases[i][0], cases[i][1], cases[i][2], &out, &error));
      g_assert_error (error, NN_ERROR, NN_ERROR_SHAPE);
      if (!strstr (error->message, cases[i][3]))
        g_error ("“%s” does not say “%s”", error->message, cases[i][3]);
    }
}

/* What mirrors a layer gives the shape back that the layer received. */
static void
test_mirrors (void)
{
  const char *const cases[][4] = {
    { "conv2d", "filters=8 activation=tanh", "7x6x3", "conv2d" },
    { "conv2d", "filters=8 padding=valid kernel-size=5", "9x9x3", "conv2d-transpose" },
    { "conv2d", "filters=8 stride=2", "8x6x3", "conv2d-transpose" },
    { "conv1d", "filters=6 groups=3", "9x3", "conv1d" },
    { "max-pool2d", NULL, "8x6x3", "upsampling2d" },
    { "max-pool2d", "padding=same", "7x7x3", "resize" },
    { "avg-pool2d", "pool-size=3", "9x6x3", "upsampling2d" },
    { "resize", "height=7 width=9", "4x4x2", "resize" },
    { "zero-padding", "top=2 left=0", "5x4x2", "cropping" },
    { "cropping", "top=2 left=0", "5x4x2", "zero-padding" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const NnLayerType *type = nn_layer_type (cases[i][0]), *back = NULL;
      g_autoptr (NnParams) params = nn_test_params (type->params, cases[i][1]);
      NnShape in, out, again;
      g_assert_true (nn_shape_parse (cases[i][2], FALSE, &in, NULL));
      NnInferContext context = { .data = &no_data, .n_in = 1, .in = &in };
      g_assert_true (type->infer (params, &context, &out, NULL));
      g_autoptr (NnParams) mirrored = type->mirror (params, &in, &out, &back);
      g_assert_nonnull (mirrored);
      g_assert_cmpstr (back->id, ==, cases[i][3]);
      context.in = &out;
      g_assert_true (back->infer (mirrored, &context, &again, NULL));
      g_assert_true (nn_shape_equal (&again, &in));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/windows/shapes", test_shapes);
  g_test_add_func ("/windows/refused", test_refused);
  g_test_add_func ("/windows/mirrors", test_mirrors);
  return g_test_run ();
}
