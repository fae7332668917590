/* Layers dropped from the palette: onto an edge, near a free port, or anywhere. */
#include "canvas/wb-canvas-private.h"

#include <math.h>
#include <string.h>

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>

#include "layers/nn-layer.h"

#define EDGE_RADIUS 24.0
#define PORT_RADIUS 40.0

/* "layer:dense"; NULL for any other text. */
static const NnLayerType *
parse_layer (const GValue *value)
{
  const char *text =
      value != NULL && G_VALUE_HOLDS_STRING (value) ? g_value_get_string (value) : NULL;

  return text != NULL && g_str_has_prefix (text, "layer:")
             ? nn_layer_type (text + strlen ("layer:"))
             : NULL;
}

static void
mark_port (WbCanvas *self, WbPortState state)
{
  WbNodeCard *card = self->drop_node != 0 ? wb_canvas_card (self, self->drop_node) : NULL;
  WbPort *port =
      card != NULL ? wb_node_card_get_port (card, self->drop_output, self->drop_port) : NULL;

  if (port != NULL)
    wb_port_set_state (port, state);
}

static void
set_marks (WbCanvas *self, gint edge, guint node, gboolean output, guint port)
{
  mark_port (self, WB_PORT_NORMAL);
  self->drop_node = node;
  self->drop_output = output;
  self->drop_port = port;
  mark_port (self, WB_PORT_SNAPPED);
  if (edge != self->drop_edge)
    {
      self->drop_edge = edge;
      wb_canvas_redraw (self);
    }
}

/* The nearest port that the layer could be joined to: an output, or an input that nothing enters.
 */
static gboolean
find_free_port (WbCanvas *self, const NnLayerType *type, WbPoint at, guint *node, gboolean *output,
                guint *port)
{
  double best = PORT_RADIUS / self->view.scale;
  gboolean found = FALSE;

  for (guint i = 0; i < wb_graph_geometry_n_nodes (self->geometry); i++)
    {
      const WbNodeBox *box = wb_graph_geometry_node_at (self->geometry, i);

      for (guint p = 0; p < box->n_in + box->n_out; p++)
        {
          gboolean is_output = p >= box->n_in;
          guint index = is_output ? p - box->n_in : p;
          WbPoint place = wb_node_box_port (box, is_output, index);
          double distance = hypot (place.x - at.x, place.y - at.y);

          if (distance >= best
              || (is_output ? nn_layer_n_inputs (type) : nn_layer_n_outputs (type)) == 0
              || (!is_output
                  && nn_design_edge_into (wb_canvas_design (self), box->id, index) != NULL))
            continue;
          best = distance;
          found = TRUE;
          *node = box->id;
          *output = is_output;
          *port = index;
        }
    }
  return found;
}

static void
find_place (WbCanvas *self, const NnLayerType *type, double x, double y)
{
  WbPoint at = wb_view_to_world (&self->view, (WbPoint){ x, y });
  gboolean passes = nn_layer_n_inputs (type) > 0 && nn_layer_n_outputs (type) > 0;
  gint edge =
      passes ? wb_graph_geometry_hit_edge (self->geometry, at, EDGE_RADIUS / self->view.scale) : -1;
  guint node = 0, port = 0;
  gboolean output = FALSE;

  /* The line to a loss's target is no place for a layer. */
  if (edge >= 0 && wb_graph_geometry_edge_at (self->geometry, (guint)edge)->target)
    edge = -1;
  if (edge < 0)
    find_free_port (self, type, at, &node, &output, &port);
  set_marks (self, edge, node, output, port);
}

static NnDesign *
add_at_port (WbCanvas *self, const NnLayerType *type, WbPoint at, guint *id)
{
  const NnNode *node = nn_design_node (wb_canvas_design (self), self->drop_node);
  double step = WB_CARD_WIDTH + WB_CARD_GAP;
  NnDesign *added, *connected;

  if (self->drop_output && self->drop_port == 0)
    return wb_graph_edit_add_after (wb_canvas_analysis (self), type, node->id, id);
  added = wb_graph_edit_add (wb_canvas_analysis (self), type,
                             self->drop_output ? node->x + step : node->x - step, node->y, id);
  connected = self->drop_output
                  ? nn_design_connect (added, node->id, self->drop_port, *id, 0, NULL)
                  : nn_design_connect (added, *id, 0, node->id, self->drop_port, NULL);
  if (connected == NULL)
    return added;
  nn_design_unref (added);
  return connected;
}

static gboolean
dropped (GtkDropTarget *target, const GValue *value, double x, double y, WbCanvas *self)
{
  const NnLayerType *type = parse_layer (value);
  WbPoint at = wb_view_to_world (&self->view, (WbPoint){ x, y });
  g_autofree char *label = NULL;
  NnDesign *design = NULL;
  guint id = 0;

  if (self->document == NULL || type == NULL)
    return FALSE;
  find_place (self, type, x, y);
  if (self->drop_edge >= 0)
    {
      NnEdge edge = wb_graph_geometry_edge_at (self->geometry, (guint)self->drop_edge)->edge;

      design =
          wb_graph_edit_insert (wb_canvas_analysis (self), type, edge.to, edge.to_port, &id, NULL);
    }
  else if (self->drop_node != 0)
    design = add_at_port (self, type, at, &id);
  if (design == NULL)
    design = wb_graph_edit_add (wb_canvas_analysis (self), type,
                                round ((at.x - WB_CARD_WIDTH / 2) / WB_GRID) * WB_GRID,
                                round (at.y / WB_GRID) * WB_GRID, &id);
  set_marks (self, -1, 0, FALSE, 0);
  label = g_strdup_printf (_ ("Add %s"), _ (type->title));
  wb_canvas_commit (self, design, label, NULL);
  wb_canvas_select_only (self, id);
  wb_canvas_set_current (self, id, TRUE);
  return TRUE;
}

static GdkDragAction
drop_motion (GtkDropTarget *target, double x, double y, WbCanvas *self)
{
  const GValue *value = gtk_drop_target_get_value (target);
  const NnLayerType *type = parse_layer (value);

  if (self->document == NULL || (value != NULL && type == NULL))
    return 0;
  if (type != NULL && self->geometry != NULL)
    find_place (self, type, x, y);
  return GDK_ACTION_COPY;
}

static void
drop_leave (GtkDropTarget *target, WbCanvas *self)
{
  set_marks (self, -1, 0, FALSE, 0);
}

void
wb_canvas_add_drop (WbCanvas *self)
{
  GtkDropTarget *target = gtk_drop_target_new (G_TYPE_STRING, GDK_ACTION_COPY);

  /* The text says which layer, and so what may light up. */
  gtk_drop_target_set_preload (target, TRUE);
  g_signal_connect (target, "drop", G_CALLBACK (dropped), self);
  g_signal_connect (target, "enter", G_CALLBACK (drop_motion), self);
  g_signal_connect (target, "motion", G_CALLBACK (drop_motion), self);
  g_signal_connect (target, "leave", G_CALLBACK (drop_leave), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (target));
}
