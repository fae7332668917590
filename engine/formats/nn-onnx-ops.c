/* One function for each operation of the program: the nodes that say the same in ONNX. */
#include "formats/nn-onnx-graph.h"

#include <math.h>
#include <string.h>

/* Batch and channels, and rows and columns or steps. */
#define BATCH_AND_CHANNELS 2

static const char *
input (NnOnnxGraph *graph, const NnOp *op, NnOnnxLayout layout)
{
  return nn_onnx_read (graph, op->in[0], layout);
}

static const char *
output (NnOnnxGraph *graph, const NnOp *op, NnOnnxLayout layout)
{
  return nn_onnx_define (graph, op->out[0], layout);
}

/* Axis of the channels of the value that op reads. */
static gint64
channel_axis (NnOnnxGraph *graph, const NnOp *op, NnOnnxLayout layout)
{
  return layout == NN_ONNX_FIRST ? 1 : nn_onnx_shape (graph, op->in[0])->rank;
}

/* A vector of one number a channel, so that it meets the right axis. */
static const char *
by_channel (NnOnnxGraph *graph, const NnOp *op, guint k, NnOnnxLayout layout)
{
  const NnShape *vector = nn_onnx_weight_shape (graph, op, k);
  NnShape shape = *vector;
  if (layout == NN_ONNX_FIRST)
    for (gint i = 1; i < nn_onnx_shape (graph, op->in[0])->rank; i++)
      shape.dim[shape.rank++] = 1;
  return nn_onnx_weight (graph, op, k, vector, NULL, &shape);
}

/* ---- sums of products ---- */

/* A product over the channels of an image is a convolution of one pixel. */
static void
pixelwise (NnOnnxGraph *graph, const NnOp *op, gboolean transposed)
{
  static const guint turn[] = { 1, 0 };
  const NnShape *kernel = nn_onnx_weight_shape (graph, op, 0);
  const gint64 features = kernel->dim[transposed ? 1 : 0], units = kernel->dim[transposed ? 0 : 1];
  NnShape shape = nn_shape (units, features);
  for (gint i = 1; i < nn_onnx_shape (graph, op->in[0])->rank; i++)
    shape.dim[shape.rank++] = 1;
  const char *w = nn_onnx_weight (graph, op, 0, kernel, transposed ? NULL : turn, &shape);
  const char *x = input (graph, op, NN_ONNX_FIRST);
  Onnx__NodeProto *node = nn_onnx_node (graph, "Conv", output (graph, op, NN_ONNX_FIRST), x, w);
  if (op->n_weights > 1)
    nn_onnx_add_input (graph, node, nn_onnx_plain_weight (graph, op, 1));
}

static void
linear (NnOnnxGraph *graph, const NnOp *op)
{
  static const guint turn[] = { 1, 0 };
  const gboolean transposed = ((const NnLinearAttrs *)op->attrs)->transposed;
  const gint rank = nn_onnx_shape (graph, op->in[0])->rank;
  const NnShape *kernel = nn_onnx_weight_shape (graph, op, 0);
  if ((rank == 2 || rank == 3) && nn_onnx_layout (graph, op, 0) == NN_ONNX_FIRST)
    {
      pixelwise (graph, op, transposed);
      return;
    }
  const char *x = input (graph, op, NN_ONNX_LAST);
  if (rank == 1)
    {
      const char *w = nn_onnx_plain_weight (graph, op, 0);
      Onnx__NodeProto *node = nn_onnx_node (graph, "Gemm", output (graph, op, NN_ONNX_LAST), x, w);
      if (op->n_weights > 1)
        nn_onnx_add_input (graph, node, nn_onnx_plain_weight (graph, op, 1));
      if (transposed)
        nn_onnx_set_int (graph, node, "transB", 1);
      return;
    }
  const char *w = transposed ? nn_onnx_weight (graph, op, 0, kernel, turn,
                                               &nn_shape (kernel->dim[1], kernel->dim[0]))
                             : nn_onnx_plain_weight (graph, op, 0);
  const gboolean bias = op->n_weights > 1;
  const char *product =
      bias ? nn_onnx_between (graph, op, "product") : output (graph, op, NN_ONNX_LAST);
  nn_onnx_node (graph, "MatMul", product, x, w);
  if (bias)
    nn_onnx_node (graph, "Add", output (graph, op, NN_ONNX_LAST), product,
                  nn_onnx_plain_weight (graph, op, 1));
}

