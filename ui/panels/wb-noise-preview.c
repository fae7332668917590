#include "diabolo-config.h"

#include "panels/wb-noise-preview.h"

#include <glib/gi18n.h>

#include "canvas/wb-thumbnail.h"
#include "explore/nn-noise-preview.h"
#include "layers/nn-layer.h"
#include "panels/wb-panel-page.h"

#define N_VERSIONS 6
#define COLUMNS 3
#define SIDE 68 /* of a picture, px */

/* The field that reaches node as it is, but for its shape; G_MAXUINT: none does. */
static guint
find_field (NnAnalysis *analysis, const NnNode *node)
{
  NnDesign *design = nn_analysis_design (analysis);
  guint field = G_MAXUINT;
  const NnEdge *edge = nn_design_edge_into (design, node->id, 0);
  const NnNode *from = edge != NULL ? nn_design_node (design, edge->from) : NULL;
  while (from != NULL && g_str_equal (from->type->id, "flatten"))
    {
      edge = nn_design_edge_into (design, from->id, 0);
      from = edge != NULL ? nn_design_node (design, edge->from) : NULL;
    }
  if (from != NULL && g_str_equal (from->type->id, "input"))
    nn_data_info_field (nn_analysis_data (analysis), nn_params_text (from->params, "field"),
                        &field);
  return field;
}

static void
add_picture (GtkGrid *grid, guint position, const NnShape *shape, const float *values)
{
  g_autoptr (WbThumbnail) thumbnail =
      wb_thumbnail_new (WB_THUMBNAIL_VALUES, shape, NULL, values, 1, wb_scheme_current ());
  GtkWidget *picture = gtk_picture_new_for_paintable (GDK_PAINTABLE (thumbnail->texture));
  gtk_widget_set_size_request (picture, SIDE, SIDE);
  gtk_grid_attach (grid, picture, (gint)position % COLUMNS, (gint)position / COLUMNS, 1, 1);
}

static gboolean
fill (GtkGrid *grid, WbDocument *document, const NnNode *node)
{
  NnAnalysis *analysis = wb_document_analysis (document);
  NnDataset *dataset = wb_document_dataset (document);
  const guint field = find_field (analysis, node);
  const NnShape *shape = nn_analysis_input_shape (analysis, node->id, 0);
  if (dataset == NULL || field == G_MAXUINT || shape == NULL
      || nn_dataset_n_samples (dataset, NN_PART_TEST) == 0)
    return FALSE;
  const NnField *of = &nn_dataset_info (dataset)->fields[field];
  const gsize size = (gsize)nn_shape_size (shape);
  if (of->kind != NN_FIELD_IMAGE || (gsize)nn_shape_size (&of->shape) != size)
    return FALSE;
  const guint32 sample =
      (guint32)(wb_document_sample (document) % nn_dataset_n_samples (dataset, NN_PART_TEST));
  g_autofree float *x = g_new (float, size);
  g_autofree float *y = g_new (float, N_VERSIONS *size);
  nn_dataset_read (dataset, NN_PART_TEST, field, &sample, 1, nn_kernels_best (), x);
  if (!nn_noise_preview (node, shape, x, N_VERSIONS, 0, y))
    return FALSE;
  for (guint i = 0; i < N_VERSIONS; i++)
    add_picture (grid, i, &of->shape, y + i * size);
  return TRUE;
}

void
wb_noise_preview_show (GtkWidget *preview, WbDocument *document, const NnNode *node)
{
  GtkWidget *grid = gtk_widget_get_last_child (preview);
  wb_panel_clear (grid);
  gtk_widget_set_visible (preview, node != NULL && nn_noise_preview_fits (node)
                                       && fill (GTK_GRID (grid), document, node));
}

GtkWidget *
wb_noise_preview_new (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *grid = gtk_grid_new ();
  gtk_grid_set_row_spacing (GTK_GRID (grid), 6);
  gtk_grid_set_column_spacing (GTK_GRID (grid), 6);
  gtk_widget_set_halign (grid, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (grid, _ ("The sample on show as training would see it, six times"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (grid), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Versions of the sample"), -1);
  gtk_box_append (GTK_BOX (box), wb_panel_section (_ ("What it makes of a sample")));
  gtk_box_append (GTK_BOX (box), grid);
  gtk_widget_set_visible (box, FALSE);
  return box;
}
