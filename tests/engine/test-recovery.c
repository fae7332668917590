#include "formats/nn-recovery.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utime.h>

#include "nn-test-data.h"
#include "project-fixture.h"

#define ID_A "11111111-1111-4111-8111-111111111111"
#define ID_B "22222222-2222-4222-8222-222222222222"

static const char *program; /* argv[0], for a second instance */

typedef struct
{
  char *folder;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("diabolo-recovery-XXXXXX", NULL);
  g_assert_nonnull (fixture->folder);
}

static guint
count_files (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;
  while (dir && g_dir_read_name (dir))
    n++;
  return n;
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  nn_test_remove_folder (fixture->folder);
  g_free (fixture->folder);
}

static NnRecovery *
open_folder (const char *folder)
{
  GError *error = NULL;
  NnRecovery *recovery = nn_recovery_open (folder, &error);
  g_assert_no_error (error);
  return recovery;
}

static void
write_entry (NnRecovery *recovery, const char *id, guint epoch, const char *original_path)
{
  GError *error = NULL;
  g_autoptr (NnProject) project = fixture_make_project (epoch);
  g_assert_true (nn_recovery_write (recovery, id, project, original_path, NULL, &error));
  g_assert_no_error (error);
}

static guint
n_abandoned (NnRecovery *recovery)
{
  g_autoptr (GPtrArray) entries = nn_recovery_list_abandoned (recovery);
  return entries->len;
}

