/* What several nodes of a graph say together, as programs write it that have no operator for it:
 * the last node is known by those before it. */
#include "diabolo-config.h"

#include <inttypes.h>
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "base/nn-error.h"
#include "formats/nn-import-graph.h"

/* Constants are written with more or fewer digits. */
#define TOLERANCE 1e-4

/* ---- looking back ---- */

/* The node of that type that gives input i of node, or NULL. */
static const Onnx__NodeProto *
before (const NnImportGraph *graph, const Onnx__NodeProto *node, guint i, const char *type)
{
  const Onnx__NodeProto *found =
      node && i < node->n_input ? nn_import_producer (graph, node->input[i]) : NULL;
  return found && g_str_equal (found->op_type, type) && found->n_input > 0 ? found : NULL;
}

static const NnImportConstant *
constant_at (const NnImportGraph *graph, const Onnx__NodeProto *node, guint i)
{
  const NnImportValue *value =
      node && i < node->n_input ? nn_import_find (graph, node->input[i]) : NULL;
  return value ? value->constant : NULL;
}

static gboolean
is_constant (const NnImportGraph *graph, const Onnx__NodeProto *node, guint i, double number)
{
  const NnImportConstant *constant = constant_at (graph, node, i);
  return constant && nn_import_is_uniform (constant)
         && fabs (nn_import_number (constant, 0) - number) < TOLERANCE * fmax (1, fabs (number));
}

/* Of a node with one fixed input of that value, the other one: its number, or -1. */
static gint
beside (const NnImportGraph *graph, const Onnx__NodeProto *node, double number)
{
  if (!node || node->n_input != 2)
    return -1;
  return is_constant (graph, node, 1, number) ? 0 : is_constant (graph, node, 0, number) ? 1 : -1;
}

static gboolean
same (const char *a, const char *b)
{
  return a && b && g_str_equal (a, b);
}

static const NnImportValue *
layer_value (const NnImportGraph *graph, const char *name)
{
  const NnImportValue *value = nn_import_find (graph, name);
  return value && !value->constant && !value->problem && !value->turned ? value : NULL;
}

/* ---- activations ---- */

/* x Sigmoid (x), x HardSigmoid (x) */
static gboolean
gated (NnImportGraph *graph, GError **error)
{
  for (guint i = 0; i < 2 && graph->node->n_input == 2; i++)
    {
      const char *x = graph->node->input[i];
      const NnImportValue *value = layer_value (graph, x);
      const Onnx__NodeProto *soft = before (graph, graph->node, 1 - i, "Sigmoid");
      const Onnx__NodeProto *hard = before (graph, graph->node, 1 - i, "HardSigmoid");
      if (value && soft && same (soft->input[0], x))
        return nn_import_activate (graph, value, "silu", 0.3, 2, error);
      if (!value || !hard || !same (hard->input[0], x))
        continue;
      const Onnx__AttributeProto *alpha = nn_import_attribute (hard, "alpha");
      const Onnx__AttributeProto *beta = nn_import_attribute (hard, "beta");
      if (alpha && fabs ((double)alpha->f - 1.0 / 6) < TOLERANCE
          && (!beta || fabs ((double)beta->f - 0.5) < TOLERANCE))
        return nn_import_activate (graph, value, "hard-swish", 0.3, 2, error);
    }
  return FALSE;
}

/* 1 + Erf (x / sqrt 2), the input of node that it is: x, or NULL */
static const char *
normal_share (const NnImportGraph *graph, const Onnx__NodeProto *node, guint i)
{
  const Onnx__NodeProto *sum = before (graph, node, i, "Add");
  const gint at = beside (graph, sum, 1);
  const Onnx__NodeProto *erf = at < 0 ? NULL : before (graph, sum, (guint)at, "Erf");
  const Onnx__NodeProto *by = before (graph, erf, 0, "Div");
  const Onnx__NodeProto *times = before (graph, erf, 0, "Mul");
  const gint factor = beside (graph, times, G_SQRT2 / 2);
  if (by && is_constant (graph, by, 1, G_SQRT2))
    return by->input[0];
  return factor >= 0 ? times->input[factor] : NULL;
}

