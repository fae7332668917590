/* Every layer type with its test configurations, and every lesson whole, as encoder and as decoder,
 * as scripts: they give what the engine gives, make the same loss of it and, for every optimizer
 * and schedule, come to the same weights. One Python process looks at all scripts of a format. */
#include <glib/gstdio.h>

#include "data/nn-balance.h"
#include "data/nn-scaling.h"
#include "data/nn-split.h"
#include "formats/nn-npy.h"
#include "formats/nn-safetensors.h"
#include "formats/nn-script.h"
#include "formats/nn-zip.h"
#include "base/nn-error.h"
#include "optimizers/nn-optimizer.h"
#include "train/nn-trainer.h"

#include "export-fixture.h"

#define MAX_PORTS 4

/* ---- formats ---- */

typedef struct
{
  const char *id, *checker;
  const char *module, *package; /* that the checker needs, and what to say where it is missing */
  char *folder;
  const char *hindrance; /* why nothing was looked at, or NULL */
  GHashTable *results;   /* case -> "ok" or what is wrong */
} Format;

static Format formats[] = {
  { "pytorch", "torch-check.py", "torch", "needs python3-torch" },
  { "keras", "keras-check.py", "numpy", "needs python3-numpy" },
};

/* What a format cannot say, and a word of the reason. */
static const struct
{
  const char *format, *name, *why;
} refused[] = {
  { "keras", "conv2d_14", "dilation" },
  { "keras", "max_pool1d_4", "dilation" },
  { "keras", "max_pool1d_3", "neither" },
  { "keras", "avg_pool2d_8", "neither" },
  { "keras", "avg_pool2d_7", "neither" },
  { "keras", "max_pool2d_8", "neither" },
  { "keras", "max_pool2d_7", "neither" },
  { "keras", "conv1d_4", "neither" },
  { "keras", "conv2d_transpose_13", "neither" },
  { "keras", "separable_conv2d_7", "neither" },
  { "keras", "depthwise_conv2d_9", "neither" },
  { "keras", "conv2d_16", "neither" },
  { "keras", "conv2d_15", "neither" },
  { "keras", "sharing_2", "behind it" },
  { "keras", "sharing_7", "different otherwise" },
  { "keras", "training_8", "not by both" },
};

static GPtrArray *names, *groups; /* of the cases */

static char *
file_of (const Format *format, const char *name, const char *ending)
{
  g_autofree char *file = g_strconcat (name, ending, NULL);
  return g_build_filename (format->folder, file, NULL);
}

static gboolean
is_refused (const Format *format, const char *name, const char **why)
{
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    if (g_str_equal (refused[i].format, format->id) && g_str_has_prefix (name, refused[i].name)
        && !g_ascii_isdigit (name[strlen (refused[i].name)]))
      {
        *why = refused[i].why;
        return TRUE;
      }
  return FALSE;
}

static void
export_to (const Format *format, NnExportSource *source, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = file_of (format, name, ".py");
  const char *why;
  nn_export_write (nn_exporter (format->id), source, path, NULL, &error);
  if (is_refused (format, name, &why))
    {
      g_assert_error (error, NN_ERROR, NN_ERROR_UNSUPPORTED);
      g_assert_nonnull (strstr (error->message, why));
      g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
    }
  else if (error)
    g_error ("%s, %s: %s", format->id, name, error->message);
}

static void
add_name (const char *name, const char *group)
{
  g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_add (groups, g_strdup (group));
}

/* ---- what they give ---- */

static void
add_values (GPtrArray *tensors, NnProgram *program, const NnExportPort *port, const char *kind,
            const float *values)
{
  g_autofree char *name = g_strdup_printf ("%s.%s", kind, port->name);
  g_autoptr (NnTensor) tensor =
      nn_tensor_new_samples (BATCH, &nn_program_value (program, port->value)->shape, values);
  nn_named_tensors_add (tensors, name, tensor);
}

/* Of weights; the plan leaves it to the trainer. */
static double
weight_penalty (NnProgram *program, const NnCheckpoint *checkpoint)
{
  double sum = 0;
  for (guint i = 0; i < program->weights->len; i++)
    {
      const NnWeight *weight = nn_program_weight (program, i);
      const float *w = nn_checkpoint_find (checkpoint, weight->node, weight->name)->value->data;
      for (gint64 k = 0; k < weight->size; k++)
        sum += (double)(weight->l1 * fabsf (w[k]) + weight->l2 * w[k] * w[k]);
    }
  return sum;
}

