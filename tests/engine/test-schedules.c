/* Learning-rate schedules against Keras' formulas, and what the trainer makes of them: the rate of
 * each step, clipped gradients, going on from a checkpoint. */
#include <math.h>
#include <string.h>

#include "base/nn-error.h"
#include "formats/nn-project-state.h"
#include "optimizers/nn-optimizer.h"
#include "optimizers/nn-schedule.h"
#include "train/nn-trainer.h"

#include "session-fixture.h"
#include "trainer-fixture.h"

/* ---- formulas ---- */

static double
factor_at (const char *settings, guint64 step)
{
  g_autoptr (NnParams) params = nn_test_params (nn_training_specs (), settings);
  const NnScheduleState state = NN_SCHEDULE_STATE_INIT;
  const NnScheduleTime time = { .step = step, .n_batches = 8, .n_epochs = 20 };

  return nn_schedule_factor (params, &time, &state);
}

/* Eight batches an epoch, twenty epochs. */
static const struct
{
  const char *settings;
  guint64 step;
  double factor;
} points[] = {
  { "", 0, 1 },
  { "", 1000, 1 },
  /* factor ^ floor (epoch / epochs) */
  { "schedule=step step-epochs=3", 23, 1 },
  { "schedule=step step-epochs=3", 24, 0.5 },
  { "schedule=step step-epochs=3 step-factor=0.1", 95, 0.001 },
  { "schedule=step step-epochs=3 step-factor=0.1", 96, 0.0001 },
  /* ExponentialDecay: rate ^ (step / decay_steps) */
  { "schedule=exponential exponential-epochs=2", 0, 1 },
  { "schedule=exponential exponential-epochs=2", 16, 0.5 },
  { "schedule=exponential exponential-epochs=2 exponential-factor=0.9", 40, 0.76843347142091623 },
  /* CosineDecay: (1 - alpha) (1 + cos (pi step / decay_steps)) / 2 + alpha */
  { "schedule=cosine", 0, 1 },
  { "schedule=cosine", 80, 0.5 },
  { "schedule=cosine", 40, 0.85355339059327373 },
  { "schedule=cosine", 160, 0 },
  { "schedule=cosine", 1000, 0 },
  { "schedule=cosine cosine-epochs=10 cosine-floor=0.2", 20, 0.88284271247461907 },
  { "schedule=cosine cosine-epochs=10 cosine-floor=0.2", 100, 0.2 },
  { "schedule=plateau", 500, 1 },
  /* Warm-up from 1 / length; the schedule's time begins after it. */
  { "warm-up=4 warm-up-unit=batches", 0, 0.25 },
  { "warm-up=4 warm-up-unit=batches", 3, 1 },
  { "warm-up=4 warm-up-unit=batches", 4, 1 },
  { "warm-up=2", 7, 0.5 },
  { "schedule=step step-epochs=3 warm-up=2", 39, 1 },
  { "schedule=step step-epochs=3 warm-up=2", 40, 0.5 },
  { "schedule=exponential exponential-epochs=2 warm-up=5 warm-up-unit=batches", 21, 0.5 },
  /* CosineDecay with warmup_steps = 40, decay_steps = 120: the end of the run is its end. */
  { "schedule=cosine warm-up=5", 19, 0.5 },
  { "schedule=cosine warm-up=5", 40, 1 },
  { "schedule=cosine warm-up=5", 100, 0.5 },
  { "schedule=cosine warm-up=5", 160, 0 },
  { "schedule=plateau warm-up=1", 3, 0.5 },
  /* A run that is all warm-up. */
  { "schedule=cosine warm-up=30", 239, 1 },
  { "schedule=cosine warm-up=30", 241, 0 },
};

static void
test_formulas (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (points); i++)
    {
      const double found = factor_at (points[i].settings, points[i].step);

      if (!(fabs (found - points[i].factor) < 1e-12))
        g_error ("%s, step %u: %.17g, expected %.17g", points[i].settings, (guint)points[i].step,
                 found, points[i].factor);
    }
}

/* ReduceLROnPlateau (factor 0.5, patience 2, min_delta 0.1, cooldown 1, min_lr 0.15) on a rate
 * of 1, followed by hand. */
