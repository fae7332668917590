/* What a script is told of training, in Python's own words: the same for every library. */
#include <inttypes.h>
#include <string.h>

#include "formats/nn-script.h"
#include "optimizers/nn-optimizer.h"

const char *
nn_script_class_weights (NnScript *script, const NnOp *op)
{
  const NnLossAttrs *attrs = op->attrs;
  const NnShape *shape = nn_script_shape (script, op->in[0]);
  const gint64 n = shape->rank > 0 ? shape->dim[shape->rank - 1] : 1;
  g_autoptr (GString) text = g_string_new (NULL);
  for (gint64 i = 0; i < n; i++)
    g_string_append_printf (text, "%s%s", i ? ", " : "",
                            nn_script_float (script, attrs->class_weight[i]));
  return nn_script_text (script, n == 1 ? "(%s,)" : "(%s)", text->str);
}

const char *
nn_script_filled (NnScript *script, const char *text, const NnParams *params)
{
  g_autoptr (GString) result = g_string_new (text);
  for (const NnParamSpec *spec = nn_params_specs (params); spec->name; spec++)
    {
      g_autofree char *mark = g_strconcat ("%", spec->name, NULL);
      const char *value = spec->type == NN_PARAM_BOOL
                              ? (nn_params_bool (params, spec->name) ? "True" : "False")
                              : nn_script_double (script, nn_params_float (params, spec->name));
      g_string_replace (result, mark, value, 0);
    }
  return nn_script_text (script, "%s", result->str);
}

/* ---- the learning rate ---- */

static const struct
{
  const char *id, *text;
} schedules[] = {
  { "constant", "    return %rate\n" },
  { "step", "    return %rate * %step-factor ** (step // (%step-epochs * batches))\n" },
  { "exponential",
    "    return %rate * %exponential-factor ** (step / (%exponential-epochs * batches))\n" },
  { "cosine", "    done = min(step / max(%length, 1), 1)\n"
              "    return %rate * (%cosine-floor + (1 - %cosine-floor) * (1 + math.cos(math.pi * "
              "done)) / 2)\n" },
  { "plateau", "    return %rate * plateau(losses, patience=%plateau-patience, "
               "factor=%plateau-factor, difference=%plateau-difference, "
               "cooldown=%plateau-cooldown, least=%least)\n" },
};

static const char *
warm_up_text (NnScript *script, const NnParams *training)
{
  const gint64 length = nn_params_int (training, "warm-up");
  if (length == 0)
    return NULL;
  return nn_script_text (
      script, "%" PRId64 "%s", length,
      g_str_equal (nn_params_text (training, "warm-up-unit"), "epochs") ? " * batches" : "");
}

void
nn_script_append_schedule (NnScript *script, GString *text)
{
  const NnDesign *design = script->model->source->design;
  const NnParams *training = nn_design_training (design);
  const double rate = nn_params_float (nn_design_optimizer_params (design), "learning-rate");
  const char *warm_up = warm_up_text (script, training),
             *id = nn_params_text (training, "schedule");
  const gint64 cosine = nn_params_int (training, "cosine-epochs");
  guint i = 0;
  while (!g_str_equal (schedules[i].id, id))
    i++;
  const char *length =
      cosine > 0 ? nn_script_text (script, "%" PRId64 " * batches", cosine)
                 : nn_script_text (
                     script, warm_up ? "(epochs * batches - %s)" : "(epochs * batches)", warm_up);
  g_autoptr (GString) formula = g_string_new (schedules[i].text);
  g_string_replace (formula, "%rate", nn_script_double (script, rate), 0);
  g_string_replace (formula, "%length", length, 0);
  g_string_replace (formula, "%least",
                    nn_script_double (script, nn_params_float (training, "plateau-floor") / rate),
                    0);
  for (const NnParamSpec *spec = nn_params_specs (training); spec->name; spec++)
    {
      g_autofree char *mark = g_strconcat ("%", spec->name, NULL);
      g_autofree char *value = nn_params_to_text (training, spec->name);
      if (strstr (formula->str, mark))
        g_string_replace (formula, mark,
                          spec->type == NN_PARAM_FLOAT
                              ? nn_script_double (script, nn_params_float (training, spec->name))
                              : value,
                          0);
    }
  g_string_append (text, "\n\ndef learning_rate(step, batches, epochs, losses):\n"
                         "    \"\"\"For a step, counted from 0: an epoch has so many batches; "
                         "losses are those of the epochs so far.\"\"\"\n");
  if (warm_up)
    g_string_append_printf (text,
                            "    if step < %s:\n        return %s * (step + 1) / (%s)\n"
                            "    step -= %s\n",
                            warm_up, nn_script_double (script, rate), warm_up, warm_up);
  g_string_append (text, formula->str);
}

gboolean
nn_script_ends_in (const NnScript *script, guint value, NnActivation function)
{
  const NnProgram *program = script->model->program;
  const gint producer = nn_program_value (program, value)->producer;
  const NnOp *op = producer >= 0 ? nn_program_op (program, producer) : NULL;
  /* Penalties look at values and leave them alone. */
  while (op && (op->type->flags & NN_OP_ALIAS) && (op->type->flags & NN_OP_LOSS))
    {
      const gint before = nn_program_value (program, op->in[0])->producer;
      op = before >= 0 ? nn_program_op (program, before) : NULL;
    }
  return op && op->type == &nn_op_activation
         && ((const NnActivationAttrs *)op->attrs)->function == function;
}
