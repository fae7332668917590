/* test-determinism.c: every lesson's network comes to the same bits on any number of threads, and
 * stopping, saving, loading and going on comes to what never stopping comes to, across the end of
 * an epoch too; with every optimizer and every choice that the training settings offer. Each
 * instruction set comes to the same losses but for rounding.
 */
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "base/nn-rng.h"
#include "data/nn-data-source.h"
#include "formats/nn-lessons.h"
#include "formats/nn-project.h"
#include "optimizers/nn-optimizer.h"
#include "train/nn-trainer.h"

#include "nn-test-data.h"

/* An epoch of two batches, the second not full: the third and fourth step are of the next. */
#define EPOCH_STEPS 2
#define STEPS 4

/* ---- a little data of the shape that a lesson works on ---- */

static GBytes *
make_bytes (NnRng *rng, gsize n, guint below)
{
  guint8 *bytes = g_new (guint8, n);

  for (gsize i = 0; i < n; i++)
    bytes[i] = (guint8)MIN ((guint)(nn_rng_uniform (rng) * (float)below), below - 1);
  return g_bytes_new_take (bytes, n);
}

/* (transfer full) */
static NnDataset *
make_dataset (const NnDataInfo *info, gsize n_train)
{
  g_autofree NnFieldStorage *fields = g_new0 (NnFieldStorage, info->n_fields);
  const gsize n_samples[NN_N_PARTS] = { n_train, 10 };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < info->n_fields; i++)
    {
      const NnField *field = &info->fields[i];
      fields[i].field = *field;
      fields[i].label_size = 1;
      for (guint part = 0; part < NN_N_PARTS; part++)
        {
          NnRng rng;
          nn_rng_init (&rng, 5, NN_STREAM_DATA, i, part);
          fields[i].bytes[part] =
              field->kind == NN_FIELD_LABEL
                  ? make_bytes (&rng, n_samples[part], MIN (field->n_classes, 256))
                  : make_bytes (&rng, n_samples[part] * (gsize)nn_shape_size (&field->shape), 256);
        }
    }
  NnDataset *dataset =
      nn_dataset_new (info->name, info->title, fields, info->n_fields, n_samples, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < info->n_fields; i++)
    for (guint part = 0; part < NN_N_PARTS; part++)
      g_bytes_unref (fields[i].bytes[part]);
  return dataset;
}

/* ---- runs ---- */

typedef struct
{
  NnDataset *dataset;
  NnPool *pool;
  NnTrainer *trainer;
} Run;

static Run
run_new (NnDesign *design, NnDataset *dataset, guint n_threads, NnCheckpoint *checkpoint)
{
  Run run = { dataset, nn_pool_new (n_threads), NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, nn_dataset_info (dataset), 0);

  run.trainer = nn_trainer_new (analysis, dataset, checkpoint, run.pool, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (nn_trainer_n_batches (run.trainer), ==, EPOCH_STEPS);
  return run;
}

static void
run_clear (Run *run)
{
  nn_trainer_free (run->trainer);
  nn_pool_free (run->pool);
}

static void
run_steps (Run *run, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GError) error = NULL;
      NnStep step;
      nn_trainer_step (run->trainer, &step, &error);
      g_assert_no_error (error);
    }
}

static void
assert_same_tensor (const char *what, const NnCheckpointEntry *entry, const NnTensor *a,
                    const NnTensor *b)
{
  g_assert_true ((a == NULL) == (b == NULL));
  if (a != NULL && memcmp (a->data, b->data, a->size * sizeof (float)) != 0)
    g_error ("%s: node %u, %s differs", what, entry->node, entry->name);
}

/* Weights, optimizer state and position, bit for bit. */
static void
assert_same_state (const char *what, const NnCheckpoint *a, const NnCheckpoint *b)
{
  g_assert_cmpuint (a->step, ==, b->step);
  g_assert_cmpuint (a->epoch, ==, b->epoch);
  g_assert_cmpuint (a->batch, ==, b->batch);
  g_assert_cmpuint (a->seed, ==, b->seed);
  g_assert_cmpuint (a->epoch_samples, ==, b->epoch_samples);
  g_assert_true (a->epoch_loss_sum == b->epoch_loss_sum);
  g_assert_true (a->epoch_correct_sum == b->epoch_correct_sum);
  g_assert_cmpuint (a->entries->len, ==, b->entries->len);
  for (guint i = 0; i < a->entries->len; i++)
    {
      const NnCheckpointEntry *x = a->entries->pdata[i];
      const NnCheckpointEntry *y = nn_checkpoint_find (b, x->node, x->name);
      g_assert_nonnull (y);
      assert_same_tensor (what, x, x->value, y->value);
      for (guint k = 0; k < G_N_ELEMENTS (x->slot); k++)
        assert_same_tensor (what, x, x->slot[k], y->slot[k]);
    }
}

