/* wb-points-viewer.c: data of two or three dimensions, and the line or sheet that bends into it. */
#include "diabolo-config.h"

#include "viewers/wb-drawing-viewer.h"
#include "viewers/wb-points-draw.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define POINTS 400
#define TURN (G_PI / 24) /* of an arrow key */
#define TURN_PER_PIXEL 0.01

#define WB_TYPE_POINTS_VIEWER (wb_points_viewer_get_type ())
G_DECLARE_FINAL_TYPE (WbPointsViewer, wb_points_viewer, WB, POINTS_VIEWER, WbDrawingViewer)

extern const WbViewerType wb_points_viewer_type;

struct _WbPointsViewer
{
  WbDrawingViewer parent;

  NnPointsResult *points; /* owned reference, or NULL */
  WbPointsView view;
  double grab_yaw, grab_pitch; /* where a drag began */
};

G_DEFINE_FINAL_TYPE (WbPointsViewer, wb_points_viewer, WB_TYPE_DRAWING_VIEWER)

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
  wb_drawing_viewer_redraw (WB_DRAWING_VIEWER (self));
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
}

static void
wb_points_viewer_answer (WbViewer *viewer, NnProbeResult *result)
{
  WbPointsViewer *self = WB_POINTS_VIEWER (viewer);

  if (result->type != &nn_points_probe_type)
    return;
  forget (self);
  wb_viewer_set_notice (viewer, result->error != NULL ? result->error->message : NULL);
  if (result->error != NULL)
    return;
  self->points = (NnPointsResult *)nn_probe_result_ref (result);
  gtk_widget_set_cursor_from_name (wb_drawing_viewer_get_area (WB_DRAWING_VIEWER (viewer)),
                                   self->points->dim == 3 ? "grab" : NULL);
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
wb_points_viewer_paint (WbDrawingViewer *viewer, const WbSheet *sheet)
{
  WbPointsViewer *self = WB_POINTS_VIEWER (viewer);
  WbDocument *document = wb_viewer_get_document (WB_VIEWER (viewer));
  WbPointsView view = self->view;
  WbPointsSpace space;

  if (self->points == NULL)
    return;
  view.hovered = sheet->marked;
  wb_points_space (self->points, &view, sheet->context, sheet->width, sheet->height, &space);
  wb_points_draw (self->points, &space, &view, nn_analysis_data (wb_document_analysis (document)),
                  sheet->cr, sheet->context, sheet->scheme, sheet->width, sheet->height);
}

static WbTable *
wb_points_viewer_to_table (WbViewer *viewer)
{
  const NnPointsResult *points = WB_POINTS_VIEWER (viewer)->points;

  return points != NULL ? wb_points_to_table (points) : NULL;
}

/* ---- pointer and keys ---- */

static guint
wb_points_viewer_n_items (WbDrawingViewer *viewer)
{
  const NnPointsResult *points = WB_POINTS_VIEWER (viewer)->points;

  return points != NULL ? points->n : 0;
}

static gint
wb_points_viewer_item_at (WbDrawingViewer *viewer, const WbSheet *sheet, double x, double y)
{
  WbPointsViewer *self = WB_POINTS_VIEWER (viewer);
  WbPointsSpace space;

  wb_points_space (self->points, &self->view, sheet->context, sheet->width, sheet->height, &space);
  return wb_points_at (self->points, &space, x, y);
}

static void
select_point (WbPointsViewer *self, guint i)
{
  wb_document_set_sample (wb_viewer_get_document (WB_VIEWER (self)),
                          g_array_index (self->points->samples, guint32, i));
}

static void
wb_points_viewer_pressed (WbDrawingViewer *viewer, const WbSheet *sheet, double x, double y)
{
  if (sheet->marked >= 0)
    select_point (WB_POINTS_VIEWER (viewer), (guint)sheet->marked);
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
wb_points_viewer_key (WbDrawingViewer *viewer, guint key, GdkModifierType modifiers)
{
  WbPointsViewer *self = WB_POINTS_VIEWER (viewer);
  const gint right = (key == GDK_KEY_Right) - (key == GDK_KEY_Left);
  const gint down = (key == GDK_KEY_Down) - (key == GDK_KEY_Up);

  if (self->points == NULL || (right == 0 && down == 0))
    return FALSE;
  if (self->points->dim == 3 && (modifiers & GDK_SHIFT_MASK) == 0)
    turn_to (self, self->view.yaw + right * TURN, self->view.pitch + down * TURN);
  else
    step (self, right != 0 ? right : down);
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
  WbDrawingViewerClass *drawing_class = WB_DRAWING_VIEWER_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = wb_points_viewer_dispose;
  viewer_class->document_changed = wb_points_viewer_document_changed;
  viewer_class->make_probe = wb_points_viewer_make_probe;
  viewer_class->answer = wb_points_viewer_answer;
  drawing_class->paint = wb_points_viewer_paint;
  drawing_class->n_items = wb_points_viewer_n_items;
  drawing_class->item_at = wb_points_viewer_item_at;
  drawing_class->pressed = wb_points_viewer_pressed;
  drawing_class->key = wb_points_viewer_key;
  viewer_class->to_table = wb_points_viewer_to_table;
  viewer_class->make_settings = wb_points_viewer_make_settings;
  viewer_class->save_state = wb_points_viewer_save_state;
  viewer_class->load_state = wb_points_viewer_load_state;
}

static void
wb_points_viewer_init (WbPointsViewer *self)
{
  WbDrawingViewer *viewer = WB_DRAWING_VIEWER (self);
  GtkGesture *drag = gtk_gesture_drag_new ();

  self->view = (WbPointsView){ .yaw = 0.6, .pitch = 0.35, .hovered = -1, .joined = TRUE };
  wb_drawing_viewer_name_area (viewer, _ ("Points and their reconstructions"), NULL);
  g_signal_connect_swapped (drag, "drag-begin", G_CALLBACK (drag_begin), self);
  g_signal_connect_swapped (drag, "drag-update", G_CALLBACK (drag_update), self);
  gtk_widget_add_controller (wb_drawing_viewer_get_area (viewer), GTK_EVENT_CONTROLLER (drag));
}
