#include "diabolo-config.h"

#include "panels/wb-measures.h"

#include <glib/gi18n.h>
#include <math.h>

#include "panels/wb-panel-page.h"
#include "plots/wb-format.h"

static char *
value_text (const NnMeasure *measure)
{
  const NnMetricType *type = measure->type;

  if (type == NULL)
    return wb_format_loss (measure->value);
  return g_strdup_printf ("%.*f%s%s", type->factor > 1 || type->unit != NULL ? 1 : 4,
                          type->factor * measure->value, type->unit != NULL ? "\u202f" : "",
                          type->unit != NULL ? type->unit : "");
}

static void
add_line (GtkWidget *box, const char *name, const char *tip, const NnMeasure *measure)
{
  g_autofree char *text = isfinite (measure->value) ? value_text (measure) : g_strdup ("–");
  GtkWidget *line = wb_panel_fact (name, text);

  gtk_widget_set_tooltip_text (line, tip);
  gtk_box_append (GTK_BOX (box), line);
}

/* One node's part of the loss under its name, where there are several; then its metrics. */
static void
add_measure (GtkWidget *box, NnDesign *design, const NnMeasure *measure, gboolean several)
{
  const NnNode *node = measure->node != 0 ? nn_design_node (design, measure->node) : NULL;

  if (measure->type != NULL)
    add_line (box, _ (measure->type->title), _ (measure->type->summary), measure);
  else if (!several)
    add_line (box, _ ("Loss"), NULL, measure);
  else
    add_line (box, node != NULL ? node->name : _ ("Weights"),
              _ ("What this adds to the loss, its weight included."), measure);
}

gboolean
wb_measures_show (GtkWidget *box, NnDesign *design, const GArray *measures)
{
  guint n_losses = 0;

  wb_panel_clear (box);
  for (guint i = 0; measures != NULL && i < measures->len; i++)
    n_losses += g_array_index (measures, NnMeasure, i).type == NULL;
  for (guint i = 0; measures != NULL && i < measures->len; i++)
    {
      const NnMeasure *measure = &g_array_index (measures, NnMeasure, i);

      /* Its node may have been removed since. */
      if (measure->node == 0 || nn_design_node (design, measure->node) != NULL)
        add_measure (box, design, measure, n_losses > 1);
    }
  return n_losses > 0;
}
