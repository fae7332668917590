/* What frozen layers give is worked out once: training with features kept is training without them,
 * bit by bit, and it is said where nothing can be kept. */
#include "model/nn-plan.h"

#include "trainer-fixture.h"

#define EPOCHS 3

typedef struct
{
  const char *name;
  const char *layers; /* "type params; ...", a * before those that are frozen */
  const char *says;   /* pattern of nn_analysis_features_text(); NULL: no text */
  gboolean keeps;
} Network;

static const Network networks[] = {
  { "dense", "flatten; *dense units=24 activation=relu; *dense units=9 activation=tanh",
    "*kept for each sample*", TRUE },
  { "convolution",
    "*conv2d filters=5 kernel-size=3 activation=relu; *max-pool2d; *conv2d filters=4 "
    "kernel-size=3 activation=elu; global-avg-pool",
    "*kept for each sample*", TRUE },
  { "batch-norm",
    "*conv2d filters=4 kernel-size=3; *batch-norm; *activation activation=relu; flatten",
    "*kept for each sample*", TRUE },
  { "recurrent", "reshape shape=8x8; *lstm units=7", "*kept for each sample*", TRUE },
  { "many-kinds",
    "*conv2d filters=16 kernel-size=3 activation=relu; *conv2d filters=16 kernel-size=3; "
    "*layer-norm; "
    "*upsampling2d; *conv2d filters=8 kernel-size=3; *separable-conv2d filters=8 kernel-size=3; "
    "*conv2d filters=8 kernel-size=3 stride=2; *conv2d-transpose filters=4 kernel-size=3 stride=2; "
    "*avg-pool2d; *prelu; flatten; dense units=8 activation=relu",
    "*kept for each sample*", TRUE },
  { "gated", "reshape shape=8x8; *gru units=7 return-sequences=true; *simple-rnn units=5",
    "*kept for each sample*", TRUE },
  { "trained-batch-norm-behind",
    "*conv2d filters=4 kernel-size=3; batch-norm; flatten; dense units=6 activation=relu; dropout "
    "rate=0.3",
    "*kept for each sample*", TRUE },
  { "noise-between",
    "flatten; *dense units=16 activation=relu; gaussian-noise stddev=0.2; *dense units=8",
    "*kept for each sample*", TRUE },
  { "noise-before", "gaussian-noise stddev=0.2; flatten; *dense units=16 activation=relu",
    "*Gaussian noise*something else each time*", FALSE },
  { "dropout-before", "flatten; dropout rate=0.2; *dense units=16 activation=relu",
    "*Dropout*something else each time*", FALSE },
  { "augmented", "augment shift=1; flatten; *dense units=16 activation=relu",
    "*something else each time*", FALSE },
  { "trained-before", "flatten; dense units=12; *dense units=16 activation=relu",
    "*Dense*is trained*", FALSE },
  { "nothing-frozen", "flatten; dense units=12", NULL, FALSE },
};

/* Input, the layers, a classifier. (transfer full) */
static NnDesign *
make_design (const char *layers, const char *cache)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) lines = g_strsplit (layers, ";", -1);
  NnDesign *design = nn_design_new ();
  guint last = nn_test_add (&design, "input", NULL, 0);

  for (char **line = lines; *line; line++)
    {
      g_auto (GStrv) words = g_strsplit (g_strstrip (*line), " ", 2);
      const gboolean frozen = words[0][0] == '*';
      last = nn_test_add (&design, words[0] + frozen, words[1], last);
      if (frozen)
        nn_test_replace (&design, nn_design_set_frozen (design, last, TRUE));
    }
  last = nn_test_add (&design, "dense", "units=4 activation=softmax", last);
  nn_test_add (&design, "classification-loss", NULL, last);
  g_autofree char *training =
      g_strdup_printf ("batch-size=48 epochs=%d cache-features=%s", EPOCHS, cache);
  nn_test_set_training (&design, training);
  g_assert_no_error (error);
  return design;
}

static void
train (Rig *rig, guint epochs, double *losses)
{
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < epochs; i++)
    {
      NnStep step = { 0 };
      NnEvaluation evaluation = { 0 };
      while (!step.epoch_ended)
        nn_trainer_step (rig->trainer, &step, &error);
      g_assert_no_error (error);
      while (!nn_trainer_evaluate (rig->trainer, NN_PART_TEST, &evaluation))
        ;
      losses[2 * i] = step.epoch_loss;
      losses[2 * i + 1] = evaluation.loss;
    }
}

static void
check_same_weights (const NnCheckpoint *a, const NnCheckpoint *b)
{
  g_assert_cmpuint (a->entries->len, ==, b->entries->len);
  for (guint i = 0; i < a->entries->len; i++)
    {
      const NnCheckpointEntry *x = a->entries->pdata[i];
      const NnCheckpointEntry *y = nn_checkpoint_find (b, x->node, x->name);
      g_assert_cmpmem (x->value->data, x->value->size * sizeof (float), y->value->data,
                       y->value->size * sizeof (float));
    }
}

static void
test_same (gconstpointer data)
{
  const Network *network = data;
  double kept[2 * EPOCHS], anew[2 * EPOCHS];
  Rig plain = rig_new (make_design (network->layers, "off"), 2, NULL);
  train (&plain, EPOCHS, anew);
  g_autoptr (NnCheckpoint) want = nn_trainer_checkpoint (plain.trainer);

  for (guint threads = 1; threads <= 3; threads += 2)
    {
      Rig rig = rig_new (make_design (network->layers, "auto"), threads, NULL);
      train (&rig, EPOCHS, kept);
      g_autoptr (NnCheckpoint) have = nn_trainer_checkpoint (rig.trainer);
      check_same_weights (want, have);
      g_assert_cmpmem (anew, sizeof anew, kept, sizeof kept);
      rig_clear (&rig);
    }
  rig_clear (&plain);
}