/* (x / 2) (1 + ...), or x (1 + ...) */
static const char *
normal_product (const NnImportGraph *graph, const Onnx__NodeProto *node, gboolean halved)
{
  for (guint i = 0; node && i < 2 && node->n_input == 2; i++)
    {
      const char *x = normal_share (graph, node, i);
      const Onnx__NodeProto *half = before (graph, node, 1 - i, "Mul");
      const gint at = beside (graph, half, 0.5);
      const char *other = halved ? (at >= 0 ? half->input[at] : NULL) : node->input[1 - i];
      if (x && same (x, other))
        return x;
    }
  return NULL;
}

static gboolean
gelu (NnImportGraph *graph, GError **error)
{
  const char *x = normal_product (graph, graph->node, TRUE);
  const gint at = beside (graph, graph->node, 0.5);
  if (!x && at >= 0)
    x = normal_product (graph, before (graph, graph->node, (guint)at, "Mul"), FALSE);
  const NnImportValue *value = x ? layer_value (graph, x) : NULL;
  return value && nn_import_activate (graph, value, "gelu", 0.3, 2, error);
}

/* x / (1 + |x|) */
static gboolean
softsign (NnImportGraph *graph, GError **error)
{
  const Onnx__NodeProto *sum = before (graph, graph->node, 1, "Add");
  const gint at = beside (graph, sum, 1);
  const Onnx__NodeProto *size = at < 0 ? NULL : before (graph, sum, (guint)at, "Abs");
  const NnImportValue *value = layer_value (graph, graph->node->input[0]);
  return value && size && same (size->input[0], graph->node->input[0])
         && nn_import_activate (graph, value, "softsign", 0.3, 2, error);
}

/* ---- layer normalisation ---- */

/* The one axis that a mean is taken over, of a value with `rank` axes; -1: another mean. */
static gint
axis_of_mean (const NnImportGraph *graph, const Onnx__NodeProto *mean, guint rank)
{
  const Onnx__AttributeProto *axes = nn_import_attribute (mean, "axes");
  const Onnx__AttributeProto *keep = nn_import_attribute (mean, "keepdims");
  const NnImportConstant *input = constant_at (graph, mean, 1);
  gint64 axis;
  if (axes && axes->n_ints == 1)
    axis = axes->ints[0];
  else if (input && input->i && input->n == 1)
    axis = input->i[0];
  else
    return -1;
  if ((keep && keep->i == 0) || axis < -(gint64)rank || axis >= (gint64)rank)
    return -1;
  return (gint)(axis < 0 ? axis + rank : axis);
}

/* c / Sqrt (Mean (c c) + e), c = x - Mean (x) */
static gboolean
layer_norm (NnImportGraph *graph, GError **error)
{
  const Onnx__NodeProto *centred = before (graph, graph->node, 0, "Sub");
  const Onnx__NodeProto *root = before (graph, graph->node, 1, "Sqrt");
  const Onnx__NodeProto *sum = before (graph, root, 0, "Add");
  const Onnx__NodeProto *variance = before (graph, sum, 0, "ReduceMean");
  const Onnx__NodeProto *square = before (graph, variance, 0, "Mul");
  const Onnx__NodeProto *power = before (graph, variance, 0, "Pow");
  const Onnx__NodeProto *mean = before (graph, centred, 1, "ReduceMean");
  const NnImportConstant *epsilon = constant_at (graph, sum, 1);
  const char *c = graph->node->input[0];
  if (!mean || !epsilon || epsilon->n != 1 || !same (mean->input[0], centred->input[0])
      || !(square ? square->n_input == 2 && same (square->input[0], c) && same (square->input[1], c)
                  : power && same (power->input[0], c) && is_constant (graph, power, 1, 2)))
    return FALSE;
  const NnImportValue *x = layer_value (graph, centred->input[0]);
  const gint axis = x ? axis_of_mean (graph, mean, x->rank) : -1;
  guint axes[NN_IMPORT_MAX_AXES], n, layer;
  g_autofree gsize *index = NULL;
  NnImportValue seen;
  if (axis < 0 || axis_of_mean (graph, variance, x->rank) != axis)
    return FALSE;
  g_autofree char *params =
      g_strdup_printf ("epsilon=%.9g scale=false centre=false", nn_import_number (epsilon, 0));
  if (!nn_import_features (graph, x, (guint)axis, &seen, axes, &n, &index, error)
      || !nn_import_add_one (graph, "layer-norm", params, seen.layer, &layer, error))
    return FALSE;
  nn_import_define_like (graph, &seen, layer);
  return TRUE;
}

