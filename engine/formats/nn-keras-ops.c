/* One function for each operation of the program: the layer of Keras that is the same. Keras has
 * channels last, too, and weights in the same order. */
#include "diabolo-config.h"

#include <inttypes.h>
#include <string.h>

#include "base/nn-error.h"
#include "formats/nn-keras.h"

#include <glib/gi18n-lib.h>

#define INT PRId64

void
nn_keras_refuse (NnKeras *keras, const NnOp *op, const char *why)
{
  if (!keras->error)
    g_set_error (&keras->error, NN_ERROR, NN_ERROR_UNSUPPORTED,
                 _ ("“%s” cannot be written for Keras: %s"),
                 nn_export_model_node_title (keras->script.model, op->node), why);
}

static guint
position_of (const NnKeras *keras, const NnOp *op)
{
  return (guint)(op - nn_program_op (keras->script.model->program, 0));
}

static const char *
input (NnKeras *keras, const NnOp *op)
{
  return nn_script_read (&keras->script, op, 0, FALSE);
}

static const NnShape *
in_shape (NnKeras *keras, const NnOp *op)
{
  return nn_script_shape (&keras->script, op->in[0]);
}

static const NnShape *
out_shape (NnKeras *keras, const NnOp *op)
{
  return nn_script_shape (&keras->script, op->out[0]);
}

void
nn_keras_plain (NnKeras *keras, const NnOp *op, const char *layer, const char *arguments)
{
  nn_script_assign (
      &keras->script, op, FALSE,
      nn_script_text (&keras->script, "%s(%s)(%s)", layer, arguments, input (keras, op)));
}

/* ---- layers with weights ---- */

/* Others use what op has. */
static gboolean
is_shared (NnKeras *keras, const NnOp *op)
{
  const NnExportModel *model = keras->script.model;
  for (guint i = 0; i < nn_export_model_n_ops (model); i++)
    {
      const NnOp *other = nn_export_model_op (model, i);
      for (guint k = 0; other != op && k < other->n_weights; k++)
        for (guint j = 0; j < op->n_weights; j++)
          if (other->weight[k] == op->weight[j])
            return TRUE;
    }
  return FALSE;
}

const char *
nn_keras_shared_name (NnKeras *keras, const NnOp *op)
{
  return nn_script_text (&keras->script, "%s_layer", nn_script_layer (&keras->script, op));
}

static gboolean
is_frozen (NnKeras *keras, const NnOp *op)
{
  const NnProgram *program = keras->script.model->program;
  gboolean frozen = TRUE;
  for (guint k = 0; k < op->n_weights; k++)
    frozen = frozen && nn_program_weight (program, op->weight[k])->frozen;
  return frozen;
}

gboolean
nn_keras_apply (NnKeras *keras, const NnOp *op, const NnOp *last, const char *layer,
                const char *arguments, const char *x)
{
  NnScript *script = &keras->script;
  const char *name = nn_script_layer (script, op);
  g_autofree char *key = g_strconcat (layer, arguments, NULL);
  const gboolean made = nn_script_is_new (script, op, key);
  if (!g_str_equal (name, nn_script_layer (script, op)))
    nn_keras_refuse (keras, op,
                     _ ("it shares its weights with a layer that is different otherwise."));
  const char *text = nn_script_text (script, "%s(%s%sname=\"%s\")", layer, arguments,
                                     is_frozen (keras, op) ? "trainable=False, " : "", name);
  if (is_shared (keras, op))
    {
      if (made)
        g_string_append_printf (script->body, "%s = %s\n", nn_keras_shared_name (keras, op), text);
      text = nn_keras_shared_name (keras, op);
    }
  nn_script_assign (script, last, FALSE, nn_script_text (script, "%s(%s)", text, x));
  return made;
}

void
nn_keras_add_weight (NnKeras *keras, const NnOp *op, guint k, const char *name,
                     const NnShape *shape)
{
  NnScript *script = &keras->script;
  const char *full = nn_script_text (script, "%s/%s", nn_script_layer (script, op), name);
  nn_script_add_weight (script, op, k, full, shape, NULL, shape);
}

