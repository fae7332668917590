/* One function for each operation of the program: the layer of PyTorch that is the same, and the
 * line that applies it. */
#include "formats/nn-torch.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define INT PRId64

/* ---- layers and their weights ---- */

gboolean
nn_torch_make (NnTorch *torch, const NnOp *op, const char *text)
{
  NnScript *script = &torch->script;
  if (!nn_script_is_new (script, op, text))
    return FALSE;
  g_string_append_printf (script->layers, "self.%s = %s\n", nn_script_layer (script, op), text);
  return TRUE;
}

void
nn_torch_draw (NnTorch *torch, const char *how, const char *name)
{
  for (guint i = 0; i < torch->starts->len; i++)
    {
      NnTorchStart *start = &g_array_index (torch->starts, NnTorchStart, i);
      if (!g_str_equal (start->how, how))
        continue;
      g_ptr_array_add (start->names, (gpointer)name);
      return;
    }
  const NnTorchStart start = { how, g_ptr_array_new () };
  g_ptr_array_add (start.names, (gpointer)name);
  g_array_append_val (torch->starts, start);
}

/* Standard deviations are those before values beyond two of them are cut off. */
static const struct
{
  NnInit init;
  const char *function;
  double gain, a, b; /* spread = gain / sqrt (a fan_in + b fan_out) */
} initialisers[] = {
  { NN_INIT_ZEROS, "zeros_", 0, 0, 0 },
  { NN_INIT_ONES, "ones_", 0, 0, 0 },
  { NN_INIT_GLOROT_UNIFORM, "xavier_uniform_", 6, 1, 1 },
  { NN_INIT_GLOROT_NORMAL, "trunc_normal_", 2 / (0.87962566 * 0.87962566), 1, 1 },
  { NN_INIT_HE_UNIFORM, "uniform_", 6, 1, 0 },
  { NN_INIT_HE_NORMAL, "trunc_normal_", 2 / (0.87962566 * 0.87962566), 1, 0 },
  { NN_INIT_LECUN_NORMAL, "trunc_normal_", 1 / (0.87962566 * 0.87962566), 1, 0 },
  { NN_INIT_RANDOM_NORMAL, "normal_", 0.05 * 0.05, 0, 0 },
  { NN_INIT_RANDOM_UNIFORM, "uniform_", 0.05 * 0.05, 0, 0 },
  { NN_INIT_ORTHOGONAL, "orthogonal_", 0, 0, 0 },
};

/* What PyTorch takes the two for, from a weight of that shape. */
static gboolean
has_fans (const NnWeight *weight, const NnShape *shape)
{
  const gint64 place = shape->rank > 2 ? nn_shape_size (shape) / shape->dim[0] / shape->dim[1] : 1;
  return shape->rank >= 2
         && weight->fan_in + weight->fan_out == place * (shape->dim[0] + shape->dim[1]);
}

static void
append_start (NnTorch *torch, const NnWeight *weight, const char *name, const NnShape *shape)
{
  NnScript *script = &torch->script;
  guint i = 0;
  while (initialisers[i].init != weight->init)
    i++;
  const char *function = initialisers[i].function;
  const double fan =
      initialisers[i].a * (double)weight->fan_in + initialisers[i].b * (double)weight->fan_out;
  const float spread = (float)sqrt (initialisers[i].gain / (fan > 0 ? fan : 1));
  const gboolean plain = initialisers[i].gain <= 0
                         || (weight->init == NN_INIT_GLOROT_UNIFORM && has_fans (weight, shape));
  const char *number = nn_script_float (script, spread);
  const char *twice = nn_script_float (script, 2 * spread);
  const char *arguments = "";
  if (plain)
    arguments = "";
  else if (g_str_has_prefix (function, "trunc"))
    arguments = nn_script_text (script, ", 0.0, %s, -%s, %s", number, twice, twice);
  else if (g_str_equal (function, "normal_"))
    arguments = nn_script_text (script, ", 0.0, %s", number);
  else
    arguments = nn_script_text (script, ", -%s, %s", number, number);
  const gboolean other = !plain && weight->init == NN_INIT_GLOROT_UNIFORM;
  nn_torch_draw (
      torch, nn_script_text (script, "nn.init.%s(%%s%s)", other ? "uniform_" : function, arguments),
      name);
  if (weight->ones_end > weight->ones_begin)
    nn_torch_draw (torch, "nn.init.ones_(%s)  # of the forget gate",
                   nn_script_text (script, "%s[%" INT ":%" INT "]", name, weight->ones_begin,
                                   weight->ones_end));
}

