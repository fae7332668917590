/* export-fixture.h: networks to export, and what the engine computes with them: every layer type in
 * each of its test configurations, and every lesson.
 */
#pragma once

#include <math.h>
#include <string.h>

#include "base/nn-rng.h"
#include "data/nn-data-source.h"
#include "formats/nn-export-model.h"
#include "formats/nn-lessons.h"
#include "model/nn-initialiser.h"
#include "model/nn-plan.h"

#include "nn-test-data.h"

/* A batch that nothing in a file could have been fixed to. */
#define BATCH 3

/* ---- networks ---- */

/* The design with everything that is drawn at random held still while evaluating: what an exported
 * network does. */
static NnDesign *
without_chance (NnDesign *design)
{
  NnDesign *still = nn_design_ref (design);
  for (guint i = 0; i < nn_design_n_nodes (design); i++)
    {
      const NnNode *node = nn_design_node_at (design, i);
      if (!node->type->params || !nn_params_spec (node->params, "training-only"))
        continue;
      g_autoptr (NnParams) params = nn_params_with_number (node->params, "training-only", 1, NULL);
      nn_test_replace (&still, nn_design_set_params (still, node->id, params));
    }
  return still;
}

/* Weights as drawn, then a little of everything else: biases that are not 0, kept means and
 * variances that are not 0 and 1. */
static NnCheckpoint *
random_weights (NnProgram *program)
{
  NnCheckpoint *checkpoint = nn_checkpoint_new ();
  NnRng rng;
  nn_rng_init (&rng, 11, 2, 3, 4);
  for (guint i = 0; i < program->weights->len; i++)
    {
      const NnWeight *weight = nn_program_weight (program, i);
      g_autoptr (NnTensor) tensor = nn_tensor_new (&weight->shape);
      nn_initialise (weight, 5, i, tensor->data);
      for (gsize k = 0; k < tensor->size; k++)
        {
          tensor->data[k] += 0.1f * nn_rng_normal (&rng);
          if (weight->state)
            tensor->data[k] = fabsf (tensor->data[k]) + 0.1f;
        }
      nn_checkpoint_add (checkpoint, weight->node, weight->name, tensor, NULL, 0);
    }
  return checkpoint;
}

typedef enum
{
  VALUES_NORMAL,
  VALUES_WHOLE, /* some of them name no row of an embedding */
  VALUES_UNIT,
} Values;

static float **
random_feed (NnProgram *program, Values values)
{
  float **feed = g_new0 (float *, program->inputs->len + 1);
  NnRng rng;
  nn_rng_init (&rng, 7, 1, 2, 3);
  for (guint i = 0; i < program->inputs->len; i++)
    {
      const gsize n =
          BATCH * (gsize)nn_program_value (program, nn_program_input (program, i)->value)->size;
      feed[i] = nn_alloc_floats (n);
      for (gsize k = 0; k < n; k++)
        feed[i][k] = values == VALUES_WHOLE  ? (float)nn_rng_below (&rng, 7) - 1
                     : values == VALUES_UNIT ? nn_rng_uniform (&rng)
                                             : nn_rng_normal (&rng);
    }
  return feed;
}

static void
free_feed (NnProgram *program, float **feed)
{
  for (guint i = 0; i < program->inputs->len; i++)
    nn_free_aligned (feed[i]);
  g_free (feed);
}

/* As a plan takes them. (transfer container) */
static float **
weights_of (const NnProgram *program, const NnCheckpoint *checkpoint)
{
  float **weights = g_new0 (float *, program->weights->len + 1);
  for (guint i = 0; i < program->weights->len; i++)
    {
      const NnWeight *weight = nn_program_weight (program, i);
      weights[i] = nn_checkpoint_find (checkpoint, weight->node, weight->name)->value->data;
    }
  return weights;
}

/* What the engine gives for some values. */
static void
compute (NnProgram *program, const NnCheckpoint *checkpoint, float *const *feed, guint n,
         const guint *values, float **out)
{
  g_autoptr (NnPool) pool = nn_pool_new (1);
  g_autoptr (NnPlan) plan = nn_plan_new (program, BATCH, NN_PLAN_UNFUSED, NULL, pool);
  g_autofree float **weights = weights_of (program, checkpoint);
  const NnBatch batch = {
    .n = BATCH,
    .feed = (const float *const *)feed,
    .mode = NN_MODE_EVALUATE,
    .step = NN_STEP_EVALUATE,
    .weights = weights,
    .n_want = n,
    .want = values,
    .want_out = out,
  };
  NnPlanResult result;
  nn_plan_run (plan, &batch, &result);
}

/* One network to export: a part of design, fed with values of that kind. group: "conv2d",
 * "lessons"; name: "conv2d-0". */
typedef void (*ExportCaseFunc) (NnDesign *design, const NnDataInfo *data, NnExportPart part,
                                Values values, const char *group, const char *name);

/* The largest difference of `found` to `expected`, of n values, relative to the largest of those.
 */
