/* wb-points-viewer.c: data of two or three dimensions, and the line or sheet that bends into it. */
#include "diabolo-config.h"

#include "viewers/wb-points-draw.h"
#include "viewers/wb-viewer.h"

#include <adwaita.h>
#include <glib/gi18n-lib.h>
#include <math.h>

#define POINTS 400
#define TURN (G_PI / 24) /* of an arrow key */
#define TURN_PER_PIXEL 0.01

#define WB_TYPE_POINTS_VIEWER (wb_points_viewer_get_type ())
G_DECLARE_FINAL_TYPE (WbPointsViewer, wb_points_viewer, WB, POINTS_VIEWER, WbViewer)

extern const WbViewerType wb_points_viewer_type;

struct _WbPointsViewer
{
  WbViewer parent;

  NnPointsResult *points; /* owned reference, or NULL */
  WbPointsView view;
  double grab_yaw, grab_pitch; /* where a drag began */
  GtkWidget *area;             /* borrowed: a child */
};

G_DEFINE_FINAL_TYPE (WbPointsViewer, wb_points_viewer, WB_TYPE_VIEWER)

const WbViewerType wb_points_viewer_type = {
  .id = "points",
  .title = N_ ("Points"),
  .sentence = N_ ("Each point, joined to where it comes back."),
  .icon = "wb-points-symbolic",
  .get_type = wb_points_viewer_get_type,
};

static void
redraw (WbPointsViewer *self)
{
  gtk_widget_queue_draw (self->area);
}

/* ---- asking and being answered ---- */

static NnProbe *
wb_points_viewer_make_probe (WbViewer *viewer, guint probe_id)
{
  return nn_points_probe_new (probe_id, POINTS, WB_POINTS_VIEWER (viewer)->view.pushed);
}

static void
forget (WbPointsViewer *self)
{
  if (self->points != NULL)
    nn_probe_result_unref (&self->points->base);
  self->points = NULL;
  self->view.hovered = -1;
}

static void
wb_points_viewer_answer (WbViewer *viewer, NnProbeResult *result)
{
  WbPointsViewer *self = WB_POINTS_VIEWER (viewer);
  const gint hovered = self->view.hovered;

  if (result->type != &nn_points_probe_type)
    return;
  forget (self);
  wb_viewer_set_notice (viewer, result->error != NULL ? result->error->message : NULL);
  if (result->error != NULL)
    return;
  self->points = (NnPointsResult *)nn_probe_result_ref (result);
  self->view.hovered = hovered < (gint)self->points->n ? hovered : -1;
  gtk_widget_set_cursor_from_name (self->area, self->points->dim == 3 ? "grab" : NULL);
  redraw (self);
}

static void
wb_points_viewer_document_changed (WbViewer *viewer)
{
  WbPointsViewer *self = WB_POINTS_VIEWER (viewer);
  g_autofree char *missing = wb_viewer_missing_notice (viewer);

  self->view.selected = wb_document_sample (wb_viewer_get_document (viewer));
  if (missing != NULL)
    wb_viewer_set_notice (viewer, missing);
  redraw (self);
}

/* ---- drawing ---- */

static void
draw (WbPointsViewer *self, const WbPointsView *view, cairo_t *cr, PangoContext *context,
      WbScheme scheme, double width, double height)
{
  WbDocument *document = wb_viewer_get_document (WB_VIEWER (self));
  WbPointsSpace space;

  if (self->points == NULL || document == NULL)
    return;
  wb_points_space (self->points, view, context, width, height, &space);
  wb_points_draw (self->points, &space, view, nn_analysis_data (wb_document_analysis (document)),
                  cr, context, scheme, width, height);
}

static void
draw_area (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  WbPointsViewer *self = data;

  draw (self, &self->view, cr, gtk_widget_get_pango_context (GTK_WIDGET (area)),
        wb_scheme_current (), width, height);
}

static void
wb_points_viewer_draw (WbViewer *viewer, cairo_t *cr, double width, double height)
{
  WbPointsViewer *self = WB_POINTS_VIEWER (viewer);
  PangoContext *context = wb_figure_context ();
  WbPointsView view = self->view;

  view.hovered = -1;
  view.selected = G_MAXUINT;
  draw (self, &view, cr, context, WB_SCHEME_LIGHT, width, height);
  g_object_unref (context);
}

static WbTable *
wb_points_viewer_to_table (WbViewer *viewer)
{
  const NnPointsResult *points = WB_POINTS_VIEWER (viewer)->points;

  return points != NULL ? wb_points_to_table (points) : NULL;
}

