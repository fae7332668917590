/* wb-window-lesson.c: what a lesson does to the window: the viewers it opens with, and what its
 * steps point at. */
#include "diabolo-config.h"

#include "wb-window-private.h"

#include <json-glib/json-glib.h>

/* The names that a lesson's text may use for parts of the window. */
static GtkWidget *
find_control (WbWindow *self, const char *name)
{
  const struct
  {
    const char *name;
    GtkWidget *widget;
  } controls[] = {
    { "train", self->train_button },
    { "step", self->step_button },
    { "reset", self->reset_button },
    { "undo", self->undo_button },
    { "layers", self->layers_tab },
    { "settings", self->right_toggle },
    { "inspector", GTK_WIDGET (self->inspector) },
    { "palette", self->layers_tab }, /* the lesson itself lies over the palette */
    { "canvas", GTK_WIDGET (self->canvas) },
  };
  for (guint i = 0; i < G_N_ELEMENTS (controls); i++)
    if (g_str_equal (controls[i].name, name))
      return controls[i].widget;
  return NULL;
}

static void
mark (WbWindow *self, GtkWidget *widget)
{
  if (self->pointed != NULL)
    {
      gtk_widget_remove_css_class (self->pointed, "pointed");
      g_object_remove_weak_pointer (G_OBJECT (self->pointed), (gpointer *)&self->pointed);
    }
  self->pointed = widget;
  if (widget == NULL)
    return;
  g_object_add_weak_pointer (G_OBJECT (widget), (gpointer *)&self->pointed);
  gtk_widget_add_css_class (widget, "pointed");
}

/* Shows all controls but those that the lesson hides. */
static void
hide_controls (WbWindow *self)
{
  const char *const *names = nn_lesson_controls ();
  const NnLessonText *lesson = wb_document_lesson (self->document);
  for (guint i = 0; names[i] != NULL; i++)
    gtk_widget_set_visible (find_control (self, names[i]),
                            !nn_lesson_text_hides (lesson, names[i]));
}

void
wb_window_lesson_follow (WbWindow *self)
{
  g_signal_connect_swapped (self->document, "lesson-changed", G_CALLBACK (hide_controls), self);
  hide_controls (self);
}

static void
show_panel (WbWindow *self, const char *action)
{
  g_action_group_change_action_state (G_ACTION_GROUP (self), action, g_variant_new_boolean (TRUE));
}

static void
point_at_control (WbWindow *self, const char *name)
{
  g_autofree char *parameter = NULL;
  const char *owner = nn_lesson_setting_owner (name, &parameter);
  GtkWidget *widget = owner == NULL ? find_control (self, name) : NULL;
  if (owner != NULL || widget == GTK_WIDGET (self->inspector))
    show_panel (self, "show-right");
  if (owner != NULL)
    widget = wb_inspector_reveal (self->inspector, owner, parameter);
  mark (self, widget);
}

/* Shows it and marks its tab. */
static void
point_at_viewer (WbWindow *self, const char *id)
{
  const WbViewerType *type = wb_viewer_type (id);
  if (type == NULL)
    return;
  wb_dock_show (self->dock, id);
  for (guint i = 0; i < wb_dock_n_panes (self->dock); i++)
    {
      WbDockPane *pane = wb_dock_pane (self->dock, i);
      WbViewer *viewer = wb_dock_pane_selected (pane);
      if (viewer != NULL && wb_viewer_get_viewer_type (viewer) == type)
        mark (self, wb_dock_pane_selected_tab (pane));
    }
}

/* "node:Code", "viewer:latent", "control:train", "control:units of Code"; "": at nothing any more.
 */
static void
point_at (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  WbWindow *self = data;
  NnLessonPoint point = { 0 };
  mark (self, NULL);
  wb_canvas_point_at (self->canvas, 0);
  if (self->document == NULL
      || !nn_lesson_point_parse (g_variant_get_string (parameter, NULL), &point))
    return;
  const NnNode *node = nn_design_node_by_name (wb_document_design (self->document), point.name);
  if (point.kind == NN_LESSON_POINT_NODE && node != NULL)
    wb_canvas_point_at (self->canvas, node->id);
  else if (point.kind == NN_LESSON_POINT_VIEWER)
    point_at_viewer (self, point.name);
  else if (point.kind == NN_LESSON_POINT_CONTROL)
    point_at_control (self, point.name);
  nn_lesson_point_clear (&point);
}