static double
evaluate (NnTrainer *trainer)
{
  NnEvaluation evaluation = { 0 };

  while (!nn_trainer_evaluate (trainer, NN_PART_TEST, &evaluation))
    ;
  return evaluation.loss;
}

/* The state after all steps without a stop, and the validation loss then. (transfer full) */
static NnCheckpoint *
run_through (NnDesign *design, NnDataset *dataset, guint n_threads, double *loss)
{
  Run run = run_new (design, dataset, n_threads, NULL);
  NnCheckpoint *state;

  run_steps (&run, STEPS);
  state = nn_trainer_checkpoint (run.trainer);
  *loss = evaluate (run.trainer);
  run_clear (&run);
  return state;
}

/* Through a file, as a person would. (transfer full) */
static NnProject *
save_and_load (NnDesign *design, NnCheckpoint *checkpoint)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("diabolo-test-XXXXXX", &error);
  g_autofree char *path = g_build_filename (folder, "x.diabolo", NULL);
  g_autoptr (NnRunHistory) history = nn_run_history_new ();
  g_autoptr (NnCheckpoint) whole = nn_checkpoint_with_history (checkpoint, history);
  g_autoptr (NnProject) project = nn_project_new (design, whole);
  NnProject *loaded;

  nn_project_save (project, path, NULL, &error);
  g_assert_no_error (error);
  loaded = nn_project_load (path, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_remove (path), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  return loaded;
}

/* The state after all steps with a stop after n_before of them. (transfer full) */
static NnCheckpoint *
run_with_stop (NnDesign *design, NnDataset *dataset, guint n_before)
{
  Run first = run_new (design, dataset, 2, NULL);

  run_steps (&first, n_before);
  g_autoptr (NnCheckpoint) middle = nn_trainer_checkpoint (first.trainer);
  run_clear (&first);
  g_autoptr (NnProject) loaded = save_and_load (design, middle);
  Run second = run_new (loaded->design, dataset, 3, loaded->checkpoint);
  run_steps (&second, STEPS - n_before);
  NnCheckpoint *state = nn_trainer_checkpoint (second.trainer);
  run_clear (&second);
  return state;
}

static void
check_stops (const char *what, NnDesign *design, NnDataset *dataset, const NnCheckpoint *never)
{
  /* In the middle of an epoch, and at its end. */
  for (guint n_before = 1; n_before <= EPOCH_STEPS; n_before++)
    {
      g_autofree char *text = g_strdup_printf ("%s, stopped after step %u", what, n_before);
      g_autoptr (NnCheckpoint) stopped = run_with_stop (design, dataset, n_before);
      assert_same_state (text, never, stopped);
    }
}

/* ---- every lesson ---- */

/* design's, with a batch that keeps the test quick and still fills several shards, and with the
 * data for it. */
static NnDataset *
make_quick (NnDesign **design, const char *settings)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NnDataInfo) info =
      nn_data_peek (nn_params_text (nn_design_data (*design), "name"), &error);
  g_assert_no_error (error);
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (*design, info, 0);
  g_assert_true (nn_analysis_can_train (analysis));
  const guint batch = nn_analysis_total_macs (analysis) < 1000000 ? 72 : 24;
  g_autofree char *size = g_strdup_printf ("batch-size=%u seed=7 %s", batch, settings);

  nn_test_set_training (design, size);
  return make_dataset (info, batch + batch / 2);
}

static void
test_lesson (gconstpointer data)
{
  static const guint n_threads[] = { 1, 2, 3, 8 };
  g_autoptr (GError) error = NULL;
  NnDesign *design = nn_lesson_design (data, &error);
  g_assert_no_error (error);
  g_autoptr (NnDataset) dataset = make_quick (&design, "");
  double loss, other_loss;
  g_autoptr (NnCheckpoint) never = run_through (design, dataset, n_threads[0], &loss);

  for (guint i = 1; i < G_N_ELEMENTS (n_threads); i++)
    {
      g_autofree char *text = g_strdup_printf ("%u threads", n_threads[i]);
      g_autoptr (NnCheckpoint) other = run_through (design, dataset, n_threads[i], &other_loss);
      assert_same_state (text, never, other);
      g_assert_true (loss == other_loss);
    }
  check_stops (data, design, dataset, never);
  nn_design_unref (design);
}

/* ---- every way to train ---- */

/* Which has corruption, chance and weights of several shapes. */
#define SMALL_LESSON "variational-small"

static void
check_setting (const NnOptimizerType *optimizer, const char *optimizer_text, const char *settings)
{
  g_autoptr (GError) error = NULL;
  NnDesign *design = nn_lesson_design (SMALL_LESSON, &error);
  g_assert_no_error (error);
  g_autoptr (NnParams) params = nn_test_params (optimizer->params, optimizer_text);
  nn_test_replace (&design, nn_design_with_optimizer (design, optimizer, params));
  g_autoptr (NnDataset) dataset = make_quick (&design, settings);
  g_autofree char *text = g_strdup_printf ("%s %s %s", optimizer->id, optimizer_text, settings);
  double loss;
  g_autoptr (NnCheckpoint) never = run_through (design, dataset, 2, &loss);

  check_stops (text, design, dataset, never);
  nn_design_unref (design);
}

