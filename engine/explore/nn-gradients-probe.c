#include "explore/nn-gradients-probe.h"

#include <math.h>

#include "explore/nn-node-values-probe.h"
#include "layers/nn-layer.h"
#include "ops/nn-op.h"

/* While training: so often nothing jumps, and it costs training next to nothing. */
#define INTERVAL (G_USEC_PER_SEC / 4)
/* Multiply-adds of an answer's forward passes: larger networks are shown fewer samples a time. */
#define ANSWER_MACS 200e6
#define MIN_SAMPLES 8

/* How long each unit of a node has been silent. */
typedef struct
{
  guint node;
  guint n_units;
  guint32 *silent; /* (n_units): samples in a row */
} Silence;

typedef struct
{
  NnProbe base;
  GArray *samples;          /* guint32: the window */
  gsize position;           /* next of them */
  guint seen;               /* of them, with the weights of `step` */
  guint64 step;             /* at the answer before */
  guint64 seed;             /* likewise */
  GPtrArray *nodes;         /* Silence, owned */
  NnAnalysis *analysis;     /* owned: that nodes and samples are of */
  const NnDataset *dataset; /* likewise: compared, never read */
} Probe;

/* What the shards see of one program value. */
typedef struct
{
  guint value;
  gsize size;
  guint n_units;
  float *squares; /* (n_shards, size) */
  guint8 *fires;  /* (n_shards, n_units) */
  guint8 *looked; /* (n_shards): anything was shown */
} Tally;

typedef struct
{
  Tally *tallies;
  gint *tally_of; /* per program value: -1: none */
  guint n;
} Tallies;

static void
silence_free (Silence *silence)
{
  g_free (silence->silent);
  g_free (silence);
}

static void
forget (Probe *probe)
{
  g_clear_pointer (&probe->samples, g_array_unref);
  g_clear_pointer (&probe->nodes, g_ptr_array_unref);
  g_clear_pointer (&probe->analysis, nn_analysis_unref);
  probe->position = probe->seen = 0;
}

static void
probe_free (NnProbe *base)
{
  forget ((Probe *)base);
  g_free (base);
}

static void
node_gradient_free (NnNodeGradient *gradient)
{
  nn_tensor_unref (gradient->size);
  g_free (gradient);
}

static void
result_free (NnProbeResult *base)
{
  g_clear_pointer (&((NnGradientsResult *)base)->nodes, g_ptr_array_unref);
  g_free (base);
}

/* ---- which values ---- */

/* The program value that a node's output is, before what only gives it another shape. */
static guint
plain_value (const NnProgram *program, guint node, guint value)
{
  for (;;)
    {
      const gint producer = nn_program_value (program, value)->producer;
      const NnOp *op = producer >= 0 ? nn_program_op (program, producer) : NULL;

      if (op == NULL || op->node != node || op->type != &nn_op_reshape)
        return value;
      value = op->in[0];
    }
}

/* The activation that ends the node, or NULL. */
static const NnOp *
own_activation (const NnProgram *program, guint node, guint value)
{
  const gint producer = nn_program_value (program, value)->producer;
  const NnOp *op = producer >= 0 ? nn_program_op (program, producer) : NULL;

  return op != NULL && op->node == node && op->type == &nn_op_activation ? op : NULL;
}

/* Nothing but chance or a dead unit makes all of these 0; sigmoid and softmax, which a loss may
 * take over, never do. */
static gboolean
may_die (NnTrainer *trainer, const NnOp *activation, gboolean has_weights, guint value)
{
  if (activation != NULL)
    {
      const NnActivation function = ((const NnActivationAttrs *)activation->attrs)->function;

      return function != NN_ACTIVATION_SIGMOID && function < NN_ACTIVATION_SOFTMAX;
    }
  /* What a node behind it does in place is not its own. */
  return has_weights && nn_trainer_gradient_value (trainer, value) == value;
}

static gboolean
has_weights (const NnProgram *program, guint node)
{
  for (guint i = 0; i < program->ops->len; i++)
    {
      const NnOp *op = nn_program_op (program, i);

      for (guint k = 0; op->node == node && k < op->n_weights; k++)
        if (!nn_program_weight (program, op->weight[k])->state)
          return TRUE;
    }
  return FALSE;
}

