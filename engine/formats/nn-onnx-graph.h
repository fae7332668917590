/* nn-onnx-graph.h: an ONNX graph while it is put together: the generated messages
 * (onnx.pb-c.h) with what they point to, and which names values have in it.
 *
 * ONNX's convolutions want channels first; the program has them last. A value may be there in both
 * layouts: it is transposed when somebody asks for the one that it is not in, once.
 */
#pragma once

#include "formats/nn-export-model.h"
#include "formats/onnx.pb-c.h"

G_BEGIN_DECLS

typedef enum
{
  NN_ONNX_LAST,  /* (N, ..., C), as in the program */
  NN_ONNX_FIRST, /* (N, C, ...) */
} NnOnnxLayout;

typedef struct
{
  const NnExportModel *model; /* borrowed */
  GPtrArray *nodes;           /* Onnx__NodeProto */
  GPtrArray *initializers;    /* Onnx__TensorProto */
  GPtrArray *memory;          /* everything the messages point to */
  GHashTable *names;          /* taken, char * */
  GHashTable *constants;      /* key -> name of the initializer */
  const char *(*value)[2];    /* by value and layout: its name, NULL where it is not there */
  NnOnnxLayout *produced;     /* by value: the layout that it came in */
} NnOnnxGraph;

void nn_onnx_graph_init (NnOnnxGraph *graph, const NnExportModel *model);
void nn_onnx_graph_clear (NnOnnxGraph *graph);

/* ---- memory that lives as long as the graph ---- */
gpointer nn_onnx_alloc (NnOnnxGraph *graph, gsize size); /* zeros */
const char *nn_onnx_copy (NnOnnxGraph *graph, const char *text);

/* ---- values of the program ---- */
/* Channels exist, and layouts differ, from two axes on. */
gboolean nn_onnx_has_layouts (const NnOnnxGraph *graph, guint value);
/* Name of an operation's input in that layout. */
const char *nn_onnx_read (NnOnnxGraph *graph, guint value, NnOnnxLayout layout);
/* The layout in which input i of op is there without a transposition. */
NnOnnxLayout nn_onnx_layout (const NnOnnxGraph *graph, const NnOp *op, guint i);
/* A name for the value that the next node gives in that layout. */
const char *nn_onnx_define (NnOnnxGraph *graph, guint value, NnOnnxLayout layout);
/* A name for what lies between two nodes of one operation. */
const char *nn_onnx_between (NnOnnxGraph *graph, const NnOp *op, const char *what);
const NnShape *nn_onnx_shape (const NnOnnxGraph *graph, guint value);

/* ---- nodes ---- */
/* inputs: ended by a NULL; "" is one that is left out. */
Onnx__NodeProto *nn_onnx_add_node (NnOnnxGraph *graph, const char *type, const char *output,
                                   const char *const *inputs);
/* With the inputs one after the other. */
#define nn_onnx_node(graph, type, output, ...)                                                     \
  nn_onnx_add_node (graph, type, output, (const char *const[]){ __VA_ARGS__, NULL })
void nn_onnx_add_input (NnOnnxGraph *graph, Onnx__NodeProto *node, const char *input);
void nn_onnx_set_int (NnOnnxGraph *graph, Onnx__NodeProto *node, const char *name, gint64 value);
void nn_onnx_set_ints (NnOnnxGraph *graph, Onnx__NodeProto *node, const char *name,
                       const gint64 *values, gsize n);
void nn_onnx_set_float (NnOnnxGraph *graph, Onnx__NodeProto *node, const char *name, float value);
void nn_onnx_set_floats (NnOnnxGraph *graph, Onnx__NodeProto *node, const char *name,
                         const float *values, gsize n);
void nn_onnx_set_text (NnOnnxGraph *graph, Onnx__NodeProto *node, const char *name,
                       const char *value);
void nn_onnx_set_texts (NnOnnxGraph *graph, Onnx__NodeProto *node, const char *name,
                        const char *const *values, gsize n);

/* ---- initializers; equal ones are there once ---- */
const char *nn_onnx_float (NnOnnxGraph *graph, float value);              /* no axes */
const char *nn_onnx_constant (NnOnnxGraph *graph, float value, gint64 n); /* (n) equal ones */
const char *nn_onnx_floats (NnOnnxGraph *graph, const char *name, const float *values, gsize n);
const char *nn_onnx_ints (NnOnnxGraph *graph, const gint64 *values, gsize n);
/* data lives as long as the graph (nn_onnx_alloc()), or as the model. */
const char *nn_onnx_tensor (NnOnnxGraph *graph, const char *name, const NnShape *shape,
                            const float *data);

/* Weight k of op, seen as `view`, its axes in another order (NULL: as they are), declared as
 * shape. */
const char *nn_onnx_weight (NnOnnxGraph *graph, const NnOp *op, guint k, const NnShape *view,
                            const guint *order, const NnShape *shape);
const char *nn_onnx_plain_weight (NnOnnxGraph *graph, const NnOp *op, guint k);
const NnShape *nn_onnx_weight_shape (const NnOnnxGraph *graph, const NnOp *op, guint k);
const float *nn_onnx_weight_data (const NnOnnxGraph *graph, const NnOp *op, guint k);
/* "dense_1.kernel", and behind it what was done to it; taken. */
const char *nn_onnx_weight_name (NnOnnxGraph *graph, const NnOp *op, guint k, const char *what);

/* ---- operations (nn-onnx-ops.c, nn-onnx-recurrent.c) ---- */
/* NULL where ONNX cannot say it. */
typedef void (*NnOnnxTranslate) (NnOnnxGraph *graph, const NnOp *op);
NnOnnxTranslate nn_onnx_translation (const NnOpType *type);
void nn_onnx_lstm (NnOnnxGraph *graph, const NnOp *op);
void nn_onnx_gru (NnOnnxGraph *graph, const NnOp *op);
void nn_onnx_simple_rnn (NnOnnxGraph *graph, const NnOp *op);

G_END_DECLS
