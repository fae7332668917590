#include "formats/nn-recovery.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "formats/nn-json.h"
#include "formats/nn-replace.h"

#define PROJECT ".diabolo"
#define ABOUT ".json"
#define LOCK ".lock"

/* Members of ID.json. */
#define TITLE "title"
#define ORIGINAL "original" /* a URI: paths need not be UTF-8 */
#define PROCESS "process"   /* for whoever looks into the folder; the lock is what counts */

/* Characters of g_uuid_string_random(). */
#define ID_LENGTH 36

#define NOT_LOCKED (-1)

struct _NnRecovery
{
  GMutex mutex; /* over every call */
  char *folder;
  GHashTable *locks; /* id -> file descriptor of its lock file, this instance's own entries */
};

void
nn_recovery_entry_free (NnRecoveryEntry *entry)
{
  if (!entry)
    return;
  g_free (entry->id);
  g_free (entry->path_of_project);
  g_free (entry->original_path);
  g_free (entry->title);
  g_clear_pointer (&entry->time, g_date_time_unref);
  g_free (entry);
}

G_GNUC_PRINTF (3, 4)
static gboolean
fails (int code, GError **error, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *what = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_autofree char *shown = g_utf8_make_valid (what, -1);
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "%s: %s.", shown,
               g_strerror (code));
  return FALSE;
}

static void
unlock (gpointer fd)
{
  close (GPOINTER_TO_INT (fd));
}

NnRecovery *
nn_recovery_open (const char *folder, GError **error)
{
  g_autofree char *path =
      folder ? g_strdup (folder)
             : g_build_filename (g_get_user_state_dir (), "diabolo", "recovery", NULL);
  if (g_mkdir_with_parents (path, 0700) != 0)
    {
      fails (errno, error, _ ("The folder “%s” for unsaved work cannot be made"), path);
      return NULL;
    }

  NnRecovery *recovery = g_new0 (NnRecovery, 1);
  g_mutex_init (&recovery->mutex);
  recovery->folder = g_steal_pointer (&path);
  recovery->locks = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, unlock);
  return recovery;
}

void
nn_recovery_free (NnRecovery *recovery)
{
  if (!recovery)
    return;
  g_hash_table_unref (recovery->locks);
  g_mutex_clear (&recovery->mutex);
  g_free (recovery->folder);
  g_free (recovery);
}

static char *
file_of (const NnRecovery *recovery, const char *id, const char *suffix)
{
  g_autofree char *name = g_strconcat (id, suffix, NULL);
  return g_build_filename (recovery->folder, name, NULL);
}

static gboolean
has_project (const NnRecovery *recovery, const char *id)
{
  g_autofree char *path = file_of (recovery, id, PROJECT);
  return g_file_test (path, G_FILE_TEST_IS_REGULAR);
}

/* ---- locks ---- */

/* Whether path still names the file that fd is: whoever held the lock before may have removed it.
 */
static gboolean
is_same_file (int fd, const char *path)
{
  struct stat by_fd, by_path;
  return fstat (fd, &by_fd) == 0 && stat (path, &by_path) == 0 && by_fd.st_dev == by_path.st_dev
         && by_fd.st_ino == by_path.st_ino;
}

/* Opens and locks ID.lock. NOT_LOCKED and G_IO_ERROR_BUSY where another instance holds it. */
static int
lock (const NnRecovery *recovery, const char *id, GError **error)
{
  g_autofree char *path = file_of (recovery, id, LOCK);
  for (;;)
    {
      int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
      if (fd < 0)
        {
          fails (errno, error, _ ("“%s” cannot be opened"), path);
          return NOT_LOCKED;
        }
      if (flock (fd, LOCK_EX | LOCK_NB) != 0)
        {
          int code = errno;
          close (fd);
          if (code == EWOULDBLOCK)
            g_set_error (
                error, G_IO_ERROR, G_IO_ERROR_BUSY,
                _ ("The unsaved work “%s” is open in another window of Diabolo that runs now."),
                id);
          else
            fails (code, error, _ ("“%s” cannot be locked"), path);
          return NOT_LOCKED;
        }
      if (is_same_file (fd, path))
        return fd;
      close (fd);
    }
}