static gboolean
learns (const NnProgram *program, guint node)
{
  for (guint i = 0; i < program->ops->len; i++)
    {
      const NnOp *op = nn_program_op (program, i);

      for (guint k = 0; op->node == node && k < op->n_weights; k++)
        if (!nn_program_weight (program, op->weight[k])->frozen)
          return TRUE;
    }
  return FALSE;
}

/* ---- looking ---- */

static guint
units_of (const NnShape *shape)
{
  return shape->rank > 0 ? (guint)shape->dim[shape->rank - 1] : 1;
}

static void
add_tally (Tallies *tallies, NnTrainer *trainer, guint value)
{
  const NnValue *seen = nn_program_value (nn_analysis_program (nn_trainer_analysis (trainer)),
                                          nn_trainer_gradient_value (trainer, value));
  const guint name = nn_trainer_gradient_value (trainer, value);
  const guint n_shards = nn_trainer_gradient_shards (trainer);

  if (tallies->tally_of[name] >= 0)
    return;
  Tally *tally = &tallies->tallies[tallies->n];
  tallies->tally_of[name] = (gint)tallies->n++;
  tally->value = name;
  tally->size = (gsize)seen->size;
  tally->n_units = units_of (&seen->shape);
  tally->squares = g_new0 (float, n_shards * tally->size);
  tally->fires = g_new0 (guint8, n_shards * tally->n_units);
  tally->looked = g_new0 (guint8, n_shards);
}

static void
look (gpointer data, guint shard, guint value, const float *y, const float *dy, guint n)
{
  const Tallies *tallies = data;

  if (tallies->tally_of[value] < 0)
    return;
  const Tally *tally = &tallies->tallies[tallies->tally_of[value]];
  float *squares = tally->squares + shard * tally->size;
  guint8 *fires = tally->fires + shard * tally->n_units;
  tally->looked[shard] = TRUE;
  for (guint i = 0; i < n; i++)
    {
      const float *row = y + i * tally->size, *gradient = dy + i * tally->size;

      for (gsize k = 0; k < tally->size; k++)
        squares[k] += gradient[k] * gradient[k];
      for (gsize at = 0; at < tally->size; at += tally->n_units)
        for (guint u = 0; u < tally->n_units; u++)
          fires[u] |= row[at + u] != 0;
    }
}

/* NULL where no gradient comes by. */
static const Tally *
find_tally (const Tallies *tallies, NnTrainer *trainer, guint value)
{
  const gint position = tallies->tally_of[nn_trainer_gradient_value (trainer, value)];
  const Tally *tally = position >= 0 ? &tallies->tallies[position] : NULL;

  for (guint shard = 0; tally != NULL && shard < nn_trainer_gradient_shards (trainer); shard++)
    if (tally->looked[shard])
      return tally;
  return NULL;
}

static void
tallies_clear (Tallies *tallies)
{
  for (guint i = 0; i < tallies->n; i++)
    {
      g_free (tallies->tallies[i].squares);
      g_free (tallies->tallies[i].fires);
      g_free (tallies->tallies[i].looked);
    }
  g_free (tallies->tallies);
  g_free (tallies->tally_of);
}

/* ---- what remains from answer to answer ---- */

static NnPart
part_of (NnTrainer *trainer)
{
  return nn_dataset_n_samples (nn_trainer_dataset (trainer), NN_PART_TEST) > 0 ? NN_PART_TEST
                                                                               : NN_PART_TRAIN;
}

static void
prepare (Probe *probe, NnTrainer *trainer)
{
  NnDataset *dataset = nn_trainer_dataset (trainer);
  const gsize n = nn_dataset_n_samples (dataset, part_of (trainer));

  if (probe->analysis != nn_trainer_analysis (trainer) || probe->dataset != dataset
      || probe->seed != nn_trainer_seed (trainer) || probe->step > nn_trainer_steps (trainer))
    forget (probe);
  if (probe->step != nn_trainer_steps (trainer))
    probe->seen = 0;
  probe->seed = nn_trainer_seed (trainer);
  probe->step = nn_trainer_steps (trainer);
  if (probe->samples != NULL)
    return;
  probe->analysis = nn_analysis_ref (nn_trainer_analysis (trainer));
  probe->dataset = dataset;
  probe->samples = g_array_new (FALSE, FALSE, sizeof (guint32));
  nn_pick_random (NN_GRADIENTS_WINDOW, n, NN_GRADIENTS_SEED, probe->samples);
  probe->nodes = g_ptr_array_new_with_free_func ((GDestroyNotify)silence_free);
}

