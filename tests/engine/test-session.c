/* The session by what its owner sees: training, pauses, steps, edits, errors, checkpoints. */
#include "base/nn-error.h"
#include "explore/nn-node-values-probe.h"
#include "session-fixture.h"

#define N_TRAIN 1024
#define N_TEST 2500 /* three pieces of evaluation */
#define N_BATCHES (N_TRAIN / 32)

static void
rig_set_up (SessionRig *rig, gconstpointer data)
{
  session_rig_init (rig, N_TRAIN, N_TEST);
}

/* What n_epochs without a pause give. rows (out, transfer full). */
static NnCheckpoint *
train_straight (SessionRig *rig, guint n_epochs, GArray **rows)
{
  g_autoptr (NnSession) session = nn_session_new (1, NULL, NULL);
  g_auto (Reader) reader = { 0 };

  reader_init (&reader);
  fixture_set_model (session, rig->design, rig->dataset, NULL, 1);
  nn_session_train (session, n_epochs);
  reader_wait_state (&reader, session, NN_SESSION_FINISHED, 1);
  if (rows != NULL)
    *rows = g_array_ref (reader.rows);
  return reader_checkpoint (&reader, session);
}

static void
test_to_the_end (SessionRig *rig, gconstpointer data)
{
  Reader *reader = &rig->reader;
  guint batches = 0;
  double sum = 0;

  g_assert_cmpuint (reader->last->n_epochs, ==, 4);
  nn_session_train (rig->session, 4);
  reader_wait_state (reader, rig->session, NN_SESSION_FINISHED, 1);
  g_assert_cmpuint (reader->last->epoch, ==, 4);
  g_assert_cmpuint (reader->last->batch, ==, 0);
  g_assert_cmpuint (reader->last->n_batches, ==, N_BATCHES);
  g_assert_cmpuint (reader->last->step, ==, 4 * N_BATCHES);
  g_assert_cmpuint (reader_count (reader, NN_ROW_BATCH), ==, 4 * N_BATCHES);
  g_assert_cmpuint (reader_count (reader, NN_ROW_EPOCH), ==, 4);
  g_assert_cmpuint (reader_count (reader, NN_ROW_VALIDATION), ==, 4);

  for (guint i = 0; i < reader->rows->len; i++)
    {
      const NnRow *row = &g_array_index (reader->rows, NnRow, i);

      g_assert_cmpuint (row->run, ==, reader->last->run);
      g_assert_true (isfinite (row->loss));
      g_assert_cmpuint (row->step, ==, row->kind == NN_ROW_BATCH ? batches + 1 : batches);
      if (row->kind == NN_ROW_BATCH)
        {
          batches++;
          sum += row->loss;
          g_assert_cmpfloat_with_epsilon (row->epoch, (double)batches / N_BATCHES, 1e-9);
        }
      else
        g_assert_cmpfloat (row->epoch, ==, batches / N_BATCHES);
      if (row->kind == NN_ROW_EPOCH)
        {
          g_assert_cmpfloat_with_epsilon (row->loss, sum / N_BATCHES, 1e-6);
          sum = 0;
        }
    }
  const NnRow *first = &g_array_index (reader->rows, NnRow, 0);
  const NnRow *last = &g_array_index (reader->rows, NnRow, reader->rows->len - 1);
  g_assert_cmpint (last->kind, ==, NN_ROW_VALIDATION);
  g_assert_cmpfloat (last->loss, <, first->loss * 0.8);
  g_assert_cmpfloat (reader->last->validation_loss, ==, last->loss);
  g_assert_cmpuint (reader->errors->len, ==, 0);

  /* What the validation measured comes with it: its loss first. */
  g_assert_nonnull (reader->last->measures);
  const NnMeasure *loss = &g_array_index (reader->last->measures, NnMeasure, 0);
  g_assert_cmpuint (loss->node, ==, FIXTURE_LOSS);
  g_assert_null (loss->type);
  g_assert_cmpfloat_with_epsilon (loss->value, last->loss, 1e-9);
  g_assert_cmpuint (reader->last->measures->len, >, 1);
  g_assert_cmpfloat (first->learning_rate, >, 0);
  g_assert_cmpfloat (first->learning_rate, ==, reader->last->learning_rate);

  /* Beyond the end it goes on, from there. */
  nn_session_train (rig->session, 5);
  reader_wait (reader, rig->session,
               reader->last->state == NN_SESSION_FINISHED && reader->last->n_epochs == 5);
  g_assert_cmpuint (reader->last->epoch, ==, 5);
}

