/* Every optimizer of the registry, against Keras' formulas in double. */
#include "base/nn-rng.h"
#include "optimizers/nn-optimizer.h"

#include <math.h>
#include <string.h>

#define N 100
#define STEPS 12

typedef struct
{
  float w[N], slot[NN_OPTIMIZER_MAX_SLOTS][N];
  float *slots[NN_OPTIMIZER_MAX_SLOTS];
} State;

static void
state_init (State *state)
{
  NnRng rng;

  memset (state, 0, sizeof *state);
  nn_rng_init (&rng, 41, 0, 0, 0);
  for (guint i = 0; i < N; i++)
    state->w[i] = nn_rng_normal (&rng);
  for (guint i = 0; i < NN_OPTIMIZER_MAX_SLOTS; i++)
    state->slots[i] = state->slot[i];
}

static void
gradient (guint64 step, float *g)
{
  NnRng rng;

  nn_rng_init (&rng, 42, 0, (guint32)step, 0);
  for (guint i = 0; i < N; i++)
    g[i] = nn_rng_normal (&rng);
}

/* "name=value name=value" on top of the defaults. */
static NnParams *
make_params (const NnOptimizerType *type, const char *text)
{
  g_autoptr (NnParams) params = nn_params_new (type->params);
  g_auto (GStrv) words = g_strsplit (text, " ", -1);

  for (gsize i = 0; words[i] != NULL && *words[i] != '\0'; i++)
    {
      g_auto (GStrv) pair = g_strsplit (words[i], "=", 2);
      g_autoptr (GError) error = NULL;
      NnParams *changed = nn_params_with_text (params, pair[0], pair[1], &error);

      g_assert_no_error (error);
      nn_params_unref (params);
      params = changed;
    }
  return g_steal_pointer (&params);
}

/* One step with the learning rate that the parameters name. */
static void
update (const NnOptimizerType *type, const NnKernels *kernels, const NnParams *params,
        guint64 number, const float *g, float *w, float *const *slot, gsize n)
{
  const NnOptimizerStep step = {
    .kernels = kernels,
    .params = params,
    .learning_rate = nn_params_float (params, "learning-rate"),
    .step = number,
  };

  type->update (&step, g, w, slot, n);
}

/* ---- the formulas ---- */

typedef void (*Reference) (const NnParams *params, guint64 step, double g, double *w, double *slot);

static void
adam_reference (const NnParams *params, guint64 step, double g, double *w, double *slot)
{
  double lr = nn_params_float (params, "learning-rate");
  /* As float32 has them: 1 - 0.999 is 5e-5 off there, in Keras too. */
  double b1 = (float)nn_params_float (params, "beta-1");
  double b2 = (float)nn_params_float (params, "beta-2");
  double lr_t = lr * sqrt (1 - pow (b2, (double)step)) / (1 - pow (b1, (double)step));

  slot[0] = b1 * slot[0] + (1 - b1) * g;
  slot[1] = b2 * slot[1] + (1 - b2) * g * g;
  *w -= lr_t * slot[0] / (sqrt (slot[1]) + nn_params_float (params, "epsilon"));
}

static void
sgd_reference (const NnParams *params, guint64 step, double g, double *w, double *slot)
{
  double lr = nn_params_float (params, "learning-rate");
  double momentum = nn_params_float (params, "momentum");

  slot[0] = momentum * slot[0] - lr * g;
  *w += nn_params_bool (params, "nesterov") ? momentum * slot[0] - lr * g : slot[0];
}

static void
adamw_reference (const NnParams *params, guint64 step, double g, double *w, double *slot)
{
  *w -= nn_params_float (params, "learning-rate") * nn_params_float (params, "weight-decay") * *w;
  adam_reference (params, step, g, w, slot);
}

static double
nadam_momentum (const NnParams *params, guint64 step)
{
  double b1 = (float)nn_params_float (params, "beta-1");

  return b1 * (1 - 0.5 * pow (0.96, nn_params_float (params, "momentum-decay") * (double)step));
}

