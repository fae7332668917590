/* A second witness for whole networks: every lesson against PyTorch: what it gives, its gradients,
 * the losses of 20 steps and the weights after them. With --cases it prints what make-reference.py
 * is to work out. */
#include "formats/nn-lessons.h"
#include "data/nn-data-source.h"
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
} Network;

/* What takes random numbers stands still, and a batch is the whole data set in its order. */
static NnDesign *
certain_design (const char *id)
{
  g_autoptr (GError) error = NULL;
  NnDesign *design = nn_lesson_design (id, &error);
  g_autofree char *training = g_strdup_printf ("batch-size=%d shuffle=false epochs=100", SAMPLES);
  g_assert_no_error (error);
  for (guint i = 0; i < nn_design_n_nodes (design); i++)
    {
      const NnNode *node = nn_design_node_at (design, i);
      g_auto (GStrv) words = g_strsplit (reference_certain_params (node->type->id), " ", -1);
      const guint node_id = node->id;
      for (guint k = 0; words[k] && *words[k]; k++)
        {
          g_auto (GStrv) pair = g_strsplit (words[k], "=", 2);
          g_autoptr (NnParams) params = nn_params_with_text (
              nn_design_node (design, node_id)->params, pair[0], pair[1], &error);
          g_assert_no_error (error);
          nn_test_replace (&design, nn_design_set_params (design, node_id, params));
        }
    }
  nn_test_set_training (&design, training);
  /* Short steps: long ones on four samples make rounding grow from step to step. */
  const NnOptimizerType *optimizer = nn_design_optimizer (design);
  const NnParams *usual = nn_design_optimizer_params (design);
  g_autoptr (NnParams) shorter = nn_params_with_number (
      usual, "learning-rate", nn_params_float (usual, "learning-rate") / 10, &error);
  g_assert_no_error (error);
  nn_test_replace (&design, nn_design_with_optimizer (design, optimizer, shorter));
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
      for (guint part = 0; part < NN_N_PARTS; part++)
        if (field->kind == NN_FIELD_LABEL)
          fields[i].bytes[part] = g_bytes_ref (bytes);
        else
          fields[i].floats[part] = g_bytes_ref (floats);
    }
  NnDataset *dataset =
      nn_dataset_new (info->name, info->title, fields, info->n_fields, n_samples, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < info->n_fields; i++)
    for (guint part = 0; part < NN_N_PARTS; part++)
      {
        g_clear_pointer (&fields[i].bytes[part], g_bytes_unref);
        g_clear_pointer (&fields[i].floats[part], g_bytes_unref);
      }
  return dataset;
}

static void
network_init (Network *network, const char *id)
{
  g_autoptr (GError) error = NULL;
  network->id = id;
  network->design = certain_design (id);
  g_autoptr (NnDataInfo) info =
      nn_data_peek (nn_params_text (nn_design_data (network->design), "name"), &error);
  g_assert_no_error (error);
  network->dataset = formula_dataset (id, info);
  network->analysis = nn_analysis_new (network->design, nn_dataset_info (network->dataset), 0);
  g_assert_true (nn_analysis_can_train (network->analysis));
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

static NnCheckpoint *
formula_checkpoint (const Network *network)
{
  NnCheckpoint *checkpoint = nn_checkpoint_new ();
  for (guint i = 0; i < program_of (network)->weights->len; i++)
    {
      const NnWeight *weight = nn_program_weight (program_of (network), i);
      g_autofree char *name = g_strdup_printf ("%s/%u/%s", network->id, weight->node, weight->name);
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

static void
compare_run (const Network *network, NnTrainer *trainer, GPtrArray *tensors)
{
  g_autofree char *losses_name = g_strdup_printf ("%s/losses", network->id);
  float losses[STEPS];
  for (guint i = 0; i < STEPS; i++)
    {
      g_autoptr (GError) error = NULL;
      NnStep step;
      nn_trainer_step (trainer, &step, &error);
      g_assert_no_error (error);
      losses[i] = (float)step.loss;
    }
  reference_compare (tensors, losses_name, losses, STEPS);
  g_autoptr (NnCheckpoint) after = nn_trainer_checkpoint (trainer);
  for (guint i = 0; i < program_of (network)->weights->len; i++)
    {
      const NnWeight *weight = nn_program_weight (program_of (network), i);
      g_autofree char *name =
          g_strdup_printf ("%s/%u/%s/after", network->id, weight->node, weight->name);
      const NnTensor *tensor = nn_checkpoint_find (after, weight->node, weight->name)->value;
      reference_compare_length (tensors, name, tensor->data, tensor->size);
    }
}

static void
test_network (gconstpointer id)
{
  Network network;
  network_init (&network, id);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) tensors = reference_load ("networks.safetensors");
  g_autoptr (NnCheckpoint) start = formula_checkpoint (&network);
  NnPool *pool = nn_pool_new (2);
  NnTrainer *trainer = nn_trainer_new (network.analysis, network.dataset, start, pool, &error);
  g_assert_no_error (error);
  compare_outputs (&network, trainer, tensors);
  compare_gradients (&network, start, pool, tensors);
  compare_run (&network, trainer, tensors);
  nn_trainer_free (trainer);
  nn_pool_free (pool);
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
  const NnLesson *lessons = nn_lessons (&n);
  json_builder_begin_object (json);
  reference_add_number (json, "samples", SAMPLES);
  reference_add_number (json, "steps", STEPS);
  json_builder_set_member_name (json, "networks");
  json_builder_begin_array (json);
  for (guint i = 0; i < n; i++)
    {
      Network network;
      network_init (&network, lessons[i].id);
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
      g_test_add_data_func (path, lessons[i].id, test_network);
    }
  return g_test_run ();
}
