#include "diabolo-config.h"

#include "formats/nn-project.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/nn-error.h"
#include "formats/nn-json.h"
#include "formats/nn-project-checkpoint.h"
#include "formats/nn-replace.h"
#include "formats/nn-zip.h"

#define FORMAT "diabolo"
#define MARKER "diabolo.json"
#define DESIGN "design.json"
#define THUMBNAIL "thumbnail.png"
#define TEXT "lesson.md"
#define STATE "state.json"
#define LESSON "lesson" /* in diabolo.json */
#define FIRST_STAGE "first-stage"
#define EARLIER_RUNS "earlier-runs"
#define WEIGHTS "weights"

static const char *const origin_ids[] = {
  [NN_WEIGHTS_OF_STAGE] = "of-stage",
  [NN_WEIGHTS_IMPORTED] = "imported",
};

#define KIB ((gsize)1024)
#define MIB (1024 * KIB)

/* ---- bounds ---- */

/* Largest sizes that make sense: a design of 500 layers is under 1 MiB, a run of 20,000 rows under
 * 3 MiB. */
static const struct
{
  const char *name;
  gsize limit;
} entry_limits[] = {
  { MARKER, 64 * KIB },         { DESIGN, 16 * MIB },    { STATE, 1 * MIB },
  { "history.csv", 256 * MIB }, { THUMBNAIL, 16 * MIB }, { TEXT, 4 * MIB },
};

/* Weights, and entries that are not known, are as large as the file allows: this program stores
 * them unpacked, other packers get weights down to no less than a half, and the constant leaves
 * room for the zeros of a fresh optimizer. NULL: all entries together. */
static gsize
limit_for (const char *name, gsize archive_size)
{
  gsize by_size = 64 * MIB + 8 * archive_size;

  if (name == NULL)
    return 256 * MIB + 8 * archive_size;
  for (guint i = 0; i < G_N_ELEMENTS (entry_limits); i++)
    if (strcmp (entry_limits[i].name, name) == 0)
      return MIN (entry_limits[i].limit, by_size);
  return by_size;
}

/* ---- the object ---- */

NnProject *
nn_project_new (NnDesign *design, NnCheckpoint *checkpoint)
{
  NnProject *project = g_new0 (NnProject, 1);

  project->design = nn_design_ref (design);
  project->checkpoint = checkpoint != NULL ? nn_checkpoint_ref (checkpoint) : NULL;
  return project;
}

void
nn_project_free (NnProject *project)
{
  g_clear_pointer (&project->design, nn_design_unref);
  g_clear_pointer (&project->checkpoint, nn_checkpoint_unref);
  g_clear_pointer (&project->thumbnail, g_bytes_unref);
  g_clear_pointer (&project->extra, g_hash_table_unref);
  g_free (project->text);
  g_free (project->lesson);
  g_free (project->first_stage);
  g_free (project);
}

/* ---- what is not known ---- */

static void
add_extra (NnProject *project, const char *name, GBytes *bytes)
{
  if (project->extra == NULL)
    project->extra =
        g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_bytes_unref);
  g_hash_table_insert (project->extra, g_strdup (name), g_bytes_ref (bytes));
}

/* Unknown keys of an entry of which others are known. */
static void
add_extra_keys (NnProject *project, const char *name, JsonObject *keys)
{
  char *text = nn_json_to_text (keys);
  g_autoptr (GBytes) bytes = g_bytes_new_take (text, strlen (text));

  add_extra (project, name, bytes);
}

/* (transfer full) (nullable) */
static JsonObject *
extra_keys (const NnProject *project, const char *name)
{
  GBytes *bytes = project->extra != NULL ? g_hash_table_lookup (project->extra, name) : NULL;
  gsize size;

  if (bytes == NULL)
    return NULL;
  const char *text = g_bytes_get_data (bytes, &size);
  return nn_json_parse_object (text, size, name, NULL);
}

