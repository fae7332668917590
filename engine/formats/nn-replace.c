#include "diabolo-config.h"

#include "formats/nn-replace.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Between two looks at the cancellable. */
#define CHUNK (1024 * 1024)

struct _NnReplacement
{
  char *path;      /* as it was given, for errors */
  char *target;    /* what a symbolic link points to */
  char *temporary; /* NULL once it is in place or gone */
  int fd;          /* -1 once closed */
};

static gboolean
fails (const char *path, GError **error)
{
  int code = errno;
  g_autofree char *shown = g_filename_display_name (path);

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), _ ("“%s” cannot be written: %s."),
               shown, g_strerror (code));
  return FALSE;
}

/* Some file systems cannot sync a folder; the file itself is safe by then. */
static void
sync_folder (const char *folder)
{
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (fd < 0)
    return;
  fsync (fd);
  close (fd);
}

/* Permissions of the file that is replaced, 0 where there is none. */
static mode_t
old_mode (const char *target)
{
  struct stat old;

  return stat (target, &old) == 0 ? old.st_mode & 0777 : 0;
}

/* Like mkstemp(), but a new file gets the permissions that the umask says. */
static int
create_temporary (const char *folder, const char *name, char **temporary)
{
  for (guint attempt = 0; attempt < 100; attempt++)
    {
      /* Cut, because a file name has at most 255 bytes. */
      g_autofree char *unique = g_strdup_printf (".%.200s.%08x", name, g_random_int ());
      g_autofree char *candidate = g_build_filename (folder, unique, NULL);
      int fd = open (candidate, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

      if (fd >= 0)
        {
          *temporary = g_steal_pointer (&candidate);
          return fd;
        }
      if (errno != EEXIST)
        return -1;
    }
  return -1;
}

NnReplacement *
nn_replacement_new (const char *path, GError **error)
{
  /* realpath() fails where there is no file yet: then the name itself is meant. */
  char *resolved = realpath (path, NULL);
  g_autoptr (NnReplacement) self = g_new0 (NnReplacement, 1);
  self->fd = -1;
  self->path = g_strdup (path);
  self->target = g_strdup (resolved != NULL ? resolved : path);
  free (resolved);

  if (g_file_test (self->target, G_FILE_TEST_IS_DIR))
    {
      errno = EISDIR;
      fails (path, error);
      return NULL;
    }
  g_autofree char *folder = g_path_get_dirname (self->target);
  g_autofree char *name = g_path_get_basename (self->target);
  self->fd = create_temporary (folder, name, &self->temporary);
  if (self->fd < 0)
    {
      fails (path, error);
      return NULL;
    }
  return g_steal_pointer (&self);
}

gboolean
nn_replacement_write (NnReplacement *self, gconstpointer data, gsize size,
                      GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (self->fd >= 0, FALSE);

  for (gsize done = 0; done < size;)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      gssize n = write (self->fd, (const char *)data + done, MIN (size - done, CHUNK));
      if (n < 0 && errno != EINTR)
        return fails (self->path, error);
      done += n > 0 ? (gsize)n : 0;
    }
  return TRUE;
}

gboolean
nn_replacement_commit (NnReplacement *self, GError **error)
{
  g_return_val_if_fail (self->fd >= 0, FALSE);

  mode_t mode = old_mode (self->target);
  /* Without the sync the rename could reach the disk before the data. */
  gboolean done = fsync (self->fd) == 0 || fails (self->path, error);
  if (done && mode != 0 && fchmod (self->fd, mode) != 0)
    done = fails (self->path, error);
  if (close (self->fd) != 0 && done)
    done = fails (self->path, error);
  self->fd = -1;
  if (done && g_rename (self->temporary, self->target) != 0)
    done = fails (self->path, error);
  if (done)
    {
      g_autofree char *folder = g_path_get_dirname (self->target);
      sync_folder (folder);
      g_clear_pointer (&self->temporary, g_free);
    }
  return done;
}

void
nn_replacement_free (NnReplacement *self)
{
  if (self == NULL)
    return;
  if (self->fd >= 0)
    close (self->fd);
  if (self->temporary != NULL)
    g_unlink (self->temporary);
  g_free (self->path);
  g_free (self->target);
  g_free (self->temporary);
  g_free (self);
}

gboolean
nn_replace_file (const char *path, GBytes *bytes, GCancellable *cancellable, GError **error)
{
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);
  g_autoptr (NnReplacement) replacement = nn_replacement_new (path, error);

  return replacement != NULL && nn_replacement_write (replacement, data, size, cancellable, error)
         && nn_replacement_commit (replacement, error);
}
