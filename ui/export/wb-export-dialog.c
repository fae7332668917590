#include "export/wb-export-dialog.h"

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#include "document/wb-settings.h"
#include "export/wb-export-preview.h"
#include "export/wb-exporters.h"
#include "panels/wb-param-list.h"

#define GROUP "export"
/* Work that is done sooner shows no bar, ms; how often the bar looks, ms. */
#define BAR_AFTER 200
#define BAR_EVERY 50

/* Of the bar's thousandths: shared with the thread that writes. */
typedef struct
{
  gatomicrefcount refs;
  gint permille; /* atomic */
} Progress;

struct _WbExportDialog
{
  AdwWindow parent_instance;

  WbDocument *document;   /* owned */
  NnExportSource *source; /* owned; NULL while it is on its way */
  const NnExporter *exporter;
  NnExportPart part;
  NnParams *options; /* owned: of the exporter; NULL where it has none */

  GtkListBox *list;
  GtkLabel *use;
  GtkWidget *parts[NN_N_EXPORT_PARTS];
  WbParamList *settings;
  WbExportPreview *preview;
  GtkWidget *export_button, *cancel_button;
  GtkRevealer *revealer;
  GtkProgressBar *bar;
  GtkLabel *trained;

  GCancellable *cancellable; /* while something is written */
  Progress *progress;
  guint tick;
  gint64 started; /* us */
};

G_DEFINE_FINAL_TYPE (WbExportDialog, wb_export_dialog, ADW_TYPE_WINDOW)

static void
progress_unref (Progress *progress)
{
  if (g_atomic_ref_count_dec (&progress->refs))
    g_free (progress);
}

/* ---- what is chosen ---- */

/* (transfer full), NULL while it, or the data that the format needs, is on its way */
static NnExportSource *
chosen_source (WbExportDialog *self)
{
  const gboolean needs_data = (self->exporter->needs & NN_EXPORT_SAMPLES) != 0;
  if (self->source == NULL
      || (needs_data && self->source->dataset == NULL
          && wb_document_busy (self->document, NULL) != NULL))
    return NULL;
  return nn_export_source_with (self->source, self->part, self->source->dataset, self->options);
}

static const char *const part_tips[] = {
  [NN_EXPORT_ALL] = N_ ("From the data to what losses judge"),
  [NN_EXPORT_ENCODER] = N_ ("From the data to the code"),
  [NN_EXPORT_DECODER] = N_ ("From the code to what losses judge"),
};

static void
update (WbExportDialog *self)
{
  const gboolean writing = self->cancellable != NULL;
  gtk_widget_set_sensitive (GTK_WIDGET (self->list), !writing);
  gtk_widget_set_sensitive (GTK_WIDGET (self->settings), !writing);
  gtk_widget_set_sensitive (self->export_button,
                            !writing && wb_export_preview_get_ready (self->preview));
  for (guint i = 0; i < NN_N_EXPORT_PARTS; i++)
    {
      const gboolean has = (self->exporter->parts & 1u << i) != 0;
      gtk_widget_set_sensitive (self->parts[i], has && !writing);
      gtk_widget_set_tooltip_text (self->parts[i],
                                   has ? _ (part_tips[i])
                                       : _ ("This format has no parts: it takes the whole"));
    }
}

static void
show_preview (WbExportDialog *self)
{
  g_autoptr (NnExportSource) source = chosen_source (self);
  gtk_label_set_text (self->use, _ (self->exporter->use));
  wb_export_preview_show (self->preview, self->exporter, source);
  update (self);
}

/* ---- what the exporter can be told ---- */

static void
show_options (WbExportDialog *self)
{
  g_autoptr (GPtrArray) specs = wb_param_specs (self->exporter->options);
  g_clear_pointer (&self->options, nn_params_unref);
  wb_param_list_set_specs (self->settings, specs, NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->settings), specs->len > 0);
  if (specs->len == 0)
    return;
  self->options = nn_params_new (self->exporter->options);
  wb_param_list_show (self->settings, (const NnParams *const *)&self->options, 1);
}

/* The preview waits for the end of a series of changes. */
static gboolean
option_edited (const NnParamSpec *spec, const char *text, gboolean more_to_come, gpointer data,
               GError **error)
{
  WbExportDialog *self = data;
  NnParams *options = nn_params_with_text (self->options, spec->name, text, error);
  if (options == NULL)
    return FALSE;
  nn_params_unref (self->options);
  self->options = options;
  wb_param_list_show (self->settings, (const NnParams *const *)&self->options, 1);
  if (!more_to_come)
    show_preview (self);
  return TRUE;
}