/* ---- pointer and keys ---- */

static gint
point_at (WbPointsViewer *self, double x, double y)
{
  WbPointsSpace space;

  if (self->points == NULL)
    return -1;
  wb_points_space (self->points, &self->view, gtk_widget_get_pango_context (self->area),
                   gtk_widget_get_width (self->area), gtk_widget_get_height (self->area), &space);
  return wb_points_at (self->points, &space, x, y);
}

static void
motion (WbPointsViewer *self, double x, double y)
{
  const gint hovered = point_at (self, x, y);

  if (hovered == self->view.hovered)
    return;
  self->view.hovered = hovered;
  redraw (self);
}

static void
leave (WbPointsViewer *self)
{
  self->view.hovered = -1;
  redraw (self);
}

static void
select_point (WbPointsViewer *self, guint i)
{
  wb_document_set_sample (wb_viewer_get_document (WB_VIEWER (self)),
                          g_array_index (self->points->samples, guint32, i));
}

static void
pressed (WbPointsViewer *self, int n_press, double x, double y)
{
  const gint i = point_at (self, x, y);

  gtk_widget_grab_focus (self->area);
  if (i >= 0)
    select_point (self, (guint)i);
}

static void
turn_to (WbPointsViewer *self, double yaw, double pitch)
{
  self->view.yaw = yaw;
  self->view.pitch = CLAMP (pitch, -G_PI / 2, G_PI / 2);
  redraw (self);
}

static void
drag_begin (WbPointsViewer *self, double x, double y)
{
  self->grab_yaw = self->view.yaw;
  self->grab_pitch = self->view.pitch;
}

static void
drag_update (WbPointsViewer *self, double dx, double dy)
{
  if (self->points != NULL && self->points->dim == 3)
    turn_to (self, self->grab_yaw + dx * TURN_PER_PIXEL, self->grab_pitch + dy * TURN_PER_PIXEL);
}

/* The next or last point in the order of their codes, or of the file where there is no line. */
static void
step (WbPointsViewer *self, gint by)
{
  const NnPointsResult *points = self->points;
  const gboolean by_code = points->code_size == 1;
  gint current = -1, next = -1;

  for (guint i = 0; i < points->n && current < 0; i++)
    if (g_array_index (points->samples, guint32, i) == self->view.selected)
      current = (gint)i;
  if (current < 0)
    next = 0;
  else if (!by_code)
    next = (current + by + (gint)points->n) % (gint)points->n;
  for (guint i = 0; by_code && current >= 0 && i < points->n; i++)
    {
      const float ahead = (points->code[i] - points->code[current]) * (float)by;
      if (ahead > 0
          && (next < 0 || ahead < (points->code[next] - points->code[current]) * (float)by))
        next = (gint)i;
    }
  if (next >= 0)
    select_point (self, (guint)next);
}

static gboolean
key_pressed (WbPointsViewer *self, guint key, guint code, GdkModifierType modifiers)
{
  const gint right = (key == GDK_KEY_Right) - (key == GDK_KEY_Left);
  const gint down = (key == GDK_KEY_Down) - (key == GDK_KEY_Up);
  const gboolean turns =
      self->points != NULL && self->points->dim == 3 && (modifiers & GDK_SHIFT_MASK) == 0;

  if (self->points == NULL || (right == 0 && (down == 0 || !turns)))
    return FALSE;
  if (turns)
    turn_to (self, self->view.yaw + right * TURN, self->view.pitch + down * TURN);
  else
    step (self, right);
  return TRUE;
}

/* ---- settings ---- */

static void
joined_toggled (GtkCheckButton *check, WbPointsViewer *self)
{
  self->view.joined = gtk_check_button_get_active (check);
  redraw (self);
}

static void
pushed_toggled (GtkCheckButton *check, WbPointsViewer *self)
{
  self->view.pushed = gtk_check_button_get_active (check);
  wb_viewer_invalidate_probe (WB_VIEWER (self));
  redraw (self);
}

static void
add_check (WbPointsViewer *self, GtkWidget *box, const char *label, const char *tip,
           gboolean active, GCallback toggled)
{
  GtkWidget *check = gtk_check_button_new_with_label (label);

  gtk_widget_set_tooltip_text (check, tip);
  gtk_check_button_set_active (GTK_CHECK_BUTTON (check), active);
  g_signal_connect_object (check, "toggled", toggled, self, 0);
  gtk_box_append (GTK_BOX (box), check);
}

