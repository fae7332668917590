#include "canvas/wb-canvas-start.h"

#include "canvas/wb-recent.h"
#include "diabolo-config.h"
#include <glib/gi18n-lib.h>

static const struct
{
  const char *title, *tip, *action, *icon;
} starts[] = {
  { N_ ("From a lesson"), N_ ("A network with a text that leads through it"), "win.start-lesson",
    "accessories-dictionary-symbolic" },
  { N_ ("From a template"), N_ ("An autoencoder: 784 values through 32 and back"),
    "win.start-template", "view-grid-symbolic" },
  { N_ ("From a data set"), N_ ("An input and a loss for it; the layers between are yours"),
    "win.start-data", "folder-open-symbolic" },
};

GtkWidget *
wb_canvas_start_new (void)
{
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 18);
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *label =
      gtk_label_new (_ ("Drag a layer from the palette to here, or begin with one of these:"));

  gtk_widget_add_css_class (box, "canvas-start");
  gtk_widget_add_css_class (label, "dim-label");
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_justify (GTK_LABEL (label), GTK_JUSTIFY_CENTER);
  gtk_box_append (GTK_BOX (box), label);
  gtk_widget_set_halign (row, GTK_ALIGN_CENTER);
  for (guint i = 0; i < G_N_ELEMENTS (starts); i++)
    {
      GtkWidget *button = gtk_button_new (), *content = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
      GtkWidget *icon = gtk_image_new_from_icon_name (starts[i].icon);

      gtk_image_set_pixel_size (GTK_IMAGE (icon), 24);
      gtk_box_append (GTK_BOX (content), icon);
      gtk_box_append (GTK_BOX (content), gtk_label_new (_ (starts[i].title)));
      gtk_button_set_child (GTK_BUTTON (button), content);
      gtk_widget_set_tooltip_text (button, _ (starts[i].tip));
      gtk_actionable_set_action_name (GTK_ACTIONABLE (button), starts[i].action);
      gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                      _ (starts[i].title), -1);
      gtk_box_append (GTK_BOX (row), button);
    }
  gtk_box_append (GTK_BOX (box), row);
  gtk_box_append (GTK_BOX (box), wb_recent_new ());
  gtk_scrolled_window_set_propagate_natural_width (GTK_SCROLLED_WINDOW (scrolled), TRUE);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scrolled), TRUE);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), box);
  return scrolled;
}
