#include "diabolo-config.h"

#include "lesson/wb-lesson-panel.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "lesson/wb-lesson-choices.h"
#include "lesson/wb-lesson-editor.h"
#include "lesson/wb-lesson-page.h"
#include "lesson/wb-stage-bar.h"
#include "panels/wb-chooser.h"
#include "viewers/wb-viewer.h"

struct _WbLessonPanel
{
  GtkWidget parent_instance;

  WbDocument *document; /* owned */
  WbLessonTour *tour;   /* owned, NULL: the document is no lesson */
  WbViewersSeenFunc seen;
  gpointer seen_data;
  gboolean browsing; /* the list is shown though there is a lesson */

  GtkStack *stack; /* "page", "gallery" */
  GtkScrolledWindow *gallery;
  WbLessonPage *page;
  WbStageBar *stages;
  GtkWidget *column, *list_toggle, *menu_button;
  GtkLabel *problem;
  GSimpleActionGroup *actions;
};

G_DEFINE_FINAL_TYPE (WbLessonPanel, wb_lesson_panel, GTK_TYPE_WIDGET)

static void
lesson_chosen (const char *id, gpointer data)
{
  gtk_widget_activate_action (data, "win.open-lesson", "s", id);
}

/* With the progress as it is now. */
static void
fill_gallery (WbLessonPanel *self)
{
  g_autoptr (WbChoices) choices = wb_lesson_choices_new (NULL);
  GtkWidget *list = wb_choices_list (choices, lesson_chosen, self);
  gtk_widget_add_css_class (list, "lesson-gallery");
  gtk_scrolled_window_set_child (self->gallery, list);
}

static GtkWidget *
make_gallery (WbLessonPanel *self)
{
  self->gallery = GTK_SCROLLED_WINDOW (gtk_scrolled_window_new ());
  gtk_scrolled_window_set_policy (self->gallery, GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  g_signal_connect_swapped (self->gallery, "map", G_CALLBACK (fill_gallery), self);
  return GTK_WIDGET (self->gallery);
}

static void
update (WbLessonPanel *self)
{
  gboolean page = self->tour != NULL && !self->browsing;
  gtk_widget_set_visible (self->list_toggle, self->tour != NULL);
  wb_lesson_move_focus (GTK_WIDGET (self->stack), self->list_toggle);
  gtk_stack_set_visible_child_name (self->stack, page ? "page" : "gallery");
  gtk_widget_set_visible (self->menu_button, self->document != NULL);
  gtk_button_set_icon_name (GTK_BUTTON (self->list_toggle),
                            page ? "view-list-symbolic" : "go-previous-symbolic");
  const char *tip = page ? _ ("All lessons") : _ ("Back to the lesson");
  gtk_widget_set_tooltip_text (self->list_toggle, tip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list_toggle), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  tip, -1);
}

static void
toggle_list (WbLessonPanel *self)
{
  self->browsing = !self->browsing;
  update (self);
}

static void
show_viewer (WbLessonPanel *self, const char *id)
{
  g_autofree char *target = g_strconcat ("viewer:", id, NULL);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.point-at", "s", target);
}

static void
drop_tour (WbLessonPanel *self)
{
  if (self->tour == NULL)
    return;
  wb_lesson_page_set_tour (self->page, NULL);
  wb_stage_bar_set_tour (self->stages, NULL);
  g_signal_handlers_disconnect_by_data (self->tour, self);
  wb_lesson_tour_end (self->tour);
  g_clear_object (&self->tour);
}

/* (transfer full) */
static char **
viewer_ids (void)
{
  GPtrArray *ids = g_ptr_array_new ();
  for (const WbViewerType *const *type = wb_viewer_types (); *type != NULL; type++)
    g_ptr_array_add (ids, g_strdup ((*type)->id));
  g_ptr_array_add (ids, NULL);
  return (char **)g_ptr_array_free (ids, FALSE);
}

/* Tells what is wrong with the text; of several problems the first. */
static void
tell_problem (WbLessonPanel *self, const NnLessonText *text, const GError *error)
{
  g_auto (GStrv) viewers = viewer_ids ();
  g_autoptr (GPtrArray) problems =
      text != NULL ? nn_lesson_text_check (text, wb_document_design (self->document),
                                           (const char *const *)viewers)
                   : NULL;
  const char *problem = error != NULL                           ? error->message
                        : problems != NULL && problems->len > 0 ? g_ptr_array_index (problems, 0)
                                                                : NULL;
  gtk_widget_set_visible (GTK_WIDGET (self->problem), problem != NULL);
  gtk_label_set_text (self->problem, problem != NULL ? problem : "");
}

/* A lesson with a problem can be walked through all the same. */
static void
read_lesson (WbLessonPanel *self)
{
  const char *source = self->document != NULL ? wb_document_lesson_text (self->document) : NULL;
  g_autoptr (GError) error = NULL;
  NnLessonText *text = source != NULL ? nn_lesson_text_parse (source, &error) : NULL;
  tell_problem (self, text, error);
  if (text == NULL)
    return;
  self->tour = wb_lesson_tour_new (self->document, text, source);
  wb_lesson_tour_set_seen (self->tour, self->seen, self->seen_data);
  g_signal_connect_swapped (self->tour, "show-viewer", G_CALLBACK (show_viewer), self);
  wb_lesson_page_set_tour (self->page, self->tour);
  wb_stage_bar_set_tour (self->stages, self->tour);
}

