/* Convolutions, pooling, size and borders of images and sequences. */
#include "diabolo-config.h"

#include <inttypes.h>
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "base/nn-error.h"
#include "formats/nn-import-graph.h"
#include "layers/nn-layer-window.h"

/* Rows and columns, or steps. */
#define MAX_SPACE 2

/* A window of ONNX over n axes. */
typedef struct
{
  guint n;
  gint64 in[MAX_SPACE], kernel[MAX_SPACE], stride[MAX_SPACE], dilation[MAX_SPACE];
  gint64 before[MAX_SPACE], behind[MAX_SPACE];
} Window;

/* The order in which a layer has the axes of (N, C, H, W) or (N, C, T). */
static const guint images[] = { 2, 3, 1 }, sequences[] = { 2, 1 };

static const guint *
layer_axes (const NnImportValue *x)
{
  return x->rank == 4 ? images : sequences;
}

/* The rank decides: (N, C, H, W) or (N, C, T). */
static const NnImportValue *
spatial_input (NnImportGraph *graph, GError **error)
{
  const NnImportValue *x = nn_import_layer_input (graph, 0, error);
  if (!x)
    return NULL;
  if (x->rank == 4 || x->rank == 3)
    return x;
  if (x->rank > 4)
    nn_import_unsupported (graph, error,
                           _ ("it works on %u axes of space, but layers know images and "
                              "sequences only."),
                           x->rank - 2);
  else
    nn_import_bad (graph, error, _ ("it needs an image or a sequence."));
  return NULL;
}

/* What auto_pad asks for in place of numbers: an output as large as the input by the stride. */
static gboolean
pad_automatically (NnImportGraph *graph, Window *w, GError **error)
{
  g_autofree char *kind = nn_import_text (graph, "auto_pad", "NOTSET");
  if (g_str_equal (kind, "NOTSET"))
    return TRUE;
  for (guint i = 0; i < w->n; i++)
    {
      const gint64 out = (w->in[i] + w->stride[i] - 1) / w->stride[i];
      const gint64 reach = (w->kernel[i] - 1) * w->dilation[i] + 1;
      const gint64 total = MAX ((out - 1) * w->stride[i] + reach - w->in[i], 0);
      if (g_str_equal (kind, "VALID"))
        w->before[i] = w->behind[i] = 0;
      else if (g_str_equal (kind, "SAME_UPPER") || g_str_equal (kind, "SAME_LOWER"))
        {
          w->before[i] = g_str_equal (kind, "SAME_UPPER") ? total / 2 : total - total / 2;
          w->behind[i] = total - w->before[i];
        }
      else
        return nn_import_bad (graph, error, _ ("“auto_pad” is “%s”."), kind);
    }
  return TRUE;
}

/* Numbers that no window of a file needs to exceed; products of them do not overflow. */
#define MAX_NUMBER 65536

static gboolean
read_window (NnImportGraph *graph, const NnImportValue *x, const gint64 *kernel, Window *w,
             GError **error)
{
  gint64 pads[2 * MAX_SPACE];
  *w = (Window){ .n = x->rank - 2 };
  if (!nn_import_ints (graph, "kernel_shape", w->n, 0, w->kernel, error)
      || !nn_import_ints (graph, "strides", w->n, 1, w->stride, error)
      || !nn_import_ints (graph, "dilations", w->n, 1, w->dilation, error)
      || !nn_import_ints (graph, "pads", 2 * w->n, 0, pads, error))
    return FALSE;
  for (guint i = 0; i < w->n; i++)
    {
      w->in[i] = nn_import_dim (x, i + 2);
      w->before[i] = pads[i];
      w->behind[i] = pads[i + w->n];
      if (kernel && w->kernel[i] != 0 && w->kernel[i] != kernel[i])
        return nn_import_bad (graph, error, _ ("“kernel_shape” is not that of its weights."));
      if (kernel)
        w->kernel[i] = kernel[i];
      if (w->kernel[i] < 1 || w->stride[i] < 1 || w->dilation[i] < 1 || w->before[i] < 0
          || w->behind[i] < 0 || w->kernel[i] > MAX_NUMBER || w->stride[i] > MAX_NUMBER
          || w->dilation[i] > MAX_NUMBER || w->before[i] > MAX_NUMBER || w->behind[i] > MAX_NUMBER)
        return nn_import_bad (
            graph, error,
            _ ("its window of %" PRId64 " with stride %" PRId64 ", dilation %" PRId64
               " and padding %" PRId64 " and %" PRId64 " cannot be."),
            w->kernel[i], w->stride[i], w->dilation[i], w->before[i], w->behind[i]);
    }
  return pad_automatically (graph, w, error);
}

