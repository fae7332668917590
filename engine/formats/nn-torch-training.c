/* How a script for PyTorch trains: the loss, the optimizer, the learning rate, as the program does
 * it, which is as Keras does. */
#include "formats/nn-torch.h"

#include <string.h>

#include "objectives/nn-objective.h"
#include "optimizers/nn-optimizer.h"

#define PREDICTION 0
#define TARGET 1
#define WEIGHT 2

/* ---- losses ---- */

static const struct
{
  const char *id, *function;
  gboolean rows;             /* gives the loss of each row */
  gboolean of_probabilities; /* which must lie between 0 and 1 */
} functions[] = {
  { "binary-crossentropy", "F.binary_cross_entropy", FALSE, TRUE },
  { "mean-squared-error", "F.mse_loss" },
  { "mean-absolute-error", "F.l1_loss" },
  { "huber", "F.huber_loss" },
  { "cosine", "cosine_distance", TRUE },
  { "categorical-crossentropy", "cross_entropy", TRUE, TRUE },
  { "sparse-crossentropy", "sparse_cross_entropy", TRUE, TRUE },
};

/* A field of the batch, or what the network gives under that name: images channels first. */
static const char *
operand (NnTorch *torch, const NnOp *op, guint k)
{
  const NnExportModel *model = torch->script.model;
  for (guint i = 0; i < model->inputs->len; i++)
    if (nn_export_input (model, i)->value == op->in[k])
      return nn_script_text (&torch->script, "batch[%s]",
                             nn_script_quoted (&torch->script, nn_export_input (model, i)->name));
  for (guint i = 0; i < model->outputs->len; i++)
    if (nn_export_output (model, i)->value == op->in[k])
      return nn_script_name (&torch->script, nn_export_output (model, i)->node);
  g_assert_not_reached ();
}

static const NnShape *
shape_of (NnTorch *torch, const NnOp *op, guint k)
{
  return nn_script_shape (&torch->script, op->in[k]);
}

static const char *
channels_last (NnTorch *torch, const NnOp *op, guint k)
{
  const char *text = operand (torch, op, k);
  const NnShape *shape = shape_of (torch, op, k);
  return shape->rank == 3 && shape->dim[2] > 1
             ? nn_script_text (&torch->script, "%s.permute(0, 2, 3, 1)", text)
             : text;
}

void
nn_torch_loss (NnTorch *torch, const NnOp *op)
{
  NnScript *script = &torch->script;
  const NnLossAttrs *a = op->attrs;
  const gboolean weighted = op->n_in > WEIGHT;
  guint i = 0;
  while (!g_str_equal (functions[i].id, a->objective->id))
    i++;
  const char *prediction = operand (torch, op, PREDICTION), *target = operand (torch, op, TARGET);
  const gboolean alike =
      nn_shape_equal (shape_of (torch, op, PREDICTION), shape_of (torch, op, TARGET));
  if (functions[i].rows || weighted || !alike)
    {
      prediction = channels_last (torch, op, PREDICTION);
      target = channels_last (torch, op, TARGET);
    }
  if (!functions[i].rows && !alike)
    {
      prediction = nn_script_text (script, "%s.flatten(1)", prediction);
      target = nn_script_text (script, "%s.flatten(1)", target);
    }
  if (functions[i].of_probabilities
      && !nn_script_ends_in (script, op->in[PREDICTION], a->objective->from_logits))
    prediction = nn_script_text (script, "%s.clamp(1e-7, 1 - 1e-7)", prediction);
  const char *text =
      nn_script_text (script, "%s(%s, %s%s)", functions[i].function, prediction, target,
                      weighted && !functions[i].rows ? ", reduction=\"none\"" : "");
  if (a->weighs_classes)
    text = nn_script_text (script, "class_weighted(network, %s, %s.%s, %s)", text, target,
                           a->objective->sparse ? "round().long()" : "argmax(-1)",
                           nn_script_class_weights (script, op));
  if (weighted)
    text =
        nn_script_text (script, "weighted_mean(%s, %s)", text, channels_last (torch, op, WEIGHT));
  else if (functions[i].rows)
    text = nn_script_text (script, "%s.mean()", text);
  const gboolean once = a->weight >= 1 && a->weight <= 1;
  g_string_append_printf (torch->losses, "%s%s%s%s\n",
                          torch->losses->len ? "loss = loss + " : "loss = ",
                          once ? "" : nn_script_float (script, a->weight), once ? "" : " * ", text);
}

/* ---- the optimizer ---- */

/* %name: its parameter of that name. */
static const struct
{
  const char *id, *text;
} optimizers[] = {
  { "adam", "torch.optim.Adam(parameters, lr=%learning-rate, betas=(%beta-1, %beta-2))" },
  { "adamw", "torch.optim.AdamW(parameters, lr=%learning-rate, betas=(%beta-1, %beta-2), "
             "weight_decay=%weight-decay)" },
  { "nadam", "NAdam(parameters, lr=%learning-rate, betas=(%beta-1, %beta-2), eps=%epsilon, "
             "momentum_decay=%momentum-decay)" },
  { "rmsprop", "torch.optim.RMSprop(parameters, lr=%learning-rate, alpha=%rho, eps=%epsilon, "
               "momentum=%momentum, "
               "centered=%centered)" },
  { "adagrad", "torch.optim.Adagrad(parameters, lr=%learning-rate, eps=%epsilon, "
               "initial_accumulator_value=%start)" },
  { "adadelta", "torch.optim.Adadelta(parameters, lr=%learning-rate, rho=%rho, eps=%epsilon)" },
  { "sgd", "torch.optim.SGD(parameters, lr=%learning-rate, momentum=%momentum, "
           "nesterov=%nesterov)" },
};

