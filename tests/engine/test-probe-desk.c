/* Which question is answered next: a hand's before all others, the cheapest of them first; one
 * answer for all who ask the same or less. The questions are made up and count how often they are
 * computed. */
#include "base/nn-error.h"
#include "explore/nn-codes-probe.h"
#include "explore/nn-probe-desk.h"
#include "session-fixture.h"

#define N_TRAIN 64
#define N_TEST 3000

/* ---- questions that take as long as they are told ---- */

typedef struct
{
  NnProbe base;
  guint size; /* covers what is smaller */
  guint milliseconds;
  guint *n_computed;
} Question;

typedef struct
{
  NnProbeResult base;
  guint size;
} Answer;

static NnProbeResult *
compute (NnProbe *base, NnTrainer *trainer, GError **error)
{
  const Question *question = (const Question *)base;
  Answer *answer = g_new0 (Answer, 1);

  ++*question->n_computed;
  g_usleep (1000 * question->milliseconds);
  answer->size = question->size;
  return &answer->base;
}

static gboolean
covers (const NnProbe *probe, const NnProbe *other)
{
  return ((const Question *)probe)->size >= ((const Question *)other)->size;
}

static NnProbeResult *
extract (const NnProbeResult *result, const NnProbe *other, const NnProbeResult *last)
{
  Answer *answer = g_new0 (Answer, 1);

  answer->size = ((const Question *)other)->size;
  return &answer->base;
}

static void
free_probe (NnProbe *probe)
{
  g_free (probe);
}

static void
free_result (NnProbeResult *result)
{
  g_free (result);
}

static const NnProbeType alone_type = {
  .name = "alone",
  .compute = compute,
  .free_probe = free_probe,
  .free_result = free_result,
  .result_size = sizeof (Answer),
};

static const NnProbeType shared_type = {
  .name = "shared",
  .compute = compute,
  .covers = covers,
  .extract = extract,
  .free_probe = free_probe,
  .free_result = free_result,
  .result_size = sizeof (Answer),
};

static NnProbe *
question (const NnProbeType *type, guint id, guint size, guint milliseconds, guint *n_computed)
{
  Question *probe = g_new0 (Question, 1);

  g_atomic_ref_count_init (&probe->base.refs);
  probe->base.type = type;
  probe->base.id = id;
  probe->size = size;
  probe->milliseconds = milliseconds;
  probe->n_computed = n_computed;
  return &probe->base;
}

/* ---- a desk ---- */

typedef struct
{
  NnDataset *dataset;
  NnPool *pool;
  NnTrainer *trainer;
  NnProbeDesk desk;
  GPtrArray *probes, *results;
} Rig;

static void
rig_set_up (Rig *rig, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NnDesign) design = fixture_design (4);

  rig->dataset = fixture_dataset (N_TRAIN, N_TEST);
  rig->pool = nn_pool_new (1);
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, nn_dataset_info (rig->dataset), 0);
  rig->trainer = nn_trainer_new (analysis, rig->dataset, NULL, rig->pool, &error);
  g_assert_no_error (error);
  nn_probe_desk_init (&rig->desk);
  rig->probes = g_ptr_array_new_with_free_func ((GDestroyNotify)nn_probe_unref);
  rig->results = g_ptr_array_new_with_free_func ((GDestroyNotify)nn_probe_result_unref);
}

static void
rig_tear_down (Rig *rig, gconstpointer data)
{
  nn_probe_desk_clear (&rig->desk);
  g_ptr_array_unref (rig->probes);
  g_ptr_array_unref (rig->results);
  nn_trainer_free (rig->trainer);
  nn_pool_free (rig->pool);
  nn_dataset_unref (rig->dataset);
}

/* Takes probe (transfer full) as one more, or in place of the one with its id. */
static void
ask (Rig *rig, NnProbe *probe)
{
  for (guint i = 0; i < rig->probes->len; i++)
    if (((NnProbe *)g_ptr_array_index (rig->probes, i))->id == probe->id)
      g_ptr_array_remove_index (rig->probes, i);
  g_ptr_array_add (rig->probes, probe);
  nn_probe_desk_set (&rig->desk, rig->probes);
}

static void
answer (Rig *rig, guint64 change, gboolean training)
{
  g_ptr_array_set_size (rig->results, 0);
  nn_probe_desk_answer (&rig->desk, change, training, rig->trainer, 1, rig->results);
}

static const NnProbeResult *
answer_to (Rig *rig, guint id)
{
  for (guint i = 0; i < rig->results->len; i++)
    if (((NnProbeResult *)g_ptr_array_index (rig->results, i))->probe == id)
      return g_ptr_array_index (rig->results, i);
  return NULL;
}

/* ---- priorities ---- */

