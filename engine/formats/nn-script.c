#include "diabolo-config.h"

#include "formats/nn-script.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/nn-error.h"
#include "model/nn-plan.h"

#include <glib/gi18n-lib.h>

#define SAMPLES 2
#define SAMPLE_SEED 20

void
nn_script_init (NnScript *script, const NnExportModel *model, gboolean first,
                const char *const *reserved)
{
  const NnProgram *program = model->program;
  *script = (NnScript){
    .model = model,
    .first = first,
    .taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
    .layers = g_string_new (NULL),
    .ties = g_string_new (NULL),
    .body = g_string_new (NULL),
    .tensors = nn_file_tensors_new (),
    .memory = g_ptr_array_new_with_free_func (g_free),
    .value = g_new0 (char *, program->values->len),
    .is_first = g_new0 (gboolean, program->values->len),
    .n_uses = g_new0 (guint, program->values->len),
    .layer = g_new0 (const char *, program->ops->len),
    .weight = g_new0 (const char *, program->weights->len + 1),
    .made = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
    .named = g_hash_table_new (NULL, NULL),
    .nodes = g_hash_table_new (NULL, NULL),
  };
  for (guint i = 0; reserved[i]; i++)
    g_hash_table_add (script->taken, g_strdup (reserved[i]));
  for (guint i = 0; i < model->inputs->len; i++)
    {
      const NnExportPort *port = nn_export_input (model, i);
      g_autofree char *name = nn_export_identifier (port->name, script->taken);
      script->value[port->value] = (char *)nn_script_text (script, "%s", name);
      script->is_first[port->value] = first && nn_script_shape (script, port->value)->rank == 3;
    }
  for (guint i = 0; model->node_names[i]; i++)
    {
      g_autofree char *name = nn_export_identifier (model->node_names[i], script->taken);
      const guint node = nn_design_node_at (model->source->design, i)->id;
      g_hash_table_insert (script->nodes, GUINT_TO_POINTER (node),
                           (gpointer)nn_script_text (script, "%s", name));
    }
  for (guint i = 0; i < model->outputs->len; i++)
    script->n_uses[nn_export_output (model, i)->value]++;
  for (guint i = 0; i < nn_export_model_n_ops (model); i++)
    {
      const NnOp *op = nn_export_model_op (model, i);
      for (guint k = 0; k < op->n_in; k++)
        script->n_uses[nn_export_model_value (model, op->in[k])]++;
    }
}

void
nn_script_clear (NnScript *script)
{
  g_hash_table_unref (script->taken);
  g_hash_table_unref (script->made);
  g_hash_table_unref (script->named);
  g_hash_table_unref (script->nodes);
  g_string_free (script->layers, TRUE);
  g_string_free (script->ties, TRUE);
  g_string_free (script->body, TRUE);
  g_ptr_array_unref (script->tensors);
  g_ptr_array_unref (script->memory);
  g_free (script->value);
  g_free (script->is_first);
  g_free (script->n_uses);
  g_free (script->layer);
  g_free (script->weight);
}

/* ---- texts ---- */

const char *
nn_script_text (NnScript *script, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  char *text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_ptr_array_add (script->memory, text);
  return text;
}

/* With as few digits as bring the same number back: as a float, where single is set. */
static const char *
number (NnScript *script, double value, gboolean single)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE] = "";
  for (gint digits = 1; digits <= 17; digits++)
    {
      g_autofree char *format = g_strdup_printf ("%%.%dg", digits);
      g_ascii_formatd (text, sizeof text, format, value);
      const double back = g_ascii_strtod (text, NULL);
      if (single ? (float)back >= (float)value && (float)back <= (float)value
                 : back >= value && back <= value)
        break;
    }
  return nn_script_text (script, strpbrk (text, ".en") ? "%s" : "%s.0", text);
}

const char *
nn_script_float (NnScript *script, float value)
{
  return number (script, (double)value, TRUE);
}

const char *
nn_script_double (NnScript *script, double value)
{
  return number (script, value, FALSE);
}

const char *
nn_script_quoted (NnScript *script, const char *text)
{
  g_autoptr (GString) quoted = g_string_new ("\"");
  for (const char *p = text; *p; p++)
    if (*p == '\n')
      g_string_append (quoted, "\\n");
    else if ((guchar)*p >= ' ')
      g_string_append_printf (quoted, strchr ("\\\"", *p) ? "\\%c" : "%c", *p);
  return nn_script_text (script, "%s\"", quoted->str);
}

