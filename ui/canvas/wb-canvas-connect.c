/* Connections being drawn, by pointer from port to port or by keyboard from node to node. */
#include "canvas/wb-canvas-private.h"

#include <math.h>

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>

#include "layers/nn-layer.h"

/* A port takes the line from this far, in screen pixels. */
#define SNAP_RADIUS 22.0
/* Lighting ports up asks the analysis once a port; the rest of a large graph follows as it is
 * reached. */
#define LIGHT_BUDGET_US 6000

static gboolean
can_connect (WbCanvas *self, guint node, guint port, GError **error)
{
  const WbConnection *c = &self->connection;

  return c->output ? nn_analysis_can_connect (wb_canvas_analysis (self), c->node, c->port, node,
                                              port, error)
                   : nn_analysis_can_connect (wb_canvas_analysis (self), node, port, c->node,
                                              c->port, error);
}

static void
reset_port (gpointer port, gpointer data)
{
  wb_port_set_state (port, WB_PORT_NORMAL);
}

static void
reset_ports (WbCanvas *self)
{
  GHashTableIter iter;
  gpointer card;

  g_hash_table_iter_init (&iter, self->cards);
  while (g_hash_table_iter_next (&iter, NULL, &card))
    {
      wb_node_card_foreach_port (card, reset_port, NULL);
      /* Wrong ports turn red again. */
      wb_node_card_update (card, wb_canvas_analysis (self));
    }
}

static void
light_node (WbCanvas *self, guint node)
{
  const WbConnection *c = &self->connection;
  WbNodeCard *card = wb_canvas_card (self, node);
  WbPort *port;

  for (guint i = 0; (port = wb_node_card_get_port (card, c->output, i)) != NULL; i++)
    wb_port_set_state (port, node == c->node && i == c->port ? WB_PORT_SOURCE : WB_PORT_MISFIT);
  for (guint i = 0; (port = wb_node_card_get_port (card, !c->output, i)) != NULL; i++)
    wb_port_set_state (port, can_connect (self, node, i, NULL) ? WB_PORT_FITS : WB_PORT_MISFIT);
}

static void
light_ports (WbCanvas *self)
{
  gint64 end = g_get_monotonic_time () + LIGHT_BUDGET_US;
  WbArea seen = { 0, 0, gtk_widget_get_width (GTK_WIDGET (self)),
                  gtk_widget_get_height (GTK_WIDGET (self)) };

  light_node (self, self->connection.node);
  for (guint i = 0; i < wb_graph_geometry_n_nodes (self->geometry); i++)
    {
      const WbNodeBox *box = wb_graph_geometry_node_at (self->geometry, i);
      WbArea at = wb_view_area_to_screen (&self->view, &box->rect);

      if (g_get_monotonic_time () > end)
        break;
      if (wb_area_intersects (&at, &seen))
        light_node (self, box->id);
    }
}

void
wb_canvas_connect_begin (WbCanvas *self, guint node, gboolean output, guint port, gboolean keyboard)
{
  WbConnection *c = &self->connection;
  const NnEdge *edge = output ? NULL : nn_design_edge_into (wb_canvas_design (self), node, port);

  *c = (WbConnection){
    .active = TRUE, .keyboard = keyboard, .node = node, .port = port, .output = output
  };
  if (edge != NULL && !keyboard)
    {
      /* The end of an existing connection is taken off. */
      c->picked_up = TRUE;
      c->old_to = node;
      c->old_port = port;
      c->node = edge->from;
      c->port = edge->from_port;
      c->output = TRUE;
    }
  light_ports (self);
  wb_canvas_redraw (self);
}

/* The port of the other kind nearest to a screen point within SNAP_RADIUS. */
static gboolean
find_port (WbCanvas *self, WbPoint screen, guint *node, guint *port)
{
  double best = SNAP_RADIUS;
  gboolean found = FALSE;

  for (guint i = 0; i < wb_graph_geometry_n_nodes (self->geometry); i++)
    {
      const WbNodeBox *box = wb_graph_geometry_node_at (self->geometry, i);
      guint n = self->connection.output ? box->n_in : box->n_out;

      for (guint p = 0; p < n; p++)
        {
          WbPoint at =
              wb_view_to_screen (&self->view, wb_node_box_port (box, !self->connection.output, p));
          double distance = hypot (at.x - screen.x, at.y - screen.y);

          if (distance >= best)
            continue;
          best = distance;
          *node = box->id;
          *port = p;
          found = TRUE;
        }
    }
  return found;
}

/* Which port of a node the connection would end at; -1 and error where it does not fit. */
static gint
choose_port (WbCanvas *self, guint node, GError **error)
{
  const WbConnection *c = &self->connection;

  if (c->output)
    return wb_graph_edit_free_input (wb_canvas_analysis (self), c->node, c->port, node, error);
  return can_connect (self, node, 0, error) ? 0 : -1;
}

