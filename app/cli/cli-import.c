/* import: weights from elsewhere into a project. One format = one row of the table. */
#include "cli.h"

#include <string.h>

#include "base/nn-error.h"
#include "diabolo-config.h"
#include "formats/nn-npy.h"
#include "formats/nn-weight-tensors.h"
#include "formats/nn-zip.h"

/* design (out): the network, where the file tells it. (element-type NnNamedTensor) */
typedef GPtrArray *(*ReadFunc) (GBytes *bytes, const char *path, NnDesign **design, GError **error);

static GPtrArray *
read_safetensors (GBytes *bytes, const char *path, NnDesign **design, GError **error)
{
  g_autoptr (GHashTable) metadata = NULL;
  g_autoptr (GPtrArray) tensors = nn_safetensors_read (bytes, path, &metadata, error);
  const char *json = tensors && metadata ? g_hash_table_lookup (metadata, "diabolo.design") : NULL;
  if (!json)
    return g_steal_pointer (&tensors);
  *design = nn_design_from_json (json, -1, error);
  if (*design)
    return g_steal_pointer (&tensors);
  g_prefix_error (error, "“%s”, diabolo.design: ", path);
  return NULL;
}

/* Arrays are stored as they are or packed to at best a thousandth (deflate's bound is 1032). */
static gsize
npz_limit (const char *name, gsize archive_size)
{
  return archive_size < G_MAXSIZE / 1032 ? archive_size * 1032 : G_MAXSIZE;
}

static GPtrArray *
read_npz (GBytes *bytes, const char *path, NnDesign **design, GError **error)
{
  g_autoptr (GPtrArray) entries = nn_zip_read (bytes, path, npz_limit, NULL, error);
  if (!entries)
    return NULL;
  g_autoptr (GPtrArray) tensors = nn_named_tensors_new ();
  for (guint i = 0; i < entries->len; i++)
    {
      const NnZipEntry *entry = entries->pdata[i];
      g_autofree char *source = g_strdup_printf ("%s, %s", path, entry->name);
      g_autoptr (NnTensor) tensor = nn_npy_read (entry->bytes, source, error);
      if (!tensor)
        return NULL;
      g_autofree char *name = g_str_has_suffix (entry->name, ".npy")
                                  ? g_strndup (entry->name, strlen (entry->name) - strlen (".npy"))
                                  : g_strdup (entry->name);
      nn_named_tensors_add (tensors, name, tensor);
    }
  return g_steal_pointer (&tensors);
}

static const struct
{
  const char *ending;
  ReadFunc read;
} formats[] = {
  { ".safetensors", read_safetensors },
  { ".npz", read_npz },
};

static ReadFunc
find_format (const char *path)
{
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    if (g_str_has_suffix (path, formats[i].ending))
      return formats[i].read;
  return NULL;
}

/* The project that the weights go into: the network that came with them, else the one in output. */
static NnProject *
find_project (NnDesign *design, const char *input, const char *output, GError **error)
{
  if (design)
    return nn_project_new (design, NULL);
  if (g_file_test (output, G_FILE_TEST_EXISTS))
    return nn_project_load (output, NULL, error);
  g_set_error (error, NN_ERROR, NN_ERROR_DESIGN,
               "“%s” holds weights but no network, and “%s”, which could have the network they are "
               "for, is not there",
               input, output);
  return NULL;
}

static gboolean
import_file (const char *input, ReadFunc read, const char *output, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (input);
  g_autoptr (GBytes) bytes = g_file_load_bytes (file, NULL, NULL, error);
  g_autoptr (NnDesign) design = NULL;
  g_autoptr (GPtrArray) tensors = bytes ? read (bytes, input, &design, error) : NULL;
  g_autoptr (NnProject) project = tensors ? find_project (design, input, output, error) : NULL;
  if (!project)
    return FALSE;

  g_autoptr (NnDataInfo) info = nn_data_peek_with (nn_design_data (project->design), NULL, error);
  if (!info)
    return FALSE;
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (project->design, info, 0);
  NnCheckpoint *checkpoint = nn_weight_tensors_to_checkpoint (tensors, input, analysis, error);
  if (!checkpoint)
    return FALSE;
  g_clear_pointer (&project->checkpoint, nn_checkpoint_unref);
  project->checkpoint = checkpoint;
  return nn_project_save (project, output, NULL, error);
}

static CliStatus
run_import (int argc, char **argv)
{
  g_autofree char *output = NULL;
  const GOptionEntry options[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output,
      "The project to write; where IN has weights alone, the project they go into", "FILE" },
    G_OPTION_ENTRY_NULL,
  };
  if (!cli_parse (&cli_import, options, &argc, &argv, 1, 1))
    return CLI_USAGE;
  if (!output)
    return cli_wrong_usage ("import", "-o FILE is missing");
  ReadFunc read = find_format (argv[1]);
  if (!read)
    return cli_wrong_usage (
        "import", "“%s” is neither .safetensors nor .npz, which this version reads", argv[1]);

  g_autoptr (GError) error = NULL;
  return import_file (argv[1], read, output, &error) ? CLI_DONE : cli_failed ("import", error);
}

const CliVerb cli_import = { "import", "IN -o FILE",
                             "Reads weights from a safetensors or npz file.", run_import };
