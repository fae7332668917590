/* ONNX in: a network as standard operators with its weights (https://onnx.ai), operator sets 6 to
 * 20. */
#include "diabolo-config.h"

#include <inttypes.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/nn-error.h"
#include "formats/nn-import-graph.h"
#include "formats/nn-import-message.h"

#define OLDEST_OPSET 6
#define MAX_INPUTS 64

/* Memory of constants beside what the file has. */
#define SPARE_MEMORY ((gsize)64 << 20)
#define GROWTH 12

/* ---- inputs ---- */

/* Takes reason. */
static gboolean
refuse_input (const NnImportGraph *graph, const char *name, GError **error, char *reason)
{
  g_autofree char *owned = reason;
  g_autofree char *valid = g_utf8_make_valid (name, -1);
  g_set_error (error, NN_ERROR, NN_ERROR_UNSUPPORTED, _ ("%s, input “%s”: %s"), graph->source,
               valid, owned);
  return FALSE;
}

/* As nn_import_unsupported(). */
#define input_fails(graph, name, error, ...)                                                       \
  refuse_input (graph, name, error, g_strdup_printf (__VA_ARGS__))

/* What a node lets know of the order of axes in what it reads. */
typedef enum
{
  TELLS_NOTHING,  /* and no node behind it can */
  PASSES_ON,      /* works value by value: those behind it tell */
  CHANNELS_FIRST, /* (N, C, ...) */
  CHANNELS_LAST,  /* (N, ..., C) */
} Tells;

static Tells
tells (const Onnx__NodeProto *node, guint rank)
{
  static const char *const spatial[] = { "Conv",
                                         "ConvTranspose",
                                         "MaxPool",
                                         "AveragePool",
                                         "GlobalAveragePool",
                                         "GlobalMaxPool",
                                         "BatchNormalization",
                                         "InstanceNormalization",
                                         "Resize",
                                         "Upsample",
                                         NULL };
  static const char *const by_value[] = { "Add",  "Sub", "Mul",  "Div",       "Relu", "Identity",
                                          "Cast", "Pad", "Clip", "LeakyRelu", NULL };
  if (g_strv_contains (spatial, node->op_type))
    return CHANNELS_FIRST;
  if (g_strv_contains (by_value, node->op_type))
    return PASSES_ON;
  const Onnx__AttributeProto *perm = nn_import_attribute (node, "perm");
  if (g_str_equal (node->op_type, "Transpose") && perm && perm->n_ints == rank && rank > 2
      && perm->ints[0] == 0 && perm->ints[1] == rank - 1)
    return CHANNELS_LAST;
  return TELLS_NOTHING;
}

/* By the first node behind the input that tells; images that nothing tells of have channels first,
 * unless their sizes speak for the contrary. */
static gboolean
has_channels_first (NnImportGraph *graph, const char *name, const gint64 *dim, guint rank)
{
  g_autoptr (GHashTable) reached = g_hash_table_new (g_str_hash, g_str_equal);
  g_hash_table_add (reached, (gpointer)name);
  for (gsize i = 0; i < graph->graph->n_node; i++)
    {
      const Onnx__NodeProto *node = graph->graph->node[i];
      gboolean reads = FALSE;
      for (gsize k = 0; k < node->n_input; k++)
        reads = reads || g_hash_table_contains (reached, node->input[k]);
      const Tells told = reads ? tells (node, rank) : TELLS_NOTHING;
      graph->channels_last = graph->channels_last || told == CHANNELS_LAST;
      if (told == CHANNELS_FIRST || told == CHANNELS_LAST)
        return told == CHANNELS_FIRST;
      for (gsize k = 0; k < node->n_output && told == PASSES_ON; k++)
        g_hash_table_add (reached, node->output[k]);
    }
  return rank == 4 && !(dim[3] <= 4 && dim[1] > 4);
}