static void
options_settled (gpointer data)
{
  show_preview (data);
}

static void
format_selected (GtkListBox *list, GtkListBoxRow *row, WbExportDialog *self)
{
  if (row == NULL)
    return;
  self->exporter = wb_exporters ()[gtk_list_box_row_get_index (row)];
  /* What it is for stands beside the list now. */
  for (gint i = 0; wb_exporters ()[i] != NULL; i++)
    {
      GtkListBoxRow *each = gtk_list_box_get_row_at_index (list, i);
      gtk_widget_set_tooltip_text (GTK_WIDGET (each),
                                   each != row ? _ (wb_exporters ()[i]->use) : NULL);
    }
  wb_settings_set_text (wb_settings_default (), GROUP, "format", self->exporter->id);
  show_options (self);
  if (!(self->exporter->parts & 1u << self->part))
    gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->parts[NN_EXPORT_ALL]), TRUE);
  show_preview (self);
}

static void
part_toggled (GtkToggleButton *button, WbExportDialog *self)
{
  if (!gtk_toggle_button_get_active (button))
    return;
  for (guint i = 0; i < NN_N_EXPORT_PARTS; i++)
    if (self->parts[i] == GTK_WIDGET (button))
      self->part = (NnExportPart)i;
  show_preview (self);
}

static void
source_arrived (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (WbExportDialog) self = data;
  self->source = wb_document_export_finish (WB_DOCUMENT (object), result, NULL);
  if (self->source == NULL || self->preview == NULL)
    return;
  const NnCheckpoint *checkpoint = self->source->checkpoint;
  g_autofree char *text = NULL;
  if (!nn_export_has_weights (self->source))
    text = g_strdup (_ ("Not trained yet"));
  else if (checkpoint->step == 0)
    text = g_strdup (_ ("Weights as they were read"));
  else if (checkpoint->epoch == 0)
    text = g_strdup (_ ("Weights of the first epoch"));
  else
    text = g_strdup_printf (
        ngettext ("Weights after %u epoch", "Weights after %u epochs", checkpoint->epoch),
        checkpoint->epoch);
  gtk_label_set_text (self->trained, text);
  show_preview (self);
}

/* The data set may come later than the window. */
static void
document_changed (WbDocument *document, WbExportDialog *self)
{
  if (self->source == NULL || self->source->dataset != NULL || self->preview == NULL
      || wb_document_busy (document, NULL) != NULL)
    return;
  NnExportSource *with_data =
      nn_export_source_with (self->source, NN_EXPORT_ALL, wb_document_dataset (document), NULL);
  nn_export_source_unref (self->source);
  self->source = with_data;
  if (self->exporter->needs & NN_EXPORT_SAMPLES)
    show_preview (self);
}

/* ---- writing ---- */

typedef struct
{
  const NnExporter *exporter;
  NnExportSource *source;
  char *path;
  Progress *progress;
} Job;

static void
job_free (Job *job)
{
  nn_export_source_unref (job->source);
  g_free (job->path);
  progress_unref (job->progress);
  g_free (job);
}

static void
note_progress (double fraction, gpointer data)
{
  g_atomic_int_set (&((Progress *)data)->permille, (gint)(1000 * fraction));
}

static void
write_thread (GTask *task, gpointer source_object, gpointer data, GCancellable *cancellable)
{
  const Job *job = data;
  const NnExportJob how = { cancellable, note_progress, job->progress };
  GError *error = NULL;
  if (nn_export_write (job->exporter, job->source, job->path, &how, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static gboolean
look_at_progress (gpointer data)
{
  WbExportDialog *self = data;
  if (g_get_monotonic_time () - self->started > BAR_AFTER * 1000)
    gtk_revealer_set_reveal_child (self->revealer, TRUE);
  gtk_progress_bar_set_fraction (self->bar, g_atomic_int_get (&self->progress->permille) / 1000.0);
  return G_SOURCE_CONTINUE;
}

static void
end_writing (WbExportDialog *self)
{
  g_clear_handle_id (&self->tick, g_source_remove);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->progress, progress_unref);
}

/* The second file that was written, or NULL. (transfer full) */
static char *
name_beside (const NnExporter *exporter, const char *name)
{
  g_autofree char *base = g_strdup (name);
  if (exporter->beside == NULL)
    return NULL;
  if (g_str_has_suffix (base, exporter->extension))
    base[strlen (base) - strlen (exporter->extension)] = '\0';
  return g_strconcat (base, exporter->beside, NULL);
}

static void
written (GObject *object, GAsyncResult *result, gpointer data)
{
  WbExportDialog *self = WB_EXPORT_DIALOG (object);
  const Job *job = g_task_get_task_data (G_TASK (result));
  g_autofree char *name = g_path_get_basename (job->path);
  g_autoptr (GError) error = NULL;
  end_writing (self);
  if (self->preview == NULL)
    return; /* closed meanwhile */
  gtk_revealer_set_reveal_child (self->revealer, FALSE);
  update (self);
  if (g_task_propagate_boolean (G_TASK (result), &error))
    {
      g_autofree char *beside = name_beside (job->exporter, name);
      g_autofree char *text = beside ? g_strdup_printf (_ ("Exported “%s” and “%s”"), name, beside)
                                     : g_strdup_printf (_ ("Exported “%s”"), name);
      g_signal_emit_by_name (self->document, "notice", text, NULL, NULL);
      gtk_window_close (GTK_WINDOW (self));
    }
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      GtkWidget *dialog =
          adw_message_dialog_new (GTK_WINDOW (self), _ ("Could not export"), error->message);
      adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "close", _ ("_Close"));
      gtk_window_present (GTK_WINDOW (dialog));
    }
}