static void
test_urgent_first (Rig *rig, gconstpointer data)
{
  guint old = 0, new = 0;

  ask (rig, question (&alone_type, 1, 0, 20, &old));
  answer (rig, 1, TRUE);
  g_assert_cmpuint (old, ==, 1);
  g_assert_false (nn_probe_desk_is_urgent (&rig->desk));

  /* Its share of the time is used up for a while; a hand does not mind. */
  answer (rig, 2, TRUE);
  g_assert_cmpuint (rig->results->len, ==, 0);
  for (guint move = 1; move <= 5; move++)
    {
      ask (rig, question (&alone_type, 2, 0, 0, &new));
      g_assert_true (nn_probe_desk_is_urgent (&rig->desk));
      answer (rig, 2, TRUE);
      g_assert_cmpuint (new, ==, move);
      g_assert_nonnull (answer_to (rig, 2));
      g_assert_null (answer_to (rig, 1));
    }
  g_assert_cmpuint (old, ==, 1);
  g_assert_true (nn_probe_desk_is_due (&rig->desk, 2));

  /* While nothing trains there is nobody to share with. */
  answer (rig, 2, FALSE);
  g_assert_cmpuint (old, ==, 2);
  answer (rig, 2, FALSE);
  g_assert_false (nn_probe_desk_is_due (&rig->desk, 2));
  g_assert_cmpuint (old, ==, 2);
}

/* Of what a hand moves at once, the small picture under it before the large one. */
static void
test_cheapest_first (Rig *rig, gconstpointer data)
{
  guint large = 0, small = 0;

  ask (rig, question (&alone_type, 1, 0, 4, &large));
  ask (rig, question (&alone_type, 2, 0, 0, &small));
  answer (rig, 1, TRUE);
  answer (rig, 1, TRUE);
  g_assert_cmpuint (large, ==, 1);
  g_assert_cmpuint (small, ==, 1);
  ask (rig, question (&alone_type, 1, 0, 4, &large));
  ask (rig, question (&alone_type, 2, 0, 0, &small));
  answer (rig, 1, TRUE);
  g_assert_cmpuint (small, ==, 2);
  g_assert_cmpuint (large, ==, 1);
  answer (rig, 1, TRUE);
  g_assert_cmpuint (large, ==, 2);
}

/* What a hand moves leaves the rest behind: nobody looks at that meanwhile. */
static void
test_in_hand (Rig *rig, gconstpointer data)
{
  guint moved = 0, rest = 0;

  ask (rig, question (&alone_type, 1, 0, 0, &rest));
  answer (rig, 1, TRUE);
  ask (rig, question (&alone_type, 2, 0, 0, &moved));
  answer (rig, 1, TRUE);
  g_assert_false (nn_probe_desk_in_hand (&rig->desk));
  g_usleep (G_USEC_PER_SEC / 25); /* longer than the other's pause without a hand */
  ask (rig, question (&alone_type, 2, 0, 0, &moved));
  g_assert_true (nn_probe_desk_in_hand (&rig->desk));
  answer (rig, 2, TRUE);
  answer (rig, 2, TRUE);
  g_assert_cmpuint (moved, ==, 2);
  g_assert_cmpuint (rest, ==, 1);
  /* Not for ever. */
  g_usleep (G_USEC_PER_SEC / 5);
  answer (rig, 3, TRUE);
  g_assert_cmpuint (rest, ==, 2);
}

/* ---- sharing ---- */

static void
test_shared (Rig *rig, gconstpointer data)
{
  guint n[4] = { 0 };

  ask (rig, question (&shared_type, 1, 10, 0, &n[0]));
  ask (rig, question (&shared_type, 2, 30, 0, &n[1]));
  ask (rig, question (&shared_type, 3, 30, 0, &n[2]));
  ask (rig, question (&alone_type, 4, 10, 0, &n[3]));
  for (guint i = 0; i < 2; i++)
    answer (rig, 1, FALSE);
  g_assert_false (nn_probe_desk_is_due (&rig->desk, 1));
  g_assert_cmpuint (n[0] + n[2], ==, 0);
  g_assert_cmpuint (n[1], ==, 1);
  g_assert_cmpuint (n[3], ==, 1);

  /* Other weights: everybody hears of them, each with their own part. */
  answer (rig, 2, FALSE);
  if (answer_to (rig, 4) != NULL)
    answer (rig, 2, FALSE);
  g_assert_cmpuint (rig->results->len, ==, 3);
  for (guint id = 1; id <= 3; id++)
    {
      const Answer *part = (const Answer *)answer_to (rig, id);

      g_assert_nonnull (part);
      g_assert_cmpuint (part->size, ==, id == 1 ? 10 : 30);
    }
  g_assert_cmpuint (n[1], ==, 2);

  /* Whoever comes later gets what is there. */
  ask (rig, question (&shared_type, 5, 20, 0, &n[0]));
  g_assert_true (nn_probe_desk_is_urgent (&rig->desk));
  answer (rig, 2, FALSE);
  g_assert_nonnull (answer_to (rig, 5));
  g_assert_cmpuint (n[0], ==, 0);
  g_assert_cmpuint (n[1], ==, 2);
}

