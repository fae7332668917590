/* nn-design.h: the network as drawn. Immutable and reference-counted: an edit makes a new design
 * that shares the unchanged nodes, so undo swaps a pointer and any thread may read.
 *
 * All edits return a new design (transfer full) and never change the given one. Node ids are never
 * used again within one history of designs.
 */
#pragma once

#include "base/nn-params.h"
#include "model/nn-types.h"

G_BEGIN_DECLS

typedef struct
{
  gatomicrefcount refs;
  guint id; /* >= 1 */
  const NnLayerType *type;
  char *name; /* unique in the design, e.g. "Dense 1" */
  NnParams *params;
  double x, y; /* left edge and vertical centre of the card, canvas pixels at 100 % */
  gboolean frozen;
  guint weights_of; /* id of the node whose weights this one uses, 0: its own */
  gboolean tied;    /* only the kernel is used, turned round (see nn_design_share_weights()) */
  char *unknown;    /* JSON object of keys of newer minor versions, or NULL */
} NnNode;

/* Edits keep to one edge an input port and lead forward. Only a file can bring a second edge into a
 * port, which counts for nothing, or edges that go in a circle: the analysis names both, and such a
 * design does not train. */
typedef struct
{
  guint from, from_port; /* node id, output port index */
  guint to, to_port;     /* node id, input port index */
} NnEdge;

NnDesign *nn_design_new (void); /* empty, default settings */
NnDesign *nn_design_ref (NnDesign *design);
void nn_design_unref (NnDesign *design);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnDesign, nn_design_unref)

/* ---- reading ---- */
const char *nn_design_title (const NnDesign *design);
guint nn_design_n_nodes (const NnDesign *design);
const NnNode *nn_design_node_at (const NnDesign *design, guint position); /* drawing order */
const NnNode *nn_design_node (const NnDesign *design, guint id);          /* NULL if none */
const NnNode *nn_design_node_by_name (const NnDesign *design, const char *name);
guint nn_design_n_edges (const NnDesign *design);
const NnEdge *nn_design_edge_at (const NnDesign *design, guint position);
const NnEdge *nn_design_edge_into (const NnDesign *design, guint to,
                                   guint to_port);  /* NULL if none */
guint nn_design_code_node (const NnDesign *design); /* 0: found by the analysis */

/* Settings, each an NnParams of a fixed table (nn_training_specs(), nn_data_specs()) or of the
 * chosen optimizer's table. */
const NnParams *nn_design_training (const NnDesign *design);
const NnParams *nn_design_data (const NnDesign *design);
const NnOptimizerType *nn_design_optimizer (const NnDesign *design);
const NnParams *nn_design_optimizer_params (const NnDesign *design);

/* training: nn_run_specs(), "epochs" 50, "batch-size" 128, "seed" 0, "shuffle" true,
 * nn_watch_specs() (nn-watch.h), and
 * nn_step_specs(): "schedule" and its parameters (nn-schedule.h), "clip-norm" (the gradient of all
 * weights together is shortened to this norm where it is longer: Keras' global_clipnorm) and
 * "clip-value" (then each of its values is cut off at plus and minus this: clipvalue); 0 is off.
 * data: "name" (as --data takes it; default "digits"), "limit" (0: all training samples), "seed",
 * and how files are read (nn-design-data.c; of which a NnDataSource takes some). */
const NnParamSpec *nn_training_specs (void);
const NnParamSpec *nn_run_specs (void);
const NnParamSpec *nn_step_specs (void);
const NnParamSpec *nn_data_specs (void);

/* TRUE if the two differ in nothing but titles, names and positions: training goes on untouched. */
gboolean nn_design_same_computation (const NnDesign *a, const NnDesign *b);
/* The same, whatever optimizer and settings it is trained with. */
gboolean nn_design_same_network (const NnDesign *a, const NnDesign *b);

/* ---- editing ---- */
NnDesign *nn_design_with_title (NnDesign *design, const char *title);
/* params NULL: defaults. name NULL: "Dense 1" with the first free number; else made unique. id
 * (out). */
NnDesign *nn_design_add_node (NnDesign *design, const NnLayerType *type, NnParams *params,
                              const char *name, double x, double y, guint *id);
/* With their edges. Where a removed node had one connected input and one output, its neighbours are
 * joined if heal is set. */
NnDesign *nn_design_remove_nodes (NnDesign *design, const guint *ids, guint n, gboolean heal);
NnDesign *nn_design_move_nodes (NnDesign *design, const guint *ids, guint n, double dx, double dy);
NnDesign *nn_design_place_node (NnDesign *design, guint id, double x, double y);
/* NN_ERROR_RANGE where the name is empty or taken. */
NnDesign *nn_design_rename_node (NnDesign *design, guint id, const char *name, GError **error);
NnDesign *nn_design_set_params (NnDesign *design, guint id, NnParams *params);
NnDesign *nn_design_set_frozen (NnDesign *design, guint id, gboolean frozen);
/* Replaces every edge into the same port. NN_ERROR_DESIGN for a loop, an unknown port, or itself.
 */
NnDesign *nn_design_connect (NnDesign *design, guint from, guint from_port, guint to, guint to_port,
                             GError **error);
NnDesign *nn_design_disconnect (NnDesign *design, guint to, guint to_port);
/* position: as for nn_design_edge_at(). */
NnDesign *nn_design_remove_edge (NnDesign *design, guint position);
/* Puts node id (unconnected) into the edge that enters (to, to_port): source -> id -> to. */
NnDesign *nn_design_insert_into_edge (NnDesign *design, guint id, guint to, guint to_port,
                                      GError **error);
/* Node id uses the weights of owner, a node of the same type, for both of them to train; 0: its own
 * again. tied: only its kernel, turned round, as the decoder of a tied autoencoder does: W^T
 * between dense layers, the same kernel between a convolution and a transposed one; the bias is its
 * own. */
NnDesign *nn_design_share_weights (NnDesign *design, guint id, guint owner, gboolean tied);
NnDesign *nn_design_set_code_node (NnDesign *design, guint id); /* 0: automatic */
NnDesign *nn_design_with_training (NnDesign *design, NnParams *training);
NnDesign *nn_design_with_data (NnDesign *design, NnParams *data);
/* params NULL: the optimizer's defaults. */
NnDesign *nn_design_with_optimizer (NnDesign *design, const NnOptimizerType *optimizer,
                                    NnParams *params);

/* The nodes ids[] with the edges among them, as a design of its own (clipboard, templates). */
NnDesign *nn_design_extract (NnDesign *design, const guint *ids, guint n);
/* Adds a copy of every node and edge of other, moved by (dx, dy), with fresh ids and names.
 * new_ids (out, transfer full, element-type guint). */
NnDesign *nn_design_merge (NnDesign *design, NnDesign *other, double dx, double dy,
                           GArray **new_ids);

/* ---- JSON (engine/formats stores it as design.json) ---- */
/* Stable key order, two-space indent, newline at the end. (transfer full) */
char *nn_design_to_json (const NnDesign *design);
/* Checks every type, id, port, range; NN_ERROR_FORMAT / VERSION / UNKNOWN name the JSON path, what
 * was expected and what was found. Unknown keys are kept and written back. length -1:
 * NUL-terminated. */
NnDesign *nn_design_from_json (const char *text, gssize length, GError **error);

G_END_DECLS
