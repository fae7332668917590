#include "viewers/wb-board.h"

#define MIN_WIDTH 180
#define MIN_HEIGHT 110

struct _WbBoard
{
  WbCells parent;

  /* owned */
  WbBoardData *data;

  char *link;            /* name of the board in the document; NULL: none */
  GSignalGroup *signals; /* of the document that the selection is linked to */

  WbBoardLayout layout;
};

G_DEFINE_FINAL_TYPE (WbBoard, wb_board, WB_TYPE_CELLS)

static char *
wb_board_describe_cells (WbCells *cells)
{
  return wb_board_describe (WB_BOARD (cells)->data, wb_cells_get_selected (cells));
}

static void
place (WbDrawn *drawn)
{
  WbBoard *self = WB_BOARD (drawn);
  GtkWidget *widget = GTK_WIDGET (drawn);

  if (self->data != NULL && gtk_widget_get_width (widget) > 0)
    wb_board_layout (self->data, gtk_widget_get_pango_context (widget),
                     gtk_widget_get_width (widget), gtk_widget_get_height (widget),
                     wb_cells_get_shown (WB_CELLS (self)), &self->layout);
}

void
wb_board_set_data (WbBoard *self, WbBoardData *data)
{
  g_return_if_fail (WB_IS_BOARD (self));
  g_clear_pointer (&self->data, wb_board_data_free);
  self->data = data;
  wb_cells_changed (WB_CELLS (self), FALSE);
}

const WbBoardData *
wb_board_get_data (WbBoard *self)
{
  return self->data;
}

/* Tells the others what a hand has selected here. */
static void
share (WbCells *cells)
{
  WbBoard *self = WB_BOARD (cells);
  g_autoptr (WbDocument) document = g_signal_group_dup_target (self->signals);

  if (document != NULL && self->link != NULL)
    wb_document_set_cell (document, self->link, wb_cells_get_selected (cells));
}

static void
follow (WbBoard *self)
{
  g_autoptr (WbDocument) document = g_signal_group_dup_target (self->signals);

  if (document == NULL || self->link == NULL)
    return;
  const gssize cell = wb_document_cell (document, self->link);
  if (cell >= 0 && cell != wb_cells_get_selected (WB_CELLS (self)))
    wb_cells_select (WB_CELLS (self), cell);
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

/* ---- drawing ---- */

static WbBoardView
view_in (WbBoard *self, WbScheme scheme)
{
  return (WbBoardView){ .data = self->data,
                        .scheme = scheme,
                        .selected = wb_cells_get_selected (WB_CELLS (self)),
                        .hovered = wb_cells_get_hovered (WB_CELLS (self)),
                        .enlarged = wb_cells_get_enlarged (WB_CELLS (self)) };
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
  wb_board_layout (self->data, context, width, height, wb_cells_get_shown (WB_CELLS (self)),
                   &layout);
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

/* ---- cells ---- */

static gsize
wb_board_count (WbCells *cells)
{
  return WB_BOARD (cells)->data != NULL ? WB_BOARD (cells)->data->n : 0;
}

static WbCellsView
wb_board_view (WbCells *cells)
{
  const WbBoardLayout *layout = &WB_BOARD (cells)->layout;

  return (WbCellsView){ layout->first, layout->rows, layout->columns };
}

static gssize
wb_board_at (WbCells *cells, double x, double y)
{
  return wb_board_layout_cell_at (&WB_BOARD (cells)->layout, WB_BOARD (cells)->data, x, y);
}

static gboolean
wb_board_shows_maps (WbCells *cells)
{
  return WB_BOARD (cells)->data != NULL && WB_BOARD (cells)->data->kind == WB_BOARD_MAPS;
}

static void
pressed (WbCells *cells, int n_press, double x, double y)
{
  const gssize cell = wb_cells_at (cells, x, y);

  gtk_widget_grab_focus (GTK_WIDGET (cells));
  if (wb_cells_get_enlarged (cells))
    wb_cells_enlarge (cells, FALSE);
  else if (n_press > 1 && cell >= 0)
    wb_cells_enlarge (cells, TRUE);
  else
    wb_cells_choose (cells, cell);
}

/* ---- the object ---- */

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
  WbCellsClass *cells_class = WB_CELLS_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = wb_board_dispose;
  drawn_class->min_width = MIN_WIDTH;
  drawn_class->min_height = MIN_HEIGHT;
  drawn_class->place = place;
  drawn_class->is_ready = wb_board_is_ready;
  drawn_class->draw = wb_board_draw_picture;
  drawn_class->snapshot_over = wb_board_snapshot_over;
  cells_class->count = wb_board_count;
  cells_class->view = wb_board_view;
  cells_class->at = wb_board_at;
  cells_class->describe = wb_board_describe_cells;
  cells_class->opens = wb_board_shows_maps;
  cells_class->scrolls = wb_board_shows_maps;
  cells_class->chosen = share;
  gtk_widget_class_set_css_name (widget_class, "wb-board");
}

static void
wb_board_init (WbBoard *self)
{
  GtkGesture *click = gtk_gesture_click_new ();

  self->signals = g_signal_group_new (WB_TYPE_DOCUMENT);
  g_signal_group_connect_swapped (self->signals, "state-changed", G_CALLBACK (follow), self);
  g_signal_connect_swapped (click, "pressed", G_CALLBACK (pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
}

GtkWidget *
wb_board_new (void)
{
  return g_object_new (WB_TYPE_BOARD, NULL);
}