/* The attributes of a window over the axes that a value of that rank has. */
static void
set_window (NnOnnxGraph *graph, Onnx__NodeProto *node, const NnWindow *w, gint rank,
            gboolean dilated)
{
  const gint64 kernel[] = { w->kernel_h, w->kernel_w };
  const gint64 stride[] = { w->stride_h, w->stride_w };
  const gint64 dilation[] = { w->dilation_h, w->dilation_w };
  const NnExportMargins m = nn_export_margins (w);
  const gint64 pads[] = { m.top, m.left, MAX (m.bottom, 0), MAX (m.right, 0) };
  const gint64 pads_1d[] = { m.left, MAX (m.right, 0) };
  const gsize first = rank == 3 ? 0 : 1, n = 2 - first;
  nn_onnx_set_ints (graph, node, "kernel_shape", kernel + first, n);
  nn_onnx_set_ints (graph, node, "strides", stride + first, n);
  nn_onnx_set_ints (graph, node, "pads", rank == 3 ? pads : pads_1d, 2 * n);
  if (dilated)
    nn_onnx_set_ints (graph, node, "dilations", dilation + first, n);
}

/* (kernel_h, kernel_w, I, O) as (O, I, kernel_h, kernel_w) */
static const char *
window_kernel (NnOnnxGraph *graph, const NnOp *op, const NnWindow *w, gint rank)
{
  static const guint turn[] = { 3, 2, 0, 1 };
  const NnShape view = nn_shape (w->kernel_h, w->kernel_w, w->in_c / w->groups, w->out_c);
  const NnShape image = nn_shape (view.dim[3], view.dim[2], w->kernel_h, w->kernel_w);
  const NnShape sequence = nn_shape (view.dim[3], view.dim[2], w->kernel_w);
  return nn_onnx_weight (graph, op, 0, &view, turn, rank == 3 ? &image : &sequence);
}

static void
conv2d (NnOnnxGraph *graph, const NnOp *op)
{
  const NnWindow *w = op->attrs;
  const gint rank = nn_onnx_shape (graph, op->in[0])->rank;
  const char *x = input (graph, op, NN_ONNX_FIRST);
  const char *kernel = window_kernel (graph, op, w, rank);
  Onnx__NodeProto *node =
      nn_onnx_node (graph, "Conv", output (graph, op, NN_ONNX_FIRST), x, kernel);
  if (op->n_weights > 1)
    nn_onnx_add_input (graph, node, nn_onnx_plain_weight (graph, op, 1));
  set_window (graph, node, w, rank, TRUE);
  nn_onnx_set_int (graph, node, "group", w->groups);
}

/* The window is that of the convolution that is turned round: x is its output. Where its last
 * stride leaves rows over, they are added again. */
static void
conv2d_transpose (NnOnnxGraph *graph, const NnOp *op)
{
  const NnWindow *w = op->attrs;
  const gint64 kernel[] = { w->kernel_h, w->kernel_w };
  const gint64 stride[] = { w->stride_h, w->stride_w };
  const gint64 dilation[] = { w->dilation_h, w->dilation_w };
  const NnExportMargins m = nn_export_margins (w);
  const gint64 pads[] = { m.top, m.left, MAX (m.bottom, 0), MAX (m.right, 0) };
  const gint64 left_over[] = { MAX (-m.bottom, 0), MAX (-m.right, 0) };
  const char *x = input (graph, op, NN_ONNX_FIRST), *y = output (graph, op, NN_ONNX_FIRST);
  Onnx__NodeProto *node =
      nn_onnx_node (graph, "ConvTranspose", y, x, window_kernel (graph, op, w, 3));
  if (op->n_weights > 1)
    nn_onnx_add_input (graph, node, nn_onnx_plain_weight (graph, op, 1));
  nn_onnx_set_ints (graph, node, "kernel_shape", kernel, 2);
  nn_onnx_set_ints (graph, node, "strides", stride, 2);
  nn_onnx_set_ints (graph, node, "dilations", dilation, 2);
  nn_onnx_set_ints (graph, node, "pads", pads, 4);
  nn_onnx_set_ints (graph, node, "output_padding", left_over, 2);
}

