#include "diabolo-config.h"

#include "wb-window-actions.h"

#include <glib/gi18n.h>

#include "data/nn-data-source.h"
#include "document/wb-settings.h"
#include "document/wb-templates.h"
#include "export/wb-export-dialog.h"
#include "lesson/wb-lesson-choices.h"
#include "panels/wb-chooser.h"
#include "wb-preferences.h"
#include "wb-window-private.h"

/* ---- training ---- */

static void
train (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  WbWindow *self = data;
  if (wb_document_state (self->document) == NN_SESSION_TRAINING)
    wb_document_pause (self->document);
  else
    wb_document_train (self->document);
}

static void
step_batch (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  wb_document_step_batch (WB_WINDOW (data)->document);
}

static void
step_epoch (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  wb_document_step_epoch (WB_WINDOW (data)->document);
}

static void
reset (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  wb_document_reset (WB_WINDOW (data)->document, FALSE);
}

static void
reset_new_seed (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  wb_document_reset (WB_WINDOW (data)->document, TRUE);
}

static void
cancel_busy (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  WbWindow *self = data;
  if (wb_window_importing (self, NULL) != NULL)
    wb_window_cancel_import (self);
  else
    wb_document_cancel_busy (self->document);
}

/* ---- editing ---- */

static void
undo (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  wb_document_undo (WB_WINDOW (data)->document);
}

static void
redo (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  wb_document_redo (WB_WINDOW (data)->document);
}

/* win.canvas('delete'): the canvas's own action, from wherever the focus is. */
static void
canvas (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_autofree char *name = g_strconcat ("canvas.", g_variant_get_string (parameter, NULL), NULL);
  gtk_widget_activate_action (GTK_WIDGET (WB_WINDOW (data)->canvas), name, NULL);
}

/* ---- documents ---- */

static void
new_document (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_autoptr (NnDesign) empty = nn_design_new ();
  g_autoptr (NnParams) params =
      nn_params_with_text (nn_design_data (empty), "name", nn_data_default_name (), NULL);
  g_autoptr (NnDesign) design = nn_design_with_data (empty, params);
  g_autoptr (WbDocument) document = wb_document_new (design);
  wb_window_replace (data, document);
}

static void
open_document (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  wb_window_choose_file (data);
}

static void
open_recent (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_autoptr (GFile) file = g_file_new_for_uri (g_variant_get_string (parameter, NULL));
  wb_window_open_file (data, file);
}

static void
save (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  wb_window_save (data, FALSE);
}

static void
save_as (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  wb_window_save (data, TRUE);
}

static void
save_for_students (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  wb_window_save_for_students (data);
}

static void
export_network (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gtk_window_present (GTK_WINDOW (wb_export_dialog_new (data, WB_WINDOW (data)->document)));
}

static void
export_part (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  const gint part = nn_export_part_from_id (g_variant_get_string (parameter, NULL));
  if (part >= 0)
    gtk_window_present (GTK_WINDOW (
        wb_export_dialog_new_for (data, WB_WINDOW (data)->document, (NnExportPart)part)));
}

/* anew: its ticks and answers are forgotten, once nothing keeps it from being opened. */
static void
begin_lesson (WbWindow *self, const char *id, gboolean anew)
{
  g_autoptr (GError) error = NULL;
  if (self->document != NULL && wb_document_go_on_with_lesson (self->document, id))
    {
      wb_window_lesson_begin (self, TRUE);
      gtk_widget_activate_action (GTK_WIDGET (self->canvas), "canvas.fit", NULL);
      if (anew)
        wb_lesson_tour_start_over (wb_lesson_panel_get_tour (self->lesson));
      return;
    }
  g_autoptr (WbDocument) document = wb_document_open_lesson (id, &error);
  if (document == NULL)
    wb_window_tell_error (self, _ ("Could not open the lesson"), error->message);
  else if (anew)
    wb_window_replace_anew (self, document);
  else
    wb_window_replace (self, document);
}

