#include "plots/wb-plot.h"

#include <math.h>

#define MIN_WIDTH 160
#define MIN_HEIGHT 96
#define DRAG_THRESHOLD 6
#define KEY_PIXELS 8       /* the cross-hair moves this far for an arrow key */
#define SCROLL_ZOOM 1.25   /* for one click of the wheel */
#define SMALLEST_VIEW 1e-3 /* of what there is */
#define BOX_PADDING 9
#define BOX_MARGIN 9

struct _WbPlot
{
  WbDrawn parent;

  /* owned */
  WbPlotData *data;
  WbPlotLayout layout; /* of node */

  WbReadoutFunc readout;
  gpointer readout_data;

  gboolean zoomed;
  double x0, x1;       /* where zoomed */
  double hover;        /* pixel of the cross-hair, NaN: none */
  double drag0, drag1; /* pixels; NaN: no drag */
};

G_DEFINE_FINAL_TYPE (WbPlot, wb_plot, WB_TYPE_DRAWN)

enum
{
  PROP_ZOOMED = 1,
  N_PROPS
};
static GParamSpec *props[N_PROPS];

enum
{
  CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

void
wb_readout_add (WbReadout *readout, WbInk ink, const char *name, char *value, WbPoint point)
{
  WbReadoutRow *row = g_new0 (WbReadoutRow, 1);

  row->name = g_strdup (name);
  row->value = value;
  row->ink = ink;
  row->point = point;
  g_ptr_array_add (readout->rows, row);
}

static void
readout_row_free (WbReadoutRow *row)
{
  g_free (row->name);
  g_free (row->value);
  g_free (row);
}

const WbFrame *
wb_plot_get_frame (WbPlot *self)
{
  g_return_val_if_fail (WB_IS_PLOT (self), NULL);
  return &self->layout.frame;
}

/* ---- the range shown ---- */

void
wb_plot_get_range (WbPlot *self, double *x0, double *x1)
{
  *x0 = self->zoomed ? self->x0 : 0;
  *x1 = self->zoomed ? self->x1 : self->data ? self->data->x_end : 1;
}

gboolean
wb_plot_get_zoomed (WbPlot *self)
{
  g_return_val_if_fail (WB_IS_PLOT (self), FALSE);
  return self->zoomed;
}

static void
set_zoomed (WbPlot *self, gboolean zoomed)
{
  if (self->zoomed == zoomed)
    return;
  self->zoomed = zoomed;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_ZOOMED]);
}

void
wb_plot_zoom_all (WbPlot *self)
{
  g_return_if_fail (WB_IS_PLOT (self));
  set_zoomed (self, FALSE);
  wb_drawn_invalidate (WB_DRAWN (self));
}

void
wb_plot_zoom_to (WbPlot *self, double x0, double x1)
{
  double end, extent;

  g_return_if_fail (WB_IS_PLOT (self));
  if (self->data == NULL)
    return;
  end = self->data->x_end;
  extent = CLAMP (x1 - x0, end * SMALLEST_VIEW, end);
  if (extent >= end)
    {
      wb_plot_zoom_all (self);
      return;
    }
  self->x0 = CLAMP (x0, 0, end - extent);
  self->x1 = self->x0 + extent;
  set_zoomed (self, TRUE);
  wb_drawn_invalidate (WB_DRAWN (self));
}

static void
zoom_about (WbPlot *self, double pixel, double factor)
{
  const WbFrame *frame = &self->layout.frame;
  double x0, x1, x;

  if (frame->width <= 0)
    return;
  wb_plot_get_range (self, &x0, &x1);
  /* Not the range of the frame: several clicks of the wheel can arrive before the next is drawn. */
  x = x0 + CLAMP ((pixel - frame->left) / frame->width, 0, 1) * (x1 - x0);
  wb_plot_zoom_to (self, x - (x - x0) / factor, x + (x1 - x) / factor);
}

WbPlotData *
wb_plot_get_data (WbPlot *self)
{
  g_return_val_if_fail (WB_IS_PLOT (self), NULL);
  return self->data;
}

void
wb_plot_set_data (WbPlot *self, WbPlotData *data)
{
  double end = self->data ? self->data->x_end : 1;

  g_return_if_fail (WB_IS_PLOT (self));
  g_clear_pointer (&self->data, wb_plot_data_free);
  self->data = data;
  if (self->zoomed && self->x0 >= data->x_end)
    set_zoomed (self, FALSE);
  else if (self->zoomed && self->x1 >= end * (1 - 1e-9))
    {
      /* The view touched the newest values: it follows them. */
      self->x0 += data->x_end - end;
      self->x1 += data->x_end - end;
    }
  wb_drawn_invalidate (WB_DRAWN (self));
}