static void
lesson_changed (WbLessonPanel *self)
{
  drop_tour (self);
  self->browsing = FALSE;
  read_lesson (self);
  update (self);
}

void
wb_lesson_panel_set_document (WbLessonPanel *self, WbDocument *document)
{
  g_return_if_fail (WB_IS_LESSON_PANEL (self));
  if (document == self->document)
    return;
  if (self->document != NULL)
    g_signal_handlers_disconnect_by_data (self->document, self);
  g_set_object (&self->document, document);
  if (document != NULL)
    g_signal_connect_swapped (document, "lesson-changed", G_CALLBACK (lesson_changed), self);
  wb_stage_bar_set_document (self->stages, document);
  lesson_changed (self);
}

void
wb_lesson_panel_set_seen (WbLessonPanel *self, WbViewersSeenFunc seen, gpointer data)
{
  g_return_if_fail (WB_IS_LESSON_PANEL (self));
  self->seen = seen;
  self->seen_data = data;
  if (self->tour != NULL)
    wb_lesson_tour_set_seen (self->tour, seen, data);
}

WbLessonTour *
wb_lesson_panel_get_tour (WbLessonPanel *self)
{
  g_return_val_if_fail (WB_IS_LESSON_PANEL (self), NULL);
  return self->tour;
}

void
wb_lesson_panel_point (WbLessonPanel *self)
{
  g_return_if_fail (WB_IS_LESSON_PANEL (self));
  wb_lesson_page_point (self->page);
}

/* ---- menu ---- */

/* A lesson of the program is opened afresh, which the window may ask about first; a teacher's,
 * which is in no other place, keeps its network. */
static void
start_over (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  WbLessonPanel *self = data;
  if (self->tour == NULL)
    return;
  const char *id = wb_document_lesson_id (self->document);
  if (id != NULL)
    gtk_widget_activate_action (GTK_WIDGET (self), "win.start-lesson-over", "s", id);
  else
    wb_lesson_tour_start_over (self->tour);
}

static void
edit (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  WbLessonPanel *self = data;
  if (self->document != NULL)
    wb_lesson_editor_present (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), self->document);
}

static const GActionEntry entries[] = {
  { .name = "start-over", .activate = start_over },
  { .name = "edit", .activate = edit },
};

static GtkWidget *
make_menu_button (void)
{
  g_autoptr (GMenu) menu = g_menu_new ();
  g_menu_append (menu, _ ("Start over"), "lesson.start-over");
  g_menu_append (menu, _ ("Edit the lesson…"), "lesson.edit");
  g_menu_append (menu, _ ("Save a copy for students…"), "win.save-for-students");
  GtkWidget *button = gtk_menu_button_new ();
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (button), "view-more-symbolic");
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (button), G_MENU_MODEL (menu));
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, _ ("Lesson menu"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Lesson menu"), -1);
  return button;
}

/* ---- the widget ---- */

static void
wb_lesson_panel_dispose (GObject *object)
{
  WbLessonPanel *self = WB_LESSON_PANEL (object);
  if (self->column != NULL)
    drop_tour (self);
  if (self->document != NULL)
    g_signal_handlers_disconnect_by_data (self->document, self);
  g_clear_object (&self->document);
  g_clear_object (&self->actions);
  g_clear_pointer (&self->column, gtk_widget_unparent);
  G_OBJECT_CLASS (wb_lesson_panel_parent_class)->dispose (object);
}

static void
wb_lesson_panel_class_init (WbLessonPanelClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = wb_lesson_panel_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
wb_lesson_panel_init (WbLessonPanel *self)
{
  self->actions = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries),
                                   self);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "lesson", G_ACTION_GROUP (self->actions));

  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_widget_add_css_class (bar, "lesson-bar");
  self->list_toggle = gtk_button_new ();
  gtk_widget_add_css_class (self->list_toggle, "flat");
  gtk_widget_set_hexpand (self->list_toggle, TRUE);
  gtk_widget_set_halign (self->list_toggle, GTK_ALIGN_START);
  g_signal_connect_swapped (self->list_toggle, "clicked", G_CALLBACK (toggle_list), self);
  self->menu_button = make_menu_button ();
  gtk_box_append (GTK_BOX (bar), self->list_toggle);
  gtk_box_append (GTK_BOX (bar), self->menu_button);

  self->problem = GTK_LABEL (wb_lesson_label_new (NULL));
  gtk_widget_add_css_class (GTK_WIDGET (self->problem), "lesson-problem");
  self->page = WB_LESSON_PAGE (wb_lesson_page_new ());
  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_stack_add_named (self->stack, GTK_WIDGET (self->page), "page");
  gtk_stack_add_named (self->stack, make_gallery (self), "gallery");
  gtk_widget_set_vexpand (GTK_WIDGET (self->stack), TRUE);

  self->column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_box_append (GTK_BOX (self->column), bar);
  self->stages = WB_STAGE_BAR (wb_stage_bar_new ());
  gtk_box_append (GTK_BOX (self->column), GTK_WIDGET (self->stages));
  gtk_box_append (GTK_BOX (self->column), GTK_WIDGET (self->problem));
  gtk_box_append (GTK_BOX (self->column), GTK_WIDGET (self->stack));
  gtk_widget_set_parent (self->column, GTK_WIDGET (self));
  update (self);
}

GtkWidget *
wb_lesson_panel_new (void)
{
  return g_object_new (WB_TYPE_LESSON_PANEL, NULL);
}
