/* wb-window-files.c: opening, saving, unsaved changes, work given back after a crash. */
#include "diabolo-config.h"

#include "wb-window-private.h"

#include <glib/gi18n.h>

#include "canvas/wb-recent.h"
#include "document/wb-recovery.h"
#include "formats/nn-code-file.h"
#include "formats/nn-import.h"
#include "import/wb-codes-dialog.h"

/* Files in the "Open recent" menu. */
#define N_RECENT 10

/* ---- what to do once nothing can be lost ---- */

typedef struct
{
  WbWindow *window; /* owned */
  WbWindowThen then;
  gpointer data;
  GDestroyNotify destroy;
} Pending;

static Pending *
pending_new (WbWindow *window, WbWindowThen then, gpointer data, GDestroyNotify destroy)
{
  Pending *pending = g_new0 (Pending, 1);
  pending->window = g_object_ref (window);
  pending->then = then;
  pending->data = data;
  pending->destroy = destroy;
  return pending;
}

static void
pending_free (Pending *pending)
{
  if (pending == NULL)
    return;
  if (pending->destroy != NULL)
    pending->destroy (pending->data);
  g_object_unref (pending->window);
  g_free (pending);
}

static void
pending_go (Pending *pending)
{
  if (pending->then != NULL)
    pending->then (pending->window, pending->data);
  pending_free (pending);
}

/* ---- saving ---- */

static void
saved (GObject *source, GAsyncResult *result, gpointer data)
{
  Pending *pending = data;
  g_autoptr (GError) error = NULL;
  if (!wb_document_save_finish (WB_DOCUMENT (source), result, &error))
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED))
        wb_window_tell_error (pending->window, _ ("Could not save"), error->message);
      pending_free (pending);
      return;
    }
  g_autofree char *uri = g_file_get_uri (wb_document_file (WB_DOCUMENT (source)));
  gtk_recent_manager_add_item (gtk_recent_manager_get_default (), uri);
  pending_go (pending);
}

/* What a file manager or a list of files may show of it. */
#define THUMBNAIL_WIDTH 512
#define THUMBNAIL_HEIGHT 320

static void
set_picture (WbWindow *self)
{
  int width = THUMBNAIL_WIDTH, height = THUMBNAIL_HEIGHT;
  g_autoptr (GskRenderNode) picture = wb_canvas_make_picture (self->canvas, &width, &height);

  if (picture != NULL)
    wb_document_set_picture (self->document, picture, width, height);
}

static void
save_to (GFile *file, Pending *pending)
{
  set_picture (pending->window);
  wb_document_save_async (pending->window->document, file, saved, pending);
}

static GtkFileFilter *
project_filter (void)
{
  GtkFileFilter *filter = gtk_file_filter_new ();
  gtk_file_filter_set_name (filter, _ ("Diabolo projects"));
  gtk_file_filter_add_suffix (filter, "diabolo");
  return filter;
}

/* What an importer reads; NULL: what any does. */
static GtkFileFilter *
import_filter (const char *title, const NnImporter *importer)
{
  GtkFileFilter *filter = gtk_file_filter_new ();
  gtk_file_filter_set_name (filter, title);
  for (guint i = 0; nn_importers ()[i] != NULL; i++)
    if (importer == NULL || importer == nn_importers ()[i])
      gtk_file_filter_add_suffix (filter, nn_importers ()[i]->extension + 1);
  return filter;
}

/* What was chosen, with the ending that a project has. (transfer full) */
static GFile *
chosen_project (GtkNativeDialog *dialog)
{
  g_autoptr (GFile) chosen = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  g_autofree char *name = g_file_get_basename (chosen);
  if (g_str_has_suffix (name, ".diabolo"))
    return g_steal_pointer (&chosen);
  g_autofree char *full = g_strconcat (name, ".diabolo", NULL);
  g_autoptr (GFile) folder = g_file_get_parent (chosen);
  return g_file_get_child (folder, full);
}

static void
save_as_answered (GtkNativeDialog *dialog, gint response, gpointer data)
{
  Pending *pending = data;
  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr (GFile) file = chosen_project (dialog);
      save_to (file, pending);
    }
  else
    pending_free (pending);
  g_object_unref (dialog);
}