static void
open_lesson (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  begin_lesson (data, g_variant_get_string (parameter, NULL), FALSE);
}

static void
start_lesson_over (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  begin_lesson (data, g_variant_get_string (parameter, NULL), TRUE);
}

/* ---- two starts for an empty canvas; the third is in wb-window-data.c ---- */

static void
lesson_chosen (const char *id, gpointer data)
{
  gtk_widget_activate_action (data, "win.open-lesson", "s", id);
}

static void
start_lesson (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_autoptr (WbChoices) choices = wb_lesson_choices_new ("nn-network-symbolic");
  wb_chooser_present (data, _ ("Start from a lesson"), choices, lesson_chosen, data);
}

static void
template_chosen (const char *id, gpointer data)
{
  WbWindow *self = data;
  g_autoptr (GError) error = NULL;
  NnDesign *design = wb_template_apply (id, wb_document_analysis (self->document), &error);
  if (design == NULL)
    {
      wb_window_tell_error (self, _ ("Could not build the template"), error->message);
      return;
    }
  wb_document_edit (self->document, design, _ ("Start from template"), NULL);
  gtk_widget_activate_action (GTK_WIDGET (self->canvas), "canvas.fit", NULL);
}

static void
start_template (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  guint n;
  const WbTemplate *templates = wb_templates (&n);
  g_autoptr (WbChoices) choices = wb_choices_new ();
  for (guint i = 0; i < n; i++)
    wb_choices_add (choices, templates[i].id, _ (templates[i].title), _ (templates[i].summary),
                    "nn-network-symbolic");
  wb_chooser_present (data, _ ("Start from a template"), choices, template_chosen, data);
}

/* ---- window ---- */

static void
search_layers (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  WbWindow *self = data;
  g_action_group_change_action_state (G_ACTION_GROUP (self), "show-left",
                                      g_variant_new_boolean (TRUE));
  g_action_group_change_action_state (G_ACTION_GROUP (self), "left-page",
                                      g_variant_new_string ("layers"));
  wb_palette_focus_search (self->palette);
}

/* F6: canvas, viewers, settings, layers and around again. */
static void
next_pane (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  WbWindow *self = data;
  GtkWidget *panes[] = { GTK_WIDGET (self->canvas), GTK_WIDGET (self->dock), self->right_panel,
                         self->left_panel };
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));
  guint at = G_N_ELEMENTS (panes) - 1;
  for (guint i = 0; i < G_N_ELEMENTS (panes); i++)
    if (focus != NULL && (focus == panes[i] || gtk_widget_is_ancestor (focus, panes[i])))
      at = i;
  for (guint i = 1; i <= G_N_ELEMENTS (panes); i++)
    {
      GtkWidget *pane = panes[(at + i) % G_N_ELEMENTS (panes)];
      if (gtk_widget_get_child_visible (pane) && gtk_widget_get_mapped (pane)
          && gtk_widget_child_focus (pane, GTK_DIR_TAB_FORWARD))
        {
          gtk_window_set_focus_visible (GTK_WINDOW (self), TRUE);
          return;
        }
    }
}

static void
preferences (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gtk_window_present (GTK_WINDOW (wb_preferences_new (data)));
}

static void
change_left (GSimpleAction *action, GVariant *state, gpointer data)
{
  gtk_revealer_set_reveal_child (WB_WINDOW (data)->left_revealer, g_variant_get_boolean (state));
  g_simple_action_set_state (action, state);
}

static void
change_right (GSimpleAction *action, GVariant *state, gpointer data)
{
  gtk_revealer_set_reveal_child (WB_WINDOW (data)->right_revealer, g_variant_get_boolean (state));
  g_simple_action_set_state (action, state);
}

