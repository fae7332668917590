/* What is watched from epoch to epoch: when training ends early, which weights are kept, in a
 * trainer, in a session and in a file. */
#include "data/nn-split.h"
#include "formats/nn-project-checkpoint.h"

#include "session-fixture.h"
#include "trainer-fixture.h"

/* Keras' EarlyStopping (patience 2, min_delta 0.1), followed by hand. */
static void
test_course (void)
{
  static const struct
  {
    double loss;
    gboolean best, over;
  } course[] = {
    { 5, TRUE, FALSE },    { 4.95, FALSE, FALSE }, /* lower, but by less than 0.1 */
    { 4.85, TRUE, FALSE }, { NAN, FALSE, FALSE },  { 4.8, FALSE, TRUE },
    { 4.76, FALSE, TRUE }, { 1, TRUE, FALSE },
  };
  g_autoptr (NnParams) params = nn_test_params (nn_training_specs (), "patience=2 min-delta=0.1");
  NnWatchState state = NN_WATCH_STATE_INIT;

  for (guint i = 0; i < G_N_ELEMENTS (course); i++)
    {
      g_assert_cmpint (nn_watch_note (params, i + 1, course[i].loss, &state), ==, course[i].best);
      /* An epoch counts once. */
      g_assert_false (nn_watch_note (params, i + 1, -100, &state));
      g_assert_cmpint (nn_watch_is_over (params, &state), ==, course[i].over);
    }
  g_assert_cmpuint (state.epoch, ==, 7);
}

/* Of some metrics more is better, of others less; every one can be watched. */
static void
test_directions (void)
{
  for (const NnMetricType *type = nn_metric_types (); type->id != NULL; type++)
    {
      g_autofree char *setting = g_strdup_printf ("watch=%s", type->id);
      g_autoptr (NnParams) params = nn_test_params (nn_training_specs (), setting);
      const gboolean is_error = g_str_equal (type->id, "mae") || g_str_equal (type->id, "mse");
      NnWatchState state = NN_WATCH_STATE_INIT;

      g_assert_true (nn_watch_metric (params) == type);
      g_assert_true (nn_watch_note (params, 1, 0.5, &state));
      g_assert_cmpint (nn_watch_note (params, 2, 0.4, &state), ==, is_error);
      g_assert_cmpint (nn_watch_note (params, 3, 0.6, &state), ==, !is_error);
    }
}

/* Epochs of four batches until it is over, at most n. Returns the epochs done. */
static guint
train (Rig *rig, guint n, double *measured)
{
  gboolean over = FALSE;

  while (!over && nn_trainer_epochs (rig->trainer) < n)
    {
      g_autoptr (GError) error = NULL;
      NnStep step;

      g_assert_true (nn_trainer_step (rig->trainer, &step, &error));
      g_assert_no_error (error);
      if (!step.epoch_ended)
        continue;
      NnEvaluation evaluation = { 0 };
      while (!nn_trainer_evaluate (rig->trainer, NN_PART_TEST, &evaluation))
        ;
      measured[step.epoch] = evaluation.loss;
      nn_trainer_note_validation (rig->trainer, evaluation.loss);
      over = nn_trainer_is_over (rig->trainer);
    }
  return nn_trainer_epochs (rig->trainer);
}

static double
loss_now (Rig *rig)
{
  NnEvaluation evaluation = { 0 };

  while (!nn_trainer_evaluate (rig->trainer, NN_PART_TEST, &evaluation))
    ;
  return evaluation.loss;
}

/* A learning rate that makes the loss worse again, sooner or later. */
#define WILD "batch-size=128 epochs=60 patience=3 keep-best=true"

static NnDesign *
wild_design (const char *training)
{
  NnDesign *design = nn_test_autoencoder ("units=6", training);
  const NnOptimizerType *type = nn_optimizer_type ("adam");
  g_autoptr (NnParams) values = nn_test_params (type->params, "learning-rate=0.1");

  g_autoptr (NnParams) data = nn_test_params (nn_data_specs (), "name=bars");

  nn_test_replace (&design, nn_design_with_optimizer (design, type, values));
  nn_test_replace (&design, nn_design_with_data (design, data));
  return design;
}

static guint
least (const double *measured, guint from, guint to)
{
  guint best = from;

  for (guint i = from; i <= to; i++)
    if (measured[i] < measured[best])
      best = i;
  return best;
}

