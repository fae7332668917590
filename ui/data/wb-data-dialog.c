#include "data/wb-data-dialog.h"

#include "diabolo-config.h"
#include <glib/gi18n.h>

#include "data/nn-data-library.h"
#include "data/nn-data-survey.h"
#include "data/wb-data-preview.h"
#include "panels/wb-param-list.h"
#include "panels/wb-panel-page.h"

/* How often a running survey's progress is looked at, and edits that follow one another so fast are
 * one, ms. */
#define BAR_EVERY 100
#define SETTLE 250

struct _WbDataDialog
{
  AdwWindow parent_instance;

  WbDocument *document;       /* owned */
  NnParams *data;             /* owned; how it is to be read */
  const NnDataSource *source; /* that reads it, or NULL */
  NnDataSurvey *survey;       /* owned, of data; NULL while it is on its way or cannot be */

  AdwWindowTitle *title;
  WbParamList *params;
  WbDataPreview *preview;
  GtkWidget *use_button;
  GtkWidget *options; /* hidden where nothing can read it */
  GtkProgressBar *bar;

  GCancellable *cancellable; /* while a survey runs */
  gint *permille;            /* of it, atomic; owned by its task */
  guint tick, settle;
  gboolean was_shown; /* a survey; the focus starts on what most will press then */
};

G_DEFINE_FINAL_TYPE (WbDataDialog, wb_data_dialog, ADW_TYPE_WINDOW)

/* ---- the survey, on a thread ---- */

typedef struct
{
  NnParams *data;
  gint permille; /* atomic */
} Job;

static void
job_free (Job *job)
{
  nn_params_unref (job->data);
  g_free (job);
}

static void
note_progress (double fraction, gpointer data)
{
  g_atomic_int_set (&((Job *)data)->permille, (gint)(1000 * CLAMP (fraction, 0, 1)));
}

static void
survey_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Job *job = data;
  const NnLoadContext context = { .cancellable = cancellable,
                                  .progress = note_progress,
                                  .progress_data = job };
  GError *error = NULL;
  NnDataSurvey *survey = nn_data_survey_new (job->data, &context, &error);
  if (survey != NULL)
    g_task_return_pointer (task, survey, (GDestroyNotify)nn_data_survey_free);
  else
    g_task_return_error (task, error);
}

static void
stop (WbDataDialog *self)
{
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_handle_id (&self->tick, g_source_remove);
  g_clear_handle_id (&self->settle, g_source_remove);
  self->permille = NULL;
}

static void
show_progress (WbDataDialog *self)
{
  const gboolean running = self->cancellable != NULL;
  gtk_widget_set_opacity (GTK_WIDGET (self->bar), running ? 1 : 0);
  gtk_widget_set_sensitive (self->use_button, self->survey != NULL && !running);
  if (running)
    gtk_progress_bar_set_fraction (self->bar, g_atomic_int_get (self->permille) / 1000.0);
}

static void
surveyed (GObject *object, GAsyncResult *result, gpointer data)
{
  WbDataDialog *self = WB_DATA_DIALOG (object);
  g_autoptr (GError) error = NULL;
  g_autoptr (NnDataSurvey) survey = g_task_propagate_pointer (G_TASK (result), &error);
  if (self->cancellable == NULL || g_task_get_cancellable (G_TASK (result)) != self->cancellable)
    return; /* closed, or a later one is on its way */
  stop (self);
  g_clear_pointer (&self->survey, nn_data_survey_free);
  self->survey = g_steal_pointer (&survey);
  if (self->survey != NULL)
    wb_data_preview_show (self->preview, self->survey, _ (self->source->title));
  else
    wb_data_preview_show_error (self->preview, error);
  show_progress (self);
  if (self->survey != NULL && !self->was_shown)
    gtk_widget_grab_focus (self->use_button);
  self->was_shown = self->was_shown || self->survey != NULL;
}

static gboolean
ticked (gpointer data)
{
  show_progress (data);
  return G_SOURCE_CONTINUE;
}

static void
start (WbDataDialog *self)
{
  stop (self);
  self->cancellable = g_cancellable_new ();
  Job *job = g_new0 (Job, 1);
  job->data = nn_params_ref (self->data);
  self->permille = &job->permille;
  self->tick = g_timeout_add (BAR_EVERY, ticked, self);
  /* What was shown stays until there is something new. */
  if (self->survey == NULL)
    wb_data_preview_show_busy (self->preview);
  g_autoptr (GTask) task = g_task_new (self, self->cancellable, surveyed, NULL);
  g_task_set_task_data (task, job, (GDestroyNotify)job_free);
  g_task_run_in_thread (task, survey_thread);
  show_progress (self);
}

/* ---- how it is read ---- */

static gboolean
settled (gpointer data)
{
  WbDataDialog *self = data;
  self->settle = 0;
  start (self);
  return G_SOURCE_REMOVE;
}

static gboolean
change (WbDataDialog *self, const char *option, const char *value, GError **error)
{
  NnParams *params = nn_params_with_text (self->data, option, value, error);
  if (params == NULL)
    return FALSE;
  const gboolean same = nn_params_equal (params, self->data);
  nn_params_unref (self->data);
  self->data = params;
  if (same)
    return TRUE;
  const NnParams *shown = self->data;
  wb_param_list_show (self->params, &shown, 1);
  g_clear_handle_id (&self->settle, g_source_remove);
  self->settle = g_timeout_add (SETTLE, settled, self);
  gtk_widget_set_sensitive (self->use_button, FALSE);
  return TRUE;
}

static gboolean
param_edited (const NnParamSpec *spec, const char *text, gboolean more, gpointer data,
              GError **error)
{
  return change (data, spec->name, text, error);
}

static void
param_settled (gpointer data)
{
}

