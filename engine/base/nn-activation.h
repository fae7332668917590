/* nn-activation.h: the table of elementwise functions (and softmax) that layers can end in. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The order is that of nn_activations(); kernels switch on it. */
typedef enum
{
  NN_ACTIVATION_LINEAR,
  NN_ACTIVATION_RELU,
  NN_ACTIVATION_LEAKY_RELU, /* x < 0: alpha x, alpha 0.3 as Keras 2 (default), a parameter */
  NN_ACTIVATION_ELU,        /* x < 0: alpha (exp x - 1) */
  NN_ACTIVATION_SIGMOID,
  NN_ACTIVATION_TANH,
  NN_ACTIVATION_SOFTPLUS,
  NN_ACTIVATION_SELU,         /* scale x; x < 0: scale alpha (exp x - 1), both constants */
  NN_ACTIVATION_GELU,         /* x times the normal distribution function, not its tanh relative */
  NN_ACTIVATION_SILU,         /* x sigmoid (x) */
  NN_ACTIVATION_HARD_SIGMOID, /* x / 5 + 1 / 2 within 0 .. 1, as Keras 2 and ONNX */
  NN_ACTIVATION_RELU6,        /* x within 0 .. 6 */
  NN_ACTIVATION_HARD_SWISH,   /* x min (max (x / 6 + 1 / 2, 0), 1), as ONNX and PyTorch */
  NN_ACTIVATION_SOFTSIGN,     /* x / (1 + |x|) */
  NN_ACTIVATION_SOFTMAX,      /* over the last axis, and so are those behind it */
  NN_ACTIVATION_LOG_SOFTMAX,
  NN_N_ACTIVATIONS
} NnActivation;

typedef struct
{
  const char *id;       /* "leaky-relu": what files say */
  const char *title;    /* "Leaky ReLU" */
  const char *formula;  /* "max(x, αx)" */
  const char *summary;  /* when to use it */
  gboolean from_output; /* the derivative follows from the output alone, so it may run in place */
  gboolean has_alpha;
  gboolean has_kink; /* not differentiable at 0: gradient checks keep away from it */
} NnActivationInfo;

const NnActivationInfo *nn_activation_info (NnActivation activation);

/* -1 if unknown. */
gint nn_activation_from_id (const char *id);

G_END_DECLS
