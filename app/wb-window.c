#include "diabolo-config.h"

#include "wb-window-private.h"

#include <glib/gi18n.h>

#include "document/wb-settings.h"
#include "plots/wb-format.h"
#include "viewers/wb-curve.h"
#include "wb-frame-log.h"

/* Numbers that change faster than this cannot be read, us. */
#define HEADER_INTERVAL (G_USEC_PER_SEC / 10)

G_DEFINE_FINAL_TYPE (WbWindow, wb_window, ADW_TYPE_APPLICATION_WINDOW)

/* ---- header ---- */

static guint
count_errors (NnAnalysis *analysis)
{
  guint n = 0;
  for (guint i = 0; i < nn_analysis_n_diagnostics (analysis); i++)
    if (nn_analysis_diagnostic (analysis, i)->severity == NN_SEVERITY_ERROR)
      n++;
  return n;
}

/* "epoch 12 of 50 · batch 118 of 235 · loss 0.0944 · 212k/s · 11 s left" */
static char *
progress_text (WbDocument *document, NnSnapshot *snapshot, gboolean training)
{
  GString *text = g_string_new (NULL);
  guint n_epochs = wb_document_target_epochs (document);
  if (training)
    g_string_append_printf (text, _ ("epoch %u of %u"), MIN (snapshot->epoch + 1, n_epochs),
                            n_epochs);
  else
    g_string_append_printf (text, ngettext ("%u epoch done", "%u epochs done", snapshot->epoch),
                            snapshot->epoch);
  if (snapshot->stopped_early)
    g_string_append (text, _ (" · stopped early"));
  if (snapshot->best_epoch > 0)
    g_string_append_printf (text, _ (" · weights of epoch %u"), snapshot->best_epoch);
  if (snapshot->n_batches > 0 && (training || snapshot->batch > 0))
    g_string_append_printf (text, _ (" · batch %u of %u"), snapshot->batch, snapshot->n_batches);
  gsize n;
  const NnRow *rows =
      nn_run_history_rows (wb_document_runs (document), snapshot->run, NN_ROW_BATCH, &n);
  const double now = wb_rows_loss (rows, n);
  if (isfinite (now))
    {
      g_autofree char *loss = wb_format_loss (now);
      g_string_append_printf (text, _ (" · loss %s"), loss);
    }
  if (!training && isfinite (snapshot->validation_loss))
    {
      g_autofree char *loss = wb_format_loss (snapshot->validation_loss);
      g_string_append_printf (text, _ (" · validation %s"), loss);
    }
  if (training && snapshot->evaluating)
    g_string_append (text, _ (" · evaluating"));
  else if (training && snapshot->samples_per_second > 0)
    {
      g_autofree char *rate = wb_format_rate (snapshot->samples_per_second);
      g_string_append_printf (text, " · %s", rate);
    }
  if (training && isfinite (snapshot->seconds_left))
    {
      g_autofree char *left = wb_format_duration (snapshot->seconds_left);
      g_string_append_printf (text, _ (" · %s left"), left);
    }
  return g_string_free (text, FALSE);
}

static char *
subtitle_text (WbDocument *document)
{
  NnSnapshot *snapshot = wb_document_snapshot (document);
  gboolean training = wb_document_state (document) == NN_SESSION_TRAINING;
  guint n_errors = count_errors (wb_document_analysis (document));
  if (wb_document_data_error (document) != NULL)
    return g_strdup (_ ("no data set"));
  if (n_errors > 0)
    return g_strdup_printf (ngettext ("%u problem to solve", "%u problems to solve", n_errors),
                            n_errors);
  if (wb_document_busy (document, NULL) != NULL && wb_document_dataset (document) == NULL)
    return g_strdup (wb_document_busy (document, NULL));
  if (snapshot != NULL && (training || snapshot->step > 0))
    return progress_text (document, snapshot, training);
  const NnWeightsOrigin origin = wb_document_weights_origin (document);
  if (!training && origin == NN_WEIGHTS_OF_STAGE)
    return g_strdup (_ ("weights of the stage before"));
  if (!training && origin == NN_WEIGHTS_IMPORTED)
    return g_strdup (_ ("weights from a file, not trained here"));
  return g_strdup (training ? _ ("starting") : _ ("not trained yet"));
}

