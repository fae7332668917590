#include "plots/wb-scatter.h"

#include <math.h>

#define MIN_WIDTH 160
#define MIN_HEIGHT 110
#define HOVER_RADIUS 10
#define SCROLL_ZOOM 1.2
#define KEY_STEP 0.1 /* of the frame */
#define DRAG_THRESHOLD 4
#define MAX_ZOOM 1e4

struct _WbScatter
{
  WbDrawn parent;

  /* owned */
  WbScatterData *data;
  GskRenderNode *marks; /* what lies over axes and points; NULL: out of date */
  guint8 *chosen;       /* (n) inside the line; NULL: no line */
  gsize n_chosen;
  guint *neighbours;
  guint n_neighbours;
  GArray *line; /* WbPoint, pixels: being drawn; NULL: none */

  WbScatterMoving moving;
  WbScatterOverlay overlay;
  gpointer overlay_data;

  WbFrame frame;
  gboolean placed; /* frame has a range */
  gboolean zoomed;
  WbClouds clouds;
  gint only;
  gssize selected, hovered;
  double pointer_x, pointer_y;
  WbFrame drag_frame; /* when the drag began */
  gboolean dragging;
};

G_DEFINE_FINAL_TYPE (WbScatter, wb_scatter, WB_TYPE_DRAWN)

