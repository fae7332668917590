/* What exporters share: the list, parts of a network, names, refusals before anything is written.
 */
#include <glib/gstdio.h>
#include <string.h>

#include "base/nn-error.h"
#include "data/nn-data-source.h"
#include "formats/nn-export-model.h"
#include "formats/nn-lessons.h"
#include "formats/nn-replace.h"
#include "layers/nn-layer-params.h"

#include "model-test.h"

#include "nn-test-data.h"

static char *folder;

/* ---- fixtures ---- */

static NnCheckpoint *
weights_of (NnAnalysis *analysis)
{
  NnProgram *program = nn_analysis_program (analysis);
  NnCheckpoint *checkpoint = nn_checkpoint_new ();
  for (guint i = 0; i < program->weights->len; i++)
    {
      const NnWeight *weight = nn_program_weight (program, i);
      g_autoptr (NnTensor) tensor = nn_tensor_new (&weight->shape);
      nn_checkpoint_add (checkpoint, weight->node, weight->name, tensor, NULL, 0);
    }
  return checkpoint;
}

static NnExportSource *
source_of (NnDesign *design, const NnDataInfo *data, NnExportPart part)
{
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, data, 0);
  g_autoptr (NnCheckpoint) checkpoint = weights_of (analysis);
  return nn_export_source_new (design, analysis, checkpoint, part);
}

static NnExportSource *
lesson (const char *id, NnExportPart part)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NnDesign) design = nn_lesson_design (id, &error);
  g_assert_no_error (error);
  g_autoptr (NnDataInfo) info =
      nn_data_peek (nn_params_text (nn_design_data (design), "name"), &error);
  g_assert_no_error (error);
  return source_of (design, info, part);
}

/* The format refuses with words that name what is wrong, and no file is there. */
static void
assert_refused (const char *format, const NnExportSource *source, gint code, const char *words)
{
  g_autofree char *path = g_build_filename (folder, "refused", NULL);
  g_autoptr (GError) error = NULL;
  g_assert_false (nn_export_check (nn_exporter (format), source, &error));
  g_assert_error (error, NN_ERROR, code);
  assert_contains (error->message, words);
  g_clear_error (&error);
  g_assert_false (nn_export_write (nn_exporter (format), source, path, NULL, &error));
  g_assert_error (error, NN_ERROR, code);
  g_assert_cmpuint (nn_test_count_files (folder), ==, 0);
}

static NnExportModel *
model_of (const NnExportSource *source)
{
  g_autoptr (GError) error = NULL;
  NnExportModel *model = nn_export_model_new (source, &error);
  g_assert_no_error (error);
  return model;
}

static guint
count_ops (const NnExportModel *model, const NnOpType *type)
{
  guint n = 0;
  for (guint i = 0; i < nn_export_model_n_ops (model); i++)
    n += nn_export_model_op (model, i)->type == type;
  return n;
}

/* ---- tests ---- */

static void
test_list (void)
{
  const NnExporter *const *exporters = nn_exporters ();
  for (guint i = 0; exporters[i]; i++)
    {
      g_assert_true (nn_exporter (exporters[i]->id) == exporters[i]);
      g_assert_nonnull (exporters[i]->title);
      g_assert_nonnull (exporters[i]->summary);
      g_assert_nonnull (exporters[i]->use);
      g_assert_true (exporters[i]->extension[0] == '.');
      g_assert_true (exporters[i]->parts & 1 << NN_EXPORT_ALL);
      g_assert_nonnull (exporters[i]->write);
    }
  g_assert_null (nn_exporter ("tape"));
  for (gint part = 0; part < NN_N_EXPORT_PARTS; part++)
    g_assert_cmpint (nn_export_part_from_id (nn_export_part_id ((NnExportPart)part)), ==, part);
  g_assert_cmpint (nn_export_part_from_id ("half"), ==, -1);
}

