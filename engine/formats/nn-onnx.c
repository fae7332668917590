/* ONNX: the network as a graph of standard operators with its weights (https://onnx.ai), opset 13.
 * The messages are generated from ONNX's own onnx.proto. */
#include "diabolo-config.h"

#include "base/nn-error.h"
#include "formats/nn-onnx-graph.h"
#include "formats/nn-replace.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* The oldest of those that have all that is written here: readers that know it are many. */
#define OPSET 13
/* Of the file format: what goes with that opset. */
#define IR_VERSION ONNX__VERSION__IR_VERSION_2020_5_8
/* Protocol buffers end here. Structure beside the weights takes a fraction of the difference. */
#define MAX_WEIGHT_BYTES ((guint64)2000 * 1000 * 1000)

/* ---- what is and is not in ONNX ---- */

static gboolean
check_model (const NnExportModel *model, GError **error)
{
  for (guint i = 0; i < nn_export_model_n_ops (model); i++)
    {
      const NnOp *op = nn_export_model_op (model, i);
      if (nn_onnx_translation (op->type))
        continue;
      g_set_error (error, NN_ERROR, NN_ERROR_UNSUPPORTED,
                   _ ("“%s” cannot be written as ONNX: there is no operator for its “%s”."),
                   nn_export_model_node_title (model, op->node), op->type->name);
      return FALSE;
    }
  if (nn_export_model_weight_bytes (model) <= MAX_WEIGHT_BYTES)
    return TRUE;
  g_autofree char *size = g_format_size (nn_export_model_weight_bytes (model));
  g_set_error (error, NN_ERROR, NN_ERROR_UNSUPPORTED,
               _ ("The weights take %s, but an ONNX file holds 2 GB at most."), size);
  return FALSE;
}

static gboolean
onnx_check (const NnExportSource *source, GError **error)
{
  g_autoptr (NnExportModel) model = nn_export_model_new (source, error);
  return model && check_model (model, error);
}

static char *
onnx_preview (const NnExportSource *source, GError **error)
{
  g_autoptr (NnExportModel) model = nn_export_model_new (source, error);
  return model ? nn_export_model_describe (model) : NULL;
}

/* ---- inputs and outputs ---- */

/* float32, (batch, ...) with a batch of any size */
static Onnx__ValueInfoProto *
port_message (NnOnnxGraph *graph, const NnExportPort *port)
{
  const NnShape *shape = nn_onnx_shape (graph, port->value);
  Onnx__ValueInfoProto *message = nn_onnx_alloc (graph, sizeof *message);
  Onnx__TypeProto *type = nn_onnx_alloc (graph, sizeof *type);
  Onnx__TypeProto__Tensor *tensor = nn_onnx_alloc (graph, sizeof *tensor);
  Onnx__TensorShapeProto *sizes = nn_onnx_alloc (graph, sizeof *sizes);
  onnx__value_info_proto__init (message);
  onnx__type_proto__init (type);
  onnx__type_proto__tensor__init (tensor);
  onnx__tensor_shape_proto__init (sizes);
  message->name = port->name;
  message->doc_string = port->about;
  message->type = type;
  type->value_case = ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
  type->tensor_type = tensor;
  tensor->has_elem_type = TRUE;
  tensor->elem_type = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT;
  tensor->shape = sizes;
  sizes->n_dim = (gsize)shape->rank + 1;
  sizes->dim = nn_onnx_alloc (graph, sizes->n_dim * sizeof *sizes->dim);
  for (gsize i = 0; i < sizes->n_dim; i++)
    {
      Onnx__TensorShapeProto__Dimension *size = nn_onnx_alloc (graph, sizeof *size);
      onnx__tensor_shape_proto__dimension__init (size);
      size->value_case = i == 0 ? ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM
                                : ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
      if (i == 0)
        size->dim_param = "batch";
      else
        size->dim_value = shape->dim[i - 1];
      sizes->dim[i] = size;
    }
  return message;
}

static Onnx__ValueInfoProto **
port_messages (NnOnnxGraph *graph, GArray *ports)
{
  Onnx__ValueInfoProto **messages = nn_onnx_alloc (graph, ports->len * sizeof *messages);
  for (guint i = 0; i < ports->len; i++)
    messages[i] = port_message (graph, &g_array_index (ports, NnExportPort, i));
  return messages;
}

/* Every output under its name: one that is transposed last, one that is an input or is asked for
 * twice. */
static void
finish_outputs (NnOnnxGraph *graph)
{
  for (guint i = 0; i < graph->model->outputs->len; i++)
    {
      const NnExportPort *port = nn_export_output (graph->model, i);
      const char *name = nn_onnx_read (graph, port->value, NN_ONNX_LAST);
      if (!g_str_equal (name, port->name))
        nn_onnx_node (graph, "Identity", port->name, name);
    }
}

/* ---- metadata ---- */

typedef struct
{
  NnOnnxGraph *graph;
  GPtrArray *entries; /* Onnx__StringStringEntryProto */
} Metadata;

static void
add_metadata (Metadata *metadata, const char *key, const char *value)
{
  Onnx__StringStringEntryProto *entry = nn_onnx_alloc (metadata->graph, sizeof *entry);
  onnx__string_string_entry_proto__init (entry);
  entry->key = (char *)nn_onnx_copy (metadata->graph, key);
  entry->value = (char *)nn_onnx_copy (metadata->graph, value);
  g_ptr_array_add (metadata->entries, entry);
}

static void
add_port_metadata (Metadata *metadata, const char *kind, GArray *ports)
{
  for (guint i = 0; i < ports->len; i++)
    {
      const NnExportPort *port = &g_array_index (ports, NnExportPort, i);
      g_autofree char *key = g_strdup_printf ("%s.%s", kind, port->name);
      add_metadata (metadata, key, port->about);
    }
}

