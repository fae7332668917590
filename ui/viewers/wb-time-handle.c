#include "diabolo-config.h"

#include "viewers/wb-time-handle.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define RADIUS 6
#define REACH 9      /* pixels above the axis that still grab the handle */
#define DRAG_BEGIN 4 /* fewer than the plot's own drag takes, which zooms */
#define NOW_REACH 5  /* this near to the present, in pixels, it is the present */
#define TICK 3       /* height of the mark of a moment */
#define TAG_PADDING 7

struct _WbTimeHandle
{
  GtkWidget parent;

  GSignalGroup *signals; /* of the document, which the holder of the viewer keeps */
  WbPlot *plot;          /* borrowed: sibling */
  WbOnCurveFunc on_curve;
  gpointer user_data;
  gboolean hovered, dragging;
  double start; /* pixel where the drag began */
};

G_DEFINE_FINAL_TYPE (WbTimeHandle, wb_time_handle, GTK_TYPE_WIDGET)

/* ---- where it stands ---- */

static WbDocument *
get_document (WbTimeHandle *self)
{
  g_autoptr (WbDocument) document = g_signal_group_dup_target (self->signals);
  return document; /* whoever set it keeps it alive */
}

/* Epochs that the current run has done; NaN where there is nothing to rewind to. */
static double
get_now (WbTimeHandle *self)
{
  WbDocument *document = get_document (self);
  const NnSnapshot *snapshot = document != NULL ? wb_document_snapshot (document) : NULL;
  guint n = 0;

  if (snapshot == NULL || snapshot->step == 0)
    return NAN;
  wb_document_moments (document, wb_document_run (document), &n);
  if (n == 0)
    return NAN;
  return snapshot->epoch + snapshot->batch / (double)MAX (1, snapshot->n_batches);
}

static char *
epoch_text (double epoch)
{
  const double shown = round (epoch * 100) / 100;

  return shown == round (shown) ? g_strdup_printf (_ ("epoch %.0f"), shown)
                                : g_strdup_printf (_ ("epoch %.2f"), shown);
}

static void
update_accessible (WbTimeHandle *self)
{
  WbDocument *document = get_document (self);
  const NnMoment *moment = document != NULL ? wb_document_moment (document) : NULL;
  const double now = get_now (self), at = moment != NULL ? moment->epoch : now;
  g_autofree char *text = moment != NULL ? epoch_text (at) : g_strdup (_ ("now"));

  gtk_widget_set_visible (GTK_WIDGET (self), !isnan (now));
  if (isnan (now))
    return;
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_VALUE_MIN, 0.0,
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_MAX, now,
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_NOW, at,
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, text, -1);
}