static double
loss_of (NnProgram *program, const NnCheckpoint *checkpoint, float *const *feed)
{
  g_autoptr (NnPool) pool = nn_pool_new (1);
  g_autoptr (NnPlan) plan = nn_plan_new (program, BATCH, NN_PLAN_UNFUSED, NULL, pool);
  g_autofree float **weights = weights_of (program, checkpoint);
  const NnBatch batch = { .n = BATCH,
                          .feed = (const float *const *)feed,
                          .mode = NN_MODE_EVALUATE,
                          .step = NN_STEP_EVALUATE,
                          .weights = weights };
  NnPlanResult result;
  nn_plan_run (plan, &batch, &result);
  return result.loss + weight_penalty (program, checkpoint);
}

static GPtrArray *
case_tensors (NnExportModel *model, const NnCheckpoint *checkpoint, float *const *feed)
{
  NnProgram *program = model->program;
  GPtrArray *tensors = nn_named_tensors_new ();
  guint values[2 * MAX_PORTS];
  float *out[2 * MAX_PORTS];
  const guint n_in = model->inputs->len, n = n_in + model->outputs->len;
  g_assert_cmpuint (n, <=, 2 * MAX_PORTS);
  for (guint i = 0; i < n; i++)
    {
      const NnExportPort *port =
          i < n_in ? nn_export_input (model, i) : nn_export_output (model, i - n_in);
      values[i] = port->value;
      out[i] = g_new (float, BATCH *(gsize)nn_program_value (program, port->value)->size);
    }
  compute (program, checkpoint, feed, n, values, out);
  for (guint i = 0; i < n; i++)
    {
      for (guint k = 0; i < n_in && k < program->inputs->len; k++)
        if (nn_program_input (program, k)->value == values[i])
          memcpy (out[i], feed[k],
                  BATCH * (gsize)nn_program_value (program, values[i])->size * sizeof (float));
      add_values (tensors, program,
                  i < n_in ? nn_export_input (model, i) : nn_export_output (model, i - n_in),
                  i < n_in ? "in" : "out", out[i]);
    }
  for (guint i = 0; i < n; i++)
    g_free (out[i]);
  if (model->training)
    {
      g_autoptr (NnTensor) loss = nn_tensor_new (&nn_shape (1));
      loss->data[0] = (float)loss_of (program, checkpoint, feed);
      g_assert_true (isfinite (loss->data[0]));
      nn_named_tensors_add (tensors, "loss", loss);
    }
  return tensors;
}

static void
write_tensors (const Format *format, const char *name, const char *ending, GPtrArray *tensors)
{
  g_autofree char *path = file_of (format, name, ending);
  g_autoptr (GBytes) bytes = nn_safetensors_write (tensors, NULL);
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);
  g_assert_true (g_file_set_contents (path, data, (gssize)size, NULL));
}

static void
add_case (NnDesign *design, const NnDataInfo *data, NnExportPart part, Values values,
          const char *group, const char *wanted)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *name = g_strdelimit (g_strdup (wanted), ":-", '_');
  g_autoptr (NnDesign) still = without_chance (design);
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, data, 0);
  g_autoptr (NnAnalysis) still_analysis = nn_analysis_new (still, data, 0);
  NnProgram *program = nn_analysis_program (still_analysis);
  g_autoptr (NnCheckpoint) checkpoint = random_weights (program);
  g_autoptr (NnExportSource) source = nn_export_source_new (design, analysis, checkpoint, part);
  g_autoptr (NnExportSource) still_source =
      nn_export_source_new (still, still_analysis, checkpoint, part);
  g_autoptr (NnExportModel) model = part == NN_EXPORT_ALL
                                        ? nn_export_model_new_training (still_source, &error)
                                        : nn_export_model_new (still_source, &error);
  g_assert_no_error (error);
  float **feed = random_feed (program, values);
  g_autoptr (GPtrArray) tensors = case_tensors (model, checkpoint, feed);
  free_feed (program, feed);
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      export_to (&formats[i], source, name);
      write_tensors (&formats[i], name, ".case", tensors);
    }
  add_name (name, group);
}

