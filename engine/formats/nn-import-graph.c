#include "diabolo-config.h"

#include "formats/nn-import-graph.h"

#include <inttypes.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/nn-error.h"

static void
layer_free (gpointer data)
{
  NnImportLayer *layer = data;
  nn_params_unref (layer->params);
  g_ptr_array_unref (layer->weights);
  g_free (layer->name);
  g_free (layer->from);
  g_free (layer);
}

/* Along one axis: vectors as long are made, whatever the file has. */
#define MAX_FEATURES (1 << 24)

static void
value_free (gpointer data)
{
  NnImportValue *value = data;
  g_clear_error (&value->problem);
  g_free (value);
}

static void
count_use (NnImportGraph *graph, const char *name)
{
  const guint n = nn_import_uses (graph, name) + 1;
  g_hash_table_insert (graph->uses, (gpointer)name, GUINT_TO_POINTER (n));
}

void
nn_import_graph_init (NnImportGraph *graph, const Onnx__GraphProto *message, const char *source,
                      const char *folder)
{
  *graph = (NnImportGraph){
    .source = source,
    .folder = folder,
    .graph = message,
    .layers = g_ptr_array_new_with_free_func (layer_free),
    .values = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, value_free),
    .producers = g_hash_table_new (g_str_hash, g_str_equal),
    .uses = g_hash_table_new (g_str_hash, g_str_equal),
    .memory = g_ptr_array_new_with_free_func (g_free),
  };
  for (gsize i = 0; i < message->n_node; i++)
    {
      const Onnx__NodeProto *node = message->node[i];
      for (gsize k = 0; k < node->n_output; k++)
        g_hash_table_insert (graph->producers, node->output[k], (gpointer)node);
      for (gsize k = 0; k < node->n_input; k++)
        count_use (graph, node->input[k]);
    }
  for (gsize i = 0; i < message->n_output; i++)
    count_use (graph, message->output[i]->name);
}

void
nn_import_graph_clear (NnImportGraph *graph)
{
  g_ptr_array_unref (graph->layers);
  g_hash_table_unref (graph->values);
  g_hash_table_unref (graph->producers);
  g_hash_table_unref (graph->uses);
  g_ptr_array_unref (graph->memory);
}

/* ---- saying no ---- */

/* "“/conv1/Conv” (Conv)" */
static char *
node_title (const Onnx__NodeProto *node)
{
  const gboolean named = node->name && *node->name;
  const char *name = named ? node->name : node->n_output > 0 ? node->output[0] : "";
  g_autofree char *valid = g_utf8_make_valid (name, -1);
  g_autofree char *type = g_utf8_make_valid (node->op_type, -1);
  return g_strdup_printf ("“%s” (%s)", valid, type);
}

void
nn_import_set_error (const NnImportGraph *graph, GError **error, NnErrorCode code, char *reason)
{
  g_autofree char *owned = reason;
  g_autofree char *title = node_title (graph->node);
  g_set_error (error, NN_ERROR, code, "%s, %s: %s", graph->source, title, owned);
}

/* ---- attributes and inputs ---- */

gboolean
nn_import_has_input (const NnImportGraph *graph, guint i)
{
  return i < graph->node->n_input && *graph->node->input[i];
}

const NnImportValue *
nn_import_find (const NnImportGraph *graph, const char *name)
{
  return g_hash_table_lookup (graph->values, name);
}

const NnImportValue *
nn_import_input (const NnImportGraph *graph, guint i, GError **error)
{
  if (!nn_import_has_input (graph, i))
    {
      nn_import_bad (graph, error, _ ("its input %u is missing."), i);
      return NULL;
    }
  const NnImportValue *value = nn_import_find (graph, graph->node->input[i]);
  if (!value)
    {
      g_autofree char *name = g_utf8_make_valid (graph->node->input[i], -1);
      nn_import_bad (graph, error,
                     g_hash_table_contains (graph->producers, graph->node->input[i])
                         ? _ ("it reads “%s”, which only a later node gives: the graph goes in a "
                              "circle or is out of order.")
                         : _ ("it reads “%s”, which nothing gives."),
                     name);
      return NULL;
    }
  if (value->problem && error)
    *error = g_error_copy (value->problem);
  return value->problem ? NULL : value;
}

