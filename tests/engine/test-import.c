/* What was exported comes back: every layer type with its test configurations and every lesson goes
 * to ONNX, is imported, and computes the same. ONNX's own cases, and networks that torchvision
 * exports, where they are there. */
#include <glib/gstdio.h>

#include "base/nn-error.h"
#include "formats/nn-import.h"
#include "formats/onnx.pb-c.h"
#include "train/nn-weights.h"

#include "export-fixture.h"

#define TOLERANCE 1e-4
#define MAX_PORTS 4

static char *folder;   /* where files are written */
static guint n_failed; /* of one test: all are looked at before it fails */

static void G_GNUC_PRINTF (2, 3) fail (const char *name, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *reason = g_strdup_vprintf (format, args);
  va_end (args);
  g_test_message ("%s: %s", name, reason);
  n_failed++;
}

static void
assert_none_failed (void)
{
  const guint n = n_failed;
  n_failed = 0;
  g_assert_cmpuint (n, ==, 0);
}

/* ---- running what was imported ---- */

/* An imported network, ready to be run. */
typedef struct
{
  NnImport *import;
  NnAnalysis *analysis;
} Network;

static void
network_clear (Network *network)
{
  g_clear_pointer (&network->import, nn_import_free);
  g_clear_pointer (&network->analysis, nn_analysis_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Network, network_clear)

static gboolean
network_open (Network *network, const char *path, GError **error)
{
  network->import = nn_import_file (path, NULL, error);
  if (!network->import)
    return FALSE;
  NnDesign *design = network->import->design;
  g_autoptr (GError) peek = NULL;
  g_autoptr (NnDataInfo) info =
      nn_data_peek (nn_params_text (nn_design_data (design), "name"), &peek);
  g_assert_no_error (peek);
  network->analysis = nn_analysis_new (design, info, 0);
  for (guint i = 0; i < nn_analysis_n_diagnostics (network->analysis); i++)
    {
      const NnDiagnostic *diagnostic = nn_analysis_diagnostic (network->analysis, i);
      if (diagnostic->severity == NN_SEVERITY_ERROR)
        fail (path, "%s", diagnostic->text);
    }
  return TRUE;
}

static const NnImportPort *
find_port (const Network *network, const char *name, gboolean is_output)
{
  for (guint i = 0; i < network->import->ports->len; i++)
    {
      const NnImportPort *port = network->import->ports->pdata[i];
      if (port->is_output == is_output && g_str_equal (port->name, name))
        return port;
    }
  return NULL;
}

static guint
port_value (const Network *network, const NnImportPort *port)
{
  return (guint)nn_analysis_value (network->analysis, port->node, 0);
}

/* What goes in under a name, (n, ...) as the program has it. */
typedef struct
{
  const char *name;
  const float *values;
} Given;

/* n samples through the network: the output of that name, freed with nn_free_aligned(). */
static float *
network_run (const Network *network, guint n, const Given *given, guint n_given, const char *output)
{
  NnProgram *program = nn_analysis_program (network->analysis);
  const NnImportPort *port = find_port (network, output, TRUE);
  g_assert_nonnull (port);
  const guint want = port_value (network, port);
  g_autofree float **weights = g_new0 (float *, program->weights->len + 1);
  g_autofree float **feed = g_new0 (float *, program->inputs->len + 1);
  float *out = nn_alloc_floats (n * (gsize)nn_program_value (program, want)->size);
  g_assert_true (nn_weights_of_checkpoint (program, network->import->checkpoint, weights));
  for (guint i = 0; i < program->inputs->len; i++)
    {
      const guint value = nn_program_input (program, i)->value;
      const gsize size = n * (gsize)nn_program_value (program, value)->size;
      feed[i] = nn_alloc_floats (size);
      for (guint k = 0; k < n_given; k++)
        {
          const NnImportPort *in = find_port (network, given[k].name, FALSE);
          if (in && port_value (network, in) == value)
            memcpy (feed[i], given[k].values, size * sizeof (float));
        }
    }
  g_autoptr (NnPool) pool = nn_pool_new (1);
  g_autoptr (NnPlan) plan = nn_plan_new (program, n, NN_PLAN_UNFUSED, NULL, pool);
  const NnBatch batch = { .n = n,
                          .feed = (const float *const *)feed,
                          .mode = NN_MODE_STILL,
                          .step = NN_STEP_EVALUATE,
                          .weights = weights,
                          .n_want = 1,
                          .want = &want,
                          .want_out = &out };
  NnPlanResult result;
  nn_plan_run (plan, &batch, &result);
  for (guint i = 0; i < program->inputs->len; i++)
    nn_free_aligned (feed[i]);
  return out;
}

/* ---- there and back ---- */

/* What comes back as something else, or not at all, and why. */
static const struct
{
  const char *name, *reason;
} exempt[] = {
  { "none-yet", "" },
};

static gboolean
is_exempt (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (exempt); i++)
    if (g_str_equal (exempt[i].name, name))
      return TRUE;
  return FALSE;
}