/* By the number of commands followed the owner tells an old word from an answer, also where a
 * command leads to nothing. */
static void
test_commands (SessionRig *rig, gconstpointer data)
{
  Reader *reader = &rig->reader;
  NnSession *session = rig->session;

  nn_session_train (session, 100000);
  reader_wait (reader, session, reader->last->n_commands >= nn_session_n_commands (session));
  g_assert_cmpint (reader->last->state, ==, NN_SESSION_TRAINING);
  nn_session_pause (session);
  reader_wait (reader, session, reader->last->n_commands >= nn_session_n_commands (session));
  g_assert_cmpint (reader->last->state, ==, NN_SESSION_PAUSED);

  nn_session_pause (session);
  reader_wait (reader, session, reader->last->n_commands >= nn_session_n_commands (session));
  nn_session_go_to_run (session, 77);
  reader_wait (reader, session, reader->last->n_commands >= nn_session_n_commands (session));
  nn_session_set_model (session, NULL, rig->dataset, NULL, 2);
  nn_session_train (session, 100000);
  reader_wait (reader, session, reader->last->n_commands >= nn_session_n_commands (session));
  g_assert_cmpint (reader->last->state, ==, NN_SESSION_PAUSED);
}

/* Pausing at random moments, in the middle of epochs and of validations, changes nothing. */
static void
test_pauses (SessionRig *rig, gconstpointer data)
{
  g_autoptr (GArray) rows = NULL;
  g_autoptr (NnCheckpoint) expected = train_straight (rig, 800, &rows);
  guint in_validation = 0, pauses = 0;

  do
    {
      nn_session_train (rig->session, 800);
      g_usleep (g_test_rand_int_range (0, 5000));
      nn_session_pause (rig->session);
      /* Answered after the pause: what is there then is where it stands. */
      g_autoptr (NnCheckpoint) here = reader_checkpoint (&rig->reader, rig->session);
      pauses++;
      in_validation += rig->reader.last->batch == 0
                       && reader_count (&rig->reader, NN_ROW_VALIDATION) < rig->reader.last->epoch;
    }
  while (rig->reader.last->state != NN_SESSION_FINISHED);
  g_test_message ("%u pauses, %u of them in a validation", pauses, in_validation);
  g_assert_cmpuint (pauses, >, 2);

  g_autoptr (NnCheckpoint) found = reader_checkpoint (&rig->reader, rig->session);
  assert_same_training (expected, found);
  assert_same_rows (rows, rig->reader.rows);
}

/* A new session goes on from a checkpoint as if there had been one session. */
static void
continue_from (SessionRig *rig, NnCheckpoint *checkpoint, const GArray *rows_so_far,
               NnCheckpoint *expected, const GArray *rows)
{
  g_autoptr (NnSession) session = nn_session_new (1, NULL, NULL);
  g_auto (Reader) reader = { 0 };

  reader_init (&reader);
  g_array_append_vals (reader.rows, rows_so_far->data, rows_so_far->len);
  fixture_set_model (session, rig->design, rig->dataset, checkpoint, 1);
  nn_session_train (session, 4);
  reader_wait_state (&reader, session, NN_SESSION_FINISHED, 1);
  g_autoptr (NnCheckpoint) found = reader_checkpoint (&reader, session);
  assert_same_training (expected, found);
  assert_same_rows (rows, reader.rows);

  gsize n, n_expected;
  nn_run_history_rows (expected->history, expected->run, NN_ROW_BATCH, &n_expected);
  nn_run_history_rows (found->history, found->run, NN_ROW_BATCH, &n);
  g_assert_cmpuint (n, ==, n_expected);
}

static void
test_checkpoint (SessionRig *rig, gconstpointer data)
{
  g_autoptr (GArray) rows = NULL;
  g_autoptr (NnCheckpoint) expected = train_straight (rig, 4, &rows);

  for (guint i = 0; i < N_BATCHES + 5; i++)
    nn_session_step_batch (rig->session);
  reader_wait (&rig->reader, rig->session,
               rig->reader.last->state == NN_SESSION_PAUSED
                   && rig->reader.last->step == N_BATCHES + 5);
  g_autoptr (NnCheckpoint) checkpoint = reader_checkpoint (&rig->reader, rig->session);
  g_assert_cmpuint (checkpoint->epoch, ==, 1);
  g_assert_cmpuint (checkpoint->batch, ==, 5);
  continue_from (rig, checkpoint, rig->reader.rows, expected, rows);
}

