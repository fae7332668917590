#include "formats/nn-onnx-graph.h"

#include <inttypes.h>
#include <string.h>

/* Most axes of an initializer: the program's, and the batch's. */
#define MAX_AXES (NN_MAX_RANK + 1)

void
nn_onnx_graph_init (NnOnnxGraph *graph, const NnExportModel *model)
{
  const guint n = model->program->values->len;
  *graph = (NnOnnxGraph){
    .model = model,
    .nodes = g_ptr_array_new (),
    .initializers = g_ptr_array_new (),
    .memory = g_ptr_array_new_with_free_func (g_free),
    .names = g_hash_table_new (g_str_hash, g_str_equal),
    .constants = g_hash_table_new (g_str_hash, g_str_equal),
    .value = g_malloc0 (n * sizeof *graph->value),
    .produced = g_new0 (NnOnnxLayout, n),
  };
  for (guint i = 0; i < model->inputs->len; i++)
    {
      const NnExportPort *port = nn_export_input (model, i);
      g_hash_table_add (graph->names, port->name);
      graph->value[port->value][NN_ONNX_LAST] = port->name;
    }
  for (guint i = 0; i < model->outputs->len; i++)
    g_hash_table_add (graph->names, nn_export_output (model, i)->name);
}

void
nn_onnx_graph_clear (NnOnnxGraph *graph)
{
  g_ptr_array_unref (graph->nodes);
  g_ptr_array_unref (graph->initializers);
  g_hash_table_unref (graph->names);
  g_hash_table_unref (graph->constants);
  g_ptr_array_unref (graph->memory);
  g_free (graph->value);
  g_free (graph->produced);
}

gpointer
nn_onnx_alloc (NnOnnxGraph *graph, gsize size)
{
  gpointer memory = g_malloc0 (MAX (size, 1));
  g_ptr_array_add (graph->memory, memory);
  return memory;
}

const char *
nn_onnx_copy (NnOnnxGraph *graph, const char *text)
{
  char *copy = g_strdup (text);
  g_ptr_array_add (graph->memory, copy);
  return copy;
}

static const char *
unique_name (NnOnnxGraph *graph, const char *wanted)
{
  g_autofree char *name = g_strdup (wanted);
  for (guint i = 2; g_hash_table_contains (graph->names, name); i++)
    {
      g_free (name);
      name = g_strdup_printf ("%s_%u", wanted, i);
    }
  const char *kept = nn_onnx_copy (graph, name);
  g_hash_table_add (graph->names, (gpointer)kept);
  return kept;
}

/* ---- values ---- */

const NnShape *
nn_onnx_shape (const NnOnnxGraph *graph, guint value)
{
  return &nn_program_value (graph->model->program, value)->shape;
}

gboolean
nn_onnx_has_layouts (const NnOnnxGraph *graph, guint value)
{
  return nn_onnx_shape (graph, value)->rank >= 2;
}

NnOnnxLayout
nn_onnx_layout (const NnOnnxGraph *graph, const NnOp *op, guint i)
{
  return graph->produced[nn_export_model_value (graph->model, op->in[i])];
}

const char *
nn_onnx_define (NnOnnxGraph *graph, guint value, NnOnnxLayout layout)
{
  const NnValue *described = nn_program_value (graph->model->program, value);
  const char *name = NULL;
  if (!nn_onnx_has_layouts (graph, value))
    layout = NN_ONNX_LAST;
  for (guint i = 0; i < graph->model->outputs->len && layout == NN_ONNX_LAST; i++)
    if (nn_export_output (graph->model, i)->value == value)
      name = nn_export_output (graph->model, i)->name;
  if (!name)
    {
      const NnOp *op = described->producer >= 0
                           ? nn_program_op (graph->model->program, described->producer)
                           : NULL;
      g_autofree char *wanted = g_strdup_printf (
          "%s/%s%s", nn_export_model_node_name (graph->model, described->node),
          op ? op->type->name : "input", layout == NN_ONNX_FIRST ? "/channels_first" : "");
      name = unique_name (graph, wanted);
    }
  if (!graph->value[value][0] && !graph->value[value][1])
    graph->produced[value] = layout;
  graph->value[value][layout] = name;
  return name;
}

