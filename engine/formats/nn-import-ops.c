/* Operators that work value by value, on features, or on several inputs: the layers that do the
 * same. And how a graph's nodes are gone through. */
#include "diabolo-config.h"

#include <inttypes.h>
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "base/nn-error.h"
#include "formats/nn-import-graph.h"

/* Inputs of a layer that merges several. */
#define MERGE_PORTS 4

/* ---- value by value ---- */

/* alpha: the parameter's default in ONNX, where the function has one. */
static const struct
{
  const char *type, *id;
  gboolean has_alpha;
  float alpha;
} activations[] = {
  { "Relu", "relu" },         { "LeakyRelu", "leaky-relu", TRUE, 0.01f },
  { "Elu", "elu", TRUE, 1 },  { "Sigmoid", "sigmoid" },
  { "Tanh", "tanh" },         { "Softplus", "softplus" },
  { "Softsign", "softsign" }, { "HardSwish", "hard-swish" },
};

static gboolean
op_activation (NnImportGraph *graph, GError **error)
{
  const NnImportValue *x = nn_import_layer_input (graph, 0, error);
  guint i = 0;
  if (!x)
    return FALSE;
  while (!g_str_equal (activations[i].type, graph->node->op_type))
    i++;
  const double alpha = activations[i].has_alpha
                           ? (double)nn_import_float (graph, "alpha", activations[i].alpha)
                           : 0.3;
  return nn_import_activate (graph, x, activations[i].id, alpha, 1, error);
}

static gboolean
op_selu (NnImportGraph *graph, GError **error)
{
  const NnImportValue *x = nn_import_layer_input (graph, 0, error);
  const float alpha = nn_import_float (graph, "alpha", 1.67326324f);
  const float gamma = nn_import_float (graph, "gamma", 1.05070099f);
  if (!x)
    return FALSE;
  if (fabsf (alpha - 1.67326324f) > 1e-4f || fabsf (gamma - 1.05070099f) > 1e-4f)
    return nn_import_unsupported (graph, error, _ ("a SELU with other constants is not there."));
  return nn_import_activate (graph, x, "selu", 0.3, 1, error);
}

static gboolean
op_gelu (NnImportGraph *graph, GError **error)
{
  const NnImportValue *x = nn_import_layer_input (graph, 0, error);
  g_autofree char *approximate = nn_import_text (graph, "approximate", "none");
  if (!x)
    return FALSE;
  if (!g_str_equal (approximate, "none"))
    return nn_import_unsupported (graph, error, _ ("a GELU by tanh is not there."));
  return nn_import_activate (graph, x, "gelu", 0.3, 1, error);
}

/* A bound of Clip: an attribute before opset 11, then an input. */
static gboolean
bound (NnImportGraph *graph, const char *name, guint i, double otherwise, double *out,
       GError **error)
{
  *out = (double)nn_import_float (graph, name, (float)otherwise);
  if (!nn_import_has_input (graph, i))
    return TRUE;
  const NnImportConstant *constant = nn_import_constant_input (graph, i, error);
  if (!constant || constant->n != 1)
    return constant && nn_import_bad (graph, error, _ ("a bound should be one number."));
  *out = nn_import_number (constant, 0);
  return TRUE;
}

static gboolean
op_clip (NnImportGraph *graph, GError **error)
{
  const NnImportValue *x = nn_import_layer_input (graph, 0, error);
  double low, high;
  if (!x || !bound (graph, "min", 1, -INFINITY, &low, error)
      || !bound (graph, "max", 2, INFINITY, &high, error))
    return FALSE;
  if (low == 0 && high == 6)
    return nn_import_activate (graph, x, "relu6", 0.3, 1, error);
  if (low == 0 && high > 1e30)
    return nn_import_activate (graph, x, "relu", 0.3, 1, error);
  if (low < -1e30 && high > 1e30)
    {
      nn_import_define_view (graph, x);
      return TRUE;
    }
  return nn_import_unsupported (
      graph, error, _ ("values can be cut off at 0 and at 0 and 6, not at %g and %g."), low, high);
}

