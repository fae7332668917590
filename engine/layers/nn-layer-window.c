#include "diabolo-config.h"

#include "layers/nn-layer-window.h"

#include <inttypes.h>
#include <glib/gi18n-lib.h>

#include "base/nn-error.h"

const NnChoice nn_padding_choices[] = {
  { "same", N_ ("Same"), N_ ("Zeros around the image: the output is as large as the input") },
  { "valid", N_ ("Valid"), N_ ("No border: the output is smaller by the window") },
  { "by-hand", N_ ("By hand"), N_ ("As much on each side as you say") },
  { NULL },
};

const NnChoice nn_interpolation_choices[] = {
  { "nearest", N_ ("Nearest"), N_ ("Each pixel is repeated") },
  { "bilinear", N_ ("Bilinear"), N_ ("Smooth steps between neighbours") },
  { NULL },
};

gint64
nn_window_channels (const NnShape *in, gint n_axes, GError **error)
{
  if (in->rank == n_axes + 1)
    return in->dim[n_axes];
  g_autofree char *text = nn_shape_to_string (in);
  if (n_axes == 2)
    g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
                 _ ("needs an image (height × width × channels), but gets %s"), text);
  else
    g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
                 _ ("needs a sequence (steps × features), but gets %s"), text);
  return 0;
}

static gint64
int_or (const NnParams *params, const char *name, gint64 otherwise)
{
  return nn_params_spec (params, name) ? nn_params_int (params, name) : otherwise;
}

static void
read_params (NnWindow *window, const NnParams *params, gint n_axes)
{
  const gint64 size = int_or (params, "kernel-size", int_or (params, "pool-size", 1));
  const gint64 width = int_or (params, "kernel-width", int_or (params, "pool-width", 0));
  const gint64 stride = int_or (params, "stride", 1);
  const gint64 across = int_or (params, "stride-width", 0);
  window->kernel_h = n_axes == 2 ? size : 1;
  window->kernel_w = width > 0 ? width : size;
  window->stride_w = across > 0 ? across : stride > 0 ? stride : window->kernel_w;
  window->stride_h = n_axes == 2 ? (stride > 0 ? stride : size) : 1;
  window->dilation_w = int_or (params, "dilation", 1);
  window->dilation_h = n_axes == 2 ? window->dilation_w : 1;
}

/* Padding, before and behind each axis; all 0 where it follows from `same`. */
typedef struct
{
  gboolean same;
  gint64 top, bottom, left, right;
} Pads;

static Pads
read_pads (const NnParams *params, gint n_axes)
{
  const char *padding = nn_params_text (params, "padding");
  Pads pads = { .same = g_str_equal (padding, "same") };
  if (!g_str_equal (padding, "by-hand"))
    return pads;
  pads.left = nn_params_int (params, "pad-left");
  pads.right = nn_params_int (params, "pad-right");
  if (n_axes == 2)
    {
      pads.top = nn_params_int (params, "pad-top");
      pads.bottom = nn_params_int (params, "pad-bottom");
    }
  return pads;
}

/* A window that sees nothing but padding has nothing to say. */
static gboolean
check_pads (const Pads *pads, const NnWindow *window, GError **error)
{
  const gint64 h = (window->kernel_h - 1) * window->dilation_h + 1;
  const gint64 w = (window->kernel_w - 1) * window->dilation_w + 1;
  const gint64 most_rows = MAX (pads->top, pads->bottom), most_cols = MAX (pads->left, pads->right);
  if (most_rows < h && most_cols < w)
    return TRUE;
  g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
               _ ("a padding of %" PRId64 " must be less than the %" PRId64
                  " that the window spans: Zero padding adds more"),
               most_rows < h ? most_cols : most_rows, most_rows < h ? w : h);
  return FALSE;
}

/* out = ceil (in / stride) with the padding that this takes, the odd one behind; or
 * floor ((in + before + behind - reach) / stride) + 1. */
