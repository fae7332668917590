/* nn-analysis-summary.c: the network as a table, for terminals and for programs. */
#include "diabolo-config.h"

#include <inttypes.h>
#include <glib/gi18n-lib.h>

#include "model/nn-analysis-private.h"

enum
{
  COLUMN_LAYER,
  COLUMN_TYPE,
  COLUMN_OUTPUT,
  COLUMN_PARAMETERS,
  COLUMN_MACS,
  COLUMN_FROM,
  N_COLUMNS
};

static const struct
{
  const char *title;
  gboolean right; /* numbers line up at their last digit */
} columns[N_COLUMNS] = {
  [COLUMN_LAYER] = { N_ ("Layer") },
  [COLUMN_TYPE] = { N_ ("Type") },
  [COLUMN_OUTPUT] = { N_ ("Output") },
  [COLUMN_PARAMETERS] = { N_ ("Parameters"), TRUE },
  [COLUMN_MACS] = { N_ ("Multiply-adds"), TRUE },
  [COLUMN_FROM] = { N_ ("Connected to") },
};

static const char *const role_ids[] = {
  [NN_ROLE_NONE] = "none", [NN_ROLE_INPUT] = "input",     [NN_ROLE_ENCODER] = "encoder",
  [NN_ROLE_CODE] = "code", [NN_ROLE_DECODER] = "decoder", [NN_ROLE_OBJECTIVE] = "objective",
};

/* "25,120" */
static char *
group_digits (gint64 number)
{
  g_autofree char *digits = g_strdup_printf ("%" PRId64, number);
  GString *text = g_string_new (digits);

  for (gssize i = (gssize)text->len - 3; i > 0; i -= 3)
    g_string_insert_c (text, i, ',');
  return g_string_free (text, FALSE);
}

static char *
names_of_sources (const NnAnalysis *analysis, const NnNodeFacts *facts)
{
  GString *names = g_string_new (NULL);

  for (guint port = 0; port < facts->n_in; port++)
    {
      const NnNodeFacts *source = nn_analysis_source (analysis, facts, port);
      if (source != NULL)
        g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", source->node->name);
    }
  return g_string_free (names, FALSE);
}

static void
fill_row (const NnAnalysis *analysis, const NnNodeFacts *facts, char **cells)
{
  cells[COLUMN_LAYER] = g_strdup (facts->node->name);
  cells[COLUMN_TYPE] = g_strdup (_ (facts->node->type->title));
  if (facts->n_out == 0)
    cells[COLUMN_OUTPUT] = g_strdup ("");
  else
    cells[COLUMN_OUTPUT] =
        facts->known ? nn_shape_to_string (&facts->out[0]) : g_strdup (_ ("unknown"));
  cells[COLUMN_PARAMETERS] = group_digits (facts->weights);
  cells[COLUMN_MACS] = group_digits (facts->macs);
  cells[COLUMN_FROM] = names_of_sources (analysis, facts);
}

static void
append_row (GString *text, char *const *cells, const glong *widths)
{
  for (guint c = 0; c < N_COLUMNS; c++)
    {
      glong space = widths[c] - g_utf8_strlen (cells[c], -1);
      if (columns[c].right)
        g_string_append_printf (text, "%*s", (int)space, "");
      g_string_append (text, cells[c]);
      if (!columns[c].right && c + 1 < N_COLUMNS)
        g_string_append_printf (text, "%*s", (int)space, "");
      if (c + 1 < N_COLUMNS)
        g_string_append (text, "  ");
    }
  while (text->len > 0 && text->str[text->len - 1] == ' ')
    g_string_truncate (text, text->len - 1);
  g_string_append_c (text, '\n');
}

static gint64
frozen_weights (const NnAnalysis *analysis)
{
  gint64 sum = 0;

  for (guint i = 0; i < analysis->program->weights->len; i++)
    if (nn_program_weight (analysis->program, i)->frozen)
      sum += nn_program_weight (analysis->program, i)->size;
  return sum;
}

/* "Code: 32 values, 24.5 times fewer than Input (Dense 1)" */
static void
append_code (GString *text, const NnAnalysis *analysis)
{
  const NnNodeFacts *code = nn_analysis_facts (analysis, analysis->code);
  const NnNodeFacts *input = nn_analysis_facts (analysis, analysis->input);
  gint64 size;

  if (code == NULL || input == NULL || !code->known || !input->known || code->n_out == 0)
    return;
  size = nn_shape_size (&code->out[0]);
  g_string_append_printf (text, _ ("Code: %" PRId64 " values, %.1f times fewer than %s (%s)\n"),
                          size, (double)nn_shape_size (&input->out[0]) / (double)size,
                          input->node->name, code->node->name);
}

