#include "diabolo-config.h"

#include "formats/nn-export-model.h"

#include <inttypes.h>
#include <glib/gi18n-lib.h>

#include "base/nn-error.h"
#include "data/nn-scaling.h"

/* Port of an objective that takes what it judges (nn_loss_ports_in). */
#define PREDICTION 0

/* What is only needed while a model is put together. */
typedef struct
{
  NnExportModel *model;
  NnAnalysis *analysis;
  gint code;         /* value of the code, resolved; -1: none */
  guint code_node;   /* 0: none */
  gboolean *needed;  /* by value */
  GHashTable *taken; /* names */
} Builder;

static void
clear_port (gpointer data)
{
  NnExportPort *port = data;
  g_free (port->name);
  g_free (port->about);
}

guint
nn_export_model_value (const NnExportModel *model, guint value)
{
  for (;;)
    {
      const gint producer = nn_program_value (model->program, value)->producer;
      const NnOp *op = producer >= 0 ? nn_program_op (model->program, producer) : NULL;
      if (!op || model->training || !(op->type->flags & NN_OP_TRAINS_ONLY))
        return value;
      value = op->in[0];
    }
}

static const NnProgramInput *
input_of_value (const NnProgram *program, guint value)
{
  for (guint i = 0; i < program->inputs->len; i++)
    if (nn_program_input (program, i)->value == value)
      return nn_program_input (program, i);
  return NULL;
}

/* ---- names ---- */

static void
name_nodes (Builder *builder)
{
  const NnDesign *design = builder->model->source->design;
  const NnDataInfo *data = nn_analysis_data (builder->analysis);
  /* Inputs have the names of fields; nodes make room for them. */
  for (guint i = 0; i < data->n_fields; i++)
    g_hash_table_add (builder->taken, g_strdup (data->fields[i].name));
  g_hash_table_add (builder->taken, g_strdup ("z"));
  builder->model->node_names = g_new0 (char *, nn_design_n_nodes (design) + 1);
  for (guint i = 0; i < nn_design_n_nodes (design); i++)
    builder->model->node_names[i] =
        nn_export_identifier (nn_design_node_at (design, i)->name, builder->taken);
}

const char *
nn_export_model_node_name (const NnExportModel *model, guint node)
{
  for (guint i = 0; model->node_names[i]; i++)
    if (nn_design_node_at (model->source->design, i)->id == node)
      return model->node_names[i];
  return "constant";
}

const char *
nn_export_model_node_title (const NnExportModel *model, guint node)
{
  const NnNode *found = nn_design_node (model->source->design, node);
  return found ? found->name : _ ("the network");
}

static char *
about_values (const NnField *field)
{
  switch (field->kind)
    {
    case NN_FIELD_IMAGE:
      return g_strdup (field->scale ? "images, channels last"
                                    : "images, channels last, values from 0 to 1 (bytes / 255)");
    case NN_FIELD_SEQUENCE:
      return g_strdup ("sequences (steps, values of a step)");
    case NN_FIELD_LABEL:
      return g_strdup_printf ("one-hot: 1 for the right one of %u classes, else 0",
                              field->n_classes);
    default:
      return g_strdup ("the values of a sample");
    }
}

/* Whoever feeds the network has to scale as its data were. */
static char *
about_field (const NnField *field, const NnParams *data)
{
  g_autofree char *values = about_values (field);
  g_autofree char *scale = field->scale ? nn_scale_text (field->scale, field->kind) : NULL;
  if (scale)
    return g_strdup_printf ("%s, scaled: %s", values, scale);
  if (field->kind == NN_FIELD_LABEL || strcmp (nn_params_text (data, "scaling"), "none") == 0)
    return g_steal_pointer (&values);
  return g_strdup_printf ("%s, scaled by the training part (%s)", values,
                          nn_params_text (data, "scaling"));
}