const char *
nn_script_sizes (NnScript *script, const gint64 *sizes, gint n)
{
  g_autoptr (GString) text = g_string_new (NULL);
  for (gint i = 0; i < n; i++)
    g_string_append_printf (text, i ? ", %" PRId64 : "%" PRId64, sizes[i]);
  return nn_script_text (script, n == 1 ? "%s," : "%s", text->str);
}

const char *
nn_script_per_axis (NnScript *script, gint rank, gint64 h, gint64 w)
{
  return rank == 3 && h != w ? nn_script_text (script, "(%" PRId64 ", %" PRId64 ")", h, w)
                             : nn_script_text (script, "%" PRId64, w);
}

/* ---- values ---- */

const NnShape *
nn_script_shape (const NnScript *script, guint value)
{
  return &nn_program_value (script->model->program, value)->shape;
}

gboolean
nn_script_is_first (const NnScript *script, const NnOp *op, guint i)
{
  return script->is_first[nn_export_model_value (script->model, op->in[i])];
}

const char *
nn_script_read_value (NnScript *script, guint value, gboolean first)
{
  value = nn_export_model_value (script->model, value);
  const gint rank = nn_script_shape (script, value)->rank;
  const char *text = script->value[value];
  g_assert (text);
  if (rank < 2 || !script->is_first[value] == !first)
    return text;
  if (rank == 2)
    return nn_script_text (script, "%s.transpose(1, 2)", text);
  g_autoptr (GString) order = g_string_new ("0");
  for (gint i = 1; i <= rank; i++)
    g_string_append_printf (order, ", %d",
                            first ? (i == 1 ? rank : i - 1) : (i == rank ? 1 : i + 1));
  return nn_script_text (script, "%s.permute(%s)", text, order->str);
}

const char *
nn_script_read (NnScript *script, const NnOp *op, guint i, gboolean first)
{
  return nn_script_read_value (script, op->in[i], first);
}

const char *
nn_script_read_as_is (NnScript *script, const NnOp *op, guint i)
{
  return nn_script_read (script, op, i, nn_script_is_first (script, op, i));
}

/* The operation that reads a value, if it is the next one and nobody else does; or NULL. */
static const NnOp *
next_reader (const NnScript *script, const NnOp *op)
{
  const NnExportModel *model = script->model;
  for (guint i = 0; i + 1 < nn_export_model_n_ops (model); i++)
    {
      const NnOp *next = nn_export_model_op (model, i + 1);
      if (nn_export_model_op (model, i) != op)
        continue;
      for (guint k = 0; k < next->n_in && next->n_out > 0 && script->n_uses[op->out[0]] == 1; k++)
        if (nn_export_model_value (model, next->in[k]) == op->out[0])
          return next;
    }
  return NULL;
}

const char *
nn_script_name (const NnScript *script, guint node)
{
  return g_hash_table_lookup (script->nodes, GUINT_TO_POINTER (node));
}

/* A chain of layers goes through one variable; what is read further away has its node's name. */
static const char *
variable (NnScript *script, const NnOp *op)
{
  const char *name = nn_script_name (script, op->node);
  const NnOp *next = next_reader (script, op);
  if (next && next->n_in == 1)
    return "x";
  if (g_hash_table_add (script->named, GUINT_TO_POINTER (op->node)))
    return name;
  g_autofree char *another = nn_export_identifier (name, script->taken);
  return nn_script_text (script, "%s", another);
}

const char *
nn_script_assign (NnScript *script, const NnOp *op, gboolean first, const char *expression)
{
  const char *name = variable (script, op);
  if (!g_str_equal (name, expression))
    g_string_append_printf (script->body, "%s = %s\n", name, expression);
  script->value[op->out[0]] = (char *)name;
  script->is_first[op->out[0]] = first && nn_script_shape (script, op->out[0])->rank >= 2;
  return name;
}

void
nn_script_define (NnScript *script, const NnOp *op, gboolean first, const char *expression)
{
  const NnOp *next = next_reader (script, op);
  if (!next || next->type != &nn_op_activation || next->node != op->node)
    {
      nn_script_assign (script, op, first, expression);
      return;
    }
  script->value[op->out[0]] = (char *)expression;
  script->is_first[op->out[0]] = first && nn_script_shape (script, op->out[0])->rank >= 2;
}

/* ---- layers and weights ---- */

static guint
position_of (const NnScript *script, const NnOp *op)
{
  return (guint)(op - nn_program_op (script->model->program, 0));
}

