/* What was exported comes back: every layer type with its test configurations and every lesson goes
 * to ONNX, is imported, and computes the same. ONNX's own cases, and networks that torchvision
 * exports, where they are there. */
#include <glib/gstdio.h>

#include "base/nn-error.h"
#include "formats/nn-import.h"
#include "formats/onnx.pb-c.h"
#include "train/nn-trainer.h"
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

/* ---- transfer ---- */

/* A trained lesson as ONNX. (transfer full) */
static char *
exported_lesson (const char *id)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NnDesign) design = nn_lesson_design (id, &error);
  g_assert_no_error (error);
  g_autoptr (NnDataInfo) info =
      nn_data_peek (nn_params_text (nn_design_data (design), "name"), &error);
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, info, 0);
  g_autoptr (NnCheckpoint) checkpoint = random_weights (nn_analysis_program (analysis));
  g_autoptr (NnExportSource) source =
      nn_export_source_new (design, analysis, checkpoint, NN_EXPORT_ALL);
  char *path = g_build_filename (folder, "lesson.onnx", NULL);
  nn_export_write (nn_exporter ("onnx"), source, path, NULL, &error);
  g_assert_no_error (error);
  return path;
}

/* The design without its last layer and its loss, everything left frozen, and a new end. */
static NnDesign *
with_new_end (NnImport *import)
{
  NnDesign *design = nn_design_ref (import->design);
  guint gone[2], n_gone = 0, before = 0;
  for (guint i = 0; i < import->ports->len; i++)
    {
      const NnImportPort *port = import->ports->pdata[i];
      if (port->is_output)
        gone[n_gone++] = port->node;
    }
  g_assert_cmpuint (n_gone, ==, 1);
  before = nn_design_edge_into (design, gone[0], 0)->from;
  for (guint i = 0; i < nn_design_n_nodes (design); i++)
    if (nn_design_node_at (design, i)->type->flags & NN_LAYER_OBJECTIVE)
      gone[n_gone++] = nn_design_node_at (design, i)->id;
  nn_test_replace (&design, nn_design_remove_nodes (design, gone, n_gone, FALSE));
  for (guint i = 0; i < nn_design_n_nodes (design); i++)
    nn_test_replace (&design,
                     nn_design_set_frozen (design, nn_design_node_at (design, i)->id, TRUE));
  const guint hidden = nn_test_add (&design, "dense", "units=16", before);
  const guint last = nn_test_add (&design, "dense", "units=10 activation=softmax", hidden);
  nn_test_add (&design, "classification-loss", NULL, last);
  return design;
}

/* What was imported can be frozen, cut and built on: the frozen weights stay, the new ones learn.
 */
static void
test_transfer (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = exported_lesson ("cnn");
  g_autoptr (NnImport) import = nn_import_file (path, NULL, &error);
  g_unlink (path);
  g_assert_no_error (error);
  g_autoptr (NnDesign) design = with_new_end (import);
  g_autoptr (NnDataset) all = nn_data_load ("digits", 0, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (NnDataset) dataset = nn_dataset_limit (all, 256);
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, nn_dataset_info (dataset), 0);
  g_assert_true (nn_analysis_can_train (analysis));
  g_autoptr (NnPool) pool = nn_pool_new (1);
  g_autoptr (NnTrainer) trainer =
      nn_trainer_new (analysis, dataset, import->checkpoint, pool, &error);
  g_assert_no_error (error);
  g_autoptr (NnCheckpoint) start = nn_trainer_checkpoint (trainer);
  for (guint i = 0; i < 2; i++)
    g_assert_true (nn_trainer_step (trainer, &(NnStep){ 0 }, &error));
  g_autoptr (NnCheckpoint) end = nn_trainer_checkpoint (trainer);
  guint n_kept = 0, n_learnt = 0;
  for (guint i = 0; i < end->entries->len; i++)
    {
      const NnCheckpointEntry *now = end->entries->pdata[i];
      const NnCheckpointEntry *then = nn_checkpoint_find (start, now->node, now->name);
      const NnCheckpointEntry *read = nn_checkpoint_find (import->checkpoint, now->node, now->name);
      const gsize bytes = now->value->size * sizeof (float);
      const gboolean changed = memcmp (now->value->data, then->value->data, bytes) != 0;
      if (read)
        g_assert_cmpmem (now->value->data, bytes, read->value->data, bytes);
      g_assert_true (changed == !read);
      n_kept += read != NULL;
      n_learnt += read == NULL;
    }
  g_assert_cmpuint (n_kept, >=, 4);
  g_assert_cmpuint (n_learnt, ==, 4);
}

