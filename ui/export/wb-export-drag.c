#include "export/wb-export-drag.h"

#include "diabolo-config.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "export/wb-exporters.h"

#define FORMAT "onnx"
#define MIME_TYPE "text/uri-list"
/* Whoever has got a file has copied it by then, s. */
#define KEPT (60 * 60)

struct _WbExportDrag
{
  GdkContentProvider parent_instance;

  WbDocument *document; /* owned */
  NnExportPart part;
  char *path; /* of the file, once it is written */
};

G_DEFINE_FINAL_TYPE (WbExportDrag, wb_export_drag, GDK_TYPE_CONTENT_PROVIDER)

G_DEFINE_POINTER_TYPE (WbExportPart, wb_export_part)

NnExportPart
wb_export_part_of (const GValue *value)
{
  g_return_val_if_fail (G_VALUE_HOLDS (value, WB_TYPE_EXPORT_PART), NN_EXPORT_ALL);
  return (NnExportPart)GPOINTER_TO_UINT (g_value_get_pointer (value));
}

/* ---- the file, on another thread ---- */

typedef struct
{
  NnExportSource *source;
  char *name;
} Job;

static void
job_free (Job *job)
{
  nn_export_source_unref (job->source);
  g_free (job->name);
  g_free (job);
}

/* Those of earlier drags. */
static void
remove_old (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      GStatBuf about;
      if (g_stat (path, &about) == 0 && about.st_mtime < g_get_real_time () / G_USEC_PER_SEC - KEPT)
        g_unlink (path);
    }
}

static void
write_thread (GTask *task, gpointer source_object, gpointer data, GCancellable *cancellable)
{
  const Job *job = data;
  const NnExportJob how = { .cancellable = cancellable };
  g_autofree char *folder = g_build_filename (g_get_user_cache_dir (), "diabolo", "taken", NULL);
  g_autofree char *path = g_build_filename (folder, job->name, NULL);
  GError *error = NULL;
  g_mkdir_with_parents (folder, 0700); /* where that fails writing says why */
  remove_old (folder);
  if (nn_export_write (wb_exporter (FORMAT), job->source, path, &how, &error))
    g_task_return_pointer (task, g_steal_pointer (&path), g_free);
  else
    g_task_return_error (task, error);
}

/* ---- from the question to the answer ---- */

typedef struct
{
  GOutputStream *stream;
  char *uris; /* what is written to it */
} Answer;

static void
answer_free (Answer *answer)
{
  g_object_unref (answer->stream);
  g_free (answer->uris);
  g_free (answer);
}

