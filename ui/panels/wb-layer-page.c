#include "diabolo-config.h"

#include "panels/wb-layer-page.h"

#include <inttypes.h>
#include <adwaita.h>
#include <glib/gi18n.h>

#include "layers/nn-layer.h"
#include "panels/wb-noise-preview.h"
#include "panels/wb-param-list.h"
#include "panels/wb-sharing-row.h"
#include "panels/wb-unit-activity.h"
#include "plots/wb-format.h"

struct _WbLayerPage
{
  WbPanelPage parent_instance;

  GtkWidget *empty;   /* shown where nothing is selected */
  GtkWidget *content; /* shown otherwise */
  GtkWidget *tile, *icon;
  GtkEditableLabel *name;
  GtkLabel *subtitle;
  WbParamList *params;
  GtkWidget *frozen_row, *frozen;
  WbSharingRow *sharing;
  GtkWidget *preview;
  GtkWidget *findings;
  GtkWidget *size_section, *facts;
  GtkWidget *activity;
  GtkWidget *use_section;
  GtkLabel *use;

  GArray *rows_for; /* node ids the rows were made for */
  char *fields;     /* names of the data set's fields they offer */
  gboolean showing;
};

G_DEFINE_FINAL_TYPE (WbLayerPage, wb_layer_page, WB_TYPE_PANEL_PAGE)

/* The selected nodes, in the order they were selected. */
static GPtrArray *
selected_nodes (WbDocument *document)
{
  GPtrArray *nodes = g_ptr_array_new ();
  GArray *ids = wb_document_selection (document);
  for (guint i = 0; i < ids->len; i++)
    {
      const NnNode *node =
          nn_design_node (wb_document_design (document), g_array_index (ids, guint, i));
      if (node != NULL)
        g_ptr_array_add (nodes, (gpointer)node);
    }
  return nodes;
}

/* "Dense 1", or "3 layers" */
static char *
what_is_selected (GPtrArray *nodes)
{
  if (nodes->len == 1)
    return g_strdup (((const NnNode *)g_ptr_array_index (nodes, 0))->name);
  return g_strdup_printf (ngettext ("%u layer", "%u layers", nodes->len), nodes->len);
}

/* ---- editing ---- */

static void
settled (gpointer data)
{
  wb_document_seal (wb_panel_page_document (data));
}

static gboolean
edit_param (const NnParamSpec *spec, const char *text, gboolean more, gpointer data, GError **error)
{
  WbDocument *document = wb_panel_page_document (data);
  g_autoptr (GPtrArray) nodes = selected_nodes (document);
  g_autoptr (NnDesign) design = nn_design_ref (wb_document_design (document));
  g_autoptr (GString) merge = g_string_new (NULL);
  gboolean changed = FALSE;
  for (guint i = 0; i < nodes->len; i++)
    {
      const NnNode *node = g_ptr_array_index (nodes, i);
      g_autoptr (NnParams) params = nn_params_with_text (node->params, spec->name, text, error);
      if (params == NULL)
        return FALSE;
      g_string_append_printf (merge, "%u.", node->id);
      if (nn_params_equal (params, node->params))
        continue;
      NnDesign *next = nn_design_set_params (design, node->id, params);
      nn_design_unref (design);
      design = next;
      changed = TRUE;
    }
  if (!changed)
    return TRUE;
  g_string_append (merge, spec->name);
  g_autofree char *what = what_is_selected (nodes);
  g_autofree char *label = g_strdup_printf (_ ("Change %s of %s"), _ (spec->title), what);
  wb_document_edit (document, g_steal_pointer (&design), label, more ? merge->str : NULL);
  return TRUE;
}

static void
frozen_switched (WbLayerPage *self)
{
  if (self->showing)
    return;
  WbDocument *document = wb_panel_page_document (WB_PANEL_PAGE (self));
  gboolean frozen = gtk_switch_get_active (GTK_SWITCH (self->frozen));
  g_autoptr (GPtrArray) nodes = selected_nodes (document);
  NnDesign *design = nn_design_ref (wb_document_design (document));
  for (guint i = 0; i < nodes->len; i++)
    {
      const NnNode *node = g_ptr_array_index (nodes, i);
      NnDesign *next = nn_design_set_frozen (design, node->id, frozen);
      nn_design_unref (design);
      design = next;
    }
  g_autofree char *what = what_is_selected (nodes);
  g_autofree char *label = g_strdup_printf (frozen ? _ ("Freeze %s") : _ ("Unfreeze %s"), what);
  wb_document_edit (document, design, label, NULL);
}