/* Of PyTorch's, which go without saying. */
static const char *const defaults[] = {
  ", momentum=0.0",
  ", centered=False",
  ", nesterov=False",
  ", betas=(0.9, 0.999)",
};

static const char *
filled (NnScript *script, const char *text, const NnParams *params)
{
  g_autoptr (GString) result = g_string_new (nn_script_filled (script, text, params));
  for (guint i = 0; i < G_N_ELEMENTS (defaults); i++)
    g_string_replace (result, defaults[i], "", 0);
  return nn_script_text (script, "%s", result->str);
}

/* Gradients are clipped and the optimizer made to do what Keras does. */
static void
append_step (NnScript *script, const char *id, const NnParams *params, GString *text)
{
  const NnParams *training = nn_design_training (script->model->source->design);
  const double norm = nn_params_float (training, "clip-norm");
  const double value = nn_params_float (training, "clip-value");
  g_string_append (text, "\n\ndef take_step(network, optimizer, rate, step):\n");
  if (norm > 0)
    g_string_append_printf (text, "    nn.utils.clip_grad_norm_(network.parameters(), %s)\n",
                            nn_script_double (script, norm));
  if (value > 0)
    g_string_append_printf (text, "    nn.utils.clip_grad_value_(network.parameters(), %s)\n",
                            nn_script_double (script, value));
  g_string_append (text, "    group = optimizer.param_groups[0]\n");
  if (g_str_equal (id, "adam") || g_str_equal (id, "adamw"))
    g_string_append (
        text, filled (script,
                      "    # Keras adds epsilon before the bias of the squares is corrected.\n"
                      "    group[\"eps\"] = %epsilon / math.sqrt(1 - %beta-2**step)\n",
                      params));
  else if (nn_params_spec (params, "momentum") && nn_params_float (params, "momentum") > 0)
    g_string_append (text, "    # Keras has the learning rate inside of the momentum.\n"
                           "    for state in optimizer.state.values():\n"
                           "        if state.get(\"momentum_buffer\") is not None:\n"
                           "            state[\"momentum_buffer\"].mul_(group[\"lr\"] / rate)\n");
  g_string_append (text, "    group[\"lr\"] = rate\n    optimizer.step()\n");
}

/* ---- the functions ---- */

/* Penalties on weights and, noted by forward(), on values. */
static void
append_loss (NnTorch *torch, GString *text)
{
  NnScript *script = &torch->script;
  const NnExportModel *model = script->model;
  const gboolean several = model->outputs->len > 1;
  g_string_append_printf (
      text,
      "\n\ndef loss_function(network, %s, batch):\n"
      "    \"\"\"What training makes smaller, as a mean over the batch.\"\"\"\n",
      several ? "outputs" : nn_script_name (script, nn_export_output (model, 0)->node));
  for (guint i = 0; several && i < model->outputs->len; i++)
    g_string_append_printf (text, "%s%s", i ? ", " : "    ",
                            nn_script_name (script, nn_export_output (model, i)->node));
  if (several)
    g_string_append (text, " = outputs\n");
  g_auto (GStrv) lines = g_strsplit (torch->losses->str, "\n", -1);
  for (guint i = 0; lines[i] && *lines[i]; i++)
    g_string_append_printf (text, "    %s\n", lines[i]);
  if (torch->penalties)
    g_string_append (text, "    loss = loss + sum(network.penalties)\n");
  for (guint i = 0; i < model->program->weights->len; i++)
    {
      const NnWeight *weight = nn_program_weight (model->program, i);
      if (script->weight[i] && weight->l1 > 0)
        g_string_append_printf (text, "    loss = loss + %s * network.%s.abs().sum()\n",
                                nn_script_float (script, weight->l1), script->weight[i]);
      if (script->weight[i] && weight->l2 > 0)
        g_string_append_printf (text, "    loss = loss + %s * network.%s.square().sum()\n",
                                nn_script_float (script, weight->l2), script->weight[i]);
    }
  g_string_append (text, "    return loss\n");
}

void
nn_torch_append_training (NnTorch *torch, GString *text)
{
  NnScript *script = &torch->script;
  const NnDesign *design = script->model->source->design;
  const char *id = nn_design_optimizer (design)->id;
  const NnParams *params = nn_design_optimizer_params (design);
  guint i = 0;
  while (!g_str_equal (optimizers[i].id, id))
    i++;
  append_loss (torch, text);
  g_string_append_printf (text, "\n\ndef make_optimizer(parameters):\n    return %s\n",
                          filled (script, optimizers[i].text, params));
  nn_script_append_schedule (script, text);
  append_step (script, id, params, text);
}
