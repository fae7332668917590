/* nn-import-graph.h: an ONNX graph while it is read: what its values are in terms of layers.
 *
 * ONNX has channels first, the program has them last; ONNX moves axes about with operators of their
 * own, and flattens in its order. A value here is therefore a layer's output with the way in which
 * ONNX's axes lie in it: Transpose, Reshape, Squeeze and the like change only that way, and a layer
 * that needs its axes in an order they are not in gets a Permute or Reshape before it.
 */
#pragma once

#include "base/nn-error.h"
#include "formats/nn-import.h"
#include "formats/onnx.pb-c.h"
#include "layers/nn-layer.h"

G_BEGIN_DECLS

#define NN_IMPORT_MAX_AXES 8
/* The axis of the samples, among atoms. */
#define NN_IMPORT_BATCH (-1)
/* Stands in whole numbers for the batch's size, which no file fixes. */
#define NN_IMPORT_BATCH_SIZE (G_MININT64 + 17)

/* Numbers that the file fixes. */
typedef struct
{
  guint rank;
  gint64 dim[NN_IMPORT_MAX_AXES]; /* each >= 0 */
  gsize n;                        /* their product */
  const float *f;                 /* (n) or NULL: */
  const gint64 *i;                /* (n) whole numbers */
  gboolean endless;               /* as many equal values as are asked for: f or i has one */
} NnImportConstant;

/* A layer to be. */
typedef struct
{
  const NnLayerType *type;
  NnParams *params;    /* owned */
  char *name;          /* owned; "" : as its type */
  NnShape shape;       /* of its output */
  guint n_from, *from; /* owned; layers */
  GPtrArray *weights;  /* (element-type NnNamedTensor) owned */
  gboolean frozen;
  gboolean used; /* leads to an output */
} NnImportLayer;

typedef struct
{
  const NnImportConstant *constant; /* or NULL: */
  GError *problem;                  /* owned; why it cannot be had; or NULL: */
  guint layer;
  /* Axes larger than 1 that cannot be taken apart, in the order of memory. */
  guint n_atoms;
  gint64 atom[NN_IMPORT_MAX_AXES];
  /* The same in ONNX's order, with the batch among them. */
  guint n_order;
  gint order[NN_IMPORT_MAX_AXES + 1];
  /* How many of them each of ONNX's axes consists of: none where its size is 1. */
  guint rank;
  guint group[NN_IMPORT_MAX_AXES];
  guint n_uses;      /* readers of its name */
  gboolean turned;   /* its steps run from the last to the first, unlike ONNX's */
  gboolean unshared; /* nothing else reads the layer: what follows may become part of it */
} NnImportValue;

typedef struct
{
  const char *source;            /* borrowed */
  const char *folder;            /* borrowed, nullable */
  const Onnx__GraphProto *graph; /* borrowed */
  gint64 opset;
  gboolean channels_last;      /* its images have their channels last already */
  gboolean own;                /* written by the program itself */
  gint64 batch_size;           /* that the file's inputs have; 0: any */
  GPtrArray *layers;           /* NnImportLayer */
  GHashTable *values;          /* name (borrowed) -> NnImportValue */
  GHashTable *producers;       /* name (borrowed) -> Onnx__NodeProto */
  GHashTable *uses;            /* name (borrowed) -> number of readers */
  GPtrArray *memory;           /* of constants */
  gsize memory_left;           /* bytes that constants and weights may still take */
  gboolean exhausted;          /* they have taken more */
  const Onnx__NodeProto *node; /* in hand */
} NnImportGraph;

void nn_import_graph_init (NnImportGraph *graph, const Onnx__GraphProto *message,
                           const char *source, const char *folder);
void nn_import_graph_clear (NnImportGraph *graph);

/* ---- saying no ---- */

/* About the node in hand, its name and type before the reason, which it takes. */
void nn_import_set_error (const NnImportGraph *graph, GError **error, NnErrorCode code,
                          char *reason);

/* Inline, that analysers see what all of the reading rests on: no value is used after a no. */
static inline gboolean
nn_import_refuse (const NnImportGraph *graph, GError **error, NnErrorCode code, char *reason)
{
  nn_import_set_error (graph, error, code, reason);
  return FALSE;
}

/* NN_ERROR_UNSUPPORTED with a text as of printf(). FALSE. */
#define nn_import_unsupported(graph, error, ...)                                                   \
  nn_import_refuse (graph, error, NN_ERROR_UNSUPPORTED, g_strdup_printf (__VA_ARGS__))
/* NN_ERROR_FORMAT, the same way. */
#define nn_import_bad(graph, error, ...)                                                           \
  nn_import_refuse (graph, error, NN_ERROR_FORMAT, g_strdup_printf (__VA_ARGS__))

/* ---- attributes and inputs of the node in hand ---- */

gboolean nn_import_has_input (const NnImportGraph *graph, guint i);
/* NULL with an error where there is none or it cannot be had. */
const NnImportValue *nn_import_input (const NnImportGraph *graph, guint i, GError **error);
/* The same for what must be a layer's output, or a constant. Steps that run the other way are
 * refused; as_is: they are not. */