NnFileTensor *
nn_torch_add_weight (NnTorch *torch, const NnOp *op, guint k, const char *name, const NnShape *view,
                     const guint *order, const NnShape *shape)
{
  NnScript *script = &torch->script;
  const NnWeight *weight = nn_program_weight (script->model->program, op->weight[k]);
  const NnOp *owner = nn_script_owner (script, op, k);
  const char *full = nn_script_text (script, "%s.%s", nn_script_layer (script, op), name);
  NnFileTensor *tensor = nn_script_add_weight (script, op, k, full, view, order, shape);
  if (owner != op)
    {
      g_string_append_printf (script->ties, "self.%s = self.%s.%s\n", full,
                              nn_script_layer (script, owner), name);
      return tensor;
    }
  if (weight->state)
    return tensor;
  append_start (torch, weight, full, shape);
  if (weight->frozen)
    g_string_append_printf (script->ties, "self.%s.requires_grad_(False)\n", full);
  return tensor;
}

static void
add_plain_weight (NnTorch *torch, const NnOp *op, guint k, const char *name)
{
  const NnShape *shape = &nn_program_weight (torch->script.model->program, op->weight[k])->shape;
  nn_torch_add_weight (torch, op, k, name, shape, NULL, shape);
}

void
nn_torch_add_fixed_weight (NnTorch *torch, const NnOp *op, const char *name, gint64 n, float value)
{
  NnScript *script = &torch->script;
  const char *full = nn_script_text (script, "%s.%s", nn_script_layer (script, op), name);
  g_autoptr (NnTensor) tensor = nn_tensor_new (&nn_shape (n));
  for (gint64 i = 0; i < n; i++)
    tensor->data[i] = value;
  nn_file_tensors_add (script->tensors, full, tensor);
  g_string_append_printf (script->ties, "self.%s.requires_grad_(False)\n", full);
}

void
nn_torch_apply (NnTorch *torch, const NnOp *op, gboolean first, const char *text)
{
  NnScript *script = &torch->script;
  nn_script_define (script, op, first,
                    nn_script_text (script, "self.%s(%s)", nn_script_layer (script, op), text));
}

static const NnShape *
in_shape (NnTorch *torch, const NnOp *op)
{
  return nn_script_shape (&torch->script, op->in[0]);
}

static const NnShape *
out_shape (NnTorch *torch, const NnOp *op)
{
  return nn_script_shape (&torch->script, op->out[0]);
}

/* ---- sums of products ---- */

/* A product over the channels of an image is a convolution of one pixel. */
static void
pixelwise (NnTorch *torch, const NnOp *op, gint64 features, gint64 units, gboolean transposed)
{
  static const guint turn[] = { 1, 0 };
  NnScript *script = &torch->script;
  const NnShape view = transposed ? nn_shape (units, features) : nn_shape (features, units);
  const char *x = nn_script_read (script, op, 0, TRUE);
  if (nn_torch_make (torch, op,
                     nn_script_text (script, "nn.Conv2d(%" INT ", %" INT ", 1%s)", features, units,
                                     op->n_weights > 1 ? "" : ", bias=False")))
    {
      nn_torch_add_weight (torch, op, 0, "weight", &view, transposed ? NULL : turn,
                           &nn_shape (units, features, 1, 1));
      if (op->n_weights > 1)
        add_plain_weight (torch, op, 1, "bias");
    }
  nn_torch_apply (torch, op, TRUE, x);
}

