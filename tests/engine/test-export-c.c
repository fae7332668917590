/* Networks as C sources: gcc and clang take them without a warning, and they compute what the
 * engine does. All sources are included into one program, which reads inputs and writes outputs. */
#include <float.h>
#include <glib/gstdio.h>
#include <math.h>

#include "base/nn-error.h"
#include "formats/nn-c-source.h"

#include "export-fixture.h"

#define TOLERANCE 1e-5
/* Of a lesson: larger ones take compilers long and show nothing new. */
#define MAX_BYTES (4 * 5000)

typedef struct
{
  char *name, *group;
  guint n_outputs;
  float *expected[4]; /* (BATCH, S) */
  gsize size[4];
} Case;

static char *folder;
static GPtrArray *cases;         /* Case */
static GString *includes, *runs; /* of main.c */
static const char *no_compiler;
static char *complaint; /* of a compiler, or why the program failed; NULL: none */

static char *
file_of (const char *name, const char *ending)
{
  g_autofree char *file = g_strconcat (name, ending, NULL);
  return g_build_filename (folder, file, NULL);
}

/* An array of main.c for a port; what goes in is read from a file. */
static void
add_port (NnExportModel *model, const NnExportPort *port, const char *what, guint i,
          const char *name, GString *arguments)
{
  const gint64 size = nn_program_value (model->program, port->value)->size;
  g_string_append_printf (runs, "    static float %s%u[%d][%" G_GINT64_FORMAT "];\n", what, i,
                          BATCH, size);
  if (g_str_equal (what, "x"))
    g_string_append_printf (runs, "    take (\"%s/%s.in%u\", x%u[0], sizeof x%u);\n", folder, name,
                            i, i, i);
  g_string_append_printf (arguments, "%s%s%u[i]", arguments->len ? ", " : "", what, i);
}

static void
write_inputs (NnExportModel *model, const NnCheckpoint *checkpoint, float *const *feed,
              const char *name)
{
  for (guint i = 0; i < model->inputs->len; i++)
    {
      const guint value = nn_export_input (model, i)->value;
      const gsize n = BATCH * (gsize)nn_program_value (model->program, value)->size;
      g_autofree float *values = g_new (float, n);
      g_autofree char *ending = g_strdup_printf (".in%u", i);
      g_autofree char *path = file_of (name, ending);
      compute (model->program, checkpoint, feed, 1, &value, &values);
      for (guint k = 0; k < model->program->inputs->len; k++)
        if (nn_program_input (model->program, k)->value == value)
          memcpy (values, feed[k], n * sizeof (float));
      g_assert_true (
          g_file_set_contents (path, (char *)values, (gssize)(n * sizeof (float)), NULL));
    }
}

static void
add_run (NnExportModel *model, const char *name)
{
  g_autoptr (GString) arguments = g_string_new (NULL);
  g_string_append_printf (includes, "#include \"%s.c\"\n", name);
  g_string_append (runs, "  {\n");
  for (guint i = 0; i < model->inputs->len; i++)
    add_port (model, nn_export_input (model, i), "x", i, name, arguments);
  for (guint i = 0; i < model->outputs->len; i++)
    add_port (model, nn_export_output (model, i), "y", i, name, arguments);
  g_string_append_printf (runs, "    for (int i = 0; i < %d; i++)\n      %s_run (%s);\n", BATCH,
                          name, arguments->str);
  for (guint i = 0; i < model->outputs->len; i++)
    g_string_append_printf (runs, "    give (\"%s/%s.out%u\", y%u[0], sizeof y%u);\n", folder, name,
                            i, i, i);
  g_string_append (runs, "  }\n");
}