const NnImportValue *
nn_import_layer_input_as_is (const NnImportGraph *graph, guint i, GError **error)
{
  const NnImportValue *value = nn_import_input (graph, i, error);
  if (value && value->constant)
    {
      nn_import_unsupported (graph, error,
                             _ ("its input %u is fixed in the file, but only values that follow "
                                "from the network's inputs can go there."),
                             i);
      return NULL;
    }
  return value;
}

const NnImportValue *
nn_import_layer_input (const NnImportGraph *graph, guint i, GError **error)
{
  const NnImportValue *value = nn_import_layer_input_as_is (graph, i, error);
  if (value && value->turned)
    {
      nn_import_unsupported (graph, error,
                             _ ("its sequence was read from the end, and comes out that way."));
      return NULL;
    }
  return value;
}

const NnImportConstant *
nn_import_constant_input (const NnImportGraph *graph, guint i, GError **error)
{
  const NnImportValue *value = nn_import_input (graph, i, error);
  if (value && !value->constant)
    nn_import_unsupported (graph, error,
                           _ ("its input %u is worked out by the network, but only numbers that "
                              "are fixed in the file can go there."),
                           i);
  return value ? value->constant : NULL;
}

const Onnx__AttributeProto *
nn_import_attribute (const Onnx__NodeProto *node, const char *name)
{
  for (gsize i = 0; i < node->n_attribute; i++)
    if (g_str_equal (node->attribute[i]->name, name))
      return node->attribute[i];
  return NULL;
}

gint64
nn_import_int (const NnImportGraph *graph, const char *name, gint64 otherwise)
{
  const Onnx__AttributeProto *attribute = nn_import_attribute (graph->node, name);
  return attribute && attribute->has_i ? attribute->i : otherwise;
}

float
nn_import_float (const NnImportGraph *graph, const char *name, float otherwise)
{
  const Onnx__AttributeProto *attribute = nn_import_attribute (graph->node, name);
  return attribute && attribute->has_f ? attribute->f : otherwise;
}

char *
nn_import_text (const NnImportGraph *graph, const char *name, const char *otherwise)
{
  const Onnx__AttributeProto *attribute = nn_import_attribute (graph->node, name);
  if (!attribute || !attribute->has_s)
    return g_strdup (otherwise);
  return g_utf8_make_valid ((const char *)attribute->s.data, (gssize)attribute->s.len);
}

gboolean
nn_import_ints (const NnImportGraph *graph, const char *name, guint n, gint64 otherwise,
                gint64 *out, GError **error)
{
  const Onnx__AttributeProto *attribute = nn_import_attribute (graph->node, name);
  for (guint i = 0; i < n; i++)
    out[i] = otherwise;
  if (!attribute)
    return TRUE;
  if (attribute->n_ints != n)
    return nn_import_bad (graph, error, _ ("“%s” has %zu numbers, but %u were expected."), name,
                          attribute->n_ints, n);
  memcpy (out, attribute->ints, n * sizeof *out);
  return TRUE;
}

gboolean
nn_import_axis (const NnImportGraph *graph, gint64 axis, guint rank, guint *out, GError **error)
{
  if (axis < -(gint64)rank || axis >= (gint64)rank)
    return nn_import_bad (graph, error,
                          _ ("axis %" PRId64 " of a value with %u axes is not there."), axis, rank);
  *out = (guint)(axis < 0 ? axis + rank : axis);
  return TRUE;
}

gint
nn_import_axes (const NnImportGraph *graph, const char *name, guint i, guint rank,
                guint out[NN_IMPORT_MAX_AXES], GError **error)
{
  const Onnx__AttributeProto *attribute = nn_import_attribute (graph->node, name);
  const gint64 *axes = attribute ? attribute->ints : NULL;
  gsize n = attribute ? attribute->n_ints : 0;
  if (!attribute && nn_import_has_input (graph, i))
    {
      const NnImportConstant *constant = nn_import_constant_input (graph, i, error);
      if (!constant || !nn_import_whole (graph, constant, name, 0, error))
        return -1;
      axes = constant->i;
      n = constant->n;
    }
  if (n > NN_IMPORT_MAX_AXES)
    {
      nn_import_bad (graph, error, _ ("“%s” has %zu numbers, but %u are the most."), name, n,
                     NN_IMPORT_MAX_AXES);
      return -1;
    }
  for (gsize k = 0; k < n; k++)
    if (!nn_import_axis (graph, axes[k], rank, &out[k], error))
      return -1;
  return (gint)n;
}