/* The entry holds the whole project as it was at that epoch. */
static void
check_project (const NnRecoveryEntry *entry, guint epoch)
{
  GError *error = NULL;
  g_autoptr (NnProject) expected = fixture_make_project (epoch);
  g_autoptr (NnProject) found = nn_project_load (entry->path_of_project, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (fixture_project_equal (found, expected));
}

/* Entries belong to the instance that wrote them for as long as it lives. */
static void
test_abandoned (Fixture *fixture, gconstpointer data)
{
  g_autoptr (NnRecovery) first = open_folder (fixture->folder);
  g_autoptr (NnRecovery) second = open_folder (fixture->folder);
  gint64 before = g_get_real_time ();
  write_entry (first, ID_A, 3, "/home/x/net.diabolo");
  g_assert_cmpuint (n_abandoned (first), ==, 0);
  g_assert_cmpuint (n_abandoned (second), ==, 0);

  g_clear_pointer (&first, nn_recovery_free);
  g_autoptr (GPtrArray) entries = nn_recovery_list_abandoned (second);
  g_assert_cmpuint (entries->len, ==, 1);
  const NnRecoveryEntry *entry = g_ptr_array_index (entries, 0);
  g_assert_cmpstr (entry->id, ==, ID_A);
  g_assert_cmpstr (entry->original_path, ==, "/home/x/net.diabolo");
  g_assert_cmpstr (entry->title, ==, "Test");
  g_assert_cmpint (g_date_time_to_unix (entry->time), >=, before / G_USEC_PER_SEC - 1);
  g_assert_cmpint (g_date_time_to_unix (entry->time), <=, g_get_real_time () / G_USEC_PER_SEC + 1);
  check_project (entry, 3);
}

static void
test_replace (Fixture *fixture, gconstpointer data)
{
  g_autoptr (NnRecovery) first = open_folder (fixture->folder);
  g_autoptr (NnRecovery) second = open_folder (fixture->folder);
  write_entry (first, ID_A, 3, NULL);
  guint n_files = count_files (fixture->folder);
  write_entry (first, ID_A, 4, "/tmp/\xff.diabolo"); /* a name that is not UTF-8 */
  g_assert_cmpuint (count_files (fixture->folder), ==, n_files);

  g_clear_pointer (&first, nn_recovery_free);
  g_autoptr (GPtrArray) entries = nn_recovery_list_abandoned (second);
  g_assert_cmpuint (entries->len, ==, 1);
  check_project (g_ptr_array_index (entries, 0), 4);
  g_assert_cmpstr (((NnRecoveryEntry *)g_ptr_array_index (entries, 0))->original_path, ==,
                   "/tmp/\xff.diabolo");
}

static void
test_newest_first (Fixture *fixture, gconstpointer data)
{
  g_autoptr (NnRecovery) first = open_folder (fixture->folder);
  g_autoptr (NnRecovery) second = open_folder (fixture->folder);
  write_entry (first, ID_A, 1, NULL);
  write_entry (first, ID_B, 2, "relative.diabolo");
  g_clear_pointer (&first, nn_recovery_free);

  const char *const order[] = { ID_B, ID_A };
  for (guint i = 0; i < 2; i++)
    {
      const struct utimbuf times = { 1000, 1000 };
      g_autofree char *name = g_strconcat (order[1 - i], ".diabolo", NULL);
      g_autofree char *path = g_build_filename (fixture->folder, name, NULL);
      g_assert_cmpint (g_utime (path, NULL), ==, 0);
      g_autofree char *other_name = g_strconcat (order[i], ".diabolo", NULL);
      g_autofree char *other_path = g_build_filename (fixture->folder, other_name, NULL);
      g_assert_cmpint (utime (other_path, &times), ==, 0);

      g_autoptr (GPtrArray) entries = nn_recovery_list_abandoned (second);
      g_assert_cmpuint (entries->len, ==, 2);
      g_assert_cmpstr (((NnRecoveryEntry *)g_ptr_array_index (entries, 0))->id, ==, order[1 - i]);
      for (guint e = 0; e < 2; e++)
        {
          const NnRecoveryEntry *entry = g_ptr_array_index (entries, e);
          if (g_str_equal (entry->id, ID_A))
            g_assert_null (entry->original_path);
          else
            g_assert_true (g_path_is_absolute (entry->original_path));
        }
    }
}

static void
test_discard (Fixture *fixture, gconstpointer data)
{
  g_autoptr (NnRecovery) first = open_folder (fixture->folder);
  g_autoptr (NnRecovery) second = open_folder (fixture->folder);
  g_autoptr (GError) error = NULL;
  write_entry (first, ID_A, 1, NULL);
  write_entry (first, ID_B, 2, NULL);

  g_assert_false (nn_recovery_discard (second, ID_A, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_clear_error (&error);

  g_assert_true (nn_recovery_discard (first, ID_A, &error));
  g_assert_cmpuint (count_files (fixture->folder), ==, 3);
  g_assert_true (nn_recovery_discard (first, ID_A, &error));
  write_entry (first, ID_A, 1, NULL);
  g_assert_true (nn_recovery_discard (first, ID_A, &error));

  g_clear_pointer (&first, nn_recovery_free);
  g_assert_cmpuint (n_abandoned (second), ==, 1);
  g_assert_true (nn_recovery_discard (second, ID_B, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (n_abandoned (second), ==, 0);
  g_assert_cmpuint (count_files (fixture->folder), ==, 0);
}

static void
test_adopt (Fixture *fixture, gconstpointer data)
{
  g_autoptr (NnRecovery) first = open_folder (fixture->folder);
  g_autoptr (NnRecovery) second = open_folder (fixture->folder);
  g_autoptr (NnRecovery) third = open_folder (fixture->folder);
  g_autoptr (GError) error = NULL;
  g_autoptr (NnProject) project = fixture_make_project (9);
  write_entry (first, ID_A, 1, NULL);
  g_assert_false (nn_recovery_adopt (second, ID_A, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_clear_error (&error);
  g_clear_pointer (&first, nn_recovery_free);

  g_assert_true (nn_recovery_adopt (second, ID_A, &error));
  g_assert_true (nn_recovery_adopt (second, ID_A, &error));
  g_assert_cmpuint (n_abandoned (third), ==, 0);
  g_assert_false (nn_recovery_adopt (third, ID_A, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_clear_error (&error);
  g_assert_false (nn_recovery_write (third, ID_A, project, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_clear_error (&error);

  /* The new owner goes on writing; when it goes, the entry is offered again. */
  write_entry (second, ID_A, 2, NULL);
  g_clear_pointer (&second, nn_recovery_free);
  g_autoptr (GPtrArray) entries = nn_recovery_list_abandoned (third);
  g_assert_cmpuint (entries->len, ==, 1);
  check_project (g_ptr_array_index (entries, 0), 2);

  g_assert_true (nn_recovery_discard (third, ID_A, &error));
  g_assert_false (nn_recovery_adopt (third, ID_A, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_cmpuint (count_files (fixture->folder), ==, 0);
}

/* What is not an entry stays, what an interrupted first write left goes, and work whose description
 * is damaged is offered still. */
static void
test_litter (Fixture *fixture, gconstpointer data)
{
  static const char *const kept[] = { "notes.txt", "x.diabolo", ID_B "x.json", "." ID_B };
  static const char *const cleared[] = { ID_B ".json", "." ID_B ".json.1234abcd",
                                         "." ID_A ".diabolo.1234abcd" };
  g_autoptr (NnRecovery) recovery = open_folder (fixture->folder);
  write_entry (recovery, ID_A, 5, "/x");
  g_clear_pointer (&recovery, nn_recovery_free);
  for (guint i = 0; i < G_N_ELEMENTS (kept); i++)
    {
      g_autofree char *path = g_build_filename (fixture->folder, kept[i], NULL);
      g_assert_true (g_file_set_contents (path, "mine", -1, NULL));
    }
  for (guint i = 0; i < G_N_ELEMENTS (cleared); i++)
    {
      g_autofree char *path = g_build_filename (fixture->folder, cleared[i], NULL);
      g_assert_true (g_file_set_contents (path, "{}", -1, NULL));
    }
  g_autofree char *about = g_build_filename (fixture->folder, ID_A ".json", NULL);
  g_assert_true (g_file_set_contents (about, "{\"title\": 3, \"original\": [", -1, NULL));

  recovery = open_folder (fixture->folder);
  g_autoptr (GPtrArray) entries = nn_recovery_list_abandoned (recovery);
  g_assert_cmpuint (entries->len, ==, 1);
  const NnRecoveryEntry *entry = g_ptr_array_index (entries, 0);
  g_assert_cmpstr (entry->title, ==, "");
  g_assert_null (entry->original_path);
  check_project (entry, 5);
  g_assert_cmpuint (count_files (fixture->folder), ==, 3 + G_N_ELEMENTS (kept));
  for (guint i = 0; i < G_N_ELEMENTS (kept); i++)
    {
      g_autofree char *path = g_build_filename (fixture->folder, kept[i], NULL);
      g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
    }
}

static void
test_errors (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *file = g_build_filename (fixture->folder, "file", NULL);
  g_assert_true (g_file_set_contents (file, "", 0, NULL));
  g_assert_null (nn_recovery_open (file, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_DIRECTORY);
  g_assert_nonnull (strstr (error->message, file));
  g_clear_error (&error);

  /* A cancelled write leaves the entry before it. */
  g_autoptr (NnRecovery) recovery = open_folder (fixture->folder);
  write_entry (recovery, ID_A, 1, NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (NnProject) project = fixture_make_project (2);
  g_cancellable_cancel (cancellable);
  g_assert_false (nn_recovery_write (recovery, ID_A, project, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_pointer (&recovery, nn_recovery_free);
  recovery = open_folder (fixture->folder);
  g_autoptr (GPtrArray) entries = nn_recovery_list_abandoned (recovery);
  check_project (g_ptr_array_index (entries, 0), 1);
}

static void
test_default_folder (void)
{
  g_autofree char *expected =
      g_build_filename (g_get_user_state_dir (), "diabolo", "recovery", NULL);
  g_autoptr (NnRecovery) recovery = open_folder (NULL);
  struct stat status;
  g_assert_cmpint (stat (expected, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0700);
}

/* ---- a second process that is killed ---- */

/* Writes its entry again and again, each time another epoch; a line on standard output for each. */
static int
write_forever (const char *folder)
{
  g_autoptr (NnRecovery) recovery = open_folder (folder);
  for (guint epoch = 1;; epoch++)
    {
      write_entry (recovery, ID_A, epoch, "/home/x/net.diabolo");
      g_print ("%u\n", epoch);
    }
  return 1;
}

static void
test_killed (Fixture *fixture, gconstpointer data)
{
  g_autoptr (NnRecovery) recovery = open_folder (fixture->folder);
  g_autoptr (GRand) rand = g_rand_new_with_seed ((guint32)g_test_rand_int ());
  for (guint i = 0; i < 25; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GSubprocess) child =
          g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, program, "--write-forever",
                            fixture->folder, NULL);
      g_assert_no_error (error);
      g_autoptr (GDataInputStream) lines =
          g_data_input_stream_new (g_subprocess_get_stdout_pipe (child));
      g_autofree char *line = g_data_input_stream_read_line (lines, NULL, NULL, &error);
      g_assert_cmpstr (line, ==, "1");

      /* It runs: its work is its own. */
      g_assert_cmpuint (n_abandoned (recovery), ==, 0);
      g_assert_false (nn_recovery_adopt (recovery, ID_A, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
      g_clear_error (&error);

      g_usleep ((gulong)g_rand_int_range (rand, 0, 30000));
      g_subprocess_force_exit (child);
      g_assert_true (g_subprocess_wait (child, NULL, &error));
      g_assert_true (g_subprocess_get_if_signaled (child));
      g_assert_cmpint (g_subprocess_get_term_sig (child), ==, SIGKILL);

      guint64 last = 1;
      for (;;)
        {
          g_autofree char *more = g_data_input_stream_read_line (lines, NULL, NULL, NULL);
          if (!more)
            break;
          last = g_ascii_strtoull (more, NULL, 10);
        }

      /* What it had written last is there, or the one that it was about to tell of. */
      g_autoptr (GPtrArray) entries = nn_recovery_list_abandoned (recovery);
      g_assert_cmpuint (entries->len, ==, 1);
      const NnRecoveryEntry *entry = g_ptr_array_index (entries, 0);
      g_assert_cmpstr (entry->title, ==, "Test");
      g_assert_cmpstr (entry->original_path, ==, "/home/x/net.diabolo");
      g_autoptr (NnProject) found = nn_project_load (entry->path_of_project, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (found->checkpoint->epoch, >=, last);
      g_assert_cmpuint (found->checkpoint->epoch, <=, last + 1);
      check_project (entry, found->checkpoint->epoch);
      g_assert_cmpuint (count_files (fixture->folder), ==, 3);

      g_assert_true (nn_recovery_discard (recovery, ID_A, &error));
      g_assert_cmpuint (count_files (fixture->folder), ==, 0);
    }
}

/* ---- many threads ---- */

static gpointer
churn (gpointer data)
{
  NnRecovery *recovery = data;
  g_autofree char *id = g_uuid_string_random ();
  for (guint i = 0; i < 10; i++)
    {
      write_entry (recovery, id, i, NULL);
      g_assert_cmpuint (n_abandoned (recovery), ==, 0);
    }
  g_assert_true (nn_recovery_discard (recovery, id, NULL));
  return NULL;
}

static void
test_threads (Fixture *fixture, gconstpointer data)
{
  g_autoptr (NnRecovery) recovery = open_folder (fixture->folder);
  GThread *threads[4];
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("churn", churn, recovery);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_assert_cmpuint (count_files (fixture->folder), ==, 0);
}

int
main (int argc, char **argv)
{
  if (argc == 3 && g_str_equal (argv[1], "--write-forever"))
    return write_forever (argv[2]);

  program = argv[0];
  g_autofree char *state = g_dir_make_tmp ("diabolo-state-XXXXXX", NULL);
  g_setenv ("XDG_STATE_HOME", state, TRUE);
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)
  ADD ("/recovery/abandoned", test_abandoned);
  ADD ("/recovery/replace", test_replace);
  ADD ("/recovery/newest-first", test_newest_first);
  ADD ("/recovery/discard", test_discard);
  ADD ("/recovery/adopt", test_adopt);
  ADD ("/recovery/litter", test_litter);
  ADD ("/recovery/errors", test_errors);
  g_test_add_func ("/recovery/default-folder", test_default_folder);
  ADD ("/recovery/killed", test_killed);
  ADD ("/recovery/threads", test_threads);
  int result = g_test_run ();

  g_autofree char *made = g_build_filename (state, "diabolo", "recovery", NULL);
  g_autofree char *above = g_build_filename (state, "diabolo", NULL);
  g_rmdir (made);
  g_rmdir (above);
  g_rmdir (state);
  return result;
}
