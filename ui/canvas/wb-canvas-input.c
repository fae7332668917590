/* The pointer: selecting, moving, rubber band, panning, zooming, hovering. All gestures sit on the
 * canvas: a gesture on a card that moves would see the pointer jump. */
#include "canvas/wb-canvas-private.h"

#include <math.h>

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>

#define EDGE_RADIUS 7.0
#define SNAP_TOLERANCE 6.0
#define SCROLL_STEP 60.0

/* What lies under a screen point. FALSE: something that floats above the graph. */
static gboolean
pick (WbCanvas *self, double x, double y, WbNodeCard **card, WbPort **port)
{
  GtkWidget *hit = gtk_widget_pick (GTK_WIDGET (self), x, y, GTK_PICK_DEFAULT);
  GtkWidget *owner;

  *card = NULL;
  *port = NULL;
  if (hit == NULL || hit == GTK_WIDGET (self))
    return TRUE;
  if (WB_IS_PORT (hit))
    *port = WB_PORT (hit);
  owner = gtk_widget_get_ancestor (hit, WB_TYPE_NODE_CARD);
  *card = owner != NULL ? WB_NODE_CARD (owner) : NULL;
  return owner != NULL;
}

static gint
pick_edge (WbCanvas *self, double x, double y)
{
  if (self->geometry == NULL)
    return -1;
  return wb_graph_geometry_hit_edge (self->geometry,
                                     wb_view_to_world (&self->view, (WbPoint){ x, y }),
                                     EDGE_RADIUS / self->view.scale);
}

static GdkModifierType
modifiers_of (GtkGesture *gesture)
{
  return gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (gesture));
}

/* ---- moving ---- */

static void
begin_move (WbCanvas *self, guint node)
{
  GArray *selection = wb_document_selection (self->document);

  g_array_set_size (self->drag_nodes, 0);
  g_array_append_val (self->drag_nodes, node);
  for (guint i = 0; i < selection->len; i++)
    {
      guint id = g_array_index (selection, guint, i);

      if (id != node)
        g_array_append_val (self->drag_nodes, id);
    }
  self->drag = WB_DRAG_MOVE;
}

static const guint *
drag_ids (WbCanvas *self)
{
  return (const guint *)(void *)self->drag_nodes->data;
}

static void
place_dragged (WbCanvas *self, double dx, double dy)
{
  for (guint i = 0; i < self->drag_nodes->len; i++)
    {
      const NnNode *node =
          nn_design_node (wb_canvas_design (self), g_array_index (self->drag_nodes, guint, i));

      if (node != NULL)
        wb_graph_geometry_place (self->geometry, node->id, node->x + dx, node->y + dy);
    }
  wb_graph_geometry_update (self->geometry);
  wb_canvas_relayout (self);
}

static void
move_to (WbCanvas *self, double dx, double dy, gboolean free)
{
  dx /= self->view.scale;
  dy /= self->view.scale;
  if (free)
    self->snap = (WbSnap){ round (dx), round (dy), NAN, NAN };
  else
    self->snap =
        wb_graph_geometry_snap (self->geometry, wb_canvas_design (self), drag_ids (self),
                                self->drag_nodes->len, dx, dy, SNAP_TOLERANCE / self->view.scale);
  place_dragged (self, self->snap.dx, self->snap.dy);
}

static void
end_move (WbCanvas *self)
{
  g_autofree char *label = NULL;
  NnDesign *moved;

  if (self->snap.dx == 0 && self->snap.dy == 0)
    {
      place_dragged (self, 0, 0);
      return;
    }
  label = wb_canvas_label_for (self, _ ("Move %s"), _ ("Move %s layers"), drag_ids (self),
                               self->drag_nodes->len);
  moved = nn_design_move_nodes (wb_canvas_design (self), drag_ids (self), self->drag_nodes->len,
                                self->snap.dx, self->snap.dy);
  /* They already are where they go. */
  self->no_animation = TRUE;
  wb_canvas_commit (self, moved, label, NULL);
  self->no_animation = FALSE;
}

/* ---- rubber band ---- */