const Onnx__NodeProto *
nn_import_producer (const NnImportGraph *graph, const char *name)
{
  return g_hash_table_lookup (graph->producers, name);
}

guint
nn_import_uses (const NnImportGraph *graph, const char *name)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (graph->uses, name));
}

/* ---- values ---- */

/* Where the atoms of an axis begin in value->order. */
static guint
group_start (const NnImportValue *value, guint axis)
{
  guint start = 0;
  for (guint i = 0; i < axis; i++)
    start += value->group[i];
  return start;
}

gint64
nn_import_dim (const NnImportValue *value, guint axis)
{
  const guint start = group_start (value, axis);
  gint64 size = 1;
  for (guint i = start; i < start + value->group[axis]; i++)
    {
      if (value->order[i] == NN_IMPORT_BATCH)
        return NN_IMPORT_BATCH_SIZE;
      size *= value->atom[value->order[i]];
    }
  return size;
}

gint
nn_import_batch_axis (const NnImportValue *value)
{
  for (guint axis = 0; axis < value->rank; axis++)
    if (nn_import_dim (value, axis) == NN_IMPORT_BATCH_SIZE)
      return (gint)axis;
  return -1;
}

/* The first atom of an axis; behind all for one of size 1. */
static guint
place_of_axis (const NnImportValue *value, guint axis)
{
  return value->group[axis] > 0 ? (guint)value->order[group_start (value, axis)] : value->n_atoms;
}

guint
nn_import_memory_axes (const NnImportValue *value, guint axes[NN_IMPORT_MAX_AXES])
{
  const gint batch = nn_import_batch_axis (value);
  guint n = 0;
  for (guint axis = 0; axis < value->rank; axis++)
    {
      if ((gint)axis == batch)
        continue;
      guint at = n++;
      for (; at > 0 && place_of_axis (value, axes[at - 1]) > place_of_axis (value, axis); at--)
        axes[at] = axes[at - 1];
      axes[at] = axis;
    }
  return n;
}

/* The atoms of axes one after the other; how many. */
static guint
atoms_of (const NnImportValue *value, const guint *axes, guint n, guint atoms[NN_IMPORT_MAX_AXES])
{
  guint count = 0;
  for (guint i = 0; i < n; i++)
    for (guint k = 0, start = group_start (value, axes[i]); k < value->group[axes[i]]; k++)
      if (value->order[start + k] != NN_IMPORT_BATCH)
        atoms[count++] = (guint)value->order[start + k];
  return count;
}

static gboolean
ascend (const guint *atoms, guint n)
{
  for (guint i = 0; i < n; i++)
    if (atoms[i] != i)
      return FALSE;
  return TRUE;
}

gboolean
nn_import_lies (const NnImportGraph *graph, const NnImportValue *value, const guint *axes, guint n)
{
  guint atoms[NN_IMPORT_MAX_AXES];
  const guint n_atoms = atoms_of (value, axes, n, atoms);
  return ascend (atoms, n_atoms);
}

static const guint image[] = { 2, 3, 1 }, sequence[] = { 2, 1 };

/* All axes but the batch, in ONNX's order. */
static guint
axes_as_they_are (const NnImportValue *value, guint axes[NN_IMPORT_MAX_AXES])
{
  const gint batch = nn_import_batch_axis (value);
  guint n = 0;
  for (guint axis = 0; axis < value->rank; axis++)
    if ((gint)axis != batch)
      axes[n++] = axis;
  return n;
}

guint
nn_import_natural_axes (const NnImportGraph *graph, const NnImportValue *value,
                        guint axes[NN_IMPORT_MAX_AXES])
{
  const guint n = axes_as_they_are (value, axes);
  if (nn_import_batch_axis (value) == 0 && n == 3 && nn_import_lies (graph, value, image, n))
    memcpy (axes, image, sizeof image);
  else if (!nn_import_lies (graph, value, axes, n))
    nn_import_memory_axes (value, axes);
  return n;
}

guint
nn_import_outside_axes (const NnImportGraph *graph, const NnImportValue *value,
                        guint axes[NN_IMPORT_MAX_AXES])
{
  const guint n = axes_as_they_are (value, axes);
  if (nn_import_batch_axis (value) != 0 || graph->channels_last)
    return n;
  if (n == 3)
    memcpy (axes, image, sizeof image);
  else if (n == 2 && !nn_import_lies (graph, value, axes, n)
           && nn_import_lies (graph, value, sequence, n))
    memcpy (axes, sequence, sizeof sequence);
  return n;
}

