/* What only training needs: noise, and what is added to the loss. */
#include "formats/nn-torch.h"

#include <string.h>

void
nn_torch_note_penalty (NnTorch *torch, float factor, const char *text)
{
  const gboolean once = factor >= 1 && factor <= 1;
  torch->penalties = TRUE;
  g_string_append_printf (torch->script.body, "self.penalties.append(%s%s%s)\n",
                          once ? "" : nn_script_float (&torch->script, factor), once ? "" : " * ",
                          text);
}

void
nn_torch_dropout (NnTorch *torch, const NnOp *op)
{
  NnScript *script = &torch->script;
  const NnDropoutAttrs *a = op->attrs;
  const gint rank = nn_script_shape (script, op->in[0])->rank;
  const gboolean spatial = op->type == &nn_op_spatial_dropout && rank > 1;
  const gboolean first = spatial || nn_script_is_first (script, op, 0);
  const char *x = nn_script_read (script, op, 0, first);
  nn_torch_make (torch, op,
                 nn_script_text (script, "nn.Dropout%s(%s)",
                                 !spatial    ? ""
                                 : rank == 3 ? "2d"
                                             : "1d",
                                 nn_script_float (script, a->rate)));
  nn_torch_apply (torch, op, first, x);
}

void
nn_torch_noise (NnTorch *torch, const NnOp *op)
{
  NnScript *script = &torch->script;
  const char *layer;
  gboolean training_only;
  const char *arguments = nn_script_noise (script, op, &layer, &training_only);
  nn_torch_make (torch, op,
                 nn_script_text (script, "%s(%s%s)", layer, arguments,
                                 training_only ? ", in_validation=False" : ""));
  nn_torch_apply (torch, op, nn_script_is_first (script, op, 0),
                  nn_script_read_as_is (script, op, 0));
}

void
nn_torch_sampling (NnTorch *torch, const NnOp *op)
{
  NnScript *script = &torch->script;
  const NnSamplingAttrs *a = op->attrs;
  const gboolean first = nn_script_is_first (script, op, 0);
  const char *mean = nn_script_read (script, op, 0, first);
  const char *log_variance = nn_script_read (script, op, 1, first);
  nn_torch_make (
      torch, op,
      nn_script_text (script, "Sampling(in_validation=%s)", a->training_only ? "False" : "True"));
  nn_torch_note_penalty (torch, a->beta,
                         nn_script_text (script, "kl_divergence(%s, %s)", mean, log_variance));
  nn_torch_apply (torch, op, first, nn_script_text (script, "%s, %s", mean, log_variance));
}

/* y is x, under a name that a penalty can speak of. */
static const char *
same (NnTorch *torch, const NnOp *op)
{
  NnScript *script = &torch->script;
  const char *x = nn_script_read_as_is (script, op, 0);
  const gboolean first = nn_script_is_first (script, op, 0);
  if (strpbrk (x, "(. "))
    x = nn_script_assign (script, op, first, x);
  script->value[op->out[0]] = (char *)x;
  script->is_first[op->out[0]] = first;
  return x;
}

void
nn_torch_activity_penalty (NnTorch *torch, const NnOp *op)
{
  NnScript *script = &torch->script;
  const NnActivityAttrs *a = op->attrs;
  const char *x = same (torch, op);
  if (a->l1 > 0)
    nn_torch_note_penalty (torch, a->l1, nn_script_text (script, "%s.abs().sum() / len(%s)", x, x));
  if (a->l2 > 0)
    nn_torch_note_penalty (torch, a->l2,
                           nn_script_text (script, "%s.square().sum() / len(%s)", x, x));
}

void
nn_torch_kl_sparsity (NnTorch *torch, const NnOp *op)
{
  const NnKlSparsityAttrs *a = op->attrs;
  const char *x = same (torch, op);
  nn_torch_note_penalty (torch, a->beta,
                         nn_script_text (&torch->script, "kl_sparsity(%s, rho=%s)", x,
                                         nn_script_float (&torch->script, a->rho)));
}

/* The slope of an activation from its output, %s; %a: alpha. */
static const char *const slopes[NN_N_ACTIVATIONS] = {
  [NN_ACTIVATION_LINEAR] = "torch.ones_like(%s)",
  [NN_ACTIVATION_RELU] = "(%s > 0).float()",
  [NN_ACTIVATION_LEAKY_RELU] = "torch.where(%s > 0, 1.0, %a)",
  [NN_ACTIVATION_ELU] = "torch.where(%s > 0, torch.ones_like(%s), %s + %a)",
  [NN_ACTIVATION_SIGMOID] = "%s * (1 - %s)",
  [NN_ACTIVATION_TANH] = "1 - %s.square()",
  [NN_ACTIVATION_SELU] = ("torch.where(%s > 0, 1.0507009873554805 * torch.ones_like(%s), "
                          "%s + 1.7580993408473766)"),
  [NN_ACTIVATION_SOFTPLUS] = "1 - torch.exp(-%s)",
};

void
nn_torch_contractive (NnTorch *torch, const NnOp *op)
{
  NnScript *script = &torch->script;
  const NnContractiveAttrs *a = op->attrs;
  const char *y = same (torch, op);
  g_autoptr (GString) slope = g_string_new (slopes[a->function]);
  g_string_replace (slope, "%a", nn_script_float (script, a->alpha), 0);
  g_string_replace (slope, "%s", y, 0);
  const char *weight = nn_script_text (script, "self.%s.weight%s",
                                       nn_script_layer (script, nn_script_owner (script, op, 0)),
                                       a->transposed ? ".t()" : "");
  nn_torch_note_penalty (torch, a->lambda,
                         nn_script_text (script, "contractive(%s, %s)", slope->str, weight));
}