static void
fit_axis (gboolean same, gint64 in, gint64 kernel, gint64 stride, gint64 dilation, gint64 pad,
          gint64 behind, gint64 *out, gint64 *before)
{
  const gint64 reach = (kernel - 1) * dilation + 1;
  if (same)
    {
      *out = (in + stride - 1) / stride;
      *before = MAX ((*out - 1) * stride + reach - in, 0) / 2;
    }
  else
    {
      const gint64 whole = pad + in + behind;
      *out = whole >= reach ? (whole - reach) / stride + 1 : 0;
      *before = pad;
    }
}

static void
fit (NnWindow *window, const Pads *pads)
{
  fit_axis (pads->same, window->in_h, window->kernel_h, window->stride_h, window->dilation_h,
            pads->top, pads->bottom, &window->out_h, &window->top);
  fit_axis (pads->same, window->in_w, window->kernel_w, window->stride_w, window->dilation_w,
            pads->left, pads->right, &window->out_w, &window->left);
}

static gboolean
check_groups (const NnWindow *window, GError **error)
{
  if (window->in_c % window->groups == 0 && window->out_c % window->groups == 0)
    return TRUE;
  g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
               _ ("%" PRId64 " groups must divide the %" PRId64
                  " channels that come in and the %" PRId64 " filters"),
               window->groups, window->in_c, window->out_c);
  return FALSE;
}

gboolean
nn_window_init (NnWindow *window, const NnParams *params, const NnShape *in, gint n_axes,
                gint64 out_c, gint64 groups, GError **error)
{
  *window = (NnWindow){
    .in_h = n_axes == 2 ? in->dim[0] : 1,
    .in_w = in->dim[n_axes - 1],
    .in_c = in->dim[n_axes],
    .out_c = out_c,
    .groups = groups,
  };
  const Pads pads = read_pads (params, n_axes);
  read_params (window, params, n_axes);
  fit (window, &pads);
  if (!check_groups (window, error) || !check_pads (&pads, window, error))
    return FALSE;
  if (window->out_h > 0 && window->out_w > 0)
    return TRUE;
  const gint64 h = (window->kernel_h - 1) * window->dilation_h + 1;
  const gint64 w = (window->kernel_w - 1) * window->dilation_w + 1;
  if (n_axes == 2)
    g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
                 _ ("a window of %" PRId64 "×%" PRId64 " does not fit into an image of %" PRId64
                    "×%" PRId64 " without padding"),
                 h, w, window->in_h, window->in_w);
  else
    g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
                 _ ("a window of %" PRId64 " does not fit into a sequence of "
                    "%" PRId64 " steps without padding"),
                 w, window->in_w);
  return FALSE;
}

/* Keras: in stride, and what the kernel reaches beyond its stride where nothing is cut off. By
 * hand: what the windows cover without what is cut off. */
static gint64
transposed_size (const Pads *pads, gint64 cut, gint64 in, gint64 kernel, gint64 stride,
                 gint64 dilation)
{
  const gint64 reach = (kernel - 1) * dilation + 1;
  if (cut > 0)
    return (in - 1) * stride + reach - cut;
  return in * stride + (pads->same ? 0 : MAX (reach - stride, 0));
}

gboolean
nn_window_init_transposed (NnWindow *window, const NnParams *params, const NnShape *in,
                           gint64 filters, GError **error)
{
  const Pads pads = read_pads (params, 2);
  *window = (NnWindow){ .in_c = filters, .out_c = in->dim[2], .groups = 1 };
  /* Their products must not overflow. */
  if (in->dim[0] > G_MAXINT32 || in->dim[1] > G_MAXINT32)
    {
      g_autofree char *text = nn_shape_to_string (in);
      g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
                   _ ("cannot enlarge an image of %s: a layer may hold 2⁴⁰ values at most"), text);
      return FALSE;
    }
  read_params (window, params, 2);
  if (!check_pads (&pads, window, error))
    return FALSE;
  window->in_h = transposed_size (&pads, pads.top + pads.bottom, in->dim[0], window->kernel_h,
                                  window->stride_h, window->dilation_h);
  window->in_w = transposed_size (&pads, pads.left + pads.right, in->dim[1], window->kernel_w,
                                  window->stride_w, window->dilation_w);
  if (window->in_h < 1 || window->in_w < 1)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
                   _ ("the padding cuts off the whole image of %" PRId64 "×%" PRId64), in->dim[0],
                   in->dim[1]);
      return FALSE;
    }
  fit (window, &pads);
  g_assert (window->out_h == in->dim[0] && window->out_w == in->dim[1]);
  return TRUE;
}

