/* test-random-designs.c: networks made by chance from the registry train two steps, or are refused
 * in words. Under the sanitizers this finds what nobody thought of.
 *
 * DIABOLO_RANDOM_DESIGNS=N looks at so many networks, DIABOLO_RANDOM_SEED=S starts at that seed: to
 * search on, or to repeat a failed one. Without them the test looks at the same ones every time.
 */
#include <math.h>
#include <unistd.h>

#include "base/nn-error.h"
#include "layers/nn-layer-loss.h"
#include "objectives/nn-objective.h"
#include "optimizers/nn-optimizer.h"
#include "train/nn-trainer.h"

#include "nn-test-data.h"
#include "random-design.h"

#define N_DESIGNS 250
/* Seconds one network may take, under the sanitizers too. */
#define PATIENCE 100

typedef struct
{
  guint refused, large, trained, diverged;
  GHashTable *seen; /* ids of layers, losses and optimizers in networks that trained */
} Tally;

static void
note_seen (Tally *tally, const NnDesign *design)
{
  g_hash_table_add (tally->seen, (gpointer)nn_design_optimizer (design)->id);
  for (guint i = 0; i < nn_design_n_nodes (design); i++)
    {
      const NnNode *node = nn_design_node_at (design, i);
      g_hash_table_add (tally->seen, (gpointer)node->type->id);
      if (node->type->flags & NN_LAYER_OBJECTIVE)
        g_hash_table_add (tally->seen, (gpointer)nn_loss_objective (node->params)->id);
    }
}

/* FALSE, with a message, for what is registered and stood in no network that trained. */
static gboolean
is_seen (const Tally *tally, const char *kind, const char *id)
{
  if (g_hash_table_contains (tally->seen, id))
    return TRUE;
  g_test_message ("no network that trained had the %s %s", kind, id);
  return FALSE;
}

static gboolean
all_seen (const Tally *tally)
{
  gboolean all = TRUE;
  for (const NnLayerType *const *type = nn_layer_types (); *type; type++)
    all &= is_seen (tally, "layer", (*type)->id);
  for (const NnObjectiveType *const *type = nn_objective_types (); *type; type++)
    all &= is_seen (tally, "loss", (*type)->id);
  for (const NnOptimizerType *const *type = nn_optimizer_types (); *type; type++)
    all &= is_seen (tally, "optimizer", (*type)->id);
  return all;
}

/* ---- what is refused ---- */

static gboolean
names_a_node (const NnDesign *design, const char *text)
{
  for (guint i = 0; i < nn_design_n_nodes (design); i++)
    if (strstr (text, nn_design_node_at (design, i)->name) != NULL)
      return TRUE;
  return FALSE;
}

/* Whole sentences, about a node where they are about one. */
static void
check_diagnostics (const NnAnalysis *analysis)
{
  const NnDesign *design = nn_analysis_design (analysis);
  guint n_errors = 0;

  for (guint i = 0; i < nn_analysis_n_diagnostics (analysis); i++)
    {
      const NnDiagnostic *diagnostic = nn_analysis_diagnostic (analysis, i);
      const char *text = diagnostic->text;

      n_errors += diagnostic->severity == NN_SEVERITY_ERROR;
      if (!g_str_has_suffix (text, ".") || g_str_has_suffix (text, "..")
          || strstr (text, "(null)") != NULL || !g_utf8_validate (text, -1, NULL))
        g_error ("“%s” is no sentence", text);
      if (diagnostic->node != 0 && !names_a_node (design, text))
        g_error ("“%s” names no node", text);
      g_assert_true (diagnostic->node == 0 || nn_design_node (design, diagnostic->node) != NULL);
    }
  g_assert_true (nn_analysis_can_train (analysis) == (n_errors == 0));
}

/* Everything that can be asked of an analysis. */
static void
check_analysis (NnAnalysis *analysis)
{
  NnDesign *design = nn_analysis_design (analysis);
  const guint n = nn_design_n_nodes (design);
  g_autofree double *heights = g_new0 (double, n + 1);
  g_autoptr (NnDesign) tidied = nn_analysis_tidy (analysis, 102, 24, heights);
  g_autoptr (NnDesign) mirrored = nn_analysis_mirror (analysis, NULL, 0, NULL);
  g_autofree char *summary = nn_analysis_summary (analysis);
  g_autofree char *text = nn_design_to_json (design);
  g_autoptr (GError) error = NULL;
  g_autoptr (NnDesign) read = nn_design_from_json (text, -1, &error);

  g_assert_no_error (error);
  g_assert_true (nn_design_same_computation (design, read));
  g_assert_true (nn_design_same_computation (design, tidied));
  check_diagnostics (analysis);
  for (guint a = 0; a < n; a++)
    for (guint b = 0; b < n; b++)
      nn_analysis_can_connect (analysis, nn_design_node_at (design, a)->id, 0,
                               nn_design_node_at (design, b)->id, 0, NULL);
}

