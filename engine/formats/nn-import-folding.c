/* Numbers that follow from those that an ONNX file fixes, and from shapes alone. */
#include "diabolo-config.h"

#include <inttypes.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/nn-error.h"
#include "formats/nn-import-graph.h"

/* Values of a constant that is worked out rather than stored: shapes and factors, not weights. */
#define MAX_FOLDED 1000000

static NnImportConstant *
new_constant (NnImportGraph *graph, gboolean whole, guint rank, const gint64 *dim, GError **error)
{
  gsize n = 1;
  for (guint i = 0; i < rank; i++)
    if (dim[i] < 0 || !g_size_checked_mul (&n, n, (gsize)dim[i]) || n > MAX_FOLDED)
      {
        nn_import_unsupported (graph, error, _ ("it works out too many fixed numbers."));
        return NULL;
      }
  NnImportConstant *constant = nn_import_alloc (graph, 1, sizeof *constant, error);
  gpointer values = constant ? nn_import_alloc (graph, n, whole ? 8 : 4, error) : NULL;
  if (!values)
    return NULL;
  constant->rank = rank;
  for (guint i = 0; i < rank; i++)
    constant->dim[i] = dim[i];
  constant->n = n;
  if (whole)
    constant->i = values;
  else
    constant->f = values;
  return constant;
}

/* Values that are still to be written. */
#define WHOLE(c) ((gint64 *)(c)->i)
#define FLOATS(c) ((float *)(c)->f)

static gboolean
define (NnImportGraph *graph, const NnImportConstant *constant)
{
  const NnImportValue value = { .constant = constant };
  if (constant)
    nn_import_define (graph, 0, &value);
  return constant != NULL;
}

/* The same values with other axes. */
static gboolean
define_as (NnImportGraph *graph, const NnImportConstant *from, guint rank, const gint64 *dim,
           GError **error)
{
  NnImportConstant *constant = nn_import_alloc (graph, 1, sizeof *constant, error);
  if (!constant)
    return FALSE;
  *constant = *from;
  constant->rank = rank;
  memcpy (constant->dim, dim, rank * sizeof *dim);
  return define (graph, constant);
}

static const NnImportConstant *
constant_of (NnImportGraph *graph, guint i)
{
  const NnImportValue *value =
      nn_import_has_input (graph, i) ? nn_import_find (graph, graph->node->input[i]) : NULL;
  return value ? value->constant : NULL;
}

static gboolean
fold_constant (NnImportGraph *graph, GError **error)
{
  const Onnx__AttributeProto *value = nn_import_attribute (graph->node, "value");
  const Onnx__AttributeProto *number = nn_import_attribute (graph->node, "value_float");
  const Onnx__AttributeProto *whole = nn_import_attribute (graph->node, "value_int");
  const Onnx__AttributeProto *row = nn_import_attribute (graph->node, "value_ints");
  const gint64 n = row ? (gint64)row->n_ints : 1;
  if (value && value->t)
    return define (graph, nn_import_read_tensor (graph, value->t, graph->node->output[0], error));
  if (!number && !whole && !row)
    return nn_import_unsupported (graph, error, _ ("its value is of a kind that cannot be read."));
  NnImportConstant *constant = new_constant (graph, !number, row ? 1 : 0, &n, error);
  if (!constant)
    return FALSE;
  if (number)
    FLOATS (constant)[0] = number->f;
  else if (whole)
    WHOLE (constant)[0] = whole->i;
  else
    memcpy (WHOLE (constant), row->ints, row->n_ints * sizeof (gint64));
  return define (graph, constant);
}

static gboolean
fold_constant_of_shape (NnImportGraph *graph, GError **error)
{
  const NnImportConstant *shape = constant_of (graph, 0);
  const Onnx__AttributeProto *value = nn_import_attribute (graph->node, "value");
  if (!nn_import_whole (graph, shape, "shape", 0, error))
    return FALSE;
  NnImportConstant *constant;
  if (value && value->t)
    constant = nn_import_read_tensor (graph, value->t, graph->node->output[0], error);
  else
    constant = new_constant (graph, FALSE, 0, NULL, error);
  if (!constant || constant->n != 1)
    return constant && nn_import_bad (graph, error, _ ("its value should be one number."));
  constant->rank = 0;
  constant->endless = TRUE;
  return define (graph, constant);
}

