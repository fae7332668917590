#include "diabolo-config.h"

#include "lesson/wb-lesson-page.h"

#include <glib/gi18n.h>

#include "lesson/wb-formula.h"
#include "lesson/wb-glossary.h"
#include "lesson/wb-lesson-question.h"
#include "lesson/wb-lesson-task.h"

struct _WbLessonPage
{
  GtkWidget parent_instance;

  WbLessonTour *tour; /* owned; NULL: none */
  gboolean notes;
  guint shown; /* step whose blocks stand in the body */

  GtkLabel *lesson, *title, *count, *next_label;
  GtkBox *segments, *body;
  GtkWidget *column, *scrolled, *navigation, *back, *next;
};

G_DEFINE_FINAL_TYPE (WbLessonPage, wb_lesson_page, GTK_TYPE_WIDGET)

/* ---- labels ---- */

/* Terms and layers are explained where they stand; everything else is pointed at in the window. */
static gboolean
link_activated (GtkLabel *label, const char *uri, gpointer data)
{
  if (!wb_glossary_explain (GTK_WIDGET (label), uri))
    gtk_widget_activate_action (GTK_WIDGET (label), "win.point-at", "s", uri);
  return TRUE;
}

GtkWidget *
wb_lesson_label_new (const char *text)
{
  GtkWidget *label = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "lesson-text");
  g_signal_connect (label, "activate-link", G_CALLBACK (link_activated), NULL);
  if (text != NULL)
    wb_lesson_label_set (label, text);
  return label;
}

void
wb_lesson_label_set (GtkWidget *label, const char *text)
{
  g_return_if_fail (GTK_IS_LABEL (label) && text != NULL);
  g_autofree char *markup = nn_lesson_text_to_markup (*text != '\0' ? _ (text) : text);
  gtk_label_set_markup (GTK_LABEL (label), markup);
}

/* ---- focus ---- */

void
wb_lesson_move_focus (GtkWidget *from, GtkWidget *to)
{
  GtkRoot *root = gtk_widget_get_root (from);
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;
  if (focus != NULL && (focus == from || gtk_widget_is_ancestor (focus, from)))
    gtk_widget_grab_focus (to);
}

/* ---- the step ---- */

static GtkWidget *
make_note (const char *text)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  GtkWidget *caption = wb_lesson_label_new (_ ("For the teacher"));
  gtk_widget_add_css_class (caption, "lesson-predict");
  gtk_widget_add_css_class (box, "lesson-note");
  gtk_box_append (GTK_BOX (box), caption);
  gtk_box_append (GTK_BOX (box), wb_lesson_label_new (text));
  return box;
}

static void
add_block (WbLessonPage *self, const NnLessonBlock *block, gboolean first_task)
{
  switch (block->kind)
    {
    case NN_LESSON_PARAGRAPH:
      gtk_box_append (self->body, wb_lesson_label_new (block->text));
      break;
    case NN_LESSON_FORMULA:
      gtk_box_append (self->body, wb_formula_new (block->text));
      break;
    case NN_LESSON_TASK:
      if (first_task)
        {
          GtkWidget *heading = wb_lesson_label_new (_ ("Try it"));
          gtk_widget_add_css_class (heading, "heading");
          gtk_box_append (self->body, heading);
        }
      gtk_box_append (self->body, wb_lesson_task_new (self->tour, block));
      break;
    case NN_LESSON_QUESTION:
      gtk_box_append (self->body, wb_lesson_question_new (self->tour, block));
      break;
    case NN_LESSON_NOTE:
      if (self->notes)
        gtk_box_append (self->body, make_note (block->text));
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
clear (GtkBox *box)
{
  GtkWidget *child;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (box))) != NULL)
    gtk_box_remove (box, child);
}