/* ---- weights that several layers use ---- */

/* Layers one behind the other; `user` has the weights of `owner`, both counted from 1. */
static const struct
{
  const char *layers;
  NnShape in;
  guint user, owner;
  gboolean tied;
} sharings[] = {
  { "dense units=6 | dense units=4 activation=tanh | dense units=6", { 1, { 4 } }, 3, 1 },
  { "dense units=3 bias=false | dense units=5 activation=sigmoid", { 1, { 5 } }, 2, 1, TRUE },
  { "dense units=3 activation=elu | dense units=5", { 2, { 4, 5 } }, 1, 2, TRUE },
  { "conv2d filters=3 stride=2 | conv2d-transpose filters=2 activation=tanh",
    { 3, { 6, 4, 2 } },
    2,
    1,
    TRUE },
  { "conv2d-transpose filters=3 padding=valid | conv2d filters=2 stride=2 padding=valid",
    { 3, { 3, 4, 2 } },
    2,
    1,
    TRUE },
  { "lstm units=3 return-sequences=true | lstm units=3 return-sequences=true",
    { 2, { 4, 3 } },
    2,
    1 },
  { "gru units=3 return-sequences=true bidirectional=true merge=sum | "
    "gru units=3 return-sequences=true bidirectional=true merge=sum",
    { 2, { 4, 3 } },
    2,
    1 },
  { "conv2d filters=2 | conv2d filters=2 stride=2", { 3, { 5, 4, 2 } }, 2, 1 },
  { "batch-norm | dense units=4 | batch-norm", { 1, { 4 } }, 3, 1 },
  { "embedding units=3 entries=5 | permute order=2,1 | prelu shared=true", { 1, { 4 } }, 0, 0 },
};

static void
add_sharing (guint i)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) layers = g_strsplit (sharings[i].layers, " | ", -1);
  const NnField fields[] = { field_of ("x", &sharings[i].in),
                             field_of ("wanted", &sharings[i].in) };
  NnField *wanted = (NnField *)&fields[1];
  const NnDataInfo data = { .name = "none", .title = "none", .n_fields = 2, .fields = fields };
  NnDesign *design = nn_design_new ();
  guint node[8] = { 0 }, n = 0, last = add_input_node (&design, "x");
  NnShape shape = sharings[i].in;
  for (; layers[n]; n++)
    {
      g_auto (GStrv) words = g_strsplit (layers[n], " ", 2);
      g_autoptr (NnParams) params = nn_test_params (nn_layer_type (words[0])->params, words[1]);
      const NnInferContext context = { .data = &data, .n_in = 1, .in = &shape };
      NnShape out;
      g_assert_true (nn_layer_type (words[0])->infer (params, &context, &out, &error));
      shape = out;
      node[n] = last = nn_test_add (&design, words[0], words[1], last);
    }
  wanted->shape = shape;
  const guint loss = nn_test_add (&design, "reconstruction-loss", "loss=mean-squared-error", last);
  connect (&design, add_input_node (&design, "wanted"), loss, 1);
  if (sharings[i].user)
    nn_test_replace (&design,
                     nn_design_share_weights (design, node[sharings[i].user - 1],
                                              node[sharings[i].owner - 1], sharings[i].tied));
  g_autofree char *name = g_strdup_printf ("sharing_%u", i);
  add_case (design, &data, NN_EXPORT_ALL, sharings[i].user ? VALUES_NORMAL : VALUES_WHOLE,
            "sharing", name);
  nn_design_unref (design);
}

