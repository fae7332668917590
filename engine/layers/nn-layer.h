/* nn-layer.h: what a node of the graph can be. One type = one file in layers/ = one constant
 * descriptor, listed in nn-layer-registry.c.
 *
 * A layer does no arithmetic: it checks shapes and lowers itself to primitive operations
 * (ops/nn-op.h), which the plan executes and the exporters translate.
 */
#pragma once

#include "base/nn-params.h"
#include "model/nn-program.h"

G_BEGIN_DECLS

typedef enum
{
  NN_CATEGORY_INPUT, /* inputs and objectives */
  NN_CATEGORY_CORE,
  NN_CATEGORY_CONVOLUTION,
  NN_CATEGORY_NOISE,
  NN_CATEGORY_SEQUENCE,
  NN_CATEGORY_VARIATIONAL,
  NN_N_CATEGORIES
} NnCategory;

const char *nn_category_id (NnCategory category);    /* "core": css class, files */
const char *nn_category_title (NnCategory category); /* "Core" */

typedef enum
{
  NN_LAYER_INPUT = 1 << 0,     /* takes its shape from a data set field */
  NN_LAYER_OBJECTIVE = 1 << 1, /* ends the graph in a number */
  NN_LAYER_CORRUPTS = 1 << 2,  /* noise, masks, dropout: its output is what the network sees */
  NN_LAYER_CODE = 1 << 3,      /* always the code where present (VAE sampling) */
} NnLayerFlags;

typedef struct
{
  const char *name; /* "input", "prediction", "target" */
  const char *tip;
  gboolean optional;
} NnPort;

/* What infer() may look at besides the parameters. */
typedef struct
{
  const NnDataInfo *data; /* fields of the chosen data set, never NULL */
  guint n_in;             /* number of input ports */
  const NnShape *in;      /* (n_in); rank -1 where an optional port is not connected */
} NnInferContext;

/* One configuration for the tests that walk the registry. */
typedef struct
{
  const char *name;
  const char
      *params; /* "units=3 activation=elu", as nn_params_with_text() reads them; NULL: defaults */
  const char *in[3]; /* input shapes, "4x4x2"; NULL-terminated */
  double tolerance;  /* relative, of the gradient check; 0: 1e-2 */
  gboolean whole;    /* inputs are whole numbers, which have no gradient */
  const char *idle;  /* a weight that nothing depends on in this configuration, or NULL */
  /* NULL, or why the gradient is not meant to be that of the loss; the numeric check is then left
   * out, and a test of the layer's own has numbers worked out by hand. */
  const char *estimator;
  gboolean constant_alone; /* a batch of one gives the same whatever comes in: no gradient */
  gboolean unit_range;     /* inputs from 0 to 1 instead of N(0, 1) */
} NnLayerTest;

struct _NnLayerType
{
  const char *id; /* "dense" */
  guint version;  /* of its parameters' meaning */
  const char *title;
  NnCategory category;
  const char *icon;        /* icon name, "nn-dense-symbolic" */
  const char *summary;     /* one line: what it is ("fully connected") */
  const char *when_to_use; /* one or two sentences */
  guint flags;
  const NnParamSpec *params; /* or NULL */
  const NnPort *inputs;      /* ended by a NULL name; may be NULL */
  const NnPort *outputs;

  /* out: one shape per output port. FALSE with NN_ERROR_SHAPE naming expected and actual sizes. */
  gboolean (*infer) (const NnParams *params, const NnInferContext *context, NnShape *out,
                     GError **error);

  /* Appends operations to the program through nn_lowering_*(). infer() has succeeded before. */
  void (*lower) (const NnParams *params, NnLowering *lowering);

  /* The line under the name on its card: "Dense · ReLU". NULL: title. (transfer full) */
  char *(*describe) (const NnParams *params);

  /* Optional. Parameters that would make the (single) output equal to wanted, or NULL where none
   * would: the certain fix "Set units to 784". label (out, transfer full) names it. (transfer full)
   */
  NnParams *(*match_output) (const NnParams *params, const NnShape *in, const NnShape *wanted,
                             char **label);

  /* Optional, for layers that "Mirror encoder" can undo. Given this layer's parameters and the
   * shape it received and gave, the type and parameters of the layer that maps back (NULL type:
   * skip it). (transfer full) */
  NnParams *(*mirror) (const NnParams *params, const NnShape *in, const NnShape *out,
                       const NnLayerType **type);

  /* Optional, beside mirror(): a layer that goes before that one, or NULL: an LSTM that gives its
   * last state alone is undone by a repetition and an LSTM. (transfer full) */
  NnParams *(*mirror_first) (const NnParams *params, const NnShape *in, const NnShape *out,
                             const NnLayerType **type);

  const NnLayerTest *tests; /* ended by a NULL name; never NULL */
};

/* NULL-terminated, in palette order. Static. */
const NnLayerType *const *nn_layer_types (void);
const NnLayerType *nn_layer_type (const char *id); /* NULL if unknown */

guint nn_layer_n_inputs (const NnLayerType *type);
guint nn_layer_n_outputs (const NnLayerType *type);

G_END_DECLS
