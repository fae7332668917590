/* new, check, summary: a project file as it is drawn. */
#include "cli.h"

#include "diabolo-config.h"
#include "formats/nn-lessons.h"

/* ---- new ---- */

static CliStatus
run_new (int argc, char **argv)
{
  g_autofree char *output = NULL;
  const GOptionEntry options[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output, "The project file to write", "FILE" },
    G_OPTION_ENTRY_NULL,
  };
  if (!cli_parse (&cli_new, options, &argc, &argv, 1, 1))
    return CLI_USAGE;
  if (!output)
    return cli_wrong_usage ("new", "-o FILE is missing");

  g_autoptr (GError) error = NULL;
  g_autoptr (NnDesign) design = nn_lesson_design (argv[1], &error);
  if (!design)
    return cli_failed ("new", error);
  g_autoptr (NnProject) project = nn_project_new (design, NULL);
  project->text = nn_lesson_source (argv[1]);
  project->lesson = g_strdup (argv[1]);
  if (!nn_project_save (project, output, NULL, &error))
    return cli_failed ("new", error);
  return CLI_DONE;
}

const CliVerb cli_new = { "new", "LESSON -o FILE", "Writes a lesson as a project file.", run_new };

/* ---- check and summary ---- */

/* text (out, nullable): the lesson's, NULL where it is none. */
static NnAnalysis *
analyse_file (const char *path, char **text, GError **error)
{
  g_autoptr (NnProject) project = nn_project_load (path, NULL, error);
  if (!project)
    return NULL;
  if (text)
    *text = g_strdup (project->text);
  g_autoptr (NnDataInfo) info = nn_data_peek_with (nn_design_data (project->design), NULL, error);
  return info ? nn_analysis_new (project->design, info, 0) : NULL;
}

static const char *const severity_names[] = {
  [NN_SEVERITY_ERROR] = "error",
  [NN_SEVERITY_WARNING] = "warning",
  [NN_SEVERITY_HINT] = "hint",
};

static void
print_diagnostic (const NnAnalysis *analysis, const NnDiagnostic *diagnostic, JsonBuilder *json)
{
  const NnNode *node = nn_design_node (nn_analysis_design (analysis), diagnostic->node);
  const char *severity = severity_names[diagnostic->severity];
  if (json)
    {
      json_builder_begin_object (json);
      cli_json_text (json, "severity", severity);
      cli_json_text (json, "node", node ? node->name : NULL);
      cli_json_text (json, "text", diagnostic->text);
      cli_json_text (json, "fix", diagnostic->fix_label);
      json_builder_end_object (json);
      return;
    }
  g_print ("%s: %s%s%s\n", severity, diagnostic->text, diagnostic->fix_label ? " Fix: " : "",
           diagnostic->fix_label ? diagnostic->fix_label : "");
}

static void
print_lesson_problem (const char *problem, JsonBuilder *json)
{
  if (!json)
    {
      g_print ("error: %s\n", problem);
      return;
    }
  json_builder_begin_object (json);
  cli_json_text (json, "severity", "error");
  cli_json_text (json, "node", NULL);
  cli_json_text (json, "text", problem);
  cli_json_text (json, "fix", NULL);
  json_builder_end_object (json);
}

/* Returns how many problems the lesson's text has. */
static guint
check_lesson (const char *text, NnDesign *design, JsonBuilder *json)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NnLessonText) lesson = nn_lesson_text_parse (text, &error);
  if (!lesson)
    {
      print_lesson_problem (error->message, json);
      return 1;
    }
  g_autoptr (GPtrArray) problems = nn_lesson_text_check (lesson, design, NULL);
  for (guint i = 0; i < problems->len; i++)
    print_lesson_problem (g_ptr_array_index (problems, i), json);
  return problems->len;
}

static CliStatus
run_check (int argc, char **argv)
{
  gboolean as_json = FALSE;
  const GOptionEntry options[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print one JSON object", NULL },
    G_OPTION_ENTRY_NULL,
  };
  if (!cli_parse (&cli_check, options, &argc, &argv, 1, 1))
    return CLI_USAGE;

  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_autoptr (NnAnalysis) analysis = analyse_file (argv[1], &text, &error);
  if (!analysis)
    return cli_failed ("check", error);

  g_autoptr (JsonBuilder) json = as_json ? json_builder_new () : NULL;
  if (json)
    {
      json_builder_begin_object (json);
      json_builder_set_member_name (json, "diagnostics");
      json_builder_begin_array (json);
    }
  for (guint i = 0; i < nn_analysis_n_diagnostics (analysis); i++)
    print_diagnostic (analysis, nn_analysis_diagnostic (analysis, i), json);
  guint n_lesson = text ? check_lesson (text, nn_analysis_design (analysis), json) : 0;
  if (json)
    {
      json_builder_end_array (json);
      json_builder_end_object (json);
      cli_print_json (json);
    }
  else if (nn_analysis_n_diagnostics (analysis) + n_lesson == 0)
    g_print ("No problems.\n");
  return nn_analysis_can_train (analysis) && n_lesson == 0 ? CLI_DONE : CLI_FAILED;
}

const CliVerb cli_check = { "check", "FILE", "Says what is wrong with a network, if anything.",
                            run_check };

static CliStatus
run_summary (int argc, char **argv)
{
  gboolean as_json = FALSE;
  const GOptionEntry options[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print one JSON object", NULL },
    G_OPTION_ENTRY_NULL,
  };
  if (!cli_parse (&cli_summary, options, &argc, &argv, 1, 1))
    return CLI_USAGE;

  g_autoptr (GError) error = NULL;
  g_autoptr (NnAnalysis) analysis = analyse_file (argv[1], NULL, &error);
  if (!analysis)
    return cli_failed ("summary", error);

  if (as_json)
    {
      g_autoptr (JsonNode) root = nn_analysis_summary_json (analysis);
      g_autofree char *text = json_to_string (root, TRUE);
      g_print ("%s\n", text);
      return CLI_DONE;
    }
  g_autofree char *text = nn_analysis_summary (analysis);
  g_print ("%s%s", text, g_str_has_suffix (text, "\n") ? "" : "\n");
  return CLI_DONE;
}

const CliVerb cli_summary = { "summary", "FILE",
                              "Prints layers, shapes, parameters and multiply-adds.", run_summary };