/* Names that mean something in a script already, and a title that would end its first text. */
static void
add_names (void)
{
  static const char *const names_of_nodes[] = {
    "x",   "sum",  "self", "KL sparsity",    "torch", "hard sigmoid",
    "ops", "Type", "层",   "\"quoted\" \\n", "2 & 3", "cross entropy"
  };
  g_autoptr (GError) error = NULL;
  const NnField fields[] = { field_of ("len", &nn_shape (6)), field_of ("a\"b\\", &nn_shape (3)) };
  const NnDataInfo data = { .name = "none", .title = "none", .n_fields = 2, .fields = fields };
  NnDesign *design = nn_design_new ();
  guint last = add_input_node (&design, "len");
  nn_test_replace (&design, nn_design_with_title (design, "\"\"\" \\ end"));
  for (guint i = 0; i < G_N_ELEMENTS (names_of_nodes); i++)
    {
      last =
          nn_test_add (&design, "dense", "units=3 activation=hard-sigmoid activity-l1=0.01", last);
      nn_test_replace (&design, nn_design_rename_node (design, last, names_of_nodes[i], &error));
      g_assert_no_error (error);
    }
  const guint sparse = nn_test_add (&design, "kl-sparsity", NULL, last);
  const guint sum = nn_test_add (&design, "add", NULL, sparse);
  connect (&design, last, sum, 1);
  const guint classes = nn_test_add (&design, "classification-loss", NULL, sum);
  const guint loss = nn_test_add (&design, "reconstruction-loss", "loss=cosine", last);
  const guint wanted = add_input_node (&design, "a\"b\\");
  connect (&design, wanted, loss, 1);
  connect (&design, wanted, classes, 1);
  add_case (design, &data, NN_EXPORT_ALL, VALUES_UNIT, "names", "names");
  nn_design_unref (design);
}

/* ---- how they train ---- */

static const struct
{
  const char *optimizer, *params, *training;
  const char *classes; /* of the classification loss, or NULL */
  const char *data;    /* or NULL: as they come */
} trainings[] = {
  { "adam", "epsilon=0.001", "schedule=constant" },
  { "adam", "beta-1=0.8", "schedule=cosine cosine-floor=0.1 warm-up=3 warm-up-unit=batches" },
  { "adamw", "weight-decay=0.1", "schedule=step step-epochs=1 step-factor=0.3" },
  { "nadam", "epsilon=0.0001", "schedule=exponential exponential-epochs=2 clip-value=0.001" },
  { "rmsprop", "momentum=0.8 learning-rate=0.002", "schedule=step step-epochs=1" },
  { "rmsprop", "centered=true epsilon=0.001", "schedule=cosine warm-up=1 clip-norm=0.01" },
  { "adagrad", "start=0.01 learning-rate=0.05", "schedule=constant warm-up=2" },
  { "adadelta", "learning-rate=1 rho=0.9", "schedule=cosine cosine-epochs=2" },
  { "sgd", "learning-rate=0.5", "schedule=constant clip-norm=0.05 clip-value=0.02" },
  { "sgd", "learning-rate=0.3 momentum=0.9", "schedule=exponential exponential-epochs=1" },
  { "sgd", "learning-rate=0.3 momentum=0.7 nesterov=true",
    "schedule=plateau plateau-patience=1 plateau-difference=10 plateau-factor=0.5" },
  { "adam", "epsilon=0.001", "schedule=constant", "balance=given class-weights=1,5,2,3" },
  /* The first epoch is the best whatever comes: training ends after the second. */
  { "adam", "epsilon=0.001", "patience=1 min-delta=1000 keep-best=true" },
  { "sgd", "learning-rate=0.3", "patience=1 min-delta=1000",
    "balance=given class-weights=1,5,2,3 loss=categorical-crossentropy" },
  /* The same samples are held out, by the classes, whatever the seed. */
  { "sgd", "learning-rate=0.3", "schedule=constant", NULL,
    "validation=training validation-share=0.3" },
  { "adam", "epsilon=0.001", "patience=1 min-delta=1000 keep-best=true", NULL,
    "validation=training validation-share=0.45 seed=4000000000" },
  /* Copies, of the classes of which more were held out: one batch, as they come in any order. */
  { "sgd", "learning-rate=0.3", "schedule=constant batch-size=64", NULL,
    "validation=training validation-share=0.33 balance=copies copy-noise=0" },
  /* By numbers of the samples that train: pixels alike, columns one by one. */
  { "adam", "epsilon=0.001", "schedule=constant", NULL, "scaling=standardise" },
  { "sgd", "learning-rate=0.3", "schedule=constant", NULL,
    "scaling=range validation=training validation-share=0.3" },
};

#define N_TRAIN 40
#define N_COLUMNS 3