/* ---- ONNX's own cases ---- */

static Onnx__TensorProto *
read_tensor_file (const char *path)
{
  g_autofree char *contents = NULL;
  gsize size;
  g_autoptr (GError) error = NULL;
  g_file_get_contents (path, &contents, &size, &error);
  g_assert_no_error (error);
  Onnx__TensorProto *tensor = onnx__tensor_proto__unpack (NULL, size, (const guint8 *)contents);
  g_assert_nonnull (tensor);
  return tensor;
}

static gsize
tensor_size (const Onnx__TensorProto *tensor)
{
  gsize n = 1;
  for (gsize i = 0; i < tensor->n_dims; i++)
    n *= (gsize)tensor->dims[i];
  return n;
}

static float
tensor_value (const Onnx__TensorProto *tensor, gsize k)
{
  if (tensor->data_type == ONNX__TENSOR_PROTO__DATA_TYPE__INT64)
    return tensor->has_raw_data ? (float)((const gint64 *)tensor->raw_data.data)[k]
                                : (float)tensor->int64_data[k];
  g_assert_cmpint (tensor->data_type, ==, ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT);
  return tensor->has_raw_data ? ((const float *)tensor->raw_data.data)[k] : tensor->float_data[k];
}

/* The values of a tensor, (N, ...), in the order of axes that a port has; freed by the caller. */
static float *
tensor_as_port (const Onnx__TensorProto *tensor, const NnImportPort *port)
{
  const gsize n = tensor_size (tensor), rank = tensor->n_dims;
  float *out = g_new (float, n);
  gsize order[NN_MAX_RANK + 1] = { 0 }, index[NN_MAX_RANK + 1] = { 0 };
  g_assert_cmpuint ((guint)port->n_axes + 1, ==, rank);
  for (gint i = 0; i < port->n_axes; i++)
    order[i + 1] = (gsize)port->axis[i];
  for (gsize k = 0; k < n; k++)
    {
      gsize at = 0;
      gsize place[NN_MAX_RANK + 1];
      for (gsize i = 0; i < rank; i++)
        place[order[i]] = index[i];
      for (gsize i = 0; i < rank; i++)
        at = at * (gsize)tensor->dims[i] + place[i];
      out[k] = tensor_value (tensor, at);
      for (gsize i = rank; i-- > 0;)
        if (++index[i] < (gsize)tensor->dims[order[i]])
          break;
        else
          index[i] = 0;
    }
  return out;
}

/* The network's inputs in the order of the file's. */
static const NnImportPort *
nth_port (const Network *network, guint n, gboolean is_output)
{
  for (guint i = 0; i < network->import->ports->len; i++)
    {
      const NnImportPort *port = network->import->ports->pdata[i];
      if (port->is_output == is_output && n-- == 0)
        return port;
    }
  return NULL;
}

/* Feeds input_0.pb ... of set and compares with output_0.pb. */
static void
check_data (const Network *network, const char *set, double tolerance, const char *name)
{
  Given given[MAX_PORTS];
  guint n_given = 0;
  gsize n = 1;
  for (; n_given < MAX_PORTS; n_given++)
    {
      g_autofree char *file = g_strdup_printf ("input_%u.pb", n_given);
      g_autofree char *path = g_build_filename (set, file, NULL);
      const NnImportPort *port = nth_port (network, n_given, FALSE);
      if (!port || !g_file_test (path, G_FILE_TEST_EXISTS))
        break;
      Onnx__TensorProto *tensor = read_tensor_file (path);
      n = (gsize)tensor->dims[0];
      given[n_given] = (Given){ port->name, tensor_as_port (tensor, port) };
      onnx__tensor_proto__free_unpacked (tensor, NULL);
    }
  g_autofree char *path = g_build_filename (set, "output_0.pb", NULL);
  const NnImportPort *port = nth_port (network, 0, TRUE);
  Onnx__TensorProto *tensor = read_tensor_file (path);
  g_autofree float *expected = tensor_as_port (tensor, port);
  float *found = network_run (network, (guint)n, given, n_given, port->name);
  const double difference = relative_difference (expected, found, tensor_size (tensor));
  if (!(difference < tolerance))
    fail (name, "differs by %g", difference);
  nn_free_aligned (found);
  onnx__tensor_proto__free_unpacked (tensor, NULL);
  for (guint i = 0; i < n_given; i++)
    g_free ((gpointer)given[i].values);
}