static void
nadam_reference (const NnParams *params, guint64 step, double g, double *w, double *slot)
{
  double b1 = (float)nn_params_float (params, "beta-1");
  double b2 = (float)nn_params_float (params, "beta-2");
  double product = 1, now = nadam_momentum (params, step), next = nadam_momentum (params, step + 1);
  double mean, size;

  for (guint64 i = 1; i <= step; i++)
    product *= nadam_momentum (params, i);
  slot[0] = b1 * slot[0] + (1 - b1) * g;
  slot[1] = b2 * slot[1] + (1 - b2) * g * g;
  mean = (1 - now) * g / (1 - product) + next * slot[0] / (1 - product * next);
  size = sqrt (slot[1] / (1 - pow (b2, (double)step)));
  *w -= nn_params_float (params, "learning-rate") * mean
        / (size + nn_params_float (params, "epsilon"));
}

static void
rmsprop_reference (const NnParams *params, guint64 step, double g, double *w, double *slot)
{
  double rho = (float)nn_params_float (params, "rho");
  double mean;

  slot[0] = rho * slot[0] + (1 - rho) * g * g;
  slot[2] = rho * slot[2] + (1 - rho) * g;
  mean = nn_params_bool (params, "centered") ? slot[2] : 0;
  slot[1] = nn_params_float (params, "momentum") * slot[1]
            + nn_params_float (params, "learning-rate") * g
                  / (sqrt (slot[0] - mean * mean) + nn_params_float (params, "epsilon"));
  *w -= slot[1];
}

static void
adagrad_reference (const NnParams *params, guint64 step, double g, double *w, double *slot)
{
  slot[0] += g * g;
  *w -=
      nn_params_float (params, "learning-rate") * g
      / (sqrt (nn_params_float (params, "start") + slot[0]) + nn_params_float (params, "epsilon"));
}

static void
adadelta_reference (const NnParams *params, guint64 step, double g, double *w, double *slot)
{
  double rho = (float)nn_params_float (params, "rho");
  double epsilon = nn_params_float (params, "epsilon"), change;

  slot[0] = rho * slot[0] + (1 - rho) * g * g;
  change = g * sqrt (slot[1] + epsilon) / sqrt (slot[0] + epsilon);
  slot[1] = rho * slot[1] + (1 - rho) * change * change;
  *w -= nn_params_float (params, "learning-rate") * change;
}

typedef struct
{
  const char *name, *type, *params;
  Reference reference;
} Case;

static const Case cases[] = {
  { "adam", "adam", "", adam_reference },
  { "adam-other", "adam", "learning-rate=0.1 beta-1=0.5 beta-2=0.9 epsilon=0.01", adam_reference },
  { "adam-no-memory", "adam", "beta-1=0 beta-2=0", adam_reference },
  { "sgd", "sgd", "", sgd_reference },
  { "sgd-momentum", "sgd", "momentum=0.9", sgd_reference },
  { "sgd-nesterov", "sgd", "learning-rate=0.05 momentum=0.9 nesterov=true", sgd_reference },
  { "adamw", "adamw", "learning-rate=0.01 weight-decay=0.1", adamw_reference },
  { "adamw-no-decay", "adamw", "weight-decay=0", adam_reference },
  { "nadam", "nadam", "", nadam_reference },
  { "nadam-fast", "nadam", "learning-rate=0.02 momentum-decay=1 epsilon=0.01", nadam_reference },
  { "nadam-half", "nadam", "momentum-decay=0", nadam_reference },
  { "rmsprop", "rmsprop", "", rmsprop_reference },
  { "rmsprop-momentum", "rmsprop", "learning-rate=0.01 momentum=0.8", rmsprop_reference },
  { "rmsprop-centred", "rmsprop", "rho=0.7 epsilon=0.1 centered=true", rmsprop_reference },
  { "rmsprop-all", "rmsprop", "epsilon=0.1 centered=true momentum=0.5", rmsprop_reference },
  { "adagrad", "adagrad", "learning-rate=0.1", adagrad_reference },
  { "adagrad-start", "adagrad", "start=2 epsilon=0.3", adagrad_reference },
  { "adadelta", "adadelta", "learning-rate=1", adadelta_reference },
  { "adadelta-other", "adadelta", "rho=0.5 epsilon=0.01", adadelta_reference },
};