/* Names of the classes of every label, one a line. */
static void
add_classes (Metadata *metadata, const NnDataInfo *data)
{
  for (guint i = 0; i < data->n_fields; i++)
    if (data->fields[i].class_names)
      {
        g_autofree char *names = g_strjoinv ("\n", (char **)data->fields[i].class_names);
        g_autofree char *key = g_strdup_printf ("classes.%s", data->fields[i].name);
        add_metadata (metadata, key, names);
      }
}

static void
describe (Metadata *metadata, const NnExportModel *model)
{
  const NnExportSource *source = model->source;
  const NnDataInfo *data = nn_analysis_data (source->analysis);
  g_autofree char *epochs = g_strdup_printf ("%u", source->checkpoint->epoch);
  add_metadata (metadata, "title", nn_design_title (source->design));
  add_metadata (metadata, "part", nn_export_part_id (source->part));
  add_metadata (metadata, "data", data->name);
  add_metadata (metadata, "data.title", data->title);
  add_metadata (metadata, "epochs", epochs);
  add_port_metadata (metadata, "input", model->inputs);
  add_port_metadata (metadata, "output", model->outputs);
  add_classes (metadata, data);
}

/* ---- writing ---- */

/* Where the bytes go as they are packed: the file is never whole in memory. */
typedef struct
{
  ProtobufCBuffer base;
  NnReplacement *replacement;
  const NnExportJob *job;
  gsize done, total;
  GError *error;
} Sink;

static void
sink_append (ProtobufCBuffer *buffer, size_t size, const uint8_t *data)
{
  Sink *sink = (Sink *)buffer;
  if (sink->error
      || !nn_replacement_write (sink->replacement, data, size, sink->job->cancellable,
                                &sink->error))
    return;
  sink->done += size;
  nn_export_progress (sink->job, (double)sink->done / (double)sink->total);
}

static gboolean
pack (const Onnx__ModelProto *message, const char *path, const NnExportJob *job, GError **error)
{
  g_autoptr (NnReplacement) replacement = nn_replacement_new (path, error);
  if (!replacement)
    return FALSE;
  Sink sink = { .base = { .append = sink_append },
                .replacement = replacement,
                .job = job,
                .total = onnx__model_proto__get_packed_size (message) };
  onnx__model_proto__pack_to_buffer (message, &sink.base);
  if (sink.error)
    {
      g_propagate_error (error, sink.error);
      return FALSE;
    }
  return nn_replacement_commit (replacement, error);
}

static void
fill_message (NnOnnxGraph *graph, Metadata *metadata, Onnx__ModelProto *message)
{
  const NnExportModel *model = graph->model;
  Onnx__GraphProto *content = nn_onnx_alloc (graph, sizeof *content);
  Onnx__OperatorSetIdProto *opset = nn_onnx_alloc (graph, sizeof *opset);
  const char *title = nn_design_title (model->source->design);
  onnx__model_proto__init (message);
  onnx__graph_proto__init (content);
  onnx__operator_set_id_proto__init (opset);
  opset->domain = "";
  opset->has_version = TRUE;
  opset->version = OPSET;
  message->has_ir_version = TRUE;
  message->ir_version = IR_VERSION;
  message->producer_name = "Diabolo";
  message->producer_version = DIABOLO_VERSION;
  message->n_opset_import = 1;
  message->opset_import = nn_onnx_alloc (graph, sizeof opset);
  message->opset_import[0] = opset;
  message->graph = content;
  message->n_metadata_props = metadata->entries->len;
  message->metadata_props = (Onnx__StringStringEntryProto **)metadata->entries->pdata;
  content->name = title && *title ? (char *)title : "network";
  content->n_node = graph->nodes->len;
  content->node = (Onnx__NodeProto **)graph->nodes->pdata;
  content->n_initializer = graph->initializers->len;
  content->initializer = (Onnx__TensorProto **)graph->initializers->pdata;
  content->n_input = model->inputs->len;
  content->input = port_messages (graph, model->inputs);
  content->n_output = model->outputs->len;
  content->output = port_messages (graph, model->outputs);
}

static gboolean
onnx_write (const NnExportSource *source, const char *path, const NnExportJob *job, GError **error)
{
  g_autoptr (NnExportModel) model = nn_export_model_new (source, error);
  if (!model)
    return FALSE;
  g_autoptr (GPtrArray) entries = g_ptr_array_new ();
  NnOnnxGraph graph;
  Onnx__ModelProto message;
  nn_onnx_graph_init (&graph, model);
  for (guint i = 0; i < nn_export_model_n_ops (model); i++)
    {
      const NnOp *op = nn_export_model_op (model, i);
      nn_onnx_translation (op->type) (&graph, op);
    }
  finish_outputs (&graph);
  Metadata metadata = { &graph, entries };
  describe (&metadata, model);
  fill_message (&graph, &metadata, &message);
  const gboolean written = pack (&message, path, job, error);
  nn_onnx_graph_clear (&graph);
  return written;
}

const NnExporter nn_exporter_onnx = {
  .id = "onnx",
  .title = "ONNX",
  .extension = ".onnx",
  .summary = N_ ("network with weights, for other programs"),
  .use = N_ ("The network with its weights in the format that most programs read: ONNX Runtime, "
             "OpenCV, web pages, phones. Made to be run, on batches of any size."),
  .parts = NN_EXPORT_ANY_PART,
  .needs = NN_EXPORT_NETWORK | NN_EXPORT_WEIGHTS,
  .check = onnx_check,
  .preview = onnx_preview,
  .write = onnx_write,
};
