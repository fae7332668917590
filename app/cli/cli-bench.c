/* bench: how fast lessons and projects train, or answer. */
#include "cli.h"

#include <math.h>

#include "diabolo-config.h"
#include "formats/nn-lessons.h"

/* Steps before the clock starts: caches filled, threads awake. */
#define WARM_UP_STEPS 20

/* Codes that are timed together: as many as a map of a test part shows. */
#define N_CODES 10000
/* A median of fewer measurements says little. */
#define LEAST_ROUNDS 5

typedef struct
{
  gint threads;
  double seconds;
  gboolean json, inference;
  NnDataset *dataset; /* of the last lesson: most use the same */
} Bench;

typedef struct
{
  const char *lesson;
  guint batch_size;
  gint64 multiply_adds; /* of one sample, forwards */
  guint64 samples;
  double seconds;
  double one_sample, codes; /* seconds, medians; NaN where the network has no output or no code */
} Figure;

/* Of a lesson, or of a project where a file is named. (transfer full) */
static NnDesign *
design_of (const char *name, GError **error)
{
  if (!g_str_has_suffix (name, ".diabolo"))
    return nn_lesson_design (name, error);
  g_autoptr (NnProject) project = nn_project_load (name, NULL, error);
  return project ? nn_design_ref (project->design) : NULL;
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Median of the seconds in which the viewers' way to a node's output gives it for n samples, over
 * and over while `seconds` last. NaN without such a node. */
static double
time_values (NnTrainer *trainer, guint node, guint n, double seconds)
{
  NnAnalysis *analysis = nn_trainer_analysis (trainer);
  const gint value = node ? nn_analysis_value (analysis, node, 0) : -1;
  if (value < 0)
    return NAN;
  NnDataset *dataset = nn_trainer_dataset (trainer);
  const NnPart part =
      nn_dataset_n_samples (dataset, NN_PART_TEST) > 0 ? NN_PART_TEST : NN_PART_TRAIN;
  const gsize n_samples = nn_dataset_n_samples (dataset, part);
  const gsize size = (gsize)nn_program_value (nn_analysis_program (analysis), value)->size;
  g_autofree guint32 *index = g_new (guint32, n);
  g_autofree float *out = g_new (float, n *size);
  for (guint i = 0; i < n; i++)
    index[i] = (guint32)(i % n_samples);
  const guint want = (guint)value;

  /* The first call makes the plan. */
  nn_trainer_values (trainer, part, index, n, NULL, 1, &want, &out, NULL);
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (double));
  double sum = 0;
  do
    {
      const gint64 start = g_get_monotonic_time ();
      nn_trainer_values (trainer, part, index, n, NULL, 1, &want, &out, NULL);
      const double time = (double)(g_get_monotonic_time () - start) / G_USEC_PER_SEC;
      g_array_append_val (times, time);
      sum += time;
    }
  while (sum < seconds || times->len < LEAST_ROUNDS);
  g_array_sort (times, compare_doubles);
  return g_array_index (times, double, times->len / 2);
}

static gboolean
measure (Bench *bench, const char *lesson, Figure *figure, GError **error)
{
  g_autoptr (NnDesign) design = design_of (lesson, error);
  if (!design)
    return FALSE;
  g_autoptr (CliProgress) progress = cli_progress_new (bench->json);
  g_auto (CliWork) work = { 0 };
  const char *data = nn_params_text (nn_design_data (design), "name");
  if (bench->dataset && g_str_equal (nn_dataset_info (bench->dataset)->name, data))
    work.dataset = nn_dataset_ref (bench->dataset);
  if (!cli_work_init (&work, design, (guint)bench->threads, progress, error))
    return FALSE;
  g_clear_pointer (&bench->dataset, nn_dataset_unref);
  bench->dataset = nn_dataset_ref (work.dataset);
  g_autoptr (NnTrainer) trainer =
      nn_trainer_new (work.analysis, work.dataset, NULL, work.pool, error);
  if (!trainer)
    return FALSE;

  NnStep step;
  for (guint i = 0; i < WARM_UP_STEPS; i++)
    if (!nn_trainer_step (trainer, &step, error))
      return FALSE;
  *figure =
      (Figure){ .lesson = lesson,
                .batch_size = (guint)nn_params_int (nn_design_training (design), "batch-size"),
                .multiply_adds = nn_analysis_total_macs (work.analysis) };
  if (bench->inference)
    {
      figure->one_sample =
          time_values (trainer, nn_analysis_answer_node (work.analysis), 1, bench->seconds);
      figure->codes =
          time_values (trainer, nn_analysis_code_node (work.analysis), N_CODES, bench->seconds);
      return TRUE;
    }
  gint64 start = g_get_monotonic_time ();
  do
    {
      if (!nn_trainer_step (trainer, &step, error))
        return FALSE;
      figure->samples += step.n;
      figure->seconds = (double)(g_get_monotonic_time () - start) / G_USEC_PER_SEC;
    }
  while (figure->seconds < bench->seconds);
  return TRUE;
}

