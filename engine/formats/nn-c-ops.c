/* One function for each operation of the program: the statements that do it in C. */
#include "formats/nn-c-source.h"

#include <inttypes.h>

#define INT PRId64

static const NnShape *
in_shape (const NnCSource *c, const NnOp *op)
{
  return &nn_program_value (c->model->program, op->in[0])->shape;
}

static const NnShape *
out_shape (const NnCSource *c, const NnOp *op)
{
  return &nn_program_value (c->model->program, op->out[0])->shape;
}

static gint64
channels (const NnShape *shape)
{
  return shape->dim[shape->rank - 1];
}

static gint64
rows (const NnShape *shape)
{
  return nn_shape_size (shape) / channels (shape);
}

static const NnShape *
weight_shape (const NnCSource *c, const NnOp *op, guint k)
{
  return &nn_program_weight (c->model->program, op->weight[k])->shape;
}

/* Name of weight k, "NULL" where there is none. (transfer full) */
static char *
weight (const NnCSource *c, const NnOp *op, guint k)
{
  return k < op->n_weights ? nn_c_source_weight (c, op->weight[k]) : g_strdup ("NULL");
}

/* ---- sums of products ---- */

static void
linear (NnCSource *c, const NnOp *op)
{
  const gboolean transposed = ((const NnLinearAttrs *)op->attrs)->transposed;
  const NnShape *in = in_shape (c, op), *out = out_shape (c, op);
  g_autofree char *w = weight (c, op, 0), *b = weight (c, op, 1);
  const char *x = nn_c_source_read (c, op, 0), *y = nn_c_source_define (c, op);
  nn_c_source_use (c, transposed ? "linear-transposed" : "linear");
  nn_c_source_line (c, "net_linear%s (%s, %s, %s, %s, %" INT ", %" INT ", %" INT ");",
                    transposed ? "_transposed" : "", x, w, b, y, rows (in), channels (in),
                    channels (out));
}

/* The window as a table of its own; its name. (transfer full) */
static char *
window (NnCSource *c, const NnWindow *w, const char *layer)
{
  g_autofree char *wanted = g_strdup_printf ("%s_window", layer);
  g_autofree char *unique = nn_export_identifier (wanted, c->taken);
  const gint64 values[] = { w->in_h,       w->in_w,       w->in_c,     w->out_h,    w->out_w,
                            w->out_c,      w->kernel_h,   w->kernel_w, w->stride_h, w->stride_w,
                            w->dilation_h, w->dilation_w, w->top,      w->left,     w->groups };
  char *name = g_strdup_printf ("%s_%s", c->name, unique);
  g_string_append_printf (c->tables, "static const %s_window %s = { ", c->name, name);
  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    g_string_append_printf (c->tables, "%s%" INT, i ? ", " : "", values[i]);
  g_string_append (c->tables, " };\n");
  return name;
}

static void
convolve (NnCSource *c, const NnOp *op, const char *section, const char *function)
{
  g_autofree char *w = weight (c, op, 0), *b = weight (c, op, 1);
  g_autofree char *name = window (c, op->attrs, nn_export_model_node_name (c->model, op->node));
  const char *x = nn_c_source_read (c, op, 0), *y = nn_c_source_define (c, op);
  nn_c_source_use (c, section);
  nn_c_source_line (c, "net_%s (&%s, %s, %s, %s, %s);", function, name, x, w, b, y);
}

static void
conv2d (NnCSource *c, const NnOp *op)
{
  convolve (c, op, "conv2d", "conv2d");
}

static void
conv2d_transpose (NnCSource *c, const NnOp *op)
{
  convolve (c, op, "conv2d-transpose", "conv2d_transpose");
}

/* ---- pooling and size ---- */

static void
pool (NnCSource *c, const NnOp *op, const char *section, const char *function)
{
  g_autofree char *name = window (c, op->attrs, nn_export_model_node_name (c->model, op->node));
  const char *x = nn_c_source_read (c, op, 0), *y = nn_c_source_define (c, op);
  nn_c_source_use (c, section);
  nn_c_source_line (c, "net_%s (&%s, %s, %s);", function, name, x, y);
}

static void
max_pool (NnCSource *c, const NnOp *op)
{
  pool (c, op, "max-pool", "max_pool");
}

