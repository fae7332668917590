#include "diabolo-config.h"

#include "viewers/wb-pad.h"

#include "plots/wb-colors.h"
#include "plots/wb-drawn.h"

#include <math.h>

#define MIN_SIDE 96
#define NATURAL_SIDE 220
#define SOFT 0.75  /* pixels over which the edge of a stroke fades */
#define STEPS 3    /* places a pixel along a stroke */
#define NOISE 0.6f /* what one touch of noise adds or takes away at most */

struct _WbPad
{
  GtkWidget parent;

  guint width, height, channels;
  float *values; /* owned */
  float color[3];
  WbBrush brush;
  double radius;
  double x, y; /* of the brush, pixels of the picture */
  gboolean shows_brush;
  WbBrush drawing; /* of the drag under way */
  double drag_x, drag_y;
};

G_DEFINE_FINAL_TYPE (WbPad, wb_pad, GTK_TYPE_WIDGET)

enum
{
  CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static gsize
n_values (WbPad *self)
{
  return (gsize)self->width * self->height * self->channels;
}

static void
changed (WbPad *self)
{
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_signal_emit (self, signals[CHANGED], 0);
}

void
wb_pad_set_size (WbPad *self, guint width, guint height, guint channels)
{
  g_return_if_fail (WB_IS_PAD (self));
  g_return_if_fail (channels == 1 || channels == 3);
  if (width == self->width && height == self->height && channels == self->channels)
    return;
  self->width = width;
  self->height = height;
  self->channels = channels;
  g_free (self->values);
  self->values = g_new0 (float, n_values (self) + 1);
  self->x = width / 2.0;
  self->y = height / 2.0;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

const float *
wb_pad_get_values (WbPad *self)
{
  return self->values;
}

void
wb_pad_set_values (WbPad *self, const float *values)
{
  g_return_if_fail (WB_IS_PAD (self));
  memcpy (self->values, values, sizeof (float) * n_values (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
wb_pad_clear (WbPad *self)
{
  g_return_if_fail (WB_IS_PAD (self));
  memset (self->values, 0, sizeof (float) * n_values (self));
  changed (self);
}

void
wb_pad_set_brush (WbPad *self, WbBrush brush)
{
  self->brush = brush;
}

WbBrush
wb_pad_get_brush (WbPad *self)
{
  return self->brush;
}

void
wb_pad_set_color (WbPad *self, const GdkRGBA *color)
{
  g_return_if_fail (WB_IS_PAD (self));
  self->color[0] = color->red;
  self->color[1] = color->green;
  self->color[2] = color->blue;
}

void
wb_pad_set_radius (WbPad *self, double radius)
{
  self->radius = radius;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

double
wb_pad_get_radius (WbPad *self)
{
  return self->radius;
}

/* ---- the brush ---- */

static void
touch_value (float *value, WbBrush brush, float cover, float ink)
{
  switch (brush)
    {
    case WB_BRUSH_ERASER:
      *value = MIN (*value, 1 - cover);
      break;
    case WB_BRUSH_NOISE:
      *value += cover * NOISE * (float)g_random_double_range (-1, 1);
      *value = CLAMP (*value, 0, 1);
      break;
    case WB_BRUSH_PEN:
    default:
      *value = ink;
      break;
    }
}

/* Grey: as white as it gets, however often the pen comes by. Colour: paint covers what is there. */
static float
ink (WbPad *self, guint channel, float value, float cover)
{
  return self->channels == 1 ? MAX (value, cover) : value + cover * (self->color[channel] - value);
}

static void
touch (WbPad *self, double x, double y, WbBrush brush)
{
  for (guint row = 0; row < self->height; row++)
    for (guint column = 0; column < self->width; column++)
      {
        const double distance = hypot (column + 0.5 - x, row + 0.5 - y);
        const double cover = CLAMP ((self->radius - distance) / SOFT + 0.5, 0, 1);
        float *pixel = &self->values[((gsize)row * self->width + column) * self->channels];
        for (guint c = 0; cover > 0 && c < self->channels; c++)
          touch_value (&pixel[c], brush, (float)cover, ink (self, c, pixel[c], (float)cover));
      }
}

void
wb_pad_stroke (WbPad *self, double x0, double y0, double x1, double y1, WbBrush brush)
{
  const guint n = 1 + (guint)(STEPS * hypot (x1 - x0, y1 - y0));

  g_return_if_fail (WB_IS_PAD (self));
  for (guint i = 0; i <= n; i++)
    touch (self, x0 + (x1 - x0) * i / n, y0 + (y1 - y0) * i / n, brush);
  changed (self);
}

/* ---- drawing ---- */

static graphene_rect_t
picture_bounds (WbPad *self)
{
  const double width = gtk_widget_get_width (GTK_WIDGET (self));
  const double height = gtk_widget_get_height (GTK_WIDGET (self));
  const double scale = MIN (width / MAX (self->width, 1), height / MAX (self->height, 1));

  return GRAPHENE_RECT_INIT (0, 0, (float)(scale * self->width), (float)(scale * self->height));
}

static void
wb_pad_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  WbPad *self = WB_PAD (widget);
  const graphene_rect_t bounds = picture_bounds (self);
  const WbScheme scheme = wb_scheme_current ();

  if (self->values == NULL || bounds.size.width < 1)
    return;
  const double scale = (double)bounds.size.width / self->width;
  g_autoptr (GdkTexture) texture =
      self->channels == 3 ? wb_texture_from_rgb (self->values, self->width, self->height, 0, 1)
                          : wb_texture_from_values (self->values, self->width, self->height,
                                                    WB_PALETTE_GRAY, scheme, 0, 1);
  wb_snapshot_append_pixels (snapshot, texture, &bounds);
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &bounds);
  wb_cairo_set_color (cr, wb_color (WB_COLOR_LINE, scheme), 1);
  cairo_set_line_width (cr, 1);
  cairo_rectangle (cr, (double)bounds.origin.x + 0.5, (double)bounds.origin.y + 0.5,
                   (double)bounds.size.width - 1, (double)bounds.size.height - 1);
  cairo_stroke (cr);
  if (self->shows_brush || gtk_widget_has_visible_focus (widget))
    {
      wb_cairo_set_color (cr, wb_color (WB_COLOR_ACCENT, scheme), 1);
      cairo_set_line_width (cr, 1.5);
      cairo_arc (cr, (double)bounds.origin.x + self->x * scale,
                 (double)bounds.origin.y + self->y * scale, MAX (self->radius * scale, 3), 0,
                 2 * G_PI);
      cairo_stroke (cr);
    }
  cairo_destroy (cr);
}

static void
wb_pad_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = MIN_SIDE;
  *natural = NATURAL_SIDE;
}

/* ---- pointer and keys ---- */

static void
move_brush (WbPad *self, double x, double y)
{
  const graphene_rect_t bounds = picture_bounds (self);
  const double scale = MAX ((double)bounds.size.width / MAX (self->width, 1), 1e-6);

  self->x = (x - (double)bounds.origin.x) / scale;
  self->y = (y - (double)bounds.origin.y) / scale;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
motion (WbPad *self, double x, double y)
{
  self->shows_brush = TRUE;
  move_brush (self, x, y);
}

static void
leave (WbPad *self)
{
  self->shows_brush = FALSE;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
drag_begin (WbPad *self, double x, double y, GtkGesture *drag)
{
  const guint button = gtk_gesture_single_get_current_button (GTK_GESTURE_SINGLE (drag));

  gtk_widget_grab_focus (GTK_WIDGET (self));
  self->drawing = button == GDK_BUTTON_PRIMARY ? self->brush : WB_BRUSH_ERASER;
  self->drag_x = x;
  self->drag_y = y;
  move_brush (self, x, y);
  wb_pad_stroke (self, self->x, self->y, self->x, self->y, self->drawing);
}

static void
drag_update (WbPad *self, double dx, double dy)
{
  const double x = self->x, y = self->y;

  move_brush (self, self->drag_x + dx, self->drag_y + dy);
  wb_pad_stroke (self, x, y, self->x, self->y, self->drawing);
}

static gboolean
key_move (GtkWidget *widget, GVariant *args, gpointer data)
{
  WbPad *self = WB_PAD (widget);
  gint dx, dy;

  g_variant_get (args, "(ii)", &dx, &dy);
  self->x = CLAMP (floor (self->x) + 0.5 + dx, 0.5, self->width - 0.5);
  self->y = CLAMP (floor (self->y) + 0.5 + dy, 0.5, self->height - 0.5);
  gtk_widget_queue_draw (widget);
  return TRUE;
}

static gboolean
key_draw (GtkWidget *widget, GVariant *args, gpointer data)
{
  WbPad *self = WB_PAD (widget);

  wb_pad_stroke (self, self->x, self->y, self->x, self->y, self->brush);
  return TRUE;
}

static gboolean
key_clear (GtkWidget *widget, GVariant *args, gpointer data)
{
  wb_pad_clear (WB_PAD (widget));
  return TRUE;
}

static void
wb_pad_finalize (GObject *object)
{
  g_free (WB_PAD (object)->values);
  G_OBJECT_CLASS (wb_pad_parent_class)->finalize (object);
}

static void
wb_pad_class_init (WbPadClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = wb_pad_finalize;
  widget_class->snapshot = wb_pad_snapshot;
  widget_class->measure = wb_pad_measure;
  signals[CHANGED] =
      g_signal_new ("changed", WB_TYPE_PAD, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_css_name (widget_class, "wb-pad");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Left, 0, key_move, "(ii)", -1, 0);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Right, 0, key_move, "(ii)", 1, 0);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Up, 0, key_move, "(ii)", 0, -1);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Down, 0, key_move, "(ii)", 0, 1);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Return, 0, key_draw, NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Delete, 0, key_clear, NULL);
}

static void
wb_pad_init (WbPad *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkGesture *drag = gtk_gesture_drag_new ();

  self->radius = 1.4;
  self->channels = 1;
  wb_drawn_set_up (widget, G_CALLBACK (gtk_widget_queue_draw));
  gtk_widget_set_cursor_from_name (widget, "crosshair");
  wb_drawn_add_pointer (widget, self, G_CALLBACK (motion), G_CALLBACK (leave));
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (drag), 0);
  g_signal_connect_swapped (drag, "drag-begin", G_CALLBACK (drag_begin), self);
  g_signal_connect_swapped (drag, "drag-update", G_CALLBACK (drag_update), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (drag));
}

GtkWidget *
wb_pad_new (void)
{
  return g_object_new (WB_TYPE_PAD, NULL);
}