/* ---- diabolo.json ---- */

/* Names every other entry, so that one that got lost is noticed. */
static char *
write_marker (const NnProject *project, GPtrArray *entries)
{
  g_autoptr (JsonObject) marker = json_object_new ();
  g_autoptr (JsonObject) extra = extra_keys (project, MARKER);
  g_autofree char *version = g_strdup_printf ("%d.%d", NN_PROJECT_MAJOR, NN_PROJECT_MINOR);
  JsonArray *names = json_array_new ();

  json_object_set_string_member (marker, "format", FORMAT);
  json_object_set_string_member (marker, "version", version);
  for (guint i = 0; i < entries->len; i++)
    json_array_add_string_element (names, ((NnZipEntry *)g_ptr_array_index (entries, i))->name);
  json_object_set_array_member (marker, "entries", names);
  if (project->lesson != NULL)
    json_object_set_string_member (marker, LESSON, project->lesson);
  if (project->first_stage != NULL)
    json_object_set_string_member (marker, FIRST_STAGE, project->first_stage);
  if (project->n_earlier_runs > 0)
    json_object_set_int_member (marker, EARLIER_RUNS, project->n_earlier_runs);
  if (project->origin > NN_WEIGHTS_DRAWN && project->checkpoint != NULL
      && project->checkpoint->step == 0)
    json_object_set_string_member (marker, WEIGHTS, origin_ids[project->origin]);
  nn_json_add_members (marker, extra);
  return nn_json_to_text (marker);
}

/* "1.0" */
static gboolean
parse_version (const char *text, guint64 *major, guint64 *minor)
{
  g_auto (GStrv) parts = g_strsplit (text, ".", -1);

  return g_strv_length (parts) == 2
         && g_ascii_string_to_unsigned (parts[0], 10, 0, G_MAXINT32, major, NULL)
         && g_ascii_string_to_unsigned (parts[1], 10, 0, G_MAXINT32, minor, NULL);
}

static gboolean
check_version (const char *version, const char *where, gboolean *newer, GError **error)
{
  guint64 major, minor;

  if (!parse_version (version, &major, &minor))
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("%s: “version” should be two numbers with a point between, but is “%s”."),
                   where, version);
      return FALSE;
    }
  if (major > NN_PROJECT_MAJOR)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_VERSION,
                   _ ("%s: this program reads projects of version %d, but the file has version %s. "
                      "A newer Diabolo "
                      "wrote it."),
                   where, NN_PROJECT_MAJOR, version);
      return FALSE;
    }
  *newer = major == NN_PROJECT_MAJOR && minor > NN_PROJECT_MINOR;
  return TRUE;
}

static gboolean
check_names (JsonObject *marker, GPtrArray *entries, const char *where, const char *source,
             GError **error)
{
  JsonNode *node = json_object_get_member (marker, "entries");

  if (node == NULL)
    return TRUE;
  JsonArray *names = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  gboolean ok = names != NULL && json_array_get_length (names) <= NN_ZIP_MAX_ENTRIES;
  for (guint i = 0; ok && i < json_array_get_length (names); i++)
    {
      JsonNode *element = json_array_get_element (names, i);

      ok = JSON_NODE_HOLDS_VALUE (element) && json_node_get_value_type (element) == G_TYPE_STRING;
      if (ok && nn_zip_entries_find (entries, json_node_get_string (element)) == NULL)
        {
          g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                       _ ("%s: the entry %s was expected, but is not there."), source,
                       json_node_get_string (element));
          return FALSE;
        }
    }
  if (!ok)
    g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                 _ ("%s: “entries” should be a list of at most %d names."), where,
                 NN_ZIP_MAX_ENTRIES);
  return ok;
}

