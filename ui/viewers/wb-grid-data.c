#include "diabolo-config.h"

#include "data/nn-scaling.h"
#include "layers/nn-layer-loss.h"
#include "objectives/nn-objective.h"
#include "viewers/wb-grid-data.h"
#include "viewers/wb-sample-choice.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define UNIT_DIFFERENCE 0.5f /* of images: half of the range is a strong error already */
#define CODE_ASPECT 0.5
#define BARS_ASPECT 0.6
#define MAX_BARS 64 /* more values are shown as coloured cells */

/* ---- which rows ---- */

/* The objective that judges the reconstruction, else the first one of all; and what goes into it.
 */
static const NnNode *
find_objective (const NnAnalysis *analysis, guint *output)
{
  NnDesign *design = nn_analysis_design (analysis);

  *output = nn_analysis_output_node (analysis);
  for (guint i = 0; i < nn_design_n_nodes (design); i++)
    {
      const NnNode *node = nn_design_node_at (design, i);
      const NnEdge *edge = nn_design_edge_into (design, node->id, 0);
      if (!(node->type->flags & NN_LAYER_OBJECTIVE) || edge == NULL
          || (*output != 0 && edge->from != *output))
        continue;
      *output = edge->from;
      return node;
    }
  return NULL;
}

WbGridRow
wb_grid_row_of_shape (const NnShape *shape, float black, float white, guint node, const char *id,
                      const char *title)
{
  WbGridRow row = { WB_GRID_CELLS, title, id, node, 1, 1, 1, CODE_ASPECT, black, white };
  gsize size = (gsize)nn_shape_size (shape);
  /* A sequence of one value a step is seen as its course. */
  gboolean is_line = shape->rank == 1 || (shape->rank == 2 && shape->dim[1] == 1);

  if (shape->rank == 3 && (shape->dim[2] == 1 || shape->dim[2] == 3))
    {
      row.kind = WB_GRID_PICTURE;
      row.height = (gsize)shape->dim[0];
      row.width = (gsize)shape->dim[1];
      row.channels = (gsize)shape->dim[2];
      row.aspect = CLAMP ((double)row.height / row.width, 0.25, 2);
    }
  else if (shape->rank == 2 && !is_line)
    {
      row.height = (gsize)shape->dim[0];
      row.width = (gsize)shape->dim[1];
      row.aspect = 1;
    }
  else if (is_line && size <= MAX_BARS)
    {
      row.kind = WB_GRID_BARS;
      row.width = size;
      row.aspect = BARS_ASPECT;
    }
  else
    {
      row.width = size;
    }
  return row;
}

/* A code is a block of cells twice as wide as high: 32 values are 8 x 4. */
/* Pictures are shown as those of the data. */
static WbGridRow
row_like (const NnShape *shape, const NnDataInfo *info, guint node, const char *id,
          const char *title)
{
  float black, white;
  nn_data_info_pixel_range (info, shape, &black, &white);
  return wb_grid_row_of_shape (shape, black, white, node, id, title);
}

static WbGridRow
code_row (const NnShape *shape, guint node)
{
  WbGridRow row = { WB_GRID_CELLS, N_ ("Code"), "code", node, 1, 1, 1, CODE_ASPECT, 0, 1 };
  gsize size = (gsize)nn_shape_size (shape);

  row.width = (gsize)ceil (sqrt (2.0 * size));
  while (row.width < size && size % row.width != 0 && row.width < 3 * sqrt (2.0 * size))
    row.width++;
  if (size % row.width != 0)
    row.width = (gsize)ceil (sqrt (2.0 * size));
  row.height = (size + row.width - 1) / row.width;
  return row;
}

static const NnShape *
shape_of (const NnAnalysis *analysis, guint node)
{
  return node != 0 ? nn_analysis_output_shape (analysis, node, 0) : NULL;
}