static void
change_left_page (GSimpleAction *action, GVariant *state, gpointer data)
{
  WbWindow *self = data;
  const char *page = g_variant_get_string (state, NULL);
  if (gtk_stack_get_child_by_name (self->left_stack, page) == NULL)
    return;
  gtk_stack_set_visible_child_name (self->left_stack, page);
  gint width = g_str_equal (page, "lesson") ? 264 : 208;
  gtk_widget_set_size_request (self->left_panel, width, -1);
  adw_clamp_set_maximum_size (self->left_clamp, width);
  adw_clamp_set_tightening_threshold (self->left_clamp, width);
  g_simple_action_set_state (action, state);
}

static void
change_fullscreen (GSimpleAction *action, GVariant *state, gpointer data)
{
  if (g_variant_get_boolean (state))
    gtk_window_fullscreen (data);
  else
    gtk_window_unfullscreen (data);
  g_simple_action_set_state (action, state);
}

/* For a projector: bigger text, panels folded; leaving it brings back what was there. */
static void
change_presentation (GSimpleAction *action, GVariant *state, gpointer data)
{
  static const char *const panels[] = { "show-left", "show-right" };
  WbWindow *self = data;
  gboolean on = g_variant_get_boolean (state);
  if (on == gtk_widget_has_css_class (GTK_WIDGET (self), "presentation"))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (panels); i++)
    {
      g_autoptr (GVariant) shown =
          g_action_group_get_action_state (G_ACTION_GROUP (self), panels[i]);
      gboolean before = self->panels_before_presentation[i];
      self->panels_before_presentation[i] = g_variant_get_boolean (shown);
      g_action_group_change_action_state (G_ACTION_GROUP (self), panels[i],
                                          g_variant_new_boolean (!on && before));
    }
  if (on)
    gtk_widget_add_css_class (GTK_WIDGET (self), "presentation");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "presentation");
  g_simple_action_set_state (action, state);
}

static const GActionEntry entries[] = {
  { .name = "train", .activate = train },
  { .name = "step-batch", .activate = step_batch },
  { .name = "step-epoch", .activate = step_epoch },
  { .name = "reset", .activate = reset },
  { .name = "reset-new-seed", .activate = reset_new_seed },
  { .name = "cancel-busy", .activate = cancel_busy },
  { .name = "undo", .activate = undo },
  { .name = "redo", .activate = redo },
  { .name = "canvas", .activate = canvas, .parameter_type = "s" },
  { .name = "new", .activate = new_document },
  { .name = "open", .activate = open_document },
  { .name = "open-recent", .activate = open_recent, .parameter_type = "s" },
  { .name = "open-lesson", .activate = open_lesson, .parameter_type = "s" },
  { .name = "start-lesson-over", .activate = start_lesson_over, .parameter_type = "s" },
  { .name = "save", .activate = save },
  { .name = "save-as", .activate = save_as },
  { .name = "save-for-students", .activate = save_for_students },
  { .name = "export", .activate = export_network },
  { .name = "export-part", .activate = export_part, .parameter_type = "s" },
  { .name = "start-lesson", .activate = start_lesson },
  { .name = "start-template", .activate = start_template },
  { .name = "search-layers", .activate = search_layers },
  { .name = "next-pane", .activate = next_pane },
  { .name = "preferences", .activate = preferences },
  { .name = "show-left", .state = "true", .change_state = change_left },
  { .name = "show-right", .state = "true", .change_state = change_right },
  { .name = "left-page",
    .state = "'layers'",
    .parameter_type = "s",
    .change_state = change_left_page },
  { .name = "fullscreen", .state = "false", .change_state = change_fullscreen },
  { .name = "presentation", .state = "false", .change_state = change_presentation },
};