/* (transfer full) */
static GtkFileChooser *
project_chooser (WbWindow *self, const char *title)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
      title, GTK_WINDOW (self), GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Save"), _ ("_Cancel"));
  g_autoptr (GtkFileFilter) filter = project_filter ();
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), filter);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  return GTK_FILE_CHOOSER (dialog);
}

/* ending: of the name, before the file's. */
static void
propose_name (GtkFileChooser *chooser, WbDocument *document, const char *ending)
{
  g_autofree char *title = wb_document_display_name (document);
  g_autofree char *name = g_strconcat (g_strdelimit (title, "/", '-'), ending, ".diabolo", NULL);
  gtk_file_chooser_set_current_name (chooser, name);
}

static void
choose_where_to_save (Pending *pending)
{
  WbDocument *document = pending->window->document;
  GtkFileChooser *chooser = project_chooser (pending->window, _ ("Save network"));
  if (wb_document_file (document) != NULL)
    gtk_file_chooser_set_file (chooser, wb_document_file (document), NULL);
  else
    propose_name (chooser, document, "");
  g_signal_connect (chooser, "response", G_CALLBACK (save_as_answered), pending);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

static void
save_pending (Pending *pending, gboolean as)
{
  GFile *file = wb_document_file (pending->window->document);
  if (file == NULL || as)
    choose_where_to_save (pending);
  else
    save_to (file, pending);
}

void
wb_window_save (WbWindow *self, gboolean as)
{
  save_pending (pending_new (self, NULL, NULL, NULL), as);
}

/* ---- a copy for students ---- */

static void
saved_for_students (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (WbWindow) self = data;
  g_autoptr (GError) error = NULL;
  if (wb_document_save_for_students_finish (WB_DOCUMENT (source), result, &error))
    wb_window_toast (self, _ ("Saved a copy without the notes for the teacher"), NULL, NULL);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED))
    wb_window_tell_error (self, _ ("Could not save the copy"), error->message);
}

static void
for_students_answered (GtkNativeDialog *dialog, gint response, gpointer data)
{
  g_autoptr (WbWindow) self = data;
  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr (GFile) file = chosen_project (dialog);
      set_picture (self);
      wb_document_save_for_students_async (self->document, file, saved_for_students,
                                           g_object_ref (self));
    }
  g_object_unref (dialog);
}

