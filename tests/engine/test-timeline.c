/* What a timeline keeps: within its memory, evenly spaced, first and newest always. */
#include <math.h>

#include "base/nn-rng.h"
#include "model/nn-types.h"
#include "train/nn-timeline.h"

#define N_BATCHES 40
#define N_FLOATS 256 /* a weight and its two slots are 3 KB */
#define MOMENT_BYTES (3 * N_FLOATS * sizeof (float))

static NnCheckpoint *
make_checkpoint (guint64 run, guint64 step)
{
  const NnShape shape = nn_shape (N_FLOATS);
  g_autoptr (NnTensor) value = nn_tensor_new (&shape);
  NnTensor *const slots[] = { value, value };
  NnCheckpoint *checkpoint = nn_checkpoint_new ();

  nn_checkpoint_add (checkpoint, 1, "kernel", value, slots, G_N_ELEMENTS (slots));
  checkpoint->run = run;
  checkpoint->step = step;
  return checkpoint;
}

static void
add (NnTimeline *timeline, guint64 run, guint64 step)
{
  g_autoptr (NnCheckpoint) checkpoint = make_checkpoint (run, step);
  const NnMoment at = { .run = run, .step = step, .epoch = (double)step / N_BATCHES, .fits = TRUE };

  nn_timeline_add (timeline, &at, checkpoint, NULL);
}

/* As the worker does: before each batch it asks. */
static void
train (NnTimeline *timeline, guint64 run, guint64 from, guint64 to)
{
  for (guint64 step = from; step < to; step++)
    if (nn_timeline_wants (timeline, run, (double)step / N_BATCHES))
      add (timeline, run, step);
}

static GArray *
moments_of (const NnTimeline *timeline, guint64 run)
{
  g_autoptr (GArray) all = nn_timeline_list (timeline);
  GArray *some = g_array_new (FALSE, FALSE, sizeof (NnMoment));

  for (guint i = 0; i < all->len; i++)
    if (g_array_index (all, NnMoment, i).run == run)
      g_array_append_val (some, g_array_index (all, NnMoment, i));
  return some;
}

static guint64
step_at (const GArray *moments, guint position)
{
  return g_array_index (moments, NnMoment, position).step;
}

static void
test_few (void)
{
  g_autoptr (NnTimeline) timeline = nn_timeline_new (1 << 20);
  g_autoptr (GArray) moments = NULL;

  train (timeline, 1, 0, 2 * N_BATCHES + 1);
  moments = moments_of (timeline, 1);
  /* All eighths of two epochs, and their ends. */
  g_assert_cmpuint (moments->len, ==, 17);
  for (guint i = 0; i < moments->len; i++)
    g_assert_cmpuint (step_at (moments, i), ==, i * N_BATCHES / 8);
  g_assert_cmpuint (nn_timeline_bytes (timeline), ==, 17 * MOMENT_BYTES);
  g_assert_cmpuint (nn_timeline_n_moments (timeline), ==, 17);
}

/* However long it trains: the memory holds, and no gap is more than twice another. */
static void
test_thinning (void)
{
  const gsize budget = 50 * MOMENT_BYTES;
  g_autoptr (NnTimeline) timeline = nn_timeline_new (budget);

  for (guint epoch = 0; epoch < 300; epoch++)
    {
      g_autoptr (GArray) moments = NULL;
      guint64 widest = 0, narrowest = G_MAXUINT64;

      train (timeline, 1, epoch * N_BATCHES, (epoch + 1) * N_BATCHES);
      g_assert_cmpuint (nn_timeline_bytes (timeline), <=, budget);
      moments = moments_of (timeline, 1);
      g_assert_cmpuint (step_at (moments, 0), ==, 0);
      for (guint i = 1; i + 1 < moments->len; i++)
        {
          const guint64 gap = step_at (moments, i) - step_at (moments, i - 1);

          widest = MAX (widest, gap);
          narrowest = MIN (narrowest, gap);
        }
      if (moments->len > 2)
        g_assert_cmpuint (widest, ==, narrowest);
      if (epoch > 8)
        g_assert_cmpuint (moments->len, >=, 25);
      /* Long runs keep ends of epochs. */
      if (epoch > 60)
        for (guint i = 0; i + 1 < moments->len; i++)
          g_assert_cmpuint (step_at (moments, i) % N_BATCHES, ==, 0);
    }
}

