#include "diabolo-config.h"

#include "explore/nn-classes-probe.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "base/nn-error.h"
#include "layers/nn-layer-loss.h"
#include "objectives/nn-metrics.h"
#include "objectives/nn-objective.h"

#define PIECE 256
#define MIN_INTERVAL G_USEC_PER_SEC /* between the beginnings of two looks while weights move */

typedef struct
{
  NnProbe base;
  NnPart part;
  guint objective;

  /* the look under way */
  NnAnalysis *analysis; /* owned: the network it is of */
  NnClassesTable *look; /* owned, this probe's alone */
  guint position;
  gint64 begun;
  guint epoch;
  gboolean going;

  NnClassesTable *done; /* owned: the last one finished */
  guint64 line;         /* of the weights of the look begun last */
  guint64 asked_step;   /* of the weights when last asked */
} Probe;

static void
probe_free (NnProbe *base)
{
  Probe *probe = (Probe *)base;

  g_clear_pointer (&probe->analysis, nn_analysis_unref);
  g_clear_pointer (&probe->look, nn_classes_table_unref);
  g_clear_pointer (&probe->done, nn_classes_table_unref);
  g_free (probe);
}

static void
result_free (NnProbeResult *base)
{
  g_clear_pointer (&((NnClassesResult *)base)->table, nn_classes_table_unref);
  g_free (base);
}

/* ---- what the network compares ---- */

static gboolean
is_classification (const NnNode *node)
{
  return (node->type->flags & NN_LAYER_OBJECTIVE)
         && nn_loss_objective (node->params)->kind == NN_OBJECTIVE_CLASSIFICATION;
}

static const NnField *
label_field (const NnDataInfo *info)
{
  for (guint i = 0; i < info->n_fields; i++)
    if (info->fields[i].kind == NN_FIELD_LABEL)
      return &info->fields[i];
  return NULL;
}

const NnField *
nn_classes_field (const NnAnalysis *analysis, guint objective)
{
  NnDesign *design = nn_analysis_design (analysis);
  const NnNode *node = nn_design_node (design, objective);
  const NnEdge *target = nn_design_edge_into (design, objective, 1);
  const NnNode *source = target ? nn_design_node (design, target->from) : node;
  const NnField *field = source != NULL && nn_params_spec (source->params, "field") != NULL
                             ? nn_data_info_field (nn_analysis_data (analysis),
                                                   nn_params_text (source->params, "field"), NULL)
                             : NULL;

  return field != NULL && field->kind == NN_FIELD_LABEL ? field : NULL;
}

static char *
why_no_classes (const NnAnalysis *analysis)
{
  const NnField *field = label_field (nn_analysis_data (analysis));

  if (field == NULL)
    return g_strdup_printf (_ ("There are no classes here: the data set %s has no labels. A set "
                               "with labels and a classification loss show which classes the "
                               "network mixes up."),
                            nn_analysis_data (analysis)->title);
  return g_strdup_printf (_ ("This network rebuilds its input and never looks at the labels of the "
                             "data. To see classes, add a Dense layer of %u units with softmax and "
                             "a Classification loss behind it."),
                          field->n_classes);
}

guint
nn_classes_find_objective (const NnAnalysis *analysis, char **reason)
{
  NnDesign *design = nn_analysis_design (analysis);
  const NnNode *unfit = NULL;

  for (guint i = 0; i < nn_design_n_nodes (design); i++)
    {
      const NnNode *node = nn_design_node_at (design, i);
      const NnShape *shape;

      if (!is_classification (node))
        continue;
      shape = nn_analysis_input_shape (analysis, node->id, 0);
      if (shape != NULL && shape->rank == 1 && shape->dim[0] >= 2
          && shape->dim[0] <= NN_CLASSES_MAX_CLASSES)
        return node->id;
      unfit = node;
    }
  if (unfit == NULL)
    *reason = why_no_classes (analysis);
  else if (nn_analysis_input_shape (analysis, unfit->id, 0) == NULL)
    *reason = g_strdup_printf (_ ("Nothing reaches %s yet: connect the layer that gives the "
                                  "probability of each class."),
                               unfit->name);
  else
    *reason = g_strdup_printf (_ ("%s does not compare one probability for each of 2 to %u classes "
                                  "with one class a sample, which is what can be counted here."),
                               unfit->name, NN_CLASSES_MAX_CLASSES);
  return 0;
}

/* ---- looking ---- */

static const NnOp *
find_loss (NnAnalysis *analysis, guint objective)
{
  NnProgram *program = nn_analysis_program (analysis);

  for (guint i = 0; i < program->ops->len; i++)
    {
      const NnOp *op = nn_program_op (program, i);

      if (op->node == objective && op->n_in >= 2)
        return op;
    }
  return NULL;
}

static void
begin_look (Probe *probe, guint n_classes, NnTrainer *trainer)
{
  const gsize n = nn_dataset_n_samples (nn_trainer_dataset (trainer), probe->part);

  g_clear_pointer (&probe->look, nn_classes_table_unref);
  probe->look = nn_classes_table_new (n_classes, (guint)MIN (n, NN_CLASSES_MAX_SAMPLES));
  probe->look->n_part = n;
  probe->look->step = nn_trainer_steps (trainer);
  probe->epoch = nn_trainer_epochs (trainer);
  probe->line = nn_trainer_line (trainer);
  probe->begun = g_get_monotonic_time ();
  probe->position = 0;
  probe->going = TRUE;
}

/* y (n, n_classes), rescaled where the classes are as common elsewhere as the design says; t (n,
 * n_classes) shares, or (n) numbers of classes. FALSE where y is not finite. */