static GtkWidget *
wb_points_viewer_make_settings (WbViewer *viewer)
{
  WbPointsViewer *self = WB_POINTS_VIEWER (viewer);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  gtk_widget_add_css_class (box, "wb-settings");
  add_check (self, box, _ ("Join points and reconstructions"),
             _ ("Draw a line from each point to where the network puts it"), self->view.joined,
             G_CALLBACK (joined_toggled));
  add_check (self, box, _ ("Push of the gradient"),
             _ ("Draw where each reconstruction would go if its code followed its gradient"),
             self->view.pushed, G_CALLBACK (pushed_toggled));
  return box;
}

static void
wb_points_viewer_save_state (WbViewer *viewer, JsonObject *state)
{
  const WbPointsView *view = &WB_POINTS_VIEWER (viewer)->view;

  if (!view->joined)
    json_object_set_boolean_member (state, "joined", FALSE);
  if (view->pushed)
    json_object_set_boolean_member (state, "pushed", TRUE);
  json_object_set_double_member (state, "yaw", view->yaw);
  json_object_set_double_member (state, "pitch", view->pitch);
}

static void
wb_points_viewer_load_state (WbViewer *viewer, JsonObject *state)
{
  WbPointsViewer *self = WB_POINTS_VIEWER (viewer);

  self->view.joined = json_object_get_boolean_member_with_default (state, "joined", TRUE);
  self->view.pushed = json_object_get_boolean_member_with_default (state, "pushed", FALSE);
  turn_to (self, json_object_get_double_member_with_default (state, "yaw", self->view.yaw),
           json_object_get_double_member_with_default (state, "pitch", self->view.pitch));
}

static void
wb_points_viewer_dispose (GObject *object)
{
  forget (WB_POINTS_VIEWER (object));
  G_OBJECT_CLASS (wb_points_viewer_parent_class)->dispose (object);
}

static void
wb_points_viewer_class_init (WbPointsViewerClass *klass)
{
  WbViewerClass *viewer_class = WB_VIEWER_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = wb_points_viewer_dispose;
  viewer_class->document_changed = wb_points_viewer_document_changed;
  viewer_class->make_probe = wb_points_viewer_make_probe;
  viewer_class->answer = wb_points_viewer_answer;
  viewer_class->draw = wb_points_viewer_draw;
  viewer_class->to_table = wb_points_viewer_to_table;
  viewer_class->make_settings = wb_points_viewer_make_settings;
  viewer_class->save_state = wb_points_viewer_save_state;
  viewer_class->load_state = wb_points_viewer_load_state;
}

static void
add_controllers (WbPointsViewer *self)
{
  GtkEventController *hover = gtk_event_controller_motion_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkGesture *click = gtk_gesture_click_new (), *drag = gtk_gesture_drag_new ();

  g_signal_connect_swapped (hover, "enter", G_CALLBACK (motion), self);
  g_signal_connect_swapped (hover, "motion", G_CALLBACK (motion), self);
  g_signal_connect_swapped (hover, "leave", G_CALLBACK (leave), self);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (key_pressed), self);
  g_signal_connect_swapped (click, "pressed", G_CALLBACK (pressed), self);
  g_signal_connect_swapped (drag, "drag-begin", G_CALLBACK (drag_begin), self);
  g_signal_connect_swapped (drag, "drag-update", G_CALLBACK (drag_update), self);
  gtk_widget_add_controller (self->area, hover);
  gtk_widget_add_controller (self->area, keys);
  gtk_widget_add_controller (self->area, GTK_EVENT_CONTROLLER (click));
  gtk_widget_add_controller (self->area, GTK_EVENT_CONTROLLER (drag));
}

static void
wb_points_viewer_init (WbPointsViewer *self)
{
  AdwStyleManager *style = adw_style_manager_get_default ();

  self->view = (WbPointsView){ .yaw = 0.6, .pitch = 0.35, .hovered = -1, .joined = TRUE };
  self->area = gtk_drawing_area_new ();
  gtk_widget_set_focusable (self->area, TRUE);
  gtk_widget_add_css_class (self->area, "wb-drawing");
  gtk_widget_set_size_request (self->area, 180, 110);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (self->area), draw_area, self, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->area), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Points and their reconstructions"), -1);
  add_controllers (self);
  g_signal_connect_object (style, "notify::dark", G_CALLBACK (redraw), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (style, "notify::high-contrast", G_CALLBACK (redraw), self,
                           G_CONNECT_SWAPPED);
  wb_viewer_set_content (WB_VIEWER (self), self->area);
}
