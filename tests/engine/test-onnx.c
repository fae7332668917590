/* Every layer type with its test configurations, and every lesson whole, as encoder and as decoder,
 * goes to ONNX: onnx.checker accepts the file and ONNX Runtime computes what the engine does. */
#include <glib/gstdio.h>

#include "export-fixture.h"

#define TOLERANCE 1e-4
#define MAX_PORTS 4

/* One exported file, what goes in and what comes out. */
typedef struct
{
  char *name;  /* "conv2d-0": of the files */
  char *group; /* "conv2d" */
  guint n_outputs;
  char *output_name[MAX_PORTS];
  float *expected[MAX_PORTS]; /* (BATCH, S) */
  gsize size[MAX_PORTS];
} Case;

static char *folder;         /* where the files are */
static GPtrArray *cases;     /* Case */
static GString *manifest;    /* cases.json */
static GHashTable *checked;  /* case name -> "ok", or what onnx.checker says; NULL: not there */
static GHashTable *computed; /* the same of ONNX Runtime */
static const char *no_checker, *no_runtime; /* why they are not there */

static char *
file_of (const char *name, const char *ending)
{
  g_autofree char *file = g_strconcat (name, ending, NULL);
  return g_build_filename (folder, file, NULL);
}

/* ---- cases ---- */

static void
write_port (NnProgram *program, const NnExportPort *port, const char *file, gboolean first)
{
  const NnShape *shape = &nn_program_value (program, port->value)->shape;
  g_string_append_printf (manifest, "%s{\"name\":\"%s\",\"file\":\"%s\",\"dims\":[%d",
                          first ? "" : ",", port->name, file, BATCH);
  for (gint i = 0; i < shape->rank; i++)
    g_string_append_printf (manifest, ",%" G_GINT64_FORMAT, shape->dim[i]);
  g_string_append (manifest, "]}");
}

/* What goes into an exported network: a field of the data, or what the engine gives for the code.
 */
static void
write_inputs (NnExportModel *model, const NnCheckpoint *checkpoint, float *const *feed,
              const Case *test)
{
  NnProgram *program = model->program;
  for (guint i = 0; i < model->inputs->len; i++)
    {
      const NnExportPort *port = nn_export_input (model, i);
      const gsize n = BATCH * (gsize)nn_program_value (program, port->value)->size;
      g_autofree float *values = g_new (float, n);
      g_autofree char *file = g_strdup_printf ("%s.in%u", test->name, i);
      g_autofree char *path = file_of (file, "");
      compute (program, checkpoint, feed, 1, &port->value, &values);
      for (guint k = 0; k < program->inputs->len; k++)
        if (nn_program_input (program, k)->value == port->value)
          memcpy (values, feed[k], n * sizeof (float));
      g_assert_true (
          g_file_set_contents (path, (char *)values, (gssize)(n * sizeof (float)), NULL));
      write_port (program, port, file, i == 0);
    }
}

static void
compute_outputs (NnExportModel *model, const NnCheckpoint *checkpoint, float *const *feed,
                 Case *test)
{
  guint values[MAX_PORTS];
  test->n_outputs = model->outputs->len;
  g_assert_cmpuint (test->n_outputs, <=, MAX_PORTS);
  for (guint i = 0; i < test->n_outputs; i++)
    {
      const NnExportPort *port = nn_export_output (model, i);
      g_autofree char *file = g_strdup_printf ("%s.out%u", test->name, i);
      values[i] = port->value;
      test->output_name[i] = g_strdup (port->name);
      test->size[i] = BATCH * (gsize)nn_program_value (model->program, port->value)->size;
      test->expected[i] = g_new (float, test->size[i]);
      write_port (model->program, port, file, i == 0);
    }
  compute (model->program, checkpoint, feed, test->n_outputs, values, test->expected);
}

static void
add_case (NnDesign *design, const NnDataInfo *data, NnExportPart part, Values values,
          const char *group, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NnDesign) still = without_chance (design);
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, data, 0);
  g_autoptr (NnAnalysis) still_analysis = nn_analysis_new (still, data, 0);
  for (guint i = 0; i < nn_analysis_n_diagnostics (analysis); i++)
    if (nn_analysis_diagnostic (analysis, i)->severity == NN_SEVERITY_ERROR)
      g_error ("%s: %s", name, nn_analysis_diagnostic (analysis, i)->text);
  NnProgram *program = nn_analysis_program (still_analysis);
  g_autoptr (NnCheckpoint) checkpoint = random_weights (program);
  g_autoptr (NnExportSource) source = nn_export_source_new (design, analysis, checkpoint, part);
  g_autoptr (NnExportSource) still_source =
      nn_export_source_new (still, still_analysis, checkpoint, part);

  Case *test = g_new0 (Case, 1);
  test->name = g_strdelimit (g_strdup (name), ":", '-');
  test->group = g_strdup (group);
  g_autofree char *path = file_of (test->name, ".onnx");
  nn_export_write (nn_exporter ("onnx"), source, path, NULL, &error);
  g_assert_no_error (error);

  g_autoptr (NnExportModel) model = nn_export_model_new (still_source, &error);
  g_assert_no_error (error);
  float **feed = random_feed (program, values);
  g_string_append_printf (manifest, "%s{\"name\":\"%s\",\"inputs\":[", cases->len ? ",\n" : "",
                          test->name);
  write_inputs (model, checkpoint, feed, test);
  g_string_append (manifest, "],\"outputs\":[");
  compute_outputs (model, checkpoint, feed, test);
  g_string_append (manifest, "]}");
  free_feed (program, feed);
  g_ptr_array_add (cases, test);
}

