/* Operators that move axes about: another view of the same layer's output. */
#include "diabolo-config.h"

#include <inttypes.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/nn-error.h"
#include "formats/nn-import-graph.h"

/* Appends the atoms of an axis of `from` to the last axis of `to`. */
static void
append_axis (NnImportValue *to, const NnImportValue *from, guint axis)
{
  guint start = 0;
  for (guint i = 0; i < axis; i++)
    start += from->group[i];
  for (guint i = start; i < start + from->group[axis]; i++)
    {
      to->order[to->n_order++] = from->order[i];
      to->group[to->rank - 1]++;
    }
}

/* The same layer without any axes yet. */
static NnImportValue
without_axes (const NnImportValue *x)
{
  NnImportValue y = *x;
  y.rank = y.n_order = 0;
  memset (y.group, 0, sizeof y.group);
  return y;
}

static gboolean
view_identity (NnImportGraph *graph, GError **error)
{
  const NnImportValue *x = nn_import_input (graph, 0, error);
  if (x)
    nn_import_define_view (graph, x);
  return x != NULL;
}

static gboolean
view_cast (NnImportGraph *graph, GError **error)
{
  const gint64 to = nn_import_int (graph, "to", 0);
  if (to == ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT || to == ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE
      || to == ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT16)
    return view_identity (graph, error);
  return nn_import_unsupported (graph, error, _ ("values are not rounded in a network here."));
}

/* Shown in the graph, as it takes part again when training goes on. */
static gboolean
view_dropout (NnImportGraph *graph, GError **error)
{
  const NnImportValue *x = nn_import_layer_input (graph, 0, error);
  double rate = (double)nn_import_float (graph, "ratio", 0.5f);
  guint layer;
  if (!x)
    return FALSE;
  if (nn_import_has_input (graph, 1))
    {
      const NnImportConstant *ratio = nn_import_constant_input (graph, 1, error);
      if (!ratio || ratio->n < 1)
        return ratio && nn_import_bad (graph, error, _ ("its ratio is empty."));
      rate = nn_import_number (ratio, 0);
    }
  g_autofree char *params = g_strdup_printf ("rate=%.9g", rate);
  if (!nn_import_add_one (graph, "dropout", params, x->layer, &layer, error))
    return FALSE;
  nn_import_define_like (graph, x, layer);
  return TRUE;
}

static gboolean
view_transpose (NnImportGraph *graph, GError **error)
{
  const NnImportValue *x = nn_import_layer_input_as_is (graph, 0, error);
  const Onnx__AttributeProto *perm = nn_import_attribute (graph->node, "perm");
  if (!x)
    return FALSE;
  if (perm && perm->n_ints != x->rank)
    return nn_import_bad (graph, error, _ ("“perm” has %zu numbers for a value of %u axes."),
                          perm->n_ints, x->rank);
  NnImportValue y = without_axes (x);
  guint seen = 0, axis;
  for (guint i = 0; i < x->rank; i++)
    {
      if (!nn_import_axis (graph, perm ? perm->ints[i] : x->rank - 1 - (gint64)i, x->rank, &axis,
                           error))
        return FALSE;
      seen |= 1u << axis;
      y.rank++;
      append_axis (&y, x, axis);
    }
  if (seen != (1u << x->rank) - 1)
    return nn_import_bad (graph, error, _ ("“perm” should name each axis once."));
  nn_import_define_view (graph, &y);
  return TRUE;
}

static gboolean
is_among (guint axis, const guint *axes, gint n)
{
  for (gint i = 0; i < n; i++)
    if (axes[i] == axis)
      return TRUE;
  return FALSE;
}