/* One taken when an epoch had ended but its validation had not: that is made up for. */
static void
test_checkpoint_in_validation (SessionRig *rig, gconstpointer data)
{
  g_autoptr (GArray) rows = NULL;
  g_autoptr (NnCheckpoint) expected = train_straight (rig, 4, &rows);

  nn_session_step_epoch (rig->session);
  reader_wait (&rig->reader, rig->session,
               rig->reader.last->state == NN_SESSION_PAUSED && rig->reader.last->step == N_BATCHES);
  nn_session_step_epoch (rig->session);
  reader_wait (&rig->reader, rig->session,
               rig->reader.last->state == NN_SESSION_PAUSED
                   && rig->reader.last->step == 2 * N_BATCHES);
  g_autoptr (NnCheckpoint) whole = reader_checkpoint (&rig->reader, rig->session);

  g_array_set_size (rig->reader.rows, rig->reader.rows->len - 1);
  g_autoptr (NnRunHistory) history = nn_run_history_new ();
  nn_run_history_append (history, (const NnRow *)(gpointer)rig->reader.rows->data,
                         rig->reader.rows->len);
  g_autoptr (NnCheckpoint) checkpoint = nn_checkpoint_with_history (whole, history);
  continue_from (rig, checkpoint, rig->reader.rows, expected, rows);
}

static void
test_steps (SessionRig *rig, gconstpointer data)
{
  Reader *reader = &rig->reader;

  nn_session_step_batch (rig->session);
  reader_wait (reader, rig->session,
               reader->last->step == 1 && reader->last->state == NN_SESSION_PAUSED);
  g_assert_cmpuint (reader->last->batch, ==, 1);
  g_assert_cmpuint (reader->rows->len, ==, 1);

  nn_session_step_epoch (rig->session);
  reader_wait (reader, rig->session,
               reader->last->epoch == 1 && reader->last->state == NN_SESSION_PAUSED);
  g_assert_cmpuint (reader->last->batch, ==, 0);
  g_assert_cmpuint (reader_count (reader, NN_ROW_BATCH), ==, N_BATCHES);
  g_assert_cmpuint (reader_count (reader, NN_ROW_VALIDATION), ==, 1);

  /* The batch that ends an epoch brings its validation. */
  for (guint i = 0; i < N_BATCHES; i++)
    nn_session_step_batch (rig->session);
  reader_wait (reader, rig->session,
               reader->last->epoch == 2 && reader->last->state == NN_SESSION_PAUSED);
  g_assert_cmpuint (reader->last->batch, ==, 0);
  g_assert_cmpuint (reader_count (reader, NN_ROW_VALIDATION), ==, 2);

  /* A step while training is the last one. */
  nn_session_train (rig->session, 10000);
  reader_wait (reader, rig->session, reader->last->epoch >= 3);
  nn_session_step_batch (rig->session);
  reader_wait (reader, rig->session, reader->last->state == NN_SESSION_PAUSED);
  g_assert_cmpuint (reader->last->epoch, <, 10000);
}

static void
test_rate_edit (SessionRig *rig, gconstpointer data)
{
  nn_session_step_epoch (rig->session);
  reader_wait (&rig->reader, rig->session,
               rig->reader.last->epoch == 1 && rig->reader.last->state == NN_SESSION_PAUSED);
  g_autoptr (NnCheckpoint) before = reader_checkpoint (&rig->reader, rig->session);
  g_autoptr (NnDesign) design = fixture_with_rate (rig->design, "adam", 0.0001);

  fixture_set_model (rig->session, design, rig->dataset, NULL, 2);
  reader_wait_state (&rig->reader, rig->session, NN_SESSION_PAUSED, 2);
  g_autoptr (NnCheckpoint) after = reader_checkpoint (&rig->reader, rig->session);
  assert_same_training (before, after);
  g_assert_cmpuint (rig->reader.reset_nodes->len, ==, 0);

  /* The new rate is the one that is used. */
  nn_session_step_batch (rig->session);
  reader_wait (&rig->reader, rig->session, rig->reader.last->step == N_BATCHES + 1);
  g_autoptr (NnCheckpoint) slow = reader_checkpoint (&rig->reader, rig->session);
  const NnTensor *old_bias = nn_checkpoint_find (before, FIXTURE_OUTPUT, "bias")->value;
  const NnTensor *new_bias = nn_checkpoint_find (slow, FIXTURE_OUTPUT, "bias")->value;
  gboolean changed = FALSE;
  for (gsize i = 0; i < old_bias->size; i++)
    {
      const float difference = fabsf (new_bias->data[i] - old_bias->data[i]);

      changed |= difference > 0;
      /* Adam moves a weight by little more than its rate. */
      g_assert_cmpfloat (difference, <, 0.0005f);
    }
  g_assert_true (changed);
}