void
wb_window_save_for_students (WbWindow *self)
{
  GFile *file = wb_document_file (self->document);
  g_autoptr (GFile) folder = file != NULL ? g_file_get_parent (file) : NULL;
  GtkFileChooser *chooser = project_chooser (self, _ ("Save a copy for students"));
  if (folder != NULL)
    gtk_file_chooser_set_current_folder (chooser, folder, NULL);
  /* What is added to the name of a lesson's file for the copy that students get. */
  propose_name (chooser, self->document, _ (" for students"));
  g_signal_connect (chooser, "response", G_CALLBACK (for_students_answered), g_object_ref (self));
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

/* ---- unsaved changes ---- */

static void
changes_answered (AdwMessageDialog *dialog, const char *response, gpointer data)
{
  Pending *pending = data;
  if (g_str_equal (response, "save"))
    save_pending (pending, FALSE);
  else if (g_str_equal (response, "discard"))
    pending_go (pending);
  else
    pending_free (pending);
}

void
wb_window_ask_about_changes (WbWindow *self, WbWindowThen then, gpointer data,
                             GDestroyNotify destroy)
{
  Pending *pending = pending_new (self, then, data, destroy);
  if (self->document == NULL || !wb_document_modified (self->document))
    {
      pending_go (pending);
      return;
    }
  g_autofree char *name = wb_document_display_name (self->document);
  g_autofree char *heading = g_strdup_printf (_ ("Save changes to “%s”?"), name);
  GtkWidget *dialog = adw_message_dialog_new (
      GTK_WINDOW (self), heading,
      _ ("Changes that are not saved, and what was learned, will be lost."));
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "discard",
                                    _ ("_Discard"), "save", _ ("_Save"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "discard",
                                              ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "save",
                                              ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "save");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect (dialog, "response", G_CALLBACK (changes_answered), pending);
  /* The answer may close the window, which the dialog still looks at when it ends. */
  g_object_set_data_full (G_OBJECT (dialog), "window", g_object_ref (self), g_object_unref);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* ---- opening ---- */

static void
replace_now (WbWindow *self, gpointer data)
{
  gsize n_batches = 0;

  wb_window_set_document (self, data);
  wb_document_rows_shown (data, 0, NN_ROW_BATCH, &n_batches);
  wb_window_lesson_begin (self, n_batches == 0);
}

static void
begin_anew (WbWindow *self, gpointer data)
{
  replace_now (self, data);
  wb_lesson_tour_start_over (wb_lesson_panel_get_tour (self->lesson));
}

/* A document that was made but is not wanted after all still has a worker to end. */
static void
drop_unused (gpointer data)
{
  WbDocument *document = data;
  GtkApplication *application = GTK_APPLICATION (g_application_get_default ());
  gboolean shown = FALSE;
  for (GList *l = gtk_application_get_windows (application); l != NULL; l = l->next)
    shown = shown || (WB_IS_WINDOW (l->data) && wb_window_get_document (l->data) == document);
  if (!shown)
    wb_document_close (document);
  g_object_unref (document);
}

void
wb_window_replace (WbWindow *self, WbDocument *document)
{
  g_return_if_fail (WB_IS_WINDOW (self));
  g_return_if_fail (WB_IS_DOCUMENT (document));

  wb_window_ask_about_changes (self, replace_now, g_object_ref (document), drop_unused);
}

void
wb_window_replace_anew (WbWindow *self, WbDocument *document)
{
  g_return_if_fail (WB_IS_WINDOW (self));
  g_return_if_fail (WB_IS_DOCUMENT (document));

  wb_window_ask_about_changes (self, begin_anew, g_object_ref (document), drop_unused);
}

/* Compressed images are for the network that is there once all is opened. */
static void
show_codes (WbWindow *self)
{
  if (self->n_opening > 0 || self->codes == NULL || self->document == NULL)
    return;
  g_autoptr (GFile) file = g_steal_pointer (&self->codes);
  gtk_window_present (GTK_WINDOW (wb_codes_dialog_new (GTK_WINDOW (self), self->document, file)));
}

static void
opened (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (WbWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (WbDocument) document = wb_document_open_finish (result, &error);
  self->n_opening--;
  if (document == NULL)
    wb_window_tell_error (self, _ ("Could not open the file"), error->message);
  else
    {
      g_autofree char *uri = g_file_get_uri (wb_document_file (document));
      gtk_recent_manager_add_item (gtk_recent_manager_get_default (), uri);
      wb_window_replace (self, document);
    }
  show_codes (self);
}

void
wb_window_open_file (WbWindow *self, GFile *file)
{
  g_return_if_fail (WB_IS_WINDOW (self));

  g_autofree char *name = g_file_get_basename (file);
  if (g_str_has_suffix (name, NN_CODE_FILE_EXTENSION))
    {
      g_set_object (&self->codes, file);
      show_codes (self);
    }
  else if (nn_importer_for (name) != NULL)
    wb_window_import_file (self, file);
  else
    {
      self->n_opening++;
      wb_document_open_async (file, NULL, opened, g_object_ref (self));
    }
}

static void
open_answered (GtkNativeDialog *dialog, gint response, gpointer data)
{
  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
      wb_window_open_file (data, file);
    }
  g_object_unref (dialog);
}

void
wb_window_choose_file (WbWindow *self)
{
  GtkFileChooserNative *dialog =
      gtk_file_chooser_native_new (_ ("Open network"), GTK_WINDOW (self),
                                   GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Open"), _ ("_Cancel"));
  g_autoptr (GtkFileFilter) all = import_filter (_ ("Networks and weights"), NULL);
  g_autoptr (GtkFileFilter) projects = project_filter ();
  g_autoptr (GtkFileFilter) codes = gtk_file_filter_new ();
  gtk_file_filter_add_suffix (all, "diabolo");
  gtk_file_filter_add_suffix (all, NN_CODE_FILE_EXTENSION + 1);
  gtk_file_filter_set_name (codes, _ ("Compressed images"));
  gtk_file_filter_add_suffix (codes, NN_CODE_FILE_EXTENSION + 1);
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), all);
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), projects);
  for (guint i = 0; nn_importers ()[i] != NULL; i++)
    {
      const NnImporter *importer = nn_importers ()[i];
      g_autofree char *title = g_strdup_printf ("%s: %s", importer->title, _ (importer->summary));
      g_autoptr (GtkFileFilter) filter = import_filter (title, importer);
      gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), filter);
    }
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), codes);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect (dialog, "response", G_CALLBACK (open_answered), self);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

/* ---- recent files ---- */