static void
name_edited (WbLayerPage *self)
{
  if (self->showing || gtk_editable_label_get_editing (self->name))
    return;
  WbDocument *document = wb_panel_page_document (WB_PANEL_PAGE (self));
  g_autoptr (GPtrArray) nodes = selected_nodes (document);
  if (nodes->len != 1)
    return;
  const NnNode *node = g_ptr_array_index (nodes, 0);
  g_autofree char *name = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->name))));
  if (g_strcmp0 (name, node->name) == 0)
    return;
  g_autoptr (GError) error = NULL;
  NnDesign *design = nn_design_rename_node (wb_document_design (document), node->id, name, &error);
  if (design == NULL)
    {
      gtk_editable_set_text (GTK_EDITABLE (self->name), node->name);
      g_signal_emit_by_name (document, "notice", error->message, NULL, NULL);
      return;
    }
  g_autofree char *label = g_strdup_printf (_ ("Rename %s"), node->name);
  wb_document_edit (document, design, label, NULL);
}

static void
fix_clicked (GtkButton *button, gpointer data)
{
  WbLayerPage *self = data;
  NnDesign *fix = g_object_get_data (G_OBJECT (button), "fix");
  wb_document_edit (wb_panel_page_document (WB_PANEL_PAGE (self)), nn_design_ref (fix),
                    gtk_button_get_label (button), NULL);
}

/* ---- rows ---- */

/* Parameters that every one of the nodes has. */
static GPtrArray *
common_specs (GPtrArray *nodes)
{
  const NnNode *first = g_ptr_array_index (nodes, 0);
  GPtrArray *specs = wb_param_specs (first->type->params);
  for (guint i = specs->len; i-- > 0;)
    {
      const NnParamSpec *spec = g_ptr_array_index (specs, i);
      for (guint k = 1; k < nodes->len; k++)
        {
          const NnNode *node = g_ptr_array_index (nodes, k);
          const NnParamSpec *other = nn_params_spec (node->params, spec->name);
          if (other == NULL || other->type != spec->type
              || nn_param_choices (other) != nn_param_choices (spec))
            {
              g_ptr_array_remove_index (specs, i);
              break;
            }
        }
    }
  return specs;
}

static void
make_rows (WbLayerPage *self, GPtrArray *nodes, const NnDataInfo *data)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (GString) fields = g_string_new (NULL);
  for (guint i = 0; i < data->n_fields; i++)
    {
      g_ptr_array_add (names, (gpointer)data->fields[i].name);
      g_string_append_printf (fields, "%s\n", data->fields[i].name);
    }
  g_ptr_array_add (names, NULL);
  gboolean same = self->rows_for->len == nodes->len && g_strcmp0 (self->fields, fields->str) == 0;
  for (guint i = 0; same && i < nodes->len; i++)
    same = g_array_index (self->rows_for, guint, i)
           == ((const NnNode *)g_ptr_array_index (nodes, i))->id;
  if (same)
    return;
  g_array_set_size (self->rows_for, 0);
  for (guint i = 0; i < nodes->len; i++)
    g_array_append_val (self->rows_for, ((const NnNode *)g_ptr_array_index (nodes, i))->id);
  g_free (self->fields);
  self->fields = g_string_free (g_steal_pointer (&fields), FALSE);

  g_autoptr (GPtrArray) specs = common_specs (nodes);
  wb_param_list_set_specs (self->params, specs,
                           data->n_fields > 0 ? (const char *const *)names->pdata : NULL);
  wb_param_list_append (self->params, self->frozen_row);
  wb_param_list_append (self->params, GTK_WIDGET (self->sharing));
}