static void
test_units_edit (SessionRig *rig, gconstpointer data)
{
  Reader *reader = &rig->reader;
  g_autoptr (NnDesign) wider = fixture_design (6);

  nn_session_step_epoch (rig->session);
  reader_wait (reader, rig->session,
               reader->last->epoch == 1 && reader->last->state == NN_SESSION_PAUSED);
  g_autoptr (NnCheckpoint) before = reader_checkpoint (reader, rig->session);
  fixture_set_model (rig->session, wider, rig->dataset, NULL, 2);
  reader_wait_state (reader, rig->session, NN_SESSION_PAUSED, 2);
  g_autoptr (NnCheckpoint) after = reader_checkpoint (reader, rig->session);

  const NnTensor *kept_before = nn_checkpoint_find (before, FIXTURE_HIDDEN, "kernel")->value;
  const NnTensor *kept_after = nn_checkpoint_find (after, FIXTURE_HIDDEN, "kernel")->value;
  g_assert_cmpmem (kept_before->data, kept_before->size * 4, kept_after->data,
                   kept_after->size * 4);
  g_assert_cmpuint (nn_checkpoint_find (after, FIXTURE_CODE, "kernel")->value->size, ==, 8 * 6);
  g_assert_cmpuint (nn_checkpoint_find (after, FIXTURE_OUTPUT, "kernel")->value->size, ==, 6 * 16);

  g_assert_cmpuint (reader->reset_nodes->len, ==, 2);
  guint sum = 0;
  for (guint i = 0; i < 2; i++)
    sum += g_array_index (reader->reset_nodes, guint, i);
  g_assert_cmpuint (sum, ==, FIXTURE_CODE + FIXTURE_OUTPUT);
  g_assert_cmpuint (after->step, ==, before->step);
  g_assert_cmpuint (after->run, ==, before->run);
}

/* Training goes on through an edit, and to the design's new number of epochs. */
static void
test_edit_while_training (SessionRig *rig, gconstpointer data)
{
  Reader *reader = &rig->reader;
  g_autoptr (GError) error = NULL;
  g_autoptr (NnParams) many =
      nn_params_with_number (nn_design_training (rig->design), "epochs", 5000, &error);
  g_autoptr (NnParams) few =
      nn_params_with_number (nn_design_training (rig->design), "epochs", 3, &error);
  g_autoptr (NnDesign) long_design = nn_design_with_training (rig->design, many);
  g_autoptr (NnDesign) wider = fixture_design (6);
  g_autoptr (NnDesign) edited = nn_design_with_training (wider, many);
  g_autoptr (NnDesign) short_design = nn_design_with_training (wider, few);

  fixture_set_model (rig->session, long_design, rig->dataset, NULL, 2);
  nn_session_train (rig->session, 5000);
  reader_wait (reader, rig->session, reader->last->revision == 2 && reader->last->step > 3);
  fixture_set_model (rig->session, edited, rig->dataset, NULL, 3);
  reader_wait (reader, rig->session, reader->last->revision == 3 && reader->last->epoch >= 3);
  g_assert_cmpint (reader->last->state, ==, NN_SESSION_TRAINING);
  g_assert_cmpuint (reader->reset_nodes->len, ==, 2);
  fixture_set_model (rig->session, short_design, rig->dataset, NULL, 4);
  reader_wait (reader, rig->session,
               reader->last->revision == 4 && reader->last->state != NN_SESSION_TRAINING);
  g_assert_cmpuint (reader->last->n_epochs, ==, 3);
  g_assert_cmpuint (reader->last->epoch, <, 5000);
}