/* Of a constant, or of a value of the network, whose batch has no size yet. */
static gboolean
fold_shape (NnImportGraph *graph, GError **error)
{
  const NnImportValue *value = nn_import_input (graph, 0, error);
  if (!value || (value->constant && value->constant->endless))
    return value && nn_import_unsupported (graph, error, _ ("its shape is not known."));
  const NnImportConstant *from = value->constant;
  const gint64 n = from ? from->rank : value->rank;
  NnImportConstant *constant = new_constant (graph, TRUE, 1, &n, error);
  for (guint i = 0; constant && i < n; i++)
    WHOLE (constant)[i] = from ? from->dim[i] : nn_import_dim (value, i);
  return define (graph, constant);
}

static gboolean
fold_identity (NnImportGraph *graph, GError **error)
{
  return define (graph, constant_of (graph, 0));
}

/* Kinds of whole numbers are all one here, and so are those of others. */
static gboolean
fold_cast (NnImportGraph *graph, GError **error)
{
  const NnImportConstant *from = constant_of (graph, 0);
  const gint64 to = nn_import_int (graph, "to", ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT);
  const gboolean whole = nn_import_is_whole_type (to);
  if (whole == (from->i != NULL))
    return define (graph, from);
  NnImportConstant *constant = new_constant (graph, whole, from->rank, from->dim, error);
  for (gsize k = 0; constant && k < constant->n; k++)
    if (whole)
      WHOLE (constant)[k] = (gint64)CLAMP ((double)from->f[k], -9e18, 9e18);
    else
      FLOATS (constant)[k] = (float)from->i[k];
  if (constant)
    constant->endless = from->endless;
  return define (graph, constant);
}

static gboolean
fold_reshape (NnImportGraph *graph, GError **error)
{
  const NnImportConstant *from = constant_of (graph, 0), *shape = constant_of (graph, 1);
  gint64 dim[NN_IMPORT_MAX_AXES], rest = -1;
  gsize n = 1;
  if (!shape || from->endless)
    return nn_import_unsupported (graph, error, _ ("the shape is not fixed in the file."));
  if (!nn_import_whole (graph, shape, "shape", 0, error))
    return FALSE;
  if (shape->n > NN_IMPORT_MAX_AXES)
    return nn_import_bad (graph, error, _ ("it asks for %zu axes."), shape->n);
  for (guint i = 0; i < shape->n; i++)
    {
      dim[i] = i < from->rank && shape->i[i] == 0 ? from->dim[i] : shape->i[i];
      if (dim[i] == -1)
        rest = i;
      else if (dim[i] < 0 || !g_size_checked_mul (&n, n, (gsize)dim[i]))
        return nn_import_bad (graph, error, _ ("it asks for a size of %" PRId64 "."), dim[i]);
    }
  if (rest >= 0)
    dim[rest] = n > 0 ? (gint64)(from->n / n) : 0;
  if ((rest >= 0 ? n * (gsize)dim[rest] : n) != from->n)
    return nn_import_bad (graph, error, _ ("%zu numbers do not fit the shape it asks for."),
                          from->n);
  return define_as (graph, from, (guint)shape->n, dim, error);
}

static gboolean
fold_transpose (NnImportGraph *graph, GError **error)
{
  const NnImportConstant *from = constant_of (graph, 0);
  const Onnx__AttributeProto *perm = nn_import_attribute (graph->node, "perm");
  guint order[NN_IMPORT_MAX_AXES], seen = 0;
  gint64 dim[NN_IMPORT_MAX_AXES];
  if (from->endless)
    return define (graph, from);
  if (perm && perm->n_ints != from->rank)
    return nn_import_bad (graph, error, _ ("“perm” should have %u numbers."), from->rank);
  for (guint i = 0; i < from->rank; i++)
    {
      if (!nn_import_axis (graph, perm ? perm->ints[i] : from->rank - 1 - (gint64)i, from->rank,
                           &order[i], error))
        return FALSE;
      seen |= 1u << order[i];
      dim[i] = from->dim[order[i]];
    }
  if (seen != (1u << from->rank) - 1)
    return nn_import_bad (graph, error, _ ("“perm” should name each axis once."));
  NnImportConstant *constant = nn_import_alloc (graph, 1, sizeof *constant, error);
  gpointer values = constant ? nn_import_alloc (graph, from->n, from->i ? 8 : 4, error) : NULL;
  if (!values)
    return FALSE;
  *constant = *from;
  memcpy (constant->dim, dim, sizeof dim);
  nn_import_permute (from, order, from->i ? NULL : values, from->i ? values : NULL);
  if (from->i)
    constant->i = values;
  else
    constant->f = values;
  return define (graph, constant);
}

