/* export: a trained project for other programs. One format = one row of the table. */
#include "cli.h"

#include <string.h>

#include "base/nn-error.h"
#include "diabolo-config.h"
#include "formats/nn-npy.h"
#include "formats/nn-replace.h"
#include "formats/nn-weight-tensors.h"
#include "formats/nn-zip.h"

/* The project and what of it is wanted. */
typedef struct
{
  NnProject *project;
  NnAnalysis *analysis; /* NULL where the format needs none */
  const char *part;     /* "all", "encoder", "decoder" */
} Source;

static gboolean
in_part (guint node, gpointer data)
{
  const Source *source = data;
  switch (nn_analysis_role (source->analysis, node))
    {
    case NN_ROLE_ENCODER:
    case NN_ROLE_CODE:
      return !g_str_equal (source->part, "decoder");
    case NN_ROLE_DECODER:
      return !g_str_equal (source->part, "encoder");
    default:
      return g_str_equal (source->part, "all");
    }
}

/* (element-type NnNamedTensor) */
static GPtrArray *
wanted_tensors (Source *source, GError **error)
{
  if (!source->project->checkpoint)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_DESIGN,
                   "the project has no trained weights yet: train it with --save first");
      return NULL;
    }
  g_autoptr (GPtrArray) tensors =
      nn_weight_tensors_new (source->project->design, source->project->checkpoint, in_part, source);
  if (tensors->len > 0)
    return g_steal_pointer (&tensors);
  g_set_error (error, NN_ERROR, NN_ERROR_DESIGN, "the network's part “%s” has no weights",
               source->part);
  return NULL;
}

/* With the design in the metadata, so that import finds the network again. */
static GBytes *
export_safetensors (Source *source, GError **error)
{
  g_autoptr (GPtrArray) tensors = wanted_tensors (source, error);
  if (!tensors)
    return NULL;
  g_autoptr (GHashTable) metadata = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  g_hash_table_insert (metadata, (gpointer) "diabolo.design",
                       nn_design_to_json (source->project->design));
  return nn_safetensors_write (tensors, metadata);
}

static GBytes *
export_npz (Source *source, GError **error)
{
  g_autoptr (GPtrArray) tensors = wanted_tensors (source, error);
  if (!tensors)
    return NULL;
  g_autoptr (GPtrArray) entries = nn_zip_entries_new ();
  for (guint i = 0; i < tensors->len; i++)
    {
      const NnNamedTensor *named = tensors->pdata[i];
      g_autofree char *name = g_strconcat (named->name, ".npy", NULL);
      g_autoptr (GBytes) npy = nn_npy_write (named->tensor);
      nn_zip_entries_add (entries, name, npy);
    }
  return nn_zip_write (entries, error);
}

static GBytes *
export_csv (Source *source, GError **error)
{
  const NnCheckpoint *checkpoint = source->project->checkpoint;
  if (!checkpoint || !checkpoint->history)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_DESIGN,
                   "the project has no runs yet: train it with --save first");
      return NULL;
    }
  char *csv = nn_run_history_to_csv (checkpoint->history);
  return g_bytes_new_take (csv, strlen (csv));
}

static const struct
{
  const char *name, *summary;
  gboolean weights; /* --part chooses among them */
  GBytes *(*write) (Source *source, GError **error);
} formats[] = {
  { "safetensors", "weights", TRUE, export_safetensors },
  { "npz", "weights, for NumPy", TRUE, export_npz },
  { "csv", "losses of every run", FALSE, export_csv },
};

/* Of the fixed command line, but not written by this version. */
static const char *const later_formats[] = { "onnx", "pytorch", "keras", "c",           "dot",
                                             "svg",  "png",     "pdf",   "tensorboard", NULL };

static char *
format_names (void)
{
  GString *names = g_string_new (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    g_string_append_printf (names, "%s%s (%s)", i ? ", " : "", formats[i].name, formats[i].summary);
  return g_string_free (names, FALSE);
}

static gboolean
export_file (const char *path, guint format, const char *part, const char *output, GError **error)
{
  g_autoptr (NnProject) project = nn_project_load (path, NULL, error);
  if (!project)
    return FALSE;
  g_autoptr (NnAnalysis) analysis = NULL;
  if (formats[format].weights)
    {
      g_autoptr (NnDataInfo) info =
          nn_data_peek (nn_params_text (nn_design_data (project->design), "name"), error);
      if (!info)
        return FALSE;
      analysis = nn_analysis_new (project->design, info, 0);
    }
  Source source = { project, analysis, part };
  g_autoptr (GBytes) bytes = formats[format].write (&source, error);
  return bytes && nn_replace_file (output, bytes, NULL, error);
}

static CliStatus
run_export (int argc, char **argv)
{
  g_autofree char *format = NULL, *part = NULL, *output = NULL;
  const GOptionEntry options[] = {
    { "format", 0, 0, G_OPTION_ARG_STRING, &format, "What to write: safetensors, npz, csv",
      "FORMAT" },
    { "part", 0, 0, G_OPTION_ARG_STRING, &part, "Which weights (all)", "all|encoder|decoder" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output, "Where it goes", "OUT" },
    G_OPTION_ENTRY_NULL,
  };
  static const char *const parts[] = { "all", "encoder", "decoder", NULL };
  g_autofree char *names = format_names ();
  if (!cli_parse (&cli_export, options, &argc, &argv, 1, 1))
    return CLI_USAGE;
  if (!format || !output)
    return cli_wrong_usage ("export", "--format FORMAT and -o OUT are needed; formats are %s",
                            names);
  if (part && !g_strv_contains (parts, part))
    return cli_wrong_usage ("export", "--part is “%s”, expected all, encoder or decoder", part);

  guint f = 0;
  while (f < G_N_ELEMENTS (formats) && !g_str_equal (formats[f].name, format))
    f++;
  if (f == G_N_ELEMENTS (formats))
    return cli_wrong_usage ("export",
                            g_strv_contains (later_formats, format)
                                ? "the format “%s” is not available in this version; formats are %s"
                                : "there is no format “%s”; formats are %s",
                            format, names);

  g_autoptr (GError) error = NULL;
  return export_file (argv[1], f, part ? part : "all", output, &error)
             ? CLI_DONE
             : cli_failed ("export", error);
}

const CliVerb cli_export = { "export", "FILE --format FORMAT -o OUT",
                             "Writes weights or losses for other programs.", run_export };