const NnOp *
nn_script_owner (const NnScript *script, const NnOp *op, guint k)
{
  const NnExportModel *model = script->model;
  const guint owner = nn_program_weight (model->program, op->weight[k])->node;
  const NnOp *first = NULL;
  for (guint i = 0; i < nn_export_model_n_ops (model); i++)
    {
      const NnOp *other = nn_export_model_op (model, i);
      for (guint j = 0; j < other->n_weights; j++)
        if (other->weight[j] == op->weight[k] && other->node == owner)
          return other;
        else if (other->weight[j] == op->weight[k] && !first)
          first = other;
    }
  return first;
}

static gboolean
same_weights (const NnOp *a, const NnOp *b)
{
  return a->n_weights == b->n_weights
         && memcmp (a->weight, b->weight, a->n_weights * sizeof *a->weight) == 0;
}

/* "depthwise_" of "depthwise-kernel", where the node has several layers. (transfer full) */
static char *
part_of_node (const NnScript *script, const NnOp *op)
{
  const NnExportModel *model = script->model;
  guint n = 0;
  for (guint i = 0; i < nn_export_model_n_ops (model); i++)
    {
      const NnOp *other = nn_export_model_op (model, i);
      n += other->node == op->node && other->n_weights > 0 && other->type != &nn_op_contractive;
    }
  if (n < 2 || op->n_weights == 0)
    return g_strdup ("");
  const char *name = nn_program_weight (model->program, op->weight[0])->name;
  const char *end = strrchr (name, '-');
  return end ? g_strndup (name, (gsize)(end - name)) : g_strdup ("");
}

const char *
nn_script_layer (NnScript *script, const NnOp *op)
{
  const char **name = &script->layer[position_of (script, op)];
  const NnOp *owner = op->n_weights > 0 ? nn_script_owner (script, op, 0) : op;
  if (*name)
    return *name;
  if (owner != op && owner->type == op->type && same_weights (owner, op))
    return *name = nn_script_layer (script, owner);
  const char *node = nn_script_name (script, op->node);
  g_autofree char *part = part_of_node (script, op);
  if (*part)
    {
      g_autofree char *wanted = g_strdup_printf ("%s_%s", node, part);
      g_autofree char *found = nn_export_identifier (wanted, script->taken);
      return *name = nn_script_text (script, "%s", found);
    }
  return *name = node;
}

gboolean
nn_script_is_new (NnScript *script, const NnOp *op, const char *text)
{
  g_autofree char *key = g_strdup_printf ("%s %s", nn_script_layer (script, op), text);
  if (g_hash_table_contains (script->made, key))
    return FALSE;
  const char *name = nn_script_layer (script, op);
  if (g_hash_table_contains (script->made, name))
    {
      /* The same weights in a layer that is different otherwise. */
      g_autofree char *another = nn_export_identifier (name, script->taken);
      script->layer[position_of (script, op)] = nn_script_text (script, "%s", another);
      g_free (key);
      key = g_strdup_printf ("%s %s", another, text);
    }
  g_hash_table_add (script->made, g_strdup (nn_script_layer (script, op)));
  g_hash_table_add (script->made, g_steal_pointer (&key));
  return TRUE;
}

NnFileTensor *
nn_script_add_weight (NnScript *script, const NnOp *op, guint k, const char *name,
                      const NnShape *view, const guint *order, const NnShape *shape)
{
  NnFileTensor *tensor = nn_file_tensors_add_values (script->tensors, name, shape,
                                                     script->model->weights[op->weight[k]]);
  if (order)
    {
      tensor->turned = TRUE;
      tensor->view = *view;
      memcpy (tensor->order, order, (gsize)view->rank * sizeof *order);
    }
  if (!script->weight[op->weight[k]])
    script->weight[op->weight[k]] = nn_script_text (script, "%s", name);
  return tensor;
}

/* ---- samples ---- */

/* Numbers of rows for an embedding, else from 0 to 1. */
static void
draw_input (const NnProgram *program, guint value, NnRng *rng, float *out)
{
  gint64 entries = 0;
  for (guint i = 0; i < program->ops->len; i++)
    {
      const NnOp *op = nn_program_op (program, i);
      if (op->type == &nn_op_embedding && op->in[0] == value
          && !((const NnEmbeddingAttrs *)op->attrs)->one_hot)
        entries = ((const NnEmbeddingAttrs *)op->attrs)->entries;
    }
  for (gint64 k = 0; k < SAMPLES * nn_program_value (program, value)->size; k++)
    out[k] = entries > 0 ? (float)nn_rng_below (rng, (guint32)entries) : nn_rng_uniform (rng);
}