static gboolean
fold_unsqueeze (NnImportGraph *graph, GError **error)
{
  const NnImportConstant *from = constant_of (graph, 0);
  guint axes[NN_IMPORT_MAX_AXES];
  gint64 dim[NN_IMPORT_MAX_AXES];
  const Onnx__AttributeProto *attribute = nn_import_attribute (graph->node, "axes");
  const NnImportConstant *input = constant_of (graph, 1);
  const gsize added = attribute ? attribute->n_ints : input ? input->n : 0;
  if (from->endless)
    return define (graph, from);
  if (from->rank + added > NN_IMPORT_MAX_AXES)
    return nn_import_bad (graph, error, _ ("it asks for %zu axes."), from->rank + added);
  const guint rank = from->rank + (guint)added;
  const gint n = nn_import_axes (graph, "axes", 1, rank, axes, error);
  if (n < 0)
    return FALSE;
  for (guint i = 0, at = 0; i < rank; i++)
    {
      gboolean is_new = FALSE;
      for (gint k = 0; k < n; k++)
        is_new = is_new || axes[k] == i;
      if (!is_new && at >= from->rank)
        return nn_import_bad (graph, error, _ ("“axes” names an axis twice."));
      dim[i] = is_new ? 1 : from->dim[at++];
    }
  return define_as (graph, from, rank, dim, error);
}

static gboolean
fold_squeeze (NnImportGraph *graph, GError **error)
{
  const NnImportConstant *from = constant_of (graph, 0);
  guint axes[NN_IMPORT_MAX_AXES], rank = 0;
  gint64 dim[NN_IMPORT_MAX_AXES];
  if (from->endless)
    return define (graph, from);
  const gint n = nn_import_axes (graph, "axes", 1, from->rank, axes, error);
  if (n < 0)
    return FALSE;
  for (guint i = 0; i < from->rank; i++)
    {
      gboolean goes = n == 0 && from->dim[i] == 1;
      for (gint k = 0; k < n; k++)
        goes = goes || axes[k] == i;
      if (goes && from->dim[i] != 1)
        return nn_import_bad (graph, error, _ ("axis %u is larger than 1."), i);
      if (!goes)
        dim[rank++] = from->dim[i];
    }
  return define_as (graph, from, rank, dim, error);
}

/* Of a row. */
static gboolean
fold_gather (NnImportGraph *graph, GError **error)
{
  const NnImportConstant *from = constant_of (graph, 0), *index = constant_of (graph, 1);
  if (!index || !index->i || from->rank != 1 || from->endless || index->rank > 1)
    return FALSE;
  NnImportConstant *constant =
      new_constant (graph, from->i != NULL, index->rank, index->dim, error);
  for (gsize k = 0; constant && k < index->n; k++)
    {
      guint at;
      if (!nn_import_axis (graph, index->i[k], (guint)from->n, &at, error))
        return FALSE;
      if (from->i)
        WHOLE (constant)[k] = from->i[at];
      else
        FLOATS (constant)[k] = from->f[at];
    }
  return define (graph, constant);
}

/* Of rows. */
static gboolean
fold_concat (NnImportGraph *graph, GError **error)
{
  gint64 n = 0;
  const gboolean whole = constant_of (graph, 0)->i != NULL;
  for (guint i = 0; i < graph->node->n_input; i++)
    {
      const NnImportConstant *part = constant_of (graph, i);
      if (!part || part->rank != 1 || part->endless || (part->i != NULL) != whole)
        return FALSE;
      n += (gint64)part->n;
    }
  NnImportConstant *constant = new_constant (graph, whole, 1, &n, error);
  for (guint i = 0, at = 0; constant && i < graph->node->n_input; i++)
    {
      const NnImportConstant *part = constant_of (graph, i);
      for (gsize k = 0; k < part->n; k++, at++)
        if (whole)
          WHOLE (constant)[at] = part->i[k];
        else
          FLOATS (constant)[at] = part->f[k];
    }
  return define (graph, constant);
}