/* ---- pooling and size ---- */

static void
pool (NnOnnxGraph *graph, const NnOp *op, const char *type)
{
  const gint rank = nn_onnx_shape (graph, op->in[0])->rank;
  /* One window over the whole image gives one value a channel, without axes of size 1. */
  const gboolean flat = nn_onnx_shape (graph, op->out[0])->rank < rank;
  const char *x = input (graph, op, NN_ONNX_FIRST);
  const char *y = flat ? nn_onnx_between (graph, op, "pooled") : output (graph, op, NN_ONNX_FIRST);
  Onnx__NodeProto *node = nn_onnx_node (graph, type, y, x);
  /* Averages have no dilation before opset 19. */
  set_window (graph, node, op->attrs, rank, g_str_equal (type, "MaxPool"));
  if (flat)
    nn_onnx_node (graph, "Flatten", output (graph, op, NN_ONNX_LAST), y);
}

static void
max_pool (NnOnnxGraph *graph, const NnOp *op)
{
  pool (graph, op, "MaxPool");
}

/* Padding takes no part: ONNX's default too. */
static void
average_pool (NnOnnxGraph *graph, const NnOp *op)
{
  pool (graph, op, "AveragePool");
}

/* A factor for which ONNX's floor (in * factor) is `out` in spite of rounding. */
static float
scale_of (gint64 in, gint64 out)
{
  float scale = (float)((double)out / (double)in);
  while (floorf ((float)in * scale) < (float)out)
    scale = nextafterf (scale, INFINITY);
  return scale;
}

/* Row (column) by row, where ONNX's rounding would be at the mercy of the factor's. */
static const char *
pick (NnOnnxGraph *graph, const NnOp *op, const char *x, const char *y, gint64 axis, gint64 in,
      gint64 out)
{
  g_autofree gint64 *index = g_new (gint64, out);
  for (gint64 i = 0; i < out; i++)
    index[i] = (2 * i + 1) * in / (2 * out);
  Onnx__NodeProto *node =
      nn_onnx_node (graph, "Gather", y, x, nn_onnx_ints (graph, index, (gsize)out));
  nn_onnx_set_int (graph, node, "axis", axis);
  return y;
}

static void
resize (NnOnnxGraph *graph, const NnOp *op)
{
  const NnResizeAttrs *attrs = op->attrs;
  const float scale[] = { 1, 1, scale_of (attrs->in_h, attrs->out_h),
                          scale_of (attrs->in_w, attrs->out_w) };
  const char *x = input (graph, op, NN_ONNX_FIRST);
  const gboolean repeats = attrs->out_h % attrs->in_h == 0 && attrs->out_w % attrs->in_w == 0;
  if (!attrs->bilinear && !repeats)
    {
      const char *rows = pick (graph, op, x, nn_onnx_between (graph, op, "rows"),
                               BATCH_AND_CHANNELS, attrs->in_h, attrs->out_h);
      pick (graph, op, rows, output (graph, op, NN_ONNX_FIRST), BATCH_AND_CHANNELS + 1, attrs->in_w,
            attrs->out_w);
      return;
    }
  const char *scales = nn_onnx_floats (graph, "constant/scales", scale, 4);
  Onnx__NodeProto *node =
      nn_onnx_node (graph, "Resize", output (graph, op, NN_ONNX_FIRST), x, "", scales);
  nn_onnx_set_text (graph, node, "mode", attrs->bilinear ? "linear" : "nearest");
  nn_onnx_set_text (graph, node, "coordinate_transformation_mode",
                    attrs->bilinear ? "half_pixel" : "asymmetric");
  if (!attrs->bilinear)
    nn_onnx_set_text (graph, node, "nearest_mode", "floor");
}

