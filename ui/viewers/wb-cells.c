#include "viewers/wb-cells.h"

/* A screen reader is told of new data no more often than this. */
#define DESCRIBE_SECONDS 1

typedef struct
{
  gssize selected, hovered;
  gboolean enlarged;
  gsize shown; /* a cell among those shown */
  gint64 described_at;
} WbCellsPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (WbCells, wb_cells, WB_TYPE_DRAWN)

static WbCellsPrivate *
state_of (WbCells *self)
{
  return wb_cells_get_instance_private (self);
}

static gsize
n_cells (WbCells *self)
{
  return WB_CELLS_GET_CLASS (self)->count (self);
}

static void
describe (WbCells *self)
{
  g_autofree char *text = NULL;

  if (n_cells (self) == 0)
    return;
  text = WB_CELLS_GET_CLASS (self)->describe (self);
  state_of (self)->described_at = g_get_monotonic_time ();
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text,
                                  -1);
}

static void
place (WbCells *self)
{
  WB_DRAWN_GET_CLASS (self)->place (WB_DRAWN (self));
  wb_drawn_invalidate (WB_DRAWN (self));
}

void
wb_cells_changed (WbCells *self, gboolean forget)
{
  WbCellsPrivate *state = state_of (self);
  const gssize n = forget ? 0 : (gssize)n_cells (self);

  g_return_if_fail (WB_IS_CELLS (self));
  if (state->selected >= n)
    state->selected = -1;
  if (state->hovered >= n)
    state->hovered = -1;
  if (state->shown >= (gsize)n)
    state->shown = 0;
  state->enlarged = state->enlarged && state->selected >= 0;
  place (self);
  if (g_get_monotonic_time () - state->described_at >= DESCRIBE_SECONDS * G_USEC_PER_SEC)
    describe (self);
}

void
wb_cells_select (WbCells *self, gssize cell)
{
  WbCellsPrivate *state = state_of (self);

  g_return_if_fail (WB_IS_CELLS (self));
  if (cell >= (gssize)n_cells (self))
    return;
  state->selected = MAX (cell, -1);
  state->enlarged = state->enlarged && cell >= 0;
  if (cell >= 0)
    {
      const WbCellsView view = WB_CELLS_GET_CLASS (self)->view (self);
      if ((gsize)cell < view.first || (gsize)cell >= view.first + view.rows * view.columns)
        state->shown = (gsize)cell;
    }
  describe (self);
  place (self);
}

void
wb_cells_choose (WbCells *self, gssize cell)
{
  wb_cells_select (self, cell);
  if (WB_CELLS_GET_CLASS (self)->chosen != NULL)
    WB_CELLS_GET_CLASS (self)->chosen (self);
}

gssize
wb_cells_get_selected (WbCells *self)
{
  return state_of (self)->selected;
}

gssize
wb_cells_get_hovered (WbCells *self)
{
  return state_of (self)->hovered;
}

void
wb_cells_enlarge (WbCells *self, gboolean enlarged)
{
  WbCellsPrivate *state = state_of (self);
  const WbCellsClass *klass = WB_CELLS_GET_CLASS (self);

  state->enlarged =
      enlarged && state->selected >= 0 && (klass->opens == NULL || klass->opens (self));
  state->hovered = -1;
  wb_drawn_invalidate (WB_DRAWN (self));
}

gboolean
wb_cells_get_enlarged (WbCells *self)
{
  return state_of (self)->enlarged;
}

gsize
wb_cells_get_shown (WbCells *self)
{
  return state_of (self)->shown;
}

gssize
wb_cells_at (WbCells *self, double x, double y)
{
  return n_cells (self) > 0 && !state_of (self)->enlarged
             ? WB_CELLS_GET_CLASS (self)->at (self, x, y)
             : -1;
}

/* ---- pointer and keys ---- */

static void
set_hovered (WbCells *self, gssize cell)
{
  if (state_of (self)->hovered == cell)
    return;
  state_of (self)->hovered = cell;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
moved (WbCells *self, double x, double y)
{
  set_hovered (self, wb_cells_at (self, x, y));
}

static void
left (WbCells *self)
{
  set_hovered (self, -1);
}

static gboolean
scrolled (WbCells *self, double dx, double dy)
{
  const WbCellsClass *klass = WB_CELLS_GET_CLASS (self);
  const WbCellsView view = klass->view (self);
  const gssize n = (gssize)n_cells (self), shown = (gssize)(view.rows * view.columns);
  gssize first;

  if (shown >= n || (klass->scrolls != NULL && !klass->scrolls (self)))
    return FALSE;
  first = (gssize)view.first + (dy > 0 ? 1 : -1) * (gssize)view.columns;
  state_of (self)->shown = (gsize)CLAMP (first + shown - 1, 0, n - 1);
  place (self);
  return TRUE;
}

static gboolean
key_move (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  WbCells *self = WB_CELLS (widget);
  const gssize selected = state_of (self)->selected;
  const gssize columns = (gssize)WB_CELLS_GET_CLASS (self)->view (self).columns;
  gint dx, dy;
  gssize next;

  g_variant_get (args, "(ii)", &dx, &dy);
  next = selected < 0 ? 0 : selected + dx + dy * columns;
  if (next < 0 || next >= (gssize)n_cells (self))
    return FALSE;
  wb_cells_choose (self, next);
  return TRUE;
}

static gboolean
key_enter (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  WbCells *self = WB_CELLS (widget);

  if (state_of (self)->selected < 0)
    wb_cells_choose (self, 0);
  wb_cells_enlarge (self, !state_of (self)->enlarged);
  return TRUE;
}

static gboolean
key_escape (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  WbCells *self = WB_CELLS (widget);
  const WbCellsClass *klass = WB_CELLS_GET_CLASS (self);

  if (state_of (self)->enlarged)
    wb_cells_enlarge (self, FALSE);
  else if (klass->back != NULL && klass->back (self))
    return TRUE;
  else if (state_of (self)->selected >= 0)
    wb_cells_select (self, -1);
  else
    return FALSE;
  return TRUE;
}

/* ---- the object ---- */

static void
wb_cells_class_init (WbCellsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  gtk_widget_class_add_binding (widget_class, GDK_KEY_Left, 0, key_move, "(ii)", -1, 0);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Right, 0, key_move, "(ii)", 1, 0);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Up, 0, key_move, "(ii)", 0, -1);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Down, 0, key_move, "(ii)", 0, 1);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Return, 0, key_enter, NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_KP_Enter, 0, key_enter, NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Escape, 0, key_escape, NULL);
}

static void
wb_cells_init (WbCells *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkEventController *wheel = gtk_event_controller_scroll_new (
      GTK_EVENT_CONTROLLER_SCROLL_VERTICAL | GTK_EVENT_CONTROLLER_SCROLL_DISCRETE);

  state_of (self)->selected = state_of (self)->hovered = -1;
  wb_drawn_add_pointer (widget, self, G_CALLBACK (moved), G_CALLBACK (left));
  g_signal_connect_swapped (wheel, "scroll", G_CALLBACK (scrolled), self);
  gtk_widget_add_controller (widget, wheel);
}