static void
changed (WbTimeHandle *self)
{
  update_accessible (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* Every frame of training moves it a little; the plot's own pace is enough. */
static void
news (WbTimeHandle *self)
{
  if (gtk_widget_get_visible (GTK_WIDGET (self)) != !isnan (get_now (self)))
    changed (self);
}

/* ---- drawing ---- */

static void
draw_ticks (WbTimeHandle *self, const WbFrame *frame, cairo_t *cr, WbScheme scheme)
{
  WbDocument *document = get_document (self);
  const double bottom = frame->top + frame->height;
  guint n;
  const NnMoment *moments = wb_document_moments (document, wb_document_run (document), &n);

  wb_cairo_set_color (cr, wb_color (WB_COLOR_ACCENT, scheme), 0.7);
  for (guint i = 0; i < n; i++)
    {
      const double x = wb_frame_x (frame, moments[i].epoch);

      if (moments[i].fits && x >= frame->left && x <= frame->left + frame->width)
        cairo_rectangle (cr, floor (x), bottom - TICK, 1, TICK);
    }
  cairo_fill (cr);
}

/* "epoch 12", on the side of the line where there is room. */
static void
draw_tag (WbTimeHandle *self, const WbFrame *frame, double x, double epoch, cairo_t *cr,
          WbScheme scheme)
{
  static const GdkRGBA white = { 1, 1, 1, 1 };
  PangoContext *context = gtk_widget_get_pango_context (GTK_WIDGET (self));
  const double line = wb_figure_line_height (context), right = frame->left + frame->width;
  g_autofree char *text = epoch_text (epoch);
  g_autofree char *markup = g_strdup_printf (_ ("<b>as of %s</b>"), text);
  WbRect tag = { x, frame->top + 2, wb_figure_text_width (context, markup) + 2 * TAG_PADDING,
                 line + 4 };

  if (tag.x + tag.width > right)
    tag.x = x - tag.width;
  tag.x = CLAMP (tag.x, frame->left, MAX (frame->left, right - tag.width));
  wb_figure_rounded (cr, &tag, 4);
  wb_cairo_set_color (cr, wb_color (WB_COLOR_ACCENT, WB_SCHEME_LIGHT), 1);
  cairo_fill (cr);
  wb_figure_text (cr, context, markup, tag.x + TAG_PADDING, tag.y + tag.height / 2, 0, &white);
}

static void
draw (WbTimeHandle *self, const WbFrame *frame, cairo_t *cr)
{
  const NnMoment *moment = wb_document_moment (get_document (self));
  const double epoch = moment != NULL ? moment->epoch : get_now (self);
  const double x = wb_frame_x (frame, epoch), bottom = frame->top + frame->height;
  const WbScheme scheme = wb_scheme_current ();
  const GdkRGBA *accent = wb_color (WB_COLOR_ACCENT, scheme);

  if (moment != NULL || self->hovered || gtk_widget_has_focus (GTK_WIDGET (self)))
    draw_ticks (self, frame, cr, scheme);
  if (!(x >= frame->left - 1 && x <= frame->left + frame->width + 1))
    return; /* zoomed away */
  if (moment != NULL)
    {
      cairo_rectangle (cr, floor (x), frame->top, 1, frame->height);
      wb_cairo_set_color (cr, accent, 1);
      cairo_fill (cr);
      draw_tag (self, frame, x, epoch, cr, scheme);
    }
  cairo_new_path (cr); /* text leaves a point behind */
  cairo_arc (cr, x, bottom, RADIUS - (moment == NULL && !self->hovered), 0, 2 * G_PI);
  wb_cairo_set_color (cr, moment != NULL ? accent : wb_color (WB_COLOR_CARD, scheme), 1);
  cairo_fill_preserve (cr);
  wb_cairo_set_color (cr, accent, 1);
  cairo_set_line_width (cr, 2);
  cairo_stroke (cr);
  if (!gtk_widget_has_visible_focus (GTK_WIDGET (self)))
    return;
  cairo_arc (cr, x, bottom, RADIUS + 3, 0, 2 * G_PI);
  wb_cairo_set_color (cr, accent, 0.5);
  cairo_stroke (cr);
}

static void
wb_time_handle_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  WbTimeHandle *self = WB_TIME_HANDLE (widget);
  /* At the end of the axis half of the handle stands out. */
  const graphene_rect_t bounds = GRAPHENE_RECT_INIT (
      -2 * RADIUS, 0, gtk_widget_get_width (widget) + 4 * RADIUS, gtk_widget_get_height (widget));
  const WbFrame *frame = wb_plot_get_frame (self->plot);

  if (frame->width <= 0 || isnan (get_now (self)))
    return;
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &bounds);
  draw (self, frame, cr);
  cairo_destroy (cr);
}

/* ---- pointer ---- */

/* The strip about the axis and the labels below it. */
static gboolean
wb_time_handle_contains (GtkWidget *widget, double x, double y)
{
  WbTimeHandle *self = WB_TIME_HANDLE (widget);
  const WbFrame *frame = wb_plot_get_frame (self->plot);

  return frame->width > 0 && x >= frame->left - REACH && x <= frame->left + frame->width + REACH
         && y >= frame->top + frame->height - REACH && y <= gtk_widget_get_height (widget);
}

/* Who has moved it knows what it does, and wants to see the curve above it. */
static gboolean
wb_time_handle_query_tooltip (GtkWidget *widget, int x, int y, gboolean by_key, GtkTooltip *tooltip)
{
  WbTimeHandle *self = WB_TIME_HANDLE (widget);
  WbDocument *document = get_document (self);

  return !self->dragging && document != NULL && wb_document_moment (document) == NULL
         && GTK_WIDGET_CLASS (wb_time_handle_parent_class)
                ->query_tooltip (widget, x, y, by_key, tooltip);
}

