/* A second witness: layers and optimizers against what PyTorch works out in double precision
 * (tests/reference, made by make-reference.py). With --cases it prints what the script is to work
 * out, from the registries. */
#include "data/nn-dataset.h"
#include "layers/nn-layer.h"
#include "model/nn-plan.h"
#include "objectives/nn-objective.h"
#include "optimizers/nn-optimizer.h"

#include "nn-test-data.h"
#include "reference-fixture.h"

#define BATCH 3
#define MOST_IN 3
#define STEPS 20
#define N_VALUES 41

/* Every layer type but these is compared. */
static const struct
{
  const char *type, *reason;
} no_reference[] = {
  { "input", "does no arithmetic: every network's test goes through it" },
};

static const struct
{
  const char *type, *params;
} optimizer_cases[] = {
  { "sgd", "" },
  { "sgd", "momentum=0.9" },
  { "sgd", "momentum=0.9 nesterov=true" },
  { "rmsprop", "" },
  { "rmsprop", "momentum=0.8" },
  { "rmsprop", "centered=true epsilon=0.01" },
  { "rmsprop", "momentum=0.5 centered=true rho=0.8" },
  { "adagrad", "" },
  { "adagrad", "start=0 epsilon=0.01" },
  { "adadelta", "learning-rate=1" },
  { "adadelta", "rho=0.8 epsilon=0.01" },
  { "adam", "" },
  { "adam", "beta-1=0.5 beta-2=0.9 epsilon=0.1" },
  { "adamw", "weight-decay=0.1" },
  { "adamw", "epsilon=0.1" },
  { "nadam", "" },
  { "nadam", "momentum-decay=0.1 epsilon=0.01" },
};

static const NnField no_fields[1];
static const NnDataInfo no_data = {
  .name = "none", .title = "none", .n_fields = 0, .fields = no_fields
};

static gboolean
has_reference (const NnLayerType *type)
{
  for (guint i = 0; i < G_N_ELEMENTS (no_reference); i++)
    if (g_str_equal (no_reference[i].type, type->id))
      return FALSE;
  return TRUE;
}

/* ---- layers ---- */

/* One configuration of a layer behind its inputs, in front of a squared error where it is not a
 * loss itself. */
typedef struct
{
  const NnLayerType *type;
  char *name; /* "conv2d/same" */
  NnParams *params;
  NnProgram *program;
  NnShape in[MOST_IN];
  guint n_in;
  gint result; /* its output in the program, -1 for a loss */
  float *feed[MOST_IN + 1];
  float *weights[32];
  NnPool *pool;
} Case;

static gboolean
is_loss (const NnLayerType *type)
{
  return (type->flags & NN_LAYER_OBJECTIVE) != 0;
}

static void
case_init (Case *c, const NnLayerType *type, const NnLayerTest *test)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_strdup_printf ("%s %s", test->params ? test->params : "",
                                           reference_certain_params (type->id));
  NnShape out[NN_OP_MAX_OUT];
  gint values[MOST_IN], result[NN_OP_MAX_OUT];

  *c = (Case){ .type = type,
               .name = g_strdup_printf ("%s/%s", type->id, test->name),
               .params = nn_test_params (type->params, text),
               .program = nn_program_new (),
               .result = -1 };
  for (; c->n_in < MOST_IN && test->in[c->n_in]; c->n_in++)
    {
      g_autofree char *field = g_strdup_printf ("in%u", c->n_in);
      g_assert_true (nn_shape_parse (test->in[c->n_in], FALSE, &c->in[c->n_in], &error));
      values[c->n_in] = nn_test_program_input (c->program, field, &c->in[c->n_in]);
    }
  NnInferContext context = { .data = &no_data, .n_in = c->n_in, .in = c->in };
  type->infer (c->params, &context, out, &error);
  g_assert_no_error (error);
  nn_program_lower_node (c->program, type, c->params, 1, FALSE, values, c->n_in, out, result,
                         nn_layer_n_outputs (type));
  if (is_loss (type))
    return;
  const NnLayerType *loss = nn_layer_type ("reconstruction-loss");
  g_autoptr (NnParams) squares = nn_test_params (loss->params, "loss=mean-squared-error weight=3");
  c->result = result[0];
  const gint pair[] = { result[0], nn_test_program_input (c->program, "wanted", &out[0]) };
  nn_program_lower_node (c->program, loss, squares, 2, FALSE, pair, 2, NULL, NULL, 0);
}

static void
case_clear (Case *c)
{
  for (guint i = 0; i < G_N_ELEMENTS (c->feed); i++)
    nn_free_aligned (c->feed[i]);
  for (guint i = 0; i < G_N_ELEMENTS (c->weights); i++)
    nn_free_aligned (c->weights[i]);
  if (c->pool)
    nn_pool_free (c->pool);
  nn_program_unref (c->program);
  nn_params_unref (c->params);
  g_free (c->name);
}

