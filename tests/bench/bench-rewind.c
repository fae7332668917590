/* bench-rewind [DATA [EPOCHS [ROUNDS [THREADS]]]]: what keeping moments to rewind to costs. Trains
 * the lesson `simple` in a session with and without them, alternating, and prints the speed of each
 * round, the medians of the ratios of time, by the clock and of the processors (which says more
 * where the machine has other work; with one thread), and the memory that the moments take at most.
 */
#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "data/nn-data-source.h"
#include "formats/nn-lessons.h"
#include "train/nn-session.h"

#define MEGABYTE 1e6

typedef struct
{
  NnDataset *dataset;
  NnAnalysis *analysis;
  guint n_epochs, n_threads;
} Bench;

typedef struct
{
  double seconds; /* of training, evaluations included */
  double cpu;     /* seconds of all processors */
  double peak;    /* bytes */
  guint n_moments;
} Round;

static double
cpu_seconds (void)
{
  struct timespec now;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec + now.tv_nsec / 1e9;
}

static Round
train (const Bench *bench, gsize budget)
{
  g_autoptr (NnSession) session = nn_session_new (bench->n_threads, NULL, NULL);
  Round round = { 0 };
  gboolean over = FALSE;

  const double begin = cpu_seconds ();
  nn_session_set_rewind_budget (session, budget);
  nn_session_set_model (session, bench->analysis, bench->dataset, NULL, 1);
  nn_session_train (session, bench->n_epochs);
  while (!over)
    {
      NnSnapshot *snapshot = nn_session_take (session);

      if (snapshot == NULL)
        {
          g_usleep (5000);
          continue;
        }
      for (guint i = 0; i < snapshot->rows->len; i++)
        round.seconds = MAX (round.seconds, g_array_index (snapshot->rows, NnRow, i).seconds);
      round.peak = MAX (round.peak, (double)snapshot->moments_bytes);
      round.n_moments = snapshot->moments->len;
      over = snapshot->epoch >= bench->n_epochs && snapshot->state == NN_SESSION_FINISHED;
      nn_snapshot_unref (snapshot);
    }
  round.cpu = cpu_seconds () - begin;
  return round;
}

static int
compare_double (gconstpointer a, gconstpointer b)
{
  const double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

static void
run (const Bench *bench, guint n_rounds)
{
  const double samples =
      (double)bench->n_epochs * (double)nn_dataset_n_samples (bench->dataset, NN_PART_TRAIN);
  g_autofree double *ratios = g_new (double, n_rounds), *cpu = g_new (double, n_rounds);

  for (guint i = 0; i < n_rounds; i++)
    {
      /* Whichever comes second has the warmer machine: they take turns. */
      Round with = { 0 }, without = { 0 };
      if (i % 2 == 0)
        with = train (bench, NN_TIMELINE_BUDGET);
      without = train (bench, 0);
      if (i % 2 == 1)
        with = train (bench, NN_TIMELINE_BUDGET);
      ratios[i] = with.seconds / without.seconds;
      cpu[i] = with.cpu / without.cpu;
      g_print ("round %u: %.0f samples/s with, %.0f without, time x %.4f (processors x %.4f); %u "
               "moments, at most %.1f "
               "MB\n",
               i + 1, samples / with.seconds, samples / without.seconds, ratios[i], cpu[i],
               with.n_moments, with.peak / MEGABYTE);
    }
  qsort (ratios, n_rounds, sizeof *ratios, compare_double);
  qsort (cpu, n_rounds, sizeof *cpu, compare_double);
  g_print ("median: %+.2f %% of training time, %+.2f %% of the processors' time\n",
           100 * (ratios[n_rounds / 2] - 1), 100 * (cpu[n_rounds / 2] - 1));
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NnDesign) design = nn_lesson_design ("simple", &error);
  Bench bench = { .n_epochs = argc > 2 ? (guint)atoi (argv[2]) : 50,
                  .n_threads = argc > 4 ? (guint)atoi (argv[4]) : 0 };
  const guint n_rounds = argc > 3 ? (guint)MAX (1, atoi (argv[3])) : 5;

  if (design != NULL)
    bench.dataset =
        nn_data_load (argc > 1 ? argv[1] : nn_params_text (nn_design_data (design), "name"), 1,
                      &(NnLoadContext){ 0 }, &error);
  if (bench.dataset == NULL)
    {
      g_printerr ("bench-rewind: %s\n", error->message);
      return 1;
    }
  bench.analysis = nn_analysis_new (design, nn_dataset_info (bench.dataset), 0);
  run (&bench, n_rounds);
  nn_analysis_unref (bench.analysis);
  nn_dataset_unref (bench.dataset);
  return 0;
}