static void
test_plateau (void)
{
  static const struct
  {
    double loss, factor;
  } course[] = {
    { 5, 1 },      /* best */
    { 4.95, 1 },   /* lower, but by less than 0.1: one to wait */
    { 4.85, 1 },   /* best */
    { 4.9, 1 },    /* one */
    { 5, 0.5 },    /* two: falls, and rests */
    { 5, 0.5 },    /* the rest ends: one */
    { 5, 0.25 },   /* two: falls, and rests */
    { 4, 0.25 },   /* best */
    { 4, 0.25 },   /* one */
    { NAN, 0.15 }, /* not lower: two, falls as far as it may */
    { 4, 0.15 },   /* one */
    { 4, 0.15 },   /* two, but no lower than that */
  };
  g_autoptr (NnParams) params = nn_test_params (
      nn_training_specs (), "schedule=plateau plateau-factor=0.5 plateau-patience=2 "
                            "plateau-difference=0.1 plateau-cooldown=1 plateau-floor=0.15");
  NnScheduleState state = NN_SCHEDULE_STATE_INIT;
  const NnScheduleTime time = { .step = 5, .n_batches = 1, .n_epochs = 20 };

  g_assert_true (nn_schedule_watches_loss (params));
  for (guint i = 0; i < G_N_ELEMENTS (course); i++)
    {
      nn_schedule_note_loss (params, i + 1, course[i].loss, 1, &state);
      /* An epoch counts once. */
      nn_schedule_note_loss (params, i + 1, 100, 1, &state);
      g_assert_cmpfloat (nn_schedule_factor (params, &time, &state), ==, course[i].factor);
    }
}

/* Names are unique over all schedules, and what belongs to one is shown for it only. */
static void
test_table (void)
{
  g_autoptr (NnParams) defaults = nn_params_new (nn_training_specs ());
  const NnChoice *choices = nn_param_choices (nn_params_spec (defaults, "schedule"));
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);

  for (const NnParamSpec *spec = nn_training_specs (); spec->name != NULL; spec++)
    {
      g_assert_true (g_hash_table_add (names, (gpointer)spec->name));
      g_assert_true (spec->title != NULL && spec->tip != NULL);
      if (spec->shown_if == NULL)
        continue;
      g_assert_false (nn_params_shown (defaults, spec));
      g_auto (GStrv) sides = g_strsplit (spec->shown_if, "=", 2);
      g_autoptr (NnParams) chosen = nn_params_with_text (defaults, sides[0], sides[1], NULL);
      g_assert_true (nn_params_shown (chosen, spec));
      g_assert_true (g_str_has_prefix (spec->name, sides[1]));
    }
  for (; choices->id != NULL; choices++)
    g_assert_true (choices->title != NULL && choices->summary != NULL);
}

/* ---- in a trainer ---- */

/* Steps with a validation after each epoch, as a session does. */
static NnStep
steps (Rig *rig, guint n)
{
  NnStep step = { 0 };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < n; i++)
    {
      NnEvaluation evaluation = { 0 };

      g_assert_true (nn_trainer_step (rig->trainer, &step, &error));
      if (!step.epoch_ended)
        continue;
      while (!nn_trainer_evaluate (rig->trainer, NN_PART_TEST, &evaluation))
        ;
      nn_trainer_note_validation (rig->trainer, evaluation.loss);
    }
  return step;
}

static NnDesign *
design_with (const char *optimizer, const char *params, const char *training)
{
  const NnOptimizerType *type = nn_optimizer_type (optimizer);
  g_autoptr (NnParams) values = nn_test_params (type->params, params);
  NnDesign *design = nn_test_autoencoder ("units=12 l2=0.001", training);

  nn_test_replace (&design, nn_design_with_optimizer (design, type, values));
  return design;
}