/* The slope here is 1/5: another one is a factor before. */
static gboolean
op_hard_sigmoid (NnImportGraph *graph, GError **error)
{
  const NnImportValue *x = nn_import_layer_input (graph, 0, error);
  const float alpha = nn_import_float (graph, "alpha", 0.2f);
  const float beta = nn_import_float (graph, "beta", 0.5f);
  const float scale = alpha / 0.2f, shift = (beta - 0.5f) / 0.2f;
  guint axes[NN_IMPORT_MAX_AXES];
  if (!x)
    return FALSE;
  if (fabsf (scale - 1) < 1e-6f && fabsf (shift) < 1e-6f)
    return nn_import_activate (graph, x, "hard-sigmoid", 0.3, 1, error);
  NnImportValue scaled;
  const guint n = nn_import_natural_axes (graph, x, axes);
  if (n == 0
      || !nn_import_affine (graph, x, axes[n - 1], &scale, shift != 0 ? &shift : NULL, 1, &scaled,
                            error))
    return FALSE;
  scaled.n_uses = 0;
  return nn_import_activate (graph, &scaled, "hard-sigmoid", 0.3, 1, error);
}

/* Before opset 13 all axes from this one on are taken together. */
static gboolean
op_softmax (NnImportGraph *graph, GError **error)
{
  const NnImportValue *x = nn_import_layer_input (graph, 0, error);
  guint axis, axes[NN_IMPORT_MAX_AXES], n, layer;
  if (!x
      || !nn_import_axis (graph, nn_import_int (graph, "axis", graph->opset < 13 ? 1 : -1), x->rank,
                          &axis, error))
    return FALSE;
  for (guint i = axis + 1; i < x->rank && graph->opset < 13; i++)
    if (x->group[i] > 0)
      return nn_import_unsupported (graph, error, _ ("only one axis can share a whole."));
  if (!nn_import_last (graph, x, axis, &layer, axes, &n, error))
    return FALSE;
  NnImportValue last =
      nn_import_view (graph, layer, axes, x->rank, (guint)MAX (nn_import_batch_axis (x), 0));
  last.unshared = x->unshared && layer == x->layer;
  last.n_uses = x->n_uses;
  const gboolean log = g_str_equal (graph->node->op_type, "LogSoftmax");
  return nn_import_activate (graph, &last, log ? "log-softmax" : "softmax", 0.3, 1, error);
}

/* ---- with numbers that are fixed ---- */

/* The axis of x along which a constant varies, axes of it being counted from the end. FALSE where
 * it varies along several. */
static gboolean
axis_of_constant (NnImportGraph *graph, const NnImportValue *x, const NnImportConstant *constant,
                  guint *axis, gsize *n, GError **error)
{
  guint axes[NN_IMPORT_MAX_AXES];
  const guint n_axes = nn_import_natural_axes (graph, x, axes);
  *n = 1;
  *axis = n_axes > 0 ? axes[n_axes - 1] : 0;
  if (n_axes == 0 || constant->rank > x->rank)
    return nn_import_unsupported (graph, error,
                                  _ ("its fixed numbers have more axes than values."));
  if (nn_import_is_uniform (constant))
    return TRUE;
  for (guint i = 0; i < constant->rank; i++)
    if (constant->dim[i] != 1)
      {
        *axis = x->rank - constant->rank + i;
        if (*n > 1 || nn_import_dim (x, *axis) != constant->dim[i])
          return nn_import_unsupported (
              graph, error, _ ("its fixed numbers differ along more than one axis of the values."));
        *n = (gsize)constant->dim[i];
      }
  return TRUE;
}