static void
compare_output (const Network *network, const Given *given, guint n_given, const char *output,
                const float *expected, gsize size, const char *name)
{
  float *found = network_run (network, BATCH, given, n_given, output);
  const double difference = relative_difference (expected, found, size);
  if (!(difference < TOLERANCE))
    fail (name, "output “%s” differs by %g", output, difference);
  nn_free_aligned (found);
}

static void
go_there_and_back (NnDesign *design, const NnDataInfo *data, NnExportPart part, Values values,
                   const char *group, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NnDesign) still = without_chance (design);
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (still, data, 0);
  NnProgram *program = nn_analysis_program (analysis);
  g_autoptr (NnCheckpoint) checkpoint = random_weights (program);
  g_autoptr (NnExportSource) source = nn_export_source_new (still, analysis, checkpoint, part);
  g_autofree char *file = g_strdelimit (g_strdup_printf ("%s.onnx", name), ":", '-');
  g_autofree char *path = g_build_filename (folder, file, NULL);
  nn_export_write (nn_exporter ("onnx"), source, path, NULL, &error);
  g_assert_no_error (error);
  g_auto (Network) network = { 0 };
  const gboolean read = network_open (&network, path, &error);
  g_unlink (path);
  if (is_exempt (name))
    {
      g_assert_error (error, NN_ERROR, NN_ERROR_UNSUPPORTED);
      return;
    }
  if (!read)
    {
      fail (name, "%s", error->message);
      return;
    }

  g_autoptr (NnExportModel) model = nn_export_model_new (source, &error);
  g_assert_no_error (error);
  float **feed = random_feed (program, values);
  Given given[MAX_PORTS];
  const guint n_given = model->inputs->len;
  g_assert_cmpuint (n_given, <=, MAX_PORTS);
  for (guint i = 0; i < n_given; i++)
    {
      const NnExportPort *port = nn_export_input (model, i);
      float *in = g_new (float, BATCH *(gsize)nn_program_value (program, port->value)->size);
      compute (program, checkpoint, feed, 1, &port->value, &in);
      for (guint k = 0; k < program->inputs->len; k++)
        if (nn_program_input (program, k)->value == port->value)
          memcpy (in, feed[k],
                  BATCH * (gsize)nn_program_value (program, port->value)->size * sizeof (float));
      given[i] = (Given){ port->name, in };
    }
  for (guint i = 0; i < model->outputs->len; i++)
    {
      const NnExportPort *port = nn_export_output (model, i);
      const gsize size = BATCH * (gsize)nn_program_value (program, port->value)->size;
      g_autofree float *expected = g_new (float, size);
      compute (program, checkpoint, feed, 1, &port->value, (float *[]){ expected });
      compare_output (&network, given, n_given, port->name, expected, size, name);
    }
  for (guint i = 0; i < n_given; i++)
    g_free ((gpointer)given[i].values);
  free_feed (program, feed);
}

static void
test_layers (void)
{
  walk_layers (go_there_and_back);
  assert_none_failed ();
}

static void
test_lessons (void)
{
  walk_lessons (go_there_and_back);
  assert_none_failed ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_autoptr (GError) error = NULL;
  folder = g_dir_make_tmp ("diabolo-import-XXXXXX", &error);
  g_assert_no_error (error);
  g_test_add_func ("/import/layers", test_layers);
  g_test_add_func ("/import/lessons", test_lessons);
  const int status = g_test_run ();
  g_rmdir (folder);
  g_free (folder);
  return status;
}
