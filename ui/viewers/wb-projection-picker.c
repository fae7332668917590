#include "diabolo-config.h"

#include "viewers/wb-projection-picker.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "panels/wb-scroll-past.h"

#define MAX_TYPES 8

struct _WbProjectionPicker
{
  GtkWidget parent;

  WbProjectionChoice choice;
  guint size; /* of the code; 0: not known */

  /* borrowed: children */
  GtkMenuButton *button;
  GtkWidget *types[MAX_TYPES];
  GtkWidget *axes; /* row of the two */
  GtkSpinButton *axis[2];
};

G_DEFINE_FINAL_TYPE (WbProjectionPicker, wb_projection_picker, GTK_TYPE_WIDGET)

static guint changed_signal;

const WbProjectionChoice *
wb_projection_picker_get_choice (WbProjectionPicker *self)
{
  return &self->choice;
}

static gboolean
chooses_axes (WbProjectionPicker *self)
{
  return strcmp (self->choice.type->id, "dimensions") == 0;
}

static void
choice_changed (WbProjectionPicker *self)
{
  g_autofree char *axes =
      g_strdup_printf ("z %u, z %u", self->choice.axis[0] + 1, self->choice.axis[1] + 1);

  gtk_menu_button_set_label (self->button,
                             chooses_axes (self) ? axes : _ (self->choice.type->title));
  gtk_widget_set_sensitive (self->axes, chooses_axes (self));
  g_signal_emit (self, changed_signal, 0);
}

static void
type_toggled (WbProjectionPicker *self, GtkCheckButton *check)
{
  if (!gtk_check_button_get_active (check))
    return;
  for (guint i = 0; wb_projection_types[i] != NULL; i++)
    if (self->types[i] == GTK_WIDGET (check))
      self->choice.type = wb_projection_types[i];
  choice_changed (self);
}

static void
axis_changed (WbProjectionPicker *self)
{
  for (guint k = 0; k < 2; k++)
    self->choice.axis[k] = (guint)gtk_spin_button_get_value_as_int (self->axis[k]) - 1;
  choice_changed (self);
}

void
wb_projection_picker_set_size (WbProjectionPicker *self, guint size)
{
  if (self->size == size)
    return;
  self->size = size;
  gtk_widget_set_visible (GTK_WIDGET (self), size > 2);
  for (guint k = 0; size > 2 && k < 2; k++)
    gtk_spin_button_set_range (self->axis[k], 1, size);
}

void
wb_projection_picker_save (WbProjectionPicker *self, JsonObject *state)
{
  json_object_set_string_member (state, "projection", self->choice.type->id);
  json_object_set_int_member (state, "x", self->choice.axis[0]);
  json_object_set_int_member (state, "y", self->choice.axis[1]);
}

void
wb_projection_picker_load (WbProjectionPicker *self, JsonObject *state)
{
  static const char *const members[] = { "x", "y" };
  const WbProjectionType *type =
      wb_projection_type (json_object_get_string_member_with_default (state, "projection", NULL));

  for (guint k = 0; k < 2; k++)
    {
      const gint64 axis = json_object_get_int_member_with_default (state, members[k], k);
      gtk_spin_button_set_value (self->axis[k], (double)CLAMP (axis, 0, G_MAXINT16) + 1);
    }
  for (guint i = 0; wb_projection_types[i] != NULL; i++)
    if (wb_projection_types[i] == type)
      gtk_check_button_set_active (GTK_CHECK_BUTTON (self->types[i]), TRUE);
}

static void
wb_projection_picker_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (wb_projection_picker_parent_class)->dispose (object);
}

static void
wb_projection_picker_class_init (WbProjectionPickerClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = wb_projection_picker_dispose;
  changed_signal = g_signal_new ("changed", WB_TYPE_PROJECTION_PICKER, G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BOX_LAYOUT);
}

static GtkWidget *
make_axes (WbProjectionPicker *self)
{
  static const char *const titles[] = { N_ ("Across"), N_ ("Up") };
  static const char *const tips[] = { N_ ("Dimension of the code that runs from left to right"),
                                      N_ ("Dimension of the code that runs upwards") };
  GtkWidget *grid = gtk_grid_new ();

  gtk_grid_set_column_spacing (GTK_GRID (grid), 9);
  gtk_grid_set_row_spacing (GTK_GRID (grid), 4);
  gtk_widget_set_margin_start (grid, 24);
  for (gint k = 0; k < 2; k++)
    {
      GtkWidget *title = gtk_label_new (_ (titles[k]));
      GtkWidget *spin = gtk_spin_button_new_with_range (1, G_MAXINT16, 1);

      gtk_label_set_xalign (GTK_LABEL (title), 0);
      gtk_spin_button_set_value (GTK_SPIN_BUTTON (spin), k + 1);
      wb_scroll_past (spin);
      gtk_widget_set_tooltip_text (spin, _ (tips[k]));
      gtk_accessible_update_property (GTK_ACCESSIBLE (spin), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                      _ (titles[k]), -1);
      gtk_grid_attach (GTK_GRID (grid), title, 0, k, 1, 1);
      gtk_grid_attach (GTK_GRID (grid), spin, 1, k, 1, 1);
      g_signal_connect_swapped (spin, "value-changed", G_CALLBACK (axis_changed), self);
      self->axis[k] = GTK_SPIN_BUTTON (spin);
    }
  return grid;
}

static void
wb_projection_picker_init (WbProjectionPicker *self)
{
  GtkWidget *button = gtk_menu_button_new (), *popover = gtk_popover_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);

  self->choice = (WbProjectionChoice){ wb_projection_types[0], { 0, 1 } };
  for (guint i = 0; i < MAX_TYPES && wb_projection_types[i] != NULL; i++)
    {
      self->types[i] = gtk_check_button_new_with_label (_ (wb_projection_types[i]->title));
      gtk_widget_set_tooltip_text (self->types[i], _ (wb_projection_types[i]->tip));
      if (i > 0)
        gtk_check_button_set_group (GTK_CHECK_BUTTON (self->types[i]),
                                    GTK_CHECK_BUTTON (self->types[0]));
      gtk_box_append (GTK_BOX (box), self->types[i]);
    }
  gtk_check_button_set_active (GTK_CHECK_BUTTON (self->types[0]), TRUE);
  self->axes = make_axes (self);
  gtk_box_append (GTK_BOX (box), self->axes);
  gtk_popover_set_child (GTK_POPOVER (popover), box);

  self->button = GTK_MENU_BUTTON (button);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "wb-small");
  gtk_widget_set_tooltip_text (button, _ ("How codes of more than two dimensions are laid out in a "
                                          "plane"));
  gtk_menu_button_set_always_show_arrow (self->button, TRUE);
  gtk_menu_button_set_popover (self->button, popover);
  gtk_widget_set_parent (button, GTK_WIDGET (self));
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  choice_changed (self);
  for (guint i = 0; i < MAX_TYPES && wb_projection_types[i] != NULL; i++)
    g_signal_connect_swapped (self->types[i], "toggled", G_CALLBACK (type_toggled), self);
}

GtkWidget *
wb_projection_picker_new (void)
{
  return g_object_new (WB_TYPE_PROJECTION_PICKER, NULL);
}