/* The one place that decides what can be done now. */
void
wb_window_actions_update (WbWindow *self)
{
  WbDocument *document = self->document;
  if (document == NULL)
    return;
  NnSessionState state = wb_document_state (document);
  gboolean training = state == NN_SESSION_TRAINING;
  gboolean reading = wb_window_importing (self, NULL) != NULL;
  gboolean loading = wb_document_busy (document, NULL) != NULL;
  gboolean sound = nn_analysis_can_train (wb_document_analysis (document));
  gboolean data = wb_document_dataset (document) != NULL;
  const struct
  {
    const char *name;
    gboolean enabled;
  } sensitivity[] = {
    { "train", training || (sound && (data || loading)) },
    { "step-batch", sound && data && !training },
    { "step-epoch", sound && data && !training },
    { "reset", sound && data },
    { "reset-new-seed", sound && data },
    { "cancel-busy", loading || reading },
    { "undo", wb_document_undo_label (document) != NULL },
    { "redo", wb_document_redo_label (document) != NULL },
    { "save", wb_document_file (document) == NULL || wb_document_modified (document) },
    { "save-for-students", wb_document_lesson (document) != NULL },
  };
  for (guint i = 0; i < G_N_ELEMENTS (sensitivity); i++)
    {
      GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self), sensitivity[i].name);
      if (g_action_get_enabled (action) != sensitivity[i].enabled)
        g_simple_action_set_enabled (G_SIMPLE_ACTION (action), sensitivity[i].enabled);
    }
}

/* ---- keys ---- */

static const struct
{
  const char *action;
  const char *accels[3];
} accels[] = {
  { "win.new", { "<Primary>n" } },
  { "win.open", { "<Primary>o" } },
  { "win.save", { "<Primary>s" } },
  { "win.save-as", { "<Primary><Shift>s" } },
  { "win.export", { "<Primary>e" } },
  { "window.close", { "<Primary>w" } },
  { "win.search-layers", { "<Primary>f" } },
  { "win.show-left", { "F9" } },
  { "win.show-right", { "<Shift>F9" } },
  { "win.next-pane", { "F6" } },
  { "win.presentation", { "F5" } },
  { "win.fullscreen", { "F11" } },
  { "win.preferences", { "<Primary>comma" } },
  { "win.show-help-overlay", { "F1", "<Primary>question" } },
  { "win.canvas('zoom-in')", { "<Primary>plus", "<Primary>equal" } },
  { "win.canvas('zoom-out')", { "<Primary>minus" } },
  { "win.canvas('zoom-reset')", { "<Primary>0" } },
  { "win.canvas('tidy')", { "<Primary>t" } },
  { "win.canvas('mirror')", { "<Primary>m" } },
};

/* Keys that a text field needs for itself: they reach the window only when nothing under the focus
 * wanted them. */
static const struct
{
  const char *trigger;
  const char *action;
} bubbling[] = {
  { "<Primary>z", "win.undo" },
  { "<Primary><Shift>z", "win.redo" },
  { "<Primary>y", "win.redo" },
  { "<Primary>x", "win.canvas('cut')" },
  { "<Primary>c", "win.canvas('copy')" },
  { "<Primary>v", "win.canvas('paste')" },
  { "<Primary>d", "win.canvas('duplicate')" },
  { "<Primary>a", "win.canvas('select-all')" },
  { "Delete", "win.canvas('delete')" },
  { "f", "win.canvas('fit')" },
  { "g", "win.canvas('gradients')" },
  { "bracketleft", "win.canvas('sample-previous')" },
  { "bracketright", "win.canvas('sample-next')" },
  { "period", "win.step-batch" },
  { "greater", "win.step-epoch" },
};

void
wb_window_actions_set_accels (GtkApplication *application)
{
  for (guint i = 0; i < G_N_ELEMENTS (accels); i++)
    gtk_application_set_accels_for_action (application, accels[i].action, accels[i].accels);
}

/* Reached by the keyboard, a control is pressed with Space as everywhere; after a click it is not
 * meant. GTK's focus-visible cannot tell: it goes out 3 seconds after the last key. */
