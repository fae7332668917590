#include "diabolo-config.h"

#include "lesson/wb-lesson-editor.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <string.h>

#include "lesson/wb-lesson-page.h"
#include "viewers/wb-viewer.h"

#define APPLY_DELAY 500 /* ms from the last key */
#define EDITOR_KEY "wb-lesson-editor"

#define WB_TYPE_LESSON_EDITOR (wb_lesson_editor_get_type ())
G_DECLARE_FINAL_TYPE (WbLessonEditor, wb_lesson_editor, WB, LESSON_EDITOR, AdwWindow)

struct _WbLessonEditor
{
  AdwWindow parent_instance;

  WbDocument *document; /* owned */
  WbLessonTour *tour;   /* owned: the preview's */
  GtkTextBuffer *buffer;
  WbLessonPage *page;
  GtkWidget *view, *problems;
  GSimpleAction *for_students; /* the group's, which lives as long */
  guint apply_timeout;
};

G_DEFINE_FINAL_TYPE (WbLessonEditor, wb_lesson_editor, ADW_TYPE_WINDOW)

static const char *const empty_lesson =
    N_ ("# Title\n\n## First step\n\nWhat is to be seen here, and why.\n");

/* What "Insert" offers. */
static const struct
{
  const char *id, *title, *text;
} pieces[] = {
  { "step", N_ ("Step"), N_ ("\n## Title of the step\n-> node Code\n\nText.\n") },
  { "pointer", N_ ("Setting to point at"), "\n-> control units of Code\n" },
  { "task", N_ ("Task"),
    N_ ("\n- [ ] Train for five epochs.\n  when: epochs >= 5\n  hint: Space trains and "
        "pauses.\n") },
  { "question", N_ ("Question"),
    N_ ("\n? What will happen?\n( ) This\n(x) That, which is right\n( ) Something else\n"
        "= Because it is so.\n") },
  { "formula", N_ ("Formula"), "\n$$ y = \\frac{1}{n} \\sum_{i} x_i^2 $$\n" },
  { "link", N_ ("Link"), N_ ("[words](term:code)") },
  { "note", N_ ("Note for the teacher"), N_ ("\n> Students do not see this.\n") },
  { "viewers", N_ ("Viewers to open"), "\nviewers: loss | reconstruction" },
  { "locked", N_ ("Locked setting"), "\nlocked: units of Code" },
  { "hidden", N_ ("Hidden control"), "\nhidden: reset" },
};

static char *
buffer_text (WbLessonEditor *self)
{
  GtkTextIter start, end;
  gtk_text_buffer_get_bounds (self->buffer, &start, &end);
  return gtk_text_buffer_get_text (self->buffer, &start, &end, FALSE);
}

/* (transfer full) */
static char **
viewer_ids (void)
{
  g_autoptr (GStrvBuilder) ids = g_strv_builder_new ();
  for (const WbViewerType *const *type = wb_viewer_types (); *type != NULL; type++)
    g_strv_builder_add (ids, (*type)->id);
  return g_strv_builder_end (ids);
}

/* One line each. */
static void
tell_problems (WbLessonEditor *self, const NnLessonText *lesson, const GError *error)
{
  g_simple_action_set_enabled (self->for_students, lesson != NULL);
  g_autoptr (GString) text = g_string_new (error != NULL ? error->message : NULL);
  if (lesson != NULL)
    {
      g_auto (GStrv) viewers = viewer_ids ();
      g_autoptr (GPtrArray) problems = nn_lesson_text_check (
          lesson, wb_document_design (self->document), (const char *const *)viewers);
      for (guint i = 0; i < problems->len; i++)
        g_string_append_printf (text, "%s%s", text->len > 0 ? "\n" : "",
                                (const char *)g_ptr_array_index (problems, i));
    }
  gboolean fine = text->len == 0;
  gtk_label_set_text (GTK_LABEL (self->problems),
                      fine ? _ ("Every condition can hold, everything pointed at exists.")
                           : text->str);
  if (fine)
    gtk_widget_remove_css_class (self->problems, "error");
  else
    gtk_widget_add_css_class (self->problems, "error");
}

