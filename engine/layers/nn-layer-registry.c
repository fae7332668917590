/* Every layer type there is: one line each, in palette order. */
#include "diabolo-config.h"

#include "layers/nn-layer.h"

#include <glib/gi18n-lib.h>

#define LAYERS(X)                                                                                  \
  X (input)                                                                                        \
  X (reconstruction_loss)                                                                          \
  X (classification_loss)                                                                          \
  X (dense)                                                                                        \
  X (activation)                                                                                   \
  X (prelu)                                                                                        \
  X (flatten)                                                                                      \
  X (reshape)                                                                                      \
  X (conv2d)                                                                                       \
  X (depthwise_conv2d)                                                                             \
  X (separable_conv2d)                                                                             \
  X (conv2d_transpose)                                                                             \
  X (conv1d)                                                                                       \
  X (max_pool2d)                                                                                   \
  X (avg_pool2d)                                                                                   \
  X (max_pool1d)                                                                                   \
  X (global_avg_pool)                                                                              \
  X (global_max_pool)                                                                              \
  X (upsampling2d)                                                                                 \
  X (resize)                                                                                       \
  X (zero_padding)                                                                                 \
  X (cropping)                                                                                     \
  X (permute)                                                                                      \
  X (batch_norm)                                                                                   \
  X (layer_norm)                                                                                   \
  X (activity_penalty)                                                                             \
  X (kl_sparsity)                                                                                  \
  X (add)                                                                                          \
  X (average)                                                                                      \
  X (multiply)                                                                                     \
  X (maximum)                                                                                      \
  X (concatenate)                                                                                  \
  X (gaussian_noise)                                                                               \
  X (dropout)                                                                                      \
  X (spatial_dropout)                                                                              \
  X (salt_and_pepper)                                                                              \
  X (mask_out)                                                                                     \
  X (augment)                                                                                      \
  X (lstm)                                                                                         \
  X (gru)                                                                                          \
  X (simple_rnn)                                                                                   \
  X (repeat_vector)                                                                                \
  X (embedding)                                                                                    \
  X (sampling)                                                                                     \
  X (vector_quantizer)

#define DECLARE(name) extern const NnLayerType nn_layer_##name;
#define ENTRY(name) &nn_layer_##name,

LAYERS (DECLARE)

static const NnLayerType *const types[] = { LAYERS (ENTRY) NULL };

static const struct
{
  const char *id, *title;
} categories[NN_N_CATEGORIES] = {
  { "input", N_ ("Input & objectives") }, { "core", N_ ("Core") },
  { "convolution", N_ ("Convolution") },  { "noise", N_ ("Noise & masks") },
  { "sequence", N_ ("Sequence") },        { "variational", N_ ("Variational") },
};

const NnLayerType *const *
nn_layer_types (void)
{
  return types;
}

const NnLayerType *
nn_layer_type (const char *id)
{
  for (guint i = 0; types[i]; i++)
    if (g_strcmp0 (types[i]->id, id) == 0)
      return types[i];
  return NULL;
}

static guint
count_ports (const NnPort *ports)
{
  guint n = 0;
  while (ports && ports[n].name)
    n++;
  return n;
}

guint
nn_layer_n_inputs (const NnLayerType *type)
{
  return count_ports (type->inputs);
}

guint
nn_layer_n_outputs (const NnLayerType *type)
{
  return count_ports (type->outputs);
}

const char *
nn_category_id (NnCategory category)
{
  return categories[category].id;
}

const char *
nn_category_title (NnCategory category)
{
  return _ (categories[category].title);
}