/* "digits.diabolo — ~/lectures". Underscores are no mnemonics. (transfer full) */
static char *
recent_label (GtkRecentInfo *info)
{
  g_autofree char *path = g_filename_from_uri (gtk_recent_info_get_uri (info), NULL, NULL);
  g_autofree char *folder = path != NULL ? wb_recent_folder (path, g_get_home_dir ()) : NULL;
  GString *label = g_string_new (gtk_recent_info_get_display_name (info));
  if (folder != NULL)
    g_string_append_printf (label, " — %s", folder);
  g_string_replace (label, "_", "__", 0);
  return g_string_free (label, FALSE);
}

static void
recent_changed (WbWindow *self)
{
  g_autoptr (GPtrArray) projects = wb_recent_projects (N_RECENT);

  g_menu_remove_all (self->recent_menu);
  for (guint i = 0; i < projects->len; i++)
    {
      GtkRecentInfo *info = g_ptr_array_index (projects, i);
      g_autofree char *label = recent_label (info);
      g_autoptr (GMenuItem) item = g_menu_item_new (label, NULL);

      g_menu_item_set_action_and_target (item, "win.open-recent", "s",
                                         gtk_recent_info_get_uri (info));
      g_menu_append_item (self->recent_menu, item);
    }
}

/* ---- work given back ---- */

static void offer_next (WbWindow *self);

static void
recovered (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (WbWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (WbDocument) document = wb_recovery_open_finish (result, &error);
  if (document == NULL)
    {
      wb_window_tell_error (self, _ ("Could not recover"), error->message);
      return;
    }
  /* Where there is already something to lose, it gets a window of its own. */
  WbWindow *window = self;
  if (self->document != NULL && wb_document_modified (self->document))
    window = wb_window_new (WB_APPLICATION (gtk_window_get_application (GTK_WINDOW (self))));
  wb_window_set_document (window, document);
  gtk_window_present (GTK_WINDOW (window));
}

static void
recovery_answered (GtkInfoBar *bar, gint response, gpointer data)
{
  WbWindow *self = data;
  if (self->lost_work == NULL || self->lost_work->len == 0)
    return;
  const NnRecoveryEntry *entry = g_ptr_array_index (self->lost_work, 0);
  if (response == 2)
    wb_recovery_open_async (entry, recovered, g_object_ref (self));
  else
    wb_recovery_discard (entry);
  g_ptr_array_remove_index (self->lost_work, 0);
  offer_next (self);
}

static void
offer_next (WbWindow *self)
{
  gboolean more = self->lost_work->len > 0;
  gtk_info_bar_set_revealed (self->recovery_bar, more);
  gtk_widget_set_visible (GTK_WIDGET (self->recovery_bar), more);
  if (!more)
    return;
  const NnRecoveryEntry *entry = g_ptr_array_index (self->lost_work, 0);
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  gboolean today =
      g_date_time_get_year (now) == g_date_time_get_year (entry->time)
      && g_date_time_get_day_of_year (now) == g_date_time_get_day_of_year (entry->time);
  g_autofree char *time = g_date_time_format (entry->time, today ? "%H:%M" : "%e %B, %H:%M");
  g_autofree char *name =
      entry->original_path != NULL ? g_path_get_basename (entry->original_path) : NULL;
  if (name == NULL)
    name = g_strdup (entry->title != NULL && *entry->title != '\0' ? entry->title
                                                                   : _ ("Untitled network"));
  g_autofree char *text = g_strdup_printf (_ ("Recover “%s” from %s?"), name, g_strstrip (time));
  gtk_label_set_text (self->recovery_label, text);
}

void
wb_window_offer_recovery (WbWindow *self, GPtrArray *work)
{
  g_return_if_fail (WB_IS_WINDOW (self));

  g_clear_pointer (&self->lost_work, g_ptr_array_unref);
  self->lost_work = g_ptr_array_ref (work);
  offer_next (self);
}

void
wb_window_files_init (WbWindow *self)
{
  g_signal_connect (self->recovery_bar, "response", G_CALLBACK (recovery_answered), self);
  gtk_widget_set_visible (GTK_WIDGET (self->recovery_bar), FALSE);
  g_signal_connect_object (gtk_recent_manager_get_default (), "changed",
                           G_CALLBACK (recent_changed), self, G_CONNECT_SWAPPED);
  recent_changed (self);
}