static void
add_input (Builder *builder, guint value)
{
  const gboolean code =
      builder->model->source->part == NN_EXPORT_DECODER && (gint)value == builder->code;
  const NnProgramInput *input = input_of_value (builder->model->program, value);
  const NnDataInfo *data = nn_analysis_data (builder->analysis);
  NnExportPort port = { .value = value };
  if (code || !input)
    {
      port.node = builder->code_node;
      port.name = g_strdup ("z");
      port.about = g_strdup_printf ("the code: what “%s” gives",
                                    nn_export_model_node_title (builder->model, port.node));
    }
  else
    {
      port.field = nn_data_info_field (data, input->field, NULL);
      port.name = g_strdup (input->field);
      port.about = port.field
                       ? about_field (port.field, nn_design_data (builder->model->source->design))
                       : g_strdup (input->field);
    }
  g_array_append_val (builder->model->inputs, port);
}

static void
add_output (Builder *builder, guint node, gint value)
{
  if (value < 0)
    return;
  const guint resolved = nn_export_model_value (builder->model, (guint)value);
  for (guint i = 0; i < builder->model->outputs->len; i++)
    if (nn_export_output (builder->model, i)->value == resolved)
      return;
  const gboolean code = builder->model->source->part == NN_EXPORT_ENCODER;
  const char *title = nn_export_model_node_title (builder->model, node);
  NnExportPort port = {
    .value = resolved,
    .node = node,
    .name = g_strdup (code ? "z" : nn_export_model_node_name (builder->model, node)),
    .about = g_strdup_printf (code ? "the code: what “%s” gives" : "what “%s” gives", title),
  };
  g_array_append_val (builder->model->outputs, port);
}

/* ---- which part ---- */

/* What objectives judge; first what is reconstructed. */
static void
find_predictions (Builder *builder)
{
  const NnDesign *design = builder->model->source->design;
  const guint first = nn_analysis_judge_node (builder->analysis);
  guint n;
  const guint *order = nn_analysis_order (builder->analysis, &n);
  for (guint i = 0; i <= n; i++)
    {
      const guint node = i == 0 ? first : order[i - 1];
      const NnEdge *edge = node && nn_analysis_role (builder->analysis, node) == NN_ROLE_OBJECTIVE
                               ? nn_design_edge_into (design, node, PREDICTION)
                               : NULL;
      if (edge)
        add_output (builder, edge->from,
                    nn_analysis_value (builder->analysis, edge->from, edge->from_port));
    }
}

static gboolean
is_loss (const NnOp *op)
{
  return op->n_out == 0 && (op->type->flags & NN_OP_LOSS);
}

/* What losses read beside that and is worked out by the network. */
static void
find_operands (Builder *builder)
{
  NnProgram *program = builder->model->program;
  for (guint i = 0; i < program->ops->len; i++)
    {
      const NnOp *op = nn_program_op (program, i);
      for (guint k = 0; is_loss (op) && k < op->n_in; k++)
        if (k == PREDICTION || !input_of_value (program, op->in[k]))
          add_output (builder, nn_program_value (program, op->in[k])->node, (gint)op->in[k]);
    }
}

/* Fields that losses alone read. */
static void
find_targets (Builder *builder)
{
  NnExportModel *model = builder->model;
  for (guint i = 0; i < model->program->ops->len; i++)
    {
      const NnOp *op = nn_program_op (model->program, i);
      for (guint k = 0; is_loss (op) && k < op->n_in; k++)
        {
          if (builder->needed[op->in[k]])
            continue;
          builder->needed[op->in[k]] = TRUE;
          add_input (builder, op->in[k]);
          nn_export_input (model, model->inputs->len - 1)->target = TRUE;
        }
    }
}

/* Marks the values that `value` follows from, up to the code where a decoder begins there. */
static void
mark (Builder *builder, guint value)
{
  NnProgram *program = builder->model->program;
  const gboolean decoder = builder->model->source->part == NN_EXPORT_DECODER;
  builder->needed[value] = TRUE;
  /* Values come after what they follow from, so one walk towards the front is enough. */
  for (guint v = program->values->len; v-- > 0;)
    {
      const gint producer = nn_program_value (program, v)->producer;
      if (!builder->needed[v] || producer < 0 || (decoder && (gint)v == builder->code))
        continue;
      const NnOp *op = nn_program_op (program, producer);
      for (guint i = 0; i < op->n_in; i++)
        builder->needed[nn_export_model_value (builder->model, op->in[i])] = TRUE;
    }
}