static void
test_parts (void)
{
  g_autoptr (NnExportSource) whole = lesson ("simple", NN_EXPORT_ALL);
  g_autoptr (NnExportSource) encoder = lesson ("simple", NN_EXPORT_ENCODER);
  g_autoptr (NnExportSource) decoder = lesson ("simple", NN_EXPORT_DECODER);
  g_autoptr (NnExportModel) all = model_of (whole), first = model_of (encoder),
                            second = model_of (decoder);
  g_assert_cmpstr (nn_export_input (all, 0)->name, ==, "image");
  g_assert_cmpstr (nn_export_output (all, 0)->name, ==, "output");
  g_assert_cmpstr (nn_export_input (first, 0)->name, ==, "image");
  g_assert_cmpstr (nn_export_output (first, 0)->name, ==, "z");
  g_assert_cmpstr (nn_export_input (second, 0)->name, ==, "z");
  g_assert_cmpstr (nn_export_output (second, 0)->name, ==, "output");
  g_assert_cmpuint (nn_export_input (second, 0)->value, ==, nn_export_output (first, 0)->value);
  g_assert_cmpuint (nn_export_model_n_ops (all), ==,
                    nn_export_model_n_ops (first) + nn_export_model_n_ops (second));
  g_assert_cmpuint (nn_export_model_weight_bytes (all), ==,
                    nn_export_model_weight_bytes (first) + nn_export_model_weight_bytes (second));
}

/* The mean in place of a code drawn at random, images in place of noisy ones. */
static void
test_without_chance (void)
{
  g_autoptr (NnExportSource) variational = lesson ("variational", NN_EXPORT_ENCODER);
  g_autoptr (NnExportModel) encoder = model_of (variational);
  const NnDesign *design = variational->design;
  const NnNode *mean = nn_design_node_by_name (design, "Mean");
  g_assert_cmpuint (count_ops (encoder, &nn_op_sampling), ==, 0);
  g_assert_cmpuint (nn_program_value (encoder->program, nn_export_output (encoder, 0)->value)->node,
                    ==, mean->id);
  for (guint i = 0; i < nn_export_model_n_ops (encoder); i++)
    g_assert_cmpstr (nn_export_model_node_title (encoder, nn_export_model_op (encoder, i)->node),
                     !=, "Log-variance");

  g_autoptr (NnExportSource) denoising = lesson ("denoising-dense", NN_EXPORT_ALL);
  g_autoptr (NnExportModel) whole = model_of (denoising);
  g_assert_cmpuint (whole->inputs->len, ==, 1);
  for (guint i = 0; i < nn_export_model_n_ops (whole); i++)
    g_assert_false (nn_export_model_op (whole, i)->type->flags & NN_OP_TRAINS_ONLY);
}

/* A decoder that is told the class has two inputs. */
static void
test_second_input (void)
{
  g_autoptr (NnExportSource) source = lesson ("two-inputs", NN_EXPORT_DECODER);
  g_autoptr (NnExportModel) decoder = model_of (source);
  g_autoptr (NnExportSource) both = lesson ("two-outputs", NN_EXPORT_ALL);
  g_autoptr (NnExportModel) outputs = model_of (both);
  g_assert_cmpuint (decoder->inputs->len, ==, 2);
  g_assert_cmpstr (nn_export_input (decoder, 0)->name, ==, "z");
  g_assert_cmpstr (nn_export_input (decoder, 1)->name, ==, "label");
  g_assert_cmpuint (outputs->outputs->len, ==, 2);
}

