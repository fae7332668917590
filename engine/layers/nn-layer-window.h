/* nn-layer-window.h: what layers share that slide a window over images or sequences: parameters,
 * sizes as Keras works them out, and the lowering of convolutions.
 */
#pragma once

#include "layers/nn-layer-params.h"
#include "ops/nn-op.h"

G_BEGIN_DECLS

/* Most rows, and most columns, of a window. */
#define NN_WINDOW_MAX 31
/* Most steps of a window over a sequence. */
#define NN_WINDOW_MAX_1D 1023

extern const NnChoice nn_padding_choices[];
extern const NnChoice nn_interpolation_choices[];

#define NN_PARAM_FILTERS                                                                           \
  {                                                                                                \
    .name = "filters", .title = N_ ("Filters"),                                                    \
    .tip = N_ ("How many patterns the layer looks for: each gives one channel of the output."),    \
    .type = NN_PARAM_INT, .flags = NN_PARAM_STRUCTURAL, .def = 16, .min = 1, .max = 4096           \
  }

#define NN_PARAM_STRUCTURAL_INT(id, label, text, default_, min_, max_, extra)                      \
  {                                                                                                \
    .name = id, .title = label, .tip = text, .type = NN_PARAM_INT,                                 \
    .flags = NN_PARAM_STRUCTURAL | (extra), .def = default_, .min = min_, .max = max_              \
  }

#define NN_PARAM_KERNEL_SIZE(max_)                                                                 \
  NN_PARAM_STRUCTURAL_INT ("kernel-size", N_ ("Kernel size"),                                      \
                           N_ ("How many pixels a filter sees at once, across and down."), 3, 1,   \
                           max_, 0)

#define NN_PARAM_KERNEL_WIDTH                                                                      \
  NN_PARAM_STRUCTURAL_INT ("kernel-width", N_ ("Kernel width"),                                    \
                           N_ ("Columns of the kernel where it is not square; 0: as many as "      \
                               "rows."),                                                           \
                           0, 0, NN_WINDOW_MAX, NN_PARAM_ADVANCED)

#define NN_PARAM_STRIDE                                                                            \
  NN_PARAM_STRUCTURAL_INT ("stride", N_ ("Stride"),                                                \
                           N_ ("How many pixels the window moves from one output to the next: 2 "  \
                               "halves the image."),                                               \
                           1, 1, NN_WINDOW_MAX, 0)

#define NN_PARAM_STRIDE_WIDTH                                                                      \
  NN_PARAM_STRUCTURAL_INT ("stride-width", N_ ("Stride across"),                                   \
                           N_ ("How far the window moves across where that differs; 0: as far as " \
                               "down."),                                                           \
                           0, 0, NN_WINDOW_MAX, NN_PARAM_ADVANCED)

#define NN_PARAM_PAD(id, label, text)                                                              \
  {                                                                                                \
    .name = id, .title = label, .tip = text, .type = NN_PARAM_INT, .flags = NN_PARAM_STRUCTURAL,   \
    .def = 0, .min = 0, .max = 4096, .shown_if = "padding=by-hand"                                 \
  }

/* Rows and columns beside the image that windows reach into, where padding is set by hand. */
#define NN_PARAMS_PADS                                                                             \
  NN_PARAM_PAD ("pad-top", N_ ("Pad top"), N_ ("Rows of padding above the image.")),               \
      NN_PARAM_PAD ("pad-bottom", N_ ("Pad bottom"), N_ ("Rows of padding below the image.")),     \
      NN_PARAM_PAD ("pad-left", N_ ("Pad left"), N_ ("Columns of padding left of the image.")),    \
      NN_PARAM_PAD ("pad-right", N_ ("Pad right"), N_ ("Columns of padding right of the image."))

/* The same for sequences. */
#define NN_PARAMS_PADS_1D                                                                          \
  NN_PARAM_PAD ("pad-left", N_ ("Pad before"), N_ ("Steps of padding before the sequence.")),      \
      NN_PARAM_PAD ("pad-right", N_ ("Pad behind"), N_ ("Steps of padding behind the sequence."))

#define NN_PARAM_PADDING(def_id)                                                                         \
  {                                                                                                      \
    .name = "padding", .title = N_ ("Padding"),                                                          \
    .tip =                                                                                               \
        N_ ("What happens at the border: “same” keeps the size, “valid” uses only places where " \
            "the whole window fits."),                                                                   \
    .type = NN_PARAM_CHOICE, .flags = NN_PARAM_STRUCTURAL, .def_text = def_id,                           \
    .choices = nn_padding_choices                                                                        \
  }

#define NN_PARAM_DILATION                                                                          \
  NN_PARAM_STRUCTURAL_INT ("dilation", N_ ("Dilation"),                                            \
                           N_ ("Distance between the pixels that a filter looks at: a wider view " \
                               "with as many weights."),                                           \
                           1, 1, 64, NN_PARAM_ADVANCED)

#define NN_PARAM_GROUPS                                                                            \
  NN_PARAM_STRUCTURAL_INT ("groups", N_ ("Groups"),                                                \
                           N_ ("Cuts the channels into groups that do not see each other."), 1, 1, \
                           4096, NN_PARAM_ADVANCED)

#define NN_PARAM_MULTIPLIER                                                                        \
  NN_PARAM_STRUCTURAL_INT ("multiplier", N_ ("Depth multiplier"),                                  \
                           N_ ("How many filters each channel has to itself."), 1, 1, 64, 0)

