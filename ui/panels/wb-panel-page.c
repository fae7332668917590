#include "diabolo-config.h"

#include "panels/wb-panel-page.h"

typedef struct
{
  WbDocument *document; /* owned */
  GtkWidget *scrolled;
  GtkWidget *box;
  gboolean stale; /* something changed while it could not be seen */
} WbPanelPagePrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (WbPanelPage, wb_panel_page, GTK_TYPE_WIDGET)

static void
update (WbPanelPage *self)
{
  WbPanelPagePrivate *priv = wb_panel_page_get_instance_private (self);
  priv->stale = !gtk_widget_get_mapped (GTK_WIDGET (self));
  if (!priv->stale && priv->document != NULL)
    WB_PANEL_PAGE_GET_CLASS (self)->update (self);
}

static void
news (WbPanelPage *self)
{
  if (gtk_widget_get_mapped (GTK_WIDGET (self)) && WB_PANEL_PAGE_GET_CLASS (self)->news != NULL)
    WB_PANEL_PAGE_GET_CLASS (self)->news (self);
}

void
wb_panel_page_set_document (WbPanelPage *self, WbDocument *document)
{
  g_return_if_fail (WB_IS_PANEL_PAGE (self));

  WbPanelPagePrivate *priv = wb_panel_page_get_instance_private (self);
  if (priv->document != NULL)
    g_signal_handlers_disconnect_by_data (priv->document, self);
  if (!g_set_object (&priv->document, document) && document == NULL)
    return;
  if (document != NULL)
    {
      g_signal_connect_swapped (document, "changed", G_CALLBACK (update), self);
      g_signal_connect_swapped (document, "selection-changed", G_CALLBACK (update), self);
      g_signal_connect_swapped (document, "state-changed", G_CALLBACK (update), self);
      g_signal_connect_swapped (document, "snapshot", G_CALLBACK (news), self);
    }
  update (self);
}

WbDocument *
wb_panel_page_document (WbPanelPage *self)
{
  g_return_val_if_fail (WB_IS_PANEL_PAGE (self), NULL);
  WbPanelPagePrivate *priv = wb_panel_page_get_instance_private (self);
  return priv->document;
}

GtkWidget *
wb_panel_page_box (WbPanelPage *self)
{
  g_return_val_if_fail (WB_IS_PANEL_PAGE (self), NULL);
  WbPanelPagePrivate *priv = wb_panel_page_get_instance_private (self);
  return priv->box;
}

static void
wb_panel_page_map (GtkWidget *widget)
{
  WbPanelPage *self = WB_PANEL_PAGE (widget);
  WbPanelPagePrivate *priv = wb_panel_page_get_instance_private (self);
  GTK_WIDGET_CLASS (wb_panel_page_parent_class)->map (widget);
  if (priv->stale)
    update (self);
}

static void
wb_panel_page_dispose (GObject *object)
{
  WbPanelPage *self = WB_PANEL_PAGE (object);
  WbPanelPagePrivate *priv = wb_panel_page_get_instance_private (self);
  if (priv->document != NULL)
    g_signal_handlers_disconnect_by_data (priv->document, self);
  g_clear_object (&priv->document);
  g_clear_pointer (&priv->scrolled, gtk_widget_unparent);
  G_OBJECT_CLASS (wb_panel_page_parent_class)->dispose (object);
}

static void
wb_panel_page_class_init (WbPanelPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = wb_panel_page_dispose;
  widget_class->map = wb_panel_page_map;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
wb_panel_page_init (WbPanelPage *self)
{
  WbPanelPagePrivate *priv = wb_panel_page_get_instance_private (self);
  priv->stale = TRUE;
  priv->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_add_css_class (priv->box, "column");
  priv->scrolled = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (priv->scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (priv->scrolled), priv->box);
  gtk_widget_set_parent (priv->scrolled, GTK_WIDGET (self));
}

/* ---- pieces ---- */

GtkWidget *
wb_panel_section (const char *title)
{
  GtkWidget *label = gtk_label_new (title);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "section");
  return label;
}

GtkWidget *
wb_panel_prose (const char *text)
{
  GtkWidget *label = gtk_label_new (text);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_widget_add_css_class (label, "prose");
  return label;
}

GtkWidget *
wb_panel_fact (const char *name, const char *value_markup)
{
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 9);
  gtk_widget_add_css_class (line, "fact");
  GtkWidget *left = gtk_label_new (name);
  gtk_label_set_xalign (GTK_LABEL (left), 0);
  gtk_label_set_yalign (GTK_LABEL (left), 0);
  gtk_widget_add_css_class (left, "name");
  GtkWidget *right = gtk_label_new (NULL);
  gtk_label_set_markup (GTK_LABEL (right), value_markup);
  gtk_label_set_xalign (GTK_LABEL (right), 1);
  gtk_label_set_wrap (GTK_LABEL (right), TRUE);
  gtk_label_set_justify (GTK_LABEL (right), GTK_JUSTIFY_RIGHT);
  gtk_label_set_selectable (GTK_LABEL (right), FALSE);
  gtk_widget_set_hexpand (right, TRUE);
  gtk_widget_add_css_class (right, "numeric");
  gtk_box_append (GTK_BOX (line), left);
  gtk_box_append (GTK_BOX (line), right);
  return line;
}

void
wb_panel_clear (GtkWidget *box)
{
  GtkWidget *child;
  while ((child = gtk_widget_get_first_child (box)) != NULL)
    if (GTK_IS_FLOW_BOX (box))
      gtk_flow_box_remove (GTK_FLOW_BOX (box), child);
    else if (GTK_IS_GRID (box))
      gtk_grid_remove (GTK_GRID (box), child);
    else
      gtk_box_remove (GTK_BOX (box), child);
}
