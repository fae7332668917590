/* evaluate: loss and metrics over the test part. */
#include "cli.h"

#include <math.h>

#include "diabolo-config.h"

/* What a node's numbers are listed under; 0 are the penalties on all weights. */
static const char *
name_of (const NnDesign *design, guint node)
{
  const NnNode *found = node ? nn_design_node (design, node) : NULL;
  return found ? found->name : "Weights";
}

/* "parts": for each node its part of the loss and what else was measured there. */
static void
add_parts (JsonBuilder *json, const NnDesign *design, const GArray *measures)
{
  json_builder_set_member_name (json, "parts");
  json_builder_begin_array (json);
  for (guint i = 0; i < measures->len; i++)
    {
      const NnMeasure *loss = &g_array_index (measures, NnMeasure, i);
      if (loss->type)
        continue;
      json_builder_begin_object (json);
      cli_json_text (json, "node", name_of (design, loss->node));
      cli_json_number (json, "loss", loss->value);
      for (guint k = 0; k < measures->len; k++)
        {
          const NnMeasure *measure = &g_array_index (measures, NnMeasure, k);
          if (measure->node == loss->node && measure->type)
            cli_json_number (json, measure->type->id, measure->value);
        }
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
}

static void
print_parts (const NnDesign *design, const GArray *measures)
{
  for (guint i = 0; i < measures->len; i++)
    {
      const NnMeasure *measure = &g_array_index (measures, NnMeasure, i);
      if (!measure->type)
        g_print ("%s: loss %.4f\n", name_of (design, measure->node), measure->value);
      else if (isfinite (measure->value))
        g_print ("  %s %.4g%s%s\n", measure->type->title, measure->type->factor * measure->value,
                 measure->type->unit ? " " : "", measure->type->unit ? measure->type->unit : "");
    }
}

static const char *const part_names[NN_N_PARTS] = { "training", "test", "validation" };

/* NN_N_PARTS: there is no such. NULL: the test part. */
static NnPart
part_of (const char *name)
{
  NnPart part = NN_PART_TEST;

  if (name)
    for (part = 0; part < NN_N_PARTS && !g_str_equal (part_names[part], name); part++)
      ;
  return part;
}

static CliStatus
run_evaluate (int argc, char **argv)
{
  g_autofree char *data = NULL, *on = NULL;
  g_auto (GStrv) settings = NULL;
  gboolean as_json = FALSE;
  const GOptionEntry options[] = {
    { "data", 0, 0, G_OPTION_ARG_FILENAME, &data, "Evaluate on this data set", "NAME|PATH" },
    { "set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &settings, "How the data are read: label=Class",
      "NAME=VALUE" },
    { "on", 0, 0, G_OPTION_ARG_STRING, &on,
      "The part of the data: test (as a rule), validation, training", "PART" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print one JSON object", NULL },
    G_OPTION_ENTRY_NULL,
  };
  if (!cli_parse (&cli_evaluate, options, &argc, &argv, 1, 1))
    return CLI_USAGE;
  const NnPart part = part_of (on);
  if (part == NN_N_PARTS)
    return cli_wrong_usage ("evaluate", "--on expects test, validation or training, found “%s”",
                            on);

  g_autoptr (GError) error = NULL;
  g_autoptr (CliProgress) progress = cli_progress_new (as_json);
  g_auto (CliWork) work = { 0 };
  work.project = nn_project_load (argv[1], NULL, &error);
  if (!work.project)
    return cli_failed ("evaluate", error);
  g_autoptr (NnDesign) design = cli_design_with_data (work.project->design, data, settings, &error);
  if (!design || !cli_work_init (&work, design, 0, progress, &error))
    return cli_failed ("evaluate", error);
  if (!work.project->checkpoint)
    cli_note ("evaluate", "not trained yet: these are weights as drawn");
  g_autoptr (NnTrainer) trainer =
      nn_trainer_new (work.analysis, work.dataset, work.project->checkpoint, work.pool, &error);
  if (!trainer)
    return cli_failed ("evaluate", error);

  gsize n = nn_dataset_n_samples (nn_trainer_dataset (trainer), part);
  if (n == 0)
    return cli_wrong_usage ("evaluate", "the data set has no %s part", part_names[part]);
  NnEvaluation evaluation = { .thorough = TRUE };
  while (!nn_trainer_evaluate (trainer, part, &evaluation))
    cli_progress_show (progress, (double)evaluation.position / (double)n, "evaluating");
  cli_progress_clear (progress);

  if (as_json)
    {
      g_autoptr (JsonBuilder) json = json_builder_new ();
      json_builder_begin_object (json);
      cli_json_text (json, "data", nn_dataset_info (work.dataset)->name);
      cli_json_text (json, "part", part_names[part]);
      cli_json_number (json, "samples", (double)n);
      cli_json_number (json, "validation_loss", evaluation.loss);
      cli_json_number (json, "validation_accuracy", evaluation.accuracy);
      add_parts (json, work.design, nn_trainer_measures (trainer));
      json_builder_end_object (json);
      cli_print_json (json);
      return CLI_DONE;
    }
  g_print ("%s %.4f", part == NN_PART_TRAIN ? "loss" : "validation", evaluation.loss);
  if (isfinite (evaluation.accuracy))
    g_print (", accuracy %.4f", evaluation.accuracy);
  g_print (" over %zu %s samples of %s\n", n, part_names[part],
           nn_dataset_info (work.dataset)->title);
  print_parts (work.design, nn_trainer_measures (trainer));
  return CLI_DONE;
}

const CliVerb cli_evaluate = { "evaluate", "FILE",
                               "Prints loss and metrics over a part of the data.", run_evaluate };