static double
progress_fraction (WbDocument *document)
{
  NnSnapshot *snapshot = wb_document_snapshot (document);
  guint n_epochs = wb_document_target_epochs (document);
  if (snapshot == NULL || n_epochs == 0 || snapshot->step == 0)
    return 0;
  if (wb_document_state (document) != NN_SESSION_TRAINING)
    n_epochs =
        MAX (snapshot->epoch,
             (guint)nn_params_int (nn_design_training (wb_document_design (document)), "epochs"));
  double epochs = snapshot->epoch;
  if (snapshot->n_batches > 0)
    epochs += (double)snapshot->batch / snapshot->n_batches;
  return CLAMP (epochs / n_epochs, 0, 1);
}

static void
set_tooltip (GtkWidget *widget, const char *format, const char *argument, const char *fallback)
{
  g_autofree char *text = NULL;
  if (argument != NULL)
    {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
      text = g_strdup_printf (format, argument);
#pragma GCC diagnostic pop
    }
  gtk_widget_set_tooltip_text (widget, text != NULL ? text : fallback);
}

static void
update_busy (WbWindow *self)
{
  double fraction = -1;
  const char *busy = wb_window_importing (self, &fraction);
  if (busy == NULL)
    busy = wb_document_busy (self->document, &fraction);
  gtk_revealer_set_reveal_child (GTK_REVEALER (self->busy_revealer), busy != NULL);
  gtk_widget_set_visible (self->busy_revealer, busy != NULL);
  if (busy == NULL)
    return;
  gtk_label_set_text (self->busy_label, busy);
  if (fraction < 0)
    gtk_progress_bar_pulse (self->busy_progress);
  else
    gtk_progress_bar_set_fraction (self->busy_progress, fraction);
}

void
wb_window_update_header (WbWindow *self)
{
  self->header_at = g_get_monotonic_time ();
  g_clear_handle_id (&self->header_timeout, g_source_remove);
  g_clear_handle_id (&self->focus_return, g_source_remove);
  g_clear_weak_pointer (&self->focus_before);
  if (self->document == NULL)
    return;

  g_autofree char *name = wb_document_display_name (self->document);
  g_autofree char *title =
      wb_document_modified (self->document) ? g_strconcat ("• ", name, NULL) : g_strdup (name);
  g_autofree char *subtitle = subtitle_text (self->document);
  adw_window_title_set_title (self->title, title);
  adw_window_title_set_subtitle (self->title, subtitle);
  gtk_window_set_title (GTK_WINDOW (self), name);
  GFile *file = wb_document_file (self->document);
  g_autofree char *tip =
      g_strconcat (file != NULL ? g_file_peek_path (file) : name, "\n", subtitle, NULL);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->title), tip);

  gboolean training = wb_document_state (self->document) == NN_SESSION_TRAINING;
  adw_button_content_set_icon_name (self->train_content, training
                                                             ? "media-playback-pause-symbolic"
                                                             : "media-playback-start-symbolic");
  adw_button_content_set_label (self->train_content, training ? _ ("Pause") : _ ("Train"));
  gtk_widget_set_tooltip_text (self->train_button, training ? _ ("Pause after this batch (Space)")
                                                            : _ ("Train the network (Space)"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->train_button),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  training ? _ ("Pause") : _ ("Train"), -1);
  set_tooltip (self->undo_button, _ ("Undo %s (Ctrl+Z)"), wb_document_undo_label (self->document),
               _ ("Nothing to undo"));
  set_tooltip (self->redo_button, _ ("Redo %s (Ctrl+Shift+Z)"),
               wb_document_redo_label (self->document), _ ("Nothing to redo"));
  gtk_progress_bar_set_fraction (self->progress, progress_fraction (self->document));
  update_busy (self);
}

static gboolean
header_timed_out (gpointer data)
{
  WbWindow *self = data;
  self->header_timeout = 0;
  wb_window_update_header (self);
  return G_SOURCE_REMOVE;
}