static gboolean
add_sample (NnScript *script, const NnExportPort *port, const char *kind, const float *data,
            GError **error)
{
  static const guint order[] = { 0, 3, 1, 2 }; /* channels first */
  const NnShape *shape = nn_script_shape (script, port->value);
  const gint64 size = nn_shape_size (shape);
  g_autofree char *name = g_strdup_printf ("sample.%s.%s", kind, port->name);
  for (gint64 k = 0; k < SAMPLES * size; k++)
    if (!isfinite (data[k]))
      {
        g_set_error (error, NN_ERROR, NN_ERROR_NUMERIC,
                     _ ("“%s” gives values that are not finite: reset the network and train it "
                        "with a smaller learning rate."),
                     nn_export_model_node_title (script->model, port->node));
        return FALSE;
      }
  g_autoptr (NnTensor) tensor = nn_tensor_new_samples (SAMPLES, shape, data);
  NnFileTensor *added = nn_file_tensors_add (script->tensors, name, tensor);
  if (shape->rank == 3 && script->first)
    {
      added->turned = TRUE;
      added->view = tensor->shape;
      memcpy (added->order, order, sizeof order);
      added->shape = nn_shape (SAMPLES, shape->dim[2], shape->dim[0], shape->dim[1]);
    }
  return TRUE;
}

/* What the engine makes of feed, of every port: without anything random. */
static void
run_samples (NnScript *script, float *const *feed, guint n, const guint *values, float **out,
             GPtrArray *memory)
{
  const NnExportModel *model = script->model;
  NnProgram *program = model->program;
  g_autoptr (NnPool) pool = nn_pool_new (1);
  g_autoptr (NnPlan) plan = nn_plan_new (program, SAMPLES, NN_PLAN_UNFUSED, NULL, pool);
  g_autofree float **weights = g_new0 (float *, program->weights->len + 1);
  for (guint i = 0; i < program->weights->len; i++)
    {
      const NnWeight *weight = nn_program_weight (program, i);
      const NnCheckpointEntry *entry =
          nn_checkpoint_find (model->source->checkpoint, weight->node, weight->name);
      /* One of another part of the network may be missing. */
      if (entry && nn_shape_equal (&entry->value->shape, &weight->shape))
        weights[i] = entry->value->data;
      else
        g_ptr_array_add (memory, weights[i] = nn_alloc_floats ((gsize)weight->size));
    }
  const NnBatch batch = { .n = SAMPLES,
                          .feed = (const float *const *)feed,
                          .mode = NN_MODE_STILL,
                          .step = NN_STEP_EVALUATE,
                          .weights = weights,
                          .n_want = n,
                          .want = values,
                          .want_out = out };
  NnPlanResult result;
  nn_plan_run (plan, &batch, &result);
}

gboolean
nn_script_add_samples (NnScript *script, GError **error)
{
  const NnExportModel *model = script->model;
  NnProgram *program = model->program;
  const guint n_in = model->inputs->len, n = n_in + model->outputs->len;
  g_autoptr (GPtrArray) memory = g_ptr_array_new_with_free_func (nn_free_aligned);
  g_autofree float **feed = g_new0 (float *, program->inputs->len + 1);
  g_autofree float **out = g_new0 (float *, n);
  g_autofree guint *values = g_new0 (guint, n);
  NnRng rng;
  nn_rng_init (&rng, SAMPLE_SEED, 0, 0, 0);
  for (guint i = 0; i < program->inputs->len; i++)
    {
      const guint value = nn_program_input (program, i)->value;
      feed[i] = nn_alloc_floats (SAMPLES * (gsize)nn_program_value (program, value)->size);
      g_ptr_array_add (memory, feed[i]);
      draw_input (program, value, &rng, feed[i]);
    }
  for (guint i = 0; i < n; i++)
    {
      values[i] =
          (i < n_in ? nn_export_input (model, i) : nn_export_output (model, i - n_in))->value;
      out[i] = nn_alloc_floats (SAMPLES * (gsize)nn_program_value (program, values[i])->size);
      g_ptr_array_add (memory, out[i]);
    }
  run_samples (script, feed, n, values, out, memory);
  for (guint i = 0; i < n; i++)
    {
      const NnExportPort *port =
          i < n_in ? nn_export_input (model, i) : nn_export_output (model, i - n_in);
      if (!port->target && !add_sample (script, port, i < n_in ? "input" : "output", out[i], error))
        return FALSE;
    }
  return TRUE;
}
