/* nn-trainer-best.c: what an epoch's validation means for the epochs that follow: the schedule,
 * early stopping, the best weights. */
#include "data/nn-data-source.h"
#include "layers/nn-layer.h"
#include "ops/nn-op.h"
#include "train/nn-trainer-private.h"

#include <math.h>

void
nn_trainer_forget_best (NnTrainer *trainer)
{
  g_clear_pointer (&trainer->best, nn_checkpoint_unref);
}

/* ---- what the loss is a measure of ---- */

static guint32
add_text (guint32 sum, const char *text)
{
  return 31 * sum + g_str_hash (text);
}

/* names: of those that count; NULL: all do. */
static guint32
add_params (guint32 sum, const NnParams *params, const char *const *names)
{
  for (const NnParamSpec *spec = nn_params_specs (params); spec && spec->name; spec++)
    {
      if (names && !g_strv_contains (names, spec->name))
        continue;
      g_autofree char *value = nn_params_to_text (params, spec->name);
      sum = add_text (add_text (sum, spec->name), value);
    }
  return sum;
}

/* What an objective has beside these says how its predictions are counted, or is for training
 * alone. */
static const char *const objective_params[] = { "loss", "weight", "field", NULL };

static guint32
add_node (guint32 sum, const NnNode *node)
{
  const gboolean is_objective = (node->type->flags & NN_LAYER_OBJECTIVE) != 0;
  return add_params (sum, node->params, is_objective ? objective_params : NULL);
}

/* What the loss of a node is taken against; where its prediction comes from is the network's. */
static guint32
add_targets (guint32 sum, const NnDesign *design, guint node)
{
  for (guint i = 0; i < nn_design_n_edges (design); i++)
    {
      const NnEdge *edge = nn_design_edge_at (design, i);
      if (edge->to == node && edge->to_port > 0)
        sum = 31 * (31 * sum + edge->to_port) + edge->from;
    }
  return sum;
}

/* The same samples give the same sum, however many of them are used. */
static guint32
add_data (guint32 sum, const NnParams *data)
{
  g_autoptr (NnParams) all = nn_params_with_number (data, "limit", 0, NULL);
  return add_params (sum, nn_data_is_same (data, all) ? all : data, NULL);
}

static guint32
sum_of_measure (NnTrainer *trainer)
{
  const NnDesign *design = nn_analysis_design (trainer->analysis);
  const NnProgram *program = nn_analysis_program (trainer->analysis);
  guint32 sum = add_data (1, nn_design_data (design));
  for (guint i = 0; i < program->ops->len; i++)
    {
      const NnOp *op = nn_program_op (program, i);
      if ((op->type->flags & NN_OP_LOSS) == 0)
        continue;
      const NnNode *node = nn_design_node (design, op->node);
      sum = add_text (sum, op->type->name);
      sum = add_targets (add_node (sum, node), design, op->node);
    }
  for (guint i = 0; i < program->weights->len; i++)
    {
      const NnWeight *weight = nn_program_weight (program, i);
      if (weight->l1 > 0 || weight->l2 > 0)
        sum = 31 * (31 * (31 * sum + weight->node) + g_double_hash (&(double){ weight->l1 }))
              + g_double_hash (&(double){ weight->l2 });
    }
  return MAX (sum, 1);
}

void
nn_trainer_note_measure (NnTrainer *trainer)
{
  NnTrainerPosition *at = &trainer->at;
  const guint32 is = sum_of_measure (trainer);

  if (at->measure.is != 0 && at->measure.is != is)
    {
      at->measure.changes++;
      at->schedule.best = INFINITY;
      at->schedule.wait = 0;
      at->watch = NN_WATCH_STATE_INIT;
      nn_trainer_forget_best (trainer);
    }
  at->measure.is = is;
}

guint
nn_trainer_measure (NnTrainer *trainer)
{
  return trainer->at.measure.changes;
}

/* ---- after an epoch ---- */

/* value (out): what is watched, by the validation that has ended. FALSE where that has not measured
 * it. */
static gboolean
find_watched (NnTrainer *trainer, double loss, double *value)
{
  const NnMetricType *metric = nn_watch_metric (trainer->training);

  *value = loss;
  for (guint i = 0; metric != NULL && trainer->measures != NULL && i < trainer->measures->len; i++)
    {
      const NnMeasure *measure = &g_array_index (trainer->measures, NnMeasure, i);

      if (measure->type == metric)
        {
          *value = measure->value;
          return TRUE;
        }
    }
  return metric == NULL;
}

void
nn_trainer_note_validation (NnTrainer *trainer, double loss)
{
  NnTrainerPosition *at = &trainer->at;
  double watched;

  nn_schedule_note_loss (trainer->training, at->epoch, loss,
                         nn_params_float (trainer->optimizer_params, "learning-rate"),
                         &at->schedule);
  if (!find_watched (trainer, loss, &watched)
      || !nn_watch_note (trainer->training, at->epoch, watched, &at->watch))
    return;
  nn_trainer_forget_best (trainer);
  if (nn_params_bool (trainer->training, "keep-best"))
    trainer->best = nn_trainer_checkpoint (trainer);
}

gboolean
nn_trainer_is_over (NnTrainer *trainer)
{
  if (!nn_watch_is_over (trainer->training, &trainer->at.watch))
    return FALSE;
  trainer->at.watch.wait = 0;
  return TRUE;
}

NnCheckpoint *
nn_trainer_best (NnTrainer *trainer)
{
  return trainer->best;
}

guint
nn_trainer_use_best (NnTrainer *trainer)
{
  const NnCheckpoint *best = trainer->best;

  if (best == NULL || !nn_params_bool (trainer->training, "keep-best")
      || best->epoch != trainer->at.watch.epoch
      || (best->epoch == trainer->at.epoch && trainer->at.batch == 0))
    return 0;
  nn_trainer_forget_caught (trainer);
  trainer->has_kept = FALSE;
  nn_trainer_forget_features (trainer);
  nn_weights_load (trainer->weights, best);
  trainer->n_best_used++;
  return best->epoch;
}