static void
show_params (WbLayerPage *self, GPtrArray *nodes, NnAnalysis *analysis)
{
  make_rows (self, nodes, nn_analysis_data (analysis));
  g_autofree const NnParams **params = g_new (const NnParams *, nodes->len);
  gboolean weights = FALSE, frozen = TRUE;
  for (guint i = 0; i < nodes->len; i++)
    {
      const NnNode *node = g_ptr_array_index (nodes, i);
      params[i] = node->params;
      weights = weights || nn_analysis_node_weights (analysis, node->id) > 0;
      frozen = frozen && node->frozen;
    }
  wb_param_list_show (self->params, params, nodes->len);
  g_autofree const char **names = g_new0 (const char *, nodes->len + 1);
  for (guint i = 0; i < nodes->len; i++)
    names[i] = ((const NnNode *)g_ptr_array_index (nodes, i))->name;
  wb_param_list_lock (self->params,
                      wb_document_lesson (wb_panel_page_document (WB_PANEL_PAGE (self))), names);
  gtk_widget_set_visible (self->frozen_row, weights || frozen);
  gtk_switch_set_active (GTK_SWITCH (self->frozen), frozen);
  wb_sharing_row_show (self->sharing, wb_panel_page_document (WB_PANEL_PAGE (self)),
                       nodes->len == 1 ? nodes->pdata[0] : NULL);
  const NnNode *first = g_ptr_array_index (nodes, 0);
  gboolean any = weights || frozen || first->weights_of
                 || (first->type->params != NULL && first->type->params[0].name != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->params), any);
}

static void
show_head (WbLayerPage *self, GPtrArray *nodes)
{
  const NnNode *node = g_ptr_array_index (nodes, 0);
  gboolean one = nodes->len == 1;
  g_autofree char *title = what_is_selected (nodes);
  if (!gtk_editable_label_get_editing (self->name))
    gtk_editable_set_text (GTK_EDITABLE (self->name), title);
  gtk_editable_set_editable (GTK_EDITABLE (self->name), one);
  g_autofree char *subtitle =
      one ? g_strdup_printf ("%s · %s", _ (node->type->title), _ (node->type->summary))
          : g_strdup (_ ("What they have in common"));
  gtk_label_set_text (self->subtitle, subtitle);
  gtk_image_set_from_icon_name (GTK_IMAGE (self->icon),
                                one ? node->type->icon : "nn-network-symbolic");
  for (guint i = 0; i < NN_N_CATEGORIES; i++)
    {
      g_autofree char *class = g_strconcat ("category-", nn_category_id (i), NULL);
      if (one && node->type->category == i)
        gtk_widget_add_css_class (self->tile, class);
      else
        gtk_widget_remove_css_class (self->tile, class);
    }
}

/* ---- what is wrong ---- */

static GtkWidget *
make_finding (WbLayerPage *self, const NnDiagnostic *diagnostic)
{
  static const char *const classes[] = {
    [NN_SEVERITY_ERROR] = "error",
    [NN_SEVERITY_WARNING] = "warning",
    [NN_SEVERITY_HINT] = "hint",
  };
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  gtk_widget_add_css_class (box, "finding");
  gtk_widget_add_css_class (box, classes[diagnostic->severity]);
  GtkWidget *label = gtk_label_new (diagnostic->text);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_box_append (GTK_BOX (box), label);
  if (diagnostic->fix == NULL)
    return box;
  GtkWidget *button = gtk_button_new_with_label (diagnostic->fix_label);
  gtk_widget_set_halign (button, GTK_ALIGN_START);
  g_object_set_data_full (G_OBJECT (button), "fix", nn_design_ref (diagnostic->fix),
                          (GDestroyNotify)nn_design_unref);
  g_signal_connect (button, "clicked", G_CALLBACK (fix_clicked), self);
  gtk_box_append (GTK_BOX (box), button);
  return box;
}

static void
show_findings (WbLayerPage *self, WbDocument *document)
{
  NnAnalysis *analysis = wb_document_analysis (document);
  wb_panel_clear (self->findings);
  for (guint i = 0; i < nn_analysis_n_diagnostics (analysis); i++)
    {
      const NnDiagnostic *diagnostic = nn_analysis_diagnostic (analysis, i);
      if (wb_document_is_selected (document, diagnostic->node))
        gtk_box_append (GTK_BOX (self->findings), make_finding (self, diagnostic));
    }
  gtk_widget_set_visible (self->findings, gtk_widget_get_first_child (self->findings) != NULL);
}

/* ---- sizes ---- */

