/* A second witness for whole networks: every lesson against PyTorch: what it gives, its gradients,
 * the losses of 20 steps and the weights after them. With --cases it prints what make-reference.py
 * is to work out. */
#include "formats/nn-lessons.h"
#include "data/nn-data-source.h"
#include "optimizers/nn-optimizer.h"
#include "train/nn-trainer.h"

#include "nn-test-data.h"
#include "reference-fixture.h"

#define SAMPLES 4
#define STEPS 20

/* A lesson without chance, on a few samples that a formula gives. */
typedef struct
{
  const char *id;
  NnDesign *design;
  NnDataset *dataset;
  NnAnalysis *analysis;
  gboolean every_optimizer;
} Network;

/* What takes random numbers stands still, and samples keep their order. Adds a batch of the whole
 * data set where nothing else is said. */
static void
make_certain (NnDesign **design, const char *training)
{
  g_autofree char *text =
      g_strdup_printf ("shuffle=false %s", training ? training : "epochs=100 batch-size=4");
  G_STATIC_ASSERT (SAMPLES == 4);
  for (guint i = 0; i < nn_design_n_nodes (*design); i++)
    {
      const NnNode *node = nn_design_node_at (*design, i);
      g_auto (GStrv) words = g_strsplit (reference_certain_params (node->type->id), " ", -1);
      const guint node_id = node->id;
      for (guint k = 0; words[k] && *words[k]; k++)
        {
          g_autoptr (GError) error = NULL;
          g_auto (GStrv) pair = g_strsplit (words[k], "=", 2);
          g_autoptr (NnParams) params = nn_params_with_text (
              nn_design_node (*design, node_id)->params, pair[0], pair[1], &error);
          g_assert_no_error (error);
          nn_test_replace (design, nn_design_set_params (*design, node_id, params));
        }
    }
  nn_test_set_training (design, text);
}

static void
set_optimizer (NnDesign **design, const NnOptimizerType *type, const char *text)
{
  g_autoptr (NnParams) params = nn_test_params (type->params, text);
  nn_test_replace (design, nn_design_with_optimizer (*design, type, params));
}

/* ---- networks that no lesson has: what is shared, and how training can be bent ---- */

#define DENSE "flatten | dense units=12 activation=tanh | dense units=49 activation=sigmoid"
#define PENALISED                                                                                  \
  "flatten | dense units=12 activation=tanh l1=0.001 l2=0.01 | dense units=49 activation=sigmoid"
#define MOMENTUM "learning-rate=0.5 momentum=0.9"
/* Ten epochs of two batches. */
#define EPOCHS "epochs=10 batch-size=2 "

typedef enum
{
  APART,
  SHARED, /* the last layer uses all weights of the first that has any ... */
  TIED    /* ... or its kernel, turned round */
} Sharing;