/* Nobody reads for a whole training: everything is there afterwards, once. */
static void
test_slow_reader (SessionRig *rig, gconstpointer data)
{
  g_autoptr (GArray) rows = NULL;
  g_autoptr (NnCheckpoint) expected = train_straight (rig, 30, &rows);

  nn_session_train (rig->session, 30);
  nn_session_request_checkpoint (rig->session);
  g_usleep (G_USEC_PER_SEC / 2);
  reader_wait_state (&rig->reader, rig->session, NN_SESSION_FINISHED, 1);
  assert_same_rows (rows, rig->reader.rows);
  g_assert_true (rig->reader.checkpoint_answered);
}

static void
test_diverges (SessionRig *rig, gconstpointer data)
{
  Reader *reader = &rig->reader;
  g_autoptr (NnDesign) wild = fixture_with_rate (rig->design, "sgd", 100);
  g_autoptr (NnDesign) tame = fixture_with_rate (rig->design, "sgd", 0.01);

  nn_session_step_epoch (rig->session);
  fixture_set_model (rig->session, wild, rig->dataset, NULL, 2);
  nn_session_train (rig->session, 1000);
  reader_wait_state (reader, rig->session, NN_SESSION_FAILED, 2);
  g_usleep (50000);
  while (reader_look (reader, rig->session))
    ;
  g_assert_cmpuint (reader->errors->len, ==, 1);
  const GError *error = g_ptr_array_index (reader->errors, 0);
  g_assert_error (error, NN_ERROR, NN_ERROR_NUMERIC);

  g_autoptr (NnCheckpoint) checkpoint = reader_checkpoint (reader, rig->session);
  for (guint i = 0; i < checkpoint->entries->len; i++)
    {
      const NnCheckpointEntry *entry = g_ptr_array_index (checkpoint->entries, i);

      for (gsize k = 0; k < entry->value->size; k++)
        g_assert_true (isfinite (entry->value->data[k]));
    }
  g_assert_cmpint (reader->last->state, ==, NN_SESSION_FAILED);

  /* Moving a card mends nothing. */
  g_autoptr (NnDesign) moved = nn_design_place_node (wild, FIXTURE_CODE, 50, 50);
  fixture_set_model (rig->session, moved, rig->dataset, NULL, 3);
  reader_wait (reader, rig->session, reader->last->revision == 3);
  g_assert_cmpint (reader->last->state, ==, NN_SESSION_FAILED);

  /* With new weights and a smaller rate it can be trained again. */
  fixture_set_model (rig->session, tame, rig->dataset, NULL, 4);
  nn_session_reset (rig->session, 1);
  nn_session_train (rig->session, 2);
  reader_wait_state (reader, rig->session, NN_SESSION_FINISHED, 4);
  g_assert_cmpuint (reader->errors->len, ==, 1);
}

static void
test_reset (SessionRig *rig, gconstpointer data)
{
  Reader *reader = &rig->reader;
  g_autoptr (NnCheckpoint) fresh = reader_checkpoint (reader, rig->session);
  const guint64 run = reader->last->run;

  /* A run without rows is not followed by another. */
  nn_session_reset (rig->session, fresh->seed);
  g_autoptr (NnCheckpoint) same = reader_checkpoint (reader, rig->session);
  g_assert_cmpuint (same->run, ==, run);
  nn_session_step_epoch (rig->session);
  reader_wait (reader, rig->session,
               reader->last->epoch == 1 && reader->last->state == NN_SESSION_PAUSED);
  nn_session_reset (rig->session, fresh->seed);
  g_autoptr (NnCheckpoint) again = reader_checkpoint (reader, rig->session);
  assert_same_training (fresh, again);
  g_assert_cmpuint (again->run, !=, run);
  g_assert_cmpuint (reader->last->run, ==, again->run);
  g_assert_true (isnan (reader->last->loss));
  g_assert_true (isnan (reader->last->validation_loss));

  nn_session_reset (rig->session, fresh->seed + 1);
  g_autoptr (NnCheckpoint) other = reader_checkpoint (reader, rig->session);
  const NnTensor *old_kernel = nn_checkpoint_find (fresh, FIXTURE_CODE, "kernel")->value;
  const NnTensor *new_kernel = nn_checkpoint_find (other, FIXTURE_CODE, "kernel")->value;
  g_assert_cmpint (memcmp (old_kernel->data, new_kernel->data, old_kernel->size * 4), !=, 0);

  /* In training it goes on, in the new run, from the beginning. */
  nn_session_train (rig->session, 10000);
  reader_wait (reader, rig->session, reader->last->epoch >= 2);
  nn_session_reset (rig->session, 5);
  reader_wait (reader, rig->session, reader->last->run != other->run && reader->last->step > 0);
  g_assert_cmpint (reader->last->state, ==, NN_SESSION_TRAINING);
}

