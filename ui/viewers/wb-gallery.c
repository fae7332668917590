#include "viewers/wb-gallery.h"

#include <math.h>
#include <string.h>

#define MIN_WIDTH 180
#define MIN_HEIGHT 110
#define DRAG_FROM 8 /* pixels; less is a click */

struct _WbGallery
{
  WbCells parent;

  /* owned */
  WbGalleryData *data;
  gboolean *marked; /* (n) */

  WbGalleryLayout layout;
  gboolean dragging;
  gboolean opens; /* the press under way enlarges when it is released */
  double foot_height, foot_width;
  WbRect lasso;
};

G_DEFINE_FINAL_TYPE (WbGallery, wb_gallery, WB_TYPE_CELLS)

enum
{
  MARKS_CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static guint
n_cells (WbGallery *self)
{
  return self->data != NULL ? self->data->result->n : 0;
}

static char *
wb_gallery_describe (WbCells *cells)
{
  return wb_gallery_data_describe (WB_GALLERY (cells)->data, wb_cells_get_selected (cells));
}

static void
place (WbDrawn *drawn)
{
  WbGallery *self = WB_GALLERY (drawn);
  GtkWidget *widget = GTK_WIDGET (drawn);

  if (self->data != NULL && gtk_widget_get_width (widget) > 0)
    wb_gallery_layout (self->data, gtk_widget_get_pango_context (widget),
                       gtk_widget_get_width (widget), gtk_widget_get_height (widget),
                       self->foot_height, wb_cells_get_shown (WB_CELLS (self)), &self->layout);
}

static gboolean
same_units (const WbGalleryData *a, const WbGalleryData *b)
{
  return a != NULL && b != NULL && a->result->node == b->result->node
         && a->result->n == b->result->n
         && memcmp (a->result->units, b->result->units, a->result->n * sizeof (guint32)) == 0;
}

void
wb_gallery_set_data (WbGallery *self, WbGalleryData *data)
{
  const gboolean same = same_units (self->data, data);

  g_return_if_fail (WB_IS_GALLERY (self));
  g_clear_pointer (&self->data, wb_gallery_data_free);
  self->data = data;
  if (!same)
    {
      self->dragging = FALSE;
      g_free (self->marked);
      self->marked = g_new0 (gboolean, n_cells (self) + 1);
      g_signal_emit (self, signals[MARKS_CHANGED], 0);
    }
  wb_cells_changed (WB_CELLS (self), !same);
}

const WbGalleryData *
wb_gallery_get_data (WbGallery *self)
{
  return self->data;
}

/* ---- marks ---- */

void
wb_gallery_mark (WbGallery *self, guint cell, gboolean marked)
{
  g_return_if_fail (WB_IS_GALLERY (self));
  if (cell >= n_cells (self) || self->marked[cell] == marked)
    return;
  self->marked[cell] = marked;
  g_signal_emit (self, signals[MARKS_CHANGED], 0);
  wb_drawn_invalidate (WB_DRAWN (self));
}

GArray *
wb_gallery_get_marked (WbGallery *self)
{
  GArray *units = g_array_new (FALSE, FALSE, sizeof (guint32));

  for (guint i = 0; i < n_cells (self); i++)
    if (self->marked[i])
      g_array_append_val (units, self->data->result->units[i]);
  return units;
}

void
wb_gallery_clear_marks (WbGallery *self)
{
  for (guint i = 0; i < n_cells (self); i++)
    wb_gallery_mark (self, i, FALSE);
}

void
wb_gallery_set_foot (WbGallery *self, double height, double width)
{
  if (self->foot_height == height && self->foot_width == width)
    return;
  self->foot_height = height;
  self->foot_width = width;
  place (WB_DRAWN (self));
  wb_drawn_invalidate (WB_DRAWN (self));
}

/* ---- drawing ---- */

static WbGalleryView
view_in (WbGallery *self, WbScheme scheme, double width)
{
  return (WbGalleryView){ .data = self->data,
                          .scheme = scheme,
                          .selected = wb_cells_get_selected (WB_CELLS (self)),
                          .hovered = wb_cells_get_hovered (WB_CELLS (self)),
                          .marked = self->marked,
                          .enlarged = wb_cells_get_enlarged (WB_CELLS (self)),
                          .foot_end = width };
}

void
wb_gallery_draw_figure (WbGallery *self, cairo_t *cr, double width, double height)
{
  WbGalleryView view = view_in (self, WB_SCHEME_LIGHT, width);
  WbGalleryLayout layout;
  PangoContext *context;

  if (self->data == NULL)
    return;
  view.hovered = -1;
  context = wb_figure_context ();
  wb_gallery_layout (self->data, context, width, height, 0, wb_cells_get_shown (WB_CELLS (self)),
                     &layout);
  wb_gallery_draw (&view, &layout, cr, context);
  wb_gallery_draw_panel (&view, &layout, cr, context);
  g_object_unref (context);
}

static void
draw_lasso (WbGallery *self, cairo_t *cr)
{
  const GdkRGBA *accent = wb_color (WB_COLOR_ACCENT, wb_scheme_current ());

  wb_figure_rounded (cr, &self->lasso, 3);
  wb_cairo_set_color (cr, accent, 0.12);
  cairo_fill_preserve (cr);
  wb_cairo_set_color (cr, accent, 0.8);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
}

static gboolean
wb_gallery_is_ready (WbDrawn *drawn)
{
  return WB_GALLERY (drawn)->data != NULL;
}

static WbGalleryView
view_now (WbGallery *self)
{
  return view_in (self, wb_scheme_current (),
                  gtk_widget_get_width (GTK_WIDGET (self)) - self->foot_width);
}

static void
wb_gallery_draw_picture (WbDrawn *drawn, cairo_t *cr, PangoContext *context)
{
  const WbGalleryView view = view_now (WB_GALLERY (drawn));

  wb_gallery_draw (&view, &WB_GALLERY (drawn)->layout, cr, context);
}

static void
wb_gallery_snapshot_over (WbDrawn *drawn, GtkSnapshot *snapshot)
{
  WbGallery *self = WB_GALLERY (drawn);
  const WbGalleryView view = view_now (self);
  cairo_t *cr = wb_drawn_append_cairo (drawn, snapshot);

  wb_gallery_draw_panel (&view, &self->layout, cr,
                         gtk_widget_get_pango_context (GTK_WIDGET (self)));
  if (self->dragging)
    draw_lasso (self, cr);
  cairo_destroy (cr);
}

/* ---- cells ---- */

static gsize
wb_gallery_count (WbCells *cells)
{
  return n_cells (WB_GALLERY (cells));
}

static WbCellsView
wb_gallery_view (WbCells *cells)
{
  const WbGalleryLayout *layout = &WB_GALLERY (cells)->layout;

  return (WbCellsView){ layout->first, layout->rows, layout->columns };
}

static gssize
wb_gallery_at (WbCells *cells, double x, double y)
{
  return wb_gallery_layout_cell_at (&WB_GALLERY (cells)->layout, WB_GALLERY (cells)->data, x, y);
}

static gboolean
wb_gallery_back (WbCells *cells)
{
  g_autoptr (GArray) marked = wb_gallery_get_marked (WB_GALLERY (cells));

  wb_gallery_clear_marks (WB_GALLERY (cells));
  return marked->len > 0;
}

/* ---- pointer ---- */

static void
pressed (WbGallery *self, int n_press, double x, double y, GtkGesture *click)
{
  const GdkModifierType state =
      gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (click));
  WbCells *cells = WB_CELLS (self);
  const gssize cell = wb_cells_at (cells, x, y);