/* One layer behind the other, from an image of 7 x 7 back to it. */
static const struct
{
  const char *id, *layers;
  Sharing sharing;
  const char *optimizer, *params;
  const char *training; /* NULL: twenty epochs of a batch, with every optimizer */
} runs[] = {
  { "shared-dense",
    "flatten | dense units=49 activation=tanh | dense units=49 activation=tanh | dense units=49 "
    "activation=tanh",
    SHARED, "adam", "", NULL },
  { "shared-convolution",
    "conv2d filters=1 kernel-size=5 padding=same activation=tanh | conv2d filters=1 kernel-size=5 "
    "padding=same activation=tanh",
    SHARED, "adam", "", NULL },
  { "tied-dense", DENSE, TIED, "adam", "", NULL },
  { "tied-deep",
    "flatten | dense units=20 activation=tanh | dense units=5 activation=tanh | dense units=20 "
    "activation=tanh | dense units=49 activation=sigmoid",
    TIED, "adam", "", NULL },
  { "tied-penalised", PENALISED, TIED, "adam", "", NULL },
  { "tied-contractive",
    "flatten | dense units=12 activation=tanh contractive=0.1 | dense units=49 activation=sigmoid",
    TIED, "adam", "", NULL },
  { "tied-convolution",
    "conv2d filters=3 kernel-size=3 padding=same activation=tanh | conv2d-transpose filters=1 "
    "stride=1 "
    "kernel-size=3 padding=same activation=sigmoid",
    TIED, "adam", "", NULL },
  { "schedule-step", DENSE, APART, "sgd", MOMENTUM,
    EPOCHS "schedule=step step-epochs=3 step-factor=0.4" },
  { "schedule-exponential", DENSE, APART, "adamw", "learning-rate=0.01",
    EPOCHS "schedule=exponential exponential-epochs=4 exponential-factor=0.3" },
  { "schedule-cosine", DENSE, APART, "sgd", MOMENTUM, EPOCHS "schedule=cosine cosine-floor=0.1" },
  { "schedule-cosine-short", DENSE, APART, "nadam", "learning-rate=0.01",
    "epochs=40 batch-size=2 schedule=cosine cosine-epochs=10" },
  /* The loss hardly falls at such a rate: every second epoch counts as one too many. */
  { "schedule-plateau", DENSE, APART, "sgd", "learning-rate=0.01",
    EPOCHS "schedule=plateau plateau-patience=2 plateau-factor=0.5 plateau-difference=0.01" },
  { "warm-up", DENSE, APART, "sgd", MOMENTUM, EPOCHS "warm-up=3" },
  { "warm-up-batches", DENSE, APART, "adagrad", "learning-rate=0.1",
    EPOCHS "warm-up=7 warm-up-unit=batches" },
  { "warm-up-cosine", DENSE, APART, "sgd", MOMENTUM,
    EPOCHS "warm-up=2 schedule=cosine cosine-floor=0.1" },
  { "clip-norm", PENALISED, APART, "sgd", MOMENTUM, EPOCHS "clip-norm=0.05" },
  { "clip-value", PENALISED, APART, "sgd", MOMENTUM, EPOCHS "clip-value=0.002" },
  { "clip-both", PENALISED, TIED, "sgd", MOMENTUM, EPOCHS "clip-norm=0.05 clip-value=0.003" },
};

static NnDesign *
run_design (guint i)
{
  g_autoptr (GError) error = NULL;
  NnDesign *design = nn_design_new ();
  g_auto (GStrv) layers = g_strsplit (runs[i].layers, " | ", -1);
  const guint input = nn_test_add (&design, "input", "field=image", 0);
  const guint image = nn_test_add (&design, "avg-pool2d", "pool-size=4", input);
  guint first = 0, last = image;
  for (guint k = 0; layers[k]; k++)
    {
      g_auto (GStrv) parts = g_strsplit (layers[k], " ", 2);
      last = nn_test_add (&design, parts[0], parts[1], last);
      if (first == 0 && parts[1])
        first = last;
    }
  if (runs[i].sharing != APART)
    nn_test_replace (&design,
                     nn_design_share_weights (design, last, first, runs[i].sharing == TIED));
  const guint loss = nn_test_add (&design, "reconstruction-loss", "loss=mean-squared-error", last);
  nn_test_replace (&design, nn_design_connect (design, image, 0, loss, 1, &error));
  g_assert_no_error (error);
  set_optimizer (&design, nn_optimizer_type (runs[i].optimizer), runs[i].params);
  return design;
}