/* ---- a window as parameters ---- */

static void
append_sides (GString *params, const Window *w, const gint64 *behind)
{
  static const char *const names[][2] = { { "pad-top", "pad-bottom" },
                                          { "pad-left", "pad-right" } };
  g_assert (w->n <= MAX_SPACE);
  g_string_append (params, " padding=by-hand");
  for (guint i = 0; i < w->n; i++)
    {
      const char *const *side = names[i + MAX_SPACE - w->n];
      g_string_append_printf (params, " %s=%" PRId64 " %s=%" PRId64, side[0], w->before[i], side[1],
                              behind[i]);
    }
}

/* Size, stride and dilation under the names of a layer: size is "kernel" or "pool". */
static gboolean
window_params (NnImportGraph *graph, const Window *w, const char *size, GString *params,
               GError **error)
{
  const guint last = w->n - 1;
  g_string_append_printf (params, " %s-size=%" PRId64 " stride=%" PRId64, size, w->kernel[0],
                          w->stride[0]);
  if (w->kernel[last] != w->kernel[0])
    g_string_append_printf (params, " %s-width=%" PRId64, size, w->kernel[last]);
  if (w->stride[last] != w->stride[0])
    g_string_append_printf (params, " stride-width=%" PRId64, w->stride[last]);
  if (w->dilation[last] != w->dilation[0])
    return nn_import_unsupported (
        graph, error, _ ("its dilation differs down (%" PRId64 ") and across (%" PRId64 ")."),
        w->dilation[0], w->dilation[last]);
  if (w->dilation[0] != 1)
    g_string_append_printf (params, " dilation=%" PRId64, w->dilation[0]);
  return TRUE;
}

/* "same" or "valid" where that is the same, else numbers. out: sizes that ONNX says come out. */
static void
padding_params (const Window *w, const gint64 *out, GString *params)
{
  gboolean same = TRUE, valid = TRUE;
  gint64 behind[MAX_SPACE];
  for (guint i = 0; i < w->n; i++)
    {
      const gint64 reach = (w->kernel[i] - 1) * w->dilation[i] + 1;
      const gint64 usual = (w->in[i] + w->stride[i] - 1) / w->stride[i];
      const gint64 total = MAX ((usual - 1) * w->stride[i] + reach - w->in[i], 0);
      same = same && out[i] == usual && w->before[i] == total / 2;
      valid = valid && w->before[i] == 0 && out[i] == (w->in[i] - reach) / w->stride[i] + 1;
      /* As far as the last window reaches. */
      behind[i] = MAX ((out[i] - 1) * w->stride[i] + reach - w->in[i] - w->before[i], 0);
    }
  if (valid)
    g_string_append (params, " padding=valid");
  else if (same)
    g_string_append (params, " padding=same");
  else
    append_sides (params, w, behind);
}

/* Sizes of what comes out; FALSE where the window does not fit. */
static gboolean
output_sizes (NnImportGraph *graph, const Window *w, gboolean ceil_mode, gint64 *out,
              GError **error)
{
  for (guint i = 0; i < w->n; i++)
    {
      const gint64 reach = (w->kernel[i] - 1) * w->dilation[i] + 1;
      const gint64 room = w->in[i] + w->before[i] + w->behind[i] - reach;
      if (room < 0)
        return nn_import_bad (graph, error,
                              _ ("its window of %" PRId64 " does not fit into %" PRId64 "."), reach,
                              w->in[i] + w->before[i] + w->behind[i]);
      out[i] = (room + (ceil_mode ? w->stride[i] - 1 : 0)) / w->stride[i] + 1;
      /* A window that begins behind the image is left out. */
      if (ceil_mode && (out[i] - 1) * w->stride[i] >= w->in[i] + w->before[i])
        out[i]--;
    }
  return TRUE;
}

/* ---- convolution ---- */

static gboolean
define_spatial (NnImportGraph *graph, guint layer, const NnImportValue *x)
{
  const NnImportValue y = nn_import_view (graph, layer, layer_axes (x), x->rank, 0);
  nn_import_define (graph, 0, &y);
  return TRUE;
}