static void
begin_band (WbCanvas *self, gboolean add)
{
  GArray *selection = wb_document_selection (self->document);

  self->drag = WB_DRAG_BAND;
  self->band = (WbArea){ 0, 0, 0, 0 };
  g_array_set_size (self->band_before, 0);
  if (add && selection->len > 0)
    g_array_append_vals (self->band_before, selection->data, selection->len);
  else if (selection->len > 0)
    wb_document_select (self->document, NULL, 0);
}

static void
update_band (WbCanvas *self, WbPoint to)
{
  g_autoptr (GArray) ids = NULL;

  self->band = wb_area_from_points (wb_view_to_world (&self->view, self->drag_from),
                                    wb_view_to_world (&self->view, to));
  ids = wb_graph_geometry_band (self->geometry, &self->band);
  for (guint i = 0; i < self->band_before->len; i++)
    {
      guint id = g_array_index (self->band_before, guint, i);
      gboolean among = FALSE;

      for (guint j = 0; j < ids->len && !among; j++)
        among = g_array_index (ids, guint, j) == id;
      if (!among)
        g_array_append_val (ids, id);
    }
  wb_document_select (self->document, (const guint *)(void *)ids->data, ids->len);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* ---- the drag gesture ---- */

/* By its position; -1: none. */
static void
select_edge (WbCanvas *self, gint edge)
{
  const WbEdgePath *path =
      edge >= 0 ? wb_graph_geometry_edge_at (self->geometry, (guint)edge) : NULL;

  self->edge_to = path != NULL ? path->edge.to : 0;
  self->edge_port = path != NULL ? path->edge.to_port : 0;
  wb_canvas_update_actions (self);
  wb_canvas_redraw (self);
}

static void
press_card (WbCanvas *self, WbNodeCard *card, GdkModifierType state)
{
  guint node = wb_node_card_get_id (card);

  wb_canvas_set_current (self, node, TRUE);
  if ((state & (GDK_CONTROL_MASK | GDK_SHIFT_MASK)) != 0)
    {
      wb_document_toggle_selected (self->document, node);
      if (!wb_document_is_selected (self->document, node))
        return;
    }
  else if (!wb_document_is_selected (self->document, node))
    wb_canvas_select_only (self, node);
  else
    self->drag_pressed = node;
  begin_move (self, node);
}

static void
drag_begin (GtkGestureDrag *gesture, double x, double y, WbCanvas *self)
{
  guint button = gtk_gesture_single_get_current_button (GTK_GESTURE_SINGLE (gesture));
  GdkModifierType state = modifiers_of (GTK_GESTURE (gesture));
  WbNodeCard *card;
  WbPort *port;

  if (self->document == NULL || button == GDK_BUTTON_SECONDARY || !pick (self, x, y, &card, &port))
    {
      gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_DENIED);
      return;
    }
  wb_canvas_rename_end (self);
  if (self->connection.active)
    wb_canvas_connect_end (self, FALSE);
  self->drag_from = (WbPoint){ x, y };
  self->drag_view = self->view;
  self->drag_moved = FALSE;
  self->drag_pressed = 0;
  select_edge (self, -1);
  if (button == GDK_BUTTON_MIDDLE)
    self->drag = WB_DRAG_PAN;
  else if (port != NULL)
    {
      self->drag = WB_DRAG_CONNECT;
      self->drag_pressed = 0;
    }
  else if (card != NULL)
    press_card (self, card, state);
  else
    {
      gtk_widget_grab_focus (GTK_WIDGET (self));
      begin_band (self, (state & (GDK_CONTROL_MASK | GDK_SHIFT_MASK)) != 0);
    }
}

static void
begin_connect_from (WbCanvas *self)
{
  WbNodeCard *card;
  WbPort *port;

  pick (self, self->drag_from.x, self->drag_from.y, &card, &port);
  if (port != NULL)
    wb_canvas_connect_begin (self, wb_port_get_node (port), wb_port_is_output (port),
                             wb_port_get_index (port), FALSE);
}

