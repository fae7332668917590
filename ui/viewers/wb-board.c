#include "viewers/wb-board.h"

#define MIN_WIDTH 180
#define MIN_HEIGHT 110
#define DESCRIBE_SECONDS 1

struct _WbBoard
{
  WbDrawn parent;

  /* owned */
  WbBoardData *data;

  WbBoardLayout layout;
  gssize selected, hovered;
  GSignalGroup *signals; /* of the document that the selection is linked to */
  char *link;            /* name of the board there; NULL: none */
  gboolean enlarged;
  gsize shown; /* a cell among those shown */
  gint64 described_at;
};

G_DEFINE_FINAL_TYPE (WbBoard, wb_board, WB_TYPE_DRAWN)

static void
describe (WbBoard *self)
{
  g_autofree char *text = NULL;

  if (self->data == NULL)
    return;
  text = wb_board_describe (self->data, self->selected);
  self->described_at = g_get_monotonic_time ();
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text,
                                  -1);
}

static void
place (WbDrawn *drawn)
{
  WbBoard *self = WB_BOARD (drawn);
  GtkWidget *widget = GTK_WIDGET (drawn);

  if (self->data != NULL && gtk_widget_get_width (widget) > 0)
    wb_board_layout (self->data, gtk_widget_get_pango_context (widget),
                     gtk_widget_get_width (widget), gtk_widget_get_height (widget), self->shown,
                     &self->layout);
  wb_drawn_invalidate (WB_DRAWN (self));
}

void
wb_board_set_data (WbBoard *self, WbBoardData *data)
{
  const gssize n = data != NULL ? (gssize)data->n : 0;

  g_return_if_fail (WB_IS_BOARD (self));
  g_clear_pointer (&self->data, wb_board_data_free);
  self->data = data;
  if (self->selected >= n)
    self->selected = -1;
  if (self->hovered >= n)
    self->hovered = -1;
  if (self->shown >= (gsize)n)
    self->shown = 0;
  self->enlarged = self->enlarged && self->selected >= 0;
  place (WB_DRAWN (self));
  if (g_get_monotonic_time () - self->described_at >= DESCRIBE_SECONDS * G_USEC_PER_SEC)
    describe (self);
}

const WbBoardData *
wb_board_get_data (WbBoard *self)
{
  return self->data;
}

void
wb_board_select (WbBoard *self, gssize cell)
{
  g_return_if_fail (WB_IS_BOARD (self));
  if (self->data == NULL || cell >= (gssize)self->data->n)
    return;
  self->selected = MAX (cell, -1);
  self->enlarged = self->enlarged && cell >= 0;
  if (cell >= 0)
    {
      const gsize end = self->layout.first + self->layout.rows * self->layout.columns;
      if ((gsize)cell < self->layout.first || (gsize)cell >= end)
        self->shown = (gsize)cell;
    }
  describe (self);
  place (WB_DRAWN (self));
}

/* Tells the others what a hand has selected here. */
static void
share (WbBoard *self)
{
  g_autoptr (WbDocument) document = g_signal_group_dup_target (self->signals);

  if (document != NULL && self->link != NULL)
    wb_document_set_cell (document, self->link, self->selected);
}

static void
follow (WbBoard *self)
{
  g_autoptr (WbDocument) document = g_signal_group_dup_target (self->signals);

  if (document == NULL || self->link == NULL)
    return;
  const gssize cell = wb_document_cell (document, self->link);
  if (cell >= 0 && cell != self->selected)
    wb_board_select (self, cell);
}

void
wb_board_link (WbBoard *self, WbDocument *document, const char *name)
{
  g_autoptr (WbDocument) old = NULL;

  g_return_if_fail (WB_IS_BOARD (self));
  old = g_signal_group_dup_target (self->signals);
  if (old == document && g_strcmp0 (name, self->link) == 0)
    return;
  g_free (self->link);
  self->link = g_strdup (name);
  g_signal_group_set_target (self->signals, document);
  follow (self);
}

gssize
wb_board_get_selected (WbBoard *self)
{
  return self->selected;
}

gboolean
wb_board_get_enlarged (WbBoard *self)
{
  return self->enlarged;
}

/* ---- drawing ---- */

static WbBoardView
view_in (WbBoard *self, WbScheme scheme)
{
  return (WbBoardView){ .data = self->data,
                        .scheme = scheme,
                        .selected = self->selected,
                        .hovered = self->hovered,
                        .enlarged = self->enlarged };
}

void
wb_board_draw_figure (WbBoard *self, cairo_t *cr, double width, double height)
{
  WbBoardView view = view_in (self, WB_SCHEME_LIGHT);
  WbBoardLayout layout;
  PangoContext *context;

  if (self->data == NULL)
    return;
  view.hovered = -1;
  context = wb_figure_context ();
  wb_board_layout (self->data, context, width, height, self->shown, &layout);
  wb_board_draw (&view, &layout, cr, context);
  wb_board_draw_panel (&view, &layout, cr, context);
  g_object_unref (context);
}

static gboolean
wb_board_is_ready (WbDrawn *drawn)
{
  return WB_BOARD (drawn)->data != NULL;
}

static void
wb_board_draw_picture (WbDrawn *drawn, cairo_t *cr, PangoContext *context)
{
  const WbBoardView view = view_in (WB_BOARD (drawn), wb_scheme_current ());

  wb_board_draw (&view, &WB_BOARD (drawn)->layout, cr, context);
}