/* ---- what is trained ---- */

/* FALSE where the loss is no longer finite, which must be said. */
static gboolean
train_step (NnTrainer *trainer)
{
  g_autoptr (GError) error = NULL;
  NnStep step;

  if (nn_trainer_step (trainer, &step, &error))
    {
      g_assert_true (isfinite (step.loss));
      return TRUE;
    }
  g_assert_error (error, NN_ERROR, NN_ERROR_NUMERIC);
  g_assert_true (g_str_has_suffix (error->message, "."));
  return FALSE;
}

static double
evaluate (NnTrainer *trainer)
{
  NnEvaluation evaluation = { 0 };

  while (!nn_trainer_evaluate (trainer, NN_PART_TEST, &evaluation))
    ;
  return evaluation.loss;
}

/* Every value of the network, as a viewer may ask for it. */
static void
read_values (NnTrainer *trainer)
{
  NnAnalysis *analysis = nn_trainer_analysis (trainer);
  NnProgram *program = nn_analysis_program (analysis);
  const NnPart part = nn_dataset_n_samples (nn_trainer_dataset (trainer), NN_PART_TEST) > 1
                          ? NN_PART_TEST
                          : NN_PART_TRAIN;
  const guint32 index[] = { 0, 1 };
  const guint n = MIN (2, nn_dataset_n_samples (nn_trainer_dataset (trainer), part));
  g_autoptr (GPtrArray) out = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GArray) want = g_array_new (FALSE, FALSE, sizeof (guint));
  float losses[2];

  for (guint i = 0; i < program->values->len; i++)
    {
      g_ptr_array_add (out, g_new0 (float, n *(gsize)nn_program_value (program, i)->size));
      g_array_append_val (want, i);
    }
  nn_trainer_values (trainer, part, index, n, NULL, want->len, (const guint *)want->data,
                     (float *const *)out->pdata, losses);
  const gint code = nn_analysis_value (analysis, nn_analysis_code_node (analysis), 0);
  const gint output = nn_analysis_value (analysis, nn_analysis_output_node (analysis), 0);
  if (code >= 0 && output >= 0)
    nn_trainer_run_between (trainer, (guint)code, out->pdata[code], (guint)output,
                            out->pdata[output], n);
}

static NnTrainer *
make_trainer (NnAnalysis *analysis, NnDataset *dataset, NnCheckpoint *checkpoint, NnPool *pool)
{
  g_autoptr (GError) error = NULL;
  NnTrainer *trainer = nn_trainer_new (analysis, dataset, checkpoint, pool, &error);

  g_assert_no_error (error);
  return trainer;
}

/* Two steps on one thread; the second also from a copy of the state and on three threads: the same.
 */
static gboolean
train (NnAnalysis *analysis, NnDataset *dataset)
{
  g_autoptr (NnPool) one = nn_pool_new (1);
  g_autoptr (NnPool) three = nn_pool_new (3);
  g_autoptr (NnTrainer) trainer = make_trainer (analysis, dataset, NULL, one);
  const gboolean first = train_step (trainer);
  g_autoptr (NnCheckpoint) middle = nn_trainer_checkpoint (trainer);
  g_autoptr (NnTrainer) other = make_trainer (analysis, dataset, middle, three);
  const gboolean second = train_step (trainer);

  g_assert_true (train_step (other) == second);
  if (first && second)
    {
      g_autoptr (NnCheckpoint) a = nn_trainer_checkpoint (trainer);
      g_autoptr (NnCheckpoint) b = nn_trainer_checkpoint (other);
      const double loss = evaluate (trainer), other_loss = evaluate (other);

      g_assert_cmpuint (a->step, ==, b->step);
      nn_test_assert_same_weights (a, b);
      g_assert_true (loss == other_loss || (isnan (loss) && isnan (other_loss)));
    }
  read_values (trainer);
  return first && second;
}