static void
preview_changed (WbDataPreview *preview, const char *option, const char *value, WbDataDialog *self)
{
  change (self, option, value, NULL);
}

/* Columns are chosen in the table that shows them. */
static void
show_options (WbDataDialog *self)
{
  g_autoptr (GPtrArray) specs = g_ptr_array_new ();
  for (guint i = 0;
       self->source != NULL && self->source->options != NULL && self->source->options[i] != NULL;
       i++)
    {
      const char *name = self->source->options[i];
      if (!self->source->is_table
          || (!g_str_equal (name, "label") && !g_str_equal (name, "features")))
        g_ptr_array_add (specs, (gpointer)nn_params_spec (self->data, name));
    }
  g_ptr_array_add (specs, (gpointer)nn_params_spec (self->data, "scaling"));
  const NnParams *shown = self->data;
  wb_param_list_set_specs (self->params, specs, NULL);
  wb_param_list_show (self->params, &shown, 1);
}

/* ---- using it ---- */

static void
use_clicked (WbDataDialog *self)
{
  g_autoptr (GError) error = NULL;
  if (self->survey == NULL)
    return;
  const gboolean own = g_file_test (nn_params_text (self->data, "name"), G_FILE_TEST_EXISTS);
  if (own && !nn_data_library_add (self->data, &error))
    g_signal_emit_by_name (self->document, "notice", error->message, NULL, NULL);
  wb_document_take_data (self->document, self->data, self->survey->dataset, self->survey->notes);
  gtk_window_close (GTK_WINDOW (self));
}

/* ---- the window ---- */

static void
wb_data_dialog_dispose (GObject *object)
{
  WbDataDialog *self = WB_DATA_DIALOG (object);
  stop (self);
  G_OBJECT_CLASS (wb_data_dialog_parent_class)->dispose (object);
}

static void
wb_data_dialog_finalize (GObject *object)
{
  WbDataDialog *self = WB_DATA_DIALOG (object);
  g_clear_object (&self->document);
  g_clear_pointer (&self->data, nn_params_unref);
  g_clear_pointer (&self->survey, nn_data_survey_free);
  G_OBJECT_CLASS (wb_data_dialog_parent_class)->finalize (object);
}

static void
wb_data_dialog_class_init (WbDataDialogClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = wb_data_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = wb_data_dialog_finalize;
  gtk_widget_class_add_binding_action (GTK_WIDGET_CLASS (klass), GDK_KEY_Escape, 0, "window.close",
                                       NULL);
}

static GtkWidget *
make_header (WbDataDialog *self)
{
  GtkWidget *header = adw_header_bar_new ();
  self->title = ADW_WINDOW_TITLE (adw_window_title_new (NULL, NULL));
  adw_header_bar_set_title_widget (ADW_HEADER_BAR (header), GTK_WIDGET (self->title));
  self->use_button = gtk_button_new_with_mnemonic (_ ("_Use these data"));
  gtk_widget_add_css_class (self->use_button, "suggested-action");
  gtk_widget_set_tooltip_text (self->use_button, _ ("The network is trained on them from now on"));
  g_signal_connect_swapped (self->use_button, "clicked", G_CALLBACK (use_clicked), self);
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), self->use_button);
  return header;
}

static GtkWidget *
make_options (WbDataDialog *self)
{
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_add_css_class (box, "column");
  gtk_box_append (GTK_BOX (box), wb_panel_section (_ ("How it is read")));
  self->params = WB_PARAM_LIST (wb_param_list_new (param_edited, param_settled, self));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->params));
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), box);
  gtk_widget_set_size_request (scrolled, 272, -1);
  return scrolled;
}

static void
wb_data_dialog_init (WbDataDialog *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *panes = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_window_set_default_size (GTK_WINDOW (self), 940, 640);
  gtk_widget_add_css_class (panes, "inspector");
  gtk_widget_add_css_class (panes, "data-dialog");
  self->bar = GTK_PROGRESS_BAR (gtk_progress_bar_new ());
  gtk_widget_add_css_class (GTK_WIDGET (self->bar), "osd");
  self->preview = WB_DATA_PREVIEW (wb_data_preview_new ());
  g_signal_connect (self->preview, "changed", G_CALLBACK (preview_changed), self);
  gtk_widget_set_hexpand (GTK_WIDGET (self->preview), TRUE);
  gtk_widget_set_vexpand (panes, TRUE);
  self->options = make_options (self);
  gtk_box_append (GTK_BOX (panes), self->options);
  gtk_box_append (GTK_BOX (panes), gtk_separator_new (GTK_ORIENTATION_VERTICAL));
  gtk_box_append (GTK_BOX (panes), GTK_WIDGET (self->preview));
  gtk_box_append (GTK_BOX (box), make_header (self));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->bar));
  gtk_box_append (GTK_BOX (box), panes);
  adw_window_set_content (ADW_WINDOW (self), box);
}

GtkWidget *
wb_data_dialog_new (GtkWindow *parent, WbDocument *document, const NnParams *data)
{
  WbDataDialog *self = g_object_new (WB_TYPE_DATA_DIALOG, "modal", TRUE, NULL);
  const char *name = nn_params_text (data, "name");
  g_autofree char *base = g_path_get_basename (name);
  self->document = g_object_ref (document);
  self->data = nn_params_ref ((NnParams *)data);
  self->source = nn_data_source_of (data);
  gtk_window_set_transient_for (GTK_WINDOW (self), parent);
  gtk_window_set_title (GTK_WINDOW (self), base);
  adw_window_title_set_title (self->title, base);
  adw_window_title_set_subtitle (self->title, g_str_equal (base, name) ? "" : name);
  show_options (self);
  gtk_widget_set_visible (self->options, self->source != NULL);
  start (self);
  return GTK_WIDGET (self);
}
