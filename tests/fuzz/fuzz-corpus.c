/* fuzz-corpus FOLDER: writes the seeds of every reader to FOLDER/READER, for libFuzzer. */
#include "fuzz-readers.h"
#include "fuzz-seeds.h"

int
main (int argc, char **argv)
{
  if (argc != 2)
    {
      g_printerr ("fuzz-corpus FOLDER\n");
      return 2;
    }
  for (const FuzzReader *reader = fuzz_readers; reader->name; reader++)
    {
      g_autofree char *folder = g_build_filename (argv[1], reader->name, NULL);
      g_autoptr (GPtrArray) seeds = fuzz_seeds (reader->name);
      if (g_mkdir_with_parents (folder, 0777) != 0)
        g_error ("%s cannot be made", folder);
      for (guint i = 0; i < seeds->len; i++)
        {
          g_autoptr (GError) error = NULL;
          g_autofree char *name = g_strdup_printf ("seed-%u", i);
          g_autofree char *path = g_build_filename (folder, name, NULL);
          gsize size;
          const char *data = g_bytes_get_data (seeds->pdata[i], &size);
          if (!g_file_set_contents (path, data, (gssize)size, &error))
            g_error ("%s", error->message);
        }
    }
  return 0;
}