/* "128 × 32 + 32 = <b>4,128</b>": every tensor of trained values, and their sum. */
static char *
weights_arithmetic (NnAnalysis *analysis, guint node)
{
  GString *text = g_string_new (NULL);
  NnProgram *program = nn_analysis_program (analysis);
  guint n_terms = 0, n_factors = 0;
  for (guint i = 0; program != NULL && i < program->weights->len; i++)
    {
      const NnWeight *weight = nn_program_weight (program, i);
      if (weight->node != node)
        continue;
      if (n_terms++ > 0)
        g_string_append (text, " + ");
      for (gint d = 0; d < weight->shape.rank; d++)
        {
          g_autofree char *size = wb_format_count (weight->shape.dim[d]);
          g_string_append_printf (text, d > 0 ? " × %s" : "%s", size);
          n_factors++;
        }
    }
  g_autofree char *total = wb_format_count (nn_analysis_node_weights (analysis, node));
  if (n_terms > 1 || n_factors > 1)
    g_string_append_printf (text, " = <b>%s</b>", total);
  else
    g_string_printf (text, "<b>%s</b>", total);
  return g_string_free (text, FALSE);
}

static void
add_fact (WbLayerPage *self, const char *name, const char *value)
{
  gtk_box_append (GTK_BOX (self->facts), wb_panel_fact (name, value));
}

/* Values that come in and values that node keeps of them; FALSE: it is not the code, or not known.
 */
static gboolean
find_compression (NnAnalysis *analysis, guint node, gint64 *from, gint64 *to)
{
  const NnShape *out = nn_analysis_output_shape (analysis, node, 0);
  guint input = nn_analysis_input_node (analysis);
  const NnShape *in = input != 0 ? nn_analysis_output_shape (analysis, input, 0) : NULL;
  if (out == NULL || in == NULL || nn_analysis_code_node (analysis) != node)
    return FALSE;
  *from = nn_shape_size (in);
  *to = nn_shape_size (out);
  return TRUE;
}

static void
add_compression (WbLayerPage *self, NnAnalysis *analysis, guint node)
{
  gint64 from, to;
  if (!find_compression (analysis, node, &from, &to))
    return;
  g_autofree char *ratio = wb_format_value ((double)from / (double)to);
  g_autofree char *text =
      g_strdup_printf ("%" PRId64 " : %" PRId64 " = <b>%s ×</b>", from, to, ratio);
  add_fact (self, _ ("Compression"), text);
}

/* "13×13×32", of a join "4, 10"; NULL: nothing comes in that is known. (transfer full) */
static char *
inputs_text (NnAnalysis *analysis, const NnNode *node)
{
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < nn_layer_n_inputs (node->type); i++)
    {
      const NnShape *in = nn_analysis_input_shape (analysis, node->id, i);
      g_autofree char *shape = in != NULL ? nn_shape_to_string (in) : NULL;
      if (shape != NULL)
        g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", shape);
    }
  return text->len > 0 ? g_string_free (g_steal_pointer (&text), FALSE) : NULL;
}

static void
show_sizes (WbLayerPage *self, NnAnalysis *analysis, const NnNode *node)
{
  wb_panel_clear (self->facts);
  const NnShape *out =
      nn_layer_n_outputs (node->type) > 0 ? nn_analysis_output_shape (analysis, node->id, 0) : NULL;
  g_autofree char *from = inputs_text (analysis, node);
  g_autofree char *to = out != NULL ? nn_shape_to_string (out) : NULL;
  if (from != NULL && to != NULL)
    {
      g_autofree char *text = g_strdup_printf ("%s → %s", from, to);
      add_fact (self, _ ("Input → output"), text);
    }
  else if (to != NULL)
    add_fact (self, _ ("Output"), to);
  else if (from != NULL)
    add_fact (self, _ ("Input"), from);
  if (nn_analysis_node_weights (analysis, node->id) > 0)
    {
      g_autofree char *weights = weights_arithmetic (analysis, node->id);
      add_fact (self, _ ("Parameters"), weights);
    }
  if (nn_analysis_node_macs (analysis, node->id) > 0)
    {
      g_autofree char *macs = wb_format_count (nn_analysis_node_macs (analysis, node->id));
      add_fact (self, _ ("Multiply-adds"), macs);
    }
  add_compression (self, analysis, node->id);
}