/* Fields of the lesson's data set with values from their names; classes as bytes. */
static NnDataset *
formula_dataset (const char *id, const NnDataInfo *info)
{
  g_autofree NnFieldStorage *fields = g_new0 (NnFieldStorage, info->n_fields);
  const gsize n_samples[NN_N_PARTS] = { SAMPLES, SAMPLES };
  g_autoptr (GError) error = NULL;
  for (guint i = 0; i < info->n_fields; i++)
    {
      const NnField *field = &info->fields[i];
      g_autofree char *name = g_strdup_printf ("%s/sample/%s", id, field->name);
      const gsize n = SAMPLES * (gsize)nn_shape_size (&field->shape);
      fields[i].field = *field;
      fields[i].label_size = 1;
      float *values = g_new (float, n);
      reference_fill (name, 0.5f, 0.5f, values, n);
      guint8 *labels = g_new (guint8, SAMPLES);
      for (guint32 k = 0; k < SAMPLES; k++)
        labels[k] = (guint8)(reference_uniform (name, k) * (float)field->n_classes);
      g_autoptr (GBytes) floats = g_bytes_new_take (values, n * sizeof (float));
      g_autoptr (GBytes) bytes = g_bytes_new_take (labels, SAMPLES);
      for (NnPart part = NN_PART_TRAIN; part <= NN_PART_TEST; part++)
        if (field->kind == NN_FIELD_LABEL)
          fields[i].bytes[part] = g_bytes_ref (bytes);
        else
          fields[i].floats[part] = g_bytes_ref (floats);
    }
  NnDataset *dataset =
      nn_dataset_new (info->name, info->title, fields, info->n_fields, n_samples, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < info->n_fields; i++)
    for (NnPart part = NN_PART_TRAIN; part <= NN_PART_TEST; part++)
      {
        g_clear_pointer (&fields[i].bytes[part], g_bytes_unref);
        g_clear_pointer (&fields[i].floats[part], g_bytes_unref);
      }
  return dataset;
}

/* design: (transfer full) */
static void
network_init (Network *network, const char *id, NnDesign *design, const char *training)
{
  g_autoptr (GError) error = NULL;
  network->id = id;
  network->design = design;
  network->every_optimizer = training == NULL;
  make_certain (&network->design, training);
  g_autoptr (NnDataInfo) info =
      nn_data_peek (nn_params_text (nn_design_data (network->design), "name"), &error);
  g_assert_no_error (error);
  network->dataset = formula_dataset (id, info);
  network->analysis = nn_analysis_new (network->design, nn_dataset_info (network->dataset), 0);
  if (!nn_analysis_can_train (network->analysis))
    g_error ("%s: %s", id, nn_analysis_diagnostic (network->analysis, 0)->text);
}

static void
network_init_lesson (Network *network, guint lesson)
{
  g_autoptr (GError) error = NULL;
  const char *id = nn_lessons (NULL)[lesson].id;
  NnDesign *design = nn_lesson_design (id, &error);
  g_assert_no_error (error);
  network_init (network, id, design, NULL);
}

static void
network_clear (Network *network)
{
  nn_design_unref (network->design);
  nn_dataset_unref (network->dataset);
  nn_analysis_unref (network->analysis);
}

static NnProgram *
program_of (const Network *network)
{
  return nn_analysis_program (network->analysis);
}

/* TRUE for the node that gives a sampling node its log-variance. */
static gboolean
is_log_variance (const Network *network, guint node)
{
  for (guint i = 0; i < nn_design_n_edges (network->design); i++)
    {
      const NnEdge *edge = nn_design_edge_at (network->design, i);
      if (edge->from == node && edge->to_port == 1
          && g_str_equal (nn_design_node (network->design, edge->to)->type->id, "sampling"))
        return TRUE;
    }
  return FALSE;
}

/* Kernels as Glorot's uniform ones, vectors small around what they start from. */
static void
weight_range (const Network *network, const NnWeight *weight, float *scale, float *offset)
{
  const gboolean one = weight->init == NN_INIT_ONES, zero = weight->init == NN_INIT_ZEROS;
  *scale = one || zero ? 0.1f : (float)sqrt (6.0 / (double)(weight->fan_in + weight->fan_out));
  *offset = one ? 1 : 0;
  if (is_log_variance (network, weight->node) && g_str_equal (weight->name, "bias"))
    *offset = REFERENCE_NO_VARIANCE;
}