/* When the one that asks for most goes, the next one is asked instead. */
static void
test_leader_leaves (Rig *rig, gconstpointer data)
{
  guint small = 0, large = 0;

  ask (rig, question (&shared_type, 1, 10, 0, &small));
  ask (rig, question (&shared_type, 2, 30, 0, &large));
  answer (rig, 1, FALSE);
  g_assert_cmpuint (small, ==, 0);
  g_ptr_array_remove_index (rig->probes, 1);
  nn_probe_desk_set (&rig->desk, rig->probes);
  answer (rig, 2, FALSE);
  g_assert_cmpuint (small, ==, 1);
  g_assert_cmpuint (rig->results->len, ==, 1);
  g_assert_nonnull (answer_to (rig, 1));
}

/* Latent, Code and VAE terms: the same pass over the samples; who asks again starts no new one. */
static void
test_codes (Rig *rig, gconstpointer data)
{
  const NnCodesResult *all = NULL, *first = NULL;

  ask (rig, nn_codes_probe_new (1, NN_PART_TEST, NULL, NN_CODES_MAX_SAMPLES));
  ask (rig, nn_codes_probe_new (2, NN_PART_TEST, NULL, 2000));
  while (nn_probe_desk_is_due (&rig->desk, 1))
    answer (rig, 1, FALSE);
  all = (const NnCodesResult *)answer_to (rig, 1);
  first = (const NnCodesResult *)answer_to (rig, 2);
  g_assert_nonnull (all);
  g_assert_nonnull (first);
  g_assert_cmpuint (all->samples->len, ==, N_TEST);
  g_assert_cmpuint (first->samples->len, ==, 2000);
  g_assert_cmpuint (first->labels->len, ==, 2000);
  g_assert_cmpuint (first->pass, ==, all->pass);
  g_assert_cmpmem (first->codes->data, first->codes->size * sizeof (float), all->codes->data,
                   first->codes->size * sizeof (float));

  const guint64 pass = all->pass;
  ask (rig, nn_codes_probe_new (1, NN_PART_TEST, NULL, NN_CODES_MAX_SAMPLES));
  answer (rig, 1, FALSE);
  all = (const NnCodesResult *)answer_to (rig, 1);
  g_assert_nonnull (all);
  g_assert_cmpuint (all->samples->len, ==, N_TEST);
  g_assert_cmpuint (all->pass, ==, pass);

  /* Another part, or chosen samples, is another question. */
  ask (rig, nn_codes_probe_new (3, NN_PART_TRAIN, NULL, 50));
  ask (rig, nn_codes_probe_new (4, NN_PART_TEST, (const guint32[]){ 5, 7 }, 2));
  while (nn_probe_desk_is_urgent (&rig->desk))
    {
      answer (rig, 1, FALSE);
      g_assert_cmpuint (rig->results->len, ==, 1);
      const NnCodesResult *other = g_ptr_array_index (rig->results, 0);
      g_assert_cmpuint (other->samples->len, ==, other->base.probe == 3 ? 50 : 2);
    }
}

static void
test_error (Rig *rig, gconstpointer data)
{
  /* No samples are no part of any. */
  ask (rig, nn_codes_probe_new (1, NN_PART_TEST, NULL, 100));
  ask (rig, nn_codes_probe_new (2, NN_PART_TEST, NULL, 0));
  while (nn_probe_desk_is_due (&rig->desk, 1))
    {
      answer (rig, 1, FALSE);
      g_assert_cmpuint (rig->results->len, ==, 1);
      const NnProbeResult *result = g_ptr_array_index (rig->results, 0);
      if (result->probe == 1)
        g_assert_no_error (result->error);
      else
        g_assert_error (result->error, NN_ERROR, NN_ERROR_RANGE);
    }
  /* Two questions about samples that there are not. */
  ask (rig, nn_codes_probe_new (1, NN_PART_TEST, (const guint32[]){ N_TEST }, 1));
  ask (rig, nn_codes_probe_new (2, NN_PART_TEST, (const guint32[]){ N_TEST }, 1));
  answer (rig, 1, FALSE);
  g_assert_cmpuint (rig->results->len, ==, 2);
  for (guint i = 0; i < rig->results->len; i++)
    g_assert_error (((NnProbeResult *)g_ptr_array_index (rig->results, i))->error, NN_ERROR,
                    NN_ERROR_RANGE);
}

#define ADD(path, func) g_test_add (path, Rig, NULL, rig_set_up, func, rig_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/probe-desk/urgent-first", test_urgent_first);
  ADD ("/probe-desk/cheapest-first", test_cheapest_first);
  ADD ("/probe-desk/in-hand", test_in_hand);
  ADD ("/probe-desk/shared", test_shared);
  ADD ("/probe-desk/leader-leaves", test_leader_leaves);
  ADD ("/probe-desk/codes", test_codes);
  ADD ("/probe-desk/error", test_error);
  return g_test_run ();
}