/* Noise may come after the image has been flattened: it is still seen as the image. */
static const NnShape *
seen_shape (const NnAnalysis *analysis, guint seen)
{
  const NnShape *shape = shape_of (analysis, seen);
  const NnShape *input = shape_of (analysis, nn_analysis_input_node (analysis));

  return input != NULL && nn_shape_size (input) == nn_shape_size (shape) ? input : shape;
}

static void
add_row (WbGridPlan *plan, WbGridRow row)
{
  g_array_append_val (plan->rows, row);
}

/* Where the output has lost its shape (784 for 28x28x1), it is seen in the target's. */
static void
add_reconstruction_rows (WbGridPlan *plan, const NnAnalysis *analysis)
{
  const NnShape *target = shape_of (analysis, plan->target);
  WbGridRow row;

  if (plan->target != plan->seen)
    add_row (plan, row_like (target, plan->info, plan->target, "target", N_ ("Target")));
  if (plan->code != 0)
    add_row (plan, code_row (shape_of (analysis, plan->code), plan->code));
  row = row_like (target, plan->info, plan->output, "output", N_ ("Output"));
  add_row (plan, row);
  row.kind = row.kind == WB_GRID_BARS ? WB_GRID_BARS : WB_GRID_SIGNED;
  row.title = N_ ("Difference");
  row.id = "difference";
  row.node = 0;
  row.channels = 1;
  add_row (plan, row);
}

static void
add_class_rows (WbGridPlan *plan, const NnAnalysis *analysis)
{
  WbGridRow row = row_like (shape_of (analysis, plan->output), plan->info, plan->output, "output",
                            N_ ("Classes"));

  if (plan->code != 0)
    add_row (plan, code_row (shape_of (analysis, plan->code), plan->code));
  add_row (plan, row);
  row.kind = WB_GRID_CLASS;
  row.title = N_ ("Answer");
  row.id = "answer";
  add_row (plan, row);
}

static char *
why_not (const NnAnalysis *analysis)
{
  if (nn_analysis_n_diagnostics (analysis) > 0 && !nn_analysis_can_train (analysis))
    return g_strdup_printf (_ ("Nothing to compare yet. %s"),
                            nn_analysis_diagnostic (analysis, 0)->text);
  return g_strdup (
      _ ("No reconstruction loss yet: add one, and connect the last layer and the input "
         "to it."));
}

WbGridPlan *
wb_grid_plan_new (const NnAnalysis *analysis, char **reason)
{
  guint output, seen = nn_analysis_seen_node (analysis);
  const NnNode *objective = find_objective (analysis, &output);
  const NnDataInfo *info = nn_analysis_data (analysis);
  WbGridPlan *plan;
  const NnEdge *edge;

  if (objective == NULL || !nn_analysis_can_train (analysis) || shape_of (analysis, seen) == NULL)
    {
      *reason = why_not (analysis);
      return NULL;
    }
  edge = nn_design_edge_into (nn_analysis_design (analysis), objective->id, 1);
  plan = g_new0 (WbGridPlan, 1);
  plan->rows = g_array_new (FALSE, FALSE, sizeof (WbGridRow));
  plan->info = nn_data_info_copy (info);
  plan->seen = seen;
  plan->output = output;
  plan->code = nn_analysis_code_node (analysis);
  if (plan->code == output || plan->code == seen || shape_of (analysis, plan->code) == NULL)
    plan->code = 0;
  plan->classifies = nn_loss_objective (objective->params)->kind == NN_OBJECTIVE_CLASSIFICATION;
  plan->target = !plan->classifies && edge != NULL ? edge->from : 0;
  add_row (plan, row_like (seen_shape (analysis, seen), info, seen, "input", N_ ("Input")));
  plan->unit_range = g_array_index (plan->rows, WbGridRow, 0).kind == WB_GRID_PICTURE;
  if (plan->classifies || plan->target == 0)
    add_class_rows (plan, analysis);
  else
    add_reconstruction_rows (plan, analysis);
  return plan;
}