static void
add_plain_weight (NnKeras *keras, const NnOp *op, guint k, const char *name)
{
  nn_keras_add_weight (keras, op, k, name,
                       &nn_program_weight (keras->script.model->program, op->weight[k])->shape);
}

static const char *const initialisers[NN_N_INITS] = {
  [NN_INIT_ZEROS] = "zeros",
  [NN_INIT_ONES] = "ones",
  [NN_INIT_GLOROT_UNIFORM] = "glorot_uniform",
  [NN_INIT_GLOROT_NORMAL] = "glorot_normal",
  [NN_INIT_HE_UNIFORM] = "he_uniform",
  [NN_INIT_HE_NORMAL] = "he_normal",
  [NN_INIT_LECUN_NORMAL] = "lecun_normal",
  [NN_INIT_RANDOM_NORMAL] = "random_normal",
  [NN_INIT_RANDOM_UNIFORM] = "random_uniform",
  [NN_INIT_ORTHOGONAL] = "orthogonal",
};

const char *
nn_keras_weight_options (NnKeras *keras, const NnOp *op, guint k, const char *name, NnInit standard)
{
  NnScript *script = &keras->script;
  const NnWeight *weight = nn_program_weight (script->model->program, op->weight[k]);
  const char *start = "", *penalty = "";
  if (weight->init != standard)
    start = nn_script_text (script, "%s_initializer=\"%s\", ", name, initialisers[weight->init]);
  if (weight->l1 > 0 || weight->l2 > 0)
    penalty =
        nn_script_text (script, "%s_regularizer=keras.regularizers.L1L2(%s, %s), ", name,
                        nn_script_float (script, weight->l1), nn_script_float (script, weight->l2));
  return nn_script_text (script, "%s%s", start, penalty);
}

/* ---- activations ---- */

static const char *const activations[NN_N_ACTIVATIONS] = {
  [NN_ACTIVATION_LINEAR] = "\"linear\"",     [NN_ACTIVATION_RELU] = "\"relu\"",
  [NN_ACTIVATION_SIGMOID] = "\"sigmoid\"",   [NN_ACTIVATION_TANH] = "\"tanh\"",
  [NN_ACTIVATION_SOFTPLUS] = "\"softplus\"", [NN_ACTIVATION_SELU] = "\"selu\"",
  [NN_ACTIVATION_GELU] = "\"gelu\"",         [NN_ACTIVATION_SILU] = "\"silu\"",
  [NN_ACTIVATION_RELU6] = "\"relu6\"",       [NN_ACTIVATION_HARD_SWISH] = "\"hard_silu\"",
  [NN_ACTIVATION_SOFTSIGN] = "\"softsign\"", [NN_ACTIVATION_LOG_SOFTMAX] = "\"log_softmax\"",
  [NN_ACTIVATION_SOFTMAX] = "\"softmax\"",   [NN_ACTIVATION_HARD_SIGMOID] = "hard_sigmoid",
};

const char *
nn_keras_activation (NnActivation function)
{
  return activations[function];
}

static void
activation (NnKeras *keras, const NnOp *op)
{
  const NnActivationAttrs *a = op->attrs;
  NnScript *script = &keras->script;
  const char *alpha = nn_script_float (script, a->alpha);
  if (a->function == NN_ACTIVATION_LEAKY_RELU)
    nn_keras_plain (keras, op, "layers.LeakyReLU",
                    nn_script_text (script, "negative_slope=%s", alpha));
  else if (a->function == NN_ACTIVATION_ELU)
    nn_keras_plain (keras, op, "layers.ELU", nn_script_text (script, "alpha=%s", alpha));
  else
    nn_keras_plain (keras, op, "layers.Activation", activations[a->function]);
}

const NnOp *
nn_keras_next (const NnKeras *keras, const NnOp *op, guint n)
{
  const NnExportModel *model = keras->script.model;
  for (guint i = 0; i + n < nn_export_model_n_ops (model); i++)
    if (nn_export_model_op (model, i) == op)
      return nn_export_model_op (model, i + n);
  return NULL;
}

void
nn_keras_set_done (NnKeras *keras, const NnOp *op)
{
  keras->done[position_of (keras, op)] = TRUE;
}