static void
wb_board_snapshot_over (WbDrawn *drawn, GtkSnapshot *snapshot)
{
  const WbBoardView view = view_in (WB_BOARD (drawn), wb_scheme_current ());
  cairo_t *cr = wb_drawn_append_cairo (drawn, snapshot);

  wb_board_draw_panel (&view, &WB_BOARD (drawn)->layout, cr,
                       gtk_widget_get_pango_context (GTK_WIDGET (drawn)));
  cairo_destroy (cr);
}

/* ---- pointer and keys ---- */

static gssize
cell_at (WbBoard *self, double x, double y)
{
  return self->data != NULL && !self->enlarged
             ? wb_board_layout_cell_at (&self->layout, self->data, x, y)
             : -1;
}

static void
set_hovered (WbBoard *self, gssize cell)
{
  if (self->hovered == cell)
    return;
  self->hovered = cell;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
motion (WbBoard *self, double x, double y)
{
  set_hovered (self, cell_at (self, x, y));
}

static void
leave (WbBoard *self)
{
  set_hovered (self, -1);
}

static void
set_enlarged (WbBoard *self, gboolean enlarged)
{
  self->enlarged =
      enlarged && self->selected >= 0 && self->data != NULL && self->data->kind == WB_BOARD_MAPS;
  self->hovered = -1;
  wb_drawn_invalidate (WB_DRAWN (self));
}

static void
pressed (WbBoard *self, int n_press, double x, double y)
{
  const gssize cell = cell_at (self, x, y);

  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (self->enlarged)
    set_enlarged (self, FALSE);
  else if (n_press > 1 && cell >= 0)
    set_enlarged (self, TRUE);
  else
    {
      wb_board_select (self, cell);
      share (self);
    }
}

static gboolean
scrolled (WbBoard *self, double dx, double dy)
{
  const WbBoardLayout *layout = &self->layout;
  const gsize shown = layout->rows * layout->columns;
  gssize first;

  if (self->data == NULL || self->data->kind != WB_BOARD_MAPS || shown >= self->data->n)
    return FALSE;
  first = (gssize)layout->first + (dy > 0 ? 1 : -1) * (gssize)layout->columns;
  self->shown = (gsize)CLAMP (first + (gssize)shown - 1, 0, (gssize)self->data->n - 1);
  place (WB_DRAWN (self));
  return TRUE;
}

static gboolean
key_move (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  WbBoard *self = WB_BOARD (widget);
  gint dx, dy;
  gssize next;

  g_variant_get (args, "(ii)", &dx, &dy);
  if (self->data == NULL)
    return FALSE;
  next = self->selected < 0 ? 0 : self->selected + dx + dy * (gssize)self->layout.columns;
  if (next < 0 || next >= (gssize)self->data->n)
    return FALSE;
  wb_board_select (self, next);
  share (self);
  return TRUE;
}

static gboolean
key_enter (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  WbBoard *self = WB_BOARD (widget);

  if (self->selected < 0)
    {
      wb_board_select (self, 0);
      share (self);
    }
  set_enlarged (self, !self->enlarged);
  return TRUE;
}

static gboolean
key_escape (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  WbBoard *self = WB_BOARD (widget);

  if (self->enlarged)
    set_enlarged (self, FALSE);
  else if (self->selected >= 0)
    wb_board_select (self, -1);
  else
    return FALSE;
  return TRUE;
}

static void
wb_board_dispose (GObject *object)
{
  WbBoard *self = WB_BOARD (object);

  g_clear_pointer (&self->data, wb_board_data_free);
  g_clear_pointer (&self->link, g_free);
  g_clear_object (&self->signals);
  G_OBJECT_CLASS (wb_board_parent_class)->dispose (object);
}

static void
wb_board_class_init (WbBoardClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  WbDrawnClass *drawn_class = WB_DRAWN_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = wb_board_dispose;
  drawn_class->min_width = MIN_WIDTH;
  drawn_class->min_height = MIN_HEIGHT;
  drawn_class->place = place;
  drawn_class->is_ready = wb_board_is_ready;
  drawn_class->draw = wb_board_draw_picture;
  drawn_class->snapshot_over = wb_board_snapshot_over;
  gtk_widget_class_set_css_name (widget_class, "wb-board");
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Left, 0, key_move, "(ii)", -1, 0);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Right, 0, key_move, "(ii)", 1, 0);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Up, 0, key_move, "(ii)", 0, -1);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Down, 0, key_move, "(ii)", 0, 1);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Return, 0, key_enter, NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_KP_Enter, 0, key_enter, NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Escape, 0, key_escape, NULL);
}

static void
wb_board_init (WbBoard *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkEventController *wheel = gtk_event_controller_scroll_new (
      GTK_EVENT_CONTROLLER_SCROLL_VERTICAL | GTK_EVENT_CONTROLLER_SCROLL_DISCRETE);
  GtkGesture *click = gtk_gesture_click_new ();

  self->selected = self->hovered = -1;
  self->signals = g_signal_group_new (WB_TYPE_DOCUMENT);
  g_signal_group_connect_swapped (self->signals, "state-changed", G_CALLBACK (follow), self);
  wb_drawn_add_pointer (widget, self, G_CALLBACK (motion), G_CALLBACK (leave));
  g_signal_connect_swapped (wheel, "scroll", G_CALLBACK (scrolled), self);
  gtk_widget_add_controller (widget, wheel);
  g_signal_connect_swapped (click, "pressed", G_CALLBACK (pressed), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));
}

GtkWidget *
wb_board_new (void)
{
  return g_object_new (WB_TYPE_BOARD, NULL);
}
