/* How a script for Keras trains: what each output is compared with, the optimizer, the learning
 * rate. */
#include "diabolo-config.h"

#include <string.h>

#include "base/nn-error.h"
#include "formats/nn-keras.h"
#include "objectives/nn-objective.h"
#include "optimizers/nn-optimizer.h"

#include <glib/gi18n-lib.h>

#define PREDICTION 0
#define TARGET 1
#define WEIGHT 2

/* ---- losses ---- */

/* A name that Keras knows, or a function. */
static const struct
{
  const char *id, *function;
  const char *without_softmax; /* where that differs, or NULL */
} functions[] = {
  { "binary-crossentropy", "\"binary_crossentropy\"" },
  { "mean-squared-error", "\"mean_squared_error\"" },
  { "mean-absolute-error", "\"mean_absolute_error\"" },
  { "huber", "\"huber\"" },
  { "cosine", "cosine_distance" },
  { "categorical-crossentropy", "\"categorical_crossentropy\"", "cross_entropy" },
  { "sparse-crossentropy", "\"sparse_categorical_crossentropy\"", "sparse_cross_entropy" },
};

static const NnOp *
loss_at (NnKeras *keras, guint i)
{
  return nn_program_op (keras->script.model->program, g_array_index (keras->losses, guint, i));
}

static const NnShape *
shape_of (NnKeras *keras, const NnOp *op, guint k)
{
  return nn_script_shape (&keras->script, op->in[k]);
}

/* "data["image"]" of a value that is a field, or NULL. */
static const char *
field_text (NnKeras *keras, guint value)
{
  const NnExportModel *model = keras->script.model;
  for (guint i = 0; i < model->inputs->len; i++)
    if (nn_export_input (model, i)->value == value)
      return nn_script_text (&keras->script, "data[%s]",
                             nn_script_quoted (&keras->script, nn_export_input (model, i)->name));
  return NULL;
}

/* The same in another shape. */
static const char *
field_as (NnKeras *keras, guint value, const NnShape *shape)
{
  NnScript *script = &keras->script;
  const char *text = field_text (keras, value);
  if (nn_shape_equal (nn_script_shape (script, value), shape))
    return text;
  if (shape->rank == 0)
    return nn_script_text (script, "%s.reshape(-1)", text);
  g_autofree char *sizes = g_strdup (nn_script_sizes (script, shape->dim, shape->rank));
  if (shape->rank == 1)
    sizes[strlen (sizes) - 1] = '\0';
  return nn_script_text (script, "%s.reshape(-1, %s)", text, sizes);
}

static gboolean
is_sparse (const NnOp *op)
{
  return ((const NnLossAttrs *)op->attrs)->objective->sparse;
}

/* What a target looks like: the prediction, or a number for each row of it. */
static NnShape
target_shape (NnKeras *keras, const NnOp *op)
{
  NnShape shape = *shape_of (keras, op, PREDICTION);
  if (is_sparse (op))
    shape.dim[MAX (shape.rank - 1, 0)] = 1;
  if (is_sparse (op) && shape.rank > 1)
    shape.rank--;
  return shape;
}

/* A weight for each sample, or as many as losses: rows, or values where each counts by itself. */
static NnShape
weight_shape (NnKeras *keras, const NnOp *op)
{
  NnShape shape = *shape_of (keras, op, PREDICTION);
  const gint64 n = nn_shape_size (shape_of (keras, op, WEIGHT));
  const NnLossAttrs *a = op->attrs;
  if (n == 1)
    return (NnShape){ .rank = 0 };
  if (a->objective->kind == NN_OBJECTIVE_CLASSIFICATION)
    shape.rank--;
  return shape;
}

static const char *
function_of (NnKeras *keras, const NnOp *op)
{
  const NnLossAttrs *a = op->attrs;
  const gboolean values = op->n_in > WEIGHT && nn_shape_size (shape_of (keras, op, WEIGHT)) > 1
                          && a->objective->kind != NN_OBJECTIVE_CLASSIFICATION;
  guint i = 0;
  while (!g_str_equal (functions[i].id, a->objective->id))
    i++;
  if (functions[i].without_softmax
      && !nn_script_ends_in (&keras->script, op->in[PREDICTION], NN_ACTIVATION_SOFTMAX))
    return functions[i].without_softmax;
  return values ? nn_script_text (&keras->script, "of_each_value(%s)", functions[i].function)
                : functions[i].function;
}

