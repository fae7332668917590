#include "diabolo-config.h"

#include "viewers/wb-code-sliders.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "panels/wb-scroll-past.h"
#include "viewers/wb-code-plane-draw.h"

#define MAX_SLIDERS 256 /* a person does not scroll through more */
#define STEPS 200

struct _WbCodeSliders
{
  GtkWidget parent;

  WbCodeSpace *space; /* owned */
  GPtrArray *scales;  /* GtkScale, borrowed, in the order of dimensions */
  GPtrArray *values;  /* GtkLabel, likewise */
  GArray *dimensions; /* guint: what each is for */
  gboolean ordered;   /* by what is known of the data */
  gboolean updating;
  GtkWidget *scrolled; /* borrowed: child */
};

G_DEFINE_FINAL_TYPE (WbCodeSliders, wb_code_sliders, GTK_TYPE_WIDGET)

static guint
dimension_at (WbCodeSliders *self, guint i)
{
  return g_array_index (self->dimensions, guint, i);
}

static void
update_values (WbCodeSliders *self)
{
  const float *point = wb_code_space_point (self->space);

  if (wb_code_space_n_values (self->space) < self->scales->len)
    return;
  self->updating = TRUE;
  for (guint i = 0; i < self->scales->len; i++)
    {
      const float value = point[dimension_at (self, i)];
      char text[24];

      wb_axis_format (value, 2, text);
      gtk_range_set_value (g_ptr_array_index (self->scales, i), value);
      gtk_label_set_text (g_ptr_array_index (self->values, i), text);
    }
  self->updating = FALSE;
}

static void
update_ranges (WbCodeSliders *self)
{
  const float *point = wb_code_space_point (self->space);

  self->updating = TRUE;
  for (guint i = 0; i < self->scales->len; i++)
    {
      const guint dimension = dimension_at (self, i);
      double low, high;

      wb_code_space_range (self->space, dimension, &low, &high);
      wb_axis_round_out (WB_AXIS_LINEAR, 6, &low, &high);
      /* The ring may be beyond: the slider reaches it. */
      low = MIN (low, point[dimension]);
      high = MAX (high, point[dimension]);
      gtk_range_set_range (g_ptr_array_index (self->scales, i), low, high);
      gtk_range_set_increments (g_ptr_array_index (self->scales, i), (high - low) / STEPS,
                                (high - low) / 10);
    }
  self->updating = FALSE;
}

static void
value_changed (WbCodeSliders *self, GtkRange *range)
{
  guint position;

  if (!self->updating && g_ptr_array_find (self->scales, range, &position))
    wb_code_space_move_along (self->space, dimension_at (self, position),
                              gtk_range_get_value (range));
}

static void
add_row (WbCodeSliders *self, GtkGrid *grid, guint row, guint dimension)
{
  g_autofree char *name = wb_plane_name (dimension);
  GtkWidget *label = gtk_label_new (name), *value = gtk_label_new (NULL);
  GtkWidget *scale = gtk_scale_new_with_range (GTK_ORIENTATION_HORIZONTAL, -1, 1, 0.01);

  gtk_widget_set_hexpand (scale, TRUE);
  gtk_range_set_round_digits (GTK_RANGE (scale), -1);
  gtk_scale_set_has_origin (GTK_SCALE (scale), FALSE);
  wb_scroll_past (scale);
  gtk_widget_set_tooltip_text (scale, _ ("One dimension of the code, as far as the data reaches"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (scale), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_widget_add_css_class (value, "numeric");
  gtk_label_set_width_chars (GTK_LABEL (value), 6);
  gtk_label_set_xalign (GTK_LABEL (value), 1);
  g_signal_connect_swapped (scale, "value-changed", G_CALLBACK (value_changed), self);
  gtk_grid_attach (grid, label, 0, (int)row, 1, 1);
  gtk_grid_attach (grid, scale, 1, (int)row, 1, 1);
  gtk_grid_attach (grid, value, 2, (int)row, 1, 1);
  g_ptr_array_add (self->scales, scale);
  g_ptr_array_add (self->values, value);
  g_array_append_val (self->dimensions, dimension);
}

static void
rebuild (WbCodeSliders *self)
{
  const guint n = MIN (wb_code_space_n_values (self->space), MAX_SLIDERS);
  const guint *order = wb_code_space_order (self->space);
  GtkWidget *grid = gtk_grid_new ();

  g_ptr_array_set_size (self->scales, 0);
  g_ptr_array_set_size (self->values, 0);
  g_array_set_size (self->dimensions, 0);
  /* Two or three keep their natural order: nobody has to search. */
  for (guint i = 0; i < n; i++)
    add_row (self, GTK_GRID (grid), i, n <= 3 ? i : order[i]);
  gtk_widget_set_valign (grid, GTK_ALIGN_CENTER);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scrolled), grid);
  self->ordered = wb_code_space_samples (self->space) != NULL;
}