static void
drop_tour (WbLessonEditor *self)
{
  if (self->tour == NULL)
    return;
  wb_lesson_page_set_tour (self->page, NULL);
  wb_lesson_tour_end (self->tour);
  g_clear_object (&self->tour);
}

/* The preview stays at the step where it was. A text that cannot be read leaves the last one. */
static void
show_preview (WbLessonEditor *self, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NnLessonText) lesson = nn_lesson_text_parse (text, &error);
  tell_problems (self, lesson, error);
  if (lesson == NULL)
    return;
  guint step = self->tour != NULL ? wb_lesson_tour_step (self->tour) : 0;
  drop_tour (self);
  self->tour = wb_lesson_tour_new_preview (self->document, g_steal_pointer (&lesson));
  wb_lesson_tour_go (self->tour, step);
  wb_lesson_page_set_tour (self->page, self->tour);
}

static void
apply (WbLessonEditor *self)
{
  g_clear_handle_id (&self->apply_timeout, g_source_remove);
  g_autofree char *text = buffer_text (self);
  show_preview (self, text);
  wb_document_set_lesson_text (self->document, text);
}

static gboolean
apply_timed_out (gpointer data)
{
  WbLessonEditor *self = data;
  self->apply_timeout = 0;
  apply (self);
  return G_SOURCE_REMOVE;
}

static void
text_changed (WbLessonEditor *self)
{
  g_clear_handle_id (&self->apply_timeout, g_source_remove);
  self->apply_timeout = g_timeout_add (APPLY_DELAY, apply_timed_out, self);
}

/* A text that begins with a line of its own goes behind the line of at. */
static void
insert_at (WbLessonEditor *self, GtkTextIter *at, const char *text)
{
  if (text[0] == '\n' && !gtk_text_iter_ends_line (at))
    gtk_text_iter_forward_to_line_end (at);
  gtk_text_buffer_begin_user_action (self->buffer);
  gtk_text_buffer_insert (self->buffer, at, text, -1);
  gtk_text_buffer_end_user_action (self->buffer);
  gtk_text_buffer_place_cursor (self->buffer, at);
  gtk_widget_grab_focus (self->view);
}

/* Lines that only the head of a lesson may hold go behind its title, a link to the cursor, all else
 * behind the cursor's line. */
static void
insert (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  WbLessonEditor *self = data;
  const char *id = g_variant_get_string (parameter, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (pieces); i++)
    {
      if (!g_str_equal (pieces[i].id, id))
        continue;
      const char *text = _ (pieces[i].text);
      GtkTextIter at;
      gtk_text_buffer_get_iter_at_mark (self->buffer, &at,
                                        gtk_text_buffer_get_insert (self->buffer));
      if (strchr (text, ':') != NULL && g_ascii_islower (text[1]) && text[0] == '\n')
        gtk_text_buffer_get_start_iter (self->buffer, &at);
      insert_at (self, &at, text);
    }
}

/* What "Waits for" offers goes behind the cursor's line, as a task's. */
static void
insert_condition (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  WbLessonEditor *self = data;
  g_autofree char *text = g_strconcat ("\n  when: ", g_variant_get_string (parameter, NULL), NULL);
  GtkTextIter at;
  gtk_text_buffer_get_iter_at_mark (self->buffer, &at, gtk_text_buffer_get_insert (self->buffer));
  insert_at (self, &at, text);
}

/* The whole document is saved by its window, which may ask for a name. */
static void
save_by (WbLessonEditor *self, const char *action)
{
  GtkWindow *parent = gtk_window_get_transient_for (GTK_WINDOW (self));
  if (self->apply_timeout != 0)
    apply (self);
  if (parent != NULL)
    gtk_widget_activate_action (GTK_WIDGET (parent), action, NULL);
}

