#include "data/nn-data-library.h"

#include <errno.h>
#include <string.h>

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>

#include "base/nn-error.h"
#include "model/nn-design.h"

static char *
library_path (void)
{
  return g_build_filename (g_get_user_data_dir (), "diabolo", "datasets.json", NULL);
}

static gboolean
damaged (const char *path, const char *why, GError **error)
{
  g_autofree char *name = g_filename_display_name (path);
  g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
               _ ("The list of your data sets, “%s”, cannot be read: %s"), name, why);
  return FALSE;
}

static gboolean
add_members (GPtrArray *sets, JsonParser *parser, const char *path, GError **error)
{
  JsonNode *root = json_parser_get_root (parser);
  JsonObject *object = root && JSON_NODE_HOLDS_OBJECT (root) ? json_node_get_object (root) : NULL;
  JsonNode *member = object ? json_object_get_member (object, "datasets") : NULL;
  if (!member || !JSON_NODE_HOLDS_ARRAY (member))
    return damaged (path, _ ("it has no list “datasets”."), error);
  JsonArray *array = json_node_get_array (member);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      GError *reason = NULL;
      NnParams *data =
          JSON_NODE_HOLDS_OBJECT (node)
              ? nn_params_from_json (nn_data_specs (), json_node_get_object (node), &reason)
              : NULL;
      if (!data)
        {
          damaged (path, reason ? reason->message : _ ("a data set is no object."), error);
          g_clear_error (&reason);
          return FALSE;
        }
      g_ptr_array_add (sets, data);
    }
  return TRUE;
}

/* All sets, those whose files are gone included. */
static GPtrArray *
read_all (GError **error)
{
  g_autoptr (GPtrArray) sets = g_ptr_array_new_with_free_func ((GDestroyNotify)nn_params_unref);
  g_autofree char *path = library_path ();
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return g_steal_pointer (&sets);
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (GError) reason = NULL;
  if (!json_parser_load_from_file (parser, path, &reason))
    {
      damaged (path, reason->message, error);
      return NULL;
    }
  return add_members (sets, parser, path, error) ? g_steal_pointer (&sets) : NULL;
}

static gboolean
write_all (GPtrArray *sets, GError **error)
{
  g_autofree char *path = library_path ();
  g_autofree char *folder = g_path_get_dirname (path);
  if (g_mkdir_with_parents (folder, 0755) != 0)
    {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno),
                   _ ("The folder “%s” cannot be made: %s."), folder, g_strerror (errno));
      return FALSE;
    }
  JsonArray *array = json_array_new ();
  for (guint i = 0; i < sets->len; i++)
    json_array_add_object_element (array, nn_params_to_json (g_ptr_array_index (sets, i)));
  g_autoptr (JsonObject) object = json_object_new ();
  json_object_set_array_member (object, "datasets", array);
  g_autoptr (JsonNode) root = json_node_init_object (json_node_alloc (), object);
  g_autofree char *text = json_to_string (root, TRUE);
  return g_file_set_contents (path, text, -1, error);
}

static gboolean
remove_path (GPtrArray *sets, const char *path)
{
  for (guint i = 0; i < sets->len; i++)
    if (g_str_equal (nn_params_text (g_ptr_array_index (sets, i), "name"), path))
      {
        g_ptr_array_remove_index (sets, i);
        return TRUE;
      }
  return FALSE;
}

GPtrArray *
nn_data_library_read (GError **error)
{
  GPtrArray *sets = read_all (error);
  for (guint i = sets ? sets->len : 0; i-- > 0;)
    {
      const char *path = nn_params_text (g_ptr_array_index (sets, i), "name");
      if (!g_path_is_absolute (path) || !g_file_test (path, G_FILE_TEST_EXISTS))
        g_ptr_array_remove_index (sets, i);
    }
  return sets;
}

gboolean
nn_data_library_add (const NnParams *data, GError **error)
{
  g_autoptr (GPtrArray) sets = read_all (error);
  g_autofree char *path = g_canonicalize_filename (nn_params_text (data, "name"), NULL);
  g_autoptr (NnParams) absolute = nn_params_with_text (data, "name", path, error);
  /* How much of it one network trains on is not how it is read. */
  g_autoptr (NnParams) whole =
      absolute ? nn_params_with_number (absolute, "limit", 0, error) : NULL;
  if (!sets || !whole)
    return FALSE;
  remove_path (sets, path);
  g_ptr_array_add (sets, g_steal_pointer (&whole));
  return write_all (sets, error);
}

gboolean
nn_data_library_remove (const char *path, GError **error)
{
  g_autoptr (GPtrArray) sets = read_all (error);
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  if (!sets)
    return FALSE;
  return !remove_path (sets, absolute) || write_all (sets, error);
}