/* Moments that come late, because keeping them takes long, are spaced as evenly as they can be. */
static void
test_late (void)
{
  const gsize budget = 40 * MOMENT_BYTES;
  g_autoptr (NnTimeline) timeline = nn_timeline_new (budget);
  g_autoptr (GArray) moments = NULL;
  guint64 widest = 0;
  NnRng rng;

  nn_rng_init (&rng, 3, NN_STREAM_DATA, 0, 0);
  for (guint64 step = 0; step < 200 * N_BATCHES; step += 1 + nn_rng_below (&rng, 12))
    if (nn_timeline_wants (timeline, 1, (double)step / N_BATCHES))
      add (timeline, 1, step);
  moments = moments_of (timeline, 1);
  g_assert_cmpuint (nn_timeline_bytes (timeline), <=, budget);
  for (guint i = 1; i + 1 < moments->len; i++)
    widest = MAX (widest, step_at (moments, i) - step_at (moments, i - 1));
  g_assert_cmpuint (moments->len, >=, 20);
  g_assert_cmpuint (widest, <=, 200 * N_BATCHES / 20 + 2 * 12);
}

static void
test_nearest (void)
{
  g_autoptr (NnTimeline) timeline = nn_timeline_new (1 << 20);

  g_assert_null (nn_timeline_nearest (timeline, 1, 0));
  train (timeline, 1, 0, 3 * N_BATCHES);
  g_assert_cmpuint (nn_timeline_nearest (timeline, 1, -5)->at.step, ==, 0);
  g_assert_cmpuint (nn_timeline_nearest (timeline, 1, 1.0)->at.step, ==, N_BATCHES);
  g_assert_cmpuint (nn_timeline_nearest (timeline, 1, 1.06)->at.step, ==, N_BATCHES);
  g_assert_cmpuint (nn_timeline_nearest (timeline, 1, 1.07)->at.step, ==, N_BATCHES + 5);
  g_assert_cmpuint (nn_timeline_nearest (timeline, 1, 99)->at.step, ==,
                    nn_timeline_last (timeline, 1)->at.step);
  g_assert_null (nn_timeline_nearest (timeline, 2, 1));
}

/* A run that goes on from another one has its past, and its own end. */
static void
test_fork (void)
{
  g_autoptr (NnTimeline) timeline = nn_timeline_new (1 << 20);
  g_autoptr (GArray) moments = NULL, first = NULL;

  train (timeline, 1, 0, 4 * N_BATCHES);
  nn_timeline_fork (timeline, 2, nn_timeline_nearest (timeline, 1, 2));
  g_assert_cmpuint (nn_timeline_last (timeline, 2)->at.step, ==, 2 * N_BATCHES);
  train (timeline, 2, 2 * N_BATCHES, 3 * N_BATCHES);
  moments = moments_of (timeline, 2);
  g_assert_cmpuint (moments->len, ==, 24);
  for (guint i = 0; i < moments->len; i++)
    g_assert_cmpuint (step_at (moments, i), ==, i * N_BATCHES / 8);
  first = moments_of (timeline, 1);
  g_assert_cmpuint (first->len, ==, 32);
  g_assert_cmpuint (nn_timeline_nearest (timeline, 2, 1)->at.run, ==, 1);
  g_assert_cmpuint (nn_timeline_nearest (timeline, 2, 2.5)->at.run, ==, 2);

  /* From its inherited past, too. */
  nn_timeline_fork (timeline, 3, nn_timeline_nearest (timeline, 2, 1));
  g_assert_cmpuint (nn_timeline_nearest (timeline, 3, 0.5)->at.step, ==, N_BATCHES / 2);

  /* Without the first run, the second has what is its own. */
  nn_timeline_forget (timeline, 1);
  g_assert_cmpuint (nn_timeline_nearest (timeline, 2, 0)->at.step, ==, 2 * N_BATCHES);
  g_assert_null (nn_timeline_last (timeline, 1));
}