/* The same for a layer that takes in the activation behind it, where that has no parameter. */
static gboolean
apply_activated (NnKeras *keras, const NnOp *op, const char *layer, const char *arguments)
{
  NnScript *script = &keras->script;
  const NnOp *next = nn_keras_next (keras, op, 1);
  const NnActivationAttrs *a = next ? next->attrs : NULL;
  const gboolean takes = next && next->type == &nn_op_activation && next->node == op->node
                         && next->in[0] == op->out[0] && activations[a->function];
  const char *x = input (keras, op);
  if (takes)
    nn_keras_set_done (keras, next);
  const char *end =
      takes ? nn_script_text (script, "activation=%s, ", activations[a->function]) : "";
  return nn_keras_apply (keras, op, takes ? next : op, layer,
                         nn_script_text (script, "%s%s%s", arguments, end,
                                         op->n_weights > 1 ? "" : "use_bias=False, "),
                         x);
}

/* The layer whose kernel op uses turned round; NULL where it has its own. It must stand before. */
static const char *
tied_to (NnKeras *keras, const NnOp *op)
{
  const NnOp *owner = nn_script_owner (&keras->script, op, 0);
  if (owner == op
      || g_str_equal (nn_script_layer (&keras->script, owner),
                      nn_script_layer (&keras->script, op)))
    return NULL;
  if (owner > op)
    nn_keras_refuse (keras, op, _ ("it uses the weights of a layer that comes behind it."));
  return nn_keras_shared_name (keras, owner);
}

/* ---- sums of products ---- */

static void
linear (NnKeras *keras, const NnOp *op)
{
  static const guint turn[] = { 1, 0 };
  NnScript *script = &keras->script;
  const NnShape *out = out_shape (keras, op);
  const NnShape *kernel = &nn_program_weight (script->model->program, op->weight[0])->shape;
  const gboolean transposed = ((const NnLinearAttrs *)op->attrs)->transposed;
  const char *other = tied_to (keras, op);
  const gint64 units = out->dim[out->rank - 1];
  if (other)
    {
      if (apply_activated (keras, op, "TiedDense",
                           nn_script_text (script, "%s, %" INT ", ", other, units))
          && op->n_weights > 1)
        add_plain_weight (keras, op, 1, "bias");
      return;
    }
  if (!apply_activated (keras, op, "layers.Dense",
                        nn_script_text (script, "%" INT ", %s", units,
                                        nn_keras_weight_options (keras, op, 0, "kernel",
                                                                 NN_INIT_GLOROT_UNIFORM))))
    return;
  /* The decoder by itself, whose kernel is kept as the encoder has it. */
  if (transposed)
    nn_script_add_weight (script, op, 0,
                          nn_script_text (script, "%s/kernel", nn_script_layer (script, op)),
                          kernel, turn, &nn_shape (kernel->dim[1], kernel->dim[0]));
  else
    add_plain_weight (keras, op, 0, "kernel");
  if (op->n_weights > 1)
    add_plain_weight (keras, op, 1, "bias");
}

/* "name=2, ", or nothing for 1 */
static const char *
option (NnKeras *keras, gint rank, const char *name, gint64 h, gint64 w)
{
  if ((rank < 3 || h == 1) && w == 1)
    return "";
  return nn_script_text (&keras->script, "%s=%s, ", name,
                         nn_script_per_axis (&keras->script, rank, h, w));
}

/* One axis is padded as "same" says. */
static gboolean
is_same (gint64 in, gint64 out, gint64 kernel, gint64 stride, gint64 dilation, gint64 before)
{
  const gint64 reach = (out - 1) * stride + (kernel - 1) * dilation + 1;
  return out == (in + stride - 1) / stride && before == MAX (reach - in, 0) / 2;
}

/* Windows reach beyond the image. */
static gboolean
is_padded (NnKeras *keras, const NnOp *op, gint rank)
{
  const NnWindow *w = op->attrs;
  const NnExportMargins m = nn_export_margins (w);
  const gboolean padded = (rank == 3 && m.top + m.bottom > 0) || m.left + m.right > 0;
  if (padded
      && ((rank == 3
           && !is_same (w->in_h, w->out_h, w->kernel_h, w->stride_h, w->dilation_h, w->top))
          || !is_same (w->in_w, w->out_w, w->kernel_w, w->stride_w, w->dilation_w, w->left)))
    nn_keras_refuse (keras, op, _ ("its padding is neither “same” nor “valid”."));
  return padded;
}

