#include "diabolo-config.h"

#include "viewers/wb-code-plane.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define MIN_SIDE 64
#define NATURAL_SIDE 260
#define STRIP_ASPECT 2.5
#define WHOLE_STEPS 21 /* arrow keys move by one of them */

struct _WbCodePlane
{
  WbDrawn parent;

  /* owned */
  WbCodeSpace *space;
  NnDecodeResult *decoded;
  cairo_surface_t *picture; /* of decoded; NULL: out of date */

  NnCodeGrid grid;
  WbGridRow row;
  WbPlaneLayout layout;
  gboolean inverted, show_samples;
  gboolean hovered, dragging;
  double hover_x, hover_y;
};

G_DEFINE_FINAL_TYPE (WbCodePlane, wb_code_plane, WB_TYPE_DRAWN)

enum
{
  ACTIVATED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static gboolean
is_ready (WbCodePlane *self)
{
  return self->space != NULL && self->grid.n > 0
         && wb_code_space_n_values (self->space) == self->grid.n_values;
}

static void
invalidate_picture (WbCodePlane *self)
{
  g_clear_pointer (&self->picture, cairo_surface_destroy);
  wb_drawn_invalidate (WB_DRAWN (self));
}

static double
picture_aspect (WbCodePlane *self)
{
  if (self->decoded == NULL)
    return 1;
  /* In a strip bars and cells may stand as high as they like. */
  if (self->grid.x == self->grid.y && self->row.kind != WB_GRID_PICTURE)
    return STRIP_ASPECT;
  return CLAMP (self->row.aspect, 0.5, 2);
}

static void
place (WbDrawn *drawn)
{
  WbCodePlane *self = WB_CODE_PLANE (drawn);
  GtkWidget *widget = GTK_WIDGET (self);

  if (self->grid.n == 0 || gtk_widget_get_width (widget) <= 0)
    return;
  wb_plane_layout (&self->grid, picture_aspect (self), gtk_widget_get_pango_context (widget),
                   gtk_widget_get_width (widget), gtk_widget_get_height (widget), &self->layout);
  wb_drawn_invalidate (WB_DRAWN (self));
}

static void
describe (WbCodePlane *self)
{
  const float *point = wb_code_space_point (self->space);
  g_autofree char *text = NULL;

  if (self->grid.x == self->grid.y)
    text = g_strdup_printf (_ ("Ring at z%u %.2f"), self->grid.x + 1, point[self->grid.x]);
  else
    text = g_strdup_printf (_ ("Ring at z%u %.2f, z%u %.2f"), self->grid.x + 1, point[self->grid.x],
                            self->grid.y + 1, point[self->grid.y]);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text,
                                  -1);
}

