/* bench: how fast lessons and projects train. */
#include "cli.h"

#include "diabolo-config.h"
#include "formats/nn-lessons.h"

/* Steps before the clock starts: caches filled, threads awake. */
#define WARM_UP_STEPS 20

typedef struct
{
  gint threads;
  double seconds;
  gboolean json;
  NnDataset *dataset; /* of the last lesson: most use the same */
} Bench;

typedef struct
{
  const char *lesson;
  guint batch_size;
  guint64 samples;
  double seconds;
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
                .batch_size = (guint)nn_params_int (nn_design_training (design), "batch-size") };
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
add_figure (const Bench *bench, const Figure *figure, JsonBuilder *json)
{
  double rate = (double)figure->samples / figure->seconds;
  if (!json)
    {
      g_print ("%-18s batch %-5u %8.0f samples/s\n", figure->lesson, figure->batch_size, rate);
      return;
    }
  json_builder_begin_object (json);
  cli_json_text (json, "lesson", figure->lesson);
  cli_json_number (json, "batch_size", figure->batch_size);
  cli_json_number (json, "samples", (double)figure->samples);
  cli_json_number (json, "seconds", figure->seconds);
  cli_json_number (json, "samples_per_second", rate);
  json_builder_end_object (json);
}

static CliStatus
run_bench (int argc, char **argv)
{
  Bench bench = { .seconds = 2 };
  const GOptionEntry options[] = {
    { "threads", 0, 0, G_OPTION_ARG_INT, &bench.threads, "Threads to use (0: one per processor)",
      "N" },
    { "seconds", 0, 0, G_OPTION_ARG_DOUBLE, &bench.seconds, "How long to train each (2)", "S" },
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
                            "Measures how fast lessons and projects train.", run_bench };
