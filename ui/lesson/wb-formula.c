#include "diabolo-config.h"

#include "lesson/wb-formula.h"

#include <math.h>

#include "lesson/wb-formula-box.h"

#define SIZE 16 /* px of its letters where there is room */
#define LEAST_SIZE 10
#define MARGIN 4

#define WB_TYPE_FORMULA (wb_formula_get_type ())
G_DECLARE_FINAL_TYPE (WbFormula, wb_formula, WB, FORMULA, GtkWidget)

struct _WbFormula
{
  GtkWidget parent_instance;
  WbFormulaBox *box; /* owned */
};

G_DEFINE_FINAL_TYPE (WbFormula, wb_formula, GTK_TYPE_WIDGET)

static void
measure_at (WbFormula *self, double size, double *width, double *ascent, double *descent)
{
  wb_formula_box_measure (self->box, gtk_widget_get_pango_context (GTK_WIDGET (self)), size, width,
                          ascent, descent);
}

static void
wb_formula_measure (GtkWidget *widget, GtkOrientation orientation, gint for_size, gint *minimum,
                    gint *natural, gint *minimum_baseline, gint *natural_baseline)
{
  WbFormula *self = WB_FORMULA (widget);
  double width, ascent, descent;
  measure_at (self, LEAST_SIZE, &width, &ascent, &descent);
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? (gint)ceil (width) : 0;
  measure_at (self, SIZE, &width, &ascent, &descent);
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? (gint)ceil (width)
                                                       : (gint)ceil (ascent + descent) + 2 * MARGIN;
  if (orientation == GTK_ORIENTATION_VERTICAL)
    *minimum = *natural;
}

static void
wb_formula_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  WbFormula *self = WB_FORMULA (widget);
  double room = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  double width, ascent, descent;
  wb_formula_box_fit (self->box, gtk_widget_get_pango_context (widget), LEAST_SIZE, SIZE, room,
                      &width, &ascent, &descent);
  GdkRGBA color;
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &color);
  cairo_t *cr =
      gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, (float)room, (float)height));
  gdk_cairo_set_source_rgba (cr, &color);
  wb_formula_box_draw (self->box, cr, (room - width) / 2, (height - ascent - descent) / 2 + ascent);
  cairo_destroy (cr);
}

static void
wb_formula_finalize (GObject *object)
{
  g_clear_pointer (&WB_FORMULA (object)->box, wb_formula_box_free);
  G_OBJECT_CLASS (wb_formula_parent_class)->finalize (object);
}

static void
wb_formula_class_init (WbFormulaClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->finalize = wb_formula_finalize;
  widget_class->measure = wb_formula_measure;
  widget_class->snapshot = wb_formula_snapshot;
  gtk_widget_class_set_css_name (widget_class, "formula");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
wb_formula_init (WbFormula *self)
{
}

GtkWidget *
wb_formula_new (const char *tex)
{
  g_return_val_if_fail (tex != NULL, NULL);

  g_autoptr (GError) error = NULL;
  g_autoptr (WbFormulaBox) box = wb_formula_box_parse (tex, &error);
  if (box == NULL)
    {
      GtkWidget *label = gtk_label_new (tex);
      gtk_label_set_wrap (GTK_LABEL (label), TRUE);
      gtk_widget_set_tooltip_text (label, error->message);
      return label;
    }
  WbFormula *self = g_object_new (WB_TYPE_FORMULA, NULL);
  self->box = g_steal_pointer (&box);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, tex, -1);
  return GTK_WIDGET (self);
}
