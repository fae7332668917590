#include "diabolo-config.h"

#include "viewers/wb-sample-picker.h"

#include <glib/gi18n-lib.h>

struct _WbSamplePicker
{
  GtkWidget parent;

  WbSampleChoice choice;
  gsize n_samples;

  /* borrowed: children */
  GtkMenuButton *button;
  GtkWidget *modes[WB_N_SAMPLE_MODES];
  GtkEditable *entry;
  GtkWidget *previous, *next;
};

G_DEFINE_FINAL_TYPE (WbSamplePicker, wb_sample_picker, GTK_TYPE_WIDGET)

static guint changed_signal;

const WbSampleChoice *
wb_sample_picker_get_choice (WbSamplePicker *self)
{
  return &self->choice;
}

static void
choice_changed (WbSamplePicker *self)
{
  const WbSampleModeInfo *info = &wb_sample_modes[self->choice.mode];
  gboolean random = self->choice.mode == WB_SAMPLES_RANDOM;

  gtk_menu_button_set_label (self->button, _ (info->title));
  gtk_widget_set_sensitive (self->previous,
                            info->turns_pages
                                && (random ? self->choice.seed > 0 : self->choice.page > 0));
  gtk_widget_set_sensitive (self->next, info->turns_pages);
  g_signal_emit (self, changed_signal, 0);
}

static void
mode_toggled (WbSamplePicker *self, GtkCheckButton *check)
{
  if (!gtk_check_button_get_active (check))
    return;
  for (guint i = 0; i < WB_N_SAMPLE_MODES; i++)
    if (self->modes[i] == GTK_WIDGET (check))
      self->choice.mode = i;
  self->choice.page = 0;
  choice_changed (self);
}

void
wb_sample_picker_set_mode (WbSamplePicker *self, WbSampleMode mode)
{
  gtk_check_button_set_active (GTK_CHECK_BUTTON (self->modes[mode]), TRUE);
}

static void
turn_page (WbSamplePicker *self, int step)
{
  if (self->choice.mode == WB_SAMPLES_RANDOM)
    self->choice.seed += (guint64)step;
  else
    self->choice.page += (guint)step;
  choice_changed (self);
}

static void
previous_clicked (WbSamplePicker *self)
{
  turn_page (self, -1);
}

static void
next_clicked (WbSamplePicker *self)
{
  turn_page (self, 1);
}

static void
shuffle_clicked (WbSamplePicker *self)
{
  if (self->choice.mode == WB_SAMPLES_RANDOM)
    turn_page (self, 1);
  else
    wb_sample_picker_set_mode (self, WB_SAMPLES_RANDOM);
}

/* Takes the typed numbers where they can be read. */
static gboolean
read_list (WbSamplePicker *self)
{
  g_autoptr (GError) error = NULL;
  GArray *listed =
      wb_sample_list_parse (gtk_editable_get_text (self->entry),
                            self->n_samples > 0 ? self->n_samples : G_MAXUINT32, &error);

  gtk_widget_set_tooltip_text (
      GTK_WIDGET (self->entry),
      error != NULL ? error->message
                    : _ ("Numbers of test samples, counted from 0, such as 0-9, 42"));
  if (listed == NULL)
    {
      gtk_widget_add_css_class (GTK_WIDGET (self->entry), "error");
      return FALSE;
    }
  gtk_widget_remove_css_class (GTK_WIDGET (self->entry), "error");
  g_clear_pointer (&self->choice.listed, g_array_unref);
  self->choice.listed = listed;
  return TRUE;
}

static void
entry_changed (WbSamplePicker *self)
{
  if (!read_list (self))
    return;
  self->choice.page = 0;
  if (self->choice.mode == WB_SAMPLES_LISTED)
    choice_changed (self);
  else
    wb_sample_picker_set_mode (self, WB_SAMPLES_LISTED);
}

static void
entry_activated (WbSamplePicker *self)
{
  gtk_menu_button_popdown (self->button);
}

void
wb_sample_picker_set_n_samples (WbSamplePicker *self, gsize n_samples)
{
  self->n_samples = n_samples;
}