static void
test_optimizer (gconstpointer data)
{
  const NnOptimizerType *optimizer = data;

  check_setting (optimizer, "", "");
  for (guint i = 0; optimizer->params[i].name != NULL; i++)
    if (optimizer->params[i].type == NN_PARAM_BOOL)
      {
        g_autofree char *text = g_strdup_printf ("%s=%s", optimizer->params[i].name,
                                                 optimizer->params[i].def > 0 ? "false" : "true");
        check_setting (optimizer, text, "");
      }
  g_autoptr (NnParams) defaults = nn_params_new (optimizer->params);
  if (nn_params_spec (defaults, "momentum") != NULL)
    check_setting (optimizer, "momentum=0.9", "");
}

/* Schedules and the like: each choice of each setting that has choices; and without shuffling. */
static void
test_settings (void)
{
  const NnOptimizerType *adam = nn_optimizer_type ("adam");
  const NnParamSpec *specs = nn_training_specs ();

  check_setting (adam, "", "shuffle=false");
  for (guint i = 0; specs[i].name != NULL; i++)
    for (guint k = 0; specs[i].type == NN_PARAM_CHOICE && nn_param_choices (&specs[i])[k].id; k++)
      {
        g_autofree char *text =
            g_strdup_printf ("%s=%s", specs[i].name, nn_param_choices (&specs[i])[k].id);
        check_setting (adam, "", text);
      }
}

/* ---- every instruction set ---- */

/* What rounding may make of a loss in so few steps. */
#define ROUNDING 1e-4

/* For the process that has one of them: "lesson loss" in a line each. */
static int
print_losses (void)
{
  guint n;
  const NnLesson *lessons = nn_lessons (&n);

  g_print ("%s\n", nn_kernels_best ()->name);
  for (guint i = 0; i < n; i++)
    {
      NnDesign *design = nn_lesson_design (lessons[i].id, NULL);
      g_autoptr (NnDataset) dataset = make_quick (&design, "");
      double loss;
      nn_checkpoint_unref (run_through (design, dataset, 2, &loss));
      g_print ("%s %.9g\n", lessons[i].id, loss);
      nn_design_unref (design);
    }
  return 0;
}

/* Lines of a process with a table of kernels. (transfer full) */
static char **
losses_of (const char *program, const char *kernels)
{
  const char *const command[] = { program, "--losses", NULL };
  g_auto (GStrv) environment =
      g_environ_setenv (g_get_environ (), "DIABOLO_KERNELS", kernels, TRUE);
  g_autofree char *output = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  g_spawn_sync (NULL, (char **)command, environment, G_SPAWN_DEFAULT, NULL, NULL, &output, NULL,
                &status, &error);
  g_assert_no_error (error);
  g_spawn_check_wait_status (status, &error);
  g_assert_no_error (error);
  return g_strsplit (output, "\n", -1);
}

static void
test_instruction_sets (gconstpointer program)
{
  const NnKernels *const *tables = nn_kernels_all ();
  g_auto (GStrv) plain = losses_of (program, tables[0]->name);

  for (guint t = 0; tables[t] != NULL; t++)
    {
      g_auto (GStrv) lines = losses_of (program, tables[t]->name);
      g_assert_cmpstr (lines[0], ==, tables[t]->name);
      g_assert_cmpuint (g_strv_length (lines), ==, g_strv_length (plain));
      for (guint i = 1; lines[i] != NULL && *lines[i] != '\0'; i++)
        {
          const double expected = g_ascii_strtod (strchr (plain[i], ' '), NULL);
          const double found = g_ascii_strtod (strchr (lines[i], ' '), NULL);
          if (!(fabs (found - expected) <= ROUNDING * fabs (expected)))
            g_error ("%s: %s, but %s with %s", tables[0]->name, plain[i], lines[i], lines[0]);
        }
    }
}

int
main (int argc, char **argv)
{
  if (argc == 2 && g_str_equal (argv[1], "--losses"))
    return print_losses ();

  guint n;
  const NnLesson *lessons = nn_lessons (&n);

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *path = g_strconcat ("/determinism/lesson/", lessons[i].id, NULL);
      g_test_add_data_func (path, lessons[i].id, test_lesson);
    }
  for (guint i = 0; nn_optimizer_types ()[i] != NULL; i++)
    {
      const NnOptimizerType *type = nn_optimizer_types ()[i];
      g_autofree char *path = g_strconcat ("/determinism/optimizer/", type->id, NULL);
      g_test_add_data_func (path, type, test_optimizer);
    }
  g_test_add_func ("/determinism/settings", test_settings);
  g_test_add_data_func ("/determinism/instruction-sets", argv[0], test_instruction_sets);
  return g_test_run ();
}