static gboolean
add_bias (NnImportGraph *graph, guint layer, const NnImportConstant *bias, GError **error)
{
  const NnShape *shape = &nn_import_layer (graph, layer)->shape;
  const gsize channels = (gsize)shape->dim[shape->rank - 1];
  if (!bias)
    return TRUE;
  if (bias->n != channels || !bias->f)
    return nn_import_bad (graph, error, _ ("its bias should be %zu numbers, but %zu are there."),
                          channels, bias->n);
  nn_import_add_vector (graph, layer, "bias", bias->f, channels);
  return TRUE;
}

/* The weights, (O, I, kernel...), and the bias or NULL. */
static gboolean
read_weights (NnImportGraph *graph, const NnImportValue *x, const NnImportConstant **kernel,
              const NnImportConstant **bias, GError **error)
{
  *bias = NULL;
  *kernel = nn_import_constant_input (graph, 1, error);
  if (!*kernel
      || (nn_import_has_input (graph, 2) && !(*bias = nn_import_constant_input (graph, 2, error))))
    return FALSE;
  if ((*kernel)->rank != x->rank || (*kernel)->endless || (*kernel)->n == 0)
    return nn_import_bad (graph, error, _ ("its weights have %u axes, but %u were expected."),
                          (*kernel)->rank, x->rank);
  return TRUE;
}

static gboolean
window_conv (NnImportGraph *graph, GError **error)
{
  static const guint turn[] = { 2, 3, 1, 0 }, turn_1d[] = { 2, 1, 0 };
  const NnImportValue *x = spatial_input (graph, error);
  const NnImportConstant *w, *bias;
  Window window;
  gint64 out[MAX_SPACE];
  guint from, layer;
  if (!x || !read_weights (graph, x, &w, &bias, error)
      || !read_window (graph, x, w->dim + 2, &window, error)
      || !output_sizes (graph, &window, FALSE, out, error))
    return FALSE;
  const gint64 groups = nn_import_int (graph, "group", 1), channels = nn_import_dim (x, 1);
  if (groups < 1 || channels % groups != 0 || w->dim[1] != channels / groups
      || w->dim[0] % groups != 0)
    return nn_import_bad (graph, error,
                          _ ("its weights are for %" PRId64 " channels in %" PRId64
                             " groups, but %" PRId64 " channels come in."),
                          w->dim[1], groups, channels);
  const gboolean image = x->rank == 4, apart = image && groups == channels && groups > 1;
  g_autoptr (GString) params = g_string_new ("activation=linear");
  g_string_append_printf (params, " bias=%s", bias ? "true" : "false");
  if (apart)
    g_string_append_printf (params, " multiplier=%" PRId64, w->dim[0] / groups);
  else
    g_string_append_printf (params, " filters=%" PRId64 " groups=%" PRId64, w->dim[0], groups);
  if (!window_params (graph, &window, "kernel", params, error))
    return FALSE;
  padding_params (&window, out, params);
  const char *type = apart ? "depthwise-conv2d" : image ? "conv2d" : "conv1d";
  if (!nn_import_arrange (graph, x, layer_axes (x), x->rank - 1, &from, error)
      || !nn_import_add_one (graph, type, params->str, from, &layer, error))
    return FALSE;
  NnShape shape = image ? nn_shape (w->dim[2], w->dim[3], w->dim[1], w->dim[0])
                        : nn_shape (w->dim[2], w->dim[1], w->dim[0]);
  if (apart)
    shape = nn_shape (w->dim[2], w->dim[3], channels, w->dim[0] / groups);
  g_autoptr (NnTensor) kernel = nn_import_permuted (w, image ? turn : turn_1d, &shape);
  nn_import_add_weight (graph, layer, apart ? "depthwise-kernel" : "kernel", kernel);
  return add_bias (graph, layer, bias, error) && define_spatial (graph, layer, x);
}

