#include "diabolo-config.h"

#include "panels/wb-unit-activity.h"

#include <glib/gi18n.h>
#include <math.h>

#include "explore/nn-node-values-probe.h"
#include "panels/wb-panel-page.h"
#include "plots/wb-colors.h"

/* As many samples as tell a silent unit from a rare one, and as cost little. */
#define N_SAMPLES 500
#define SAMPLE_SEED 1
/* Bars narrower than a pixel say nothing. */
#define MAX_UNITS 240
#define CHART_HEIGHT 48
#define BAR_MAX 16

/* ---- the bars ---- */

#define WB_TYPE_UNIT_BARS (wb_unit_bars_get_type ())
G_DECLARE_FINAL_TYPE (WbUnitBars, wb_unit_bars, WB, UNIT_BARS, GtkWidget)

struct _WbUnitBars
{
  GtkWidget parent_instance;
  float *means; /* owned, falling */
  guint n_units, n_silent;
};

G_DEFINE_FINAL_TYPE (WbUnitBars, wb_unit_bars, GTK_TYPE_WIDGET)

static void
wb_unit_bars_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  WbUnitBars *self = WB_UNIT_BARS (widget);
  if (self->n_units == 0 || self->means[0] <= 0)
    return;
  WbScheme scheme = wb_scheme_current ();
  float width = (float)gtk_widget_get_width (widget),
        height = (float)gtk_widget_get_height (widget);
  float pitch = MIN (width / (float)self->n_units, BAR_MAX);
  float gap = pitch > 3 ? 1 : 0;
  for (guint i = 0; i < self->n_units; i++)
    {
      gboolean silent = i >= self->n_units - self->n_silent;
      float bar = MAX (2, (height - 1) * self->means[i] / self->means[0]);
      gtk_snapshot_append_color (
          snapshot, wb_color (silent ? WB_COLOR_WARNING : WB_COLOR_ACCENT, scheme),
          &GRAPHENE_RECT_INIT ((float)i * pitch, height - bar, pitch - gap, bar));
    }
}

static void
wb_unit_bars_measure (GtkWidget *widget, GtkOrientation orientation, gint for_size, gint *minimum,
                      gint *natural, gint *minimum_baseline, gint *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_VERTICAL ? CHART_HEIGHT : 60;
}

static void
wb_unit_bars_finalize (GObject *object)
{
  g_free (WB_UNIT_BARS (object)->means);
  G_OBJECT_CLASS (wb_unit_bars_parent_class)->finalize (object);
}

static void
wb_unit_bars_class_init (WbUnitBarsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = wb_unit_bars_finalize;
  GTK_WIDGET_CLASS (klass)->snapshot = wb_unit_bars_snapshot;
  GTK_WIDGET_CLASS (klass)->measure = wb_unit_bars_measure;
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_IMG);
}

static void
wb_unit_bars_init (WbUnitBars *self)
{
}

/* ---- the section ---- */

struct _WbUnitActivity
{
  GtkWidget parent_instance;

  WbDocument *document; /* owned */
  guint node;
  guint n_units;
  guint probe; /* id, for the widget's life */
  gboolean asking;
  NnProbeResult *shown; /* borrowed mark: compared, never read */
  GtkWidget *box;
  WbUnitBars *bars;
  GtkLabel *caption, *finding;
};

G_DEFINE_FINAL_TYPE (WbUnitActivity, wb_unit_activity, GTK_TYPE_WIDGET)

static gint
falling (gconstpointer a, gconstpointer b)
{
  float x = *(const float *)a, y = *(const float *)b;
  return (x < y) - (x > y);
}

/* mean[u] = 1/n sum over samples of |value[s][u]| */
float *
wb_unit_activity_means (const float *values, gsize n_samples, gsize n_units, guint *n_silent)
{
  float *means = g_new0 (float, n_units);
  for (gsize s = 0; s < n_samples; s++)
    for (gsize u = 0; u < n_units; u++)
      means[u] += fabsf (values[s * n_units + u]);
  *n_silent = 0;
  for (gsize u = 0; u < n_units; u++)
    {
      *n_silent += means[u] == 0;
      means[u] /= (float)n_samples;
    }
  qsort (means, n_units, sizeof (float), falling);
  return means;
}

static void
show_result (WbUnitActivity *self, const NnNodeValues *values)
{
  gsize n_units = (gsize)nn_shape_size (&values->shape);
  gsize n_samples = values->values->size / n_units;
  guint n_silent;
  g_free (self->bars->means);
  self->bars->means = wb_unit_activity_means (values->values->data, n_samples, n_units, &n_silent);
  self->bars->n_units = (guint)n_units;
  self->bars->n_silent = n_silent;
  gtk_widget_queue_draw (GTK_WIDGET (self->bars));

  g_autofree char *caption = g_strdup_printf (
      ngettext ("%u unit, by mean activity", "%u units, by mean activity", n_units),
      (guint)n_units);
  gtk_label_set_text (self->caption, caption);
  g_autofree char *finding =
      n_silent > 0
          ? g_strdup_printf (ngettext ("%u never fires", "%u never fire", n_silent), n_silent)
          : g_strdup ("");
  gtk_label_set_text (self->finding, finding);
  g_autofree char *spoken = g_strdup_printf ("%s. %s", caption, finding);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->bars), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  spoken, -1);
  gtk_widget_set_visible (self->box, TRUE);
}

