/* The list of importers, and what goes before each of them. */
#include "diabolo-config.h"

#include "formats/nn-import.h"

#include <glib/gi18n-lib.h>

#include "base/nn-error.h"

extern const NnImporter nn_importer_onnx, nn_importer_safetensors, nn_importer_npz;

static const NnImporter *const importers[] = { &nn_importer_onnx, &nn_importer_safetensors,
                                               &nn_importer_npz, NULL };

const NnImporter *const *
nn_importers (void)
{
  return importers;
}

const NnImporter *
nn_importer_for (const char *path)
{
  g_autofree char *lower = g_ascii_strdown (path, -1);
  for (guint i = 0; importers[i]; i++)
    if (g_str_has_suffix (lower, importers[i]->extension))
      return importers[i];
  return NULL;
}

/* ---- what was read ---- */

static void
port_free (gpointer data)
{
  NnImportPort *port = data;
  g_free (port->name);
  g_free (port);
}

NnImport *
nn_import_new (void)
{
  return g_new0 (NnImport, 1);
}

void
nn_import_free (NnImport *import)
{
  if (!import)
    return;
  g_clear_pointer (&import->design, nn_design_unref);
  g_clear_pointer (&import->checkpoint, nn_checkpoint_unref);
  g_clear_pointer (&import->tensors, g_ptr_array_unref);
  g_clear_pointer (&import->ports, g_ptr_array_unref);
  g_free (import);
}

NnImportPort *
nn_import_add_port (NnImport *import, const char *name, guint node, gboolean is_output)
{
  NnImportPort *port = g_new0 (NnImportPort, 1);
  port->name = g_strdup (name);
  port->node = node;
  port->is_output = is_output;
  if (!import->ports)
    import->ports = g_ptr_array_new_with_free_func (port_free);
  g_ptr_array_add (import->ports, port);
  return port;
}

/* ---- reading ---- */

NnImport *
nn_import_file (const char *path, const NnLoadContext *context, GError **error)
{
  const NnImporter *importer = nn_importer_for (path);
  g_autofree char *source = g_filename_display_basename (path);
  if (!importer)
    {
      g_autoptr (GString) endings = g_string_new (NULL);
      for (guint i = 0; importers[i]; i++)
        g_string_append_printf (endings, "%s%s", i ? ", " : "", importers[i]->extension);
      g_set_error (error, NN_ERROR, NN_ERROR_UNKNOWN,
                   _ ("“%s” cannot be imported: its name should end in one of %s."), source,
                   endings->str);
      return NULL;
    }
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GBytes) bytes =
      g_file_load_bytes (file, context ? context->cancellable : NULL, NULL, error);
  if (!bytes)
    return NULL;
  g_autofree char *folder = g_path_get_dirname (path);
  return importer->read (bytes, source, folder, context, error);
}
