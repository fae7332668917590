/* Rewinding a session: probes see what was, and a run that goes on from there repeats the first. */
#include "base/nn-error.h"
#include "explore/nn-node-values-probe.h"
#include "session-fixture.h"

#define N_TRAIN 512
#define N_TEST 300

static void
rig_set_up (SessionRig *rig, gconstpointer data)
{
  session_rig_init (rig, N_TRAIN, N_TEST);
}

/* To the end of so many epochs, with a pause at each: a moment is kept at every one. */
static void
train (SessionRig *rig, guint n_epochs)
{
  for (guint epoch = rig->reader.last->epoch + 1; epoch <= n_epochs; epoch++)
    {
      nn_session_train (rig->session, epoch);
      reader_wait (&rig->reader, rig->session,
                   rig->reader.last->state == NN_SESSION_FINISHED
                       && rig->reader.last->epoch == epoch);
    }
}

static NnCheckpoint *
train_straight (SessionRig *rig, guint n_epochs)
{
  g_autoptr (NnSession) session = nn_session_new (1, NULL, NULL);
  g_auto (Reader) reader = { 0 };

  reader_init (&reader);
  nn_session_set_rewind_budget (session, 0);
  fixture_set_model (session, rig->design, rig->dataset, NULL, 1);
  nn_session_train (session, n_epochs);
  reader_wait_state (&reader, session, NN_SESSION_FINISHED, 1);
  g_assert_cmpuint (reader.last->moments->len, ==, 0);
  return reader_checkpoint (&reader, session);
}

/* The newest answer to that probe, or NULL. (transfer none) */
static NnProbeResult *
answer_to (const Reader *reader, guint probe)
{
  for (guint i = reader->results->len; i-- > 0;)
    {
      NnProbeResult *result = g_ptr_array_index (reader->results, i);

      if (result->probe == probe)
        return result;
    }
  return NULL;
}

/* run: 0, or whose weights are meant. */
static NnNodeValuesResult *
ask (SessionRig *rig, guint64 run)
{
  const guint32 samples[] = { 0, 7, 299 };
  const guint node = FIXTURE_OUTPUT;
  g_autoptr (GPtrArray) probes = g_ptr_array_new_with_free_func ((GDestroyNotify)nn_probe_unref);
  NnProbe *probe = nn_node_values_probe_new (nn_probe_next_id (), NN_PART_TEST, NN_PICK_LISTED,
                                             samples, G_N_ELEMENTS (samples), 0, &node, 1);

  probe->run = run;
  g_ptr_array_add (probes, probe);
  nn_session_set_probes (rig->session, probes);
  reader_wait (&rig->reader, rig->session, answer_to (&rig->reader, probe->id) != NULL);
  return (NnNodeValuesResult *)nn_probe_result_ref (answer_to (&rig->reader, probe->id));
}

static void
assert_same_answer (NnNodeValuesResult *a, NnNodeValuesResult *b, gboolean same)
{
  const NnNodeValues *x = nn_node_values_result_find (a, FIXTURE_OUTPUT);
  const NnNodeValues *y = nn_node_values_result_find (b, FIXTURE_OUTPUT);

  g_assert_no_error (a->base.error);
  g_assert_no_error (b->base.error);
  g_assert_cmpuint (x->values->size, ==, y->values->size);
  g_assert_cmpint (memcmp (x->values->data, y->values->data, x->values->size * sizeof (float)) == 0,
                   ==, same);
}

/* What was answered then is answered again. */
static void
test_look_back (SessionRig *rig, gconstpointer data)
{
  NnNodeValuesResult *then, *now, *again, *back;

  train (rig, 2);
  then = ask (rig, 0);
  train (rig, 4);
  now = ask (rig, 0);
  assert_same_answer (then, now, FALSE);

  nn_session_rewind (rig->session, 2);
  again = ask (rig, 0);
  assert_same_answer (then, again, TRUE);
  g_assert_cmpuint (again->base.step, ==, then->base.step);
  g_assert_true (rig->reader.last->rewound);
  g_assert_cmpfloat (rig->reader.last->past.epoch, ==, 2);
  g_assert_cmpuint (rig->reader.last->epoch, ==, 4);
  g_assert_nonnull (rig->reader.last->past_measures);
  g_assert_cmpfloat_with_epsilon (nn_snapshot_loss_part (rig->reader.last, FIXTURE_LOSS),
                                  rig->reader.last->past.validation_loss, 1e-9);
  g_assert_cmpfloat (rig->reader.last->past.validation_loss, >, rig->reader.last->validation_loss);

  nn_session_rewind (rig->session, NAN);
  back = ask (rig, 0);
  assert_same_answer (now, back, TRUE);
  g_assert_false (rig->reader.last->rewound);
  nn_probe_result_unref (&then->base);
  nn_probe_result_unref (&now->base);
  nn_probe_result_unref (&again->base);
  nn_probe_result_unref (&back->base);
}