  gtk_widget_grab_focus (GTK_WIDGET (self));
  self->opens = FALSE;
  if (wb_cells_get_enlarged (cells))
    {
      wb_cells_enlarge (cells, FALSE);
      return;
    }
  if (cell >= 0 && (state & (GDK_CONTROL_MASK | GDK_SHIFT_MASK)))
    {
      wb_gallery_mark (self, (guint)cell, !self->marked[cell]);
      return;
    }
  wb_gallery_clear_marks (self);
  wb_cells_select (cells, cell);
  /* Where nothing beside tells more, a click shows it large. */
  self->opens = cell >= 0 && self->layout.panel.width <= 0;
  if (cell >= 0 && n_press > 1)
    wb_cells_enlarge (cells, TRUE);
}

static void
released (WbGallery *self)
{
  if (self->opens && !self->dragging)
    wb_cells_enlarge (WB_CELLS (self), TRUE);
  self->opens = FALSE;
}

static void
dragged (WbGallery *self, double dx, double dy, GtkGestureDrag *drag)
{
  double x, y;

  if (self->data == NULL || wb_cells_get_enlarged (WB_CELLS (self)) || hypot (dx, dy) < DRAG_FROM
      || !gtk_gesture_drag_get_start_point (drag, &x, &y))
    return;
  self->dragging = TRUE;
  self->lasso = (WbRect){ MIN (x, x + dx), MIN (y, y + dy), fabs (dx), fabs (dy) };
  for (guint i = self->layout.first;
       i < MIN (n_cells (self), self->layout.first + self->layout.rows * self->layout.columns); i++)
    {
      const WbRect cell = wb_gallery_layout_cell (&self->layout, i);
      wb_gallery_mark (self, i,
                       cell.x < self->lasso.x + self->lasso.width
                           && self->lasso.x < cell.x + cell.width
                           && cell.y < self->lasso.y + self->lasso.height
                           && self->lasso.y < cell.y + cell.height);
    }
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
drag_ended (WbGallery *self)
{
  self->dragging = FALSE;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* ---- the object ---- */

static void
wb_gallery_dispose (GObject *object)
{
  WbGallery *self = WB_GALLERY (object);

  g_clear_pointer (&self->data, wb_gallery_data_free);
  g_clear_pointer (&self->marked, g_free);
  G_OBJECT_CLASS (wb_gallery_parent_class)->dispose (object);
}

static void
wb_gallery_class_init (WbGalleryClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  WbDrawnClass *drawn_class = WB_DRAWN_CLASS (klass);
  WbCellsClass *cells_class = WB_CELLS_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = wb_gallery_dispose;
  drawn_class->min_width = MIN_WIDTH;
  drawn_class->min_height = MIN_HEIGHT;
  drawn_class->place = place;
  drawn_class->is_ready = wb_gallery_is_ready;
  drawn_class->draw = wb_gallery_draw_picture;
  drawn_class->snapshot_over = wb_gallery_snapshot_over;
  cells_class->count = wb_gallery_count;
  cells_class->view = wb_gallery_view;
  cells_class->at = wb_gallery_at;
  cells_class->describe = wb_gallery_describe;
  cells_class->back = wb_gallery_back;
  gtk_widget_class_set_css_name (widget_class, "wb-gallery");
  signals[MARKS_CHANGED] = g_signal_new ("marks-changed", WB_TYPE_GALLERY, G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
wb_gallery_init (WbGallery *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkGesture *click = gtk_gesture_click_new (), *drag = gtk_gesture_drag_new ();

  self->marked = g_new0 (gboolean, 1);
  g_signal_connect_swapped (click, "pressed", G_CALLBACK (pressed), self);
  g_signal_connect_swapped (click, "released", G_CALLBACK (released), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));
  g_signal_connect_swapped (drag, "drag-update", G_CALLBACK (dragged), self);
  g_signal_connect_swapped (drag, "drag-end", G_CALLBACK (drag_ended), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (drag));
  gtk_gesture_group (click, drag);
}

GtkWidget *
wb_gallery_new (void)
{
  return g_object_new (WB_TYPE_GALLERY, NULL);
}