static gboolean
enter (NnClassesTable *table, const NnMetricFrame *frame, guint first, guint n, float *y,
       const float *t, gsize t_size)
{
  const gsize n_classes = table->n_classes;

  for (guint i = 0; i < n; i++)
    {
      float *p = y + i * n_classes;
      const guint at = first + i;
      const gsize truth = t_size == 1 ? (gsize)t[i] : nn_arg_max (t + i * t_size, t_size);

      for (gsize k = 0; k < n_classes; k++)
        if (!isfinite (p[k]))
          return FALSE;
      nn_metrics_rescale (frame, p);
      table->truth[at] = (guint)MIN (truth, n_classes - 1);
      table->likeliest[at] = (guint)nn_arg_max (p, n_classes);
      table->p_truth[at] = p[table->truth[at]];
      table->p_likeliest[at] = p[table->likeliest[at]];
      table->p_positive[at] = p[n_classes - 1];
    }
  return TRUE;
}

static gboolean
go_on (Probe *probe, const NnOp *op, NnTrainer *trainer, GError **error)
{
  NnProgram *program = nn_analysis_program (probe->analysis);
  const gint64 end = g_get_monotonic_time () + NN_PROBE_PIECE_TIME;
  const guint want[] = { op->in[0], op->in[1] };
  const gsize t_size = (gsize)nn_program_value (program, want[1])->size;
  g_autofree float *y = g_new (float, (gsize)PIECE * probe->look->n_classes);
  g_autofree float *t = g_new (float, PIECE *t_size);
  float *const out[] = { y, t };
  guint32 index[PIECE];
  NnMetricFrame frame;

  nn_op_loss_frame (program, op, &frame);

  do
    {
      const guint n = MIN (PIECE, probe->look->n - probe->position);

      for (guint i = 0; i < n; i++)
        index[i] = probe->position + i;
      nn_trainer_values (trainer, probe->part, index, n, NULL, 2, want, out, NULL);
      if (!enter (probe->look, &frame, probe->position, n, y, t, t_size))
        {
          probe->going = FALSE;
          g_set_error (error, NN_ERROR, NN_ERROR_NUMERIC,
                       _ ("The network gives no finite probabilities (the first for sample %u or "
                          "soon after): its weights are broken. Reset them, or undo the change "
                          "that broke them."),
                       probe->position);
          return FALSE;
        }
      probe->position += n;
    }
  while (probe->position < probe->look->n && g_get_monotonic_time () < end);
  if (probe->position < probe->look->n)
    return TRUE;
  probe->going = FALSE;
  g_clear_pointer (&probe->done, nn_classes_table_unref);
  probe->done = g_steal_pointer (&probe->look);
  return TRUE;
}

/* Of these weights? */
static gboolean
is_current (const Probe *probe, const NnClassesTable *table, NnTrainer *trainer)
{
  return table != NULL && table->step == nn_trainer_steps (trainer)
         && probe->line == nn_trainer_line (trainer);
}

/* While weights move from one question to the next, looks keep their distance. */
static gboolean
may_begin (const Probe *probe, NnTrainer *trainer)
{
  return probe->done == NULL || probe->asked_step == nn_trainer_steps (trainer)
         || probe->epoch != nn_trainer_epochs (trainer)
         || g_get_monotonic_time () - probe->begun >= MIN_INTERVAL;
}

static NnProbeResult *
compute (NnProbe *base, NnTrainer *trainer, GError **error)
{
  Probe *probe = (Probe *)base;
  NnAnalysis *analysis = nn_trainer_analysis (trainer);
  const NnOp *op = find_loss (analysis, probe->objective);
  NnClassesResult *result;

  if (op == NULL)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_UNKNOWN,
                   _ ("The network has no loss that compares classes any more."));
      return NULL;
    }
  if (nn_dataset_n_samples (nn_trainer_dataset (trainer), probe->part) == 0)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_RANGE,
                   _ ("The data set has no test samples to count classes of."));
      return NULL;
    }
  if (probe->analysis != analysis)
    {
      g_clear_pointer (&probe->analysis, nn_analysis_unref);
      g_clear_pointer (&probe->done, nn_classes_table_unref);
      probe->analysis = nn_analysis_ref (analysis);
      probe->going = FALSE;
    }
  if (probe->going && probe->line != nn_trainer_line (trainer))
    probe->going = FALSE;
  if (!probe->going && !is_current (probe, probe->done, trainer) && may_begin (probe, trainer))
    begin_look (probe, (guint)nn_program_value (nn_analysis_program (analysis), op->in[0])->size,
                trainer);
  probe->asked_step = nn_trainer_steps (trainer);
  if (probe->going && !go_on (probe, op, trainer, error))
    return NULL;
  result = g_new0 (NnClassesResult, 1);
  result->table = probe->done != NULL ? nn_classes_table_ref (probe->done) : NULL;
  result->fraction = probe->going ? (double)probe->position / probe->look->n : 1;
  result->base.unfinished = probe->going || !is_current (probe, probe->done, trainer);
  return &result->base;
}

const NnProbeType nn_classes_probe_type = {
  .name = "classes",
  .compute = compute,
  .free_probe = probe_free,
  .free_result = result_free,
  .result_size = sizeof (NnClassesResult),
};

NnProbe *
nn_classes_probe_new (guint id, NnPart part, guint objective)
{
  Probe *probe = g_new0 (Probe, 1);

  g_atomic_ref_count_init (&probe->base.refs);
  probe->base.type = &nn_classes_probe_type;
  probe->base.id = id;
  probe->part = part;
  probe->objective = objective;
  return &probe->base;
}