/* The rate that a step reports is the one it is made with: where it is 0, nothing moves. */
static void
test_rates_of_steps (void)
{
  Rig rig = rig_new (
      design_with ("sgd", "learning-rate=0.4",
                   "batch-size=100 epochs=4 schedule=cosine warm-up=2 warm-up-unit=batches"),
      2, NULL);

  g_assert_cmpfloat_with_epsilon (nn_trainer_learning_rate (rig.trainer), 0.2, 1e-12);
  g_assert_cmpfloat_with_epsilon (steps (&rig, 1).learning_rate, 0.2, 1e-12);
  g_assert_cmpfloat_with_epsilon (steps (&rig, 1).learning_rate, 0.4, 1e-12);
  g_assert_cmpfloat_with_epsilon (steps (&rig, 10).learning_rate,
                                  0.4 * (1 + cos (G_PI * 9 / 18)) / 2, 1e-12);
  steps (&rig, 8);
  g_autoptr (NnCheckpoint) end = nn_trainer_checkpoint (rig.trainer);
  g_assert_cmpfloat (steps (&rig, 3).learning_rate, ==, 0);
  g_autoptr (NnCheckpoint) later = nn_trainer_checkpoint (rig.trainer);
  const NnCheckpointEntry *a = end->entries->pdata[0], *b = later->entries->pdata[0];
  g_assert_cmpmem (a->value->data, a->value->size * 4, b->value->data, b->value->size * 4);
  /* A longer run falls more slowly. */
  nn_trainer_set_goal (rig.trainer, 8);
  g_assert_cmpfloat (nn_trainer_learning_rate (rig.trainer), >, 0.1);
  rig_clear (&rig);
}

/* Where nothing is held back for validation, the plateau is that of the training loss. */
static void
test_plateau_without_validation (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NnDataset) dataset = fixture_dataset (64, 0);
  g_autoptr (NnParams) training =
      nn_test_params (nn_training_specs (), "batch-size=32 schedule=plateau plateau-patience=1 "
                                            "plateau-difference=100 plateau-factor=0.5");
  NnDesign *design = fixture_design (3);
  NnPool *pool = nn_pool_new (1);

  nn_test_replace (&design, nn_design_with_training (design, training));
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, nn_dataset_info (dataset), 0);
  NnTrainer *trainer = nn_trainer_new (analysis, dataset, NULL, pool, &error);
  g_assert_no_error (error);
  const double rate = nn_trainer_learning_rate (trainer);
  /* The first epoch is the best, each after it halves the rate. */
  for (guint epoch = 0; epoch < 4; epoch++)
    {
      NnStep step;

      for (guint i = 0; i < 2; i++)
        g_assert_true (nn_trainer_step (trainer, &step, &error));
      g_assert_true (step.epoch_ended);
      g_assert_cmpfloat (nn_trainer_learning_rate (trainer), ==, rate * pow (0.5, epoch));
    }
  nn_trainer_free (trainer);
  nn_pool_free (pool);
  nn_design_unref (design);
}

/* Stopping, in the middle of a plateau too, equals never stopping. */
static void
test_continue (void)
{
  const char *settings = "batch-size=100 schedule=plateau plateau-patience=1 plateau-factor=0.7 "
                         "plateau-difference=0.05 warm-up=1 clip-norm=0.02";

  for (guint stop = 1; stop < 40; stop += 6)
    {
      Rig whole = rig_new (design_with ("adam", "learning-rate=0.01", settings), 2, NULL);
      Rig first = rig_new (design_with ("adam", "learning-rate=0.01", settings), 2, NULL);
      const NnStep want = steps (&whole, 40);

      steps (&first, stop);
      g_autoptr (NnCheckpoint) middle = nn_trainer_checkpoint (first.trainer);
      Rig second = rig_new (design_with ("adam", "learning-rate=0.01", settings), 1, middle);
      const NnStep got = steps (&second, 40 - stop);
      g_autoptr (NnCheckpoint) a = nn_trainer_checkpoint (whole.trainer);
      g_autoptr (NnCheckpoint) b = nn_trainer_checkpoint (second.trainer);
      nn_test_assert_same_weights (a, b);
      g_assert_cmpfloat (want.learning_rate, ==, got.learning_rate);
      g_assert_cmpfloat (want.learning_rate, <, 0.01);
      rig_clear (&whole);
      rig_clear (&first);
      rig_clear (&second);
    }
}

/* The change of all weights by one step of plain descent with a rate of 1: the gradient. */
static double *
gradient (const char *training, guint n_threads, gsize *n)
{
  g_autofree char *settings = g_strconcat ("batch-size=250 seed=3 ", training, NULL);
  Rig rig = rig_new (design_with ("sgd", "learning-rate=1", settings), n_threads, NULL);
  g_autoptr (NnCheckpoint) before = nn_trainer_checkpoint (rig.trainer);
  GArray *all = g_array_new (FALSE, FALSE, sizeof (double));

  steps (&rig, 1);
  g_autoptr (NnCheckpoint) after = nn_trainer_checkpoint (rig.trainer);
  for (guint i = 0; i < before->entries->len; i++)
    {
      const NnCheckpointEntry *x = before->entries->pdata[i], *y = after->entries->pdata[i];

      for (gsize k = 0; k < x->value->size; k++)
        {
          const double change = (double)x->value->data[k] - (double)y->value->data[k];
          g_array_append_val (all, change);
        }
    }
  rig_clear (&rig);
  *n = all->len;
  return (double *)(gpointer)g_array_free (all, FALSE);
}

