/* wb-graph-edit.h: what gestures and actions of the canvas do to a design, with no display: adding
 * a layer after another or into an edge with room made for it, finding the target of a loss, copy
 * and paste. All return a new design (transfer full).
 */
#pragma once

#include "canvas/wb-graph-geometry.h"

G_BEGIN_DECLS

/* A layer at world (x, centre y), unconnected but for the target of an objective. */
NnDesign *wb_graph_edit_add (NnAnalysis *analysis, const NnLayerType *type, double x, double y,
                             guint *id);

/* A layer after node `after`: into its edge where its output feeds exactly one node, else connected
 * beside it. Before it where it has no output (an objective). */
NnDesign *wb_graph_edit_add_after (NnAnalysis *analysis, const NnLayerType *type, guint after,
                                   guint *id);

/* A layer into the edge that enters (to, to_port); what follows moves right where there is no room.
 * NULL and error where type cannot pass a tensor on. */
NnDesign *wb_graph_edit_insert (NnAnalysis *analysis, const NnLayerType *type, guint to,
                                guint to_port, guint *id, GError **error);

/* The first free input port of `to` that takes from's output, -1 and error (of the last refusal).
 */
gint wb_graph_edit_free_input (NnAnalysis *analysis, guint from, guint from_port, guint to,
                               GError **error);

/* JSON of the given nodes and the edges among them. (transfer full) */
char *wb_graph_edit_copy (NnDesign *design, const guint *ids, guint n);
/* Adds what copy() gave, moved by (dx, dy). new_ids (out, transfer full, element-type guint). */
NnDesign *wb_graph_edit_paste (NnDesign *design, const char *text, double dx, double dy,
                               GArray **new_ids, GError **error);

G_END_DECLS
