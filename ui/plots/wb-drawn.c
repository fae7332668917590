#include "plots/wb-drawn.h"

#include <adwaita.h>

typedef struct
{
  GskRenderNode *picture; /* owned; NULL: out of date */
} WbDrawnPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (WbDrawn, wb_drawn, GTK_TYPE_WIDGET)

void
wb_drawn_invalidate (WbDrawn *self)
{
  WbDrawnPrivate *state = wb_drawn_get_instance_private (self);

  g_clear_pointer (&state->picture, gsk_render_node_unref);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  if (WB_DRAWN_GET_CLASS (self)->invalidated != NULL)
    WB_DRAWN_GET_CLASS (self)->invalidated (self);
}

cairo_t *
wb_drawn_append_cairo (WbDrawn *self, GtkSnapshot *snapshot)
{
  GtkWidget *widget = GTK_WIDGET (self);
  const graphene_rect_t bounds =
      GRAPHENE_RECT_INIT (0, 0, gtk_widget_get_width (widget), gtk_widget_get_height (widget));

  return gtk_snapshot_append_cairo (snapshot, &bounds);
}

static GskRenderNode *
make_picture (WbDrawn *self)
{
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  cairo_t *cr = wb_drawn_append_cairo (self, snapshot);

  WB_DRAWN_GET_CLASS (self)->draw (self, cr, gtk_widget_get_pango_context (GTK_WIDGET (self)));
  cairo_destroy (cr);
  return gtk_snapshot_free_to_node (snapshot);
}

static void
wb_drawn_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  WbDrawn *self = WB_DRAWN (widget);
  WbDrawnPrivate *state = wb_drawn_get_instance_private (self);
  const WbDrawnClass *klass = WB_DRAWN_GET_CLASS (self);

  if (gtk_widget_get_width (widget) < 1 || gtk_widget_get_height (widget) < 1
      || !klass->is_ready (self))
    return;
  if (state->picture == NULL)
    state->picture = make_picture (self);
  if (state->picture != NULL)
    gtk_snapshot_append_node (snapshot, state->picture);
  if (klass->snapshot_over != NULL)
    klass->snapshot_over (self, snapshot);
}

static void
place (WbDrawn *self)
{
  if (WB_DRAWN_GET_CLASS (self)->place != NULL)
    WB_DRAWN_GET_CLASS (self)->place (self);
  wb_drawn_invalidate (self);
}

static void
wb_drawn_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  place (WB_DRAWN (widget));
}

static void
wb_drawn_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (wb_drawn_parent_class)->css_changed (widget, change);
  place (WB_DRAWN (widget));
}

static void
wb_drawn_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                  int *natural, int *minimum_baseline, int *natural_baseline)
{
  const WbDrawnClass *klass = WB_DRAWN_GET_CLASS (widget);

  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? klass->min_width : klass->min_height;
  *natural = 2 * *minimum;
}

static void
wb_drawn_dispose (GObject *object)
{
  WbDrawnPrivate *state = wb_drawn_get_instance_private (WB_DRAWN (object));

  g_clear_pointer (&state->picture, gsk_render_node_unref);
  G_OBJECT_CLASS (wb_drawn_parent_class)->dispose (object);
}

static void
wb_drawn_class_init (WbDrawnClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = wb_drawn_dispose;
  widget_class->snapshot = wb_drawn_snapshot;
  widget_class->size_allocate = wb_drawn_size_allocate;
  widget_class->css_changed = wb_drawn_css_changed;
  widget_class->measure = wb_drawn_measure;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
wb_drawn_init (WbDrawn *self)
{
  wb_drawn_set_up (GTK_WIDGET (self), G_CALLBACK (wb_drawn_invalidate));
}

/* ---- for any widget that draws itself ---- */

void
wb_drawn_follow_scheme (GtkWidget *widget, GCallback changed)
{
  AdwStyleManager *style = adw_style_manager_get_default ();

  g_signal_connect_object (style, "notify::dark", changed, widget, G_CONNECT_SWAPPED);
  g_signal_connect_object (style, "notify::high-contrast", changed, widget, G_CONNECT_SWAPPED);
}

void
wb_drawn_set_up (GtkWidget *widget, GCallback scheme_changed)
{
  gtk_widget_set_focusable (widget, TRUE);
  gtk_widget_set_overflow (widget, GTK_OVERFLOW_HIDDEN);
  wb_drawn_follow_scheme (widget, scheme_changed);
}

void
wb_drawn_add_pointer (GtkWidget *widget, gpointer self, GCallback moved, GCallback left)
{
  GtkEventController *pointer = gtk_event_controller_motion_new ();

  g_signal_connect_swapped (pointer, "enter", moved, self);
  g_signal_connect_swapped (pointer, "motion", moved, self);
  g_signal_connect_swapped (pointer, "leave", left, self);
  gtk_widget_add_controller (widget, pointer);
}