/* With the penalty on weights in it: the norm over kernels and biases of both layers together. */
static void
test_clipping (void)
{
  gsize n;
  g_autofree double *plain = gradient ("", 2, &n);
  double norm = 0, largest = 0;

  for (gsize i = 0; i < n; i++)
    {
      norm += plain[i] * plain[i];
      largest = MAX (largest, fabs (plain[i]));
    }
  norm = sqrt (norm);
  g_assert_cmpuint (n, ==, 64 * 12 + 12 + 12 * 64 + 64);
  const double clip = (double)(float)(0.3 * norm), most = (double)(float)(0.4 * largest);
  g_autofree char *by_norm = g_strdup_printf ("clip-norm=%.9g", clip);
  g_autofree char *by_value = g_strdup_printf ("clip-value=%.9g", most);
  g_autofree char *by_both = g_strdup_printf ("clip-norm=%.9g clip-value=%.9g", clip, 0.2 * most);
  g_autofree char *loosely = g_strdup_printf ("clip-norm=%.9g clip-value=%.9g", 2 * norm, largest);
  g_autofree double *short_one = gradient (by_norm, 2, &n);
  g_autofree double *cut = gradient (by_value, 2, &n);
  g_autofree double *both = gradient (by_both, 2, &n);
  g_autofree double *same = gradient (loosely, 2, &n);
  guint n_cut = 0;

  for (gsize i = 0; i < n; i++)
    {
      g_assert_cmpfloat_with_epsilon (short_one[i], 0.3 * plain[i], 1e-7);
      g_assert_cmpfloat_with_epsilon (cut[i], CLAMP (plain[i], -most, most), 1e-7);
      g_assert_cmpfloat_with_epsilon (both[i], CLAMP (0.3 * plain[i], -0.2 * most, 0.2 * most),
                                      1e-7);
      g_assert_cmpfloat (same[i], ==, plain[i]);
      n_cut += fabs (plain[i]) > most;
    }
  g_assert_cmpuint (n_cut, >, 0);
}

static void
test_clipping_on_any_threads (void)
{
  const guint n_threads[] = { 1, 2, 3, 8 };
  g_autoptr (NnCheckpoint) first = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (n_threads); i++)
    {
      Rig rig = rig_new (design_with ("adam", "learning-rate=0.01",
                                      "batch-size=96 clip-norm=0.01 clip-value=0.002 "
                                      "schedule=exponential exponential-epochs=1"),
                         n_threads[i], NULL);

      steps (&rig, 23);
      g_autoptr (NnCheckpoint) checkpoint = nn_trainer_checkpoint (rig.trainer);
      if (first == NULL)
        first = nn_checkpoint_ref (checkpoint);
      nn_test_assert_same_weights (first, checkpoint);
      rig_clear (&rig);
    }
}

/* Adam's first step is as long as the learning rate whatever the gradient: for a layer that is new
 * in mid-run, and after a change of the optimizer, too. */
static void
test_state_of_new_layers (void)
{
  g_autoptr (GError) error = NULL;
  NnDesign *design = design_with ("adam", "learning-rate=0.001", "batch-size=100");
  Rig rig = rig_new (nn_design_ref (design), 2, NULL);
  guint id;

  steps (&rig, 10);
  g_autoptr (NnParams) params =
      nn_test_params (nn_layer_type ("dense")->params, "units=12 activation=linear");
  nn_test_replace (&design,
                   nn_design_add_node (design, nn_layer_type ("dense"), params, NULL, 0, 0, &id));
  nn_test_replace (&design, nn_design_insert_into_edge (design, id, 4, 0, &error));
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, nn_dataset_info (rig.dataset), 0);
  g_assert_true (nn_trainer_edit (rig.trainer, analysis, rig.dataset, NULL, &error));
  g_autoptr (NnCheckpoint) before = nn_trainer_checkpoint (rig.trainer);
  steps (&rig, 1);
  g_autoptr (NnCheckpoint) after = nn_trainer_checkpoint (rig.trainer);
  const NnCheckpointEntry *old = nn_checkpoint_find (before, id, "kernel");
  const NnCheckpointEntry *now = nn_checkpoint_find (after, id, "kernel");
  double largest = 0;
  for (gsize i = 0; i < old->value->size; i++)
    largest = MAX (largest, fabs ((double)(now->value->data[i] - old->value->data[i])));
  g_assert_cmpfloat_with_epsilon (largest, 0.001, 1e-5);
  g_assert_cmpuint (now->n_updates, ==, 1);
  g_assert_cmpuint (nn_checkpoint_find (after, 3, "kernel")->n_updates, ==, 11);
  nn_design_unref (design);
  rig_clear (&rig);
}

