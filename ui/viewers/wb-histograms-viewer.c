/* wb-histograms-viewer.c: how the weights, gradients and activations of a layer are spread, and how
 * that changes with time. */
#include "diabolo-config.h"

#include "plots/wb-drawn.h"
#include "viewers/wb-histograms-draw.h"
#include "viewers/wb-layer-picker.h"
#include "viewers/wb-viewer.h"

#include <glib/gi18n-lib.h>

#include <string.h>

#define DESCRIBE_SECONDS 1
#define MIN_WIDTH 180
#define MIN_HEIGHT 110

#define WB_TYPE_HISTOGRAMS_VIEWER (wb_histograms_viewer_get_type ())
G_DECLARE_FINAL_TYPE (WbHistogramsViewer, wb_histograms_viewer, WB, HISTOGRAMS_VIEWER, WbViewer)

extern const WbViewerType wb_histograms_viewer_type;

struct _WbHistogramsViewer
{
  WbViewer parent;

  NnProbe *probe;             /* asked last; owned reference, or NULL */
  NnHistogramsResult *result; /* newest answer; owned reference, or NULL */
  WbHistogramsLayout layout;  /* as it was drawn */
  WbHistogramsCursor cursor;
  gint64 described_at;

  /* borrowed: children */
  GtkWidget *area;
  WbLayerPicker *layers;
};

G_DEFINE_FINAL_TYPE (WbHistogramsViewer, wb_histograms_viewer, WB_TYPE_VIEWER)

const WbViewerType wb_histograms_viewer_type = {
  .id = "histograms",
  .title = N_ ("Histograms"),
  .sentence = N_ ("Where the layer's weights, gradients and activations lie, from then to now."),
  .icon = "nn-activation-symbolic",
  .get_type = wb_histograms_viewer_get_type,
};

static void
describe (WbHistogramsViewer *self)
{
  g_autofree char *text = NULL;

  if (self->result == NULL)
    return;
  text = wb_histograms_describe (self->result, &self->cursor);
  self->described_at = g_get_monotonic_time ();
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->area), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  text, -1);
}

/* ---- asking and being answered ---- */

static void
wb_histograms_viewer_document_changed (WbViewer *viewer)
{
  WbHistogramsViewer *self = WB_HISTOGRAMS_VIEWER (viewer);
  g_autofree char *missing = NULL;

  wb_layer_picker_set_document (self->layers, wb_viewer_get_document (viewer));
  missing = wb_viewer_missing_notice (viewer);
  if (missing == NULL && wb_layer_picker_get_node (self->layers) == 0)
    missing = g_strdup (_ ("There is no layer to look into. Connect one to an input first."));
  if (missing != NULL)
    wb_viewer_set_notice (viewer, missing);
}

static void
layer_changed (WbViewer *viewer)
{
  WbHistogramsViewer *self = WB_HISTOGRAMS_VIEWER (viewer);

  if (wb_viewer_get_document (viewer) == NULL)
    return;
  self->cursor.active = FALSE;
  wb_histograms_viewer_document_changed (viewer);
  wb_viewer_invalidate_probe (viewer);
}

static NnProbe *
wb_histograms_viewer_make_probe (WbViewer *viewer, guint probe_id)
{
  WbHistogramsViewer *self = WB_HISTOGRAMS_VIEWER (viewer);
  const guint node = wb_layer_picker_get_node (self->layers);

  if (node == 0 || wb_document_dataset (wb_viewer_get_document (viewer)) == NULL)
    return NULL;
  NnProbe *probe = nn_histograms_probe_new (probe_id, node, self->probe);
  if (self->probe != NULL)
    nn_probe_unref (self->probe);
  self->probe = nn_probe_ref (probe);
  return probe;
}

static void
wb_histograms_viewer_answer (WbViewer *viewer, NnProbeResult *base)
{
  WbHistogramsViewer *self = WB_HISTOGRAMS_VIEWER (viewer);
  WbDocument *document = wb_viewer_get_document (viewer);
  NnHistogramsResult *result = (NnHistogramsResult *)base;

  if (base->type != &nn_histograms_probe_type)
    return;
  if (base->error != NULL)
    {
      wb_viewer_set_notice (viewer, base->error->message);
      return;
    }
  if (result->node != wb_layer_picker_get_node (self->layers)
      || wb_document_dataset (document) == NULL
      || !nn_analysis_can_train (wb_document_analysis (document)))
    return; /* to a question that is no longer asked */
  nn_probe_result_ref (base);
  if (self->result != NULL)
    nn_probe_result_unref (&self->result->base);
  self->result = result;
  wb_viewer_set_notice (viewer, NULL);
  gtk_widget_queue_draw (self->area);
  if (g_get_monotonic_time () - self->described_at >= DESCRIBE_SECONDS * G_USEC_PER_SEC)
    describe (self);
}

/* ---- drawing ---- */

static void
draw_area (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  WbHistogramsViewer *self = data;
  PangoContext *context = gtk_widget_get_pango_context (GTK_WIDGET (area));

  if (self->result == NULL)
    return;
  wb_histograms_layout (self->result, context, width, height, &self->layout);
  wb_histograms_draw (self->result, &self->layout, &self->cursor, cr, context,
                      wb_scheme_current ());
}

static void
wb_histograms_viewer_draw (WbViewer *viewer, cairo_t *cr, double width, double height)
{
  WbHistogramsViewer *self = WB_HISTOGRAMS_VIEWER (viewer);
  WbHistogramsLayout layout;
  PangoContext *context;

  if (self->result == NULL)
    return;
  context = wb_figure_context ();
  wb_histograms_layout (self->result, context, width, height, &layout);
  wb_histograms_draw (self->result, &layout, NULL, cr, context, WB_SCHEME_LIGHT);
  g_object_unref (context);
}