static void
linear (NnTorch *torch, const NnOp *op)
{
  static const guint turn[] = { 1, 0 };
  NnScript *script = &torch->script;
  const gboolean transposed = ((const NnLinearAttrs *)op->attrs)->transposed;
  const NnShape *in = in_shape (torch, op);
  const gint64 features = in->dim[in->rank - 1], units = out_shape (torch, op)->dim[in->rank - 1];
  const NnShape view = transposed ? nn_shape (units, features) : nn_shape (features, units);
  const NnOp *owner = nn_script_owner (script, op, 0);
  const gboolean tied =
      owner->type == op->type && ((const NnLinearAttrs *)owner->attrs)->transposed != transposed;
  const char *no_bias = op->n_weights > 1 ? "" : ", bias=False";
  if (in->rank == 3 && nn_script_is_first (script, op, 0) && owner == op)
    {
      pixelwise (torch, op, features, units, transposed);
      return;
    }
  const char *x = nn_script_read (script, op, 0, FALSE);
  if (tied)
    {
      /* Behind the layer that it is tied to. */
      const char *text = nn_script_text (script, "TiedLinear(self.%s, %" INT "%s)",
                                         nn_script_layer (script, owner), units, no_bias);
      if (nn_script_is_new (script, op, text))
        {
          g_string_append_printf (script->ties, "self.%s = %s\n", nn_script_layer (script, op),
                                  text);
          if (op->n_weights > 1)
            add_plain_weight (torch, op, 1, "bias");
        }
    }
  else if (nn_torch_make (torch, op,
                          nn_script_text (script, "nn.Linear(%" INT ", %" INT "%s)", features,
                                          units, no_bias)))
    {
      nn_torch_add_weight (torch, op, 0, "weight", &view, transposed ? NULL : turn,
                           &nn_shape (units, features));
      if (op->n_weights > 1)
        add_plain_weight (torch, op, 1, "bias");
    }
  nn_torch_apply (torch, op, FALSE, x);
}

/* ", name=n", or nothing where both are the default. */
static const char *
option (NnTorch *torch, gint rank, const char *name, gint64 h, gint64 w, gint64 standard)
{
  if ((rank < 3 || h == standard) && w == standard)
    return "";
  return nn_script_text (&torch->script, ", %s=%s", name,
                         nn_script_per_axis (&torch->script, rank, h, w));
}

/* "(left, right, top, bottom)" with nothing below 0 */
static const char *
padding_of (NnTorch *torch, gint rank, const NnExportMargins *m)
{
  const gint64 all[] = { m->left, MAX (m->right, 0), m->top, MAX (m->bottom, 0) };
  return nn_script_text (&torch->script, "(%s)",
                         nn_script_sizes (&torch->script, all, rank == 3 ? 4 : 2));
}

static gboolean
is_even (gint rank, const NnExportMargins *m)
{
  return MAX (m->right, 0) == m->left && (rank < 3 || MAX (m->bottom, 0) == m->top);
}

/* (kernel_h, kernel_w, I, O) as (O, I, kernel_h, kernel_w) */
static void
add_kernel (NnTorch *torch, const NnOp *op, const NnWindow *w, gint rank)
{
  static const guint turn[] = { 3, 2, 0, 1 };
  const NnShape view = nn_shape (w->kernel_h, w->kernel_w, w->in_c / w->groups, w->out_c);
  const NnShape image = nn_shape (view.dim[3], view.dim[2], w->kernel_h, w->kernel_w);
  const NnShape sequence = nn_shape (view.dim[3], view.dim[2], w->kernel_w);
  nn_torch_add_weight (torch, op, 0, "weight", &view, turn, rank == 3 ? &image : &sequence);
  if (op->n_weights > 1)
    add_plain_weight (torch, op, 1, "bias");
}