/* ---- rows of a table ---- */

/* The layer over x, an axis of rows behind x's own. */
static gboolean
add_rows (NnImportGraph *graph, const char *type, const char *params, const char *weight,
          const NnImportConstant *table, const NnImportValue *x, gboolean replaces, GError **error)
{
  static const guint turn[] = { 0, 1 };
  guint axes[NN_IMPORT_MAX_AXES], n, from, layer;
  const guint rank = x->rank + (replaces ? 0 : 1);
  const gint batch = nn_import_batch_axis (x);
  if (rank > NN_IMPORT_MAX_AXES)
    return FALSE;
  if (replaces)
    {
      if (!nn_import_last (graph, x, x->rank - 1, &from, axes, &n, error))
        return FALSE;
    }
  else
    {
      n = nn_import_natural_axes (graph, x, axes);
      if (!nn_import_arrange (graph, x, axes, n, &from, error))
        return FALSE;
      if (n == 0) /* one number a sample: an axis of its own, which is not in ONNX */
        return nn_import_unsupported (graph, error, _ ("it needs a row of numbers."));
      axes[n++] = x->rank;
    }
  if (!nn_import_add_one (graph, type, params, from, &layer, error))
    return FALSE;
  g_autoptr (NnTensor) rows =
      nn_import_permuted (table, turn, &nn_shape (table->dim[0], table->dim[1]));
  nn_import_add_weight (graph, layer, weight, rows);
  const NnImportValue y = nn_import_view (graph, layer, axes, rank, (guint)MAX (batch, 0));
  nn_import_define (graph, 0, &y);
  return TRUE;
}

/* Numbers that name no row made 0, others rounded: what an exported embedding begins with. */
static const char *
checked_rows (const NnImportGraph *graph, const Onnx__NodeProto *cast)
{
  const Onnx__NodeProto *rounded = before (graph, cast, 0, "Add");
  const gint at = beside (graph, rounded, 0.5);
  const Onnx__NodeProto *known = at < 0 ? NULL : before (graph, rounded, (guint)at, "Where");
  if (!known || known->n_input != 3 || !is_constant (graph, known, 2, 0)
      || !before (graph, known, 0, "And"))
    return NULL;
  return known->input[1];
}

/* The place of the largest (smallest) on the last axis. */
static const Onnx__NodeProto *
place_on_last (const NnImportGraph *graph, const char *type)
{
  const Onnx__NodeProto *place = before (graph, graph->node, 1, type);
  const Onnx__AttributeProto *axis = place ? nn_import_attribute (place, "axis") : NULL;
  const Onnx__AttributeProto *keep = place ? nn_import_attribute (place, "keepdims") : NULL;
  return axis && axis->i == -1 && keep && keep->i == 0 ? place : NULL;
}

/* Distances to the rows of table: |e|^2 - 2 z e; z, or NULL where the numbers are others. */
static const NnImportValue *
distances (const NnImportGraph *graph, const Onnx__NodeProto *place, const NnImportConstant *table)
{
  const Onnx__NodeProto *sum = before (graph, place, 0, "Add");
  const Onnx__NodeProto *product = before (graph, sum, 0, "MatMul");
  const NnImportConstant *w = constant_at (graph, product, 1),
                         *length = constant_at (graph, sum, 1);
  const gsize codes = (gsize)table->dim[0], d = (gsize)table->dim[1];
  if (!w || !length || !w->f || !length->f || w->n != table->n || length->n != codes)
    return NULL;
  for (gsize k = 0; k < codes; k++)
    {
      double squares = 0;
      for (gsize i = 0; i < d; i++)
        {
          const double e = (double)table->f[k * d + i];
          squares += e * e;
          if (fabs ((double)w->f[i * codes + k] + 2 * e) > TOLERANCE * (1 + fabs (e)))
            return NULL;
        }
      if (fabs ((double)length->f[k] - squares) > TOLERANCE * (1 + squares))
        return NULL;
    }
  return layer_value (graph, product->input[0]);
}