/* A decoder begins with the code. Outputs that do not follow from it are no part of it. */
static gboolean
follows_from_code (Builder *builder, guint value)
{
  NnProgram *program = builder->model->program;
  g_autofree gboolean *follows = g_new0 (gboolean, program->values->len);
  follows[builder->code] = TRUE;
  for (guint v = 0; v <= value; v++)
    {
      const gint producer = nn_program_value (program, v)->producer;
      const NnOp *op = producer >= 0 ? nn_program_op (program, producer) : NULL;
      for (guint i = 0; op && i < op->n_in; i++)
        if (follows[nn_export_model_value (builder->model, op->in[i])])
          follows[v] = TRUE;
    }
  return follows[value] && (gint)value != builder->code;
}

static void
drop_what_is_no_decoder (Builder *builder)
{
  GArray *outputs = builder->model->outputs;
  for (guint i = outputs->len; i-- > 0;)
    if (!follows_from_code (builder, nn_export_output (builder->model, i)->value))
      g_array_remove_index (outputs, i);
}

/* The layer of the decoder that also reads what lies before the code. */
static void
set_bypass_error (Builder *builder, GError **error)
{
  const guint input = nn_analysis_input_node (builder->analysis);
  NnProgram *program = builder->model->program;
  for (guint i = 0; i < program->ops->len; i++)
    {
      const NnOp *op = nn_program_op (program, i);
      if (nn_analysis_role (builder->analysis, op->node) != NN_ROLE_DECODER)
        continue;
      for (guint k = 0; k < op->n_in; k++)
        {
          const guint from = nn_program_value (program, op->in[k])->node;
          const NnRole role = nn_analysis_role (builder->analysis, from);
          if (role != NN_ROLE_ENCODER && from != input)
            continue;
          g_set_error (error, NN_ERROR, NN_ERROR_DESIGN,
                       _ ("The decoder cannot stand alone: “%s” also reads “%s”, which lies before "
                          "the code."),
                       nn_export_model_node_title (builder->model, op->node),
                       nn_export_model_node_title (builder->model, from));
          return;
        }
    }
  g_set_error (
      error, NN_ERROR, NN_ERROR_DESIGN,
      _ ("The decoder cannot stand alone: it also reads “%s”, which lies before the code."),
      nn_export_model_node_title (builder->model, input));
}

static gboolean
find_outputs (Builder *builder, GError **error)
{
  const NnExportPart part = builder->model->source->part;
  if (part == NN_EXPORT_ENCODER)
    add_output (builder, builder->code_node,
                nn_analysis_value (builder->analysis, builder->code_node, 0));
  else
    find_predictions (builder);
  if (builder->model->training)
    find_operands (builder);
  if (part == NN_EXPORT_DECODER)
    drop_what_is_no_decoder (builder);
  if (builder->model->outputs->len > 0)
    return TRUE;
  g_set_error_literal (error, NN_ERROR, NN_ERROR_DESIGN,
                       part == NN_EXPORT_DECODER
                           ? _ ("The network has no decoder: no objective judges what follows from "
                                "the code.")
                           : _ ("The network has no output: no objective judges anything."));
  return FALSE;
}

static gboolean
find_inputs (Builder *builder, GError **error)
{
  NnExportModel *model = builder->model;
  const gboolean decoder = model->source->part == NN_EXPORT_DECODER;
  const gint main_value =
      nn_analysis_value (builder->analysis, nn_analysis_input_node (builder->analysis), 0);
  if (decoder)
    add_input (builder, (guint)builder->code);
  for (guint i = 0; i < model->program->inputs->len; i++)
    {
      const guint value = nn_program_input (model->program, i)->value;
      if (!builder->needed[value] || (decoder && (gint)value == builder->code))
        continue;
      if (decoder && (gint)value == main_value)
        {
          set_bypass_error (builder, error);
          return FALSE;
        }
      add_input (builder, value);
    }
  return TRUE;
}