/* Class numbers up to this in input i; 0: it holds other values. */
static gint64
n_classes (const Case *c, guint i)
{
  if (!is_loss (c->type) || i != 1)
    return 0;
  const NnObjectiveType *objective = nn_objective_type (nn_params_text (c->params, "loss"));
  return objective->sparse ? c->in[0].dim[c->in[0].rank - 1] : 0;
}

/* What an input is filled from: shares and probabilities for a loss, else around 0. */
static void
input_range (const Case *c, guint i, float *scale, float *offset)
{
  const gboolean is_share = is_loss (c->type) || g_str_equal (c->type->id, "kl-sparsity");
  const gboolean is_variance = g_str_equal (c->type->id, "sampling") && i == 1;
  *scale = is_share ? 0.4f : 1.5f;
  *offset = is_share ? 0.5f : is_variance ? REFERENCE_NO_VARIANCE : 0;
  /* Numbers from 0 that name rows. */
  if (g_str_equal (c->type->id, "embedding"))
    *offset = 1.5f;
}

/* from: the name that they are drawn from. */
static void
fill_weights (Case *c, const char *from)
{
  for (guint i = 0; i < c->program->weights->len; i++)
    {
      const NnWeight *weight = nn_program_weight (c->program, i);
      g_autofree char *name = g_strdup_printf ("%s/%s", from, weight->name);
      if (!c->weights[i])
        c->weights[i] = nn_alloc_floats ((gsize)weight->size);
      /* A variance is above 0. */
      const float offset = g_str_equal (weight->name, "moving-variance") ? 1 : 0.1f;
      reference_fill (name, 0.7f, offset, c->weights[i], (gsize)weight->size);
    }
}

static void
case_fill (Case *c)
{
  for (guint i = 0; i < c->program->inputs->len; i++)
    {
      const NnProgramInput *input = nn_program_input (c->program, i);
      const gsize n = BATCH * (gsize)nn_program_value (c->program, input->value)->size;
      g_autofree char *name = g_strdup_printf ("%s/%s", c->name, input->field);
      float scale = 1, offset = 0;
      if (i < c->n_in)
        input_range (c, i, &scale, &offset);
      c->feed[i] = nn_alloc_floats (n);
      reference_fill (name, scale, offset, c->feed[i], n);
      for (gsize k = 0; i < c->n_in && n_classes (c, i) > 0 && k < n; k++)
        c->feed[i][k] = floorf (reference_uniform (name, (guint32)k) * (float)n_classes (c, i));
    }
  fill_weights (c, c->name);
  c->pool = nn_pool_new (2);
}

static double
case_run (Case *c, NnPlan *plan, NnMode mode, float *out)
{
  const guint want = (guint)c->result;
  NnBatch batch = { .n = BATCH,
                    .feed = (const float *const *)c->feed,
                    .mode = mode,
                    .seed = 1,
                    .weights = c->weights,
                    .n_want = out ? 1 : 0,
                    .want = &want,
                    .want_out = &out };
  NnPlanResult result;
  g_assert_true (nn_plan_run (plan, &batch, &result));
  return result.loss;
}

static void
compare_training (Case *c, GPtrArray *tensors, guint flags)
{
  g_autoptr (NnPlan) plan = nn_plan_new (c->program, BATCH, flags, NULL, c->pool);
  g_autofree char *loss_name = g_strdup_printf ("%s/loss", c->name);
  const float loss = (float)case_run (c, plan, NN_MODE_TRAIN, NULL);
  reference_compare (tensors, loss_name, &loss, 1);
  for (guint i = 0; i < c->program->weights->len; i++)
    {
      const NnWeight *weight = nn_program_weight (c->program, i);
      g_autofree char *name = g_strdup_printf ("%s/%s/gradient", c->name, weight->name);
      g_autofree float *g = g_new (float, weight->size);
      if (!nn_plan_trains (plan, i))
        continue;
      nn_plan_gradient (plan, i, g);
      reference_compare (tensors, name, g, (gsize)weight->size);
    }
  for (guint i = 0; i < (is_loss (c->type) ? 1 : c->n_in) && (flags & NN_PLAN_UNFUSED); i++)
    {
      const gsize n = BATCH * (gsize)nn_shape_size (&c->in[i]);
      g_autofree char *name = g_strdup_printf ("%s/in%u/gradient", c->name, i);
      reference_compare (tensors, name, nn_plan_input_gradient (plan, i), n);
    }
}