static void
moved (WbCodePlane *self)
{
  if (!is_ready (self))
    return;
  describe (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
wb_code_plane_set_space (WbCodePlane *self, WbCodeSpace *space)
{
  g_return_if_fail (WB_IS_CODE_PLANE (self));
  if (self->space == space)
    return;
  const gboolean mapped = gtk_widget_get_mapped (GTK_WIDGET (self));
  if (self->space != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->space, self);
      if (mapped)
        wb_code_space_unwatch (self->space);
    }
  g_set_object (&self->space, space);
  if (space != NULL && mapped)
    wb_code_space_watch (space);
  if (space != NULL)
    {
      g_signal_connect_object (space, "moved", G_CALLBACK (moved), self, G_CONNECT_SWAPPED);
      g_signal_connect_object (space, "changed", G_CALLBACK (wb_drawn_invalidate), self,
                               G_CONNECT_SWAPPED);
    }
  wb_drawn_invalidate (WB_DRAWN (self));
}

WbCodeSpace *
wb_code_plane_get_space (WbCodePlane *self)
{
  return self->space;
}

void
wb_code_plane_set_grid (WbCodePlane *self, const NnCodeGrid *grid)
{
  g_return_if_fail (WB_IS_CODE_PLANE (self));
  if (nn_code_grid_equal (&self->grid, grid))
    return;
  self->grid = *grid;
  wb_code_plane_set_decoded (self, NULL);
  place (WB_DRAWN (self));
}

void
wb_code_plane_show_space (WbCodePlane *self)
{
  const guint n = self->space != NULL ? wb_code_space_n_values (self->space) : 0;
  const guint *order = n > 0 ? wb_code_space_order (self->space) : NULL;

  if (n == 0)
    return;
  NnCodeGrid grid = { .n_values = n, .n = WHOLE_STEPS };
  grid.x = n > 2 ? order[0] : 0;
  grid.y = n > 2 ? order[1] : n - 1;
  wb_code_space_range (self->space, grid.x, &grid.x_low, &grid.x_high);
  wb_code_space_range (self->space, grid.y, &grid.y_low, &grid.y_high);
  wb_axis_round_out (WB_AXIS_LINEAR, 6, &grid.x_low, &grid.x_high);
  wb_axis_round_out (WB_AXIS_LINEAR, 6, &grid.y_low, &grid.y_high);
  wb_code_plane_set_grid (self, &grid);
}

const NnCodeGrid *
wb_code_plane_get_grid (WbCodePlane *self)
{
  return &self->grid;
}

void
wb_code_plane_set_decoded (WbCodePlane *self, NnDecodeResult *result)
{
  g_return_if_fail (WB_IS_CODE_PLANE (self));
  if (result != NULL)
    nn_probe_result_ref (&result->base);
  if (self->decoded != NULL)
    nn_probe_result_unref (&self->decoded->base);
  self->decoded = result;
  if (result != NULL)
    self->row = wb_grid_row_of_shape (&result->decoder.shape, result->decoder.black,
                                      result->decoder.white, result->decoder.output, "output", "");
  place (WB_DRAWN (self));
  invalidate_picture (self);
}

NnDecodeResult *
wb_code_plane_get_decoded (WbCodePlane *self)
{
  return self->decoded;
}

void
wb_code_plane_set_inverted (WbCodePlane *self, gboolean inverted)
{
  self->inverted = inverted;
  invalidate_picture (self);
}

void
wb_code_plane_set_show_samples (WbCodePlane *self, gboolean show)
{
  self->show_samples = show;
  wb_drawn_invalidate (WB_DRAWN (self));
}

/* ---- drawing ---- */

static WbPlaneView
view_in (WbCodePlane *self, WbScheme scheme)
{
  const NnNodeValuesResult *samples =
      self->show_samples ? wb_code_space_samples (self->space) : NULL;
  WbPlaneView view = { .grid = &self->grid,
                       .walk = wb_code_space_walk (self->space),
                       .point = wb_code_space_point (self->space),
                       .scheme = scheme,
                       .inverted = self->inverted };

  if (self->decoded != NULL)
    {
      view.row = &self->row;
      view.values = self->decoded->values->data;
    }
  if (samples != NULL && samples->nodes->len > 0)
    {
      view.samples = ((const NnNodeValues *)g_ptr_array_index (samples->nodes, 0))->values;
      view.labels = (const gint *)(gpointer)samples->labels->data;
    }
  return view;
}

static cairo_surface_t *
make_picture (WbCodePlane *self, WbScheme scheme)
{
  if (self->decoded == NULL || self->row.kind != WB_GRID_PICTURE)
    return NULL;
  return wb_plane_tile (&self->row, self->decoded->values->data, self->layout.x.n, self->layout.y.n,
                        scheme, self->inverted);
}

void
wb_code_plane_draw_figure (WbCodePlane *self, cairo_t *cr, double width, double height)
{
  g_auto (WbPlaneMarks) marks = { 0 };
  PangoContext *context;
  WbPlaneLayout layout;
  WbPlaneView view;

  if (!is_ready (self))
    return;
  context = wb_figure_context ();
  view = view_in (self, WB_SCHEME_LIGHT);
  view.picture = make_picture (self, WB_SCHEME_LIGHT);
  wb_plane_layout (&self->grid, picture_aspect (self), context, width, height, &layout);
  wb_plane_draw (&view, &layout, cr, context);
  wb_plane_marks_place (&marks, &view, &layout);
  wb_plane_marks_draw (&marks, cr);
  g_clear_pointer (&view.picture, cairo_surface_destroy);
  g_object_unref (context);
}

static gboolean
wb_code_plane_is_ready (WbDrawn *drawn)
{
  return is_ready (WB_CODE_PLANE (drawn));
}

static WbPlaneView
view_now (WbCodePlane *self)
{
  WbPlaneView view = view_in (self, wb_scheme_current ());

  if (self->picture == NULL)
    self->picture = make_picture (self, view.scheme);
  view.picture = self->picture;
  return view;
}

static void
wb_code_plane_draw_picture (WbDrawn *drawn, cairo_t *cr, PangoContext *context)
{
  const WbPlaneView view = view_now (WB_CODE_PLANE (drawn));

  wb_plane_draw (&view, &WB_CODE_PLANE (drawn)->layout, cr, context);
}

/* The ring and what is under the pointer. */
static void
wb_code_plane_snapshot_over (WbDrawn *drawn, GtkSnapshot *snapshot)
{
  WbCodePlane *self = WB_CODE_PLANE (drawn);
  GtkWidget *widget = GTK_WIDGET (drawn);
  const WbPlaneView view = view_now (self);
  g_auto (WbPlaneMarks) marks = { 0 };

  wb_plane_marks_place (&marks, &view, &self->layout);
  wb_plane_marks_snapshot (&marks, snapshot);
  if (!self->hovered || self->dragging)
    return;
  cairo_t *cr = wb_drawn_append_cairo (drawn, snapshot);
  wb_plane_draw_hover (&view, &self->layout, self->hover_x, self->hover_y, cr,
                       gtk_widget_get_pango_context (widget), gtk_widget_get_width (widget),
                       gtk_widget_get_height (widget));
  cairo_destroy (cr);
}

static GtkSizeRequestMode
wb_code_plane_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_WIDTH_FOR_HEIGHT;
}