static void
move_to_pixel (WbTimeHandle *self, double x)
{
  WbDocument *document = get_document (self);
  const WbFrame *frame = wb_plot_get_frame (self->plot);
  const double now = get_now (self);

  if (document == NULL || isnan (now))
    return;
  if (x > wb_frame_x (frame, now) - NOW_REACH)
    wb_document_return_to_now (document);
  else
    wb_document_rewind (document, wb_frame_value_at_x (frame, x));
}

static void
set_hovered (WbTimeHandle *self, gboolean hovered)
{
  self->hovered = hovered;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
enter (WbTimeHandle *self)
{
  set_hovered (self, TRUE);
}

static void
leave (WbTimeHandle *self)
{
  set_hovered (self, FALSE);
}

/* The overlay's gesture, before the plot's: the plot zooms where this one does not take the drag.
 */
static void
drag_begin (WbTimeHandle *self, double x, double y, GtkGesture *gesture)
{
  self->start = x;
  self->dragging = wb_time_handle_contains (GTK_WIDGET (self), x, y);
  if (isnan (get_now (self)) || (!self->dragging && !self->on_curve (x, y, self->user_data)))
    {
      gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_DENIED);
      return;
    }
  if (!self->dragging)
    return;
  gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_CLAIMED);
  gtk_widget_grab_focus (GTK_WIDGET (self));
  move_to_pixel (self, x);
}

static void
drag_update (WbTimeHandle *self, double dx, double dy, GtkGestureDrag *gesture)
{
  if (!self->dragging && fabs (dx) < DRAG_BEGIN)
    return;
  if (!self->dragging)
    {
      self->dragging = TRUE;
      gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
      gtk_widget_grab_focus (GTK_WIDGET (self));
    }
  gtk_widget_set_can_target (GTK_WIDGET (self->plot), FALSE); /* no cross-hair meanwhile */
  move_to_pixel (self, self->start + dx);
}

static void
drag_end (WbTimeHandle *self)
{
  self->dragging = FALSE;
  gtk_widget_set_can_target (GTK_WIDGET (self->plot), TRUE);
}

/* Over the curve the pointer says that it can be dragged along. */
static void
moved_over (WbTimeHandle *self, double x, double y)
{
  const gboolean grabs = !isnan (get_now (self)) && self->on_curve (x, y, self->user_data);

  gtk_widget_set_cursor_from_name (GTK_WIDGET (self->plot), grabs ? "ew-resize" : NULL);
}

/* ---- keys ---- */

/* The next moment in that direction, or the present after the last. */
static gboolean
key_move (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  WbTimeHandle *self = WB_TIME_HANDLE (widget);
  WbDocument *document = get_document (self);
  const gint step = g_variant_get_int32 (args);
  const NnMoment *moment = document != NULL ? wb_document_moment (document) : NULL, *to = NULL;
  guint n = 0;

  if (document == NULL || (moment == NULL && step > 0))
    return TRUE;
  const NnMoment *moments = wb_document_moments (document, wb_document_run (document), &n);
  const double from = moment != NULL ? moment->epoch : get_now (self);
  for (guint i = 0; i < n; i++)
    if (moments[i].fits
        && (step < 0 ? moments[i].epoch < from : moments[i].epoch > from && to == NULL))
      to = &moments[i];
  if (to != NULL)
    wb_document_rewind (document, to->epoch);
  else if (step > 0)
    wb_document_return_to_now (document);
  return TRUE;
}

static gboolean
key_first (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  WbDocument *document = get_document (WB_TIME_HANDLE (widget));

  if (document != NULL)
    wb_document_rewind (document, 0);
  return TRUE;
}

static gboolean
key_now (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  WbDocument *document = get_document (WB_TIME_HANDLE (widget));

  if (document == NULL || wb_document_moment (document) == NULL)
    return FALSE;
  wb_document_return_to_now (document);
  return TRUE;
}

/* ---- object ---- */

static void
wb_time_handle_dispose (GObject *object)
{
  WbTimeHandle *self = WB_TIME_HANDLE (object);

  if (self->signals != NULL)
    g_signal_group_set_target (self->signals, NULL);
  G_OBJECT_CLASS (wb_time_handle_parent_class)->dispose (object);
}