/* The bars, and columns of very different size: of one, numbers are missing; one never changes. */
static NnDataset *
make_data (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NnDataset) bars = nn_test_dataset (N_TRAIN);
  const NnDataInfo *info = nn_dataset_info (bars);
  g_autofree NnFieldStorage *held = nn_dataset_copy_storage (bars);
  NnFieldStorage fields[3] = { held[0], held[1], { .field = field_of ("columns", &nn_shape (3)) } };
  for (guint part = NN_PART_TRAIN; part <= NN_PART_TEST; part++)
    {
      const gsize n = info->n_samples[part] * N_COLUMNS;
      float *values = g_new (float, n);
      for (gsize i = 0; i < n; i += N_COLUMNS)
        {
          values[i] = 5000 + 100 * sinf ((float)i);
          values[i + 1] = i % 7 == 2 ? NAN : 0.01f * cosf ((float)(i + part));
          values[i + 2] = 7;
        }
      fields[2].floats[part] = g_bytes_new_take (values, n * sizeof *values);
    }
  NnDataset *dataset = nn_dataset_new (info->name, info->title, fields, 3, info->n_samples, &error);
  g_assert_no_error (error);
  nn_storage_clear (fields, 3);
  return dataset;
}

/* An .npz of the data set, as bytes. */
static void
write_data (const Format *format, NnDataset *dataset)
{
  const NnDataInfo *info = nn_dataset_info (dataset);
  g_autoptr (GPtrArray) entries = nn_zip_entries_new ();
  g_autoptr (GError) error = NULL;
  for (guint f = 0; f < info->n_fields; f++)
    for (NnPart part = NN_PART_TRAIN; part <= NN_PART_TEST; part++)
      {
        const gsize n = info->n_samples[part], size = (gsize)nn_shape_size (&info->fields[f].shape);
        g_autofree guint32 *index = g_new (guint32, n);
        g_autofree float *values = g_new (float, n *size);
        for (gsize i = 0; i < n; i++)
          index[i] = (guint32)i;
        nn_dataset_read (dataset, part, f, index, n, nn_kernels_best (), values);
        g_autofree char *name =
            g_strdup_printf ("%s%s.npy", info->fields[f].name, part == NN_PART_TEST ? "_test" : "");
        g_autoptr (NnTensor) tensor = nn_tensor_new_samples (n, &info->fields[f].shape, values);
        g_autoptr (GBytes) bytes = nn_npy_write (tensor);
        nn_zip_entries_add (entries, name, bytes);
      }
  g_autofree char *path = file_of (format, "bars", ".npz");
  g_autoptr (GBytes) bytes = nn_zip_write (entries, &error);
  g_assert_no_error (error);
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);
  g_assert_true (g_file_set_contents (path, data, (gssize)size, NULL));
}

/* Behind node `after`, a layer whose weights stay as they are. */
static guint
add_frozen (NnDesign **design, const char *type, const char *params, const char *name, guint after)
{
  g_autoptr (GError) error = NULL;
  const guint node = nn_test_add (design, type, params, after);
  nn_test_replace (design, nn_design_rename_node (*design, node, name, &error));
  g_assert_no_error (error);
  nn_test_replace (design, nn_design_set_frozen (*design, node, TRUE));
  return node;
}

/* Columns to be reconstructed beside the images. */
static void
add_columns (NnDesign **design)
{
  const guint input = add_input_node (design, "columns");
  const guint output =
      nn_test_add (design, "dense", "units=3", nn_test_add (design, "dense", "units=2", input));
  connect (design, input,
           nn_test_add (design, "reconstruction-loss", "loss=mean-squared-error", output), 1);
}

