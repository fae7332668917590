/* wb-window-data.c: data sets into the window: from disk, dropped, or chosen for an empty canvas.
 */
#include "diabolo-config.h"

#include "wb-window-private.h"

#include <glib/gi18n.h>

#include "data/nn-data-source.h"
#include "formats/nn-code-file.h"
#include "formats/nn-import.h"
#include "data/wb-data-dialog.h"
#include "panels/wb-chooser.h"

/* ---- looking through ---- */

static void
look_through (WbWindow *self, const NnParams *data)
{
  gtk_window_present (GTK_WINDOW (wb_data_dialog_new (GTK_WINDOW (self), self->document, data)));
}

static void
look_through_file (WbWindow *self, GFile *file)
{
  g_autofree char *path = g_file_get_path (file);
  if (path == NULL)
    {
      wb_window_tell_error (self, _ ("Could not open the data"),
                            _ ("They are not on a local disk: copy them to a folder of yours and "
                               "open them there."));
      return;
    }
  g_autoptr (NnParams) data = wb_document_data_for (self->document, path);
  if (data == NULL)
    wb_window_tell_error (self, _ ("Could not open the data"),
                          _ ("The name of the file is not valid text."));
  else
    look_through (self, data);
}

static void
chosen_on_disk (GtkNativeDialog *dialog, gint response, gpointer data)
{
  g_autoptr (WbWindow) self = data;
  if (response == GTK_RESPONSE_ACCEPT && self->document != NULL)
    {
      g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
      look_through_file (self, file);
    }
  g_object_unref (dialog);
}

/* win.open-data('file'), ('folder'), or ('current'): what the network is trained on now. */
static void
open_data (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  WbWindow *self = data;
  const char *what = g_variant_get_string (parameter, NULL);
  if (g_str_equal (what, "current"))
    {
      look_through (self, nn_design_data (wb_document_design (self->document)));
      return;
    }
  const gboolean folder = g_str_equal (what, "folder");
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
      folder ? _ ("Open a folder of data") : _ ("Open a data file"), GTK_WINDOW (self),
      folder ? GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER : GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Open"),
      _ ("_Cancel"));
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect (dialog, "response", G_CALLBACK (chosen_on_disk), g_object_ref (self));
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

/* ---- dropping ---- */

static gboolean
dropped (GtkDropTarget *target, const GValue *value, double x, double y, WbWindow *self)
{
  const GSList *files = g_value_get_boxed (value);
  GFile *file = files != NULL ? files->data : NULL;
  if (file == NULL || self->document == NULL)
    return FALSE;
  /* NumPy archives hold samples more often than weights, which Open takes. */
  g_autofree char *name = g_file_get_basename (file);
  const NnImporter *importer = nn_importer_for (name);
  if (g_str_has_suffix (name, ".diabolo") || g_str_has_suffix (name, NN_CODE_FILE_EXTENSION)
      || (importer && !g_str_equal (importer->id, "npz")))
    wb_window_open_file (self, file);
  else
    look_through_file (self, file);
  return TRUE;
}

/* Files of others: a part of the network that is dragged out of the window is none to be opened. */
static gboolean
accepts (GtkDropTarget *target, GdkDrop *drop, gpointer data)
{
  g_autoptr (GdkContentFormats) formats = gdk_content_formats_union_deserialize_gtypes (
      gdk_content_formats_ref (gdk_drop_get_formats (drop)));
  return gdk_drop_get_drag (drop) == NULL
         && gdk_content_formats_contain_gtype (formats, GDK_TYPE_FILE_LIST);
}

/* ---- a start for an empty canvas ---- */

/* One of the person's own is looked through first: it may have changed, and takes its time. */
static void
data_chosen (const char *name, gpointer data)
{
  WbWindow *self = data;
  g_autoptr (GPtrArray) entries = nn_data_list ();
  const NnDataEntry *entry = NULL;
  for (guint i = 0; i < entries->len && entry == NULL; i++)
    if (g_str_equal (((NnDataEntry *)g_ptr_array_index (entries, i))->name, name))
      entry = g_ptr_array_index (entries, i);
  if (entry != NULL && entry->options != NULL)
    look_through (self, entry->options);
  else
    wb_document_set_data (self->document, name);
  wb_inspector_show_page (self->inspector, WB_INSPECTOR_DATA);
}

static void
start_data (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_autoptr (GPtrArray) entries = nn_data_list ();
  g_autoptr (WbChoices) choices = wb_choices_new ();
  for (guint i = 0; i < entries->len; i++)
    {
      const NnDataEntry *entry = g_ptr_array_index (entries, i);
      wb_choices_add (choices, entry->name, entry->title, entry->summary, "nn-input-symbolic");
    }
  wb_chooser_present (data, _ ("Start from a data set"), choices, data_chosen, data);
}

static const GActionEntry data_actions[] = {
  { .name = "open-data", .activate = open_data, .parameter_type = "s" },
  { .name = "start-data", .activate = start_data },
};

void
wb_window_data_init (WbWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self), data_actions, G_N_ELEMENTS (data_actions),
                                   self);
  GtkDropTarget *target = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);
  g_signal_connect (target, "accept", G_CALLBACK (accepts), self);
  g_signal_connect (target, "drop", G_CALLBACK (dropped), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (target));
}
