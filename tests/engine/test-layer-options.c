/* The configurations that gradients and PyTorch's numbers are compared for, against the parameter
 * tables: what an option can be set to, and changes the arithmetic, stands in one of them. */
#include "layers/nn-layer.h"

#include "nn-test-data.h"

/* What needs no configuration of its own. type NULL: in every layer. */
static const struct
{
  const char *type, *name, *reason;
} exempt[] = {
  { NULL, "initialiser", "how weights begin; test-base draws from each" },
  { NULL, "recurrent-initialiser", "the same of the recurrent kernel" },
  { "input", "field", "which data come in" },
  { "classification-loss", "field", "which data it compares with" },
};

/* Layers that leave their activation to the operation of the layer `activation`, which has a
 * configuration for each; all others must have them themselves. */
static const char *const hand_on_activation[] = {
  "dense", "conv2d", "depthwise-conv2d", "separable-conv2d", "conv2d-transpose", "conv1d", NULL
};

static gboolean
is_exempt (const NnLayerType *type, const NnParamSpec *spec)
{
  for (guint i = 0; i < G_N_ELEMENTS (exempt); i++)
    if (g_str_equal (exempt[i].name, spec->name)
        && (exempt[i].type == NULL || g_str_equal (exempt[i].type, type->id)))
      return TRUE;
  return (g_str_equal (spec->name, "activation") || g_str_equal (spec->name, "alpha"))
         && g_strv_contains (hand_on_activation, type->id);
}

/* TRUE where a configuration has the value, and the option has a say in it. */
static gboolean
has_value (const NnLayerType *type, const NnParamSpec *spec, const char *value)
{
  for (const NnLayerTest *test = type->tests; test->name; test++)
    {
      g_autoptr (NnParams) params = nn_test_params (type->params, test->params);
      g_autofree char *text = nn_params_to_text (params, spec->name);
      if (nn_params_shown (params, spec) && g_str_equal (text, value))
        return TRUE;
    }
  return FALSE;
}

/* TRUE where a configuration has another value than most: not the default. */
static gboolean
has_other_value (const NnLayerType *type, const NnParamSpec *spec)
{
  g_autoptr (NnParams) defaults = nn_params_new (type->params);
  g_autofree char *usual = nn_params_to_text (defaults, spec->name);
  for (const NnLayerTest *test = type->tests; test->name; test++)
    {
      g_autoptr (NnParams) params = nn_test_params (type->params, test->params);
      g_autofree char *text = nn_params_to_text (params, spec->name);
      if (nn_params_shown (params, spec) && !g_str_equal (text, usual))
        return TRUE;
    }
  return FALSE;
}

static guint
missing (const NnLayerType *type, const NnParamSpec *spec, const char *value)
{
  g_test_message ("%s: no configuration has %s=%s", type->id, spec->name, value);
  return 1;
}

static guint
count_missing (const NnLayerType *type, const NnParamSpec *spec)
{
  guint n = 0;
  switch (spec->type)
    {
    case NN_PARAM_CHOICE:
      for (const NnChoice *choice = nn_param_choices (spec); choice->id; choice++)
        n += has_value (type, spec, choice->id) ? 0 : missing (type, spec, choice->id);
      return n;
    case NN_PARAM_BOOL:
      n += has_value (type, spec, "true") ? 0 : missing (type, spec, "true");
      n += has_value (type, spec, "false") ? 0 : missing (type, spec, "false");
      return n;
    case NN_PARAM_INT:
    case NN_PARAM_FLOAT:
    case NN_PARAM_STRING:
    case NN_PARAM_SHAPE:
    default:
      return has_other_value (type, spec) ? 0 : missing (type, spec, "another value");
    }
}

static void
test_every_option (void)
{
  guint n_missing = 0, n_looked_at = 0;
  for (const NnLayerType *const *type = nn_layer_types (); *type; type++)
    for (const NnParamSpec *spec = (*type)->params; spec && spec->name; spec++)
      if (!is_exempt (*type, spec))
        {
          n_missing += count_missing (*type, spec);
          n_looked_at++;
        }
  g_test_message ("%u options", n_looked_at);
  g_assert_cmpuint (n_missing, ==, 0);
}

/* An exemption names something that is there. */
static void
test_exemptions (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (exempt); i++)
    {
      guint n = 0;
      for (const NnLayerType *const *type = nn_layer_types (); *type; type++)
        for (const NnParamSpec *spec = (*type)->params; spec && spec->name; spec++)
          n += g_str_equal (spec->name, exempt[i].name)
               && (exempt[i].type == NULL || g_str_equal (exempt[i].type, (*type)->id));
      g_assert_cmpuint (n, >, 0);
    }
  for (guint i = 0; hand_on_activation[i]; i++)
    g_assert_nonnull (nn_layer_type (hand_on_activation[i]));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/layer-options/every-option", test_every_option);
  g_test_add_func ("/layer-options/exemptions", test_exemptions);
  return g_test_run ();
}