/* Ids of the viewers in sight. (transfer full) */
static char **
viewers_seen (gpointer data)
{
  WbWindow *self = data;
  GPtrArray *ids = g_ptr_array_new ();
  for (guint i = 0; i < wb_dock_n_panes (self->dock); i++)
    {
      WbViewer *viewer = wb_dock_pane_selected (wb_dock_pane (self->dock, i));
      if (viewer != NULL && gtk_widget_get_mapped (GTK_WIDGET (viewer)))
        g_ptr_array_add (ids, g_strdup (wb_viewer_get_viewer_type (viewer)->id));
    }
  g_ptr_array_add (ids, NULL);
  return (char **)g_ptr_array_free (ids, FALSE);
}

/* "loss latent | decode" as the dock reads it: panes of equal width, the first page of each
 * selected. (transfer full) */
static char *
layout_of (const char *viewers)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  json_builder_begin_object (json);
  json_builder_set_member_name (json, "panes");
  json_builder_begin_array (json);
  g_auto (GStrv) panes = g_strsplit (viewers, "|", -1);
  for (char **pane = panes; *pane != NULL; pane++)
    {
      g_auto (GStrv) pages = g_strsplit (g_strstrip (*pane), " ", -1);
      json_builder_begin_object (json);
      json_builder_set_member_name (json, "share");
      json_builder_add_double_value (json, 1.0 / g_strv_length (panes));
      json_builder_set_member_name (json, "pages");
      json_builder_begin_array (json);
      for (char **page = pages; *page != NULL; page++)
        {
          json_builder_begin_object (json);
          json_builder_set_member_name (json, "viewer");
          json_builder_add_string_value (json, *page);
          json_builder_set_member_name (json, "selected");
          json_builder_add_boolean_value (json, page == pages);
          json_builder_end_object (json);
        }
      json_builder_end_array (json);
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
  json_builder_end_object (json);
  g_autoptr (JsonNode) root = json_builder_get_root (json);
  return json_to_string (root, FALSE);
}

/* A lesson of several viewers asks for more than a small screen has: the settings make room, until
 * they are asked for. */
static void
fit_screen (WbWindow *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GdkSurface *surface = gtk_native_get_surface (GTK_NATIVE (self));
  GdkDisplay *display = gtk_widget_get_display (widget);
  g_autoptr (GdkMonitor) first = g_list_model_get_item (gdk_display_get_monitors (display), 0);
  GdkMonitor *monitor =
      surface != NULL ? gdk_display_get_monitor_at_surface (display, surface) : first;
  GdkRectangle screen;
  int least;

  if (monitor == NULL)
    return;
  gdk_monitor_get_geometry (monitor, &screen);
  gtk_widget_measure (widget, GTK_ORIENTATION_HORIZONTAL, -1, &least, NULL, NULL, NULL);
  if (least <= screen.width)
    return;
  /* At once: a window that has become too wide stays so. */
  gtk_revealer_set_transition_type (self->right_revealer, GTK_REVEALER_TRANSITION_TYPE_NONE);
  g_action_group_change_action_state (G_ACTION_GROUP (self), "show-right",
                                      g_variant_new_boolean (FALSE));
  gtk_revealer_set_transition_type (self->right_revealer, GTK_REVEALER_TRANSITION_TYPE_SLIDE_LEFT);
}

void
wb_window_lesson_begin (WbWindow *self, gboolean arrange)
{
  WbLessonTour *tour = wb_lesson_panel_get_tour (self->lesson);
  if (tour == NULL)
    return;
  const char *viewers = wb_lesson_tour_text (tour)->viewers;
  if (viewers != NULL && arrange)
    {
      g_autofree char *layout = layout_of (viewers);
      wb_dock_set_layout (self->dock, layout, NULL); /* none of them exists: it stays as it is */
    }
  show_panel (self, "show-left");
  g_action_group_change_action_state (G_ACTION_GROUP (self), "left-page",
                                      g_variant_new_string ("lesson"));
  wb_lesson_panel_point (self->lesson);
  fit_screen (self);
}

static const GActionEntry entries[] = {
  { .name = "point-at", .activate = point_at, .parameter_type = "s" },
};

void
wb_window_lesson_init (WbWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  wb_lesson_panel_set_seen (self->lesson, viewers_seen, self);
}