/* Strides, padding and dilation. */
static const char *
window_options (NnKeras *keras, const NnOp *op, gint rank)
{
  const NnWindow *w = op->attrs;
  if (MAX (w->stride_h, w->stride_w) > 1 && MAX (w->dilation_h, w->dilation_w) > 1)
    nn_keras_refuse (keras, op, _ ("Keras knows strides and dilation, but not both in a layer."));
  return nn_script_text (&keras->script, "%s%s%s",
                         option (keras, rank, "strides", w->stride_h, w->stride_w),
                         is_padded (keras, op, rank) ? "padding=\"same\", " : "",
                         option (keras, rank, "dilation_rate", w->dilation_h, w->dilation_w));
}

static gboolean
is_depthwise (NnKeras *keras, const NnOp *op)
{
  return g_str_equal (nn_program_weight (keras->script.model->program, op->weight[0])->name,
                      "depthwise-kernel");
}

static void
add_kernel_and_bias (NnKeras *keras, const NnOp *op, gint rank)
{
  const NnWindow *w = op->attrs;
  const NnShape image = nn_shape (w->kernel_h, w->kernel_w, w->in_c / w->groups, w->out_c);
  const NnShape depthwise =
      nn_shape (w->kernel_h, w->kernel_w, w->in_c, w->out_c / MAX (w->in_c, 1));
  const NnShape sequence = nn_shape (w->kernel_w, w->in_c / w->groups, w->out_c);
  nn_keras_add_weight (keras, op, 0, "kernel",
                       is_depthwise (keras, op) ? &depthwise : (rank == 3 ? &image : &sequence));
  if (op->n_weights > 1)
    add_plain_weight (keras, op, 1, "bias");
}

/* A convolution that uses the kernel of one the other way. */
static void
tied_conv (NnKeras *keras, const NnOp *op, const char *other, gint64 filters)
{
  NnScript *script = &keras->script;
  const NnWindow *w = op->attrs;
  if (MAX (w->dilation_h, w->dilation_w) > 1)
    nn_keras_refuse (keras, op, _ ("it uses the weights of another layer and is dilated."));
  const char *text =
      nn_script_text (script, "%s, %" INT ", transposed=%s, strides=%s, padding=\"%s\", ", other,
                      filters, op->type == &nn_op_conv2d ? "False" : "True",
                      nn_script_per_axis (script, 3, w->stride_h, w->stride_w),
                      is_padded (keras, op, 3) ? "same" : "valid");
  if (apply_activated (keras, op, "TiedConv2D", text) && op->n_weights > 1)
    add_plain_weight (keras, op, 1, "bias");
}

static void
conv (NnKeras *keras, const NnOp *op)
{
  NnScript *script = &keras->script;
  const NnWindow *w = op->attrs;
  const gint rank = in_shape (keras, op)->rank;
  const gboolean transposed = op->type == &nn_op_conv2d_transpose;
  const gboolean depthwise = is_depthwise (keras, op);
  const char *other = tied_to (keras, op);
  const gint64 filters = transposed ? w->in_c : w->out_c;
  if (other)
    {
      tied_conv (keras, op, other, filters);
      return;
    }
  const char *kernel = nn_script_per_axis (script, rank, w->kernel_h, w->kernel_w);
  const char *groups = w->groups > 1 && !depthwise
                           ? nn_script_text (script, "groups=%" INT ", ", (gint64)w->groups)
                           : "";
  const gint64 multiplier = w->out_c / w->in_c;
  const char *size =
      !depthwise
          ? nn_script_text (script, "%" INT ", %s, ", filters, kernel)
          : nn_script_text (script, multiplier > 1 ? "%s, depth_multiplier=%" INT ", " : "%s, ",
                            kernel, multiplier);
  const char *text =
      nn_script_text (script, "%s%s%s%s", size, window_options (keras, op, rank), groups,
                      nn_keras_weight_options (keras, op, 0, depthwise ? "depthwise" : "kernel",
                                               NN_INIT_GLOROT_UNIFORM));
  const char *layer = depthwise    ? "layers.DepthwiseConv2D"
                      : transposed ? "layers.Conv2DTranspose"
                      : rank == 3  ? "layers.Conv2D"
                                   : "layers.Conv1D";
  if (apply_activated (keras, op, layer, text))
    add_kernel_and_bias (keras, op, rank);
}