/* Negative numbers cut off: by Slice where all do, as not everyone's Pad does it. */
static void
pad (NnOnnxGraph *graph, const NnOp *op)
{
  const NnPadAttrs *attrs = op->attrs;
  const gint64 bottom = attrs->out_h - attrs->in_h - attrs->top;
  const gint64 right = attrs->out_w - attrs->in_w - attrs->left;
  const char *x = input (graph, op, NN_ONNX_FIRST), *y = output (graph, op, NN_ONNX_FIRST);
  if (attrs->top <= 0 && attrs->left <= 0 && bottom <= 0 && right <= 0)
    {
      const gint64 starts[] = { -attrs->top, -attrs->left };
      const gint64 ends[] = { attrs->in_h + bottom, attrs->in_w + right };
      const gint64 axes[] = { BATCH_AND_CHANNELS, BATCH_AND_CHANNELS + 1 };
      nn_onnx_node (graph, "Slice", y, x, nn_onnx_ints (graph, starts, 2),
                    nn_onnx_ints (graph, ends, 2), nn_onnx_ints (graph, axes, 2));
      return;
    }
  const gint64 pads[] = { 0, 0, attrs->top, attrs->left, 0, 0, bottom, right };
  nn_onnx_node (graph, "Pad", y, x, nn_onnx_ints (graph, pads, G_N_ELEMENTS (pads)));
}

/* ---- value by value ---- */

static const struct
{
  NnActivation function;
  const char *type;
  gboolean has_alpha, has_beta;
  float alpha, beta; /* where they are no parameters */
} simple_activations[] = {
  { NN_ACTIVATION_RELU, "Relu" },
  { NN_ACTIVATION_LEAKY_RELU, "LeakyRelu", TRUE },
  { NN_ACTIVATION_ELU, "Elu", TRUE },
  { NN_ACTIVATION_SIGMOID, "Sigmoid" },
  { NN_ACTIVATION_TANH, "Tanh" },
  { NN_ACTIVATION_SOFTPLUS, "Softplus" },
  { NN_ACTIVATION_SELU, "Selu" },
  { NN_ACTIVATION_HARD_SIGMOID, "HardSigmoid", TRUE, TRUE, 0.2f, 0.5f },
  { NN_ACTIVATION_SOFTSIGN, "Softsign" },
  { NN_ACTIVATION_LINEAR, "Identity" },
};

/* x / 2 (1 + erf (x / sqrt 2)) */
static void
gelu (NnOnnxGraph *graph, const NnOp *op, const char *x, const char *y)
{
  const char *scaled = nn_onnx_between (graph, op, "scaled");
  const char *erf_ = nn_onnx_between (graph, op, "erf");
  const char *shifted = nn_onnx_between (graph, op, "shifted");
  const char *half = nn_onnx_between (graph, op, "half");
  nn_onnx_node (graph, "Mul", scaled, x, nn_onnx_float (graph, (float)G_SQRT2 / 2));
  nn_onnx_node (graph, "Erf", erf_, scaled);
  nn_onnx_node (graph, "Add", shifted, erf_, nn_onnx_float (graph, 1));
  nn_onnx_node (graph, "Mul", half, x, nn_onnx_float (graph, 0.5f));
  nn_onnx_node (graph, "Mul", y, half, shifted);
}