/* A change in mid-run goes on with what still fits, or is refused as a new network would be. */
static void
edit (const RandomMaker *maker, NnAnalysis *analysis, NnDataset *dataset)
{
  g_autoptr (NnPool) pool = nn_pool_new (2);
  g_autoptr (NnTrainer) trainer = make_trainer (analysis, dataset, NULL, pool);

  train_step (trainer);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (NnDesign) changed = random_change (maker, nn_analysis_design (analysis));
      g_autoptr (NnAnalysis) next =
          nn_analysis_new (changed, nn_dataset_info (dataset), RANDOM_MEMORY);
      g_autoptr (GError) error = NULL;

      check_diagnostics (next);
      if ((double)nn_analysis_total_macs (next) > RANDOM_MACS)
        continue;
      g_assert_true (nn_trainer_edit (trainer, next, dataset, NULL, &error)
                     == nn_analysis_can_train (next));
      if (error != NULL)
        g_assert_error (error, NN_ERROR, NN_ERROR_DESIGN);
      train_step (trainer);
    }
}

/* ---- one network after the other ---- */

/* A mended design, where one is offered. */
static NnDesign *
mend (GRand *rand, const NnAnalysis *analysis)
{
  const guint n = nn_analysis_n_diagnostics (analysis);

  for (guint i = 0; i < n; i++)
    {
      const NnDiagnostic *diagnostic = nn_analysis_diagnostic (analysis, i);
      if (diagnostic->fix != NULL && random_chance (rand, 0.7))
        return nn_design_ref (diagnostic->fix);
    }
  return NULL;
}

/* Huge sizes: nothing overflows, and what is allowed fits into memory. */
static void
look_at_wild (guint32 seed, Tally *tally)
{
  const RandomMaker maker = { g_rand_new_with_seed (seed), TRUE };
  g_autoptr (NnDataInfo) info = random_huge_info (maker.rand);
  g_autoptr (NnDesign) design = random_design (&maker, info);
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, info, RANDOM_MEMORY);

  check_analysis (analysis);
  if (nn_analysis_can_train (analysis))
    {
      g_assert_cmpuint (nn_analysis_training_memory (analysis), <=, RANDOM_MEMORY);
      tally->large++;
    }
  else
    tally->refused++;
  g_assert_cmpint (nn_analysis_total_weights (analysis), >=, 0);
  g_assert_cmpint (nn_analysis_total_macs (analysis), >=, 0);
  g_rand_free (maker.rand);
}

static void
look_at (guint32 seed, Tally *tally)
{
  const RandomMaker maker = { g_rand_new_with_seed (seed), seed % 8 == 1 };
  g_autoptr (NnDataset) dataset = random_dataset (maker.rand);
  const NnDataInfo *info = nn_dataset_info (dataset);
  NnDesign *design = random_design (&maker, info);
  gboolean trained = FALSE;

  for (guint i = 0; i < 4 && design != NULL && !trained; i++)
    {
      g_autoptr (NnDesign) current = g_steal_pointer (&design);
      g_autoptr (NnAnalysis) analysis = nn_analysis_new (current, info, RANDOM_MEMORY);

      check_analysis (analysis);
      trained = nn_analysis_can_train (analysis);
      if (!trained)
        design = mend (maker.rand, analysis);
      else if ((double)nn_analysis_total_macs (analysis) > RANDOM_MACS)
        tally->large++;
      else if (train (analysis, dataset))
        {
          tally->trained++;
          note_seen (tally, current);
          edit (&maker, analysis, dataset);
        }
      else
        tally->diverged++;
    }
  tally->refused += !trained;
  g_clear_pointer (&design, nn_design_unref);
  g_rand_free (maker.rand);
}

static guint64
from_environment (const char *name, guint64 otherwise)
{
  const char *text = g_getenv (name);

  return text != NULL ? g_ascii_strtoull (text, NULL, 10) : otherwise;
}

static void
test_train_or_refuse (void)
{
  const guint n = (guint)from_environment ("DIABOLO_RANDOM_DESIGNS", N_DESIGNS);
  const guint32 first = (guint32)from_environment ("DIABOLO_RANDOM_SEED", 1);
  Tally tally = { .seen = g_hash_table_new (g_str_hash, g_str_equal) };

  for (guint i = 0; i < n; i++)
    {
      g_test_message ("seed %u", first + i);
      alarm (PATIENCE);
      if ((first + i) % 8 == 0)
        look_at_wild (first + i, &tally);
      else
        look_at (first + i, &tally);
    }
  alarm (0);
  g_test_message ("%u trained, %u diverged, %u too large, %u refused", tally.trained,
                  tally.diverged, tally.large, tally.refused);
  /* Chance is kind enough to make both kinds. */
  if (n >= N_DESIGNS)
    {
      g_assert_cmpuint (tally.trained, >, n / 5);
      g_assert_cmpuint (tally.refused, >, 0);
      g_assert_true (all_seen (&tally));
    }
  g_hash_table_unref (tally.seen);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/random-designs/train-or-refuse", test_train_or_refuse);
  return g_test_run ();
}