static gboolean
wants_space (WbWindow *self)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));
  if (focus == NULL)
    return FALSE;
  if (GTK_IS_EDITABLE (focus) || GTK_IS_TEXT_VIEW (focus))
    return TRUE;
  gboolean control = GTK_IS_BUTTON (focus) || GTK_IS_SWITCH (focus) || GTK_IS_CHECK_BUTTON (focus)
                     || GTK_IS_LIST_BOX_ROW (focus)
                     || gtk_widget_get_ancestor (focus, GTK_TYPE_POPOVER) != NULL;
  return control && self->focus_keyed;
}

static gboolean
key_pressed (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType modifiers,
             gpointer data)
{
  WbWindow *self = data;
  self->last_key = TRUE;
  if (key != GDK_KEY_space || (modifiers & gtk_accelerator_get_default_mod_mask ()) != 0)
    return FALSE;
  if (wants_space (self))
    return FALSE;
  if (!self->space_held)
    gtk_widget_activate_action (GTK_WIDGET (self), "win.train", NULL);
  self->space_held = TRUE;
  return TRUE;
}

static void
key_released (WbWindow *self)
{
  self->space_held = FALSE;
}

static void
pointer_pressed (WbWindow *self)
{
  self->last_key = self->focus_keyed = FALSE;
}

/* GTK 4.8 leaves the focus inside a menu that it has closed while a submenu was open; there, keys
 * reach nobody. */
static void
focus_returns (gpointer data)
{
  WbWindow *self = data;
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));

  self->focus_return = 0;
  if (focus == NULL || gtk_widget_get_mapped (focus) || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  if (self->focus_before == NULL || !gtk_widget_get_mapped (self->focus_before)
      || !gtk_widget_grab_focus (self->focus_before))
    gtk_widget_grab_focus (GTK_WIDGET (self->canvas));
}

static void
focus_moved (WbWindow *self)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));

  self->focus_keyed = self->last_key;
  if (focus == NULL)
    return;
  if (gtk_widget_get_ancestor (focus, GTK_TYPE_POPOVER) == NULL)
    g_set_weak_pointer (&self->focus_before, focus);
  else if (!gtk_widget_get_mapped (focus) && self->focus_return == 0)
    self->focus_return = g_idle_add_once (focus_returns, self);
}

static void
fullscreen_changed (WbWindow *self)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self), "fullscreen");
  g_simple_action_set_state (G_SIMPLE_ACTION (action),
                             g_variant_new_boolean (gtk_window_is_fullscreen (GTK_WINDOW (self))));
}

void
wb_window_actions_init (WbWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  g_signal_connect (self, "notify::fullscreened", G_CALLBACK (fullscreen_changed), NULL);

  GtkEventController *space = gtk_event_controller_key_new ();
  gtk_event_controller_set_propagation_phase (space, GTK_PHASE_CAPTURE);
  g_signal_connect (space, "key-pressed", G_CALLBACK (key_pressed), self);
  g_signal_connect_swapped (space, "key-released", G_CALLBACK (key_released), self);
  g_signal_connect (self, "notify::is-active", G_CALLBACK (key_released), NULL);
  gtk_widget_add_controller (GTK_WIDGET (self), space);
  GtkGesture *press = gtk_gesture_click_new ();
  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (press), GTK_PHASE_CAPTURE);
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (press), 0);
  g_signal_connect_swapped (press, "pressed", G_CALLBACK (pointer_pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (press));
  g_signal_connect (self, "notify::focus-widget", G_CALLBACK (focus_moved), NULL);

  GtkEventController *keys = gtk_shortcut_controller_new ();
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_BUBBLE);
  for (guint i = 0; i < G_N_ELEMENTS (bubbling); i++)
    {
      g_autofree char *name = NULL;
      GVariant *target = NULL;
      g_action_parse_detailed_name (bubbling[i].action, &name, &target, NULL);
      GtkShortcut *shortcut = gtk_shortcut_new (
          gtk_shortcut_trigger_parse_string (bubbling[i].trigger), gtk_named_action_new (name));
      gtk_shortcut_set_arguments (shortcut, target);
      g_clear_pointer (&target, g_variant_unref);
      gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (keys), shortcut);
    }
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
}