/* A member that may be missing goes from marker to text. */
static gboolean
take_text (JsonObject *marker, const char *name, const char *where, char **text, GError **error)
{
  const char *found = NULL;

  if (json_object_has_member (marker, name)
      && !nn_json_get_text (marker, name, where, &found, error))
    return FALSE;
  *text = g_strdup (found);
  json_object_remove_member (marker, name);
  return TRUE;
}

static gboolean
take_earlier_runs (NnProject *project, JsonObject *marker, const char *where, GError **error)
{
  gint64 n = 0;

  if (json_object_has_member (marker, EARLIER_RUNS)
      && !nn_json_get_int (marker, EARLIER_RUNS, 0, G_MAXUINT, where, &n, error))
    return FALSE;
  project->n_earlier_runs = (guint)n;
  json_object_remove_member (marker, EARLIER_RUNS);
  return TRUE;
}

/* What only a newer version says is not known. */
static gboolean
take_origin (NnProject *project, JsonObject *marker, const char *where, GError **error)
{
  g_autofree char *id = NULL;

  if (!take_text (marker, WEIGHTS, where, &id, error))
    return FALSE;
  for (guint i = NN_WEIGHTS_OF_STAGE; i < G_N_ELEMENTS (origin_ids); i++)
    if (g_strcmp0 (origin_ids[i], id) == 0)
      project->origin = (NnWeightsOrigin)i;
  return TRUE;
}

static gboolean
read_marker (NnProject *project, GPtrArray *entries, const char *source, GError **error)
{
  g_autofree char *where = g_strdup_printf ("%s, %s", source, MARKER);
  GBytes *bytes = nn_zip_entries_find (entries, MARKER);
  const char *format, *version;
  gboolean newer;
  gsize size;

  if (bytes == NULL)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("%s is no Diabolo project: the entry %s is not there."), source, MARKER);
      return FALSE;
    }
  const char *text = g_bytes_get_data (bytes, &size);
  g_autoptr (JsonObject) marker = nn_json_parse_object (text, size, where, error);
  if (marker == NULL || !nn_json_get_text (marker, "format", where, &format, error))
    return FALSE;
  if (strcmp (format, FORMAT) != 0)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("%s: “format” should be “%s”, but is “%s”."), where, FORMAT, format);
      return FALSE;
    }
  if (!nn_json_get_text (marker, "version", where, &version, error)
      || !check_version (version, where, &newer, error)
      || !check_names (marker, entries, where, source, error))
    return FALSE;

  if (!take_text (marker, LESSON, where, &project->lesson, error)
      || !take_text (marker, FIRST_STAGE, where, &project->first_stage, error)
      || !take_earlier_runs (project, marker, where, error)
      || !take_origin (project, marker, where, error))
    return FALSE;

  /* With what a newer version put there the file keeps that version. */
  if (!newer)
    json_object_remove_member (marker, "version");
  json_object_remove_member (marker, "format");
  json_object_remove_member (marker, "entries");
  if (json_object_get_size (marker) > 0)
    add_extra_keys (project, MARKER, marker);
  return TRUE;
}

/* ---- reading ---- */

static gboolean
read_design (NnProject *project, GPtrArray *entries, const char *source, GError **error)
{
  g_autofree char *where = g_strdup_printf ("%s, %s", source, DESIGN);
  GBytes *bytes = nn_zip_entries_find (entries, DESIGN);
  gsize size;

  if (bytes == NULL)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("%s: the entry %s was expected, but is not there."), source, DESIGN);
      return FALSE;
    }
  const char *text = g_bytes_get_data (bytes, &size);
  g_autoptr (JsonObject) checked = nn_json_parse_object (text, size, where, error);
  if (checked == NULL)
    return FALSE;
  project->design = nn_design_from_json (text, (gssize)size, error);
  if (project->design == NULL)
    g_prefix_error (error, "%s: ", where);
  return project->design != NULL;
}

