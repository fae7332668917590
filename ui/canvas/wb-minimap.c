#include "canvas/wb-minimap.h"

#include <math.h>
#include <string.h>

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>

#include "plots/wb-colors.h"

#define INSET 5.0

typedef struct
{
  WbArea rect;
  WbColor color;
  gboolean ground;
} Box;

struct _WbMinimap
{
  GtkWidget parent_instance;

  GArray *boxes; /* Box, grounds first */
  WbArea bounds, seen;
};

enum
{
  PAN,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (WbMinimap, wb_minimap, GTK_TYPE_WIDGET)

/* The graph and what is seen of it, centred. */
static WbView
make_view (WbMinimap *self)
{
  WbArea all = wb_area_union (&self->bounds, &self->seen);
  double width = gtk_widget_get_width (GTK_WIDGET (self)) - 2 * INSET;
  double height = gtk_widget_get_height (GTK_WIDGET (self)) - 2 * INSET;
  WbView view;

  view.scale = MIN (width / MAX (all.width, 1), height / MAX (all.height, 1));
  view.x = INSET + (width - all.width * view.scale) / 2 - all.x * view.scale;
  view.y = INSET + (height - all.height * view.scale) / 2 - all.y * view.scale;
  return view;
}

static void
paint_outline (GtkSnapshot *snapshot, const WbArea *rect, float radius, float width,
               const GdkRGBA *color)
{
  GskRoundedRect outline;

  gsk_rounded_rect_init_from_rect (
      &outline,
      &GRAPHENE_RECT_INIT ((float)rect->x, (float)rect->y, (float)rect->width, (float)rect->height),
      radius);
  gtk_snapshot_append_border (snapshot, &outline, (float[]){ width, width, width, width },
                              (GdkRGBA[]){ *color, *color, *color, *color });
}

/* Corners of a box of few pixels cannot be seen, but take most of the time. */
static void
paint_box (GtkSnapshot *snapshot, const WbArea *at, float radius, const GdkRGBA *color)
{
  const graphene_rect_t rect = GRAPHENE_RECT_INIT (
      (float)at->x, (float)at->y, (float)MAX (at->width, 2), (float)MAX (at->height, 2));
  GskRoundedRect shape;

  if (at->width < 4 * radius)
    radius = 0;
  if (radius > 0)
    {
      gsk_rounded_rect_init_from_rect (&shape, &rect, radius);
      gtk_snapshot_push_rounded_clip (snapshot, &shape);
    }
  gtk_snapshot_append_color (snapshot, color, &rect);
  if (radius > 0)
    gtk_snapshot_pop (snapshot);
}

static void
wb_minimap_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  WbMinimap *self = WB_MINIMAP (widget);
  WbScheme scheme = wb_scheme_current ();
  WbView view = make_view (self);
  WbArea frame = { 0, 0, gtk_widget_get_width (widget), gtk_widget_get_height (widget) };
  WbArea seen = wb_view_area_to_screen (&view, &self->seen);
  GskRoundedRect outline;

  gsk_rounded_rect_init_from_rect (
      &outline, &GRAPHENE_RECT_INIT (0, 0, (float)frame.width, (float)frame.height), 6);
  gtk_snapshot_push_rounded_clip (snapshot, &outline);
  gtk_snapshot_append_color (snapshot, wb_color (WB_COLOR_CARD, scheme), &outline.bounds);
  for (guint i = 0; i < self->boxes->len; i++)
    {
      const Box *box = &g_array_index (self->boxes, Box, i);
      WbArea at = wb_view_area_to_screen (&view, &box->rect);
      GdkRGBA color = *wb_color (box->color, scheme);

      if (!box->ground)
        color.alpha *= .62f;
      paint_box (snapshot, &at, box->ground ? 0 : 2, &color);
    }
  paint_outline (snapshot, &seen, 4, 2, wb_color (WB_COLOR_ACCENT, scheme));
  gtk_snapshot_pop (snapshot);
  paint_outline (snapshot, &frame, 6, 1, wb_color (WB_COLOR_LINE, scheme));
}

static void
wb_minimap_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                    int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = *natural = 0;
}

static void
pan_to (WbMinimap *self, double x, double y)
{
  WbView view = make_view (self);
  WbPoint world = wb_view_to_world (&view, (WbPoint){ x, y });

  g_signal_emit (self, signals[PAN], 0, world.x, world.y);
}

static void
drag_begin (GtkGestureDrag *gesture, double x, double y, WbMinimap *self)
{
  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  pan_to (self, x, y);
}

static void
drag_update (GtkGestureDrag *gesture, double dx, double dy, WbMinimap *self)
{
  double x, y;

  if (gtk_gesture_drag_get_start_point (gesture, &x, &y))
    pan_to (self, x + dx, y + dy);
}

static void
wb_minimap_finalize (GObject *object)
{
  g_array_unref (WB_MINIMAP (object)->boxes);
  G_OBJECT_CLASS (wb_minimap_parent_class)->finalize (object);
}

static void
wb_minimap_class_init (WbMinimapClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = wb_minimap_finalize;
  widget_class->snapshot = wb_minimap_snapshot;
  widget_class->measure = wb_minimap_measure;
  gtk_widget_class_set_css_name (widget_class, "minimap");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
  signals[PAN] = g_signal_new ("pan", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                               NULL, G_TYPE_NONE, 2, G_TYPE_DOUBLE, G_TYPE_DOUBLE);
}

static void
wb_minimap_init (WbMinimap *self)
{
  GtkGesture *drag = gtk_gesture_drag_new ();

  self->boxes = g_array_new (FALSE, FALSE, sizeof (Box));
  g_signal_connect (drag, "drag-begin", G_CALLBACK (drag_begin), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (drag_update), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Overview"), -1);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), _ ("Overview: click or drag to go there"));
}

GtkWidget *
wb_minimap_new (void)
{
  return g_object_new (WB_TYPE_MINIMAP, NULL);
}

static gboolean
is_same (const WbArea *a, const WbArea *b)
{
  return a->x == b->x && a->y == b->y && a->width == b->width && a->height == b->height;
}

void
wb_minimap_update (WbMinimap *minimap, const WbGraphGeometry *geometry, const WbArea *seen)
{
  g_autoptr (GArray) before = minimap->boxes;
  WbArea bounds_before = minimap->bounds, seen_before = minimap->seen;

  minimap->boxes = g_array_new (FALSE, TRUE, sizeof (Box));
  minimap->seen = *seen;
  minimap->bounds = *seen;
  if (geometry != NULL)
    wb_graph_geometry_bounds (geometry, &minimap->bounds);
  for (guint g = 0; geometry != NULL && g < WB_N_GROUNDS; g++)
    {
      Box box = { .color = WB_COLOR_ENCODER + g, .ground = TRUE };

      if (wb_graph_geometry_ground (geometry, g, &box.rect))
        g_array_append_val (minimap->boxes, box);
    }
  for (guint i = 0; geometry != NULL && i < wb_graph_geometry_n_nodes (geometry); i++)
    {
      const WbNodeBox *node = wb_graph_geometry_node_at (geometry, i);
      Box box = { .rect = node->rect, .color = WB_COLOR_INPUT + node->category };

      g_array_append_val (minimap->boxes, box);
    }
  if (before->len == minimap->boxes->len && is_same (&bounds_before, &minimap->bounds)
      && is_same (&seen_before, seen)
      && (before->len == 0
          || memcmp (before->data, minimap->boxes->data, before->len * sizeof (Box)) == 0))
    return;
  gtk_widget_queue_draw (GTK_WIDGET (minimap));
}