/* Pads cut off from what comes out; what is added behind it is less cut off. */
static gboolean
transposed_padding (NnImportGraph *graph, const Window *w, const gint64 *more, GString *params,
                    GError **error)
{
  gint64 behind[MAX_SPACE];
  gboolean same = TRUE, valid = TRUE, by_hand = TRUE;
  for (guint i = 0; i < w->n; i++)
    {
      const gint64 reach = (w->kernel[i] - 1) * w->dilation[i] + 1;
      const gint64 out =
          (w->in[i] - 1) * w->stride[i] + reach - w->before[i] - w->behind[i] + more[i];
      const gint64 cut = MAX (reach - w->stride[i], 0);
      same = same && out == w->in[i] * w->stride[i] && w->before[i] == cut / 2;
      valid = valid && out == w->in[i] * w->stride[i] + cut && w->before[i] == 0;
      behind[i] = w->behind[i] - more[i];
      by_hand = by_hand && behind[i] >= 0;
    }
  if (valid)
    g_string_append (params, " padding=valid");
  else if (same)
    g_string_append (params, " padding=same");
  else if (by_hand)
    append_sides (params, w, behind);
  else
    return nn_import_unsupported (graph, error, _ ("rows that no window reaches are not there."));
  return TRUE;
}

static gboolean
window_conv_transpose (NnImportGraph *graph, GError **error)
{
  static const guint turn[] = { 2, 3, 1, 0 };
  const NnImportValue *x = spatial_input (graph, error);
  const NnImportConstant *w, *bias;
  Window window;
  gint64 more[MAX_SPACE];
  guint from, layer;
  if (!x || !read_weights (graph, x, &w, &bias, error)
      || !read_window (graph, x, w->dim + 2, &window, error)
      || !nn_import_ints (graph, "output_padding", window.n, 0, more, error))
    return FALSE;
  g_autofree char *kind = nn_import_text (graph, "auto_pad", "NOTSET");
  if (x->rank != 4 || nn_import_int (graph, "group", 1) != 1
      || nn_import_attribute (graph->node, "output_shape") || !g_str_equal (kind, "NOTSET"))
    return nn_import_unsupported (
        graph, error, _ ("only images can be enlarged, in one group, with padding in numbers."));
  if (w->dim[0] != nn_import_dim (x, 1))
    return nn_import_bad (graph, error,
                          _ ("its weights are for %" PRId64 " channels, but %" PRId64 " come in."),
                          w->dim[0], nn_import_dim (x, 1));
  g_autoptr (GString) params = g_string_new ("activation=linear");
  g_string_append_printf (params, " bias=%s filters=%" PRId64, bias ? "true" : "false", w->dim[1]);
  if (!window_params (graph, &window, "kernel", params, error)
      || !transposed_padding (graph, &window, more, params, error)
      || !nn_import_arrange (graph, x, images, 3, &from, error)
      || !nn_import_add_one (graph, "conv2d-transpose", params->str, from, &layer, error))
    return FALSE;
  g_autoptr (NnTensor) kernel =
      nn_import_permuted (w, turn, &nn_shape (w->dim[2], w->dim[3], w->dim[1], w->dim[0]));
  nn_import_add_weight (graph, layer, "kernel", kernel);
  return add_bias (graph, layer, bias, error) && define_spatial (graph, layer, x);
}

/* ---- pooling ---- */

static gboolean add_border (NnImportGraph *graph, guint from, gint64 top, gint64 bottom,
                            gint64 left, gint64 right, guint *layer, GError **error);

/* The channels stay, everything else becomes one. */
static gboolean
global_pool (NnImportGraph *graph, const char *type, gboolean keep, GError **error)
{
  const NnImportValue *x = spatial_input (graph, error);
  static const guint kept[] = { 1 };
  guint from, layer;
  if (!x || !nn_import_arrange (graph, x, layer_axes (x), x->rank - 1, &from, error)
      || !nn_import_add_one (graph, type, NULL, from, &layer, error))
    return FALSE;
  const NnImportValue y = nn_import_view (graph, layer, kept, keep ? x->rank : 2, 0);
  nn_import_define (graph, 0, &y);
  return TRUE;
}

static gboolean
is_whole_image (const Window *w)
{
  gboolean whole = TRUE;
  for (guint i = 0; i < w->n; i++)
    whole = whole && w->kernel[i] == w->in[i] && w->before[i] + w->behind[i] == 0;
  return whole;
}

