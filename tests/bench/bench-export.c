/* bench-export FILE.diabolo: for every exporter of trained weights the seconds that it takes, the
 * size of its file and the memory that it needs beside the network, in times the weights' size.
 * Ends with 1 where one takes longer than 2 s or more than twice the weights. */
#include <glib/gstdio.h>
#include <malloc.h>
#include <stdio.h>

#include "data/nn-data-source.h"
#include "formats/nn-export.h"
#include "formats/nn-project.h"

#define MOST_SECONDS 2.0
#define MOST_MEMORY 2.0

/* A line of /proc/self/status, in bytes. */
static double
status (const char *name)
{
  g_autofree char *text = NULL;
  g_assert_true (g_file_get_contents ("/proc/self/status", &text, NULL, NULL));
  const char *line = strstr (text, name);
  g_assert_nonnull (line);
  return 1024 * g_ascii_strtod (line + strlen (name), NULL);
}

static void
forget_peak (void)
{
  FILE *file = fopen ("/proc/self/clear_refs", "w");
  if (file == NULL || fputs ("5", file) < 0 || fclose (file) != 0)
    g_printerr ("bench-export: the peak before counts, too\n");
}

static double
weights_size (const NnCheckpoint *checkpoint)
{
  double bytes = 0;
  for (guint i = 0; i < checkpoint->entries->len; i++)
    bytes += (double)((NnCheckpointEntry *)g_ptr_array_index (checkpoint->entries, i))->value->size
             * sizeof (float);
  return bytes;
}

/* FALSE where it takes too long or too much. */
static gboolean
measure (const NnExporter *exporter, const NnExportSource *source, const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_strdup_printf ("%s/x%s", folder, exporter->extension);
  GStatBuf info;
  malloc_trim (0); /* what was free before counts, too */
  forget_peak ();
  const double before = status ("VmRSS:");
  const gint64 begin = g_get_monotonic_time ();
  if (!nn_export_write (exporter, source, path, NULL, &error))
    {
      g_print ("%-12s %s\n", exporter->id, error->message);
      return TRUE;
    }
  const double seconds = (double)(g_get_monotonic_time () - begin) / G_USEC_PER_SEC;
  const double memory = (status ("VmHWM:") - before) / weights_size (source->checkpoint);
  g_assert_cmpint (g_stat (path, &info), ==, 0);
  g_print ("%-12s %5.2f s  %6.1f MB  memory %4.2f times the weights%s\n", exporter->id, seconds,
           (double)info.st_size / 1e6, memory,
           seconds > MOST_SECONDS || memory > MOST_MEMORY ? "  MISSED" : "");
  return seconds <= MOST_SECONDS && memory <= MOST_MEMORY;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NnProject) project = argc == 2 ? nn_project_load (argv[1], NULL, &error) : NULL;
  g_autoptr (NnDataInfo) info =
      project != NULL ? nn_data_peek_with (nn_design_data (project->design), NULL, &error) : NULL;
  g_autofree char *folder = info != NULL ? g_dir_make_tmp ("bench-export-XXXXXX", &error) : NULL;
  if (folder == NULL || project->checkpoint == NULL)
    {
      g_printerr ("bench-export: %s\n", error != NULL ? error->message : "one trained project");
      return 2;
    }
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (project->design, info, 0);
  g_autoptr (NnExportSource) source =
      nn_export_source_new (project->design, analysis, project->checkpoint, NN_EXPORT_ALL);
  gboolean met = TRUE;
  for (guint i = 0; nn_exporters ()[i] != NULL; i++)
    if ((nn_exporters ()[i]->needs & (NN_EXPORT_WEIGHTS | NN_EXPORT_SAMPLES)) == NN_EXPORT_WEIGHTS)
      met = measure (nn_exporters ()[i], source, folder) && met;

  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  for (const char *name; (name = g_dir_read_name (dir)) != NULL;)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_unlink (path);
    }
  g_rmdir (folder);
  return !met;
}