static void
test_refused (void)
{
  g_autoptr (NnExportSource) classifier = lesson ("mlp", NN_EXPORT_ENCODER);
  assert_refused ("onnx", classifier, NN_ERROR_DESIGN, "no code");
  assert_refused ("npz", classifier, NN_ERROR_DESIGN, "no code");
  g_autoptr (NnExportSource) trained = lesson ("simple", NN_EXPORT_ALL);
  g_autoptr (NnExportSource) fresh =
      nn_export_source_new (trained->design, trained->analysis, NULL, NN_EXPORT_ALL);
  assert_refused ("onnx", fresh, NN_ERROR_DESIGN, "train it first");
  assert_refused ("csv", fresh, NN_ERROR_DESIGN, "no runs");

  /* A layer that was added since. */
  g_autoptr (NnCheckpoint) some = nn_checkpoint_new ();
  const NnCheckpointEntry *entry = trained->checkpoint->entries->pdata[0];
  nn_checkpoint_add (some, entry->node, entry->name, entry->value, NULL, 0);
  g_autoptr (NnExportSource) partly =
      nn_export_source_new (trained->design, trained->analysis, some, NN_EXPORT_ALL);
  assert_refused ("onnx", partly, NN_ERROR_DESIGN, "“Code”");

  g_autoptr (NnDesign) broken =
      chain ("input | flatten | dense units=8 | dense units=9 | reconstruction-loss");
  g_autoptr (NnExportSource) wrong = source_of (broken, &test_images, NN_EXPORT_ALL);
  assert_refused ("onnx", wrong, NN_ERROR_DESIGN, "784");
}

/* Scripts measure the loss alone, and say so. */
static void
test_watched_metric (void)
{
  static const struct
  {
    const char *watch, *patience, *keep, *words;
  } cases[] = {
    { "loss", "3", "true", "\nPATIENCE = 3 " },
    { "loss", "3", "true", "\nKEEP_BEST = True " },
    { "accuracy", "3", "true", "(Accuracy)" },
    { "accuracy", "3", "true", "\nPATIENCE = 0 " },
    { "accuracy", "0", "true", "\nKEEP_BEST = False " },
  };
  static const char *const formats[] = { "pytorch", "keras" };
  g_autoptr (NnExportSource) source = lesson ("mlp", NN_EXPORT_ALL);
  g_autofree char *path = g_build_filename (folder, "watch.py", NULL);
  for (guint i = 0; i < 2 * G_N_ELEMENTS (cases); i++)
    {
      const char *const pairs[][2] = { { "watch", cases[i / 2].watch },
                                       { "patience", cases[i / 2].patience },
                                       { "keep-best", cases[i / 2].keep } };
      g_autoptr (GError) error = NULL;
      g_autofree char *text = NULL, *weights = NULL;
      NnParams *training = nn_params_ref ((NnParams *)nn_design_training (source->design));
      for (guint k = 0; k < G_N_ELEMENTS (pairs); k++)
        {
          NnParams *next = nn_params_with_text (training, pairs[k][0], pairs[k][1], &error);
          g_assert_no_error (error);
          nn_params_unref (training);
          training = next;
        }
      g_autoptr (NnDesign) design = nn_design_with_training (source->design, training);
      g_autoptr (NnExportSource) watched = source_of (design, &test_images, NN_EXPORT_ALL);
      const NnExporter *exporter = nn_exporter (formats[i % 2]);
      g_assert_true (nn_export_write (exporter, watched, path, NULL, &error));
      g_assert_no_error (error);
      g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
      assert_contains (text, cases[i / 2].words);
      weights = g_strconcat (folder, "/watch", exporter->beside, NULL);
      g_assert_cmpint (g_unlink (path), ==, 0);
      g_assert_cmpint (g_unlink (weights), ==, 0);
      nn_params_unref (training);
    }
}

/* Encoder and decoder joined by a way around the code. */
static void
test_bypass (void)
{
  NnDesign *design = chain ("input | flatten | dense units=32 | dense units=32");
  guint merged, out, loss;
  design = add (design, "add", &merged);
  design = join (design, 4, merged, 0);
  design = join (design, 2, 3, 0);
  guint wide;
  design = add (design, "dense units=32", &wide);
  design = join (design, 2, wide, 0);
  design = join (design, wide, merged, 1);
  design = add (design, "dense units=784", &out);
  design = join (design, merged, out, 0);
  design = add (design, "reconstruction-loss", &loss);
  design = join (design, out, loss, 0);
  design = join (design, 1, loss, 1);
  design = step (design, nn_design_set_code_node (design, 3));
  g_autoptr (NnExportSource) source = source_of (design, &test_images, NN_EXPORT_DECODER);
  assert_refused ("onnx", source, NN_ERROR_DESIGN, "cannot stand alone");
  nn_design_unref (design);
}

