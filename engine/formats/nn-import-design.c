/* Layers that were read as a design: nodes and edges, weights, data that fit, something to learn.
 */
#include "diabolo-config.h"

#include <inttypes.h>
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "base/nn-error.h"
#include "data/nn-noise.h"
#include "formats/nn-export-model.h"
#include "formats/nn-import-graph.h"
#include "train/nn-weights.h"

/* Cards of the canvas: their height follows the logarithm of the output's size. */
#define CARD_WIDTH 102
#define CARD_GAP 24
#define CARD_LEAST 60
#define CARD_HEIGHT(size) MAX (29 * log2 ((double)(size)) - 8, CARD_LEAST)

#define MAX_PORTS 64

/* ---- outputs ---- */

typedef struct
{
  const char *name; /* borrowed */
  guint layer;
  gint n_axes;
  guint axes[NN_IMPORT_MAX_AXES];
} Output;

static void
mark_used (NnImportGraph *graph, guint start)
{
  g_autoptr (GArray) todo = g_array_new (FALSE, FALSE, sizeof (guint));
  g_array_append_val (todo, start);
  while (todo->len > 0)
    {
      NnImportLayer *layer = nn_import_layer (graph, g_array_index (todo, guint, todo->len - 1));
      g_array_set_size (todo, todo->len - 1);
      if (layer->used)
        continue;
      layer->used = TRUE;
      g_array_append_vals (todo, layer->from, layer->n_from);
    }
}

static gboolean
read_output (NnImportGraph *graph, const char *name, Output *output, GError **error)
{
  const NnImportValue *value = nn_import_find (graph, name);
  g_autofree char *valid = g_utf8_make_valid (name, -1);
  if (!value)
    g_set_error (error, NN_ERROR, NN_ERROR_FORMAT, _ ("%s: no node gives the output “%s”."),
                 graph->source, valid);
  else if (value->problem)
    g_propagate_error (error, g_error_copy (value->problem));
  else if (value->constant || value->turned)
    g_set_error (error, NN_ERROR, NN_ERROR_UNSUPPORTED,
                 value->turned ? _ ("%s: the output “%s” runs from the last step to the first.")
                               : _ ("%s: the output “%s” does not depend on any input."),
                 graph->source, valid);
  else
    {
      output->name = name;
      output->n_axes = (gint)nn_import_outside_axes (graph, value, output->axes);
      return nn_import_arrange (graph, value, output->axes, (guint)output->n_axes, &output->layer,
                                error);
    }
  return FALSE;
}

/* (element-type Output) (transfer full) */
static GArray *
read_outputs (NnImportGraph *graph, GError **error)
{
  g_autoptr (GArray) outputs = g_array_new (FALSE, TRUE, sizeof (Output));
  for (gsize i = 0; i < graph->graph->n_output; i++)
    {
      Output output = { 0 };
      if (i == MAX_PORTS)
        {
          g_set_error (error, NN_ERROR, NN_ERROR_UNSUPPORTED, _ ("%s has more than %d outputs."),
                       graph->source, MAX_PORTS);
          return NULL;
        }
      if (!read_output (graph, graph->graph->output[i]->name, &output, error))
        return NULL;
      mark_used (graph, output.layer);
      g_array_append_val (outputs, output);
    }
  return g_steal_pointer (&outputs);
}

/* ---- data ---- */

/* What the network is fed with: a field for each input, one for each output that nothing else
 * judges. */
typedef struct
{
  NnDataInfo *info;  /* owned */
  GPtrArray *fields; /* of inputs, by layer: owned char *, NULL elsewhere */
  const NnField *label;
} Data;

static void
data_clear (Data *data)
{
  g_clear_pointer (&data->info, nn_data_info_free);
  g_clear_pointer (&data->fields, g_ptr_array_unref);
}

static gboolean
is_used_input (const NnImportLayer *layer)
{
  return layer->used && (layer->type->flags & NN_LAYER_INPUT);
}

static const NnField *
field_of_shape (const NnDataInfo *info, const char *name, const NnShape *shape)
{
  const NnField *named = nn_data_info_field (info, name, NULL);
  if (named && nn_shape_equal (&named->shape, shape))
    return named;
  for (guint i = 0; i < info->n_fields; i++)
    if (info->fields[i].kind != NN_FIELD_LABEL && nn_shape_equal (&info->fields[i].shape, shape))
      return &info->fields[i];
  return NULL;
}

static const NnField *
label_of_size (const NnDataInfo *info, gint64 size)
{
  for (guint i = 0; i < info->n_fields; i++)
    if (info->fields[i].kind == NN_FIELD_LABEL && info->fields[i].n_classes == size)
      return &info->fields[i];
  return NULL;
}