static gboolean
pool (NnImportGraph *graph, gboolean largest, GError **error)
{
  const NnImportValue *x = spatial_input (graph, error);
  Window w;
  gint64 out[MAX_SPACE];
  guint from, layer;
  if (!x || !read_window (graph, x, NULL, &w, error)
      || !output_sizes (graph, &w, nn_import_int (graph, "ceil_mode", 0) != 0, out, error))
    return FALSE;
  if (nn_import_int (graph, "storage_order", 0) != 0
      || (graph->node->n_output > 1 && *graph->node->output[1]))
    return nn_import_unsupported (graph, error, _ ("the places of the largest are not given."));
  if (is_whole_image (&w))
    return global_pool (graph, largest ? "global-max-pool" : "global-avg-pool", TRUE, error);
  const gboolean image = x->rank == 4;
  const gboolean dilated = w.dilation[0] != 1 || w.dilation[w.n - 1] != 1;
  if ((dilated && (image || !largest)) || (!image && !largest))
    return nn_import_unsupported (graph, error,
                                  dilated ? _ ("a pool with a dilation is not there.")
                                          : _ ("an average over a sequence is not there."));
  g_autoptr (GString) params = g_string_new (NULL);
  const gboolean padded = w.before[0] + w.behind[0] + w.before[w.n - 1] + w.behind[w.n - 1] > 0;
  if (!nn_import_arrange (graph, x, layer_axes (x), x->rank - 1, &from, error))
    return FALSE;
  /* A border that takes part in the mean is one of zeros. */
  if (!largest && padded && nn_import_int (graph, "count_include_pad", 0) != 0)
    {
      if (!add_border (graph, from, w.before[0], w.behind[0], w.before[1], w.behind[1], &from,
                       error))
        return FALSE;
      for (guint i = 0; i < w.n; i++)
        {
          w.in[i] += w.before[i] + w.behind[i];
          w.before[i] = w.behind[i] = 0;
        }
    }
  if (!window_params (graph, &w, "pool", params, error))
    return FALSE;
  padding_params (&w, out, params);
  const char *type = !largest ? "avg-pool2d" : image ? "max-pool2d" : "max-pool1d";
  return nn_import_add_one (graph, type, params->str, from, &layer, error)
         && define_spatial (graph, layer, x);
}

static gboolean
window_max_pool (NnImportGraph *graph, GError **error)
{
  return pool (graph, TRUE, error);
}

static gboolean
window_average_pool (NnImportGraph *graph, GError **error)
{
  return pool (graph, FALSE, error);
}

static gboolean
window_global_average (NnImportGraph *graph, GError **error)
{
  return global_pool (graph, "global-avg-pool", TRUE, error);
}

static gboolean
window_global_max (NnImportGraph *graph, GError **error)
{
  return global_pool (graph, "global-max-pool", TRUE, error);
}

/* Over all of space it is a global pool. */
static gboolean
reduce (NnImportGraph *graph, const char *type, GError **error)
{
  const NnImportValue *x = nn_import_layer_input (graph, 0, error);
  guint axes[NN_IMPORT_MAX_AXES], seen = 0;
  const gint n = x ? nn_import_axes (graph, "axes", 1, x->rank, axes, error) : -1;
  if (n < 0)
    return FALSE;
  for (gint i = 0; i < n; i++)
    seen |= 1u << axes[i];
  if ((x->rank != 4 && x->rank != 3) || seen != (x->rank == 4 ? 12u : 4u))
    return nn_import_unsupported (graph, error,
                                  _ ("only rows and columns together can become one."));
  return global_pool (graph, type, nn_import_int (graph, "keepdims", 1) != 0, error);
}

static gboolean
window_reduce_mean (NnImportGraph *graph, GError **error)
{
  return reduce (graph, "global-avg-pool", error);
}

static gboolean
window_reduce_max (NnImportGraph *graph, GError **error)
{
  return reduce (graph, "global-max-pool", error);
}

/* ---- size ---- */

/* Where ONNX takes row (column) i of the new image from. */
static double
source_of (const char *mode, gint64 i, gint64 in, gint64 out, double scale)
{
  if (g_str_equal (mode, "asymmetric"))
    return (double)i / scale;
  if (g_str_equal (mode, "align_corners"))
    return out > 1 ? (double)i * (double)(in - 1) / (double)(out - 1) : 0;
  if (g_str_equal (mode, "pytorch_half_pixel") && out == 1)
    return 0;
  return ((double)i + 0.5) / scale - 0.5;
}

static gint64
round_nearest (const char *mode, double at, gint64 in)
{
  double place = floor (at);
  if (g_str_equal (mode, "ceil"))
    place = ceil (at);
  else if (g_str_equal (mode, "round_prefer_floor"))
    place = ceil (at - 0.5);
  else if (g_str_equal (mode, "round_prefer_ceil"))
    place = floor (at + 0.5);
  return CLAMP ((gint64)place, 0, in - 1);
}