/* A design that cannot be trained pauses; its weights are there again when it is mended. */
static void
test_broken_design (SessionRig *rig, gconstpointer data)
{
  Reader *reader = &rig->reader;
  g_autoptr (NnDesign) broken = nn_design_disconnect (rig->design, FIXTURE_CODE, 0);

  nn_session_train (rig->session, 10000);
  reader_wait (reader, rig->session, reader->last->epoch >= 1);
  fixture_set_model (rig->session, broken, rig->dataset, NULL, 2);
  reader_wait_state (reader, rig->session, NN_SESSION_PAUSED, 2);
  nn_session_train (rig->session, 10000);
  nn_session_step_batch (rig->session);
  nn_session_step_epoch (rig->session);
  g_autoptr (NnCheckpoint) before = reader_checkpoint (reader, rig->session);
  g_assert_cmpint (reader->last->state, ==, NN_SESSION_PAUSED);

  fixture_set_model (rig->session, rig->design, rig->dataset, NULL, 3);
  reader_wait_state (reader, rig->session, NN_SESSION_PAUSED, 3);
  g_autoptr (NnCheckpoint) after = reader_checkpoint (reader, rig->session);
  assert_same_training (before, after);
  g_assert_cmpuint (reader->reset_nodes->len, ==, 0);
}

/* A file is opened before its data set is there: the weights wait. */
static void
test_checkpoint_waits (SessionRig *rig, gconstpointer data)
{
  g_autoptr (NnCheckpoint) checkpoint = train_straight (rig, 2, NULL);
  g_autoptr (NnSession) session = nn_session_new (1, NULL, NULL);
  g_autoptr (NnAnalysis) analysis =
      nn_analysis_new (rig->design, nn_dataset_info (rig->dataset), 0);
  g_auto (Reader) reader = { 0 };

  reader_init (&reader);
  g_autoptr (NnCheckpoint) none = reader_checkpoint (&reader, session);
  g_assert_null (none);
  g_assert_cmpint (reader.last->state, ==, NN_SESSION_EMPTY);
  nn_session_set_model (session, analysis, NULL, checkpoint, 1);
  g_autoptr (NnCheckpoint) waiting = reader_checkpoint (&reader, session);
  assert_same_training (checkpoint, waiting);
  g_assert_cmpint (reader.last->state, ==, NN_SESSION_EMPTY);
  fixture_set_model (session, rig->design, rig->dataset, NULL, 2);
  reader_wait_state (&reader, session, NN_SESSION_PAUSED, 2);
  g_autoptr (NnCheckpoint) taken = reader_checkpoint (&reader, session);
  assert_same_training (checkpoint, taken);
}

/* ---- probes ---- */

static guint
count_results (const Reader *reader, guint probe)
{
  guint n = 0;

  for (guint i = 0; i < reader->results->len; i++)
    n += ((NnProbeResult *)g_ptr_array_index (reader->results, i))->probe == probe;
  return n;
}

