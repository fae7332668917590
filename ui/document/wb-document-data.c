/* wb-document-data.c: the document's data set, loaded by a worker. */
#include "diabolo-config.h"

#include "document/wb-document-private.h"

#include <glib/gi18n.h>

/* How often a running load's progress is looked at, in ms. */
#define PROGRESS_INTERVAL 100

/* One load: what the thread reads and where it reports. */
typedef struct
{
  NnParams *data; /* the design's data settings */
  gboolean edit;  /* becomes the design's set when it is there (wb_document_set_data()) */
  gint *permille; /* of the document, which the task keeps alive */
} Load;

static void
load_free (Load *load)
{
  nn_params_unref (load->data);
  g_free (load);
}

static void
load_progress (double fraction, gpointer data)
{
  Load *load = data;
  g_atomic_int_set (load->permille, (gint)(1000 * CLAMP (fraction, 0, 1)));
}

static void
load_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Load *load = data;
  NnLoadContext context = { cancellable, load_progress, load, 0 };
  g_autoptr (GError) error = NULL;
  NnDataset *dataset = nn_data_load_for (load->data, &context, &error);
  if (dataset != NULL)
    g_task_return_pointer (task, dataset, (GDestroyNotify)nn_dataset_unref);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static gboolean
load_ticked (gpointer data)
{
  wb_document_emit_state (data);
  return G_SOURCE_CONTINUE;
}

static void
stop_loading (WbDocument *self)
{
  if (self->loading != NULL)
    g_cancellable_cancel (self->loading);
  g_clear_object (&self->loading);
  g_clear_handle_id (&self->load_tick, g_source_remove);
  g_clear_pointer (&self->busy, g_free);
}

/* The samples in use: all that were loaded, or the first of them. TRUE if that changed something.
 */
static gboolean
apply_limit (WbDocument *self)
{
  if (self->full == NULL)
    return FALSE;
  gsize limit = (gsize)nn_params_int (nn_design_data (wb_document_design (self)), "limit");
  gsize wanted = nn_dataset_n_samples (self->full, NN_PART_TRAIN);
  if (limit > 0)
    wanted = MIN (wanted, limit);
  if (self->dataset != NULL && nn_dataset_n_samples (self->dataset, NN_PART_TRAIN) == wanted)
    return FALSE;
  g_clear_pointer (&self->dataset, nn_dataset_unref);
  self->dataset = nn_dataset_limit (self->full, limit);
  return TRUE;
}

static void
set_loaded (WbDocument *self, const NnParams *data)
{
  NnParams *loaded = nn_params_ref ((NnParams *)data);
  g_clear_pointer (&self->loaded, nn_params_unref);
  self->loaded = loaded;
}

static void
adopt (WbDocument *self, NnDataset *dataset, const Load *load)
{
  g_clear_pointer (&self->full, nn_dataset_unref);
  g_clear_pointer (&self->dataset, nn_dataset_unref);
  g_clear_error (&self->data_error);
  self->full = dataset;
  set_loaded (self, load->data);
  apply_limit (self);
}

static void
load_failed (WbDocument *self, const Load *load, GError *error)
{
  if (!load->edit)
    {
      g_clear_error (&self->data_error);
      self->data_error = g_error_copy (error);
      self->train_when_ready = FALSE;
    }
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    wb_document_notice (self, error->message, NULL, NULL);
}

static void
load_done (GObject *source, GAsyncResult *result, gpointer data)
{
  WbDocument *self = WB_DOCUMENT (source);
  Load *load = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  NnDataset *dataset = g_task_propagate_pointer (G_TASK (result), &error);
  if (self->closed || g_task_get_cancellable (G_TASK (result)) != self->loading)
    {
      /* A later choice, or the window was closed: too late to matter. */
      g_clear_pointer (&dataset, nn_dataset_unref);
      return;
    }
  stop_loading (self);
  if (dataset == NULL)
    {
      load_failed (self, load, error);
      wb_document_emit_state (self);
      return;
    }
  adopt (self, dataset, load);
  if (load->edit)
    {
      NnDesign *design = wb_document_design (self);
      g_autoptr (NnParams) params = nn_params_with_text (nn_design_data (design), "name",
                                                         nn_params_text (load->data, "name"), NULL);
      wb_document_edit (self, nn_design_with_data (design, params), _ ("Change data set"), NULL);
      return;
    }
  wb_document_reanalyse (self);
  wb_document_model_changed (self, NULL);
  g_signal_emit_by_name (self, "changed");
  wb_document_emit_state (self);
}

