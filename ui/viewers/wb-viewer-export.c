/* wb-viewer-export.c: a viewer's figure and numbers as files and on the clipboard. Everything is
 * made in memory first and replaces the file at once: there are no half files. */
#include "diabolo-config.h"

#include "base/nn-error.h"
#include "formats/nn-npy.h"
#include "plots/wb-colors.h"
#include "plots/wb-figure-file.h"
#include "viewers/wb-viewer-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define PNG_SCALE 2
#define DEFAULT_WIDTH 640
#define DEFAULT_HEIGHT 400

typedef GBytes *(*ExportFunc) (WbViewer *viewer, GError **error);

static GBytes *export_png (WbViewer *viewer, GError **error);
static GBytes *export_svg (WbViewer *viewer, GError **error);
static GBytes *export_pdf (WbViewer *viewer, GError **error);
static GBytes *export_csv (WbViewer *viewer, GError **error);
static GBytes *export_npy (WbViewer *viewer, GError **error);

static const struct
{
  const char *ending, *action, *title;
  ExportFunc func;
} formats[] = {
  { "png", "export-png", N_ ("Save as PNG"), export_png },
  { "svg", "export-svg", N_ ("Save as SVG"), export_svg },
  { "pdf", "export-pdf", N_ ("Save as PDF"), export_pdf },
  { "csv", "export-csv", N_ ("Save as CSV"), export_csv },
  { "npy", "export-npy", N_ ("Save as NumPy array"), export_npy },
};

static void
figure_size (WbViewer *self, double *width, double *height)
{
  *width = gtk_widget_get_width (GTK_WIDGET (self));
  *height = gtk_widget_get_height (GTK_WIDGET (self));
  if (*width < 50 || *height < 50)
    {
      *width = DEFAULT_WIDTH;
      *height = DEFAULT_HEIGHT;
    }
}

static void
draw_figure (cairo_t *cr, double width, double height, gpointer viewer)
{
  wb_cairo_set_color (cr, wb_color (WB_COLOR_VIEWER, WB_SCHEME_LIGHT), 1);
  cairo_paint (cr);
  WB_VIEWER_GET_CLASS (viewer)->draw (viewer, cr, width, height);
}

static GBytes *
export_png (WbViewer *self, GError **error)
{
  double width, height;

  figure_size (self, &width, &height);
  return wb_figure_to_png (width, height, PNG_SCALE, CAIRO_FORMAT_ARGB32, draw_figure, self, error);
}

static GBytes *
export_svg (WbViewer *self, GError **error)
{
  double width, height;

  figure_size (self, &width, &height);
  return wb_figure_to_svg (width, height, draw_figure, self, error);
}

static GBytes *
export_pdf (WbViewer *self, GError **error)
{
  double width, height;

  figure_size (self, &width, &height);
  return wb_figure_to_pdf (width, height, NULL, draw_figure, self, error);
}

static GBytes *
nothing (GError **error)
{
  g_set_error_literal (error, NN_ERROR, NN_ERROR_UNSUPPORTED,
                       _ ("there are no numbers yet. Wait until the viewer shows some."));
  return NULL;
}

static GBytes *
export_csv (WbViewer *self, GError **error)
{
  WbViewerClass *klass = WB_VIEWER_GET_CLASS (self);
  g_autoptr (WbTable) table = klass->to_csv == NULL ? klass->to_table (self) : NULL;
  char *text = klass->to_csv != NULL ? klass->to_csv (self)
               : table != NULL       ? wb_table_to_csv (table)
                                     : NULL;

  return text != NULL ? g_bytes_new_take (text, strlen (text)) : nothing (error);
}

static GBytes *
export_npy (WbViewer *self, GError **error)
{
  WbViewerClass *klass = WB_VIEWER_GET_CLASS (self);
  g_autoptr (WbTable) table = klass->to_tensor == NULL ? klass->to_table (self) : NULL;
  g_autoptr (NnTensor) tensor = klass->to_tensor != NULL ? klass->to_tensor (self)
                                : table != NULL          ? wb_table_to_tensor (table)
                                                         : NULL;

  return tensor != NULL ? nn_npy_write (tensor) : nothing (error);
}

static gboolean
offers (WbViewer *self, ExportFunc func)
{
  WbViewerClass *klass = WB_VIEWER_GET_CLASS (self);

  if (func == export_csv)
    return klass->to_csv != NULL || klass->to_table != NULL;
  if (func == export_npy)
    return klass->to_tensor != NULL || klass->to_table != NULL;
  return klass->draw != NULL;
}