static void
average_pool (NnCSource *c, const NnOp *op)
{
  pool (c, op, "average-pool", "average_pool");
}

static void
resize (NnCSource *c, const NnOp *op)
{
  const NnResizeAttrs *a = op->attrs;
  const char *x = nn_c_source_read (c, op, 0), *y = nn_c_source_define (c, op);
  nn_c_source_use (c, a->bilinear ? "resize-bilinear" : "resize-nearest");
  nn_c_source_line (c, "net_resize_%s (%s, %s, %" INT ", %" INT ", %" INT ", %" INT ", %" INT ");",
                    a->bilinear ? "bilinear" : "nearest", x, y, a->in_h, a->in_w, a->out_h,
                    a->out_w, a->channels);
}

static void
pad (NnCSource *c, const NnOp *op)
{
  const NnPadAttrs *a = op->attrs;
  const char *x = nn_c_source_read (c, op, 0), *y = nn_c_source_define (c, op);
  nn_c_source_use (c, "pad");
  nn_c_source_line (
      c, "net_pad (%s, %s, %" INT ", %" INT ", %" INT ", %" INT ", %" INT ", %" INT ", %" INT ");",
      x, y, a->in_h, a->in_w, a->out_h, a->out_w, a->channels, a->top, a->left);
}

/* ---- value by value ---- */

/* What the shared function is called: "leaky_relu". (transfer full) */
static char *
activation_function (NnCSource *c, NnActivation activation)
{
  const char *id = activation == NN_ACTIVATION_LINEAR ? "linear-activation"
                                                      : nn_activation_info (activation)->id;
  nn_c_source_use (c, id);
  return g_strdelimit (g_strdup (id), "-", '_');
}

static void
activation (NnCSource *c, const NnOp *op)
{
  const NnActivationAttrs *attrs = op->attrs;
  const NnShape *shape = in_shape (c, op);
  g_autofree char *function = activation_function (c, attrs->function);
  const char *x = nn_c_source_read (c, op, 0), *y = nn_c_source_define (c, op);
  char alpha[32];
  if (attrs->function >= NN_ACTIVATION_SOFTMAX)
    nn_c_source_line (c, "net_%s (%s, %s, %" INT ", %" INT ");", function, x, y, rows (shape),
                      channels (shape));
  else if (nn_activation_info (attrs->function)->has_alpha)
    nn_c_source_line (c, "for (long i = 0; i < %" INT "; i++)\n    %s[i] = net_%s (%s[i], %s);",
                      nn_shape_size (shape), y, function, x, nn_c_float (alpha, attrs->alpha));
  else
    nn_c_source_line (c, "for (long i = 0; i < %" INT "; i++)\n    %s[i] = net_%s (%s[i]);",
                      nn_shape_size (shape), y, function, x);
}

static void
prelu (NnCSource *c, const NnOp *op)
{
  g_autofree char *slope = weight (c, op, 0);
  const char *x = nn_c_source_read (c, op, 0), *y = nn_c_source_define (c, op);
  nn_c_source_use (c, "prelu");
  nn_c_source_line (c, "net_prelu (%s, %s, %s, %" INT ", %" INT ");", x, slope, y,
                    nn_shape_size (in_shape (c, op)), nn_shape_size (weight_shape (c, op, 0)));
}

static void
batch_norm (NnCSource *c, const NnOp *op)
{
  const NnBatchNormAttrs *attrs = op->attrs;
  const NnShape *shape = in_shape (c, op);
  const guint scale_at = attrs->scale ? NN_BATCH_NORM_SCALE : G_MAXUINT;
  const guint centre_at = attrs->centre ? NN_BATCH_NORM_SCALE + (attrs->scale ? 1 : 0) : G_MAXUINT;
  g_autofree char *mean = weight (c, op, NN_BATCH_NORM_MEAN);
  g_autofree char *variance = weight (c, op, NN_BATCH_NORM_VARIANCE);
  g_autofree char *scale = weight (c, op, scale_at), *centre = weight (c, op, centre_at);
  const char *x = nn_c_source_read (c, op, 0), *y = nn_c_source_define (c, op);
  char epsilon[32];
  nn_c_source_use (c, "batch-norm");
  nn_c_source_line (c, "net_batch_norm (%s, %s, %s, %s, %s, %s, %" INT ", %" INT ", %s);", x, mean,
                    variance, scale, centre, y, rows (shape), channels (shape),
                    nn_c_float (epsilon, attrs->epsilon));
}

