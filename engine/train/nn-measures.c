#include "train/nn-measures.h"

#include <math.h>
#include <string.h>

#include "layers/nn-layer.h"

static void
add (GArray *measures, guint node, const NnMetricType *type, double value)
{
  const NnMeasure measure = { .node = node, .type = type, .value = value };

  g_array_append_val (measures, measure);
}

/* A node's losses are added: its activity penalty, say, and its contractive one. */
static void
add_loss (GArray *measures, guint node, double value)
{
  for (guint i = 0; i < measures->len; i++)
    {
      NnMeasure *measure = &g_array_index (measures, NnMeasure, i);

      if (measure->node == node && measure->type == NULL)
        {
          measure->value += value;
          return;
        }
    }
  add (measures, node, NULL, value);
}

static void
add_metrics (GArray *measures, const NnPlan *plan, const NnOp *op, const double *sums)
{
  NnMetricFrame frame;

  if (!nn_op_loss_frame (nn_plan_program (plan), op, &frame))
    return;
  for (const NnMetricType *type = nn_metric_types (); type->id != NULL; type++)
    if (type->applies (&frame))
      add (measures, op->node, type, type->value (&frame, sums));
}

GArray *
nn_measures_new (const NnPlan *plan, double *meter, gsize n, double penalty)
{
  GArray *measures = g_array_new (FALSE, FALSE, sizeof (NnMeasure));
  const NnOp *op;
  double *sums;

  for (guint i = 0; (op = nn_plan_meter (plan, i, meter, &sums)) != NULL; i++)
    {
      add_loss (measures, op->node, sums[0] / (double)n);
      add_metrics (measures, plan, op, sums + 1);
    }
  if (penalty > 0)
    add (measures, 0, NULL, penalty);
  return measures;
}

double
nn_measures_divergence (const GArray *measures, NnDesign *design)
{
  double sum = 0;

  for (guint i = 0; measures != NULL && i < measures->len; i++)
    {
      const NnMeasure *measure = &g_array_index (measures, NnMeasure, i);
      const NnNode *node = nn_design_node (design, measure->node);

      if (measure->type == NULL && node != NULL && strcmp (node->type->id, "sampling") == 0)
        sum += measure->value;
    }
  return sum;
}

void
nn_measures_to_row (const GArray *measures, NnDesign *design, NnRow *row)
{
  row->divergence = nn_measures_divergence (measures, design);
  for (guint i = 0; measures != NULL && i < measures->len; i++)
    {
      const NnMeasure *measure = &g_array_index (measures, NnMeasure, i);
      const guint k = measure->type != NULL ? (guint)(measure->type - nn_metric_types ()) : 0;

      /* The accuracy has its own place. */
      if (measure->type == NULL || strcmp (measure->type->id, "accuracy") == 0
          || (row->metrics & 1u << k) != 0 || isnan (measure->value))
        continue;
      row->metrics |= 1u << k;
      row->metric[k] = (float)measure->value;
    }
}
