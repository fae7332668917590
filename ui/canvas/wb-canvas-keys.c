/* The keyboard: walking along edges, moving by steps, drawing a connection. What has a verb of its
 * own is bound to its action in wb-canvas-actions.c. */
#include "canvas/wb-canvas-private.h"

#include <math.h>

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>

static const struct
{
  guint key, keypad;
  WbWalk walk;
  double dx, dy;
} arrows[] = {
  { GDK_KEY_Left, GDK_KEY_KP_Left, WB_WALK_LEFT, -1, 0 },
  { GDK_KEY_Right, GDK_KEY_KP_Right, WB_WALK_RIGHT, 1, 0 },
  { GDK_KEY_Up, GDK_KEY_KP_Up, WB_WALK_UP, 0, -1 },
  { GDK_KEY_Down, GDK_KEY_KP_Down, WB_WALK_DOWN, 0, 1 },
};

/* Steps in a row are one undo step, until the key that held them together is let go. */
static void
nudge (WbCanvas *self, double dx, double dy)
{
  GArray *selection = wb_document_selection (self->document);
  const guint *ids = (const guint *)(void *)selection->data;
  g_autofree char *label = NULL;

  if (selection->len == 0)
    return;
  label = wb_canvas_label_for (self, _ ("Move %s"), _ ("Move %s layers"), ids, selection->len);
  self->no_animation = TRUE;
  wb_canvas_commit (self,
                    nn_design_move_nodes (wb_canvas_design (self), ids, selection->len,
                                          dx * WB_GRID, dy * WB_GRID),
                    label, "canvas.nudge");
  self->no_animation = FALSE;
  wb_canvas_reveal (self, ids[0]);
}

static void
walk (WbCanvas *self, WbWalk direction, gboolean extend)
{
  guint next = wb_graph_geometry_walk (self->geometry, self->current, direction);

  /* From the canvas itself the first key goes to the node that is current. */
  if (GTK_WIDGET (self) == gtk_root_get_focus (gtk_widget_get_root (GTK_WIDGET (self))))
    next = self->current;
  if (next == 0)
    return;
  wb_canvas_set_current (self, next, TRUE);
  wb_canvas_reveal (self, next);
  if (self->connection.active)
    wb_canvas_connect_to_node (self, next);
  else if (extend)
    {
      if (!wb_document_is_selected (self->document, next))
        wb_document_toggle_selected (self->document, next);
    }
  else
    wb_canvas_select_only (self, next);
}

/* Controls that float above the graph keep their own keys. */
static gboolean
focus_is_on_graph (WbCanvas *self)
{
  GtkWidget *focus = gtk_root_get_focus (gtk_widget_get_root (GTK_WIDGET (self)));

  return focus == GTK_WIDGET (self) || (focus != NULL && WB_IS_NODE_CARD (focus));
}

static gboolean
key_pressed (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state,
             WbCanvas *self)
{
  GdkModifierType used = state & gtk_accelerator_get_default_mod_mask ();

  if (self->document == NULL)
    return FALSE;
  if (key == GDK_KEY_Escape)
    {
      GArray *selection = wb_document_selection (self->document);

      if (self->drag != WB_DRAG_NONE || self->connection.active)
        wb_canvas_cancel_drag (self);
      else if (self->explained != 0)
        wb_canvas_explain (self, self->explained);
      else if (selection->len > 0 && focus_is_on_graph (self))
        wb_document_select (self->document, NULL, 0);
      else
        return FALSE;
      return TRUE;
    }
  if (!focus_is_on_graph (self))
    return FALSE;
  if (key == GDK_KEY_space && used == GDK_CONTROL_MASK)
    {
      wb_document_toggle_selected (self->document, self->current);
      return TRUE;
    }
  if ((key == GDK_KEY_Return || key == GDK_KEY_KP_Enter) && self->connection.active)
    {
      wb_canvas_connect_end (self, self->connection.snap_node != 0);
      return TRUE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (arrows); i++)
    {
      if (key != arrows[i].key && key != arrows[i].keypad)
        continue;
      if (used == GDK_CONTROL_MASK)
        nudge (self, arrows[i].dx, arrows[i].dy);
      else if (used == 0 || used == GDK_SHIFT_MASK)
        walk (self, arrows[i].walk, used == GDK_SHIFT_MASK);
      else
        return FALSE;
      return TRUE;
    }
  return FALSE;
}

static void
key_released (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state,
              WbCanvas *self)
{
  if ((key == GDK_KEY_Control_L || key == GDK_KEY_Control_R) && self->document != NULL)
    wb_document_seal (self->document);
}

static void
focus_entered (GtkEventControllerFocus *controller, WbCanvas *self)
{
  GtkWidget *focus = gtk_root_get_focus (gtk_widget_get_root (GTK_WIDGET (self)));

  /* Tab onto a node is a way of selecting it, so that the inspector speaks of it. */
  if (self->document != NULL && focus != NULL && WB_IS_NODE_CARD (focus)
      && wb_document_selection (self->document)->len == 0 && self->drag == WB_DRAG_NONE)
    wb_canvas_set_current (self, wb_node_card_get_id (WB_NODE_CARD (focus)), FALSE);
}

void
wb_canvas_add_keys (WbCanvas *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkEventController *focus = gtk_event_controller_focus_new ();

  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_pressed), self);
  g_signal_connect (keys, "key-released", G_CALLBACK (key_released), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
  g_signal_connect (focus, "enter", G_CALLBACK (focus_entered), self);
  gtk_widget_add_controller (GTK_WIDGET (self), focus);
}