gboolean
wb_viewer_export (WbViewer *self, GFile *file, GError **error)
{
  g_autofree char *name = g_file_get_basename (file);
  g_autofree char *lower = g_ascii_strdown (name, -1);
  const char *ending = strrchr (lower, '.');

  g_return_val_if_fail (WB_IS_VIEWER (self), FALSE);
  for (guint i = 0; ending != NULL && i < G_N_ELEMENTS (formats); i++)
    {
      g_autoptr (GBytes) bytes = NULL;
      if (strcmp (ending + 1, formats[i].ending) != 0 || !offers (self, formats[i].func))
        continue;
      if (wb_viewer_get_notice (self) != NULL)
        {
          g_set_error_literal (error, NN_ERROR, NN_ERROR_UNSUPPORTED, wb_viewer_get_notice (self));
          return FALSE;
        }
      bytes = formats[i].func (self, error);
      return bytes != NULL
             && g_file_replace_contents (file, g_bytes_get_data (bytes, NULL),
                                         g_bytes_get_size (bytes), NULL, FALSE, G_FILE_CREATE_NONE,
                                         NULL, NULL, error);
    }
  g_set_error (
      error, NN_ERROR, NN_ERROR_UNSUPPORTED,
      _ ("“%s” is not an ending that this viewer can write. Use .png, .svg, .pdf, .csv or .npy."),
      name);
  return FALSE;
}

/* ---- actions ---- */

static void
tell (WbViewer *self, const char *text)
{
  WbDocument *document = wb_viewer_get_document (self);

  if (document != NULL)
    g_signal_emit_by_name (document, "notice", text, NULL, NULL);
}

static void
chosen (GtkNativeDialog *dialog, int response, WbViewer *self)
{
  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
      g_autoptr (GError) error = NULL;
      g_autofree char *name = g_file_get_basename (file), *text = NULL;

      if (wb_viewer_export (self, file, &error))
        text = g_strdup_printf (_ ("Saved “%s”"), name);
      else
        text = g_strdup_printf (_ ("“%s” was not saved: %s"), name, error->message);
      tell (self, text);
    }
  g_object_unref (dialog);
  g_object_unref (self);
}

/* "digits - loss.png" */
static char *
suggest_name (WbViewer *self, const char *ending)
{
  WbDocument *document = wb_viewer_get_document (self);
  g_autofree char *title =
      document != NULL ? wb_document_display_name (document) : g_strdup (_ ("Diabolo"));

  if (g_str_has_suffix (title, ".diabolo"))
    title[strlen (title) - strlen (".diabolo")] = 0;
  g_strdelimit (title, "/", '-');
  return g_strdup_printf ("%s - %s.%s", title, wb_viewer_get_viewer_type (self)->id, ending);
}

static void
export_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  WbViewer *self = user_data;
  const char *action_name = g_action_get_name (G_ACTION (action));

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
      g_autofree char *name = NULL;
      GtkFileChooserNative *dialog;

      if (strcmp (action_name, formats[i].action) != 0)
        continue;
      name = suggest_name (self, formats[i].ending);
      dialog = gtk_file_chooser_native_new (_ (formats[i].title),
                                            GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL,
                                            GTK_FILE_CHOOSER_ACTION_SAVE, NULL, NULL);
      gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), name);
      gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
      g_signal_connect (dialog, "response", G_CALLBACK (chosen), g_object_ref (self));
      gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
    }
}

static void
copy_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  WbViewer *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = export_png (self, &error);
  g_autoptr (GdkTexture) texture = bytes ? gdk_texture_new_from_bytes (bytes, &error) : NULL;

  if (texture == NULL)
    {
      g_assert (error != NULL); /* whoever failed has said why */
      tell (self, error->message);
      return;
    }
  gdk_clipboard_set_texture (gtk_widget_get_clipboard (GTK_WIDGET (self)), texture);
  tell (self, _ ("Picture copied"));
}

void
wb_viewer_add_export_actions (WbViewer *self, GActionMap *actions)
{
  static const GActionEntry copy = { "copy", copy_activated };

  g_action_map_add_action_entries (actions, &copy, 1, self);
  g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (actions, "copy")),
                               offers (self, export_png));
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      GActionEntry entry = { formats[i].action, export_activated };
      g_action_map_add_action_entries (actions, &entry, 1, self);
      g_simple_action_set_enabled (
          G_SIMPLE_ACTION (g_action_map_lookup_action (actions, formats[i].action)),
          offers (self, formats[i].func));
    }
}
