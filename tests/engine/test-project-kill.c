/* A process that saves over a file again and again is killed at random moments: what is there
 * afterwards is always a whole file, of the version before or after. */
#include <glib/gstdio.h>
#include <utime.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "project-fixture.h"

#define KILLS 300

/* Saves versions first, first + 1, ... until it is killed. Tells through fd that it is about to
 * begin. */
static void
save_for_ever (const char *path, guint first, int fd)
{
  g_autoptr (NnDesign) design = fixture_make_design ();

  if (write (fd, "", 1) != 1)
    _exit (1);
  for (guint epoch = first;; epoch++)
    {
      g_autoptr (NnCheckpoint) checkpoint = fixture_make_checkpoint (epoch);
      g_autoptr (NnProject) project = nn_project_new (design, checkpoint);

      if (!nn_project_save (project, path, NULL, NULL))
        _exit (2);
    }
}

static void
kill_while_saving (const char *path, guint first, int longest)
{
  int ends[2], status;
  char byte;

  g_assert_cmpint (pipe (ends), ==, 0);
  pid_t child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    save_for_ever (path, first, ends[1]);
  g_assert_cmpint (read (ends[0], &byte, 1), ==, 1);
  g_usleep (g_test_rand_int_range (0, longest));
  kill (child, SIGKILL);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFSIGNALED (status));
  close (ends[0]);
  close (ends[1]);
}

/* Temporary files of the killed. */
static guint
remove_others (const char *folder, const char *keep)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  guint n = 0;

  while ((name = g_dir_read_name (dir)) != NULL)
    if (strcmp (name, keep) != 0)
      {
        g_autofree char *path = g_build_filename (folder, name, NULL);

        g_assert_cmpint (name[0], ==, '.');
        g_assert_cmpint (g_remove (path), ==, 0);
        n++;
      }
  return n;
}

static void
test_kill (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("diabolo-test-XXXXXX", &error);
  g_assert_no_error (error);
  g_autofree char *path = g_build_filename (folder, "x.diabolo", NULL);
  g_autoptr (NnProject) project = fixture_make_project (0);
  guint newest = 0, replaced = 0, interrupted = 0;
  int longest =
      12000; /* microseconds until the kill; finds what a few saves take on this machine */

  g_assert_true (nn_project_save (project, path, NULL, &error));
  for (guint i = 0; i < KILLS; i++)
    {
      kill_while_saving (path, newest + 1, longest);
      g_autoptr (NnProject) found = nn_project_load (path, NULL, &error);
      g_assert_no_error (error);
      const guint epoch = found->checkpoint->epoch;
      g_autoptr (NnCheckpoint) expected = fixture_make_checkpoint (epoch);
      g_assert_cmpuint (epoch, >=, newest);
      g_assert_true (fixture_checkpoint_equal (expected, found->checkpoint));
      replaced += epoch > newest;
      longest =
          epoch > newest ? MAX (longest * 9 / 10, 1000) : MIN (longest * 11 / 10, G_USEC_PER_SEC);
      newest = epoch;
      interrupted += remove_others (folder, "x.diabolo") > 0;
    }
  /* The moments were well spread: before, between and in the middle of saves. */
  g_test_message ("%u kills: %u left a newer file, %u a temporary one", KILLS, replaced,
                  interrupted);
  g_assert_cmpuint (replaced, >, 10);
  g_assert_cmpuint (interrupted, >, 10);
  g_assert_cmpint (g_remove (path), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

/* What a killed save has left beside its file goes with a later save; what is not its own stays. */
static void
test_leftovers (void)
{
  static const struct
  {
    const char *name;
    gboolean is_old, goes;
  } others[] = {
    { ".x.diabolo.0123abcd", TRUE, TRUE },   { ".x.diabolo.0123abce", FALSE, FALSE },
    { ".x.diabolo.0123ABCD", TRUE, FALSE },  { ".x.diabolo.0123abcd1", TRUE, FALSE },
    { ".xx.diabolo.0123abcd", TRUE, FALSE }, { "x.diabolo.0123abcd", TRUE, FALSE },
    { ".x.diabolo.swp", TRUE, FALSE },
  };
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("diabolo-test-XXXXXX", &error);
  g_assert_no_error (error);
  g_autofree char *path = g_build_filename (folder, "x.diabolo", NULL);
  g_autoptr (NnProject) project = fixture_make_project (0);
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autofree char *other = g_build_filename (folder, others[i].name, NULL);
      const time_t now = g_get_real_time () / G_USEC_PER_SEC;
      struct utimbuf times = { now - 100, now - 100 };
      g_assert_true (g_file_set_contents (other, "half a project", -1, NULL));
      if (others[i].is_old)
        g_assert_cmpint (g_utime (other, &times), ==, 0);
    }
  g_assert_true (nn_project_save (project, path, NULL, &error));
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autofree char *other = g_build_filename (folder, others[i].name, NULL);
      g_assert_true (g_file_test (other, G_FILE_TEST_EXISTS) == !others[i].goes);
      if (!others[i].goes)
        g_remove (other);
    }
  g_assert_cmpint (g_remove (path), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/project/kill", test_kill);
  g_test_add_func ("/project/leftovers", test_leftovers);
  return g_test_run ();
}