/* Whether the layer takes every row (column) from where ONNX does. */
static gboolean
same_rows (NnImportGraph *graph, gint64 in, gint64 out, double scale, gboolean linear)
{
  g_autofree char *mode = nn_import_text (graph, "coordinate_transformation_mode",
                                          graph->opset < 11 ? "asymmetric" : "half_pixel");
  g_autofree char *nearest =
      nn_import_text (graph, "nearest_mode", graph->opset < 11 ? "floor" : "round_prefer_floor");
  for (gint64 i = 0; i < out; i++)
    {
      const double at = source_of (mode, i, in, out, scale);
      const double ours = ((double)i + 0.5) * (double)in / (double)out - 0.5;
      if (linear ? fabs (CLAMP (at, 0, (double)(in - 1)) - CLAMP (ours, 0, (double)(in - 1))) > 1e-5
                 : round_nearest (nearest, at, in) != (2 * i + 1) * in / (2 * out))
        return FALSE;
    }
  return TRUE;
}

/* The new sizes, and the factors that they come from. */
static gboolean
resize_sizes (NnImportGraph *graph, const NnImportValue *x, gint64 *out, double *scale,
              GError **error)
{
  /* Upsample and Resize 10: X, scales; Resize 11: X, roi, scales, sizes. */
  const gboolean old = graph->opset < 11 || g_str_equal (graph->node->op_type, "Upsample");
  const gboolean sized = !old && nn_import_has_input (graph, 3);
  const Onnx__AttributeProto *attribute = nn_import_attribute (graph->node, "scales");
  const NnImportConstant *constant = NULL;
  if (!attribute && !(constant = nn_import_constant_input (graph, sized ? 3 : old ? 1 : 2, error)))
    return FALSE;
  if (attribute ? attribute->n_floats != 4 : constant->n != 4)
    return nn_import_unsupported (graph, error, _ ("only rows and columns can change in number."));
  for (guint axis = 0; axis < 4; axis++)
    {
      const double number =
          attribute ? (double)attribute->floats[axis] : nn_import_number (constant, axis);
      const gint64 dim = nn_import_dim (x, axis);
      if (axis < 2)
        {
          if (sized ? axis == 1 && (gint64)number != dim : number != 1)
            return nn_import_unsupported (graph, error,
                                          _ ("only rows and columns can change in number."));
          continue;
        }
      /* In single precision, as those who run it do. */
      const double size = sized ? number : (double)floorf ((float)dim * (float)number);
      if (!(size >= 1 && size <= MAX_NUMBER))
        return nn_import_bad (graph, error, _ ("a size of %g cannot be."), size);
      out[axis - 2] = (gint64)size;
      scale[axis - 2] = sized ? size / (double)dim : number;
    }
  return TRUE;
}

static gboolean
add_resize (NnImportGraph *graph, const NnImportValue *x, const gint64 *out, gboolean linear,
            GError **error)
{
  const gint64 h = nn_import_dim (x, 2), w = nn_import_dim (x, 3);
  const gint64 factor = out[0] / h;
  const char *how = linear ? "bilinear" : "nearest";
  const gboolean whole =
      factor >= 1 && factor <= NN_WINDOW_MAX && out[0] == factor * h && out[1] == factor * w;
  g_autofree char *params =
      whole ? g_strdup_printf ("size=%" PRId64 " interpolation=%s", factor, how)
            : g_strdup_printf ("height=%" PRId64 " width=%" PRId64 " interpolation=%s", out[0],
                               out[1], how);
  guint from, layer;
  return nn_import_arrange (graph, x, images, 3, &from, error)
         && nn_import_add_one (graph, whole ? "upsampling2d" : "resize", params, from, &layer,
                               error)
         && define_spatial (graph, layer, x);
}

static gboolean
window_resize (NnImportGraph *graph, GError **error)
{
  const NnImportValue *x = spatial_input (graph, error);
  g_autofree char *mode = nn_import_text (graph, "mode", "nearest");
  gint64 out[MAX_SPACE];
  double scale[MAX_SPACE];
  const gboolean linear = g_str_equal (mode, "linear");
  if (!x)
    return FALSE;
  if (x->rank != 4 || (!linear && !g_str_equal (mode, "nearest"))
      || nn_import_int (graph, "antialias", 0) != 0)
    return nn_import_unsupported (graph, error, _ ("images alone can be resized, not by “%s”."),
                                  mode);
  if (!resize_sizes (graph, x, out, scale, error))
    return FALSE;
  for (guint i = 0; i < MAX_SPACE; i++)
    if (!same_rows (graph, nn_import_dim (x, i + 2), out[i], scale[i], linear))
      return nn_import_unsupported (graph, error,
                                    _ ("its pixels lie elsewhere than those of the layer Resize."));
  return add_resize (graph, x, out, linear, error);
}

