#include "viewers/wb-grid.h"

#include <math.h>

#define MIN_WIDTH 180
#define MIN_HEIGHT 110

struct _WbGrid
{
  WbDrawn parent;

  /* owned */
  WbGridPlan *plan;
  WbGridData *data;

  WbGridLayout layout;
  WbGridView view; /* without data */
  guint wanted;
  gint hovered; /* column, -1 */
};

G_DEFINE_FINAL_TYPE (WbGrid, wb_grid, WB_TYPE_DRAWN)

enum
{
  COLUMNS_CHANGED,
  PICKED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
place (WbDrawn *drawn)
{
  WbGrid *self = WB_GRID (drawn);
  GtkWidget *widget = GTK_WIDGET (drawn);
  guint before = self->layout.columns;

  if (self->plan == NULL || gtk_widget_get_width (widget) <= 0)
    return;
  wb_grid_layout (self->plan, gtk_widget_get_pango_context (widget), gtk_widget_get_width (widget),
                  gtk_widget_get_height (widget), self->wanted, &self->layout);
  wb_drawn_invalidate (WB_DRAWN (self));
  if (self->layout.columns != before)
    g_signal_emit (self, signals[COLUMNS_CHANGED], 0);
}

void
wb_grid_set_plan (WbGrid *self, WbGridPlan *plan)
{
  g_return_if_fail (WB_IS_GRID (self));
  g_clear_pointer (&self->data, wb_grid_data_free);
  g_clear_pointer (&self->plan, wb_grid_plan_free);
  self->plan = plan;
  self->hovered = -1;
  place (WB_DRAWN (self));
  wb_drawn_invalidate (WB_DRAWN (self));
}

const WbGridPlan *
wb_grid_get_plan (WbGrid *self)
{
  return self->plan;
}

void
wb_grid_set_data (WbGrid *self, WbGridData *data)
{
  g_return_if_fail (WB_IS_GRID (self));
  g_clear_pointer (&self->data, wb_grid_data_free);
  self->data = data;
  if (data == NULL || self->hovered >= (gint)data->n)
    self->hovered = -1;
  wb_drawn_invalidate (WB_DRAWN (self));
}

const WbGridData *
wb_grid_get_data (WbGrid *self)
{
  return self->data;
}

void
wb_grid_set_wanted (WbGrid *self, guint columns)
{
  if (self->wanted == columns)
    return;
  self->wanted = columns;
  place (WB_DRAWN (self));
}

guint
wb_grid_get_columns (WbGrid *self)
{
  return self->layout.columns;
}

void
wb_grid_set_mean (WbGrid *self, double mean, gsize n_whole)
{
  if ((mean == self->view.mean || (isnan (mean) && isnan (self->view.mean)))
      && n_whole == self->view.n_whole)
    return;
  self->view.mean = mean;
  self->view.n_whole = n_whole;
  wb_drawn_invalidate (WB_DRAWN (self));
}

void
wb_grid_set_selected (WbGrid *self, guint sample)
{
  if (self->view.selected == sample)
    return;
  self->view.selected = sample;
  wb_drawn_invalidate (WB_DRAWN (self));
}

void
wb_grid_set_inverted (WbGrid *self, gboolean inverted)
{
  self->view.inverted = inverted;
  wb_drawn_invalidate (WB_DRAWN (self));
}

gboolean
wb_grid_get_inverted (WbGrid *self)
{
  return self->view.inverted;
}

/* ---- drawing ---- */

static WbGridView
view_in (WbGrid *self, WbScheme scheme)
{
  WbGridView view = self->view;

  view.data = self->data;
  view.scheme = scheme;
  return view;
}

void
wb_grid_draw_figure (WbGrid *self, cairo_t *cr, double width, double height)
{
  WbGridView view = view_in (self, WB_SCHEME_LIGHT);
  PangoContext *context;
  WbGridLayout layout;

  if (self->data == NULL)
    return;
  context = wb_figure_context ();
  wb_grid_layout (self->plan, context, width, height, MAX (self->wanted, self->data->n), &layout);
  wb_grid_draw (&view, &layout, cr, context);
  g_object_unref (context);
}

static gboolean
wb_grid_is_ready (WbDrawn *drawn)
{
  return WB_GRID (drawn)->data != NULL;
}

static void
wb_grid_draw_picture (WbDrawn *drawn, cairo_t *cr, PangoContext *context)
{
  const WbGridView view = view_in (WB_GRID (drawn), wb_scheme_current ());

  wb_grid_draw (&view, &WB_GRID (drawn)->layout, cr, context);
}

static void
wb_grid_snapshot_over (WbDrawn *drawn, GtkSnapshot *snapshot)
{
  WbGrid *self = WB_GRID (drawn);
  GtkWidget *widget = GTK_WIDGET (drawn);

  if (self->hovered < 0)
    return;
  const WbGridView view = view_in (self, wb_scheme_current ());
  cairo_t *cr = wb_drawn_append_cairo (drawn, snapshot);
  wb_grid_draw_detail (&view, &self->layout, (guint)self->hovered, cr,
                       gtk_widget_get_pango_context (widget), gtk_widget_get_width (widget),
                       gtk_widget_get_height (widget));
  cairo_destroy (cr);
}

/* ---- pointer and keys ---- */

static void
set_hovered (WbGrid *self, gint column)
{
  if (self->hovered == column)
    return;
  self->hovered = column;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
motion (WbGrid *self, double x, double y)
{
  if (self->data != NULL)
    set_hovered (self, wb_grid_layout_column_at (&self->layout, self->data->n, x, y));
}

static void
leave (WbGrid *self)
{
  set_hovered (self, -1);
}

static void
pick (WbGrid *self, gint column)
{
  guint32 sample = g_array_index (self->data->result->samples, guint32, column);

  g_signal_emit (self, signals[PICKED], 0, (guint)sample);
}

static void
pressed (WbGrid *self, int n_press, double x, double y)
{
  gint column =
      self->data != NULL ? wb_grid_layout_column_at (&self->layout, self->data->n, x, y) : -1;

  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (column >= 0)
    pick (self, column);
}

static gboolean
key_move (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  WbGrid *self = WB_GRID (widget);
  gint step = g_variant_get_int32 (args), column = step > 0 ? 0 : -1;
  gint n = self->data != NULL ? (gint)MIN (self->data->n, self->layout.columns) : 0;

  for (gint i = 0; i < n; i++)
    if (g_array_index (self->data->result->samples, guint32, i) == self->view.selected)
      column = i + step;
  if (column < 0 || column >= n)
    return FALSE;
  pick (self, column);
  return TRUE;
}

static void
wb_grid_dispose (GObject *object)
{
  WbGrid *self = WB_GRID (object);

  g_clear_pointer (&self->data, wb_grid_data_free);
  g_clear_pointer (&self->plan, wb_grid_plan_free);
  G_OBJECT_CLASS (wb_grid_parent_class)->dispose (object);
}

static void
wb_grid_class_init (WbGridClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  WbDrawnClass *drawn_class = WB_DRAWN_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = wb_grid_dispose;
  drawn_class->min_width = MIN_WIDTH;
  drawn_class->min_height = MIN_HEIGHT;
  drawn_class->place = place;
  drawn_class->is_ready = wb_grid_is_ready;
  drawn_class->draw = wb_grid_draw_picture;
  drawn_class->snapshot_over = wb_grid_snapshot_over;
  signals[COLUMNS_CHANGED] = g_signal_new ("columns-changed", WB_TYPE_GRID, G_SIGNAL_RUN_LAST, 0,
                                           NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[PICKED] = g_signal_new ("picked", WB_TYPE_GRID, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 1, G_TYPE_UINT);
  gtk_widget_class_set_css_name (widget_class, "wb-grid");
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Left, 0, key_move, "i", -1);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Right, 0, key_move, "i", 1);
}

static void
wb_grid_init (WbGrid *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkGesture *click = gtk_gesture_click_new ();

  self->hovered = -1;
  self->view.mean = NAN;
  wb_drawn_add_pointer (widget, self, G_CALLBACK (motion), G_CALLBACK (leave));
  g_signal_connect_swapped (click, "pressed", G_CALLBACK (pressed), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));
}

GtkWidget *
wb_grid_new (void)
{
  return g_object_new (WB_TYPE_GRID, NULL);
}