static void
test_stops_and_keeps (void)
{
  double measured[64] = { 0 };
  Rig rig = rig_new (wild_design (WILD), 1, NULL);
  const guint end = train (&rig, 60, measured);
  const guint best = least (measured, 1, end);

  g_assert_cmpuint (end, <, 60);
  g_assert_cmpuint (best, ==, end - 3);
  g_assert_cmpfloat (loss_now (&rig), ==, measured[end]);
  const guint64 line = nn_trainer_line (rig.trainer);
  g_assert_cmpuint (nn_trainer_use_best (rig.trainer), ==, best);
  g_assert_cmpfloat (loss_now (&rig), ==, measured[best]);
  g_assert_cmpuint (nn_trainer_epochs (rig.trainer), ==, end);
  g_assert_true (nn_trainer_line (rig.trainer) != line);

  /* Whoever goes on has patience again. */
  g_assert_cmpuint (train (&rig, 60, measured), >=, MIN (60, end + 3));
  rig_clear (&rig);
}

static void
test_off (void)
{
  double measured[64] = { 0 };
  Rig rig = rig_new (wild_design ("batch-size=128 epochs=20"), 1, NULL);

  g_assert_cmpuint (train (&rig, 20, measured), ==, 20);
  g_assert_null (nn_trainer_best (rig.trainer));
  g_assert_cmpuint (nn_trainer_use_best (rig.trainer), ==, 0);
  g_assert_cmpfloat (loss_now (&rig), ==, measured[20]);
  rig_clear (&rig);
}

/* What is not measured stops nothing. */
static void
test_not_measured (void)
{
  double measured[64] = { 0 };
  Rig rig = rig_new (wild_design ("batch-size=128 epochs=8 patience=1 watch=accuracy"), 1, NULL);

  g_assert_cmpuint (train (&rig, 8, measured), ==, 8);
  rig_clear (&rig);
}

/* A run that is saved in the middle and opened again ends where it would have, with the same
 * weights. */