static void
look_for_result (WbUnitActivity *self)
{
  NnProbeResult *result = wb_document_probe_result (self->document, self->probe);
  if (result == NULL || result == self->shown || result->error != NULL)
    return;
  const NnNodeValues *values =
      nn_node_values_result_find ((NnNodeValuesResult *)result, self->node);
  if (values == NULL)
    return;
  self->shown = result;
  show_result (self, values);
}

static void
stop_asking (WbUnitActivity *self)
{
  if (!self->asking)
    return;
  self->asking = FALSE;
  g_signal_handlers_disconnect_by_data (self->document, self);
  wb_document_remove_probe (self->document, self->probe);
}

static void
start_asking (WbUnitActivity *self)
{
  if (self->asking || self->node == 0 || self->document == NULL
      || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  self->asking = TRUE;
  self->shown = NULL;
  g_signal_connect_swapped (self->document, "snapshot", G_CALLBACK (look_for_result), self);
  g_autoptr (NnProbe) probe = nn_node_values_probe_new (
      self->probe, NN_PART_TEST, NN_PICK_RANDOM, NULL, N_SAMPLES, SAMPLE_SEED, &self->node, 1);
  wb_document_add_probe (self->document, probe);
}

/* Units are the values of a flat output that weights lead to; in anything else a bar has no name.
 */
static guint
count_units (WbDocument *document, guint node)
{
  NnAnalysis *analysis = wb_document_analysis (document);
  const NnShape *shape = nn_analysis_output_shape (analysis, node, 0);
  if (shape == NULL || shape->rank != 1 || shape->dim[0] > MAX_UNITS
      || nn_analysis_node_weights (analysis, node) == 0)
    return 0;
  return (guint)shape->dim[0];
}

void
wb_unit_activity_set_node (WbUnitActivity *self, WbDocument *document, guint node)
{
  g_return_if_fail (WB_IS_UNIT_ACTIVITY (self));

  guint n_units = document != NULL && node != 0 ? count_units (document, node) : 0;
  if (n_units == 0)
    node = 0;
  if (self->document == document && self->node == node && self->n_units == n_units)
    return;
  stop_asking (self);
  g_set_object (&self->document, document);
  self->node = node;
  self->n_units = n_units;
  gtk_widget_set_visible (self->box, FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self), node != 0);
  start_asking (self);
}

static void
wb_unit_activity_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (wb_unit_activity_parent_class)->map (widget);
  start_asking (WB_UNIT_ACTIVITY (widget));
}

static void
wb_unit_activity_unmap (GtkWidget *widget)
{
  stop_asking (WB_UNIT_ACTIVITY (widget));
  GTK_WIDGET_CLASS (wb_unit_activity_parent_class)->unmap (widget);
}

static void
wb_unit_activity_dispose (GObject *object)
{
  WbUnitActivity *self = WB_UNIT_ACTIVITY (object);
  stop_asking (self);
  g_clear_object (&self->document);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (wb_unit_activity_parent_class)->dispose (object);
}

static void
wb_unit_activity_class_init (WbUnitActivityClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = wb_unit_activity_dispose;
  widget_class->map = wb_unit_activity_map;
  widget_class->unmap = wb_unit_activity_unmap;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
wb_unit_activity_init (WbUnitActivity *self)
{
  self->probe = nn_probe_next_id ();
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  gtk_box_append (GTK_BOX (self->box), wb_panel_section (_ ("Activity on the test set")));
  self->bars = g_object_new (WB_TYPE_UNIT_BARS, NULL);
  gtk_box_append (GTK_BOX (self->box), GTK_WIDGET (self->bars));
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  gtk_widget_add_css_class (line, "activity-caption");
  self->caption = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->caption, 0);
  gtk_label_set_ellipsize (self->caption, PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (GTK_WIDGET (self->caption), TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->caption), "dim-label");
  self->finding = GTK_LABEL (gtk_label_new (NULL));
  gtk_widget_add_css_class (GTK_WIDGET (self->finding), "never-fire");
  gtk_box_append (GTK_BOX (line), GTK_WIDGET (self->caption));
  gtk_box_append (GTK_BOX (line), GTK_WIDGET (self->finding));
  gtk_box_append (GTK_BOX (self->box), line);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

GtkWidget *
wb_unit_activity_new (void)
{
  return g_object_new (WB_TYPE_UNIT_ACTIVITY, NULL);
}