static void
save (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  save_by (data, "win.save");
}

static void
save_for_students (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  save_by (data, "win.save-for-students");
}

static const GActionEntry entries[] = {
  { .name = "insert", .activate = insert, .parameter_type = "s" },
  { .name = "insert-condition", .activate = insert_condition, .parameter_type = "s" },
  { .name = "save", .activate = save },
  { .name = "save-for-students", .activate = save_for_students },
};

/* ---- the window ---- */

/* What was typed last is not lost with the window. */
static gboolean
wb_lesson_editor_close_request (GtkWindow *window)
{
  WbLessonEditor *self = WB_LESSON_EDITOR (window);
  if (self->apply_timeout != 0)
    apply (self);
  return GTK_WINDOW_CLASS (wb_lesson_editor_parent_class)->close_request (window);
}

static void
wb_lesson_editor_dispose (GObject *object)
{
  WbLessonEditor *self = WB_LESSON_EDITOR (object);
  g_clear_handle_id (&self->apply_timeout, g_source_remove);
  if (self->document != NULL)
    {
      drop_tour (self);
      g_object_set_data (G_OBJECT (self->document), EDITOR_KEY, NULL);
    }
  g_clear_object (&self->document);
  G_OBJECT_CLASS (wb_lesson_editor_parent_class)->dispose (object);
}

static void
wb_lesson_editor_class_init (WbLessonEditorClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = wb_lesson_editor_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = wb_lesson_editor_close_request;
  gtk_widget_class_add_binding_action (GTK_WIDGET_CLASS (klass), GDK_KEY_s, GDK_CONTROL_MASK,
                                       "editor.save", NULL);
}

/* Everything a task can wait for, each with an example. (transfer full) */
static GMenu *
make_conditions (void)
{
  GMenu *menu = g_menu_new ();
  g_menu_append (menu, _ ("A setting: of a node, training, optimizer or data"),
                 "editor.insert-condition::units of Code = 16");
  for (const NnLessonQuantity *const *quantity = nn_lesson_quantities (); *quantity; quantity++)
    {
      g_autofree char *detailed =
          g_strdup_printf ("editor.insert-condition::%s", (*quantity)->example);
      g_menu_append (menu, _ ((*quantity)->summary), detailed);
    }
  return menu;
}

static GtkWidget *
make_button (const char *label, const char *action, const char *tip)
{
  GtkWidget *button = gtk_button_new_with_label (label);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_widget_set_tooltip_text (button, tip);
  return button;
}

static GtkWidget *
make_header (void)
{
  g_autoptr (GMenu) menu = g_menu_new ();
  g_autoptr (GMenu) conditions = make_conditions ();
  for (guint i = 0; i < G_N_ELEMENTS (pieces); i++)
    {
      g_autofree char *detailed = g_strdup_printf ("editor.insert::%s", pieces[i].id);
      g_menu_append (menu, _ (pieces[i].title), detailed);
    }
  g_menu_append_submenu (menu, _ ("What a task waits for"), G_MENU_MODEL (conditions));
  GtkWidget *header = adw_header_bar_new (), *button = gtk_menu_button_new ();
  gtk_menu_button_set_label (GTK_MENU_BUTTON (button), _ ("Insert"));
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (button), G_MENU_MODEL (menu));
  gtk_widget_set_tooltip_text (button, _ ("Puts a piece of a lesson at the cursor"));
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), button);
  adw_header_bar_pack_end (
      ADW_HEADER_BAR (header),
      make_button (_ ("Save"), "editor.save", _ ("Saves network and lesson in one file (Ctrl+S)")));
  adw_header_bar_pack_end (
      ADW_HEADER_BAR (header),
      make_button (_ ("Copy for students…"), "editor.save-for-students",
                   _ ("Saves a file to hand out, without the notes for the teacher; this one stays "
                      "as it is")));
  return header;
}