static gboolean
view_squeeze (NnImportGraph *graph, GError **error)
{
  const NnImportValue *x = nn_import_layer_input_as_is (graph, 0, error);
  guint axes[NN_IMPORT_MAX_AXES];
  if (!x)
    return FALSE;
  const gint n = nn_import_axes (graph, "axes", 1, x->rank, axes, error);
  if (n < 0)
    return FALSE;
  NnImportValue y = without_axes (x);
  for (guint axis = 0; axis < x->rank; axis++)
    {
      const gboolean one = x->group[axis] == 0;
      if (n == 0 ? one : is_among (axis, axes, n))
        {
          if (!one)
            return nn_import_unsupported (graph, error, _ ("axis %u is not of size 1."), axis);
          continue;
        }
      y.rank++;
      append_axis (&y, x, axis);
    }
  nn_import_define_view (graph, &y);
  return TRUE;
}

static gboolean
view_unsqueeze (NnImportGraph *graph, GError **error)
{
  const NnImportValue *x = nn_import_layer_input (graph, 0, error);
  guint axes[NN_IMPORT_MAX_AXES], from = 0;
  gint n = 0;
  if (!x)
    return FALSE;
  /* Axes count in what comes out, whose rank follows from how many there are. */
  const Onnx__AttributeProto *attribute = nn_import_attribute (graph->node, "axes");
  const NnImportConstant *input = attribute ? NULL : nn_import_constant_input (graph, 1, error);
  if (!attribute && !input)
    return FALSE;
  const gsize added = attribute ? attribute->n_ints : input->n;
  if (x->rank + added > NN_IMPORT_MAX_AXES)
    return nn_import_unsupported (graph, error, _ ("a value has more than %d axes."),
                                  NN_IMPORT_MAX_AXES);
  n = nn_import_axes (graph, "axes", 1, x->rank + (guint)added, axes, error);
  if (n < 0)
    return FALSE;
  NnImportValue y = without_axes (x);
  for (guint axis = 0; axis < x->rank + (guint)added; axis++)
    {
      y.rank++;
      if (is_among (axis, axes, n))
        continue;
      if (from == x->rank)
        return nn_import_bad (graph, error, _ ("“axes” names an axis twice."));
      append_axis (&y, x, from++);
    }
  nn_import_define_view (graph, &y);
  return TRUE;
}

static gboolean
view_flatten (NnImportGraph *graph, GError **error)
{
  const NnImportValue *x = nn_import_layer_input (graph, 0, error);
  guint axis;
  if (!x)
    return FALSE;
  const gint64 wanted = nn_import_int (graph, "axis", 1);
  if (wanted == x->rank)
    axis = x->rank;
  else if (!nn_import_axis (graph, wanted, x->rank, &axis, error))
    return FALSE;
  NnImportValue y = without_axes (x);
  y.rank = 1;
  for (guint i = 0; i < x->rank; i++)
    {
      if (i == axis)
        y.rank = 2;
      append_axis (&y, x, i);
    }
  y.rank = 2;
  nn_import_define_view (graph, &y);
  return TRUE;
}

/* ---- Reshape ---- */

/* Takes atom k apart into first and the rest. */
static void
split_atom (NnImportValue *x, guint k, gint64 first)
{
  for (guint i = x->n_atoms; i > k + 1; i--)
    x->atom[i] = x->atom[i - 1];
  x->atom[k + 1] = x->atom[k] / first;
  x->atom[k] = first;
  x->n_atoms++;
  for (guint i = 0; i < x->n_order; i++)
    if (x->order[i] > (gint)k)
      x->order[i]++;
  guint at = 0;
  while (x->order[at] != (gint)k)
    at++;
  for (guint i = x->n_order; i > at + 1; i--)
    x->order[i] = x->order[i - 1];
  x->order[at + 1] = (gint)k + 1;
  x->n_order++;
}

/* The view of x with these sizes, where they are made of its atoms; groups of x count for nothing.
 */
static gboolean
regroup (NnImportValue *x, const gint64 *dim, guint rank)
{
  guint at = 0;
  memset (x->group, 0, sizeof x->group);
  x->rank = rank;
  for (guint axis = 0; axis < rank; axis++)
    {
      gint64 rest = dim[axis];
      if (rest == NN_IMPORT_BATCH_SIZE)
        {
          if (at == x->n_order || x->order[at] != NN_IMPORT_BATCH)
            return FALSE;
          at++;
          x->group[axis] = 1;
          continue;
        }
      while (rest > 1)
        {
          if (at == x->n_order || x->order[at] == NN_IMPORT_BATCH)
            return FALSE;
          const guint k = (guint)x->order[at];
          if (rest % x->atom[k] != 0)
            {
              if (x->atom[k] % rest != 0 || x->n_atoms == NN_IMPORT_MAX_AXES)
                return FALSE;
              split_atom (x, k, rest);
            }
          rest /= x->atom[k];
          x->group[axis]++;
          at++;
        }
    }
  return at == x->n_order;
}