void
wb_plot_set_readout (WbPlot *self, WbReadoutFunc func, gpointer user_data)
{
  g_return_if_fail (WB_IS_PLOT (self));
  self->readout = func;
  self->readout_data = user_data;
}

/* ---- drawing ---- */

static void
draw_readout_box (WbPlot *self, cairo_t *cr, PangoContext *context, const WbReadout *readout,
                  double x, WbScheme scheme)
{
  double line = wb_figure_line_height (context), names = 0, values = 0, y;
  g_autofree char *title = g_markup_printf_escaped ("<b>%s</b>", readout->title);
  const GdkRGBA *dim = wb_color (WB_COLOR_DIM, scheme);
  WbRect box = { 0 };

  for (guint i = 0; i < readout->rows->len; i++)
    {
      const WbReadoutRow *row = g_ptr_array_index (readout->rows, i);
      g_autofree char *name = g_markup_escape_text (row->name, -1);
      g_autofree char *value = g_markup_printf_escaped ("<b>%s</b>", row->value);
      names = MAX (names, wb_figure_text_width (context, name));
      values = MAX (values, wb_figure_text_width (context, value));
    }
  box.width = MAX (names + 20 + values, wb_figure_text_width (context, title)) + 2 * BOX_PADDING;
  box.height = (readout->rows->len + 1) * line + 2 * BOX_PADDING - 4;
  box.x = x + BOX_MARGIN;
  if (box.x + box.width > gtk_widget_get_width (GTK_WIDGET (self)))
    box.x = MAX (0, x - BOX_MARGIN - box.width);
  box.y = self->layout.frame.top + 3;
  wb_figure_card (cr, &box, scheme);
  y = box.y + BOX_PADDING - 2 + line / 2;
  wb_figure_text (cr, context, title, box.x + BOX_PADDING, y, 0, wb_color (WB_COLOR_TEXT, scheme));
  for (guint i = 0; i < readout->rows->len; i++)
    {
      const WbReadoutRow *row = g_ptr_array_index (readout->rows, i);
      g_autofree char *name = g_markup_escape_text (row->name, -1);
      g_autofree char *value = g_markup_printf_escaped ("<b>%s</b>", row->value);
      y += line;
      wb_figure_text (cr, context, name, box.x + BOX_PADDING, y, 0, dim);
      wb_figure_text (cr, context, value, box.x + box.width - BOX_PADDING, y, 1,
                      wb_ink_color (row->ink, scheme));
    }
}

static void
draw_cross_hair (WbPlot *self, cairo_t *cr, PangoContext *context, WbScheme scheme)
{
  const WbFrame *frame = &self->layout.frame;
  WbReadout readout = { .rows = g_ptr_array_new_with_free_func ((GDestroyNotify)readout_row_free) };
  double right = frame->left + frame->width;
  double pixel = frame->width > 0 ? (frame->x1 - frame->x0) / frame->width : 1;

  if (self->hover >= frame->left && self->hover <= right
      && self->readout (wb_frame_value_at_x (frame, self->hover), pixel, &readout,
                        self->readout_data))
    {
      const double dashes[] = { 2, 3 };
      double x = CLAMP (wb_frame_x (frame, readout.x), frame->left, right);
      wb_cairo_set_color (cr, wb_color (WB_COLOR_DIM, scheme), 1);
      cairo_set_line_width (cr, 1);
      cairo_set_dash (cr, dashes, G_N_ELEMENTS (dashes), 0);
      cairo_move_to (cr, floor (x) + 0.5, frame->top);
      cairo_line_to (cr, floor (x) + 0.5, frame->top + frame->height);
      cairo_stroke (cr);
      cairo_set_dash (cr, NULL, 0, 0);
      for (guint i = 0; i < readout.rows->len; i++)
        {
          const WbReadoutRow *row = g_ptr_array_index (readout.rows, i);
          double y = wb_frame_y (frame, row->point.y);
          if (!(y >= frame->top && y <= frame->top + frame->height))
            continue;
          cairo_arc (cr, wb_frame_x (frame, row->point.x), y, 3.5, 0, 2 * G_PI);
          wb_cairo_set_color (cr, wb_color (WB_COLOR_CARD, scheme), 1);
          cairo_fill_preserve (cr);
          wb_cairo_set_color (cr, wb_ink_color (row->ink, scheme), 1);
          cairo_set_line_width (cr, 1.5);
          cairo_stroke (cr);
        }
      draw_readout_box (self, cr, context, &readout, x, scheme);
    }
  g_free (readout.title);
  g_ptr_array_unref (readout.rows);
}