static void
find_ops (Builder *builder)
{
  NnExportModel *model = builder->model;
  const gboolean decoder = model->source->part == NN_EXPORT_DECODER;
  for (guint i = 0; i < model->program->ops->len; i++)
    {
      const NnOp *op = nn_program_op (model->program, i);
      for (guint k = 0; k < op->n_out; k++)
        if (builder->needed[op->out[k]] && !(decoder && (gint)op->out[k] == builder->code))
          {
            g_array_append_val (model->ops, i);
            break;
          }
      if (model->training && is_loss (op))
        g_array_append_val (model->ops, i);
    }
}

static gboolean
find_weights (Builder *builder, GError **error)
{
  NnExportModel *model = builder->model;
  model->weights = g_new0 (const float *, model->program->weights->len + 1);
  for (guint i = 0; i < nn_export_model_n_ops (model); i++)
    {
      const NnOp *op = nn_export_model_op (model, i);
      for (guint k = 0; k < op->n_weights; k++)
        {
          const NnWeight *weight = nn_program_weight (model->program, op->weight[k]);
          const NnCheckpoint *checkpoint = model->source->checkpoint;
          const NnCheckpointEntry *entry =
              checkpoint ? nn_checkpoint_find (checkpoint, weight->node, weight->name) : NULL;
          if (!entry || !nn_shape_equal (&entry->value->shape, &weight->shape))
            {
              g_set_error (error, NN_ERROR, NN_ERROR_DESIGN,
                           _ ("“%s” has no trained weights yet: train the network first."),
                           nn_export_model_node_title (model, weight->node));
              return FALSE;
            }
          model->weights[op->weight[k]] = entry->value->data;
        }
    }
  return TRUE;
}

/* ---- the whole ---- */

static gboolean
check_design (const NnAnalysis *analysis, GError **error)
{
  if (nn_analysis_can_train (analysis))
    return TRUE;
  for (guint i = 0; i < nn_analysis_n_diagnostics (analysis); i++)
    {
      const NnDiagnostic *diagnostic = nn_analysis_diagnostic (analysis, i);
      if (diagnostic->severity != NN_SEVERITY_ERROR)
        continue;
      g_set_error (error, NN_ERROR, NN_ERROR_DESIGN, _ ("The network has errors: %s"),
                   diagnostic->text);
      return FALSE;
    }
  g_assert_not_reached ();
}

static gboolean
build (Builder *builder, GError **error)
{
  NnExportModel *model = builder->model;
  const gint code =
      builder->code_node ? nn_analysis_value (builder->analysis, builder->code_node, 0) : -1;
  builder->code = code >= 0 ? (gint)nn_export_model_value (model, (guint)code) : -1;
  builder->needed = g_new0 (gboolean, model->program->values->len);
  builder->taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  name_nodes (builder);
  if (!nn_export_check_part (model->source, error) || !find_outputs (builder, error))
    return FALSE;
  for (guint i = 0; i < model->outputs->len; i++)
    mark (builder, nn_export_output (model, i)->value);
  if (!find_inputs (builder, error))
    return FALSE;
  if (model->training)
    find_targets (builder);
  find_ops (builder);
  return find_weights (builder, error);
}

static NnExportModel *
new_model (const NnExportSource *source, gboolean training, GError **error)
{
  if (!check_design (source->analysis, error))
    return NULL;
  g_autoptr (NnExportModel) model = g_new0 (NnExportModel, 1);
  model->source = source;
  model->training = training;
  model->program = nn_analysis_program (source->analysis);
  model->inputs = g_array_new (FALSE, FALSE, sizeof (NnExportPort));
  model->outputs = g_array_new (FALSE, FALSE, sizeof (NnExportPort));
  g_array_set_clear_func (model->inputs, clear_port);
  g_array_set_clear_func (model->outputs, clear_port);
  model->ops = g_array_new (FALSE, FALSE, sizeof (guint));
  Builder builder = { .model = model,
                      .analysis = source->analysis,
                      .code_node = nn_analysis_code_node (source->analysis) };
  const gboolean built = build (&builder, error);
  g_free (builder.needed);
  g_clear_pointer (&builder.taken, g_hash_table_unref);
  return built ? g_steal_pointer (&model) : NULL;
}