/* ---- pooling and size ---- */

static void
pool (NnKeras *keras, const NnOp *op)
{
  NnScript *script = &keras->script;
  const NnWindow *w = op->attrs;
  const gint rank = in_shape (keras, op)->rank;
  const char *kind = op->type == &nn_op_max_pool ? "Max" : "Average";
  if (out_shape (keras, op)->rank < rank)
    {
      nn_keras_plain (keras, op,
                      nn_script_text (script, "layers.Global%sPooling%dD", kind, rank - 1), "");
      return;
    }
  if (w->dilation_h > 1 || w->dilation_w > 1)
    nn_keras_refuse (keras, op, _ ("its pooling has no dilation."));
  const gboolean own = w->stride_w != w->kernel_w || (rank == 3 && w->stride_h != w->kernel_h);
  nn_keras_plain (
      keras, op, nn_script_text (script, "layers.%sPooling%dD", kind, rank - 1),
      nn_script_text (script, "%s%s%s%s",
                      nn_script_per_axis (script, rank, w->kernel_h, w->kernel_w),
                      own ? ", strides=" : "",
                      own ? nn_script_per_axis (script, rank, w->stride_h, w->stride_w) : "",
                      is_padded (keras, op, rank) ? ", padding=\"same\"" : ""));
}

static void
resize (NnKeras *keras, const NnOp *op)
{
  NnScript *script = &keras->script;
  const NnResizeAttrs *a = op->attrs;
  const char *bilinear = a->bilinear ? ", interpolation=\"bilinear\"" : "";
  if (a->out_h % a->in_h == 0 && a->out_w % a->in_w == 0)
    nn_keras_plain (
        keras, op, "layers.UpSampling2D",
        nn_script_text (script, "%s%s",
                        nn_script_per_axis (script, 3, a->out_h / a->in_h, a->out_w / a->in_w),
                        bilinear));
  else
    nn_keras_plain (keras, op, "layers.Resizing",
                    nn_script_text (script, "%" INT ", %" INT "%s", a->out_h, a->out_w,
                                    a->bilinear ? bilinear : ", interpolation=\"nearest\""));
}

/* A border is added where it is positive, then cut off where it is negative. */
static void
pad (NnKeras *keras, const NnOp *op)
{
  NnScript *script = &keras->script;
  const NnPadAttrs *a = op->attrs;
  const gint64 bottom = a->out_h - a->in_h - a->top, right = a->out_w - a->in_w - a->left;
  const char *x = input (keras, op);
  if (MAX (MAX (a->top, bottom), MAX (a->left, right)) > 0)
    x = nn_script_text (script,
                        "layers.ZeroPadding2D(((%" INT ", %" INT "), (%" INT ", %" INT ")))(%s)",
                        MAX (a->top, 0), MAX (bottom, 0), MAX (a->left, 0), MAX (right, 0), x);
  if (MIN (MIN (a->top, bottom), MIN (a->left, right)) < 0)
    x = nn_script_text (script,
                        "layers.Cropping2D(((%" INT ", %" INT "), (%" INT ", %" INT ")))(%s)",
                        MAX (-a->top, 0), MAX (-bottom, 0), MAX (-a->left, 0), MAX (-right, 0), x);
  nn_script_assign (script, op, FALSE, x);
}

/* ---- value by value, normalisation ---- */

static void
prelu (NnKeras *keras, const NnOp *op)
{
  NnScript *script = &keras->script;
  const NnShape *slopes = &nn_program_weight (script->model->program, op->weight[0])->shape;
  const gint rank = in_shape (keras, op)->rank;
  const gboolean shared = slopes->rank < rank;
  gint64 axes[NN_MAX_RANK] = { 0 };
  NnShape shape = *slopes;
  for (gint i = 0; shared && i < rank; i++)
    {
      axes[i] = i + 1;
      shape.dim[i] = i + 1 < rank ? 1 : slopes->dim[0];
    }
  shape.rank = rank;
  if (nn_keras_apply (keras, op, op, "layers.PReLU",
                      shared ? nn_script_text (script, "shared_axes=(%s), ",
                                               nn_script_sizes (script, axes, rank - 1))
                             : "",
                      input (keras, op)))
    nn_keras_add_weight (keras, op, 0, "alpha", &shape);
}