/* An operation that no format knows: the layer is named. */
static const NnOpType strange_op = { .name = "strange" };

static gboolean
strange_infer (const NnParams *params, const NnInferContext *context, NnShape *out, GError **error)
{
  out[0] = context->in[0];
  return TRUE;
}

static void
strange_lower (const NnParams *params, NnLowering *lowering)
{
  const guint in = (guint)nn_lowering_input (lowering, 0);
  const NnShape shape = *nn_lowering_shape (lowering, in);
  nn_lowering_output (lowering, 0, nn_lowering_unary (lowering, &strange_op, NULL, in, &shape));
}

static void
test_untranslatable (void)
{
  static const NnPort ports[] = { { "input", "" }, { NULL } };
  static const NnParamSpec no_params[] = { { NULL } };
  static const NnLayerType strange = { .id = "strange",
                                       .title = "Strange",
                                       .params = no_params,
                                       .inputs = ports,
                                       .outputs = ports,
                                       .infer = strange_infer,
                                       .lower = strange_lower };
  g_autoptr (GError) error = NULL;
  NnDesign *design = chain ("input | flatten | dense units=784 | reconstruction-loss");
  guint id;
  design = step (design, nn_design_add_node (design, &strange, NULL, "Odd one", 0, 0, &id));
  design = step (design, nn_design_insert_into_edge (design, id, 4, 0, &error));
  g_assert_no_error (error);
  g_autoptr (NnExportSource) source = source_of (design, &test_images, NN_EXPORT_ALL);
  assert_refused ("onnx", source, NN_ERROR_UNSUPPORTED, "“Odd one”");
  assert_refused ("onnx", source, NN_ERROR_UNSUPPORTED, "“strange”");
  assert_refused ("c", source, NN_ERROR_UNSUPPORTED, "“strange”");
  nn_design_unref (design);
}

static void
test_names (void)
{
  static const struct
  {
    const char *given, *expected;
  } names[] = {
    { "Dense 1", "dense_1" }, { "Dense-1", "dense_1_2" }, { "3×3", "layer_3x3" },
    { "Class", "class_" },    { "画像", "layer" },        { "Überblick (2)", "uberblick_2" },
    { "", "layer_2" },        { "self", "self_" },        { "z", "z_2" },
  };
  g_autoptr (GHashTable) taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_hash_table_add (taken, g_strdup ("z"));
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *found = nn_export_identifier (names[i].given, taken);
      g_assert_cmpstr (found, ==, names[i].expected);
    }
}

/* A node may be called what a field is called. */
static void
test_node_named_like_field (void)
{
  g_autoptr (GError) error = NULL;
  NnDesign *design = chain ("input | flatten | dense units=784 | reconstruction-loss");
  design = step (design, nn_design_rename_node (design, 3, "image", &error));
  g_autoptr (NnExportSource) source = source_of (design, &test_images, NN_EXPORT_ALL);
  g_autoptr (NnExportModel) model = model_of (source);
  g_assert_cmpstr (nn_export_input (model, 0)->name, ==, "image");
  g_assert_cmpstr (nn_export_output (model, 0)->name, ==, "image_2");
  nn_design_unref (design);
}

static void
note_progress (double fraction, gpointer data)
{
  double *last = data;
  g_assert_cmpfloat (fraction, >=, *last);
  *last = fraction;
}

static void
cancel (double fraction, gpointer data)
{
  g_cancellable_cancel (data);
}