void
wb_export_dialog_write (WbExportDialog *self, GFile *file)
{
  g_return_if_fail (WB_IS_EXPORT_DIALOG (self));
  g_return_if_fail (G_IS_FILE (file));
  g_return_if_fail (self->cancellable == NULL && self->source != NULL);

  g_autofree char *path = g_file_get_path (file);
  if (path == NULL)
    {
      GtkWidget *dialog =
          adw_message_dialog_new (GTK_WINDOW (self), _ ("Could not export"),
                                  _ ("That place is not on a local disk: export to a folder of "
                                     "yours and copy the file there."));
      adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "close", _ ("_Close"));
      gtk_window_present (GTK_WINDOW (dialog));
      return;
    }
  self->cancellable = g_cancellable_new ();
  self->progress = g_new0 (Progress, 1);
  g_atomic_ref_count_init (&self->progress->refs);
  g_atomic_ref_count_inc (&self->progress->refs);
  self->started = g_get_monotonic_time ();
  self->tick = g_timeout_add (BAR_EVERY, look_at_progress, self);
  update (self);

  Job *job = g_new0 (Job, 1);
  job->exporter = self->exporter;
  job->source = chosen_source (self);
  job->path = g_steal_pointer (&path);
  job->progress = self->progress;
  g_autoptr (GTask) task = g_task_new (self, self->cancellable, written, NULL);
  g_task_set_source_tag (task, wb_export_dialog_write);
  g_task_set_task_data (task, job, (GDestroyNotify)job_free);
  g_task_run_in_thread (task, write_thread);
}

/* (transfer full) */
static GFile *
with_ending (GFile *file, const char *ending)
{
  g_autofree char *name = g_file_get_basename (file);
  g_autofree char *full = g_strconcat (name, ending, NULL);
  g_autoptr (GFile) folder = g_file_get_parent (file);
  return g_str_has_suffix (name, ending) ? g_object_ref (file) : g_file_get_child (folder, full);
}

static void
file_chosen (GtkNativeDialog *dialog, int response, WbExportDialog *self)
{
  if (response == GTK_RESPONSE_ACCEPT && self->cancellable == NULL && self->preview != NULL)
    {
      g_autoptr (GFile) chosen = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
      g_autoptr (GFile) file = with_ending (chosen, self->exporter->extension);
      wb_export_dialog_write (self, file);
    }
  g_object_unref (dialog);
  g_object_unref (self);
}

static void
export_clicked (WbExportDialog *self)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
      _ ("Export"), GTK_WINDOW (self), GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Export"), _ ("_Cancel"));
  g_autofree char *name = wb_export_file_name (self->document, self->part, self->exporter);
  g_autofree char *pattern = g_strconcat ("*", self->exporter->extension, NULL);
  GtkFileFilter *filter = gtk_file_filter_new ();
  gtk_file_filter_set_name (filter, _ (self->exporter->title));
  gtk_file_filter_add_pattern (filter, pattern);
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), filter);
  g_object_unref (filter);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), name);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect (dialog, "response", G_CALLBACK (file_chosen), g_object_ref (self));
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
cancel_clicked (WbExportDialog *self)
{
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
}

/* ---- the window ---- */

static void
wb_export_dialog_dispose (GObject *object)
{
  WbExportDialog *self = WB_EXPORT_DIALOG (object);
  cancel_clicked (self);
  g_clear_handle_id (&self->tick, g_source_remove);
  self->preview = NULL; /* goes with the content; answers find none */
  G_OBJECT_CLASS (wb_export_dialog_parent_class)->dispose (object);
}