static guint
choose_samples (Probe *probe, NnTrainer *trainer, guint32 *index)
{
  const double macs = MAX (1, (double)nn_analysis_total_macs (nn_trainer_analysis (trainer)));
  const guint wish = (guint)CLAMP (ANSWER_MACS / macs, MIN_SAMPLES, NN_PLAN_LOOK_BATCH);
  const guint n = MIN (wish, probe->samples->len);

  g_assert (n > 0); /* no trainer is without samples */
  for (guint i = 0; i < n; i++)
    index[i] = g_array_index (probe->samples, guint32, (probe->position + i) % probe->samples->len);
  probe->position = (probe->position + n) % probe->samples->len;
  return n;
}

static Silence *
silence_of (Probe *probe, guint node, guint n_units)
{
  for (guint i = 0; i < probe->nodes->len; i++)
    {
      Silence *silence = g_ptr_array_index (probe->nodes, i);

      if (silence->node == node)
        return silence;
    }
  Silence *silence = g_new (Silence, 1);
  *silence = (Silence){ node, n_units, g_new0 (guint32, n_units) };
  g_ptr_array_add (probe->nodes, silence);
  return silence;
}

static guint
count_dead (Probe *probe, guint node, const Tally *tally, guint n_shards, guint n)
{
  Silence *silence = silence_of (probe, node, tally->n_units);
  guint n_dead = 0;

  for (guint u = 0; u < tally->n_units; u++)
    {
      gboolean fires = FALSE;

      for (guint shard = 0; shard < n_shards; shard++)
        fires |= tally->fires[shard * tally->n_units + u];
      silence->silent[u] = fires ? 0 : silence->silent[u] + n;
      n_dead += silence->silent[u] >= probe->samples->len;
    }
  return n_dead;
}

/* ---- the answer ---- */

/* size = n sqrt (1/n sum over samples of dy^2): dy is of the mean loss of n samples. */
static void
measure (NnNodeGradient *gradient, const Tally *tally, guint n_shards, guint n)
{
  double sum = 0;

  for (gsize i = 0; i < tally->size; i++)
    {
      double squares = 0;

      for (guint shard = 0; shard < n_shards; shard++)
        squares += tally->squares[shard * tally->size + i];
      gradient->size->data[i] = (float)sqrt (squares * n);
      sum += squares;
    }
  gradient->norm = sqrt (sum * n);
}

/* The output that a gradient can be seen of, or -1. */
static gint
value_of (NnAnalysis *analysis, guint node)
{
  const NnNode *drawn = nn_design_node (nn_analysis_design (analysis), node);
  const gint value =
      nn_layer_n_outputs (drawn->type) > 0 ? nn_analysis_value (analysis, node, 0) : -1;

  return value >= 0 ? (gint)plain_value (nn_analysis_program (analysis), node, (guint)value) : -1;
}

static void
add_node (Probe *probe, NnGradientsResult *result, NnTrainer *trainer, const Tallies *tallies,
          guint node)
{
  NnAnalysis *analysis = nn_trainer_analysis (trainer);
  NnProgram *program = nn_analysis_program (analysis);
  const gint value = value_of (analysis, node);
  const guint n_shards = nn_trainer_gradient_shards (trainer);

  if (value < 0)
    return;
  const NnOp *activation = own_activation (program, node, (guint)value);
  const guint before = activation != NULL ? activation->in[0] : (guint)value;
  const Tally *seen = find_tally (tallies, trainer, before);
  const Tally *fires = find_tally (tallies, trainer, (guint)value);
  const NnShape *shape = nn_analysis_output_shape (analysis, node, 0);
  if (seen == NULL || shape == NULL || seen->size != (gsize)nn_shape_size (shape))
    return;
  NnNodeGradient *gradient = g_new0 (NnNodeGradient, 1);
  gradient->node = node;
  gradient->shape = *shape;
  gradient->size = nn_tensor_new (&nn_shape (nn_shape_size (shape)));
  gradient->learns = learns (program, node);
  measure (gradient, seen, n_shards, result->n_samples);
  if (fires != NULL && may_die (trainer, activation, has_weights (program, node), (guint)value))
    {
      gradient->n_units = fires->n_units;
      gradient->n_dead = count_dead (probe, node, fires, n_shards, result->n_samples);
    }
  g_ptr_array_add (result->nodes, gradient);
}