const char *
wb_sample_picker_get_list (WbSamplePicker *self)
{
  return gtk_editable_get_text (self->entry);
}

void
wb_sample_picker_set_list (WbSamplePicker *self, const char *text)
{
  WbSampleMode mode = self->choice.mode;

  gtk_editable_set_text (self->entry, text);
  wb_sample_picker_set_mode (self, mode);
}

static void
wb_sample_picker_dispose (GObject *object)
{
  WbSamplePicker *self = WB_SAMPLE_PICKER (object);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_pointer (&self->choice.listed, g_array_unref);
  G_OBJECT_CLASS (wb_sample_picker_parent_class)->dispose (object);
}

static void
wb_sample_picker_class_init (WbSamplePickerClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = wb_sample_picker_dispose;
  changed_signal = g_signal_new ("changed", WB_TYPE_SAMPLE_PICKER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
}

static GtkWidget *
add_button (WbSamplePicker *self, const char *icon, const char *name, const char *tip,
            GCallback clicked)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "wb-small");
  gtk_widget_set_tooltip_text (button, tip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_signal_connect_swapped (button, "clicked", clicked, self);
  gtk_widget_set_parent (button, GTK_WIDGET (self));
  return button;
}

static GtkWidget *
make_popover (WbSamplePicker *self)
{
  GtkWidget *popover = gtk_popover_new (), *entry = gtk_entry_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);

  for (guint i = 0; i < WB_N_SAMPLE_MODES; i++)
    {
      self->modes[i] = gtk_check_button_new_with_label (_ (wb_sample_modes[i].title));
      gtk_widget_set_tooltip_text (self->modes[i], _ (wb_sample_modes[i].tip));
      if (i > 0)
        gtk_check_button_set_group (GTK_CHECK_BUTTON (self->modes[i]),
                                    GTK_CHECK_BUTTON (self->modes[0]));
      gtk_box_append (GTK_BOX (box), self->modes[i]);
    }
  gtk_check_button_set_active (GTK_CHECK_BUTTON (self->modes[self->choice.mode]), TRUE);
  gtk_entry_set_placeholder_text (GTK_ENTRY (entry), _ ("0-9, 42"));
  gtk_editable_set_width_chars (GTK_EDITABLE (entry), 14);
  gtk_accessible_update_property (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Numbers of samples"), -1);
  gtk_box_append (GTK_BOX (box), entry);
  self->entry = GTK_EDITABLE (entry);
  gtk_popover_set_child (GTK_POPOVER (popover), box);
  return popover;
}

static void
wb_sample_picker_init (WbSamplePicker *self)
{
  GtkWidget *button = gtk_menu_button_new ();
  const guint32 first = 0;

  self->choice.listed = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_array_append_val (self->choice.listed, first);
  self->button = GTK_MENU_BUTTON (button);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "wb-small");
  gtk_widget_set_tooltip_text (button, _ ("Which test samples are shown"));
  gtk_menu_button_set_always_show_arrow (self->button, TRUE);
  gtk_menu_button_set_popover (self->button, make_popover (self));
  gtk_widget_set_parent (button, GTK_WIDGET (self));
  self->previous = add_button (self, "go-previous-symbolic", _ ("Previous samples"),
                               _ ("The samples before these"), G_CALLBACK (previous_clicked));
  self->next = add_button (self, "go-next-symbolic", _ ("Next samples"),
                           _ ("The samples after these"), G_CALLBACK (next_clicked));
  add_button (self, "media-playlist-shuffle-symbolic", _ ("Random samples"),
              _ ("Draw another random set"), G_CALLBACK (shuffle_clicked));
  choice_changed (self);
  for (guint i = 0; i < WB_N_SAMPLE_MODES; i++)
    g_signal_connect_swapped (self->modes[i], "toggled", G_CALLBACK (mode_toggled), self);
  g_signal_connect_swapped (self->entry, "changed", G_CALLBACK (entry_changed), self);
  g_signal_connect_swapped (self->entry, "activate", G_CALLBACK (entry_activated), self);
}

GtkWidget *
wb_sample_picker_new (void)
{
  return g_object_new (WB_TYPE_SAMPLE_PICKER, NULL);
}