/* from: the name that weights are drawn from. */
static NnCheckpoint *
formula_checkpoint (const Network *network, const char *from)
{
  NnCheckpoint *checkpoint = nn_checkpoint_new ();
  for (guint i = 0; i < program_of (network)->weights->len; i++)
    {
      const NnWeight *weight = nn_program_weight (program_of (network), i);
      g_autofree char *name = g_strdup_printf ("%s/%u/%s", from, weight->node, weight->name);
      g_autoptr (NnTensor) tensor = nn_tensor_new (&weight->shape);
      float scale, offset;
      weight_range (network, weight, &scale, &offset);
      reference_fill (name, scale, offset, tensor->data, tensor->size);
      nn_checkpoint_add (checkpoint, weight->node, weight->name, tensor, NULL, 0);
    }
  return checkpoint;
}

/* ---- comparing ---- */

/* Ids of the nodes whose values an objective takes as its prediction. */
static GArray *
predictions (const Network *network)
{
  GArray *nodes = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint i = 0; i < nn_design_n_edges (network->design); i++)
    {
      const NnEdge *edge = nn_design_edge_at (network->design, i);
      const NnNode *to = nn_design_node (network->design, edge->to);
      if ((to->type->flags & NN_LAYER_OBJECTIVE) && edge->to_port == 0)
        g_array_append_val (nodes, edge->from);
    }
  return nodes;
}

static void
compare_outputs (const Network *network, NnTrainer *trainer, GPtrArray *tensors)
{
  static const guint32 index[SAMPLES] = { 0, 1, 2, 3 };
  g_autoptr (GArray) nodes = predictions (network);
  for (guint i = 0; i < nodes->len; i++)
    {
      const guint node = g_array_index (nodes, guint, i);
      const guint value = (guint)nn_analysis_value (network->analysis, node, 0);
      const gsize n = SAMPLES * (gsize)nn_program_value (program_of (network), value)->size;
      g_autofree char *name = g_strdup_printf ("%s/%u/output", network->id, node);
      g_autofree float *out = g_new (float, n);
      nn_trainer_values (trainer, NN_PART_TRAIN, index, SAMPLES, NULL, 1, &value, &out, NULL);
      reference_compare (tensors, name, out, n);
    }
}

/* Penalties on weights belong to the trainer, which is compared below. */
static gboolean
has_penalty (const NnWeight *weight)
{
  return weight->l1 > 0 || weight->l2 > 0;
}

static void
compare_gradients (const Network *network, const NnCheckpoint *start, NnPool *pool,
                   GPtrArray *tensors)
{
  static const guint32 index[SAMPLES] = { 0, 1, 2, 3 };
  NnProgram *program = program_of (network);
  g_autofree float **weights = g_new (float *, program->weights->len);
  g_autoptr (NnPlan) plan = nn_plan_new (program, SAMPLES, NN_PLAN_TRAIN, NULL, pool);
  NnBatch batch = { .n = SAMPLES,
                    .data = network->dataset,
                    .part = NN_PART_TRAIN,
                    .index = index,
                    .mode = NN_MODE_TRAIN,
                    .weights = weights };
  NnPlanResult result;
  for (guint i = 0; i < program->weights->len; i++)
    {
      const NnWeight *weight = nn_program_weight (program, i);
      weights[i] = nn_checkpoint_find (start, weight->node, weight->name)->value->data;
    }
  g_assert_true (nn_plan_run (plan, &batch, &result));
  for (guint i = 0; i < program->weights->len; i++)
    {
      const NnWeight *weight = nn_program_weight (program, i);
      g_autofree char *name =
          g_strdup_printf ("%s/%u/%s/gradient", network->id, weight->node, weight->name);
      g_autofree float *g = g_new (float, weight->size);
      if (!nn_plan_trains (plan, i) || has_penalty (weight))
        continue;
      nn_plan_gradient (plan, i, g);
      reference_compare (tensors, name, g, (gsize)weight->size);
    }
}