static char *
wb_histograms_viewer_to_csv (WbViewer *viewer)
{
  WbHistogramsViewer *self = WB_HISTOGRAMS_VIEWER (viewer);

  return self->result != NULL ? wb_histograms_to_csv (self->result) : NULL;
}

static NnTensor *
wb_histograms_viewer_to_tensor (WbViewer *viewer)
{
  WbHistogramsViewer *self = WB_HISTOGRAMS_VIEWER (viewer);

  return self->result != NULL ? wb_histograms_to_tensor (self->result) : NULL;
}

/* ---- pointer and keys ---- */

static void
motion (WbHistogramsViewer *self, double x, double y)
{
  if (self->result == NULL)
    return;
  self->cursor.active = wb_histograms_cursor_at (self->result, &self->layout, x, y, &self->cursor);
  gtk_widget_queue_draw (self->area);
}

static void
leave (WbHistogramsViewer *self)
{
  self->cursor.active = FALSE;
  gtk_widget_queue_draw (self->area);
}

/* From histogram to histogram of the activations, which every layer has. */
static void
step_cursor (WbHistogramsViewer *self, gint step)
{
  const NnHistogramView *view =
      self->result != NULL ? self->result->spread[NN_SPREAD_ACTIVATIONS] : NULL;

  if (view == NULL || view->n_rows == 0)
    return;
  const gint last = (gint)view->n_rows - 1;
  const gint now =
      self->cursor.active ? (gint)wb_histograms_row (view, self->cursor.time) : last + (step < 0);
  self->cursor = (WbHistogramsCursor){ .active = TRUE,
                                       .spread = -1,
                                       .time = view->time[CLAMP (now + step, 0, last)] };
  describe (self);
  gtk_widget_queue_draw (self->area);
}

static gboolean
key_pressed (WbHistogramsViewer *self, guint key, guint code, GdkModifierType state)
{
  switch (key)
    {
    case GDK_KEY_Left:
      step_cursor (self, -1);
      return TRUE;
    case GDK_KEY_Right:
      step_cursor (self, 1);
      return TRUE;
    case GDK_KEY_Escape:
      if (!self->cursor.active)
        return FALSE;
      leave (self);
      return TRUE;
    default:
      return FALSE;
    }
}

static void
pressed (WbHistogramsViewer *self)
{
  gtk_widget_grab_focus (self->area);
}

/* ---- the object ---- */

static void
wb_histograms_viewer_save_state (WbViewer *viewer, JsonObject *state)
{
  WbHistogramsViewer *self = WB_HISTOGRAMS_VIEWER (viewer);

  if (wb_layer_picker_get_fixed (self->layers) != 0)
    json_object_set_int_member (state, "layer", wb_layer_picker_get_fixed (self->layers));
}

static void
wb_histograms_viewer_load_state (WbViewer *viewer, JsonObject *state)
{
  wb_layer_picker_set_fixed (
      WB_HISTOGRAMS_VIEWER (viewer)->layers,
      (guint)CLAMP (json_object_get_int_member_with_default (state, "layer", 0), 0, G_MAXINT));
}

static void
wb_histograms_viewer_finalize (GObject *object)
{
  WbHistogramsViewer *self = WB_HISTOGRAMS_VIEWER (object);

  if (self->probe != NULL)
    nn_probe_unref (self->probe);
  if (self->result != NULL)
    nn_probe_result_unref (&self->result->base);
  G_OBJECT_CLASS (wb_histograms_viewer_parent_class)->finalize (object);
}

static void
wb_histograms_viewer_class_init (WbHistogramsViewerClass *klass)
{
  WbViewerClass *viewer_class = WB_VIEWER_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = wb_histograms_viewer_finalize;
  viewer_class->document_changed = wb_histograms_viewer_document_changed;
  viewer_class->make_probe = wb_histograms_viewer_make_probe;
  viewer_class->answer = wb_histograms_viewer_answer;
  viewer_class->draw = wb_histograms_viewer_draw;
  viewer_class->to_csv = wb_histograms_viewer_to_csv;
  viewer_class->to_tensor = wb_histograms_viewer_to_tensor;
  viewer_class->save_state = wb_histograms_viewer_save_state;
  viewer_class->load_state = wb_histograms_viewer_load_state;
}

static void
add_controllers (WbHistogramsViewer *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  wb_drawn_add_pointer (self->area, self, G_CALLBACK (motion), G_CALLBACK (leave));
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (key_pressed), self);
  gtk_widget_add_controller (self->area, keys);
  g_signal_connect_swapped (click, "pressed", G_CALLBACK (pressed), self);
  gtk_widget_add_controller (self->area, GTK_EVENT_CONTROLLER (click));
}

static void
wb_histograms_viewer_init (WbHistogramsViewer *self)
{
  WbViewer *viewer = WB_VIEWER (self);
  GtkWidget *layers = wb_layer_picker_new (wb_layer_has_output);

  self->area =
      g_object_new (GTK_TYPE_DRAWING_AREA, "accessible-role", GTK_ACCESSIBLE_ROLE_IMG, NULL);
  self->layers = WB_LAYER_PICKER (layers);
  gtk_widget_add_css_class (self->area, "wb-drawing");
  wb_drawn_set_up (self->area, G_CALLBACK (gtk_widget_queue_draw));
  gtk_widget_set_size_request (self->area, MIN_WIDTH, MIN_HEIGHT);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->area), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Histograms over time"), -1);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (self->area), draw_area, self, NULL);
  add_controllers (self);
  g_signal_connect_swapped (layers, "changed", G_CALLBACK (layer_changed), self);
  wb_viewer_add_control (viewer, layers);
  wb_viewer_set_content (viewer, self->area);
}
