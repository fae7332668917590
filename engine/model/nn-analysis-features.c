/* nn-analysis-features.c: whether it pays to keep what frozen layers give for each sample. */
#include "diabolo-config.h"

#include "model/nn-analysis-private.h"

#include <glib/gi18n-lib.h>

#include "base/nn-memory.h"
#include "data/nn-data-source.h"
#include "model/nn-plan.h"

static gboolean
any_frozen (const NnAnalysis *analysis)
{
  const NnProgram *program = analysis->program;

  for (guint i = 0; i < program->weights->len; i++)
    if (nn_program_weight (program, i)->frozen && !nn_program_weight (program, i)->state)
      return TRUE;
  return FALSE;
}

/* Bytes, whether or not they may be had. */
static guint64
memory_wanted (const NnAnalysis *analysis)
{
  const NnDataInfo *data = analysis->data;
  const NnParams *training = nn_design_training (analysis->design);
  const gsize limit = nn_data_limit (nn_design_data (analysis->design));
  const guint batch = (guint)nn_params_int (training, "batch-size");
  const gsize n_train = data->n_samples[NN_PART_TRAIN];
  const gsize n_held_out = data->n_samples[NN_PART_VALIDATION];
  const guint64 train = nn_plan_estimate_features (analysis->program, batch, NN_PLAN_TRAIN);
  const guint64 evaluate =
      nn_plan_estimate_features (analysis->program, NN_PLAN_EVALUATION_BATCH, 0);

  return (train * (limit > 0 ? MIN (n_train, limit) : n_train)
          + evaluate * (n_held_out > 0 ? n_held_out : data->n_samples[NN_PART_TEST]))
         * sizeof (float);
}

static gboolean
is_off (const NnAnalysis *analysis)
{
  return g_str_equal (nn_params_text (nn_design_training (analysis->design), "cache-features"),
                      "off");
}

static guint64
memory_allowed (void)
{
  return MIN (NN_FEATURES_MEMORY, nn_memory_of_machine () / 4);
}

guint64
nn_analysis_feature_memory (const NnAnalysis *analysis)
{
  if (!nn_analysis_can_train (analysis) || is_off (analysis) || !any_frozen (analysis))
    return 0;
  const guint64 wanted = memory_wanted (analysis);
  return wanted <= memory_allowed () ? wanted : 0;
}

static gboolean
is_steady (const NnProgram *program, const NnOp *op)
{
  for (guint k = 0; k < op->n_weights; k++)
    if (!nn_program_weight (program, op->weight[k])->frozen)
      return FALSE;
  return (op->type->flags & NN_OP_PURE) != 0;
}

/* Why nothing of the frozen layers can be kept: what is before the first that has something. Each
 * value knows the first operation before it that does not give the same every time. (transfer full)
 */
static char *
obstacle_text (const NnAnalysis *analysis)
{
  const NnProgram *program = analysis->program;
  g_autofree const NnOp **unsteady = g_new0 (const NnOp *, program->values->len + 1);

  for (guint i = 0; i < program->ops->len; i++)
    {
      const NnOp *op = nn_program_op (program, i), *first = NULL;
      for (guint k = 0; k < op->n_in && !first; k++)
        first = unsteady[op->in[k]];
      if (!first && !is_steady (program, op))
        first = op;
      for (guint k = 0; k < op->n_out; k++)
        unsteady[op->out[k]] = first;
      const NnNode *node = first ? nn_design_node (analysis->design, first->node) : NULL;
      if (!node || op->n_weights == 0 || !nn_program_weight (program, op->weight[0])->frozen)
        continue;
      return g_strdup_printf (first->n_weights > 0 ? _ ("Nothing is kept of the frozen layers: %s, "
                                                        "before them, is trained.")
                                                   : _ ("Nothing is kept of the frozen layers: %s, "
                                                        "before them, gives something else each "
                                                        "time."),
                              node->name);
    }
  return g_strdup (_ ("Nothing is kept of the frozen layers: no trained layer reads them."));
}

char *
nn_analysis_features_text (const NnAnalysis *analysis)
{
  if (!nn_analysis_can_train (analysis) || !any_frozen (analysis))
    return NULL;
  if (is_off (analysis))
    return g_strdup (_ ("The frozen layers run anew for each sample, as “Cache features” is off."));
  const guint64 wanted = memory_wanted (analysis);
  if (wanted == 0)
    return obstacle_text (analysis);
  g_autofree char *bytes = g_format_size (wanted), *most = g_format_size (memory_allowed ());
  return wanted <= memory_allowed ()
             ? g_strdup_printf (_ ("What the frozen layers give is kept for each sample, in %s of "
                                   "memory: they run once."),
                                bytes)
             : g_strdup_printf (_ ("What the frozen layers give would take %s of memory, more than "
                                   "the %s that may be used for it: they run anew each time."),
                                bytes, most);
}
