/* Hundreds of commands at random moments, for ThreadSanitizer and for what must hold whatever the
 * order: no row is lost or doubled, nothing is told of a design that is not there yet, the owner is
 * woken for all that is new, and the end comes at once. */
#include <stdatomic.h>

#include "explore/nn-node-values-probe.h"
#include "session-fixture.h"

#define SESSIONS 20
#define COMMANDS 60  /* of each session */
#define LONGEST 4000 /* microseconds between two of them */

typedef struct
{
  NnSession *session;
  Reader reader;
  atomic_uint wakes;
  guint seen_wakes;
  guint revision;
  NnDataset *datasets[2];
  NnDesign *designs[5]; /* the last cannot be trained */
  GPtrArray *probes;
} Rig;

static void
wake (gpointer data)
{
  Rig *rig = data;

  atomic_fetch_add (&rig->wakes, 1);
}

/* Looks only when told to. */
static void
look (Rig *rig)
{
  const guint wakes = atomic_load (&rig->wakes);

  if (wakes == rig->seen_wakes)
    return;
  rig->seen_wakes = wakes;
  if (!reader_look (&rig->reader, rig->session))
    return;
  g_assert_cmpuint (rig->reader.last->revision, <=, rig->revision);
  for (guint i = 0; i < rig->reader.last->results->len; i++)
    {
      const NnProbeResult *result = g_ptr_array_index (rig->reader.last->results, i);

      g_assert_cmpuint (result->revision, <=, rig->revision);
    }
}

/* ---- commands ---- */

static void
do_train (Rig *rig)
{
  nn_session_train (rig->session, (guint)g_test_rand_int_range (1, 100));
}

static void
do_pause (Rig *rig)
{
  nn_session_pause (rig->session);
}

static void
do_step_batch (Rig *rig)
{
  nn_session_step_batch (rig->session);
}

static void
do_step_epoch (Rig *rig)
{
  nn_session_step_epoch (rig->session);
}

static void
do_reset (Rig *rig)
{
  nn_session_reset (rig->session, (guint64)g_test_rand_int ());
}

static void
do_edit (Rig *rig)
{
  NnDesign *design = rig->designs[g_test_rand_int_range (0, G_N_ELEMENTS (rig->designs))];
  g_autoptr (NnDesign) own = nn_design_with_title (design, "Edited");

  fixture_set_model (rig->session, own, rig->datasets[g_test_rand_int_range (0, 2)], NULL,
                     ++rig->revision);
}

static void
do_drag (Rig *rig)
{
  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (NnDesign) design = fixture_with_rate (rig->designs[0], "adam", 0.001 * (1 + i));

      fixture_set_model (rig->session, design, rig->datasets[0], NULL, ++rig->revision);
    }
}

static void
do_checkpoint (Rig *rig)
{
  nn_session_request_checkpoint (rig->session);
}

/* Goes on from the last checkpoint that came. */
static void
do_open (Rig *rig)
{
  if (rig->reader.checkpoint != NULL)
    fixture_set_model (rig->session, rig->designs[0], rig->datasets[0], rig->reader.checkpoint,
                       ++rig->revision);
}

static void
do_probes (Rig *rig)
{
  const guint32 sample = (guint32)g_test_rand_int_range (0, 2000);

  if (rig->probes->len > 3)
    g_ptr_array_remove_index (rig->probes, 0);
  g_ptr_array_add (rig->probes, nn_node_values_probe_new (nn_probe_next_id (), NN_PART_TEST,
                                                          (NnPick)g_test_rand_int_range (0, 3),
                                                          &sample, 1, sample, NULL, 0));
  nn_session_set_probes (rig->session, rig->probes);
}

static void (*const commands[]) (Rig *rig) = {
  do_train,      do_train, do_train,      do_pause, do_step_batch, do_step_epoch, do_reset,
  do_checkpoint, do_edit,  do_checkpoint, do_drag,  do_probes,     do_open
};

/* ---- what must hold ---- */

/* Steps of a run rise one by one, but where training went on from a checkpoint or was reset; every
 * batch of a row is followed by the next one's. */
