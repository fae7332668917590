/* Weights and losses as they are: safetensors, npz, CSV. */
#include "diabolo-config.h"

#include <string.h>

#include "base/nn-error.h"
#include "formats/nn-export.h"
#include "formats/nn-tensor-file.h"
#include "formats/nn-weight-tensors.h"

#include <glib/gi18n-lib.h>

static gboolean
in_part (guint node, gpointer data)
{
  const NnExportSource *source = data;
  switch (nn_analysis_role (source->analysis, node))
    {
    case NN_ROLE_ENCODER:
    case NN_ROLE_CODE:
      return source->part != NN_EXPORT_DECODER;
    case NN_ROLE_DECODER:
      return source->part != NN_EXPORT_ENCODER;
    default:
      return source->part == NN_EXPORT_ALL;
    }
}

/* (element-type NnNamedTensor) */
static GPtrArray *
wanted_tensors (const NnExportSource *source)
{
  return nn_weight_tensors_new (source->design, source->checkpoint, in_part, (gpointer)source);
}

static gboolean
weights_check (const NnExportSource *source, GError **error)
{
  if (!nn_export_check_part (source, error))
    return FALSE;
  g_autoptr (GPtrArray) tensors = wanted_tensors (source);
  if (tensors->len > 0)
    return TRUE;
  g_set_error (error, NN_ERROR, NN_ERROR_DESIGN, _ ("The part “%s” of the network has no weights."),
               nn_export_part_id (source->part));
  return FALSE;
}

static char *
weights_preview (const NnExportSource *source, GError **error)
{
  g_autoptr (GPtrArray) tensors = wanted_tensors (source);
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < tensors->len; i++)
    {
      const NnNamedTensor *named = tensors->pdata[i];
      g_autofree char *shape = nn_shape_to_string (&named->tensor->shape);
      g_string_append_printf (text, "%s: %s\n", named->name, shape);
    }
  return g_string_free (text, FALSE);
}

/* (element-type NnFileTensor) */
static GPtrArray *
file_tensors (const NnExportSource *source)
{
  g_autoptr (GPtrArray) tensors = wanted_tensors (source);
  GPtrArray *out = nn_file_tensors_new ();
  for (guint i = 0; i < tensors->len; i++)
    {
      const NnNamedTensor *named = tensors->pdata[i];
      nn_file_tensors_add (out, named->name, named->tensor);
    }
  return out;
}

/* With the design in the metadata, so that import finds the network again. */
static gboolean
safetensors_write (const NnExportSource *source, const char *path, const NnExportJob *job,
                   GError **error)
{
  g_autoptr (GPtrArray) tensors = file_tensors (source);
  g_autoptr (GHashTable) metadata = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  g_autoptr (NnReplacement) file = nn_replacement_new (path, error);
  g_hash_table_insert (metadata, (gpointer) "diabolo.design", nn_design_to_json (source->design));
  return file && nn_file_tensors_to_safetensors (tensors, metadata, file, job, error)
         && nn_replacement_commit (file, error);
}

static gboolean
npz_write (const NnExportSource *source, const char *path, const NnExportJob *job, GError **error)
{
  g_autoptr (GPtrArray) tensors = file_tensors (source);
  g_autoptr (NnReplacement) file = nn_replacement_new (path, error);
  return file && nn_file_tensors_to_npz (tensors, file, job, error)
         && nn_replacement_commit (file, error);
}

static char *
csv_preview (const NnExportSource *source, GError **error)
{
  return nn_run_history_to_csv (source->checkpoint->history);
}

static gboolean
csv_write (const NnExportSource *source, const char *path, const NnExportJob *job, GError **error)
{
  char *csv = nn_run_history_to_csv (source->checkpoint->history);
  g_autoptr (GBytes) bytes = g_bytes_new_take (csv, strlen (csv));
  if (!nn_replace_file (path, bytes, job->cancellable, error))
    return FALSE;
  nn_export_progress (job, 1);
  return TRUE;
}

const NnExporter nn_exporter_safetensors = {
  .id = "safetensors",
  .group = NN_EXPORT_FOR_WEIGHTS,
  .title = "safetensors",
  .extension = ".safetensors",
  .summary = N_ ("weights"),
  .use =
      N_ ("The weights under the names of their layers, for PyTorch, JAX and others. The network "
          "comes along: Diabolo imports it again."),
  .parts = NN_EXPORT_ANY_PART,
  .needs = NN_EXPORT_NETWORK | NN_EXPORT_WEIGHTS,
  .check = weights_check,
  .preview = weights_preview,
  .write = safetensors_write,
};

const NnExporter nn_exporter_npz = {
  .id = "npz",
  .group = NN_EXPORT_FOR_WEIGHTS,
  .title = "NumPy",
  .extension = ".npz",
  .summary = N_ ("weights, for NumPy"),
  .use = N_ ("The weights under the names of their layers, for NumPy and Keras: numpy.load() gives "
             "an array for each."),
  .parts = NN_EXPORT_ANY_PART,
  .needs = NN_EXPORT_NETWORK | NN_EXPORT_WEIGHTS,
  .check = weights_check,
  .preview = weights_preview,
  .write = npz_write,
};

const NnExporter nn_exporter_csv = {
  .id = "csv",
  .group = NN_EXPORT_FOR_RUNS,
  .title = "CSV",
  .extension = ".csv",
  .summary = N_ ("losses of every run"),
  .use = N_ ("Losses, accuracies and learning rates of every run, a row each, for spreadsheets and "
             "plots."),
  .parts = 1 << NN_EXPORT_ALL,
  .needs = NN_EXPORT_HISTORY,
  .preview = csv_preview,
  .write = csv_write,
};
