#include "diabolo-config.h"

#include "base/nn-activation.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static const NnActivationInfo activations[] = {
  [NN_ACTIVATION_LINEAR] = { .id = "linear",
                             .title = N_ ("Linear"),
                             .formula = "x",
                             .summary = N_ ("No bend: for outputs that may take any value."),
                             .from_output = TRUE },
  [NN_ACTIVATION_RELU] = { .id = "relu",
                           .title = N_ ("ReLU"),
                           .formula = "max(x, 0)",
                           .summary = N_ ("The usual choice for hidden layers: fast, and many "
                                          "values are zero."),
                           .from_output = TRUE,
                           .has_kink = TRUE },
  [NN_ACTIVATION_LEAKY_RELU] = { .id = "leaky-relu",
                                 .title = N_ ("Leaky ReLU"),
                                 .formula = "max(x, αx)",
                                 .summary = N_ ("ReLU that lets a little through below zero, so "
                                                "that no unit stops learning."),
                                 .from_output = TRUE,
                                 .has_alpha = TRUE,
                                 .has_kink = TRUE },
  [NN_ACTIVATION_ELU] = { .id = "elu",
                          .title = N_ ("ELU"),
                          .formula = "x > 0: x, else α(eˣ − 1)",
                          .summary = N_ ("A smooth ReLU whose mean output stays near zero."),
                          .from_output = TRUE,
                          .has_alpha = TRUE,
                          .has_kink = TRUE },
  [NN_ACTIVATION_SIGMOID] = { .id = "sigmoid",
                              .title = N_ ("Sigmoid"),
                              .formula = "1 / (1 + e⁻ˣ)",
                              .summary = N_ ("Squeezes into 0 to 1: for pixels and probabilities."),
                              .from_output = TRUE },
  [NN_ACTIVATION_TANH] = { .id = "tanh",
                           .title = N_ ("Tanh"),
                           .formula = "tanh(x)",
                           .summary = N_ ("Squeezes into −1 to 1, centred on zero."),
                           .from_output = TRUE },
  [NN_ACTIVATION_SOFTPLUS] = { .id = "softplus",
                               .title = N_ ("Softplus"),
                               .formula = "log(1 + eˣ)",
                               .summary = N_ ("A smooth ReLU: for outputs that must be positive."),
                               .from_output = TRUE },
  [NN_ACTIVATION_SELU] = { .id = "selu",
                           .title = N_ ("SELU"),
                           .formula = "λx, x < 0: λα(eˣ − 1)",
                           .summary = N_ ("An ELU scaled so that deep stacks keep mean 0 and "
                                          "variance 1; start from LeCun normal weights."),
                           .from_output = TRUE,
                           .has_kink = TRUE },
  [NN_ACTIVATION_GELU] = { .id = "gelu",
                           .title = N_ ("GELU"),
                           .formula = "x Φ(x)",
                           .summary = N_ ("A smooth ReLU that dips below zero: the usual choice "
                                          "in transformers.") },
  [NN_ACTIVATION_SILU] = { .id = "silu",
                           .title = N_ ("SiLU"),
                           .formula = "x / (1 + e⁻ˣ)",
                           .summary = N_ ("A smooth ReLU that dips below zero, also called "
                                          "swish.") },
  [NN_ACTIVATION_HARD_SIGMOID] = { .id = "hard-sigmoid",
                                   .title = N_ ("Hard sigmoid"),
                                   .formula = "min(max(x/5 + ½, 0), 1)",
                                   .summary = N_ ("A sigmoid of straight lines: quicker, but flat "
                                                  "ends learn nothing."),
                                   .from_output = TRUE,
                                   .has_kink = TRUE },
  [NN_ACTIVATION_RELU6] = { .id = "relu6",
                            .title = N_ ("ReLU6"),
                            .formula = "min(max(x, 0), 6)",
                            .summary = N_ ("ReLU with a ceiling: what networks for phones use."),
                            .from_output = TRUE,
                            .has_kink = TRUE },
  [NN_ACTIVATION_HARD_SWISH] = { .id = "hard-swish",
                                 .title = N_ ("Hard swish"),
                                 .formula = "x min(max(x/6 + ½, 0), 1)",
                                 .summary = N_ ("A SiLU of straight lines and a parabola: "
                                                "quicker."),
                                 .has_kink = TRUE },
  [NN_ACTIVATION_SOFTSIGN] = { .id = "softsign",
                               .title = N_ ("Softsign"),
                               .formula = "x / (1 + |x|)",
                               .summary = N_ ("Like tanh, but it nears its ends more slowly."),
                               .from_output = TRUE },
  [NN_ACTIVATION_SOFTMAX] = { .id = "softmax",
                              .title = N_ ("Softmax"),
                              .formula = "eˣⁱ / Σ eˣʲ",
                              .summary = N_ ("Shares of one whole along the last axis: for the "
                                             "probabilities of classes."),
                              .from_output = TRUE },
  [NN_ACTIVATION_LOG_SOFTMAX] = { .id = "log-softmax",
                                  .title = N_ ("Log softmax"),
                                  .formula = "xᵢ − log Σ eˣʲ",
                                  .summary = N_ ("The logarithms of a softmax: how PyTorch's "
                                                 "classifiers often end."),
                                  .from_output = TRUE },
};

G_STATIC_ASSERT (G_N_ELEMENTS (activations) == NN_N_ACTIVATIONS);

const NnActivationInfo *
nn_activation_info (NnActivation activation)
{
  g_return_val_if_fail (activation < NN_N_ACTIVATIONS, NULL);

  return &activations[activation];
}

gint
nn_activation_from_id (const char *id)
{
  for (gint i = 0; i < NN_N_ACTIVATIONS; i++)
    if (strcmp (activations[i].id, id) == 0)
      return i;
  return -1;
}