static void
conv2d (NnTorch *torch, const NnOp *op)
{
  NnScript *script = &torch->script;
  const NnWindow *w = op->attrs;
  const gint rank = in_shape (torch, op)->rank;
  const NnExportMargins m = nn_export_margins (w);
  const gboolean even = is_even (rank, &m);
  const char *x = nn_script_read (script, op, 0, TRUE);
  const char *groups =
      w->groups > 1 ? nn_script_text (script, ", groups=%" INT, (gint64)w->groups) : "";
  const char *text = nn_script_text (
      script, "nn.Conv%dd(%" INT ", %" INT ", %s%s%s%s%s%s)", rank - 1, (gint64)w->in_c,
      (gint64)w->out_c, nn_script_per_axis (script, rank, w->kernel_h, w->kernel_w),
      option (torch, rank, "stride", w->stride_h, w->stride_w, 1),
      even ? option (torch, rank, "padding", m.top, m.left, 0) : "",
      option (torch, rank, "dilation", w->dilation_h, w->dilation_w, 1), groups,
      op->n_weights > 1 ? "" : ", bias=False");
  if (nn_torch_make (torch, op, text))
    add_kernel (torch, op, w, rank);
  if (!even)
    x = nn_script_text (script, "F.pad(%s, %s)", x, padding_of (torch, rank, &m));
  nn_torch_apply (torch, op, TRUE, x);
}

/* What a transposed convolution gives beyond the image is cut off: PyTorch cuts both sides alike.
 */
static const char *
crop (NnTorch *torch, gint64 begin, gint64 end)
{
  NnScript *script = &torch->script;
  return nn_script_text (script, "%s:%s", begin > 0 ? nn_script_text (script, "%" INT, begin) : "",
                         end > 0 ? nn_script_text (script, "-%" INT, end) : "");
}

static void
conv2d_transpose (NnTorch *torch, const NnOp *op)
{
  NnScript *script = &torch->script;
  const NnWindow *w = op->attrs;
  const NnExportMargins m = nn_export_margins (w);
  const char *x = nn_script_read (script, op, 0, TRUE);
  const gint64 left_over_h = MAX (-m.bottom, 0), left_over_w = MAX (-m.right, 0);
  const gboolean even = is_even (3, &m);
  const char *text = nn_script_text (
      script, "nn.ConvTranspose2d(%" INT ", %" INT ", %s%s%s%s%s%s)", (gint64)w->out_c,
      (gint64)w->in_c, nn_script_per_axis (script, 3, w->kernel_h, w->kernel_w),
      option (torch, 3, "stride", w->stride_h, w->stride_w, 1),
      even ? option (torch, 3, "padding", m.top, m.left, 0) : "",
      option (torch, 3, "output_padding", left_over_h, left_over_w, 0),
      option (torch, 3, "dilation", w->dilation_h, w->dilation_w, 1),
      op->n_weights > 1 ? "" : ", bias=False");
  if (nn_torch_make (torch, op, text))
    add_kernel (torch, op, w, 3);
  const char *y = nn_script_text (script, "self.%s(%s)", nn_script_layer (script, op), x);
  if (!even)
    y = nn_script_text (script, "%s[:, :, %s, %s]", y, crop (torch, m.top, m.bottom),
                        crop (torch, m.left, m.right));
  nn_script_define (script, op, TRUE, y);
}

/* ---- pooling and size ---- */