static void
layer_norm (NnCSource *c, const NnOp *op)
{
  const NnLayerNormAttrs *attrs = op->attrs;
  const NnShape *shape = in_shape (c, op);
  g_autofree char *scale = weight (c, op, attrs->scale ? 0 : G_MAXUINT);
  g_autofree char *centre = weight (c, op, !attrs->centre ? G_MAXUINT : attrs->scale ? 1 : 0);
  const char *x = nn_c_source_read (c, op, 0), *y = nn_c_source_define (c, op);
  char epsilon[32];
  nn_c_source_use (c, "layer-norm");
  nn_c_source_line (c, "net_layer_norm (%s, %s, %s, %s, %" INT ", %" INT ", %s);", x, scale, centre,
                    y, rows (shape), channels (shape), nn_c_float (epsilon, attrs->epsilon));
}

/* ---- several inputs ---- */

/* "a[i] + b[i] + c[i]" with what stands between */
static char *
joined (NnCSource *c, const NnOp *op, const char *between)
{
  GString *text = g_string_new (NULL);
  for (guint k = 0; k < op->n_in; k++)
    g_string_append_printf (text, "%s%s[i]", k ? between : "", nn_c_source_read (c, op, k));
  return g_string_free (text, FALSE);
}

static void
each (NnCSource *c, const NnOp *op, const char *expression)
{
  const char *y = nn_c_source_define (c, op);
  nn_c_source_line (c, "for (long i = 0; i < %" INT "; i++)\n    %s[i] = %s;",
                    nn_shape_size (in_shape (c, op)), y, expression);
}

static void
add (NnCSource *c, const NnOp *op)
{
  g_autofree char *sum = joined (c, op, " + ");
  each (c, op, sum);
}

static void
average (NnCSource *c, const NnOp *op)
{
  g_autofree char *sum = joined (c, op, " + ");
  g_autofree char *mean = g_strdup_printf ("(%s) / %u.0f", sum, op->n_in);
  each (c, op, mean);
}

static void
multiply (NnCSource *c, const NnOp *op)
{
  g_autofree char *product = joined (c, op, " * ");
  each (c, op, product);
}

static void
maximum (NnCSource *c, const NnOp *op)
{
  g_autoptr (GString) largest = g_string_new (NULL);
  g_string_printf (largest, "%s[i]", nn_c_source_read (c, op, 0));
  for (guint k = 1; k < op->n_in; k++)
    {
      g_string_prepend (largest, "fmaxf (");
      g_string_append_printf (largest, ", %s[i])", nn_c_source_read (c, op, k));
    }
  each (c, op, largest->str);
}

static void
concatenate (NnCSource *c, const NnOp *op)
{
  const NnShape *out = out_shape (c, op);
  const char *y = nn_c_source_define (c, op);
  gint64 first = 0;
  nn_c_source_use (c, "concatenate");
  for (guint k = 0; k < op->n_in; k++)
    {
      const gint64 n = channels (&nn_program_value (c->model->program, op->in[k])->shape);
      nn_c_source_line (c, "net_concatenate (%s, %s, %" INT ", %" INT ", %" INT ", %" INT ");",
                        nn_c_source_read (c, op, k), y, rows (out), n, first, channels (out));
      first += n;
    }
}

/* ---- order and repetition ---- */

static void
reshape (NnCSource *c, const NnOp *op)
{
  nn_c_source_alias (c, op);
}

static void
permute (NnCSource *c, const NnOp *op)
{
  const NnPermuteAttrs *attrs = op->attrs;
  const NnShape *in = in_shape (c, op);
  g_autoptr (GString) size = g_string_new (NULL), step = g_string_new (NULL);
  for (gint i = 0; i < in->rank; i++)
    {
      gint64 stride = 1;
      for (gint k = (gint)attrs->order[i] + 1; k < in->rank; k++)
        stride *= in->dim[k];
      g_string_append_printf (size, "%s%" INT, i ? ", " : "", in->dim[attrs->order[i]]);
      g_string_append_printf (step, "%s%" INT, i ? ", " : "", stride);
    }
  const char *x = nn_c_source_read (c, op, 0), *y = nn_c_source_define (c, op);
  nn_c_source_use (c, "permute");
  nn_c_source_line (c, "net_permute (%s, %s, %d, (const long[]){ %s }, (const long[]){ %s });", x,
                    y, in->rank, size->str, step->str);
}