/* The dimension that differs most is twice as wide as the first slider's. */
static gboolean
order_is_stale (WbCodeSliders *self)
{
  const guint *order = wb_code_space_order (self->space);

  return self->scales->len > 3
         && 2 * wb_code_space_deviation (self->space, dimension_at (self, 0))
                < wb_code_space_deviation (self->space, order[0]);
}

/* An order stays as long as it is about right, for a hand that is on its way. */
static void
space_changed (WbCodeSliders *self)
{
  const guint n = MIN (wb_code_space_n_values (self->space), MAX_SLIDERS);

  if (n != self->scales->len || order_is_stale (self)
      || (!self->ordered && wb_code_space_samples (self->space) != NULL))
    rebuild (self);
  update_ranges (self);
  update_values (self);
}

void
wb_code_sliders_set_space (WbCodeSliders *self, WbCodeSpace *space)
{
  g_return_if_fail (WB_IS_CODE_SLIDERS (self) && WB_IS_CODE_SPACE (space));
  if (self->space == space)
    return;
  if (self->space != NULL)
    g_signal_handlers_disconnect_by_data (self->space, self);
  g_set_object (&self->space, space);
  g_signal_connect_object (space, "moved", G_CALLBACK (update_values), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (space, "changed", G_CALLBACK (space_changed), self, G_CONNECT_SWAPPED);
  space_changed (self);
}

static void
wb_code_sliders_dispose (GObject *object)
{
  WbCodeSliders *self = WB_CODE_SLIDERS (object);

  g_clear_pointer (&self->scrolled, gtk_widget_unparent);
  g_clear_object (&self->space);
  G_OBJECT_CLASS (wb_code_sliders_parent_class)->dispose (object);
}

static void
wb_code_sliders_finalize (GObject *object)
{
  WbCodeSliders *self = WB_CODE_SLIDERS (object);

  g_ptr_array_unref (self->scales);
  g_ptr_array_unref (self->values);
  g_array_unref (self->dimensions);
  G_OBJECT_CLASS (wb_code_sliders_parent_class)->finalize (object);
}

static void
wb_code_sliders_class_init (WbCodeSlidersClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = wb_code_sliders_dispose;
  G_OBJECT_CLASS (klass)->finalize = wb_code_sliders_finalize;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "wb-sliders");
}

static void
wb_code_sliders_init (WbCodeSliders *self)
{
  self->scales = g_ptr_array_new ();
  self->values = g_ptr_array_new ();
  self->dimensions = g_array_new (FALSE, FALSE, sizeof (guint));
  self->scrolled = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  /* Beside the numbers, not over them. */
  gtk_scrolled_window_set_overlay_scrolling (GTK_SCROLLED_WINDOW (self->scrolled), FALSE);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (self->scrolled), TRUE);
  gtk_widget_set_size_request (self->scrolled, 150, -1);
  gtk_widget_set_parent (self->scrolled, GTK_WIDGET (self));
}

GtkWidget *
wb_code_sliders_new (void)
{
  return g_object_new (WB_TYPE_CODE_SLIDERS, NULL);
}