static void
test_probes (SessionRig *rig, gconstpointer data)
{
  Reader *reader = &rig->reader;
  const guint32 samples[] = { 3, 2 }, beyond[] = { N_TEST };
  g_autoptr (GPtrArray) probes = g_ptr_array_new_with_free_func ((GDestroyNotify)nn_probe_unref);
  const guint good = nn_probe_next_id (), bad = nn_probe_next_id ();

  g_ptr_array_add (probes, nn_node_values_probe_new (good, NN_PART_TEST, NN_PICK_LISTED, samples, 2,
                                                     0, NULL, 0));
  g_ptr_array_add (
      probes, nn_node_values_probe_new (bad, NN_PART_TEST, NN_PICK_LISTED, beyond, 1, 0, NULL, 0));
  nn_session_set_probes (rig->session, probes);
  nn_session_set_probes (rig->session, probes);
  reader_wait (reader, rig->session,
               count_results (reader, good) > 0 && count_results (reader, bad) > 0);

  /* Once for each change. */
  g_usleep (100000);
  g_assert_false (reader_look (reader, rig->session));
  nn_session_set_probes (rig->session, probes);
  g_usleep (50000);
  g_assert_false (reader_look (reader, rig->session));
  g_assert_cmpuint (reader->results->len, ==, 2);
  for (guint i = 0; i < 2; i++)
    {
      const NnProbeResult *result = g_ptr_array_index (reader->results, i);

      g_assert_cmpuint (result->revision, ==, 1);
      g_assert_cmpuint (result->step, ==, 0);
      if (result->probe == bad)
        g_assert_error (result->error, NN_ERROR, NN_ERROR_RANGE);
      else
        g_assert_no_error (result->error);
    }

  /* In training again and again, and the last answer is of the last weights. */
  nn_session_train (rig->session, 1000000);
  reader_wait (reader, rig->session, count_results (reader, good) > 2);
  nn_session_pause (rig->session);
  reader_wait_state (reader, rig->session, NN_SESSION_PAUSED, 1);
  const guint64 step = reader->last->step;
  reader_wait (
      reader, rig->session,
      ((NnProbeResult *)g_ptr_array_index (reader->results, reader->results->len - 1))->step
          == step);

  g_ptr_array_set_size (probes, 0);
  nn_session_set_probes (rig->session, probes);
  nn_session_step_batch (rig->session);
  reader_wait (reader, rig->session,
               reader->last->step == step + 1 && reader->last->state == NN_SESSION_PAUSED);
  const guint before = reader->results->len;
  nn_session_step_batch (rig->session);
  reader_wait (reader, rig->session,
               reader->last->step == step + 2 && reader->last->state == NN_SESSION_PAUSED);
  g_assert_cmpuint (reader->results->len, ==, before);
}

static void
test_pace (SessionRig *rig, gconstpointer data)
{
  Reader *reader = &rig->reader;

  g_assert_cmpfloat (reader->last->samples_per_second, ==, 0);
  g_assert_true (isnan (reader->last->seconds_left));
  nn_session_train (rig->session, 1000000);
  reader_wait (reader, rig->session,
               reader->last->samples_per_second > 0 && reader->last->epoch > 2);
  const gint64 begin = g_get_monotonic_time ();
  const guint64 step = reader->last->step;
  while (g_get_monotonic_time () - begin < G_USEC_PER_SEC / 2)
    reader_look (reader, rig->session);
  /* Validation takes a share of the time, so the rate of training alone is the higher one. */
  const double measured = (double)(reader->last->step - step) * 32 * 2;
  g_assert_cmpfloat (reader->last->samples_per_second, >, measured * 0.8);
  g_assert_cmpfloat (reader->last->seconds_left, >, 1);
  nn_session_pause (rig->session);
  reader_wait_state (reader, rig->session, NN_SESSION_PAUSED, 1);
  g_assert_cmpfloat (reader->last->samples_per_second, ==, 0);
  g_assert_true (isnan (reader->last->seconds_left));
}

#define ADD(path, func) g_test_add (path, SessionRig, NULL, rig_set_up, func, session_rig_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/session/to-the-end", test_to_the_end);
  ADD ("/session/commands", test_commands);
  ADD ("/session/pauses", test_pauses);
  ADD ("/session/checkpoint", test_checkpoint);
  ADD ("/session/checkpoint-in-validation", test_checkpoint_in_validation);
  ADD ("/session/steps", test_steps);
  ADD ("/session/edit/rate", test_rate_edit);
  ADD ("/session/edit/units", test_units_edit);
  ADD ("/session/edit/while-training", test_edit_while_training);
  ADD ("/session/edit/broken", test_broken_design);
  ADD ("/session/slow-reader", test_slow_reader);
  ADD ("/session/diverges", test_diverges);
  ADD ("/session/reset", test_reset);
  ADD ("/session/checkpoint-waits", test_checkpoint_waits);
  ADD ("/session/probes", test_probes);
  ADD ("/session/pace", test_pace);
  return g_test_run ();
}