/* What a layer is good for, and what it does at this place. */
static void
show_use (WbLayerPage *self, NnAnalysis *analysis, const NnNode *node)
{
  g_autoptr (GString) text = g_string_new (NULL);
  gint64 from, to;
  if (find_compression (analysis, node->id, &from, &to) && to >= from)
    g_string_append (text, _ ("Everything the decoder knows passes through it. It has no fewer "
                              "values than the input, so noise or a penalty has to keep the "
                              "network from copying.\n\n"));
  else if (nn_analysis_code_node (analysis) == node->id)
    g_string_append (text, _ ("The narrowest layer: everything the decoder knows passes through "
                              "it. Fewer units force a "
                              "shorter description; too few blur the result.\n\n"));
  g_string_append (text, _ (node->type->when_to_use));
  gtk_label_set_text (self->use, text->str);
}

static void
wb_layer_page_update (WbPanelPage *page)
{
  WbLayerPage *self = WB_LAYER_PAGE (page);
  WbDocument *document = wb_panel_page_document (page);
  NnAnalysis *analysis = wb_document_analysis (document);
  g_autoptr (GPtrArray) nodes = selected_nodes (document);
  gtk_widget_set_visible (self->empty, nodes->len == 0);
  gtk_widget_set_visible (self->content, nodes->len > 0);
  gboolean one = nodes->len == 1;
  wb_unit_activity_set_node (WB_UNIT_ACTIVITY (self->activity), document,
                             one ? ((const NnNode *)g_ptr_array_index (nodes, 0))->id : 0);
  wb_noise_preview_show (self->preview, document, one ? g_ptr_array_index (nodes, 0) : NULL);
  if (nodes->len == 0)
    return;
  self->showing = TRUE;
  show_head (self, nodes);
  show_params (self, nodes, analysis);
  show_findings (self, document);
  if (one)
    {
      show_sizes (self, analysis, g_ptr_array_index (nodes, 0));
      show_use (self, analysis, g_ptr_array_index (nodes, 0));
    }
  gtk_widget_set_visible (self->size_section,
                          one && gtk_widget_get_first_child (self->facts) != NULL);
  gtk_widget_set_visible (self->facts, one);
  gtk_widget_set_visible (self->use_section, one);
  gtk_widget_set_visible (GTK_WIDGET (self->use), one);
  self->showing = FALSE;
}

/* ---- making ---- */

/* A long name must not widen the panel; GtkEditableLabel has no property for it. */
static void
ellipsize_labels (GtkWidget *widget)
{
  if (GTK_IS_LABEL (widget))
    gtk_label_set_ellipsize (GTK_LABEL (widget), PANGO_ELLIPSIZE_END);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    ellipsize_labels (child);
}

static GtkWidget *
make_head (WbLayerPage *self)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  gtk_widget_add_css_class (head, "head");
  self->tile = gtk_center_box_new ();
  gtk_widget_add_css_class (self->tile, "node-tile");
  gtk_widget_set_valign (self->tile, GTK_ALIGN_CENTER);
  self->icon = gtk_image_new ();
  gtk_widget_set_hexpand (self->icon, FALSE);
  gtk_center_box_set_center_widget (GTK_CENTER_BOX (self->tile), self->icon);
  gtk_box_append (GTK_BOX (head), self->tile);

  GtkWidget *text = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_set_hexpand (text, TRUE);
  self->name = GTK_EDITABLE_LABEL (gtk_editable_label_new (""));
  gtk_widget_add_css_class (GTK_WIDGET (self->name), "node-title");
  gtk_editable_set_width_chars (GTK_EDITABLE (self->name), 8);
  ellipsize_labels (GTK_WIDGET (self->name));
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->name),
                               _ ("Name of the layer: click to change it"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->name), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Layer name"), -1);
  g_signal_connect_swapped (self->name, "notify::editing", G_CALLBACK (name_edited), self);
  self->subtitle = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->subtitle, 0);
  gtk_label_set_ellipsize (self->subtitle, PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (GTK_WIDGET (self->subtitle), "dim-label");
  gtk_widget_add_css_class (GTK_WIDGET (self->subtitle), "caption");
  gtk_box_append (GTK_BOX (text), GTK_WIDGET (self->name));
  gtk_box_append (GTK_BOX (text), GTK_WIDGET (self->subtitle));
  gtk_box_append (GTK_BOX (head), text);
  return head;
}