static void
activation (NnOnnxGraph *graph, const NnOp *op)
{
  const NnActivationAttrs *attrs = op->attrs;
  const NnOnnxLayout layout = nn_onnx_layout (graph, op, 0);
  const char *x = input (graph, op, layout), *y = output (graph, op, layout);
  for (guint i = 0; i < G_N_ELEMENTS (simple_activations); i++)
    if (simple_activations[i].function == attrs->function)
      {
        Onnx__NodeProto *node = nn_onnx_node (graph, simple_activations[i].type, y, x);
        const gboolean fixed = simple_activations[i].has_beta;
        if (simple_activations[i].has_alpha)
          nn_onnx_set_float (graph, node, "alpha",
                             fixed ? simple_activations[i].alpha : attrs->alpha);
        if (fixed)
          nn_onnx_set_float (graph, node, "beta", simple_activations[i].beta);
        return;
      }
  if (attrs->function == NN_ACTIVATION_GELU)
    gelu (graph, op, x, y);
  else if (attrs->function == NN_ACTIVATION_SILU)
    {
      const char *gate = nn_onnx_between (graph, op, "gate");
      nn_onnx_node (graph, "Sigmoid", gate, x);
      nn_onnx_node (graph, "Mul", y, x, gate);
    }
  else if (attrs->function == NN_ACTIVATION_RELU6)
    nn_onnx_node (graph, "Clip", y, x, nn_onnx_float (graph, 0), nn_onnx_float (graph, 6));
  else if (attrs->function == NN_ACTIVATION_HARD_SWISH)
    {
      /* ONNX has HardSwish from opset 14 on only. */
      const char *gate = nn_onnx_between (graph, op, "gate");
      Onnx__NodeProto *node = nn_onnx_node (graph, "HardSigmoid", gate, x);
      nn_onnx_set_float (graph, node, "alpha", 1.0f / 6);
      nn_onnx_set_float (graph, node, "beta", 0.5f);
      nn_onnx_node (graph, "Mul", y, x, gate);
    }
  else
    {
      const gboolean log = attrs->function == NN_ACTIVATION_LOG_SOFTMAX;
      g_assert (log || attrs->function == NN_ACTIVATION_SOFTMAX);
      Onnx__NodeProto *node = nn_onnx_node (graph, log ? "LogSoftmax" : "Softmax", y, x);
      nn_onnx_set_int (graph, node, "axis", channel_axis (graph, op, layout));
    }
}

static void
prelu (NnOnnxGraph *graph, const NnOp *op)
{
  const gboolean shared = nn_onnx_weight_shape (graph, op, 0)->rank == 1;
  const NnOnnxLayout layout = shared ? nn_onnx_layout (graph, op, 0) : NN_ONNX_LAST;
  const char *x = input (graph, op, layout);
  const char *slope =
      shared ? by_channel (graph, op, 0, layout) : nn_onnx_plain_weight (graph, op, 0);
  nn_onnx_node (graph, "PRelu", output (graph, op, layout), x, slope);
}

/* ---- normalisation ---- */

static void
batch_norm (NnOnnxGraph *graph, const NnOp *op)
{
  const NnBatchNormAttrs *attrs = op->attrs;
  const NnShape *in = nn_onnx_shape (graph, op->in[0]);
  const gint64 channels = in->dim[in->rank - 1];
  guint k = NN_BATCH_NORM_SCALE;
  const char *x = input (graph, op, NN_ONNX_FIRST);
  const char *scale =
      attrs->scale ? nn_onnx_plain_weight (graph, op, k++) : nn_onnx_constant (graph, 1, channels);
  const char *centre =
      attrs->centre ? nn_onnx_plain_weight (graph, op, k) : nn_onnx_constant (graph, 0, channels);
  const char *mean = nn_onnx_plain_weight (graph, op, NN_BATCH_NORM_MEAN);
  const char *variance = nn_onnx_plain_weight (graph, op, NN_BATCH_NORM_VARIANCE);
  Onnx__NodeProto *node =
      nn_onnx_node (graph, "BatchNormalization", output (graph, op, NN_ONNX_FIRST), x, scale,
                    centre, mean, variance);
  nn_onnx_set_float (graph, node, "epsilon", attrs->epsilon);
}

