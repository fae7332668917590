#include "canvas/wb-graph-edit.h"

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>

#include "base/nn-error.h"
#include "layers/nn-layer.h"

/* Distance from one card's left edge to the next. */
#define STRIDE (WB_CARD_WIDTH + WB_CARD_GAP)

static gint
find_target_port (const NnLayerType *type)
{
  if ((type->flags & NN_LAYER_OBJECTIVE) == 0)
    return -1;
  for (guint i = 0; i < nn_layer_n_inputs (type); i++)
    {
      if (g_str_equal (type->inputs[i].name, "target"))
        return (gint)i;
    }
  return -1;
}

/* An objective is told what to aim at: the first Input that fits, or the only one there is, so that
 * what is wrong can be said. Takes design over. */
static NnDesign *
connect_target (NnAnalysis *analysis, NnDesign *design, guint objective)
{
  const NnNode *node = nn_design_node (design, objective);
  gint port = find_target_port (node->type);
  g_autoptr (NnAnalysis) now = NULL;
  guint found = 0, only = 0, n_inputs = 0;
  NnDesign *connected;

  if (port < 0 || nn_design_edge_into (design, objective, (guint)port) != NULL)
    return design;
  now = nn_analysis_new (design, nn_analysis_data (analysis), 0);
  for (guint i = 0; i < nn_design_n_nodes (design) && found == 0; i++)
    {
      const NnNode *input = nn_design_node_at (design, i);

      if ((input->type->flags & NN_LAYER_INPUT) == 0)
        continue;
      n_inputs++;
      only = input->id;
      if (nn_analysis_can_connect (now, input->id, 0, objective, (guint)port, NULL))
        found = input->id;
    }
  if (found == 0 && n_inputs == 1)
    found = only;
  if (found == 0)
    return design;
  connected = nn_design_connect (design, found, 0, objective, (guint)port, NULL);
  if (connected == NULL)
    return design;
  nn_design_unref (design);
  return connected;
}

NnDesign *
wb_graph_edit_add (NnAnalysis *analysis, const NnLayerType *type, double x, double y, guint *id)
{
  NnDesign *design = nn_design_add_node (nn_analysis_design (analysis), type, NULL, NULL, x, y, id);

  return connect_target (analysis, design, *id);
}

/* Moves every node whose card begins at or right of `from`, except one, by dx. Takes design over.
 */
static NnDesign *
make_room (NnDesign *design, double from, double dx, guint except)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (guint));
  NnDesign *moved;

  for (guint i = 0; i < nn_design_n_nodes (design); i++)
    {
      const NnNode *node = nn_design_node_at (design, i);

      if (node->id != except && node->x >= from)
        g_array_append_val (ids, node->id);
    }
  if (dx <= 0 || ids->len == 0)
    return design;
  moved = nn_design_move_nodes (design, (const guint *)(void *)ids->data, ids->len, dx, 0);
  nn_design_unref (design);
  return moved;
}

NnDesign *
wb_graph_edit_insert (NnAnalysis *analysis, const NnLayerType *type, guint to, guint to_port,
                      guint *id, GError **error)
{
  NnDesign *before = nn_analysis_design (analysis);
  const NnEdge *edge = nn_design_edge_into (before, to, to_port);
  const NnNode *source, *sink;
  g_autoptr (NnDesign) added = NULL;
  NnDesign *inserted;
  double x, room;

  g_return_val_if_fail (edge != NULL, NULL);
  if (nn_layer_n_inputs (type) == 0 || nn_layer_n_outputs (type) == 0)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_DESIGN,
                   _ ("%s cannot be put into a connection: it does not pass a tensor on."),
                   _ (type->title));
      return NULL;
    }
  source = nn_design_node (before, edge->from);
  sink = nn_design_node (before, to);
  /* In the middle of the gap; where that is too narrow, beside the source, and the rest moves on.
   */
  x = (source->x + sink->x) / 2;
  room = 0;
  if (sink->x > source->x && sink->x - source->x < 2 * STRIDE)
    {
      x = source->x + STRIDE;
      room = x + STRIDE - sink->x;
    }
  added = nn_design_add_node (before, type, NULL, NULL, x, (source->y + sink->y) / 2, id);
  inserted = nn_design_insert_into_edge (added, *id, to, to_port, error);
  return inserted != NULL ? make_room (inserted, sink->x, room, *id) : NULL;
}