static GtkWidget *
make_view (WbLessonEditor *self)
{
  self->view = gtk_text_view_new ();
  self->buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->view));
  gtk_text_buffer_set_enable_undo (self->buffer, TRUE);
  gtk_text_view_set_monospace (GTK_TEXT_VIEW (self->view), TRUE);
  gtk_text_view_set_wrap_mode (GTK_TEXT_VIEW (self->view), GTK_WRAP_WORD_CHAR);
  gtk_text_view_set_left_margin (GTK_TEXT_VIEW (self->view), 12);
  gtk_text_view_set_right_margin (GTK_TEXT_VIEW (self->view), 12);
  gtk_text_view_set_top_margin (GTK_TEXT_VIEW (self->view), 12);
  gtk_text_view_set_bottom_margin (GTK_TEXT_VIEW (self->view), 12);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Text of the lesson"), -1);
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), self->view);
  gtk_widget_set_hexpand (scrolled, TRUE);
  return scrolled;
}

static void
wb_lesson_editor_init (WbLessonEditor *self)
{
  g_autoptr (GSimpleActionGroup) actions = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (actions), entries, G_N_ELEMENTS (entries), self);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "editor", G_ACTION_GROUP (actions));
  self->for_students =
      G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (actions), "save-for-students"));

  self->page = WB_LESSON_PAGE (wb_lesson_page_new ());
  wb_lesson_page_set_notes (self->page, TRUE);
  gtk_widget_set_size_request (GTK_WIDGET (self->page), 264, -1);
  gtk_widget_add_css_class (GTK_WIDGET (self->page), "lesson-preview");
  GtkWidget *columns = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_box_append (GTK_BOX (columns), make_view (self));
  gtk_box_append (GTK_BOX (columns), gtk_separator_new (GTK_ORIENTATION_VERTICAL));
  gtk_box_append (GTK_BOX (columns), GTK_WIDGET (self->page));
  gtk_widget_set_vexpand (columns, TRUE);

  self->problems = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (self->problems), TRUE);
  gtk_label_set_xalign (GTK_LABEL (self->problems), 0);
  gtk_widget_add_css_class (self->problems, "lesson-problems");
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_box_append (GTK_BOX (box), make_header ());
  gtk_box_append (GTK_BOX (box), columns);
  gtk_box_append (GTK_BOX (box), gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
  gtk_box_append (GTK_BOX (box), self->problems);
  adw_window_set_content (ADW_WINDOW (self), box);
  gtk_window_set_title (GTK_WINDOW (self), _ ("Edit the lesson"));
  gtk_window_set_default_size (GTK_WINDOW (self), 860, 620);
}

void
wb_lesson_editor_present (GtkWindow *parent, WbDocument *document)
{
  g_return_if_fail (WB_IS_DOCUMENT (document));

  WbLessonEditor *self = g_object_get_data (G_OBJECT (document), EDITOR_KEY);
  if (self == NULL)
    {
      self = g_object_new (WB_TYPE_LESSON_EDITOR, "transient-for", parent, "destroy-with-parent",
                           TRUE, NULL);
      self->document = g_object_ref (document);
      g_object_set_data (G_OBJECT (document), EDITOR_KEY, self);
      const char *text = wb_document_lesson_text (document);
      text = text != NULL ? text : _ (empty_lesson);
      gtk_text_buffer_begin_irreversible_action (self->buffer);
      gtk_text_buffer_set_text (self->buffer, text, -1);
      gtk_text_buffer_end_irreversible_action (self->buffer);
      GtkTextIter start;
      gtk_text_buffer_get_start_iter (self->buffer, &start);
      gtk_text_buffer_place_cursor (self->buffer, &start);
      show_preview (self, text);
      gtk_widget_grab_focus (self->view);
      g_signal_connect_swapped (self->buffer, "changed", G_CALLBACK (text_changed), self);
    }
  gtk_window_present (GTK_WINDOW (self));
}