static const char *
mean_over_channels (NnOnnxGraph *graph, const NnOp *op, const char *x, const char *what,
                    gint64 axis)
{
  const char *mean = nn_onnx_between (graph, op, what);
  Onnx__NodeProto *node = nn_onnx_node (graph, "ReduceMean", mean, x);
  nn_onnx_set_ints (graph, node, "axes", &axis, 1);
  nn_onnx_set_int (graph, node, "keepdims", 1);
  return mean;
}

/* In its parts: ONNX has LayerNormalization from opset 17 on only. */
static void
layer_norm (NnOnnxGraph *graph, const NnOp *op)
{
  const NnLayerNormAttrs *attrs = op->attrs;
  const NnOnnxLayout layout = nn_onnx_layout (graph, op, 0);
  const gint64 axis = channel_axis (graph, op, layout);
  const char *x = input (graph, op, layout), *y = output (graph, op, layout);
  const char *centred = nn_onnx_between (graph, op, "centred");
  const char *square = nn_onnx_between (graph, op, "square");
  const char *padded = nn_onnx_between (graph, op, "with_epsilon");
  const char *deviation = nn_onnx_between (graph, op, "deviation");
  const char *mean = mean_over_channels (graph, op, x, "mean", axis);
  nn_onnx_node (graph, "Sub", centred, x, mean);
  nn_onnx_node (graph, "Mul", square, centred, centred);
  const char *variance = mean_over_channels (graph, op, square, "variance", axis);
  nn_onnx_node (graph, "Add", padded, variance, nn_onnx_float (graph, attrs->epsilon));
  nn_onnx_node (graph, "Sqrt", deviation, padded);

  const gboolean scale = attrs->scale, centre = attrs->centre;
  const char *normal = scale || centre ? nn_onnx_between (graph, op, "normal") : y;
  nn_onnx_node (graph, "Div", normal, centred, deviation);
  const char *scaled = scale && centre ? nn_onnx_between (graph, op, "scaled") : y;
  if (scale)
    nn_onnx_node (graph, "Mul", scaled, normal, by_channel (graph, op, 0, layout));
  if (centre)
    nn_onnx_node (graph, "Add", y, scale ? scaled : normal,
                  by_channel (graph, op, scale ? 1 : 0, layout));
}

/* ---- several inputs ---- */

/* Channels first where one of them is so already. */
static NnOnnxLayout
common_layout (NnOnnxGraph *graph, const NnOp *op)
{
  for (guint i = 0; i < op->n_in; i++)
    if (nn_onnx_layout (graph, op, i) == NN_ONNX_FIRST)
      return NN_ONNX_FIRST;
  return NN_ONNX_LAST;
}

static Onnx__NodeProto *
merge (NnOnnxGraph *graph, const NnOp *op, const char *type)
{
  const NnOnnxLayout layout = common_layout (graph, op);
  const char *x[NN_OP_MAX_IN + 1] = { NULL };
  for (guint i = 0; i < op->n_in; i++)
    x[i] = nn_onnx_read (graph, op->in[i], layout);
  return nn_onnx_add_node (graph, type, output (graph, op, layout), x);
}

static void
add (NnOnnxGraph *graph, const NnOp *op)
{
  merge (graph, op, op->n_in == 2 ? "Add" : "Sum");
}

static void
average (NnOnnxGraph *graph, const NnOp *op)
{
  merge (graph, op, "Mean");
}

static void
maximum (NnOnnxGraph *graph, const NnOp *op)
{
  merge (graph, op, "Max");
}

/* Two at a time. */
static void
multiply (NnOnnxGraph *graph, const NnOp *op)
{
  const NnOnnxLayout layout = common_layout (graph, op);
  const char *product = nn_onnx_read (graph, op->in[0], layout);
  for (guint i = 1; i < op->n_in; i++)
    {
      const char *next = nn_onnx_read (graph, op->in[i], layout);
      const char *y =
          i + 1 == op->n_in ? output (graph, op, layout) : nn_onnx_between (graph, op, "product");
      nn_onnx_node (graph, "Mul", y, product, next);
      product = y;
    }
}