void
wb_grid_plan_free (WbGridPlan *plan)
{
  g_array_unref (plan->rows);
  nn_data_info_free (plan->info);
  g_free (plan);
}

GArray *
wb_grid_plan_nodes (const WbGridPlan *plan)
{
  const guint wanted[] = { plan->seen, plan->target, plan->code, plan->output };
  GArray *nodes = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
    {
      gboolean known = wanted[i] == 0;
      for (guint j = 0; j < i && !known; j++)
        known = wanted[j] == wanted[i];
      if (!known)
        g_array_append_val (nodes, wanted[i]);
    }
  return nodes;
}

/* ---- values ---- */

/* The next of 1, 2, 5 times a power of ten. */
static float
round_up (float value)
{
  static const float steps[] = { 1, 2, 5, 10 };
  float power;

  if (!(value > 0) || !isfinite (value))
    return 1;
  power = powf (10, floorf (log10f (value)));
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    if (steps[i] * power >= value * 0.999f)
      return steps[i] * power;
  return 10 * power;
}

/* difference = output - target; of colours the mean. */
static void
compute_difference (WbGridData *data, const NnNodeValues *output, const NnNodeValues *target)
{
  const WbGridRow *row = &g_array_index (data->plan->rows, WbGridRow, 0);
  gsize channels = 1, size;
  float greatest = 0;

  for (guint i = 0; i < data->plan->rows->len; i++)
    if (g_array_index (data->plan->rows, WbGridRow, i).node == data->plan->output)
      row = &g_array_index (data->plan->rows, WbGridRow, i);
  channels = row->channels;
  size = target->values->size / data->n / channels;
  data->difference = g_new (float, data->n *size);
  data->difference_size = size;
  for (gsize i = 0; i < data->n * size; i++)
    {
      float sum = 0;
      for (gsize c = 0; c < channels; c++)
        sum += output->values->data[i * channels + c] - target->values->data[i * channels + c];
      data->difference[i] = sum / (float)channels;
      if (isfinite (data->difference[i]))
        greatest = MAX (greatest, fabsf (data->difference[i]));
    }
  data->difference_scale =
      data->plan->unit_range ? UNIT_DIFFERENCE * (row->white - row->black) : round_up (greatest);
}

static void
find_worst (WbGridData *data)
{
  data->worst = -1;
  for (guint i = 0; i < data->n; i++)
    {
      float error = wb_grid_data_error (data, i);
      if (isfinite (error)
          && (data->worst < 0 || error > wb_grid_data_error (data, (guint)data->worst)))
        data->worst = (gint)i;
    }
}

/* Every node of the plan must be there, with as many values as its row shows. */
static gboolean
fits (const WbGridPlan *plan, const NnNodeValuesResult *result)
{
  for (guint i = 0; i < plan->rows->len; i++)
    {
      const WbGridRow *row = &g_array_index (plan->rows, WbGridRow, i);
      const NnNodeValues *values;
      gsize size;
      if (row->node == 0)
        continue;
      values = nn_node_values_result_find (result, row->node);
      if (values == NULL)
        return FALSE;
      size = values->values->size / result->samples->len;
      if (size > row->width * row->height * row->channels
          || (row->kind != WB_GRID_CELLS && row->kind != WB_GRID_CLASS
              && size != row->width * row->height * row->channels))
        return FALSE;
    }
  return TRUE;
}