static void
free_case (gpointer data)
{
  Case *test = data;
  for (guint i = 0; i < test->n_outputs; i++)
    {
      g_free (test->output_name[i]);
      g_free (test->expected[i]);
    }
  g_free (test->name);
  g_free (test->group);
  g_free (test);
}

/* ---- the others' word ---- */

/* Runs a program that prints "NAME<TAB>RESULT"; NULL where it cannot be run. */
static GHashTable *
ask (const char *const *argv)
{
  g_autofree char *out = NULL;
  gint status = 0;
  GHashTable *results = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  if (g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out, NULL, &status,
                    NULL)
      && g_spawn_check_wait_status (status, NULL))
    {
      g_auto (GStrv) lines = g_strsplit (out, "\n", -1);
      for (guint i = 0; lines[i]; i++)
        {
          g_auto (GStrv) pair = g_strsplit (lines[i], "\t", 2);
          if (pair[0] && pair[1])
            g_hash_table_insert (results, g_strdup (pair[0]), g_strdup (pair[1]));
        }
      return results;
    }
  g_hash_table_unref (results);
  return NULL;
}

static gboolean
works (const char *program, const char *option, const char *text)
{
  const char *argv[] = { program, option, text, NULL };
  gint status = 0;
  return g_spawn_sync (NULL, (char **)argv, NULL,
                       G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL
                           | G_SPAWN_STDERR_TO_DEV_NULL,
                       NULL, NULL, NULL, NULL, &status, NULL)
         && g_spawn_check_wait_status (status, NULL);
}

static void
ask_checker (void)
{
  g_autofree char *script = g_test_build_filename (G_TEST_DIST, "engine", "onnx-check.py", NULL);
  const char *const argv[] = { "/usr/bin/python3", script, folder, NULL };
  if (!works (argv[0], "-c", "import onnx"))
    no_checker = "needs python3-onnx";
  else
    checked = ask (argv);
}

static void
ask_runtime (void)
{
  g_autofree char *script = g_test_build_filename (G_TEST_DIST, "engine", "onnx-run.js", NULL);
  g_autofree char *modules =
      g_test_build_filename (G_TEST_DIST, "..", "build-node", "node_modules", NULL);
  g_autofree char *package = g_build_filename (modules, "onnxruntime-node", NULL);
  const char *const argv[] = { "node", script, modules, folder, NULL };
  if (!g_file_test (package, G_FILE_TEST_IS_DIR))
    no_runtime = "needs onnxruntime-node in build-node, where build-aux/test puts it";
  else if (!works ("node", "--version", NULL))
    no_runtime = "needs node";
  else
    computed = ask (argv);
}

static void
test_checker (gconstpointer group)
{
  if (no_checker)
    {
      g_test_skip (no_checker);
      return;
    }
  g_assert_nonnull (checked);
  guint n = 0;
  for (guint i = 0; i < cases->len; i++)
    {
      const Case *test = cases->pdata[i];
      const char *result = g_hash_table_lookup (checked, test->name);
      if (!g_str_equal (test->group, group))
        continue;
      n++;
      if (g_strcmp0 (result, "ok") != 0)
        g_error ("%s: %s", test->name, result ? result : "not looked at");
    }
  g_assert_cmpuint (n, >, 0);
}

static void
compare (const Case *test, guint k)
{
  g_autofree char *ending = g_strdup_printf (".out%u", k);
  g_autofree char *path = file_of (test->name, ending);
  g_autofree char *bytes = NULL;
  gsize length;
  g_assert_true (g_file_get_contents (path, &bytes, &length, NULL));
  g_assert_cmpuint (length, ==, test->size[k] * sizeof (float));
  const double difference = relative_difference (test->expected[k], (float *)bytes, test->size[k]);
  if (!(difference <= TOLERANCE))
    g_error ("%s, %s: %g away from ours", test->name, test->output_name[k], difference);
}

static void
test_runtime (gconstpointer group)
{
  if (no_runtime)
    {
      g_test_skip (no_runtime);
      return;
    }
  g_assert_nonnull (computed);
  guint n = 0;
  for (guint i = 0; i < cases->len; i++)
    {
      const Case *test = cases->pdata[i];
      const char *result = g_hash_table_lookup (computed, test->name);
      if (!g_str_equal (test->group, group))
        continue;
      n++;
      if (g_strcmp0 (result, "ok") != 0)
        g_error ("%s: %s", test->name, result ? result : "not run");
      for (guint k = 0; k < test->n_outputs; k++)
        compare (test, k);
    }
  g_assert_cmpuint (n, >, 0);
}

static void
add_group (const char *group)
{
  g_autofree char *checker = g_strdup_printf ("/onnx/checker/%s", group);
  g_autofree char *runtime = g_strdup_printf ("/onnx/runtime/%s", group);
  g_test_add_data_func (checker, group, test_checker);
  g_test_add_data_func (runtime, group, test_runtime);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("diabolo-onnx-XXXXXX", NULL);
  cases = g_ptr_array_new_with_free_func (free_case);
  manifest = g_string_new ("[");
  walk_layers (add_case);
  walk_lessons (add_case);
  g_string_append (manifest, "]\n");
  g_autofree char *path = file_of ("cases", ".json");
  g_assert_true (g_file_set_contents (path, manifest->str, -1, NULL));
  ask_checker ();
  ask_runtime ();

  const NnLayerType *const *types = nn_layer_types ();
  for (guint t = 0; types[t]; t++)
    if (types[t]->tests[0].name)
      add_group (types[t]->id);
  add_group ("lessons");
  const int status = g_test_run ();

  nn_test_remove_folder (folder);
  g_ptr_array_unref (cases);
  g_string_free (manifest, TRUE);
  g_clear_pointer (&checked, g_hash_table_unref);
  g_clear_pointer (&computed, g_hash_table_unref);
  g_free (folder);
  return status;
}
