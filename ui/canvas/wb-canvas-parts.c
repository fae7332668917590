/* Encoder, code and decoder to be taken away: the names of the grounds are handles. Dragged out of
 * the window they are files, dropped on the canvas or clicked they lead to the export dialog. */
#include "canvas/wb-canvas-private.h"

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>

#include "export/wb-export-drag.h"

/* Around the letters of a name. */
#define PADDING_X 6.0
#define PADDING_Y 3.0

static const struct
{
  NnExportPart part; /* what a drag takes */
  const char *tip;
} parts[WB_N_GROUNDS] = {
  [WB_GROUND_ENCODER] = { NN_EXPORT_ENCODER,
                          N_ ("Encoder: drag it to a folder as ONNX, or click to "
                              "export it") },
  [WB_GROUND_CODE] = { NN_EXPORT_ENCODER, N_ ("Code: drag it to a folder for the encoder, which "
                                              "gives it, as ONNX, or click to export") },
  [WB_GROUND_DECODER] = { NN_EXPORT_DECODER,
                          N_ ("Decoder: drag it to a folder as ONNX, or click to "
                              "export it") },
};

static WbGround
ground_of (WbCanvas *self, gpointer handle)
{
  WbGround ground = 0;
  while (self->handles[ground] != handle)
    ground++;
  return ground;
}

static WbCanvas *
canvas_of (gpointer handle)
{
  return WB_CANVAS (gtk_widget_get_parent (handle));
}

/* ---- a handle ---- */

static void
handle_clicked (GtkWidget *handle)
{
  WbCanvas *self = canvas_of (handle);
  graphene_rect_t bounds;
  if (gtk_widget_compute_bounds (handle, GTK_WIDGET (self), &bounds))
    wb_canvas_popup_parts_menu (self,
                                (WbPoint){ bounds.origin.x, bounds.origin.y + bounds.size.height });
}

static void
context_released (GtkGestureClick *gesture, int n_press, double x, double y, GtkWidget *handle)
{
  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  handle_clicked (handle);
}

static GdkContentProvider *
drag_prepare (GtkDragSource *source, double x, double y, GtkWidget *handle)
{
  WbCanvas *self = canvas_of (handle);
  return wb_export_drag_new (self->document, parts[ground_of (self, handle)].part);
}

static void
drag_begin (GtkDragSource *source, GdkDrag *drag, GtkWidget *handle)
{
  const NnExportPart part = parts[ground_of (canvas_of (handle), handle)].part;
  GtkWidget *chip = gtk_label_new (nn_export_part_title (part));
  gtk_widget_add_css_class (chip, "drag-chip");
  gtk_drag_icon_set_child (GTK_DRAG_ICON (gtk_drag_icon_get_for_drag (drag)), chip);
  gdk_drag_set_hotspot (drag, 12, 12);
}

static GtkWidget *
make_handle (WbGround ground)
{
  GtkWidget *handle = gtk_button_new ();
  GtkDragSource *source = gtk_drag_source_new ();
  GtkGesture *context = gtk_gesture_click_new ();
  g_autoptr (GdkCursor) cursor = gdk_cursor_new_from_name ("grab", NULL);
  gtk_widget_add_css_class (handle, "canvas-part");
  gtk_widget_set_cursor (handle, cursor);
  gtk_widget_set_tooltip_text (handle, _ (parts[ground].tip));
  /* Keys have the same in the menu of the code's card. */
  gtk_widget_set_focusable (handle, FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (handle), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ (wb_ground_titles[ground]), -1);
  g_signal_connect (handle, "clicked", G_CALLBACK (handle_clicked), NULL);
  gtk_drag_source_set_actions (source, GDK_ACTION_COPY);
  g_signal_connect (source, "prepare", G_CALLBACK (drag_prepare), handle);
  g_signal_connect (source, "drag-begin", G_CALLBACK (drag_begin), handle);
  gtk_widget_add_controller (handle, GTK_EVENT_CONTROLLER (source));
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (context), GDK_BUTTON_SECONDARY);
  g_signal_connect (context, "released", G_CALLBACK (context_released), handle);
  gtk_widget_add_controller (handle, GTK_EVENT_CONTROLLER (context));
  return handle;
}

/* ---- dropped on the canvas ---- */

/* Nothing for one that has hardly been moved. */
static gboolean
is_on_handle (WbCanvas *self, double x, double y)
{
  GtkWidget *hit = gtk_widget_pick (GTK_WIDGET (self), x, y, GTK_PICK_DEFAULT);
  for (WbGround g = 0; g < WB_N_GROUNDS; g++)
    if (hit == self->handles[g])
      return TRUE;
  return FALSE;
}

static GdkDragAction
drop_motion (GtkDropTarget *target, double x, double y, WbCanvas *self)
{
  const gboolean takes = !is_on_handle (self, x, y);
  wb_canvas_set_hint (self, takes ? _ ("Drop here to choose how to export it") : NULL,
                      (WbPoint){ x, y });
  return takes ? GDK_ACTION_COPY : 0;
}

static void
drop_leave (GtkDropTarget *target, WbCanvas *self)
{
  wb_canvas_set_hint (self, NULL, (WbPoint){ 0, 0 });
}

static gboolean
dropped (GtkDropTarget *target, const GValue *value, double x, double y, WbCanvas *self)
{
  wb_canvas_set_hint (self, NULL, (WbPoint){ 0, 0 });
  return !is_on_handle (self, x, y)
         && gtk_widget_activate_action (GTK_WIDGET (self), "win.export-part", "s",
                                        nn_export_part_id (wb_export_part_of (value)));
}

/* ---- for the canvas ---- */

void
wb_canvas_add_parts (WbCanvas *self)
{
  GtkDropTarget *target = gtk_drop_target_new (WB_TYPE_EXPORT_PART, GDK_ACTION_COPY);
  for (WbGround g = 0; g < WB_N_GROUNDS; g++)
    {
      self->handles[g] = make_handle (g);
      gtk_widget_set_parent (self->handles[g], GTK_WIDGET (self));
    }
  g_signal_connect (target, "enter", G_CALLBACK (drop_motion), self);
  g_signal_connect (target, "motion", G_CALLBACK (drop_motion), self);
  g_signal_connect (target, "leave", G_CALLBACK (drop_leave), self);
  g_signal_connect (target, "drop", G_CALLBACK (dropped), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (target));
}

void
wb_canvas_allocate_parts (WbCanvas *self)
{
  for (WbGround g = 0; g < WB_N_GROUNDS; g++)
    {
      WbArea label;
      const gboolean shown = wb_canvas_ground_label (self, g, &label, NULL);
      gtk_widget_set_child_visible (self->handles[g], shown);
      if (!shown)
        continue;
      gtk_widget_measure (self->handles[g], GTK_ORIENTATION_HORIZONTAL, -1, NULL, NULL, NULL, NULL);
      gtk_widget_allocate (
          self->handles[g], (int)(label.width + 2 * PADDING_X), (int)(label.height + 2 * PADDING_Y),
          -1,
          gsk_transform_translate (NULL, &GRAPHENE_POINT_INIT ((float)(label.x - PADDING_X),
                                                               (float)(label.y - PADDING_Y))));
    }
}