/* A folder with model.onnx and test_data_set_0. FALSE where it says by name what is not there. */
static gboolean
run_case (const char *path, const char *name)
{
  g_autofree char *model = g_build_filename (path, "model.onnx", NULL);
  g_autofree char *set = g_build_filename (path, "test_data_set_0", NULL);
  g_autoptr (GError) error = NULL;
  g_auto (Network) network = { 0 };
  if (network_open (&network, model, &error))
    {
      check_data (&network, set, TOLERANCE, name);
      return TRUE;
    }
  if (!g_error_matches (error, NN_ERROR, NN_ERROR_UNSUPPORTED))
    fail (name, "%s", error->message);
  g_test_message ("%-45s unsupported  %s", name, error->message);
  return FALSE;
}

/* Those that layers can say, counted when this was written: fewer is a step back. */
#define CASES_THAT_PASS 62

static void
test_cases (void)
{
  g_autofree char *cases =
      g_test_build_filename (G_TEST_DIST, "..", "..", "shared", "data", "onnx", NULL);
  g_autoptr (GDir) dir = g_dir_open (cases, 0, NULL);
  guint n_passed = 0, n_unsupported = 0;
  if (!dir)
    {
      g_test_skip ("ONNX's operator cases are not in ../shared/data/onnx");
      return;
    }
  for (const char *name = g_dir_read_name (dir); name; name = g_dir_read_name (dir))
    {
      g_autofree char *path = g_build_filename (cases, name, NULL);
      const guint failed_before = n_failed;
      const gboolean supported = run_case (path, name);
      n_unsupported += !supported;
      n_passed += supported && n_failed == failed_before;
    }
  g_test_message ("%u passed, %u unsupported, %u failed", n_passed, n_unsupported, n_failed);
  assert_none_failed ();
  g_assert_cmpuint (n_passed, >=, CASES_THAT_PASS);
}

/* ---- networks of others ---- */

/* What the script says where torchvision is missing. */
#define EXIT_MISSING 77

static void
test_torchvision (void)
{
  g_autofree char *script =
      g_test_build_filename (G_TEST_DIST, "engine", "torchvision-export.py", NULL);
  static const char *const models[] = { "mobilenet_v2", "resnet18" };
  gint status = 0;
  const char *const argv[] = { "/usr/bin/python3", script, folder, NULL };
  g_autofree char *out = NULL;
  g_autoptr (GError) spawn = NULL;
  if (!g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &out, NULL, &status,
                     &spawn)
      || status == EXIT_MISSING << 8)
    {
      g_test_skip_printf ("needs python3-torchvision and python3-onnx: %s",
                          spawn ? spawn->message : g_strstrip (out));
      return;
    }
  g_spawn_check_wait_status (status, &spawn);
  g_assert_no_error (spawn);
  for (guint i = 0; i < G_N_ELEMENTS (models); i++)
    {
      g_autofree char *path = g_build_filename (folder, models[i], NULL);
      g_autofree char *model = g_build_filename (path, "model.onnx", NULL);
      g_autofree char *set = g_build_filename (path, "test_data_set_0", NULL);
      g_autoptr (GError) error = NULL;
      g_auto (Network) network = { 0 };
      network_open (&network, model, &error);
      g_assert_no_error (error);
      check_data (&network, set, 1e-3, models[i]);
    }
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
  g_test_add_func ("/import/transfer", test_transfer);
  g_test_add_func ("/import/cases", test_cases);
  g_test_add_func ("/import/torchvision", test_torchvision);
  const int status = g_test_run ();
  g_rmdir (folder);
  g_free (folder);
  return status;
}