static void
test_in_files (void)
{
  double whole[64] = { 0 }, parts[64] = { 0 };
  g_autoptr (NnDesign) design = wild_design (WILD);
  Rig rig = rig_new (nn_design_ref (design), 1, NULL);
  const guint end = train (&rig, 60, whole);
  const guint best = nn_trainer_use_best (rig.trainer);
  rig_clear (&rig);

  rig = rig_new (nn_design_ref (design), 1, NULL);
  train (&rig, end - 1, parts);
  g_autoptr (NnCheckpoint) saved = nn_trainer_checkpoint (rig.trainer);
  nn_checkpoint_set_best (saved, nn_trainer_best (rig.trainer));
  rig_clear (&rig);

  g_autoptr (GPtrArray) entries = nn_zip_entries_new ();
  g_autoptr (GError) error = NULL;
  NnCheckpoint *read;
  JsonObject *extra;
  nn_project_checkpoint_write (entries, design, saved, NULL);
  g_assert_true (nn_project_checkpoint_read (entries, "file", design, &read, &extra, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (read->watch.epoch, ==, best);
  g_assert_nonnull (read->best);
  assert_same_training (saved, read);

  rig = rig_new (nn_design_ref (design), 1, read);
  g_assert_cmpuint (train (&rig, 60, parts), ==, end);
  g_assert_cmpuint (nn_trainer_use_best (rig.trainer), ==, best);
  g_assert_cmpfloat (loss_now (&rig), ==, whole[best]);
  rig_clear (&rig);
  nn_checkpoint_unref (read);
}

/* The session ends by itself, says so, and shows the best weights. */
static void
test_in_session (void)
{
  g_autoptr (NnDataset) dataset = fixture_dataset (300, 60);
  g_autoptr (NnDesign) plain = fixture_design (4);
  g_autoptr (NnDesign) fast = fixture_with_rate (plain, "adam", 0.1);
  g_autoptr (NnParams) training =
      nn_test_params (nn_training_specs (), "epochs=200 batch-size=32 patience=2 keep-best=true");
  g_autoptr (NnDesign) design = nn_design_with_training (fast, training);
  g_autoptr (NnSession) session = nn_session_new (1, NULL, NULL);
  g_auto (Reader) reader;

  reader_init (&reader);
  fixture_set_model (session, design, dataset, NULL, 1);
  nn_session_train (session, 200);
  reader_wait_state (&reader, session, NN_SESSION_FINISHED, 1);
  const guint end = reader.last->epoch;
  g_assert_true (reader.last->stopped_early);
  g_assert_cmpuint (end, <, 200);
  g_assert_cmpuint (reader.last->best_epoch, ==, end - 2);
  g_autoptr (NnCheckpoint) checkpoint = reader_checkpoint (&reader, session);
  g_assert_nonnull (checkpoint->best);
  for (guint i = 0; i < checkpoint->entries->len; i++)
    {
      const NnCheckpointEntry *now = g_ptr_array_index (checkpoint->entries, i);
      const NnCheckpointEntry *best = nn_checkpoint_find (checkpoint->best, now->node, now->name);

      g_assert_cmpmem (now->value->data, now->value->size * sizeof (float), best->value->data,
                       best->value->size * sizeof (float));
    }

  /* Train again, and it trains again. */
  nn_session_train (session, end + 100);
  reader_wait (&reader, session, reader.last->epoch > end);
  g_assert_false (reader.last->state == NN_SESSION_TRAINING && reader.last->stopped_early);
}

/* What is held out of the training part validates; the test part decides nothing. */
static void
test_held_out (void)
{
  g_autoptr (NnDataset) whole = fixture_dataset (300, 60);
  g_autoptr (NnParams) data = nn_test_params (nn_data_specs (), "validation=training");
  g_autoptr (GError) error = NULL;
  g_autoptr (NnDataset) dataset = nn_dataset_hold_out (whole, data, &error);
  g_assert_no_error (error);
  g_autoptr (NnDesign) plain = fixture_design (4);
  g_autoptr (NnDesign) design = nn_design_with_data (plain, data);
  g_autoptr (NnSession) session = nn_session_new (1, NULL, NULL);
  g_auto (Reader) reader;

  reader_init (&reader);
  fixture_set_model (session, design, dataset, NULL, 1);
  nn_session_train (session, 2);
  reader_wait_state (&reader, session, NN_SESSION_FINISHED, 1);
  g_autoptr (NnCheckpoint) checkpoint = reader_checkpoint (&reader, session);

  g_autoptr (NnAnalysis) analysis = analyse (design, dataset);
  g_autoptr (NnPool) pool = nn_pool_new (1);
  g_autoptr (NnTrainer) trainer = nn_trainer_new (analysis, dataset, checkpoint, pool, &error);
  g_assert_no_error (error);
  double losses[NN_N_PARTS];
  for (NnPart part = 0; part < NN_N_PARTS; part++)
    {
      NnEvaluation evaluation = { 0 };
      while (!nn_trainer_evaluate (trainer, part, &evaluation))
        ;
      losses[part] = evaluation.loss;
    }
  g_assert_cmpfloat (reader.last->validation_loss, ==, losses[NN_PART_VALIDATION]);
  g_assert_cmpfloat (losses[NN_PART_TEST], !=, losses[NN_PART_VALIDATION]);
  g_assert_cmpfloat (checkpoint->watch.best, ==, losses[NN_PART_VALIDATION]);

  /* Of other samples, the best so far compares with nothing. */
  g_autoptr (NnAnalysis) back = analyse (plain, whole);
  g_assert_true (nn_trainer_edit (trainer, back, whole, NULL, &error));
  g_autoptr (NnCheckpoint) after = nn_trainer_checkpoint (trainer);
  g_assert_cmpuint (after->watch.epoch, ==, 0);
}

/* The design with another value of one of a node's settings. */
static void
set_param (SessionRig *rig, guint node, const char *name, const char *value, guint revision)
{
  g_autoptr (NnParams) params =
      nn_params_with_text (nn_design_node (rig->design, node)->params, name, value, NULL);
  g_assert_nonnull (params);
  nn_test_replace (&rig->design, nn_design_set_params (rig->design, node, params));
  fixture_set_model (rig->session, rig->design, rig->dataset, NULL, revision);
}

/* What there is after so many epochs. (transfer full) */
static NnCheckpoint *
train_to (SessionRig *rig, guint epochs, guint revision)
{
  nn_session_train (rig->session, epochs);
  reader_wait (&rig->reader, rig->session,
               reader_count (&rig->reader, NN_ROW_VALIDATION) == epochs
                   && rig->reader.last->state == NN_SESSION_FINISHED
                   && rig->reader.last->revision == revision);
  return reader_checkpoint (&rig->reader, rig->session);
}

/* The best counts anew once the loss is another, and only then; also from an earlier moment, and
 * in a run that was saved and is opened again. */
static void
test_other_loss (void)
{
  SessionRig rig;
  session_rig_init (&rig, 100, 40);
  g_autoptr (NnCheckpoint) squared = train_to (&rig, 2, 1);
  g_assert_cmpuint (squared->measure.changes, ==, 0);
  set_param (&rig, FIXTURE_LOSS, "loss", "mean-absolute-error", 2);
  g_autoptr (NnCheckpoint) absolute = train_to (&rig, 3, 2);
  g_assert_cmpuint (absolute->watch.epoch, ==, 3);
  g_assert_cmpuint (nn_run_history_best (absolute->history, absolute->run)->epoch, ==, 3);
  g_assert_cmpfloat (absolute->watch.best, >, squared->watch.best);
  set_param (&rig, FIXTURE_HIDDEN, "units", "9", 3);
  g_autoptr (NnCheckpoint) wider = train_to (&rig, 4, 3);
  g_assert_cmpuint (wider->measure.changes, ==, 1);

  g_autoptr (GError) error = NULL;
  g_autoptr (NnAnalysis) analysis = analyse (rig.design, rig.dataset);
  g_autoptr (NnPool) pool = nn_pool_new (1);
  g_autoptr (NnTrainer) trainer = nn_trainer_new (analysis, rig.dataset, wider, pool, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (nn_trainer_measure (trainer), ==, 1);
  nn_trainer_restore (trainer, squared);
  g_assert_cmpuint (nn_trainer_measure (trainer), ==, 1);
  g_autoptr (NnCheckpoint) restored = nn_trainer_checkpoint (trainer);
  g_assert_cmpuint (restored->watch.epoch, ==, 0);

  g_autoptr (GPtrArray) entries = nn_zip_entries_new ();
  g_autoptr (NnCheckpoint) read = NULL;
  JsonObject *extra;
  nn_project_checkpoint_write (entries, rig.design, wider, NULL);
  g_assert_true (nn_project_checkpoint_read (entries, "file", rig.design, &read, &extra, &error));
  g_assert_cmpuint (read->measure.changes, ==, 1);
  g_assert_cmpuint (read->measure.is, ==, wider->measure.is);
  session_rig_tear_down (&rig, NULL);
}

/* How a class is told from another by its probability does not change what the loss measures. */
static void
test_same_loss (void)
{
  static const struct
  {
    const char *name, *value;
    guint changes;
  } edits[] = { { "threshold", "0.7", 0 }, { "weight", "2", 1 }, { "beta", "2", 1 } };
  g_autoptr (GError) error = NULL;
  NnDesign *design = nn_design_new ();
  const guint input = nn_test_add (&design, "input", NULL, 0);
  const guint flatten = nn_test_add (&design, "flatten", NULL, input);
  const guint classes = nn_test_add (&design, "dense", "units=4 activation=softmax", flatten);
  const guint judge = nn_test_add (&design, "classification-loss", NULL, classes);
  Rig rig = rig_new (nn_design_ref (design), 1, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (edits); i++)
    {
      g_autoptr (NnParams) params = nn_params_with_text (nn_design_node (design, judge)->params,
                                                         edits[i].name, edits[i].value, &error);
      g_assert_no_error (error);
      nn_test_replace (&design, nn_design_set_params (design, judge, params));
      g_autoptr (NnAnalysis) analysis = analyse (design, rig.dataset);
      g_assert_true (nn_trainer_edit (rig.trainer, analysis, rig.dataset, NULL, &error));
      g_assert_cmpuint (nn_trainer_measure (rig.trainer), ==, edits[i].changes);
    }
  rig_clear (&rig);
  nn_design_unref (design);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/watch/course", test_course);
  g_test_add_func ("/watch/directions", test_directions);
  g_test_add_func ("/watch/stops-and-keeps", test_stops_and_keeps);
  g_test_add_func ("/watch/off", test_off);
  g_test_add_func ("/watch/not-measured", test_not_measured);
  g_test_add_func ("/watch/in-files", test_in_files);
  g_test_add_func ("/watch/in-session", test_in_session);
  g_test_add_func ("/watch/held-out", test_held_out);
  g_test_add_func ("/watch/other-loss", test_other_loss);
  g_test_add_func ("/watch/same-loss", test_same_loss);
  return g_test_run ();
}