static GtkWidget *
make_frozen_row (WbLayerPage *self)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  gtk_widget_add_css_class (line, "param");
  GtkWidget *label = gtk_label_new (_ ("Frozen"));
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_hexpand (label, TRUE);
  self->frozen = gtk_switch_new ();
  gtk_widget_set_valign (self->frozen, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->frozen), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Frozen"), -1);
  g_signal_connect_swapped (self->frozen, "notify::active", G_CALLBACK (frozen_switched), self);
  gtk_box_append (GTK_BOX (line), label);
  gtk_box_append (GTK_BOX (line), self->frozen);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), line);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_widget_set_focusable (row, FALSE);
  gtk_widget_set_tooltip_text (row,
                               _ ("Training leaves the weights of a frozen layer as they are."));
  return row;
}

static void
wb_layer_page_dispose (GObject *object)
{
  WbLayerPage *self = WB_LAYER_PAGE (object);
  self->showing = TRUE; /* a name that loses the focus now is not to be edited any more */
  if (self->activity != NULL)
    wb_unit_activity_set_node (WB_UNIT_ACTIVITY (self->activity), NULL, 0);
  self->activity = NULL;
  g_clear_object (&self->frozen_row);
  g_clear_object (&self->sharing);
  G_OBJECT_CLASS (wb_layer_page_parent_class)->dispose (object);
}

static void
wb_layer_page_finalize (GObject *object)
{
  WbLayerPage *self = WB_LAYER_PAGE (object);
  g_array_unref (self->rows_for);
  g_free (self->fields);
  G_OBJECT_CLASS (wb_layer_page_parent_class)->finalize (object);
}

static void
wb_layer_page_class_init (WbLayerPageClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = wb_layer_page_dispose;
  G_OBJECT_CLASS (klass)->finalize = wb_layer_page_finalize;
  WB_PANEL_PAGE_CLASS (klass)->update = wb_layer_page_update;
}

static void
wb_layer_page_init (WbLayerPage *self)
{
  GtkBox *box = GTK_BOX (wb_panel_page_box (WB_PANEL_PAGE (self)));
  self->rows_for = g_array_new (FALSE, FALSE, sizeof (guint));
  self->empty = wb_panel_prose (_ ("Select a layer to see and change what it does."));
  gtk_widget_add_css_class (self->empty, "status-page");
  gtk_label_set_justify (GTK_LABEL (self->empty), GTK_JUSTIFY_CENTER);
  gtk_label_set_xalign (GTK_LABEL (self->empty), 0.5);
  gtk_box_append (box, self->empty);
  self->content = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_set_visible (self->content, FALSE);
  gtk_box_append (box, self->content);

  GtkBox *content = GTK_BOX (self->content);
  gtk_box_append (content, make_head (self));
  self->params = WB_PARAM_LIST (wb_param_list_new (edit_param, settled, self));
  self->frozen_row = g_object_ref_sink (make_frozen_row (self));
  self->sharing = g_object_ref_sink (WB_SHARING_ROW (wb_sharing_row_new ()));
  gtk_box_append (content, GTK_WIDGET (self->params));
  self->preview = wb_noise_preview_new ();
  gtk_box_append (content, self->preview);
  self->findings = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  gtk_widget_set_margin_top (self->findings, 12);
  gtk_box_append (content, self->findings);
  self->size_section = wb_panel_section (_ ("Size"));
  gtk_box_append (content, self->size_section);
  self->facts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  gtk_widget_add_css_class (self->facts, "facts");
  gtk_box_append (content, self->facts);
  self->activity = wb_unit_activity_new ();
  gtk_box_append (content, self->activity);
  self->use_section = wb_panel_section (_ ("When to use it"));
  gtk_box_append (content, self->use_section);
  self->use = GTK_LABEL (wb_panel_prose (NULL));
  gtk_box_append (content, GTK_WIDGET (self->use));
}

GtkWidget *
wb_layer_page_new (void)
{
  return g_object_new (WB_TYPE_LAYER_PAGE, NULL);
}