/* Training goes on below, and asks nothing of a picture that stands still. */
static void
test_while_training (SessionRig *rig, gconstpointer data)
{
  NnNodeValuesResult *then, *again;

  train (rig, 1);
  then = ask (rig, 0);
  train (rig, 2);
  nn_session_rewind (rig->session, 1);
  again = ask (rig, 0);
  assert_same_answer (then, again, TRUE);
  const guint n = rig->reader.results->len;
  train (rig, 20);
  g_assert_cmpuint (rig->reader.results->len, ==, n);
  g_assert_cmpfloat (rig->reader.last->past.epoch, ==, 1);
  nn_probe_result_unref (&then->base);
  nn_probe_result_unref (&again->base);
}

static GArray *
rows_of (const NnRunHistory *history, guint64 run)
{
  GArray *all = g_array_new (FALSE, FALSE, sizeof (NnRow));

  for (NnRowKind kind = NN_ROW_BATCH; kind <= NN_ROW_VALIDATION; kind++)
    {
      gsize n;
      const NnRow *rows = nn_run_history_rows (history, run, kind, &n);

      for (gsize i = 0; i < n; i++)
        {
          NnRow row = rows[i];
          row.run = 0;
          g_array_append_val (all, row);
        }
    }
  return all;
}

/* A second run from the middle of the first ends in the same bits, and its curve is whole. */
static void
test_fork (SessionRig *rig, gconstpointer data)
{
  g_autoptr (NnCheckpoint) straight = train_straight (rig, 5), forked = NULL;
  g_autoptr (GArray) first = NULL, second = NULL;

  train (rig, 1);
  for (guint i = 0; i < 5; i++) /* and somewhere within an epoch */
    {
      nn_session_step_batch (rig->session);
      reader_wait (&rig->reader, rig->session,
                   rig->reader.last->batch == i + 1
                       && rig->reader.last->state == NN_SESSION_PAUSED);
    }
  train (rig, 5);
  const guint64 run = rig->reader.last->run;

  nn_session_fork (rig->session, 1.3);
  reader_wait (&rig->reader, rig->session, rig->reader.last->run != run);
  g_assert_cmpint (rig->reader.last->state, ==, NN_SESSION_PAUSED);
  g_assert_cmpuint (rig->reader.last->epoch, ==, 1);
  g_assert_cmpuint (rig->reader.last->batch, >, 0);
  nn_session_train (rig->session, 5);
  reader_wait (&rig->reader, rig->session,
               rig->reader.last->run != run && rig->reader.last->state == NN_SESSION_FINISHED);
  forked = reader_checkpoint (&rig->reader, rig->session);
  assert_same_training (straight, forked);
  g_assert_cmpuint (nn_run_history_n_runs (forked->history), ==, 2);
  first = rows_of (forked->history, run);
  second = rows_of (forked->history, rig->reader.last->run);
  assert_same_rows (first, second);

  /* What was told is the same: whoever keeps the rows has both runs. */
  g_autoptr (NnRunHistory) told = nn_run_history_new ();
  nn_run_history_append (told, (const NnRow *)(gpointer)rig->reader.rows->data,
                         rig->reader.rows->len);
  g_autoptr (GArray) heard = rows_of (told, rig->reader.last->run);
  assert_same_rows (second, heard);
}

/* The first run is where it was left, and goes on as if nothing had been. */
static void
test_return_to_run (SessionRig *rig, gconstpointer data)
{
  g_autoptr (NnCheckpoint) straight = train_straight (rig, 4), end = NULL;
  NnNodeValuesResult *first, *other;

  train (rig, 3);
  first = ask (rig, 0);
  const guint64 run = rig->reader.last->run;
  nn_session_fork (rig->session, 1);
  reader_wait (&rig->reader, rig->session, rig->reader.last->run != run);
  const guint64 second = rig->reader.last->run;
  g_assert_cmpuint (rig->reader.last->epoch, ==, 1);

  /* Both can be asked about side by side, now and as of then. */
  other = ask (rig, run);
  assert_same_answer (first, other, TRUE);
  nn_probe_result_unref (&other->base);
  other = ask (rig, 0);
  assert_same_answer (first, other, FALSE);
  nn_session_rewind (rig->session, 0);
  NnNodeValuesResult *start = ask (rig, run), *start_too = ask (rig, second);
  assert_same_answer (start, start_too, TRUE);
  nn_session_rewind (rig->session, NAN);
  nn_probe_result_unref (&start->base);
  nn_probe_result_unref (&start_too->base);

  train (rig, 2);
  nn_session_go_to_run (rig->session, run);
  reader_wait (&rig->reader, rig->session, rig->reader.last->run == run);
  g_assert_cmpuint (rig->reader.last->epoch, ==, 3);
  g_assert_cmpint (rig->reader.last->state, ==, NN_SESSION_FINISHED);
  train (rig, 4);
  end = reader_checkpoint (&rig->reader, rig->session);
  assert_same_training (straight, end);
  g_assert_cmpuint (nn_run_history_n_runs (end->history), ==, 2);

  /* A run that is forgotten is told to be so. */
  nn_session_forget_run (rig->session, second);
  nn_probe_result_unref (&other->base);
  other = ask (rig, second);
  g_assert_error (other->base.error, NN_ERROR, NN_ERROR_RANGE);
  nn_probe_result_unref (&first->base);
  nn_probe_result_unref (&other->base);
}

