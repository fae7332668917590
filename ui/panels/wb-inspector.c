#include "diabolo-config.h"

#include "panels/wb-inspector.h"

#include <glib/gi18n.h>

#include "panels/wb-data-page.h"
#include "panels/wb-layer-page.h"
#include "panels/wb-panel-page.h"
#include "panels/wb-param-list.h"
#include "panels/wb-reveal.h"
#include "panels/wb-training-page.h"

static const struct
{
  const char *id;
  const char *title;
  GtkWidget *(*make) (void);
} pages[WB_N_INSPECTOR_PAGES] = {
  [WB_INSPECTOR_LAYER] = { "layer", N_ ("Layer"), wb_layer_page_new },
  [WB_INSPECTOR_TRAINING] = { "training", N_ ("Training"), wb_training_page_new },
  [WB_INSPECTOR_DATA] = { "data", N_ ("Data"), wb_data_page_new },
};

struct _WbInspector
{
  GtkWidget parent_instance;

  WbDocument *document; /* owned */
  GtkWidget *outer;
  GtkStack *stack;
  GtkWidget *page[WB_N_INSPECTOR_PAGES];
  GtkWidget *tab[WB_N_INSPECTOR_PAGES];
  WbInspectorPage without_selection; /* where to go when nothing is selected */
};

G_DEFINE_FINAL_TYPE (WbInspector, wb_inspector, GTK_TYPE_WIDGET)

static WbInspectorPage
current_page (WbInspector *self)
{
  for (guint i = 0; i < WB_N_INSPECTOR_PAGES; i++)
    if (gtk_stack_get_visible_child (self->stack) == self->page[i])
      return i;
  g_assert_not_reached ();
}

void
wb_inspector_show_page (WbInspector *self, WbInspectorPage page)
{
  g_return_if_fail (WB_IS_INSPECTOR (self));
  g_return_if_fail (page < WB_N_INSPECTOR_PAGES);

  if (page != WB_INSPECTOR_LAYER)
    self->without_selection = page;
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->tab[page]), TRUE);
  gtk_stack_set_visible_child (self->stack, self->page[page]);
}

static void
tab_toggled (GtkToggleButton *tab, gpointer data)
{
  WbInspector *self = data;
  for (guint i = 0; i < WB_N_INSPECTOR_PAGES; i++)
    if (GTK_WIDGET (tab) == self->tab[i] && gtk_toggle_button_get_active (tab))
      wb_inspector_show_page (self, i);
}

/* Selecting something asks about it; selecting nothing asks about the whole. */
static void
selection_changed (WbInspector *self)
{
  gboolean selected = wb_document_selection (self->document)->len > 0;
  if (selected)
    wb_inspector_show_page (self, WB_INSPECTOR_LAYER);
  else if (current_page (self) == WB_INSPECTOR_LAYER)
    wb_inspector_show_page (self, self->without_selection);
}

/* ---- showing a setting ---- */

static GtkWidget *
find_row (GtkWidget *widget, const char *parameter)
{
  if (WB_IS_PARAM_LIST (widget))
    return wb_param_list_reveal (WB_PARAM_LIST (widget), parameter);
  GtkWidget *row = NULL;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && row == NULL;
       child = gtk_widget_get_next_sibling (child))
    row = find_row (child, parameter);
  return row;
}

/* WB_N_INSPECTOR_PAGES: there is no such owner. */
static WbInspectorPage
page_of (WbInspector *self, const char *owner)
{
  if (g_str_equal (owner, "training") || g_str_equal (owner, "optimizer"))
    return WB_INSPECTOR_TRAINING;
  if (g_str_equal (owner, "data"))
    return WB_INSPECTOR_DATA;
  const NnNode *node = nn_design_node_by_name (wb_document_design (self->document), owner);
  if (node == NULL)
    return WB_N_INSPECTOR_PAGES;
  wb_document_select (self->document, &node->id, 1);
  return WB_INSPECTOR_LAYER;
}

GtkWidget *
wb_inspector_reveal (WbInspector *self, const char *owner, const char *parameter)
{
  g_return_val_if_fail (WB_IS_INSPECTOR (self) && self->document != NULL, NULL);
  g_return_val_if_fail (owner != NULL && parameter != NULL, NULL);

  const WbInspectorPage page = page_of (self, owner);
  if (page == WB_N_INSPECTOR_PAGES)
    return NULL;
  wb_inspector_show_page (self, page);
  GtkWidget *row = find_row (self->page[page], parameter);
  if (row != NULL)
    wb_reveal (row);
  return row;
}

void
wb_inspector_set_document (WbInspector *self, WbDocument *document)
{
  g_return_if_fail (WB_IS_INSPECTOR (self));

  if (self->document != NULL)
    g_signal_handlers_disconnect_by_data (self->document, self);
  g_set_object (&self->document, document);
  for (guint i = 0; i < WB_N_INSPECTOR_PAGES; i++)
    wb_panel_page_set_document (WB_PANEL_PAGE (self->page[i]), document);
  if (document == NULL)
    return;
  g_signal_connect_swapped (document, "selection-changed", G_CALLBACK (selection_changed), self);
  selection_changed (self);
}

static void
wb_inspector_dispose (GObject *object)
{
  WbInspector *self = WB_INSPECTOR (object);
  if (self->document != NULL)
    g_signal_handlers_disconnect_by_data (self->document, self);
  g_clear_object (&self->document);
  g_clear_pointer (&self->outer, gtk_widget_unparent);
  G_OBJECT_CLASS (wb_inspector_parent_class)->dispose (object);
}

static void
wb_inspector_class_init (WbInspectorClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = wb_inspector_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
wb_inspector_init (WbInspector *self)
{
  gtk_widget_add_css_class (GTK_WIDGET (self), "inspector");
  self->without_selection = WB_INSPECTOR_TRAINING;
  self->outer = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_set_parent (self->outer, GTK_WIDGET (self));
  GtkWidget *switcher = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_box_set_homogeneous (GTK_BOX (switcher), TRUE);
  gtk_widget_add_css_class (switcher, "switcher");
  gtk_box_append (GTK_BOX (self->outer), switcher);
  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_widget_set_vexpand (GTK_WIDGET (self->stack), TRUE);
  gtk_widget_set_hexpand (GTK_WIDGET (self->stack), TRUE);
  gtk_box_append (GTK_BOX (self->outer), GTK_WIDGET (self->stack));
  for (guint i = 0; i < WB_N_INSPECTOR_PAGES; i++)
    {
      self->page[i] = pages[i].make ();
      gtk_stack_add_named (self->stack, self->page[i], pages[i].id);
      self->tab[i] = gtk_toggle_button_new_with_label (_ (pages[i].title));
      gtk_widget_add_css_class (self->tab[i], "flat");
      if (i > 0)
        gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (self->tab[i]),
                                     GTK_TOGGLE_BUTTON (self->tab[0]));
      gtk_box_append (GTK_BOX (switcher), self->tab[i]);
      g_signal_connect (self->tab[i], "toggled", G_CALLBACK (tab_toggled), self);
    }
  wb_inspector_show_page (self, WB_INSPECTOR_TRAINING);
}

GtkWidget *
wb_inspector_new (void)
{
  return g_object_new (WB_TYPE_INSPECTOR, NULL);
}