/* What goes into a project's state.json comes out of it, and nonsense does not. */
static void
test_state_in_files (void)
{
  static const char *const bad[] = {
    "\"schedule\": 1",
    "\"schedule\": {}",
    "\"schedule\": {\"factor\": 2, \"wait\": 0, \"cooldown\": 0, \"epochs\": 1}",
    "\"schedule\": {\"factor\": 1, \"wait\": -1, \"cooldown\": 0, \"epochs\": 1}",
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (NnCheckpoint) written = nn_checkpoint_new (), read = nn_checkpoint_new ();
  g_autoptr (NnTensor) tensor = nn_tensor_new (&nn_shape (2));
  NnDataInfo *info = NULL;
  JsonObject *extra = NULL;

  written->step = 10;
  written->schedule = (NnScheduleState){ .factor = 0.5, .best = 1.25, .wait = 1, .epochs = 7 };
  nn_checkpoint_add (written, 3, "kernel", tensor, NULL, 0)->n_updates = 10;
  nn_checkpoint_add (written, 4, "kernel", tensor, NULL, 0)->n_updates = 2;
  g_autofree char *text = nn_project_state_write (written, NULL, NULL);
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_assert_true (nn_project_state_read (bytes, "state", read, &info, &extra, &error));
  g_assert_null (extra);
  nn_checkpoint_add (read, 3, "kernel", tensor, NULL, 0)->n_updates = read->step;
  NnCheckpointEntry *late = nn_checkpoint_add (read, 4, "kernel", tensor, NULL, 0);
  late->n_updates = read->step;
  g_assert_true (nn_project_state_read_updates (bytes, "state", read, &error));
  g_assert_cmpuint (nn_checkpoint_find (read, 3, "kernel")->n_updates, ==, 10);
  g_assert_cmpuint (late->n_updates, ==, 2);
  g_assert_cmpfloat (read->schedule.factor, ==, 0.5);
  g_assert_cmpfloat (read->schedule.best, ==, 1.25);
  g_assert_cmpuint (read->schedule.wait, ==, 1);
  g_assert_cmpuint (read->schedule.epochs, ==, 7);

  /* The same file with something else in that place. */
  char *at = strstr (text, "\"schedule\"");
  g_assert_nonnull (at);
  const char *end = strchr (at, '}') + 1;
  *at = '\0';
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *other = g_strconcat (text, bad[i], end, NULL);
      g_autoptr (GBytes) other_bytes = g_bytes_new (other, strlen (other));
      g_autoptr (NnCheckpoint) none = nn_checkpoint_new ();

      g_assert_false (nn_project_state_read (other_bytes, "state", none, &info, &extra, &error));
      g_assert_error (error, NN_ERROR, NN_ERROR_FORMAT);
      g_clear_error (&error);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/schedules/formulas", test_formulas);
  g_test_add_func ("/schedules/plateau", test_plateau);
  g_test_add_func ("/schedules/table", test_table);
  g_test_add_func ("/schedules/rates-of-steps", test_rates_of_steps);
  g_test_add_func ("/schedules/plateau-without-validation", test_plateau_without_validation);
  g_test_add_func ("/schedules/continue", test_continue);
  g_test_add_func ("/schedules/state-in-files", test_state_in_files);
  g_test_add_func ("/schedules/clipping", test_clipping);
  g_test_add_func ("/schedules/clipping-on-any-threads", test_clipping_on_any_threads);
  g_test_add_func ("/schedules/state-of-new-layers", test_state_of_new_layers);
  return g_test_run ();
}