static void
test_formula (gconstpointer data)
{
  const Case *one = data;
  const NnOptimizerType *type = nn_optimizer_type (one->type);
  g_autoptr (NnParams) params = make_params (type, one->params);

  for (const NnKernels *const *kernels = nn_kernels_all (); *kernels != NULL; kernels++)
    {
      double w[N], slot[N][NN_OPTIMIZER_MAX_SLOTS] = { 0 };
      float g[N];
      State state;

      state_init (&state);
      for (guint i = 0; i < N; i++)
        w[i] = state.w[i];
      for (guint64 step = 1; step <= STEPS; step++)
        {
          gradient (step, g);
          update (type, *kernels, params, step, g, state.w, state.slots, N);
          for (guint i = 0; i < N; i++)
            {
              one->reference (params, step, g[i], &w[i], slot[i]);
              g_assert_cmpfloat_with_epsilon (state.w[i], w[i], 2e-6);
            }
        }
    }
}

/* ---- what holds for every one ---- */

/* Rates that come down within 500 steps; those that are not named take the first. */
static const struct
{
  const char *type, *params;
} descents[] = {
  { NULL, "learning-rate=0.05" },
  { "adagrad", "learning-rate=1" },
  { "adadelta", "learning-rate=1 epsilon=0.001" },
  /* Their steps stay as long as the learning rate says. */
  { "rmsprop", "learning-rate=0.01" },
  { "nadam", "learning-rate=0.02" },
};

static void
test_descends (gconstpointer data)
{
  const NnOptimizerType *type = data;
  const char *text = descents[0].params;
  float g[N];
  State state;

  for (gsize i = 1; i < G_N_ELEMENTS (descents); i++)
    if (strcmp (descents[i].type, type->id) == 0)
      text = descents[i].params;
  g_autoptr (NnParams) params = make_params (type, text);
  /* The loss sum_i w_i^2 / 2, whose gradient is w. */
  state_init (&state);
  for (guint64 step = 1; step <= 500; step++)
    {
      memcpy (g, state.w, sizeof g);
      update (type, nn_kernels_best (), params, step, g, state.w, state.slots, N);
    }
  for (guint i = 0; i < N; i++)
    g_assert_cmpfloat (fabsf (state.w[i]), <, 1e-2f);
}

/* Elementwise: where a tensor is cut makes no difference. */
static void
test_ranges (gconstpointer data)
{
  const NnOptimizerType *type = data;
  g_autoptr (NnParams) params = nn_params_new (type->params);
  State whole, cut;
  float g[N];

  state_init (&whole);
  state_init (&cut);
  for (guint64 step = 1; step <= STEPS; step++)
    {
      guint at = (guint)(step * 7 % N);
      float *rest[NN_OPTIMIZER_MAX_SLOTS];

      for (guint i = 0; i < NN_OPTIMIZER_MAX_SLOTS; i++)
        rest[i] = cut.slots[i] + at;
      gradient (step, g);
      update (type, nn_kernels_best (), params, step, g, whole.w, whole.slots, N);
      update (type, nn_kernels_best (), params, step, g, cut.w, cut.slots, at);
      update (type, nn_kernels_best (), params, step, g + at, cut.w + at, rest, N - at);
      g_assert_cmpmem (cut.w, sizeof cut.w, whole.w, sizeof whole.w);
      g_assert_cmpmem (cut.slot, sizeof cut.slot, whole.slot, sizeof whole.slot);
    }
}