/* STEPS steps, with an evaluation after each epoch as the session makes it. */
static void
train (NnTrainer *trainer, float *losses)
{
  for (guint i = 0; i < STEPS; i++)
    {
      g_autoptr (GError) error = NULL;
      NnStep step;
      NnEvaluation evaluation = { 0 };
      nn_trainer_step (trainer, &step, &error);
      g_assert_no_error (error);
      losses[i] = (float)step.loss;
      if (!step.epoch_ended)
        continue;
      while (!nn_trainer_evaluate (trainer, NN_PART_TEST, &evaluation))
        ;
      nn_trainer_note_validation (trainer, evaluation.loss);
    }
}

static void
compare_after (const Network *network, NnTrainer *trainer, const char *name, GPtrArray *tensors)
{
  g_autoptr (NnCheckpoint) after = nn_trainer_checkpoint (trainer);
  gsize at = 0;
  for (guint i = 0; i < program_of (network)->weights->len; i++)
    {
      const NnWeight *weight = nn_program_weight (program_of (network), i);
      const NnTensor *tensor = nn_checkpoint_find (after, weight->node, weight->name)->value;
      reference_compare_next (tensors, name, &at, tensor->data, tensor->size);
    }
}

/* The design whose learning rate is what run takes of it. (transfer full) */
static NnDesign *
slow_down (NnDesign *design, GPtrArray *tensors, const char *run)
{
  const NnParams *usual = nn_design_optimizer_params (design);
  g_autoptr (NnParams) params = nn_params_with_number (
      usual, "learning-rate",
      reference_rate (tensors, run) * nn_params_float (usual, "learning-rate"), NULL);
  return nn_design_with_optimizer (design, nn_design_optimizer (design), params);
}

/* Steps of design from where run starts. losses (STEPS) of the file are compared, too, if wanted.
 */
static void
compare_run (const Network *network, NnDesign *design, const char *run, gboolean has_losses,
             NnPool *pool, GPtrArray *tensors)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *losses_name = g_strdup_printf ("%s/losses", run);
  g_autofree char *after_name = g_strdup_printf ("%s/after", run);
  g_autofree char *from = reference_started (tensors, network->id, run);
  g_autoptr (NnCheckpoint) start = formula_checkpoint (network, from);
  g_autoptr (NnDesign) slow = slow_down (design, tensors, run);
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (slow, nn_dataset_info (network->dataset), 0);
  g_autoptr (NnTrainer) trainer = nn_trainer_new (analysis, network->dataset, start, pool, &error);
  float losses[STEPS];
  g_assert_no_error (error);
  train (trainer, losses);
  if (has_losses)
    reference_compare (tensors, losses_name, losses, STEPS);
  compare_after (network, trainer, after_name, tensors);
}

static void
compare_network (const Network *network)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) tensors = reference_load ("networks.safetensors");
  g_autoptr (NnCheckpoint) start = formula_checkpoint (network, network->id);
  g_autoptr (NnPool) pool = nn_pool_new (2);
  NnTrainer *trainer = nn_trainer_new (network->analysis, network->dataset, start, pool, &error);
  g_assert_no_error (error);
  compare_outputs (network, trainer, tensors);
  compare_gradients (network, start, pool, tensors);
  nn_trainer_free (trainer);
  compare_run (network, network->design, network->id, TRUE, pool, tensors);
  for (const NnOptimizerType *const *type = nn_optimizer_types ();
       *type && network->every_optimizer; type++)
    {
      g_autofree char *run = g_strdup_printf ("%s/%s", network->id, (*type)->id);
      NnDesign *design = nn_design_ref (network->design);
      set_optimizer (&design, *type, "");
      compare_run (network, design, run, FALSE, pool, tensors);
      nn_design_unref (design);
    }
}

static void
test_lesson (gconstpointer lesson)
{
  Network network;
  network_init_lesson (&network, GPOINTER_TO_UINT (lesson));
  compare_network (&network);
  network_clear (&network);
}

static void
test_run (gconstpointer run)
{
  const guint i = GPOINTER_TO_UINT (run);
  Network network;
  network_init (&network, runs[i].id, run_design (i), runs[i].training);
  compare_network (&network);
  network_clear (&network);
}

/* ---- for make-reference.py ---- */

