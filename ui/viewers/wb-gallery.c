#include "viewers/wb-gallery.h"

#include <math.h>
#include <string.h>

#define MIN_WIDTH 180
#define MIN_HEIGHT 110
#define DESCRIBE_SECONDS 1
#define DRAG_FROM 8 /* pixels; less is a click */

struct _WbGallery
{
  WbDrawn parent;

  /* owned */
  WbGalleryData *data;
  gboolean *marked; /* (n) */

  WbGalleryLayout layout;
  gssize selected, hovered;
  gboolean enlarged, dragging;
  gboolean opens; /* the press under way enlarges when it is released */
  guint shown;    /* a cell among those shown */
  double foot_height, foot_width;
  WbRect lasso;
  gint64 described_at;
};

G_DEFINE_FINAL_TYPE (WbGallery, wb_gallery, WB_TYPE_DRAWN)

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

static void
describe (WbGallery *self)
{
  g_autofree char *text = NULL;

  if (self->data == NULL)
    return;
  text = wb_gallery_data_describe (self->data, self->selected);
  self->described_at = g_get_monotonic_time ();
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text,
                                  -1);
}

static void
place (WbDrawn *drawn)
{
  WbGallery *self = WB_GALLERY (drawn);
  GtkWidget *widget = GTK_WIDGET (drawn);

  if (self->data != NULL && gtk_widget_get_width (widget) > 0)
    wb_gallery_layout (self->data, gtk_widget_get_pango_context (widget),
                       gtk_widget_get_width (widget), gtk_widget_get_height (widget),
                       self->foot_height, self->shown, &self->layout);
  wb_drawn_invalidate (WB_DRAWN (self));
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
      self->selected = self->hovered = -1;
      self->enlarged = self->dragging = FALSE;
      self->shown = 0;
      g_free (self->marked);
      self->marked = g_new0 (gboolean, n_cells (self) + 1);
      g_signal_emit (self, signals[MARKS_CHANGED], 0);
    }
  place (WB_DRAWN (self));
  if (g_get_monotonic_time () - self->described_at >= DESCRIBE_SECONDS * G_USEC_PER_SEC)
    describe (self);
}

const WbGalleryData *
wb_gallery_get_data (WbGallery *self)
{
  return self->data;
}

void
wb_gallery_select (WbGallery *self, gssize cell)
{
  g_return_if_fail (WB_IS_GALLERY (self));
  if (cell >= (gssize)n_cells (self))
    return;
  self->selected = MAX (cell, -1);
  self->enlarged = self->enlarged && cell >= 0;
  if (cell >= 0)
    {
      const guint end = self->layout.first + self->layout.rows * self->layout.columns;
      if ((guint)cell < self->layout.first || (guint)cell >= end)
        self->shown = (guint)cell;
    }
  describe (self);
  place (WB_DRAWN (self));
}

gssize
wb_gallery_get_selected (WbGallery *self)
{
  return self->selected;
}

gboolean
wb_gallery_get_enlarged (WbGallery *self)
{
  return self->enlarged;
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
}

/* ---- drawing ---- */

