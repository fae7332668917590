#include "diabolo-config.h"

#include "document/wb-recovery.h"

#include "document/wb-document-private.h"

NnRecovery *
wb_recovery_store (void)
{
  static gsize ready;
  static NnRecovery *store;
  if (g_once_init_enter (&ready))
    {
      g_autoptr (GError) error = NULL;
      store = nn_recovery_open (NULL, &error);
      if (store == NULL)
        g_warning ("unsaved work cannot be kept: %s", error->message);
      g_once_init_leave (&ready, 1);
    }
  return store;
}

/* ---- list ---- */

static void
list_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  NnRecovery *store = wb_recovery_store ();
  GPtrArray *entries = store != NULL ? nn_recovery_list_abandoned (store) : g_ptr_array_new ();
  g_task_return_pointer (task, entries, (GDestroyNotify)g_ptr_array_unref);
}

void
wb_recovery_list_async (GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, data);
  g_task_run_in_thread (task, list_thread);
}

GPtrArray *
wb_recovery_list_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* ---- open ---- */

typedef struct
{
  char *id, *path, *original_path;
} Opening;

static void
opening_free (Opening *opening)
{
  g_free (opening->id);
  g_free (opening->path);
  g_free (opening->original_path);
  g_free (opening);
}

static void
open_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Opening *opening = data;
  GError *error = NULL;
  NnProject *project = NULL;
  if (nn_recovery_adopt (wb_recovery_store (), opening->id, &error))
    project = nn_project_load (opening->path, cancellable, &error);
  if (project != NULL)
    g_task_return_pointer (task, project, (GDestroyNotify)nn_project_free);
  else
    g_task_return_error (task, error);
}

void
wb_recovery_open_async (const NnRecoveryEntry *entry, GAsyncReadyCallback callback, gpointer data)
{
  g_return_if_fail (entry != NULL);

  Opening *opening = g_new0 (Opening, 1);
  opening->id = g_strdup (entry->id);
  opening->path = g_strdup (entry->path_of_project);
  opening->original_path = g_strdup (entry->original_path);
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, data);
  g_task_set_task_data (task, opening, (GDestroyNotify)opening_free);
  g_task_run_in_thread (task, open_thread);
}

WbDocument *
wb_recovery_open_finish (GAsyncResult *result, GError **error)
{
  g_autoptr (NnProject) project = g_task_propagate_pointer (G_TASK (result), error);
  if (project == NULL)
    return NULL;
  Opening *opening = g_task_get_task_data (G_TASK (result));
  g_autoptr (GFile) file = NULL;
  if (opening->original_path != NULL)
    file = g_file_new_for_path (opening->original_path);
  WbDocument *document = wb_document_new_from_project (project, file);
  wb_document_recovered (document, opening->id);
  return document;
}

/* ---- discard ---- */

static void
discard_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  if (nn_recovery_discard (wb_recovery_store (), data, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
wb_recovery_discard (const NnRecoveryEntry *entry)
{
  g_return_if_fail (entry != NULL);

  g_autoptr (GTask) task = g_task_new (NULL, NULL, NULL, NULL);
  g_task_set_task_data (task, g_strdup (entry->id), g_free);
  g_task_run_in_thread (task, discard_thread);
}