static gboolean
with_constant (NnImportGraph *graph, const NnImportValue *x, const NnImportConstant *constant,
               float (*scale_of) (float), float (*shift_of) (float), const float *sign,
               GError **error)
{
  guint axis;
  gsize n;
  if (!axis_of_constant (graph, x, constant, &axis, &n, error))
    return FALSE;
  g_autofree float *values = g_new (float, n), *signs = g_new (float, n);
  for (gsize k = 0; k < n; k++)
    {
      const float c = (float)nn_import_number (constant, k);
      values[k] = scale_of ? scale_of (c) : shift_of (c);
      signs[k] = sign ? *sign : 1;
    }
  NnImportValue y;
  if (!nn_import_affine (graph, x, axis,
                         scale_of ? values
                         : sign   ? signs
                                  : NULL,
                         shift_of ? values : NULL, n, &y, error))
    return FALSE;
  nn_import_define (graph, 0, &y);
  return TRUE;
}

static float
itself (float c)
{
  return c;
}

static float
negative (float c)
{
  return -c;
}

static float
inverse (float c)
{
  return 1 / c;
}

static gboolean
op_neg (NnImportGraph *graph, GError **error)
{
  static const float minus = -1;
  const NnImportValue *x = nn_import_layer_input (graph, 0, error);
  const NnImportConstant one = { .n = 1, .f = &minus };
  return x && with_constant (graph, x, &one, itself, NULL, NULL, error);
}

/* ---- several inputs ---- */

/* x with every axis as long as like's: one pixel becomes an image of equal ones. */
static gboolean
broadcast (NnImportGraph *graph, const NnImportValue *x, const NnImportValue *like,
           NnImportValue *out, GError **error)
{
  static const guint image[] = { 2, 3, 1 };
  gboolean equal = x->rank == like->rank;
  *out = *x;
  for (guint axis = 0; axis < x->rank && equal; axis++)
    equal = nn_import_dim (x, axis) == nn_import_dim (like, axis);
  if (equal)
    return TRUE;
  guint layer, enlarged;
  if (x->rank != 4 || like->rank != 4 || nn_import_dim (x, 1) != nn_import_dim (like, 1)
      || x->group[2] > 0 || x->group[3] > 0)
    return nn_import_unsupported (graph, error,
                                  _ ("its inputs are of different sizes, and only one pixel is "
                                     "spread over an image."));
  g_autofree char *params = g_strdup_printf ("height=%" PRId64 " width=%" PRId64,
                                             nn_import_dim (like, 2), nn_import_dim (like, 3));
  if (!nn_import_arrange (graph, x, image, 3, &layer, error)
      || !nn_import_add_one (graph, "resize", params, layer, &enlarged, error))
    return FALSE;
  *out = nn_import_view (graph, enlarged, image, 4, 0);
  return TRUE;
}

/* Merges n > 0 layers, as many at a time as there are ports. */
static gboolean
chain (NnImportGraph *graph, const char *type, const guint *layers, guint n, guint *layer,
       GError **error)
{
  guint in[MERGE_PORTS], done = 0, k = 0;
  do
    {
      while (k < MERGE_PORTS && done < n)
        in[k++] = layers[done++];
      if (!nn_import_add (graph, type, NULL, in, k, layer, error))
        return FALSE;
      in[0] = *layer;
      k = 1;
    }
  while (done < n);
  return TRUE;
}

/* Layers with their inputs side by side, all in one arrangement. last: the axis at the end, or -1.
 */