/* All values of a sample as one atom, in ONNX's order. */
static gboolean
merge_all (NnImportGraph *graph, NnImportValue *x, GError **error)
{
  const gint batch = nn_import_batch_axis (x);
  guint axes[NN_IMPORT_MAX_AXES], n = 0, layer;
  for (guint axis = 0; axis < x->rank; axis++)
    if ((gint)axis != batch)
      axes[n++] = axis;
  if (batch != 0 || !nn_import_arrange (graph, x, axes, n, &layer, error))
    return batch != 0 ? nn_import_unsupported (graph, error,
                                               _ ("it mixes samples of a batch with each other."))
                      : FALSE;
  gint64 size = 1;
  for (guint i = 0; i < x->n_atoms; i++)
    size *= x->atom[i];
  x->layer = layer;
  x->n_atoms = 1;
  x->atom[0] = size;
  x->n_order = 2;
  x->order[0] = NN_IMPORT_BATCH;
  x->order[1] = 0;
  return TRUE;
}

/* Which of the sizes is the batch's, and what -1 stands for. */
static gboolean
settle_sizes (NnImportGraph *graph, const NnImportValue *x, gint64 *dim, guint rank, GError **error)
{
  gint64 size = 1, known = 1;
  gint rest = -1, batch = -1;
  for (guint i = 0; i < x->n_atoms; i++)
    size *= x->atom[i];
  for (guint i = 0; i < rank; i++)
    {
      if (i < x->rank && dim[i] == 0)
        dim[i] = nn_import_dim (x, i);
      if (dim[i] == NN_IMPORT_BATCH_SIZE)
        batch = (gint)i;
      else if (dim[i] == -1)
        rest = (gint)i;
      else if (dim[i] < 1 || known > NN_MAX_SIZE / dim[i])
        return nn_import_bad (graph, error, _ ("it asks for a size of %" PRId64 "."), dim[i]);
      else
        known *= dim[i];
    }
  if (batch < 0 && rest >= 0 && known == size)
    {
      dim[rest] = NN_IMPORT_BATCH_SIZE;
      return TRUE;
    }
  if (batch < 0 && rank > 0 && rest != 0
      && (graph->batch_size == dim[0]
          || (rest < 0 && known % dim[0] == 0 && known / dim[0] == size)))
    {
      known /= dim[0];
      dim[0] = NN_IMPORT_BATCH_SIZE;
      batch = 0;
    }
  if (rest >= 0 && size % known == 0)
    {
      dim[rest] = size / known;
      known = size;
    }
  if (batch < 0)
    return nn_import_unsupported (graph, error, _ ("it mixes samples of a batch with each other."));
  if (known != size)
    return nn_import_bad (graph, error, _ ("%" PRId64 " values do not fit the shape it asks for."),
                          size);
  return TRUE;
}

static gboolean
view_reshape (NnImportGraph *graph, GError **error)
{
  const NnImportValue *x = nn_import_layer_input (graph, 0, error);
  const Onnx__AttributeProto *attribute = nn_import_attribute (graph->node, "shape");
  gint64 dim[NN_IMPORT_MAX_AXES];
  if (!x)
    return FALSE;
  const NnImportConstant *input = attribute ? NULL : nn_import_constant_input (graph, 1, error);
  if (!attribute && (!input || !nn_import_whole (graph, input, "shape", 0, error)))
    return FALSE;
  const gsize rank = attribute ? attribute->n_ints : input->n;
  if (rank < 1 || rank > NN_IMPORT_MAX_AXES)
    return nn_import_unsupported (graph, error, _ ("it asks for %zu axes."), rank);
  memcpy (dim, attribute ? attribute->ints : input->i, rank * sizeof *dim);
  if (!settle_sizes (graph, x, dim, (guint)rank, error))
    return FALSE;
  NnImportValue y = *x;
  if (!regroup (&y, dim, (guint)rank))
    {
      y = *x;
      if (!merge_all (graph, &y, error))
        return FALSE;
      if (!regroup (&y, dim, (guint)rank))
        return nn_import_unsupported (graph, error,
                                      _ ("it mixes samples of a batch with each other."));
    }
  nn_import_define_view (graph, &y);
  return TRUE;
}