/* Last: from here no edge leads to another node that learns. */
static void
find_last (NnGradientsResult *result, NnAnalysis *analysis)
{
  NnDesign *design = nn_analysis_design (analysis);
  g_autoptr (GHashTable) before = g_hash_table_new (NULL, NULL); /* ids */
  guint n;
  const guint *order = nn_analysis_order (analysis, &n);

  for (guint i = n; i-- > 0;)
    {
      const NnNodeGradient *gradient = nn_gradients_result_find (result, order[i]);
      const gboolean is_before = g_hash_table_contains (before, GUINT_TO_POINTER (order[i]));

      if (gradient != NULL && gradient->learns)
        ((NnNodeGradient *)gradient)->last = !is_before;
      if (!is_before && (gradient == NULL || !gradient->learns))
        continue;
      for (guint e = 0; e < nn_design_n_edges (design); e++)
        if (nn_design_edge_at (design, e)->to == order[i])
          g_hash_table_add (before, GUINT_TO_POINTER (nn_design_edge_at (design, e)->from));
    }
  for (guint i = 0; i < result->nodes->len; i++)
    {
      const NnNodeGradient *gradient = g_ptr_array_index (result->nodes, i);

      /* Not a number is larger than any. */
      if (gradient->last && !(gradient->norm <= result->reference))
        result->reference = gradient->norm;
    }
}

static NnProbeResult *
compute (NnProbe *base, NnTrainer *trainer, GError **error)
{
  Probe *probe = (Probe *)base;
  NnAnalysis *analysis = nn_trainer_analysis (trainer);
  NnProgram *program = nn_analysis_program (analysis);
  guint32 index[NN_PLAN_LOOK_BATCH];
  guint n_nodes;
  const guint *order = nn_analysis_order (analysis, &n_nodes);

  prepare (probe, trainer);
  Tallies tallies = { g_new0 (Tally, 2 * n_nodes + 1), g_new (gint, program->values->len + 1), 0 };
  NnGradientsResult *result = g_new0 (NnGradientsResult, 1);
  for (guint i = 0; i < program->values->len; i++)
    tallies.tally_of[i] = -1;
  for (guint i = 0; i < n_nodes; i++)
    {
      const gint value = value_of (analysis, order[i]);

      if (value < 0)
        continue;
      const NnOp *activation = own_activation (program, order[i], (guint)value);
      add_tally (&tallies, trainer, (guint)value);
      if (activation != NULL)
        add_tally (&tallies, trainer, activation->in[0]);
    }
  result->n_samples = choose_samples (probe, trainer, index);
  nn_trainer_gradients (trainer, part_of (trainer), index, result->n_samples, look, &tallies);
  probe->seen += MIN (result->n_samples, NN_GRADIENTS_WINDOW);
  result->n_window = probe->samples->len;
  result->base.unfinished = probe->seen < probe->samples->len;
  result->nodes = g_ptr_array_new_with_free_func ((GDestroyNotify)node_gradient_free);
  for (guint i = 0; i < n_nodes; i++)
    add_node (probe, result, trainer, &tallies, order[i]);
  find_last (result, analysis);
  tallies_clear (&tallies);
  return &result->base;
}

const NnProbeType nn_gradients_probe_type = {
  .name = "gradients",
  .compute = compute,
  .free_probe = probe_free,
  .free_result = result_free,
  .result_size = sizeof (NnGradientsResult),
};

NnProbe *
nn_gradients_probe_new (guint id)
{
  Probe *probe = g_new0 (Probe, 1);

  g_atomic_ref_count_init (&probe->base.refs);
  probe->base.type = &nn_gradients_probe_type;
  probe->base.id = id;
  probe->base.interval = INTERVAL;
  return &probe->base;
}

const NnNodeGradient *
nn_gradients_result_find (const NnGradientsResult *result, guint node)
{
  for (guint i = 0; result->nodes != NULL && i < result->nodes->len; i++)
    {
      const NnNodeGradient *gradient = g_ptr_array_index (result->nodes, i);

      if (gradient->node == node)
        return gradient;
    }
  return NULL;
}