/* ---- the document ---- */

static void
document_snapshot (WbWindow *self)
{
  gtk_progress_bar_set_fraction (self->progress, progress_fraction (self->document));
  gint64 wait = self->header_at + HEADER_INTERVAL - g_get_monotonic_time ();
  if (wait <= 0)
    wb_window_update_header (self);
  else if (self->header_timeout == 0)
    self->header_timeout = g_timeout_add ((guint)(wait / 1000) + 1, header_timed_out, self);
}

static void
document_changed (WbWindow *self)
{
  wb_window_update_header (self);
  wb_window_actions_update (self);
}

static void
document_notice (WbWindow *self, const char *text, const char *label, const char *action)
{
  wb_window_toast (self, text, label, action);
}

static void
drop_document (WbWindow *self)
{
  if (self->document == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->document, self);
  wb_document_close (self->document);
  g_clear_object (&self->document);
}

WbDocument *
wb_window_get_document (WbWindow *self)
{
  g_return_val_if_fail (WB_IS_WINDOW (self), NULL);
  return self->document;
}

static WbDocument *
document_of (GtkWidget *window)
{
  return WB_WINDOW (window)->document;
}

void
wb_window_set_document (WbWindow *self, WbDocument *document)
{
  g_return_if_fail (WB_IS_WINDOW (self));
  g_return_if_fail (WB_IS_DOCUMENT (document));

  if (self->document == document)
    return;
  /* The widgets let go of the old one first; only then it may end. */
  g_autoptr (WbDocument) old = g_steal_pointer (&self->document);
  self->document = g_object_ref (document);
  wb_canvas_set_document (self->canvas, document);
  wb_dock_set_document (self->dock, document);
  wb_inspector_set_document (self->inspector, document);
  wb_lesson_panel_set_document (self->lesson, document);
  wb_rewind_bar_set_document (self->rewind_bar, document);
  wb_document_set_frame_widget (document, GTK_WIDGET (self));
  wb_window_lesson_follow (self);
  if (old != NULL)
    {
      g_signal_handlers_disconnect_by_data (old, self);
      wb_document_close (old);
    }
  g_signal_connect_swapped (document, "snapshot", G_CALLBACK (document_snapshot), self);
  g_signal_connect_swapped (document, "state-changed", G_CALLBACK (document_changed), self);
  g_signal_connect_swapped (document, "selection-changed", G_CALLBACK (wb_window_actions_update),
                            self);
  g_signal_connect_swapped (document, "notice", G_CALLBACK (document_notice), self);
  document_changed (self);
}

/* ---- telling ---- */

void
wb_window_toast (WbWindow *self, const char *text, const char *label, const char *action)
{
  g_return_if_fail (WB_IS_WINDOW (self));

  g_autofree char *escaped = g_markup_escape_text (text, -1);
  AdwToast *toast = adw_toast_new (escaped);
  if (label != NULL && action != NULL)
    {
      adw_toast_set_button_label (toast, label);
      adw_toast_set_action_name (toast, action);
    }
  /* Long texts take longer to read. */
  adw_toast_set_timeout (toast, strlen (text) > 60 ? 8 : 4);
  adw_toast_overlay_add_toast (self->toasts, toast);
}

void
wb_window_tell_error (WbWindow *self, const char *heading, const char *body)
{
  g_return_if_fail (WB_IS_WINDOW (self));

  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (self), heading, body);
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "close", _ ("_Close"));
  gtk_window_present (GTK_WINDOW (dialog));
}

/* ---- closing ---- */

static void
close_now (WbWindow *self, gpointer data)
{
  self->closing = TRUE;
  gtk_window_close (GTK_WINDOW (self));
}

static gboolean
wb_window_close_request (GtkWindow *window)
{
  WbWindow *self = WB_WINDOW (window);
  if (!self->closing && self->document != NULL && wb_document_modified (self->document))
    {
      wb_window_ask_about_changes (self, close_now, NULL, NULL);
      return TRUE;
    }
  wb_window_state_keep (self);
  return GTK_WINDOW_CLASS (wb_window_parent_class)->close_request (window);
}

