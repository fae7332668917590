/* wb-document-data.c: the document's data set, loaded by a worker. */
#include "diabolo-config.h"

#include "document/wb-document-private.h"

#include <glib/gi18n.h>

#include "layers/nn-layer.h"

/* How often a running load's progress is looked at, in ms. */
#define PROGRESS_INTERVAL 100

/* One load: what the thread reads and where it reports. */
typedef struct
{
  NnParams *data;
  GPtrArray *notes;
  gboolean edit;  /* becomes the design's set when it is there (wb_document_use_data()) */
  gint *permille; /* of the document, which the task keeps alive */
} Load;

static void
load_free (Load *load)
{
  nn_params_unref (load->data);
  g_ptr_array_unref (load->notes);
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
  const NnLoadContext context = { .cancellable = cancellable,
                                  .progress = load_progress,
                                  .progress_data = load,
                                  .notes = load->notes };
  g_autoptr (GError) error = NULL;
  NnDataset *dataset = nn_data_load_with (load->data, &context, &error);
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
  gsize limit = nn_data_limit (nn_design_data (wb_document_design (self)));
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
remember_read (WbDocument *self, const NnParams *data)
{
  NnParams *read = nn_params_ref ((NnParams *)data);
  g_clear_pointer (&self->data_read, nn_params_unref);
  g_clear_pointer (&self->data_notes, g_ptr_array_unref);
  self->data_read = read;
}

static void
adopt (WbDocument *self, NnDataset *dataset, const Load *load)
{
  g_clear_pointer (&self->full, nn_dataset_unref);
  g_clear_pointer (&self->dataset, nn_dataset_unref);
  g_clear_error (&self->data_error);
  wb_document_forget_answers (self);
  self->full = dataset;
  remember_read (self, load->data);
  self->data_notes = g_ptr_array_ref (load->notes);
  apply_limit (self);
}

static gboolean
same_name (const NnParams *a, const NnParams *b)
{
  return g_str_equal (nn_params_text (a, "name"), nn_params_text (b, "name"));
}

/* The network anew, on the data that are there. */
static void
follow_data (WbDocument *self)
{
  wb_document_reanalyse (self);
  wb_document_model_changed (self, NULL);
  g_signal_emit_by_name (self, "changed");
  wb_document_emit_state (self);
}

/* A data set is a start: an empty network gets the Input that reads it. (transfer full) */
static NnDesign *
with_input (NnDesign *design, const NnDataInfo *info)
{
  const NnLayerType *type = nn_layer_type ("input");
  if (nn_design_n_nodes (design) > 0)
    return nn_design_ref (design);
  g_autoptr (NnParams) defaults = nn_params_new (type->params);
  g_autoptr (NnParams) params = nn_params_with_text (defaults, "field", info->fields[0].name, NULL);
  return nn_design_add_node (design, type, params, NULL, 0, 0, NULL);
}

/* Makes what was adopted the design's, but for the limit, which may have changed meanwhile. */
static void
edit_design (WbDocument *self, const Load *load)
{
  NnDesign *design = wb_document_design (self);
  const NnParams *now = nn_design_data (design);
  g_autoptr (NnParams) data =
      nn_params_with_number (load->data, "limit", (double)nn_params_int (now, "limit"), NULL);
  const gboolean same = nn_params_equal (data, now);
  if (same && nn_design_n_nodes (design) > 0)
    {
      follow_data (self);
      return;
    }
  g_autoptr (NnDesign) with_data = nn_design_with_data (design, data);
  const char *label = same                    ? _ ("Add Input")
                      : same_name (data, now) ? _ ("Change how data are read")
                                              : _ ("Change data set");
  wb_document_edit (self, with_input (with_data, nn_dataset_info (self->full)), label, NULL);
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
  /* Who changes how data are read sees the notes beside that. */
  if (load->edit && load->notes->len > 0
      && !same_name (load->data, nn_design_data (wb_document_design (self))))
    wb_document_notice (self, g_ptr_array_index (load->notes, 0), NULL, NULL);
  if (load->edit)
    edit_design (self, load);
  else
    follow_data (self);
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
  load->notes = g_ptr_array_new_with_free_func (g_free);
  load->edit = edit;
  load->permille = &self->load_permille;
  g_autoptr (GTask) task = g_task_new (self, self->loading, load_done, NULL);
  g_task_set_task_data (task, load, (GDestroyNotify)load_free);
  g_task_run_in_thread (task, load_thread);
}

/* Sizes that are known without reading all of the data: NULL with an error where there is no such
 * set, without one where that cannot be told at once. title is what the set is called. */
static NnDataInfo *
peek (const NnParams *data, char **title, GError **error)
{
  if (!nn_data_peek_is_quick (data))
    {
      *title = g_path_get_basename (nn_params_text (data, "name"));
      return NULL;
    }
  NnDataInfo *info = nn_data_peek_with (data, NULL, error);
  *title = info != NULL ? g_strdup (info->title) : NULL;
  return info;
}

gboolean
wb_document_update_data (WbDocument *self)
{
  const NnParams *data = nn_design_data (wb_document_design (self));
  if (self->data_read != NULL && nn_data_is_same (self->data_read, data))
    return apply_limit (self);

  remember_read (self, data);
  wb_document_forget_answers (self);
  g_clear_pointer (&self->full, nn_dataset_unref);
  g_clear_pointer (&self->dataset, nn_dataset_unref);
  g_clear_pointer (&self->peeked, nn_data_info_free);
  g_clear_error (&self->data_error);
  g_autofree char *title = NULL;
  self->peeked = peek (data, &title, &self->data_error);
  if (title != NULL)
    start_load (self, data, FALSE, title);
  else
    stop_loading (self);
  return TRUE;
}

NnParams *
wb_document_data_for (WbDocument *self, const char *name_or_path)
{
  g_return_val_if_fail (WB_IS_DOCUMENT (self), NULL);

  const NnParams *now = nn_design_data (wb_document_design (self));
  g_autoptr (NnParams) usual = nn_params_new (nn_data_specs ());
  g_autoptr (NnParams) seeded =
      nn_params_with_number (usual, "seed", (double)nn_params_int (now, "seed"), NULL);
  g_autoptr (NnParams) limited =
      nn_params_with_number (seeded, "limit", (double)nn_params_int (now, "limit"), NULL);
  return nn_params_with_text (limited, "name", name_or_path, NULL);
}

/* Whether the set that is chosen already is worth choosing again. */
static gboolean
is_wanting (WbDocument *self)
{
  return self->data_error != NULL || nn_design_n_nodes (wb_document_design (self)) == 0;
}

void
wb_document_set_data (WbDocument *self, const char *name_or_path)
{
  g_return_if_fail (WB_IS_DOCUMENT (self));
  g_return_if_fail (name_or_path != NULL);

  const NnParams *now = nn_design_data (wb_document_design (self));
  if (g_str_equal (name_or_path, nn_params_text (now, "name")) && !is_wanting (self))
    return;
  g_autoptr (NnParams) data = wb_document_data_for (self, name_or_path);
  if (data != NULL)
    wb_document_use_data (self, data);
}

void
wb_document_use_data (WbDocument *self, const NnParams *data)
{
  g_return_if_fail (WB_IS_DOCUMENT (self));
  g_return_if_fail (data != NULL);

  if (nn_params_equal (data, nn_design_data (wb_document_design (self))) && !is_wanting (self))
    return;
  g_autoptr (GError) error = NULL;
  g_autofree char *title = NULL;
  g_autoptr (NnDataInfo) info = peek (data, &title, &error);
  if (title == NULL && error != NULL)
    wb_document_notice (self, error->message, NULL, NULL);
  if (title == NULL)
    return;
  start_load (self, data, TRUE, title);
  wb_document_emit_state (self);
}

void
wb_document_take_data (WbDocument *self, const NnParams *data, NnDataset *dataset, GPtrArray *notes)
{
  g_return_if_fail (WB_IS_DOCUMENT (self));
  g_return_if_fail (data != NULL && dataset != NULL && notes != NULL);

  const Load load = { .data = (NnParams *)data, .notes = notes, .edit = TRUE };
  stop_loading (self);
  adopt (self, nn_dataset_ref (dataset), &load);
  edit_design (self, &load);
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

GPtrArray *
wb_document_data_notes (WbDocument *self)
{
  g_return_val_if_fail (WB_IS_DOCUMENT (self), NULL);
  return self->data_notes;
}

void
wb_document_data_close (WbDocument *self)
{
  stop_loading (self);
}
