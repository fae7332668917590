#include "diabolo-config.h"

#include "lesson/wb-lesson-question.h"

#include <glib/gi18n.h>

#include "lesson/wb-lesson-page.h"
#include "panels/wb-reveal.h"

#define WB_TYPE_LESSON_QUESTION (wb_lesson_question_get_type ())
G_DECLARE_FINAL_TYPE (WbLessonQuestion, wb_lesson_question, WB, LESSON_QUESTION, GtkBox)

struct _WbLessonQuestion
{
  GtkBox parent_instance;

  WbLessonTour *tour;            /* owned */
  const NnLessonBlock *question; /* of the tour's text */
  GPtrArray *answers;            /* GtkCheckButton, borrowed */
  GtkWidget *check, *verdict, *because;
};

G_DEFINE_FINAL_TYPE (WbLessonQuestion, wb_lesson_question, GTK_TYPE_BOX)

/* The one that is marked, -1: none. */
static gint
marked (WbLessonQuestion *self)
{
  for (guint i = 0; i < self->answers->len; i++)
    if (gtk_check_button_get_active (g_ptr_array_index (self->answers, i)))
      return (gint)i;
  return -1;
}

static void
update (WbLessonQuestion *self)
{
  gint answer = wb_lesson_tour_answer (self->tour, self->question);
  gboolean right = answer == (gint)self->question->right;
  for (guint i = 0; i < self->answers->len; i++)
    {
      GtkWidget *button = g_ptr_array_index (self->answers, i);
      gtk_widget_remove_css_class (button, "right");
      gtk_widget_remove_css_class (button, "wrong");
      if (answer >= 0 && i == self->question->right)
        gtk_widget_add_css_class (button, "right");
      else if (answer == (gint)i)
        gtk_widget_add_css_class (button, "wrong");
    }
  gtk_widget_set_visible (self->verdict, answer >= 0);
  /* Afterwards it would stand before the verdict: the pointer is still there. */
  gtk_widget_set_tooltip_text (self->check,
                               answer < 0 ? _ ("Tells whether the prediction is right") : NULL);
  gtk_widget_set_visible (self->because, answer >= 0 && self->question->because != NULL);
  gtk_label_set_text (GTK_LABEL (self->verdict),
                      right ? _ ("Right.") : _ ("Not quite: the marked answer is right."));
  gtk_widget_set_sensitive (self->check, marked (self) >= 0);
}

static void
marked_changed (WbLessonQuestion *self)
{
  gtk_widget_set_sensitive (self->check, marked (self) >= 0);
}

static void
check (WbLessonQuestion *self)
{
  gint answer = marked (self);
  if (answer < 0)
    return;
  wb_lesson_tour_set_answer (self->tour, self->question, (guint)answer);
  wb_reveal (self->question->because != NULL ? self->because : self->verdict);
}

static void
wb_lesson_question_dispose (GObject *object)
{
  WbLessonQuestion *self = WB_LESSON_QUESTION (object);
  if (self->tour != NULL)
    g_signal_handlers_disconnect_by_data (self->tour, self);
  g_clear_object (&self->tour);
  g_clear_pointer (&self->answers, g_ptr_array_unref);
  G_OBJECT_CLASS (wb_lesson_question_parent_class)->dispose (object);
}

static void
wb_lesson_question_class_init (WbLessonQuestionClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = wb_lesson_question_dispose;
}

static void
wb_lesson_question_init (WbLessonQuestion *self)
{
  self->answers = g_ptr_array_new ();
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_widget_add_css_class (GTK_WIDGET (self), "card");
  gtk_widget_add_css_class (GTK_WIDGET (self), "lesson-question");
}

static void
add_answers (WbLessonQuestion *self)
{
  gint answer = wb_lesson_tour_answer (self->tour, self->question);
  for (guint i = 0; i < self->question->answers->len; i++)
    {
      GtkWidget *button = gtk_check_button_new ();
      GtkWidget *label = wb_lesson_label_new (g_ptr_array_index (self->question->answers, i));
      gtk_check_button_set_child (GTK_CHECK_BUTTON (button), label);
      gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                      gtk_label_get_text (GTK_LABEL (label)), -1);
      if (self->answers->len > 0)
        gtk_check_button_set_group (GTK_CHECK_BUTTON (button),
                                    g_ptr_array_index (self->answers, 0));
      g_ptr_array_add (self->answers, button);
      gtk_check_button_set_active (GTK_CHECK_BUTTON (button), answer == (gint)i);
      g_signal_connect_swapped (button, "toggled", G_CALLBACK (marked_changed), self);
      gtk_box_append (GTK_BOX (self), button);
    }
}

GtkWidget *
wb_lesson_question_new (WbLessonTour *tour, const NnLessonBlock *question)
{
  g_return_val_if_fail (WB_IS_LESSON_TOUR (tour) && question != NULL, NULL);

  WbLessonQuestion *self = g_object_new (WB_TYPE_LESSON_QUESTION, "spacing", 6, NULL);
  self->tour = g_object_ref (tour);
  self->question = question;
  GtkWidget *caption = wb_lesson_label_new (_ ("Predict, then check"));
  gtk_widget_add_css_class (caption, "lesson-predict");
  GtkWidget *text = wb_lesson_label_new (question->text);
  gtk_widget_add_css_class (text, "heading");
  gtk_box_append (GTK_BOX (self), caption);
  gtk_box_append (GTK_BOX (self), text);
  self->check = gtk_button_new_with_label (_ ("Check"));
  gtk_widget_set_halign (self->check, GTK_ALIGN_START);
  add_answers (self);
  g_signal_connect_swapped (self->check, "clicked", G_CALLBACK (check), self);
  self->verdict = wb_lesson_label_new (NULL);
  gtk_widget_add_css_class (self->verdict, "heading");
  self->because = wb_lesson_label_new (question->because);
  gtk_box_append (GTK_BOX (self), self->check);
  gtk_box_append (GTK_BOX (self), self->verdict);
  gtk_box_append (GTK_BOX (self), self->because);
  g_signal_connect_swapped (tour, "changed", G_CALLBACK (update), self);
  update (self);
  return GTK_WIDGET (self);
}
