#include "diabolo-config.h"

#include "viewers/wb-layer-picker.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "layers/nn-layer.h"

struct _WbLayerPicker
{
  GtkWidget parent;

  WbLayerFilter filter;
  GSignalGroup *signals; /* of the document */
  GArray *ids;           /* guint: layers offered, in the order of the list below its first line */
  guint node;            /* looked into */
  guint fixed;           /* chosen by hand; 0: the selection is followed */
  gboolean updating;
  GtkDropDown *list; /* borrowed: child */
};

G_DEFINE_FINAL_TYPE (WbLayerPicker, wb_layer_picker, GTK_TYPE_WIDGET)

enum
{
  CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

gboolean
wb_layer_has_output (const NnAnalysis *analysis, const NnNode *node)
{
  return nn_layer_n_outputs (node->type) > 0 && nn_analysis_value (analysis, node->id, 0) >= 0;
}

gboolean
wb_layer_has_weights (const NnAnalysis *analysis, const NnNode *node)
{
  return nn_analysis_node_weights (analysis, node->id) > 0 && node->weights_of == 0;
}

static gboolean
is_offered (WbLayerPicker *self, guint node)
{
  for (guint i = 0; i < self->ids->len; i++)
    if (g_array_index (self->ids, guint, i) == node)
      return TRUE;
  return FALSE;
}

/* What to look into while nothing that fits is selected: the first layer that has learnt
 * something, as that is where the pictures are. */
static guint
first_choice (WbLayerPicker *self, const NnAnalysis *analysis)
{
  for (guint i = 0; i < self->ids->len; i++)
    if (nn_analysis_node_weights (analysis, g_array_index (self->ids, guint, i)) > 0)
      return g_array_index (self->ids, guint, i);
  return self->ids->len > 0 ? g_array_index (self->ids, guint, 0) : 0;
}

static guint
choose (WbLayerPicker *self, WbDocument *document)
{
  GArray *selection = wb_document_selection (document);

  if (self->fixed != 0 && is_offered (self, self->fixed))
    return self->fixed;
  for (guint i = 0; i < selection->len; i++)
    if (is_offered (self, g_array_index (selection, guint, i)))
      return g_array_index (selection, guint, i);
  return is_offered (self, self->node) ? self->node
                                       : first_choice (self, wb_document_analysis (document));
}

/* The list is left alone while it says the same: it may be the one that is asking. */
static void
show_list (WbLayerPicker *self, NnDesign *design)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new ((const char *[]){ _ ("Selected"), NULL });
  GListModel *old = gtk_drop_down_get_model (self->list);
  gboolean same = old != NULL && g_list_model_get_n_items (old) == self->ids->len + 1;
  guint position = 0;

  for (guint i = 0; i < self->ids->len; i++)
    {
      const guint id = g_array_index (self->ids, guint, i);
      const char *name = nn_design_node (design, id)->name;

      gtk_string_list_append (names, name);
      same = same && strcmp (gtk_string_list_get_string (GTK_STRING_LIST (old), i + 1), name) == 0;
      if (id == self->fixed)
        position = i + 1;
    }
  self->updating = TRUE;
  if (!same)
    gtk_drop_down_set_model (self->list, G_LIST_MODEL (names));
  gtk_drop_down_set_selected (self->list, position);
  self->updating = FALSE;
}

static void
update (WbLayerPicker *self)
{
  g_autoptr (WbDocument) document = g_signal_group_dup_target (self->signals);
  const guint before = self->node;
  const guint *order;
  guint n;

  if (document == NULL)
    return;
  const NnAnalysis *analysis = wb_document_analysis (document);
  NnDesign *design = nn_analysis_design (analysis);
  order = nn_analysis_order (analysis, &n);
  g_array_set_size (self->ids, 0);
  for (guint i = 0; i < n; i++)
    if (self->filter (analysis, nn_design_node (design, order[i])))
      g_array_append_val (self->ids, order[i]);
  self->node = choose (self, document);
  show_list (self, design);
  if (self->node != before)
    g_signal_emit (self, signals[CHANGED], 0);
}

static void
chosen (WbLayerPicker *self)
{
  const guint position = gtk_drop_down_get_selected (self->list);

  if (self->updating || position == GTK_INVALID_LIST_POSITION || position > self->ids->len)
    return;
  wb_layer_picker_set_fixed (self,
                             position > 0 ? g_array_index (self->ids, guint, position - 1) : 0);
}

void
wb_layer_picker_set_document (WbLayerPicker *self, WbDocument *document)
{
  g_return_if_fail (WB_IS_LAYER_PICKER (self));
  g_autoptr (WbDocument) before = g_signal_group_dup_target (self->signals);

  if (before == document)
    return;
  self->node = 0;
  g_signal_group_set_target (self->signals, document);
  update (self);
}

guint
wb_layer_picker_get_node (WbLayerPicker *self)
{
  return self->node;
}

void
wb_layer_picker_set_fixed (WbLayerPicker *self, guint node)
{
  g_return_if_fail (WB_IS_LAYER_PICKER (self));
  self->fixed = node;
  update (self);
}

guint
wb_layer_picker_get_fixed (WbLayerPicker *self)
{
  return self->fixed;
}

static void
wb_layer_picker_dispose (GObject *object)
{
  WbLayerPicker *self = WB_LAYER_PICKER (object);
  GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self));

  g_clear_object (&self->signals);
  if (child != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (wb_layer_picker_parent_class)->dispose (object);
}

static void
wb_layer_picker_finalize (GObject *object)
{
  g_array_unref (WB_LAYER_PICKER (object)->ids);
  G_OBJECT_CLASS (wb_layer_picker_parent_class)->finalize (object);
}

static void
wb_layer_picker_class_init (WbLayerPickerClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = wb_layer_picker_dispose;
  G_OBJECT_CLASS (klass)->finalize = wb_layer_picker_finalize;
  signals[CHANGED] = g_signal_new ("changed", WB_TYPE_LAYER_PICKER, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
wb_layer_picker_init (WbLayerPicker *self)
{
  GtkWidget *list = gtk_drop_down_new (NULL, NULL);

  self->ids = g_array_new (FALSE, FALSE, sizeof (guint));
  self->signals = g_signal_group_new (WB_TYPE_DOCUMENT);
  g_signal_group_connect_swapped (self->signals, "changed", G_CALLBACK (update), self);
  g_signal_group_connect_swapped (self->signals, "selection-changed", G_CALLBACK (update), self);
  self->list = GTK_DROP_DOWN (list);
  gtk_widget_add_css_class (list, "wb-small");
  gtk_widget_set_tooltip_text (
      list, _ ("Layer: the one that is looked into; “Selected” follows the graph"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (list), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Layer"),
                                  -1);
  g_signal_connect_swapped (list, "notify::selected", G_CALLBACK (chosen), self);
  gtk_widget_set_parent (list, GTK_WIDGET (self));
}

GtkWidget *
wb_layer_picker_new (WbLayerFilter filter)
{
  WbLayerPicker *self = g_object_new (WB_TYPE_LAYER_PICKER, NULL);

  self->filter = filter;
  return GTK_WIDGET (self);
}
