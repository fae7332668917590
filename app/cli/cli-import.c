/* import: networks and weights from elsewhere into a project. */
#include "cli.h"

#include "base/nn-error.h"
#include "diabolo-config.h"
#include "formats/nn-import.h"
#include "formats/nn-weight-match.h"
#include "formats/nn-weight-tensors.h"

typedef struct
{
  char *output;
  gboolean matching, preview;
} Options;

static void
options_clear (Options *o)
{
  g_free (o->output);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* ---- weights by name ---- */

/* The project that weights go into. */
static NnProject *
find_project (const char *input, const char *output, GError **error)
{
  if (g_file_test (output, G_FILE_TEST_EXISTS))
    return nn_project_load (output, NULL, error);
  g_set_error (error, NN_ERROR, NN_ERROR_DESIGN,
               "“%s” holds weights but no network, and “%s”, which could have the network they are "
               "for, is not there",
               input, output);
  return NULL;
}

/* "other shape  Dense 1/kernel  784×64, the network needs 784×32" */
static void
print_match (const NnWeightMatch *match)
{
  g_autofree char *wanted = match->wanted.rank >= 0 ? nn_shape_to_string (&match->wanted) : NULL;
  g_autofree char *found = match->found.rank >= 0 ? nn_shape_to_string (&match->found) : NULL;
  g_print ("%s\t%s\t%s%s%s%s%s\n", nn_match_title (match->kind), match->name,
           found ? found : wanted, match->kind == NN_MATCH_DIFFERS ? ", the network needs " : "",
           match->kind == NN_MATCH_DIFFERS ? wanted : "",
           match->from ? "\tby shape and order: " : "", match->from ? match->from : "");
}

/* What does not fit; everything for a preview. */
static void
print_matches (GPtrArray *matches, gboolean all)
{
  const guint fits = nn_weight_match_count (matches, NN_MATCH_FITS);
  const guint surplus = nn_weight_match_count (matches, NN_MATCH_SURPLUS);
  for (guint i = 0; i < matches->len; i++)
    {
      const NnWeightMatch *match = matches->pdata[i];
      if (all || match->kind != NN_MATCH_FITS)
        print_match (match);
    }
  if (all || fits < matches->len)
    g_print ("%u of %u weights fit; %u tensors are left over\n", fits, matches->len - surplus,
             surplus);
}

/* FALSE with an error where not everything fits and nobody said to take what does. */
static gboolean
load_weights (NnProject *project, GPtrArray *tensors, const char *input, const Options *o,
              GError **error)
{
  g_autoptr (NnDataInfo) info = nn_data_peek_with (nn_design_data (project->design), NULL, error);
  if (!info)
    return FALSE;
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (project->design, info, 0);
  g_autoptr (GPtrArray) matches = o->preview || o->matching
                                      ? nn_weight_match_any (tensors, analysis)
                                      : nn_weight_match_new (tensors, analysis);
  if (o->preview || o->matching)
    print_matches (matches, o->preview);
  if (o->preview)
    return TRUE;
  NnCheckpoint *checkpoint =
      o->matching && nn_weight_match_count (matches, NN_MATCH_FITS) > 0
          ? nn_weight_match_checkpoint (matches, analysis, project->checkpoint)
          : nn_weight_tensors_to_checkpoint (tensors, input, analysis, error);
  if (!checkpoint)
    {
      g_autofree char *reason = g_strdup ((*error)->message);
      g_clear_error (error);
      g_set_error (error, NN_ERROR, NN_ERROR_SHAPE, "%s --preview lists what fits.", reason);
      return FALSE;
    }
  const guint missing = nn_weight_match_count (matches, NN_MATCH_MISSING);
  if (missing > 0 && !o->matching)
    cli_note ("import", "%u weights are not in “%s” and begin anew", missing, input);
  g_clear_pointer (&project->checkpoint, nn_checkpoint_unref);
  project->checkpoint = checkpoint;
  return TRUE;
}

/* ---- all formats ---- */

static void
show_progress (double fraction, gpointer data)
{
  cli_progress_show (data, fraction, "reading");
}

static gboolean
import_file (const char *input, const Options *o, GError **error)
{
  g_autoptr (CliProgress) progress = cli_progress_new (FALSE);
  const NnLoadContext context = { .progress = show_progress, .progress_data = progress };
  g_autoptr (NnImport) import = nn_import_file (input, &context, error);
  cli_progress_clear (progress);
  if (!import)
    return FALSE;
  g_autoptr (NnProject) project = import->design
                                      ? nn_project_new (import->design, import->checkpoint)
                                      : find_project (input, o->output, error);
  if (!project || (import->tensors && !load_weights (project, import->tensors, input, o, error)))
    return FALSE;
  project->origin = NN_WEIGHTS_IMPORTED;
  return o->preview || nn_project_save (project, o->output, NULL, error);
}

static CliStatus
run_import (int argc, char **argv)
{
  g_auto (Options) o = { 0 };
  const GOptionEntry options[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &o.output,
      "The project to write; where IN has weights alone, the project they go into", "FILE" },
    { "matching", 0, 0, G_OPTION_ARG_NONE, &o.matching,
      "Take the weights that fit, and leave the others as they are", NULL },
    { "preview", 0, 0, G_OPTION_ARG_NONE, &o.preview, "Say what fits, and write nothing", NULL },
    G_OPTION_ENTRY_NULL,
  };
  if (!cli_parse (&cli_import, options, &argc, &argv, 1, 1))
    return CLI_USAGE;
  if (!o.output)
    return cli_wrong_usage ("import", "-o FILE is missing");
  if (!nn_importer_for (argv[1]))
    return cli_wrong_usage ("import", "“%s” is neither .onnx nor .safetensors nor .npz", argv[1]);

  g_autoptr (GError) error = NULL;
  return import_file (argv[1], &o, &error) ? CLI_DONE : cli_failed ("import", error);
}

const CliVerb cli_import = { "import", "IN -o FILE",
                             "Reads a network from ONNX, or weights from safetensors or npz.",
                             run_import };