static gboolean
check_size (const NnWindow *window, const NnShape *out, GError **error)
{
  const NnShape kernel =
      nn_shape (window->kernel_h, window->kernel_w, window->in_c / window->groups, window->out_c);
  if (nn_shape_size (out) > 0 && nn_shape_size (&kernel) > 0)
    return TRUE;
  g_autofree char *from = nn_shape_to_string (out), *weights = nn_shape_to_string (&kernel);
  g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
               _ ("would give %s values with a kernel of %s, but a layer may hold 2⁴⁰ numbers at "
                  "most"),
               from, weights);
  return FALSE;
}

gboolean
nn_window_output (const NnWindow *window, gint n_axes, NnShape *out, GError **error)
{
  *out = n_axes == 2 ? nn_shape (window->out_h, window->out_w, window->out_c)
                     : nn_shape (window->out_w, window->out_c);
  return check_size (window, out, error);
}

gboolean
nn_window_input (const NnWindow *window, NnShape *out, GError **error)
{
  *out = nn_shape (window->in_h, window->in_w, window->in_c);
  return check_size (window, out, error);
}

guint
nn_window_lower (const NnParams *params, NnLowering *lowering, const NnOpType *type,
                 gconstpointer attrs, const char *kernel_name, const NnShape *kernel, gboolean bias,
                 guint in, const NnShape *out)
{
  const gint64 field =
      nn_shape_size (kernel) / (kernel->dim[kernel->rank - 1] * kernel->dim[kernel->rank - 2]);
  guint weights[2], value = nn_lowering_value (lowering, out);
  weights[0] = nn_lowering_weight (
      lowering, kernel_name, kernel, nn_params_choice (params, "initialiser"),
      field * kernel->dim[kernel->rank - 2], field * kernel->dim[kernel->rank - 1],
      (float)nn_params_float (params, "l1"), (float)nn_params_float (params, "l2"));
  if (bias)
    {
      const gint64 channels = out->dim[out->rank - 1];
      weights[1] = nn_lowering_weight (lowering, "bias", &nn_shape (channels), NN_INIT_ZEROS,
                                       channels, channels, 0, 0);
    }
  nn_lowering_op (lowering, type, attrs, 1, &in, 1, &value, bias ? 2 : 1, weights);
  return value;
}

void
nn_window_lower_activation (const NnParams *params, NnLowering *lowering, guint value)
{
  NnActivityAttrs activity = { .l1 = (float)nn_params_float (params, "activity-l1") };
  value = nn_lowering_activation (lowering, nn_params_choice (params, "activation"),
                                  (float)nn_params_float (params, "alpha"), value);
  if (activity.l1 > 0)
    {
      const NnShape shape = *nn_lowering_shape (lowering, value);
      value = nn_lowering_unary (lowering, &nn_op_activity_penalty, &activity, value, &shape);
    }
  nn_lowering_output (lowering, 0, value);
}

char *
nn_window_describe (const NnParams *params, gint n_axes, const char *format)
{
  NnWindow window;
  read_params (&window, params, n_axes);
  g_autofree char *size =
      n_axes == 2 ? g_strdup_printf ("%" PRId64 "×%" PRId64, window.kernel_h, window.kernel_w)
                  : g_strdup_printf ("%" PRId64, window.kernel_w);
  g_auto (GStrv) parts = g_strsplit (format, "%s", 2);
  g_autofree char *text = g_strjoinv (size, parts);
  if (!nn_params_spec (params, "activation"))
    return g_steal_pointer (&text);
  return g_strdup_printf ("%s · %s", text, nn_choice_title (params, "activation"));
}