static const char *
scale_and_centre (gboolean scale, gboolean centre)
{
  return scale && centre ? ""
         : scale         ? "center=False, "
         : centre        ? "scale=False, "
                         : "center=False, scale=False, ";
}

static void
add_scale_and_centre (NnKeras *keras, const NnOp *op, guint k, gboolean scale, gboolean centre)
{
  if (scale)
    add_plain_weight (keras, op, k++, "gamma");
  if (centre)
    add_plain_weight (keras, op, k, "beta");
}

static void
batch_norm (NnKeras *keras, const NnOp *op)
{
  NnScript *script = &keras->script;
  const NnBatchNormAttrs *a = op->attrs;
  const char *text =
      nn_script_text (script, "momentum=%s, epsilon=%s, %s", nn_script_float (script, a->momentum),
                      nn_script_float (script, a->epsilon), scale_and_centre (a->scale, a->centre));
  if (!nn_keras_apply (keras, op, op, "layers.BatchNormalization", text, input (keras, op)))
    return;
  add_scale_and_centre (keras, op, NN_BATCH_NORM_SCALE, a->scale, a->centre);
  add_plain_weight (keras, op, NN_BATCH_NORM_MEAN, "moving_mean");
  add_plain_weight (keras, op, NN_BATCH_NORM_VARIANCE, "moving_variance");
}

static void
layer_norm (NnKeras *keras, const NnOp *op)
{
  NnScript *script = &keras->script;
  const NnLayerNormAttrs *a = op->attrs;
  const char *text = nn_script_text (script, "epsilon=%s, %s", nn_script_float (script, a->epsilon),
                                     scale_and_centre (a->scale, a->centre));
  if (nn_keras_apply (keras, op, op, "layers.LayerNormalization", text, input (keras, op)))
    add_scale_and_centre (keras, op, 0, a->scale, a->centre);
}

/* ---- several inputs, order and repetition ---- */

static const struct
{
  const NnOpType *type;
  const char *layer;
} merges[] = {
  { &nn_op_add, "Add" },
  { &nn_op_average, "Average" },
  { &nn_op_multiply, "Multiply" },
  { &nn_op_maximum, "Maximum" },
  { &nn_op_concatenate, "Concatenate" },
};

static void
merge (NnKeras *keras, const NnOp *op)
{
  NnScript *script = &keras->script;
  g_autoptr (GString) text = g_string_new (NULL);
  guint i = 0;
  while (merges[i].type != op->type)
    i++;
  for (guint k = 0; k < op->n_in; k++)
    g_string_append_printf (text, "%s%s", k ? ", " : "", nn_script_read (script, op, k, FALSE));
  nn_script_assign (script, op, FALSE,
                    nn_script_text (script, "layers.%s()([%s])", merges[i].layer, text->str));
}

static void
reshape (NnKeras *keras, const NnOp *op)
{
  NnScript *script = &keras->script;
  const NnShape *out = out_shape (keras, op);
  if (out->rank == 1)
    nn_keras_plain (keras, op, "layers.Flatten", "");
  else
    nn_keras_plain (keras, op, "layers.Reshape",
                    nn_script_text (script, "(%s)", nn_script_sizes (script, out->dim, out->rank)));
}

static void
permute (NnKeras *keras, const NnOp *op)
{
  NnScript *script = &keras->script;
  const NnPermuteAttrs *a = op->attrs;
  gint64 order[NN_MAX_RANK] = { 0 };
  const gint rank = out_shape (keras, op)->rank;
  for (gint i = 0; i < rank; i++)
    order[i] = (gint64)a->order[i] + 1;
  nn_keras_plain (keras, op, "layers.Permute",
                  nn_script_text (script, "(%s)", nn_script_sizes (script, order, rank)));
}