/* ---- arranging ---- */

static gboolean
add_reshape (NnImportGraph *graph, guint from, const NnShape *shape, guint *layer, GError **error)
{
  if (nn_shape_equal (&nn_import_layer (graph, from)->shape, shape))
    {
      *layer = from;
      return TRUE;
    }
  g_autofree char *size = nn_shape_to_string (shape);
  g_autofree char *params = g_strdup_printf ("shape=%s", size);
  const gboolean flat = shape->rank == 1;
  return nn_import_add_between (graph, flat ? "flatten" : "reshape", flat ? NULL : params, from,
                                layer, error);
}

static gboolean
add_permute (NnImportGraph *graph, guint from, const guint *order, guint n, guint *layer,
             GError **error)
{
  g_autoptr (GString) params = g_string_new ("order=");
  for (guint i = 0; i < n; i++)
    g_string_append_printf (params, i ? "x%u" : "%u", order[i] + 1);
  return nn_import_add_between (graph, "permute", params->str, from, layer, error);
}

gboolean
nn_import_arrange (NnImportGraph *graph, const NnImportValue *value, const guint *axes, guint n,
                   guint *layer, GError **error)
{
  guint atoms[NN_IMPORT_MAX_AXES];
  NnShape shape = { .rank = (gint)n }, parts = { .rank = (gint)value->n_atoms };
  const guint n_atoms = atoms_of (value, axes, n, atoms);
  const gint batch = nn_import_batch_axis (value);
  if (batch < 0 || value->group[batch] != 1 || n_atoms != value->n_atoms)
    return nn_import_unsupported (graph, error, _ ("it mixes samples of a batch with each other."));
  if (n > NN_MAX_RANK || value->n_atoms > NN_MAX_RANK)
    return nn_import_unsupported (graph, error, _ ("a value has more than %d axes."), NN_MAX_RANK);
  for (guint i = 0; i < n; i++)
    shape.dim[i] = nn_import_dim (value, axes[i]);
  if (n == 0)
    shape = nn_shape (1);
  *layer = value->layer;
  if (ascend (atoms, n_atoms))
    return add_reshape (graph, value->layer, &shape, layer, error);
  for (guint i = 0; i < n_atoms; i++)
    parts.dim[i] = value->atom[i];
  return add_reshape (graph, value->layer, &parts, layer, error)
         && add_permute (graph, *layer, atoms, n_atoms, layer, error)
         && add_reshape (graph, *layer, &shape, layer, error);
}

/* axes with one of them moved to the end. */
static void
move_last (guint *axes, guint n, guint axis)
{
  guint at = 0;
  while (at < n && axes[at] != axis)
    at++;
  for (; at + 1 < n; at++)
    axes[at] = axes[at + 1];
  axes[n - 1] = axis;
}

gboolean
nn_import_last (NnImportGraph *graph, const NnImportValue *value, guint axis, guint *layer,
                guint axes[NN_IMPORT_MAX_AXES], guint *n, GError **error)
{
  *n = nn_import_memory_axes (value, axes);
  if ((gint)axis == nn_import_batch_axis (value))
    return nn_import_unsupported (graph, error, _ ("it mixes samples of a batch with each other."));
  move_last (axes, *n, axis);
  return nn_import_arrange (graph, value, axes, *n, layer, error);
}

/* Sorts the atoms of an axis as memory has them. */
static NnImportValue
sorted_within (const NnImportValue *value, guint axis)
{
  NnImportValue sorted = *value;
  gint *order = sorted.order + group_start (value, axis);
  for (guint i = 1; i < value->group[axis]; i++)
    for (guint k = i; k > 0 && order[k - 1] > order[k]; k--)
      {
        const gint swap = order[k];
        order[k] = order[k - 1];
        order[k - 1] = swap;
      }
  return sorted;
}