static void
wb_export_dialog_finalize (GObject *object)
{
  WbExportDialog *self = WB_EXPORT_DIALOG (object);
  end_writing (self);
  g_clear_object (&self->document);
  g_clear_pointer (&self->source, nn_export_source_unref);
  g_clear_pointer (&self->options, nn_params_unref);
  G_OBJECT_CLASS (wb_export_dialog_parent_class)->finalize (object);
}

static void
wb_export_dialog_class_init (WbExportDialogClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  object_class->dispose = wb_export_dialog_dispose;
  object_class->finalize = wb_export_dialog_finalize;
  gtk_widget_class_add_binding_action (GTK_WIDGET_CLASS (klass), GDK_KEY_Escape, 0, "window.close",
                                       NULL);
}

static GtkWidget *
label_of (const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  if (css_class != NULL)
    gtk_widget_add_css_class (label, css_class);
  return label;
}

static GtkWidget *
make_row (const NnExporter *exporter)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *row = gtk_list_box_row_new ();
  g_autofree char *spoken = g_strdup_printf ("%s, %s", _ (exporter->title), _ (exporter->summary));
  GtkWidget *summary = label_of (_ (exporter->summary), "dim-label");
  gtk_widget_add_css_class (summary, "caption");
  gtk_box_append (GTK_BOX (box), label_of (_ (exporter->title), "heading"));
  gtk_box_append (GTK_BOX (box), summary);
  gtk_widget_set_margin_top (box, 6);
  gtk_widget_set_margin_bottom (box, 6);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
  return row;
}

/* What a group is for, above its first format. */
static void
head_group (GtkListBoxRow *row, GtkListBoxRow *before, gpointer data)
{
  const NnExportGroup group = wb_exporters ()[gtk_list_box_row_get_index (row)]->group;
  if (before != NULL && wb_exporters ()[gtk_list_box_row_get_index (before)]->group == group)
    {
      gtk_list_box_row_set_header (row, NULL);
      return;
    }
  GtkWidget *title = label_of (nn_export_group_title (group), "export-group");
  gtk_list_box_row_set_header (row, title);
}

static GtkWidget *
make_formats (WbExportDialog *self)
{
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  const NnExporter *const *exporters = wb_exporters ();
  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_widget_add_css_class (GTK_WIDGET (self->list), "navigation-sidebar");
  gtk_list_box_set_selection_mode (self->list, GTK_SELECTION_BROWSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Formats"), -1);
  for (guint i = 0; exporters[i] != NULL; i++)
    gtk_list_box_append (self->list, make_row (exporters[i]));
  gtk_list_box_set_header_func (self->list, head_group, NULL, NULL);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), GTK_WIDGET (self->list));
  gtk_widget_set_size_request (scrolled, 236, -1);
  return scrolled;
}

static GtkWidget *
make_parts (WbExportDialog *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_widget_add_css_class (box, "linked");
  gtk_widget_set_halign (box, GTK_ALIGN_START);
  gtk_accessible_update_property (GTK_ACCESSIBLE (box), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Part of the network"), -1);
  for (guint i = 0; i < NN_N_EXPORT_PARTS; i++)
    {
      self->parts[i] = gtk_toggle_button_new_with_label (nn_export_part_title ((NnExportPart)i));
      if (i > 0)
        gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (self->parts[i]),
                                     GTK_TOGGLE_BUTTON (self->parts[0]));
      gtk_box_append (GTK_BOX (box), self->parts[i]);
    }
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->parts[0]), TRUE);
  for (guint i = 0; i < NN_N_EXPORT_PARTS; i++)
    g_signal_connect (self->parts[i], "toggled", G_CALLBACK (part_toggled), self);
  return box;
}

static GtkWidget *
make_progress (WbExportDialog *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  self->bar = GTK_PROGRESS_BAR (gtk_progress_bar_new ());
  gtk_widget_set_hexpand (GTK_WIDGET (self->bar), TRUE);
  gtk_widget_set_valign (GTK_WIDGET (self->bar), GTK_ALIGN_CENTER);
  self->cancel_button = gtk_button_new_with_mnemonic (_ ("_Cancel"));
  gtk_widget_set_tooltip_text (self->cancel_button, _ ("Stop writing; no file is left behind"));
  g_signal_connect_swapped (self->cancel_button, "clicked", G_CALLBACK (cancel_clicked), self);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->bar));
  gtk_box_append (GTK_BOX (box), self->cancel_button);
  self->revealer = GTK_REVEALER (gtk_revealer_new ());
  gtk_revealer_set_child (self->revealer, box);
  return GTK_WIDGET (self->revealer);
}

