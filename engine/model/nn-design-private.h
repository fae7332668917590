/* nn-design-private.h: the inside of a design, for nn-design*.c and nn-history.c. */
#pragma once

#include "model/nn-design.h"

G_BEGIN_DECLS

/* Above this a file is not a network that a person drew. */
#define NN_DESIGN_MAX_NODES 10000
/* Ids of files end here, so that new ones stay below the random streams' own numbers (2^30). */
#define NN_DESIGN_MAX_ID 1000000000u

#define NN_DESIGN_FORMAT "diabolo-design"
#define NN_DESIGN_MAJOR 1u
#define NN_DESIGN_MINOR 0u

typedef struct
{
  NnEdge edge;
  char *unknown; /* JSON object of keys of newer minor versions, or NULL */
} NnDesignEdge;

struct _NnDesign
{
  gatomicrefcount refs;
  char *title;
  GPtrArray *nodes;      /* NnNode, in drawing order */
  GArray *edges;         /* NnDesignEdge */
  GHashTable *positions; /* id -> position + 1; complete once the design is shared */
  guint next_id;         /* never used before in this history */
  guint code;
  NnParams *data;
  NnParams *training;
  const NnOptimizerType *optimizer;
  NnParams *optimizer_params;
  guint minor;   /* of the file version this came from, at least ours */
  char *unknown; /* JSON object of keys of newer minor versions, or NULL */
};

/* A copy that its maker may change until it hands it out; nodes are shared. */
NnDesign *nn_design_copy (const NnDesign *design);

NnNode *nn_node_new (guint id, const NnLayerType *type, NnParams *params, const char *name,
                     double x, double y);
NnNode *nn_node_copy (const NnNode *node);
NnNode *nn_node_ref (NnNode *node);
void nn_node_unref (NnNode *node);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnNode, nn_node_unref)

/* For a design under construction. Takes node. */
void nn_design_take_node (NnDesign *design, NnNode *node);
void nn_design_append_edge (NnDesign *design, const NnEdge *edge, const char *unknown);
/* Replaces a shared node by a copy to write to. NULL if there is none. */
NnNode *nn_design_edit_node (NnDesign *design, guint id);

/* Position in drawing order, -1 if there is no such node. */
gint nn_design_position (const NnDesign *design, guint id);

/* The edges that leave each node: those of position p are edge[first[p]] .. edge[first[p + 1] - 1].
 * Points into the design. An edge into a port that another enters before it is not among them. */
typedef struct
{
  guint *first;
  const NnEdge **edge;
  guint *shadowed; /* positions of those that are left out */
  guint n_shadowed;
} NnLinks;

NnLinks *nn_links_new (const NnDesign *design);
void nn_links_free (NnLinks *links);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnLinks, nn_links_free)

/* TRUE if `to` is `from` or follows from it along edges. */
gboolean nn_links_reach (const NnLinks *links, const NnDesign *design, guint from, guint to);

/* Positions so that each comes after those that feed it, in drawing order where that leaves a
 * choice. Returns how many; fewer than there are nodes if edges go in a circle, which only a file
 * can ask. */
guint nn_links_sort (const NnLinks *links, const NnDesign *design, guint *order);

/* FALSE and error unless both nodes (nullable) are there, differ and have these ports. */
gboolean nn_design_check_ports (const NnNode *source, guint from_port, const NnNode *target,
                                guint to_port, GError **error);

/* The same design, whose next id is at least next_id. (transfer full) */
NnDesign *nn_design_with_next_id (NnDesign *design, guint next_id);

G_END_DECLS