/* ---- repetition ---- */

/* One axis of size 1 becomes `times` long, before a row of values. */
static gboolean
repeat (NnImportGraph *graph, const NnImportValue *x, guint axis, gint64 times, GError **error)
{
  guint axes[NN_IMPORT_MAX_AXES], layer, out;
  const guint n = nn_import_memory_axes (x, axes);
  guint row = x->rank, n_rows = 0;
  for (guint i = 0; i < n; i++)
    if (axes[i] != axis && (x->group[axes[i]] > 0 || row == x->rank))
      {
        row = axes[i];
        n_rows += x->group[axes[i]] > 0;
      }
  if (x->group[axis] > 0 || row == x->rank || n_rows > 1)
    return nn_import_unsupported (graph, error, _ ("only a row of values can be repeated."));
  g_autofree char *params = g_strdup_printf ("times=%" PRId64, times);
  NnImportValue flat = *x;
  const guint whole[] = { 1 };
  flat.rank = 2;
  flat.group[0] = 1;
  flat.group[1] = x->n_order - 1;
  if (x->order[0] != NN_IMPORT_BATCH)
    return nn_import_unsupported (graph, error, _ ("it mixes samples of a batch with each other."));
  if (!nn_import_arrange (graph, &flat, whole, 1, &layer, error)
      || !nn_import_add_one (graph, "repeat-vector", params, layer, &out, error))
    return FALSE;
  const NnImportValue y = nn_import_view (graph, out, (const guint[]){ axis, row }, x->rank,
                                          (guint)nn_import_batch_axis (x));
  nn_import_define (graph, 0, &y);
  return TRUE;
}

static gboolean
view_repetition (NnImportGraph *graph, gboolean tile, GError **error)
{
  const NnImportValue *x = nn_import_layer_input (graph, 0, error);
  const NnImportConstant *sizes = x ? nn_import_constant_input (graph, 1, error) : NULL;
  gint found = -1;
  if (!sizes || !nn_import_whole (graph, sizes, tile ? "repeats" : "shape", x->rank, error))
    return FALSE;
  for (guint axis = 0; axis < x->rank; axis++)
    {
      const gint64 dim = nn_import_dim (x, axis), size = sizes->i[axis];
      if (size == 1 || (!tile && size == dim) || (!tile && dim == NN_IMPORT_BATCH_SIZE))
        continue;
      if (found >= 0 || dim != 1 || size < 1)
        return nn_import_unsupported (graph, error, _ ("only a row of values can be repeated."));
      found = (gint)axis;
    }
  if (found >= 0)
    return repeat (graph, x, (guint)found, sizes->i[found], error);
  nn_import_define_view (graph, x);
  return TRUE;
}

static gboolean
view_expand (NnImportGraph *graph, GError **error)
{
  return view_repetition (graph, FALSE, error);
}

static gboolean
view_tile (NnImportGraph *graph, GError **error)
{
  return view_repetition (graph, TRUE, error);
}

const NnImportOp nn_import_view_ops[] = {
  { "Identity", view_identity },
  { "Cast", view_cast },
  { "Dropout", view_dropout },
  { "Transpose", view_transpose },
  { "Squeeze", view_squeeze },
  { "Unsqueeze", view_unsqueeze },
  { "Flatten", view_flatten },
  { "Reshape", view_reshape },
  { "Expand", view_expand },
  { "Tile", view_tile },
  { NULL, NULL },
};