/* For each place in the memory of an axis, the one that ONNX counts. */
static gsize *
index_within (const NnImportValue *value, const NnImportValue *sorted, guint axis)
{
  const guint n = value->group[axis], start = group_start (value, axis);
  const gsize size = (gsize)nn_import_dim (value, axis);
  gsize stride[NN_IMPORT_MAX_AXES] = { 0 }, step = 1;
  gsize *index = g_new (gsize, size);
  for (guint i = n; i-- > 0;)
    {
      stride[value->order[start + i]] = step;
      step *= (gsize)value->atom[value->order[start + i]];
    }
  for (gsize place = 0; place < size; place++)
    {
      gsize rest = place, at = 0;
      for (guint i = n; i-- > 0;)
        {
          const gint atom = sorted->order[start + i];
          at += rest % (gsize)value->atom[atom] * stride[atom];
          rest /= (gsize)value->atom[atom];
        }
      index[place] = at;
    }
  return index;
}

gboolean
nn_import_features (NnImportGraph *graph, const NnImportValue *value, guint axis,
                    NnImportValue *seen, guint axes[NN_IMPORT_MAX_AXES], guint *n, gsize **index,
                    GError **error)
{
  const gint batch = nn_import_batch_axis (value);
  *index = NULL;
  if ((gint)axis == batch)
    return nn_import_unsupported (graph, error, _ ("it mixes samples of a batch with each other."));
  if (nn_import_dim (value, axis) > MAX_FEATURES)
    return nn_import_unsupported (graph, error,
                                  _ ("%" PRId64 " features are more than a layer has."),
                                  nn_import_dim (value, axis));
  const NnImportValue sorted = sorted_within (value, axis);
  guint layer;
  *n = nn_import_memory_axes (&sorted, axes);
  move_last (axes, *n, axis);
  if (!nn_import_lies (graph, &sorted, axes, *n))
    {
      if (!nn_import_last (graph, value, axis, &layer, axes, n, error))
        return FALSE;
      *seen = nn_import_view (graph, layer, axes, value->rank, (guint)MAX (batch, 0));
      return TRUE;
    }
  if (!nn_import_arrange (graph, &sorted, axes, *n, &layer, error))
    return FALSE;
  if (memcmp (sorted.order, value->order, sizeof sorted.order) != 0)
    *index = index_within (value, &sorted, axis);
  *seen = *value;
  seen->layer = layer;
  return TRUE;
}

/* ---- defining ---- */

NnImportValue
nn_import_view_sizes (guint layer, const guint *axes, const gint64 *sizes, guint n, guint rank,
                      guint batch)
{
  NnImportValue value = { .layer = layer, .rank = rank, .unshared = TRUE };
  gint atom[NN_IMPORT_MAX_AXES];
  for (guint i = 0; i < rank; i++)
    atom[i] = -1;
  for (guint i = 0; i < n; i++)
    if (sizes[i] > 1)
      {
        atom[axes[i]] = (gint)value.n_atoms;
        value.atom[value.n_atoms++] = sizes[i];
      }
  for (guint i = 0; i < rank; i++)
    if (i == batch || atom[i] >= 0)
      {
        value.order[value.n_order++] = i == batch ? NN_IMPORT_BATCH : atom[i];
        value.group[i] = 1;
      }
  return value;
}

NnImportValue
nn_import_view (const NnImportGraph *graph, guint layer, const guint *axes, guint rank, guint batch)
{
  const NnShape *shape = &nn_import_layer (graph, layer)->shape;
  return nn_import_view_sizes (layer, axes, shape->dim, (guint)shape->rank, rank, batch);
}

void
nn_import_define_name (NnImportGraph *graph, const char *name, const NnImportValue *value)
{
  NnImportValue *copy = g_memdup2 (value, sizeof *value);
  copy->n_uses = nn_import_uses (graph, name);
  g_hash_table_insert (graph->values, (gpointer)name, copy);
}

void
nn_import_define (NnImportGraph *graph, guint i, const NnImportValue *value)
{
  if (i < graph->node->n_output && *graph->node->output[i])
    nn_import_define_name (graph, graph->node->output[i], value);
  else
    value_free (g_memdup2 (value, sizeof *value)); /* what nobody can ask for */
}

void
nn_import_define_like (NnImportGraph *graph, const NnImportValue *like, guint layer)
{
  NnImportValue value = *like;
  value.layer = layer;
  value.unshared = TRUE;
  nn_import_define (graph, 0, &value);
}

void
nn_import_define_view (NnImportGraph *graph, const NnImportValue *value)
{
  NnImportValue view = *value;
  view.unshared = value->unshared && value->n_uses <= 1;
  nn_import_define (graph, 0, &view);
}