/* Rows (columns) picked as the layer Resize picks them. */
static gboolean
window_gather (NnImportGraph *graph, GError **error)
{
  if (nn_import_last_step (graph, error))
    return TRUE;
  if (error && *error)
    return FALSE;
  const NnImportValue *x = spatial_input (graph, error);
  const NnImportConstant *index = x ? nn_import_constant_input (graph, 1, error) : NULL;
  guint axis;
  if (!index || !nn_import_whole (graph, index, "indices", 0, error)
      || !nn_import_axis (graph, nn_import_int (graph, "axis", 0), x->rank, &axis, error))
    return FALSE;
  gboolean same = x->rank == 4 && axis >= 2 && index->n > 0 && index->n <= MAX_NUMBER;
  const gint64 in = nn_import_dim (x, axis), n = (gint64)index->n;
  for (gint64 i = 0; i < n && same; i++)
    same = index->i[i] == (2 * i + 1) * in / (2 * n);
  if (!same)
    return nn_import_unsupported (graph, error, _ ("values are not picked one by one here."));
  gint64 out[] = { nn_import_dim (x, 2), nn_import_dim (x, 3) };
  out[axis - 2] = n;
  /* Rows first, columns then: one layer does both. */
  const NnImportLayer *before = nn_import_layer (graph, x->layer);
  if (x->unshared && x->n_uses == 1 && axis == 3 && g_str_equal (before->type->id, "resize")
      && g_str_equal (nn_params_text (before->params, "interpolation"), "nearest")
      && nn_import_lies (graph, x, images, 3)
      && nn_import_layer (graph, before->from[0])->shape.dim[1] == before->shape.dim[1])
    {
      g_autofree char *width = g_strdup_printf ("%" PRId64, n);
      return nn_import_set (graph, x->layer, "width", width, error)
             && define_spatial (graph, x->layer, x);
    }
  return add_resize (graph, x, out, FALSE, error);
}

/* ---- borders ---- */

static gboolean
add_sides (NnImportGraph *graph, const char *type, guint from, const gint64 *side, gint sign,
           guint *layer, GError **error)
{
  gint64 n[4];
  for (guint i = 0; i < 4; i++)
    n[i] = MAX (sign * side[i], 0);
  *layer = from;
  if (n[0] + n[1] + n[2] + n[3] == 0)
    return TRUE;
  g_autofree char *params = g_strdup_printf (
      "top=%" PRId64 " bottom=%" PRId64 " left=%" PRId64 " right=%" PRId64, n[0], n[1], n[2], n[3]);
  return nn_import_add_one (graph, type, params, from, layer, error);
}

/* Cut off where negative. */
static gboolean
add_border (NnImportGraph *graph, guint from, gint64 top, gint64 bottom, gint64 left, gint64 right,
            guint *layer, GError **error)
{
  const gint64 side[] = { top, bottom, left, right };
  for (guint i = 0; i < 4; i++)
    if (side[i] < -MAX_NUMBER || side[i] > MAX_NUMBER)
      return nn_import_bad (graph, error, _ ("a border of %" PRId64 " cannot be."), side[i]);
  return add_sides (graph, "cropping", from, side, -1, layer, error)
         && add_sides (graph, "zero-padding", *layer, side, 1, layer, error);
}

static gboolean
bordered (NnImportGraph *graph, const NnImportValue *x, gint64 top, gint64 bottom, gint64 left,
          gint64 right, GError **error)
{
  guint from, layer;
  if (top == 0 && bottom == 0 && left == 0 && right == 0)
    {
      nn_import_define_view (graph, x);
      return TRUE;
    }
  return nn_import_arrange (graph, x, images, 3, &from, error)
         && add_border (graph, from, top, bottom, left, right, &layer, error)
         && define_spatial (graph, layer, x);
}