static void
pool (NnTorch *torch, const NnOp *op)
{
  NnScript *script = &torch->script;
  const NnWindow *w = op->attrs;
  const gint rank = in_shape (torch, op)->rank;
  const NnExportMargins m = nn_export_margins (w);
  const gboolean largest = op->type == &nn_op_max_pool;
  const char *x = nn_script_read (script, op, 0, TRUE);
  if (out_shape (torch, op)->rank < rank)
    {
      nn_script_define (script, op, FALSE,
                        nn_script_text (script, rank == 3 ? "%s.%s((2, 3))" : "%s.%s(2)", x,
                                        largest ? "amax" : "mean"));
      return;
    }
  const char *kernel = nn_script_per_axis (script, rank, w->kernel_h, w->kernel_w);
  const char *stride = nn_script_per_axis (script, rank, w->stride_h, w->stride_w);
  const char *step = g_str_equal (kernel, stride) ? "" : nn_script_text (script, ", %s", stride);
  const NnExportMargins none = { 0 };
  const char *padding = padding_of (torch, rank, &m);
  const gboolean padded = !g_str_equal (padding, padding_of (torch, rank, &none));
  if (padded && !largest)
    x = nn_script_text (script, "average_pool(%s, %s, %s, %s)", x, kernel, stride, padding);
  else
    {
      if (padded)
        x = nn_script_text (script, "F.pad(%s, %s, value=-math.inf)", x, padding);
      const char *apart =
          w->dilation_h > 1 || w->dilation_w > 1
              ? nn_script_text (script, ", dilation=%s",
                                nn_script_per_axis (script, rank, w->dilation_h, w->dilation_w))
              : "";
      x = nn_script_text (script, "F.%s_pool%dd(%s, %s%s%s)", largest ? "max" : "avg", rank - 1, x,
                          kernel, step, apart);
    }
  nn_script_define (script, op, TRUE, x);
}

static void
resize (NnTorch *torch, const NnOp *op)
{
  NnScript *script = &torch->script;
  const NnResizeAttrs *a = op->attrs;
  const char *x = nn_script_read (script, op, 0, TRUE);
  if (!a->bilinear && a->out_h % a->in_h == 0 && a->out_w % a->in_w == 0)
    x = nn_script_text (script, "F.interpolate(%s, scale_factor=%s)", x,
                        nn_script_per_axis (script, 3, a->out_h / a->in_h, a->out_w / a->in_w));
  else
    x = nn_script_text (script, "F.interpolate(%s, size=(%" INT ", %" INT "), mode=\"%s\")", x,
                        a->out_h, a->out_w, a->bilinear ? "bilinear" : "nearest-exact");
  nn_script_define (script, op, TRUE, x);
}

static void
pad (NnTorch *torch, const NnOp *op)
{
  const NnPadAttrs *a = op->attrs;
  const char *x = nn_script_read (&torch->script, op, 0, TRUE);
  nn_script_define (
      &torch->script, op, TRUE,
      nn_script_text (&torch->script, "F.pad(%s, (%" INT ", %" INT ", %" INT ", %" INT "))", x,
                      a->left, a->out_w - a->in_w - a->left, a->top, a->out_h - a->in_h - a->top));
}

/* ---- value by value ---- */

/* %s: what it is applied to; %a: alpha; %x: the axis of the channels. */
static const char *const activations[NN_N_ACTIVATIONS] = {
  [NN_ACTIVATION_LINEAR] = "%s",
  [NN_ACTIVATION_RELU] = "F.relu(%s)",
  [NN_ACTIVATION_LEAKY_RELU] = "F.leaky_relu(%s, %a)",
  [NN_ACTIVATION_ELU] = "F.elu(%s, %a)",
  [NN_ACTIVATION_SIGMOID] = "torch.sigmoid(%s)",
  [NN_ACTIVATION_TANH] = "torch.tanh(%s)",
  [NN_ACTIVATION_SOFTPLUS] = "F.softplus(%s)",
  [NN_ACTIVATION_SELU] = "F.selu(%s)",
  [NN_ACTIVATION_GELU] = "F.gelu(%s)",
  [NN_ACTIVATION_SILU] = "F.silu(%s)",
  [NN_ACTIVATION_HARD_SIGMOID] = "hard_sigmoid(%s)",
  [NN_ACTIVATION_RELU6] = "F.relu6(%s)",
  [NN_ACTIVATION_HARD_SWISH] = "F.hardswish(%s)",
  [NN_ACTIVATION_SOFTSIGN] = "F.softsign(%s)",
  [NN_ACTIVATION_SOFTMAX] = "F.softmax(%s, dim=%x)",
  [NN_ACTIVATION_LOG_SOFTMAX] = "F.log_softmax(%s, dim=%x)",
};