/* The weights after STEPS steps of an optimizer as it comes. */
static void
compare_optimizer (Case *c, NnPlan *plan, const NnOptimizerType *type, GPtrArray *tensors)
{
  const guint n = c->program->weights->len;
  g_autoptr (NnParams) params = nn_params_new (type->params);
  g_autofree char *run_name = g_strdup_printf ("%s/%s", c->name, type->id);
  g_autofree char *name = g_strdup_printf ("%s/after", run_name);
  g_autofree char *from = reference_started (tensors, c->name, run_name);
  float *slot[G_N_ELEMENTS (c->weights)][NN_OPTIMIZER_MAX_SLOTS];
  const double rate = reference_rate (tensors, run_name);
  gsize at = 0;

  fill_weights (c, from);
  for (guint i = 0; i < n; i++)
    for (guint s = 0; s < type->n_slots; s++)
      slot[i][s] = nn_alloc_floats ((gsize)nn_program_weight (c->program, i)->size);
  for (guint step = 1; step <= STEPS; step++)
    {
      const NnOptimizerStep run = { .kernels = nn_kernels_best (),
                                    .params = params,
                                    .learning_rate =
                                        rate * nn_params_float (params, "learning-rate"),
                                    .step = step };
      case_run (c, plan, NN_MODE_TRAIN, NULL);
      for (guint i = 0; i < n; i++)
        {
          const gsize size = (gsize)nn_program_weight (c->program, i)->size;
          g_autofree float *g = g_new (float, size);
          if (!nn_plan_trains (plan, i))
            continue;
          nn_plan_gradient (plan, i, g);
          type->update (&run, g, c->weights[i], slot[i], size);
        }
    }
  for (guint i = 0; i < n; i++)
    {
      const NnWeight *weight = nn_program_weight (c->program, i);
      reference_compare_next (tensors, name, &at, c->weights[i], (gsize)weight->size);
      for (guint s = 0; s < type->n_slots; s++)
        nn_free_aligned (slot[i][s]);
    }
}

static void
test_layer (gconstpointer data)
{
  gconstpointer const *pair = data;
  g_autoptr (GPtrArray) tensors = reference_load ("layers.safetensors");
  Case c;
  case_init (&c, pair[0], pair[1]);
  case_fill (&c);
  if (c.result >= 0)
    {
      const gsize n = BATCH * (gsize)nn_program_value (c.program, (guint)c.result)->size;
      g_autoptr (NnPlan) plan = nn_plan_new (c.program, BATCH, NN_PLAN_UNFUSED, NULL, c.pool);
      g_autofree char *name = g_strdup_printf ("%s/output", c.name);
      g_autofree float *out = g_new (float, n);
      case_run (&c, plan, NN_MODE_EVALUATE, out);
      reference_compare (tensors, name, out, n);
    }
  compare_training (&c, tensors, NN_PLAN_TRAIN | NN_PLAN_UNFUSED);
  compare_training (&c, tensors, NN_PLAN_TRAIN);
  /* Steps this short take less than waking up a second thread. */
  g_autoptr (NnPool) pool = nn_pool_new (1);
  g_autoptr (NnPlan) plan = nn_plan_new (c.program, BATCH, NN_PLAN_TRAIN, NULL, pool);
  for (const NnOptimizerType *const *type = nn_optimizer_types ();
       *type && c.program->weights->len > 0; type++)
    compare_optimizer (&c, plan, *type, tensors);
  case_clear (&c);
}

static void
describe_layers (JsonBuilder *json)
{
  json_builder_set_member_name (json, "layers");
  json_builder_begin_array (json);
  for (const NnLayerType *const *type = nn_layer_types (); *type; type++)
    for (const NnLayerTest *test = (*type)->tests; has_reference (*type) && test->name; test++)
      {
        Case c;
        case_init (&c, *type, test);
        json_builder_begin_object (json);
        reference_add_text (json, "type", c.type->id);
        reference_add_text (json, "name", c.name);
        reference_add_params (json, "params", c.params);
        json_builder_set_member_name (json, "inputs");
        json_builder_begin_array (json);
        for (guint i = 0; i < c.n_in; i++)
          {
            float scale, offset;
            input_range (&c, i, &scale, &offset);
            json_builder_begin_object (json);
            reference_add_shape (json, "shape", &c.in[i]);
            reference_add_number (json, "scale", (double)scale);
            reference_add_number (json, "offset", (double)offset);
            reference_add_number (json, "classes", (double)n_classes (&c, i));
            json_builder_end_object (json);
          }
        json_builder_end_array (json);
        json_builder_end_object (json);
        case_clear (&c);
      }
  json_builder_end_array (json);
}

/* ---- losses ---- */