const char *
nn_onnx_read (NnOnnxGraph *graph, guint value, NnOnnxLayout layout)
{
  value = nn_export_model_value (graph->model, value);
  if (!nn_onnx_has_layouts (graph, value))
    layout = NN_ONNX_LAST;
  if (graph->value[value][layout])
    return graph->value[value][layout];

  const char *from = graph->value[value][!layout];
  const gsize rank = (gsize)nn_onnx_shape (graph, value)->rank;
  gint64 order[MAX_AXES] = { 0 };
  g_assert (from);
  for (gsize i = 1; i <= rank; i++)
    if (layout == NN_ONNX_FIRST)
      order[i] = (gint64)(i == 1 ? rank : i - 1);
    else
      order[i] = (gint64)(i == rank ? 1 : i + 1);
  Onnx__NodeProto *node =
      nn_onnx_node (graph, "Transpose", nn_onnx_define (graph, value, layout), from);
  nn_onnx_set_ints (graph, node, "perm", order, rank + 1);
  return graph->value[value][layout];
}

const char *
nn_onnx_between (NnOnnxGraph *graph, const NnOp *op, const char *what)
{
  g_autofree char *wanted =
      g_strdup_printf ("%s/%s", nn_export_model_node_name (graph->model, op->node), what);
  return unique_name (graph, wanted);
}

/* ---- nodes ---- */

void
nn_onnx_add_input (NnOnnxGraph *graph, Onnx__NodeProto *node, const char *input)
{
  char **inputs = nn_onnx_alloc (graph, (node->n_input + 1) * sizeof (char *));
  if (node->n_input > 0)
    memcpy (inputs, node->input, node->n_input * sizeof (char *));
  inputs[node->n_input++] = (char *)input;
  node->input = inputs;
}

Onnx__NodeProto *
nn_onnx_add_node (NnOnnxGraph *graph, const char *type, const char *output,
                  const char *const *inputs)
{
  Onnx__NodeProto *node = nn_onnx_alloc (graph, sizeof *node);
  onnx__node_proto__init (node);
  node->op_type = (char *)type;
  node->name = (char *)output;
  node->output = nn_onnx_alloc (graph, sizeof (char *));
  node->output[0] = (char *)output;
  node->n_output = 1;
  for (guint i = 0; inputs[i]; i++)
    nn_onnx_add_input (graph, node, inputs[i]);
  g_ptr_array_add (graph->nodes, node);
  return node;
}

static Onnx__AttributeProto *
add_attribute (NnOnnxGraph *graph, Onnx__NodeProto *node, const char *name,
               Onnx__AttributeProto__AttributeType type)
{
  Onnx__AttributeProto *attribute = nn_onnx_alloc (graph, sizeof *attribute);
  Onnx__AttributeProto **all = nn_onnx_alloc (graph, (node->n_attribute + 1) * sizeof *all);
  onnx__attribute_proto__init (attribute);
  attribute->name = (char *)name;
  attribute->has_type = TRUE;
  attribute->type = type;
  if (node->n_attribute > 0)
    memcpy (all, node->attribute, node->n_attribute * sizeof *all);
  all[node->n_attribute++] = attribute;
  node->attribute = all;
  return attribute;
}

void
nn_onnx_set_int (NnOnnxGraph *graph, Onnx__NodeProto *node, const char *name, gint64 value)
{
  Onnx__AttributeProto *attribute =
      add_attribute (graph, node, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT);
  attribute->has_i = TRUE;
  attribute->i = value;
}

void
nn_onnx_set_ints (NnOnnxGraph *graph, Onnx__NodeProto *node, const char *name, const gint64 *values,
                  gsize n)
{
  Onnx__AttributeProto *attribute =
      add_attribute (graph, node, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS);
  attribute->n_ints = n;
  attribute->ints = nn_onnx_alloc (graph, n * sizeof (gint64));
  memcpy (attribute->ints, values, n * sizeof (gint64));
}