static void
concatenate (NnOnnxGraph *graph, const NnOp *op)
{
  const NnOnnxLayout layout = common_layout (graph, op);
  Onnx__NodeProto *node = merge (graph, op, "Concat");
  nn_onnx_set_int (graph, node, "axis", channel_axis (graph, op, layout));
}

/* ---- order and repetition ---- */

static void
reshape (NnOnnxGraph *graph, const NnOp *op)
{
  const NnShape *shape = nn_onnx_shape (graph, op->out[0]);
  /* 0 is the batch, as it comes in. */
  gint64 sizes[NN_MAX_RANK + 1] = { 0 };
  memcpy (sizes + 1, shape->dim, (gsize)shape->rank * sizeof (gint64));
  const char *x = input (graph, op, NN_ONNX_LAST);
  nn_onnx_node (graph, "Reshape", output (graph, op, NN_ONNX_LAST), x,
                nn_onnx_ints (graph, sizes, (gsize)shape->rank + 1));
}

static void
permute (NnOnnxGraph *graph, const NnOp *op)
{
  const NnPermuteAttrs *attrs = op->attrs;
  const gsize rank = (gsize)nn_onnx_shape (graph, op->out[0])->rank;
  gint64 order[NN_MAX_RANK + 1] = { 0 };
  for (gsize i = 0; i < rank; i++)
    order[i + 1] = (gint64)attrs->order[i] + 1;
  const char *x = input (graph, op, NN_ONNX_LAST);
  Onnx__NodeProto *node = nn_onnx_node (graph, "Transpose", output (graph, op, NN_ONNX_LAST), x);
  nn_onnx_set_ints (graph, node, "perm", order, rank + 1);
}

static void
repeat (NnOnnxGraph *graph, const NnOp *op)
{
  const NnShape *out = nn_onnx_shape (graph, op->out[0]);
  const gint64 axis = 1;
  gint64 sizes[NN_MAX_RANK + 1] = { 1, out->dim[0] };
  for (gint i = 2; i <= out->rank; i++)
    sizes[i] = 1;
  const char *x = input (graph, op, NN_ONNX_LAST), *once = nn_onnx_between (graph, op, "once");
  nn_onnx_node (graph, "Unsqueeze", once, x, nn_onnx_ints (graph, &axis, 1));
  nn_onnx_node (graph, "Expand", output (graph, op, NN_ONNX_LAST), once,
                nn_onnx_ints (graph, sizes, (gsize)out->rank + 1));
}

/* ---- choices among vectors ---- */

/* The place of the largest (smallest) on the last axis, the first of equals. */
static const char *
place_of (NnOnnxGraph *graph, const NnOp *op, const char *type, const char *x)
{
  const char *place = nn_onnx_between (graph, op, "place");
  Onnx__NodeProto *node = nn_onnx_node (graph, type, place, x);
  nn_onnx_set_int (graph, node, "axis", -1);
  nn_onnx_set_int (graph, node, "keepdims", 0);
  return place;
}

/* Whole numbers that name a row; all others are row 0. */
static const char *
row_of (NnOnnxGraph *graph, const NnOp *op, const char *x)
{
  const NnEmbeddingAttrs *attrs = op->attrs;
  const float end = (float)attrs->entries - 0.5f;
  const char *above = nn_onnx_between (graph, op, "from_one");
  const char *below = nn_onnx_between (graph, op, "below_the_end");
  const char *known = nn_onnx_between (graph, op, "known");
  const char *number = nn_onnx_between (graph, op, "number");
  const char *rounded = nn_onnx_between (graph, op, "rounded");
  const char *row = nn_onnx_between (graph, op, "row");
  const char *half = nn_onnx_float (graph, 0.5f);
  nn_onnx_node (graph, "GreaterOrEqual", above, x, half);
  nn_onnx_node (graph, "Less", below, x, nn_onnx_float (graph, end));
  nn_onnx_node (graph, "And", known, above, below);
  nn_onnx_node (graph, "Where", number, known, x, nn_onnx_float (graph, 0));
  nn_onnx_node (graph, "Add", rounded, number, half);
  Onnx__NodeProto *node = nn_onnx_node (graph, "Cast", row, rounded);
  nn_onnx_set_int (graph, node, "to", ONNX__TENSOR_PROTO__DATA_TYPE__INT64);
  return row;
}