static void
drag_update (GtkGestureDrag *gesture, double dx, double dy, WbCanvas *self)
{
  WbPoint to = { self->drag_from.x + dx, self->drag_from.y + dy };
  WbView view = self->drag_view;

  if (self->drag == WB_DRAG_NONE)
    return;
  if (!self->drag_moved)
    {
      if (!gtk_drag_check_threshold (GTK_WIDGET (self), 0, 0, (int)dx, (int)dy))
        return;
      self->drag_moved = TRUE;
      gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
      if (self->drag == WB_DRAG_CONNECT)
        begin_connect_from (self);
    }
  switch (self->drag)
    {
    case WB_DRAG_MOVE:
      move_to (self, dx, dy, (modifiers_of (GTK_GESTURE (gesture)) & GDK_ALT_MASK) != 0);
      break;
    case WB_DRAG_BAND:
      update_band (self, to);
      break;
    case WB_DRAG_CONNECT:
      wb_canvas_connect_motion (self, to);
      break;
    case WB_DRAG_PAN:
      view.x = round (view.x + dx);
      view.y = round (view.y + dy);
      view.scale = self->view.scale;
      self->view_touched = TRUE;
      wb_canvas_set_view (self, &view);
      break;
    case WB_DRAG_NONE:
      break;
    }
}