const char *
nn_torch_activation (NnTorch *torch, NnActivation function, float alpha, const char *text,
                     gint axis)
{
  g_autoptr (GString) filled = g_string_new (activations[function]);
  g_autofree char *place = g_strdup_printf ("%d", axis);
  g_string_replace (filled, "%a", nn_script_float (&torch->script, alpha), 1);
  g_string_replace (filled, "%x", place, 1);
  g_string_replace (filled, "%s", text, 1);
  return nn_script_text (&torch->script, "%s", filled->str);
}

static void
activation (NnTorch *torch, const NnOp *op)
{
  const NnActivationAttrs *a = op->attrs;
  NnScript *script = &torch->script;
  const gboolean first = nn_script_is_first (script, op, 0);
  nn_script_define (script, op, first,
                    nn_torch_activation (torch, a->function, a->alpha,
                                         nn_script_read_as_is (script, op, 0), first ? 1 : -1));
}

static void
prelu (NnTorch *torch, const NnOp *op)
{
  NnScript *script = &torch->script;
  const NnShape *slopes = &nn_program_weight (script->model->program, op->weight[0])->shape;
  const gint rank = in_shape (torch, op)->rank;
  const gboolean shared = slopes->rank == 1;
  const char *text = shared ? nn_script_text (script, "nn.PReLU(%" INT ")", slopes->dim[0])
                            : nn_script_text (script, "ElementwisePReLU(%s)",
                                              nn_script_sizes (script, slopes->dim, slopes->rank));
  const gboolean first = shared && rank > 1;
  const char *x = nn_script_read (script, op, 0, first);
  if (nn_torch_make (torch, op, text))
    add_plain_weight (torch, op, 0, "weight");
  nn_torch_apply (torch, op, first, x);
}

/* ---- normalisation ---- */

static void
add_scale_and_centre (NnTorch *torch, const NnOp *op, guint k, gboolean scale, gboolean centre,
                      gint64 n)
{
  if (!scale && !centre)
    return;
  if (scale)
    add_plain_weight (torch, op, k, "weight");
  else
    nn_torch_add_fixed_weight (torch, op, "weight", n, 1);
  if (centre)
    add_plain_weight (torch, op, k + (scale ? 1 : 0), "bias");
  else
    nn_torch_add_fixed_weight (torch, op, "bias", n, 0);
}

static void
batch_norm (NnTorch *torch, const NnOp *op)
{
  NnScript *script = &torch->script;
  const NnBatchNormAttrs *a = op->attrs;
  const NnShape *in = in_shape (torch, op);
  const gint64 channels = in->dim[in->rank - 1];
  const gboolean affine = a->scale || a->centre;
  const char *x = nn_script_read (script, op, 0, in->rank > 1);
  const char *text =
      nn_script_text (script, "nn.BatchNorm%dd(%" INT ", eps=%s, momentum=%s%s)",
                      in->rank == 3 ? 2 : 1, channels, nn_script_float (script, a->epsilon),
                      nn_script_float (script, 1 - a->momentum), affine ? "" : ", affine=False");
  if (nn_torch_make (torch, op, text))
    {
      add_plain_weight (torch, op, NN_BATCH_NORM_MEAN, "running_mean");
      add_plain_weight (torch, op, NN_BATCH_NORM_VARIANCE, "running_var");
      add_scale_and_centre (torch, op, NN_BATCH_NORM_SCALE, a->scale, a->centre, channels);
      if (op->type == &nn_op_batch_norm_kept)
        g_string_append_printf (torch->kept, "self.%s.eval()\n", nn_script_layer (script, op));
    }
  nn_torch_apply (torch, op, in->rank > 1, x);
}