static void
draw_drag (WbPlot *self, cairo_t *cr, WbScheme scheme)
{
  const WbFrame *frame = &self->layout.frame;
  double left = CLAMP (MIN (self->drag0, self->drag1), frame->left, frame->left + frame->width);
  double right = CLAMP (MAX (self->drag0, self->drag1), frame->left, frame->left + frame->width);

  cairo_rectangle (cr, floor (left) + 0.5, frame->top + 0.5, floor (right - left), frame->height);
  wb_cairo_set_color (cr, wb_color (WB_COLOR_ACCENT, scheme), 0.15);
  cairo_fill_preserve (cr);
  wb_cairo_set_color (cr, wb_color (WB_COLOR_ACCENT, scheme), 0.8);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
}

static gboolean
wb_plot_is_ready (WbDrawn *drawn)
{
  return WB_PLOT (drawn)->data != NULL;
}

static void
wb_plot_draw_picture (WbDrawn *drawn, cairo_t *cr, PangoContext *context)
{
  WbPlot *self = WB_PLOT (drawn);
  double x0, x1;

  wb_plot_get_range (self, &x0, &x1);
  wb_plot_layout (self->data, context, gtk_widget_get_width (GTK_WIDGET (self)),
                  gtk_widget_get_height (GTK_WIDGET (self)), x0, x1, &self->layout);
  wb_plot_draw (self->data, &self->layout, cr, context, wb_scheme_current ());
}

static void
wb_plot_snapshot_over (WbDrawn *drawn, GtkSnapshot *snapshot)
{
  WbPlot *self = WB_PLOT (drawn);
  const gboolean dragging = !isnan (self->drag0);

  if (!dragging && (isnan (self->hover) || self->readout == NULL))
    return;
  cairo_t *cr = wb_drawn_append_cairo (drawn, snapshot);
  if (dragging)
    draw_drag (self, cr, wb_scheme_current ());
  else
    draw_cross_hair (self, cr, gtk_widget_get_pango_context (GTK_WIDGET (self)),
                     wb_scheme_current ());
  cairo_destroy (cr);
}

static void
wb_plot_invalidated (WbDrawn *drawn)
{
  g_signal_emit (drawn, signals[CHANGED], 0);
}

/* ---- pointer and keys ---- */