/* Training that went back comes past the same steps again. */
static void
test_cut (void)
{
  g_autoptr (NnTimeline) timeline = nn_timeline_new (1 << 20);
  const gsize before = nn_timeline_bytes (timeline);

  train (timeline, 1, 0, 4 * N_BATCHES);
  nn_timeline_cut (timeline, 1, 2 * N_BATCHES + 1);
  g_assert_cmpuint (nn_timeline_last (timeline, 1)->at.step, ==, 2 * N_BATCHES);
  add (timeline, 1, N_BATCHES + 7);
  g_assert_cmpuint (nn_timeline_last (timeline, 1)->at.step, ==, N_BATCHES + 7);
  g_assert_cmpuint (nn_timeline_n_moments (timeline), ==, 11);
  nn_timeline_cut (timeline, 1, 0);
  g_assert_cmpuint (nn_timeline_bytes (timeline), ==, before);
}

/* Several runs share the memory; the longest gives first, and the ends of all stay. */
static void
test_many_runs (void)
{
  const gsize budget = 30 * MOMENT_BYTES;
  g_autoptr (NnTimeline) timeline = nn_timeline_new (budget);

  for (guint64 run = 1; run <= 8; run++)
    {
      train (timeline, run, 0, 20 * N_BATCHES);
      add (timeline, run, 20 * N_BATCHES); /* where it is left */
      g_assert_cmpuint (nn_timeline_bytes (timeline), <=, budget);
      for (guint64 i = 1; i <= run; i++)
        {
          g_assert_cmpuint (nn_timeline_nearest (timeline, i, 0)->at.step, ==, 0);
          g_assert_cmpuint (nn_timeline_last (timeline, i)->at.step, ==, 20 * N_BATCHES);
        }
    }
}

/* A budget that is too small for what has to stay gives up the oldest run, not the present one. */
static void
test_too_small (void)
{
  g_autoptr (NnTimeline) timeline = nn_timeline_new (5 * MOMENT_BYTES);
  g_autoptr (NnTimeline) tiny = nn_timeline_new (MOMENT_BYTES / 2);
  g_autoptr (NnTimeline) off = nn_timeline_new (0);

  for (guint64 run = 1; run <= 3; run++)
    train (timeline, run, 0, 2 * N_BATCHES);
  g_assert_null (nn_timeline_last (timeline, 1));
  g_assert_nonnull (nn_timeline_last (timeline, 2));
  g_assert_nonnull (nn_timeline_last (timeline, 3));
  nn_timeline_set_budget (timeline, MOMENT_BYTES);
  g_assert_cmpuint (nn_timeline_n_moments (timeline), ==, 1);
  g_assert_nonnull (nn_timeline_last (timeline, 3));

  add (tiny, 1, 0);
  g_assert_cmpuint (nn_timeline_bytes (tiny), ==, 0);
  g_assert_false (nn_timeline_wants (off, 1, 0));
  add (off, 1, 0);
  g_assert_null (nn_timeline_last (off, 1));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/timeline/few", test_few);
  g_test_add_func ("/timeline/thinning", test_thinning);
  g_test_add_func ("/timeline/late", test_late);
  g_test_add_func ("/timeline/nearest", test_nearest);
  g_test_add_func ("/timeline/fork", test_fork);
  g_test_add_func ("/timeline/cut", test_cut);
  g_test_add_func ("/timeline/many-runs", test_many_runs);
  g_test_add_func ("/timeline/too-small", test_too_small);
  return g_test_run ();
}
