#include "viewers/wb-drawing-viewer.h"

#include "plots/wb-drawn.h"

#include <math.h>

#define MIN_WIDTH 180
#define MIN_HEIGHT 110

typedef struct
{
  GtkWidget *area; /* borrowed: a child */
  gint hovered;    /* item under the pointer, -1 */
  gint walked;     /* item that keys have marked, -1 */
  gboolean has_tip;
} WbDrawingViewerPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (WbDrawingViewer, wb_drawing_viewer, WB_TYPE_VIEWER)

static WbDrawingViewerPrivate *
get_private (WbDrawingViewer *self)
{
  return wb_drawing_viewer_get_instance_private (self);
}

GtkWidget *
wb_drawing_viewer_get_area (WbDrawingViewer *self)
{
  return get_private (self)->area;
}

void
wb_drawing_viewer_name_area (WbDrawingViewer *self, const char *name, const char *tip)
{
  GtkWidget *area = get_private (self)->area;

  gtk_accessible_update_property (GTK_ACCESSIBLE (area), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_widget_set_tooltip_text (area, tip);
  get_private (self)->has_tip = tip != NULL;
}

void
wb_drawing_viewer_redraw (WbDrawingViewer *self)
{
  gtk_widget_queue_draw (get_private (self)->area);
}

/* ---- the marked item ---- */

static gint
n_items (WbDrawingViewer *self)
{
  WbDrawingViewerClass *klass = WB_DRAWING_VIEWER_GET_CLASS (self);

  return klass->n_items != NULL ? (gint)klass->n_items (self) : 0;
}

gint
wb_drawing_viewer_get_marked (WbDrawingViewer *self)
{
  WbDrawingViewerPrivate *priv = get_private (self);
  const gint marked = priv->hovered >= 0 ? priv->hovered : priv->walked;

  return marked < n_items (self) ? marked : -1;
}

void
wb_drawing_viewer_mark (WbDrawingViewer *self, gint item)
{
  WbDrawingViewerPrivate *priv = get_private (self);
  WbDrawingViewerClass *klass = WB_DRAWING_VIEWER_GET_CLASS (self);
  g_autofree char *text =
      item >= 0 && klass->item_text != NULL ? klass->item_text (self, item) : NULL;

  priv->hovered = -1;
  priv->walked = item;
  gtk_accessible_update_property (GTK_ACCESSIBLE (priv->area), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  text != NULL ? text : "", -1);
  wb_drawing_viewer_redraw (self);
}

static void
motion (WbDrawingViewer *self, double x, double y)
{
  WbDrawingViewerPrivate *priv = get_private (self);
  WbDrawingViewerClass *klass = WB_DRAWING_VIEWER_GET_CLASS (self);
  const WbSheet sheet = wb_drawing_viewer_sheet (self);
  const gint hovered = n_items (self) > 0 ? klass->item_at (self, &sheet, x, y) : -1;

  if (hovered == priv->hovered)
    return;
  priv->hovered = hovered;
  if (priv->has_tip) /* would lie over what is said of the item */
    gtk_widget_set_has_tooltip (priv->area, hovered < 0);
  wb_drawing_viewer_redraw (self);
}

static void
leave (WbDrawingViewer *self)
{
  get_private (self)->hovered = -1;
  wb_drawing_viewer_redraw (self);
}

static void
pressed (WbDrawingViewer *self, int n_press, double x, double y)
{
  WbDrawingViewerClass *klass = WB_DRAWING_VIEWER_GET_CLASS (self);
  const WbSheet sheet = wb_drawing_viewer_sheet (self);

  gtk_widget_grab_focus (get_private (self)->area);
  if (klass->pressed != NULL)
    klass->pressed (self, &sheet, x, y);
  else if (n_items (self) > 0)
    wb_drawing_viewer_mark (self, klass->item_at (self, &sheet, x, y));
}

static gboolean
walk (WbDrawingViewer *self, guint key)
{
  const gint n = n_items (self), marked = wb_drawing_viewer_get_marked (self);
  const gint step =
      (key == GDK_KEY_Right) + (key == GDK_KEY_Down) - (key == GDK_KEY_Left) - (key == GDK_KEY_Up);

  if (n == 0)
    return FALSE;
  if (step != 0)
    wb_drawing_viewer_mark (self,
                            marked < 0 ? (step > 0 ? 0 : n - 1) : CLAMP (marked + step, 0, n - 1));
  else if (key == GDK_KEY_Home || key == GDK_KEY_End)
    wb_drawing_viewer_mark (self, key == GDK_KEY_Home ? 0 : n - 1);
  else if (key == GDK_KEY_Escape && marked >= 0)
    wb_drawing_viewer_mark (self, -1);
  else
    return FALSE;
  return TRUE;
}

static gboolean
key_pressed (WbDrawingViewer *self, guint key, guint code, GdkModifierType state)
{
  WbDrawingViewerClass *klass = WB_DRAWING_VIEWER_GET_CLASS (self);
  const WbSheet sheet = wb_drawing_viewer_sheet (self);

  if ((state & (GDK_CONTROL_MASK | GDK_ALT_MASK)) != 0)
    return FALSE;
  if (klass->key != NULL && klass->key (self, key, state))
    return TRUE;
  if ((key == GDK_KEY_Return || key == GDK_KEY_KP_Enter) && sheet.marked >= 0
      && klass->pressed != NULL)
    {
      klass->pressed (self, &sheet, NAN, NAN);
      return TRUE;
    }
  return walk (self, key);
}

/* ---- drawing ---- */

WbSheet
wb_drawing_viewer_sheet (WbDrawingViewer *self)
{
  GtkWidget *area = get_private (self)->area;

  return (WbSheet){ .context = gtk_widget_get_pango_context (area),
                    .scheme = wb_scheme_current (),
                    .width = gtk_widget_get_width (area),
                    .height = gtk_widget_get_height (area),
                    .marked = wb_drawing_viewer_get_marked (self) };
}

static void
draw_area (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  WbSheet sheet = wb_drawing_viewer_sheet (data);

  sheet.cr = cr;
  if (wb_viewer_get_document (data) != NULL)
    WB_DRAWING_VIEWER_GET_CLASS (data)->paint (data, &sheet);
}

static void
wb_drawing_viewer_draw (WbViewer *viewer, cairo_t *cr, double width, double height)
{
  PangoContext *context = wb_figure_context ();
  const WbSheet sheet = { cr, context, WB_SCHEME_LIGHT, width, height, -1 };

  if (wb_viewer_get_document (viewer) != NULL)
    WB_DRAWING_VIEWER_GET_CLASS (viewer)->paint (WB_DRAWING_VIEWER (viewer), &sheet);
  g_object_unref (context);
}

static void
wb_drawing_viewer_class_init (WbDrawingViewerClass *klass)
{
  WB_VIEWER_CLASS (klass)->draw = wb_drawing_viewer_draw;
}

static void
wb_drawing_viewer_init (WbDrawingViewer *self)
{
  GtkWidget *area = gtk_drawing_area_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  get_private (self)->area = area;
  get_private (self)->hovered = get_private (self)->walked = -1;
  wb_drawn_set_up (area, G_CALLBACK (gtk_widget_queue_draw));
  gtk_widget_add_css_class (area, "wb-drawing");
  gtk_widget_set_size_request (area, MIN_WIDTH, MIN_HEIGHT);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (area), draw_area, self, NULL);
  wb_drawn_add_pointer (area, self, G_CALLBACK (motion), G_CALLBACK (leave));
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (key_pressed), self);
  g_signal_connect_swapped (click, "pressed", G_CALLBACK (pressed), self);
  gtk_widget_add_controller (area, keys);
  gtk_widget_add_controller (area, GTK_EVENT_CONTROLLER (click));
  wb_viewer_set_content (WB_VIEWER (self), area);
}
