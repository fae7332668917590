#include "diabolo-config.h"

#include "panels/wb-sharing-row.h"

#include <glib/gi18n.h>

#include "layers/nn-layer.h"

/* One entry of the list. */
typedef struct
{
  guint owner; /* 0: weights of its own */
  gboolean tied;
} Choice;

struct _WbSharingRow
{
  GtkListBoxRow parent_instance;

  GtkDropDown *list;
  GArray *choices;      /* Choice, as in the list */
  WbDocument *document; /* borrowed, as node's id is of its design */
  guint node;
  gboolean showing;
};

G_DEFINE_FINAL_TYPE (WbSharingRow, wb_sharing_row, GTK_TYPE_LIST_BOX_ROW)

static void
add_choice (WbSharingRow *self, GtkStringList *names, guint owner, gboolean tied, const char *name)
{
  Choice choice = { .owner = owner, .tied = tied };
  g_array_append_val (self->choices, choice);
  gtk_string_list_append (names, name);
}

/* Owners come before the node in the order of computing, and use nobody's weights themselves. */
static GtkStringList *
collect_choices (WbSharingRow *self, NnAnalysis *analysis, const NnNode *node)
{
  GtkStringList *names = gtk_string_list_new (NULL);
  guint n;
  const guint *order = nn_analysis_order (analysis, &n);
  g_array_set_size (self->choices, 0);
  add_choice (self, names, 0, FALSE, _ ("Its own"));
  for (guint i = 0; i < n && order[i] != node->id; i++)
    {
      const NnNode *owner = nn_design_node (nn_analysis_design (analysis), order[i]);
      if (owner->weights_of != 0 || nn_analysis_node_weights (analysis, owner->id) == 0)
        continue;
      for (gboolean tied = FALSE; tied <= TRUE; tied++)
        {
          if (!nn_analysis_may_share (node->type, owner->type, tied))
            continue;
          g_autofree char *name =
              g_strdup_printf (tied ? _ ("%s, turned round") : _ ("Those of %s"), owner->name);
          add_choice (self, names, owner->id, tied, name);
        }
    }
  return names;
}

static guint
position_of (WbSharingRow *self, const NnNode *node)
{
  for (guint i = 0; i < self->choices->len; i++)
    {
      const Choice *choice = &g_array_index (self->choices, Choice, i);
      if (choice->owner == node->weights_of && choice->tied == node->tied)
        return i;
    }
  return GTK_INVALID_LIST_POSITION;
}

/* A list that is open closes when its model changes. */
static gboolean
same_names (GListModel *before, GtkStringList *now)
{
  const guint n = g_list_model_get_n_items (G_LIST_MODEL (now));
  if (!before || g_list_model_get_n_items (before) != n)
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (strcmp (gtk_string_list_get_string (GTK_STRING_LIST (before), i),
                gtk_string_list_get_string (now, i))
        != 0)
      return FALSE;
  return TRUE;
}

void
wb_sharing_row_show (WbSharingRow *self, WbDocument *document, const NnNode *node)
{
  NnAnalysis *analysis = wb_document_analysis (document);
  self->document = document;
  self->node = node ? node->id : 0;
  if (!node || (nn_analysis_node_weights (analysis, node->id) == 0 && node->weights_of == 0))
    {
      gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
      return;
    }
  g_autoptr (GtkStringList) names = collect_choices (self, analysis, node);
  self->showing = TRUE;
  if (!same_names (gtk_drop_down_get_model (self->list), names))
    gtk_drop_down_set_model (self->list, G_LIST_MODEL (names));
  gtk_drop_down_set_selected (self->list, position_of (self, node));
  self->showing = FALSE;
  gtk_widget_set_visible (GTK_WIDGET (self), self->choices->len > 1 || node->weights_of != 0);
}

static void
chosen (WbSharingRow *self)
{
  const guint position = gtk_drop_down_get_selected (self->list);
  if (self->showing || position >= self->choices->len)
    return;
  const Choice choice = g_array_index (self->choices, Choice, position);
  NnDesign *design = wb_document_design (self->document);
  const NnNode *node = nn_design_node (design, self->node);
  if (!node || (node->weights_of == choice.owner && node->tied == choice.tied))
    return;
  g_autofree char *label = g_strdup_printf (_ ("Change weights of %s"), node->name);
  wb_document_edit (self->document,
                    nn_design_share_weights (design, self->node, choice.owner, choice.tied), label,
                    NULL);
}

static void
wb_sharing_row_finalize (GObject *object)
{
  WbSharingRow *self = WB_SHARING_ROW (object);
  g_array_unref (self->choices);
  G_OBJECT_CLASS (wb_sharing_row_parent_class)->finalize (object);
}

static void
wb_sharing_row_class_init (WbSharingRowClass *class)
{
  G_OBJECT_CLASS (class)->finalize = wb_sharing_row_finalize;
}

static void
wb_sharing_row_init (WbSharingRow *self)
{
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *label = gtk_label_new (_ ("Weights"));
  self->choices = g_array_new (FALSE, FALSE, sizeof (Choice));
  gtk_widget_add_css_class (line, "param");
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_hexpand (label, TRUE);
  self->list = GTK_DROP_DOWN (gtk_drop_down_new (NULL, NULL));
  gtk_widget_set_valign (GTK_WIDGET (self->list), GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Weights"), -1);
  g_signal_connect_swapped (self->list, "notify::selected", G_CALLBACK (chosen), self);
  gtk_box_append (GTK_BOX (line), label);
  gtk_box_append (GTK_BOX (line), GTK_WIDGET (self->list));
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (self), line);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (self), FALSE);
  gtk_widget_set_focusable (GTK_WIDGET (self), FALSE);
  gtk_widget_set_tooltip_text (
      GTK_WIDGET (self), _ ("Layers that use the same weights train them together. Turned round, "
                            "a decoder undoes what its encoder does with the same weights."));
}

GtkWidget *
wb_sharing_row_new (void)
{
  return g_object_new (WB_TYPE_SHARING_ROW, NULL);
}
