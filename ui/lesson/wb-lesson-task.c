#include "diabolo-config.h"

#include "lesson/wb-lesson-task.h"

#include <glib/gi18n.h>

#include "lesson/wb-lesson-page.h"
#include "panels/wb-reveal.h"

#define WB_TYPE_LESSON_TASK (wb_lesson_task_get_type ())
G_DECLARE_FINAL_TYPE (WbLessonTask, wb_lesson_task, WB, LESSON_TASK, GtkBox)

struct _WbLessonTask
{
  GtkBox parent_instance;

  WbLessonTour *tour;        /* owned */
  const NnLessonBlock *task; /* of the tour's text */
  GtkCheckButton *check;
  GtkWidget *text, *hint, *show_hint, *help, *refusal;
  gboolean updating;
};

G_DEFINE_FINAL_TYPE (WbLessonTask, wb_lesson_task, GTK_TYPE_BOX)

/* To the way on, once what was pressed here is no longer needed. */
static void
give_focus_away (WbLessonTask *self)
{
  GtkWidget *page = gtk_widget_get_ancestor (GTK_WIDGET (self), WB_TYPE_LESSON_PAGE);
  if (page != NULL)
    wb_lesson_move_focus (GTK_WIDGET (self), wb_lesson_page_get_next (WB_LESSON_PAGE (page)));
}

static void
update (WbLessonTask *self)
{
  gboolean done = wb_lesson_tour_is_done (self->tour, self->task);
  self->updating = TRUE;
  gtk_check_button_set_active (self->check, done);
  self->updating = FALSE;
  /* A task that the program judges is no button. (Not to be focusable is not enough: Tab would stay
   * where it is, because a GtkCheckButton says that it has taken the focus all the same.) */
  gtk_widget_set_can_target (GTK_WIDGET (self->check), self->task->condition == NULL);
  gtk_widget_set_can_focus (GTK_WIDGET (self->check), self->task->condition == NULL);
  gboolean can_help = wb_lesson_tour_can_help (self->tour, self->task);
  if (!can_help)
    give_focus_away (self);
  gtk_widget_set_visible (self->help, can_help);
  g_autofree char *refusal = wb_lesson_tour_help_refusal (self->tour, self->task);
  gtk_label_set_text (GTK_LABEL (self->refusal), refusal != NULL ? refusal : "");
  gtk_widget_set_visible (self->refusal, refusal != NULL);
  gtk_widget_set_visible (self->show_hint, !done && self->task->hint != NULL
                                               && !gtk_widget_get_visible (self->hint));
  if (done)
    gtk_widget_add_css_class (self->text, "done");
  else
    gtk_widget_remove_css_class (self->text, "done");
}

static void
ticked (WbLessonTask *self)
{
  if (!self->updating)
    wb_lesson_tour_set_done (self->tour, self->task, gtk_check_button_get_active (self->check));
}

static void
hint_asked (WbLessonTask *self)
{
  give_focus_away (self);
  gtk_widget_set_visible (self->hint, TRUE);
  gtk_widget_set_visible (self->show_hint, FALSE);
  wb_reveal (self->hint);
}

static void
help_asked (WbLessonTask *self)
{
  wb_lesson_tour_help (self->tour, self->task);
}

static void
wb_lesson_task_dispose (GObject *object)
{
  WbLessonTask *self = WB_LESSON_TASK (object);
  if (self->tour != NULL)
    g_signal_handlers_disconnect_by_data (self->tour, self);
  g_clear_object (&self->tour);
  G_OBJECT_CLASS (wb_lesson_task_parent_class)->dispose (object);
}

static void
wb_lesson_task_class_init (WbLessonTaskClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = wb_lesson_task_dispose;
}

static GtkWidget *
make_link (const char *text, GCallback clicked, WbLessonTask *self)
{
  GtkWidget *button = gtk_button_new_with_label (text);
  gtk_widget_add_css_class (button, "lesson-link");
  gtk_widget_add_css_class (button, "flat");
  g_signal_connect_swapped (button, "clicked", clicked, self);
  return button;
}

static void
wb_lesson_task_init (WbLessonTask *self)
{
  self->check = GTK_CHECK_BUTTON (gtk_check_button_new ());
  gtk_widget_set_valign (GTK_WIDGET (self->check), GTK_ALIGN_START);
  gtk_widget_add_css_class (GTK_WIDGET (self->check), "lesson-check");
  g_signal_connect_swapped (self->check, "toggled", G_CALLBACK (ticked), self);
  gtk_box_append (GTK_BOX (self), GTK_WIDGET (self->check));

  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  gtk_widget_set_hexpand (column, TRUE);
  self->text = wb_lesson_label_new (NULL);
  self->hint = wb_lesson_label_new (NULL);
  gtk_widget_add_css_class (self->hint, "lesson-hint");
  gtk_widget_set_visible (self->hint, FALSE);
  self->refusal = wb_lesson_label_new (NULL);
  gtk_widget_add_css_class (self->refusal, "dim-label");
  gtk_widget_add_css_class (self->refusal, "lesson-refusal");
  gtk_widget_set_tooltip_text (self->refusal, _ ("Why the program does not do this task for you"));
  self->help = make_link (_ ("Do it for me"), G_CALLBACK (help_asked), self);
  gtk_widget_set_tooltip_text (self->help, _ ("Lets the program do this task"));
  self->show_hint = make_link (_ ("Hint"), G_CALLBACK (hint_asked), self);
  gtk_widget_set_tooltip_text (self->show_hint, _ ("Shows how to go about it"));
  GtkWidget *links = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  gtk_box_append (GTK_BOX (links), self->help);
  gtk_box_append (GTK_BOX (links), self->show_hint);
  gtk_box_append (GTK_BOX (column), self->text);
  gtk_box_append (GTK_BOX (column), self->hint);
  gtk_box_append (GTK_BOX (column), self->refusal);
  gtk_box_append (GTK_BOX (column), links);
  gtk_box_append (GTK_BOX (self), column);
}

GtkWidget *
wb_lesson_task_new (WbLessonTour *tour, const NnLessonBlock *task)
{
  g_return_val_if_fail (WB_IS_LESSON_TOUR (tour) && task != NULL, NULL);

  WbLessonTask *self = g_object_new (WB_TYPE_LESSON_TASK, "spacing", 6, NULL);
  self->tour = g_object_ref (tour);
  self->task = task;
  wb_lesson_label_set (self->text, task->text);
  if (task->hint != NULL)
    wb_lesson_label_set (self->hint, task->hint);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->check), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  gtk_label_get_text (GTK_LABEL (self->text)), -1);
  g_signal_connect_swapped (tour, "changed", G_CALLBACK (update), self);
  update (self);
  return GTK_WIDGET (self);
}
