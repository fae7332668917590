/* canvas-fixture.h: a canvas in a real window, and what a hand does on it. */
#pragma once

#include <adwaita.h>

#include "canvas/wb-canvas.h"
#include "layers/nn-layer.h"
#include "look-fixture.h"

#define PATIENCE_US (30 * G_USEC_PER_SEC)

typedef struct
{
  WbDocument *document;
  GtkWidget *window, *canvas;
  guint input, flat, code, output, loss;
} Fixture;

static inline void
settle (guint milliseconds)
{
  gint64 end = g_get_monotonic_time () + milliseconds * 1000;

  while (g_get_monotonic_time () < end)
    {
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (1000);
    }
}

/* Two frames: the tick that is waited for comes before its layout. However busy the machine is. */
static inline void
lay_out (Fixture *f)
{
  gtk_test_widget_wait_for_draw (f->canvas);
  gtk_test_widget_wait_for_draw (f->canvas);
}

static inline NnDesign *
design_of (Fixture *f)
{
  return wb_document_design (f->document);
}

static inline guint
add (NnDesign **design, const char *type, guint units, double x)
{
  const NnLayerType *layer = nn_layer_type (type);
  g_autoptr (NnParams) defaults = nn_params_new (layer->params);
  g_autoptr (NnParams) params =
      units > 0 ? nn_params_with_number (defaults, "units", units, NULL) : nn_params_ref (defaults);
  g_autoptr (NnDesign) old = *design;
  guint id;

  *design = nn_design_add_node (old, layer, params, NULL, x, 0, &id);
  return id;
}

static inline void
join (NnDesign **design, guint from, guint to, guint port)
{
  g_autoptr (NnDesign) old = *design;

  *design = nn_design_connect (old, from, 0, to, port, NULL);
  g_assert_nonnull (*design);
}

static inline void
show (Fixture *f, NnDesign *design)
{
  f->document = wb_document_new (design);
  f->canvas = wb_canvas_new (f->document);
  f->window = gtk_window_new ();
  gtk_window_set_default_size (GTK_WINDOW (f->window), 900, 520);
  gtk_window_set_child (GTK_WINDOW (f->window), f->canvas);
  gtk_window_present (GTK_WINDOW (f->window));
  settle (200);
  gtk_widget_activate_action (f->canvas, "canvas.zoom-reset", NULL);
  lay_out (f);
  g_assert_cmpint (gtk_widget_get_width (f->canvas), >, 500);
}

/* Input -> Flatten -> Dense 32 -> Dense 784 -> loss. */
static inline void
set_up (Fixture *f, gconstpointer data)
{
  NnDesign *design = nn_design_new ();

  f->input = add (&design, "input", 0, 0);
  f->flat = add (&design, "flatten", 0, 126);
  f->code = add (&design, "dense", 32, 252);
  f->output = add (&design, "dense", 784, 378);
  f->loss = add (&design, "reconstruction-loss", 0, 504);
  join (&design, f->input, f->flat, 0);
  join (&design, f->flat, f->code, 0);
  join (&design, f->code, f->output, 0);
  join (&design, f->output, f->loss, 0);
  join (&design, f->input, f->loss, 1);
  show (f, design);
  nn_design_unref (design);
}

static inline void
set_up_empty (Fixture *f, gconstpointer data)
{
  g_autoptr (NnDesign) design = nn_design_new ();

  show (f, design);
}

static inline void
tear_down (Fixture *f, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (f->window));
  wb_document_close (f->document);
  g_object_unref (f->document);
}

static inline WbNodeCard *
card_of (Fixture *f, guint id)
{
  return fixture_card (f->canvas, id);
}

static inline graphene_rect_t
bounds_of (Fixture *f, GtkWidget *widget)
{
  graphene_rect_t bounds;

  g_assert_true (gtk_widget_compute_bounds (widget, f->canvas, &bounds));
  return bounds;
}

static inline graphene_point_t
middle_of (Fixture *f, GtkWidget *widget)
{
  graphene_rect_t bounds = bounds_of (f, widget);

  return GRAPHENE_POINT_INIT (bounds.origin.x + bounds.size.width / 2,
                              bounds.origin.y + bounds.size.height / 2);
}

static inline graphene_point_t
port_at (Fixture *f, guint id, gboolean output, guint port)
{
  return middle_of (f, GTK_WIDGET (wb_node_card_get_port (card_of (f, id), output, port)));
}

static inline GtkEventController *
controller_of (Fixture *f, GType type)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (f->canvas);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (G_TYPE_CHECK_INSTANCE_TYPE (controller, type))
        return controller;
    }
  return NULL;
}

static inline void
drag (Fixture *f, graphene_point_t from, graphene_point_t to)
{
  GtkEventController *gesture = controller_of (f, GTK_TYPE_GESTURE_DRAG);
  double dx = to.x - from.x, dy = to.y - from.y;

  g_signal_emit_by_name (gesture, "drag-begin", (double)from.x, (double)from.y);
  for (guint step = 1; step <= 4; step++)
    g_signal_emit_by_name (gesture, "drag-update", dx * step / 4, dy * step / 4);
  g_signal_emit_by_name (gesture, "drag-end", dx, dy);
  lay_out (f);
}

static inline void
click (Fixture *f, graphene_point_t at)
{
  drag (f, at, at);
}

static inline void
press_key (Fixture *f, guint key, GdkModifierType state)
{
  gboolean handled = FALSE;

  g_signal_emit_by_name (controller_of (f, GTK_TYPE_EVENT_CONTROLLER_KEY), "key-pressed", key, 0,
                         state, &handled);
  g_assert_true (handled);
}

static inline void
act (Fixture *f, const char *action)
{
  g_assert_true (gtk_widget_activate_action (f->canvas, action, NULL));
  lay_out (f);
}

static inline guint
selected (Fixture *f)
{
  GArray *selection = wb_document_selection (f->document);

  return selection->len == 1 ? g_array_index (selection, guint, 0) : 0;
}

static inline guint
source_of (Fixture *f, guint to, guint port)
{
  const NnEdge *edge = nn_design_edge_into (design_of (f), to, port);

  return edge != NULL ? edge->from : 0;
}

/* A test of the small network. */
#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)