NnExportModel *
nn_export_model_new (const NnExportSource *source, GError **error)
{
  return new_model (source, FALSE, error);
}

NnExportModel *
nn_export_model_new_training (const NnExportSource *source, GError **error)
{
  g_return_val_if_fail (source->part == NN_EXPORT_ALL, NULL);
  return new_model (source, TRUE, error);
}

void
nn_export_model_free (NnExportModel *model)
{
  if (!model)
    return;
  g_array_unref (model->inputs);
  g_array_unref (model->outputs);
  g_array_unref (model->ops);
  g_free (model->weights);
  g_strfreev (model->node_names);
  g_free (model);
}

guint64
nn_export_model_weight_bytes (const NnExportModel *model)
{
  guint64 bytes = 0;
  for (guint i = 0; i < model->program->weights->len; i++)
    if (model->weights[i])
      bytes += (guint64)nn_program_weight (model->program, i)->size * sizeof (float);
  return bytes;
}

static void
describe_ports (const NnExportModel *model, const char *heading, GArray *ports, GString *text)
{
  g_string_append_printf (text, "%s\n", heading);
  for (guint i = 0; i < ports->len; i++)
    {
      const NnExportPort *port = &g_array_index (ports, NnExportPort, i);
      g_autofree char *shape =
          nn_shape_to_string (&nn_program_value (model->program, port->value)->shape);
      g_string_append_printf (text, "  %s  N×%s\n      %s\n", port->name, shape, port->about);
    }
  g_string_append_c (text, '\n');
}

NnExportMargins
nn_export_margins (const NnWindow *w)
{
  const gint64 high = (w->out_h - 1) * w->stride_h + (w->kernel_h - 1) * w->dilation_h + 1;
  const gint64 wide = (w->out_w - 1) * w->stride_w + (w->kernel_w - 1) * w->dilation_w + 1;
  return (NnExportMargins){ w->top, high - w->in_h - w->top, w->left, wide - w->in_w - w->left };
}

/* Layers that are only needed in training, in one line each. */
static void
describe_left_out (const NnExportModel *model, GString *text)
{
  const NnExportPart part = model->source->part;
  guint last = 0, n = 0;
  for (guint i = 0; i < model->program->ops->len; i++)
    {
      const NnOp *op = nn_program_op (model->program, i);
      const NnRole role = nn_analysis_role (model->source->analysis, op->node);
      const gboolean in_part =
          part == NN_EXPORT_ALL || (part == NN_EXPORT_DECODER) == (role == NN_ROLE_DECODER);
      if (!(op->type->flags & NN_OP_TRAINS_ONLY) || !in_part || op->node == last)
        continue;
      last = op->node;
      const char *title = nn_export_model_node_title (model, op->node);
      g_string_append (text, n++ ? "" : _ ("Without what only training needs\n"));
      g_string_append_printf (
          text, op->type == &nn_op_sampling ? _ ("  %s: the mean in place of chance\n") : "  %s\n",
          title);
    }
}

char *
nn_export_model_describe (const NnExportModel *model)
{
  GString *text = g_string_new (NULL);
  const guint64 bytes = nn_export_model_weight_bytes (model);
  g_autofree char *size = g_format_size (bytes);
  g_autofree char *n = nn_count_to_string ((gint64)(bytes / sizeof (float)));
  describe_ports (model, _ ("Inputs"), model->inputs, text);
  describe_ports (model, _ ("Outputs"), model->outputs, text);
  g_string_append_printf (text, _ ("Weights\n  %s numbers, %s\n\n"), n, size);
  describe_left_out (model, text);
  return g_string_free (text, FALSE);
}