/* Makes the entry this instance's own, if it is not already. */
static gboolean
own (NnRecovery *recovery, const char *id, GError **error)
{
  if (g_hash_table_contains (recovery->locks, id))
    return TRUE;
  int fd = lock (recovery, id, error);
  if (fd == NOT_LOCKED)
    return FALSE;
  g_hash_table_insert (recovery->locks, g_strdup (id), GINT_TO_POINTER (fd));
  return TRUE;
}

/* ---- files ---- */

/* The id that a file of an entry is named after, or NULL: "ID.json", ".ID.diabolo.1234abcd". */
static char *
id_of_name (const char *name)
{
  name += name[0] == '.';
  if (strlen (name) <= ID_LENGTH || name[ID_LENGTH] != '.')
    return NULL;
  g_autofree char *id = g_strndup (name, ID_LENGTH);
  return g_uuid_string_is_valid (id) ? g_steal_pointer (&id) : NULL;
}

/* Removes temporary files of an entry whose writer was killed; with all, every other file too, the
 * lock last. Call with the lock held. */
static gboolean
clear_files (const NnRecovery *recovery, const char *id, gboolean all, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (recovery->folder, 0, error);
  if (!dir)
    return FALSE;
  g_autofree char *lock_path = file_of (recovery, id, LOCK);
  for (const char *name = g_dir_read_name (dir); name; name = g_dir_read_name (dir))
    {
      g_autofree char *owner = id_of_name (name);
      g_autofree char *path = g_build_filename (recovery->folder, name, NULL);
      gboolean wanted = owner && g_str_equal (owner, id) && !g_str_equal (path, lock_path)
                        && (all || name[0] == '.');
      if (wanted && g_unlink (path) != 0 && errno != ENOENT)
        return fails (errno, error, _ ("“%s” cannot be removed"), path);
    }
  if (all && g_unlink (lock_path) != 0 && errno != ENOENT)
    return fails (errno, error, _ ("“%s” cannot be removed"), lock_path);
  return TRUE;
}

static gboolean
write_about (const NnRecovery *recovery, const char *id, const char *title,
             const char *original_path, GCancellable *cancellable, GError **error)
{
  g_autoptr (JsonObject) about = json_object_new ();
  json_object_set_string_member (about, TITLE, title);
  if (original_path)
    {
      g_autofree char *absolute = g_canonicalize_filename (original_path, NULL);
      g_autofree char *uri = g_filename_to_uri (absolute, NULL, error);
      if (!uri)
        return FALSE;
      json_object_set_string_member (about, ORIGINAL, uri);
    }
  json_object_set_int_member (about, PROCESS, getpid ());

  char *text = nn_json_to_text (about);
  g_autoptr (GBytes) bytes = g_bytes_new_take (text, strlen (text));
  g_autofree char *path = file_of (recovery, id, ABOUT);
  return nn_replace_file (path, bytes, cancellable, error);
}

/* What is written beside the project is a help, not the work itself: an entry without it is offered
 * still, with an empty title. */
static void
read_about (const NnRecovery *recovery, NnRecoveryEntry *entry)
{
  g_autofree char *path = file_of (recovery, entry->id, ABOUT);
  g_autofree char *text = NULL;
  gsize length;
  const char *title = "", *uri;
  if (g_file_get_contents (path, &text, &length, NULL))
    {
      g_autoptr (JsonObject) about = nn_json_parse_object (text, length, path, NULL);
      if (about)
        nn_json_get_text (about, TITLE, path, &title, NULL);
      if (about && nn_json_get_text (about, ORIGINAL, path, &uri, NULL))
        entry->original_path = g_filename_from_uri (uri, NULL, NULL);
      entry->title = g_strdup (title);
    }
  else
    entry->title = g_strdup ("");
}