static void
add_case (NnDesign *design, const NnDataInfo *data, NnExportPart part, Values values,
          const char *group, const char *given)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NnDesign) still = without_chance (design);
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (still, data, 0);
  NnProgram *program = nn_analysis_program (analysis);
  g_autoptr (NnCheckpoint) checkpoint = random_weights (program);
  g_autoptr (NnExportSource) source = nn_export_source_new (still, analysis, checkpoint, part);
  g_autoptr (NnExportModel) model = nn_export_model_new (source, &error);
  g_assert_no_error (error);
  if (nn_export_model_weight_bytes (model) > MAX_BYTES)
    return;

  Case *test = g_new0 (Case, 1);
  test->name = g_strdelimit (g_strdup (given), "-:", '_');
  test->group = g_strdup (group);
  g_autofree char *path = file_of (test->name, ".c");
  nn_export_write (nn_exporter ("c"), source, path, NULL, &error);
  g_assert_no_error (error);
  float **feed = random_feed (program, values);
  write_inputs (model, checkpoint, feed, test->name);
  add_run (model, test->name);
  guint wanted[4];
  test->n_outputs = model->outputs->len;
  for (guint i = 0; i < test->n_outputs; i++)
    {
      wanted[i] = nn_export_output (model, i)->value;
      test->size[i] = BATCH * (gsize)nn_program_value (program, wanted[i])->size;
      test->expected[i] = g_new (float, test->size[i]);
    }
  compute (program, checkpoint, feed, test->n_outputs, wanted, test->expected);
  free_feed (program, feed);
  g_ptr_array_add (cases, test);
}

static void
free_case (gpointer data)
{
  Case *test = data;
  for (guint i = 0; i < test->n_outputs; i++)
    g_free (test->expected[i]);
  g_free (test->name);
  g_free (test->group);
  g_free (test);
}

/* ---- compilers ---- */

static void
write_program (void)
{
  g_autofree char *path = file_of ("main", ".c");
  g_autofree char *text = g_strdup_printf (
      "#include <stdio.h>\n#include <stdlib.h>\n%s\n"
      "static void\ntake (const char *path, float *to, size_t size)\n{\n"
      "  FILE *file = fopen (path, \"rb\");\n"
      "  if (!file || fread (to, 1, size, file) != size)\n    exit (1);\n  fclose (file);\n}\n\n"
      "static void\ngive (const char *path, const float *from, size_t size)\n{\n"
      "  FILE *file = fopen (path, \"wb\");\n"
      "  if (!file || fwrite (from, 1, size, file) != size)\n    exit (1);\n  fclose (file);\n}\n\n"
      "int\nmain (void)\n{\n%s  return 0;\n}\n",
      includes->str, runs->str);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

/* FALSE with the complaint where the command has one. */
static gboolean
run (const char *const *argv)
{
  gint status = 0;
  g_autofree char *errors = NULL;
  g_autoptr (GError) error = NULL;
  if (complaint)
    return FALSE;
  if (g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, &errors,
                    &status, &error)
      && g_spawn_check_wait_status (status, NULL) && !*errors)
    return TRUE;
  complaint = g_strdup (error ? error->message : errors);
  return FALSE;
}

#define STRICT "-std=c99", "-Wall", "-Wextra", "-pedantic"

static void
compile_and_run (void)
{
  g_autofree char *source = file_of ("main", ".c"), *program = file_of ("main", "");
  g_autofree char *clang = g_find_program_in_path ("clang");
  g_autofree char *gcc = g_find_program_in_path ("gcc");
  const char *const with_gcc[] = { "gcc", STRICT, source, "-o", program, "-lm", NULL };
  const char *const with_clang[] = { "clang", STRICT, "-fsyntax-only", source, NULL };
  const char *const itself[] = { program, NULL };
  write_program ();
  if (!gcc)
    {
      no_compiler = "needs gcc";
      return;
    }
  if (clang)
    run (with_clang);
  else
    g_test_message ("without clang");
  if (run (with_gcc))
    run (itself);
}