/* Sizes of an input; the first is the batch's, 0 where it is open. */
static gboolean
read_sizes (const NnImportGraph *graph, const Onnx__ValueInfoProto *input, gint64 *dim, guint *rank,
            GError **error)
{
  const Onnx__TypeProto *type = input->type;
  if (!type || type->value_case != ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE || !type->tensor_type->shape)
    return input_fails (graph, input->name, error, _ ("its shape is not told."));
  const Onnx__TensorShapeProto *shape = type->tensor_type->shape;
  if (shape->n_dim < 1 || shape->n_dim > NN_MAX_RANK + 1)
    return input_fails (graph, input->name, error,
                        _ ("it has %zu axes, but one for the samples and at most %d more were "
                           "expected."),
                        shape->n_dim, NN_MAX_RANK);
  *rank = (guint)shape->n_dim;
  for (guint i = 0; i < *rank; i++)
    {
      const gboolean fixed =
          shape->dim[i]->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
      dim[i] = fixed ? shape->dim[i]->dim_value : 0;
      if (i > 0 && !fixed)
        return input_fails (graph, input->name, error,
                            _ ("the size of axis %u is left open; only the number of samples may "
                               "be: export it with sizes."),
                            i);
      if (i > 0 && (dim[i] < 1 || dim[i] > NN_MAX_SIZE))
        return input_fails (graph, input->name, error, _ ("size %" PRId64 " of axis %u cannot be."),
                            dim[i], i);
    }
  return TRUE;
}

static gboolean
add_input (NnImportGraph *graph, const Onnx__ValueInfoProto *input, gboolean as_is, GError **error)
{
  gint64 dim[NN_MAX_RANK + 1];
  guint rank = 0, axes[NN_MAX_RANK] = { 0 }, layer;
  if (!read_sizes (graph, input, dim, &rank, error))
    return FALSE;
  for (guint i = 1; i < rank; i++)
    axes[i - 1] = i;
  if (!as_is && rank >= 3 && has_channels_first (graph, input->name, dim, rank))
    {
      for (guint i = 2; i < rank; i++)
        axes[i - 2] = i;
      axes[rank - 2] = 1;
    }
  NnShape shape = { .rank = (gint)rank - 1 };
  for (guint i = 0; i + 1 < rank; i++)
    shape.dim[i] = dim[axes[i]];
  if (rank == 1)
    shape = nn_shape (1);
  if (nn_shape_size (&shape) < 1)
    return input_fails (graph, input->name, error, _ ("it is larger than any sample can be."));
  nn_import_add_input (graph, input->name, &shape, &layer);
  const NnImportValue value = nn_import_view (graph, layer, axes, rank, 0);
  nn_import_define_name (graph, input->name, &value);
  if (graph->batch_size == 0)
    graph->batch_size = dim[0];
  return TRUE;
}

static gboolean
add_inputs (NnImportGraph *graph, gboolean as_is, GError **error)
{
  guint n = 0;
  for (gsize i = 0; i < graph->graph->n_input; i++)
    {
      const char *name = graph->graph->input[i]->name;
      const NnImportValue *known = name ? nn_import_find (graph, name) : NULL;
      if (known && known->constant)
        continue; /* an initializer: old files name those, too */
      if (known || n++ == MAX_INPUTS)
        return input_fails (graph, name, error,
                            known ? _ ("it is there twice.") : _ ("there are too many."));
      if (!name || !*name)
        return input_fails (graph, "", error, _ ("it has no name."));
      if (!add_input (graph, graph->graph->input[i], as_is, error))
        return FALSE;
    }
  return TRUE;
}

/* ---- the file ---- */

static gint64
opset_of (const Onnx__ModelProto *model)
{
  for (gsize i = 0; i < model->n_opset_import; i++)
    {
      const char *domain = model->opset_import[i]->domain;
      if (!domain || !*domain || g_str_equal (domain, "ai.onnx"))
        return model->opset_import[i]->version;
    }
  return 0;
}