/* Gather from a fixed table. */
static gboolean
rows (NnImportGraph *graph, GError **error)
{
  const NnImportConstant *table = constant_at (graph, graph->node, 0);
  if (!table || !table->f || table->endless || table->rank != 2 || table->n == 0
      || graph->node->n_input != 2 || constant_at (graph, graph->node, 1)
      || nn_import_int (graph, "axis", 0) != 0)
    return FALSE;
  const Onnx__NodeProto *nearest = place_on_last (graph, "ArgMin");
  const Onnx__NodeProto *largest = place_on_last (graph, "ArgMax");
  const NnImportValue *z = nearest ? distances (graph, nearest, table) : NULL;
  g_autofree char *codes = g_strdup_printf ("codes=%" PRId64, table->dim[0]);
  g_autofree char *classes = g_strdup_printf ("units=%" PRId64 " reads=classes", table->dim[1]);
  g_autofree char *numbers =
      g_strdup_printf ("units=%" PRId64 " entries=%" PRId64, table->dim[1], table->dim[0]);
  if (z)
    return add_rows (graph, "vector-quantizer", codes, "codebook", table, z, TRUE, error);
  const NnImportValue *shares = largest ? layer_value (graph, largest->input[0]) : NULL;
  if (shares && nn_import_dim (shares, shares->rank - 1) == table->dim[0])
    return add_rows (graph, "embedding", classes, "table", table, shares, TRUE, error);
  const Onnx__NodeProto *cast = before (graph, graph->node, 1, "Cast");
  const char *checked = cast ? checked_rows (graph, cast) : NULL;
  /* Whole numbers from outside, by way of a conversion or not. */
  const char *name = checked ? checked : cast ? cast->input[0] : graph->node->input[1];
  const NnImportValue *x = layer_value (graph, name);
  if (!x)
    return FALSE;
  return add_rows (graph, "embedding", numbers, "table", table, x, FALSE, error);
}

/* ---- sequences ---- */

/* All steps of a sequence from the end: what was read from the end is in order again. */
static gboolean
turned_round (NnImportGraph *graph, GError **error)
{
  const NnImportValue *x = nn_import_find (graph, graph->node->input[0]);
  const NnImportConstant *start = constant_at (graph, graph->node, 1);
  const NnImportConstant *end = constant_at (graph, graph->node, 2);
  const NnImportConstant *axes = constant_at (graph, graph->node, 3);
  const NnImportConstant *step = constant_at (graph, graph->node, 4);
  guint axis, memory[NN_IMPORT_MAX_AXES];
  if (!x || x->constant || x->problem || !x->turned || !start || !end || !axes || !step
      || start->n != 1 || end->n != 1 || axes->n != 1 || step->n != 1 || !axes->i
      || nn_import_number (start, 0) != -1 || nn_import_number (end, 0) > -(double)G_MAXINT32
      || nn_import_number (step, 0) != -1
      || !nn_import_axis (graph, axes->i[0], x->rank, &axis, error))
    return FALSE;
  nn_import_memory_axes (x, memory);
  if (memory[0] != axis)
    return FALSE;
  NnImportValue y = *x;
  y.turned = FALSE;
  nn_import_define_view (graph, &y);
  return TRUE;
}

static const struct
{
  const char *type;
  NnImportTranslate match;
} patterns[] = {
  { "Mul", gated },      { "Mul", gelu },    { "Div", softsign },
  { "Div", layer_norm }, { "Gather", rows }, { "Slice", turned_round },
};

gboolean
nn_import_pattern (NnImportGraph *graph, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (patterns); i++)
    if (g_str_equal (patterns[i].type, graph->node->op_type) && graph->node->n_input >= 2
        && graph->node->n_output > 0)
      {
        g_autoptr (GError) problem = NULL;
        if (patterns[i].match (graph, &problem))
          return TRUE;
        if (problem)
          {
            g_propagate_error (error, g_steal_pointer (&problem));
            return FALSE;
          }
      }
  return FALSE;
}
