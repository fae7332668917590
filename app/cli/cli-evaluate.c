/* evaluate: the loss over the test part. */
#include "cli.h"

#include <math.h>

#include "diabolo-config.h"

static CliStatus
run_evaluate (int argc, char **argv)
{
  g_autofree char *data = NULL;
  gboolean as_json = FALSE;
  const GOptionEntry options[] = {
    { "data", 0, 0, G_OPTION_ARG_FILENAME, &data, "Evaluate on this data set", "NAME|PATH" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print one JSON object", NULL },
    G_OPTION_ENTRY_NULL,
  };
  if (!cli_parse (&cli_evaluate, options, &argc, &argv, 1, 1))
    return CLI_USAGE;

  g_autoptr (GError) error = NULL;
  g_autoptr (CliProgress) progress = cli_progress_new (as_json);
  g_auto (CliWork) work = { 0 };
  work.project = nn_project_load (argv[1], NULL, &error);
  if (!work.project)
    return cli_failed ("evaluate", error);
  g_autoptr (NnDesign) design = cli_design_with_data (work.project->design, data, &error);
  if (!design || !cli_work_init (&work, design, 0, progress, &error))
    return cli_failed ("evaluate", error);
  if (!work.project->checkpoint)
    cli_note ("evaluate", "not trained yet: these are weights as drawn");
  g_autoptr (NnTrainer) trainer =
      nn_trainer_new (work.analysis, work.dataset, work.project->checkpoint, work.pool, &error);
  if (!trainer)
    return cli_failed ("evaluate", error);

  gsize n = nn_dataset_n_samples (work.dataset, NN_PART_TEST);
  if (n == 0)
    return cli_wrong_usage ("evaluate", "the data set has no test part");
  NnEvaluation evaluation = { 0 };
  while (!nn_trainer_evaluate (trainer, NN_PART_TEST, &evaluation))
    cli_progress_show (progress, (double)evaluation.position / (double)n, "evaluating");
  cli_progress_clear (progress);

  if (as_json)
    {
      g_autoptr (JsonBuilder) json = json_builder_new ();
      json_builder_begin_object (json);
      cli_json_text (json, "data", nn_dataset_info (work.dataset)->name);
      cli_json_number (json, "samples", (double)n);
      cli_json_number (json, "validation_loss", evaluation.loss);
      cli_json_number (json, "validation_accuracy", evaluation.accuracy);
      json_builder_end_object (json);
      cli_print_json (json);
      return CLI_DONE;
    }
  g_print ("validation %.4f", evaluation.loss);
  if (isfinite (evaluation.accuracy))
    g_print (", accuracy %.4f", evaluation.accuracy);
  g_print (" over %" G_GSIZE_FORMAT " samples of %s\n", n, nn_dataset_info (work.dataset)->title);
  return CLI_DONE;
}

const CliVerb cli_evaluate = { "evaluate", "FILE",
                               "Prints the loss over the test part of the data.", run_evaluate };
