#include "diabolo-config.h"

#include "panels/wb-lesson-panel.h"

#include <glib/gi18n.h>

#include "formats/nn-lessons.h"
#include "panels/wb-chooser.h"

struct _WbLessonPanel
{
  GtkWidget parent_instance;

  WbDocument *document; /* owned */
  GtkWidget *scrolled;
  GtkLabel *title, *text;
};

G_DEFINE_FINAL_TYPE (WbLessonPanel, wb_lesson_panel, GTK_TYPE_WIDGET)

static void
lesson_chosen (const char *id, gpointer data)
{
  gtk_widget_activate_action (data, "win.open-lesson", "s", id);
}

static GtkWidget *
make_gallery (WbLessonPanel *self)
{
  guint n;
  const NnLesson *lessons = nn_lessons (&n);
  g_autoptr (WbChoices) choices = wb_choices_new ();
  for (guint i = 0; i < n; i++)
    wb_choices_add (choices, lessons[i].id, _ (lessons[i].title), _ (lessons[i].summary), NULL);
  return wb_choices_list (choices, lesson_chosen, self);
}

static void
update (WbLessonPanel *self)
{
  const char *text = self->document != NULL ? wb_document_lesson_text (self->document) : NULL;
  gtk_widget_set_visible (GTK_WIDGET (self->title), text != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->text), text != NULL);
  if (text == NULL)
    return;
  gtk_label_set_text (self->title, nn_design_title (wb_document_design (self->document)));
  gtk_label_set_text (self->text, text);
}

void
wb_lesson_panel_set_document (WbLessonPanel *self, WbDocument *document)
{
  g_return_if_fail (WB_IS_LESSON_PANEL (self));
  if (self->document != NULL)
    g_signal_handlers_disconnect_by_func (self->document, update, self);
  g_set_object (&self->document, document);
  /* The next stage of a lesson has a text of its own. */
  if (document != NULL)
    g_signal_connect_swapped (document, "changed", G_CALLBACK (update), self);
  update (self);
}

static void
wb_lesson_panel_dispose (GObject *object)
{
  WbLessonPanel *self = WB_LESSON_PANEL (object);
  if (self->document != NULL)
    g_signal_handlers_disconnect_by_func (self->document, update, self);
  g_clear_object (&self->document);
  g_clear_pointer (&self->scrolled, gtk_widget_unparent);
  G_OBJECT_CLASS (wb_lesson_panel_parent_class)->dispose (object);
}

static void
wb_lesson_panel_class_init (WbLessonPanelClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = wb_lesson_panel_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static GtkWidget *
make_label (const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, css_class);
  return label;
}

static void
wb_lesson_panel_init (WbLessonPanel *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  gtk_widget_set_margin_start (box, 12);
  gtk_widget_set_margin_end (box, 12);
  gtk_widget_set_margin_top (box, 6);
  gtk_widget_set_margin_bottom (box, 12);
  self->title = GTK_LABEL (make_label (NULL, "lesson-title"));
  self->text = GTK_LABEL (make_label (NULL, "lesson-text"));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->title));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->text));
  gtk_box_append (GTK_BOX (box), make_label (_ ("Lessons"), "heading"));
  gtk_box_append (GTK_BOX (box), make_gallery (self));

  self->scrolled = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scrolled), box);
  gtk_widget_set_parent (self->scrolled, GTK_WIDGET (self));
  update (self);
}

GtkWidget *
wb_lesson_panel_new (void)
{
  return g_object_new (WB_TYPE_LESSON_PANEL, NULL);
}
