#include "diabolo-config.h"

#include "panels/wb-rewind-bar.h"

#include <glib/gi18n-lib.h>
#include <math.h>

struct _WbRewindBar
{
  GtkWidget parent;

  GSignalGroup *signals; /* of the document, which the holder keeps */

  /* borrowed: children */
  GtkLabel *label;
  GtkWidget *go_on;
};

G_DEFINE_FINAL_TYPE (WbRewindBar, wb_rewind_bar, GTK_TYPE_WIDGET)

static WbDocument *
get_document (WbRewindBar *self)
{
  g_autoptr (WbDocument) document = g_signal_group_dup_target (self->signals);
  return document; /* whoever set it keeps it alive */
}

static const char *
run_name (WbDocument *document)
{
  NnRunHistory *runs = wb_document_runs (document);

  for (guint i = 0; i < nn_run_history_n_runs (runs); i++)
    if (nn_run_history_run (runs, i)->id == wb_document_run (document))
      return nn_run_history_run (runs, i)->name;
  return "";
}

/* "As of epoch 12 of Run 1" */
static char *
make_text (WbDocument *document, const NnMoment *moment)
{
  const double epoch = round (moment->epoch * 100) / 100;
  g_autofree char *number =
      epoch == round (epoch) ? g_strdup_printf ("%.0f", epoch) : g_strdup_printf ("%.2f", epoch);

  if (moment->step == 0)
    return g_markup_printf_escaped (_ ("Before the training of <b>%s</b>"), run_name (document));
  return g_markup_printf_escaped (_ ("As of <b>epoch %s</b> of %s"), number, run_name (document));
}

static void
update (WbRewindBar *self)
{
  WbDocument *document = get_document (self);
  const NnMoment *moment = document != NULL ? wb_document_moment (document) : NULL;

  gtk_widget_set_visible (GTK_WIDGET (self), moment != NULL);
  if (moment == NULL)
    return;
  g_autofree char *text = make_text (document, moment);
  gtk_label_set_markup (self->label, text);
  gtk_widget_set_sensitive (self->go_on,
                            wb_document_dataset (document) != NULL
                                && nn_analysis_can_train (wb_document_analysis (document)));
}

static void
go_on_clicked (WbRewindBar *self)
{
  WbDocument *document = get_document (self);

  if (document != NULL)
    wb_document_continue (document);
}

static void
now_clicked (WbRewindBar *self)
{
  WbDocument *document = get_document (self);

  if (document != NULL)
    wb_document_return_to_now (document);
}

static gboolean
key_now (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  now_clicked (WB_REWIND_BAR (widget));
  return TRUE;
}

static void
wb_rewind_bar_dispose (GObject *object)
{
  WbRewindBar *self = WB_REWIND_BAR (object);
  GtkWidget *child;

  if (self->signals != NULL)
    g_signal_group_set_target (self->signals, NULL);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (wb_rewind_bar_parent_class)->dispose (object);
}

static void
wb_rewind_bar_finalize (GObject *object)
{
  g_clear_object (&WB_REWIND_BAR (object)->signals);
  G_OBJECT_CLASS (wb_rewind_bar_parent_class)->finalize (object);
}

static void
wb_rewind_bar_class_init (WbRewindBarClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = wb_rewind_bar_dispose;
  object_class->finalize = wb_rewind_bar_finalize;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "wb-rewind-bar");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Escape, 0, key_now, NULL);
}

static void
wb_rewind_bar_init (WbRewindBar *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkWidget *icon = gtk_image_new_from_icon_name ("document-open-recent-symbolic");
  GtkWidget *label = gtk_label_new (NULL), *now = gtk_button_new_with_label (_ ("Back to now"));
  GtkLayoutManager *layout = gtk_widget_get_layout_manager (widget);

  self->signals = g_signal_group_new (WB_TYPE_DOCUMENT);
  g_signal_group_connect_swapped (self->signals, "rewound", G_CALLBACK (update), self);
  g_signal_group_connect_swapped (self->signals, "changed", G_CALLBACK (update), self);
  self->label = GTK_LABEL (label);
  self->go_on = gtk_button_new_with_label (_ ("Continue from here"));
  gtk_box_layout_set_spacing (GTK_BOX_LAYOUT (layout), 6);
  gtk_widget_add_css_class (label, "numeric");
  gtk_widget_set_margin_end (label, 6);
  gtk_label_set_ellipsize (self->label, PANGO_ELLIPSIZE_END);
  gtk_widget_set_tooltip_text (label, _ ("Every viewer and the graph show the network as it was "
                                         "then. Training under way goes on"));
  gtk_widget_set_tooltip_text (
      self->go_on, _ ("Trains a second run from this moment, with the same seed and the "
                      "settings as they are now. The first run is kept"));
  gtk_widget_set_tooltip_text (now, _ ("Show the network as it is now (Escape)"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("An earlier moment is shown"), -1);
  gtk_widget_set_parent (icon, widget);
  gtk_widget_set_parent (label, widget);
  gtk_widget_set_parent (self->go_on, widget);
  gtk_widget_set_parent (now, widget);
  gtk_widget_set_halign (widget, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (widget, GTK_ALIGN_START);
  gtk_widget_set_visible (widget, FALSE);
  g_signal_connect_swapped (self->go_on, "clicked", G_CALLBACK (go_on_clicked), self);
  g_signal_connect_swapped (now, "clicked", G_CALLBACK (now_clicked), self);
}

GtkWidget *
wb_rewind_bar_new (void)
{
  return g_object_new (WB_TYPE_REWIND_BAR, NULL);
}

void
wb_rewind_bar_set_document (WbRewindBar *self, WbDocument *document)
{
  g_return_if_fail (WB_IS_REWIND_BAR (self));
  if (document == get_document (self))
    return;
  g_signal_group_set_target (self->signals, document);
  update (self);
}