static gboolean
merge (NnImportGraph *graph, const char *type, gint last, GError **error)
{
  const guint n = (guint)graph->node->n_input;
  guint axes[NN_IMPORT_MAX_AXES], n_axes, layer;
  if (n == 2 && nn_import_both_ways (graph, type, error))
    return TRUE;
  const NnImportValue *first = error && *error ? NULL : nn_import_layer_input (graph, 0, error),
                      *widest = first;
  if (!first)
    return FALSE;
  if (n == 1)
    {
      nn_import_define_view (graph, first);
      return TRUE;
    }
  for (guint i = 1; i < n; i++)
    {
      const NnImportValue *x = nn_import_layer_input (graph, i, error);
      if (!x)
        return FALSE;
      if (x->n_order > widest->n_order)
        widest = x;
    }
  n_axes = nn_import_natural_axes (graph, widest, axes);
  for (guint i = 0, at = 0; i < n_axes && last >= 0; i++)
    {
      if (axes[i] != (guint)last)
        axes[at++] = axes[i];
      if (i + 1 == n_axes)
        axes[at] = (guint)last;
    }
  g_autofree guint *layers = g_new (guint, n);
  for (guint i = 0; i < n; i++)
    {
      const NnImportValue *x = nn_import_layer_input (graph, i, error);
      NnImportValue wide = *x;
      if (x->rank != widest->rank)
        return nn_import_unsupported (graph, error, _ ("its inputs have different axes."));
      if ((last < 0 && !broadcast (graph, x, widest, &wide, error))
          || !nn_import_arrange (graph, &wide, axes, n_axes, &layers[i], error))
        return FALSE;
    }
  if (!chain (graph, type, layers, n, &layer, error))
    return FALSE;
  const NnImportValue y = nn_import_view (graph, layer, axes, widest->rank,
                                          (guint)MAX (nn_import_batch_axis (widest), 0));
  nn_import_define (graph, 0, &y);
  return TRUE;
}

static gboolean
op_concat (NnImportGraph *graph, GError **error)
{
  const NnImportValue *x = nn_import_layer_input_as_is (graph, 0, error);
  guint axis;
  if (!x || !nn_import_axis (graph, nn_import_int (graph, "axis", 1), x->rank, &axis, error))
    return FALSE;
  if ((gint)axis == nn_import_batch_axis (x))
    return nn_import_unsupported (graph, error, _ ("it mixes samples of a batch with each other."));
  return merge (graph, "concatenate", (gint)axis, error);
}

/* Means of more than a layer's inputs are no means of means. */
static gboolean
op_mean (NnImportGraph *graph, GError **error)
{
  if (graph->node->n_input > MERGE_PORTS)
    return nn_import_unsupported (graph, error, _ ("the mean of more than %d inputs is not there."),
                                  MERGE_PORTS);
  return merge (graph, "average", -1, error);
}

static gboolean
op_max (NnImportGraph *graph, GError **error)
{
  return merge (graph, "maximum", -1, error);
}

/* Which of two inputs is fixed: 0 or 1, -1: neither, -2 and error: both cannot be had. */
static gint
fixed_input (NnImportGraph *graph, GError **error)
{
  const NnImportValue *a = nn_import_input (graph, 0, error);
  const NnImportValue *b = a ? nn_import_input (graph, 1, error) : NULL;
  if (!b)
    return -2;
  return a->constant ? 0 : b->constant ? 1 : -1;
}

static gboolean
op_add (NnImportGraph *graph, GError **error)
{
  if (graph->node->n_input != 2)
    return merge (graph, "add", -1, error);
  const gint fixed = fixed_input (graph, error);
  if (fixed == -2)
    return FALSE;
  if (fixed < 0)
    return merge (graph, "add", -1, error);
  const NnImportValue *x = nn_import_layer_input (graph, 1 - (guint)fixed, error);
  return x
         && with_constant (graph, x, nn_import_constant_input (graph, (guint)fixed, error), NULL,
                           itself, NULL, error);
}

static gboolean
op_mul (NnImportGraph *graph, GError **error)
{
  const gint fixed = fixed_input (graph, error);
  if (fixed == -2)
    return FALSE;
  if (fixed < 0)
    return merge (graph, "multiply", -1, error);
  const NnImportValue *x = nn_import_layer_input (graph, 1 - (guint)fixed, error);
  return x
         && with_constant (graph, x, nn_import_constant_input (graph, (guint)fixed, error), itself,
                           NULL, NULL, error);
}

static gboolean
op_div (NnImportGraph *graph, GError **error)
{
  if (fixed_input (graph, error) != 1)
    return !*error && nn_import_unsupported (graph, error, _ ("only fixed numbers can divide."));
  const NnImportValue *x = nn_import_layer_input (graph, 0, error);
  return x
         && with_constant (graph, x, nn_import_constant_input (graph, 1, error), inverse, NULL,
                           NULL, error);
}