static void
add_training (const Figure *figure, JsonBuilder *json)
{
  double rate = (double)figure->samples / figure->seconds;
  if (!json)
    {
      g_print ("%-18s batch %-5u %8.0f samples/s\n", figure->lesson, figure->batch_size, rate);
      return;
    }
  cli_json_number (json, "samples", (double)figure->samples);
  cli_json_number (json, "seconds", figure->seconds);
  cli_json_number (json, "samples_per_second", rate);
}

static void
add_inference (const Figure *figure, JsonBuilder *json)
{
  if (json)
    {
      cli_json_number (json, "one_sample_seconds", figure->one_sample);
      cli_json_number (json, "codes", N_CODES);
      cli_json_number (json, "codes_seconds", figure->codes);
      return;
    }
  g_print ("%-24s", figure->lesson);
  if (!isnan (figure->one_sample))
    g_print (" one sample %7.3f ms", figure->one_sample * 1e3);
  if (!isnan (figure->codes))
    g_print (" %d codes %7.1f ms", N_CODES, figure->codes * 1e3);
  g_print ("\n");
}

static void
add_figure (const Bench *bench, const Figure *figure, JsonBuilder *json)
{
  if (json)
    {
      json_builder_begin_object (json);
      cli_json_text (json, "lesson", figure->lesson);
      cli_json_number (json, "batch_size", figure->batch_size);
      cli_json_number (json, "multiply_adds", (double)figure->multiply_adds);
    }
  if (bench->inference)
    add_inference (figure, json);
  else
    add_training (figure, json);
  if (json)
    json_builder_end_object (json);
}

static CliStatus
run_bench (int argc, char **argv)
{
  Bench bench = { .seconds = 2 };
  const GOptionEntry options[] = {
    { "threads", 0, 0, G_OPTION_ARG_INT, &bench.threads, "Threads to use (0: one per processor)",
      "N" },
    { "seconds", 0, 0, G_OPTION_ARG_DOUBLE, &bench.seconds, "How long to measure each (2)", "S" },
    { "inference", 0, 0, G_OPTION_ARG_NONE, &bench.inference,
      "Time the output for one sample and the codes of many, in place of training", NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &bench.json, "Print one JSON object", NULL },
    G_OPTION_ENTRY_NULL,
  };
  guint n_lessons;
  const NnLesson *lessons = nn_lessons (&n_lessons);
  if (!cli_parse (&cli_bench, options, &argc, &argv, 0, G_MAXINT))
    return CLI_USAGE;
  if (bench.threads < 0 || !(bench.seconds > 0))
    return cli_wrong_usage ("bench", "--threads must be 0 or more, --seconds more than 0");

  g_autoptr (JsonBuilder) json = bench.json ? json_builder_new () : NULL;
  if (json)
    {
      json_builder_begin_object (json);
      cli_json_number (json, "threads",
                       bench.threads ? bench.threads : (double)g_get_num_processors ());
      cli_json_text (json, "kernels", nn_kernels_best ()->name);
      json_builder_set_member_name (json, "lessons");
      json_builder_begin_array (json);
    }
  g_autoptr (GError) error = NULL;
  guint n = argc > 1 ? (guint)argc - 1 : n_lessons;
  for (guint i = 0; i < n && !error; i++)
    {
      Figure figure;
      if (measure (&bench, argc > 1 ? argv[i + 1] : lessons[i].id, &figure, &error))
        add_figure (&bench, &figure, json);
    }
  g_clear_pointer (&bench.dataset, nn_dataset_unref);
  if (error)
    return cli_failed ("bench", error);
  if (json)
    {
      json_builder_end_array (json);
      json_builder_end_object (json);
      cli_print_json (json);
    }
  return CLI_DONE;
}

const CliVerb cli_bench = { "bench", "[LESSON|FILE…]",
                            "Measures how fast lessons and projects train, or answer.", run_bench };