static void
layer_norm (NnTorch *torch, const NnOp *op)
{
  NnScript *script = &torch->script;
  const NnLayerNormAttrs *a = op->attrs;
  const NnShape *in = in_shape (torch, op);
  const gint64 features = in->dim[in->rank - 1];
  const char *x = nn_script_read (script, op, 0, FALSE);
  if (nn_torch_make (torch, op,
                     nn_script_text (script, "nn.LayerNorm(%" INT ", eps=%s%s)", features,
                                     nn_script_float (script, a->epsilon),
                                     a->scale || a->centre ? "" : ", elementwise_affine=False")))
    add_scale_and_centre (torch, op, 0, a->scale, a->centre, features);
  nn_torch_apply (torch, op, FALSE, x);
}

/* ---- several inputs ---- */

/* Channels first where one of them is so already. */
static gboolean
common_layout (NnTorch *torch, const NnOp *op)
{
  for (guint i = 0; i < op->n_in; i++)
    if (nn_script_is_first (&torch->script, op, i))
      return TRUE;
  return FALSE;
}

static void
merge (NnTorch *torch, const NnOp *op)
{
  NnScript *script = &torch->script;
  const gboolean first = common_layout (torch, op);
  const char *sign = op->type == &nn_op_multiply                            ? " * "
                     : op->type == &nn_op_add || op->type == &nn_op_average ? " + "
                                                                            : ", ";
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < op->n_in; i++)
    {
      const char *x = nn_script_read (script, op, i, first);
      if (op->type == &nn_op_maximum && i > 0)
        {
          g_autofree char *before = g_string_free (g_steal_pointer (&text), FALSE);
          text = g_string_new (NULL);
          g_string_printf (text, "torch.maximum(%s, %s)", before, x);
        }
      else
        g_string_append_printf (text, "%s%s", i ? sign : "", x);
    }
  const char *format = op->type == &nn_op_concatenate ? "torch.cat([%s], dim=%d)"
                       : op->type == &nn_op_average   ? "(%s) / %d"
                                                      : "%s";
  g_autoptr (GString) whole = g_string_new (format);
  g_autofree char *figure =
      g_strdup_printf ("%d", op->type == &nn_op_average ? (gint)op->n_in : (first ? 1 : -1));
  g_string_replace (whole, "%d", figure, 1);
  g_string_replace (whole, "%s", text->str, 1);
  nn_script_define (script, op, first, nn_script_text (script, "%s", whole->str));
}

/* ---- order and repetition ---- */

/* What an image or a sequence has one of can be seen either way. */
static gboolean
is_flat (const NnShape *shape)
{
  return shape->rank < 2 || shape->dim[shape->rank - 1] == 1
         || nn_shape_size (shape) == shape->dim[shape->rank - 1];
}

static void
reshape (NnTorch *torch, const NnOp *op)
{
  NnScript *script = &torch->script;
  const NnShape *in = in_shape (torch, op), *out = out_shape (torch, op);
  const char *x =
      is_flat (in) ? nn_script_read_as_is (script, op, 0) : nn_script_read (script, op, 0, FALSE);
  if (out->rank == 1)
    nn_script_define (script, op, FALSE, nn_script_text (script, "%s.flatten(1)", x));
  else if (out->rank == 3 && out->dim[2] == 1)
    nn_script_define (script, op, TRUE,
                      nn_script_text (script, "%s.reshape(-1, 1, %" INT ", %" INT ")", x,
                                      out->dim[0], out->dim[1]));
  else
    nn_script_define (script, op, FALSE,
                      nn_script_text (script, out->rank ? "%s.reshape(-1, %s)" : "%s.reshape(-1%s)",
                                      x, nn_script_sizes (script, out->dim, out->rank)));
}

static void
permute (NnTorch *torch, const NnOp *op)
{
  NnScript *script = &torch->script;
  const NnPermuteAttrs *a = op->attrs;
  gint64 order[NN_MAX_RANK + 1] = { 0 };
  const gint rank = out_shape (torch, op)->rank;
  for (gint i = 0; i < rank; i++)
    order[i + 1] = (gint64)a->order[i] + 1;
  nn_script_define (script, op, FALSE,
                    nn_script_text (script, "%s.permute(%s)", nn_script_read (script, op, 0, FALSE),
                                    nn_script_sizes (script, order, rank + 1)));
}