static void
drag_end (GtkGestureDrag *gesture, double dx, double dy, WbCanvas *self)
{
  WbDragKind kind = self->drag;

  self->drag = WB_DRAG_NONE;
  if (kind == WB_DRAG_MOVE && self->drag_moved)
    end_move (self);
  else if (kind == WB_DRAG_MOVE && self->drag_pressed != 0)
    wb_canvas_select_only (self, self->drag_pressed);
  else if (kind == WB_DRAG_CONNECT)
    wb_canvas_connect_end (self, TRUE);
  else if (kind == WB_DRAG_BAND && !self->drag_moved && self->band_before->len == 0)
    select_edge (self, pick_edge (self, self->drag_from.x, self->drag_from.y));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
wb_canvas_cancel_drag (WbCanvas *self)
{
  WbDragKind kind = self->drag;

  self->drag = WB_DRAG_NONE;
  wb_canvas_connect_end (self, FALSE);
  if (kind == WB_DRAG_MOVE && self->drag_moved && self->shown == wb_canvas_design (self))
    place_dragged (self, 0, 0);
  if (kind == WB_DRAG_BAND)
    wb_document_select (self->document, (const guint *)(void *)self->band_before->data,
                        self->band_before->len);
  if (kind != WB_DRAG_NONE)
    gtk_gesture_set_state (self->drag_gesture, GTK_EVENT_SEQUENCE_DENIED);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
drag_cancel (GtkGesture *gesture, GdkEventSequence *sequence, WbCanvas *self)
{
  if (self->drag != WB_DRAG_NONE && self->document != NULL)
    wb_canvas_cancel_drag (self);
}

/* ---- clicks ---- */

static void
clicked (GtkGestureClick *gesture, int n_press, double x, double y, WbCanvas *self)
{
  WbNodeCard *card;
  WbPort *port;

  if (self->document == NULL || n_press != 2 || self->drag_moved
      || !pick (self, x, y, &card, &port))
    return;
  if (card != NULL && port == NULL)
    wb_canvas_rename_begin (self, wb_node_card_get_id (card));
}

static void
context_released (GtkGestureClick *gesture, int n_press, double x, double y, WbCanvas *self)
{
  WbNodeCard *card;
  WbPort *port;

  if (self->document == NULL || !pick (self, x, y, &card, &port))
    return;
  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  wb_canvas_popup_menu (self, card != NULL ? wb_node_card_get_id (card) : 0,
                        card == NULL ? pick_edge (self, x, y) : -1, (WbPoint){ x, y });
}

/* ---- hovering ---- */

static void
set_hover_edge (WbCanvas *self, gint edge, WbPoint at)
{
  g_autofree char *text = NULL;

  if (edge >= 0)
    wb_canvas_edge_text (self, wb_graph_geometry_edge_at (self->geometry, (guint)edge), &text);
  if (edge >= 0 || self->hover_edge >= 0)
    wb_canvas_set_hint (self, text, at);
  if (edge == self->hover_edge)
    return;
  self->hover_edge = edge;
  wb_canvas_redraw (self);
}

static void
motion (GtkEventControllerMotion *controller, double x, double y, WbCanvas *self)
{
  WbNodeCard *card;
  WbPort *port;
  gboolean floating;

  self->pointer_x = x;
  self->pointer_y = y;
  if (self->document == NULL || self->drag != WB_DRAG_NONE || self->connection.active)
    return;
  floating = !pick (self, x, y, &card, &port);
  set_hover_edge (self, floating || card != NULL ? -1 : pick_edge (self, x, y), (WbPoint){ x, y });
}

static void
leave (GtkEventControllerMotion *controller, WbCanvas *self)
{
  self->pointer_x = self->pointer_y = -1;
  if (self->document != NULL && self->drag == WB_DRAG_NONE && !self->connection.active)
    set_hover_edge (self, -1, (WbPoint){ 0, 0 });
}

/* ---- the view ---- */

static gboolean
scrolled (GtkEventControllerScroll *controller, double dx, double dy, WbCanvas *self)
{
  GdkModifierType state =
      gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (controller));
  GdkScrollUnit unit = gtk_event_controller_scroll_get_unit (controller);
  double step = unit == GDK_SCROLL_UNIT_WHEEL ? SCROLL_STEP : 1;
  WbPoint pointer = { self->pointer_x, self->pointer_y };
  WbView view = self->view;

  if (self->document == NULL)
    return FALSE;
  if ((state & GDK_CONTROL_MASK) != 0)
    {
      wb_canvas_zoom_by (self, pow (1.1, -dy * (unit == GDK_SCROLL_UNIT_WHEEL ? 1 : 0.05)),
                         self->pointer_x >= 0 ? &pointer : NULL);
      return TRUE;
    }
  if ((state & GDK_SHIFT_MASK) != 0 && dx == 0)
    {
      dx = dy;
      dy = 0;
    }
  view.x = round (view.x - dx * step);
  view.y = round (view.y - dy * step);
  self->view_touched = TRUE;
  wb_canvas_set_view (self, &view);
  return TRUE;
}

static void
pinch_begin (GtkGesture *gesture, GdkEventSequence *sequence, WbCanvas *self)
{
  self->drag_view = self->view;
}

static void
pinched (GtkGestureZoom *gesture, double factor, WbCanvas *self)
{
  WbPoint fixed;

  if (self->document != NULL
      && gtk_gesture_get_bounding_box_center (GTK_GESTURE (gesture), &fixed.x, &fixed.y))
    wb_canvas_zoom_by (self, self->drag_view.scale * factor / self->view.scale, &fixed);
}

void
wb_canvas_add_input (WbCanvas *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkGesture *drag = gtk_gesture_drag_new (), *click = gtk_gesture_click_new ();
  GtkGesture *context = gtk_gesture_click_new (), *pinch = gtk_gesture_zoom_new ();
  GtkEventController *pointer = gtk_event_controller_motion_new ();
  GtkEventController *scroll =
      gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);

  self->drag_gesture = drag;
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (drag), 0);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (drag_begin), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (drag_update), self);
  g_signal_connect (drag, "drag-end", G_CALLBACK (drag_end), self);
  g_signal_connect (drag, "cancel", G_CALLBACK (drag_cancel), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (drag));

  g_signal_connect (click, "released", G_CALLBACK (clicked), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));
  gtk_gesture_group (drag, click);

  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (context), GDK_BUTTON_SECONDARY);
  /* On release: GTK loses count of a button that is still held when a menu takes the pointer. */
  g_signal_connect (context, "released", G_CALLBACK (context_released), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (context));

  g_signal_connect (pinch, "begin", G_CALLBACK (pinch_begin), self);
  g_signal_connect (pinch, "scale-changed", G_CALLBACK (pinched), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (pinch));

  g_signal_connect (pointer, "enter", G_CALLBACK (motion), self);
  g_signal_connect (pointer, "motion", G_CALLBACK (motion), self);
  g_signal_connect (pointer, "leave", G_CALLBACK (leave), self);
  gtk_widget_add_controller (widget, pointer);

  g_signal_connect (scroll, "scroll", G_CALLBACK (scrolled), self);
  gtk_widget_add_controller (widget, scroll);
}
