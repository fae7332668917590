#include "diabolo-config.h"

#include "panels/wb-data-mends.h"

#include <glib/gi18n.h>

#include "data/nn-data-source.h"
#include "panels/wb-panel-page.h"

struct _WbDataMends
{
  GtkWidget parent_instance;

  GtkWidget *row, *label, *buttons;
};

G_DEFINE_FINAL_TYPE (WbDataMends, wb_data_mends, GTK_TYPE_WIDGET)

enum
{
  MEND,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
clicked (GtkButton *button, WbDataMends *self)
{
  const NnDataMend *mend = g_object_get_data (G_OBJECT (button), "mend");
  g_signal_emit (self, signals[MEND], 0, mend->option, mend->value);
}

void
wb_data_mends_show (WbDataMends *self, const GError *error)
{
  g_return_if_fail (WB_IS_DATA_MENDS (self));

  gtk_widget_set_visible (GTK_WIDGET (self), error != NULL);
  if (error == NULL
      || g_strcmp0 (error->message, gtk_label_get_text (GTK_LABEL (self->label))) == 0)
    return;
  gtk_label_set_text (GTK_LABEL (self->label), error->message);
  wb_panel_clear (self->buttons);
  const NnDataMend *mend = nn_data_mends (error);
  gtk_widget_set_visible (self->buttons, mend->option != NULL);
  for (; mend->option != NULL; mend++)
    {
      GtkWidget *button = gtk_button_new_with_label (_ (mend->title));
      gtk_widget_set_tooltip_text (button, _ (mend->tip));
      g_object_set_data (G_OBJECT (button), "mend", (gpointer)mend);
      g_signal_connect (button, "clicked", G_CALLBACK (clicked), self);
      gtk_box_append (GTK_BOX (self->buttons), button);
    }
}

void
wb_data_mends_lock (WbDataMends *self, const NnLessonText *lesson)
{
  g_return_if_fail (WB_IS_DATA_MENDS (self));

  for (GtkWidget *button = gtk_widget_get_first_child (self->buttons); button != NULL;
       button = gtk_widget_get_next_sibling (button))
    {
      const NnDataMend *mend = g_object_get_data (G_OBJECT (button), "mend");
      const gboolean locked = nn_lesson_text_locks (lesson, "data", mend->option);
      gtk_widget_set_sensitive (button, !locked);
      gtk_widget_set_tooltip_text (button,
                                   locked ? _ ("The lesson keeps this as it is.") : _ (mend->tip));
    }
}

gboolean
wb_data_mends_grab_focus (WbDataMends *self)
{
  g_return_val_if_fail (WB_IS_DATA_MENDS (self), FALSE);

  GtkWidget *first = gtk_widget_get_first_child (self->buttons);
  return first != NULL && gtk_widget_grab_focus (first);
}

static void
wb_data_mends_dispose (GObject *object)
{
  g_clear_pointer (&WB_DATA_MENDS (object)->row, gtk_widget_unparent);
  G_OBJECT_CLASS (wb_data_mends_parent_class)->dispose (object);
}

static void
wb_data_mends_class_init (WbDataMendsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = wb_data_mends_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  signals[MEND] = g_signal_new ("mend", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
}

static void
wb_data_mends_init (WbDataMends *self)
{
  self->row = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  gtk_widget_add_css_class (self->row, "finding");
  gtk_widget_add_css_class (self->row, "error");
  self->label = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (self->label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (self->label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (self->label), 0);
  gtk_label_set_selectable (GTK_LABEL (self->label), TRUE);
  self->buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  gtk_box_append (GTK_BOX (self->row), self->label);
  gtk_box_append (GTK_BOX (self->row), self->buttons);
  gtk_widget_set_parent (self->row, GTK_WIDGET (self));
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

GtkWidget *
wb_data_mends_new (void)
{
  return g_object_new (WB_TYPE_DATA_MENDS, NULL);
}