/* The only edge from a node that is not a loss's target, NULL if there are none or several. */
static const NnEdge *
find_only_edge (NnDesign *design, guint from)
{
  const NnEdge *found = NULL;

  for (guint i = 0; i < nn_design_n_edges (design); i++)
    {
      const NnEdge *edge = nn_design_edge_at (design, i);
      const NnNode *to = nn_design_node (design, edge->to);

      if (edge->from != from || find_target_port (to->type) == (gint)edge->to_port)
        continue;
      if (found != NULL)
        return NULL;
      found = edge;
    }
  return found;
}

/* The first place at or below y where a card of the given size covers no other. */
static double
find_free_y (NnAnalysis *analysis, double x, double y)
{
  WbGraphGeometry *geometry = wb_graph_geometry_new (analysis, WB_CARD_FULL);
  double height = wb_card_height (WB_CARD_FULL, -1, FALSE);
  gboolean moved = TRUE;

  while (moved)
    {
      moved = FALSE;
      for (guint i = 0; i < wb_graph_geometry_n_nodes (geometry); i++)
        {
          const WbNodeBox *box = wb_graph_geometry_node_at (geometry, i);
          WbArea rect = { x, y - height / 2, WB_CARD_WIDTH, height };

          if (wb_area_intersects (&box->rect, &rect))
            {
              y = box->rect.y + box->rect.height + WB_CARD_GAP + height / 2;
              moved = TRUE;
            }
        }
    }
  wb_graph_geometry_free (geometry);
  return y;
}

gint
wb_graph_edit_free_input (NnAnalysis *analysis, guint from, guint from_port, guint to,
                          GError **error)
{
  NnDesign *design = nn_analysis_design (analysis);
  const NnNode *node = nn_design_node (design, to);
  guint n = node != NULL ? nn_layer_n_inputs (node->type) : 0;

  if (n == 0)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_DESIGN, _ ("%s takes no input."),
                   node != NULL ? node->name : "");
      return -1;
    }
  /* A free port first; a single port's edge may be replaced. */
  for (guint port = 0; port < n; port++)
    {
      if (nn_design_edge_into (design, to, port) == NULL
          && nn_analysis_can_connect (analysis, from, from_port, to, port, NULL))
        return (gint)port;
    }
  return nn_analysis_can_connect (analysis, from, from_port, to, 0, error) ? 0 : -1;
}

NnDesign *
wb_graph_edit_add_after (NnAnalysis *analysis, const NnLayerType *type, guint after, guint *id)
{
  NnDesign *before = nn_analysis_design (analysis);
  const NnNode *node = nn_design_node (before, after);
  const NnEdge *edge = NULL;
  NnDesign *added, *connected = NULL;
  double x, y;

  g_return_val_if_fail (node != NULL, NULL);
  if (nn_layer_n_outputs (node->type) == 0)
    edge = nn_design_edge_into (before, after, 0);
  else if (nn_layer_n_outputs (type) > 0)
    edge = find_only_edge (before, after);
  if (edge != NULL && nn_layer_n_inputs (type) > 0 && nn_layer_n_outputs (type) > 0)
    return wb_graph_edit_insert (analysis, type, edge->to, edge->to_port, id, NULL);

  x = node->x + STRIDE;
  y = find_free_y (analysis, x, node->y);
  added = nn_design_add_node (before, type, NULL, NULL, x, y, id);
  if (nn_layer_n_outputs (node->type) > 0 && nn_layer_n_inputs (type) > 0)
    connected = nn_design_connect (added, after, 0, *id, 0, NULL);
  if (connected != NULL)
    {
      nn_design_unref (added);
      added = connected;
    }
  return connect_target (analysis, added, *id);
}

char *
wb_graph_edit_copy (NnDesign *design, const guint *ids, guint n)
{
  g_autoptr (NnDesign) part = nn_design_extract (design, ids, n);

  return nn_design_to_json (part);
}

NnDesign *
wb_graph_edit_paste (NnDesign *design, const char *text, double dx, double dy, GArray **new_ids,
                     GError **error)
{
  g_autoptr (NnDesign) part = nn_design_from_json (text, -1, error);

  return part != NULL ? nn_design_merge (design, part, dx, dy, new_ids) : NULL;
}