static gboolean
read_thumbnail (NnProject *project, GBytes *bytes, const char *source, GError **error)
{
  static const guint8 signature[] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  if (size < sizeof signature || memcmp (data, signature, sizeof signature) != 0)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("%s, %s: a PNG picture was expected, but it does not begin like one."),
                   source, THUMBNAIL);
      return FALSE;
    }
  project->thumbnail = g_bytes_ref (bytes);
  return TRUE;
}

static gboolean
read_text (NnProject *project, GBytes *bytes, const char *source, GError **error)
{
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);

  if (!g_utf8_validate_len (data, size, NULL))
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT, _ ("%s, %s: UTF-8 was expected."), source,
                   TEXT);
      return FALSE;
    }
  project->text = g_strndup (data, size);
  return TRUE;
}

/* Thumbnail, text and what is not known. */
static gboolean
read_rest (NnProject *project, GPtrArray *entries, const char *source, GError **error)
{
  for (guint i = 0; i < entries->len; i++)
    {
      const NnZipEntry *entry = g_ptr_array_index (entries, i);

      if (strcmp (entry->name, THUMBNAIL) == 0)
        {
          if (!read_thumbnail (project, entry->bytes, source, error))
            return FALSE;
        }
      else if (strcmp (entry->name, TEXT) == 0)
        {
          if (!read_text (project, entry->bytes, source, error))
            return FALSE;
        }
      else if (strcmp (entry->name, MARKER) != 0 && strcmp (entry->name, DESIGN) != 0
               && !(project->checkpoint != NULL && nn_project_checkpoint_has_entry (entry->name)))
        add_extra (project, entry->name, entry->bytes);
    }
  return TRUE;
}

NnProject *
nn_project_load_bytes (GBytes *bytes, const char *name, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) entries = nn_zip_read (bytes, name, limit_for, cancellable, error);
  g_autoptr (NnProject) project = g_new0 (NnProject, 1);

  g_autoptr (JsonObject) state_keys = NULL;

  if (entries == NULL || !read_marker (project, entries, name, error)
      || !read_design (project, entries, name, error)
      || !nn_project_checkpoint_read (entries, name, project->design, &project->checkpoint,
                                      &state_keys, error)
      || !read_rest (project, entries, name, error))
    return NULL;
  if (state_keys != NULL)
    add_extra_keys (project, STATE, state_keys);
  return g_steal_pointer (&project);
}

/* Nothing else is read whole: a film, a device, or whatever the path may name. */
static gboolean
check_file (GFile *file, const char *shown, GCancellable *cancellable, GError **error)
{
  g_autoptr (GFileInfo) info =
      g_file_query_info (file, G_FILE_ATTRIBUTE_STANDARD_TYPE "," G_FILE_ATTRIBUTE_STANDARD_SIZE,
                         G_FILE_QUERY_INFO_NONE, cancellable, error);

  if (info == NULL)
    return FALSE;
  if (g_file_info_get_file_type (info) != G_FILE_TYPE_REGULAR)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("%s is no Diabolo project: it is a folder or device, not a file."), shown);
      return FALSE;
    }
  if ((guint64)g_file_info_get_size (info) > NN_ZIP_MAX_SIZE)
    {
      g_autofree char *size = g_format_size ((guint64)g_file_info_get_size (info));
      g_autofree char *most = g_format_size (NN_ZIP_MAX_SIZE);

      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("%s is no Diabolo project: at most %s were expected, but it has %s."), shown,
                   most, size);
      return FALSE;
    }
  g_autoptr (GFileInputStream) stream = g_file_read (file, cancellable, error);
  char begin[4];
  gsize n;
  if (stream == NULL
      || !g_input_stream_read_all (G_INPUT_STREAM (stream), begin, sizeof begin, &n, cancellable,
                                   error))
    return FALSE;
  if (n < sizeof begin || memcmp (begin, "PK", 2) != 0)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("%s is no Diabolo project: a zip archive was expected, but it does not begin "
                      "like one."),
                   shown);
      return FALSE;
    }
  return TRUE;
}

