/* export: a trained project for other programs: whatever the list of exporters has. */
#include "cli.h"

#include <string.h>

#include "diabolo-config.h"
#include "export/wb-exporters.h"

/* Of the fixed command line, but not written by this version. */
static const char *const later_formats[] = { "tensorboard", NULL };

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

static void
show_writing (double fraction, gpointer progress)
{
  cli_progress_show (progress, fraction, "writing");
}

static gboolean
export_file (const char *path, const NnExporter *exporter, NnExportPart part, const char *output,
             GError **error)
{
  g_autoptr (NnProject) project = nn_project_load (path, NULL, error);
  if (!project)
    return FALSE;
  g_autoptr (NnAnalysis) analysis = NULL;
  if (exporter->needs & NN_EXPORT_NETWORK)
    {
      g_autoptr (NnDataInfo) info =
          nn_data_peek_with (nn_design_data (project->design), NULL, error);
      if (!info)
        return FALSE;
      analysis = nn_analysis_new (project->design, info, 0);
    }
  g_autoptr (NnExportSource) source =
      nn_export_source_new (project->design, analysis, project->checkpoint, part);
  g_autoptr (CliProgress) progress = cli_progress_new (FALSE);
  const NnExportJob job = { .progress = show_writing, .progress_data = progress };
  return nn_export_write (exporter, source, output, &job, error);
}

static CliStatus
run_export (int argc, char **argv)
{
  g_autofree char *format = NULL, *part = NULL, *output = NULL;
  g_autofree char *names = format_names ();
  g_autofree char *help = g_strdup_printf ("What to write: %s", names);
  const GOptionEntry options[] = {
    { "format", 0, 0, G_OPTION_ARG_STRING, &format, help, "FORMAT" },
    { "part", 0, 0, G_OPTION_ARG_STRING, &part, "Which part of the network (all)",
      "all|encoder|decoder" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output, "Where it goes", "OUT" },
    G_OPTION_ENTRY_NULL,
  };
  if (!cli_parse (&cli_export, options, &argc, &argv, 1, 1))
    return CLI_USAGE;
  if (!format || !output)
    return cli_wrong_usage ("export", "--format FORMAT and -o OUT are needed; formats are %s",
                            names);
  const gint chosen = part ? nn_export_part_from_id (part) : NN_EXPORT_ALL;
  if (chosen < 0)
    return cli_wrong_usage ("export", "--part is “%s”, expected all, encoder or decoder", part);
  const NnExporter *exporter = wb_exporter (format);
  if (!exporter)
    return cli_wrong_usage ("export",
                            g_strv_contains (later_formats, format)
                                ? "the format “%s” is not available in this version; formats are %s"
                                : "there is no format “%s”; formats are %s",
                            format, names);

  g_autoptr (GError) error = NULL;
  return export_file (argv[1], exporter, (NnExportPart)chosen, output, &error)
             ? CLI_DONE
             : cli_failed ("export", error);
}

const CliVerb cli_export = { "export", "FILE --format FORMAT -o OUT",
                             "Writes a network, weights or losses for other programs.",
                             run_export };
