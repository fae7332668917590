#include "canvas/wb-port.h"

#include <math.h>

#include "plots/wb-colors.h"

struct _WbPort
{
  GtkWidget parent_instance;

  guint node, port;
  gboolean output, optional;
  WbPortState state;
};

G_DEFINE_FINAL_TYPE (WbPort, wb_port, GTK_TYPE_WIDGET)

#define OPTIONAL_RADIUS 2.5

/* radius of the circle, its colour, whether it is filled with it, radius of a ring around it */
static const struct
{
  double radius;
  WbColor color;
  gboolean filled;
  double ring;
} looks[WB_N_PORT_STATES] = {
  [WB_PORT_NORMAL] = { 4, WB_COLOR_EDGE, FALSE, 0 },
  [WB_PORT_SOURCE] = { 4.5, WB_COLOR_ACCENT, TRUE, 0 },
  [WB_PORT_FITS] = { 5, WB_COLOR_ACCENT, FALSE, 0 },
  [WB_PORT_MISFIT] = { 3, WB_COLOR_LINE, FALSE, 0 },
  [WB_PORT_SNAPPED] = { 4.5, WB_COLOR_ACCENT, TRUE, 8 },
  [WB_PORT_WRONG] = { 4, WB_COLOR_ERROR, FALSE, 0 },
};

static void
wb_port_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  WbPort *self = WB_PORT (widget);
  WbScheme scheme = wb_scheme_current ();
  double centre = WB_PORT_SIZE / 2.0, radius = looks[self->state].radius;
  WbColor color = looks[self->state].color;
  gboolean hover = (gtk_widget_get_state_flags (widget) & GTK_STATE_FLAG_PRELIGHT) != 0;
  cairo_t *cr =
      gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, WB_PORT_SIZE, WB_PORT_SIZE));

  if (self->optional && self->state == WB_PORT_NORMAL)
    radius = OPTIONAL_RADIUS;
  if (hover && self->state == WB_PORT_NORMAL)
    {
      radius = 5;
      color = WB_COLOR_ACCENT;
    }
  cairo_arc (cr, centre, centre, radius, 0, 2 * G_PI);
  wb_cairo_set_color (cr, wb_color (looks[self->state].filled ? color : WB_COLOR_CARD, scheme), 1);
  cairo_fill_preserve (cr);
  wb_cairo_set_color (cr, wb_color (color, scheme), 1);
  cairo_set_line_width (cr, 1.5);
  cairo_stroke (cr);
  if (looks[self->state].ring > 0)
    {
      cairo_arc (cr, centre, centre, looks[self->state].ring, 0, 2 * G_PI);
      cairo_stroke (cr);
    }
  cairo_destroy (cr);
}

static void
wb_port_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                 int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = *natural = WB_PORT_SIZE;
}

static void
wb_port_state_flags_changed (GtkWidget *widget, GtkStateFlags previous)
{
  gtk_widget_queue_draw (widget);
  GTK_WIDGET_CLASS (wb_port_parent_class)->state_flags_changed (widget, previous);
}

static void
wb_port_class_init (WbPortClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->snapshot = wb_port_snapshot;
  widget_class->measure = wb_port_measure;
  widget_class->state_flags_changed = wb_port_state_flags_changed;
  gtk_widget_class_set_css_name (widget_class, "port");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_BUTTON);
}

static void
wb_port_init (WbPort *self)
{
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), "crosshair");
}

GtkWidget *
wb_port_new (guint node, gboolean output, guint port)
{
  WbPort *self = g_object_new (WB_TYPE_PORT, NULL);

  self->node = node;
  self->output = output;
  self->port = port;
  return GTK_WIDGET (self);
}

void
wb_port_set_optional (WbPort *self, gboolean optional)
{
  g_return_if_fail (WB_IS_PORT (self));

  if (self->optional == optional)
    return;
  self->optional = optional;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

guint
wb_port_get_node (WbPort *port)
{
  return port->node;
}

gboolean
wb_port_is_output (WbPort *port)
{
  return port->output;
}

guint
wb_port_get_index (WbPort *port)
{
  return port->port;
}

void
wb_port_set_label (WbPort *port, const char *label, const char *tip)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (port), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  gtk_widget_set_tooltip_text (GTK_WIDGET (port), tip);
}

void
wb_port_set_state (WbPort *port, WbPortState state)
{
  if (port->state == state)
    return;
  port->state = state;
  gtk_widget_queue_draw (GTK_WIDGET (port));
}