static void
repeat (NnKeras *keras, const NnOp *op)
{
  nn_keras_plain (keras, op, "layers.RepeatVector",
                  nn_script_text (&keras->script, "%" INT, out_shape (keras, op)->dim[0]));
}

/* ---- choices among vectors ---- */

static void
embedding (NnKeras *keras, const NnOp *op)
{
  NnScript *script = &keras->script;
  const NnEmbeddingAttrs *a = op->attrs;
  const char *x = input (keras, op);
  x = a->one_hot ? nn_script_text (script, "LargestOf()(%s)", x)
                 : nn_script_text (script, "RowNumbers(%" INT ")(%s)", a->entries, x);
  const char *text =
      nn_script_text (script, "%" INT ", %" INT ", %s", a->entries, a->units,
                      nn_keras_weight_options (keras, op, 0, "embeddings", NN_INIT_RANDOM_UNIFORM));
  if (nn_keras_apply (keras, op, op, "layers.Embedding", text, x))
    add_plain_weight (keras, op, 0, "embeddings");
}

static void
quantize (NnKeras *keras, const NnOp *op)
{
  NnScript *script = &keras->script;
  const NnQuantizeAttrs *a = op->attrs;
  const NnWeight *codebook = nn_program_weight (script->model->program, op->weight[0]);
  const char *text =
      nn_script_text (script, "%" INT ", beta=%s, initializer=\"%s\", ", codebook->shape.dim[0],
                      nn_script_float (script, a->beta), initialisers[codebook->init]);
  if (nn_keras_apply (keras, op, op, "VectorQuantizer", text, input (keras, op)))
    add_plain_weight (keras, op, 0, "codebook");
}

static void
loss (NnKeras *keras, const NnOp *op)
{
  const guint position = position_of (keras, op);
  g_array_append_val (keras->losses, position);
}

/* ---- the table ---- */

static const struct
{
  const NnOpType *type;
  void (*translate) (NnKeras *keras, const NnOp *op);
} translations[] = {
  { &nn_op_linear, linear },
  { &nn_op_conv2d, conv },
  { &nn_op_conv2d_transpose, conv },
  { &nn_op_max_pool, pool },
  { &nn_op_average_pool, pool },
  { &nn_op_resize, resize },
  { &nn_op_pad, pad },
  { &nn_op_activation, activation },
  { &nn_op_prelu, prelu },
  { &nn_op_batch_norm, batch_norm },
  { &nn_op_batch_norm_kept, batch_norm },
  { &nn_op_layer_norm, layer_norm },
  { &nn_op_add, merge },
  { &nn_op_average, merge },
  { &nn_op_multiply, merge },
  { &nn_op_maximum, merge },
  { &nn_op_concatenate, merge },
  { &nn_op_reshape, reshape },
  { &nn_op_permute, permute },
  { &nn_op_repeat, repeat },
  { &nn_op_embedding, embedding },
  { &nn_op_quantize, quantize },
  { &nn_op_lstm, nn_keras_recurrent },
  { &nn_op_gru, nn_keras_recurrent },
  { &nn_op_simple_rnn, nn_keras_recurrent },
  { &nn_op_dropout, nn_keras_dropout },
  { &nn_op_spatial_dropout, nn_keras_dropout },
  { &nn_op_gaussian_noise, nn_keras_noise },
  { &nn_op_salt_and_pepper, nn_keras_noise },
  { &nn_op_mask_out, nn_keras_noise },
  { &nn_op_augment, nn_keras_noise },
  { &nn_op_sampling, nn_keras_sampling },
  { &nn_op_activity_penalty, nn_keras_activity_penalty },
  { &nn_op_kl_sparsity, nn_keras_kl_sparsity },
  { &nn_op_contractive, nn_keras_contractive },
  { &nn_op_loss, loss },
};

void
nn_keras_add_op (NnKeras *keras, const NnOp *op)
{
  if (keras->done[position_of (keras, op)])
    return;
  for (guint i = 0; i < G_N_ELEMENTS (translations); i++)
    if (translations[i].type == op->type)
      {
        translations[i].translate (keras, op);
        return;
      }
  nn_keras_refuse (keras, op, _ ("there is no layer for it."));
}