static void
start_load (WbDocument *self, const NnParams *data, gboolean edit, const char *title)
{
  stop_loading (self);
  self->loading = g_cancellable_new ();
  g_atomic_int_set (&self->load_permille, -1);
  self->busy = g_strdup_printf (_ ("Loading %s"), title);
  self->load_tick = g_timeout_add (PROGRESS_INTERVAL, load_ticked, self);

  Load *load = g_new0 (Load, 1);
  load->data = nn_params_ref ((NnParams *)data);
  load->edit = edit;
  load->permille = &self->load_permille;
  g_autoptr (GTask) task = g_task_new (self, self->loading, load_done, NULL);
  g_task_set_task_data (task, load, (GDestroyNotify)load_free);
  g_task_run_in_thread (task, load_thread);
}

gboolean
wb_document_update_data (WbDocument *self)
{
  const NnParams *params = nn_design_data (wb_document_design (self));
  const char *name = nn_params_text (params, "name");
  if (self->loaded != NULL && nn_data_same_load (self->loaded, params))
    return apply_limit (self);

  set_loaded (self, params);
  g_clear_pointer (&self->full, nn_dataset_unref);
  g_clear_pointer (&self->dataset, nn_dataset_unref);
  g_clear_pointer (&self->peeked, nn_data_info_free);
  g_clear_error (&self->data_error);
  self->peeked = nn_data_peek (name, &self->data_error);
  if (self->peeked != NULL)
    start_load (self, params, FALSE, self->peeked->title);
  else
    stop_loading (self);
  return TRUE;
}

void
wb_document_set_data (WbDocument *self, const char *name_or_path)
{
  g_return_if_fail (WB_IS_DOCUMENT (self));
  g_return_if_fail (name_or_path != NULL);

  const NnParams *params = nn_design_data (wb_document_design (self));
  if (g_strcmp0 (name_or_path, nn_params_text (params, "name")) == 0 && self->data_error == NULL)
    return;
  g_autoptr (GError) error = NULL;
  g_autoptr (NnDataInfo) info = nn_data_peek (name_or_path, &error);
  if (info == NULL)
    {
      wb_document_notice (self, error->message, NULL, NULL);
      return;
    }
  g_autoptr (NnParams) chosen = nn_params_with_text (params, "name", name_or_path, NULL);
  start_load (self, chosen, TRUE, info->title);
  wb_document_emit_state (self);
}

const char *
wb_document_busy (WbDocument *self, double *fraction)
{
  g_return_val_if_fail (WB_IS_DOCUMENT (self), NULL);

  if (fraction != NULL)
    {
      gint permille = g_atomic_int_get (&self->load_permille);
      *fraction = permille < 0 ? -1 : permille / 1000.0;
    }
  return self->busy;
}

/* What was chosen before stays where there is something; otherwise the document is without data and
 * says so until another set is chosen. */
void
wb_document_cancel_busy (WbDocument *self)
{
  g_return_if_fail (WB_IS_DOCUMENT (self));

  if (self->loading == NULL)
    return;
  gboolean nothing = self->full == NULL;
  stop_loading (self);
  if (nothing)
    {
      g_clear_error (&self->data_error);
      self->data_error = g_error_new (G_IO_ERROR, G_IO_ERROR_CANCELLED,
                                      _ ("Loading was cancelled. Choose a data set to go on."));
      self->train_when_ready = FALSE;
    }
  wb_document_emit_state (self);
}

const GError *
wb_document_data_error (WbDocument *self)
{
  g_return_val_if_fail (WB_IS_DOCUMENT (self), NULL);
  return self->data_error;
}

void
wb_document_data_close (WbDocument *self)
{
  stop_loading (self);
}