#define NN_PARAM_INTERPOLATION                                                                     \
  {                                                                                                \
    .name = "interpolation", .title = N_ ("Interpolation"),                                        \
    .tip = N_ ("How the pixels in between are made up."), .type = NN_PARAM_CHOICE,                 \
    .flags = NN_PARAM_STRUCTURAL, .def_text = "nearest", .choices = nn_interpolation_choices       \
  }

/* Rows that end the table of every convolution. */
#define NN_PARAMS_CONVOLUTION(activation_id)                                                       \
  NN_PARAM_ACTIVATION (activation_id), NN_PARAM_ALPHA,                                             \
      { .name = "initialiser",                                                                     \
        .title = N_ ("Initialiser"),                                                               \
        .tip = N_ ("How the weights are drawn before training."),                                  \
        .type = NN_PARAM_CHOICE,                                                                   \
        .flags = NN_PARAM_STRUCTURAL | NN_PARAM_ADVANCED,                                          \
        .def_text = "glorot-uniform",                                                              \
        .choices = nn_initialiser_choices },                                                       \
      NN_PARAM_PENALTY (                                                                           \
          "activity-l1", N_ ("L1 activity"),                                                       \
          N_ ("Adds this times the sum of absolute outputs to the loss: a sparse code."),          \
          NN_PARAM_ADVANCED),                                                                      \
      NN_PARAM_PENALTY (                                                                           \
          "l1", N_ ("L1 weights"),                                                                 \
          N_ ("Adds this times the sum of absolute weights to the loss: many become 0."),          \
          NN_PARAM_ADVANCED),                                                                      \
      NN_PARAM_PENALTY (                                                                           \
          "l2", N_ ("L2 weights"),                                                                 \
          N_ ("Adds this times the sum of squared weights to the loss: they stay small."),         \
          NN_PARAM_ADVANCED),                                                                      \
  {                                                                                                \
    .name = "bias", .title = N_ ("Bias"),                                                          \
    .tip = N_ ("A trained number added to each filter's sum."), .type = NN_PARAM_BOOL,             \
    .flags = NN_PARAM_STRUCTURAL | NN_PARAM_ADVANCED, .def = 1, .min = 0, .max = 1                 \
  }

/* Channels of an image (n_axes 2: H, W, C) or sequence (1: T, C); 0 and error for other shapes. */
gint64 nn_window_channels (const NnShape *in, gint n_axes, GError **error);

/* The window that params ("kernel-size" or "pool-size", and of "kernel-width" or "pool-width",
 * "stride", "stride-width", "padding", "pad-top" ..., "dilation" those there are) slide over an
 * image or sequence, giving out_c channels. FALSE with NN_ERROR_SHAPE and the sizes where it does
 * not fit or groups do not divide. */
gboolean nn_window_init (NnWindow *window, const NnParams *params, const NnShape *in, gint n_axes,
                         gint64 out_c, gint64 groups, GError **error);

/* The window of which an image (H, W, C) is the output, over what a transposed convolution makes of
 * it. */
gboolean nn_window_init_transposed (NnWindow *window, const NnParams *params, const NnShape *in,
                                    gint64 filters, GError **error);

/* Shape of a window's output (of its input). FALSE with NN_ERROR_SHAPE where it is too large. */
gboolean nn_window_output (const NnWindow *window, gint n_axes, NnShape *out, GError **error);
gboolean nn_window_input (const NnWindow *window, NnShape *out, GError **error);

/* A convolution with its weights, of which `kernel` is the shape, bias where wanted. Returns the
 * value before activation. */
guint nn_window_lower (const NnParams *params, NnLowering *lowering, const NnOpType *type,
                       gconstpointer attrs, const char *kernel_name, const NnShape *kernel,
                       gboolean bias, guint in, const NnShape *out);

/* Activation and penalty on activity behind value, and the node's output. */
void nn_window_lower_activation (const NnParams *params, NnLowering *lowering, guint value);

/* "Conv 3×3 · ReLU": text is a format for "3×3". (transfer full) */
char *nn_window_describe (const NnParams *params, gint n_axes, const char *format);

/* For match_output: parameters with as many filters as wanted has channels, where nothing else
 * differs between out, which params give, and wanted. (transfer full) */
NnParams *nn_window_match_filters (const NnParams *params, const NnShape *out,
                                   const NnShape *wanted, char **label);

/* ---- pooling: what all kinds of it share ---- */

/* Rows of a pooling layer's table. size_tip: what becomes one. */
#define NN_PARAMS_POOL(size_tip, max_)                                                             \
  NN_PARAM_STRUCTURAL_INT ("pool-size", N_ ("Pool size"), size_tip, 2, 1, max_, 0),                \
      NN_PARAM_STRUCTURAL_INT ("stride", N_ ("Stride"),                                            \
                               N_ ("How far the window moves; 0: as far as it is wide."), 0, 0,    \
                               max_, NN_PARAM_ADVANCED),                                           \
      NN_PARAM_PADDING ("valid")

/* Table and test configurations of pooling over images. */
extern const NnParamSpec nn_pool2d_params[];
extern const NnLayerTest nn_pool2d_tests[];

/* n_axes: 2 for images, 1 for sequences. */
gboolean nn_pool_infer (const NnParams *params, const NnInferContext *context, gint n_axes,
                        NnShape *out, GError **error);
void nn_pool_lower (const NnParams *params, NnLowering *lowering, gint n_axes,
                    const NnOpType *type);

/* For mirror: back to the size before pooling, by upsampling where that is exact. (transfer full)
 */
NnParams *nn_window_mirror_pool (const NnParams *params, const NnShape *in, const NnShape *out,
                                 const NnLayerType **type);

G_END_DECLS