static GtkWidget *
make_choice (WbExportDialog *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  gtk_widget_set_margin_start (box, 18);
  gtk_widget_set_margin_end (box, 18);
  gtk_widget_set_margin_top (box, 12);
  gtk_widget_set_margin_bottom (box, 18);
  self->use = GTK_LABEL (label_of (NULL, NULL));
  self->trained = GTK_LABEL (label_of (NULL, "dim-label"));
  gtk_widget_add_css_class (GTK_WIDGET (self->trained), "numeric");
  gtk_widget_set_hexpand (GTK_WIDGET (self->trained), TRUE);
  gtk_label_set_xalign (self->trained, 1);
  self->settings = WB_PARAM_LIST (wb_param_list_new (option_edited, options_settled, self));
  gtk_widget_add_css_class (GTK_WIDGET (self->settings), "inspector");
  self->preview = WB_EXPORT_PREVIEW (wb_export_preview_new ());
  gtk_box_append (GTK_BOX (line), make_parts (self));
  gtk_box_append (GTK_BOX (line), GTK_WIDGET (self->trained));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->use));
  gtk_box_append (GTK_BOX (box), line);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->settings));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->preview));
  gtk_box_append (GTK_BOX (box), make_progress (self));
  gtk_widget_set_hexpand (box, TRUE);
  return box;
}

static GtkWidget *
make_header (WbExportDialog *self)
{
  GtkWidget *header = adw_header_bar_new ();
  self->export_button = gtk_button_new_with_mnemonic (_ ("_Export…"));
  gtk_widget_add_css_class (self->export_button, "suggested-action");
  gtk_widget_set_tooltip_text (self->export_button, _ ("Choose where the file goes"));
  g_signal_connect_swapped (self->export_button, "clicked", G_CALLBACK (export_clicked), self);
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), self->export_button);
  return header;
}

static void
wb_export_dialog_init (WbExportDialog *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *panes = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  g_autofree char *last = wb_settings_get_text (wb_settings_default (), GROUP, "format");
  const NnExporter *const *exporters = wb_exporters ();
  guint chosen = 0;
  self->exporter = exporters[0];
  gtk_window_set_title (GTK_WINDOW (self), _ ("Export network"));
  gtk_window_set_default_size (GTK_WINDOW (self), 860, 580);
  gtk_box_append (GTK_BOX (box), make_header (self));
  gtk_box_append (GTK_BOX (panes), make_formats (self));
  gtk_box_append (GTK_BOX (panes), gtk_separator_new (GTK_ORIENTATION_VERTICAL));
  gtk_box_append (GTK_BOX (panes), make_choice (self));
  gtk_widget_set_vexpand (panes, TRUE);
  gtk_box_append (GTK_BOX (box), panes);
  adw_window_set_content (ADW_WINDOW (self), box);

  g_signal_connect_object (self->preview, "notify::ready", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect (self->list, "row-selected", G_CALLBACK (format_selected), self);
  for (guint i = 0; exporters[i] != NULL; i++)
    if (g_strcmp0 (exporters[i]->id, last) == 0)
      chosen = i;
  gtk_list_box_select_row (self->list, gtk_list_box_get_row_at_index (self->list, (gint)chosen));
}

GtkWidget *
wb_export_dialog_new (GtkWindow *parent, WbDocument *document)
{
  WbExportDialog *self = g_object_new (WB_TYPE_EXPORT_DIALOG, "modal", TRUE, NULL);
  self->document = g_object_ref (document);
  gtk_window_set_transient_for (GTK_WINDOW (self), parent);
  g_signal_connect_object (document, "changed", G_CALLBACK (document_changed), self, 0);
  g_signal_connect_object (document, "state-changed", G_CALLBACK (document_changed), self, 0);
  wb_document_export_async (document, source_arrived, g_object_ref (self));
  return GTK_WIDGET (self);
}

static void
choose_format (WbExportDialog *self, const char *id)
{
  const NnExporter *const *exporters = wb_exporters ();
  for (gint i = 0; exporters[i] != NULL; i++)
    if (g_str_equal (exporters[i]->id, id))
      gtk_list_box_select_row (self->list, gtk_list_box_get_row_at_index (self->list, i));
}

GtkWidget *
wb_export_dialog_new_for (GtkWindow *parent, WbDocument *document, NnExportPart part)
{
  WbExportDialog *self = WB_EXPORT_DIALOG (wb_export_dialog_new (parent, document));
  if ((self->exporter->parts & 1u << part) == 0)
    choose_format (self, "onnx");
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->parts[part]), TRUE);
  return GTK_WIDGET (self);
}