/* "[a, b]", or one by itself. */
static const char *
list_of (NnKeras *keras, const char *(*text) (NnKeras *keras, const NnOp *op))
{
  g_autoptr (GString) list = g_string_new (NULL);
  for (guint i = 0; i < keras->losses->len; i++)
    g_string_append_printf (list, "%s%s", i ? ", " : "", text (keras, loss_at (keras, i)));
  return nn_script_text (&keras->script, keras->losses->len > 1 ? "[%s]" : "%s", list->str);
}

static const char *
factor_text (NnKeras *keras, const NnOp *op)
{
  return nn_script_float (&keras->script, ((const NnLossAttrs *)op->attrs)->weight);
}

static const char *
target_text (NnKeras *keras, const NnOp *op)
{
  const NnShape shape = target_shape (keras, op);
  return field_as (keras, op->in[TARGET], &shape);
}

static gboolean
weighs_classes (const NnOp *op)
{
  return ((const NnLossAttrs *)op->attrs)->weighs_classes;
}

/* What each row counts by its class. */
static const char *
class_weight_text (NnKeras *keras, const NnOp *op)
{
  NnScript *script = &keras->script;
  const char *target = target_text (keras, op);
  const char *classes = !is_sparse (op) ? "argmax(-1)"
                        : shape_of (keras, op, PREDICTION)->rank > 1
                            ? "round().astype(int)"
                            : "reshape(-1).round().astype(int)";
  return nn_script_text (script, "class_weights(training, %s.%s, %s)", target, classes,
                         nn_script_class_weights (script, op));
}

static const char *
weight_text (NnKeras *keras, const NnOp *op)
{
  NnScript *script = &keras->script;
  if (op->n_in <= WEIGHT)
    return weighs_classes (op) ? class_weight_text (keras, op)
                               : nn_script_text (script, "np.ones(len(data[INPUTS[0]]))");
  const NnShape shape = weight_shape (keras, op);
  const char *given = field_as (keras, op->in[WEIGHT], &shape);
  if (!weighs_classes (op))
    return given;
  /* One weight for all rows of a sample. */
  g_autoptr (GString) rows = g_string_new (NULL);
  for (gint i = 1; shape.rank == 0 && i < shape_of (keras, op, PREDICTION)->rank; i++)
    g_string_append (rows, ", None");
  return nn_script_text (script, "%s%s%s%s * %s", given, rows->len ? "[:" : "", rows->str,
                         rows->len ? "]" : "", class_weight_text (keras, op));
}

/* ---- the optimizer ---- */

/* %NAME: its parameter of that name. Epsilon is squared where Keras has it inside of a root. */
static const struct
{
  const char *id, *text;
} optimizers[] = {
  { "adam", "Adam(%learning-rate, beta_1=%beta-1, beta_2=%beta-2, epsilon=%epsilon" },
  { "adamw", "AdamW(%learning-rate, weight_decay=%weight-decay, beta_1=%beta-1, beta_2=%beta-2, "
             "epsilon=%epsilon" },
  { "nadam", "Nadam(%learning-rate, beta_1=%beta-1, beta_2=%beta-2, epsilon=%epsilon" },
  { "rmsprop", "RMSprop(%learning-rate, rho=%rho, momentum=%momentum, epsilon=%epsilon**2, "
               "centered=%centered" },
  { "adagrad", "Adagrad(%learning-rate, initial_accumulator_value=%start, epsilon=%epsilon**2" },
  { "adadelta", "Adadelta(%learning-rate, rho=%rho, epsilon=%epsilon" },
  { "sgd", "SGD(%learning-rate, momentum=%momentum, nesterov=%nesterov" },
};

/* Of Keras's, which go without saying. */
static const char *const defaults[] = {
  ", momentum=0.0", ", centered=False", ", nesterov=False", ", beta_1=0.9", ", beta_2=0.999",
};