/* Through a convolution, frozen layers and dense ones with penalties to two losses. */
static NnDesign *
training_design (guint i)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *training =
      g_strdup_printf ("epochs=3 batch-size=12 shuffle=false %s", trainings[i].training);
  g_autoptr (NnParams) data = nn_test_params (nn_data_specs (), trainings[i].data);
  NnDesign *design = nn_design_new ();
  const guint input = nn_test_add (&design, "input", NULL, 0);
  const guint conv =
      nn_test_add (&design, "conv2d", "filters=3 stride=2 activation=tanh l2=0.001", input);
  const guint frozen = add_frozen (&design, "conv2d", "filters=3", "Frozen conv", conv);
  const guint normal = add_frozen (&design, "batch-norm", NULL, "Frozen norm", frozen);
  const guint flatten = nn_test_add (&design, "flatten", NULL, normal);
  const guint code =
      nn_test_add (&design, "dense", "units=5 activation=sigmoid activity-l1=0.001", flatten);
  const guint output =
      nn_test_add (&design, "dense", "units=64 activation=sigmoid l1=0.0001", code);
  const gboolean scaled = !g_str_equal (nn_params_text (data, "scaling"), "none");
  const guint loss = nn_test_add (&design, "reconstruction-loss",
                                  scaled ? "loss=mean-squared-error" : NULL, output);
  const guint classes = nn_test_add (&design, "dense", "units=4 activation=softmax", code);
  g_autofree char *judged =
      g_strconcat ("weight=0.3 ", trainings[i].classes ? trainings[i].classes : "", NULL);
  nn_test_add (&design, "classification-loss", judged, classes);
  nn_test_replace (&design, nn_design_connect (design, input, 0, loss, 1, &error));
  g_assert_no_error (error);
  if (scaled)
    add_columns (&design);
  nn_test_set_training (&design, training);
  nn_test_replace (&design, nn_design_with_data (design, data));
  const NnOptimizerType *type = nn_optimizer_type (trainings[i].optimizer);
  g_autoptr (NnParams) params = nn_test_params (type->params, trainings[i].params);
  nn_test_replace (&design, nn_design_with_optimizer (design, type, params));
  return design;
}

/* What the engine makes of the first test samples, its pixels from 0 to 1. */
static void
write_predictions (const char *name, NnExportSource *source, NnDataset *dataset)
{
  static const guint32 first[BATCH] = { 0, 1, 2 };
  g_autoptr (GError) error = NULL;
  g_autoptr (NnExportModel) model = nn_export_model_new_training (source, &error);
  g_assert_no_error (error);
  float **feed = random_feed (model->program, VALUES_UNIT);
  for (guint i = 0; i < model->program->inputs->len; i++)
    {
      guint field;
      nn_data_info_field (nn_dataset_info (dataset), nn_program_input (model->program, i)->field,
                          &field);
      nn_dataset_read (dataset, NN_PART_TEST, field, first, BATCH, nn_kernels_best (), feed[i]);
    }
  g_autoptr (GPtrArray) tensors = case_tensors (model, source->checkpoint, feed);
  free_feed (model->program, feed);
  const NnScale *scale = nn_dataset_info (dataset)->fields[0].scale;
  g_autofree char *output = g_strconcat ("out.", nn_export_output (model, 0)->name, NULL);
  NnTensor *images = nn_named_tensors_find (tensors, output);
  g_assert_cmpuint (images->size, ==, BATCH * 64);
  for (gsize k = 0; scale && k < images->size; k++)
    images->data[k] = (float)((double)images->data[k] / scale->of[0].factor + scale->of[0].shift);
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    write_tensors (&formats[i], name, ".case", tensors);
}

/* Before and after training by the engine; the script is to come from the one to the other. */
static void
add_training (guint i, NnDataset *all)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NnDesign) design = training_design (i);
  const NnParams *data = nn_design_data (design);
  g_autoptr (NnDataset) divided = nn_dataset_hold_out (all, data, &error);
  g_assert_no_error (error);
  g_autoptr (GArray) columns = nn_data_columns_new ();
  g_autoptr (NnDataset) scaled = nn_dataset_scale (nn_dataset_ref (divided), data, columns, &error);
  g_assert_no_error (error);
  g_autoptr (NnDataset) dataset = nn_dataset_balance (scaled, data, NULL, &error);
  g_assert_no_error (error);
  const NnPart part =
      nn_dataset_n_samples (dataset, NN_PART_VALIDATION) > 0 ? NN_PART_VALIDATION : NN_PART_TEST;
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, nn_dataset_info (dataset), 0);
  g_autoptr (NnPool) pool = nn_pool_new (1);
  g_autoptr (NnTrainer) trainer = nn_trainer_new (analysis, dataset, NULL, pool, &error);
  g_assert_no_error (error);
  g_autofree char *name = g_strdup_printf ("training_%u", i);
  g_autofree char *after = g_strconcat (name, "_after", NULL);
  g_autoptr (NnCheckpoint) start = nn_trainer_checkpoint (trainer);
  g_autoptr (NnExportSource) source = nn_export_source_new (design, analysis, start, NN_EXPORT_ALL);
  NnEvaluation evaluation;
  NnStep step;
  do
    {
      nn_trainer_step (trainer, &step, &error);
      g_assert_no_error (error);
      if (step.epoch_ended && nn_trainer_evaluate (trainer, part, &evaluation))
        nn_trainer_note_validation (trainer, evaluation.loss);
    }
  while (step.epoch < 3 && !(step.epoch_ended && nn_trainer_is_over (trainer)));
  nn_trainer_use_best (trainer);
  g_autoptr (NnCheckpoint) end = nn_trainer_checkpoint (trainer);
  g_autoptr (NnExportSource) trained = nn_export_source_new (design, analysis, end, NN_EXPORT_ALL);
  for (guint k = 0; k < G_N_ELEMENTS (formats); k++)
    {
      export_to (&formats[k], source, name);
      export_to (&formats[k], trained, after);
    }
  write_predictions (name, source, dataset);
  add_name (name, "training");
}

