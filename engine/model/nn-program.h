/* nn-program.h: a design lowered to primitive operations, before any batch size or buffer is
 * chosen. The plan executes it; exporters translate it.
 */
#pragma once

#include "base/nn-activation.h"
#include "base/nn-params.h"
#include "base/nn-tensor.h"
#include "model/nn-types.h"

G_BEGIN_DECLS

#define NN_OP_MAX_IN 8
#define NN_OP_MAX_OUT 2
#define NN_OP_MAX_WEIGHTS 12

typedef enum
{
  NN_INIT_ZEROS,
  NN_INIT_ONES,
  NN_INIT_GLOROT_UNIFORM,
  NN_INIT_GLOROT_NORMAL, /* truncated at 2 sigma, as Keras */
  NN_INIT_HE_UNIFORM,
  NN_INIT_HE_NORMAL,
  NN_INIT_LECUN_NORMAL,
  NN_INIT_RANDOM_NORMAL,  /* sigma 0.05 */
  NN_INIT_RANDOM_UNIFORM, /* -0.05 .. 0.05 */
  NN_INIT_ORTHOGONAL,     /* rows, or columns where there are fewer, at right angles, length 1 */
  NN_N_INITS
} NnInit;

/* Ended by a NULL id; index = NnInit. For parameter tables. */
extern const NnChoice nn_initialiser_choices[];

/* One tensor that flows: the output of an operation or of an input. Index = position in program. */
typedef struct
{
  NnShape shape;
  gint64 size;
  guint node;    /* node it belongs to */
  gint producer; /* op index, -1 for an input */
} NnValue;

/* One trained tensor, or one that is kept with them. */
typedef struct
{
  guint node;
  char *name; /* "kernel", "bias" */
  NnShape shape;
  gint64 size;
  NnInit init;
  gint64 fan_in, fan_out;
  float l1, l2; /* penalties: l1 sum|w| + l2 sum w^2, added to the loss as Keras does */
  gint64 ones_begin, ones_end; /* values that start at 1 whatever init says: a forget gate's bias */
  gboolean frozen;
  gboolean state;    /* kept up by its operation, not trained (then frozen, too) */
  gboolean promised; /* made for a node that is still to be lowered */
} NnWeight;

typedef struct
{
  guint value;
  char *field; /* data set field that fills it */
} NnProgramInput;

typedef struct
{
  const NnOpType *type;
  guint node;
  guint n_in, n_out, n_weights;
  guint in[NN_OP_MAX_IN], out[NN_OP_MAX_OUT];
  guint weight[NN_OP_MAX_WEIGHTS];
  gpointer attrs; /* owned copy of the type's attribute struct (type->attrs_size), or NULL */
} NnOp;

struct _NnProgram
{
  gatomicrefcount refs;
  GArray *values;  /* NnValue */
  GArray *weights; /* NnWeight */
  GArray *ops;     /* NnOp, in execution order */
  GArray *inputs;  /* NnProgramInput */
  guint n_promised;
  const NnDataInfo *data; /* borrowed from the analysis, while it lowers; or NULL */
};

NnProgram *nn_program_ref (NnProgram *program);
void nn_program_unref (NnProgram *program);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnProgram, nn_program_unref)

#define nn_program_value(p, i) (&g_array_index ((p)->values, NnValue, (i)))
#define nn_program_weight(p, i) (&g_array_index ((p)->weights, NnWeight, (i)))
#define nn_program_op(p, i) (&g_array_index ((p)->ops, NnOp, (i)))
#define nn_program_input(p, i) (&g_array_index ((p)->inputs, NnProgramInput, (i)))

/* Trained values in the weights of one node; multiply-adds of one sample through one node. */
gint64 nn_program_node_weights (const NnProgram *program, guint node);
gint64 nn_program_node_macs (const NnProgram *program, guint node);

/* ---- for layers: appending while lowering ---- */

/* The value connected to an input port; -1 where an optional one is not. */
gint nn_lowering_input (NnLowering *lowering, guint port);
const NnShape *nn_lowering_shape (NnLowering *lowering, guint value);
/* What infer() gave for an output port. */
const NnShape *nn_lowering_output_shape (NnLowering *lowering, guint port);
/* A new value of the given shape that only this node sees. */
guint nn_lowering_value (NnLowering *lowering, const NnShape *shape);
/* Declares which value is the node's output. A node may pass an input value through. */
void nn_lowering_output (NnLowering *lowering, guint port, guint value);
/* An input of the program, filled from a data set field; the same field twice gives the same value.
 */
guint nn_lowering_field (NnLowering *lowering, const char *field, const NnShape *shape);
guint nn_lowering_weight (NnLowering *lowering, const char *name, const NnShape *shape, NnInit init,
                          gint64 fan_in, gint64 fan_out, float l1, float l2);
/* TRUE where the weights that nn_lowering_weight() gave last have their axes turned round: only for
 * matrices of layers that pass this on. */
gboolean nn_lowering_transposed (NnLowering *lowering);
/* Values begin .. end - 1 of a weight start at 1. */
void nn_lowering_weight_ones (NnLowering *lowering, guint weight, gint64 begin, gint64 end);
/* A tensor that goes with the weights but is not trained: its operation writes it (finish()). */
guint nn_lowering_state (NnLowering *lowering, const char *name, const NnShape *shape, NnInit init);
/* The data set; NULL: not known. */
const NnDataInfo *nn_lowering_data (NnLowering *lowering);
gboolean nn_lowering_frozen (NnLowering *lowering);
/* Copies attrs (type->attrs_size bytes). Arrays may be NULL where their count is 0. */
void nn_lowering_op (NnLowering *lowering, const NnOpType *type, gconstpointer attrs, guint n_in,
                     const guint *in, guint n_out, const guint *out, guint n_weights,
                     const guint *weights);
/* Common case: one input, one output, no weights. Returns the new output value. */
guint nn_lowering_unary (NnLowering *lowering, const NnOpType *type, gconstpointer attrs, guint in,
                         const NnShape *shape);
/* in itself for NN_ACTIVATION_LINEAR, else the output of an activation op. */
guint nn_lowering_activation (NnLowering *lowering, NnActivation activation, float alpha, guint in);

/* ---- for the analysis, which drives the lowering node by node ---- */
NnProgram *nn_program_new (void);
/* in: value per input port (-1 unconnected). out_shape (n_out): what infer() gave. out (n_out) gets
 * the output values. */
void nn_program_lower_node (NnProgram *program, const NnLayerType *type, const NnParams *params,
                            guint node, gboolean frozen, const gint *in, guint n_in,
                            const NnShape *out_shape, gint *out, guint n_out);
/* The same for a node that uses the weights of another, lowered before or after it: see
 * nn_design_share_weights(). How they begin, what they cost and whether they are frozen is their
 * owner's affair. FALSE with NN_ERROR_SHAPE where they do not fit, from the one that is lowered
 * last; it has weights of its own then. */
gboolean nn_program_lower_sharing (NnProgram *program, const NnLayerType *type,
                                   const NnParams *params, guint node, gboolean frozen, guint owner,
                                   gboolean tied, const gint *in, guint n_in,
                                   const NnShape *out_shape, gint *out, guint n_out,
                                   GError **error);

G_END_DECLS