/* Every objective there is stands in a configuration of a layer. */
static void
test_every_objective (void)
{
  for (const NnObjectiveType *const *objective = nn_objective_types (); *objective; objective++)
    {
      gboolean found = FALSE;
      for (const NnLayerType *const *type = nn_layer_types (); *type; type++)
        for (const NnLayerTest *test = (*type)->tests; is_loss (*type) && test->name; test++)
          {
            g_autoptr (NnParams) params = nn_test_params ((*type)->params, test->params);
            found |= g_str_equal (nn_params_text (params, "loss"), (*objective)->id);
          }
      if (!found)
        g_error ("no test configuration of a loss layer has %s", (*objective)->id);
    }
}

/* ---- optimizers ---- */

/* w (N_VALUES) after STEPS updates with gradients that depend on w as those of a bowl would. */
static void
test_optimizer (gconstpointer data)
{
  const guint i = GPOINTER_TO_UINT (data);
  const NnOptimizerType *type = nn_optimizer_type (optimizer_cases[i].type);
  g_autoptr (NnParams) params = nn_test_params (type->params, optimizer_cases[i].params);
  g_autoptr (GPtrArray) tensors = reference_load ("layers.safetensors");
  g_autofree char *name = g_strdup_printf ("%s/%s", type->id, optimizer_cases[i].params);
  g_autofree char *start = g_strdup_printf ("%s/start", name);
  g_autofree char *gradient = g_strdup_printf ("%s/gradient", name);
  g_autofree char *after = g_strdup_printf ("%s/after", name);
  float *w = nn_alloc_floats (N_VALUES), *g = nn_alloc_floats (N_VALUES);
  float *slot[] = { nn_alloc_floats (N_VALUES), nn_alloc_floats (N_VALUES),
                    nn_alloc_floats (N_VALUES) };

  g_assert_cmpuint (type->n_slots, <=, G_N_ELEMENTS (slot));
  reference_fill (start, 1, 0, w, N_VALUES);
  for (guint step = 1; step <= STEPS; step++)
    {
      const NnOptimizerStep run = { .kernels = nn_kernels_best (),
                                    .params = params,
                                    .learning_rate = nn_params_float (params, "learning-rate"),
                                    .step = step };
      for (guint k = 0; k < N_VALUES; k++)
        g[k] = 0.3f * w[k] + 2 * reference_uniform (gradient, step * N_VALUES + k) - 1;
      type->update (&run, g, w, slot, N_VALUES);
    }
  reference_compare (tensors, after, w, N_VALUES);
  nn_free_aligned (w);
  nn_free_aligned (g);
  for (guint s = 0; s < G_N_ELEMENTS (slot); s++)
    nn_free_aligned (slot[s]);
}

static void
test_every_optimizer (void)
{
  for (const NnOptimizerType *const *type = nn_optimizer_types (); *type; type++)
    {
      gboolean found = FALSE;
      for (guint i = 0; i < G_N_ELEMENTS (optimizer_cases); i++)
        found |= g_str_equal (optimizer_cases[i].type, (*type)->id);
      if (!found)
        g_error ("optimizer_cases has no row for %s", (*type)->id);
    }
}

static void
describe_optimizers (JsonBuilder *json)
{
  json_builder_set_member_name (json, "optimizers");
  json_builder_begin_array (json);
  for (guint i = 0; i < G_N_ELEMENTS (optimizer_cases); i++)
    {
      const NnOptimizerType *type = nn_optimizer_type (optimizer_cases[i].type);
      g_autoptr (NnParams) params = nn_test_params (type->params, optimizer_cases[i].params);
      g_autofree char *name = g_strdup_printf ("%s/%s", type->id, optimizer_cases[i].params);
      json_builder_begin_object (json);
      reference_add_text (json, "type", type->id);
      reference_add_text (json, "name", name);
      reference_add_params (json, "params", params);
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
}

static int
print_cases (void)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  json_builder_begin_object (json);
  reference_add_number (json, "batch", BATCH);
  reference_add_number (json, "steps", STEPS);
  reference_add_number (json, "values", N_VALUES);
  describe_layers (json);
  describe_optimizers (json);
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
  for (const NnLayerType *const *type = nn_layer_types (); *type; type++)
    for (const NnLayerTest *test = (*type)->tests; has_reference (*type) && test->name; test++)
      {
        g_autofree char *path = g_strdup_printf ("/reference/%s/%s", (*type)->id, test->name);
        gconstpointer pair[] = { *type, test };
        g_test_add_data_func_full (path, g_memdup2 (pair, sizeof pair), test_layer, g_free);
      }
  for (guint i = 0; i < G_N_ELEMENTS (optimizer_cases); i++)
    {
      g_autofree char *path =
          g_strdup_printf ("/reference/optimizers/%s-%u", optimizer_cases[i].type, i);
      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_optimizer);
    }
  g_test_add_func ("/reference/every-objective", test_every_objective);
  g_test_add_func ("/reference/every-optimizer", test_every_optimizer);
  return g_test_run ();
}
