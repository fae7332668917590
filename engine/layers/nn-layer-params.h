/* nn-layer-params.h: rows of parameter tables that several layers share. */
#pragma once

#include "layers/nn-layer.h"

G_BEGIN_DECLS

/* Ids in the order of NnActivation, ended by a NULL id. */
extern const NnChoice nn_activation_choices[];

#define NN_PARAM_ACTIVATION(def_id)                                                                \
  {                                                                                                \
    .name = "activation", .title = N_ ("Activation"),                                              \
    .tip = N_ ("The function each value passes through; without one the network stays linear."),   \
    .type = NN_PARAM_CHOICE, .flags = NN_PARAM_STRUCTURAL, .def_text = def_id,                     \
    .choices = nn_activation_choices                                                               \
  }

#define NN_PARAM_ALPHA                                                                             \
  {                                                                                                \
    .name = "alpha", .title = N_ ("Alpha"),                                                        \
    .tip = N_ ("Slope (leaky ReLU) or depth (ELU) for values below zero."),                        \
    .type = NN_PARAM_FLOAT, .def = 0.3, .min = 0, .max = 10, .soft_min = 0, .soft_max = 1,         \
    .shown_if = "activation=leaky-relu|elu"                                                        \
  }

#define NN_PARAM_PENALTY(id, label, text, extra)                                                   \
  {                                                                                                \
    .name = id, .title = label, .tip = text, .type = NN_PARAM_FLOAT,                               \
    .flags = NN_PARAM_LOG | NN_PARAM_OFF_AT_ZERO | (extra), .def = 0, .min = 0, .max = 1000,       \
    .soft_min = 1e-6, .soft_max = 1e-3                                                             \
  }

/* For corruption that may stop where nothing is trained. */
#define NN_PARAM_TRAINING_ONLY                                                                     \
  {                                                                                                \
    .name = "training-only", .title = N_ ("Training only"),                                        \
    .tip = N_ ("Off: validation and pictures are corrupted too, so that repair can be seen."),     \
    .type = NN_PARAM_BOOL, .flags = NN_PARAM_ADVANCED, .def = 0, .min = 0, .max = 1                \
  }

/* Of normalising layers. */
#define NN_PARAM_NORM_EPSILON                                                                      \
  {                                                                                                \
    .name = "epsilon", .title = N_ ("Epsilon"),                                                    \
    .tip = N_ ("Added to the variance, so that equal values are not blown up."),                   \
    .type = NN_PARAM_FLOAT, .flags = NN_PARAM_LOG | NN_PARAM_ADVANCED, .def = 1e-3, .min = 1e-12,  \
    .max = 1, .soft_min = 1e-6, .soft_max = 1e-1                                                   \
  }

#define NN_PARAM_NORM_SCALE                                                                        \
  {                                                                                                \
    .name = "scale", .title = N_ ("Scale"), .tip = N_ ("A trained factor for each feature."),      \
    .type = NN_PARAM_BOOL, .flags = NN_PARAM_STRUCTURAL | NN_PARAM_ADVANCED, .def = 1, .min = 0,   \
    .max = 1                                                                                       \
  }

#define NN_PARAM_NORM_CENTRE                                                                       \
  {                                                                                                \
    .name = "centre", .title = N_ ("Centre"),                                                      \
    .tip = N_ ("A trained number added to each feature."), .type = NN_PARAM_BOOL,                  \
    .flags = NN_PARAM_STRUCTURAL | NN_PARAM_ADVANCED, .def = 1, .min = 0, .max = 1                 \
  }

/* Title of a choice parameter's value, translated. */
const char *nn_choice_title (const NnParams *params, const char *name);

/* One input and one output. */
extern const NnPort nn_ports_in[];
extern const NnPort nn_ports_out[];

/* infer() of layers whose output has the shape of their input. */
gboolean nn_infer_same (const NnParams *params, const NnInferContext *context, NnShape *out,
                        GError **error);

/* The same, for layers that work on the last axis and need one. */
gboolean nn_infer_features (const NnParams *params, const NnInferContext *context, NnShape *out,
                            GError **error);

/* Appends the trained factor and the trained number of each of `features` features, where wanted,
 * to weights; returns how many. */
guint nn_lower_norm_weights (NnLowering *lowering, gint64 features, gboolean scale, gboolean centre,
                             guint *weights);

G_END_DECLS