void
nn_onnx_set_float (NnOnnxGraph *graph, Onnx__NodeProto *node, const char *name, float value)
{
  Onnx__AttributeProto *attribute =
      add_attribute (graph, node, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOAT);
  attribute->has_f = TRUE;
  attribute->f = value;
}

void
nn_onnx_set_floats (NnOnnxGraph *graph, Onnx__NodeProto *node, const char *name,
                    const float *values, gsize n)
{
  Onnx__AttributeProto *attribute =
      add_attribute (graph, node, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOATS);
  attribute->n_floats = n;
  attribute->floats = nn_onnx_alloc (graph, n * sizeof (float));
  memcpy (attribute->floats, values, n * sizeof (float));
}

static ProtobufCBinaryData
text_bytes (NnOnnxGraph *graph, const char *text)
{
  return (ProtobufCBinaryData){ .len = strlen (text),
                                .data = (guint8 *)nn_onnx_copy (graph, text) };
}

void
nn_onnx_set_text (NnOnnxGraph *graph, Onnx__NodeProto *node, const char *name, const char *value)
{
  Onnx__AttributeProto *attribute =
      add_attribute (graph, node, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRING);
  attribute->has_s = TRUE;
  attribute->s = text_bytes (graph, value);
}

void
nn_onnx_set_texts (NnOnnxGraph *graph, Onnx__NodeProto *node, const char *name,
                   const char *const *values, gsize n)
{
  Onnx__AttributeProto *attribute =
      add_attribute (graph, node, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRINGS);
  attribute->n_strings = n;
  attribute->strings = nn_onnx_alloc (graph, n * sizeof *attribute->strings);
  for (gsize i = 0; i < n; i++)
    attribute->strings[i] = text_bytes (graph, values[i]);
}

/* ---- initializers ---- */

/* raw_data is little-endian whatever the machine; this one is taken to be so, as all that the
 * program is built for are. */
G_STATIC_ASSERT (G_BYTE_ORDER == G_LITTLE_ENDIAN);

static const char *
add_initializer (NnOnnxGraph *graph, const char *name, const NnShape *shape, gint type,
                 gconstpointer data, gsize bytes)
{
  Onnx__TensorProto *tensor = nn_onnx_alloc (graph, sizeof *tensor);
  onnx__tensor_proto__init (tensor);
  tensor->name = (char *)name;
  tensor->has_data_type = TRUE;
  tensor->data_type = type;
  tensor->n_dims = (gsize)shape->rank;
  tensor->dims = nn_onnx_alloc (graph, tensor->n_dims * sizeof (gint64));
  memcpy (tensor->dims, shape->dim, tensor->n_dims * sizeof (gint64));
  tensor->has_raw_data = TRUE;
  tensor->raw_data = (ProtobufCBinaryData){ .len = bytes, .data = (guint8 *)data };
  g_ptr_array_add (graph->initializers, tensor);
  return name;
}

const char *
nn_onnx_tensor (NnOnnxGraph *graph, const char *name, const NnShape *shape, const float *data)
{
  return add_initializer (graph, name, shape, ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT, data,
                          (gsize)nn_shape_size (shape) * sizeof (float));
}

const char *
nn_onnx_floats (NnOnnxGraph *graph, const char *name, const float *values, gsize n)
{
  float *copy = nn_onnx_alloc (graph, n * sizeof (float));
  memcpy (copy, values, n * sizeof (float));
  return nn_onnx_tensor (graph, unique_name (graph, name), &nn_shape ((gint64)n), copy);
}

/* The name of the constant that key stands for, or NULL and a new name to give it. */
static const char *
find_constant (NnOnnxGraph *graph, const char *key, const char *wanted, const char **name)
{
  const char *found = g_hash_table_lookup (graph->constants, key);
  if (found)
    return found;
  *name = unique_name (graph, wanted);
  g_hash_table_insert (graph->constants, (gpointer)nn_onnx_copy (graph, key), (gpointer)*name);
  return NULL;
}