const NnImportValue *nn_import_layer_input_as_is (const NnImportGraph *graph, guint i,
                                                  GError **error);
const NnImportValue *nn_import_layer_input (const NnImportGraph *graph, guint i, GError **error);
const NnImportConstant *nn_import_constant_input (const NnImportGraph *graph, guint i,
                                                  GError **error);
const NnImportValue *nn_import_find (const NnImportGraph *graph, const char *name);
const Onnx__AttributeProto *nn_import_attribute (const Onnx__NodeProto *node, const char *name);
gint64 nn_import_int (const NnImportGraph *graph, const char *name, gint64 otherwise);
float nn_import_float (const NnImportGraph *graph, const char *name, float otherwise);
/* (transfer full), "otherwise" where there is none */
char *nn_import_text (const NnImportGraph *graph, const char *name, const char *otherwise);
/* Exactly n numbers, or `otherwise` for each where there is none. */
gboolean nn_import_ints (const NnImportGraph *graph, const char *name, guint n, gint64 otherwise,
                         gint64 *out, GError **error);
/* An axis from the end is counted from the front. FALSE where there is none such. */
gboolean nn_import_axis (const NnImportGraph *graph, gint64 axis, guint rank, guint *out,
                         GError **error);
/* A set of axes that are an attribute, or an input i from some opset on. -1: all are missing. */
gint nn_import_axes (const NnImportGraph *graph, const char *name, guint i, guint rank,
                     guint out[NN_IMPORT_MAX_AXES], GError **error);
/* Who gives a value, and how many read it. */
const Onnx__NodeProto *nn_import_producer (const NnImportGraph *graph, const char *name);
guint nn_import_uses (const NnImportGraph *graph, const char *name);

/* ---- values ---- */

/* Size of an axis; NN_IMPORT_BATCH_SIZE for the batch. */
gint64 nn_import_dim (const NnImportValue *value, guint axis);
gint nn_import_batch_axis (const NnImportValue *value); /* -1: none */
/* All axes but the batch, in the order of memory; those of size 1 in ONNX's order, behind. Number
 * of axes. Axes whose atoms lie apart come where their first one lies. */
guint nn_import_memory_axes (const NnImportValue *value, guint axes[NN_IMPORT_MAX_AXES]);
/* Whether the axes lie in memory so. */
gboolean nn_import_lies (const NnImportGraph *graph, const NnImportValue *value, const guint *axes,
                         guint n);
/* An order that costs nothing: channels last, or as ONNX has them, or as memory has. */
guint nn_import_natural_axes (const NnImportGraph *graph, const NnImportValue *value,
                              guint axes[NN_IMPORT_MAX_AXES]);
/* The order that the outside gets a value in: images with channels last. */
guint nn_import_outside_axes (const NnImportGraph *graph, const NnImportValue *value,
                              guint axes[NN_IMPORT_MAX_AXES]);
/* A layer whose output has these ONNX axes, in this order: all but the batch. FALSE with an error.
 */
gboolean nn_import_arrange (NnImportGraph *graph, const NnImportValue *value, const guint *axes,
                            guint n, guint *layer, GError **error);
/* Moves one axis to the end, the others in the order of memory: `axes` (n) is what came out. */
gboolean nn_import_last (NnImportGraph *graph, const NnImportValue *value, guint axis, guint *layer,
                         guint axes[NN_IMPORT_MAX_AXES], guint *n, GError **error);
/* The same, but the axis keeps the order of memory within: index (transfer full, nullable) has for
 * each place in memory the one in ONNX's order. seen: how ONNX's axes lie in what came out. */
gboolean nn_import_features (NnImportGraph *graph, const NnImportValue *value, guint axis,
                             NnImportValue *seen, guint axes[NN_IMPORT_MAX_AXES], guint *n,
                             gsize **index, GError **error);

/* The value that layer gives: axis i of its shape is axes[i] of `rank` ONNX axes, batch is one of
 * them, the others have size 1. */
/* The same for a shape that is seen as n axes of these sizes. */
NnImportValue nn_import_view_sizes (guint layer, const guint *axes, const gint64 *sizes, guint n,
                                    guint rank, guint batch);
NnImportValue nn_import_view (const NnImportGraph *graph, guint layer, const guint *axes,
                              guint rank, guint batch);
/* Output i of the node in hand. */
void nn_import_define (NnImportGraph *graph, guint i, const NnImportValue *value);
/* Output 0: another layer's output that lies as `like` does. */
void nn_import_define_like (NnImportGraph *graph, const NnImportValue *like, guint layer);
/* Output 0: the same values, seen another way. */
void nn_import_define_view (NnImportGraph *graph, const NnImportValue *value);
/* A name that the graph has from elsewhere: an input. */
void nn_import_define_name (NnImportGraph *graph, const char *name, const NnImportValue *value);

/* ---- layers ---- */

#define nn_import_layer(g, i) ((NnImportLayer *)g_ptr_array_index ((g)->layers, (i)))