static const char *
optimizer_text (NnKeras *keras)
{
  NnScript *script = &keras->script;
  const NnDesign *design = script->model->source->design;
  const NnParams *params = nn_design_optimizer_params (design);
  const NnParams *training = nn_design_training (design);
  const double norm = nn_params_float (training, "clip-norm");
  const double value = nn_params_float (training, "clip-value");
  guint i = 0;
  while (!g_str_equal (optimizers[i].id, nn_design_optimizer (design)->id))
    i++;
  g_autoptr (GString) text = g_string_new (optimizers[i].text);
  if (norm > 0)
    g_string_append_printf (text, ", global_clipnorm=%s", nn_script_double (script, norm));
  if (value > 0)
    g_string_append_printf (text, ", clipvalue=%s", nn_script_double (script, value));
  g_autoptr (GString) filled =
      g_string_new (nn_script_filled (script, nn_script_text (script, "%s)", text->str), params));
  for (i = 0; i < G_N_ELEMENTS (defaults); i++)
    g_string_replace (filled, defaults[i], "", 0);
  return nn_script_text (script, "%s", filled->str);
}

static void
check_optimizer (NnKeras *keras)
{
  const NnDesign *design = keras->script.model->source->design;
  const NnParams *training = nn_design_training (design);
  const NnParams *params = nn_design_optimizer_params (design);
  const NnParamSpec *warm = nn_params_spec (params, "momentum-decay");
  const char *why = NULL;
  if (nn_params_float (training, "clip-norm") > 0 && nn_params_float (training, "clip-value") > 0)
    why = _ ("Keras clips gradients by their length or by their values, not by both.");
  else if (warm
           && (nn_params_float (params, warm->name) > warm->def
               || nn_params_float (params, warm->name) < warm->def))
    why = _ ("Keras's Nadam has a warm-up of 0.004, which cannot be changed.");
  if (why && !keras->error)
    g_set_error_literal (&keras->error, NN_ERROR, NN_ERROR_UNSUPPORTED, why);
}

/* fit() takes one loss for each output, in their order. */
static void
sort_losses (NnKeras *keras)
{
  const NnExportModel *model = keras->script.model;
  g_autoptr (GArray) sorted = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint i = 0; i < model->outputs->len; i++)
    for (guint k = 0; k < keras->losses->len; k++)
      if (loss_at (keras, k)->in[PREDICTION] == nn_export_output (model, i)->value)
        {
          if (sorted->len > i)
            nn_keras_refuse (keras, loss_at (keras, k),
                             _ ("another loss judges the same output already."));
          g_array_append_val (sorted, g_array_index (keras->losses, guint, k));
        }
  g_array_set_size (keras->losses, 0);
  g_array_append_vals (keras->losses, sorted->data, sorted->len);
}

void
nn_keras_check_training (NnKeras *keras)
{
  sort_losses (keras);
  for (guint i = 0; i < keras->losses->len; i++)
    {
      const NnOp *op = loss_at (keras, i);
      for (guint k = TARGET; k < op->n_in; k++)
        if (!field_text (keras, op->in[k]))
          nn_keras_refuse (keras, op,
                           _ ("it compares with something that is no field of the data."));
    }
  check_optimizer (keras);
}

/* ---- the functions ---- */

void
nn_keras_append_training (NnKeras *keras, GString *text)
{
  NnScript *script = &keras->script;
  gboolean weighted = FALSE, plain = TRUE;
  for (guint i = 0; i < keras->losses->len; i++)
    {
      const NnOp *op = loss_at (keras, i);
      const float factor = ((const NnLossAttrs *)op->attrs)->weight;
      weighted = weighted || op->n_in > WEIGHT || weighs_classes (op);
      plain = plain && factor >= 1 && factor <= 1;
    }
  g_string_append_printf (text,
                          "\n\ndef compile_network(network):\n    network.compile(\n"
                          "        optimizer=keras.optimizers.%s,\n        loss=%s,\n",
                          optimizer_text (keras), list_of (keras, function_of));
  if (!plain)
    g_string_append_printf (text, "        loss_weights=%s,\n",
                            nn_script_text (script, keras->losses->len > 1 ? "%s" : "[%s]",
                                            list_of (keras, factor_text)));
  g_string_append (text, "    )\n");
  nn_script_append_schedule (script, text);
  g_string_append_printf (text,
                          "\n\ndef targets(data):\n"
                          "    \"\"\"What outputs are compared with.\"\"\"\n    return %s\n",
                          list_of (keras, target_text));
  g_string_append_printf (text,
                          "\n\ndef sample_weights(data, training):\n"
                          "    \"\"\"How much each sample, row or value counts.\"\"\"\n"
                          "    return %s\n",
                          weighted ? list_of (keras, weight_text) : "None");
}
