/* export: a trained project for other programs: whatever the list of exporters has. */
#include "cli.h"

#include <string.h>

#include "diabolo-config.h"
#include "export/wb-exporters.h"

static char *
format_names (void)
{
  const NnExporter *const *exporters = wb_exporters ();
  GString *names = g_string_new (NULL);
  for (guint i = 0; exporters[i]; i++)
    g_string_append_printf (names, "%s%s (%s)", i ? ", " : "", exporters[i]->id,
                            exporters[i]->summary);
  return g_string_free (names, FALSE);
}

/* What there is to set: "samples", "bits (1 .. 8)". */
static char *
option_names (void)
{
  const NnExporter *const *exporters = wb_exporters ();
  GString *names = g_string_new (NULL);
  for (guint i = 0; exporters[i]; i++)
    for (const NnParamSpec *spec = exporters[i]->options; spec && spec->name; spec++)
      g_string_append_printf (names, "%s%s of %s", names->len ? ", " : "", spec->name,
                              exporters[i]->id);
  return g_string_free (names, FALSE);
}

static void
show_writing (double fraction, gpointer progress)
{
  cli_progress_show (progress, fraction, "writing");
}

typedef struct
{
  const NnExporter *exporter;
  NnExportPart part;
  char *data, *output;
  char **settings;
  gboolean json;
} Options;

/* The project's network on its data or on others, both as the settings say, and (out) what the
 * exporter is told. */
static NnDesign *
design_and_options (const NnProject *project, const Options *o, NnParams **options, GError **error)
{
  g_autoptr (NnDesign) design = cli_design_with_data (project->design, o->data, NULL, error);
  if (!design)
    return NULL;
  g_autoptr (NnParams) data = nn_params_ref ((NnParams *)nn_design_data (design));
  g_autoptr (NnParams) told = nn_params_new (o->exporter->options);
  NnParams **const tables[] = { &told, &data };
  for (guint i = 0; o->settings && o->settings[i]; i++)
    if (!cli_set_params (tables, G_N_ELEMENTS (tables), o->settings[i], error))
      return NULL;
  *options = g_steal_pointer (&told);
  return nn_design_with_data (design, data);
}

/* Shapes and scales, and samples where the exporter sends some through the network. */
static gboolean
prepare (CliWork *work, NnDesign *design, const NnExporter *exporter, CliProgress *progress,
         GError **error)
{
  if (exporter->needs & NN_EXPORT_SAMPLES)
    return cli_work_init (work, design, 0, progress, error);
  if (!(exporter->needs & NN_EXPORT_NETWORK))
    return TRUE;
  const NnParams *data = nn_design_data (design);
  /* Files say how their input is scaled, which loading finds out. */
  g_autoptr (NnDataset) scaled =
      nn_data_is_scaled (data) ? nn_data_load_with (data, NULL, error) : NULL;
  g_autoptr (NnDataInfo) info =
      nn_data_is_scaled (data) ? NULL : nn_data_peek_with (data, NULL, error);
  if (!info && !scaled)
    return FALSE;
  work->analysis = nn_analysis_new (design, info ? info : nn_dataset_info (scaled), 0);
  return TRUE;
}

static void
print_facts (GPtrArray *facts, const char *path, gboolean as_json)
{
  if (!as_json)
    {
      g_autofree char *text = nn_export_facts_to_text (facts);
      g_print ("%s", text);
      return;
    }
  g_autoptr (JsonBuilder) json = json_builder_new ();
  json_builder_begin_object (json);
  cli_json_text (json, "file", path);
  for (guint i = 0; i < facts->len; i++)
    {
      const NnExportFact *fact = facts->pdata[i];
      cli_json_number (json, fact->id, fact->value);
    }
  json_builder_end_object (json);
  cli_print_json (json);
}

static gboolean
export_file (const char *path, const Options *o, GError **error)
{
  g_auto (CliWork) work = { 0 };
  work.project = nn_project_load (path, NULL, error);
  if (!work.project)
    return FALSE;
  g_autoptr (NnParams) options = NULL;
  g_autoptr (NnDesign) design = design_and_options (work.project, o, &options, error);
  g_autoptr (CliProgress) progress = cli_progress_new (o->json);
  if (!design || !prepare (&work, design, o->exporter, progress, error))
    return FALSE;
  g_autoptr (NnExportSource) network =
      nn_export_source_new (design, work.analysis, work.project->checkpoint, o->part);
  g_autoptr (NnExportSource) source =
      nn_export_source_with (network, o->part, work.dataset, options);
  g_autoptr (GPtrArray) facts = nn_export_facts_new ();
  const NnExportJob job = { .progress = show_writing, .progress_data = progress, .facts = facts };
  if (!nn_export_check (o->exporter, source, error))
    return FALSE;
  g_autoptr (GPtrArray) remarks = nn_export_remarks (o->exporter, source);
  for (guint i = 0; i < remarks->len; i++)
    cli_note ("export", "%s", (const char *)remarks->pdata[i]);
  if (!nn_export_write (o->exporter, source, o->output, &job, error))
    return FALSE;
  cli_progress_clear (progress);
  print_facts (facts, o->output, o->json);
  return TRUE;
}

static void
options_clear (Options *o)
{
  g_free (o->data);
  g_free (o->output);
  g_strfreev (o->settings);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static CliStatus
run_export (int argc, char **argv)
{
  g_auto (Options) o = { 0 };
  g_autofree char *format = NULL, *part = NULL;
  g_autofree char *names = format_names (), *settings = option_names ();
  g_autofree char *help = g_strdup_printf ("What to write: %s", names);
  g_autofree char *set_help =
      g_strdup_printf ("How it is written: %s; or how the data are read: label=Class", settings);
  const GOptionEntry options[] = {
    { "format", 0, 0, G_OPTION_ARG_STRING, &format, help, "FORMAT" },
    { "part", 0, 0, G_OPTION_ARG_STRING, &part, "Which part of the network (all)",
      "all|encoder|decoder" },
    { "data", 0, 0, G_OPTION_ARG_FILENAME, &o.data, "Take samples from this data set",
      "NAME|PATH" },
    { "set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &o.settings, set_help, "NAME=VALUE" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &o.output, "Where it goes", "OUT" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &o.json, "Print one JSON object", NULL },
    G_OPTION_ENTRY_NULL,
  };
  if (!cli_parse (&cli_export, options, &argc, &argv, 1, 1))
    return CLI_USAGE;
  if (!format || !o.output)
    return cli_wrong_usage ("export", "--format FORMAT and -o OUT are needed; formats are %s",
                            names);
  const gint chosen = part ? nn_export_part_from_id (part) : NN_EXPORT_ALL;
  if (chosen < 0)
    return cli_wrong_usage ("export", "--part is “%s”, expected all, encoder or decoder", part);
  o.part = (NnExportPart)chosen;
  o.exporter = wb_exporter (format);
  if (!o.exporter)
    return cli_wrong_usage ("export", "there is no format “%s”; formats are %s", format, names);

  g_autoptr (GError) error = NULL;
  return export_file (argv[1], &o, &error) ? CLI_DONE : cli_failed ("export", error);
}

const CliVerb cli_export = { "export", "FILE --format FORMAT -o OUT",
                             "Writes a network, weights, losses or codes for other programs.",
                             run_export };