static void
answer_written (GObject *stream, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;
  if (g_output_stream_write_all_finish (G_OUTPUT_STREAM (stream), result, NULL, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
write_answer (WbExportDrag *self, GTask *task)
{
  Answer *answer = g_task_get_task_data (task);
  g_autofree char *uri = g_filename_to_uri (self->path, NULL, NULL);
  answer->uris = g_strconcat (uri, "\r\n", NULL);
  g_output_stream_write_all_async (answer->stream, answer->uris, strlen (answer->uris),
                                   G_PRIORITY_DEFAULT, g_task_get_cancellable (task),
                                   answer_written, task);
}

static void
fail (WbExportDrag *self, GTask *task, GError *error)
{
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_signal_emit_by_name (self->document, "notice", error->message, NULL, NULL);
  g_task_return_error (task, error);
  g_object_unref (task);
}

static void
file_written (GObject *object, GAsyncResult *result, gpointer task)
{
  WbExportDrag *self = WB_EXPORT_DRAG (object);
  GError *error = NULL;
  char *path = g_task_propagate_pointer (G_TASK (result), &error);
  if (path == NULL)
    {
      fail (self, task, error);
      return;
    }
  g_free (self->path);
  self->path = path;
  write_answer (self, task);
}

static void
source_arrived (GObject *document, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  WbExportDrag *self = g_task_get_source_object (task);
  GError *error = NULL;
  g_autoptr (NnExportSource) whole =
      wb_document_export_finish (WB_DOCUMENT (document), result, &error);
  if (whole == NULL)
    {
      fail (self, task, error);
      return;
    }
  Job *job = g_new0 (Job, 1);
  job->source =
      nn_export_source_new (whole->design, whole->analysis, whole->checkpoint, self->part);
  job->name = wb_export_file_name (self->document, self->part, wb_exporter (FORMAT));
  g_autoptr (GTask) writing = g_task_new (self, g_task_get_cancellable (task), file_written, task);
  g_task_set_source_tag (writing, source_arrived);
  g_task_set_task_data (writing, job, (GDestroyNotify)job_free);
  g_task_run_in_thread (writing, write_thread);
}

static void
wb_export_drag_write_mime_type_async (GdkContentProvider *provider, const char *mime_type,
                                      GOutputStream *stream, int priority,
                                      GCancellable *cancellable, GAsyncReadyCallback callback,
                                      gpointer data)
{
  WbExportDrag *self = WB_EXPORT_DRAG (provider);
  GTask *task = g_task_new (self, cancellable, callback, data);
  Answer *answer = g_new0 (Answer, 1);
  answer->stream = g_object_ref (stream);
  g_task_set_source_tag (task, wb_export_drag_write_mime_type_async);
  g_task_set_task_data (task, answer, (GDestroyNotify)answer_free);
  if (self->path != NULL)
    write_answer (self, task);
  else
    wb_document_export_async (self->document, source_arrived, task);
}

static gboolean
wb_export_drag_write_mime_type_finish (GdkContentProvider *provider, GAsyncResult *result,
                                       GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* ---- what is offered ---- */

static GdkContentFormats *
wb_export_drag_ref_formats (GdkContentProvider *provider)
{
  WbExportDrag *self = WB_EXPORT_DRAG (provider);
  GdkContentFormatsBuilder *builder = gdk_content_formats_builder_new ();
  gdk_content_formats_builder_add_gtype (builder, WB_TYPE_EXPORT_PART);
  if (wb_document_run (self->document) != 0
      || wb_document_weights_origin (self->document) != NN_WEIGHTS_DRAWN)
    gdk_content_formats_builder_add_mime_type (builder, MIME_TYPE);
  return gdk_content_formats_builder_free_to_formats (builder);
}

static gboolean
wb_export_drag_get_value (GdkContentProvider *provider, GValue *value, GError **error)
{
  if (!G_VALUE_HOLDS (value, WB_TYPE_EXPORT_PART))
    return GDK_CONTENT_PROVIDER_CLASS (wb_export_drag_parent_class)
        ->get_value (provider, value, error);
  g_value_set_pointer (value, GUINT_TO_POINTER (WB_EXPORT_DRAG (provider)->part));
  return TRUE;
}

static void
wb_export_drag_finalize (GObject *object)
{
  WbExportDrag *self = WB_EXPORT_DRAG (object);
  g_clear_object (&self->document);
  g_free (self->path);
  G_OBJECT_CLASS (wb_export_drag_parent_class)->finalize (object);
}

static void
wb_export_drag_class_init (WbExportDragClass *klass)
{
  GdkContentProviderClass *provider_class = GDK_CONTENT_PROVIDER_CLASS (klass);
  G_OBJECT_CLASS (klass)->finalize = wb_export_drag_finalize;
  provider_class->ref_formats = wb_export_drag_ref_formats;
  provider_class->get_value = wb_export_drag_get_value;
  provider_class->write_mime_type_async = wb_export_drag_write_mime_type_async;
  provider_class->write_mime_type_finish = wb_export_drag_write_mime_type_finish;
}

static void
wb_export_drag_init (WbExportDrag *self)
{
}

GdkContentProvider *
wb_export_drag_new (WbDocument *document, NnExportPart part)
{
  WbExportDrag *self = g_object_new (WB_TYPE_EXPORT_DRAG, NULL);
  self->document = g_object_ref (document);
  self->part = part;
  return GDK_CONTENT_PROVIDER (self);
}
