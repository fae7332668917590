/* Weights alone: safetensors, and NumPy's .npz. */
#include "diabolo-config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "formats/nn-import.h"
#include "formats/nn-npy.h"
#include "formats/nn-weight-tensors.h"
#include "formats/nn-zip.h"

/* The network that the program wrote beside its weights. */
static NnImport *
with_network (const char *json, GPtrArray *tensors, const char *source, GError **error)
{
  g_autoptr (NnImport) import = nn_import_new ();
  import->design = nn_design_from_json (json, -1, error);
  if (!import->design)
    {
      g_prefix_error (error, "%s, diabolo.design: ", source);
      return NULL;
    }
  g_autoptr (NnDataInfo) info =
      nn_data_peek (nn_params_text (nn_design_data (import->design), "name"), error);
  if (!info)
    return NULL;
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (import->design, info, 0);
  import->checkpoint = nn_weight_tensors_to_checkpoint (tensors, source, analysis, error);
  return import->checkpoint ? g_steal_pointer (&import) : NULL;
}

static NnImport *
safetensors_read (GBytes *bytes, const char *source, const char *folder,
                  const NnLoadContext *context, GError **error)
{
  g_autoptr (GHashTable) metadata = NULL;
  g_autoptr (GPtrArray) tensors = nn_safetensors_read (bytes, source, &metadata, error);
  const char *json = tensors && metadata ? g_hash_table_lookup (metadata, "diabolo.design") : NULL;
  if (json)
    return with_network (json, tensors, source, error);
  if (!tensors)
    return NULL;
  NnImport *import = nn_import_new ();
  import->tensors = g_steal_pointer (&tensors);
  return import;
}

/* What an archive may unpack to: arrays of numbers pack badly, but for those that are all alike. */
#define SPARE_SIZE ((gsize)256 << 20)
#define GROWTH 8

static gsize
npz_limit (const char *name, gsize archive_size)
{
  return archive_size < (G_MAXSIZE - SPARE_SIZE) / GROWTH ? SPARE_SIZE + GROWTH * archive_size
                                                          : G_MAXSIZE;
}

static NnImport *
npz_read (GBytes *bytes, const char *source, const char *folder, const NnLoadContext *context,
          GError **error)
{
  g_autoptr (NnImport) import = nn_import_new ();
  g_autoptr (GPtrArray) entries =
      nn_zip_read (bytes, source, npz_limit, context ? context->cancellable : NULL, error);
  if (!entries)
    return NULL;
  import->tensors = nn_named_tensors_new ();
  for (guint i = 0; i < entries->len; i++)
    {
      const NnZipEntry *entry = entries->pdata[i];
      g_autofree char *where = g_strdup_printf ("%s, %s", source, entry->name);
      g_autoptr (NnTensor) tensor = nn_npy_read (entry->bytes, where, error);
      if (!tensor)
        return NULL;
      g_autofree char *name = g_str_has_suffix (entry->name, ".npy")
                                  ? g_strndup (entry->name, strlen (entry->name) - strlen (".npy"))
                                  : g_strdup (entry->name);
      nn_named_tensors_add (import->tensors, name, tensor);
      nn_load_progress (context, (i + 1.0) / entries->len);
    }
  return g_steal_pointer (&import);
}

const NnImporter nn_importer_safetensors = {
  .id = "safetensors",
  .title = "safetensors",
  .extension = ".safetensors",
  .summary = N_ ("weights"),
  .read = safetensors_read,
};

const NnImporter nn_importer_npz = {
  .id = "npz",
  .title = "NumPy .npz",
  .extension = ".npz",
  .summary = N_ ("weights"),
  .read = npz_read,
};