/* Written whole, or not at all. */
static void
test_writing (void)
{
  const char *const formats[] = { "onnx", "safetensors", "npz" };
  g_autoptr (NnExportSource) source = lesson ("simple", NN_EXPORT_ALL);
  g_autofree char *path = g_build_filename (folder, "file", NULL);
  g_autofree char *nowhere = g_build_filename (folder, "no", "file", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      const NnExporter *exporter = nn_exporter (formats[i]);
      g_autoptr (GError) error = NULL;
      g_autofree char *preview = nn_export_preview (exporter, source, &error);
      double last = 0;
      const NnExportJob job = { .progress = note_progress, .progress_data = &last };
      g_assert_no_error (error);
      g_assert_nonnull (preview);
      nn_export_write (exporter, source, path, &job, &error);
      g_assert_no_error (error);
      g_assert_cmpfloat (last, ==, 1);
      g_assert_cmpint (g_unlink (path), ==, 0);

      g_assert_false (nn_export_write (exporter, source, nowhere, NULL, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
      g_clear_error (&error);
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_cancellable_cancel (cancellable);
      const NnExportJob cancelled = { .cancellable = cancellable };
      g_assert_false (nn_export_write (exporter, source, path, &cancelled, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_cmpuint (nn_test_count_files (folder), ==, 0);
    }

  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  const NnExportJob half = { .cancellable = cancellable,
                             .progress = cancel,
                             .progress_data = cancellable };
  g_assert_false (nn_export_write (nn_exporter ("onnx"), source, path, &half, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (nn_test_count_files (folder), ==, 0);
}

/* Two files that belong together: both, or none. */
static void
test_pair (void)
{
  const NnExporter *exporter = nn_exporter ("c");
  g_autoptr (NnExportSource) source = lesson ("curve", NN_EXPORT_ALL);
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (folder, "my net.c", NULL);
  g_autofree char *header = g_build_filename (folder, "my net.h", NULL), *text = NULL;
  nn_export_write (exporter, source, path, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (header, &text, NULL, NULL));
  assert_contains (text, "void my_net_run (const float *in, float *out);");
  assert_contains (text, "#define MY_NET_IN_SIZE 2\n");
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (g_unlink (header), ==, 0);

  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  const NnExportJob cancelled = { .cancellable = cancellable,
                                  .progress = cancel,
                                  .progress_data = cancellable };
  g_assert_false (nn_export_write (exporter, source, path, &cancelled, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (nn_test_count_files (folder), ==, 0);

  /* The header cannot be written: then the source is not either. */
  g_clear_error (&error);
  g_assert_cmpint (g_mkdir (header, 0700), ==, 0);
  g_assert_false (nn_export_write (exporter, source, path, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY);
  g_assert_cmpuint (nn_test_count_files (folder), ==, 1);
  g_rmdir (header);
}

/* Nothing is put in place before it is asked for, and nothing stays that was not. */
static void
test_replacement (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (folder, "file", NULL), *text = NULL;
  NnReplacement *dropped = nn_replacement_new (path, &error);
  g_assert_no_error (error);
  g_assert_true (nn_replacement_write (dropped, "one", 3, NULL, &error));
  g_assert_cmpuint (nn_test_count_files (folder), ==, 1);
  nn_replacement_free (dropped);
  g_assert_cmpuint (nn_test_count_files (folder), ==, 0);

  g_autoptr (NnReplacement) kept = nn_replacement_new (path, &error);
  g_assert_true (nn_replacement_write (kept, "two ", 4, NULL, &error));
  g_assert_true (nn_replacement_write (kept, "parts", 5, NULL, &error));
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_true (nn_replacement_commit (kept, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "two parts");
  g_assert_cmpint (g_unlink (path), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("diabolo-export-XXXXXX", NULL);
  g_test_add_func ("/export/list", test_list);
  g_test_add_func ("/export/parts", test_parts);
  g_test_add_func ("/export/without-chance", test_without_chance);
  g_test_add_func ("/export/second-input", test_second_input);
  g_test_add_func ("/export/refused", test_refused);
  g_test_add_func ("/export/watched-metric", test_watched_metric);
  g_test_add_func ("/export/bypass", test_bypass);
  g_test_add_func ("/export/untranslatable", test_untranslatable);
  g_test_add_func ("/export/names", test_names);
  g_test_add_func ("/export/node-named-like-field", test_node_named_like_field);
  g_test_add_func ("/export/writing", test_writing);
  g_test_add_func ("/export/pair", test_pair);
  g_test_add_func ("/export/replacement", test_replacement);
  const int status = g_test_run ();
  g_rmdir (folder);
  g_free (folder);
  return status;
}