/* a - b; of a fixed a, -b + a. */
static gboolean
op_sub (NnImportGraph *graph, GError **error)
{
  static const float minus = -1;
  const gint fixed = fixed_input (graph, error);
  if (fixed == -2)
    return FALSE;
  if (fixed < 0)
    return nn_import_unsupported (graph, error, _ ("the difference of two values is not there."));
  const NnImportValue *x = nn_import_layer_input (graph, 1 - (guint)fixed, error);
  return x
         && with_constant (graph, x, nn_import_constant_input (graph, (guint)fixed, error), NULL,
                           fixed == 1 ? negative : itself, fixed == 1 ? NULL : &minus, error);
}

/* ---- features ---- */

/* y = x W + b over one axis of x; W (F, U) or turned round, b (U) or one number or NULL. */
static gboolean
dense (NnImportGraph *graph, const NnImportValue *x, guint axis, const NnImportConstant *w,
       gboolean turned, float alpha, const NnImportConstant *b, float beta, GError **error)
{
  guint axes[NN_IMPORT_MAX_AXES], n, layer;
  g_autofree gsize *index = NULL;
  NnImportValue seen;
  if (w->rank != 2 || w->endless)
    return nn_import_unsupported (graph, error, _ ("its weights should be a matrix."));
  const gint64 units = w->dim[turned ? 0 : 1], features = w->dim[turned ? 1 : 0];
  if (features != nn_import_dim (x, axis))
    return nn_import_bad (graph, error,
                          _ ("its weights are for %" PRId64 " values, but %" PRId64 " come in."),
                          features, nn_import_dim (x, axis));
  if (b && b->n != 1 && b->n != (gsize)units)
    return nn_import_unsupported (graph, error, _ ("its bias should be %" PRId64 " numbers."),
                                  units);
  g_autofree char *params =
      g_strdup_printf ("units=%" PRId64 " activation=linear bias=%s", units, b ? "true" : "false");
  if (!nn_import_features (graph, x, axis, &seen, axes, &n, &index, error)
      || !nn_import_add_one (graph, "dense", params, seen.layer, &layer, error))
    return FALSE;
  g_autoptr (NnTensor) kernel = nn_tensor_new (&nn_shape (features, units));
  for (gsize i = 0; i < (gsize)features; i++)
    for (gsize k = 0; k < (gsize)units; k++)
      {
        const gsize row = index ? index[i] : i;
        const gsize at = turned ? k * (gsize)features + row : row * (gsize)units + k;
        kernel->data[i * (gsize)units + k] = alpha * (float)nn_import_number (w, at);
      }
  nn_import_add_weight (graph, layer, "kernel", kernel);
  if (b)
    {
      g_autofree float *bias = g_new (float, units);
      for (gsize k = 0; k < (gsize)units; k++)
        bias[k] = beta * (float)nn_import_number (b, b->n == 1 ? 0 : k);
      nn_import_add_vector (graph, layer, "bias", bias, (gsize)units);
    }
  const NnImportValue y =
      nn_import_view (graph, layer, axes, x->rank, (guint)nn_import_batch_axis (x));
  nn_import_define (graph, 0, &y);
  return TRUE;
}

static gboolean
op_gemm (NnImportGraph *graph, GError **error)
{
  const NnImportValue *x = nn_import_layer_input (graph, 0, error);
  const NnImportConstant *w = x ? nn_import_constant_input (graph, 1, error) : NULL, *b = NULL;
  if (!w || (nn_import_has_input (graph, 2) && !(b = nn_import_constant_input (graph, 2, error))))
    return FALSE;
  if (nn_import_int (graph, "transA", 0) != 0 || x->rank != 2 || nn_import_batch_axis (x) != 0)
    return nn_import_unsupported (graph, error, _ ("its first input should be a row a sample."));
  return dense (graph, x, 1, w, nn_import_int (graph, "transB", 0) != 0,
                nn_import_float (graph, "alpha", 1), b, nn_import_float (graph, "beta", 1), error);
}