enum
{
  HOVERED,
  PICKED,
  CHOSEN_CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

void
wb_scatter_redraw_overlay (WbScatter *self)
{
  g_clear_pointer (&self->marks, gsk_render_node_unref);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* ---- what is shown ---- */

static void
fit (WbScatter *self)
{
  if (self->data == NULL || self->data->n_finite == 0 || self->frame.width <= 1)
    return;
  wb_scatter_fit (self->data, &self->frame);
  self->placed = TRUE;
  self->zoomed = FALSE;
}

void
wb_scatter_zoom_all (WbScatter *self)
{
  g_return_if_fail (WB_IS_SCATTER (self));
  fit (self);
  wb_drawn_invalidate (WB_DRAWN (self));
}

gboolean
wb_scatter_get_zoomed (WbScatter *self)
{
  return self->zoomed;
}

const WbFrame *
wb_scatter_get_frame (WbScatter *self)
{
  return &self->frame;
}

void
wb_scatter_choose (WbScatter *self, const guint8 *chosen)
{
  g_return_if_fail (WB_IS_SCATTER (self));
  if (self->chosen == NULL && chosen == NULL)
    return;
  const gsize n = chosen != NULL ? self->data->n : 0;
  guint8 *copy = g_memdup2 (chosen, n);

  g_free (self->chosen);
  self->chosen = copy;
  self->n_chosen = 0;
  for (gsize i = 0; i < n; i++)
    self->n_chosen += copy[i] != 0;
  if (self->n_chosen == 0)
    g_clear_pointer (&self->chosen, g_free);
  wb_drawn_invalidate (WB_DRAWN (self));
  g_signal_emit (self, signals[CHOSEN_CHANGED], 0);
}

static void
set_hovered (WbScatter *self, gssize point)
{
  if (self->hovered == point)
    return;
  self->hovered = point;
  wb_scatter_redraw_overlay (self);
  g_signal_emit (self, signals[HOVERED], 0, (gint)point);
}

void
wb_scatter_set_data (WbScatter *self, WbScatterData *data, gboolean same_plane)
{
  g_return_if_fail (WB_IS_SCATTER (self));
  const gboolean same_points = self->data != NULL && data != NULL && self->data->n == data->n;

  g_clear_pointer (&self->data, wb_scatter_data_free);
  self->data = data;
  if (!same_points)
    {
      wb_scatter_choose (self, NULL);
      set_hovered (self, -1);
      wb_scatter_set_selected (self, -1, NULL, 0);
    }
  if (!same_plane || !self->placed
      || (data != NULL && !self->zoomed && !wb_scatter_fits (data, &self->frame)))
    fit (self);
  wb_drawn_invalidate (WB_DRAWN (self));
}

const WbScatterData *
wb_scatter_get_data (WbScatter *self)
{
  g_return_val_if_fail (WB_IS_SCATTER (self), NULL);
  return self->data;
}

void
wb_scatter_set_overlay (WbScatter *self, WbScatterMoving moving, WbScatterOverlay overlay,
                        gpointer user_data)
{
  self->moving = moving;
  self->overlay = overlay;
  self->overlay_data = user_data;
}

void
wb_scatter_set_clouds (WbScatter *self, WbClouds clouds)
{
  self->clouds = clouds;
  wb_drawn_invalidate (WB_DRAWN (self));
}

void
wb_scatter_set_only (WbScatter *self, gint label)
{
  if (self->only == label)
    return;
  self->only = label;
  wb_drawn_invalidate (WB_DRAWN (self));
}

void
wb_scatter_set_selected (WbScatter *self, gssize point, const guint *neighbours, guint n_neighbours)
{
  g_free (self->neighbours);
  self->neighbours = g_memdup2 (neighbours, n_neighbours * sizeof *neighbours);
  self->n_neighbours = n_neighbours;
  self->selected = point;
  wb_scatter_redraw_overlay (self);
}

gssize
wb_scatter_get_selected (WbScatter *self)
{
  return self->selected;
}

gsize
wb_scatter_get_n_chosen (WbScatter *self)
{
  return self->n_chosen;
}

gboolean
wb_scatter_is_chosen (WbScatter *self, gsize point)
{
  return self->chosen != NULL && self->chosen[point];
}

/* ---- drawing ---- */

static WbScatterView
view_in (WbScatter *self, WbScheme scheme)
{
  return (WbScatterView){ .data = self->data,
                          .scheme = scheme,
                          .only = self->only,
                          .chosen = self->chosen,
                          .clouds = self->clouds,
                          .selected = self->selected,
                          .hovered = self->hovered,
                          .neighbours = self->neighbours,
                          .n_neighbours = self->n_neighbours };
}

void
wb_scatter_draw_figure (WbScatter *self, cairo_t *cr, double width, double height)
{
  WbScatterView view = view_in (self, WB_SCHEME_LIGHT);
  PangoContext *context;
  WbFrame frame = self->frame;

  if (self->data == NULL)
    return;
  context = wb_figure_context ();
  wb_scatter_layout (context, width, height, &frame);
  if (!self->zoomed || !self->placed)
    wb_scatter_fit (self->data, &frame);
  view.hovered = -1;
  wb_scatter_draw_axes (&view, &frame, cr, context);
  wb_scatter_draw_points (&view, &frame, cr);
  wb_scatter_draw_marks (&view, &frame, cr, context);
  g_object_unref (context);
}

/* Axes and points. The points come as an image: their outlines would take ten times as long, a
 * texture four times. */
static void
wb_scatter_draw_picture (WbDrawn *drawn, cairo_t *cr, PangoContext *context)
{
  WbScatter *self = WB_SCATTER (drawn);
  GtkWidget *widget = GTK_WIDGET (drawn);
  const gint scale = gtk_widget_get_scale_factor (widget);
  const WbFrame *frame = &self->frame;
  const WbScatterView view = view_in (self, wb_scheme_current ());
  cairo_surface_t *image =
      cairo_image_surface_create (CAIRO_FORMAT_ARGB32, scale * gtk_widget_get_width (widget),
                                  scale * gtk_widget_get_height (widget));

  wb_scatter_draw_axes (&view, frame, cr, context);
  wb_scatter_paint_points (&view, frame, scale, image);
  cairo_surface_set_device_scale (image, scale, scale);
  cairo_rectangle (cr, floor (frame->left), floor (frame->top), ceil (frame->width),
                   ceil (frame->height));
  cairo_set_source_surface (cr, image, 0, 0);
  cairo_fill (cr);
  cairo_surface_destroy (image);
}

static void
draw_line (WbScatter *self, cairo_t *cr, WbScheme scheme)
{
  for (guint i = 0; i < self->line->len; i++)
    {
      const WbPoint *point = &g_array_index (self->line, WbPoint, i);
      cairo_line_to (cr, point->x, point->y);
    }
  cairo_close_path (cr);
  wb_cairo_set_color (cr, wb_color (WB_COLOR_ACCENT, scheme), 0.12);
  cairo_fill_preserve (cr);
  wb_cairo_set_color (cr, wb_color (WB_COLOR_ACCENT, scheme), 0.9);
  cairo_set_line_width (cr, 1.5);
  cairo_stroke (cr);
}

static GskRenderNode *
make_marks (WbScatter *self)
{
  const WbScheme scheme = wb_scheme_current ();
  const WbScatterView view = view_in (self, scheme);
  PangoContext *context = gtk_widget_get_pango_context (GTK_WIDGET (self));
  GtkSnapshot *marks = gtk_snapshot_new ();
  cairo_t *cr = wb_drawn_append_cairo (WB_DRAWN (self), marks);

  wb_scatter_draw_marks (&view, &self->frame, cr, context);
  if (self->line != NULL)
    draw_line (self, cr, scheme);
  if (self->overlay != NULL)
    self->overlay (cr, context, &view, &self->frame, self->overlay_data);
  cairo_destroy (cr);
  return gtk_snapshot_free_to_node (marks);
}

static gboolean
wb_scatter_is_ready (WbDrawn *drawn)
{
  return WB_SCATTER (drawn)->data != NULL && WB_SCATTER (drawn)->placed;
}

static void
wb_scatter_invalidated (WbDrawn *drawn)
{
  g_clear_pointer (&WB_SCATTER (drawn)->marks, gsk_render_node_unref);
}

static void
wb_scatter_snapshot_over (WbDrawn *drawn, GtkSnapshot *snapshot)
{
  WbScatter *self = WB_SCATTER (drawn);

  if (self->moving != NULL)
    self->moving (snapshot, &self->frame, self->overlay_data);
  if (self->marks == NULL)
    self->marks = make_marks (self);
  gtk_snapshot_append_node (snapshot, self->marks);
}

static void
wb_scatter_place (WbDrawn *drawn)
{
  WbScatter *self = WB_SCATTER (drawn);
  GtkWidget *widget = GTK_WIDGET (drawn);
  WbFrame before = self->frame;

  wb_scatter_layout (gtk_widget_get_pango_context (widget), gtk_widget_get_width (widget),
                     gtk_widget_get_height (widget), &self->frame);
  if (!self->placed || !self->zoomed)
    fit (self);
  else if (self->data != NULL && self->data->equal && before.width > 1)
    {
      /* The same middle and scale. */
      const double x = (before.x0 + before.x1) / 2, y = (before.y0 + before.y1) / 2;
      const double unit = (before.x1 - before.x0) / before.width;

      self->frame.x0 = x - unit * self->frame.width / 2;
      self->frame.x1 = x + unit * self->frame.width / 2;
      self->frame.y0 = y - unit * self->frame.height / 2;
      self->frame.y1 = y + unit * self->frame.height / 2;
    }
}

/* ---- moving the view ---- */

static void
zoom_about (WbScatter *self, double pixel_x, double pixel_y, double factor)
{
  WbFrame *frame = &self->frame;

  if (self->data == NULL || !self->placed)
    return;
  WbFrame whole = *frame;
  wb_scatter_fit (self->data, &whole);
  const double least = (whole.x1 - whole.x0) / MAX_ZOOM, most = 10 * (whole.x1 - whole.x0);
  const double extent = frame->x1 - frame->x0;
  const double part = CLAMP (1 / factor, MIN (1, least / extent), MAX (1, most / extent));
  const double x = wb_frame_value_at_x (frame, pixel_x), y = wb_frame_value_at_y (frame, pixel_y);

  frame->x0 = x - (x - frame->x0) * part;
  frame->x1 = x + (frame->x1 - x) * part;
  frame->y0 = y - (y - frame->y0) * part;
  frame->y1 = y + (frame->y1 - y) * part;
  self->zoomed = TRUE;
  wb_drawn_invalidate (WB_DRAWN (self));
}

void
wb_scatter_zoom (WbScatter *self, double factor)
{
  g_return_if_fail (WB_IS_SCATTER (self));
  zoom_about (self, self->frame.left + self->frame.width / 2,
              self->frame.top + self->frame.height / 2, factor);
}

static void
pan (WbScatter *self, const WbFrame *from, double dx, double dy)
{
  const double x = dx / from->width * (from->x1 - from->x0);
  const double y = dy / from->height * (from->y1 - from->y0);

  self->frame.x0 = from->x0 - x;
  self->frame.x1 = from->x1 - x;
  self->frame.y0 = from->y0 + y;
  self->frame.y1 = from->y1 + y;
  self->zoomed = TRUE;
  wb_drawn_invalidate (WB_DRAWN (self));
}

/* ---- pointer ---- */

static gssize
point_at (WbScatter *self, double x, double y)
{
  if (self->data == NULL || !self->placed)
    return -1;
  return wb_scatter_nearest (self->data, &self->frame, x, y, HOVER_RADIUS);
}

static void
motion (WbScatter *self, double x, double y)
{
  self->pointer_x = x;
  self->pointer_y = y;
  if (!self->dragging)
    set_hovered (self, point_at (self, x, y));
}

static void
leave (WbScatter *self)
{
  set_hovered (self, -1);
}

static gboolean
scrolled (WbScatter *self, double dx, double dy)
{
  if (self->data == NULL)
    return GDK_EVENT_PROPAGATE;
  zoom_about (self, self->pointer_x, self->pointer_y, pow (SCROLL_ZOOM, -dy));
  set_hovered (self, point_at (self, self->pointer_x, self->pointer_y));
  return GDK_EVENT_STOP;
}

static void
drag_begin (WbScatter *self, double x, double y, GtkGesture *gesture)
{
  const GdkModifierType state =
      gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (gesture));

  self->drag_frame = self->frame;
  if ((state & GDK_SHIFT_MASK) != 0 && self->data != NULL)
    {
      const WbPoint start = { x, y };
      self->line = g_array_new (FALSE, FALSE, sizeof (WbPoint));
      g_array_append_val (self->line, start);
    }
}

static void
drag_update (WbScatter *self, double dx, double dy, GtkGestureDrag *gesture)
{
  double x, y;

  if (self->data == NULL || !self->placed || (!self->dragging && hypot (dx, dy) < DRAG_THRESHOLD))
    return;
  if (!self->dragging)
    gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  self->dragging = TRUE;
  set_hovered (self, -1);
  if (self->line == NULL)
    {
      pan (self, &self->drag_frame, dx, dy);
      return;
    }
  gtk_gesture_drag_get_start_point (gesture, &x, &y);
  const WbPoint point = { x + dx, y + dy };
  g_array_append_val (self->line, point);
  wb_scatter_redraw_overlay (self);
}

/* The points inside the line stand out from now on. */
static void
choose_inside (WbScatter *self)
{
  const WbScatterData *data = self->data;
  g_autofree guint8 *inside = g_new0 (guint8, data->n + 1);

  for (gsize i = 0; i < data->n; i++)
    inside[i] = wb_scatter_inside (self->line, wb_frame_x (&self->frame, (double)data->xy[2 * i]),
                                   wb_frame_y (&self->frame, (double)data->xy[2 * i + 1]));
  wb_scatter_choose (self, inside);
}

static void
drag_end (WbScatter *self, double dx, double dy)
{
  if (self->line != NULL && self->dragging && self->data != NULL)
    choose_inside (self);
  g_clear_pointer (&self->line, g_array_unref);
  self->dragging = FALSE;
  wb_scatter_redraw_overlay (self);
}

static void
pick (WbScatter *self, gssize point)
{
  self->selected = point;
  wb_scatter_redraw_overlay (self);
  g_signal_emit (self, signals[PICKED], 0, (gint)point);
}

static void
released (WbScatter *self, int n_press, double x, double y)
{
  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (n_press == 2 && point_at (self, x, y) < 0)
    wb_scatter_zoom_all (self);
  else if (n_press == 1 && !self->dragging)
    pick (self, point_at (self, x, y));
}

/* ---- keys ---- */

static gboolean
key_pan (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  WbScatter *self = WB_SCATTER (widget);
  const WbFrame frame = self->frame;
  gint x, y;

  if (self->data == NULL || !self->placed)
    return FALSE;
  g_variant_get (args, "(ii)", &x, &y);
  pan (self, &frame, -x * KEY_STEP * frame.width, -y * KEY_STEP * frame.height);
  return TRUE;
}

static gboolean
key_zoom (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  wb_scatter_zoom (WB_SCATTER (widget), g_variant_get_double (args));
  return TRUE;
}

static gboolean
key_fit (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  wb_scatter_zoom_all (WB_SCATTER (widget));
  return TRUE;
}

static gboolean
key_select (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  WbScatter *self = WB_SCATTER (widget);
  const gint step = g_variant_get_int32 (args);
  const gssize n = self->data != NULL ? (gssize)self->data->n : 0;

  if (n == 0)
    return FALSE;
  if (self->selected < 0)
    pick (self, step > 0 ? 0 : n - 1);
  else
    pick (self, (self->selected + step + n) % n);
  return TRUE;
}

/* Gives up one thing at a time. */
static gboolean
key_escape (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  WbScatter *self = WB_SCATTER (widget);

  if (self->chosen != NULL)
    wb_scatter_choose (self, NULL);
  else if (self->selected >= 0)
    pick (self, -1);
  else if (self->zoomed)
    wb_scatter_zoom_all (self);
  else
    return FALSE;
  return TRUE;
}

static void
wb_scatter_dispose (GObject *object)
{
  WbScatter *self = WB_SCATTER (object);

  g_clear_pointer (&self->marks, gsk_render_node_unref);
  g_clear_pointer (&self->data, wb_scatter_data_free);
  g_clear_pointer (&self->chosen, g_free);
  g_clear_pointer (&self->neighbours, g_free);
  g_clear_pointer (&self->line, g_array_unref);
  G_OBJECT_CLASS (wb_scatter_parent_class)->dispose (object);
}

static void
add_keys (GtkWidgetClass *klass)
{
  static const struct
  {
    guint key;
    gint x, y;
  } arrows[] = {
    { GDK_KEY_Left, -1, 0 }, { GDK_KEY_Right, 1, 0 }, { GDK_KEY_Up, 0, -1 }, { GDK_KEY_Down, 0, 1 }
  };
  static const guint in[] = { GDK_KEY_plus, GDK_KEY_KP_Add, GDK_KEY_equal };
  static const guint out[] = { GDK_KEY_minus, GDK_KEY_KP_Subtract };

  for (guint i = 0; i < G_N_ELEMENTS (arrows); i++)
    gtk_widget_class_add_binding (klass, arrows[i].key, 0, key_pan, "(ii)", arrows[i].x,
                                  arrows[i].y);
  for (guint i = 0; i < G_N_ELEMENTS (in); i++)
    gtk_widget_class_add_binding (klass, in[i], 0, key_zoom, "d", SCROLL_ZOOM);
  for (guint i = 0; i < G_N_ELEMENTS (out); i++)
    gtk_widget_class_add_binding (klass, out[i], 0, key_zoom, "d", 1 / SCROLL_ZOOM);
  gtk_widget_class_add_binding (klass, GDK_KEY_f, 0, key_fit, NULL);
  gtk_widget_class_add_binding (klass, GDK_KEY_Page_Down, 0, key_select, "i", 1);
  gtk_widget_class_add_binding (klass, GDK_KEY_Page_Up, 0, key_select, "i", -1);
  gtk_widget_class_add_binding (klass, GDK_KEY_Escape, 0, key_escape, NULL);
}

static void
wb_scatter_class_init (WbScatterClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  WbDrawnClass *drawn_class = WB_DRAWN_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = wb_scatter_dispose;
  drawn_class->min_width = MIN_WIDTH;
  drawn_class->min_height = MIN_HEIGHT;
  drawn_class->place = wb_scatter_place;
  drawn_class->is_ready = wb_scatter_is_ready;
  drawn_class->draw = wb_scatter_draw_picture;
  drawn_class->invalidated = wb_scatter_invalidated;
  drawn_class->snapshot_over = wb_scatter_snapshot_over;
  signals[HOVERED] = g_signal_new ("hovered", WB_TYPE_SCATTER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 1, G_TYPE_INT);
  signals[PICKED] = g_signal_new ("picked", WB_TYPE_SCATTER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 1, G_TYPE_INT);
  signals[CHOSEN_CHANGED] = g_signal_new ("chosen-changed", WB_TYPE_SCATTER, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_css_name (widget_class, "wb-scatter");
  add_keys (widget_class);
}

static void
add_pointer (WbScatter *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkGesture *gesture;

  wb_drawn_add_pointer (widget, self, G_CALLBACK (motion), G_CALLBACK (leave));

  GtkEventController *controller =
      gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_VERTICAL);
  g_signal_connect_swapped (controller, "scroll", G_CALLBACK (scrolled), self);
  gtk_widget_add_controller (widget, controller);

  gesture = gtk_gesture_click_new ();
  g_signal_connect_swapped (gesture, "released", G_CALLBACK (released), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (gesture));

  gesture = gtk_gesture_drag_new ();
  g_signal_connect_swapped (gesture, "drag-begin", G_CALLBACK (drag_begin), self);
  g_signal_connect_swapped (gesture, "drag-update", G_CALLBACK (drag_update), self);
  g_signal_connect_swapped (gesture, "drag-end", G_CALLBACK (drag_end), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (gesture));
}

static void
wb_scatter_init (WbScatter *self)
{
  self->only = -1;
  self->selected = self->hovered = -1;
  add_pointer (self);
}

GtkWidget *
wb_scatter_new (void)
{
  return g_object_new (WB_TYPE_SCATTER, NULL);
}