static WbGalleryView
view_in (WbGallery *self, WbScheme scheme, double width)
{
  return (WbGalleryView){ .data = self->data,
                          .scheme = scheme,
                          .selected = self->selected,
                          .hovered = self->hovered,
                          .marked = self->marked,
                          .enlarged = self->enlarged,
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
  wb_gallery_layout (self->data, context, width, height, 0, self->shown, &layout);
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

/* ---- pointer and keys ---- */

static gssize
cell_at (WbGallery *self, double x, double y)
{
  return self->data != NULL && !self->enlarged
             ? wb_gallery_layout_cell_at (&self->layout, self->data, x, y)
             : -1;
}

static void
motion (WbGallery *self, double x, double y)
{
  const gssize cell = cell_at (self, x, y);

  if (self->hovered == cell)
    return;
  self->hovered = cell;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
leave (WbGallery *self)
{
  motion (self, -1, -1);
}

static void
set_enlarged (WbGallery *self, gboolean enlarged)
{
  self->enlarged = enlarged && self->selected >= 0 && self->data != NULL;
  self->hovered = -1;
  wb_drawn_invalidate (WB_DRAWN (self));
}

static void
pressed (WbGallery *self, int n_press, double x, double y, GtkGesture *click)
{
  const GdkModifierType state =
      gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (click));
  const gssize cell = cell_at (self, x, y);

  gtk_widget_grab_focus (GTK_WIDGET (self));
  self->opens = FALSE;
  if (self->enlarged)
    {
      set_enlarged (self, FALSE);
      return;
    }
  if (cell >= 0 && (state & (GDK_CONTROL_MASK | GDK_SHIFT_MASK)))
    {
      wb_gallery_mark (self, (guint)cell, !self->marked[cell]);
      return;
    }
  wb_gallery_clear_marks (self);
  wb_gallery_select (self, cell);
  /* Where nothing beside tells more, a click shows it large. */
  self->opens = cell >= 0 && self->layout.panel.width <= 0;
  if (cell >= 0 && n_press > 1)
    set_enlarged (self, TRUE);
}

static void
released (WbGallery *self)
{
  if (self->opens && !self->dragging && !self->enlarged)
    set_enlarged (self, TRUE);
  self->opens = FALSE;
}

static void
dragged (WbGallery *self, double dx, double dy, GtkGestureDrag *drag)
{
  double x, y;

  if (self->data == NULL || self->enlarged || hypot (dx, dy) < DRAG_FROM
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

static gboolean
scrolled (WbGallery *self, double dx, double dy)
{
  const WbGalleryLayout *layout = &self->layout;
  const guint shown = layout->rows * layout->columns;
  gint first;

  if (self->data == NULL || shown >= n_cells (self))
    return FALSE;
  first = (gint)layout->first + (dy > 0 ? 1 : -1) * (gint)layout->columns;
  self->shown = (guint)CLAMP (first + (gint)shown - 1, 0, (gint)n_cells (self) - 1);
  place (WB_DRAWN (self));
  return TRUE;
}

static gboolean
key_move (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  WbGallery *self = WB_GALLERY (widget);
  gint dx, dy;
  gssize next;

  g_variant_get (args, "(ii)", &dx, &dy);
  next = self->selected < 0 ? 0 : self->selected + dx + dy * (gssize)self->layout.columns;
  if (next < 0 || next >= (gssize)n_cells (self))
    return FALSE;
  wb_gallery_select (self, next);
  return TRUE;
}

static gboolean
key_enter (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  WbGallery *self = WB_GALLERY (widget);

  if (self->selected < 0)
    wb_gallery_select (self, 0);
  set_enlarged (self, !self->enlarged);
  return TRUE;
}

static gboolean
key_escape (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  WbGallery *self = WB_GALLERY (widget);
  g_autoptr (GArray) marked = wb_gallery_get_marked (self);

  if (self->enlarged)
    set_enlarged (self, FALSE);
  else if (marked->len > 0)
    wb_gallery_clear_marks (self);
  else if (self->selected >= 0)
    wb_gallery_select (self, -1);
  else
    return FALSE;
  return TRUE;
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

  G_OBJECT_CLASS (klass)->dispose = wb_gallery_dispose;
  drawn_class->min_width = MIN_WIDTH;
  drawn_class->min_height = MIN_HEIGHT;
  drawn_class->place = place;
  drawn_class->is_ready = wb_gallery_is_ready;
  drawn_class->draw = wb_gallery_draw_picture;
  drawn_class->snapshot_over = wb_gallery_snapshot_over;
  gtk_widget_class_set_css_name (widget_class, "wb-gallery");
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Left, 0, key_move, "(ii)", -1, 0);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Right, 0, key_move, "(ii)", 1, 0);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Up, 0, key_move, "(ii)", 0, -1);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Down, 0, key_move, "(ii)", 0, 1);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Return, 0, key_enter, NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_KP_Enter, 0, key_enter, NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Escape, 0, key_escape, NULL);
  signals[MARKS_CHANGED] = g_signal_new ("marks-changed", WB_TYPE_GALLERY, G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
wb_gallery_init (WbGallery *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkEventController *wheel = gtk_event_controller_scroll_new (
      GTK_EVENT_CONTROLLER_SCROLL_VERTICAL | GTK_EVENT_CONTROLLER_SCROLL_DISCRETE);
  GtkGesture *click = gtk_gesture_click_new (), *drag = gtk_gesture_drag_new ();

  self->selected = self->hovered = -1;
  self->marked = g_new0 (gboolean, 1);
  wb_drawn_add_pointer (widget, self, G_CALLBACK (motion), G_CALLBACK (leave));
  g_signal_connect_swapped (wheel, "scroll", G_CALLBACK (scrolled), self);
  gtk_widget_add_controller (widget, wheel);
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