static void
add_trainings (void)
{
  g_autoptr (NnDataset) dataset = make_data ();
  for (guint k = 0; k < G_N_ELEMENTS (formats); k++)
    write_data (&formats[k], dataset);
  for (guint i = 0; i < G_N_ELEMENTS (trainings); i++)
    add_training (i, dataset);
  /* The first one again, in two processes. */
  add_name ("distributed", "distributed");
}

/* ---- what they say before they are written ---- */

/* Every option of training and data is followed, or spoken of. */
static void
test_options_known (void)
{
  const NnParamSpec *const tables[] = { nn_run_specs (), nn_data_specs () };
  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    for (const NnParamSpec *spec = tables[i]; spec->name; spec++)
      if (!nn_script_knows (spec->name))
        g_error ("scripts know nothing of “%s”", spec->name);
  g_assert_false (nn_script_knows ("nothing"));
}

static void
assert_remark (const char *format, const char *training, const char *data, gboolean noise,
               const char *words)
{
  g_autoptr (NnDataset) dataset = nn_test_dataset (N_TRAIN);
  g_autoptr (NnParams) params = nn_test_params (nn_data_specs (), data);
  NnDesign *design = nn_design_new ();
  guint last = nn_test_add (&design, "input", NULL, 0);
  const guint input = last;
  if (noise)
    last = nn_test_add (&design, "gaussian-noise", NULL, last);
  last = nn_test_add (&design, "conv2d", "filters=1", last);
  const guint loss = nn_test_add (&design, "reconstruction-loss", NULL, last);
  connect (&design, input, loss, 1);
  nn_test_set_training (&design, training ? training : "epochs=1");
  nn_test_replace (&design, nn_design_with_data (design, params));
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, nn_dataset_info (dataset), 0);
  g_autoptr (NnCheckpoint) weights = random_weights (nn_analysis_program (analysis));
  g_autoptr (NnExportSource) source =
      nn_export_source_new (design, analysis, weights, NN_EXPORT_ALL);
  const NnExporter *exporter = nn_exporter (format);
  g_autoptr (GPtrArray) remarks = nn_export_remarks (exporter, source);
  g_autofree char *script = nn_export_preview (exporter, source, NULL);
  g_assert_cmpuint (remarks->len, ==, words ? 1 : 0);
  if (words)
    {
      g_assert_nonnull (strstr (remarks->pdata[0], words));
      g_autoptr (GString) joined = g_string_new (script);
      g_string_replace (joined, "\n   ", "", 0); /* lines of the same remark */
      g_assert_nonnull (strstr (joined->str, words));
    }
  nn_design_unref (design);
}

static void
test_remarks (void)
{
  assert_remark ("pytorch", NULL, NULL, TRUE, NULL);
  assert_remark ("keras", NULL, NULL, FALSE, NULL);
  assert_remark ("keras", NULL, NULL, TRUE, "the noise of “Gaussian noise");
  assert_remark ("pytorch", "watch=accuracy", NULL, FALSE, NULL);
  assert_remark ("pytorch", "watch=accuracy patience=3", NULL, FALSE, "Accuracy");
  assert_remark ("keras", "watch=psnr keep-best=true", NULL, FALSE, "PSNR");
  assert_remark ("pytorch", NULL, "label=class width=20", FALSE, "Label, Width");
  assert_remark ("pytorch", NULL, "scaling=standardise", FALSE, "have not been loaded");
  assert_remark ("pytorch", NULL, "validation=training balance=copies", FALSE, NULL);
}