/* An input with as many values: what an autoencoder gives back. */
static const NnImportLayer *
input_of_size (const NnImportGraph *graph, const NnShape *shape, guint *position)
{
  const NnImportLayer *found = NULL;
  for (guint i = 0; i < graph->layers->len; i++)
    {
      const NnImportLayer *layer = nn_import_layer (graph, i);
      if (!is_used_input (layer) || nn_shape_size (&layer->shape) != nn_shape_size (shape)
          || (found && !nn_shape_equal (&layer->shape, shape)))
        continue;
      found = layer;
      *position = i;
    }
  return found;
}

/* Whether a data set has something for every input and output. Takes info. */
static gboolean
try_data (const NnImportGraph *graph, GArray *outputs, NnDataInfo *info, Data *data)
{
  guint position;
  *data = (Data){ .info = info, .fields = g_ptr_array_new_with_free_func (g_free) };
  gboolean fits = info != NULL;
  for (guint i = 0; i < graph->layers->len && fits; i++)
    {
      const NnImportLayer *layer = nn_import_layer (graph, i);
      const NnField *field =
          is_used_input (layer) ? field_of_shape (info, layer->name, &layer->shape) : NULL;
      g_ptr_array_add (data->fields, field ? g_strdup (field->name) : NULL);
      fits = field || !is_used_input (layer);
    }
  for (guint i = 0; i < outputs->len && fits; i++)
    {
      const NnShape *shape =
          &nn_import_layer (graph, g_array_index (outputs, Output, i).layer)->shape;
      fits = input_of_size (graph, shape, &position)
             || field_of_shape (info, g_array_index (outputs, Output, i).name, shape)
             || (shape->rank == 1 && label_of_size (info, shape->dim[0]));
    }
  if (!fits)
    data_clear (data);
  return fits;
}

static gboolean
ends_in_softmax (const NnImportLayer *layer)
{
  return layer->type->params && nn_params_spec (layer->params, "activation")
         && g_str_equal (nn_params_text (layer->params, "activation"), "softmax");
}

static void
append_field (GString *name, const char *field, const NnShape *shape)
{
  g_string_append (name, g_str_has_suffix (name->str, ":") ? "" : ",");
  g_string_append_printf (name, "%s=", field);
  for (gint i = 0; i < shape->rank; i++)
    g_string_append_printf (name, i ? "x%" PRId64 : "%" PRId64, shape->dim[i]);
}

/* Random numbers in the right shapes, fields called as the file calls them. */
static gboolean
noise_data (const NnImportGraph *graph, GArray *outputs, Data *data, GError **error)
{
  g_autoptr (GHashTable) taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GString) name = g_string_new (NN_NOISE_PREFIX);
  guint position;
  *data = (Data){ .fields = g_ptr_array_new_with_free_func (g_free) };
  g_hash_table_add (taken, g_strdup ("label"));
  for (guint i = 0; i < graph->layers->len; i++)
    {
      const NnImportLayer *layer = nn_import_layer (graph, i);
      char *field = is_used_input (layer) ? nn_export_identifier (layer->name, taken) : NULL;
      g_ptr_array_add (data->fields, field);
      if (field)
        append_field (name, field, &layer->shape);
    }
  for (guint i = 0; i < outputs->len; i++)
    {
      const Output *output = &g_array_index (outputs, Output, i);
      const NnImportLayer *layer = nn_import_layer (graph, output->layer);
      if (input_of_size (graph, &layer->shape, &position))
        continue;
      if (ends_in_softmax (layer) && layer->shape.rank == 1 && !strstr (name->str, "label="))
        append_field (name, "label", &layer->shape);
      else if (!strstr (name->str, "target="))
        append_field (name, NN_FIELD_TARGET, &layer->shape);
      else
        {
          g_autofree char *field = nn_export_identifier (output->name, taken);
          append_field (name, field, &layer->shape);
        }
    }
  data->info = nn_data_peek (name->str, error);
  if (!data->info)
    data_clear (data);
  return data->info != NULL;
}

/* The data set that the file names, the usual one, or random numbers. */
static gboolean
find_data (const NnImportGraph *graph, GArray *outputs, GHashTable *metadata, Data *data,
           GError **error)
{
  const char *named = metadata ? g_hash_table_lookup (metadata, "data") : NULL;
  const char *const names[] = { named, nn_data_default_name (), "digits" };
  /* A name in a file is no reason to open a path. */
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (names[i] && !strchr (names[i], G_DIR_SEPARATOR)
        && try_data (graph, outputs, nn_data_peek (names[i], NULL), data))
      return TRUE;
  return noise_data (graph, outputs, data, error);
}

/* ---- the design ---- */