static void
wb_time_handle_finalize (GObject *object)
{
  g_clear_object (&WB_TIME_HANDLE (object)->signals);
  G_OBJECT_CLASS (wb_time_handle_parent_class)->finalize (object);
}

static void
wb_time_handle_class_init (WbTimeHandleClass *klass)
{
  static const struct
  {
    guint key;
    gint step;
  } keys[] = {
    { GDK_KEY_Left, -1 }, { GDK_KEY_Down, -1 }, { GDK_KEY_Right, 1 }, { GDK_KEY_Up, 1 }
  };
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = wb_time_handle_dispose;
  object_class->finalize = wb_time_handle_finalize;
  widget_class->snapshot = wb_time_handle_snapshot;
  widget_class->contains = wb_time_handle_contains;
  widget_class->query_tooltip = wb_time_handle_query_tooltip;
  gtk_widget_class_set_css_name (widget_class, "wb-time-handle");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_SLIDER);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_widget_class_add_binding (widget_class, keys[i].key, 0, key_move, "i", keys[i].step);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Home, 0, key_first, NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_End, 0, key_now, NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Escape, 0, key_now, NULL);
}

static void
wb_time_handle_init (WbTimeHandle *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkEventController *motion = gtk_event_controller_motion_new ();

  self->signals = g_signal_group_new (WB_TYPE_DOCUMENT);
  g_signal_group_connect_swapped (self->signals, "rewound", G_CALLBACK (changed), self);
  g_signal_group_connect_swapped (self->signals, "state-changed", G_CALLBACK (changed), self);
  g_signal_group_connect_swapped (self->signals, "snapshot", G_CALLBACK (news), self);
  gtk_widget_set_focusable (widget, TRUE);
  gtk_widget_set_cursor_from_name (widget, "ew-resize");
  gtk_widget_set_tooltip_text (widget,
                               _ ("Drag back, here or along the curve, to see everything as "
                                  "it was then (arrow keys; Escape returns to now)"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Moment of training that is shown"), -1);
  gtk_widget_set_visible (widget, FALSE);
  g_signal_connect_swapped (motion, "enter", G_CALLBACK (enter), self);
  g_signal_connect_swapped (motion, "leave", G_CALLBACK (leave), self);
  gtk_widget_add_controller (widget, motion);
}

static void
watch (WbTimeHandle *self, GtkWidget *overlay)
{
  GtkGesture *drag = gtk_gesture_drag_new ();
  GtkEventController *motion = gtk_event_controller_motion_new ();

  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (drag), GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (drag, "drag-begin", G_CALLBACK (drag_begin), self);
  g_signal_connect_swapped (drag, "drag-update", G_CALLBACK (drag_update), self);
  g_signal_connect_swapped (drag, "drag-end", G_CALLBACK (drag_end), self);
  gtk_widget_add_controller (overlay, GTK_EVENT_CONTROLLER (drag));
  g_signal_connect_swapped (motion, "motion", G_CALLBACK (moved_over), self);
  gtk_widget_add_controller (overlay, motion);
}

GtkWidget *
wb_time_handle_new_over (WbPlot *plot, WbOnCurveFunc on_curve, gpointer user_data,
                         WbTimeHandle **handle)
{
  GtkWidget *overlay = gtk_overlay_new ();
  WbTimeHandle *self = g_object_new (WB_TYPE_TIME_HANDLE, NULL);

  self->plot = plot;
  self->on_curve = on_curve;
  self->user_data = user_data;
  g_signal_connect_object (plot, "changed", G_CALLBACK (gtk_widget_queue_draw), self,
                           G_CONNECT_SWAPPED);
  gtk_overlay_set_child (GTK_OVERLAY (overlay), GTK_WIDGET (plot));
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), GTK_WIDGET (self));
  watch (self, overlay);
  *handle = self;
  return overlay;
}

void
wb_time_handle_set_document (WbTimeHandle *self, WbDocument *document)
{
  g_return_if_fail (WB_IS_TIME_HANDLE (self));
  if (document == get_document (self))
    return;
  g_signal_group_set_target (self->signals, document);
  changed (self);
}