/* ---- life ---- */

static void
palette_add (WbWindow *self, const NnLayerType *type)
{
  wb_canvas_add_layer (self->canvas, type);
}

/* A viewer that fills the dock gets the canvas's room too. */
static void
dock_maximized (WbWindow *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self->canvas), !wb_dock_get_maximized (self->dock));
}

static void
wb_window_dispose (GObject *object)
{
  WbWindow *self = WB_WINDOW (object);
  g_clear_handle_id (&self->header_timeout, g_source_remove);
  g_clear_handle_id (&self->focus_return, g_source_remove);
  g_clear_weak_pointer (&self->focus_before);
  wb_window_cancel_import (self);
  drop_document (self);
  g_clear_pointer (&self->lost_work, g_ptr_array_unref);
  g_clear_object (&self->codes);
  G_OBJECT_CLASS (wb_window_parent_class)->dispose (object);
}

static void
wb_window_class_init (WbWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = wb_window_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = wb_window_close_request;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/diabolo/Diabolo/window.ui");
#define BIND(name) gtk_widget_class_bind_template_child (widget_class, WbWindow, name)
  BIND (toasts);
  BIND (title);
  BIND (left_toggle);
  BIND (right_toggle);
  BIND (undo_button);
  BIND (redo_button);
  BIND (train_button);
  BIND (layers_tab);
  BIND (step_button);
  BIND (reset_button);
  BIND (train_content);
  BIND (progress);
  BIND (busy_revealer);
  BIND (busy_label);
  BIND (busy_progress);
  BIND (recovery_bar);
  BIND (recovery_label);
  BIND (left_revealer);
  BIND (right_revealer);
  BIND (left_panel);
  BIND (left_clamp);
  BIND (right_panel);
  BIND (left_stack);
  BIND (paned);
  BIND (middle);
  BIND (recent_menu);
#undef BIND
}

/* The arrow beside Step has no name of its own. */
static void
name_step_menu (WbWindow *self)
{
  for (GtkWidget *child = gtk_widget_get_first_child (self->step_button); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (GTK_IS_MENU_BUTTON (child))
      gtk_accessible_update_property (GTK_ACCESSIBLE (child), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                      _ ("More steps"), -1);
}

static void
wb_window_init (WbWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));

  self->palette = WB_PALETTE (wb_palette_new ());
  self->lesson = WB_LESSON_PANEL (wb_lesson_panel_new ());
  self->inspector = WB_INSPECTOR (wb_inspector_new ());
  self->canvas = WB_CANVAS (wb_canvas_new (NULL));
  self->dock = WB_DOCK (wb_dock_new ());
  gtk_stack_add_named (self->left_stack, GTK_WIDGET (self->palette), "layers");
  gtk_stack_add_named (self->left_stack, GTK_WIDGET (self->lesson), "lesson");
  gtk_box_append (GTK_BOX (self->right_panel), GTK_WIDGET (self->inspector));
  gtk_paned_set_start_child (self->paned, GTK_WIDGET (self->canvas));
  gtk_paned_set_end_child (self->paned, GTK_WIDGET (self->dock));
  self->rewind_bar = WB_REWIND_BAR (wb_rewind_bar_new ());
  gtk_overlay_add_overlay (self->middle, GTK_WIDGET (self->rewind_bar));
  g_signal_connect_swapped (self->palette, "add-layer", G_CALLBACK (palette_add), self);

  g_signal_connect_swapped (self->dock, "notify::maximized", G_CALLBACK (dock_maximized), self);

  name_step_menu (self);
  wb_window_actions_init (self);
  wb_window_files_init (self);
  wb_window_data_init (self);
  wb_window_lesson_init (self);
  wb_window_state_restore (self);
  gtk_window_set_focus (GTK_WINDOW (self), GTK_WIDGET (self->canvas));
  wb_frame_log_watch (GTK_WIDGET (self), document_of);
}

WbWindow *
wb_window_new (WbApplication *application)
{
  return g_object_new (WB_TYPE_WINDOW, "application", application, NULL);
}