static NnRecoveryEntry *
read_entry (const NnRecovery *recovery, const char *id)
{
  g_autoptr (NnRecoveryEntry) entry = g_new0 (NnRecoveryEntry, 1);
  struct stat status;
  entry->id = g_strdup (id);
  entry->path_of_project = file_of (recovery, id, PROJECT);
  if (stat (entry->path_of_project, &status) != 0 || !S_ISREG (status.st_mode))
    return NULL;
  g_autoptr (GDateTime) second = g_date_time_new_from_unix_local (status.st_mtim.tv_sec);
  if (!second)
    return NULL;
  entry->time = g_date_time_add (second, status.st_mtim.tv_nsec / 1000);
  read_about (recovery, entry);
  return g_steal_pointer (&entry);
}

/* ---- the calls ---- */

gboolean
nn_recovery_write (NnRecovery *recovery, const char *document_id, NnProject *project,
                   const char *original_path, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (document_id && g_uuid_string_is_valid (document_id), FALSE);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&recovery->mutex);
  if (!own (recovery, document_id, error))
    return FALSE;

  /* The project last: it makes the entry. */
  g_autofree char *path = file_of (recovery, document_id, PROJECT);
  return write_about (recovery, document_id, nn_design_title (project->design), original_path,
                      cancellable, error)
         && nn_project_save (project, path, cancellable, error);
}

static gint
newest_first (gconstpointer a, gconstpointer b)
{
  const NnRecoveryEntry *first = *(NnRecoveryEntry *const *)a,
                        *second = *(NnRecoveryEntry *const *)b;
  return g_date_time_compare (second->time, first->time);
}

/* Ids of all entries in the folder but this instance's own. */
static GHashTable *
other_ids (const NnRecovery *recovery)
{
  GHashTable *ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GDir) dir = g_dir_open (recovery->folder, 0, NULL);
  for (const char *name = dir ? g_dir_read_name (dir) : NULL; name; name = g_dir_read_name (dir))
    {
      char *id = id_of_name (name);
      if (id && !g_hash_table_contains (recovery->locks, id))
        g_hash_table_add (ids, id);
      else
        g_free (id);
    }
  return ids;
}

GPtrArray *
nn_recovery_list_abandoned (NnRecovery *recovery)
{
  GPtrArray *entries = g_ptr_array_new_with_free_func ((GDestroyNotify)nn_recovery_entry_free);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&recovery->mutex);
  g_autoptr (GHashTable) ids = other_ids (recovery);
  GHashTableIter iter;
  gpointer id;

  g_hash_table_iter_init (&iter, ids);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    {
      int fd = lock (recovery, id, NULL);
      if (fd == NOT_LOCKED)
        continue;
      clear_files (recovery, id, !has_project (recovery, id), NULL);
      NnRecoveryEntry *entry = read_entry (recovery, id);
      if (entry)
        g_ptr_array_add (entries, entry);
      close (fd);
    }
  g_ptr_array_sort (entries, newest_first);
  return entries;
}

gboolean
nn_recovery_adopt (NnRecovery *recovery, const char *id, GError **error)
{
  g_return_val_if_fail (id && g_uuid_string_is_valid (id), FALSE);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&recovery->mutex);
  if (!own (recovery, id, error))
    return FALSE;
  if (has_project (recovery, id))
    return TRUE;

  clear_files (recovery, id, TRUE, NULL);
  g_hash_table_remove (recovery->locks, id);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
               _ ("The unsaved work “%s” is not there any more."), id);
  return FALSE;
}

gboolean
nn_recovery_discard (NnRecovery *recovery, const char *id, GError **error)
{
  g_return_val_if_fail (id && g_uuid_string_is_valid (id), FALSE);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&recovery->mutex);
  if (!own (recovery, id, error))
    return FALSE;
  gboolean cleared = clear_files (recovery, id, TRUE, error);
  g_hash_table_remove (recovery->locks, id);
  return cleared;
}