static void
test_group (gconstpointer group)
{
  if (no_compiler)
    {
      g_test_skip (no_compiler);
      return;
    }
  if (complaint)
    g_error ("%s", complaint);
  guint n = 0;
  for (guint i = 0; i < cases->len; i++)
    {
      const Case *test = cases->pdata[i];
      for (guint k = 0; g_str_equal (test->group, group) && k < test->n_outputs; k++, n++)
        {
          g_autofree char *ending = g_strdup_printf (".out%u", k), *bytes = NULL;
          g_autofree char *path = file_of (test->name, ending);
          gsize length;
          g_assert_true (g_file_get_contents (path, &bytes, &length, NULL));
          g_assert_cmpuint (length, ==, test->size[k] * sizeof (float));
          const double difference =
              relative_difference (test->expected[k], (float *)bytes, test->size[k]);
          if (!(difference <= TOLERANCE))
            g_error ("%s: %g away from ours", test->name, difference);
        }
    }
  g_assert_cmpuint (n, >, 0);
}

/* A weight that is not finite has no number in C. */
static void
test_not_finite (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NnDesign) design = nn_lesson_design ("curve", &error);
  g_autoptr (NnDataInfo) info =
      nn_data_peek (nn_params_text (nn_design_data (design), "name"), &error);
  g_assert_no_error (error);
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, info, 0);
  g_autoptr (NnCheckpoint) checkpoint = random_weights (nn_analysis_program (analysis));
  ((const NnCheckpointEntry *)checkpoint->entries->pdata[0])->value->data[0] = NAN;
  g_autoptr (NnExportSource) source =
      nn_export_source_new (design, analysis, checkpoint, NN_EXPORT_ALL);
  g_assert_false (nn_export_check (nn_exporter ("c"), source, &error));
  g_assert_error (error, NN_ERROR, NN_ERROR_NUMERIC);
}

/* Every float comes back from its text, which has no more than nine digits. */
static void
test_numbers (void)
{
  static const float edges[] = { 0,       -0.0f,         1,        -1,        0.5f,
                                 1e-4f,   9.9999997e-5f, 999999,   999999.9f, 1e6f,
                                 1e9f,    1e-30f,        FLT_MIN,  FLT_MAX,   0.1f,
                                 100.25f, 9.9999999f,    12345.67f };
  char text[32], expected[32];

  for (guint i = 0; i < 200000; i++)
    {
      union
      {
        guint32 bits;
        float value;
      } random = { .bits = g_test_rand_int () };
      float value = i < G_N_ELEMENTS (edges) ? edges[i]
                    : i % 2 == 0             ? random.value
                                             : (float)g_test_rand_double_range (-2, 2);
      if (!isfinite (value))
        continue;
      nn_c_float (text, value);
      g_assert_cmpfloat ((float)g_ascii_strtod (text, NULL), ==, value);
      g_snprintf (expected, sizeof expected, "%.9g", (double)value);
      g_assert_cmpuint (strlen (text), <=, strlen (expected) + strlen (".0f"));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("diabolo-c-XXXXXX", NULL);
  cases = g_ptr_array_new_with_free_func (free_case);
  includes = g_string_new (NULL);
  runs = g_string_new (NULL);
  walk_layers (add_case);
  walk_lessons (add_case);
  compile_and_run ();

  const NnLayerType *const *types = nn_layer_types ();
  for (guint t = 0; types[t]; t++)
    if (types[t]->tests[0].name)
      {
        g_autofree char *path = g_strdup_printf ("/export-c/%s", types[t]->id);
        g_test_add_data_func (path, types[t]->id, test_group);
      }
  g_test_add_data_func ("/export-c/lessons", "lessons", test_group);
  g_test_add_func ("/export-c/not-finite", test_not_finite);
  g_test_add_func ("/export-c/numbers", test_numbers);
  const int status = g_test_run ();

  nn_test_remove_folder (folder);
  g_ptr_array_unref (cases);
  g_string_free (includes, TRUE);
  g_string_free (runs, TRUE);
  g_free (complaint);
  g_free (folder);
  return status;
}