/* Of a row, forwards. */
static gboolean
fold_slice (NnImportGraph *graph, GError **error)
{
  const NnImportConstant *from = constant_of (graph, 0), *starts = constant_of (graph, 1);
  const NnImportConstant *ends = constant_of (graph, 2), *steps = constant_of (graph, 4);
  if (!starts || !ends || !starts->i || !ends->i || starts->n != 1 || ends->n != 1
      || from->rank != 1 || from->endless || (steps && nn_import_number (steps, 0) != 1))
    return FALSE;
  const gint64 size = (gint64)from->n;
  const gint64 begin = CLAMP (starts->i[0] < 0 ? starts->i[0] + size : starts->i[0], 0, size);
  const gint64 end = CLAMP (ends->i[0] < 0 ? ends->i[0] + size : ends->i[0], begin, size);
  const gint64 n = end - begin;
  NnImportConstant *constant = new_constant (graph, from->i != NULL, 1, &n, error);
  for (gint64 k = 0; constant && k < n; k++)
    if (from->i)
      WHOLE (constant)[k] = from->i[begin + k];
    else
      FLOATS (constant)[k] = from->f[begin + k];
  return define (graph, constant);
}

static double
combine (char op, double a, double b)
{
  return op == '+' ? a + b : op == '-' ? a - b : op == '*' ? a * b : a / b;
}

/* Two of the same size, or one of them a single number. */
static gboolean
fold_arithmetic (NnImportGraph *graph, char op, GError **error)
{
  const NnImportConstant *a = constant_of (graph, 0), *b = constant_of (graph, 1);
  if (!b || a->endless || b->endless || (a->n != b->n && a->n != 1 && b->n != 1)
      || (a->i != NULL) != (b->i != NULL))
    return FALSE;
  const NnImportConstant *larger = b->n > a->n || (b->n == a->n && b->rank > a->rank) ? b : a;
  NnImportConstant *constant = new_constant (graph, a->i != NULL, larger->rank, larger->dim, error);
  for (gsize k = 0; constant && k < constant->n; k++)
    {
      const gsize i = a->n == 1 ? 0 : k, j = b->n == 1 ? 0 : k;
      if (!a->i)
        {
          FLOATS (constant)[k] = (float)combine (op, (double)a->f[i], (double)b->f[j]);
          continue;
        }
      if (a->i[i] == NN_IMPORT_BATCH_SIZE || b->i[j] == NN_IMPORT_BATCH_SIZE)
        return nn_import_unsupported (graph, error, _ ("it calculates with the batch's size."));
      /* Sizes: far from the ends of whole numbers, or wrong anyway. */
      const double result = combine (op, (double)a->i[i], (double)b->i[j]);
      WHOLE (constant)[k] = (gint64)(result > -9e15 && result < 9e15 ? result : 0);
    }
  return define (graph, constant);
}

static gboolean
fold_add (NnImportGraph *graph, GError **error)
{
  return fold_arithmetic (graph, '+', error);
}

static gboolean
fold_sub (NnImportGraph *graph, GError **error)
{
  return fold_arithmetic (graph, '-', error);
}

static gboolean
fold_mul (NnImportGraph *graph, GError **error)
{
  return fold_arithmetic (graph, '*', error);
}

static gboolean
fold_div (NnImportGraph *graph, GError **error)
{
  return fold_arithmetic (graph, '/', error);
}

/* An endless constant stays one. */
static gboolean
fold_expand (NnImportGraph *graph, GError **error)
{
  const NnImportConstant *from = constant_of (graph, 0);
  if (!nn_import_is_uniform (from))
    return FALSE;
  NnImportConstant *constant = nn_import_alloc (graph, 1, sizeof *constant, error);
  if (!constant)
    return FALSE;
  *constant = *from;
  constant->endless = TRUE;
  constant->n = 1;
  constant->rank = 0;
  return define (graph, constant);
}

static const NnImportOp foldings[] = {
  { "Identity", fold_identity },
  { "Cast", fold_cast },
  { "Reshape", fold_reshape },
  { "Transpose", fold_transpose },
  { "Unsqueeze", fold_unsqueeze },
  { "Squeeze", fold_squeeze },
  { "Gather", fold_gather },
  { "Concat", fold_concat },
  { "Slice", fold_slice },
  { "Add", fold_add },
  { "Sub", fold_sub },
  { "Mul", fold_mul },
  { "Div", fold_div },
  { "Expand", fold_expand },
  { "ConstantOfShape", fold_constant_of_shape },
};

gboolean
nn_import_fold (NnImportGraph *graph, GError **error)
{
  if (graph->node->n_output == 0)
    return FALSE;
  if (g_str_equal (graph->node->op_type, "Constant"))
    return fold_constant (graph, error);
  if (g_str_equal (graph->node->op_type, "Shape"))
    return fold_shape (graph, error);
  if (!constant_of (graph, 0))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (foldings); i++)
    if (g_str_equal (foldings[i].type, graph->node->op_type))
      return foldings[i].translate (graph, error);
  return FALSE;
}