static gboolean
window_pad (NnImportGraph *graph, GError **error)
{
  const NnImportValue *x = nn_import_layer_input (graph, 0, error);
  const Onnx__AttributeProto *attribute = nn_import_attribute (graph->node, "pads");
  const NnImportConstant *input = NULL;
  g_autofree char *mode = nn_import_text (graph, "mode", "constant");
  double value = (double)nn_import_float (graph, "value", 0);
  if (!x || (!attribute && !(input = nn_import_constant_input (graph, 1, error)))
      || (input && !nn_import_whole (graph, input, "pads", 2 * x->rank, error)))
    return FALSE;
  if (attribute && attribute->n_ints != 2 * x->rank)
    return nn_import_bad (graph, error, _ ("“pads” should have %u numbers."), 2 * x->rank);
  if (!attribute && nn_import_has_input (graph, 2))
    {
      const NnImportConstant *fill = nn_import_constant_input (graph, 2, error);
      if (!fill)
        return FALSE;
      value = fill->n > 0 ? nn_import_number (fill, 0) : 0;
    }
  const gint64 *pads = attribute ? attribute->ints : input->i;
  gboolean none = TRUE;
  for (guint i = 0; i < 2 * x->rank; i++)
    none = none && pads[i] == 0;
  if (none)
    {
      nn_import_define_view (graph, x);
      return TRUE;
    }
  if (!g_str_equal (mode, "constant") || value != 0)
    return nn_import_unsupported (graph, error, _ ("a border is of zeros, not of %g by “%s”."),
                                  value, mode);
  if (x->rank != 4 || pads[0] || pads[1] || pads[4] || pads[5] || nn_import_has_input (graph, 3))
    return nn_import_unsupported (graph, error, _ ("rows and columns alone can be added."));
  return bordered (graph, x, pads[2], pads[6], pads[3], pads[7], error);
}

/* Rows and columns cut off at the sides. */
static gboolean
window_slice (NnImportGraph *graph, GError **error)
{
  const NnImportValue *x = spatial_input (graph, error);
  guint axes[NN_IMPORT_MAX_AXES];
  gint64 cut[4] = { 0 };
  const NnImportConstant *starts = x ? nn_import_constant_input (graph, 1, error) : NULL;
  const NnImportConstant *ends = starts ? nn_import_constant_input (graph, 2, error) : NULL;
  if (!ends || !nn_import_whole (graph, starts, "starts", 0, error)
      || !nn_import_whole (graph, ends, "ends", starts->n, error))
    return FALSE;
  const gint n = nn_import_axes (graph, "axes", 3, x->rank, axes, error);
  if (n < 0)
    return FALSE;
  if (x->rank != 4 || (gsize)n != starts->n)
    return nn_import_unsupported (graph, error, _ ("rows and columns alone can be cut off."));
  if (nn_import_has_input (graph, 4))
    {
      const NnImportConstant *steps = nn_import_constant_input (graph, 4, error);
      if (!steps)
        return FALSE;
      for (gsize i = 0; i < steps->n; i++)
        if (nn_import_number (steps, i) != 1)
          return nn_import_unsupported (graph, error, _ ("values are not left out one by one."));
    }
  for (gint i = 0; i < n; i++)
    {
      const gint64 size = nn_import_dim (x, axes[i]);
      gint64 begin = starts->i[i], end = ends->i[i];
      if (axes[i] < 2)
        {
          if (begin == 0 && (end > G_MAXINT32 || end == size))
            continue;
          return nn_import_unsupported (graph, error, _ ("rows and columns alone can be cut off."));
        }
      begin = CLAMP (begin < 0 ? begin + size : begin, 0, size);
      end = CLAMP (end < 0 ? end + size : end, 0, size);
      if (end <= begin)
        return nn_import_bad (graph, error, _ ("nothing is left of axis %u."), axes[i]);
      cut[2 * (axes[i] - 2)] = begin;
      cut[2 * (axes[i] - 2) + 1] = size - end;
    }
  return bordered (graph, x, -cut[0], -cut[1], -cut[2], -cut[3], error);
}

const NnImportOp nn_import_window_ops[] = {
  { "Conv", window_conv },
  { "ConvTranspose", window_conv_transpose },
  { "MaxPool", window_max_pool },
  { "AveragePool", window_average_pool },
  { "GlobalAveragePool", window_global_average },
  { "GlobalMaxPool", window_global_max },
  { "ReduceMean", window_reduce_mean },
  { "ReduceMax", window_reduce_max },
  { "Resize", window_resize },
  { "Upsample", window_resize },
  { "Gather", window_gather },
  { "Pad", window_pad },
  { "Slice", window_slice },
  { NULL, NULL },
};