/* About as wide as high, so that room beside it is left to others. */
static void
wb_code_plane_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                       int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = MIN_SIDE;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL && for_size > 0 ? MAX (for_size, MIN_SIDE)
                                                                       : NATURAL_SIDE;
}

static void
wb_code_plane_map (GtkWidget *widget)
{
  WbCodePlane *self = WB_CODE_PLANE (widget);

  GTK_WIDGET_CLASS (wb_code_plane_parent_class)->map (widget);
  if (self->space != NULL)
    wb_code_space_watch (self->space);
}

static void
wb_code_plane_unmap (GtkWidget *widget)
{
  WbCodePlane *self = WB_CODE_PLANE (widget);

  if (self->space != NULL)
    wb_code_space_unwatch (self->space);
  GTK_WIDGET_CLASS (wb_code_plane_parent_class)->unmap (widget);
}

/* ---- pointer and keys ---- */

static void
move_to (WbCodePlane *self, WbPoint value)
{
  const guint n = wb_code_space_n_values (self->space);
  g_autofree float *point = g_memdup2 (wb_code_space_point (self->space), n * sizeof (float));

  point[self->grid.y] = (float)value.y;
  point[self->grid.x] = (float)value.x;
  wb_code_space_move (self->space, point);
}

static void
motion (WbCodePlane *self, double x, double y)
{
  const WbRect *area = &self->layout.area;

  self->hovered = is_ready (self) && x >= area->x && x < area->x + area->width && y >= area->y
                  && y < area->y + area->height;
  self->hover_x = x;
  self->hover_y = y;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
leave (WbCodePlane *self)
{
  self->hovered = FALSE;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
drag_begin (WbCodePlane *self, double x, double y)
{
  gtk_widget_grab_focus (GTK_WIDGET (self));
  self->dragging = TRUE;
  if (is_ready (self))
    move_to (self, wb_plane_from_pixel (&self->layout, x, y));
}

static void
drag_update (WbCodePlane *self, double dx, double dy, GtkGestureDrag *gesture)
{
  double x, y;

  if (!is_ready (self) || !gtk_gesture_drag_get_start_point (gesture, &x, &y))
    return;
  move_to (self, wb_plane_from_pixel (&self->layout, x + dx, y + dy));
}

static void
drag_end (WbCodePlane *self)
{
  self->dragging = FALSE;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
pressed (WbCodePlane *self, int n_press)
{
  if (n_press == 2)
    g_signal_emit (self, signals[ACTIVATED], 0);
}

/* One cell; with Shift a quarter of one. */
static gboolean
key_move (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  WbCodePlane *self = WB_CODE_PLANE (widget);
  double right, up;

  if (!is_ready (self))
    return FALSE;
  g_variant_get (args, "(dd)", &right, &up);
  if (self->layout.strip && up != 0)
    return FALSE;
  const float *point = wb_code_space_point (self->space);
  const WbRect *area = &self->layout.area;
  WbPoint at = wb_plane_to_pixel (&self->layout, point[self->grid.x], point[self->grid.y]);
  at.x += right * area->width / self->layout.x.n;
  at.y -= up * area->height / self->layout.y.n;
  move_to (self, wb_plane_from_pixel (&self->layout, at.x, at.y));
  return TRUE;
}

static gboolean
key_activate (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  g_signal_emit (widget, signals[ACTIVATED], 0);
  return TRUE;
}

static void
wb_code_plane_dispose (GObject *object)
{
  WbCodePlane *self = WB_CODE_PLANE (object);

  g_clear_pointer (&self->picture, cairo_surface_destroy);
  if (self->decoded != NULL)
    nn_probe_result_unref (&self->decoded->base);
  self->decoded = NULL;
  g_clear_object (&self->space);
  G_OBJECT_CLASS (wb_code_plane_parent_class)->dispose (object);
}

static void
add_arrow (GtkWidgetClass *klass, guint key, double right, double up)
{
  gtk_widget_class_add_binding (klass, key, 0, key_move, "(dd)", right, up);
  gtk_widget_class_add_binding (klass, key, GDK_SHIFT_MASK, key_move, "(dd)", right / 4, up / 4);
}

static void
wb_code_plane_class_init (WbCodePlaneClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  WbDrawnClass *drawn_class = WB_DRAWN_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = wb_code_plane_dispose;
  drawn_class->place = place;
  drawn_class->is_ready = wb_code_plane_is_ready;
  drawn_class->draw = wb_code_plane_draw_picture;
  drawn_class->snapshot_over = wb_code_plane_snapshot_over;
  widget_class->get_request_mode = wb_code_plane_get_request_mode;
  widget_class->measure = wb_code_plane_measure;
  widget_class->map = wb_code_plane_map;
  widget_class->unmap = wb_code_plane_unmap;
  signals[ACTIVATED] = g_signal_new ("activated", WB_TYPE_CODE_PLANE, G_SIGNAL_RUN_LAST, 0, NULL,
                                     NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_css_name (widget_class, "wb-plane");
  add_arrow (widget_class, GDK_KEY_Left, -1, 0);
  add_arrow (widget_class, GDK_KEY_Right, 1, 0);
  add_arrow (widget_class, GDK_KEY_Up, 0, 1);
  add_arrow (widget_class, GDK_KEY_Down, 0, -1);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Return, 0, key_activate, NULL);
}

static void
wb_code_plane_init (WbCodePlane *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkGesture *drag = gtk_gesture_drag_new (), *click = gtk_gesture_click_new ();

  wb_drawn_follow_scheme (widget, G_CALLBACK (invalidate_picture));
  wb_drawn_add_pointer (widget, self, G_CALLBACK (motion), G_CALLBACK (leave));
  g_signal_connect_swapped (drag, "drag-begin", G_CALLBACK (drag_begin), self);
  g_signal_connect_swapped (drag, "drag-update", G_CALLBACK (drag_update), self);
  g_signal_connect_swapped (drag, "drag-end", G_CALLBACK (drag_end), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (drag));
  g_signal_connect_swapped (click, "pressed", G_CALLBACK (pressed), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));
}

GtkWidget *
wb_code_plane_new (void)
{
  return g_object_new (WB_TYPE_CODE_PLANE, NULL);
}