static gboolean
op_matmul (NnImportGraph *graph, GError **error)
{
  const NnImportValue *x = nn_import_layer_input (graph, 0, error);
  const NnImportConstant *w = x ? nn_import_constant_input (graph, 1, error) : NULL;
  return w && dense (graph, x, x->rank - 1, w, FALSE, 1, NULL, 0, error);
}

/* A vector with one number for each of `size` features, in the order of memory. */
static gboolean
add_feature_vector (NnImportGraph *graph, guint layer, const char *name,
                    const NnImportConstant *constant, gsize size, const gsize *index,
                    GError **error)
{
  if (constant->endless || constant->n != size)
    return nn_import_bad (graph, error, _ ("“%s” should be %zu numbers, but %zu are there."), name,
                          size, constant->n);
  g_autofree float *values = g_new (float, size);
  for (gsize k = 0; k < size; k++)
    values[k] = (float)nn_import_number (constant, index ? index[k] : k);
  nn_import_add_vector (graph, layer, name, values, size);
  return TRUE;
}

static gboolean
op_batch_norm (NnImportGraph *graph, GError **error)
{
  static const char *const names[] = { NULL, "gamma", "beta", "moving-mean", "moving-variance" };
  const NnImportValue *x = nn_import_layer_input (graph, 0, error);
  guint axes[NN_IMPORT_MAX_AXES], n, layer;
  g_autofree gsize *index = NULL;
  NnImportValue seen;
  if (!x || x->rank < 2)
    return x && nn_import_bad (graph, error, _ ("it has no channels to work on."));
  const double epsilon = (double)nn_import_float (graph, "epsilon", 1e-5f);
  const double momentum = (double)nn_import_float (graph, "momentum", 0.9f);
  g_autofree char *params =
      g_strdup_printf ("epsilon=%.9g momentum=%.9g", epsilon, CLAMP (momentum, 0, 0.99999));
  if (!nn_import_features (graph, x, 1, &seen, axes, &n, &index, error)
      || !nn_import_add_one (graph, "batch-norm", params, seen.layer, &layer, error))
    return FALSE;
  for (guint i = 1; i < G_N_ELEMENTS (names); i++)
    {
      const NnImportConstant *constant = nn_import_constant_input (graph, i, error);
      if (!constant
          || !add_feature_vector (graph, layer, names[i], constant, (gsize)nn_import_dim (x, 1),
                                  index, error))
        return FALSE;
    }
  nn_import_define_like (graph, &seen, layer);
  return TRUE;
}

static gboolean
op_layer_norm (NnImportGraph *graph, GError **error)
{
  const NnImportValue *x = nn_import_layer_input (graph, 0, error);
  const NnImportConstant *scale = x ? nn_import_constant_input (graph, 1, error) : NULL, *b = NULL;
  guint axis, axes[NN_IMPORT_MAX_AXES], n, layer;
  g_autofree gsize *index = NULL;
  NnImportValue seen;
  if (!scale
      || (nn_import_has_input (graph, 2) && !(b = nn_import_constant_input (graph, 2, error)))
      || !nn_import_axis (graph, nn_import_int (graph, "axis", -1), x->rank, &axis, error))
    return FALSE;
  if (axis + 1 != x->rank)
    return nn_import_unsupported (graph, error, _ ("only the last axis can be normalised."));
  g_autofree char *params =
      g_strdup_printf ("epsilon=%.9g centre=%s", (double)nn_import_float (graph, "epsilon", 1e-5f),
                       b ? "true" : "false");
  const gsize size = (gsize)nn_import_dim (x, axis);
  if (!nn_import_features (graph, x, axis, &seen, axes, &n, &index, error)
      || !nn_import_add_one (graph, "layer-norm", params, seen.layer, &layer, error)
      || !add_feature_vector (graph, layer, "gamma", scale, size, index, error)
      || (b && !add_feature_vector (graph, layer, "beta", b, size, index, error)))
    return FALSE;
  nn_import_define_like (graph, &seen, layer);
  return TRUE;
}