NnProject *
nn_project_load (const char *path, GCancellable *cancellable, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);
  g_autoptr (GFile) file = g_file_new_for_path (path);

  if (!check_file (file, shown, cancellable, error))
    return NULL;
  g_autoptr (GBytes) bytes = g_file_load_bytes (file, cancellable, NULL, error);
  if (bytes == NULL)
    return NULL;
  return nn_project_load_bytes (bytes, shown, cancellable, error);
}

/* Of all entries the picture alone. */
static gsize
thumbnail_limit (const char *name, gsize archive_size)
{
  if (name == NULL)
    return G_MAXSIZE;
  return strcmp (name, THUMBNAIL) == 0 ? limit_for (name, archive_size) : 0;
}

GBytes *
nn_project_load_thumbnail (const char *path, GCancellable *cancellable, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (NnProject) project = g_new0 (NnProject, 1);

  if (!check_file (file, shown, cancellable, error))
    return NULL;
  g_autoptr (GMappedFile) mapped = g_mapped_file_new (path, FALSE, error);
  if (mapped == NULL)
    return NULL;
  g_autoptr (GBytes) bytes = g_mapped_file_get_bytes (mapped);
  g_autoptr (GPtrArray) entries = nn_zip_read (bytes, shown, thumbnail_limit, cancellable, error);
  if (entries == NULL || !read_rest (project, entries, shown, error))
    return NULL;
  if (project->thumbnail == NULL)
    g_set_error (error, NN_ERROR, NN_ERROR_FORMAT, _ ("%s has no picture."), shown);
  return g_steal_pointer (&project->thumbnail);
}

/* ---- writing ---- */

static GBytes *
project_to_bytes (NnProject *project, GError **error)
{
  g_autoptr (GPtrArray) contents = nn_zip_entries_new ();
  g_autofree char *design = nn_design_to_json (project->design);

  nn_zip_entries_add_text (contents, DESIGN, design);
  if (project->checkpoint != NULL)
    {
      g_autoptr (JsonObject) state_keys = extra_keys (project, STATE);

      nn_project_checkpoint_write (contents, project->design, project->checkpoint, state_keys);
    }
  if (project->text != NULL)
    nn_zip_entries_add_text (contents, TEXT, project->text);
  if (project->thumbnail != NULL)
    nn_zip_entries_add (contents, THUMBNAIL, project->thumbnail);
  if (project->extra != NULL)
    {
      g_autoptr (GList) names =
          g_list_sort (g_hash_table_get_keys (project->extra), (GCompareFunc)strcmp);

      for (GList *l = names; l != NULL; l = l->next)
        if (strcmp (l->data, MARKER) != 0 && strcmp (l->data, STATE) != 0
            && nn_zip_entries_find (contents, l->data) == NULL)
          nn_zip_entries_add (contents, l->data, g_hash_table_lookup (project->extra, l->data));
    }

  g_autofree char *marker = write_marker (project, contents);
  g_autoptr (GPtrArray) entries = nn_zip_entries_new ();
  nn_zip_entries_add_text (entries, MARKER, marker);
  for (guint i = 0; i < contents->len; i++)
    {
      const NnZipEntry *entry = g_ptr_array_index (contents, i);

      nn_zip_entries_add (entries, entry->name, entry->bytes);
    }
  return nn_zip_write (entries, error);
}

gboolean
nn_project_save (NnProject *project, const char *path, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (project != NULL && project->design != NULL, FALSE);
  g_return_val_if_fail (path != NULL, FALSE);

  g_autoptr (GBytes) bytes = project_to_bytes (project, error);
  if (bytes == NULL)
    {
      g_autofree char *shown = g_filename_display_name (path);

      g_prefix_error (error, "%s: ", shown);
      return FALSE;
    }
  return nn_replace_file (path, bytes, cancellable, error);
}
