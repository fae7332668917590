/* Keras: a script that makes the network in functional style, trains it and checks itself, with the
 * weights beside it. */
#include "diabolo-config.h"

#include "base/nn-error.h"
#include "formats/nn-keras.h"

#include <glib/gi18n-lib.h>

#define WEIGHTS_ENDING ".weights.npz"

/* What scripts call things. */
static const char *const reserved[] = {
  "hard_sigmoid", "keras", "layers", "ops", "x", "y", NULL,
};

static void
init (NnKeras *keras, const NnExportModel *model)
{
  *keras = (NnKeras){
    .done = g_new0 (gboolean, model->program->ops->len + 1),
    .losses = g_array_new (FALSE, FALSE, sizeof (guint)),
  };
  nn_script_init (&keras->script, model, FALSE, reserved);
  for (guint i = 0; i < nn_export_model_n_ops (model) && !keras->error; i++)
    nn_keras_add_op (keras, nn_export_model_op (model, i));
  if (model->training && !keras->error)
    nn_keras_check_training (keras);
}

static void
clear (NnKeras *keras)
{
  nn_script_clear (&keras->script);
  g_free (keras->done);
  g_array_unref (keras->losses);
  g_clear_error (&keras->error);
}

static NnExportModel *
model_of (const NnExportSource *source, GError **error)
{
  return source->part == NN_EXPORT_ALL ? nn_export_model_new_training (source, error)
                                       : nn_export_model_new (source, error);
}

static gboolean
keras_check (const NnExportSource *source, GError **error)
{
  g_autoptr (NnExportModel) model = model_of (source, error);
  if (!model)
    return FALSE;
  NnKeras keras;
  init (&keras, model);
  const gboolean fits = keras.error == NULL;
  if (!fits)
    g_propagate_error (error, g_steal_pointer (&keras.error));
  clear (&keras);
  return fits;
}

/* ---- the script ---- */

/* Outputs as fit() compares them: one for each loss; of a part, its ports. */
static void
append_network (NnKeras *keras, GString *text)
{
  NnScript *script = &keras->script;
  const NnExportModel *model = script->model;
  g_autoptr (GString) inputs = g_string_new (NULL);
  g_autoptr (GString) outputs = g_string_new (NULL);
  g_string_append (text, "\n\ndef build_network():\n");
  for (guint i = 0; i < model->inputs->len; i++)
    {
      const NnExportPort *port = nn_export_input (model, i);
      const NnShape *shape = nn_script_shape (script, port->value);
      if (port->target)
        continue;
      g_string_append_printf (
          text, "    %s = keras.Input((%s), name=\"%s\")\n", script->value[port->value],
          nn_script_sizes (script, shape->dim, shape->rank), script->value[port->value]);
      g_string_append_printf (inputs, "%s%s", inputs->len ? ", " : "", script->value[port->value]);
    }
  nn_script_append_lines (text, "    ", script->body->str);
  for (guint i = 0; i < model->outputs->len; i++)
    {
      const guint value = nn_export_output (model, i)->value;
      const gboolean is_input = nn_program_value (model->program, value)->producer < 0;
      g_string_append_printf (outputs, is_input ? "%slayers.Identity()(%s)" : "%s%s", i ? ", " : "",
                              script->value[value]);
    }
  const gboolean several = model->outputs->len > 1;
  g_string_append_printf (text, "    return keras.Model([%s], %s%s%s)\n", inputs->str,
                          several ? "[" : "", outputs->str, several ? "]" : "");
}

/* Keras's layers cannot tell validation from use. */
static GPtrArray *
keras_remarks (const NnExportSource *source)
{
  return nn_script_remarks (source, FALSE);
}

static void
append_header (NnKeras *keras, const char *name, GString *text)
{
  g_autoptr (GPtrArray) remarks = keras_remarks (keras->script.model->source);
  g_string_append (text, "#!/usr/bin/env python3\n");
  nn_script_append_comment (&keras->script, name, WEIGHTS_ENDING, NULL, remarks, text);
}

/* (transfer full) */
static char *
script_text (NnKeras *keras, const char *name)
{
  static const char *const resources[] = { "data.py", "keras.py", NULL };
  const gboolean training = keras->script.model->training;
  const char *last = training ? "main()" : "check()";
  g_autoptr (GString) network = g_string_new (NULL);
  g_autoptr (GString) text = g_string_new (NULL);
  append_network (keras, network);
  if (training)
    nn_keras_append_training (keras, network);
  g_autofree char *spoken = g_strconcat (network->str, "predict ", last, NULL);
  nn_script_append_constants (&keras->script, WEIGHTS_ENDING, text);
  nn_script_append_pieces (text, resources, FALSE, spoken);
  g_string_append (text, network->str);
  nn_script_append_pieces (text, resources, TRUE, spoken);
  g_string_append_printf (text, "\n\nif __name__ == \"__main__\":\n    %s\n", last);
  g_string_prepend (text, "\nimport keras\nimport numpy as np\nfrom keras import layers, ops\n");
  nn_script_prepend_imports (text);
  GString *whole = g_string_new (NULL);
  append_header (keras, name, whole);
  g_string_append (whole, text->str);
  return g_string_free (whole, FALSE);
}

/* ---- the exporter ---- */

static gboolean
keras_write (const NnExportSource *source, const char *path, const NnExportJob *job, GError **error)
{
  g_autoptr (NnExportModel) model = model_of (source, error);
  if (!model)
    return FALSE;
  g_auto (NnScriptPaths) paths = nn_script_paths (path, WEIGHTS_ENDING);
  NnKeras keras;
  init (&keras, model);
  g_autofree char *text = script_text (&keras, paths.name);
  const gboolean written =
      nn_script_add_samples (&keras.script, error)
      && nn_script_write (&keras.script, &paths, text, nn_file_tensors_to_npz, job, error);
  clear (&keras);
  return written;
}

/* What is this network's own. */
static char *
keras_preview (const NnExportSource *source, GError **error)
{
  g_autoptr (NnExportModel) model = model_of (source, error);
  if (!model)
    return NULL;
  NnKeras keras;
  init (&keras, model);
  GString *text = g_string_new (NULL);
  append_header (&keras, "model", text);
  append_network (&keras, text);
  if (model->training)
    nn_keras_append_training (&keras, text);
  clear (&keras);
  return g_string_free (text, FALSE);
}

const NnExporter nn_exporter_keras = {
  .id = "keras",
  .title = "Keras",
  .extension = ".py",
  .beside = WEIGHTS_ENDING,
  .summary = N_ ("script that trains on, with weights"),
  .use = N_ ("A Python script for Keras 3 with the network, its training and a check, and beside "
             "it the weights as .weights.npz: to train on with TensorFlow, JAX or PyTorch."),
  .parts = NN_EXPORT_ANY_PART,
  .needs = NN_EXPORT_NETWORK | NN_EXPORT_WEIGHTS,
  .check = keras_check,
  .remarks = keras_remarks,
  .preview = keras_preview,
  .write = keras_write,
};