/* The axis of channels that slopes belong to: a vector in old files, in new ones numbers that meet
 * the values from the end. FALSE where they vary along several. */
static gboolean
axis_of_slopes (const NnImportGraph *graph, const NnImportValue *x, const NnImportConstant *slope,
                guint *axis)
{
  guint varying = 0, place = 0;
  for (guint i = 0; i < slope->rank; i++)
    if (slope->dim[i] != 1)
      {
        varying++;
        place = i;
      }
  *axis = 1;
  if (varying == 1 && slope->rank <= x->rank
      && nn_import_dim (x, x->rank - slope->rank + place) == slope->dim[place])
    *axis = x->rank - slope->rank + place;
  return varying <= 1;
}

/* One number for each value of a sample. */
static gboolean
slopes_of_values (NnImportGraph *graph, const NnImportValue *x, const NnImportConstant *slope,
                  GError **error)
{
  guint axes[NN_IMPORT_MAX_AXES], order[NN_IMPORT_MAX_AXES], from, layer, k = 0;
  const guint n = nn_import_natural_axes (graph, x, axes), behind = x->rank - slope->rank;
  gboolean fits = slope->rank <= x->rank && slope->rank >= n;
  for (guint i = 0; i < n && fits; i++)
    {
      fits = axes[i] >= behind && slope->dim[axes[i] - behind] == nn_import_dim (x, axes[i]);
      order[k++] = axes[i] - behind;
    }
  /* The batch's axis, of size 1, has no place in ours. */
  for (guint i = 0; i < slope->rank && fits && slope->rank > n; i++)
    if ((gint)(i + behind) == nn_import_batch_axis (x))
      order[k++] = i;
  if (!fits || k != slope->rank)
    return nn_import_unsupported (graph, error,
                                  _ ("slopes are one for each channel, or one for each value."));
  if (!nn_import_arrange (graph, x, axes, n, &from, error)
      || !nn_import_add_one (graph, "prelu", "shared=false", from, &layer, error))
    return FALSE;
  g_autoptr (NnTensor) alpha =
      nn_import_permuted (slope, order, &nn_import_layer (graph, layer)->shape);
  nn_import_add_weight (graph, layer, "alpha", alpha);
  const NnImportValue y =
      nn_import_view (graph, layer, axes, x->rank, (guint)MAX (nn_import_batch_axis (x), 0));
  nn_import_define (graph, 0, &y);
  return TRUE;
}

static gboolean
op_prelu (NnImportGraph *graph, GError **error)
{
  const NnImportValue *x = nn_import_layer_input (graph, 0, error);
  const NnImportConstant *slope = x ? nn_import_constant_input (graph, 1, error) : NULL;
  guint axes[NN_IMPORT_MAX_AXES], n, layer, axis;
  g_autofree gsize *index = NULL;
  NnImportValue seen;
  if (!slope || x->rank < 2 || slope->endless || slope->n == 0)
    return slope && nn_import_bad (graph, error, _ ("it has no channels to work on."));
  if (!axis_of_slopes (graph, x, slope, &axis))
    return slopes_of_values (graph, x, slope, error);
  const gsize size = (gsize)nn_import_dim (x, axis);
  if (slope->n != 1 && slope->n != size)
    return nn_import_bad (graph, error, _ ("%zu slopes do not fit %zu channels."), slope->n, size);
  if (!nn_import_features (graph, x, axis, &seen, axes, &n, &index, error)
      || !nn_import_add_one (graph, "prelu", "shared=true", seen.layer, &layer, error))
    return FALSE;
  g_autofree float *values = g_new (float, size);
  for (gsize k = 0; k < size; k++)
    values[k] = (float)nn_import_number (slope, slope->n == 1 ? 0 : index ? index[k] : k);
  nn_import_add_vector (graph, layer, "alpha", values, size);
  nn_import_define_like (graph, &seen, layer);
  return TRUE;
}