static const char *
equal_floats (NnOnnxGraph *graph, float value, const NnShape *shape)
{
  const gsize n = (gsize)nn_shape_size (shape);
  g_autofree char *size = nn_shape_to_string (shape);
  g_autofree char *key = g_strdup_printf ("%a:%d:%s", (double)value, shape->rank, size);
  g_autofree char *wanted = shape->rank ? g_strdup_printf ("constant/%gx%zu", (double)value, n)
                                        : g_strdup_printf ("constant/%g", (double)value);
  const char *name, *found = find_constant (graph, key, wanted, &name);
  if (found)
    return found;
  float *data = nn_onnx_alloc (graph, n * sizeof (float));
  for (gsize i = 0; i < n; i++)
    data[i] = value;
  return nn_onnx_tensor (graph, name, shape, data);
}

const char *
nn_onnx_float (NnOnnxGraph *graph, float value)
{
  return equal_floats (graph, value, &(NnShape){ .rank = 0 });
}

const char *
nn_onnx_constant (NnOnnxGraph *graph, float value, gint64 n)
{
  return equal_floats (graph, value, &nn_shape (n));
}

const char *
nn_onnx_ints (NnOnnxGraph *graph, const gint64 *values, gsize n)
{
  g_autoptr (GString) key = g_string_new ("ints");
  for (gsize i = 0; i < n; i++)
    g_string_append_printf (key, " %" PRId64, values[i]);
  const char *name, *found = find_constant (graph, key->str, "constant/ints", &name);
  if (found)
    return found;
  gint64 *copy = nn_onnx_alloc (graph, n * sizeof (gint64));
  memcpy (copy, values, n * sizeof (gint64));
  return add_initializer (graph, name, &nn_shape ((gint64)n), ONNX__TENSOR_PROTO__DATA_TYPE__INT64,
                          copy, n * sizeof (gint64));
}

/* ---- weights ---- */

const NnShape *
nn_onnx_weight_shape (const NnOnnxGraph *graph, const NnOp *op, guint k)
{
  return &nn_program_weight (graph->model->program, op->weight[k])->shape;
}

const float *
nn_onnx_weight_data (const NnOnnxGraph *graph, const NnOp *op, guint k)
{
  return graph->model->weights[op->weight[k]];
}

const char *
nn_onnx_weight_name (NnOnnxGraph *graph, const NnOp *op, guint k, const char *what)
{
  const NnWeight *weight = nn_program_weight (graph->model->program, op->weight[k]);
  g_autofree char *wanted =
      g_strdup_printf ("%s.%s%s%s", nn_export_model_node_name (graph->model, weight->node),
                       weight->name, what ? "." : "", what ? what : "");
  return unique_name (graph, g_strdelimit (wanted, "-", '_'));
}

const char *
nn_onnx_weight (NnOnnxGraph *graph, const NnOp *op, guint k, const NnShape *view,
                const guint *order, const NnShape *shape)
{
  const float *data = nn_onnx_weight_data (graph, op, k);
  g_autofree char *size = nn_shape_to_string (shape);
  g_autoptr (GString) key = g_string_new (NULL);
  g_string_printf (key, "weight %u %s ", op->weight[k], size);
  for (gint i = 0; order && i < view->rank; i++)
    g_string_append_printf (key, "%u", order[i]);
  const char *found = g_hash_table_lookup (graph->constants, key->str);
  if (found)
    return found;
  const char *name = nn_onnx_weight_name (graph, op, k, NULL);
  g_hash_table_insert (graph->constants, (gpointer)nn_onnx_copy (graph, key->str), (gpointer)name);
  if (!order)
    return nn_onnx_tensor (graph, name, shape, data);
  float *turned = nn_onnx_alloc (graph, (gsize)nn_shape_size (view) * sizeof (float));
  nn_permute_floats (data, view, order, turned);
  return nn_onnx_tensor (graph, name, shape, turned);
}

const char *
nn_onnx_plain_weight (NnOnnxGraph *graph, const NnOp *op, guint k)
{
  const NnShape *shape = nn_onnx_weight_shape (graph, op, k);
  return nn_onnx_weight (graph, op, k, shape, NULL, shape);
}