static void
repeat (NnTorch *torch, const NnOp *op)
{
  NnScript *script = &torch->script;
  const NnShape *out = out_shape (torch, op);
  gint64 times[NN_MAX_RANK + 1] = { 1, out->dim[0] };
  for (gint i = 2; i <= out->rank; i++)
    times[i] = 1;
  nn_script_define (script, op, FALSE,
                    nn_script_text (script, "%s.unsqueeze(1).repeat(%s)",
                                    nn_script_read (script, op, 0, FALSE),
                                    nn_script_sizes (script, times, out->rank + 1)));
}

/* ---- choices among vectors ---- */

static void
embedding (NnTorch *torch, const NnOp *op)
{
  NnScript *script = &torch->script;
  const NnEmbeddingAttrs *a = op->attrs;
  const char *x = nn_script_read (script, op, 0, FALSE);
  if (nn_torch_make (
          torch, op,
          nn_script_text (script, "nn.Embedding(%" INT ", %" INT ")", a->entries, a->units)))
    add_plain_weight (torch, op, 0, "weight");
  nn_torch_apply (torch, op, FALSE,
                  a->one_hot ? nn_script_text (script, "%s.argmax(-1)", x)
                             : nn_script_text (script, "row_numbers(%s, %" INT ")", x, a->entries));
}

static void
quantize (NnTorch *torch, const NnOp *op)
{
  NnScript *script = &torch->script;
  const NnQuantizeAttrs *a = op->attrs;
  const NnShape *shape = &nn_program_weight (script->model->program, op->weight[0])->shape;
  const char *z = nn_script_read (script, op, 0, FALSE);
  if (nn_torch_make (torch, op,
                     nn_script_text (script, "VectorQuantizer(%" INT ", %" INT ")", shape->dim[0],
                                     shape->dim[1])))
    add_plain_weight (torch, op, 0, "codebook");
  if (!script->model->training)
    {
      nn_torch_apply (torch, op, FALSE, z);
      return;
    }
  const char *codes = nn_script_text (script, "%s_codes", nn_script_layer (script, op));
  g_string_append_printf (script->body, "%s = self.%s(%s)\n", codes, nn_script_layer (script, op),
                          z);
  nn_torch_note_penalty (torch, 1,
                         nn_script_text (script, "quantization_loss(%s, %s, beta=%s)", z, codes,
                                         nn_script_float (script, a->beta)));
  /* The gradient passes straight through. */
  nn_script_define (script, op, FALSE,
                    nn_script_text (script, "%s + (%s - %s).detach()", z, codes, z));
}

/* ---- the table ---- */

static const struct
{
  const NnOpType *type;
  NnTorchTranslate translate;
} translations[] = {
  { &nn_op_linear, linear },
  { &nn_op_conv2d, conv2d },
  { &nn_op_conv2d_transpose, conv2d_transpose },
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
  { &nn_op_lstm, nn_torch_recurrent },
  { &nn_op_gru, nn_torch_recurrent },
  { &nn_op_simple_rnn, nn_torch_recurrent },
  { &nn_op_dropout, nn_torch_dropout },
  { &nn_op_spatial_dropout, nn_torch_dropout },
  { &nn_op_gaussian_noise, nn_torch_noise },
  { &nn_op_salt_and_pepper, nn_torch_noise },
  { &nn_op_mask_out, nn_torch_noise },
  { &nn_op_augment, nn_torch_noise },
  { &nn_op_sampling, nn_torch_sampling },
  { &nn_op_activity_penalty, nn_torch_activity_penalty },
  { &nn_op_kl_sparsity, nn_torch_kl_sparsity },
  { &nn_op_contractive, nn_torch_contractive },
  { &nn_op_loss, nn_torch_loss },
};

NnTorchTranslate
nn_torch_translation (const NnOpType *type)
{
  for (guint i = 0; i < G_N_ELEMENTS (translations); i++)
    if (translations[i].type == type)
      return translations[i].translate;
  return NULL;
}