void
wb_lesson_page_point (WbLessonPage *self)
{
  g_return_if_fail (WB_IS_LESSON_PAGE (self));
  if (self->tour == NULL || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  static const char *const kinds[] = { [NN_LESSON_POINT_NODE] = "node",
                                       [NN_LESSON_POINT_VIEWER] = "viewer",
                                       [NN_LESSON_POINT_CONTROL] = "control" };
  const NnLessonText *text = wb_lesson_tour_text (self->tour);
  const NnLessonStep *step = g_ptr_array_index (text->steps, self->shown);
  g_autofree char *target = step->point.kind != NN_LESSON_POINT_NONE
                                ? g_strconcat (kinds[step->point.kind], ":", step->point.name, NULL)
                                : g_strdup ("");
  gtk_widget_activate_action (GTK_WIDGET (self), "win.point-at", "s", target);
}

static void
update_next (WbLessonPage *self)
{
  gboolean last = self->shown + 1 == wb_lesson_tour_text (self->tour)->steps->len;
  gboolean possible = !last || wb_lesson_tour_next_lesson (self->tour) != NULL;
  gtk_widget_set_sensitive (self->next, possible);
  gtk_label_set_text (self->next_label, !last ? _ ("Next")
                                        : wb_lesson_tour_has_next_stage (self->tour)
                                            ? _ ("Next stage")
                                            : _ ("Next lesson"));
  if (possible && wb_lesson_tour_n_left (self->tour, self->shown) == 0)
    gtk_widget_add_css_class (self->next, "ready");
  else
    gtk_widget_remove_css_class (self->next, "ready");
}

static void
show_step (WbLessonPage *self)
{
  const NnLessonText *text = wb_lesson_tour_text (self->tour);
  self->shown = wb_lesson_tour_step (self->tour);
  const NnLessonStep *step = g_ptr_array_index (text->steps, self->shown);
  wb_lesson_move_focus (GTK_WIDGET (self->body), wb_lesson_page_get_next (self));
  clear (self->body);
  gboolean tasks = FALSE;
  for (guint i = 0; i < step->blocks->len; i++)
    {
      const NnLessonBlock *block = g_ptr_array_index (step->blocks, i);
      add_block (self, block, block->kind == NN_LESSON_TASK && !tasks);
      tasks = block->kind == NN_LESSON_TASK;
    }
  gtk_label_set_text (self->title, _ (step->title));
  g_autofree char *count = g_strdup_printf (_ ("Step %u of %u"), self->shown + 1, text->steps->len);
  gtk_label_set_text (self->count, count);
  gtk_widget_set_sensitive (self->back, self->shown > 0);
  update_next (self);
  gtk_adjustment_set_value (
      gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self->scrolled)), 0);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->body), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ (step->title), -1);
  wb_lesson_page_point (self);
}

/* Steps left of this one and without open tasks are full. */
static void
update_segments (WbLessonPage *self)
{
  guint i = 0;
  for (GtkWidget *segment = gtk_widget_get_first_child (GTK_WIDGET (self->segments));
       segment != NULL; segment = gtk_widget_get_next_sibling (segment), i++)
    {
      if (i <= wb_lesson_tour_step (self->tour))
        gtk_widget_add_css_class (segment, "reached");
      else
        gtk_widget_remove_css_class (segment, "reached");
    }
}

static void
tour_changed (WbLessonPage *self)
{
  if (wb_lesson_tour_step (self->tour) != self->shown)
    show_step (self);
  update_segments (self);
  update_next (self);
}

void
wb_lesson_page_set_tour (WbLessonPage *self, WbLessonTour *tour)
{
  g_return_if_fail (WB_IS_LESSON_PAGE (self));

  if (self->tour != NULL)
    g_signal_handlers_disconnect_by_data (self->tour, self);
  clear (self->body);
  clear (self->segments);
  g_set_object (&self->tour, tour);
  if (tour == NULL)
    return;
  const NnLessonText *text = wb_lesson_tour_text (tour);
  for (guint i = 0; i < text->steps->len; i++)
    {
      GtkWidget *segment = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
      gtk_widget_set_hexpand (segment, TRUE);
      gtk_widget_add_css_class (segment, "lesson-segment");
      gtk_box_append (self->segments, segment);
    }
  gtk_label_set_text (self->lesson, _ (text->title));
  g_signal_connect_swapped (tour, "changed", G_CALLBACK (tour_changed), self);
  show_step (self);
  update_segments (self);
}

void
wb_lesson_page_set_notes (WbLessonPage *self, gboolean shown)
{
  g_return_if_fail (WB_IS_LESSON_PAGE (self));
  if (shown == self->notes)
    return;
  self->notes = shown;
  if (self->tour != NULL)
    show_step (self);
}

GtkWidget *
wb_lesson_page_get_next (WbLessonPage *self)
{
  g_return_val_if_fail (WB_IS_LESSON_PAGE (self), NULL);
  return gtk_widget_get_sensitive (self->next) ? self->next : self->back;
}

/* ---- the widget ---- */

static void
go_back (WbLessonPage *self)
{
  guint step = wb_lesson_tour_step (self->tour);
  if (step > 0)
    wb_lesson_tour_go (self->tour, step - 1);
}