static void
set_hover (WbPlot *self, double pixel)
{
  self->hover = pixel;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
motion (WbPlot *self, double x, double y)
{
  const WbFrame *frame = &self->layout.frame;
  gboolean inside = frame->width > 0 && x >= frame->left && y <= frame->top + frame->height + 4;

  if (inside || !isnan (self->hover))
    set_hover (self, inside ? x : NAN);
}

static void
leave (WbPlot *self)
{
  if (!isnan (self->hover))
    set_hover (self, NAN);
}

static gboolean
scrolled (WbPlot *self, double dx, double dy)
{
  if (self->data == NULL)
    return GDK_EVENT_PROPAGATE;
  if (dy != 0)
    {
      const WbFrame *frame = &self->layout.frame;
      double pixel = isnan (self->hover) ? frame->left + frame->width / 2 : self->hover;
      zoom_about (self, pixel, pow (SCROLL_ZOOM, -dy));
    }
  if (dx != 0 && self->zoomed)
    {
      double shift = dx * (self->x1 - self->x0) / 10;
      wb_plot_zoom_to (self, self->x0 + shift, self->x1 + shift);
    }
  return GDK_EVENT_STOP;
}

static void
drag_update (WbPlot *self, double dx, double dy, GtkGestureDrag *gesture)
{
  double x, y;

  if (isnan (self->drag0) && fabs (dx) < DRAG_THRESHOLD)
    return;
  gtk_gesture_drag_get_start_point (gesture, &x, &y);
  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  self->drag0 = x;
  self->drag1 = x + dx;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
drag_end (WbPlot *self, double dx, double dy)
{
  double from = self->drag0, to = self->drag1;

  self->drag0 = self->drag1 = NAN;
  gtk_widget_queue_draw (GTK_WIDGET (self));
  if (isnan (from) || fabs (to - from) < DRAG_THRESHOLD)
    return;
  wb_plot_zoom_to (self, wb_frame_value_at_x (&self->layout.frame, MIN (from, to)),
                   wb_frame_value_at_x (&self->layout.frame, MAX (from, to)));
}

static void
pressed (WbPlot *self, int n_press, double x, double y)
{
  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (n_press == 2)
    wb_plot_zoom_all (self);
}

static gboolean
move_cross_hair (WbPlot *self, double pixels)
{
  const WbFrame *frame = &self->layout.frame;
  double from = isnan (self->hover) ? frame->left + frame->width : self->hover;

  set_hover (self, CLAMP (from + pixels, frame->left, frame->left + frame->width));
  return TRUE;
}

static gboolean
key_move (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  return move_cross_hair (WB_PLOT (widget), KEY_PIXELS * g_variant_get_double (args));
}

static gboolean
key_zoom (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  WbPlot *self = WB_PLOT (widget);
  const WbFrame *frame = &self->layout.frame;
  double pixel = isnan (self->hover) ? frame->left + frame->width : self->hover;

  zoom_about (self, pixel, g_variant_get_double (args));
  return TRUE;
}

static gboolean
key_reset (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  WbPlot *self = WB_PLOT (widget);

  if (!self->zoomed && isnan (self->hover))
    return FALSE;
  self->hover = NAN;
  wb_plot_zoom_all (self);
  return TRUE;
}

static void
wb_plot_dispose (GObject *object)
{
  WbPlot *self = WB_PLOT (object);

  g_clear_pointer (&self->data, wb_plot_data_free);
  G_OBJECT_CLASS (wb_plot_parent_class)->dispose (object);
}

static void
wb_plot_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  if (id == PROP_ZOOMED)
    g_value_set_boolean (value, WB_PLOT (object)->zoomed);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
}

static void
wb_plot_class_init (WbPlotClass *klass)
{
  static const struct
  {
    guint key;
    GtkShortcutFunc func;
    double amount;
  } keys[] = {
    { GDK_KEY_Left, key_move, -1 },         { GDK_KEY_Right, key_move, 1 },
    { GDK_KEY_plus, key_zoom, 1.25 },       { GDK_KEY_KP_Add, key_zoom, 1.25 },
    { GDK_KEY_equal, key_zoom, 1.25 },      { GDK_KEY_minus, key_zoom, 0.8 },
    { GDK_KEY_KP_Subtract, key_zoom, 0.8 },
  };
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  WbDrawnClass *drawn_class = WB_DRAWN_CLASS (klass);

  object_class->dispose = wb_plot_dispose;
  object_class->get_property = wb_plot_get_property;
  drawn_class->min_width = MIN_WIDTH;
  drawn_class->min_height = MIN_HEIGHT;
  drawn_class->is_ready = wb_plot_is_ready;
  drawn_class->draw = wb_plot_draw_picture;
  drawn_class->invalidated = wb_plot_invalidated;
  drawn_class->snapshot_over = wb_plot_snapshot_over;

  props[PROP_ZOOMED] =
      g_param_spec_boolean ("zoomed", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
  signals[CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_css_name (widget_class, "wb-plot");
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_widget_class_add_binding (widget_class, keys[i].key, 0, keys[i].func, "d", keys[i].amount);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Escape, 0, key_reset, NULL);
}

static void
wb_plot_init (WbPlot *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkEventController *controller;
  GtkGesture *gesture;

  self->hover = self->drag0 = self->drag1 = NAN;
  wb_drawn_add_pointer (widget, self, G_CALLBACK (motion), G_CALLBACK (leave));

  controller = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  g_signal_connect_swapped (controller, "scroll", G_CALLBACK (scrolled), self);
  gtk_widget_add_controller (widget, controller);

  gesture = gtk_gesture_drag_new ();
  g_signal_connect_swapped (gesture, "drag-update", G_CALLBACK (drag_update), self);
  g_signal_connect_swapped (gesture, "drag-end", G_CALLBACK (drag_end), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (gesture));

  gesture = gtk_gesture_click_new ();
  g_signal_connect_swapped (gesture, "pressed", G_CALLBACK (pressed), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (gesture));
}

GtkWidget *
wb_plot_new (void)
{
  return g_object_new (WB_TYPE_PLOT, NULL);
}
