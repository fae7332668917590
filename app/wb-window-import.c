/* wb-window-import.c: networks and weights from other programs, read off the main thread. */
#include "diabolo-config.h"

#include "wb-window-private.h"

#include <glib/gi18n.h>

#include "formats/nn-import.h"
#include "import/wb-weights-dialog.h"

/* How often the bar looks, ms. */
#define BAR_EVERY 50

typedef struct _WbImport
{
  gatomicrefcount refs;
  GFile *file; /* owned */
  char *label; /* "Reading resnet18.onnx" */
  GCancellable *cancellable;
  gint permille; /* atomic: the reading thread writes */
  guint tick;
} WbImport;

static void
import_unref (WbImport *import)
{
  if (!g_atomic_ref_count_dec (&import->refs))
    return;
  g_object_unref (import->file);
  g_object_unref (import->cancellable);
  g_free (import->label);
  g_free (import);
}

/* ---- under way ---- */

const char *
wb_window_importing (WbWindow *self, double *fraction)
{
  if (self->import == NULL)
    return NULL;
  if (fraction != NULL)
    *fraction = g_atomic_int_get (&self->import->permille) / 1000.0;
  return self->import->label;
}

static void
end_import (WbWindow *self)
{
  if (self->import == NULL)
    return;
  g_clear_handle_id (&self->import->tick, g_source_remove);
  g_clear_pointer (&self->import, import_unref);
  wb_window_update_header (self);
  wb_window_actions_update (self);
}

void
wb_window_cancel_import (WbWindow *self)
{
  if (self->import == NULL)
    return;
  g_cancellable_cancel (self->import->cancellable);
  end_import (self);
}

static gboolean
look_at_progress (gpointer data)
{
  wb_window_update_header (data);
  return G_SOURCE_CONTINUE;
}

static void
note_progress (double fraction, gpointer data)
{
  g_atomic_int_set (&((WbImport *)data)->permille, (gint)(1000 * fraction));
}

/* ---- reading ---- */

static void
import_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  WbImport *import = data;
  const NnLoadContext context = { .cancellable = cancellable,
                                  .progress = note_progress,
                                  .progress_data = import };
  g_autofree char *path = g_file_get_path (import->file);
  GError *error = NULL;
  if (path == NULL)
    {
      g_autofree char *uri = g_file_get_uri (import->file);
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                               _ ("“%s” is not on a local disk: copy it there first."), uri);
      return;
    }
  NnImport *read = nn_import_file (path, &context, &error);
  if (read != NULL)
    g_task_return_pointer (task, read, (GDestroyNotify)nn_import_free);
  else
    g_task_return_error (task, error);
}

static void
show_import (WbWindow *self, NnImport *read, GFile *file)
{
  if (read->design != NULL)
    {
      g_autoptr (WbDocument) document = wb_document_new_imported (read->design, read->checkpoint);
      wb_window_replace (self, document);
      return;
    }
  g_autofree char *name = g_file_get_basename (file);
  gtk_window_present (
      GTK_WINDOW (wb_weights_dialog_new (GTK_WINDOW (self), self->document, read->tensors, name)));
}

static void
imported (GObject *source, GAsyncResult *result, gpointer data)
{
  WbWindow *self = WB_WINDOW (source);
  WbImport *import = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  g_autoptr (NnImport) read = g_task_propagate_pointer (G_TASK (result), &error);
  /* One that was cancelled is no longer the window's. */
  if (self->import == import)
    end_import (self);
  if (read != NULL && self->document != NULL)
    show_import (self, read, import->file);
  else if (error != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    wb_window_tell_error (self, _ ("Could not import the file"), error->message);
}

void
wb_window_import_file (WbWindow *self, GFile *file)
{
  g_return_if_fail (WB_IS_WINDOW (self));
  g_return_if_fail (G_IS_FILE (file));

  wb_window_cancel_import (self);
  g_autofree char *name = g_file_get_basename (file);
  WbImport *import = g_new0 (WbImport, 1);
  g_atomic_ref_count_init (&import->refs);
  import->file = g_object_ref (file);
  import->cancellable = g_cancellable_new ();
  import->label = g_strdup_printf (_ ("Reading %s"), name);
  import->tick = g_timeout_add (BAR_EVERY, look_at_progress, self);
  self->import = import;
  wb_window_update_header (self);
  wb_window_actions_update (self);

  g_atomic_ref_count_inc (&import->refs);
  g_autoptr (GTask) task = g_task_new (self, import->cancellable, imported, NULL);
  g_task_set_source_tag (task, wb_window_import_file);
  g_task_set_task_data (task, import, (GDestroyNotify)import_unref);
  g_task_run_in_thread (task, import_thread);
}
