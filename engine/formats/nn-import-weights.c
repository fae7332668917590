/* Weights alone: safetensors, and NumPy's .npz. */
#include "diabolo-config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "formats/nn-import.h"
#include "formats/nn-npy.h"
#include "formats/nn-zip.h"

/* The network, too, where the program wrote it beside its weights. */
static NnImport *
safetensors_read (GBytes *bytes, const char *source, const char *folder,
                  const NnLoadContext *context, GError **error)
{
  g_autoptr (GHashTable) metadata = NULL;
  g_autoptr (NnImport) import = nn_import_new ();
  import->tensors = nn_safetensors_read (bytes, source, &metadata, error);
  if (!import->tensors)
    return NULL;
  const char *json = metadata ? g_hash_table_lookup (metadata, "diabolo.design") : NULL;
  if (!json)
    return g_steal_pointer (&import);
  import->design = nn_design_from_json (json, -1, error);
  if (import->design)
    return g_steal_pointer (&import);
  g_prefix_error (error, "%s, diabolo.design: ", source);
  return NULL;
}

/* Arrays are stored as they are or packed to at best a thousandth (deflate's bound is 1032). */
static gsize
npz_limit (const char *name, gsize archive_size)
{
  return archive_size < G_MAXSIZE / 1032 ? archive_size * 1032 : G_MAXSIZE;
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