/* params: "units=3 activation=relu", or NULL. Its name is the node's. FALSE with an error that
 * names the node. */
gboolean nn_import_add (NnImportGraph *graph, const char *type, const char *params,
                        const guint *from, guint n_from, guint *layer, GError **error);
#define nn_import_add_one(g, type, params, from, layer, error)                                     \
  nn_import_add (g, type, params, (const guint[]){ from }, 1, layer, error)
/* A layer that no node of the file stands for: its name is its type's. */
gboolean nn_import_add_between (NnImportGraph *graph, const char *type, const char *params,
                                guint from, guint *layer, GError **error);
/* An input of the network; its field is called after name. */
void nn_import_add_input (NnImportGraph *graph, const char *name, const NnShape *shape,
                          guint *layer);
/* Changes one parameter of a layer. */
gboolean nn_import_set (NnImportGraph *graph, guint layer, const char *name, const char *value,
                        GError **error);
/* Takes a reference. */
void nn_import_add_weight (NnImportGraph *graph, guint layer, const char *name, NnTensor *tensor);
/* A vector. */
void nn_import_add_vector (NnImportGraph *graph, guint layer, const char *name, const float *values,
                           gsize n);
/* Output 0: x through an activation, which becomes part of the layer before where it can; uses: how
 * many readers of x are what this stands for. */
gboolean nn_import_activate (NnImportGraph *graph, const NnImportValue *x, const char *id,
                             double alpha, guint uses, GError **error);
/* y = scale x + shift for each value of an axis (n values, or n = 1: all alike); shift may be
 * NULL. As a frozen normalisation, where it cannot become part of the layer before. */
gboolean nn_import_affine (NnImportGraph *graph, const NnImportValue *x, guint axis,
                           const float *scale, const float *shift, gsize n, NnImportValue *out,
                           GError **error);

/* ---- constants (nn-import-constants.c, nn-import-folding.c) ---- */

/* NULL with an error that names it. (transfer none): lives as long as the graph */
NnImportConstant *nn_import_read_tensor (NnImportGraph *graph, const Onnx__TensorProto *tensor,
                                         const char *name, GError **error);
gboolean nn_import_is_whole_type (gint64 type); /* TRUE for those that are not known */
/* to[..] = from[..] with axis i of `to` that of `from` that order names; one of f and whole. */
void nn_import_permute (const NnImportConstant *from, const guint *order, float *f, gint64 *whole);
/* Initializers, with what is beside the file. */
gboolean nn_import_read_initializers (NnImportGraph *graph, GError **error);
/* The node in hand where all of its inputs are constants: TRUE, and its output is one, too. FALSE
 * without an error where it does not follow from constants. */
gboolean nn_import_fold (NnImportGraph *graph, GError **error);
/* Zeros of memory that lives as long as the graph; NULL and NN_ERROR_MEMORY where that is too much.
 */
gpointer nn_import_alloc (NnImportGraph *graph, gsize n, gsize size, GError **error);
double nn_import_number (const NnImportConstant *constant, gsize k); /* value k */
/* TRUE where all values are the same. */
gboolean nn_import_is_uniform (const NnImportConstant *constant);
/* Whole numbers; FALSE with an error where it has others or not n of them (n 0: any). */
gboolean nn_import_whole (const NnImportGraph *graph, const NnImportConstant *constant,
                          const char *what, gsize n, GError **error);
/* values: axis i of the tensor is axis order[i] of the constant (n_axes of them); shape says how
 * the result is seen. (transfer full) */
NnTensor *nn_import_permuted (const NnImportConstant *constant, const guint *order,
                              const NnShape *shape);

/* ---- operators (nn-import-ops.c and the files beside it): one row each ---- */

typedef gboolean (*NnImportTranslate) (NnImportGraph *graph, GError **error);
typedef struct
{
  const char *type;
  NnImportTranslate translate;
} NnImportOp;

extern const NnImportOp nn_import_ops[], nn_import_view_ops[], nn_import_window_ops[],
    nn_import_recurrent_ops[]; /* ended by NULL */
/* What several nodes say together: TRUE where the node in hand ends such a group, and its output is
 * defined. */
gboolean nn_import_pattern (NnImportGraph *graph, GError **error);
/* Two recurrent layers that read the same sequence from its ends, merged ("concatenate"): one layer
 * that does both. FALSE without an error where they are no such. */
gboolean nn_import_both_ways (NnImportGraph *graph, const char *merge, GError **error);
/* The last step of a recurrent layer's sequence. FALSE as before. */
gboolean nn_import_last_step (NnImportGraph *graph, GError **error);
/* All nodes in order. */
gboolean nn_import_nodes (NnImportGraph *graph, const NnLoadContext *context, GError **error);

/* ---- to a design (nn-import-design.c) ---- */
/* metadata (nullable): what the file says of itself. (transfer full) */
NnImport *nn_import_build (NnImportGraph *graph, const char *title, GHashTable *metadata,
                           GError **error);

G_END_DECLS