static void
append_totals (GString *text, const NnAnalysis *analysis)
{
  g_autofree char *parameters = group_digits (analysis->total_weights);
  g_autofree char *frozen = group_digits (frozen_weights (analysis));
  g_autofree char *macs = group_digits (analysis->total_macs);
  double kilobytes = (double)analysis->total_weights * sizeof (float) / 1024;

  g_string_append_printf (text, _ ("Parameters: %s (%.1f KB)"), parameters, kilobytes);
  if (frozen_weights (analysis) > 0)
    g_string_append_printf (text, _ (", of which not trained: %s"), frozen);
  g_string_append_c (text, '\n');
  g_string_append_printf (text, _ ("Multiply-adds per sample: %s\n"), macs);
  append_code (text, analysis);
  g_string_append_printf (text, _ ("Memory to train: %.1f MB\n"),
                          (double)analysis->memory / (1024 * 1024));
}

char *
nn_analysis_summary (const NnAnalysis *analysis)
{
  guint n_rows = analysis->n + 1;
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify)g_strfreev);
  glong widths[N_COLUMNS] = { 0 }, total = 2 * (N_COLUMNS - 1);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < n_rows; i++)
    {
      char **cells = g_new0 (char *, N_COLUMNS + 1);
      if (i > 0)
        fill_row (analysis, &analysis->facts[analysis->order[i - 1]], cells);
      for (guint c = 0; c < N_COLUMNS; c++)
        {
          if (i == 0)
            cells[c] = g_strdup (_ (columns[c].title));
          widths[c] = MAX (widths[c], g_utf8_strlen (cells[c], -1));
        }
      g_ptr_array_add (rows, cells);
    }
  for (guint c = 0; c < N_COLUMNS; c++)
    total += widths[c];
  for (guint i = 0; i < n_rows; i++)
    {
      append_row (text, g_ptr_array_index (rows, i), widths);
      if (i == 0 || i + 1 == n_rows)
        {
          for (glong k = 0; k < total; k++)
            g_string_append (text, "─");
          g_string_append_c (text, '\n');
        }
    }
  append_totals (text, analysis);
  return g_string_free (text, FALSE);
}

/* ---- the same for programs ---- */

static JsonArray *
shape_to_json (const NnShape *shape)
{
  JsonArray *array = json_array_new ();

  for (gint i = 0; i < shape->rank; i++)
    json_array_add_int_element (array, shape->dim[i]);
  return array;
}

static JsonObject *
layer_to_json (const NnAnalysis *analysis, const NnNodeFacts *facts)
{
  JsonObject *object = json_object_new ();
  JsonArray *from = json_array_new ();

  for (guint port = 0; port < facts->n_in; port++)
    {
      const NnNodeFacts *source = nn_analysis_source (analysis, facts, port);
      if (source != NULL)
        json_array_add_string_element (from, source->node->name);
    }
  json_object_set_int_member (object, "id", facts->node->id);
  json_object_set_string_member (object, "name", facts->node->name);
  json_object_set_string_member (object, "type", facts->node->type->id);
  json_object_set_string_member (object, "role", role_ids[facts->role]);
  if (facts->known && facts->n_out > 0)
    json_object_set_array_member (object, "output", shape_to_json (&facts->out[0]));
  else
    json_object_set_null_member (object, "output");
  json_object_set_int_member (object, "parameters", facts->weights);
  json_object_set_int_member (object, "multiply_adds", facts->macs);
  json_object_set_boolean_member (object, "frozen", facts->node->frozen);
  json_object_set_array_member (object, "connected_to", from);
  return object;
}

JsonNode *
nn_analysis_summary_json (const NnAnalysis *analysis)
{
  JsonObject *object = json_object_new ();
  JsonArray *layers = json_array_new ();
  const NnNodeFacts *code = nn_analysis_facts (analysis, analysis->code);

  for (guint i = 0; i < analysis->n; i++)
    json_array_add_object_element (layers,
                                   layer_to_json (analysis, &analysis->facts[analysis->order[i]]));
  json_object_set_string_member (object, "title", nn_design_title (analysis->design));
  json_object_set_string_member (object, "data", analysis->data->name);
  json_object_set_array_member (object, "layers", layers);
  json_object_set_int_member (object, "parameters", analysis->total_weights);
  json_object_set_int_member (object, "frozen_parameters", frozen_weights (analysis));
  json_object_set_int_member (object, "parameter_bytes",
                              analysis->total_weights * (gint64)sizeof (float));
  json_object_set_int_member (object, "multiply_adds", analysis->total_macs);
  json_object_set_int_member (object, "training_memory", (gint64)analysis->memory);
  if (code != NULL)
    json_object_set_string_member (object, "code", code->node->name);
  else
    json_object_set_null_member (object, "code");
  json_object_set_boolean_member (object, "can_train", analysis->can_train);
  JsonNode *root = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (root, object);
  return root;
}
