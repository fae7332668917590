/* Input: a field of the data set. */
#include "diabolo-config.h"

#include "base/nn-error.h"
#include "data/nn-dataset.h"
#include "layers/nn-layer-params.h"

#include <glib/gi18n-lib.h>

static const NnParamSpec input_params[] = {
  { .name = "field",
    .title = N_ ("Field"),
    .tip = N_ ("Which part of the data comes in here: image, label, features."),
    .type = NN_PARAM_STRING,
    .flags = NN_PARAM_STRUCTURAL,
    .def_text = "image" },
  { NULL },
};

static gboolean
input_infer (const NnParams *params, const NnInferContext *context, NnShape *out, GError **error)
{
  const char *name = nn_params_text (params, "field");
  const NnField *field = nn_data_info_field (context->data, name, NULL);
  if (field)
    {
      out[0] = field->shape;
      return TRUE;
    }
  g_autoptr (GString) names = g_string_new (NULL);
  for (guint i = 0; i < context->data->n_fields; i++)
    g_string_append_printf (names, i ? ", %s" : "%s", context->data->fields[i].name);
  g_set_error (error, NN_ERROR, NN_ERROR_UNKNOWN, _ ("asks for “%s”, but the data set %s has: %s"),
               name, context->data->title, names->len ? names->str : _ ("nothing"));
  return FALSE;
}

static char *
input_describe (const NnParams *params)
{
  return g_strdup (nn_params_text (params, "field"));
}

static void
input_lower (const NnParams *params, NnLowering *lowering)
{
  nn_lowering_output (lowering, 0,
                      nn_lowering_field (lowering, nn_params_text (params, "field"),
                                         nn_lowering_output_shape (lowering, 0)));
}

static const NnLayerTest input_tests[] = {
  { NULL },
};

const NnLayerType nn_layer_input = {
  .id = "input",
  .version = 1,
  .title = N_ ("Input"),
  .category = NN_CATEGORY_INPUT,
  .icon = "nn-input-symbolic",
  .summary = N_ ("a field of the data"),
  .when_to_use = N_ ("Where the data comes in. An autoencoder's input is its target too."),
  .flags = NN_LAYER_INPUT,
  .params = input_params,
  .outputs = nn_ports_out,
  .infer = input_infer,
  .lower = input_lower,
  .describe = input_describe,
  .tests = input_tests,
};