/* ---- the checkers' word ---- */

/* Why the scripts of a format cannot be run, or NULL. */
static const char *
hindrance (const Format *format)
{
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
  return "scripts are run by the build without sanitizers";
#else
  g_autofree char *line = g_strdup_printf (
      "import importlib.util, sys; sys.exit(not importlib.util.find_spec('%s'))", format->module);
  const char *argv[] = { "/usr/bin/python3", "-c", line, NULL };
  gint status = 0;
  return g_spawn_sync (NULL, (char **)argv, NULL,
                       G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL,
                       NULL, &status, NULL)
                 && g_spawn_check_wait_status (status, NULL)
             ? NULL
             : format->package;
#endif
}

/* It prints "NAME<TAB>RESULT" for each case. */
static void
ask (Format *format)
{
  g_autofree char *script = g_test_build_filename (G_TEST_DIST, "engine", format->checker, NULL);
  const char *argv[] = { "/usr/bin/python3", script, format->folder, NULL };
  g_autofree char *out = NULL;
  gint status = 0;
  format->hindrance = hindrance (format);
  if (format->hindrance)
    return;
  format->results = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  if (!g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &out, NULL, &status,
                     NULL)
      || !g_spawn_check_wait_status (status, NULL))
    g_error ("%s failed: %s", format->checker, out);
  g_auto (GStrv) lines = g_strsplit (out, "\n", -1);
  for (guint i = 0; lines[i]; i++)
    {
      g_auto (GStrv) pair = g_strsplit (lines[i], "\t", 2);
      if (pair[0] && pair[1])
        g_hash_table_insert (format->results, g_strdup (pair[0]), g_strdup (pair[1]));
    }
}

typedef struct
{
  const Format *format;
  const char *group;
} Group;

static void
test_group (gconstpointer data)
{
  const Group *test = data;
  const char *why;
  guint n = 0, n_wrong = 0;
  if (test->format->hindrance)
    {
      g_test_skip (test->format->hindrance);
      return;
    }
  for (guint i = 0; i < names->len; i++)
    {
      const char *result = g_hash_table_lookup (test->format->results, names->pdata[i]);
      if (!g_str_equal (groups->pdata[i], test->group))
        continue;
      n++;
      if (g_strcmp0 (result, "ok") == 0 || is_refused (test->format, names->pdata[i], &why))
        continue;
      n_wrong++;
      g_test_message ("%s: %s", (char *)names->pdata[i], result ? result : "not looked at");
    }
  g_assert_cmpuint (n, >, 0);
  g_assert_cmpuint (n_wrong, ==, 0);
}

static void
add_group (const Format *format, const char *group)
{
  Group *test = g_new (Group, 1);
  g_autofree char *path = g_strdup_printf ("/scripts/%s/%s", format->id, group);
  *test = (Group){ format, group };
  g_test_add_data_func_full (path, test, test_group, g_free);
}

static void
add_groups (const Format *format)
{
  const NnLayerType *const *types = nn_layer_types ();
  for (guint t = 0; types[t]; t++)
    if (types[t]->tests[0].name)
      add_group (format, types[t]->id);
  add_group (format, "lessons");
  add_group (format, "sharing");
  add_group (format, "names");
  add_group (format, "training");
  if (g_str_equal (format->id, "pytorch"))
    add_group (format, "distributed");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  names = g_ptr_array_new_with_free_func (g_free);
  groups = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    formats[i].folder = g_dir_make_tmp ("diabolo-scripts-XXXXXX", NULL);
  walk_layers (add_case);
  walk_lessons (add_case);
  for (guint i = 0; i < G_N_ELEMENTS (sharings); i++)
    add_sharing (i);
  add_names ();
  add_trainings ();
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      ask (&formats[i]);
      add_groups (&formats[i]);
    }
  g_test_add_func ("/scripts/options-known", test_options_known);
  g_test_add_func ("/scripts/remarks", test_remarks);
  const int status = g_test_run ();

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      nn_test_remove_folder (formats[i].folder);
      g_free (formats[i].folder);
      g_clear_pointer (&formats[i].results, g_hash_table_unref);
    }
  g_ptr_array_unref (names);
  g_ptr_array_unref (groups);
  return status;
}