static void
embedding (NnOnnxGraph *graph, const NnOp *op)
{
  const NnEmbeddingAttrs *attrs = op->attrs;
  const char *x = input (graph, op, NN_ONNX_LAST);
  const char *row = attrs->one_hot ? place_of (graph, op, "ArgMax", x) : row_of (graph, op, x);
  nn_onnx_node (graph, "Gather", output (graph, op, NN_ONNX_LAST),
                nn_onnx_plain_weight (graph, op, 0), row);
}

/* The nearest code e of z: the smallest of |e|^2 - 2 z e. */
static void
quantize (NnOnnxGraph *graph, const NnOp *op)
{
  const NnShape *shape = nn_onnx_weight_shape (graph, op, 0);
  const gsize codes = (gsize)shape->dim[0], d = (gsize)shape->dim[1];
  const float *e = nn_onnx_weight_data (graph, op, 0);
  float *turned = nn_onnx_alloc (graph, codes * d * sizeof (float));
  float *squares = nn_onnx_alloc (graph, codes * sizeof (float));
  for (gsize k = 0; k < codes; k++)
    {
      double sum = 0;
      for (gsize i = 0; i < d; i++)
        {
          turned[i * codes + k] = -2 * e[k * d + i];
          sum += (double)e[k * d + i] * (double)e[k * d + i];
        }
      squares[k] = (float)sum;
    }
  const char *w = nn_onnx_tensor (graph, nn_onnx_weight_name (graph, op, 0, "times_minus_two"),
                                  &nn_shape (shape->dim[1], shape->dim[0]), turned);
  const char *lengths = nn_onnx_tensor (graph, nn_onnx_weight_name (graph, op, 0, "squares"),
                                        &nn_shape (shape->dim[0]), squares);
  const char *product = nn_onnx_between (graph, op, "product");
  const char *distance = nn_onnx_between (graph, op, "distance");
  nn_onnx_node (graph, "MatMul", product, input (graph, op, NN_ONNX_LAST), w);
  nn_onnx_node (graph, "Add", distance, product, lengths);
  nn_onnx_node (graph, "Gather", output (graph, op, NN_ONNX_LAST),
                nn_onnx_plain_weight (graph, op, 0), place_of (graph, op, "ArgMin", distance));
}

/* ---- the table ---- */

static const struct
{
  const NnOpType *type;
  NnOnnxTranslate translate;
} translations[] = {
  { &nn_op_linear, linear },
  { &nn_op_conv2d, conv2d },
  { &nn_op_conv2d_transpose, conv2d_transpose },
  { &nn_op_max_pool, max_pool },
  { &nn_op_average_pool, average_pool },
  { &nn_op_resize, resize },
  { &nn_op_pad, pad },
  { &nn_op_activation, activation },
  { &nn_op_prelu, prelu },
  { &nn_op_batch_norm, batch_norm },
  { &nn_op_batch_norm_kept, batch_norm },
  { &nn_op_layer_norm, layer_norm },
  { &nn_op_add, add },
  { &nn_op_average, average },
  { &nn_op_multiply, multiply },
  { &nn_op_maximum, maximum },
  { &nn_op_concatenate, concatenate },
  { &nn_op_reshape, reshape },
  { &nn_op_permute, permute },
  { &nn_op_repeat, repeat },
  { &nn_op_embedding, embedding },
  { &nn_op_quantize, quantize },
  { &nn_op_lstm, nn_onnx_lstm },
  { &nn_op_gru, nn_onnx_gru },
  { &nn_op_simple_rnn, nn_onnx_simple_rnn },
};

NnOnnxTranslate
nn_onnx_translation (const NnOpType *type)
{
  for (guint i = 0; i < G_N_ELEMENTS (translations); i++)
    if (translations[i].type == type)
      return translations[i].translate;
  return NULL;
}