static void
check_rows (const Reader *reader)
{
  guint jumps = 0;
  const NnRow *before = NULL;

  for (guint i = 0; i < reader->rows->len; i++)
    {
      const NnRow *row = &g_array_index (reader->rows, NnRow, i);

      g_assert_true (isfinite (row->loss));
      if (row->kind != NN_ROW_BATCH)
        {
          g_assert_nonnull (before);
          continue;
        }
      if (before != NULL && (row->run != before->run || row->step != before->step + 1))
        jumps++;
      before = row;
    }
  /* Each jump is due to one command. */
  g_assert_cmpuint (jumps, <=, COMMANDS);
}

static void
rig_set_up (Rig *rig, guint n_threads)
{
  static const guint units[] = { 3, 4, 8 };

  *rig = (Rig){ 0 };
  atomic_init (&rig->wakes, 0);
  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    rig->designs[i] = fixture_design (units[i]);
  rig->designs[3] = fixture_with_rate (rig->designs[0], "sgd", 0.05);
  rig->designs[4] = nn_design_disconnect (rig->designs[0], FIXTURE_CODE, 0);
  rig->datasets[0] = fixture_dataset (512, 2000);
  rig->datasets[1] = fixture_dataset (300, 1200);
  rig->probes = g_ptr_array_new_with_free_func ((GDestroyNotify)nn_probe_unref);
  reader_init (&rig->reader);
  rig->session = nn_session_new (n_threads, wake, rig);
}

static void
rig_clear (Rig *rig)
{
  for (guint i = 0; i < G_N_ELEMENTS (rig->designs); i++)
    nn_design_unref (rig->designs[i]);
  for (guint i = 0; i < G_N_ELEMENTS (rig->datasets); i++)
    nn_dataset_unref (rig->datasets[i]);
  g_ptr_array_unref (rig->probes);
  reader_clear (&rig->reader);
}

static void
test_random (void)
{
  for (guint i = 0; i < SESSIONS; i++)
    {
      Rig rig;

      rig_set_up (&rig, 1 + i % 3);
      fixture_set_model (rig.session, rig.designs[0], rig.datasets[0], NULL, ++rig.revision);
      for (guint k = 0; k < COMMANDS; k++)
        {
          commands[g_test_rand_int_range (0, G_N_ELEMENTS (commands))](&rig);
          if (g_test_rand_int_range (0, 3) > 0)
            g_usleep (g_test_rand_int_range (0, LONGEST));
          if (g_test_rand_int_range (0, 2) > 0)
            look (&rig);
        }
      /* Every second session ends in the middle of things. */
      if (i % 2 == 0)
        {
          const gint64 deadline = g_get_monotonic_time () + 30 * G_USEC_PER_SEC;

          fixture_set_model (rig.session, rig.designs[0], rig.datasets[0], NULL, ++rig.revision);
          nn_session_train (rig.session, 5000);
          nn_session_pause (rig.session);
          while (rig.reader.last == NULL || rig.reader.last->revision != rig.revision
                 || rig.reader.last->state == NN_SESSION_TRAINING)
            {
              g_assert_cmpint (g_get_monotonic_time (), <, deadline);
              look (&rig);
              g_usleep (100);
            }
        }
      g_assert_cmpuint (rig.reader.errors->len, ==, 0);
      check_rows (&rig.reader);
      nn_session_free (rig.session);
      rig_clear (&rig);
    }
}

/* Made and ended at any moment, before it has done anything too. */
static void
test_short_lives (void)
{
  Rig rig;

  rig_set_up (&rig, 1);
  nn_session_free (rig.session);
  for (guint i = 0; i < 100; i++)
    {
      rig.session = nn_session_new (1 + i % 3, wake, &rig);
      if (i % 3 > 0)
        fixture_set_model (rig.session, rig.designs[0], rig.datasets[0], NULL, 1);
      if (i % 3 > 1)
        nn_session_train (rig.session, 1000);
      g_usleep (g_test_rand_int_range (0, LONGEST));
      const gint64 begin = g_get_monotonic_time ();
      nn_session_free (rig.session);
      g_assert_cmpint (g_get_monotonic_time () - begin, <, 5 * G_USEC_PER_SEC);
    }
  rig_clear (&rig);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/session-threads/random", test_random);
  g_test_add_func ("/session-threads/short-lives", test_short_lives);
  return g_test_run ();
}