typedef struct
{
  NnImportGraph *graph;
  NnDesign *design;
  guint *ids; /* by layer; 0: not in it */
  Data data;
} Builder;

static void
replace (NnDesign **design, NnDesign *next)
{
  nn_design_unref (*design);
  *design = next;
}

static gboolean
connect (Builder *builder, guint from, guint to, guint port, GError **error)
{
  NnDesign *next = nn_design_connect (builder->design, from, 0, to, port, error);
  if (next)
    replace (&builder->design, next);
  return next != NULL;
}

static gboolean
add_layers (Builder *builder, GError **error)
{
  for (guint i = 0; i < builder->graph->layers->len; i++)
    {
      const NnImportLayer *layer = nn_import_layer (builder->graph, i);
      const char *field = g_ptr_array_index (builder->data.fields, i);
      g_autoptr (NnParams) params = field
                                        ? nn_params_with_text (layer->params, "field", field, error)
                                        : nn_params_ref (layer->params);
      if (!layer->used)
        continue;
      if (!params)
        return FALSE;
      const char *name = layer->name && *layer->name ? layer->name : NULL;
      replace (&builder->design, nn_design_add_node (builder->design, layer->type, params, name, 0,
                                                     0, &builder->ids[i]));
      if (layer->frozen)
        replace (&builder->design, nn_design_set_frozen (builder->design, builder->ids[i], TRUE));
      for (guint port = 0; port < layer->n_from; port++)
        if (!connect (builder, builder->ids[layer->from[port]], builder->ids[i], port, error))
          return FALSE;
    }
  return TRUE;
}

static guint
add_node (Builder *builder, const char *type, const char *param, const char *value)
{
  const NnLayerType *layer = nn_layer_type (type);
  g_autoptr (NnParams) plain = nn_params_new (layer->params);
  g_autoptr (NnParams) params = nn_params_with_text (plain, param, value, NULL);
  guint id;
  g_assert (params);
  replace (&builder->design, nn_design_add_node (builder->design, layer, params, NULL, 0, 0, &id));
  return id;
}

static gboolean
is_sigmoid (const NnImportLayer *layer)
{
  return layer->type->params && nn_params_spec (layer->params, "activation")
         && g_str_equal (nn_params_text (layer->params, "activation"), "sigmoid");
}

/* A file says nothing of how its network was trained: what looks like the input is compared with
 * it, what looks like classes with the label, anything else with a field of its shape. */
static gboolean
add_objective (Builder *builder, const Output *output, GError **error)
{
  const NnImportLayer *layer = nn_import_layer (builder->graph, output->layer);
  const NnDataInfo *info = builder->data.info;
  const NnField *label = layer->shape.rank == 1 ? label_of_size (info, layer->shape.dim[0]) : NULL;
  guint position = 0, from = builder->ids[output->layer];
  const NnImportLayer *input = input_of_size (builder->graph, &layer->shape, &position);
  if (!input && label)
    {
      /* Logits: the loss wants shares of a whole. */
      if (!ends_in_softmax (layer))
        {
          const guint softmax = add_node (builder, "activation", "activation", "softmax");
          if (!connect (builder, from, softmax, 0, error))
            return FALSE;
          from = softmax;
        }
      return connect (builder, from,
                      add_node (builder, "classification-loss", "field", label->name), 0, error);
    }
  const guint loss =
      add_node (builder, "reconstruction-loss", "loss",
                input && is_sigmoid (layer) ? "binary-crossentropy" : "mean-squared-error");
  guint target = input ? builder->ids[position] : 0;
  if (!target)
    {
      const NnField *field = nn_data_info_field (info, NN_FIELD_TARGET, NULL);
      if (!field || !nn_shape_equal (&field->shape, &layer->shape))
        field = field_of_shape (info, output->name, &layer->shape);
      g_assert (field); /* or the data would not have been taken */
      target = add_node (builder, "input", "field", field->name);
    }
  return connect (builder, from, loss, 0, error) && connect (builder, target, loss, 1, error);
}

static NnDesign *
tidy (const NnAnalysis *analysis)
{
  NnDesign *design = nn_analysis_design (analysis);
  const guint n = nn_design_n_nodes (design);
  g_autofree double *heights = g_new (double, n + 1);
  for (guint i = 0; i < n; i++)
    {
      const NnNode *node = nn_design_node_at (design, i);
      const NnShape *shape =
          node->type->outputs ? nn_analysis_output_shape (analysis, node->id, 0) : NULL;
      heights[i] = shape ? CARD_HEIGHT (nn_shape_size (shape)) : CARD_LEAST;
    }
  return nn_analysis_tidy (analysis, CARD_WIDTH, CARD_GAP, heights);
}