const NnImportOp nn_import_ops[] = {
  { "Relu", op_activation },
  { "LeakyRelu", op_activation },
  { "Elu", op_activation },
  { "Sigmoid", op_activation },
  { "Tanh", op_activation },
  { "Softplus", op_activation },
  { "Softsign", op_activation },
  { "HardSwish", op_activation },
  { "Selu", op_selu },
  { "Gelu", op_gelu },
  { "Clip", op_clip },
  { "HardSigmoid", op_hard_sigmoid },
  { "Softmax", op_softmax },
  { "LogSoftmax", op_softmax },
  { "PRelu", op_prelu },
  { "Neg", op_neg },
  { "Add", op_add },
  { "Sum", op_add },
  { "Sub", op_sub },
  { "Mul", op_mul },
  { "Div", op_div },
  { "Mean", op_mean },
  { "Max", op_max },
  { "Concat", op_concat },
  { "Gemm", op_gemm },
  { "MatMul", op_matmul },
  { "BatchNormalization", op_batch_norm },
  { "LayerNormalization", op_layer_norm },
  { NULL, NULL },
};

/* ---- all nodes ---- */

static NnImportTranslate
find_op (const char *type)
{
  static const NnImportOp *const tables[] = { nn_import_ops, nn_import_view_ops,
                                              nn_import_window_ops, nn_import_recurrent_ops };
  for (guint t = 0; t < G_N_ELEMENTS (tables); t++)
    for (const NnImportOp *op = tables[t]; op->type; op++)
      if (g_str_equal (op->type, type))
        return op->translate;
  return NULL;
}

static gboolean
translate (NnImportGraph *graph, GError **error)
{
  const Onnx__NodeProto *node = graph->node;
  g_autoptr (GError) problem = NULL;
  if (nn_import_fold (graph, &problem) || (!problem && nn_import_pattern (graph, &problem)))
    return TRUE;
  if (!problem)
    {
      const NnImportTranslate op = find_op (node->op_type);
      if (node->domain && *node->domain && !g_str_equal (node->domain, "ai.onnx"))
        nn_import_unsupported (graph, &problem, _ ("operators of “%s” are not known here."),
                               node->domain);
      else if (!op)
        nn_import_unsupported (graph, &problem, _ ("there is no layer that does this."));
      else if (op (graph, &problem))
        return TRUE;
    }
  g_assert (problem);
  if (!g_error_matches (problem, NN_ERROR, NN_ERROR_UNSUPPORTED))
    {
      g_propagate_error (error, g_steal_pointer (&problem));
      return FALSE;
    }
  /* It may be part of what a later node is understood by, or lead nowhere. */
  for (guint i = 0; i < node->n_output; i++)
    if (!nn_import_find (graph, node->output[i]))
      {
        const NnImportValue none = { .problem = g_error_copy (problem) };
        nn_import_define (graph, i, &none);
      }
  return TRUE;
}

gboolean
nn_import_nodes (NnImportGraph *graph, const NnLoadContext *context, GError **error)
{
  const Onnx__GraphProto *message = graph->graph;
  for (gsize i = 0; i < message->n_node; i++)
    {
      graph->node = message->node[i];
      if (context && g_cancellable_set_error_if_cancelled (context->cancellable, error))
        return FALSE;
      nn_load_progress (context, 0.5 + 0.4 * (double)i / (double)message->n_node);
      for (gsize k = 0; k < graph->node->n_output; k++)
        if (*graph->node->output[k] && nn_import_find (graph, graph->node->output[k]))
          {
            g_autofree char *name = g_utf8_make_valid (graph->node->output[k], -1);
            return nn_import_bad (graph, error, _ ("it gives “%s”, which is there already."), name);
          }
      if (!translate (graph, error))
        return FALSE;
      if (graph->exhausted)
        {
          g_set_error (error, NN_ERROR, NN_ERROR_MEMORY,
                       _ ("%s: the weights of its layers need more memory than a file of its size "
                          "may take."),
                       graph->source);
          return FALSE;
        }
    }
  return TRUE;
}