/* Reset begins a new run too: the one before is not lost. */
static void
test_reset (SessionRig *rig, gconstpointer data)
{
  g_autoptr (NnCheckpoint) before = NULL, after = NULL;

  train (rig, 2);
  before = reader_checkpoint (&rig->reader, rig->session);
  const guint64 run = rig->reader.last->run;
  nn_session_reset (rig->session, 99);
  reader_wait (&rig->reader, rig->session, rig->reader.last->run != run);
  g_assert_cmpuint (rig->reader.last->step, ==, 0);
  train (rig, 1);
  nn_session_go_to_run (rig->session, run);
  reader_wait (&rig->reader, rig->session, rig->reader.last->run == run);
  after = reader_checkpoint (&rig->reader, rig->session);
  assert_same_training (before, after);
}

/* An edit that leaves no place for the old weights says so; undoing it brings them back. */
static void
test_edit (SessionRig *rig, gconstpointer data)
{
  g_autoptr (NnDesign) wider = fixture_design (6);
  NnNodeValuesResult *then, *again;

  train (rig, 1);
  then = ask (rig, 0);
  train (rig, 2);
  const guint64 run = rig->reader.last->run;
  fixture_set_model (rig->session, wider, rig->dataset, NULL, 2);
  reader_wait (&rig->reader, rig->session, rig->reader.last->revision == 2);
  for (guint i = 0; i < rig->reader.last->moments->len; i++)
    g_assert_false (g_array_index (rig->reader.last->moments, NnMoment, i).fits);
  nn_session_fork (rig->session, 1);
  nn_session_go_to_run (rig->session, run + 1);
  fixture_set_model (rig->session, rig->design, rig->dataset, NULL, 3);
  reader_wait (&rig->reader, rig->session, rig->reader.last->revision == 3);
  g_assert_cmpuint (rig->reader.last->run, ==, run);
  nn_session_rewind (rig->session, 1);
  again = ask (rig, 0);
  assert_same_answer (then, again, TRUE);

  /* While it is on show, too. */
  g_ptr_array_set_size (rig->reader.results, 0);
  fixture_set_model (rig->session, wider, rig->dataset, NULL, 4);
  reader_wait (&rig->reader, rig->session,
               rig->reader.last->revision == 4 && rig->reader.results->len > 0);
  const NnProbeResult *refused = g_ptr_array_index (rig->reader.results, 0);
  g_assert_error (refused->error, NN_ERROR, NN_ERROR_SHAPE);
  nn_probe_result_unref (&then->base);
  nn_probe_result_unref (&again->base);
}

/* A loss that is no number takes training back: nothing of what came after is kept. */
static void
test_diverged (SessionRig *rig, gconstpointer data)
{
  g_autoptr (NnDesign) wild = fixture_with_rate (rig->design, "sgd", 100);
  guint64 most = 0; /* step of a moment */

  train (rig, 2);
  fixture_set_model (rig->session, wild, rig->dataset, NULL, 2);
  reader_wait_state (&rig->reader, rig->session, NN_SESSION_FINISHED, 2);
  const guint64 last = rig->reader.last->step;
  for (guint i = 1; rig->reader.last->state != NN_SESSION_FAILED; i++)
    {
      nn_session_step_batch (rig->session);
      reader_wait (&rig->reader, rig->session,
                   rig->reader.last->state == NN_SESSION_FAILED
                       || (rig->reader.last->step == last + i
                           && rig->reader.last->state != NN_SESSION_TRAINING));
      most = MAX (most, g_array_index (rig->reader.last->moments, NnMoment,
                                       rig->reader.last->moments->len - 1)
                            .step);
    }
  g_assert_cmpuint (most, >, rig->reader.last->step);
  for (guint i = 0; i < rig->reader.last->moments->len; i++)
    g_assert_cmpuint (g_array_index (rig->reader.last->moments, NnMoment, i).step, <=,
                      rig->reader.last->step);
}

#define ADD(path, func) g_test_add (path, SessionRig, NULL, rig_set_up, func, session_rig_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/rewind/look-back", test_look_back);
  ADD ("/rewind/while-training", test_while_training);
  ADD ("/rewind/fork", test_fork);
  ADD ("/rewind/return-to-run", test_return_to_run);
  ADD ("/rewind/reset", test_reset);
  ADD ("/rewind/edit", test_edit);
  ADD ("/rewind/diverged", test_diverged);
  return g_test_run ();
}