NnParams *
nn_window_match_filters (const NnParams *params, const NnShape *out, const NnShape *wanted,
                         char **label)
{
  NnShape shape = *out;
  if (wanted->rank != out->rank)
    return NULL;
  shape.dim[shape.rank - 1] = wanted->dim[wanted->rank - 1];
  if (!nn_shape_equal (&shape, wanted))
    return NULL;
  NnParams *matched =
      nn_params_with_number (params, "filters", (double)shape.dim[shape.rank - 1], NULL);
  if (matched)
    *label = g_strdup_printf (_ ("Set filters to %" PRId64), shape.dim[shape.rank - 1]);
  return matched;
}

/* ---- pooling ---- */

const NnParamSpec nn_pool2d_params[] = {
  NN_PARAMS_POOL (N_ ("How many pixels, across and down, become one."), NN_WINDOW_MAX),
  NN_PARAMS_PADS,
  NN_PARAM_STRUCTURAL_INT ("pool-width", N_ ("Pool width"),
                           N_ ("Columns of the window where it is not square; 0: as many as "
                               "rows."),
                           0, 0, NN_WINDOW_MAX, NN_PARAM_ADVANCED),
  NN_PARAM_STRIDE_WIDTH,
  { NULL },
};

const NnLayerTest nn_pool2d_tests[] = {
  { "2x2", NULL, { "4x6x3" } },
  { "odd, same", "padding=same", { "5x7x2" } },
  { "odd, valid", NULL, { "5x7x2" } },
  { "overlapping, same", "pool-size=3 stride=2 padding=same", { "6x5x2" } },
  { "overlapping, valid", "pool-size=3 stride=1", { "5x4x2" } },
  { "gaps", "pool-size=2 stride=3", { "7x8x1" } },
  { "larger than the image", "pool-size=5 padding=same", { "3x4x2" } },
  { "padding by hand",
    "pool-size=3 stride=2 padding=by-hand pad-top=1 pad-bottom=1 pad-left=1 pad-right=1",
    { "6x4x2" } },
  { "uneven padding", "pool-size=3 stride=2 padding=by-hand pad-top=2 pad-right=1", { "5x6x2" } },
  { "not square", "pool-size=2 pool-width=1 stride=1 stride-width=2", { "4x5x2" } },
  { "more channels than lanes", NULL, { "2x4x19" } },
  { NULL },
};

static gboolean
pool_window (const NnParams *params, const NnShape *in, gint n_axes, NnWindow *window,
             GError **error)
{
  const gint64 channels = nn_window_channels (in, n_axes, error);
  return channels > 0 && nn_window_init (window, params, in, n_axes, channels, channels, error);
}

gboolean
nn_pool_infer (const NnParams *params, const NnInferContext *context, gint n_axes, NnShape *out,
               GError **error)
{
  NnWindow window;
  return pool_window (params, &context->in[0], n_axes, &window, error)
         && nn_window_output (&window, n_axes, out, error);
}

void
nn_pool_lower (const NnParams *params, NnLowering *lowering, gint n_axes, const NnOpType *type)
{
  guint in = (guint)nn_lowering_input (lowering, 0);
  NnWindow window;
  gboolean fits = pool_window (params, nn_lowering_shape (lowering, in), n_axes, &window, NULL);
  g_assert (fits);
  nn_lowering_output (
      lowering, 0,
      nn_lowering_unary (lowering, type, &window, in, nn_lowering_output_shape (lowering, 0)));
}

NnParams *
nn_window_mirror_pool (const NnParams *params, const NnShape *in, const NnShape *out,
                       const NnLayerType **type)
{
  const gint64 factor = in->dim[0] / out->dim[0];
  if (out->dim[0] * factor == in->dim[0] && out->dim[1] * factor == in->dim[1])
    {
      *type = nn_layer_type ("upsampling2d");
      g_autoptr (NnParams) up = nn_params_new ((*type)->params);
      return nn_params_with_number (up, "size", (double)factor, NULL);
    }
  *type = nn_layer_type ("resize");
  g_autoptr (NnParams) plain = nn_params_new ((*type)->params);
  g_autoptr (NnParams) high = nn_params_with_number (plain, "height", (double)in->dim[0], NULL);
  return high ? nn_params_with_number (high, "width", (double)in->dim[1], NULL) : NULL;
}