/* Names of nodes and values must be there, whatever the message leaves out. */
static gboolean
check_names (const Onnx__GraphProto *graph, const char *source, GError **error)
{
  for (gsize i = 0; i < graph->n_node; i++)
    {
      const Onnx__NodeProto *node = graph->node[i];
      gboolean whole = node->op_type != NULL;
      for (gsize k = 0; k < node->n_attribute; k++)
        whole = whole && node->attribute[k]->name;
      if (whole)
        continue;
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("%s: node %zu has no type, or an attribute without a name."), source, i);
      return FALSE;
    }
  for (gsize i = 0; i < graph->n_output; i++)
    if (!graph->output[i]->name || !*graph->output[i]->name)
      {
        g_set_error (error, NN_ERROR, NN_ERROR_FORMAT, _ ("%s: output %zu has no name."), source,
                     i);
        return FALSE;
      }
  return TRUE;
}

static gboolean
check_model (const Onnx__ModelProto *model, const char *source, GError **error)
{
  const gint64 opset = opset_of (model);
  if (!model->graph || model->graph->n_node == 0 || model->graph->n_output == 0)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT, _ ("%s: there is no graph in it."), source);
      return FALSE;
    }
  if (opset < OLDEST_OPSET)
    {
      g_set_error (
          error, NN_ERROR, NN_ERROR_UNSUPPORTED,
          _ ("%s: its operators are of set %" PRId64 ", but the oldest that can be read is %d."),
          source, opset, OLDEST_OPSET);
      return FALSE;
    }
  return check_names (model->graph, source, error);
}

static GHashTable *
read_metadata (const Onnx__ModelProto *model)
{
  GHashTable *metadata = g_hash_table_new (g_str_hash, g_str_equal);
  for (gsize i = 0; i < model->n_metadata_props; i++)
    {
      const Onnx__StringStringEntryProto *entry = model->metadata_props[i];
      if (entry->key && entry->value && g_utf8_validate (entry->value, -1, NULL))
        g_hash_table_insert (metadata, entry->key, entry->value);
    }
  return metadata;
}

/* What the network is called: by itself, else by its file. */
static char *
title_of (GHashTable *metadata, const char *source)
{
  const char *title = g_hash_table_lookup (metadata, "title");
  if (title && *title)
    return g_strdup (title);
  const char *dot = strrchr (source, '.');
  return dot ? g_strndup (source, (gsize)(dot - source)) : g_strdup (source);
}

static NnImport *
read_graph (const Onnx__ModelProto *model, gsize size, const char *source, const char *folder,
            const NnLoadContext *context, GError **error)
{
  g_autoptr (GHashTable) metadata = read_metadata (model);
  g_autofree char *title = title_of (metadata, source);
  const gboolean own = g_strcmp0 (model->producer_name, "Diabolo") == 0;
  NnImport *import = NULL;
  NnImportGraph graph;
  nn_import_graph_init (&graph, model->graph, source, folder);
  graph.opset = opset_of (model);
  graph.own = graph.channels_last = own;
  graph.memory_left = SPARE_MEMORY + (size < G_MAXSIZE / (2 * GROWTH) ? GROWTH * size : size);
  if (nn_import_read_initializers (&graph, error) && add_inputs (&graph, own, error)
      && nn_import_nodes (&graph, context, error))
    import = nn_import_build (&graph, title, metadata, error);
  nn_import_graph_clear (&graph);
  return import;
}

static NnImport *
onnx_read (GBytes *bytes, const char *source, const char *folder, const NnLoadContext *context,
           GError **error)
{
  NnOnnxMessage message;
  NnImport *import = NULL;
  nn_load_progress (context, 0.1);
  if (nn_onnx_message_read (&message, bytes, source, error)
      && check_model (message.model, source, error))
    import = read_graph (message.model, g_bytes_get_size (bytes), source, folder, context, error);
  nn_onnx_message_clear (&message);
  if (import)
    nn_load_progress (context, 1);
  return import;
}

const NnImporter nn_importer_onnx = {
  .id = "onnx",
  .title = "ONNX",
  .extension = ".onnx",
  .summary = N_ ("a network with its weights"),
  .read = onnx_read,
};