static void
go_on (WbLessonPage *self)
{
  guint step = wb_lesson_tour_step (self->tour) + 1;
  if (step < wb_lesson_tour_text (self->tour)->steps->len)
    wb_lesson_tour_go (self->tour, step);
  else
    gtk_widget_activate_action (GTK_WIDGET (self), "win.open-lesson", "s",
                                wb_lesson_tour_next_lesson (self->tour));
}

static void
wb_lesson_page_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (wb_lesson_page_parent_class)->map (widget);
  wb_lesson_page_point (WB_LESSON_PAGE (widget));
}

static void
wb_lesson_page_unmap (GtkWidget *widget)
{
  gtk_widget_activate_action (widget, "win.point-at", "s", "");
  GTK_WIDGET_CLASS (wb_lesson_page_parent_class)->unmap (widget);
}

static void
wb_lesson_page_dispose (GObject *object)
{
  WbLessonPage *self = WB_LESSON_PAGE (object);
  if (self->tour != NULL)
    g_signal_handlers_disconnect_by_data (self->tour, self);
  g_clear_object (&self->tour);
  g_clear_pointer (&self->column, gtk_widget_unparent);
  G_OBJECT_CLASS (wb_lesson_page_parent_class)->dispose (object);
}

static void
wb_lesson_page_class_init (WbLessonPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  widget_class->map = wb_lesson_page_map;
  widget_class->unmap = wb_lesson_page_unmap;
  G_OBJECT_CLASS (klass)->dispose = wb_lesson_page_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static GtkLabel *
add_label (GtkBox *box, const char *css_class)
{
  GtkWidget *label = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, css_class);
  gtk_box_append (box, label);
  return GTK_LABEL (label);
}

/* label (out, nullable): the button's text, to be changed. */
static GtkWidget *
make_step_button (const char *icon, const char *text, gboolean icon_last, GtkLabel **label,
                  GCallback clicked, WbLessonPage *self)
{
  GtkWidget *button = gtk_button_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *image = gtk_image_new_from_icon_name (icon), *words = gtk_label_new (text);
  gtk_box_append (GTK_BOX (box), icon_last ? words : image);
  gtk_box_append (GTK_BOX (box), icon_last ? image : words);
  gtk_button_set_child (GTK_BUTTON (button), box);
  gtk_accessible_update_relation (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_RELATION_LABELLED_BY,
                                  words, NULL, -1);
  if (label != NULL)
    *label = GTK_LABEL (words);
  g_signal_connect_swapped (button, "clicked", clicked, self);
  return button;
}

static void
wb_lesson_page_init (WbLessonPage *self)
{
  GtkWidget *content = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_add_css_class (content, "lesson-page");
  self->lesson = add_label (GTK_BOX (content), "lesson-caption");
  self->title = add_label (GTK_BOX (content), "lesson-title");
  self->segments = GTK_BOX (gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4));
  gtk_widget_add_css_class (GTK_WIDGET (self->segments), "lesson-segments");
  gtk_box_append (GTK_BOX (content), GTK_WIDGET (self->segments));
  self->count = add_label (GTK_BOX (content), "lesson-caption");
  self->body = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 10));
  gtk_widget_add_css_class (GTK_WIDGET (self->body), "lesson-body");
  gtk_box_append (GTK_BOX (content), GTK_WIDGET (self->body));

  self->scrolled = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scrolled), content);
  gtk_widget_set_vexpand (self->scrolled, TRUE);

  self->back = make_step_button ("go-previous-symbolic", _ ("Back"), FALSE, NULL,
                                 G_CALLBACK (go_back), self);
  self->next = make_step_button ("go-next-symbolic", _ ("Next"), TRUE, &self->next_label,
                                 G_CALLBACK (go_on), self);
  gtk_widget_set_hexpand (self->back, TRUE);
  gtk_widget_set_halign (self->back, GTK_ALIGN_START);
  self->navigation = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  gtk_widget_add_css_class (self->navigation, "lesson-navigation");
  gtk_box_append (GTK_BOX (self->navigation), self->back);
  gtk_box_append (GTK_BOX (self->navigation), self->next);

  self->column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_box_append (GTK_BOX (self->column), self->scrolled);
  gtk_box_append (GTK_BOX (self->column), self->navigation);
  gtk_widget_set_parent (self->column, GTK_WIDGET (self));
}

GtkWidget *
wb_lesson_page_new (void)
{
  return g_object_new (WB_TYPE_LESSON_PAGE, NULL);
}
