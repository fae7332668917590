#include "viewers/wb-segments.h"

GtkWidget *
wb_segments_new (const char *first_label, const char *first_tip, const char *second_label,
                 const char *second_tip, GtkToggleButton **first, GtkToggleButton **second)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *left = gtk_toggle_button_new_with_label (first_label);
  GtkWidget *right = gtk_toggle_button_new_with_label (second_label);

  gtk_widget_set_tooltip_text (left, first_tip);
  gtk_widget_set_tooltip_text (right, second_tip);
  gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (right), GTK_TOGGLE_BUTTON (left));
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (left), TRUE);
  gtk_widget_add_css_class (box, "wb-segments");
  gtk_box_append (GTK_BOX (box), left);
  gtk_box_append (GTK_BOX (box), right);
  *first = GTK_TOGGLE_BUTTON (left);
  *second = GTK_TOGGLE_BUTTON (right);
  return box;
}