static void
describe_fields (const Network *network, JsonBuilder *json)
{
  const NnDataInfo *info = nn_dataset_info (network->dataset);
  json_builder_set_member_name (json, "fields");
  json_builder_begin_array (json);
  for (guint i = 0; i < info->n_fields; i++)
    {
      json_builder_begin_object (json);
      reference_add_text (json, "name", info->fields[i].name);
      reference_add_shape (json, "shape", &info->fields[i].shape);
      reference_add_number (json, "classes", info->fields[i].n_classes);
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
}

static void
describe_inputs (const Network *network, JsonBuilder *json)
{
  json_builder_set_member_name (json, "inputs");
  json_builder_begin_object (json);
  for (guint i = 0; i < nn_design_n_nodes (network->design); i++)
    {
      const NnNode *node = nn_design_node_at (network->design, i);
      g_autofree char *name = g_strdup_printf ("%u", node->id);
      if (node->type->flags & NN_LAYER_INPUT)
        reference_add_shape (json, name, nn_analysis_output_shape (network->analysis, node->id, 0));
    }
  json_builder_end_object (json);
}

static void
describe_weights (const Network *network, JsonBuilder *json)
{
  json_builder_set_member_name (json, "weights");
  json_builder_begin_array (json);
  for (guint i = 0; i < program_of (network)->weights->len; i++)
    {
      const NnWeight *weight = nn_program_weight (program_of (network), i);
      float scale, offset;
      weight_range (network, weight, &scale, &offset);
      json_builder_begin_object (json);
      reference_add_number (json, "node", weight->node);
      reference_add_text (json, "name", weight->name);
      reference_add_shape (json, "shape", &weight->shape);
      reference_add_number (json, "scale", (double)scale);
      reference_add_number (json, "offset", (double)offset);
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
}

static void
describe (const Network *network, JsonBuilder *json)
{
  g_autoptr (GArray) outputs = predictions (network);
  g_autofree char *design = nn_design_to_json (network->design);
  json_builder_begin_object (json);
  reference_add_text (json, "name", network->id);
  reference_add_text (json, "design", design);
  reference_add_params (json, "training", nn_design_training (network->design));
  json_builder_set_member_name (json, "every-optimizer");
  json_builder_add_boolean_value (json, network->every_optimizer);
  describe_fields (network, json);
  describe_inputs (network, json);
  describe_weights (network, json);
  json_builder_set_member_name (json, "outputs");
  json_builder_begin_array (json);
  for (guint i = 0; i < outputs->len; i++)
    json_builder_add_int_value (json, g_array_index (outputs, guint, i));
  json_builder_end_array (json);
  json_builder_end_object (json);
}

static int
print_cases (void)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  guint n;
  nn_lessons (&n);
  json_builder_begin_object (json);
  reference_add_number (json, "samples", SAMPLES);
  reference_add_number (json, "steps", STEPS);
  json_builder_set_member_name (json, "networks");
  json_builder_begin_array (json);
  for (guint i = 0; i < n; i++)
    {
      Network network;
      network_init_lesson (&network, i);
      describe (&network, json);
      network_clear (&network);
    }
  for (guint i = 0; i < G_N_ELEMENTS (runs); i++)
    {
      Network network;
      network_init (&network, runs[i].id, run_design (i), runs[i].training);
      describe (&network, json);
      network_clear (&network);
    }
  json_builder_end_array (json);
  json_builder_end_object (json);
  reference_print (json);
  return 0;
}

int
main (int argc, char **argv)
{
  if (argc > 1 && g_str_equal (argv[1], "--cases"))
    return print_cases ();
  g_test_init (&argc, &argv, NULL);
  guint n;
  const NnLesson *lessons = nn_lessons (&n);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *path = g_strdup_printf ("/reference/networks/%s", lessons[i].id);
      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_lesson);
    }
  for (guint i = 0; i < G_N_ELEMENTS (runs); i++)
    {
      g_autofree char *path = g_strdup_printf ("/reference/runs/%s", runs[i].id);
      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_run);
    }
  return g_test_run ();
}