static inline double
relative_difference (const float *expected, const float *found, gsize n)
{
  double difference = 0, largest = 0;
  for (gsize i = 0; i < n; i++)
    {
      g_assert_true (isfinite (expected[i]));
      /* Not fmax(): a NaN must not get lost. */
      if (!(fabs ((double)expected[i] - (double)found[i]) <= difference))
        difference = fabs ((double)expected[i] - (double)found[i]);
      largest = fmax (largest, fabs ((double)expected[i]));
    }
  g_assert_cmpfloat (largest, >, 0);
  return difference / largest;
}

/* ---- every layer ---- */

static NnField
field_of (const char *name, const NnShape *shape)
{
  return (NnField){ .name = name, .kind = NN_FIELD_FEATURES, .shape = *shape };
}

static guint
add_input_node (NnDesign **design, const char *field)
{
  g_autofree char *params = g_strdup_printf ("field=%s", field);
  return nn_test_add (design, "input", params, 0);
}

static void
connect (NnDesign **design, guint from, guint to, guint port)
{
  g_autoptr (GError) error = NULL;
  nn_test_replace (design, nn_design_connect (*design, from, 0, to, port, &error));
  g_assert_no_error (error);
}

/* The layer between inputs of its own and a loss; a loss behind a layer of one weight a value. */
static void
walk_layer_test (const NnLayerType *type, const NnLayerTest *test, guint number,
                 ExportCaseFunc func)
{
  static const char *const names[] = { "in0", "in1", "in2" };
  const gboolean is_loss = (type->flags & NN_LAYER_OBJECTIVE) != 0;
  const Values values = test->whole                   ? VALUES_WHOLE
                        : is_loss || test->unit_range ? VALUES_UNIT
                                                      : VALUES_NORMAL;
  g_autoptr (NnParams) params = nn_test_params (type->params, test->params);
  NnDesign *design = nn_design_new ();
  NnField fields[4];
  NnShape in[3], out[NN_OP_MAX_OUT];
  guint inputs[3], n = 0, layer;
  for (; n < 3 && test->in[n]; n++)
    {
      g_assert_true (nn_shape_parse (test->in[n], FALSE, &in[n], NULL));
      fields[n] = field_of (names[n], &in[n]);
      inputs[n] = add_input_node (&design, names[n]);
    }
  /* Or behind nothing: what goes in comes out. */
  if (is_loss && number % 2 == 0)
    inputs[0] = nn_test_add (&design, "prelu", NULL, inputs[0]);
  nn_test_replace (&design, nn_design_add_node (design, type, params, NULL, 500, 0, &layer));
  for (guint i = 0; i < n; i++)
    connect (&design, inputs[i], layer, i);

  NnDataInfo data = { .name = "none", .title = "none", .n_fields = n, .fields = fields };
  if (is_loss && n < 2)
    {
      /* Its target is as large as the prediction, or one class a position. */
      const gboolean sparse = strstr (nn_params_text (params, "loss"), "sparse") != NULL;
      fields[data.n_fields++] = field_of ("wanted", sparse ? &nn_shape (1) : &in[0]);
      connect (&design, add_input_node (&design, "wanted"), layer, 1);
    }
  else if (!is_loss)
    {
      const NnInferContext context = { .data = &data, .n_in = n, .in = in };
      g_assert_true (type->infer (params, &context, out, NULL));
      fields[data.n_fields++] = field_of ("wanted", &out[0]);
      const guint last = nn_test_add (&design, "prelu", NULL, layer);
      const guint loss =
          nn_test_add (&design, "reconstruction-loss", "loss=mean-squared-error", last);
      connect (&design, add_input_node (&design, "wanted"), loss, 1);
    }
  g_autofree char *name = g_strdup_printf ("%s-%u", type->id, number);
  func (design, &data, NN_EXPORT_ALL, values, type->id, name);
  nn_design_unref (design);
}

/* Every test configuration of every layer type. */
static void
walk_layers (ExportCaseFunc func)
{
  const NnLayerType *const *types = nn_layer_types ();
  for (guint t = 0; types[t]; t++)
    for (guint i = 0; types[t]->tests[i].name; i++)
      walk_layer_test (types[t], &types[t]->tests[i], i, func);
}

/* Every lesson whole and, where it has a code, as encoder and as decoder. */
static void
walk_lessons (ExportCaseFunc func)
{
  guint n;
  const NnLesson *lessons = nn_lessons (&n);
  for (guint i = 0; i < n; i++)
    {
      if (strchr (lessons[i].id, ':'))
        continue; /* the same network */
      g_autoptr (GError) error = NULL;
      g_autoptr (NnDesign) design = nn_lesson_design (lessons[i].id, &error);
      g_assert_no_error (error);
      g_autoptr (NnDataInfo) info =
          nn_data_peek (nn_params_text (nn_design_data (design), "name"), &error);
      g_assert_no_error (error);
      g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, info, 0);
      const gint n_parts = nn_analysis_code_node (analysis) ? NN_N_EXPORT_PARTS : 1;
      for (gint part = 0; part < n_parts; part++)
        {
          g_autofree char *name = g_strdup_printf ("lesson-%s-%s", lessons[i].id,
                                                   nn_export_part_id ((NnExportPart)part));
          func (design, info, (NnExportPart)part, VALUES_UNIT, "lessons", name);
        }
    }
}