static void
test_text (gconstpointer data)
{
  const Network *network = data;
  g_autoptr (NnDataset) dataset = nn_test_dataset (500);
  g_autoptr (NnDesign) design = make_design (network->layers, "auto");
  g_autoptr (NnDesign) off = make_design (network->layers, "off");
  g_autoptr (NnAnalysis) analysis = analyse (design, dataset);
  g_autoptr (NnAnalysis) none = analyse (off, dataset);
  g_autofree char *text = nn_analysis_features_text (analysis);

  g_test_message ("%s", text ? text : "(nothing)");
  g_assert_cmpint (nn_analysis_feature_memory (analysis) > 0, ==, network->keeps);
  g_assert_cmpuint (nn_analysis_feature_memory (none), ==, 0);
  if (!network->says)
    g_assert_null (text);
  else
    g_assert_true (g_pattern_match_simple (network->says, text));
}

/* So many numbers a sample, for training and test samples. */
static void
test_memory (void)
{
  g_autoptr (NnDataset) dataset = nn_test_dataset (500);
  g_autoptr (NnDesign) design = make_design (networks[0].layers, "auto");
  g_autoptr (NnAnalysis) analysis = analyse (design, dataset);

  g_assert_cmpuint (nn_analysis_feature_memory (analysis), ==, 9 * (500 + 125) * sizeof (float));
}

/* Frozen weights may become others: what was kept of the old ones is forgotten. */
static void
test_other_weights (void)
{
  double losses[2 * EPOCHS], again[2 * EPOCHS];
  Rig rig = rig_new (make_design (networks[0].layers, "auto"), 2, NULL);

  train (&rig, EPOCHS, losses);
  g_autoptr (NnCheckpoint) trained = nn_trainer_checkpoint (rig.trainer);
  nn_trainer_reset (rig.trainer, 99);
  train (&rig, EPOCHS, again);
  g_assert_cmpfloat (again[0], !=, losses[0]);

  Rig plain = rig_new (make_design (networks[0].layers, "off"), 2, NULL);
  nn_trainer_reset (plain.trainer, 99);
  train (&plain, EPOCHS, losses);
  g_assert_cmpmem (losses, sizeof losses, again, sizeof again);

  nn_trainer_restore (rig.trainer, trained);
  nn_trainer_restore (plain.trainer, trained);
  train (&rig, 1, again);
  train (&plain, 1, losses);
  g_assert_cmpmem (losses, 2 * sizeof *losses, again, 2 * sizeof *again);
  rig_clear (&plain);
  rig_clear (&rig);
}

/* A sample that is known is read from what was kept, not worked out: other frozen weights change
 * nothing until the plan is told. */
static void
test_kept (void)
{
  g_autoptr (NnDataset) dataset = nn_test_dataset (64);
  g_autoptr (NnDesign) design = make_design (networks[0].layers, "auto");
  g_autoptr (NnAnalysis) analysis = analyse (design, dataset);
  g_autoptr (NnPool) pool = nn_pool_new (2);
  NnProgram *program = nn_analysis_program (analysis);
  g_autoptr (NnPlan) plan = nn_plan_new (program, 64, 0, NULL, pool);
  g_autoptr (GPtrArray) owned = g_ptr_array_new_with_free_func (g_free);
  guint32 index[64];
  double losses[3];

  if (!nn_kernels_best ()->gemm)
    {
      g_test_skip ("products that BLAS makes are not kept");
      return;
    }
  for (guint i = 0; i < program->weights->len; i++)
    {
      const gsize size = (gsize)nn_program_weight (program, i)->size;
      float *values = g_new (float, size);
      for (gsize k = 0; k < size; k++)
        values[k] = 0.1f * (float)((k * 7 + i) % 5) - 0.2f;
      g_ptr_array_add (owned, values);
    }
  for (guint i = 0; i < 64; i++)
    index[i] = 63 - i;
  const NnBatch batch = { .n = 64,
                          .data = dataset,
                          .part = NN_PART_TRAIN,
                          .index = index,
                          .mode = NN_MODE_EVALUATE,
                          .weights = (float *const *)(gpointer)owned->pdata };
  g_assert_cmpuint (nn_plan_feature_size (plan), ==, 9);
  g_assert_true (nn_plan_keep_features (plan, dataset, NN_PART_TRAIN));
  for (guint i = 0; i < 3; i++)
    {
      NnPlanResult result;
      if (i == 2)
        nn_plan_forget_features (plan);
      nn_plan_run (plan, &batch, &result);
      losses[i] = result.loss;
      ((float *)owned->pdata[0])[20] += 1;
      ((float *)owned->pdata[0])[300] += 1;
    }
  g_assert_cmpfloat (losses[0], ==, losses[1]);
  g_assert_cmpfloat (losses[0], !=, losses[2]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (networks); i++)
    {
      g_autofree char *same = g_strconcat ("/features/same/", networks[i].name, NULL);
      g_autofree char *text = g_strconcat ("/features/text/", networks[i].name, NULL);
      g_test_add_data_func (same, &networks[i], test_same);
      g_test_add_data_func (text, &networks[i], test_text);
    }
  g_test_add_func ("/features/memory", test_memory);
  g_test_add_func ("/features/other-weights", test_other_weights);
  g_test_add_func ("/features/kept", test_kept);
  return g_test_run ();
}