static void
test_registry (void)
{
  const NnOptimizerType *const *types = nn_optimizer_types ();

  g_assert_nonnull (types[0]);
  for (gsize i = 0; types[i] != NULL; i++)
    {
      guint n_names = 0;

      g_assert_true (nn_optimizer_type (types[i]->id) == types[i]);
      g_assert_true (types[i]->title != NULL && types[i]->summary != NULL);
      g_assert_cmpstr (types[i]->params[0].name, ==, "learning-rate");
      g_assert_cmpuint (types[i]->n_slots, <=, NN_OPTIMIZER_MAX_SLOTS);
      while (types[i]->slot_names != NULL && types[i]->slot_names[n_names] != NULL)
        n_names++;
      g_assert_cmpuint (n_names, ==, types[i]->n_slots);
      for (const NnParamSpec *spec = types[i]->params; spec->name != NULL; spec++)
        {
          g_assert_true (spec->title != NULL && spec->tip != NULL);
          g_assert_true (spec->min <= spec->def && spec->def <= spec->max);
          g_assert_true (spec->soft_min >= spec->min && spec->soft_max <= spec->max);
        }
    }
  g_assert_null (nn_optimizer_type ("no-such-optimizer"));
}

/* Keras' own, of every parameter. */
static void
test_defaults (void)
{
  static const struct
  {
    const char *type, *name;
    double value;
  } defaults[] = {
    { "sgd", "learning-rate", 0.01 },
    { "sgd", "momentum", 0 },
    { "sgd", "nesterov", 0 },
    { "adam", "learning-rate", 0.001 },
    { "adam", "beta-1", 0.9 },
    { "adam", "beta-2", 0.999 },
    { "adam", "epsilon", 1e-7 },
    { "adamw", "learning-rate", 0.001 },
    { "adamw", "weight-decay", 0.004 },
    { "adamw", "beta-1", 0.9 },
    { "adamw", "beta-2", 0.999 },
    { "adamw", "epsilon", 1e-7 },
    { "nadam", "learning-rate", 0.001 },
    { "nadam", "beta-1", 0.9 },
    { "nadam", "beta-2", 0.999 },
    { "nadam", "epsilon", 1e-7 },
    { "nadam", "momentum-decay", 0.004 },
    { "rmsprop", "learning-rate", 0.001 },
    { "rmsprop", "rho", 0.9 },
    { "rmsprop", "momentum", 0 },
    { "rmsprop", "epsilon", 1e-7 },
    { "rmsprop", "centered", 0 },
    { "adagrad", "learning-rate", 0.001 },
    { "adagrad", "start", 0.1 },
    { "adagrad", "epsilon", 1e-7 },
    { "adadelta", "learning-rate", 0.001 },
    { "adadelta", "rho", 0.95 },
    { "adadelta", "epsilon", 1e-7 },
  };
  guint n_params = 0;

  for (const NnOptimizerType *const *type = nn_optimizer_types (); *type != NULL; type++)
    for (const NnParamSpec *spec = (*type)->params; spec->name != NULL; spec++)
      {
        guint n_found = 0;

        n_params++;
        for (guint i = 0; i < G_N_ELEMENTS (defaults); i++)
          if (strcmp (defaults[i].type, (*type)->id) == 0
              && strcmp (defaults[i].name, spec->name) == 0)
            {
              g_assert_cmpfloat (spec->def, ==, defaults[i].value);
              n_found++;
            }
        g_assert_cmpuint (n_found, ==, 1);
      }
  g_assert_cmpuint (n_params, ==, G_N_ELEMENTS (defaults));
}

static void
add_for_each_type (const char *name, GTestDataFunc test)
{
  for (const NnOptimizerType *const *type = nn_optimizer_types (); *type != NULL; type++)
    {
      g_autofree char *path = g_strdup_printf ("/optimizers/%s/%s", name, (*type)->id);

      g_test_add_data_func (path, *type, test);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/optimizers/registry", test_registry);
  g_test_add_func ("/optimizers/defaults", test_defaults);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/optimizers/formula/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_formula);
    }
  add_for_each_type ("descends", test_descends);
  add_for_each_type ("ranges", test_ranges);
  return g_test_run ();
}