static void
set_snap (WbCanvas *self, guint node, guint port)
{
  WbConnection *c = &self->connection;
  WbPort *old = NULL, *now = NULL;

  if (c->snap_node == node && c->snap_port == port)
    return;
  if (c->snap_node != 0)
    old = wb_node_card_get_port (wb_canvas_card (self, c->snap_node), !c->output, c->snap_port);
  if (node != 0)
    now = wb_node_card_get_port (wb_canvas_card (self, node), !c->output, port);
  if (old != NULL)
    wb_port_set_state (old, WB_PORT_FITS);
  if (now != NULL)
    wb_port_set_state (now, WB_PORT_SNAPPED);
  c->snap_node = node;
  c->snap_port = port;
}

void
wb_canvas_connect_motion (WbCanvas *self, WbPoint screen)
{
  WbConnection *c = &self->connection;
  g_autoptr (GError) error = NULL;
  guint node = 0, port = 0;
  gboolean fits = FALSE;

  c->end = wb_view_to_world (&self->view, screen);
  if (find_port (self, screen, &node, &port))
    fits = can_connect (self, node, port, &error);
  else if ((node = wb_graph_geometry_hit_node (self->geometry, c->end)) != 0 && node != c->node)
    {
      /* Anywhere on a card: the port that takes it. */
      gint chosen = choose_port (self, node, &error);

      fits = chosen >= 0;
      port = (guint)MAX (chosen, 0);
    }
  /* Back where it was taken from is no misfit. */
  if (c->picked_up && node == c->old_to && port == c->old_port)
    fits = TRUE;
  set_snap (self, fits ? node : 0, port);
  wb_canvas_set_hint (self, !fits && error != NULL && node != c->node ? error->message : NULL,
                      screen);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* Keyboard: the node walked to. */
void
wb_canvas_connect_to_node (WbCanvas *self, guint node)
{
  const WbConnection *c = &self->connection;
  const WbNodeBox *box = wb_graph_geometry_node (self->geometry, node);
  const NnNode *from = nn_design_node (wb_canvas_design (self), c->node);
  const NnNode *to = nn_design_node (wb_canvas_design (self), node);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  WbArea at;
  gint port = -1;

  if (box == NULL || from == NULL || to == NULL)
    return;
  if (node == c->node)
    text = g_strdup_printf (_ ("Connect %s: walk to a layer with the arrow keys, then press Enter"),
                            from->name);
  else
    port = choose_port (self, node, &error);
  set_snap (self, port >= 0 ? node : 0, (guint)MAX (port, 0));
  if (port >= 0)
    text = g_strdup_printf (_ ("Enter connects %s to %s"), from->name, to->name);
  else if (error != NULL)
    text = g_strdup (error->message);
  at = wb_view_area_to_screen (&self->view, &box->rect);
  wb_canvas_set_hint (self, text, (WbPoint){ at.x - 14, at.y + at.height });
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
connect_snapped (WbCanvas *self, const WbConnection *c)
{
  NnDesign *design = wb_canvas_design (self);
  guint from = c->output ? c->node : c->snap_node, to = c->output ? c->snap_node : c->node;
  guint from_port = c->output ? c->port : c->snap_port,
        to_port = c->output ? c->snap_port : c->port;
  const NnNode *node = nn_design_node (design, to);
  g_autoptr (NnDesign) base = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *label = NULL;
  NnDesign *connected;

  if (c->picked_up && c->old_to == to && c->old_port == to_port)
    return;
  base =
      c->picked_up ? nn_design_disconnect (design, c->old_to, c->old_port) : nn_design_ref (design);
  connected = nn_design_connect (base, from, from_port, to, to_port, &error);
  if (connected == NULL)
    {
      g_signal_emit_by_name (self->document, "notice", error->message, NULL, NULL);
      return;
    }
  label = g_strdup_printf (_ ("Connect %s"), node->name);
  wb_canvas_commit (self, connected, label, NULL);
}

/* accept FALSE: gives up, everything stays. TRUE: connects where it snapped; a taken-off end that
 * is dropped on nothing is disconnected. Returns whether something was under way. */
gboolean
wb_canvas_connect_end (WbCanvas *self, gboolean accept)
{
  WbConnection c = self->connection;

  if (!c.active)
    return FALSE;
  self->connection = (WbConnection){ 0 };
  wb_canvas_set_hint (self, NULL, (WbPoint){ 0, 0 });
  reset_ports (self);
  wb_canvas_redraw (self);
  if (accept && c.snap_node != 0)
    connect_snapped (self, &c);
  else if (accept && c.picked_up)
    wb_canvas_commit (self, nn_design_disconnect (wb_canvas_design (self), c.old_to, c.old_port),
                      _ ("Disconnect"), NULL);
  return TRUE;
}