static gboolean
build_design (Builder *builder, GArray *outputs, const char *title, GError **error)
{
  builder->design = nn_design_new ();
  replace (&builder->design, nn_design_with_title (builder->design, title));
  g_autoptr (NnParams) data = nn_params_with_text (nn_design_data (builder->design), "name",
                                                   builder->data.info->name, error);
  if (!data)
    return FALSE;
  replace (&builder->design, nn_design_with_data (builder->design, data));
  if (!add_layers (builder, error))
    return FALSE;
  for (guint i = 0; i < outputs->len; i++)
    if (!add_objective (builder, &g_array_index (outputs, Output, i), error))
      return FALSE;
  return TRUE;
}

/* ---- weights ---- */

static NnCheckpoint *
build_checkpoint (const Builder *builder, NnProgram *program, GError **error)
{
  g_autoptr (NnCheckpoint) checkpoint = nn_checkpoint_new ();
  checkpoint->seed = (guint64)nn_params_int (nn_design_training (builder->design), "seed");
  for (guint i = 0; i < builder->graph->layers->len; i++)
    {
      const NnImportLayer *layer = nn_import_layer (builder->graph, i);
      for (guint k = 0; layer->used && k < layer->weights->len; k++)
        {
          const NnNamedTensor *weight = layer->weights->pdata[k];
          nn_checkpoint_add (checkpoint, builder->ids[i], weight->name, weight->tensor, NULL, 0);
        }
    }
  g_autofree float **values = g_new0 (float *, program->weights->len + 1);
  if (nn_weights_of_checkpoint (program, checkpoint, values))
    return g_steal_pointer (&checkpoint);
  g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
               _ ("%s: its weights are not those that its layers need."), builder->graph->source);
  return NULL;
}

static void
set_port_axes (NnImportPort *port, const guint *axes, gint n)
{
  port->n_axes = n;
  for (gint i = 0; i < n && i < NN_MAX_RANK; i++)
    port->axis[i] = (gint)axes[i];
}

static void
add_ports (const Builder *builder, GArray *outputs, NnImport *import)
{
  const Onnx__GraphProto *message = builder->graph->graph;
  guint axes[NN_IMPORT_MAX_AXES];
  for (gsize i = 0; i < message->n_input; i++)
    {
      const NnImportValue *value = nn_import_find (builder->graph, message->input[i]->name);
      if (!value || value->constant || builder->ids[value->layer] == 0)
        continue;
      const guint n = nn_import_natural_axes (builder->graph, value, axes);
      set_port_axes (
          nn_import_add_port (import, message->input[i]->name, builder->ids[value->layer], FALSE),
          axes, (gint)n);
    }
  for (guint i = 0; i < outputs->len; i++)
    {
      const Output *output = &g_array_index (outputs, Output, i);
      set_port_axes (nn_import_add_port (import, output->name, builder->ids[output->layer], TRUE),
                     output->axes, output->n_axes);
    }
}

static NnImport *
finish (Builder *builder, GArray *outputs, GError **error)
{
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (builder->design, builder->data.info, 0);
  /* Too little memory to train is no reason against looking at it; sizes that differ would be. */
  for (guint i = 0; i < builder->graph->layers->len; i++)
    {
      const NnImportLayer *layer = nn_import_layer (builder->graph, i);
      const NnShape *shape =
          layer->used ? nn_analysis_output_shape (analysis, builder->ids[i], 0) : &layer->shape;
      if (!shape || !nn_shape_equal (shape, &layer->shape))
        {
          g_set_error (error, NN_ERROR, NN_ERROR_UNSUPPORTED,
                       _ ("%s: “%s” does not give what the file says."), builder->graph->source,
                       layer->name ? layer->name : layer->type->id);
          return NULL;
        }
    }
  NnCheckpoint *checkpoint = build_checkpoint (builder, nn_analysis_program (analysis), error);
  if (!checkpoint)
    return NULL;
  NnImport *import = nn_import_new ();
  import->design = tidy (analysis);
  import->checkpoint = checkpoint;
  add_ports (builder, outputs, import);
  return import;
}

NnImport *
nn_import_build (NnImportGraph *graph, const char *title, GHashTable *metadata, GError **error)
{
  g_autoptr (GArray) outputs = read_outputs (graph, error);
  Builder builder = { .graph = graph };
  NnImport *import = NULL;
  if (!outputs || !find_data (graph, outputs, metadata, &builder.data, error))
    return NULL;
  builder.ids = g_new0 (guint, graph->layers->len + 1);
  if (build_design (&builder, outputs, title, error))
    import = finish (&builder, outputs, error);
  g_clear_pointer (&builder.design, nn_design_unref);
  g_free (builder.ids);
  data_clear (&builder.data);
  return import;
}