WbGridData *
wb_grid_data_new (const WbGridPlan *plan, NnNodeValuesResult *result)
{
  WbGridData *data;

  if (result->base.error != NULL || result->samples == NULL || result->samples->len == 0
      || result->nodes == NULL || !fits (plan, result))
    return NULL;
  data = g_new0 (WbGridData, 1);
  data->plan = plan;
  data->result = (NnNodeValuesResult *)nn_probe_result_ref (&result->base);
  data->n = result->samples->len;
  if (plan->target != 0)
    {
      const NnNodeValues *output = nn_node_values_result_find (result, plan->output);
      const NnNodeValues *target = nn_node_values_result_find (result, plan->target);
      if (output != NULL && target != NULL && output->values->size == target->values->size)
        compute_difference (data, output, target);
    }
  if (plan->code != 0)
    {
      const NnNodeValues *code = nn_node_values_result_find (result, plan->code);
      for (gsize i = 0; i < code->values->size; i++)
        if (isfinite (code->values->data[i]))
          data->code_max = MAX (data->code_max, fabsf (code->values->data[i]));
    }
  find_worst (data);
  return data;
}

void
wb_grid_data_free (WbGridData *data)
{
  nn_probe_result_unref (&data->result->base);
  g_free (data->difference);
  g_free (data);
}

const float *
wb_grid_data_values (const WbGridData *data, const WbGridRow *row, guint sample, gsize *size)
{
  const NnNodeValues *values;

  if (row->node == 0)
    {
      *size = data->difference_size;
      return data->difference != NULL ? data->difference + sample * data->difference_size : NULL;
    }
  values = nn_node_values_result_find (data->result, row->node);
  *size = values->values->size / data->n;
  return values->values->data + sample * *size;
}

float
wb_grid_data_error (const WbGridData *data, guint sample)
{
  return data->result->sample_loss != NULL ? data->result->sample_loss->data[sample] : NAN;
}

guint
wb_grid_data_predicted (const WbGridData *data, guint sample, float *probability)
{
  const NnNodeValues *values = nn_node_values_result_find (data->result, data->plan->output);
  gsize n = values->values->size / data->n;
  const float *value = values->values->data + sample * n;
  guint best = 0;

  for (guint i = 1; i < n; i++)
    if (value[i] > value[best])
      best = i;
  *probability = value[best];
  return best;
}

char *
wb_grid_data_answer (const WbGridData *data, guint sample)
{
  float probability;
  guint class = wb_grid_data_predicted (data, sample, &probability);
  g_autofree char *name = wb_sample_class_name (data->plan->info, (gint) class);

  return g_strdup_printf ("%s %.0f %%", name != NULL ? name : "?", 100 * probability);
}

char *
wb_grid_data_to_csv (const WbGridData *data)
{
  GString *text = g_string_new ("sample,label,error,row,position,value\n");
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  for (guint sample = 0; sample < data->n; sample++)
    for (guint i = 0; i < data->plan->rows->len; i++)
      {
        const WbGridRow *row = &g_array_index (data->plan->rows, WbGridRow, i);
        gint label = g_array_index (data->result->labels, gint, sample);
        float error = wb_grid_data_error (data, sample);
        g_autoptr (GString) begin = g_string_new (NULL);
        gsize size;
        const float *values = wb_grid_data_values (data, row, sample, &size);
        if (values == NULL || row->kind == WB_GRID_CLASS)
          continue;
        g_string_append_printf (begin, "%u,",
                                g_array_index (data->result->samples, guint32, sample));
        if (label >= 0)
          g_string_append_printf (begin, "%d", label);
        g_string_append_c (begin, ',');
        if (isfinite (error))
          g_string_append (begin, g_ascii_formatd (number, sizeof number, "%.9g", error));
        for (gsize j = 0; j < size; j++)
          g_string_append_printf (text, "%s,%s,%zu,%s\n", begin->str, row->id, j,
                                  g_ascii_formatd (number, sizeof number, "%.9g", values[j]));
      }
  return g_string_free (text, FALSE);
}

NnTensor *
wb_grid_data_to_tensor (const WbGridData *data)
{
  const NnNodeValues *output = nn_node_values_result_find (data->result, data->plan->output);

  return output != NULL ? nn_tensor_new_samples (data->n, &output->shape, output->values->data)
                        : NULL;
}