static void
repeat (NnCSource *c, const NnOp *op)
{
  const gint64 n = nn_shape_size (in_shape (c, op));
  const char *x = nn_c_source_read (c, op, 0), *y = nn_c_source_define (c, op);
  nn_c_source_use (c, "repeat");
  nn_c_source_line (c, "net_repeat (%s, %s, %" INT ", %" INT ");", x, y,
                    nn_shape_size (out_shape (c, op)) / n, n);
}

/* ---- choices among vectors ---- */

static void
embedding (NnCSource *c, const NnOp *op)
{
  const NnEmbeddingAttrs *a = op->attrs;
  const gint64 n = nn_shape_size (in_shape (c, op)) / (a->one_hot ? a->entries : 1);
  g_autofree char *table = weight (c, op, 0);
  const char *x = nn_c_source_read (c, op, 0), *y = nn_c_source_define (c, op);
  nn_c_source_use (c, a->one_hot ? "embedding-of-classes" : "embedding");
  nn_c_source_line (c, "net_embedding%s (%s, %s, %s, %" INT ", %" INT ", %" INT ");",
                    a->one_hot ? "_of_classes" : "", x, table, y, n, a->entries, a->units);
}

static void
quantize (NnCSource *c, const NnOp *op)
{
  const NnShape *codebook = weight_shape (c, op, 0);
  g_autofree char *table = weight (c, op, 0);
  const char *x = nn_c_source_read (c, op, 0), *y = nn_c_source_define (c, op);
  nn_c_source_use (c, "quantize");
  nn_c_source_line (c, "net_quantize (%s, %s, %s, %" INT ", %" INT ", %" INT ");", x, table, y,
                    nn_shape_size (in_shape (c, op)) / codebook->dim[1], codebook->dim[0],
                    codebook->dim[1]);
}

/* ---- sequences ---- */

/* work: floats of scratch for each unit. */
static void
recurrent (NnCSource *c, const NnOp *op, const char *section, const char *function, gint64 work)
{
  const NnRecurrentAttrs *a = op->attrs;
  g_autofree char *w = weight (c, op, 0), *r = weight (c, op, 1), *b = weight (c, op, 2);
  g_autofree char *bend = activation_function (c, a->activation);
  const char *x = nn_c_source_read (c, op, 0), *y = nn_c_source_define (c, op);
  g_autofree char *scratch = nn_c_source_scratch (c, (gsize)(work * a->units));
  nn_c_source_use (c, section);
  nn_c_source_line (c,
                    "net_%s (&(const net_sequence){ %" INT ", %" INT ", %" INT
                    ", %d, %d, %d }, %s, %s, %s, %s, %s, net_%s, %s);",
                    function, a->steps, channels (in_shape (c, op)), a->units, a->sequences,
                    a->reverse, a->aligned, x, w, r, b, y, bend, scratch);
}

static void
lstm (NnCSource *c, const NnOp *op)
{
  recurrent (c, op, "lstm", "lstm", 6);
}

static void
gru (NnCSource *c, const NnOp *op)
{
  recurrent (c, op, "gru", "gru", 7);
}

static void
simple_rnn (NnCSource *c, const NnOp *op)
{
  recurrent (c, op, "simple-rnn", "simple_rnn", 2);
}

static const struct
{
  const NnOpType *type;
  void (*translate) (NnCSource *c, const NnOp *op);
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
  { &nn_op_lstm, lstm },
  { &nn_op_gru, gru },
  { &nn_op_simple_rnn, simple_rnn },
};

gboolean
nn_c_source_knows (const NnOpType *type)
{
  for (guint i = 0; i < G_N_ELEMENTS (translations); i++)
    if (translations[i].type == type)
      return TRUE;
  return FALSE;
}

void
nn_c_source_add_op (NnCSource *c, const NnOp *op)
{
  for (guint i = 0; i < G_N_ELEMENTS (translations); i++)
    if (translations[i].type == op->type)
      translations[i].translate (c, op);
}
